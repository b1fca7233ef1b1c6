/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>
#include <uow/error.h>

/* For jitter; nothing that must not be guessed comes from here. */
struct random {
	uint64_t state;
};

void random_seed(struct random *r, uint64_t seed);
uint64_t random_next(struct random *r);

/* Evenly in 0..limit, limit included. */
uint64_t random_upto(struct random *r, uint64_t limit);

/* From the system, not to be guessed nor met again. UOW_EIO. */
int random_bytes(void *buffer, size_t size, uow_error *err);

/* Mix the bits of x, for hashing. */
uint64_t random_mix(uint64_t x);

#endif
