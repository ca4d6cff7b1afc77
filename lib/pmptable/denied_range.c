// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * How a range whose fields have changed is entered in the summary of denied pages.
 */
#include "internal.h"

/* Enter whether a span is denied; no other bank's changes. */
static void enter_span(struct pmptable *t, const struct pmptable_span *s, bool denied)
{
	/*@ ghost span_place(t, s); */
	/*@ ghost banks_place(t, s); */
	/*@ ghost roots_place(t, s); */
	/*@ ghost other_place(t, s); */
	/*@ assert leaf_before: \forall integer i; 0 <= i < t->nbanks ==>
	      \valid(t->banks[i].leaves + (0 .. t->banks[i].nblocks * 2048 - 1)); */
	pmptable_denied_write(t, s, denied);
	/*@ assert base: \forall integer i; 0 <= i < t->nbanks ==>
	      t->banks[i].ram.base == \at(t->banks[i].ram.base, Pre); */
	/*@ assert size: \forall integer i; 0 <= i < t->nbanks ==>
	      t->banks[i].ram.size == \at(t->banks[i].ram.size, Pre); */
	/*@ assert start: \forall integer i; 0 <= i < t->nbanks ==>
	      t->banks[i].start == \at(t->banks[i].start, Pre); */
	/*@ assert nblocks: \forall integer i; 0 <= i < t->nbanks ==>
	      t->banks[i].nblocks == \at(t->banks[i].nblocks, Pre); */
	/*@ assert same: same_banks{Pre, Here}(t); */
	/*@ assert roots: same_roots{Pre, Here}(t); */
	/*@ assert entries: table_roots(t); */
	/*@ assert root_memory: \forall integer i; 0 <= i < t->nbanks ==>
	      \valid(t->banks[i].root + (0 .. t->banks[i].nblocks - 1)); */
	/*@ assert leaf_memory: \forall integer i; 0 <= i < t->nbanks ==>
	      \valid(t->banks[i].leaves + (0 .. t->banks[i].nblocks * 2048 - 1)); */
	/*@ assert denied_memory: \forall integer i; 0 <= i < t->nbanks ==>
	      \valid(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1)); */
	/*@ assert counts: \forall integer i; 0 <= i < t->nbanks ==>
	      nmarks(&t->banks[i]) == nmarks{Pre}(\at(&t->banks[i], Pre)); */
	/*@ assert marks_memory: \forall integer i; 0 <= i < t->nbanks ==>
	      \valid(t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1)); */
	/*@ assert bank: has_bank(t) ==> bank_ok{Pre}(\at(&t->banks[any_bank], Pre)); */
	/*@ assert place: has_bank(t) ==>
	      denied_word(&t->banks[any_bank]) == denied_word{Pre}(\at(&t->banks[any_bank], Pre)) &&
	      mark_word(&t->banks[any_bank]) == mark_word{Pre}(\at(&t->banks[any_bank], Pre)); */
	/*@ assert bank_now: has_bank(t) ==> bank_ok(&t->banks[any_bank]); */
	/*@ assert inside: in_ram(t) ==>
	      0 <= own_page(&t->banks[any_bank]) < t->banks[any_bank].nblocks * 2048 &&
	      0 <= denied_word(&t->banks[any_bank]) < t->banks[any_bank].nblocks * 32 &&
	      0 <= mark_word(&t->banks[any_bank]) < nmarks(&t->banks[any_bank]); */
	/*@ assert other_bits: in_ram(t) && &t->banks[any_bank] != s->bank ==>
	      t->banks[any_bank].denied[denied_word(&t->banks[any_bank])] ==
	      \at(t->banks[any_bank].denied[denied_word(&t->banks[any_bank])], Pre); */
	/*@ assert other_marks: has_bank(t) && &t->banks[any_bank] != s->bank ==>
	      \forall integer k; 0 <= k < nmarks(&t->banks[any_bank]) ==>
		t->banks[any_bank].marked[k] == \at(t->banks[any_bank].marked[k], Pre); */
	/*@ assert root_word: in_ram(t) ==>
	      t->banks[any_bank].root[own_page(&t->banks[any_bank]) / 2048] ==
	      \at(t->banks[any_bank].root[own_page(&t->banks[any_bank]) / 2048], Pre); */
	/*@ assert leaf: in_ram(t) ==>
	      t->banks[any_bank].leaves[own_page(&t->banks[any_bank])] ==
	      \at(t->banks[any_bank].leaves[own_page(&t->banks[any_bank])], Pre); */
	/*@ assert own_marks: has_bank(t) && &t->banks[any_bank] == s->bank &&
	      marks_agree{Pre}(t) ==> marks_agree(t); */
	/*@ assert else_marks: has_bank(t) && &t->banks[any_bank] != s->bank &&
	      marks_agree{Pre}(t) ==> marks_agree(t); */
}

