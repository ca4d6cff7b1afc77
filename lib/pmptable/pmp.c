// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Regions as PMP entries (privileged specification, 3.7).
 */
#include <pmptable/pmp.h>

#define NO_TOR (~0UL)

/*
 * struct sink - where entries go
 * @entry: what does not fit is only counted
 * @n: entries so far
 * @max: room in @entry
 * @tor: pmpaddr of the last entry when that is a TOR, else NO_TOR
 */
struct sink {
	struct pmp_entry *entry;
	unsigned int n;
	unsigned int max;
	u64 tor;
};

/*@ predicate sink_ok{L}(struct sink *s) =
      \valid(s) && s->max <= 64 && \valid(s->entry + (0 .. s->max - 1)) &&
      \separated(s, s->entry + (0 .. s->max - 1));

    // What a TOR that is put next would begin at.
    predicate sink_tor{L}(struct sink *s) =
      (s->n == 0 ==> s->tor == no_tor) &&
      (0 < s->n <= s->max ==>
	s->tor == (mode(&s->entry[s->n - 1]) == 1 ? s->entry[s->n - 1].addr : no_tor));

    // If there was room, entries for r are behind those of A: the last one is for
    // exactly r's words, an entry before it is off. The end of a TOR before was at tor.
    predicate region_put{A, B}(struct sink *s, integer tor, struct pmp_region r) =
      sink_tor{B}(s) &&
      (tor == no_tor && \at(s->n, A) < \at(s->max, B) ==>
	!tor{B}(\at(s->entry, B) + \at(s->n, A))) &&
      (\at(s->n, B) <= \at(s->max, B) ==>
	!hit_some{B}(\at(s->entry, B), \at(s->n, A), \at(s->n, B) - 1, word) &&
	(hit{B}(\at(s->entry, B), \at(s->n, B) - 1, word) <==> holds(r.base, r.size, word)) &&
	perm{B}(\at(s->entry, B) + (\at(s->n, B) - 1)) == r.perm &&
	same_entries{A, B}(\at(s->entry, B), \at(s->n, A)));
*/

static bool is_tor(u8 cfg)
{
	return (cfg & PMP_CFG_NAPOT) == PMP_CFG_TOR;
}

/*@ requires sink_ok(s) && s->n < 1000;
    assigns s->n, s->tor, s->entry[s->n .. s->max - 1];
    ensures s->n == \old(s->n) + 1;
    ensures \old(s->n) < s->max ==>
      s->entry[\old(s->n)].addr == addr && s->entry[\old(s->n)].cfg == cfg;
    ensures s->tor == (cfg / 8 % 4 == 1 ? addr : no_tor); */
static void put(struct sink *s, u64 addr, u8 cfg)
{
	if (s->n < s->max) {
		s->entry[s->n].addr = addr;
		s->entry[s->n].cfg = cfg;
	}
	s->n++;
	s->tor = is_tor(cfg) ? addr : NO_TOR;
}

static bool is_whole(struct pmp_region r)
{
	return !r.base && !r.size;
}

static bool region_valid(const struct pmp_region *r)
{
	const u64 limit = 1UL << PMPTABLE_PA_BITS;

	if (r->perm & ~(PMP_CFG_R | PMP_CFG_W | PMP_CFG_X))
		return false;
	if ((r->perm & PMP_CFG_W) && !(r->perm & PMP_CFG_R))
		return false;
	if (is_whole(*r))
		return true;
	if ((r->base | r->size) % PMPTABLE_PAGE_SIZE || !r->size)
		return false;
	/* pmpaddr holds bits 55:2, so a TOR cannot end at 2^56. */
	return r->base < limit && r->size < limit - r->base;
}

/* Do both touch, with the same permission? */
static bool joins(struct pmp_region r, struct pmp_region next)
{
	if (is_whole(r) || is_whole(next) || r.perm != next.perm)
		return false;
	return next.base + next.size == r.base || r.base + r.size == next.base;
}

static struct pmp_region joined(struct pmp_region r, struct pmp_region next)
{
	if (next.base < r.base)
		r.base = next.base;
	r.size += next.size;
	return r;
}

