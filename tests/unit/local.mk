# SPDX-License-Identifier: BSD-2-Clause
# One program per module; its source is the file of its name.
unit_tests = \
	%D%/test-arena \
	%D%/test-block \
	%D%/test-canceler \
	%D%/test-classify \
	%D%/test-clock \
	%D%/test-codec \
	%D%/test-commits \
	%D%/test-connstr \
	%D%/test-counter \
	%D%/test-criterion \
	%D%/test-csv \
	%D%/test-days \
	%D%/test-digits \
	%D%/test-ddl \
	%D%/test-entry \
	%D%/test-errors \
	%D%/test-facts \
	%D%/test-field \
	%D%/test-flush \
	%D%/test-flush-hooks \
	%D%/test-guard \
	%D%/test-hooks \
	%D%/test-identity \
	%D%/test-judge \
	%D%/test-load \
	%D%/test-mapping \
	%D%/test-memory \
	%D%/test-memory-fault \
	%D%/test-memory-index \
	%D%/test-memory-isolation \
	%D%/test-memory-load \
	%D%/test-memory-locks \
	%D%/test-memory-state \
	%D%/test-memory-stress \
	%D%/test-once \
	%D%/test-override \
	%D%/test-plan \
	%D%/test-plan-deletes \
	%D%/test-plan-random \
	%D%/test-pool \
	%D%/test-pool-ends \
	%D%/test-pool-endpoints \
	%D%/test-pool-queue \
	%D%/test-profile \
	%D%/test-profile-shipped \
	%D%/test-query \
	%D%/test-radix \
	%D%/test-refer \
	%D%/test-render \
	%D%/test-render-batch \
	%D%/test-render-counters \
	%D%/test-report \
	%D%/test-repository \
	%D%/test-route \
	%D%/test-row \
	%D%/test-run \
	%D%/test-schema \
	%D%/test-scope \
	%D%/test-secrets \
	%D%/test-settle \
	%D%/test-shape \
	%D%/test-spec \
	%D%/test-sql \
	%D%/test-strbuf \
	%D%/test-text \
	%D%/test-token \
	%D%/test-track \
	%D%/test-typed \
	%D%/test-unit \
	%D%/test-values \
	%D%/test-watchdog \
	%D%/test-writer

tests_unit_test_days_SOURCES = \
	%D%/test-days.c

tests_unit_test_digits_SOURCES = \
	%D%/test-digits.c

tests_unit_test_criterion_SOURCES = \
	%D%/test-criterion.c \
	%D%/thing.h

tests_unit_test_entry_SOURCES = \
	%D%/test-entry.c \
	%D%/fake.c \
	%D%/fake.h

tests_unit_test_field_SOURCES = \
	%D%/test-field.c \
	%D%/thing.h

tests_unit_test_flush_hooks_SOURCES = \
	%D%/test-flush-hooks.c \
	%D%/fake.c \
	%D%/fake.h \
	%D%/flush-backend.h

tests_unit_test_flush_SOURCES = \
	%D%/test-flush.c \
	%D%/fake.c \
	%D%/fake.h \
	%D%/flush-backend.h

tests_unit_test_hooks_SOURCES = \
	%D%/test-hooks.c \
	%D%/fake.c \
	%D%/fake.h

tests_unit_test_identity_SOURCES = \
	%D%/test-identity.c \
	%D%/fake.c \
	%D%/fake.h

tests_unit_test_load_SOURCES = \
	%D%/test-load.c \
	%D%/fake.c \
	%D%/fake.h \
	%D%/recorder.c \
	%D%/recorder.h

tests_unit_test_plan_deletes_SOURCES = \
	%D%/test-plan-deletes.c \
	%D%/plan-tables.h

tests_unit_test_plan_random_SOURCES = \
	%D%/test-plan-random.c \
	%D%/plan-tables.h

tests_unit_test_plan_SOURCES = \
	%D%/test-plan.c \
	%D%/plan-tables.h

tests_unit_test_pool_SOURCES = \
	%D%/test-pool.c \
	%D%/fake.c \
	%D%/fake.h

