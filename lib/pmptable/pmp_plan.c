// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP policy: the entries as a software-managed TLB of the table. Exact
 * while the denied ranges are few enough, else a superset is denied and faults
 * fill entries for what the table grants.
 */
#include <pmptable/pmp.h>

#define RWX	   (PMP_CFG_R | PMP_CFG_W | PMP_CFG_X)
#define ROOMY	   10
#define VERY_ROOMY 20
#define WIDER	   8 /* times its size that a range may deny to save an entry */

static void put(struct pmp_config *config, u64 addr, u8 cfg)
{
	config->entry[config->n].addr = addr;
	config->entry[config->n].cfg = cfg;
	config->n++;
}

static bool has_window(const struct pmp_region *window)
{
	return window && window->size;
}

static int put_window(const struct pmp_region *window, unsigned int entries,
		      struct pmp_config *config)
{
	struct pmp_region tables;

	if (!has_window(window))
		return PMPTABLE_OK;
	tables = *window;
	tables.perm = PMP_CFG_R;
	return pmp_encode(&tables, 1, entries, config);
}

static void forget_known(struct pmp_plan *plan)
{
	unsigned int i;

	/*@ loop invariant 0 <= i <= 4;
	    loop assigns i, plan->known[0 .. 3];
	    loop variant 4 - i; */
	for (i = 0; i < PMP_KNOWN; i++)
		plan->known[i].size = 0;
	plan->next_known = 0;
}

/* The window and fixed regions. */
static int put_first(const struct pmp_fixed *fixed, const struct pmp_region *window,
		     struct pmp_config *config)
{
	int rc;

	config->n = 0;
	if (put_window(window, fixed->entries, config))
		return PMPTABLE_ENOSPC;
	/*@ ghost Window: ; */
	/*@ assert number: fixed->nregions == \at(fixed->nregions, Pre) &&
	      fixed->entries == \at(fixed->entries, Pre); */
	/*@ assert regions: same_regions{Pre, Here}(&fixed->region[0], fixed->nregions); */
	/*@ assert same: \forall integer p; fixed_says{Pre}(fixed, p) ==> fixed_says(fixed, p); */
	rc = pmp_encode(fixed->region, fixed->nregions, fixed->entries, config);
	/*@ assert kept: same_entries{Window, Here}(&config->entry[0], \at(config->n, Window)); */
	/*@ assert window: !window_holds{Pre}(window) ==>
	      verdict(&config->entry[0], 0, \at(config->n, Window), word, -1); */
	/*@ assert fixed: !window_holds{Pre}(window) && rc == 0 ==> \forall integer p;
	      fixed_says{Pre}(fixed, p) ==> verdict(&config->entry[0], 0, config->n, word, p); */
	/*@ assert still: fixed->entries == \at(fixed->entries, Window) &&
	      fixed->nregions == \at(fixed->nregions, Window); */
	/*@ assert regions: same_regions{Here, Window}(&fixed->region[0], fixed->nregions); */
	return rc;
}

static void start(struct pmp_plan *plan, unsigned int gate)
{
	plan->gate = gate;
	plan->allow = 0;
	plan->nallow = 0;
	plan->next = 0;
	forget_known(plan);
}

static void put_gate(struct pmp_config *config, struct pmp_plan *plan)
{
	start(plan, config->n);
	/*@ assert behind: same_entries{Pre, Here}(&config->entry[0], config->n); */
	/*@ ghost Gate: ; */
	put(config, PMP_ADDR_ALL, PMP_CFG_OFF);
	/*@ assert known: plan->next_known == 0; */
	/*@ assert n: config->n == plan->gate + 1 && plan->gate == \at(config->n, Pre); */
	/*@ assert same: same_entries{Gate, Here}(&config->entry[0], plan->gate); */
	/*@ assert before: same_entries{Pre, Here}(&config->entry[0], plan->gate); */
	/*@ assert gate: !hit(&config->entry[0], plan->gate, word); */
	/*@ assert stays: front_stays{Pre, Here}(&config->entry[0], plan->gate); */
}

