/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A bit of a 64-bit word. WP takes the axioms for granted; words.smt2 proves each of them.
 */
/*@ axiomatic bit {
      predicate bit(integer x, integer i);

      // The lowest bit of a word that is not 0.
      logic integer lowest(integer x);

      axiom bit_lowest: \forall integer x; 0 < x <= 0xffffffffffffffff ==>
	0 <= lowest(x) < 64 && bit(x, lowest(x));
      axiom bit_none: \forall integer i; !bit(0, i);
      axiom bit_high: \forall integer x, i; 0 <= x <= 0xffffffffffffffff && 64 <= i ==> !bit(x, i);
      axiom bit_shr: \forall integer x, n, i; 0 <= x <= 0xffffffffffffffff && 0 <= n < 64 &&
	0 <= i ==> (bit(x >> n, i) <==> bit(x, i + n));
      axiom bit_test: \forall integer x, i; 0 <= x <= 0xffffffffffffffff && 0 <= i < 64 ==>
	(((x >> i) & 1) != 0 <==> bit(x, i));
      axiom shr_word: \forall integer x, n; 0 <= x <= 0xffffffffffffffff && 0 <= n < 64 ==>
	0 <= (x >> n) <= 0xffffffffffffffff;
    } */
