/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/commits.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "base/random.h"

struct db_commits {
	uow_entity entity;
	struct mapping *mapping;
	char schema[PLACE_TEXT];
	bool proved;
};

static const uow_column columns[] = {
	UOW_UUID(struct commit_row, token, "token", UOW_KEY),
	UOW_INT32(struct commit_row, attempt, "attempt", 0),
	UOW_TIMESTAMP(struct commit_row, at, "at", UOW_GENERATED),
};

static const uow_entity table =
	UOW_ENTITY(struct commit_row, "uow_commit", columns);

/* -- its mapping -- */

static void commits_free(struct db_commits *k)
{
	if (k)
		mapping_free(k->mapping);
	mem_free(k);
}

void db_commits_free(uow_db *db)
{
	commits_free(db->commits);
}

static struct db_commits *known(uow_db *db)
{
	struct db_commits *k;

	pthread_mutex_lock(&db->mutex);
	k = db->commits;
	pthread_mutex_unlock(&db->mutex);
	return k;
}

static int new_commits(struct db_commits **out,
		       const struct backend_place *place, uow_error *err)
{
	/* Tables in memory outlive this data source, with their entity. */
	const uow_entity *e = &table;
	struct db_commits *k = mem_alloc(sizeof(*k));
	int rc;

	if (!k)
		return error_nomem(err);
	if (place && place->schema[0]) {
		memcpy(k->schema, place->schema, sizeof(k->schema));
		k->entity = table;
		k->entity.schema = k->schema;
		e = &k->entity;
	}
	rc = mapping_new(&k->mapping, e, err);
	if (rc)
		mem_free(k);
	else
		*out = k;
	return rc;
}

/* Another thread may have been quicker: then its mapping is the one. */
static const struct mapping *publish(uow_db *db, struct db_commits *k)
{
	struct db_commits *first;

	pthread_mutex_lock(&db->mutex);
	first = db->commits;
	if (!first)
		db->commits = k;
	pthread_mutex_unlock(&db->mutex);
	if (first)
		commits_free(k);
	return first ? first->mapping : k->mapping;
}

int db_commits(uow_db *db, struct backend_conn *c, const struct mapping **out,
	       uow_error *err)
{
	const struct backend_place *place = NULL;
	struct db_commits *k = known(db);
	int rc = 0;

	if (k) {
		*out = k->mapping;
		return 0;
	}
	if (c->ops->place)
		rc = c->ops->place(c, &place, err);
	if (!rc)
		rc = new_commits(&k, place, err);
	if (!rc)
		*out = publish(db, k);
	return rc;
}

/* -- its rows -- */

static void name(const struct mapping *m, const char *verb, uow_error *err)
{
	error_step(err, "%s %s", verb, m->table);
}

int commits_insert(struct backend_conn *c, const struct mapping *m,
		   const uow_uuid *token, unsigned attempt, uow_error *err)
{
	struct commit_row now;
	struct write_row row = { NULL, NULL, NULL };
	struct write_batch batch;
	struct shape s;
	size_t failed = 0;
	int rc;

	memset(&now, 0, sizeof(now));
	now.token = *token;
	now.attempt = (int32_t)attempt;
	memset(&s, 0, sizeof(s));
	s.mapping = m;
	s.op = SHAPE_INSERT;
	columns_add(&s.set, COMMIT_TOKEN);
	columns_add(&s.set, COMMIT_ATTEMPT);
	row.now = &now;
	batch.shape = &s;
	batch.rows = &row;
	batch.count = 1;
	rc = c->ops->write(c, &batch, 1, NULL, &failed, err);
	if (rc)
		name(m, "INSERT", err);
	return rc;
}

static int read_row(struct backend_conn *c, const struct shape *s,
		    struct commit_row *row, uow_error *err)
{
	struct backend_cursor *cur;
	struct read_args args;
	const void *keys[1];
	int rc;

	memset(&args, 0, sizeof(args));
	keys[0] = row;
	args.keys = keys;
	rc = c->ops->read(c, s, &args, &cur, err);
	if (rc)
		return rc;
	rc = c->ops->next(cur, row, NULL, err);
	c->ops->close(cur);
	if (!rc)
		return error_set(err, UOW_ENOTFOUND,
				 "the token has no row in %s",
				 s->mapping->table);
	return rc < 0 ? rc : 0;
}