/* The window, fixed regions and the gate. Return: entries that are free, but for the rest's. */
static unsigned int put_fixed(const struct pmp_fixed *fixed, const struct pmp_region *window,
			      struct pmp_config *config, struct pmp_plan *plan)
{
	if (put_first(fixed, window, config) || config->n + 2 > fixed->entries)
		return 0;
	/*@ assert apart: \forall integer k; 0 <= k < 32 ==>
	      \separated(&fixed->region[k].base, plan, config) &&
	      \separated(&fixed->region[k].size, plan, config); */
	/*@ ghost First: ; */
	put_gate(config, plan);
	/*@ assert number: fixed->entries == \at(fixed->entries, First) &&
	      fixed->nregions == \at(fixed->nregions, First); */
	/*@ assert base: \forall integer k; 0 <= k < fixed->nregions ==>
	      fixed->region[k].base == \at(fixed->region[k].base, First); */
	/*@ assert size: \forall integer k; 0 <= k < fixed->nregions ==>
	      fixed->region[k].size == \at(fixed->region[k].size, First); */
	/*@ assert perm: \forall integer k; 0 <= k < fixed->nregions ==>
	      fixed->region[k].perm == \at(fixed->region[k].perm, First); */
	/*@ assert regions: same_regions{Here, First}(&fixed->region[0], fixed->nregions); */
	return fixed->entries - config->n - 1;
}

bool pmp_plan_possible(const struct pmp_fixed *fixed, const struct pmp_region *window)
{
	struct pmp_config config;
	struct pmp_plan plan;

	return fixed->entries <= PMP_MAX_ENTRIES &&
	       put_fixed(fixed, window, &config, &plan) >= PMP_MIN_ALLOW;
}

static void deny(struct pmp_region *region, const struct pmptable_range *range)
{
	region->base = range->base;
	region->size = range->size;
	region->perm = 0;
}

/* @n regions, for which @region has room for one more: the rest. */
static int put_regions(struct pmp_config *config, unsigned int entries, struct pmp_region *region,
		       unsigned int n, u8 rest)
{
	int rc;

	region[n].base = 0;
	region[n].size = 0;
	region[n].perm = rest;
	/*@ ghost first_denied(region, n); */
	/*@ assert same: same_regions{Pre, Here}(region, n); */
	/*@ assert some: in_some{Pre}(region, n, word) ==> in_some(region, n, word); */
	/*@ assert none: !in_some{Pre}(region, n, word) ==> !in_some(region, n, word); */
	/*@ assert whole: in_region(&region[n], word) && region[n].perm == rest; */
	/*@ assert open: !in_some(region, n, word) ==> decides(region, n + 1, word, rest); */
	/*@ assert denied: in_some(region, n, word) ==> decides(region, n + 1, word, 0); */
	/*@ assert addrs: \forall integer k; 0 <= k < 64 ==>
	      config->entry[k].addr == \at(config->entry[k].addr, Pre); */
	/*@ assert cfgs: \forall integer k; 0 <= k < 64 ==>
	      config->entry[k].cfg == \at(config->entry[k].cfg, Pre); */
	/*@ ghost Encode: ; */
	/*@ assert tor: config->n != 0 && config->n <= 64 ==>
	      (tor(&config->entry[config->n - 1]) <==>
	       \at(tor(&config->entry[config->n - 1]), Pre)); */
	rc = pmp_encode(region, n + 1, entries, config);
	/*@ assert kept: \forall integer k; 0 <= k < \at(config->n, Pre) && k < 64 ==>
	      config->entry[k].addr == \at(config->entry[k].addr, Encode) &&
	      config->entry[k].cfg == \at(config->entry[k].cfg, Encode); */
	/*@ assert closed: rc == 0 && in_some{Encode}(region, n, word) ==>
	      verdict(&config->entry[0], \at(config->n, Pre), config->n, word, 0); */
	/*@ assert rest: rc == 0 && !in_some{Encode}(region, n, word) ==>
	      verdict(&config->entry[0], \at(config->n, Pre), config->n, word, rest); */
	/*@ assert before: same_entries{Pre, Here}(&config->entry[0], \at(config->n, Pre)); */
	return rc;
}

