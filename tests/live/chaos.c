/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <uow/schema.h>
#include <uow/uow.h>

/*
 * Transfers whose answers are compared with what is stored, whatever is done
 * to server, connections and clients meanwhile; chaos.sh does it.
 *
 *	chaos setup CONNECTION...
 *	chaos work FIRST COUNT PACE once|plain LOG CONNECTION...
 *	chaos check once|plain CONNECTION LOG...
 *
 * Several connections are endpoints of one database. A worker does COUNT
 * transfers from number FIRST on, with pauses of PACE microseconds, and adds to
 * LOG a line before each and a line with its answer. check reads all of it:
 * what was answered with 0 is stored once, a failure is not stored, what is
 * unknown or has no answer (a worker that was killed) at most once; with
 * "once" nothing is unknown; and the balances are those of what is stored.
 */
enum { ACCOUNTS = 24, START = 1000000, MOST = 1000000, OPEN_TRIES = 400 };

struct money {
	int64_t id;
	int64_t amount;
	int64_t version;
};
static const uow_column money_columns[] = {
	UOW_INT64(struct money, id, "id", UOW_KEY),
	UOW_INT64(struct money, amount, "amount", 0),
	UOW_INT64(struct money, version, "version", UOW_ROW_VERSION),
};
static const uow_entity money_entity =
	UOW_ENTITY(struct money, "chaos_money", money_columns);
UOW_REPOSITORY(money, struct money, money_entity);

/* Its key is generated, so that a second one would be stored as well. */
struct slip {
	int64_t id;
	int64_t number;
	int32_t debit, credit, amount;
};
static const uow_column slip_columns[] = {
	UOW_INT64(struct slip, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_INT64(struct slip, number, "number", 0),
	UOW_INT32(struct slip, debit, "debit", 0),
	UOW_INT32(struct slip, credit, "credit", 0),
	UOW_INT32(struct slip, amount, "amount", 0),
};
static const uow_entity slip_entity =
	UOW_ENTITY(struct slip, "chaos_slips", slip_columns);
UOW_REPOSITORY(slip, struct slip, slip_entity);

static const uow_entity *const entities[] = { &money_entity, &slip_entity };

static int complain(const char *what, const uow_error *err)
{
	printf("%s: %s: %s\n", what, uow_code_name(err->code), err->message);
	return 1;
}

static void pause_usec(long usec)
{
	struct timespec t = { usec / 1000000, usec % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

/* Rows of tokens that were read: doubts that had to be settled. */
static unsigned settled;

static void watch(const uow_trace *event, void *arg)
{
	(void)arg;
	if (!strcmp(event->unit, "exactly_once") &&
	    !strncmp(event->sql, "SELECT", 6))
		settled++;
}

/* The server may be down just now. */
static uow_db *open_db(char **connections)
{
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	uow_db *db = NULL;
	int i;

	o.connection = connections[0];
	o.endpoints = (const char *const *)connections + 1;
	o.pool_max = 2;
	o.trace = watch;
	for (i = 0; i < OPEN_TRIES; i++) {
		if (!uow_db_open(&db, &o, &err))
			return db;
		pause_usec(100000);
	}
	complain("open", &err);
	return NULL;
}

/* -- setup -- */

static int open_accounts(uow_unit *u, void *arg)
{
	int64_t i;

	(void)arg;
	for (i = 0; i < ACCOUNTS; i++) {
		struct money m = { i, START, 0 };

		money_add(money_repository_of(u), &m);
	}
	return 0;
}

static int setup(char **connections)
{
	uow_error err = UOW_ERROR_INIT;
	uow_db *db = open_db(connections);
	int rc = 1;

	if (!db)
		return 1;
	if (uow_schema_drop(db, entities, 2, &err) ||
	    uow_schema_create(db, entities, 2, &err) ||
	    uow_schema_create_commits(db, &err) ||
	    uow_run(db, NULL, open_accounts, NULL, &err))
		complain("setup", &err);
	else
		rc = 0;
	uow_db_free(db);
	return rc;
}

/* -- work -- */

struct job {
	int64_t number;
	uint64_t dice;
	unsigned bodies;
	int32_t debit, credit, amount;
	bool once;
};

static unsigned roll(uint64_t *dice, unsigned below)
{
	*dice = *dice * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)((*dice >> 33) % below);
}

/*
 * One of twenty is refused, and of those that are tried again a third: a body
 * that says no while its first COMMIT is still on its way.
 */
static int transfer(uow_unit *u, void *arg)
{
	struct job *j = arg;
	money_repository *accounts = money_repository_of(u);
	struct money *from, *to;
	struct slip s = { 0, j->number, j->debit, j->credit, j->amount };

	j->bodies++;
	from = money_get(accounts, j->debit);
	to = money_get(accounts, j->credit);
	if (!from || !to)
		return uow_status(u);
	if (j->bodies == 1 ? !roll(&j->dice, 20) : !roll(&j->dice, 3))
		return uow_fail(u, UOW_EREJECTED, "not today");
	from->amount -= j->amount;
	to->amount += j->amount;
	slip_add(slip_repository_of(u), &s);
	return 0;
}

static void tell(int log, const char *format, ...) UOW_PRINTF(2, 3);

/* In one piece, and not in a buffer that dies with the process. */
static void tell(int log, const char *format, ...)
{
	char line[1000];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n >= (int)sizeof(line)) {
		n = sizeof(line) - 1;
		line[n - 1] = '\n';
	}
	if (write(log, line, (size_t)n) != n)
		exit(9);
}

static void do_one(uow_db *db, struct job *j, int log)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	int rc;

	o.exactly_once = j->once;
	o.attempts = 8;
	o.timeout_ms = 60000;
	o.settle_ms = 30000;
	j->debit = (int32_t)roll(&j->dice, ACCOUNTS);
	j->credit = (int32_t)((unsigned)j->debit + 1 +
			      roll(&j->dice, ACCOUNTS - 1)) % ACCOUNTS;
	j->amount = 1 + (int32_t)roll(&j->dice, 100);
	j->bodies = settled = 0;
	tell(log, "begin %" PRId64 "\n", j->number);
	rc = uow_run(db, &o, transfer, j, &err);
	tell(log, "end %" PRId64 " %d %u %u\n", j->number, rc, j->bodies,
	     settled);
	if (rc && rc != UOW_EREJECTED)
		tell(log, "# %s %s: %s\n", uow_code_name(rc), err.step,
		     err.message);
}

