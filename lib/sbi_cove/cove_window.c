// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The window. Page tables of the monitor map just the pages that one
 * instruction needs, translated and checked in software; the PMP denies only
 * what is always denied. It acts as a TLB does: the host sees its own
 * translation, as it was when the page was walked, until it fences.
 *
 * Nothing else is in reach meanwhile. The tables are readable for the hart's
 * walker but mapped nowhere. Of the other translations a trap or an
 * instruction could switch to, satp and hgatp have no valid entry, and access
 * to them traps (mstatus.TVM, hstatus.VTVM). Every exception comes to M-mode,
 * which closes the window before it does anything else.
 */
#include "cove_internal.h"
#include "cove_pte.h"

#define ROOT_GSTAGE 0 /* four pages */
#define ROOT_FIRST  4
#define POOL	    5
#define LEVEL_BITS  9
#define ATP_KEEP    (~ATP_PPN_MASK)
#define OPERANDS    2
#define PER_KIND    2
#define MAX_CHAIN   64

static u64 window_page(const struct cove_window *w, unsigned int page)
{
	return w->tables + page * COVE_PAGE_SIZE;
}

static unsigned long atp_of(unsigned long keep, u64 root)
{
	return (keep & ATP_KEEP) | root >> PMPTABLE_PAGE_SHIFT;
}

static void set_entry(struct cove_window *w, u64 *entry, u64 pte)
{
	*entry = pte;
	w->entry[w->nentries++] = entry;
}

/* What a leaf of the window says: nothing that the host's PTEs do not, and no A or D to set. */
static u64 leaf_of(const struct cove_window_slot *slot, bool gstage, bool pbmte)
{
	u64 keep = PTE_R | PTE_X;

	if (slot->pte & PTE_D)
		keep |= PTE_W | PTE_D;
	if (pbmte)
		keep |= PTE_PBMT;
	if (!gstage)
		keep |= PTE_U;
	return (slot->pte & keep) | PTE_V | PTE_A | (gstage ? PTE_U : 0) |
	       slot->pa >> PMPTABLE_PAGE_SHIFT << PTE_PPN_SHIFT;
}

static u64 *next_table(struct cove_window *w, u64 *entry)
{
	if (!*entry)
		set_entry(w, entry,
			  (window_page(w, w->npages++) >> PMPTABLE_PAGE_SHIFT << PTE_PPN_SHIFT) |
				  PTE_V);
	return arch_ptr(*entry >> PTE_PPN_SHIFT << PMPTABLE_PAGE_SHIFT);
}

/* Map what the slots hold at @root, in the mode of @atp. */
static void map_slots(struct cove_window *w, u64 root, u64 atp, bool gstage, bool pbmte)
{
	unsigned int levels = (unsigned int)(atp >> ATP_MODE_SHIFT) - ATP_MODE_SV39 + 3;
	unsigned int i, level;

	w->npages = POOL;
	w->nentries = 0;
	for (i = 0; i < COVE_WINDOW_SLOTS; i++) {
		const struct cove_window_slot *slot = &w->slot[i];
		u64 mask = (1UL << (LEVEL_BITS + (gstage ? 2 : 0))) - 1;
		u64 page = slot->va >> PMPTABLE_PAGE_SHIFT;
		u64 *table = arch_ptr(root);

		if (!slot->pte)
			continue;
		for (level = levels - 1; level; level--) {
			table = next_table(w, &table[page >> (LEVEL_BITS * level) & mask]);
			mask = (1UL << LEVEL_BITS) - 1;
		}
		if (!table[page & mask])
			set_entry(w, &table[page & mask], leaf_of(slot, gstage, pbmte));
	}
}

