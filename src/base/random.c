/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/errors.h"

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

static int read_all(int fd, unsigned char *buffer, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = read(fd, buffer + done, size - done);
		if (n > 0)
			done += (size_t)n;
		else if (!n || errno != EINTR)
			return UOW_EIO;
	}
	return 0;
}

/* Asked anew each time: nothing is left that a fork() could double. */
int random_bytes(void *buffer, size_t size, uow_error *err)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 ? UOW_EIO : read_all(fd, buffer, size);

	if (fd >= 0)
		close(fd);
	return rc ? error_set(err, rc, "no random numbers can be read from "
			      "/dev/urandom") : 0;
}
