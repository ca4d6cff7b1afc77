/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The registers of both worlds and the ways out of a TVM. Tests are made from
 * these lists: what fills, what compares, and each direction. A hart with a
 * CSR that is missing here fails registers_list_of_the_host or _of_the_guest;
 * a CSR that the monitor switches and that is missing here fails the build.
 */
#ifndef REGISTERS_H
#define REGISTERS_H

#define EXIT_PAGE 0x80190000 /* of the guest's heap */

#ifndef __ASSEMBLER__

#include "guest/guest_abi.h"

#define CSR_ALL	 (~0UL)
#define CSR_READ 1 /* written by nobody: its value is a given */
#define CSR_KEEP 2 /* the program needs it; what it is, it must still be */
#define CSR_FILL 4
/* Compared only if it took the value: QEMU's htinst cannot be written and follows traps to VS. */
#define CSR_TOOK 8

/* Bits of sstatus that say what was used, not what it holds */
#define SSTATUS_USE (0x6000UL | 0x600UL | 1UL << 63)

/*
 * Of the host: name (as in the monitor's struct cove_csrs, where that has it),
 * number, what to do, value, bits that must survive. Written in this order; what
 * all of them hold then is what they must hold after a run.
 */
#define HOST_CSRS(X)                                                        \
	X(stvec, 0x105, CSR_KEEP, 0, CSR_ALL)                               \
	X(sscratch, 0x140, CSR_KEEP, 0, CSR_ALL)                            \
	X(sstatus, 0x100, CSR_KEEP, 0, ~SSTATUS_USE)                        \
	X(satp, 0x180, CSR_KEEP, 0, CSR_ALL)                                \
	X(sepc, 0x141, CSR_FILL, 0x1234567890abcdeUL, CSR_ALL)              \
	X(scounteren, 0x106, CSR_FILL, 5, CSR_ALL)                          \
	X(sie, 0x104, CSR_FILL, 0x22, CSR_ALL)                              \
	X(stimecmp, 0x14d, CSR_KEEP, 0, CSR_ALL)                            \
	X(jvt, 0x017, CSR_FILL, 0x686f7374aaaaaa40UL, CSR_ALL)              \
	X(scontext, 0x5a8, CSR_FILL, 0x5a5a5a5aUL, CSR_ALL)                 \
	X(siselect, 0x150, CSR_FILL, 0x70, CSR_ALL)                         \
	X(sctrctl, 0x14e, CSR_FILL, 0x183, CSR_ALL)                         \
	X(sctrdepth, 0x15f, CSR_KEEP, 0, CSR_ALL)                           \
	X(sctrstatus, 0x14f, CSR_KEEP, 0, 1UL << 31)                        \
	X(hstatus, 0x600, CSR_FILL, 0x300180UL, CSR_ALL)                    \
	X(hedeleg, 0x602, CSR_FILL, 0xb1ff, CSR_ALL)                        \
	X(hideleg, 0x603, CSR_FILL, 0x444, CSR_ALL)                         \
	X(hvien, 0x608, CSR_FILL, 0x2000, CSR_ALL)                          \
	X(hvictl, 0x609, CSR_FILL, 0x40090001UL, CSR_ALL)                   \
	X(hviprio1, 0x646, CSR_FILL, 0x1122334455667788UL, CSR_ALL)         \
	X(hviprio2, 0x647, CSR_FILL, 0x8877665544332211UL, CSR_ALL)         \
	X(hvip, 0x645, CSR_FILL, 0x2044, 0x2444UL)                          \
	X(hie, 0x604, CSR_FILL, 0x1040, CSR_ALL)                            \
	X(hgeie, 0x607, CSR_FILL, 2, CSR_ALL)                               \
	X(hcounteren, 0x606, CSR_FILL, 6, CSR_ALL)                          \
	X(henvcfg, 0x60a, CSR_FILL, CSR_ALL, CSR_ALL)                       \
	X(senvcfg, 0x10a, CSR_FILL, 0x300000070UL | 4, CSR_ALL)             \
	X(hstateen0, 0x60c, CSR_FILL, 0xd800000000000003UL, CSR_ALL)        \
	X(hstateen1, 0x60d, CSR_FILL, CSR_ALL, CSR_ALL)                     \
	X(hstateen2, 0x60e, CSR_FILL, CSR_ALL, CSR_ALL)                     \
	X(hstateen3, 0x60f, CSR_FILL, CSR_ALL, CSR_ALL)                     \
	X(hstateen0h, 0x61c, CSR_READ, 0, CSR_ALL)                          \
	X(hstateen1h, 0x61d, CSR_READ, 0, CSR_ALL)                          \
	X(hstateen2h, 0x61e, CSR_READ, 0, CSR_ALL)                          \
	X(hstateen3h, 0x61f, CSR_READ, 0, CSR_ALL)                          \
	X(sstateen0, 0x10c, CSR_FILL, 7, CSR_ALL)                           \
	X(sstateen1, 0x10d, CSR_FILL, CSR_ALL, CSR_ALL)                     \
	X(sstateen2, 0x10e, CSR_FILL, CSR_ALL, CSR_ALL)                     \
	X(sstateen3, 0x10f, CSR_FILL, CSR_ALL, CSR_ALL)                     \
	X(htimedelta, 0x605, CSR_FILL, 0x1122334455667788UL, CSR_ALL)       \
	X(htval, 0x643, CSR_FILL, 0x123456789abUL, CSR_ALL)                 \
	X(htinst, 0x64a, CSR_FILL | CSR_TOOK, 0x3020, CSR_ALL)              \
	X(hgatp, 0x680, CSR_FILL, 8UL << 60 | 5UL << 44 | 0x88000, CSR_ALL) \
	X(vsstatus, 0x200, CSR_FILL, 0x2018c2020UL, CSR_ALL)                \
	X(vsie, 0x204, CSR_FILL, 0x220, CSR_ALL)                            \
	X(vstvec, 0x205, CSR_FILL, 0x99887766554430UL, CSR_ALL)             \
	X(vsscratch, 0x240, CSR_FILL, 0xfedcba9876543210UL, CSR_ALL)        \
	X(vsepc, 0x241, CSR_FILL, 0x13579bdf02468aceUL, CSR_ALL)            \
	X(vscause, 0x242, CSR_FILL, 0x15, CSR_ALL)                          \
	X(vstval, 0x243, CSR_FILL, 0x5a5a5a5aa5a5a5a5UL, CSR_ALL)           \
	X(vstimecmp, 0x24d, CSR_FILL, 0x6fffffff12345678UL, CSR_ALL)        \
	X(vsctrctl, 0x24e, CSR_FILL, 0x103, CSR_ALL)                        \
	X(vsiselect, 0x250, CSR_FILL, 0x34, CSR_ALL)                        \
	X(vsatp, 0x280, CSR_FILL, 8UL << 60 | 0x88001, CSR_ALL)             \
	X(vsip, 0x244, CSR_READ, 0, 0)                                      \
	X(hip, 0x644, CSR_READ, 0, 0)                                       \
	X(sip, 0x144, CSR_READ, 0, 0)                                       \
	X(scause, 0x142, CSR_READ, 0, 0) /* results of a run */             \
	X(stval, 0x143, CSR_READ, 0, 0)                                     \
	X(hgeip, 0xe12, CSR_READ, 0, CSR_ALL)                               \
	X(ssp, 0x011, CSR_FILL, 0x686f737473737070UL, CSR_ALL)              \
	X(fflags, 0x001, CSR_READ, 0, CSR_ALL)                              \
	X(frm, 0x002, CSR_READ, 0, CSR_ALL)                                 \
	X(fcsr, 0x003, CSR_READ, 0, CSR_ALL)                                \
	X(vstart, 0x008, CSR_READ, 0, CSR_ALL)                              \
	X(vxsat, 0x009, CSR_READ, 0, CSR_ALL)                               \
	X(vxrm, 0x00a, CSR_READ, 0, CSR_ALL)                                \
	X(vcsr, 0x00f, CSR_READ, 0, CSR_ALL)                                \
	X(vl, 0xc20, CSR_READ, 0, CSR_ALL)                                  \
	X(vtype, 0xc21, CSR_READ, 0, CSR_ALL)                               \
	X(vlenb, 0xc22, CSR_READ, 0, CSR_ALL)                               \
	X(scountinhibit, 0x120, CSR_KEEP, 0, CSR_ALL)                       \
	X(scountovf, 0xda0, CSR_READ, 0, CSR_ALL)                           \
	X(stopei, 0x15c, CSR_READ, 0, CSR_ALL)                              \
	X(stopi, 0xdb0, CSR_READ, 0, 0)                                     \
	X(vstopi, 0xeb0, CSR_READ, 0, 0)                                    \
	X(time, 0xc01, CSR_READ, 0, 0)

