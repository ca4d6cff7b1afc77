/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What a table means, in logic: the field of every address of RAM. The contracts
 * of the functions are stated with it.
 */
/*@ logic integer pa_limit = 0x100000000000000;
    logic integer block_size = 0x800000;
    logic integer root_leaf = 0x10000;

    predicate in_bank{L}(struct pmptable_bank *b, integer pa) =
      b->ram.base <= pa < b->ram.base + b->ram.size;

    predicate bank_range{L}(struct pmptable_bank *b) =
      0 < b->ram.size && b->ram.base + b->ram.size <= pa_limit;

    predicate bank_aligned{L}(struct pmptable_bank *b) =
      b->ram.base % 4096 == 0 && b->ram.size % 4096 == 0;

    predicate bank_blocks{L}(struct pmptable_bank *b) =
      b->nblocks == (b->ram.base + b->ram.size - 1) / block_size - b->ram.base / block_size + 1;

    predicate bank_ok{L}(struct pmptable_bank *b) =
      bank_range(b) && bank_aligned(b) && bank_blocks(b);

    predicate bank_memory{L}(struct pmptable_bank *b) =
      \valid(b->root + (0 .. b->nblocks - 1)) &&
      \valid(b->leaves + (0 .. b->nblocks * 2048 - 1));

    predicate table_range{L}(struct pmptable *t) =
      1 <= t->nbanks <= 16 &&
      \forall integer i; 0 <= i < t->nbanks ==> bank_range(&t->banks[i]);

    predicate table_aligned{L}(struct pmptable *t) =
      \forall integer i; 0 <= i < t->nbanks ==> bank_aligned(&t->banks[i]);

    predicate table_blocks{L}(struct pmptable *t) =
      \forall integer i; 0 <= i < t->nbanks ==> bank_blocks(&t->banks[i]);

    predicate table_sorted{L}(struct pmptable *t) =
      \forall integer i, j; 0 <= i < j < t->nbanks ==>
	t->banks[i].ram.base + t->banks[i].ram.size <= t->banks[j].ram.base;

    predicate table_memory{L}(struct pmptable *t) =
      \valid(t) &&
      (\forall integer i; 0 <= i < t->nbanks ==> bank_memory(&t->banks[i]));

    logic integer block_of{L}(struct pmptable_bank *b, integer pa) =
      pa / block_size - b->ram.base / block_size;

    logic integer field{L}(struct pmptable_bank *b, integer pa) =
      b->root[block_of(b, pa)] == root_leaf ?
	b->leaves[block_of(b, pa) * 2048 + pa / 4096 % 2048] : b->root[block_of(b, pa)];

    lemma block_bound{L}: \forall struct pmptable_bank *b, integer q;
      bank_range(b) && bank_blocks(b) && in_bank(b, q) ==> 0 <= block_of(b, q) < b->nblocks;

    predicate ram{L}(struct pmptable *t, integer pa) =
      \exists integer i; 0 <= i < t->nbanks && in_bank(&t->banks[i], pa);

    logic integer extent_end{L}(struct pmptable_walk_result *r) = r->base + r->size;

    predicate apart{L}(struct pmptable *t, struct pmptable_walk_result *r) =
      \separated(t, r) &&
      \forall integer i; 0 <= i < t->nbanks ==>
	\separated(r, t->banks[i].root + (0 .. t->banks[i].nblocks - 1)) &&
	\separated(r, t->banks[i].leaves + (0 .. t->banks[i].nblocks * 2048 - 1));

    predicate same_banks{L1, L2}(struct pmptable *t) =
      \at(t->nbanks, L1) == \at(t->nbanks, L2) &&
      \forall integer i; 0 <= i < \at(t->nbanks, L1) ==>
	\at(t->banks[i].ram.base, L1) == \at(t->banks[i].ram.base, L2) &&
	\at(t->banks[i].ram.size, L1) == \at(t->banks[i].ram.size, L2) &&
	\at(t->banks[i].nblocks, L1) == \at(t->banks[i].nblocks, L2) &&
	\at(t->banks[i].root, L1) == \at(t->banks[i].root, L2) &&
	\at(t->banks[i].leaves, L1) == \at(t->banks[i].leaves, L2);

    predicate same_roots{L1, L2}(struct pmptable *t) =
      \forall integer i, k; 0 <= i < \at(t->nbanks, L1) && 0 <= k < \at(t->banks[i].nblocks, L1) ==>
	\at(t->banks[i].root[k], L1) == \at(t->banks[i].root[k], L2);

    predicate same_leaves{L1, L2}(struct pmptable *t) =
      \forall integer i, k; 0 <= i < \at(t->nbanks, L1) &&
	0 <= k < \at(t->banks[i].nblocks, L1) * 2048 ==>
	  \at(t->banks[i].leaves[k], L1) == \at(t->banks[i].leaves[k], L2);

    predicate same_fields{L1, L2}(struct pmptable *t) =
      \forall integer i, q; 0 <= i < \at(t->nbanks, L1) ==>
	in_bank{L1}(\at(&t->banks[i], L1), q) ==>
	  field{L1}(\at(&t->banks[i], L1), q) == field{L2}(\at(&t->banks[i], L2), q);

    lemma bank_fields{L1, L2}: \forall struct pmptable_bank *b, integer q;
      bank_range{L1}(b) && bank_blocks{L1}(b) && in_bank{L1}(b, q) &&
      \at(b->ram.base, L1) == \at(b->ram.base, L2) && \at(b->root, L1) == \at(b->root, L2) &&
      \at(b->leaves, L1) == \at(b->leaves, L2) &&
      (\forall integer k; 0 <= k < \at(b->nblocks, L1) ==>
	\at(b->root[k], L1) == \at(b->root[k], L2)) &&
      (\forall integer k; 0 <= k < \at(b->nblocks, L1) * 2048 ==>
	\at(b->leaves[k], L1) == \at(b->leaves[k], L2)) ==>
      field{L1}(b, q) == field{L2}(b, q);

    // The page of pa is RAM, id owns it, and may do all of access.
    predicate granted{L}(struct pmptable *t, integer pa, integer id, integer access) =
      \exists integer i; 0 <= i < t->nbanks && in_bank(&t->banks[i], pa) &&
	field(&t->banks[i], pa) / 8 == id &&
	((field(&t->banks[i], pa) % 8) & access) == access;
*/
