/* SPDX-License-Identifier: BSD-2-Clause */
/* blog [CONNECTION]: a request handler that creates a post, and counts. */
#include <inttypes.h>
#include <stdio.h>
#include <uow/schema.h>
#include <uow/uow.h>

struct post {
	int64_t id, version;
	const char *title, *body;
};

static const uow_column post_columns[] = {
	UOW_INT64(struct post, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_INT64(struct post, version, "version", UOW_ROW_VERSION),
	UOW_TEXT(struct post, title, "title", 80, UOW_REQUIRED),
	UOW_TEXT(struct post, body, "body", 0, 0)
};
static const uow_entity post_entity =
	UOW_ENTITY(struct post, "posts", post_columns);
UOW_REPOSITORY(post, struct post, post_entity);

/* A counter that all requests write: a row of its own, without a version. */
struct tally {
	char name[21];
	int64_t count;
};

static const uow_column tally_columns[] = {
	UOW_CHARS(struct tally, name, "name", UOW_KEY),
	UOW_INT64(struct tally, count, "count", 0)
};
static const uow_entity tally_entity =
	UOW_ENTITY(struct tally, "tallies", tally_columns);
UOW_REPOSITORY(tally, struct tally, tally_entity);

/*
 * A unit by hand, for code that has no place for a callback. Failure sticks
 * to the unit, so that one look, at commit, is enough.
 */
static int handle_request(uow_db *db, const char *title, uow_error *err)
{
	uow_unit *u;
	post_repository *posts;
	struct post *post;
	int rc = uow_begin(&u, db, NULL, err);

	if (rc)
		return rc;
	posts = post_repository_of(u);
	post = post_add(posts, &(struct post){ .title = title });
	uow_flush(u);			/* now the row is there, and its key */
	post_refresh(posts, post);	/* as the database has it */
	rc = uow_commit(u);
	if (rc)
		*err = *uow_unit_error(u);
	else
		printf("201 Created\nLocation: /posts/%" PRId64 "\n\n%s\n",
		       post->id, post->title);
	uow_unit_free(u);
	return rc;
}

static int begin_tally(uow_unit *u, void *arg)
{
	(void)arg;
	tally_add(tally_repository_of(u), &(struct tally){ "requests", 0 });
	return 0;
}

/* "count = count + 1" in the database: nobody has to read it first. */
static int count_request(uow_unit *u, void *arg)
{
	(void)arg;
	return tally_increment_by(tally_repository_of(u),
				  uow_key_of(uow_text("requests")), "count",
				  uow_int(1));
}

int main(int argc, char **argv)
{
	const uow_entity *tables[] = { &post_entity, &tally_entity };
	uow_error err = UOW_ERROR_INIT;
	uow_db *db = NULL;
	size_t gaps = 0;
	int rc = uow_db_open_simple(&db, argc > 1 ? argv[1] :
				    "DRIVER=SQLite3;Database=blog.db", &err);

	if (!rc)
		rc = uow_schema_check(db, tables, 2, NULL, NULL, &gaps, &err);
	if (!rc && gaps)
		rc = uow_schema_create(db, tables, 2, &err);
	if (!rc && gaps)
		rc = uow_run(db, NULL, begin_tally, NULL, &err);
	if (!rc)
		rc = uow_run(db, NULL, count_request, NULL, &err);
	if (!rc)
		rc = handle_request(db, "Units of work in C", &err);
	if (rc)
		printf("500 %s: %s\n", uow_code_name(rc), err.message);
	uow_db_free(db);
	return rc != 0;
}
