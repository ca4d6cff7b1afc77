/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP table as memory protection tables of Smsd 0.9 (RV64): one radix tree for
 * each supervisor domain. No CSR access. docs/table-layouts.md has the layout.
 */
#ifndef PMPTABLE_MPT_H
#define PMPTABLE_MPT_H

#include <pmptable/domain.h>

#define MPT_OK	   0
#define MPT_EINVAL (-1) /* argument malformed, or beyond the reach of the mode */
#define MPT_ENOSPC (-2) /* the pool has too few pages */

#define MPT_SDID_MAX 63

/**
 * enum mpt_mode - value of mmpt.MODE
 * @MPT_SMMPT43: three levels, 43-bit physical addresses
 * @MPT_SMMPT52: four levels, 52-bit physical addresses
 */
enum mpt_mode {
	MPT_SMMPT43 = 1,
	MPT_SMMPT52 = 2,
};

/**
 * struct mpt - the tables of one domain
 * @domain: what they encode
 * @mode: their shape
 * @mem: the pool, one table a page; the root is the first
 * @pa: physical address of the pool
 * @npages: pages of the pool
 * @used: pages that are tables; they stay where they are until mpt_init()
 *
 * Hardware may walk the tables at any time. The caller makes calls for one struct
 * mpt exclude each other.
 */
struct mpt {
	struct pmptable_domain domain;
	enum mpt_mode mode;
	u64 *mem;
	u64 pa;
	u64 npages;
	u64 used;
};

/**
 * mpt_memory_size() - pool with which no call for this domain runs out of pages
 * @d: the domain; who owns what does not matter
 * @mode: shape of the tables
 *
 * A page for each 32 MiB, 16 GiB and 8 TiB that RAM or a device touches (for
 * each device on its own), and the root: 1/8192 of RAM and a few pages.
 *
 * Return: bytes, a multiple of 4 KiB; 0 when @d or @mode is not valid or RAM or a
 * device is beyond the reach of @mode
 */
u64 mpt_memory_size(const struct pmptable_domain *d, enum mpt_mode mode);

/**
 * mpt_pages() - pool that mpt_init() needs with the table as it is
 * @d: the domain
 * @mode: shape of the tables
 *
 * Return: pages; 0 as mpt_memory_size()
 */
u64 mpt_pages(const struct pmptable_domain *d, enum mpt_mode mode);

/**
 * mpt_init() - encode all that a domain may access
 * @m: filled in
 * @d: the domain
 * @mode: shape of the tables
 * @mem: the pool, 4 KiB-aligned; nothing outside of it is written
 * @pa: its physical address; RAM there is the monitor's
 * @size: its bytes, a multiple of 4 KiB
 *
 * No hart may walk tables in @mem. The time grows with RAM: for boot or the
 * creation of a domain.
 *
 * Return: MPT_OK; MPT_EINVAL (also for a pool that somebody but the monitor may
 * come to access); MPT_ENOSPC (@size is less than mpt_pages()). After an error @m is no
 * struct mpt.
 */
int mpt_init(struct mpt *m, const struct pmptable_domain *d, enum mpt_mode mode, void *mem, u64 pa,
	     u64 size);

/**
 * mpt_update() - encode a range again after its pages changed
 * @m: the tables
 * @pa: first byte, 4 KiB-aligned
 * @len: bytes, a multiple of 4 KiB, at least one page
 *
 * Harts may walk meanwhile: each sees the old or the new permission of a page in
 * the range, and no change outside of it. Where a larger entry must be divided,
 * a table that says the same is linked before an entry changes. A table that has
 * become uniform stays, so no page is used twice while a hart may remember what it
 * was. The caller executes MFENCE.PA on every hart that may run the domain before
 * it relies on an access that is no longer allowed.
 *
 * The time grows with the pages of the range, and with 512 stores for each table
 * that is made: the caller bounds @len. It also keeps the range's pages from changing
 * again meanwhile.
 *
 * Return: MPT_OK; MPT_EINVAL; MPT_ENOSPC (nothing changed; never with a pool of
 * mpt_memory_size())
 */
int mpt_update(struct mpt *m, u64 pa, u64 len);

/**
 * mpt_csr() - value of the mmpt CSR that makes a hart walk the tables
 * @m: the tables
 * @sdid: supervisor domain ID of this hart, at most MPT_SDID_MAX
 * @value: set to MODE, SDID and PPN of the root
 *
 * Return: MPT_OK or MPT_EINVAL, which leaves @value alone: 0 would be Bare mode,
 * in which everything is allowed
 */
int mpt_csr(const struct mpt *m, unsigned int sdid, u64 *value);

#endif
