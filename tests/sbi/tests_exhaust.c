// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * More runs of converted memory than the PMP can describe: what is converted is
 * denied all the same, what is not is there.
 */
#include "tvm.h"
#include "attack.h"

#define MAX_RUNS 100

/* @size pages of every @stride. */
static long scatter(unsigned long pa, unsigned int stride, unsigned int size)
{
	unsigned int n;
	long rc = OK;

	for (n = 0; n < MAX_RUNS && !rc; n++)
		rc = convert(pa + n * stride * PAGE, size);
	return rc;
}

/* What a host that has everything back sees again. */
static bool same_stats(const struct covesbi_stats *a, struct covesbi_stats b)
{
	b.refills = a->refills;
	b.windows = a->windows;
	return !memcmp(a, &b, sizeof(b));
}

static void check(unsigned int stride, unsigned int size)
{
	unsigned long pa = pages_alloc(MAX_RUNS * stride, 4);
	struct covesbi_stats before, full, after;
	unsigned int i, j;

	get_stats(&before);
	EXPECT(before.pmp_refill, 0);
	EXPECT(scatter(pa, stride, size), OK);
	get_stats(&full);
	EXPECT(full.deny_runs, MAX_RUNS);
	EXPECT(full.pages_converting, MAX_RUNS * size);
	EXPECT(full.pmp_refill, 1);
	EXPECT_TRUE(full.pmp_used <= full.pmp_entries);
	/* what was converted is denied, what was not is there */
	for (i = 0; i < MAX_RUNS; i++) {
		for (j = 0; j < stride; j++) {
			unsigned long cause = probe_ld(pa + (i * stride + j) * PAGE);

			EXPECT(cause, j < size ? 5 : NO_FAULT);
		}
	}
	attack(pa, "the first run");
	attack(pa + (MAX_RUNS - 1) * stride * PAGE, "the last run");
	get_stats(&full);
	EXPECT_TRUE(full.refills > before.refills);
	REQUIRE(fence_all());
	for (i = 0; i < MAX_RUNS; i++)
		EXPECT(reclaim(pa + i * stride * PAGE, size), OK);
	get_stats(&after);
	EXPECT_TRUE(same_stats(&before, after));
	for (i = 0; i < MAX_RUNS * stride; i++)
		EXPECT(probe_ld(pa + i * PAGE), NO_FAULT);
}

static void single_pages(void)
{
	check(2, 1);
}

/* Runs that need two entries each. */
static void odd_runs(void)
{
	check(5, 3);
}

/* Giving back the middle of a run makes two, however many there are. */
static void reclaim_splits(void)
{
	unsigned long pa = pages_alloc(17, 16), far = pages_alloc(MAX_RUNS * 5, 4);
	struct covesbi_stats s;
	unsigned int i;

	EXPECT(convert(pa, 16), OK);
	EXPECT(scatter(far, 5, 3), OK);
	EXPECT(reclaim(pa + 5 * PAGE, 1), OK);
	get_stats(&s);
	EXPECT(s.deny_runs, MAX_RUNS + 2);
	EXPECT(probe_ld(pa + 5 * PAGE), NO_FAULT);
	EXPECT(probe_ld(pa + 4 * PAGE), 5);
	EXPECT(probe_ld(pa + 6 * PAGE), 5);
	for (i = 0; i < MAX_RUNS; i++)
		EXPECT(reclaim(far + i * 5 * PAGE, 3), OK);
	EXPECT(probe_ld(pa + 5 * PAGE), NO_FAULT);
	EXPECT(probe_ld(pa + 4 * PAGE), 5);
	EXPECT(probe_ld(pa + 6 * PAGE), 5);
	EXPECT(reclaim(pa, 16), OK);
}

/* A TVM runs with more runs than entries, and firmware stays closed. */
static void tvm_with_full_pmp(void)
{
	unsigned long far = pages_alloc(MAX_RUNS * 5, 4);
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_PAGES, 9)));
	EXPECT(scatter(far, 5, 3), OK);
	t.in[0] = 8;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[0], 0);
	EXPECT(t.mail[1], 0);
	attack(t.image_pa, "TVM data");
	attack(0x80000000UL, "firmware");
	attack(far, "a run");
}

const struct test exhaust_tests[] = {
	{ "exhaust_single_pages", single_pages, 1 },
	{ "exhaust_odd_runs", odd_runs, 1 },
	{ "exhaust_reclaim_splits", reclaim_splits, 1 },
	{ "exhaust_tvm_runs", tvm_with_full_pmp, 1 },
};
DEFINE_TESTS(exhaust);
