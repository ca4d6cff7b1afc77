/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The numbers that lib/sbi_cove takes from OpenSBI's header of this name, for
 * the native build (privileged specification: CSR listing, mcause, mstatus).
 */
#ifndef COVE_HOST_RISCV_ENCODING_H
#define COVE_HOST_RISCV_ENCODING_H

#define SSTATUS_SIE (1UL << 1)

#define PRV_U 0UL
#define PRV_S 1UL
#define PRV_M 3UL

#define MSTATUS_MPP_SHIFT 11
#define MSTATUS_MPP	  (3UL << MSTATUS_MPP_SHIFT)
#define MSTATUS_MPELP	  (1UL << 41)
#define MSTATUS_TVM	  (1UL << 20)
#define MSTATUS_TSR	  (1UL << 22)
#define MSTATUS_MPV	  (1UL << 39)

#define IRQ_S_SOFT  1
#define IRQ_M_SOFT  3
#define IRQ_S_TIMER 5
#define IRQ_M_TIMER 7
#define IRQ_S_EXT   9
#define IRQ_M_EXT   11

#define CAUSE_FETCH_ACCESS	       1
#define CAUSE_ILLEGAL_INSTRUCTION      2
#define CAUSE_MISALIGNED_LOAD	       4
#define CAUSE_LOAD_ACCESS	       5
#define CAUSE_MISALIGNED_STORE	       6
#define CAUSE_STORE_ACCESS	       7
#define CAUSE_SUPERVISOR_ECALL	       9
#define CAUSE_VIRTUAL_SUPERVISOR_ECALL 10
#define CAUSE_FETCH_PAGE_FAULT	       12
#define CAUSE_LOAD_PAGE_FAULT	       13
#define CAUSE_STORE_PAGE_FAULT	       15
#define CAUSE_FETCH_GUEST_PAGE_FAULT   20
#define CAUSE_LOAD_GUEST_PAGE_FAULT    21
#define CAUSE_VIRTUAL_INST_FAULT       22
#define CAUSE_STORE_GUEST_PAGE_FAULT   23

#define CSR_VSSTATUS   0x200
#define CSR_VSIE       0x204
#define CSR_VSTVEC     0x205
#define CSR_VSSCRATCH  0x240
#define CSR_VSEPC      0x241
#define CSR_VSCAUSE    0x242
#define CSR_VSTVAL     0x243
#define CSR_VSIP       0x244
#define CSR_VSATP      0x280
#define CSR_HTIMEDELTA 0x605
#define CSR_HTVAL      0x643
#define CSR_HVIP       0x645
#define CSR_HTINST     0x64a
#define CSR_HGATP      0x680
#define CSR_MVENDORID  0xf11
#define CSR_MARCHID    0xf12
#define CSR_MIMPID     0xf13

#endif
