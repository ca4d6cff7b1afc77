// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The life of a TVM's harts as the guest sees it: HSM and SRST.
 */
#include "cove_internal.h"
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_ecall_interface.h>

#define CAUSE_INTERRUPT (1UL << 63)

/* May a vCPU begin at @addr with its translation off? The caller holds the TVM's lock. */
static bool entry_valid(const struct tvm *tvm, u64 addr)
{
	return !(addr & 1) && cove_region_type(tvm, addr) == REGION_CONF;
}

static enum exit_action hart_start(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long id = COVE_A(vcpu, 0), addr = COVE_A(vcpu, 1), opaque = COVE_A(vcpu, 2);
	long rc = COVE_ERR_INVALID_PARAM;
	struct cove_vcpu *target;

	cove_tvm_relock(tvm);
	target = id < COVE_MAX_VCPUS ? tvm->vcpu[id] : NULL;
	if (!target)
		goto out;
	rc = COVE_ERR_ALREADY_AVAILABLE;
	if (COVE_DEFENCE(GUEST_START_STOPPED) &&
	    (target->state != VCPU_STOPPED || arch_load(&target->running)))
		goto out;
	rc = COVE_ERR_INVALID_ADDRESS;
	if (COVE_DEFENCE(GUEST_START_ADDRESS) && !entry_valid(tvm, addr))
		goto out;
	cove_vcpu_reset(target, addr, opaque);
	arch_store(&target->state, VCPU_STARTED);
	rc = COVE_OK;
out:
	cove_tvm_put(tvm);
	return rc ? cove_guest_return(vcpu, rc, 0) : cove_guest_inform(vcpu, 1);
}

static unsigned long status_of(const struct cove_vcpu *vcpu)
{
	if (arch_load(&vcpu->state) == VCPU_STARTED)
		return arch_load(&vcpu->suspended) ? SBI_HSM_STATE_SUSPENDED
						   : SBI_HSM_STATE_STARTED;
	return arch_load(&vcpu->running) ? SBI_HSM_STATE_STOP_PENDING : SBI_HSM_STATE_STOPPED;
}

static enum exit_action hart_status(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long id = COVE_A(vcpu, 0);
	unsigned long status;

	if (id >= COVE_MAX_VCPUS || !tvm->vcpu[id])
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	cove_tvm_relock(tvm);
	status = status_of(tvm->vcpu[id]);
	cove_tvm_put(tvm);
	return cove_guest_return(vcpu, COVE_OK, status);
}

/* A reset that came first stands. */
static enum exit_action hart_stop(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	cove_tvm_relock(tvm);
	if (vcpu->state == VCPU_STARTED)
		arch_store(&vcpu->state, VCPU_STOPPED);
	cove_tvm_put(tvm);
	cove_guest_forward(vcpu, 0);
	return EXIT_STOP;
}

/**
 * cove_guest_wake() - does a vCPU that is suspended, and that the host runs, go on?
 * It waits, as in WFI, until an interrupt that it has enabled
 * is pending or a sibling has sent it one. The host cannot wake it otherwise.
 */
enum exit_action cove_guest_wake(struct cove_vcpu *vcpu)
{
	enum exit_action action = cove_exit_wfi(vcpu);

	if (action == EXIT_RESUME || !COVE_DEFENCE(SUSPEND_WAITS)) {
		arch_store(&vcpu->suspended, false);
		return EXIT_RESUME;
	}
	return action;
}

/** cove_guest_suspended() - after the world switch: a non-retentive suspend loses its translation
 */
void cove_guest_suspended(struct cove_vcpu *vcpu)
{
	vcpu->lose_state = false;
	vcpu->csr.vsatp = 0;
	vcpu->csr.vsstatus &= ~SSTATUS_SIE;
}

/*
 * It ends at @addr with a0 the hart's id and a1 @opaque; the other integer
 * registers are zero, and what the specification leaves open stays. Its CSRs
 * are in the hart still, so this always leaves the TVM.
 */