/* The host's own PMP regions stay in front of everything but the walker's reading. */
static int window_pmp(const struct cove_window *w, struct pmp_config *config)
{
	const struct pmp_region tables = { w->tables, COVE_WINDOW_PAGES * COVE_PAGE_SIZE,
					   PMP_CFG_R };
	const struct pmp_region all = { 0, 0, PMP_CFG_R | PMP_CFG_W | PMP_CFG_X };

	config->n = 0;
	return pmp_encode(&tables, 1, cove.pmp.entries, config) ||
	       pmp_encode(cove.pmp.region, cove.pmp.nregions, cove.pmp.entries, config) ||
	       pmp_encode(&all, 1, cove.pmp.entries, config);
}

static bool is_bare(u64 atp)
{
	return !(atp >> ATP_MODE_SHIFT);
}

/* Map what the slots hold and let the host run on it. */
static bool window_open(struct cove_hart *hart, const struct cove_walk_env *env,
			struct cove_host_trap *t)
{
	const u64 sv39 = (u64)ATP_MODE_SV39 << ATP_MODE_SHIFT;
	struct cove_window *w = &hart->window;
	struct cove_window_csrs next = { .virt = env->virt, .vsatp = env->satp };
	u64 first = window_page(w, ROOT_FIRST), gstage = window_page(w, ROOT_GSTAGE);

	if (window_pmp(w, &hart->next) ||
	    !cove_world_write_pmp(&hart->pmp, &hart->next, cove.pmp.entries))
		return false;
	if (!env->virt) {
		map_slots(w, first, env->satp, false, env->pbmte);
		next.satp = atp_of(env->satp, first);
		next.hgatp = atp_of(cove.gstage_mode << ATP_MODE_SHIFT, gstage);
	} else if (is_bare(env->satp)) {
		map_slots(w, gstage, env->hgatp, true, env->gpbmte);
		next.hgatp = atp_of(env->hgatp, gstage);
		next.satp = atp_of(sv39, first);
	} else {
		map_slots(w, first, env->satp, false, env->pbmte);
		next.vsatp = atp_of(env->satp, first);
		next.hgatp = 0;
		next.satp = atp_of(sv39, gstage);
	}
	cove_world_window_enter(&next, &w->host, &t->mstatus);
	w->pc = t->pc;
	w->mode = cove_host_mode(t);
	w->open = true;
	arch_store(&hart->windows, hart->windows + 1);
	return true;
}

static void clear_slots(struct cove_window *w)
{
	unsigned int i;

	for (i = 0; i < COVE_WINDOW_SLOTS; i++)
		w->slot[i].pte = 0;
	w->next_fetch = 0;
	w->next_operand = 0;
	w->chain = 0;
}

/**
 * cove_window_close() - the host has trapped: it is on its own translation again
 * @t: its trap; mstatus becomes what it was
 * @keep: the slots are wanted for cove_window_fault() before the host runs again
 */
void cove_window_close(struct cove_hart *hart, struct cove_host_trap *t, bool keep)
{
	struct cove_window *w = &hart->window;

	cove_world_window_leave(&w->host, &t->mstatus);
	w->open = false;
	while (w->nentries)
		*w->entry[--w->nentries] = 0;
	/* What the PMP CSRs hold now is in hart->next. */
	if (!cove_world_write_pmp(&hart->next, &hart->pmp, cove.pmp.entries))
		cove_world_halt();
	cove_world_flush_host();
	if (!keep)
		clear_slots(w);
}

static struct cove_window_slot *find_slot(struct cove_window *w, unsigned int first, u64 va)
{
	unsigned int i;

	for (i = first; i < first + PER_KIND; i++) {
		if (w->slot[i].pte && w->slot[i].va == (va & ~COVE_PAGE_MASK))
			return &w->slot[i];
	}
	return NULL;
}

/* The slot for @va: the one that shows it, else the one that was filled before the last. */
static struct cove_window_slot *choose_slot(struct cove_window *w, enum cove_walk_access access,
					    u64 va, u64 pc)
{
	unsigned int first = access == WALK_FETCH ? 0 : OPERANDS;
	unsigned int *next = access == WALK_FETCH ? &w->next_fetch : &w->next_operand;
	struct cove_window_slot *slot = find_slot(w, first, va);

	if (slot)
		return slot;
	slot = &w->slot[first + *next];
	/* The other half of an instruction may not push out the first. */
	if (access == WALK_FETCH && slot->pte && slot->va == (pc & ~COVE_PAGE_MASK)) {
		*next ^= 1;
		slot = &w->slot[*next];
	}
	*next ^= 1;
	return slot;
}

