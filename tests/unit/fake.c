/* SPDX-License-Identifier: BSD-2-Clause */
#include "fake.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uow/repository.h>
#include "base/errors.h"
#include "model/row.h"

enum { SAVEPOINTS = 8 };

struct fake_conn {
	struct backend_conn base;
	struct fake *fake;
	struct fake_rows rows;		/* as this transaction sees them */
	struct fake_rows points[SAVEPOINTS];
	bool simple, ended;
};

struct fake_cursor {
	struct fake_conn *conn;
	const struct mapping *mapping;
	size_t at;
	const void **keys;
	size_t key_count;
};

static const uow_column account_columns[] = {
	UOW_INT64(struct account, id, "id", UOW_KEY),
	UOW_INT64(struct account, balance, "balance", 0),
	UOW_CHARS(struct account, owner, "owner", 0),
};
const uow_entity account_entity =
	UOW_ENTITY(struct account, "account", account_columns);

static const uow_column note_columns[] = {
	UOW_INT64(struct note, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_TEXT(struct note, text, "text", 0, 0),
};
const uow_entity note_entity = UOW_ENTITY(struct note, "note", note_columns);

/* -- log and faults -- */

static UOW_PRINTF(2, 3) void note(struct fake *f, const char *fmt, ...)
{
	size_t used;
	va_list args;

	pthread_mutex_lock(&f->mutex);
	used = strlen(f->log);
	if (used + 128 < sizeof(f->log)) {
		if (used)
			used += (size_t)snprintf(f->log + used, 3, "; ");
		va_start(args, fmt);
		vsnprintf(f->log + used, sizeof(f->log) - used, fmt, args);
		va_end(args);
	}
	pthread_mutex_unlock(&f->mutex);
}

const char *fake_log(struct fake *f)
{
	static char copy[sizeof(f->log)];

	strcpy(copy, f->log);
	f->log[0] = '\0';
	return copy;
}

void fake_fail(struct fake *f, struct fake_fault fault)
{
	assert(f->fault_count < 8);
	if (!fault.times)
		fault.times = 1;
	f->faults[f->fault_count++] = fault;
}

/* The fault that hits this call, or NULL. */
static const struct fake_fault *fault_of(struct fake *f, enum fake_kind kind)
{
	const struct fake_fault *hit = NULL;
	size_t i;

	pthread_mutex_lock(&f->mutex);
	for (i = 0; i < f->fault_count; i++) {
		struct fake_fault *t = &f->faults[i];

		if (t->kind != kind || !t->times)
			continue;
		if (t->nth > 1) {
			t->nth--;
		} else {
			t->times--;
			hit = t;
		}
		break;
	}
	pthread_mutex_unlock(&f->mutex);
	return hit;
}

static int fails(struct fake_conn *c, enum fake_kind kind, const char *what,
		 uow_error *err)
{
	const struct fake_fault *t = fault_of(c->fake, kind);

	if (!t) {
		note(c->fake, "%s", what);
		return 0;
	}
	note(c->fake, "%s!", what);
	if (t->breaks)
		c->base.broken = true;
	if (t->ends)
		c->ended = true;
	return error_set(err, t->code, "scripted failure of %s", what);
}

/* -- rows -- */

static void *keep(struct fake *f, const struct mapping *m, const void *row)
{
	void *copy = arena_alloc(&f->arena, m->size);

	if (!copy || row_copy(m, copy, row, &f->arena))
		abort();
	return copy;
}

static struct fake_rows clone(struct fake *f, const struct fake_rows *rows,
			      size_t more)
{
	struct fake_rows copy;

	copy.count = rows->count;
	copy.items = arena_array(&f->arena, rows->count + more + 1,
				 sizeof(*copy.items));
	if (!copy.items)
		abort();
	if (rows->count)
		memcpy(copy.items, rows->items,
		       rows->count * sizeof(*copy.items));
	return copy;
}

static bool same_entity(const struct mapping *a, const struct mapping *b)
{
	return a->entity == b->entity;
}

static size_t find(const struct fake_rows *rows, const struct mapping *m,
		   const void *key)
{
	size_t i;

	for (i = 0; i < rows->count; i++) {
		if (same_entity(rows->items[i].mapping, m) &&
		    row_key_equal(m, rows->items[i].row, key))
			return i;
	}
	return rows->count;
}

static int insert(struct fake_conn *c, const struct shape *s,
		  struct write_row *w, uow_error *err)
{
	const struct mapping *m = s->mapping;
	int64_t id;

	if (m->generated_key >= 0 &&
	    field_is_zero(&m->fields[m->generated_key], w->now)) {
		id = ++c->fake->next_key;
		memcpy((char *)w->now + m->fields[m->generated_key].offset,
		       &id, sizeof(id));
	}
	if (find(&c->rows, m, w->now) < c->rows.count)
		return error_set(err, UOW_EDUPLICATE, "there already");
	c->rows = clone(c->fake, &c->rows, 1);
	c->rows.items[c->rows.count].mapping = m;
	c->rows.items[c->rows.count++].row = keep(c->fake, m, w->now);
	return 0;
}

static int change(struct fake_conn *c, const struct shape *s,
		  struct write_row *w, uow_error *err)
{
	const struct mapping *m = s->mapping;
	size_t at = find(&c->rows, m, w->was);
	void *row;

	if (at == c->rows.count)
		return error_set(err, UOW_ECONFLICT, "no such row");
	c->rows = clone(c->fake, &c->rows, 0);
	if (s->op == SHAPE_DELETE) {
		c->rows.items[at] = c->rows.items[--c->rows.count];
		return 0;
	}
	row = keep(c->fake, m, c->rows.items[at].row);
	row_assign(m, row, w->now, &s->set);
	c->rows.items[at].row = keep(c->fake, m, row);
	return 0;
}

static int write_one(struct fake_conn *c, const struct shape *s,
		     struct write_row *w, uow_error *err)
{
	static const char *const verbs[] = { "", "insert", "update", "delete" };
	char what[64], key[32];
	int rc;

	row_key_text(s->mapping, s->op == SHAPE_INSERT ? w->now : w->was, key,
		     sizeof(key));
	snprintf(what, sizeof(what), "%s %s %s", verbs[s->op],
		 s->mapping->table, key);
	rc = fails(c, FAKE_WRITE, what, err);
	if (rc)
		return rc;
	return s->op == SHAPE_INSERT ? insert(c, s, w, err) :
		change(c, s, w, err);
}

static int fake_write(struct backend_conn *b, struct write_batch *batches,
		      size_t count, struct arena *texts, size_t *batch,
		      uow_error *err)
{
	struct fake_conn *c = (struct fake_conn *)b;
	size_t i, j;
	int rc;

	(void)texts;
	b->statements += count;
	for (i = 0; i < count; i++) {
		for (j = 0; j < batches[i].count; j++) {
			rc = write_one(c, batches[i].shape,
				       &batches[i].rows[j], err);
			if (rc) {
				*batch = i;
				err->row = (int64_t)j;
				return rc;
			}
		}
	}
	if (c->simple)
		c->fake->stored = c->rows;
	return 0;
}

/* -- reading -- */

static int fake_read(struct backend_conn *b, const struct shape *s,
		     const struct read_args *args,
		     struct backend_cursor **out, uow_error *err)
{
	struct fake_conn *c = (struct fake_conn *)b;
	struct fake_cursor *cur;
	char what[64];
	size_t i;
	int rc;

	b->statements++;
	snprintf(what, sizeof(what), "read %s", s->mapping->table);
	rc = fails(c, FAKE_READ, what, err);
	if (rc)
		return rc;
	cur = calloc(1, sizeof(*cur));
	cur->conn = c;
	cur->mapping = s->mapping;
	cur->key_count = s->key_count;
	cur->keys = calloc(s->key_count + 1, sizeof(*cur->keys));
	for (i = 0; i < s->key_count; i++)
		cur->keys[i] = keep(c->fake, s->mapping, args->keys[i]);
	*out = (struct backend_cursor *)cur;
	return 0;
}

static bool wanted(const struct fake_cursor *cur, const struct fake_row *r)
{
	size_t i;

	if (!same_entity(r->mapping, cur->mapping))
		return false;
	for (i = 0; i < cur->key_count; i++) {
		if (row_key_equal(cur->mapping, cur->keys[i], r->row))
			return true;
	}
	return !cur->key_count;
}

static int fake_next(struct backend_cursor *b, void *row, struct arena *texts,
		     uow_error *err)
{
	struct fake_cursor *cur = (struct fake_cursor *)b;
	const struct fake_rows *rows = &cur->conn->rows;

	while (cur->at < rows->count) {
		const struct fake_row *r = &rows->items[cur->at++];

		if (!wanted(cur, r))
			continue;
		return row_copy(cur->mapping, row, r->row, texts) ?
			error_nomem(err) : 1;
	}
	return 0;
}

static void fake_close(struct backend_cursor *b)
{
	free(((struct fake_cursor *)b)->keys);
	free(b);
}

static int fake_count_rows(struct backend_conn *b, const struct shape *s,
			   const struct read_args *args, uint64_t *out,
			   uow_error *err)
{
	struct fake_conn *c = (struct fake_conn *)b;
	size_t i;
	int rc = fails(c, FAKE_READ, "count", err);

	(void)args;
	if (rc)
		return rc;
	*out = 0;
	for (i = 0; i < c->rows.count; i++) {
		if (same_entity(c->rows.items[i].mapping, s->mapping))
			++*out;
	}
	return 0;
}

static int fake_exec(struct backend_conn *b, const char *sql,
		     const uow_value *args, size_t count, uint64_t *affected,
		     uow_error *err)
{
	char what[64];
	int rc;

	(void)args;
	(void)count;
	snprintf(what, sizeof(what), "exec %s", sql);
	rc = fails((struct fake_conn *)b, FAKE_EXEC, what, err);
	if (!rc && affected)
		*affected = 1;
	return rc;
}

/* -- transactions -- */

static int fake_begin(struct backend_conn *b, const struct begin_options *o,
		      uow_error *err)
{
	struct fake_conn *c = (struct fake_conn *)b;
	int rc = fails(c, FAKE_BEGIN, o->simple ? "begin simple" : "begin",
		       err);

	if (rc)
		return rc;
	b->joined = c->fake->joined;
	c->simple = o->simple;
	c->ended = false;
	c->rows = c->fake->stored;
	c->fake->deadline = o->deadline;
	c->fake->isolation = o->isolation;
	return 0;
}

static int fake_commit(struct backend_conn *b, enum outcome *outcome,
		       uow_error *err)
{
	struct fake_conn *c = (struct fake_conn *)b;
	const struct fake_fault *t = fault_of(c->fake, FAKE_COMMIT);

	b->refuses = c->fake->refuses;
	note(c->fake, t ? "commit!" : "commit");
	if (t && t->breaks)
		b->broken = true;
	*outcome = t ? t->outcome : OUTCOME_COMMITTED;
	if (*outcome == OUTCOME_COMMITTED)
		c->fake->stored = c->rows;
	return t ? error_set(err, t->code, "scripted failure of commit") : 0;
}

static void fake_rollback(struct backend_conn *b)
{
	struct fake_conn *c = (struct fake_conn *)b;
	uow_error ignored;

	if (fails(c, FAKE_ROLLBACK, "rollback", &ignored))
		b->broken = true;
	c->ended = false;
}

static int fake_savepoint(struct backend_conn *b, enum savepoint_verb verb,
			  unsigned depth, uow_error *err)
{
	static const char *const verbs[] = { "savepoint", "back", "release" };
	struct fake_conn *c = (struct fake_conn *)b;
	char what[32];
	int rc;

	assert(depth >= 1 && depth < SAVEPOINTS);
	snprintf(what, sizeof(what), "%s %u", verbs[verb], depth);
	rc = fails(c, (enum fake_kind)(FAKE_SAVEPOINT + (int)verb), what, err);
	if (rc)
		return rc;
	if (verb == SAVEPOINT_SET)
		c->points[depth] = c->rows;
	else if (verb == SAVEPOINT_BACK)
		c->rows = c->points[depth];
	return 0;
}

static bool fake_ended(const struct backend_conn *b)
{
	return ((const struct fake_conn *)b)->ended;
}

/* -- connections -- */

unsigned fake_number(struct fake *f, const unsigned *number)
{
	unsigned n;

	pthread_mutex_lock(&f->mutex);
	n = *number;
	pthread_mutex_unlock(&f->mutex);
	return n;
}

/* A connect that takes its time, so that others can be seen beside it. */
static void dwell(struct fake *f)
{
	struct timespec ts = { 0, 0 };

	pthread_mutex_lock(&f->mutex);
	f->connects++;
	if (++f->connecting > f->most_connecting)
		f->most_connecting = f->connecting;
	ts.tv_nsec = (long)f->connect_usec * 1000;
	pthread_mutex_unlock(&f->mutex);
	if (ts.tv_nsec)
		nanosleep(&ts, NULL);
	pthread_mutex_lock(&f->mutex);
	f->connecting--;
	pthread_mutex_unlock(&f->mutex);
}

static int fake_connect(struct backend *b, unsigned endpoint,
			struct backend_conn **out, uow_error *err)
{
	struct fake *f = (struct fake *)b;
	const struct fake_fault *t = fault_of(f, FAKE_CONNECT);
	struct fake_conn *c;

	note(f, endpoint ? "connect %u%s" : "connect%.0u%s", endpoint,
	     t || f->down >> endpoint & 1 ? "!" : "");
	dwell(f);
	if (t)
		return error_set(err, t->code, "scripted failure of connect");
	if (f->down >> endpoint & 1)
		return error_set(err, UOW_ECONNECT, "endpoint %u is down",
				 endpoint);
	c = calloc(1, sizeof(*c));
	c->base.ops = b->ops;
	c->base.endpoint = endpoint;
	c->fake = f;
	pthread_mutex_lock(&f->mutex);
	if (++f->connections > f->most)
		f->most = f->connections;
	pthread_mutex_unlock(&f->mutex);
	*out = &c->base;
	return 0;
}

static void fake_disconnect(struct backend_conn *b)
{
	struct fake *f = ((struct fake_conn *)b)->fake;

	note(f, "disconnect");
	pthread_mutex_lock(&f->mutex);
	f->connections--;
	pthread_mutex_unlock(&f->mutex);
	free(b);
}

static bool fake_alive(struct backend_conn *b, bool probe)
{
	uow_error ignored;

	if (!probe)
		return true;
	return !fails((struct fake_conn *)b, FAKE_PROBE, "probe", &ignored);
}

static bool fake_has(const struct backend *b, uow_feature feature)
{
	return feature != UOW_FEATURE_SAVEPOINT ||
		!((const struct fake *)b)->no_savepoints;
}

static const char *fake_profile(const struct backend *b)
{
	(void)b;
	return "fake";
}

static void fake_free(struct backend *b)
{
	struct fake *f = (struct fake *)b;

	note(f, "free");
	f->freed++;
}

static const struct backend_ops fake_ops = {
	.free = fake_free,
	.has = fake_has,
	.profile = fake_profile,
	.connect = fake_connect,
	.disconnect = fake_disconnect,
	.alive = fake_alive,
	.begin = fake_begin,
	.commit = fake_commit,
	.rollback = fake_rollback,
	.savepoint = fake_savepoint,
	.ended = fake_ended,
	.read = fake_read,
	.count = fake_count_rows,
	.next = fake_next,
	.close = fake_close,
	.write = fake_write,
	.exec = fake_exec,
};

/* -- set-up -- */

void fake_init(struct fake *f)
{
	memset(f, 0, sizeof(*f));
	f->base.ops = &fake_ops;
	pthread_mutex_init(&f->mutex, NULL);
	arena_init(&f->arena);
}

void fake_release(struct fake *f)
{
	arena_release(&f->arena);
	pthread_mutex_destroy(&f->mutex);
}

const void *fake_stored(const struct fake *f, const uow_entity *e, int64_t id)
{
	size_t i;

	for (i = 0; i < f->stored.count; i++) {
		const struct fake_row *r = &f->stored.items[i];
		int64_t key;

		/* The key is the first member of all entities here. */
		memcpy(&key, r->row, sizeof(key));
		if (r->mapping->entity == e && key == id)
			return r->row;
	}
	return NULL;
}

size_t fake_count(const struct fake *f)
{
	return f->stored.count;
}

static uint64_t clock_now_usec(void *arg)
{
	return ((struct fake_clock *)arg)->now;
}

static void clock_sleep_usec(uint64_t usec, void *arg)
{
	struct fake_clock *c = arg;

	c->now += usec;
	c->slept += usec;
	c->sleeps++;
	if (usec > c->longest)
		c->longest = usec;
}

void fake_clock_init(struct fake_clock *c)
{
	memset(c, 0, sizeof(*c));
	c->now = 1000000;
	c->clock.now_usec = clock_now_usec;
	c->clock.sleep_usec = clock_sleep_usec;
	c->clock.arg = c;
}

int fixture_setup(void **state)
{
	const struct db_options o = { 1, 2, 50, 0, NULL, 0, 0, 0 };

	return fixture_setup_pool(state, &o, 1);
}

int fixture_setup_pool(void **state, const struct db_options *given,
		       unsigned endpoints)
{
	struct db_options o = *given;
	struct fixture *fx = calloc(1, sizeof(*fx));

	fake_init(&fx->fake);
	fx->fake.base.endpoints = endpoints;
	fake_clock_init(&fx->clock);
	o.clock = &fx->clock.clock;
	if (db_new(&fx->db, &fx->fake.base, &o, NULL))
		return -1;
	fake_log(&fx->fake);
	*state = fx;
	return 0;
}

int fixture_teardown(void **state)
{
	struct fixture *fx = *state;
	int rc;

	uow_db_free(fx->db);
	rc = fx->fake.connections || fx->fake.freed != 1;
	if (rc)
		fprintf(stderr, "# %u connections open, freed %u times\n",
			fx->fake.connections, fx->fake.freed);
	fake_release(&fx->fake);
	free(fx);
	return rc;
}

static int add_account(uow_unit *u, void *arg)
{
	uow_add(uow_repository_of(u, &account_entity), arg);
	return 0;
}

void fixture_store(struct fixture *fx, int64_t id, int64_t balance)
{
	struct account a = { id, balance, "somebody", 0 };

	if (uow_run(fx->db, NULL, add_account, &a, NULL))
		abort();
	fake_log(&fx->fake);
}
