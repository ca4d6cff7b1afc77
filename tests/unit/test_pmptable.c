// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP table, call by call.
 */
#include "pmptable_fixture.h"

static unsigned int scrubbed;

static void scrub_count(u64 pa)
{
	(void)pa;
	scrubbed++;
}

static int deny(u64 pa, u64 npages)
{
	return pmptable_deny(&table, pa, npages);
}

static int grant(u64 pa, u64 npages)
{
	return pmptable_grant(&table, pa, npages, scrub_count);
}

static int move(u64 pa, u64 npages, pmptable_field_t from, pmptable_field_t to)
{
	return pmptable_transition(&table, pa, npages, &from, 1, to);
}

static void assert_extent(u64 pa, u64 base, u64 size)
{
	struct pmptable_walk_result res;

	pmptable_walk(&table, pa, &res);
	assert_int_equal(res.base, base);
	assert_int_equal(res.size, size);
}

static void assert_counts(unsigned long host, unsigned long monitor, unsigned long converting,
			  unsigned long unassigned, unsigned long tvm)
{
	assert_int_equal(table.count[PMPTABLE_KIND_HOST], host);
	assert_int_equal(table.count[PMPTABLE_KIND_MONITOR], monitor);
	assert_int_equal(table.count[PMPTABLE_KIND_CONVERTING], converting);
	assert_int_equal(table.count[PMPTABLE_KIND_UNASSIGNED], unassigned);
	assert_int_equal(table.count[PMPTABLE_KIND_TVM], tvm);
}

static void assert_denied(unsigned int n, const struct pmptable_range *want)
{
	struct pmptable_range runs[16];
	unsigned int i;

	assert_int_equal(pmptable_denied_runs(&table, runs, 16), n);
	for (i = 0; i < n; i++) {
		assert_int_equal(runs[i].base, want[i].base);
		assert_int_equal(runs[i].size, want[i].size);
	}
}

static void test_memory_size(void **state)
{
	const struct pmptable_range gib = { 0x80000000UL, 1UL << 30 };
	const struct pmptable_range top = { (1UL << 56) - PAGE, PAGE };
	struct pmptable_range many[PMPTABLE_MAX_BANKS + 1];
	unsigned int i;

	(void)state;
	/* 128 leaf tables; root entries (8 bytes), bits of pages (256) and of blocks: 33808 */
	assert_int_equal(pmptable_memory_size(&gib, 1), 137 * PAGE);
	assert_int_equal(pmptable_memory_size(&top, 1), 2 * PAGE);
	/* 3 + 1 + 1 + 1 blocks: a shared block counts for both of its banks */
	assert_int_equal(pmptable_memory_size(banks, NBANKS), 7 * PAGE);

	for (i = 0; i <= PMPTABLE_MAX_BANKS; i++)
		many[i] = (struct pmptable_range){ (i + 1) * 2 * PAGE, PAGE };
	assert_int_equal(pmptable_memory_size(many, PMPTABLE_MAX_BANKS), 18 * PAGE);
	assert_int_equal(pmptable_memory_size(many, PMPTABLE_MAX_BANKS + 1), 0);
	assert_int_equal(pmptable_memory_size(many, 0), 0);
	assert_int_equal(pmptable_memory_size(NULL, 1), 0);
}

static void test_malformed_banks(void **state)
{
	static const struct pmptable_range bad[][2] = {
		{ { 0x80000800UL, PAGE }, { 0x90000000UL, PAGE } },	     /* base unaligned */
		{ { 0x80000000UL, 0x1800UL }, { 0x90000000UL, PAGE } },	     /* size unaligned */
		{ { 0x80000000UL, 0 }, { 0x90000000UL, PAGE } },	     /* empty */
		{ { 0x80000000UL, 2 * PAGE }, { 0x80001000UL, PAGE } },	     /* overlap */
		{ { 0x90000000UL, PAGE }, { 0x80000000UL, PAGE } },	     /* unsorted */
		{ { 0x80000000UL, PAGE }, { 0x80000000UL, PAGE } },	     /* twice */
		{ { 0x80000000UL, PAGE }, { 0x90000000UL, -0x90000000UL } }, /* ends at 2^64 */
		{ { 0x80000000UL, PAGE }, { 0x90000000UL, -PAGE } },	     /* wraps */
		{ { 0x80000000UL, PAGE }, { 1UL << 56, PAGE } },	     /* beyond 2^56 */
		{ { 0x80000000UL, PAGE }, { (1UL << 56) - PAGE, 2 * PAGE } },
	};
	void *mem = aligned_alloc(PAGE, 8 * PAGE);
	struct pmptable t;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(pmptable_memory_size(bad[i], 2), 0);
		assert_int_equal(pmptable_init(&t, bad[i], 2, mem, 8 * PAGE), PMPTABLE_EINVAL);
	}
	assert_int_equal(pmptable_init(&t, banks, NBANKS, NULL, 7 * PAGE), PMPTABLE_EINVAL);
	assert_int_equal(pmptable_init(&t, banks, NBANKS, (u8 *)mem + 8, 7 * PAGE),
			 PMPTABLE_EINVAL);
	assert_int_equal(pmptable_init(&t, banks, NBANKS, mem, 7 * PAGE - 1), PMPTABLE_EINVAL);
	assert_int_equal(pmptable_init(&t, banks, NBANKS, mem, 7 * PAGE), PMPTABLE_OK);
	free(mem);
}

