// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP table against a model that is one array of fields: random calls, whose
 * results and effects the model predicts.
 */
#include "pmptable_fixture.h"

/*
 * The model: one field for each page. It says what each call must return and
 * what the table must be like afterwards.
 */
/* All banks and the holes around them. */
#define MODEL_BASE  0x80000000UL
#define MODEL_PAGES 0x3010UL

static u32 model[MODEL_PAGES];
static bool model_scrubbed[MODEL_PAGES];
static u64 model_first, model_npages; /* of the grant under way */
static unsigned int model_runs;
static u64 rng;

static bool model_is_denied(u64 i)
{
	return model[i] == PMPTABLE_CONVERTING ||
	       (model[i] != FIELD_NONE && PMPTABLE_FIELD_ID(model[i]) >= PMPTABLE_ID_CONF);
}

/* Starts of denied runs in [first, last]: a bank is not left. Page 0 of the model is a hole. */
static unsigned int model_starts(u64 first, u64 last)
{
	const u64 seam = (BANK0_END - MODEL_BASE) / PAGE;
	unsigned int n = 0;
	u64 i;

	for (i = first; i <= last; i++)
		n += model_is_denied(i) && (i == seam || !model_is_denied(i - 1));
	return n;
}

static void model_init(void)
{
	u64 i;
	unsigned int b;

	for (i = 0; i < MODEL_PAGES; i++) {
		u64 pa = MODEL_BASE + i * PAGE;

		model[i] = FIELD_NONE;
		for (b = 0; b < NBANKS; b++)
			if (pa >= banks[b].base && pa < banks[b].base + banks[b].size)
				model[i] = PMPTABLE_HOST;
	}
	model_runs = 0;
}

/* Is the whole table what the model says, counts and denied runs too? */
static void model_compare(void)
{
	unsigned long count[PMPTABLE_KINDS] = { 0 };
	static struct pmptable_range runs[MODEL_PAGES / 2];
	int n = pmptable_denied_runs(&table, runs, MODEL_PAGES / 2);
	unsigned int run = 0;
	u64 i, start = 0;

	assert_true(n >= 0);
	for (i = 0; i < MODEL_PAGES; i++) {
		u32 f = field_at(MODEL_BASE + i * PAGE);

		assert_int_equal(f, model[i]);
		if (f == FIELD_NONE)
			;
		else if (f == PMPTABLE_HOST)
			count[PMPTABLE_KIND_HOST]++;
		else if (f == PMPTABLE_CONVERTING)
			count[PMPTABLE_KIND_CONVERTING]++;
		else if (f == PMPTABLE_MONITOR)
			count[PMPTABLE_KIND_MONITOR]++;
		else if (f == PMPTABLE_UNASSIGNED)
			count[PMPTABLE_KIND_UNASSIGNED]++;
		else
			count[PMPTABLE_KIND_TVM]++;

		if (i && model_is_denied(i) && !model_is_denied(i - 1))
			start = i;
		if (i && !model_is_denied(i) && model_is_denied(i - 1)) {
			assert_true((int)run < n);
			assert_int_equal(runs[run].base, MODEL_BASE + start * PAGE);
			assert_int_equal(runs[run].size, (i - start) * PAGE);
			run++;
		}
	}
	assert_int_equal(run, n);
	assert_memory_equal(count, table.count, sizeof(count));
}

/* A range; now and then not aligned, empty, wrapping or in a hole. */
static void random_range(u64 *pa, u64 *npages)
{
	static const u64 edges[] = { 0x80003000UL, 0x80800000UL, 0x81000000UL, BANK0_END,
				     BANK1_END,	   0x82000000UL, 0x82800000UL, 0x83000000UL };
	static const u8 weighted[] = { 0, 0, 0, 0, 1, 2, 2, 3 };
	const struct pmptable_range *bank = &banks[weighted[unit_below(&rng, 8)]];
	u64 dice = unit_below(&rng, 64);

	if (dice == 0) {
		*pa = unit_rand(&rng);
		*npages = unit_rand(&rng);
		return;
	}
	if (dice == 1) {
		*pa = -(unit_below(&rng, 4) * PAGE);
		*npages = unit_below(&rng, 3) + unit_below(&rng, 2) * (1UL << 52);
		return;
	}
	if (dice < 16)
		*pa = edges[unit_below(&rng, 8)] + (unit_below(&rng, 9) - 4) * PAGE;
	else
		*pa = bank->base + unit_below(&rng, bank->size / PAGE) * PAGE;
	if (dice == 2)
		*pa += 1 + unit_below(&rng, PAGE - 1);
	if (dice == 3)
		*npages = 0;
	else if (dice == 4)
		*npages = 1 + unit_below(&rng, 5000);
	else if (dice == 5 || dice == 17)
		*npages = 2048;
	else
		*npages = 1 + unit_below(&rng, 12);
}

