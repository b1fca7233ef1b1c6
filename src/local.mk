# SPDX-License-Identifier: BSD-2-Clause
# Everything is compiled once, into a library that is not installed. Tests
# link that and see internals; libuow.so is the same objects behind a map.
noinst_LTLIBRARIES += libuow-core.la
libuow_core_la_SOURCES =
libuow_core_la_LIBADD = $(ODBC_LIBS) $(ODBCINST_LIBS) $(INIH_LIBS) \
	$(PTHREAD_LIBS)

# Who may include whom: %D%/LAYERS.
libuow_core_la_SOURCES += \
	%D%/base/arena.c \
	%D%/base/arena.h \
	%D%/base/canceler.c \
	%D%/base/canceler.h \
	%D%/base/clock.c \
	%D%/base/clock.h \
	%D%/base/csv.c \
	%D%/base/csv.h \
	%D%/base/errors.c \
	%D%/base/errors.h \
	%D%/base/fork.c \
	%D%/base/fork.h \
	%D%/base/mem.c \
	%D%/base/mem.h \
	%D%/base/random.c \
	%D%/base/random.h \
	%D%/base/strbuf.c \
	%D%/base/strbuf.h \
	%D%/base/text.c \
	%D%/base/text.h
libuow_core_la_SOURCES += \
	%D%/model/compare.c \
	%D%/model/compare.h \
	%D%/model/convert.c \
	%D%/model/counter.c \
	%D%/model/counter.h \
	%D%/model/criterion.c \
	%D%/model/criterion.h \
	%D%/model/digits.c \
	%D%/model/digits.h \
	%D%/model/evaluate.c \
	%D%/model/field.c \
	%D%/model/field.h \
	%D%/model/links.c \
	%D%/model/links.h \
	%D%/model/mapping.c \
	%D%/model/mapping.h \
	%D%/model/match.c \
	%D%/model/match.h \
	%D%/model/row.c \
	%D%/model/row.h \
	%D%/model/shape.c \
	%D%/model/shape.h \
	%D%/model/span.c \
	%D%/model/span.h \
	%D%/model/text.c \
	%D%/model/text.h
libuow_core_la_SOURCES += \
	%D%/dialect/classify.c \
	%D%/dialect/classify.h \
	%D%/dialect/commits.c \
	%D%/dialect/commits.h \
	%D%/dialect/days.c \
	%D%/dialect/days.h \
	%D%/dialect/ddl.c \
	%D%/dialect/ddl.h \
	%D%/dialect/ddl_link.h \
	%D%/dialect/ddl_order.c \
	%D%/dialect/profile.c \
	%D%/dialect/profile_batch.c \
	%D%/dialect/profile.h \
	%D%/dialect/profile_file.c \
	%D%/dialect/profile_file.h \
	%D%/dialect/profile_keys.c \
	%D%/dialect/profile_match.c \
	%D%/dialect/profile_options.c \
	%D%/dialect/profile_rules.c \
	%D%/dialect/render.c \
	%D%/dialect/render_batch.c \
	%D%/dialect/render_together.c \
	%D%/dialect/render.h \
	%D%/dialect/render_text.c \
	%D%/dialect/render_where.c \
	%D%/dialect/renderer.h \
	%D%/dialect/secrets.c \
	%D%/dialect/secrets.h
