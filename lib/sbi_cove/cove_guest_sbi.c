// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The SBI that a TVM sees. Most of it is served here; what the host must do
 * is forwarded with only the registers that the call defines.
 */
#include "cove_internal.h"
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_ecall_interface.h>

#define GUEST_SBI_VERSION (2UL << 24)
#define GUEST_SBI_IMPL_ID 0x636f7665UL /* "cove" */

/** cove_guest_return() - answer a guest's call and go on */
enum exit_action cove_guest_return(struct cove_vcpu *vcpu, long error, unsigned long value)
{
	COVE_A(vcpu, 0) = (unsigned long)error;
	COVE_A(vcpu, 1) = value;
	vcpu->pc += 4;
	return EXIT_RESUME;
}

/** cove_guest_inform() - tell the host of a call that has succeeded; its answer does not count */
enum exit_action cove_guest_inform(struct cove_vcpu *vcpu, unsigned int nargs)
{
	enum exit_action action = cove_guest_forward(vcpu, nargs);

	cove_guest_return(vcpu, COVE_OK, 0);
	return action;
}

static bool guest_probe(unsigned long eid)
{
	switch (eid) {
	case SBI_EXT_BASE:
	case SBI_EXT_TIME:
	case SBI_EXT_IPI:
	case SBI_EXT_RFENCE:
	case SBI_EXT_HSM:
	case SBI_EXT_SRST:
	case SBI_EXT_DBCN:
	case SBI_EXT_COVG:
	case SBI_EXT_0_1_CONSOLE_PUTCHAR:
		return true;
	default:
		return false;
	}
}

static ARCH_NOINLINE enum exit_action guest_base(struct cove_vcpu *vcpu)
{
	switch (COVE_A(vcpu, 6)) {
	case SBI_EXT_BASE_GET_SPEC_VERSION:
		return cove_guest_return(vcpu, COVE_OK, GUEST_SBI_VERSION);
	case SBI_EXT_BASE_GET_IMP_ID:
		return cove_guest_return(vcpu, COVE_OK, GUEST_SBI_IMPL_ID);
	case SBI_EXT_BASE_GET_IMP_VERSION:
		return cove_guest_return(vcpu, COVE_OK,
					 COVE_VERSION_MAJOR << 16 | COVE_VERSION_MINOR);
	case SBI_EXT_BASE_PROBE_EXT:
		return cove_guest_return(vcpu, COVE_OK, guest_probe(COVE_A(vcpu, 0)));
	case SBI_EXT_BASE_GET_MVENDORID:
		return cove_guest_return(vcpu, COVE_OK, cove_world_machine_id(CSR_MVENDORID));
	case SBI_EXT_BASE_GET_MARCHID:
		return cove_guest_return(vcpu, COVE_OK, cove_world_machine_id(CSR_MARCHID));
	case SBI_EXT_BASE_GET_MIMPID:
		return cove_guest_return(vcpu, COVE_OK, cove_world_machine_id(CSR_MIMPID));
	default:
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	}
}

static ARCH_NOINLINE enum exit_action guest_time(struct cove_vcpu *vcpu)
{
	if (COVE_A(vcpu, 6) != SBI_EXT_TIME_SET_TIMER)
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	cove_world_set_timer(vcpu, COVE_A(vcpu, 0));
	return cove_guest_return(vcpu, COVE_OK, 0);
}

/* The vCPUs that a hart mask names, a bit each, those that there are; false: it names others, too.
 */
static bool targets_of(const struct tvm *tvm, unsigned long mask, unsigned long base,
		       unsigned long *targets)
{
	unsigned long all = ~0UL >> (COVE_MAX_VCPUS - tvm->nvcpus);

	*targets = all;
	if (base == ~0UL)
		return true;
	*targets = base < COVE_MAX_VCPUS ? mask << base & all : 0;
	return !mask || (base < COVE_MAX_VCPUS && *targets >> base == mask);
}

/*
 * The interrupt is pending at once. The host hears of the call only when a
 * target does not run: it may be blocked in the host.
 */
static ARCH_NOINLINE enum exit_action guest_ipi(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long targets;
	bool sleeping = false;
	unsigned int i;

	if (COVE_A(vcpu, 6) != SBI_EXT_IPI_SEND_IPI)
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	if (!targets_of(tvm, COVE_A(vcpu, 0), COVE_A(vcpu, 1), &targets) && COVE_DEFENCE(IPI_MASK))
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	for (i = 0; targets; i++, targets >>= 1) {
		if (!(targets & 1))
			continue;
		cove_vcpu_kick(tvm->vcpu[i]);
		if (!arch_load(&tvm->vcpu[i]->running))
			sleeping = true;
	}
	if (sleeping)
		return cove_guest_inform(vcpu, 2);
	cove_world_take_ipi(vcpu); /* its own: it may go on without cove_world_run() */
	return cove_guest_return(vcpu, COVE_OK, 0);
}

/*
 * Harts that run a target fence now; a vCPU that does not run needs nothing,
 * because entry fences everything.
 */
