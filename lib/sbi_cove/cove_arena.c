// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A small heap for mbedTLS: blocks one after the other, the first that fits is
 * taken. Arenas are a few KiB, so the walk is short and bounded.
 */
#include "cove_arena.h"
#include "cove_internal.h"
#include <mbedtls/build_info.h>
#include <mbedtls/platform_util.h>

/** struct block - in front of what is handed out; @size includes it */
struct block {
	size_t size;
	size_t used;
};
_Static_assert(sizeof(struct block) == COVE_ARENA_ALIGN, "what follows a block is aligned");

static struct cove_arena *selected[ARCH_MAX_HARTS];

void cove_arena_init(struct cove_arena *arena, void *mem, size_t size)
{
	struct block *first = mem;

	arena->base = mem;
	arena->size = size & ~(COVE_ARENA_ALIGN - 1);
	arena->used = 0;
	arena->peak = 0;
	first->size = arena->size;
	first->used = 0;
}

struct cove_arena *cove_arena_select(struct cove_arena *arena)
{
	struct cove_arena *before = selected[arch_hart()];

	selected[arch_hart()] = arena;
	return before;
}

/* Free blocks behind @b become part of it. */
static void merge(struct block *b, const u8 *end)
{
	struct block *next = (struct block *)((u8 *)b + b->size);

	while ((u8 *)next < end && !next->used) {
		b->size += next->size;
		next = (struct block *)((u8 *)b + b->size);
	}
}

static void split(struct block *b, size_t size)
{
	struct block *rest = (struct block *)((u8 *)b + size);

	if (b->size > size) {
		rest->size = b->size - size;
		rest->used = 0;
		b->size = size;
	}
	b->used = 1;
}

/* @len is a multiple of a word. */
static void clear(void *mem, size_t len)
{
	u64 *p = mem;

	for (; len; len -= sizeof(*p))
		*p++ = 0;
}

/** cove_calloc() - zeroed memory of the calling hart's arena, or NULL */
void *cove_calloc(size_t n, size_t size)
{
	struct cove_arena *arena;
	const u8 *end;
	struct block *b;
	size_t bytes;

	cove_job_tick(COVE_JOB_PRODUCT);
	arena = selected[arch_hart()]; /* perhaps another hart than before */
	if (!arena || __builtin_mul_overflow(n, size, &bytes) || bytes > arena->size)
		return NULL;
	bytes = (bytes + sizeof(*b) + COVE_ARENA_ALIGN - 1) & ~(COVE_ARENA_ALIGN - 1);
	end = arena->base + arena->size;
	for (b = (struct block *)arena->base; (u8 *)b < end;
	     b = (struct block *)((u8 *)b + b->size)) {
		if (b->used)
			continue;
		merge(b, end);
		if (b->size < bytes)
			continue;
		split(b, bytes);
		arena->used += bytes;
		if (arena->used > arena->peak)
			arena->peak = arena->used;
		clear(b + 1, bytes - sizeof(*b));
		return b + 1;
	}
	return NULL;
}

/** cove_free() - give memory back to the calling hart's arena */
void cove_free(void *p)
{
	struct cove_arena *arena = selected[arch_hart()];
	struct block *b;

	if (!p || !arena)
		return;
	b = (struct block *)p - 1;
	b->used = 0;
	arena->used -= b->size;
}

void cove_wipe(void *mem, size_t len)
{
	volatile u8 *p = mem;

	for (; len && (unsigned long)p % sizeof(u64); len--)
		*p++ = 0;
	for (; len >= sizeof(u64); len -= sizeof(u64), p += sizeof(u64))
		*(volatile u64 *)p = 0;
	while (len--)
		*p++ = 0;
}

void mbedtls_platform_zeroize(void *buf, size_t len)
{
	cove_wipe(buf, len);
}
