// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * More runs of converted memory than the PMP can describe: a clear error, and
 * everything as it was.
 */
#include "tvm.h"
#include "attack.h"

#define MAX_RUNS 64

/* Every second page of @pa.. until it fails; returns how many. */
static unsigned int scatter(unsigned long pa, unsigned int stride, unsigned int size, long *rc)
{
	unsigned int n;

	for (n = 0; n < MAX_RUNS; n++) {
		*rc = convert(pa + n * stride * PAGE, size);
		if (*rc)
			break;
	}
	return n;
}

static void check(unsigned int stride, unsigned int size)
{
	unsigned long pa = pages_alloc(MAX_RUNS * stride, 4);
	struct covesbi_stats before, full, after;
	unsigned int n, i, j;
	long rc = OK;

	get_stats(&before);
	n = scatter(pa, stride, size, &rc);
	EXPECT(rc, E_BAD_RANGE);
	EXPECT_TRUE(n >= 2);
	get_stats(&full);
	EXPECT(full.deny_runs, n);
	EXPECT(full.pages_converting, n * size);
	EXPECT_TRUE(full.pmp_used <= full.pmp_entries);
	/* what was converted is denied, what was not is there */
	for (i = 0; i < n; i++) {
		for (j = 0; j < stride; j++) {
			unsigned long cause = probe_ld(pa + (i * stride + j) * PAGE);

			EXPECT(cause, j < size ? 5 : NO_FAULT);
		}
	}
	EXPECT(probe_ld(pa + n * stride * PAGE), NO_FAULT);
	attack(pa, "the first run");
	/* next to a run it still works: no new run */
	EXPECT(convert(pa + size * PAGE, stride - size), OK);
	EXPECT(reclaim(pa + size * PAGE, stride - size), OK);
	REQUIRE(fence_all());
	for (i = 0; i < n; i++)
		EXPECT(reclaim(pa + i * stride * PAGE, size), OK);
	get_stats(&after);
	EXPECT(memcmp(&before, &after, sizeof(before)), 0);
	for (i = 0; i < n * stride; i++)
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

/* Giving back the middle of a run makes two: refused when it does not fit. */
static void reclaim_splits(void)
{
	unsigned long pa = pages_alloc(17, 16), far = pages_alloc(MAX_RUNS * 5, 4);
	struct covesbi_stats s;
	unsigned int n, i;
	long rc = OK;

	EXPECT(convert(pa, 16), OK);
	n = scatter(far, 5, 3, &rc);
	EXPECT(rc, E_BAD_RANGE);
	rc = reclaim(pa + 5 * PAGE, 1);
	EXPECT(rc, E_BAD_RANGE);
	attack(pa + 5 * PAGE, "a page that was not given back");
	get_stats(&s);
	EXPECT(s.deny_runs, n + 1);
	for (i = 0; i < n; i++)
		EXPECT(reclaim(far + i * 5 * PAGE, 3), OK);
	EXPECT(reclaim(pa + 5 * PAGE, 1), OK);
	EXPECT(probe_ld(pa + 5 * PAGE), NO_FAULT);
	EXPECT(probe_ld(pa + 4 * PAGE), 5);
	EXPECT(probe_ld(pa + 6 * PAGE), 5);
	EXPECT(reclaim(pa, 16), OK);
}

/* A TVM runs with the table full, and firmware stays closed. */
static void tvm_with_full_pmp(void)
{
	unsigned long far = pages_alloc(MAX_RUNS * 5, 4);
	struct tvm t;
	long rc = OK;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_PAGES, 9)));
	scatter(far, 5, 3, &rc);
	EXPECT(rc, E_BAD_RANGE);
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
