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
		size += bank_nblocks(&banks[i]) * sizeof(u32);
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
	u64 *summary = mem;
	unsigned int i;
	u32 *root;

	if (!need || !mem || (unsigned long)mem % PMPTABLE_PAGE_SIZE || size < need)
		return PMPTABLE_EINVAL;

	arch_memset(t, 0, sizeof(*t));
	ARCH_LOCK_INIT(&t->lock);
	t->nbanks = nbanks;
	for (i = 0; i < nbanks; i++) {
		struct pmptable_bank *b = &t->banks[i];

		b->ram = banks[i];
		b->nblocks = bank_nblocks(&b->ram);
		b->marked = summary;
		summary += bank_nmarks(&b->ram);
		b->denied = summary;
		summary += b->nblocks * PMPTABLE_BLOCK_WORDS;
	}
	root = (u32 *)summary;
	leaves = (pmptable_field_t *)((u8 *)mem + head_size(banks, nbanks));
	for (i = 0; i < nbanks; i++) {
		t->banks[i].root = root;
		t->banks[i].leaves = leaves;
		root += t->banks[i].nblocks;
		leaves += t->banks[i].nblocks * PMPTABLE_LEAF_FIELDS;
	}
	return PMPTABLE_OK;
}

static void init_bank(struct pmptable_bank *b)
{
	unsigned long i;

	for (i = 0; i < bank_nmarks(&b->ram); i++)
		b->marked[i] = 0;
	for (i = 0; i < b->nblocks * PMPTABLE_BLOCK_WORDS; i++)
		b->denied[i] = 0;
	for (i = 0; i < b->nblocks; i++)
		arch_store(&b->root[i], PMPTABLE_HOST);
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
	unsigned int i;

	/*@ loop invariant 0 <= i <= t->nbanks;
	    loop invariant \forall integer k; 0 <= k < i ==> !in_bank(&t->banks[k], pa);
	    loop assigns i;
	    loop variant t->nbanks - i; */
	for (i = 0; i < t->nbanks; i++) {
		if (pa - t->banks[i].ram.base < t->banks[i].ram.size)
			return &t->banks[i];
	}
	return NULL;
}

/* The RAM that @bank has in the block of @pa. */
static void block_ram(const struct pmptable_bank *bank, u64 pa, struct pmptable_range *ram)
{
	u64 base = pa & ~(PMPTABLE_BLOCK_SIZE - 1);
	u64 end = base + PMPTABLE_BLOCK_SIZE;
	u64 bank_end = bank->ram.base + bank->ram.size;

	if (base < bank->ram.base)
		base = bank->ram.base;
	if (end > bank_end)
		end = bank_end;
	ram->base = base;
	ram->size = end - base;
}

static unsigned long block_index(const struct pmptable_bank *bank, u64 pa)
{
	return (pa >> PMPTABLE_BLOCK_SHIFT) - (bank->ram.base >> PMPTABLE_BLOCK_SHIFT);
}

static unsigned int leaf_index(u64 pa)
{
	return (pa >> PMPTABLE_PAGE_SHIFT) % PMPTABLE_LEAF_FIELDS;
}

void pmptable_span_at(const struct pmptable *t, u64 pa, u64 end, struct pmptable_span *s)
{
	struct pmptable_range ram;

	s->bank = pmptable_bank_of(t, pa);
	block_ram(s->bank, pa, &ram);
	if (end > ram.base + ram.size)
		end = ram.base + ram.size;
	s->block = block_index(s->bank, pa);
	s->first = leaf_index(pa);
	s->n = (end - pa) >> PMPTABLE_PAGE_SHIFT;
	s->block_first = leaf_index(ram.base);
	s->block_n = ram.size >> PMPTABLE_PAGE_SHIFT;
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

void pmptable_walk(const struct pmptable *t, u64 pa, struct pmptable_walk_result *res)
{
	const struct pmptable_bank *bank = pmptable_bank_of(t, pa);
	struct pmptable_range extent;
	unsigned long block;
	u32 entry;

	if (!bank) {
		walk_hole(t, pa, res);
		return;
	}
	block = block_index(bank, pa);
	entry = arch_load(&bank->root[block]);
	if (entry == PMPTABLE_ROOT_LEAF) {
		entry = arch_load(&bank->leaves[block * PMPTABLE_LEAF_FIELDS + leaf_index(pa)]);
		extent.base = pa & ~(PMPTABLE_PAGE_SIZE - 1);
		extent.size = PMPTABLE_PAGE_SIZE;
		/*@ assert \forall integer q; extent.base <= q < extent.base + extent.size ==>
		      q / 4096 == pa / 4096 && q / block_size == pa / block_size; */
	} else {
		block_ram(bank, pa, &extent);
	}
	/*@ assert entry == field(bank, pa); */
	/*@ assert \forall integer q; extent.base <= q < extent.base + extent.size ==>
	      block_of(bank, q) == block_of(bank, pa); */
	/*@ assert \forall integer q; extent.base <= q < extent.base + extent.size ==>
	      field(bank, q) == entry; */
	res->id = PMPTABLE_FIELD_ID(entry);
	res->perm = PMPTABLE_FIELD_PERM(entry);
	res->base = extent.base;
	res->size = extent.size;
}

bool pmptable_check(const struct pmptable *t, u64 pa, u64 len, unsigned int id, unsigned int access)
{
	struct pmptable_walk_result res;
	u64 last = pa + len - 1;

	if (!len || last < pa || id > PMPTABLE_ID_MAX)
		return false;
	/*@ loop invariant \at(pa, Pre) <= pa <= last;
	    loop invariant same_banks{Pre, Here}(t);
	    loop invariant same_roots{Pre, Here}(t);
	    loop invariant same_fields{Pre, Here}(t);
	    loop invariant \forall integer q; \at(pa, Pre) <= q < pa ==>
	      granted{Pre}(t, q, id, access);
	    loop assigns pa, res;
	    loop variant last - pa; */
	for (;;) {
		pmptable_walk(t, pa, &res);
		/*@ assert same_banks{Pre, Here}(t); */
		/*@ assert same_roots{Pre, Here}(t); */
		/*@ assert granted{Pre}(t, pa, id, access) ==>
		      res.id == id && (res.perm & access) == access; */
		if (res.id != id || (res.perm & access) != access)
			return false;
		/*@ assert \forall integer q; res.base <= q < res.base + res.size ==>
		      granted{Pre}(t, q, id, access); */
		if (last - res.base < res.size)
			return true;
		pa = res.base + res.size;
	}
}
