// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * G-stage tables of three, four and five levels, read back as the hart would.
 */
#include "machine.h"

#define NONE (~0UL)

static struct machine_tvm host;
static struct tvm *tvm;
static unsigned int levels;

static int setup(unsigned int n)
{
	levels = n;
	machine_boot(2, levels);
	machine_tvm(&host, ARENA, 128, 1, 0);
	tvm = tvm_of(host.gid);
	return 0;
}

static int setup3(void **state)
{
	(void)state;
	return setup(3);
}

static int setup4(void **state)
{
	(void)state;
	return setup(4);
}

static int setup5(void **state)
{
	(void)state;
	return setup(5);
}

static int teardown(void **state)
{
	machine_tvm_end(&host);
	return machine_teardown(state);
}

/* Privileged specification, two-stage translation: Sv39x4, Sv48x4, Sv57x4. */
static u64 translate(u64 gpa, u64 *flags)
{
	unsigned long hgatp = cove_gstage_hgatp(tvm);
	u64 table = (hgatp & 0xfffffffffffUL) << 12;
	u64 pte = 0;
	int level;

	assert_int_equal(hgatp >> 60, levels + 5);
	for (level = (int)levels - 1; level >= 0; level--) {
		u64 index = gpa >> (12 + 9 * level);

		index &= level == (int)levels - 1 ? 0x7ff : 0x1ff;
		pte = ((u64 *)arch_ptr(table))[index];
		if (!(pte & 1))
			return NONE;
		table = (pte >> 10 & 0xfffffffffffUL) << 12;
		/* a pointer has no R, W, X */
		if (pte & 0xe) {
			u64 size = 1UL << (12 + 9 * level);

			*flags = pte & 0xff;
			assert_int_equal(table & (size - 1), 0);
			return table | (gpa & (size - 1) & -PAGE);
		}
	}
	fail_msg("a pointer at the bottom");
	return NONE;
}

static u64 map_new(u64 gpa)
{
	u64 pa = donate(&host, 1);

	assert_true(cove_gstage_reserve(tvm, gpa, 1, 0));
	assert_int_equal(cove_assign(pa, 1, PMPTABLE_TVM_DATA(tvm->id)), 0);
	cove_gstage_map(tvm, gpa, pa, 0, false);
	return pa;
}

static void test_map(void **state)
{
	u64 limit = cove_gstage_gpa_limit();
	const u64 gpas[] = { 0, PAGE, 0x1ff000, 0x200000, 0x3fffffff000, limit - PAGE };
	u64 pa[6], got, flags = 0;
	unsigned int i, n = 0;

	(void)state;
	assert_int_equal(limit, 1UL << (levels * 9 + 14));
	for (i = 0; i < 6; i++) {
		if (gpas[i] >= limit)
			continue;
		assert_int_equal(cove_gstage_get(tvm, gpas[i], &got), GSTAGE_NONE);
		assert_int_equal(translate(gpas[i], &flags), NONE);
		pa[n++] = map_new(gpas[i]);
	}
	n = 0;
	for (i = 0; i < 6; i++) {
		if (gpas[i] >= limit)
			continue;
		assert_int_equal(cove_gstage_get(tvm, gpas[i], &got), GSTAGE_DATA);
		assert_int_equal(got, pa[n]);
		assert_int_equal(translate(gpas[i], &flags), pa[n++]);
		assert_int_equal(flags, 0xdf);
	}
	assert_int_equal(translate(2 * PAGE, &flags), NONE);
}

static void test_hgatp(void **state)
{
	(void)state;
	cove.vmid_mask = 0x3fff;
	assert_int_equal(cove_gstage_hgatp(tvm),
			 (levels + 5UL) << 60 | (unsigned long)tvm->id << 44 | host.root >> 12);
	cove.vmid_mask = 2;
	assert_int_equal(cove_gstage_hgatp(tvm) >> 44 & 0x3fff, 2);
	cove.vmid_mask = 0;
	assert_int_equal(cove_gstage_hgatp(tvm) >> 44 & 0x3fff, 0);
}

