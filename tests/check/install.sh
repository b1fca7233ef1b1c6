#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# An installed copy serves a program that knows nothing but pkg-config, and
# leaves nothing behind when it is taken away. Run from the build folder.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch
plan 10
stage=$tmp/stage

# Another make's flags and job server are not for this one.
run_make() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "${MAKE:-make}" "$@" \
		DESTDIR="$stage" >"$tmp/log" 2>&1 || tail -n 20 "$tmp/log"
}
verdict "make install" "$(run_make install)"

pc=$(find "$stage" -name libuow.pc)
verdict "libuow.pc is installed" "$(test -n "$pc" || find "$stage")"
PKG_CONFIG_PATH=${pc%/*}
export PKG_CONFIG_PATH
ask() {
	${PKG_CONFIG:-pkg-config} "$@" libuow 2>&1
}
libdir=$stage$(ask --variable=libdir)
drivers=$stage$(ask --variable=driversdir)
includedir=$stage$(ask --variable=includedir)

verdict "the profiles are where libuow.pc says" "$(
	for file in "$srcdir"/drivers-config/*.ini; do
		cmp "$file" "$drivers/${file##*/}" 2>&1
	done)"
verdict "the headers are where libuow.pc says" "$(
	for file in "$srcdir"/include/uow/*.h; do
		cmp "$file" "$includedir/uow/${file##*/}" 2>&1
	done)"

cat >"$tmp/program.c" <<'END'
#include <stdio.h>
#include <string.h>
#include <uow/odbc.h>
#include <uow/schema.h>
#include <uow/uow.h>

int main(int argc, char **argv)
{
	uow_db *db = NULL;
	uow_error err = UOW_ERROR_INIT;
	size_t length = argc > 1 ? strlen(argv[1]) : 0;
	const char *text = uow_version_string();

	if (uow_version() != UOW_VERSION)
		return printf("%x is not %x\n", uow_version(), UOW_VERSION);
	if (!length || strncmp(text, argv[1], length) || text[length] != ' ')
		return printf("%s is not libuow.pc's %s\n", text, argv[1]);
	if (argc > 2 && uow_db_open_simple(&db, argv[2], &err))
		return printf("%s\n", err.message);
	uow_db_free(db);
	if (uow_db_open_simple(&db, "Driver=no such driver", &err) == 0)
		return printf("opened what is not there\n");
	if (err.code >= 0 || !err.message[0])
		return printf("no reason: %d \"%s\"\n", err.code, err.message);
	return 0;
}
END
flags=$(PKG_CONFIG_SYSROOT_DIR=$stage ask --cflags --libs)
verdict "a program compiles by pkg-config" "$(
	$CC -std=c99 -Wall -Wextra -Werror $UOW_LINK_CFLAGS \
		-o "$tmp/program" "$tmp/program.c" $flags 2>&1 ||
		echo "flags: $flags")"
verdict "and runs, and the versions agree" "$(
	LD_LIBRARY_PATH=$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} \
	UOW_DRIVERS_PATH=$drivers \
		"$tmp/program" "$(ask --modversion)" 2>&1)"

snippets=${drivers%/drivers}/odbcinst
verdict "every profile of a database has its snippets" "$(
	for file in "$srcdir"/drivers-config/*.ini; do
		name=${file##*/}
		name=${name%.ini}
		test "$name" != ansi || continue
		for kind in odbcinst odbc; do
			grep -q '^\[..*\]$' "$snippets/$name.$kind" 2>&1 ||
				echo "$name.$kind"
		done
	done)"
verdict "they make a driver and a data source known" "$(
	mkdir "$tmp/etc"
	cp "$snippets/sqlite.odbcinst" "$tmp/etc/odbcinst.ini"
	$SED "s|/path/to/file.db|$tmp/file.db|" "$snippets/sqlite.odbc" \
		>"$tmp/etc/odbc.ini"
	LD_LIBRARY_PATH=$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} \
	ODBCSYSINI=$tmp/etc UOW_DRIVERS_PATH=$drivers \
		"$tmp/program" "$(ask --modversion)" DSN=sqlite-example 2>&1
	test -e "$tmp/file.db" || echo "no file was opened")"

verdict "the program uow is installed, and finds the profiles" "$(
	program=$(find "$stage" -path '*/bin/uow')
	UOW_DRIVERS_PATH=$drivers "$program" profiles >"$tmp/log" 2>&1 ||
		cat "$tmp/log"
	grep -q "$drivers/ansi.ini" "$tmp/log" || cat "$tmp/log")"

verdict "make uninstall leaves nothing" "$(
	run_make uninstall
	find "$stage" '(' -type f -o -type l ')' -print)"
exit $tap_failed
