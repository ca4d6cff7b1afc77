/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The options of `cove run` and `cove measure`.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "vm.h"

/* a guest above this would not fit Sv48x4 guest physical addresses */
#define MEMORY_MAX (1ULL << 48)

enum {
	OPT_KERNEL = 256,
	OPT_FIRMWARE,
	OPT_POLICY,
	OPT_INITRD,
	OPT_APPEND,
	OPT_MEMORY,
	OPT_CPUS,
	OPT_INSECURE,
	OPT_DECLARED,
	OPT_PROMOTE,
	OPT_VERBOSE,
	OPT_DUMP_FDT,
	OPT_DISK,
	OPT_KEY_SERVER,
	OPT_TAP,
	OPT_REGISTERS,
	OPT_ISA,
	OPT_TIMEBASE,
	OPT_MMU,
	OPT_CBOM,
	OPT_CBOZ,
	OPT_HELP,
};

static const struct option long_options[] = {
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "firmware", required_argument, NULL, OPT_FIRMWARE },
	{ "policy", no_argument, NULL, OPT_POLICY },
	{ "initrd", required_argument, NULL, OPT_INITRD },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "cpus", required_argument, NULL, OPT_CPUS },
	{ "insecure", no_argument, NULL, OPT_INSECURE },
	{ "declared-devices", no_argument, NULL, OPT_DECLARED },
	{ "promote", no_argument, NULL, OPT_PROMOTE },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "dump-fdt", required_argument, NULL, OPT_DUMP_FDT },
	{ "disk", required_argument, NULL, OPT_DISK },
	{ "key-server", required_argument, NULL, OPT_KEY_SERVER },
	{ "tap", required_argument, NULL, OPT_TAP },
	{ "registers", no_argument, NULL, OPT_REGISTERS },
	{ "isa", required_argument, NULL, OPT_ISA },
	{ "timebase", required_argument, NULL, OPT_TIMEBASE },
	{ "mmu", required_argument, NULL, OPT_MMU },
	{ "cbom-block", required_argument, NULL, OPT_CBOM },
	{ "cboz-block", required_argument, NULL, OPT_CBOZ },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static const char help_run[] =
	"usage: cove run --kernel IMAGE [OPTION]...\n"
	"\n"
	"Starts a confidential guest, prints its measurement on stderr and connects its\n"
	"console to the terminal. Ctrl-A x ends the guest, Ctrl-A Ctrl-A sends a Ctrl-A.\n";

static const char help_measure[] =
	"usage: cove measure --kernel IMAGE [OPTION]...\n"
	"       cove measure --firmware IMAGE\n"
	"       cove measure --registers --kernel IMAGE [OPTION]...\n"
	"       cove measure --policy [--firmware IMAGE] [--kernel IMAGE [OPTION]...]\n"
	"\n"
	"Prints the measurement (SHA-384, 96 hex digits) that the monitor computes for a\n"
	"guest that is started by `cove run` with the same arguments. Needs no CoVE\n"
	"machine: on another machine, give the facts that the guest's device tree repeats\n"
	"of its host, as `cove run --verbose` prints them there.\n"
	"\n"
	"  --firmware IMAGE   measure this firmware (fw_dynamic.bin, ...) instead\n"
	"  --registers        print registers 4 and 5 of the guest, for `cove tap`\n"
	"  --policy           print lines for a policy of `cove verify`, of the guest, the\n"
	"                     firmware, or both\n";

static const char help_common[] =
	"\n"
	"the guest:\n"
	"  --kernel IMAGE     Linux kernel for riscv64, uncompressed (required for a guest)\n"
	"  --initrd FILE      initial RAM disk\n"
	"  --append STRING    kernel command line, at most 1023 bytes\n"
	"  --memory SIZE      RAM, a multiple of 4K; suffix K, M, G or T (256M)\n"
	"  --cpus N           virtual CPUs, 1 to 64 (1)\n"
	"  --disk FILE        a disk for guests that can share memory with the host\n"
	"  --key-server unix:PATH  a second serial port, to a key broker behind that socket\n"
	"  --declared-devices  for a guest that tells the monitor where devices are: an\n"
	"                     access elsewhere outside its memory ends it\n"
	"  --promote          make it in one step, out of an ordinary VM: while no other\n"
	"                     confidential guest runs, with up to 64 MiB that are not zero\n"
	"\n"
	"facts of the host, part of the guest's device tree (this machine's):\n"
	"  --isa STRING       such as rv64imafdc_zicsr_zifencei_sstc; extensions that a\n"
	"                     guest cannot have are left out\n"
	"  --timebase HZ      frequency of the time counter\n"
	"  --mmu MODE         sv39, sv48 or sv57\n"
	"  --cbom-block N     bytes of a cache block (Zicbom)\n"
	"  --cboz-block N     bytes of a cache block (Zicboz)\n"
	"\n"
	"others:\n"
	"  --dump-fdt FILE    also write the guest's device tree blob to FILE\n"
	"  --verbose          say what is where, and the facts of the host\n"
	"  --help             this text\n";

