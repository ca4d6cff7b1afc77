/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * M-mode's trap vector while the host runs: run_tvm_vcpu of COVH, as today's numbers have it
 * and in domain 0, takes a short way; every other trap is OpenSBI's, found as hardware left it.
 *
 * Cause 9 is an ecall from HS-mode and nothing else, so what M-mode, a VM of the host or
 * user space do never gets further than the comparison, nor does an interrupt. Until then only
 * t0 is touched, in the slot of the scratch space where OpenSBI's own vector would keep it.
 */
#include <cove/sbi_cove.h>
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_scratch.h>

#define MSTATUS_MDT_BIT 42
#define COVE_AGAIN	1 /* of cove_internal.h */

#define FRAME_SP   0
#define FRAME_MEPC 8
#define FRAME_A0   16
#define FRAME_A1   24
#define FRAME_T0   32
#define FRAME_REST 40
#define FRAME_SIZE 160

	/* What C may change, or a TVM: s0 to s11 C gives back, the results are a0 and a1 */
.macro host_registers op
	\op ra, (FRAME_REST + 0)(sp)
	\op gp, (FRAME_REST + 8)(sp)
	\op tp, (FRAME_REST + 16)(sp)
	\op t1, (FRAME_REST + 24)(sp)
	\op t2, (FRAME_REST + 32)(sp)
	\op a2, (FRAME_REST + 40)(sp)
	\op a3, (FRAME_REST + 48)(sp)
	\op a4, (FRAME_REST + 56)(sp)
	\op a5, (FRAME_REST + 64)(sp)
	\op a6, (FRAME_REST + 72)(sp)
	\op a7, (FRAME_REST + 80)(sp)
	\op t3, (FRAME_REST + 88)(sp)
	\op t4, (FRAME_REST + 96)(sp)
	\op t5, (FRAME_REST + 104)(sp)
	\op t6, (FRAME_REST + 112)(sp)
.endm

	.section .text
	.option push
	.option norvc
	.align 3
	.globl cove_host_vector
cove_host_vector:
	csrrw tp, mscratch, tp
	sd t0, SBI_SCRATCH_TMP0_OFFSET(tp)
	csrr t0, mcause
	addi t0, t0, -CAUSE_SUPERVISOR_ECALL
	bnez t0, others
	li t0, SBI_EXT_COVH
	bne a7, t0, others
	addi t0, a6, -SBI_COVH_RUN_TVM_VCPU
	bnez t0, others

	/* From HS-mode: M-mode's stack is empty, it begins below the scratch space. */
	sd sp, (FRAME_SP - FRAME_SIZE)(tp)
	ld t0, SBI_SCRATCH_TMP0_OFFSET(tp)
	addi sp, tp, -FRAME_SIZE
	csrrw tp, mscratch, tp
	sd t0, FRAME_T0(sp)
	sd a0, FRAME_A0(sp)
	sd a1, FRAME_A1(sp)
	host_registers sd
	csrr t0, mepc
	sd t0, FRAME_MEPC(sp)
	/* Smdbltrp: M-mode may trap from here on */
	li t0, 1 << MSTATUS_MDT_BIT
	csrc mstatus, t0
	call cove_host_run
	li t0, COVE_AGAIN
	beq a0, t0, refused
	/* mstatus is as the trap has left it: a run puts it back */
	ld t0, FRAME_MEPC(sp)
	addi t0, t0, 4
	csrw mepc, t0
	host_registers ld
	ld t0, FRAME_T0(sp)
	ld sp, FRAME_SP(sp)
	mret

	/* Nothing has happened yet: mepc, mcause and the rest are those of the trap. */
refused:
	ld a0, FRAME_A0(sp)
	ld a1, FRAME_A1(sp)
	host_registers ld
	ld t0, FRAME_T0(sp)
	ld sp, FRAME_SP(sp)
	j _trap_handler_hyp

others:
	ld t0, SBI_SCRATCH_TMP0_OFFSET(tp)
	csrrw tp, mscratch, tp
	j _trap_handler_hyp
	.option pop
