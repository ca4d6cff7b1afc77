/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The contract of pmptable_denied_range(), which may write more than its argument points
 * to: only for files that have its body, as Frama-C takes it to write no more than that otherwise.
 */
/*@ requires table: table_whole(t);
    requires range: ram_range(t, pa, end) && pa <= end;
    ensures same: same_banks{Pre, Post}(t) && same_roots{Pre, Post}(t);
    ensures field: in_ram(t) ==> page_field(&t->banks[any_bank], own_page(&t->banks[any_bank])) ==
      page_field{Pre}(\at(&t->banks[any_bank], Pre), own_page{Pre}(\at(&t->banks[any_bank], Pre)));
    ensures bit: in_ram(t) ==>
      (listed(&t->banks[any_bank]) <==>
       (pa <= any_page * 4096 < end ? denied != 0 :
	listed{Pre}(\at(&t->banks[any_bank], Pre))));
    ensures marks: marks_agree{Pre}(t) ==> marks_agree(t);
    ensures range: table_range(t) && table_aligned(t) && table_blocks(t) && table_sorted(t);
    ensures table: table_roots(t);
    ensures memory: table_memory(t);
    ensures apart: table_apart(t) && bits_apart(t);
*/
void pmptable_denied_range(struct pmptable *t, u64 pa, u64 end, bool denied);
