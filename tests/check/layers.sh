#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every #include in src/ obeys src/LAYERS.
. "${srcdir:-$(dirname "$0")/../..}/tests/check/tap.subr"
plan 3

# FILE:LINE:#include ...; blanks around the words do not count.
includes() {
	c_files src | while read -r file; do
		$SED -n 's/^[ 	]*#[ 	]*include[ 	]*/include /p' \
			"$srcdir/$file" | $SED "s|^|$file: |"
	done
}
list=$(includes)

verdict "private headers go downward only" "$(printf '%s\n' "$list" | $AWK '
	FNR == NR {
		sub(/#.*/, "")
		if (NF) { layer = $1; sub(/:$/, "", layer)
			sub(/^[^:]*:/, ""); may[layer] = " " $0 " " }
		next
	}
	$3 ~ /^"/ {
		file = $1; sub(/:$/, "", file)
		split(file, path, "/"); from = path[2]
		name = $3; gsub(/"/, "", name)
		split(name, part, "/"); to = part[1]
		if (name !~ /\//)
			print file ": \"" name "\" is not a path from src/"
		else if (!(to in may))
			print file ": \"" name "\" is in no layer"
		else if (!(from in may))
			print file ": in no layer of src/LAYERS"
		else if (from != to && may[from] !~ / all / &&
			 index(may[from], " " to " ") == 0)
			print file ": " from " may not include " name
	}' "$srcdir/src/LAYERS" -)"

verdict "of backend only backend.h is seen from outside" "$(
	printf '%s\n' "$list" | $AWK '
	$3 ~ /^"backend\// && $3 != "\"backend/backend.h\"" {
		file = $1; sub(/:$/, "", file)
		own = $3; sub(/^"/, "src/", own)
		home = file; sub(/\/[^\/]*$/, "/", home)
		if (file !~ /^src\/(api|probe)\// && index(own, home) != 1)
			print file ": " $3
	}')"

verdict "ODBC is for backend/odbc, probe and api/odbc.c" "$(
	printf '%s\n' "$list" | $AWK '
	$3 ~ /^<(sql|odbc|autotest|uow\/odbc\.h)/ &&
	$1 !~ /^src\/(backend\/odbc\/|probe\/|api\/odbc\.c:$)/ {
		print $1, $3 }')"
exit $tap_failed
