/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dialect/profile.h"

/* Two folders of one test's own, removed with all that is in them. */
struct folders {
	char first[64], second[64], both[160];
};

static int make_folders(void **state)
{
	struct folders *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	strcpy(f->first, "/tmp/uow-profile-XXXXXX");
	strcpy(f->second, "/tmp/uow-profile-XXXXXX");
	if (!mkdtemp(f->first) || !mkdtemp(f->second))
		return -1;
	snprintf(f->both, sizeof(f->both), "%s::%s", f->first, f->second);
	*state = f;
	return 0;
}

static void remove_folder(const char *path)
{
	const struct dirent *e;
	DIR *dir = opendir(path);
	char file[400];

	while (dir && (e = readdir(dir)) != NULL) {
		if (*e->d_name == '.' && !strchr("s", e->d_name[1]))
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		if (unlink(file))
			rmdir(file);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

static int drop_folders(void **state)
{
	struct folders *f = *state;

	remove_folder(f->first);
	remove_folder(f->second);
	free(f);
	return 0;
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[200];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s.ini", dir, name);
	stream = fopen(path, "w");
	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
}

/* Write the text as NAME.ini into the first folder and load that. */
static struct profile *load_text(const struct folders *f, const char *name,
				 const char *text)
{
	struct profile *p = NULL;
	uow_error err = UOW_ERROR_INIT;

	write_file(f->first, name, text);
	if (profile_load(&p, name, f->both, &err))
		fail_msg("%s", err.message);
	return p;
}

static const char every_key[] =
	"[profile]\nproved = yes\n"
	"[match]\ndriver = a*|b\ndbms = c\n"
	"[connect]\noption.Wait = 5\nalias.wait = W Ww\n"
	"option.Two = x=y;z\ncheck = SELECT 1\n"
	"bits.Two = 6\nrefuse.Three = &8\nsession = SET 1\n"
	"lost_is_denied = yes\n"
	"[odbcinst]\nanything = goes\n"
	"[quote]\nopen = [\nclose = ]\n"
	"[type.bool]\ncolumn = BIT\nbind = bit\nfetch = none\n"
	"[type.int64]\nbind = long64\nfetch = int64\nfetch_whole = long64\n"
	"sql = bigint\n"
	"length_max = 9\nsize = 8\nrebind = YES\nlocalized = yes\n"
	"[type.double]\nbind = double\nfetch = float\nnan = yes\n"
	"infinity = yes\nread = quote({column})\n"
	"write = f({value})\n"
	"[type.decimal]\ncolumn = D({precision},{scale})\n"
	"marker = D\nbind = int32\nfetch = int16\nunscaled = yes\n"
	"[type.decimal.foreign]\nbind = text\nfetch = text\n"
	"digits = 15\ncompare = k({column})\n"
	"unordered = CHAR TEXT\noperand = o({value})\n"
	"[type.bytes]\ncolumn_long = BLOB\nbind = binary\n"
	"[type.timestamp]\nbind = timestamp\nfraction = 9\n"
	"[type.date]\nbind = date\nlost = 0004-12-31\n"
	"[type.time]\nbind = time\n"
	"[sql]\nlimit = a {limit}\noffset = b {offset}\n"
	"offset_only = c {offset}\nlimit_first = yes\n"
	"limit_max = 11\nin_max = 12\nname_max = 14\nparameters_max = 13\n"
	"lock_update = d\n"
	"lock_nowait = e\nlock_skip = f\nlock_by_file = yes\n"
	"last_key = g\nwrite_prefix = ga\ndefault_values = h\n"
	"test_apart = (({test}))\n"
	"starts_with = i {column} {value}\ngenerated_key = j\n"
	"generated_key_is_primary = yes\ndrop_table = k {table}\n"
	"generated_time = z {type}\nschema = za\ncatalogs = yes\n"
	"add_foreign_key = l {table} {foreign_key}\n"
	"drop_foreign_key = l {name}\ntable_end = le\n"
	"savepoint = m {name}\nrollback_to = n {name}\n"
	"release = o {name}\nsavepoints = yes\nrange_checked = yes\n"
	"[transaction]\ntransactions = yes\nbegin_write = p\n"
	"read_only = q\nlock_timeout = r {ms}\nlock_wait_ms = 7\n"
	"dead_check = pings\nstatement_timeout = yes\n"
	"statement_timeout_locks = yes\ncancel = yes\n"
	"block_sigpipe = yes\ncommit_busy = 00001\n"
	"rolled_back = 00002\nended = 00003\nunanswered = 00006\n"
	"error_aborts = yes\nreprepare = 00004\n"
	"isolation = s\nlock_timeout_end = t\nlock_timeout_was = zd\n"
	"deadline = u {ms}\n"
	"deadline_end = v\nddl_commits = yes\ncommits = w | x\n"
	"commits_not = y\nserver = zb\ncluster = zc\n"
	"[counts]\nsingle = total\nbatch = each\nask = gb\n"
	"[batch]\ninsert = unnest 2-1000 , values 100\nupdate = join 9\n"
	"delete = in 7-20,array 3\narrays = rows\ntuples = list\n"
	"row_id = ctid\njoin_keys = yes\nreturning = insert\ntogether = block\n"
	"plain_table = SELECT ?\nmade_key = SELECT ?, ?\n"
	"keys = last\nmarkers = 999\nrowset = 50\nstream = 70\npages = 4\n"
	"[type.uuid]\ncast = UUID\n"
	"[messages]\nhide = 00004/5/a * b\n";

static void general_keys_reach_their_members(void **state)
{
	struct profile *p = load_text(*state, "all", every_key);

	assert_string_equal(p->name, "all");
	assert_true(p->proved);
	assert_string_equal(p->match_driver, "a*|b");
	assert_string_equal(p->match_dbms, "c");
	assert_string_equal(p->options->name, "Wait");
	assert_string_equal(p->options->value, "5");
	assert_string_equal(p->options->aliases, "W Ww");
	assert_string_equal(p->options->next->value, "x=y;z");
	assert_null(p->options->next->aliases);
	assert_int_equal(p->options->next->bits, 6);
	assert_null(p->options->next->refuse);
	assert_string_equal(p->options->next->next->refuse, "&8");
	assert_null(p->options->next->next->value);
	assert_null(p->options->next->next->next);
	assert_string_equal(p->check, "SELECT 1");
	assert_string_equal(p->session, "SET 1");
	assert_true(p->lost_is_denied);
	assert_int_equal(p->quote_open, '[');
	assert_int_equal(p->quote_close, ']');
	assert_true(p->transactions);
	assert_string_equal(p->begin_write, "p");
	assert_string_equal(p->read_only, "q");
	assert_string_equal(p->lock_timeout, "r {ms}");
	assert_int_equal(p->lock_wait_ms, 7);
	assert_string_equal(p->isolation, "s");
	assert_string_equal(p->lock_timeout_end, "t");
	assert_string_equal(p->lock_timeout_was, "zd");
	assert_string_equal(p->deadline, "u {ms}");
	assert_string_equal(p->deadline_end, "v");
	assert_int_equal(p->ddl_commits, DDL_ALWAYS);
	assert_string_equal(p->commits, "w | x");
	assert_string_equal(p->commits_not, "y");
	assert_int_equal(p->dead_check, DEAD_PINGS);
	assert_true(p->statement_timeout);
	assert_true(p->cancel);
	assert_true(p->block_sigpipe);
	assert_string_equal(p->commit_busy->state, "00001");
	assert_string_equal(p->rolled_back->state, "00002");
	assert_string_equal(p->ended->state, "00003");
	assert_true(p->error_aborts);
	assert_string_equal(p->reprepare->state, "00004");
	assert_int_equal(p->single, COUNTS_TOTAL);
	assert_string_equal(p->hide->text, "a * b");
	profile_free(p);
}

static void is_way(const struct batch_way *w, enum strategy strategy,
		   unsigned fewest, unsigned most)
{
	assert_int_equal(w->strategy, strategy);
	if (strategy == STRATEGY_ROWS)
		return;
	assert_int_equal(w->fewest, fewest);
	assert_int_equal(w->most, most);
}

static void batch_keys_reach_their_members(void **state)
{
	struct profile *p = load_text(*state, "all", every_key);

	assert_int_equal(p->batch, COUNTS_EACH);
	is_way(&p->insert.list[0], STRATEGY_UNNEST, 2, 1000);
	is_way(&p->insert.list[1], STRATEGY_VALUES, 10, 100);
	is_way(&p->insert.list[2], STRATEGY_ROWS, 0, 0);
	is_way(&p->update.list[0], STRATEGY_JOIN, 9, 9);
	is_way(&p->update.list[1], STRATEGY_ROWS, 0, 0);
	is_way(&p->remove.list[0], STRATEGY_IN, 7, 20);
	is_way(&p->remove.list[1], STRATEGY_ARRAY, 3, 3);
	assert_int_equal(p->arrays, ARRAYS_ROWS);
	assert_int_equal(p->tuples, TUPLES_LIST);
	assert_string_equal(p->row_id, "ctid");
	assert_true(p->join_keys);
	assert_int_equal(p->returning, RETURNING_INSERT);
	assert_int_equal(p->together, TOGETHER_BLOCK);
	assert_string_equal(p->plain_table, "SELECT ?");
	assert_string_equal(p->made_key, "SELECT ?, ?");
	assert_int_equal(p->keys, BATCH_KEYS_LAST);
	assert_int_equal(p->markers, 999);
	assert_int_equal(p->rowset, 50);
	assert_true(p->stream == 70 && p->pages == 4);
	assert_string_equal(p->own[UOW_TYPE_UUID].cast, "UUID");
	profile_free(p);
}

/* A profile that says rows takes back what it inherits. */
static void rows_takes_inherited_strategies_back(void **state)
{
	struct profile *p = load_text(*state, "base",
				      "[batch]\ninsert = values 5\n"
				      "update = join 5\n");

	is_way(&p->insert.list[0], STRATEGY_VALUES, 5, 5);
	profile_free(p);
	p = load_text(*state, "heir", "[profile]\ninherits = base\n"
		      "[batch]\ninsert = rows\n");
	is_way(&p->insert.list[0], STRATEGY_ROWS, 0, 0);
	is_way(&p->update.list[0], STRATEGY_JOIN, 5, 5);
	profile_free(p);
}

static void type_keys_reach_their_members(void **state)
{
	struct profile *p = load_text(*state, "all", every_key);
	const struct type_form *own = p->own;

	assert_string_equal(own[UOW_TYPE_BOOL].column, "BIT");
	assert_int_equal(own[UOW_TYPE_BOOL].bind, FORM_BIT);
	assert_int_equal(own[UOW_TYPE_BOOL].fetch, FORM_NONE);
	assert_int_equal(own[UOW_TYPE_INT64].bind, FORM_LONG64);
	assert_int_equal(own[UOW_TYPE_INT64].fetch_whole, FORM_LONG64);
	assert_int_equal(own[UOW_TYPE_INT64].fetch, FORM_INT64);
	assert_string_equal(own[UOW_TYPE_INT64].sql, "BIGINT");
	assert_int_equal(own[UOW_TYPE_INT64].length_max, 9);
	assert_int_equal(own[UOW_TYPE_INT64].size, 8);
	assert_true(own[UOW_TYPE_INT64].rebind);
	assert_true(own[UOW_TYPE_INT64].localized);
	assert_int_equal(own[UOW_TYPE_DOUBLE].bind, FORM_DOUBLE);
	assert_int_equal(own[UOW_TYPE_DOUBLE].fetch, FORM_FLOAT);
	assert_true(own[UOW_TYPE_DOUBLE].nan);
	assert_true(own[UOW_TYPE_DOUBLE].infinity);
	assert_string_equal(own[UOW_TYPE_DOUBLE].read, "quote({column})");
	assert_string_equal(own[UOW_TYPE_DOUBLE].write, "f({value})");
	assert_string_equal(own[UOW_TYPE_DECIMAL].column,
			    "D({precision},{scale})");
	assert_string_equal(own[UOW_TYPE_DECIMAL].marker, "D");
	assert_int_equal(own[UOW_TYPE_DECIMAL].bind, FORM_INT32);
	assert_int_equal(own[UOW_TYPE_DECIMAL].fetch, FORM_INT16);
	assert_true(own[UOW_TYPE_DECIMAL].unscaled);
	assert_true(p->has_foreign[UOW_TYPE_DECIMAL]);
	assert_false(p->has_foreign[UOW_TYPE_DOUBLE]);
	assert_int_equal(p->foreign[UOW_TYPE_DECIMAL].bind, FORM_TEXT);
	assert_int_equal(p->foreign[UOW_TYPE_DECIMAL].digits, 15);
	assert_string_equal(p->foreign[UOW_TYPE_DECIMAL].unordered,
			    "CHAR TEXT");
	assert_string_equal(p->foreign[UOW_TYPE_DECIMAL].operand,
			    "o({value})");
	assert_string_equal(p->foreign[UOW_TYPE_DECIMAL].compare,
			    "k({column})");
	assert_string_equal(own[UOW_TYPE_DATE].lost, "0004-12-31");
	assert_string_equal(own[UOW_TYPE_BYTES].column_long, "BLOB");
	assert_int_equal(own[UOW_TYPE_BYTES].bind, FORM_BINARY);
	assert_int_equal(own[UOW_TYPE_TIMESTAMP].bind, FORM_TIMESTAMP);
	assert_int_equal(own[UOW_TYPE_TIMESTAMP].fraction, 9);
	assert_int_equal(own[UOW_TYPE_DATE].bind, FORM_DATE);
	assert_int_equal(own[UOW_TYPE_TIME].bind, FORM_TIME);
	profile_free(p);
}

static void sql_keys_reach_their_members(void **state)
{
	struct profile *p = load_text(*state, "all", every_key);

	assert_string_equal(p->limit, "a {limit}");
	assert_string_equal(p->offset, "b {offset}");
	assert_string_equal(p->offset_only, "c {offset}");
	assert_true(p->limit_first);
	assert_int_equal(p->limit_max, 11);
	assert_int_equal(p->in_max, 12);
	assert_int_equal(p->name_max, 14);
	assert_int_equal(p->parameters_max, 13);
	assert_true(p->statement_timeout_locks);
	assert_string_equal(p->unanswered->state, "00006");
	assert_string_equal(p->lock_update, "d");
	assert_string_equal(p->lock_nowait, "e");
	assert_string_equal(p->lock_skip, "f");
	assert_true(p->lock_by_file);
	assert_string_equal(p->last_key, "g");
	assert_string_equal(p->write_prefix, "ga");
	assert_string_equal(p->ask, "gb");
	assert_string_equal(p->default_values, "h");
	assert_string_equal(p->test_apart, "(({test}))");
	assert_string_equal(p->starts_with, "i {column} {value}");
	assert_string_equal(p->generated_key, "j");
	assert_true(p->generated_key_is_primary && p->savepoints);
	assert_string_equal(p->drop_table, "k {table}");
	assert_string_equal(p->add_foreign_key, "l {table} {foreign_key}");
	assert_string_equal(p->drop_foreign_key, "l {name}");
	assert_string_equal(p->table_end, "le");
	assert_string_equal(p->savepoint, "m {name}");
	assert_string_equal(p->rollback_to, "n {name}");
	assert_string_equal(p->release, "o {name}");
	assert_true(p->range_checked && p->catalogs);
	assert_false(strcmp(p->generated_time, "z {type}") ||
		     strcmp(p->schema, "za") || strcmp(p->server, "zb") ||
		     strcmp(p->cluster, "zc"));
	profile_free(p);
}

static void absent_keys_are_null_or_zero(void **state)
{
	struct profile *p = load_text(*state, "empty", "# nothing\n\n; here\n");

	assert_null(p->limit);
	assert_null(p->errors);
	assert_null(p->options);
	assert_false(p->savepoints);
	assert_int_equal(p->own[UOW_TYPE_BOOL].bind, FORM_NONE);
	profile_free(p);
	profile_free(NULL);
}

static void heir_overrides_and_takes_back(void **state)
{
	struct profile *p;

	write_file(((struct folders *)*state)->second, "base",
		   "[profile]\nproved = yes\n[match]\ndriver = base\n"
		   "[sql]\nlimit = A {limit}\noffset = B {offset}\n"
		   "last_key = K\n[connect]\noption.X = 1\noption.Y = 2\n"
		   "alias.y = YY\noption.Z = 3\n"
		   "[transaction]\nended = 40001\nended = 40002\n"
		   "[errors]\nlocked = HY000/5\n");
	p = load_text(*state, "heir",
		      "[profile]\ninherits = base\n"
		      "[sql]\nlimit = C {limit}\nlast_key =\n"
		      "[connect]\noption.y = 4\noption.x =\n"
		      "[transaction]\nended = 99999\nended = 88888\n"
		      "[errors]\ndeadlock = HY000/5/dead\nio = *\n");
	assert_false(p->proved);
	assert_null(p->match_driver);
	assert_string_equal(p->limit, "C {limit}");
	assert_string_equal(p->offset, "B {offset}");
	assert_null(p->last_key);
	assert_string_equal(p->options->name, "Y");
	assert_string_equal(p->options->value, "4");
	assert_string_equal(p->options->aliases, "YY");
	assert_string_equal(p->options->next->name, "Z");
	assert_null(p->options->next->next);
	assert_string_equal(p->ended->state, "99999");
	assert_string_equal(p->ended->next->state, "88888");
	assert_string_equal(p->ended->next->next->state, "40001");
	assert_string_equal(p->ended->next->next->next->state, "40002");
	assert_int_equal(error_rule_find(p->errors, "HY000", 5, "dead")->code,
			 UOW_EDEADLOCK);
	assert_int_equal(error_rule_find(p->errors, "HY000", 5, "x")->code,
			 UOW_EIO);
	profile_free(p);
}

static void first_folder_wins(void **state)
{
	const struct folders *f = *state;
	struct profile *p;

	write_file(f->second, "twice", "[sql]\nlast_key = second\n");
	p = load_text(f, "twice", "[sql]\nlast_key = first\n");
	assert_string_equal(p->last_key, "first");
	profile_free(p);
}

static void values_go_on_behind_a_blank(void **state)
{
	struct profile *p = load_text(*state, "long",
		"[sql]\nlast_key = one ; comment\n  two ; comment\n"
		"\tthree;3\n  # comment\nlimit = {limit}\n"
		"[transaction]\nended = 40001\n   40002\n");

	assert_string_equal(p->last_key, "one two three;3");
	assert_string_equal(p->limit, "{limit}");
	assert_string_equal(p->ended->state, "40001");
	assert_string_equal(p->ended->next->state, "40002");
	profile_free(p);
}

static void rules_match_state_number_and_text(void **state)
{
	struct profile *p = load_text(*state, "rules",
		"[errors]\nlocked = 55P03\ndeadlock = 40*/-7\n"
		"io = HY000/*/disk; full/100% = bad\n"
		"connect = 08*\ncanceled = HY*/9\n");
	const struct error_rule *r = p->errors;

	assert_true(error_rule_match(r, "55P03", 1, NULL));
	assert_false(error_rule_match(r, "55P04", 1, NULL));
	assert_true(error_rule_match(r, "40001", -7, "x"));
	assert_false(error_rule_match(r, "40001", 7, "x"));
	assert_true(error_rule_match(r, "HY000", 3,
				     "the disk; full/100% = bad day"));
	assert_false(error_rule_match(r, "HY000", 3, "the disk"));
	assert_false(error_rule_match(r, "HY000", 3, NULL));
	assert_true(error_rule_match(r, "08S01", 0, ""));
	assert_true(error_rule_match(r, "HY123", 9, ""));
	assert_false(error_rule_match(r, "HY123", 8, ""));
	assert_false(error_rule_match(r, NULL, 0, NULL));
	assert_false(error_rule_match(NULL, "08S01", 0, ""));
	profile_free(p);
}

static void all_code_names_are_known(void **state)
{
	static const struct {
		const char *state;
		int code;
	} want[] = {
		{ "00001", UOW_EDUPLICATE }, { "00002", UOW_ECONSTRAINT },
		{ "00003", UOW_ECONFLICT }, { "00004", UOW_EDEADLOCK },
		{ "00005", UOW_ELOCKED }, { "00006", UOW_ETIMEOUT },
		{ "00007", UOW_ECONNECT }, { "00008", UOW_EDENIED },
		{ "00009", UOW_EDATA }, { "00010", UOW_ESQL },
		{ "00011", UOW_ENOTSUP }, { "00012", UOW_ECONFIG },
		{ "00013", UOW_EIO }, { "00014", UOW_ECANCELED },
		{ "00015", UOW_ENOMEM }, { "00016", UOW_EMANY },
		{ "00017", UOW_ENOTFOUND }
	};
	struct profile *p = load_text(*state, "codes",
		"[errors]\nduplicate = 00001\nconstraint = 00002\n"
		"conflict = 00003\ndeadlock = 00004\nlocked = 00005\n"
		"timeout = 00006\nconnect = 00007\ndenied = 00008\n"
		"data = 00009\nsql = 00010\nnotsup = 00011\n"
		"config = 00012\nio = 00013\ncanceled = 00014\n"
		"nomem = 00015\nmany = 00016\nnotfound = 00017\n");
	const struct error_rule *r = p->errors;
	size_t i;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++, r = r->next) {
		assert_non_null(r);
		assert_string_equal(r->state, want[i].state);
		assert_int_equal(r->code, want[i].code);
	}
	assert_null(r);
	profile_free(p);
}

/* What is wrong, in which line, and what is said of it. */
struct broken {
	const char *text;
	const char *message;	/* behind "FOLDER/broken.ini:" */
};

static const struct broken broken[] = {
	{ "[nonsense]\na = b\n", "2: [nonsense] a: no such section" },
	{ "limit = {limit}\n", "1: [] limit: no such section" },
	{ "[sql]\n\nlimits = {limit}\n", "3: [sql] limits: no such key" },
	{ "[connect]\nfoo = 1\n", "2: [connect] foo: no such key" },
	{ "[connect]\nfoo.x = 1\n", "2: [connect] foo.x: no such key" },
	{ "[connect]\noption. = 1\n", "2: [connect] option.: no such key" },
	{ "[connect]\nbits. = 1\n", "2: [connect] bits.: no such key" },
	{ "[connect]\nbits.x = all\n", "2: [connect] bits.x: \"all\" is not "
	  "a number from 0 to 2147483647" },
	{ "[transaction]\nddl_commits = perhaps\n", "2: [transaction] "
	  "ddl_commits: \"perhaps\" is none of: no yes driver" },
	{ "[connect]\nalias.X = Y\n",
	  "2: [connect] alias.X: there is no option.X above" },
	{ "[type.int128]\nbind = text\n",
	  "2: [type.int128] bind: no such section" },
	{ "[type.null]\nbind = text\n",
	  "2: [type.null] bind: no such section" },
	{ "[type.int64.own]\nbind = text\n",
	  "2: [type.int64.own] bind: no such section" },
	{ "[type.a_very_long_name_of_no_type]\nbind = text\n",
	  "2: [type.a_very_long_name_of_no_type] bind: no such section" },
	{ "[type.int64]\nbnd = text\n", "2: [type.int64] bnd: no such key" },
	{ "[type.int64]\nbind = int\n",
	  "2: [type.int64] bind: \"int\" is none of: none bit int16 int32 "
	  "int64 long64 float double text binary date time timestamp" },
	{ "[type.int64]\nsql = INT8\n",
	  "2: [type.int64] sql: \"INT8\" is none of: BIT TINYINT SMALLINT "
	  "INTEGER BIGINT REAL FLOAT DOUBLE NUMERIC DECIMAL CHAR VARCHAR "
	  "LONGVARCHAR WVARCHAR WLONGVARCHAR BINARY VARBINARY "
	  "LONGVARBINARY DATE TIME TIMESTAMP GUID" },
	{ "[type.int64]\nrebind = maybe\n",
	  "2: [type.int64] rebind: \"maybe\" is neither yes nor no" },
	{ "[type.timestamp]\nfraction = 10\n",
	  "2: [type.timestamp] fraction: \"10\" is not a number from 0 to "
	  "9" },
	{ "[type.timestamp]\nfraction = -1\n",
	  "2: [type.timestamp] fraction: \"-1\" is not a number from 0 to "
	  "9" },
	{ "[transaction]\nlock_wait_ms = 5s\n",
	  "2: [transaction] lock_wait_ms: \"5s\" is not a number from 0 to "
	  "86400000" },
	{ "[transaction]\ndead_check = yes\n",
	  "2: [transaction] dead_check: \"yes\" is none of: never free "
	  "pings" },
	{ "[counts]\nsingle = some\n",
	  "2: [counts] single: \"some\" is none of: none total changed each" },
	{ "[type.date]\nlost = 1582-10-14/1582-10-05\n",
	  "2: [type.date] lost: \"1582-10-14/1582-10-05\" is no list of days "
	  "such as 1582-10-05/1582-10-14" },
	{ "[type.date]\nlost = 0004-12-31 1582-10-5\n",
	  "2: [type.date] lost: \"0004-12-31 1582-10-5\" is no list of days "
	  "such as 1582-10-05/1582-10-14" },
	{ "[batch]\ninsert = join 100\n",
	  "2: [batch] insert: \"join 100\" is no strategy for this with "
	  "numbers from 2 to 100000" },
	{ "[batch]\nupdate = join\n",
	  "2: [batch] update: \"join\" is no strategy for this with numbers "
	  "from 2 to 100000" },
	{ "[batch]\ndelete = in 10, in 1\n",
	  "2: [batch] delete: \"in 1\" is no strategy for this with numbers "
	  "from 2 to 100000" },
	{ "[batch]\ndelete = in 20-10\n",
	  "2: [batch] delete: \"in 20-10\" is no strategy for this with "
	  "numbers from 2 to 100000" },
	{ "[batch]\ninsert = array 5,array 6,array 7,array 8\n",
	  "2: [batch] insert: more than 3 strategies" },
	{ "[batch]\narrays = yes\n",
	  "2: [batch] arrays: \"yes\" is none of: none columns rows" },
	{ "[batch]\ntuples = in\n",
	  "2: [batch] tuples: \"in\" is none of: or list" },
	{ "[batch]\ntogether = yes\n",
	  "2: [batch] together: \"yes\" is none of: none with block" },
	{ "[batch]\nreturning = yes\n",
	  "2: [batch] returning: \"yes\" is none of: none insert all" },
	{ "[batch]\nkeys = first\n",
	  "2: [batch] keys: \"first\" is none of: none last" },
	{ "[quote]\nopen = <<\n",
	  "2: [quote] open: \"<<\" is not one character" },
	{ "[sql]\nlimit = LIMIT\n",
	  "2: [sql] limit: there is no {limit} in \"LIMIT\"" },
	{ "[type.double]\nread = quote({col})\n",
	  "2: [type.double] read: there is no {column} in \"quote({col})\"" },
	{ "[errors]\nbusy = HY000\n", "2: [errors] busy: no such code" },
	{ "[errors]\nlocked = HY00\n",
	  "2: [errors] locked: \"HY00\": is not a SQLSTATE" },
	{ "[errors]\nlocked = hy000\n",
	  "2: [errors] locked: \"hy000\": is not a SQLSTATE" },
	{ "[errors]\nlocked = HY0000*\n",
	  "2: [errors] locked: \"HY0000*\": is not a SQLSTATE" },
	{ "[errors]\nlocked =\n",
	  "2: [errors] locked: \"\": is not a SQLSTATE" },
	{ "[errors]\nlocked = HY000/x\n",
	  "2: [errors] locked: \"HY000/x\": the native code is neither a "
	  "number nor *" },
	{ "[errors]\nlocked = HY000/99999999999\n",
	  "2: [errors] locked: \"HY000/99999999999\": the native code is "
	  "neither a number nor *" },
	{ "[transaction]\nended = HY000/5/\n",
	  "2: [transaction] ended: \"HY000/5/\": there is no text behind "
	  "the last /" },
	{ "[sql]\nlast_key = a\n[quote]\n[sql]\nlast_key = b\n",
	  "5: [sql] last_key: set before" },
	{ "[sql]\n# ok\njunk\n",
	  "3: this is neither [section], key = value nor a comment" },
	{ "[sql\n",
	  "1: this is neither [section], key = value nor a comment" },
	{ "[profile]\ninherits = ../secret\n",
	  "2: [profile] inherits: \"../secret\" is not the name of a "
	  "profile" },
	{ "[profile]\ninherits =\n",
	  "2: [profile] inherits: \"\" is not the name of a profile" },
	{ "[profile]\n\ninherits = broken\n",
	  "3: [profile] inherits: \"broken\" inherits from itself" }
};

static void every_mistake_is_named_with_its_line(void **state)
{
	const struct folders *f = *state;
	struct profile *p = (struct profile *)state;
	uow_error err;
	char want[600];
	size_t i;

	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		write_file(f->first, "broken", broken[i].text);
		memset(&err, 0, sizeof(err));
		assert_int_equal(profile_load(&p, "broken", f->both, &err),
				 UOW_ECONFIG);
		snprintf(want, sizeof(want), "%s/broken.ini:%s", f->first,
			 broken[i].message);
		assert_string_equal(err.message, want);
		assert_int_equal(err.code, UOW_ECONFIG);
		assert_ptr_equal(p, state);
	}
}

