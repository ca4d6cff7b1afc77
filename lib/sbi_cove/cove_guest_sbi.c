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

/** cove_guest_forward() - tell the host of a call: a6, a7 and the first @nargs arguments, no other
 * register */
enum exit_action cove_guest_forward(struct cove_vcpu *vcpu, unsigned int nargs)
{
	volatile unsigned long *host = cove_nacl_word(NACL_GPR_OFFSET(COVE_GPR_A0));
	unsigned int i;

	if (!COVE_DEFENCE(FORWARD_ARGUMENTS))
		nargs = 6;
	for (i = 0; i < nargs; i++)
		host[i] = COVE_A(vcpu, i);
	for (; i < 6; i++)
		host[i] = 0;
	host[6] = COVE_A(vcpu, 6) & COVE_FID_MASK;
	host[7] = COVE_A(vcpu, 7);
	return cove_exit_report(vcpu, CAUSE_VIRTUAL_SUPERVISOR_ECALL, 0, 0, 0);
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

static enum exit_action guest_base(struct cove_vcpu *vcpu)
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

static enum exit_action guest_time(struct cove_vcpu *vcpu)
{
	if (COVE_A(vcpu, 6) != SBI_EXT_TIME_SET_TIMER)
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	cove_world_set_timer(vcpu, COVE_A(vcpu, 0));
	return cove_guest_return(vcpu, COVE_OK, 0);
}

/* A hart mask as SBI has it: is vCPU @id in (@mask, @base)? */
static bool in_mask(unsigned long mask, unsigned long base, unsigned long id)
{
	if (base == ~0UL)
		return true;
	return id >= base && id - base < 64 && (mask >> (id - base) & 1);
}

static bool mask_valid(const struct tvm *tvm, unsigned long mask, unsigned long base)
{
	unsigned long i;

	if (base == ~0UL)
		return true;
	for (i = 0; mask; i++, mask >>= 1)
		if ((mask & 1) && (base >= tvm->nvcpus || base + i >= tvm->nvcpus))
			return false;
	return true;
}

/*
 * The interrupt is pending at once. The host hears of the call only when a
 * target does not run: it may be blocked in the host.
 */
static enum exit_action guest_ipi(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long mask = COVE_A(vcpu, 0), base = COVE_A(vcpu, 1);
	bool sleeping = false;
	unsigned int i;

	if (COVE_A(vcpu, 6) != SBI_EXT_IPI_SEND_IPI)
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	if (COVE_DEFENCE(IPI_MASK) && !mask_valid(tvm, mask, base))
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	for (i = 0; i < tvm->nvcpus; i++) {
		struct cove_vcpu *target = tvm->vcpu[i];

		if (!in_mask(mask, base, i))
			continue;
		cove_vcpu_kick(target);
		if (!arch_load(&target->running))
			sleeping = true;
	}
	if (sleeping)
		return cove_guest_inform(vcpu, 2);
	return cove_guest_return(vcpu, COVE_OK, 0);
}

/*
 * Harts that run a target fence now; a vCPU that does not run needs nothing,
 * because entry fences everything.
 */
static bool fence_targets(struct tvm *tvm, unsigned long mask, unsigned long base,
			  unsigned int type, unsigned long start, unsigned long size,
			  unsigned long asid)
{
	unsigned long vmid = tvm->id & cove.vmid_mask;
	unsigned long hartids = 0;
	bool reached = true;
	unsigned int i;

	arch_mb();
	for (i = 0; i < tvm->nvcpus; i++) {
		unsigned int running;
		unsigned long hartid;

		if (!in_mask(mask, base, i))
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
	return fence_targets(tvm, 0, ~0UL, FENCE_I, 0, 0, 0);
}

static enum exit_action guest_rfence(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long mask = COVE_A(vcpu, 0), base = COVE_A(vcpu, 1);
	unsigned long start = COVE_A(vcpu, 2), size = COVE_A(vcpu, 3);
	unsigned long fid = COVE_A(vcpu, 6);
	bool done;

	/* The HFENCE functions are for harts with a hypervisor; a guest's have none. */
	if (fid > SBI_EXT_RFENCE_REMOTE_SFENCE_VMA_ASID)
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	if (COVE_DEFENCE(RFENCE_MASK) && !mask_valid(tvm, mask, base))
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	switch (fid) {
	case SBI_EXT_RFENCE_REMOTE_FENCE_I:
		done = fence_targets(tvm, mask, base, FENCE_I, 0, 0, 0);
		break;
	case SBI_EXT_RFENCE_REMOTE_SFENCE_VMA:
		done = fence_targets(tvm, mask, base, HFENCE_VVMA, start, size, 0);
		break;
	default:
		done = fence_targets(tvm, mask, base, HFENCE_VVMA_ASID, start, size,
				     COVE_A(vcpu, 4) & 0xffff);
		break;
	}
	return cove_guest_return(vcpu, done ? COVE_OK : COVE_ERR_FAILED, 0);
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
 * cove_guest_ecall() - an SBI call of a TVM
 * What is not offered is not supported, and never forwarded: PMU, SUSP, CPPC,
 * NACL, STA, SSE, FWFT, DBTR, MPXY, COVH, COVI and what is unknown.
 */
enum exit_action cove_guest_ecall(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	switch (COVE_A(vcpu, 7)) {
	case SBI_EXT_BASE:
		return guest_base(vcpu);
	case SBI_EXT_TIME:
		return guest_time(vcpu);
	case SBI_EXT_IPI:
		return guest_ipi(tvm, vcpu);
	case SBI_EXT_RFENCE:
		return guest_rfence(tvm, vcpu);
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
