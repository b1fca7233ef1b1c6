#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# SECURITY.md names a test for what it says: each of them exists.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
plan 1
cd "$srcdir" || exit 99

verdict "the tests that SECURITY.md names exist" "$(
	test -f SECURITY.md || echo "no SECURITY.md"
	grep -o '`[a-z_/]*`' SECURITY.md 2>/dev/null | tr -d '`' | sort -u |
	while read -r name; do
		case $name in
		tests/*) test -f "$name.c" || test -f "$name" ||
			echo "SECURITY.md: no $name" ;;
		*_*_*) grep -q -w -r -e "$name" tests/unit tests/contract \
			tests/torture || echo "SECURITY.md: no test $name" ;;
		esac
	done)"
exit $tap_failed
