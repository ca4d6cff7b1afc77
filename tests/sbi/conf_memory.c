// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Conformance: conversion of memory and the global fence.
 */
#include "conf.h"

static void convert_success(void)
{
	unsigned long pa = pages_alloc(3, 1);

	page_fill(pa, 1);
	page_fill(pa + 2 * PAGE, 2);
	EXPECT(convert(pa + PAGE, 1), OK);
	REQUIRE(attack(pa + PAGE, "a converted page"));
	EXPECT_TRUE(page_is(pa, 1) && page_is(pa + 2 * PAGE, 2));
}

static void convert_other_harts(void)
{
	unsigned long pa = pages_alloc(1, 1);
	unsigned int i;

	EXPECT(convert(pa, 1), OK);
	REQUIRE(fence_all());
	for (i = 0; i + 1 < nharts; i++) {
		REQUIRE(on_hart(other_hart(i), set_probe, (void *)pa));
		EXPECT(probe_result(other_hart(i)), 5);
	}
}

static void convert_unaligned(void)
{
	unsigned long pa = pages_alloc(2, 1);

	EXPECT(convert(pa + 1, 1), E_INVALID_ADDRESS);
	EXPECT(convert(pa + 0x800, 1), E_INVALID_ADDRESS);
}

static void convert_not_ram(void)
{
	EXPECT(convert(ROM, 1), E_INVALID_ADDRESS);
	EXPECT(convert(UART, 1), E_INVALID_ADDRESS);
	EXPECT(convert(1UL << 55, 1), E_INVALID_ADDRESS);
}

static void convert_firmware(void)
{
	EXPECT(convert(FIRMWARE, 1), E_INVALID_ADDRESS);
}

static void convert_wraps(void)
{
	EXPECT(convert(~0xfffUL, 1), E_INVALID_ADDRESS);
	EXPECT_REFUSED(convert(~0xfffUL, 2));
}

static void convert_twice(void)
{
	unsigned long pa = pages_alloc(1, 1);

	EXPECT(convert(pa, 1), OK);
	EXPECT(convert(pa, 1), E_INVALID_ADDRESS);
	REQUIRE(fence_all());
	EXPECT(convert(pa, 1), E_INVALID_ADDRESS);
}

static void convert_all_or_nothing(void)
{
	unsigned long pa = pages_alloc(3, 1);

	EXPECT(convert(pa + PAGE, 1), OK);
	EXPECT(convert(pa, 3), E_INVALID_ADDRESS);
	EXPECT(probe_sd(pa, 1), NO_FAULT);
	EXPECT(probe_sd(pa + 2 * PAGE, 1), NO_FAULT);
}

static void convert_shmem(void)
{
	unsigned long i;

	for (i = 0; i < 3; i++)
		EXPECT(convert(nacl_of((unsigned int)this_hart()->id) + i * PAGE, 1),
		       E_INVALID_ADDRESS);
}

static void convert_assigned(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 1, 0));
	EXPECT(convert(t.root, 1), E_INVALID_ADDRESS);
	EXPECT(convert(t.state, 1), E_INVALID_ADDRESS);
	EXPECT(convert(t.vcpu_pa[0], 1), E_INVALID_ADDRESS);
	EXPECT(convert(t.pt_pa, 1), E_INVALID_ADDRESS);
	EXPECT(convert(t.image_pa, 1), E_INVALID_ADDRESS);
}

static void convert_shared(void)
{
	unsigned long pa = pages_alloc(1, 1);
	struct remote r;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 1, pa));
	EXPECT(convert(pa, 1), E_INVALID_ADDRESS);
}

static void convert_count_zero(void)
{
	EXPECT(convert(pages_alloc(1, 1), 0), E_INVALID_PARAM);
}

static void convert_count_wraps(void)
{
	unsigned long pa = pages_alloc(1, 1);

	EXPECT(convert(pa, 1UL << 52), E_INVALID_PARAM);
	EXPECT(convert(pa, (1UL << 52) + 1), E_INVALID_PARAM);
	EXPECT(convert(pa, ~0UL), E_INVALID_PARAM);
	EXPECT(probe_sd(pa, 1), NO_FAULT);
}