static void test_shared(void **state)
{
	const pmptable_field_t from = PMPTABLE_HOST;
	u64 got, flags = 0;

	(void)state;
	assert_int_equal(
		pmptable_transition(&cove.table, SOURCE, 1, &from, 1, PMPTABLE_HOST_SHARED), 0);
	assert_true(cove_gstage_reserve(tvm, GUEST_RAM, 1, 0));
	cove_gstage_map(tvm, GUEST_RAM, SOURCE, 0, true);
	assert_int_equal(cove_gstage_get(tvm, GUEST_RAM, &got), GSTAGE_SHARED);
	assert_int_equal(translate(GUEST_RAM, &flags), SOURCE);
	assert_int_equal(flags, 0xd7); /* never executable */
	cove_gstage_block(tvm, GUEST_RAM);
	assert_int_equal(cove_gstage_get(tvm, GUEST_RAM, &got), GSTAGE_BLOCKED_SHARED);
	assert_int_equal(got, SOURCE);
	cove_gstage_unblock(tvm, GUEST_RAM);
	assert_int_equal(cove_gstage_get(tvm, GUEST_RAM, &got), GSTAGE_SHARED);
	assert_int_equal(translate(GUEST_RAM, &flags), SOURCE);
	assert_int_equal(flags, 0xd7);
}

static void test_block(void **state)
{
	static const u64 versions[] = { 1,	0x3f,	 0x40,	  0x3ff,   0xfc00,
					0xffff, 0x10000, 0x1abcd, ~0UL - 1 };
	u64 pa = map_new(GUEST_RAM), got, flags = 0;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		tvm->tcur = versions[i];
		cove_gstage_block(tvm, GUEST_RAM);
		assert_int_equal(cove_gstage_get(tvm, GUEST_RAM, &got), GSTAGE_BLOCKED);
		assert_int_equal(got, pa);
		assert_int_equal(translate(GUEST_RAM, &flags), NONE);
		assert_int_equal(cove_gstage_blocked_version(tvm, GUEST_RAM), versions[i] & 0xffff);
		cove_gstage_unblock(tvm, GUEST_RAM);
		assert_int_equal(cove_gstage_get(tvm, GUEST_RAM, &got), GSTAGE_DATA);
		assert_int_equal(translate(GUEST_RAM, &flags), pa);
		assert_int_equal(flags, 0xdf);
	}
	cove_gstage_block(tvm, GUEST_RAM);
	cove_gstage_clear(tvm, GUEST_RAM);
	assert_int_equal(cove_gstage_get(tvm, GUEST_RAM, &got), GSTAGE_NONE);
	cove_release(pa, 1, PMPTABLE_TVM_DATA(tvm->id));
}

static void test_pool(void **state)
{
	u64 free = tvm->pt_free, gpa = 0, step = 1UL << (12 + 9 * (levels - 1));
	unsigned int maps = 0;

	(void)state;
	assert_int_equal(free, 16);
	/* each GPA is below another entry of the root: levels - 1 tables */
	while (cove_gstage_reserve(tvm, gpa, 1, 0)) {
		maps++;
		free -= levels - 1;
		assert_int_equal(tvm->pt_free, free);
		assert_true(cove_gstage_reserve(tvm, gpa, 512, 0)); /* the same tables */
		assert_int_equal(tvm->pt_free, free);
		gpa += step;
	}
	assert_int_equal(maps, 16 / (levels - 1));
	assert_int_equal(tvm->pt_free, 0);
	assert_int_equal(tvm->pt_pool, 0);
	check_invariants();
	assert_int_equal(COVH(ADD_TVM_PAGE_TABLE_PAGES, host.gid, donate(&host, 4), 4), COVE_OK);
	assert_true(cove_gstage_reserve(tvm, gpa, 1, 0));
}

/* 1 GiB in one leaf, split, and joined again. The memory does not exist: nobody touches it. */
#define GIGA 0x40000000UL
#define MEGA 0x200000UL
#define FAR  0x8000000000UL

