// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the compiler calls for mbedTLS and tinycbor: its own library is not
 * linked, and a hart without Zbb has no instruction for it.
 */
#include <sbi/sbi_types.h>

u32 __bswapsi2(u32 v);
u64 __bswapdi2(u64 v);
int __clzdi2(u64 v);

u32 __bswapsi2(u32 v)
{
	return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

u64 __bswapdi2(u64 v)
{
	return (u64)__bswapsi2((u32)v) << 32 | __bswapsi2((u32)(v >> 32));
}

/* No branch depends on @v, which may be secret; it is not 0. */
int __clzdi2(u64 v)
{
	unsigned int shift, n = 0;
	u64 step;

	for (shift = 32; shift; shift /= 2) {
		step = (u64)(!(v >> (64 - shift))) * shift;
		v <<= step;
		n += (unsigned int)step;
	}
	return (int)n;
}
