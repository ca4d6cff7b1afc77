/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * An instruction that reads and one that writes for each CSR number there is.
 */
#include "host.h"

	.text
	.option push
	.option norvc
	.balign 4
csr_table:
	.set n, 0
	.rept 4096
	.word n << 20 | 2 << 12 | 10 << 7 | 0x73	/* csrr a0, n */
	ret
	.word n << 20 | 10 << 15 | 1 << 12 | 0x73	/* csrw n, a0 */
	ret
	.set n, n + 1
	.endr
	.option pop

	/*
	 * unsigned long csr_table_call(unsigned long n, unsigned long value, bool write,
	 * unsigned long *read): the cause of its trap, or NO_FAULT
	 */
	.globl csr_table_call
csr_table_call:
	addi sp, sp, -16
	sd ra, 0(sp)
	sd a3, 8(sp)
	la t0, 9f
	sd t0, HART_RECOVER(tp)
	li t1, -1
	sd t1, HART_CAUSE(tp)
	la t2, csr_table
	slli a0, a0, 4
	add t2, t2, a0
	slli a2, a2, 3
	add t2, t2, a2
	mv a0, a1
	jalr t2
9:	sd zero, HART_RECOVER(tp)
	ld a3, 8(sp)
	sd a0, 0(a3)
	ld ra, 0(sp)
	addi sp, sp, 16
	ld a0, HART_CAUSE(tp)
	ret
