// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Tables of HPMP. Everything counts from the lower bound of the PMP entry's range,
 * not from address 0. A root entry holds one permission for 32 MiB or points to a
 * leaf table, whose entries hold 16 permissions, one a page. An entry of 0 denies.
 *
 * Hardware walks while hpmp_update() writes: a root entry is divided by linking a
 * leaf table that says the same, before a permission changes.
 */
#include <pmptable/hpmp.h>

#define ROOT_V	 (1UL << 0)
#define ROOT_RWX 1 /* shift; 0 there and V makes the entry a pointer */
#define ROOT_PPN 5

#define ENTRIES	   512
#define PAGES	   16			/* of a leaf entry */
#define ALL_PAGES  0x1111111111111111UL /* a 1 at each page's four bits */
#define TABLE_SIZE PMPTABLE_PAGE_SIZE
#define ROOT_SHIFT 25
#define ROOT_SIZE  (1UL << ROOT_SHIFT)
#define LEAF_SHIFT 16

#define PMPCFG_TOR   (1U << 3)
#define PMPCFG_TABLE (1U << 5)
#define PMPADDR	     2 /* shift */

static bool is_table(u64 entry)
{
	return (entry & (ROOT_V | PMPTABLE_RWX << ROOT_RWX)) == ROOT_V;
}

static u64 *table_of(const struct hpmp *h, u64 entry)
{
	u64 pa = (entry >> ROOT_PPN) << PMPTABLE_PAGE_SHIFT;

	return h->mem + (pa - h->pa) / sizeof(u64);
}

static unsigned int root_perm(u64 entry)
{
	return entry >> ROOT_RWX & PMPTABLE_RWX;
}

static u64 root_of(unsigned int perm)
{
	return perm ? ROOT_V | (u64)perm << ROOT_RWX : 0;
}

/*
 * Enter the domain's permissions in offsets [lo, hi) into the root entry @i, which
 * is no table. False when it must become one.
 */
static bool refreshed(const struct pmptable_domain *d, const struct pmptable_range *range,
		      unsigned int i, u64 lo, u64 hi, u64 *entry)
{
	u64 start = i * ROOT_SIZE, end = start + ROOT_SIZE;
	unsigned int perm;
	bool whole;

	end = end < range->size ? end : range->size;
	whole = lo <= start && hi >= end;
	start = start > lo ? start : lo;
	end = end < hi ? end : hi;
	if (!pmptable_domain_uniform(d, range->base + start, end - start, &perm))
		return false;
	if (!whole && perm != root_perm(*entry))
		return false;
	*entry = root_of(perm);
	return true;
}

/* Leaf tables to make for offsets [lo, hi); @root is NULL when all is denied so far. */
static u64 missing(const struct pmptable_domain *d, const struct pmptable_range *range,
		   const u64 *root, u64 lo, u64 hi)
{
	unsigned int i;
	u64 n = 0;

	for (i = lo >> ROOT_SHIFT; i <= (hi - 1) >> ROOT_SHIFT; i++) {
		u64 entry = root ? root[i] : 0;

		if (!is_table(entry) && !refreshed(d, range, i, lo, hi, &entry))
			n++;
	}
	return n;
}

/* Put a leaf table that says the same in place of the permission in root entry @i. */
static bool divide(struct hpmp *h, unsigned int i)
{
	u64 *leaf = h->mem + h->used * ENTRIES;
	u64 ppn = (h->pa >> PMPTABLE_PAGE_SHIFT) + h->used;
	unsigned int k;

	if (h->used == h->npages)
		return false;
	for (k = 0; k < ENTRIES; k++)
		arch_store(&leaf[k], root_perm(h->mem[i]) * ALL_PAGES);
	h->used++;
	arch_store(&h->mem[i], ROOT_V | ppn << ROOT_PPN);
	return true;
}

