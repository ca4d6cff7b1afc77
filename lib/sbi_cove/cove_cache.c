// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Cache-block operations on whole pages: Zicboz, Zicbom.
 */
#include "cove_cache.h"
#include "cove_hart_features.h"

#define PAGE 4096UL

/* Four blocks a turn: a page is a multiple of that. */
#define BLOCKS	   4
#define MAX_BLOCK  (PAGE / BLOCKS)
#define CBO_FLUSH  2
#define CBO_ZERO   4
#define CBO(op, p) __asm__ __volatile__(".insn i 0x0f, 2, x0, %0, %1" ::"r"(p), "i"(op) : "memory")

/* For each block of @block bytes in the pages [@pa, @pa + @len) */
#define CBO_PAGES(op, pa, len, block)                                           \
	do {                                                                    \
		unsigned long at_ = (pa), end_ = at_ + (len), block_ = (block); \
                                                                                \
		for (; at_ < end_; at_ += block_) {                             \
			CBO(op, at_);                                           \
			CBO(op, at_ += block_);                                 \
			CBO(op, at_ += block_);                                 \
			CBO(op, at_ += block_);                                 \
		}                                                               \
	} while (0)

static u32 flush_block, zero_block;

/** cove_cache_init() - what all harts have */
void cove_cache_init(const struct cove_hart_features *features)
{
	flush_block = features->cbom_block < MAX_BLOCK ? features->cbom_block : MAX_BLOCK;
	zero_block = features->cboz_block;
}

/**
 * cove_cache_zero_block() - bytes that one cbo.zero of the calling hart clears
 * They are seen, not believed: whoever zeroes less than it thinks leaves secrets.
 * Return: a power of two up to a quarter of a page, or 0: better go by words. The hart has Zicboz.
 */
u32 cove_cache_zero_block(void)
{
	static u8 page[PAGE] __attribute__((aligned(PAGE)));
	static arch_lock_t lock;
	u32 first, n;

	arch_lock(&lock);
	arch_memset(page, 0xff, PAGE);
	CBO(CBO_ZERO, page);
	for (first = 0; first < PAGE && !page[first]; first++)
		;
	for (n = first; n < PAGE && page[n]; n++)
		;
	arch_unlock(&lock);
	return n == PAGE && first <= MAX_BLOCK && !(first & (first - 1)) ? first : 0;
}

/** cove_cache_zero() - zero the pages [@pa, @pa + @len); false: nothing is done, go by words */
bool cove_cache_zero(u64 pa, u64 len)
{
	if (!zero_block)
		return false;
	CBO_PAGES(CBO_ZERO, pa, len, zero_block);
	return true;
}

/**
 * cove_cache_flush() - write the pages [@pa, @pa + @len) back behind the caches
 * Another mapping of them must not see what was there before they were zeroed.
 */
void cove_cache_flush(u64 pa, u64 len)
{
	if (flush_block)
		CBO_PAGES(CBO_FLUSH, pa, len, flush_block);
}
