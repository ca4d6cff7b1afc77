// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP encoder, judged by a checker that knows nothing of it (pmp_spec.h).
 */
#include "pmp_spec.h"
#include "unit.h"

#define PAGE 0x1000UL
#define R    PMP_CFG_R
#define W    PMP_CFG_W
#define X    PMP_CFG_X
#define RWX  (R | W | X)

static bool in_region(const struct pmp_region *r, u64 pa)
{
	return (!r->base && !r->size) || pa - r->base < r->size;
}

/* What the list of regions means: the first that holds the page decides. */
static u8 regions_perm(const struct pmp_region *r, unsigned int n, u64 pa)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (in_region(&r[i], pa))
			return r[i].perm;
	}
	return 0;
}

static void assert_page(const struct pmp_config *c, u64 pa, u8 perm)
{
	static const u8 bits[] = { R, W, X };
	unsigned int k;

	for (k = 0; k < 3; k++) {
		bool want = perm & bits[k];

		assert_int_equal(spec_allows(c->entry, c->n, pa, 8, bits[k]), want);
		assert_int_equal(spec_allows(c->entry, c->n, pa + PAGE - 8, 8, bits[k]), want);
	}
}

/* The pages on both sides of every edge of every region. */
static void assert_edges(const struct pmp_config *c, const struct pmp_region *r, unsigned int n)
{
	unsigned int i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < 3; k++) {
			u64 a = r[i].base - PAGE + k * PAGE, b = a + r[i].size;

			if (a < 1UL << 56)
				assert_page(c, a, regions_perm(r, n, a));
			if (b < 1UL << 56)
				assert_page(c, b, regions_perm(r, n, b));
		}
	}
}

static void assert_entry(const struct pmp_config *c, unsigned int i, u64 addr, u8 cfg)
{
	assert_true(i < c->n);
	assert_int_equal(c->entry[i].addr, addr);
	assert_int_equal(c->entry[i].cfg, cfg);
}

/* An error left the entries as they were. */
static void assert_as_before(const struct pmp_config *c, const struct pmp_config *before)
{
	assert_int_equal(c->n, before->n);
	assert_memory_equal(c->entry, before->entry, c->n * sizeof(c->entry[0]));
}

static void test_checker(void **state)
{
	/* worked by hand from the specification's tables */
	static const struct pmp_entry e[] = {
		{ 0x20000000UL, PMP_CFG_NA4 | R },	 /* 0x80000000, 4 bytes */
		{ 0x20000401UL, PMP_CFG_NAPOT | R | W }, /* ...01: 0x80001000, 16 bytes */
		{ 0x20000c00UL, PMP_CFG_OFF | RWX },
		{ 0x20001000UL, PMP_CFG_TOR | R | X }, /* 0x80003000 to 0x80004000 */
		{ 0x20000800UL, PMP_CFG_TOR | RWX },   /* ends before it starts */
	};

	(void)state;
	assert_true(spec_allows(e, 5, 0x80000000UL, 4, R));
	assert_false(spec_allows(e, 5, 0x80000000UL, 8, R));
	assert_false(spec_allows(e, 5, 0x80000004UL, 4, R));
	assert_true(spec_allows(e, 5, 0x80001008UL, 8, R | W));
	assert_false(spec_allows(e, 5, 0x80001008UL, 8, X));
	assert_false(spec_allows(e, 5, 0x8000100cUL, 8, R));
	assert_false(spec_allows(e, 5, 0x80002ff8UL, 8, R));
	assert_false(spec_allows(e, 5, 0x80002ffcUL, 8, R));
	assert_true(spec_allows(e, 5, 0x80003000UL, 8, R | X));
	assert_true(spec_allows(e, 5, 0x80003ff8UL, 8, R | X));
	assert_false(spec_allows(e, 5, 0x80003ffcUL, 8, R | X));
	assert_true(spec_allows(e + 3, 1, 0, 8, R)); /* TOR as entry 0 starts at 0 */
	assert_false(spec_allows(e, 0, 0x80000000UL, 4, R));
}

