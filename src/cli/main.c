/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uow/common.h>

#include "probe/child.h"

static const char usage[] =
	"usage: uow doctor [OPTION...] DSN|CONNECTION-STRING\n"
	"       uow profiles [--profile-dir=FOLDERS]\n"
	"       uow check-profile FILE...\n"
	"       uow --version | --help\n"
	"\n"
	"doctor         prove by experiment what a database and its driver "
	"can do\n"
	"profiles       list the profiles that are found, and where\n"
	"check-profile  read profiles and say what is wrong with them\n"
	"\n"
	"\"uow COMMAND --help\" lists the options; see uow(1).\n";

static const struct {
	const char *name;
	int (*run)(int argc, const char **argv);
} commands[] = {
	{ "doctor", command_doctor },
	{ "profiles", command_profiles },
	{ "check-profile", command_check_profile }
};

void cli_complain(const char *fmt, ...)
{
	va_list args;

	fputs("uow: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

/* The same rule as uow_db_open() has. */
const char *cli_profile_dirs(const char *option)
{
	const char *dirs = option;

	if (!dirs && getuid() == geteuid() && getgid() == getegid())
		dirs = getenv("UOW_DRIVERS_PATH");
	return dirs && *dirs ? dirs : UOW_DRIVERS_DIR;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";
	size_t i;

	if (argc == 2 && !strcmp(command, EXPERIMENT_MODE))
		return child_main();
	if (!strcmp(command, "--version")) {
		printf("uow %s\n", uow_version_string());
		return EXIT_HOLDS;
	}
	if (!strcmp(command, "--help") || !strcmp(command, "help")) {
		fputs(usage, stdout);
		return EXIT_HOLDS;
	}
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(command, commands[i].name))
			return commands[i].run(argc - 1,
					       (const char **)argv + 1);
	if (*command)
		cli_complain("there is no command \"%s\"", command);
	fputs(usage, stderr);
	return EXIT_USAGE;
}
