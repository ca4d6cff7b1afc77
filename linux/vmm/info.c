/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * `cove info`: what the firmware offers and how its memory stands.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/cove.h>
#include <cove/sbi_cove.h>

#include "vm.h"

#define CHUNK_MIB    4
#define INTERVAL_MAX 86400
#define TITLE_EVERY  20

/**
 * struct info_options - the command line
 * @interval: seconds between two lines; 0: one report
 * @count: lines to print; 0: for ever
 */
struct info_options {
	bool json;
	unsigned long interval;
	unsigned long count;
};

/**
 * struct sample - what the driver said, and when
 * @seconds: since boot
 */
struct sample {
	struct cove_info info;
	double seconds;
};

/**
 * struct rates - events per second since the sample before, or since boot
 */
struct rates {
	double refills;
	double windows;
};

static const struct {
	uint64_t bit;
	const char *name;
} capabilities[] = {
	{ TSM_CAP_PROMOTE_TVM, "promote-tvm" },
	{ TSM_CAP_ATTESTATION_LOCAL, "attestation-local" },
	{ TSM_CAP_ATTESTATION_REMOTE, "attestation-remote" },
	{ TSM_CAP_AIA, "aia" },
	{ TSM_CAP_MRIF, "mrif" },
	{ TSM_CAP_MEMORY_ALLOCATION, "memory-allocation" },
};

static const char *state_name(uint32_t state)
{
	switch (state) {
	case TSM_NOT_LOADED:
		return "not loaded";
	case TSM_LOADED:
		return "loaded";
	case TSM_READY:
		return "ready";
	default:
		return "unknown";
	}
}

/* The names of the bits in @caps, with @separator between them. */
static void print_capabilities(uint64_t caps, const char *quote, const char *separator)
{
	const char *before = "";

	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		if (!(caps & capabilities[i].bit))
			continue;
		printf("%s%s%s%s", before, quote, capabilities[i].name, quote);
		before = separator;
	}
}

static void print_size(const char *name, uint64_t bytes)
{
	if (bytes && bytes % (1 << 20) == 0)
		printf("%-22s %" PRIu64 " MiB\n", name, bytes >> 20);
	else
		printf("%-22s %" PRIu64 " KiB\n", name, bytes >> 10);
}

static void print_number(const char *name, uint64_t value)
{
	printf("%-22s %" PRIu64 "\n", name, value);
}

static const char *mode_name(const struct cove_info *i)
{
	return i->pmp_refill ? "refill" : "exact";
}

static void print_pmp(const struct cove_info *i, const struct rates *rates)
{
	printf("%-22s %llu of %llu, %s\n", "PMP entries used", i->pmp_used, i->pmp_entries,
	       mode_name(i));
	printf("%-22s %llu (%.1f per second since boot)\n", "PMP refills", i->refills,
	       rates->refills);
	printf("%-22s %llu (%.1f per second since boot)\n", "PMP windows", i->windows,
	       rates->windows);
	print_number("denied runs", i->deny_runs);
}

static void print_text(const struct cove_info *i, const struct rates *rates)
{
	printf("%-22s %s\n", "state", state_name(i->tsm_state));
	printf("%-22s %" PRIu32 "%s\n", "implementation", i->tsm_impl_id,
	       i->tsm_impl_id == COVE_TSM_IMPL_ID ? " (CoveSBI)" : "");
	printf("%-22s %u.%u\n", "version", i->tsm_version >> 16, i->tsm_version & 0xffff);
	printf("%-22s ", "capabilities");
	if (i->tsm_capabilities)
		print_capabilities(i->tsm_capabilities, "", ", ");
	else
		printf("none");
	printf("\n");
	print_number("vCPUs per guest", i->tvm_max_vcpus);
	print_number("guest address bits", i->max_gpa_bits);
	print_number("guest state pages", i->tvm_state_pages);
	print_number("vCPU state pages", i->tvm_vcpu_state_pages);
	print_pmp(i, rates);
	print_size("RAM", i->ram_bytes);
	print_size("  host", i->pages_host * PAGE_SIZE);
	print_size("  monitor", i->pages_monitor * PAGE_SIZE);
	print_size("  being converted", i->pages_converting * PAGE_SIZE);
	print_size("  unassigned", i->pages_unassigned * PAGE_SIZE);
	print_size("  guests", i->pages_tvm * PAGE_SIZE);
	print_size("PMP table", i->table_bytes);
	print_number("guests", i->tvms);
	printf("%-22s %llu of %d MiB in %llu runs, %llu spare\n", "chunks of the driver",
	       i->driver_chunks, CHUNK_MIB, i->driver_runs, i->driver_spares);
}

