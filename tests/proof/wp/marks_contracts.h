/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of the changes of the summary.
 */
/*@ // The bit for block k of the bank.
    logic integer mark_bit{L}(struct pmptable_bank *b, integer k) = first_block(b) % 64 + k;

    // As marked() and marks_own(), by word and bit.
    predicate page_marked{L}(struct pmptable_bank *b) =
      bit(b->marked[mark_word(b)], any_block % 64);

    predicate marks_inside{L}(struct pmptable_bank *b) =
      \forall integer w, j; 0 <= w < nmarks(b) && 0 <= j < 64 && bit(b->marked[w], j) ==>
	0 <= 64 * w + j - first_block(b) % 64 < b->nblocks;

    // The page is of the span's block.
    predicate span_here{L}(struct pmptable_span *s) =
      first_block(s->bank) + s->block == any_block;

    predicate bank_writable{L}(struct pmptable_bank *b) =
      \valid(b->denied + (0 .. b->nblocks * 32 - 1)) &&
      \valid(b->marked + (0 .. nmarks(b) - 1));

    predicate span_bits{L}(struct pmptable_span *s) =
      \valid_read(s) && \valid_read(s->bank) && bank_ok(s->bank) && bank_writable(s->bank) &&
      s->block < s->bank->nblocks && 1 <= s->n && s->first + s->n <= 2048;

    // The span and its bank overlap neither the bank's bits nor its marks, nor these each other.
    predicate span_apart{L}(struct pmptable_span *s) =
      \separated(s, s->bank->denied + (0 .. s->bank->nblocks * 32 - 1)) &&
      \separated(s, s->bank->marked + (0 .. nmarks(s->bank) - 1)) &&
      \separated(s->bank, s->bank->denied + (0 .. s->bank->nblocks * 32 - 1)) &&
      \separated(s->bank, s->bank->marked + (0 .. nmarks(s->bank) - 1)) &&
      \separated(s->bank->denied + (0 .. s->bank->nblocks * 32 - 1),
		 s->bank->marked + (0 .. nmarks(s->bank) - 1));

    predicate runs_apart{L}(struct pmptable *t, struct pmptable_span *s) =
      \separated(&t->runs, s) && \separated(&t->runs, s->bank) &&
      \separated(&t->runs, s->bank->denied + (0 .. s->bank->nblocks * 32 - 1)) &&
      \separated(&t->runs, s->bank->marked + (0 .. nmarks(s->bank) - 1));

    predicate span_kept{A, B}(struct pmptable_span *s) =
      \at(s->bank, A) == \at(s->bank, B) && \at(s->block, A) == \at(s->block, B) &&
      \at(s->first, A) == \at(s->first, B) && \at(s->n, A) == \at(s->n, B) &&
      \at(s->bank->ram.base, A) == \at(s->bank->ram.base, B) &&
      \at(s->bank->ram.size, A) == \at(s->bank->ram.size, B) &&
      \at(s->bank->start, A) == \at(s->bank->start, B) &&
      \at(s->bank->nblocks, A) == \at(s->bank->nblocks, B) &&
      \at(s->bank->denied, A) == \at(s->bank->denied, B) &&
      \at(s->bank->marked, A) == \at(s->bank->marked, B);
*/

/*@ requires span: span_bits(s) && span_apart(s) && \valid(t) && runs_apart(t, s);
    assigns t->runs, s->bank->denied[s->block * 32 .. s->block * 32 + 31],
      s->bank->marked[mark_bit(s->bank, s->block) / 64];
    ensures listed: listed(s->bank) <==> in_bank(s->bank, 4 * word) &&
      (span_here(s) && s->first <= any_page % 2048 < s->first + s->n ? denied != 0 :
       listed{Pre}(s->bank));
    ensures marked: (listed{Pre}(s->bank) ==> page_marked{Pre}(s->bank)) && listed(s->bank) ==>
      page_marked(s->bank);
    ensures own: marks_inside{Pre}(s->bank) ==> marks_inside(s->bank);
*/
void pmptable_denied_write(struct pmptable *t, const struct pmptable_span *s, bool denied);
