// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * COVH convert_pages, reclaim_pages and the fences.
 */
#include "tvm.h"
#include "attack.h"

#define FIRMWARE_BASE 0x80000000UL
#define RAM_END_GUESS 0x4000000000UL

static void round_trip(void)
{
	unsigned long pa = pages_alloc(4, 1);
	unsigned int i;

	for (i = 0; i < 4; i++)
		page_fill(pa + i * PAGE, 0x5ec2e700 + i);
	EXPECT(convert(pa + PAGE, 2), OK);
	EXPECT(probe_ld(pa + PAGE), 5);
	EXPECT(probe_ld(pa), NO_FAULT);
	EXPECT(probe_ld(pa + 3 * PAGE), NO_FAULT);
	REQUIRE(fence_all());
	EXPECT(reclaim(pa + PAGE, 2), OK);
	EXPECT_TRUE(page_is_zero(pa + PAGE));
	EXPECT_TRUE(page_is_zero(pa + 2 * PAGE));
	EXPECT_TRUE(page_is(pa, 0x5ec2e700));
	EXPECT_TRUE(page_is(pa + 3 * PAGE, 0x5ec2e703));
}

static void reclaim_unfenced(void)
{
	unsigned long pa = pages_alloc(1, 1);

	page_fill(pa, 77);
	EXPECT(convert(pa, 1), OK);
	EXPECT(reclaim(pa, 1), OK);
	EXPECT_TRUE(page_is_zero(pa));
}

static void reclaim_host_page(void)
{
	unsigned long pa = pages_alloc(3, 1);

	page_fill(pa, 78);
	EXPECT(reclaim(pa, 1), OK);
	EXPECT_TRUE(page_is(pa, 78)); /* a no-op */
	EXPECT(convert(pa + PAGE, 1), OK);
	EXPECT(reclaim(pa, 3), OK); /* mixed */
	EXPECT_TRUE(page_is(pa, 78));
	EXPECT_TRUE(page_is_zero(pa + PAGE));
}

static void count(void)
{
	unsigned long pa = pages_alloc(1, 1);

	EXPECT(convert(pa, 0), E_INVALID_PARAM);
	EXPECT(convert(pa, COVE_MAX_CONVERT_PAGES + 1), E_INVALID_PARAM);
	EXPECT(convert(pa, ~0UL), E_INVALID_PARAM);
	EXPECT(convert(pa, 1UL << 52), E_INVALID_PARAM); /* bytes wrap to 0 */
	EXPECT(convert(pa, (1UL << 52) + 1), E_INVALID_PARAM);
	EXPECT(reclaim(pa, 0), E_INVALID_PARAM);
	EXPECT(reclaim(pa, COVE_MAX_SCRUB_PAGES + 1), E_INVALID_PARAM);
	EXPECT(reclaim(pa, ~0UL), E_INVALID_PARAM);
	EXPECT(reclaim(pa, (1UL << 52) + 1), E_INVALID_PARAM);
	EXPECT(probe_ld(pa), NO_FAULT);
}

/* Both calls refuse these addresses, and nothing happens. */
static void addresses(void)
{
	unsigned long pa = pages_alloc(1, 1);
	const unsigned long bad[] = {
		pa + 1,	       pa + 8,
		pa + 0x800,    0,
		0x1000,	    /* boot ROM */
		0x2000000,  /* CLINT */
		0xc000000,  /* PLIC */
		0x10000000, /* UART */
		FIRMWARE_BASE, ~0xfffUL,
		~0UL,	       1UL << 63,
		1UL << 56,     (1UL << 56) - PAGE,
		RAM_END_GUESS, (1UL << 56) + pa, /* PMP has 56 bits */
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (convert(bad[i], 1) != E_INVALID_ADDRESS) {
			test_fail("convert %lx is not refused", bad[i]);
			return;
		}
		if (reclaim(bad[i], 1) != E_INVALID_ADDRESS &&
		    reclaim(bad[i], 1) != E_INVALID_PARAM) {
			test_fail("reclaim %lx is not refused", bad[i]);
			return;
		}
	}
	EXPECT(convert(~0UL << 13, 16), E_INVALID_ADDRESS); /* wraps */
	EXPECT(convert(0x7fff0000, 32), E_INVALID_ADDRESS); /* into RAM from below */
}

