#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# More threads than connections, short units, and books that balance: 32
# threads over 8 connections on PostgreSQL and MariaDB, 8 on SQLite. From a
# build folder; UOW_POOL_UNITS=200000 is "make soak". UOW_POOL_RUN: a command
# to run the program by (valgrind).
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch
# The servers run under other accounts.
chmod 711 "$tmp"
program=${abs_builddir:-$PWD}/tests/live/pool-threads
: "${UOW_DRIVERS_PATH:=$srcdir/drivers-config}"
export UOW_DRIVERS_PATH
units=${UOW_POOL_UNITS:-4000}
servers=${UOW_TEST_SERVERS:-postgresql mariadb sqlite}
plan $(echo $servers | wc -w)
: >"$tmp/exports"
trap 'stop; rm -rf "$tmp"' EXIT

stop() {
	test ! -s "$tmp/exports" || (. "$tmp/exports" && "$server" stop)
	: >"$tmp/exports"
}

# CONNECTION THREADS UNITS
units() {
	${UOW_POOL_RUN-} "$program" "$1" "$2" 8 "$3" >"$tmp/out" 2>&1
	status=$?
	sed "s/^/# $name: /" "$tmp/out"
	test $status -eq 0 || echo "status $status"
}

for name in $servers; do
	what="books balance after $units units on $name"
	if test "$name" = sqlite; then
		units "DRIVER=SQLite3;Database=$tmp/pool.db;SyncPragma=OFF" \
			8 "$units" >"$tmp/said"
	else
		server=$srcdir/tests/servers/$name
		"$server" start --no-sync >"$tmp/exports" 2>"$tmp/why" || {
			skip "$what" "$(tail -n 1 "$tmp/why")"
			continue
		}
		. "$tmp/exports"
		case $name in
		postgresql) connection=$UOW_TEST_POSTGRESQL ;;
		mariadb) connection=$UOW_TEST_MARIADB ;;
		esac
		units "$connection" 32 "$units" >"$tmp/said"
		stop
	fi
	grep '^#' "$tmp/said"
	verdict "$what" "$(grep -v '^#' "$tmp/said")"
done
exit $tap_failed
