// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * vCPUs: creation, and a run from the host's call to the exit it is told.
 */
#include "cove_internal.h"
#include <cove/sbi_cove_rfc.h>
#include <sbi/riscv_encoding.h>

#define NACL_A(n) NACL_GPR_OFFSET(10 + (n))
#define GPR_A0	  10
#define GPR_A1	  11

#define COUNTEREN_TM (1UL << 1)

/**
 * cove_vcpu_reset() - registers of a vCPU that starts at @pc
 * a0 is its id, a1 is @arg, all else zero but for scounteren: Linux leaves it as the
 * firmware had it, and its user space reads the time without asking.
 */
void cove_vcpu_reset(struct cove_vcpu *vcpu, unsigned long pc, unsigned long arg)
{
	arch_memset(vcpu->gpr, 0, sizeof(vcpu->gpr));
	arch_memset(&vcpu->csr, 0, sizeof(vcpu->csr));
	arch_memset(&vcpu->fp, 0, sizeof(vcpu->fp));
	arch_memset(&vcpu->v, 0, sizeof(vcpu->v) + 32UL * cove.vlenb);
	vcpu->v.vtype = 1UL << 63;	/* vill */
	vcpu->csr.vsstatus = 2UL << 32; /* UXL: 64 bits */
	vcpu->csr.vstimecmp = ~0UL;
	vcpu->csr.scounteren = COUNTEREN_TM;
	vcpu->mstatus = PRV_S << MSTATUS_MPP_SHIFT;
	vcpu->pc = pc;
	vcpu->gpr[GPR_A0] = vcpu->id;
	vcpu->gpr[GPR_A1] = arg;
	vcpu->pending = PENDING_NONE;
	vcpu->wfi = false;
	vcpu->lose_state = false;
	vcpu->share_open = false;
	arch_store(&vcpu->suspended, false);
	arch_store(&vcpu->ipi, 0U);
}

/** cove_vcpu_new() - vCPU @id of @tvm, stopped, in state pages that are the TVM's already */
void cove_vcpu_new(struct tvm *tvm, unsigned int id, u64 pa)
{
	struct cove_vcpu *vcpu = arch_ptr(pa);

	if (COVE_DEFENCE(CLEAR_VCPU))
		cove_clear(pa, cove_vcpu_state_pages() * COVE_PAGE_SIZE);
	vcpu->id = id;
	vcpu->tvm = tvm;
	vcpu->state_pa = pa;
	vcpu->state = VCPU_STOPPED;
	tvm->vcpu[id] = vcpu;
	tvm->nvcpus++;
}

/**
 * cove_create_vcpu() - COVH create_tvm_vcpu
 * @id: below COVE_MAX_VCPUS, not in use
 * @pa: tvm_vcpu_state_pages contiguous confidential, unassigned pages
 *
 * Return: INVALID_PARAM (@gid, @id, state), INVALID_ADDRESS (@pa)
 */
long cove_create_vcpu(unsigned long gid, unsigned long id, unsigned long pa)
{
	unsigned long pages = cove_vcpu_state_pages();
	struct tvm *tvm;
	long rc = COVE_ERR_INVALID_PARAM;

	if (id >= COVE_MAX_VCPUS)
		return rc;
	if (!cove_range_pages(pa, pages, pages))
		return COVE_ERR_INVALID_ADDRESS;
	tvm = cove_tvm_get(gid);
	if (!tvm)
		return rc;
	if ((tvm->state == TVM_INITIALIZING || !COVE_DEFENCE(VCPU_BEFORE_FINALIZE)) &&
	    (!tvm->vcpu[id] || !COVE_DEFENCE(VCPU_ONCE)))
		rc = cove_assign(pa, pages, PMPTABLE_TVM_META(tvm->id));
	if (!rc)
		cove_vcpu_new(tvm, (unsigned int)id, pa);
	cove_tvm_put(tvm);
	return rc;
}

/** cove_vcpu_kick() - a virtual software interrupt for @vcpu; if it runs now its hart traps and
 * takes it; this hart has trapped already */
void cove_vcpu_kick(struct cove_vcpu *vcpu)
{
	unsigned int running;

	arch_store(&vcpu->ipi, 1U);
	arch_mb();
	running = arch_load(&vcpu->running);
	if (running && running != arch_hart() + 1)
		cove_world_ipi(running - 1);
}

static long host_error(unsigned long value)
{
	long error = (long)value;

	if (!COVE_DEFENCE(HOST_ERROR))
		return error;
	return error <= 0 && error >= -14 ? error : COVE_ERR_FAILED;
}

/*
 * Finish what the last exit began with what the host has written, once for
 * every exit. The host's values, @a0 and @a1, are copies.
 */
