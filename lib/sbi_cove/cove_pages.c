// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Giving pages to a TVM. Each call first checks everything and takes the
 * pages, all or nothing, and then maps them without an error path.
 *
 * Hashing many pages and erasing large ones takes longer than M-mode may be deaf.
 * So measured and zero pages are filled in steps (struct cove_fill), and mapped
 * when all of them are: the call returns COVE_AGAIN after each step, and the hart
 * executes the host's ecall again.
 */
#include "cove_internal.h"

#define ERASE_PAGES 4 /* before the hart looks up */

/** cove_pt_give() - a page that is @tvm's metadata already joins its pool of page-table pages */
void cove_pt_give(struct tvm *tvm, u64 pa)
{
	if (COVE_DEFENCE(CLEAR_PAGE_TABLES))
		cove_clear(pa, COVE_PAGE_SIZE);
	cove_gstage_pool_add(tvm, pa);
}

/* The first step of a call, or the next one of the same. */
static long give(struct tvm *tvm, u64 pa, u64 end)
{
	struct cove_give *g = &tvm->give;
	long rc;

	if (g->next == g->end) {
		rc = cove_assign(pa, (end - pa) / COVE_PAGE_SIZE, PMPTABLE_TVM_META(tvm->id));
		if (rc)
			return rc;
		*g = (struct cove_give){ .pa = pa, .next = pa, .end = end };
	} else if (g->pa != pa || g->end != end) {
		return COVE_ERR_ALREADY_STARTED;
	}
	do {
		cove_pt_give(tvm, g->next);
		g->next += COVE_PAGE_SIZE;
	} while (g->next < g->end && !cove_tvm_wanted(tvm));
	return g->next < g->end ? COVE_AGAIN : COVE_OK;
}

/**
 * cove_add_page_table_pages() - COVH add_tvm_page_table_pages
 * @pa: 4 KiB-aligned confidential, unassigned pages
 * @n: pages, 1..COVE_MAX_SCRUB_PAGES
 *
 * Return: INVALID_PARAM (@gid, @n), INVALID_ADDRESS (@pa), ALREADY_STARTED (another call adds
 * such pages), COVE_AGAIN
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
	rc = give(tvm, pa, pa + n * COVE_PAGE_SIZE);
	cove_tvm_put(tvm);
	return rc;
}

/*
 * @n pages of @type as 4 KiB pages; 0 when there is no such type, none, more than
 * @max4k small ones or more than 1 GiB.
 */
static u64 page_count(unsigned long type, unsigned long n, u64 max4k)
{
	u64 each;

	if (type > COVE_LEVEL_MAX)
		return 0;
	each = cove_level_size((unsigned int)type) / COVE_PAGE_SIZE;
	if (n > (type ? COVE_MAX_LARGE_PAGES / each : max4k))
		return 0;
	return n * each;
}

static bool aligned(u64 addr, unsigned long type)
{
	return !(addr & (cove_level_size((unsigned int)type) - 1)) || !COVE_DEFENCE(LARGE_ALIGNED);
}

static bool place_ok(const struct tvm *tvm, const struct cove_fill *f, enum region_type a,
		     enum region_type b)
{
	u64 len = f->pages * COVE_PAGE_SIZE;

	return cove_gpa_range(f->gpa, len) && aligned(f->gpa, f->level) &&
	       (!COVE_DEFENCE(PLACE_CONFIDENTIAL) || cove_region_is(tvm, f->gpa, len, a, b));
}

static bool place_empty(const struct tvm *tvm, const struct cove_fill *f)
{
	return cove_gstage_empty(tvm, f->gpa, f->pages * COVE_PAGE_SIZE);
}

static u64 leaves(const struct cove_fill *f)
{
	return f->pages / (cove_level_size(f->level) / COVE_PAGE_SIZE);
}

static void map_leaves(struct tvm *tvm, const struct cove_fill *f, bool shared)
{
	cove_gstage_map_run(tvm, f->gpa, f->pa, leaves(f), f->level, shared);
}

