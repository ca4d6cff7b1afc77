// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP policy: random tables and random PMPs, exact and refilled. What the
 * entries grant is what pmp_spec.h says; what they should grant is what a model
 * says that is an array of flags.
 */
#include "pmp_spec.h"
#include "unit.h"

#define PAGE	  0x1000UL
#define BLOCK	  0x800000UL
#define PA_TOP	  (1UL << 56)
#define R	  PMP_CFG_R
#define W	  PMP_CFG_W
#define X	  PMP_CFG_X
#define RWX	  (R | W | X)
#define MAX_BANKS 4
#define MAX_PAGES (4 * 2048UL) /* of all banks */
#define MAX_EDGES 40000

static u64 rng;
static struct pmptable table;
static struct pmptable_range bank[MAX_BANKS];
static unsigned int nbanks;

/*
 * The model. @denied: now; @firm: denied when the entries were derived, and all the
 * time since; @sum: how many of the pages before are denied. Banks one after the other.
 */
static u8 denied[MAX_PAGES], firm[MAX_PAGES], monitor[MAX_PAGES];
static u32 sum[MAX_PAGES + 1];

static u64 below(u64 n)
{
	return unit_below(&rng, n);
}

static bool one_in(u64 n)
{
	return !below(n);
}

/* Index of the first page of bank @b. */
static u64 bank_index(unsigned int b)
{
	u64 i = 0;

	while (b--)
		i += bank[b].size / PAGE;
	return i;
}

/* The model's index of a page; MAX_PAGES when it is no RAM. */
static u64 index_of(u64 pa)
{
	unsigned int b;

	for (b = 0; b < nbanks; b++)
		if (pa >= bank[b].base && pa < bank[b].base + bank[b].size)
			return bank_index(b) + (pa - bank[b].base) / PAGE;
	return MAX_PAGES;
}

static bool is_denied(u64 pa)
{
	u64 i = index_of(pa);

	return i < MAX_PAGES && denied[i];
}

static void model_sum(void)
{
	u64 i, n = bank_index(nbanks);

	for (i = 0; i < n; i++)
		sum[i + 1] = sum[i] + denied[i];
}

/* Denied pages in [lo, hi); model_sum() is up to date. */
static u64 denied_in(u64 lo, u64 hi)
{
	unsigned int b;
	u64 n = 0;

	for (b = 0; b < nbanks; b++) {
		u64 first = lo > bank[b].base ? lo : bank[b].base;
		u64 end = bank[b].base + bank[b].size;

		end = hi < end ? hi : end;
		if (first < end)
			n += sum[bank_index(b) + (end - bank[b].base) / PAGE] -
			     sum[bank_index(b) + (first - bank[b].base) / PAGE];
	}
	return n;
}

static void scrub_nothing(u64 pa)
{
	(void)pa;
}

/* Banks that touch, share a block or are far from each other. */
static void random_banks(void)
{
	static const u64 starts[] = { 0, 0x80000000UL, 0x80003000UL, 0x1000000000UL, 1UL << 52 };
	u64 base = starts[below(5)], room = MAX_PAGES;
	unsigned int i;

	nbanks = 1 + (unsigned int)below(MAX_BANKS);
	for (i = 0; i < nbanks; i++) {
		u64 pages = one_in(3) ? 1 + below(20) : 1 + below(room / (nbanks - i));

		if (one_in(3))
			base = (base + BLOCK - 1) & -BLOCK;
		bank[i] = (struct pmptable_range){ base, pages * PAGE };
		room -= pages;
		base += pages * PAGE;
		if (one_in(3))
			base += PAGE << below(one_in(4) ? 30 : 13);
	}
}

static void new_table(void **mem)
{
	u64 size, n;

	random_banks();
	size = pmptable_memory_size(bank, nbanks);
	free(*mem);
	*mem = aligned_alloc(PAGE, size);
	assert_non_null(*mem);
	memset(*mem, 0x5a, size);
	assert_int_equal(pmptable_init(&table, bank, nbanks, *mem, size), PMPTABLE_OK);
	n = bank_index(nbanks);
	memset(denied, 0, n);
	memset(firm, 0, n);
	memset(monitor, 0, n);
}

