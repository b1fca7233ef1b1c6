/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/profile_file.h"

#include <string.h>

#include "base/text.h"

/* Ways to write many rows: "unnest 2-1000, values 100", best first. */

enum { FEWEST_ROWS = 10, MOST_ROWS = 100000 };

static const char blanks[] = " \t\n";

static const struct {
	const char *word, *operations;	/* keys that it is meant for */
	enum strategy strategy;
} strategies[] = {
	{ "values", "insert", STRATEGY_VALUES },
	{ "unnest", "insert update delete", STRATEGY_UNNEST },
	{ "array", "insert update delete", STRATEGY_ARRAY },
	{ "join", "update", STRATEGY_JOIN },
	{ "case", "update", STRATEGY_CASE },
	{ "in", "delete", STRATEGY_IN },
};

/* "values" of "values 100"; *rows: where the number begins. */
static bool find_strategy(const char *text, size_t n, const char *operation,
			  enum strategy *out, size_t *rows)
{
	size_t i, length = strcspn(text, blanks);

	if (length > n)
		length = n;
	for (i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
		if (strlen(strategies[i].word) != length ||
		    memcmp(strategies[i].word, text, length) != 0 ||
		    !strstr(strategies[i].operations, operation))
			continue;
		*out = strategies[i].strategy;
		*rows = length + strspn(text + length, blanks);
		return true;
	}
	return false;
}

static bool parse_rows(const char *text, size_t n, unsigned *out)
{
	int64_t rows;

	if (!text_to_int64(text, n, &rows) || rows < 2 || rows > MOST_ROWS)
		return false;
	*out = (unsigned)rows;
	return true;
}

/* "100" or "2-100" */
static bool parse_range(const char *text, size_t n, struct batch_way *out)
{
	const char *dash = memchr(text, '-', n);
	size_t length = dash ? (size_t)(dash - text) : 0;

	if (!dash) {
		if (!parse_rows(text, n, &out->most))
			return false;
		out->fewest = out->most < FEWEST_ROWS ? out->most :
							FEWEST_ROWS;
		return true;
	}
	return parse_rows(text, length, &out->fewest) &&
	       parse_rows(dash + 1, n - length - 1, &out->most) &&
	       out->fewest <= out->most;
}

static bool parse_way(const char *text, size_t n, const char *operation,
		      struct batch_way *out)
{
	size_t number;

	while (n && strchr(blanks, text[n - 1]))
		n--;
	return find_strategy(text, n, operation, &out->strategy, &number) &&
	       number < n && parse_range(text + number, n - number, out);
}

int profile_put_ways(struct batch_ways *out, const struct profile_file *f,
		     const struct profile_entry *e, uow_error *err)
{
	const char *text = e->value;
	struct batch_ways ways;
	size_t count = 0, n;

	memset(&ways, 0, sizeof(ways));
	while (*text && !text_same(text, "rows")) {
		n = strcspn(text, ",");
		/* The last place stays: one by one. */
		if (count == BATCH_WAYS - 1)
			return profile_complain(f, e, err, "more than %d "
						"strategies", BATCH_WAYS - 1);
		if (!parse_way(text, n, e->key, &ways.list[count++]))
			return profile_complain(f, e, err, "\"%.*s\" is no "
						"strategy for this with "
						"numbers from 2 to %d", (int)n,
						text, MOST_ROWS);
		text += n;
		text += strspn(text, ", \t\n");
	}
	*out = ways;
	return 0;
}