static void monitor_memory(void)
{
	unsigned int i;

	EXPECT_TRUE(nreserved >= 2);
	for (i = 0; i < nreserved; i++) {
		unsigned long pa = reserved[i].base;

		EXPECT(convert(pa, 1), E_INVALID_ADDRESS);
		EXPECT(convert(pa + reserved[i].size - PAGE, 1), E_INVALID_ADDRESS);
		EXPECT_TRUE(reclaim(pa, 1) != OK);
	}
	/* from the page below the payload's into firmware */
	EXPECT(convert(0x801ff000, 1), OK);
	EXPECT(reclaim(0x801ff000, 1), OK);
	EXPECT(convert(reserved[0].base + reserved[0].size - PAGE, 2), E_INVALID_ADDRESS);
}

static void twice(void)
{
	unsigned long pa = pages_alloc(4, 1);

	EXPECT(convert(pa + PAGE, 1), OK);
	EXPECT(convert(pa + PAGE, 1), E_INVALID_ADDRESS);
	EXPECT(convert(pa, 3), E_INVALID_ADDRESS); /* all or nothing */
	EXPECT(probe_ld(pa), NO_FAULT);
	EXPECT(probe_ld(pa + 2 * PAGE), NO_FAULT);
	REQUIRE(fence_all());
	EXPECT(convert(pa + PAGE, 1), E_INVALID_ADDRESS);
	EXPECT(convert(pa, 2), E_INVALID_ADDRESS);
}

static void large(void)
{
	unsigned long n = 4096, pa = pages_alloc(n, 2048); /* two whole blocks of the table */

	page_fill(pa, 1);
	page_fill(pa + (n - 1) * PAGE, 2);
	EXPECT(convert(pa, n), OK);
	EXPECT(probe_ld(pa), 5);
	EXPECT(probe_ld(pa + n / 2 * PAGE), 5);
	EXPECT(probe_ld(pa + n * PAGE - 8), 5);
	EXPECT(probe_ld(pa + n * PAGE), NO_FAULT);
	EXPECT(probe_ld(pa - 8), NO_FAULT);
	/* a hole in the middle */
	EXPECT(reclaim(pa + 5 * PAGE, 1), OK);
	EXPECT(probe_ld(pa + 5 * PAGE), NO_FAULT);
	EXPECT(probe_ld(pa + 4 * PAGE), 5);
	EXPECT(probe_ld(pa + 6 * PAGE), 5);
	EXPECT(reclaim(pa, 1024), OK);
	EXPECT_TRUE(page_is_zero(pa));
	EXPECT(probe_ld(pa + 1024 * PAGE), 5);
	EXPECT(reclaim(pa + 1024 * PAGE, 1024), OK);
	EXPECT(reclaim(pa + 2048 * PAGE, 1024), OK);
	EXPECT(reclaim(pa + 3072 * PAGE, 1024), OK);
	EXPECT_TRUE(page_is_zero(pa + (n - 1) * PAGE));
}

static long use(unsigned long pa)
{
	struct tvm t = { 0 };
	long rc = tvm_create_at(&t, pa, pa + 4 * PAGE, 0, 24);

	return rc ? rc : tvm_destroy(&t);
}

static void use_needs_fence(void)
{
	unsigned long pa = pages_alloc(16, 4);

	EXPECT(convert(pa, 16), OK);
	EXPECT(use(pa), E_INVALID_ADDRESS);
	REQUIRE(fence_others()); /* local fences without a global one open nothing */
	EXPECT(local_fence(), OK);
	EXPECT(use(pa), E_INVALID_ADDRESS);
	REQUIRE(fence_all());
	EXPECT(use(pa), OK);
}

/* A page converted after the round began needs another one. */
static void use_needs_later_fence(void)
{
	unsigned long pa = pages_alloc(16, 4);

	EXPECT(convert(pa, 4), OK);
	EXPECT(global_fence(), OK);
	EXPECT(convert(pa + 4 * PAGE, 12), OK);
	REQUIRE(fence_others());
	EXPECT(use(pa), E_INVALID_ADDRESS);
	REQUIRE(fence_all());
	EXPECT(use(pa), OK);
}

static void fence_of_one_hart_missing(void)
{
	unsigned long pa = pages_alloc(16, 4);
	unsigned int i;
	long rc = 0;

	EXPECT(convert(pa, 16), OK);
	EXPECT(global_fence(), OK);
	for (i = 0; i + 2 < nharts; i++) {
		REQUIRE(on_hart(other_hart(i), set_local_fence, &rc));
		EXPECT(rc, OK);
		EXPECT(use(pa), E_INVALID_ADDRESS);
		EXPECT(global_fence(), E_ALREADY_STARTED);
	}
	EXPECT(use(pa), E_INVALID_ADDRESS);
	REQUIRE(on_hart(other_hart(nharts - 2), set_local_fence, &rc));
	EXPECT(rc, OK);
	EXPECT(use(pa), OK);
	EXPECT(global_fence(), OK);
}

