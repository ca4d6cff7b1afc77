// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of the transitions, after each of which bits and fields agree if they did before;
 * the code below them is lib/'s own.
 */
#include "internal.h"
#include "bits.h"
#include "model.h"
#include "word.h"
#include "bit.h"
#include "summary.h"
#include "marks_contracts.h"
#include "contracts.h"
#include "transition_contracts.h"
#include "commit_contract.h"
#include "range_contracts.h"
#include "denied_range_contract.h"
#include "agree.h"

/*@ requires table: table_ok(t);
    requires result: \valid(end) && \separated(end, t);
    assigns *end;
    ensures end: \result != 0 ==> *end == pa + npages * 4096 && pa < *end <= pa_limit;
    ensures ram: \result != 0 ==> ram_range(t, pa, *end);
*/
static bool range_valid(const struct pmptable *t, u64 pa, u64 npages, u64 *end);

/*@ requires field <= 0xffff;
    assigns \nothing;
    ensures \result != 0 <==> denies(field);
*/
static inline bool pmptable_state_denied(u32 field);

/*@ assigns \nothing;
    ensures \result != 0 ==> !denies(field);
*/
static bool state_host(pmptable_field_t field);

/*@ requires \valid_read(from + (0 .. nfrom - 1));
    assigns \nothing;
    ensures same: \result != 0 ==> \forall integer k; 0 <= k < nfrom ==>
      (denies(from[k]) <==> denies(to));
*/
static bool states_allowed(const pmptable_field_t *from, unsigned int nfrom, pmptable_field_t to);

/*@ requires table: table_whole(t) && ram_range(t, pa, end) && pa <= end;
    requires agrees: agrees(t) && marks_agree(t);
    ensures agrees: agrees(t);
    ensures marks: marks_agree(t);
    ensures field: own_field_set{Pre, Post}(t, pa, end, to);
*/
static void change(struct pmptable *t, u64 pa, u64 end, pmptable_field_t to);

/*@ requires table: table_whole(t) && ram_range(t, pa, end) && pa <= end;
    requires agrees: agrees(t) && marks_agree(t);
    ensures agrees: agrees(t);
    ensures marks: marks_agree(t);
    ensures result: \result == 0 || \result == -2;
    ensures from: \result == 0 && page_inside(pa, end) ==> own_field_is{Pre}(t, 7);
    ensures field: \result == 0 ==> own_field_set{Pre, Post}(t, pa, end, 0);
    ensures nothing: \result != 0 ==> same_field{Pre, Post}(t);
*/
static int deny_locked(struct pmptable *t, u64 pa, u64 end);

/*@ requires table: table_ok(t) && ram_range(t, pa, end);
    assigns \nothing;
    ensures host: \result != 0 && page_inside(pa, end) ==> own_field_is(t, 7) || own_field_is(t, 3);
*/
static bool granted(const struct pmptable *t, u64 pa, u64 end);

/*@ requires table: table_ok(t) && ram_range(t, pa, end);
    assigns \nothing;
    ensures from: \result != 0 && page_inside(pa, end) ==>
      own_field_is(t, 7) || own_field_is(t, 0) || own_field_is(t, 16);
*/
static bool may_grant(const struct pmptable *t, u64 pa, u64 end);

// What scrub() writes is no part of the table: relied on.
/*@ assigns \nothing; */
static void scrub_range(const struct pmptable *t, u64 pa, u64 end, void (*scrub)(u64 pa));

/*@ requires table: table_whole(t) && ram_range(t, pa, end) && pa <= end;
    requires agrees: agrees(t) && marks_agree(t);
    ensures agrees: agrees(t);
    ensures marks: marks_agree(t);
    ensures result: \result == 0 || \result == -2;
    ensures from: \result == 0 && page_inside(pa, end) ==> own_field_is{Pre}(t, 7) ||
      own_field_is{Pre}(t, 3) || own_field_is{Pre}(t, 0) || own_field_is{Pre}(t, 16);
    ensures field: \result == 0 ==>
      own_field_set{Pre, Post}(t, pa, end, 7) || same_field{Pre, Post}(t);
    ensures host: \result == 0 && page_inside(pa, end) ==>
      own_field_is(t, 7) || own_field_is(t, 3);
    ensures nothing: \result != 0 ==> same_field{Pre, Post}(t);
*/
static int grant_locked(struct pmptable *t, u64 pa, u64 end, void (*scrub)(u64 pa));