/* Enter whether the first span of [@pa, @end) is denied; its bytes. */
static u64 enter_first(struct pmptable *t, u64 pa, u64 end, struct pmptable_span *s, bool denied)
{
	/*@ assert ram: ram(t, pa); */
	/*@ assert denied_before: \forall integer i; 0 <= i < t->nbanks ==>
	      \valid(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1)); */
	pmptable_span_at(t, pa, end, s);
	/*@ assert same_span: same_banks{Pre, Here}(t); */
	/*@ assert same_words: same_roots{Pre, Here}(t); */
	/*@ assert in_range: table_range(t) && table_aligned(t) && table_blocks(t) &&
	      table_sorted(t); */
	/*@ assert roots: table_roots(t); */
	/*@ assert tables: table_memory(t); */
	/*@ assert denied_memory: \forall integer i; 0 <= i < t->nbanks ==>
	      \valid(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1)); */
	/*@ assert counts: \forall integer i; 0 <= i < t->nbanks ==>
	      nmarks(&t->banks[i]) == nmarks{Pre}(\at(&t->banks[i], Pre)); */
	/*@ assert marks_memory: \forall integer i; 0 <= i < t->nbanks ==>
	      \valid(t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1)); */
	/*@ assert memory: bits_memory(t); */
	/*@ assert clear: span_clear(t, s); */
	/*@ assert apart_now: table_apart(t); */
	/*@ assert two: bits_apart(t); */
	/*@ assert bits: \separated(s, s->bank->denied + (0 .. s->bank->nblocks * 32 - 1)) &&
	      \separated(s, s->bank->marked + (0 .. nmarks(s->bank) - 1)); */
	/*@ ghost span_pages(s, pa); */
	/*@ assert elsewhere: in_ram(t) && &t->banks[any_bank] != s->bank ==>
	      !(pa <= any_page * 4096 < pa + s->n * 4096); */
	/*@ assert bank_before: has_bank(t) ==> bank_ok{Pre}(\at(&t->banks[any_bank], Pre)); */
	/*@ assert place: has_bank(t) ==> own_page(&t->banks[any_bank]) ==
	      own_page{Pre}(\at(&t->banks[any_bank], Pre)) &&
	      denied_word(&t->banks[any_bank]) == denied_word{Pre}(\at(&t->banks[any_bank], Pre)) &&
	      mark_word(&t->banks[any_bank]) == mark_word{Pre}(\at(&t->banks[any_bank], Pre)); */
	/*@ assert bit_before: in_ram(t) ==>
	      (listed(&t->banks[any_bank]) <==> listed{Pre}(\at(&t->banks[any_bank], Pre))); */
	/*@ assert marks_kept: marks_agree{Pre}(t) ==> marks_agree(t); */
	/*@ assert field: in_ram(t) ==>
	      page_field(&t->banks[any_bank], own_page(&t->banks[any_bank])) ==
	      page_field{Pre}(\at(&t->banks[any_bank], Pre),
			      own_page{Pre}(\at(&t->banks[any_bank], Pre))); */
	enter_span(t, s, denied);
	/*@ assert same_end: same_banks{Pre, Here}(t); */
	/*@ assert clear_end: span_clear(t, s); */
	/*@ assert ok: table_ok(t); */
	/*@ assert apart_then: table_apart(t); */
	return pmptable_span_size(s);
}

void pmptable_denied_range(struct pmptable *t, u64 pa, u64 end, bool denied)
{
	struct pmptable_span s;

	/*@ loop invariant inputs: t == \at(t, Pre) && end == \at(end, Pre) &&
	      denied == \at(denied, Pre);
	    loop invariant span: \valid(&s) && span_clear(t, &s);
	    loop invariant place: \at(pa, Pre) <= pa <= end && pa % 4096 == 0;
	    loop invariant same: same_banks{Pre, Here}(t) && same_roots{Pre, Here}(t);
	    loop invariant ram: \forall integer q; pa <= q < end ==> ram(t, q);
	    loop invariant field: in_ram(t) ==>
	      page_field(&t->banks[any_bank], own_page(&t->banks[any_bank])) ==
	      page_field{Pre}(\at(&t->banks[any_bank], Pre),
			      own_page{Pre}(\at(&t->banks[any_bank], Pre)));
	    loop invariant bit: in_ram(t) ==>
	      (listed(&t->banks[any_bank]) <==>
	       (\at(pa, Pre) <= any_page * 4096 < pa ? denied != 0 :
		listed{Pre}(\at(&t->banks[any_bank], Pre))));
	    loop invariant marks: marks_agree{Pre}(t) ==> marks_agree(t);
	    loop invariant table: table_whole(t);
	    loop variant end - pa; */
	while (pa < end)
		pa += enter_first(t, pa, end, &s, denied);
}
