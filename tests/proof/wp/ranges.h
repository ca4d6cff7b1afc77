/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of what names denied pages as ranges.
 */
/*@ // The page's block, counted from the bank's first; and its place in the bank's marks.
    logic integer own_block{L}(struct pmptable_bank *b) = any_block - first_block(b);
    logic integer own_mark{L}(struct pmptable_bank *b) = any_block - first_block(b) / 64 * 64;

    predicate own_marked{L}(struct pmptable_bank *b) =
      in_bank(b, 4 * word) && marked(b);

    // The bank is the same, which of its words are for the page, and these words.
    predicate same_bank{A, B}(struct pmptable_bank *b) =
      \at(b->ram.base, A) == \at(b->ram.base, B) && \at(b->ram.size, A) == \at(b->ram.size, B) &&
      \at(b->start, A) == \at(b->start, B) && \at(b->nblocks, A) == \at(b->nblocks, B) &&
      \at(b->denied, A) == \at(b->denied, B) && \at(b->marked, A) == \at(b->marked, B);

    predicate same_index{A, B}(struct pmptable_bank *b) =
      denied_word{A}(b) == denied_word{B}(b) && mark_word{A}(b) == mark_word{B}(b);

    predicate same_words{A, B}(struct pmptable_bank *b) =
      in_bank{A}(b, 4 * word) ==>
	\at(b->denied[denied_word(b)], A) == \at(b->denied[denied_word(b)], B) &&
	\at(b->marked[mark_word(b)], A) == \at(b->marked[mark_word(b)], B);

    predicate same_own{A, B}(struct pmptable_bank *b) =
      same_bank{A, B}(b) && same_index{A, B}(b) && same_words{A, B}(b);

    // Those words are the bank's.
    predicate own_place{L}(struct pmptable_bank *b) =
      in_bank(b, 4 * word) ==>
	0 <= denied_word(b) < b->nblocks * 32 && 0 <= mark_word(b) < nmarks(b);

    // Where the RAM ends of the blocks in front of a block.
    logic integer block_end{L}(struct pmptable_bank *b, integer block) =
      (first_block(b) + block) * block_size < b->ram.base + b->ram.size ?
	(first_block(b) + block) * block_size : b->ram.base + b->ram.size;

    // Ranges that an answer is made of.
    predicate ranges_ok{L}(struct pmptable_range *r, integer n) =
      \forall integer k; 0 <= k < n ==> 0 < r[k].size && r[k].base + r[k].size <= pa_limit;

    predicate ranges_sorted{L}(struct pmptable_range *r, integer n) =
      \forall integer j, k; 0 <= j < k < n ==> r[j].base + r[j].size <= r[k].base;

    predicate ranges_below{L}(struct pmptable_range *r, integer n, integer end) =
      \forall integer k; 0 <= k < n ==> r[k].base + r[k].size <= end;

    predicate in_between(integer base, integer end) = base <= 4 * word < end;

    logic integer banks_end{L}(struct pmptable *t, integer n) =
      n == 0 ? 0 : t->banks[n - 1].ram.base + t->banks[n - 1].ram.size;

    predicate list_ok{L}(struct pmptable_list *l) =
      \valid(l) && l->n <= l->max <= 1000 && \valid(l->run + (0 .. l->max - 1)) &&
      \separated(l, l->run + (0 .. l->max - 1)) && ranges_ok(l->run, l->n);

    predicate listed_in{L}(struct pmptable_list *l) = in_ranges(l->run, l->n);

    predicate list_below{L}(struct pmptable_list *l, integer end) =
      ranges_sorted(l->run, l->n) && ranges_below(l->run, l->n, end);

    predicate kept{A, B}(struct pmptable_range *r, integer k) =
      \at(r[k].base, A) == \at(r[k].base, B) && \at(r[k].size, A) == \at(r[k].size, B);

    // Range k is what the one behind it was.
    predicate moved{A, B}(struct pmptable_range *r, integer k) =
      \at(r[k + 1].base, A) == \at(r[k].base, B) && \at(r[k + 1].size, A) == \at(r[k].size, B);

    // Of n ranges, at and at + 1 became one.
    predicate joined{A, B}(struct pmptable_range *r, integer at, integer n) =
      (\forall integer k; 0 <= k < at ==>
	\at(r[k].base, A) == \at(r[k].base, B) && \at(r[k].size, A) == \at(r[k].size, B)) &&
      \at(r[at].base, A) == \at(r[at].base, B) &&
      \at(r[at + 1].base + r[at + 1].size, A) == \at(r[at].base + r[at].size, B) &&
      (\forall integer k; at < k < n - 1 ==> \at(r[k + 1].base, A) == \at(r[k].base, B) &&
	\at(r[k + 1].size, A) == \at(r[k].size, B)) &&
      (\forall integer k; at + 1 < k < n ==> \at(r[k].base, A) == \at(r[k - 1].base, B) &&
	\at(r[k].size, A) == \at(r[k - 1].size, B));

    // Bit i of w, whose bit 0 is for the page at base, is for the page of the word, and set.
    predicate names(integer base, integer w, integer i) =
      i == any_page - base / 4096 && bit(w, i);

    // Words for the block at base say that the page is denied.
    predicate named_in{L}(u64 *words, integer base) =
      any_block == base / 0x800000 && bit(words[any_page % 2048 / 64], any_page % 64);

    predicate list_apart{L}(struct pmptable_list *l, struct pmptable_bank *b) =
      \separated(l, b) && \separated(l->run + (0 .. l->max - 1), b) &&
      \separated(l, b->denied + (0 .. b->nblocks * 32 - 1)) &&
      \separated(l->run + (0 .. l->max - 1), b->denied + (0 .. b->nblocks * 32 - 1)) &&
      \separated(l, b->marked + (0 .. nmarks(b) - 1)) &&
      \separated(l->run + (0 .. l->max - 1), b->marked + (0 .. nmarks(b) - 1));
*/