static const char help_insecure[] =
	"  --tap FILE         a payload of `cove tap`: the guest gets the secret in it if it\n"
	"                     is the one that the payload is for, else it does not start\n"
	"  --insecure         run the same machine on /dev/kvm: NOT confidential\n"
	"\n"
	"exit status: 0 the guest powered off, 1 error on the host, 2 the guest asked for\n"
	"a reboot, 3 the guest crashed, 64 wrong command line, 130 Ctrl-A x or SIGINT\n";

/**
 * options_help() - print the help of `run` or `measure`
 */
void options_help(const char *command)
{
	bool is_run = !strcmp(command, "run");

	fputs(is_run ? help_run : help_measure, stdout);
	fputs(help_common, stdout);
	if (is_run)
		fputs(help_insecure, stdout);
}

static int parse_number(const char *name, const char *text, uint64_t min, uint64_t max,
			uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end) {
		err("--%s %s: not a number", name, text);
		return -1;
	}
	if (errno || *value < min || *value > max) {
		err("--%s %s: not from %llu to %llu", name, text, (unsigned long long)min,
		    (unsigned long long)max);
		return -1;
	}
	return 0;
}

static int parse_u32(const char *name, const char *text, uint32_t *value)
{
	uint64_t number;

	if (parse_number(name, text, 1, UINT32_MAX, &number))
		return -1;
	*value = number;
	return 0;
}

static int parse_block(const char *name, const char *text, uint32_t *value)
{
	if (parse_u32(name, text, value))
		return -1;
	if (*value & (*value - 1) || *value > PAGE_SIZE) {
		err("--%s %s: not a power of two up to 4096", name, text);
		return -1;
	}
	return 0;
}

static int parse_memory(const char *text, uint64_t *value)
{
	static const char suffixes[] = "KMGT";
	unsigned int shift = 0;
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9') {
		err("--memory %s: not a size", text);
		return -1;
	}
	if (*end) {
		const char *suffix = strchr(suffixes, *end & ~0x20);

		if (!suffix || end[1]) {
			err("--memory %s: unknown suffix '%s' (K, M, G or T)", text, end);
			return -1;
		}
		shift = 10 * (suffix - suffixes + 1);
	}
	if (errno || *value > MEMORY_MAX >> shift) {
		err("--memory %s: more than a guest can address", text);
		return -1;
	}
	*value <<= shift;
	if (!*value) {
		err("--memory %s: a guest needs memory", text);
		return -1;
	}
	if (*value % PAGE_SIZE) {
		err("--memory %s: not a multiple of 4K", text);
		return -1;
	}
	return 0;
}

static int parse_cpus(const char *text, unsigned int *cpus)
{
	uint64_t number;

	if (parse_number("cpus", text, 1, VM_MAX_CPUS, &number))
		return -1;
	*cpus = number;
	return 0;
}

static int parse_append(const char *text, const char **append)
{
	if (strlen(text) > APPEND_MAX) {
		err("--append: %zu bytes, the kernel takes at most %d", strlen(text), APPEND_MAX);
		return -1;
	}
	*append = text;
	return 0;
}

static int parse_key_server(const char *text, const char **path)
{
	struct sockaddr_un addr;

	if (strncmp(text, "unix:", 5) || !text[5]) {
		err("--key-server %s: not unix:PATH", text);
		return -1;
	}
	if (strlen(text + 5) >= sizeof(addr.sun_path)) {
		err("--key-server %s: its path has more than %zu bytes", text,
		    sizeof(addr.sun_path) - 1);
		return -1;
	}
	*path = text + 5;
	return 0;
}

