// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the host is denied, as bits: a summary of the fields that is quick to
 * search. A bit is set before the transition that denies its page returns, and
 * cleared after the page has been scrubbed.
 */
#include "internal.h"

#define PA_LIMIT   (1UL << PMPTABLE_PA_BITS)
#define WORD_SHIFT (PMPTABLE_BLOCK_SHIFT + 6) /* the blocks of a word of marks */

static u64 *span_words(const struct pmptable_span *s)
{
	return s->bank->denied + s->block * PMPTABLE_BLOCK_WORDS;
}

/* Bits [@from, @from + @n) of a word; @n is 1 at least. */
static u64 some_bits(unsigned int from, unsigned int n)
{
	return ~0UL >> (64 - n) << from;
}

/* The bits of a span in word @w of its block, which has some. */
static u64 span_mask(const struct pmptable_span *s, unsigned int w)
{
	unsigned int lo = s->first > w * 64 ? s->first - w * 64 : 0;
	unsigned int hi = s->first + s->n < w * 64 + 64 ? s->first + s->n - w * 64 : 64;

	return some_bits(lo, hi - lo);
}

static bool is_set(const u64 *words, unsigned long i)
{
	return arch_load(&words[i / 64]) >> (i % 64) & 1;
}

/* Is page @i of the bank, counted from its first block's start, denied? */
static bool denied_before(const struct pmptable_span *s)
{
	unsigned long i = s->block * PMPTABLE_LEAF_FIELDS + s->first;

	return i && is_set(s->bank->denied, i - 1);
}

