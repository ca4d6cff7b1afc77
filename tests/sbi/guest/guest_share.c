// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * COVG: memory that the guest shares and takes back, MMIO regions.
 */
#include "guest.h"

#define SHARE	2
#define UNSHARE 3
#define PAGE	4096UL

/* The payload answers each call; slot 0 asks it for nothing but its attention. */
static void share(void)
{
	volatile unsigned long *p = (volatile unsigned long *)GUEST_HEAP;
	unsigned long before;

	*p = 0x5ec2e7; /* populated before it is shared */
	mail_ret(0, sbi(SBI_EXT_COVG, SHARE, GUEST_HEAP, 2 * PAGE, 0)); /* refused by the host */
	mail(2, *p);
	mail_ret(3, sbi(SBI_EXT_COVG, SHARE, GUEST_HEAP, 2 * PAGE, 0));
	mail(5, *p); /* the host's PING */
	*p = 0x504f4e47;
	p[512] = 0x504f4e48;
	ask(1); /* the host looks at PONG */
	before = last_trap()->count;
	((void (*)(void))(GUEST_HEAP))();
	mail(6, last_trap()->count == before + 1 ? last_trap()->cause : ~0UL);
	mail_ret(7, sbi(SBI_EXT_COVG, UNSHARE, GUEST_HEAP, 2 * PAGE, 0)); /* refused */
	mail(9, *p);							  /* still the host's */
	mail_ret(10, sbi(SBI_EXT_COVG, UNSHARE, GUEST_HEAP, 2 * PAGE, 0));
	mail(12, *p); /* a fresh zero page */
	*p = 0x5ec2e8;
	ask(2);
	mail(13, *p);
	done();
}

static void share_errors(void)
{
	mail_ret(0, sbi(SBI_EXT_COVG, SHARE, GUEST_HEAP + 1, PAGE, 0));
	mail_ret(2, sbi(SBI_EXT_COVG, SHARE, GUEST_HEAP, PAGE + 1, 0));
	mail_ret(4, sbi(SBI_EXT_COVG, SHARE, GUEST_HEAP, 0, 0));
	mail_ret(6, sbi(SBI_EXT_COVG, SHARE, GUEST_BASE + GUEST_SIZE - PAGE, 2 * PAGE, 0));
	mail_ret(8, sbi(SBI_EXT_COVG, SHARE, MAIL_BASE, PAGE, 0));
	mail_ret(10, sbi(SBI_EXT_COVG, SHARE, GUEST_HEAP, ~0UL & ~0xfffUL, 0));
	mail_ret(12, sbi(SBI_EXT_COVG, UNSHARE, GUEST_HEAP, PAGE, 0)); /* not shared */
	mail_ret(14, sbi(SBI_EXT_COVG, SHARE, ~0xfffUL, PAGE, 0));
	done();
}

static void share_smp(void)
{
	unsigned long i;

	for (i = 0; i < 4; i++)
		*(volatile unsigned long *)(GUEST_HEAP + (4 + i) * PAGE) = 0x5ec2e7;
	mail_ret(2, sbi(EXT_HSM, 0, 1, (unsigned long)_start, GUEST_ARG(G_SPIN, 0)));
	mail_ret(4, sbi(SBI_EXT_COVG, SHARE, GUEST_HEAP + 4 * PAGE, 4 * PAGE, 0));
	done();
}

/* Without implicit MMIO; the caller has declared the mailbox. */
static void mmio_region(void)
{
	mail_ret(0, sbi(SBI_EXT_COVG, 0, DEV_BASE, PAGE, 0));
	mail(2, *(volatile unsigned long *)DEV_BASE);
	mail_ret(3, sbi(SBI_EXT_COVG, 0, DEV_BASE, PAGE, 0));	/* overlaps */
	mail_ret(5, sbi(SBI_EXT_COVG, 0, GUEST_BASE, PAGE, 0)); /* overlaps memory */
	mail_ret(7, sbi(SBI_EXT_COVG, 0, DEV_BASE + 0x10000, 100, 0));
	mail_ret(9, sbi(SBI_EXT_COVG, 0, DEV_BASE + 0x10008, PAGE, 0));
	mail_ret(11, sbi(SBI_EXT_COVG, 1, DEV_BASE, PAGE, 0));
	mail_ret(13, sbi(SBI_EXT_COVG, 4, ~0UL, 0, 0)); /* allow external interrupts */
	mail_ret(15, sbi(SBI_EXT_COVG, 5, ~0UL, 0, 0));
	*(volatile unsigned long *)DEV_BASE = 1; /* dies */
	done();
}

bool guest_share_fn(unsigned long fn)
{
	switch (fn) {
	case G_SHARE:
		share();
		return true;
	case G_SHARE_ERRORS:
		share_errors();
		return true;
	case G_SHARE_SMP:
		share_smp();
		return true;
	case G_MMIO_REGION:
		mmio_region();
		return true;
	default:
		return false;
	}
}
