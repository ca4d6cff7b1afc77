/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Code of the host or of its own VM, in any mode, until it traps; and a list of
 * instructions that access memory.
 */
#ifndef WORLD_H
#define WORLD_H

#define WORLD_SSTATUS  256
#define WORLD_HSTATUS  264
#define WORLD_SATP     272
#define WORLD_CAUSE    280
#define WORLD_TVAL     288
#define WORLD_EPC      296
#define WORLD_HTVAL    304
#define WORLD_HTINST   312
#define WORLD_OHSTATUS 320
#define WORLD_OSSTATUS 328
#define WORLD_STVEC    336
#define WORLD_SSCRATCH 344
#define WORLD_SP       352
#define WORLD_SAVED    360
#define WORLD_SPY      368
#define WORLD_SPIED    376

/* struct op: what an instruction does with (a0) */
#define OP_LOAD	 1
#define OP_STORE 2
#define OP_TYPE	 3
#define OP_HLV	 4 /* from HS-mode, as a guest */
#define OP_FP	 8
#define OP_V	 16
#define OP_WHOLE 32   /* defined at naturally aligned addresses only */
#define OP_HLVX	 64   /* its access faults may be those of a fetch */
#define OP_LOOP	 128  /* LR and SC, until it succeeds */
#define OP_FAR	 256  /* a page after the other */
#define OP_ALONE 512  /* accesses nothing but its own code */
#define OP_S	 1024 /* in HS- and VS-mode only */
#define OP_HS	 2048 /* in HS-mode only */

#define A0 10
#define A1 11
#define A2 12
#define A3 13
#define A4 14
#define A5 15 /* an SC's result in loops */

#ifndef __ASSEMBLER__

#include "host.h"

/**
 * struct world - x: registers to begin with and as they are at the trap, x[0]: pc
 * @sstatus, @hstatus: at the start; SPP, SPV and SPVP say the mode
 * @satp: while it runs; the payload must be mapped at its place
 * @cause and so on: of the trap that ended it; an ebreak is the usual one
 * @spy: an address that the trap handler reads before all else, or 0; @spied: the
 *	cause, or NO_FAULT
 */
struct world {
	unsigned long x[32];
	unsigned long sstatus;
	unsigned long hstatus;
	unsigned long satp;
	unsigned long cause;
	unsigned long tval;
	unsigned long epc;
	unsigned long htval;
	unsigned long htinst;
	unsigned long ohstatus;
	unsigned long osstatus;
	unsigned long stvec;
	unsigned long sscratch;
	unsigned long sp;
	unsigned long saved;
	unsigned long spy;
	unsigned long spied;
};
_Static_assert(__builtin_offsetof(struct world, saved) == WORLD_SAVED, "world");
_Static_assert(__builtin_offsetof(struct world, spied) == WORLD_SPIED, "world");

/**
 * struct op - an instruction, with what comes before it, and an ebreak
 * @main: the instruction that accesses memory
 * @size: of the access
 */
struct op {
	const char *name;
	const uint8_t *code;
	const uint8_t *main;
	const uint8_t *end;
	unsigned int flags;
	unsigned int size;
};

extern const struct op ops[], ops_end[];
extern const uint8_t world_remap[], world_remap_end[], world_satp[], world_satp_end[];
extern const uint8_t world_sret[], world_sret_end[], world_load[], world_load_end[];
extern const uint8_t world_run_call[], world_run_call_end[];
extern const uint8_t world_run_again[], world_run_again_end[];
extern const uint8_t world_ecall[], world_ecall_end[];
void world_run(struct world *w);

#endif
#endif
