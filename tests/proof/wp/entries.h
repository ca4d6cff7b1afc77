/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What PMP entries and regions mean, in logic, from the privileged specification
 * (3.7.1) and not from the code. Addresses are counted in words of 4 bytes, as
 * pmpaddr counts them. The facts are axioms here, and entries.smt2 proves each of
 * them on 64-bit words.
 */
#include "word.h"

/*@ logic integer no_tor = 0xffffffffffffffff;

    axiomatic entries {
      // NAPOT: with k trailing ones in pmpaddr a, words that agree with it above bit k.
      predicate napot(integer a, integer w);

      axiom napot_all: \forall integer w; 0 <= w < words ==> napot(0x3fffffffffffff, w);
    }

    axiomatic entry_bits {
      axiom shr2: \forall integer x; 0 <= x ==> (x >> 2) == x / 4;
      axiom and_mode: \forall integer x; 0 <= x <= 0xff ==> (x & 24) == 8 * (x / 8 % 4);
      axiom or_tor: \forall integer x; 0 <= x <= 7 ==> (8 | x) == 8 + x &&
	(8 + x) / 8 % 4 == 1 && (8 + x) % 8 == x;
      axiom or_napot: \forall integer x; 0 <= x <= 7 ==> (24 | x) == 24 + x &&
	(24 + x) / 8 % 4 == 3 && (24 + x) % 8 == x;
      axiom and_perm: \forall integer x; 0 <= x <= 0xff ==> ((x & 248) == 0 <==> x <= 7);
      axiom and_r: \forall integer x; 0 <= x ==> (x & 1) == x % 2;
      axiom and_w: \forall integer x; 0 <= x ==> (x & 2) == 2 * (x / 2 % 2);
      axiom or_page: \forall integer x, y; 0 <= x && 0 <= y ==>
	((x | y) % 4096 == 0 <==> x % 4096 == 0 && y % 4096 == 0);
    }

    logic integer mode{L}(struct pmp_entry *e) = e->cfg / 8 % 4;
    logic integer perm{L}(struct pmp_entry *e) = e->cfg % 8;
    predicate tor{L}(struct pmp_entry *e) = mode(e) == 1;

    // Entry k of e matches word w.
    predicate hit{L}(struct pmp_entry *e, integer k, integer w) =
      (mode(&e[k]) == 1 && (k == 0 ? 0 : e[k - 1].addr) <= w < e[k].addr) ||
      (mode(&e[k]) == 2 && w == e[k].addr) ||
      (mode(&e[k]) == 3 && napot(e[k].addr, w));

    predicate hit_some{L}(struct pmp_entry *e, integer from, integer end, integer w) =
      \exists integer k; from <= k < end && hit(e, k, w);

    // The first of entries [from, end) that matches w has permission p.
    predicate says{L}(struct pmp_entry *e, integer from, integer end, integer w, integer p) =
      \exists integer k; from <= k < end && hit(e, k, w) && perm(&e[k]) == p &&
	\forall integer j; from <= j < k ==> !hit(e, j, w);

    // The first of them that matches w has permission p; p is -1 where none does.
    predicate verdict{L}(struct pmp_entry *e, integer from, integer end, integer w, integer p) =
      p == -1 ? !hit_some(e, from, end, w) : says(e, from, end, w, p);

    // A region holds word w; base 0 and size 0 is everything.
    predicate holds(integer base, integer size, integer w) =
      (base == 0 && size == 0) || base <= 4 * w < base + size;

    predicate valid_region(integer base, integer size, integer perm) =
      perm <= 7 && !(perm / 2 % 2 == 1 && perm % 2 == 0) &&
      ((base == 0 && size == 0) || (base % 4096 == 0 && size % 4096 == 0 && 0 < size &&
       base + size < 0x100000000000000));

    predicate in_region{L}(struct pmp_region *r, integer w) = holds(r->base, r->size, w);

    predicate region_ok{L}(struct pmp_region *r) = valid_region(r->base, r->size, r->perm);

    predicate in_some{L}(struct pmp_region *r, integer n, integer w) =
      \exists integer k; 0 <= k < n && in_region(&r[k], w);

    // Region j is the first that holds w.
    predicate in_first{L}(struct pmp_region *r, integer j, integer w) =
      in_region(&r[j], w) && \forall integer k; 0 <= k < j ==> !in_region(&r[k], w);

    // The first of the regions that holds w has permission p; p is -1 where none does.
    predicate decides{L}(struct pmp_region *r, integer n, integer w, integer p) =
      p == -1 ? !in_some(r, n, w) :
      \exists integer j; 0 <= j < n && in_first(r, j, w) && r[j].perm == p;

    predicate same_entries{A, B}(struct pmp_entry *e, integer n) =
      \forall integer k; 0 <= k < n ==>
	\at(e[k].addr, A) == \at(e[k].addr, B) && \at(e[k].cfg, A) == \at(e[k].cfg, B);

    predicate same_regions{A, B}(struct pmp_region *r, integer n) =
      \forall integer k; 0 <= k < n ==>
	\at(r[k].base, A) == \at(r[k].base, B) && \at(r[k].size, A) == \at(r[k].size, B) &&
	\at(r[k].perm, A) == \at(r[k].perm, B);

    lemma same_hit{A, B}: \forall struct pmp_entry *e, integer n, k, w;
      same_entries{A, B}(e, n) && 0 <= k < n ==> (hit{A}(e, k, w) <==> hit{B}(e, k, w));

    // What entries behind others change, and what they do not.
    lemma more_says{A, B}: \forall struct pmp_entry *e, integer from, m, n, w, p;
      same_entries{A, B}(e, m) && 0 <= from && m <= n && says{A}(e, from, m, w, p) ==>
	says{B}(e, from, n, w, p);
    lemma more_none{A, B}: \forall struct pmp_entry *e, integer from, m, n, w;
      same_entries{A, B}(e, m) && 0 <= from && m < n && !hit_some{A}(e, from, m, w) &&
      !hit_some{B}(e, m, n - 1, w) && !hit{B}(e, n - 1, w) ==> !hit_some{B}(e, from, n, w);
    lemma more_hit{A, B}: \forall struct pmp_entry *e, integer from, m, n, w;
      same_entries{A, B}(e, m) && 0 <= from <= m && m < n && !hit_some{A}(e, from, m, w) &&
      !hit_some{B}(e, m, n - 1, w) && hit{B}(e, n - 1, w) ==>
	says{B}(e, from, n, w, perm{B}(e + (n - 1)));

    lemma same_decides{A, B}: \forall struct pmp_region *r, integer m, n, w, p;
      same_regions{A, B}(r, n) && m <= n && decides{A}(r, m, w, p) ==> decides{B}(r, m, w, p);
*/

/*
 * What a NAPOT pmpaddr names. A fact like the axioms, but called where it is
 * needed: provers would not find it.
 */
/*@ ghost
    /@ requires 4096 <= size && base + size <= 0x100000000000000;
       requires (size & (unsigned long)(size - 1)) == 0;
       requires (base & (unsigned long)(size - 1)) == 0;
       assigns \nothing;
       ensures napot((base >> 2) | (unsigned long)((size >> 3) - 1), word) <==>
	 base <= 4 * word < base + size;
    @/
    void napot_block(u64 base, u64 size); */
