// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A trap of the host before OpenSBI sees it: accesses that this hart's PMP
 * denied although the table grants them.
 */
#include "cove_internal.h"
#include "cove_pte.h"
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_ecall_interface.h>

#define CAUSES	     64
#define SAME_ADDRESS 3 /* as often as an access may come back before it is helped */
#define LR_SC_LOOP   64UL
#define PATIENCE     64
#define SAMPLE	     16 /* refills */
#define WORTH	     4	/* times what the refills take */
#define CREDIT	     32 /* windows */
#define PSEUDO_LOAD  0x3000UL
#define PSEUDO_STORE 0x3020UL

static bool is_access_fault(unsigned long cause)
{
	return cause == CAUSE_FETCH_ACCESS || cause == CAUSE_LOAD_ACCESS ||
	       cause == CAUSE_STORE_ACCESS;
}

/* Traps in which OpenSBI accesses the host's memory with the host's rights. */
static bool is_emulated(const struct cove_host_trap *t)
{
	return t->cause == CAUSE_MISALIGNED_LOAD || t->cause == CAUSE_MISALIGNED_STORE ||
	       t->cause == CAUSE_ILLEGAL_INSTRUCTION ||
	       (t->cause == CAUSE_SUPERVISOR_ECALL && t->gpr[17] <= SBI_EXT_0_1_SHUTDOWN);
}

/* Faults of two-stage accesses: those of HLVX are fetch faults. */
static bool is_guest_fault(const struct cove_host_trap *t)
{
	switch (t->cause) {
	case CAUSE_FETCH_GUEST_PAGE_FAULT:
	case CAUSE_LOAD_GUEST_PAGE_FAULT:
	case CAUSE_STORE_GUEST_PAGE_FAULT:
		return true;
	case CAUSE_FETCH_PAGE_FAULT:
		return !(t->mstatus & MSTATUS_MPV);
	default:
		return false;
	}
}

static bool is_page_fault(unsigned long cause)
{
	switch (cause) {
	case CAUSE_FETCH_PAGE_FAULT:
	case CAUSE_LOAD_PAGE_FAULT:
	case CAUSE_STORE_PAGE_FAULT:
	case CAUSE_FETCH_GUEST_PAGE_FAULT:
	case CAUSE_LOAD_GUEST_PAGE_FAULT:
	case CAUSE_STORE_GUEST_PAGE_FAULT:
		return true;
	default:
		return false;
	}
}

static enum cove_walk_access access_of(unsigned long cause)
{
	switch (cause) {
	case CAUSE_FETCH_ACCESS:
	case CAUSE_FETCH_PAGE_FAULT:
	case CAUSE_FETCH_GUEST_PAGE_FAULT:
		return WALK_FETCH;
	case CAUSE_STORE_ACCESS:
	case CAUSE_STORE_PAGE_FAULT:
	case CAUSE_STORE_GUEST_PAGE_FAULT:
		return WALK_STORE;
	default:
		return WALK_LOAD;
	}
}

/**
 * cove_host_may() - may the host access this page, as far as the table says?
 * What is not RAM is not in the table; fixed PMP regions guard it.
 */
bool cove_host_may(u64 pa)
{
	struct pmptable_walk_result res;

	pmptable_walk(&cove.table, pa, &res);
	return res.id == PMPTABLE_ID_NONE || (res.id == PMPTABLE_ID_HOST && res.perm);
}

/**
 * cove_host_deliver() - @t becomes the fault that the hardware would have raised
 * @status: of the walk that found it; not WALK_OK
 * @access, @va: of the access
 */
void cove_host_deliver(struct cove_host_trap *t, enum cove_walk_status status,
		       enum cove_walk_access access, u64 va, const struct cove_walk *walk)
{
	static const unsigned long cause[][3] = {
		[WALK_PAGE_FAULT] = { CAUSE_LOAD_PAGE_FAULT, CAUSE_STORE_PAGE_FAULT,
				      CAUSE_FETCH_PAGE_FAULT },
		[WALK_GUEST_PAGE_FAULT] = { CAUSE_LOAD_GUEST_PAGE_FAULT,
					    CAUSE_STORE_GUEST_PAGE_FAULT,
					    CAUSE_FETCH_GUEST_PAGE_FAULT },
		[WALK_ACCESS_FAULT] = { CAUSE_LOAD_ACCESS, CAUSE_STORE_ACCESS, CAUSE_FETCH_ACCESS },
	};

