/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/profile_file.h"

#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static const struct {
	const char *name;
	int code;
} codes[] = {
	{ "canceled", UOW_ECANCELED }, { "config", UOW_ECONFIG },
	{ "conflict", UOW_ECONFLICT }, { "connect", UOW_ECONNECT },
	{ "constraint", UOW_ECONSTRAINT }, { "data", UOW_EDATA },
	{ "deadlock", UOW_EDEADLOCK }, { "denied", UOW_EDENIED },
	{ "duplicate", UOW_EDUPLICATE }, { "io", UOW_EIO },
	{ "locked", UOW_ELOCKED }, { "many", UOW_EMANY },
	{ "nomem", UOW_ENOMEM }, { "notfound", UOW_ENOTFOUND },
	{ "notsup", UOW_ENOTSUP }, { "sql", UOW_ESQL },
	{ "timeout", UOW_ETIMEOUT }
};

int error_rule_code(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (!strcmp(codes[i].name, name))
			return codes[i].code;
	return 0;
}

static void rule_free(struct error_rule *r)
{
	if (!r)
		return;
	mem_free(r->state);
	mem_free(r->text);
	mem_free(r);
}

void error_rule_free_all(struct error_rule *list)
{
	struct error_rule *next;

	for (; list; list = next) {
		next = list->next;
		rule_free(list);
	}
}

/* Could it match a SQLSTATE, five digits and capital letters? */
static bool state_valid(const char *state, size_t length)
{
	size_t i, fixed = 0;
	bool star = false;

	for (i = 0; i < length; i++) {
		if (state[i] == '*')
			star = true;
		else if (state[i] == '?' ||
			 (state[i] >= '0' && state[i] <= '9') ||
			 (state[i] >= 'A' && state[i] <= 'Z'))
			fixed++;
		else
			return false;
	}
	return star ? fixed <= 5 : fixed == 5;
}

static bool native_parse(struct error_rule *r, const char *text, size_t length)
{
	int64_t number;

	if (length == 1 && *text == '*') {
		r->any_native = true;
		return true;
	}
	if (!text_to_int64(text, length, &number) || number < INT_MIN ||
	    number > INT_MAX)
		return false;
	r->native = (int)number;
	return true;
}

static int rule_parse(struct error_rule *r, const char *text,
		      const char **complaint)
{
	size_t length = strcspn(text, "/");

	*complaint = "is not a SQLSTATE";
	if (!state_valid(text, length))
		return UOW_ECONFIG;
	r->state = mem_dup_n(text, length);
	if (!r->state)
		return UOW_ENOMEM;
	r->any_native = true;
	text += length;
	if (!*text)
		return 0;
	r->any_native = false;
	length = strcspn(++text, "/");
	*complaint = "the native code is neither a number nor *";
	if (!native_parse(r, text, length))
		return UOW_ECONFIG;
	text += length;
	if (!*text)
		return 0;
	*complaint = "there is no text behind the last /";
	if (!*++text)
		return UOW_ECONFIG;
	r->text = mem_dup(text);
	return r->text ? 0 : UOW_ENOMEM;
}

int error_rule_add(struct error_rule **list, const char *text, int code,
		   unsigned depth, const char **complaint)
{
	struct error_rule *r = mem_alloc(sizeof(*r));
	int rc;

	if (!r)
		return UOW_ENOMEM;
	rc = rule_parse(r, text, complaint);
	if (rc) {
		rule_free(r);
		return rc;
	}
	r->code = code;
	r->depth = depth;
	while (*list && (*list)->depth <= depth)
		list = &(*list)->next;
	r->next = *list;
	*list = r;
	return 0;
}

static bool rule_fits(const struct error_rule *r, const char *state,
		      int native, const char *message)
{
	if (!text_glob(r->state, state ? state : ""))
		return false;
	if (!r->any_native && r->native != native)
		return false;
	return !r->text || (message && strstr(message, r->text));
}

const struct error_rule *error_rule_find(const struct error_rule *rules,
					 const char *state, int native,
					 const char *message)
{
	for (; rules; rules = rules->next)
		if (rule_fits(rules, state, native, message))
			return rules;
	return NULL;
}

bool error_rule_match(const struct error_rule *rules, const char *state,
		      int native, const char *message)
{
	return error_rule_find(rules, state, native, message);
}
