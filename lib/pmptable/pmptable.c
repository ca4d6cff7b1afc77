// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP table: walker and check. init.c has the layout.
 *
 * The walker runs beside the writers of transition.c. A root entry is published
 * with release and read with acquire. A walker that has read PMPTABLE_ROOT_LEAF
 * just before the block is merged reads the leaf's last contents, which held when
 * the walk began; a later split refills the leaf with fields that are current.
 */
#include "internal.h"

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
	whole = pmptable_block_whole(bank, block);
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
