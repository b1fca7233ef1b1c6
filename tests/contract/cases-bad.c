/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

/* Mistakes of the program and of the machine, each told by name. */

struct thing {
	int64_t id;
	int32_t amount;
	const char *label;
	int16_t flag;
	double real;
	bool truth, other;
	int64_t other_is;
	char text[10];
	uow_uuid uuid;
};

static const uow_column no_key[] = {
	UOW_INT64(struct thing, id, "id", 0),
};
static const uow_column twice[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_INT32(struct thing, amount, "amount", 0),
	UOW_INT16(struct thing, flag, "amount", 0),
};
static const uow_column text_version[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_TEXT(struct thing, label, "label", 0, UOW_ROW_VERSION),
};
static const uow_column real_version[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_DOUBLE(struct thing, real, "real_version", UOW_ROW_VERSION),
};
static const uow_column two_versions[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_INT32(struct thing, amount, "amount", UOW_ROW_VERSION),
	UOW_INT16(struct thing, flag, "flag", UOW_ROW_VERSION),
};
static const uow_column key_version[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY | UOW_ROW_VERSION),
};
static const uow_column nullable_version[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	{ "maybe", UOW_TYPE_INT32, UOW_ROW_VERSION,
	  offsetof(struct thing, amount), 4, offsetof(struct thing, truth),
	  0, 0, 0, NULL },
};
static const uow_column no_name[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_INT32(struct thing, amount, NULL, 0),
};
static const uow_column empty_name[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_INT32(struct thing, amount, "", 0),
};
static const uow_column too_precise[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_DECIMAL(struct thing, other_is, "other_is", 19, 2, 0),
};
static const uow_column odd_scale[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_DECIMAL(struct thing, other_is, "other_is", 5, 6, 0),
};
static const uow_column outside[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	{ "far", UOW_TYPE_INT32, 0, 4096, 4, UOW_NOT_NULL, 0, 0, 0, NULL },
};
static const uow_column wrong_size[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	{ "short", UOW_TYPE_INT64, 0, offsetof(struct thing, amount), 4,
	  UOW_NOT_NULL, 0, 0, 0, NULL },
};
static const uow_column wrong_type[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	{ "strange", (uow_type)99, 0, offsetof(struct thing, amount), 4,
	  UOW_NOT_NULL, 0, 0, 0, NULL },
};
static const uow_column null_type[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	{ "nothing", UOW_TYPE_NULL, 0, offsetof(struct thing, amount), 4,
	  UOW_NOT_NULL, 0, 0, 0, NULL },
};
static const uow_column nullable_key[] = {
	{ "id", UOW_TYPE_INT64, UOW_KEY, offsetof(struct thing, id), 8,
	  offsetof(struct thing, truth), 0, 0, 0, NULL },
};
static const uow_column wrong_reference[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_REFERENCE(struct thing, other_is, "pair", &pair_entity, 0),
};
static const uow_column small_reference[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_REFERENCE(struct thing, other_is, "small", &small_entity, 0),
};
static const uow_column fine[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_INT32(struct thing, amount, "amount", 0),
};
static const uow_foreign_key bad_foreign[] = {
	UOW_FOREIGN_KEY(&plain_entity, { "nothing" }, { "id" }),
};
static const uow_foreign_key bad_parent[] = {
	UOW_FOREIGN_KEY(&plain_entity, { "amount" }, { "nothing" }),
};
static const uow_foreign_key uneven[] = {
	UOW_FOREIGN_KEY(&pair_entity, { "id" }, { "a", "b" }),
};
static const uow_unique_key bad_unique[] = {
	UOW_UNIQUE_KEY({ "amount", "nothing" }),
};

