// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Conversion, fences, reclaim and the NACL memory, against a model that keeps a
 * version for every page.
 */
#include "machine.h"

static void as_hart(unsigned int hart)
{
	fake_hart = hart;
}

/* A TVM's page-table pool is the simplest customer for confidential pages. */
static struct machine_tvm customer;
#define CUSTOMER_PA    (RAM_END - 128 * PAGE)
#define CUSTOMER_PAGES 128UL

static int setup(void **state)
{
	machine_setup(state);
	machine_tvm(&customer, CUSTOMER_PA, CUSTOMER_PAGES, 0, 0);
	return 0;
}

static long assign(u64 pa, u64 n)
{
	return COVH(ADD_TVM_PAGE_TABLE_PAGES, customer.gid, pa, n);
}

static void test_convert_errors(void **state)
{
	const u64 top = ~0UL & ~(PAGE - 1);

	(void)state;
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, COVE_MAX_CONVERT_PAGES + 1),
			 COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, ~0UL), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA + 8, 1), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(CONVERT_PAGES, top, 1), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(CONVERT_PAGES, top, 2), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(CONVERT_PAGES, 0, 1), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(CONVERT_PAGES, RAM_END, 1), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(CONVERT_PAGES, RAM_END - 129 * PAGE, 2), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(CONVERT_PAGES, FAKE_RAM_BASE, 1), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(CONVERT_PAGES, HOST_BASE - PAGE, 2), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(CONVERT_PAGES, customer.root, 1), COVE_ERR_INVALID_ADDRESS);
	/* twice */
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, 4), COVE_OK);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, 4), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA + 3 * PAGE, 4), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(field_at(ARENA + 4 * PAGE), PMPTABLE_HOST); /* all or nothing */
}

static void test_convert_shared(void **state)
{
	const pmptable_field_t from = PMPTABLE_HOST, to = PMPTABLE_HOST_SHARED;

	(void)state;
	assert_int_equal(pmptable_transition(&cove.table, ARENA + PAGE, 1, &from, 1, to), 0);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, 4), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA + PAGE, 1), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(field_at(ARENA), PMPTABLE_HOST);
	/* reclaim leaves it alone */
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA, 4), COVE_OK);
	assert_int_equal(field_at(ARENA + PAGE), PMPTABLE_HOST_SHARED);
	cove_unpin_shared(ARENA + PAGE, 1);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, 4), COVE_OK);
}

static struct covesbi_stats *get_stats(void)
{
	assert_int_equal(
		CALL(SBI_EXT_COVESBI, SBI_COVESBI_GET_STATS, BUFFER, sizeof(struct covesbi_stats)),
		COVE_OK);
	return arch_ptr(BUFFER);
}

/*
 * Each run that is not NAPOT takes two entries; the PMP has 14 for them and for
 * all the rest. What is beyond is denied in whole blocks, and faults fill entries.
 */
