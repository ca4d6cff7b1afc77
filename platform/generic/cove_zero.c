// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * cbo.zero: how much it clears is tried, for a device tree need not say it, and
 * too much would be memory that nobody wanted cleared.
 */
#include <cove_zero.h>

#define MAX_BLOCK 1024U

#define CBO_ZERO(pa) __asm__ __volatile__(".insn i 0x0f, 2, x0, %0, 4" ::"r"(pa) : "memory")

u32 cove_zero_block;

static arch_lock_t probe_lock;
static bool probed;

/* The bytes that are zero afterwards, or 0 when they are no block. */
static u32 try_block(void)
{
	static u8 area[2 * MAX_BLOCK] __attribute__((aligned(2 * MAX_BLOCK)));
	u32 i, n = 0;

	for (i = 0; i < sizeof(area); i++)
		area[i] = 0xff;
	CBO_ZERO(area);
	while (n < sizeof(area) && !area[n])
		n++;
	return n <= MAX_BLOCK && !(n & (n - 1)) ? n : 0;
}

void cove_zero_probe(bool zicboz)
{
	u32 block;

	arch_lock(&probe_lock);
	block = zicboz ? try_block() : 0;
	if (!probed)
		arch_store(&cove_zero_block, block);
	else if (block != cove_zero_block)
		arch_store(&cove_zero_block, 0U);
	probed = true;
	arch_unlock(&probe_lock);
}

void cove_zero(u64 pa, u64 len, u32 block)
{
	u64 end = pa + len;

	if (!(len & (4 * (u64)block - 1))) {
		for (; pa < end; pa += block) {
			CBO_ZERO(pa);
			pa += block;
			CBO_ZERO(pa);
			pa += block;
			CBO_ZERO(pa);
			pa += block;
			CBO_ZERO(pa);
		}
		return;
	}
	for (; pa < end; pa += block)
		CBO_ZERO(pa);
}
