// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A host access that this hart's PMP denies although the table grants it: fill
 * entries for all that the access touches, page tables included, and retry.
 */
#include "cove_internal.h"

#define MAX_OPERAND 64 /* a scalar access or a cache block */

struct refill {
	const struct pmp_plan *plan; /* the hart's */
	struct cove_hart *hart;
	unsigned int filled;
	bool refused;
	bool shortage;
};

/* Out of line, so that refill_pa() needs no stack. */
static __attribute__((noinline)) bool fill(struct refill *r, u64 pa)
{
	struct cove_hart *hart = r->hart;
	int index;

	/* One more than all would take the place of one that the access needs. */
	index = pmp_plan_refill(&cove.table, &hart->pmp, &hart->plan, pa,
				hart->plan.nallow - r->filled);
	if (!index)
		return true;
	if (index < 0) {
		r->shortage = index == PMPTABLE_ENOSPC;
		r->refused = !r->shortage;
		return false;
	}
	cove_world_write_pmp_entry(&hart->pmp, (unsigned int)index);
	r->filled++;
	return true;
}

/* Most of what a walk comes by is open already. */
static bool refill_pa(void *arg, u64 pa)
{
	struct refill *r = arg;

	return pmp_plan_is_open(r->plan, pa) || fill(r, pa);
}

/* Where the rest of an access begins that starts at @va, if that is in the next page. */
static u64 next_page(enum cove_walk_access access, u64 va)
{
	u64 next = (va | COVE_PAGE_MASK) + 1;

	return next - va <= (access == WALK_FETCH ? 2 : MAX_OPERAND) ? next : 0;
}

/**
 * cove_refill() - the calling hart's PMP denied the host an access
 * @hart: whose plan is not exact and whose PMP is not stale
 * @env: how the host's addresses are translated
 * @access: what it did
 * @va: where
 *
 * The caller fences and retries the access when the answer is REFILL_RETRY.
 */
enum cove_refill cove_refill(struct cove_hart *hart, const struct cove_walk_env *env,
			     enum cove_walk_access access, u64 va)
{
	struct refill r = { .plan = &hart->plan, .hart = hart };
	enum cove_walk_status status;
	struct cove_walk w;

	w.visit = refill_pa;
	w.arg = &r;
	status = cove_walk_va(env, access, va, false, &w);
	/* A hart may say where the access begins instead of where it was denied. */
	if (status == WALK_OK && !r.filled && next_page(access, va))
		cove_walk_va(env, access, next_page(access, va), false, &w);
	/* An AMO reads before it sees that it may not write. */
	if (status != WALK_OK && access == WALK_STORE && !r.filled)
		cove_walk_va(env, WALK_LOAD, va, false, &w);
	arch_store(&hart->refills, hart->refills + r.filled);
	if (r.shortage)
		return REFILL_SHORT;
	if (r.filled)
		return REFILL_RETRY;
	if (r.refused || status == WALK_ACCESS_FAULT)
		return REFILL_REFUSED;
	return REFILL_NOTHING;
}
