#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The bank transfer of examples/ is killed by kill -9 at random moments and
# started again until its journal is done. Then the books balance, each line
# has one audit row, and the outcome of each line is what a model of thirty
# lines of awk says. UOW_SEED=n repeats a run. From a build folder.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch
plan 8
transfer=${abs_builddir:-$PWD}/examples/transfer/transfer
example=$srcdir/examples/transfer
: "${UOW_DRIVERS_PATH:=$srcdir/drivers-config}"
export UOW_DRIVERS_PATH
seed=${UOW_SEED:-$((($(date +%s) * 7 + $$) % 1000000007))}
echo "# UOW_SEED=$seed"
journal_seed=$seed

# What has to become of each line: "LINE OUTCOME", in order.
model() {
	$AWK -F , -v accounts="$2" '
	BEGIN {
		for (i = 1; i <= accounts; i++) balance[i] = 100000
		memo = "([^\",]*|\"([^\"]|\"\")*\")"
	}
	function outcome(cents) {
		if ($0 !~ "^[0-9]+,[0-9]+,[0-9]+,[0-9]+[.][0-9][0-9]," memo "$")
			return "malformed"
		if ($1 != NR) return "malformed"
		if (!($2 in balance) || !($3 in balance)) return "unknown"
		if ($2 == $3) return "same"
		cents = $4
		sub(/[.]/, "", cents)
		if (balance[$2] < cents + 0) return "money"
		balance[$2] -= cents
		balance[$3] += cents
		return "committed"
	}
	{ print NR, outcome() }' "$1"
}

# The same from a report: the lists of lines that were refused.
refusals() {
	$AWK '
	/^audit/ { exit }
	/^  unknown account /    { outcome = "unknown"; next }
	/^  too little money /   { outcome = "money"; next }
	/^  same account twice / { outcome = "same"; next }
	/^  malformed line /     { outcome = "malformed"; next }
	outcome { for (i = 1; i <= NF; i++) print $i, outcome }' "$1" | sort -n
}

# Up to $1 hundredths of a second.
pause() {
	seed=$(((seed * 16807) % 2147483647))
	sleep "$(printf '0.%03d' $((seed % ($1 * 10) + 1)))"
}

# The first line of each run's report says where it began.
began() {
	$SED -n 's/^going on after line //p' "$tmp/out" >>"$tmp/began"
}

# At how many lines it has been stopped.
stops() {
	sort -u "$tmp/began" | wc -l
}

# Where the machine is busy a round may end before the first line.
kill_until_done() {
	rounds=0
	while test $rounds -lt 20 ||
	      { test $rounds -lt 200 && test "$(stops)" -lt 3; }; do
		rounds=$((rounds + 1))
		"$transfer" --quiet --dsn="$1" "$2" >"$tmp/out" 2>"$tmp/err" &
		pid=$!
		# A little longer each time, for slow machines.
		pause $((rounds + 3))
		kill -9 $pid 2>/dev/null
		wait $pid 2>/dev/null
		status=$?
		began
		test $status -eq 137 || break
	done
	# What is left goes on in peace.
	"$transfer" --quiet --dsn="$1" "$2" >"$tmp/out" 2>"$tmp/err"
	status=$?
	began
}

# kill_case NAME OPTIONS LINES: four verdicts. Not waiting for the disk makes no
# difference to kill -9, only to power cuts.
kill_case() {
	bank="DRIVER=SQLite3;Database=$tmp/$1.db;$2"
	sh "$example/make-journal" "$3" 200 "$journal_seed" >"$tmp/journal"
	model "$tmp/journal" 200 >"$tmp/model"
	if ! "$transfer" --create=200 --dsn="$bank" >"$tmp/out" 2>&1; then
		if grep -q UOW_ECONFIG "$tmp/out"; then
			for i in 1 2 3 4; do
				skip "$1 $i" "$(cat "$tmp/out")"
			done
			return
		fi
	fi
	cat "$tmp/out"
	: >"$tmp/began"
	kill_until_done "$bank" "$tmp/journal"
	sort -n -u "$tmp/began" >"$tmp/points"
	echo "# went on after lines" $(cat "$tmp/points")
	verdict "$1: stopped in the middle, again and again" "$(
		test "$(grep -c -v -x "$3" "$tmp/points")" -ge 3 ||
			echo "not three times")"
	verdict "$1: the books balance" "$(
		test $status -eq 0 || echo "status $status"
		cat "$tmp/err"
		grep -q '^The books balance\.$' "$tmp/out" || cat "$tmp/out")"
	verdict "$1: each line has one audit row" "$(
		has "committed" "$(grep -c committed "$tmp/model")"
		has "successes" "$(grep -c committed "$tmp/model")"
		has "ledger rows" "$(grep -c committed "$tmp/model")"
		has "audit rows" "$3")"
	grep -v committed "$tmp/model" >"$tmp/want"
	refusals "$tmp/out" >"$tmp/have"
	verdict "$1: the right lines were refused, for the right reasons" "$(
		diff "$tmp/want" "$tmp/have")"
}

# has NAME NUMBER: so says the report.
has() {
	grep -q "^ *$1  *$2\$" "$tmp/out" || {
		echo "$1 is not $2:"
		grep "$1" "$tmp/out"
	}
}

kill_case wal "JournalMode=WAL;SyncPragma=NORMAL" 5000
kill_case rollback-journal "SyncPragma=OFF" 3000
exit $tap_failed
