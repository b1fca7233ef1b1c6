/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_DIGITS_H
#define MODEL_DIGITS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Decimals that are kept as text, since an int64_t has 18 digits only. They
 * have one spelling: scale digits behind the point, no zeros or plus in front,
 * no -0. What compares texts byte by byte compares such numbers by equality.
 */
enum {
	DIGITS_MAX = 38,
	DIGITS_TEXT = DIGITS_MAX + 4	/* sign, zero, point, NUL */
};

/*
 * The one spelling of the number in text ("+1.50", "15e-1", blanks around it),
 * in buffer of DIGITS_TEXT bytes. False, and nothing is written, if it is no
 * number or has more digits than precision and scale say.
 */
bool digits_format(char *buffer, const char *text, size_t length,
		   unsigned precision, unsigned scale);

/* Significant digits, 0 of what is no number. */
unsigned digits_count(const char *text, size_t length);

/* -1, 0, 1; false if one of them is no number of DIGITS_MAX digits. */
bool digits_order(const char *a, size_t a_length, const char *b,
		  size_t b_length, int *out);

#endif
