/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Layers and keys of this boot (docs/attestation.md): what only the files that
 * make them share. Private keys do not leave these files.
 */
#ifndef COVE_DICE_H
#define COVE_DICE_H

#include "cove_attest.h"
#include <cove/rot.h>

/**
 * struct cove_boot_layers - what the platform measured
 * @image: SHA-384 of the firmware image: registers 0 and 2
 * @config: SHA-384 of the platform's configuration: register 1
 * @firmware_version: text
 */
struct cove_boot_layers {
	u8 image[COVE_HASH_LEN];
	u8 config[COVE_HASH_LEN];
	const char *firmware_version;
};

/**
 * cove_dice_boot() - make keys, tokens and certificates; once, before the host runs
 * @rot: its secret is erased, whatever happens
 *
 * Return: 0, COVE_ERR_INVALID_PARAM when @rot makes no sense, COVE_ERR_FAILED
 */
long cove_dice_boot(struct cove_rot *rot, const struct cove_boot_layers *layers);

/**
 * struct cove_layer_key - key pair of a layer
 * @d: private key; @point: uncompressed; @id: identifier
 */
struct cove_layer_key {
	u8 d[COVE_COORD_LEN];
	u8 point[COVE_POINT_LEN];
	u8 id[COVE_ID_LEN];
};

/**
 * struct cove_ed25519_key - Ed25519 key pair of a layer
 * @secret: seed and public key; @id: identifier, of the public key
 */
struct cove_ed25519_key {
	u8 secret[COVE_ED25519_SECRET_LEN];
	u8 pub[COVE_ED25519_LEN];
	u8 id[COVE_ID_LEN];
};

/** cove_layer_public() - a layer's key as certificates and tokens carry it; points into @key */
static inline struct cove_key cove_layer_public(const struct cove_layer_key *key)
{
	const struct cove_key pub = { COVE_KEY_P384, key->point + 1,
				      key->point + 1 + COVE_COORD_LEN };

	return pub;
}

/** cove_ed25519_public() - the same for an Ed25519 key */
static inline struct cove_key cove_ed25519_public(const struct cove_ed25519_key *key)
{
	const struct cove_key pub = { COVE_KEY_ED25519, key->pub, NULL };

	return pub;
}

/**
 * cove_key_derive() - private and public key from a secret
 * @info: "Key_Pair" or "TAP_Key"
 * @mem: COVE_SIGN_BYTES, aligned to 16
 *
 * Return: 0 or COVE_ERR_FAILED
 */
long cove_key_derive(const u8 secret[COVE_HASH_LEN], const char *info, void *mem,
		     struct cove_layer_key *key);

/**
 * cove_ed25519_derive() - key pair from a secret, without its identifier
 * @info: "Key_Pair_Ed25519"
 *
 * Return: 0 or COVE_ERR_FAILED
 */
long cove_ed25519_derive(const u8 secret[COVE_HASH_LEN], const char *info,
			 struct cove_ed25519_key *key);

/** cove_ed25519_sign() - a signature at once; deterministic. Return: 0 or COVE_ERR_FAILED */
long cove_ed25519_sign(const struct cove_ed25519_key *key, struct cove_bytes message,
		       u8 sig[COVE_ED25519_SIG_LEN]);

/** cove_key_sign() - a signature at once, for the boot; @mem as for cove_key_derive() */
long cove_key_sign(const u8 d[COVE_COORD_LEN], const u8 digest[COVE_HASH_LEN], void *mem,
		   u8 sig[COVE_SIG_LEN]);

/** cove_sign_init() - how long steps are; before the first job, one hart alone */
void cove_sign_init(void);

/** cove_sign_begin() - cove_sign_start() with a key given; with less memory it may fail later */
struct cove_sign *cove_sign_begin(void *mem, size_t len, const u8 d[COVE_COORD_LEN],
				  const u8 digest[COVE_HASH_LEN]);

/** cove_agree_begin() - the same for cove_agree_start() */
struct cove_agree *cove_agree_begin(void *mem, size_t len, const u8 d[COVE_COORD_LEN],
				    const u8 point[COVE_POINT_LEN]);

/** cove_tsm_key() - private key of layer 1, NULL when there is none; cove_tap_key() - to agree with
 */
const u8 *cove_tsm_key(void);
const u8 *cove_tap_key(void);

/* cove_token.c: tokens of the boot, into @buf; return their length or COVE_ERR_FAILED */

/** struct cove_component - a software component of a token */
struct cove_component {
	const char *type;
	unsigned int reg;
	const u8 *value;
	u64 svn;
	const u8 *manifest;
	const char *version;
};

long cove_platform_token(const struct cove_rot *rot, const struct cove_layer_key *uds,
			 const struct cove_layer_key *platform,
			 const struct cove_component *firmware, void *mem, u8 *buf, size_t size);
long cove_tsm_token(const struct cove_layer_key *platform, struct cove_key tsm,
		    const struct cove_layer_key *tap, const struct cove_component sw[2], void *mem,
		    u8 *buf, size_t size);

#endif
