// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP table: layout and first contents. Every leaf table has a fixed place, so
 * nothing is allocated after pmptable_init().
 */
#include "internal.h"

static unsigned long bank_nblocks(const struct pmptable_range *ram)
{
	u64 last = ram->base + ram->size - 1;

	return (last >> PMPTABLE_BLOCK_SHIFT) - (ram->base >> PMPTABLE_BLOCK_SHIFT) + 1;
}

/* Is it a bank of pages that begins at @floor at least and ends where addresses do? */
static bool bank_valid(const struct pmptable_range *r, u64 floor)
{
	const u64 limit = 1UL << PMPTABLE_PA_BITS;

	if (r->base % PMPTABLE_PAGE_SIZE || r->size % PMPTABLE_PAGE_SIZE || !r->size)
		return false;
	return r->base >= floor && r->base < limit && r->size <= limit - r->base;
}

static bool banks_valid(const struct pmptable_range *banks, unsigned int nbanks)
{
	u64 floor = 0;
	unsigned int i;

	if (!banks || !nbanks || nbanks > PMPTABLE_MAX_BANKS)
		return false;
	/*@ loop invariant 0 <= i <= nbanks;
	    loop invariant good: \forall integer k; 0 <= k < i ==> bank_good(banks + k);
	    loop invariant below: \forall integer k; 0 <= k < i ==>
	      banks[k].base + banks[k].size <= floor;
	    loop invariant sorted: \forall integer j, k; 0 <= j < k < i ==>
	      banks[j].base + banks[j].size <= banks[k].base;
	    loop invariant floor: floor == (i ? banks[i - 1].base + banks[i - 1].size : 0);
	    loop assigns i, floor;
	    loop variant nbanks - i; */
	for (i = 0; i < nbanks; i++) {
		if (!bank_valid(&banks[i], floor))
			return false;
		/*@ assert behind: \forall integer j; 0 <= j < i ==>
		      banks[j].base + banks[j].size <= banks[i].base; */
		floor = banks[i].base + banks[i].size;
	}
	return true;
}

/* Words of marks, of which each is for 64 blocks that begin at a multiple of 64 blocks. */
static unsigned long bank_nmarks(const struct pmptable_range *ram)
{
	return ((ram->base >> PMPTABLE_BLOCK_SHIFT) % 64 + bank_nblocks(ram) + 63) / 64;
}

/* Bytes of what stands before the leaf tables: summaries and root entries. */
static u64 head_size(const struct pmptable_range *banks, unsigned int nbanks)
{
	u64 size = 0;
	unsigned int i;

	/*@ loop invariant 0 <= i <= nbanks;
	    loop invariant size: size == words_of(banks, i) * 8;
	    loop invariant small: 8 * i <= size <= i * 0x30000000000;
	    loop assigns i, size;
	    loop variant nbanks - i; */
	for (i = 0; i < nbanks; i++) {
		size += bank_nmarks(&banks[i]) * sizeof(u64);
		size += bank_nblocks(&banks[i]) * PMPTABLE_BLOCK_WORDS * sizeof(u64);
		size += bank_nblocks(&banks[i]) * sizeof(u64);
	}
	return (size + PMPTABLE_PAGE_SIZE - 1) & ~(PMPTABLE_PAGE_SIZE - 1);
}

u64 pmptable_memory_size(const struct pmptable_range *banks, unsigned int nbanks)
{
	u64 size;
	unsigned int i;

	if (!banks_valid(banks, nbanks))
		return 0;
	size = head_size(banks, nbanks);
	/*@ loop invariant 0 <= i <= nbanks;
	    loop invariant page: size % 4096 == 0;
	    loop invariant size: \at(size, LoopEntry) + blocks_of(banks, i) * 4096 == size;
	    loop invariant small: \at(size, LoopEntry) <= size <=
	      \at(size, LoopEntry) + i * 0x200000000000;
	    loop assigns i, size;
	    loop variant nbanks - i; */
	for (i = 0; i < nbanks; i++)
		size += bank_nblocks(&banks[i]) * PMPTABLE_LEAF_FIELDS * sizeof(pmptable_field_t);
	return size;
}