/* Encode offsets [lo, hi), which one leaf table covers. */
static void refresh_leaf(struct hpmp *h, u64 *leaf, u64 lo, u64 hi)
{
	while (lo < hi) {
		const unsigned int k = lo >> LEAF_SHIFT & (ENTRIES - 1);
		u64 entry = leaf[k];

		do {
			unsigned int shift = 4 * (lo >> PMPTABLE_PAGE_SHIFT & (PAGES - 1));
			u64 end, perm;

			perm = pmptable_domain_perm(&h->domain, h->range.base + lo, &end);
			entry = (entry & ~(0xfUL << shift)) | perm << shift;
			lo += PMPTABLE_PAGE_SIZE;
		} while (lo < hi && lo % (1UL << LEAF_SHIFT));
		if (entry != leaf[k])
			arch_store(&leaf[k], entry);
	}
}

/* Encode offsets [lo, hi); false as in mpt.c. */
static bool refresh(struct hpmp *h, u64 lo, u64 hi)
{
	while (lo < hi) {
		const unsigned int i = lo >> ROOT_SHIFT;
		u64 end = (i + 1) * ROOT_SIZE;
		u64 entry = h->mem[i];

		end = end < hi ? end : hi;
		if (!is_table(entry) && refreshed(&h->domain, &h->range, i, lo, hi, &entry)) {
			if (entry != h->mem[i])
				arch_store(&h->mem[i], entry);
		} else {
			if (!is_table(entry) && !divide(h, i))
				return false;
			refresh_leaf(h, table_of(h, h->mem[i]), lo, end);
		}
		lo = end;
	}
	return true;
}

static bool range_valid(const struct pmptable_range *r)
{
	const u64 limit = 1UL << PMPTABLE_PA_BITS;

	return r->size && r->size <= HPMP_MAX_SIZE && !((r->base | r->size) % PMPTABLE_PAGE_SIZE) &&
	       r->base < limit && r->size <= limit - r->base;
}

u64 hpmp_memory_size(const struct pmptable_range *range)
{
	if (!range_valid(range))
		return 0;
	return (1 + ((range->size + ROOT_SIZE - 1) >> ROOT_SHIFT)) * TABLE_SIZE;
}

u64 hpmp_pages(const struct pmptable_domain *d, const struct pmptable_range *range)
{
	if (!range_valid(range) || !pmptable_domain_valid(d))
		return 0;
	return 1 + missing(d, range, NULL, 0, range->size);
}

int hpmp_init(struct hpmp *h, const struct pmptable_domain *d, const struct pmptable_range *range,
	      void *mem, u64 pa, u64 size)
{
	u64 need = hpmp_pages(d, range);

	if (!need || !mem || (unsigned long)mem % TABLE_SIZE || !pmptable_domain_pool(d, pa, size))
		return HPMP_EINVAL;
	if (size / TABLE_SIZE < need)
		return HPMP_ENOSPC;
	h->domain = *d;
	h->range = *range;
	h->mem = mem;
	h->pa = pa;
	h->npages = size / TABLE_SIZE;
	h->used = 1;
	arch_memset(h->mem, 0, TABLE_SIZE);
	return refresh(h, 0, range->size) ? HPMP_OK : HPMP_ENOSPC;
}

int hpmp_update(struct hpmp *h, u64 pa, u64 len)
{
	const u64 lo = pa - h->range.base;

	if (!len || (pa | len) % PMPTABLE_PAGE_SIZE || pa < h->range.base || lo >= h->range.size ||
	    len > h->range.size - lo)
		return HPMP_EINVAL;
	if (missing(&h->domain, &h->range, h->mem, lo, lo + len) > h->npages - h->used)
		return HPMP_ENOSPC;
	return refresh(h, lo, lo + len) ? HPMP_OK : HPMP_ENOSPC;
}

void hpmp_entries(const struct hpmp *h, struct hpmp_entries *entries)
{
	entries->addr[0] = h->range.base >> PMPADDR;
	entries->addr[1] = (h->range.base + h->range.size) >> PMPADDR;
	entries->addr[2] = h->pa >> PMPTABLE_PAGE_SHIFT;
	entries->cfg[0] = 0;
	entries->cfg[1] = PMPCFG_TOR | PMPCFG_TABLE;
	entries->cfg[2] = 0;
}
