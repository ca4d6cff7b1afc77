/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Shared by the files of the guest.
 */
#ifndef GUEST_H
#define GUEST_H

#include "../payload.h"
#include "guest_abi.h"
#include <cove/sbi_cove.h>
#include <stdbool.h>

#define SSTATUS_SIE 2UL
#define SSTATUS_FS  0x6000UL
#define SSTATUS_VS  0x600UL

struct guest_trap_info {
	unsigned long cause;
	unsigned long tval;
	unsigned long epc;
	unsigned long count;
};

extern unsigned long entry_regs[];
extern char _start[];
extern char stacks[];
extern volatile unsigned long interrupts[4][16];
extern volatile unsigned long on_soft[4];
void user_return(void);
void probe_ecall(const unsigned long *in, unsigned long *out);
void probe_store(const unsigned long *in, unsigned long *out);
void probe_load(const unsigned long *in, unsigned long *out);
void probe_wfi(const unsigned long *in, unsigned long *out);
void probe_wrs(const unsigned long *in, unsigned long *out);
void probe_spin(const unsigned long *in, unsigned long *out);

static inline char *stacks_base(void)
{
	return stacks;
}

/* a0 to a7; a0 and a1 afterwards */
void call8(const unsigned long a[8], unsigned long out[2]);
void mail(unsigned int slot, unsigned long value);
unsigned long ask(unsigned int slot);
void mail_ret(unsigned int slot, struct sbiret r);
void done(void) __attribute__((noreturn));
void guest_bench(unsigned long kind) __attribute__((noreturn));
void guest_remote(unsigned long id) __attribute__((noreturn));
struct sbiret sbi(unsigned long eid, unsigned long fid, unsigned long x0, unsigned long x1,
		  unsigned long x2);
volatile struct guest_trap_info *last_trap(void);
void guest_examples(void);
bool guest_mmio_fn(unsigned long fn);
bool guest_sbi_fn(unsigned long fn, unsigned long param, unsigned long hartid);
bool guest_share_fn(unsigned long fn);
bool guest_large_fn(unsigned long fn, unsigned long param);
bool guest_registers_fn(unsigned long fn, unsigned long param);
bool guest_hostile_fn(unsigned long fn);
bool guest_life_fn(unsigned long fn);

#endif
