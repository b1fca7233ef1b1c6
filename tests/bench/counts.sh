#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What does not depend on the machine: ODBC calls and round trips of each
# workload, by the library and by hand, how often SQLite's driver compiles a
# statement, and instructions inside libuow.so. More of them than bounds.tsv
# says is a failure (of instructions, 5 % more).
#
#	counts.sh		in TAP
#	counts.sh --update	writes bounds.tsv: make bench-bounds
#
# The line by hand is there to see what the driver or the server has changed.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
: "${abs_builddir:=$PWD}" "${UOW_DRIVERS_PATH:=$srcdir/drivers-config}"
: "${VALGRIND:=valgrind}"
export UOW_DRIVERS_PATH
peers=$abs_builddir/tests/bench/peers
proxy=$abs_builddir/tests/proxy/proxy
shim=$abs_builddir/tests/bench/.libs/count-shim.so
bounds=$srcdir/tests/bench/bounds.tsv
workloads="W1:20 W2:1000 W2g:1000 W3:1000 W4:1000 W5:100 W7:10"
few="W1:20 W2:200 W2g:200 W3:200 W4:1000 W5:100 W7:10"
instructed="W1:20 W2:300 W3:300 W4:1000 W5:100"

stop_all() {
	test -z "${proxy_control-}" ||
		"$proxy" -t "$proxy_control" stop >/dev/null
	proxy_control=
	test ! -s "$tmp/exports" || (. "$tmp/exports" &&
		"$srcdir/tests/servers/$server" stop)
	rm -f "$tmp/exports"
}

rows() {
	case $1 in
	W1 | W5) echo 20000 ;;
	W3 | W4) echo $2 ;;
	*) echo 0 ;;
	esac
}

requests() {
	"$proxy" -t "$proxy_control" count | sed 's/.*requests=\([0-9]*\).*/\1/'
}

# run PROGRAM WORKLOAD N: through the proxy, if there is one.
run() {
	BENCH_CONNECTION=$through "$peers/$1" $2 $3 $dbms >/dev/null
}

# counted PROGRAM WORKLOAD N: its lines of the table.
counted() {
	BENCH_CONNECTION=$direct "$peers/tables" reset $(rows $2 $3) $dbms ||
		return
	if test -n "$proxy_control"; then
		"$proxy" -t "$proxy_control" count zero >/dev/null
		run $1 W7 0 || return
		connecting=$(requests)
		"$proxy" -t "$proxy_control" count zero >/dev/null
	fi
	rm -f "$tmp/trace"
	(LD_PRELOAD=$shim BENCH_COUNTS=$tmp/counts && export LD_PRELOAD \
		BENCH_COUNTS && run $1 $2 $3) || return
	printf 'calls\t%s\t%s\t%s\t%s\t%s\n' $dbms $2 $1 $3 \
		$(sed -n 's/^calls //p' "$tmp/counts")
	test $dbms != sqlite ||
		printf 'compiled\t%s\t%s\t%s\t%s\t%s\n' $dbms $2 $1 $3 \
			$(grep -c '^-- sqlite3_prepare' "$tmp/trace")
	test -z "$proxy_control" ||
		printf 'trips\t%s\t%s\t%s\t%s\t%s\n' $dbms $2 $1 $3 \
			$(($(requests) - connecting))
}

# Virtuoso takes long for each row.
all_counted() {
	test $dbms != virtuoso || workloads=$few
	for item in $workloads; do
		for program in uow hand; do
			counted $program ${item%:*} ${item#*:} || return
		done
	done
}

count_sqlite() {
	dbms=sqlite proxy_control=
	direct="DRIVER=SQLite3;Database=$tmp/db;JournalMode=WAL;SyncPragma=OFF"
	through="$direct;TraceFile=$tmp/trace"
	all_counted
}

# count_server NAME: 77 if it is not installed.
count_server() {
	dbms=$1 server=$1 proxy_control=
	"$srcdir/tests/servers/$1" start --no-sync >"$tmp/exports" \
		2>"$tmp/why" || return
	. "$tmp/exports"
	eval "direct=\$UOW_TEST_$(echo $1 | tr a-z A-Z)"
	port=$(echo "$direct" |
		sed -E 's/.*([Pp][Oo][Rr][Tt]=|HOST=[^;:]*:)([0-9]+).*/\2/')
	eval "$("$proxy" -b $port)"
	through=$(echo "$direct" | sed "s/\([=:]\)$port;/\1$proxy_port;/")
	all_counted
	counted_status=$?
	stop_all
	return $counted_status
}

# Its own instructions in functions of the library, of callgrind's file. A
# line after "calls=" is what the called function needed.
own_instructions() {
	$AWK '
	function object(text,	id, name) {
		sub(/^c?ob=/, "", text)
		id = text; sub(/\).*/, "", id)
		name = text; sub(/^[^)]*\) ?/, "", name)
		if (name != "")
			names[id] = name
		return id
	}
	/^ob=/ { here = object($0); next }
	/^cob=/ { object($0); next }
	/^calls=/ { skip = 1; next }
	/^[0-9+*-]/ {
		if (!skip && names[here] ~ /libuow\.so/)
			sum += $NF
		skip = 0
	}
	END { printf "%d\n", sum }' "$1"
}