static bool fence_targets(struct tvm *tvm, unsigned long targets, unsigned int type,
			  unsigned long start, unsigned long size, unsigned long asid)
{
	unsigned long vmid = tvm->id & cove.vmid_mask;
	unsigned long hartids = 0;
	bool reached = true;
	unsigned int i;

	arch_mb();
	for (i = 0; targets; i++, targets >>= 1) {
		unsigned int running;
		unsigned long hartid;

		if (!(targets & 1))
			continue;
		running = arch_load(&tvm->vcpu[i]->running);
		if (!running || !COVE_DEFENCE(RFENCE_REACHES))
			continue;
		if (running == arch_hart() + 1) {
			cove_world_fence_self(type, asid);
			continue;
		}
		hartid = cove_world_hartid(running - 1);
		if (hartid < 64)
			hartids |= 1UL << hartid;
		else
			reached &=
				cove_world_remote_fence(1, hartid, type, start, size, asid, vmid);
	}
	if (hartids)
		reached &= cove_world_remote_fence(hartids, 0, type, start, size, asid, vmid);
	return reached;
}

/**
 * cove_guest_reach_siblings() - make every vCPU of @tvm that runs leave its guest once
 *
 * Waits for them, without a lock; a vCPU that is entered meanwhile comes from M-mode too.
 *
 * Return: false when a hart could not be reached
 */
bool cove_guest_reach_siblings(struct tvm *tvm)
{
	unsigned long all;

	targets_of(tvm, 0, ~0UL, &all);
	return fence_targets(tvm, all, FENCE_I, 0, 0, 0);
}

static ARCH_NOINLINE enum exit_action guest_rfence(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long start = COVE_A(vcpu, 2), size = COVE_A(vcpu, 3);
	unsigned long fid = COVE_A(vcpu, 6), asid = 0, targets;
	unsigned int type = HFENCE_VVMA;

	/* The HFENCE functions are for harts with a hypervisor; a guest's have none. */
	if (fid > SBI_EXT_RFENCE_REMOTE_SFENCE_VMA_ASID)
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	if (!targets_of(tvm, COVE_A(vcpu, 0), COVE_A(vcpu, 1), &targets) &&
	    COVE_DEFENCE(RFENCE_MASK))
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	if (fid == SBI_EXT_RFENCE_REMOTE_FENCE_I) {
		type = FENCE_I;
		start = size = 0;
	} else if (fid == SBI_EXT_RFENCE_REMOTE_SFENCE_VMA_ASID) {
		type = HFENCE_VVMA_ASID;
		asid = COVE_A(vcpu, 4) & 0xffff;
	}
	if (!fence_targets(tvm, targets, type, start, size, asid))
		return cove_guest_return(vcpu, COVE_ERR_FAILED, 0);
	return cove_guest_return(vcpu, COVE_OK, 0);
}

/*
 * Version 0.1: only its console is offered. A guest that knows the Base
 * extension, which is older than CoVE, finds all the rest there. These calls
 * have one result, a0; a1 stays the guest's.
 */
static enum exit_action guest_legacy(struct cove_vcpu *vcpu)
{
	if (COVE_A(vcpu, 7) != SBI_EXT_0_1_CONSOLE_PUTCHAR)
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, COVE_A(vcpu, 1));
	COVE_A(vcpu, 0) &= 0xff;
	vcpu->pending = PENDING_PUTCHAR;
	return cove_guest_forward(vcpu, 1);
}

/**
 * cove_guest_quick() - serve a call for which the registers of a call suffice
 *
 * The trap vector calls it while @vcpu has only what C does not preserve; s0 to s11, gp and
 * tp of the guest are in the hart. It goes back with what the trap has left of mstatus:
 * nothing here may trap, in M-mode either.
 *
 * Return: EXIT_TRAP when the call is not one of these
 */
enum exit_action cove_guest_quick(struct cove_vcpu *vcpu)
{
	switch (COVE_A(vcpu, 7)) {
	case SBI_EXT_BASE:
		return guest_base(vcpu);
	case SBI_EXT_TIME:
		return guest_time(vcpu);
	case SBI_EXT_IPI:
		return guest_ipi(vcpu->tvm, vcpu);
	case SBI_EXT_RFENCE:
		return guest_rfence(vcpu->tvm, vcpu);
	default:
		return EXIT_TRAP;
	}
}

/**
 * cove_guest_ecall() - an SBI call of a TVM that is not quick
 * What is not offered is not supported, and never forwarded: PMU, SUSP, CPPC,
 * NACL, STA, SSE, FWFT, DBTR, MPXY, COVH, COVI and what is unknown.
 */
enum exit_action cove_guest_ecall(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	switch (COVE_A(vcpu, 7)) {
	case SBI_EXT_HSM:
		return cove_guest_hsm(tvm, vcpu);
	case SBI_EXT_SRST:
		return cove_guest_srst(tvm, vcpu);
	case SBI_EXT_DBCN:
		return cove_guest_dbcn(tvm, vcpu);
	case SBI_EXT_COVG:
		return cove_guest_covg(tvm, vcpu);
	default:
		if (COVE_A(vcpu, 7) <= SBI_EXT_0_1_SHUTDOWN)
			return guest_legacy(vcpu);
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	}
}