static const struct {
	uow_entity entity;
	const char *named;
	bool unreadable;	/* not even its name can be trusted */
} mappings[] = {
	{ UOW_ENTITY(struct thing, "things", no_key), "UOW_KEY", false },
	{ UOW_ENTITY(struct thing, "things", twice), "amount", false },
	{ UOW_ENTITY(struct thing, "things", text_version), "label", false },
	{ UOW_ENTITY(struct thing, "things", real_version),
	  "real_version", false },
	{ UOW_ENTITY(struct thing, "things", two_versions), "flag", false },
	{ UOW_ENTITY(struct thing, "things", key_version), "id", false },
	/* 88: a version is never NULL */
	{ UOW_ENTITY(struct thing, "things", nullable_version),
	  "maybe", false },
	{ UOW_ENTITY(struct thing, "things", no_name), "", false },
	{ UOW_ENTITY(struct thing, "things", empty_name), "", false },
	{ UOW_ENTITY(struct thing, "things", too_precise), "other_is", false },
	{ UOW_ENTITY(struct thing, "things", odd_scale), "other_is", false },
	{ UOW_ENTITY(struct thing, "things", outside), "far", false },
	{ UOW_ENTITY(struct thing, "things", wrong_size), "short", false },
	{ UOW_ENTITY(struct thing, "things", wrong_type), "strange", false },
	{ UOW_ENTITY(struct thing, "things", null_type), "nothing", false },
	{ UOW_ENTITY(struct thing, "things", nullable_key), "id", false },
	{ UOW_ENTITY(struct thing, "things", wrong_reference), "pair", false },
	{ UOW_ENTITY(struct thing, "things", small_reference), "small", false },
	{ UOW_ENTITY(struct thing, NULL, fine), "", false },
	{ UOW_ENTITY(struct thing, "", fine), "", false },
	{ UOW_ENTITY_FOREIGN(struct thing, NULL, "things", fine,
			     bad_foreign), "nothing", false },
	{ UOW_ENTITY_FOREIGN(struct thing, NULL, "things", fine,
			     bad_parent), "nothing", false },
	{ UOW_ENTITY_FOREIGN(struct thing, NULL, "things", fine, uneven),
	  "", false },
	{ UOW_ENTITY_UNIQUE(struct thing, NULL, "things", fine, bad_unique),
	  "nothing", false },
	{ { 77, sizeof(uow_column), "struct thing", NULL, "things",
	    sizeof(struct thing), fine, 2, NULL, 0, NULL, 0 }, "", true },
	{ { UOW_ENTITY_ABI, sizeof(uow_column), "struct thing", NULL,
	    "things", sizeof(struct thing), fine, 0, NULL, 0, NULL, 0 },
	  "", false },
	{ { UOW_ENTITY_ABI, sizeof(uow_column), "struct thing", NULL,
	    "things", sizeof(struct thing), NULL, 2, NULL, 0, NULL, 0 },
	  "", false },
};