static void test_napot(void **state)
{
	static const struct pmp_region r[] = {
		{ 0x80000000UL, PAGE, 0 },
		{ 0x80200000UL, 0x200000UL, R },
		{ 1UL << 55, 1UL << 54, R | X },
		{ 0, 0x40000000UL, R | W },
		{ 0, 0, RWX },
	};
	struct pmp_config c = { 0 };

	(void)state;
	assert_int_equal(pmp_encode(r, 5, 5, &c), PMPTABLE_OK);
	assert_int_equal(c.n, 5);
	assert_entry(&c, 0, 0x200001ffUL, PMP_CFG_NAPOT);
	assert_entry(&c, 1, 0x200bffffUL, PMP_CFG_NAPOT | R);
	assert_entry(&c, 2, (1UL << 53) | ((1UL << 51) - 1), PMP_CFG_NAPOT | R | X);
	assert_entry(&c, 3, 0x07ffffffUL, PMP_CFG_NAPOT | R | W);
	assert_entry(&c, 4, 0x3fffffffffffffUL, PMP_CFG_NAPOT | RWX);
	assert_int_equal(pmp_encode_count(r, 5), 5);
	assert_edges(&c, r, 5);
	assert_page(&c, (1UL << 56) - PAGE, RWX);
}

static void test_tor(void **state)
{
	static const struct pmp_region r[] = {
		{ 0x80001000UL, 2 * PAGE, 0 }, /* not a multiple of its size */
		{ 0x80003000UL, 3 * PAGE, R }, /* starts where the TOR before ends */
		{ 0x80010000UL, PAGE, 0 },
		{ 0x80011000UL, 3 * PAGE, R }, /* ... where a NAPOT ends */
		{ 0, 3 * PAGE, R | W },	       /* base 0 needs its OFF entry too */
	};
	struct pmp_config c = { 0 };

	(void)state;
	assert_int_equal(pmp_encode(r, 5, 8, &c), PMPTABLE_OK);
	assert_int_equal(c.n, 8);
	assert_entry(&c, 0, 0x20000400UL, PMP_CFG_OFF);
	assert_entry(&c, 1, 0x20000c00UL, PMP_CFG_TOR);
	assert_entry(&c, 2, 0x20001800UL, PMP_CFG_TOR | R);
	assert_entry(&c, 3, 0x200041ffUL, PMP_CFG_NAPOT);
	assert_entry(&c, 4, 0x20004400UL, PMP_CFG_OFF);
	assert_entry(&c, 5, 0x20005000UL, PMP_CFG_TOR | R);
	assert_entry(&c, 6, 0, PMP_CFG_OFF);
	assert_entry(&c, 7, 0xc00UL, PMP_CFG_TOR | R | W);
	assert_int_equal(pmp_encode_count(r, 5), 8);
	assert_edges(&c, r, 5);
}

static void test_append(void **state)
{
	static const struct pmp_region a = { 0x80001000UL, 3 * PAGE, R };
	static const struct pmp_region b = { 0x80004000UL, 3 * PAGE, W | R };
	static const struct pmp_region b_far = { 0x80005000UL, 3 * PAGE, W | R };
	struct pmp_config c = { 0 }, d;

	(void)state;
	assert_int_equal(pmp_encode(&a, 1, 2, &c), PMPTABLE_OK);
	d = c;
	/* the TOR end before helps, so three entries do */
	assert_int_equal(pmp_encode(&b, 1, 3, &c), PMPTABLE_OK);
	assert_int_equal(c.n, 3);
	assert_entry(&c, 2, 0x20001c00UL, PMP_CFG_TOR | R | W);
	assert_int_equal(pmp_encode_count(&b, 1), 2);
	assert_int_equal(pmp_encode(&b_far, 1, 3, &d), PMPTABLE_ENOSPC);
	assert_int_equal(pmp_encode(&b_far, 1, 4, &d), PMPTABLE_OK);
	assert_int_equal(d.n, 4);
	/* an OFF or NAPOT entry with that value is no TOR end */
	d.n = 1;
	d.entry[0] = (struct pmp_entry){ 0x20001000UL, PMP_CFG_OFF };
	assert_int_equal(pmp_encode(&b, 1, 64, &d), PMPTABLE_OK);
	assert_int_equal(d.n, 3);
	d.n = 1;
	d.entry[0].cfg = PMP_CFG_NAPOT;
	assert_int_equal(pmp_encode(&b, 1, 64, &d), PMPTABLE_OK);
	assert_int_equal(d.n, 3);
}

