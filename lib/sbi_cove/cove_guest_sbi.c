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
#define GPR_A0		  10
#define A(vcpu, n)	  ((vcpu)->gpr[GPR_A0 + (n)])

/* Remote fence types of the TLB layer (sbi_tlb.h) */
#define FENCE_I		 0
#define HFENCE_VVMA_ASID 5
#define HFENCE_VVMA	 6

/** cove_guest_return() - answer a guest's call and go on */
enum exit_action cove_guest_return(struct cove_vcpu *vcpu, long error, unsigned long value)
{
	A(vcpu, 0) = (unsigned long)error;
	A(vcpu, 1) = value;
	vcpu->pc += 4;
	return EXIT_RESUME;
}

/** cove_guest_forward() - tell the host of a call: a6, a7 and the first @nargs arguments, no other
 * register */
enum exit_action cove_guest_forward(struct cove_vcpu *vcpu, unsigned int nargs)
{
	unsigned int i;

	for (i = 0; i < 6; i++)
		cove_nacl_write(NACL_GPR_OFFSET(GPR_A0 + i),
				i < nargs || !COVE_DEFENCE(FORWARD_ARGUMENTS) ? A(vcpu, i) : 0);
	cove_nacl_write(NACL_GPR_OFFSET(16), A(vcpu, 6) & COVE_FID_MASK);
	cove_nacl_write(NACL_GPR_OFFSET(17), A(vcpu, 7));
	return cove_exit_report(vcpu, CAUSE_VIRTUAL_SUPERVISOR_ECALL, 0, 0, 0);
}

static enum exit_action inform(struct cove_vcpu *vcpu, unsigned int nargs)
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
	switch (A(vcpu, 6)) {
	case SBI_EXT_BASE_GET_SPEC_VERSION:
		return cove_guest_return(vcpu, COVE_OK, GUEST_SBI_VERSION);
	case SBI_EXT_BASE_GET_IMP_ID:
		return cove_guest_return(vcpu, COVE_OK, GUEST_SBI_IMPL_ID);
	case SBI_EXT_BASE_GET_IMP_VERSION:
		return cove_guest_return(vcpu, COVE_OK,
					 COVE_VERSION_MAJOR << 16 | COVE_VERSION_MINOR);
	case SBI_EXT_BASE_PROBE_EXT:
		return cove_guest_return(vcpu, COVE_OK, guest_probe(A(vcpu, 0)));
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
	if (A(vcpu, 6) != SBI_EXT_TIME_SET_TIMER)
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	cove_world_set_timer(vcpu, A(vcpu, 0));
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
	for (i = 0; i < 64; i++) {
		if (!(mask >> i & 1))
			continue;
		if (base >= COVE_MAX_VCPUS || base + i >= COVE_MAX_VCPUS || !tvm->vcpu[base + i])
			return false;
	}
	return true;
}

/*
 * The interrupt is pending at once. The host hears of the call only when a
 * target does not run: it may be blocked in the host.
 */
static enum exit_action guest_ipi(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long mask = A(vcpu, 0), base = A(vcpu, 1);
	bool sleeping = false;
	unsigned int i;

	if (A(vcpu, 6) != SBI_EXT_IPI_SEND_IPI)
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	if (COVE_DEFENCE(IPI_MASK) && !mask_valid(tvm, mask, base))
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	for (i = 0; i < COVE_MAX_VCPUS; i++) {
		struct cove_vcpu *target = tvm->vcpu[i];

		if (!target || !in_mask(mask, base, i))
			continue;
		cove_vcpu_kick(target);
		if (!arch_load(&target->running))
			sleeping = true;
	}
	if (sleeping)
		return inform(vcpu, 2);
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
	for (i = 0; i < COVE_MAX_VCPUS; i++) {
		unsigned int running;
		unsigned long hartid;

		if (!tvm->vcpu[i] || !in_mask(mask, base, i))
			continue;
		running = arch_load(&tvm->vcpu[i]->running);
		if (!running || !COVE_DEFENCE(RFENCE_REACHES))
			continue;
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

static enum exit_action guest_rfence(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long mask = A(vcpu, 0), base = A(vcpu, 1);
	unsigned long start = A(vcpu, 2), size = A(vcpu, 3);
	unsigned long fid = A(vcpu, 6);
	bool done;

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
				     A(vcpu, 4) & 0xffff);
		break;
	}
	return cove_guest_return(vcpu, done ? COVE_OK : COVE_ERR_FAILED, 0);
}

static enum exit_action hart_start(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long id = A(vcpu, 0), addr = A(vcpu, 1), opaque = A(vcpu, 2);
	long rc = COVE_ERR_INVALID_PARAM;
	struct cove_vcpu *target;

	cove_tvm_relock(tvm);
	target = id < COVE_MAX_VCPUS ? tvm->vcpu[id] : NULL;
	if (!target)
		goto out;
	rc = COVE_ERR_ALREADY_AVAILABLE;
	if (COVE_DEFENCE(GUEST_START_STOPPED) && (target->state != VCPU_STOPPED || target->running))
		goto out;
	rc = COVE_ERR_INVALID_ADDRESS;
	if (COVE_DEFENCE(GUEST_START_ADDRESS) &&
	    ((addr & 1) || cove_region_type(tvm, addr) != REGION_CONF))
		goto out;
	cove_vcpu_reset(target, addr, opaque);
	target->state = VCPU_STARTED;
	rc = COVE_OK;
out:
	cove_tvm_put(tvm);
	return rc ? cove_guest_return(vcpu, rc, 0) : inform(vcpu, 1);
}