static int work(char **argv)
{
	struct job j = { .number = atol(argv[0]) };
	int64_t end = j.number + atol(argv[1]);
	uow_error err = UOW_ERROR_INIT;
	long pace = atol(argv[2]);
	int log = open(argv[4], O_WRONLY | O_CREAT | O_APPEND, 0644);
	uow_db *db;

	j.once = !strcmp(argv[3], "once");
	j.dice = (uint64_t)j.number * 77 + 5;
	db = log < 0 ? NULL : open_db(argv + 5);
	if (!db)
		return 1;
	/* Tries the table, so that no transfer has to. */
	if (uow_schema_create_commits(db, &err))
		tell(log, "# table of tokens: %s %s: %s\n",
		     uow_code_name(err.code), err.step, err.message);
	for (; j.number < end; j.number++) {
		do_one(db, &j, log);
		pause_usec(pace);
	}
	uow_db_free(db);
	close(log);
	return 0;
}

/* -- check -- */

enum { NOT_BEGUN, BEGUN, ENDED };

static struct {
	int state, code;
	unsigned bodies, settled, slips;
} seen[MOST];
static int64_t balances[ACCOUNTS];
static unsigned problems;

static bool known(int64_t number)
{
	return number >= 0 && number < MOST;
}

static int read_log(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[1000];
	unsigned bodies, found;
	int64_t number;
	int code;

	if (!f)
		return 1;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "begin %" SCNd64, &number) == 1 &&
		    known(number)) {
			seen[number].state = BEGUN;
		} else if (sscanf(line, "end %" SCNd64 " %d %u %u", &number,
				  &code, &bodies, &found) == 4 &&
			   known(number)) {
			seen[number].state = ENDED;
			seen[number].code = code;
			seen[number].bodies = bodies;
			seen[number].settled = found;
		}
	}
	fclose(f);
	return 0;
}

