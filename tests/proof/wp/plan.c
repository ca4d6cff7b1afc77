// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of the PMP policy; the code below them is lib/'s own.
 */
#include <pmptable/pmp.h>
#include "entries.h"
#include "encode_contracts.h"
#include "denied_contracts.h"

/*@ // The first of entries [0, n) that matches the word, if there is one, grants nothing.
    predicate closed{L}(struct pmp_entry *e, integer n) =
      \forall integer k; 0 <= k < n && hit(e, k, word) &&
	(\forall integer j; 0 <= j < k ==> !hit(e, j, word)) ==> perm(&e[k]) == 0;

    lemma none_closed{L}: \forall struct pmp_entry *e, integer n;
      verdict(e, 0, n, word, -1) ==> closed(e, n);
    lemma says_closed{L}: \forall struct pmp_entry *e, integer n;
      says(e, 0, n, word, 0) ==> closed(e, n);
    lemma same_verdict{A, B}: \forall struct pmp_entry *e, integer from, n, p;
      same_entries{A, B}(e, n) && 0 <= from && verdict{A}(e, from, n, word, p) ==>
	verdict{B}(e, from, n, word, p);
    lemma same_closed{A, B}: \forall struct pmp_entry *e, integer n;
      same_entries{A, B}(e, n) && closed{A}(e, n) ==> closed{B}(e, n);
    lemma two_verdicts{L}: \forall struct pmp_entry *e, integer m, n, p;
      0 <= m <= n && verdict(e, 0, m, word, -1) && verdict(e, m, n, word, p) ==>
	verdict(e, 0, n, word, p);
    lemma closed_then_says{L}: \forall struct pmp_entry *e, integer m, n;
      0 <= m <= n && closed(e, m) && says(e, m, n, word, 0) ==> closed(e, n);

    predicate window_holds{L}(struct pmp_region *w) =
      w != \null && w->size != 0 && holds(w->base, w->size, word);

    predicate fixed_ok{L}(struct pmp_fixed *f) =
      \valid_read(f) && f->nregions <= 32 && f->entries <= 64;

    predicate fixed_says{L}(struct pmp_fixed *f, integer p) =
      decides(&f->region[0], f->nregions, word, p);
*/

/*@ requires \valid(config) && config->n < 64;
    assigns config->n, config->entry[config->n].addr, config->entry[config->n].cfg;
    ensures n: config->n == \old(config->n) + 1;
    ensures entry: config->entry[\old(config->n)].addr == addr &&
      config->entry[\old(config->n)].cfg == cfg;
*/
static void put(struct pmp_config *config, u64 addr, u8 cfg);

/*@ requires window == \null || \valid_read(window);
    assigns \nothing;
    ensures \result != 0 <==> window != \null && window->size != 0;
*/
static bool has_window(const struct pmp_region *window);

/*@ requires window == \null || (\valid_read(window) && \separated(window, config));
    requires \valid(config) && config->n == 0 && entries <= 64;
    assigns config->n, config->entry[0 .. 63];
    ensures n: config->n <= entries && (\result == 0 || config->n == 0);
    ensures none: \result == 0 && !window_holds{Pre}(window) ==>
      verdict(&config->entry[0], 0, config->n, word, -1);
*/
static int put_window(const struct pmp_region *window, unsigned int entries,
		      struct pmp_config *config);

/*@ requires \valid(plan);
    assigns plan->known[0 .. 3], plan->next_known;
    ensures plan->next_known == 0;
*/
static void forget_known(struct pmp_plan *plan);

/*@ requires fixed: fixed_ok(fixed);
    requires window: window == \null || (\valid_read(window) && \separated(window, config));
    requires apart: \valid(config) && \separated(fixed, config);
    assigns config->n, config->entry[0 .. 63];
    ensures n: config->n <= fixed->entries;
    ensures closed: !window_holds{Pre}(window) && fixed_says{Pre}(fixed, 0) ==>
      closed(&config->entry[0], config->n);
    ensures says: \result == 0 && !window_holds{Pre}(window) && fixed_says{Pre}(fixed, 0) ==>
      says(&config->entry[0], 0, config->n, word, 0);
    ensures none: !window_holds{Pre}(window) && fixed_says{Pre}(fixed, -1) ==>
      !hit_some(&config->entry[0], 0, config->n, word);
*/
static int put_first(const struct pmp_fixed *fixed, const struct pmp_region *window,
		     struct pmp_config *config);

