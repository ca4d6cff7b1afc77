// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP table: layout, walker and check. Every leaf table has a fixed place, so
 * nothing is allocated after pmptable_init().
 *
 * The walker runs beside the writers of transition.c. A root entry is published
 * with release and read with acquire. A walker that has read PMPTABLE_ROOT_LEAF
 * just before the block is merged reads the leaf's last contents, which held when
 * the walk began; a later split refills the leaf with fields that are current.
 */
#include "internal.h"

static unsigned long bank_nblocks(const struct pmptable_range *ram)
{
	u64 last = ram->base + ram->size - 1;

	return (last >> PMPTABLE_BLOCK_SHIFT) - (ram->base >> PMPTABLE_BLOCK_SHIFT) + 1;
}

static bool banks_valid(const struct pmptable_range *banks, unsigned int nbanks)
{
	const u64 limit = 1UL << PMPTABLE_PA_BITS;
	u64 floor = 0;
	unsigned int i;

	if (!banks || !nbanks || nbanks > PMPTABLE_MAX_BANKS)
		return false;
	for (i = 0; i < nbanks; i++) {
		const struct pmptable_range *r = &banks[i];

		if ((r->base | r->size) % PMPTABLE_PAGE_SIZE || !r->size)
			return false;
		if (r->base < floor || r->base >= limit || r->size > limit - r->base)
			return false;
		floor = r->base + r->size;
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
	for (i = 0; i < nbanks; i++)
		size += bank_nblocks(&banks[i]) * PMPTABLE_LEAF_FIELDS * sizeof(pmptable_field_t);
	return size;
}

int pmptable_attach(struct pmptable *t, const struct pmptable_range *banks, unsigned int nbanks,
		    void *mem, u64 size)
{
	u64 need = pmptable_memory_size(banks, nbanks);
	pmptable_field_t *leaves;
	u64 *next = mem;
	unsigned int i;

	if (!need || !mem || (unsigned long)mem % PMPTABLE_PAGE_SIZE || size < need)
		return PMPTABLE_EINVAL;

	arch_memset(t, 0, sizeof(*t));
	ARCH_LOCK_INIT(&t->lock);
	t->nbanks = nbanks;
	for (i = 0; i < nbanks; i++) {
		struct pmptable_bank *b = &t->banks[i];

		b->ram = banks[i];
		b->start = b->ram.base & ~(PMPTABLE_BLOCK_SIZE - 1);
		b->nblocks = bank_nblocks(&b->ram);
		b->marked = next;
		next += bank_nmarks(&b->ram);
		b->denied = next;
		next += b->nblocks * PMPTABLE_BLOCK_WORDS;
		b->root = next;
		next += b->nblocks;
	}
	leaves = (pmptable_field_t *)((u8 *)mem + head_size(banks, nbanks));
	for (i = 0; i < nbanks; i++) {
		t->banks[i].leaves = leaves;
		leaves += t->banks[i].nblocks * PMPTABLE_LEAF_FIELDS;
	}
	return PMPTABLE_OK;
}

/* Is the bank's block @block RAM throughout? */
static bool block_whole(const struct pmptable_bank *bank, unsigned long block)
{
	u64 base = bank->start + (block << PMPTABLE_BLOCK_SHIFT);

	return base >= bank->ram.base &&
	       base + PMPTABLE_BLOCK_SIZE <= bank->ram.base + bank->ram.size;
}

static void init_block(struct pmptable_bank *b, unsigned long block)
{
	pmptable_field_t *leaf = b->leaves + block * PMPTABLE_LEAF_FIELDS;
	unsigned int i;

	if (block_whole(b, block)) {
		arch_store(&b->root[block], PMPTABLE_HOST);
		return;
	}
	for (i = 0; i < PMPTABLE_LEAF_FIELDS; i++)
		leaf[i] = PMPTABLE_HOST;
	arch_store(&b->root[block], PMPTABLE_ROOT_LEAF);
}

static void init_bank(struct pmptable_bank *b)
{
	unsigned long i;

	for (i = 0; i < bank_nmarks(&b->ram); i++)
		b->marked[i] = 0;
	for (i = 0; i < b->nblocks * PMPTABLE_BLOCK_WORDS; i++)
		b->denied[i] = 0;
	for (i = 0; i < b->nblocks; i++)
		init_block(b, i);
}

int pmptable_init(struct pmptable *t, const struct pmptable_range *banks, unsigned int nbanks,
		  void *mem, u64 size)
{
	unsigned int i;
	int rc = pmptable_attach(t, banks, nbanks, mem, size);

	if (rc)
		return rc;
	for (i = 0; i < nbanks; i++) {
		init_bank(&t->banks[i]);
		t->count[PMPTABLE_KIND_HOST] += t->banks[i].ram.size >> PMPTABLE_PAGE_SHIFT;
	}
	return PMPTABLE_OK;
}

bool pmptable_is_ram(const struct pmptable *t, u64 base, u64 size)
{
	u64 at = base;
	unsigned int i;

	for (i = 0; i < t->nbanks; i++) {
		const struct pmptable_range *ram = &t->banks[i].ram;

		if (at >= ram->base && at - ram->base < ram->size)
			at = ram->base + ram->size;
	}
	return at - base >= size;
}

const struct pmptable_bank *pmptable_bank_of(const struct pmptable *t, u64 pa)
{
	const struct pmptable_bank *bank = t->banks;

	/*@ ghost unsigned int i = 0; */
	/*@ loop invariant 0 <= i < t->nbanks && bank == &t->banks[i];
	    loop invariant \forall integer k; 0 <= k < i ==> !in_bank(&t->banks[k], pa);
	    loop assigns i, bank;
	    loop variant t->nbanks - i; */
	/* Most memory is in the first bank. */
	while (unlikely(pa - bank->ram.base >= bank->ram.size)) {
		/*@ ghost i++; */
		bank++;
		if (bank >= t->banks + t->nbanks)
			return NULL;
	}
	return bank;
}

void pmptable_span_at(const struct pmptable *t, u64 pa, u64 end, struct pmptable_span *s)
{
	const struct pmptable_bank *bank = pmptable_bank_of(t, pa);
	u64 bank_end = bank->ram.base + bank->ram.size;
	u64 block_end = (pa & ~(PMPTABLE_BLOCK_SIZE - 1)) + PMPTABLE_BLOCK_SIZE;
	unsigned long block;
	bool whole;

	if (end > bank_end)
		end = bank_end;
	if (end > block_end)
		end = block_end;
	block = (pa - bank->start) >> PMPTABLE_BLOCK_SHIFT;
	/*@ assert (pa - bank->start) / 4096 * 4096 == pa - bank->start; */
	/*@ assert pa - pa % block_size == bank->start + block * block_size; */
	/*@ assert pa / 4096 % 2048 == (pa - bank->start) / 4096 % 2048; */
	/*@ assert block * 2048 + pa / 4096 % 2048 == (pa - bank->start) / 4096; */
	/*@ assert pa < end <= bank_end && end % 4096 == 0 && end <= block_end; */
	/*@ assert (end - pa) / 4096 * 4096 == end - pa <= block_size; */
	/*@ assert block < bank->nblocks; */
	whole = block_whole(bank, block);
	s->bank = bank;
	s->block = block;
	s->first = (pa >> PMPTABLE_PAGE_SHIFT) % PMPTABLE_LEAF_FIELDS;
	s->n = (end - pa) >> PMPTABLE_PAGE_SHIFT;
	s->whole = whole;
	/*@ assert s->first == pa / 4096 % 2048 && s->n == (end - pa) / 4096; */
}

/* @pa is in no bank: the hole around it. */
static void walk_hole(const struct pmptable *t, u64 pa, struct pmptable_walk_result *res)
{
	u64 base = 0, end = 0; /* 0 as an end is 2^64 */
	unsigned int i;

	/*@ loop invariant 0 <= i <= t->nbanks && end == 0 && base <= pa;
	    loop invariant i == 0 || base == t->banks[i - 1].ram.base + t->banks[i - 1].ram.size;
	    loop invariant i != 0 || base == 0;
	    loop invariant \forall integer k; 0 <= k < i ==>
	      t->banks[k].ram.base + t->banks[k].ram.size <= base;
	    loop assigns i, base, end;
	    loop variant t->nbanks - i; */
	for (i = 0; i < t->nbanks; i++) {
		const struct pmptable_range *ram = &t->banks[i].ram;

		if (ram->base > pa) {
			end = ram->base;
			break;
		}
		base = ram->base + ram->size;
	}
	res->id = PMPTABLE_ID_NONE;
	res->perm = 0;
	res->base = base;
	res->size = end - base;
}

/* The field of @pa, which is RAM of @bank, and the extent known to share it. */
static inline u32 lookup(const struct pmptable_bank *bank, u64 pa, struct pmptable_range *extent)
{
	u64 offset = pa - bank->start;
	u64 entry = arch_load(&bank->root[offset >> PMPTABLE_BLOCK_SHIFT]);

	/*@ assert pa - pa % 4096 == bank->start + offset / 4096 * 4096; */
	/*@ assert pa - pa % block_size == bank->start + offset / block_size * block_size; */
	/*@ assert \forall integer q; pa - pa % 4096 <= q < pa - pa % 4096 + 4096 ==>
	      page_of(bank, q) == offset / 4096; */
	/*@ assert \forall integer q; pa - pa % block_size <= q < pa - pa % block_size + block_size
	   ==> page_of(bank, q) / 2048 == offset / block_size; */
	if (unlikely(entry < PMPTABLE_ROOT_LEAF)) {
		extent->base = pa & ~(PMPTABLE_BLOCK_SIZE - 1);
		extent->size = PMPTABLE_BLOCK_SIZE;
		return entry;
	}
	extent->base = pa & ~(PMPTABLE_PAGE_SIZE - 1);
	extent->size = PMPTABLE_PAGE_SIZE;
	return arch_load(&bank->leaves[offset >> PMPTABLE_PAGE_SHIFT]);
}

void pmptable_walk(const struct pmptable *t, u64 pa, struct pmptable_walk_result *res)
{
	const struct pmptable_bank *bank = pmptable_bank_of(t, pa);
	struct pmptable_range extent;
	u32 field;

	if (!bank) {
		walk_hole(t, pa, res);
		return;
	}
	field = lookup(bank, pa, &extent);
	res->id = PMPTABLE_FIELD_ID(field);
	res->perm = PMPTABLE_FIELD_PERM(field);
	res->base = extent.base;
	res->size = extent.size;
}

bool pmptable_check(const struct pmptable *t, u64 pa, u64 len, unsigned int id, unsigned int access)
{
	u64 last = pa + len - 1;

	if (!len || last < pa || id > PMPTABLE_ID_MAX || access > PMPTABLE_RWX)
		return false;
	/*@ loop invariant \at(pa, Pre) <= pa <= last;
	    loop invariant \forall integer q; \at(pa, Pre) <= q < pa ==>
	      granted{Pre}(t, q, id, access);
	    loop assigns pa;
	    loop variant last - pa; */
	for (;;) {
		const struct pmptable_bank *bank = pmptable_bank_of(t, pa);
		struct pmptable_range extent;
		u32 field;

		/*@ assert bank == \null ==> !granted{Pre}(t, pa, id, access); */
		if (!bank)
			return false;
		field = lookup(bank, pa, &extent);
		/*@ assert (field & access) == ((field % 8) & access); */
		/*@ assert granted{Pre}(t, pa, id, access) ==>
		      field / 8 == id && (field & access) == access; */
		/*@ assert \forall integer q; extent.base <= q < extent.base + extent.size ==>
		      in_bank{Pre}(bank, q) && field{Pre}(bank, q) == field; */
		if (PMPTABLE_FIELD_ID(field) != id || (field & access) != access)
			return false;
		/*@ assert \forall integer q; extent.base <= q < extent.base + extent.size ==>
		      granted{Pre}(t, q, id, access); */
		if (last - extent.base < extent.size)
			return true;
		pa = extent.base + extent.size;
	}
}