static enum exit_action suspend_non_retentive(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long addr = COVE_A(vcpu, 1), opaque = COVE_A(vcpu, 2);
	bool valid;

	cove_tvm_relock(tvm);
	valid = entry_valid(tvm, addr) || !COVE_DEFENCE(SUSPEND_ADDRESS);
	if (valid)
		cove_evidence_drop(tvm, vcpu);
	cove_tvm_put(tvm);
	if (!valid)
		return cove_guest_return(vcpu, COVE_ERR_INVALID_ADDRESS, 0);
	arch_memset(vcpu->gpr, 0, sizeof(vcpu->gpr));
	COVE_A(vcpu, 0) = vcpu->id;
	COVE_A(vcpu, 1) = opaque;
	vcpu->pc = addr;
	vcpu->lose_state = true;
	arch_store(&vcpu->suspended, true);
	if (cove_exit_wfi(vcpu) == EXIT_RESUME)
		cove_exit_report(vcpu, CAUSE_INTERRUPT | IRQ_S_SOFT, 0, 0, 0);
	return EXIT_HOST;
}

/* Types are 32 bits wide. Those of platforms, and reserved ones, are parameters that are wrong. */
static enum exit_action hart_suspend(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	switch ((u32)COVE_A(vcpu, 0)) {
	case SBI_HSM_SUSPEND_RET_DEFAULT:
		cove_guest_return(vcpu, COVE_OK, 0);
		arch_store(&vcpu->suspended, true);
		return cove_guest_wake(vcpu);
	case SBI_HSM_SUSPEND_NON_RET_DEFAULT:
		return suspend_non_retentive(tvm, vcpu);
	default:
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	}
}

/** cove_guest_hsm() - an HSM call */
enum exit_action cove_guest_hsm(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	switch (COVE_A(vcpu, 6)) {
	case SBI_EXT_HSM_HART_START:
		return hart_start(tvm, vcpu);
	case SBI_EXT_HSM_HART_STOP:
		return hart_stop(tvm, vcpu);
	case SBI_EXT_HSM_HART_GET_STATUS:
		return hart_status(tvm, vcpu);
	case SBI_EXT_HSM_HART_SUSPEND:
		return hart_suspend(tvm, vcpu);
	default:
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	}
}

/** cove_guest_ended() - the exit of a vCPU whose TVM has ended, as if it had asked for the reset */
enum exit_action cove_guest_ended(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	COVE_A(vcpu, 0) = tvm->reset_type;
	COVE_A(vcpu, 1) = tvm->reset_reason;
	COVE_A(vcpu, 6) = SBI_EXT_SRST_RESET;
	COVE_A(vcpu, 7) = SBI_EXT_SRST;
	cove_guest_forward(vcpu, 2);
	return EXIT_STOP;
}

/* Siblings that run trap, and find that they are dead. */
static void stop_siblings(const struct tvm *tvm, const struct cove_vcpu *vcpu)
{
	unsigned int i, running;

	arch_mb();
	for (i = 0; i < COVE_MAX_VCPUS; i++) {
		if (!tvm->vcpu[i] || tvm->vcpu[i] == vcpu)
			continue;
		running = arch_load(&tvm->vcpu[i]->running);
		if (running)
			cove_world_ipi(running - 1);
	}
}

/**
 * cove_guest_end() - no vCPU of the TVM runs again, as if this one had asked for a reset; of
 * several ends the first stands
 */
enum exit_action cove_guest_end(struct tvm *tvm, struct cove_vcpu *vcpu, u32 type, u32 reason)
{
	unsigned int i;

	cove_tvm_relock(tvm);
	if (!tvm->ended) {
		tvm->reset_type = type;
		tvm->reset_reason = reason;
	}
	tvm->ended = true;
	for (i = 0; i < COVE_MAX_VCPUS; i++)
		if (tvm->vcpu[i] && COVE_DEFENCE(RESET_ENDS_ALL))
			arch_store(&tvm->vcpu[i]->state, VCPU_DEAD);
	cove_tvm_put(tvm);
	stop_siblings(tvm, vcpu);
	return cove_guest_ended(tvm, vcpu);
}

/** cove_guest_srst() - system_reset */
enum exit_action cove_guest_srst(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	u32 type = (u32)COVE_A(vcpu, 0), reason = (u32)COVE_A(vcpu, 1);

	if (COVE_A(vcpu, 6) != SBI_EXT_SRST_RESET)
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	if (type > SBI_SRST_RESET_TYPE_LAST || reason > SBI_SRST_RESET_REASON_SYSFAIL)
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	return cove_guest_end(tvm, vcpu, type, reason);
}
