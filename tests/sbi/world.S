/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Code of the host or of its own VM, in any mode, until it traps; and a list of
 * instructions that access memory.
 */
#include "world.h"
#include "regs.inc"

	.text
	/* void world_run(struct world *w) */
	.globl world_run
world_run:
	addi sp, sp, -128
	callee_saved sd
	csrr t0, stvec
	sd t0, WORLD_STVEC(a0)
	csrr t0, sscratch
	sd t0, WORLD_SSCRATCH(a0)
	csrr t0, sstatus
	sd t0, WORLD_SAVED(a0)
	sd sp, WORLD_SP(a0)
	csrw sscratch, a0
	la t0, world_trap
	csrw stvec, t0
	ld t0, WORLD_SSTATUS(a0)
	csrw sstatus, t0
	ld t0, WORLD_HSTATUS(a0)
	csrw hstatus, t0
	ld t0, 0(a0)
	csrw sepc, t0
	ld t0, WORLD_SATP(a0)
	sfence.vma
	csrw satp, t0
	sfence.vma
	fence.i
	most_gprs ld, a0
	ld x2, 16(a0)
	ld x10, 80(a0)
	sret

	.balign 4
world_trap:
	csrrw a0, sscratch, a0
	most_gprs sd, a0
	sd x2, 16(a0)
	csrr t0, sscratch
	sd t0, 80(a0)
	csrr t0, scause
	sd t0, WORLD_CAUSE(a0)
	csrr t0, stval
	sd t0, WORLD_TVAL(a0)
	csrr t0, sepc
	sd t0, WORLD_EPC(a0)
	csrr t0, htval
	sd t0, WORLD_HTVAL(a0)
	csrr t0, htinst
	sd t0, WORLD_HTINST(a0)
	csrr t0, hstatus
	sd t0, WORLD_OHSTATUS(a0)
	csrr t0, sstatus
	sd t0, WORLD_OSSTATUS(a0)
	ld t0, WORLD_SPY(a0)
	beqz t0, 2f
	/* what the host can read as the trap has left it, before it touches any CSR of translation */
	la t1, 1f
	csrw stvec, t1
	li t1, -1
	ld t0, (t0)
	j 3f
	.balign 4
1:	csrr t1, scause
3:	sd t1, WORLD_SPIED(a0)
2:	csrw satp, zero
	sfence.vma
	csrw hstatus, zero
	ld t0, WORLD_SAVED(a0)
	csrw sstatus, t0
	ld t0, WORLD_STVEC(a0)
	csrw stvec, t0
	ld t0, WORLD_SSCRATCH(a0)
	csrw sscratch, t0
	ld sp, WORLD_SP(a0)
	callee_saved ld
	addi sp, sp, 128
	ret

/* An op is: op, what comes before, op_main, the instruction, op_end. */
.macro op name, flags, size
	.section .rodata.opnames, "a"
7001:	.asciz "\name"
	.section .rodata.ops, "a"
	.balign 8
	.quad 7001b, 7002f, 7003f, 7004f
	.word \flags, \size
	.text
	.balign 4
7002:
.endm
.macro op_main
7003:
.endm
.macro op_end
	ebreak
7004:
.endm
.macro plain name, flags, size, insn:vararg
	op "\name", \flags, \size
	op_main
	\insn
	op_end
.endm

	.section .rodata.ops, "a"
	.balign 8
	.globl ops
ops:
	.text
	.option norvc
	.option arch, +d, +h, +v, +zicbom, +zicboz
	plain lb, OP_LOAD, 1, lb a1, (a0)
	plain lbu, OP_LOAD, 1, lbu a1, (a0)
	plain lh, OP_LOAD, 2, lh a1, (a0)
	plain lhu, OP_LOAD, 2, lhu a1, (a0)
	plain lw, OP_LOAD, 4, lw a1, (a0)
	plain lwu, OP_LOAD, 4, lwu a1, (a0)
	plain ld, OP_LOAD, 8, ld a1, (a0)
	plain sb, OP_STORE, 1, sb a1, (a0)
	plain sh, OP_STORE, 2, sh a1, (a0)
	plain sw, OP_STORE, 4, sw a1, (a0)
	plain sd, OP_STORE, 8, sd a1, (a0)
	.option rvc
	plain c.lw, OP_LOAD, 4, c.lw a1, 0(a0)
	plain c.ld, OP_LOAD, 8, c.ld a1, 0(a0)
	plain c.sw, OP_STORE, 4, c.sw a1, 0(a0)
	plain c.sd, OP_STORE, 8, c.sd a1, 0(a0)
	plain c.fld, (OP_LOAD | OP_FP), 8, c.fld fa0, 0(a0)
	plain c.fsd, (OP_STORE | OP_FP), 8, c.fsd fa1, 0(a0)
	.option norvc
	plain flw, (OP_LOAD | OP_FP), 4, flw fa0, (a0)
	plain fld, (OP_LOAD | OP_FP), 8, fld fa0, (a0)
	plain fsw, (OP_STORE | OP_FP), 4, fsw fa1, (a0)
	plain fsd, (OP_STORE | OP_FP), 8, fsd fa1, (a0)
	plain amoadd.w, (OP_STORE | OP_WHOLE), 4, amoadd.w a1, a1, (a0)
	plain amoadd.d, (OP_STORE | OP_WHOLE), 8, amoadd.d a1, a1, (a0)
	plain amoswap.d, (OP_STORE | OP_WHOLE), 8, amoswap.d.aqrl a1, a1, (a0)
	plain amomaxu.w, (OP_STORE | OP_WHOLE), 4, amomaxu.w a1, a1, (a0)
	plain lr.w, (OP_LOAD | OP_WHOLE), 4, lr.w a1, (a0)
	op "lr.d, sc.d", (OP_LOAD | OP_WHOLE | OP_LOOP), 8
	op_main
