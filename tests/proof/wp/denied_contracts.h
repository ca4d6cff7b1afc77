/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the plans ask of the table, and what they rely on. pmptable_is_ram() is only asked
 * for a saving: its answer is not relied on.
 *
 * DENIED(t): the page of the word (word.h) is denied to the host. SUMMARY_OK(t): the table
 * and its summary are well-formed. APART(t, r, n): the n ranges of r overlap neither. The
 * plans are proved for any such predicates, and the search for those of summary.h.
 */
/*@
    predicate in_range{L}(struct pmptable_range *r) = r->base <= 4 * word < r->base + r->size;

    predicate in_ranges{L}(struct pmptable_range *r, integer n) =
      \exists integer k; 0 <= k < n && in_range(&r[k]);
*/

/*@ requires table: SUMMARY_OK(t);
    requires room: 1 <= max <= 1000 && \valid(runs + (0 .. max - 1)) &&
      APART(t, runs, max);
    assigns runs[0 .. max - 1];
    ensures result: \result == -3 || 0 <= \result <= max;
    ensures all: 0 <= \result && DENIED(t) ==> in_ranges(runs, \result);
*/
int pmptable_denied_runs(const struct pmptable *t, struct pmptable_range *runs, unsigned int max);

/*@ requires table: SUMMARY_OK(t);
    requires room: 1 <= max <= 4 && \valid(cover + (0 .. max - 1)) &&
      APART(t, cover, max);
    assigns cover[0 .. max - 1];
    ensures result: \result <= max;
    ensures some: \forall integer k; 0 <= k < \result ==>
      0 < cover[k].size && cover[k].base + cover[k].size <= 0x100000000000000;
    ensures sorted: \forall integer j, k; 0 <= j < k < \result ==>
      cover[j].base + cover[j].size <= cover[k].base;
    ensures all: DENIED(t) ==> in_ranges(cover, \result);
*/
unsigned int pmptable_denied_cover(const struct pmptable *t, struct pmptable_range *cover,
				   unsigned int max);

/*@ requires table: SUMMARY_OK(t);
    requires pa: pa < 0x100000000000000;
    requires result: \valid(block) && APART(t, block, 1);
    assigns *block;
    ensures size: \result != 0 ==> 4096 <= block->size <= 0x100000000000000 &&
      (block->size & (unsigned long)(block->size - 1)) == 0;
    ensures base: \result != 0 ==> block->base + block->size <= 0x100000000000000 &&
      (block->base & (unsigned long)(block->size - 1)) == 0;
    ensures open: \result != 0 && DENIED(t) ==> !in_range(block);
*/
bool pmptable_open_block(const struct pmptable *t, u64 pa, struct pmptable_range *block);

/*@ requires table: SUMMARY_OK(t);
    assigns \nothing;
*/
bool pmptable_is_ram(const struct pmptable *t, u64 base, u64 size);
