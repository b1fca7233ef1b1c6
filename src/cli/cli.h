/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <popt.h>

/* The program uow: its commands, and what they share. */

enum {
	EXIT_HOLDS = 0,
	EXIT_OVERCLAIMED = 1,	/* check-profile: something is wrong with it */
	EXIT_USAGE = 2,
	EXIT_NO_CONNECTION = 3,
	EXIT_TROUBLE = 4,	/* memory, files, processes */
	EXIT_UNPROVED = 5
};

enum { PASSWORD_MAX = 512 };

/* argv[0] is the name of the command. Exit statuses. */
int command_doctor(int argc, const char **argv);
int command_profiles(int argc, const char **argv);
int command_check_profile(int argc, const char **argv);

/* Folders of profiles as the library finds them. */
const char *cli_profile_dirs(const char *option);

/* "uow: ..." to stderr. */
void cli_complain(const char *fmt, ...);

/* The same, of an option that popt has refused with rc. */
void cli_complain_option(poptContext context, int rc);

/* -- password.c: false: there is none -- */

/* First line of the descriptor. */
bool password_read(int fd, char *buffer, size_t size);
/* From the terminal, without showing it. */
bool password_ask(const char *prompt, char *buffer, size_t size);

#endif
