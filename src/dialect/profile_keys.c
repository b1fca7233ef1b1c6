/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/profile_file.h"

#include <limits.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "base/text.h"
#include "dialect/days.h"

/*
 * Every key that there is, but [connect]'s options and [errors], whose names
 * are not fixed. uow-profile(5) lists the same.
 */
enum kind {
	KIND_TEXT, KIND_SQL_TYPE, KIND_BOOL, KIND_NUMBER, KIND_CHAR,
	KIND_FORM, KIND_COUNTS, KIND_DEAD, KIND_DDL, KIND_ARRAYS, KIND_TUPLES,
	KIND_KEYS, KIND_RETURNING, KIND_TOGETHER, KIND_RULES, KIND_WAYS,
	KIND_DAYS, KIND_IGNORED
};

struct key {
	const char *section, *name;
	enum kind kind;
	size_t offset;		/* in struct profile or struct type_form */
	bool own;		/* holds for its own file only */
	unsigned max;		/* of KIND_NUMBER */
	const char *needs;	/* what a text must have in it, or NULL */
};

#define AT(member) offsetof(struct profile, member)
#define FORM_AT(member) offsetof(struct type_form, member)

static const struct key keys[] = {
	/* profile_load() itself looks at inherits. */
	{ "profile", "inherits", KIND_IGNORED, 0, true, 0, NULL },
	{ "profile", "proved", KIND_BOOL, AT(proved), true, 0, NULL },
	{ "match", "driver", KIND_TEXT, AT(match_driver), true, 0, NULL },
	{ "match", "dbms", KIND_TEXT, AT(match_dbms), true, 0, NULL },
	{ "connect", "check", KIND_TEXT, AT(check), false, 0, NULL },
	{ "connect", "session", KIND_TEXT, AT(session), false, 0, NULL },
	{ "quote", "open", KIND_CHAR, AT(quote_open), false, 0, NULL },
	{ "connect", "prove_parameters", KIND_BOOL, AT(prove_parameters),
	  false, 0, NULL },
	{ "connect", "lost_is_denied", KIND_BOOL, AT(lost_is_denied), false,
	  0, NULL },
	{ "quote", "close", KIND_CHAR, AT(quote_close), false, 0, NULL },
	{ "quote", "qualify", KIND_BOOL, AT(qualify), false, 0, NULL },
	{ "sql", "limit", KIND_TEXT, AT(limit), false, 0, "{limit}" },
	{ "sql", "offset", KIND_TEXT, AT(offset), false, 0, "{offset}" },
	{ "sql", "offset_only", KIND_TEXT, AT(offset_only), false, 0,
	  "{offset}" },
	{ "sql", "limit_first", KIND_BOOL, AT(limit_first), false, 0, NULL },
	{ "sql", "limit_max", KIND_NUMBER, AT(limit_max), false, INT_MAX,
	  NULL },
	{ "sql", "name_max", KIND_NUMBER, AT(name_max), false, INT_MAX, NULL },
	{ "sql", "in_max", KIND_NUMBER, AT(in_max), false, INT_MAX, NULL },
	{ "sql", "parameters_max", KIND_NUMBER, AT(parameters_max), false,
	  INT_MAX, NULL },
	{ "sql", "lock_update", KIND_TEXT, AT(lock_update), false, 0, NULL },
	{ "sql", "lock_nowait", KIND_TEXT, AT(lock_nowait), false, 0, NULL },
	{ "sql", "lock_skip", KIND_TEXT, AT(lock_skip), false, 0, NULL },
	{ "sql", "lock_after_table", KIND_BOOL, AT(lock_after_table), false, 0,
	  NULL },
	{ "sql", "lock_by_file", KIND_BOOL, AT(lock_by_file), false, 0, NULL },
	{ "sql", "last_key", KIND_TEXT, AT(last_key), false, 0, NULL },
	{ "sql", "write_prefix", KIND_TEXT, AT(write_prefix), false, 0, NULL },
	{ "sql", "default_values", KIND_TEXT, AT(default_values), false, 0,
	  NULL },
	{ "sql", "test_apart", KIND_TEXT, AT(test_apart), false, 0,
	  "{test}" },
	{ "sql", "starts_with", KIND_TEXT, AT(starts_with), false, 0,
	  "{column}" },
	{ "sql", "generated_key", KIND_TEXT, AT(generated_key), false, 0,
	  NULL },
	{ "sql", "generated_key_is_primary", KIND_BOOL,
	  AT(generated_key_is_primary), false, 0, NULL },
	{ "sql", "generated_time", KIND_TEXT, AT(generated_time), false, 0,
	  NULL },
	{ "sql", "catalogs", KIND_BOOL, AT(catalogs), false, 0, NULL },
	{ "sql", "schema", KIND_TEXT, AT(schema), false, 0, NULL },
	{ "sql", "drop_table", KIND_TEXT, AT(drop_table), false, 0,
	  "{table}" },
	{ "sql", "table_end", KIND_TEXT, AT(table_end), false, 0, NULL },
	{ "sql", "drop_foreign_key", KIND_TEXT, AT(drop_foreign_key), false, 0,
	  "{name}" },
	{ "sql", "add_foreign_key", KIND_TEXT, AT(add_foreign_key), false, 0,
	  "{foreign_key}" },
	{ "sql", "savepoint", KIND_TEXT, AT(savepoint), false, 0, "{name}" },
	{ "sql", "rollback_to", KIND_TEXT, AT(rollback_to), false, 0,
	  "{name}" },
	{ "sql", "release", KIND_TEXT, AT(release), false, 0, "{name}" },
	{ "sql", "range_checked", KIND_BOOL, AT(range_checked), false, 0,
	  NULL },
	{ "sql", "savepoints", KIND_BOOL, AT(savepoints), false, 0, NULL },
	{ "transaction", "transactions", KIND_BOOL, AT(transactions), false, 0,
	  NULL },
	{ "transaction", "begin_write", KIND_TEXT, AT(begin_write), false, 0,
	  NULL },
	{ "transaction", "read_only", KIND_TEXT, AT(read_only), false, 0,
	  NULL },
	{ "transaction", "lock_timeout", KIND_TEXT, AT(lock_timeout), false, 0,
	  "{ms}" },
	{ "transaction", "lock_timeout_end", KIND_TEXT, AT(lock_timeout_end),
	  false, 0, NULL },
	{ "transaction", "lock_timeout_was", KIND_TEXT, AT(lock_timeout_was),
	  false, 0, NULL },
	{ "transaction", "deadline", KIND_TEXT, AT(deadline), false, 0,
	  "{ms}" },
	{ "transaction", "deadline_end", KIND_TEXT, AT(deadline_end), false, 0,
	  NULL },
	{ "transaction", "server", KIND_TEXT, AT(server), false, 0, NULL },
	{ "transaction", "cluster", KIND_TEXT, AT(cluster), false, 0, NULL },
	{ "transaction", "isolation", KIND_TEXT, AT(isolation), false, 0,
	  NULL },
	{ "transaction", "ddl_commits", KIND_DDL, AT(ddl_commits), false, 0,
	  NULL },
	{ "transaction", "commits", KIND_TEXT, AT(commits), false, 0, NULL },
	{ "transaction", "commits_not", KIND_TEXT, AT(commits_not), false, 0,
	  NULL },
	{ "transaction", "resync", KIND_TEXT, AT(resync), false, 0, NULL },
	{ "transaction", "lock_wait_ms", KIND_NUMBER, AT(lock_wait_ms), false,
	  86400000, NULL },
	{ "transaction", "dead_check", KIND_DEAD, AT(dead_check), false, 0,
	  NULL },
	{ "transaction", "statement_timeout", KIND_BOOL,
	  AT(statement_timeout), false, 0, NULL },
	{ "transaction", "statement_timeout_locks", KIND_BOOL,
	  AT(statement_timeout_locks), false, 0, NULL },
	{ "transaction", "cancel", KIND_BOOL, AT(cancel), false, 0, NULL },
	{ "transaction", "block_sigpipe", KIND_BOOL, AT(block_sigpipe), false,
	  0, NULL },
	{ "transaction", "commit_busy", KIND_RULES, AT(commit_busy), false, 0,
	  NULL },
	{ "transaction", "rolled_back", KIND_RULES, AT(rolled_back), false, 0,
	  NULL },
	{ "transaction", "unanswered", KIND_RULES, AT(unanswered), false, 0,
	  NULL },
	{ "transaction", "ended", KIND_RULES, AT(ended), false, 0, NULL },
	{ "transaction", "error_aborts", KIND_BOOL, AT(error_aborts), false,
	  0, NULL },
	{ "transaction", "reprepare", KIND_RULES, AT(reprepare), false, 0,
	  NULL },
	{ "counts", "single", KIND_COUNTS, AT(single), false, 0, NULL },
	{ "counts", "batch", KIND_COUNTS, AT(batch), false, 0, NULL },
	{ "counts", "ask", KIND_TEXT, AT(ask), false, 0, NULL },
	{ "batch", "insert", KIND_WAYS, AT(insert), false, 0, NULL },
	{ "batch", "update", KIND_WAYS, AT(update), false, 0, NULL },
	{ "batch", "delete", KIND_WAYS, AT(remove), false, 0, NULL },
	{ "batch", "arrays", KIND_ARRAYS, AT(arrays), false, 0, NULL },
	{ "batch", "tuples", KIND_TUPLES, AT(tuples), false, 0, NULL },
	{ "batch", "row_id", KIND_TEXT, AT(row_id), false, 0, NULL },
	{ "batch", "join_keys", KIND_BOOL, AT(join_keys), false, 0, NULL },
	{ "batch", "returning", KIND_RETURNING, AT(returning), false, 0,
	  NULL },
	{ "batch", "together", KIND_TOGETHER, AT(together), false, 0, NULL },
	{ "batch", "plain_table", KIND_TEXT, AT(plain_table), false, 0,
	  NULL },
	{ "batch", "made_key", KIND_TEXT, AT(made_key), false, 0, NULL },
	{ "batch", "keys", KIND_KEYS, AT(keys), false, 0, NULL },
	{ "batch", "markers", KIND_NUMBER, AT(markers), false, 1000000, NULL },
	{ "batch", "rowset", KIND_NUMBER, AT(rowset), false, 10000, NULL },
	{ "batch", "stream", KIND_NUMBER, AT(stream), false, INT_MAX, NULL },
	{ "batch", "pages", KIND_NUMBER, AT(pages), false, 8, NULL },
	{ "messages", "hide", KIND_RULES, AT(hide), false, 0, NULL }
};

