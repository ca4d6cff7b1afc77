// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A guest's harts that suspend, wake and end; what it is not offered; what it
 * allows the host.
 */
#include "guest.h"

#define IRQ_SOFT   1
#define IRQ_TIMER  5
#define IRQ_EXT	   9
#define PAGE	   4096UL
#define SUSPEND	   3
#define STATUS	   2
#define NON_RET	   0x80000000UL
#define TICKS	   1000000UL
#define SATP_SV39  (8UL << 60)
#define LEAF_FLAGS 0xcfUL

static volatile unsigned long peer_says;

static void wake_by_timer(void)
{
	interrupts[0][IRQ_TIMER] = 0;
	sbi(EXT_TIME, 0, csr_read(time) + TICKS, 0, 0);
	csr_set(sie, 1UL << IRQ_TIMER);
}

static void identity_paging(void)
{
	volatile unsigned long *root = (volatile unsigned long *)GUEST_HEAP;
	unsigned long i;

	for (i = 0; i < 4; i++)
		root[i] = i << 28 | LEAF_FLAGS;
	csr_write(satp, SATP_SV39 | GUEST_HEAP >> 12);
	__asm__ volatile("sfence.vma" ::: "memory");
}

static void suspend(void)
{
	unsigned long entry = (unsigned long)_start, when;

	mail_ret(0, sbi(EXT_HSM, SUSPEND, 1, entry, 0));
	mail_ret(2, sbi(EXT_HSM, SUSPEND, NON_RET + 1, entry, 0));
	mail_ret(4, sbi(EXT_HSM, SUSPEND, NON_RET, entry + 1, 0));
	mail_ret(6, sbi(EXT_HSM, SUSPEND, NON_RET, MAIL_BASE, 0));
	mail_ret(8, sbi(EXT_HSM, SUSPEND, NON_RET, ~1UL, 0));
	when = csr_read(time) + TICKS;
	wake_by_timer();
	mail_ret(10, sbi(EXT_HSM, SUSPEND, 0, 0, 0));
	mail(12, csr_read(time) >= when);
	csr_set(sstatus, SSTATUS_SIE); /* takes it */
	mail(13, interrupts[0][IRQ_TIMER]);
	csr_clear(sstatus, SSTATUS_SIE);
	identity_paging();
	csr_set(sstatus, SSTATUS_SIE);
	wake_by_timer();
	sbi(EXT_HSM, SUSPEND, NON_RET, entry, GUEST_ARG(G_RESUMED, 0));
	mail(14, 0xbad); /* it does not return */
	done();
}

static void resumed(void)
{
	unsigned long mask = 0;
	unsigned int i;

	for (i = 1; i < 32; i++)
		if (i != 11 && entry_regs[i])
			mask |= 1UL << i;
	mail(15, mask);
	mail(16, csr_read(satp));
	mail(17, csr_read(sstatus) & SSTATUS_SIE);
	csr_set(sstatus, SSTATUS_SIE); /* takes what has woken it */
	mail(18, interrupts[0][IRQ_TIMER]);
	done();
}

static void suspend_peer(void)
{
	mail_ret(0, sbi(EXT_HSM, 0, 1, (unsigned long)_start, GUEST_ARG(G_SUSPENDED, 0)));
	mail_ret(2, sbi(EXT_HSM, STATUS, 1, 0, 0));
	ask(0); /* the host runs vCPU 1, several times */
	mail_ret(4, sbi(EXT_HSM, STATUS, 1, 0, 0));
	mail(6, peer_says);
	mail_ret(7, sbi(EXT_HSM, 0, 1, (unsigned long)_start, 0)); /* it is started */
	mail_ret(9, sbi(EXT_IPI, 0, 2, 0, 0));
	ask(1); /* and now it goes on */
	mail_ret(11, sbi(EXT_HSM, STATUS, 1, 0, 0));
	mail(13, peer_says);
	done();
}

static void suspended(void)
{
	csr_set(sie, 1UL << IRQ_SOFT);
	peer_says = 1;
	sbi(EXT_HSM, SUSPEND, 0, 0, 0);
	peer_says = 2;
	sbi(EXT_HSM, 1, 0, 0, 0);
}

static void reset_smp(void)
{
	sbi(EXT_HSM, 0, 1, (unsigned long)_start, GUEST_ARG(G_ENDLESS, 0));
	while (!peer_says)
		;
	sbi(EXT_SRST, 0, 1, 1, 0);
}

static void endless(void)
{
	for (;;)
		peer_says++;
}

