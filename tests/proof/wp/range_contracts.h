/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * How the summary of denied pages follows a change of fields, for the page of "word" (word.h)
 * in "any_bank", which are any page and any bank: what is shown for them is shown for each.
 */
/*@ axiomatic any_bank {
      logic integer any_bank;
    }

    predicate has_bank{L}(struct pmptable *t) = 0 <= any_bank < t->nbanks;

    // The page, counted from the start of the bank's first block.
    logic integer own_page{L}(struct pmptable_bank *b) = any_page - first_block(b) * 2048;

    predicate in_ram{L}(struct pmptable *t) =
      has_bank(t) && in_bank(&t->banks[any_bank], 4 * word);

    predicate marks_agree{L}(struct pmptable *t) = has_bank(t) ==>
      (listed(&t->banks[any_bank]) ==> page_marked(&t->banks[any_bank])) &&
      marks_inside(&t->banks[any_bank]);

    // The memory of the summaries, and that it does not overlap.
    predicate bits_memory{L}(struct pmptable *t) =
      \forall integer i; 0 <= i < t->nbanks ==> bank_writable(&t->banks[i]);

    predicate bits_apart{L}(struct pmptable *t) =
      \forall integer i, j; 0 <= i < t->nbanks && 0 <= j < t->nbanks ==>
	\separated(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1),
		   t->banks[j].marked + (0 .. nmarks(&t->banks[j]) - 1)) &&
	(i != j ==>
	 \separated(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1),
		    t->banks[j].denied + (0 .. t->banks[j].nblocks * 32 - 1)) &&
	 \separated(t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1),
		    t->banks[j].marked + (0 .. nmarks(&t->banks[j]) - 1)));

    lemma memory_bits{L}: \forall struct pmptable *t; table_memory(t) ==> bits_memory(t);

    predicate table_whole{L}(struct pmptable *t) =
      table_ok(t) && table_apart(t) && bits_memory(t) && bits_apart(t);

    predicate same_roots{A, B}(struct pmptable *t) =
      \forall integer i, k; 0 <= i < \at(t->nbanks, A) && 0 <= k < \at(t->banks[i].nblocks, A) ==>
	\at(t->banks[i].root[k], A) == \at(t->banks[i].root[k], B);

    lemma own_page_ram{L}: \forall struct pmptable_bank *b; 0 <= b->ram.base && bank_ok(b) ==>
      (in_bank(b, 4 * word) <==> page_ram(b, own_page(b)));
    lemma own_page_inside{L}: \forall struct pmptable_bank *b; 0 <= b->ram.base && bank_ok(b) &&
      in_bank(b, 4 * word) ==> 0 <= own_page(b) < b->nblocks * 2048 &&
	0 <= denied_word(b) < b->nblocks * 32 && 0 <= mark_word(b) < nmarks(b);
    lemma same_bits_apart{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && bits_apart{A}(t) ==> bits_apart{B}(t);
    lemma same_table_roots{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && same_roots{A, B}(t) && table_roots{A}(t) ==> table_roots{B}(t);
*/

/*@ predicate of_table{L}(struct pmptable *t, struct pmptable_bank *b) =
      \exists integer i; 0 <= i < t->nbanks && b == &t->banks[i];
*/

/*@ // The span overlaps nothing of the table.
    predicate span_clear{L}(struct pmptable *t, struct pmptable_span *s) =
      \separated(s, t) && \forall integer i; 0 <= i < t->nbanks ==>
	\separated(s, t->banks[i].root + (0 .. t->banks[i].nblocks - 1)) &&
	\separated(s, t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1)) &&
	\separated(s, t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1)) &&
	\separated(s, t->banks[i].leaves + (0 .. t->banks[i].nblocks * 2048 - 1));

    lemma same_span_clear{A, B}: \forall struct pmptable *t, struct pmptable_span *s;
      same_banks{A, B}(t) && span_clear{A}(t, s) ==> span_clear{B}(t, s);
*/
