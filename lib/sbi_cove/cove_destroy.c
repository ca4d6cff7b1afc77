// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The end of a TVM, in steps of bounded length. What has been released is gone
 * from the tables, so the next step finds what is left.
 */
#include "cove_gstage.h"
#include "cove_internal.h"

/* Work of a step, in entries read */
#define STEP_ENTRIES 16384
#define RELEASE_COST 64	  /* a transition */
#define LARGE_COST   1024 /* of 1 GiB: blocks are uniform */
/* How much of it is done before the hart asks whether something else is urgent */
#define WATCH_ENTRIES 256
#define RUN_PAGES     128UL
#define BLOCK_PAGES   ((u64)PMPTABLE_LEAF_FIELDS) /* one field, if all of them are the TVM's */

/**
 * struct teardown - a step
 * @budget: what is left to do in this step
 * @watch: the budget at which the hart asks
 */
struct teardown {
	struct tvm *tvm;
	long budget;
	long watch;
};

/* Go on? It must not depend on what the hart is asked for whether a step gets anywhere. */
static bool may_go_on(struct teardown *td)
{
	if (td->budget <= td->watch) {
		td->watch = td->budget - WATCH_ENTRIES;
		if (cove_tvm_wanted(td->tvm))
			td->budget = 0;
	}
	return td->budget > 0;
}

/* How many pages from @pa on change owner in one transition that does not take long */
static u64 part_of(u64 pa, u64 n)
{
	u64 max = RUN_PAGES;

	if (n >= BLOCK_PAGES && !(pa & (BLOCK_PAGES * COVE_PAGE_SIZE - 1)))
		max = BLOCK_PAGES;
	return n < max ? n : max;
}

/* @n pages from @pa on, which nothing leads to any more; true when it is done */
static bool release_some(struct teardown *td, u64 *pa, u64 *n, pmptable_field_t from)
{
	u64 part;

	while (*n) {
		if (!may_go_on(td))
			return false;
		part = part_of(*pa, *n);
		cove_release(*pa, part, from);
		*pa += part * COVE_PAGE_SIZE;
		*n -= part;
		td->budget -= RELEASE_COST + (part < BLOCK_PAGES ? (long)part : 0);
	}
	return true;
}

/* Neighbouring pages are kept in @fill until they are many: no call adds pages any more. */
static bool release_run(struct teardown *td)
{
	struct cove_fill *run = &td->tvm->fill;

	return release_some(td, &run->pa, &run->pages, PMPTABLE_TVM_DATA(td->tvm->id));
}

static bool release_data(struct teardown *td, u64 pa, u64 n)
{
	struct cove_fill *run = &td->tvm->fill;

	if (run->pages &&
	    (pa != run->pa + run->pages * COVE_PAGE_SIZE || run->pages >= BLOCK_PAGES) &&
	    !release_run(td))
		return false;
	if (!run->pages)
		run->pa = pa;
	run->pages += n;
	return true;
}

/* False: not yet */
static bool release_leaf(struct teardown *td, u64 pte, unsigned int level)
{
	u64 n = cove_level_size(level) / COVE_PAGE_SIZE;
	u64 pa = cove_pte_pa(pte);

	switch (cove_pte_kind(pte)) {
	case GSTAGE_NONE:
		return true;
	case GSTAGE_SHARED:
	case GSTAGE_BLOCKED_SHARED:
		td->budget -= RELEASE_COST + (long)(n < LARGE_COST ? n : LARGE_COST);
		cove_unpin_shared(pa, n);
		return true;
	case GSTAGE_DATA:
	case GSTAGE_BLOCKED:
		break;
	}
	return release_data(td, pa, n);
}

static void release_meta(struct teardown *td, u64 pa)
{
	td->budget -= RELEASE_COST;
	cove_release(pa, 1, PMPTABLE_TVM_META(td->tvm->id));
}

/* True when the table is empty. */
static bool empty_table(struct teardown *td, u64 table_pa, unsigned int level, unsigned int entries)
{
	u64 *table = arch_ptr(table_pa);
	unsigned int *i = &td->tvm->end[level];

	for (; *i < entries; (*i)++) {
		u64 pte = table[*i];

		if (!may_go_on(td))
			return false;
		td->budget--;
		if (!pte)
			continue;
		if (level && cove_pte_is_table(pte)) {
			if (!empty_table(td, cove_pte_pa(pte), level - 1, 512))
				return false;
			td->tvm->end[level - 1] = 0;
			release_meta(td, cove_pte_pa(pte));
		} else if (!release_leaf(td, pte, level)) {
			return false;
		}
		table[*i] = 0;
	}
	return true;
}

static void release_vcpus(struct teardown *td)
{
	struct tvm *tvm = td->tvm;
	unsigned int i;

	for (i = 0; i < COVE_MAX_VCPUS && may_go_on(td); i++) {
		if (!tvm->vcpu[i])
			continue;
		td->budget -= RELEASE_COST;
		cove_release(tvm->vcpu[i]->state_pa, cove_vcpu_state_pages(),
			     PMPTABLE_TVM_META(tvm->id));
		tvm->vcpu[i] = NULL;
		tvm->nvcpus--;
	}
}

/** cove_teardown_begin() - no vCPU runs: forget secrets, and what calls have not finished with */
void cove_teardown_begin(struct tvm *tvm)
{
	cove_job_drop(tvm);
	cove_measure_forget(tvm);
	cove_tap_forget(tvm);
	cove_evidence_drop(tvm, NULL);
	cove_promote_release(tvm);
}

/* What calls have not finished with */
static bool release_unfinished(struct teardown *td)
{
	struct cove_give *g = &td->tvm->give;
	u64 n = (g->end - g->next) / COVE_PAGE_SIZE;

	return release_run(td) && release_some(td, &g->next, &n, PMPTABLE_TVM_META(td->tvm->id));
}

/**
 * cove_teardown_step() - release vCPUs, pages of the tables, what they map, and the pool
 * Return: true when nothing is left but the TVM's state
 */
bool cove_teardown_step(struct tvm *tvm)
{
	struct teardown td = { .tvm = tvm,
			       .budget = STEP_ENTRIES,
			       .watch = STEP_ENTRIES - WATCH_ENTRIES };
	bool done;

	release_vcpus(&td);
	done = release_unfinished(&td) &&
	       empty_table(&td, tvm->root, cove.gstage_levels - 1, 2048) && release_run(&td);
	while (done && may_go_on(&td)) {
		u64 pa = cove_gstage_pool_take(tvm);

		if (!pa) {
			cove_release(tvm->root, COVE_PAGE_DIRECTORY_SIZE / COVE_PAGE_SIZE,
				     PMPTABLE_TVM_META(tvm->id));
			return true;
		}
		release_meta(&td, pa);
	}
	return false;
}
