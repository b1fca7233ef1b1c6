/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE		/* wait4() */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 *	measure FILE PROGRAM [ARGUMENT...]
 *
 * Runs it and writes one line to FILE: what wait() said, seconds of user and
 * of system time, and the most memory it had, in KiB. A program of its own,
 * since what a process has had includes what its parent had when it forked: an
 * interpreter would be bigger than most that it measures.
 */

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct rusage u;
	int status;
	FILE *out;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: measure FILE PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &u) != pid) {
		perror("measure");
		return 1;
	}
	out = fopen(argv[1], "w");
	if (!out) {
		perror(argv[1]);
		return 1;
	}
	fprintf(out, "%d %.6f %.6f %ld\n", status, seconds(u.ru_utime),
		seconds(u.ru_stime), u.ru_maxrss);
	if (fclose(out)) {
		perror(argv[1]);
		return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
