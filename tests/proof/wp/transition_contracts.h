/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of what a transition is made of, by which bits and fields agree.
 */
/*@ // A field that denies the host its page.
    predicate denies(integer f) = f == 0 || 16 <= f;

    predicate same_banks{A, B}(struct pmptable *t) =
      \at(t->nbanks, A) == \at(t->nbanks, B) &&
      \forall integer i; 0 <= i < \at(t->nbanks, A) ==>
	\at(t->banks[i].ram.base, A) == \at(t->banks[i].ram.base, B) &&
	\at(t->banks[i].ram.size, A) == \at(t->banks[i].ram.size, B) &&
	\at(t->banks[i].start, A) == \at(t->banks[i].start, B) &&
	\at(t->banks[i].root, A) == \at(t->banks[i].root, B) &&
	\at(t->banks[i].leaves, A) == \at(t->banks[i].leaves, B) &&
	\at(t->banks[i].denied, A) == \at(t->banks[i].denied, B) &&
	\at(t->banks[i].marked, A) == \at(t->banks[i].marked, B) &&
	\at(t->banks[i].nblocks, A) == \at(t->banks[i].nblocks, B);

    lemma same_table_range{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && table_range{A}(t) ==> table_range{B}(t);
    lemma same_table_aligned{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && table_aligned{A}(t) ==> table_aligned{B}(t);
    lemma same_table_blocks{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && table_blocks{A}(t) ==> table_blocks{B}(t);
    lemma same_table_sorted{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && table_sorted{A}(t) ==> table_sorted{B}(t);
    lemma same_banks_apart{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && banks_apart{A}(t) ==> banks_apart{B}(t);
    lemma same_roots_apart{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && roots_apart{A}(t) ==> roots_apart{B}(t);
    lemma same_leaves_apart{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && leaves_apart{A}(t) ==> leaves_apart{B}(t);

    lemma same_denied_apart{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && denied_apart{A}(t) ==> denied_apart{B}(t);
    lemma same_denied_roots_apart{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && denied_roots_apart{A}(t) ==> denied_roots_apart{B}(t);

    // Each page of [pa, end) has field f.
    predicate pages_are{L}(struct pmptable *t, integer pa, integer end, integer f) =
      \forall integer i, p; 0 <= i < t->nbanks && page_ram(&t->banks[i], p) &&
	pa <= page_pa(&t->banks[i], p) < end ==> page_field(&t->banks[i], p) == f;

    // Each page of RAM but those of [pa, end) has the field that it had.
    predicate pages_same{A, B}(struct pmptable *t, integer pa, integer end) =
      \forall integer i, p; 0 <= i < \at(t->nbanks, A) && page_ram{A}(\at(&t->banks[i], A), p) &&
	!(pa <= page_pa{A}(\at(&t->banks[i], A), p) < end) ==>
	  page_field{B}(\at(&t->banks[i], A), p) == page_field{A}(\at(&t->banks[i], A), p);

    // The bits of denied pages and the marks are the same.
    predicate same_bits{A, B}(struct pmptable *t) =
      \forall integer i, k; 0 <= i < \at(t->nbanks, A) &&
	0 <= k < \at(t->banks[i].nblocks, A) * 32 ==>
	  \at(t->banks[i].denied[k], A) == \at(t->banks[i].denied[k], B);

    predicate same_marks{A, B}(struct pmptable *t) =
      \forall integer i, k; 0 <= i < \at(t->nbanks, A) &&
	0 <= k < nmarks{A}(\at(&t->banks[i], A)) ==>
	  \at(t->banks[i].marked[k], A) == \at(t->banks[i].marked[k], B);
*/

/*@ requires table: table_ok(t);
    requires range: ram_range(t, pa, end);
    requires states: \valid_read(states + (0 .. n - 1));
    assigns \nothing;
    ensures all: \result ==> \forall integer i, p; 0 <= i < t->nbanks &&
      page_ram(&t->banks[i], p) && pa <= page_pa(&t->banks[i], p) < end ==>
	in_set(states, n, page_field(&t->banks[i], p));
    ensures only: !\result ==> \exists integer i, p; 0 <= i < t->nbanks &&
      page_ram(&t->banks[i], p) && pa <= page_pa(&t->banks[i], p) < end &&
	!in_set(states, n, page_field(&t->banks[i], p));
*/
bool pmptable_states_match(const struct pmptable *t, u64 pa, u64 end,
			   const pmptable_field_t *states, unsigned int n);
