/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP table: for every physical page the C-mode ID of its owner and what
 * that owner may do with it. Pure C, no CSR access.
 */
#ifndef PMPTABLE_H
#define PMPTABLE_H

#include <cove_arch.h>

#define PMPTABLE_PAGE_SHIFT  12
#define PMPTABLE_PAGE_SIZE   (1UL << PMPTABLE_PAGE_SHIFT)
#define PMPTABLE_BLOCK_SHIFT 23 /* one root entry, one leaf table: 8 MiB */
#define PMPTABLE_BLOCK_SIZE  (1UL << PMPTABLE_BLOCK_SHIFT)
#define PMPTABLE_LEAF_FIELDS 2048
#define PMPTABLE_MAX_BANKS   16
#define PMPTABLE_PA_BITS     56 /* physical addresses of RV64 */

/* C-mode IDs */
#define PMPTABLE_ID_HOST      0
#define PMPTABLE_ID_MONITOR   1
#define PMPTABLE_ID_CONF      2 /* confidential, unassigned */
#define PMPTABLE_ID_TVM_FIRST 3
#define PMPTABLE_ID_MAX	      8191
#define PMPTABLE_ID_NONE      0xffff /* what the walker says of a PA that is not RAM */

#define PMPTABLE_R   1
#define PMPTABLE_W   2
#define PMPTABLE_X   4
#define PMPTABLE_RWX 7

/* A field: perm[2:0], id[15:3]. */
typedef u16 pmptable_field_t;
#define PMPTABLE_FIELD(id, perm)   ((pmptable_field_t)(((id) << 3) | (perm)))
#define PMPTABLE_FIELD_ID(field)   ((unsigned int)(field) >> 3)
#define PMPTABLE_FIELD_PERM(field) (PMPTABLE_RWX & (unsigned int)(field))

#define PMPTABLE_HOST	      PMPTABLE_FIELD(PMPTABLE_ID_HOST, PMPTABLE_RWX)
#define PMPTABLE_HOST_SHARED  PMPTABLE_FIELD(PMPTABLE_ID_HOST, PMPTABLE_R | PMPTABLE_W)
#define PMPTABLE_CONVERTING   PMPTABLE_FIELD(PMPTABLE_ID_HOST, 0)
#define PMPTABLE_MONITOR      PMPTABLE_FIELD(PMPTABLE_ID_MONITOR, 0)
#define PMPTABLE_UNASSIGNED   PMPTABLE_FIELD(PMPTABLE_ID_CONF, 0)
#define PMPTABLE_TVM_DATA(id) PMPTABLE_FIELD(id, PMPTABLE_RWX)
#define PMPTABLE_TVM_META(id) PMPTABLE_FIELD(id, 0)

/* A root entry that is no field: the block's leaf table says. */
#define PMPTABLE_ROOT_LEAF (1UL << 63)

#define PMPTABLE_OK	0
#define PMPTABLE_EINVAL (-1) /* not page-aligned, empty, wraps, or not RAM of the table */
#define PMPTABLE_ESTATE (-2) /* a page of the range is not in the state asked for */
#define PMPTABLE_ENOSPC (-3) /* more than fits */

/**
 * struct pmptable_range - physical addresses [base, base + size)
 * @base: first byte, multiple of 4 KiB
 * @size: bytes, multiple of 4 KiB
 */
struct pmptable_range {
	u64 base;
	u64 size;
};

/**
 * struct pmptable_bank - a bank of RAM and its part of the table
 * @ram: the bank; it need not start or end at a multiple of 8 MiB
 * @start: where the first block starts: @ram.base rounded down to 8 MiB
 * @root: one entry per 8 MiB block that the bank touches: a field that holds
 *	for the whole block, or PMPTABLE_ROOT_LEAF when the block's leaf table is
 *	valid, as it always is where the bank has only a part of the block
 * @leaves: the leaf tables, 2048 fields for each block, block after block;
 *	fields of pages outside of the bank are never written nor read
 * @denied: summary of the fields, a bit for each page of each block: set when the
 *	page is neither the host's (shared or not) nor the monitor's
 * @marked: a bit for each block: set when a bit of the block is set in @denied. Bit
 *	i is for a block whose number, counted from address 0, is i modulo 64
 * @nblocks: number of blocks
 *
 * All are written under the table's lock and read without it.
 */
struct pmptable_bank {
	struct pmptable_range ram;
	u64 start;
	u64 *root;
	pmptable_field_t *leaves;
	u64 *denied;
	u64 *marked;
	unsigned long nblocks;
};