static void line_longer_than_the_parser_takes_is_refused(void **state)
{
	const struct folders *f = *state;
	struct profile *p;
	uow_error err = UOW_ERROR_INIT;
	char text[400];

	strcpy(text, "[sql]\nlast_key = ");
	memset(text + strlen(text), 'x', 300);
	strcpy(text + 310, "\n");
	write_file(f->first, "wide", text);
	assert_int_equal(profile_load(&p, "wide", f->both, &err), UOW_ECONFIG);
	assert_non_null(strstr(err.message, "wide.ini:2: line too long"));
}

static void profile_that_is_nowhere_is_named(void **state)
{
	const struct folders *f = *state;
	struct profile *p;
	uow_error err = UOW_ERROR_INIT;
	char want[400];

	assert_int_equal(profile_load(&p, "absent", f->both, &err),
			 UOW_ECONFIG);
	snprintf(want, sizeof(want), "there is no profile \"absent\": no "
		 "absent.ini in %s", f->both);
	assert_string_equal(err.message, want);
	assert_int_equal(profile_load(&p, "../x", f->both, &err),
			 UOW_ECONFIG);
	assert_string_equal(err.message,
			    "\"../x\" is not the name of a profile");
	assert_int_equal(profile_load(&p, "x/y", f->both, &err), UOW_ECONFIG);
	assert_string_equal(err.message,
			    "\"x/y\" is not the name of a profile");
	assert_int_equal(profile_load(&p, "absent", f->both, NULL),
			 UOW_ECONFIG);
	write_file(f->first, "orphan", "[profile]\ninherits = absent\n");
	assert_int_equal(profile_load(&p, "orphan", f->both, &err),
			 UOW_ECONFIG);
	snprintf(want, sizeof(want), "%s/orphan.ini:2: [profile] inherits: "
		 "there is no absent.ini in %s", f->first, f->both);
	assert_string_equal(err.message, want);
}

