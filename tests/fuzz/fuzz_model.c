// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The reference model, and the comparison.
 */
#include "fuzz_model.h"
#include "pmp_spec.h"

/* Banks that begin and end within blocks, one over a block's end, two that touch. */
static const struct pmptable_range banks[] = {
	{ FAKE_RAM_BASE, 64 * PAGE },
	{ 0x807f0000UL, 32 * PAGE },
	{ 0x80810000UL, 16 * PAGE },
	{ 0x81000000UL, 64 * PAGE },
};
#define NBANKS	4U
#define RAM_TOP (0x81000000UL + 64 * PAGE)

struct model model;

static u64 page_pa[NPAGES];
static struct cove_hart harts[HARTS];
static void *table_mem;

u64 model_pa(unsigned int i)
{
	return page_pa[i];
}

unsigned int model_page(u64 pa)
{
	unsigned int b, first = 0;

	for (b = 0; b < NBANKS; b++) {
		if (pa >= banks[b].base && pa - banks[b].base < banks[b].size)
			return first + (unsigned int)((pa - banks[b].base) / PAGE);
		first += (unsigned int)(banks[b].size / PAGE);
	}
	return NO_PAGE;
}

static void boot_memory(void)
{
	u64 size = pmptable_memory_size(banks, NBANKS);
	unsigned int b, n = 0;
	u64 i;

	if (!table_mem) {
		table_mem = aligned_alloc(PAGE, size);
		fake_ram_init(RAM_TOP - FAKE_RAM_BASE);
		for (b = 0; b < NBANKS; b++)
			for (i = 0; i < banks[b].size; i += PAGE)
				page_pa[n++] = banks[b].base + i;
		MUST(n == NPAGES, "%u pages", n);
	}
	memset(table_mem, 0xa5, size);
	for (b = 0; b < NBANKS; b++)
		memset(arch_ptr(banks[b].base), 0, banks[b].size);
	cove.table_bytes = size;
	MUST(!pmptable_init(&cove.table, banks, NBANKS, table_mem, size), "no table");
	pmptable_set_monitor(&cove.table, FAKE_RAM_BASE, FIRMWARE_PAGES * PAGE);
}

void model_boot(unsigned int entries)
{
	const struct pmp_region window = { 0, COVE_WINDOW_BYTES, PMP_CFG_R };
	unsigned int i;

	memset(&cove, 0, sizeof(cove));
	memset(harts, 0, sizeof(harts));
	memset(&model, 0, sizeof(model));
	fake_world_reset();
	boot_memory();
	cove.pmp.region[0] = (struct pmp_region){ FAKE_RAM_BASE, FIRMWARE_PAGES * PAGE, 0 };
	cove.pmp.nregions = 1;
	cove.pmp.entries = entries;
	MUST(pmp_plan_possible(&cove.pmp, &window), "%u entries", entries);
	cove.nharts = HARTS;
	cove.vlenb = 16;
	cove.gstage_levels = 3;
	cove.gstage_mode = 8;
	cove.vmid_mask = 0x3fff;
	cove.gcur = 1;
	cove.active = true;
	model.version = 1;
	for (i = 0; i < FIRMWARE_PAGES; i++)
		model.page[i].owner = OWNER_FIRMWARE;
	for (i = 0; i < HARTS; i++) {
		fake_hart = i;
		cove.hart[i] = &harts[i];
		/* no RAM, and no access goes there */
		cove_window_init(&harts[i].window, (1UL << 50) + i * COVE_WINDOW_BYTES);
		MUST(!cove_hart_online(cove.hart[i]), "not online");
		model.hart[i].started = true;
		model.hart[i].ack = 1;
		model_derived(i);
	}
}

bool model_all(u64 pa, u64 n, unsigned int a, unsigned int b)
{
	for (; n--; pa += PAGE) {
		unsigned int i = model_page(pa);

		if (i == NO_PAGE || (model.page[i].owner != a && model.page[i].owner != b))
			return false;
	}
	return true;
}

bool model_any(u64 pa, u64 n, unsigned int owner)
{
	for (; n--; pa += PAGE) {
		unsigned int i = model_page(pa);

		if (i != NO_PAGE && model.page[i].owner == owner)
			return true;
	}
	return false;
}

u64 model_min_ack(void)
{
	u64 min = model.version;
	unsigned int i;

	for (i = 0; i < HARTS; i++)
		if (model.hart[i].started && model.hart[i].ack < min)
			min = model.hart[i].ack;
	return min;
}

bool model_assignable(u64 pa, u64 n)
{
	if (!model_all(pa, n, OWNER_CONVERTED, OWNER_CONVERTED))
		return false;
	for (; n--; pa += PAGE)
		if (model.page[model_page(pa)].version >= model_min_ack())
			return false;
	return true;
}

static bool is_hosts(unsigned int owner)
{
	return owner == OWNER_HOST || owner == OWNER_SHARED;
}

void model_give(u64 pa, u64 n, unsigned int owner, u64 version)
{
	unsigned int h;

	for (; n--; pa += PAGE) {
		unsigned int i = model_page(pa);

		model.page[i] = (struct model_page){ owner, version };
		for (h = 0; is_hosts(owner) && h < HARTS; h++)
			model.hart[h].denied[i] = false;
	}
}

void model_derived(unsigned int h)
{
	unsigned int i;

	for (i = 0; i < NPAGES; i++)
		model.hart[h].denied[i] = !is_hosts(model.page[i].owner);
}

bool model_pmp_allows(unsigned int h, u64 pa, u64 len)
{
	const struct pmp_config *c = &fake_harts[h].pmp;

	return spec_allows(c->entry, c->n, pa, len, PMP_CFG_R | PMP_CFG_W);
}