static int put_exact(const struct pmptable *t, struct pmp_config *config, unsigned int entries,
		     unsigned int free)
{
	struct pmptable_range run[PMP_MAX_ENTRIES - 1];
	struct pmp_region region[PMP_MAX_ENTRIES];
	int n = pmptable_denied_runs(t, run, free);
	int i;

	/*@ loop invariant 0 <= i && (i <= n || n < 0);
	    loop invariant perm: \forall integer k; 0 <= k < i ==> region[k].perm == 0;
	    loop invariant base: \forall integer k; 0 <= k < i ==> region[k].base == run[k].base;
	    loop invariant size: \forall integer k; 0 <= k < i ==> region[k].size == run[k].size;
	    loop assigns i, region[0 .. 63];
	    loop variant n - i; */
	for (i = 0; i < n; i++)
		deny(&region[i], &run[i]);
	/*@ assert all: n > 0 && in_ranges(&run[0], n) ==> in_some(&region[0], n, word); */
	/*@ assert number: config->n == \at(config->n, Pre); */
	/*@ assert addrs: \forall integer k; 0 <= k < 64 ==>
	      config->entry[k].addr == \at(config->entry[k].addr, Pre); */
	/*@ assert cfgs: \forall integer k; 0 <= k < 64 ==>
	      config->entry[k].cfg == \at(config->entry[k].cfg, Pre); */
	/*@ assert same: same_entries{Pre, Here}(&config->entry[0], config->n); */
	/*@ assert front: front_stays{Pre, Here}(&config->entry[0], config->n); */
	return n < 0 ? n : put_regions(config, entries, region, (unsigned int)n, RWX);
}

/* How many ranges may be denied when there are @free entries, to leave enough for faults. */
static unsigned int cover_ranges(unsigned int free)
{
	if (free >= VERY_ROOMY)
		return PMPTABLE_MAX_COVER;
	if (free >= ROOMY)
		return 2;
	return free > PMP_MIN_ALLOW ? 1 : 0;
}

/* A range that needs two entries becomes one NAPOT block, if that is RAM and not much larger. */
static void widen(const struct pmptable *t, struct pmptable_range *r)
{
	u64 diff = r->base ^ (r->base + r->size - 1);
	u64 size = PMPTABLE_PAGE_SIZE;

	/*@ ghost below_limit(r->base, r->size); */
	/*@ loop invariant 4096 <= size <= 2 * 0x100000000000000;
	    loop invariant (size & (unsigned long)(size - 1)) == 0;
	    loop assigns size;
	    loop variant 2 * 0x100000000000000 - size; */
	while (size <= diff) {
		/*@ ghost twice(size); */
		size *= 2;
	}
	/*@ ghost block_around(r->base, r->size, size); */
	if (size / WIDER > r->size || !pmptable_is_ram(t, r->base & -size, size))
		return;
	r->base &= -size;
	r->size = size;
}

/* Blocks overlap only when one holds the other. Return: how many regions. */
static unsigned int add_region(struct pmp_region *region, unsigned int n,
			       const struct pmptable_range *r)
{
	/*@ loop invariant 0 <= n <= \at(n, Pre);
	    loop invariant all: in_some(region, \at(n, Pre), word) && 4 * word < r->base + r->size
	   ==> in_some(region, n, word) || in_range(r);
	    loop assigns n;
	    loop variant n; */
	while (n && region[n - 1].base >= r->base)
		n--;
	if (!n || region[n - 1].base + region[n - 1].size < r->base + r->size)
		deny(&region[n++], r);
	return n;
}