static void reclaim_unassigned(void)
{
	unsigned long pa = pages_alloc(2, 1);

	page_fill(pa, 0x5ec2e7);
	EXPECT(convert(pa, 2), OK);
	REQUIRE(fence_all());
	EXPECT(reclaim(pa, 2), OK);
	EXPECT_TRUE(page_is_zero(pa));
	EXPECT(probe_sd(pa, 1), NO_FAULT);
}

static void reclaim_converting(void)
{
	unsigned long pa = pages_alloc(1, 1);

	EXPECT(convert(pa, 1), OK);
	EXPECT(reclaim(pa, 1), OK);
	EXPECT(probe_sd(pa, 1), NO_FAULT);
}

static void reclaim_host(void)
{
	unsigned long pa = pages_alloc(1, 1);

	page_fill(pa, 78);
	EXPECT(reclaim(pa, 1), OK);
	EXPECT_TRUE(page_is(pa, 78));
}

static void reclaim_mixed(void)
{
	unsigned long pa = pages_alloc(2, 1);

	page_fill(pa, 78);
	EXPECT(convert(pa + PAGE, 1), OK);
	EXPECT(reclaim(pa, 2), OK);
	EXPECT_TRUE(page_is(pa, 78));
	EXPECT_TRUE(page_is_zero(pa + PAGE));
}

static void reclaim_assigned(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 1, 0));
	EXPECT(reclaim(t.root, 4), E_INVALID_PARAM);
	EXPECT(reclaim(t.state, 1), E_INVALID_PARAM);
	EXPECT(reclaim(t.vcpu_pa[0], 1), E_INVALID_PARAM);
	EXPECT(reclaim(t.pt_pa, 1), E_INVALID_PARAM);
	EXPECT(reclaim(t.image_pa, 1), E_INVALID_PARAM);
}

static void reclaim_all_or_nothing(void)
{
	struct tvm t;
	unsigned long free;

	REQUIRE(tvm_create(&t, 0));
	free = tvm_pages(&t, 1, 1);
	EXPECT(reclaim(t.state, (free - t.state) / PAGE + 1), E_INVALID_PARAM);
	EXPECT(probe_ld(free), 5);
}

static void reclaim_unaligned(void)
{
	unsigned long pa = pages_alloc(2, 1);

	EXPECT(convert(pa, 2), OK);
	EXPECT(reclaim(pa + 8, 1), E_INVALID_ADDRESS);
}

static void reclaim_not_ram(void)
{
	EXPECT(reclaim(ROM, 1), E_INVALID_ADDRESS);
	EXPECT(reclaim(UART, 1), E_INVALID_ADDRESS);
	EXPECT(reclaim(~0xfffUL, 1), E_INVALID_ADDRESS);
}

static void reclaim_firmware(void)
{
	EXPECT_REFUSED(reclaim(FIRMWARE, 1));
}

static void reclaim_count(void)
{
	unsigned long pa = pages_alloc(1, 1);

	EXPECT(reclaim(pa, 0), E_INVALID_PARAM);
	EXPECT(reclaim(pa, (1UL << 52) + 1), E_INVALID_PARAM);
	EXPECT(reclaim(pa, ~0UL), E_INVALID_PARAM);
}

/* Are eight converted pages ready to be assigned? */
static long assign(unsigned long pa)
{
	struct tvm t = { 0 };
	long rc = tvm_create_at(&t, pa, pa + 4 * PAGE, 0, PARAMS_LEN);

	return rc ? rc : tvm_destroy(&t);
}

static unsigned long eight_pages(void)
{
	unsigned long n = 4 + tsm.tvm_state_pages, pa = pages_alloc(n, 4);

	if (convert(pa, n))
		test_fail("convert is refused");
	return pa;
}

static void fence_round(void)
{
	unsigned long pa = eight_pages();

	EXPECT(global_fence(), OK);
	REQUIRE(fence_others());
	EXPECT(assign(pa), OK);
}

static void fence_missing(void)
{
	unsigned long pa = eight_pages();

	EXPECT(assign(pa), E_INVALID_ADDRESS);
}

/* Local fences without a round close nothing. */
static void fence_local_alone(void)
{
	unsigned long pa = eight_pages();

	EXPECT(local_fence(), OK);
	REQUIRE(fence_others());
	EXPECT(assign(pa), E_INVALID_ADDRESS);
}

