// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of what makes a table; the code below them is lib/'s own.
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
#include "agree.h"
#include "fresh.h"

/*@ requires ram: \valid_read(ram) && range_ok(ram);
    assigns \nothing;
    ensures \result == range_blocks(ram);
*/
static unsigned long bank_nblocks(const struct pmptable_range *ram);

/*@ requires ram: \valid_read(ram) && range_ok(ram);
    assigns \nothing;
    ensures \result == range_marks(ram);
*/
static unsigned long bank_nmarks(const struct pmptable_range *ram);

/*@ requires ram: \valid_read(r);
    assigns \nothing;
    ensures \result != 0 <==> bank_good(r) && floor <= r->base;
*/
static bool bank_valid(const struct pmptable_range *r, u64 floor);

/*@ requires banks: banks == \null || \valid_read(banks + (0 .. nbanks - 1));
    assigns \nothing;
    ensures \result != 0 <==> banks != \null && banks_good(banks, nbanks);
*/
static bool banks_valid(const struct pmptable_range *banks, unsigned int nbanks);

/*@ requires banks: \valid_read(banks + (0 .. nbanks - 1)) && banks_good(banks, nbanks);
    assigns \nothing;
    ensures size: words_of(banks, nbanks) * 8 <= \result < words_of(banks, nbanks) * 8 + 4096;
    ensures page: \result % 4096 == 0 && 0 < \result <= 0x40000000000000;
*/
static u64 head_size(const struct pmptable_range *banks, unsigned int nbanks);

/*@ requires banks: banks == \null || \valid_read(banks + (0 .. nbanks - 1));
    assigns \nothing;
    ensures none: \result == 0 <==> banks == \null || !banks_good(banks, nbanks);
    ensures room: \result != 0 ==>
      \result >= words_of(banks, nbanks) * 8 + blocks_of(banks, nbanks) * 4096;
    ensures page: \result % 4096 == 0;
*/
u64 pmptable_memory_size(const struct pmptable_range *banks, unsigned int nbanks);

/*@ requires table: \valid(t) && i < t->nbanks <= 16;
    requires banks: \valid_read(banks + (0 .. t->nbanks - 1)) && range_ok(banks + i);
    requires apart: \separated(t, banks + (0 .. t->nbanks - 1));
    assigns t->banks[i];
    ensures given: same_ranges{Pre, Post}(banks, \old(t->nbanks));
    ensures before: \forall integer j; 0 <= j < 16 && j != i ==>
      same_bank{Pre, Post}(&t->banks[j]);
    ensures ram: t->banks[i].ram.base == banks[i].base && t->banks[i].ram.size == banks[i].size;
    ensures start: t->banks[i].start == banks[i].base - banks[i].base % block_size;
    ensures nblocks: t->banks[i].nblocks == range_blocks{Pre}(banks + i);
    ensures marked: t->banks[i].marked == next;
    ensures denied: t->banks[i].denied == next + range_marks{Pre}(banks + i);
    ensures root: t->banks[i].root ==
      next + (range_marks{Pre}(banks + i) + range_blocks{Pre}(banks + i) * 32);
    ensures leaves: t->banks[i].leaves == leaves;
*/
static void lay_bank(struct pmptable *t, const struct pmptable_range *banks, unsigned int i,
		     u64 *next, pmptable_field_t *leaves);

/*@ requires \valid(words + (0 .. n - 1));
    assigns words[0 .. n - 1];
    ensures \forall integer k; 0 <= k < n ==> words[k] == 0;
*/
static void clear_words(u64 *words, unsigned long n);

/*@ requires \valid(leaves + (first .. first + 2047)) && first + 2048 <= 0xffffffffffffffff;
    assigns leaves[first .. first + 2047];
    ensures \forall integer p; first <= p < first + 2048 ==> leaves[p] == 7;
*/
static void init_leaf(pmptable_field_t *leaves, unsigned long first);

