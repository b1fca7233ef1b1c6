/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/random.h"

/* splitmix64: a counter in steps of the golden ratio, its bits mixed. */
#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

uint64_t random_mix(uint64_t x)
{
	x += GOLDEN;
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

void random_seed(struct random *r, uint64_t seed)
{
	r->state = seed;
}

uint64_t random_next(struct random *r)
{
	uint64_t x = random_mix(r->state);

	r->state += GOLDEN;
	return x;
}

uint64_t random_upto(struct random *r, uint64_t limit)
{
	uint64_t range = limit + 1, low, x;

	if (!range)
		return random_next(r);
	/* Numbers below low would make the first remainders likelier. */
	low = (0 - range) % range;
	do
		x = random_next(r);
	while (x < low);
	return x % range;
}