/* The model's index of a valid range; false when it is not all RAM. */
static bool model_range(u64 pa, u64 npages, u64 *first)
{
	u64 i;

	*first = (pa - MODEL_BASE) / PAGE;
	if (pa % PAGE || !npages || pa < MODEL_BASE)
		return false;
	for (i = 0; i < npages; i++)
		if (*first + i >= MODEL_PAGES || model[*first + i] == FIELD_NONE)
			return false;
	return true;
}

/* Mostly fit a range to the pages that are alike around its first one. */
static void trim_range(u64 *first, u64 *npages)
{
	u32 like = model[*first];
	u64 i;

	if (!unit_below(&rng, 4))
		return;
	if (!unit_below(&rng, 2)) {
		while (model[*first - 1] == like)
			(*first)--;
		*npages = MODEL_PAGES;
	}
	for (i = 1; i < *npages && model[*first + i] == like; i++)
		;
	*npages = i;
}

/* A range and the model's index of it; false when the range is not all RAM. */
static bool random_model_range(u64 *pa, u64 *npages, u64 *first)
{
	random_range(pa, npages);
	if (!model_range(*pa, *npages, first))
		return false;
	trim_range(first, npages);
	*pa = MODEL_BASE + *first * PAGE;
	return true;
}

static bool model_in(u64 first, u64 npages, const pmptable_field_t *set, unsigned int n)
{
	u64 i;
	unsigned int k;

	for (i = first; i < first + npages; i++) {
		for (k = 0; k < n && model[i] != set[k]; k++)
			;
		if (k == n)
			return false;
	}
	return true;
}

static void model_fill(u64 first, u64 npages, pmptable_field_t to)
{
	u64 i;

	model_runs -= model_starts(first, first + npages);
	for (i = first; i < first + npages; i++)
		model[i] = to;
	model_runs += model_starts(first, first + npages);
}

/* Nothing of the range has become the host's, and a page is scrubbed once. */
static void scrub_random(u64 pa)
{
	u64 i = (pa - MODEL_BASE) / PAGE;

	assert_true(i - model_first < model_npages);
	assert_false(model_scrubbed[i]);
	assert_int_not_equal(model[i], PMPTABLE_HOST);
	assert_int_equal(field_at(pa), model[i]);
	i = model_first + unit_below(&rng, model_npages);
	assert_int_equal(field_at(MODEL_BASE + i * PAGE), model[i]);
	model_scrubbed[(pa - MODEL_BASE) / PAGE] = true;
}

static void random_deny(void)
{
	static const pmptable_field_t from[] = { PMPTABLE_HOST };
	unsigned long version = table.version;
	u64 pa, npages, first;
	int want = PMPTABLE_OK, rc;

	if (!random_model_range(&pa, &npages, &first))
		want = PMPTABLE_EINVAL;
	else if (!model_in(first, npages, from, 1))
		want = PMPTABLE_ESTATE;
	rc = pmptable_deny(&table, pa, npages);
	assert_int_equal(rc, want);
	assert_int_equal(table.version, version + (rc == PMPTABLE_OK));
	if (rc == PMPTABLE_OK)
		model_fill(first, npages, PMPTABLE_CONVERTING);
}

static void random_grant(void)
{
	static const pmptable_field_t from[] = { PMPTABLE_HOST, PMPTABLE_CONVERTING,
						 PMPTABLE_UNASSIGNED };
	unsigned long version = table.version;
	int want = PMPTABLE_OK, rc;
	u64 pa, npages, first, i;
	bool change;

	if (!random_model_range(&pa, &npages, &first))
		want = PMPTABLE_EINVAL;
	else if (!model_in(first, npages, from, 3))
		want = PMPTABLE_ESTATE;
	else
		memset(&model_scrubbed[first], 0, npages);
	model_first = first;
	model_npages = npages;
	rc = pmptable_grant(&table, pa, npages, want == PMPTABLE_OK ? scrub_random : scrub_never);
	assert_int_equal(rc, want);
	if (rc != PMPTABLE_OK) {
		assert_int_equal(table.version, version);
		return;
	}
	change = !model_in(first, npages, from, 1);
	for (i = first; i < first + npages; i++)
		assert_int_equal(model_scrubbed[i], model[i] != PMPTABLE_HOST);
	model_fill(first, npages, PMPTABLE_HOST);
	assert_int_equal(table.version, version + change);
}

