#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A cluster of three: what one node commits another has, a node that was killed
# comes back with what it has missed, and all are killed and come back.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch
plan 5
galera=$srcdir/tests/servers/galera
trap 'test -z "${UOW_SERVER_GALERA-}" || "$galera" stop; rm -rf "$tmp"' EXIT
unset UOW_SERVER_GALERA

"$galera" start --no-sync >"$tmp/exports" 2>"$tmp/why"
status=$?
if test $status -eq 77; then
	for i in 1 2 3 4 5; do
		skip "galera $i" "$(tail -n 1 "$tmp/why")"
	done
	exit $tap_failed
fi
verdict "three nodes start" "$(test $status -eq 0 || cat "$tmp/why")"
. "$tmp/exports"

# part NAME CONNECTION: of "NAME=...;".
part() {
	printf '%s;' "$2" | tr ';' '\n' | $SED -n "s/^$1=//p"
}

# on NODE STATEMENT
on() {
	eval "source=\$UOW_TEST_GALERA_$1"
	MYSQL_PWD=$(part PWD "$source") mariadb --no-defaults -N \
		-h 127.0.0.1 -P "$(part PORT "$source")" \
		-u "$(part UID "$source")" "$(part DATABASE "$source")" \
		-e "SET wsrep_sync_wait = 15; $2" </dev/null 2>&1
}

# same_everywhere ROWS: in all nodes, of which there are three.
same_everywhere() {
	for node in 1 2 3; do
		rows=$(on $node 'SELECT a FROM t ORDER BY a' | tr '\n' ' ')
		test "$rows" = "$1" || echo "node $node has $rows"
		on $node "SHOW STATUS LIKE 'wsrep_cluster_size'" |
			grep -q -w 3 || echo "node $node is not in a cluster"
	done
}

verdict "what one node commits the others have" "$(
	on 1 'CREATE TABLE t (a INTEGER PRIMARY KEY)'
	on 2 'INSERT INTO t VALUES (1)'
	same_everywhere '1 ')"
verdict "a node that was killed gets what it has missed" "$(
	kill -9 "$(cat "$UOW_SERVER_GALERA/data/2/pid")"
	on 3 'INSERT INTO t VALUES (2)'
	"$galera" restart 2>&1
	same_everywhere '1 2 ')"
verdict "one that has nothing left gets everything" "$(
	kill -9 "$(cat "$UOW_SERVER_GALERA/data/3/pid")"
	sleep 0.2
	rm -f "$UOW_SERVER_GALERA"/data/3/gra*.dat \
		"$UOW_SERVER_GALERA"/data/3/galera.cache
	on 1 'INSERT INTO t VALUES (3)'
	"$galera" restart 2>&1
	same_everywhere '1 2 3 ')"
verdict "all are killed, and come back" "$(
	"$galera" kill 2>&1
	"$galera" restart 2>&1
	same_everywhere '1 2 3 ')"
exit $tap_failed