instructions() {
	dbms=sqlite
	direct="DRIVER=SQLite3;Database=$tmp/db;JournalMode=WAL;SyncPragma=OFF"
	BENCH_CONNECTION=$direct
	export BENCH_CONNECTION
	for item in $instructed; do
		workload=${item%:*} n=${item#*:}
		"$peers/tables" reset $(rows $workload $n) sqlite || return
		"$VALGRIND" --tool=callgrind --callgrind-out-file="$tmp/cg" \
			--collect-atstart=no --toggle-collect=peer_measured \
			"$peers/uow" $workload $n sqlite >"$tmp/said" 2>&1 ||
			return
		printf 'instructions\tsqlite\t%s\tuow\t%s\t%s\n' $workload $n \
			$(own_instructions "$tmp/cg")
	done
}

# Why instructions would not be comparable, or nothing.
incomparable() {
	command -v "$VALGRIND" >/dev/null || {
		echo "valgrind is not installed"
		return
	}
	ls "$abs_builddir"/.libs/libuow.so >/dev/null 2>&1 || {
		echo "there is no shared library"
		return
	}
	mine=$(compiler)
	theirs=$(sed -n 's/^# compiler: //p' "$bounds" 2>/dev/null)
	test "$mine" = "$theirs" || test -n "$update" ||
		echo "the bounds are for $theirs, this is $mine"
}

# What decides how many instructions a function has.
compiler() {
	macros='s/^#define __\(clang_major\|GNUC\)__ /\1 /p'
	echo "$($CC -dumpmachine)" \
		$($CC -E -dM -x c - </dev/null | sed -n "$macros" | sort) \
		"$(sed -n 's/^CFLAGS = //p' "$abs_builddir/Makefile")"
}

# more KIND DBMS PERCENT: what is above its bound, or has none.
more() {
	$AWK -F '\t' -v kind=$1 -v dbms=$2 -v percent=$3 '
	$1 != kind || $2 != dbms { next }
	{ key = $3 " " $4 " n=" $5 }
	FNR == NR { bound[key] = $6; next }
	!(key in bound) { print key ": no bound (make bench-bounds)"; next }
	$6 > bound[key] * (1 + percent / 100) {
		print key ": " $6 " " kind ", were " bound[key]
	}' "$bounds" "$tmp/now"
}

# What is lower now may stay so: said, but no failure.
fewer() {
	$AWK -F '\t' -v kind=$1 -v dbms=$2 -v percent=$3 '
	$1 != kind || $2 != dbms { next }
	{ key = $3 " " $4 " n=" $5 }
	FNR == NR { bound[key] = $6; next }
	key in bound && $6 < bound[key] * (1 - percent / 100) {
		print "# " dbms " " key ": " $6 " " kind ", were " \
			bound[key] ": make bench-bounds keeps it so"
	}' "$bounds" "$tmp/now"
}

compare() {
	fewer $1 $2 $3
	verdict "$1 of $2 are not more than before" "$(more $1 $2 $3)"
}

# on DBMS STATUS: its verdicts, by what came of counting.
on() {
	if test $2 = 77; then
		skip "calls on $1" "$(tail -n 1 "$tmp/why")"
		skip "trips on $1" "$(tail -n 1 "$tmp/why")"
	elif test $2 != 0; then
		verdict "calls and trips on $1" "counting failed
$(tail -n 3 "$tmp/why" "$tmp/errors" 2>/dev/null)"
	else
		compare calls $1 0
		test $1 != sqlite || compare compiled $1 0
		test $1 = sqlite || compare trips $1 0
	fi
}

update=
test "${1-}" != --update || update=yes
scratch
server=none
trap 'stop_all; rm -rf "$tmp"' EXIT
test -x "$peers/uow" || { echo "Bail out! no $peers/uow: make first"; exit 99; }
: >"$tmp/now"
: >"$tmp/why"
test -n "$update" || plan 9
for dbms in sqlite postgresql mariadb virtuoso; do
	case $dbms in
	sqlite) count_sqlite ;;
	*) count_server $dbms ;;
	esac >>"$tmp/now" 2>"$tmp/errors"
	status=$?
	if test -n "$update"; then
		test $status = 0 || { cat "$tmp/why" "$tmp/errors" >&2
			exit 1; }
	else
		on $dbms $status
	fi
done
why=$(incomparable)
if test -n "$why"; then
	# Not skip(): what developers need is installed by quickstart tools, and
	# quickstart check has to do without.
	echo "ok 9 - instructions of sqlite # SKIP $why"
elif instructions >>"$tmp/now" 2>"$tmp/errors"; then
	test -n "$update" || compare instructions sqlite 5
else
	verdict "instructions" "$(tail -n 5 "$tmp/said" "$tmp/errors")"
fi
if test -n "$update"; then
	{
		echo "# SPDX-License-Identifier: BSD-2-Clause"
		echo "# Of counts.sh; written by make bench-bounds."
		echo "# compiler: $(compiler)"
		cat "$tmp/now"
	} >"$tmp/bounds" && cat "$tmp/bounds" >"$bounds" || exit 1
	echo "written: $bounds"
fi
exit $tap_failed
