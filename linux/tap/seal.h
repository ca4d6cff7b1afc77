/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Making a TVM attestation payload (docs/attestation.md, local attestation): the owner's
 * side of cove/tap.h.
 */
#ifndef COVE_SEAL_H
#define COVE_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include <cove/tap.h>

#define SEAL_POINT_LEN	97 /* an uncompressed point of P-384 */
#define SEAL_HASH_LEN	48
#define SEAL_REGISTERS	6    /* initial registers */
#define SEAL_SECRET_MAX 2048 /* COVE_MAX_SECRET */

/**
 * struct seal_request - what to seal to whom
 * @point: TAP keys of @platforms platforms
 * @flags: COVE_TAP_F_*
 * @id: of the TAP; never used for another one
 * @value: of each register that @registers has a bit for; 4 and 5 must be there
 */
struct seal_request {
	unsigned int platforms;
	uint8_t point[COVE_TAP_MAX_LOCKBOXES][SEAL_POINT_LEN];
	uint32_t flags;
	uint8_t id[COVE_TAP_ID_LEN];
	unsigned int registers;
	uint8_t value[SEAL_REGISTERS][SEAL_HASH_LEN];
	const uint8_t *secret;
	size_t secret_len;
};

/** typedef seal_random - random bytes, as mbedTLS wants them: 0 or an error */
typedef int seal_random(void *arg, unsigned char *out, size_t len);

/**
 * seal_tap() - make it
 * @out: room for COVE_TAP_MAX bytes
 *
 * Return: its length; -1 when it would be too long, a point is not on the curve, or there is
 * no randomness; @out is all zeros then
 */
int seal_tap(const struct seal_request *req, seal_random *random, void *arg,
	     uint8_t out[COVE_TAP_MAX]);

#endif