static void test_init(void **state)
{
	(void)state;
	assert_counts(RAM_PAGES, 0, 0, 0, 0);
	assert_int_equal(table.runs, 0);
	assert_denied(0, NULL);
	assert_int_equal(field_at(0x80003000UL), PMPTABLE_HOST);
	assert_int_equal(field_at(BANK0_END - 1), PMPTABLE_HOST);
	assert_int_equal(field_at(0x83000fffUL), PMPTABLE_HOST);
}

static void test_walk_extents(void **state)
{
	(void)state;
	/* a uniform block; pages where a bank has only a part of a block */
	assert_extent(0x80800123UL, 0x80800000UL, BLOCK);
	assert_extent(0x80003000UL, 0x80003000UL, PAGE);
	assert_extent(0x807fffffUL, 0x807ff000UL, PAGE);
	assert_extent(BANK0_END - 1, BANK0_END - PAGE, PAGE);
	assert_extent(BANK0_END, BANK0_END, PAGE);
	/* holes: below, between, above all banks up to 2^64 */
	assert_int_equal(field_at(0), FIELD_NONE);
	assert_extent(0, 0, 0x80003000UL);
	assert_extent(0x80002fffUL, 0, 0x80003000UL);
	assert_extent(BANK1_END, BANK1_END, 0x82000000UL - BANK1_END);
	assert_extent(0x83001000UL, 0x83001000UL, -0x83001000UL);
	assert_int_equal(field_at(~0UL), FIELD_NONE);
	assert_extent(~0UL, 0x83001000UL, -0x83001000UL);
	/* a page of a block that is not uniform */
	assert_int_equal(deny(0x80801000UL, 1), PMPTABLE_OK);
	assert_extent(0x80801fffUL, 0x80801000UL, PAGE);
	assert_extent(0x80800000UL, 0x80800000UL, PAGE);
	assert_extent(0x82000000UL, 0x82000000UL, BLOCK);
}

static bool host_may(u64 pa, u64 len)
{
	return pmptable_check(&table, pa, len, PMPTABLE_ID_HOST, PMPTABLE_R | PMPTABLE_W);
}

static void test_check_range(void **state)
{
	(void)state;
	assert_true(host_may(0x80003000UL, 1));
	assert_true(host_may(0x80003000UL, BANK1_END - 0x80003000UL)); /* two banks that touch */
	assert_true(host_may(0x83000fffUL, 1));
	assert_false(host_may(0x80003000UL, 0));
	assert_false(host_may(0x80002fffUL, 1));
	assert_false(host_may(0x80002fffUL, 2));
	assert_false(host_may(BANK1_END - 1, 2));
	assert_false(host_may(0x80003000UL, 0x82000000UL - 0x80003000UL + 1)); /* over a hole */
	assert_false(host_may(0x83000ff8UL, 9));
	/* wrap-around, also to a valid address */
	assert_false(host_may(~0UL, 1));
	assert_false(host_may(~0UL, 2));
	assert_false(host_may(0x80003000UL, ~0UL));
	assert_false(host_may(0x80004000UL, -0x1000UL));
	assert_false(host_may(0x80004000UL, -0x1000UL + 1));
	assert_false(host_may(0x80004000UL, -0x80004000UL));
	/* nobody owns what is not RAM */
	assert_false(pmptable_check(&table, 0x1000, 1, PMPTABLE_ID_NONE, 0));
	assert_false(pmptable_check(&table, 0x80003000UL, 1, PMPTABLE_ID_MONITOR, 0));
}