/* Can a NAPOT entry describe it? */
static bool is_block(struct pmp_region r)
{
	return !(r.size & (r.size - 1)) && !(r.base & (r.size - 1));
}

static u64 napot_addr(struct pmp_region r)
{
	/*@ ghost napot_block(r.base, r.size); */
	return (r.base >> 2) | ((r.size >> 3) - 1);
}

/*@ requires sink: sink_ok(s) && sink_tor(s) && s->n < 900;
    requires region: valid_region(r.base, r.size, r.perm) && r.size != 0;
    assigns s->n, s->tor, s->entry[s->n .. s->max - 1];
    ensures n: \old(s->n) < s->n <= \old(s->n) + 2;
    ensures put: region_put{Pre, Post}(s, \old(s->tor), r); */
static void put_pair(struct sink *s, struct pmp_region r)
{
	if (s->tor != r.base >> 2)
		put(s, r.base >> 2, PMP_CFG_OFF);
	/*@ assert s->n <= s->max ==> same_entries{Pre, Here}(s->entry, \at(s->n, Pre)); */
	/*@ assert s->n <= s->max ==> s->entry[s->n - 1].addr == r.base / 4; */
	/*@ assert s->n <= s->max && s->n == \at(s->n, Pre) + 1 ==> s->entry[s->n - 1].cfg == 0; */
	/*@ ghost Base: ; */
	put(s, (r.base + r.size) >> 2, PMP_CFG_TOR | r.perm);
	/*@ assert s->n <= s->max ==> \forall integer k; 0 <= k < \at(s->n, Base) ==>
	      s->entry[k].addr == \at(s->entry[k].addr, Base); */
	/*@ assert s->n <= s->max ==> \forall integer k; 0 <= k < \at(s->n, Base) ==>
	      s->entry[k].cfg == \at(s->entry[k].cfg, Base); */
	/*@ assert s->n <= s->max ==> same_entries{Pre, Here}(s->entry, \at(s->n, Pre)); */
	/*@ assert s->n <= s->max && s->n == \at(s->n, Pre) + 2 ==>
	      mode(&s->entry[s->n - 2]) == 0; */
	/*@ assert s->n <= s->max ==> s->entry[s->n - 1].addr == (r.base + r.size) / 4 &&
	      s->entry[s->n - 1].cfg == 8 + r.perm; */
	/*@ assert s->n <= s->max ==> s->n >= 2 && s->entry[s->n - 2].addr == r.base / 4; */
	/*@ assert s->n <= s->max ==> !hit_some(s->entry, \at(s->n, Pre), s->n - 1, word); */
	/*@ assert s->n <= s->max ==>
	      (hit(s->entry, s->n - 1, word) <==> holds(r.base, r.size, word)); */
	/*@ assert sink_tor(s) && (s->n <= s->max ==> perm(&s->entry[s->n - 1]) == r.perm); */
	/*@ assert \at(s->tor, Pre) == no_tor && \at(s->n, Pre) < s->max ==>
	      !tor(&s->entry[\at(s->n, Pre)]); */
}

/*@ requires sink: sink_ok(s) && sink_tor(s) && s->n < 900;
    requires region: valid_region(r.base, r.size, r.perm);
    assigns s->n, s->tor, s->entry[s->n .. s->max - 1];
    ensures n: \old(s->n) < s->n <= \old(s->n) + 2;
    ensures put: region_put{Pre, Post}(s, \old(s->tor), r); */
static void put_region(struct sink *s, struct pmp_region r)
{
	if (is_whole(r))
		put(s, PMP_ADDR_ALL, PMP_CFG_NAPOT | r.perm);
	else if (is_block(r))
		put(s, napot_addr(r), PMP_CFG_NAPOT | r.perm);
	else
		put_pair(s, r);
}

static bool regions_valid(const struct pmp_region *regions, unsigned int nregions)
{
	unsigned int i;

	/*@ loop invariant 0 <= i <= nregions;
	    loop invariant \forall integer k; 0 <= k < i ==> region_ok(&regions[k]);
	    loop assigns i;
	    loop variant nregions - i; */
	for (i = 0; i < nregions; i++) {
		if (!region_valid(&regions[i]))
			return false;
	}
	return true;
}

