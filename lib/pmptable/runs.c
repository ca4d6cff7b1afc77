// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the host is denied, as ranges: found in the summary of denied.c.
 */
#include "internal.h"

static u64 block_base(const struct pmptable_bank *bank, unsigned long block)
{
	return ((bank->ram.base >> PMPTABLE_BLOCK_SHIFT) + block) << PMPTABLE_BLOCK_SHIFT;
}

/* Has it a bit from @i on? */
static bool has_more(u64 word, unsigned int i)
{
	/*@ assert bits: \forall integer k; i <= k < 64 ==>
	      (bit(word >> i, k - i) <==> bit(word, k)); */
	/*@ assert low: 0 < (word >> i) ==> bit(word >> i, lowest(word >> i)); */
	/*@ assert some: 0 < (word >> i) ==> bit(word, lowest(word >> i) + i); */
	return word >> i;
}

/* The first marked block from @block on, or bank->nblocks. */
static unsigned long next_marked(const struct pmptable_bank *bank, unsigned long block)
{
	unsigned long end = pmptable_first_mark(bank) + bank->nblocks;
	unsigned long i = pmptable_first_mark(bank) + block;

	/*@ assert index: first_block(bank) <= any_block ==>
	      own_mark(bank) / 64 == mark_word(bank) && own_mark(bank) % 64 == any_block % 64 &&
	      own_mark(bank) == first_block(bank) % 64 + own_block(bank); */
	/*@ loop invariant place: first_block(bank) % 64 + block <= i;
	    loop invariant next: own_marked(bank) && block <= own_block(bank) ==>
	      i <= own_mark(bank);
	    loop assigns i;
	    loop variant end - i; */
	while (i < end) {
		u64 word = arch_load(&bank->marked[i / 64]);

		/*@ assert word: own_marked(bank) && own_mark(bank) / 64 == i / 64 ==>
		      bit(word, own_mark(bank) % 64); */
		if (pmptable_bit(word, i % 64))
			return i - pmptable_first_mark(bank);
		/*@ assert other: own_marked(bank) ==> i != own_mark(bank); */
		i = has_more(word, i % 64) ? i + 1 : (i / 64 + 1) * 64;
	}
	return bank->nblocks;
}

/* The last range ends at @end. */
static void widen_last(struct pmptable_list *l, u64 end)
{
	struct pmptable_range *last = &l->run[l->n - 1];

	/*@ assert last: last == l->run + (l->n - 1); */
	/*@ assert front: ranges_sorted(l->run, l->n) ==> \forall integer k; 0 <= k < l->n - 1 ==>
	      l->run[k].base + l->run[k].size <= last->base; */
	last->size = end - last->base;
	/*@ assert wider: last->base == \at(l->run[l->n - 1].base, Pre) &&
	      last->base + last->size == end; */
	/*@ assert kept: \forall integer k; 0 <= k < l->n - 1 ==>
	      l->run[k].base == \at(l->run[k].base, Pre) &&
	      l->run[k].size == \at(l->run[k].size, Pre); */
	/*@ assert front: \forall integer k; 0 <= k < l->n - 1 ==>
	      0 < l->run[k].size && l->run[k].base + l->run[k].size <= pa_limit; */
	/*@ assert end: 0 < last->size && last->base + last->size <= pa_limit; */
	/*@ assert ok: ranges_ok(l->run, l->n); */
}

static void append(struct pmptable_list *l, u64 base, u64 end)
{
	l->run[l->n].base = base;
	l->run[l->n].size = end - base;
	/*@ assert new: l->run[l->n].base == base && l->run[l->n].size == end - base; */
	/*@ assert kept: \forall integer k; 0 <= k < l->n ==>
	      l->run[k].base == \at(l->run[k].base, Pre) &&
	      l->run[k].size == \at(l->run[k].size, Pre); */
	/*@ assert ok: \forall integer k; 0 <= k <= l->n ==>
	      0 < l->run[k].size && l->run[k].base + l->run[k].size <= pa_limit; */
	l->n++;
	/*@ assert ok: ranges_ok(l->run, l->n); */
}

/* Add [base, end), which follows all before it. */
static bool add_run(struct pmptable_list *l, u64 base, u64 end)
{
	struct pmptable_range *last = l->n ? &l->run[l->n - 1] : NULL;

	if (last && last->base + last->size == base) {
		widen_last(l, end);
		return true;
	}
	if (l->n == l->max)
		return false;
	append(l, base, end);
	return true;
}

