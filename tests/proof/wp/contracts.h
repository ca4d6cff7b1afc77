/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of what the files of lib/pmptable call of each other.
 */
/*@ requires bank: bank_ok(bank) && \valid_read(bank);
    requires block: block < bank->nblocks;
    assigns \nothing;
    ensures is: \result != 0 <==> block_whole(bank, block);
*/
static inline bool pmptable_block_whole(const struct pmptable_bank *bank, unsigned long block);

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

/*@ requires \valid_read(s) && \valid_read(s->bank) && s->block < s->bank->nblocks <= 0x200000000;
    assigns \nothing;
    ensures \result == s->bank->leaves + s->block * 2048;
*/
static inline pmptable_field_t *pmptable_leaf(const struct pmptable_span *s);

/*@ requires \valid_read(s) && s->block < 0x200000000;
    assigns \nothing;
    ensures \result == s->block * 2048 + s->first;
*/
static inline unsigned long pmptable_span_page(const struct pmptable_span *s);

/*@ requires \valid_read(s);
    assigns \nothing;
    ensures \result == s->n * 4096;
*/
static inline u64 pmptable_span_size(const struct pmptable_span *s);

/*@ requires table: table_ok(t);
    requires ram: ram(t, pa);
    requires range: pa % 4096 == 0 && end % 4096 == 0 && pa < end <= pa_limit;
    requires result: \valid(s) && \separated(s, t);
    assigns *s;
    ensures bank: \exists integer i; 0 <= i < \old(t->nbanks) && s->bank == &t->banks[i];
    ensures span: span_ok{Pre}(s->bank, s->block, s->first, s->n);
    ensures whole: s->whole != 0 <==> block_whole{Pre}(s->bank, s->block);
    ensures start: page_pa{Pre}(s->bank, s->block * 2048 + s->first) == pa;
    ensures end: pa + s->n * 4096 <= end;
    ensures only: \forall integer k, p; 0 <= k < \old(t->nbanks) &&
      page_ram{Pre}(&t->banks[k], p) && pa <= page_pa{Pre}(&t->banks[k], p) < pa + s->n * 4096 ==>
	s->bank == &t->banks[k];
*/
void pmptable_span_at(const struct pmptable *t, u64 pa, u64 end, struct pmptable_span *s);

/*@ requires range: table_range(t);
    requires aligned: table_aligned(t);
    requires blocks: table_blocks(t);
    requires sorted: table_sorted(t);
    requires memory: table_memory(t);
    requires roots: table_roots(t);
    requires result: \valid(res);
    requires apart: apart(t, res);
    assigns *res;
    ensures holds: res->base <= pa < extent_end(res);
    ensures aligned: res->base % 4096 == 0 && extent_end(res) % 4096 == 0;
    ensures end: extent_end(res) <= 0x10000000000000000;
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
    requires roots: table_roots(t);
    assigns \nothing;
    ensures true_range: \result ==>
      0 < len && pa + len <= 0x10000000000000000 && id <= 8191 && access <= 7;
    ensures true_granted: \result ==>
      \forall integer q; pa <= q < pa + len ==> granted{Pre}(t, q, id, access);
    ensures false_only: !\result ==>
      0 == len || pa + len > 0x10000000000000000 || id > 8191 || access > 7 ||
      \exists integer q; pa <= q < pa + len && !granted{Pre}(t, q, id, access);
*/
bool pmptable_check(const struct pmptable *t, u64 pa, u64 len, unsigned int id,
		    unsigned int access);
