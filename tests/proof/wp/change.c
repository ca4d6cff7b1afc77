// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of the transitions; the code below them is lib/'s own.
 */
#include "internal.h"
#include "bits.h"
#include "model.h"
#include "contracts.h"

/*@ assigns \nothing;
    ensures 0 <= \result < 5;
*/
static enum pmptable_kind kind_of(pmptable_field_t field);

/*@ requires \valid_read(states + (0 .. n - 1));
    assigns \nothing;
    ensures \result != 0 <==> in_set(states, n, field);
*/
static bool field_in(pmptable_field_t field, const pmptable_field_t *states, unsigned int n);

/*@ requires \valid_read(fields + (first .. first + count - 1)) && first < 0x100000000000;
    requires \valid_read(states + (0 .. n - 1));
    assigns \nothing;
    ensures \result != 0 <==> \forall integer p; first <= p < first + count ==>
      in_set(states, n, fields[p]);
*/
static bool fields_in(const pmptable_field_t *fields, unsigned long first, unsigned int count,
		      const pmptable_field_t *states, unsigned int n);

/*@ requires bank: \valid_read(s) && \valid_read(s->bank) && bank_ok(s->bank) &&
      bank_memory(s->bank) && bank_roots(s->bank);
    requires span: span_ok(s->bank, s->block, s->first, s->n);
    requires states: \valid_read(states + (0 .. n - 1));
    assigns \nothing;
    ensures is: \result != 0 <==> \forall integer p;
      s->block * 2048 + s->first <= p < s->block * 2048 + s->first + s->n ==>
	in_set(states, n, page_field(s->bank, p));
*/
static bool span_match(const struct pmptable_span *s, const pmptable_field_t *states,
		       unsigned int n);

/*@ requires table: table_ok(t);
    requires range: ram_range(t, pa, end);
    requires states: \valid_read(states + (0 .. n - 1));
    assigns \nothing;
    ensures all: \result ==> \forall integer i, p; 0 <= i < t->nbanks &&
      page_ram(&t->banks[i], p) && pa <= page_pa(&t->banks[i], p) < end ==>
	in_set(states, n, page_field(&t->banks[i], p));
    ensures only: !\result ==> \exists integer i, p; 0 <= i < t->nbanks &&
      page_ram(&t->banks[i], p) && pa <= page_pa(&t->banks[i], p) < end &&
	!in_set(states, n, page_field(&t->banks[i], p));
*/
static bool states_match(const struct pmptable *t, u64 pa, u64 end, const pmptable_field_t *states,
			 unsigned int n);

/*@ requires \valid_read(fields + (first .. first + 2047)) && first < 0x100000000000;
    assigns \nothing;
    ensures \result != 0 <==> \forall integer p; first <= p < first + 2048 ==> fields[p] == field;
*/
static bool block_uniform(const pmptable_field_t *fields, unsigned long first,
			  pmptable_field_t field);

/*@ requires \valid(fields + (first .. first + count - 1)) && first < 0x100000000000;
    assigns fields[first .. first + count - 1];
    ensures \forall integer p; first <= p < first + count ==> fields[p] == field;
*/
static void fill(pmptable_field_t *fields, unsigned long first, unsigned int count,
		 pmptable_field_t field);

/*@ requires \valid(fields + (first .. first + 2047)) && first < 0x100000000000;
    assigns fields[first .. first + 2047];
    ensures \forall integer p; first <= p < first + 2048 ==> fields[p] == field;
*/
static void fill_block(pmptable_field_t *fields, unsigned long first, pmptable_field_t field);

/*@ requires bank: \valid_read(s) && \valid_read(s->bank) && bank_ok(s->bank) &&
      bank_memory(s->bank) && bank_roots(s->bank);
    requires span: span_ok(s->bank, s->block, s->first, s->n);
    requires count: \valid(&t->count[0 .. 4]);
    requires apart: \separated(&t->count[0 .. 4], s->bank);
    requires apart_root: \separated(&t->count[0 .. 4], s->bank->root + (0 .. s->bank->nblocks - 1));
    assigns t->count[0 .. 4];
*/
static void recount(struct pmptable *t, const struct pmptable_span *s, pmptable_field_t to);

