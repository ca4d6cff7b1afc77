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

#define ROOT_GSTAGE  0 /* four pages */
#define ROOT_FIRST   4
#define POOL	     5
#define LEVEL_BITS   9
#define GSTAGE_EXTRA 2
#define NO_ADDRESS   (~0UL)

static u64 window_page(const struct cove_window *w, unsigned int page)
{
	return w->tables + page * COVE_PAGE_SIZE;
}

static unsigned long atp_of(unsigned long keep, u64 root)
{
	return (keep & ~ATP_PPN_MASK) | root >> PMPTABLE_PAGE_SHIFT;
}

static bool is_bare(u64 atp)
{
	return !(atp >> ATP_MODE_SHIFT);
}

/* Empty tables. Those of the pool are cleared when they are taken. */
static void clear_tables(struct cove_window *w)
{
	cove_clear(window_page(w, ROOT_FIRST), COVE_PAGE_SIZE);
	if (w->gstage_dirty)
		cove_clear(window_page(w, ROOT_GSTAGE), ROOT_FIRST * COVE_PAGE_SIZE);
	w->gstage_dirty = false;
	w->npages = POOL;
}

/* What a leaf of the window says: nothing that the host's PTEs do not, and no A or D to set. */
static u64 leaf_of(const struct cove_window *w, const struct cove_walk *walk)
{
	u64 keep = PTE_R | PTE_X;

	if (walk->pte & PTE_D)
		keep |= PTE_W | PTE_D;
	if (w->pbmte)
		keep |= PTE_PBMT;
	if (!w->gstage)
		keep |= PTE_U;
	return (walk->pte & keep) | PTE_V | PTE_A | (w->gstage ? PTE_U : 0) |
	       walk->pa >> PMPTABLE_PAGE_SHIFT << PTE_PPN_SHIFT;
}

/* The table behind @entry, or NULL when there is no page for it. */
static u64 *next_table(struct cove_window *w, u64 *entry)
{
	u64 page;

	if (!*entry) {
		if (w->npages == COVE_WINDOW_PAGES)
			return NULL;
		page = window_page(w, w->npages++);
		cove_clear(page, COVE_PAGE_SIZE);
		*entry = (page >> PMPTABLE_PAGE_SHIFT << PTE_PPN_SHIFT) | PTE_V;
	}
	return arch_ptr(*entry >> PTE_PPN_SHIFT << PMPTABLE_PAGE_SHIFT);
}