static void fence_local_without_round(void)
{
	EXPECT(local_fence(), OK);
	EXPECT(local_fence(), OK);
}

static void fence_initiator_acknowledged(void)
{
	unsigned long pa = eight_pages();

	EXPECT(global_fence(), OK);
	REQUIRE(fence_others());
	EXPECT(assign(pa), OK);
	EXPECT(local_fence(), OK); /* one more is harmless */
	EXPECT(global_fence(), OK);
	REQUIRE(fence_others());
}

static void fence_already_started(void)
{
	EXPECT(global_fence(), OK);
	EXPECT(global_fence(), E_ALREADY_STARTED);
	EXPECT(local_fence(), OK); /* the initiator's does not close it */
	EXPECT(global_fence(), E_ALREADY_STARTED);
	REQUIRE(fence_others());
	EXPECT(global_fence(), OK);
	REQUIRE(fence_others());
}

static void fence_one_hart_missing(void)
{
	unsigned long pa = eight_pages();
	unsigned int i;
	long rc = 1;

	EXPECT(global_fence(), OK);
	for (i = 0; i + 2 < nharts; i++) {
		REQUIRE(on_hart(other_hart(i), set_local_fence, &rc));
		EXPECT(rc, OK);
	}
	EXPECT(assign(pa), E_INVALID_ADDRESS);
	REQUIRE(on_hart(other_hart(nharts - 2), set_local_fence, &rc));
	EXPECT(rc, OK);
	EXPECT(assign(pa), OK);
}

static void fence_converted_during_round(void)
{
	unsigned long pa;

	EXPECT(global_fence(), OK);
	pa = eight_pages();
	REQUIRE(fence_others());
	EXPECT(assign(pa), E_INVALID_ADDRESS);
	REQUIRE(fence_all());
	EXPECT(assign(pa), OK);
}

static void fence_covers_many_converts(void)
{
	unsigned long a = eight_pages(), b = eight_pages();

	REQUIRE(fence_all());
	EXPECT(assign(a), OK);
	EXPECT(assign(b), OK);
}

static void fence_stopped_hart(void)
{
	unsigned int last = other_hart(nharts - 2), i;
	unsigned long pa;
	long rc = 1;

	REQUIRE(hart_stop_one(last));
	pa = eight_pages();
	EXPECT(global_fence(), OK);
	for (i = 0; i + 2 < nharts; i++)
		REQUIRE(on_hart(other_hart(i), set_local_fence, &rc));
	EXPECT(assign(pa), OK);
	REQUIRE(hart_start_one(last));
	REQUIRE(on_hart(last, set_probe, (void *)pa));
	EXPECT(probe_result(last), 5);
}

const struct test conf_memory_tests[] = {
	CONF(convert_success, 1),
	CONF(convert_other_harts, 2),
	CONF(convert_unaligned, 1),
	CONF(convert_not_ram, 1),
	CONF(convert_firmware, 1),
	CONF(convert_wraps, 1),
	CONF(convert_twice, 1),
	CONF(convert_all_or_nothing, 1),
	CONF(convert_shmem, 1),
	CONF(convert_assigned, 1),
	CONF(convert_shared, 1),
	CONF(convert_count_zero, 1),
	CONF(convert_count_wraps, 1),
	CONF(reclaim_unassigned, 1),
	CONF(reclaim_converting, 1),
	CONF(reclaim_host, 1),
	CONF(reclaim_mixed, 1),
	CONF(reclaim_assigned, 1),
	CONF(reclaim_all_or_nothing, 1),
	CONF(reclaim_unaligned, 1),
	CONF(reclaim_not_ram, 1),
	CONF(reclaim_firmware, 1),
	CONF(reclaim_count, 1),
	CONF(fence_round, 1),
	CONF(fence_missing, 1),
	CONF(fence_local_alone, 1),
	CONF(fence_local_without_round, 1),
	CONF(fence_initiator_acknowledged, 1),
	CONF(fence_already_started, 2),
	CONF(fence_one_hart_missing, 2),
	CONF(fence_converted_during_round, 1),
	CONF(fence_covers_many_converts, 1),
	CONF(fence_stopped_hart, 2),
};
DEFINE_TESTS(conf_memory);
