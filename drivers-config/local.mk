# SPDX-License-Identifier: BSD-2-Clause
profiledir = $(pkgdatadir)/drivers
dist_profile_DATA = %D%/ansi.ini $(database_profiles)
database_profiles = \
	%D%/access.ini \
	%D%/db2.ini \
	%D%/firebird.ini \
	%D%/informix.ini \
	%D%/mariadb.ini \
	%D%/mysql.ini \
	%D%/oracle.ini \
	%D%/postgresql.ini \
	%D%/sqlite.ini \
	%D%/sqlserver.ini \
	%D%/sybase.ini \
	%D%/virtuoso.ini

# What a person copies into odbcinst.ini and odbc.ini, made from [odbcinst].
snippetdir = $(pkgdatadir)/odbcinst
nodist_snippet_DATA = \
	$(database_profiles:.ini=.odbcinst) \
	$(database_profiles:.ini=.odbc)
CLEANFILES += $(nodist_snippet_DATA)
EXTRA_DIST += %D%/snippets.awk
$(nodist_snippet_DATA): %D%/snippets.awk

SUFFIXES = .ini .odbcinst .odbc
make_snippet = $(MKDIR_P) $(@D) && \
	$(AWK) -f $(srcdir)/%D%/snippets.awk
.ini.odbcinst:
	$(AM_V_GEN)$(make_snippet) -v part=odbcinst $< >$@.new && mv $@.new $@
.ini.odbc:
	$(AM_V_GEN)$(make_snippet) -v part=odbc $< >$@.new && mv $@.new $@
