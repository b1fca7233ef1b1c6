# SPDX-License-Identifier: BSD-2-Clause
profiledir = $(pkgdatadir)/drivers
dist_profile_DATA = \
	%D%/ansi.ini \
	%D%/mariadb.ini \
	%D%/postgresql.ini \
	%D%/sqlite.ini
