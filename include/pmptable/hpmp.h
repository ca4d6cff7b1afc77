/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP table as tables of HPMP ("PMP Table", MICRO 2023): a PMP entry in table
 * mode takes its permissions from memory. No CSR access. docs/table-layouts.md has the
 * layout. The format carries no ID: a table is what one C-mode ID may access.
 */
#ifndef PMPTABLE_HPMP_H
#define PMPTABLE_HPMP_H

#include <pmptable/domain.h>

#define HPMP_OK	    0
#define HPMP_EINVAL (-1) /* argument malformed, or out of the range of the table */
#define HPMP_ENOSPC (-2) /* the pool has too few pages */

#define HPMP_MAX_SIZE (1UL << 34) /* 16 GiB: what one table covers */

/**
 * struct hpmp - a table of two levels
 * @domain: what it encodes
 * @range: physical addresses that the table speaks for
 * @mem: the pool, one table a page; the root is the first
 * @pa: physical address of the pool
 * @npages: pages of the pool
 * @used: pages that are tables; they stay where they are until hpmp_init()
 *
 * Hardware may walk at any time. The caller makes calls for one struct hpmp exclude
 * each other.
 */
struct hpmp {
	struct pmptable_domain domain;
	struct pmptable_range range;
	u64 *mem;
	u64 pa;
	u64 npages;
	u64 used;
};

/**
 * struct hpmp_entries - three PMP entries, one after the other, that select a table
 * @addr: pmpaddr values: lower bound, upper bound, root table
 * @cfg: pmpcfg bytes: off, TOR in table mode, off
 */
struct hpmp_entries {
	u64 addr[3];
	u8 cfg[3];
};

/**
 * hpmp_memory_size() - pool with which no call for this range runs out of pages
 * @range: multiples of 4 KiB, at most HPMP_MAX_SIZE, below 2^56
 *
 * Return: bytes, a multiple of 4 KiB: the root and a page for each 32 MiB; 0 when
 * @range is malformed
 */
u64 hpmp_memory_size(const struct pmptable_range *range);

/**
 * hpmp_pages() - pool that hpmp_init() needs with the table as it is
 * @d: the domain
 * @range: as for hpmp_memory_size()
 *
 * Return: pages; 0 when @d or @range is not valid
 */
u64 hpmp_pages(const struct pmptable_domain *d, const struct pmptable_range *range);

/**
 * hpmp_init() - encode what a domain may access in a range
 * @h: filled in
 * @d: the domain
 * @range: as for hpmp_memory_size(). What is in it and neither RAM nor a device of
 *	@d is denied; what is outside of it is left to other PMP entries
 * @mem: the pool, 4 KiB-aligned; nothing outside of it is written
 * @pa: its physical address; RAM there is the monitor's
 * @size: its bytes, a multiple of 4 KiB
 *
 * No hart may walk tables in @mem. The time grows with @range.
 *
 * Return: HPMP_OK; HPMP_EINVAL (also for a pool that somebody but the monitor may
 * come to access); HPMP_ENOSPC (@size is less than hpmp_pages()). After an error @h is
 * no struct hpmp.
 */
int hpmp_init(struct hpmp *h, const struct pmptable_domain *d, const struct pmptable_range *range,
	      void *mem, u64 pa, u64 size);

/**
 * hpmp_update() - encode a range again after its pages changed
 * @h: the table
 * @pa: first byte, 4 KiB-aligned
 * @len: bytes, a multiple of 4 KiB, at least one page; all in the table's range
 *
 * As mpt_update(): nothing outside of the range changes for a hart that walks
 * meanwhile, and tables stay. The caller flushes (as after a write to PMP CSRs) on
 * every hart that may run the domain before it relies on an access that is no longer
 * allowed, bounds @len and keeps the range's pages from changing again meanwhile.
 *
 * Return: HPMP_OK; HPMP_EINVAL; HPMP_ENOSPC (nothing changed; never with a pool of
 * hpmp_memory_size())
 */
int hpmp_update(struct hpmp *h, u64 pa, u64 len);

/**
 * hpmp_entries() - PMP entries that make a hart use the table
 * @h: the table
 * @entries: filled in, for three entries with consecutive numbers
 *
 * Hardware without table mode reads the entry as one that denies everything.
 */
void hpmp_entries(const struct hpmp *h, struct hpmp_entries *entries);

#endif
