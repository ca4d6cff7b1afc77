// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP table as one C-mode ID sees it.
 */
#include <pmptable/domain.h>

static bool range_valid(u64 base, u64 size)
{
	const u64 limit = 1UL << PMPTABLE_PA_BITS;

	return size && !((base | size) % PMPTABLE_PAGE_SIZE) && base < limit &&
	       size <= limit - base;
}

bool pmptable_domain_valid(const struct pmptable_domain *d)
{
	struct pmptable_walk_result res;
	unsigned int i;

	if (d->id != PMPTABLE_ID_HOST && (d->id < PMPTABLE_ID_TVM_FIRST || d->id > PMPTABLE_ID_MAX))
		return false;
	for (i = 0; i < d->ndevices; i++) {
		const struct pmptable_range *r = &d->devices[i];

		if (!range_valid(r->base, r->size))
			return false;
		pmptable_walk(d->table, r->base, &res);
		if (res.id != PMPTABLE_ID_NONE || r->size > res.size - (r->base - res.base))
			return false;
	}
	return true;
}

/* Outside of RAM: a device, or nothing. Shortens [.., *end) to what is alike. */
static unsigned int device_perm(const struct pmptable_domain *d, u64 pa, u64 *end)
{
	unsigned int i;

	for (i = 0; i < d->ndevices; i++) {
		const struct pmptable_range *r = &d->devices[i];

		if (pa - r->base < r->size) {
			*end = r->base + r->size;
			return PMPTABLE_R | PMPTABLE_W;
		}
		/* - 1: an end of 0 is 2^64 */
		if (r->base > pa && r->base - 1 < *end - 1)
			*end = r->base;
	}
	return 0;
}

static unsigned int ram_perm(const struct pmptable_domain *d, unsigned int id, unsigned int perm)
{
	if (id == d->id) {
		/* Hardware reads a TVM's G-stage tables with the TVM's permissions. */
		if (id != PMPTABLE_ID_HOST && !perm)
			return PMPTABLE_R;
		return perm & PMPTABLE_R ? perm : perm & ~(unsigned int)PMPTABLE_W;
	}
	/* The table does not say with which TVM the host shares a page. */
	if (PMPTABLE_FIELD(id, perm) == PMPTABLE_HOST_SHARED)
		return perm;
	return 0;
}

unsigned int pmptable_domain_perm(const struct pmptable_domain *d, u64 pa, u64 *end)
{
	struct pmptable_walk_result res;

	pmptable_walk(d->table, pa, &res);
	*end = res.base + res.size;
	if (res.id == PMPTABLE_ID_NONE)
		return device_perm(d, pa, end);
	return ram_perm(d, res.id, res.perm);
}

bool pmptable_domain_uniform(const struct pmptable_domain *d, u64 pa, u64 size, unsigned int *perm)
{
	const u64 last = pa + size - 1;
	u64 end;

	*perm = pmptable_domain_perm(d, pa, &end);
	while (end - 1 < last) {
		if (pmptable_domain_perm(d, end, &end) != *perm)
			return false;
	}
	return true;
}

bool pmptable_domain_pool(const struct pmptable_domain *d, u64 pa, u64 size)
{
	struct pmptable_walk_result res;
	const u64 last = pa + size - 1;
	u64 end;

	if (!range_valid(pa, size))
		return false;
	for (;;) {
		pmptable_walk(d->table, pa, &res);
		if (res.id != PMPTABLE_ID_MONITOR && res.id != PMPTABLE_ID_NONE)
			return false;
		if (pmptable_domain_perm(d, pa, &end))
			return false;
		if (end - 1 >= last)
			return true;
		pa = end;
	}
}