/* Keys of [type.*]; their section is not compared. */
static const struct key type_keys[] = {
	{ NULL, "column", KIND_TEXT, FORM_AT(column), false, 0, NULL },
	{ NULL, "column_long", KIND_TEXT, FORM_AT(column_long), false, 0,
	  NULL },
	{ NULL, "length_max", KIND_NUMBER, FORM_AT(length_max), false,
	  INT_MAX, NULL },
	{ NULL, "marker", KIND_TEXT, FORM_AT(marker), false, 0, NULL },
	{ NULL, "accepts", KIND_TEXT, FORM_AT(accepts), false, 0, NULL },
	{ NULL, "bind", KIND_FORM, FORM_AT(bind), false, 0, NULL },
	{ NULL, "fetch", KIND_FORM, FORM_AT(fetch), false, 0, NULL },
	{ NULL, "fetch_whole", KIND_FORM, FORM_AT(fetch_whole), false, 0,
	  NULL },
	{ NULL, "sql", KIND_SQL_TYPE, FORM_AT(sql), false, 0, NULL },
	{ NULL, "size", KIND_NUMBER, FORM_AT(size), false, INT_MAX, NULL },
	{ NULL, "fraction", KIND_NUMBER, FORM_AT(fraction), false, 9, NULL },
	{ NULL, "digits", KIND_NUMBER, FORM_AT(digits), false, 38, NULL },
	{ NULL, "unscaled", KIND_BOOL, FORM_AT(unscaled), false, 0, NULL },
	{ NULL, "nan", KIND_BOOL, FORM_AT(nan), false, 0, NULL },
	{ NULL, "infinity", KIND_BOOL, FORM_AT(infinity), false, 0, NULL },
	{ NULL, "localized", KIND_BOOL, FORM_AT(localized), false, 0, NULL },
	{ NULL, "rebind", KIND_BOOL, FORM_AT(rebind), false, 0, NULL },
	{ NULL, "empty_is_null", KIND_BOOL, FORM_AT(empty_is_null), false, 0,
	  NULL },
	{ NULL, "read", KIND_TEXT, FORM_AT(read), false, 0, "{column}" },
	{ NULL, "write", KIND_TEXT, FORM_AT(write), false, 0, "{value}" },
	{ NULL, "operand", KIND_TEXT, FORM_AT(operand), false, 0, "{value}" },
	{ NULL, "compare", KIND_TEXT, FORM_AT(compare), false, 0, "{column}" },
	{ NULL, "lost", KIND_DAYS, FORM_AT(lost), false, 0, NULL },
	{ NULL, "unordered", KIND_TEXT, FORM_AT(unordered), false, 0, NULL },
	{ NULL, "cast", KIND_TEXT, FORM_AT(cast), false, 0, NULL }
};

