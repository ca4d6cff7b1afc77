// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Memory protection tables of Smsd 0.9, "Smmpt" chapter.
 *
 * A level counts from 0, whose entries cover 64 KiB. A leaf entry has 16
 * permissions, each for a sixteenth of what it covers; a run of 32 leaf entries
 * that say the same is marked as NAPOT. An entry that denies everything is 0, which
 * is not valid: making it valid later needs no fence.
 *
 * Hardware walks while mpt_update() writes. Each entry is one store. What changes
 * the shape (divide an entry, dissolve a NAPOT run) keeps all permissions and comes
 * before what changes permissions.
 */
#include <pmptable/mpt.h>

#define MPTE_V	     (1UL << 0)
#define MPTE_L	     (1UL << 1)
#define MPTE_N	     (1UL << 2)
#define MPTE_XWR     8 /* shift of the first permission */
#define MPTE_PPN     10
#define MPTE_NAPOT_G (4UL << 12) /* a run is 2^(G + 1) entries */

#define ENTRIES	   512
#define TUPLES	   16
#define RUN	   32
#define ALL_TUPLES 0x249249249249UL /* a 1 at each 3-bit permission */

#define TABLE_SIZE PMPTABLE_PAGE_SIZE

#define MMPT_SDID 52
#define MMPT_MODE 60

static unsigned int levels_of(enum mpt_mode mode)
{
	return mode == MPT_SMMPT43 ? 3 : 4;
}

static u64 reach_of(enum mpt_mode mode)
{
	return 1UL << (16 + 9 * levels_of(mode));
}

/* Bytes that an entry of @level covers; with the number of levels, the whole tree. */
static u64 entry_size(unsigned int level)
{
	return 1UL << (16 + 9 * level);
}

static bool is_table(u64 entry)
{
	return (entry & (MPTE_V | MPTE_L)) == MPTE_V;
}

static u64 *table_of(const struct mpt *m, u64 entry)
{
	u64 pa = (entry >> MPTE_PPN) << PMPTABLE_PAGE_SHIFT;

	return m->mem + (pa - m->pa) / sizeof(u64);
}

static u64 leaf_of(u64 tuples)
{
	return tuples ? MPTE_V | MPTE_L | tuples << MPTE_XWR : 0;
}

/* The 16 permissions of an entry that is no table. */
static u64 tuples_of(u64 entry)
{
	if (entry & MPTE_N)
		return (entry >> MPTE_XWR & PMPTABLE_RWX) * ALL_TUPLES;
	return entry >> MPTE_XWR;
}

static unsigned int tuple(u64 tuples, unsigned int i)
{
	return tuples >> (3 * i) & PMPTABLE_RWX;
}

/* What an entry of a table that replaces @entry starts as: 32 for each permission. */
static u64 divided(u64 entry, unsigned int i)
{
	u64 perm = tuple(tuples_of(entry), i / RUN);

	return perm ? MPTE_V | MPTE_L | MPTE_N | MPTE_NAPOT_G | perm << MPTE_XWR : 0;
}

/*
 * Enter the domain's permissions in [lo, hi) into the leaf entry at @base. False
 * when the entry is too coarse for that.
 */
static bool refreshed(const struct pmptable_domain *d, unsigned int level, u64 base, u64 lo, u64 hi,
		      u64 *entry)
{
	const u64 size = entry_size(level) / TUPLES;
	u64 tuples = tuples_of(*entry);
	unsigned int i, perm;

	for (i = 0; i < TUPLES; i++) {
		u64 start = base + i * size, end = start + size;

		start = start > lo ? start : lo;
		end = end < hi ? end : hi;
		if (start >= end)
			continue;
		if (!pmptable_domain_uniform(d, start, end - start, &perm))
			return false;
		if (end - start < size && perm != tuple(tuples, i))
			return false;
		tuples &= ~((u64)PMPTABLE_RWX << (3 * i));
		tuples |= (u64)perm << (3 * i);
	}
	*entry = leaf_of(tuples);
	return true;
}

