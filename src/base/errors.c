/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/errors.h"

#include <stdio.h>
#include <string.h>

/* Bytes of the UTF-8 sequence that begins here; 1 for what is none. */
static size_t sequence(const unsigned char *p)
{
	size_t len = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : *p >= 0xc2 ? 2 : 1;
	size_t i;

	for (i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 1;
	return len;
}

static bool is_blank(unsigned char c)
{
	return c <= ' ' || c == 0x7f;
}

/*
 * Append src: runs of blanks and control characters become one blank, none at
 * either end; what does not fit is cut off at a character's end.
 */
static void append_clean(char *dst, size_t size, const char *src)
{
	const unsigned char *p = (const unsigned char *)src;
	size_t pos = strlen(dst), len;
	bool gap = false;

	for (; *p; p += len) {
		len = sequence(p);
		if (is_blank(*p)) {
			gap = pos > 0;
			continue;
		}
		if (gap + len >= size - pos)
			break;
		if (gap)
			dst[pos++] = ' ';
		memcpy(dst + pos, p, len);
		pos += len;
		gap = false;
	}
	dst[pos] = '\0';
}

/* A character that the end of the buffer cut in two is taken off. */
static void drop_torn_character(char *text, size_t len)
{
	size_t start = len;

	while (start > 0 && len - start < 4 &&
	       ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && (unsigned char)text[start - 1] >= 0xc2) {
		start--;
		if (sequence((unsigned char *)text + start) < len - start ||
		    sequence((unsigned char *)text + start) == 1)
			text[start] = '\0';
	}
}

enum { SCRATCH = 2 * UOW_ERROR_TEXT };

/*
 * Formatted apart from err, since the arguments may well be texts of err; and
 * longer than needed, since blanks are squeezed afterwards.
 */
static void format(char *scratch, const char *fmt, va_list args)
{
	int len = vsnprintf(scratch, SCRATCH, fmt, args);

	if (len < 0)
		scratch[0] = '\0';
	else if (len >= SCRATCH)
		drop_torn_character(scratch, SCRATCH - 1);
}

int error_vset(uow_error *err, int code, const char *fmt, va_list args)
{
	static const uow_error fresh = UOW_ERROR_INIT;
	char scratch[SCRATCH];

	if (!err)
		return code;
	format(scratch, fmt, args);
	*err = fresh;
	err->code = code;
	append_clean(err->message, sizeof(err->message), scratch);
	return code;
}

int error_set(uow_error *err, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	error_vset(err, code, fmt, args);
	va_end(args);
	return code;
}

int error_nomem(uow_error *err)
{
	return error_set(err, UOW_ENOMEM, "out of memory");
}

void error_step(uow_error *err, const char *fmt, ...)
{
	char scratch[SCRATCH];
	va_list args;

	if (!err)
		return;
	va_start(args, fmt);
	format(scratch, fmt, args);
	va_end(args);
	err->step[0] = '\0';
	append_clean(err->step, sizeof(err->step), scratch);
}

void error_entity(uow_error *err, const char *entity)
{
	if (!err)
		return;
	if (entity && !strncmp(entity, "struct ", 7))
		entity += 7;
	err->entity[0] = '\0';
	append_clean(err->entity, sizeof(err->entity), entity ? entity : "");
}

void error_diag(uow_error *err, const char *sqlstate, int native)
{
	if (!err)
		return;
	err->sqlstate[0] = '\0';
	append_clean(err->sqlstate, sizeof(err->sqlstate),
		     sqlstate ? sqlstate : "");
	err->native = native;
}

void error_append(uow_error *err, const char *fmt, ...)
{
	char scratch[SCRATCH];
	va_list args;

	if (!err)
		return;
	va_start(args, fmt);
	format(scratch, fmt, args);
	va_end(args);
	append_clean(err->message, sizeof(err->message), scratch);
}

static const char *const names[] = {
	"UOW_OK", "UOW_ENOMEM", "UOW_EINVAL", "UOW_ENOTFOUND",
	"UOW_EDUPLICATE", "UOW_ECONSTRAINT", "UOW_ECONFLICT", "UOW_EDEADLOCK",
	"UOW_ETIMEOUT", "UOW_ECONNECT", "UOW_EINDOUBT", "UOW_EDENIED",
	"UOW_EDATA", "UOW_ESQL", "UOW_ENOTSUP", "UOW_ECONFIG", "UOW_EIO",
	"UOW_EREJECTED", "UOW_ESTATE", "UOW_ECANCELED", "UOW_ELOCKED",
	"UOW_EMANY"
};

const char *uow_code_name(int code)
{
	if (code <= UOW_EAPP)
		return "UOW_EAPP";
	if (code > 0 || code < UOW_EMANY)
		return "unknown code";
	return names[-code];
}

bool uow_code_is_transient(int code)
{
	return code == UOW_ECONFLICT || code == UOW_EDEADLOCK ||
	       code == UOW_ELOCKED || code == UOW_ECONNECT;
}

void error_name_row(uow_error *err)
{
	char said[UOW_ERROR_TEXT];
	size_t n;

	if (!err || !err->sqlstate[0] || !err->entity[0])
		return;
	n = strlen(err->entity);
	if (!strncmp(err->message, err->entity, n))
		return;
	memcpy(said, err->message, sizeof(said));
	err->message[0] = '\0';
	error_append(err, "%s%s%s: %s", err->entity, err->key[0] ? " " : "",
		     err->key, said);
}
