/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * One input; returns 0. Called by libFuzzer, and by replay.c with the inputs
 * of the corpus. What must hold is asked for by MUST.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(that) \
	do { \
		if (!(that)) { \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
				__LINE__, #that); \
			abort(); \
		} \
	} while (0)

/* Numbers and names from the input; zeros when it is at its end. */
struct bytes {
	const uint8_t *at, *end;
};

static inline unsigned take_byte(struct bytes *b)
{
	return b->at < b->end ? *b->at++ : 0;
}

/* A text of up to most - 1 bytes without NUL, behind its length. */
static inline void take_text(struct bytes *b, char *out, size_t most)
{
	size_t n = take_byte(b) % most, i;

	for (i = 0; i < n; i++) {
		unsigned c = take_byte(b);

		out[i] = (char)(c ? c : '"');
	}
	out[n] = '\0';
}

#endif
