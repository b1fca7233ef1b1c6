# SPDX-License-Identifier: BSD-2-Clause
# Side by side with the same work written by hand, in one process.
EXTRA_PROGRAMS += %D%/flush
tests_bench_flush_SOURCES = \
	%D%/bench.h \
	%D%/flush.c \
	%D%/hand.c \
	%D%/ours.c
tests_bench_flush_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_bench_flush_LDADD = libuow-core.la $(ODBC_LIBS)
CLEANFILES += %D%/flush

# What much data costs in memory: tests/live/peak.sh, and by hand on servers.
noinst_PROGRAMS += %D%/peak
tests_bench_peak_SOURCES = %D%/peak.c
tests_bench_peak_LDADD = libuow-core.la

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

# Side by side with what else there is, one program each. Those by hand and by
# the library are built here, the others by build-peers where they are installed.
noinst_PROGRAMS += \
	%D%/peers/uow \
	%D%/peers/hand \
	%D%/peers/best \
	%D%/peers/tables \
	%D%/measure
peer_sources = \
	%D%/peers/peer.c \
	%D%/peers/peer.h
odbc_sources = \
	%D%/peers/odbc.c \
	%D%/peers/odbc.h
hand_sources = \
	%D%/peers/hand.c \
	%D%/peers/hand.h

# As a user's program: with the shared library, where there is one.
tests_bench_peers_uow_SOURCES = $(peer_sources) %D%/peers/uow.c
tests_bench_peers_uow_LDADD = libuow.la
tests_bench_peers_uow_LDFLAGS = -no-install -pthread
tests_bench_peers_hand_SOURCES = $(peer_sources) $(odbc_sources) \
	$(hand_sources) %D%/peers/hand-main.c
tests_bench_peers_hand_LDADD = $(ODBC_LIBS)
tests_bench_peers_hand_LDFLAGS = -pthread
tests_bench_peers_best_SOURCES = $(peer_sources) $(odbc_sources) \
	$(hand_sources) %D%/peers/best.c
tests_bench_peers_best_LDADD = $(ODBC_LIBS)
tests_bench_peers_best_LDFLAGS = -pthread
tests_bench_peers_tables_SOURCES = $(peer_sources) $(odbc_sources) \
	%D%/peers/tables.c
tests_bench_peers_tables_LDADD = libuow-core.la $(ODBC_LIBS)
tests_bench_peers_tables_LDFLAGS = -pthread
tests_bench_measure_SOURCES = %D%/measure.c
tests_bench_measure_LDADD =

# Calls of ODBC functions, counted.
check_LTLIBRARIES += %D%/count-shim.la
tests_bench_count_shim_la_SOURCES = %D%/count-shim.c
tests_bench_count_shim_la_LDFLAGS = -module -avoid-version -rpath /nowhere
tests_bench_count_shim_la_LIBADD =
tests_bench_count_shim_la_CFLAGS = $(AM_CFLAGS) -fvisibility=default

# Tables in memory.
bench-memory: tests/bench/memory
	tests/bench/memory
.PHONY: bench-memory

# The library and ODBC by hand in one process: SQLite, and the servers that the
# environment names. BENCH_FLAGS=--quick: SQLite alone.
bench-flush: tests/bench/flush
	UOW_DRIVERS_PATH='$(abs_top_srcdir)/drivers-config' \
		tests/bench/flush $(BENCH_FLAGS)
.PHONY: bench-flush

# Everything that is installed, at most an hour; BENCH_DBMS, BENCH_PEERS,
# BENCH_RUNS choose. Writes bench.tsv, bench.html, bench.md.
bench bench-quick: all bench-peers tests/bench/count-shim.la
bench:
	$(srcdir)/%D%/run $(srcdir) .
bench-quick:
	$(srcdir)/%D%/run $(srcdir) . --quick
bench-peers:
	CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' $(SHELL) \
		$(srcdir)/%D%/build-peers $(srcdir)/%D%/peers %D%/peers
.PHONY: bench bench-quick bench-peers

# The ratios of the last run go into the README.
bench-readme:
	@test -s bench.md || { \
		echo "no bench.md here: make bench writes it" >&2; exit 1; }
	$(AWK) '/^<!-- bench.md -->/ { print; \
			while ((getline line < "bench.md") > 0) print line; \
			skip = 1; next } \
		/^<!-- end -->/ { skip = 0 } !skip' \
		'$(srcdir)/README.md' >bench-readme.tmp
	cat bench-readme.tmp >'$(srcdir)/README.md'
	rm -f bench-readme.tmp
.PHONY: bench-readme

# What does not depend on the machine, against bounds.tsv, and whether run sees
# wrong results; once in CI. bench-bounds: what there is now becomes the bound.
server_tests += %D%/counts.sh %D%/voids.sh
bench-bounds: all tests/bench/count-shim.la
	CC='$(CC)' AWK='$(AWK)' srcdir='$(srcdir)' \
		$(SHELL) $(srcdir)/%D%/counts.sh --update
.PHONY: bench-bounds
CLEANFILES += bench.tsv bench-runs.tsv bench.html bench.md
clean-local: clean-peers
clean-peers:
	-cd %D%/peers && rm -f native-sqlite native-postgresql native-mariadb \
		libzdb soci poco qt *.why *.log
.PHONY: clean-peers
EXTRA_DIST += \
	%D%/bounds.tsv \
	%D%/build-peers \
	%D%/counts.sh \
	%D%/install-peers \
	%D%/report.py \
	%D%/run \
	%D%/voids.sh \
	%D%/peers/libzdb.c \
	%D%/peers/native-mariadb.c \
	%D%/peers/native-postgresql.c \
	%D%/peers/native-sqlite.c \
	%D%/peers/peer.py \
	%D%/peers/poco.cc \
	%D%/peers/qt.cc \
	%D%/peers/soci.cc \
	%D%/peers/threads.sql \
	%D%/peers/transfer.sql \
	%D%/peers/with_pyodbc.py \
	%D%/peers/with_sqlalchemy.py

# Threads over a pool, beside the same by hand: a minute and a half.
EXTRA_PROGRAMS += %D%/threads-raw
tests_bench_threads_raw_SOURCES = %D%/threads-raw.c
tests_bench_threads_raw_LDADD = $(ODBC_LIBS)
tests_bench_threads_raw_LDFLAGS = -pthread
CLEANFILES += %D%/threads-raw
EXTRA_DIST += %D%/threads.sh
bench-threads: %D%/threads-raw tests/live/pool-threads
	srcdir='$(srcdir)' AWK='$(AWK)' SED='$(SED)' \
		$(SHELL) $(srcdir)/%D%/threads.sh
bench-threading: %D%/threads-raw tests/live/pool-threads
	BENCH_THREADING='0 1 2 3' srcdir='$(srcdir)' AWK='$(AWK)' \
		SED='$(SED)' $(SHELL) $(srcdir)/%D%/threads.sh
.PHONY: bench-threads bench-threading
