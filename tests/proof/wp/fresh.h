/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Banks as they are asked for, and a table as pmptable_init() leaves it.
 */
/*@ predicate range_ok{L}(struct pmptable_range *r) = 0 < r->size && r->base + r->size <= pa_limit;

    logic integer range_blocks{L}(struct pmptable_range *r) =
      (r->base + r->size - 1) / block_size - r->base / block_size + 1;
    logic integer range_marks{L}(struct pmptable_range *r) =
      (r->base + r->size - 1) / block_size / 64 - r->base / block_size / 64 + 1;

    // Banks that a table can be for.
    predicate bank_good{L}(struct pmptable_range *r) =
      r->base % 4096 == 0 && r->size % 4096 == 0 && range_ok(r);
    predicate banks_good{L}(struct pmptable_range *banks, integer n) =
      1 <= n <= 16 && (\forall integer i; 0 <= i < n ==> bank_good(banks + i)) &&
      \forall integer i, j; 0 <= i < j < n ==>
	banks[i].base + banks[i].size <= banks[j].base;

    // Blocks of the first n banks, and words of u64 that they need.
    logic integer blocks_of{L}(struct pmptable_range *r, integer n) =
      n <= 0 ? 0 : blocks_of(r, n - 1) + range_blocks(r + (n - 1));
    logic integer words_of{L}(struct pmptable_range *r, integer n) =
      n <= 0 ? 0 : words_of(r, n - 1) + range_marks(r + (n - 1)) + 33 * range_blocks(r + (n - 1));

    lemma range_small{L}: \forall struct pmptable_range *r; 0 <= r->base && range_ok(r) ==>
      1 <= range_blocks(r) <= 0x200000000 && 1 <= range_marks(r) <= 0x200000000;

    // All pages of the first n blocks are the host's.
    predicate host_roots{L}(struct pmptable_bank *b, integer n) =
      \forall integer k; 0 <= k < n ==>
	(block_whole(b, k) ? b->root[k] == 7 : b->root[k] == root_leaf);
    predicate host_leaves{L}(struct pmptable_bank *b, integer n) =
      \forall integer p; 0 <= p < n * 2048 && !block_whole(b, p / 2048) ==> b->leaves[p] == 7;
    predicate host_blocks{L}(struct pmptable_bank *b) =
      host_roots(b, b->nblocks) && host_leaves(b, b->nblocks);
    predicate no_bits{L}(struct pmptable_bank *b) =
      \forall integer k; 0 <= k < b->nblocks * 32 ==> b->denied[k] == 0;
    predicate no_marks{L}(struct pmptable_bank *b) =
      \forall integer k; 0 <= k < nmarks(b) ==> b->marked[k] == 0;

    predicate bank_fresh{L}(struct pmptable_bank *b) =
      host_blocks(b) && no_bits(b) && no_marks(b);

    // The bank's memory overlaps neither the bank nor itself.
    predicate words_apart{L}(struct pmptable_bank *b) =
      \separated(b, b->root + (0 .. b->nblocks - 1)) &&
      \separated(b, b->leaves + (0 .. b->nblocks * 2048 - 1)) &&
      \separated(b, b->denied + (0 .. b->nblocks * 32 - 1)) &&
      \separated(b, b->marked + (0 .. nmarks(b) - 1)) &&
      \separated(b->denied + (0 .. b->nblocks * 32 - 1), b->marked + (0 .. nmarks(b) - 1)) &&
      \separated(b->denied + (0 .. b->nblocks * 32 - 1), b->root + (0 .. b->nblocks - 1)) &&
      \separated(b->marked + (0 .. nmarks(b) - 1), b->root + (0 .. b->nblocks - 1));

    predicate same_bank{A, B}(struct pmptable_bank *b) =
      \at(b->ram.base, A) == \at(b->ram.base, B) && \at(b->ram.size, A) == \at(b->ram.size, B) &&
      \at(b->start, A) == \at(b->start, B) && \at(b->nblocks, A) == \at(b->nblocks, B) &&
      \at(b->root, A) == \at(b->root, B) && \at(b->leaves, A) == \at(b->leaves, B) &&
      \at(b->denied, A) == \at(b->denied, B) && \at(b->marked, A) == \at(b->marked, B);

    lemma same_nmarks{A, B}: \forall struct pmptable_bank *b;
      same_bank{A, B}(b) ==> nmarks{A}(b) == nmarks{B}(b);
    lemma same_bank_ok{A, B}: \forall struct pmptable_bank *b;
      same_bank{A, B}(b) && bank_ok{A}(b) ==> bank_ok{B}(b);
    lemma same_words_apart{A, B}: \forall struct pmptable_bank *b;
      same_bank{A, B}(b) && words_apart{A}(b) ==> words_apart{B}(b);

    // What the bank's memory says is the same.
    predicate same_entries{A, B}(struct pmptable_bank *b) =
      \forall integer k; 0 <= k < \at(b->nblocks, A) ==>
	\at(b->root[k], A) == \at(b->root[k], B);
    predicate same_fields{A, B}(struct pmptable_bank *b) =
      \forall integer k; 0 <= k < \at(b->nblocks, A) * 2048 ==>
	\at(b->leaves[k], A) == \at(b->leaves[k], B);
    predicate same_denied{A, B}(struct pmptable_bank *b) =
      \forall integer k; 0 <= k < \at(b->nblocks, A) * 32 ==>
	\at(b->denied[k], A) == \at(b->denied[k], B);
    predicate same_marked{A, B}(struct pmptable_bank *b) =
      \forall integer k; 0 <= k < nmarks{A}(b) ==> \at(b->marked[k], A) == \at(b->marked[k], B);
    predicate same_words{A, B}(struct pmptable_bank *b) =
      same_entries{A, B}(b) && same_fields{A, B}(b) && same_denied{A, B}(b) &&
      same_marked{A, B}(b);

    lemma same_host_blocks{A, B}: \forall struct pmptable_bank *b;
      same_bank{A, B}(b) && same_words{A, B}(b) && host_blocks{A}(b) ==> host_blocks{B}(b);
    lemma same_no_bits{A, B}: \forall struct pmptable_bank *b;
      same_bank{A, B}(b) && same_words{A, B}(b) && no_bits{A}(b) ==> no_bits{B}(b);
    lemma same_no_marks{A, B}: \forall struct pmptable_bank *b;
      same_bank{A, B}(b) && same_words{A, B}(b) && no_marks{A}(b) ==> no_marks{B}(b);
    lemma same_bank_fresh{A, B}: \forall struct pmptable_bank *b;
      same_bank{A, B}(b) && same_words{A, B}(b) && bank_fresh{A}(b) ==> bank_fresh{B}(b);

    lemma fresh_roots{L}: \forall struct pmptable_bank *b; bank_fresh(b) ==> bank_roots(b);
    lemma fresh_field{L}: \forall struct pmptable_bank *b, integer p;
      bank_fresh(b) && 0 <= p < b->nblocks * 2048 ==> page_field(b, p) == 7;
    lemma ram_page{L}: \forall struct pmptable_bank *b, integer p;
      0 <= b->ram.base && bank_ok(b) && page_ram(b, p) ==> 0 <= p < b->nblocks * 2048;

    predicate words_clear{L}(u64 *p, struct pmptable_bank *b) =
      \separated(p, b->root + (0 .. b->nblocks - 1)) &&
      \separated(p, b->denied + (0 .. b->nblocks * 32 - 1)) &&
      \separated(p, b->marked + (0 .. nmarks(b) - 1));

    // A bank whose words begin at w + at, its leaf tables at f + block * 2048.
    predicate laid{L}(struct pmptable_bank *b, struct pmptable_range *r, u64 *w, integer at,
		      pmptable_field_t *f, integer block) =
      b->ram.base == r->base && b->ram.size == r->size &&
      b->start == r->base - r->base % block_size && b->nblocks == range_blocks(r) &&
      b->marked == w + at && b->denied == w + (at + nmarks(b)) &&
      b->root == w + (at + nmarks(b) + 32 * b->nblocks) && b->leaves == f + block * 2048;

    predicate same_range{A, B}(struct pmptable_range *r) =
      \at(r->base, A) == \at(r->base, B) && \at(r->size, A) == \at(r->size, B);
    predicate same_ranges{A, B}(struct pmptable_range *r, integer n) =
      \forall integer k; 0 <= k < n ==> same_range{A, B}(r + k);

    predicate laid_out{L}(struct pmptable *t) =
      table_range(t) && table_aligned(t) && table_blocks(t) && table_sorted(t) &&
      table_memory(t) && table_apart(t) && bits_memory(t) && bits_apart(t);
*/

