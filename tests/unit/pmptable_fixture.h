/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A PMP table over a few awkward banks, for test_pmptable*.c.
 */
#ifndef PMPTABLE_FIXTURE_H
#define PMPTABLE_FIXTURE_H

#include "unit.h"

#include <pmptable/pmptable.h>

#define PAGE  0x1000UL
#define BLOCK 0x800000UL

/* Odd edges, two banks that touch inside of a block, a whole block, a lone page. */
static const struct pmptable_range banks[] = {
	{ 0x80003000UL, 2 * BLOCK + 0x5000UL },
	{ 0x81008000UL, 0x3000UL },
	{ 0x82000000UL, BLOCK },
	{ 0x83000000UL, PAGE },
};
#define NBANKS	  4
#define BANK0_END 0x81008000UL
#define BANK1_END 0x8100b000UL
#define RAM_PAGES (2 * 2048UL + 5 + 3 + 2048 + 1)

static struct pmptable table;
static void *table_mem;

static int setup(void **state)
{
	u64 size = pmptable_memory_size(banks, NBANKS);

	(void)state;
	/* Just what was asked for: ASan sees the first byte too many. */
	table_mem = aligned_alloc(PAGE, size);
	if (!table_mem)
		return -1;
	memset(table_mem, 0xa5, size);
	return pmptable_init(&table, banks, NBANKS, table_mem, size);
}

static int teardown(void **state)
{
	(void)state;
	free(table_mem);
	return 0;
}

static void scrub_never(u64 pa)
{
	fail_msg("page 0x%lx was scrubbed", pa);
}

#define FIELD_NONE 0x10000U

/* The field that the walker sees, or FIELD_NONE. */
static u32 field_at(u64 pa)
{
	struct pmptable_walk_result res;

	pmptable_walk(&table, pa, &res);
	assert_true(pa - res.base < res.size);
	if (res.id == PMPTABLE_ID_NONE) {
		assert_int_equal(res.perm, 0);
		return FIELD_NONE;
	}
	return PMPTABLE_FIELD(res.id, res.perm);
}

#endif