/*@ requires bank: \valid_read(s) && \valid_read(s->bank) && bank_ok(s->bank) &&
      bank_memory(s->bank) && bank_roots(s->bank);
    requires span: span_ok(s->bank, s->block, s->first, s->n);
    requires whole: s->whole != 0 <==> block_whole(s->bank, s->block);
    requires apart_span: \separated(s, s->bank->root + (0 .. s->bank->nblocks - 1));
    requires apart_bank: \separated(s->bank, s->bank->root + (0 .. s->bank->nblocks - 1));
    assigns s->bank->root[s->block],
      s->bank->leaves[s->block * 2048 .. s->block * 2048 + 2047];
    ensures changed: \forall integer p;
      s->block * 2048 + s->first <= p < s->block * 2048 + s->first + s->n ==>
	page_field(s->bank, p) == to;
    ensures kept: \forall integer p; s->block * 2048 <= p < s->block * 2048 + 2048 &&
      !(s->block * 2048 + s->first <= p < s->block * 2048 + s->first + s->n) ==>
	page_field(s->bank, p) == page_field{Pre}(s->bank, p);
    ensures roots: bank_roots(s->bank);
*/
static void commit_part(const struct pmptable_span *s, pmptable_field_t to);

/*@ requires bank: \valid_read(s) && \valid_read(s->bank) && bank_ok(s->bank) &&
      bank_memory(s->bank) && bank_roots(s->bank);
    requires span: span_ok(s->bank, s->block, s->first, s->n);
    requires whole: s->whole != 0 <==> block_whole(s->bank, s->block);
    requires count: \valid(&t->count[0 .. 4]);
    requires apart: \separated(&t->count[0 .. 4], s->bank);
    requires apart_root: \separated(&t->count[0 .. 4], s->bank->root + (0 .. s->bank->nblocks - 1));
    requires apart_span: \separated(s, &t->count[0 .. 4]) &&
      \separated(s, s->bank->root + (0 .. s->bank->nblocks - 1));
    requires apart_bank: \separated(s->bank, s->bank->root + (0 .. s->bank->nblocks - 1));
    assigns t->count[0 .. 4], s->bank->root[s->block],
      s->bank->leaves[s->block * 2048 .. s->block * 2048 + 2047];
    ensures changed: \forall integer p;
      s->block * 2048 + s->first <= p < s->block * 2048 + s->first + s->n ==>
	page_field(s->bank, p) == to;
    ensures kept: \forall integer p; s->block * 2048 <= p < s->block * 2048 + 2048 &&
      !(s->block * 2048 + s->first <= p < s->block * 2048 + s->first + s->n) ==>
	page_field(s->bank, p) == page_field{Pre}(s->bank, p);
    ensures roots: bank_roots(s->bank);
*/
static void commit_span(struct pmptable *t, const struct pmptable_span *s, pmptable_field_t to);