/* @begin, @end: what stands before each field, and after the last. */
static void print_json(const struct cove_info *i, const struct rates *rates, const char *begin,
		       const char *end)
{
	printf("{%s\"state\": \"%s\"", begin, state_name(i->tsm_state));
	printf(",%s\"implementation\": %" PRIu32, begin, i->tsm_impl_id);
	printf(",%s\"version\": \"%u.%u\"", begin, i->tsm_version >> 16, i->tsm_version & 0xffff);
	printf(",%s\"capabilities\": [", begin);
	print_capabilities(i->tsm_capabilities, "\"", ", ");
	printf("],%s\"pmp_mode\": \"%s\"", begin, mode_name(i));
#define FIELD(name) printf(",%s\"%s\": %" PRIu64, begin, #name, (uint64_t)i->name)
	FIELD(tvm_state_pages);
	FIELD(tvm_max_vcpus);
	FIELD(tvm_vcpu_state_pages);
	FIELD(pmp_entries);
	FIELD(pmp_used);
	FIELD(refills);
	FIELD(windows);
	FIELD(deny_runs);
	FIELD(pages_host);
	FIELD(pages_monitor);
	FIELD(pages_converting);
	FIELD(pages_unassigned);
	FIELD(pages_tvm);
	FIELD(tvms);
	FIELD(table_bytes);
	FIELD(ram_bytes);
	FIELD(max_gpa_bits);
	FIELD(driver_chunks);
	FIELD(driver_spares);
	FIELD(driver_runs);
#undef FIELD
	printf(",%s\"refills_per_second\": %.1f", begin, rates->refills);
	printf(",%s\"windows_per_second\": %.1f%s\n", begin, rates->windows, end);
}

static void print_title(void)
{
	printf("%-6s %7s %6s %9s %9s %6s %6s %6s %9s %9s %9s\n", "pmp", "entries", "runs",
	       "refills/s", "windows/s", "guests", "chunks", "spares", "host-KiB", "guest-KiB",
	       "free-KiB");
}

static void print_line(const struct cove_info *i, const struct rates *rates)
{
	char entries[32];

	snprintf(entries, sizeof(entries), "%llu/%llu", i->pmp_used, i->pmp_entries);
	printf("%-6s %7s %6llu %9.1f %9.1f %6llu %6llu %6llu %9llu %9llu %9llu\n", mode_name(i),
	       entries, i->deny_runs, rates->refills, rates->windows, i->tvms, i->driver_chunks,
	       i->driver_spares, i->pages_host * (PAGE_SIZE >> 10),
	       i->pages_tvm * (PAGE_SIZE >> 10),
	       (i->pages_unassigned + i->pages_converting) * (PAGE_SIZE >> 10));
}

static int take_sample(int fd, struct sample *sample)
{
	struct timespec now;

	if (ioctl(fd, COVE_GET_INFO, &sample->info)) {
		err("/dev/cove: cannot ask the monitor: %s", strerror(errno));
		return -1;
	}
	clock_gettime(CLOCK_BOOTTIME, &now);
	sample->seconds = now.tv_sec + now.tv_nsec / 1e9;
	return 0;
}

/* @before is all zero for the rates since boot. */
static struct rates rates_since(const struct sample *before, const struct sample *now)
{
	double seconds = now->seconds - before->seconds;
	struct rates rates = {};

	if (seconds > 0) {
		rates.refills = (now->info.refills - before->info.refills) / seconds;
		rates.windows = (now->info.windows - before->info.windows) / seconds;
	}
	return rates;
}

static int flush_output(void)
{
	if (!fflush(stdout))
		return 0;
	err("standard output: %s", strerror(errno));
	return -1;
}