/*@ requires i < 64;
    assigns \nothing;
    ensures \result != 0 <==> bit(word, i);
*/
static inline bool pmptable_bit(u64 word, unsigned int i);

/*@ requires i < 64;
    assigns \nothing;
    ensures some: \result != 0 ==> \exists integer k; i <= k < 64 && bit(word, k);
    ensures none: \result == 0 ==> \forall integer k; i <= k < 64 ==> !bit(word, k);
*/
static bool has_more(u64 word, unsigned int i);

/*@ requires \valid_read(bank) && bank_ok(bank);
    assigns \nothing;
    ensures \result == first_block(bank) % 64;
*/
static inline unsigned long pmptable_first_mark(const struct pmptable_bank *bank);

/*@ requires \valid_read(bank) && bank_ok(bank) && block < bank->nblocks;
    assigns \nothing;
    ensures \result == (first_block(bank) + block) * block_size;
*/
static u64 block_base(const struct pmptable_bank *bank, unsigned long block);

/*@ requires bank: \valid_read(bank) && bank_ok(bank) && bank_bits(bank);
    requires block: block <= bank->nblocks;
    assigns \nothing;
    ensures result: block <= \result <= bank->nblocks;
    ensures next: own_marked(bank) && block <= own_block(bank) ==> \result <= own_block(bank);
*/
static unsigned long next_marked(const struct pmptable_bank *bank, unsigned long block);

/*@ requires list: list_ok(l) && 0 < l->n;
    requires range: l->run[l->n - 1].base + l->run[l->n - 1].size < end <= pa_limit;
    assigns l->run[l->n - 1].size;
    ensures list: list_ok(l);
    ensures kept: listed_in{Pre}(l) ==> listed_in(l);
    ensures all: in_between(\old(l->run[l->n - 1].base + l->run[l->n - 1].size), end) ==>
      listed_in(l);
    ensures sorted: ranges_sorted{Pre}(l->run, l->n) ==> list_below(l, end);
*/
static void widen_last(struct pmptable_list *l, u64 end);

/*@ requires list: list_ok(l) && l->n < l->max;
    requires range: base < end <= pa_limit;
    assigns l->n, l->run[l->n];
    ensures list: list_ok(l);
    ensures n: l->n == \old(l->n) + 1;
    ensures kept: listed_in{Pre}(l) ==> listed_in(l);
    ensures all: in_between(base, end) ==> listed_in(l);
    ensures sorted: list_below{Pre}(l, base) ==> list_below(l, end);
*/
static void append(struct pmptable_list *l, u64 base, u64 end);

