/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The thin arch layer below lib/, simulated twin: lib/ as a native, multi-
 * threaded program. A thread is a hart, an array is RAM.
 */
#ifndef COVE_ARCH_H
#define COVE_ARCH_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef unsigned long ulong;

typedef struct {
	int held;
} arch_lock_t;

/* Keeps what it needs out of the short paths of its caller. */
#define ARCH_NOINLINE __attribute__((noinline))
#define ARCH_INLINE   static inline __attribute__((always_inline))

#define likely(x)   __builtin_expect((x), 1)
#define unlikely(x) __builtin_expect((x), 0)

#define ARCH_LOCK_INIT(lock) ((lock)->held = 0)

static inline bool arch_trylock(arch_lock_t *lock)
{
	return !__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE);
}

static inline void arch_lock(arch_lock_t *lock)
{
	while (!arch_trylock(lock))
		sched_yield();
}

static inline void arch_unlock(arch_lock_t *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

/** arch_lock_wanted() - threads are interrupted while they wait, so nobody is in a hurry */
static inline bool arch_lock_wanted(const arch_lock_t *lock)
{
	(void)lock;
	return false;
}

#define arch_load(p)	 __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define arch_store(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
/* Without order: a later arch_store() says that it is there. */
#define arch_put(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)

#define arch_memset(d, c, n) memset(d, c, n)
#define arch_memcpy(d, s, n) memcpy(d, s, n)

/* A read-modify-write is a full barrier too, and TSan knows it; of a thread's own word: it orders
 * nobody else. */
static inline void arch_mb(void)
{
	static _Thread_local int word;

	__atomic_fetch_add(&word, 1, __ATOMIC_SEQ_CST);
}

/* There are no stacks but the threads'. */
#define ARCH_STACKS 0
static inline void arch_stack_switch(unsigned long *from, unsigned long to)
{
	(void)from;
	(void)to;
}

static inline unsigned long arch_stack_new(unsigned long top, void (*fn)(void *arg), void *arg)
{
	(void)fn;
	(void)arg;
	return top;
}

#define ARCH_MAX_HARTS 8

/* The simulated RAM: fake_ram_size bytes from physical address FAKE_RAM_BASE on. */
#define FAKE_RAM_BASE 0x80000000UL
extern u8 *fake_ram;
extern u64 fake_ram_size;

/* The hart that the calling thread plays, below ARCH_MAX_HARTS. */
extern _Thread_local unsigned int fake_hart;

/** fake_ram_init() - @size bytes of zeroed RAM in place of what there was; 0: none */
void fake_ram_init(u64 size);

/** fake_ptr() - pointer to @pa; aborts, naming it, when that is outside of the simulated RAM */
void *fake_ptr(u64 pa);

/** arch_ptr() - pointer to physical address @pa, which the caller has checked */
static inline void *arch_ptr(u64 pa)
{
	return fake_ptr(pa);
}

/** arch_hart() - index of the calling hart, below ARCH_MAX_HARTS */
static inline unsigned int arch_hart(void)
{
	return fake_hart;
}

#endif
