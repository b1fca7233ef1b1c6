#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Transfers by THREADS over CONNECTIONS, by the library and by hand over ODBC,
# in turn on the same tables; the ratio of the best of three. "make
# bench-threads", from a build folder; BENCH_UNITS (6000) units each,
# BENCH_RUNS (3) times. BENCH_THREADING: one "Threading" of the driver manager
# after the other, for all drivers; "make bench-threading" has "0 1 2 3".
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch
chmod 711 "$tmp"
ours=${abs_builddir:-$PWD}/tests/live/pool-threads
raw=${abs_builddir:-$PWD}/tests/bench/threads-raw
: "${UOW_DRIVERS_PATH:=$srcdir/drivers-config}"
export UOW_DRIVERS_PATH
units=${BENCH_UNITS:-6000}
accounts=1000
: >"$tmp/exports"
trap 'stop; rm -rf "$tmp"' EXIT

stop() {
	test ! -s "$tmp/exports" || (. "$tmp/exports" && "$server" stop)
	: >"$tmp/exports"
}

system_ini=${ODBCSYSINI:-/etc}/odbcinst.ini

# The driver manager's files with one Threading; "as it is" changes nothing.
set_threading() {
	threading=$1
	test "$1" != "as it is" || return 0
	$SED -e '/^[Tt]hreading/d' -e "/^\[/a Threading = $1" \
		"$system_ini" >"$tmp/odbcinst.ini"
	ODBCSYSINI=$tmp
	export ODBCSYSINI
}

# Units a second of one run. With Threading = 3 one may never end: who waits
# for a row has the driver manager's lock, and who has the row needs that to
# commit.
speed() {
	timeout "${BENCH_PATIENCE:-60}" "$@" 2>&1 |
		$SED -n 's/^units: .* s, \([0-9]*\) a second.*/\1/p'
}

best() {
	sort -n | tail -n 1
}

compare() {
	for threads in "1 1" "4 4" "8 8" "32 8"; do
		set -- $threads
		: >"$tmp/ours"
		: >"$tmp/raw"
		for i in $($AWK "BEGIN { for (i = ${BENCH_RUNS:-3}; i; i--) \
				print i }"); do
			speed "$ours" "$connection" $1 $2 $units $accounts \
				transfers >>"$tmp/ours"
			speed "$raw" "$connection;$options" $1 $2 $units \
				$accounts >>"$tmp/raw"
		done
		a=$(best <"$tmp/ours")
		b=$(best <"$tmp/raw")
		printf '%-11s Threading %-8s %2d threads %d connections: ' \
			$name "$threading" $1 $2
		if test -z "$a" || test -z "$b"; then
			echo "${a:-hangs} ${b:-hangs}"
			continue
		fi
		echo "$a $b" | $AWK '{ printf "%d %d a second, ratio %.2f\n",
			$1, $2, $2 ? $1 / $2 : 0 }'
	done
}

echo "units a second: the library, by hand"
for name in ${UOW_TEST_SERVERS:-postgresql mariadb}; do
	server=$srcdir/tests/servers/$name
	"$server" start --no-sync >"$tmp/exports" || exit 1
	. "$tmp/exports"
	case $name in
	postgresql)
		connection=$UOW_TEST_POSTGRESQL
		options=Protocol=7.4-0
		;;
	mariadb)
		connection=$UOW_TEST_MARIADB
		options=CHARSET=utf8mb4
		;;
	esac
	if test -z "${BENCH_THREADING-}"; then
		set_threading "as it is"
		compare
	fi
	for t in ${BENCH_THREADING-}; do
		set_threading $t
		compare
	done
	stop
done