/*@ requires bank: \valid_read(b) && bank_ok(b) && bank_memory(b) && words_apart(b);
    requires block: block < b->nblocks;
    assigns b->root[block], b->leaves[block * 2048 .. block * 2048 + 2047];
    ensures root: block_whole(b, block) ? b->root[block] == 7 : b->root[block] == root_leaf;
    ensures leaf: \forall integer p; block * 2048 <= p < block * 2048 + 2048 &&
      !block_whole(b, block) ==> b->leaves[p] == 7;
*/
static void init_block(struct pmptable_bank *b, unsigned long block);

/*@ requires bank: \valid_read(b) && bank_ok(b) && bank_memory(b) && words_apart(b);
    assigns b->root[0 .. b->nblocks - 1], b->leaves[0 .. b->nblocks * 2048 - 1];
    ensures blocks: host_blocks(b);
*/
static void init_blocks(struct pmptable_bank *b);

/*@ requires bank: \valid_read(b) && bank_ok(b) && bank_memory(b) && words_apart(b);
    assigns b->root[0 .. b->nblocks - 1], b->leaves[0 .. b->nblocks * 2048 - 1],
      b->denied[0 .. b->nblocks * 32 - 1], b->marked[0 .. nmarks(b) - 1];
    ensures blocks: host_blocks(b);
    ensures bits: no_bits(b);
    ensures marks: no_marks(b);
*/
static void init_pages(struct pmptable_bank *b);

/*@ requires table: laid_out(t);
    requires bank: i < t->nbanks;
    ensures same: same_banks{Pre, Post}(t);
    ensures table: laid_out(t);
    ensures fresh: bank_fresh(&t->banks[i]);
    ensures kept: \forall integer j; 0 <= j < i && bank_fresh{Pre}(\at(&t->banks[j], Pre)) ==>
      bank_fresh(&t->banks[j]);
*/
static void init_bank(struct pmptable *t, unsigned int i);

/*@ requires table: laid_out(t);
    requires fresh: \forall integer j; 0 <= j < t->nbanks ==> bank_fresh(&t->banks[j]);
    ensures same: same_banks{Pre, Post}(t);
    ensures table: laid_out(t);
    ensures fresh: \forall integer j; 0 <= j < t->nbanks ==> bank_fresh(&t->banks[j]);
*/
static void count_pages(struct pmptable *t);

// Relied on: lay_out()'s loop, and that what @mem is cast to is the banks' memory. That banks
// laid one behind the other do not overlap is table_place() in fresh.h.
/*@ requires table: \valid(t);
    requires banks: \valid_read(banks + (0 .. nbanks - 1));
    requires apart: \separated(t, banks + (0 .. nbanks - 1));
    assigns *t;
    ensures result: \result == 0 || \result == -1;
    ensures table: \result == 0 ==> laid_out(t) && t->nbanks == nbanks;
*/
int pmptable_attach(struct pmptable *t, const struct pmptable_range *banks, unsigned int nbanks,
		    void *mem, u64 size);

/*@ requires table: \valid(t);
    requires banks: \valid_read(banks + (0 .. nbanks - 1));
    requires apart: \separated(t, banks + (0 .. nbanks - 1));
    ensures result: \result == 0 || \result == -1;
    ensures table: \result == 0 ==> table_whole(t) && t->nbanks == nbanks;
    ensures host: \result == 0 ==> pages_are(t, 0, pa_limit, 7);
    ensures agrees: \result == 0 ==> agrees(t);
    ensures marks: \result == 0 ==> marks_agree(t);
    ensures clear: \result == 0 ==> \forall integer j; 0 <= j < t->nbanks ==>
      no_bits(&t->banks[j]) && no_marks(&t->banks[j]);
*/
int pmptable_init(struct pmptable *t, const struct pmptable_range *banks, unsigned int nbanks,
		  void *mem, u64 size);

#include "init.c"