static void test_check_owner(void **state)
{
	const u64 pa = 0x80801000UL;

	(void)state;
	assert_int_equal(deny(pa, 3), PMPTABLE_OK);
	assert_false(host_may(pa, 1));
	assert_true(pmptable_check(&table, pa, 3 * PAGE, PMPTABLE_ID_HOST, 0));
	assert_true(host_may(pa - 1, 1));
	assert_false(host_may(pa - 1, 2));
	assert_false(host_may(pa - 4 * PAGE, 8 * PAGE));

	assert_int_equal(move(pa, 2, PMPTABLE_CONVERTING, PMPTABLE_TVM_DATA(8191)), PMPTABLE_OK);
	assert_true(pmptable_check(&table, pa, 2 * PAGE, 8191, PMPTABLE_RWX));
	assert_false(pmptable_check(&table, pa, 2 * PAGE, 8190, 0));
	assert_false(pmptable_check(&table, pa, 2 * PAGE + 1, 8191, 0));
	assert_false(pmptable_check(&table, pa, 1, 8191, 8)); /* no such permission */
	assert_int_equal(move(pa, 1, PMPTABLE_TVM_DATA(8191), PMPTABLE_FIELD(8191, PMPTABLE_R)),
			 PMPTABLE_OK);
	assert_true(pmptable_check(&table, pa, 2 * PAGE, 8191, PMPTABLE_R));
	assert_false(pmptable_check(&table, pa, 2 * PAGE, 8191, PMPTABLE_W));
	assert_false(pmptable_check(&table, pa, 2 * PAGE, 8191, PMPTABLE_RWX));
}

/* Ranges that no call may take. */
static const struct {
	u64 pa, npages;
} bad_ranges[] = {
	{ 0x80003001UL, 1 },
	{ 0x80003800UL, 1 },
	{ 0x80003000UL, 0 },
	{ 0x80002000UL, 1 },
	{ 0x80002000UL, 2 },
	{ BANK1_END, 1 },
	{ BANK1_END - PAGE, 2 },
	{ BANK1_END - PAGE, 0x82000000UL / PAGE }, /* hole, then RAM */
	{ 0x83000000UL, 2 },
	{ 0, 1 },
	{ -PAGE, 1 },
	{ -PAGE, 2 },
	{ -PAGE, 0x80004UL + 1 }, /* wraps into RAM */
	{ 0x80003000UL, ~0UL },
	{ 0x80003000UL, 1UL << 52 },	   /* npages * 4096 is 0 */
	{ 0x80003000UL, (1UL << 52) + 1 }, /* ... is 4096 */
	{ 0x80004000UL, (1UL << 52) - 1 }, /* ends below its start */
	{ 0x80003000UL, 1UL << 63 },
};

static void test_bad_ranges(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(bad_ranges) / sizeof(bad_ranges[0]); i++) {
		u64 pa = bad_ranges[i].pa, n = bad_ranges[i].npages;

		assert_int_equal(deny(pa, n), PMPTABLE_EINVAL);
		assert_int_equal(pmptable_grant(&table, pa, n, scrub_never), PMPTABLE_EINVAL);
		assert_int_equal(move(pa, n, PMPTABLE_CONVERTING, PMPTABLE_UNASSIGNED),
				 PMPTABLE_EINVAL);
	}
	assert_counts(RAM_PAGES, 0, 0, 0, 0);
	assert_int_equal(table.version, 0);
}