/* The first bit of @word from @i on that is set, or 64. */
static unsigned int first_bit(u64 word, unsigned int i)
{
	if (i == 64 || !has_more(word, i))
		return 64;
	/*@ loop invariant place: \at(i, Pre) <= i < 64;
	    loop invariant some: \exists integer k; i <= k < 64 && bit(word, k);
	    loop invariant none: \forall integer k; \at(i, Pre) <= k < i ==> !bit(word, k);
	    loop assigns i;
	    loop variant 64 - i; */
	while (!pmptable_bit(word, i))
		i++;
	return i;
}

/* The first bit of @word behind @i that is clear, or 64. */
static unsigned int behind_bits(u64 word, unsigned int i)
{
	/*@ loop invariant place: \at(i, Pre) <= i <= 64;
	    loop invariant some: i == \at(i, Pre) ==> bit(word, i);
	    loop assigns i;
	    loop variant 64 - i; */
	while (i < 64 && pmptable_bit(word, i))
		i++;
	return i;
}

static bool add_word(struct pmptable_list *l, u64 base, u64 word)
{
	unsigned int i, end;

	if (!~word)
		return add_run(l, base, base + 64 * PMPTABLE_PAGE_SIZE);
	/*@ loop invariant place: 0 <= i <= 64 && (i < 64 ==> bit(word, i));
	    loop invariant list: list_ok(l) && l->max == \at(l->max, Pre) &&
	      l->run == \at(l->run, Pre);
	    loop invariant kept: listed_in{Pre}(l) ==> listed_in(l);
	    loop invariant all: \forall integer k; 0 <= k < i && names(base, word, k) ==>
	      listed_in(l);
	    loop assigns i, end, l->n, l->run[0 .. l->max - 1];
	    loop variant 64 - i; */
	for (i = first_bit(word, 0); i < 64; i = first_bit(word, end)) {
		end = behind_bits(word, i);
		/*@ assert run: \forall integer k; i <= k < end && names(base, word, k) ==>
		      in_between(base + i * 4096, base + end * 4096); */
		if (!add_run(l, base + i * PMPTABLE_PAGE_SIZE, base + end * PMPTABLE_PAGE_SIZE))
			return false;
	}
	return true;
}

/* The denied pages of the block at @base. */
static bool add_words(struct pmptable_list *l, u64 base, const u64 *words)
{
	unsigned int w;

	/*@ ghost page_index(); */
	/*@ loop invariant place: 0 <= w <= 32;
	    loop invariant list: list_ok(l) && l->run == \at(l->run, Pre) &&
	      l->max == \at(l->max, Pre);
	    loop invariant same: words[any_page % 2048 / 64] ==
	      \at(words[any_page % 2048 / 64], Pre);
	    loop invariant kept: listed_in{Pre}(l) ==> listed_in(l);
	    loop invariant all: named_in{Pre}(words, base) && any_page % 2048 / 64 < w ==>
	      listed_in(l);
	    loop assigns w, l->n, l->run[0 .. l->max - 1];
	    loop variant 32 - w; */
	for (w = 0; w < PMPTABLE_BLOCK_WORDS; w++) {
		/*@ assert here: named_in{Pre}(words, base) && any_page % 2048 / 64 == w ==>
		      names(base + w * 64 * 4096, words[w], any_page % 64); */
		if (!add_word(l, base + w * 64 * PMPTABLE_PAGE_SIZE, arch_load(&words[w])))
			return false;
	}
	return true;
}

static bool add_block(struct pmptable_list *l, const struct pmptable_bank *bank,
		      unsigned long block)
{
	const u64 *words = bank->denied + block * PMPTABLE_BLOCK_WORDS;
	u64 base = block_base(bank, block);
	bool fits;

	/*@ assert place: own_place(bank); */
	/*@ assert index: own_block(bank) == block ==> any_block == base / 0x800000 &&
	      denied_word(bank) == block * 32 + any_page % 2048 / 64; */
	/*@ assert named: own_block(bank) == block && listed(bank) ==> named_in(words, base); */
	fits = add_words(l, base, words);
	/*@ assert bank: same_bank{Pre, Here}(bank); */
	/*@ assert index: same_index{Pre, Here}(bank); */
	/*@ assert words: same_words{Pre, Here}(bank); */
	/*@ assert ok: bank_ok(bank) && bank_bits(bank); */
	return fits;
}

