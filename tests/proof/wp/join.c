// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Ranges that are joined with their neighbours.
 */
#include "internal.h"
#include "bits.h"
#include "model.h"
#include "bit.h"
#include "word.h"
#include "summary.h"
#include "denied_contracts.h"
#include "ranges.h"

/*@
    lemma joined_ok{A, B}: \forall struct pmptable_range *r, integer at, n;
      joined{A, B}(r, at, n) && 0 <= at && at + 1 < n && ranges_sorted{A}(r, n) &&
      ranges_ok{A}(r, n) ==> ranges_ok{B}(r, n - 1);
    lemma joined_front{A, B}: \forall struct pmptable_range *r, integer at, n;
      joined{A, B}(r, at, n) && 0 <= at && at + 1 < n && ranges_sorted{A}(r, n) ==>
	\forall integer j, k; 0 <= j < k <= at ==>
	  \at(r[j].base + r[j].size, B) <= \at(r[k].base, B);
    lemma joined_over{A, B}: \forall struct pmptable_range *r, integer at, n;
      joined{A, B}(r, at, n) && 0 <= at && at + 1 < n && ranges_sorted{A}(r, n) ==>
	\forall integer j, k; 0 <= j < at < k < n - 1 ==>
	  \at(r[j].base + r[j].size, B) <= \at(r[k].base, B);
    lemma joined_at{A, B}: \forall struct pmptable_range *r, integer at, n;
      joined{A, B}(r, at, n) && 0 <= at && at + 1 < n && ranges_sorted{A}(r, n) ==>
	\forall integer j, k; j == at && at < k < n - 1 ==>
	  \at(r[j].base + r[j].size, B) <= \at(r[k].base, B);
    lemma joined_behind{A, B}: \forall struct pmptable_range *r, integer at, n;
      joined{A, B}(r, at, n) && 0 <= at && at + 1 < n && ranges_sorted{A}(r, n) ==>
	\forall integer j, k; at < j < k < n - 1 ==>
	  \at(r[j].base + r[j].size, B) <= \at(r[k].base, B);
    lemma joined_sorted{A, B}: \forall struct pmptable_range *r, integer at, n;
      joined{A, B}(r, at, n) && 0 <= at && at + 1 < n && ranges_sorted{A}(r, n) ==>
	ranges_sorted{B}(r, n - 1);
    lemma joined_below{A, B}: \forall struct pmptable_range *r, integer at, n, end;
      joined{A, B}(r, at, n) && 0 <= at && at + 1 < n && ranges_below{A}(r, n, end) ==>
	ranges_below{B}(r, n - 1, end);
    // The ranges hold the word still.
    predicate holds_still{A, B}(struct pmptable_range *r, integer at, integer n) =
      (\forall integer k; 0 <= k < at && in_range{A}(r + k) ==> in_range{B}(r + k)) &&
      (in_range{A}(r + at) || in_range{A}(r + (at + 1)) ==> in_range{B}(r + at)) &&
      (\forall integer k; at + 1 < k < n && in_range{A}(r + k) ==> in_range{B}(r + (k - 1)));

    lemma holds_all{A, B}: \forall struct pmptable_range *r, integer at, n;
      holds_still{A, B}(r, at, n) && 0 <= at && at + 1 < n && in_ranges{A}(r, n) ==>
	in_ranges{B}(r, n - 1);
    lemma joined_holds{A, B}: \forall struct pmptable_range *r, integer at, n;
      joined{A, B}(r, at, n) && 0 <= at && at + 1 < n && ranges_sorted{A}(r, n) &&
      ranges_ok{A}(r, n) ==> holds_still{A, B}(r, at, n);
*/

#include "runs.c"
