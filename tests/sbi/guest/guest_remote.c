// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The guest as the payload's remote hand: one operation after the other.
 */
#include "guest.h"

#define IRQ_EXT 9

#define DECLARE_LOAD(name, len, sign, htinst) unsigned long op_##name(unsigned long addr);
#define DECLARE_STORE(name, len, htinst)      void op_##name(unsigned long addr, unsigned long value);
#define DECLARE_BAD(name, cause, offset)      void bad_##name(unsigned long addr);
MMIO_LOADS(DECLARE_LOAD)
MMIO_STORES(DECLARE_STORE)
MMIO_REFUSED(DECLARE_BAD)

#define POINTER_LOAD(name, len, sign, htinst) op_##name,
#define POINTER_STORE(name, len, htinst)      op_##name,
#define POINTER_BAD(name, cause, offset)      bad_##name,

static unsigned long (*const loads[])(unsigned long addr) = { MMIO_LOADS(POINTER_LOAD) };
static void (*const stores[])(unsigned long addr,
			      unsigned long value) = { MMIO_STORES(POINTER_STORE) };
static void (*const bad[])(unsigned long addr) = { MMIO_REFUSED(POINTER_BAD) };

/* An interrupt that is pending comes at once; its handler disables it. (QEMU's sip does not tell.)
 */
static unsigned long line_is_up(unsigned long id)
{
	unsigned long before = interrupts[id][IRQ_EXT];

	csr_set(sstatus, SSTATUS_SIE);
	csr_set(sie, 1UL << IRQ_EXT);
	csr_clear(sie, 1UL << IRQ_EXT);
	return interrupts[id][IRQ_EXT] - before;
}

static void operate(unsigned long id, unsigned long op, const unsigned long *a, unsigned long *out)
{
	switch ((enum remote_op)op) {
	case R_CALL:
		call8(a, out);
		break;
	case R_LOAD:
		out[0] = loads[a[1]](a[0]);
		break;
	case R_STORE:
		stores[a[1]](a[0], a[2]);
		break;
	case R_BAD:
		csr_set(sstatus, SSTATUS_FS);
		bad[a[1]](a[0]);
		break;
	case R_FETCH:
		((void (*)(void))a[0])();
		break;
	case R_WFI:
		__asm__ volatile("wfi");
		break;
	case R_WRS:
		__asm__ volatile(".word 0x00d00073");
		break;
	case R_COUNT:
		for (;;)
			++*(volatile unsigned long *)a[0];
	case R_SPIN:
		for (;;)
			;
	case R_ENABLE:
		csr_write(sie, a[0]);
		csr_set(sstatus, SSTATUS_SIE);
		break;
	case R_TAKEN:
		out[0] = interrupts[id][a[0]];
		break;
	case R_TIME:
		out[0] = csr_read(time);
		break;
	case R_ON_SOFT:
		on_soft[id] = a[0];
		break;
	case R_WATCH_LINE:
		out[0] = line_is_up(id);
		*(volatile unsigned long *)a[0] = 1;
		while (line_is_up(id) && csr_read(time) < a[1])
			;
		out[1] = line_is_up(id);
		break;
	}
}

void guest_remote(unsigned long id)
{
	volatile unsigned long *slot = (volatile unsigned long *)(MAIL_BASE + id * REMOTE_STRIDE);
	volatile struct guest_trap_info *trap = last_trap();
	unsigned long a[REMOTE_ARGS], out[REMOTE_OUTS], op, before, i;

	for (;;) {
		op = slot[0];
		for (i = 0; i < REMOTE_ARGS; i++)
			a[i] = slot[1 + i];
		out[0] = out[1] = 0;
		before = trap->count;
		operate(id, op, a, out);
		out[2] = trap->count - before;
		out[3] = trap->cause;
		out[4] = trap->tval;
		for (i = 0; i < REMOTE_OUTS; i++)
			slot[REMOTE_OUT + i] = out[i];
	}
}