1:	lr.d a3, (a0)
	add a3, a3, a1
	sc.d a5, a3, (a0)
	bnez a5, 1b
	op_end
	op "sc.w", (OP_LOAD | OP_WHOLE | OP_LOOP), 4
1:	lr.w a3, (a0)
	add a3, a3, a1
	op_main
	sc.w a5, a3, (a0)
	bnez a5, 1b
	op_end
	op cbo.zero, (OP_STORE | OP_WHOLE), 1
	op_main
	cbo.zero (a0)
	op_end
	op cbo.clean, (OP_STORE | OP_WHOLE), 1
	op_main
	cbo.clean (a0)
	op_end
	op cbo.flush, (OP_STORE | OP_WHOLE), 1
	op_main
	cbo.flush (a0)
	op_end
	op cbo.inval, (OP_STORE | OP_WHOLE), 1
	op_main
	cbo.inval (a0)
	op_end
	plain hlv.b, (OP_LOAD | OP_HLV), 1, hlv.b a1, (a0)
	plain hlv.hu, (OP_LOAD | OP_HLV), 2, hlv.hu a1, (a0)
	plain hlv.w, (OP_LOAD | OP_HLV), 4, hlv.w a1, (a0)
	plain hlv.d, (OP_LOAD | OP_HLV), 8, hlv.d a1, (a0)
	plain hlvx.hu, (OP_LOAD | OP_HLV | OP_HLVX), 2, hlvx.hu a1, (a0)
	plain hlvx.wu, (OP_LOAD | OP_HLV | OP_HLVX), 4, hlvx.wu a1, (a0)
	plain hsv.b, (OP_STORE | OP_HLV), 1, hsv.b a1, (a0)
	plain hsv.h, (OP_STORE | OP_HLV), 2, hsv.h a1, (a0)
	plain hsv.w, (OP_STORE | OP_HLV), 4, hsv.w a1, (a0)
	plain hsv.d, (OP_STORE | OP_HLV), 8, hsv.d a1, (a0)
/* M-mode reads the hart mask with the rights of the caller (legacy SBI remote_fence_i) */
	op "hart mask of an SBI call", (OP_LOAD | OP_HS), 8
	li a7, 5
	op_main
	ecall
	op_end
/* What a host may see or change of its translation, whatever M-mode does with it meanwhile. */
.macro control name, flags, insn:vararg
	op "\name", (\flags | OP_LOAD | OP_ALONE), 1
	op_main
	\insn
	op_end
.endm
	control "csrr satp", OP_S, csrr a1, satp
	control "csrr stvec", OP_S, csrr a1, stvec
	control "csrr sie", OP_S, csrr a1, sie
	control "csrr sstatus", OP_S, csrr a1, sstatus
	control "csrr medeleg", OP_S, csrr a1, medeleg
	control "csrr hgatp", OP_HS, csrr a1, hgatp
	control "csrr vsatp", OP_HS, csrr a1, vsatp
	control "csrr hedeleg", OP_HS, csrr a1, hedeleg
	control "sfence.vma", OP_S, sfence.vma
	control "hfence.gvma", OP_HS, hfence.gvma
	control "hfence.vvma", OP_HS, hfence.vvma
	control "fence.i", 0, fence.i
	op "ecall", (OP_LOAD | OP_ALONE), 1
	li a7, 0x10
	li a6, 0
	op_main
	ecall
	op_end
	control "ebreak", 0, ebreak
	control "unimp", 0, unimp
	.option rvc
	control "c.unimp", 0, c.unimp
	.option norvc
	op "csrw satp to itself", (OP_LOAD | OP_ALONE | OP_S), 1
	csrr a1, satp
	op_main
	csrrw a1, satp, a1
	csrr a2, satp
	op_end
	control "csrw satp to zero", OP_S, csrrw a1, satp, zero
	op "sret to itself", (OP_LOAD | OP_ALONE | OP_S), 1
	auipc a1, 0
	addi a1, a1, 24
	csrw sepc, a1
	li a2, 0x120
	csrs sstatus, a2
	op_main
	sret
	csrr a1, sstatus
	op_end
