/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The world switch as a nested call: it returns when the TVM traps with more than
 * a call that cove_guest_quick() serves. mtvec and mscratch are the TVM's only
 * between entry and trap.
 */
#include <cove_world.h>
#include <sbi/riscv_encoding.h>

	.section .text
	.align 3
	.option push
	.option norvc

#define MSTATUS_MDT_BIT 42

	/* What a C function may change, but a0 */
.macro caller_saved op, base
	\op ra, COVE_VCPU_GPR(1)(\base)
	\op sp, COVE_VCPU_GPR(2)(\base)
	\op t0, COVE_VCPU_GPR(5)(\base)
	\op t1, COVE_VCPU_GPR(6)(\base)
	\op t2, COVE_VCPU_GPR(7)(\base)
	\op a1, COVE_VCPU_GPR(11)(\base)
	\op a2, COVE_VCPU_GPR(12)(\base)
	\op a3, COVE_VCPU_GPR(13)(\base)
	\op a4, COVE_VCPU_GPR(14)(\base)
	\op a5, COVE_VCPU_GPR(15)(\base)
	\op a6, COVE_VCPU_GPR(16)(\base)
	\op a7, COVE_VCPU_GPR(17)(\base)
	\op t3, COVE_VCPU_GPR(28)(\base)
	\op t4, COVE_VCPU_GPR(29)(\base)
	\op t5, COVE_VCPU_GPR(30)(\base)
	\op t6, COVE_VCPU_GPR(31)(\base)
.endm

	/* What it preserves, and gp and tp, which OpenSBI's C does not use */
.macro preserved op, base
	\op gp, COVE_VCPU_GPR(3)(\base)
	\op tp, COVE_VCPU_GPR(4)(\base)
	\op s0, COVE_VCPU_GPR(8)(\base)
	\op s1, COVE_VCPU_GPR(9)(\base)
	\op s2, COVE_VCPU_GPR(18)(\base)
	\op s3, COVE_VCPU_GPR(19)(\base)
	\op s4, COVE_VCPU_GPR(20)(\base)
	\op s5, COVE_VCPU_GPR(21)(\base)
	\op s6, COVE_VCPU_GPR(22)(\base)
	\op s7, COVE_VCPU_GPR(23)(\base)
	\op s8, COVE_VCPU_GPR(24)(\base)
	\op s9, COVE_VCPU_GPR(25)(\base)
	\op s10, COVE_VCPU_GPR(26)(\base)
	\op s11, COVE_VCPU_GPR(27)(\base)
.endm

	/*
	 * a0: enum exit_action, a1: vcpu = cove_world_switch(struct cove_vcpu *vcpu): sepc, mstatus,
	 * hstatus are set. Of the caller's registers sp is preserved and no other; gp and tp come
	 * back from the host's trap frame.
	 */
	.globl cove_world_switch
cove_world_switch:
	addi sp, sp, -16
	sd a0, 0(sp)
	sd sp, COVE_VCPU_HOST_SP(a0)
	sd ra, COVE_VCPU_HOST_RA(a0)
	lla t0, cove_world_trap
	csrrw t0, mtvec, t0
	sd t0, COVE_VCPU_HOST_MTVEC(a0)
	csrrw t0, mscratch, a0
	sd t0, COVE_VCPU_HOST_SCRATCH(a0)
	caller_saved ld, a0
	preserved ld, a0
	ld a0, COVE_VCPU_GPR(10)(a0)
	sret

	.align 3
