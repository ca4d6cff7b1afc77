// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Large pages: added, split, joined, measured and shared as pages of 4 KiB are;
 * calls that go on in steps.
 */
#include "machine.h"
#include "unit.h"

#define LARGE 0x200000UL
#define WIDE  0x90000000UL /* a second region */
#define BIG   (ARENA + LARGE)
#define BIGS  7UL
#define NONE  (~0UL)

static struct machine_tvm t;

#define ZERO(pa, type, n, gpa) COVH(ADD_TVM_ZERO_PAGES, t.gid, pa, type, n, gpa)
#define MEASURED(pa, type, n, gpa) \
	COVH(ADD_TVM_MEASURED_PAGES, t.gid, BIG + LARGE, pa, type, n, gpa)
#define SHARED(pa, type, n, gpa) COVH(ADD_TVM_SHARED_PAGES, t.gid, pa, type, n, gpa)
#define INVALIDATE(gpa, len)	 COVH(TVM_INVALIDATE_PAGES, t.gid, gpa, len)
#define VALIDATE(gpa, len)	 COVH(TVM_VALIDATE_PAGES, t.gid, gpa, len)
#define REMOVE(gpa, len)	 COVH(TVM_REMOVE_PAGES, t.gid, gpa, len)
#define PROMOTE(gpa, type)	 CALL(SBI_EXT_COVESBI, SBI_COVESBI_PROMOTE_PAGE, t.gid, gpa, type)
#define DEMOTE(gpa, type)	 CALL(SBI_EXT_COVESBI, SBI_COVESBI_DEMOTE_PAGE, t.gid, gpa, type)
#define ONCE(fid, ...) \
	host_call_once(SBI_EXT_COVH, SBI_COVH_##fid, (const unsigned long[6]){ __VA_ARGS__ })

static int setup_initializing(void **state)
{
	machine_setup(state);
	machine_tvm(&t, ARENA, 256, 1, 0);
	assert_int_equal(COVH(ADD_TVM_MEMORY_REGION, t.gid, WIDE, 0x10000000), COVE_OK);
	return 0;
}

static int setup(void **state)
{
	setup_initializing(state);
	assert_int_equal(COVH(FINALIZE_TVM, t.gid, GUEST_RAM, 0), COVE_OK);
	convert(BIG, BIGS * 512);
	return 0;
}

static int teardown(void **state)
{
	machine_tvm_end(&t);
	return machine_teardown(state);
}

static struct tvm *tvm(void)
{
	return tvm_of(t.gid);
}

/* What the hart makes of @gpa (privileged specification, Sv48x4); *@size: of the leaf. */
static u64 translate(u64 gpa, u64 *size)
{
	u64 table = t.root;
	int level;

	for (level = 3; level >= 0; level--) {
		unsigned int shift = 12 + 9 * (unsigned int)level;
		u64 pte = ((u64 *)arch_ptr(table))[gpa >> shift & (level == 3 ? 0x7ff : 0x1ff)];

		if (!(pte & 1))
			return NONE;
		table = (pte >> 10 & 0xfffffffffffUL) << 12;
		if (!(pte & 0xe))
			continue;
		*size = 1UL << shift;
		assert_int_equal(table & (*size - 1), 0); /* else a misaligned superpage */
		return table | (gpa & (*size - 1));
	}
	fail_msg("a pointer at the bottom");
	return NONE;
}

static u64 leaf_size(u64 gpa)
{
	u64 size = 0;

	return translate(gpa, &size) == NONE ? 0 : size;
}

static u64 maps_to(u64 gpa)
{
	u64 size;

	return translate(gpa, &size);
}

static void test_zero(void **state)
{
	u64 i;

	(void)state;
	memset(arch_ptr(BIG), 0xa5, 3 * LARGE);
	assert_int_equal(ZERO(BIG, COVE_PAGE_2M, 1, GUEST_RAM), COVE_OK);
	assert_int_equal(ZERO(BIG + LARGE, COVE_PAGE_2M, 2, WIDE), COVE_OK);
	for (i = 0; i < 3 * LARGE; i += 8)
		assert_int_equal(*(u64 *)arch_ptr(BIG + i), 0);
	assert_int_equal(maps_to(GUEST_RAM), BIG);
	assert_int_equal(maps_to(GUEST_RAM + 0x12345678 % LARGE), BIG + 0x12345678 % LARGE);
	assert_int_equal(maps_to(GUEST_RAM + LARGE), NONE);
	assert_int_equal(maps_to(WIDE + LARGE + 5 * PAGE), BIG + 2 * LARGE + 5 * PAGE);
	assert_int_equal(leaf_size(WIDE + LARGE), LARGE);
	check_invariants();
}

static void test_errors(void **state)
{
	struct machine_tvm other;

	(void)state;
#define BAD(pa, type, n, gpa) assert_int_equal(ZERO(pa, type, n, gpa), COVE_ERR_INVALID_ADDRESS)
	BAD(BIG + PAGE, COVE_PAGE_2M, 1, GUEST_RAM);
	BAD(BIG + LARGE / 2, COVE_PAGE_2M, 1, GUEST_RAM);
	BAD(BIG, COVE_PAGE_2M, 1, GUEST_RAM + PAGE);
	BAD(BIG, COVE_PAGE_2M, 1, GUEST_RAM + LARGE / 2);
	BAD(BIG + 8, COVE_PAGE_2M, 1, GUEST_RAM);
	BAD(BIG, COVE_PAGE_2M, 1, GUEST_RAM + 8);
	BAD(BIG, COVE_PAGE_1G, 1, 0xc0000000UL);
	BAD(0xc0000000UL, COVE_PAGE_1G, 1, 0xc0000000UL);
	BAD(0x80000000UL, COVE_PAGE_1G, 1, 0x80000000UL);
	/* not all of it is in a region */
	BAD(BIG, COVE_PAGE_2M, 1, GUEST_RAM - LARGE);
	BAD(BIG, COVE_PAGE_2M, 2, GUEST_RAM + GUEST_RAM_LEN - LARGE);
	BAD(BIG, COVE_PAGE_2M, 1, GUEST_RAM + GUEST_RAM_LEN);
	/* wraps, or is out of reach */
	BAD(~0UL & -LARGE, COVE_PAGE_2M, 1, GUEST_RAM);
	BAD(~0UL & -LARGE, COVE_PAGE_2M, 2, GUEST_RAM);
	BAD(BIG, COVE_PAGE_2M, 2, ~0UL & -LARGE);
	BAD(BIG, COVE_PAGE_2M, 1, GUEST_RAM | 1UL << 50);
	BAD(RAM_END - LARGE, COVE_PAGE_2M, 2, WIDE);
	/* the host's, the TVM's own, another's: the last page only, and all of it */
	BAD(HOST_BASE, COVE_PAGE_2M, 1, GUEST_RAM);
	BAD(ARENA, COVE_PAGE_2M, 1, GUEST_RAM);
	assert_int_equal(COVH(RECLAIM_PAGES, BIG + LARGE - PAGE, 1), COVE_OK);
	BAD(BIG, COVE_PAGE_2M, 1, GUEST_RAM);
	convert(BIG + LARGE - PAGE, 1);
	assert_int_equal(COVH(RECLAIM_PAGES, BIG + LARGE, 512), COVE_OK);
	machine_tvm(&other, BIG + LARGE, 128, 1, 0);
	BAD(BIG, COVE_PAGE_2M, 2, GUEST_RAM);
	machine_tvm_end(&other);
	convert(BIG + LARGE, 512);
	/* a page of it is shared, or blocked, or mapped */
	assert_int_equal(cove_region_set(tvm(), GUEST_RAM + PAGE, PAGE, REGION_SHARED), 0);
	BAD(BIG, COVE_PAGE_2M, 1, GUEST_RAM);
	assert_int_equal(cove_region_set(tvm(), GUEST_RAM + PAGE, PAGE, REGION_CONF), 0);
	assert_int_equal(ZERO(donate(&t, 1), 0, 1, GUEST_RAM + LARGE - PAGE), COVE_OK);
	BAD(BIG, COVE_PAGE_2M, 1, GUEST_RAM);
	assert_int_equal(INVALIDATE(GUEST_RAM + LARGE - PAGE, PAGE), COVE_OK);
	BAD(BIG, COVE_PAGE_2M, 1, GUEST_RAM);
	assert_int_equal(ZERO(BIG, COVE_PAGE_2M, 1, GUEST_RAM + LARGE), COVE_OK);
	BAD(t.next, 0, 1, GUEST_RAM + LARGE + 7 * PAGE);
	BAD(BIG + LARGE, COVE_PAGE_2M, 1, GUEST_RAM + LARGE);
	/* large pages twice */
	BAD(BIG, COVE_PAGE_2M, 1, WIDE);
	assert_int_equal(maps_to(WIDE), NONE);
	check_invariants();
}

static void drain_pool(u64 *taken)
{
	unsigned int n = 0;

	while ((taken[n] = cove_gstage_pool_take(tvm())))
		n++;
}

static void refill_pool(const u64 *taken)
{
	for (; *taken; taken++)
		cove_gstage_pool_add(tvm(), *taken);
}

static void test_split(void **state)
{
	u64 taken[32], free, i;

	(void)state;
	assert_int_equal(ZERO(BIG, COVE_PAGE_2M, 2, WIDE), COVE_OK);
	/* without tables nothing happens */
	drain_pool(taken);
	assert_int_equal(INVALIDATE(WIDE + 3 * PAGE, PAGE), COVE_ERR_OUT_OF_PTPAGES);
	cove_gstage_pool_add(tvm(), taken[0]);
	/* both ends need one */
	assert_int_equal(INVALIDATE(WIDE + 3 * PAGE, LARGE), COVE_ERR_OUT_OF_PTPAGES);
	assert_int_equal(tvm()->pt_free, 1);
	assert_int_equal(leaf_size(WIDE), LARGE);
	refill_pool(taken + 1);
	check_invariants();
	/* one table for both ends in one leaf, none for a whole leaf */
	free = tvm()->pt_free;
	assert_int_equal(INVALIDATE(WIDE + 3 * PAGE, 2 * PAGE), COVE_OK);
	assert_int_equal(tvm()->pt_free, free - 1);
	assert_int_equal(INVALIDATE(WIDE + LARGE, LARGE), COVE_OK);
	assert_int_equal(tvm()->pt_free, free - 1);
	for (i = 0; i < 512; i++)
		assert_int_equal(maps_to(WIDE + i * PAGE),
				 i == 3 || i == 4 ? NONE : BIG + i * PAGE);
	assert_int_equal(maps_to(WIDE + LARGE), NONE);
	/* half of it is blocked; and back */
	assert_int_equal(INVALIDATE(WIDE, LARGE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(VALIDATE(WIDE + LARGE - PAGE, PAGE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(VALIDATE(WIDE + LARGE + 9 * PAGE, PAGE), COVE_OK);
	assert_int_equal(maps_to(WIDE + LARGE + 9 * PAGE), BIG + LARGE + 9 * PAGE);
	assert_int_equal(maps_to(WIDE + LARGE + 8 * PAGE), NONE);
	assert_int_equal(VALIDATE(WIDE + 3 * PAGE, 2 * PAGE), COVE_OK);
	check_invariants();
}

/* The host takes one page out of a large one for the guest's share. */
static void test_remove_part(void **state)
{
	(void)state;
	assert_int_equal(ZERO(BIG, COVE_PAGE_2M, 1, WIDE), COVE_OK);
	assert_int_equal(cove_region_set(tvm(), WIDE + PAGE, PAGE, REGION_CONF_REMOVABLE), 0);
	assert_int_equal(INVALIDATE(WIDE, LARGE), COVE_OK); /* as one leaf */
	assert_int_equal(REMOVE(WIDE + PAGE, PAGE), COVE_ERR_FAILED);
	assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
	assert_int_equal(REMOVE(WIDE, LARGE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(REMOVE(WIDE, PAGE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(REMOVE(WIDE + PAGE, 2 * PAGE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(REMOVE(WIDE + PAGE, PAGE), COVE_OK);
	assert_int_equal(field_at(BIG + PAGE), PMPTABLE_UNASSIGNED);
	assert_int_equal(field_at(BIG), PMPTABLE_TVM_DATA(tvm()->id));
	assert_int_equal(VALIDATE(WIDE, PAGE), COVE_OK);
	assert_int_equal(VALIDATE(WIDE + 2 * PAGE, LARGE - 2 * PAGE), COVE_OK);
	assert_int_equal(maps_to(WIDE + PAGE), NONE);
	assert_int_equal(maps_to(WIDE + 2 * PAGE), BIG + 2 * PAGE);
	assert_int_equal(COVH(RECLAIM_PAGES, BIG + PAGE, 1), COVE_OK);
	check_invariants();
	/* a whole large page, and its place is free for another */
	assert_int_equal(cove_region_set(tvm(), WIDE, LARGE, REGION_CONF_REMOVABLE), 0);
	assert_int_equal(ZERO(t.next, 0, 1, WIDE + PAGE), COVE_OK);
	donate(&t, 1);
	assert_int_equal(INVALIDATE(WIDE, LARGE), COVE_OK);
	assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
	assert_int_equal(REMOVE(WIDE, LARGE), COVE_OK);
	assert_int_equal(ZERO(BIG + LARGE, COVE_PAGE_2M, 1, WIDE), COVE_OK);
	assert_int_equal(leaf_size(WIDE), LARGE);
}

static void test_promote(void **state)
{
	u64 free = tvm()->pt_free;

	(void)state;
	assert_int_equal(PROMOTE(WIDE, COVE_PAGE_4K), COVE_ERR_INVALID_PARAM);
	assert_int_equal(PROMOTE(WIDE, COVE_PAGE_512G), COVE_ERR_INVALID_PARAM);
	assert_int_equal(PROMOTE(WIDE + PAGE, COVE_PAGE_2M), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(PROMOTE(1UL << 50, COVE_PAGE_2M), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(PROMOTE(WIDE, COVE_PAGE_2M), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(ZERO(BIG, 0, 511, WIDE), COVE_OK);
	assert_int_equal(PROMOTE(WIDE, COVE_PAGE_2M), COVE_ERR_INVALID_ADDRESS); /* a hole */
	assert_int_equal(ZERO(BIG + 511 * PAGE, 0, 1, WIDE + 511 * PAGE), COVE_OK);
	assert_int_equal(INVALIDATE(WIDE + 77 * PAGE, PAGE), COVE_OK);
	assert_int_equal(PROMOTE(WIDE, COVE_PAGE_2M), COVE_ERR_INVALID_ADDRESS); /* mixed */
	assert_int_equal(VALIDATE(WIDE + 77 * PAGE, PAGE), COVE_OK);
	assert_int_equal(PROMOTE(0x80000000UL, COVE_PAGE_1G), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(PROMOTE(WIDE, COVE_PAGE_2M), COVE_OK);
	assert_int_equal(leaf_size(WIDE), LARGE);
	assert_int_equal(maps_to(WIDE + 511 * PAGE), BIG + 511 * PAGE);
	assert_int_equal(PROMOTE(WIDE, COVE_PAGE_2M), COVE_ERR_INVALID_ADDRESS);
	check_invariants();
	/* the reverse; blocked leaves stay blocked, and are validated by promotion */
	assert_int_equal(DEMOTE(WIDE, COVE_PAGE_2M), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(DEMOTE(WIDE, COVE_PAGE_1G), COVE_ERR_INVALID_PARAM);
	assert_int_equal(DEMOTE(WIDE + 8, COVE_PAGE_4K), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(INVALIDATE(WIDE, LARGE), COVE_OK);
	assert_int_equal(DEMOTE(WIDE + 5 * PAGE, COVE_PAGE_4K), COVE_OK);
	assert_int_equal(maps_to(WIDE), NONE);
	assert_int_equal(PROMOTE(WIDE, COVE_PAGE_2M), COVE_OK);
	assert_int_equal(maps_to(WIDE + 5 * PAGE), BIG + 5 * PAGE);
	assert_int_equal(DEMOTE(WIDE, COVE_PAGE_4K), COVE_OK);
	assert_int_equal(leaf_size(WIDE), PAGE);
	assert_true(tvm()->pt_free < free);
}

/* Leaves that lie in order but not at the right address, or not in order. */
static void test_promote_scattered(void **state)
{
	(void)state;
	assert_int_equal(ZERO(BIG + PAGE, 0, 512, WIDE), COVE_OK);
	assert_int_equal(PROMOTE(WIDE, COVE_PAGE_2M), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(ZERO(BIG + 2 * LARGE, 0, 10, WIDE + LARGE), COVE_OK);
	assert_int_equal(ZERO(BIG + 2 * LARGE + 11 * PAGE, 0, 1, WIDE + LARGE + 10 * PAGE),
			 COVE_OK);
	assert_int_equal(ZERO(BIG + 2 * LARGE + 10 * PAGE, 0, 1, WIDE + LARGE + 11 * PAGE),
			 COVE_OK);
	assert_int_equal(ZERO(BIG + 2 * LARGE + 12 * PAGE, 0, 500, WIDE + LARGE + 12 * PAGE),
			 COVE_OK);
	assert_int_equal(PROMOTE(WIDE + LARGE, COVE_PAGE_2M), COVE_ERR_INVALID_ADDRESS);
}

/* A table that a running vCPU may still read is used again after a fence only. */
static void test_limbo(void **state)
{
	u64 taken[32], old, size;

	(void)state;
	assert_int_equal(ZERO(BIG, 0, 512, WIDE), COVE_OK);
	drain_pool(taken);
	tvm()->vcpu[0]->running = 2;
	tvm()->vcpu[0]->vrun = tvm()->tcur;
	assert_int_equal(PROMOTE(WIDE, COVE_PAGE_2M), COVE_OK);
	old = tvm()->pt_limbo;
	/* whoever still reads it sees nothing new */
	assert_int_equal(((u64 *)arch_ptr(old))[0] & 1, 0);
	assert_int_equal(((u64 *)arch_ptr(old))[1] & 1, 0);
	assert_int_equal(((u64 *)arch_ptr(old))[2] >> 10 << 12, BIG + 2 * PAGE);
	assert_int_equal(DEMOTE(WIDE, COVE_PAGE_4K), COVE_ERR_OUT_OF_PTPAGES);
	assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
	assert_int_equal(DEMOTE(WIDE, COVE_PAGE_4K), COVE_ERR_OUT_OF_PTPAGES);
	tvm()->vcpu[0]->vrun = tvm()->tcur; /* it has left and entered again */
	assert_int_equal(DEMOTE(WIDE, COVE_PAGE_4K), COVE_OK);
	assert_int_equal(tvm()->pt_limbo, 0);
	/* nobody runs: at once */
	assert_int_equal(PROMOTE(WIDE, COVE_PAGE_2M), COVE_OK);
	tvm()->vcpu[0]->running = 0;
	assert_int_equal(DEMOTE(WIDE, COVE_PAGE_4K), COVE_OK);
	assert_int_equal(translate(WIDE + PAGE, &size), BIG + PAGE);
	refill_pool(taken);
}

/* Tables left over from small pages make room for a large one. */
static void test_map_over_table(void **state)
{
	(void)state;
	assert_true(cove_gstage_reserve(tvm(), WIDE, 512, 0));
	assert_true(cove_gstage_empty(tvm(), WIDE, LARGE));
	assert_int_equal(ZERO(BIG, COVE_PAGE_2M, 1, WIDE), COVE_OK);
	assert_int_equal(leaf_size(WIDE), LARGE);
	assert_int_not_equal(tvm()->pt_limbo, 0);
}

static void test_measured(void **state)
{
	u8 small[COVE_HASH_LEN], large[COVE_HASH_LEN];
	u64 i, *src = arch_ptr(BIG + LARGE);

	(void)state;
	for (i = 0; i < LARGE / 8; i++)
		src[i] = i * 0x9e3779b97f4a7c15UL;
	convert(BIG, 512);
	for (i = 0; i < 512; i += 64)
		assert_int_equal(COVH(ADD_TVM_MEASURED_PAGES, t.gid, BIG + LARGE + i * PAGE,
				      BIG + i * PAGE, 0, 64, WIDE + i * PAGE),
				 COVE_OK);
	memcpy(small, tvm()->msmt[COVE_MSMT_PAGES], sizeof(small));
	machine_tvm_end(&t);
	machine_tvm(&t, ARENA, 256, 1, 0);
	assert_int_equal(COVH(ADD_TVM_MEMORY_REGION, t.gid, WIDE, 0x10000000), COVE_OK);
	assert_int_equal(MEASURED(BIG, COVE_PAGE_2M, 1, WIDE + PAGE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(MEASURED(BIG + PAGE, COVE_PAGE_2M, 1, WIDE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(MEASURED(BIG, COVE_PAGE_2M, 1, WIDE), COVE_OK);
	memcpy(large, tvm()->msmt[COVE_MSMT_PAGES], sizeof(large));
	assert_memory_equal(small, large, sizeof(small));
	assert_memory_equal(arch_ptr(BIG), src, LARGE);
	assert_int_equal(leaf_size(WIDE), LARGE);
}

/* Between the steps of a call the host does other things. */
static void test_measured_steps(void **state)
{
	unsigned int steps = 0;
	u64 pa = t.next;

	(void)state;
	convert(BIG, 512);
	convert(BIG + 2 * LARGE, 512);
#define STEP(gpa) ONCE(ADD_TVM_MEASURED_PAGES, t.gid, BIG + LARGE, BIG, COVE_PAGE_2M, 1, gpa)
	assert_int_equal(STEP(WIDE), COVE_AGAIN);
	assert_int_equal(maps_to(WIDE), NONE);
	check_invariants();
	/* not ready, and nothing else comes in between */
	assert_int_equal(COVH(FINALIZE_TVM, t.gid, GUEST_RAM, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(STEP(WIDE + LARGE), COVE_ERR_ALREADY_STARTED);
	assert_int_equal(MEASURED(pa, 0, 1, WIDE + LARGE), COVE_ERR_ALREADY_STARTED);
	assert_int_equal(MEASURED(BIG + 2 * LARGE, COVE_PAGE_2M, 1, WIDE),
			 COVE_ERR_ALREADY_STARTED);
	assert_int_equal(COVH(RECLAIM_PAGES, BIG, 512), COVE_ERR_INVALID_PARAM);
	/* another hart can go on */
	fake_hart = 1;
	while (STEP(WIDE) == COVE_AGAIN)
		steps++;
	fake_hart = 0;
	assert_int_equal(steps, 512 / COVE_STEP_MEASURED - 2);
	assert_int_equal(leaf_size(WIDE), LARGE);
	assert_int_equal(MEASURED(pa, 0, 1, WIDE + LARGE), COVE_OK);
	donate(&t, 1);
}

/* The source goes away, the TVM goes away. */
static void test_steps_end_early(void **state)
{
	u8 before[COVE_HASH_LEN];

	(void)state;
	convert(BIG, 512);
	memcpy(before, tvm()->msmt[COVE_MSMT_PAGES], sizeof(before));
	assert_int_equal(STEP(WIDE), COVE_AGAIN);
	assert_memory_not_equal(tvm()->msmt[COVE_MSMT_PAGES], before, sizeof(before));
	assert_int_equal(COVH(CONVERT_PAGES, BIG + LARGE + 300 * PAGE, 1), COVE_OK);
	assert_int_equal(MEASURED(BIG, COVE_PAGE_2M, 1, WIDE), COVE_ERR_INVALID_ADDRESS);
	assert_memory_equal(tvm()->msmt[COVE_MSMT_PAGES], before, sizeof(before));
	assert_int_equal(field_at(BIG), PMPTABLE_UNASSIGNED);
	assert_true(cove_gstage_empty(tvm(), WIDE, LARGE));
	check_invariants();
	assert_int_equal(COVH(RECLAIM_PAGES, BIG + LARGE + 300 * PAGE, 1), COVE_OK);
	assert_int_equal(STEP(WIDE), COVE_AGAIN);
	/* teardown destroys it with the call half done */
}

/* 4 MiB and more of zeros come in steps; the guest shares the place meanwhile. */
static void test_zero_steps(void **state)
{
	(void)state;
#define ZERO_STEP ONCE(ADD_TVM_ZERO_PAGES, t.gid, BIG, COVE_PAGE_2M, 3, WIDE)
	assert_int_equal(ZERO_STEP, COVE_AGAIN);
	assert_int_equal(ZERO(t.next, 0, 1, GUEST_RAM), COVE_ERR_ALREADY_STARTED);
	assert_int_equal(cove_region_set(tvm(), WIDE + LARGE, PAGE, REGION_SHARED), 0);
	assert_int_equal(SHARED(SOURCE, 0, 1, WIDE + LARGE), COVE_ERR_ALREADY_STARTED);
	assert_int_equal(ZERO_STEP, COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(maps_to(WIDE), NONE);
	assert_int_equal(field_at(BIG), PMPTABLE_UNASSIGNED);
	check_invariants();
	assert_int_equal(SHARED(SOURCE, 0, 1, WIDE + LARGE), COVE_OK);
	assert_int_equal(ZERO(BIG, COVE_PAGE_2M, 3, WIDE + 2 * LARGE), COVE_OK);
}

static void test_shared(void **state)
{
	u64 host = BIG + 6 * LARGE, size;

	(void)state;
	assert_int_equal(COVH(RECLAIM_PAGES, host, 512), COVE_OK);
	assert_int_equal(cove_region_set(tvm(), WIDE, LARGE, REGION_SHARED), 0);
	assert_int_equal(SHARED(host + PAGE, COVE_PAGE_2M, 1, WIDE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(SHARED(host, COVE_PAGE_2M, 1, WIDE + PAGE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(SHARED(host, COVE_PAGE_2M, 1, WIDE + LARGE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(SHARED(host, COVE_PAGE_2M, 2, WIDE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(SHARED(BIG, COVE_PAGE_2M, 1, WIDE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(SHARED(FAKE_RAM_BASE, COVE_PAGE_2M, 1, WIDE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(SHARED(host, COVE_PAGE_2M, 1, WIDE), COVE_OK);
	assert_int_equal(SHARED(host, COVE_PAGE_2M, 1, WIDE), COVE_OK); /* a second vCPU */
	assert_int_equal(SHARED(host + 7 * PAGE, 0, 2, WIDE + 7 * PAGE), COVE_OK);
	assert_int_equal(SHARED(host + 8 * PAGE, 0, 1, WIDE + 7 * PAGE), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(CONVERT_PAGES, host + 100 * PAGE, 1), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(translate(WIDE + 9 * PAGE, &size), host + 9 * PAGE);
	assert_int_equal(size, LARGE);
	check_invariants();
	/* a page goes back to the guest */
	assert_int_equal(cove_region_set(tvm(), WIDE + 9 * PAGE, PAGE, REGION_SHARED_REMOVABLE), 0);
	assert_int_equal(INVALIDATE(WIDE + 9 * PAGE, PAGE), COVE_OK);
	assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
	assert_int_equal(REMOVE(WIDE + 9 * PAGE, PAGE), COVE_OK);
	assert_int_equal(field_at(host + 9 * PAGE), PMPTABLE_HOST);
	assert_int_equal(field_at(host + 10 * PAGE), PMPTABLE_HOST_SHARED);
	assert_int_equal(COVH(CONVERT_PAGES, host + 9 * PAGE, 1), COVE_OK);
	assert_int_equal(PROMOTE(WIDE, COVE_PAGE_2M), COVE_ERR_INVALID_ADDRESS);
}

/* Destroying takes several steps; nobody else sees the TVM meanwhile. */
static void test_destroy_steps(void **state)
{
	unsigned long gid = t.gid, steps = 0;
	u64 i;

	(void)state;
	assert_int_equal(COVH(ADD_TVM_PAGE_TABLE_PAGES, gid, donate(&t, 60), 60), COVE_OK);
	for (i = 0; i < 60; i++)
		assert_int_equal(ZERO(donate(&t, 1), 0, 1, WIDE + i * LARGE), COVE_OK);
	assert_int_equal(ONCE(DESTROY_TVM, gid), COVE_AGAIN);
	check_invariants();
	assert_int_equal(COVH(RUN_TVM_VCPU, gid, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(TVM_FENCE, gid), COVE_ERR_INVALID_PARAM);
	assert_int_equal(ZERO(t.next, 0, 1, GUEST_RAM), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(ADD_TVM_PAGE_TABLE_PAGES, gid, t.next, 1), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(CREATE_TVM_VCPU, gid, 1, t.next), COVE_ERR_INVALID_PARAM);
	assert_int_equal(cove_tvm_count(), 1);
	for (fake_hart = 1; ONCE(DESTROY_TVM, gid) == COVE_AGAIN; steps++)
		check_invariants();
	fake_hart = 0;
	assert_in_range(steps, 1, 10);
	assert_int_equal(cove_tvm_count(), 0);
	assert_int_equal(COVH(DESTROY_TVM, gid), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(RECLAIM_PAGES, t.first, t.npages), COVE_OK);
}

/*
 * Random calls against a flat list of pages. The TVM has two windows of 4 MiB at
 * WIDE and as much memory; a page of the guest is nowhere, mapped, or blocked.
 */
#define PAGES 2048UL

static struct {
	u64 pa;
	bool blocked;
	u64 version;
} model[PAGES];
static bool used[PAGES]; /* pages of memory */

static bool model_all(u64 first, u64 n, bool mapped, bool blocked)
{
	u64 i;

	for (i = first; i < first + n; i++)
		if (!model[i].pa == mapped || model[i].blocked != blocked)
			return false;
	return true;
}

static void random_zero(u64 *rnd)
{
	bool large = unit_rand(rnd) % 4 == 0;
	u64 n = large ? 512 : 256;
	u64 gfn = unit_rand(rnd) % (PAGES / n) * n, pfn = unit_rand(rnd) % (PAGES / n) * n, i;
	bool ok = model_all(gfn, n, false, false);
	long rc;

	/* as a rule where it can be joined later */
	if (unit_rand(rnd) % 64)
		pfn = gfn;
	for (i = pfn; i < pfn + n; i++)
		ok = ok && !used[i];
	rc = ZERO(BIG + pfn * PAGE, large, large ? 1 : n, WIDE + gfn * PAGE);
	assert_int_equal(rc, ok ? COVE_OK : COVE_ERR_INVALID_ADDRESS);
	for (i = 0; ok && i < n; i++) {
		model[gfn + i].pa = BIG + (pfn + i) * PAGE;
		used[pfn + i] = true;
	}
}

static bool same_state(u64 a, u64 b)
{
	return !model[a].pa == !model[b].pa && model[a].blocked == model[b].blocked;
}

/* A large page, a range of pages in one state, or any range. */
static void random_range(u64 *rnd, u64 *gfn, u64 *n)
{
	u64 kind = unit_rand(rnd) % 4;

	*gfn = unit_rand(rnd) % PAGES;
	*n = 1 + unit_rand(rnd) % 700;
	if (kind == 0) {
		*gfn = *gfn / 512 * 512;
		*n = 512;
	} else if (kind < 3) {
		while (*gfn && same_state(*gfn, *gfn - 1))
			--*gfn;
		for (*n = 1; *gfn + *n < PAGES && same_state(*gfn, *gfn + *n);)
			++*n;
	}
	if (*n > PAGES - *gfn)
		*n = PAGES - *gfn;
}

static void random_block(u64 *rnd, bool block)
{
	u64 gfn, n, i;
	bool ok;

	random_range(rnd, &gfn, &n);
	ok = model_all(gfn, n, true, !block);
	assert_int_equal(block ? INVALIDATE(WIDE + gfn * PAGE, n * PAGE)
			       : VALIDATE(WIDE + gfn * PAGE, n * PAGE),
			 ok ? COVE_OK : COVE_ERR_INVALID_ADDRESS);
	for (i = gfn; ok && i < gfn + n; i++) {
		model[i].blocked = block;
		model[i].version = tvm()->tcur;
	}
}

static void random_remove(u64 *rnd)
{
	u64 gfn, n, i;
	bool all, ok;

	random_range(rnd, &gfn, &n);
	all = ok = model_all(gfn, n, true, true);
	for (i = gfn; i < gfn + n; i++)
		ok = ok && model[i].version != tvm()->tcur;
	assert_int_equal(REMOVE(WIDE + gfn * PAGE, n * PAGE), ok    ? COVE_OK
							      : all ? COVE_ERR_FAILED
								    : COVE_ERR_INVALID_ADDRESS);
	for (i = gfn; ok && i < gfn + n; i++) {
		used[(model[i].pa - BIG) / PAGE] = false;
		model[i].pa = 0;
		model[i].blocked = false;
	}
}

static bool model_joinable(u64 gfn)
{
	u64 i;

	for (i = 0; i < 512; i++)
		if (model[gfn + i].pa != model[gfn].pa + i * PAGE ||
		    model[gfn + i].blocked != model[gfn].blocked)
			return false;
	return model[gfn].pa && !(model[gfn].pa % LARGE);
}

static unsigned long joined, parted;

static void random_resize(u64 *rnd)
{
	u64 gfn = unit_rand(rnd) % 4 * 512, i;
	struct gstage_at at;
	bool large, ok;

	cove_gstage_at(tvm(), WIDE + gfn * PAGE, &at);
	large = at.kind != GSTAGE_NONE && at.level == 1;
	if (unit_rand(rnd) % 3) {
		ok = model_joinable(gfn) && !large;
		assert_int_equal(PROMOTE(WIDE + gfn * PAGE, COVE_PAGE_2M),
				 ok ? COVE_OK : COVE_ERR_INVALID_ADDRESS);
		for (i = gfn; ok && i < gfn + 512; i++)
			model[i].blocked = false;
		joined += ok;
	} else {
		assert_int_equal(DEMOTE(WIDE + gfn * PAGE, COVE_PAGE_4K),
				 large ? COVE_OK : COVE_ERR_INVALID_ADDRESS);
		parted += large;
	}
}

static void compare(void)
{
	u64 i, pa;

	for (i = 0; i < PAGES; i++) {
		enum gstage_leaf kind = cove_gstage_get(tvm(), WIDE + i * PAGE, &pa);

		assert_int_equal(maps_to(WIDE + i * PAGE),
				 model[i].pa && !model[i].blocked ? model[i].pa : NONE);
		assert_int_equal(kind, !model[i].pa	  ? GSTAGE_NONE
				       : model[i].blocked ? GSTAGE_BLOCKED
							  : GSTAGE_DATA);
	}
}

static void test_random(void **state)
{
	u64 rnd = unit_seed(0x1a59e);
	unsigned int i;

	(void)state;
	assert_int_equal(cove_region_set(tvm(), WIDE, PAGES * PAGE, REGION_CONF_REMOVABLE), 0);
	for (i = 0; i < 4000; i++) {
		switch (unit_rand(&rnd) % 8) {
		case 0:
		case 1:
			random_zero(&rnd);
			break;
		case 2:
			random_block(&rnd, true);
			break;
		case 3:
			random_block(&rnd, false);
			break;
		case 4:
			random_remove(&rnd);
			break;
		case 5:
		case 6:
			random_resize(&rnd);
			break;
		default:
			assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
			break;
		}
		compare();
		if (i % 64 == 0)
			check_invariants();
	}
	print_message("# %lu joined, %lu parted\n", joined, parted);
	assert_true(joined > 10 && parted > 10);
}

#define INITIALIZING(test) cmocka_unit_test_setup_teardown(test, setup_initializing, teardown)
#define RUNNABLE(test)	   cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNNABLE(test_zero),
		RUNNABLE(test_errors),
		RUNNABLE(test_split),
		RUNNABLE(test_remove_part),
		RUNNABLE(test_promote),
		RUNNABLE(test_promote_scattered),
		RUNNABLE(test_limbo),
		RUNNABLE(test_map_over_table),
		INITIALIZING(test_measured),
		INITIALIZING(test_measured_steps),
		INITIALIZING(test_steps_end_early),
		RUNNABLE(test_zero_steps),
		RUNNABLE(test_shared),
		cmocka_unit_test_setup_teardown(test_destroy_steps, setup, machine_teardown),
		RUNNABLE(test_random),
	};

	return cmocka_run_group_tests_name("large", tests, NULL, NULL);
}
