#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# fuzz.sh SECONDS: each program of this folder with clang's libFuzzer, address
# and undefined behaviour looked at, for so long. What is found lies in
# $FUZZ_FOLDER; an input that fails belongs into corpus/NAME with its mending.
#
#	FUZZ_JOBS=n	so many programs at a time (1)
#	FUZZ_ROUNDS=n	as many inputs as n seconds are good for, and the same
#			ones whenever nothing has changed: for tests, which
#			may not fail by luck. SECONDS is but a limit then.
#			Without it inputs are others each time, and begin with
#			those that have led somewhere before.
#	FUZZ_SEED=n	which the same ones are (1)
: "${srcdir:=.}" "${FUZZ_FOLDER:=found}" "${CLANG:=clang}" "${FUZZ_JOBS:=1}"
: "${FUZZ_ROUNDS=}" "${FUZZ_SEED:=1}"
export srcdir FUZZ_FOLDER CLANG FUZZ_ROUNDS FUZZ_SEED
flags="-std=c99 -g -O1 -fsanitize=address,undefined
	-fno-sanitize-recover=all -fno-omit-frame-pointer $FUZZ_CFLAGS"

# The layers that the programs need are built once, instrumented.
sources() {
	ls "$srcdir"/src/base/*.c "$srcdir"/src/model/*.c \
		"$srcdir"/src/dialect/*.c "$srcdir/src/backend/odbc/connstr.c"
}

programs() {
	for file in "$srcdir"/tests/fuzz/*.c; do
		basename "$file" .c
	done | grep -v -x replay
}

# each STEP: this script with STEP and one of the lines of its input, several
# at a time.
each() {
	xargs -n 1 -P "$FUZZ_JOBS" sh "$0" "$1"
}

compile() {
	name=$(echo "${1#"$srcdir"/src/}" | tr / -)
	$CLANG $flags -fsanitize=fuzzer-no-link -c \
		-o "$FUZZ_FOLDER/objects/${name%.c}.o" "$1"
}

link() {
	$CLANG $flags -fsanitize=fuzzer -o "$FUZZ_FOLDER/$1" \
		"$srcdir/tests/fuzz/$1.c" "$FUZZ_FOLDER/core.a" $FUZZ_LIBS
}

# What decides about the next input, and is the same each time: the order of
# the corpus, which inputs are there (no folder is looked into meanwhile), and
# addresses, since what is compared is taken for a hint.
always_the_same() {
	case $name in
	profile) round=1500 ;;
	criterion | redact) round=15000 ;;
	csv) round=40000 ;;
	*) round=80000 ;;
	esac
	inputs=$(ls "$srcdir/tests/fuzz/corpus/$name"/* | tr '\n' ,)
	set -- "$@" -runs=$((FUZZ_ROUNDS * round)) -reload=0 \
		-seed="$FUZZ_SEED" -seed_inputs="${inputs%,}" \
		"$FUZZ_FOLDER/same-$name"
	rm -rf "$FUZZ_FOLDER/same-$name" && mkdir "$FUZZ_FOLDER/same-$name" &&
		setarch "$(uname -m)" -R "$@"
}

run() {
	name=$1 log=$FUZZ_FOLDER/$1.log
	set -- "$FUZZ_FOLDER/$name" -max_total_time="$seconds" -max_len=4096 \
		-timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$FUZZ_FOLDER/$name-"
	if test -n "$FUZZ_ROUNDS"; then
		always_the_same "$@"
	else
		mkdir -p "$FUZZ_FOLDER/inputs-$name"
		"$@" "$FUZZ_FOLDER/inputs-$name" \
			"$srcdir/tests/fuzz/corpus/$name"
	fi >"$log" 2>&1 || {
		echo "$name: FAILED, see $log"
		tail -n 20 "$log"
		return 1
	}
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	took=$(sed -n 's/^Done .* in \([0-9]*\) second.*/\1/p' "$log")
	echo "$name: $runs inputs in $took s, nothing found"
}

case ${1-} in
compile | link) "$1" "$2"; exit ;;
run) run "$2"; exit ;;
esac
seconds=${1:-60}
export seconds
mkdir -p "$FUZZ_FOLDER/objects" || exit 99
rm -f "$FUZZ_FOLDER"/objects/*.o "$FUZZ_FOLDER/core.a"
echo "building with $CLANG"
sources | each compile && ar rc "$FUZZ_FOLDER/core.a" \
	"$FUZZ_FOLDER"/objects/*.o && programs | each link || exit 1
programs | each run || exit 1
