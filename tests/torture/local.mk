# SPDX-License-Identifier: BSD-2-Clause
# Scenarios with the nth call failing, until none fails.
torture_tests = \
	%D%/memory \
	%D%/torture

# Only calls from objects of the program itself are wrapped: the library.
alloc_wrap = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc \
	-Wl,--wrap=pthread_mutex_init,--wrap=pthread_cond_init \
	-Wl,--wrap=pthread_condattr_init,--wrap=pthread_condattr_setclock \
	-Wl,--wrap=pthread_create
# The program defines the SQL functions itself and looks for the real ones when
# it runs: nothing else makes the linker keep the driver manager.
odbc_wrap = -Wl,--no-as-needed

tests_torture_torture_SOURCES = \
	%D%/torture.c \
	examples/transfer/bank.c \
	examples/transfer/bank.h \
	examples/transfer/journal.c \
	examples/transfer/journal.h \
	examples/transfer/transfer.c \
	examples/transfer/transfer.h \
	%D%/alloc-shim.c \
	%D%/alloc-shim.h \
	%D%/auditor.c \
	%D%/auditor.h \
	%D%/odbc-shim.c \
	%D%/odbc-shim.h \
	%D%/place.c \
	%D%/place.h \
	%D%/scenarios.c \
	%D%/scenarios.h \
	%D%/series.c \
	%D%/ways.c \
	%D%/works.c
tests_torture_torture_LDFLAGS = $(alloc_wrap) $(odbc_wrap)

tests_torture_memory_SOURCES = \
	%D%/memory.c \
	examples/transfer/bank.c \
	examples/transfer/bank.h \
	%D%/alloc-shim.c \
	%D%/alloc-shim.h
tests_torture_memory_LDFLAGS = $(alloc_wrap)

if HAVE_CMOCKA
check_PROGRAMS += $(torture_tests)
endif

# On servers that are started for it: not in "make check", for it takes long.
server_torture_tests = \
	%D%/mariadb.sh \
	%D%/postgresql.sh
EXTRA_DIST += $(server_torture_tests) %D%/virtuoso.sh

# All points, everywhere; a server that is not installed is skipped.
torture: all
	UOW_TORTURE_STEP=1 UOW_TORTURE_SERVER_STEP=$${UOW_TORTURE_SERVER_STEP-1} \
		$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(torture_tests) \
		$(server_torture_tests) %D%/virtuoso.sh'
	@for place in torture mariadb postgresql virtuoso; do \
		echo "$$place:"; grep '^# ' %D%/$$place.log; \
	done
.PHONY: torture