	t->cause = cause[status][access];
	t->tval = va;
	t->tval2 = status == WALK_GUEST_PAGE_FAULT ? walk->gpa >> 2 : 0;
	t->tinst = 0;
	if (status == WALK_GUEST_PAGE_FAULT && walk->implicit)
		t->tinst = walk->implicit_store ? PSEUDO_STORE : PSEUDO_LOAD;
}

/* A fetch that did not fault where it was is HLVX in a hart that takes it for one. */
static bool is_guest_access(const struct cove_host_trap *t)
{
	if (t->mstatus & MSTATUS_MPV)
		return true;
	if (access_of(t->cause) == WALK_FETCH && t->tval - t->pc <= 2)
		return false;
	return cove_is_hlv(t);
}

static bool is_hlv_fault(const struct cove_host_trap *t)
{
	return t->gva && !(t->mstatus & MSTATUS_MPV);
}

/* What the instruction needs: to clean or flush a cache block is no store, HLVX is no fetch. */
static enum cove_walk_access needs(const struct cove_host_trap *t)
{
	enum cove_walk_access access = access_of(t->cause);

	if (access == WALK_STORE && !is_hlv_fault(t) && cove_is_cbo(t))
		return WALK_LOAD;
	return access == WALK_FETCH && is_hlv_fault(t) ? WALK_LOAD : access;
}

/*
 * A guest page fault for the host. Where htinst cannot be written (QEMU) only
 * hardware can raise it: the host gets these faults itself until its next sret.
 * KVM would emulate another instruction if htinst were an old one.
 */
static enum cove_host_action guest_page_fault(struct cove_host_trap *t)
{
	if (cove_world_htinst_can_be(t->tinst))
		return HOST_REDIRECT;
	cove_world_take_guest_faults(false);
	t->mstatus |= MSTATUS_TSR;
	return HOST_RESUME;
}

static enum cove_host_action deliver(struct cove_host_trap *t)
{
	return t->gva && is_guest_fault(t) ? guest_page_fault(t) : HOST_REDIRECT;
}

static void watch(struct cove_hart *hart, const struct cove_host_trap *t, unsigned int patience)
{
	hart->stuck.pc = t->pc;
	hart->stuck.va = t->tval;
	hart->stuck.count = 0;
	hart->stuck.age = 0;
	hart->stuck.patience = patience;
}

/*
 * Does the same access come back again and again? Of a loop of LR and SC, which
 * is at most 64 bytes long, each instruction may get through, but not all at
 * once: so the neighbourhood counts, and in it one access for a while.
 */
static bool is_stuck(struct cove_hart *hart, const struct cove_host_trap *t)
{
	struct cove_stuck *s = &hart->stuck;

	if (t->pc - s->pc + LR_SC_LOOP > 2 * LR_SC_LOOP)
		watch(hart, t, PATIENCE);
	else if (++s->age > s->patience)
		watch(hart, t, 2 * s->patience);
	else if (s->va == t->tval)
		s->count++;
	return s->count > SAME_ADDRESS + hart->plan.nallow;
}

/*
 * Does the host get little done between refills? A window costs more than a
 * refill to begin with, but shows many pages.
 */
static bool is_thrashing(struct cove_hart *hart, unsigned long begin)
{
	unsigned long now = cove_world_time();
	struct cove_stuck *s = &hart->stuck;

	if (s->credit) {
		s->credit--;
		return true;
	}
	if (!s->refills++) {
		s->since = begin;
		s->spent = 0;
	}
	s->spent += now - begin;
	if (s->refills < SAMPLE)
		return false;
	s->refills = 0;
	if (now - s->since >= WORTH * s->spent)
		return false;
	s->credit = CREDIT;
	return true;
}

/* Is it the second time in a row that no entry was in the way? */
static bool unexplained(struct cove_hart *hart, const struct cove_host_trap *t)
{
	bool again = hart->stuck.open_pc == t->pc && hart->stuck.open_va == t->tval;

	hart->stuck.open_pc = again ? 0 : t->pc;
	hart->stuck.open_va = t->tval;
	return again;
}

static bool is_bare(const struct cove_walk_env *env)
{
	return !(env->satp >> ATP_MODE_SHIFT);
}

static enum cove_host_action host_window(struct cove_hart *hart, const struct cove_walk_env *env,
					 struct cove_host_trap *t)
{
	bool store = access_of(t->cause) == WALK_STORE;
	enum cove_window_result result = cove_host_window_fault(hart, env, needs(t), t->tval, t);

