/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Ways out of a TVM with a value in every register; and any CSR by its number.
 */
#include "../registers.h"
#include "../regs.inc"

	.text
	regs_probe how_ecall, "ecall"
	regs_probe how_store, "sd x9, 0(x8)"
	regs_probe how_load, "ld x9, 0(x8)"
	regs_probe how_wfi, "wfi"
	/* until the time in x8 */
	regs_probe how_spin, "1: rdtime x9; bltu x9, x8, 1b"
	regs_probe how_illegal, ".word 0xffffffff"
	regs_probe how_virtual, "csrr x9, 0x600"
	/* where it goes on, its stack is in sscratch still */
	regs_probe how_lost, "ecall; .globl lost_entry; lost_entry:"
	/* the page is empty: guest_trap() continues at x1 */
	regs_probe how_fetch, "jalr x1, x8"

	/*
	 * unsigned long csr_do(unsigned int insn, unsigned long value): executes
	 * an instruction with operand and result in a0; skipped when it traps
	 */
	.globl csr_do
csr_do:
	la t0, csr_code
	sw a0, 0(t0)
	fence.i
	mv a0, a1
	jr t0

	/* in VU: an indirect jump to where no page is yet, and no landing pad will be */
	.globl user_jump
user_jump:
	la x1, 1f
	li a5, EXIT_PAGE
	jr a5
1:	ecall

	/* a floating-point flag, raised by a vector instruction: 1.0 / 0.0 */
	.option push
	.option arch, +v
	.globl vector_divide
vector_divide:
	vsetivli zero, 1, e32, m1, ta, ma
	vmv.v.i v8, 0
	li t0, 0x3f800000
	vmv.v.x v9, t0
	vfdiv.vv v10, v9, v8
	ret
	.option pop

	.data
	.balign 4096
	.globl csr_code
csr_code:
	.word 0
	.word 0x00008067
	.balign 4096
