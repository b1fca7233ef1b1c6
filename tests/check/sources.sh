#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Lists of files in the build are written by hand, so that a build is the same
# everywhere; this finds what a list has forgotten.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
plan 4
cd "$srcdir" || exit 99

# missing LIST FOLDER FILE...: files that LIST, which is in FOLDER, lacks. A
# program of one source is listed without its ".c".
missing() {
	list=$1 folder=$2
	shift 2
	for file; do
		case $file in *\**) continue ;; esac
		name=${file#"$folder"/}
		grep -E -q "%D%/$name(\\.c)?([^A-Za-z0-9_./-]|\$)" "$list" ||
			echo "$list lacks $name"
	done
}

verdict "public headers are installed" "$(
	missing include/local.mk include include/uow/*.h)"
verdict "sources are built" "$(
	missing src/local.mk src $(c_files src))"
verdict "tests are run" "$(
	for file in tests/unit/*.[ch] tests/torture/*.[ch] \
		tests/fuzz/*.[ch]; do
		missing "${file%/*}/local.mk" "${file%/*}" "${file%.c}"
	done
	missing tests/torture/local.mk tests/torture tests/torture/*.sh
	missing tests/contract/local.mk tests/contract tests/contract/*.[ch] \
		tests/contract/*.sh
	missing tests/live/local.mk tests/live tests/live/*.sh
	missing tests/servers/local.mk tests/servers $(
		ls tests/servers/* | grep -v 'local\.mk$')
	missing tests/bench/local.mk tests/bench $(
		ls tests/bench/* tests/bench/peers/* -d | grep -v -e peers$ \
			-e 'local\.mk$')
	missing tests/check/local.mk tests/check tests/check/*.sh)"
verdict "examples are distributed" "$(
	for file in examples/*/*; do
		case $file in *.o | *.lo) continue ;; esac
		test ! -f "$file" ||
			missing examples/local.mk examples "$file"
	done)"
exit $tap_failed