	if (result == WINDOW_OPEN)
		return HOST_RESUME;
	if (result == WINDOW_NATIVE) {
		cove_window_close(hart, t);
		return HOST_RESUME;
	}
	/* Cache-block operations fault as stores. */
	if (store && access_of(t->cause) == WALK_LOAD)
		t->cause += CAUSE_STORE_ACCESS - CAUSE_LOAD_ACCESS;
	return HOST_REDIRECT;
}

static enum cove_host_action hlv(struct cove_host_trap *t)
{
	enum cove_host_action action = cove_hlv_emulate(t);

	return action == HOST_REDIRECT ? deliver(t) : action;
}

/* The PMP entries do not suffice for what one instruction needs at once. */
static enum cove_host_action help(struct cove_hart *hart, const struct cove_walk_env *env,
				  struct cove_host_trap *t)
{
	watch(hart, t, PATIENCE);
	if (is_hlv_fault(t))
		return hlv(t);
	if (is_bare(env)) {
		cove_world_flush_host();
		return HOST_RESUME;
	}
	return host_window(hart, env, t);
}

/* Fill entries for an access that faulted, or help it otherwise. */
static enum cove_host_action refill(struct cove_hart *hart, struct cove_host_trap *t,
				    enum cove_refill *result)
{
	unsigned long begin = cove_world_time();
	struct cove_walk_env env;
	bool no_use = false;

	t->gva = is_guest_access(t);
	cove_world_host_env(&env, t->mstatus, t->gva);
	if (!(t->mstatus & MSTATUS_TSR))
		cove_world_take_guest_faults(true);
	*result = cove_refill(hart, &env, needs(t), t->tval);
	if (*result == REFILL_RETRY) {
		/* Both watch each refill. */
		no_use = is_stuck(hart, t);
		no_use |= is_thrashing(hart, begin);
	}
	if (*result == REFILL_SHORT || no_use)
		return help(hart, &env, t);
	cove_world_flush_host();
	return HOST_RESUME;
}

static enum cove_host_action access_fault(struct cove_hart *hart, struct cove_host_trap *t)
{
	enum cove_host_action action;
	enum cove_refill result;

	if (COVE_DEFENCE(REFRESH_AT_FAULT) && cove_hart_pmp_stale(hart)) {
		if (cove_hart_pmp_derive(hart))
			return HOST_OPENSBI;
		cove_world_flush_host();
		return HOST_RESUME;
	}
	if (!hart->plan.nallow)
		return HOST_OPENSBI;
	if (t->mstatus & MSTATUS_MPV) {
		cove_vm_window_open(hart, t);
		return HOST_RESUME;
	}
	action = refill(hart, t, &result);
	if (result == REFILL_REFUSED)
		return HOST_OPENSBI;
	/* Perhaps the translation changed before it was walked: try again, but once. */
	return result == REFILL_NOTHING && unexplained(hart, t) ? HOST_OPENSBI : action;
}

/*
 * A guest page fault, which QEMU also says when the PMP denies a PTE of the
 * second stage for the sake of one of the first.
 */
static enum cove_host_action guest_fault(struct cove_hart *hart, struct cove_host_trap *t)
{
	enum cove_host_action action;
	enum cove_refill result;
	struct cove_walk none;

	if (!hart->plan.nallow || cove_hart_pmp_stale(hart)) {
		cove_hart_pmp_derive(hart);
		cove_world_flush_host();
		if (hart->plan.nallow)
			return HOST_RESUME;
		cove_world_take_guest_faults(false);
		return HOST_RESUME;
	}
	if (t->mstatus & MSTATUS_MPV) {
		cove_vm_window_open(hart, t);
		return HOST_RESUME;
	}
	action = refill(hart, t, &result);
	if (result == REFILL_REFUSED) {
		cove_host_deliver(t, WALK_ACCESS_FAULT, access_of(t->cause), t->tval, &none);
		return HOST_REDIRECT;
	}
	return result == REFILL_NOTHING ? deliver(t) : action;
}

/*
 * The host's first sret after it got a guest page fault itself; or its VM's, in
 * QEMU, when the VM went on without a fault.
 */
static bool sret_trap(struct cove_hart *hart, struct cove_host_trap *t)
{
	if (t->cause != CAUSE_ILLEGAL_INSTRUCTION || !(t->mstatus & MSTATUS_TSR))
		return false;
	t->mstatus &= ~MSTATUS_TSR;
	cove_world_take_guest_faults(hart->plan.nallow);
	return true;
}