/* Change one range of one bank, in the table and in the model. */
static void random_change(void)
{
	static const pmptable_field_t from[] = { PMPTABLE_CONVERTING, PMPTABLE_UNASSIGNED };
	unsigned int b = (unsigned int)below(nbanks);
	u64 pages = bank[b].size / PAGE;
	u64 first = below(pages), n = one_in(2) ? 1 : 1 + below(one_in(8) ? 4096 : 12), i;
	u8 *flag = &denied[bank_index(b) + first];
	u64 pa = bank[b].base + first * PAGE;
	int rc;

	if (n > pages - first)
		n = pages - first;
	if (below(5) < 3) {
		rc = pmptable_deny(&table, pa, n);
		if (rc == PMPTABLE_OK && one_in(2))
			assert_int_equal(pmptable_transition(&table, pa, n, from, 1,
							     one_in(2) ? PMPTABLE_UNASSIGNED
								       : PMPTABLE_TVM_DATA(7)),
					 PMPTABLE_OK);
		for (i = 0; rc == PMPTABLE_OK && i < n; i++)
			flag[i] = 1;
		return;
	}
	rc = pmptable_grant(&table, pa, n, scrub_nothing);
	for (i = 0; rc == PMPTABLE_OK && i < n; i++) {
		flag[i] = 0;
		firm[bank_index(b) + first + i] = 0;
	}
}

/* Few runs, or many, or a field of single pages. */
static void random_changes(void)
{
	static const u64 counts[] = { 1, 3, 6, 12, 30, 120, 600 };
	u64 n = below(counts[below(7)] + 1), i, at;
	unsigned int b;

	for (i = 0; i < n; i++)
		random_change();
	if (!one_in(4))
		return;
	b = (unsigned int)below(nbanks);
	at = below(bank[b].size / PAGE);
	for (i = 0; i < 200 && at < bank[b].size / PAGE; i++, at += 1 + below(3)) {
		if (pmptable_deny(&table, bank[b].base + at * PAGE, 1) == PMPTABLE_OK)
			denied[bank_index(b) + at] = 1;
	}
}

/* The table's own words on what is denied. */

static void check_fields(void)
{
	struct pmptable_walk_result res;
	unsigned int b;
	u64 i;

	for (b = 0; b < nbanks; b++) {
		for (i = 0; i < bank[b].size / PAGE; i++) {
			u64 m = bank_index(b) + i;

			pmptable_walk(&table, bank[b].base + i * PAGE, &res);
			assert_int_equal(res.id == PMPTABLE_ID_MONITOR, monitor[m]);
			assert_int_equal(!monitor[m] && (res.id != PMPTABLE_ID_HOST || !res.perm),
					 denied[m]);
		}
	}
}

static void check_runs(void)
{
	static struct pmptable_range want[MAX_PAGES], got[MAX_PAGES];
	unsigned int b, max, n = 0, count = 0;
	int rc;
	u64 i;

	for (b = 0; b < nbanks; b++) {
		const u8 *flag = &denied[bank_index(b)];

		for (i = 0; i < bank[b].size / PAGE; i++) {
			u64 pa = bank[b].base + i * PAGE;

			if (!flag[i])
				continue;
			count += !i || !flag[i - 1];
			if (n && want[n - 1].base + want[n - 1].size == pa)
				want[n - 1].size += PAGE;
			else
				want[n++] = (struct pmptable_range){ pa, PAGE };
		}
	}
	assert_int_equal(table.runs, count);
	max = n && one_in(2) ? n : 1 + (unsigned int)below(n + 3);
	rc = pmptable_denied_runs(&table, got, max);
	if (n > max) {
		assert_int_equal(rc, PMPTABLE_ENOSPC);
		return;
	}
	assert_int_equal(rc, n);
	assert_memory_equal(got, want, n * sizeof(want[0]));
}

