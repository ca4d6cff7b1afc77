// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of what writes the summary of denied pages; the code below them is lib/'s own.
 */
#include "internal.h"
#include "bits.h"
#include "model.h"
#include "words.h"
#include "word.h"
#include "summary.h"
#include "marks_contracts.h"

/*@ predicate span_in_block(struct pmptable_span *s) =
      1 <= s->n <= 2048 && s->first + s->n <= 2048;

    // Page p of the block belongs to the span.
    predicate in_span(struct pmptable_span *s, integer p) = s->first <= p < s->first + s->n;
*/

/*@ requires from < 64 && 1 <= n <= 64 - from;
    assigns \nothing;
    ensures \forall integer i; 0 <= i < 64 ==> (bit(\result, i) <==> from <= i < from + n);
*/
static u64 some_bits(unsigned int from, unsigned int n);

/*@ requires \valid_read(s) && span_in_block(s);
    requires s->first / 64 <= w <= (s->first + s->n - 1) / 64;
    assigns \nothing;
    ensures \forall integer i; 0 <= i < 64 ==> (bit(\result, i) <==> in_span(s, 64 * w + i));
*/
static u64 span_mask(const struct pmptable_span *s, unsigned int w);

/*@ assigns \nothing;
    ensures \forall integer i; 0 <= i < 64 ==>
      (bit(\result, i) <==> (bit(mask, i) ? set != 0 : bit(word, i)));
*/
static u64 with_bits(u64 word, u64 mask, bool set);

/*@ requires \valid_read(s) && span_in_block(s);
    requires \valid(words + (0 .. 31)) && \separated(s, words + (0 .. 31));
    assigns words[0 .. 31];
    ensures bits: \forall integer k, i; 0 <= k < 32 && 0 <= i < 64 ==>
      (bit(words[k], i) <==>
	(in_span(s, 64 * k + i) ? denied != 0 : bit(\old(words[k]), i)));
*/
static void write_bits(u64 *words, const struct pmptable_span *s, bool denied);

/*@ requires \valid_read(bank);
    assigns \nothing;
    ensures \result == first_block(bank) % 64;
*/
static inline unsigned long pmptable_first_mark(const struct pmptable_bank *bank);

/*@ requires i < 64;
    assigns \nothing;
    ensures \result != 0 <==> bit(word, i);
*/
static inline bool pmptable_bit(u64 word, unsigned int i);

/*@ requires \valid_read(s) && \valid_read(s->bank) && s->block < 0x200000000;
    assigns \nothing;
    ensures \result == s->bank->denied + s->block * 32;
*/
static u64 *span_words(const struct pmptable_span *s);

/*@ requires \valid_read(words + i / 64);
    assigns \nothing;
*/
static bool is_set(const u64 *words, unsigned long i);

/*@ requires span: span_bits(s);
    assigns \nothing;
*/
static bool denied_before(const struct pmptable_span *s);

/*@ requires span: span_bits(s);
    assigns \nothing;
*/
static bool denied_behind(const struct pmptable_span *s);

/*@ assigns \nothing; */
static unsigned int bits_set(u64 word);

/*@ requires span: span_bits(s);
    assigns \nothing;
*/
static unsigned long run_starts(const struct pmptable_span *s);

/*@ requires \valid_read(words + (0 .. 31));
    assigns \nothing;
    ensures \result != 0 <==> \exists integer k; 0 <= k < 32 && words[k] != 0;
*/
static bool any_set(const u64 *words);

/*@ requires \valid(words + i / 64) && i < 0x400000000;
    assigns words[i / 64];
    ensures bit: \forall integer k; 0 <= k < 64 ==>
      (bit(words[i / 64], k) <==> (k == i % 64 ? set != 0 : bit(\old(words[i / 64]), k)));
*/
static void write_bit(u64 *words, unsigned long i, bool set);

/*@ ghost
    /@ assigns \nothing;
       ensures any_page % 2048 == 64 * (any_page % 2048 / 64) + any_page % 64;
       ensures 0 <= any_page % 2048 / 64 < 32 && 0 <= any_page % 64 < 64;
       ensures any_block == any_page / 2048;
    @/
    void page_place(void)
    {
    } */