/* What covers all denied pages, in the fewest entries. Return: how many regions. */
static unsigned int cover_regions(const struct pmptable *t, struct pmp_region *region,
				  unsigned int max)
{
	struct pmptable_range cover[PMPTABLE_MAX_COVER];
	unsigned int i, count, n = 0;

	count = pmptable_denied_cover(t, cover, max);
	/*@ ghost Cover: ; */
	/*@ loop invariant 0 <= i <= count && n <= i;
	    loop invariant base: \forall integer k; i <= k < count ==>
	      cover[k].base == \at(cover[k].base, Cover);
	    loop invariant size: \forall integer k; i <= k < count ==>
	      cover[k].size == \at(cover[k].size, Cover);
	    loop invariant regions: denials(region, n);
	    loop invariant all: in_ranges{Cover}(&cover[0], i) ==> in_some(region, n, word);
	    loop assigns i, n, cover[0 .. 3], region[0 .. max - 1];
	    loop variant count - i; */
	for (i = 0; i < count; i++) {
		/*@ assert before: in_ranges{Cover}(&cover[0], i) ==> 4 * word < cover[i].base; */
		/*@ ghost Widen: ; */
		widen(t, &cover[i]);
		/*@ assert regions: denials(region, n); */
		/*@ assert old: in_some{Widen}(region, n, word) ==> in_some(region, n, word); */
		/*@ assert new: in_range{Cover}(&cover[i]) ==> in_range(&cover[i]); */
		/*@ assert rest: \forall integer k; i < k < count ==>
		      cover[k].base == \at(cover[k].base, Cover); */
		/*@ assert sizes: \forall integer k; i < k < count ==>
		      cover[k].size == \at(cover[k].size, Cover); */
		/*@ ghost Add: ; */
		n = add_region(region, n, &cover[i]);
		/*@ assert all: in_ranges{Cover}(&cover[0], i + 1) ==> in_some(region, n, word); */
		/*@ assert rest: \forall integer k; i < k < count ==>
		      cover[k].base == \at(cover[k].base, Cover); */
	}
	return n;
}

/* @n entries that are off, for faults to fill. */
static void put_allow(struct pmp_config *config, struct pmp_plan *plan, unsigned int n)
{
	unsigned int i;

	plan->allow = config->n;
	plan->nallow = n;
	/*@ loop invariant n: 0 <= i <= n && config->n == \at(config->n, Pre) + i;
	    loop invariant addrs: \forall integer k; 0 <= k < \at(config->n, Pre) ==>
	      config->entry[k].addr == \at(config->entry[k].addr, Pre);
	    loop invariant cfgs: \forall integer k; 0 <= k < \at(config->n, Pre) ==>
	      config->entry[k].cfg == \at(config->entry[k].cfg, Pre);
	    loop invariant off: \forall integer k; \at(config->n, Pre) <= k < config->n ==>
	      config->entry[k].cfg == 0;
	    loop assigns i, config->n, config->entry[0 .. 63];
	    loop variant n - i; */
	for (i = 0; i < n; i++)
		put(config, 0, PMP_CFG_OFF);
	/*@ assert same: same_entries{Pre, Here}(&config->entry[0], \at(config->n, Pre)); */
	/*@ assert before: \forall integer k; 0 <= k < plan->allow &&
	      !hit{Pre}(&config->entry[0], k, word) ==> !hit(&config->entry[0], k, word); */
	/*@ assert new: \forall integer k; plan->allow <= k < config->n ==>
	      !hit(&config->entry[0], k, word); */
}

