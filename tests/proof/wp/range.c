// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of what enters a range in the summary; the code below them is lib/'s own.
 */
#include "internal.h"
#include "bits.h"
#include "model.h"
#include "word.h"
#include "bit.h"
#include "summary.h"
#include "marks_contracts.h"
#include "contracts.h"
#include "transition_contracts.h"
#include "range_contracts.h"
#include "denied_range_contract.h"

/* Where things are, called where it is needed. */
/*@ ghost
    /@ requires table: \valid(t) && table_range(t) && table_aligned(t) && table_blocks(t) &&
	 denied_apart(t) && bits_apart(t) && bits_memory(t);
       requires span: \valid_read(s) && of_table(t, s->bank) &&
	 span_ok(s->bank, s->block, s->first, s->n);
       requires apart: \separated(s, t) &&
	 \separated(s, s->bank->denied + (0 .. s->bank->nblocks * 32 - 1)) &&
	 \separated(s, s->bank->marked + (0 .. nmarks(s->bank) - 1));
       assigns \nothing;
       ensures bits: span_bits(s);
       ensures apart: span_apart(s);
       ensures runs: runs_apart(t, s);
       ensures place: 0 <= mark_bit(s->bank, s->block) / 64 < nmarks(s->bank);
    @/
    static void span_place(const struct pmptable *t, const struct pmptable_span *s)
    {
      /@ assert own: \separated(t, s->bank->denied + (0 .. s->bank->nblocks * 32 - 1)) &&
	   \separated(t, s->bank->marked + (0 .. nmarks(s->bank) - 1)); @/
      /@ assert two_of: \forall integer i; 0 <= i < t->nbanks ==>
	   \separated(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1),
		      t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1)); @/
      /@ assert two: \separated(s->bank->denied + (0 .. s->bank->nblocks * 32 - 1),
				s->bank->marked + (0 .. nmarks(s->bank) - 1)); @/
      /@ assert banks: \forall integer i; 0 <= i < t->nbanks ==>
	   \separated(&t->banks[i], s->bank->denied + (0 .. s->bank->nblocks * 32 - 1)) &&
	   \separated(&t->banks[i], s->bank->marked + (0 .. nmarks(s->bank) - 1)) &&
	   \separated(&t->banks[i], &t->runs); @/
    }

    /@ requires table: \valid(t) && table_range(t) && denied_apart(t);
       requires span: \valid_read(s) && of_table(t, s->bank) && bank_ok(s->bank) &&
	 s->block < s->bank->nblocks;
       requires mark: 0 <= mark_bit(s->bank, s->block) / 64 < nmarks(s->bank);
       assigns \nothing;
       ensures base: \forall integer i; 0 <= i < t->nbanks ==>
	 &t->banks[i].ram.base != &t->runs &&
	 &t->banks[i].ram.base != s->bank->marked + mark_bit(s->bank, s->block) / 64 &&
	 \separated(&t->banks[i].ram.base, s->bank->denied + (s->block * 32 .. s->block * 32 + 31));
       ensures size: \forall integer i; 0 <= i < t->nbanks ==>
	 &t->banks[i].ram.size != &t->runs &&
	 &t->banks[i].ram.size != s->bank->marked + mark_bit(s->bank, s->block) / 64 &&
	 \separated(&t->banks[i].ram.size, s->bank->denied + (s->block * 32 .. s->block * 32 + 31));
       ensures start: \forall integer i; 0 <= i < t->nbanks ==>
	 &t->banks[i].start != &t->runs &&
	 &t->banks[i].start != s->bank->marked + mark_bit(s->bank, s->block) / 64 &&
	 \separated(&t->banks[i].start, s->bank->denied + (s->block * 32 .. s->block * 32 + 31));
       ensures nblocks: \forall integer i; 0 <= i < t->nbanks ==>
	 &t->banks[i].nblocks != &t->runs &&
	 &t->banks[i].nblocks != s->bank->marked + mark_bit(s->bank, s->block) / 64 &&
	 \separated(&t->banks[i].nblocks, s->bank->denied + (s->block * 32 .. s->block * 32 + 31));
    @/
    static void banks_place(const struct pmptable *t, const struct pmptable_span *s)
    {
      /@ assert own: \separated(t, s->bank->denied + (0 .. s->bank->nblocks * 32 - 1)) &&
	   \separated(t, s->bank->marked + (0 .. nmarks(s->bank) - 1)); @/
    }

    /@ requires table: \valid(t) && table_range(t) && banks_apart(t) && denied_roots_apart(t);
       requires span: \valid_read(s) && of_table(t, s->bank) && bank_ok(s->bank) &&
	 s->block < s->bank->nblocks;
       requires mark: 0 <= mark_bit(s->bank, s->block) / 64 < nmarks(s->bank);
       assigns \nothing;
       ensures roots: \forall integer i, k; 0 <= i < t->nbanks && 0 <= k < t->banks[i].nblocks ==>
	 t->banks[i].root + k != &t->runs &&
	 t->banks[i].root + k != s->bank->marked + mark_bit(s->bank, s->block) / 64 &&
	 \separated(t->banks[i].root + k, s->bank->denied + (s->block * 32 .. s->block * 32 + 31));
    @/
    static void roots_place(const struct pmptable *t, const struct pmptable_span *s)
    {
      /@ assert all: \forall integer i; 0 <= i < t->nbanks ==>
	   \separated(t->banks[i].root + (0 .. t->banks[i].nblocks - 1),
		      s->bank->denied + (0 .. s->bank->nblocks * 32 - 1)) &&
	   \separated(t->banks[i].root + (0 .. t->banks[i].nblocks - 1),
		      s->bank->marked + (0 .. nmarks(s->bank) - 1)); @/
      /@ assert runs: \forall integer i, k; 0 <= i < t->nbanks && 0 <= k < t->banks[i].nblocks ==>
	   t->banks[i].root + k != &t->runs; @/
    }

    /@ requires table: \valid(t) && table_range(t) && bits_apart(t) && denied_apart(t);
       requires span: \valid_read(s) && of_table(t, s->bank) && bank_ok(s->bank) &&
	 s->block < s->bank->nblocks;
       requires mark: 0 <= mark_bit(s->bank, s->block) / 64 < nmarks(s->bank);
       assigns \nothing;
       ensures bits: has_bank(t) && &t->banks[any_bank] != s->bank ==>
	 \forall integer k; 0 <= k < t->banks[any_bank].nblocks * 32 ==>
	 \separated(t->banks[any_bank].denied + k,
		    s->bank->denied + (s->block * 32 .. s->block * 32 + 31));
       ensures marks: has_bank(t) && &t->banks[any_bank] != s->bank ==>
	 \forall integer k; 0 <= k < nmarks(&t->banks[any_bank]) ==>
	 t->banks[any_bank].marked + k != s->bank->marked + mark_bit(s->bank, s->block) / 64;
       ensures bits_marks: has_bank(t) ==>
	 \forall integer k; 0 <= k < t->banks[any_bank].nblocks * 32 ==>
	 t->banks[any_bank].denied + k != s->bank->marked + mark_bit(s->bank, s->block) / 64 &&
	 t->banks[any_bank].denied + k != &t->runs;
       ensures marks_bits: has_bank(t) ==>
	 \forall integer k; 0 <= k < nmarks(&t->banks[any_bank]) ==>
	 t->banks[any_bank].marked + k != &t->runs &&
	 \separated(t->banks[any_bank].marked + k,
		    s->bank->denied + (s->block * 32 .. s->block * 32 + 31));
    @/
    static void other_place(const struct pmptable *t, const struct pmptable_span *s)
    {
      /@ assert bits_of: has_bank(t) ==> \forall integer j; 0 <= j < t->nbanks && j != any_bank ==>
	 \separated(t->banks[any_bank].denied + (0 .. t->banks[any_bank].nblocks * 32 - 1),
		    t->banks[j].denied + (0 .. t->banks[j].nblocks * 32 - 1)); @/
      /@ assert index: has_bank(t) && &t->banks[any_bank] != s->bank ==>
	 \exists integer j; 0 <= j < t->nbanks && j != any_bank && s->bank == &t->banks[j]; @/
      /@ assert bits_all: has_bank(t) && &t->banks[any_bank] != s->bank ==>
	 \separated(t->banks[any_bank].denied + (0 .. t->banks[any_bank].nblocks * 32 - 1),
		    s->bank->denied + (0 .. s->bank->nblocks * 32 - 1)); @/
      /@ assert marks_all: has_bank(t) && &t->banks[any_bank] != s->bank ==>
	 \separated(t->banks[any_bank].marked + (0 .. nmarks(&t->banks[any_bank]) - 1),
		    s->bank->marked + (0 .. nmarks(s->bank) - 1)); @/
      /@ assert bits_marks_all: has_bank(t) ==>
	 \separated(t->banks[any_bank].denied + (0 .. t->banks[any_bank].nblocks * 32 - 1),
		    s->bank->marked + (0 .. nmarks(s->bank) - 1)); @/
      /@ assert marks_bits_all: has_bank(t) ==>
	 \separated(s->bank->denied + (0 .. s->bank->nblocks * 32 - 1),
		    t->banks[any_bank].marked + (0 .. nmarks(&t->banks[any_bank]) - 1)); @/
      /@ assert runs: has_bank(t) ==>
	 \separated(&t->runs, t->banks[any_bank].marked + (0 .. nmarks(&t->banks[any_bank]) - 1)) &&
	 \separated(&t->runs, t->banks[any_bank].denied + (0 .. t->banks[any_bank].nblocks * 32 -
   1)); @/
    }

    /@ requires \valid_read(s) && \valid_read(s->bank) && bank_ok(s->bank) && s->first + s->n <=
   2048; requires page_pa(s->bank, s->block * 2048 + s->first) == pa; assigns \nothing; ensures
   span_here(s) && s->first <= any_page % 2048 < s->first + s->n <==> pa <= any_page * 4096 < pa +
   s->n * 4096;
    @/
    static void span_pages(const struct pmptable_span *s, u64 pa)
    {
      /@ assert start: s->bank->start == first_block(s->bank) * 0x800000; @/
      /@ assert pa == ((first_block(s->bank) + s->block) * 2048 + s->first) * 4096; @/
      /@ assert any_page == any_block * 2048 + any_page % 2048; @/
    }
*/

