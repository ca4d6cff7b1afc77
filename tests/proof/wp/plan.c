// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of the PMP policy; the code below them is lib/'s own.
 */
#include <pmptable/pmp.h>
#include "entries.h"
#include "encode_contracts.h"

/*@ // These have no state here: nothing that plans do writes the table or its summary, which
    // are apart from config and plan.
    axiomatic table {
      predicate denied(struct pmptable *t);
      predicate summary_ok(struct pmptable *t);
    }

    predicate apart_from_table(struct pmptable *t, struct pmptable_range *r, integer n) =
      \separated(t, r + (0 .. n - 1));
*/
#define SUMMARY_OK(t)  summary_ok(t)
#define DENIED(t)      denied(t)
#define APART(t, r, n) apart_from_table(t, r, n)
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

    // Entries behind the first n are added: what stays of what those say.
    predicate front_stays{A, B}(struct pmp_entry *e, integer n) =
      (\forall integer m; m <= n && says{A}(e, 0, m, word, 0) ==> says{B}(e, 0, m, word, 0)) &&
      (!hit_some{A}(e, 0, n, word) ==> verdict{B}(e, 0, n, word, -1)) &&
      (closed{A}(e, n) ==> closed{B}(e, n));
    lemma same_front{A, B}: \forall struct pmp_entry *e, integer n;
      same_entries{A, B}(e, n) ==> front_stays{A, B}(e, n);

    predicate window_holds{L}(struct pmp_region *w) =
      w != \null && w->size != 0 && holds(w->base, w->size, word);

    predicate fixed_ok{L}(struct pmp_fixed *f) =
      \valid_read(f) && f->nregions <= 32 && f->entries <= 64;

    predicate fixed_says{L}(struct pmp_fixed *f, integer p) =
      decides(&f->region[0], f->nregions, word, p);

    // What the host may not access: no window shows it, and either the first fixed region
    // that holds it denies it, or there is none and the table denies it.
    predicate refused{L}(struct pmptable *t, struct pmp_fixed *f, struct pmp_region *w) =
      !window_holds(w) && (fixed_says(f, 0) || (fixed_says(f, -1) && denied(t)));

    // Where the entries are that faults fill; they are NAPOT or off, and no TOR is behind them.
    predicate plan_shape{L}(struct pmp_config *c, struct pmp_plan *plan) =
      c->n <= 64 && plan->gate < c->n && plan->next_known < 4 && (plan->nallow == 0 ||
       (plan->gate < plan->allow && plan->allow + plan->nallow < c->n &&
	plan->next < plan->nallow && !tor(&c->entry[plan->allow + plan->nallow]) &&
	\forall integer k; plan->allow <= k < plan->allow + plan->nallow ==>
	  !tor(&c->entry[k])));

    // No entry that faults fill matches the word.
    predicate none_filled{L}(struct pmp_config *c, struct pmp_plan *plan) =
      \forall integer k; plan->allow <= k < plan->allow + plan->nallow ==>
	!hit(&c->entry[0], k, word);

    // The entries grant nothing at the word, and go on so when others are filled: none are,
    // a fixed entry denies it, or the table does and no filled entry matches it.
    predicate plan_closed{L}(struct pmptable *t, struct pmp_config *c, struct pmp_plan *plan) =
      closed(&c->entry[0], c->n) &&
      (plan->nallow == 0 || says(&c->entry[0], 0, plan->gate, word, 0) ||
       (denied(t) && none_filled(c, plan)));
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
    ensures number: fixed->entries == \old(fixed->entries) &&
      fixed->nregions == \old(fixed->nregions);
    ensures regions: same_regions{Post, Pre}(&fixed->region[0], fixed->nregions);
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

/*@ requires apart: \valid(config) && \valid(plan) && \separated(config, plan);
    requires room: config->n < 64;
    assigns *plan, config->n, config->entry[config->n].addr, config->entry[config->n].cfg;
    ensures n: config->n == \old(config->n) + 1;
    ensures plan: plan->gate == \old(config->n) && plan->nallow == 0 && plan->next == 0 &&
      plan->next_known == 0;
    ensures gate: config->entry[plan->gate].cfg == 0;
    ensures front: front_stays{Pre, Post}(&config->entry[0], plan->gate);
    ensures none: !hit_some{Pre}(&config->entry[0], 0, plan->gate, word) ==>
      verdict(&config->entry[0], 0, config->n, word, -1);
    ensures closed: closed{Pre}(&config->entry[0], plan->gate) ==>
      closed(&config->entry[0], config->n);
*/
static void put_gate(struct pmp_config *config, struct pmp_plan *plan);

