// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * libsodium's Ed25519: keys and signatures. What of it nobody calls, the linker
 * drops.
 */
#include "cove_internal.h"
#include "cove_sha512.h"

/* Products are most of its work: that is where it gives way (cove_job.h). */
#define fe25519_mul fe25519_product
#include <private/ed25519_ref10.h>
#undef fe25519_mul

static inline void fe25519_mul(fe25519 h, const fe25519 f, const fe25519 g)
{
	cove_job_tick(COVE_JOB_COPY);
	fe25519_product(h, f, g);
}

#include <ed25519_ref10.c>
#include <keypair.c>
#include <sign.c>
