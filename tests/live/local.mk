# SPDX-License-Identifier: BSD-2-Clause
# What only a real database shows.
dist_check_SCRIPTS += \
	%D%/doctor.sh \
	%D%/examples.sh \
	%D%/peak.sh \
	%D%/transfer-kill.sh

# Answers compared with what is stored, while everything is disturbed. make
# chaos does it for long.
noinst_PROGRAMS += %D%/chaos
tests_live_chaos_SOURCES = %D%/chaos.c
tests_live_chaos_LDADD = libuow-core.la
chaos: all $(check_PROGRAMS)
	CHAOS='20000 8 20' \
	CHAOS_BACKENDS='sqlite postgresql mariadb virtuoso galera' \
		srcdir='$(srcdir)' $(SHELL) $(srcdir)/%D%/chaos.sh
.PHONY: chaos

# For doctor.sh: a driver's faults, and what a database has in it.
check_LTLIBRARIES += %D%/fault-shim.la
tests_live_fault_shim_la_SOURCES = %D%/fault-shim.c
tests_live_fault_shim_la_LDFLAGS = -module -avoid-version -rpath /nowhere
tests_live_fault_shim_la_LIBADD =
tests_live_fault_shim_la_CFLAGS = $(AM_CFLAGS) -fvisibility=default
noinst_PROGRAMS += %D%/tables
tests_live_tables_SOURCES = %D%/tables.c
tests_live_tables_LDADD = $(ODBC_LIBS)

# Of tests/servers themselves, and what is the same with each build; the other
# one goes with the contract suite on servers.
server_tests = \
	%D%/chaos.sh \
	%D%/galera.sh \
	%D%/iodbc.sh \
	%D%/pool-threads.sh \
	%D%/server-kill.sh \
	%D%/servers.sh
dist_check_SCRIPTS += $(server_tests)
server_contract_tests += %D%/doctor-servers.sh
EXTRA_DIST += \
	%D%/chaos.sh \
	%D%/doctor.subr \
	%D%/doctor-servers.sh \
	%D%/galera.sh \
	%D%/iodbc.sh \
	%D%/pool-threads.sh \
	%D%/server-kill.sh \
	%D%/servers.sh

doctor-profiles: src/uow tests/live/tables
	srcdir='$(srcdir)' UOW_TEST_WRITE_PROFILE=1 \
		$(SHELL) $(srcdir)/%D%/doctor-servers.sh
.PHONY: doctor-profiles

# For server-kill.sh: transfers that are counted.
noinst_PROGRAMS += %D%/acknowledged
tests_live_acknowledged_SOURCES = %D%/acknowledged.c

# For pool-threads.sh: more threads than connections. make soak: for longer; in
# a build with ThreadSanitizer with SOAK_UNITS=20000. soak-memcheck: valgrind.
noinst_PROGRAMS += %D%/pool-threads
tests_live_pool_threads_SOURCES = %D%/pool-threads.c
SOAK_UNITS = 200000
soak: tests/live/pool-threads
	$(sanitizer_environment) \
	srcdir='$(srcdir)' UOW_POOL_UNITS=$(SOAK_UNITS) \
		$(SHELL) $(srcdir)/%D%/pool-threads.sh
soak-memcheck: tests/live/pool-threads
	srcdir='$(srcdir)' UOW_POOL_UNITS=2000 \
	UOW_POOL_RUN='$(VALGRIND) $(memcheck_flags) --fair-sched=yes' \
		$(SHELL) $(srcdir)/%D%/pool-threads.sh
.PHONY: soak soak-memcheck
noinst_PROGRAMS += %D%/control
tests_live_control_SOURCES = %D%/control.c
tests_live_control_LDADD = $(ODBC_LIBS)
