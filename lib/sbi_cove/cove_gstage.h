/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Entries of G-stage tables, for the files that read them.
 */
#ifndef COVE_GSTAGE_H
#define COVE_GSTAGE_H

#include <cove_arch.h>
#include <pmptable/pmptable.h>
#include "cove_internal.h"
#include "cove_pte.h"

/** cove_level_shift() - log2 of what an entry of @level maps */
static inline unsigned int cove_level_shift(unsigned int level)
{
	return PMPTABLE_PAGE_SHIFT + 9 * level;
}

static inline u64 cove_pte_pa(u64 pte)
{
	return (pte >> PTE_PPN_SHIFT & PTE_PPN_MASK) << PMPTABLE_PAGE_SHIFT;
}

static inline bool cove_pte_is_table(u64 pte)
{
	return (pte & (PTE_V | PTE_R | PTE_W | PTE_X)) == PTE_V;
}

enum gstage_leaf cove_pte_kind(u64 pte);

#endif
