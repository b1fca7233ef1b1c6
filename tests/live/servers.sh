#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tests/servers keep what they promise: two at a time, no entry without the
# password, commits outlive kill -9, and nothing is left. By their own clients:
# this is not about the library.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch
# The servers run under other accounts.
chmod 711 "$tmp"
mkdir -m 1777 "$tmp/a b"
TMPDIR="$tmp/a b"
export TMPDIR
names="postgresql mariadb virtuoso"
plan $((7 * $(echo $names | wc -w)))

# Whatever is left when a test has failed.
clean_up() {
	for folder in "$tmp/a b"/uow-*; do
		test ! -f "$folder/server" || "$srcdir/tests/servers/$(
			cat "$folder/server")" stop "$folder"
	done
	rm -rf "$tmp"
}
trap clean_up EXIT

# part NAME CONNECTION: of "NAME=...;".
part() {
	printf '%s;' "$2" | tr ';' '\n' | $SED -n "s/^$1=//p"
}

# query NAME CONNECTION PASSWORD STATEMENT
query() {
	case $1 in
	postgresql)
		PGPASSWORD=$3 psql -w -At -h 127.0.0.1 \
			-p "$(part Port "$2")" -U "$(part UID "$2")" \
			-d "$(part Database "$2")" -c "$4" ;;
	mariadb)
		MYSQL_PWD=$3 mariadb --no-defaults -N -h 127.0.0.1 \
			-P "$(part PORT "$2")" -u "$(part UID "$2")" \
			"$(part DATABASE "$2")" -e "$4" ;;
	virtuoso)
		isql-vt "$(part HOST "$2")" "$(part UID "$2")" "$3" \
			exec="$4;" ;;
	esac </dev/null 2>&1
}

# connection EXPORTS
connection() {
	(. "$1"
	case $name in
	postgresql) echo "$UOW_TEST_POSTGRESQL" ;;
	mariadb) echo "$UOW_TEST_MARIADB" ;;
	virtuoso) echo "$UOW_TEST_VIRTUOSO" ;;
	esac)
}

# answers EXPORTS: prints what is wrong.
answers() {
	source=$(connection "$1")
	query "$name" "$source" "$(part PWD "$source")" 'select 6 * 7' \
		>"$tmp/out"
	grep -q -w 42 "$tmp/out" || cat "$1" "$tmp/out"
}

refuses() {
	source=$(connection "$1")
	for password in wrong '' dba; do
		query "$name" "$source" "$password" 'select 6 * 7' >"$tmp/out"
		! grep -w 42 "$tmp/out" || echo "with password '$password'"
	done
}

run_sql() {
	source=$(connection "$1")
	query "$name" "$source" "$(part PWD "$source")" "$2" >"$tmp/out" ||
		cat "$tmp/out"
}

# Processes that work below the temporary folder, and what lies in it.
left() {
	for process in /proc/[0-9]*; do
		case $(readlink "$process/cwd") in
		"$TMPDIR"/*) cat "$process/comm" ;;
		esac
	done
	ls -A "$TMPDIR"
}

# The segment of shared memory that a PostgreSQL has, and what is left of it.
segment() {
	(. "$1"
	test $name != postgresql ||
		$AWK 'NR == 7 { print $2 }' \
			"$UOW_SERVER_POSTGRESQL/data/postmaster.pid")
}

left_segment() {
	test -z "$1" || $AWK -v id="$1" '$2 == id { print "segment", $0 }' \
		/proc/sysvipc/shm
}

# A start that is asked to end after a while; one that was ready by then is
# stopped.
interrupt_after() {
	"$server" start >"$tmp/three" 2>&1 &
	pid=$!
	sleep "$1"
	kill -TERM $pid 2>/dev/null
	! wait $pid 2>/dev/null || (. "$tmp/three" && "$server" stop)
	left
}

check_pair() {
	"$server" start --no-sync >"$tmp/one" 2>"$tmp/why.one" &
	first=$!
	"$server" start >"$tmp/two" 2>"$tmp/why.two"
	status=$?
	wait $first
	if test $? -eq 77 || test $status -eq 77; then
		for i in 1 2 3 4 5 6 7; do
			skip "$name $i" "$(tail -n 1 "$tmp/why.two")"
		done
		return
	fi
	verdict "$name: two start at the same time" "$(
		cat "$tmp/why.one" "$tmp/why.two"
		! cmp -s "$tmp/one" "$tmp/two" || echo "it is one"
		answers "$tmp/one"
		answers "$tmp/two")"
	verdict "$name: no entry with another password" "$(
		refuses "$tmp/one")"
	verdict "$name: env says it again" "$(
		. "$tmp/one"
		"$server" env 2>&1 | diff "$tmp/one" -)"
	run_sql "$tmp/two" 'create table t (a integer)'
	run_sql "$tmp/two" 'insert into t values (4711)'
	verdict "$name: killed, it does not answer" "$(
		. "$tmp/two"
		"$server" kill 2>&1
		test -n "$(answers "$tmp/two")" || echo "it does")"
	verdict "$name: started again, it has its data" "$(
		. "$tmp/two"
		"$server" restart 2>&1
		run_sql "$tmp/two" 'select a from t'
		grep -q -w 4711 "$tmp/out" || cat "$tmp/out")"
	verdict "$name: stopped, nothing is left" "$(
		one=$(segment "$tmp/one")
		two=$(segment "$tmp/two")
		(. "$tmp/one" && "$server" stop 2>&1)
		(. "$tmp/two" && "$server" kill 2>&1 && "$server" stop 2>&1)
		left
		left_segment "$one"
		left_segment "$two")"
	verdict "$name: interrupted while it starts, nothing is left" "$(
		for seconds in 0 0.1 0.3 0.6 0.9; do
			interrupt_after $seconds 2>&1
		done)"
}

for name in $names; do
	server=$srcdir/tests/servers/$name
	check_pair
done
exit $tap_failed