/* Bank @i, whose summary and root entries begin at @next, its leaf tables at @leaves. */
static void lay_bank(struct pmptable *t, const struct pmptable_range *banks, unsigned int i,
		     u64 *next, pmptable_field_t *leaves)
{
	const struct pmptable_range *ram = &banks[i];
	struct pmptable_bank *b = &t->banks[i];
	unsigned long nblocks = bank_nblocks(ram), nmarks = bank_nmarks(ram);

	/*@ ghost given_place(t, banks, t->nbanks); */
	b->ram.base = ram->base;
	b->ram.size = ram->size;
	b->start = b->ram.base & ~(PMPTABLE_BLOCK_SIZE - 1);
	b->nblocks = nblocks;
	b->marked = next;
	b->denied = next + nmarks;
	b->root = b->denied + nblocks * PMPTABLE_BLOCK_WORDS;
	b->leaves = leaves;
}

static void lay_out(struct pmptable *t, const struct pmptable_range *banks, unsigned int nbanks,
		    u64 *words, pmptable_field_t *leaves)
{
	unsigned int i;

	t->nbanks = nbanks;
	for (i = 0; i < nbanks; i++) {
		struct pmptable_bank *b = &t->banks[i];

		lay_bank(t, banks, i, words, leaves);
		words = b->root + b->nblocks;
		leaves += b->nblocks * PMPTABLE_LEAF_FIELDS;
	}
}

int pmptable_attach(struct pmptable *t, const struct pmptable_range *banks, unsigned int nbanks,
		    void *mem, u64 size)
{
	u64 need = pmptable_memory_size(banks, nbanks);

	if (!need || !mem || (unsigned long)mem % PMPTABLE_PAGE_SIZE || size < need)
		return PMPTABLE_EINVAL;

	arch_memset(t, 0, sizeof(*t));
	ARCH_LOCK_INIT(&t->lock);
	lay_out(t, banks, nbanks, mem, (pmptable_field_t *)((u8 *)mem + head_size(banks, nbanks)));
	return PMPTABLE_OK;
}

static void clear_words(u64 *words, unsigned long n)
{
	unsigned long i;

	/*@ loop invariant 0 <= i <= n;
	    loop invariant \forall integer k; 0 <= k < i ==> words[k] == 0;
	    loop assigns i, words[0 .. n - 1];
	    loop variant n - i; */
	for (i = 0; i < n; i++)
		words[i] = 0;
}

static void init_leaf(pmptable_field_t *leaves, unsigned long first)
{
	unsigned long i;

	/*@ loop invariant first <= i <= first + 2048;
	    loop invariant \forall integer p; first <= p < i ==> leaves[p] == 7;
	    loop assigns i, leaves[first .. first + 2047];
	    loop variant first + 2048 - i; */
	for (i = first; i < first + PMPTABLE_LEAF_FIELDS; i++)
		leaves[i] = PMPTABLE_HOST;
}

static void init_block(struct pmptable_bank *b, unsigned long block)
{
	if (pmptable_block_whole(b, block)) {
		arch_store(&b->root[block], PMPTABLE_HOST);
		return;
	}
	/*@ assert small: block < b->nblocks <= 0x200000000; */
	init_leaf(b->leaves, block * PMPTABLE_LEAF_FIELDS);
	arch_store(&b->root[block], PMPTABLE_ROOT_LEAF);
}

