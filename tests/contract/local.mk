# SPDX-License-Identifier: BSD-2-Clause
# One program: every case against every backend.
if HAVE_CMOCKA
check_PROGRAMS += %D%/contract
endif
tests_contract_contract_SOURCES = \
	%D%/backends.c \
	%D%/backends.h \
	%D%/cases-adopt.c \
	%D%/cases-agree.c \
	%D%/cases-bad.c \
	%D%/cases-batch.c \
	%D%/cases-cancel.c \
	%D%/cases-cluster.c \
	%D%/cases-counters.c \
	%D%/cases-criteria.c \
	%D%/cases-crowd.c \
	%D%/cases-crud.c \
	%D%/cases-cut.c \
	%D%/cases-db.c \
	%D%/cases-detached.c \
	%D%/cases-digits.c \
	%D%/cases-dirty.c \
	%D%/cases-each.c \
	%D%/cases-endpoints.c \
	%D%/cases-errors.c \
	%D%/cases-exact.c \
	%D%/cases-foreign.c \
	%D%/cases-generated.c \
	%D%/cases-graph.c \
	%D%/cases-hooks.c \
	%D%/cases-identity.c \
	%D%/cases-insert-all.c \
	%D%/cases-isolation.c \
	%D%/cases-keyed.c \
	%D%/cases-keys.c \
	%D%/cases-limits.c \
	%D%/cases-locale.c \
	%D%/cases-locks.c \
	%D%/cases-lost.c \
	%D%/cases-made.c \
	%D%/cases-nested.c \
	%D%/cases-nullable.c \
	%D%/cases-once.c \
	%D%/cases-order.c \
	%D%/cases-owned.c \
	%D%/cases-queries.c \
	%D%/cases-random.c \
	%D%/cases-run.c \
	%D%/cases-schema.c \
	%D%/cases-session.c \
	%D%/cases-spelling.c \
	%D%/cases-sql.c \
	%D%/cases-state.c \
	%D%/cases-threads.c \
	%D%/cases-together.c \
	%D%/cases-types.c \
	%D%/cases-unique.c \
	%D%/cases-values.c \
	%D%/cases-verify.c \
	%D%/cases-versions.c \
	%D%/cases-where.c \
	%D%/children.c \
	%D%/contract.c \
	%D%/contract.h \
	%D%/entities.c \
	%D%/entities.h \
	%D%/errors.c \
	%D%/errors.h \
	%D%/fixture.c \
	%D%/forced.c \
	%D%/forced.h \
	%D%/interposed.c \
	%D%/made.c \
	%D%/refused.c \
	%D%/refused.h \
	%D%/server.c \
	%D%/server.h \
	%D%/uncounted.c \
	$(proxy_client)
EXTRA_tests_contract_contract_DEPENDENCIES = tests/proxy/proxy
EXTRA_DIST += %D%/README.md

# The same on servers that are started for it.
server_contract_tests = \
	%D%/mariadb.sh \
	%D%/postgresql.sh
# Those that only "check" runs: they wait more than they compute.
cluster_contract_tests = \
	%D%/galera.sh \
	%D%/virtuoso.sh
dist_check_SCRIPTS += $(server_contract_tests) $(cluster_contract_tests)
EXTRA_DIST += \
	%D%/galera.sh \
	%D%/mariadb.sh \
	%D%/postgresql.sh \
	%D%/server.subr \
	%D%/virtuoso.sh
