#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the headers declare, the map lists, and the library exports: no more
# and no less.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch
plan 3

$SED -n '/^\t*[a-z_0-9*]*;$/s/^\t\(.*\);$/\1/p' "$srcdir/src/libuow.map" |
	grep -v '^\*$' | sort >"$tmp/map"
verdict "the map has no wildcards but local: *" "$(
	grep -n '[*?]' "$srcdir/src/libuow.map" |
	grep -v -e '^[0-9]*:	\*;$' -e '^[0-9]*:/\*')"

# A declaration runs from UOW_API to its semicolon; the name is the first
# word of ours before a parenthesis.
cat "$srcdir"/include/uow/*.h | $AWK '
	/^#/ { next }
	/^UOW_API/ { declaration = ""; open = 1 }
	open { declaration = declaration " " $0 }
	open && /;/ {
		open = 0
		gsub(/UOW_PRINTF\([^)]*\)/, "", declaration)
		if (match(declaration, /uow_[a-z0-9_]+\(/))
			print substr(declaration, RSTART, RLENGTH - 1)
	}' | sort >"$tmp/headers"
verdict "headers and map agree (< headers, > map)" "$(
	diff "$tmp/headers" "$tmp/map" | grep '^[<>]')"

$NM -D --defined-only .libs/libuow.so >"$tmp/nm" 2>&1
$AWK 'NF >= 3 && $2 ~ /[A-Z]/ && $2 != "A" {
	sub(/@.*/, "", $3); print $3 }' "$tmp/nm" | sort >"$tmp/library"
test -s "$tmp/library" || cat "$tmp/nm" >"$tmp/library"
verdict "map and library agree (< map, > library)" "$(
	diff "$tmp/map" "$tmp/library" | grep '^[<>]')"
exit $tap_failed
