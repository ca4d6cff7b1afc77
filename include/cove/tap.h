/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The TVM attestation payload (docs/attestation.md, local attestation): header,
 * lockboxes, nonce, sealed payload, tag. All integers are little-endian; fields that are
 * reserved are zero.
 */
#ifndef COVE_TAP_H
#define COVE_TAP_H

#define COVE_TAP_MAGIC	       0x50415443U /* "CTAP" */
#define COVE_TAP_VERSION       1
#define COVE_TAP_MAX	       4096 /* bytes of the whole */
#define COVE_TAP_MAX_LOCKBOXES 16
#define COVE_TAP_ALG_P384      1 /* ECDH on P-384, HKDF with SHA-384, AES-256-GCM */
#define COVE_TAP_HASH_SHA384   0
#define COVE_TAP_KEY_LEN       32
#define COVE_TAP_IV_LEN	       12
#define COVE_TAP_TAG_LEN       16
#define COVE_TAP_ID_LEN	       16
#define COVE_TAP_INFO	       "cove-tap-v1"

/* flags of the payload */
#define COVE_TAP_F_DEBUG 1U /* a platform that is not secured may open it */
#define COVE_TAP_F_ONCE	 2U /* for one TVM since the platform started */

/**
 * struct cove_tap_header - how it begins
 * @len: of the whole, the last tag included
 * @lockboxes: how many follow
 * @payload_len: bytes of the sealed payload without its tag
 */
struct cove_tap_header {
	unsigned int magic;
	unsigned short version;
	unsigned short len;
	unsigned short lockboxes;
	unsigned short payload_len;
	unsigned int reserved;
};

/**
 * struct cove_tap_lockbox - the payload's key, for one platform
 * @id: identifier of its TAP key
 * @algorithm: COVE_TAP_ALG_P384
 * @point: ephemeral key of who made it, uncompressed
 * @key, @tag: the payload's key, encrypted; what is before them is authenticated, too
 */
struct cove_tap_lockbox {
	unsigned char id[20];
	unsigned short algorithm;
	unsigned short reserved;
	unsigned char point[97];
	unsigned char reserved2[7];
	unsigned char key[COVE_TAP_KEY_LEN];
	unsigned char tag[COVE_TAP_TAG_LEN];
};

/**
 * struct cove_tap_payload - what is sealed; digests follow, then the secret
 * @id: of this TAP: random
 * @flags: COVE_TAP_F_*
 * @secret_len: 1 to COVE_MAX_SECRET
 */
struct cove_tap_payload {
	unsigned char id[COVE_TAP_ID_LEN];
	unsigned int flags;
	unsigned short digests;
	unsigned short secret_len;
	unsigned long long reserved;
};

/**
 * struct cove_tap_digest - what a register must be
 * @index: initial register; ascending
 * @algorithm: COVE_TAP_HASH_SHA384
 */
struct cove_tap_digest {
	unsigned short index;
	unsigned short algorithm;
	unsigned int reserved;
	unsigned char value[48];
};

#define COVE_TAP_SEALED_KEY __builtin_offsetof(struct cove_tap_lockbox, key)

/** cove_tap_body() - where the nonce is, before it all that the payload's tag covers beside it */
static inline unsigned long cove_tap_body(unsigned int lockboxes)
{
	return sizeof(struct cove_tap_header) + lockboxes * sizeof(struct cove_tap_lockbox);
}

#ifdef __cplusplus
#define COVE_TAP_ASSERT static_assert
#else
#define COVE_TAP_ASSERT _Static_assert
#endif
COVE_TAP_ASSERT(sizeof(struct cove_tap_header) == 16, "cove_tap_header");
COVE_TAP_ASSERT(sizeof(struct cove_tap_lockbox) == 176, "cove_tap_lockbox");
COVE_TAP_ASSERT(COVE_TAP_SEALED_KEY == 128, "cove_tap_lockbox.key");
COVE_TAP_ASSERT(sizeof(struct cove_tap_payload) == 32, "cove_tap_payload");
COVE_TAP_ASSERT(sizeof(struct cove_tap_digest) == 56, "cove_tap_digest");
#undef COVE_TAP_ASSERT

#endif
