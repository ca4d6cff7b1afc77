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
		if (tvm->vcpu[i] && arch_load(&tvm->vcpu[i]->running) &&
		    tvm->vcpu[i]->vrun < tvm->tcur)
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

/** cove_tvm_fenced() - has each vCPU left the TVM since its fence had @version? */
bool cove_tvm_fenced(const struct tvm *tvm, u64 version)
{
	u64 age = tvm->tcur - version;

	return age > 1 || (age == 1 && !fence_open(tvm));
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
	if (!len || (len & COVE_PAGE_MASK) || len > COVE_MAX_LARGE_PAGES * COVE_PAGE_SIZE)
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

/*
 * The client of 2023 takes all pages of a range that its guest takes back, whether
 * it ever had them or not. A place that the guest is giving up is empty in the end
 * anyway, so what is not there is passed over; elsewhere it is an error.
 */
static bool may_be_absent(const struct tvm *tvm, u64 gpa, u64 end)
{
	return cove.dialect == COVE_DIALECT_RFC &&
	       cove_region_is(tvm, gpa, end - gpa, REGION_CONF_REMOVABLE, REGION_SHARED_REMOVABLE);
}

/* INVALID_ADDRESS when not all of the range is @a or @b, INVALID_PARAM when there are too many
 * leaves. */
static long check_leaves(const struct tvm *tvm, u64 gpa, u64 len, enum gstage_leaf a,
			 enum gstage_leaf b)
{
	u64 end = gpa + len;
	struct gstage_at at;
	unsigned int n;

	for (n = 0; gpa < end; gpa = at.end) {
		cove_gstage_at(tvm, gpa, &at);
		if (at.kind != a && at.kind != b &&
		    !(at.kind == GSTAGE_NONE &&
		      may_be_absent(tvm, gpa, at.end < end ? at.end : end)))
			return COVE_ERR_INVALID_ADDRESS;
		if (n++ == COVE_MAX_CONVERT_PAGES)
			return COVE_ERR_INVALID_PARAM;
	}
	return COVE_OK;
}

/* The next leaf; none lies across the end of the range. */
static u64 next_leaf(const struct tvm *tvm, u64 gpa)
{
	struct gstage_at at;

	cove_gstage_at(tvm, gpa, &at);
	return at.end;
}

static bool is_hole(const struct tvm *tvm, u64 gpa)
{
	struct gstage_at at;

	cove_gstage_at(tvm, gpa, &at);
	return at.kind == GSTAGE_NONE;
}

/**
 * cove_invalidate_pages() - COVH tvm_invalidate_pages
 * @gpa, @len: pages that are all mapped (but may_be_absent()), at most 1 GiB and
 *COVE_MAX_CONVERT_PAGES leaves
 *
 * Large leaves of which the range holds a part are split.
 *
 * Return: INVALID_PARAM (@gid, state, @len), INVALID_ADDRESS (@gpa), OUT_OF_PTPAGES
 */
long cove_invalidate_pages(unsigned long gid, unsigned long gpa, unsigned long len)
{
	unsigned long end = gpa + len;
	long rc;
	struct tvm *tvm = get_range(gid, gpa, len, &rc);

	if (!tvm)
		return rc;
	rc = check_leaves(tvm, gpa, len, GSTAGE_DATA, GSTAGE_SHARED);
	if (!rc && !cove_gstage_isolate(tvm, gpa, len))
		rc = COVE_ERR_OUT_OF_PTPAGES;
	for (; !rc && gpa < end; gpa = next_leaf(tvm, gpa))
		if (!is_hole(tvm, gpa))
			cove_gstage_block(tvm, gpa);
	cove_tvm_put(tvm);
	return rc;
}

/**
 * cove_validate_pages() - COVH tvm_validate_pages: undo cove_invalidate_pages()
 * @gpa, @len: pages that are all blocked; otherwise as there
 *
 * Return: INVALID_PARAM (@gid, state, @len), INVALID_ADDRESS (@gpa), OUT_OF_PTPAGES
 */
long cove_validate_pages(unsigned long gid, unsigned long gpa, unsigned long len)
{
	unsigned long end = gpa + len;
	long rc;
	struct tvm *tvm = get_range(gid, gpa, len, &rc);

	if (!tvm)
		return rc;
	rc = check_leaves(tvm, gpa, len, GSTAGE_BLOCKED, GSTAGE_BLOCKED_SHARED);
	if (!rc && !cove_gstage_isolate(tvm, gpa, len))
		rc = COVE_ERR_OUT_OF_PTPAGES;
	for (; !rc && gpa < end; gpa = next_leaf(tvm, gpa))
		if (!is_hole(tvm, gpa))
			cove_gstage_unblock(tvm, gpa);
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

/* Return: the first GPA behind the leaf */
static u64 remove_leaf(struct tvm *tvm, u64 gpa)
{
	struct gstage_at at;
	u64 n;

	cove_gstage_at(tvm, gpa, &at);
	if (at.kind == GSTAGE_NONE)
		return at.end;
	n = (at.end - gpa) / COVE_PAGE_SIZE;
	cove_gstage_clear(tvm, gpa);
	if (at.kind == GSTAGE_BLOCKED_SHARED)
		cove_unpin_shared(at.pa, n);
	else
		cove_release(at.pa, n, PMPTABLE_TVM_DATA(tvm->id));
	return at.end;
}

static long remove_check(struct tvm *tvm, u64 gpa, u64 len)
{
	u64 end = gpa + len, i;
	long rc = COVE_OK;

	if (COVE_DEFENCE(REMOVE_BLOCKED))
		rc = check_leaves(tvm, gpa, len, GSTAGE_BLOCKED, GSTAGE_BLOCKED_SHARED);
	if (!rc && COVE_DEFENCE(REMOVE_ASKED) &&
	    !cove_region_is(tvm, gpa, len, REGION_CONF_REMOVABLE, REGION_SHARED_REMOVABLE))
		rc = COVE_ERR_INVALID_ADDRESS;
	for (i = gpa; !rc && i < end; i = next_leaf(tvm, i))
		if (!is_hole(tvm, i) && !block_fenced(tvm, i))
			rc = COVE_ERR_FAILED;
	if (!rc && !cove_gstage_isolate(tvm, gpa, len))
		rc = COVE_ERR_OUT_OF_PTPAGES;
	return rc;
}

/**
 * cove_remove_pages() - COVH tvm_remove_pages
 * @gpa, @len: pages that are all blocked, in a range whose sharing or
 *	unsharing the guest has asked for; otherwise as cove_invalidate_pages()
 *
 * Return: INVALID_PARAM (@gid, state, @len), INVALID_ADDRESS (@gpa), FAILED
 * (not fenced since they were blocked), OUT_OF_PTPAGES
 */
long cove_remove_pages(unsigned long gid, unsigned long gpa, unsigned long len)
{
	unsigned long end = gpa + len;
	long rc;
	struct tvm *tvm = get_range(gid, gpa, len, &rc);

	if (!tvm)
		return rc;
	rc = remove_check(tvm, gpa, len);
	if (!rc && !cove_gstage_empty(tvm, gpa, len))
		mark_lost(tvm, gpa, len);
	while (!rc && gpa < end)
		gpa = remove_leaf(tvm, gpa);
	cove_tvm_put(tvm);
	return rc;
}
