#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the headers declare, the map lists, and the library exports: no more
# and no less.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch
plan 4

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

# What sanitizers and coverage put in is not ours, and where we work on it an
# assertion may end it.
unwanted='_?_?_?(abort|exit|Exit)|(v?f?|__v?f?)printf(_chk)?|puts|putchar'
unwanted="$unwanted|perror|setlocale|signal|sigaction|system|popen"
grep -q '^UOW_CFLAGS = .*-DNDEBUG' Makefile &&
	unwanted="$unwanted|__assert_fail"
test -z "${UOW_LINK_CFLAGS-}" || unwanted=none
$NM -D --undefined-only .libs/libuow.so |
	$AWK '{ sub(/@.*/, "", $2); print $2 }' >"$tmp/wanted"
verdict "the library neither ends the program nor prints" "$(
	grep -x -E "$unwanted" "$tmp/wanted")"
exit $tap_failed
