/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The thin arch layer below lib/, real twin: OpenSBI in M-mode, physical
 * addresses are pointers. lib/arch/host/ holds the simulated twin.
 */
#ifndef COVE_ARCH_H
#define COVE_ARCH_H

#include <sbi/riscv_asm.h>
#include <sbi/riscv_barrier.h>
#include <sbi/riscv_encoding.h>
#include <sbi/riscv_locks.h>
#include <sbi/sbi_hartmask.h>
#include <sbi/sbi_scratch.h>
#include <sbi/sbi_string.h>
#include <sbi/sbi_types.h>

typedef spinlock_t arch_lock_t;

/* Keeps what it needs out of the short paths of its caller. */
#define ARCH_NOINLINE __attribute__((noinline))
#define ARCH_INLINE   static inline __attribute__((always_inline))

#define ARCH_LOCK_INIT(lock) SPIN_LOCK_INIT(*(lock))
#define arch_trylock(lock)   spin_trylock(lock)

/** arch_lock_wanted() - does another hart wait for @lock, which the caller holds? */
static inline bool arch_lock_wanted(arch_lock_t *lock)
{
	return (u16)(__atomic_load_n(&lock->next, __ATOMIC_RELAXED) - lock->owner) > 1;
}

#define arch_load(p)	 __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define arch_store(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
/* Without order: a later arch_store() says that it is there. */
#define arch_put(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)
#define arch_mb()      __atomic_thread_fence(__ATOMIC_SEQ_CST)

#define arch_memset(d, c, n) sbi_memset(d, c, n)
#define arch_memcpy(d, s, n) sbi_memcpy(d, s, n)

/** arch_lock() - OpenSBI's spin_lock(), without a call when nobody holds it */
static inline void arch_lock(arch_lock_t *lock)
{
	u32 ticket = __atomic_fetch_add((u32 *)lock, 1U << TICKET_SHIFT, __ATOMIC_ACQ_REL);

	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket >> TICKET_SHIFT)
		;
}

static inline void arch_unlock(arch_lock_t *lock)
{
	__atomic_store_n(&lock->owner, (u16)(lock->owner + 1), __ATOMIC_RELEASE);
}

/** arch_ptr() - pointer to physical address @pa, which the caller has checked */
static inline void *arch_ptr(u64 pa)
{
	return (void *)(unsigned long)pa;
}

/** arch_hart() - index of the calling hart, below ARCH_MAX_HARTS */
static inline unsigned int arch_hart(void)
{
	return current_hartindex();
}

/* lib/sbi_cove/cove_job_switch.S */
#define ARCH_STACKS 1
void arch_stack_switch(unsigned long *from, unsigned long to);
unsigned long arch_stack_new(unsigned long top, void (*fn)(void *arg), void *arg);

#define ARCH_MAX_HARTS SBI_HARTMASK_MAX_BITS

#endif
