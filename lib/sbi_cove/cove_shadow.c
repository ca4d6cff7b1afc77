// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Page tables that show what was walked and checked in software, and nothing
 * else. They have no more permissions than the host's own, and where the host's have no A
 * or D they have none to set either, so that hardware never writes to them.
 */
#include "cove_internal.h"
#include "cove_pte.h"

#define LEVEL_BITS   9
#define GSTAGE_EXTRA 2
#define GSTAGE_ROOT  4	     /* pages */
#define MAX_LEVEL    2	     /* of a leaf: 1 GiB */
#define PTE_PARTS    0x100UL /* of a table: it shows parts of one leaf of the host's; software's */

static unsigned int root_pages(const struct cove_shadow *s)
{
	return s->gstage ? GSTAGE_ROOT : 1;
}

/**
 * cove_shadow_reset() - forget everything
 * @atp: satp or hgatp that they stand for, not bare
 * @pbmte: whether leaves may have memory types
 */
void cove_shadow_reset(struct cove_shadow *s, u64 atp, bool pbmte)
{
	s->levels = (unsigned int)(atp >> ATP_MODE_SHIFT) - ATP_MODE_SV39 + 3;
	s->pbmte = pbmte;
	s->used = root_pages(s);
	cove_clear(s->base, s->used * COVE_PAGE_SIZE);
}

/** cove_shadow_atp() - satp or hgatp for them; all but the root as in @keep */
u64 cove_shadow_atp(const struct cove_shadow *s, u64 keep)
{
	return (keep & ~ATP_PPN_MASK) | s->base >> PMPTABLE_PAGE_SHIFT;
}

static u64 level_size(unsigned int level)
{
	return PMPTABLE_PAGE_SIZE << (LEVEL_BITS * level);
}

/* The largest leaf around the page that is no larger than the host's and all the host's own. */
static unsigned int leaf_level(const struct cove_shadow *s, const struct cove_walk *walk)
{
	unsigned int level = walk->level < MAX_LEVEL ? walk->level : MAX_LEVEL;
	struct pmptable_range block;

	if (!level || !pmptable_open_block(&cove.table, walk->pa, &block))
		return 0;
	while (level && (level >= s->levels ||
			 (COVE_DEFENCE(WINDOW_LEAF) && level_size(level) > block.size)))
		level--;
	return level;
}

static u64 leaf_of(const struct cove_shadow *s, const struct cove_walk *walk, unsigned int level)
{
	u64 keep = PTE_R | PTE_X;

	if (walk->pte & PTE_D)
		keep |= PTE_W | PTE_D;
	if (s->pbmte)
		keep |= PTE_PBMT;
	if (!s->gstage)
		keep |= PTE_U;
	return (walk->pte & keep) | PTE_V | PTE_A | (s->gstage ? PTE_U : 0) |
	       (walk->pa & -level_size(level)) >> PMPTABLE_PAGE_SHIFT << PTE_PPN_SHIFT;
}

static bool is_table(u64 pte)
{
	return pte && !(pte & (PTE_R | PTE_W | PTE_X));
}

/* The table behind @entry, or NULL when there is no page for it. */
static u64 *next_table(struct cove_shadow *s, u64 *entry)
{
	u64 page;

	if (!is_table(*entry)) {
		if (s->used == s->npages)
			return NULL;
		page = s->base + s->used++ * COVE_PAGE_SIZE;
		cove_clear(page, COVE_PAGE_SIZE);
		*entry = (page >> PMPTABLE_PAGE_SHIFT << PTE_PPN_SHIFT) | PTE_V;
	}
	return arch_ptr(*entry >> PTE_PPN_SHIFT << PMPTABLE_PAGE_SHIFT);
}

static u64 *entry_of(const struct cove_shadow *s, u64 *table, u64 va, unsigned int level)
{
	unsigned int bits = LEVEL_BITS;

	if (s->gstage && level == s->levels - 1)
		bits += GSTAGE_EXTRA;
	return &table[va >> (PMPTABLE_PAGE_SHIFT + LEVEL_BITS * level) & ((1UL << bits) - 1)];
}

/* Without translation a guest physical address may be wider than the tables. */
static bool fits(const struct cove_shadow *s, u64 va)
{
	return !s->gstage || !(va >> (PMPTABLE_PAGE_SHIFT + LEVEL_BITS * s->levels + GSTAGE_EXTRA));
}

/**
 * cove_shadow_map() - show the page of @va
 * @va: virtual or guest physical address, of which a walk in the same mode was successful
 * @walk: that walk; the page is the host's
 *
 * The caller fences.
 */
enum cove_shadow_result cove_shadow_map(struct cove_shadow *s, u64 va, const struct cove_walk *walk)
{
	unsigned int leaf = leaf_level(s, walk), level = s->levels - 1;
	unsigned int whole = walk->pte & PTE_N ? 1 : walk->level;
	u64 *table = arch_ptr(s->base);
	u64 *entry, pte;

	if (!fits(s, va))
		return SHADOW_SAME;
	for (; level > leaf; level--) {
		entry = entry_of(s, table, va, level);
		table = next_table(s, entry);
		if (!table)
			return SHADOW_FULL;
		if (level == whole)
			*entry |= PTE_PARTS;
	}
	entry = entry_of(s, table, va, leaf);
	pte = leaf_of(s, walk, leaf);
	if (*entry == pte)
		return SHADOW_SAME;
	*entry = pte;
	return SHADOW_NEW;
}

/**
 * cove_shadow_drop() - forget what is shown at @va
 *
 * A leaf of the host's goes as a whole, in parts or not. The caller fences.
 */
void cove_shadow_drop(struct cove_shadow *s, u64 va)
{
	unsigned int level = s->levels - 1;
	u64 *table = arch_ptr(s->base);
	u64 *entry, page;

	if (!s->used)
		return;
	for (;; level--) {
		entry = entry_of(s, table, va, level);
		if (!level || !is_table(*entry))
			break;
		page = *entry >> PTE_PPN_SHIFT << PMPTABLE_PAGE_SHIFT;
		if (COVE_DEFENCE(WINDOW_PARTS) && *entry & PTE_PARTS) {
			*entry &= ~PTE_PARTS;
			cove_clear(page, COVE_PAGE_SIZE);
			return;
		}
		table = arch_ptr(page);
	}
	*entry = 0;
}
