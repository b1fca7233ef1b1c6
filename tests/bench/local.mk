# SPDX-License-Identifier: BSD-2-Clause
# Side by side with the same work written by hand: make bench.
EXTRA_PROGRAMS += %D%/flush
tests_bench_flush_SOURCES = \
	%D%/bench.h \
	%D%/flush.c \
	%D%/hand.c \
	%D%/ours.c
tests_bench_flush_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_bench_flush_LDADD = libuow-core.la $(ODBC_LIBS)
CLEANFILES += %D%/flush

EXTRA_PROGRAMS += %D%/memory
tests_bench_memory_SOURCES = \
	%D%/memory.c \
	examples/transfer/bank.c \
	examples/transfer/bank.h \
	examples/transfer/journal.h \
	examples/transfer/transfer.c \
	examples/transfer/transfer.h
tests_bench_memory_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_bench_memory_LDADD = libuow-core.la
CLEANFILES += %D%/memory

# Tables in memory.
bench-memory: tests/bench/memory
	tests/bench/memory
.PHONY: bench-memory

# BENCH_FLAGS=--quick: SQLite alone, once.
bench: tests/bench/flush
	UOW_DRIVERS_PATH='$(abs_top_srcdir)/drivers-config' \
		tests/bench/flush $(BENCH_FLAGS)
.PHONY: bench
