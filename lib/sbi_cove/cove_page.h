/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Whole pages, by blocks or words: OpenSBI's own memory functions go by bytes.
 */
#ifndef COVE_PAGE_H
#define COVE_PAGE_H

#include "cove_cache.h"

/** cove_clear() - zero @len bytes at @pa: whole pages */
static inline void cove_clear(u64 pa, u64 len)
{
	u64 *p = arch_ptr(pa);
	u64 *end = p + len / sizeof(*p);

	if (cove_cache_zero(pa, len))
		return;
	for (; p < end; p += 8) {
		p[0] = 0;
		p[1] = 0;
		p[2] = 0;
		p[3] = 0;
		p[4] = 0;
		p[5] = 0;
		p[6] = 0;
		p[7] = 0;
	}
}

/** cove_copy_page() - copy one page; the source may be written meanwhile */
static inline void cove_copy_page(u64 dst, u64 src)
{
	const volatile u64 *s = arch_ptr(src);
	u64 *d = arch_ptr(dst);
	unsigned int i;

	for (i = 0; i < 512; i += 4) {
		d[i] = s[i];
		d[i + 1] = s[i + 1];
		d[i + 2] = s[i + 2];
		d[i + 3] = s[i + 3];
	}
}

/** cove_copy_words() - copy @n bytes, each once; by words where both are aligned to one */
static inline void cove_copy_words(void *dst, const void *src, u64 n)
{
	const volatile u8 *s = src;
	u8 *d = dst;

	if (!(((unsigned long)d | (unsigned long)s) % sizeof(u64)))
		for (; n >= sizeof(u64); n -= sizeof(u64), d += sizeof(u64), s += sizeof(u64))
			*(u64 *)d = *(const volatile u64 *)s;
	while (n--)
		*d++ = *s++;
}

#endif
