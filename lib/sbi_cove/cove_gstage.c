// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * G-stage tables of a TVM: Sv39x4, Sv48x4 or Sv57x4, leaves of 4 KiB, 2 MiB and
 * 1 GiB (levels 0, 1, 2). They lie in pages that the host donated and cannot
 * access. A blocked leaf is not valid but remembers its page and the fence
 * version at which it was blocked. Callers hold the TVM's lock.
 *
 * Splitting a leaf and joining leaves changes no translation, so neither needs a
 * fence. But a hart may go on reading a table that is no longer in use: such a
 * table is used again only after a fence (limbo).
 */
#include "cove_gstage.h"
#include "cove_internal.h"

#define PTE_SW_SHARED  (1UL << 8)
#define PTE_SW_BLOCKED (1UL << 9)
#define PTE_LEAF       (PTE_V | PTE_R | PTE_W | PTE_U | PTE_A | PTE_D)
/* version of a blocked leaf: low 6 bits at 6:1, next 10 bits at 63:54 */
#define BLOCKED_LOW_BITS   6
#define BLOCKED_LOW_SHIFT  1
#define BLOCKED_HIGH_SHIFT 54
#define MAX_SPLITS	   (2 * (COVE_LEVEL_MAX))

/** cove_gstage_gpa_limit() - first guest physical address out of reach */
u64 cove_gstage_gpa_limit(void)
{
	return 1UL << (14 + 9 * cove.gstage_levels);
}

/** cove_gstage_hgatp() - value of hgatp for a TVM; the VMID is its C-mode ID as far as the hart has
 * bits */
unsigned long cove_gstage_hgatp(const struct tvm *tvm)
{
	return cove.gstage_mode << 60 | ((tvm->id & cove.vmid_mask) << 44) |
	       tvm->root >> PMPTABLE_PAGE_SHIFT;
}

static u64 pte_of(u64 pa)
{
	return pa >> PMPTABLE_PAGE_SHIFT << PTE_PPN_SHIFT;
}

/* A table out of use: the first word links to the next, the second holds the version of the
 * TVM's fence. Neither is a valid entry for a hart that still reads the table. */
static void limbo_add(struct tvm *tvm, u64 pa)
{
	u64 *page = arch_ptr(pa);

	arch_store(&page[0], 0UL);
	arch_store(&page[1], tvm->tcur << 1);
	if (tvm->pt_limbo)
		arch_store((u64 *)arch_ptr(tvm->pt_limbo_last), pa);
	else
		tvm->pt_limbo = pa;
	tvm->pt_limbo_last = pa;
}

/* The table that is out of use for longest, if no hart can read it any more. */
static u64 limbo_take(struct tvm *tvm)
{
	u64 pa = tvm->pt_limbo;
	u64 *page;

	if (!pa)
		return 0;
	page = arch_ptr(pa);
	if (COVE_DEFENCE(TABLE_FENCED) && cove_tvm_running(tvm) &&
	    !cove_tvm_fenced(tvm, page[1] >> 1))
		return 0;
	tvm->pt_limbo = page[0];
	cove_clear(pa, COVE_PAGE_SIZE);
	return pa;
}

/** cove_gstage_pool_add() - @pa, a page of zeros, is for tables */
void cove_gstage_pool_add(struct tvm *tvm, u64 pa)
{
	*(u64 *)arch_ptr(pa) = tvm->pt_pool;
	tvm->pt_pool = pa;
	tvm->pt_free++;
}

/** cove_gstage_pool_take() - a page of zeros for a table; 0 when there is none */
u64 cove_gstage_pool_take(struct tvm *tvm)
{
	u64 pa = tvm->pt_pool;
	u64 *page;

	if (!pa)
		return limbo_take(tvm);
	page = arch_ptr(pa);
	tvm->pt_pool = page[0];
	tvm->pt_free--;
	page[0] = 0;
	return pa;
}

/* All or nothing. */
static bool pt_alloc_n(struct tvm *tvm, u64 *pa, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		pa[i] = cove_gstage_pool_take(tvm);
		if (pa[i])
			continue;
		while (i--)
			cove_gstage_pool_add(tvm, pa[i]);
		return false;
	}
	return true;
}

/* The entry for @gpa in the table below *@pte, which is of @level. */
static u64 *below(u64 pte, u64 gpa, unsigned int level)
{
	u64 *table = arch_ptr(cove_pte_pa(pte));

	return &table[(gpa >> cove_level_shift(level)) & 0x1ff];
}

