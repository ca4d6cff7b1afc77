// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The TSM's second key pair: Ed25519 (RFC 8032), by libsodium. A signature is so
 * short that it needs no steps: two passes over the message and one scalar
 * multiplication, which takes the same path for each scalar.
 */
#include "cove_arena.h"
#include "cove_attest.h"
#include "cove_dice.h"
#include "cove_internal.h"
#include <crypto_sign_ed25519.h>
#include <utils.h>

_Static_assert(crypto_sign_ed25519_SECRETKEYBYTES == COVE_ED25519_SECRET_LEN, "libsodium's key");
_Static_assert(crypto_sign_ed25519_BYTES == COVE_ED25519_SIG_LEN, "libsodium's signature");

/* libsodium's sources end their work with it. */
void sodium_memzero(void *const mem, const size_t len)
{
	cove_wipe(mem, len);
}

long cove_ed25519_derive(const u8 secret[COVE_HASH_LEN], const char *info,
			 struct cove_ed25519_key *key)
{
	const struct cove_bytes none = { NULL, 0 };
	const struct cove_bytes ikm = { secret, COVE_HASH_LEN };
	u8 seed[COVE_ED25519_LEN];
	long rc = cove_kdf(none, ikm, info, seed, sizeof(seed));

	if (!rc && crypto_sign_ed25519_seed_keypair(key->pub, key->secret, seed))
		rc = COVE_ERR_FAILED;
	cove_wipe(seed, sizeof(seed));
	return rc;
}

long cove_ed25519_sign(const struct cove_ed25519_key *key, struct cove_bytes message,
		       u8 sig[COVE_ED25519_SIG_LEN])
{
	int rc = crypto_sign_ed25519_detached(sig, NULL, message.data, message.len, key->secret);

	return rc ? COVE_ERR_FAILED : COVE_OK;
}