/*@ requires \valid(plan) && gate <= 64;
    assigns *plan;
    ensures plan->gate == gate && plan->nallow == 0 && plan->next == 0 && plan->next_known == 0;
*/
static void start(struct pmp_plan *plan, unsigned int gate);

/*@ requires fixed: fixed_ok(fixed);
    requires window: window == \null || \valid_read(window);
    requires apart: \valid(config) && \valid(plan) && \separated(fixed, config, plan) &&
      (window != \null ==> \separated(window, config, plan));
    assigns *config, *plan;
    ensures n: config->n <= fixed->entries;
    ensures free: \result != 0 ==> config->n + \result + 1 == fixed->entries;
    ensures gate: \result != 0 ==> plan->gate + 1 == config->n &&
      config->entry[plan->gate].cfg == 0;
    ensures plan: \result != 0 || (\old(plan->nallow) == 0 && \old(plan->next) == 0) ==>
      plan->nallow == 0 && plan->next == 0;
    ensures known: \result != 0 || \old(plan->next_known) < 4 ==> plan->next_known < 4;
    ensures gate: \result != 0 || \old(plan->gate) <= 64 ==> plan->gate <= 64;
    ensures closed: !window_holds{Pre}(window) && fixed_says{Pre}(fixed, 0) ==>
      closed(&config->entry[0], config->n);
    ensures says: \result != 0 && !window_holds{Pre}(window) && fixed_says{Pre}(fixed, 0) ==>
      says(&config->entry[0], 0, plan->gate, word, 0);
    ensures none: !window_holds{Pre}(window) && fixed_says{Pre}(fixed, -1) ==>
      !hit_some(&config->entry[0], 0, config->n, word);
*/
static unsigned int put_fixed(const struct pmp_fixed *fixed, const struct pmp_region *window,
			      struct pmp_config *config, struct pmp_plan *plan);

/*@ requires \valid(region) && \valid_read(range) && \separated(region, range);
    assigns region->base, region->size, region->perm;
    ensures region->base == range->base && region->size == range->size && region->perm == 0;
*/
static void deny(struct pmp_region *region, const struct pmptable_range *range);

/*@ requires room: n <= 63 && entries <= 64 && config->n <= 64 && \valid(region + (0 .. n)) &&
   \valid(config) && \separated(region + (0 .. n), config); requires denied: \forall integer k; 0 <=
   k < n ==> region[k].perm == 0; requires rest: rest <= 7; assigns region[n], config->n,
   config->entry[config->n .. 63]; ensures kept: \forall integer k; 0 <= k < \old(config->n) && k <
   64 ==> config->entry[k].addr == \old(config->entry[k].addr) && config->entry[k].cfg ==
   \old(config->entry[k].cfg); ensures error: \result != 0 ==> config->n == \old(config->n); ensures
   room: \result == 0 ==> \old(config->n) < config->n <= 64; ensures first: \result == 0 &&
      (\old(config->n) == 0 || !\old(tor(&config->entry[config->n - 1]))) ==>
	!tor(&config->entry[\old(config->n)]);
    ensures closed: \result == 0 && (rest == 0 || in_some{Pre}(region, n, word)) ==>
      says(&config->entry[0], \old(config->n), config->n, word, 0);
*/
static int put_regions(struct pmp_config *config, unsigned int entries, struct pmp_region *region,
		       unsigned int n, u8 rest);

/*@ requires table: summary_ok(t);
    requires room: 1 <= free <= 62 && entries <= 64 && config->n <= 64 && \valid(config) &&
   \separated(t, config); assigns config->n, config->entry[config->n .. 63]; ensures kept: \forall
   integer k; 0 <= k < \old(config->n) && k < 64 ==> config->entry[k].addr ==
   \old(config->entry[k].addr) && config->entry[k].cfg == \old(config->entry[k].cfg); ensures error:
   \result != 0 ==> config->n == \old(config->n); ensures room: \result == 0 ==> \old(config->n) <
   config->n <= 64; ensures closed: \result == 0 && denied(t) ==> says(&config->entry[0],
   \old(config->n), config->n, word, 0);
*/
static int put_exact(const struct pmptable *t, struct pmp_config *config, unsigned int entries,
		     unsigned int free);