/* Show the page of @va; false when the pool is empty. */
static bool map(struct cove_window *w, u64 va, const struct cove_walk *walk)
{
	u64 mask = (1UL << (LEVEL_BITS + (w->gstage ? GSTAGE_EXTRA : 0))) - 1;
	u64 page = va >> PMPTABLE_PAGE_SHIFT;
	u64 *table = arch_ptr(w->root);
	unsigned int level;

	w->gstage_dirty |= w->gstage;
	for (level = w->levels - 1; level && table; level--) {
		table = next_table(w, &table[page >> (LEVEL_BITS * level) & mask]);
		mask = (1UL << LEVEL_BITS) - 1;
	}
	if (!table)
		return false;
	table[page & mask] = leaf_of(w, walk);
	return true;
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

/* Which stage the window takes the place of. */
static void prepare(struct cove_window *w, const struct cove_walk_env *env)
{
	u64 atp;

	w->virt = env->virt;
	w->gstage = env->virt && is_bare(env->satp);
	w->pbmte = w->gstage ? env->gpbmte : env->pbmte;
	w->root = window_page(w, w->gstage ? ROOT_GSTAGE : ROOT_FIRST);
	atp = w->gstage ? env->hgatp : env->satp;
	w->levels = (unsigned int)(atp >> ATP_MODE_SHIFT) - ATP_MODE_SV39 + 3;
	w->va = NO_ADDRESS;
	clear_tables(w);
}

/* Let the host run on the window's tables. */
static bool window_open(struct cove_hart *hart, const struct cove_walk_env *env,
			struct cove_host_trap *t)
{
	const u64 sv39 = (u64)ATP_MODE_SV39 << ATP_MODE_SHIFT;
	struct cove_window *w = &hart->window;
	struct cove_window_csrs next = { .virt = env->virt, .vsatp = env->satp };
	u64 first = window_page(w, ROOT_FIRST), gstage = window_page(w, ROOT_GSTAGE);

	if (window_pmp(w, &hart->next))
		return false;
	/* A hart that took only some of it may be open: it must not go on. */
	if (!cove_world_write_pmp(&hart->pmp, &hart->next, cove.pmp.entries))
		cove_world_halt();
	if (!env->virt) {
		next.satp = atp_of(env->satp, first);
		next.hgatp = atp_of(cove.gstage_mode << ATP_MODE_SHIFT, gstage);
	} else if (w->gstage) {
		next.hgatp = atp_of(env->hgatp, gstage);
		next.satp = atp_of(sv39, first);
	} else {
		next.vsatp = atp_of(env->satp, first);
		next.satp = atp_of(sv39, gstage);
	}
	cove_world_window_enter(&next, &w->host, &t->mstatus);
	w->open = true;
	arch_store(&hart->windows, hart->windows + 1);
	return true;
}

/**
 * cove_window_close() - the host has trapped: it is on its own translation again
 * @t: its trap; mstatus becomes what it was
 */
void cove_window_close(struct cove_hart *hart, struct cove_host_trap *t)
{
	struct cove_window *w = &hart->window;

	cove_world_window_leave(&w->host, &t->mstatus);
	w->open = false;
	/* What the PMP CSRs hold now is in hart->next. */
	if (!cove_world_write_pmp(&hart->next, &hart->pmp, cove.pmp.entries))
		cove_world_halt();
	cove_world_flush_host();
}

/** cove_window_env() - how the host's addresses are translated, window or not */
void cove_window_env(const struct cove_hart *hart, struct cove_walk_env *env, unsigned long mstatus,
		     bool gva)
{
	const struct cove_window *w = &hart->window;

	cove_world_host_env(env, mstatus, gva);
	if (!w->open)
		return;
	env->hgatp = w->host.hgatp;
	if (!env->virt)
		env->satp = w->host.satp;
	else if (w->virt)
		env->satp = w->host.vsatp;
}

/* Translate, check, show. WALK_OK, or what is to be delivered. */
static enum cove_walk_status show(struct cove_window *w, const struct cove_walk_env *env,
				  enum cove_walk_access access, u64 va, struct cove_walk *walk,
				  bool *full)
{
	enum cove_walk_status status;

	walk->visit = NULL;
	status = cove_walk_va(env, access, va, true, walk);
	if (status != WALK_OK)
		return status;
	if (COVE_DEFENCE(WINDOW_OWNER) && !cove_host_may(walk->pa & ~COVE_PAGE_MASK))
		return WALK_ACCESS_FAULT;
	*full = !map(w, va, walk);
	return WALK_OK;
}

/* What an instruction needs: to be fetched, and its operand or its other half. */
static enum cove_walk_status show_all(struct cove_window *w, const struct cove_walk_env *env,
				      enum cove_walk_access access, u64 va,
				      struct cove_host_trap *t, bool *full)
{
	enum cove_walk_status status;
	struct cove_walk walk;

	status = show(w, env, WALK_FETCH, t->pc, &walk, full);
	if (status != WALK_OK) {
		cove_host_deliver(t, status, WALK_FETCH, t->pc, &walk);
		return status;
	}
	if (*full || (access == WALK_FETCH && va == t->pc))
		return status;
	status = show(w, env, access, va, &walk, full);
	if (status != WALK_OK)
		cove_host_deliver(t, status, access, va, &walk);
	return status;
}

/**
 * cove_window_fault() - let an access through that does not succeed otherwise
 * @env: how the host's addresses are translated; not bare
 * @access, @va: what the instruction at @t->pc does, where
 * @t: the trap; becomes the fault that is to be delivered when there is one
 *
 * The window is opened, if it is not open. What it shows stays while it is, so that
 * a loop of LR and SC, of which none may trap, gets all that it needs.
 */
enum cove_window_result cove_window_fault(struct cove_hart *hart, const struct cove_walk_env *env,
					  enum cove_walk_access access, u64 va,
					  struct cove_host_trap *t)
{
	struct cove_window *w = &hart->window;
	bool full = false;

	if (!w->open)
		prepare(w, env);
	else if (w->pc == t->pc && w->va == va && w->access == access)
		return WINDOW_NATIVE;
	w->pc = t->pc;
	w->va = va;
	w->access = access;
	if (show_all(w, env, access, va, t, &full) != WALK_OK)
		return WINDOW_DELIVER;
	if (full) {
		clear_tables(w);
		if (show_all(w, env, access, va, t, &full) != WALK_OK)
			return WINDOW_DELIVER;
	}
	if (!w->open)
		return window_open(hart, env, t) ? WINDOW_OPEN : WINDOW_NATIVE;
	cove_world_flush_host();
	return WINDOW_OPEN;
}