static void test_join(void **state)
{
	static const struct pmp_region up[] = {
		{ 0x80000000UL, PAGE, R },
		{ 0x80001000UL, PAGE, R },
		{ 0x80002000UL, 2 * PAGE, R },
		{ 0x80004000UL, PAGE, R | W }, /* touches, but another permission */
	};
	static const struct pmp_region down[] = {
		{ 0x80002000UL, 2 * PAGE, 0 },
		{ 0x80001000UL, PAGE, 0 },
		{ 0x80000000UL, PAGE, 0 },
		{ 0, 0, RWX },
	};
	static const struct pmp_region apart[] = {
		{ 0x80000000UL, PAGE, 0 },
		{ 0x80002000UL, PAGE, 0 },
		{ 0, 0, 0 },
		{ 0, PAGE, 0 }, /* touches the end of "everything" only by wrapping */
	};
	struct pmp_config c = { 0 };

	(void)state;
	assert_int_equal(pmp_encode(up, 4, 64, &c), PMPTABLE_OK);
	assert_int_equal(c.n, 2);
	assert_entry(&c, 0, 0x200007ffUL, PMP_CFG_NAPOT | R);
	assert_int_equal(pmp_encode_count(up, 4), 2);
	c.n = 0;
	assert_int_equal(pmp_encode(down, 4, 64, &c), PMPTABLE_OK);
	assert_int_equal(c.n, 2);
	assert_entry(&c, 0, 0x200007ffUL, PMP_CFG_NAPOT);
	assert_int_equal(pmp_encode_count(down, 4), 2);
	assert_int_equal(pmp_encode_count(apart, 4), 4);
}

static void test_errors(void **state)
{
	static const struct pmp_region bad[] = {
		{ 0x80000800UL, PAGE, 0 },
		{ 0x80000000UL, 0x1800UL, 0 },
		{ 0x80000000UL, 0, 0 },	    /* size 0 is everything only with base 0 */
		{ 0x80000000UL, -PAGE, 0 }, /* wraps */
		{ -PAGE, PAGE, 0 },
		{ -PAGE, 2 * PAGE, 0 },
		{ 1UL << 56, PAGE, 0 },
		{ (1UL << 56) - PAGE, PAGE, 0 }, /* a TOR end of 2^56 is no pmpaddr */
		{ 0x80000000UL, PAGE, W },
		{ 0x80000000UL, PAGE, W | X },
		{ 0x80000000UL, PAGE, 0x80 | R },
		{ 0x80000000UL, PAGE, PMP_CFG_TOR },
		{ 0, 0, W },
	};
	struct pmp_region list[3] = { { 0x80000000UL, PAGE, R }, { 0 }, { 0, 0, RWX } };
	struct pmp_config c, before;
	unsigned int i;

	(void)state;
	memset(&c, 0x5a, sizeof(c));
	c.n = 3;
	before = c;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		list[1] = bad[i];
		assert_int_equal(pmp_encode(list, 3, 64, &c), PMPTABLE_EINVAL);
		assert_int_equal(pmp_encode_count(list, 3), PMP_COUNT_MALFORMED);
		assert_as_before(&c, &before);
	}
	list[1] = (struct pmp_region){ 0x80003000UL, 2 * PAGE, R }; /* four entries in all */
	assert_int_equal(pmp_encode_count(list, 3), 4);
	assert_int_equal(pmp_encode(list, 3, 6, &c), PMPTABLE_ENOSPC);
	assert_int_equal(pmp_encode(list, 3, 2, &c), PMPTABLE_ENOSPC);
	assert_int_equal(pmp_encode(list, 0, 2, &c), PMPTABLE_ENOSPC);
	assert_as_before(&c, &before);
	assert_int_equal(pmp_encode(list, 0, 3, &c), PMPTABLE_OK);
	assert_int_equal(c.n, 3);
	/* never beyond the array, whatever @max says */
	c.n = 61;
	before = c;
	assert_int_equal(pmp_encode(list, 3, 1000, &c), PMPTABLE_ENOSPC);
	assert_as_before(&c, &before);
	c.n = 60;
	assert_int_equal(pmp_encode(list, 3, 1000, &c), PMPTABLE_OK);
	assert_int_equal(c.n, 64);
	c.n = 65;
	assert_int_equal(pmp_encode(list, 1, 65, &c), PMPTABLE_ENOSPC);
}

