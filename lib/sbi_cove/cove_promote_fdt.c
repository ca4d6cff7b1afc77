// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Memory and CPUs out of a device tree that a hostile VM, or its host, has
 * written. libfdt checks the structure once, as a whole; the rest is values.
 */
#include <cove/defence.h>
#include <libfdt.h>
#include "cove_internal.h"
#include "cove_promote.h"

/* The specification of device trees has 31. */
#define MAX_NAME	 63
#define MAX_TAGS	 64 /* in a row without a node: mostly properties */
#define MAX_RESERVATIONS 64
#define WATCH_BYTES	 256

/* Is the property @name the string @value, its end included? */
static bool is_string(const void *fdt, int node, const char *name, const char *value, int size)
{
	const char *prop;
	int len, i;

	prop = fdt_getprop(fdt, node, name, &len);
	if (!prop || len != size)
		return false;
	for (i = 0; i < size; i++)
		if (prop[i] != value[i])
			return false;
	return true;
}
#define IS_STRING(fdt, node, name, value) is_string(fdt, node, name, value, sizeof(value))

static bool available(const void *fdt, int node)
{
	int len;

	return !fdt_getprop(fdt, node, "status", &len) || IS_STRING(fdt, node, "status", "okay") ||
	       IS_STRING(fdt, node, "status", "ok");
}

/* 1 or 2 cells; other numbers make no address of this machine. */
static bool cells_valid(int cells)
{
	return cells >= 1 && cells <= COVE_PROMOTE_CELLS;
}

/* @reg has as many cells; it is aligned to one. */
static u64 read_cells(const fdt32_t *reg, int cells)
{
	u64 value = 0;

	while (cells--)
		value = value << 32 | fdt32_to_cpu(*reg++);
	return value;
}

static bool add_memory(const void *fdt, int node, int address_cells, int size_cells,
		       struct promote_layout *layout)
{
	int cells = address_cells + size_cells, len, i;
	const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &len);

	if (!reg || len <= 0 || len % (cells * (int)sizeof(*reg)))
		return false;
	for (i = 0; i < len / (int)sizeof(*reg); i += cells) {
		u64 size = read_cells(reg + i + address_cells, size_cells);

		cove_job_tick(COVE_JOB_COPY);
		if (!size)
			continue;
		if (layout->nranges == COVE_MAX_REGIONS)
			return false;
		layout->range[layout->nranges].base = read_cells(reg + i, address_cells);
		layout->range[layout->nranges].len = size;
		layout->nranges++;
	}
	return true;
}

/*
 * The child behind @node, which is one or, with *@depth 0, the parent; negative: there is none.
 * libfdt's own loop looks at all nodes below a child without giving way.
 */
static int next_child(const void *fdt, int node, int *depth)
{
	do {
		node = fdt_next_node(fdt, node, depth);
	} while (node >= 0 && *depth > 1);
	return *depth == 1 ? node : -FDT_ERR_NOTFOUND;
}

static bool read_memory(const void *fdt, struct promote_layout *layout)
{
	int address_cells = fdt_address_cells(fdt, 0), size_cells = fdt_size_cells(fdt, 0);
	int depth = 0, node;

	if (!cells_valid(address_cells) || !cells_valid(size_cells))
		return false;
	for (node = next_child(fdt, 0, &depth); node >= 0; node = next_child(fdt, node, &depth))
		if (IS_STRING(fdt, node, "device_type", "memory") && available(fdt, node) &&
		    !add_memory(fdt, node, address_cells, size_cells, layout))
			return false;
	return layout->nranges;
}

static bool cpu_id(const void *fdt, int node, int cells, u64 *id)
{
	const fdt32_t *reg;
	int len;

	reg = fdt_getprop(fdt, node, "reg", &len);
	if (!reg || len != cells * (int)sizeof(*reg))
		return false;
	*id = read_cells(reg, cells);
	return *id < COVE_MAX_VCPUS;
}

