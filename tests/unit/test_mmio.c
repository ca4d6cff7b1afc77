// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The MMIO decoder against tables written from the unprivileged specification:
 * every 16-bit encoding, every major opcode, every register.
 */
#include "machine.h"

#include <sbi/riscv_encoding.h>

/* RV64GC instruction set listing: loads and stores of integer registers */
static const struct base {
	const char *name;
	u32 match; /* opcode and funct3 */
	u8 len;
	bool store;
	bool sign;
	u32 htinst; /* what the host gets: the same with rd or rs2 = a0 */
} base[] = {
	{ "lb", 0x0003, 1, false, true, 0x503 },      { "lh", 0x1003, 2, false, true, 0x1503 },
	{ "lw", 0x2003, 4, false, true, 0x2503 },     { "ld", 0x3003, 8, false, true, 0x3503 },
	{ "lbu", 0x4003, 1, false, false, 0x4503 },   { "lhu", 0x5003, 2, false, false, 0x5503 },
	{ "lwu", 0x6003, 4, false, false, 0x6503 },   { "sb", 0x0023, 1, true, false, 0x00a00023 },
	{ "sh", 0x1023, 2, true, false, 0x00a01023 }, { "sw", 0x2023, 4, true, false, 0x00a02023 },
	{ "sd", 0x3023, 8, true, false, 0x00a03023 },
};

enum reg_field { RD_11_7_NOT_0, RS2_6_2, REG_4_2 };

/*
 * C and Zcb, RV64: mask, match, where the register is, and the bits of the
 * offset as the figures have them, from instruction bit 12 down to 2 ('-': none)
 */
static const struct compressed {
	const char *name;
	u16 mask;
	u16 match;
	enum reg_field reg;
	unsigned int same_as; /* index into base[] */
	const char *offset;
} compressed[] = {
	{ "c.lw", 0xe003, 0x4000, REG_4_2, 2, "543---26---" },
	{ "c.ld", 0xe003, 0x6000, REG_4_2, 3, "543---76---" },
	{ "c.sw", 0xe003, 0xc000, REG_4_2, 9, "543---26---" },
	{ "c.sd", 0xe003, 0xe000, REG_4_2, 10, "543---76---" },
	{ "c.lwsp", 0xe003, 0x4002, RD_11_7_NOT_0, 2, "5-----43276" },
	{ "c.ldsp", 0xe003, 0x6002, RD_11_7_NOT_0, 3, "5-----43876" },
	{ "c.swsp", 0xe003, 0xc002, RS2_6_2, 9, "543276-----" },
	{ "c.sdsp", 0xe003, 0xe002, RS2_6_2, 10, "543876-----" },
	{ "c.lbu", 0xfc03, 0x8000, REG_4_2, 4, "------01---" },
	{ "c.lhu", 0xfc43, 0x8400, REG_4_2, 5, "-------1---" },
	{ "c.lh", 0xfc43, 0x8440, REG_4_2, 1, "-------1---" },
	{ "c.sb", 0xfc03, 0x8800, REG_4_2, 7, "------01---" },
	{ "c.sh", 0xfc43, 0x8c00, REG_4_2, 8, "-------1---" },
};

#define NBASE	    (sizeof(base) / sizeof(base[0]))
#define NCOMPRESSED (sizeof(compressed) / sizeof(compressed[0]))

/* Where an access begins: a register and a distance. */
struct place {
	unsigned int base;
	int offset;
};

static struct place compressed_place(u16 insn, const struct compressed *c)
{
	struct place p = { c->reg == REG_4_2 ? 8 + insn / 128 % 8 : 2, 0 };
	unsigned int i;

	for (i = 0; i < 11; i++)
		if (c->offset[i] != '-' && (insn >> (12 - i) & 1))
			p.offset |= 1 << (c->offset[i] - '0');
	return p;
}

static struct place base_place(u32 insn, bool store)
{
	struct place p = { insn / 0x8000 % 32, (int)(insn / 0x100000) };

	if (store)
		p.offset = (int)(insn / 0x2000000 * 32 + insn / 128 % 32);
	if (p.offset > 2047)
		p.offset -= 4096;
	return p;
}

