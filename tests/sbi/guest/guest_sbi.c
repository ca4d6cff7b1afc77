// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The guest's SBI calls and interrupts.
 */
#include "guest.h"

#define IRQ_SOFT  1
#define IRQ_TIMER 5
#define IRQ_EXT	  9

static volatile unsigned long peer_says;

static void base(void)
{
	static const unsigned long probes[] = { EXT_BASE, EXT_TIME,	EXT_IPI,      EXT_RFENCE,
						EXT_HSM,  EXT_SRST,	EXT_DBCN,     SBI_EXT_COVG,
						1,	  SBI_EXT_COVH, SBI_EXT_NACL, EXT_PMU,
						0x12345 };
	unsigned int i, slot = 0;

	for (i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		struct sbiret r = sbi(EXT_BASE, 3, probes[i], 0, 0);

		mail(slot++, r.error ? 0xbad : r.value);
	}
	mail_ret(20, sbi(EXT_BASE, 0, 0, 0, 0));
	mail_ret(22, sbi(EXT_BASE, 1, 0, 0, 0));
	mail_ret(24, sbi(EXT_BASE, 7, 0, 0, 0));
	done();
}

static void enable(unsigned int irq)
{
	csr_set(sie, 1UL << irq);
	csr_set(sstatus, SSTATUS_SIE);
}

/* By SBI set_timer, then by stimecmp; waits in WFI. */
static void timer(unsigned long sbi_only)
{
	unsigned long when = csr_read(time) + 1000000;

	mail_ret(0, sbi(EXT_TIME, 0, when, 0, 0));
	enable(IRQ_TIMER);
	while (!interrupts[0][IRQ_TIMER])
		__asm__ volatile("wfi");
	mail(2, csr_read(time) >= when);
	sbi(EXT_TIME, 0, ~0UL, 0, 0);
	if (!sbi_only) {
		when = csr_read(time) + 1000000;
		csr_write(stimecmp, when);
		csr_set(sie, 1UL << IRQ_TIMER);
		while (interrupts[0][IRQ_TIMER] < 2)
			;
		mail(3, csr_read(time) >= when);
		csr_write(stimecmp, ~0UL);
	}
	mail_ret(4, sbi(EXT_TIME, 1, 0, 0, 0));
	mail(6, csr_read(sip));
	done();
}

static void ipi_self(void)
{
	enable(IRQ_SOFT);
	mail_ret(0, sbi(EXT_IPI, 0, 1, 0, 0));
	mail(2, interrupts[0][IRQ_SOFT]);
	mail(3, csr_read(sip));
	mail_ret(4, sbi(EXT_IPI, 0, 2, 0, 0));	      /* no vCPU 1 */
	mail_ret(6, sbi(EXT_IPI, 0, 1, ~0UL - 1, 0)); /* wraps */
	mail_ret(8, sbi(EXT_IPI, 0, 0, ~0UL, 0));     /* all */
	mail(10, interrupts[0][IRQ_SOFT]);
	mail_ret(11, sbi(EXT_IPI, 7, 1, 0, 0));
	done();
}

static void ipi_peer(unsigned long sleeps)
{
	mail_ret(0, sbi(EXT_HSM, 0, 1, (unsigned long)_start, GUEST_ARG(G_PEER, sleeps)));
	while (!peer_says)
		;
	mail_ret(2, sbi(EXT_IPI, 0, 2, 0, 0));
	while (peer_says != 2)
		;
	mail(4, interrupts[1][IRQ_SOFT]);
	done();
}

static void peer(unsigned long sleeps)
{
	csr_set(sie, 1UL << IRQ_SOFT);
	csr_set(sstatus, SSTATUS_SIE);
	peer_says = 1;
	while (!interrupts[1][IRQ_SOFT])
		if (sleeps)
			__asm__ volatile("wfi");
	peer_says = 2;
	for (;;)
		;
}

