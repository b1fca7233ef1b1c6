#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the profiles of servers claim holds on servers. All at once: doctor
# waits more than it works. From a build folder.
#
# With UOW_TEST_WRITE_PROFILE=1 (make doctor-profiles, minutes): a profile is
# written for each as if it had none, and then claims no more than holds.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/doctor.subr"
# The servers run under other accounts.
chmod 711 "$tmp"
# With sanitizers the first two are enough.
test -n "${UOW_TEST_ONE_DRIVER-}" || virtuoso=virtuoso
servers=${UOW_TEST_SERVERS:-postgresql mariadb ${virtuoso-}}
all=$tmp
trap 'stop_all; rm -rf "$all"' EXIT

stop_all() {
	for name in $servers; do
		test ! -s "$all/$name/exports" || (
			. "$all/$name/exports"
			"$srcdir/tests/servers/$name" stop)
	done
}

connection() {
	case $1 in
	postgresql) echo "$UOW_TEST_POSTGRESQL" ;;
	mariadb) echo "$UOW_TEST_MARIADB" ;;
	virtuoso) echo "$UOW_TEST_VIRTUOSO" ;;
	esac
}

# Seconds for an experiment, and so for what hangs: a login that nobody answers.
seconds() {
	test "$1" = virtuoso && echo 14 || echo 20
}

holds() {
	run 0 "$uow" doctor --timeout="$(seconds "$1")" "$(connection "$1")"
	fact ' ' transaction.rollback yes yes yes
	hides 'are left'
	tables_left "$(connection "$1")"
	narrow | grep -v "^driver "
}

written() {
	mkdir "$tmp/own"
	cp "$srcdir/drivers-config/ansi.ini" "$tmp/own"
	run 0 "$uow" doctor --profile-dir="$tmp/own" \
		--write-profile="$tmp/own/new.ini" "$(connection "$1")"
	run 0 "$uow" doctor --profile-dir="$tmp/own" --profile=new \
		"$(connection "$1")"
	says '^verdict   what the profile claims holds'
	tables_left "$(connection "$1")"
}

# In a subshell: its own folder, whatever the others do.
examine() {
	tmp=$all/$1
	if test -s "$tmp/exports"; then
		. "$tmp/exports"
	else
		cat "$tmp/why"
		return
	fi
	if test -n "${UOW_TEST_WRITE_PROFILE-}"; then
		written "$1"
	else
		holds "$1"
	fi
}

plan $(echo $servers | wc -w)
for name in $servers; do
	mkdir "$all/$name"
	chmod 711 "$all/$name"
	"$srcdir/tests/servers/$name" start --no-sync \
		>"$all/$name/exports" 2>"$all/$name/why"
	test $? -ne 77 || {
		: >"$all/$name/absent"
		continue
	}
	(examine "$name") >"$all/$name/verdict" 2>&1 &
done
wait
for name in $servers; do
	what="what the profile of $name claims holds"
	if test -f "$all/$name/absent"; then
		skip "$what" "$(tail -n 1 "$all/$name/why")"
	else
		verdict "$what" "$(cat "$all/$name/verdict")"
	fi
done
exit $tap_failed
