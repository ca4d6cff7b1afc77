/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * cove: run confidential guests. This file finds the subcommand.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <cove/sbi_cove.h>

#include "vm.h"

static int run(int argc, char **argv);
static int measure(int argc, char **argv);
static int info(int argc, char **argv);

static const struct command {
	const char *name;
	int (*func)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "run", run, "start a guest and connect it to the terminal" },
	{ "measure", measure, "predict the measurement of a guest, without starting it" },
	{ "verify", cmd_verify, "check what a guest's evidence proves, on any machine" },
	{ "tap", cmd_tap, "seal a secret to a guest, for cove run --tap" },
	{ "info", info, "show what the firmware of this machine offers" },
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

static bool is_help(const char *arg)
{
	return !strcmp(arg, "--help") || !strcmp(arg, "-h");
}

#ifdef COVE_HOST
static int run(int argc, char **argv)
{
	struct vm_options opt;
	int status = options_parse(argc, argv, "run", &opt);

	return status ? status : cmd_run(&opt);
}

static int info(int argc, char **argv)
{
	return cmd_info(argc, argv);
}
#else
static int not_here(const char *command)
{
	err("%s: works on riscv64 hosts only; this build offers measure, verify and tap", command);
	return STATUS_ERROR;
}

static int run(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return not_here("run");
}

static int info(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return not_here("info");
}
#endif

static int measure(int argc, char **argv)
{
	struct vm_options opt;
	int status = options_parse(argc, argv, "measure", &opt);

	return status ? status : cmd_measure(&opt);
}

static void help(void)
{
	puts("usage: cove COMMAND [OPTION]...\n"
	     "\n"
	     "Runs confidential virtual machines on a host whose firmware is CoveSBI.\n"
	     "\n"
	     "commands:");
	for (size_t i = 0; i < NCOMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].help);
	puts("\n"
	     "  --help     this text; `cove COMMAND --help` tells more\n"
	     "  --version  the version of this command\n"
	     "\n"
	     "exit status:\n"
	     "  0    done; for `run`: the guest powered off\n"
	     "  1    an error on the host, named on stderr\n"
	     "  2    the guest asked for a reboot\n"
	     "  3    the guest crashed or one of its vCPUs died\n"
	     "  64   the command line is wrong\n"
	     "  130  Ctrl-A x or SIGINT;  143 SIGTERM;  129 SIGHUP\n"
	     "`verify` has others: cove verify --help");
}

int main(int argc, char **argv)
{
	/* a closed pipe is reported by write() and named in an error message */
	signal(SIGPIPE, SIG_IGN);

	if (argc < 2) {
		err("no command given (try: cove --help)");
		return STATUS_USAGE;
	}
	if (is_help(argv[1])) {
		help();
		return STATUS_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("cove %d.%d\n", COVE_VERSION_MAJOR, COVE_VERSION_MINOR);
		return STATUS_OK;
	}
	for (size_t i = 0; i < NCOMMANDS; i++) {
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].func(argc - 1, argv + 1);
	}
	err("%s: not a command (try: cove --help)", argv[1]);
	return STATUS_USAGE;
}
