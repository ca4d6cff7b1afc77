// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the host is denied, as bits: a summary of the fields that is quick to
 * search. A bit is set before the transition that denies its page returns, and
 * cleared after the page has been scrubbed.
 */
#include "internal.h"

#define PA_LIMIT (1UL << PMPTABLE_PA_BITS)

static u64 *span_words(const struct pmptable_span *s)
{
	return s->bank->denied + s->block * PMPTABLE_BLOCK_WORDS;
}

/* The bits of a span in word @w of its block. */
static u64 span_mask(const struct pmptable_span *s, unsigned int w)
{
	unsigned int lo = s->first > w * 64 ? s->first - w * 64 : 0;
	unsigned int hi = s->first + s->n < w * 64 + 64 ? s->first + s->n - w * 64 : 64;

	return ~0UL >> (64 - (hi - lo)) << lo;
}

static bool bit(const u64 *words, unsigned long i)
{
	return arch_load(&words[i / 64]) >> (i % 64) & 1;
}

/* Is page @i of the bank, counted from its first block's start, denied? */
static bool denied_before(const struct pmptable_span *s)
{
	unsigned long i = s->block * PMPTABLE_LEAF_FIELDS + s->first;

	return i && bit(s->bank->denied, i - 1);
}

static bool denied_behind(const struct pmptable_span *s)
{
	unsigned long i = s->block * PMPTABLE_LEAF_FIELDS + s->first + s->n;

	return i < s->bank->nblocks * PMPTABLE_LEAF_FIELDS && bit(s->bank->denied, i);
}

/* Denied pages of the span with none before them, and the page behind the span likewise. */
static unsigned long run_starts(const struct pmptable_span *s)
{
	unsigned int last = (s->first + s->n - 1) / 64;
	unsigned long starts = 0;
	bool before = denied_before(s);
	unsigned int w;
	u64 b;

	for (w = s->first / 64; w <= last; w++) {
		u64 mask = span_mask(s, w);
		u64 lowest = mask & -mask;
		u64 word = span_words(s)[w] & mask;

		b = word & ~(word << 1 | (before ? lowest : 0));
		for (; b; b &= b - 1)
			starts++;
		before = word & ~(mask >> 1) & mask;
	}
	return starts + (denied_behind(s) && !before);
}

static void mark(const struct pmptable_span *s)
{
	u64 *word = &s->bank->marked[s->block / 64];
	u64 any = 0;
	unsigned int w;

	for (w = 0; w < PMPTABLE_BLOCK_WORDS && !any; w++)
		any = span_words(s)[w];
	if (any)
		arch_store(word, *word | 1UL << (s->block % 64));
	else
		arch_store(word, *word & ~(1UL << (s->block % 64)));
}

static void change(struct pmptable *t, const struct pmptable_span *s, bool denied)
{
	unsigned int last = (s->first + s->n - 1) / 64;
	unsigned long before = run_starts(s);
	u64 *words = span_words(s);
	unsigned int w;

	for (w = s->first / 64; w <= last; w++) {
		u64 mask = span_mask(s, w);

		arch_store(&words[w], denied ? words[w] | mask : words[w] & ~mask);
	}
	mark(s);
	arch_store(&t->runs, t->runs - before + run_starts(s));
}

void pmptable_denied_set(struct pmptable *t, const struct pmptable_span *s)
{
	change(t, s, true);
}

void pmptable_denied_clear(struct pmptable *t, const struct pmptable_span *s)
{
	change(t, s, false);
}

static u64 block_base(const struct pmptable_bank *bank, unsigned long block)
{
	return ((bank->ram.base >> PMPTABLE_BLOCK_SHIFT) + block) << PMPTABLE_BLOCK_SHIFT;
}

/* The first marked block from @block on, or bank->nblocks. */
static unsigned long next_marked(const struct pmptable_bank *bank, unsigned long block)
{
	while (block < bank->nblocks) {
		u64 word = arch_load(&bank->marked[block / 64]) >> (block % 64);

		if (word & 1)
			return block;
		block = word ? block + 1 : (block | 63) + 1;
	}
	return bank->nblocks;
}

