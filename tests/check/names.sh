#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# No database product is named in the code, comments included: what is peculiar
# to one is data in drivers-config/.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
plan 1

# Part of any word, and as words of their own.
anywhere='sqlite|postgres|psqlodbc|mysql|mariadb|galera|virtuoso|firebird'
anywhere="$anywhere|informix|sybase|freetds|mssql|sqlserver|duckdb|cockroach"
anywhere="$anywhere|clickhouse|snowflake|teradata|couchbase|percona"
words='oracle|db2|hana|ingres|vertica|netezza|sql server|aurora|h2'

cd "$srcdir" || exit 99

# grep_all PATTERN OPTION...
grep_all() {
	pattern=$1
	shift
	find src -type f ! -name '*.o' ! -name '*.lo' \
		-exec grep -E -i -n -I "$@" -e "$pattern" /dev/null {} +
}
verdict "no product is named in src/" "$(
	grep_all "$anywhere"
	grep_all "$words" -w)"
exit $tap_failed
