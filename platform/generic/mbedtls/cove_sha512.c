// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * mbedTLS's SHA-384, taken from its source tree, and the one function of its
 * platform layer that it calls.
 */
#include <sha512.c>

u64 __bswapdi2(u64 v);

void mbedtls_platform_zeroize(void *buf, size_t len)
{
	volatile unsigned char *p = buf;

	while (len--)
		*p++ = 0;
}

/* The compiler's library is not linked; a hart without Zbb has no instruction for it. */
u64 __bswapdi2(u64 v)
{
	u64 out = 0;
	unsigned int i;

	for (i = 0; i < 64; i += 8)
		out |= ((v >> i) & 0xff) << (56 - i);
	return out;
}
