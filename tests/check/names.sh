#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# No database product is named in the library's code, comments included: what
# is peculiar to one is data in drivers-config/. Programs in src/cli talk to
# people and may name what they like.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
plan 1

# Part of any word, and as words of their own.
anywhere='sqlite|postgres|psqlodbc|mysql|mariadb|galera|virtuoso|firebird'
anywhere="$anywhere|informix|sybase|freetds|mssql|sqlserver|duckdb|cockroach"
anywhere="$anywhere|clickhouse|snowflake|teradata|couchbase|percona"
words='oracle|db2|hana|ingres|vertica|netezza|sql server|aurora|h2'

verdict "no product is named in src/" "$(cd "$srcdir" &&
	find src -type f ! -path 'src/cli/*' ! -name '*.o' ! -name '*.lo' \
		-exec grep -E -i -n -I -e "$anywhere" /dev/null {} +
	cd "$srcdir" &&
	find src -type f ! -path 'src/cli/*' \
		-exec grep -E -i -n -I -w -e "$words" /dev/null {} +)"
exit $tap_failed
