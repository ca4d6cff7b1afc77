/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Opening a TVM attestation payload (docs/attestation.md, local attestation).
 */
#ifndef COVE_SBI_TAP_H
#define COVE_SBI_TAP_H

#include "cove_attest.h"
#include <cove/tap.h>

/**
 * struct cove_tap - a TAP that is being opened, or is open
 * @len: bytes of it
 * @box: where our lockbox is in @copy
 * @agree: in @work; NULL when it is open
 * @copy: the TAP, where nobody can change it
 * @plain: its payload once it is open: authentic, and what it says is well-formed
 */
struct cove_tap {
	size_t len;
	size_t box;
	struct cove_agree *agree;
	u8 copy[COVE_TAP_MAX] __attribute__((aligned(8)));
	u8 plain[COVE_TAP_MAX] __attribute__((aligned(8)));
	u8 work[COVE_SIGN_BYTES] __attribute__((aligned(16)));
};

/**
 * cove_tap_start() - begin to open @tap, whose @len and @copy are given
 *
 * Return: 0, INVALID_PARAM (no TAP: form), AUTH (none for this platform)
 */
long cove_tap_start(struct cove_tap *tap);

/**
 * cove_tap_step() - go on, for COVE_ATTEST_MAX_OPS
 *
 * Return: 0: it is open; COVE_AGAIN; AUTH (not authentic), INVALID_PARAM (the
 * payload's form), FAILED
 */
long cove_tap_step(struct cove_tap *tap);

/**
 * cove_tap_allows() - does an open TAP allow a TVM with these initial registers on
 *	this platform? What is allowed once is not allowed again then.
 */
bool cove_tap_allows(const struct cove_tap *tap, const u8 (*msmt)[COVE_HASH_LEN], u32 state);

/** cove_tap_secret() - of an open TAP */
struct cove_bytes cove_tap_secret(const struct cove_tap *tap);

#endif
