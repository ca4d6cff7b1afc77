/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the guest is told about its CPUs: the host's ISA string cut down to the
 * extensions that a guest may use, timebase, paging mode and cache block sizes.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "vm.h"

/*
 * Extensions that a guest may be told of, in the order of the guest's string.
 * Left out: what would need state or CSRs that guests do not get (H, AIA,
 * Sscofpmf, state enable, CFI, Zihpm, Zkr). @kvm_id is the number in KVM's
 * KVM_REG_RISCV_ISA_EXT registers.
 */
static const struct isa_ext {
	const char *name;
	int kvm_id;
} allowed_ext[] = {
	{ "i", 5 },	    { "m", 6 },		 { "a", 0 },
	{ "f", 3 },	    { "d", 2 },		 { "c", 1 },
	{ "v", 15 },	    { "zicbom", 11 },	 { "zicboz", 12 },
	{ "zicntr", 19 },   { "zicond", 24 },	 { "zicsr", 20 },
	{ "zifencei", 21 }, { "zihintntl", 48 }, { "zihintpause", 10 },
	{ "zabha", 67 },    { "zacas", 53 },	 { "zawrs", 61 },
	{ "zfa", 51 },	    { "zfh", 46 },	 { "zfhmin", 47 },
	{ "zca", 56 },	    { "zcb", 57 },	 { "zcd", 58 },
	{ "zba", 17 },	    { "zbb", 13 },	 { "zbc", 25 },
	{ "zbkb", 26 },	    { "zbkc", 27 },	 { "zbkx", 28 },
	{ "zbs", 18 },	    { "zknd", 29 },	 { "zkne", 30 },
	{ "zknh", 31 },	    { "zksed", 33 },	 { "zksh", 34 },
	{ "zkt", 35 },	    { "zvbb", 36 },	 { "zvbc", 37 },
	{ "zvfh", 49 },	    { "zvfhmin", 50 },	 { "zvkb", 38 },
	{ "zvkg", 39 },	    { "zvkned", 40 },	 { "zvknha", 41 },
	{ "zvknhb", 42 },   { "zvksed", 43 },	 { "zvksh", 44 },
	{ "zvkt", 45 },	    { "sstc", 8 },	 { "svinval", 9 },
	{ "svnapot", 16 },  { "svvptc", 66 },
};

#define NALLOWED      (sizeof(allowed_ext) / sizeof(allowed_ext[0]))
#define KVM_ID_ZICBOM 11
#define KVM_ID_ZICBOZ 12

/**
 * isa_has() - does an ISA string name an extension?
 * @isa: rv64 string, single letters first, then names joined by '_'
 * @ext: lower-case name
 */
bool isa_has(const char *isa, const char *ext)
{
	const char *names = isa + strlen("rv64");
	size_t singles = strcspn(names, "_zsxZSX");
	size_t len = strlen(ext);

	if (len == 1) {
		for (size_t i = 0; i < singles; i++) {
			char c = names[i] | 0x20;

			if (c == ext[0] || (c == 'g' && strchr("imafd", ext[0])))
				return true;
		}
		return false;
	}
	for (const char *p = names + singles; *p;) {
		size_t n;

		p += strspn(p, "_");
		n = strcspn(p, "_");
		if (n == len && !strncasecmp(p, ext, len))
			return true;
		p += n;
	}
	if (memchr(names, 'g', singles))
		return !strcmp(ext, "zicsr") || !strcmp(ext, "zifencei");
	return false;
}

static int append(char *buf, size_t size, const char *text)
{
	if (strlen(buf) + strlen(text) >= size)
		return -1;
	strcat(buf, text);
	return 0;
}

/**
 * isa_filter() - the part of an ISA string that a guest may have
 * @allowed: called for each known extension; may be NULL
 * @out: the result in canonical order; may be @isa's own buffer
 *
 * Returns 0, or -1 when @size is too small.
 */
int isa_filter(const char *isa, bool (*allowed)(int kvm_id, void *arg), void *arg, char *out,
	       size_t size)
{
	char buf[sizeof(((struct host_facts *)NULL)->isa)] = "rv64";

	for (size_t i = 0; i < NALLOWED; i++) {
		const struct isa_ext *ext = &allowed_ext[i];

		if (!isa_has(isa, ext->name) || (allowed && !allowed(ext->kvm_id, arg)))
			continue;
		if (strlen(ext->name) > 1 && append(buf, sizeof(buf), "_"))
			return -1;
		if (append(buf, sizeof(buf), ext->name))
			return -1;
	}
	if (strlen(buf) >= size)
		return -1;
	strcpy(out, buf);
	return 0;
}

/**
 * isa_extensions() - an ISA string as a device tree's riscv,isa-extensions
 * @list: the names, each with its NUL
 *
 * Returns the bytes used, or 0 when @size is too small.
 */
unsigned int isa_extensions(const char *isa, char *list, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < NALLOWED; i++) {
		size_t len = strlen(allowed_ext[i].name) + 1;

		if (!isa_has(isa, allowed_ext[i].name))
			continue;
		if (used + len > size)
			return 0;
		memcpy(list + used, allowed_ext[i].name, len);
		used += len;
	}
	return used;
}

#ifdef COVE_HOST
#define HOST_CPUS "/proc/device-tree/cpus"

/* Reads one property; a NUL follows it. Returns its length or -1. */
static ssize_t host_prop(const char *node, const char *name, void *buf, size_t size)
{
	char path[512];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), HOST_CPUS "/%s%s%s", node, *node ? "/" : "", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	len = read(fd, buf, size - 1);
	close(fd);
	if (len >= 0)
		((char *)buf)[len] = '\0';
	return len;
}