struct run_list {
	struct pmptable_range *run;
	unsigned int n;
	unsigned int max;
};

/* Append [base, end), which follows all before it. */
static bool add_run(struct run_list *l, u64 base, u64 end)
{
	struct pmptable_range *last = l->n ? &l->run[l->n - 1] : NULL;

	if (last && last->base + last->size == base) {
		last->size += end - base;
		return true;
	}
	if (l->n == l->max)
		return false;
	l->run[l->n].base = base;
	l->run[l->n].size = end - base;
	l->n++;
	return true;
}

static bool add_word(struct run_list *l, u64 base, u64 word)
{
	unsigned int i = 0, n;

	if (!~word)
		return add_run(l, base, base + 64 * PMPTABLE_PAGE_SIZE);
	while (word) {
		for (; !(word & 1); word >>= 1)
			i++;
		for (n = 0; word & 1; word >>= 1)
			n++;
		if (!add_run(l, base + i * PMPTABLE_PAGE_SIZE, base + (i + n) * PMPTABLE_PAGE_SIZE))
			return false;
		i += n;
	}
	return true;
}

static bool add_block(struct run_list *l, const struct pmptable_bank *bank, unsigned long block)
{
	const u64 *words = bank->denied + block * PMPTABLE_BLOCK_WORDS;
	unsigned int w;

	for (w = 0; w < PMPTABLE_BLOCK_WORDS; w++) {
		if (!add_word(l, block_base(bank, block) + w * 64 * PMPTABLE_PAGE_SIZE,
			      arch_load(&words[w])))
			return false;
	}
	return true;
}

int pmptable_denied_runs(const struct pmptable *t, struct pmptable_range *runs, unsigned int max)
{
	struct run_list l = { .run = runs, .n = 0, .max = max };
	unsigned long block;
	unsigned int i;

	for (i = 0; i < t->nbanks; i++) {
		const struct pmptable_bank *bank = &t->banks[i];

		for (block = next_marked(bank, 0); block < bank->nblocks;
		     block = next_marked(bank, block + 1)) {
			if (!add_block(&l, bank, block))
				return PMPTABLE_ENOSPC;
		}
	}
	return (int)l.n;
}

/* Make room for one more by joining the two that are nearest to each other. */
static void join_nearest(struct run_list *l)
{
	struct pmptable_range *r = l->run;
	u64 best = ~0UL;
	unsigned int i, at = 0;

	for (i = 0; i + 1 < l->n; i++) {
		u64 gap = r[i + 1].base - (r[i].base + r[i].size);

		if (gap < best) {
			best = gap;
			at = i;
		}
	}
	r[at].size = r[at + 1].base + r[at + 1].size - r[at].base;
	for (i = at + 1; i + 1 < l->n; i++)
		r[i] = r[i + 1];
	l->n--;
}

unsigned int pmptable_denied_cover(const struct pmptable *t, struct pmptable_range *cover,
				   unsigned int max)
{
	struct pmptable_range room[PMPTABLE_MAX_COVER + 1] = { 0 };
	struct run_list l = { .run = room, .n = 0, .max = max + 1 };
	unsigned long block;
	unsigned int i;

	for (i = 0; i < t->nbanks; i++) {
		const struct pmptable_bank *bank = &t->banks[i];

		for (block = next_marked(bank, 0); block < bank->nblocks;
		     block = next_marked(bank, block + 1)) {
			u64 base = block_base(bank, block);
			u64 end = base + PMPTABLE_BLOCK_SIZE;
			u64 top = bank->ram.base + bank->ram.size;

			add_run(&l, base < bank->ram.base ? bank->ram.base : base,
				end < top ? end : top);
			if (l.n > max)
				join_nearest(&l);
		}
	}
	for (i = 0; i < l.n; i++)
		cover[i] = room[i];
	return l.n;
}