#undef AT
#undef FORM_AT

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Words in the order of their enums; both lists end with NULL. */
static const char *const type_words[] = {
	"null", "bool", "int16", "int32", "int64", "float", "double",
	"decimal", "chars", "text", "bytes", "date", "time", "timestamp",
	"uuid", "decimal-text", NULL
};
static const char *const form_words[] = {
	"none", "bit", "int16", "int32", "int64", "long64", "float", "double",
	"text", "binary", "date", "time", "timestamp", NULL
};
static const char *const counts_words[] = {
	"none", "total", "changed", "each", NULL
};
static const char *const ddl_words[] = { "no", "yes", "driver", NULL };
static const char *const dead_words[] = { "never", "free", "pings", NULL };
static const char *const arrays_words[] = { "none", "columns", "rows", NULL };
static const char *const tuples_words[] = { "or", "list", NULL };
static const char *const returning_words[] = { "none", "insert", "all", NULL };
static const char *const together_words[] = { "none", "with", "block", NULL };
static const char *const keys_words[] = { "none", "last", NULL };
static const char *const sql_words[] = {
	"BIT", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "REAL", "FLOAT",
	"DOUBLE", "NUMERIC", "DECIMAL", "CHAR", "VARCHAR", "LONGVARCHAR",
	"WVARCHAR", "WLONGVARCHAR",
	"BINARY", "VARBINARY", "LONGVARBINARY", "DATE", "TIME", "TIMESTAMP",
	"GUID", NULL
};