/* A host page that is mapped into a TVM stays the host's but cannot be converted. */
static void test_host_shared(void **state)
{
	const u64 pa = 0x82000000UL;

	(void)state;
	assert_int_equal(move(pa, 2, PMPTABLE_HOST, PMPTABLE_HOST_SHARED), PMPTABLE_OK);
	assert_true(
		pmptable_check(&table, pa, 4 * PAGE, PMPTABLE_ID_HOST, PMPTABLE_R | PMPTABLE_W));
	assert_false(pmptable_check(&table, pa, PAGE, PMPTABLE_ID_HOST, PMPTABLE_RWX));
	assert_counts(RAM_PAGES, 0, 0, 0, 0);
	assert_int_equal(deny(pa + PAGE, 2), PMPTABLE_ESTATE);
	assert_int_equal(deny(pa + 2 * PAGE, 1), PMPTABLE_OK);
	assert_int_equal(grant(pa, 2), PMPTABLE_OK);
	assert_int_equal(field_at(pa), PMPTABLE_HOST_SHARED);
	assert_int_equal(grant(pa, 3), PMPTABLE_ESTATE);
	assert_int_equal(move(pa, 1, PMPTABLE_HOST_SHARED, PMPTABLE_UNASSIGNED), PMPTABLE_EINVAL);
	assert_int_equal(move(pa, 2, PMPTABLE_HOST_SHARED, PMPTABLE_HOST), PMPTABLE_OK);
	assert_int_equal(grant(pa, 3), PMPTABLE_OK);
	assert_counts(RAM_PAGES, 0, 0, 0, 0);
}

static void test_transition_states(void **state)
{
	static const pmptable_field_t bad[] = { PMPTABLE_HOST, PMPTABLE_MONITOR,
						PMPTABLE_FIELD(PMPTABLE_ID_HOST, PMPTABLE_R),
						PMPTABLE_FIELD(PMPTABLE_ID_MONITOR, PMPTABLE_RWX) };
	pmptable_field_t from[2] = { PMPTABLE_CONVERTING, PMPTABLE_UNASSIGNED };
	const u64 pa = 0x82000000UL;
	unsigned int i;

	(void)state;
	assert_int_equal(deny(pa, 4), PMPTABLE_OK);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(move(pa, 1, PMPTABLE_CONVERTING, bad[i]), PMPTABLE_EINVAL);
		assert_int_equal(move(pa + 4 * PAGE, 1, bad[i], PMPTABLE_UNASSIGNED),
				 PMPTABLE_EINVAL);
		from[1] = bad[i];
		assert_int_equal(pmptable_transition(&table, pa, 1, from, 2, PMPTABLE_UNASSIGNED),
				 PMPTABLE_EINVAL);
	}
	assert_int_equal(pmptable_transition(&table, pa, 1, from, 0, PMPTABLE_UNASSIGNED),
			 PMPTABLE_EINVAL);
	assert_counts(RAM_PAGES - 4, 0, 4, 0, 0);

	/* two accepted states */
	from[1] = PMPTABLE_UNASSIGNED;
	assert_int_equal(move(pa, 2, PMPTABLE_CONVERTING, PMPTABLE_UNASSIGNED), PMPTABLE_OK);
	assert_int_equal(move(pa, 4, PMPTABLE_CONVERTING, PMPTABLE_TVM_META(3)), PMPTABLE_ESTATE);
	assert_int_equal(move(pa, 4, PMPTABLE_UNASSIGNED, PMPTABLE_TVM_META(3)), PMPTABLE_ESTATE);
	assert_int_equal(pmptable_transition(&table, pa, 5, from, 2, PMPTABLE_TVM_META(3)),
			 PMPTABLE_ESTATE);
	assert_counts(RAM_PAGES - 4, 0, 2, 2, 0);
	assert_int_equal(pmptable_transition(&table, pa, 4, from, 2, PMPTABLE_TVM_META(3)),
			 PMPTABLE_OK);
	assert_counts(RAM_PAGES - 4, 0, 0, 0, 4);
	/* data is not metadata, TVM 3 is not TVM 4 */
	assert_int_equal(move(pa, 1, PMPTABLE_TVM_DATA(3), PMPTABLE_UNASSIGNED), PMPTABLE_ESTATE);
	assert_int_equal(move(pa, 1, PMPTABLE_TVM_META(4), PMPTABLE_UNASSIGNED), PMPTABLE_ESTATE);
	assert_int_equal(table.version, 1);
}

