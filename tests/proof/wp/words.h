/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The bits of a 64-bit word. WP takes the axioms for granted; words.smt2 proves
 * each of them.
 */
#include "bit.h"

/*@ predicate power(integer n, integer max) =
      n <= max && (n == 1 || n == 2 || n == 4 || n == 8 || n == 16 || n == 32 || n == 64);

    axiomatic words {
      axiom bit_or: \forall integer x, y, i; 0 <= x <= 0xffffffffffffffff &&
	0 <= y <= 0xffffffffffffffff && 0 <= i ==>
	(bit(x | y, i) <==> bit(x, i) || bit(y, i));
      axiom bit_not: \forall integer x, y, i; 0 <= x <= 0xffffffffffffffff &&
	0 <= y <= 0xffffffffffffffff && 0 <= i < 64 ==>
	(bit(x & (unsigned long)(~y), i) <==> bit(x, i) && !bit(y, i));
      axiom and_word: \forall integer x, y; 0 <= x <= 0xffffffffffffffff && 0 <= y ==>
	0 <= (x & y) <= 0xffffffffffffffff;
      axiom shl_word: \forall integer n; 0 <= n < 64 ==> 1 <= (1 << n) <= 0x8000000000000000;

      // Where the aligned group of n that holds i begins: i & -n.
      logic integer group(integer i, integer n);

      axiom group_all: \forall integer i; 0 <= i < 64 ==> group(i, 64) == 0;
      axiom group_one: \forall integer i; group(i, 1) == i;
      axiom group_holds: \forall integer i, n; 0 <= i < 64 && power(n, 64) ==>
	0 <= group(i, n) <= i < group(i, n) + n <= 64;
      axiom and_zero: \forall integer i; (i & 0) == 0;
    }

    lemma power_positive: \forall integer n, max; power(n, max) ==> 1 <= n <= max;

    // The bits of x in the aligned group of n that holds i are clear.
    predicate group_clear(integer x, integer i, integer n) =
      \forall integer k; group(i, n) <= k < group(i, n) + n ==> !bit(x, k);
*/

/* Facts like the axioms, but called where they are needed: provers would not find them. */
/*@ ghost
    /@ requires n < 64;
       assigns \nothing;
       ensures \forall integer i; 0 <= i ==>
	 (bit(word & (unsigned long)((unsigned long)(1 << n) - 1), i) <==> bit(word, i) && i < n);
    @/
    void bits_below(u64 word, unsigned int n); */

/*@ ghost
    /@ requires from < 64 && 1 <= n <= 64 - from;
       assigns \nothing;
       ensures \forall integer i; 0 <= i < 64 ==>
	 (bit((unsigned long)((0xffffffffffffffff >> (unsigned int)(64 - n)) << from), i) <==>
	  from <= i < from + n);
    @/
    void bits_between(unsigned int from, unsigned int n); */

/*@ ghost
    /@ requires 0 < word;
       assigns \nothing;
       ensures 0 <= (word & (unsigned long)(word - 1)) < word;
    @/
    void fewer_bits(u64 word); */

/*
 * The group of 2 * n of which a group of n is a half. Provers would unfold an axiom
 * without end.
 */
/*@ ghost
    /@ requires i < 64 && power(n, 32);
       assigns \nothing;
       ensures low: (i & n) == 0 ==> group(i, n) == group(i, 2 * n);
       ensures high: (i & n) != 0 ==> group(i, n) == group(i, 2 * n) + n;
       ensures holds: 0 <= group(i, 2 * n) <= i < group(i, 2 * n) + 2 * n;
       ensures below: i < 32 && power(n, 16) ==> group(i, 2 * n) + 2 * n <= 32;
    @/
    void group_halves(unsigned int i, unsigned int n); */