/* Region *@i and those behind it that join it; *@i becomes the first that does not. */
static struct pmp_region join_from(const struct pmp_region *regions, unsigned int nregions,
				   unsigned int *i)
{
	struct pmp_region r = regions[*i];
	unsigned int next = *i + 1;

	/*@ loop invariant *i < next <= nregions;
	    loop invariant valid_region(r.base, r.size, r.perm);
	    loop invariant perms: \forall integer k; *i <= k < next ==> regions[k].perm == r.perm;
	    loop invariant some: holds(r.base, r.size, word) <==> \exists integer k;
	      *i <= k < next && in_region(&regions[k], word);
	    loop assigns next, r;
	    loop variant nregions - next; */
	while (next < nregions && joins(r, regions[next]))
		r = joined(r, regions[next++]);
	/*@ assert none: !in_some(regions, next, word) ==> !in_some(regions, *i, word) &&
	      !holds(r.base, r.size, word); */
	/*@ assert old: \forall integer j; 0 <= j < *i && in_first(regions, j, word) ==>
	      decides(regions, *i, word, regions[j].perm); */
	/*@ assert new: \forall integer j; *i <= j < next && in_first(regions, j, word) ==>
	      !in_some(regions, *i, word) && holds(r.base, r.size, word) &&
	      regions[j].perm == r.perm; */
	*i = next;
	return r;
}

/*@ requires sink: sink_ok(s) && sink_tor(s) && s->n <= 64;
    requires regions: nregions <= 64 && \valid_read(regions + (0 .. nregions - 1));
    requires valid: \forall integer k; 0 <= k < nregions ==> region_ok(&regions[k]);
    requires apart: \separated(regions + (0 .. nregions - 1), s) &&
      \separated(regions + (0 .. nregions - 1), s->entry + (0 .. s->max - 1));
    assigns s->n, s->tor, s->entry[s->n .. s->max - 1];
    ensures n: \old(s->n) <= s->n <= \old(s->n) + 2 * nregions;
    ensures first: \old(s->tor) == no_tor && \old(s->n) < s->n <= s->max ==>
      !tor(&s->entry[\old(s->n)]);
    ensures verdict: s->n <= s->max ==> \forall integer p; decides{Pre}(regions, nregions, word, p)
      ==> verdict(s->entry, \old(s->n), s->n, word, p); */
