/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>

/*
 * The inputs of a corpus as a test, for builds without libFuzzer: each as it
 * is, and with bytes changed, left out and doubled, always the same ones.
 */
enum { INPUT_MAX = 4096, CHANGES = 200 };

static uint64_t seed = 88172645463325252u;

static size_t upto(size_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return limit ? (size_t)(seed % limit) : 0;
}

/* In memory of just that size: who reads too far is found. */
static void run(const uint8_t *input, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		exit(99);
	memcpy(copy, input, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static size_t change(uint8_t *input, size_t size)
{
	static const uint8_t telling[] = "\0\"'`;-*/\\{}[]=,\n\r%_?.\xff";
	size_t at = upto(size);

	switch (upto(4)) {
	case 0:
		input[at] = (uint8_t)upto(256);
		return size;
	case 1:
		input[at] = telling[upto(sizeof(telling))];
		return size;
	case 2:
		memmove(input + at, input + at + 1, size - at - 1);
		return size - 1;
	default:
		if (size == INPUT_MAX)
			return size;
		memmove(input + at + 1, input + at, size - at);
		return size + 1;
	}
}

static void replay(const uint8_t *input, size_t size)
{
	uint8_t other[INPUT_MAX];
	size_t i, n, left;

	run(input, size);
	for (i = 0; i < CHANGES; i++) {
		memcpy(other, input, size);
		left = size;
		for (n = 1 + upto(4); n > 0 && left; n--)
			left = change(other, left);
		run(other, left);
	}
}

static unsigned replay_folder(const char *folder)
{
	DIR *d = opendir(folder);
	uint8_t input[INPUT_MAX];
	struct dirent *entry;
	unsigned count = 0;
	char path[2048];
	FILE *in;

	while (d && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		in = fopen(path, "rb");
		if (!in)
			continue;
		replay(input, fread(input, 1, sizeof(input), in));
		fclose(in);
		count++;
	}
	if (d)
		closedir(d);
	return count;
}

int main(int argc, char **argv)
{
	const char *top = getenv("srcdir"), *name = strrchr(argv[0], '/');
	char folder[900];
	unsigned count;

	name = name ? name + 1 : argv[0];
	/* The file that libtool runs for the script of that name. */
	if (!strncmp(name, "lt-", 3))
		name += 3;
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s",
		 top ? top : ".", name);
	count = replay_folder(argc > 1 ? argv[1] : folder);
	puts("1..1");
	printf("%s 1 - %u inputs of %s, and others like them\n",
	       count ? "ok" : "not ok", count, name);
	return count ? 0 : 1;
}
