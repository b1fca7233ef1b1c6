/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <utlist.h>
#include "base/clock.h"
#include "pool/slot.h"

enum { USEC = 1000000, PART_SIZE = 288 };

static uint64_t age(const struct pool_slot *s, uint64_t now)
{
	return now > s->since ? now - s->since : 0;
}

/* "unit "transfer" (bank.c:12), for 3.250 s"; at the end of a line's room. */
static int describe(char *text, size_t size, const struct pool_slot *s,
		    uint64_t now)
{
	uint64_t usec = age(s, now);
	const char *place = s->place ? s->place : "place not known";

	return snprintf(text, size,
			"%s%.64s%s(%.128s), for %" PRIu64 ".%03u s",
			s->name[0] ? "\"" : "", s->name,
			s->name[0] ? "\" " : "", place, usec / USEC,
			(unsigned)(usec % USEC / 1000));
}

void report_oldest(uow_db *db, char *text, size_t size)
{
	uint64_t now = clock_now(&db->clock);
	char unit[PART_SIZE];

	text[0] = '\0';
	pthread_mutex_lock(&db->mutex);
	if (db->leased) {
		describe(unit, sizeof(unit), db->leased, now);
		snprintf(text, size, "; longest has one %s", unit);
	}
	pthread_mutex_unlock(&db->mutex);
}

void report_all(uow_db *db, char *text, size_t size)
{
	uint64_t now = clock_now(&db->clock);
	const struct pool_slot *s;
	char unit[PART_SIZE];
	size_t used = 0;

	text[0] = '\0';
	pthread_mutex_lock(&db->mutex);
	DL_FOREACH(db->leased, s) {
		int n = describe(unit, sizeof(unit), s, now);

		if (n < 0 || used + (size_t)n + 3 > size)
			break;
		snprintf(text + used, size - used, "%s%s", used ? "; " : "",
			 unit);
		used = strlen(text);
	}
	pthread_mutex_unlock(&db->mutex);
}

/* -- public -- */

size_t uow_db_open_units(uow_db *db, uow_open_unit *out, size_t size,
			 size_t count)
{
	const struct pool_slot *s;
	uow_open_unit one;
	size_t n = 0;
	uint64_t now;

	if (!db || db_inherited(db))
		return 0;
	now = clock_now(&db->clock);
	pthread_mutex_lock(&db->mutex);
	DL_FOREACH(db->leased, s) {
		if (out && n < count) {
			memset(&one, 0, sizeof(one));
			snprintf(one.name, sizeof(one.name), "%s", s->name);
			snprintf(one.place, sizeof(one.place), "%s",
				 s->place ? s->place : "");
			one.usec = age(s, now);
			one.endpoint = s->conn->endpoint;
			memset((char *)out + n * size, 0, size);
			memcpy((char *)out + n * size, &one,
			       size < sizeof(one) ? size : sizeof(one));
		}
		n++;
	}
	pthread_mutex_unlock(&db->mutex);
	return n;
}

void uow_db_stats(uow_db *db, uow_pool_stats *out, size_t size)
{
	uow_pool_stats s;

	if (!db || !out)
		return;
	memset(&s, 0, sizeof(s));
	if (db_lock(db)) {
		s.open = db->open;
		s.idle = db->idle_count;
		s.waiting = db->waiting;
		s.acquired = db->acquired;
		s.timeouts = db->timeouts;
		s.reconnects = db->reconnects;
		s.statements = db->statements;
		s.statement_hits = db->statement_hits;
		s.leased = db->leased_count;
		s.endpoint = db->route.current;
		s.failovers = db->route.switches;
		s.opened = db->opened;
		s.lost = db->lost;
		s.expired = db->expired;
		s.waits = db->waits;
		s.wait_usec = db->wait_usec;
		s.wait_max_usec = db->wait_max_usec;
		db_unlock(db);
	}
	memset(out, 0, size);
	memcpy(out, &s, size < sizeof(s) ? size : sizeof(s));
}
