/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Root of trust: what a board supplies to the monitor (docs/attestation.md).
 */
#ifndef COVE_ROT_H
#define COVE_ROT_H

#include <cove_arch.h>

#define COVE_ROT_SECRET_LEN	  48
#define COVE_ROT_MANUFACTURER_LEN 64

/** enum cove_rot_kind - what the secret is */
enum cove_rot_kind {
	COVE_ROT_UDS, /* the platform's own; the monitor makes all layers */
	COVE_ROT_CDI, /* CDI_0: an earlier stage has measured the firmware and certified layer 0 */
};

/** enum cove_rot_state - claim -70003 */
enum cove_rot_state {
	COVE_ROT_NOT_CONFIGURED = 1,
	COVE_ROT_SECURED = 2,
	COVE_ROT_DEBUG = 3,
	COVE_ROT_RECOVERY = 4,
};

/**
 * struct cove_rot - a board's root of trust
 * @kind: enum cove_rot_kind
 * @secret: erased once the keys have been derived
 * @state: enum cove_rot_state, of the platform
 * @manufacturer: id, claim -70002; only for COVE_ROT_UDS, as is @firmware_svn
 * @firmware_svn: security version of the firmware image
 * @token, @token_len: for COVE_ROT_CDI: the platform token, a COSE_Sign1 with
 *	its tag. It must stay where it is.
 * @chain, @chain_len: for COVE_ROT_CDI: DER certificates of layer 0 and of the
 *	UDS, in this order; at most COVE_ROT_CHAIN_MAX bytes, copied
 */
struct cove_rot {
	u32 kind;
	u8 secret[COVE_ROT_SECRET_LEN];
	u32 state;
	u8 manufacturer[COVE_ROT_MANUFACTURER_LEN];
	u64 firmware_svn;
	const u8 *token;
	size_t token_len;
	const u8 *chain;
	size_t chain_len;
};

#define COVE_ROT_CHAIN_MAX 2048

/**
 * cove_rot_read() - get the root of trust; once, at cold boot, on the boot hart
 *
 * A board defines it and makes the secret unreadable afterwards, for the monitor
 * too. The weak default is the development root: a public secret, state debug.
 *
 * Return: 0, or a negative number: this boot has no identity and offers no
 * attestation
 */
int cove_rot_read(struct cove_rot *rot);

#endif
