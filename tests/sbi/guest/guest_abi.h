/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the payload and its VS guest agree on. The entry argument (a1) is a
 * function and, from bit 8 on, its parameter. The guest stores its results to
 * slots of the mailbox page (MMIO) and loads the payload's values from there.
 */
#ifndef GUEST_ABI_H
#define GUEST_ABI_H

#define GUEST_BASE 0x80000000UL
#define GUEST_SIZE 0x200000UL
#define GUEST_HEAP 0x80100000UL /* populated on demand */
#define MAIL_BASE  0x10000000UL
#define MAIL_SLOTS 96
#define MAIL_DONE  MAIL_SLOTS /* this slot: the guest has ended */
#define DEV_BASE   0x20000000UL

#define GUEST_ARG(fn, param) ((unsigned long)(fn) | (unsigned long)(param) << 8)
#define G_ADD_MMIO	     0x80 /* declare the mailbox by COVG first */

enum guest_fn {
	G_HELLO,
	G_EXITS, /* register files across exits; param: enum exit_kind */
	G_MMIO,
	G_MMIO_REFUSED,
	G_ILLEGAL,
	G_BASE,
	G_TIMER,
	G_IPI_SELF,
	G_IPI_PEER, /* hart_start 1, ipi to it, wait for its answer */
	G_PEER,	    /* started by G_IPI_PEER: waits for ipis; param: sleep in WFI */
	G_HSM,
	G_STOPPER,
	G_SRST,
	G_CONSOLE,
	G_UNKNOWN,
	G_EXTERNAL,
	G_SPIN,	  /* counts in the heap for ever */
	G_TOUCH,  /* loads and stores slot 0 of the payload's: a GPA; ends */
	G_REMOTE, /* does what the payload tells it, for ever */
	G_SHARE,
	G_SHARE_ERRORS,
	G_RFENCE,
	G_NULL,	 /* ends at once */
	G_STRAY, /* a load where nothing is */
	G_BENCH,
	G_PAGES, /* writes its parameter to heap pages, reads it back */
	G_MMIO_REGION,
	G_STORM, /* starts vCPU 1 as G_STORMER; both fence and interrupt each other */
	G_STORMER,
	G_REMAP, /* starts vCPU 1 as G_WATCHER, changes a translation under its eyes */
	G_WATCHER,
	G_SHARE_SMP, /* starts vCPU 1 as G_SPIN, then shares four pages */
	G_PEEK, /* again and again: loads at slot 0, stores slot 1 there unless 0, says what it was
		 */
	G_SPIN_AT,     /* counts at slot 0 for ever */
	G_LARGE_SHARE, /* shares slot 1 bytes at slot 0 and takes them back; param: after it has
			  started vCPU 1 as G_SPIN_AT */
	G_REGISTERS,   /* param: enum exit_case (registers.h) */
	G_SNAPSHOT,    /* stores the CSRs that it can read to SNAPSHOT_BASE */
	G_LANDING_PAD,
	G_VECTOR_FLAGS,
	G_LONE_CSRS,
	G_HOSTILE_CSRS, /* hostile.h */
	G_HOSTILE_SYSTEM,
	G_HOSTILE_DEVICE,
	G_HOSTILE_VS,
	G_HOSTILE_VU,
	G_HOSTILE_CALLS,
	G_HOSTILE_TABLES,
	G_HOSTILE_STORM,
	G_SUSPEND,	/* errors, then both kinds; its timer wakes it */
	G_RESUMED,	/* where the non-retentive one goes on */
	G_SUSPEND_PEER, /* vCPU 1 suspends; it is woken by an ipi */
	G_SUSPENDED,
	G_RESET_SMP, /* starts vCPU 1 as G_ENDLESS, then resets */
	G_ENDLESS,
	G_CONSOLE_READ,
	G_PROBES,      /* of every extension; calls of those that are not offered */
	G_ALLOW,       /* interrupt lists: allows or denies what slots say */
	G_MMIO_REMOVE, /* neighbouring regions */
	G_EXAMPLES,    /* of docs/abi.md; prints whether they do what they say, and resets */
	G_COUNT
};

/* G_BENCH */
#define BENCH_OPS 256
enum bench_kind {
	BENCH_EXITS, /* a call to the host and a store to a device, by turns */
	BENCH_FP,    /* F or V is used before each call to the host */
	BENCH_V,
	BENCH_WFI,
	BENCH_FAULT, /* pages of the heap, one by one */
	BENCH_CALL,  /* from here on: BENCH_OPS of them after every other call to the host */
	BENCH_IPI,
	BENCH_RFENCE,
	BENCH_TIMER,
	BENCH_KINDS
};

