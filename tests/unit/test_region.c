// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * GPA intervals against a model: one byte per page.
 */
#include "machine.h"

#define PAGES 600UL

static struct tvm *tvm;
static u8 model[PAGES];
static u32 piece[PAGES]; /* which call made the page what it is */
static u32 calls;
static unsigned int refused;
static u64 base; /* GPA of the model's first page */

static u64 gpa_of(u64 page)
{
	return base + page * PAGE;
}

/* The window is the last of the GPA space: the limits are tested on the way. */
static int setup(void **state)
{
	(void)state;
	cove.gstage_levels = 4;
	tvm = calloc(1, sizeof(*tvm));
	memset(model, REGION_NONE, sizeof(model));
	base = (1UL << 50) - PAGES * PAGE;
	return tvm ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(tvm);
	return 0;
}

/* Does an interval begin at page @i? Ranges that wait for an answer stay apart, and MMIO regions.
 */
static bool begins(u64 i)
{
	if (!i || model[i - 1] != model[i])
		return true;
	return (model[i] == REGION_CONF_REMOVABLE || model[i] == REGION_SHARED_REMOVABLE ||
		model[i] == REGION_MMIO) &&
	       piece[i - 1] != piece[i];
}

/* Is [first, first + n) just one interval? */
static bool is_interval(u64 first, u64 n)
{
	u64 i;

	for (i = first + 1; i < first + n; i++)
		if (begins(i))
			return false;
	return model[first] != REGION_NONE && begins(first) &&
	       (first + n == PAGES || begins(first + n));
}

static void model_set(u64 first, u64 n, enum region_type type)
{
	calls++;
	for (; n--; first++) {
		model[first] = type;
		piece[first] = calls;
	}
}

static void compare(void)
{
	unsigned int i, runs = 0;

	for (i = 0; i < PAGES; i++) {
		if (cove_region_type(tvm, gpa_of(i)) != model[i] ||
		    cove_region_type(tvm, gpa_of(i) + 0xfff) != model[i])
			fail_msg("page %u is %d, not %d", i, cove_region_type(tvm, gpa_of(i)),
				 model[i]);
		runs += model[i] != REGION_NONE && begins(i);
	}
	/* sorted, disjoint, joined: as many intervals as runs, ascending */
	assert_int_equal(tvm->nintervals, runs);
	for (i = 1; i < tvm->nintervals; i++)
		assert_true(tvm->interval[i - 1].end <= tvm->interval[i].start);
	assert_int_equal(cove_region_type(tvm, base - 1), REGION_NONE);
	assert_int_equal(cove_region_type(tvm, 1UL << 50), REGION_NONE);
}

static bool model_is(u64 first, u64 n, u8 a, u8 b)
{
	u64 i;

	for (i = first; i < first + n; i++)
		if (model[i] != a && model[i] != b)
			return false;
	return true;
}

static void set(u64 first, u64 n, enum region_type type)
{
	unsigned int before = tvm->nintervals;
	int rc = cove_region_set(tvm, gpa_of(first), n * PAGE, type);

	if (rc) {
		/* only when it might not fit: a new type for one interval always does */
		assert_int_equal(rc, COVE_ERR_FAILED);
		assert_true(before + 2 > COVE_MAX_INTERVALS);
		assert_false(is_interval(first, n));
		refused++;
	} else {
		model_set(first, n, type);
	}
	compare();
}

static void add(u64 first, u64 n, enum region_type type)
{
	bool free_space = model_is(first, n, REGION_NONE, REGION_NONE);
	int rc = cove_region_add(tvm, gpa_of(first), n * PAGE, type);

	if (!free_space)
		assert_int_equal(rc, COVE_ERR_INVALID_ADDRESS);
	else if (rc)
		assert_true(tvm->nintervals + 2 > COVE_MAX_INTERVALS);
	else
		model_set(first, n, type);
	compare();
}

/* Whole regions go, also the parts outside of the range. */
static void remove_mmio(u64 first, u64 n)
{
	u64 lo = first, hi = first + n;

	cove_region_remove_mmio(tvm, gpa_of(first), n * PAGE);
	while (model[lo] == REGION_MMIO && !begins(lo))
		lo--;
	while (hi < PAGES && model[hi] == REGION_MMIO && !begins(hi))
		hi++;
	for (; lo < hi; lo++)
		if (model[lo] == REGION_MMIO)
			model[lo] = REGION_NONE;
	compare();
}

static void test_cut_and_join(void **state)
{
	(void)state;
	add(10, 20, REGION_CONF);
	set(15, 5, REGION_CONF_REMOVABLE); /* splits */
	assert_int_equal(tvm->nintervals, 3);
	set(20, 5, REGION_CONF_REMOVABLE); /* waits for an answer of its own */
	assert_int_equal(tvm->nintervals, 4);
	set(20, 5, REGION_CONF);
	set(15, 5, REGION_CONF); /* joins both sides */
	assert_int_equal(tvm->nintervals, 1);
	set(5, 10, REGION_SHARED);  /* cuts the start */
	set(25, 10, REGION_SHARED); /* cuts the end */
	set(0, 40, REGION_MMIO);    /* swallows all */
	assert_int_equal(tvm->nintervals, 1);
	set(10, 10, REGION_NONE);
	assert_int_equal(tvm->nintervals, 2);
	add(10, 10, REGION_MMIO); /* closes the hole, but stays a region of its own */
	assert_int_equal(tvm->nintervals, 3);
	remove_mmio(12, 1);
	assert_int_equal(tvm->nintervals, 2);
	set(PAGES - 1, 1, REGION_CONF);
}

