// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The end of a TVM, in steps of bounded length. What has been released is gone
 * from the tables, so the next step finds what is left.
 */
#include "cove_gstage.h"
#include "cove_internal.h"

/*
 * Work of a step, in entries read. It is more than twice what lies on the way to
 * the first entry that is left: 2048 entries of the root and 512 of each level.
 */
#define STEP_ENTRIES   16384
#define RELEASE_COST   16   /* a transition */
#define PAGES_PER_COST 8    /* fields that a transition may have to write */
#define LARGE_COST     1024 /* of 1 GiB: blocks are uniform */

/**
 * struct teardown - a step
 * @pa, @n: pages with neighbouring addresses, which change owner in one transition
 * @budget: what is left to do in this step
 */
struct teardown {
	struct tvm *tvm;
	u64 pa;
	u64 n;
	long budget;
};

static void release_run(struct teardown *td)
{
	if (td->n)
		cove_release(td->pa, td->n, PMPTABLE_TVM_DATA(td->tvm->id));
	td->n = 0;
}

static void release_leaf(struct teardown *td, u64 pte, unsigned int level)
{
	u64 n = cove_level_size(level) / COVE_PAGE_SIZE;
	u64 pa = cove_pte_pa(pte);

	td->budget -= n / PAGES_PER_COST < LARGE_COST ? n / PAGES_PER_COST : LARGE_COST;
	switch (cove_pte_kind(pte)) {
	case GSTAGE_NONE:
		return;
	case GSTAGE_SHARED:
	case GSTAGE_BLOCKED_SHARED:
		td->budget -= RELEASE_COST;
		cove_unpin_shared(pa, n);
		return;
	case GSTAGE_DATA:
	case GSTAGE_BLOCKED:
		break;
	}
	if (td->n && pa != td->pa + td->n * COVE_PAGE_SIZE) {
		td->budget -= RELEASE_COST;
		release_run(td);
	}
	if (!td->n)
		td->pa = pa;
	td->n += n;
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
	unsigned int i;

	for (i = 0; i < entries; i++) {
		if (td->budget-- <= 0)
			return false;
		if (!table[i])
			continue;
		if (level && cove_pte_is_table(table[i])) {
			u64 next = cove_pte_pa(table[i]);

			if (!empty_table(td, next, level - 1, 512))
				return false;
			release_meta(td, next);
		} else {
			release_leaf(td, table[i], level);
		}
		table[i] = 0;
	}
	return true;
}

/** cove_teardown_begin() - no vCPU runs: release the vCPUs and pages that calls have not finished
 * with */
void cove_teardown_begin(struct tvm *tvm)
{
	unsigned int i;

	for (i = 0; i < COVE_MAX_VCPUS; i++) {
		if (tvm->vcpu[i])
			cove_release(tvm->vcpu[i]->state_pa, cove_vcpu_state_pages(),
				     PMPTABLE_TVM_META(tvm->id));
		tvm->vcpu[i] = NULL;
	}
	tvm->nvcpus = 0;
	cove_measure_forget(tvm);
	cove_tap_forget(tvm);
	cove_evidence_drop(tvm, NULL);
	if (tvm->fill.pages)
		cove_release(tvm->fill.pa, tvm->fill.pages, PMPTABLE_TVM_DATA(tvm->id));
	tvm->fill.pages = 0;
	if (tvm->state == TVM_PROMOTING && !tvm->promotion.error)
		tvm->promotion.error = COVE_ERR_FAILED;
	cove_promote_release(tvm);
}

/**
 * cove_teardown_step() - release pages of the tables, what they map, and the pool
 * Return: true when nothing is left but the TVM's state
 */
bool cove_teardown_step(struct tvm *tvm)
{
	struct teardown td = { .tvm = tvm, .budget = STEP_ENTRIES };
	bool done = empty_table(&td, tvm->root, cove.gstage_levels - 1, 2048);

	release_run(&td);
	while (done && td.budget > 0) {
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
