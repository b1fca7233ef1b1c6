/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/json.h"

#include <jansson.h>
#include <stdio.h>

#include "probe/experiment.h"
#include "probe/report.h"

/* What a driver says may be in any coding; JSON is UTF-8 only. */
static json_t *text(const char *value)
{
	json_t *j = value ? json_string(value) : json_null();

	return j ? j : json_string("(not UTF-8)");
}

static json_t *word(const char *value)
{
	return *value ? text(value) : json_null();
}

static json_t *fact_object(const struct verdict *v)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", text(v->fact->name));
	json_object_set_new(o, "about", text(v->fact->about));
	json_object_set_new(o, "claimed", word(v->claimed));
	json_object_set_new(o, "driver_says", word(v->said));
	json_object_set_new(o, "proved", word(v->proved));
	json_object_set_new(o, "used", word(v->used));
	json_object_set_new(o, "standing",
			    text(report_standing(v->standing)));
	json_object_set_new(o, "note", word(v->note));
	return o;
}

static json_t *fact_list(const struct session *s, const char *pattern)
{
	json_t *list = json_array();
	struct verdict v;
	size_t i;

	for (i = 0; i < fact_count; i++) {
		if (pattern && !fact_chosen(&facts[i], pattern))
			continue;
		session_verdict(s, &facts[i], &v);
		json_array_append_new(list, fact_object(&v));
	}
	return list;
}

static const char *ending_word(enum ending ending)
{
	static const char *const words[] = {
		"not run", "ended", "crashed", "hung", "interrupted"
	};

	return words[ending];
}

/* All that was seen, as it was seen. */
static json_t *experiment_objects(const struct session *s)
{
	json_t *all = json_object(), *one;
	const struct run *run;
	size_t i, k;

	for (i = 0; i < experiment_count; i++) {
		run = session_of(s, experiments[i].name);
		if (run->ending == ENDING_NONE)
			continue;
		one = json_object();
		json_object_set_new(one, "(ending)",
				    text(ending_word(run->ending)));
		for (k = 0; k < run->seen.count; k++)
			json_object_set_new(one, run->seen.items[k].name,
					    text(run->seen.items[k].value));
		json_object_set_new(all, experiments[i].name, one);
	}
	return all;
}

bool json_print(const struct session *s, const char *pattern,
		enum outcome outcome)
{
	static const char *const names[] = {
		"driver", "driver.version", "dbms", "dbms.version", "profile",
		"manager"
	};
	static const char *const keys[] = {
		"driver", "driver_version", "dbms", "dbms_version", "profile",
		"driver_manager"
	};
	const struct seen *claims = &session_of(s, "claims")->seen;
	json_t *o = json_object();
	size_t i;
	bool ok;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_object_set_new(o, keys[i],
				    text(seen_get(claims, names[i])));
	json_object_set_new(o, "scratch_tables", text(s->prefix));
	json_object_set_new(o, "facts", fact_list(s, pattern));
	json_object_set_new(o, "experiments", experiment_objects(s));
	json_object_set_new(o, "verdict", text(report_outcome_word(outcome)));
	json_object_set_new(o, "holds",
			    json_boolean(outcome == OUTCOME_HOLDS));
	ok = json_dumpf(o, stdout, JSON_INDENT(1)) == 0;
	putchar('\n');
	json_decref(o);
	return ok;
}
