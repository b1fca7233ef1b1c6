#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The same programs under the other driver manager: the loader puts iODBC's
# run-time library in the place of unixODBC's, nothing is compiled anew.
# From a build folder, after "make check" has built the contract suite.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch
plan 2
contract=${abs_builddir:-$PWD}/tests/contract/contract
: "${UOW_DRIVERS_PATH:=$srcdir/drivers-config}"
export UOW_DRIVERS_PATH

# library NAME: its path, as the loader knows it.
library() {
	/sbin/ldconfig -p | $SED -n "s|.* => \(.*/$1\)\$|\1|p" | head -n 1
}

# under_iodbc COMMAND...: LeakSanitizer would speak of the manager's own
# memory, and AddressSanitizer wants to be the first library.
under_iodbc() {
	LD_PRELOAD="$manager $installer" \
	ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 "$@"
}

# contract_on BACKEND: prints what is wrong.
contract_on() {
	under_iodbc env UOW_TEST_FILTER="$1/C/*" CMOCKA_MESSAGE_OUTPUT=TAP \
		"$contract" >"$tmp/out" 2>&1
	status=$?
	test $status -eq 0 && grep -q '^ok ' "$tmp/out" && return
	echo "status $status"
	grep -B 8 '^not ok' "$tmp/out"
	tail -n 5 "$tmp/out"
}

manager=$(library libiodbc.so.2)
installer=$(library libiodbcinst.so.2)
if test -z "$manager" || test -z "$installer"; then
	skip "iODBC manages the connections" "no libiodbc.so.2"
	skip "the contract suite passes under iODBC" "no libiodbc.so.2"
	exit 0
fi
case ${UOW_LINK_CFLAGS-} in
*thread*)
	# Its own locks are no business of ours.
	skip "iODBC manages the connections" "ThreadSanitizer"
	skip "the contract suite passes under iODBC" "ThreadSanitizer"
	exit 0 ;;
esac

# A test that runs under the wrong library proves nothing.
under_iodbc env LD_DEBUG=bindings LD_DEBUG_OUTPUT="$tmp/bindings" \
	UOW_TEST_FILTER='sqlite/C/crud/*' "$contract" >"$tmp/out" 2>&1
verdict "iODBC manages the connections" "$(
	cat "$tmp"/bindings.* | grep "normal symbol .SQLDriverConnect'" |
		grep -q "to $manager" || echo "not bound to $manager")"
verdict "the contract suite passes under iODBC" "$(contract_on sqlite)"
exit $tap_failed
