/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * From one stack of M-mode to another: what a function keeps for its caller.
 */
#define FRAME 112

	.macro kept op
	\op ra, 0(sp)
	\op s0, 8(sp)
	\op s1, 16(sp)
	\op s2, 24(sp)
	\op s3, 32(sp)
	\op s4, 40(sp)
	\op s5, 48(sp)
	\op s6, 56(sp)
	\op s7, 64(sp)
	\op s8, 72(sp)
	\op s9, 80(sp)
	\op s10, 88(sp)
	\op s11, 96(sp)
	.endm

	.text
	/* void arch_stack_switch(unsigned long *from, unsigned long to) */
	.globl arch_stack_switch
arch_stack_switch:
	addi sp, sp, -FRAME
	kept sd
	sd sp, 0(a0)
	mv sp, a1
	kept ld
	addi sp, sp, FRAME
	ret

	/* unsigned long arch_stack_new(unsigned long top, void (*fn)(void *), void *arg): of a
	   stack on which @fn begins when it is switched to; @fn does not return */
	.globl arch_stack_new
arch_stack_new:
	addi a0, a0, -FRAME
	lla t0, 1f
	sd t0, 0(a0)
	sd a1, 8(a0)
	sd a2, 16(a0)
	ret
1:	mv a0, s1
	jr s0
