# SPDX-License-Identifier: BSD-2-Clause
# Throwaway servers, for tests and for people.
EXTRA_DIST += \
	%D%/common.subr \
	%D%/galera \
	%D%/mariadb \
	%D%/mariadb.subr \
	%D%/postgresql \
	%D%/virtuoso \
	%D%/wsrep_sst_copy
