/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the HS-mode payload and its VS guests both need: each is a program of its own.
 */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#define EXT_BASE   0x10
#define EXT_TIME   0x54494D45
#define EXT_IPI	   0x735049
#define EXT_RFENCE 0x52464E43
#define EXT_HSM	   0x48534D
#define EXT_SRST   0x53525354
#define EXT_PMU	   0x504D55
#define EXT_DBCN   0x4442434E
#define EXT_SSE	   0x535345
#define EXT_DBTR   0x44425452
#define EXT_MPXY   0x4D505859
#define EXT_FWFT   0x46574654
#define EXT_SUSP   0x53555350
#define EXT_STA	   0x535441
#define EXT_CPPC   0x43505043

#define csr_read(csr)                                                    \
	({                                                               \
		unsigned long v_;                                        \
		__asm__ volatile("csrr %0, " #csr : "=r"(v_)::"memory"); \
		v_;                                                      \
	})
#define csr_write(csr, v) __asm__ volatile("csrw " #csr ", %0" ::"r"((unsigned long)(v)) : "memory")
#define csr_set(csr, v)	  __asm__ volatile("csrs " #csr ", %0" ::"r"((unsigned long)(v)) : "memory")
#define csr_clear(csr, v) __asm__ volatile("csrc " #csr ", %0" ::"r"((unsigned long)(v)) : "memory")

struct sbiret {
	long error;
	unsigned long value;
};

/* world.S and guest/start.S: all F registers, all V registers */
void fp_load(const unsigned long *f);
void fp_store(unsigned long *f);
void v_load(const void *regs, unsigned long vl, unsigned long vtype, unsigned long vcsr);
void v_store(void *regs, unsigned long *csrs);
unsigned long v_lenb(void);

#endif