static void init_blocks(struct pmptable_bank *b)
{
	unsigned long i;

	/*@ loop invariant 0 <= i <= b->nblocks;
	    loop invariant same: same_bank{Pre, Here}(b);
	    loop invariant bank: bank_ok(b) && words_apart(b);
	    loop invariant memory: bank_memory(b);
	    loop invariant roots: host_roots(b, i);
	    loop invariant leaves: host_leaves(b, i);
	    loop assigns i, b->root[0 .. \at(b->nblocks, Pre) - 1],
	      b->leaves[0 .. \at(b->nblocks, Pre) * 2048 - 1];
	    loop variant b->nblocks - i; */
	for (i = 0; i < b->nblocks; i++) {
		init_block(b, i);
		/*@ assert roots: \forall integer k; 0 <= k < i ==>
		      b->root[k] == \at(b->root[k], LoopCurrent); */
		/*@ assert leaves: \forall integer p; 0 <= p < i * 2048 ==>
		      b->leaves[p] == \at(b->leaves[p], LoopCurrent); */
		/*@ assert same_now: same_bank{LoopCurrent, Here}(b); */
		/*@ assert roots_before: host_roots(b, i); */
		/*@ assert roots_now: host_roots(b, i + 1); */
		/*@ assert leaves_before: host_leaves(b, i); */
	}
}

static void init_pages(struct pmptable_bank *b)
{
	clear_words(b->marked, bank_nmarks(&b->ram));
	/*@ assert same_one: same_bank{Pre, Here}(b); */
	/*@ assert marks: no_marks(b); */
	clear_words(b->denied, b->nblocks * PMPTABLE_BLOCK_WORDS);
	/*@ assert same_two: same_bank{Pre, Here}(b); */
	/*@ assert marks_two: no_marks(b); */
	/*@ assert apart: words_apart(b); */
	/*@ assert marks_roots: \forall integer k; 0 <= k < nmarks(b) ==>
	      \separated(b->marked + k, b->root + (0 .. b->nblocks - 1)); */
	init_blocks(b);
	/*@ assert same: same_bank{Pre, Here}(b); */
	/*@ assert count: nmarks(b) == nmarks{Pre}(b); */
	/*@ assert marks_three: no_marks(b); */
}

static void init_bank(struct pmptable *t, unsigned int i)
{
	/*@ ghost own_place(t, i); */
	/*@ ghost fields_place(t, i); */
	/*@ ghost roots_place(t, i); */
	/*@ ghost leaves_place(t, i); */
	/*@ ghost denied_place(t, i); */
	/*@ ghost marked_place(t, i); */
	init_pages(&t->banks[i]);
	/*@ assert count: t->nbanks == \at(t->nbanks, Pre); */
	/*@ assert base: \forall integer j; 0 <= j < t->nbanks ==>
	      t->banks[j].ram.base == \at(t->banks[j].ram.base, Pre); */
	/*@ assert size: \forall integer j; 0 <= j < t->nbanks ==>
	      t->banks[j].ram.size == \at(t->banks[j].ram.size, Pre); */
	/*@ assert start: \forall integer j; 0 <= j < t->nbanks ==>
	      t->banks[j].start == \at(t->banks[j].start, Pre); */
	/*@ assert nblocks: \forall integer j; 0 <= j < t->nbanks ==>
	      t->banks[j].nblocks == \at(t->banks[j].nblocks, Pre); */
	/*@ assert same: same_banks{Pre, Here}(t); */
	/*@ assert one: \forall integer j; 0 <= j < t->nbanks ==>
	      same_bank{Pre, Here}(&t->banks[j]); */
	/*@ assert counts: \forall integer j; 0 <= j < t->nbanks ==>
	      nmarks(&t->banks[j]) == nmarks{Pre}(\at(&t->banks[j], Pre)); */
	/*@ assert root_memory: \forall integer j; 0 <= j < t->nbanks ==>
	      \valid(t->banks[j].root + (0 .. t->banks[j].nblocks - 1)); */
	/*@ assert leaf_memory: \forall integer j; 0 <= j < t->nbanks ==>
	      \valid(t->banks[j].leaves + (0 .. t->banks[j].nblocks * 2048 - 1)); */
	/*@ assert denied_memory: \forall integer j; 0 <= j < t->nbanks ==>
	      \valid(t->banks[j].denied + (0 .. t->banks[j].nblocks * 32 - 1)); */
	/*@ assert marks_memory: \forall integer j; 0 <= j < t->nbanks ==>
	      \valid(t->banks[j].marked + (0 .. nmarks(&t->banks[j]) - 1)); */
	/*@ assert entries: \forall integer j; 0 <= j < t->nbanks && j != i ==>
	      same_entries{Pre, Here}(&t->banks[j]); */
	/*@ assert fields: \forall integer j; 0 <= j < t->nbanks && j != i ==>
	      same_fields{Pre, Here}(&t->banks[j]); */
	/*@ assert denied: \forall integer j; 0 <= j < t->nbanks && j != i ==>
	      same_denied{Pre, Here}(&t->banks[j]); */
	/*@ assert marked: \forall integer j; 0 <= j < t->nbanks && j != i ==>
	      same_marked{Pre, Here}(&t->banks[j]); */
	/*@ assert words: \forall integer j; 0 <= j < t->nbanks && j != i ==>
	      same_words{Pre, Here}(&t->banks[j]); */
}