/**
 * enum pmptable_kind - what a page is, for the counts
 * @PMPTABLE_KIND_HOST: the host's, with every permission
 * @PMPTABLE_KIND_MONITOR: monitor and firmware
 * @PMPTABLE_KIND_CONVERTING: the host's, on its way to confidential
 * @PMPTABLE_KIND_UNASSIGNED: confidential, of no TVM
 * @PMPTABLE_KIND_TVM: of some TVM, data or metadata
 * @PMPTABLE_KINDS: how many kinds
 */
enum pmptable_kind {
	PMPTABLE_KIND_HOST,
	PMPTABLE_KIND_MONITOR,
	PMPTABLE_KIND_CONVERTING,
	PMPTABLE_KIND_UNASSIGNED,
	PMPTABLE_KIND_TVM,
	PMPTABLE_KINDS
};

/**
 * struct pmptable - the machine's one table
 * @banks: RAM, sorted by address
 * @nbanks: number of banks; banks never change after pmptable_init()
 * @lock: held by every transition; the walker takes no lock
 * @runs: contiguous ranges of denied pages, counted within a bank; arch_load()
 *	needs no lock
 * @version: counts changes of the denied pages; arch_load() needs no lock
 * @count: pages of each kind; arch_load() needs no lock
 */
struct pmptable {
	struct pmptable_bank banks[PMPTABLE_MAX_BANKS];
	unsigned int nbanks;
	arch_lock_t lock;
	unsigned long runs;
	unsigned long version;
	unsigned long count[PMPTABLE_KINDS];
};

/**
 * struct pmptable_walk_result - what the table says of a physical address
 * @id: C-mode ID of the owner, or PMPTABLE_ID_NONE
 * @perm: PMPTABLE_R/W/X bits; 0 for PMPTABLE_ID_NONE
 * @base: start of the extent known to share @id and @perm: a page, a uniform
 *	block, or the hole between two banks
 * @size: its bytes; the hole above the last bank ends at 2^64
 */
struct pmptable_walk_result {
	unsigned int id;
	u8 perm;
	u64 base;
	u64 size;
};

/**
 * pmptable_memory_size() - table memory that banks of RAM need
 * @banks: banks, multiples of 4 KiB, sorted, disjoint, below 2^56
 * @nbanks: 1 to PMPTABLE_MAX_BANKS
 *
 * Return: bytes, a multiple of 4 KiB; 0 when the banks are malformed
 */
u64 pmptable_memory_size(const struct pmptable_range *banks, unsigned int nbanks);

/**
 * pmptable_init() - make a table in which every page is PMPTABLE_HOST
 * @t: the table; nobody else uses it yet
 * @banks: as for pmptable_memory_size()
 * @nbanks: number of banks
 * @mem: table memory, page-aligned; the caller makes it the monitor's
 * @size: bytes of @mem, at least pmptable_memory_size()
 *
 * Return: PMPTABLE_OK; PMPTABLE_EINVAL (malformed banks, @mem unaligned or small)
 */
int pmptable_init(struct pmptable *t, const struct pmptable_range *banks, unsigned int nbanks,
		  void *mem, u64 size);

/**
 * pmptable_attach() - look at table memory that an earlier pmptable_init() filled
 *
 * Arguments as pmptable_init(); the fields are as they were left. Only for
 * pmptable_walk(): counts are not known.
 *
 * Return: PMPTABLE_OK or PMPTABLE_EINVAL
 */
int pmptable_attach(struct pmptable *t, const struct pmptable_range *banks, unsigned int nbanks,
		    void *mem, u64 size);

/**
 * pmptable_walk() - owner and permission of a physical address
 * @t: the table
 * @pa: any address
 * @res: filled in; PMPTABLE_ID_NONE when @pa is not RAM
 *
 * Takes no lock: the answer held at some moment during the call.
 */
void pmptable_walk(const struct pmptable *t, u64 pa, struct pmptable_walk_result *res);

/** pmptable_is_ram() - is all of [base, base + size), which does not wrap, in banks? */
bool pmptable_is_ram(const struct pmptable *t, u64 base, u64 size);

/**
 * pmptable_check() - may @id access all of [pa, pa + len)?
 * @t: the table
 * @pa: any address
 * @len: bytes
 * @id: C-mode ID that must own every page
 * @access: PMPTABLE_R/W/X bits that every page must allow; 0 asks for the owner
 *
 * Takes no lock; each page is looked up once. One walk when the range is within
 * a page or a uniform block, else one per page, or per block where uniform: the
 * caller bounds @len.
 *
 * Return: true when so; false for @len 0, a range that wraps, what is not RAM, and
 * other bits in @access
 */
bool pmptable_check(const struct pmptable *t, u64 pa, u64 len, unsigned int id,
		    unsigned int access);

