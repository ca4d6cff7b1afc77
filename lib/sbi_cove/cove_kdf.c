// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * SHA-384 and what is derived with it (docs/attestation.md, layers and keys).
 */
#include "cove_arena.h"
#include "cove_attest.h"
#include "cove_internal.h"
#include <mbedtls/hkdf.h>
#include <mbedtls/sha512.h>

/* Two contexts of the hash with their blocks. */
#define KDF_ARENA_BYTES 1024

void cove_sha384(const void *data, size_t len, u8 digest[COVE_HASH_LEN])
{
	u8 sum[64];

	mbedtls_sha512(data, len, sum, 1);
	arch_memcpy(digest, sum, COVE_HASH_LEN);
	cove_wipe(sum, sizeof(sum));
}

static size_t text_len(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

long cove_kdf(struct cove_bytes salt, struct cove_bytes ikm, const char *info, u8 *out,
	      size_t out_len)
{
	u8 mem[KDF_ARENA_BYTES] __attribute__((aligned(COVE_ARENA_ALIGN)));
	struct cove_arena arena;
	int rc;

	cove_arena_init(&arena, mem, sizeof(mem));
	cove_arena_select(&arena);
	rc = mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA384), salt.data, salt.len,
			  ikm.data, ikm.len, (const u8 *)info, text_len(info), out, out_len);
	cove_arena_select(NULL);
	cove_wipe(mem, sizeof(mem));
	return rc ? COVE_ERR_FAILED : COVE_OK;
}