static void console_read(void)
{
	volatile unsigned char *p = (volatile unsigned char *)(GUEST_HEAP + PAGE - 4);
	unsigned int i;

	p[4] = 0x55;
	mail_ret(0, sbi(EXT_DBCN, 1, 100, (unsigned long)p, 0));
	for (i = 0; i < 5; i++)
		mail(2 + i, p[i]);
	mail_ret(7, sbi(EXT_DBCN, 1, 3, (unsigned long)p, 0)); /* the host gives too much */
	for (i = 0; i < 5; i++)
		mail(9 + i, p[i]);
	mail_ret(14, sbi(EXT_DBCN, 1, 3, MAIL_BASE, 0));
	mail_ret(16, sbi(EXT_DBCN, 1, 3, GUEST_HEAP, 1));
	mail_ret(18, sbi(EXT_DBCN, 1, 0, 0, 0));
	done();
}

static void probes(void)
{
	/* PMU, SUSP, CPPC, NACL, STA, SSE, FWFT, DBTR, MPXY, COVH, COVI, SUPD */
	static const unsigned long absent[] = { 0x504D55,   0x53555350, 0x43505043, 0x4E41434C,
						0x535441,   0x535345,	0x46574654, 0x44425452,
						0x4D505859, 0x434F5648, 0x434F5649, 0x53555044 };
	unsigned int i, fid;

	for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		mail(2 * i, sbi(EXT_BASE, 3, absent[i], 0, 0).value);
		mail(2 * i + 1, (unsigned long)sbi(absent[i], 0, GUEST_HEAP, 0, 0).error);
	}
	/* 0.1: a1 is not a result; everything but putchar */
	for (i = 0; i <= 8; i++) {
		struct sbiret r = { 0, 0x77 };

		if (i != 1)
			r = sbi(i, 0, 0, 0x77, 0);
		mail(30 + 2 * i, (unsigned long)r.error);
		mail(31 + 2 * i, r.value);
	}
	for (fid = 3; fid < 7; fid++)
		mail(50 + fid, (unsigned long)sbi(EXT_RFENCE, fid, 1, 0, 0).error);
	mail(60, (unsigned long)sbi(EXT_SRST, 0, 0, 2, 0).error);
	mail(61, (unsigned long)sbi(EXT_SRST, 0, 3, 0, 0).error);
	done();
}

/* Pairs of slots: a number, 0 at the end, and whether to deny it. Mails: does the interrupt come?
 */
static void allow(void)
{
	unsigned long i, id, deny;
	struct sbiret r;

	sbi(SBI_EXT_COVG, 0, MAIL_BASE, PAGE, 0);
	csr_set(sstatus, SSTATUS_SIE);
	for (i = 0; (id = ask(2 * i)); i++) {
		deny = ask(2 * i + 1);
		r = sbi(SBI_EXT_COVG, deny ? 5 : 4, id, 0, 0);
		mail(2 * i, (unsigned long)r.error);
		interrupts[0][IRQ_EXT] = 0;
		csr_set(sie, 1UL << IRQ_EXT);
		mail(2 * i + 1, interrupts[0][IRQ_EXT]);
		csr_clear(sie, 1UL << IRQ_EXT);
	}
	done();
}

static void mmio_remove(void)
{
	sbi(SBI_EXT_COVG, 0, MAIL_BASE, PAGE, 0);
	mail_ret(0, sbi(SBI_EXT_COVG, 0, DEV_BASE, PAGE, 0));
	mail_ret(2, sbi(SBI_EXT_COVG, 0, DEV_BASE + PAGE, PAGE, 0));
	mail_ret(4, sbi(SBI_EXT_COVG, 1, DEV_BASE, PAGE, 0));
	mail(6, *(volatile unsigned long *)(DEV_BASE + PAGE)); /* its neighbour is still there */
	mail_ret(7, sbi(SBI_EXT_COVG, 1, DEV_BASE + 1, PAGE, 0));
	mail_ret(9, sbi(SBI_EXT_COVG, 1, DEV_BASE, 0, 0));
	mail_ret(11, sbi(SBI_EXT_COVG, 1, ~0xfffUL, PAGE, 0));
	mail_ret(13, sbi(SBI_EXT_COVG, 0, ~0xfffUL, 2 * PAGE, 0));
	mail_ret(15, sbi(SBI_EXT_COVG, 0, GUEST_BASE - PAGE, 2 * PAGE, 0)); /* half of it memory */
	*(volatile unsigned long *)DEV_BASE = 1;			    /* dies */
	done();
}

bool guest_life_fn(unsigned long fn)
{
	static void (*const fns[])(void) = {
		[G_SUSPEND] = suspend,
		[G_RESUMED] = resumed,
		[G_SUSPEND_PEER] = suspend_peer,
		[G_SUSPENDED] = suspended,
		[G_RESET_SMP] = reset_smp,
		[G_ENDLESS] = endless,
		[G_CONSOLE_READ] = console_read,
		[G_PROBES] = probes,
		[G_ALLOW] = allow,
		[G_MMIO_REMOVE] = mmio_remove,
	};

	if (fn >= sizeof(fns) / sizeof(fns[0]) || !fns[fn])
		return false;
	fns[fn]();
	return true;
}
