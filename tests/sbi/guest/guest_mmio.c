// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Loads and stores to a device, and instructions that a guest may not execute.
 */
#include "guest.h"

#define DECLARE_LOAD(name, len, sign, htinst) unsigned long op_##name(unsigned long addr);
#define DECLARE_STORE(name, len, htinst)      void op_##name(unsigned long addr, unsigned long value);
#define DECLARE_BAD(name, cause, offset)      void bad_##name(unsigned long addr);
#define DECLARE_ILLEGAL(name)		      void ill_##name(void);
MMIO_LOADS(DECLARE_LOAD)
MMIO_STORES(DECLARE_STORE)
MMIO_REFUSED(DECLARE_BAD)
ILLEGAL(DECLARE_ILLEGAL)

static void mmio(void)
{
	unsigned long addr = DEV_BASE;
	unsigned int slot = 0;

#define DO_LOAD(name, len, sign, htinst) \
	mail(slot++, op_##name(addr));   \
	addr += 0x108;
#define DO_STORE(name, len, htinst)            \
	op_##name(addr, 0xf1e2d3c4b5a69788UL); \
	addr += 0x108;
	MMIO_LOADS(DO_LOAD)
	MMIO_STORES(DO_STORE)
	/* the last bytes of a page, and the first of the next */
	mail(slot++, op_lbu(DEV_BASE + 0xffffUL));
	mail(slot++, op_lhu(DEV_BASE + 0xfffeUL));
	mail(slot++, last_trap()->count);
	done();
}

static void mail_trap(unsigned int *slot, unsigned long before)
{
	volatile struct guest_trap_info *t = last_trap();

	mail((*slot)++, t->count == before + 1 ? t->cause : 0x1000 + t->count - before);
	mail((*slot)++, t->tval);
}

static void mmio_refused(void)
{
	unsigned int slot = 0;
	unsigned long before;

	csr_set(sstatus, SSTATUS_FS);
#define DO_BAD(name, cause, offset)  \
	before = last_trap()->count; \
	bad_##name(DEV_BASE);        \
	mail_trap(&slot, before);
	MMIO_REFUSED(DO_BAD)
	/* across the end of memory: half RAM, half device */
	before = last_trap()->count;
	__asm__ volatile("lw t0, -2(%0)" ::"r"(GUEST_BASE + GUEST_SIZE) : "t0", "memory");
	mail_trap(&slot, before);
	done();
}

static void illegal(void)
{
	unsigned int slot = 0;
	unsigned long before;

#define DO_ILLEGAL(name)             \
	before = last_trap()->count; \
	ill_##name();                \
	mail_trap(&slot, before);
	ILLEGAL(DO_ILLEGAL)
	done();
}

bool guest_mmio_fn(unsigned long fn)
{
	switch (fn) {
	case G_MMIO:
		mmio();
		return true;
	case G_MMIO_REFUSED:
		mmio_refused();
		return true;
	case G_ILLEGAL:
		illegal();
		return true;
	default:
		return false;
	}
}