static int put_cover(const struct pmptable *t, struct pmp_config *config, struct pmp_plan *plan,
		     unsigned int entries, unsigned int free)
{
	struct pmp_region region[PMPTABLE_MAX_COVER + 1];
	unsigned int max = cover_ranges(free);
	unsigned int n = max ? cover_regions(t, region, max) : 0;
	unsigned int used = pmp_encode_count(region, n);
	u8 rest = max ? RWX : 0;
	int rc;

	if (free < used + PMP_MIN_ALLOW) {
		n = 0;
		used = 0;
		rest = 0;
	}
	/*@ assert perm: \forall integer k; 0 <= k < n ==> region[k].perm == 0; */
	/*@ assert deny: rest == 0 || (denied(t) ==> in_some(&region[0], n, word)); */
	/*@ assert room: used <= free && n <= 4; */
	/*@ assert entries: same_entries{Pre, Here}(&config->entry[0], config->n); */
	/*@ assert front: front_stays{Pre, Here}(&config->entry[0], config->n); */
	/*@ ghost Cover: ; */
	put_allow(config, plan, free - used);
	/*@ assert base: same_regions{Cover, Here}(&region[0], n); */
	/*@ assert perm: \forall integer k; 0 <= k < n ==> region[k].perm == 0; */
	/*@ assert deny: rest == 0 || (denied(t) ==> in_some(&region[0], n, word)); */
	/*@ assert allow: says{Pre}(&config->entry[0], 0, plan->gate, word, 0) ==>
	      says(&config->entry[0], 0, plan->gate, word, 0); */
	/*@ ghost Allow: ; */
	rc = put_regions(config, entries, region, n, rest);
	/*@ assert kept: same_entries{Allow, Here}(&config->entry[0], \at(config->n, Allow)); */
	/*@ assert off: \forall integer k; plan->allow <= k < plan->allow + plan->nallow ==>
	      config->entry[k].cfg == 0; */
	/*@ assert behind: rc == 0 && plan->nallow != 0 ==>
	      !tor(&config->entry[plan->allow + plan->nallow]); */
	/*@ assert refused: rc == 0 && denied(t) ==>
	      says(&config->entry[0], \at(config->n, Allow), config->n, word, 0); */
	/*@ assert fixed: says{Pre}(&config->entry[0], 0, plan->gate, word, 0) ==>
	      says(&config->entry[0], 0, plan->gate, word, 0); */
	/*@ assert none: !hit_some{Pre}(&config->entry[0], 0, \at(config->n, Pre), word) ==>
	      verdict(&config->entry[0], 0, \at(config->n, Allow), word, -1); */
	return rc;
}

/* A plan in which faults fill entries, behind what put_fixed() has put for no window. */
static int put_refill(const struct pmptable *t, const struct pmp_fixed *fixed,
		      const struct pmp_region *window, struct pmp_config *config,
		      struct pmp_plan *plan, unsigned int free)
{
	if (has_window(window))
		free = put_fixed(fixed, window, config, plan);
	if (free < PMP_MIN_ALLOW)
		return PMPTABLE_ENOSPC;
	/*@ assert entries: fixed->entries == \at(fixed->entries, Pre); */
	/*@ assert says: !window_holds{Pre}(window) && fixed_says{Pre}(fixed, 0) ==>
	      says(&config->entry[0], 0, plan->gate, word, 0); */
	/*@ assert none: !window_holds{Pre}(window) && fixed_says{Pre}(fixed, -1) ==>
	      !hit_some(&config->entry[0], 0, config->n, word); */
	return put_cover(t, config, plan, fixed->entries, free);
}

int pmp_plan_derive(const struct pmptable *t, const struct pmp_fixed *fixed,
		    const struct pmp_region *window, struct pmp_config *config,
		    struct pmp_plan *plan)
{
	unsigned int free = put_fixed(fixed, NULL, config, plan);