static void put_regions(struct sink *s, const struct pmp_region *regions, unsigned int nregions)
{
	unsigned int i;

	/*@ loop invariant place: 0 <= i <= nregions && \at(s->n, Pre) <= s->n &&
	      s->n <= \at(s->n, Pre) + 2 * i;
	    loop invariant tor: sink_tor(s);
	    loop invariant start: s->n == \at(s->n, Pre) ==> s->tor == \at(s->tor, Pre);
	    loop invariant first: \at(s->tor, Pre) == no_tor && \at(s->n, Pre) < s->n <= s->max ==>
	      !tor(&s->entry[\at(s->n, Pre)]);
	    loop invariant same: same_regions{Pre, Here}(regions, nregions) &&
	      same_regions{Here, Pre}(regions, nregions);
	    loop invariant verdict: s->n <= s->max ==> \forall integer p;
	      decides{Pre}(regions, i, word, p) ==>
		verdict(s->entry, \at(s->n, Pre), s->n, word, p);
	    loop assigns i, s->n, s->tor, s->entry[\at(s->n, Pre) .. s->max - 1];
	    loop variant nregions - i; */
	for (i = 0; i < nregions;) {
		/*@ ghost Join: ; */
		struct pmp_region r = join_from(regions, nregions, &i);

		/*@ assert to: \forall integer p; decides{Pre}(regions, i, word, p) ==>
		      decides(regions, i, word, p); */
		/*@ assert from: \forall integer p; decides(regions, \at(i, Join), word, p) ==>
		      decides{Pre}(regions, \at(i, Join), word, p); */
		/*@ ghost Put: ; */
		put_region(s, r);
		/*@ assert \forall integer k; 0 <= k < nregions ==>
		      regions[k].base == \at(regions[k].base, Put); */
		/*@ assert \forall integer k; 0 <= k < nregions ==>
		      regions[k].size == \at(regions[k].size, Put); */
		/*@ assert \forall integer k; 0 <= k < nregions ==>
		      regions[k].perm == \at(regions[k].perm, Put); */
		/*@ assert before: s->n <= s->max ==> \forall integer p; p != -1 &&
		      verdict{Put}(\at(s->entry, Pre), \at(s->n, Pre), \at(s->n, Put), word, p) ==>
			verdict(s->entry, \at(s->n, Pre), s->n, word, p); */
		/*@ assert same: s->n <= s->max ==> same_entries{Put, Here}(s->entry, \at(s->n,
		   Put)) && !hit_some(s->entry, \at(s->n, Put), s->n - 1, word); */
		/*@ assert kept: s->n <= s->max &&
		      verdict{Put}(\at(s->entry, Pre), \at(s->n, Pre), \at(s->n, Put), word, -1) ==>
			\forall integer j; \at(s->n, Pre) <= j < \at(s->n, Put) ==> !hit(s->entry,
		   j, word); */
		/*@ assert none: s->n <= s->max &&
		      verdict{Put}(\at(s->entry, Pre), \at(s->n, Pre), \at(s->n, Put), word, -1) ==>
			\forall integer j; \at(s->n, Pre) <= j < s->n - 1 ==> !hit(s->entry, j,
		   word); */
		/*@ assert last: s->n <= s->max ==> perm(&s->entry[s->n - 1]) == r.perm &&
		      (hit(s->entry, s->n - 1, word) <==> holds(r.base, r.size, word)); */
		/*@ assert now: s->n <= s->max && holds(r.base, r.size, word) &&
		      verdict{Put}(\at(s->entry, Pre), \at(s->n, Pre), \at(s->n, Put), word, -1) ==>
			verdict(s->entry, \at(s->n, Pre), s->n, word, r.perm); */
		/*@ assert later: s->n <= s->max && !holds(r.base, r.size, word) &&
		      verdict{Put}(\at(s->entry, Pre), \at(s->n, Pre), \at(s->n, Put), word, -1) ==>
			verdict(s->entry, \at(s->n, Pre), s->n, word, -1); */
	}
}

/* Where a TOR that is put behind @n entries would begin. */
static u64 tor_behind(const struct pmp_entry *entry, unsigned int n)
{
	return n && is_tor(entry[n - 1].cfg) ? entry[n - 1].addr : NO_TOR;
}

int pmp_encode(const struct pmp_region *regions, unsigned int nregions, unsigned int max,
	       struct pmp_config *out)
{
	struct sink s = { .entry = out->entry, .n = out->n, .max = max };

	if (s.max > PMP_MAX_ENTRIES)
		s.max = PMP_MAX_ENTRIES;
	if (s.n > s.max)
		return PMPTABLE_ENOSPC;
	s.tor = tor_behind(s.entry, s.n);
	if (!regions_valid(regions, nregions))
		return PMPTABLE_EINVAL;
	/*@ assert same_regions{Pre, Here}(regions, nregions) &&
	      same_regions{Here, Pre}(regions, nregions); */
	/*@ assert \forall integer p; decides{Pre}(regions, nregions, word, p) ==>
	      decides(regions, nregions, word, p); */
	put_regions(&s, regions, nregions);
	if (s.n > s.max)
		return PMPTABLE_ENOSPC;
	out->n = s.n;
	return PMPTABLE_OK;
}

unsigned int pmp_encode_count(const struct pmp_region *regions, unsigned int nregions)
{
	struct sink s = { .entry = NULL, .n = 0, .max = 0, .tor = NO_TOR };

	if (!regions_valid(regions, nregions))
		return PMP_COUNT_MALFORMED;
	put_regions(&s, regions, nregions);
	return s.n;
}
