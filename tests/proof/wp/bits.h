/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What shifts, masks and wrapping differences are in terms of + - * / %. WP
 * takes these for granted; bits.smt2 proves each of them on 64-bit words.
 */
/*@ axiomatic bits {
      axiom shr3: \forall integer x; 0 <= x ==> (x >> 3) == x / 8;
      axiom shr12: \forall integer x; 0 <= x ==> (x >> 12) == x / 4096;
      axiom shr23: \forall integer x; 0 <= x ==> (x >> 23) == x / 0x800000;
      axiom shl12: \forall integer x; 0 <= x ==> (x << 12) == x * 4096;
      axiom shl23: \forall integer x; 0 <= x ==> (x << 23) == x * 0x800000;
      axiom and7: \forall integer x; 0 <= x ==> (x & 7) == x % 8;
      axiom and_low: \forall integer x, a; 0 <= x && 0 <= a <= 7 ==> (x & a) == ((x % 8) & a);
      axiom and_page: \forall integer x; 0 <= x <= 0xffffffffffffffff ==>
	(x & 0xfffffffffffff000) == x - x % 4096;
      axiom and_block: \forall integer x; 0 <= x <= 0xffffffffffffffff ==>
	(x & 0xffffffffff800000) == x - x % 0x800000;
      axiom wrap_none: \forall integer x; 0 <= x <= 0xffffffffffffffff ==>
	(unsigned long)x == x;
      axiom wrap_below: \forall integer x; -0x10000000000000000 <= x < 0 ==>
	(unsigned long)x == x + 0x10000000000000000;
      axiom wrap_above: \forall integer x; 0x10000000000000000 <= x < 0x20000000000000000 ==>
	(unsigned long)x == x - 0x10000000000000000;
    } */