static int read_slip(uow_unit *u, const void *row, void *arg)
{
	const struct slip *s = row;

	(void)u;
	(void)arg;
	if (!known(s->number) || s->debit < 0 || s->debit >= ACCOUNTS ||
	    s->credit < 0 || s->credit >= ACCOUNTS)
		return UOW_EREJECTED;
	seen[s->number].slips++;
	balances[s->debit] -= s->amount;
	balances[s->credit] += s->amount;
	return 0;
}

static int read_money(uow_unit *u, const void *row, void *arg)
{
	const struct money *m = row;

	(void)u;
	(void)arg;
	if (m->amount != START + balances[m->id]) {
		printf("account %" PRId64 " has %" PRId64 ", its slips say "
		       "%" PRId64 "\n", m->id, m->amount,
		       START + balances[m->id]);
		problems++;
	}
	return 0;
}

static int read_all(uow_unit *u, void *arg)
{
	uow_query q = UOW_QUERY_INIT;
	int64_t i;

	(void)arg;
	q.where = uow_all();
	for (i = 0; i < ACCOUNTS; i++)
		balances[i] = 0;
	for (i = 0; i < MOST; i++)
		seen[i].slips = 0;
	problems = 0;
	if (slip_each(slip_repository_of(u), &q, read_slip, NULL))
		return uow_status(u);
	return money_each(money_repository_of(u), &q, read_money, NULL);
}

static void judge(int64_t i, bool once)
{
	unsigned slips = seen[i].slips;
	bool ended = seen[i].state == ENDED;
	int code = seen[i].code;

	if (slips > 1 || (ended && !code && slips != 1) ||
	    (ended && code && code != UOW_EINDOUBT && slips) ||
	    (ended && once && code == UOW_EINDOUBT) ||
	    (seen[i].state == NOT_BEGUN && slips)) {
		printf("transfer %" PRId64 ": answer %s, stored %u times, "
		       "%u bodies\n", i, ended ? uow_code_name(code) : "none",
		       slips, seen[i].bodies);
		problems++;
	}
}

static void report(bool once)
{
	unsigned answers[4] = { 0 }, repeated = 0, found = 0, unanswered = 0;
	int64_t i;

	for (i = 0; i < MOST; i++) {
		if (seen[i].state == NOT_BEGUN && !seen[i].slips)
			continue;
		judge(i, once);
		if (seen[i].state != ENDED) {
			unanswered++;
			continue;
		}
		answers[!seen[i].code ? 0 :
			seen[i].code == UOW_EREJECTED ? 1 :
			seen[i].code == UOW_EINDOUBT ? 2 : 3]++;
		repeated += seen[i].bodies > 1;
		found += seen[i].settled > 0;
	}
	printf("# %s: %u stored, %u refused, %u failed, %u unknown, %u without "
	       "an answer; %u were repeated, of %u the token was read\n",
	       once ? "exactly once" : "plain", answers[0], answers[1],
	       answers[3], answers[2], unanswered, repeated, found);
}

static int check(int argc, char **argv)
{
	char *connections[2] = { argv[1], NULL };
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	uow_db *db = open_db(connections);
	bool once = !strcmp(argv[0], "once");
	int i, rc;

	if (!db)
		return 1;
	for (i = 2; i < argc; i++)
		if (read_log(argv[i]))
			return 1;
	o.isolation = UOW_REPEATABLE_READ;
	o.attempts = 100;
	o.read_only = true;
	rc = uow_run(db, &o, read_all, NULL, &err);
	uow_db_free(db);
	if (rc)
		return complain("check", &err);
	report(once);
	return problems > 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "setup"))
		return setup(argv + 2);
	if (argc > 7 && !strcmp(argv[1], "work"))
		return work(argv + 2);
	if (argc > 4 && !strcmp(argv[1], "check"))
		return check(argc - 2, argv + 2);
	fprintf(stderr, "usage: see the source\n");
	return 2;
}
