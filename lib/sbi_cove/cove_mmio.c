// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Loads and stores that the host emulates: decoded here and reported as if
 * they used a0, so that no other register leaves the TVM (CoVE, TVM exits;
 * encodings: unprivileged specification, RV64I and C).
 */
#include "cove_insn.h"
#include "cove_internal.h"
#include <sbi/riscv_encoding.h>

#define OPCODE_LOAD  0x03
#define OPCODE_STORE 0x23
#define REG_SP	     2
#define REG_A0	     10

static bool decode_base(unsigned long insn, struct cove_mmio *mmio)
{
	unsigned int funct3 = bits(insn, 14, 12);

	mmio->insn_len = 4;
	mmio->len = (u8)(1U << (funct3 & 3));
	mmio->base = (u8)bits(insn, 19, 15);
	if (bits(insn, 6, 0) == OPCODE_LOAD && funct3 != 7) {
		mmio->store = false;
		mmio->sign = funct3 < 4;
		mmio->reg = (u8)bits(insn, 11, 7);
		mmio->offset = (s16)((s32)(u32)insn >> 20);
		return true;
	}
	if (bits(insn, 6, 0) == OPCODE_STORE && funct3 < 4) {
		mmio->store = true;
		mmio->sign = false;
		mmio->reg = (u8)bits(insn, 24, 20);
		mmio->offset = (s16)((s32)((u32)insn & 0xfe000000U) >> 20 | (s32)bits(insn, 11, 7));
		return true;
	}
	return false;
}

/* c.lw, c.ld, c.sw, c.sd: registers x8-x15 */
static void decode_quadrant0(unsigned long insn, struct cove_mmio *mmio)
{
	mmio->reg = (u8)(8 + bits(insn, 4, 2));
	mmio->base = (u8)(8 + bits(insn, 9, 7));
	mmio->offset = (s16)(bits(insn, 12, 10) << 3);
	if (mmio->len == 4)
		mmio->offset |= (s16)(bits(insn, 6, 6) << 2 | bits(insn, 5, 5) << 6);
	else
		mmio->offset |= (s16)(bits(insn, 6, 5) << 6);
}

/* c.lwsp, c.ldsp, c.swsp, c.sdsp */
static void decode_quadrant2(unsigned long insn, struct cove_mmio *mmio)
{
	mmio->reg = (u8)(mmio->store ? bits(insn, 6, 2) : bits(insn, 11, 7));
	mmio->base = REG_SP;
	if (mmio->store && mmio->len == 4)
		mmio->offset = (s16)(bits(insn, 12, 9) << 2 | bits(insn, 8, 7) << 6);
	else if (mmio->store)
		mmio->offset = (s16)(bits(insn, 12, 10) << 3 | bits(insn, 9, 7) << 6);
	else if (mmio->len == 4)
		mmio->offset = (s16)(bits(insn, 12, 12) << 5 | bits(insn, 6, 4) << 2 |
				     bits(insn, 3, 2) << 6);
	else
		mmio->offset = (s16)(bits(insn, 12, 12) << 5 | bits(insn, 6, 5) << 3 |
				     bits(insn, 4, 2) << 6);
}

/* Quadrants 0 and 2, RV64 forms, integer registers; c.lwsp, c.ldsp with rd 0 are reserved. */
static bool decode_compressed(unsigned long insn, struct cove_mmio *mmio)
{
	unsigned int quadrant = bits(insn, 1, 0);
	unsigned int funct3 = bits(insn, 15, 13);

	if (funct3 < 2 || (funct3 & 2) == 0 || quadrant == 1)
		return false;
	mmio->insn_len = 2;
	mmio->store = funct3 & 4;
	mmio->sign = !mmio->store;
	mmio->len = funct3 & 1 ? 8 : 4;
	if (quadrant == 0) {
		decode_quadrant0(insn, mmio);
		return true;
	}
	decode_quadrant2(insn, mmio);
	return mmio->store || mmio->reg;
}

/* Zcb: c.lbu, c.lhu, c.lh, c.sb, c.sh */
static bool decode_zcb(unsigned long insn, struct cove_mmio *mmio)
{
	unsigned int op = bits(insn, 12, 10);

	if (bits(insn, 1, 0) != 0 || bits(insn, 15, 13) != 4 || op > 3)
		return false;
	mmio->insn_len = 2;
	mmio->reg = (u8)(8 + bits(insn, 4, 2));
	mmio->base = (u8)(8 + bits(insn, 9, 7));
	mmio->len = op & 1 ? 2 : 1;
	mmio->offset = (s16)(bits(insn, 5, 5) << 1 | (op & 1 ? 0 : bits(insn, 6, 6)));
	mmio->store = op & 2;
	mmio->sign = op == 1 && bits(insn, 6, 6);
	return !(op == 3 && bits(insn, 6, 6));
}