static void circle_of_heirs_is_refused(void **state)
{
	const struct folders *f = *state;
	struct profile *p;
	uow_error err = UOW_ERROR_INIT;

	write_file(f->first, "one", "[profile]\ninherits = two\n");
	write_file(f->first, "two", "[profile]\ninherits = one\n");
	assert_int_equal(profile_load(&p, "one", f->both, &err), UOW_ECONFIG);
	assert_non_null(strstr(err.message, "two.ini:2: [profile] inherits: "
			       "\"one\" inherits from itself"));
}

static void inheritance_has_a_limit(void **state)
{
	const struct folders *f = *state;
	struct profile *p;
	uow_error err = UOW_ERROR_INIT;
	char name[16], text[64];
	int i;

	for (i = 1; i <= 9; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		snprintf(text, sizeof(text), "[profile]\ninherits = p%d\n",
			 i + 1);
		write_file(f->first, name, i < 9 ? text : "");
	}
	assert_int_equal(profile_load(&p, "p2", f->both, &err), 0);
	profile_free(p);
	assert_int_equal(profile_load(&p, "p1", f->both, &err), UOW_ECONFIG);
	assert_non_null(strstr(err.message, "p8.ini:2: [profile] inherits: "
			       "more than 8 files"));
}

static void unreadable_file_is_an_io_error(void **state)
{
	const struct folders *f = *state;
	struct profile *p;
	uow_error err = UOW_ERROR_INIT;
	char path[128];

	snprintf(path, sizeof(path), "%s/folder.ini", f->first);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(profile_load(&p, "folder", f->both, &err), UOW_EIO);
	assert_non_null(strstr(err.message, "folder.ini: "));
}