/*@ predicate same_banks{A, B}(struct pmptable *t) =
      \at(t->nbanks, A) == \at(t->nbanks, B) &&
      \forall integer i; 0 <= i < \at(t->nbanks, A) ==>
	\at(t->banks[i].ram.base, A) == \at(t->banks[i].ram.base, B) &&
	\at(t->banks[i].ram.size, A) == \at(t->banks[i].ram.size, B) &&
	\at(t->banks[i].start, A) == \at(t->banks[i].start, B) &&
	\at(t->banks[i].root, A) == \at(t->banks[i].root, B) &&
	\at(t->banks[i].leaves, A) == \at(t->banks[i].leaves, B) &&
	\at(t->banks[i].nblocks, A) == \at(t->banks[i].nblocks, B);

    lemma same_table_range{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && table_range{A}(t) ==> table_range{B}(t);
    lemma same_table_aligned{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && table_aligned{A}(t) ==> table_aligned{B}(t);
    lemma same_table_blocks{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && table_blocks{A}(t) ==> table_blocks{B}(t);
    lemma same_table_sorted{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && table_sorted{A}(t) ==> table_sorted{B}(t);
    lemma same_banks_apart{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && banks_apart{A}(t) ==> banks_apart{B}(t);
    lemma same_roots_apart{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && roots_apart{A}(t) ==> roots_apart{B}(t);
    lemma same_leaves_apart{A, B}: \forall struct pmptable *t;
      same_banks{A, B}(t) && leaves_apart{A}(t) ==> leaves_apart{B}(t);

    // Each page of [pa, end) has field f.
    predicate pages_are{L}(struct pmptable *t, integer pa, integer end, integer f) =
      \forall integer i, p; 0 <= i < t->nbanks && page_ram(&t->banks[i], p) &&
	pa <= page_pa(&t->banks[i], p) < end ==> page_field(&t->banks[i], p) == f;

    // Each page of RAM but those of [pa, end) has the field that it had.
    predicate pages_same{A, B}(struct pmptable *t, integer pa, integer end) =
      \forall integer i, p; 0 <= i < \at(t->nbanks, A) && page_ram{A}(\at(&t->banks[i], A), p) &&
	!(pa <= page_pa{A}(\at(&t->banks[i], A), p) < end) ==>
	  page_field{B}(\at(&t->banks[i], A), p) == page_field{A}(\at(&t->banks[i], A), p);
*/

/*@ requires table: table_ok(t) && table_apart(t);
    requires range: ram_range(t, pa, end) && pa <= end;
    ensures same: same_banks{Pre, Post}(t);
    ensures table: table_ok(t) && table_apart(t);
    ensures changed: pages_are(t, pa, end, to);
    ensures kept: pages_same{Pre, Post}(t, pa, end);
*/
static void commit(struct pmptable *t, u64 pa, u64 end, pmptable_field_t to);

/*@ assigns \nothing; */
static inline bool pmptable_state_denied(u32 field);

/*@ assigns \nothing; */
static bool state_host(pmptable_field_t field);

/*@ requires \valid_read(from + (0 .. nfrom - 1));
    assigns \nothing;
*/
static bool states_allowed(const pmptable_field_t *from, unsigned int nfrom, pmptable_field_t to);

/*@ requires table: table_ok(t);
    requires result: \valid(end) && \separated(end, t);
    assigns *end;
    ensures end: \result != 0 ==> *end == pa + npages * 4096 && pa < *end <= pa_limit;
    ensures ram: \result != 0 ==> ram_range(t, pa, *end);
*/
static bool range_valid(const struct pmptable *t, u64 pa, u64 npages, u64 *end);

/*@ requires table: table_ok(t) && table_apart(t);
    requires from: \valid_read(from + (0 .. nfrom - 1));
    ensures result: \result == 0 || \result == -1 || \result == -2;
    ensures states: \result == 0 ==> \forall integer i, p; 0 <= i < \old(t->nbanks) &&
      page_ram{Pre}(\old(&t->banks[i]), p) &&
      pa <= page_pa{Pre}(\old(&t->banks[i]), p) < pa + npages * 4096 ==>
	in_set{Pre}(from, nfrom, page_field{Pre}(\old(&t->banks[i]), p));
    ensures all: \result == 0 ==> pages_are(t, pa, pa + npages * 4096, to);
    ensures kept: \result == 0 ==> pages_same{Pre, Post}(t, pa, pa + npages * 4096);
    ensures nothing: \result != 0 ==> pages_same{Pre, Post}(t, 0, 0);
    ensures table: table_ok(t) && table_apart(t) && same_banks{Pre, Post}(t);
*/
int pmptable_transition(struct pmptable *t, u64 pa, u64 npages, const pmptable_field_t *from,
			unsigned int nfrom, pmptable_field_t to);

#include "transition.c"
