// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Pages of the arena, and the few functions of a C library.
 */
#include "host.h"

static unsigned long next = ARENA_BASE;

/** pages_alloc() - @n pages of the host, aligned to @align_pages; all given back after the test */
unsigned long pages_alloc(unsigned long n, unsigned long align_pages)
{
	unsigned long align = align_pages * PAGE;
	unsigned long pa = (next + align - 1) & ~(align - 1);

	next = pa + n * PAGE;
	if (next > ARENA_BASE + ARENA_SIZE) {
		print("FAIL arena: the tests need more memory\n");
		finish();
	}
	return pa;
}

/** conf_pages() - the same, converted and fenced on every hart; 0 when that fails */
unsigned long conf_pages(unsigned long n, unsigned long align_pages)
{
	unsigned long pa = pages_alloc(n, align_pages);
	long rc = convert(pa, n);

	if (rc) {
		test_fail("convert %lx %lu: %ld", pa, n, rc);
		return 0;
	}
	return fence_all() ? pa : 0;
}

/** pages_mark() - where the next pages are, for pages_back() */
unsigned long pages_mark(void)
{
	return next;
}

/** pages_back() - all pages since @mark are the host's, to be allocated again */
bool pages_back(unsigned long mark)
{
	unsigned long pa = mark, n;

	for (; pa < next; pa += n * PAGE) {
		n = (next - pa) / PAGE;
		n = n < RECLAIM_STEP ? n : RECLAIM_STEP;
		if (reclaim(pa, n))
			return false;
	}
	next = mark;
	return true;
}

/** mem_reset() - all of the arena is the host's again */
bool mem_reset(void)
{
	return pages_back(ARENA_BASE);
}

bool page_is_zero(unsigned long pa)
{
	return page_is(pa, 0);
}

void page_fill(unsigned long pa, unsigned long pattern)
{
	unsigned long *p = (unsigned long *)pa;
	unsigned int i;

	for (i = 0; i < 512; i++)
		p[i] = pattern;
}

bool page_is(unsigned long pa, unsigned long pattern)
{
	volatile unsigned long *p = (volatile unsigned long *)pa;
	unsigned int i;

	for (i = 0; i < 512; i++)
		if (p[i] != pattern)
			return false;
	return true;
}

void *memset(void *d, int c, unsigned long n)
{
	uint8_t *p = d;

	while (n--)
		*p++ = (uint8_t)c;
	return d;
}

void *memcpy(void *d, const void *s, unsigned long n)
{
	const uint8_t *from = s;
	uint8_t *to = d;

	while (n--)
		*to++ = *from++;
	return d;
}

int memcmp(const void *a, const void *b, unsigned long n)
{
	const uint8_t *p = a, *q = b;

	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return (uint8_t)*a - (uint8_t)*b;
}

unsigned long strlen(const char *s)
{
	unsigned long n = 0;

	while (s[n])
		n++;
	return n;
}
