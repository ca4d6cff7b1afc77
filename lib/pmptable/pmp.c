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
 * @out: NULL only counts
 * @n: entries so far
 * @tor: pmpaddr of the last entry when that is a TOR, else NO_TOR
 */
struct sink {
	struct pmp_config *out;
	unsigned int n;
	u64 tor;
};

static bool is_tor(u8 cfg)
{
	return (cfg & PMP_CFG_NAPOT) == PMP_CFG_TOR;
}

static void put(struct sink *s, u64 addr, u8 cfg)
{
	if (s->out) {
		s->out->entry[s->n].addr = addr;
		s->out->entry[s->n].cfg = cfg;
	}
	s->n++;
	s->tor = is_tor(cfg) ? addr : NO_TOR;
}

static bool is_whole(const struct pmp_region *r)
{
	return !r->base && !r->size;
}

static bool region_valid(const struct pmp_region *r)
{
	const u64 limit = 1UL << PMPTABLE_PA_BITS;

	if (r->perm & ~(PMP_CFG_R | PMP_CFG_W | PMP_CFG_X))
		return false;
	if ((r->perm & PMP_CFG_W) && !(r->perm & PMP_CFG_R))
		return false;
	if (is_whole(r))
		return true;
	if ((r->base | r->size) % PMPTABLE_PAGE_SIZE || !r->size)
		return false;
	/* pmpaddr holds bits 55:2, so a TOR cannot end at 2^56. */
	return r->base < limit && r->size < limit - r->base;
}

/* Join @next to @r where they touch with the same permission. */
static bool join(struct pmp_region *r, const struct pmp_region *next)
{
	if (is_whole(r) || is_whole(next) || r->perm != next->perm)
		return false;
	if (next->base + next->size == r->base)
		r->base = next->base;
	else if (r->base + r->size != next->base)
		return false;
	r->size += next->size;
	return true;
}

static void put_region(struct sink *s, const struct pmp_region *r)
{
	if (is_whole(r)) {
		put(s, PMP_ADDR_ALL, PMP_CFG_NAPOT | r->perm);
		return;
	}
	if (!(r->size & (r->size - 1)) && !(r->base & (r->size - 1))) {
		put(s, (r->base >> 2) | ((r->size >> 3) - 1), PMP_CFG_NAPOT | r->perm);
		return;
	}
	if (s->tor != r->base >> 2)
		put(s, r->base >> 2, PMP_CFG_OFF);
	put(s, (r->base + r->size) >> 2, PMP_CFG_TOR | r->perm);
}

static bool put_regions(struct sink *s, const struct pmp_region *regions, unsigned int nregions)
{
	struct pmp_region r;
	unsigned int i;

	for (i = 0; i < nregions; i++) {
		if (!region_valid(&regions[i]))
			return false;
	}
	for (i = 0; i < nregions;) {
		r = regions[i++];
		while (i < nregions && join(&r, &regions[i]))
			i++;
		put_region(s, &r);
	}
	return true;
}

int pmp_encode(const struct pmp_region *regions, unsigned int nregions, unsigned int max,
	       struct pmp_config *out)
{
	struct sink s = { .out = NULL, .n = out->n, .tor = NO_TOR };
	u64 tor = NO_TOR;

	if (max > PMP_MAX_ENTRIES)
		max = PMP_MAX_ENTRIES;
	if (out->n > max)
		return PMPTABLE_ENOSPC;
	if (out->n && is_tor(out->entry[out->n - 1].cfg))
		tor = out->entry[out->n - 1].addr;

	/* First count, so that an error leaves @out as it was. */
	s.tor = tor;
	if (!put_regions(&s, regions, nregions))
		return PMPTABLE_EINVAL;
	if (s.n > max)
		return PMPTABLE_ENOSPC;

	s.out = out;
	s.n = out->n;
	s.tor = tor;
	put_regions(&s, regions, nregions);
	out->n = s.n;
	return PMPTABLE_OK;
}

unsigned int pmp_encode_count(const struct pmp_region *regions, unsigned int nregions)
{
	struct sink s = { .out = NULL, .n = 0, .tor = NO_TOR };

	return put_regions(&s, regions, nregions) ? s.n : PMP_COUNT_MALFORMED;
}