static void hsm(void)
{
	unsigned long entry = (unsigned long)_start;

	mail_ret(0, sbi(EXT_HSM, 2, 0, 0, 0)); /* status of itself */
	mail_ret(2, sbi(EXT_HSM, 2, 1, 0, 0));
	mail_ret(4, sbi(EXT_HSM, 2, 2, 0, 0));	   /* does not exist */
	mail_ret(6, sbi(EXT_HSM, 0, 0, entry, 0)); /* runs */
	mail_ret(8, sbi(EXT_HSM, 0, 9, entry, 0));
	mail_ret(10, sbi(EXT_HSM, 0, ~0UL, entry, 0));
	mail_ret(12, sbi(EXT_HSM, 0, 1, entry + 1, 0));
	mail_ret(14, sbi(EXT_HSM, 0, 1, 0x1000, 0)); /* no memory there */
	mail_ret(16, sbi(EXT_HSM, 0, 1, entry, GUEST_ARG(G_STOPPER, 0)));
	mail_ret(18, sbi(EXT_HSM, 2, 1, 0, 0));
	mail_ret(20, sbi(EXT_HSM, 0, 1, entry, 0)); /* again */
	mail_ret(22, sbi(EXT_HSM, 3, 1, entry, 0)); /* reserved kind of suspend */
	mail_ret(24, sbi(EXT_HSM, 9, 0, 0, 0));
	ask(0); /* the payload runs vCPU 1 now: it stops */
	mail_ret(26, sbi(EXT_HSM, 2, 1, 0, 0));
	mail_ret(28, sbi(EXT_HSM, 0, 1, entry, GUEST_ARG(G_STOPPER, 0)));
	done();
}

static void console(void)
{
	static const char text[] = "bytes";
	unsigned long i = 0;
	struct sbiret r;

	while (i < sizeof(text) - 1) {
		r = sbi(EXT_DBCN, 0, sizeof(text) - 1 - i, (unsigned long)text + i, 0);
		if (r.error || !r.value)
			break;
		i += r.value;
	}
	mail(0, i);
	mail_ret(1, sbi(EXT_DBCN, 2, 'B', 0, 0));
	mail(3, (unsigned long)sbi(1, 0, 'P', 0, 0).error);
	mail_ret(4, sbi(EXT_DBCN, 0, 8, MAIL_BASE, 0));	 /* a device */
	mail_ret(6, sbi(EXT_DBCN, 0, 8, GUEST_BASE, 1)); /* beyond 64 bits */
	mail_ret(8, sbi(EXT_DBCN, 0, 8, ~0UL - 3, 0));
	mail_ret(10, sbi(EXT_DBCN, 0, 0, 0, 0));
	mail_ret(12, sbi(EXT_DBCN, 1, 8, GUEST_BASE, 0)); /* nothing to read */
	mail_ret(14, sbi(EXT_DBCN, 5, 0, 0, 0));
	/* a page that is not there yet */
	mail_ret(16, sbi(EXT_DBCN, 0, 1, GUEST_HEAP + 0x5000, 0));
	done();
}

static void unknown(void)
{
	mail_ret(0, sbi(0x12345, 0, 0, 0, 0));
	mail_ret(2, sbi(SBI_EXT_COVH, 0, GUEST_HEAP, 48, 0));
	mail_ret(4, sbi(SBI_EXT_COVH, 1, 0x88000000, 1, 0));
	mail_ret(6, sbi(SBI_EXT_NACL, 1, GUEST_HEAP, 0, 0));
	mail_ret(8, sbi(EXT_PMU, 0, 0, 0, 0));
	mail_ret(10, sbi(SBI_EXT_COVG, 11, GUEST_HEAP, 4096, 0));
	mail_ret(12, sbi(SBI_EXT_COVG, 99, 0, 0, 0));
	mail_ret(14, sbi(0x0A000001, 0, GUEST_HEAP, 96, 0));
	mail_ret(16, sbi(EXT_SRST, 9, 0, 0, 0));
	mail_ret(18, sbi(EXT_SRST, 0, 77, 0, 0));
	mail_ret(20, sbi(EXT_RFENCE, 99, 0, 0, 0));
	mail_ret(22, sbi(SBI_EXT_COVG, 4, 0, 0, 0)); /* interrupt 0 */
	done();
}

static void external(void)
{
	unsigned long start;

	mail(0, csr_read(sip));
	enable(IRQ_EXT);
	start = csr_read(time);
	ask(0); /* now the payload raises it */
	while (!interrupts[0][IRQ_EXT] && csr_read(time) - start < 10000000)
		;
	mail(1, interrupts[0][IRQ_EXT]);
	done();
}

static void rfence(void)
{
	mail_ret(0, sbi(EXT_RFENCE, 0, 3, 0, 0));
	mail_ret(2, sbi(EXT_RFENCE, 1, 3, 0, 0));
	mail_ret(4, sbi(EXT_RFENCE, 2, 1, 0, GUEST_BASE));
	mail_ret(6, sbi(EXT_RFENCE, 1, 0, ~0UL, 0));
	mail_ret(8, sbi(EXT_RFENCE, 1, 8, 0, 0)); /* no vCPU 3 */
	mail_ret(10, sbi(EXT_RFENCE, 1, 1, ~0UL - 2, 0));
	done();
}

