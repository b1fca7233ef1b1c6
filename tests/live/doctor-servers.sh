#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the profiles of servers claim holds on servers. From a build folder.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/doctor.subr"
# The servers run under other accounts.
chmod 711 "$tmp"
servers=${UOW_TEST_SERVERS:-postgresql mariadb}
plan $(echo $servers | wc -w)
: >"$tmp/exports"
trap 'stop; rm -rf "$tmp"' EXIT

stop() {
	test ! -s "$tmp/exports" || (. "$tmp/exports" && "$server" stop)
	: >"$tmp/exports"
}

connection() {
	case $1 in
	postgresql) echo "$UOW_TEST_POSTGRESQL" ;;
	mariadb) echo "$UOW_TEST_MARIADB" ;;
	virtuoso) echo "$UOW_TEST_VIRTUOSO" ;;
	esac
}

for name in $servers; do
	what="what the profile of $name claims holds"
	server=$srcdir/tests/servers/$name
	"$server" start --no-sync >"$tmp/exports" 2>"$tmp/why"
	if test $? -eq 77; then
		skip "$what" "$(tail -n 1 "$tmp/why")"
		continue
	fi
	test -s "$tmp/exports" || cat "$tmp/why" >&2
	. "$tmp/exports"
	verdict "$what" "$(
		run 0 "$uow" doctor "$(connection $name)"
		fact ' ' transaction.rollback yes yes yes
		hides 'are left'
		tables_left "$(connection $name)"
		narrow)"
	stop
done
exit $tap_failed
