// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * G-stage tables of a TVM: Sv39x4, Sv48x4 or Sv57x4, 4 KiB leaves. They lie in
 * pages that the host donated and cannot access. A blocked leaf is not valid
 * but remembers its page and the fence version at which it was blocked.
 * Callers hold the TVM's lock.
 */
#include "cove_internal.h"
#include "cove_pte.h"

#define PTE_SW_SHARED  (1UL << 8)
#define PTE_SW_BLOCKED (1UL << 9)
#define PTE_LEAF       (PTE_V | PTE_R | PTE_W | PTE_U | PTE_A | PTE_D)
/* version of a blocked leaf: low 6 bits at 6:1, next 10 bits at 63:54 */
#define BLOCKED_LOW_BITS   6
#define BLOCKED_LOW_SHIFT  1
#define BLOCKED_HIGH_SHIFT 54

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

static u64 pte_pa(u64 pte)
{
	return (pte >> PTE_PPN_SHIFT & PTE_PPN_MASK) << PMPTABLE_PAGE_SHIFT;
}

static u64 pt_alloc(struct tvm *tvm)
{
	u64 pa = tvm->pt_pool;
	u64 *page;

	if (!pa)
		return 0;
	page = arch_ptr(pa);
	tvm->pt_pool = page[0];
	tvm->pt_free--;
	page[0] = 0;
	return pa;
}

static u64 *walk(const struct tvm *tvm, u64 gpa, struct tvm *alloc_from)
{
	unsigned int level = cove.gstage_levels - 1;
	u64 *table = arch_ptr(tvm->root);
	u64 *pte = &table[(gpa >> (PMPTABLE_PAGE_SHIFT + 9 * level)) & 0x7ff];

	while (level) {
		if (!(*pte & PTE_V)) {
			u64 pa = alloc_from ? pt_alloc(alloc_from) : 0;

			if (!pa)
				return NULL;
			arch_store(pte, (pa >> PMPTABLE_PAGE_SHIFT << PTE_PPN_SHIFT) | PTE_V);
		}
		level--;
		table = arch_ptr(pte_pa(*pte));
		pte = &table[(gpa >> (PMPTABLE_PAGE_SHIFT + 9 * level)) & 0x1ff];
	}
	return pte;
}

static enum gstage_leaf leaf_kind(u64 pte)
{
	if (pte & PTE_V)
		return pte & PTE_SW_SHARED ? GSTAGE_SHARED : GSTAGE_DATA;
	if (pte & PTE_SW_BLOCKED)
		return pte & PTE_SW_SHARED ? GSTAGE_BLOCKED_SHARED : GSTAGE_BLOCKED;
	return GSTAGE_NONE;
}

/** cove_gstage_get() - what is at @gpa; *@pa is its page unless GSTAGE_NONE */
enum gstage_leaf cove_gstage_get(const struct tvm *tvm, u64 gpa, u64 *pa)
{
	u64 *pte = walk(tvm, gpa, NULL);

	if (!pte)
		return GSTAGE_NONE;
	*pa = pte_pa(*pte);
	return leaf_kind(*pte);
}

/**
 * cove_gstage_reserve() - make sure that @n pages from @gpa have leaf tables
 * Return: false when the TVM's page-table pool runs out; tables made so far
 * stay, they are empty
 */
bool cove_gstage_reserve(struct tvm *tvm, u64 gpa, u64 n)
{
	u64 i;

	for (i = 0; i < n; i++)
		if (!walk(tvm, gpa + i * COVE_PAGE_SIZE, tvm))
			return false;
	return true;
}

/** cove_gstage_map() - map @pa at @gpa, whose leaf table exists; shared pages are never executable
 */
void cove_gstage_map(struct tvm *tvm, u64 gpa, u64 pa, bool shared)
{
	u64 pte = (pa >> PMPTABLE_PAGE_SHIFT << PTE_PPN_SHIFT) | PTE_LEAF;

	arch_store(walk(tvm, gpa, NULL),
		   pte | (shared ? PTE_SW_SHARED : 0) |
			   (shared && COVE_DEFENCE(SHARED_NO_EXECUTE) ? 0 : PTE_X));
}

