#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A server is killed by kill -9 in the middle of transfers, six times, and
# started again. Nothing acknowledged is lost, nothing that failed is there, and
# the program goes on without being started again. And, since the server is
# there, the examples work with it. From a build folder.
#
# A program of plain ODBC goes through the same kills: what it has lost as well
# is the server's loss, and is said to be.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch
# The servers run under other accounts.
chmod 711 "$tmp"
program=${abs_builddir:-$PWD}/tests/live/acknowledged
control=${abs_builddir:-$PWD}/tests/live/control
examples=${abs_builddir:-$PWD}/examples
: "${UOW_DRIVERS_PATH:=$srcdir/drivers-config}"
export UOW_DRIVERS_PATH
servers=${UOW_TEST_SERVERS:-postgresql}
plan $((3 * $(echo $servers | wc -w)))
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

transfers() {
	"$program" "$(connection "$1")" 8 >"$tmp/out" 2>&1 &
	pid=$!
	"$control" "$(connection "$1")" 7 >"$tmp/control" 2>&1 &
	control_pid=$!
	for i in 1 2 3 4 5 6; do
		sleep 0.7
		"$server" kill 2>&1
		sleep 0.1
		"$server" restart 2>&1
	done
	wait $pid || echo "status $?"
	wait $control_pid || {
		echo "plain ODBC through the same kills, status $?:"
		grep -v '^#' "$tmp/control" | head -n 10
	}
	grep '^# ' "$tmp/control" >&2
	grep '^# [0-9]' "$tmp/out" >&2
	grep -v '^#' "$tmp/out" | head -n 20
}

# example LINE COMMAND...: a line of the output is this one.
example() {
	line=$1
	shift
	"$@" >"$tmp/out" 2>&1 || echo "status $?"
	grep -q -x -F -e "$line" "$tmp/out" || cat "$tmp/out"
}

work_with() {
	example 'users 1, profiles 1' "$examples/register/register" "$1"
	example 'Location: /posts/1' "$examples/blog/blog" "$1"
	sh "$srcdir/examples/transfer/make-journal" 300 10 >"$tmp/journal"
	example 'The books balance.' "$examples/transfer/transfer" \
		--create=10 --dsn="$1" "$tmp/journal"
}

for name in $servers; do
	server=$srcdir/tests/servers/$name
	"$server" start >"$tmp/exports" 2>"$tmp/why"
	status=$?
	if test $status -eq 77; then
		skip "$name: the examples" "$(tail -n 1 "$tmp/why")"
		skip "$name: kill -9 and restart" "$(tail -n 1 "$tmp/why")"
		skip "$name: a server that is down" "$(tail -n 1 "$tmp/why")"
		continue
	fi
	test $status -eq 0 || cat "$tmp/why" >&2
	. "$tmp/exports"
	verdict "$name: the examples work with it" "$(
		work_with "$(connection $name)")"
	verdict "$name: kill -9 and restart lose nothing, double nothing" \
		"$(transfers $name)"
	"$server" kill
	verdict "$name: a server that is down is UOW_ECONNECT" "$(
		"$program" "$(connection $name)" | grep -v -x UOW_ECONNECT)"
	stop
done
exit $tap_failed
