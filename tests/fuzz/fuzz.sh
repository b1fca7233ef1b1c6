#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# fuzz.sh SECONDS: each program of this folder with clang's libFuzzer, address
# and undefined behaviour looked at, for so long. What is found lies in
# $FUZZ_FOLDER; an input that fails belongs into corpus/NAME with its mending.
seconds=${1:-60}
: "${srcdir:=.}" "${FUZZ_FOLDER:=found}" "${CLANG:=clang}"
flags="-std=c99 -g -O1 -fsanitize=address,undefined
	-fno-sanitize-recover=all -fno-omit-frame-pointer"
mkdir -p "$FUZZ_FOLDER" || exit 99

# The layers that the programs need are built once, instrumented.
build() {
	mkdir -p "$FUZZ_FOLDER/objects"
	rm -f "$FUZZ_FOLDER"/objects/*.o "$FUZZ_FOLDER/core.a"
	for file in "$srcdir"/src/base/*.c "$srcdir"/src/model/*.c \
		"$srcdir"/src/dialect/*.c "$srcdir/src/backend/odbc/connstr.c"
	do
		name=$(echo "${file#"$srcdir"/src/}" | tr / -)
		$CLANG $flags $FUZZ_CFLAGS -fsanitize=fuzzer-no-link \
			-c -o "$FUZZ_FOLDER/objects/${name%.c}.o" "$file" ||
			return
	done
	ar rc "$FUZZ_FOLDER/core.a" "$FUZZ_FOLDER"/objects/*.o
}
echo "building with $CLANG"
build || exit 1

status=0
for file in "$srcdir"/tests/fuzz/*.c; do
	name=$(basename "$file" .c)
	case $name in replay) continue ;; esac
	$CLANG $flags -fsanitize=fuzzer $FUZZ_CFLAGS -o "$FUZZ_FOLDER/$name" \
		"$file" "$FUZZ_FOLDER/core.a" $FUZZ_LIBS || exit 1
	mkdir -p "$FUZZ_FOLDER/inputs-$name"
	"$FUZZ_FOLDER/$name" -max_total_time="$seconds" -max_len=4096 \
		-timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$FUZZ_FOLDER/$name-" \
		"$FUZZ_FOLDER/inputs-$name" \
		"$srcdir/tests/fuzz/corpus/$name" \
		>"$FUZZ_FOLDER/$name.log" 2>&1
	got=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' \
		"$FUZZ_FOLDER/$name.log")
	if test $got -eq 0; then
		echo "$name: $runs inputs in $seconds s, nothing found"
	else
		echo "$name: FAILED, see $FUZZ_FOLDER/$name.log"
		tail -n 20 "$FUZZ_FOLDER/$name.log"
		status=1
	fi
done
exit $status
