#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the examples print and how they fail, and that the README shows them as
# they are. From a build folder.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
scratch
plan 20
build=${abs_builddir:-$PWD}
transfer=$build/examples/transfer/transfer
register=$build/examples/register/register
blog=$build/examples/blog/blog
: "${UOW_DRIVERS_PATH:=$srcdir/drivers-config}"
export UOW_DRIVERS_PATH

bank() {
	echo "DRIVER=SQLite3;Database=$tmp/$1.db;SyncPragma=OFF"
}

# run STATUS COMMAND...: prints what is wrong; the output is in $tmp/out.
run() {
	want=$1
	shift
	"$@" >"$tmp/out" 2>&1
	status=$?
	test $status -eq "$want" || {
		echo "status $status, not $want:"
		cat "$tmp/out"
	}
}

# says LINE...: each is one of the lines, whole.
says() {
	for line; do
		grep -q -x -F -e "$line" "$tmp/out" || {
			echo "lacks: $line"
			cat "$tmp/out"
		}
	done
}

# counts WHAT NUMBER: so says the report.
counts() {
	grep -q "^ *$1  *$2\$" "$tmp/out" || {
		echo "$1 is not $2"
		cat "$tmp/out"
	}
}

hides() {
	for text; do
		! grep -F -n -e "$text" "$tmp/out"
	done
}

# --- the README ---------------------------------------------------------------

# The lines from $2 to the next line that is just "}", in file $1.
function_in() {
	$AWK -v first="$2" '
	index($0, first) == 1 { on = 1 }
	on { print }
	on && /^}/ { exit }' "$1"
}

# shown FILE FIRST_LINE
shown() {
	function_in "$srcdir/$1" "$2" >"$tmp/source"
	function_in "$srcdir/README.md" "$2" >"$tmp/readme"
	test -s "$tmp/source" || echo "$1 has no $2"
	diff "$tmp/source" "$tmp/readme"
	test "$(wc -l <"$tmp/source")" -lt 40 || echo "40 lines and more"
}
verdict "README shows the transfer as it is" "$(
	shown examples/transfer/transfer.c "static int transfer(")"
verdict "README shows the registration as it is" "$(
	shown examples/register/register.c "static int register_user(")"
verdict "README shows the request handler as it is" "$(
	shown examples/blog/blog.c "static int handle_request(")"
verdict "README shows a lost COMMIT as it is" "$(
	bank_tests=examples/test-without-db/test-bank.c
	shown $bank_tests "static void lose_commit("
	shown $bank_tests "static void a_lost_commit_that_happened")"
verdict "README shows the lines of a difference as they are" "$(
	$SED -n '/^    accounts 1: balance/,/^$/s/^    //p' \
		"$srcdir/README.md" | while read -r line; do
		test -z "$line" || grep -q -F -e "\"$line\\n\"" \
			"$srcdir/examples/test-without-db/test-bank.c" ||
			echo "not in the tests: $line"
	done)"
if test -x "$build/examples/test-without-db/test-bank"; then
	verdict "the bank's own tests take less than 50 ms" "$(
		for i in 1 2 3 4 5; do
			run 0 env CMOCKA_MESSAGE_OUTPUT=TAP \
				"$build/examples/test-without-db/test-bank"
			$SED -n 's/^# 6 tests in \([0-9]*\)\..* ms$/\1/p' \
				"$tmp/out"
		done | sort -n | $AWK '
			NR == 1 { best = $1 }
			END { if (NR < 5 || best >= 50) print "best: " best }')"
else
	skip "the bank's own tests take less than 50 ms" "there is no cmocka"
fi

# --- connection strings -------------------------------------------------------

# refused CODE CONNECTION
refused() {
	for program in "$register" "$blog"; do
		run 1 "$program" "$2;UID=me;PWD={s3cr;et}"
		grep -q "$1: ." "$tmp/out" || { echo "no $1"; cat "$tmp/out"; }
		hides 's3cr' 'et}'
	done
	run 2 "$transfer" --create --dsn="$2;UID=me;PWD={s3cr;et}"
	grep -q "$1: ." "$tmp/out" || { echo "no $1"; cat "$tmp/out"; }
	hides 's3cr' 'et}'
}
: >"$tmp/file"
verdict "a driver that is not there is UOW_ECONFIG" "$(
	refused UOW_ECONFIG 'DRIVER=no such driver;Database=x')"
