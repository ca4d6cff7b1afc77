/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Any instruction with any registers, in VS and VU.
 */
#include "../regs.inc"

	.text
	/* one instruction, which the caller puts there, in VS; in[2] must be a stack */
	regs_probe vs_probe, "vs_insn: nop"
	.globl vs_insn

	/* runs *user_fn in VU */
	.globl user_ecall
user_ecall:
	la t0, user_fn
	ld t0, 0(t0)
	jalr t0
	ecall

	/* void stream_start(const unsigned long in[32], void *code): VU, until stream_trap() ends it */
	.globl stream_start
stream_start:
	addi sp, sp, -128
	callee_saved sd
	la t0, stream_sp
	sd sp, 0(t0)
	csrw sscratch, sp
	la t0, stream_vector
	csrw stvec, t0
	csrw sepc, a1
	li t0, 0x100
	csrc sstatus, t0
	most_gprs ld, a0
	ld x2, 16(a0)
	ld x10, 80(a0)
	sret
	.globl stream_end
stream_end:
	la t0, stream_sp
	ld sp, 0(t0)
	la t0, guest_vector
	csrw stvec, t0
	callee_saved ld
	addi sp, sp, 128
	ret

	.balign 4
stream_vector:
	csrrw sp, sscratch, sp
	addi sp, sp, -256
	most_gprs sd, sp
	sd x10, 80(sp)
	csrr t0, sscratch
	sd t0, 16(sp)
	addi t0, sp, 256
	csrw sscratch, t0
	mv a0, sp
	call stream_trap
	most_gprs ld, sp
	ld x10, 80(sp)
	ld sp, 16(sp)
	sret

	/* void storm_forever(unsigned long mask): every interrupt is pending and on */
	.globl storm_forever
storm_forever:
	mv s0, a0
	la t0, 1f
	csrw stvec, t0
	li t0, 0x222
	csrw sie, t0
	.balign 4
1:	li a7, 0x735049
	li a6, 0
	mv a0, s0
	li a1, 0
	ecall
	csrsi sip, 2
	csrsi sstatus, 2
	j 1b

	.bss
	.balign 8
	.globl user_fn
user_fn:
	.space 8
stream_sp:
	.space 8