static int word_index(const char *const *words, const char *word)
{
	int i;

	for (i = 0; words[i]; i++)
		if (text_same(words[i], word))
			return i;
	return -1;
}

static const struct key *key_find(const struct key *list, size_t count,
				  const char *section, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(list[i].name, name) &&
		    (!list[i].section || !strcmp(list[i].section, section)))
			return &list[i];
	return NULL;
}

bool profile_key_is_list(const char *section, const char *key)
{
	const struct key *k = key_find(keys, COUNT(keys), section, key);

	return !strcmp(section, "errors") || (k && k->kind == KIND_RULES);
}

/* An empty value takes back what an inherited file set. */
static int put_text(char **at, const char *value, uow_error *err)
{
	char *copy = NULL;

	if (*value) {
		copy = mem_dup(value);
		if (!copy)
			return error_nomem(err);
	}
	mem_free(*at);
	*at = copy;
	return 0;
}

static int put_bool(bool *at, const struct profile_file *f,
		    const struct profile_entry *e, uow_error *err)
{
	if (text_same(e->value, "yes"))
		*at = true;
	else if (text_same(e->value, "no"))
		*at = false;
	else
		return profile_complain(f, e, err, "\"%s\" is neither yes nor "
					"no", e->value);
	return 0;
}

static int put_number(unsigned *at, unsigned max, const struct profile_file *f,
		      const struct profile_entry *e, uow_error *err)
{
	int64_t number;

	if (!text_to_int64(e->value, strlen(e->value), &number) ||
	    number < 0 || number > max)
		return profile_complain(f, e, err, "\"%s\" is not a number "
					"from 0 to %u", e->value, max);
	*at = (unsigned)number;
	return 0;
}

static int put_char(char *at, const struct profile_file *f,
		    const struct profile_entry *e, uow_error *err)
{
	if (strlen(e->value) > 1)
		return profile_complain(f, e, err, "\"%s\" is not one "
					"character", e->value);
	*at = e->value[0];
	return 0;
}