/* How many pages the next step fills. */
static u64 next_step(const struct cove_fill *f)
{
	u64 max = f->src ? COVE_STEP_MEASURED : COVE_STEP_SCRUB;

	return f->pages - f->done < max ? f->pages - f->done : max;
}

/* Checked at each step, since between them the host can convert the source. */
static bool source_ok(const struct cove_fill *f)
{
	return !f->src || !COVE_DEFENCE(MEASURED_SOURCE) ||
	       cove_host_range(f->src + f->done * COVE_PAGE_SIZE, next_step(f) * COVE_PAGE_SIZE);
}

/* Check source and place, take the pages. */
static long fill_begin(struct tvm *tvm, const struct cove_fill *f)
{
	long rc;

	if (!source_ok(f))
		return COVE_ERR_INVALID_ADDRESS;
	if (!place_ok(tvm, f, REGION_CONF, f->src ? REGION_CONF : REGION_CONF_REMOVABLE) ||
	    (COVE_DEFENCE(PLACE_EMPTY) && !place_empty(tvm, f)))
		return COVE_ERR_INVALID_ADDRESS;
	if (COVE_DEFENCE(TABLES_RESERVED) && !cove_gstage_reserve(tvm, f->gpa, leaves(f), f->level))
		return COVE_ERR_OUT_OF_PTPAGES;
	rc = cove_assign(f->pa, f->pages, PMPTABLE_TVM_DATA(tvm->id));
	if (rc)
		return rc;
	tvm->fill = *f;
	arch_memcpy(tvm->fill.msmt, tvm->msmt[COVE_MSMT_PAGES], COVE_HASH_LEN);
	return COVE_OK;
}

/* False: not yet */
static bool measure_page(struct tvm *tvm, struct cove_fill *f, u64 at)
{
	u64 dst = f->pa + at, src = f->src + at;

	if (!f->copied)
		cove_copy_page(dst, src);
	f->copied = !cove_measure_page(tvm, f->gpa + at,
				       arch_ptr(COVE_DEFENCE(MEASURE_COPY) ? dst : src));
	return !f->copied;
}

static void fill_some(struct tvm *tvm)
{
	struct cove_fill *f = &tvm->fill;
	u64 end = f->done + next_step(f), at;

	do {
		at = f->done * COVE_PAGE_SIZE;
		if (f->src && !measure_page(tvm, f, at))
			return;
		if (!f->src && COVE_DEFENCE(CLEAR_ZERO_PAGES))
			cove_clear(f->pa + at, COVE_PAGE_SIZE);
		f->done++;
	} while (f->done < end && (f->done % ERASE_PAGES || !cove_tvm_wanted(tvm)));
}

static long fill_fail(struct tvm *tvm)
{
	struct cove_fill *f = &tvm->fill;

	arch_memcpy(tvm->msmt[COVE_MSMT_PAGES], f->msmt, COVE_HASH_LEN);
	cove_release(f->pa, f->pages, PMPTABLE_TVM_DATA(tvm->id));
	f->pages = 0;
	tvm->hash.at = 0;
	return COVE_ERR_INVALID_ADDRESS;
}

/* The guest may have asked to share the place meanwhile; other pages cannot have come. */
static long fill_step(struct tvm *tvm)
{
	struct cove_fill *f = &tvm->fill;

	if (!source_ok(f))
		return fill_fail(tvm);
	fill_some(tvm);
	if (f->done < f->pages)
		return COVE_AGAIN;
	if (!place_ok(tvm, f, REGION_CONF, f->src ? REGION_CONF : REGION_CONF_REMOVABLE))
		return fill_fail(tvm);
	map_leaves(tvm, f, false);
	f->pages = 0;
	return COVE_OK;
}

static bool same_fill(const struct cove_fill *a, const struct cove_fill *b)
{
	return a->src == b->src && a->pa == b->pa && a->gpa == b->gpa && a->pages == b->pages &&
	       a->level == b->level;
}

