/* SPDX-License-Identifier: BSD-2-Clause */
#include "proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void find_program(char *out, size_t size)
{
	const char *program = getenv("UOW_TEST_PROXY");
	const char *folder = getenv("abs_builddir");

	if (program)
		snprintf(out, size, "%s", program);
	else
		snprintf(out, size, "%s/tests/proxy/proxy",
			 folder ? folder : ".");
}

/* Its standard input is in[0], its output out[1]. */
static bool spawn(struct proxy_client *p, int in[2], int out[2],
		  unsigned server_port)
{
	char program[1024], port[20], flag[] = "-e";
	char *argv[4];
	posix_spawn_file_actions_t to_do;
	int rc;

	find_program(program, sizeof(program));
	snprintf(port, sizeof(port), "%u", server_port);
	argv[0] = program;
	argv[1] = flag;
	argv[2] = port;
	argv[3] = NULL;
	posix_spawn_file_actions_init(&to_do);
	posix_spawn_file_actions_adddup2(&to_do, in[0], 0);
	posix_spawn_file_actions_adddup2(&to_do, out[1], 1);
	rc = posix_spawn(&p->pid, program, &to_do, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&to_do);
	return rc == 0;
}

static bool read_ports(struct proxy_client *p, int from, unsigned *control)
{
	FILE *f = fdopen(from, "r");
	long pid;
	int n;

	if (!f)
		return false;
	n = fscanf(f, "proxy_port=%u proxy_control=%u proxy_pid=%ld", &p->port,
		   control, &pid);
	fclose(f);
	return n == 3;
}

static bool open_control(struct proxy_client *p, unsigned port)
{
	struct sockaddr_in to;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&to, 0, sizeof(to));
	to.sin_family = AF_INET;
	to.sin_port = htons((unsigned short)port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		return false;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    !(p->control = fdopen(fd, "r+"))) {
		close(fd);
		return false;
	}
	return true;
}

bool proxy_start(struct proxy_client *p, unsigned server_port)
{
	int in[2], out[2];
	unsigned control = 0;
	bool ok;

	memset(p, 0, sizeof(*p));
	if (pipe(in))
		return false;
	if (pipe(out)) {
		close(in[0]);
		close(in[1]);
		return false;
	}
	ok = spawn(p, in, out, server_port);
	close(in[0]);
	close(out[1]);
	p->life = in[1];
	if (!ok) {
		close(out[0]);
		close(p->life);
		return false;
	}
	if (read_ports(p, out[0], &control) && open_control(p, control))
		return true;
	proxy_stop(p);
	return false;
}

bool proxy_tell(struct proxy_client *p, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vfprintf(p->control, format, list);
	va_end(list);
	fputc('\n', p->control);
	fflush(p->control);
	if (!fgets(p->answer, sizeof(p->answer), p->control))
		return false;
	p->answer[strcspn(p->answer, "\n")] = 0;
	return !strncmp(p->answer, "ok", 2);
}

unsigned long proxy_count(struct proxy_client *p, const char *what)
{
	char name[40];
	const char *at;

	snprintf(name, sizeof(name), " %s=", what);
	if (!proxy_tell(p, "count") || !(at = strstr(p->answer, name)))
		return (unsigned long)-1;
	return strtoul(at + strlen(name), NULL, 10);
}

void proxy_stop(struct proxy_client *p)
{
	if (p->pid <= 0)
		return;
	if (p->control)
		fclose(p->control);
	close(p->life);
	waitpid(p->pid, NULL, 0);
	p->pid = 0;
}
