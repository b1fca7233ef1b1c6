#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Transfers by several processes while their server is killed and started
# again, a proxy drops, swallows and delays requests at random, and clients are
# killed as well: with exactly_once each answer is what is stored, and none is
# unknown; without it no answer is wrong. From a build folder:
#
#	sh ../tests/live/chaos.sh
#	CHAOS="20000 8 20" sh ../tests/live/chaos.sh	(make chaos)
#	CHAOS_BACKENDS="sqlite virtuoso"		(make chaos: all)
#	CHAOS_PACE=50000		(microseconds between two transfers)
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
set -- ${CHAOS:-2000 4 4}
transfers=$1 processes=$2 kills=$3
backends=${CHAOS_BACKENDS:-sqlite postgresql mariadb}
scratch
chmod 711 "$tmp"
program=${abs_builddir:-$PWD}/tests/live/chaos
proxy=${abs_builddir:-$PWD}/tests/proxy/proxy
: "${UOW_DRIVERS_PATH:=$srcdir/drivers-config}"
export UOW_DRIVERS_PATH
: >"$tmp/exports"
proxy_control=
trap 'stop; rm -rf "$tmp"' EXIT

stop() {
	test -z "$proxy_control" ||
		"$proxy" -t "$proxy_control" stop >/dev/null 2>&1
	proxy_control=
	test ! -s "$tmp/exports" || (. "$tmp/exports" && "$server" stop)
	: >"$tmp/exports"
}

# The connection of a server.
connection() {
	case $1 in
	sqlite) echo "DRIVER=SQLite3;Database=$tmp/chaos.db;Timeout=500" ;;
	postgresql) echo "$UOW_TEST_POSTGRESQL" ;;
	mariadb) echo "$UOW_TEST_MARIADB" ;;
	galera) echo "$UOW_TEST_GALERA_1" ;;
	virtuoso) echo "$UOW_TEST_VIRTUOSO" ;;
	esac
}

# Port=NUMBER, or the one of HOST=127.0.0.1:NUMBER.
port() {
	connection $1 | $SED -e 's/.*[Pp][Oo][Rr][Tt]=\([0-9]*\).*/\1/' \
		-e 's/.*HOST=127\.0\.0\.1:\([0-9]*\).*/\1/'
}

# The same through the proxy, if there is one.
through_proxy() {
	connection $1 | if test -n "${proxy_port-}"; then
		$SED -e "s/\\([Pp][Oo][Rr][Tt]=\\)[0-9]*/\\1$proxy_port/" \
			-e "s/\\(HOST=127\\.0\\.0\\.1:\\)[0-9]*/\\1$proxy_port/"
	else
		cat
	fi
}

# Numbers never repeat: those of a worker that takes over begin elsewhere. Of a
# cluster each begins with another node, the first of them behind the proxy.
worker() {
	number=$1 first=$2 count=$3
	set -- "$through"
	test $name != galera || case $((number % 3)) in
	0) set -- "$@" "$UOW_TEST_GALERA_2" "$UOW_TEST_GALERA_3" ;;
	1) set -- "$UOW_TEST_GALERA_2" "$UOW_TEST_GALERA_3" "$@" ;;
	2) set -- "$UOW_TEST_GALERA_3" "$@" "$UOW_TEST_GALERA_2" ;;
	esac
	"$program" work $first $count $pace $mode "$tmp/$mode.$number.log" \
		"$@" >>"$tmp/$mode.out" 2>&1 &
	set -- $number
	eval "pid_$1=\$!"
}

start_workers() {
	each=$((transfers / processes))
	for i in $(seq $processes); do
		worker $i $((i * 50000)) $each
	done
}

# One client dies in the middle of its work; another one goes on.
kill_client() {
	eval "pid=\$pid_1"
	if kill -9 $pid 2>/dev/null; then
		wait $pid 2>/dev/null
		done=$(grep -c '^begin' "$tmp/$mode.1.log")
		worker 1 $((50000 + kill_number * 1000 + done)) \
			$((each > done ? each - done : 1))
	fi
}