/* The first step of a fill, or the next one of the same. */
static long fill(struct tvm *tvm, const struct cove_fill *f)
{
	long rc = COVE_OK;

	if (COVE_DEFENCE(FILL_FIRST) && tvm->fill.pages && !same_fill(&tvm->fill, f))
		return COVE_ERR_ALREADY_STARTED;
	if (!tvm->fill.pages)
		rc = fill_begin(tvm, f);
	return rc ? rc : fill_step(tvm);
}

/**
 * cove_add_measured_pages() - COVH add_tvm_measured_pages
 * @src: PA in the host's RAM, 4 KiB-aligned
 * @dst: PA of confidential, unassigned pages, aligned to their size
 * @type: COVE_PAGE_4K, COVE_PAGE_2M, COVE_PAGE_1G
 * @n: pages of this size: 1..COVE_MAX_MEASURED_PAGES, or large ones up to
 *	COVE_MAX_LARGE_PAGES
 * @gpa: where they go, aligned to their size: confidential region, nothing mapped
 *
 * The source is copied first and the copy is measured, 4 KiB by 4 KiB. More than
 * COVE_STEP_MEASURED take several steps, during which the TVM takes no other pages.
 *
 * Return: INVALID_PARAM (@gid, state, @type, @n), INVALID_ADDRESS (@src, @dst,
 * @gpa), OUT_OF_PTPAGES, ALREADY_STARTED (another call adds pages), COVE_AGAIN
 */
long cove_add_measured_pages(unsigned long gid, unsigned long src, unsigned long dst,
			     unsigned long type, unsigned long n, unsigned long gpa)
{
	struct cove_fill f = { .src = src, .pa = dst, .gpa = gpa };
	struct tvm *tvm;
	long rc = COVE_ERR_INVALID_PARAM;

	f.pages = page_count(type, n, COVE_MAX_MEASURED_PAGES);
	if (!f.pages)
		return rc;
	f.level = (unsigned int)type;
	if (!src || !cove_range_pages(src, f.pages, f.pages) ||
	    !cove_range_pages(dst, f.pages, f.pages) || !aligned(dst, type))
		return COVE_ERR_INVALID_ADDRESS;
	tvm = cove_tvm_get(gid);
	if (!tvm)
		return rc;
	if (tvm->state == TVM_INITIALIZING || !COVE_DEFENCE(MEASURED_BEFORE_FINALIZE))
		rc = fill(tvm, &f);
	cove_tvm_put(tvm);
	return rc;
}

/**
 * cove_add_zero_pages() - COVH add_tvm_zero_pages
 * @pa: PA of confidential, unassigned pages, aligned to their size
 * @type: COVE_PAGE_4K, COVE_PAGE_2M, COVE_PAGE_1G
 * @n: pages of this size: 1..COVE_MAX_SCRUB_PAGES, or large ones up to
 *	COVE_MAX_LARGE_PAGES
 * @gpa: where they go, aligned to their size: confidential region, nothing mapped
 *
 * Large pages may take several steps, during which the TVM takes no other pages.
 *
 * Return: INVALID_PARAM (@gid, state, @type, @n), INVALID_ADDRESS (@pa, @gpa),
 * OUT_OF_PTPAGES, ALREADY_STARTED (another call adds pages), COVE_AGAIN
 */
long cove_add_zero_pages(unsigned long gid, unsigned long pa, unsigned long type, unsigned long n,
			 unsigned long gpa)
{
	struct cove_fill f = { .pa = pa, .gpa = gpa };
	struct tvm *tvm;
	long rc = COVE_ERR_INVALID_PARAM;

	f.pages = page_count(type, n, COVE_MAX_SCRUB_PAGES);
	if (!f.pages)
		return rc;
	f.level = (unsigned int)type;
	if (!cove_range_pages(pa, f.pages, f.pages) || !aligned(pa, type))
		return COVE_ERR_INVALID_ADDRESS;
	tvm = cove_tvm_get(gid);
	if (!tvm)
		return rc;
	if (tvm->state == TVM_RUNNABLE || !COVE_DEFENCE(ZERO_AFTER_FINALIZE))
		rc = fill(tvm, &f);
	cove_tvm_put(tvm);
	return rc;
}