static void count_pages(struct pmptable *t)
{
	u64 size = 0;
	unsigned int i;

	/*@ loop invariant 0 <= i <= t->nbanks;
	    loop assigns i, size;
	    loop variant t->nbanks - i; */
	for (i = 0; i < t->nbanks; i++)
		size += t->banks[i].ram.size;
	/*@ ghost count_place(t); */
	t->count[PMPTABLE_KIND_HOST] = size >> PMPTABLE_PAGE_SHIFT;
	/*@ assert one: \forall integer j; 0 <= j < t->nbanks ==>
	      same_bank{Pre, Here}(&t->banks[j]); */
	/*@ assert same: same_banks{Pre, Here}(t); */
	/*@ assert memory: \forall integer j; 0 <= j < t->nbanks ==> bank_memory(&t->banks[j]); */
	/*@ assert entries: \forall integer j; 0 <= j < t->nbanks ==>
	      same_entries{Pre, Here}(&t->banks[j]); */
	/*@ assert fields: \forall integer j; 0 <= j < t->nbanks ==>
	      same_fields{Pre, Here}(&t->banks[j]); */
	/*@ assert denied: \forall integer j; 0 <= j < t->nbanks ==>
	      same_denied{Pre, Here}(&t->banks[j]); */
	/*@ assert marked: \forall integer j; 0 <= j < t->nbanks ==>
	      same_marked{Pre, Here}(&t->banks[j]); */
	/*@ assert words: \forall integer j; 0 <= j < t->nbanks ==>
	      same_words{Pre, Here}(&t->banks[j]); */
}

int pmptable_init(struct pmptable *t, const struct pmptable_range *banks, unsigned int nbanks,
		  void *mem, u64 size)
{
	unsigned int i;
	int rc = pmptable_attach(t, banks, nbanks, mem, size);

	if (rc)
		return rc;
	/*@ loop invariant 0 <= i <= nbanks;
	    loop invariant inputs: nbanks == \at(nbanks, Pre) && t == \at(t, Pre);
	    loop invariant count: t->nbanks == nbanks;
	    loop invariant table: laid_out(t);
	    loop invariant fresh: \forall integer j; 0 <= j < i ==> bank_fresh(&t->banks[j]);
	    loop variant nbanks - i; */
	for (i = 0; i < nbanks; i++)
		init_bank(t, i);
	count_pages(t);
	/*@ assert entries: table_roots(t); */
	/*@ assert ok: table_ok(t); */
	/*@ assert fields: \forall integer j, p; 0 <= j < t->nbanks && page_ram(&t->banks[j], p) ==>
	      0 <= p < t->banks[j].nblocks * 2048; */
	/*@ assert bits: has_bank(t) ==> !listed(&t->banks[any_bank]); */
	/*@ assert marks: has_bank(t) ==> marks_inside(&t->banks[any_bank]); */
	return PMPTABLE_OK;
}