/* Counters: the monitor stops them while a TVM runs (COUNTERS_STOP). */
#define IS_COUNTER(n) (((n) >= 0xc00 && (n) <= 0xc1f))
/* Windows to other registers, through siselect and vsiselect */
#define IS_WINDOW(n) (((n) >= 0x151 && (n) <= 0x157) || ((n) >= 0x251 && (n) <= 0x257))

/*
 * Of the guest, in the same way: all that VS may read on some hart. Values have
 * "guest" in their upper bytes where they fit, for the search of leaks.
 */
#define GUEST_CSRS(X)                                               \
	X(jvt, 0x017, CSR_FILL, 0x67756573740aaa40UL, CSR_ALL)      \
	X(scontext, 0x5a8, CSR_FILL, 0xa5a5a5a5UL, CSR_ALL)         \
	X(siselect, 0x150, CSR_FILL, 0x31, CSR_ALL)                 \
	X(stvec, 0x105, CSR_KEEP, 0, CSR_ALL)                       \
	X(sscratch, 0x140, CSR_FILL, 0x6775657374111110UL, CSR_ALL) \
	X(satp, 0x180, CSR_KEEP, 0, CSR_ALL)                        \
	X(scounteren, 0x106, CSR_FILL, 3, CSR_ALL)                  \
	X(senvcfg, 0x10a, CSR_FILL, 0x3000000d0UL, CSR_ALL)         \
	X(stimecmp, 0x14d, CSR_FILL, GUEST_FAR_FUTURE, CSR_ALL)     \
	X(sie, 0x104, CSR_FILL, 0x202, CSR_ALL)                     \
	X(sepc, 0x141, CSR_FILL, 0x6775657374222220UL, CSR_ALL)     \
	X(scause, 0x142, CSR_FILL, 0x17, CSR_ALL)                   \
	X(stval, 0x143, CSR_FILL, 0x6775657374333330UL, CSR_ALL)    \
	X(sstatus, 0x100, CSR_FILL, 0x2000c6720UL, ~SSTATUS_USE)    \
	X(sip, 0x144, CSR_KEEP, 0, CSR_ALL)                         \
	X(fcsr, 0x003, CSR_FILL, 0x65, CSR_ALL)                     \
	X(fflags, 0x001, CSR_READ, 0, CSR_ALL)                      \
	X(frm, 0x002, CSR_READ, 0, CSR_ALL)                         \
	X(vcsr, 0x00f, CSR_FILL, 5, CSR_ALL)                        \
	X(vxsat, 0x009, CSR_READ, 0, CSR_ALL)                       \
	X(vxrm, 0x00a, CSR_READ, 0, CSR_ALL)                        \
	X(vstart, 0x008, CSR_FILL, 1, CSR_ALL)                      \
	X(vl, 0xc20, CSR_READ, 0, CSR_ALL)                          \
	X(vtype, 0xc21, CSR_READ, 0, CSR_ALL)                       \
	X(vlenb, 0xc22, CSR_READ, 0, CSR_ALL)                       \
	X(stopi, 0xdb0, CSR_READ, 0, CSR_ALL)                       \
	X(scountovf, 0xda0, CSR_READ, 0, CSR_ALL)                   \
	X(time, 0xc01, CSR_READ, 0, 0)

