// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * OpenSBI's accesses to the host's memory with the host's rights (MPRV). Where
 * they meet PMP entries that deny more than the table, they are repeated in
 * software.
 */
#include "cove_platform.h"
#include <sbi/sbi_trap.h>
#include <sbi/sbi_unpriv.h>

/* Any fault may come from a denied PTE (see guest_fault() in cove_host_trap.c). */
static bool denied(const struct sbi_trap_info *trap)
{
	return cove.active && trap->cause && cove_this_hart()->plan.nallow;
}

static void report(struct sbi_trap_info *trap, enum cove_walk_status status,
		   enum cove_walk_access access, u64 va, const struct cove_walk *walk)
{
	struct cove_host_trap t;

	if (status == WALK_OK) {
		trap->cause = 0;
		return;
	}
	cove_host_deliver(&t, status, access, va, walk);
	trap->cause = t.cause;
	trap->tval = t.tval;
	trap->tval2 = t.tval2;
	trap->tinst = t.tinst;
}

static void load(enum cove_walk_access access, unsigned long va, void *data, unsigned int len,
		 struct sbi_trap_info *trap)
{
	enum cove_walk_status status;
	struct cove_walk_env env;
	struct cove_walk walk;
	u64 fault;

	cove_world_host_env(&env, csr_read(CSR_MSTATUS), false);
	status = cove_host_load(&env, access, va, data, len, &walk, &fault);
	report(trap, status, access, fault, &walk);
}

static void store(unsigned long va, const void *data, unsigned int len, struct sbi_trap_info *trap)
{
	enum cove_walk_status status;
	struct cove_walk_env env;
	struct cove_walk walk;
	u64 fault;

	cove_world_host_env(&env, csr_read(CSR_MSTATUS), false);
	status = cove_host_store(&env, va, data, len, &walk, &fault);
	report(trap, status, WALK_STORE, fault, &walk);
}

#define WRAP_LOAD(type)                                                                    \
	type __real_sbi_load_##type(const type *addr, struct sbi_trap_info *trap);         \
	type __wrap_sbi_load_##type(const type *addr, struct sbi_trap_info *trap);         \
	type __wrap_sbi_load_##type(const type *addr, struct sbi_trap_info *trap)          \
	{                                                                                  \
		type value = __real_sbi_load_##type(addr, trap);                           \
                                                                                           \
		if (denied(trap))                                                          \
			load(WALK_LOAD, (unsigned long)addr, &value, sizeof(value), trap); \
		return value;                                                              \
	}

#define WRAP_STORE(type)                                                                  \
	void __real_sbi_store_##type(type *addr, type value, struct sbi_trap_info *trap); \
	void __wrap_sbi_store_##type(type *addr, type value, struct sbi_trap_info *trap); \
	void __wrap_sbi_store_##type(type *addr, type value, struct sbi_trap_info *trap)  \
	{                                                                                 \
		__real_sbi_store_##type(addr, value, trap);                               \
		if (denied(trap))                                                         \
			store((unsigned long)addr, &value, sizeof(value), trap);          \
	}

WRAP_LOAD(u8)
WRAP_LOAD(s8)
WRAP_LOAD(u16)
WRAP_LOAD(s16)
WRAP_LOAD(u32)
WRAP_LOAD(s32)
WRAP_LOAD(u64)
WRAP_LOAD(ulong)
WRAP_STORE(u8)
WRAP_STORE(u16)
WRAP_STORE(u32)
WRAP_STORE(u64)

ulong __real_sbi_get_insn(ulong mepc, struct sbi_trap_info *trap);
ulong __wrap_sbi_get_insn(ulong mepc, struct sbi_trap_info *trap);

ulong __wrap_sbi_get_insn(ulong mepc, struct sbi_trap_info *trap)
{
	ulong insn = __real_sbi_get_insn(mepc, trap);
	u16 half[2] = { 0 };

	if (!denied(trap))
		return insn;
	load(WALK_FETCH, mepc, &half[0], sizeof(half[0]), trap);
	if (!trap->cause && (half[0] & 3) == 3)
		load(WALK_FETCH, mepc + 2, &half[1], sizeof(half[1]), trap);
	return half[0] | (ulong)half[1] << 16;
}