static bool add_bank(struct pmptable_list *l, const struct pmptable_bank *bank)
{
	unsigned long block;

	/*@ assert place: own_place(bank); */
	/*@ loop invariant block: block <= bank->nblocks;
	    loop invariant list: list_ok(l) && l->run == \at(l->run, Pre) &&
	      l->max == \at(l->max, Pre);
	    loop invariant bank: bank_ok(bank);
	    loop invariant bits: bank_bits(bank);
	    loop invariant same: same_own{Pre, Here}(bank) && own_place(bank);
	    loop invariant kept: listed_in{Pre}(l) ==> listed_in(l);
	    loop invariant all: listed{Pre}(bank) && own_block(bank) < block ==> listed_in(l);
	    loop assigns block, l->n, l->run[0 .. l->max - 1];
	    loop variant bank->nblocks - block; */
	for (block = next_marked(bank, 0); block < bank->nblocks;
	     block = next_marked(bank, block + 1)) {
		if (!add_block(l, bank, block))
			return false;
	}
	return true;
}

int pmptable_denied_runs(const struct pmptable *t, struct pmptable_range *runs, unsigned int max)
{
	struct pmptable_list l = { .run = runs, .n = 0, .max = max };
	unsigned int i;

	/*@ loop invariant banks: 0 <= i <= t->nbanks;
	    loop invariant list: list_ok(&l) && l.run == runs && l.max == max;
	    loop invariant all: \forall integer k; 0 <= k < i && listed{Pre}(&t->banks[k]) ==>
	      listed_in(&l);
	    loop assigns i, l.n, runs[0 .. max - 1];
	    loop variant t->nbanks - i; */
	for (i = 0; i < t->nbanks; i++) {
		/*@ assert ok: bank_ok{Pre}(&t->banks[i]) && bank_bits{Pre}(&t->banks[i]); */
		/*@ assert place: own_place{Pre}(&t->banks[i]); */
		/*@ assert bank: same_bank{Pre, Here}(&t->banks[i]); */
		/*@ assert index: same_index{Pre, Here}(&t->banks[i]); */
		/*@ assert words: same_words{Pre, Here}(&t->banks[i]); */
		/*@ assert before: listed{Pre}(&t->banks[i]) ==> marked{Pre}(&t->banks[i]); */
		/*@ assert listed: listed{Pre}(&t->banks[i]) <==> listed(&t->banks[i]); */
		/*@ assert marked: listed(&t->banks[i]) && marked{Pre}(&t->banks[i]) ==>
		      marked(&t->banks[i]); */
		/*@ assert l: \separated(&l, &t->banks[i]); */
		/*@ assert l_bits: \separated(&l, t->banks[i].denied +
		      (0 .. t->banks[i].nblocks * 32 - 1)); */
		/*@ assert l_marks: \separated(&l, t->banks[i].marked +
		      (0 .. nmarks(&t->banks[i]) - 1)); */
		/*@ assert runs: \separated(runs + (0 .. max - 1), &t->banks[i]); */
		/*@ assert runs_bits: \separated(runs + (0 .. max - 1), t->banks[i].denied +
		      (0 .. t->banks[i].nblocks * 32 - 1)); */
		/*@ assert runs_marks: \separated(runs + (0 .. max - 1), t->banks[i].marked +
		      (0 .. nmarks(&t->banks[i]) - 1)); */
		if (!add_bank(&l, &t->banks[i]))
			return PMPTABLE_ENOSPC;
	}
	return (int)l.n;
}

/* Of @n ranges, the one in front of the smallest gap; @n is 2 at least. */
static unsigned int before_gap(const struct pmptable_range *r, unsigned int n)
{
	u64 best = ~0UL;
	unsigned int i, at = 0;

	/*@ loop invariant 0 <= i <= n - 1 && at + 1 < n;
	    loop assigns i, at, best;
	    loop variant n - i; */
	for (i = 0; i + 1 < n; i++) {
		u64 gap = r[i + 1].base - (r[i].base + r[i].size);

		if (gap < best) {
			best = gap;
			at = i;
		}
	}
	return at;
}

