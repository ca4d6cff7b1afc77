// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of what writes the bits of denied pages; the code below them is lib/'s own.
 */
#include "internal.h"
#include "words.h"

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

#include "denied.c"
