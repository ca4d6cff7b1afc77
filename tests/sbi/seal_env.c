// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What mbedTLS needs to make TAPs: memory, which is given back all at once, and numbers
 * that are random enough for a test.
 */
#include "seal_env.h"
#include "host.h"

#define HEAP 0x10000UL

void *memmove(void *dest, const void *src, size_t n);
uint32_t __bswapsi2(uint32_t v);
uint64_t __bswapdi2(uint64_t v);
int __clzdi2(uint64_t v);
int __ctzdi2(uint64_t v);
void *cove_calloc(size_t n, size_t size);
void cove_free(void *p);
void mbedtls_platform_zeroize(void *buf, size_t len);

/** struct block - in front of what is handed out; @before: the one below, 0 if there is none */
struct block {
	size_t before;
	size_t used;
};

static uint8_t heap[HEAP] __attribute__((aligned(16)));
static size_t top, end; /* where the last block is, and what is behind it */

void *cove_calloc(size_t n, size_t size)
{
	size_t bytes = sizeof(struct block) + ((n * size + 15) & ~15UL);
	struct block *b = (struct block *)(heap + end);

	if (bytes > HEAP - end)
		return NULL;
	b->before = top;
	b->used = 1;
	top = end;
	end += bytes;
	memset(b + 1, 0, bytes - sizeof(*b));
	return b + 1;
}

/* Memory comes back when all above it is free, too. */
void cove_free(void *p)
{
	struct block *b;

	if (!p)
		return;
	((struct block *)p - 1)->used = 0;
	while (end && !(b = (struct block *)(heap + top))->used) {
		end = top;
		top = b->before;
	}
}

void mbedtls_platform_zeroize(void *buf, size_t len)
{
	memset(buf, 0, len);
}

void *memmove(void *dest, const void *src, size_t n)
{
	const uint8_t *s = src;
	uint8_t *d = dest;

	if (d <= s)
		return memcpy(d, s, n);
	while (n--)
		d[n] = s[n];
	return d;
}

/* What the compiler makes calls of where a hart has no instruction for it */
uint32_t __bswapsi2(uint32_t v)
{
	return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

uint64_t __bswapdi2(uint64_t v)
{
	return (uint64_t)__bswapsi2((uint32_t)v) << 32 | __bswapsi2((uint32_t)(v >> 32));
}

int __clzdi2(uint64_t v)
{
	int n = 0;

	for (; !(v >> 63); v <<= 1)
		n++;
	return n;
}

int __ctzdi2(uint64_t v)
{
	int n = 0;

	for (; !(v & 1); v >>= 1)
		n++;
	return n;
}

static int numbers(void *arg, unsigned char *out, size_t len)
{
	static unsigned long state;
	unsigned long z;

	(void)arg;
	if (!state)
		state = csr_read(time);
	while (len--) {
		z = state += 0x9e3779b97f4a7c15UL;
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
		*out++ = (unsigned char)(z ^ (z >> 31));
	}
	return 0;
}

void seal_id(struct seal_request *req)
{
	numbers(NULL, req->id, sizeof(req->id));
}

int seal(const struct seal_request *req, uint8_t *out)
{
	int len;

	top = end = 0;
	len = seal_tap(req, numbers, NULL, out);
	if (len < 0)
		test_fail("no TAP can be made, %lu bytes of memory used", end);
	return len;
}
