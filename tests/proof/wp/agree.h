/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * That bits and fields agree, and where the table's version is.
 */
/*@ // The bit of the page is set exactly when its field denies the host the page.
    predicate agrees{L}(struct pmptable *t) = in_ram(t) ==>
      (listed(&t->banks[any_bank]) <==>
       denies(page_field(&t->banks[any_bank], own_page(&t->banks[any_bank]))));

    // Where the bank's page is, what the bank has of it, and its marks are the same.
    predicate same_place{A, B}(struct pmptable *t) = has_bank{A}(t) ==>
      own_page{A}(\at(&t->banks[any_bank], A)) == own_page{B}(\at(&t->banks[any_bank], B)) &&
      denied_word{A}(\at(&t->banks[any_bank], A)) == denied_word{B}(\at(&t->banks[any_bank], B)) &&
      nmarks{A}(\at(&t->banks[any_bank], A)) == nmarks{B}(\at(&t->banks[any_bank], B)) &&
      mark_word{A}(\at(&t->banks[any_bank], A)) == mark_word{B}(\at(&t->banks[any_bank], B));

    predicate same_field{A, B}(struct pmptable *t) = in_ram{A}(t) ==>
      page_field{A}(\at(&t->banks[any_bank], A), own_page{A}(\at(&t->banks[any_bank], A))) ==
      page_field{B}(\at(&t->banks[any_bank], B), own_page{B}(\at(&t->banks[any_bank], B)));

    predicate same_listed{A, B}(struct pmptable *t) = in_ram{A}(t) ==>
      (listed{A}(\at(&t->banks[any_bank], A)) <==> listed{B}(\at(&t->banks[any_bank], B)));

    predicate same_marked{A, B}(struct pmptable *t) = in_ram{A}(t) ==>
      (page_marked{A}(\at(&t->banks[any_bank], A)) <==> page_marked{B}(\at(&t->banks[any_bank],
   B)));

    predicate same_own_marks{A, B}(struct pmptable *t) = has_bank{A}(t) ==>
      \forall integer k; 0 <= k < nmarks{A}(\at(&t->banks[any_bank], A)) ==>
	\at(t->banks[any_bank].marked[k], A) == \at(t->banks[any_bank].marked[k], B);

    // The page is one of [pa, end).
    predicate page_inside(integer pa, integer end) = pa <= any_page * 4096 < end;

    predicate own_field_is{L}(struct pmptable *t, integer f) = in_ram(t) ==>
      page_field(&t->banks[any_bank], own_page(&t->banks[any_bank])) == f;

    // The page, which is one of [pa, end) or not, has become f, and no other has changed.
    predicate own_field_set{A, B}(struct pmptable *t, integer pa, integer end, integer f) =
      (page_inside(pa, end) ==> own_field_is{B}(t, f)) &&
      (!page_inside(pa, end) ==> same_field{A, B}(t));

    // All of [pa, end) is of the same bank and has the same field, if pa is RAM.
    predicate alike{L}(struct pmptable *t, integer pa, integer end) =
      \forall integer i, q; 0 <= i < t->nbanks && in_bank(&t->banks[i], pa) && pa <= q < end ==>
	in_bank(&t->banks[i], q) && field(&t->banks[i], q) == field(&t->banks[i], pa);

    // When they agree, the page is denied, by its bit, just if its field denies it.
    lemma denied_is_field{L}: \forall struct pmptable *t;
      table_range(t) && table_aligned(t) && table_blocks(t) && table_sorted(t) && agrees(t) &&
      in_ram(t) && 0 <= t->banks[any_bank].ram.base ==>
	(denied(t) <==> denies(field(&t->banks[any_bank], 4 * word)));
    // And what is no RAM is not denied by a bit.
    lemma denied_is_ram{L}: \forall struct pmptable *t; !ram(t, 4 * word) ==> !denied(t);
*/

/* Called where it is needed. */
/*@ ghost
    /@ requires \valid(t) && table_range(t) && table_aligned(t) && table_blocks(t) &&
	 banks_apart(t) && denied_apart(t);
       assigns \nothing;
       ensures bank: has_bank(t) ==> &t->version != &t->banks[any_bank].ram.base &&
	 &t->version != &t->banks[any_bank].ram.size && &t->version != &t->banks[any_bank].start &&
	 &t->version != &t->banks[any_bank].nblocks;
       ensures words: has_bank(t) ==>
	 (\forall integer k; 0 <= k < t->banks[any_bank].nblocks ==>
	  &t->version != t->banks[any_bank].root + k) &&
	 (\forall integer k; 0 <= k < t->banks[any_bank].nblocks * 32 ==>
	  &t->version != t->banks[any_bank].denied + k) &&
	 (\forall integer k; 0 <= k < nmarks(&t->banks[any_bank]) ==>
	  &t->version != t->banks[any_bank].marked + k);
       ensures inside: in_ram(t) ==>
	 0 <= own_page(&t->banks[any_bank]) < t->banks[any_bank].nblocks * 2048 &&
	 0 <= denied_word(&t->banks[any_bank]) < t->banks[any_bank].nblocks * 32 &&
	 0 <= mark_word(&t->banks[any_bank]) < nmarks(&t->banks[any_bank]);
    @/
    static void version_place(const struct pmptable *t)
    {
    }

    /@ requires table: \valid(t) && table_range(t) && table_aligned(t) && table_blocks(t) &&
	 table_sorted(t);
       requires range: pa % 4096 == 0;
       requires alike: alike(t, pa, end);
       requires host: granted(t, pa, 0, 7);
       assigns \nothing;
       ensures host: page_inside(pa, end) ==> own_field_is(t, 7);
    @/
    static void alike_place(const struct pmptable *t, u64 pa, u64 end)
    {
      /@ assert bank: \exists integer i; 0 <= i < t->nbanks && in_bank(&t->banks[i], pa) &&
	   field(&t->banks[i], pa) == 7 &&
	   \forall integer q; pa <= q < end ==> in_bank(&t->banks[i], q); @/
      /@ assert start: in_ram(t) ==> in_bank(&t->banks[any_bank], any_page * 4096); @/
      /@ assert one: in_ram(t) ==> \forall integer i; 0 <= i < t->nbanks &&
	   in_bank(&t->banks[i], any_page * 4096) ==> i == any_bank; @/
      /@ assert at: in_ram(t) && page_inside(pa, end) ==> in_bank(&t->banks[any_bank], pa); @/
      /@ assert pages: in_ram(t) && page_inside(pa, end) ==>
	   page_of(&t->banks[any_bank], any_page * 4096) == own_page(&t->banks[any_bank]); @/
    }
*/
