// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP table under several harts at once. A hart that has moved a page to its
 * own C-mode ID owns it alone: it writes there with ordinary stores, so that a page
 * with two owners shows as a wrong value here and as a data race under TSan.
 */
#include "unit.h"

#include <pthread.h>

#include <pmptable/pmptable.h>

#define PAGE   0x1000UL
#define HARTS  4
#define ROUNDS 20000U

/* An odd bank; its pages are few, so that the harts meet. */
#define BASE	   0x807f0000UL
#define PAGES	   96UL
#define BANK_PAGES 4000UL
#define DENIED	   (PAGES + 4) /* denied all the time */

static struct pmptable table;
static u64 seed;
static u64 content[DENIED + 1]; /* of the pages; 0 when scrubbed, else the owner's mark */
static int going;		/* harts at work */

struct hart {
	pthread_t thread;
	unsigned int index;
	pmptable_field_t meta, data;
	u64 rng;
	unsigned long done[4]; /* denied, taken, given back, granted */
	unsigned long refused;
};

static void scrub(u64 pa)
{
	content[(pa - BASE) / PAGE] = 0;
}

/* cmocka's assertions work in the main thread only. */
static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "hart %u: %s\n", arch_hart(), what);
	abort();
}

static void take(struct hart *h, u64 pa, u64 npages)
{
	const pmptable_field_t from[] = { PMPTABLE_CONVERTING, PMPTABLE_UNASSIGNED };
	u64 i, first = (pa - BASE) / PAGE;

	if (pmptable_transition(&table, pa, npages, from, 2, h->meta) != PMPTABLE_OK) {
		h->refused++;
		return;
	}
	h->done[1]++;
	/* both states of ownership are the hart's alone */
	must(pmptable_check(&table, pa, npages * PAGE, PMPTABLE_FIELD_ID(h->meta), 0), "own");
	for (i = first; i < first + npages; i++) {
		must(!content[i], "a page of the pool was not scrubbed");
		content[i] = h->index + 1;
	}
	must(!pmptable_transition(&table, pa, npages, &h->meta, 1, h->data), "meta to data");
	must(pmptable_check(&table, pa, npages * PAGE, PMPTABLE_FIELD_ID(h->data), PMPTABLE_RWX),
	     "own data");
	must(!pmptable_check(&table, pa, 1, PMPTABLE_ID_HOST, 0), "the host has an owned page");
	for (i = first; i < first + npages; i++) {
		must(content[i] == h->index + 1, "somebody wrote to an owned page");
		content[i] = 0;
	}
	must(!pmptable_transition(&table, pa, npages, &h->data, 1, PMPTABLE_UNASSIGNED), "back");
	h->done[2]++;
}

static void one_round(struct hart *h)
{
	/* half of the time in its own quarter, half of the time anywhere */
	bool own = unit_below(&h->rng, 2);
	u64 npages = 1 + unit_below(&h->rng, 6);
	u64 room = (own ? PAGES / HARTS : PAGES) - npages + 1;
	u64 first = unit_below(&h->rng, room) + (own ? h->index * (PAGES / HARTS) : 0);
	u64 pa = BASE + first * PAGE;

	switch (unit_below(&h->rng, 4)) {
	case 0:
		if (pmptable_deny(&table, pa, npages) == PMPTABLE_OK)
			h->done[0]++;
		else
			h->refused++;
		break;
	case 1:
		if (pmptable_grant(&table, pa, npages, scrub) == PMPTABLE_OK)
			h->done[3]++;
		else
			h->refused++;
		break;
	default:
		take(h, pa, npages);
	}
}