/*@ assigns \nothing;
    ensures \result <= 4;
*/
static unsigned int cover_ranges(unsigned int free);

/*@ requires table: summary_ok(t);
    requires range: \valid(r) && \separated(t, r) && 0 < r->size &&
      r->base + r->size <= 0x100000000000000;
    assigns r->base, r->size;
    ensures wider: r->base <= \old(r->base) &&
      \old(r->base) + \old(r->size) <= r->base + r->size;
    ensures range: r->base + r->size <= 2 * 0x100000000000000;
*/
static void widen(const struct pmptable *t, struct pmptable_range *r);

/*@ predicate denials{L}(struct pmp_region *r, integer n) =
      \forall integer k; 0 <= k < n ==> r[k].perm == 0 && 0 < r[k].size &&
	r[k].base + r[k].size <= 0x200000000000000;
*/

/*@ requires room: n <= 3 && \valid(region + (0 .. n)) && \valid_read(r) &&
      \separated(region + (0 .. n), r);
    requires range: 0 < r->size && r->base + r->size <= 0x200000000000000;
    requires regions: denials(region, n);
    assigns region[0 .. n];
    ensures n: \result <= n + 1;
    ensures regions: denials(region, \result);
    ensures all: (in_some{Pre}(region, n, word) && 4 * word < r->base + r->size) ||
      in_range{Pre}(r) ==> in_some(region, \result, word);
*/
static unsigned int add_region(struct pmp_region *region, unsigned int n,
			       const struct pmptable_range *r);

/*@ requires table: summary_ok(t);
    requires room: 1 <= max <= 4 && \valid(region + (0 .. max - 1)) &&
      \separated(t, region + (0 .. max - 1));
    assigns region[0 .. max - 1];
    ensures n: \result <= max;
    ensures perm: \forall integer k; 0 <= k < \result ==> region[k].perm == 0;
    ensures all: denied(t) ==> in_some(region, \result, word);
*/
static unsigned int cover_regions(const struct pmptable *t, struct pmp_region *region,
				  unsigned int max);

/*
 * Facts on powers of two, called where they are needed; entries.smt2 proves them.
 */
/*@ ghost
    /@ requires 4096 <= size <= 0x100000000000000 && (size & (unsigned long)(size - 1)) == 0;
       assigns \nothing;
       ensures ((unsigned long)(2 * size) & (unsigned long)((unsigned long)(2 * size) - 1)) == 0;
    @/
    void twice(u64 size); */

/*@ ghost
    /@ requires 0 < size && base + size <= 0x100000000000000;
       assigns \nothing;
       ensures (base ^ (unsigned long)((unsigned long)(base + size) - 1)) < 0x100000000000000;
    @/
    void below_limit(u64 base, u64 size); */

/*@ ghost
    /@ requires 0 < size && base + size <= 0x100000000000000;
       requires 4096 <= block <= 2 * 0x100000000000000 && (block & (unsigned long)(block - 1)) == 0;
       requires (base ^ (unsigned long)((unsigned long)(base + size) - 1)) < block;
       assigns \nothing;
       ensures (base & (unsigned long)(-block)) <= base;
       ensures base + size <= (base & (unsigned long)(-block)) + block;
       ensures (base & (unsigned long)(-block)) + block <= 2 * 0x100000000000000;
    @/
    void block_around(u64 base, u64 size, u64 block); */

/*@ ghost
    /@ requires \valid_read(r + (0 .. n - 1)) && \forall integer k; 0 <= k < n ==> r[k].perm == 0;
       assigns \nothing;
       ensures in_some(r, n, word) ==> decides(r, n, word, 0);
    @/
    void first_denied(const struct pmp_region *r, unsigned int n)
    {
	unsigned int i;
	/@ loop invariant 0 <= i <= n;
	   loop invariant in_some(r, i, word) ==> decides(r, i, word, 0);
	   loop assigns i;
	   loop variant n - i; @/
	for (i = 0; i < n; i++)
		;
    } */

#include "pmp_plan.c"
