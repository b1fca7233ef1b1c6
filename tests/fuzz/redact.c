/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz.h"

#include <string.h>

#include "backend/odbc/connstr.h"
#include "dialect/secrets.h"

/* Up to the first newline a connection string, then what a driver says. */

static void no_secret_is_left(const struct connstr *c, const char *name,
			      const char *shown)
{
	char value[SECRET_MAX];

	/* Three stars stand for it: one of stars cannot be told from them. */
	if (connstr_get(c, name, value, sizeof(value)) && *value &&
	    !strchr(value, '*'))
		MUST(!strstr(shown, value));
}

static void hide(const char *connection, const char *message)
{
	struct connstr c = { NULL };
	uow_error err = UOW_ERROR_INIT;
	struct strbuf sb;
	int rc = connstr_init(&c, connection, &err);

	if (rc) {
		MUST(rc == UOW_EINVAL && err.message[0]);
		MUST(!strchr(err.message, '\n'));
		return;
	}
	strbuf_init(&sb, 1 << 20);
	connstr_redact(&c, message, &sb);
	if (sb.data) {
		no_secret_is_left(&c, "PWD", sb.data);
		no_secret_is_left(&c, "Password", sb.data);
		no_secret_is_left(&c, "sslpassword", sb.data);
	}
	strbuf_release(&sb);
	strbuf_init(&sb, 1 << 20);
	connstr_place(&c, &sb);
	strbuf_release(&sb);
	if (!connstr_set(&c, "PWD", message, &err)) {
		char back[SECRET_MAX];

		MUST(strlen(message) >= sizeof(back) ||
		     (connstr_get(&c, "PWD", back, sizeof(back)) &&
		      !strcmp(back, message)));
	}
	connstr_release(&c);
}

/* A rule whose star stands for the value of a row. */
static void hide_value(const char *message)
{
	static struct error_rule rule;
	struct strbuf sb;

	memset(&rule, 0, sizeof(rule));
	rule.state = (char *)(uintptr_t)"23*";
	rule.any_native = true;
	rule.text = (char *)(uintptr_t)"Key (id)=(*) already exists";
	strbuf_init(&sb, 1 << 20);
	secrets_hide(&rule, "23505", 1, message, &sb);
	strbuf_release(&sb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *message;
	size_t i;

	if (!text)
		return 0;
	for (i = 0; i < size; i++)
		text[i] = (char)(data[i] ? data[i] : ' ');
	text[size] = '\0';
	message = strchr(text, '\n');
	if (message)
		*message++ = '\0';
	hide(text, message ? message : "");
	hide_value(message ? message : text);
	free(text);
	return 0;
}