static int compare_u64(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* RAM of blocks that hold denied pages, ascending; what touches is one. */
static unsigned int marked_ram(struct pmptable_range *piece)
{
	unsigned int b, n = 0;
	u64 at;

	for (b = 0; b < nbanks; b++) {
		u64 top = bank[b].base + bank[b].size;

		for (at = bank[b].base & -BLOCK; at < top; at += BLOCK) {
			u64 lo = at < bank[b].base ? bank[b].base : at;
			u64 hi = at + BLOCK < top ? at + BLOCK : top;

			if (!denied_in(lo, hi))
				continue;
			if (n && piece[n - 1].base + piece[n - 1].size == lo)
				piece[n - 1].size += hi - lo;
			else
				piece[n++] = (struct pmptable_range){ lo, hi - lo };
		}
	}
	return n;
}

static void check_cover(void)
{
	struct pmptable_range got[PMPTABLE_MAX_COVER], piece[64];
	u64 gap[64], kept[PMPTABLE_MAX_COVER];
	unsigned int max = 1 + (unsigned int)below(PMPTABLE_MAX_COVER);
	unsigned int npieces = marked_ram(piece), n, i, begin = 0, end = 0;
	u64 covered = 0;

	for (i = 0; i + 1 < npieces; i++)
		gap[i] = piece[i + 1].base - piece[i].base - piece[i].size;
	n = pmptable_denied_cover(&table, got, max);
	assert_int_equal(n, npieces < max ? npieces : max);
	for (i = 0; i < n; i++) {
		unsigned int k;

		/* no wider than it must be */
		for (k = 0; k < npieces; k++) {
			begin += got[i].base == piece[k].base;
			end += got[i].base + got[i].size == piece[k].base + piece[k].size;
		}
		covered += denied_in(got[i].base, got[i].base + got[i].size);
		if (!i)
			continue;
		assert_true(got[i].base > got[i - 1].base + got[i - 1].size);
		kept[i - 1] = got[i].base - got[i - 1].base - got[i - 1].size;
	}
	assert_int_equal(begin, n);
	assert_int_equal(end, n);
	assert_int_equal(covered, sum[bank_index(nbanks)]);
	if (n < 2)
		return;
	qsort(gap, npieces - 1, sizeof(gap[0]), compare_u64);
	qsort(kept, n - 1, sizeof(kept[0]), compare_u64);
	assert_memory_equal(kept, gap + npieces - n, (n - 1) * sizeof(kept[0]));
}

/* Any address, most of them at the edges of something. */
static u64 random_pa(void)
{
	unsigned int b = (unsigned int)below(nbanks);
	u64 i, m;

	if (one_in(12))
		return below(PA_TOP) >> below(40);
	if (one_in(12)) /* no physical address, but its low bits are one */
		return (bank[b].base + below(bank[b].size)) | (1 + below(255)) << 56;
	if (one_in(12))
		return bank[b].base + bank[b].size - below(4 * PAGE);
	i = below(bank[b].size / PAGE);
	/* from there to the next change */
	for (m = bank_index(b) + i; !one_in(3) && i + 1 < bank[b].size / PAGE; i++, m++)
		if (denied[m] != denied[m + 1])
			break;
	return bank[b].base + i * PAGE + below(PAGE);
}

static void check_open_block(u64 pa)
{
	struct pmptable_range got;
	u64 size = PA_TOP, base;

	if (pa >= PA_TOP)
		return;
	if (is_denied(pa)) {
		assert_false(pmptable_open_block(&table, pa, &got));
		return;
	}
	/* a block larger than 8 MiB consists of blocks, which are all open or all closed */
	for (;; size /= 2) {
		base = pa & -size;
		if (!denied_in(base, base + size))
			break;
	}
	assert_true(pmptable_open_block(&table, pa, &got));
	assert_int_equal(got.base, base);
	assert_int_equal(got.size, size);
}

static void test_summaries(void **state)
{
	void *mem = NULL;
	unsigned int round, i;

	(void)state;
	rng = unit_seed(1);
	for (round = 0; round < 1500; round++) {
		if (round % 4 == 0)
			new_table(&mem);
		random_changes();
		model_sum();
		check_fields();
		check_runs();
		check_cover();
		for (i = 0; i < 40; i++)
			check_open_block(random_pa());
	}
	free(mem);
}

/* The entries. */

static struct pmp_fixed fixed;
static struct pmp_region window; /* size 0: none */
static struct pmp_config config;
static struct pmp_plan plan;

static void set_monitor(u64 base, u64 size)
{
	u64 i;

	pmptable_set_monitor(&table, base, size);
	for (i = 0; i < size / PAGE; i++)
		monitor[index_of(base) + i] = 1;
}

/* In RAM, where it fits, and of no use to the host: its other permissions count for nothing. */
static void random_window(void)
{
	const struct pmptable_range *in = &bank[below(nbanks)];
	u64 size = PAGE << below(7), base = (in->base + below(in->size)) & -size;

	window = (struct pmp_region){ .perm = RWX };
	if (one_in(2) || base < in->base || base - in->base > in->size - size || size > in->size)
		return;
	window.base = base;
	window.size = size;
	set_monitor(base, size);
}

/* Regions of the monitor in RAM, devices outside, some of them open to the host. */
static void random_fixed(unsigned int entries)
{
	static const u8 perms[] = { 0, 0, R | W, RWX, R };
	unsigned int n = (unsigned int)below(one_in(4) ? 12 : 5), i;

	random_window();
	fixed.nregions = 0;
	fixed.entries = entries;
	for (i = 0; i < n; i++) {
		struct pmp_region *r = &fixed.region[fixed.nregions];
		unsigned int b = (unsigned int)below(nbanks);
		u64 pages = bank[b].size / PAGE, first = below(pages);

		r->size = PAGE << below(5);
		if (one_in(3)) {
			r->base = (1UL << 54) + below(1000) * PAGE;
			r->perm = perms[below(5)];
			fixed.nregions++;
			continue;
		}
		r->base = bank[b].base + first * PAGE;
		r->perm = 0;
		if (r->size > (pages - first) * PAGE)
			r->size = (pages - first) * PAGE;
		set_monitor(r->base, r->size);
		fixed.nregions++;
	}
}

/* A plan that is exact has no window. */
static bool in_window(u64 pa)
{
	return plan.nallow && pa - window.base < window.size;
}

static const struct pmp_region *fixed_at(u64 pa)
{
	static const struct pmp_region readable = { .perm = R };
	unsigned int i;

	if (in_window(pa))
		return &readable;
	for (i = 0; i < fixed.nregions; i++)
		if (pa - fixed.region[i].base < fixed.region[i].size)
			return &fixed.region[i];
	return NULL;
}

static u64 edges[MAX_EDGES];
static unsigned int nedges;

static void add_edge(u64 pa)
{
	assert_true(nedges < MAX_EDGES);
	edges[nedges++] = pa;
}

/* Where the answer of the model or that of the entries changes: between them both are constant. */
static void find_edges(void)
{
	u64 i, n, of_entries[2 * PMP_MAX_ENTRIES];
	unsigned int b, k, count;

	nedges = 0;
	add_edge(0);
	for (b = 0; b < nbanks; b++) {
		const u8 *d = &denied[bank_index(b)], *f = &firm[bank_index(b)];

		n = bank[b].size / PAGE;
		add_edge(bank[b].base);
		add_edge(bank[b].base + n * PAGE);
		for (i = 1; i < n; i++)
			if (d[i] != d[i - 1] || f[i] != f[i - 1])
				add_edge(bank[b].base + i * PAGE);
	}
	for (k = 0; k < fixed.nregions; k++) {
		add_edge(fixed.region[k].base);
		add_edge(fixed.region[k].base + fixed.region[k].size);
	}
	add_edge(window.base);
	add_edge(window.base + window.size);
	count = spec_edges(config.entry, config.n, of_entries);
	for (k = 0; k < count; k++)
		add_edge(of_entries[k]);
}

enum expect {
	EXACT,	 /* the entries say what the table says */
	SUPERSET /* what is denied firmly is denied, whatever else */
};

static void check_byte(u64 pa, enum expect expect)
{
	static const u8 access[] = { R, W, X };
	const struct pmp_region *f = fixed_at(pa);
	u64 i = index_of(pa);
	unsigned int k;

	if (pa >= PA_TOP)
		return;
	for (k = 0; k < 3; k++) {
		bool may = spec_allows(config.entry, config.n, pa, 1, access[k]);

		if (f)
			assert_int_equal(may, (f->perm & access[k]) != 0);
		else if (i < MAX_PAGES && firm[i])
			assert_false(may);
		else if (expect == EXACT)
			assert_true(may);
	}
}

static void check_edges(enum expect expect)
{
	unsigned int i;

	find_edges();
	for (i = 0; i < nedges; i++) {
		check_byte(edges[i] - 1, expect);
		check_byte(edges[i], expect);
		check_byte(edges[i] + 1, expect);
		/* across the edge: an access takes what both sides allow at most */
		if (edges[i] >= 4 && edges[i] + 4 < PA_TOP &&
		    spec_allows(config.entry, config.n, edges[i] - 4, 8, R)) {
			assert_true(spec_allows(config.entry, config.n, edges[i] - 1, 1, R));
			assert_true(spec_allows(config.entry, config.n, edges[i], 1, R));
		}
	}
}

static void check_plan(void)
{
	struct pmp_config front = { 0 };
	unsigned int i;

	assert_true(config.n <= fixed.entries);
	if (plan.nallow && window.size) {
		front.n = 1;
		front.entry[0].addr = window.base >> 2 | (window.size / 8 - 1);
		front.entry[0].cfg = PMP_CFG_NAPOT | R;
	}
	assert_int_equal(pmp_encode(fixed.region, fixed.nregions, fixed.entries, &front), 0);
	assert_int_equal(plan.gate, front.n);
	assert_memory_equal(config.entry, front.entry, front.n * sizeof(front.entry[0]));
	/* open the gate, and all is open behind it that is not fixed */
	assert_int_equal(config.entry[plan.gate].cfg, PMP_CFG_OFF);
	assert_int_equal(config.entry[plan.gate].addr, PMP_ADDR_ALL);
	if (!plan.nallow)
		return;
	assert_true(plan.nallow >= PMP_MIN_ALLOW);
	assert_int_equal(plan.allow, plan.gate + 1);
	assert_true(plan.next < plan.nallow);
	for (i = 0; i < plan.nallow; i++)
		assert_int_equal(config.entry[plan.allow + i].cfg, PMP_CFG_OFF);
}

/* An allow entry has just been filled: it reaches nothing that is denied now. */
static void check_allow(unsigned int index)
{
	u64 first, last;

	assert_true(index >= plan.allow && index < plan.allow + plan.nallow);
	assert_int_equal(config.entry[index].cfg, PMP_CFG_NAPOT | RWX);
	assert_true(spec_range(config.entry, index, &first, &last));
	assert_int_equal(denied_in(first, last < PA_TOP ? last + 1 : PA_TOP), 0);
}

static unsigned long refills, refusals, opens;

static bool is_open(u64 pa)
{
	return pa < PA_TOP && (spec_allows(config.entry, config.n, pa, 1, R) ||
			       spec_allows(config.entry, config.n, pa, 1, X));
}

static void random_refill(void)
{
	u64 pa = random_pa();
	const struct pmp_region *f = fixed_at(pa);
	bool open = is_open(pa), budget = !one_in(4);
	struct pmp_config before;
	struct pmp_plan plan_before = plan;
	int rc;

	memcpy(&before, &config, sizeof(config));
	rc = pmp_plan_refill(&table, &config, &plan, pa, budget);
	if (open || f || !budget || is_denied(pa) || pa >= PA_TOP) {
		opens += open;
		refusals += !open;
		if (open)
			assert_int_equal(rc, 0);
		else
			assert_int_equal(rc, f || pa >= PA_TOP || budget ? PMPTABLE_ESTATE
									 : PMPTABLE_ENOSPC);
		assert_memory_equal(&config, &before, sizeof(config));
		/* but for what it has learned */
		assert_memory_equal(&plan, &plan_before, offsetof(struct pmp_plan, known));
		return;
	}
	refills++;
	assert_true(rc > 0);
	check_allow((unsigned int)rc);
	before.entry[rc] = config.entry[rc];
	assert_memory_equal(&config, &before, sizeof(config));
	pa &= -PAGE;
	if (pa + PAGE <= PA_TOP && !fixed_at(pa) && !fixed_at(pa + PAGE - 1))
		assert_true(spec_allows(config.entry, config.n, pa, PAGE, RWX));
}

/* An exact plan has nothing to fill. */
static void exact_refill(void)
{
	u64 pa = random_pa();
	const struct pmp_region *f = fixed_at(pa);
	int want = f || pa >= PA_TOP ? PMPTABLE_ESTATE : PMPTABLE_ENOSPC;

	assert_int_equal(pmp_plan_refill(&table, &config, &plan, pa, 1), is_open(pa) ? 0 : want);
}

static void derive(void)
{
	/* what was there before is of no account */
	memset(&config, 0, sizeof(config));
	config.n = (unsigned int)below(65);
	memset(&plan, 0xee, sizeof(plan));
	assert_int_equal(pmp_plan_derive(&table, &fixed, &window, &config, &plan), PMPTABLE_OK);
	memcpy(firm, denied, sizeof(firm));
	check_plan();
}

/* Entries that an exact description needs: one or two for each run. */
static unsigned int exact_need(void)
{
	static struct pmptable_range runs[MAX_PAGES];
	int n = pmptable_denied_runs(&table, runs, MAX_PAGES), i;
	unsigned int need = 0;

	for (i = 0; i < n; i++) {
		bool pow2 = !(runs[i].size & (runs[i].size - 1));

		need += pow2 && !(runs[i].base % runs[i].size) ? 1 : 2;
	}
	return need;
}

/* The first denied page and the byte behind the last; false when there is none. */
static bool denied_bounds(u64 *first, u64 *end)
{
	unsigned int b;
	u64 i;

	*end = 0;
	for (b = 0; b < nbanks; b++) {
		for (i = 0; i < bank[b].size / PAGE; i++) {
			if (!denied[bank_index(b) + i])
				continue;
			if (!*end)
				*first = bank[b].base + i * PAGE;
			*end = bank[b].base + (i + 1) * PAGE;
		}
	}
	return *end;
}

static void check_open(u64 pa, u64 first, u64 end)
{
	if (pa >= PA_TOP || fixed_at(pa) || index_of(pa) < MAX_PAGES || (pa >= first && pa < end))
		return;
	assert_true(spec_allows(config.entry, config.n, pa, 1, RWX));
}

static unsigned long covers, one_entry, two_entries;

/*
 * A plan that has just been derived for refills spends few entries on its cover,
 * and lets the host reach devices without a fault; unless it denies everything,
 * which it may when nothing else would leave enough entries to fill.
 */
static void check_new_refill_plan(void)
{
	unsigned int from = plan.allow + plan.nallow, rest = config.n - 1, i;
	u64 first, end, at, last;

	assert_int_equal(config.n, fixed.entries);
	assert_true(denied_bounds(&first, &end));
	if (rest == from) {
		assert_true(plan.nallow < PMP_MIN_ALLOW + 2);
		return;
	}
	covers++;
	find_edges();
	for (i = 0; i < nedges; i++) {
		check_open(edges[i] - 1, first, end);
		check_open(edges[i], first, end);
	}
	for (i = from; i < rest; i++) {
		assert_int_equal(config.entry[i].cfg & RWX, 0);
		if (!spec_range(config.entry, i, &at, &last))
			continue;
		if (i > from && config.entry[i - 1].cfg == PMP_CFG_OFF) {
			two_entries++;
			/* one block of that size is what it is not */
			assert_true(at % (last - at + 1) || (last - at) & (last - at + 1));
		} else {
			one_entry++;
		}
	}
}

static unsigned long exact, refilled, impossible;

static void one_plan(unsigned int entries)
{
	unsigned int i, k, free;

	random_fixed(entries);
	if (!pmp_plan_possible(&fixed, &window)) {
		impossible++;
		assert_true(pmp_encode_count(fixed.region, fixed.nregions) + !!window.size + 2 +
				    PMP_MIN_ALLOW >
			    entries);
		assert_int_equal(pmp_plan_derive(&table, &fixed, &window, &config, &plan),
				 PMPTABLE_ENOSPC);
		return;
	}
	random_changes();
	model_sum();
	derive();
	free = entries - plan.gate - 2;
	if (!plan.nallow) {
		exact++;
		check_edges(EXACT);
		for (i = 0; i < 12; i++)
			exact_refill();
		return;
	}
	refilled++;
	assert_true(exact_need() > free + !!window.size);
	check_edges(SUPERSET);
	check_new_refill_plan();
	for (k = 0; k < 4; k++) {
		for (i = 0; i < 12; i++)
			random_refill();
		check_edges(SUPERSET);
		/* the table changes, the entries do not follow */
		random_change();
		random_change();
		model_sum();
	}
	derive();
	if (plan.nallow) {
		check_edges(SUPERSET);
		check_new_refill_plan();
	} else {
		check_edges(EXACT);
	}
}

static void test_plans(void **state)
{
	static const unsigned int entries[] = { 16, 8, 64 };
	void *mem = NULL;
	unsigned int round;

	(void)state;
	rng = unit_seed(2);
	for (round = 0; round < 1200; round++) {
		new_table(&mem);
		one_plan(round % 4 < 3 ? entries[round % 4] : 2 + (unsigned int)below(63));
	}
	free(mem);
	print_message("# %lu exact, %lu refilled (%lu refills, %lu refused), %lu impossible\n",
		      exact, refilled, refills, refusals, impossible);
	assert_true(exact > 200 && refilled > 200 && impossible > 20);
	print_message("# %lu open already\n", opens);
	print_message("# %lu with a cover, %lu ranges in one entry, %lu in two\n", covers,
		      one_entry, two_entries);
	assert_true(refills > 4000 && refusals > 1000 && opens > 200);
	assert_true(covers > 100 && one_entry > 50 && two_entries > 20);
}

/* Every plan that is not exact opens every page of the host, one after the other. */
static void test_refill_reaches_all(void **state)
{
	static const unsigned int entries[] = { 8, 16, 64 };
	void *mem = NULL;
	unsigned int round;
	u64 i;

	(void)state;
	rng = unit_seed(3);
	for (round = 0; round < 60; round++) {
		unsigned int b;

		new_table(&mem);
		random_changes();
		random_changes();
		model_sum();
		fixed = (struct pmp_fixed){ .entries = entries[round % 3] };
		window = (struct pmp_region){ 0 };
		derive();
		for (b = 0; b < nbanks; b++) {
			for (i = 0; i < bank[b].size / PAGE; i++) {
				u64 pa = bank[b].base + i * PAGE;
				bool want = !denied[bank_index(b) + i];

				if (!spec_allows(config.entry, config.n, pa, PAGE, RWX) &&
				    plan.nallow)
					assert_int_equal(
						pmp_plan_refill(&table, &config, &plan, pa, 1) > 0,
						want);
				assert_int_equal(spec_allows(config.entry, config.n, pa, PAGE, RWX),
						 want);
			}
		}
	}
	free(mem);
}

/* The smallest block that holds [lo, hi), tried one after the other. */
static struct pmptable_range block_around(u64 lo, u64 hi)
{
	struct pmptable_range r = { lo, PAGE };

	while (r.base + r.size < hi) {
		r.size *= 2;
		r.base = lo / r.size * r.size;
	}
	return r;
}

/* A range is rounded out to one block where that is RAM and at most eight times as large. */
static void test_cover_is_one_entry(void **state)
{
	static const struct pmptable_range banks[] = { { 0x80000000UL, 64 * BLOCK },
						       { 0x84000000UL, 56 * BLOCK },
						       { 0x80003000UL, 50 * BLOCK } };
	unsigned int round, i, widened = 0, too_large = 0, no_ram = 0;

	(void)state;
	rng = unit_seed(4);
	fixed = (struct pmp_fixed){ .entries = 11 };
	window = (struct pmp_region){ 0 };
	for (round = 0; round < 900; round++) {
		const struct pmptable_range *ram = &banks[below(3)];
		u64 size = pmptable_memory_size(ram, 1), end = ram->base + ram->size;
		void *mem = aligned_alloc(PAGE, size);
		u64 lo = (ram->base + below(ram->size)) & -BLOCK, hi, pa[12];
		struct pmptable_range want;
		bool one;

		assert_int_equal(pmptable_init(&table, ram, 1, mem, size), PMPTABLE_OK);
		hi = lo + (1 + below(one_in(2) ? 3 : (end - lo) / BLOCK + 1)) * BLOCK;
		lo = lo < ram->base ? ram->base : lo;
		hi = hi > end ? end : hi;
		for (i = 0; i < 12; i++) {
			/* one at either end, so that [lo, hi) is what they fill */
			pa[i] = (i == 0 ? lo : i == 1 ? hi - PAGE : lo + below(hi - lo)) & -PAGE;
			pmptable_deny(&table, pa[i], 1); /* or it is denied already */
		}
		assert_int_equal(pmp_plan_derive(&table, &fixed, &window, &config, &plan), 0);
		if (!plan.nallow) {
			free(mem);
			continue;
		}
		want = block_around(lo, hi);
		one = want.size <= 8 * (hi - lo) && want.base >= ram->base &&
		      want.base + want.size <= end;
		widened += one && want.size > hi - lo;
		too_large += want.size > 8 * (hi - lo);
		no_ram += want.size <= 8 * (hi - lo) && !one;
		/* of 11 entries one is the gate and one the rest */
		assert_int_equal(plan.nallow, one ? 8 : 7);
		if (!one)
			want = (struct pmptable_range){ lo, hi - lo };
		for (i = 0; i < 12; i++)
			assert_false(spec_allows(config.entry, config.n, pa[i], 1, R));
		assert_false(spec_allows(config.entry, config.n, want.base, PAGE, R));
		assert_false(
			spec_allows(config.entry, config.n, want.base + want.size - PAGE, PAGE, R));
		assert_true(spec_allows(config.entry, config.n, want.base - 4, 4, RWX));
		assert_true(spec_allows(config.entry, config.n, want.base + want.size, 4, RWX));
		free(mem);
	}
	print_message("# %u widened, %u too large, %u not RAM\n", widened, too_large, no_ram);
	assert_true(widened > 100 && too_large > 20 && no_ram > 50);
}

/* Fixed regions may be so many that nothing is left; no number of entries goes wrong. */
static void test_possible(void **state)
{
	const struct pmptable_range one = { 0x80000000UL, 64 * PAGE };
	u64 size = pmptable_memory_size(&one, 1);
	void *mem = aligned_alloc(PAGE, size);
	unsigned int entries, n;

	(void)state;
	assert_int_equal(pmptable_init(&table, &one, 1, mem, size), PMPTABLE_OK);
	for (entries = 0; entries <= 70; entries++) {
		for (n = 0; n <= 32; n++) {
			unsigned int i, more = one_in(2);

			window = (struct pmp_region){ 1UL << 30, more * 64 * PAGE, 0 };
			fixed = (struct pmp_fixed){ .nregions = n, .entries = entries };
			for (i = 0; i < n; i++)
				fixed.region[i] = (struct pmp_region){ (2 * i + 1) << 20, PAGE, 0 };
			assert_int_equal(pmp_plan_possible(&fixed, &window),
					 entries <= 64 &&
						 more + n + 1 + PMP_MIN_ALLOW + 1 <= entries);
			if (entries <= 64)
				assert_int_equal(
					!pmp_plan_derive(&table, &fixed, &window, &config, &plan),
					pmp_plan_possible(&fixed, &window));
		}
	}
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summaries),
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_refill_reaches_all),
		cmocka_unit_test(test_cover_is_one_entry),
		cmocka_unit_test(test_possible),
	};

	return cmocka_run_group_tests_name("pmp_plan", tests, NULL, NULL);
}