static void test_all_or_nothing(void **state)
{
	const u64 last = 0x81009000UL; /* in bank 1, at the end of a range over four blocks */
	const u64 first = 0x80003000UL;
	u64 npages = (last - first) / PAGE + 1;
	u64 pa;

	(void)state;
	assert_int_equal(deny(last, 1), PMPTABLE_OK);
	assert_int_equal(deny(first, npages), PMPTABLE_ESTATE);
	assert_int_equal(deny(first, npages - 1), PMPTABLE_OK);
	assert_int_equal(move(last, 1, PMPTABLE_CONVERTING, PMPTABLE_UNASSIGNED), PMPTABLE_OK);
	assert_int_equal(move(first, npages, PMPTABLE_CONVERTING, PMPTABLE_TVM_META(5)),
			 PMPTABLE_ESTATE);
	assert_int_equal(move(last, 1, PMPTABLE_UNASSIGNED, PMPTABLE_TVM_META(5)), PMPTABLE_OK);
	assert_int_equal(pmptable_grant(&table, first, npages, scrub_never), PMPTABLE_ESTATE);
	for (pa = first; pa < last; pa += PAGE)
		assert_int_equal(field_at(pa), PMPTABLE_CONVERTING);
	assert_counts(RAM_PAGES - npages, 0, npages - 1, 0, 1);
	assert_denied(1, &(struct pmptable_range){ first, npages * PAGE });
}

static void test_split_and_merge(void **state)
{
	const struct pmptable_bank *b = &table.banks[0];
	u64 i;

	(void)state;
	/* a whole block stays uniform, in one store: its leaf is as setup() left it */
	assert_int_equal(b->root[1], PMPTABLE_HOST);
	assert_int_equal(deny(0x80800000UL, 2048), PMPTABLE_OK);
	assert_int_equal(b->root[1], PMPTABLE_CONVERTING);
	for (i = 2048; i < 2 * 2048; i++)
		assert_int_equal(b->leaves[i], 0xa5a5);

	/* edge blocks never are: what the bank does not have is not RAM */
	assert_int_equal(deny(0x80003000UL, 2048 - 3), PMPTABLE_OK);
	assert_int_equal(b->root[0], PMPTABLE_ROOT_LEAF);
	assert_int_equal(field_at(0x80002fffUL), FIELD_NONE);
	assert_int_equal(deny(0x81000000UL, 8 + 3), PMPTABLE_OK);
	assert_int_equal(b->root[2], PMPTABLE_ROOT_LEAF);
	assert_int_equal(table.banks[1].root[0], PMPTABLE_ROOT_LEAF);
	assert_int_equal(field_at(BANK1_END), FIELD_NONE);

	/* a part splits, the rest of the block keeps its state */
	assert_int_equal(move(0x80805000UL, 1, PMPTABLE_CONVERTING, PMPTABLE_UNASSIGNED), 0);
	assert_int_equal(b->root[1], PMPTABLE_ROOT_LEAF);
	for (i = 0; i < 2048; i++)
		assert_int_equal(field_at(0x80800000UL + i * PAGE),
				 i == 5 ? PMPTABLE_UNASSIGNED : PMPTABLE_CONVERTING);

	/* the same again is no change; the last odd page merges */
	assert_int_equal(move(0x80805000UL, 1, PMPTABLE_UNASSIGNED, PMPTABLE_UNASSIGNED), 0);
	assert_int_equal(b->root[1], PMPTABLE_ROOT_LEAF);
	assert_int_equal(move(0x80805000UL, 1, PMPTABLE_UNASSIGNED, PMPTABLE_CONVERTING), 0);
	assert_int_equal(b->root[1], PMPTABLE_CONVERTING);
	assert_extent(0x80805000UL, 0x80800000UL, BLOCK);
	scrubbed = 0;
	assert_int_equal(grant(0x80800000UL, 2048), PMPTABLE_OK);
	assert_int_equal(scrubbed, 2048);

	/* a mixed block that is covered as a whole merges */
	assert_int_equal(deny(0x80800000UL, 1), PMPTABLE_OK);
	assert_int_equal(deny(0x80fff000UL, 1), PMPTABLE_OK);
	assert_int_equal(b->root[1], PMPTABLE_ROOT_LEAF);
	scrubbed = 0;
	assert_int_equal(grant(0x80800000UL, 2048), PMPTABLE_OK);
	assert_int_equal(scrubbed, 2);
	assert_int_equal(b->root[1], PMPTABLE_HOST);
	/* a second split does not see the first one's leaf */
	assert_int_equal(deny(0x80801000UL, 1), PMPTABLE_OK);
	assert_int_equal(field_at(0x80800000UL), PMPTABLE_HOST);
	assert_int_equal(field_at(0x80fff000UL), PMPTABLE_HOST);
	assert_counts(RAM_PAGES - 2045 - 11 - 1, 0, 2045 + 11 + 1, 0, 0);
}

