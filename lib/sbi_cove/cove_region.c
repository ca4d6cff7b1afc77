// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What a TVM's guest physical addresses are: confidential, shared, MMIO, or
 * being changed. Callers hold the TVM's lock.
 */
#include "cove_internal.h"

/** cove_gpa_range() - is [gpa, gpa + len) page-aligned, not empty and within the G-stage's reach?
 */
bool cove_gpa_range(u64 gpa, u64 len)
{
	u64 limit = cove_gstage_gpa_limit();

	return !((gpa | len) & COVE_PAGE_MASK) && len &&
	       ((gpa < limit && len <= limit - gpa) || !COVE_DEFENCE(GPA_LIMIT));
}

/** cove_region_type() - type of the page at @gpa */
enum region_type cove_region_type(const struct tvm *tvm, u64 gpa)
{
	unsigned int i;

	for (i = 0; i < tvm->nintervals; i++)
		if (gpa >= tvm->interval[i].start && gpa < tvm->interval[i].end)
			return (enum region_type)tvm->interval[i].type;
	return REGION_NONE;
}

/** cove_region_is() - is all of [gpa, gpa + len) of type @a or @b? */
bool cove_region_is(const struct tvm *tvm, u64 gpa, u64 len, enum region_type a, enum region_type b)
{
	u64 end = gpa + len;
	unsigned int i;

	for (i = 0; i < tvm->nintervals && gpa < end; i++) {
		const struct cove_interval *iv = &tvm->interval[i];

		if (gpa < iv->start || gpa >= iv->end)
			continue;
		if (iv->type != a && iv->type != b)
			return false;
		gpa = iv->end;
	}
	return gpa >= end;
}

static bool overlaps(const struct tvm *tvm, u64 gpa, u64 len)
{
	unsigned int i;

	for (i = 0; i < tvm->nintervals; i++)
		if (gpa < tvm->interval[i].end && tvm->interval[i].start < gpa + len)
			return true;
	return false;
}

static void interval_insert(struct tvm *tvm, unsigned int at, u64 start, u64 end, u64 type)
{
	unsigned int i;

	for (i = tvm->nintervals++; i > at; i--)
		tvm->interval[i] = tvm->interval[i - 1];
	tvm->interval[at].start = start;
	tvm->interval[at].end = end;
	tvm->interval[at].type = type;
}

static void interval_delete(struct tvm *tvm, unsigned int at)
{
	unsigned int i;

	for (i = at + 1; i < tvm->nintervals; i++)
		tvm->interval[i - 1] = tvm->interval[i];
	tvm->nintervals--;
}

static void interval_cut(struct tvm *tvm, u64 start, u64 end)
{
	unsigned int i = 0;

	while (i < tvm->nintervals) {
		struct cove_interval *iv = &tvm->interval[i];

		if (iv->end <= start || iv->start >= end) {
			i++;
		} else if (iv->start < start && iv->end > end) {
			interval_insert(tvm, i + 1, end, iv->end, iv->type);
			iv->end = start;
			i += 2;
		} else if (iv->start < start) {
			iv->end = start;
			i++;
		} else if (iv->end > end) {
			iv->start = end;
			i++;
		} else {
			interval_delete(tvm, i);
		}
	}
}

/*
 * Ranges that wait for the host's answer stay apart: each is answered alone. So
 * do MMIO regions: each is removed alone.
 */
static bool joinable(u64 type)
{
	return type != REGION_CONF_REMOVABLE && type != REGION_SHARED_REMOVABLE &&
	       type != REGION_MMIO;
}

static void interval_join(struct tvm *tvm)
{
	unsigned int i = 1;

	while (i < tvm->nintervals) {
		struct cove_interval *prev = &tvm->interval[i - 1];

		if (prev->end == tvm->interval[i].start && prev->type == tvm->interval[i].type &&
		    joinable(prev->type)) {
			prev->end = tvm->interval[i].end;
			interval_delete(tvm, i);
		} else {
			i++;
		}
	}
}

