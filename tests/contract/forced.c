/* SPDX-License-Identifier: BSD-2-Clause */
#include "forced.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct plan plans[PLANS] = {
	{ "rows", "rows", "rows", "rows" },
	{ "lists", "values 2-10", "join 2-10", "in 2-10" },
	{ "unnest", "unnest 2-50", "unnest 2-50", "unnest 2-50" },
	{ "array", "array 2-50", "array 2-50", "array 2-50" },
	{ "case", "values 100", "case 2-10", "in 100" },
	{ "own", NULL, NULL, NULL },	/* the profile's */
};

/* Each connection tells of its own statements, in its own thread. */
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;

static void count_batch(struct sent *s, const uow_trace *event)
{
	if (event->batch < 2 || event->code)
		return;
	s->inserts += !strncmp(event->sql, "INSERT", 6);
	s->updates += !strncmp(event->sql, "UPDATE", 6);
	s->deletes += !strncmp(event->sql, "DELETE", 6);
	s->together += !strncmp(event->sql, "WITH", 4) ||
		       !strncmp(event->sql, "BEGIN", 5);
}

static void count_sent(const uow_trace *event, void *arg)
{
	struct sent *s = arg;

	pthread_mutex_lock(&counting);
	s->statements++;
	count_batch(s, event);
	pthread_mutex_unlock(&counting);
}

uow_db *forced(struct fixture *f, const struct plan *p, struct sent *sent)
{
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	char path[600], dirs[1200];
	const char *installed = getenv("UOW_DRIVERS_PATH");
	FILE *out;

	assert_non_null(installed);
	snprintf(path, sizeof(path), "%s/forced-%s.ini", scratch_folder(),
		 p->name);
	out = fopen(path, "w");
	assert_non_null(out);
	fprintf(out, "[profile]\ninherits = %s\nproved = yes\n",
		uow_db_profile(f->db));
	if (!strcmp(p->name, "refused"))
		fprintf(out, "[sql]\nsavepoints = no\n");
	if (p->insert)
		fprintf(out, "[batch]\ninsert = %s\nupdate = %s\n"
			"delete = %s\n%s", p->insert, p->update, p->delete,
			strcmp(p->name, "rows") ? "" : "together = none\n");
	fclose(out);
	snprintf(dirs, sizeof(dirs), "%s:%s", scratch_folder(), installed);
	snprintf(path, sizeof(path), "forced-%s", p->name);
	o.profile = path;
	o.profile_dir = dirs;
	memset(sent, 0, sizeof(*sent));
	o.trace = count_sent;
	o.trace_arg = sent;
	return another_with(f, &o);
}

bool worth_trying(struct fixture *f, const struct plan *p)
{
	return uow_db_has(f->db, UOW_FEATURE_SAVEPOINT) ||
	       !strcmp(p->name, "rows") || !strcmp(p->name, "array") ||
	       !strcmp(p->name, "own");
}
