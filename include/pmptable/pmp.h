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
 * region, bad permission); PMPTABLE_ENOSPC. On an error @out->n and the entries below
 * it are unchanged.
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

/* Entries that a plan needs beside the fixed ones: gate, rest, and these for faults to fill. */
#define PMP_MIN_ALLOW 4
#define PMP_KNOWN     4

enum pmp_decision { PMP_OPEN, PMP_FIXED, PMP_DENIED };

/**
 * struct pmp_known - what the entries decide in [base, base + size), filled ones apart
 * @size: 0: of nothing
 */
struct pmp_known {
	u64 base;
	u64 size;
	enum pmp_decision decision;
};

/**
 * struct pmp_plan - what the entries of a hart's struct pmp_config are for
 * @gate: the entry behind window and fixed ones, off; RWX for everything while a TVM runs
 * @allow: first of the entries that faults fill
 * @nallow: how many; 0: the entries describe the table exactly
 * @next: which of them the next fault fills
 * @known: ranges in which it has been found out what all entries but the filled ones say,
 *	which does not change: a walk looks up page tables far more often than it fills
 * @next_known: which of them the next one takes the place of
 *
 * In order of priority: fixed regions; gate; then either a deny entry or pair for
 * each range of denied pages (exact), or allow entries and few deny ranges that
 * cover all denied pages (refill); and the rest, RWX. When there are few entries
 * nothing but the rest is there to deny, and it denies all. A refill plan has the
 * hart's window, if there is one, in front of all.
 */
struct pmp_plan {
	unsigned int gate;
	unsigned int allow;
	unsigned int nallow;
	unsigned int next;
	struct pmp_known known[PMP_KNOWN];
	unsigned int next_known;
};

/**
 * pmp_plan_is_open() - do the entries open @pa to the host, as far as is known without looking?
 * False may mean anything. The quick way past pmp_plan_refill().
 */
static inline bool pmp_plan_is_open(const struct pmp_plan *plan, u64 pa)
{
	const struct pmp_known *known = plan->known, *end = known + PMP_KNOWN;

	do {
		if (pa - known->base < known->size)
			return known->decision == PMP_OPEN;
	} while (++known < end);
	return false;
}

/**
 * struct pmp_fixed - what does not change
 * @region: fixed regions, M-mode's own or opened to the host
 * @nregions: number of them
 * @entries: PMP entries of the hart
 */
struct pmp_fixed {
	struct pmp_region region[32];
	unsigned int nregions;
	unsigned int entries;
};

/**
 * pmp_plan_possible() - do the entries suffice for any table?
 * @fixed: as for pmp_plan_derive()
 * @window: as for pmp_plan_derive(); where it lies makes no difference
 */
bool pmp_plan_possible(const struct pmp_fixed *fixed, const struct pmp_region *window);

/**
 * pmp_plan_derive() - all entries of a hart, from the table
 * @t: the table; the caller has read t->version before
 * @fixed: for which pmp_plan_possible() holds
 * @window: NAPOT region that a refill plan makes readable (PMP_CFG_R, whatever @perm
 *	says) in front of @fixed: page tables of the monitor that the hart's walker
 *	reads. NULL or size 0: none. An exact plan spends no entry on it.
 * @config: filled in
 * @plan: filled in; no allow entry is filled
 *
 * Takes no lock; what it denies see pmptable_denied_runs().
 *
 * Return: PMPTABLE_OK, or PMPTABLE_ENOSPC when @fixed and @window leave too few entries
 */
int pmp_plan_derive(const struct pmptable *t, const struct pmp_fixed *fixed,
		    const struct pmp_region *window, struct pmp_config *config,
		    struct pmp_plan *plan);

/**
 * pmp_plan_refill() - if the entries deny @pa and the table grants it: fill an entry
 * @t: the table
 * @config: changed in one entry at most, for the largest block that can be granted
 * @plan: the plan of @config, from pmp_plan_derive()
 * @pa: any address
 * @budget: 0: no entry may be filled
 *
 * Takes no lock: a page that is denied later stays open here until the next
 * pmp_plan_derive(), which a fence asks for.
 *
 * Return: the entry that changed, never the first; 0 when the first entry that
 * matches @pa grants something already, as S-mode sees it; PMPTABLE_ESTATE when the
 * host may not access @pa or a fixed region denies it; PMPTABLE_ENOSPC when no entry
 * may be filled, or the plan is exact, which has none to fill
 */
int pmp_plan_refill(const struct pmptable *t, struct pmp_config *config, struct pmp_plan *plan,
		    u64 pa, unsigned int budget);

#endif