libuow_core_la_SOURCES += \
	%D%/backend/backend.h \
	%D%/backend/memory/check.c \
	%D%/backend/memory/conn.c \
	%D%/backend/memory/define.c \
	%D%/backend/memory/diff.c \
	%D%/backend/memory/fault.c \
	%D%/backend/memory/fault.h \
	%D%/backend/memory/image.c \
	%D%/backend/memory/image.h \
	%D%/backend/memory/index.c \
	%D%/backend/memory/index.h \
	%D%/backend/memory/lock.c \
	%D%/backend/memory/memory.h \
	%D%/backend/memory/read.c \
	%D%/backend/memory/reads.c \
	%D%/backend/memory/search.c \
	%D%/backend/memory/search.h \
	%D%/backend/memory/session.h \
	%D%/backend/memory/state.c \
	%D%/backend/memory/state.h \
	%D%/backend/memory/store.c \
	%D%/backend/memory/store.h \
	%D%/backend/memory/table.c \
	%D%/backend/memory/txn.c \
	%D%/backend/memory/version.c \
	%D%/backend/memory/view.c \
	%D%/backend/memory/write.c \
	%D%/backend/odbc/array.c \
	%D%/backend/odbc/batch.c \
	%D%/backend/odbc/batch.h \
	%D%/backend/odbc/batch_way.c \
	%D%/backend/odbc/block.c \
	%D%/backend/odbc/block.h \
	%D%/backend/odbc/cancel.c \
	%D%/backend/odbc/catalog.c \
	%D%/backend/odbc/conn.c \
	%D%/backend/odbc/connstr.c \
	%D%/backend/odbc/connstr.h \
	%D%/backend/odbc/count.c \
	%D%/backend/odbc/cursor.h \
	%D%/backend/odbc/diag.c \
	%D%/backend/odbc/endpoint.c \
	%D%/backend/odbc/forms.c \
	%D%/backend/odbc/guard.c \
	%D%/backend/odbc/guard.h \
	%D%/backend/odbc/hand.c \
	%D%/backend/odbc/lent.c \
	%D%/backend/odbc/limits.c \
	%D%/backend/odbc/lists.c \
	%D%/backend/odbc/odbc.h \
	%D%/backend/odbc/options.c \
	%D%/backend/odbc/params.c \
	%D%/backend/odbc/park.c \
	%D%/backend/odbc/place.c \
	%D%/backend/odbc/prove.c \
	%D%/backend/odbc/prove.h \
	%D%/backend/odbc/read.c \
	%D%/backend/odbc/returned.c \
	%D%/backend/odbc/rowset.c \
	%D%/backend/odbc/slot.c \
	%D%/backend/odbc/slot.h \
	%D%/backend/odbc/source.c \
	%D%/backend/odbc/stmt.c \
	%D%/backend/odbc/stmt.h \
	%D%/backend/odbc/together.c \
	%D%/backend/odbc/together.h \
	%D%/backend/odbc/together_ask.c \
	%D%/backend/odbc/together_stmt.c \
	%D%/backend/odbc/txn.c \
	%D%/backend/odbc/types.c \
	%D%/backend/odbc/value.c \
	%D%/backend/odbc/verify.c \
	%D%/backend/odbc/where.c \
	%D%/backend/odbc/write.c
libuow_core_la_SOURCES += \
	%D%/pool/commits.c \
	%D%/pool/commits.h \
	%D%/pool/db.c \
	%D%/pool/db.h \
	%D%/pool/lease.c \
	%D%/pool/queue.c \
	%D%/pool/registry.c \
	%D%/pool/report.c \
	%D%/pool/report.h \
	%D%/pool/route.c \
	%D%/pool/route.h \
	%D%/pool/slot.c \
	%D%/pool/slot.h \
	%D%/pool/watchdog.c \
	%D%/pool/watchdog.h
libuow_core_la_SOURCES += \
	%D%/unit/begin.c \
	%D%/unit/change.c \
	%D%/unit/each.c \
	%D%/unit/entry.c \
	%D%/unit/entry.h \
	%D%/unit/flush.c \
	%D%/unit/flush.h \
	%D%/unit/flush_links.c \
	%D%/unit/flush_write.c \
	%D%/unit/hooks.c \
	%D%/unit/identity.c \
	%D%/unit/increment.c \
	%D%/unit/insert.c \
	%D%/unit/load.c \
	%D%/unit/load.h \
	%D%/unit/once.c \
	%D%/unit/once.h \
	%D%/unit/pages.c \
	%D%/unit/pages.h \
	%D%/unit/plan.c \
	%D%/unit/plan.h \
	%D%/unit/plan_edges.c \
	%D%/unit/plan_graph.h \
	%D%/unit/plan_order.c \
	%D%/unit/plan_rules.c \
	%D%/unit/query.c \
	%D%/unit/query.h \
	%D%/unit/refer.c \
	%D%/unit/repository.c \
	%D%/unit/repository.h \
	%D%/unit/run.c \
	%D%/unit/run.h \
	%D%/unit/scope.c \
	%D%/unit/settle.c \
	%D%/unit/spec.c \
	%D%/unit/spelling.c \
	%D%/unit/spelling.h \
	%D%/unit/sql.c \
	%D%/unit/stop.c \
	%D%/unit/token.c \
	%D%/unit/token.h \
	%D%/unit/track.c \
	%D%/unit/unit.c \
	%D%/unit/unit.h \
	%D%/unit/where.c
