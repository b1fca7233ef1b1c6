# SPDX-License-Identifier: BSD-2-Clause
# Scenarios with the nth call failing, until none fails.
torture_tests = \
	%D%/memory \
	%D%/torture

# Only calls from objects of the program itself are wrapped: the library.
alloc_wrap = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
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
	%D%/books.c \
	%D%/books.h \
	%D%/odbc-shim.c \
	%D%/odbc-shim.h \
	%D%/scenarios.c \
	%D%/scenarios.h \
	%D%/series.c
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