static void test_convert_runs(void **state)
{
	struct covesbi_stats *stats;
	unsigned int i;

	(void)state;
	for (i = 0; i < 6; i++)
		assert_int_equal(COVH(CONVERT_PAGES, ARENA + 16 * i * PAGE, 5), COVE_OK);
	/* 14 - 1 for the rest, one for the customer's 128 pages: 6 runs */
	stats = get_stats();
	assert_int_equal(stats->deny_runs, 7);
	assert_int_equal(stats->pmp_entries, ENTRIES);
	assert_int_equal(stats->pmp_used, ENTRIES);
	assert_int_equal(stats->pmp_refill, 0);
	assert_true(fake_pmp_allows(&fake_harts[0], ARENA + 5 * PAGE));
	/* growing a run costs nothing, splitting one is one run too many */
	assert_int_equal(COVH(CONVERT_PAGES, ARENA + 5 * PAGE, 10), COVE_OK);
	assert_int_equal(get_stats()->pmp_refill, 0);
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA + 2 * PAGE, 1), COVE_OK);
	stats = get_stats();
	assert_int_equal(stats->deny_runs, 8);
	assert_int_equal(stats->pmp_refill, 1);
	assert_true(stats->pmp_used <= ENTRIES);
	assert_int_equal(field_at(ARENA + 2 * PAGE), PMPTABLE_HOST);
	assert_false(fake_pmp_allows(&fake_harts[0], ARENA + 2 * PAGE));
	assert_false(fake_pmp_allows(&fake_harts[0], ARENA + PAGE));
	/* a hart that has not fenced keeps what it had, and then follows */
	assert_int_equal(COVH(CONVERT_PAGES, ARENA + 2 * PAGE, 1), COVE_OK);
	assert_int_equal(get_stats()->pmp_refill, 0);
	assert_true(fake_pmp_allows(&fake_harts[0], ARENA + 15 * PAGE));
	for (i = 0; i < 600; i++)
		assert_int_equal(COVH(CONVERT_PAGES, ARENA + (1024 + 2 * i) * PAGE, 1), COVE_OK);
	assert_int_equal(get_stats()->deny_runs, 607);
}

/* An access that faults: as the trap handler does it, for a bare hart. */
static enum cove_refill touch(u64 pa)
{
	const struct cove_walk_env env = { 0 };

	return cove_refill(cove_this_hart(), &env, WALK_LOAD, pa);
}

static void test_refill(void **state)
{
	unsigned int i;
	u64 pa;

	(void)state;
	for (i = 0; i < 100; i++)
		assert_int_equal(COVH(CONVERT_PAGES, ARENA + 2 * i * PAGE, 1), COVE_OK);
	assert_int_equal(get_stats()->pmp_refill, 1);
	for (pa = ARENA; pa < ARENA + 210 * PAGE; pa += PAGE) {
		bool host = field_at(pa) == PMPTABLE_HOST;

		if (!fake_pmp_allows(&fake_harts[0], pa))
			assert_int_equal(touch(pa + 8), host ? REFILL_RETRY : REFILL_REFUSED);
		assert_int_equal(fake_pmp_allows(&fake_harts[0], pa), host);
		assert_false(fake_pmp_allows(&fake_harts[0], ARENA));
		assert_false(fake_pmp_allows(&fake_harts[0], FAKE_RAM_BASE));
	}
	assert_true(get_stats()->refills >= 100);
	/* the firmware's pages, and what was converted after it was opened */
	assert_int_equal(touch(FAKE_RAM_BASE), REFILL_REFUSED);
	assert_int_equal(touch(ARENA + PAGE), REFILL_RETRY);
	assert_true(fake_pmp_allows(&fake_harts[0], ARENA + PAGE));
	assert_int_equal(COVH(CONVERT_PAGES, ARENA + PAGE, 1), COVE_OK);
	assert_false(fake_pmp_allows(&fake_harts[0], ARENA + PAGE));
	assert_int_equal(touch(ARENA + PAGE), REFILL_REFUSED);
}

/* The calling hart loses access at once, another one when it fences. */
static void test_pmp_follows(void **state)
{
	unsigned int flushes;
	u64 pa;

	(void)state;
	for (pa = ARENA - PAGE; pa < ARENA + 4 * PAGE; pa += PAGE)
		assert_true(fake_pmp_allows(&fake_harts[0], pa));
	flushes = fake_harts[0].flushes;
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, 3), COVE_OK);
	assert_int_equal(fake_harts[0].flushes, flushes + 1);
	for (pa = ARENA; pa < ARENA + 3 * PAGE; pa += PAGE) {
		assert_false(fake_pmp_allows(&fake_harts[0], pa));
		assert_false(fake_pmp_allows(&fake_harts[0], pa + 0xff8));
		assert_true(fake_pmp_allows(&fake_harts[1], pa));
	}
	assert_true(fake_pmp_allows(&fake_harts[0], ARENA - 8));
	assert_true(fake_pmp_allows(&fake_harts[0], ARENA + 3 * PAGE));
	assert_false(fake_pmp_allows(&fake_harts[0], FAKE_RAM_BASE));
	assert_false(fake_pmp_allows(&fake_harts[0], HOST_BASE - 8));
	as_hart(1);
	flushes = fake_harts[1].flushes;
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	assert_int_equal(fake_harts[1].flushes, flushes + 1);
	assert_false(fake_pmp_allows(&fake_harts[1], ARENA));
	as_hart(0);
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA, 3), COVE_OK);
	assert_true(fake_pmp_allows(&fake_harts[0], ARENA));
	assert_false(fake_pmp_allows(&fake_harts[1], ARENA));
	as_hart(1);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	assert_true(fake_pmp_allows(&fake_harts[1], ARENA));
}

