// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What transitions do to the fields of a range that has been found to be RAM: compare
 * them, and change them, which cannot fail.
 */
#include "internal.h"

static enum pmptable_kind kind_of(pmptable_field_t field)
{
	switch (PMPTABLE_FIELD_ID(field)) {
	case PMPTABLE_ID_HOST:
		return field == PMPTABLE_CONVERTING ? PMPTABLE_KIND_CONVERTING : PMPTABLE_KIND_HOST;
	case PMPTABLE_ID_MONITOR:
		return PMPTABLE_KIND_MONITOR;
	case PMPTABLE_ID_CONF:
		return PMPTABLE_KIND_UNASSIGNED;
	default:
		return PMPTABLE_KIND_TVM;
	}
}

static bool field_in(pmptable_field_t field, const pmptable_field_t *states, unsigned int n)
{
	unsigned int i;

	/*@ loop invariant 0 <= i <= n && \forall integer k; 0 <= k < i ==> states[k] != field;
	    loop assigns i;
	    loop variant n - i; */
	for (i = 0; i < n; i++) {
		if (field == states[i])
			return true;
	}
	return false;
}

static bool fields_in(const pmptable_field_t *fields, unsigned long first, unsigned int count,
		      const pmptable_field_t *states, unsigned int n)
{
	unsigned long i;

	/*@ loop invariant first <= i <= first + count;
	    loop invariant \forall integer p; first <= p < i ==> in_set(states, n, fields[p]);
	    loop assigns i;
	    loop variant first + count - i; */
	for (i = first; i < first + count; i++) {
		if (!field_in(fields[i], states, n))
			return false;
	}
	return true;
}

static bool span_match(const struct pmptable_span *s, const pmptable_field_t *states,
		       unsigned int n)
{
	u64 entry = s->bank->root[s->block];

	/*@ assert \forall integer p; s->block * 2048 <= p < s->block * 2048 + 2048 ==>
	      p / 2048 == s->block; */
	/*@ assert entry == root_leaf || entry <= 0xffff; */
	/*@ assert \forall integer p; s->block * 2048 <= p < s->block * 2048 + 2048 ==>
	      page_field(s->bank, p) == (entry == root_leaf ? s->bank->leaves[p] : entry); */
	/*@ assert page_field(s->bank, s->block * 2048 + s->first) == entry || entry == root_leaf;
	 */
	if (entry != PMPTABLE_ROOT_LEAF)
		return field_in(entry, states, n);
	return fields_in(s->bank->leaves, pmptable_span_page(s), s->n, states, n);
}

bool pmptable_states_match(const struct pmptable *t, u64 pa, u64 end,
			   const pmptable_field_t *states, unsigned int n)
{
	struct pmptable_span s;

	/*@ loop invariant \at(pa, Pre) <= pa && pa % 4096 == 0;
	    loop invariant \at(pa, Pre) <= end ==> pa <= end;
	    loop invariant \forall integer k, p; 0 <= k < t->nbanks && page_ram(&t->banks[k], p) &&
	      \at(pa, Pre) <= page_pa(&t->banks[k], p) < pa ==>
		in_set(states, n, page_field(&t->banks[k], p));
	    loop assigns pa, s;
	    loop variant end - pa; */
	for (; pa < end; pa += pmptable_span_size(&s)) {
		pmptable_span_at(t, pa, end, &s);
		/*@ assert \forall integer k, p; 0 <= k < t->nbanks && page_ram(&t->banks[k], p) &&
		      pa <= page_pa(&t->banks[k], p) < pa + s.n * 4096 ==> &t->banks[k] == s.bank &&
			s.first <= p - s.block * 2048 < s.first + s.n; */
		if (!span_match(&s, states, n))
			return false;
	}
	return true;
}