/* The entry that maps @gpa or says that nothing does, at *@level or above. */
static u64 *find(const struct tvm *tvm, u64 gpa, unsigned int *level)
{
	unsigned int at = cove.gstage_levels - 1;
	u64 *root = arch_ptr(tvm->root);
	u64 *pte = &root[(gpa >> cove_level_shift(at)) & 0x7ff];

	while (at > *level && cove_pte_is_table(*pte))
		pte = below(*pte, gpa, --at);
	*level = at;
	return pte;
}

/** cove_pte_kind() - what an entry that is no pointer maps */
enum gstage_leaf cove_pte_kind(u64 pte)
{
	if (pte & PTE_V)
		return pte & PTE_SW_SHARED ? GSTAGE_SHARED : GSTAGE_DATA;
	if (pte & PTE_SW_BLOCKED)
		return pte & PTE_SW_SHARED ? GSTAGE_BLOCKED_SHARED : GSTAGE_BLOCKED;
	return GSTAGE_NONE;
}

/** cove_gstage_at() - the leaf that maps @gpa, or the hole around it */
void cove_gstage_at(const struct tvm *tvm, u64 gpa, struct gstage_at *at)
{
	u64 *pte, offset;

	at->level = 0;
	pte = find(tvm, gpa, &at->level);
	offset = gpa & (cove_level_size(at->level) - 1);
	at->kind = cove_pte_kind(*pte);
	at->pa = cove_pte_pa(*pte) + offset;
	at->end = gpa - offset + cove_level_size(at->level);
}

/** cove_gstage_get() - what is at @gpa; *@pa is its page unless GSTAGE_NONE */
enum gstage_leaf cove_gstage_get(const struct tvm *tvm, u64 gpa, u64 *pa)
{
	struct gstage_at at;

	cove_gstage_at(tvm, gpa, &at);
	if (at.kind != GSTAGE_NONE)
		*pa = at.pa;
	return at.kind;
}

static bool table_empty(u64 pa, unsigned int level)
{
	const u64 *table = arch_ptr(pa);
	unsigned int i;

	for (i = 0; i < 512; i++)
		if (table[i] && !(level && cove_pte_is_table(table[i]) &&
				  table_empty(cove_pte_pa(table[i]), level - 1)))
			return false;
	return true;
}

/* The largest leaf that fits in at @gpa. */
static unsigned int best_level(u64 gpa, u64 len)
{
	unsigned int level = COVE_LEVEL_MAX;

	while (level && ((gpa & (cove_level_size(level) - 1)) || len < cove_level_size(level)))
		level--;
	return level;
}

/* Are the entries from *@pte on that are for [gpa, end), in the same table of small leaves, empty?
 * Returns the address behind them, or 0 when one is not. */
static u64 skip_empty(const u64 *pte, u64 gpa, u64 end)
{
	u64 table_end = (gpa | (cove_level_size(1) - 1)) + 1;

	end = end < table_end ? end : table_end;
	for (; gpa < end; gpa += COVE_PAGE_SIZE)
		if (*pte++)
			return 0;
	return gpa;
}

/** cove_gstage_empty() - is nothing mapped, and nothing blocked, in [gpa, gpa + len)? */
bool cove_gstage_empty(const struct tvm *tvm, u64 gpa, u64 len)
{
	u64 end = gpa + len;

	while (gpa < end) {
		unsigned int level = best_level(gpa, end - gpa);
		const u64 *pte = find(tvm, gpa, &level);

		if (!level) {
			gpa = skip_empty(pte, gpa, end);
			if (!gpa)
				return false;
			continue;
		}
		if (*pte && !(cove_pte_is_table(*pte) && table_empty(cove_pte_pa(*pte), level - 1)))
			return false;
		gpa = (gpa | (cove_level_size(level) - 1)) + 1;
	}
	return true;
}

static bool reserve_one(struct tvm *tvm, u64 gpa, unsigned int level)
{
	unsigned int at = level;
	u64 *pte = find(tvm, gpa, &at);

	for (; at > level; pte = below(*pte, gpa, --at)) {
		u64 pa = cove_gstage_pool_take(tvm);

		if (!pa)
			return false;
		arch_store(pte, pte_of(pa) | PTE_V);
	}
	return true;
}

/**
 * cove_gstage_reserve() - make sure that @n leaves of @level from @gpa, where
 * nothing is mapped, have tables
 * Return: false when the TVM's page-table pool runs out; tables made so far
 * stay, they are empty
 */
