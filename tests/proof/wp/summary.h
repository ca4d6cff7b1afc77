/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the summary of denied pages says of the page of "word" (word.h), which is any
 * page: what is shown for it is shown for each.
 */
/*@ logic integer any_page = word / 1024; // counted from address 0, as the next
    logic integer any_block = word / 0x200000;

    // Which word of a bank's bits and of its marks is for the page.
    logic integer denied_word{L}(struct pmptable_bank *b) =
      (any_block - first_block(b)) * 32 + any_page % 2048 / 64;
    logic integer mark_word{L}(struct pmptable_bank *b) =
      any_block / 64 - first_block(b) / 64;

    predicate listed{L}(struct pmptable_bank *b) =
      in_bank(b, 4 * word) && bit(b->denied[denied_word(b)], any_page % 64);

    // Block k, counted from address 0, has a mark.
    predicate mark_of{L}(struct pmptable_bank *b, integer k) =
      bit(b->marked[k / 64 - first_block(b) / 64], k % 64);

    predicate marked{L}(struct pmptable_bank *b) = mark_of(b, any_block);

    // The page is denied to the host.
    predicate denied{L}(struct pmptable *t) =
      \exists integer i; 0 <= i < t->nbanks && listed(&t->banks[i]);

    predicate bank_bits{L}(struct pmptable_bank *b) =
      \valid_read(b->denied + (0 .. b->nblocks * 32 - 1)) &&
      \valid_read(b->marked + (0 .. nmarks(b) - 1));

    // Only blocks of the bank have marks.
    predicate marks_own{L}(struct pmptable_bank *b) =
      \forall integer k; 0 <= k && mark_of(b, k) &&
	first_block(b) / 64 <= k / 64 < first_block(b) / 64 + nmarks(b) ==>
	  first_block(b) <= k < first_block(b) + b->nblocks;

    predicate table_bits{L}(struct pmptable *t) =
      \forall integer i; 0 <= i < t->nbanks ==> bank_bits(&t->banks[i]);

    predicate table_marks{L}(struct pmptable *t) =
      \forall integer i; 0 <= i < t->nbanks && listed(&t->banks[i]) ==> marked(&t->banks[i]);

    predicate summary_ok{L}(struct pmptable *t) =
      \valid_read(t) && table_range(t) && table_aligned(t) && table_blocks(t) &&
      table_sorted(t) && table_bits(t) && table_marks(t) &&
      \forall integer i; 0 <= i < t->nbanks ==> marks_own(&t->banks[i]);

    predicate clear_of_ranges{L}(struct pmptable *t, struct pmptable_range *r, integer n) =
      \separated(t, r + (0 .. n - 1)) &&
      \forall integer i; 0 <= i < t->nbanks ==>
	\separated(r + (0 .. n - 1), t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1)) &&
	\separated(r + (0 .. n - 1), t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1));
*/

#define SUMMARY_OK(t)  summary_ok(t)
#define DENIED(t)      denied{ Pre }(t)
#define APART(t, r, n) clear_of_ranges(t, r, n)
