/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Entry of the harts, traps, and accesses that are meant to fault.
 */
#include "host.h"
#include "regs.inc"

	.section .text.start, "ax"
	.globl _start
_start:
	csrw sie, zero
	csrw satp, zero
	la t0, __bss_start
	la t1, __bss_end
1:	bgeu t0, t1, 2f
	sd zero, 0(t0)
	addi t0, t0, 8
	j 1b
2:	la sp, boot_stack_top
	la tp, boot_hart
	csrw sscratch, tp
	la t0, trap_vector
	csrw stvec, t0
	call host_main
3:	wfi
	j 3b

	.text
	/* a0: hart ID, a1: struct hart */
	.globl secondary_entry
	.align 2
secondary_entry:
	mv tp, a1
	csrw sscratch, tp
	la t0, trap_vector
	csrw stvec, t0
	ld sp, HART_SP(tp)
	mv a0, tp
	call secondary_main

	.globl trap_vector
	.align 2
trap_vector:
	csrrw tp, sscratch, tp
	sd t0, HART_T0(tp)
	csrr t0, scause
	sd t0, HART_CAUSE(tp)
	csrr t0, stval
	sd t0, HART_TVAL(tp)
	csrr t0, sepc
	sd t0, HART_EPC(tp)
	ld t0, HART_RECOVER(tp)
	beqz t0, 1f
	csrw sepc, t0
	ld t0, HART_T0(tp)
	csrrw tp, sscratch, tp
	sret
1:	csrrw t0, sscratch, tp
	la sp, boot_stack_top
	mv a0, tp
	call trap_fatal

.macro probe name, insn
	.globl \name
\name:
	la t0, 9f
	sd t0, HART_RECOVER(tp)
	li t1, -1
	sd t1, HART_CAUSE(tp)
	\insn
9:	sd zero, HART_RECOVER(tp)
	ld a0, HART_CAUSE(tp)
	ret
.endm

	probe probe_ld, "ld t2, 0(a0)"
	probe probe_lb, "lbu t2, 0(a0)"
	probe probe_sd, "sd a1, 0(a0)"
	probe probe_amo, "amoadd.d t2, zero, (a0)"
	.option push
	.option arch, +h
	probe probe_hlv, "hlv.d t2, (a0)"
	.option pop
	probe probe_stimecmp, "csrr t2, 0x14d"
	probe probe_flh, ".insn i 0x07, 1, x7, 0(a0)"
	probe probe_fsh, ".insn s 0x27, 1, x7, 0(a0)"
	.option push
	.option arch, +v
	probe probe_vle, "vle8.v v8, (a0), v0.t"
	probe probe_vse, "vse8.v v8, (a0), v0.t"

	/* bool vector_pattern(void): all of v0, v8 set to 0x41; false without V */
	.globl vector_pattern
vector_pattern:
	li t0, 0x600
	csrs sstatus, t0
	csrr t1, sstatus
	and a0, t1, t0
	beqz a0, 1f
	vsetvli t0, zero, e8, m1, ta, ma
	li t0, 0x41
	vmv.v.x v0, t0
	vmv.v.x v8, t0
	li a0, 1
1:	ret
	.option pop

	.globl probe_exec
probe_exec:
	addi sp, sp, -16
	sd ra, 0(sp)
	la t0, 9f
	sd t0, HART_RECOVER(tp)
	li t1, -1
	sd t1, HART_CAUSE(tp)
	jalr a0
9:	sd zero, HART_RECOVER(tp)
	ld ra, 0(sp)
	addi sp, sp, 16
	ld a0, HART_CAUSE(tp)
	ret

	/* long ecall_or_interrupt(const unsigned long *regs, unsigned long *how): a0..a7 from @regs,
	   interrupts on; *how: 0: a0 is the result; 1: an interrupt came at the ecall; 2: before */
	.globl ecall_or_interrupt
ecall_or_interrupt:
	la t1, 1f
	csrrw t2, stvec, t1
	mv t3, a1
	mv t0, a0
	ld a0, 0(t0)
	ld a1, 8(t0)
	ld a2, 16(t0)
	ld a3, 24(t0)
	ld a4, 32(t0)
	ld a5, 40(t0)
	ld a6, 48(t0)
	ld a7, 56(t0)
	csrsi sstatus, 2
9:	ecall
	csrci sstatus, 2
	csrw stvec, t2
	sd zero, 0(t3)
	ret
	.align 2
1:	csrw stvec, t2
	csrr t0, sepc
	la t1, 9b
	sgtu t4, t0, t1
	sltu t0, t0, t1
	addi t0, t0, 1
	beqz t4, 2f
	li t0, 0
2:	sd t0, 0(t3)
	ret

	/* HSM hart_suspend, default non-retentive; returns the error, or 0 when the hart has resumed */
	.globl suspend_nonretentive
suspend_nonretentive:
	addi sp, sp, -128
	callee_saved sd
	sd sp, HART_RESUME_SP(tp)
	li a7, 0x48534d
	li a6, 3
	li a0, 0x80000000
	la a1, 1f
	mv a2, tp
	ecall
	callee_saved ld
	addi sp, sp, 128
	ret
	.align 2
1:	mv tp, a1
	csrw sscratch, tp
	la t0, trap_vector
	csrw stvec, t0
	ld sp, HART_RESUME_SP(tp)
	callee_saved ld
	addi sp, sp, 128
	li a0, 0
	ret

	regs_probe regs_ecall, "ecall"
	fp_and_v

	.bss
	.align 12
	.space HART_STACK
boot_stack_top:
	.globl boot_hart
	.align 6
boot_hart:
	.space 256

	.text
	/* int frame_save(frame): 0, and 1 once more after frame_resume(frame) */
	.globl frame_save
frame_save:
	sd sp, 120(a0)
	mv t0, sp
	mv sp, a0
	callee_saved sd
	mv sp, t0
	li a0, 0
	ret
	.globl frame_resume
frame_resume:
	mv sp, a0
	callee_saved ld
	ld sp, 120(sp)
	li a0, 1
	ret
