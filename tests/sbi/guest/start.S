/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The guest's entry, traps, and single instructions.
 */
#include "../regs.inc"
#define GUEST_STACK 0x1000
#define MAX_VCPUS 4

	.section .text.start, "ax"
	.globl _start
	/* a0: hart ID, a1: argument. What else is in the registers is kept for G_HELLO. */
_start:
	csrrw t0, sscratch, t0
	csrrw sp, stval, sp
	slli t0, a0, 8
	la sp, entry_regs
	add sp, sp, t0
	csrr t0, sscratch
	.irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	sd x\n, (8 * \n)(sp)
	.endr
	csrr t0, stval
	sd t0, 16(sp)
	la t0, guest_vector
	csrw stvec, t0
	la sp, stacks
	addi t0, a0, 1
	li t1, GUEST_STACK
	mul t0, t0, t1
	add sp, sp, t0
	call guest_main
1:	j 1b

	.text
	.globl guest_vector
	.align 2
guest_vector:
	addi sp, sp, -256
	.irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	sd x\n, (8 * \n)(sp)
	.endr
	mv a0, sp
	call guest_trap
	.irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ld x\n, (8 * \n)(sp)
	.endr
	addi sp, sp, 256
	sret

	/* void user_call(void (*fn)(void)): in VU; the fn ends with an ecall */
	.globl user_call
user_call:
	addi sp, sp, -128
	callee_saved sd
	la t0, user_sp
	sd sp, 0(t0)
	csrw sepc, a0
	li t0, 0x100
	csrc sstatus, t0
	sret
	.globl user_return
user_return:
	la t0, user_sp
	ld sp, 0(t0)
	callee_saved ld
	addi sp, sp, 128
	ret

	regs_probe probe_ecall, "ecall"
	regs_probe probe_store, "sd t0, 0(t1)"
	regs_probe probe_load, "ld t2, 0(t1)"
	regs_probe probe_wfi, "wfi"
	/* until the time in t0 */
	regs_probe probe_spin, "1: rdtime t2; bltu t2, t0, 1b"
	/* wrs.nto, for assemblers that do not know it; as often as SPIN_LOOPS */
	regs_probe probe_wrs, ".rept 80; .word 0x00d00073; .endr"
	fp_and_v

.macro fn name
	.globl \name
\name:
.endm

	/* loads: a0 = address, result in a0 */
	.option norvc
fn op_lb
	lb a0, 0(a0)
	ret
fn op_lh
	lh a0, 0(a0)
	ret
fn op_lw
	lw a0, 0(a0)
	ret
fn op_ld
	ld a0, 0(a0)
	ret
fn op_lbu
	lbu a0, 0(a0)
	ret
fn op_lhu
	lhu a0, 0(a0)
	ret
fn op_lwu
	lwu a0, 0(a0)
	ret
fn op_lw_x0
	lw zero, 0(a0)
	mv a0, zero
	ret
fn op_lw_t6
	lw t6, 0(a0)
	mv a0, t6
	ret
	/* stores: a0 = address, a1 = value */
fn op_sb
	sb a1, 0(a0)
	ret
fn op_sh
	sh a1, 0(a0)
	ret
fn op_sw
	sw a1, 0(a0)
	ret
fn op_sd
	sd a1, 0(a0)
	ret
fn op_sd_x0
	sd zero, 0(a0)
	ret
	.option rvc
fn op_c_lw
	c.lw a0, 0(a0)
	ret
fn op_c_ld
	c.ld a0, 0(a0)
	ret
fn op_c_lwsp
	mv t0, sp
	addi sp, a0, -16
	c.lwsp a0, 16(sp)
	mv sp, t0
	ret
fn op_c_ldsp
	mv t0, sp
	addi sp, a0, -16
	c.ldsp a0, 16(sp)
	mv sp, t0
	ret
fn op_c_sw
	c.sw a1, 0(a0)
	ret
fn op_c_sd
	c.sd a1, 0(a0)
	ret
fn op_c_swsp
	mv t0, sp
	addi sp, a0, -16
	c.swsp a1, 16(sp)
	mv sp, t0
	ret
fn op_c_sdsp
	mv t0, sp
	addi sp, a0, -16
	c.sdsp a1, 16(sp)
	mv sp, t0
	ret

	/* refused on MMIO: a0 = DEV_BASE */
fn bad_amo
	amoadd.w t0, zero, (a0)
	ret
fn bad_lr
	lr.w t0, (a0)
	ret
	.option push
	.option arch, +d
fn bad_fld
	.option norvc
	fld f1, 0(a0)
	ret
fn bad_fsd
	fsd f1, 0(a0)
	.option rvc
	ret
fn bad_c_fld
	c.fld fa0, 0(a0)
	ret
	.option pop
fn bad_lw_misaligned
	lw t0, 2(a0)
	ret
fn bad_ld_misaligned
	ld t0, 4(a0)
	ret
fn bad_sh_misaligned
	sh t0, 1(a0)
	ret
fn bad_fetch
	jr a0

	/* illegal in a guest */
fn ill_rdcycle
	rdcycle t0
	ret
fn ill_rdinstret
	rdinstret t0
	ret
	.option push
	.option arch, +h
fn ill_hlv
	hlv.d t0, (sp)
	ret
fn ill_hsv
	hsv.d t0, (sp)
	ret
fn ill_hfence_gvma
	hfence.gvma
	ret
	.option pop
fn ill_csr_hstatus
	csrr t0, 0x600
	ret
fn ill_csr_hgatp
	csrw 0x680, zero
	ret
fn ill_csr_vsatp
	csrw 0x280, zero
	ret
fn ill_csr_mstatus
	csrr t0, 0x300
	ret
fn ill_csr_unknown
	csrr t0, 0x5c5
	ret
fn ill_mret
	mret
	ret
fn ill_zero
	.word 0xffffffff
	ret
.macro user name, insn
fn ill_\name
	la a0, 1f
	j user_call
1:	\insn
	ecall
.endm
	user user_sret, "sret"
	user user_wfi, "wfi"
	user user_sfence, "sfence.vma"
	user user_csr, "csrr t0, sstatus"
	.option push
	.option arch, +h
	user user_hlv, "hlv.d t0, (sp)"
	.option pop

	.bss
	.align 4
	.globl entry_regs
entry_regs:
	.space 256 * MAX_VCPUS
user_sp:
	.space 8
	.align 12
	.globl stacks
stacks:
	.space GUEST_STACK * MAX_VCPUS
