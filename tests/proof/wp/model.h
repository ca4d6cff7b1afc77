/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What a table means, in logic: the field of every address of RAM. The contracts
 * of the functions are stated with it.
 */
/*@ logic integer pa_limit = 0x100000000000000;
    logic integer block_size = 0x800000;
    logic integer root_leaf = 0x8000000000000000;

    predicate in_bank{L}(struct pmptable_bank *b, integer pa) =
      b->ram.base <= pa < b->ram.base + b->ram.size;

    predicate bank_range{L}(struct pmptable_bank *b) =
      0 < b->ram.size && b->ram.base + b->ram.size <= pa_limit;

    predicate bank_aligned{L}(struct pmptable_bank *b) =
      b->ram.base % 4096 == 0 && b->ram.size % 4096 == 0;

    predicate bank_blocks{L}(struct pmptable_bank *b) =
      b->start == b->ram.base - b->ram.base % block_size &&
      b->nblocks == (b->ram.base + b->ram.size - 1) / block_size - b->ram.base / block_size + 1;

    predicate bank_ok{L}(struct pmptable_bank *b) =
      bank_range(b) && bank_aligned(b) && bank_blocks(b);

    // Blocks are counted from address 0, too; and how many words of marks a bank has.
    logic integer first_block{L}(struct pmptable_bank *b) = b->ram.base / block_size;
    logic integer nmarks{L}(struct pmptable_bank *b) =
      (b->ram.base + b->ram.size - 1) / block_size / 64 - first_block(b) / 64 + 1;

    predicate bank_memory{L}(struct pmptable_bank *b) =
      \valid(b->root + (0 .. b->nblocks - 1)) &&
      \valid(b->leaves + (0 .. b->nblocks * 2048 - 1)) &&
      \valid(b->denied + (0 .. b->nblocks * 32 - 1)) &&
      \valid(b->marked + (0 .. nmarks(b) - 1));

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

    // Pages of a bank are counted from the start of its first block.
    logic integer page_of{L}(struct pmptable_bank *b, integer pa) = (pa - b->start) / 4096;

    logic integer page_field{L}(struct pmptable_bank *b, integer p) =
      b->root[p / 2048] == root_leaf ? b->leaves[p] : b->root[p / 2048];

    logic integer field{L}(struct pmptable_bank *b, integer pa) = page_field(b, page_of(b, pa));

    predicate block_whole{L}(struct pmptable_bank *b, integer k) =
      b->ram.base <= b->start + k * block_size &&
      b->start + (k + 1) * block_size <= b->ram.base + b->ram.size;

    // A root entry is a field of a block that is RAM throughout, or root_leaf.
    predicate bank_roots{L}(struct pmptable_bank *b) =
      \forall integer k; 0 <= k < b->nblocks ==>
	b->root[k] == root_leaf || (b->root[k] <= 0xffff && block_whole(b, k));

    predicate table_roots{L}(struct pmptable *t) =
      \forall integer i; 0 <= i < t->nbanks ==> bank_roots(&t->banks[i]);

    lemma page_bound{L}: \forall struct pmptable_bank *b, integer q;
      0 <= b->ram.base && bank_ok(b) && in_bank(b, q) ==>
	0 <= page_of(b, q) < b->nblocks * 2048;

    predicate ram{L}(struct pmptable *t, integer pa) =
      \exists integer i; 0 <= i < t->nbanks && in_bank(&t->banks[i], pa);

    logic integer extent_end{L}(struct pmptable_walk_result *r) = r->base + r->size;

    predicate apart{L}(struct pmptable *t, struct pmptable_walk_result *r) =
      \separated(t, r) &&
      \forall integer i; 0 <= i < t->nbanks ==>
	\separated(r, t->banks[i].root + (0 .. t->banks[i].nblocks - 1)) &&
	\separated(r, t->banks[i].leaves + (0 .. t->banks[i].nblocks * 2048 - 1));

    logic integer page_pa{L}(struct pmptable_bank *b, integer p) = b->start + p * 4096;

    predicate page_ram{L}(struct pmptable_bank *b, integer p) =
      b->ram.base <= page_pa(b, p) < b->ram.base + b->ram.size;

    predicate in_set{L}(pmptable_field_t *states, integer n, integer f) =
      \exists integer i; 0 <= i < n && states[i] == f;

    predicate table_ok{L}(struct pmptable *t) =
      table_range(t) && table_aligned(t) && table_blocks(t) && table_sorted(t) &&
      table_memory(t) && table_roots(t);

    // The table's memory does not overlap.
    predicate bank_apart{L}(struct pmptable *t, struct pmptable_bank *b) =
      \separated(t, b->root + (0 .. b->nblocks - 1)) &&
      \separated(t, b->leaves + (0 .. b->nblocks * 2048 - 1));

    predicate banks_apart{L}(struct pmptable *t) =
      \forall integer i; 0 <= i < t->nbanks ==> bank_apart(t, &t->banks[i]);

    predicate roots_apart{L}(struct pmptable *t) =
      \forall integer i, j; 0 <= i < t->nbanks && 0 <= j < t->nbanks && i != j ==>
	\separated(t->banks[i].root + (0 .. t->banks[i].nblocks - 1),
		   t->banks[j].root + (0 .. t->banks[j].nblocks - 1));

    predicate leaves_apart{L}(struct pmptable *t) =
      \forall integer i, j; 0 <= i < t->nbanks && 0 <= j < t->nbanks && i != j ==>
	\separated(t->banks[i].leaves + (0 .. t->banks[i].nblocks * 2048 - 1),
		   t->banks[j].leaves + (0 .. t->banks[j].nblocks * 2048 - 1));

    // The summary's memory overlaps neither the table nor the root entries.
    predicate denied_apart{L}(struct pmptable *t) =
      \forall integer i; 0 <= i < t->nbanks ==>
	\separated(t, t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1)) &&
	\separated(t, t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1));

    predicate denied_roots_apart{L}(struct pmptable *t) =
      \forall integer i, j; 0 <= i < t->nbanks && 0 <= j < t->nbanks ==>
	\separated(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1),
		   t->banks[j].root + (0 .. t->banks[j].nblocks - 1)) &&
	\separated(t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1),
		   t->banks[j].root + (0 .. t->banks[j].nblocks - 1));

    predicate summary_apart{L}(struct pmptable *t) =
      denied_apart(t) && denied_roots_apart(t);

    predicate table_apart{L}(struct pmptable *t) =
      banks_apart(t) && roots_apart(t) && leaves_apart(t) && summary_apart(t);

    // All of [pa, end) is RAM, in whole pages.
    predicate ram_range{L}(struct pmptable *t, integer pa, integer end) =
      pa % 4096 == 0 && end % 4096 == 0 && 0 <= pa && end <= pa_limit &&
      \forall integer q; pa <= q < end ==> ram(t, q);

    // Pages first to first + n - 1 of a block are RAM of the bank.
    predicate span_ok{L}(struct pmptable_bank *b, integer block, integer first, integer n) =
      0 <= block < b->nblocks && 0 <= first && 1 <= n && first + n <= 2048 &&
      b->ram.base <= page_pa(b, block * 2048 + first) &&
      page_pa(b, block * 2048 + first + n) <= b->ram.base + b->ram.size;

    // The page of pa is RAM, id owns it, and may do all of access.
    predicate granted{L}(struct pmptable *t, integer pa, integer id, integer access) =
      \exists integer i; 0 <= i < t->nbanks && in_bank(&t->banks[i], pa) &&
	field(&t->banks[i], pa) / 8 == id &&
	((field(&t->banks[i], pa) % 8) & access) == access;
*/