/**
 * cove_mmio_decode() - decode an integer load or store, base or compressed
 * Return: false for anything else (AMO, LR/SC, floating point, vector)
 */
bool cove_mmio_decode(unsigned long insn, struct cove_mmio *mmio)
{
	if (bits(insn, 1, 0) == 3)
		return decode_base(insn, mmio);
	return decode_zcb(insn, mmio) || decode_compressed(insn, mmio);
}

/** cove_mmio_htinst() - the transformed instruction for the host, with a0 as its register */
unsigned long cove_mmio_htinst(const struct cove_mmio *mmio)
{
	unsigned long size = mmio->len == 8 ? 3 : mmio->len == 4 ? 2 : mmio->len == 2 ? 1 : 0;

	if (mmio->store)
		return OPCODE_STORE | size << 12 | REG_A0 << 20;
	return OPCODE_LOAD | (size | (mmio->sign ? 0 : 4)) << 12 | REG_A0 << 7;
}

/** cove_mmio_extend() - a loaded value as the guest's register gets it */
unsigned long cove_mmio_extend(const struct cove_mmio *mmio, unsigned long value)
{
	unsigned int shift = 64 - 8 * mmio->len;

	if (!shift || !COVE_DEFENCE(MMIO_LOAD_WIDTH))
		return value;
	if (mmio->sign)
		return (unsigned long)((long)(value << shift) >> shift);
	return value << shift >> shift;
}

/*
 * The fault of an access that crosses from RAM into a device names the device's
 * page, not where the access begins: such an access is no access to the device.
 */
static enum mmio_result decode_access(struct cove_vcpu *vcpu)
{
	struct cove_mmio *mmio = &vcpu->mmio;
	unsigned long tinst = vcpu->trap.tinst;
	unsigned long insn;
	bool whole;

	if (tinst & 1) {
		if (!cove_mmio_decode(tinst | 3, mmio))
			return MMIO_REFUSED;
		mmio->insn_len = tinst & 2 ? 4 : 2;
		whole = !mmio->base; /* a transformed instruction has the distance there */
	} else {
		if (!cove_world_fetch(vcpu, &insn))
			return MMIO_RETRY;
		if (!cove_mmio_decode(insn, mmio))
			return MMIO_REFUSED;
		whole = vcpu->gpr[mmio->base] + (unsigned long)(long)mmio->offset ==
			vcpu->trap.tval;
	}
	return whole || !COVE_DEFENCE(MMIO_WHOLE) ? MMIO_EXIT : MMIO_REFUSED;
}

/**
 * cove_mmio_exit() - an access at @gpa for the host to emulate
 * Return: MMIO_EXIT (reported), MMIO_RETRY (the instruction could not be read:
 * the guest's mapping changed), MMIO_REFUSED (not such an instruction, or misaligned)
 */
enum mmio_result cove_mmio_exit(struct cove_vcpu *vcpu, u64 gpa)
{
	struct cove_mmio *mmio = &vcpu->mmio;
	enum mmio_result result = decode_access(vcpu);
	unsigned long value;

	if (result != MMIO_EXIT)
		return result;
	if ((COVE_DEFENCE(MMIO_ALIGNED) && (gpa & (mmio->len - 1UL))) ||
	    mmio->store != (vcpu->trap.cause == CAUSE_STORE_GUEST_PAGE_FAULT))
		return MMIO_REFUSED;
	value = mmio->store ? vcpu->gpr[mmio->reg] : 0;
	if (COVE_DEFENCE(MMIO_STORE_WIDTH) && mmio->len < 8)
		value &= (1UL << (8 * mmio->len)) - 1;
	cove_nacl_write(NACL_GPR_OFFSET(REG_A0), value);
	vcpu->pending = mmio->store ? PENDING_STORE : PENDING_LOAD;
	cove_exit_report(vcpu, vcpu->trap.cause, gpa & 3, gpa >> 2, cove_mmio_htinst(mmio));
	return MMIO_EXIT;
}

/** cove_mmio_complete() - the host has emulated; @value is its answer to a load */
void cove_mmio_complete(struct cove_vcpu *vcpu, unsigned long value)
{
	if (vcpu->pending == PENDING_LOAD && vcpu->mmio.reg)
		vcpu->gpr[vcpu->mmio.reg] = cove_mmio_extend(&vcpu->mmio, value);
	vcpu->pc += vcpu->mmio.insn_len;
}