/* Intervals after [start, end) has become one of its own. */
static unsigned int intervals_after(const struct tvm *tvm, u64 start, u64 end)
{
	unsigned int i, n = tvm->nintervals + 1;

	for (i = 0; i < tvm->nintervals; i++) {
		const struct cove_interval *iv = &tvm->interval[i];

		if (iv->start < start && iv->end > end)
			n++;
		else if (iv->start >= start && iv->end <= end)
			n--;
	}
	return n;
}

/**
 * cove_region_set() - make [gpa, gpa + len) of @type, whatever it was
 *
 * To change the type of exactly one interval always succeeds.
 *
 * Return: 0, or COVE_ERR_FAILED when the TVM has too many intervals already
 * (nothing changed)
 */
int cove_region_set(struct tvm *tvm, u64 gpa, u64 len, enum region_type type)
{
	unsigned int at;

	if (intervals_after(tvm, gpa, gpa + len) > COVE_MAX_INTERVALS)
		return COVE_ERR_FAILED;
	interval_cut(tvm, gpa, gpa + len);
	if (type != REGION_NONE) {
		for (at = 0; at < tvm->nintervals && tvm->interval[at].start < gpa; at++)
			;
		interval_insert(tvm, at, gpa, gpa + len, type);
	}
	interval_join(tvm);
	return COVE_OK;
}

/** cove_region_remove_mmio() - forget every MMIO interval that overlaps [gpa, gpa + len) (reference
 * A19) */
void cove_region_remove_mmio(struct tvm *tvm, u64 gpa, u64 len)
{
	unsigned int i = 0;

	while (i < tvm->nintervals) {
		struct cove_interval *iv = &tvm->interval[i];

		if (iv->type == REGION_MMIO && iv->start < gpa + len && gpa < iv->end)
			interval_delete(tvm, i);
		else
			i++;
	}
}

/**
 * cove_region_add() - declare a range that overlaps nothing
 * Return: 0, INVALID_ADDRESS (alignment, reach, overlap), FAILED (too many)
 */
int cove_region_add(struct tvm *tvm, u64 gpa, u64 len, enum region_type type)
{
	if (!cove_gpa_range(gpa, len) ||
	    (COVE_DEFENCE(REGIONS_DISJOINT) && overlaps(tvm, gpa, len)))
		return COVE_ERR_INVALID_ADDRESS;
	return cove_region_set(tvm, gpa, len, type);
}

/**
 * cove_add_memory_region() - COVH add_tvm_memory_region: confidential GPA space
 * @gpa: 4 KiB-aligned
 * @len: bytes, a multiple of 4 KiB
 *
 * Return: INVALID_PARAM (@gid, state, @len), INVALID_ADDRESS (@gpa, overlap),
 * FAILED (COVE_MAX_REGIONS are declared)
 */
long cove_add_memory_region(unsigned long gid, unsigned long gpa, unsigned long len)
{
	struct tvm *tvm = cove_tvm_get(gid);
	long rc = COVE_ERR_INVALID_PARAM;

	if (!tvm)
		return rc;
	if ((COVE_DEFENCE(REGION_BEFORE_FINALIZE) && tvm->state != TVM_INITIALIZING) || !len ||
	    (len & COVE_PAGE_MASK))
		goto out;
	rc = COVE_ERR_FAILED;
	if (tvm->nregions == COVE_MAX_REGIONS)
		goto out;
	rc = cove_region_add(tvm, gpa, len, REGION_CONF);
	if (rc)
		goto out;
	tvm->region[tvm->nregions].start = gpa;
	tvm->region[tvm->nregions].end = gpa + len;
	tvm->region[tvm->nregions].type = REGION_CONF;
	tvm->nregions++;
out:
	cove_tvm_put(tvm);
	return rc;
}
