#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a script can see of the style guide in HACKING.md.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
plan 7

files=$(c_files src include tests examples)
scripts=$(cd "$srcdir" && find tests examples .ci quickstart -type f \
	'(' -name '*.sh' -o -name run -o -name quickstart -o -name 'make-*' \
	-o -name '*.subr' -o -path 'tests/servers/*' ')' \
	-print 2>/dev/null | sort)
cd "$srcdir" || exit 99

verdict "lines of at most 80 columns" "$(for file in $files $scripts; do
	expand "$file" | $AWK -v file="$file" '
		{ line = $0; gsub(/[\200-\277]/, "", line) }
		length(line) > 80 { print file ":" NR ": " length(line) }'
done)"

verdict "no blanks at the end of a line" "$(
	grep -n '[ 	]$' /dev/null $files $scripts)"

# Texts and characters are taken out first, then block comments.
verdict "no // comments" "$($AWK '
	FNR == 1 { inside = 0 }
	{
		line = $0
		gsub(/\\\\/, "", line); gsub(/\\["\047]/, "", line)
		if (!inside) {
			gsub(/\047"\047/, "", line)
			gsub(/"[^"]*"/, "\"\"", line)
		}
		while (1) {
			if (inside) {
				if (!(at = index(line, "*/"))) break
				line = substr(line, at + 2); inside = 0
				gsub(/"[^"]*"/, "\"\"", line)
			}
			block = index(line, "/*"); slash = index(line, "//")
			if (slash && (!block || slash < block)) {
				print FILENAME ":" FNR ": " $0; break
			}
			if (!block) break
			line = substr(line, block + 2); inside = 1
		}
	}' /dev/null $files)"

verdict "no function over 80 lines" "$($AWK '
	FNR == 1 { start = 0 }
	/^\{/ { start = FNR }
	/^\}/ {
		if (start && FNR - start - 1 > 80)
			print FILENAME ":" start ": " FNR - start - 1 " lines"
		start = 0
	}' /dev/null $files)"

# Cases stand side by side: a test may be longer before it is hard to read.
verdict "no file over 600 lines, no test over 900" "$(for file in $files; do
	case $file in */tests/* | tests/*) most=900 ;; *) most=600 ;; esac
	$AWK -v file="$file" -v most=$most '
		END { if (NR > most) print file ": " NR }' "$file"
done)"

tag='SPDX-License-Identifier: BSD-2-Clause'
verdict "the licence is named at the top" "$(for file in $files; do
	head -n 1 "$file" | grep -q "^/\* $tag \*/\$" ||
		echo "$file: line 1"
done
for file in $scripts; do
	head -n 2 "$file" | grep -q "^# $tag\$" ||
		echo "$file: line 1 or 2"
done)"

verdict "no notes to self" "$(
	grep -n -w -E 'TO''DO|FIX''ME|X''XX' /dev/null $files $scripts)"
exit $tap_failed
