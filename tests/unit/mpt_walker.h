/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A walker of memory protection tables that does what the specification (Supervisor
 * Domain Access Protection 0.9.0, chapters "Smsd" and "Smmpt") says that hardware does.
 * Its numbers are from there, none is the encoder's.
 */
#ifndef MPT_WALKER_H
#define MPT_WALKER_H

#include "unit.h"

/* An image of tables as hardware sees it. */
struct image {
	const u64 *mem;
	u64 pa;
	u64 size;
};

enum fault {
	ALLOWED,
	FAULT_BARE, /* not a fault of hardware: no protection is on, which no test wants */
	FAULT_WIDTH,
	FAULT_MEMORY, /* an entry is where no table is */
	FAULT_INVALID,
	FAULT_RESERVED,
	FAULT_DEPTH,
	FAULT_PERM,
};

static bool load(const struct image *im, u64 pa, u64 *value)
{
	if (pa < im->pa || pa - im->pa >= im->size)
		return false;
	*value = __atomic_load_n(&im->mem[(pa - im->pa) / 8], __ATOMIC_ACQUIRE);
	return true;
}

static u64 bits(u64 value, unsigned int high, unsigned int low)
{
	return value << (63 - high) >> (63 - high + low);
}

static bool xwr_reserved(u64 xwr)
{
	return xwr == 2 || xwr == 6;
}

/* Step 3 (and the G of step 6) of the lookup: is anything reserved in use? */
static bool entry_reserved(u64 e)
{
	unsigned int i;

	if (!bits(e, 1, 1))
		return bits(e, 9, 2) || bits(e, 63, 54);
	if (bits(e, 7, 3))
		return true;
	if (bits(e, 2, 2))
		return xwr_reserved(bits(e, 10, 8)) || bits(e, 11, 11) || bits(e, 15, 12) != 4 ||
		       bits(e, 63, 16);
	for (i = 0; i < 16; i++) {
		if (xwr_reserved(bits(e, 8 + 3 * i + 2, 8 + 3 * i)))
			return true;
	}
	return bits(e, 63, 56);
}

/* The permission lookup for one physical address; *xwr is set when there is one. */
static enum fault lookup(const struct image *im, u64 mmpt, u64 pa, u64 *xwr)
{
	u64 mode = bits(mmpt, 63, 60), a = bits(mmpt, 43, 0) << 12, e;
	int levels = mode == 1 ? 3 : 4, i;

	if (mode != 1 && mode != 2)
		return FAULT_BARE;
	if (pa >> (mode == 1 ? 43 : 52))
		return FAULT_WIDTH;
	for (i = levels - 1; i >= 0; i--) {
		unsigned int shift = 16 + 9 * i;

		if (!load(im, a + 8 * bits(pa, shift + 8, shift), &e))
			return FAULT_MEMORY;
		if (!bits(e, 0, 0))
			return FAULT_INVALID;
		if (entry_reserved(e))
			return FAULT_RESERVED;
		if (bits(e, 1, 1)) {
			unsigned int n = bits(e, 2, 2) ? 0 : bits(pa, shift - 1, shift - 4);

			*xwr = bits(e, 8 + 3 * n + 2, 8 + 3 * n);
			return ALLOWED;
		}
		a = bits(e, 53, 10) << 12;
	}
	return FAULT_DEPTH;
}

#endif
