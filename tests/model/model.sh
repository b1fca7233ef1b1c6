#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The model of exactly_once, exhaustively: the quick lines of the list, or all
# of them with UOW_TEST_MODEL=all (make model).
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
model=$(cd "$srcdir" && pwd)/tests/model

scratch
command -v spin >/dev/null 2>&1 || {
	plan 1
	skip "the model of exactly_once" "there is no spin"
	exit $tap_failed
}

# try SWITCH...: prints "holds", "fails" or why neither, and how many states
try() {
	flags= live= search=-DSAFETY
	for switch; do
		case $switch in
		live) live="-a -f" search=-DNFAIR=3 flags="$flags -DENDS" ;;
		*) flags="$flags -D$switch" ;;
		esac
	done
	rm -f pan*
	spin -a $flags "$model/once.pml" >out 2>&1 &&
		${CC:-cc} $optimize -w $search -DCOLLAPSE -DVECTORSZ=2048 \
			-o pan pan.c >>out 2>&1 || {
		echo "not built: $(tail -n 1 out)"
		return
	}
	./pan $live -m500000 >out 2>&1
	states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' out)
	case $(sed -n 's/.*errors: \([0-9]*\).*/\1/p' out) in
	0)
		# No search that gave up is a proof.
		if grep -q 'too small\|not completed\|out of memory' out; then
			echo "incomplete after $states states"
		else
			echo "holds in $states states"
		fi
		;;
	[1-9]*) echo "fails" ;;
	*) echo "no result: $(tail -n 1 out)" ;;
	esac
}

# Of what is quick the compiler takes most.
what=${UOW_TEST_MODEL:-quick}
optimize=-O2
test "$what" = all || optimize=-O1
cd "$tmp" || exit 99
grep -v '^#' "$model/list" | {
	test "$what" = all && cat || grep '^quick'
} >lines
plan $(wc -l <lines)
while read -r when expected switches; do
	got=$(try $switches)
	case $got in
	"$expected"*) verdict "$switches: $got" ;;
	*) verdict "$switches: $expected" "$got" ;;
	esac
done <lines
exit $tap_failed
