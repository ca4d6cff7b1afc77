/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What a run does between the two switches of the CSRs, inline: the caller keeps
 * nothing in registers meanwhile, so none is saved twice.
 */
#ifndef COVE_WORLD_RUN_H
#define COVE_WORLD_RUN_H

#include <cove/defence.h>
#include <cove_world.h>

#define COUNTINHIBIT_ALL  0xfffffffdUL
#define MSTATUS_ELP	  (MSTATUS_MPELP | MSTATUS_SPELP)
#define MSTATUS_SPP_SHIFT 8

unsigned long cove_world_landing_pad(unsigned long mstatus);

/** cove_world_take_ipi() - what siblings have sent is pending in the hart */
static inline void cove_world_take_ipi(struct cove_vcpu *vcpu)
{
	if (unlikely(arch_load(&vcpu->ipi)) && __atomic_exchange_n(&vcpu->ipi, 0, __ATOMIC_ACQ_REL))
		csr_set(CSR_HVIP, MIP_VSSIP);
}

/*
 * cove_world_switch.S: it preserves sp; gp and tp are not the compiler's. *@vcpu is the same
 * afterwards: told anew, so that it lives in registers before and after instead of on the stack.
 */
ARCH_INLINE enum exit_action cove_world_switch(struct cove_vcpu **vcpu)
{
	register unsigned long a0 __asm__("a0") = (unsigned long)*vcpu;
	register unsigned long a1 __asm__("a1");

	__asm__ __volatile__("call cove_world_switch"
			     : "+r"(a0), "=r"(a1)
			     :
			     : "memory", "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a2", "a3",
			       "a4", "a5", "a6", "a7", "s0", "s1", "s2", "s3", "s4", "s5", "s6",
			       "s7", "s8", "s9", "s10", "s11");
	*vcpu = (struct cove_vcpu *)a1;
	return (enum exit_action)a0;
}

/**
 * cove_world_run() - run the TVM until it traps to M-mode with more than a quick call; the vCPU's
 * pc, mstatus, gpr and trap hold its state afterwards; *@running is the same before and after
 *
 * It is entered by sret, which M-mode may execute too: hstatus.SPV can be set
 * by a CSR write on every hart, mstatus.MPV not in QEMU from 10.0.3 on.
 *
 * Return: EXIT_TRAP, or what cove_guest_quick() has decided
 */
ARCH_INLINE enum exit_action cove_world_run(struct cove_vcpu **running)
{
	struct cove_vcpu *vcpu = *running;
	unsigned long mstatus = vcpu->mstatus;
	enum exit_action action;
	unsigned long inhibit;

	if (unlikely(mstatus & MSTATUS_ELP))
		mstatus = cove_world_landing_pad(mstatus);
	/* MPP is S or U: its low bit is SPP. */
	mstatus &= ~MSTATUS_SPP;
	mstatus |= mstatus >> (MSTATUS_MPP_SHIFT - MSTATUS_SPP_SHIFT) & MSTATUS_SPP;

	cove_world_take_ipi(vcpu);
	csr_write(CSR_SEPC, vcpu->pc);
	csr_set(CSR_HSTATUS, HSTATUS_SPV);
	csr_write(CSR_MSTATUS, mstatus);
	/* The host does not count what the TVM does. */
	inhibit = csr_swap(CSR_MCOUNTINHIBIT, COVE_DEFENCE(COUNTERS_STOP) ? COUNTINHIBIT_ALL : 0);
	action = cove_world_switch(running);
	csr_write(CSR_MCOUNTINHIBIT, inhibit);
	return action;
}

/** cove_world_deny_external() - the guest on this hart does not see the host's line any more */
static inline void cove_world_deny_external(void)
{
	if (COVE_DEFENCE(INTERRUPT_ALLOWED))
		csr_clear(CSR_HVIP, MIP_VSEIP);
}

/** cove_world_report() - the host's scause and stval after a run */
static inline void cove_world_report(unsigned long scause, unsigned long stval)
{
	csr_write(CSR_SCAUSE, scause);
	csr_write(CSR_STVAL, stval);
}

#endif
