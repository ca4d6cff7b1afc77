/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * promote_to_tvm: what a device tree says of an ordinary VM.
 */
#ifndef COVE_PROMOTE_H
#define COVE_PROMOTE_H

#include <cove/sbi_cove.h>
#include <cove_arch.h>

#define COVE_MAX_FDT	   0x10000UL /* bytes of a device tree */
#define COVE_PROMOTE_CELLS 2	     /* of an address or a size */

/** struct promote_range - guest physical memory [@base, @base + @len), @len not 0 */
struct promote_range {
	u64 base;
	u64 len;
};

/**
 * struct promote_layout - a VM as its device tree describes it
 * @range: memory, in the order of the tree; nothing is checked of it but the number
 * @nvcpus: CPUs, whose ids are 0..@nvcpus - 1
 */
struct promote_layout {
	unsigned int nranges;
	unsigned int nvcpus;
	struct promote_range range[COVE_MAX_REGIONS];
};

/**
 * cove_promote_parse() - read memory and CPUs out of a device tree
 * @fdt: the tree, 8-byte aligned; nobody writes it meanwhile. Its contents are
 *	hostile
 * @size: bytes that may be read, at most COVE_MAX_FDT; bounds the time
 * @layout: the answer
 *
 * Memory: nodes below the root with device_type "memory"; CPUs: nodes below /cpus
 * with device_type "cpu"; both only when status is "okay" or missing.
 *
 * Return: false when it is no valid tree, or describes no VM that can be a TVM
 */
bool cove_promote_parse(const void *fdt, u64 size, struct promote_layout *layout);

#endif
