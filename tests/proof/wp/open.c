// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of the search for open blocks; the code below them is lib/'s own.
 */
#include "internal.h"
#include "bits.h"
#include "model.h"
#include "words.h"
#include "word.h"
#include "summary.h"
#include "denied_contracts.h"
#include "blocks.h"

/*@ requires n < 64;
    assigns \nothing;
    ensures \forall integer i; 0 <= i ==> (bit(\result, i) <==> bit(word, i) && i < n);
*/
static u64 low_bits(u64 word, unsigned int n);

/*@ requires i < 64;
    assigns \nothing;
    ensures denied: \result == 0 <==> bit(word, i);
    ensures size: \result == 0 || power(\result, 64);
    ensures clear: \result != 0 ==> group_clear(word, i, \result);
    ensures all: \result == 64 ==> word == 0;
*/
static unsigned int clear_bits(u64 word, unsigned int i);

/*@ requires from <= end && \valid_read(words + (from .. end - 1));
    assigns \nothing;
    ensures \result != 0 <==> \forall integer k; from <= k < end ==> words[k] == 0;
*/
static bool all_clear(const u64 *words, unsigned int from, unsigned int end);

/*@ requires index < 2048;
    requires \valid_read(words + (0 .. 31));
    assigns \nothing;
    ensures denied: \result == 0 <==> bit(words[index / 64], index % 64);
    ensures size: \result == 0 || power(\result, 32) || \result == 64 * (\result / 64) &&
      power(\result / 64, 32);
    ensures bits: 0 < \result < 64 ==> group_clear(words[index / 64], index % 64, \result);
    ensures words: 64 <= \result ==> \forall integer k;
      group(index / 64, \result / 64) <= k < group(index / 64, \result / 64) + \result / 64 ==>
	words[k] == 0;
*/
static unsigned int clear_pages(const u64 *words, unsigned int index);

/*@ requires i < 64;
    assigns \nothing;
    ensures \result != 0 <==> bit(word, i);
*/
static inline bool pmptable_bit(u64 word, unsigned int i);

/*@ requires \valid_read(bank) && bank_ok(bank);
    assigns \nothing;
    ensures \result == first_block(bank) / 64;
*/
static u64 marks_begin(const struct pmptable_bank *bank);

/*@ requires \valid_read(bank) && bank_ok(bank);
    assigns \nothing;
    ensures \result == first_block(bank) / 64 + nmarks(bank);
*/
static u64 marks_end(const struct pmptable_bank *bank);

/*@ // Word k of marks, counted from address 0, is 0.
    predicate no_mark{L}(struct pmptable_bank *b, integer k) =
      b->marked[k - first_block(b) / 64] == 0;
*/

/*@ requires bank: \valid_read(bank) && bank_ok(bank) && bank_bits(bank);
    requires range: w <= 0x8000000 && n <= 0x8000000;
    assigns \nothing;
    ensures clear: \result != 0 ==> \forall integer k; w <= k < w + n &&
      first_block(bank) / 64 <= k < first_block(bank) / 64 + nmarks(bank) ==> no_mark(bank, k);
*/
static bool marks_clear(const struct pmptable_bank *bank, u64 w, u64 n);

/*@ requires bank: \valid_read(bank) && bank_ok(bank) && bank_bits(bank);
    requires pa: pa < pa_limit && (power_size(max) || max < 0x20000000);
    requires here: in_bank(bank, 4 * word) && any_block / 64 == pa / 0x20000000 ==> !marked(bank);
    assigns \nothing;
    ensures size: power_size(\result);
    ensures clear: near(pa, \result) && in_bank(bank, 4 * word) ==> !marked(bank);
*/
static u64 unmarked_size(const struct pmptable_bank *bank, u64 pa, u64 max);

/*@ requires bank: \valid_read(bank) && bank_ok(bank) && bank_bits(bank);
    requires pa: pa < pa_limit && 0 <= pa / 0x800000 - first_block(bank) < bank->nblocks;
    assigns \nothing;
    ensures size: \result == 0 || power_size(\result);
    ensures clear: \result != 0 && near(pa, \result) ==> !listed(bank);
*/
static u64 open_pages(const struct pmptable_bank *bank, u64 pa);

/*@ requires pa: pa < pa_limit && !bit(marks, pa / 0x800000 % 64);
    assigns \nothing;
    ensures size: power_size(\result);
    ensures clear: near(pa, \result) ==> any_block / 64 == pa / 0x20000000 &&
      !bit(marks, any_block % 64);
*/
static u64 open_blocks(u64 marks, u64 pa);

/*@ requires bank: \valid_read(bank) && bank_ok(bank) && bank_bits(bank) && marks_own(bank);
    requires marks: listed(bank) ==> marked(bank);
    requires pa: pa < pa_limit && power_size(max);
    assigns \nothing;
    ensures size: \result == 0 || power_size(\result);
    ensures clear: \result != 0 && near(pa, \result) ==> near(pa, max) && !listed(bank);
*/
static u64 open_size(const struct pmptable_bank *bank, u64 pa, u64 max);

#include "open_block.c"
