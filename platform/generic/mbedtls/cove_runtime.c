// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What mbedTLS, tinycbor and the code that the compiler makes of them call: the
 * compiler's own library is not linked, and a hart without Zbb has no
 * instruction for it.
 */
#include <cove_internal.h>
#include <string.h>

u32 __bswapsi2(u32 v);
u64 __bswapdi2(u64 v);
int __clzdi2(u64 v);

#define WORD sizeof(u64)

static bool aligned(const void *p, const void *q)
{
	return !(((unsigned long)p | (unsigned long)q) % WORD);
}

/** cove_copy() - memcpy(); numbers of bignum code are whole words, and it copies them all the time
 */
void *cove_copy(void *dest, const void *src, size_t n)
{
	u8 *d = dest;
	const u8 *s = src;

	cove_job_tick(COVE_JOB_COPY + (int)(n / COVE_JOB_BYTES));
	if (aligned(d, s))
		for (; n >= WORD; n -= WORD, d += WORD, s += WORD)
			*(u64 *)d = *(const u64 *)s;
	while (n--)
		*d++ = *s++;
	return dest;
}

/** cove_fill() - memset() */
void *cove_fill(void *dest, int c, size_t n)
{
	u64 word = 0x0101010101010101UL * (u8)c;
	u8 *d = dest;

	if (aligned(d, d))
		for (; n >= WORD; n -= WORD, d += WORD)
			*(u64 *)d = word;
	while (n--)
		*d++ = (u8)c;
	return dest;
}

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