static bool denied_behind(const struct pmptable_span *s)
{
	unsigned long i = s->block * PMPTABLE_LEAF_FIELDS + s->first + s->n;

	return i < s->bank->nblocks * PMPTABLE_LEAF_FIELDS && is_set(s->bank->denied, i);
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

/* Bit of the first block: words of marks start at multiples of 64 blocks, as their blocks do. */
static unsigned long first_mark(const struct pmptable_bank *bank)
{
	return (bank->ram.base >> PMPTABLE_BLOCK_SHIFT) % 64;
}

static void mark(const struct pmptable_span *s)
{
	unsigned long i = first_mark(s->bank) + s->block;
	u64 *word = &s->bank->marked[i / 64];
	u64 any = 0;
	unsigned int w;

	for (w = 0; w < PMPTABLE_BLOCK_WORDS && !any; w++)
		any = span_words(s)[w];
	if (any)
		arch_store(word, *word | 1UL << (i % 64));
	else
		arch_store(word, *word & ~(1UL << (i % 64)));
}

static u64 with_bits(u64 word, u64 mask, bool set)
{
	return set ? word | mask : word & ~mask;
}

static void write_bits(u64 *words, const struct pmptable_span *s, bool denied)
{
	unsigned int last = (s->first + s->n - 1) / 64, w;

	/*@ loop invariant s->first / 64 <= w <= last + 1;
	    loop invariant \forall integer k, i; 0 <= k < w && 0 <= i < 64 ==>
	      (bit(words[k], i) <==> (s->first <= 64 * k + i < s->first + s->n ?
		denied != 0 : bit(\at(words[k], Pre), i)));
	    loop invariant \forall integer k; w <= k < 32 ==> words[k] == \at(words[k], Pre);
	    loop assigns w, words[0 .. 31];
	    loop variant last + 1 - w; */
	for (w = s->first / 64; w <= last; w++) {
		u64 word = with_bits(words[w], span_mask(s, w), denied);

		arch_store(&words[w], word);
	}
}

static void change(struct pmptable *t, const struct pmptable_span *s, bool denied)
{
	unsigned long before = run_starts(s);

	write_bits(span_words(s), s, denied);
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
	unsigned long i = first_mark(bank) + block, end = first_mark(bank) + bank->nblocks;

	while (i < end) {
		u64 word = arch_load(&bank->marked[i / 64]) >> (i % 64);

		if (word & 1)
			return i - first_mark(bank);
		i = word ? i + 1 : (i | 63) + 1;
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

/* Bits [0, @n) of a word; @n is below 64. */
static u64 low_bits(u64 word, unsigned int n)
{
	return word & ((1UL << n) - 1);
}

/*
 * How many bits around bit @i of @word are clear: the largest power of two of
 * them that begins at a multiple of itself. 0 when bit @i is set.
 */
static unsigned int clear_bits(u64 word, unsigned int i)
{
	unsigned int n = 64;

	/*@ loop invariant size: n == 0 || power(n, 64);
	    loop invariant end: n == 0 ==> word == 0 && bit(\at(word, Pre), i);
	    loop invariant bits: n != 0 ==> \forall integer k; group(i, n) <= k < group(i, n) + n
	   ==> (bit(word, k - group(i, n)) <==> bit(\at(word, Pre), k)); loop invariant rest: n != 0
	   ==> \forall integer k; n <= k ==> !bit(word, k); loop invariant all: n == 64 ==> word ==
	   \at(word, Pre); loop assigns n, word; loop variant n; */
	while (word && n) {
		/*@ assert some: bit(word, lowest(word)) && lowest(word) < n; */
		/*@ assert last: n == 1 ==> bit(word, i - group(i, 1)); */
		n /= 2;
		/*@ ghost if (n) group_halves(i, n); */
		word = i & n ? word >> n : low_bits(word, n);
		/*@ assert none: n == 0 ==> !bit(word, lowest(word)); */
	}
	return n;
}

/* Are words [@from, @end) 0? */
static bool all_clear(const u64 *words, unsigned int from, unsigned int end)
{
	unsigned int i;

	/*@ loop invariant from <= i <= end && \forall integer k; from <= k < i ==> words[k] == 0;
	    loop assigns i;
	    loop variant end - i; */
	for (i = from; i < end; i++) {
		if (arch_load(&words[i]))
			return false;
	}
	return true;
}

/* As clear_bits(), around page @index of a block, which has @words. */
static unsigned int clear_pages(const u64 *words, unsigned int index)
{
	unsigned int w = index / 64, first = w, n = 1;
	unsigned int bits = clear_bits(arch_load(&words[w]), index % 64);

	if (bits < 64)
		return bits;
	/*@ loop invariant size: power(n, 32);
	    loop invariant group: first == group(w, n);
	    loop invariant clear: \forall integer k; first <= k < first + n ==> words[k] == 0;
	    loop assigns n, first;
	    loop variant 32 - n; */
	for (; n < PMPTABLE_BLOCK_WORDS; n *= 2) {
		/*@ ghost group_halves(w, n); */
		if (w & n ? !all_clear(words, first - n, first)
			  : !all_clear(words, first + n, first + 2 * n))
			break;
		if (w & n)
			first -= n;
	}
	return n * 64;
}

/* First word of a bank's marks, and behind the last, counted from address 0. */
static u64 marks_begin(const struct pmptable_bank *bank)
{
	return bank->ram.base >> WORD_SHIFT;
}

static u64 marks_end(const struct pmptable_bank *bank)
{
	return (bank->ram.base + bank->ram.size - 1) / (1UL << WORD_SHIFT) + 1;
}

/* Is none of the blocks marked that belong to words [@w, @w + @n)? */
static bool marks_clear(const struct pmptable_bank *bank, u64 w, u64 n)
{
	u64 begin = marks_begin(bank), end = marks_end(bank);

	if (w < begin)
		n -= begin - w < n ? begin - w : n;
	if (w < begin)
		w = begin;
	for (; n && w < end; n--, w++) {
		if (arch_load(&bank->marked[w - begin]))
			return false;
	}
	return true;
}

/* The largest aligned block around @pa, of @max bytes at most, that has no mark. */
static u64 unmarked_size(const struct pmptable_bank *bank, u64 pa, u64 max)
{
	u64 size = 1UL << WORD_SHIFT, w = pa >> WORD_SHIFT;

	for (; size < max; size *= 2) {
		u64 n = size >> WORD_SHIFT;

		if (!marks_clear(bank, (w & -n) ^ n, n))
			break;
	}
	return size;
}

/*
 * The largest naturally aligned block around @pa, of @max bytes at most, without
 * a denied page of the bank; 0 when @pa's page is one.
 */
static u64 open_size(const struct pmptable_bank *bank, u64 pa, u64 max)
{
	u64 w = pa >> WORD_SHIFT, block = pa >> PMPTABLE_BLOCK_SHIFT, word = 0, size;

	if (w >= marks_begin(bank) && w < marks_end(bank))
		word = arch_load(&bank->marked[w - marks_begin(bank)]);
	if (!word) {
		size = unmarked_size(bank, pa, max);
	} else if (word >> (block % 64) & 1) {
		block -= bank->ram.base >> PMPTABLE_BLOCK_SHIFT;
		size = clear_pages(bank->denied + block * PMPTABLE_BLOCK_WORDS,
				   (pa >> PMPTABLE_PAGE_SHIFT) % PMPTABLE_LEAF_FIELDS) *
		       PMPTABLE_PAGE_SIZE;
	} else {
		size = clear_bits(word, block % 64) * PMPTABLE_BLOCK_SIZE;
	}
	return size < max ? size : max;
}

bool pmptable_open_block(const struct pmptable *t, u64 pa, struct pmptable_range *block)
{
	u64 size = PA_LIMIT;
	unsigned int i;

	for (i = 0; i < t->nbanks && size; i++)
		size = open_size(&t->banks[i], pa, size);
	if (!size) {
		if (COVE_DEFENCE(REFILL_OWNER))
			return false;
		size = PMPTABLE_PAGE_SIZE;
	}
	block->base = pa & -size;
	block->size = size;
	return true;
}