static void test_denied_runs(void **state)
{
	const u64 a = 0x80010000UL, b = 0x80014000UL;
	struct pmptable_range want[3] = { { a, PAGE }, { b, PAGE } };

	(void)state;
	assert_int_equal(deny(b, 1), PMPTABLE_OK);
	assert_int_equal(deny(a, 1), PMPTABLE_OK);
	assert_denied(2, want);
	/* grow at the end, at the start, then close the gap */
	assert_int_equal(deny(a + PAGE, 1), PMPTABLE_OK);
	want[0].size += PAGE;
	assert_denied(2, want);
	assert_int_equal(deny(b - PAGE, 1), PMPTABLE_OK);
	want[1] = (struct pmptable_range){ b - PAGE, 2 * PAGE };
	assert_denied(2, want);
	assert_int_equal(deny(a + 2 * PAGE, 1), PMPTABLE_OK);
	want[0].size = 5 * PAGE;
	assert_denied(1, want);
	assert_int_equal(table.version, 5);
	/* banks that touch share a run; the monitor's pages are in none */
	pmptable_set_monitor(&table, BANK0_END - 3 * PAGE, PAGE);
	assert_int_equal(deny(BANK0_END - 2 * PAGE, 3), PMPTABLE_OK);
	want[1] = (struct pmptable_range){ BANK0_END - 2 * PAGE, 3 * PAGE };
	assert_denied(2, want);
	/* grant: out of the middle, an end, over several runs, nothing at all */
	assert_int_equal(grant(a + PAGE, 1), PMPTABLE_OK);
	want[0] = (struct pmptable_range){ a, PAGE };
	want[2] = want[1];
	want[1] = (struct pmptable_range){ a + 2 * PAGE, 3 * PAGE };
	assert_denied(3, want);
	assert_int_equal(grant(a + 2 * PAGE, 1), PMPTABLE_OK);
	want[1] = (struct pmptable_range){ a + 3 * PAGE, 2 * PAGE };
	assert_denied(3, want);
	assert_int_equal(grant(a, 4), PMPTABLE_OK);
	want[0] = (struct pmptable_range){ a + 4 * PAGE, PAGE };
	want[1] = want[2];
	assert_denied(2, want);
	assert_int_equal(table.version, 9);
	assert_int_equal(pmptable_grant(&table, a, 4, scrub_never), PMPTABLE_OK);
	assert_int_equal(table.version, 9);
}

/* As many runs as there can be, and lists that have room for some of them. */
static void test_many_runs(void **state)
{
	static struct pmptable_range runs[1024];
	unsigned int i;

	(void)state;
	for (i = 0; i < 1024; i++) {
		assert_int_equal(deny(0x80800000UL + 2 * i * PAGE, 1), PMPTABLE_OK);
		assert_int_equal(table.runs, i + 1);
	}
	assert_int_equal(pmptable_denied_runs(&table, runs, 1024), 1024);
	for (i = 0; i < 1024; i++) {
		assert_int_equal(runs[i].base, 0x80800000UL + 2 * i * PAGE);
		assert_int_equal(runs[i].size, PAGE);
	}
	assert_int_equal(pmptable_denied_runs(&table, runs, 1023), PMPTABLE_ENOSPC);
	assert_int_equal(pmptable_denied_runs(&table, runs, 1), PMPTABLE_ENOSPC);
	/* the gaps close one after the other */
	for (i = 0; i < 1023; i++) {
		assert_int_equal(deny(0x80801000UL + 2 * i * PAGE, 1), PMPTABLE_OK);
		assert_int_equal(table.runs, 1023 - i);
	}
	assert_denied(1, &(struct pmptable_range){ 0x80800000UL, 2047 * PAGE });
	assert_int_equal(pmptable_denied_runs(&table, runs, 1), 1);
	assert_int_equal(table.version, 2047);
}

/* Two banks that touch: two runs for the count, one in the list. */
static void test_runs_of_banks(void **state)
{
	(void)state;
	assert_int_equal(deny(BANK0_END - PAGE, 2), PMPTABLE_OK);
	assert_int_equal(table.runs, 2);
	assert_denied(1, &(struct pmptable_range){ BANK0_END - PAGE, 2 * PAGE });
	assert_int_equal(grant(BANK0_END, 1), PMPTABLE_OK);
	assert_int_equal(table.runs, 1);
	assert_denied(1, &(struct pmptable_range){ BANK0_END - PAGE, PAGE });
}