	if (free < PMP_MIN_ALLOW + (has_window(window) ? 1 : 0))
		return PMPTABLE_ENOSPC;
	/*@ ghost Fixed: ; */
	/*@ assert place: window != \null ==> window->base == \at(window->base, Pre); */
	/*@ assert length: window != \null ==> window->size == \at(window->size, Pre); */
	/*@ assert number: fixed->entries == \at(fixed->entries, Pre) &&
	      fixed->nregions == \at(fixed->nregions, Pre); */
	if (!put_exact(t, config, fixed->entries, free)) {
		/*@ assert same: same_entries{Fixed, Here}(&config->entry[0],
		      \at(config->n, Fixed)); */
		/*@ assert fixed: fixed_says{Pre}(fixed, 0) ==>
		      says(&config->entry[0], 0, config->n, word, 0); */
		/*@ assert before: fixed_says{Pre}(fixed, -1) ==>
		      verdict(&config->entry[0], 0, \at(config->n, Fixed), word, -1); */
		/*@ assert exact: fixed_says{Pre}(fixed, -1) && denied(t) ==>
		      says(&config->entry[0], 0, config->n, word, 0); */
		return PMPTABLE_OK;
	}
	/*@ assert still: fixed->entries == \at(fixed->entries, Pre) &&
	      fixed->nregions == \at(fixed->nregions, Pre); */
	/*@ assert base: \forall integer k; 0 <= k < fixed->nregions ==>
	      fixed->region[k].base == \at(fixed->region[k].base, Fixed); */
	/*@ assert size: \forall integer k; 0 <= k < fixed->nregions ==>
	      fixed->region[k].size == \at(fixed->region[k].size, Fixed); */
	/*@ assert perm: \forall integer k; 0 <= k < fixed->nregions ==>
	      fixed->region[k].perm == \at(fixed->region[k].perm, Fixed); */
	/*@ assert regions: same_regions{Here, Fixed}(&fixed->region[0], fixed->nregions); */
	/*@ assert since: same_regions{Here, Pre}(&fixed->region[0], fixed->nregions); */
	/*@ assert fixed: \forall integer p; fixed_says(fixed, p) ==> fixed_says{Pre}(fixed, p); */
	/*@ assert same: same_regions{Pre, Here}(&fixed->region[0], fixed->nregions); */
	/*@ assert then: \forall integer p; fixed_says{Pre}(fixed, p) ==> fixed_says(fixed, p); */
	/*@ assert place: window != \null ==> window->base == \at(window->base, Fixed); */
	/*@ assert length: window != \null ==> window->size == \at(window->size, Fixed); */
	/*@ assert window: window_holds(window) ==> window_holds{Pre}(window); */
	/*@ assert refused: refused{Pre}(t, fixed, window) ==> refused(t, fixed, window); */
	return put_refill(t, fixed, window, config, plan, free);
}

/* Does an entry match @page, an address >> 2? @first: none is before it. */
static inline bool matches(const struct pmp_entry *e, const struct pmp_entry *first, u64 page)
{
	u8 mode = e->cfg & PMP_CFG_NAPOT;

	if (mode == PMP_CFG_OFF)
		return false;
	if (mode == PMP_CFG_NAPOT)
		return !((page ^ e->addr) & ~(e->addr ^ (e->addr + 1)));
	return page < e->addr && (e == first || page >= e[-1].addr);
}

/* What do the entries say of @page, but those that faults have filled? */
static enum pmp_decision decide(const struct pmp_config *config, const struct pmp_plan *plan,
				u64 page)
{
	const struct pmp_entry *first = config->entry, *end = first + config->n;
	unsigned int i;

	/*@ loop invariant 0 <= i <= plan->gate;
	    loop assigns i;
	    loop variant plan->gate - i; */
	for (i = 0; i < plan->gate; i++) {
		if (matches(&first[i], first, page))
			return first[i].cfg & RWX ? PMP_OPEN : PMP_FIXED;
	}
	/*@ loop invariant 0 <= i;
	    loop assigns i;
	    loop variant config->n - i; */
	for (i += 1 + plan->nallow; first + i < end; i++) {
		if (matches(&first[i], first, page))
			return first[i].cfg & RWX ? PMP_OPEN : PMP_DENIED;
	}
	return PMP_DENIED;
}

/* [@lo, @hi) around @page becomes the part of it on this side of @at. */
static void cut(u64 *lo, u64 *hi, u64 page, u64 at)
{
	if (at > page)
		*hi = at < *hi ? at : *hi;
	else
		*lo = at > *lo ? at : *lo;
}

