/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The thin arch layer below lib/, proof twin: one thread of control. Loads and
 * stores are plain ones, a lock is always free. The proofs hold for this twin.
 */
#ifndef COVE_ARCH_H
#define COVE_ARCH_H

#include <stdbool.h>
#include <stddef.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

typedef struct {
	int held;
} arch_lock_t;

#define ARCH_LOCK_INIT(lock) ((lock)->held = 0)
#define arch_lock(lock)	     ((void)0)
#define arch_unlock(lock)    ((void)0)

#define arch_load(p)	 (*(p))
#define arch_store(p, v) ((void)(*(p) = (v)))
#define arch_put(p, v)	 ((void)(*(p) = (v)))

#define unlikely(condition) (condition)

/*@ assigns ((u8 *)d)[0 .. n - 1], \result \from d, c, n; */
void *memset(void *d, int c, size_t n);
#define arch_memset(d, c, n) memset(d, c, n)

#endif