/* What an entry matches. */
struct match {
	u64 first, last;
	u8 perm;
};

static unsigned int decode(unsigned int h, struct match *match)
{
	const struct pmp_config *c = &fake_harts[h].pmp;
	unsigned int i, n = 0;

	for (i = 0; i < c->n; i++) {
		match[n].perm = c->entry[i].cfg & PMPTABLE_RWX;
		n += spec_range(c->entry, i, &match[n].first, &match[n].last);
	}
	return n;
}

/* All that S-mode may do with some byte of a page. */
static u8 page_perm(const struct match *match, unsigned int n, u64 pa)
{
	u8 perm = 0;

	for (; n--; match++) {
		if (pa > match->last || pa + PAGE - 1 < match->first)
			continue;
		perm |= match->perm;
		if (pa >= match->first && pa + PAGE - 1 <= match->last)
			break;
	}
	return perm;
}

/* A hart that runs the host, or will when its TVM ends: the gate is no entry of these. */
static void check_pmp(unsigned int h)
{
	const struct model_hart *hart = &model.hart[h];
	bool exact = !cove.hart[h]->plan.nallow && !cove_hart_pmp_stale(cove.hart[h]);
	struct match match[PMP_MAX_ENTRIES];
	unsigned int i, n;

	if (!hart->started)
		return;
	n = decode(h, match);
	for (i = 0; i < NPAGES; i++) {
		u64 pa = model_pa(i);

		if (hart->denied[i] || model.page[i].owner >= OWNER_TVM)
			MUST(!page_perm(match, n, pa), "hart %u reaches page 0x%lx of owner %u", h,
			     pa, model.page[i].owner);
		else if (exact && is_hosts(model.page[i].owner))
			MUST(model_pmp_allows(h, pa, PAGE), "hart %u is refused page 0x%lx", h, pa);
	}
}

static unsigned int tvm_field(unsigned int owner, const struct pmptable_walk_result *res)
{
	const struct model_tvm *tvm = &model.tvm[owner - OWNER_TVM];

	/* data or metadata */
	return tvm->alive && tvm->id == res->id && (!res->perm || res->perm == PMPTABLE_RWX);
}

static void check_table(void)
{
	unsigned long count[PMPTABLE_KINDS] = { 0 };
	static const unsigned int kind[] = { PMPTABLE_KIND_HOST, PMPTABLE_KIND_HOST,
					     PMPTABLE_KIND_MONITOR };
	struct pmptable_walk_result res;
	unsigned int i, converted = 0;

	for (i = 0; i < NPAGES; i++) {
		unsigned int owner = model.page[i].owner;
		bool same;

		pmptable_walk(&cove.table, model_pa(i), &res);
		switch (owner) {
		case OWNER_HOST:
			same = res.id == PMPTABLE_ID_HOST && res.perm == PMPTABLE_RWX;
			break;
		case OWNER_SHARED:
			same = res.id == PMPTABLE_ID_HOST && res.perm == (PMPTABLE_R | PMPTABLE_W);
			break;
		case OWNER_FIRMWARE:
			same = res.id == PMPTABLE_ID_MONITOR && !res.perm;
			break;
		case OWNER_CONVERTED:
			same = (res.id == PMPTABLE_ID_HOST || res.id == PMPTABLE_ID_CONF) &&
			       !res.perm;
			break;
		default:
			same = tvm_field(owner, &res);
		}
		MUST(same, "page 0x%lx of owner %u is (%u, %u)", model_pa(i), owner, res.id,
		     res.perm);
		if (owner < OWNER_CONVERTED)
			count[kind[owner]]++;
		else if (owner >= OWNER_TVM)
			count[PMPTABLE_KIND_TVM]++;
		else
			converted++;
	}
	MUST(cove.table.count[PMPTABLE_KIND_HOST] == count[PMPTABLE_KIND_HOST], "count");
	MUST(cove.table.count[PMPTABLE_KIND_MONITOR] == count[PMPTABLE_KIND_MONITOR], "count");
	MUST(cove.table.count[PMPTABLE_KIND_TVM] == count[PMPTABLE_KIND_TVM], "count");
	MUST(cove.table.count[PMPTABLE_KIND_CONVERTING] +
			     cove.table.count[PMPTABLE_KIND_UNASSIGNED] ==
		     converted,
	     "count");
}

static void check_runs(void)
{
	static struct pmptable_range got[NPAGES];
	int n = pmptable_denied_runs(&cove.table, got, NPAGES);
	u64 pages = 0;
	int i;

	MUST(n >= 0, "%d", n);
	for (i = 0; i < n; i++) {
		u64 pa = got[i].base, end = pa + got[i].size;

		MUST(!i || pa > got[i - 1].base + got[i - 1].size, "order of runs");
		for (; pa < end; pa += PAGE, pages++)
			MUST(model_page(pa) != NO_PAGE &&
				     model.page[model_page(pa)].owner >= OWNER_CONVERTED,
			     "0x%lx is in a run", pa);
	}
	for (i = 0; i < (int)NPAGES; i++)
		pages -= model.page[i].owner >= OWNER_CONVERTED;
	MUST(!pages, "pages are missing in the runs");
}

void model_check(unsigned int h, bool all)
{
	unsigned int i;

	check_table();
	if (!all) {
		check_pmp(h);
		return;
	}
	check_runs();
	for (i = 0; i < HARTS; i++)
		check_pmp(i);
	MUST(!cove.convert_lock.held && !cove.table.lock.held, "a lock is held");
}