/* First and last entry that [lo, hi) touches in a table of @level at @base. */
static void touched(unsigned int level, u64 base, u64 lo, u64 hi, unsigned int *first,
		    unsigned int *last)
{
	const u64 size = entry_size(level);

	*first = lo > base ? (lo - base) / size : 0;
	*last = hi - base < ENTRIES * size ? (hi - base - 1) / size : ENTRIES - 1;
}

/* Tables to make below, and for, an entry of @level. The entry of the root is 0 at first. */
static u64 missing(const struct mpt *m, unsigned int level, u64 entry, u64 base, u64 lo, u64 hi)
{
	const bool table = is_table(entry);
	unsigned int i, first, last;
	u64 n = 0;

	if (!table) {
		u64 new = entry;

		if (level < levels_of(m->mode) && refreshed(&m->domain, level, base, lo, hi, &new))
			return 0;
		n = 1;
	}
	level--;
	touched(level, base, lo, hi, &first, &last);
	for (i = first; i <= last; i++) {
		u64 child = table ? table_of(m, entry)[i] : divided(entry, i);

		n += missing(m, level, child, base + i * entry_size(level), lo, hi);
	}
	return n;
}

/* Make the run of entry @i one of plain leaves, which say the same. */
static void dissolve(u64 *table, unsigned int i)
{
	unsigned int first = i & ~(RUN - 1U);

	if (!(table[i] & MPTE_N))
		return;
	for (i = first; i < first + RUN; i++)
		arch_store(&table[i], leaf_of(tuples_of(table[i])));
}

/* Mark the run that starts at @first as NAPOT when it is 32 times the same. */
static void join(u64 *table, unsigned int first)
{
	const u64 perm = tuple(tuples_of(table[first]), 0);
	unsigned int i;

	if (is_table(table[first]) || !perm)
		return;
	for (i = first; i < first + RUN; i++) {
		if (table[i] != leaf_of(perm * ALL_TUPLES))
			return;
	}
	for (i = first; i < first + RUN; i++)
		arch_store(&table[i], MPTE_V | MPTE_L | MPTE_N | MPTE_NAPOT_G | perm << MPTE_XWR);
}

/* Put a table that says the same in place of the leaf entry @i. */
static bool divide(struct mpt *m, u64 *table, unsigned int i)
{
	u64 *child = m->mem + m->used * ENTRIES;
	u64 ppn = (m->pa >> PMPTABLE_PAGE_SHIFT) + m->used;
	unsigned int k;

	if (m->used == m->npages)
		return false;
	for (k = 0; k < ENTRIES; k++)
		arch_store(&child[k], divided(table[i], k));
	m->used++;
	dissolve(table, i);
	arch_store(&table[i], MPTE_V | ppn << MPTE_PPN);
	return true;
}

/*
 * Encode [lo, hi) in a table of @level at @base. The pages were counted before:
 * false when the PMP table has changed since, to something that needs more.
 */
static bool refresh(struct mpt *m, unsigned int level, u64 *table, u64 base, u64 lo, u64 hi)
{
	unsigned int i, first, last;

	touched(level, base, lo, hi, &first, &last);
	for (i = first; i <= last; i++) {
		const u64 at = base + i * entry_size(level);
		u64 entry = table[i];

		if (!is_table(entry) && refreshed(&m->domain, level, at, lo, hi, &entry)) {
			if (tuples_of(entry) == tuples_of(table[i]))
				continue;
			dissolve(table, i);
			arch_store(&table[i], entry);
			continue;
		}
		if (!is_table(entry) && !divide(m, table, i))
			return false;
		if (!refresh(m, level - 1, table_of(m, table[i]), at, lo, hi))
			return false;
	}
	for (i = first & ~(RUN - 1U); i <= last; i += RUN)
		join(table, i);
	return true;
}