bool cove_gstage_reserve(struct tvm *tvm, u64 gpa, u64 n, unsigned int level)
{
	u64 end = gpa + n * cove_level_size(level);

	for (; gpa < end; gpa = (gpa | (cove_level_size(level + 1) - 1)) + 1)
		if (!reserve_one(tvm, gpa, level))
			return false;
	return true;
}

static void drop_table(struct tvm *tvm, u64 pa, unsigned int level)
{
	const u64 *table = arch_ptr(pa);
	unsigned int i;

	for (i = 0; level && i < 512; i++)
		if (cove_pte_is_table(table[i]))
			drop_table(tvm, cove_pte_pa(table[i]), level - 1);
	limbo_add(tvm, pa);
}

static u64 leaf(u64 pa, bool shared)
{
	return pte_of(pa) | PTE_LEAF | (shared ? PTE_SW_SHARED : 0) |
	       (shared && COVE_DEFENCE(SHARED_NO_EXECUTE) ? 0 : PTE_X);
}

static void set_leaf(struct tvm *tvm, u64 *pte, u64 pa, unsigned int level, bool shared)
{
	u64 old = *pte;

	arch_store(pte, leaf(pa, shared));
	if (cove_pte_is_table(old))
		drop_table(tvm, cove_pte_pa(old), level - 1);
}

/** cove_gstage_map() - map @pa at @gpa by a leaf of @level, which has been reserved; shared pages
 * are never executable */
void cove_gstage_map(struct tvm *tvm, u64 gpa, u64 pa, unsigned int level, bool shared)
{
	unsigned int at = level;

	set_leaf(tvm, find(tvm, gpa, &at), pa, level, shared);
}

/** cove_gstage_map_run() - map @n leaves of @level that follow each other, as cove_gstage_map() */
void cove_gstage_map_run(struct tvm *tvm, u64 gpa, u64 pa, u64 n, unsigned int level, bool shared)
{
	u64 size = cove_level_size(level), end = gpa + n * size;
	u64 *pte = NULL;

	for (; gpa < end; gpa += size, pa += size, pte++) {
		unsigned int at = level;

		if (!pte || !(gpa >> cove_level_shift(level) & 0x1ff))
			pte = find(tvm, gpa, &at);
		set_leaf(tvm, pte, pa, level, shared);
	}
}

/** cove_gstage_block() - make the mapped leaf at @gpa unreachable, remember it and the TVM's fence
 * version */
void cove_gstage_block(struct tvm *tvm, u64 gpa)
{
	unsigned int level = 0;
	u64 *pte = find(tvm, gpa, &level);
	u64 low = tvm->tcur & ((1UL << BLOCKED_LOW_BITS) - 1);
	u64 high = (tvm->tcur >> BLOCKED_LOW_BITS) & 0x3ff;

	arch_store(pte, (*pte & (PTE_PPN_MASK << PTE_PPN_SHIFT | PTE_SW_SHARED)) | PTE_SW_BLOCKED |
				low << BLOCKED_LOW_SHIFT | high << BLOCKED_HIGH_SHIFT);
}

/** cove_gstage_blocked_version() - low 16 bits of the fence version at which @gpa was blocked */
unsigned int cove_gstage_blocked_version(const struct tvm *tvm, u64 gpa)
{
	unsigned int level = 0;
	u64 pte = *find(tvm, gpa, &level);
	u64 low = (pte >> BLOCKED_LOW_SHIFT) & ((1UL << BLOCKED_LOW_BITS) - 1);

	return (unsigned int)(low | (pte >> BLOCKED_HIGH_SHIFT) << BLOCKED_LOW_BITS);
}

/** cove_gstage_unblock() - undo cove_gstage_block() */
void cove_gstage_unblock(struct tvm *tvm, u64 gpa)
{
	unsigned int level = 0;
	u64 *pte = find(tvm, gpa, &level);

	arch_store(pte, leaf(cove_pte_pa(*pte), *pte & PTE_SW_SHARED));
}

/** cove_gstage_clear() - forget the blocked leaf at @gpa */
void cove_gstage_clear(struct tvm *tvm, u64 gpa)
{
	unsigned int level = 0;

	arch_store(find(tvm, gpa, &level), 0UL);
}

/* A leaf of @level becomes a table of 512 leaves of the same kind. */
static void split(u64 *pte, unsigned int level, u64 table_pa)
{
	u64 old = *pte, step = pte_of(cove_level_size(level - 1));
	u64 *table = arch_ptr(table_pa);
	unsigned int i;

	for (i = 0; i < 512; i++)
		table[i] = old + i * step;
	arch_store(pte, pte_of(table_pa) | PTE_V);
}

