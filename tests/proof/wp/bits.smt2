; SPDX-License-Identifier: BSD-2-Clause
; Copyright (c) 2026 CoveSBI contributors
;
; The axioms of bits.h on 64-bit words: each is negated, so each answer is unsat.
; Those on wrapping differences are what 64-bit subtraction and addition do.
(set-logic QF_BV)
(declare-const x (_ BitVec 64))
(declare-const a (_ BitVec 64))
(declare-const b (_ BitVec 64))
(define-fun wide ((v (_ BitVec 64))) (_ BitVec 66) ((_ zero_extend 2) v))
(define-fun two64 () (_ BitVec 66) #b010000000000000000000000000000000000000000000000000000000000000000)
; shr3, shr12, shr23
(push) (assert (distinct (bvlshr x #x0000000000000003) (bvudiv x #x0000000000000008))) (check-sat) (pop)
(push) (assert (distinct (bvlshr x #x000000000000000c) (bvudiv x #x0000000000001000))) (check-sat) (pop)
(push) (assert (distinct (bvlshr x #x0000000000000017) (bvudiv x #x0000000000800000))) (check-sat) (pop)
; shl12, shl23
(define-fun long ((v (_ BitVec 64))) (_ BitVec 87) ((_ zero_extend 23) v))
(push) (assert (distinct (bvshl (long x) (long #x000000000000000c)) (bvmul (long x) (long #x0000000000001000)))) (check-sat) (pop)
(push) (assert (distinct (bvshl (long x) (long #x0000000000000017)) (bvmul (long x) (long #x0000000000800000)))) (check-sat) (pop)
; and7, and_low, and_page, and_block
(push) (assert (distinct (bvand x #x0000000000000007) (bvurem x #x0000000000000008))) (check-sat) (pop)
(push) (assert (and (bvule a #x0000000000000007) (distinct (bvand x a) (bvand (bvurem x #x0000000000000008) a)))) (check-sat) (pop)
(push) (assert (distinct (bvand x #xfffffffffffff000) (bvsub x (bvurem x #x0000000000001000)))) (check-sat) (pop)
(push) (assert (distinct (bvand x #xffffffffff800000) (bvsub x (bvurem x #x0000000000800000)))) (check-sat) (pop)
; wrap_none and wrap_below, for a - b
(push) (assert (and (bvuge a b) (distinct (wide (bvsub a b)) (bvsub (wide a) (wide b))))) (check-sat) (pop)
(push) (assert (and (bvult a b) (distinct (wide (bvsub a b)) (bvadd (bvsub (wide a) (wide b)) two64)))) (check-sat) (pop)
; wrap_none and wrap_above, for a + b
(push) (assert (and (bvult (bvadd (wide a) (wide b)) two64) (distinct (wide (bvadd a b)) (bvadd (wide a) (wide b))))) (check-sat) (pop)
(push) (assert (and (bvuge (bvadd (wide a) (wide b)) two64) (distinct (wide (bvadd a b)) (bvsub (bvadd (wide a) (wide b)) two64)))) (check-sat) (pop)
