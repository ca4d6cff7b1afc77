/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Zeroing memory by blocks of the cache, on harts with Zicboz.
 */
#ifndef COVE_ZERO_H
#define COVE_ZERO_H

#include <cove_arch.h>

/**
 * cove_zero_block - bytes that cbo.zero clears on every hart; 0: not all have it, or not alike
 */
extern u32 cove_zero_block;

/** cove_zero_probe() - what the calling hart's is, before it serves calls */
void cove_zero_probe(bool zicboz);

/** cove_zero() - zero @len bytes at @pa, both multiples of @block, which is not 0 */
void cove_zero(u64 pa, u64 len, u32 block);

/** arch_zero() - zero @len bytes at @pa; false, and nothing done, where the harts or they do not
 * suit
 */
static inline bool arch_zero(u64 pa, u64 len)
{
	u32 block = arch_load(&cove_zero_block);

	if (!block || ((pa | len) & (block - 1)))
		return false;
	cove_zero(pa, len, block);
	return true;
}

#endif