/*@ requires table: table_whole(t);
    requires span: \valid_read(s) && of_table(t, s->bank) &&
      span_ok(s->bank, s->block, s->first, s->n);
    requires apart: \separated(s, t) &&
      \separated(s, s->bank->denied + (0 .. s->bank->nblocks * 32 - 1)) &&
      \separated(s, s->bank->marked + (0 .. nmarks(s->bank) - 1));
    assigns t->runs, s->bank->denied[s->block * 32 .. s->block * 32 + 31],
      s->bank->marked[mark_bit(s->bank, s->block) / 64];
    ensures same: same_banks{Pre, Post}(t);
    ensures roots: same_roots{Pre, Post}(t);
    ensures field: in_ram(t) ==> page_field(&t->banks[any_bank], own_page(&t->banks[any_bank])) ==
      page_field{Pre}(\at(&t->banks[any_bank], Pre), own_page{Pre}(\at(&t->banks[any_bank], Pre)));
    ensures own: in_ram(t) && &t->banks[any_bank] == s->bank ==>
      (listed(&t->banks[any_bank]) <==>
       (span_here{Pre}(s) && s->first <= any_page % 2048 < s->first + s->n ? denied != 0 :
	listed{Pre}(\at(&t->banks[any_bank], Pre))));
    ensures other: in_ram(t) && &t->banks[any_bank] != s->bank ==>
      (listed(&t->banks[any_bank]) <==> listed{Pre}(\at(&t->banks[any_bank], Pre)));
    ensures marks: marks_agree{Pre}(t) ==> marks_agree(t);
    ensures range: table_range(t) && table_aligned(t) && table_blocks(t) && table_sorted(t);
    ensures memory: table_memory(t) && bits_memory(t);
    ensures table: table_roots(t);
    ensures apart: banks_apart(t) && roots_apart(t) && leaves_apart(t);
    ensures apart_bits: denied_apart(t) && denied_roots_apart(t) && bits_apart(t);
*/
static void enter_span(struct pmptable *t, const struct pmptable_span *s, bool denied);

/*@ requires table: table_whole(t);
    requires range: ram_range(t, pa, end) && pa < end;
    requires span: \valid(s) && span_clear(t, s);
    ensures size: 0 < \result && \result % 4096 == 0 && pa + \result <= end;
    ensures same: same_banks{Pre, Post}(t) && same_roots{Pre, Post}(t);
    ensures field: in_ram(t) ==> page_field(&t->banks[any_bank], own_page(&t->banks[any_bank])) ==
      page_field{Pre}(\at(&t->banks[any_bank], Pre), own_page{Pre}(\at(&t->banks[any_bank], Pre)));
    ensures bit: in_ram(t) ==>
      (listed(&t->banks[any_bank]) <==>
       (pa <= any_page * 4096 < pa + \result ? denied != 0 :
	listed{Pre}(\at(&t->banks[any_bank], Pre))));
    ensures marks: marks_agree{Pre}(t) ==> marks_agree(t);
    ensures table: table_whole(t);
    ensures span: span_clear(t, s);
*/
static u64 enter_first(struct pmptable *t, u64 pa, u64 end, struct pmptable_span *s, bool denied);

#include "denied_range.c"
