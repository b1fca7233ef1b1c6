/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

bool password_read(int fd, char *buffer, size_t size)
{
	size_t n = 0;
	ssize_t got;
	char c;

	for (;;) {
		got = read(fd, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0 || c == '\n')
			break;
		if (n + 1 >= size)
			return false;
		buffer[n++] = c;
	}
	buffer[n] = '\0';
	return n > 0;
}

bool password_ask(const char *prompt, char *buffer, size_t size)
{
	struct termios before, quiet;
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY);
	bool ok;

	if (fd < 0)
		return false;
	if (tcgetattr(fd, &before)) {
		close(fd);
		return false;
	}
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	ok = tcsetattr(fd, TCSAFLUSH, &quiet) == 0 &&
	     write(fd, prompt, strlen(prompt)) >= 0 &&
	     password_read(fd, buffer, size);
	tcsetattr(fd, TCSAFLUSH, &before);
	if (write(fd, "\n", 1) < 0)
		ok = false;
	close(fd);
	return ok;
}