/**
 * pmptable_set_monitor() - PMPTABLE_HOST pages of a range become PMPTABLE_MONITOR
 * @t: the table
 * @base: any address; the range is widened to whole pages
 * @size: bytes; a range that wraps ends at the top of the address space
 *
 * For boot time. Pages in another state and what is not RAM are skipped. Takes
 * the lock.
 */
void pmptable_set_monitor(struct pmptable *t, u64 base, u64 size);

/**
 * pmptable_transition() - change the state of pages, all or nothing
 * @t: the table
 * @pa: first page, 4 KiB-aligned
 * @npages: number of pages, at least 1
 * @from: fields that are accepted
 * @nfrom: 1 or 2
 * @to: the new field
 *
 * @from and @to are states that are denied to the host (not its own, not the
 * monitor's), or PMPTABLE_HOST and PMPTABLE_HOST_SHARED, so the denied pages
 * stay the same. Takes the lock; the time grows
 * with the blocks of the range, and with its pages in blocks that are not
 * uniform: the caller bounds @npages.
 *
 * Return: PMPTABLE_OK; PMPTABLE_EINVAL (range or states); PMPTABLE_ESTATE (a page
 * is in none of @from; nothing changed)
 */
int pmptable_transition(struct pmptable *t, u64 pa, u64 npages, const pmptable_field_t *from,
			unsigned int nfrom, pmptable_field_t to);

/**
 * pmptable_deny() - PMPTABLE_HOST -> PMPTABLE_CONVERTING, all or nothing
 * @t: the table
 * @pa: first page, 4 KiB-aligned
 * @npages: number of pages, at least 1
 *
 * Takes the lock.
 *
 * Return: PMPTABLE_OK; PMPTABLE_EINVAL (range); PMPTABLE_ESTATE (a page is not
 * PMPTABLE_HOST). On an error nothing changed.
 */
int pmptable_deny(struct pmptable *t, u64 pa, u64 npages);

/**
 * pmptable_grant() - give pages back to the host, all or nothing
 * @t: the table
 * @pa: first page, 4 KiB-aligned
 * @npages: number of pages, at least 1
 * @scrub: erases the page at its argument; called for each page that is not
 *	PMPTABLE_HOST, before any field of the range changes. It may not change
 *	the table
 *
 * PMPTABLE_CONVERTING and PMPTABLE_UNASSIGNED become PMPTABLE_HOST, pages that are
 * PMPTABLE_HOST stay as they are. A range of PMPTABLE_HOST and PMPTABLE_HOST_SHARED
 * pages stays as it is; PMPTABLE_HOST_SHARED beside others is PMPTABLE_ESTATE. Takes
 * the lock and scrubs under it: the caller bounds @npages.
 *
 * Return: PMPTABLE_OK; PMPTABLE_EINVAL (range); PMPTABLE_ESTATE (a page in another
 * state). On an error nothing changed and nothing was scrubbed.
 */
int pmptable_grant(struct pmptable *t, u64 pa, u64 npages, void (*scrub)(u64 pa));

/** pmptable_may_grant() - what pmptable_grant() would answer now; changes nothing */
int pmptable_may_grant(struct pmptable *t, u64 pa, u64 npages);

/*
 * What the host is denied. These take no lock. Pages that were denied when
 * t->version had the value that the caller read before the call are denied in
 * the answer, unless they have been granted since.
 */

/**
 * pmptable_denied_runs() - the contiguous ranges of denied pages, ascending
 * @t: the table
 * @runs: room for @max
 * @max: at least 1
 *
 * Stops at the first range that does not fit. The time grows with the blocks
 * that hold denied pages, of which there are few while the answer fits.
 *
 * Return: how many, or PMPTABLE_ENOSPC when there are more than @max
 */
int pmptable_denied_runs(const struct pmptable *t, struct pmptable_range *runs, unsigned int max);

/**
 * pmptable_denied_cover() - few ranges that hold all denied pages
 * @t: the table
 * @cover: room for @max
 * @max: 1 to PMPTABLE_MAX_COVER
 *
 * They consist of the RAM of whole blocks; the largest gaps between blocks that
 * hold denied pages stay outside. The time grows with the number of blocks.
 *
 * Return: how many ranges, ascending
 */
unsigned int pmptable_denied_cover(const struct pmptable *t, struct pmptable_range *cover,
				   unsigned int max);
#define PMPTABLE_MAX_COVER 4

/**
 * pmptable_open_block() - the largest naturally aligned block around @pa without
 * a denied page
 * @t: the table
 * @pa: any address below 2^56
 * @block: a power of two of at least 4 KiB at a multiple of its size. Blocks of 8 MiB
 *	that hold denied pages stay outside when they do not hold @pa
 *
 * Return: false when @pa's page is denied
 */
bool pmptable_open_block(const struct pmptable *t, u64 pa, struct pmptable_range *block);

#endif
