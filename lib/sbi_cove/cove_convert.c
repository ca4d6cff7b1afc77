// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Conversion of memory and the global fence (CoVE, page conversion).
 *
 * A page that was converted at version v may be assigned once every started
 * hart has acknowledged a version above v. The versions of conversions that
 * may still be open are kept for ranges, not for pages; when the list is full,
 * ranges are joined to a superset, which delays assignment but never allows it
 * too early.
 */
#include "cove_internal.h"

/* Harts acknowledge without the lock: what is read here may only be too old. */
static u64 min_ack(void)
{
	u64 min = cove.gcur;
	unsigned int i;

	for (i = 0; i < cove.nharts; i++) {
		u64 ack;

		if (!cove.hart[i] || !cove.hart[i]->started)
			continue;
		if (!COVE_DEFENCE(FENCE_ALL_HARTS) && i != arch_hart())
			continue;
		ack = arch_load(&cove.hart[i]->ack);
		if (ack < min)
			min = ack;
	}
	return min;
}

/**
 * cove_conversions_prune() - forget those that every started hart has acknowledged
 *
 * With cove.convert_lock held.
 */
void cove_conversions_prune(void)
{
	u64 min = min_ack();
	unsigned int i, kept = 0;

	for (i = 0; i < cove.nconversions; i++)
		if (cove.conversion[i].version >= min)
			cove.conversion[kept++] = cove.conversion[i];
	cove.nconversions = kept;
}

static bool conversion_open(u64 pa, u64 end)
{
	unsigned int i;

	cove_conversions_prune();
	for (i = 0; i < cove.nconversions; i++)
		if (pa < cove.conversion[i].end && cove.conversion[i].base < end)
			return true;
	return false;
}

static void record_conversion(u64 pa, u64 end)
{
	struct cove_conversion *c = cove.conversion;
	unsigned int i;

	cove_conversions_prune();
	for (i = 0; i < cove.nconversions; i++) {
		if (c[i].version == cove.gcur && pa <= c[i].end && c[i].base <= end)
			break;
	}
	if (i == cove.nconversions && i < COVE_MAX_CONVERSIONS) {
		c[i].base = pa;
		c[i].end = end;
		c[i].version = cove.gcur;
		cove.nconversions++;
		return;
	}
	if (i == cove.nconversions)
		i = COVE_MAX_CONVERSIONS - 1;
	c[i].base = pa < c[i].base ? pa : c[i].base;
	c[i].end = end > c[i].end ? end : c[i].end;
	c[i].version = cove.gcur;
}

/** cove_range_pages() - is [pa, pa + n pages) aligned, not empty, at most @max pages and does not
 * wrap? */
bool cove_range_pages(u64 pa, u64 n, u64 max)
{
	return !(pa & COVE_PAGE_MASK) && n && n <= max && pa + n * COVE_PAGE_SIZE > pa;
}

/**
 * cove_convert_pages() - COVH convert_pages
 * @pa: 4 KiB-aligned base
 * @n: pages, 1..COVE_MAX_CONVERT_PAGES
 *
 * All or nothing. The calling hart loses access at once, the others when they
 * execute their local fence; no page is assigned before that.
 *
 * Return: INVALID_ADDRESS (not the host's RAM, or in use as shared memory),
 * INVALID_PARAM (@n)
 */
long cove_convert_pages(unsigned long pa, unsigned long n)
{
	long rc = COVE_OK;

	if (COVE_DEFENCE(CONVERT_COUNT) && (!n || n > COVE_MAX_CONVERT_PAGES))
		return COVE_ERR_INVALID_PARAM;
	if (!cove_range_pages(pa, n, COVE_MAX_CONVERT_PAGES))
		return COVE_ERR_INVALID_ADDRESS;

	arch_lock(&cove.convert_lock);
	if (cove_pinned(pa, n) || pmptable_deny(&cove.table, pa, n))
		rc = COVE_ERR_INVALID_ADDRESS;
	else
		record_conversion(pa, pa + n * COVE_PAGE_SIZE);
	arch_unlock(&cove.convert_lock);
	if (rc)
		return rc;
	if (COVE_DEFENCE(PMP_AT_CONVERT))
		rc = cove_hart_pmp_derive(cove_this_hart());
	cove_world_flush_host();
	return rc;
}

static void scrub_page(u64 pa)
{
	if (COVE_DEFENCE(SCRUB_RECLAIMED))
		cove_clear(pa, COVE_PAGE_SIZE);
	cove_cache_flush(pa, COVE_PAGE_SIZE);
}

static bool monitor_in(u64 pa, u64 n)
{
	struct pmptable_walk_result res;
	u64 i;

	for (i = 0; i < n; i++) {
		pmptable_walk(&cove.table, pa + i * COVE_PAGE_SIZE, &res);
		if (res.id == PMPTABLE_ID_MONITOR)
			return true;
	}
	return false;
}

static long reclaim_error(int rc, u64 pa, u64 n)
{
	if (rc == PMPTABLE_ESTATE && !monitor_in(pa, n))
		return COVE_ERR_INVALID_PARAM;
	return rc ? COVE_ERR_INVALID_ADDRESS : COVE_OK;
}

