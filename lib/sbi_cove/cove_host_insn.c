// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Instructions of the host that the monitor carries out: hypervisor loads and
 * stores that need more grants than there are PMP entries, and what traps only
 * because of a window (privileged specification, 18.3.1 and 3.1.6.5).
 */
#include "cove_insn.h"
#include "cove_internal.h"
#include <sbi/riscv_encoding.h>

#define OPCODE_SYSTEM	0x73
#define CBO_BITS	0x200f
#define FUNCT3_HLV	4
#define CSR_INSN_SATP	0x180
#define CSR_INSN_HGATP	0x680
#define SFENCE_VMA	0x09
#define SINVAL_VMA	0x0b
#define HFENCE_GVMA	0x31
#define HINVAL_GVMA	0x33
#define INSN_LEN_SYSTEM 4
#define IDLE_LIMIT	256 /* instructions trapped for a VM that does not run */

/* The instruction at @t->pc, which is known to be four bytes long. */
static bool fetch(struct cove_host_trap *t, u32 *insn)
{
	enum cove_walk_status status;
	struct cove_walk_env env;
	struct cove_walk walk;
	u64 fault;

	cove_window_env(cove_this_hart(), &env, t->mstatus, false);
	status = cove_host_load(&env, WALK_FETCH, t->pc, insn, sizeof(*insn), &walk, &fault);
	if (status != WALK_OK)
		cove_host_deliver(t, status, WALK_FETCH, fault, &walk);
	return status == WALK_OK;
}

static bool is_hlv(u32 insn)
{
	return bits(insn, 6, 0) == OPCODE_SYSTEM && bits(insn, 14, 12) == FUNCT3_HLV &&
	       bits(insn, 31, 28) == 6;
}

static bool fetches_hlv(const struct cove_host_trap *t)
{
	struct cove_host_trap copy = *t;
	u32 insn;

	return fetch(&copy, &insn) && is_hlv(insn);
}

/** cove_is_hlv() - is it a hypervisor load or store that faulted, from HS- or U-mode? */
bool cove_is_hlv(const struct cove_host_trap *t)
{
	/* Bit 0 is set in a transformed instruction, and clear for an implicit access. */
	if (t->tinst)
		return !(t->tinst & 1) || bits(t->tinst, 6, 0) == OPCODE_SYSTEM;
	return fetches_hlv(t);
}

/** cove_is_cbo() - cbo.clean, cbo.flush or cbo.inval? They need no permission to write */
bool cove_is_cbo(const struct cove_host_trap *t)
{
	struct cove_host_trap copy = *t;
	u32 insn;

	return fetch(&copy, &insn) && bits(insn, 14, 0) == CBO_BITS && bits(insn, 31, 20) <= 2;
}

static unsigned long extend(u64 value, unsigned int len, bool is_unsigned)
{
	unsigned int shift = 64 - 8 * len;

	if (is_unsigned)
		return value << shift >> shift;
	return (unsigned long)((s64)(value << shift) >> shift);
}

/**
 * cove_hlv_emulate() - HLV, HLVX or HSV at @t->pc
 *
 * Return: HOST_RESUME (done), HOST_REDIRECT (it faults, @t says how), HOST_OPENSBI
 * (it is another instruction)
 */
enum cove_host_action cove_hlv_emulate(struct cove_host_trap *t)
{
	enum cove_walk_status status;
	struct cove_walk_env env;
	struct cove_walk walk;
	unsigned int len;
	u64 value = 0, fault, va;
	bool store;
	u32 insn;

	if (!fetch(t, &insn))
		return HOST_REDIRECT;
	if (!is_hlv(insn))
		return HOST_OPENSBI;
	len = 1U << bits(insn, 27, 26);
	store = bits(insn, 25, 25);
	va = t->gpr[bits(insn, 19, 15)];
	cove_world_host_env(&env, t->mstatus, true);
	if (store) {
		value = t->gpr[bits(insn, 24, 20)];
		status = cove_host_store(&env, va, &value, len, &walk, &fault);
	} else {
		env.hlvx = bits(insn, 21, 21);
		status = cove_host_load(&env, WALK_LOAD, va, &value, len, &walk, &fault);
	}
	if (status != WALK_OK) {
		cove_host_deliver(t, status, store ? WALK_STORE : WALK_LOAD, fault, &walk);
		return HOST_REDIRECT;
	}
	if (!store && bits(insn, 11, 7))
		t->gpr[bits(insn, 11, 7)] = extend(value, len, bits(insn, 20, 20));
	t->pc += INSN_LEN_SYSTEM;
	return HOST_RESUME;
}

/* csrrw and its kin on satp or hgatp. */
static void access_atp(struct cove_hart *hart, struct cove_host_trap *t, u32 insn,
		       enum cove_world_atp which)
{
	unsigned int op = bits(insn, 13, 12), rs1 = bits(insn, 19, 15);
	unsigned long old = cove_window_read_atp(hart, which);
	unsigned long operand = bits(insn, 14, 14) ? rs1 : t->gpr[rs1];

	if (op == 1)
		cove_window_write_atp(hart, t, which, operand);
	else if (rs1)
		cove_window_write_atp(hart, t, which, op == 2 ? old | operand : old & ~operand);
	if (bits(insn, 11, 7))
		t->gpr[bits(insn, 11, 7)] = old;
}

static bool is_csr_access(u32 insn, unsigned int csr)
{
	return bits(insn, 13, 12) && bits(insn, 31, 20) == csr;
}

static bool is_fence(u32 insn, unsigned int a, unsigned int b)
{
	unsigned int funct7 = bits(insn, 31, 25);

	return !bits(insn, 14, 12) && !bits(insn, 11, 7) && (funct7 == a || funct7 == b);
}

static bool carry_out(struct cove_hart *hart, struct cove_host_trap *t, u32 insn)
{
	unsigned int rs1 = bits(insn, 19, 15);
	u64 va = t->gpr[rs1];

	if (is_csr_access(insn, CSR_INSN_SATP)) {
		access_atp(hart, t, insn, WORLD_SATP);
	} else if (is_csr_access(insn, CSR_INSN_HGATP)) {
		access_atp(hart, t, insn, WORLD_HGATP);
	} else if (is_fence(insn, SFENCE_VMA, SINVAL_VMA)) {
		cove_window_fence(hart, rs1 ? &va : NULL);
	} else if (is_fence(insn, HFENCE_GVMA, HINVAL_GVMA)) {
		if (COVE_DEFENCE(WINDOW_FENCES))
			cove_window_forget(hart);
		cove_world_flush_host();
	} else {
		return false;
	}
	return true;
}

/**
 * cove_trapped_insn() - did it trap only because mstatus.TVM is set?
 * @hart: its VM's window is closed
 *
 * Return: true when it has been carried out
 */
bool cove_trapped_insn(struct cove_hart *hart, struct cove_host_trap *t)
{
	struct cove_window *w = &hart->window;
	struct cove_host_trap copy = *t;
	u32 insn;

	if (t->cause != CAUSE_ILLEGAL_INSTRUCTION || t->mstatus & MSTATUS_MPV ||
	    (t->mstatus & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT != PRV_S)
		return false;
	if (!fetch(&copy, &insn) || bits(insn, 6, 0) != OPCODE_SYSTEM || !carry_out(hart, t, insn))
		return false;
	t->pc += INSN_LEN_SYSTEM;
	if (++w->idle > IDLE_LIMIT)
		cove_window_forget(hart);
	if (!w->live && w->open == WINDOW_SHUT)
		t->mstatus &= ~MSTATUS_TVM;
	return true;
}