/* Range @at goes, and those behind it move up. */
static void drop(struct pmptable_range *r, unsigned int at, unsigned int n)
{
	unsigned int i;

	/*@ loop invariant at <= i <= n - 1;
	    loop invariant moved: \forall integer k; at <= k < i ==> moved{Pre, Here}(r, k);
	    loop invariant rest: \forall integer k; i <= k < n ==> kept{Pre, Here}(r, k);
	    loop assigns i, r[at .. n - 2];
	    loop variant n - i; */
	for (i = at; i + 1 < n; i++) {
		/*@ assert small: (unsigned int)(i + 1) == i + 1; */
		/*@ assert next: kept{Pre, Here}(r, i + 1); */
		r[i].base = r[i + 1].base;
		r[i].size = r[i + 1].size;
		/*@ assert here: moved{Pre, Here}(r, i); */
		/*@ assert still: \forall integer k; at <= k < i ==> moved{Pre, Here}(r, k); */
	}
}

/* Of @n ranges, @at and the next become one that holds both. */
static void join(struct pmptable_range *r, unsigned int at, unsigned int n)
{
	/*@ assert small: (unsigned int)(at + 1) == at + 1 < n; */
	/*@ assert top: 0 < r[at + 1].size && r[at + 1].base + r[at + 1].size <= pa_limit; */
	/*@ assert pair: r[at].base + r[at].size <= r[at + 1].base; */
	r[at].size = r[at + 1].base + r[at + 1].size - r[at].base;
	/*@ assert end: r[at].base + r[at].size == r[at + 1].base + r[at + 1].size; */
	/*@ ghost Joined: ; */
	drop(r, at + 1, n);
	/*@ assert up: \forall integer k; at + 1 < k < n ==> moved{Joined, Here}(r, k - 1); */
	/*@ assert before: \forall integer k; 0 <= k < at ==>
	      r[k].base == \at(r[k].base, Pre) && r[k].size == \at(r[k].size, Pre); */
	/*@ assert joined: r[at].base == \at(r[at].base, Pre) && r[at].base + r[at].size ==
	      \at(r[at + 1].base, Pre) + \at(r[at + 1].size, Pre); */
	/*@ assert behind: \forall integer k; at + 1 < k < n ==>
	      r[k - 1].base == \at(r[k].base, Pre) && r[k - 1].size == \at(r[k].size, Pre); */
	/*@ assert moved: \forall integer k; at < k < n - 1 ==>
	      r[k].base == \at(r[k + 1].base, Pre) && r[k].size == \at(r[k + 1].size, Pre); */
}

/* Make room for one more by joining the two that are nearest to each other. */
static void join_nearest(struct pmptable_list *l)
{
	join(l->run, before_gap(l->run, l->n), l->n);
	l->n--;
	/*@ assert n: l->n == \at(l->n, Pre) - 1; */
	/*@ assert sorted: ranges_sorted(l->run, \at(l->n, Pre) - 1); */
	/*@ assert below: \forall integer end; ranges_below{Pre}(l->run, \at(l->n, Pre), end) ==>
	      ranges_below(l->run, \at(l->n, Pre) - 1, end); */
	/*@ assert sorted: ranges_sorted(l->run, l->n); */
	/*@ assert below: \forall integer end; ranges_below{Pre}(l->run, \at(l->n, Pre), end) ==>
	      ranges_below(l->run, l->n, end); */
}

/* Add [base, end) to what holds one range less than there is room for, and keep it so. */
static void add_near(struct pmptable_list *l, u64 base, u64 end)
{
	add_run(l, base, end);
	if (l->n == l->max)
		join_nearest(l);
}

/* The RAM of a marked block. */
static void cover_block(struct pmptable_list *l, const struct pmptable_bank *bank,
			unsigned long block)
{
	u64 base = block_base(bank, block), end = base + PMPTABLE_BLOCK_SIZE;
	u64 top = bank->ram.base + bank->ram.size;

	/*@ assert place: own_place(bank); */
	/*@ assert mine: own_block(bank) == block && in_bank(bank, 4 * word) ==>
	      base <= 4 * word < end && 4 * word < top; */
	add_near(l, base < bank->ram.base ? bank->ram.base : base, end < top ? end : top);
	/*@ assert bank: same_bank{Pre, Here}(bank); */
	/*@ assert index: same_index{Pre, Here}(bank); */
	/*@ assert words: same_words{Pre, Here}(bank); */
	/*@ assert ok: bank_ok(bank) && bank_bits(bank); */
}