verdict "a DSN that is not there is UOW_ECONFIG" "$(
	refused UOW_ECONFIG 'DSN=no-such-dsn')"
verdict "a name alone is that of a DSN" "$(
	run 2 "$transfer" --create --dsn=no-such-dsn
	grep -q 'UOW_ECONFIG: ' "$tmp/out" || cat "$tmp/out")"

if ! "$blog" "$(bank probe)" >"$tmp/out" 2>&1 &&
	grep -q UOW_ECONFIG "$tmp/out"; then
	reason=$(tail -n 1 "$tmp/out")
	for i in 10 11 12 13 14 15 16 17 18 19 20; do
		skip "examples $i" "$reason"
	done
	exit $tap_failed
fi
verdict "a file that cannot be opened is UOW_EIO" "$(
	refused UOW_EIO "DRIVER=SQLite3;Database=$tmp/file/x.db")"
verdict "a folder that is not there is UOW_EIO" "$(
	refused UOW_EIO "DRIVER=SQLite3;Database=$tmp/none/x.db")"

# --- register and blog --------------------------------------------------------

verdict "no mail, no user, no profile" "$(
	run 1 "$register" --fail-mail "$(bank register)"
	says 'UOW_EREJECTED: no mail server answers' 'users 0, profiles 0'
	hides queued)"
verdict "user and profile, then the mail" "$(
	run 0 "$register" "$(bank register)"
	says 'mail to user 1 is queued' 'users 1, profiles 1'
	run 0 "$register" "$(bank register)"
	says 'mail to user 2 is queued' 'users 2, profiles 2')"
verdict "a post has its id" "$(
	run 0 "$blog" "$(bank blog)"
	says 'Location: /posts/1'
	run 0 "$blog" "$(bank blog)"
	says 'Location: /posts/2')"

# --- transfer -----------------------------------------------------------------

verdict "a journal without a bank is refused, and says what to do" "$(
	printf '1,1,2,1.00,\n' >"$tmp/journal"
	run 2 "$transfer" --dsn="$(bank empty)" "$tmp/journal"
	grep -q -e '--create' "$tmp/out" || cat "$tmp/out")"
verdict "outcomes, one by one" "$(
	{
		printf '1,1,2,1000.00,"all, or ""nothing"""\n'
		printf '2,1,2,0.01,\n'
		printf '3,2,1,2000.01,\n'
		printf '4,3,3,1.00,\n'
		printf '5,3,11,1.00,\n'
		printf '6,3,4,1.000,\n'
		printf '\n'
		printf '8,3,4,1.00,cut'
	} >"$tmp/journal"
	run 0 "$transfer" --create=10 --dsn="$(bank transfer)" "$tmp/journal"
	counts committed 1
	counts refused 7
	counts 'unknown account' 1
	counts 'too little money' 2
	counts 'same account twice' 1
	counts 'malformed line' 3
	counts 'balances before' 10000.00
	counts 'balances after' 10000.00
	says '     5' '     2 3' '     4' '     6 7 8' 'The books balance.')"
verdict "done is done" "$(
	run 0 "$transfer" --dsn="$(bank transfer)" "$tmp/journal"
	says 'going on after line 8'
	counts committed 1
	hides 'per second')"
verdict "another journal is refused" "$(
	printf '1,1,2,1.00,\n' >"$tmp/journal"
	run 2 "$transfer" --dsn="$(bank transfer)" "$tmp/journal"
	grep -q 'another' "$tmp/out" || cat "$tmp/out")"
verdict "a second bank is refused until the first is dropped" "$(
	run 2 "$transfer" --create=5 --dsn="$(bank transfer)"
	run 0 "$transfer" --drop --create=5 --dsn="$(bank transfer)" \
		"$tmp/journal"
	counts 'balances after' 5000.00
	says 'The books balance.')"
verdict "progress is plain lines where there is no terminal" "$(
	sh "$srcdir/examples/transfer/make-journal" 1500 10 >"$tmp/journal"
	run 0 "$transfer" --drop --create=10 --dsn="$(bank transfer)" \
		"$tmp/journal"
	grep -q '^1000 of 1500 lines, [0-9]* lines/s, 0:0[0-9] left$' \
		"$tmp/out" || cat "$tmp/out"
	hides "$(printf '\r')" "$(printf '\033')")"
exit $tap_failed