static pmptable_field_t random_state(void)
{
	static const pmptable_field_t states[] = { PMPTABLE_CONVERTING,	   PMPTABLE_UNASSIGNED,
						   PMPTABLE_UNASSIGNED,	   PMPTABLE_TVM_META(3),
						   PMPTABLE_TVM_DATA(3),   PMPTABLE_TVM_META(8191),
						   PMPTABLE_TVM_DATA(8191) };

	return states[unit_below(&rng, 7)];
}

static void random_transition(void)
{
	pmptable_field_t from[2] = { random_state(), random_state() };
	unsigned int nfrom = 1 + unit_below(&rng, 2);
	pmptable_field_t to = unit_below(&rng, 2) ? PMPTABLE_UNASSIGNED : random_state();
	unsigned long version = table.version;
	u64 pa, npages, first;
	int want, rc;

	if (!random_model_range(&pa, &npages, &first)) {
		want = PMPTABLE_EINVAL;
	} else {
		/* mostly the state that is there */
		if (unit_below(&rng, 4) && model_is_denied(first))
			from[0] = model[first];
		want = model_in(first, npages, from, nfrom) ? PMPTABLE_OK : PMPTABLE_ESTATE;
	}
	rc = pmptable_transition(&table, pa, npages, from, nfrom, to);
	assert_int_equal(rc, want);
	assert_int_equal(table.version, version);
	if (rc == PMPTABLE_OK)
		model_fill(first, npages, to);
}

static void random_check(void)
{
	unsigned int id, access = unit_below(&rng, 8);
	u64 pa, npages, first, len, last, i;
	bool want = true;

	random_range(&pa, &npages);
	pa += unit_below(&rng, PAGE);
	len = npages * PAGE - unit_below(&rng, PAGE);
	last = pa + len - 1;
	first = (pa - MODEL_BASE) / PAGE;
	if (pa < MODEL_BASE || first >= MODEL_PAGES || model[first] == FIELD_NONE)
		id = unit_below(&rng, 2) ? PMPTABLE_ID_HOST : PMPTABLE_ID_NONE;
	else
		id = unit_below(&rng, 8) ? PMPTABLE_FIELD_ID(model[first]) : unit_below(&rng, 5);
	if (!len || last < pa || pa < MODEL_BASE || last >= MODEL_BASE + MODEL_PAGES * PAGE)
		want = false;
	for (i = first; want && i <= (last - MODEL_BASE) / PAGE; i++)
		want = model[i] != FIELD_NONE && PMPTABLE_FIELD_ID(model[i]) == id &&
		       (PMPTABLE_FIELD_PERM(model[i]) & access) == access;
	assert_int_equal(pmptable_check(&table, pa, len, id, access), want);
}

#define RANDOM_OPS     300000U
#define RANDOM_SWEEP   400U
#define RANDOM_RESTART 1700U

/* A new table in the old one's memory. */
static void restart(void)
{
	const u64 first = 3 + unit_below(&rng, 3000), npages = unit_below(&rng, 100);
	u64 i;

	assert_int_equal(pmptable_init(&table, banks, NBANKS, table_mem,
				       pmptable_memory_size(banks, NBANKS)),
			 PMPTABLE_OK);
	model_init();
	pmptable_set_monitor(&table, MODEL_BASE + first * PAGE, npages * PAGE);
	for (i = first; i < first + npages; i++)
		model[i] = PMPTABLE_MONITOR;
}

static void test_random_against_model(void **state)
{
	unsigned long changes = 0;
	unsigned int i;

	(void)state;
	rng = unit_seed(2026);
	for (i = 0; i < RANDOM_OPS; i++) {
		u64 dice = unit_below(&rng, 8);

		if (i % RANDOM_RESTART == 0) {
			changes += table.version;
			restart();
		}
		if (dice < 2)
			random_check();
		else if (dice < 4)
			random_grant();
		else if (dice < 6)
			random_transition();
		else
			random_deny();
		assert_int_equal(table.runs, model_runs);
		if (i % RANDOM_SWEEP == 0)
			model_compare();
	}
	model_compare();
	/* It did something: denied pages came and went all the time. */
	print_message("# %u operations, %lu changes of the denied pages\n", RANDOM_OPS, changes);
	assert_true(changes > RANDOM_OPS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random_against_model, setup, teardown),
	};

	return cmocka_run_group_tests_name("pmptable_random", tests, NULL, NULL);
}