/*@ ghost
    /@ requires span_bits(s);
       assigns \nothing;
       ensures 0 <= mark_bit(s->bank, s->block) / 64 < nmarks(s->bank);
       ensures mark_bit(s->bank, s->block) / 64 ==
	 (first_block(s->bank) + s->block) / 64 - first_block(s->bank) / 64;
       ensures mark_bit(s->bank, s->block) % 64 == (first_block(s->bank) + s->block) % 64;
       ensures mark_bit(s->bank, s->block) ==
	 64 * (mark_bit(s->bank, s->block) / 64) + mark_bit(s->bank, s->block) % 64;
       ensures 0 <= mark_bit(s->bank, s->block) % 64 < 64;
       ensures span_here(s) ==> mark_word(s->bank) == mark_bit(s->bank, s->block) / 64 &&
	 any_block % 64 == mark_bit(s->bank, s->block) % 64;
       ensures in_bank(s->bank, 4 * word) ==>
	 0 <= mark_word(s->bank) < nmarks(s->bank) && 0 <= any_block % 64 < 64;
       ensures in_bank(s->bank, 4 * word) && !span_here(s) ==>
	 mark_word(s->bank) != mark_bit(s->bank, s->block) / 64 ||
	 any_block % 64 != mark_bit(s->bank, s->block) % 64;
    @/
    void mark_place(const struct pmptable_span *s)
    {
    } */

/*@ ghost
    /@ requires span_bits(s);
       assigns \nothing;
       ensures in_bank(s->bank, 4 * word) ==>
	 0 <= denied_word(s->bank) < s->bank->nblocks * 32;
       ensures span_here(s) && listed(s->bank) ==>
	 \exists integer k; 0 <= k < 32 && s->bank->denied[s->block * 32 + k] != 0;
    @/
    void word_place(const struct pmptable_span *s)
    {
	page_place();
	/@ assert span_here(s) ==>
	     denied_word(s->bank) == s->block * 32 + any_page % 2048 / 64; @/
	/@ assert span_here(s) && listed(s->bank) ==> s->bank->denied[denied_word(s->bank)] != 0; @/
    } */

/*@ requires span: span_bits(s) && span_apart(s);
    assigns s->bank->denied[s->block * 32 .. s->block * 32 + 31];
    ensures listed: listed(s->bank) <==> in_bank(s->bank, 4 * word) &&
      (span_here(s) && s->first <= any_page % 2048 < s->first + s->n ? denied != 0 :
       listed{Pre}(s->bank));
    ensures kept: span_kept{Pre, Post}(s) && span_bits(s) && span_apart(s);
    ensures marked: page_marked{Pre}(s->bank) && in_bank(s->bank, 4 * word) ==>
      page_marked(s->bank);
    ensures own: marks_inside{Pre}(s->bank) ==> marks_inside(s->bank);
*/
static void write_span(const struct pmptable_span *s, bool denied);

/*@ requires span: span_bits(s) && span_apart(s);
    assigns s->bank->marked[mark_bit(s->bank, s->block) / 64];
    ensures listed: listed(s->bank) <==> listed{Pre}(s->bank);
    ensures here: span_here(s) && listed(s->bank) ==> page_marked(s->bank);
    ensures else: in_bank(s->bank, 4 * word) && !span_here(s) ==>
      (page_marked(s->bank) <==> page_marked{Pre}(s->bank));
    ensures own: marks_inside{Pre}(s->bank) ==> marks_inside(s->bank);
    ensures kept: span_kept{Pre, Post}(s) && span_bits(s) && span_apart(s);
*/
static void mark(const struct pmptable_span *s);

/*@ requires span: span_bits(s) && span_apart(s) && \valid(t) && runs_apart(t, s);
    assigns t->runs;
    ensures listed: listed(s->bank) <==> listed{Pre}(s->bank);
    ensures marked: page_marked{Pre}(s->bank) && in_bank(s->bank, 4 * word) ==>
      page_marked(s->bank);
    ensures own: marks_inside{Pre}(s->bank) ==> marks_inside(s->bank);
    ensures kept: span_kept{Pre, Post}(s);
*/
static void count_runs(struct pmptable *t, const struct pmptable_span *s, unsigned long before);

#include "denied.c"
