; SPDX-License-Identifier: BSD-2-Clause
; Copyright (c) 2026 CoveSBI contributors
;
; The axioms of entries.h on 64-bit words: each is negated, so each answer is unsat.
(set-logic QF_BV)
(define-sort W () (_ BitVec 64))
(declare-const x W)
(declare-const y W)
(declare-const w W)
(declare-const base W)
(declare-const size W)
(define-fun c0 () W #x0000000000000000)
(define-fun c1 () W #x0000000000000001)
(define-fun c2 () W #x0000000000000002)
(define-fun c7 () W #x0000000000000007)
(define-fun c8 () W #x0000000000000008)
(define-fun c24 () W #x0000000000000018)
(define-fun byte () W #x00000000000000ff)
(define-fun page () W #x0000000000001000)
(define-fun words () W #x0040000000000000)
(define-fun mode ((v W)) W (bvurem (bvudiv v c8) #x0000000000000004))
; a's trailing ones and the 0 above them do not count
(define-fun napot ((a W) (v W)) Bool (= (bvand (bvxor a v) (bvnot (bvxor a (bvadd a c1)))) c0))
; napot_all
(push) (assert (and (bvult w words) (not (napot #x003fffffffffffff w)))) (check-sat) (pop)
; shr2, and_mode
(push) (assert (distinct (bvlshr x c2) (bvudiv x #x0000000000000004))) (check-sat) (pop)
(push) (assert (and (bvule x byte) (distinct (bvand x c24) (bvmul c8 (mode x))))) (check-sat) (pop)
; or_tor, or_napot
(push) (assert (and (bvule x c7) (not (and (= (bvor c8 x) (bvadd c8 x)) (= (mode (bvadd c8 x)) c1)
	(= (bvurem (bvadd c8 x) c8) x))))) (check-sat) (pop)
(push) (assert (and (bvule x c7) (not (and (= (bvor c24 x) (bvadd c24 x))
	(= (mode (bvadd c24 x)) #x0000000000000003) (= (bvurem (bvadd c24 x) c8) x))))) (check-sat) (pop)
; and_perm, and_r, and_w, or_page
(push) (assert (and (bvule x byte) (distinct (= (bvand x #x00000000000000f8) c0) (bvule x c7)))) (check-sat) (pop)
(push) (assert (distinct (bvand x c1) (bvurem x c2))) (check-sat) (pop)
(push) (assert (distinct (bvand x c2) (bvmul c2 (bvurem (bvudiv x c2) c2)))) (check-sat) (pop)
(push) (assert (distinct (= (bvurem (bvor x y) page) c0)
	(and (= (bvurem x page) c0) (= (bvurem y page) c0)))) (check-sat) (pop)
; napot_block: base and size are at most 2^56, so no sum wraps
(push) (assert (and (bvule page size) (bvule size #x0100000000000000) (bvule base #x0100000000000000)
	(bvule (bvadd base size) #x0100000000000000)
	(= (bvand size (bvsub size c1)) c0) (= (bvand base (bvsub size c1)) c0) (bvult w words)
	(distinct (napot (bvor (bvlshr base c2) (bvsub (bvlshr size #x0000000000000003) c1)) w)
		(and (bvule base (bvshl w c2)) (bvult (bvshl w c2) (bvadd base size)))))) (check-sat) (pop)
; twice (this and the next are in plan.c)
(define-fun limit () W #x0100000000000000)
(push) (assert (and (bvule page size) (bvule size limit) (= (bvand size (bvsub size c1)) c0)
	(distinct (bvand (bvmul c2 size) (bvsub (bvmul c2 size) c1)) c0))) (check-sat) (pop)
; below_limit: size is at most 2^56, so base + size does not wrap
(define-fun last () W (bvsub (bvadd base size) c1))
(define-fun range () Bool (and (bvult c0 size) (bvule size limit) (bvule base limit) (bvule (bvadd base size) limit)))
(push) (assert (and range (bvuge (bvxor base last) limit))) (check-sat) (pop)
; block_around: the block's size is y
(define-fun start () W (bvand base (bvneg y)))
(define-fun around () Bool (and range (bvule page y) (bvule y (bvmul c2 limit)) (= (bvand y (bvsub y c1)) c0)
	(bvult (bvxor base last) y)))
(push) (assert (and around (bvugt start base))) (check-sat) (pop)
(push) (assert (and around (bvugt (bvadd base size) (bvadd start y)))) (check-sat) (pop)
(push) (assert (and around (bvugt (bvadd start y) (bvmul c2 limit)))) (check-sat) (pop)
; high_bits
(push) (assert (and (= (bvlshr x #x0000000000000038) c0) (bvuge x limit))) (check-sat) (pop)