static void recount(struct pmptable *t, const struct pmptable_span *s, pmptable_field_t to)
{
	unsigned long leave[PMPTABLE_KINDS] = { 0 };
	u64 entry = s->bank->root[s->block];
	unsigned int i;

	if (entry != PMPTABLE_ROOT_LEAF) {
		leave[kind_of(entry)] = s->n;
	} else {
		/*@ loop invariant s->first <= i <= s->first + s->n;
		    loop assigns i, leave[0 .. 4];
		    loop variant s->first + s->n - i; */
		for (i = s->first; i < s->first + s->n; i++)
			leave[kind_of(pmptable_leaf(s)[i])]++;
	}
	/*@ loop invariant 0 <= i <= 5;
	    loop assigns i, t->count[0 .. 4];
	    loop variant 5 - i; */
	for (i = 0; i < PMPTABLE_KINDS; i++)
		arch_store(&t->count[i], t->count[i] - leave[i]);
	arch_store(&t->count[kind_of(to)], t->count[kind_of(to)] + s->n);
}

/* Are the fields of the block that begins with page @first all @field? */
static bool block_uniform(const pmptable_field_t *fields, unsigned long first,
			  pmptable_field_t field)
{
	unsigned long i = first, j = first + PMPTABLE_LEAF_FIELDS - 1;

	/* From both ends: whichever way a block fills up, a mixed one shows at once. */
	/*@ loop invariant first <= i <= first + 1024 && i + j == 2 * first + 2047;
	    loop invariant (i - first) % 4 == 0;
	    loop invariant \forall integer p; first <= p < i ==> fields[p] == field;
	    loop invariant \forall integer p; j < p < first + 2048 ==> fields[p] == field;
	    loop assigns i, j;
	    loop variant j - i; */
	for (; i < j; i += 4, j -= 4) {
		if (fields[i] != field || fields[j] != field || fields[i + 1] != field ||
		    fields[j - 1] != field || fields[i + 2] != field || fields[j - 2] != field ||
		    fields[i + 3] != field || fields[j - 3] != field)
			return false;
	}
	return true;
}

static void fill(pmptable_field_t *fields, unsigned long first, unsigned int count,
		 pmptable_field_t field)
{
	unsigned long i;

	/*@ loop invariant first <= i <= first + count;
	    loop invariant \forall integer p; first <= p < i ==> fields[p] == field;
	    loop assigns i, fields[first .. first + count - 1];
	    loop variant first + count - i; */
	for (i = first; i < first + count; i++)
		arch_store(&fields[i], field);
}

/* All of a block, which nobody reads before the root says so; this is most of what a short
 * transition costs. */
static void fill_block(pmptable_field_t *fields, unsigned long first, pmptable_field_t field)
{
	unsigned long i;

	/*@ loop invariant first <= i <= first + 2048 && (i - first) % 4 == 0;
	    loop invariant \forall integer p; first <= p < i ==> fields[p] == field;
	    loop assigns i, fields[first .. first + 2047];
	    loop variant first + 2048 - i; */
	for (i = first; i < first + PMPTABLE_LEAF_FIELDS; i += 4) {
		arch_put(&fields[i], field);
		arch_put(&fields[i + 1], field);
		arch_put(&fields[i + 2], field);
		arch_put(&fields[i + 3], field);
	}
}

/* Some pages of a block that is not @to throughout become it. */
static void commit_part(const struct pmptable_span *s, pmptable_field_t to)
{
	u64 *root = &s->bank->root[s->block];
	pmptable_field_t *leaves = s->bank->leaves;
	unsigned long first = s->block * PMPTABLE_LEAF_FIELDS;

	/*@ assert \forall integer p; first <= p < first + 2048 ==> p / 2048 == s->block; */
	/*@ assert *root == root_leaf || *root <= 0xffff; */
	/*@ assert \forall integer p; first <= p < first + 2048 ==>
	      page_field(s->bank, p) == (*root == root_leaf ? leaves[p] : *root); */
	if (*root != PMPTABLE_ROOT_LEAF) {
		fill_block(leaves, first, (pmptable_field_t)*root);
		arch_store(root, PMPTABLE_ROOT_LEAF);
	}
	/*@ assert bank_roots(s->bank); */
	/*@ assert \forall integer p; first <= p < first + 2048 ==>
	      leaves[p] == page_field{Pre}(s->bank, p); */
	fill(leaves, first + s->first, s->n, to);
	/*@ assert *root == root_leaf && bank_roots(s->bank); */
	/*@ assert \forall integer p; first <= p < first + 2048 ==>
	      leaves[p] == (first + s->first <= p < first + s->first + s->n ?
			    to : page_field{Pre}(s->bank, p)); */
	if (s->whole && block_uniform(leaves, first, to))
		arch_store(root, to);
	/*@ assert \forall integer p; first <= p < first + 2048 ==>
	      page_field(s->bank, p) == (first + s->first <= p < first + s->first + s->n ?
					 to : page_field{Pre}(s->bank, p)); */
	/*@ assert bank_roots(s->bank); */
}