/* The last marked block below @block, or @block when there is none. */
static unsigned long last_marked(const struct pmptable_bank *bank, unsigned long block)
{
	unsigned long b = block;

	while (b) {
		u64 word = arch_load(&bank->marked[(b - 1) / 64]) << (63 - (b - 1) % 64);

		if (word >> 63)
			return b - 1;
		b = word ? b - 1 : (b - 1) & ~63UL;
	}
	return block;
}

/* Blocks of the bank from @pa's on, or all, when @pa is below. */
static unsigned long blocks_below(const struct pmptable_bank *bank, u64 pa)
{
	u64 first = bank->ram.base >> PMPTABLE_BLOCK_SHIFT;
	u64 block = pa >> PMPTABLE_BLOCK_SHIFT;

	if (block <= first)
		return 0;
	return block - first < bank->nblocks ? block - first : bank->nblocks;
}

/* [*lo, *hi) around @pa's block: up to the next marked blocks. */
static void open_blocks(const struct pmptable *t, u64 pa, u64 *lo, u64 *hi)
{
	unsigned int i;

	*lo = 0;
	*hi = PA_LIMIT;
	for (i = 0; i < t->nbanks; i++) {
		const struct pmptable_bank *bank = &t->banks[i];
		unsigned long here = blocks_below(bank, pa);
		unsigned long below = last_marked(bank, here);
		unsigned long above =
			next_marked(bank, blocks_below(bank, pa + PMPTABLE_BLOCK_SIZE));

		if (below < here)
			*lo = block_base(bank, below) + PMPTABLE_BLOCK_SIZE;
		if (above < bank->nblocks && *hi == PA_LIMIT)
			*hi = block_base(bank, above);
	}
}

/* Narrow [*lo, *hi) to the open pages around page @index of a block. */
static void open_pages(const u64 *words, u64 base, unsigned int index, u64 *lo, u64 *hi)
{
	unsigned int i;

	for (i = index; i; i--) {
		if (!(i % 64) && i >= 64 && !arch_load(&words[i / 64 - 1]))
			i -= 63;
		else if (bit(words, i - 1))
			break;
	}
	if (i && *lo < base + i * PMPTABLE_PAGE_SIZE)
		*lo = base + i * PMPTABLE_PAGE_SIZE;
	for (i = index + 1; i < PMPTABLE_LEAF_FIELDS; i++) {
		if (!(i % 64) && !arch_load(&words[i / 64]))
			i += 63;
		else if (bit(words, i))
			break;
	}
	if (i<PMPTABLE_LEAF_FIELDS && * hi> base + i * PMPTABLE_PAGE_SIZE)
		*hi = base + i * PMPTABLE_PAGE_SIZE;
}

bool pmptable_open_block(const struct pmptable *t, u64 pa, struct pmptable_range *block)
{
	unsigned int index = (pa >> PMPTABLE_PAGE_SHIFT) % PMPTABLE_LEAF_FIELDS;
	u64 size = PMPTABLE_PAGE_SIZE;
	unsigned int i;
	u64 lo, hi;

	open_blocks(t, pa, &lo, &hi);
	for (i = 0; i < t->nbanks; i++) {
		const struct pmptable_bank *bank = &t->banks[i];
		u64 base = pa & ~(PMPTABLE_BLOCK_SIZE - 1);
		const u64 *words;

		if (base >= bank->ram.base + bank->ram.size ||
		    base + PMPTABLE_BLOCK_SIZE <= bank->ram.base)
			continue;
		words = bank->denied + blocks_below(bank, base) * PMPTABLE_BLOCK_WORDS;
		if (COVE_DEFENCE(REFILL_OWNER) && bit(words, index))
			return false;
		open_pages(words, base, index, &lo, &hi);
	}
	while ((pa & -(2 * size)) >= lo && (pa & -(2 * size)) + 2 * size <= hi)
		size *= 2;
	block->base = pa & -size;
	block->size = size;
	return true;
}
