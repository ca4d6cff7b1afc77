// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The boot argument paging=39, 48 or 57: the payload translates its addresses, each to
 * itself, by leaves of 1 GiB, as a host does that has paging on. Without it there is none.
 */
#include "host.h"

#define ENTRIES	    512UL
#define LEAF	    0xcfUL /* D A - - X W R V */
#define LEAF_BITS   28	   /* a PPN is shifted by 10, a leaf's address by 30 */
#define ATP_MODE    60
#define MODE_SV39   8UL
#define MODE_LEVELS 3UL

static unsigned long table[3][ENTRIES] __attribute__((aligned(PAGE)));
static unsigned long satp;

/** identity_begin() - make the tables, if they are asked for; of the highest level first */
void identity_begin(void)
{
	const char *bits = option_value("paging");
	unsigned long level, i, levels;

	if (!bits)
		return;
	levels = bits[0] == '3' ? 3 : bits[0] == '4' ? 4 : 5;
	for (level = 0; level < levels - MODE_LEVELS; level++)
		table[level][0] = (unsigned long)table[level + 1] >> 2 | 1;
	for (i = 0; i < ENTRIES; i++)
		table[level][i] = i << LEAF_BITS | LEAF;
	satp = (MODE_SV39 + levels - MODE_LEVELS) << ATP_MODE | (unsigned long)table >> 12;
}

/** identity_hart() - the calling hart's translation is on. Return: false if it has no such mode */
bool identity_hart(void)
{
	if (!satp)
		return true;
	csr_write(satp, satp);
	__asm__ volatile("sfence.vma" ::: "memory");
	return csr_read(satp) == satp;
}