static void commit_span(struct pmptable *t, const struct pmptable_span *s, pmptable_field_t to)
{
	u64 *root = &s->bank->root[s->block];

	/*@ assert \forall integer p; s->block * 2048 <= p < s->block * 2048 + 2048 ==>
	      p / 2048 == s->block; */
	/*@ assert s->n == 2048 ==> block_whole(s->bank, s->block) && s->first == 0; */
	/*@ assert *root == to ==> \forall integer p;
	      s->block * 2048 <= p < s->block * 2048 + 2048 ==> page_field(s->bank, p) == to; */
	if (*root == to)
		return;
	recount(t, s, to);
	/*@ assert *root == \at(s->bank->root[s->block], Pre) && bank_roots(s->bank); */
	if (s->n == PMPTABLE_LEAF_FIELDS) {
		arch_store(root, to);
		/*@ assert \forall integer p; s->block * 2048 <= p < s->block * 2048 + 2048 ==>
		      page_field(s->bank, p) == to; */
		return;
	}
	commit_part(s, to);
}

void pmptable_commit(struct pmptable *t, u64 pa, u64 end, pmptable_field_t to)
{
	struct pmptable_span s;

	/*@ loop invariant inputs: t == \at(t, Pre) && end == \at(end, Pre) && to == \at(to, Pre);
	    loop invariant place: \at(pa, Pre) <= pa <= end && pa % 4096 == 0 && \valid(&s);
	    loop invariant same: same_banks{Pre, Here}(t);
	    loop invariant table: table_ok(t);
	    loop invariant apart: table_apart(t);
	    loop invariant ram: \forall integer q; pa <= q < end ==> ram(t, q);
	    loop invariant done: pages_are(t, \at(pa, Pre), pa, to);
	    loop invariant rest: pages_same{Pre, Here}(t, \at(pa, Pre), pa);
	    loop invariant bits: same_bits{Pre, Here}(t) && same_marks{Pre, Here}(t);
	    loop variant end - pa; */
	for (; pa < end; pa += pmptable_span_size(&s)) {
		pmptable_span_at(t, pa, end, &s);
		/*@ assert own: bank_apart(t, s.bank); */
		/*@ assert banks: \forall integer i; 0 <= i < t->nbanks ==>
		      \separated(&t->banks[i], s.bank->root + (0 .. s.bank->nblocks - 1)); */
		/*@ assert roots: \forall integer i; 0 <= i < t->nbanks && &t->banks[i] != s.bank
		   ==> \separated(t->banks[i].root + (0 .. t->banks[i].nblocks - 1), s.bank->root +
		   (0 .. s.bank->nblocks - 1)); */
		/*@ assert leaves: \forall integer i; 0 <= i < t->nbanks && &t->banks[i] != s.bank
		   ==> \separated(t->banks[i].leaves + (0 .. t->banks[i].nblocks * 2048 - 1),
				 s.bank->leaves + (0 .. s.bank->nblocks * 2048 - 1)); */
		/*@ assert inside: \forall integer i, p; 0 <= i < t->nbanks &&
		      page_ram(&t->banks[i], p) ==> 0 <= p < t->banks[i].nblocks * 2048; */
		/*@ assert only: \forall integer i, p; 0 <= i < t->nbanks &&
		      page_ram(&t->banks[i], p) ==>
			(pa <= page_pa(&t->banks[i], p) < pa + s.n * 4096 <==>
			 &t->banks[i] == s.bank && s.first <= p - s.block * 2048 < s.first + s.n);
		 */
		/*@ assert fields: \forall integer i; 0 <= i < t->nbanks ==>
		      &t->banks[i].ram.base != s.bank->root + s.block &&
		      &t->banks[i].ram.size != s.bank->root + s.block &&
		      &t->banks[i].start != s.bank->root + s.block &&
		      &t->banks[i].nblocks != s.bank->root + s.block; */
		/*@ assert counts: \forall integer i; 0 <= i < t->nbanks ==>
		      \separated(&t->banks[i].ram.base, &t->count[0 .. 4]) &&
		      \separated(&t->banks[i].ram.size, &t->count[0 .. 4]) &&
		      \separated(&t->banks[i].start, &t->count[0 .. 4]) &&
		      \separated(&t->banks[i].nblocks, &t->count[0 .. 4]); */
		/*@ assert words: \forall integer i, k; 0 <= i < t->nbanks &&
		      0 <= k < t->banks[i].nblocks ==>
			\separated(t->banks[i].root + k, &t->count[0 .. 4]) &&
			(&t->banks[i] != s.bank ==>
			 t->banks[i].root + k != s.bank->root + s.block); */
		/*@ assert whole_roots: \forall integer i, k; 0 <= i < t->nbanks &&
		      0 <= k < t->banks[i].nblocks ==> t->banks[i].root[k] == root_leaf ||
			(t->banks[i].root[k] <= 0xffff && block_whole(&t->banks[i], k)); */
		/*@ assert bit_roots: \forall integer i; 0 <= i < t->nbanks ==>
		      \separated(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1),
				 s.bank->root + (0 .. s.bank->nblocks - 1)) &&
		      \separated(t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1),
				 s.bank->root + (0 .. s.bank->nblocks - 1)); */
		/*@ assert bit_words: \forall integer i, k; 0 <= i < t->nbanks &&
		      0 <= k < t->banks[i].nblocks * 32 ==>
			\separated(t->banks[i].denied + k, &t->count[0 .. 4]) &&
			t->banks[i].denied + k != s.bank->root + s.block; */
		/*@ assert mark_words: \forall integer i, k; 0 <= i < t->nbanks &&
		      0 <= k < nmarks(&t->banks[i]) ==>
			\separated(t->banks[i].marked + k, &t->count[0 .. 4]) &&
			t->banks[i].marked + k != s.bank->root + s.block; */
		/*@ ghost Span: ; */
		commit_span(t, &s, to);
		/*@ assert base: \forall integer i; 0 <= i < t->nbanks ==>
		      t->banks[i].ram.base == \at(t->banks[i].ram.base, Span); */
		/*@ assert size: \forall integer i; 0 <= i < t->nbanks ==>
		      t->banks[i].ram.size == \at(t->banks[i].ram.size, Span); */
		/*@ assert start: \forall integer i; 0 <= i < t->nbanks ==>
		      t->banks[i].start == \at(t->banks[i].start, Span); */
		/*@ assert nblocks: \forall integer i; 0 <= i < t->nbanks ==>
		      t->banks[i].nblocks == \at(t->banks[i].nblocks, Span); */
		/*@ assert step: same_banks{Span, Here}(t); */
		/*@ assert step_bits: same_bits{Span, Here}(t); */
		/*@ assert step_marks: same_marks{Span, Here}(t); */
		/*@ assert marks: \forall integer i; 0 <= i < t->nbanks ==>
		      nmarks{Span}(\at(&t->banks[i], Span)) == nmarks{Pre}(\at(&t->banks[i], Pre))
		   && \at(t->banks[i].nblocks, Span) == \at(t->banks[i].nblocks, Pre); */
		/*@ assert bits_now: same_bits{Pre, Here}(t); */
		/*@ assert marks_now: same_marks{Pre, Here}(t); */
		/*@ assert still_ram: \forall integer q; ram{Span}(t, q) ==> ram(t, q); */
		/*@ assert range: table_range(t); */
		/*@ assert aligned: table_aligned(t); */
		/*@ assert blocks: table_blocks(t); */
		/*@ assert sorted: table_sorted(t); */
		/*@ assert mem_roots: \forall integer i; 0 <= i < t->nbanks ==>
		      \valid(t->banks[i].root + (0 .. t->banks[i].nblocks - 1)); */
		/*@ assert mem_before: \forall integer i; 0 <= i < t->nbanks ==>
		      \valid(\at(t->banks[i].leaves, Span) +
			     (0 .. \at(t->banks[i].nblocks, Span) * 2048 - 1)); */
		/*@ assert mem_leaves: \forall integer i; 0 <= i < t->nbanks ==>
		      \valid(t->banks[i].leaves + (0 .. t->banks[i].nblocks * 2048 - 1)); */
		/*@ assert mem_denied: \forall integer i; 0 <= i < t->nbanks ==>
		      \valid(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1)); */
		/*@ assert mem_counts: \forall integer i; 0 <= i < t->nbanks ==>
		      nmarks(&t->banks[i]) == nmarks{Span}(\at(&t->banks[i], Span)); */
		/*@ assert mem_marks: \forall integer i; 0 <= i < t->nbanks ==>
		      \valid(t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1)); */
		/*@ assert valid: \valid(t); */
		/*@ assert memory: table_memory(t); */
		/*@ assert entries: \forall integer i, k; 0 <= i < t->nbanks &&
		      &t->banks[i] != s.bank && 0 <= k < t->banks[i].nblocks ==>
			t->banks[i].root[k] == \at(t->banks[i].root[k], Span); */
		/*@ assert whole: \forall integer i, k; 0 <= i < t->nbanks &&
		      block_whole{Span}(\at(&t->banks[i], Span), k) ==> block_whole(&t->banks[i],
		   k); */
		/*@ assert own_entries: bank_roots(s.bank); */
		/*@ assert entries_before: \forall integer i, k; 0 <= i < t->nbanks &&
		      0 <= k < t->banks[i].nblocks ==>
			\at(t->banks[i].root[k], Span) == root_leaf ||
			(\at(t->banks[i].root[k], Span) <= 0xffff && block_whole(&t->banks[i], k));
		 */
		/*@ assert other_entries: \forall integer i, k; 0 <= i < t->nbanks &&
		      &t->banks[i] != s.bank && 0 <= k < t->banks[i].nblocks ==>
			t->banks[i].root[k] == root_leaf ||
			(t->banks[i].root[k] <= 0xffff && block_whole(&t->banks[i], k)); */
		/*@ assert entries_ok: \forall integer i; 0 <= i < t->nbanks ==>
		      bank_roots(&t->banks[i]); */
		/*@ assert still_apart: banks_apart(t); */
		/*@ assert still_apart_roots: roots_apart(t); */
		/*@ assert still_apart_leaves: leaves_apart(t); */
		/*@ assert still_apart_bits: summary_apart(t); */
		/*@ assert others: \forall integer i, p; 0 <= i < t->nbanks &&
		      &t->banks[i] != s.bank && 0 <= p < t->banks[i].nblocks * 2048 ==>
			page_field(&t->banks[i], p) == page_field{Span}(&t->banks[i], p); */
		/*@ assert bank: \forall integer p; 0 <= p < s.bank->nblocks * 2048 &&
		      !(s.block * 2048 + s.first <= p < s.block * 2048 + s.first + s.n) ==>
			page_field(s.bank, p) == page_field{Span}(s.bank, p); */
		/*@ assert now: pages_are(t, pa, pa + s.n * 4096, to); */
		/*@ assert still: pages_same{Span, Here}(t, pa, pa + s.n * 4096); */
		/*@ assert same_pages: \forall integer i, p; 0 <= i < t->nbanks &&
		      page_ram(&t->banks[i], p) ==> page_ram{Span}(\at(&t->banks[i], Span), p) &&
			page_pa{Span}(\at(&t->banks[i], Span), p) == page_pa(&t->banks[i], p); */
		/*@ assert before_pages: \forall integer i, p; 0 <= i < t->nbanks &&
		      page_ram(&t->banks[i], p) && \at(pa, Pre) <= page_pa(&t->banks[i], p) < pa ==>
			page_field{Span}(\at(&t->banks[i], Span), p) == to; */
		/*@ assert before: pages_are(t, \at(pa, Pre), pa, to); */
	}
}