.macro vector name, flags, size, vtype:vararg
	op "\name", (\flags | OP_V), \size
	vsetvli zero, a4, \vtype
	vmv.v.x v8, a1
.endm
.macro indexed name, flags
	vector "\name", (\flags | OP_FAR), 8, e64, m8, ta, ma
	vid.v v16
	vmul.vx v16, v16, a2
.endm
.macro vector_end insn:vararg
	op_main
	\insn
	op_end
.endm
	vector vle8, OP_LOAD, 16, e8, m1, ta, ma
	vector_end vle8.v v8, (a0)
	vector vse8, OP_STORE, 16, e8, m1, ta, ma
	vector_end vse8.v v8, (a0)
	vector vle64, OP_LOAD, 128, e64, m8, ta, ma
	vector_end vle64.v v8, (a0)
	vector vse64, OP_STORE, 128, e64, m8, ta, ma
	vector_end vse64.v v8, (a0)
	vector vle64ff, OP_LOAD, 8, e64, m8, ta, ma
	vector_end vle64ff.v v8, (a0)
	vector vlse64, (OP_LOAD | OP_FAR), 8, e64, m8, ta, ma
	vector_end vlse64.v v8, (a0), a2
	vector vsse64, (OP_STORE | OP_FAR), 8, e64, m8, ta, ma
	vector_end vsse64.v v8, (a0), a2
	indexed vluxei64, OP_LOAD
	vector_end vluxei64.v v8, (a0), v16
	indexed vsuxei64, OP_STORE
	vector_end vsuxei64.v v8, (a0), v16
	indexed vsoxei64, OP_STORE
	vector_end vsoxei64.v v8, (a0), v16
	vector vlseg8e64, OP_LOAD, 64, e64, m1, ta, ma
	vector_end vlseg8e64.v v8, (a0)
	vector vsseg8e64, OP_STORE, 64, e64, m1, ta, ma
	vector_end vsseg8e64.v v8, (a0)
	vector vlsseg4e64, (OP_LOAD | OP_FAR), 32, e64, m2, ta, ma
	vector_end vlsseg4e64.v v8, (a0), a2
	vector vssseg4e64, (OP_STORE | OP_FAR), 32, e64, m2, ta, ma
	vector_end vssseg4e64.v v8, (a0), a2
	vector vl2re64, OP_LOAD, 32, e64, m1, ta, ma
	vector_end vl2re64.v v8, (a0)
	vector vs2r, OP_STORE, 32, e64, m1, ta, ma
	vector_end vs2r.v v8, (a0)
/* world_remap: (a0), then the entry a3 at (a2) and a fence, and (a0) again in a4 */
	.text
	.balign 4
	.globl world_remap, world_remap_end
world_remap:
	ld a1, (a0)
	sd a3, (a2)
	sfence.vma
	ld a4, (a0)
	ebreak
world_remap_end:
/* What begins with a loop that only a window gets through, if its pages are scattered. */
.macro loop_first
	.balign 4
1:	lr.d t0, (a0)
	sc.d t1, t0, (a0)
	bnez t1, 1b
.endm
/* world_satp: another satp, then (a3) */
	.globl world_satp, world_satp_end
world_satp:
	loop_first
	csrw satp, a2
	sfence.vma
	ld a1, (a3)
	ebreak
world_satp_end:
/* world_sret: to a4 in the VM, a5: hstatus.SPV, a6: sstatus.SPP */
	.globl world_sret, world_sret_end
world_sret:
	loop_first
	csrw sepc, a4
	csrs hstatus, a5
	csrs sstatus, a6
	sret
world_sret_end:
/* world_load: (a3) */
	.globl world_load, world_load_end
world_load:
	ld a1, (a3)
	ebreak
world_load_end:
/* world_run_call: from the window, an ecall with a0: a5, a1: 0; then (a3) */
	.globl world_run_call, world_run_call_end
world_run_call:
	loop_first
	mv a0, a5
	li a1, 0
	ecall
	mv a4, a0
	ld a2, (a3)
	ebreak
world_run_call_end:
/* world_run_again: in the window (a3); then the same ecall, and (a3) again, right behind it */
	.globl world_run_again, world_run_again_end
world_run_again:
	loop_first
	li a4, 1
	j 2f
1:	mv a0, a5
	li a1, 0
	ecall
2:	ld a2, (a3)
	beqz a4, 3f
	li a4, 0
	j 1b
3:	mv a4, a0
	ebreak
world_run_again_end:
/* world_ecall: of the VM, to the host */
	.globl world_ecall, world_ecall_end
world_ecall:
	ecall
world_ecall_end:
	.section .rodata.ops, "a"
	.globl ops_end
ops_end:
