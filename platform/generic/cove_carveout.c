// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * RAM for the PMP table and the harts' state: found in the FDT's memory nodes,
 * away from all that the next boot stage uses, reserved in the FDT through
 * OpenSBI's root domain.
 */
#include "cove_platform.h"
#include <libfdt.h>
#include <sbi/sbi_bitops.h>
#include <sbi/sbi_domain.h>
#include <sbi/sbi_math.h>
#include <sbi/sbi_platform.h>
#include <sbi/sbi_string.h>
#include <sbi_utils/fdt/fdt_helper.h>

#define GRANULE		    0x10000UL /* carve-outs are multiples of it, to need few regions */
#define MAX_USED	    64
#define KERNEL_GUARD	    (64UL << 20)  /* room for a next stage whose size is unknown */
#define FDT_GUARD	    (256UL << 10) /* the FDT grows by fixups */
#define LOADER_GAP	    (64UL << 20)
#define LOADER_LIMIT	    (4UL << 30)
#define IMAGE_MAGIC2_OFFSET 56
#define IMAGE_MAGIC2	    0x05435352U /* "RSC\x05" */
#define IMAGE_SIZE_OFFSET   16
_Static_assert(!(COVE_WINDOW_BYTES & (COVE_WINDOW_BYTES - 1)),
	       "a window's tables are one NAPOT entry");

struct layout {
	struct pmptable_range bank[PMPTABLE_MAX_BANKS];
	unsigned int nbanks;
	struct pmptable_range used[MAX_USED];
	unsigned int nused;
	bool overflow;
};

static void add_used(struct layout *l, u64 base, u64 size)
{
	if (!size || base + size < base)
		return;
	if (l->nused == MAX_USED) {
		l->overflow = true;
		return;
	}
	l->used[l->nused].base = base;
	l->used[l->nused].size = size;
	l->nused++;
}

static void add_bank(struct layout *l, u64 base, u64 size)
{
	u64 start = (base + COVE_PAGE_MASK) & ~COVE_PAGE_MASK;
	u64 end = (base + size) & ~COVE_PAGE_MASK;
	unsigned int i;

	if (base + size < base || end <= start)
		return;
	if (l->nbanks == PMPTABLE_MAX_BANKS) {
		l->overflow = true;
		return;
	}
	for (i = l->nbanks++; i && l->bank[i - 1].base > start; i--)
		l->bank[i] = l->bank[i - 1];
	l->bank[i].base = start;
	l->bank[i].size = end - start;
}

static void find_banks(struct layout *l, const void *fdt)
{
	u64 base, size;
	int node = -1;
	int i;

	while ((node = fdt_node_offset_by_prop_value(fdt, node, "device_type", "memory", 7)) >= 0) {
		if (!fdt_node_is_enabled(fdt, node))
			continue;
		for (i = 0; !fdt_get_node_addr_size(fdt, node, i, &base, &size); i++)
			add_bank(l, base, size);
	}
}

static u64 chosen_address(const void *fdt, int node, const char *name)
{
	int len;
	const fdt32_t *p = fdt_getprop(fdt, node, name, &len);

	if (!p || (len != 4 && len != 8))
		return 0;
	return len == 4 ? fdt32_to_cpu(p[0]) : (u64)fdt32_to_cpu(p[0]) << 32 | fdt32_to_cpu(p[1]);
}

static void find_reservations(struct layout *l, const void *fdt)
{
	int node, child, i;
	u64 base, size, start;

	for (i = 0; i < fdt_num_mem_rsv(fdt); i++)
		if (!fdt_get_mem_rsv(fdt, i, &base, &size))
			add_used(l, base, size);
	node = fdt_path_offset(fdt, "/reserved-memory");
	if (node >= 0)
		fdt_for_each_subnode(child, fdt, node)
			for (i = 0; !fdt_get_node_addr_size(fdt, child, i, &base, &size); i++)
				add_used(l, base, size);
	node = fdt_path_offset(fdt, "/chosen");
	if (node < 0)
		return;
	start = chosen_address(fdt, node, "linux,initrd-start");
	if (start)
		add_used(l, start, chosen_address(fdt, node, "linux,initrd-end") - start);
}

static u64 next_stage_size(u64 addr)
{
	u64 size = KERNEL_GUARD;

	if (*(u32 *)(addr + IMAGE_MAGIC2_OFFSET) == IMAGE_MAGIC2)
		size = *(u64 *)(addr + IMAGE_SIZE_OFFSET);
	return size > KERNEL_GUARD && size < (1UL << 30) ? size : KERNEL_GUARD;
}

static void find_used(struct layout *l, struct sbi_scratch *scratch, const void *fdt)
{
	add_used(l, scratch->fw_start, scratch->fw_size);
	add_used(l, (u64)fdt, fdt_totalsize(fdt) + FDT_GUARD);
	add_used(l, scratch->next_addr, next_stage_size(scratch->next_addr));
	find_reservations(l, fdt);
}

static const struct pmptable_range *hit(const struct layout *l, u64 base, u64 size)
{
	unsigned int i;

	for (i = 0; i < l->nused; i++)
		if (base < l->used[i].base + l->used[i].size && l->used[i].base < base + size)
			return &l->used[i];
	return NULL;
}

/* The highest free place in [bottom, top). */
static u64 find_below(const struct layout *l, u64 bottom, u64 top, u64 size, u64 align)
{
	while (top >= bottom + size) {
		u64 base = (top - size) & ~(align - 1);
		const struct pmptable_range *used;

		if (base < bottom)
			return 0;
		used = hit(l, base, size);
		if (!used)
			return base;
		top = used->base;
	}
	return 0;
}

/*
 * High up in the highest bank, so that low memory stays whole; but not at the
 * top of a bank or below 4 GiB, where boot loaders move to without looking.
 */
static u64 find_place(const struct layout *l, u64 size, u64 align)
{
	unsigned int b;
	u64 base = 0;

	for (b = l->nbanks; b-- && !base;) {
		u64 bottom = l->bank[b].base;
		u64 top = bottom + l->bank[b].size;
		u64 limit = bottom < LOADER_LIMIT && top > LOADER_LIMIT ? LOADER_LIMIT : top;

		if (limit - bottom > 4 * LOADER_GAP)
			base = find_below(l, bottom, limit - LOADER_GAP, size, align);
	}
	for (b = l->nbanks; b-- && !base;)
		base = find_below(l, l->bank[b].base, l->bank[b].base + l->bank[b].size, size,
				  align);
	return base;
}

/* Descending powers of two from a base aligned to the largest: one region each. */
static int reserve(u64 base, u64 size)
{
	int rc;

	while (size) {
		u64 part = 1UL << sbi_fls(size);

		rc = sbi_domain_root_add_memrange(base, part, part,
						  SBI_DOMAIN_MEMREGION_M_READABLE |
							  SBI_DOMAIN_MEMREGION_M_WRITABLE);
		if (rc)
			return rc;
		base += part;
		size -= part;
	}
	return 0;
}

static void place_harts(u64 windows, u64 harts, unsigned long hart_bytes)
{
	unsigned int i;

	for (i = 0; i < cove.nharts; i++, windows += COVE_WINDOW_BYTES) {
		struct cove_hart *hart = arch_ptr(harts + i * hart_bytes);

		cove.hart[i] = hart;
		hart->host.v = (struct cove_v *)(hart + 1);
		cove_window_init(&hart->window, windows);
	}
}

/*
 * struct mark - says after a reset that the carve-out holds a table, and for
 * which RAM. Only M-mode can have written it there.
 */
struct mark {
	u64 magic[2];
	u64 base;
	u64 size;
	u64 nbanks;
	struct pmptable_range bank[PMPTABLE_MAX_BANKS];
};

#define MARK_MAGIC0 0x326b72616d766f63UL /* "covmark2" */
#define MARK_MAGIC1 (0xc5a1b2e3d4f60718UL ^ sizeof(struct mark))

static void make_mark(const struct layout *l, u64 base, u64 size, struct mark *mark)
{
	sbi_memset(mark, 0, sizeof(*mark));
	mark->magic[0] = MARK_MAGIC0;
	mark->magic[1] = MARK_MAGIC1;
	mark->base = base;
	mark->size = size;
	mark->nbanks = l->nbanks;
	sbi_memcpy(mark->bank, l->bank, sizeof(mark->bank));
}

static bool was_confidential(const struct pmptable_walk_result *page)
{
	if (page->id == PMPTABLE_ID_HOST)
		return !page->perm;
	return page->id != PMPTABLE_ID_MONITOR && page->id != PMPTABLE_ID_NONE;
}

/*
 * RAM outlives a reset. What the table of the life before denied to the host
 * is erased before the host gets it, but for what has just been loaded there.
 */
static void erase_leftovers(const struct layout *l, u64 table_base, u64 table_size)
{
	struct pmptable_walk_result page;
	unsigned int b;
	u64 pa, end;

	if (pmptable_attach(&cove.table, l->bank, l->nbanks, arch_ptr(table_base), table_size))
		return;
	for (b = 0; b < l->nbanks; b++) {
		pa = l->bank[b].base;
		end = pa + l->bank[b].size;
		while (pa < end) {
			pmptable_walk(&cove.table, pa, &page);
			if (!was_confidential(&page)) {
				pa = page.base + page.size;
				continue;
			}
			if (!hit(l, pa, COVE_PAGE_SIZE)) {
				cove_clear(pa, COVE_PAGE_SIZE);
				cove_cache_flush(pa, COVE_PAGE_SIZE);
			}
			pa += COVE_PAGE_SIZE;
		}
	}
}

const char *cove_carveout(struct sbi_scratch *scratch, unsigned long hart_bytes)
{
	static struct layout l;
	static struct mark mark;
	const void *fdt = fdt_get_address();
	u64 windows, table, size, base;
	struct mark *old;

	find_banks(&l, fdt);
	find_used(&l, scratch, fdt);
	if (l.overflow)
		return "too many memory banks or reservations";
	table = pmptable_memory_size(l.bank, l.nbanks);
	if (!table)
		return "the memory nodes make no sense";
	cove.nharts = sbi_platform_hart_count(sbi_platform_ptr(scratch));
	hart_bytes = (hart_bytes + 63) & ~63UL;
	/* In the order of their alignment: windows, barrier, table, harts. */
	windows = cove.nharts * COVE_WINDOW_BYTES;
	size = windows + COVE_BARRIER_BYTES + table + cove.nharts * hart_bytes + sizeof(mark);
	size = (size + GRANULE - 1) & ~(GRANULE - 1);
	base = find_place(&l, size, 1UL << sbi_fls(size));
	if (!base || reserve(base, size))
		return "there is no room for the PMP table";
	make_mark(&l, base, size, &mark);
	old = arch_ptr(base + size - sizeof(mark));
	if (COVE_DEFENCE(ERASE_AFTER_RESET) && !sbi_memcmp(old, &mark, sizeof(mark)))
		erase_leftovers(&l, base + windows + COVE_BARRIER_BYTES, table);
	cove_clear(base, size);
	*old = mark;
	if (pmptable_init(&cove.table, l.bank, l.nbanks,
			  arch_ptr(base + windows + COVE_BARRIER_BYTES), table))
		return "the memory nodes make no sense";
	cove.table_bytes = table;
	cove.barrier = base + windows;
	place_harts(base, base + windows + COVE_BARRIER_BYTES + table, hart_bytes);
	return NULL;
}
