// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Ed25519 (RFC 8032), by libsodium: its curve, and what checks a signature.
 * libsodium refuses what has a second encoding, and keys of small order.
 */
#include <mbedtls/constant_time.h>
#include <mbedtls/platform_util.h>

#include "cove_sha512.h"
#include <ed25519_ref10.c>
#include <open.c>
#include <sign.c>

#include "internal.h"

/* What these sources want of the rest of libsodium */

void sodium_memzero(void *const mem, const size_t len)
{
	mbedtls_platform_zeroize(mem, len);
}

int sodium_memcmp(const void *const a, const void *const b, size_t len)
{
	return mbedtls_ct_memcmp(a, b, len) ? -1 : 0;
}

int crypto_verify_32(const unsigned char *a, const unsigned char *b)
{
	return sodium_memcmp(a, b, 32);
}

int sodium_is_zero(const unsigned char *mem, const size_t len)
{
	unsigned char any = 0;

	for (size_t i = 0; i < len; i++)
		any |= mem[i];
	return !any;
}

/** ed25519_valid() - whether a signature of a message is one by this key */
bool ed25519_valid(const uint8_t key[32], struct verify_bytes message, const uint8_t signature[64])
{
	return !crypto_sign_ed25519_verify_detached(signature, message.data, message.len, key);
}
