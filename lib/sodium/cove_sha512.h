/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * SHA-512 as libsodium's Ed25519 calls it: mbedTLS's, which is there already, may
 * have instructions for it, and erases its state. The guard is that of libsodium's
 * crypto_hash_sha512.h, in place of which it is included.
 */
#ifndef crypto_hash_sha512_H
#define crypto_hash_sha512_H

#include <mbedtls/sha512.h>

#define crypto_hash_sha512_BYTES 64U

typedef mbedtls_sha512_context crypto_hash_sha512_state;

static inline int crypto_hash_sha512_init(crypto_hash_sha512_state *state)
{
	mbedtls_sha512_init(state);
	return mbedtls_sha512_starts(state, 0);
}

static inline int crypto_hash_sha512_update(crypto_hash_sha512_state *state,
					    const unsigned char *in, unsigned long long len)
{
	return mbedtls_sha512_update(state, in, len);
}

static inline int crypto_hash_sha512_final(crypto_hash_sha512_state *state, unsigned char *out)
{
	int rc = mbedtls_sha512_finish(state, out);

	mbedtls_sha512_free(state);
	return rc;
}

static inline int crypto_hash_sha512(unsigned char *out, const unsigned char *in,
				     unsigned long long len)
{
	return mbedtls_sha512(in, len, out, 0);
}

#endif
