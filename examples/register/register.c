/* SPDX-License-Identifier: BSD-2-Clause */
/* register [--fail-mail] [CONNECTION]: a user, a profile, a welcome mail. */
#include <inttypes.h>
#include <stdio.h>
#include <uow/schema.h>
#include <uow/uow.h>

struct user { int64_t id; const char *email; };
struct profile { int64_t id, user_id; const char *about; };

static const uow_column user_columns[] = {
	UOW_INT64(struct user, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_TEXT(struct user, email, "email", 100, UOW_REQUIRED)
};
static const uow_entity user_entity =
	UOW_ENTITY(struct user, "users", user_columns);
static const uow_column profile_columns[] = {
	UOW_INT64(struct profile, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_REFERENCE(struct profile, user_id, "user_id", &user_entity, 0),
	UOW_TEXT(struct profile, about, "about", 200, 0)
};
static const uow_entity profile_entity =
	UOW_ENTITY(struct profile, "profiles", profile_columns);
UOW_REPOSITORY(user, struct user, user_entity);
UOW_REPOSITORY(profile, struct profile, profile_entity);

static int queue_mail(uow_unit *u, void *profile)
{
	(void)u;
	printf("mail to user %" PRId64 " is queued\n",
	       ((struct profile *)profile)->user_id);
	return 0;
}

static int register_user(uow_unit *u, void *fail_mail)
{
	struct user *user = user_add(user_repository_of(u),
		&(struct user){ .email = "ada@example.org" });
	struct profile *profile = profile_add(profile_repository_of(u),
		&(struct profile){ .about = "counts for a living" });

	uow_refer(u, profile, "user_id", user);
	if (*(bool *)fail_mail)
		return uow_fail(u, UOW_EREJECTED, "no mail server answers");
	return uow_on(u, UOW_AFTER_COMMIT, queue_mail, profile);
}

static int show(uow_unit *u, void *out)
{
	uint64_t users, profiles;

	user_count(user_repository_of(u), uow_all(), &users);
	profile_count(profile_repository_of(u), uow_all(), &profiles);
	fprintf(out, "users %d, profiles %d\n", (int)users, (int)profiles);
	return 0;
}

int main(int argc, char **argv)
{
	const uow_entity *tables[] = { &user_entity, &profile_entity };
	bool fail = argc > 1 && argv[1][0] == '-';	/* --fail-mail */
	uow_error err = UOW_ERROR_INIT;
	uow_db *db = NULL;
	size_t gaps = 0;
	int rc = uow_db_open_simple(&db, argv[1 + fail] ? argv[1 + fail] :
			"DRIVER=SQLite3;Database=register.db", &err);

	if (!rc)
		rc = uow_schema_check(db, tables, 2, NULL, NULL, &gaps, &err);
	rc = gaps ? uow_schema_create(db, tables, 2, &err) : rc;
	if (!rc)
		rc = uow_run(db, NULL, register_user, &fail, &err);
	if (rc)
		printf("%s: %s\n", uow_code_name(rc), err.message);
	if (db && uow_run(db, NULL, show, stdout, &err))
		rc = err.code;
	uow_db_free(db);
	return rc != 0;
}
