/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Begins like a Linux Image. A hart comes here at reset, and when hart 0 starts it.
 */
#define STACK_SHIFT 12

	.section .head, "ax"
	.option push
	.option norvc
	.globl _start
_start:
	j	1f
	nop
	.dword	0x200000		/* text offset */
	.dword	_end - _start
	.dword	0			/* flags */
	.word	2			/* version 0.2 */
	.word	0
	.dword	0
	.dword	0x5643534952		/* "RISCV" */
	.word	0x05435352		/* "RSC\x05" */
	.word	0
1:	la	sp, stacks
	addi	t0, a0, 1
	slli	t0, t0, STACK_SHIFT
	add	sp, sp, t0
	csrw	sie, zero
	la	t0, trap
	csrw	stvec, t0
	call	hart_main
2:	wfi
	j	2b
	.option pop

	.balign	4
trap:	call	die
	j	trap
