// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Memory where the payload says: large pages and their parts.
 */
#include "guest.h"

#define SHARE	2
#define UNSHARE 3

static void peek(void)
{
	for (;;) {
		volatile unsigned long *p = (volatile unsigned long *)ask(0);
		unsigned long value = ask(1), old = *p;

		if (value)
			*p = value;
		mail(0, old);
	}
}

static void spin_at(void)
{
	volatile unsigned long *p = (volatile unsigned long *)ask(0);

	*p = 0;
	mail(0, 1);
	for (;;)
		(*p)++;
}

/* The last page before the range, the first and the last in it, the first behind it. */
static void mail_around(unsigned int slot, unsigned long gpa, unsigned long len)
{
	mail(slot, *(volatile unsigned long *)(gpa - 4096));
	mail(slot + 1, *(volatile unsigned long *)gpa);
	mail(slot + 2, *(volatile unsigned long *)(gpa + len - 4096));
	mail(slot + 3, *(volatile unsigned long *)(gpa + len));
}

static void large_share(unsigned long peer)
{
	unsigned long gpa = ask(0), len = ask(1);

	if (peer)
		sbi(EXT_HSM, 0, 1, (unsigned long)_start, GUEST_ARG(G_SPIN_AT, 0));
	mail_around(0, gpa, len);
	mail_ret(4, sbi(SBI_EXT_COVG, SHARE, gpa, len, 0));
	mail_around(6, gpa, len);
	mail_ret(10, sbi(SBI_EXT_COVG, UNSHARE, gpa, len, 0));
	mail_around(12, gpa, len);
	done();
}

bool guest_large_fn(unsigned long fn, unsigned long param)
{
	switch (fn) {
	case G_PEEK:
		peek();
		return true;
	case G_SPIN_AT:
		spin_at();
		return true;
	case G_LARGE_SHARE:
		large_share(param);
		return true;
	default:
		return false;
	}
}
