/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * mbedTLS for lib/, in the firmware and natively: SHA-384, HKDF, SHA-512 for
 * libsodium's Ed25519, deterministic ECDSA on P-384 in steps, AES-GCM; memory from
 * lib/sbi_cove/cove_arena.c, no tables made at run time, no I/O.
 */
#ifndef COVE_MBEDTLS_CONFIG_H
#define COVE_MBEDTLS_CONFIG_H

#include <stddef.h>

void *cove_calloc(size_t n, size_t size);
void cove_free(void *p);

#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO cove_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO   cove_free
#define MBEDTLS_PLATFORM_ZEROIZE_ALT
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS

#define MBEDTLS_SHA384_C
#define MBEDTLS_SHA512_C
/* platform/generic/cove_sha512.c, which needs the original as well */
#if defined(COVE_SHA512_HOOK) && !defined(COVE_SHA512_SOFTWARE)
#define MBEDTLS_SHA512_PROCESS_ALT
#endif
#define MBEDTLS_MD_C
#define MBEDTLS_HKDF_C
#define MBEDTLS_HMAC_DRBG_C

/*
 * mbedTLS does not know that RV64 has 64-bit limbs and their products, and the
 * compiler's library for the quotients is not linked.
 */
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_HAVE_INT64
#define MBEDTLS_NO_UDBL_DIVISION
#define MULADDC_X1_INIT {
#define MULADDC_X1_CORE                                                     \
	{                                                                   \
		unsigned __int128 r = (unsigned __int128)*s++ * b + c + *d; \
		*d++ = (mbedtls_mpi_uint)r;                                 \
		c = (mbedtls_mpi_uint)(r >> 64);                            \
	}
#define MULADDC_X1_STOP }
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_RESTARTABLE
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECDSA_DETERMINISTIC
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C

#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT
#define MBEDTLS_GCM_C

#endif