#define GUEST_FAR_FUTURE 0x7fffffff67756573UL

/* How a TVM is left, GUEST_HOW in its name is a probe of guest/registers.S. */
enum exit_how {
	HOW_ECALL,
	HOW_STORE,
	HOW_LOAD,
	HOW_WFI,
	HOW_SPIN,
	HOW_ILLEGAL,
	HOW_VIRTUAL,
	HOW_FETCH,
	HOW_SUSPEND, /* a call; an interrupt is pending afterwards */
	HOW_LOST     /* the same, and goes on elsewhere: a0 is 0, a1 the call's a2, the others 0 */
};

/* What the host sees of it */
#define SEEN_NOTHING 0 /* the monitor serves it */
#define SEEN_CALL    1 /* an exit for a call, with the EID below */
#define SEEN_DEVICE  2
#define SEEN_FAULT   3
#define SEEN_WFI     4
#define SEEN_IRQ     5
#define SEEN_END     0x10 /* the vCPU does not run again */

#define EXIT_SHARED (GUEST_HEAP + 0x80000)
#define EXIT_MMIO   0x40000000UL

/*
 * name, how, what the host sees, a7, a6, a0, a1, a2; for a load or store a0 is
 * the address. Registers that may differ afterwards follow from how.
 */
#define EXIT_CASES(X)                                                                        \
	X(putchar, HOW_ECALL, SEEN_CALL, 1, 0, 'x', 0, 0)                                    \
	X(console_byte, HOW_ECALL, SEEN_CALL, 0x4442434e, 2, 'x', 0, 0)                      \
	X(console_write, HOW_ECALL, SEEN_CALL, 0x4442434e, 0, 3, GUEST_BASE, 0)              \
	X(mmio_add, HOW_ECALL, SEEN_CALL, 0x434f5647, 0, EXIT_MMIO, 0x1000, 0)               \
	X(mmio_remove, HOW_ECALL, SEEN_CALL, 0x434f5647, 1, EXIT_MMIO, 0x1000, 0)            \
	X(share, HOW_ECALL, SEEN_CALL, 0x434f5647, 2, EXIT_SHARED, 0x1000, 0)                \
	X(unshare, HOW_ECALL, SEEN_CALL, 0x434f5647, 3, EXIT_SHARED, 0x1000, 0)              \
	X(allow_interrupts, HOW_ECALL, SEEN_CALL, 0x434f5647, 4, ~0UL, 0, 0)                 \
	X(deny_interrupts, HOW_ECALL, SEEN_CALL, 0x434f5647, 5, ~0UL, 0, 0)                  \
	X(hart_start, HOW_ECALL, SEEN_CALL, 0x48534d, 0, 1, GUEST_BASE, 0)                   \
	X(ipi_to_sleeper, HOW_ECALL, SEEN_CALL, 0x735049, 0, 2, 0, 0)                        \
	X(hart_stop, HOW_ECALL, SEEN_CALL | SEEN_END, 0x48534d, 1, 0, 0, 0)                  \
	X(reset, HOW_ECALL, SEEN_CALL | SEEN_END, 0x53525354, 0, 0, 0, 0)                    \
	X(base, HOW_ECALL, SEEN_NOTHING, 0x10, 3, 0x10, 0, 0)                                \
	X(set_timer, HOW_ECALL, SEEN_NOTHING, 0x54494d45, 0, GUEST_FAR_FUTURE, 0, 0)         \
	X(fence_i, HOW_ECALL, SEEN_NOTHING, 0x52464e43, 0, 1, 0, 0)                          \
	X(sfence_vma, HOW_ECALL, SEEN_NOTHING, 0x52464e43, 1, 1, 0, 0)                       \
	X(hart_status, HOW_ECALL, SEEN_NOTHING, 0x48534d, 2, 0, 0, 0)                        \
	X(share_refused, HOW_ECALL, SEEN_NOTHING, 0x434f5647, 2, EXIT_SHARED, 1, 0)          \
	X(unknown_call, HOW_ECALL, SEEN_NOTHING, 0x67756573, 0, 0, 0, 0)                     \
	X(extend, HOW_ECALL, SEEN_NOTHING, 0x434f5647, 7, GUEST_BASE, 48, 6)                 \
	X(suspend, HOW_SUSPEND, SEEN_WFI, 0x48534d, 3, 0, 0, 0)                              \
	X(suspend_non_retentive, HOW_LOST, SEEN_WFI, 0x48534d, 3, 0x80000000, 0, 0x67756573) \
	X(mmio_store, HOW_STORE, SEEN_DEVICE, 0, 0, DEV_BASE, 0, 0)                          \
	X(mmio_load, HOW_LOAD, SEEN_DEVICE, 0, 0, DEV_BASE, 0, 0)                            \
	X(fault_store, HOW_STORE, SEEN_FAULT, 0, 0, EXIT_PAGE + 0x128, 0, 0)                 \
	X(fault_load, HOW_LOAD, SEEN_FAULT, 0, 0, EXIT_PAGE + 0x128, 0, 0)                   \
	X(fault_fetch, HOW_FETCH, SEEN_FAULT, 0, 0, EXIT_PAGE, 0, 0)                         \
	X(wfi, HOW_WFI, SEEN_WFI, 0, 0, 0, 0, 0)                                             \
	X(host_timer, HOW_SPIN, SEEN_IRQ, 0, 0, 0, 0, 0)                                     \
	X(host_ipi, HOW_SPIN, SEEN_IRQ, 0, 0, 0, 0, 0)                                       \
	X(illegal, HOW_ILLEGAL, SEEN_NOTHING, 0, 0, 0, 0, 0)                                 \
	X(virtual, HOW_VIRTUAL, SEEN_NOTHING, 0, 0, 0, 0, 0)

enum exit_case {
#define EXIT_ENUM(name, how, seen, a7, a6, a0, a1, a2) EXIT_##name,
	EXIT_CASES(EXIT_ENUM)
#undef EXIT_ENUM
		EXIT_COUNT
};

/* What the guest mails after one: GPRs, F, V registers and CSRs that changed. */
#define MAIL_GPRS   0
#define MAIL_FP	    1
#define MAIL_V	    2
#define MAIL_CSRS   3
#define MAIL_A0	    4
#define MAIL_RD	    5
#define MAIL_SAW    6 /* one of the CSRs that changed, ... */
#define MAIL_WANTED 7 /* ... and what it was */
#define MAIL_READY  8 /* interrupts may come */

/* G_SNAPSHOT stores each CSR that it can read at this place of a device. */
#define SNAPSHOT_BASE 0x30000000UL

#endif /* __ASSEMBLER__ */
#endif
