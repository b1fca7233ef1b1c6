#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The checks of this folder can fail: each is run on a copy of the tree with
# one mistake planted in it, and has to notice.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch

copy=$tmp/tree
fresh() {
	chmod -R u+w "$copy" 2>/dev/null
	rm -rf "$copy"
	mkdir "$copy"
	for part in include src drivers-config docs tests examples quickstart \
		.ci; do
		test ! -e "$srcdir/$part" || cp -R "$srcdir/$part" "$copy"
	done
	chmod -R u+w "$copy"
}

# notices CHECK TEXT: the planted mistake makes CHECK say "not ok", and TEXT.
notices() {
	out=$(UOW_TEST_REQUIRED='' srcdir=$copy \
		sh "$srcdir/tests/check/$1.sh" 2>&1)
	if echo "$out" | grep -q '^not ok' && echo "$out" | grep -q -e "$2"
	then
		verdict "$1.sh notices: $3" ""
	else
		verdict "$1.sh notices: $3" "$(echo "$out" | tail -n 20)
it has not noticed"
	fi
	fresh
}

line() {
	printf '%s\n' "$2" >>"$copy/$1"
}

plan 28
fresh
line include/uow/value.h 'int uow_planted(FILE *f);'
notices headers value.h "a header that does not stand alone"
line include/uow/value.h 'static int uow_planted(int *new) { return *new; }'
notices headers 'C++11' "a header that is not C++"

line include/uow/db.h 'UOW_API int uow_planted(void);'
notices symbols '^# < uow_planted' "a function that the map lacks"
$SED 's/^	uow_version;/&\n	uow_planted;/' \
	"$srcdir/src/libuow.map" >"$copy/src/libuow.map"
notices symbols '^# [<>] uow_planted' "a line too many in the map"
$SED '/^	uow_version;/d' "$srcdir/src/libuow.map" >"$copy/src/libuow.map"
notices symbols '^# > uow_version' "a function exported without the map"
$SED 's/^	uow_version;/	uow_v*;/' \
	"$srcdir/src/libuow.map" >"$copy/src/libuow.map"
notices symbols 'uow_v\*' "a wildcard in the map"

line src/base/mem.c '#include "model/row.h"'
notices layers 'base may not include model/row.h' "an include upward"
line src/unit/plan.c '#include "backend/odbc/stmt.h"'
notices layers 'src/unit/plan.c: "backend/odbc' "an include below the seam"
line src/dialect/render.c ' # include <sqlext.h>'
notices layers 'src/dialect/render.c: <sqlext.h>' "ODBC outside of its folder"
line src/base/mem.c '#include "mem.h"'
notices layers 'not a path from src' "an include without its folder"

line src/base/mem.c '/* as PostgreSQL does */'
notices names 'src/base/mem.c' "a product's name in a comment"

line src/base/mem.c "/* $(printf '%077d' 0) */"
notices style 'src/base/mem.c:' "a line of 83 columns"
line src/base/mem.c 'static int planted; '
notices style 'src/base/mem.c:' "a blank at a line's end"
line src/base/mem.c 'static int planted; // here'
notices style 'static int planted; // here' "a // comment"
{
	printf 'static void planted(void)\n{\n'
	$AWK 'BEGIN { for (i = 0; i < 81; i++) print "\t;" }'
	echo '}'
} >>"$copy/src/base/mem.c"
notices style '81 lines' "a function of 81 lines"
$AWK 'BEGIN { for (i = 0; i < 600; i++) print "" }' >>"$copy/src/base/mem.c"
notices style 'src/base/mem.c: ' "a file over 600 lines"
$SED 1d "$srcdir/src/base/mem.c" >"$copy/src/base/mem.c"
notices style 'src/base/mem.c: line 1' "a file without its licence"
line src/base/mem.c "/* TO""DO: later */"
notices style 'later' "a note to self"

line src/base/planted.c '/* SPDX-License-Identifier: BSD-2-Clause */'
notices sources 'lacks base/planted.c' "a source that is not built"
line tests/unit/test-planted.c '/* SPDX-License-Identifier: BSD-2-Clause */'
notices sources 'lacks test-planted' "a test that is not run"
line include/uow/planted.h '/* SPDX-License-Identifier: BSD-2-Clause */'
notices sources 'lacks uow/planted.h' "a header that is not installed"

$SED 's/^	uow_version;/&\n	uow_planted;/' \
	"$srcdir/src/libuow.map" >"$copy/src/libuow.map"
notices torture uow_planted "a function that no scenario calls"
line src/backend/odbc/conn.c '/* SQLPlanted(c->dbc) */'
notices torture SQLPlanted "a call of ODBC that cannot be made to fail"

line drivers-config/planted.ini '[match]'
notices profiles 'lacks planted.ini' "a profile that is not installed"
rm -f "$copy/drivers-config/ansi.ini"
notices profiles 'no drivers-config/ansi.ini' "a profile that is gone"
$SED 's/^column = BOOLEAN/column = BIT/' "$srcdir/drivers-config/sqlite.ini" \
	>"$copy/drivers-config/sqlite.ini"
notices types 'sqlite: :  BIT' "a column that the manual has otherwise"
printf 'inherits = ansi\nproved = yes\n' >"$copy/drivers-config/planted.ini"
notices types 'no table for planted' "a profile without a table"

chmod u+w "$copy/include/uow/common.h"
echo '#define UOW_PLANTED 1' >>"$copy/include/uow/common.h"
notices install 'common.h' "an installed header that differs"
exit $tap_failed