/* A region near the others, so that they touch and overlap; at times a far one. */
static struct pmp_region random_region(u64 *rng)
{
	static const u8 perms[] = { 0, 0, 0, R, R | W, RWX, X, R | X };
	struct pmp_region r = { .perm = perms[unit_below(rng, 8)] };
	u64 order = unit_below(rng, 30);

	switch (unit_below(rng, 8)) {
	case 0:
		return (struct pmp_region){ 0, 0, r.perm };
	case 1: /* NAPOT of any size */
		r.size = PAGE << order;
		r.base = (unit_below(rng, 1UL << 40) << 12) & ~(r.size - 1);
		break;
	case 2:
		r.base = unit_below(rng, 4) * PAGE;
		r.size = (1 + unit_below(rng, 4)) * PAGE;
		break;
	default:
		r.base = 0x80000000UL + unit_below(rng, 32) * PAGE;
		r.size = (1 + unit_below(rng, 9)) * PAGE;
	}
	return r;
}

/* Entries without joins and without shared TOR ends: never less than the encoder's. */
static unsigned int naive_count(const struct pmp_region *r, unsigned int n)
{
	unsigned int i, count = 0;

	for (i = 0; i < n; i++) {
		bool pow2 = !(r[i].size & (r[i].size - 1)) && !(r[i].size && r[i].base % r[i].size);

		count += pow2 ? 1 : 2;
	}
	return count;
}

static void random_lists(u64 *rng, unsigned int max)
{
	struct pmp_region r[40];
	struct pmp_config c, before;
	unsigned int i, fit = 0, round;

	for (round = 0; round < 20000; round++) {
		unsigned int n = 1 + unit_below(rng, max / 2 + 4);
		unsigned int start = unit_below(rng, 4);
		int rc;

		for (i = 0; i < n; i++)
			r[i] = random_region(rng);
		/* entries before ours, which are OFF here, as the firmware's own are for S-mode */
		memset(&c, 0, sizeof(c));
		for (i = 0; i < start; i++)
			c.entry[i].addr = unit_rand(rng) >> 10;
		c.n = start;
		before = c;
		rc = pmp_encode(r, n, max, &c);
		if (rc == PMPTABLE_ENOSPC) {
			assert_as_before(&c, &before);
			assert_true(start + naive_count(r, n) > max);
			continue;
		}
		assert_int_equal(rc, PMPTABLE_OK);
		fit++;
		assert_true(c.n <= max);
		assert_true(c.n - start <= naive_count(r, n));
		assert_int_equal(c.n - start, pmp_encode_count(r, n));
		assert_memory_equal(c.entry, before.entry, start * sizeof(c.entry[0]));
		assert_true((c.entry[start].cfg & PMP_CFG_NAPOT) != PMP_CFG_TOR);
		assert_edges(&c, r, n);
	}
	assert_true(fit > 5000);
	assert_true(fit < 20000);
}

static void test_random_regions(void **state)
{
	u64 rng = unit_seed(377);

	(void)state;
	random_lists(&rng, 16);
	random_lists(&rng, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checker),
		cmocka_unit_test(test_napot),
		cmocka_unit_test(test_tor),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_random_regions),
	};

	return cmocka_run_group_tests_name("pmp", tests, NULL, NULL);
}