/* Where things are, called where it is needed. */
/*@ ghost
    /@ requires table: laid_out(t) && i < t->nbanks;
       assigns \nothing;
       ensures bank: \valid_read(&t->banks[i]) && bank_ok(&t->banks[i]);
       ensures memory: bank_memory(&t->banks[i]);
       ensures apart: words_apart(&t->banks[i]);
    @/
    static void own_place(const struct pmptable *t, unsigned int i)
    {
      /@ assert bits: bank_apart(t, &t->banks[i]) &&
	   \separated(t, t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1)) &&
	   \separated(t, t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1)); @/
      /@ assert two: \separated(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1),
				t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1)); @/
      /@ assert roots: \separated(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1),
				  t->banks[i].root + (0 .. t->banks[i].nblocks - 1)) &&
	   \separated(t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1),
		      t->banks[i].root + (0 .. t->banks[i].nblocks - 1)); @/
    }

    /@ requires table: \valid(t) && table_range(t) && banks_apart(t) && denied_apart(t);
       requires bank: i < t->nbanks;
       assigns \nothing;
       ensures base: \forall integer j; 0 <= j < t->nbanks ==>
	 words_clear(&t->banks[j].ram.base, &t->banks[i]);
       ensures size: \forall integer j; 0 <= j < t->nbanks ==>
	 words_clear(&t->banks[j].ram.size, &t->banks[i]);
       ensures start: \forall integer j; 0 <= j < t->nbanks ==>
	 words_clear(&t->banks[j].start, &t->banks[i]);
       ensures nblocks: \forall integer j; 0 <= j < t->nbanks ==>
	 words_clear(&t->banks[j].nblocks, &t->banks[i]);
    @/
    static void fields_place(const struct pmptable *t, unsigned int i)
    {
      /@ assert own: \separated(t, t->banks[i].root + (0 .. t->banks[i].nblocks - 1)) &&
	   \separated(t, t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1)) &&
	   \separated(t, t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1)); @/
    }

    /@ requires table: \valid(t) && table_range(t) && roots_apart(t) && denied_roots_apart(t);
       requires bank: i < t->nbanks;
       assigns \nothing;
       ensures roots: \forall integer j, k; 0 <= j < t->nbanks && j != i &&
	 0 <= k < t->banks[j].nblocks ==> words_clear(t->banks[j].root + k, &t->banks[i]);
    @/
    static void roots_place(const struct pmptable *t, unsigned int i)
    {
      /@ assert all: \forall integer j; 0 <= j < t->nbanks && j != i ==>
	   \separated(t->banks[j].root + (0 .. t->banks[j].nblocks - 1),
		      t->banks[i].root + (0 .. t->banks[i].nblocks - 1)) &&
	   \separated(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1),
		      t->banks[j].root + (0 .. t->banks[j].nblocks - 1)) &&
	   \separated(t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1),
		      t->banks[j].root + (0 .. t->banks[j].nblocks - 1)); @/
    }

    /@ requires table: \valid(t) && table_range(t) && leaves_apart(t);
       requires bank: i < t->nbanks;
       assigns \nothing;
       ensures leaves: \forall integer j, k; 0 <= j < t->nbanks && j != i &&
	 0 <= k < t->banks[j].nblocks * 2048 ==>
	   \separated(t->banks[j].leaves + k,
		      t->banks[i].leaves + (0 .. t->banks[i].nblocks * 2048 - 1));
    @/
    static void leaves_place(const struct pmptable *t, unsigned int i)
    {
      /@ assert all: \forall integer j; 0 <= j < t->nbanks && j != i ==>
	   \separated(t->banks[j].leaves + (0 .. t->banks[j].nblocks * 2048 - 1),
		      t->banks[i].leaves + (0 .. t->banks[i].nblocks * 2048 - 1)); @/
    }

    /@ requires table: \valid(t) && table_range(t) && denied_roots_apart(t) && bits_apart(t);
       requires bank: i < t->nbanks;
       assigns \nothing;
       ensures bits: \forall integer j, k; 0 <= j < t->nbanks && j != i &&
	 0 <= k < t->banks[j].nblocks * 32 ==>
	   words_clear(t->banks[j].denied + k, &t->banks[i]);
    @/
    static void denied_place(const struct pmptable *t, unsigned int i)
    {
      /@ assert all: \forall integer j; 0 <= j < t->nbanks && j != i ==>
	   \separated(t->banks[j].denied + (0 .. t->banks[j].nblocks * 32 - 1),
		      t->banks[i].root + (0 .. t->banks[i].nblocks - 1)) &&
	   \separated(t->banks[j].denied + (0 .. t->banks[j].nblocks * 32 - 1),
		      t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1)) &&
	   \separated(t->banks[j].denied + (0 .. t->banks[j].nblocks * 32 - 1),
		      t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1)); @/
    }

    /@ requires table: \valid(t) && table_range(t) && denied_roots_apart(t) && bits_apart(t);
       requires bank: i < t->nbanks;
       assigns \nothing;
       ensures marks: \forall integer j, k; 0 <= j < t->nbanks && j != i &&
	 0 <= k < nmarks(&t->banks[j]) ==>
	   words_clear(t->banks[j].marked + k, &t->banks[i]);
    @/
    static void marked_place(const struct pmptable *t, unsigned int i)
    {
      /@ assert all: \forall integer j; 0 <= j < t->nbanks && j != i ==>
	   \separated(t->banks[j].marked + (0 .. nmarks(&t->banks[j]) - 1),
		      t->banks[i].root + (0 .. t->banks[i].nblocks - 1)) &&
	   \separated(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1),
		      t->banks[j].marked + (0 .. nmarks(&t->banks[j]) - 1)) &&
	   \separated(t->banks[j].marked + (0 .. nmarks(&t->banks[j]) - 1),
		      t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1)); @/
    }

    /@ requires table: \valid(t) && table_range(t) && banks_apart(t) && denied_apart(t);
       assigns \nothing;
       ensures count: \forall integer j; 0 <= j < t->nbanks ==>
	 words_clear(&t->count[0], &t->banks[j]);
    @/
    static void count_place(const struct pmptable *t)
    {
      /@ assert own: \forall integer j; 0 <= j < t->nbanks ==>
	   \separated(t, t->banks[j].root + (0 .. t->banks[j].nblocks - 1)) &&
	   \separated(t, t->banks[j].denied + (0 .. t->banks[j].nblocks * 32 - 1)) &&
	   \separated(t, t->banks[j].marked + (0 .. nmarks(&t->banks[j]) - 1)); @/
    }

    /@ requires banks: \valid_read(banks + (0 .. nbanks - 1)) && banks_good(banks, nbanks);
       assigns \nothing;
       ensures words: \forall integer j, k; 0 <= j < k <= nbanks ==>
	 words_of(banks, j) + range_marks(banks + j) + 33 * range_blocks(banks + j) <=
	 words_of(banks, k);
       ensures blocks: \forall integer j, k; 0 <= j < k <= nbanks ==>
	 blocks_of(banks, j) + range_blocks(banks + j) <= blocks_of(banks, k);
       ensures none: \forall integer j; 0 <= j < nbanks ==>
	 0 <= words_of(banks, j) && 0 <= blocks_of(banks, j) &&
	 1 <= range_marks(banks + j) && 1 <= range_blocks(banks + j);
    @/
    static void words_place(const struct pmptable_range *banks, unsigned int nbanks)
    {
      unsigned int i = 0;

      /@ loop invariant 0 <= i <= nbanks;
	 loop invariant words: \forall integer j, k; 0 <= j < k <= i ==>
	   words_of(banks, j) + range_marks(banks + j) + 33 * range_blocks(banks + j) <=
	   words_of(banks, k);
	 loop invariant blocks: \forall integer j, k; 0 <= j < k <= i ==>
	   blocks_of(banks, j) + range_blocks(banks + j) <= blocks_of(banks, k);
	 loop invariant none: \forall integer j; 0 <= j <= i ==>
	   0 <= words_of(banks, j) && 0 <= blocks_of(banks, j);
	 loop assigns i;
	 loop variant nbanks - i; @/
      while (i < nbanks) {
	/@ assert one: words_of(banks, i + 1) == words_of(banks, i) + range_marks(banks + i) +
	     33 * range_blocks(banks + i) &&
	     blocks_of(banks, i + 1) == blocks_of(banks, i) + range_blocks(banks + i); @/
	/@ assert some: 1 <= range_marks(banks + i) && 1 <= range_blocks(banks + i); @/
	i++;
      }
    }

    /@ requires table: \valid(t) && t->nbanks == nbanks;
       requires banks: \valid_read(banks + (0 .. nbanks - 1)) && banks_good(banks, nbanks);
       requires base: \forall integer j; 0 <= j < nbanks ==>
	 t->banks[j].ram.base == banks[j].base;
       requires size: \forall integer j; 0 <= j < nbanks ==>
	 t->banks[j].ram.size == banks[j].size;
       assigns \nothing;
       ensures table_sorted(t);
    @/
    static void sorted_place(const struct pmptable *t, const struct pmptable_range *banks,
			     unsigned int nbanks)
    {
      /@ assert sorted: \forall integer i, j; 0 <= i < j < nbanks ==>
	   banks[i].base + banks[i].size <= banks[j].base; @/
      /@ assert ends: \forall integer i, j; 0 <= i < j < nbanks ==>
	   t->banks[i].ram.base + t->banks[i].ram.size <= banks[j].base; @/
    }

    /@ requires table: \valid(t) && t->nbanks == nbanks && table_range(t) && table_blocks(t);
       requires marked: \forall integer j; 0 <= j < nbanks ==>
	 t->banks[j].marked == words + words_of(banks, j);
       requires denied: \forall integer j; 0 <= j < nbanks ==>
	 t->banks[j].denied == words + (words_of(banks, j) + nmarks(&t->banks[j]));
       requires root: \forall integer j; 0 <= j < nbanks ==> t->banks[j].root ==
	 words + (words_of(banks, j) + nmarks(&t->banks[j]) + 32 * t->banks[j].nblocks);
       requires order: \forall integer i, j; 0 <= i < j < nbanks ==>
	 words_of(banks, i) + nmarks(&t->banks[i]) + 33 * t->banks[i].nblocks <=
	 words_of(banks, j);
       requires none: \forall integer j; 0 <= j < nbanks ==> 1 <= nmarks(&t->banks[j]);
       assigns \nothing;
       ensures roots: roots_apart(t);
       ensures denied: denied_roots_apart(t);
       ensures bits: bits_apart(t);
    @/
    static void order_place(const struct pmptable *t, const struct pmptable_range *banks,
			    unsigned int nbanks, u64 *words)
    {
      /@ assert either: \forall integer i, j; 0 <= i < nbanks && 0 <= j < nbanks && i != j ==>
	   words_of(banks, i) + nmarks(&t->banks[i]) + 33 * t->banks[i].nblocks <=
	   words_of(banks, j) ||
	   words_of(banks, j) + nmarks(&t->banks[j]) + 33 * t->banks[j].nblocks <=
	   words_of(banks, i); @/
      /@ assert denied_marked: \forall integer i, j; 0 <= i < nbanks && 0 <= j < nbanks ==>
	   \separated(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1),
		      t->banks[j].marked + (0 .. nmarks(&t->banks[j]) - 1)); @/
      /@ assert denied_two: \forall integer i, j; 0 <= i < nbanks && 0 <= j < nbanks && i != j ==>
	   \separated(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1),
		      t->banks[j].denied + (0 .. t->banks[j].nblocks * 32 - 1)); @/
      /@ assert marked_two: \forall integer i, j; 0 <= i < nbanks && 0 <= j < nbanks && i != j ==>
	   \separated(t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1),
		      t->banks[j].marked + (0 .. nmarks(&t->banks[j]) - 1)); @/
      /@ assert denied_root: \forall integer i, j; 0 <= i < nbanks && 0 <= j < nbanks ==>
	   \separated(t->banks[i].denied + (0 .. t->banks[i].nblocks * 32 - 1),
		      t->banks[j].root + (0 .. t->banks[j].nblocks - 1)); @/
      /@ assert marked_root: \forall integer i, j; 0 <= i < nbanks && 0 <= j < nbanks ==>
	   \separated(t->banks[i].marked + (0 .. nmarks(&t->banks[i]) - 1),
		      t->banks[j].root + (0 .. t->banks[j].nblocks - 1)); @/
    }

    /@ requires table: \valid(t) && t->nbanks == nbanks;
       requires leaves: \forall integer j; 0 <= j < nbanks ==>
	 t->banks[j].leaves == leaves + blocks_of(banks, j) * 2048;
       requires order: \forall integer i, j; 0 <= i < j < nbanks ==>
	 blocks_of(banks, i) * 2048 + t->banks[i].nblocks * 2048 <= blocks_of(banks, j) * 2048;
       assigns \nothing;
       ensures leaves_apart(t);
    @/
    static void leaf_order_place(const struct pmptable *t, const struct pmptable_range *banks,
				 unsigned int nbanks, pmptable_field_t *leaves)
    {
      /@ assert either: \forall integer i, j; 0 <= i < nbanks && 0 <= j < nbanks && i != j ==>
	   blocks_of(banks, i) * 2048 + t->banks[i].nblocks * 2048 <= blocks_of(banks, j) * 2048 ||
	   blocks_of(banks, j) * 2048 + t->banks[j].nblocks * 2048 <= blocks_of(banks, i) * 2048; @/
    }

    /@ requires table: \valid(t) && t->nbanks == nbanks;
       requires banks: \valid_read(banks + (0 .. nbanks - 1)) && banks_good(banks, nbanks);
       requires laid: \forall integer j; 0 <= j < nbanks ==>
	 laid(&t->banks[j], banks + j, words, words_of(banks, j), leaves, blocks_of(banks, j));
       requires memory: \valid(words + (0 .. words_of(banks, nbanks) - 1)) &&
	 \valid(leaves + (0 .. blocks_of(banks, nbanks) * 2048 - 1));
       requires apart: \separated(t, words + (0 .. words_of(banks, nbanks) - 1)) &&
	 \separated(t, leaves + (0 .. blocks_of(banks, nbanks) * 2048 - 1));
       assigns \nothing;
       ensures range: table_range(t);
       ensures aligned: table_aligned(t);
       ensures blocks: table_blocks(t);
       ensures sorted: table_sorted(t);
       ensures memory: table_memory(t) && bits_memory(t);
       ensures banks_apart: banks_apart(t);
       ensures roots_apart: roots_apart(t);
       ensures leaves_apart: leaves_apart(t);
       ensures denied_apart: denied_apart(t);
       ensures denied_roots_apart: denied_roots_apart(t);
       ensures bits_apart: bits_apart(t);
    @/
    static void table_place(const struct pmptable *t, const struct pmptable_range *banks,
			    unsigned int nbanks, u64 *words, pmptable_field_t *leaves)
    {
      words_place(banks, nbanks);
      /@ assert base: \forall integer j; 0 <= j < nbanks ==>
	   t->banks[j].ram.base == banks[j].base; @/
      /@ assert size: \forall integer j; 0 <= j < nbanks ==>
	   t->banks[j].ram.size == banks[j].size; @/
      /@ assert counts: \forall integer j; 0 <= j < nbanks ==>
	   nmarks(&t->banks[j]) == range_marks(banks + j); @/
      /@ assert nblocks: \forall integer j; 0 <= j < nbanks ==>
	   t->banks[j].nblocks == range_blocks(banks + j); @/
      /@ assert marked: \forall integer j; 0 <= j < nbanks ==>
	   t->banks[j].marked == words + words_of(banks, j); @/
      /@ assert denied: \forall integer j; 0 <= j < nbanks ==>
	   t->banks[j].denied == words + (words_of(banks, j) + nmarks(&t->banks[j])); @/
      /@ assert root: \forall integer j; 0 <= j < nbanks ==> t->banks[j].root ==
	   words + (words_of(banks, j) + nmarks(&t->banks[j]) + 32 * t->banks[j].nblocks); @/
      /@ assert leaves: \forall integer j; 0 <= j < nbanks ==>
	   t->banks[j].leaves == leaves + blocks_of(banks, j) * 2048; @/
      /@ assert order: \forall integer i, j; 0 <= i < j < nbanks ==>
	   words_of(banks, i) + nmarks(&t->banks[i]) + 33 * t->banks[i].nblocks <=
	   words_of(banks, j); @/
      /@ assert leaf_order: \forall integer i, j; 0 <= i < j < nbanks ==>
	   blocks_of(banks, i) * 2048 + t->banks[i].nblocks * 2048 <= blocks_of(banks, j) * 2048; @/
      /@ assert top: \forall integer j; 0 <= j < nbanks ==>
	   words_of(banks, j) + nmarks(&t->banks[j]) + 33 * t->banks[j].nblocks <=
	   words_of(banks, nbanks); @/
      /@ assert leaf_top: \forall integer j; 0 <= j < nbanks ==>
	   blocks_of(banks, j) * 2048 + t->banks[j].nblocks * 2048 <=
	   blocks_of(banks, nbanks) * 2048; @/
      /@ assert none: \forall integer j; 0 <= j < nbanks ==> 0 <= words_of(banks, j) &&
	   0 <= blocks_of(banks, j) && 1 <= nmarks(&t->banks[j]); @/
      /@ assert root_memory: \forall integer j; 0 <= j < nbanks ==>
	   \valid(t->banks[j].root + (0 .. t->banks[j].nblocks - 1)); @/
      /@ assert denied_memory: \forall integer j; 0 <= j < nbanks ==>
	   \valid(t->banks[j].denied + (0 .. t->banks[j].nblocks * 32 - 1)); @/
      /@ assert marked_memory: \forall integer j; 0 <= j < nbanks ==>
	   \valid(t->banks[j].marked + (0 .. nmarks(&t->banks[j]) - 1)); @/
      /@ assert leaf_memory: \forall integer j; 0 <= j < nbanks ==>
	   \valid(t->banks[j].leaves + (0 .. t->banks[j].nblocks * 2048 - 1)); @/
      sorted_place(t, banks, nbanks);
      order_place(t, banks, nbanks, words);
      leaf_order_place(t, banks, nbanks, leaves);
    }

    /@ requires \valid(t) && \valid_read(banks + (0 .. nbanks - 1)) && nbanks <= 16 &&
	 \separated(t, banks + (0 .. nbanks - 1));
       assigns \nothing;
       ensures \forall integer j, k; 0 <= j < nbanks && 0 <= k < nbanks ==>
	 \separated(&t->banks[j], &banks[k].base) && \separated(&t->banks[j], &banks[k].size) &&
	 \separated(&t->banks[j], banks + k);
       ensures \forall integer k; 0 <= k < nbanks ==>
	 \separated(&t->nbanks, &banks[k].base) && \separated(&t->nbanks, &banks[k].size);
    @/
    static void given_place(const struct pmptable *t, const struct pmptable_range *banks,
			    unsigned int nbanks)
    {
    }
*/