/*@ requires list: list_ok(l);
    requires range: base < end <= pa_limit;
    assigns l->n, l->run[0 .. l->max - 1];
    ensures list: list_ok(l);
    ensures n: \old(l->n) <= l->n <= \old(l->n) + 1;
    ensures full: \result == 0 ==> \old(l->n) == l->max;
    ensures kept: listed_in{Pre}(l) ==> listed_in(l);
    ensures all: \result != 0 && in_between(base, end) ==> listed_in(l);
    ensures sorted: \result != 0 && list_below{Pre}(l, base) ==> list_below(l, end);
*/
static bool add_run(struct pmptable_list *l, u64 base, u64 end);

/*@ requires i <= 64;
    assigns \nothing;
    ensures result: i <= \result <= 64;
    ensures bit: \result < 64 ==> bit(word, \result);
    ensures none: \forall integer k; i <= k < \result ==> !bit(word, k);
*/
static unsigned int first_bit(u64 word, unsigned int i);

/*@ requires i < 64 && bit(word, i);
    assigns \nothing;
    ensures result: i < \result <= 64;
*/
static unsigned int behind_bits(u64 word, unsigned int i);

/*@ requires list: list_ok(l);
    requires base: base % 4096 == 0 && base + 64 * 4096 <= pa_limit;
    assigns l->n, l->run[0 .. l->max - 1];
    ensures list: list_ok(l);
    ensures kept: listed_in{Pre}(l) ==> listed_in(l);
    ensures all: \result != 0 ==> \forall integer i; 0 <= i < 64 && names(base, word, i) ==>
      listed_in(l);
*/
static bool add_word(struct pmptable_list *l, u64 base, u64 word);

/*@ ghost
    /@ assigns \nothing;
       ensures 0 <= any_page % 2048 / 64 < 32 && 0 <= any_page % 64 < 64;
       ensures any_page == any_block * 2048 + any_page % 2048 / 64 * 64 + any_page % 64;
    @/
    void page_index(void); */

/*@ requires list: list_ok(l);
    requires base: base % 0x800000 == 0 && base + 0x800000 <= pa_limit;
    requires words: \valid_read(words + (0 .. 31));
    requires apart: \separated(l, words + (0 .. 31)) &&
      \separated(l->run + (0 .. l->max - 1), words + (0 .. 31));
    assigns l->n, l->run[0 .. l->max - 1];
    ensures list: list_ok(l);
    ensures kept: listed_in{Pre}(l) ==> listed_in(l);
    ensures all: \result != 0 && named_in{Pre}(words, base) ==> listed_in(l);
*/
static bool add_words(struct pmptable_list *l, u64 base, const u64 *words);

/*@ requires list: list_ok(l);
    requires bank: \valid_read(bank) && bank_ok(bank) && bank_bits(bank) && block < bank->nblocks;
    requires apart: list_apart(l, bank);
    assigns l->n, l->run[0 .. l->max - 1];
    ensures list: list_ok(l);
    ensures kept: listed_in{Pre}(l) ==> listed_in(l);
    ensures same: same_own{Pre, Post}(bank);
    ensures bank: bank_ok(bank) && bank_bits(bank);
    ensures all: \result != 0 && own_block{Pre}(bank) == block && listed{Pre}(bank) ==>
      listed_in(l);
*/
static bool add_block(struct pmptable_list *l, const struct pmptable_bank *bank,
		      unsigned long block);

/*@ requires list: list_ok(l);
    requires bank: \valid_read(bank) && bank_ok(bank) && bank_bits(bank);
    requires marks: listed(bank) ==> marked(bank);
    requires apart: list_apart(l, bank);
    assigns l->n, l->run[0 .. l->max - 1];
    ensures list: list_ok(l);
    ensures kept: listed_in{Pre}(l) ==> listed_in(l);
    ensures all: \result != 0 && listed{Pre}(bank) ==> listed_in(l);
*/
static bool add_bank(struct pmptable_list *l, const struct pmptable_bank *bank);

/*@ requires 2 <= n <= 5 && \valid_read(r + (0 .. n - 1));
    assigns \nothing;
    ensures \result + 1 < n;
*/
static unsigned int before_gap(const struct pmptable_range *r, unsigned int n);

