/* SPDX-License-Identifier: BSD-2-Clause */
#include "journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define LINE_BYTES 1024

/* Read one line into text, without its end. NULL, or what is wrong. */
static const char *read_line(FILE *file, int first, char *text, size_t size)
{
	const char *problem = NULL;
	size_t length = 0;
	int c;

	for (c = first; c != '\n' && c != EOF; c = getc(file)) {
		if (length == size - 1)
			problem = "line is too long";
		else if (c == '\0')
			problem = "line has a zero byte";
		else
			text[length++] = (char)c;
	}
	if (length && text[length - 1] == '\r')
		length--;
	text[length] = '\0';
	return c == EOF ? "line is cut off, its newline is missing" : problem;
}

static bool skip(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

/* At most 16 digits: hundredths of them still fit. */
static bool read_number(const char **at, int64_t *out)
{
	const char *c = *at;
	int64_t value = 0;

	for (; *c >= '0' && *c <= '9' && c - *at < 16; c++)
		value = value * 10 + (*c - '0');
	if (c == *at)
		return false;
	*at = c;
	*out = value;
	return true;
}

static bool read_amount(const char **at, int64_t *out)
{
	const char *cents;
	int64_t whole, part;

	if (!read_number(at, &whole) || !skip(at, '.'))
		return false;
	cents = *at;
	if (!read_number(at, &part) || *at - cents != 2)
		return false;
	*out = whole * 100 + part;
	return true;
}

/* Bytes of the UTF-8 sequence at s, 0 if it is none (RFC 3629). */
static size_t sequence(const unsigned char *s)
{
	size_t i, length = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 :
		s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	for (i = 1; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return length;
}

/* The last field, into zeros. NULL, or what is wrong with it. */
static const char *read_memo(const char **at, char *memo)
{
	bool quoted = skip(at, '"');
	unsigned characters;
	size_t length;

	for (characters = 0; **at; characters++) {
		if (quoted && skip(at, '"') && **at != '"')
			return **at ? "text after the memo" : NULL;
		if (!quoted && (**at == '"' || **at == ','))
			return "memo needs quotes";
		if ((unsigned char)**at < ' ' || **at == 0x7f)
			return "memo has a control character";
		if (characters == BANK_MEMO_LENGTH)
			return "memo is too long";
		length = sequence((const unsigned char *)*at);
		if (!length)
			return "memo is not UTF-8";
		memcpy(memo, *at, length);
		memo += length;
		*at += length;
	}
	return quoted ? "memo lacks its closing quote" : NULL;
}

static const char *read_entry(const char **at, struct entry *e)
{
	int64_t line;

	if (!read_number(at, &line) || !skip(at, ','))
		return "line number expected";
	if (line != e->line)
		return "line number is not this line's";
	if (!read_number(at, &e->from) || !skip(at, ','))
		return "number of the paying account expected";
	if (!read_number(at, &e->to) || !skip(at, ','))
		return "number of the receiving account expected";
	if (!read_amount(at, &e->amount) || !skip(at, ','))
		return "amount like 12.34 expected";
	if (!e->amount)
		return "amount is zero";
	return read_memo(at, e->memo);
}

int journal_next(struct journal *j, struct entry *e)
{
	char text[LINE_BYTES];
	const char *at = text, *whole, *part = NULL;
	int first = getc(j->file);

	if (first == EOF)
		return ferror(j->file) ? -1 : 0;
	memset(e, 0, sizeof(*e));
	e->line = ++j->line;
	whole = read_line(j->file, first, text, sizeof(text));
	if (ferror(j->file))
		return -1;
	if (!whole)
		part = read_entry(&at, e);
	if (whole)
		snprintf(e->problem, sizeof(e->problem), "%s", whole);
	else if (part)
		snprintf(e->problem, sizeof(e->problem), "byte %d: %s",
			 (int)(at - text) + 1, part);
	return 1;
}

static int64_t count_lines(FILE *file)
{
	int64_t lines = 0;
	int c, last = '\n';

	for (; (c = getc(file)) != EOF; last = c)
		lines += c == '\n';
	return lines + (last != '\n');
}

int journal_open(struct journal *j, const char *path)
{
	memset(j, 0, sizeof(*j));
	j->file = fopen(path, "r");
	if (!j->file)
		return -1;
	j->lines = count_lines(j->file);
	if (ferror(j->file) || fseek(j->file, 0, SEEK_SET)) {
		int saved = errno;

		journal_close(j);
		errno = saved;
		return -1;
	}
	return 0;
}

void journal_close(struct journal *j)
{
	if (j->file)
		fclose(j->file);
	j->file = NULL;
}