static void expect(unsigned long insn, const char *name, const struct base *b, unsigned int reg,
		   unsigned int insn_len, struct place place)
{
	struct cove_mmio mmio;

	memset(&mmio, 0xff, sizeof(mmio));
	if (!cove_mmio_decode(insn, &mmio))
		fail_msg("0x%lx (%s) was refused", insn, name);
	if (mmio.len != b->len || mmio.store != b->store || mmio.reg != reg ||
	    mmio.insn_len != insn_len || mmio.sign != b->sign)
		fail_msg("0x%lx (%s): len %u store %u reg %u sign %u insn_len %u", insn, name,
			 mmio.len, mmio.store, mmio.reg, mmio.sign, mmio.insn_len);
	if (mmio.base != place.base || mmio.offset != place.offset)
		fail_msg("0x%lx (%s): %d(x%u), not %d(x%u)", insn, name, mmio.offset, mmio.base,
			 place.offset, place.base);
	if (cove_mmio_htinst(&mmio) != b->htinst)
		fail_msg("0x%lx (%s): htinst 0x%lx", insn, name, cove_mmio_htinst(&mmio));
}

static void refuse(unsigned long insn)
{
	struct cove_mmio mmio;

	if (cove_mmio_decode(insn, &mmio))
		fail_msg("0x%lx was decoded", insn);
}

static const struct compressed *find_compressed(u16 insn, unsigned int *reg)
{
	unsigned int i;

	for (i = 0; i < NCOMPRESSED; i++) {
		if ((insn & compressed[i].mask) != compressed[i].match)
			continue;
		switch (compressed[i].reg) {
		case RD_11_7_NOT_0:
			*reg = insn / 128 % 32;
			return *reg ? &compressed[i] : NULL;
		case RS2_6_2:
			*reg = insn / 4 % 32;
			return &compressed[i];
		case REG_4_2:
			*reg = 8 + insn / 4 % 8;
			return &compressed[i];
		}
	}
	return NULL;
}

static void test_all_16_bit(void **state)
{
	unsigned long insn, found = 0;

	(void)state;
	for (insn = 0; insn < 0x10000; insn++) {
		const struct compressed *c;
		unsigned int reg;

		if ((insn & 3) == 3)
			continue; /* first half of a longer one */
		c = find_compressed((u16)insn, &reg);
		if (c) {
			expect(insn, c->name, &base[c->same_as], reg, 2,
			       compressed_place((u16)insn, c));
			found++;
		} else {
			refuse(insn);
		}
		/* what was fetched behind it does not matter */
		if (c && insn % 61 == 0)
			expect(insn | 0x30030000, c->name, &base[c->same_as], reg, 2,
			       compressed_place((u16)insn, c));
	}
	/* 8 KiB of encodings for each of 8 (two of them without rd 0), 1 KiB or 512 for Zcb */
	assert_int_equal(found, 8 * 2048 - 2 * 64 + 2 * 256 + 3 * 128);
}

static void test_all_32_bit(void **state)
{
	unsigned long opcode, funct3, rd, rs2, hi, i;

	(void)state;
	for (opcode = 3; opcode < 128; opcode += 4) {
		for (funct3 = 0; funct3 < 8; funct3++) {
			const struct base *b = NULL;

			for (i = 0; i < NBASE; i++)
				if (base[i].match == (opcode | funct3 << 12))
					b = &base[i];
			for (rd = 0; rd < 32; rd++) {
				for (rs2 = 0; rs2 < 32; rs2++) {
					/* immediate and rs1: anything */
					hi = (rd * 7 + rs2) % 128;
					i = opcode | rd << 7 | funct3 << 12 | (hi % 32) << 15 |
					    rs2 << 20 | hi << 25;
					if (b)
						expect(i, b->name, b, b->store ? rs2 : rd, 4,
						       base_place((u32)i, b->store));
					else
						refuse(i);
				}
			}
		}
	}
}

static void test_others_refused(void **state)
{
	static const u32 insns[] = {
		0x0005a507,	    /* flw */
		0x0005b507,	    /* fld */
		0x00a5a027,	    /* fsw */
		0x00a5b027,	    /* fsd */
		0x0205d507,	    /* vle16.v */
		0x02058027,	    /* vse8.v */
		0x00a5a52f,	    /* amoadd.w */
		0x1005a52f,	    /* lr.w */
		0x18a5b52f,	    /* sc.d */
		0x0005f503,	    /* load, funct3 7 */
		0x00a5c023,	    /* store, funct3 4 */
		0x10500073,	    /* wfi */
		0x0005200f,	    /* cbo.inval */
		0x0045a00f,	    /* cbo.zero */
		0x0000001f,	    /* first parcel of a 48-bit one */
		0x00000000,	    /* illegal */
		0xffffffff, 0x2188, /* c.fld */
		0xa188,		    /* c.fsd */
		0x2502,		    /* c.fldsp */
		0xa02a,		    /* c.fsdsp */
		0x4002,		    /* c.lwsp with rd 0 */
		0x6002,		    /* c.ldsp with rd 0 */
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(insns) / sizeof(insns[0]); i++)
		refuse(insns[i]);
}

