#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Nothing is left out of the torture tests: each public function is called by
# one of their scenarios, and each call of ODBC passes through their shim.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch
plan 2

folder=${abs_builddir:-$PWD}/tests/torture
if test -f "$folder/torture.o"; then
	$NM -u "$folder"/*.o 2>/dev/null |
		$SED -n 's/^ *U \(uow_[a-z0-9_]*\)$/\1/p' |
		sort -u >"$tmp/called"
	$SED -n 's/^	\(uow_[a-z0-9_]*\);$/\1/p' "$srcdir/src/libuow.map" |
		sort -u >"$tmp/map"
	verdict "each public function is called" "$(
		comm -23 "$tmp/map" "$tmp/called" |
		sed 's/$/ is in no scenario of tests\/torture/')"
else
	skip "each public function is called" "the torture tests are not built"
fi

# SQLGetDiagRec tells of failures; SQLGetPrivateProfileString reads a file.
verdict "each call of ODBC can be made to fail" "$(
	cat "$srcdir"/src/backend/odbc/*.c "$srcdir"/src/api/*.c |
	grep -o '\bSQL[A-Z][A-Za-z]*(' | sort -u | tr -d '(' |
	while read -r name; do
		test $name != SQLGetPrivateProfileString || continue
		grep -q -E "(FORWARD|FORWARD_BUT)\($name,|SQL_API $name\(" \
			"$srcdir/tests/torture/odbc-shim.c" ||
			echo "$name is not in tests/torture/odbc-shim.c"
	done)"
exit $tap_failed