static void test_fence_round(void **state)
{
	unsigned int i;

	(void)state;
	/* no hart acknowledges for another */
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, 8), COVE_OK);
	assert_int_equal(assign(ARENA, 8), COVE_ERR_INVALID_ADDRESS);
	for (i = 0; i < 4; i++) {
		as_hart(i);
		assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	}
	/* local fences without a round do not help */
	assert_int_equal(assign(ARENA, 8), COVE_ERR_INVALID_ADDRESS);
	as_hart(2);
	assert_int_equal(COVH(GLOBAL_FENCE), COVE_OK); /* acknowledges for itself */
	assert_int_equal(COVH(GLOBAL_FENCE), COVE_ERR_ALREADY_STARTED);
	as_hart(0);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	assert_int_equal(assign(ARENA, 8), COVE_ERR_INVALID_ADDRESS);
	as_hart(1);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	assert_int_equal(COVH(GLOBAL_FENCE), COVE_ERR_ALREADY_STARTED);
	assert_int_equal(assign(ARENA, 8), COVE_ERR_INVALID_ADDRESS);
	/* converted in an open round: needs the next one */
	assert_int_equal(COVH(CONVERT_PAGES, ARENA + 8 * PAGE, 1), COVE_OK);
	as_hart(3);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	assert_int_equal(assign(ARENA, 9), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(field_at(ARENA), PMPTABLE_CONVERTING);
	assert_int_equal(assign(ARENA, 8), COVE_OK);
	assert_int_equal(assign(ARENA + 8 * PAGE, 1), COVE_ERR_INVALID_ADDRESS);
	fence_all();
	assert_int_equal(assign(ARENA + 8 * PAGE, 1), COVE_OK);
}

static void test_stopped_harts(void **state)
{
	(void)state;
	as_hart(3);
	cove_hart_offline(cove.hart[3]);
	as_hart(0);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, 1), COVE_OK);
	assert_int_equal(COVH(GLOBAL_FENCE), COVE_OK);
	as_hart(1);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	as_hart(2);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	/* a hart that does not run needs not acknowledge */
	assert_int_equal(assign(ARENA, 1), COVE_OK);
	/* when it comes up it obeys the table, and counts again */
	as_hart(3);
	assert_true(fake_pmp_allows(&fake_harts[3], ARENA));
	assert_int_equal(cove_hart_online(cove.hart[3]), 0);
	assert_false(fake_pmp_allows(&fake_harts[3], ARENA));
	as_hart(0);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA + PAGE, 1), COVE_OK);
	assert_int_equal(COVH(GLOBAL_FENCE), COVE_OK);
	as_hart(1);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	as_hart(2);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	assert_int_equal(assign(ARENA + PAGE, 1), COVE_ERR_INVALID_ADDRESS);
	as_hart(3);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	assert_int_equal(assign(ARENA + PAGE, 1), COVE_OK);
}

/* Hart 3 is about to acknowledge its first fence. */
static void assign_while_it_starts(void)
{
	as_hart(0);
	assert_int_equal(assign(ARENA, 1), COVE_OK);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA + PAGE, 1), COVE_OK);
	assert_int_equal(COVH(GLOBAL_FENCE), COVE_ERR_ALREADY_STARTED);
	assert_int_equal(assign(ARENA + PAGE, 1), COVE_ERR_INVALID_ADDRESS);
	as_hart(3);
}