static void *hart_main(void *arg)
{
	struct hart *h = arg;
	unsigned int i;

	fake_hart = h->index;
	for (i = 0; i < ROUNDS; i++)
		one_round(h);
	__atomic_fetch_sub(&going, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* The summaries beside the writers: what is denied all the time never looks open. */
static void read_summaries(u64 pa)
{
	const u64 denied = BASE + DENIED * PAGE;
	struct pmptable_range runs[PAGES], block;
	unsigned int i;
	int n = pmptable_denied_runs(&table, runs, PAGES);

	must(n > 0, "no denied run");
	for (i = 0; i + 1 < (unsigned int)n; i++)
		must(runs[i].base + runs[i].size < runs[i + 1].base, "order of runs");
	must(denied - runs[i].base < runs[i].size, "a denied page is in no run");
	must(pmptable_denied_cover(&table, runs, 1) == 1, "more than one range");
	must(denied - runs[0].base < runs[0].size, "a denied page is not covered");
	must(!pmptable_open_block(&table, denied, &block), "a denied page is open");
	if (pmptable_open_block(&table, pa, &block))
		must(pa - block.base < block.size && denied - block.base >= block.size,
		     "an open block holds a denied page");
}

/* The walker beside the writers: it sees states that exist, pages or whole blocks. */
static void *walker_main(void *arg)
{
	struct pmptable_walk_result res;
	unsigned long *walks = arg;
	u64 rng = seed ^ 1;

	fake_hart = HARTS;
	while (__atomic_load_n(&going, __ATOMIC_SEQ_CST)) {
		u64 i = unit_below(&rng, PAGES + 2);
		u64 pa = BASE + i * PAGE;

		pmptable_walk(&table, pa, &res);
		must(res.id <= PMPTABLE_ID_CONF || res.id - PMPTABLE_ID_TVM_FIRST < HARTS, "ID");
		must(res.id != PMPTABLE_ID_MONITOR, "nobody made it the monitor's");
		must(res.perm == 0 || res.perm == PMPTABLE_RWX, "permission");
		must(res.id != PMPTABLE_ID_CONF || !res.perm, "a permission on the pool");
		must(i < PAGES || (res.id == PMPTABLE_ID_HOST && res.perm), "a page left alone");
		must(pa - res.base < res.size, "extent");
		read_summaries(pa);
		(*walks)++;
	}
	return NULL;
}

static enum pmptable_kind kind_at(u64 pa)
{
	struct pmptable_walk_result res;

	pmptable_walk(&table, pa, &res);
	if (res.id == PMPTABLE_ID_HOST)
		return res.perm ? PMPTABLE_KIND_HOST : PMPTABLE_KIND_CONVERTING;
	return res.id == PMPTABLE_ID_CONF ? PMPTABLE_KIND_UNASSIGNED : PMPTABLE_KIND_TVM;
}

static void sweep(void)
{
	static struct pmptable_range runs[PAGES];
	unsigned long count[PMPTABLE_KINDS] = { 0 };
	u64 start = 0, i;
	unsigned int run = 0;
	bool in = false;
	int n = pmptable_denied_runs(&table, runs, PAGES);

	for (i = 0; i < BANK_PAGES; i++) {
		enum pmptable_kind kind = kind_at(BASE + i * PAGE);

		count[kind]++;
		if ((kind != PMPTABLE_KIND_HOST) == in)
			continue;
		if (in) {
			assert_true((int)run < n);
			assert_int_equal(runs[run].base, BASE + start * PAGE);
			assert_int_equal(runs[run].size, (i - start) * PAGE);
			run++;
		}
		in = !in;
		start = i;
	}
	assert_false(in);
	assert_int_equal(n, run);
	assert_int_equal(table.runs, run);
	assert_memory_equal(table.count, count, sizeof(count));
	assert_int_equal(count[PMPTABLE_KIND_TVM], 0);
}

static void test_harts(void **state)
{
	const struct pmptable_range bank = { BASE, BANK_PAGES * PAGE };
	u64 size = pmptable_memory_size(&bank, 1);
	void *mem = aligned_alloc(PAGE, size);
	static struct hart harts[HARTS];
	unsigned long walks = 0, ops[5] = { 0 };
	pthread_t walker;
	unsigned int i, k;

	(void)state;
	seed = unit_seed(1804);
	assert_int_equal(pmptable_init(&table, &bank, 1, mem, size), PMPTABLE_OK);
	assert_int_equal(pmptable_deny(&table, BASE + DENIED * PAGE, 1), PMPTABLE_OK);
	going = HARTS;
	for (i = 0; i < HARTS; i++) {
		harts[i].index = i;
		harts[i].rng = seed + i;
		harts[i].meta = PMPTABLE_TVM_META(PMPTABLE_ID_TVM_FIRST + i);
		harts[i].data = PMPTABLE_TVM_DATA(PMPTABLE_ID_TVM_FIRST + i);
		assert_int_equal(pthread_create(&harts[i].thread, NULL, hart_main, &harts[i]), 0);
	}
	assert_int_equal(pthread_create(&walker, NULL, walker_main, &walks), 0);
	for (i = 0; i < HARTS; i++) {
		assert_int_equal(pthread_join(harts[i].thread, NULL), 0);
		for (k = 0; k < 4; k++)
			ops[k] += harts[i].done[k];
		ops[4] += harts[i].refused;
	}
	assert_int_equal(pthread_join(walker, NULL), 0);
	sweep();
	print_message("# denied %lu, taken %lu, granted %lu, refused %lu, walks %lu\n", ops[0],
		      ops[1], ops[3], ops[4], walks);
	for (k = 0; k < 5; k++)
		assert_true(ops[k] > ROUNDS / 100);
	assert_int_equal(pmptable_grant(&table, BASE, PAGES, scrub), PMPTABLE_OK);
	assert_int_equal(table.runs, 1);
	assert_int_equal(pmptable_grant(&table, BASE + DENIED * PAGE, 1, scrub), PMPTABLE_OK);
	assert_int_equal(table.runs, 0);
	assert_int_equal(table.count[PMPTABLE_KIND_HOST], BANK_PAGES);
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_harts),
	};

	return cmocka_run_group_tests_name("pmptable_mt", tests, NULL, NULL);
}
