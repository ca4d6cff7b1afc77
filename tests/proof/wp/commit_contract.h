/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The contract of pmptable_commit(), which may write more than its argument points
 * to: only for files that have its body, as Frama-C takes it to write no more than that otherwise.
 */
/*@ requires table: table_ok(t) && table_apart(t);
    requires range: ram_range(t, pa, end) && pa <= end;
    ensures same: same_banks{Pre, Post}(t);
    ensures table: table_ok(t) && table_apart(t);
    ensures changed: pages_are(t, pa, end, to);
    ensures kept: pages_same{Pre, Post}(t, pa, end);
    ensures bits: same_bits{Pre, Post}(t) && same_marks{Pre, Post}(t);
*/
void pmptable_commit(struct pmptable *t, u64 pa, u64 end, pmptable_field_t to);
