/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * `cove info`: what the firmware offers and how its memory stands.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/cove.h>
#include <cove/sbi_cove.h>

#include "vm.h"

#define CHUNK_MIB 4

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

static void print_text(const struct cove_info *i)
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
	printf("%-22s %llu of %llu\n", "PMP entries used", i->pmp_used, i->pmp_entries);
	print_number("denied ranges", i->deny_runs);
	print_size("RAM", i->ram_bytes);
	print_size("  host", i->pages_host * PAGE_SIZE);
	print_size("  monitor", i->pages_monitor * PAGE_SIZE);
	print_size("  being converted", i->pages_converting * PAGE_SIZE);
	print_size("  unassigned", i->pages_unassigned * PAGE_SIZE);
	print_size("  guests", i->pages_tvm * PAGE_SIZE);
	print_size("PMP table", i->table_bytes);
	print_number("guests", i->tvms);
	printf("%-22s %llu of %d MiB\n", "chunks of the driver", i->driver_chunks, CHUNK_MIB);
}

static void print_json(const struct cove_info *i)
{
	printf("{\n  \"state\": \"%s\",\n  \"implementation\": %" PRIu32 ",\n"
	       "  \"version\": \"%u.%u\",\n  \"capabilities\": [",
	       state_name(i->tsm_state), i->tsm_impl_id, i->tsm_version >> 16,
	       i->tsm_version & 0xffff);
	print_capabilities(i->tsm_capabilities, "\"", ", ");
	printf("],\n");
#define FIELD(name) printf("  \"%s\": %" PRIu64 ",\n", #name, (uint64_t)i->name)
	FIELD(tvm_state_pages);
	FIELD(tvm_max_vcpus);
	FIELD(tvm_vcpu_state_pages);
	FIELD(pmp_entries);
	FIELD(pmp_used);
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
#undef FIELD
	printf("  \"driver_chunks\": %" PRIu64 "\n}\n", (uint64_t)i->driver_chunks);
}

static void info_help(void)
{
	puts("usage: cove info [--json]\n"
	     "\n"
	     "Shows what the monitor in this machine's firmware offers, who owns the memory\n"
	     "now, and how many entries of the physical memory protection are in use.\n"
	     "\n"
	     "  --json  the same for programs; sizes in bytes or 4 KiB pages\n"
	     "  --help  this text");
}

/**
 * cmd_info() - `cove info`
 *
 * Returns the exit status.
 */
int cmd_info(int argc, char **argv)
{
	struct cove_info info;
	bool json = false;
	int fd;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json")) {
			json = true;
		} else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			info_help();
			return STATUS_OK;
		} else {
			err("%s: unknown option (try: cove info --help)", argv[i]);
			return STATUS_USAGE;
		}
	}
	fd = cove_device_open();
	if (fd < 0)
		return STATUS_ERROR;
	if (ioctl(fd, COVE_GET_INFO, &info)) {
		err("/dev/cove: cannot ask the monitor: %s", strerror(errno));
		close(fd);
		return STATUS_ERROR;
	}
	close(fd);
	if (json)
		print_json(&info);
	else
		print_text(&info);
	return fflush(stdout) ? STATUS_ERROR : STATUS_OK;
}
