// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * libsodium's Ed25519: keys and signatures. What of it nobody calls, the linker
 * drops.
 */
#include "cove_internal.h"
#include "cove_sha512.h"

/* Products and squares are most of its work: that is where it gives way (cove_job.h). */
#define fe25519_mul fe25519_product
#define fe25519_sq  fe25519_square
#include <private/ed25519_ref10.h>
#undef fe25519_mul
#undef fe25519_sq

static inline void fe25519_mul(fe25519 h, const fe25519 f, const fe25519 g)
{
	cove_job_tick(COVE_JOB_COPY);
	fe25519_product(h, f, g);
}

static inline void fe25519_sq(fe25519 h, const fe25519 f)
{
	cove_job_tick(COVE_JOB_COPY);
	fe25519_square(h, f);
}

#include <ed25519_ref10.c>
#include <keypair.c>
#include <sign.c>