static void match_finds_the_first_by_name(void **state)
{
	const struct folders *f = *state;
	char name[16] = "";

	write_file(f->second, "beta", "[match]\ndriver = Foo* | *libfoo.so\n");
	write_file(f->first, "gamma", "[match]\ndriver = *\ndbms = Bar?\n");
	write_file(f->first, "child", "[profile]\ninherits = beta\n");
	assert_int_equal(profile_match(f->both, "foo 3", NULL, name,
				       sizeof(name), NULL), 0);
	assert_string_equal(name, "beta");
	assert_int_equal(profile_match(f->both, "/usr/lib/libfoo.so", NULL,
				       name, sizeof(name), NULL), 0);
	assert_string_equal(name, "beta");
	assert_int_equal(profile_match(f->both, "other", NULL, name,
				       sizeof(name), NULL), 0);
	assert_string_equal(name, "gamma");
	assert_int_equal(profile_match(f->both, NULL, "Bar5", name,
				       sizeof(name), NULL), 0);
	assert_string_equal(name, "gamma");
	assert_int_equal(profile_match(f->both, NULL, "Baz", name,
				       sizeof(name), NULL), 0);
	assert_string_equal(name, "ansi");
	assert_int_equal(profile_match(f->both, NULL, NULL, name,
				       sizeof(name), NULL), 0);
	assert_string_equal(name, "ansi");
}