/* Once for a call, unless it changes harts or the table has changed otherwise. */
static long reclaim_check(struct cove_hart *hart, u64 pa, u64 n)
{
	unsigned long version = arch_load(&cove.table.version);
	bool begun = hart->reclaim_pa == pa && hart->reclaim_n == n;
	long rc;

	if (begun && hart->reclaim_version == version)
		return COVE_OK;
	rc = reclaim_error(pmptable_may_grant(&cove.table, pa, n), pa, n);
	hart->reclaim_pa = pa;
	hart->reclaim_n = rc ? 0 : n;
	hart->reclaim_version = version;
	if (!rc && !begun && n > COVE_STEP_RECLAIM && cove_world_interrupted())
		return COVE_AGAIN;
	return rc;
}

/* The first page from @pa on that is not the host's, or @end. */
static u64 not_hosts(u64 pa, u64 end)
{
	struct pmptable_range open;

	while (pa < end && pmptable_open_block(&cove.table, pa, &open))
		pa = open.base + open.size;
	return pa < end ? pa : end;
}

/* A few pages for each time that the locks are held. */
static long reclaim_some(struct cove_hart *hart, u64 pa, u64 end)
{
	u64 n;
	int rc;

	while ((pa = not_hosts(pa, end)) < end) {
		n = (end - pa) / COVE_PAGE_SIZE;
		n = n < COVE_STEP_RECLAIM ? n : COVE_STEP_RECLAIM;
		arch_lock(&cove.convert_lock);
		rc = pmptable_grant(&cove.table, pa, n, scrub_page);
		hart->reclaim_version = arch_load(&cove.table.version);
		arch_unlock(&cove.convert_lock);
		if (rc)
			return reclaim_error(rc, pa, n);
		pa += n * COVE_PAGE_SIZE;
		if (pa < end && cove_world_interrupted())
			return COVE_AGAIN;
	}
	hart->reclaim_n = 0;
	return COVE_OK;
}

/**
 * cove_reclaim_pages() - COVH reclaim_pages
 * @pa: 4 KiB-aligned base
 * @n: pages, 1..COVE_MAX_SCRUB_PAGES
 *
 * All or nothing; pages are scrubbed before the host gets them. Pages that are
 * the host's already stay as they are. While it goes on in steps, other harts can take
 * pages of the range; such a call fails, and what it has given stays given.
 *
 * Return: INVALID_ADDRESS (not RAM, the monitor's), INVALID_PARAM (@n, or a
 * page is assigned), COVE_AGAIN
 */
long cove_reclaim_pages(unsigned long pa, unsigned long n)
{
	long rc, error;

	if (!n || n > COVE_MAX_SCRUB_PAGES)
		return COVE_ERR_INVALID_PARAM;
	if (!cove_range_pages(pa, n, COVE_MAX_SCRUB_PAGES))
		return COVE_ERR_INVALID_ADDRESS;

	rc = reclaim_check(cove_this_hart(), pa, n);
	if (rc)
		return rc;
	rc = reclaim_some(cove_this_hart(), pa, pa + n * COVE_PAGE_SIZE);
	error = cove_hart_pmp_derive(cove_this_hart());
	cove_world_flush_host();
	return error ? error : rc;
}

/**
 * cove_global_fence() - COVH global_fence: open a new round
 * Return: ALREADY_STARTED while a hart has yet to acknowledge the last one
 */
long cove_global_fence(void)
{
	long rc = COVE_OK;

	arch_lock(&cove.convert_lock);
	if (COVE_DEFENCE(GLOBAL_FENCE_WAITS) && min_ack() < cove.gcur)
		rc = COVE_ERR_ALREADY_STARTED;
	else
		arch_store(&cove.gcur, cove.gcur + 1);
	arch_unlock(&cove.convert_lock);
	return rc ? rc : cove_local_fence();
}

/** cove_local_fence() - COVH local_fence: this hart obeys the table from now on, and says so */
long cove_local_fence(void)
{
	struct cove_hart *hart = cove_this_hart();
	u64 version = arch_load(&cove.gcur);
	long rc = COVE_OK;

	if (cove_hart_pmp_stale(hart) && (COVE_DEFENCE(PMP_AT_FENCE) || !hart->pmp.n))
		rc = cove_hart_pmp_derive(hart);
	cove_world_flush_host();
	if (rc)
		return rc;
	arch_store(&hart->ack, version);
	return COVE_OK;
}

/**
 * cove_assign() - give confidential, unassigned, fenced pages to a TVM
 * @to: the state that they get
 *
 * All or nothing. The contents are still the last owner's: the caller
 * overwrites them before anybody can reach them.
 *
 * Return: 0 or INVALID_ADDRESS
 */
int cove_assign(u64 pa, u64 n, pmptable_field_t to)
{
	static const pmptable_field_t from[] = { PMPTABLE_UNASSIGNED, PMPTABLE_CONVERTING };
	int rc = PMPTABLE_ESTATE;

	arch_lock(&cove.convert_lock);
	if (!COVE_DEFENCE(ASSIGN_FENCED) || !conversion_open(pa, pa + n * COVE_PAGE_SIZE))
		rc = pmptable_transition(&cove.table, pa, n, from, 2, to);
	arch_unlock(&cove.convert_lock);
	return rc ? COVE_ERR_INVALID_ADDRESS : COVE_OK;
}

/** cove_release() - pages of a TVM in state @from become unassigned; they are scrubbed when they
 * are reclaimed or assigned */
void cove_release(u64 pa, u64 n, pmptable_field_t from)
{
	pmptable_transition(&cove.table, pa, n, &from, 1, PMPTABLE_UNASSIGNED);
}