/* Walk and check a page for the window; WALK_OK, or what is to be delivered. */
static enum cove_walk_status fill(struct cove_window *w, const struct cove_walk_env *env,
				  enum cove_walk_access access, u64 va, u64 pc,
				  struct cove_walk *walk)
{
	struct cove_window_slot page = { .va = va & ~COVE_PAGE_MASK };
	enum cove_walk_status status;
	unsigned int i;

	walk->visit = NULL;
	status = cove_walk_va(env, access, va, true, walk);
	if (status != WALK_OK)
		return status;
	if (COVE_DEFENCE(WINDOW_OWNER) && !cove_host_may(walk->pa & ~COVE_PAGE_MASK))
		return WALK_ACCESS_FAULT;
	page.pa = walk->pa & ~COVE_PAGE_MASK;
	page.pte = walk->pte | PTE_V;
	*choose_slot(w, access, va, pc) = page;
	for (i = 0; i < COVE_WINDOW_SLOTS; i++) {
		if (w->slot[i].pte && w->slot[i].va == page.va)
			w->slot[i] = page;
	}
	return WALK_OK;
}

/* The pages that the instruction at @t->pc is fetched from. */
static enum cove_walk_status fill_fetch(struct cove_window *w, const struct cove_walk_env *env,
					const struct cove_host_trap *t, struct cove_walk *walk)
{
	enum cove_walk_status status;
	struct cove_walk second;

	if (find_slot(w, 0, t->pc))
		return WALK_OK;
	status = fill(w, env, WALK_FETCH, t->pc, t->pc, walk);
	/* Perhaps it is short: if not, the fetch of its other half will say so. */
	if (status == WALK_OK && (t->pc & COVE_PAGE_MASK) == COVE_PAGE_SIZE - 2)
		fill(w, env, WALK_FETCH, t->pc + 2, t->pc, &second);
	return status;
}

/* Is it the access that the window was opened for last? Then the window is no help. */
static bool in_vain(struct cove_window *w, enum cove_walk_access access, u64 va, u64 pc)
{
	bool again = w->chain && w->pc == pc && w->last_va == va && w->last_access == access;

	w->last_va = va;
	w->last_access = access;
	w->chain++;
	return again || w->chain > MAX_CHAIN;
}

/**
 * cove_window_fault() - let an access through that does not succeed otherwise
 * @env: how the host's addresses are translated; not bare
 * @access, @va: what the instruction at @t->pc does, where
 * @t: the trap; becomes the fault that is to be delivered when there is one
 *
 * What the window showed before stays, so that a loop of LR and SC, of which
 * none may trap, gets all that it needs.
 */
enum cove_window_result cove_window_fault(struct cove_hart *hart, const struct cove_walk_env *env,
					  enum cove_walk_access access, u64 va,
					  struct cove_host_trap *t)
{
	struct cove_window *w = &hart->window;
	enum cove_walk_status status;
	struct cove_walk walk;

	if (in_vain(w, access, va, t->pc)) {
		clear_slots(w);
		return WINDOW_NATIVE;
	}
	status = fill_fetch(w, env, t, &walk);
	if (status != WALK_OK) {
		cove_host_deliver(t, status, WALK_FETCH, t->pc, &walk);
	} else if (access != WALK_FETCH || !find_slot(w, 0, va)) {
		status = fill(w, env, access, va, t->pc, &walk);
		if (status != WALK_OK)
			cove_host_deliver(t, status, access, va, &walk);
	}
	if (status == WALK_OK && window_open(hart, env, t))
		return WINDOW_OPEN;
	clear_slots(w);
	return status == WALK_OK ? WINDOW_NATIVE : WINDOW_DELIVER;
}