int commits_read(struct backend_conn *c, const struct mapping *m,
		 const uow_uuid *token, struct commit_row *out, uow_error *err)
{
	struct commit_row row;
	struct shape s;
	int rc;

	memset(&row, 0, sizeof(row));
	row.token = *token;
	memset(&s, 0, sizeof(s));
	s.mapping = m;
	s.op = SHAPE_SELECT;
	s.key_count = 1;
	s.set = m->all;
	rc = read_row(c, &s, &row, err);
	if (rc)
		name(m, "SELECT", err);
	else
		*out = row;
	return rc;
}

/* -- is it good for anything? -- */

static int find_table(struct backend_conn *c, const struct mapping *m,
		      uow_error *err)
{
	struct catalog_table found;
	struct arena a;
	int rc;

	memset(&found, 0, sizeof(found));
	arena_init(&a);
	rc = c->ops->describe(c, m, &a, &found, err);
	arena_release(&a);
	if (!rc && !found.count)
		rc = error_set(err, UOW_ECONFIG, "exactly_once needs the table "
			       "%s: uow_schema_create_commits() makes it",
			       m->table);
	return rc;
}

static int insert_twice(struct backend_conn *c, const struct mapping *m,
			const uow_uuid *token, uow_error *err)
{
	int rc = commits_insert(c, m, token, 1, err);

	if (rc)
		return rc;
	/* By its key alone: another attempt is no other token. */
	rc = commits_insert(c, m, token, 2, err);
	if (rc == UOW_EDUPLICATE)
		return 0;
	return rc ? rc : error_set(err, UOW_ECONFIG, "the table %s takes a "
				   "token twice: it needs a primary key on its "
				   "column 'token'", m->table);
}

static int expect_none(struct backend_conn *c, const struct mapping *m,
		       const uow_uuid *token, uow_error *err)
{
	struct commit_row row;
	int rc = commits_read(c, m, token, &row, err);

	if (rc == UOW_ENOTFOUND)
		return 0;
	return rc ? rc : error_set(err, UOW_ECONFIG, "the table %s keeps what "
				   "was rolled back: it needs an engine with "
				   "transactions", m->table);
}

static int in_transaction(struct backend_conn *c, const struct mapping *m,
			  const uow_uuid *token, uint64_t deadline,
			  int (*step)(struct backend_conn *,
				      const struct mapping *,
				      const uow_uuid *, uow_error *),
			  uow_error *err)
{
	struct begin_options o;
	int rc;

	memset(&o, 0, sizeof(o));
	o.name = "exactly_once";
	o.deadline = deadline;
	rc = c->ops->begin(c, &o, err);
	if (rc)
		return rc;
	rc = step(c, m, token, err);
	c->ops->rollback(c);
	/* What comes after it would prove nothing. */
	if (!rc && c->broken)
		rc = error_set(err, UOW_ECONNECT, "the connection was lost at "
			       "ROLLBACK, while %s was tried", m->table);
	return rc;
}

static int look(struct backend_conn *c, const struct mapping *m,
		const uow_uuid *token, uow_error *err)
{
	int rc = find_table(c, m, err);

	return rc ? rc : insert_twice(c, m, token, err);
}

int db_commits_prove(uow_db *db, struct backend_conn *c, uint64_t deadline,
		     uow_error *err)
{
	struct db_commits *k = known(db);
	uow_uuid token;
	bool proved;
	int rc;

	pthread_mutex_lock(&db->mutex);
	proved = k->proved;
	pthread_mutex_unlock(&db->mutex);
	if (proved)
		return 0;
	rc = random_bytes(token.bytes, sizeof(token.bytes), err);
	if (!rc)
		rc = in_transaction(c, k->mapping, &token, deadline, look, err);
	if (!rc)
		rc = in_transaction(c, k->mapping, &token, deadline,
				    expect_none, err);
	if (rc)
		return rc;
	pthread_mutex_lock(&db->mutex);
	k->proved = true;
	pthread_mutex_unlock(&db->mutex);
	return 0;
}