# Of a cluster one node dies; the others go on.
kill_server() {
	case $1 in
	sqlite) return ;;
	galera) kill -9 "$(cat "$UOW_SERVER_GALERA/data/$(
			echo $((kill_number % 3 + 1)))/pid")" ;;
	*) "$server" kill ;;
	esac
	sleep 0.3
	"$server" restart
}

at_work() {
	test "$(cat "$tmp/$mode".*.log | grep -c '^begin')" -lt \
		$((transfers / processes * processes))
}

# Servers that are slow to come back may take longer than the work.
disturb() {
	kill_number=0 struck=0
	while test $kill_number -lt $kills; do
		sleep $interval
		kill_number=$((kill_number + 1))
		! at_work || struck=$((struck + 1))
		kill_server $1
		kill_client
	done
	echo "# $1, $mode: $struck of $kills kills while there was work" >&3
}

wait_for_workers() {
	for i in $(seq $processes); do
		eval "wait \$pid_$i" || echo "worker $i ended with status $?"
	done
	# What drivers have to say to their program's terminal.
	$SED 's/^/# /' "$tmp/$mode.out" >&2
}

# run BACKEND once|plain
run() {
	mode=$2
	through=$(through_proxy $1)
	test -z "$proxy_control" ||
		"$proxy" -t "$proxy_control" random 0 0 >/dev/null
	"$program" setup "$(connection $1)" || return
	: >"$tmp/$mode.out"
	test -z "$proxy_control" ||
		"$proxy" -t "$proxy_control" random ${CHAOS_FAULTS:-0.004} $$ \
			200000 drop swallow late >/dev/null
	start_workers
	disturb $1 3>&2 >"$tmp/disturb" 2>&1 || cat "$tmp/disturb"
	wait_for_workers
	test -z "$proxy_control" ||
		"$proxy" -t "$proxy_control" random 0 0 >/dev/null
	# A node may lack what another one has acknowledged just now.
	test $1 != galera || sleep 3
	"$program" check $mode "$(connection $1)" "$tmp/$mode".*.log \
		>"$tmp/check"
	status=$?
	$SED "s/^# /# $1, /" "$tmp/check" | grep '^#' >&2
	grep -v '^#' "$tmp/check" | head -n 20
	test $status -eq 0 || {
		echo "status $status"
		grep -a -h '^#' "$tmp/$mode".*.log | sort | uniq -c | sort -rn |
			head -n 10
	}
}

plan $((2 * $(echo $backends | wc -w)))
for name in $backends; do
	server=$srcdir/tests/servers/$name
	interval=0.7
	case $name in
	galera) pace=${CHAOS_PACE:-20000} ;;
	*) pace=${CHAOS_PACE:-6000} ;;
	esac
	rm -f "$tmp"/*.log "$tmp"/chaos.db*
	unset proxy_port
	if test $name != sqlite; then
		"$server" start >"$tmp/exports" 2>"$tmp/why"
		status=$?
		if test $status -eq 77; then
			skip "$name: exactly once" "$(tail -n 1 "$tmp/why")"
			skip "$name: without" "$(tail -n 1 "$tmp/why")"
			continue
		fi
		test $status -eq 0 || cat "$tmp/why" >&2
		. "$tmp/exports"
		eval "$("$proxy" -b $(port $name))"
	fi
	run $name once >"$tmp/problems"
	verdict "$name: with exactly_once each answer is what is stored" \
		"$(cat "$tmp/problems")"
	# Of this, half as much.
	set -- $transfers $kills
	transfers=$(((transfers + 1) / 2)) kills=$(((kills + 1) / 2))
	run $name plain >"$tmp/problems"
	transfers=$1 kills=$2
	verdict "$name: without it no answer is wrong" "$(cat "$tmp/problems")"
	stop
done
exit $tap_failed