/* Between two bounds of entries the same one decides. Filled entries only grant. */
static const struct pmp_known *learn(const struct pmp_config *config, struct pmp_plan *plan,
				     u64 page)
{
	struct pmp_known *known = &plan->known[plan->next_known];
	u64 lo = 0, hi = 1UL << (PMPTABLE_PA_BITS - 2);
	unsigned int i;

	/*@ loop invariant 0 <= i;
	    loop assigns i, lo, hi;
	    loop variant config->n - i; */
	for (i = 0; i < config->n; i++) {
		const struct pmp_entry *e = &config->entry[i];

		if (i == plan->gate)
			i += plan->nallow;
		else if ((e->cfg & PMP_CFG_NAPOT) != PMP_CFG_NAPOT)
			cut(&lo, &hi, page, e->addr);
		else {
			cut(&lo, &hi, page, e->addr & (e->addr + 1));
			cut(&lo, &hi, page, (e->addr | (e->addr + 1)) + 1);
		}
	}
	/*@ assert outside: \separated(known, &plan->gate, &plan->allow); */
	/*@ assert outside: \separated(known, &plan->nallow, &plan->next); */
	*known = (struct pmp_known){ lo << 2, (hi - lo) << 2, decide(config, plan, page) };
	plan->next_known = (plan->next_known + 1) % PMP_KNOWN;
	/*@ assert fields: plan->gate == \at(plan->gate, Pre) &&
	      plan->allow == \at(plan->allow, Pre) && plan->nallow == \at(plan->nallow, Pre) &&
	      plan->next == \at(plan->next, Pre); */
	/*@ assert next: plan->next_known < 4; */
	/*@ assert same: same_entries{Pre, Here}(&config->entry[0], config->n); */
	/*@ assert shape: plan_shape(config, plan); */
	/*@ assert closed: closed{Pre}(&config->entry[0], config->n) ==>
	      closed(&config->entry[0], config->n); */
	/*@ assert says: says{Pre}(&config->entry[0], 0, plan->gate, word, 0) ==>
	      says(&config->entry[0], 0, plan->gate, word, 0); */
	/*@ assert none: none_filled{Pre}(config, plan) ==> none_filled(config, plan); */
	return known;
}

static inline enum pmp_decision known_decision(const struct pmp_config *config,
					       struct pmp_plan *plan, u64 pa)
{
	const struct pmp_known *known = plan->known, *end = known + PMP_KNOWN;

	/*@ ghost unsigned int i = 0; */
	/*@ loop invariant 0 <= i < 4 && known == &plan->known[i];
	    loop assigns i, known;
	    loop variant 4 - i; */
	do {
		/*@ ghost i++; */
		if (pa - known->base < known->size)
			return known->decision;
	} while (++known < end);
	return learn(config, plan, pa >> 2)->decision;
}

/* Is it in one of the entries that faults have filled? These are NAPOT, or off. */
static inline bool is_filled(const struct pmp_config *config, const struct pmp_plan *plan, u64 page)
{
	const struct pmp_entry *e = config->entry + plan->allow, *end = e + plan->nallow;

	/*@ ghost unsigned int i = 0; */
	/*@ loop invariant 0 <= i <= plan->nallow && e == &config->entry[plan->allow + i];
	    loop assigns i, e;
	    loop variant plan->nallow - i; */
	for (; e < end; e++) {
		/*@ ghost i++; */
		if (!((page ^ e->addr) & ~(e->addr ^ (e->addr + 1))) && e->cfg)
			return true;
	}
	return false;
}

/* Entry @i grants all of a block. */
static void allow_block(struct pmp_config *config, unsigned int i,
			const struct pmptable_range *block)
{
	/*@ ghost napot_block(block->base, block->size); */
	config->entry[i].addr = block->base >> 2 | ((block->size >> 3) - 1);
	config->entry[i].cfg = PMP_CFG_NAPOT | RWX;
	/*@ assert new: mode(&config->entry[i]) == 3 && perm(&config->entry[i]) == 7; */
	/*@ assert addrs: \forall integer k; 0 <= k < config->n && k != i ==>
	      config->entry[k].addr == \at(config->entry[k].addr, Pre); */
	/*@ assert cfgs: \forall integer k; 0 <= k < config->n && k != i ==>
	      config->entry[k].cfg == \at(config->entry[k].cfg, Pre); */
	/*@ assert behind: !tor(&config->entry[i + 1]); */
}

