/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The measurement of a guest, computed as the monitor does; its definition is
 * docs/measurement.md. Page register: each 4 KiB page extends it with its
 * address and content. Configuration register: entry, argument, and a digest
 * of flags, number of vCPUs and regions.
 */
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include <mbedtls/sha512.h>
#include <cove/sbi_cove.h>

#include "vm.h"

_Static_assert(DIGEST_LEN == COVE_HASH_LEN, "digest length");

#define BOOT_REGS    (31 + 9) /* x1 to x31, nine CSRs of which the first is vsstatus */
#define VSSTATUS_UXL (2ULL << 32)

static const char config_tag[] = "cove-config-v1";
static const char boot_tag[] = "cove-boot-v1";

/* SHA-384 over two byte strings: an extended register and what extends it. */
static int sha384_2(const void *a, size_t a_len, const void *b, size_t b_len,
		    uint8_t out[DIGEST_LEN])
{
	mbedtls_sha512_context ctx;
	int ret;

	mbedtls_sha512_init(&ctx);
	ret = mbedtls_sha512_starts(&ctx, 1);
	if (!ret)
		ret = mbedtls_sha512_update(&ctx, a, a_len);
	if (!ret)
		ret = mbedtls_sha512_update(&ctx, b, b_len);
	if (!ret)
		ret = mbedtls_sha512_finish(&ctx, out);
	mbedtls_sha512_free(&ctx);
	return ret;
}

static int extend(uint8_t reg[DIGEST_LEN], const void *data, size_t len)
{
	return sha384_2(reg, DIGEST_LEN, data, len, reg);
}

/* A promoted VM has no page where all is zero. */
static bool is_zero(const uint8_t page[PAGE_SIZE])
{
	return !page[0] && !memcmp(page, page + 1, PAGE_SIZE - 1);
}

static int measure_component(uint8_t reg[DIGEST_LEN], const struct component *comp, bool promoted)
{
	struct {
		uint64_t gpa;
		uint8_t page[PAGE_SIZE];
	} block;

	for (uint64_t off = 0; off < comp->len; off += PAGE_SIZE) {
		block.gpa = htole64(comp->gpa + off);
		memcpy(block.page, (const uint8_t *)comp->data + off, PAGE_SIZE);
		if (promoted && is_zero(block.page))
			continue;
		if (extend(reg, &block, sizeof(block)))
			return -1;
	}
	return 0;
}

/* What a promoted VM brings along in its registers */
static int measure_boot(uint8_t reg[DIGEST_LEN], const struct guest_image *image)
{
	uint64_t regs[BOOT_REGS] = {
		[PROMOTE_GPR_FDT - 1] = htole64(image->arg),
		[31] = htole64(VSSTATUS_UXL),
	};
	uint8_t digest[DIGEST_LEN];

	if (sha384_2(boot_tag, strlen(boot_tag), regs, sizeof(regs), digest))
		return -1;
	return extend(reg, digest, sizeof(digest));
}

static int measure_config(uint8_t reg[DIGEST_LEN], const struct vm_options *opt,
			  const struct guest_image *image)
{
	const uint64_t entry = htole64(image->entry), arg = htole64(image->arg);
	const uint64_t config[] = {
		htole64(opt->declared ? 0 : COVE_TVM_F_IMPLICIT_MMIO),
		htole64(opt->cpus),
		htole64(1), /* regions: the RAM */
		htole64(RAM_BASE),
		htole64(opt->memory),
	};
	uint8_t digest[DIGEST_LEN];

	if (sha384_2(config_tag, strlen(config_tag), config, sizeof(config), digest))
		return -1;
	if (extend(reg, &entry, sizeof(entry)) || extend(reg, &arg, sizeof(arg)))
		return -1;
	return extend(reg, digest, sizeof(digest));
}

