/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Numbers and text without the program's locale. Parsers take a length, want
 * the whole of it (blanks around allowed) and leave *out alone on failure.
 */

/* True if all of it is UTF-8 without NUL; *chars (may be NULL): code points. */
bool text_utf8(const char *text, size_t length, size_t *chars);

/* Shortest of %.15g and %.17g that reads back the same. Buffer: 32 bytes. */
#define TEXT_DOUBLE 32
void text_from_double(char *buffer, double value);
bool text_to_double(const char *text, size_t length, double *out);

/* Optional sign, digits, and a fraction if it is all zeros ("3.0"). */
bool text_to_int64(const char *text, size_t length, int64_t *out);

/* '*' any run, '?' any character; ASCII case does not count. */
bool text_glob(const char *pattern, const char *text);

/* ASCII only; for names of drivers, keys and values of profiles. */
bool text_same(const char *a, const char *b);

#endif