static void cover_bank(struct pmptable_list *l, const struct pmptable_bank *bank)
{
	unsigned long block = next_marked(bank, 0);

	/*@ assert place: own_place(bank); */
	/*@ loop invariant block: block <= bank->nblocks;
	    loop invariant list: list_ok(l) && l->n < l->max && l->run == \at(l->run, Pre) &&
	      l->max == \at(l->max, Pre);
	    loop invariant bank: bank_ok(bank);
	    loop invariant bits: bank_bits(bank);
	    loop invariant same: same_own{Pre, Here}(bank) && own_place(bank);
	    loop invariant sorted: list_below(l, block == 0 ? bank->ram.base :
	      block_end(bank, block));
	    loop invariant kept: listed_in{Pre}(l) ==> listed_in(l);
	    loop invariant all: listed{Pre}(bank) && own_block(bank) < block ==> listed_in(l);
	    loop assigns block, l->n, l->run[0 .. l->max - 1];
	    loop variant bank->nblocks - block; */
	while (block < bank->nblocks) {
		cover_block(l, bank, block);
		block = next_marked(bank, block + 1);
	}
}

static void copy_ranges(struct pmptable_range *to, const struct pmptable_range *from,
			unsigned int n)
{
	unsigned int i;

	/*@ loop invariant place: 0 <= i <= n;
	    loop invariant from: \forall integer k; 0 <= k < n ==> from[k].base == \at(from[k].base,
	   Pre) && from[k].size == \at(from[k].size, Pre); loop invariant same: \forall integer k; 0
	   <= k < i ==> to[k].base == from[k].base && to[k].size == from[k].size; loop assigns i,
	   to[0 .. n - 1]; loop variant n - i; */
	for (i = 0; i < n; i++)
		to[i] = from[i];
}

unsigned int pmptable_denied_cover(const struct pmptable *t, struct pmptable_range *cover,
				   unsigned int max)
{
	struct pmptable_range room[PMPTABLE_MAX_COVER + 1] = { 0 };
	struct pmptable_list l = { .run = room, .n = 0, .max = max + 1 };
	unsigned int i;

	/*@ loop invariant banks: 0 <= i <= t->nbanks;
	    loop invariant list: list_ok(&l) && l.n < l.max && l.run == &room[0] &&
	      l.max == max + 1;
	    loop invariant sorted: list_below(&l, banks_end{Pre}(t, i));
	    loop invariant all: \forall integer k; 0 <= k < i && listed{Pre}(&t->banks[k]) ==>
	      listed_in(&l);
	    loop assigns i, l.n, room[0 .. max];
	    loop variant t->nbanks - i; */
	for (i = 0; i < t->nbanks; i++) {
		/*@ assert ok: bank_ok{Pre}(&t->banks[i]) && bank_bits{Pre}(&t->banks[i]); */
		/*@ assert place: own_place{Pre}(&t->banks[i]); */
		/*@ assert bank: same_bank{Pre, Here}(&t->banks[i]); */
		/*@ assert index: same_index{Pre, Here}(&t->banks[i]); */
		/*@ assert words: same_words{Pre, Here}(&t->banks[i]); */
		/*@ assert before: listed{Pre}(&t->banks[i]) ==> marked{Pre}(&t->banks[i]); */
		/*@ assert listed: listed{Pre}(&t->banks[i]) <==> listed(&t->banks[i]); */
		/*@ assert marked: listed(&t->banks[i]) && marked{Pre}(&t->banks[i]) ==>
		      marked(&t->banks[i]); */
		/*@ assert l: \separated(&l, &t->banks[i]); */
		/*@ assert l_bits: \separated(&l, t->banks[i].denied +
		      (0 .. t->banks[i].nblocks * 32 - 1)); */
		/*@ assert l_marks: \separated(&l, t->banks[i].marked +
		      (0 .. nmarks(&t->banks[i]) - 1)); */
		/*@ assert room: \separated(&room[0] + (0 .. max), &t->banks[i]); */
		/*@ assert room_bits: \separated(&room[0] + (0 .. max), t->banks[i].denied +
		      (0 .. t->banks[i].nblocks * 32 - 1)); */
		/*@ assert room_marks: \separated(&room[0] + (0 .. max), t->banks[i].marked +
		      (0 .. nmarks(&t->banks[i]) - 1)); */
		/*@ assert behind: banks_end{Pre}(t, i) <= t->banks[i].ram.base; */
		/*@ assert end: banks_end{Pre}(t, i + 1) ==
		      t->banks[i].ram.base + t->banks[i].ram.size; */
		cover_bank(&l, &t->banks[i]);
	}
	/*@ assert listed: denied{Pre}(t) ==> listed_in(&l); */
	copy_ranges(cover, room, l.n);
	return l.n;
}