#define SPIN_LOOPS 80
enum exit_kind {
	KIND_ECALL,
	KIND_STORE,
	KIND_LOAD,
	KIND_FAULT,
	KIND_WFI,
	KIND_TIMER,
	KIND_PAGING, /* MMIO while the guest translates by itself */
	KIND_SPIN,   /* WRS.NTO, SPIN_LOOPS times */
	KIND_COUNT
};

/*
 * G_REMOTE: vCPU n has slots of its own, at MAIL_BASE + n * REMOTE_STRIDE. It
 * loads an operation and its arguments, and stores what came of it.
 */
#define REMOTE_STRIDE 0x100UL
#define REMOTE_ARGS   8	 /* slots 1 to 8; a call: a0 to a7 */
#define REMOTE_OUT    16 /* two results, exceptions taken, cause and tval of the last */
#define REMOTE_OUTS   5

enum remote_op {
	R_CALL,
	R_LOAD,	 /* GPA, row of MMIO_LOADS */
	R_STORE, /* GPA, row of MMIO_STORES, value */
	R_BAD,	 /* GPA, row of MMIO_REFUSED */
	R_FETCH, /* jump to a GPA */
	R_WFI,
	R_COUNT,  /* counts at a GPA for ever */
	R_SPIN,	  /* never comes back */
	R_ENABLE, /* these bits in sie, and sstatus.SIE */
	R_TAKEN,  /* how often this interrupt was taken */
	R_TIME,
	R_WATCH_LINE, /* GPA to store 1 at, a time: the external interrupt's line, until it falls */
	R_ON_SOFT,    /* enum guest_soft: what this vCPU does at software interrupts from now on */
	R_WRS	      /* WRS.NTO, once */
};

enum guest_soft {
	SOFT_COUNT,
	SOFT_STOP, /* HSM hart_stop */
	SOFT_SKIP  /* goes on behind the instruction that was interrupted */
};

/* G_MMIO: how the payload knows what to expect, one row per instruction */
#define MMIO_LOADS(X)           \
	X(lb, 1, 1, 0x503)      \
	X(lh, 2, 1, 0x1503)     \
	X(lw, 4, 1, 0x2503)     \
	X(ld, 8, 1, 0x3503)     \
	X(lbu, 1, 0, 0x4503)    \
	X(lhu, 2, 0, 0x5503)    \
	X(lwu, 4, 0, 0x6503)    \
	X(c_lw, 4, 1, 0x2503)   \
	X(c_ld, 8, 1, 0x3503)   \
	X(c_lwsp, 4, 1, 0x2503) \
	X(c_ldsp, 8, 1, 0x3503) \
	X(lw_x0, 4, 0, 0x2503)  \
	X(lw_t6, 4, 1, 0x2503)
#define MMIO_STORES(X)           \
	X(sb, 1, 0x00a00023)     \
	X(sh, 2, 0x00a01023)     \
	X(sw, 4, 0x00a02023)     \
	X(sd, 8, 0x00a03023)     \
	X(c_sw, 4, 0x00a02023)   \
	X(c_sd, 8, 0x00a03023)   \
	X(c_swsp, 4, 0x00a02023) \
	X(c_sdsp, 8, 0x00a03023) \
	X(sd_x0, 8, 0x00a03023)
/* G_MMIO_REFUSED: name, cause, offset of the address from DEV_BASE that vstval holds */
#define MMIO_REFUSED(X)        \
	X(amo, 7, 0)           \
	X(lr, 5, 0)            \
	X(fld, 5, 0)           \
	X(fsd, 7, 0)           \
	X(c_fld, 5, 0)         \
	X(lw_misaligned, 5, 2) \
	X(ld_misaligned, 5, 4) \
	X(sh_misaligned, 7, 1) \
	X(fetch, 1, 0)

/* G_ILLEGAL: every one is cause 2 in the guest */
#define ILLEGAL(X)     \
	X(rdcycle)     \
	X(rdinstret)   \
	X(hlv)         \
	X(hsv)         \
	X(hfence_gvma) \
	X(csr_hstatus) \
	X(csr_hgatp)   \
	X(csr_vsatp)   \
	X(csr_mstatus) \
	X(csr_unknown) \
	X(mret)        \
	X(zero)        \
	X(user_sret)   \
	X(user_wfi)    \
	X(user_sfence) \
	X(user_csr)    \
	X(user_hlv)

#endif