static void test_is(void **state)
{
	(void)state;
	set(10, 10, REGION_CONF);
	set(20, 10, REGION_CONF_REMOVABLE);
	assert_true(cove_region_is(tvm, gpa_of(10), 10 * PAGE, REGION_CONF, REGION_CONF));
	assert_false(cove_region_is(tvm, gpa_of(10), 11 * PAGE, REGION_CONF, REGION_CONF));
	assert_false(cove_region_is(tvm, gpa_of(9), 2 * PAGE, REGION_CONF, REGION_CONF));
	assert_true(cove_region_is(tvm, gpa_of(10), 20 * PAGE, REGION_CONF, REGION_CONF_REMOVABLE));
	assert_false(
		cove_region_is(tvm, gpa_of(10), 21 * PAGE, REGION_CONF, REGION_CONF_REMOVABLE));
}

static void test_gpa_range(void **state)
{
	static const unsigned int levels[] = { 3, 4, 5 };
	static const u64 limits[] = { 1UL << 41, 1UL << 50, 1UL << 59 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		u64 end = limits[i];

		cove.gstage_levels = levels[i];
		assert_true(cove_gpa_range(0, PAGE));
		assert_true(cove_gpa_range(0, end));
		assert_true(cove_gpa_range(end - PAGE, PAGE));
		assert_false(cove_gpa_range(end - PAGE, 2 * PAGE));
		assert_false(cove_gpa_range(end, PAGE));
		assert_false(cove_gpa_range(0, end + PAGE));
		assert_false(cove_gpa_range(PAGE, -PAGE));
		assert_false(cove_gpa_range(-PAGE, PAGE));
		assert_false(cove_gpa_range(-PAGE, 2 * PAGE));
		assert_false(cove_gpa_range(0, 0));
		assert_false(cove_gpa_range(0x800, PAGE));
		assert_false(cove_gpa_range(0, 0x800));
	}
}

static void test_add_wraps(void **state)
{
	(void)state;
	assert_int_equal(cove_region_add(tvm, -PAGE, 2 * PAGE, REGION_MMIO),
			 COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(cove_region_add(tvm, PAGE, -PAGE, REGION_MMIO), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(cove_region_add(tvm, gpa_of(PAGES - 1), 2 * PAGE, REGION_MMIO),
			 COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(tvm->nintervals, 0);
}

static void test_capacity(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < COVE_MAX_INTERVALS; i++)
		add(3 * i, 2, i % 2 ? REGION_MMIO : REGION_CONF);
	assert_int_equal(tvm->nintervals, COVE_MAX_INTERVALS);
	assert_int_equal(cove_region_add(tvm, gpa_of(PAGES - 1), PAGE, REGION_MMIO),
			 COVE_ERR_FAILED);
	compare();
	/* a part of one is one more; one of them may become anything */
	assert_int_equal(cove_region_set(tvm, gpa_of(6), PAGE, REGION_SHARED), COVE_ERR_FAILED);
	compare();
	for (i = 0; i < COVE_MAX_INTERVALS; i += 2) {
		set(3 * i, 2, REGION_CONF_REMOVABLE);
		set(3 * i, 2, REGION_SHARED);
		assert_int_equal(model[3 * i], REGION_SHARED);
	}
	remove_mmio(0, 4);
	add(PAGES - 1, 1, REGION_MMIO);
	assert_int_equal(tvm->nintervals, COVE_MAX_INTERVALS);
}

static void test_random(void **state)
{
	u64 rng = unit_seed(7);
	unsigned int i;

	(void)state;
	for (i = 0; i < 30000; i++) {
		u64 first = unit_below(&rng, PAGES);
		u64 n = 1 + unit_below(&rng, unit_below(&rng, 100) ? 2 : PAGES / 4);
		enum region_type type = (enum region_type)unit_below(&rng, REGION_MMIO + 1);

		if (n > PAGES - first)
			n = PAGES - first;
		switch (unit_below(&rng, 8)) {
		case 0:
			remove_mmio(first, n);
			break;
		case 1:
		case 2:
			if (type != REGION_NONE)
				add(first, n, type);
			break;
		default:
			set(first, n, type);
		}
		if (type == REGION_NONE)
			continue;
		assert_int_equal(cove_region_is(tvm, gpa_of(first), n * PAGE, type, REGION_CONF),
				 model_is(first, n, type, REGION_CONF));
	}
	assert_true(refused > 0);
	print_message("# %u changes did not fit\n", refused);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cut_and_join, setup, teardown),
		cmocka_unit_test_setup_teardown(test_is, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gpa_range, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add_wraps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_capacity, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random, setup, teardown),
	};

	return cmocka_run_group_tests_name("region", tests, NULL, NULL);
}
