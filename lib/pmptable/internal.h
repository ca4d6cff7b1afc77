/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Shared by the files of lib/pmptable.
 */
#ifndef PMPTABLE_INTERNAL_H
#define PMPTABLE_INTERNAL_H

#include <cove/defence.h>
#include <pmptable/pmptable.h>

#ifndef unlikely
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#endif

/**
 * struct pmptable_span - a part of one block of one bank
 * @bank: the bank
 * @block: the block's index in the bank
 * @first: index of the first page in the block's leaf table
 * @n: number of pages, at least 1
 * @whole: the bank has all of the block
 */
struct pmptable_span {
	const struct pmptable_bank *bank;
	unsigned long block;
	unsigned int first;
	unsigned int n;
	bool whole;
};

/** pmptable_block_whole() - is the bank's block @block RAM throughout? */
static inline bool pmptable_block_whole(const struct pmptable_bank *bank, unsigned long block)
{
	u64 base = bank->start + (block << PMPTABLE_BLOCK_SHIFT);

	return base >= bank->ram.base &&
	       base + PMPTABLE_BLOCK_SIZE <= bank->ram.base + bank->ram.size;
}

/** pmptable_bank_of() - the bank that holds @pa, or NULL */
const struct pmptable_bank *pmptable_bank_of(const struct pmptable *t, u64 pa);

/** pmptable_span_at() - the part of [pa, end) in the block of @pa, which is RAM */
void pmptable_span_at(const struct pmptable *t, u64 pa, u64 end, struct pmptable_span *s);

/** pmptable_leaf() - the leaf table of a span's block */
static inline pmptable_field_t *pmptable_leaf(const struct pmptable_span *s)
{
	return s->bank->leaves + s->block * PMPTABLE_LEAF_FIELDS;
}

/** pmptable_span_page() - a span's first page, counted from the start of the bank's first block */
static inline unsigned long pmptable_span_page(const struct pmptable_span *s)
{
	return s->block * PMPTABLE_LEAF_FIELDS + s->first;
}

/** pmptable_span_size() - bytes of a span */
static inline u64 pmptable_span_size(const struct pmptable_span *s)
{
	return (u64)s->n << PMPTABLE_PAGE_SHIFT;
}

#define PMPTABLE_BLOCK_WORDS (PMPTABLE_LEAF_FIELDS / 64)

/**
 * pmptable_first_mark() - bit of a bank's first block in its marks
 *
 * Words of marks start at multiples of 64 blocks, as their blocks do.
 */
static inline unsigned long pmptable_first_mark(const struct pmptable_bank *bank)
{
	return (bank->ram.base >> PMPTABLE_BLOCK_SHIFT) % 64;
}

/** pmptable_bit() - bit @i of a word, which has 64 */
static inline bool pmptable_bit(u64 word, unsigned int i)
{
	return word >> i & 1;
}

/**
 * struct pmptable_list - ranges, one behind the other
 * @run: the ranges
 * @n: how many there are
 * @max: how many there is room for
 */
struct pmptable_list {
	struct pmptable_range *run;
	unsigned int n;
	unsigned int max;
};

/** pmptable_state_denied() - a state whose pages the host may not access */
static inline bool pmptable_state_denied(u32 field)
{
	return field == PMPTABLE_CONVERTING || PMPTABLE_FIELD_ID(field) >= PMPTABLE_ID_CONF;
}

/**
 * pmptable_states_match() - is every page of the RAM range [@pa, @end) in one of the @n @states?
 *
 * With t->lock held, as what follows.
 */
bool pmptable_states_match(const struct pmptable *t, u64 pa, u64 end,
			   const pmptable_field_t *states, unsigned int n);

/** pmptable_commit() - every page of the RAM range [@pa, @end) becomes @to; the summary stays */
void pmptable_commit(struct pmptable *t, u64 pa, u64 end, pmptable_field_t to);

/** pmptable_denied_write() - whether the pages of a span are denied */
void pmptable_denied_write(struct pmptable *t, const struct pmptable_span *s, bool denied);

/** pmptable_denied_range() - the same of the RAM range [@pa, @end) */
void pmptable_denied_range(struct pmptable *t, u64 pa, u64 end, bool denied);

#endif
