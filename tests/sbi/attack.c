// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Accesses to a page that must all be refused.
 */
#include "attack.h"

static unsigned long results[MAX_HARTS];

static bool refused(const char *what, const char *how, unsigned long cause, unsigned long expected,
		    unsigned long addr)
{
	struct hart *h = this_hart();

	if (cause == expected && h->tval == addr)
		return true;
	test_fail("%s (%lx), %s on hart %lu: expected cause %lx, saw %lx, tval %lx", what, addr,
		  how, h->id, expected, cause, h->tval);
	return false;
}

/** attack() - load, store, AMO, execute at @pa: access faults; otherwise the test fails */
bool attack(unsigned long pa, const char *what)
{
	return refused(what, "load", probe_ld(pa), 5, pa) &&
	       refused(what, "load byte", probe_lb(pa + 4095), 5, pa + 4095) &&
	       refused(what, "store", probe_sd(pa + 8, 0xbad), 7, pa + 8) &&
	       refused(what, "AMO", probe_amo(pa + 16), 7, pa + 16) &&
	       refused(what, "fetch", probe_exec(pa), 1, pa);
}

/** probe_result() - what the last set_probe*() on that hart saw */
unsigned long probe_result(unsigned int hart)
{
	return results[hart];
}

void set_probe(void *pa)
{
	unsigned long cause = probe_ld((unsigned long)pa);

	if (cause == NO_FAULT)
		cause = probe_sd((unsigned long)pa + 8, 0);
	results[this_hart()->id] = cause;
}

void set_probe_exec(void *pa)
{
	__asm__ volatile("fence.i" ::: "memory");
	results[this_hart()->id] = probe_exec((unsigned long)pa);
}

void set_attack(void *pa)
{
	attack((unsigned long)pa, "a page");
}

void set_check_zero(void *pa)
{
	if (!page_is_zero((unsigned long)pa))
		test_fail("page %lx is not zero on hart %lu", (unsigned long)pa, this_hart()->id);
}

void set_local_fence(void *rc)
{
	*(long *)rc = local_fence();
}