static bool read_cpus(const void *fdt, struct promote_layout *layout)
{
	int cpus = fdt_path_offset(fdt, "/cpus");
	int cells = cpus < 0 ? -1 : fdt_address_cells(fdt, cpus);
	int depth = 0, node;
	u64 seen = 0, id;

	if (!cells_valid(cells))
		return false;
	for (node = next_child(fdt, cpus, &depth); node >= 0;
	     node = next_child(fdt, node, &depth)) {
		if (!IS_STRING(fdt, node, "device_type", "cpu") || !available(fdt, node))
			continue;
		if (!cpu_id(fdt, node, cells, &id) || (seen >> id & 1))
			return false;
		seen |= 1UL << id;
		layout->nvcpus++;
	}
	/* 0..n-1, each of them */
	return layout->nvcpus && !(seen & (seen + 1));
}
_Static_assert(COVE_MAX_VCPUS == 64, "one bit for each CPU");

/* libfdt loads whole words from its blocks, and M-mode has nobody to emulate what is misaligned. */
static bool aligned(const void *fdt)
{
	return !(fdt_off_dt_struct(fdt) & 3) && !(fdt_off_mem_rsvmap(fdt) & 7);
}

/*
 * libfdt measures a property's name whenever it comes by, and all properties may
 * have the same one: without a limit the time grows with the square of the size.
 */
static bool short_names(const void *fdt)
{
	const char *strings = (const char *)fdt + fdt_off_dt_strings(fdt);
	unsigned int i, run = 0;

	for (i = 0; i < fdt_size_dt_strings(fdt) && run <= MAX_NAME; i++) {
		run = strings[i] ? run + 1 : 0;
		if (i % WATCH_BYTES == 0)
			cove_job_tick(COVE_JOB_PRODUCT);
	}
	return run <= MAX_NAME;
}

static u32 word(const void *fdt, u64 at)
{
	return fdt32_to_cpu(*(const fdt32_t *)((const char *)fdt + at));
}

/* Behind the name at @at, its end included; 0: it is too long */
static u64 behind_name(const void *fdt, u64 at, u64 end)
{
	const char *name = (const char *)fdt + at;
	u64 i;

	for (i = 0; i <= MAX_NAME && at + i < end; i++)
		if (!name[i])
			return at + i + 1;
	return 0;
}

/* Behind the value of the property at @at; 0: it does not fit */
static u64 behind_value(const void *fdt, u64 at, u64 end)
{
	u64 value = at + sizeof(struct fdt_property) - FDT_TAGSIZE;

	if (value > end || word(fdt, at) > end - value)
		return 0;
	return value + word(fdt, at);
}

/*
 * libfdt goes from node to node, and to the end of a name, without giving way. Whether the tree is
 * one is for libfdt to say.
 */
static bool short_nodes(const void *fdt)
{
	u64 at = fdt_off_dt_struct(fdt), end = fdt_totalsize(fdt);
	unsigned int tags = 0;
	u32 tag;

	while (at + FDT_TAGSIZE <= end && tags++ <= MAX_TAGS) {
		cove_job_tick(COVE_JOB_COPY);
		tag = word(fdt, at);
		at += FDT_TAGSIZE;
		if (tag == FDT_END)
			return true;
		if (tag == FDT_BEGIN_NODE) {
			at = behind_name(fdt, at, end);
			tags = 0;
		} else if (tag == FDT_PROP) {
			at = behind_value(fdt, at, end);
		}
		if (!at)
			return false;
		at = (at + FDT_TAGSIZE - 1) & ~(u64)(FDT_TAGSIZE - 1);
	}
	return false;
}

static bool few_reservations(const void *fdt)
{
	const struct fdt_reserve_entry *entry =
		(const void *)((const char *)fdt + fdt_off_mem_rsvmap(fdt));
	u64 n = (fdt_totalsize(fdt) - fdt_off_mem_rsvmap(fdt)) / sizeof(*entry), i;

	for (i = 0; i < n && i <= MAX_RESERVATIONS; i++)
		if (!entry[i].size)
			return true;
	return false;
}

static bool is_tree(const void *fdt, u64 size)
{
	return size >= sizeof(struct fdt_header) && size <= COVE_MAX_FDT && aligned(fdt) &&
	       !fdt_check_header(fdt) && fdt_totalsize(fdt) <= size && short_names(fdt) &&
	       short_nodes(fdt) && few_reservations(fdt) && !fdt_check_full(fdt, size);
}

bool cove_promote_parse(const void *fdt, u64 size, struct promote_layout *layout)
{
	layout->nranges = 0;
	layout->nvcpus = 0;
	if (COVE_DEFENCE(PROMOTE_FDT) && !is_tree(fdt, size))
		return false;
	return read_memory(fdt, layout) && read_cpus(fdt, layout);
}