static bool within(const struct pmptable_range *r, u64 reach)
{
	return r->base < reach && r->size <= reach - r->base;
}

/* A domain all of which tables of @mode can describe. */
static bool encodable(const struct pmptable_domain *d, enum mpt_mode mode)
{
	unsigned int i;

	if ((mode != MPT_SMMPT43 && mode != MPT_SMMPT52) || !pmptable_domain_valid(d))
		return false;
	for (i = 0; i < d->table->nbanks; i++) {
		if (!within(&d->table->banks[i].ram, reach_of(mode)))
			return false;
	}
	for (i = 0; i < d->ndevices; i++) {
		if (!within(&d->devices[i], reach_of(mode)))
			return false;
	}
	return true;
}

u64 mpt_memory_size(const struct pmptable_domain *d, enum mpt_mode mode)
{
	u64 pages = 1;
	unsigned int i, level;

	if (!encodable(d, mode))
		return 0;
	for (level = 1; level < levels_of(mode); level++) {
		const u64 size = entry_size(level);
		u64 next = 0; /* banks are sorted: tables below this are counted */

		for (i = 0; i < d->table->nbanks; i++) {
			const struct pmptable_range *r = &d->table->banks[i].ram;
			u64 first = r->base / size, end = (r->base + r->size - 1) / size + 1;

			first = first > next ? first : next;
			pages += end - first;
			next = end;
		}
		for (i = 0; i < d->ndevices; i++) {
			const struct pmptable_range *r = &d->devices[i];

			pages += (r->base + r->size - 1) / size - r->base / size + 1;
		}
	}
	return pages * TABLE_SIZE;
}

u64 mpt_pages(const struct pmptable_domain *d, enum mpt_mode mode)
{
	struct mpt m = { .domain = *d, .mode = mode };

	if (!encodable(d, mode))
		return 0;
	return missing(&m, levels_of(mode), 0, 0, 0, reach_of(mode));
}

int mpt_init(struct mpt *m, const struct pmptable_domain *d, enum mpt_mode mode, void *mem, u64 pa,
	     u64 size)
{
	u64 need = mpt_pages(d, mode);

	if (!need || !mem || (unsigned long)mem % TABLE_SIZE || !pmptable_domain_pool(d, pa, size))
		return MPT_EINVAL;
	if (size / TABLE_SIZE < need)
		return MPT_ENOSPC;
	m->domain = *d;
	m->mode = mode;
	m->mem = mem;
	m->pa = pa;
	m->npages = size / TABLE_SIZE;
	m->used = 1;
	arch_memset(m->mem, 0, TABLE_SIZE);
	if (!refresh(m, levels_of(mode) - 1, m->mem, 0, 0, reach_of(mode)))
		return MPT_ENOSPC;
	return MPT_OK;
}

int mpt_update(struct mpt *m, u64 pa, u64 len)
{
	const u64 root = MPTE_V | (m->pa >> PMPTABLE_PAGE_SHIFT) << MPTE_PPN;
	const u64 reach = reach_of(m->mode);
	const unsigned int levels = levels_of(m->mode);

	if (!len || (pa | len) % PMPTABLE_PAGE_SIZE || pa >= reach || len > reach - pa)
		return MPT_EINVAL;
	if (missing(m, levels, root, 0, pa, pa + len) > m->npages - m->used)
		return MPT_ENOSPC;
	if (!refresh(m, levels - 1, m->mem, 0, pa, pa + len))
		return MPT_ENOSPC;
	return MPT_OK;
}

int mpt_csr(const struct mpt *m, unsigned int sdid, u64 *value)
{
	if (sdid > MPT_SDID_MAX)
		return MPT_EINVAL;
	*value = (u64)m->mode << MMPT_MODE | (u64)sdid << MMPT_SDID | m->pa >> PMPTABLE_PAGE_SHIFT;
	return MPT_OK;
}