/* What all had acknowledged stays so when a hart comes up; what comes then waits for it. */
static void test_starting_hart(void **state)
{
	unsigned int hart;

	(void)state;
	as_hart(3);
	cove_hart_offline(cove.hart[3]);
	as_hart(0);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, 1), COVE_OK);
	for (hart = 0; hart < 3; hart++) {
		as_hart(hart);
		assert_int_equal(hart ? COVH(LOCAL_FENCE) : COVH(GLOBAL_FENCE), COVE_OK);
	}
	as_hart(3);
	fake_harts[3].on_flush = assign_while_it_starts;
	assert_int_equal(cove_hart_online(cove.hart[3]), 0);
	assert_null(fake_harts[3].on_flush);
}

/* A hart whose PMP could not be programmed acknowledges nothing, however often it tries. */
static void test_fence_without_pmp(void **state)
{
	(void)state;
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, 3), COVE_OK);
	assert_int_equal(COVH(GLOBAL_FENCE), COVE_OK);
	as_hart(1);
	cove.pmp.entries = 3;
	assert_int_equal(COVH(LOCAL_FENCE), COVE_ERR_FAILED);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_ERR_FAILED);
	cove.pmp.entries = ENTRIES;
	as_hart(2);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	as_hart(3);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	assert_int_equal(assign(ARENA, 3), COVE_ERR_INVALID_ADDRESS);
}

static void test_reclaim(void **state)
{
	unsigned long *page = arch_ptr(ARENA);

	(void)state;
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA, COVE_MAX_SCRUB_PAGES + 1),
			 COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA + 1, 1), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(RECLAIM_PAGES, RAM_END, 1), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(RECLAIM_PAGES, ~0UL - 0xfff, 2), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(RECLAIM_PAGES, customer.root, 1), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(RECLAIM_PAGES, customer.state_pa, 1), COVE_ERR_INVALID_PARAM);
	/* the host's own stays as it is */
	page[0] = 77;
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA, 1), COVE_OK);
	assert_int_equal(page[0], 77);
	/* converted: scrubbed, before and after the fence */
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, 1), COVE_OK);
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA, 2), COVE_OK);
	assert_int_equal(page[0], 0);
	assert_int_equal(field_at(ARENA), PMPTABLE_HOST);
	convert(ARENA, 2);
	memset(page, 0xee, 2 * PAGE);
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA, 1), COVE_OK);
	assert_int_equal(page[0] | page[511], 0);
	assert_int_equal(page[512], 0xeeeeeeeeeeeeeeee);
	/* a range with one page of a TVM: nothing happens to the others */
	assert_int_equal(assign(ARENA + PAGE, 1), COVE_OK);
	convert(ARENA, 1);
	page[5] = 5;
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA, 2), COVE_ERR_INVALID_PARAM);
	assert_int_equal(page[5], 5);
	assert_int_equal(field_at(ARENA), PMPTABLE_CONVERTING);
}

/* Locked entries, or a hart without TOR: what was written is not what is there. */
static void test_fence_with_locked_pmp(void **state)
{
	(void)state;
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, 3), COVE_OK);
	assert_int_equal(COVH(GLOBAL_FENCE), COVE_OK);
	as_hart(1);
	fake_harts[1].pmp_locked = true;
	assert_int_equal(COVH(LOCAL_FENCE), COVE_ERR_FAILED);
	as_hart(2);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	assert_int_equal(assign(ARENA, 1), COVE_ERR_INVALID_ADDRESS);
	fake_harts[1].pmp_locked = false;
	as_hart(1);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
}