static ARCH_NOINLINE long complete_rare(struct tvm *tvm, struct cove_vcpu *vcpu, unsigned long a0,
					unsigned long a1)
{
	long rc;

	switch (vcpu->pending) {
	case PENDING_LOAD:
	case PENDING_STORE:
		cove_mmio_complete(vcpu, a0);
		cove_nacl_write(NACL_A(0), 0);
		break;
	case PENDING_SHARE:
	case PENDING_UNSHARE:
		rc = cove_covg_complete(tvm, vcpu, host_error(a0));
		if (rc)
			return rc;
		break;
	case PENDING_CONSOLE_WRITE:
		vcpu->gpr[GPR_A1] = a0 ? 0 : 1;
		vcpu->gpr[GPR_A0] = (unsigned long)host_error(a0);
		vcpu->pc += 4;
		break;
	case PENDING_CONSOLE_READ:
		cove_guest_console_read(tvm, vcpu, host_error(a0), a1);
		break;
	case PENDING_PUTCHAR:
		vcpu->gpr[GPR_A0] = (unsigned long)host_error(a0);
		vcpu->pc += 4;
		break;
	default:
		break;
	}
	vcpu->pending = PENDING_NONE;
	return COVE_OK;
}

static inline long complete_pending(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	const volatile unsigned long *host = cove_vcpu_nacl(vcpu, NACL_A(0));
	unsigned long a0 = host[0], a1 = host[1];

	if (unlikely(vcpu->pending != PENDING_ECALL))
		return complete_rare(tvm, vcpu, a0, a1);
	vcpu->gpr[GPR_A0] = (unsigned long)host_error(a0);
	vcpu->gpr[GPR_A1] = a1;
	vcpu->pc += 4;
	vcpu->pending = PENDING_NONE;
	return COVE_OK;
}

/** cove_tvm_start_clock() - the guest's time begins now, if it has not; the caller holds the TVM's
 * lock */
void cove_tvm_start_clock(struct tvm *tvm)
{
	if (tvm->htimedelta_set && COVE_DEFENCE(CLOCK_ONCE))
		return;
	tvm->htimedelta = -cove_world_time();
	tvm->htimedelta_set = true;
}

/* Of a TVM that is locked; from here on it cannot go away, nor its clock change. */
ARCH_INLINE long claim(struct tvm *tvm, struct cove_vcpu *vcpu, u64 nacl, unsigned int me)
{
	if ((COVE_DEFENCE(RUN_ONCE) && arch_load(&vcpu->running)) ||
	    (COVE_DEFENCE(RUN_STARTED) && vcpu->state != VCPU_STARTED))
		return COVE_ERR_FAILED;
	vcpu->nacl = nacl;
	if (vcpu->pending != PENDING_NONE) {
		long rc = complete_pending(tvm, vcpu);

		if (rc)
			return rc;
	}
	if (unlikely(!tvm->htimedelta_set || !COVE_DEFENCE(CLOCK_ONCE)))
		cove_tvm_start_clock(tvm);
	vcpu->vrun = tvm->tcur;
	vcpu->wfi = false;
	vcpu->spins = 0;
	__atomic_store_n(&vcpu->running, me, __ATOMIC_RELAXED);
	arch_mb(); /* siblings that fence see it before this hart walks their tables */
	return COVE_OK;
}

ARCH_INLINE long run_begin(unsigned long gid, unsigned long id, u64 nacl, unsigned int me,
			   struct cove_vcpu **vcpu)
{
	struct tvm_slot *slot = cove_slot_lock(gid);
	long rc = COVE_ERR_INVALID_PARAM;
	struct tvm *tvm;

	if (unlikely(!slot))
		return rc;
	tvm = slot->tvm;
	if ((tvm->state == TVM_RUNNABLE ||
	     (!COVE_DEFENCE(RUN_FINALIZED) && tvm->state == TVM_INITIALIZING)) &&
	    id < COVE_MAX_VCPUS && tvm->vcpu[id]) {
		*vcpu = tvm->vcpu[id];
		rc = claim(tvm, *vcpu, nacl, me);
	}
	arch_unlock(&slot->lock);
	return rc;
}

static void report_timer(const struct tvm *tvm, const struct cove_vcpu *vcpu)
{
	volatile unsigned long *nacl = cove_vcpu_nacl(vcpu, 0);

	nacl[NACL_CSR_OFFSET(CSR_VSIE) / 8] = vcpu->csr.vsie;
	nacl[NACL_CSR_OFFSET(CSR_VSTIMECMP) / 8] = vcpu->csr.vstimecmp;
	nacl[NACL_CSR_OFFSET(CSR_HTIMEDELTA) / 8] = tvm->htimedelta;
	nacl[NACL_CSR_OFFSET(CSR_HVIP) / 8] = 0;
}

/*
 * A sibling that saw this vCPU running only kicked this hart. If its interrupt
 * came after WFI was decided, the host must not block the vCPU.
 */
static ARCH_NOINLINE void run_end_waiting(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	cove_tvm_relock(tvm);
	if (vcpu->state != VCPU_STARTED)
		cove_evidence_drop(tvm, vcpu);
	arch_store(&vcpu->running, 0U);
	arch_mb();
	if (vcpu->wfi && arch_load(&vcpu->ipi))
		cove_exit_report(vcpu, 1UL << 63 | IRQ_S_SOFT, 0, 0, 0);
	cove_world_report(vcpu->exit_scause, vcpu->exit_stval);
	cove_tvm_put(tvm);
}

