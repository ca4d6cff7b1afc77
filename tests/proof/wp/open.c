// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of the search for open blocks; the code below them is lib/'s own.
 */
#include "internal.h"
#include "words.h"

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

#include "denied.c"
