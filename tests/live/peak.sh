#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Much data takes little memory. By the kernel's count, so neither with
# sanitizers nor under valgrind, whose own memory it would be. All million rows,
# and on a server:
#
#	tests/bench/peak postgresql "$UOW_TEST_POSTGRESQL"
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch
plan 1
peak=${abs_builddir:-$PWD}/tests/bench/peak
: "${UOW_DRIVERS_PATH:=$srcdir/drivers-config}"
export UOW_DRIVERS_PATH
what="rows in thousands take less than 32 MiB, tracked ones 64 bytes each"

if grep -q __asan_init "$peak" || grep -q __tsan_init "$peak"; then
	verdict "$what (not measured with sanitizers)" ""
	exit $tap_failed
fi
# In the hands of the driver these rows would be 90 MiB.
"$peak" --rows 300000 sqlite "DRIVER=SQLite3;Database=$tmp/db" \
	>"$tmp/out" 2>"$tmp/why"
status=$?
if test $status -eq 77; then
	skip "$what" "$(cat "$tmp/why")"
else
	verdict "$what" "$(test $status -eq 0 || cat "$tmp/out" "$tmp/why")"
fi
exit $tap_failed
