/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uow/common.h>

#include "base/mem.h"
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

/* popt says in its usage lines what stands in argv[0]. */
static const struct {
	const char *name, *shown;
	int (*run)(int argc, const char **argv);
} commands[] = {
	{ "doctor", "uow doctor", command_doctor },
	{ "profiles", "uow profiles", command_profiles },
	{ "check-profile", "uow check-profile", command_check_profile }
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

void cli_complain_option(poptContext context, int rc)
{
	const char *name = poptBadOption(context, POPT_BADOPTION_NOALIAS);

	/* What follows may be secret. */
	cli_complain("%.*s: %s", (int)strcspn(name, "="), name,
		     poptStrerror(rc));
}

/* The same rule as uow_db_open() has. */
const char *cli_profile_dirs(const char *option)
{
	const char *dirs = option;

	if (!dirs && getuid() == geteuid() && getgid() == getegid())
		dirs = getenv("UOW_DRIVERS_PATH");
	return dirs && *dirs ? dirs : UOW_DRIVERS_DIR;
}

static int run_command(size_t which, int argc, char **argv)
{
	const char **args = mem_array((size_t)argc + 1, sizeof(*args));
	int i, status;

	if (!args) {
		cli_complain("out of memory");
		return EXIT_TROUBLE;
	}
	args[0] = commands[which].shown;
	for (i = 1; i < argc; i++)
		args[i] = argv[i];
	status = commands[which].run(argc, args);
	mem_free(args);
	return status;
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
			return run_command(i, argc - 1, argv + 1);
	if (*command)
		cli_complain("there is no command \"%s\"", command);
	fputs(usage, stderr);
	return EXIT_USAGE;
}