static void assert_cover(unsigned int max, unsigned int n, const struct pmptable_range *want)
{
	struct pmptable_range cover[PMPTABLE_MAX_COVER];
	unsigned int i;

	assert_int_equal(pmptable_denied_cover(&table, cover, max), n);
	for (i = 0; i < n; i++) {
		assert_int_equal(cover[i].base, want[i].base);
		assert_int_equal(cover[i].size, want[i].size);
	}
}

static void test_cover(void **state)
{
	struct pmptable_range want[3] = { { 0x80003000UL, BLOCK - 3 * PAGE }, /* no more than RAM */
					  { 0x81000000UL, 11 * PAGE },
					  { 0x83000000UL, PAGE } };

	(void)state;
	assert_cover(4, 0, NULL);
	assert_int_equal(deny(0x80005000UL, 1), PMPTABLE_OK);
	assert_int_equal(deny(BANK0_END, 1), PMPTABLE_OK);
	assert_int_equal(deny(BANK0_END - 2 * PAGE, 1), PMPTABLE_OK); /* the same block */
	assert_int_equal(deny(0x83000000UL, 1), PMPTABLE_OK);
	assert_cover(4, 3, want);
	assert_cover(3, 3, want);
	/* the smallest gap goes first */
	want[0].size = 2 * BLOCK + 8 * PAGE;
	want[1] = want[2];
	assert_cover(2, 2, want);
	want[0].size = 6 * BLOCK - 2 * PAGE;
	assert_cover(1, 1, want);
	/* blocks that touch are one range */
	assert_int_equal(grant(BANK0_END - 2 * PAGE, 3), PMPTABLE_OK);
	assert_int_equal(deny(0x82400000UL, 1), PMPTABLE_OK);
	want[0].size = BLOCK - 3 * PAGE;
	want[1] = (struct pmptable_range){ 0x82000000UL, BLOCK };
	want[2] = (struct pmptable_range){ 0x83000000UL, PAGE };
	assert_cover(4, 3, want);
	assert_int_equal(deny(0x80800000UL, 1), PMPTABLE_OK);
	want[0].size = 2 * BLOCK - 3 * PAGE;
	assert_cover(4, 3, want);
}

static void assert_open(u64 pa, u64 base, u64 size)
{
	struct pmptable_range block;

	assert_true(pmptable_open_block(&table, pa, &block));
	assert_int_equal(block.base, base);
	assert_int_equal(block.size, size);
}

static void test_open_block(void **state)
{
	struct pmptable_range block;

	(void)state;
	assert_open(0x80003000UL, 0, 1UL << PMPTABLE_PA_BITS);
	assert_int_equal(deny(0x80804000UL, 1), PMPTABLE_OK);
	assert_false(pmptable_open_block(&table, 0x80804000UL, &block));
	assert_false(pmptable_open_block(&table, 0x80804fffUL, &block));
	/* pages around it, then the blocks around, then what is no RAM */
	assert_open(0x80805fffUL, 0x80805000UL, PAGE);
	assert_open(0x80807000UL, 0x80806000UL, 2 * PAGE);
	assert_open(0x80803000UL, 0x80800000UL, 4 * PAGE);
	assert_open(0x80810000UL, 0x80810000UL, 0x10000UL);
	assert_open(0x80c00000UL, 0x80c00000UL, 0x400000UL);
	assert_open(0x80005000UL, 0x80000000UL, BLOCK);
	assert_open(0x81000000UL, 0x81000000UL, 0x1000000UL);
	assert_open(0x1000UL, 0, 0x80000000UL);
	assert_open(0x4000000000UL, 0x4000000000UL, 0x4000000000UL);
	assert_open((1UL << 56) - 1, 1UL << 55, 1UL << 55);
	/* a block of two banks; the page beside them is no RAM */
	assert_int_equal(deny(BANK0_END - PAGE, 1), PMPTABLE_OK);
	assert_int_equal(deny(BANK1_END - PAGE, 1), PMPTABLE_OK);
	assert_open(BANK0_END, BANK0_END, 2 * PAGE);
	assert_open(BANK1_END, BANK1_END, PAGE);
}

static u64 grant_first, grant_end, grant_next;