static bool shared_already(const struct tvm *tvm, const struct cove_fill *f)
{
	u64 end = f->gpa + f->pages * COVE_PAGE_SIZE, gpa;
	struct gstage_at at;

	for (gpa = f->gpa; gpa < end; gpa = at.end) {
		cove_gstage_at(tvm, gpa, &at);
		if (at.kind != GSTAGE_SHARED || at.pa != f->pa + (gpa - f->gpa))
			return false;
	}
	return true;
}

static long share_pages(struct tvm *tvm, const struct cove_fill *f)
{
	static const pmptable_field_t host = PMPTABLE_HOST;
	u64 len = f->pages * COVE_PAGE_SIZE;

	if (tvm->state != TVM_RUNNABLE)
		return COVE_ERR_INVALID_PARAM;
	if (!cove_gpa_range(f->gpa, len) || !aligned(f->gpa, f->level) ||
	    (COVE_DEFENCE(PLACE_SHARED) &&
	     !cove_region_is(tvm, f->gpa, len, REGION_SHARED, REGION_SHARED_REMOVABLE)))
		return COVE_ERR_INVALID_ADDRESS;
	if (tvm->fill.pages)
		return COVE_ERR_ALREADY_STARTED;
	if (shared_already(tvm, f))
		return COVE_OK;
	if (!place_empty(tvm, f))
		return COVE_ERR_INVALID_ADDRESS;
	if (!cove_gstage_reserve(tvm, f->gpa, leaves(f), f->level))
		return COVE_ERR_OUT_OF_PTPAGES;
	if (COVE_DEFENCE(SHARED_PIN) &&
	    pmptable_transition(&cove.table, f->pa, f->pages, &host, 1, PMPTABLE_HOST_SHARED))
		return COVE_ERR_INVALID_ADDRESS;
	map_leaves(tvm, f, true);
	return COVE_OK;
}

/**
 * cove_add_shared_pages() - COVH add_tvm_shared_pages
 * @pa: PA in the host's RAM, aligned to the pages' size; a page is shared at one GPA
 *	of one TVM at a time
 * @type: COVE_PAGE_4K, COVE_PAGE_2M, COVE_PAGE_1G
 * @n: pages of this size: 1..COVE_MAX_SCRUB_PAGES, or large ones up to
 *	COVE_MAX_LARGE_PAGES
 * @gpa: where they go, aligned to their size: a range that the guest has shared,
 *	nothing mapped. That the guest has asked to take it back is no reason to refuse:
 *	a sibling may wait for the page, and the range must be empty in the end anyway
 *
 * The pages stay the host's but cannot be converted while they are mapped.
 * Mapping the same pages at the same place again succeeds (two vCPUs fault on
 * one page).
 *
 * Return: INVALID_PARAM (@gid, state, @type, @n), INVALID_ADDRESS (@pa, @gpa),
 * OUT_OF_PTPAGES, ALREADY_STARTED (another call adds pages)
 */
long cove_add_shared_pages(unsigned long gid, unsigned long pa, unsigned long type, unsigned long n,
			   unsigned long gpa)
{
	struct cove_fill f = { .pa = pa, .gpa = gpa };
	struct tvm *tvm;
	long rc;

	f.pages = page_count(type, n, COVE_MAX_SCRUB_PAGES);
	if (!f.pages)
		return COVE_ERR_INVALID_PARAM;
	f.level = (unsigned int)type;
	if (!cove_range_pages(pa, f.pages, f.pages) || !aligned(pa, type))
		return COVE_ERR_INVALID_ADDRESS;
	tvm = cove_tvm_get(gid);
	if (!tvm)
		return COVE_ERR_INVALID_PARAM;
	rc = share_pages(tvm, &f);
	cove_tvm_put(tvm);
	return rc;
}

/** cove_unpin_shared() - @n of the host's pages from @pa are no longer mapped into a TVM */
void cove_unpin_shared(u64 pa, u64 n)
{
	static const pmptable_field_t shared = PMPTABLE_HOST_SHARED;

	pmptable_transition(&cove.table, pa, n, &shared, 1, PMPTABLE_HOST);
}