static void test_extend(void **state)
{
	static const struct {
		unsigned int base;
		u64 in, out;
	} rows[] = {
		{ 0, 0x80, 0xffffffffffffff80 },
		{ 0, 0x7f, 0x7f },
		{ 0, 0xffffffffffffff00, 0 }, /* the host's excess bits are dropped */
		{ 1, 0x8000, 0xffffffffffff8000 },
		{ 1, 0x17fff, 0x7fff },
		{ 2, 0x80000000, 0xffffffff80000000 },
		{ 2, 0x17fffffff, 0x7fffffff },
		{ 3, 0x8000000000000001, 0x8000000000000001 },
		{ 4, 0xfffffffffffffff0, 0xf0 },
		{ 5, 0xfffffffffffff00f, 0xf00f },
		{ 6, 0xffffffff80000000, 0x80000000 },
	};
	struct cove_mmio mmio;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(cove_mmio_decode(base[rows[i].base].match, &mmio));
		assert_int_equal(cove_mmio_extend(&mmio, rows[i].in), rows[i].out);
	}
}

/* A load of each kind into each register, from trap to completion. */
static void load_into(const struct base *b, unsigned int rd)
{
	static struct cove_vcpu vcpu, before;
	unsigned int i;

	memset(&vcpu, 0, sizeof(vcpu));
	vcpu.nacl = NACL(0);
	for (i = 1; i < 32; i++)
		vcpu.gpr[i] = 0x1111111111111111UL * (i % 15) + i;
	before = vcpu;
	vcpu.pc = 0x1000;
	vcpu.trap.cause = CAUSE_LOAD_GUEST_PAGE_FAULT;
	vcpu.trap.tinst = (b->match | rd << 7) & ~2UL; /* as if it were compressed */
	assert_int_equal(cove_mmio_exit(&vcpu, 0x10000008), MMIO_EXIT);
	assert_int_equal(vcpu.pending, PENDING_LOAD);
	assert_int_equal(*NACL_A(0), 0);
	assert_int_equal(*nacl(NACL_CSR_OFFSET(CSR_HTINST)), b->htinst);
	assert_int_equal(*nacl(NACL_CSR_OFFSET(CSR_HTVAL)), 0x10000008 >> 2);
	cove_mmio_complete(&vcpu, 0xf1f2f3f4f5f6f7f8UL);
	assert_int_equal(vcpu.pc, 0x1002);
	before.gpr[rd] = rd ? cove_mmio_extend(&vcpu.mmio, 0xf1f2f3f4f5f6f7f8UL) : 0;
	assert_memory_equal(vcpu.gpr, before.gpr, sizeof(vcpu.gpr));
}

static void store_from(const struct base *b, unsigned int rs2)
{
	static struct cove_vcpu vcpu, before;
	unsigned long value = 0xf1f2f3f4f5f6f7f8UL + rs2;
	unsigned int i;

	memset(&vcpu, 0, sizeof(vcpu));
	vcpu.nacl = NACL(0);
	for (i = 1; i < 32; i++)
		vcpu.gpr[i] = 0xf1f2f3f4f5f6f7f8UL + i;
	before = vcpu;
	if (!rs2)
		value = 0;
	vcpu.pc = 0x1000;
	vcpu.trap.cause = CAUSE_STORE_GUEST_PAGE_FAULT;
	vcpu.trap.tinst = b->match | rs2 << 20;
	assert_int_equal(cove_mmio_exit(&vcpu, 0x10000010), MMIO_EXIT);
	assert_int_equal(vcpu.pending, PENDING_STORE);
	assert_int_equal(*NACL_A(0), b->len == 8 ? value : value % (1UL << 8 * b->len));
	assert_int_equal(*nacl(NACL_CSR_OFFSET(CSR_HTINST)), b->htinst);
	cove_mmio_complete(&vcpu, 0xdead);
	assert_int_equal(vcpu.pc, 0x1004);
	assert_memory_equal(vcpu.gpr, before.gpr, sizeof(vcpu.gpr));
}