static int fill(const struct pmptable *t, struct pmp_config *config, struct pmp_plan *plan, u64 pa)
{
	unsigned int i = plan->allow + plan->next;
	struct pmptable_range block;
	bool open = pmptable_open_block(t, pa, &block);

	/*@ assert entries: same_entries{Pre, Here}(&config->entry[0], config->n); */
	/*@ assert closed: closed{Pre}(&config->entry[0], config->n) ==>
	      closed(&config->entry[0], config->n); */
	/*@ assert says: says{Pre}(&config->entry[0], 0, plan->gate, word, 0) ==>
	      says(&config->entry[0], 0, plan->gate, word, 0); */
	/*@ assert none: none_filled{Pre}(config, plan) ==> none_filled(config, plan); */
	/*@ assert same: plan_closed{Pre}(t, config, plan) ==> plan_closed(t, config, plan); */
	/*@ assert shape: plan_shape(config, plan); */
	if (!open)
		return PMPTABLE_ESTATE;
	/*@ assert place: plan->allow <= i < plan->allow + plan->nallow < config->n <= 64; */
	/*@ assert tors: \forall integer k; plan->allow <= k < plan->allow + plan->nallow ==>
	      !tor(&config->entry[k]); */
	/*@ assert behind: !tor(&config->entry[plan->allow + plan->nallow]); */
	/*@ assert last: i + 1 <= plan->allow + plan->nallow; */
	/*@ assert then: !tor(&config->entry[i + 1]); */
	/*@ ghost Fill: ; */
	allow_block(config, i, &block);
	/*@ assert table: denied(t) && none_filled{Fill}(config, plan) ==>
	      none_filled(config, plan); */
	/*@ assert table_closed: denied(t) && none_filled{Fill}(config, plan) &&
	      closed{Fill}(&config->entry[0], config->n) ==>
	      closed(&config->entry[0], config->n); */
	/*@ assert before: same_entries{Fill, Here}(&config->entry[0], plan->gate); */
	/*@ assert fixed: says{Fill}(&config->entry[0], 0, plan->gate, word, 0) ==>
	      says(&config->entry[0], 0, plan->gate, word, 0); */
	/*@ assert fixed_closed: says{Fill}(&config->entry[0], 0, plan->gate, word, 0) ==>
	      closed(&config->entry[0], config->n); */
	/*@ assert new: !tor(&config->entry[i]); */
	/*@ assert tors: \forall integer k; plan->allow <= k < plan->allow + plan->nallow ==>
	      !tor(&config->entry[k]); */
	/*@ assert behind: !tor(&config->entry[plan->allow + plan->nallow]); */
	/*@ assert still: plan_closed{Fill}(t, config, plan) ==> plan_closed(t, config, plan); */
	/*@ assert shape: plan_shape(config, plan); */
	plan->next = plan->next + 1 < plan->nallow ? plan->next + 1 : 0;
	/*@ assert kept: plan_closed{Fill}(t, config, plan) ==> plan_closed(t, config, plan); */
	/*@ assert next: plan->next < plan->nallow; */
	/*@ assert room: plan->gate < plan->allow && plan->allow + plan->nallow < config->n &&
	      config->n <= 64 && plan->next_known < 4; */
	/*@ assert tors: \forall integer k; plan->allow <= k < plan->allow + plan->nallow ==>
	      !tor(&config->entry[k]); */
	/*@ assert behind: !tor(&config->entry[plan->allow + plan->nallow]); */
	/*@ assert shape: plan_shape(config, plan); */
	return (int)i;
}

int pmp_plan_refill(const struct pmptable *t, struct pmp_config *config, struct pmp_plan *plan,
		    u64 pa, unsigned int budget)
{
	enum pmp_decision decision;

	/* pmpaddr would drop the bits above and name another page. */
	if (pa >> PMPTABLE_PA_BITS)
		return PMPTABLE_ESTATE;
	/*@ ghost high_bits(pa); */
	decision = known_decision(config, plan, pa);
	/*@ assert shape: plan_shape(config, plan); */
	/*@ assert closed: plan_closed{Pre}(t, config, plan) ==> plan_closed(t, config, plan); */
	switch (decision) {
	case PMP_OPEN:
		return 0;
	case PMP_FIXED:
		return PMPTABLE_ESTATE;
	default:
		break;
	}
	if (is_filled(config, plan, pa >> 2))
		return 0;
	return budget && plan->nallow ? fill(t, config, plan, pa) : PMPTABLE_ENOSPC;
}