/**
 * measure_combine() - the one value that users compare
 * @pages: register COVE_MSMT_PAGES
 * @config: register COVE_MSMT_CONFIG
 *
 * Returns 0 or an error of the hash.
 */
int measure_combine(const uint8_t pages[DIGEST_LEN], const uint8_t config[DIGEST_LEN],
		    uint8_t out[DIGEST_LEN])
{
	return sha384_2(pages, DIGEST_LEN, config, DIGEST_LEN, out);
}

/**
 * digest_to_hex() - a digest in lower-case hexadecimal
 */
void digest_to_hex(const uint8_t digest[DIGEST_LEN], char hex[2 * DIGEST_LEN + 1])
{
	for (int i = 0; i < DIGEST_LEN; i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
}

static void print_digest(FILE *to, const char *name, const uint8_t digest[DIGEST_LEN])
{
	char hex[2 * DIGEST_LEN + 1];

	digest_to_hex(digest, hex);
	fprintf(to, "%s%s\n", name, hex);
}

static void print_image(const struct guest_image *image)
{
	for (int i = 0; i < COMP_MAX; i++) {
		const struct component *comp = &image->comp[i];

		if (comp->len)
			fprintf(stderr, "%-11s gpa 0x%llx len 0x%llx\n", comp->name,
				(unsigned long long)comp->gpa, (unsigned long long)comp->len);
	}
	fprintf(stderr, "entry 0x%llx arg 0x%llx\n", (unsigned long long)image->entry,
		(unsigned long long)image->arg);
}

static int measure_image(const struct vm_options *opt, const struct guest_image *image,
			 uint8_t pages[DIGEST_LEN], uint8_t config[DIGEST_LEN])
{
	memset(pages, 0, DIGEST_LEN);
	memset(config, 0, DIGEST_LEN);
	for (int i = 0; i < COMP_MAX; i++) {
		if (measure_component(pages, &image->comp[i], opt->promote))
			return -1;
	}
	if (measure_config(config, opt, image))
		return -1;
	return opt->promote ? measure_boot(config, image) : 0;
}

static int measure_guest(const struct vm_options *opt, uint8_t value[DIGEST_LEN],
			 uint8_t pages[DIGEST_LEN], uint8_t config[DIGEST_LEN])
{
	struct guest_image image;
	struct host_facts facts;
	int ret = -1;

	if (host_facts_get(opt, &facts))
		return -1;
	if (image_load(opt, &facts, &image))
		goto out;
	if (measure_image(opt, &image, pages, config) || measure_combine(pages, config, value)) {
		err("SHA-384 failed");
		goto out;
	}
	if (opt->verbose) {
		host_facts_print(&facts);
		print_image(&image);
		print_digest(stderr, "register 4 (pages)          ", pages);
		print_digest(stderr, "register 5 (configuration)  ", config);
	}
	ret = 0;
out:
	image_free(&image);
	return ret;
}

/**
 * cmd_measure() - `cove measure`
 *
 * Returns the exit status.
 */
int cmd_measure(const struct vm_options *opt)
{
	uint8_t firmware[DIGEST_LEN], guest[DIGEST_LEN], pages[DIGEST_LEN], config[DIGEST_LEN];

	if (opt->firmware && firmware_measure(opt->firmware, firmware))
		return STATUS_ERROR;
	if (opt->kernel && measure_guest(opt, guest, pages, config))
		return STATUS_ERROR;
	/* in this firmware the monitor is part of the image: one value for both */
	if (opt->firmware) {
		print_digest(stdout, opt->policy ? "firmware = " : "", firmware);
		if (opt->policy)
			print_digest(stdout, "tsm = ", firmware);
	}
	if (opt->registers) {
		print_digest(stdout, "4 = ", pages);
		print_digest(stdout, "5 = ", config);
	} else if (opt->kernel)
		print_digest(stdout, opt->policy ? "tvm = " : "", guest);
	return fflush(stdout) ? STATUS_ERROR : STATUS_OK;
}