/** cove_gstage_block() - make the mapped page at @gpa unreachable, remember it and the TVM's fence
 * version */
void cove_gstage_block(struct tvm *tvm, u64 gpa)
{
	u64 *pte = walk(tvm, gpa, NULL);
	u64 low = tvm->tcur & ((1UL << BLOCKED_LOW_BITS) - 1);
	u64 high = (tvm->tcur >> BLOCKED_LOW_BITS) & 0x3ff;

	arch_store(pte, (*pte & (PTE_PPN_MASK << PTE_PPN_SHIFT | PTE_SW_SHARED)) | PTE_SW_BLOCKED |
				low << BLOCKED_LOW_SHIFT | high << BLOCKED_HIGH_SHIFT);
}

/** cove_gstage_blocked_version() - low 16 bits of the fence version at which @gpa was blocked */
unsigned int cove_gstage_blocked_version(const struct tvm *tvm, u64 gpa)
{
	u64 pte = *walk(tvm, gpa, NULL);
	u64 low = (pte >> BLOCKED_LOW_SHIFT) & ((1UL << BLOCKED_LOW_BITS) - 1);

	return (unsigned int)(low | (pte >> BLOCKED_HIGH_SHIFT) << BLOCKED_LOW_BITS);
}

/** cove_gstage_unblock() - undo cove_gstage_block() */
void cove_gstage_unblock(struct tvm *tvm, u64 gpa)
{
	u64 pte = *walk(tvm, gpa, NULL);

	cove_gstage_map(tvm, gpa, pte_pa(pte), pte & PTE_SW_SHARED);
}

/** cove_gstage_clear() - forget the blocked page at @gpa */
void cove_gstage_clear(struct tvm *tvm, u64 gpa)
{
	arch_store(walk(tvm, gpa, NULL), 0UL);
}

/* Pages with neighbouring addresses change owner in one transition. */
struct release_run {
	unsigned int id;
	u64 pa;
	u64 n;
};

static void release_flush(struct release_run *run)
{
	if (run->n)
		cove_release(run->pa, run->n, PMPTABLE_TVM_DATA(run->id));
	run->n = 0;
}

static void release_leaf(struct release_run *run, u64 pte)
{
	enum gstage_leaf kind = leaf_kind(pte);
	u64 pa = pte_pa(pte);

	if (kind == GSTAGE_SHARED || kind == GSTAGE_BLOCKED_SHARED) {
		cove_unpin_shared(pa);
	} else if (kind != GSTAGE_NONE) {
		if (run->n && pa != run->pa + run->n * COVE_PAGE_SIZE)
			release_flush(run);
		if (!run->n)
			run->pa = pa;
		run->n++;
	}
}

static void destroy_table(struct release_run *run, u64 table_pa, unsigned int level,
			  unsigned int entries)
{
	u64 *table = arch_ptr(table_pa);
	unsigned int i;

	for (i = 0; i < entries; i++) {
		if (!level) {
			release_leaf(run, table[i]);
		} else if (table[i] & PTE_V) {
			destroy_table(run, pte_pa(table[i]), level - 1, 512);
			cove_release(pte_pa(table[i]), 1, PMPTABLE_TVM_META(run->id));
		}
	}
}

/** cove_gstage_destroy() - release every page of the tables, what they map, and the pool; no vCPU
 * may run again */
void cove_gstage_destroy(struct tvm *tvm)
{
	struct release_run run = { .id = tvm->id };
	u64 pa;

	destroy_table(&run, tvm->root, cove.gstage_levels - 1, 2048);
	release_flush(&run);
	cove_release(tvm->root, COVE_PAGE_DIRECTORY_SIZE / COVE_PAGE_SIZE,
		     PMPTABLE_TVM_META(tvm->id));
	while ((pa = pt_alloc(tvm)))
		cove_release(pa, 1, PMPTABLE_TVM_META(tvm->id));
}
