// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of the walker and of the check; the code below them is lib/'s own.
 */
#include "internal.h"
#include "bits.h"
#include "model.h"
#include "contracts.h"

/*@ requires bank: \valid_read(bank) && bank_ok(bank) && bank_memory(bank);
    requires roots: bank_roots(bank);
    requires ram: in_bank(bank, pa);
    requires result: \valid(extent) && \separated(extent, bank) &&
      \separated(extent, bank->root + (0 .. bank->nblocks - 1));
    assigns *extent;
    ensures is: \result == field{Pre}(bank, pa);
    ensures size: \result <= 0xffff;
    ensures holds: extent->base <= pa < extent->base + extent->size;
    ensures aligned: extent->base % 4096 == 0 && extent->size % 4096 == 0;
    ensures end: extent->base + extent->size <= pa_limit;
    ensures inside: \forall integer q; extent->base <= q < extent->base + extent->size ==>
      in_bank{Pre}(bank, q);
    ensures uniform: \forall integer q; extent->base <= q < extent->base + extent->size ==>
      field{Pre}(bank, q) == \result;
*/
static inline u32 lookup(const struct pmptable_bank *bank, u64 pa, struct pmptable_range *extent);

/*@ requires range: table_range(t);
    requires aligned: table_aligned(t);
    requires blocks: table_blocks(t);
    requires sorted: table_sorted(t);
    requires memory: table_memory(t);
    requires result: \valid(res) && \separated(res, t);
    requires miss: !ram(t, pa);
    assigns *res;
    ensures answer: res->id == 0xffff && res->perm == 0;
    ensures aligned: res->base % 4096 == 0 && extent_end(res) % 4096 == 0;
    ensures end: extent_end(res) <= 0x10000000000000000;
    ensures holds: res->base <= pa < extent_end(res);
    ensures hole: \forall integer q; res->base <= q < extent_end(res) ==> !ram{Pre}(t, q);
*/
static void walk_hole(const struct pmptable *t, u64 pa, struct pmptable_walk_result *res);

#include "pmptable.c"
