#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every profile in drivers-config/ is installed, and every one that is
# installed exists.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
plan 3
cd "$srcdir/drivers-config" || exit 99

listed=$($SED -n 's/.*%D%\/\([^ ]*\.ini\).*/\1/p' local.mk | sort)
present=$(ls ./*.ini 2>/dev/null | $SED 's|^\./||' | sort)

verdict "there is the profile that all inherit from" "$(
	test -f ansi.ini || echo "no drivers-config/ansi.ini")"
verdict "every profile is installed" "$(for name in $present; do
	echo "$listed" | grep -q -x "$name" ||
		echo "drivers-config/local.mk lacks $name"
done)"
verdict "every installed profile exists" "$(for name in $listed; do
	test -f "$name" || echo "no drivers-config/$name"
done)"
exit $tap_failed