/* One driver may speak to databases of several makers. */
static void match_believes_the_database_more_than_the_driver(void **state)
{
	struct folders *f = *state;
	uow_error err;
	char name[20];

	write_file(f->first, "a1", "[match]\ndriver = foo\ndbms = x\n");
	write_file(f->first, "b2", "[match]\ndriver = bar\ndbms = y\n");
	write_file(f->first, "c3", "[match]\ndriver = foo\ndbms = y\n");
	assert_int_equal(profile_match(f->both, "bar", "x", name,
				       sizeof(name), &err), 0);
	assert_string_equal(name, "a1");
	assert_int_equal(profile_match(f->both, "foo", "y", name,
				       sizeof(name), &err), 0);
	assert_string_equal(name, "c3");
	assert_int_equal(profile_match(f->both, "foo", "z", name,
				       sizeof(name), &err), 0);
	assert_string_equal(name, "a1");
}

static void match_prefers_the_first_folders_file(void **state)
{
	const struct folders *f = *state;
	char name[16] = "";

	write_file(f->second, "beta", "[match]\ndriver = foo\n");
	write_file(f->first, "beta", "[match]\ndriver = bar\n");
	assert_int_equal(profile_match(f->both, "foo", NULL, name,
				       sizeof(name), NULL), 0);
	assert_string_equal(name, "ansi");
}