static int set_option(int option, const char *arg, struct vm_options *opt)
{
	switch (option) {
	case OPT_KERNEL:
		opt->kernel = arg;
		return 0;
	case OPT_FIRMWARE:
		opt->firmware = arg;
		return 0;
	case OPT_POLICY:
		opt->policy = true;
		return 0;
	case OPT_INITRD:
		opt->initrd = arg;
		return 0;
	case OPT_APPEND:
		return parse_append(arg, &opt->append);
	case OPT_MEMORY:
		return parse_memory(arg, &opt->memory);
	case OPT_CPUS:
		return parse_cpus(arg, &opt->cpus);
	case OPT_INSECURE:
		opt->insecure = true;
		return 0;
	case OPT_DECLARED:
		opt->declared = true;
		return 0;
	case OPT_PROMOTE:
		opt->promote = true;
		return 0;
	case OPT_VERBOSE:
		opt->verbose = true;
		return 0;
	case OPT_DUMP_FDT:
		opt->dump_fdt = arg;
		return 0;
	case OPT_DISK:
		opt->disk = arg;
		return 0;
	case OPT_KEY_SERVER:
		return parse_key_server(arg, &opt->key_server);
	case OPT_TAP:
		opt->tap = arg;
		return 0;
	case OPT_REGISTERS:
		opt->registers = true;
		return 0;
	case OPT_ISA:
		opt->isa = arg;
		return 0;
	case OPT_TIMEBASE:
		return parse_u32("timebase", arg, &opt->timebase);
	case OPT_MMU:
		opt->mmu = arg;
		return 0;
	case OPT_CBOM:
		return parse_block("cbom-block", arg, &opt->cbom_block);
	default:
		return parse_block("cboz-block", arg, &opt->cboz_block);
	}
}

/* Which image is there to measure, or to run? */
static int check_images(const char *command, const struct vm_options *opt)
{
	const bool run = !strcmp(command, "run");

	if (run && (opt->firmware || opt->policy)) {
		err("%s: only for `cove measure`", opt->firmware ? "--firmware" : "--policy");
		return -1;
	}
	if (run ? opt->registers : opt->tap != NULL) {
		err("%s: only for `cove %s`", run ? "--registers" : "--tap",
		    run ? "measure" : "run");
		return -1;
	}
	if (opt->tap && opt->insecure) {
		err("--tap: an ordinary guest gets no secret");
		return -1;
	}
	if (opt->registers && (opt->policy || opt->firmware)) {
		err("--registers: goes with a guest alone");
		return -1;
	}
	if (opt->firmware && opt->kernel && !opt->policy) {
		err("measure: --firmware and --kernel have one value each: add --policy");
		return -1;
	}
	if (!opt->kernel && !opt->firmware) {
		err("%s: --kernel is missing (try: cove %s --help)", command, command);
		return -1;
	}
	return 0;
}

static int check(const char *command, const struct vm_options *opt)
{
	if (check_images(command, opt))
		return -1;
	if (opt->insecure && strcmp(command, "run")) {
		err("--insecure: an ordinary guest has no measurement");
		return -1;
	}
	if (opt->insecure && (opt->declared || opt->promote)) {
		err("--insecure: an ordinary guest has no --%s",
		    opt->promote ? "promote" : "declared-devices");
		return -1;
	}
	if (opt->declared && opt->promote) {
		err("--declared-devices: a VM that is promoted declares none");
		return -1;
	}
	if (opt->isa && (strncasecmp(opt->isa, "rv64", 4) || !isa_has(opt->isa, "i"))) {
		err("--isa %s: does not begin with rv64i", opt->isa);
		return -1;
	}
	if (opt->mmu && strcmp(opt->mmu, "sv39") && strcmp(opt->mmu, "sv48") &&
	    strcmp(opt->mmu, "sv57")) {
		err("--mmu %s: not sv39, sv48 or sv57", opt->mmu);
		return -1;
	}
	return 0;
}

/**
 * options_parse() - read the command line of `run` or `measure`
 * @argv: begins with the name of the command
 *
 * --help prints the help and ends the program. Returns 0, or STATUS_USAGE
 * after an error message.
 */
int options_parse(int argc, char **argv, const char *command, struct vm_options *opt)
{
	int c;

	*opt = (struct vm_options){ .memory = 256 << 20, .cpus = 1 };
	opterr = 0;
	/* "+": the first argument that is no option ends the list */
	while ((c = getopt_long(argc, argv, "+:h", long_options, NULL)) != -1) {
		switch (c) {
		case 'h':
		case OPT_HELP:
			options_help(command);
			exit(STATUS_OK);
		case ':':
			err("%s: needs an argument", argv[optind - 1]);
			return STATUS_USAGE;
		case '?':
			err("%s: unknown option or needless argument (try: cove %s --help)",
			    argv[optind - 1], command);
			return STATUS_USAGE;
		default:
			if (set_option(c, optarg, opt))
				return STATUS_USAGE;
		}
	}
	if (optind < argc) {
		err("%s: not an option (try: cove %s --help)", argv[optind], command);
		return STATUS_USAGE;
	}
	return check(command, opt) ? STATUS_USAGE : 0;
}