static void fences_alone(void)
{
	EXPECT(local_fence(), OK);
	EXPECT(local_fence(), OK);
	REQUIRE(fence_all());
	REQUIRE(fence_all());
}

/* More open conversions than the monitor remembers one by one. */
static void many_open_conversions(void)
{
	unsigned long pa = pages_alloc(512, 4);
	unsigned int i;

	for (i = 0; i < 32; i++) {
		EXPECT(convert(pa + i * 16 * PAGE, 16), OK);
		EXPECT(global_fence(), OK);
		if (nharts > 1) /* the round stays open: everything is unusable */
			EXPECT(global_fence(), E_ALREADY_STARTED);
		REQUIRE(fence_others());
	}
	for (i = 0; i < 32; i++)
		EXPECT(use(pa + i * 16 * PAGE), OK);
}

static void stopped_hart_does_not_count(void)
{
	unsigned long pa = pages_alloc(16, 4);
	unsigned int last = other_hart(nharts - 2), i;
	long rc;

	REQUIRE(hart_stop_one(last));
	EXPECT(convert(pa, 16), OK);
	EXPECT(global_fence(), OK);
	for (i = 0; i + 2 < nharts; i++)
		REQUIRE(on_hart(other_hart(i), set_local_fence, &rc));
	EXPECT(use(pa), OK);
	EXPECT(global_fence(), OK);
	REQUIRE(hart_start_one(last));
	REQUIRE(on_hart(last, set_probe, (void *)pa));
	EXPECT(probe_result(last), 5);
}

/* Conversions on two harts at once. */
static unsigned long race_pa[2];

static void race_here(void *arg)
{
	unsigned long pa = (unsigned long)arg;
	unsigned int i;

	for (i = 0; i < 200; i++) {
		EXPECT(convert(pa + (i & 7) * PAGE, 1), OK);
		EXPECT(reclaim(pa + (i & 7) * PAGE, 1), OK);
		EXPECT(probe_ld(pa + (i & 7) * PAGE), NO_FAULT);
	}
}

static void race(void)
{
	race_pa[0] = pages_alloc(8, 8);
	race_pa[1] = pages_alloc(8, 8);
	hart_begin(other_hart(0), race_here, (void *)race_pa[0]);
	race_here((void *)race_pa[1]);
	REQUIRE(hart_wait(other_hart(0)));
}

/* Two harts want the same page: one gets it. */
static volatile long race_rc;

static void convert_here(void *arg)
{
	race_rc = convert((unsigned long)arg, 1);
}

static void race_same_page(void)
{
	unsigned long pa = pages_alloc(1, 1);
	unsigned int i;
	long rc;

	for (i = 0; i < 50; i++) {
		hart_begin(other_hart(0), convert_here, (void *)pa);
		rc = convert(pa, 1);
		REQUIRE(hart_wait(other_hart(0)));
		EXPECT_TRUE((rc == OK) != (race_rc == OK));
		EXPECT(reclaim(pa, 1), OK);
	}
}

const struct test convert_tests[] = {
	{ "convert_round_trip", round_trip, 1 },
	{ "convert_reclaim_unfenced", reclaim_unfenced, 1 },
	{ "convert_reclaim_host_page", reclaim_host_page, 1 },
	{ "convert_count", count, 1 },
	{ "convert_addresses", addresses, 1 },
	{ "convert_monitor_memory", monitor_memory, 1 },
	{ "convert_twice", twice, 1 },
	{ "convert_large", large, 1 },
	{ "convert_use_needs_fence", use_needs_fence, 1 },
	{ "convert_use_needs_later_fence", use_needs_later_fence, 1 },
	{ "convert_fences_alone", fences_alone, 1 },
	{ "convert_many_open", many_open_conversions, 1 },
	{ "convert_fence_of_one_hart_missing", fence_of_one_hart_missing, 3 },
	{ "convert_stopped_hart_does_not_count", stopped_hart_does_not_count, 2 },
	{ "convert_race", race, 2 },
	{ "convert_race_same_page", race_same_page, 2 },
};
DEFINE_TESTS(convert);
