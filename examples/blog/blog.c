/* SPDX-License-Identifier: BSD-2-Clause */
/* blog [CONNECTION]: a request handler that creates a post. */
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

int main(int argc, char **argv)
{
	const uow_entity *tables[] = { &post_entity };
	uow_error err = UOW_ERROR_INIT;
	uow_db *db = NULL;
	size_t gaps = 0;
	int rc = uow_db_open_simple(&db, argc > 1 ? argv[1] :
				    "DRIVER=SQLite3;Database=blog.db", &err);

	if (!rc)
		rc = uow_schema_check(db, tables, 1, NULL, NULL, &gaps, &err);
	if (!rc && gaps)
		rc = uow_schema_create(db, tables, 1, &err);
	if (!rc)
		rc = handle_request(db, "Units of work in C", &err);
	if (rc)
		printf("500 %s: %s\n", uow_code_name(rc), err.message);
	uow_db_free(db);
	return rc != 0;
}