static enum cove_walk_access guest_access_of(const struct cove_host_trap *t)
{
	if (t->tinst == PSEUDO_STORE)
		return WALK_STORE;
	return t->tinst == PSEUDO_LOAD ? WALK_LOAD : needs(t);
}

/*
 * A trap while the VM's window is open. Return: true if @action is all that is to
 * be done; else the window is closed.
 */
static bool vm_window_trap(struct cove_hart *hart, struct cove_host_trap *t,
			   enum cove_host_action *action)
{
	bool virt = t->mstatus & MSTATUS_MPV;
	const struct cove_walk none = { .implicit = false };
	enum cove_window_result result;

	if (!virt || !is_guest_fault(t)) {
		*action = virt ? HOST_OPENSBI : HOST_RESUME;
		/* The host got a trap or interrupt of its VM, and met the barrier. */
		if (!virt && is_access_fault(t->cause))
			cove_vm_window_leave(hart, t);
		else
			cove_window_close(hart, t);
		return is_access_fault(t->cause);
	}
	t->gva = true;
	result = cove_vm_window_fault(hart, guest_access_of(t), t->tval2 << 2 | (t->tval & 3), t);
	*action = HOST_RESUME;
	if (result == WINDOW_NATIVE)
		cove_world_take_guest_faults(false);
	if (result == WINDOW_DELIVER) {
		cove_window_close(hart, t);
		cove_host_deliver(t, WALK_ACCESS_FAULT, access_of(t->cause), t->tval, &none);
		*action = HOST_REDIRECT;
	}
	return true;
}

/* The same for the host's. */
static bool host_window_trap(struct cove_hart *hart, struct cove_host_trap *t,
			     enum cove_host_action *action)
{
	bool virt = t->mstatus & MSTATUS_MPV, same_pc = t->pc == hart->window.pc;
	struct cove_walk_env env;

	if (!virt && is_page_fault(t->cause) && t->cause <= CAUSE_STORE_PAGE_FAULT) {
		t->gva = false;
		cove_window_env(hart, &env, t->mstatus, false);
		*action = host_window(hart, &env, t);
		return true;
	}
	*action = HOST_RESUME;
	if (virt && (is_access_fault(t->cause) || is_guest_fault(t))) {
		cove_vm_window_open(hart, t);
		return true;
	}
	if (cove_trapped_insn(hart, t))
		return true;
	cove_window_close(hart, t);
	if (!is_page_fault(t->cause) && !is_access_fault(t->cause))
		return false;
	/* A hypervisor load or store met the barrier. */
	t->gva = is_guest_access(t);
	if (is_hlv_fault(t))
		*action = hlv(t);
	else if (is_access_fault(t->cause) && same_pc)
		*action = HOST_OPENSBI;
	return true;
}

/* What other harts show of a second stage has to be walked again, too. */
static void watch_remote_fences(const struct cove_host_trap *t)
{
	if (t->cause == CAUSE_SUPERVISOR_ECALL && t->gpr[17] == SBI_EXT_RFENCE &&
	    (t->gpr[16] == SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA ||
	     t->gpr[16] == SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA_VMID))
		__atomic_fetch_add(&cove.gfences, 1, __ATOMIC_SEQ_CST);
}

static bool fault(struct cove_hart *hart, struct cove_host_trap *t, enum cove_host_action *action)
{
	switch (hart->window.open) {
	case WINDOW_VM:
		return vm_window_trap(hart, t, action);
	case WINDOW_HOST:
		return host_window_trap(hart, t, action);
	default:
		break;
	}
	if (is_access_fault(t->cause))
		*action = access_fault(hart, t);
	else if (is_guest_fault(t))
		*action = guest_fault(hart, t);
	else
		return false;
	return true;
}

/**
 * cove_host_trap() - a trap of the host or of one of its VMs
 * @t: the trap; may become another one, which is to be delivered
 */
enum cove_host_action cove_host_trap(struct cove_host_trap *t)
{
	struct cove_hart *hart = cove_this_hart();
	bool tvm = t->mstatus & MSTATUS_TVM;
	enum cove_host_action action;

	watch_remote_fences(t);
	if (fault(hart, t, &action))
		return action;
	if (sret_trap(hart, t) || (tvm && cove_trapped_insn(hart, t)))
		return HOST_RESUME;
	if (is_emulated(t) && cove_hart_pmp_stale(hart) && !cove_hart_pmp_derive(hart))
		cove_world_flush_host();
	return HOST_OPENSBI;
}
