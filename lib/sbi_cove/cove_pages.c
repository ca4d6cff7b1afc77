// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Giving pages to a TVM. Each call first checks everything and takes the
 * pages, all or nothing, and then maps them without an error path.
 */
#include "cove_internal.h"

static bool unmapped(const struct tvm *tvm, u64 gpa, u64 n)
{
	return cove_region_empty(tvm, gpa, n * COVE_PAGE_SIZE);
}

/** cove_pt_give() - pages that are @tvm's metadata already join its pool of page-table pages */
void cove_pt_give(struct tvm *tvm, u64 pa, u64 n)
{
	u64 *page;

	for (; n--; pa += COVE_PAGE_SIZE) {
		page = arch_ptr(pa);
		if (COVE_DEFENCE(CLEAR_PAGE_TABLES))
			cove_clear(pa, COVE_PAGE_SIZE);
		page[0] = tvm->pt_pool;
		tvm->pt_pool = pa;
		tvm->pt_free++;
	}
}

/**
 * cove_add_page_table_pages() - COVH add_tvm_page_table_pages
 * @pa: 4 KiB-aligned confidential, unassigned pages
 * @n: pages, 1..COVE_MAX_SCRUB_PAGES
 *
 * Return: INVALID_PARAM (@gid, @n), INVALID_ADDRESS (@pa)
 */
long cove_add_page_table_pages(unsigned long gid, unsigned long pa, unsigned long n)
{
	struct tvm *tvm;
	long rc;

	if (!n || n > COVE_MAX_SCRUB_PAGES)
		return COVE_ERR_INVALID_PARAM;
	if (!cove_range_pages(pa, n, COVE_MAX_SCRUB_PAGES))
		return COVE_ERR_INVALID_ADDRESS;
	tvm = cove_tvm_get(gid);
	if (!tvm)
		return COVE_ERR_INVALID_PARAM;
	rc = cove_assign(pa, n, PMPTABLE_TVM_META(tvm->id));
	if (!rc)
		cove_pt_give(tvm, pa, n);
	cove_tvm_put(tvm);
	return rc;
}

/* Common to measured and zero pages: check the place, take the pages. */
static long take_data_pages(struct tvm *tvm, u64 pa, u64 n, u64 gpa, enum region_type also)
{
	if (!cove_gpa_range(gpa, n * COVE_PAGE_SIZE) ||
	    (COVE_DEFENCE(PLACE_CONFIDENTIAL) &&
	     !cove_region_is(tvm, gpa, n * COVE_PAGE_SIZE, REGION_CONF, also)) ||
	    (COVE_DEFENCE(PLACE_EMPTY) && !unmapped(tvm, gpa, n)))
		return COVE_ERR_INVALID_ADDRESS;
	if (COVE_DEFENCE(TABLES_RESERVED) && !cove_gstage_reserve(tvm, gpa, n))
		return COVE_ERR_OUT_OF_PTPAGES;
	return cove_assign(pa, n, PMPTABLE_TVM_DATA(tvm->id));
}

/**
 * cove_add_measured_pages() - COVH add_tvm_measured_pages
 * @src: PA in the host's RAM
 * @dst: PA of confidential, unassigned pages
 * @type: COVE_PAGE_4K
 * @n: pages, 1..COVE_MAX_MEASURED_PAGES
 * @gpa: where they go: confidential region, nothing mapped
 *
 * The source is copied first and the copy is measured.
 *
 * Return: INVALID_PARAM (@gid, state, @type, @n), INVALID_ADDRESS (@src, @dst,
 * @gpa), OUT_OF_PTPAGES
 */
long cove_add_measured_pages(unsigned long gid, unsigned long src, unsigned long dst,
			     unsigned long type, unsigned long n, unsigned long gpa)
{
	struct tvm *tvm;
	unsigned long i;
	long rc = COVE_ERR_INVALID_PARAM;

	if (type != COVE_PAGE_4K || !n || n > COVE_MAX_MEASURED_PAGES)
		return rc;
	if (!cove_range_pages(src, n, n) || !cove_range_pages(dst, n, n) ||
	    (COVE_DEFENCE(MEASURED_SOURCE) && !cove_host_range(src, n * COVE_PAGE_SIZE)))
		return COVE_ERR_INVALID_ADDRESS;
	tvm = cove_tvm_get(gid);
	if (!tvm)
		return rc;
	if (tvm->state == TVM_INITIALIZING || !COVE_DEFENCE(MEASURED_BEFORE_FINALIZE))
		rc = take_data_pages(tvm, dst, n, gpa, REGION_CONF);
	if (!rc) {
		for (i = 0; i < n * COVE_PAGE_SIZE; i += COVE_PAGE_SIZE) {
			cove_copy_page(dst + i, src + i);
			cove_measure_page(tvm, gpa + i,
					  arch_ptr(COVE_DEFENCE(MEASURE_COPY) ? dst + i : src + i));
			cove_gstage_map(tvm, gpa + i, dst + i, false);
		}
	}
	cove_tvm_put(tvm);
	return rc;
}