static enum exit_action hart_status(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long id = A(vcpu, 0);
	struct cove_vcpu *target;
	unsigned long status = SBI_HSM_STATE_STARTED;

	if (id >= COVE_MAX_VCPUS || !tvm->vcpu[id])
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	target = tvm->vcpu[id];
	cove_tvm_relock(tvm);
	if (target->state != VCPU_STARTED)
		status = target->running ? SBI_HSM_STATE_STOP_PENDING : SBI_HSM_STATE_STOPPED;
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

static enum exit_action guest_hsm(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	switch (A(vcpu, 6)) {
	case SBI_EXT_HSM_HART_START:
		return hart_start(tvm, vcpu);
	case SBI_EXT_HSM_HART_STOP:
		return hart_stop(tvm, vcpu);
	case SBI_EXT_HSM_HART_GET_STATUS:
		return hart_status(tvm, vcpu);
	case SBI_EXT_HSM_HART_SUSPEND:
		if ((u32)A(vcpu, 0) != SBI_HSM_SUSPEND_RET_DEFAULT)
			return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
		cove_guest_return(vcpu, COVE_OK, 0);
		return cove_exit_wfi(vcpu);
	default:
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	}
}

static enum exit_action guest_srst(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned int i;

	if (A(vcpu, 6) != SBI_EXT_SRST_RESET)
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	if (A(vcpu, 0) > SBI_SRST_RESET_TYPE_LAST)
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	cove_tvm_relock(tvm);
	for (i = 0; i < COVE_MAX_VCPUS; i++)
		if (tvm->vcpu[i] && COVE_DEFENCE(RESET_ENDS_ALL))
			arch_store(&tvm->vcpu[i]->state, VCPU_DEAD);
	cove_tvm_put(tvm);
	cove_guest_forward(vcpu, 2);
	return EXIT_STOP;
}

/*
 * Console output: the host gets bytes, never an address. A byte at a time is
 * what every CoVE host understands; the guest sees a short write and goes on.
 */
static enum exit_action console_write(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	u64 gpa = A(vcpu, 1), pa = 0;
	enum gstage_leaf kind = GSTAGE_NONE;
	enum region_type type;

	if (!A(vcpu, 0))
		return cove_guest_return(vcpu, COVE_OK, 0);
	if (COVE_DEFENCE(CONSOLE_LIMIT) && (A(vcpu, 2) || gpa >= cove_gstage_gpa_limit()))
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	cove_tvm_relock(tvm);
	type = cove_region_type(tvm, gpa);
	if (type != REGION_NONE && type != REGION_MMIO)
		kind = cove_gstage_get(tvm, gpa & ~COVE_PAGE_MASK, &pa);
	cove_tvm_put(tvm);
	if (COVE_DEFENCE(CONSOLE_REGION) && (type == REGION_NONE || type == REGION_MMIO))
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	if (COVE_DEFENCE(CONSOLE_MAPPED) && kind != GSTAGE_DATA && kind != GSTAGE_SHARED)
		return cove_exit_report(vcpu, CAUSE_LOAD_GUEST_PAGE_FAULT, 0,
					(gpa & ~COVE_PAGE_MASK) >> 2, 0);
	cove_guest_forward(vcpu, 0);
	cove_nacl_write(NACL_GPR_OFFSET(GPR_A0),
			*(volatile u8 *)arch_ptr(pa | (gpa & COVE_PAGE_MASK)));
	cove_nacl_write(NACL_GPR_OFFSET(16), SBI_EXT_DBCN_CONSOLE_WRITE_BYTE);
	vcpu->pending = PENDING_CONSOLE_WRITE;
	return EXIT_HOST;
}

static enum exit_action guest_dbcn(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	switch (A(vcpu, 6)) {
	case SBI_EXT_DBCN_CONSOLE_WRITE:
		return console_write(tvm, vcpu);
	case SBI_EXT_DBCN_CONSOLE_READ:
		return cove_guest_return(vcpu, COVE_OK, 0);
	case SBI_EXT_DBCN_CONSOLE_WRITE_BYTE:
		A(vcpu, 0) &= 0xff;
		vcpu->pending = PENDING_ECALL;
		return cove_guest_forward(vcpu, 1);
	default:
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	}
}

/** cove_guest_ecall() - an SBI call of a TVM; unknown ones are never forwarded */
enum exit_action cove_guest_ecall(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	switch (A(vcpu, 7)) {
	case SBI_EXT_BASE:
		return guest_base(vcpu);
	case SBI_EXT_TIME:
		return guest_time(vcpu);
	case SBI_EXT_IPI:
		return guest_ipi(tvm, vcpu);
	case SBI_EXT_RFENCE:
		return guest_rfence(tvm, vcpu);
	case SBI_EXT_HSM:
		return guest_hsm(tvm, vcpu);
	case SBI_EXT_SRST:
		return guest_srst(tvm, vcpu);
	case SBI_EXT_DBCN:
		return guest_dbcn(tvm, vcpu);
	case SBI_EXT_COVG:
		return cove_guest_covg(tvm, vcpu);
	case SBI_EXT_0_1_CONSOLE_PUTCHAR:
		A(vcpu, 0) &= 0xff;
		vcpu->pending = PENDING_PUTCHAR;
		return cove_guest_forward(vcpu, 1);
	default:
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	}
}