/* A mapping that is wrong is refused, naming entity and column. */
static void a_wrong_mapping_is_refused_by_name(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;
	size_t i, n = 0;
	unsigned bad = 0;

	for (i = 0; i < sizeof(mappings) / sizeof(mappings[0]); i++) {
		const uow_entity *e = &mappings[i].entity;
		const uow_error *err;

		u = begin(f);
		if (uow_repository_of(u, e) || uow_status(u) != UOW_ECONFIG) {
			print_error("mapping %d (%s): accepted, or %s\n",
				    (int)i, mappings[i].named,
				    uow_code_name(uow_status(u)));
			bad++;
		} else {
			err = uow_unit_error(u);
			if (!strstr(err->message, mappings[i].named) ||
			    !(mappings[i].unreadable ||
			      strstr(err->message, "thing"))) {
				print_error("mapping %d (%s): '%s'\n", (int)i,
					    mappings[i].named, err->message);
				bad++;
			}
		}
		uow_unit_free(u);
		if (uow_schema_create(f->db, &e, 1, &f->err) != UOW_ECONFIG ||
		    uow_schema_check(f->db, &e, 1, NULL, NULL, &n, &f->err) !=
		    UOW_ECONFIG) {
			print_error("mapping %d: schema says %s\n", (int)i,
				    f->err.message);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
	u = begin(f);
	assert_null(uow_repository_of(u, NULL));
	failed(u, UOW_EINVAL);
	uow_unit_free(u);
}

static const uow_column more_columns[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_INT32(struct thing, amount, "amount", 0),
	UOW_TEXT(struct thing, label, "missing_one", 0, 0),
};
static const uow_entity more_entity =
	UOW_ENTITY(struct thing, "plains", more_columns);
static const uow_entity absent_entity =
	UOW_ENTITY(struct thing, "absent_table", fine);

/* A column or table that is not there is named by database and check. */
static void a_column_missing_in_the_table_is_named(void **state)
{
	struct fixture *f = *state;
	const uow_entity *e = &more_entity;
	struct thing t;
	size_t n = 0;
	uow_unit *u;
	int i;

	tables(f, &plain_entity, NULL);
	memset(&t, 0, sizeof(t));
	for (i = 0; i < 3; i++) {
		u = begin(f);
		if (i == 0)
			uow_lookup(uow_repository_of(u, e), uow_id(1));
		else if (i == 1)
			uow_insert_all(uow_repository_of(u, e), &t, 1);
		else
			uow_count(uow_repository_of(u, e),
				  uow_is_null(u, "missing_one"),
				  &(uint64_t){ 0 });
		failed(u, UOW_ESQL);
		contains(uow_unit_error(u)->message, "missing_one");
		uow_unit_free(u);
	}
	u = begin(f);
	uow_lookup(uow_repository_of(u, &absent_entity), uow_id(1));
	failed(u, UOW_ESQL);
	contains(uow_unit_error(u)->message, "absent_table");
	uow_unit_free(u);
	succeeds(uow_schema_check(f->db, &e, 1, NULL, NULL, &n, &f->err),
		 &f->err);
	assert_int_equal(n, 1);
}

static void opening(struct fixture *f, const char *connection, int code,
		    const char *named)
{
	uow_db *db = NULL;
	uow_error err = UOW_ERROR_INIT;
	int rc = uow_db_open_simple(&db, connection, &err);

	(void)f;
	code_(rc, code, &err, connection, __FILE__, __LINE__);
	assert_null(db);
	assert_int_equal(err.code, code);
	contains(err.message, named);
	assert_null(strstr(err.message, "geheim"));
	assert_null(strstr(err.step, "geheim"));
	assert_null(strchr(err.message, '\n'));
}

/* What is not installed is a matter of configuration, never transient. */
static void a_missing_driver_or_dsn_is_configuration(void **state)
{
	struct fixture *f = *state;

	opening(f, "DRIVER=NoSuchDriver;Database=x;PWD=geheim;", UOW_ECONFIG,
		"NoSuchDriver");
	opening(f, "DRIVER={/no/such/driver.so};UID=me;PWD={geheim};",
		UOW_ECONFIG, "/no/such/driver.so");
	opening(f, "DSN=NoSuchDataSource;UID=me;Pwd=geheim", UOW_ECONFIG,
		"NoSuchDataSource");
	opening(f, "dsn=nowhere;password=geheim", UOW_ECONFIG, "nowhere");
	opening(f, "complete nonsense", UOW_ECONFIG, "");
	opening(f, "", UOW_EINVAL, "");
	assert_false(uow_code_is_transient(UOW_ECONFIG));
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	int i;

	assert_non_null(file);
	for (i = 0; i < 200; i++)
		fputs(text, file);
	fclose(file);
}

/* The connection of the backend, to another file. */
static void file_connection(struct fixture *f, const char *path, char *out,
			    size_t size)
{
	const char *hole = strstr(f->source.connection, f->source.file);

	assert_non_null(hole);
	snprintf(out, size, "%.*s%s%s;PWD=geheim",
		 (int)(hole - f->source.connection), f->source.connection,
		 path, hole + strlen(f->source.file));
}

/* A file that cannot be a database. */
static void a_bad_database_file_is_an_io_error(void **state)
{
	struct fixture *f = *state;
	char connection[1600], path[600];

	needs(f, BACKEND_FILE);
	file_connection(f, "/nonexistent/folder/x.db", connection,
			sizeof(connection));
	opening(f, connection, UOW_EIO, "/nonexistent/folder/x.db");
	file_connection(f, scratch_folder(), connection, sizeof(connection));
	opening(f, connection, UOW_EIO, scratch_folder());
	snprintf(path, sizeof(path), "%s/letter.txt", scratch_folder());
	write_file(path, "Dear Sir or Madam, this is no database.\n");
	file_connection(f, path, connection, sizeof(connection));
	opening(f, connection, UOW_EIO, "letter.txt");
	remove(path);
}

/* Passwords are in no message and no trace, also when all goes well. */
static void passwords_are_never_shown(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	char connection[1600];
	struct seen seen;
	uow_unit *u;
	uow_db *db;

	needs(f, BACKEND_FILE);
	tables(f, &plain_entity, NULL);
	memset(&seen, 0, sizeof(seen));
	file_connection(f, f->source.file, connection, sizeof(connection));
	o.connection = connection;
	o.trace = see;
	o.trace_arg = &seen;
	db = another_with(f, &o);
	u = begin_on(db, NULL);
	assert_null(plain_lookup(plain_repository_of(u), 1));
	uow_lookup(uow_repository_of(u, &absent_entity), uow_id(1));
	failed(u, UOW_ESQL);
	assert_null(strstr(uow_unit_error(u)->message, "geheim"));
	uow_unit_free(u);
	assert_true(seen.selects > 0);
	assert_null(strstr(seen.all, "geheim"));
	uow_db_free(db);
}

/* A name of table or column cannot become SQL. */
static void names_cannot_become_sql(void **state)
{
	struct fixture *f = *state;
	static const uow_entity evil =
		UOW_ENTITY(struct thing, "x\"; DELETE FROM plains; --", fine);
	struct plain p;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&p, 0, sizeof(p));
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	commit(u);
	u = begin(f);
	uow_lookup(uow_repository_of(u, &evil), uow_id(1));
	failed(u, UOW_ESQL);
	contains(uow_unit_error(u)->message, "x");
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 1);
}