/*@ requires fixed: fixed_ok(fixed);
    requires window: window == \null || \valid_read(window);
    requires apart: \valid(config) && \valid(plan) && \separated(fixed, config, plan) &&
      (window != \null ==> \separated(window, config, plan));
    assigns *config, *plan;
    ensures n: config->n <= fixed->entries;
    ensures free: \result != 0 ==> config->n + \result + 1 == fixed->entries;
    ensures number: fixed->entries == \old(fixed->entries) &&
      fixed->nregions == \old(fixed->nregions);
    ensures regions: same_regions{Post, Pre}(&fixed->region[0], fixed->nregions);
    ensures gate: \result != 0 ==> plan->gate + 1 == config->n &&
      config->entry[plan->gate].cfg == 0;
    ensures plan: \result != 0 ==> plan->nallow == 0 && plan->next == 0 && plan->next_known == 0;
    ensures says: \result != 0 && !window_holds{Pre}(window) && fixed_says{Pre}(fixed, 0) ==>
      says(&config->entry[0], 0, plan->gate, word, 0);
    ensures none: \result != 0 && !window_holds{Pre}(window) && fixed_says{Pre}(fixed, -1) ==>
      !hit_some(&config->entry[0], 0, config->n, word);
*/
static unsigned int put_fixed(const struct pmp_fixed *fixed, const struct pmp_region *window,
			      struct pmp_config *config, struct pmp_plan *plan);

/*@ requires \valid(region) && \valid_read(range) && \separated(region, range);
    assigns region->base, region->size, region->perm;
    ensures region->base == range->base && region->size == range->size && region->perm == 0;
*/
static void deny(struct pmp_region *region, const struct pmptable_range *range);

/*@ requires room: n <= 63 && entries <= 64 && config->n <= 64;
    requires memory: \valid(region + (0 .. n)) && \valid(config) &&
      \separated(region + (0 .. n), config);
    requires denied: \forall integer k; 0 <= k < n ==> region[k].perm == 0;
    requires rest: rest <= 7;
    assigns region[n], config->n, config->entry[config->n .. 63];
    ensures kept: \forall integer k; 0 <= k < \old(config->n) && k < 64 ==>
      config->entry[k].addr == \old(config->entry[k].addr) &&
      config->entry[k].cfg == \old(config->entry[k].cfg);
    ensures error: \result != 0 ==> config->n == \old(config->n);
    ensures room: \result == 0 ==> \old(config->n) < config->n <= 64;
    ensures first: \result == 0 &&
      (\old(config->n) == 0 || !\old(tor(&config->entry[config->n - 1]))) ==>
	!tor(&config->entry[\old(config->n)]);
    ensures front: front_stays{Pre, Post}(&config->entry[0], \old(config->n));
    ensures closed: \result == 0 && (rest == 0 || in_some{Pre}(region, n, word)) ==>
      says(&config->entry[0], \old(config->n), config->n, word, 0);
*/
static int put_regions(struct pmp_config *config, unsigned int entries, struct pmp_region *region,
		       unsigned int n, u8 rest);

/*@ requires table: summary_ok(t);
    requires room: 1 <= free <= 62 && entries <= 64 && config->n <= 64;
    requires memory: \valid(config) && \separated(t, config);
    assigns config->n, config->entry[config->n .. 63];
    ensures kept: \forall integer k; 0 <= k < \old(config->n) && k < 64 ==>
      config->entry[k].addr == \old(config->entry[k].addr) &&
      config->entry[k].cfg == \old(config->entry[k].cfg);
    ensures error: \result != 0 ==> config->n == \old(config->n);
    ensures room: \result == 0 ==> \old(config->n) < config->n <= 64;
    ensures front: front_stays{Pre, Post}(&config->entry[0], \old(config->n));
    ensures closed: \result == 0 && denied(t) ==>
      says(&config->entry[0], \old(config->n), config->n, word, 0);
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

/*@ requires \valid(config) && \valid(plan) && \separated(config, plan) && config->n + n <= 64;
    assigns plan->allow, plan->nallow, config->n, config->entry[0 .. 63];
    ensures plan: plan->allow == \old(config->n) && plan->nallow == n;
    ensures n: config->n == \old(config->n) + n;
    ensures same: same_entries{Pre, Post}(&config->entry[0], \old(config->n));
    ensures off: \forall integer k; \old(config->n) <= k < config->n ==>
      config->entry[k].cfg == 0;
    ensures front: front_stays{Pre, Post}(&config->entry[0], \old(config->n));
    ensures none: !hit_some{Pre}(&config->entry[0], 0, \old(config->n), word) ==>
      verdict(&config->entry[0], 0, config->n, word, -1);
*/
static void put_allow(struct pmp_config *config, struct pmp_plan *plan, unsigned int n);

