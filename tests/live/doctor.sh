#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The program uow: what it says of real databases, of profiles that claim too
# much, and of drivers that crash or hang. From a build folder.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/doctor.subr"
shim=$build/tests/live/.libs/fault-shim.so
secret=s3cret-word

# claims LINE...: a profile of that name that says more than ansi's heir.
claims() {
	mkdir -p "$tmp/drivers"
	cp "$srcdir"/drivers-config/*.ini "$tmp/drivers"
	{
		echo '[profile]'
		echo 'inherits = sqlite'
		printf '%s\n' "$@"
	} >"$tmp/drivers/boaster.ini"
}

# --- without any database -----------------------------------------------------

usage_tests() {
	verdict "a wrong command line is status 2" "$(
		run 2 "$uow"
		run 2 "$uow" nonsense
		run 2 "$uow" doctor
		run 2 "$uow" doctor ""
		run 2 "$uow" doctor --nonsense=$secret x
		says '^uow: --nonsense: unknown option'
		run 2 "$uow" doctor --write-profile=noini x
		says 'ends in .ini'
		run 2 "$uow" doctor --write-profile=ansi.ini x
		run 0 "$uow" doctor --help
		says '^Usage: uow doctor '
		run 2 "$uow" doctor one two
		run 2 "$uow" doctor --timeout=0 x
		run 2 "$uow" doctor --only=nonsense x
		run 2 "$uow" profiles more
		run 2 "$uow" check-profile)"
	verdict "the version is the library's" "$(
		run 0 "$uow" --version
		says '^uow [0-9.]* (unixODBC')"
	verdict "facts are listed without a connection" "$(
		run 0 "$uow" doctor --list
		says '^transaction.savepoints  '
		narrow
		run 0 "$uow" doctor --list --only=isolation
		says '^isolation.serializable  '
		hides 'transaction.')"
	verdict "profiles are listed with their folders" "$(
		run 0 "$uow" profiles
		says "^ansi  *- *$UOW_DRIVERS_PATH/ansi.ini\$"
		says "^sqlite  *proved *$UOW_DRIVERS_PATH/sqlite.ini\$")"
	verdict "a broken profile is told by file, line and key" "$(
		claims '[counts]' 'single = perhaps'
		run 1 "$uow" profiles --profile-dir="$tmp/drivers"
		says "^boaster  *broken  $tmp/drivers/boaster.ini:4: \[counts\]"
		run 1 "$uow" check-profile "$tmp/drivers/boaster.ini"
		says "^$tmp/drivers/boaster.ini:4: \[counts\] single: "
		run 0 "$uow" check-profile "$tmp/drivers/sqlite.ini"
		says ': ok$'
		run 1 "$uow" check-profile "$tmp/none.ini"
		run 1 "$uow" check-profile "$tmp/drivers")"
	verdict "a driver that is not there is status 3" "$(
		run 3 "$uow" doctor "DRIVER=none such;PWD=$secret"
		says 'cannot connect: '
		hides 's3cr'
		run 3 "$uow" doctor --dsn no-such-dsn)"
}

# --- SQLite -------------------------------------------------------------------

read_only="DRIVER=SQLite3;Database=file:$tmp/doctor.db?mode=ro"

file_tests() {
	verdict "what the profile of a file claims holds" "$(
		run 0 "$uow" doctor "$file;PWD=$secret"
		fact ' ' transaction.rollback yes yes yes
		fact ' ' transaction.ddl '(undone)' undone undone
		fact ' ' transaction.savepoint-after-error yes yes yes
		fact ' ' transaction.after-error - 'statement undone' -
		fact ' ' isolation.serializable '(yes)' yes yes
		fact ' ' count.single each each each
		fact ' ' parameter.offset - no -
		fact ' ' parameter.length no no no
		fact ' ' array.row.binary - no -
		fact ' ' array.status - no -
		fact ' ' array.failing - 'sets before stay' -
		fact ' ' key.returning - no -
		fact ' ' type.double exact exact exact
		fact ' ' type.fraction 9 9 9
		fact ' ' wait.query-timeout no no no
		fact ' ' wait.cancel yes yes yes
		fact ' ' thread.connections - yes -
		hides 's3cr'
		narrow)"
	verdict "nothing is left behind" "$(
		says '^scratch tables: uow_doctor_'
		tables_left)"
	verdict "some facts only" "$(
		run 0 "$uow" doctor --only='type.int*' --dsn="$file"
		fact ' ' type.int64 exact exact exact
		hides transaction.
		run 0 "$uow" doctor --only=text -c "$file"
		fact ' ' text.nul - cut -)"
	verdict "JSON says the same" "$(
		run 0 "$uow" doctor --json --only=count "$file"
		says '^ "profile": "sqlite",$'
		says '"name": "count.single"'
		says '"proved": "each"'
		says '^ "holds": true$')"
	verdict "a profile that claims too much is status 1 and named" "$(
		claims '[type.bytes]' 'rebind = no' '[transaction]' \
			'statement_timeout = yes'
		run 1 "$uow" doctor --only=wait --profile=boaster \
			--profile-dir="$tmp/drivers" "$file"
		fact '!' wait.query-timeout yes no no
		says '^!  *1 claimed by the profile and not so$'
		says '^verdict   the profile claims more than holds:$'
		says '^          wait.query-timeout: claimed yes, proved no$'
		run 1 "$uow" doctor --only=parameter --profile=boaster \
			--profile-dir="$tmp/drivers" "$file"
		fact '!' parameter.length yes no no
		run 1 "$uow" doctor --json --only=parameter \
			--profile=boaster --profile-dir="$tmp/drivers" "$file"
		says '"standing": "overclaimed"'
		says '^ "holds": false$')"
	verdict "with no profile all is done in the safest way" "$(
		run 0 "$uow" doctor --profile=ansi --only=transaction "$file"
		fact '+' transaction.savepoints no yes no
		run 0 "$uow" doctor --profile=ansi --only=wait "$file"
		run 0 "$uow" doctor --profile=ansi --only='sql.lock*' "$file"
		fact ' ' sql.lock-update no - no)"
	verdict "what could not be tried is not taken for proved" "$(
		run 5 "$uow" doctor --only=lost "$file"
		fact ' ' lost.dead-check free - free
		says '^verdict   nothing could be tried, so nothing is proved'
		run 5 "$uow" doctor --only=type "$read_only"
		says '^uow: nothing can be tried: no scratch table: '
		run 4 "$uow" doctor --write-profile="$tmp/x.ini" "$read_only"
		says '^uow: nothing was written: no scratch table: '
		test ! -e "$tmp/x.ini" || echo "an empty profile is left"
		run 4 "$uow" doctor --write-profile="$tmp/none/x.ini" "$file"
		says "^uow: $tmp/none/x.ini: ")"
	verdict "a password comes by descriptor, and is never shown" "$(
		run 0 sh -c "echo '$secret' | '$uow' doctor --password-fd=3 \
			--only=count '$file' 3<&0"
		hides 's3cr'
		run 2 "$uow" doctor --password-fd=9 --only=count "$file")"
}

# With --only, one of the driver's faults; the shim is loaded before it.
fault() {
	LD_PRELOAD=$shim UOW_FAULT=$1 ASAN_OPTIONS=verify_asan_link_order=0 \
		"$uow" doctor --timeout=2 --only="$2" "$file"
}

fault_tests() {
	verdict "a crash is a result" "$(
		run 1 fault crash:SAVEPOINT transaction
		fact '!' transaction.savepoints yes crashes never
		fact ' ' transaction.rollback yes yes yes
		says '^      setting a savepoint, signal 11$'
		tables_left)"
	verdict "so is a hang" "$(
		run 1 fault 'hang:ROLLBACK TO' transaction.savepoints
		fact '!' transaction.savepoints yes hangs never
		says '^      going back to a savepoint$'
		tables_left)"
	verdict "an interrupt leaves nothing behind" "$(
		LD_PRELOAD=$shim UOW_FAULT='hang:ROLLBACK TO' \
			ASAN_OPTIONS=verify_asan_link_order=0 \
			"$uow" doctor --only=transaction.savepoints "$file" \
			>"$tmp/out" 2>&1 &
		pid=$!
		sleep 1.5
		kill -TERM $pid
		wait $pid
		status=$?
		test $status -eq 143 || echo "status $status"
		tables_left)"
}

# --- a profile for a database that has none -----------------------------------

write_tests() {
	mkdir "$tmp/own"
	cp "$srcdir/drivers-config/ansi.ini" "$tmp/own"
	verdict "a profile is written for a database that has none" "$(
		run 0 "$uow" doctor --profile-dir="$tmp/own" \
			--write-profile="$tmp/own/new.ini" "$file"
		says "^written: $tmp/own/new.ini\$"
		narrow
		tables_left
		cp "$tmp/own/new.ini" "$tmp/out"
		says '^inherits = ansi$'
		says '^prove_parameters = no$'
		says '^option.FKSupport = 1$'
		says '^option.Timeout = 100$'
		says '^dbms = SQLite$'
		says '^last_key = SELECT last_insert_rowid()$'
		says '^savepoints = yes$'
		says '^# transaction.savepoints: '
		hides s3cret
		run 0 "$uow" check-profile --profile-dir="$tmp/own" \
			"$tmp/own/new.ini"
		run 0 "$uow" doctor --profile-dir="$tmp/own" --only=type \
			"$file"
		says '^profile   new')"
	verdict "and a program works with it" "$(
		UOW_DRIVERS_PATH=$tmp/own
		sh "$srcdir/examples/transfer/make-journal" 200 10 \
			>"$tmp/journal"
		run 0 "$build/examples/transfer/transfer" --create=10 \
			--dsn="$file" "$tmp/journal"
		says '^The books balance.$')"
}

plan 19
usage_tests
if ! "$uow" doctor --only=parameter "$file" >"$tmp/out" 2>&1 &&
	grep -q 'cannot connect' "$tmp/out"; then
	for i in 7 8 9 10 11 12 13 14 15 16 17 18 19; do
		skip "doctor $i" "$(tail -n 1 "$tmp/out")"
	done
else
	file_tests
	fault_tests
	write_tests
fi
exit $tap_failed
