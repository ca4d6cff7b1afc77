// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of the encoder of PMP entries; the code below them is lib/'s own.
 */
#include <pmptable/pmp.h>
#include "bits.h"
#include "entries.h"
#include "encode_contracts.h"

/*@ assigns \nothing;
    ensures \result != 0 <==> cfg / 8 % 4 == 1;
*/
static bool is_tor(u8 cfg);

/*@ assigns \nothing;
    ensures \result != 0 <==> r.base == 0 && r.size == 0;
*/
static bool is_whole(struct pmp_region r);

/*@ requires \valid_read(r);
    assigns \nothing;
    ensures \result != 0 <==> region_ok(r);
*/
static bool region_valid(const struct pmp_region *r);

/*@ requires valid_region(r.base, r.size, r.perm) && r.size != 0;
    assigns \nothing;
    ensures size: \result != 0 ==> (r.size & (unsigned long)(r.size - 1)) == 0;
    ensures base: \result != 0 ==> (r.base & (unsigned long)(r.size - 1)) == 0;
*/
static bool is_block(struct pmp_region r);

/*@ requires valid_region(r.base, r.size, r.perm) && r.size != 0;
    requires size: (r.size & (unsigned long)(r.size - 1)) == 0;
    requires base: (r.base & (unsigned long)(r.size - 1)) == 0;
    assigns \nothing;
    ensures napot(\result, word) <==> holds(r.base, r.size, word);
*/
static u64 napot_addr(struct pmp_region r);

/*@ predicate touch(struct pmp_region r, struct pmp_region next) =
      r.perm == next.perm && r.size != 0 && next.size != 0 &&
      (next.base + next.size == r.base || r.base + r.size == next.base);
*/

/*@ requires valid_region(r.base, r.size, r.perm) &&
      valid_region(next.base, next.size, next.perm);
    assigns \nothing;
    ensures \result != 0 ==> touch(r, next);
*/
static bool joins(struct pmp_region r, struct pmp_region next);

/*@ requires valid_region(r.base, r.size, r.perm) &&
      valid_region(next.base, next.size, next.perm) && touch(r, next);
    assigns \nothing;
    ensures valid_region(\result.base, \result.size, \result.perm);
    ensures \result.perm == r.perm;
    ensures holds(\result.base, \result.size, word) <==>
      holds(r.base, r.size, word) || holds(next.base, next.size, word);
*/
static struct pmp_region joined(struct pmp_region r, struct pmp_region next);

/*@ requires \valid_read(regions + (0 .. nregions - 1));
    assigns \nothing;
    ensures \result != 0 <==> \forall integer k; 0 <= k < nregions ==> region_ok(&regions[k]);
*/
static bool regions_valid(const struct pmp_region *regions, unsigned int nregions);

/*@ requires regions: *i < nregions <= 64 && \valid_read(regions + (0 .. nregions - 1));
    requires valid: \forall integer k; 0 <= k < nregions ==> region_ok(&regions[k]);
    requires apart: \valid(i) && \separated(i, regions + (0 .. nregions - 1));
    assigns *i;
    ensures next: \old(*i) < *i <= nregions;
    ensures ok: valid_region(\result.base, \result.size, \result.perm);
    ensures decides: \forall integer p; decides(regions, *i, word, p) ==>
      (p != -1 && decides(regions, \old(*i), word, p)) ||
      (decides(regions, \old(*i), word, -1) &&
       (holds(\result.base, \result.size, word) ==> p == \result.perm) &&
       (!holds(\result.base, \result.size, word) ==> p == -1));
*/
static struct pmp_region join_from(const struct pmp_region *regions, unsigned int nregions,
				   unsigned int *i);

/*@ requires n <= 64 && \valid_read(entry + (0 .. n - 1));
    assigns \nothing;
    ensures \result == (n != 0 && mode(&entry[n - 1]) == 1 ? entry[n - 1].addr : no_tor);
*/
static u64 tor_behind(const struct pmp_entry *entry, unsigned int n);

#include "pmp.c"