/* Index of the value among words. */
static int put_word(int *at, const char *const *words,
		    const struct profile_file *f,
		    const struct profile_entry *e, uow_error *err)
{
	char known[UOW_ERROR_TEXT] = "";
	size_t room;
	int i = word_index(words, e->value);

	if (i >= 0) {
		*at = i;
		return 0;
	}
	for (i = 0; words[i]; i++) {
		room = sizeof(known) - strlen(known) - 1;
		if (i)
			strncat(known, " ", room--);
		strncat(known, words[i], room);
	}
	return profile_complain(f, e, err, "\"%s\" is none of: %s", e->value,
				known);
}

static int put_days(char **at, const struct profile_file *f,
		    const struct profile_entry *e, uow_error *err)
{
	if (!days_valid(e->value))
		return profile_complain(f, e, err, "\"%s\" is no list of days "
					"such as 1582-10-05/1582-10-14",
					e->value);
	return put_text(at, e->value, err);
}

static int put_rule(struct error_rule **list, int code,
		    const struct profile_file *f,
		    const struct profile_entry *e, unsigned depth,
		    uow_error *err)
{
	const char *complaint;
	int rc = error_rule_add(list, e->value, code, depth, &complaint);

	if (rc == UOW_ECONFIG)
		return profile_complain(f, e, err, "\"%s\": %s", e->value,
					complaint);
	return rc ? error_nomem(err) : 0;
}

static int put_value(void *at, const struct key *k,
		     const struct profile_file *f,
		     const struct profile_entry *e, unsigned depth,
		     uow_error *err)
{
	int word = 0, rc = 0;

	if (k->needs && *e->value && !strstr(e->value, k->needs))
		return profile_complain(f, e, err, "there is no %s in \"%s\"",
					k->needs, e->value);
	switch (k->kind) {
	case KIND_TEXT:
		return put_text(at, e->value, err);
	case KIND_SQL_TYPE:
		rc = put_word(&word, sql_words, f, e, err);
		return rc ? rc : put_text(at, sql_words[word], err);
	case KIND_BOOL:
		return put_bool(at, f, e, err);
	case KIND_NUMBER:
		return put_number(at, k->max, f, e, err);
	case KIND_CHAR:
		return put_char(at, f, e, err);
	case KIND_DAYS:
		return put_days(at, f, e, err);
	case KIND_RULES:
		return put_rule(at, 0, f, e, depth, err);
	case KIND_FORM:
		rc = put_word(&word, form_words, f, e, err);
		if (!rc)
			*(enum form *)at = (enum form)word;
		break;
	case KIND_COUNTS:
		rc = put_word(&word, counts_words, f, e, err);
		if (!rc)
			*(enum row_counts *)at = (enum row_counts)word;
		break;
	case KIND_DEAD:
		rc = put_word(&word, dead_words, f, e, err);
		if (!rc)
			*(enum dead_check *)at = (enum dead_check)word;
		break;
	case KIND_ARRAYS:
		rc = put_word(&word, arrays_words, f, e, err);
		if (!rc)
			*(enum array_binding *)at = (enum array_binding)word;
		break;
	case KIND_TUPLES:
		rc = put_word(&word, tuples_words, f, e, err);
		if (!rc)
			*(enum tuple_test *)at = (enum tuple_test)word;
		break;
	case KIND_KEYS:
		rc = put_word(&word, keys_words, f, e, err);
		if (!rc)
			*(enum batch_keys *)at = (enum batch_keys)word;
		break;
	case KIND_RETURNING:
		rc = put_word(&word, returning_words, f, e, err);
		if (!rc)
			*(enum returning *)at = (enum returning)word;
		break;
	case KIND_TOGETHER:
		rc = put_word(&word, together_words, f, e, err);
		if (!rc)
			*(enum together *)at = (enum together)word;
		break;
	case KIND_WAYS:
		return profile_put_ways(at, f, e, err);
	case KIND_DDL:
		rc = put_word(&word, ddl_words, f, e, err);
		if (!rc)
			*(enum ddl_commits *)at = (enum ddl_commits)word;
		break;
	case KIND_IGNORED:
		break;
	}
	return rc;
}

enum option_key { KEY_OPTION, KEY_ALIAS, KEY_BITS, KEY_REFUSE, KEY_NONE };