cove_world_trap:
	csrrw a0, mscratch, a0
	caller_saved sd, a0
	ld t0, COVE_VCPU_HOST_SCRATCH(a0)
	csrrw t0, mscratch, t0
	sd t0, COVE_VCPU_GPR(10)(a0)
	ld t0, COVE_VCPU_HOST_MTVEC(a0)
	csrw mtvec, t0
	ld sp, COVE_VCPU_HOST_SP(a0)
	csrr t0, mepc
	sd t0, COVE_VCPU_PC(a0)
	/* Smdbltrp: a guarded access of the handler may trap again */
	li t0, 1 << MSTATUS_MDT_BIT
	csrc mstatus, t0
	csrr t0, mstatus
	sd t0, COVE_VCPU_MSTATUS(a0)
	csrr t0, mcause
	sd t0, COVE_VCPU_CAUSE(a0)
	li t1, COVE_CAUSE_GUEST_ECALL
	bne t0, t1, trap
	call cove_guest_quick
	mv t2, a0
	ld a0, 0(sp)
	bnez t2, leave
	/* Back as the trap came. A trap of M-mode in between would have changed mstatus. */
	csrr t0, mstatus
	ld t1, COVE_VCPU_MSTATUS(a0)
	bne t0, t1, leave
	ld t0, COVE_VCPU_PC(a0)
	csrw mepc, t0
	lla t0, cove_world_trap
	csrw mtvec, t0
	csrw mscratch, a0
	caller_saved ld, a0
	ld a0, COVE_VCPU_GPR(10)(a0)
	mret

trap:
	li t2, COVE_EXIT_TRAP
leave:
	preserved sd, a0
	csrr t0, mtval
	sd t0, COVE_VCPU_TVAL(a0)
	csrr t0, CSR_MTVAL2
	sd t0, COVE_VCPU_TVAL2(a0)
	csrr t0, CSR_MTINST
	sd t0, COVE_VCPU_TINST(a0)
	ld ra, COVE_VCPU_HOST_RA(a0)
	addi sp, sp, 16
	mv a1, a0
	mv a0, t2
	ret

.macro fregs op
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\op f\n, (8 * \n)(a0)
	.endr
.endm

	/* void cove_fp_save(struct cove_fp *fp): mstatus.FS is not Off */
	.globl cove_fp_save
cove_fp_save:
	.option push
	.option arch, +d
	fregs fsd
	frcsr t0
	sd t0, COVE_FP_FCSR(a0)
	ret

	/* void cove_fp_restore(const struct cove_fp *fp) */
	.globl cove_fp_restore
cove_fp_restore:
	fregs fld
	ld t0, COVE_FP_FCSR(a0)
	fscsr t0
	ret
	.option pop

	/* void cove_v_save(struct cove_v *v): mstatus.VS is not Off */
	.globl cove_v_save
cove_v_save:
	.option push
	.option arch, +v
	csrr t0, vstart
	sd t0, COVE_V_VSTART(a0)
	csrr t0, vcsr
	sd t0, COVE_V_VCSR(a0)
	csrr t0, vl
	sd t0, COVE_V_VL(a0)
	csrr t0, vtype
	sd t0, COVE_V_VTYPE(a0)
	addi a0, a0, COVE_V_REGS
	csrr t1, vlenb
	slli t1, t1, 3
	csrw vstart, zero
	vs8r.v v0, (a0)
	add a0, a0, t1
	vs8r.v v8, (a0)
	add a0, a0, t1
	vs8r.v v16, (a0)
	add a0, a0, t1
	vs8r.v v24, (a0)
	ret

	/* void cove_v_restore(const struct cove_v *v) */
	.globl cove_v_restore
cove_v_restore:
	addi t2, a0, COVE_V_REGS
	csrr t1, vlenb
	slli t1, t1, 3
	csrw vstart, zero
	vl8re8.v v0, (t2)
	add t2, t2, t1
	vl8re8.v v8, (t2)
	add t2, t2, t1
	vl8re8.v v16, (t2)
	add t2, t2, t1
	vl8re8.v v24, (t2)
	ld t0, COVE_V_VL(a0)
	ld t1, COVE_V_VTYPE(a0)
	vsetvl zero, t0, t1
	ld t0, COVE_V_VCSR(a0)
	csrw vcsr, t0
	ld t0, COVE_V_VSTART(a0)
	csrw vstart, t0
	ret
	.option pop
	.option pop