/*@ // What put_fixed() leaves: free entries behind the gate, and nothing filled.
    predicate front{L}(struct pmp_config *c, struct pmp_plan *plan, integer entries,
		       integer free) =
      plan->nallow == 0 && plan->next == 0 && plan->next_known < 4 && 0 < free &&
      c->n + free + 1 == entries && entries <= 64 && plan->gate + 1 == c->n;
*/

/*@ requires table: summary_ok(t);
    requires room: \valid(config) && \valid(plan) && \separated(t, config, plan);
    requires front: front(config, plan, entries, free);
    assigns plan->allow, plan->nallow, config->n, config->entry[0 .. 63];
    ensures shape: \result == 0 ==> plan_shape(config, plan);
    ensures table: \result == 0 && denied(t) &&
      !hit_some{Pre}(&config->entry[0], 0, \old(config->n), word) ==>
	plan_closed(t, config, plan);
    ensures fixed: \result == 0 && says{Pre}(&config->entry[0], 0, plan->gate, word, 0) ==>
      plan_closed(t, config, plan);
*/
static int put_cover(const struct pmptable *t, struct pmp_config *config, struct pmp_plan *plan,
		     unsigned int entries, unsigned int free);

/*@ requires table: summary_ok(t);
    requires fixed: fixed_ok(fixed);
    requires window: window == \null || \valid_read(window);
    requires apart: \valid(config) && \valid(plan) && \separated(fixed, config, plan) &&
      (window != \null ==> \separated(window, config, plan));
    requires clear: \separated(t, config, plan);
    requires front: front(config, plan, fixed->entries, free);
    requires says: fixed_says(fixed, 0) ==> says(&config->entry[0], 0, plan->gate, word, 0);
    requires none: fixed_says(fixed, -1) ==> !hit_some(&config->entry[0], 0, config->n, word);
    assigns *config, *plan;
    ensures shape: \result == 0 ==> plan_shape(config, plan);
    ensures never: \result == 0 && refused{Pre}(t, fixed, window) ==> plan_closed(t, config, plan);
*/
static int put_refill(const struct pmptable *t, const struct pmp_fixed *fixed,
		      const struct pmp_region *window, struct pmp_config *config,
		      struct pmp_plan *plan, unsigned int free);

/*@ requires table: summary_ok(t);
    requires fixed: fixed_ok(fixed);
    requires window: window == \null || \valid_read(window);
    requires apart: \valid(config) && \valid(plan) && \separated(fixed, config, plan) &&
      (window != \null ==> \separated(window, config, plan));
    requires clear: \separated(t, config, plan);
    assigns *config, *plan;
    ensures shape: \result == 0 ==> plan_shape(config, plan);
    ensures never: \result == 0 && refused{Pre}(t, fixed, window) ==> plan_closed(t, config, plan);
    ensures grants_nothing: \result == 0 && refused{Pre}(t, fixed, window) ==>
      closed(&config->entry[0], config->n);
*/
int pmp_plan_derive(const struct pmptable *t, const struct pmp_fixed *fixed,
		    const struct pmp_region *window, struct pmp_config *config,
		    struct pmp_plan *plan);

/*@ requires \valid_read(e) && (e != first ==> \valid_read(e - 1));
    assigns \nothing;
*/
static inline bool matches(const struct pmp_entry *e, const struct pmp_entry *first, u64 page);

/*@ requires \valid_read(config) && \valid_read(plan) && plan_shape(config, plan);
    assigns \nothing;
*/
static enum pmp_decision decide(const struct pmp_config *config, const struct pmp_plan *plan,
				u64 page);

/*@ requires \valid(lo) && \valid(hi);
    assigns *lo, *hi;
*/
static void cut(u64 *lo, u64 *hi, u64 page, u64 at);

/*@ // What the plan says does not change.
    predicate plan_stays{A, B}(struct pmp_config *c, struct pmp_plan *plan) =
      (\at(closed(&c->entry[0], c->n), A) ==> \at(closed(&c->entry[0], c->n), B)) &&
      (\at(says(&c->entry[0], 0, plan->gate, word, 0), A) ==>
       \at(says(&c->entry[0], 0, plan->gate, word, 0), B)) &&
      (none_filled{A}(c, plan) ==> none_filled{B}(c, plan));
*/

/*@ requires \valid_read(config) && \valid(plan) && \separated(config, plan) &&
      plan_shape(config, plan);
    assigns plan->known[0 .. 3], plan->next_known;
    ensures plan: plan->gate == \old(plan->gate) && plan->allow == \old(plan->allow) &&
      plan->nallow == \old(plan->nallow) && plan->next == \old(plan->next);
    ensures shape: plan_shape(config, plan);
    ensures closed: plan_stays{Pre, Post}(config, plan);
    ensures result: \result == &plan->known[\old(plan->next_known)];
*/
static const struct pmp_known *learn(const struct pmp_config *config, struct pmp_plan *plan,
				     u64 page);

