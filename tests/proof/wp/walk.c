// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of the walker and of the check; the code below them is lib/'s own.
 */
#include "internal.h"
#include "bits.h"
#include "model.h"

/*@ requires range: table_range(t);
    requires aligned: table_aligned(t);
    requires blocks: table_blocks(t);
    requires sorted: table_sorted(t);
    requires memory: table_memory(t);
    assigns \nothing;
    ensures none: \result == \null ==> !ram(t, pa);
    ensures holds: \result != \null ==> in_bank(\result, pa);
    ensures only: \forall integer i; 0 <= i < t->nbanks && in_bank(&t->banks[i], pa) ==>
      \result == &t->banks[i];
    ensures bank: \result != \null ==>
      \exists integer i; 0 <= i < t->nbanks && \result == &t->banks[i];
*/
const struct pmptable_bank *pmptable_bank_of(const struct pmptable *t, u64 pa);

/*@ requires \valid_read(bank) && \valid(ram) && bank_ok(bank) && in_bank(bank, pa);
    requires \separated(ram, bank);
    assigns *ram;
    ensures holds: ram->base <= pa < ram->base + ram->size;
    ensures bank: \old(bank->ram.base) <= ram->base &&
      ram->base + ram->size <= \old(bank->ram.base + bank->ram.size);
    ensures block: \forall integer q; ram->base <= q < ram->base + ram->size ==>
      q / block_size == pa / block_size;
    ensures all: \forall integer q; in_bank{Pre}(bank, q) && q / block_size == pa / block_size ==>
      ram->base <= q < ram->base + ram->size;
    ensures pages: ram->base % 4096 == 0 && ram->size % 4096 == 0;
*/
static void block_ram(const struct pmptable_bank *bank, u64 pa, struct pmptable_range *ram);

/*@ requires \valid_read(bank) && bank_ok(bank) && in_bank(bank, pa);
    assigns \nothing;
    ensures is: \result == block_of(bank, pa);
    ensures bound: 0 <= \result < bank->nblocks;
*/
static unsigned long block_index(const struct pmptable_bank *bank, u64 pa);

/*@ assigns \nothing;
    ensures is: \result == pa / 4096 % 2048;
*/
static unsigned int leaf_index(u64 pa);

/*@ requires range: table_range(t);
    requires aligned: table_aligned(t);
    requires blocks: table_blocks(t);
    requires sorted: table_sorted(t);
    requires memory: table_memory(t);
    requires result: \valid(res) && \separated(res, t);
    requires miss: !ram(t, pa);
    assigns *res;
    ensures answer: res->id == 0xffff && res->perm == 0;
    ensures holds: res->base <= pa < extent_end(res);
    ensures hole: \forall integer q; res->base <= q < extent_end(res) ==> !ram{Pre}(t, q);
*/
static void walk_hole(const struct pmptable *t, u64 pa, struct pmptable_walk_result *res);

/*@ requires range: table_range(t);
    requires aligned: table_aligned(t);
    requires blocks: table_blocks(t);
    requires sorted: table_sorted(t);
    requires memory: table_memory(t);
    requires result: \valid(res);
    requires apart: apart(t, res);
    assigns *res;
    ensures holds: res->base <= pa < extent_end(res);
    ensures miss: !ram{Pre}(t, pa) ==> res->id == 0xffff && res->perm == 0 &&
      \forall integer q; res->base <= q < extent_end(res) ==> !ram{Pre}(t, q);
    ensures owner: \forall integer i; 0 <= i < \old(t->nbanks) && in_bank{Pre}(&t->banks[i], pa) ==>
      res->id == field{Pre}(&t->banks[i], pa) / 8;
    ensures perm: \forall integer i; 0 <= i < \old(t->nbanks) && in_bank{Pre}(&t->banks[i], pa) ==>
      res->perm == field{Pre}(&t->banks[i], pa) % 8;
    ensures inside: \forall integer i; 0 <= i < \old(t->nbanks) && in_bank{Pre}(&t->banks[i], pa)
   ==> \forall integer q; res->base <= q < extent_end(res) ==> in_bank{Pre}(&t->banks[i], q);
    ensures uniform: \forall integer i; 0 <= i < \old(t->nbanks) && in_bank{Pre}(&t->banks[i], pa)
   ==> \forall integer q; res->base <= q < extent_end(res) ==> field{Pre}(&t->banks[i], q) ==
   field{Pre}(&t->banks[i], pa);
*/
void pmptable_walk(const struct pmptable *t, u64 pa, struct pmptable_walk_result *res);

/*@ requires range: table_range(t);
    requires aligned: table_aligned(t);
    requires blocks: table_blocks(t);
    requires sorted: table_sorted(t);
    requires memory: table_memory(t);
    assigns \nothing;
    ensures true_range: \result ==>
      0 < len && pa + len <= 0x10000000000000000 && id <= 8191;
    ensures true_granted: \result ==>
      \forall integer q; pa <= q < pa + len ==> granted{Pre}(t, q, id, access);
    ensures false_only: !\result ==>
      0 == len || pa + len > 0x10000000000000000 || id > 8191 ||
      \exists integer q; pa <= q < pa + len && !granted{Pre}(t, q, id, access);
*/
bool pmptable_check(const struct pmptable *t, u64 pa, u64 len, unsigned int id,
		    unsigned int access);

#include "pmptable.c"