/* Texts that are no UTF-8 come back as they are or are refused. */
static void text_that_is_no_utf8_is_not_changed(void **state)
{
	static const char *const texts[] = {
		"\xff", "\xc3", "a\xc3(", "\xed\xa0\x80", "\xc0\x80",
		"\xf5\x80\x80\x80", "\xe2\x82",
	};
	struct fixture *f = *state;
	struct plain p, *got;
	uow_unit *u;
	int i, rc;

	tables(f, &plain_entity, NULL);
	for (i = 0; i < 7; i++) {
		memset(&p, 0, sizeof(p));
		p.id = i;
		p.label = texts[i];
		u = begin(f);
		plain_add(plain_repository_of(u), &p);
		rc = uow_commit(u);
		uow_unit_free(u);
		if (rc) {
			assert_int_equal(rc, UOW_EDATA);
			continue;
		}
		u = begin(f);
		got = need(u, plain_get(plain_repository_of(u), i));
		assert_string_equal(got->label, texts[i]);
		commit(u);
	}
}

static const struct CMUnitTest bad_cases[] = {
	CASE(a_wrong_mapping_is_refused_by_name),
	CASE(a_column_missing_in_the_table_is_named),
	CASE(a_missing_driver_or_dsn_is_configuration),
	CASE(a_bad_database_file_is_an_io_error),
	CASE(passwords_are_never_shown),
	CASE(names_cannot_become_sql),
	CASE(text_that_is_no_utf8_is_not_changed),
};
TOPIC(bad, "bad");
