; SPDX-License-Identifier: BSD-2-Clause
; Copyright (c) 2026 CoveSBI contributors
;
; The axioms of words.h on 64-bit words: each is negated, so each answer is unsat.
(set-logic QF_BV)
(define-sort W () (_ BitVec 64))
(declare-const x W)
(declare-const y W)
(declare-const i W)
(declare-const n W)
(define-fun c0 () W #x0000000000000000)
(define-fun c1 () W #x0000000000000001)
(define-fun c2 () W #x0000000000000002)
(define-fun c16 () W #x0000000000000010)
(define-fun c32 () W #x0000000000000020)
(define-fun c64 () W #x0000000000000040)
(define-fun ones () W #xffffffffffffffff)
(define-fun bit ((v W) (k W)) Bool (= (bvand (bvlshr v k) c1) c1))
(define-fun power ((v W) (max W)) Bool (and (distinct v c0) (= (bvand v (bvsub v c1)) c0) (bvule v max)))
(define-fun group ((k W) (v W)) W (bvand k (bvneg v)))
; bit_lowest: there is one, x & -x, and it is of x
(define-fun low () W (bvand x (bvneg x)))
(push) (assert (and (distinct x c0) (not (and (power low ones) (= (bvand x low) low))))) (check-sat) (pop)
; bit_none, bit_high
(push) (assert (bit c0 i)) (check-sat) (pop)
(push) (assert (and (bvule c64 i) (bit x i))) (check-sat) (pop)
; bit_test
(push) (assert (distinct (distinct (bvand (bvlshr x i) c1) c0) (bit x i))) (check-sat) (pop)
; bit_shr: for i that is not so large that the sum wraps
(push) (assert (and (bvult n c64) (bvule i (bvadd i n)) (distinct (bit (bvlshr x n) i) (bit x (bvadd i n))))) (check-sat) (pop)
; bits_below
(push) (assert (and (bvult n c64) (distinct (bit (bvand x (bvsub (bvshl c1 n) c1)) i) (and (bit x i) (bvult i n))))) (check-sat) (pop)
; bit_or, bit_not
(push) (assert (distinct (bit (bvor x y) i) (or (bit x i) (bit y i)))) (check-sat) (pop)
(push) (assert (and (bvult i c64) (distinct (bit (bvand x (bvnot y)) i) (and (bit x i) (not (bit y i)))))) (check-sat) (pop)
; bits_between: from is y
(push) (assert (and (bvult y c64) (bvule c1 n) (bvule n (bvsub c64 y)) (bvult i c64)
	(distinct (bit (bvshl (bvlshr ones (bvsub c64 n)) y) i) (and (bvule y i) (bvult i (bvadd y n)))))) (check-sat) (pop)
; fewer_bits
(push) (assert (and (distinct x c0) (bvuge (bvand x (bvsub x c1)) x))) (check-sat) (pop)
; shr_word, and_word, shl_word
(push) (assert (bvugt (bvlshr x n) x)) (check-sat) (pop)
(push) (assert (bvugt (bvand x y) x)) (check-sat) (pop)
(push) (assert (and (bvult n c64) (or (bvult (bvshl c1 n) c1) (bvugt (bvshl c1 n) #x8000000000000000)))) (check-sat) (pop)
; group_all, group_one, group_holds, and_zero
(push) (assert (and (bvult i c64) (distinct (group i c64) c0))) (check-sat) (pop)
(push) (assert (distinct (group i c1) i)) (check-sat) (pop)
(push) (assert (and (bvult i c64) (power n c64)
	(not (and (bvule (group i n) i) (bvult i (bvadd (group i n) n)) (bvule (bvadd (group i n) n) c64))))) (check-sat) (pop)
(push) (assert (distinct (bvand i c0) c0)) (check-sat) (pop)
; group_halves: low and high, holds, below
(define-fun whole () W (group i (bvmul c2 n)))
(push) (assert (and (bvult i c64) (power n c32)
	(distinct (group i n) (ite (= (bvand i n) c0) whole (bvadd whole n))))) (check-sat) (pop)
(push) (assert (and (bvult i c64) (power n c32)
	(not (and (bvule whole i) (bvult i (bvadd whole (bvmul c2 n))))))) (check-sat) (pop)
(push) (assert (and (bvult i c32) (power n c16) (bvugt (bvadd whole (bvmul c2 n)) c32))) (check-sat) (pop)
