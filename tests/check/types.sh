#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# libuow-types(7) says what the profiles say: its tables have their columns,
# bound in their way, and each proved profile has a table.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
cd "$srcdir" || exit 99
page=docs/libuow-types.7.scd

# chain PROFILE: the files it consists of, the one that all inherit from first.
chain() {
	parent=$($SED -n 's/^inherits = *//p' "drivers-config/$1.ini")
	test -z "$parent" || chain "$parent"
	echo "drivers-config/$1.ini"
}

# The rows of a profile's table, as the page writes them.
table() {
	$AWK '
	/^\[/ { type = ""; last = "" }
	/^\[type\.[a-z0-9-]+\]/ {
		type = substr($0, 7, length($0) - 7)
		if (!(type in seen)) {
			seen[type] = 1
			order[++types] = type
		}
	}
	type != "" && /^[a-z_]+ *=/ {
		key = $0
		sub(/ *=.*/, "", key)
		text = $0
		sub(/^[^=]*= */, "", text)
		value[type, key] = text
	}
	function add(list, text) {
		return list == "" ? text : list ", " text
	}
	END {
		for (i = 1; i <= types; i++) {
			t = order[i]
			column = value[t, "column"]
			long = value[t, "column_long"]
			if (long != "" && long != column)
				column = column "; " long
			limits = ""
			if (value[t, "nan"] == "yes")
				limits = add(limits, "NaN")
			if (value[t, "infinity"] == "yes")
				limits = add(limits, "infinities")
			if (value[t, "unscaled"] == "yes")
				limits = add(limits, "unscaled")
			if (t == "decimal-text" && value[t, "unordered"] != "")
				limits = add(limits, "no order")
			if (value[t, "fraction"] != "")
				limits = add(limits, value[t, "fraction"] \
					     " digits of a second")
			if (value[t, "length_max"] != "")
				limits = add(limits, "length to " \
					     value[t, "length_max"])
			print "|  " t
			print ":  " column
			print ":  " value[t, "bind"]
			print ":  " (limits == "" ? "-" : limits)
		}
	}' $(chain "$1")
}

# The same as it stands in the page.
written() {
	$SED -n "/^## $1\$/,/^#/p" $page | $SED -n '/^[|:]  /p'
}

proved=$(grep -l '^proved = yes' drivers-config/*.ini |
	$SED 's|.*/\(.*\)\.ini|\1|')
tables=$($SED -n '/^# COLUMNS/,/^# /s/^## //p' $page)
if test "${1-}" = --print; then
	table "$2"
	exit
fi
plan 2
scratch
verdict "every proved profile has a table" "$(
	for name in $proved; do
		echo "$tables" | grep -q -x "$name" ||
			echo "$page has no table for $name"
	done)"
verdict "every table says what its profile says" "$(
	for name in $tables; do
		test -f "drivers-config/$name.ini" ||
			echo "$page: there is no profile $name"
		table "$name" >"$tmp/table"
		written "$name" | diff "$tmp/table" - |
			$SED -n "s|^<|$page lacks for $name:|p
				s|^>|$page has for $name:|p"
	done)"
exit $tap_failed
