/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Marks for the plugin that counts (modes.c): "slti x0, x0, KIND" does nothing on
 * a hart, in any mode; the plugin sees it, with the registers a0 to a3.
 */
#ifndef TESTS_BENCH_MARK_H
#define TESTS_BENCH_MARK_H

#define MARK_BEGIN 1 /* of an operation, of which a0 follow */
#define MARK_END   2
#define MARK_PHASE 3 /* what follows belongs to this guest */

#ifdef __riscv
#define MARK_BYTE(s, i) ((unsigned long)((i) < sizeof(s) ? (s)[(i) < sizeof(s) ? (i) : 0] : 0))
#define MARK_HALF(s, i)                                                               \
	(MARK_BYTE(s, i) | MARK_BYTE(s, (i) + 1) << 8 | MARK_BYTE(s, (i) + 2) << 16 | \
	 MARK_BYTE(s, (i) + 3) << 24)
#define MARK_WORD(s, i) (MARK_HALF(s, i) | MARK_HALF(s, (i) + 4) << 32)

#define mark_words(kind, n, w0, w1, w2)                                                      \
	do {                                                                                 \
		register unsigned long a0_ __asm__("a0") = (n);                              \
		register unsigned long a1_ __asm__("a1") = (w0);                             \
		register unsigned long a2_ __asm__("a2") = (w1);                             \
		register unsigned long a3_ __asm__("a3") = (w2);                             \
		__asm__ volatile("slti x0, x0, %4" ::"r"(a0_), "r"(a1_), "r"(a2_), "r"(a3_), \
				 "i"(kind)                                                   \
				 : "memory");                                                \
	} while (0)

/* @name: a literal of at most 24 characters */
#define mark(kind, name, n) \
	mark_words(kind, n, MARK_WORD(name, 0), MARK_WORD(name, 8), MARK_WORD(name, 16))
#endif

#endif
