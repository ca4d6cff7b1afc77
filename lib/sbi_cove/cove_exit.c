// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A trap of a TVM: what the monitor serves itself, what the guest gets as an
 * exception, and what the host is told (CoVE, TVM exits).
 */
#include "cove_internal.h"
#include <sbi/riscv_encoding.h>

#define CAUSE_INTERRUPT	   (1UL << 63)
#define INSN_WFI_BITS	   0x10500073UL
#define INSN_WRS_NTO_BITS  0x00d00073UL
#define SPIN_LIMIT	   32 /* WRS.NTO in one run, before the host hears of it */
#define TINST_PSEUDO_READ  0x3000UL
#define TINST_PSEUDO_WRITE 0x3020UL

/** cove_inject() - the guest takes an exception at its current pc */
void cove_inject(struct cove_vcpu *vcpu, unsigned long cause, unsigned long tval)
{
	bool from_s = (vcpu->mstatus & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT == PRV_S;

	cove_world_inject(vcpu->pc, cause, tval, from_s);
	vcpu->pc = cove_world_vector();
	vcpu->mstatus =
		(vcpu->mstatus & ~(MSTATUS_MPP | MSTATUS_MPELP)) | PRV_S << MSTATUS_MPP_SHIFT;
}

/* The access fault that a guest page fault of this cause stands for. */
static enum exit_action inject_access_fault(struct cove_vcpu *vcpu)
{
	switch (vcpu->trap.cause) {
	case CAUSE_FETCH_GUEST_PAGE_FAULT:
		cove_inject(vcpu, CAUSE_FETCH_ACCESS, vcpu->trap.tval);
		break;
	case CAUSE_LOAD_GUEST_PAGE_FAULT:
		cove_inject(vcpu, CAUSE_LOAD_ACCESS, vcpu->trap.tval);
		break;
	default:
		cove_inject(vcpu, CAUSE_STORE_ACCESS, vcpu->trap.tval);
		break;
	}
	return EXIT_RESUME;
}

static ARCH_NOINLINE enum exit_action mmio_fault(struct cove_vcpu *vcpu, u64 gpa)
{
	unsigned long tinst = vcpu->trap.tinst;

	/* Page tables and code do not live in devices. */
	if (vcpu->trap.cause == CAUSE_FETCH_GUEST_PAGE_FAULT || tinst == TINST_PSEUDO_READ ||
	    tinst == TINST_PSEUDO_WRITE)
		return inject_access_fault(vcpu);
	switch (cove_mmio_exit(vcpu, gpa)) {
	case MMIO_EXIT:
		return EXIT_HOST;
	case MMIO_RETRY:
		return EXIT_RESUME;
	default:
		return inject_access_fault(vcpu);
	}
}

static ARCH_NOINLINE enum exit_action guest_page_fault(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	u64 gpa = vcpu->trap.tval2 << 2 | (vcpu->trap.tval & 3);
	unsigned long cause = vcpu->trap.cause;
	enum region_type type;

	cove_tvm_relock(tvm);
	type = cove_region_type(tvm, gpa);
	cove_tvm_put(tvm);
	if (type == REGION_NONE &&
	    ((tvm->flags & COVE_TVM_F_IMPLICIT_MMIO) || !COVE_DEFENCE(STRAY_ACCESS)))
		type = REGION_MMIO;

	switch (type) {
	case REGION_MMIO:
		return mmio_fault(vcpu, gpa);
	case REGION_SHARED:
	case REGION_SHARED_REMOVABLE:
		if (cause == CAUSE_FETCH_GUEST_PAGE_FAULT)
			return inject_access_fault(vcpu);
		/* fallthrough */
	case REGION_CONF:
	case REGION_CONF_REMOVABLE:
		if (COVE_DEFENCE(FAULT_HIDES_OFFSET))
			gpa &= ~COVE_PAGE_MASK;
		return cove_exit_report(vcpu, cause, 0, gpa >> 2, 0);
	default:
		vcpu->state = VCPU_DEAD;
		cove_exit_report(vcpu, cause, 0, (gpa & ~COVE_PAGE_MASK) >> 2, 0);
		return EXIT_STOP;
	}
}

/** cove_exit_wfi() - the guest waits: back at once when an interrupt is pending, else the host may
 * block the vCPU */
enum exit_action cove_exit_wfi(struct cove_vcpu *vcpu)
{
	if (cove_world_guest_interrupt_pending() || arch_load(&vcpu->ipi))
		return EXIT_RESUME;
	vcpu->wfi = true;
	return cove_exit_report(vcpu, CAUSE_VIRTUAL_INST_FAULT, INSN_WFI_BITS, 0, INSN_WFI_BITS);
}

/* Could another vCPU of @vcpu's TVM go on, and does not run? It changes while this looks: a hint.
 */
static bool sibling_waits_for_host(const struct cove_vcpu *vcpu)
{
	const struct tvm *tvm = vcpu->tvm;
	unsigned int i;

	for (i = 0; i < tvm->nvcpus; i++) {
		const struct cove_vcpu *other = tvm->vcpu[i];

		if (other && other != vcpu && !arch_load(&other->running) &&
		    arch_load(&other->state) == VCPU_STARTED &&
		    (!arch_load(&other->wfi) || arch_load(&other->ipi)))
			return true;
	}
	return false;
}

static enum exit_action virtual_instruction(struct cove_vcpu *vcpu)
{
	bool from_s = (vcpu->mstatus & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT == PRV_S;
	unsigned long insn = vcpu->trap.tval;

	if (!insn && !cove_world_fetch(vcpu, &insn))
		return EXIT_RESUME;
	if (insn == INSN_WFI_BITS && from_s) {
		vcpu->pc += 4;
		return cove_exit_wfi(vcpu);
	}
	if (insn == INSN_WRS_NTO_BITS) {
		/*
		 * It may return at any time, and the guest checks again. Who waits for a vCPU
		 * that does not run, waits in vain: the host can run that one. So perhaps
		 * does who waits for long.
		 */
		vcpu->pc += 4;
		if (++vcpu->spins < SPIN_LIMIT && !sibling_waits_for_host(vcpu))
			return EXIT_RESUME;
		return cove_exit_report(vcpu, CAUSE_VIRTUAL_INST_FAULT, insn, 0, insn);
	}
	cove_inject(vcpu, CAUSE_ILLEGAL_INSTRUCTION, insn);
	return EXIT_RESUME;
}

static ARCH_NOINLINE enum exit_action interrupt(struct cove_vcpu *vcpu)
{
	unsigned long irq = vcpu->trap.cause & ~CAUSE_INTERRUPT;

	if (irq == IRQ_M_SOFT || irq == IRQ_M_TIMER || irq == IRQ_M_EXT) {
		cove_world_interrupt(vcpu->trap.cause);
		return EXIT_RESUME;
	}
	return cove_exit_report(vcpu, vcpu->trap.cause, 0, 0, 0);
}

static ARCH_NOINLINE enum exit_action other_exit(struct cove_vcpu *vcpu)
{
	switch (vcpu->trap.cause) {
	case CAUSE_VIRTUAL_INST_FAULT:
		return virtual_instruction(vcpu);
	case CAUSE_ILLEGAL_INSTRUCTION:
		if (!cove_world_lazy_state(vcpu))
			cove_inject(vcpu, CAUSE_ILLEGAL_INSTRUCTION, vcpu->trap.tval);
		return EXIT_RESUME;
	default:
		cove_inject(vcpu, vcpu->trap.cause, vcpu->trap.tval);
		return EXIT_RESUME;
	}
}

/**
 * cove_handle_exit() - act on a trap of @vcpu; its CSRs are still in the hart
 * Whatever the guest does ends in one of three ways: it goes on, the host is
 * told, or this vCPU is dead.
 */
enum exit_action cove_handle_exit(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long cause = vcpu->trap.cause;

	if (cause & CAUSE_INTERRUPT)
		return interrupt(vcpu);
	if (cause == CAUSE_VIRTUAL_SUPERVISOR_ECALL)
		return cove_guest_ecall(tvm, vcpu);
	if (cause == CAUSE_LOAD_GUEST_PAGE_FAULT || cause == CAUSE_STORE_GUEST_PAGE_FAULT ||
	    cause == CAUSE_FETCH_GUEST_PAGE_FAULT)
		return guest_page_fault(tvm, vcpu);
	return other_exit(vcpu);
}
