// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The examples of docs/abi.md for hosts, as they stand there, around one guest, which
 * runs those for guests. They are the only ones here who make calls.
 */
#include "examples.h"
#include <cove/sbi_cove.h>
#include <stdbool.h>

static char printed;

static void print(char c)
{
	printed = c;
}

static void on_other_harts(void (*fn)(void))
{
	examples_on_other_harts(fn);
}

#include "abi_call.inc"
#include "abi_host.inc"

static bool promoted_is_refused(void)
{
	const unsigned long x[32] = { 0 };

	return !promote(0, x, 0, 0);
}

const char *examples_host(const struct example *e)
{
	struct memory memory = { e->mem + e->used * 4096, e->shared, 0 };
	unsigned long gid;

	if (!host_begin())
		return "host_begin";
	if (!donate(e->mem, e->n))
		return "donate";
	gid = create(e->mem, e->image, e->image_pages, e->gpa, e->len, e->argument);
	if (!gid)
		return "create";
	if (!own_calls(gid, e->gpa))
		return "own_calls";
	if (!set_tap(gid, e->shared, 4096))
		return "set_tap after finalize";
	if (!run(gid, &memory))
		return "run";
	if (printed != EXAMPLES_DONE)
		return "the guest's";
	if (!promoted_is_refused())
		return "promote of nothing";
	return end(gid, e->mem, e->n) ? 0 : "end";
}
