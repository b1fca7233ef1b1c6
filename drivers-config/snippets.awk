# SPDX-License-Identifier: BSD-2-Clause
# From a profile's [odbcinst], what a person copies into the files of the
# driver manager:
#
#	awk -v part=odbcinst -f snippets.awk NAME.ini	drivers (odbcinst.ini)
#	awk -v part=odbc -f snippets.awk NAME.ini	a data source (odbc.ini)

function trim(s)
{
	gsub(/^[ \t]+|[ \t]+$/, "", s)
	return s
}

function base(path)
{
	sub(/.*\//, "", path)
	sub(/\.ini$/, "", path)
	return path
}

/^\[/ { inside = tolower($0) == "[odbcinst]"; next }
!inside || /^[#;]/ || /^[ \t]*$/ { next }
/^[ \t]/ { value[key] = value[key] " " trim($0); next }
{
	at = index($0, "=")
	key = trim(substr($0, 1, at - 1))
	value[key] = trim(substr($0, at + 1))
}

END {
	if (!("name" in value) || !("library" in value) || !("dsn" in value)) {
		print FILENAME ": [odbcinst] lacks name, library or dsn" \
			>"/dev/stderr"
		exit 1
	}
	if (part == "odbcinst")
		drivers()
	else
		source()
}

function drivers(    names, libraries, n, i)
{
	print "# To register the driver: odbcinst -i -d -f THIS_FILE"
	print "# Package: " value["package"]
	n = split(value["name"], names, "|")
	split(value["library"], libraries, "|")
	for (i = 1; i <= n; i++) {
		print "[" trim(names[i]) "]"
		print "Driver = " trim(libraries[i])
	}
}

function source(    parts, n, i, at)
{
	print "# A data source to be adapted: odbcinst -i -s -f THIS_FILE, or"
	print "# by hand into ~/.odbc.ini. As a connection string:"
	print "#   " value["dsn"]
	print "[" base(FILENAME) "-example]"
	n = split(value["dsn"], parts, ";")
	for (i = 1; i <= n; i++) {
		at = index(parts[i], "=")
		if (at)
			print trim(substr(parts[i], 1, at - 1)) " = " \
				trim(substr(parts[i], at + 1))
	}
}