static void test_gigapage(void **state)
{
	u64 gpa = 2 * GIGA, edge = gpa + 5 * MEGA + 7 * PAGE, flags = 0, free, got;

	(void)state;
	assert_true(cove_gstage_reserve(tvm, gpa, 1, 2));
	free = tvm->pt_free;
	assert_int_equal(free, 16 - (levels - 3));
	assert_true(cove_gstage_empty(tvm, gpa, GIGA));
	cove_gstage_map(tvm, gpa, FAR, 2, false);
	assert_false(cove_gstage_empty(tvm, gpa + GIGA - PAGE, PAGE));
	assert_int_equal(translate(gpa + GIGA - PAGE, &flags), FAR + GIGA - PAGE);
	assert_int_equal(flags, 0xdf);
	assert_int_equal(translate(gpa + GIGA, &flags), NONE);
	/* both ends in one 4 KiB-split 2 MiB: two tables */
	assert_true(cove_gstage_isolate(tvm, edge, 3 * PAGE));
	assert_int_equal(tvm->pt_free, free - 2);
	cove_gstage_block(tvm, edge + PAGE);
	assert_int_equal(translate(edge, &flags), FAR + (edge - gpa));
	assert_int_equal(translate(edge + PAGE, &flags), NONE);
	assert_int_equal(translate(edge + 2 * PAGE, &flags), FAR + (edge - gpa) + 2 * PAGE);
	assert_int_equal(translate(gpa + 6 * MEGA, &flags), FAR + 6 * MEGA);
	assert_int_equal(cove_gstage_get(tvm, edge + PAGE, &got), GSTAGE_BLOCKED);
	assert_int_equal(got, FAR + (edge - gpa) + PAGE);
	/* ends far apart: another one */
	assert_true(cove_gstage_isolate(tvm, edge, 40 * MEGA));
	assert_int_equal(tvm->pt_free, free - 3);
	assert_false(cove_gstage_join(tvm, gpa, 2));
	assert_false(cove_gstage_join(tvm, gpa + 5 * MEGA, 1)); /* a blocked page */
	cove_gstage_unblock(tvm, edge + PAGE);
	assert_true(cove_gstage_join(tvm, gpa + 5 * MEGA, 1));
	assert_false(cove_gstage_join(tvm, gpa, 2)); /* one is still in pieces */
	assert_true(cove_gstage_join(tvm, gpa + 45 * MEGA, 1));
	assert_true(cove_gstage_join(tvm, gpa, 2));
	assert_int_equal(translate(edge + PAGE, &flags), FAR + (edge - gpa) + PAGE);
	assert_int_equal(flags, 0xdf);
	/* blocked as a whole, split, and unblocked in part */
	tvm->tcur = 0xabcd;
	cove_gstage_block(tvm, gpa);
	assert_true(cove_gstage_split(tvm, edge, 0));
	assert_int_equal(cove_gstage_blocked_version(tvm, edge), 0xabcd);
	assert_int_equal(cove_gstage_blocked_version(tvm, gpa), 0xabcd);
	cove_gstage_unblock(tvm, edge);
	assert_int_equal(translate(edge, &flags), FAR + (edge - gpa));
	assert_int_equal(translate(edge + PAGE, &flags), NONE);
	for (got = gpa; got < gpa + GIGA;) {
		struct gstage_at at;

		cove_gstage_at(tvm, got, &at);
		cove_gstage_clear(tvm, got);
		got = at.end;
	}
	assert_true(cove_gstage_empty(tvm, gpa, GIGA));
	cove_gstage_map(tvm, gpa, FAR, 2, true); /* over empty tables */
	assert_int_equal(translate(edge, &flags), FAR + (edge - gpa));
	assert_int_equal(flags, 0xd7);
	cove_gstage_clear(tvm, gpa);
}

/* Tables, data, blocked data, pool: destroy finds all of it (teardown counts). */
static void test_destroy(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 20; i++)
		map_new(GUEST_RAM + i * (i % 3 ? PAGE : 0x200000));
	cove_gstage_block(tvm, GUEST_RAM + PAGE);
	check_invariants();
}

#define AT_EACH(test)                                         \
	{ #test " 3", test, setup3, teardown, NULL },         \
		{ #test " 4", test, setup4, teardown, NULL }, \
	{                                                     \
#test " 5", test, setup5, teardown, NULL      \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT_EACH(test_map),	AT_EACH(test_hgatp), AT_EACH(test_shared),
		AT_EACH(test_block),	AT_EACH(test_pool),  AT_EACH(test_destroy),
		AT_EACH(test_gigapage),
	};

	return cmocka_run_group_tests_name("gstage", tests, NULL, NULL);
}