tests_unit_test_pool_ends_SOURCES = \
	%D%/test-pool-ends.c \
	%D%/fake.c \
	%D%/fake.h

tests_unit_test_pool_endpoints_SOURCES = \
	%D%/test-pool-endpoints.c \
	%D%/fake.c \
	%D%/fake.h

tests_unit_test_pool_queue_SOURCES = \
	%D%/test-pool-queue.c \
	%D%/fake.c \
	%D%/fake.h

tests_unit_test_watchdog_SOURCES = \
	%D%/test-watchdog.c \
	%D%/fake.c \
	%D%/fake.h

tests_unit_test_query_SOURCES = \
	%D%/test-query.c \
	%D%/fake.c \
	%D%/fake.h \
	%D%/recorder.c \
	%D%/recorder.h

tests_unit_test_refer_SOURCES = \
	%D%/test-refer.c \
	%D%/fake.c \
	%D%/fake.h \
	%D%/recorder.c \
	%D%/recorder.h

tests_unit_test_repository_SOURCES = \
	%D%/test-repository.c \
	%D%/fake.c \
	%D%/fake.h \
	%D%/recorder.c \
	%D%/recorder.h

tests_unit_test_row_SOURCES = \
	%D%/test-row.c \
	%D%/thing.h

tests_unit_test_run_SOURCES = \
	%D%/test-run.c \
	%D%/fake.c \
	%D%/fake.h

tests_unit_test_scope_SOURCES = \
	%D%/test-scope.c \
	%D%/fake.c \
	%D%/fake.h

tests_unit_test_spec_SOURCES = \
	%D%/test-spec.c \
	%D%/fake.c \
	%D%/fake.h

tests_unit_test_sql_SOURCES = \
	%D%/test-sql.c \
	%D%/fake.c \
	%D%/fake.h \
	%D%/recorder.c \
	%D%/recorder.h

tests_unit_test_track_SOURCES = \
	%D%/test-track.c \
	%D%/fake.c \
	%D%/fake.h \
	%D%/flush-backend.h

tests_unit_test_unit_SOURCES = \
	%D%/test-unit.c \
	%D%/fake.c \
	%D%/fake.h

tests_unit_test_memory_SOURCES = \
	%D%/test-memory.c \
	%D%/memory-town.h

tests_unit_test_memory_fault_SOURCES = \
	%D%/test-memory-fault.c \
	%D%/memory-town.h

tests_unit_test_settle_SOURCES = \
	%D%/test-settle.c \
	%D%/memory-town.h

tests_unit_test_memory_load_SOURCES = \
	%D%/test-memory-load.c \
	%D%/memory-town.h

tests_unit_test_memory_state_SOURCES = \
	%D%/test-memory-state.c \
	%D%/memory-town.h

tests_unit_test_memory_isolation_SOURCES = \
	%D%/test-memory-isolation.c \
	%D%/memory-town.h

tests_unit_test_memory_locks_SOURCES = \
	%D%/test-memory-locks.c \
	%D%/memory-town.h

tests_unit_test_memory_stress_SOURCES = \
	%D%/test-memory-stress.c \
	%D%/memory-town.h

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
endif

# What belongs to the program uow.
tests_unit_test_facts_SOURCES = \
	%D%/test-facts.c \
	%D%/seen-of.h
tests_unit_test_facts_LDADD = libuow-probe.la $(LDADD)
tests_unit_test_judge_SOURCES = \
	%D%/test-judge.c \
	%D%/seen-of.h
tests_unit_test_judge_LDADD = libuow-probe.la $(LDADD)
tests_unit_test_override_LDADD = libuow-probe.la $(LDADD)
tests_unit_test_report_LDADD = libuow-probe.la $(LDADD)
tests_unit_test_typed_LDADD = libuow-probe.la $(LDADD)
tests_unit_test_writer_SOURCES = \
	%D%/test-writer.c \
	%D%/seen-of.h
tests_unit_test_writer_LDADD = libuow-probe.la $(LDADD)
