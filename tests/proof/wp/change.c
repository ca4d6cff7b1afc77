// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of what changes the fields; the code below them is lib/'s own.
 */
#include "internal.h"
#include "bits.h"
#include "model.h"
#include "contracts.h"
#include "transition_contracts.h"
#include "commit_contract.h"

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

#include "commit.c"
