// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Loads and stores that the host emulates: decoded here and reported as if
 * they used a0, so that no other register leaves the TVM (CoVE, TVM exits;
 * encodings: unprivileged specification, RV64I and C).
 */
#include "cove_internal.h"
#include <sbi/riscv_encoding.h>

#define OPCODE_LOAD  0x03
#define OPCODE_STORE 0x23
#define REG_A0	     10

static unsigned int bits(unsigned long insn, unsigned int hi, unsigned int lo)
{
	return (unsigned int)(insn >> lo) & ((1U << (hi - lo + 1)) - 1);
}

static bool decode_base(unsigned long insn, struct cove_mmio *mmio)
{
	unsigned int funct3 = bits(insn, 14, 12);

	mmio->insn_len = 4;
	mmio->len = (u8)(1U << (funct3 & 3));
	if (bits(insn, 6, 0) == OPCODE_LOAD && funct3 != 7) {
		mmio->store = false;
		mmio->sign = funct3 < 4;
		mmio->reg = (u8)bits(insn, 11, 7);
		return true;
	}
	if (bits(insn, 6, 0) == OPCODE_STORE && funct3 < 4) {
		mmio->store = true;
		mmio->sign = false;
		mmio->reg = (u8)bits(insn, 24, 20);
		return true;
	}
	return false;
}

/* Quadrant 0 (rd' at 4:2) and quadrant 2 (stack-relative); RV64 forms, integer registers. */
static bool decode_compressed(unsigned long insn, struct cove_mmio *mmio)
{
	unsigned int quadrant = bits(insn, 1, 0);
	unsigned int funct3 = bits(insn, 15, 13);

	mmio->insn_len = 2;
	mmio->store = funct3 & 4;
	mmio->sign = !mmio->store;
	switch (funct3 & 3) {
	case 2: /* c.lw, c.sw, c.lwsp, c.swsp */
		mmio->len = 4;
		break;
	case 3: /* c.ld, c.sd, c.ldsp, c.sdsp */
		mmio->len = 8;
		break;
	default:
		return false;
	}
	if (quadrant == 0)
		mmio->reg = (u8)(8 + bits(insn, 4, 2));
	else if (quadrant == 2)
		mmio->reg = (u8)(mmio->store ? bits(insn, 6, 2) : bits(insn, 11, 7));
	else
		return false;
	return quadrant == 0 || mmio->store ||
	       mmio->reg; /* c.lwsp, c.ldsp with rd 0 are reserved */
}

/* Zcb: c.lbu, c.lhu, c.lh, c.sb, c.sh */
static bool decode_zcb(unsigned long insn, struct cove_mmio *mmio)
{
	unsigned int op = bits(insn, 12, 10);

	if (bits(insn, 1, 0) != 0 || bits(insn, 15, 13) != 4 || op > 3)
		return false;
	mmio->insn_len = 2;
	mmio->reg = (u8)(8 + bits(insn, 4, 2));
	mmio->len = op & 1 ? 2 : 1;
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

	if (!shift)
		return value;
	if (mmio->sign)
		return (unsigned long)((long)(value << shift) >> shift);
	return value << shift >> shift;
}

static bool get_instruction(struct cove_vcpu *vcpu, unsigned long *insn, bool *compressed)
{
	unsigned long tinst = vcpu->trap.tinst;

	if (tinst & 1) {
		*insn = tinst | 3;
		*compressed = !(tinst & 2);
		return true;
	}
	if (!cove_world_fetch(vcpu, insn))
		return false;
	*compressed = (*insn & 3) != 3;
	return true;
}

/**
 * cove_mmio_exit() - an access at @gpa for the host to emulate
 * Return: MMIO_EXIT (reported), MMIO_RETRY (the instruction could not be read:
 * the guest's mapping changed), MMIO_REFUSED (not such an instruction, or misaligned)
 */
enum mmio_result cove_mmio_exit(struct cove_vcpu *vcpu, u64 gpa)
{
	struct cove_mmio *mmio = &vcpu->mmio;
	bool compressed;
	unsigned long insn, value;

	if (!get_instruction(vcpu, &insn, &compressed))
		return MMIO_RETRY;
	if (!cove_mmio_decode(insn, mmio) || (gpa & (mmio->len - 1UL)) ||
	    mmio->store != (vcpu->trap.cause == CAUSE_STORE_GUEST_PAGE_FAULT))
		return MMIO_REFUSED;
	mmio->insn_len = compressed ? 2 : 4;
	value = mmio->store ? vcpu->gpr[mmio->reg] : 0;
	if (mmio->len < 8)
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
