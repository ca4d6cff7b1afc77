// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The largest block around an address that holds no denied page: found in the
 * summary of denied.c.
 */
#include "internal.h"

#define PA_LIMIT   (1UL << PMPTABLE_PA_BITS)
#define WORD_SHIFT (PMPTABLE_BLOCK_SHIFT + 6) /* the blocks of a word of marks */

/* Bits [0, @n) of a word; @n is below 64. */
static u64 low_bits(u64 word, unsigned int n)
{
	/*@ ghost bits_below(word, n); */
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
	return ((bank->ram.base + bank->ram.size - 1) >> WORD_SHIFT) + 1;
}

/* Is none of the blocks marked that belong to words [@w, @w + @n)? */
static bool marks_clear(const struct pmptable_bank *bank, u64 w, u64 n)
{
	u64 begin = marks_begin(bank), end = marks_end(bank), i;

	if (w + n < end)
		end = w + n;
	/*@ loop invariant place: w <= i && begin <= i && (i < end ==> i - begin < nmarks(bank));
	    loop invariant clear: \forall integer k; w <= k < i && begin <= k && k < end ==>
	      no_mark(bank, k);
	    loop assigns i;
	    loop variant end - i; */
	for (i = w < begin ? begin : w; i < end; i++) {
		if (arch_load(&bank->marked[i - begin]))
			return false;
		/*@ assert here: bank->marked[i - begin] == 0 && no_mark(bank, i); */
	}
	return true;
}

/* The largest aligned block around @pa, of @max bytes at most, that has no mark. */
static u64 unmarked_size(const struct pmptable_bank *bank, u64 pa, u64 max)
{
	u64 size = 1UL << WORD_SHIFT, w = pa >> WORD_SHIFT;

	/*@ ghost near_word(pa); */
	/*@ loop invariant size: power_size(size);
	    loop invariant clear: near(pa, size) && in_bank(bank, 4 * word) ==> !marked(bank);
	    loop assigns size;
	    loop variant max - size; */
	for (; size < max; size *= 2) {
		u64 n = size >> WORD_SHIFT;

		/*@ ghost twice(size); */
		/*@ ghost other_half(pa, size, n); */
		if (!marks_clear(bank, (w & -n) ^ n, n))
			break;
		/*@ assert other: near(pa, 2 * size) && !near(pa, size) &&
		      in_bank(bank, 4 * word) ==> bank->marked[mark_word(bank)] == 0; */
	}
	return size;
}

/* In bytes, the open pages around @pa of its block, which is marked; 0 when @pa's is denied. */
static u64 open_pages(const struct pmptable_bank *bank, u64 pa)
{
	u64 block = (pa >> PMPTABLE_BLOCK_SHIFT) - (bank->ram.base >> PMPTABLE_BLOCK_SHIFT);
	const u64 *words = bank->denied + block * PMPTABLE_BLOCK_WORDS;
	unsigned int i = (pa >> PMPTABLE_PAGE_SHIFT) % PMPTABLE_LEAF_FIELDS;
	unsigned int n = clear_pages(words, i);

	/*@ ghost if (n) near_pages(pa, n); */
	/*@ assert block: block == pa / 0x800000 - first_block(bank) && block <= 0x200000000; */
	/*@ assert page: i == pa / 4096 % 2048; */
	/*@ assert wide: (unsigned long)(block * 32) == block * 32; */
	/*@ assert mine: n != 0 && near(pa, n * 4096) ==>
	      denied_word(bank) == block * 32 + any_page % 2048 / 64; */
	/*@ assert word: n != 0 && near(pa, n * 4096) ==>
	      bank->denied[denied_word(bank)] == words[any_page % 2048 / 64]; */
	/*@ assert bits: 0 < n < 64 && near(pa, n * 4096) ==>
	      !bit(words[any_page % 2048 / 64], any_page % 64); */
	/*@ assert words: 64 <= n && near(pa, n * 4096) ==> words[any_page % 2048 / 64] == 0; */
	return n * PMPTABLE_PAGE_SIZE;
}

/* In bytes, the blocks around @pa's, which has none, that have no mark. */
static u64 open_blocks(u64 marks, u64 pa)
{
	unsigned int n = clear_bits(marks, (pa >> PMPTABLE_BLOCK_SHIFT) % 64);

	/*@ ghost near_blocks(pa, n); */
	return n * PMPTABLE_BLOCK_SIZE;
}

/*
 * The largest naturally aligned block around @pa, of @max bytes at most, without
 * a denied page of the bank; 0 when @pa's page is one.
 */
static u64 open_size(const struct pmptable_bank *bank, u64 pa, u64 max)
{
	u64 w = pa >> WORD_SHIFT, marks = 0, size;

	if (w >= marks_begin(bank) && w < marks_end(bank))
		marks = arch_load(&bank->marked[w - marks_begin(bank)]);
	/*@ assert mine: in_bank(bank, 4 * word) && any_block / 64 == w ==>
	      marks == bank->marked[mark_word(bank)]; */
	/*@ assert place: pa / 0x800000 / 64 == w; */
	/*@ assert load: marks != 0 ==> first_block(bank) / 64 <= w &&
	      marks == bank->marked[pa / 0x800000 / 64 - first_block(bank) / 64]; */
	/*@ assert mark: marks != 0 && bit(marks, pa / 0x800000 % 64) ==>
	      mark_of(bank, pa / 0x800000) && first_block(bank) / 64 <= w <
	      first_block(bank) / 64 + nmarks(bank); */
	/*@ assert own: bit(marks, pa / 0x800000 % 64) ==>
	      0 <= pa / 0x800000 - first_block(bank) < bank->nblocks; */
	if (!marks)
		size = unmarked_size(bank, pa, max);
	else if (pmptable_bit(marks, (pa >> PMPTABLE_BLOCK_SHIFT) % 64))
		size = open_pages(bank, pa);
	else
		size = open_blocks(marks, pa);
	return size < max ? size : max;
}

bool pmptable_open_block(const struct pmptable *t, u64 pa, struct pmptable_range *block)
{
	u64 size = PA_LIMIT;
	unsigned int i;

	/*@ ghost power_limit(); */
	/*@ loop invariant 0 <= i <= t->nbanks && (size == 0 || power_size(size));
	    loop invariant open: size != 0 && near(pa, size) ==>
	      \forall integer k; 0 <= k < i ==> !listed(&t->banks[k]);
	    loop assigns i, size;
	    loop variant t->nbanks - i; */
	for (i = 0; i < t->nbanks && size; i++)
		size = open_size(&t->banks[i], pa, size);
	if (!size) {
		if (COVE_DEFENCE(REFILL_OWNER))
			return false;
		size = PMPTABLE_PAGE_SIZE;
	}
	/*@ ghost near_base(pa, size); */
	/*@ assert open: near(pa, size) ==> !denied(t); */
	block->base = pa & -size;
	block->size = size;
	return true;
}
