/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * One block of SHA-512 with Zvknhb ("RISC-V Cryptography Extensions Volume II",
 * vsha2ms, vsha2ch, vsha2cl). An operand of theirs is 4 words, so a group of two
 * registers, from VLEN 128 on. Of each group nothing behind these 4 words
 * changes: tails stay as they are, and need not be kept.
 *
 *	v0   mask: word 0 of 4
 *	v2   f, e, b, a		the index of each word is its place here
 *	v4   h, g, d, c
 *	v6, v8, v10, v12   16 words of the message schedule
 *	v14  what is for the moment
 */

	.section .text
	.align 3
	.option push
	.option arch, +v

	/* Opcode OP-VE, vector-vector, unmasked; assemblers before binutils 2.41 do not know them. */
.macro vsha2 op, vd, vs2, vs1
	.insn r 0x77, 2, \op, x\vd, x\vs1, x\vs2
.endm
.macro vsha2ms vd, vs2, vs1
	vsha2 0x5b, \vd, \vs2, \vs1
.endm
.macro vsha2ch vd, vs2, vs1
	vsha2 0x5d, \vd, \vs2, \vs1
.endm
.macro vsha2cl vd, vs2, vs1
	vsha2 0x5f, \vd, \vs2, \vs1
.endm

	/* void cove_sha512_borrow(u64 kept[32]): vstart is 0 */
	.globl cove_sha512_borrow
cove_sha512_borrow:
	vsetivli zero, 4, e64, m2, tu, mu
	vsseg4e64.v v0, (a0)
	addi a0, a0, 128
	vsseg4e64.v v8, (a0)
	ret
	.size cove_sha512_borrow, . - cove_sha512_borrow

	/* void cove_sha512_return(const u64 kept[32], unsigned long vl, unsigned long vtype) */
	.globl cove_sha512_return
cove_sha512_return:
	vsetivli zero, 4, e64, m2, tu, mu
	vlseg4e64.v v0, (a0)
	addi a0, a0, 128
	vlseg4e64.v v8, (a0)
	vsetvl zero, a1, a2
	ret
	.size cove_sha512_return, . - cove_sha512_return

	/* 32 bytes at (a1) are 4 words of the other byte order: v4 has who goes where. */
.macro message w
	vle8.v v14, (a1)
	vrgather.vv v\w, v14, v4
.endm

	/* 4 rounds, with the oldest 4 words of the schedule */
.macro rounds w
	vle64.v v14, (a2)
	addi a2, a2, 32
	vadd.vv v14, v14, v\w
	vsha2cl 4, 2, 14
	vsha2ch 2, 4, 14
.endm

	/* ... and the 4 that take their place, from those and @x, @y, @z behind them */
.macro rounds_and_words w, x, y, z
	rounds \w
	vmerge.vvm v14, v\y, v\x, v0
	vsha2ms \w, 14, \z
.endm

	/* void cove_sha512_block(u64 state[8], const u8 block[128]): borrowed; the block may lie anywhere */
	.globl cove_sha512_block
cove_sha512_block:
	li t0, 32
	vsetvli zero, t0, e8, m2, tu, mu
	vid.v v4
	vxor.vi v4, v4, 7
	message 6
	addi a1, a1, 32
	message 8
	addi a1, a1, 32
	message 10
	addi a1, a1, 32
	message 12
	vsetivli zero, 4, e64, m2, tu, mu
	li t0, 1
	vmv.s.x v0, t0
	/* offsets, a byte each: f, e, b, a of (a0), and h, g, d, c of (t1) */
	li t0, 0x00082028
	vmv.s.x v14, t0
	addi t1, a0, 16
	vluxei8.v v2, (a0), v14
	vluxei8.v v4, (t1), v14
	la a2, constants
	.rept 4
	rounds_and_words 6, 8, 10, 12
	rounds_and_words 8, 10, 12, 6
	rounds_and_words 10, 12, 6, 8
	rounds_and_words 12, 6, 8, 10
	.endr
	rounds 6
	rounds 8
	rounds 10
	rounds 12
	vmv.s.x v14, t0
	vluxei8.v v6, (a0), v14
	vluxei8.v v8, (t1), v14
	vadd.vv v2, v2, v6
	vadd.vv v4, v4, v8
	vsuxei8.v v2, (a0), v14
	vsuxei8.v v4, (t1), v14
	ret
	.size cove_sha512_block, . - cove_sha512_block
	.option pop

	/* FIPS 180-4, 4.2.3 */
	.section .rodata
	.align 5
constants:
	.dword 0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc
	.dword 0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118
	.dword 0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2
	.dword 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694
	.dword 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65
	.dword 0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5
	.dword 0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4
	.dword 0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70
	.dword 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df
	.dword 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b
	.dword 0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30
	.dword 0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8
	.dword 0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8
	.dword 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3
	.dword 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec
	.dword 0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b
	.dword 0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178
	.dword 0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b
	.dword 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c
	.dword 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817
	.size constants, . - constants
