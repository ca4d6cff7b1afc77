/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What PMP entries grant, as the privileged specification (3.7.1) says it and
 * as S- and U-mode see it. Shares nothing with lib/ but the types.
 */
#ifndef PMP_SPEC_H
#define PMP_SPEC_H

#include <stdbool.h>

#include <pmptable/pmp.h>

/* pmpaddr has bits 55:2 of an address; it holds no others (WARL). */
#define SPEC_PMPADDR_BITS 54

static inline u64 spec_pmpaddr(const struct pmp_entry *e)
{
	return e->addr & ((1UL << SPEC_PMPADDR_BITS) - 1);
}

/** spec_range() - the bytes [*first, *last] that entry @i matches; false when none */
static inline bool spec_range(const struct pmp_entry *e, unsigned int i, u64 *first, u64 *last)
{
	u64 addr = spec_pmpaddr(&e[i]);
	unsigned int ones = 0;

	switch (e[i].cfg >> 3 & 3) {
	case 1: /* TOR: pmpaddr[i-1] <= y < pmpaddr[i], from 0 for entry 0 */
		*first = i ? spec_pmpaddr(&e[i - 1]) << 2 : 0;
		if (addr << 2 <= *first)
			return false;
		*last = (addr << 2) - 1;
		return true;
	case 2: /* NA4 */
		*first = addr << 2;
		*last = *first + 3;
		return true;
	case 3: /* NAPOT: k ones at the end are 2^(k+3) bytes */
		while (ones < SPEC_PMPADDR_BITS && (addr >> ones & 1))
			ones++;
		*first = ones == SPEC_PMPADDR_BITS ? 0 : (addr >> ones << ones) << 2;
		*last = *first + (1UL << (ones + 3)) - 1;
		return true;
	default:
		return false;
	}
}

/**
 * spec_allows() - may S-mode access [pa, pa + len) with all bits of @access?
 *
 * The lowest-numbered entry that matches any byte decides; it must match every
 * byte. S-mode has no permission where none matches.
 */
static inline bool spec_allows(const struct pmp_entry *e, unsigned int n, u64 pa, u64 len,
			       u8 access)
{
	u64 first, last;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (!spec_range(e, i, &first, &last))
			continue;
		if (pa > last || pa + len - 1 < first)
			continue;
		if (pa < first || pa + len - 1 > last)
			return false;
		return (e[i].cfg & access) == access;
	}
	return false;
}

/** spec_edges() - the addresses at which the answer may change, at most 2 * @n: @edge */
static inline unsigned int spec_edges(const struct pmp_entry *e, unsigned int n, u64 *edge)
{
	unsigned int i, count = 0;
	u64 first, last;

	for (i = 0; i < n; i++) {
		if (!spec_range(e, i, &first, &last))
			continue;
		edge[count++] = first;
		edge[count++] = last + 1;
	}
	return count;
}

#endif