/* As soon as it does not run the TVM can be destroyed: the lock keeps it if there is more to do. */
static void run_end(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	if (vcpu->wfi || arch_load(&vcpu->state) != VCPU_STARTED) {
		run_end_waiting(tvm, vcpu);
		return;
	}
	cove_world_report(vcpu->exit_scause, vcpu->exit_stval);
	arch_store(&vcpu->running, 0U);
}

/* *@vcpu stays the same (cove_world_run()). */
ARCH_INLINE enum exit_action run_once(struct cove_vcpu **vcpu)
{
	enum exit_action action = cove_world_run(vcpu);

	return action == EXIT_TRAP ? cove_handle_exit((*vcpu)->tvm, *vcpu) : action;
}

/*
 * Until something is for the host. A reset by a sibling ends it, too: its IPI made this hart trap,
 * as it does when a sibling denies interrupts.
 */
static ARCH_NOINLINE enum exit_action run_on(struct cove_vcpu *vcpu)
{
	struct tvm *tvm = vcpu->tvm;
	enum exit_action action;

	do {
		if (COVE_DEFENCE(RESET_STOPS) && arch_load(&vcpu->state) == VCPU_DEAD)
			return cove_guest_ended(tvm, vcpu);
		if (!arch_load(&tvm->interrupts_allowed) && COVE_DEFENCE(DENY_AT_ONCE))
			cove_world_deny_external();
		action = run_once(&vcpu);
	} while (action == EXIT_RESUME);
	return action;
}

/*
 * The first time there is nothing to look at: who resets, or denies, after the vCPU was claimed
 * with the TVM locked has seen it running, so an IPI is on its way; what was denied
 * before, entering has seen.
 */
ARCH_INLINE enum exit_action run_guest(struct cove_vcpu **vcpu)
{
	enum exit_action action = EXIT_RESUME;

	if (unlikely((*vcpu)->suspended))
		action = cove_guest_wake(*vcpu);
	if (likely(action == EXIT_RESUME))
		action = run_once(vcpu);
	return unlikely(action == EXIT_RESUME) ? run_on(*vcpu) : action;
}

/* The client of 2023 handles whatever scause says, whether or not the run failed. */
static ARCH_NOINLINE struct cove_result refused(long rc)
{
	if (cove.dialect == COVE_DIALECT_RFC)
		cove_world_report(COVE_EXIT_CAUSE_RUN_FAILED, 0);
	return (struct cove_result){ rc, 0 };
}

/* @me: the index of @hart */
ARCH_INLINE struct cove_result run(struct cove_hart *hart, unsigned int me, unsigned long gid,
				   unsigned long id)
{
	const struct cove_pin *nacl = &hart->pin[COVE_PIN_NACL];
	struct cove_vcpu *vcpu;
	enum exit_action action;
	struct tvm *tvm;
	long rc;

	if (unlikely(COVE_DEFENCE(RUN_NACL) && !nacl->len))
		return refused(COVE_ERR_FAILED);
	rc = run_begin(gid, id, nacl->base, me + 1, &vcpu);
	if (unlikely(rc))
		return refused(rc);
	cove_world_enter(hart, vcpu->tvm, vcpu);
	action = run_guest(&vcpu);
	tvm = vcpu->tvm;
	cove_world_leave(hart, vcpu);
	if (unlikely(vcpu->lose_state))
		cove_guest_suspended(vcpu);
	report_timer(tvm, vcpu);
	run_end(tvm, vcpu);
	return (struct cove_result){ COVE_OK, action == EXIT_STOP };
}

/**
 * cove_run_vcpu() - COVH run_tvm_vcpu
 * @value: 0 when the vCPU can be run again, 1 when not
 *
 * Returns at the first exit that the monitor cannot serve; scause, stval and
 * the NACL memory say which (CoVE, TVM exits). The host is interruptible all
 * the time: its interrupts end the run.
 *
 * Return: INVALID_PARAM (@gid, @id, state), FAILED (not started, runs
 * elsewhere, dead, no NACL memory)
 */
long cove_run_vcpu(unsigned long gid, unsigned long id, unsigned long *value)
{
	struct cove_result result = run(cove_this_hart(), arch_hart(), gid, id);

	*value = result.value;
	return result.error;
}

/**
 * cove_host_run() - the same, as the host's trap vector calls it
 *
 * Return: error COVE_AGAIN: nothing has been done, the call takes the long way, which
 * closes windows first
 */
struct cove_result cove_host_run(unsigned long gid, unsigned long id)
{
	unsigned int me = arch_hart();
	struct cove_hart *hart = cove.hart[me];

	if (unlikely(hart->window.open != WINDOW_SHUT && COVE_DEFENCE(RUN_WINDOW)))
		return (struct cove_result){ COVE_AGAIN, 0 };
	return run(hart, me, gid, id);
}