/* Every page of the range in order, none of them the host's yet but those that were. */
static void scrub_in_order(u64 pa)
{
	u64 p;

	assert_int_equal(pa, grant_next);
	grant_next += 2 * PAGE;
	for (p = grant_first; p < grant_end; p += PAGE)
		assert_int_equal(field_at(p) == PMPTABLE_HOST, (p - grant_first) / PAGE % 2);
}

static void test_grant_scrubs_first(void **state)
{
	u64 pa;

	(void)state;
	grant_first = 0x807fe000UL; /* over a block boundary */
	grant_end = grant_first + 6 * PAGE;
	grant_next = grant_first;
	for (pa = grant_first; pa < grant_end; pa += 2 * PAGE)
		assert_int_equal(deny(pa, 1), PMPTABLE_OK);
	assert_int_equal(move(grant_first, 1, PMPTABLE_CONVERTING, PMPTABLE_UNASSIGNED), 0);
	assert_int_equal(pmptable_grant(&table, grant_first, 6, scrub_in_order), 0);
	assert_int_equal(grant_next, grant_end);
	assert_counts(RAM_PAGES, 0, 0, 0, 0);
	assert_int_equal(table.runs, 0);
	assert_denied(0, NULL);
}

static void test_grant_refuses(void **state)
{
	const u64 pa = 0x82000000UL;

	(void)state;
	assert_int_equal(deny(pa, 1), PMPTABLE_OK);
	assert_int_equal(move(pa, 1, PMPTABLE_CONVERTING, PMPTABLE_TVM_DATA(3)), PMPTABLE_OK);
	assert_int_equal(pmptable_grant(&table, pa, 1, scrub_never), PMPTABLE_ESTATE);
	pmptable_set_monitor(&table, pa + PAGE, PAGE);
	assert_int_equal(pmptable_grant(&table, pa + PAGE, 1, scrub_never), PMPTABLE_ESTATE);
	assert_int_equal(deny(pa + PAGE, 1), PMPTABLE_ESTATE);
	assert_counts(RAM_PAGES - 2, 1, 0, 0, 1);
}

static void test_set_monitor(void **state)
{
	(void)state;
	pmptable_set_monitor(&table, 0x80801800UL, 0); /* nothing */
	pmptable_set_monitor(&table, 1UL << 56, ~0UL);
	assert_counts(RAM_PAGES, 0, 0, 0, 0);
	/* widened to whole pages */
	pmptable_set_monitor(&table, 0x80801fffUL, 2);
	assert_int_equal(field_at(0x80800000UL), PMPTABLE_HOST);
	assert_int_equal(field_at(0x80801000UL), PMPTABLE_MONITOR);
	assert_int_equal(field_at(0x80802000UL), PMPTABLE_MONITOR);
	assert_int_equal(field_at(0x80803000UL), PMPTABLE_HOST);
	assert_counts(RAM_PAGES - 2, 2, 0, 0, 0);
	/* over banks, holes and pages in other states, again over its own */
	assert_int_equal(deny(0x80802000UL + PAGE, 1), PMPTABLE_OK);
	pmptable_set_monitor(&table, 0, 0x82001000UL);
	assert_counts(2047 + 1, RAM_PAGES - 2048 - 1, 1, 0, 0);
	assert_int_equal(field_at(0x80003000UL), PMPTABLE_MONITOR);
	assert_int_equal(field_at(0x80803000UL), PMPTABLE_CONVERTING);
	/* a range that wraps goes to the top */
	pmptable_set_monitor(&table, 0x82002000UL, ~0UL);
	assert_int_equal(field_at(0x82001000UL), PMPTABLE_HOST);
	assert_counts(1, RAM_PAGES - 2, 1, 0, 0);
	assert_int_equal(table.runs, 1);
	assert_int_equal(table.version, 1);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_size),
		cmocka_unit_test(test_malformed_banks),
		CASE(test_init),
		CASE(test_walk_extents),
		CASE(test_check_range),
		CASE(test_check_owner),
		CASE(test_bad_ranges),
		CASE(test_host_shared),
		CASE(test_transition_states),
		CASE(test_all_or_nothing),
		CASE(test_split_and_merge),
		CASE(test_denied_runs),
		CASE(test_many_runs),
		CASE(test_runs_of_banks),
		CASE(test_cover),
		CASE(test_open_block),
		CASE(test_grant_scrubs_first),
		CASE(test_grant_refuses),
		CASE(test_set_monitor),
	};

	return cmocka_run_group_tests_name("pmptable", tests, NULL, NULL);
}