libuow_core_la_SOURCES += \
	%D%/schema/commits.c \
	%D%/schema/compare.c \
	%D%/schema/schema.c \
	%D%/schema/tables.c \
	%D%/schema/tables.h
libuow_core_la_SOURCES += \
	%D%/api/memory.c \
	%D%/api/memory.h \
	%D%/api/memory_clock.c \
	%D%/api/memory_fault.c \
	%D%/api/memory_load.c \
	%D%/api/memory_state.c \
	%D%/api/odbc.c \
	%D%/api/open.c \
	%D%/api/open.h \
	%D%/api/version.c

lib_LTLIBRARIES += libuow.la
libuow_la_SOURCES =
libuow_la_LIBADD = libuow-core.la
libuow_la_LDFLAGS = -no-undefined -version-info $(UOW_LT_VERSION)
if HAVE_VERSION_SCRIPT
libuow_la_LDFLAGS += -Wl,--version-script=$(srcdir)/%D%/libuow.map
else
libuow_la_LDFLAGS += -export-symbols-regex '^uow_'
endif
EXTRA_libuow_la_DEPENDENCIES = %D%/libuow.map
EXTRA_DIST += %D%/LAYERS %D%/libuow.map

pkgconfig_DATA = %D%/libuow.pc

# What only the program needs: not part of the library.
noinst_LTLIBRARIES += libuow-probe.la
libuow_probe_la_SOURCES = \
	%D%/probe/bench.c \
	%D%/probe/bench.h \
	%D%/probe/candidates.c \
	%D%/probe/candidates.h \
	%D%/probe/catalogue.c \
	%D%/probe/catalogue.h \
	%D%/probe/child.c \
	%D%/probe/child.h \
	%D%/probe/claims.c \
	%D%/probe/detour.c \
	%D%/probe/detour.h \
	%D%/probe/exp_arrays.c \
	%D%/probe/exp_batch.c \
	%D%/probe/exp_counts.c \
	%D%/probe/exp_forms.c \
	%D%/probe/exp_isolation.c \
	%D%/probe/exp_keys.c \
	%D%/probe/exp_lengths.c \
	%D%/probe/exp_lost.c \
	%D%/probe/exp_params.c \
	%D%/probe/exp_sql.c \
	%D%/probe/exp_text.c \
	%D%/probe/exp_threads.c \
	%D%/probe/exp_txn.c \
	%D%/probe/exp_types.c \
	%D%/probe/exp_wait.c \
	%D%/probe/experiment.c \
	%D%/probe/experiment.h \
	%D%/probe/facts.c \
	%D%/probe/facts.h \
	%D%/probe/judge.c \
	%D%/probe/lab.c \
	%D%/probe/lab.h \
	%D%/probe/override.c \
	%D%/probe/override.h \
	%D%/probe/report.c \
	%D%/probe/report.h \
	%D%/probe/sample.c \
	%D%/probe/sample.h \
	%D%/probe/search.c \
	%D%/probe/search.h \
	%D%/probe/seen.c \
	%D%/probe/seen.h \
	%D%/probe/session.c \
	%D%/probe/session.h \
	%D%/probe/spawn.c \
	%D%/probe/text.c \
	%D%/probe/text.h \
	%D%/probe/typed.c \
	%D%/probe/typed.h \
	%D%/probe/wait.c \
	%D%/probe/writer.c \
	%D%/probe/writer.h
libuow_probe_la_LIBADD = libuow-core.la

# It works with the library's inside, which is not exported: same objects.
bin_PROGRAMS += %D%/uow
src_uow_SOURCES = \
	%D%/cli/cli.h \
	%D%/cli/doctor.c \
	%D%/cli/json.c \
	%D%/cli/json.h \
	%D%/cli/main.c \
	%D%/cli/password.c \
	%D%/cli/profiles.c
src_uow_CPPFLAGS = $(AM_CPPFLAGS) $(POPT_CFLAGS) $(JANSSON_CFLAGS)
src_uow_LDADD = libuow-probe.la $(POPT_LIBS) $(JANSSON_LIBS)