/* What stands before the dot; *name: what stands behind it. */
static enum option_key option_key(const char *key, const char **name)
{
	static const char *const words[] = {
		"option.", "alias.", "bits.", "refuse."
	};
	enum option_key i;

	for (i = KEY_OPTION; i < KEY_NONE; i++) {
		*name = key + strlen(words[i]);
		if (!strncmp(key, words[i], strlen(words[i])) && **name)
			return i;
	}
	return KEY_NONE;
}

static int put_option(struct profile *p, struct profile_option *o,
		      enum option_key kind, const struct profile_file *f,
		      const struct profile_entry *e, uow_error *err)
{
	int rc;

	if (kind == KEY_BITS)
		rc = put_number(&o->bits, INT_MAX, f, e, err);
	else
		rc = put_text(kind == KEY_REFUSE ? &o->refuse : &o->value,
			      e->value, err);
	if (!o->value && !o->refuse && !o->bits)
		profile_option_remove(p, o);
	return rc;
}

/* Names of options know no case, as in ODBC. */
static int put_connect(struct profile *p, const struct profile_file *f,
		       const struct profile_entry *e, uow_error *err)
{
	const char *name;
	enum option_key kind = option_key(e->key, &name);
	struct profile_option *o;
	int rc;

	if (kind == KEY_NONE)
		return profile_complain(f, e, err, "no such key");
	o = profile_option_find(p, name);
	if (kind == KEY_ALIAS) {
		if (!o)
			return profile_complain(f, e, err, "there is no "
						"option.%s above", name);
		return put_text(&o->aliases, e->value, err);
	}
	if (!o) {
		rc = profile_option_add(p, name, &o, err);
		if (rc)
			return rc;
	}
	return put_option(p, o, kind, f, e, err);
}

/* Section "type.NAME" or "type.NAME.foreign"; NULL: no such type. */
static struct type_form *type_section(struct profile *p, const char *section)
{
	char name[16];
	const char *dot;
	size_t length;
	int type;

	section += strlen("type.");
	dot = strchr(section, '.');
	length = dot ? (size_t)(dot - section) : strlen(section);
	if (length >= sizeof(name) || (dot && strcmp(dot, ".foreign")))
		return NULL;
	memcpy(name, section, length);
	name[length] = '\0';
	type = word_index(type_words, name);
	if (type <= UOW_TYPE_NULL)
		return NULL;
	if (!dot)
		return &p->own[type];
	p->has_foreign[type] = true;
	return &p->foreign[type];
}

static bool section_exists(const char *section)
{
	size_t i;

	for (i = 0; i < COUNT(keys); i++)
		if (!strcmp(keys[i].section, section))
			return true;
	return false;
}

static int put_type(struct profile *p, const struct profile_file *f,
		    const struct profile_entry *e, unsigned depth,
		    uow_error *err)
{
	struct type_form *form = type_section(p, e->section);
	const struct key *k;

	if (!form)
		return profile_complain(f, e, err, "no such section");
	k = key_find(type_keys, COUNT(type_keys), e->section, e->key);
	if (!k)
		return profile_complain(f, e, err, "no such key");
	return put_value((char *)form + k->offset, k, f, e, depth, err);
}

static int put_error(struct profile *p, const struct profile_file *f,
		     const struct profile_entry *e, unsigned depth,
		     uow_error *err)
{
	int code = error_rule_code(e->key);

	if (!code)
		return profile_complain(f, e, err, "no such code");
	return put_rule(&p->errors, code, f, e, depth, err);
}

int profile_put(struct profile *p, const struct profile_file *f,
		const struct profile_entry *e, unsigned depth, uow_error *err)
{
	const struct key *k;

	if (!strcmp(e->section, "odbcinst"))
		return 0;
	if (!strcmp(e->section, "errors"))
		return put_error(p, f, e, depth, err);
	if (!strncmp(e->section, "type.", strlen("type.")))
		return put_type(p, f, e, depth, err);
	k = key_find(keys, COUNT(keys), e->section, e->key);
	if (!k && !strcmp(e->section, "connect"))
		return put_connect(p, f, e, err);
	if (!k)
		return profile_complain(f, e, err, "no such %s",
					section_exists(e->section) ? "key" :
					"section");
	if (k->own && depth > 0)
		return 0;
	return put_value((char *)p + k->offset, k, f, e, depth, err);
}
