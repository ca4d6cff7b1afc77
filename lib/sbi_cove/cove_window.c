// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Windows. While one is open the PMP denies only what is always denied, and
 * what the host reaches is decided by page tables of the monitor (cove_shadow.c)
 * that show pages translated and checked in software. It acts as a TLB does: the
 * host sees its own translation, as it was when the page was walked, until
 * it fences.
 *
 * Nothing else is in reach meanwhile. Of the host and its VM only one has a
 * translation: the other's root is the barrier, memory that the PMP denies to the
 * hart's walker, so that a trap or sret to that side faults at its first fetch and comes
 * to M-mode, which closes the window. mstatus.TVM keeps satp and hgatp from the
 * host and shows its fences.
 */
#include "cove_internal.h"
#include "cove_pte.h"
#include <sbi/riscv_encoding.h>

#define NO_ADDRESS (~0UL)
#define ACCESS_FAULT \
	((1UL << CAUSE_FETCH_ACCESS) | (1UL << CAUSE_LOAD_ACCESS) | (1UL << CAUSE_STORE_ACCESS))
#define PAGE_FAULT                                                          \
	((1UL << CAUSE_FETCH_PAGE_FAULT) | (1UL << CAUSE_LOAD_PAGE_FAULT) | \
	 (1UL << CAUSE_STORE_PAGE_FAULT))
#define GUEST_FAULT                                                                     \
	((1UL << CAUSE_FETCH_GUEST_PAGE_FAULT) | (1UL << CAUSE_LOAD_GUEST_PAGE_FAULT) | \
	 (1UL << CAUSE_STORE_GUEST_PAGE_FAULT))

/** cove_window_init() - @tables: PA of COVE_WINDOW_BYTES, that aligned, of the monitor */
void cove_window_init(struct cove_window *w, u64 tables)
{
	w->second.base = tables;
	w->second.npages = COVE_WINDOW_VM_PAGES;
	w->second.gstage = true;
	w->first.base = tables + COVE_WINDOW_VM_PAGES * COVE_PAGE_SIZE;
	w->first.npages = COVE_WINDOW_HOST_PAGES;
}

/** cove_window_region() - the tables, which a PMP entry opens to the hart's walker */
struct pmp_region cove_window_region(const struct cove_window *w)
{
	return (struct pmp_region){ w->second.base, COVE_WINDOW_BYTES, PMP_CFG_R };
}

static unsigned long barrier_atp(unsigned long mode)
{
	return mode << ATP_MODE_SHIFT | cove.barrier >> PMPTABLE_PAGE_SHIFT;
}

static void window_open(struct cove_hart *hart, enum cove_window_kind kind,
			const struct cove_window_csrs *csrs, struct cove_host_trap *t)
{
	struct cove_window *w = &hart->window;

	cove_world_window_enter(csrs, &w->host);
	cove_world_gate(hart, true);
	cove_world_flush_host();
	if (COVE_DEFENCE(WINDOW_TVM))
		t->mstatus |= MSTATUS_TVM;
	w->open = kind;
	arch_store(&hart->windows, hart->windows + 1);
}

/**
 * cove_window_close() - the host has trapped: it is on its own translation again
 * @t: its trap; mstatus becomes what it is to be
 */
void cove_window_close(struct cove_hart *hart, struct cove_host_trap *t)
{
	struct cove_window *w = &hart->window;

	if (w->open == WINDOW_SHUT)
		return;
	cove_world_gate(hart, false);
	cove_world_window_leave(&w->host);
	cove_world_flush_host();
	w->open = WINDOW_SHUT;
	w->back = false;
	if (!w->live)
		t->mstatus &= ~MSTATUS_TVM;
}

