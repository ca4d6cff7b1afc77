// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Taking pages away from a TVM: invalidate, fence, remove (CoVE, TLB fences).
 */
#include "cove_internal.h"

static bool fence_open(const struct tvm *tvm)
{
	unsigned int i;

	for (i = 0; i < COVE_MAX_VCPUS; i++)
		if (tvm->vcpu[i] && tvm->vcpu[i]->running && tvm->vcpu[i]->vrun < tvm->tcur)
			return true;
	return false;
}

/**
 * cove_tvm_fence() - COVH tvm_fence: open a round for one TVM
 *
 * The round closes when every vCPU that runs now has left its TVM once.
 *
 * Return: INVALID_PARAM (@gid, state), ALREADY_STARTED
 */
long cove_tvm_fence(unsigned long gid)
{
	struct tvm *tvm = cove_tvm_get(gid);
	long rc = COVE_OK;

	if (!tvm)
		return COVE_ERR_INVALID_PARAM;
	if (tvm->state != TVM_RUNNABLE)
		rc = COVE_ERR_INVALID_PARAM;
	else if (COVE_DEFENCE(TVM_FENCE_WAITS) && fence_open(tvm))
		rc = COVE_ERR_ALREADY_STARTED;
	else
		tvm->tcur++;
	cove_tvm_put(tvm);
	return rc;
}

/*
 * Blocked pages hold 16 bits of their version. One that has just been blocked
 * equals the current version, one of the last round is done when that round
 * is; an old one that equals either by wrap-around only waits for a fence more.
 */
static bool block_fenced(const struct tvm *tvm, u64 gpa)
{
	u16 age = (u16)(tvm->tcur - cove_gstage_blocked_version(tvm, gpa));

	if (!COVE_DEFENCE(REMOVE_FENCED))
		return true;
	return age > 1 || (age == 1 && !(COVE_DEFENCE(REMOVE_WAITS) && fence_open(tvm)));
}

static struct tvm *get_range(unsigned long gid, unsigned long gpa, unsigned long len, long *rc)
{
	struct tvm *tvm;

	*rc = COVE_ERR_INVALID_PARAM;
	if (!len || (len & COVE_PAGE_MASK) || len > COVE_MAX_CONVERT_PAGES * COVE_PAGE_SIZE)
		return NULL;
	tvm = cove_tvm_get(gid);
	if (!tvm)
		return NULL;
	if (tvm->state == TVM_RUNNABLE) {
		*rc = COVE_ERR_INVALID_ADDRESS;
		if (cove_gpa_range(gpa, len))
			return tvm;
	}
	cove_tvm_put(tvm);
	return NULL;
}

static bool all_leaves(const struct tvm *tvm, u64 gpa, u64 len, enum gstage_leaf a,
		       enum gstage_leaf b)
{
	u64 end = gpa + len;
	u64 pa;

	for (; gpa < end; gpa += COVE_PAGE_SIZE) {
		enum gstage_leaf kind = cove_gstage_get(tvm, gpa, &pa);

		if (kind != a && kind != b)
			return false;
	}
	return true;
}

/**
 * cove_invalidate_pages() - COVH tvm_invalidate_pages
 * @gpa, @len: pages that are all mapped
 *
 * Return: INVALID_PARAM (@gid, state, @len), INVALID_ADDRESS (@gpa)
 */
long cove_invalidate_pages(unsigned long gid, unsigned long gpa, unsigned long len)
{
	unsigned long i;
	long rc;
	struct tvm *tvm = get_range(gid, gpa, len, &rc);

	if (!tvm)
		return rc;
	if (all_leaves(tvm, gpa, len, GSTAGE_DATA, GSTAGE_SHARED)) {
		for (i = 0; i < len; i += COVE_PAGE_SIZE)
			cove_gstage_block(tvm, gpa + i);
		rc = COVE_OK;
	}
	cove_tvm_put(tvm);
	return rc;
}

/**
 * cove_validate_pages() - COVH tvm_validate_pages: undo cove_invalidate_pages()
 * Return: INVALID_PARAM (@gid, state, @len), INVALID_ADDRESS (@gpa)
 */
long cove_validate_pages(unsigned long gid, unsigned long gpa, unsigned long len)
{
	unsigned long i;
	long rc;
	struct tvm *tvm = get_range(gid, gpa, len, &rc);

	if (!tvm)
		return rc;
	if (all_leaves(tvm, gpa, len, GSTAGE_BLOCKED, GSTAGE_BLOCKED_SHARED)) {
		for (i = 0; i < len; i += COVE_PAGE_SIZE)
			cove_gstage_unblock(tvm, gpa + i);
		rc = COVE_OK;
	}
	cove_tvm_put(tvm);
	return rc;
}

static void mark_lost(struct tvm *tvm, u64 gpa, u64 len)
{
	unsigned int i;

	for (i = 0; i < COVE_MAX_VCPUS; i++) {
		struct cove_vcpu *vcpu = tvm->vcpu[i];

		if (COVE_DEFENCE(SHARE_NOT_REFUSED_LATE) && vcpu && vcpu->share_open &&
		    gpa < vcpu->share_gpa + vcpu->share_len && vcpu->share_gpa < gpa + len)
			vcpu->share_lost = true;
	}
}

static void remove_page(struct tvm *tvm, u64 gpa)
{
	u64 pa;
	enum gstage_leaf kind = cove_gstage_get(tvm, gpa, &pa);

	cove_gstage_clear(tvm, gpa);
	if (kind == GSTAGE_BLOCKED_SHARED)
		cove_unpin_shared(pa);
	else
		cove_release(pa, 1, PMPTABLE_TVM_DATA(tvm->id));
}

/**
 * cove_remove_pages() - COVH tvm_remove_pages
 * @gpa, @len: pages that are all blocked, in a range whose sharing or
 *	unsharing the guest has asked for
 *
 * Return: INVALID_PARAM (@gid, state, @len), INVALID_ADDRESS (@gpa), FAILED
 * (not fenced since they were blocked)
 */
long cove_remove_pages(unsigned long gid, unsigned long gpa, unsigned long len)
{
	unsigned long i;
	long rc;
	struct tvm *tvm = get_range(gid, gpa, len, &rc);

	if (!tvm)
		return rc;
	if ((COVE_DEFENCE(REMOVE_BLOCKED) &&
	     !all_leaves(tvm, gpa, len, GSTAGE_BLOCKED, GSTAGE_BLOCKED_SHARED)) ||
	    (COVE_DEFENCE(REMOVE_ASKED) &&
	     !cove_region_is(tvm, gpa, len, REGION_CONF_REMOVABLE, REGION_SHARED_REMOVABLE)))
		goto out;
	rc = COVE_ERR_FAILED;
	for (i = 0; i < len; i += COVE_PAGE_SIZE)
		if (!block_fenced(tvm, gpa + i))
			goto out;
	mark_lost(tvm, gpa, len);
	for (i = 0; i < len; i += COVE_PAGE_SIZE)
		remove_page(tvm, gpa + i);
	rc = COVE_OK;
out:
	cove_tvm_put(tvm);
	return rc;
}
