#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Does run notice a peer that crashes, reads wrong, writes wrong, or is absent?
# Programs with those faults take the places of peers.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
srcdir=$(cd "$srcdir" && pwd) || exit 99
: "${abs_builddir:=$PWD}" "${UOW_DRIVERS_PATH:=$srcdir/drivers-config}"
export UOW_DRIVERS_PATH
# It is needed for this alone, so nobody is asked to install it.
python3 -c 'import os' 2>/dev/null || {
	echo "1..0 # SKIP no python3"
	exit 0
}
plan 8
scratch
real=$abs_builddir/tests/bench
fake=$tmp/tests/bench
mkdir -p "$fake/peers" && ln -s "$real/measure" "$fake/measure" &&
	for program in tables hand uow; do
		ln -s "$real/peers/$program" "$fake/peers/$program" || exit
	done || exit 99

# peer NAME: a program that does what the text on its standard input says.
peer() {
	{
		echo '#!/bin/sh'
		echo "hand='$real/peers/hand'"
		cat
	} >"$fake/peers/$1" && chmod +x "$fake/peers/$1"
}

peer soci <<'END'
"$hand" "$@" | awk '{ $6 += 1; OFS = "\t"; $1 = $1; print }'
END
peer poco <<'END'
kill -SEGV $$
END
# One transfer too few, and the sum as if it had been made.
peer qt <<'END'
test $1 = W1 || exec "$hand" "$@"
right=$(cat "$0.sum")
"$hand" $1 $(($2 - 1)) $3 | awk -v sum=$right '{ print $1 "\t" $2 "\t" $3 \
	"\t" $4 + 1 "\t" $5 "\t" sum }'
END
peer native-sqlite <<'END'
echo "no such thing: pwd=secret;" >&2
exit 1
END
# What the right sum is.
sum_of_hand() {
	BENCH_CONNECTION="DRIVER=SQLite3;Database=$tmp/own.db"
	export BENCH_CONNECTION
	"$real/peers/tables" reset 20000 sqlite &&
		"$real/peers/hand" W1 200 sqlite | cut -f 6
}
sum_of_hand >"$fake/peers/qt.sum" || exit 99
unset BENCH_CONNECTION

BENCH_OUT=$tmp BENCH_DBMS=sqlite BENCH_RUNS=1 BENCH_WORKLOADS="W1 W5" \
BENCH_PEERS="hand uow soci poco qt native libzdb" \
	"$srcdir/tests/bench/run" "$srcdir" "$tmp" --quick >"$tmp/said" 2>&1 ||
	sed 's/^/# /' "$tmp/said"

# state PEER WORKLOAD STATE: what bench.tsv says of it.
state() {
	got=$($AWK -F '\t' -v p=$1 -v w=$2 '$1 == p && $2 == w { print $NF }' \
		"$tmp/bench.tsv")
	test "$got" = "$3" || echo "$1 $2: $got"
}
verdict "who does the work is ok" "$(
	for peer in hand uow; do
		for workload in W1 W5; do
			state $peer $workload ok
		done
	done)"
verdict "who reads wrong is void" "$(
	state soci W5 "void: wrong sum of what was read")"
verdict "who crashes is void" "$(state poco W1 "void: SIGSEGV")"
verdict "who writes wrong is void" "$(
	state qt W1 "void: wrong rows in the database")"
verdict "who fails is void, and no password is told" "$(
	state native W1 "void: no such thing: pwd=...;")"
verdict "who is absent is said to be" "$(
	grep -q '^absent: libzdb: not installed' "$tmp/said" ||
		cat "$tmp/said")"
# No peer of SQLite's drivers has one, but in W6.
verdict "a reason that is known is given once, for all of its peers" "$(
	cd "$tmp" && PYTHONDONTWRITEBYTECODE=1 python3 - "$srcdir" <<'END'
import importlib.machinery, importlib.util, sys, types
sys.path.insert(0, sys.argv[1] + "/tests/bench")
import report
loader = importlib.machinery.SourceFileLoader(
    "run", sys.argv[1] + "/tests/bench/run")
run = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("run", loader))
loader.exec_module(run)
bench = types.SimpleNamespace(cells={})
for name, workload, dbms in (("soci", "W1", "virtuoso"),
                             ("soci", "W2", "virtuoso"),
                             ("qt", "W1", "virtuoso"),
                             ("qt", "W1", "sqlite")):
    cell = bench.cells[name, workload, dbms] = run.Cell()
    cell.known = run.known(name, workload, dbms)
    cell.void = "SIGABRT"
heads = [(d, w) for d in ("virtuoso", "sqlite") for w in ("W1", "W2")]
lines = [s.split(": ")[:2] for s in report.void_lines(bench, heads)]
if lines != [["Void on virtuoso", "soci, qt"], ["Void on sqlite", "qt W1"]]:
    print(lines)
END
)"
verdict "the page and the table are written" "$(
	for file in bench.html bench.md bench-runs.tsv; do
		test -s "$tmp/$file" || echo "no $file"
	done
	grep -q '<abbr title=.*SIGSEGV' "$tmp/bench.html" ||
		echo "no SIGSEGV in the page"
	grep -q '^| \*\*uow\*\* | [0-9]' "$tmp/bench.md" ||
		echo "no ratio in bench.md")"
exit $tap_failed
