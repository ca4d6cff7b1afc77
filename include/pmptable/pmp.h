/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP policy: PMP entries that describe what the host may access. Pure C;
 * the caller writes the CSRs.
 */
#ifndef PMPTABLE_PMP_H
#define PMPTABLE_PMP_H

#include <pmptable/pmptable.h>

#define PMP_MAX_ENTRIES 64

/* pmpcfg fields (privileged specification, 3.7.1) */
#define PMP_CFG_R     0x01
#define PMP_CFG_W     0x02
#define PMP_CFG_X     0x04
#define PMP_CFG_OFF   0x00
#define PMP_CFG_TOR   0x08
#define PMP_CFG_NA4   0x10
#define PMP_CFG_NAPOT 0x18

/* pmpaddr of the NAPOT entry that matches every address: bits 55:2, all ones */
#define PMP_ADDR_ALL ((1UL << (PMPTABLE_PA_BITS - 2)) - 1)

/**
 * struct pmp_entry - an entry as the CSRs hold it
 * @addr: pmpaddr<i>, an address >> 2
 * @cfg: pmp<i>cfg
 */
struct pmp_entry {
	u64 addr;
	u8 cfg;
};

/**
 * struct pmp_region - what S- and U-mode may do with [base, base + size)
 * @base: first byte, multiple of 4 KiB
 * @size: bytes, multiple of 4 KiB; base 0 and size 0 is the whole address space
 * @perm: PMP_CFG_R/W/X bits, 0 = none; W without R is reserved
 *
 * Any other region ends below 2^56.
 */
struct pmp_region {
	u64 base;
	u64 size;
	u8 perm;
};

/**
 * struct pmp_config - a run of PMP entries
 * @n: how many
 * @entry: entries [0, n), highest priority first
 */
struct pmp_config {
	unsigned int n;
	struct pmp_entry entry[PMP_MAX_ENTRIES];
};

/**
 * pmp_encode() - append entries that describe regions
 * @regions: the first that matches an address wins, as in hardware
 * @nregions: number of regions
 * @max: @out->n may not grow beyond (<= PMP_MAX_ENTRIES)
 * @out: appended to, in the order of @regions
 *
 * A region becomes one NAPOT entry where its size is a power of two and its base a
 * multiple of it (and for the whole address space), else an OFF entry that holds
 * the base and a TOR entry; the OFF entry is saved when the entry before holds
 * that address as the end of a TOR. Neighbours in the list that touch and have the
 * same permission are joined first (ascending or descending). The result does not
 * depend on what stands before @out->entry[0]: a TOR is never the first entry.
 *
 * Return: PMPTABLE_OK; PMPTABLE_EINVAL (unaligned, empty, wrapping or unreachable
 * region, bad permission); PMPTABLE_ENOSPC. On an error @out is unchanged.
 */
int pmp_encode(const struct pmp_region *regions, unsigned int nregions, unsigned int max,
	       struct pmp_config *out);

/**
 * pmp_encode_count() - entries that pmp_encode() would append
 * @regions: as for pmp_encode()
 * @nregions: number of regions
 *
 * Counts as if the preceding entry were no help.
 *
 * Return: number of entries, or PMP_COUNT_MALFORMED
 */
unsigned int pmp_encode_count(const struct pmp_region *regions, unsigned int nregions);

#define PMP_COUNT_MALFORMED 0xffff

#endif