#define STORM_ROUNDS 300
#define STORM_REPORT 10

static volatile unsigned long storms_over;

/* Both vCPUs at once: neither may wait for ever for the other. @slot: how far it is */
static unsigned long storm_rounds(unsigned int slot)
{
	unsigned long i, wrong = 0;

	csr_set(sie, 1UL << IRQ_SOFT);
	csr_set(sstatus, SSTATUS_SIE);
	for (i = 0; i < STORM_ROUNDS; i++) {
		wrong += sbi(EXT_RFENCE, 1, 3, 0, GUEST_BASE).error != 0;
		wrong += sbi(EXT_RFENCE, 0, 3, 0, 0).error != 0;
		wrong += sbi(EXT_RFENCE, 2, 0, ~0UL, GUEST_HEAP).error != 0;
		wrong += sbi(EXT_IPI, 0, 3, 0, 0).error != 0;
		if (i % STORM_REPORT == 0)
			mail(slot, i);
	}
	__atomic_add_fetch(&storms_over, 1, __ATOMIC_SEQ_CST);
	return wrong;
}

static void storm(void)
{
	mail_ret(0, sbi(EXT_HSM, 0, 1, (unsigned long)_start, GUEST_ARG(G_STORMER, 0)));
	mail(2, storm_rounds(6));
	while (storms_over < 2)
		;
	mail(3, interrupts[0][IRQ_SOFT] != 0);
	mail(4, interrupts[1][IRQ_SOFT] != 0);
	done();
}

static void stormer(void)
{
	mail(5, storm_rounds(7));
	for (;;)
		;
}

#define WINDOW (8UL << 30) /* where both vCPUs look */

static void set_window(unsigned long gpa)
{
	*(volatile unsigned long *)(GUEST_HEAP + 2 * 4096) = gpa >> 12 << 10 | 0xcf;
}

static void own_tables(void)
{
	volatile unsigned long *root = (volatile unsigned long *)GUEST_HEAP;

	root[0] = 0xcf;
	root[2] = 2UL << 28 | 0xcf;
	root[8] = (GUEST_HEAP + 4096) >> 12 << 10 | 1;
	root[512] = (GUEST_HEAP + 2 * 4096) >> 12 << 10 | 1;
}

static void use_tables(void)
{
	csr_write(satp, 8UL << 60 | GUEST_HEAP >> 12);
	__asm__ volatile("sfence.vma" ::: "memory");
}

/* The fence must reach the other vCPU, which runs and never leaves its guest. */
static void remap(void)
{
	unsigned long start;

	*(volatile unsigned long *)(GUEST_HEAP + 4 * 4096) = 1;
	*(volatile unsigned long *)(GUEST_HEAP + 5 * 4096) = 2;
	own_tables();
	set_window(GUEST_HEAP + 4 * 4096);
	use_tables();
	mail_ret(0, sbi(EXT_HSM, 0, 1, (unsigned long)_start, GUEST_ARG(G_WATCHER, 0)));
	while (peer_says != 1)
		;
	set_window(GUEST_HEAP + 5 * 4096);
	mail_ret(2, sbi(EXT_RFENCE, 1, 2, 0, 0));
	start = csr_read(time);
	while (peer_says != 2 && csr_read(time) - start < 10000000)
		;
	mail(4, peer_says);
	done();
}

static void watcher(void)
{
	use_tables();
	for (;;)
		peer_says = *(volatile unsigned long *)WINDOW;
}

bool guest_sbi_fn(unsigned long fn, unsigned long param, unsigned long hartid)
{
	(void)hartid;
	switch (fn) {
	case G_BASE:
		base();
		return true;
	case G_TIMER:
		timer(param);
		return true;
	case G_IPI_SELF:
		ipi_self();
		return true;
	case G_IPI_PEER:
		ipi_peer(param);
		return true;
	case G_PEER:
		peer(param);
		return true;
	case G_HSM:
		hsm();
		return true;
	case G_STOPPER:
		sbi(EXT_HSM, 1, 0, 0, 0);
		return true;
	case G_SRST:
		sbi(EXT_SRST, 0, 0, 0, 0);
		return true;
	case G_CONSOLE:
		console();
		return true;
	case G_UNKNOWN:
		unknown();
		return true;
	case G_EXTERNAL:
		external();
		return true;
	case G_RFENCE:
		rfence();
		return true;
	case G_STORM:
		storm();
		return true;
	case G_STORMER:
		stormer();
		return true;
	case G_REMAP:
		remap();
		return true;
	case G_WATCHER:
		watcher();
		return true;
	default:
		return false;
	}
}