/*@ requires table: table_whole(t);
    requires from: \valid_read(from + (0 .. nfrom - 1));
    requires agrees: agrees(t) && marks_agree(t);
    ensures result: \result == 0 || \result == -1 || \result == -2;
    ensures states: \result == 0 ==> \forall integer i, p; 0 <= i < \old(t->nbanks) &&
      page_ram{Pre}(\old(&t->banks[i]), p) &&
      pa <= page_pa{Pre}(\old(&t->banks[i]), p) < pa + npages * 4096 ==>
	in_set{Pre}(from, nfrom, page_field{Pre}(\old(&t->banks[i]), p));
    ensures all: \result == 0 ==> pages_are(t, pa, pa + npages * 4096, to);
    ensures kept: \result == 0 ==> pages_same{Pre, Post}(t, pa, pa + npages * 4096);
    ensures nothing: \result != 0 ==> pages_same{Pre, Post}(t, 0, 0);
    ensures table: table_ok(t) && table_apart(t) && same_banks{Pre, Post}(t);
    ensures agrees: agrees(t);
    ensures marks: marks_agree(t);
*/
int pmptable_transition(struct pmptable *t, u64 pa, u64 npages, const pmptable_field_t *from,
			unsigned int nfrom, pmptable_field_t to);

/*@ requires table: table_whole(t);
    requires agrees: agrees(t) && marks_agree(t);
    ensures agrees: agrees(t);
    ensures marks: marks_agree(t);
    ensures from: \result == 0 && page_inside(pa, pa + npages * 4096) ==> own_field_is{Pre}(t, 7);
    ensures field: \result == 0 ==> own_field_set{Pre, Post}(t, pa, pa + npages * 4096, 0);
    ensures nothing: \result != 0 ==> same_field{Pre, Post}(t);
*/
int pmptable_deny(struct pmptable *t, u64 pa, u64 npages);

/*@ requires table: table_whole(t);
    requires agrees: agrees(t) && marks_agree(t);
    ensures agrees: agrees(t);
    ensures marks: marks_agree(t);
    ensures from: \result == 0 && page_inside(pa, pa + npages * 4096) ==> own_field_is{Pre}(t, 7) ||
      own_field_is{Pre}(t, 3) || own_field_is{Pre}(t, 0) || own_field_is{Pre}(t, 16);
    ensures host: \result == 0 && page_inside(pa, pa + npages * 4096) ==>
      own_field_is(t, 7) || own_field_is(t, 3);
    ensures others: !page_inside(pa, pa + npages * 4096) ==> same_field{Pre, Post}(t);
    ensures nothing: \result != 0 ==> same_field{Pre, Post}(t);
*/
int pmptable_grant(struct pmptable *t, u64 pa, u64 npages, void (*scrub)(u64 pa));

/*@ requires table: table_ok(t);
    assigns \nothing;
*/
int pmptable_may_grant(struct pmptable *t, u64 pa, u64 npages);

/*@ requires table: table_ok(t);
    requires range: pa < end <= pa_limit && pa % 4096 == 0 && end % 4096 == 0;
    assigns \nothing;
    ensures size: pa < \result <= end && \result % 4096 == 0;
    ensures alike: alike{Pre}(t, pa, \result);
*/
static u64 alike_until(const struct pmptable *t, u64 pa, u64 end);

/*@ requires table: table_whole(t);
    requires range: pa < end <= pa_limit && pa % 4096 == 0 && end % 4096 == 0;
    requires alike: alike(t, pa, end);
    requires agrees: agrees(t) && marks_agree(t);
    ensures table: table_whole(t);
    ensures agrees: agrees(t);
    ensures marks: marks_agree(t);
    ensures same: same_banks{Pre, Post}(t);
    ensures field: same_field{Pre, Post}(t) ||
      (page_inside(pa, end) && own_field_is{Pre}(t, 7) && own_field_is(t, 8));
*/
static void set_alike(struct pmptable *t, u64 pa, u64 end);

/*@ requires table: table_whole(t);
    requires agrees: agrees(t) && marks_agree(t);
    ensures agrees: agrees(t);
    ensures marks: marks_agree(t);
    ensures field: same_field{Pre, Post}(t) || (own_field_is{Pre}(t, 7) && own_field_is(t, 8));
*/
void pmptable_set_monitor(struct pmptable *t, u64 base, u64 size);

/* Bodies, so that these are taken to write anything; what they do is proved elsewhere. */
void pmptable_commit(struct pmptable *t, u64 pa, u64 end, pmptable_field_t to)
{
}

void pmptable_denied_range(struct pmptable *t, u64 pa, u64 end, bool denied)
{
}

#include "transition.c"