/*@ requires at < n <= 5 && \valid(r + (0 .. n - 1));
    assigns r[at .. n - 2];
    ensures moved: \forall integer k; at <= k < n - 1 ==> moved{Pre, Post}(r, k);
*/
static void drop(struct pmptable_range *r, unsigned int at, unsigned int n);

/*@ requires at + 1 < n <= 5 && \valid(r + (0 .. n - 1));
    requires ranges_ok(r, n) && ranges_sorted(r, n);
    assigns r[at].size, r[at + 1 .. n - 2];
    ensures joined{Pre, Post}(r, at, n);
*/
static void join(struct pmptable_range *r, unsigned int at, unsigned int n);

/*@ requires list: list_ok(l) && 2 <= l->n <= 5;
    requires sorted: ranges_sorted(l->run, l->n);
    assigns l->n, l->run[0 .. l->max - 1];
    ensures list: list_ok(l);
    ensures n: l->n == \old(l->n) - 1;
    ensures sorted: \forall integer end; list_below{Pre}(l, end) ==> list_below(l, end);
    ensures all: listed_in{Pre}(l) ==> listed_in(l);
*/
static void join_nearest(struct pmptable_list *l);

/*@ requires list: list_ok(l) && l->n < l->max && 2 <= l->max <= 5;
    requires range: base < end <= pa_limit;
    requires sorted: list_below(l, base);
    assigns l->n, l->run[0 .. l->max - 1];
    ensures list: list_ok(l) && l->n < l->max;
    ensures sorted: list_below(l, end);
    ensures kept: listed_in{Pre}(l) ==> listed_in(l);
    ensures all: in_between(base, end) ==> listed_in(l);
*/
static void add_near(struct pmptable_list *l, u64 base, u64 end);

/*@ requires list: list_ok(l) && l->n < l->max && 2 <= l->max <= 5;
    requires bank: \valid_read(bank) && bank_ok(bank) && bank_bits(bank) && block < bank->nblocks;
    requires apart: list_apart(l, bank);
    requires sorted: list_below(l, block == 0 ? bank->ram.base : block_end(bank, block));
    assigns l->n, l->run[0 .. l->max - 1];
    ensures list: list_ok(l) && l->n < l->max;
    ensures same: same_own{Pre, Post}(bank);
    ensures bank: bank_ok(bank) && bank_bits(bank);
    ensures sorted: list_below(l, block_end{Pre}(bank, block + 1));
    ensures kept: listed_in{Pre}(l) ==> listed_in(l);
    ensures all: own_block{Pre}(bank) == block && in_bank{Pre}(bank, 4 * word) ==> listed_in(l);
*/
static void cover_block(struct pmptable_list *l, const struct pmptable_bank *bank,
			unsigned long block);

/*@ requires list: list_ok(l) && l->n < l->max && 2 <= l->max <= 5;
    requires bank: \valid_read(bank) && bank_ok(bank) && bank_bits(bank);
    requires marks: listed(bank) ==> marked(bank);
    requires apart: list_apart(l, bank);
    requires sorted: list_below(l, bank->ram.base);
    assigns l->n, l->run[0 .. l->max - 1];
    ensures list: list_ok(l) && l->n < l->max;
    ensures sorted: list_below(l, \old(bank->ram.base + bank->ram.size));
    ensures kept: listed_in{Pre}(l) ==> listed_in(l);
    ensures all: listed{Pre}(bank) ==> listed_in(l);
*/
static void cover_bank(struct pmptable_list *l, const struct pmptable_bank *bank);

/*@ requires room: n <= 4 && \valid(to + (0 .. n - 1)) && \valid_read(from + (0 .. n - 1)) &&
      \separated(to + (0 .. n - 1), from + (0 .. n - 1));
    assigns to[0 .. n - 1];
    ensures ok: ranges_ok{Pre}(from, n) ==> ranges_ok(to, n);
    ensures sorted: ranges_sorted{Pre}(from, n) ==> ranges_sorted(to, n);
    ensures all: in_ranges{Pre}(from, n) ==> in_ranges(to, n);
*/
static void copy_ranges(struct pmptable_range *to, const struct pmptable_range *from,
			unsigned int n);
