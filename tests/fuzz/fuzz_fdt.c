// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The device tree of a VM that is to be promoted. An input is changes to a tree
 * that is good: 2 bytes of place, 1 byte of value each; the first byte says
 * whether it is cut off, too. Whatever comes out must be a machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <libfdt.h>
#include "cove_promote.h"
#include "must.h"

#define TREE_SIZE 2048

static u64 tree[TREE_SIZE / 8];
static unsigned int tree_len;
static unsigned long executions, accepted;

static void put_node(const char *name, const char *type, const void *reg, int len)
{
	MUST(!fdt_begin_node(tree, name) && !fdt_property_string(tree, "device_type", type) &&
		     !fdt_property_string(tree, "status", "okay") &&
		     !fdt_property(tree, "reg", reg, len) && !fdt_end_node(tree),
	     "no room for a node");
}

static void put_cells(unsigned int address, unsigned int size)
{
	MUST(!fdt_property_u32(tree, "#address-cells", address) &&
		     !fdt_property_u32(tree, "#size-cells", size),
	     "no room for cells");
}

static void make_tree(void)
{
	const fdt64_t memory[] = { cpu_to_fdt64(0x80000000), cpu_to_fdt64(0x10000000),
				   cpu_to_fdt64(0x100000000), cpu_to_fdt64(0x10000000) };
	const fdt32_t cpu[] = { cpu_to_fdt32(0), cpu_to_fdt32(1) };

	MUST(!fdt_create(tree, sizeof(tree)) && !fdt_add_reservemap_entry(tree, 0x80000000, 4096) &&
		     !fdt_finish_reservemap(tree) && !fdt_begin_node(tree, ""),
	     "no tree");
	put_cells(2, 2);
	put_node("memory@80000000", "memory", memory, sizeof(memory));
	MUST(!fdt_begin_node(tree, "cpus"), "no node");
	put_cells(1, 0);
	put_node("cpu@0", "cpu", &cpu[0], sizeof(cpu[0]));
	put_node("cpu@1", "cpu", &cpu[1], sizeof(cpu[1]));
	MUST(!fdt_end_node(tree) && !fdt_end_node(tree) && !fdt_finish(tree), "no end");
	tree_len = fdt_totalsize(tree);
}

static void print_counts(void)
{
	printf("executions %lu operations %lu\n", executions, accepted);
	if (executions > 10000 && accepted < executions / 1000)
		printf("no operation: only %lu of %lu trees were accepted\n", accepted, executions);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	make_tree();
	atexit(print_counts);
	return 0;
}

static void check_layout(const struct promote_layout *layout)
{
	unsigned int i;

	MUST(layout->nvcpus >= 1 && layout->nvcpus <= COVE_MAX_VCPUS, "CPUs that cannot be");
	MUST(layout->nranges >= 1 && layout->nranges <= COVE_MAX_REGIONS, "more memory than fits");
	for (i = 0; i < layout->nranges; i++)
		MUST(layout->range[i].len, "memory without a length");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct promote_layout layout, again;
	unsigned int len = tree_len, i;
	u8 *copy, *before;
	bool ok;

	if (!size)
		return 0;
	executions++;
	if (data[0] & 0x80)
		len = (unsigned int)(data[0] & 0x7f) * tree_len / 0x7f;
	/* of just this size: what is read beyond is found */
	copy = malloc(len ? len : 1);
	before = malloc(len ? len : 1);
	MUST(copy && before, "no memory");
	memcpy(copy, tree, len);
	for (i = 1; len && i + 2 < size; i += 3)
		copy[(data[i] << 8 | data[i + 1]) % len] = data[i + 2];
	memcpy(before, copy, len);
	ok = cove_promote_parse(copy, len, &layout);
	MUST(!memcmp(before, copy, len), "the tree was written");
	MUST(cove_promote_parse(copy, len, &again) == ok, "not the same again");
	if (ok) {
		check_layout(&layout);
		accepted++;
	}
	free(copy);
	free(before);
	return 0;
}