static int report(int fd, const struct info_options *opt)
{
	struct sample boot = {}, now;
	struct rates rates;

	if (take_sample(fd, &now))
		return STATUS_ERROR;
	rates = rates_since(&boot, &now);
	if (opt->json)
		print_json(&now.info, &rates, "\n  ", "\n}");
	else
		print_text(&now.info, &rates);
	return flush_output() ? STATUS_ERROR : STATUS_OK;
}

/* A line at once, with the rates since boot, and one after each interval. */
static int watch(int fd, const struct info_options *opt)
{
	struct sample before = {}, now;
	struct rates rates;

	for (unsigned long n = 0;;) {
		if (take_sample(fd, &now))
			return STATUS_ERROR;
		rates = rates_since(&before, &now);
		if (!opt->json && n % TITLE_EVERY == 0)
			print_title();
		if (opt->json)
			print_json(&now.info, &rates, " ", " }");
		else
			print_line(&now.info, &rates);
		if (flush_output())
			return STATUS_ERROR;
		if (++n == opt->count)
			return STATUS_OK;
		before = now;
		sleep(opt->interval);
	}
}

static void info_help(void)
{
	puts("usage: cove info [--json] [--interval SECONDS [--count N]]\n"
	     "\n"
	     "Shows what the monitor in this machine's firmware offers, who owns the memory\n"
	     "now, and how the entries of the physical memory protection (PMP) are used:\n"
	     "exact   they describe who owns what: no access of the host costs more\n"
	     "refill  there are too few: some accesses fault first and fill an entry\n"
	     "\n"
	     "  --interval SECONDS  a line now, with rates since boot, and one after each\n"
	     "                      SECONDS, with the rates between the two; 1 to 86400\n"
	     "  --count N           end after N lines\n"
	     "  --json              the same for programs; sizes in bytes or 4 KiB pages\n"
	     "  --help              this text");
}

static int parse_number(const char *name, const char *text, unsigned long max, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !*value || *value > max) {
		err("--%s %s: not a number from 1 to %lu", name, text, max);
		return -1;
	}
	return 0;
}

enum { OPT_HELP = 256, OPT_JSON, OPT_INTERVAL, OPT_COUNT };

static const struct option long_options[] = {
	{ "help", no_argument, NULL, OPT_HELP },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "interval", required_argument, NULL, OPT_INTERVAL },
	{ "count", required_argument, NULL, OPT_COUNT },
	{ NULL, 0, NULL, 0 },
};

static int set_option(int c, char **argv, struct info_options *opt)
{
	switch (c) {
	case OPT_JSON:
		opt->json = true;
		return 0;
	case OPT_INTERVAL:
		return parse_number("interval", optarg, INTERVAL_MAX, &opt->interval);
	case OPT_COUNT:
		return parse_number("count", optarg, INT_MAX, &opt->count);
	case ':':
		err("%s: needs an argument", argv[optind - 1]);
		return -1;
	default:
		err("%s: unknown option or needless argument (try: cove info --help)",
		    argv[optind - 1]);
		return -1;
	}
}

/* --help prints the help and ends the program. */
static int parse(int argc, char **argv, struct info_options *opt)
{
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:h", long_options, NULL)) != -1) {
		if (c == 'h' || c == OPT_HELP) {
			info_help();
			exit(STATUS_OK);
		}
		if (set_option(c, argv, opt))
			return -1;
	}
	if (optind < argc) {
		err("%s: not an option (try: cove info --help)", argv[optind]);
		return -1;
	}
	if (opt->count && !opt->interval) {
		err("--count: needs --interval");
		return -1;
	}
	return 0;
}

/**
 * cmd_info() - `cove info`
 *
 * Returns the exit status.
 */
int cmd_info(int argc, char **argv)
{
	struct info_options opt = {};
	int fd, ret;

	if (parse(argc, argv, &opt))
		return STATUS_USAGE;
	fd = cove_device_open();
	if (fd < 0)
		return STATUS_ERROR;
	ret = opt.interval ? watch(fd, &opt) : report(fd, &opt);
	close(fd);
	return ret;
}
