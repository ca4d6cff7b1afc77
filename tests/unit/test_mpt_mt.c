// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Memory protection tables that harts walk while they are updated: a page that nobody
 * changes keeps its permission at every moment, whatever happens around it.
 */
#include "mpt_walker.h"

#include <pthread.h>

#include <pmptable/mpt.h>

#define PAGE	0x1000UL
#define MIB	0x100000UL
#define WALKERS 2
#define ROUNDS	40
#define UPDATES 100

#define POOL_PA 0x10000000UL
#define BASE	0x80000000UL
#define PAGES	(8 * MIB / PAGE) /* change; as many behind them are denied at first */
#define STEADY	300		 /* of each 512 pages, the one that nobody changes */
#define POOL	(8 * PAGE)

static const struct pmptable_range ram[] = { { BASE, 96 * MIB } };
static struct pmptable table;
static struct mpt mpt;
static struct image image;
static u64 mmpt;
static bool stop;
static u64 rng;

struct walker {
	pthread_t thread;
	u64 rng;
	unsigned long seen[3]; /* steady pages; others denied, allowed */
};

/* cmocka's assertions work in the main thread only. */
static void must(bool ok, const char *what, u64 pa)
{
	if (ok)
		return;
	fprintf(stderr, "0x%lx: %s\n", pa, what);
	abort();
}

static void see(struct walker *w, unsigned int kind)
{
	arch_store(&w->seen[kind], w->seen[kind] + 1);
}

/* However busy the machine is: each walker has looked at pages of each kind. */
static bool all_seen(struct walker *walkers)
{
	unsigned int i, k;

	for (i = 0; i < WALKERS; i++)
		for (k = 0; k < 3; k++)
			if (!arch_load(&walkers[i].seen[k]))
				return false;
	return true;
}

static void *walker_main(void *arg)
{
	struct walker *w = arg;

	while (!arch_load(&stop)) {
		u64 page = unit_below(&w->rng, 2 * PAGES), xwr = 0, pa;
		enum fault f;

		if (unit_below(&w->rng, 2))
			page = page / 512 * 512 + STEADY;
		pa = BASE + page * PAGE;
		f = lookup(&image, mmpt, pa, &xwr);
		must(f == ALLOWED || f == FAULT_INVALID, "a malformed table", pa);
		must(f != FAULT_INVALID || !xwr, "a permission without a valid entry", pa);
		must(xwr == 0 || xwr == 7, "a permission that no page ever had", pa);
		if (page % 512 == STEADY) {
			must(xwr == (page < PAGES ? 7 : 0), "a steady page changed", pa);
			see(w, 0);
		} else {
			see(w, xwr ? 2 : 1);
		}
	}
	return NULL;
}

static void no_scrub(u64 pa)
{
	(void)pa;
}

static void update(u64 pa, u64 n)
{
	assert_int_equal(mpt_update(&mpt, pa, n * PAGE), MPT_OK);
}

/* Turn pages between two steady ones, and back: entries become mixed and alike again. */
static void there_and_back(void)
{
	u64 first = unit_below(&rng, 2 * PAGES / 512) * 512 + STEADY + 1, n = 511, pa;
	bool allowed = first < PAGES;

	if (unit_below(&rng, 4)) {
		n = 1 + unit_below(&rng, 40);
		first += unit_below(&rng, 511 - n);
	}
	if (first + n > (allowed ? PAGES : 2 * PAGES))
		return;
	pa = BASE + first * PAGE;
	if (allowed)
		assert_int_equal(pmptable_deny(&table, pa, n), PMPTABLE_OK);
	else
		assert_int_equal(pmptable_grant(&table, pa, n, no_scrub), PMPTABLE_OK);
	update(pa, n);
	if (allowed)
		assert_int_equal(pmptable_grant(&table, pa, n, no_scrub), PMPTABLE_OK);
	else
		assert_int_equal(pmptable_deny(&table, pa, n), PMPTABLE_OK);
	update(pa, n);
}

static void one_round(struct walker *walkers)
{
	struct pmptable_domain d = { .table = &table, .id = 0 };
	static u64 mem[POOL / 8] __attribute__((aligned(4096)));
	u64 size = pmptable_memory_size(ram, 1);
	void *table_mem = aligned_alloc(PAGE, size);
	unsigned int i;

	assert_non_null(table_mem);
	assert_int_equal(pmptable_init(&table, ram, 1, table_mem, size), PMPTABLE_OK);
	assert_int_equal(pmptable_deny(&table, BASE + PAGES * PAGE, PAGES), PMPTABLE_OK);
	assert_int_equal(mpt_init(&mpt, &d, MPT_SMMPT43, mem, POOL_PA, POOL), MPT_OK);
	assert_int_equal(mpt_csr(&mpt, 0, &mmpt), MPT_OK);
	image = (struct image){ mem, POOL_PA, POOL };
	arch_store(&stop, false);
	for (i = 0; i < WALKERS; i++)
		assert_int_equal(pthread_create(&walkers[i].thread, NULL, walker_main, &walkers[i]),
				 0);
	for (i = 0; i < UPDATES || !all_seen(walkers); i++)
		there_and_back();
	arch_store(&stop, true);
	for (i = 0; i < WALKERS; i++)
		assert_int_equal(pthread_join(walkers[i].thread, NULL), 0);
	free(table_mem);
}

static void test_walkers(void **state)
{
	struct walker walkers[WALKERS] = { 0 };
	unsigned int i, k;

	(void)state;
	rng = unit_seed(7);
	for (i = 0; i < WALKERS; i++)
		walkers[i].rng = rng + 1 + i;
	for (i = 0; i < ROUNDS; i++)
		one_round(walkers);
	for (i = 0; i < WALKERS; i++) {
		print_message("# walker %u: steady %lu, denied %lu, allowed %lu\n", i,
			      walkers[i].seen[0], walkers[i].seen[1], walkers[i].seen[2]);
		for (k = 0; k < 3; k++)
			assert_true(walkers[i].seen[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walkers),
	};

	return cmocka_run_group_tests_name("mpt_mt", tests, NULL, NULL);
}