/**
 * cove_add_zero_pages() - COVH add_tvm_zero_pages
 * @pa: PA of confidential, unassigned pages
 * @type: COVE_PAGE_4K
 * @n: pages, 1..COVE_MAX_SCRUB_PAGES
 * @gpa: where they go: confidential region, nothing mapped
 *
 * Return: INVALID_PARAM (@gid, state, @type, @n), INVALID_ADDRESS (@pa, @gpa),
 * OUT_OF_PTPAGES
 */
long cove_add_zero_pages(unsigned long gid, unsigned long pa, unsigned long type, unsigned long n,
			 unsigned long gpa)
{
	struct tvm *tvm;
	unsigned long i;
	long rc = COVE_ERR_INVALID_PARAM;

	if (type != COVE_PAGE_4K || !n || n > COVE_MAX_SCRUB_PAGES)
		return rc;
	if (!cove_range_pages(pa, n, n))
		return COVE_ERR_INVALID_ADDRESS;
	tvm = cove_tvm_get(gid);
	if (!tvm)
		return rc;
	if (tvm->state == TVM_RUNNABLE || !COVE_DEFENCE(ZERO_AFTER_FINALIZE))
		rc = take_data_pages(tvm, pa, n, gpa, REGION_CONF_REMOVABLE);
	if (!rc) {
		if (COVE_DEFENCE(CLEAR_ZERO_PAGES))
			cove_clear(pa, n * COVE_PAGE_SIZE);
		for (i = 0; i < n * COVE_PAGE_SIZE; i += COVE_PAGE_SIZE)
			cove_gstage_map(tvm, gpa + i, pa + i, false);
	}
	cove_tvm_put(tvm);
	return rc;
}

static bool shared_already(const struct tvm *tvm, u64 gpa, u64 pa, u64 n)
{
	u64 mapped;
	u64 i;

	for (i = 0; i < n * COVE_PAGE_SIZE; i += COVE_PAGE_SIZE)
		if (cove_gstage_get(tvm, gpa + i, &mapped) != GSTAGE_SHARED || mapped != pa + i)
			return false;
	return true;
}

static long share_pages(struct tvm *tvm, u64 pa, u64 n, u64 gpa)
{
	static const pmptable_field_t host = PMPTABLE_HOST;
	u64 i;

	if (tvm->state != TVM_RUNNABLE)
		return COVE_ERR_INVALID_PARAM;
	if (!cove_gpa_range(gpa, n * COVE_PAGE_SIZE) ||
	    (COVE_DEFENCE(PLACE_SHARED) &&
	     !cove_region_is(tvm, gpa, n * COVE_PAGE_SIZE, REGION_SHARED, REGION_SHARED)))
		return COVE_ERR_INVALID_ADDRESS;
	if (shared_already(tvm, gpa, pa, n))
		return COVE_OK;
	if (!unmapped(tvm, gpa, n))
		return COVE_ERR_INVALID_ADDRESS;
	if (!cove_gstage_reserve(tvm, gpa, n))
		return COVE_ERR_OUT_OF_PTPAGES;
	if (COVE_DEFENCE(SHARED_PIN) &&
	    pmptable_transition(&cove.table, pa, n, &host, 1, PMPTABLE_HOST_SHARED))
		return COVE_ERR_INVALID_ADDRESS;
	for (i = 0; i < n * COVE_PAGE_SIZE; i += COVE_PAGE_SIZE)
		cove_gstage_map(tvm, gpa + i, pa + i, true);
	return COVE_OK;
}

/**
 * cove_add_shared_pages() - COVH add_tvm_shared_pages
 * @pa: PA in the host's RAM; a page is shared at one GPA of one TVM at a time
 * @type: COVE_PAGE_4K
 * @n: pages, 1..COVE_MAX_SCRUB_PAGES
 * @gpa: where they go: a range that the guest has shared, nothing mapped
 *
 * The pages stay the host's but cannot be converted while they are mapped.
 * Mapping the same pages at the same place again succeeds (two vCPUs fault on
 * one page).
 *
 * Return: INVALID_PARAM (@gid, state, @type, @n), INVALID_ADDRESS (@pa, @gpa),
 * OUT_OF_PTPAGES
 */
long cove_add_shared_pages(unsigned long gid, unsigned long pa, unsigned long type, unsigned long n,
			   unsigned long gpa)
{
	struct tvm *tvm;
	long rc;

	if (type != COVE_PAGE_4K || !n || n > COVE_MAX_SCRUB_PAGES)
		return COVE_ERR_INVALID_PARAM;
	if (!cove_range_pages(pa, n, n))
		return COVE_ERR_INVALID_ADDRESS;
	tvm = cove_tvm_get(gid);
	if (!tvm)
		return COVE_ERR_INVALID_PARAM;
	rc = share_pages(tvm, pa, n, gpa);
	cove_tvm_put(tvm);
	return rc;
}

/** cove_unpin_shared() - the host's page at @pa is no longer mapped into a TVM */
void cove_unpin_shared(u64 pa)
{
	static const pmptable_field_t shared = PMPTABLE_HOST_SHARED;

	pmptable_transition(&cove.table, pa, 1, &shared, 1, PMPTABLE_HOST);
}
