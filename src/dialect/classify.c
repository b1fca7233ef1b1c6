/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/classify.h"

#include <string.h>

/*
 * What SQLSTATEs mean by ISO/IEC 9075-2, clause 24, and the appendix "ODBC
 * Error Codes". A longer prefix stands before the shorter one.
 */
static const struct {
	const char *prefix;
	int code;
} states[] = {
	{ "07006", UOW_EDATA },		/* restricted data type */
	{ "08", UOW_ECONNECT },
	{ "0A", UOW_ENOTSUP },
	{ "22", UOW_EDATA },
	{ "23505", UOW_EDUPLICATE },
	{ "23", UOW_ECONSTRAINT },
	{ "27", UOW_ECONSTRAINT },	/* triggered data change */
	{ "28", UOW_EDENIED },
	{ "40002", UOW_ECONSTRAINT },
	{ "40003", UOW_ECONNECT },	/* statement completion unknown */
	{ "40", UOW_ECONFLICT },
	{ "42", UOW_ESQL },
	{ "44", UOW_ECONSTRAINT },	/* WITH CHECK OPTION */
	{ "57014", UOW_ECANCELED },	/* not in the standard, but shared */
	{ "57P", UOW_ECONNECT },	/* operator: being shut down */
	{ "58", UOW_EIO },		/* system error outside the database */
	{ "HY001", UOW_ENOMEM },
	{ "HY008", UOW_ECANCELED },
	{ "HY013", UOW_ENOMEM },
	{ "HY014", UOW_ENOMEM },	/* limit of handles */
	{ "HY117", UOW_ECONNECT },	/* only disconnecting is allowed */
	{ "HYC00", UOW_ENOTSUP },
	{ "HYT00", UOW_ETIMEOUT },
	{ "HYT01", UOW_ECONNECT },
	{ "IM001", UOW_ENOTSUP },	/* no such function in this driver */
	{ "IM", UOW_ECONFIG }
};

/* The driver manager has no state of its own for a library that is absent. */
static bool driver_missing(const char *state, const char *message)
{
	return !strcmp(state, "01000") && message &&
	       strstr(message, "Can't open lib");
}

static int classify_state(const char *state, const char *message)
{
	const char *prefix;
	size_t i;

	if (driver_missing(state, message))
		return UOW_ECONFIG;
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		prefix = states[i].prefix;
		if (!strncmp(prefix, state, strlen(prefix)))
			return states[i].code;
	}
	return UOW_ESQL;
}

int classify(const struct profile *p, const char *state, int native,
	     const char *message)
{
	const struct error_rule *r = NULL;

	if (p)
		r = error_rule_find(p->errors, state, native, message);
	return r ? r->code : classify_state(state ? state : "", message);
}

/*
 * Rolled back for certain is only what SQL defines so: class 40 but 40003
 * ("statement completion unknown"), and a constraint that was checked at the
 * end. All the rest, a lost connection above all, may have been committed.
 */
enum commit_verdict classify_commit(const struct profile *p, const char *state,
				    int native, const char *message)
{
	if (p && error_rule_match(p->commit_busy, state, native, message))
		return COMMIT_BUSY;
	if (p && error_rule_match(p->rolled_back, state, native, message))
		return COMMIT_ROLLED_BACK;
	if (!state || !strcmp(state, "40003"))
		return COMMIT_UNKNOWN;
	if (!strncmp(state, "40", 2) || !strncmp(state, "23", 2))
		return COMMIT_ROLLED_BACK;
	return COMMIT_UNKNOWN;
}
