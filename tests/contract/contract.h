/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONTRACT_H
#define CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <uow/memory.h>
#include <uow/schema.h>
#include <uow/uow.h>

#include "backends.h"
#include "entities.h"

/*
 * What a case has: a data source without tables, open in db, on the backend
 * and in the locale of the pass. The case makes the tables it needs with
 * tables(). Every case starts from nothing, so that one that fails with its
 * unit open does not drag others along.
 */
struct pass {
	const struct backend *backend;
	const char *locale;
};

/* What a test of the group is given. */
struct job {
	const struct pass *pass;
	const char *topic, *name;
	CMUnitTestFunction run;
};

struct fixture {
	const struct job *job;
	jmp_buf out;		/* of the case, for leave() */
	bool refused;		/* left so */
	const struct pass *pass;
	const struct backend *backend;
	struct source source;
	uow_db *db;
	uow_error err;
};

struct topic {
	const char *name;
	const struct CMUnitTest *cases;
	size_t count;
};

int fixture_setup(void **state);
void fixture_run(void **state);		/* the job's case */
int fixture_teardown(void **state);

#define CASE(fn) \
	cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
#define TOPIC(id, title) \
	const struct topic id##_topic = \
		{ title, id##_cases, \
		  sizeof(id##_cases) / sizeof(id##_cases[0]) }

/*
 * Leave the case unless the backend has all of these flags: it is about
 * something that this kind of database is not like. Counted, and no skip.
 * Where there is no SQL, cases about it are this: the library refuses it.
 */
#define needs(f, flag) \
	do { \
		if ((flag) & BACKEND_SQL & ~(f)->backend->flags) { \
			refuses_sql(f); \
			leave(f, LEFT_REFUSED, #flag); \
		} \
		if (((f)->backend->flags & (flag)) != (flag)) \
			leave(f, LEFT_OTHER_KIND, #flag); \
	} while (0)

/*
 * Unless the profile offers it, the case is this: the library refuses it as
 * documented. Counted apart.
 */
#define needs_feature(f, feature) \
	do { \
		if (!uow_db_has((f)->db, (feature))) { \
			refuses(f, feature); \
			leave(f, LEFT_REFUSED, #feature); \
		} \
	} while (0)

enum left { LEFT_NOT, LEFT_OTHER_KIND, LEFT_REFUSED, LEFT_WAYS };

/* Ends the case, from however deep. */
void leave(struct fixture *f, enum left why, const char *what)
	__attribute__((noreturn));
/* The documented code, and a message that names what is not there. */
void refuses(struct fixture *f, uow_feature feature);
void refuses_sql(struct fixture *f);
/* How many cases ended in that way. */
unsigned cases_left(enum left why);

/*
 * Skip where a long double is no wider than a double (valgrind): databases
 * turn numbers into text with its help, and lose the last bit there.
 */
#define needs_long_double() \
	do { \
		if (!long_double_is_long()) { \
			print_message("# SKIP long double is a double here " \
				      "(valgrind?)\n"); \
			skip(); \
		} \
	} while (0)
bool long_double_is_long(void);

/* False: SQLRowCount says -1, whatever the driver. True when a case begins. */
extern bool rows_are_told;

/*
 * Asked what to send instead of a statement that is not prepared. NULL when a
 * case begins.
 */
extern const char *(*before_direct)(const char *sql);

/* Make the tables of these entities, list ended by NULL. */
void tables(struct fixture *f, ...);

/* Open a data source on the case's database; f->err says why not. */
int source_open(struct fixture *f, uow_db **out, const uow_db_options *opts);

/* Another data source on the same database. Free with uow_db_free(). */
uow_db *another(struct fixture *f);
uow_db *another_with(struct fixture *f, const uow_db_options *opts);

/* Units by hand, any failure failing the case. */
#define begin(f) begin_((f)->db, NULL, __FILE__, __LINE__)
#define begin_on(db, opts) begin_(db, opts, __FILE__, __LINE__)
#define commit(u) commit_(u, __FILE__, __LINE__)
uow_unit *begin_(uow_db *db, const uow_options *opts, const char *file,
		 int line);
void commit_(uow_unit *u, const char *file, int line);

/* Success of a call on unit u, or its pointer, else the unit's failure. */
#define must(u, call) must_(u, call, #call, __FILE__, __LINE__)
#define need(u, call) need_(u, call, #call, __FILE__, __LINE__)
void must_(const uow_unit *u, int rc, const char *call, const char *file,
	   int line);
void *need_(const uow_unit *u, void *p, const char *call, const char *file,
	    int line);

/* A call on u gives this code, and u has failed with it. */
#define must_fail(u, call, code) \
	must_fail_(u, call, code, #call, __FILE__, __LINE__)
void must_fail_(const uow_unit *u, int rc, int code, const char *call,
		const char *file, int line);

/* A call with an error of its own (f->err, say). */
#define succeeds(call, err) \
	code_(call, 0, err, #call, __FILE__, __LINE__)
#define gives(call, code, err) \
	code_(call, code, err, #call, __FILE__, __LINE__)
void code_(int rc, int code, const uow_error *err, const char *call,
	   const char *file, int line);

/* u has failed with this code. */
#define failed(u, code) \
	code_(uow_status(u), code, uow_unit_error(u), "uow_status", \
	      __FILE__, __LINE__)

#define contains(text, part) contains_(text, part, __FILE__, __LINE__)
void contains_(const char *text, const char *part, const char *file,
	       int line);

/* Rows of e that a new unit counts. */
uint64_t rows_in(struct fixture *f, const uow_entity *e);

/* A way to the backend that can be broken: cases-cut.c. */
struct proxy_client;
uow_db *proxied(struct fixture *f, struct proxy_client *p,
		const char *options);
/* The connection by way of another port, with options in front of the rest. */
void through(const struct fixture *f, unsigned port, const char *options,
	     char *out, size_t size);

/* Statements seen on a data source, for its trace. */
struct seen {
	unsigned selects, inserts, updates, deletes, others, failures;
	char last[4096];
	char all[65536];
};
void see(const uow_trace *event, void *arg);
uow_db *watched(struct fixture *f, struct seen *seen);

/* A clock that stands still but for its sleeps, and counts these. */
struct still_clock {
	uint64_t now, slept;
	unsigned sleeps;
	uow_clock clock;
};
void still_clock_init(struct still_clock *c);

/* Numbers that look random and are the same for the same seed. */
struct dice {
	uint64_t state;
};
void dice_seed(struct dice *d);	/* from UOW_TEST_SEED or time; printed */
uint64_t dice_roll(struct dice *d, uint64_t below);
uint64_t dice_bits(struct dice *d);

/* Milliseconds of a monotonic clock. */
uint64_t now_ms(void);
void sleep_ms(unsigned ms);

/*
 * This program again, in another process (never fork() with open ODBC
 * handles): role and arguments are children.c's.
 */
struct child {
	int pid;
	int to, from;
};
void child_start(struct child *c, struct fixture *f, const char *role,
		 const char *arg);
bool child_hears(struct child *c);	/* waits for the child's "ready" */
void child_go_on(struct child *c);
int child_end(struct child *c);		/* exit status, -1 when killed */
int child_main(int argc, char **argv);
void child_program(const char *argv0);

#endif
