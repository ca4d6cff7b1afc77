/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Page tables that the monitor keeps in place of the host's: a TLB in software.
 */
#ifndef COVE_SHADOW_H
#define COVE_SHADOW_H

#include <cove_arch.h>

/**
 * struct cove_shadow - page tables in a fixed number of pages, the root first
 * @base: PA of the pages; multiple of 16 KiB when @gstage
 * @npages: how many there are
 * @used: how many are in use; 0: nothing has been cleared yet
 * @levels: of the tables, 3 to 5
 * @gstage: of the second stage
 * @pbmte: memory types are on in the stage
 */
struct cove_shadow {
	u64 base;
	unsigned int npages;
	unsigned int used;
	unsigned int levels;
	bool gstage;
	bool pbmte;
};

enum cove_shadow_result {
	SHADOW_NEW,
	SHADOW_SAME, /* it was there just so: hardware has another reason to fault */
	SHADOW_FULL,
};

struct cove_walk;

void cove_shadow_reset(struct cove_shadow *s, u64 atp, bool pbmte);
enum cove_shadow_result cove_shadow_map(struct cove_shadow *s, u64 va,
					const struct cove_walk *walk);
void cove_shadow_drop(struct cove_shadow *s, u64 va);
u64 cove_shadow_atp(const struct cove_shadow *s, u64 keep);

#endif