/* A 32-bit or 64-bit big-endian property; 0 when absent or too large. */
static uint32_t host_prop_u32(const char *node, const char *name)
{
	unsigned char buf[16];
	ssize_t len = host_prop(node, name, buf, sizeof(buf));
	uint64_t value = 0;

	if (len != 4 && len != 8)
		return 0;
	for (ssize_t i = 0; i < len; i++)
		value = value << 8 | buf[i];
	return value <= UINT32_MAX ? value : 0;
}

/* riscv,isa-extensions as an ISA string: "rv64", letters, then long names. */
static int join_extensions(const char *list, ssize_t len, char *isa, size_t size)
{
	strcpy(isa, "rv64");
	for (int pass = 0; pass < 2; pass++) {
		for (const char *p = list; p < list + len; p += strlen(p) + 1) {
			if ((strlen(p) > 1) != pass)
				continue;
			if (pass && append(isa, size, "_"))
				return -1;
			if (append(isa, size, p))
				return -1;
		}
	}
	return 0;
}

static int host_cpu_isa(const char *cpu, char *isa, size_t size)
{
	char list[4096];
	ssize_t len = host_prop(cpu, "riscv,isa-extensions", list, sizeof(list));

	if (len > 0)
		return join_extensions(list, len, isa, size);
	len = host_prop(cpu, "riscv,isa", isa, size);
	return len > 4 && !strncasecmp(isa, "rv64", 4) ? 0 : -1;
}

static bool also_in(int kvm_id, void *arg)
{
	for (size_t i = 0; i < NALLOWED; i++) {
		if (allowed_ext[i].kvm_id == kvm_id)
			return isa_has(arg, allowed_ext[i].name);
	}
	return false;
}

static void host_cpu_mmu(const char *cpu, char *mmu, size_t size)
{
	char buf[32];

	if (host_prop(cpu, "mmu-type", buf, sizeof(buf)) < 0 || strncmp(buf, "riscv,sv", 8))
		return;
	/* "sv39" < "sv48" < "sv57": keep what all harts have */
	if (!mmu[0] || strcmp(buf + 6, mmu) < 0)
		snprintf(mmu, size, "%.7s", buf + 6);
}

static void host_cpu_facts(const char *cpu, struct host_facts *facts)
{
	char isa[4096];

	if (host_cpu_isa(cpu, isa, sizeof(isa)))
		return;
	host_cpu_mmu(cpu, facts->mmu, sizeof(facts->mmu));
	if (facts->isa[0]) {
		isa_filter(facts->isa, also_in, isa, facts->isa, sizeof(facts->isa));
		return;
	}
	isa_filter(isa, NULL, NULL, facts->isa, sizeof(facts->isa));
	facts->cbom_block = host_prop_u32(cpu, "riscv,cbom-block-size");
	facts->cboz_block = host_prop_u32(cpu, "riscv,cboz-block-size");
}

static void host_read(struct host_facts *facts)
{
	DIR *dir = opendir(HOST_CPUS);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (!strncmp(entry->d_name, "cpu@", 4))
			host_cpu_facts(entry->d_name, facts);
	}
	closedir(dir);
	facts->timebase = host_prop_u32("", "timebase-frequency");
}
#else
static void host_read(struct host_facts *facts)
{
	facts->cbom_block = 64;
	facts->cboz_block = 64;
}
#endif

/* Without its block size an extension of cache block operations is no use. */
static bool block_size_known(int kvm_id, void *arg)
{
	const struct host_facts *facts = arg;

	return !(kvm_id == KVM_ID_ZICBOM && !facts->cbom_block) &&
	       !(kvm_id == KVM_ID_ZICBOZ && !facts->cboz_block);
}

static int check_facts(const struct host_facts *facts)
{
	const char *missing = NULL;

	if (!facts->isa[0])
		missing = "--isa";
	else if (!facts->timebase)
		missing = "--timebase";
	else if (!facts->mmu[0])
		missing = "--mmu";
	if (missing) {
		err("%s is needed: this machine does not tell it (`cove run --verbose` on the host "
		    "does)",
		    missing);
		return -1;
	}
	return 0;
}

/**
 * host_facts_get() - the host's facts, each replaced by its option when given
 *
 * Returns 0, or -1 after an error message.
 */
int host_facts_get(const struct vm_options *opt, struct host_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	host_read(facts);
	if (opt->timebase)
		facts->timebase = opt->timebase;
	if (opt->mmu)
		snprintf(facts->mmu, sizeof(facts->mmu), "%s", opt->mmu);
	if (opt->cbom_block)
		facts->cbom_block = opt->cbom_block;
	if (opt->cboz_block)
		facts->cboz_block = opt->cboz_block;
	if (opt->isa)
		isa_filter(opt->isa, NULL, NULL, facts->isa, sizeof(facts->isa));
	if (check_facts(facts))
		return -1;
	return isa_filter(facts->isa, block_size_known, facts, facts->isa, sizeof(facts->isa));
}

/**
 * host_facts_print() - the facts as options for `cove measure`, on stderr
 */
void host_facts_print(const struct host_facts *facts)
{
	fprintf(stderr, "host facts: --isa %s --timebase %u --mmu %s", facts->isa, facts->timebase,
		facts->mmu);
	if (isa_has(facts->isa, "zicbom"))
		fprintf(stderr, " --cbom-block %u", facts->cbom_block);
	if (isa_has(facts->isa, "zicboz"))
		fprintf(stderr, " --cboz-block %u", facts->cboz_block);
	fprintf(stderr, "\n");
}
