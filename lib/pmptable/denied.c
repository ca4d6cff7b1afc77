// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the host is denied, as bits: a summary of the fields that is quick to
 * search. A bit is set before the transition that denies its page returns, and
 * cleared after the page has been scrubbed.
 */
#include "internal.h"

static u64 *span_words(const struct pmptable_span *s)
{
	return s->bank->denied + s->block * PMPTABLE_BLOCK_WORDS;
}

/* Bits [@from, @from + @n) of a word; @n is 1 at least. */
static u64 some_bits(unsigned int from, unsigned int n)
{
	/*@ ghost bits_between(from, n); */
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
	return pmptable_bit(arch_load(&words[i / 64]), i % 64);
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

static unsigned int bits_set(u64 word)
{
	unsigned int n = 0;

	/*@ loop assigns word, n;
	    loop variant word; */
	for (; word; word &= word - 1) {
		/*@ ghost fewer_bits(word); */
		n++;
	}
	return n;
}

/* Denied pages of the span with none before them, and the page behind the span likewise. */
static unsigned long run_starts(const struct pmptable_span *s)
{
	unsigned int last = (s->first + s->n - 1) / 64;
	unsigned long starts = 0;
	bool before = denied_before(s);
	unsigned int w;

	/*@ loop invariant s->first / 64 <= w <= last + 1;
	    loop assigns w, starts, before;
	    loop variant last + 1 - w; */
	for (w = s->first / 64; w <= last; w++) {
		u64 mask = span_mask(s, w);
		u64 lowest = mask & -mask;
		u64 word = span_words(s)[w] & mask;

		starts += bits_set(word & ~(word << 1 | (before ? lowest : 0)));
		before = word & ~(mask >> 1) & mask;
	}
	return starts + (denied_behind(s) && !before);
}

static u64 with_bits(u64 word, u64 mask, bool set)
{
	return set ? word | mask : word & ~mask;
}

static bool any_set(const u64 *words)
{
	unsigned int w;

	/*@ loop invariant 0 <= w <= 32;
	    loop invariant \forall integer k; 0 <= k < w ==> words[k] == 0;
	    loop assigns w;
	    loop variant 32 - w; */
	for (w = 0; w < PMPTABLE_BLOCK_WORDS; w++) {
		if (words[w])
			return true;
	}
	return false;
}

static void write_bit(u64 *words, unsigned long i, bool set)
{
	u64 word = with_bits(words[i / 64], some_bits(i % 64, 1), set);

	arch_store(&words[i / 64], word);
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

static void write_span(const struct pmptable_span *s, bool denied)
{
	/*@ ghost page_place(); */
	/*@ ghost mark_place(s); */
	/*@ assert apart: \separated(s, s->bank->denied + (s->block * 32 .. s->block * 32 + 31)); */
	write_bits(span_words(s), s, denied);
	/*@ assert span: s->block == \at(s->block, Pre) && s->first == \at(s->first, Pre) &&
	      s->n == \at(s->n, Pre); */
	/*@ assert bank: s->bank->ram.base == \at(s->bank->ram.base, Pre) &&
	      s->bank->ram.size == \at(s->bank->ram.size, Pre) &&
	      s->bank->nblocks == \at(s->bank->nblocks, Pre); */
	/*@ assert frame: \forall integer k; 0 <= k < s->bank->nblocks * 32 &&
	      !(s->block * 32 <= k < s->block * 32 + 32) ==>
		s->bank->denied[k] == \at(s->bank->denied[k], Pre); */
	/*@ assert bits: bit(s->bank->denied[s->block * 32 + any_page % 2048 / 64], any_page % 64)
	   <==> (s->first <= 64 * (any_page % 2048 / 64) + any_page % 64 < s->first + s->n ?
		 denied != 0 : bit(\at(s->bank->denied[s->block * 32 + any_page % 2048 / 64],
					Pre), any_page % 64)); */
	/*@ assert same: denied_word(s->bank) == denied_word{Pre}(s->bank) &&
	      first_block(s->bank) == first_block{Pre}(s->bank); */
	/*@ assert here_place: span_here(s) ==>
	      denied_word(s->bank) == s->block * 32 + any_page % 2048 / 64; */
	/*@ assert else_place: in_bank(s->bank, 4 * word) && !span_here(s) ==>
	      0 <= denied_word(s->bank) < s->bank->nblocks * 32 &&
	      !(s->block * 32 <= denied_word(s->bank) < s->block * 32 + 32); */
	/*@ assert here: span_here(s) ==> (bit(s->bank->denied[denied_word(s->bank)], any_page % 64)
	      <==> (s->first <= any_page % 2048 < s->first + s->n ? denied != 0 :
		    bit(\at(s->bank->denied[denied_word(s->bank)], Pre), any_page % 64))); */
	/*@ assert else: in_bank(s->bank, 4 * word) && !span_here(s) ==>
	      s->bank->denied[denied_word(s->bank)] ==
	      \at(s->bank->denied[denied_word(s->bank)], Pre); */
	/*@ assert same_marks: mark_word(s->bank) == mark_word{Pre}(s->bank) &&
	      nmarks(s->bank) == nmarks{Pre}(s->bank); */
	/*@ assert marks: \forall integer w; 0 <= w < nmarks(s->bank) ==>
	      s->bank->marked[w] == \at(s->bank->marked[w], Pre); */
}

/* The mark of a span's block. */
static void mark(const struct pmptable_span *s)
{
	unsigned long i = pmptable_first_mark(s->bank) + s->block;
	bool any = any_set(span_words(s));

	/*@ ghost mark_place(s); */
	/*@ ghost word_place(s); */
	/*@ assert some: span_here(s) && listed(s->bank) ==> any != 0; */
	/*@ assert index: i == mark_bit(s->bank, s->block); */
	/*@ assert apart: \separated(s, s->bank->marked + i / 64) &&
	      \separated(s->bank, s->bank->marked + i / 64); */
	write_bit(s->bank->marked, i, any);
	/*@ assert span: s->block == \at(s->block, Pre); */
	/*@ assert bank: s->bank->ram.base == \at(s->bank->ram.base, Pre) &&
	      s->bank->ram.size == \at(s->bank->ram.size, Pre) &&
	      s->bank->nblocks == \at(s->bank->nblocks, Pre); */
	/*@ assert same: denied_word(s->bank) == denied_word{Pre}(s->bank) &&
	      mark_word(s->bank) == mark_word{Pre}(s->bank) &&
	      nmarks(s->bank) == nmarks{Pre}(s->bank); */
	/*@ assert bits: in_bank(s->bank, 4 * word) ==> s->bank->denied[denied_word(s->bank)] ==
	      \at(s->bank->denied[denied_word(s->bank)], Pre); */
	/*@ assert own: bit(s->bank->marked[i / 64], i % 64) <==> any != 0; */
	/*@ assert frame: \forall integer w, j; 0 <= w < nmarks(s->bank) && 0 <= j < 64 &&
	      (w != i / 64 || j != i % 64) ==>
		(bit(s->bank->marked[w], j) <==> bit(\at(s->bank->marked[w], Pre), j)); */
}

/* @before: what run_starts() was before the span changed. */
static void count_runs(struct pmptable *t, const struct pmptable_span *s, unsigned long before)
{
	/*@ ghost mark_place(s); */
	/*@ ghost word_place(s); */
	arch_store(&t->runs, t->runs - before + run_starts(s));
	/*@ assert span: span_kept{Pre, Here}(s); */
	/*@ assert same: denied_word(s->bank) == denied_word{Pre}(s->bank) &&
	      mark_word(s->bank) == mark_word{Pre}(s->bank) &&
	      first_block(s->bank) == first_block{Pre}(s->bank) &&
	      nmarks(s->bank) == nmarks{Pre}(s->bank); */
	/*@ assert bits: in_bank(s->bank, 4 * word) ==> s->bank->denied[denied_word(s->bank)] ==
	      \at(s->bank->denied[denied_word(s->bank)], Pre); */
	/*@ assert marks: \forall integer w; 0 <= w < nmarks(s->bank) ==>
	      s->bank->marked[w] == \at(s->bank->marked[w], Pre); */
}

void pmptable_denied_write(struct pmptable *t, const struct pmptable_span *s, bool denied)
{
	unsigned long before = run_starts(s);

	write_span(s, denied);
	mark(s);
	/*@ assert kept: span_kept{Pre, Here}(s); */
	/*@ assert count: nmarks(s->bank) == nmarks{Pre}(s->bank); */
	/*@ assert apart: runs_apart(t, s); */
	count_runs(t, s, before);
}