static void test_reclaim_firmware(void **state)
{
	(void)state;
	assert_int_equal(COVH(RECLAIM_PAGES, FAKE_RAM_BASE, 1), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(RECLAIM_PAGES, HOST_BASE - PAGE, 2), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(field_at(FAKE_RAM_BASE), PMPTABLE_MONITOR);
}

static long set_shmem(unsigned long lo, unsigned long hi, unsigned long flags)
{
	return CALL(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, lo, hi, flags);
}

static void test_nacl(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(COVH(CONVERT_PAGES, NACL(i), 1), COVE_ERR_INVALID_ADDRESS);
		assert_int_equal(COVH(CONVERT_PAGES, NACL(i) + 2 * PAGE, 1),
				 COVE_ERR_INVALID_ADDRESS);
		assert_int_equal(COVH(CONVERT_PAGES, NACL(i) + 3 * PAGE, 1), COVE_OK);
	}
	assert_int_equal(set_shmem(BUFFER, 0, 1), COVE_ERR_INVALID_PARAM);
	assert_int_equal(set_shmem(~0UL, ~0UL, 1), COVE_ERR_INVALID_PARAM);
	assert_int_equal(set_shmem(BUFFER + 8, 0, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(set_shmem(~0UL, 0, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(set_shmem(BUFFER, 1, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(set_shmem(0, 0, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(set_shmem(FAKE_RAM_BASE, 0, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(set_shmem(HOST_BASE - 2 * PAGE, 0, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(set_shmem(RAM_END - 2 * PAGE, 0, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(set_shmem(-PAGE, 0, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(set_shmem(customer.root, 0, 0), COVE_ERR_INVALID_ADDRESS);
	/* its third page is being converted */
	assert_int_equal(set_shmem(NACL(0) + PAGE, 0, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(cove_pin_get(COVE_PIN_NACL)->base, NACL(0)); /* still the old one */
	/* moving it frees the old pages and pins the new ones */
	assert_int_equal(set_shmem(BUFFER, 0, 0), COVE_OK);
	assert_int_equal(COVH(CONVERT_PAGES, NACL(0), 3), COVE_OK);
	assert_int_equal(COVH(CONVERT_PAGES, BUFFER - PAGE, 2), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(set_shmem(~0UL, ~0UL, 0), COVE_OK);
	assert_int_equal(COVH(CONVERT_PAGES, BUFFER, 1), COVE_OK);
	assert_int_equal(CALL(SBI_EXT_NACL, SBI_NACL_PROBE_FEATURE, 0), COVE_OK);
	assert_int_equal(call_value, 0);
	for (i = 2; i < 6; i++)
		assert_int_equal(CALL(SBI_EXT_NACL, i), COVE_ERR_NOT_SUPPORTED);
}

/* The memory of a hart that stops is the host's to convert again. */
static void test_nacl_offline(void **state)
{
	(void)state;
	as_hart(3);
	cove_hart_offline(cove.hart[3]);
	as_hart(0);
	assert_int_equal(COVH(CONVERT_PAGES, NACL(3), 3), COVE_OK);
}

/*
 * The list of open conversions holds 64: converting and giving back page after
 * page in one round fills it. What is joined then only waits longer.
 */
static void test_overflow(void **state)
{
	const unsigned int n = COVE_MAX_CONVERSIONS + 30;
	unsigned int i;

	(void)state;
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, 1), COVE_OK);
	for (i = 1; i < n; i++) {
		/* every second page, now below and now above the last one */
		u64 pa = ARENA + 2 * (i % 2 ? n + i : n - i) * PAGE;

		assert_int_equal(COVH(CONVERT_PAGES, pa, 1), COVE_OK);
		assert_true(cove.nconversions <= COVE_MAX_CONVERSIONS);
		assert_int_equal(cove_assign(pa, 1, PMPTABLE_TVM_META(9)),
				 COVE_ERR_INVALID_ADDRESS);
		assert_int_equal(COVH(RECLAIM_PAGES, pa, 1), COVE_OK);
	}
	assert_int_equal(cove.nconversions, COVE_MAX_CONVERSIONS);
	/* the very first is not forgotten, nor is the last */
	assert_int_equal(COVH(CONVERT_PAGES, ARENA + 2 * (2 * n + 1) * PAGE, 1), COVE_OK);
	assert_int_equal(assign(ARENA, 1), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(assign(ARENA + 2 * (2 * n + 1) * PAGE, 1), COVE_ERR_INVALID_ADDRESS);
	fence_all();
	assert_int_equal(assign(ARENA, 1), COVE_OK);
	assert_int_equal(assign(ARENA + 2 * (2 * n + 1) * PAGE, 1), COVE_OK);
}

/*
 * Random calls of four harts. The model knows what each page is, the version at
 * its conversion and how often each hart had flushed by then.
 */
#define MODEL_PAGES 600U
#define MODEL_HARTS 4U

static struct {
	enum { HOST, CONVERTED } is;
	u64 version;
	unsigned int flushes[MODEL_HARTS];
} page[MODEL_PAGES];
static u64 model_version, model_ack[MODEL_HARTS];
static bool model_up[MODEL_HARTS];
static bool overflowed;
static unsigned long done[6];

static u64 model_min(void)
{
	u64 min = model_version;
	unsigned int i;

	for (i = 0; i < MODEL_HARTS; i++)
		if (model_up[i] && model_ack[i] < min)
			min = model_ack[i];
	return min;
}

static bool all_are(unsigned int first, unsigned int n, int is)
{
	while (n--)
		if ((int)page[first++].is != is)
			return false;
	return true;
}

static void try_convert(unsigned int first, unsigned int n)
{
	long rc = COVH(CONVERT_PAGES, ARENA + first * PAGE, n);
	unsigned int i, h;

	if (!all_are(first, n, HOST)) {
		assert_int_equal(rc, COVE_ERR_INVALID_ADDRESS);
		return;
	}
	assert_int_equal(rc, COVE_OK);
	done[0]++;
	for (i = first; i < first + n; i++) {
		page[i].is = CONVERTED;
		page[i].version = model_version;
		for (h = 0; h < MODEL_HARTS; h++)
			page[i].flushes[h] = fake_harts[h].flushes - (h == fake_hart);
	}
}

static void try_reclaim(unsigned int first, unsigned int n)
{
	long rc = COVH(RECLAIM_PAGES, ARENA + first * PAGE, n);
	unsigned int i;

	assert_int_equal(rc, COVE_OK);
	done[1]++;
	for (i = first; i < first + n; i++)
		page[i].is = HOST;
}

static void try_assign(unsigned int first, unsigned int n)
{
	u64 pa = ARENA + first * PAGE;
	int rc = cove_assign(pa, n, PMPTABLE_TVM_META(9));
	bool allowed = all_are(first, n, CONVERTED);
	unsigned int i, h;

	for (i = first; i < first + n; i++)
		allowed = allowed && page[i].version < model_min();
	if (rc) {
		assert_int_equal(rc, COVE_ERR_INVALID_ADDRESS);
		if (allowed)
			assert_true(overflowed);
		done[2] += allowed;
		return;
	}
	assert_true(allowed);
	done[3]++;
	for (i = first; i < first + n; i++) {
		for (h = 0; h < MODEL_HARTS; h++) {
			if (!model_up[h])
				continue;
			assert_false(fake_pmp_allows(&fake_harts[h], ARENA + i * PAGE));
			assert_true(fake_harts[h].flushes > page[i].flushes[h]);
		}
	}
	cove_release(pa, n, PMPTABLE_TVM_META(9));
}

static void try_fence(bool global)
{
	long rc;

	if (!global) {
		assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
		model_ack[fake_hart] = model_version;
		return;
	}
	rc = COVH(GLOBAL_FENCE);
	if (model_min() < model_version) {
		assert_int_equal(rc, COVE_ERR_ALREADY_STARTED);
		return;
	}
	assert_int_equal(rc, COVE_OK);
	done[4]++;
	model_ack[fake_hart] = ++model_version;
}

static void toggle_hart(void)
{
	unsigned int i, up = 0;

	for (i = 0; i < MODEL_HARTS; i++)
		up += model_up[i];
	if (model_up[fake_hart] && up > 1) {
		cove_hart_offline(cove.hart[fake_hart]);
		model_up[fake_hart] = false;
	} else if (!model_up[fake_hart]) {
		assert_int_equal(cove_hart_online(cove.hart[fake_hart]), 0);
		model_up[fake_hart] = true;
		model_ack[fake_hart] = model_version;
		done[5]++;
	}
}

static void one_step(u64 *rng)
{
	unsigned int first = (unsigned int)unit_below(rng, MODEL_PAGES);
	unsigned int n = 1 + (unsigned int)unit_below(rng, 4);
	u64 what = unit_below(rng, 40);

	fake_hart = (unsigned int)unit_below(rng, MODEL_HARTS);
	if (what == 0)
		toggle_hart();
	if (!model_up[fake_hart])
		return;
	if (n > MODEL_PAGES - first)
		n = MODEL_PAGES - first;
	if (what < 12)
		try_convert(first, n);
	else if (what < 20)
		try_reclaim(first, n);
	else if (what < 34)
		try_assign(first, n);
	else if (what < 38)
		try_fence(false);
	else if (!unit_below(rng, 80)) /* rare, so that conversions pile up */
		try_fence(true);
	if (cove.nconversions == COVE_MAX_CONVERSIONS)
		overflowed = true;
	else if (!cove.nconversions)
		overflowed = false;
}

static void test_random(void **state)
{
	u64 rng = unit_seed(99);
	unsigned int i;

	(void)state;
	cove.pmp.entries = 64;
	model_version = cove.gcur;
	for (i = 0; i < MODEL_HARTS; i++) {
		model_ack[i] = cove.hart[i]->ack;
		model_up[i] = true;
	}
	for (i = 0; i < 100000; i++) {
		one_step(&rng);
		if (i % 5000 == 0)
			check_invariants();
	}
	print_message(
		"# converted %lu, reclaimed %lu, assigned %lu (%lu only after a wait), rounds "
		"%lu, harts started %lu\n",
		done[0], done[1], done[3], done[2], done[4], done[5]);
	for (i = 0; i < 6; i++)
		assert_true(done[i] > 5);
	for (i = 0; i < MODEL_HARTS; i++) {
		fake_hart = i;
		if (!model_up[i])
			toggle_hart();
	}
	for (i = 0; i < MODEL_HARTS; i++) {
		fake_hart = i;
		try_fence(false);
	}
	fence_all();
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA, MODEL_PAGES), COVE_OK);
	for (i = 0; i < MODEL_PAGES; i++)
		assert_int_equal(field_at(ARENA + i * PAGE), PMPTABLE_HOST);
}

#define WITH_CUSTOMER(test) cmocka_unit_test_setup_teardown(test, setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CUSTOMER(test_convert_errors),
		WITH_CUSTOMER(test_convert_shared),
		WITH_CUSTOMER(test_convert_runs),
		WITH_CUSTOMER(test_refill),
		WITH_CUSTOMER(test_pmp_follows),
		WITH_CUSTOMER(test_fence_round),
		WITH_CUSTOMER(test_stopped_harts),
		WITH_CUSTOMER(test_starting_hart),
		WITH_CUSTOMER(test_fence_without_pmp),
		WITH_CUSTOMER(test_reclaim),
		WITH_CUSTOMER(test_fence_with_locked_pmp),
		WITH_CUSTOMER(test_reclaim_firmware),
		WITH_CUSTOMER(test_nacl),
		WITH_CUSTOMER(test_nacl_offline),
		WITH_CUSTOMER(test_overflow),
		cmocka_unit_test_setup_teardown(test_random, machine_setup, machine_teardown),
	};

	return cmocka_run_group_tests_name("convert", tests, NULL, NULL);
}