/*@ requires \valid_read(config) && \valid(plan) && \separated(config, plan) &&
      plan_shape(config, plan);
    assigns plan->known[0 .. 3], plan->next_known;
    ensures plan: plan->gate == \old(plan->gate) && plan->allow == \old(plan->allow) &&
      plan->nallow == \old(plan->nallow) && plan->next == \old(plan->next);
    ensures shape: plan_shape(config, plan);
    ensures closed: plan_stays{Pre, Post}(config, plan);
*/
static inline enum pmp_decision known_decision(const struct pmp_config *config,
					       struct pmp_plan *plan, u64 pa);

/*@ requires \valid_read(config) && \valid_read(plan) && plan_shape(config, plan);
    assigns \nothing;
*/
static inline bool is_filled(const struct pmp_config *config, const struct pmp_plan *plan,
			     u64 page);

/*@ // All entries but entry i say of the word what they said.
    predicate others_stay{A, B}(struct pmp_entry *e, integer n, integer i) =
      \forall integer k; 0 <= k < n && k != i ==>
	(hit{A}(e, k, word) <==> hit{B}(e, k, word)) && perm{A}(e + k) == perm{B}(e + k);

    lemma others_closed{A, B}: \forall struct pmp_entry *e, integer n, i;
      others_stay{A, B}(e, n, i) && 0 <= i < n && !hit{A}(e, i, word) && !hit{B}(e, i, word) &&
      closed{A}(e, n) ==> closed{B}(e, n);
    lemma says_all_closed{L}: \forall struct pmp_entry *e, integer m, n;
      m <= n && says(e, 0, m, word, 0) ==> closed(e, n);
*/

/*@ requires config: \valid(config) && config->n <= 64 && i + 1 < config->n &&
      \valid_read(block) && \separated(config, block);
    requires behind: !tor(&config->entry[i + 1]);
    requires size: 4096 <= block->size <= 0x100000000000000 &&
      (block->size & (unsigned long)(block->size - 1)) == 0;
    requires base: block->base + block->size <= 0x100000000000000 &&
      (block->base & (unsigned long)(block->size - 1)) == 0;
    assigns config->entry[i].addr, config->entry[i].cfg;
    ensures new: config->entry[i].cfg == 31;
    ensures block: hit(&config->entry[0], i, word) <==> in_range(block);
    ensures others: others_stay{Pre, Post}(&config->entry[0], config->n, i);
    ensures same: \forall integer k; 0 <= k < 64 && k != i ==>
      config->entry[k].addr == \old(config->entry[k].addr) &&
      config->entry[k].cfg == \old(config->entry[k].cfg);
*/
static void allow_block(struct pmp_config *config, unsigned int i,
			const struct pmptable_range *block);

/*@ requires table: summary_ok(t);
    requires apart: \valid(config) && \valid(plan) && \separated(t, config, plan);
    requires shape: plan_shape(config, plan) && plan->nallow != 0;
    requires pa: pa < 0x100000000000000;
    assigns plan->next, config->entry[0 .. 63];
    ensures result: \result == -2 || \old(plan->allow) <= \result < config->n;
    ensures shape: plan_shape(config, plan);
    ensures never: plan_closed{Pre}(t, config, plan) ==> plan_closed(t, config, plan);
*/
static int fill(const struct pmptable *t, struct pmp_config *config, struct pmp_plan *plan, u64 pa);

/*@ requires table: summary_ok(t);
    requires apart: \valid(config) && \valid(plan) && \separated(t, config, plan);
    requires shape: plan_shape(config, plan);
    assigns plan->known[0 .. 3], plan->next_known, plan->next, config->entry[0 .. 63];
    ensures result: \result <= 0 || \old(plan->allow) <= \result < config->n;
    ensures shape: plan_shape(config, plan);
    ensures never: plan_closed{Pre}(t, config, plan) ==> plan_closed(t, config, plan);
    ensures grants_nothing: plan_closed{Pre}(t, config, plan) ==>
      closed(&config->entry[0], config->n);
*/
int pmp_plan_refill(const struct pmptable *t, struct pmp_config *config, struct pmp_plan *plan,
		    u64 pa, unsigned int budget);

/*@ ghost
    /@ assigns \nothing;
       ensures (pa >> 56) == 0 ==> pa < 0x100000000000000;
    @/
    void high_bits(u64 pa); */

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