static void match_says_what_is_broken(void **state)
{
	const struct folders *f = *state;
	char name[16] = "kept", small[4] = "abc";
	uow_error err = UOW_ERROR_INIT;

	write_file(f->first, "a", "[match]\ndriver = x\n");
	write_file(f->first, "bad", "[what]\nis = this\n");
	assert_int_equal(profile_match(f->both, "y", NULL, name, sizeof(name),
				       &err), UOW_ECONFIG);
	assert_non_null(strstr(err.message, "bad.ini:2: [what] is"));
	assert_string_equal(name, "kept");
	assert_int_equal(profile_match("/nonexistent/x:/nonexistent/y", "y",
				       NULL, name, sizeof(name), &err),
			 UOW_EIO);
	assert_non_null(strstr(err.message, "/nonexistent/y: "));
	assert_int_equal(profile_match("", "y", NULL, name, sizeof(name),
				       &err), UOW_EIO);
	write_file(f->first, "bad", "[match]\ndriver = y\n");
	write_file(f->first, "longer", "[match]\ndriver = z\n");
	assert_int_equal(profile_match(f->both, "z", NULL, small,
				       sizeof(small), &err), UOW_ECONFIG);
	assert_string_equal(small, "abc");
	assert_int_equal(profile_match(f->both, "y", NULL, small,
				       sizeof(small), &err), 0);
	assert_string_equal(small, "bad");
}

#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, make_folders, drop_folders)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(general_keys_reach_their_members),
		CASE(batch_keys_reach_their_members),
		CASE(rows_takes_inherited_strategies_back),
		CASE(type_keys_reach_their_members),
		CASE(sql_keys_reach_their_members),
		CASE(absent_keys_are_null_or_zero),
		CASE(heir_overrides_and_takes_back),
		CASE(first_folder_wins),
		CASE(values_go_on_behind_a_blank),
		CASE(rules_match_state_number_and_text),
		CASE(all_code_names_are_known),
		CASE(every_mistake_is_named_with_its_line),
		CASE(line_longer_than_the_parser_takes_is_refused),
		CASE(profile_that_is_nowhere_is_named),
		CASE(circle_of_heirs_is_refused),
		CASE(inheritance_has_a_limit),
		CASE(unreadable_file_is_an_io_error),
		CASE(match_finds_the_first_by_name),
		CASE(match_believes_the_database_more_than_the_driver),
		CASE(match_prefers_the_first_folders_file),
		CASE(match_says_what_is_broken)
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
