// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Measurement registers of a TVM (docs/measurement.md): SHA-384, extended as
 * M := H(M || new). Callers hold the TVM's lock.
 */
#include "cove_attest.h"
#include "cove_internal.h"
#include <mbedtls/sha512.h>

#define CONFIG_LABEL	 "cove-config-v1"
#define CONFIG_LABEL_LEN 14
#define BOOT_LABEL	 "cove-boot-v1"
#define BOOT_LABEL_LEN	 12

/* A page is hashed by blocks, the first of which begins with the register and an address. */
#define BLOCK	   128
#define FIRST_PART (BLOCK - COVE_HASH_LEN - 8)
_Static_assert(sizeof(mbedtls_sha512_context) <= sizeof(((struct cove_page_hash *)0)->ctx),
	       "mbedTLS's context outgrew its place");

static void hash_start(mbedtls_sha512_context *ctx)
{
	mbedtls_sha512_init(ctx);
	mbedtls_sha512_starts(ctx, 1);
}

static void hash_le64(mbedtls_sha512_context *ctx, u64 value)
{
	u8 bytes[8];
	unsigned int i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (u8)(value >> (8 * i));
	mbedtls_sha512_update(ctx, bytes, sizeof(bytes));
}

static void extend_le64(u8 *reg, u64 value)
{
	mbedtls_sha512_context ctx;

	hash_start(&ctx);
	mbedtls_sha512_update(&ctx, reg, COVE_HASH_LEN);
	hash_le64(&ctx, value);
	mbedtls_sha512_finish(&ctx, reg);
	mbedtls_sha512_free(&ctx);
}

/**
 * cove_measure_page() - extend the page register with a page's GPA and contents
 *
 * In parts: when something else is urgent, it returns false, and goes on in the next call,
 * which must be for the same page. Nobody writes the page meanwhile.
 */
bool cove_measure_page(struct tvm *tvm, u64 gpa, const void *page)
{
	mbedtls_sha512_context *ctx = (mbedtls_sha512_context *)tvm->hash.ctx;
	u64 *at = &tvm->hash.at, n = cove.hash_part ? cove.hash_part : BLOCK;
	u8 *reg = tvm->msmt[COVE_MSMT_PAGES];

	if (!*at) {
		hash_start(ctx);
		mbedtls_sha512_update(ctx, reg, COVE_HASH_LEN);
		hash_le64(ctx, gpa);
		n = FIRST_PART;
	}
	for (;;) {
		n = n < COVE_PAGE_SIZE - *at ? n : COVE_PAGE_SIZE - *at;
		mbedtls_sha512_update(ctx, (const u8 *)page + *at, n);
		*at += n;
		if (*at == COVE_PAGE_SIZE)
			break;
		if (cove_tvm_wanted(tvm))
			return false;
		n = cove.hash_part ? cove.hash_part : BLOCK;
	}
	mbedtls_sha512_finish(ctx, reg);
	mbedtls_sha512_free(ctx);
	*at = 0;
	return true;
}

static void sort_regions(struct tvm *tvm)
{
	unsigned int i, j;

	for (i = 1; i < tvm->nregions; i++) {
		for (j = i; j && tvm->region[j].start < tvm->region[j - 1].start; j--) {
			struct cove_interval tmp = tvm->region[j];

			tvm->region[j] = tvm->region[j - 1];
			tvm->region[j - 1] = tmp;
		}
	}
}

static void config_digest(struct tvm *tvm, u8 *digest)
{
	mbedtls_sha512_context ctx;
	unsigned int i;

	sort_regions(tvm);
	hash_start(&ctx);
	mbedtls_sha512_update(&ctx, (const u8 *)CONFIG_LABEL, CONFIG_LABEL_LEN);
	hash_le64(&ctx, tvm->flags);
	hash_le64(&ctx, tvm->nvcpus);
	hash_le64(&ctx, tvm->nregions);
	for (i = 0; i < tvm->nregions; i++) {
		hash_le64(&ctx, tvm->region[i].start);
		hash_le64(&ctx, tvm->region[i].end - tvm->region[i].start);
	}
	mbedtls_sha512_finish(&ctx, digest);
	mbedtls_sha512_free(&ctx);
}

static void extend_digest(u8 *reg, const u8 *digest)
{
	mbedtls_sha512_context ctx;
	u8 sum[64];

	hash_start(&ctx);
	mbedtls_sha512_update(&ctx, reg, COVE_HASH_LEN);
	mbedtls_sha512_update(&ctx, digest, COVE_HASH_LEN);
	mbedtls_sha512_finish(&ctx, sum);
	mbedtls_sha512_free(&ctx);
	arch_memcpy(reg, sum, COVE_HASH_LEN);
}

/** cove_measure_boot() - extend the configuration register with what a promoted VM brings along in
 * its registers */
void cove_measure_boot(struct tvm *tvm, const struct cove_vcpu *vcpu)
{
	const struct cove_csrs *csr = &vcpu->csr;
	const u64 csrs[] = { csr->vsstatus, csr->vsie,	  csr->hvip,   csr->vstvec, csr->vsscratch,
			     csr->vsepc,    csr->vscause, csr->vstval, csr->vsatp };
	mbedtls_sha512_context ctx;
	u8 digest[64];
	unsigned int i;

	hash_start(&ctx);
	mbedtls_sha512_update(&ctx, (const u8 *)BOOT_LABEL, BOOT_LABEL_LEN);
	for (i = 1; i < 32; i++)
		hash_le64(&ctx, vcpu->gpr[i]);
	for (i = 0; i < sizeof(csrs) / sizeof(csrs[0]); i++)
		hash_le64(&ctx, csrs[i]);
	mbedtls_sha512_finish(&ctx, digest);
	mbedtls_sha512_free(&ctx);
	extend_digest(tvm->msmt[COVE_MSMT_CONFIG], digest);
}

/** cove_measure_platform() - the registers that are the same for every TVM of this boot */
void cove_measure_platform(struct tvm *tvm)
{
	const struct cove_identity *boot = cove_identity();

	if (boot)
		arch_memcpy(tvm->msmt, boot->reg, sizeof(boot->reg));
}

/** cove_measure_forget() - the TVM ends: what its guest has measured is nobody else's */
void cove_measure_forget(struct tvm *tvm)
{
	arch_memset(tvm->msmt[COVE_MSMT_RUNTIME], 0, COVE_MSMT_RUNTIME_NUM * COVE_HASH_LEN);
}

/** cove_measure_runtime() - extend register @index with the guest's @digest (COVE_HASH_LEN bytes)
 */
void cove_measure_runtime(struct tvm *tvm, unsigned int index, const u8 *digest)
{
	extend_digest(tvm->msmt[index], digest);
}

/** cove_measure_config() - extend the configuration register with entry, argument, flags, vCPUs and
 * regions */
void cove_measure_config(struct tvm *tvm)
{
	u8 *reg = tvm->msmt[COVE_MSMT_CONFIG];
	u8 digest[64];

	extend_le64(reg, tvm->entry_sepc);
	extend_le64(reg, tvm->entry_arg);
	config_digest(tvm, digest);
	extend_digest(reg, digest);
}
