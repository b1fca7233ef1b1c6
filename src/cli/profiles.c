/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/cli.h"

#include <popt.h>
#include <string.h>

#include "probe/catalogue.h"

static char *dirs;

static const struct poptOption options[] = {
	{ "profile-dir", '\0', POPT_ARG_STRING, &dirs, 0,
	  "folders of profiles, separated by colons", "FOLDERS" },
	POPT_AUTOHELP
	POPT_TABLEEND
};

static int print_profile(const struct catalogue_entry *e, void *arg)
{
	int *status = arg;

	if (e->error) {
		printf("%-12s broken  %s\n", e->name, e->error);
		*status = EXIT_OVERCLAIMED;
		return 0;
	}
	printf("%-12s %-7s %s\n", e->name, e->proved ? "proved" : "-",
	       e->path);
	return 0;
}

int command_profiles(int argc, const char **argv)
{
	poptContext context = poptGetContext("uow profiles", argc, argv,
					     options, 0);
	uow_error err = UOW_ERROR_INIT;
	int rc = poptGetNextOpt(context), status = EXIT_HOLDS;

	if (rc < -1 || poptPeekArg(context)) {
		if (rc < -1)
			cli_complain_option(context, rc);
		else
			cli_complain("profiles takes no argument, but \"%s\" "
				     "was given", poptPeekArg(context));
		poptFreeContext(context);
		return EXIT_USAGE;
	}
	poptFreeContext(context);
	if (catalogue_list(cli_profile_dirs(dirs), print_profile, &status,
			   &err)) {
		cli_complain("%s", err.message);
		return EXIT_TROUBLE;
	}
	return status;
}

int command_check_profile(int argc, const char **argv)
{
	poptContext context = poptGetContext("uow check-profile", argc, argv,
					     options, 0);
	uow_error err = UOW_ERROR_INIT;
	int rc = poptGetNextOpt(context), status = EXIT_HOLDS;
	const char *file = poptGetArg(context);

	if (rc < -1 || !file) {
		if (rc < -1)
			cli_complain_option(context, rc);
		else
			cli_complain("check-profile needs a file");
		poptFreeContext(context);
		return EXIT_USAGE;
	}
	for (; file; file = poptGetArg(context)) {
		if (!catalogue_check(file, cli_profile_dirs(dirs), &err)) {
			printf("%s: ok\n", file);
			continue;
		}
		fprintf(stderr, "%s\n", err.message);
		status = EXIT_OVERCLAIMED;
	}
	poptFreeContext(context);
	return status;
}