static void test_all_registers(void **state)
{
	unsigned int i, reg;

	(void)state;
	for (i = 0; i < NBASE; i++) {
		for (reg = 0; reg < 32; reg++) {
			if (base[i].store)
				store_from(&base[i], reg);
			else
				load_into(&base[i], reg);
		}
	}
}

/* Misaligned, or not what the trap's cause says: refused, and the host sees nothing. */
static void test_exit_refused(void **state)
{
	static struct cove_vcpu vcpu = { .nacl = NACL(0) };
	unsigned int i, offset;

	(void)state;
	memset(arch_ptr(NACL(0)), 0x5a, NACL_SHMEM_SIZE);
	for (i = 0; i < NBASE; i++) {
		vcpu.trap.tinst = base[i].match | 1;
		vcpu.trap.cause =
			base[i].store ? CAUSE_STORE_GUEST_PAGE_FAULT : CAUSE_LOAD_GUEST_PAGE_FAULT;
		for (offset = 1; offset < base[i].len; offset++)
			assert_int_equal(cove_mmio_exit(&vcpu, 0x10000000 + offset), MMIO_REFUSED);
		vcpu.trap.cause =
			base[i].store ? CAUSE_LOAD_GUEST_PAGE_FAULT : CAUSE_STORE_GUEST_PAGE_FAULT;
		assert_int_equal(cove_mmio_exit(&vcpu, 0x10000000), MMIO_REFUSED);
	}
	/* nothing transformed: the instruction is read from the guest */
	vcpu.trap.tinst = 0;
	vcpu.trap.cause = CAUSE_LOAD_GUEST_PAGE_FAULT;
	assert_int_equal(cove_mmio_exit(&vcpu, 0x10000000), MMIO_RETRY);
	fake_harts[0].fetch_ok = true;
	fake_harts[0].fetch_insn = 0x1005a52f; /* lr.w */
	assert_int_equal(cove_mmio_exit(&vcpu, 0x10000000), MMIO_REFUSED);
	assert_int_equal(vcpu.pending, PENDING_NONE);
	for (i = 0; i < NACL_SHMEM_SIZE; i++)
		assert_int_equal(((u8 *)arch_ptr(NACL(0)))[i], 0x5a);
	fake_harts[0].fetch_insn = 0x41c8; /* c.lw a0, 4(a1) */
	vcpu.gpr[11] = 0xffffffc800000000;
	vcpu.trap.tval = 0xffffffc800000004;
	assert_int_equal(cove_mmio_exit(&vcpu, 0x10000000), MMIO_EXIT);
	assert_int_equal(vcpu.mmio.insn_len, 2);
}

/* The fault is in the device's page, but the access began before it. */
static void test_crossing(void **state)
{
	static struct cove_vcpu vcpu = { .nacl = NACL(0) };

	(void)state;
	fake_harts[0].fetch_ok = true;
	fake_harts[0].fetch_insn = 0xffc5b503; /* ld a0, -4(a1) */
	vcpu.trap.cause = CAUSE_LOAD_GUEST_PAGE_FAULT;
	vcpu.trap.tval = 0x5000;
	vcpu.gpr[11] = 0x5000;
	assert_int_equal(cove_mmio_exit(&vcpu, 0x10000000), MMIO_REFUSED);
	vcpu.gpr[11] = 0x5004;
	assert_int_equal(cove_mmio_exit(&vcpu, 0x10000000), MMIO_EXIT);
	vcpu.pending = PENDING_NONE;
	/* transformed by the hart: the distance stands in the place of rs1 */
	vcpu.trap.tinst = 0x3503 | 4 << 15;
	assert_int_equal(cove_mmio_exit(&vcpu, 0x10000000), MMIO_REFUSED);
	assert_int_equal(vcpu.pending, PENDING_NONE);
	vcpu.trap.tinst = 0x3503;
	assert_int_equal(cove_mmio_exit(&vcpu, 0x10000000), MMIO_EXIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_16_bit),
		cmocka_unit_test(test_all_32_bit),
		cmocka_unit_test(test_others_refused),
		cmocka_unit_test(test_extend),
		cmocka_unit_test_setup_teardown(test_all_registers, machine_setup,
						machine_teardown),
		cmocka_unit_test_setup_teardown(test_exit_refused, machine_setup, machine_teardown),
		cmocka_unit_test_setup_teardown(test_crossing, machine_setup, machine_teardown),
	};

	return cmocka_run_group_tests_name("mmio", tests, NULL, NULL);
}