/** cove_window_env() - how the host's addresses are translated, window or not */
void cove_window_env(const struct cove_hart *hart, struct cove_walk_env *env, unsigned long mstatus,
		     bool gva)
{
	const struct cove_window *w = &hart->window;

	cove_world_host_env(env, mstatus, gva);
	if (w->open == WINDOW_SHUT)
		return;
	env->hgatp = w->host.hgatp;
	if (!env->virt)
		env->satp = w->host.satp;
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
	*full = cove_shadow_map(&w->first, va, walk) == SHADOW_FULL;
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

static void host_window_open(struct cove_hart *hart, const struct cove_walk_env *env,
			     struct cove_host_trap *t)
{
	const struct cove_window_csrs csrs = {
		.satp = cove_shadow_atp(&hart->window.first, env->satp),
		.hgatp = COVE_DEFENCE(WINDOW_BARRIER) ? barrier_atp(cove.gstage_mode)
						      : cove_world_read_atp(WORLD_HGATP),
		.medeleg = PAGE_FAULT | GUEST_FAULT | ACCESS_FAULT,
	};

	window_open(hart, WINDOW_HOST, &csrs, t);
}

/**
 * cove_host_window_fault() - let an access of the host through that does not succeed otherwise
 * @env: how the host's addresses are translated: one stage, not bare
 * @access, @va: what the instruction at @t->pc does, where
 * @t: the trap; becomes the fault that is to be delivered when there is one
 *
 * The window is opened, if it is not open. What it shows stays while it is, so that
 * a loop of LR and SC, of which none may trap, gets all that it needs.
 */
enum cove_window_result cove_host_window_fault(struct cove_hart *hart,
					       const struct cove_walk_env *env,
					       enum cove_walk_access access, u64 va,
					       struct cove_host_trap *t)
{
	struct cove_window *w = &hart->window;
	bool full = false;

	if (w->open != WINDOW_HOST)
		cove_shadow_reset(&w->first, env->satp, env->pbmte);
	else if (w->pc == t->pc && w->va == va && w->access == access)
		return WINDOW_NATIVE;
	w->pc = t->pc;
	w->va = va;
	w->access = access;
	if (show_all(w, env, access, va, t, &full) != WALK_OK) {
		w->va = NO_ADDRESS;
		return WINDOW_DELIVER;
	}
	if (full) {
		cove_shadow_reset(&w->first, env->satp, env->pbmte);
		cove_world_flush_host();
		if (show_all(w, env, access, va, t, &full) != WALK_OK)
			return WINDOW_DELIVER;
	}
	if (w->open != WINDOW_HOST)
		host_window_open(hart, env, t);
	else
		cove_world_fence_host();
	return WINDOW_OPEN;
}

/* The host's window is open, and satp is another one: show nothing of the old. */
static void show_afresh(struct cove_window *w)
{
	struct cove_walk_env env;

	cove_world_host_env(&env, 0, false);
	cove_shadow_reset(&w->first, w->host.satp, env.pbmte);
	w->va = NO_ADDRESS;
	cove_world_write_atp(WORLD_SATP, cove_shadow_atp(&w->first, w->host.satp));
	cove_world_flush_host();
}

/** cove_window_read_atp() - the host's own satp or hgatp, window or not */
unsigned long cove_window_read_atp(const struct cove_hart *hart, enum cove_world_atp which)
{
	const struct cove_window *w = &hart->window;

	if (w->open == WINDOW_SHUT)
		return cove_world_read_atp(which);
	return which == WORLD_SATP ? w->host.satp : w->host.hgatp;
}

/** cove_window_write_atp() - the host writes its satp or hgatp; no window of its VM is open */
void cove_window_write_atp(struct cove_hart *hart, struct cove_host_trap *t,
			   enum cove_world_atp which, unsigned long value)
{
	struct cove_window *w = &hart->window;
	unsigned long old = cove_world_read_atp(which);

	cove_world_write_atp(which, value);
	if (w->open != WINDOW_HOST)
		return;
	/* What became of it the hart knows. */
	value = cove_world_read_atp(which);
	if (which == WORLD_HGATP) {
		w->host.hgatp = value;
		cove_world_write_atp(WORLD_HGATP, old);
	} else if (value != old) {
		w->host.satp = value;
		if (value >> ATP_MODE_SHIFT)
			show_afresh(w);
		else
			cove_window_close(hart, t);
	}
}

/**
 * cove_window_fence() - the host fences its first stage
 * @va: at this address only, or NULL
 */
void cove_window_fence(struct cove_hart *hart, const u64 *va)
{
	struct cove_window *w = &hart->window;

	w->va = NO_ADDRESS;
	if (w->open == WINDOW_HOST && !va)
		show_afresh(w);
	else if (w->open == WINDOW_HOST)
		cove_shadow_drop(&w->first, *va);
	cove_world_flush_host();
}

/* Is what the VM's window shows still what the host's tables say? Owners: cove_window_forget() */
static bool is_current(const struct cove_window *w, const struct cove_walk_env *env)
{
	if (!w->live || w->hgatp != env->hgatp || w->second.pbmte != env->gpbmte)
		return false;
	return !COVE_DEFENCE(WINDOW_FENCES) || w->gfences == arch_load(&cove.gfences);
}

/* What a bare second stage maps is the same in each mode. */
static u64 second_atp(const struct cove_walk_env *env)
{
	return env->hgatp >> ATP_MODE_SHIFT ? env->hgatp : cove.gstage_mode << ATP_MODE_SHIFT;
}

/**
 * cove_vm_window_open() - a VM of the host runs where the PMP entries do not suffice
 * @hart: whose PMP is not stale
 * @t: the trap
 *
 * It runs on a second stage of the monitor; the first stage is its own. What
 * the host delegates to itself it still gets from hardware: its first
 * fetch then meets the barrier. So a VM needs no PMP entry for itself.
 */
void cove_vm_window_open(struct cove_hart *hart, struct cove_host_trap *t)
{
	struct cove_window *w = &hart->window;
	bool back = w->open == WINDOW_HOST;
	struct cove_window_csrs csrs = {
		.satp = COVE_DEFENCE(WINDOW_BARRIER) ? barrier_atp(ATP_MODE_SV39)
						     : cove_world_read_atp(WORLD_SATP),
		.medeleg = GUEST_FAULT | ACCESS_FAULT,
		/* M-mode has it only for HLVX */
		.delegate = 1UL << CAUSE_FETCH_PAGE_FAULT,
	};
	unsigned long gfences = arch_load(&cove.gfences);
	struct cove_walk_env env;

	cove_window_close(hart, t);
	cove_world_host_env(&env, t->mstatus, true);
	if (!is_current(w, &env))
		cove_shadow_reset(&w->second, second_atp(&env), env.gpbmte);
	w->live = true;
	w->hgatp = env.hgatp;
	w->gfences = gfences;
	w->idle = 0;
	csrs.hgatp = cove_shadow_atp(&w->second, second_atp(&env));
	window_open(hart, WINDOW_VM, &csrs, t);
	w->back = back;
}

/** cove_vm_window_leave() - the host is back from its VM, and met the barrier */
void cove_vm_window_leave(struct cove_hart *hart, struct cove_host_trap *t)
{
	bool back = hart->window.back;
	struct cove_walk_env env;

	cove_window_close(hart, t);
	if (!back)
		return;
	cove_world_host_env(&env, t->mstatus, false);
	host_window_open(hart, &env, t);
}

/**
 * cove_vm_window_fault() - a guest page fault in the VM's window
 * @access, @gpa: what faulted, where
 * @t: the trap; an access fault when the host may not access the page, or a page table
 */
enum cove_window_result cove_vm_window_fault(struct cove_hart *hart, enum cove_walk_access access,
					     u64 gpa, struct cove_host_trap *t)
{
	struct cove_window *w = &hart->window;
	struct cove_walk walk = { .visit = NULL };
	enum cove_walk_status status;
	enum cove_shadow_result shown;
	struct cove_walk_env env;

	cove_window_env(hart, &env, t->mstatus, true);
	status = cove_walk_gpa(&env, access, gpa, true, &walk);
	if (status == WALK_GUEST_PAGE_FAULT)
		return WINDOW_NATIVE;
	if (status != WALK_OK ||
	    (COVE_DEFENCE(WINDOW_OWNER) && !cove_host_may(walk.pa & ~COVE_PAGE_MASK)))
		return WINDOW_DELIVER;
	shown = cove_shadow_map(&w->second, gpa, &walk);
	if (shown == SHADOW_FULL) {
		cove_shadow_reset(&w->second, second_atp(&env), env.gpbmte);
		cove_world_flush_host();
		shown = cove_shadow_map(&w->second, gpa, &walk);
	}
	if (shown == SHADOW_SAME)
		return WINDOW_NATIVE;
	cove_world_fence_guest(gpa);
	return WINDOW_OPEN;
}

/**
 * cove_window_forget() - what the VM's window shows may have changed
 *
 * mstatus.TVM stays until the host's next instruction that it traps.
 */
void cove_window_forget(struct cove_hart *hart)
{
	hart->window.live = false;
}