/* Does the edge @gpa lie inside of a block of @level? */
static bool inside(u64 gpa, unsigned int level)
{
	return gpa & (cove_level_size(level) - 1);
}

static unsigned int leaf_level(const struct tvm *tvm, u64 gpa)
{
	struct gstage_at at;

	cove_gstage_at(tvm, gpa, &at);
	return at.kind == GSTAGE_NONE ? 0 : at.level;
}

/* How many leaves have to be split for edges at @gpa and @end. */
static unsigned int count_splits(const struct tvm *tvm, u64 gpa, u64 end)
{
	unsigned int level, n = 0;

	for (level = leaf_level(tvm, gpa); level; level--)
		n += inside(gpa, level);
	for (level = inside(end, 1) || inside(end, 2) ? leaf_level(tvm, end) : 0; level; level--)
		n += inside(end, level) &&
		     !(inside(gpa, level) &&
		       gpa >> cove_level_shift(level) == end >> cove_level_shift(level));
	return n;
}

/* Split what lies across @gpa; *@table: the tables for it. */
static u64 *split_at(struct tvm *tvm, u64 gpa, u64 *table)
{
	unsigned int level = 0;
	u64 *pte = find(tvm, gpa, &level);

	if (cove_pte_kind(*pte) == GSTAGE_NONE)
		return table;
	while (level && inside(gpa, level)) {
		split(pte, level, *table++);
		pte = below(*pte, gpa, --level);
	}
	return table;
}

/**
 * cove_gstage_isolate() - split leaves so that none lies across the ends of [gpa, gpa + len)
 * Return: false when the page-table pool runs out; nothing changed
 */
bool cove_gstage_isolate(struct tvm *tvm, u64 gpa, u64 len)
{
	u64 table[MAX_SPLITS], *next;

	if (!COVE_DEFENCE(SPLIT_LARGE))
		return true;
	if (!pt_alloc_n(tvm, table, count_splits(tvm, gpa, gpa + len)))
		return false;
	next = split_at(tvm, gpa, table);
	if (inside(gpa + len, 1) || inside(gpa + len, 2))
		split_at(tvm, gpa + len, next);
	return true;
}

/**
 * cove_gstage_split() - the leaf at @gpa becomes smaller ones, of which the one at @gpa is of
 * @level Return: false when the page-table pool runs out; nothing changed
 */
bool cove_gstage_split(struct tvm *tvm, u64 gpa, unsigned int level)
{
	unsigned int at = 0, i = 0;
	u64 *pte = find(tvm, gpa, &at);
	u64 table[COVE_LEVEL_MAX];

	if (!pt_alloc_n(tvm, table, at - level))
		return false;
	for (; at > level; pte = below(*pte, gpa, --at))
		split(pte, at, table[i++]);
	return true;
}

/* Is the table a leaf of @level in pieces, all mapped or all blocked? */
static bool joinable(const u64 *table, unsigned int level)
{
	u64 pa = cove_pte_pa(table[0]);
	enum gstage_leaf kind = cove_pte_kind(table[0]);
	unsigned int i;

	if (kind == GSTAGE_NONE || inside(pa, level))
		return false;
	for (i = 0; i < 512; i++)
		if (cove_pte_is_table(table[i]) || cove_pte_kind(table[i]) != kind ||
		    (COVE_DEFENCE(JOIN_CONTIGUOUS) &&
		     cove_pte_pa(table[i]) != pa + i * cove_level_size(level - 1)))
			return false;
	return true;
}

/**
 * cove_gstage_join() - 512 leaves become one of @level at @gpa, mapped
 *
 * They must be of the next smaller size, all mapped or all blocked, all shared or
 * none, of one contiguous and aligned range. Their table goes to the pool once
 * the TVM is fenced.
 *
 * Return: false when they are not
 */
bool cove_gstage_join(struct tvm *tvm, u64 gpa, unsigned int level)
{
	unsigned int at = level;
	u64 *pte = find(tvm, gpa, &at);
	u64 table_pa = cove_pte_pa(*pte);
	const u64 *table;

	if (at != level || !cove_pte_is_table(*pte))
		return false;
	table = arch_ptr(table_pa);
	if (!joinable(table, level))
		return false;
	arch_store(pte, leaf(cove_pte_pa(table[0]), table[0] & PTE_SW_SHARED));
	limbo_add(tvm, table_pa);
	return true;
}
