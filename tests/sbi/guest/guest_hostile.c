// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A guest that attacks: CSRs, privileged and random instructions, calls, page
 * tables. It mails how far it came and what traps were not what they should be.
 */
#include "guest.h"
#include "../hostile.h"
#include "../registers.h"

#define INSN_CSRR(n)  ((unsigned int)(n) << 20 | 2 << 12 | 10 << 7 | 0x73)
#define INSN_CSRW(n)  ((unsigned int)(n) << 20 | 10 << 15 | 1 << 12 | 0x73)
#define CAUSE_ILLEGAL 2
#define COUNT(a)      (sizeof(a) / sizeof((a)[0]))
#define SATP	      0x180

unsigned long csr_do(unsigned int insn, unsigned long value);
void vs_probe(const unsigned long *in, unsigned long *out);
void user_call(void (*fn)(void));
void user_ecall(void);
void stream_start(const unsigned long *in, void *code);
void stream_end(void);
extern unsigned int vs_insn, csr_code;
extern void (*user_fn)(void);

static unsigned long random_state;

static unsigned long random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static unsigned long below(unsigned long n)
{
	return (random() >> 11) % n;
}

/* Addresses that somebody owns, and values at the edges */
static unsigned long interesting(void)
{
	static const unsigned long values[] = {
		0,
		1,
		~0UL,
		1UL << 63,
		4096,
		GUEST_BASE,
		GUEST_HEAP,
		HOSTILE_DATA,
		HOSTILE_DATA + 0xffc,
		DEV_BASE,
		DEV_BASE + 0xffd,
		GUEST_BASE + GUEST_SIZE - 2,
		GUEST_BASE + GUEST_SIZE,
		EXIT_SHARED,
		EXIT_SHARED + 0xffe,
		0x80000000UL - 4,
		0xbfff0000UL,
		1UL << 38,
		1UL << 50,
		0x2000000,
		0x100000,
	};

	switch (below(4)) {
	case 0:
		return random();
	case 1:
		return random() >> below(64);
	default:
		return values[below(COUNT(values))] + (below(3) ? 0 : below(16) - 8);
	}
}

static unsigned long bad_traps, probes;

static void one(unsigned int insn, unsigned long value)
{
	unsigned long before = last_trap()->count;

	probes++;
	csr_do(insn, value);
	if (last_trap()->count != before && last_trap()->cause != CAUSE_ILLEGAL)
		bad_traps++;
}

static void csr_reads_and_writes(void)
{
	static const unsigned int funct3[] = { 1, 2, 3, 5, 6, 7 };
	unsigned int n, i;

	for (n = 0; n < 4096; n++) {
		unsigned long before = last_trap()->count;
		unsigned long old = csr_do(INSN_CSRR(n), 0);
		bool readable = last_trap()->count == before;

		if (!readable && last_trap()->cause != CAUSE_ILLEGAL)
			bad_traps++;
		for (i = 0; i < COUNT(funct3); i++) {
			unsigned long value = random() | (random() & 1 ? 0xf : 0);

			if (n == SATP)
				value = old;
			one((INSN_CSRW(n) & ~0x7000U) | funct3[i] << 12, value);
			if (readable)
				csr_do(INSN_CSRW(n), old);
		}
	}
}

/* Both: what privileged instructions and HLV, HSV, MOP live in */
static void system_instructions(void)
{
	unsigned int n, rs1;

	for (n = 0; n < 4096; n++) {
		for (rs1 = 0; rs1 <= 10; rs1 += 10) {
			if (n == 0 || n == 1) /* ecall, ebreak */
				continue;
			csr_do(INSN_CSRW(0x141), (unsigned long)&csr_code + 4);
			csr_do(INSN_CSRW(0x100), 0x2000c6720UL);
			one(n << 20 | rs1 << 15 | 0x73, HOSTILE_DATA);
		}
		one(n << 20 | 10 << 15 | 4 << 12 | 10 << 7 | 0x73, HOSTILE_DATA);
		one(n << 20 | 10 << 15 | 4 << 12 | 0x73, EXIT_SHARED);
	}
}

static void user_csrs(void)
{
	unsigned int n;

	for (n = 0; n < 4096; n++) {
		one(INSN_CSRR(n), 0);
		one(INSN_CSRW(n), n < 0x010 ? 0 : random());
	}
}

static void user_system(void)
{
	unsigned int n;

	for (n = 2; n < 4096; n++) {
		one(n << 20 | 0x73, HOSTILE_DATA);
		one(n << 20 | 10 << 15 | 0x73, HOSTILE_DATA);
		one(n << 20 | 10 << 15 | 4 << 12 | 10 << 7 | 0x73, HOSTILE_DATA);
	}
}

static void user(void (*fn)(void))
{
	user_fn = fn;
	user_call(user_ecall);
}

static void report(void)
{
	mail(HOSTILE_BAD, bad_traps);
	mail(HOSTILE_PROBES, probes);
	done();
}

/* Each of these once for every operand that is not plain memory */
static const unsigned int device_insns[] = {
#define AMO(f5) (f5##U) << 27 | 11 << 20 | 10 << 15 | 11 << 7 | 0x2f
#define AMO_SIZES(f5) \
	AMO(f5), AMO(f5) | 1 << 12, AMO(f5) | 2 << 12, AMO(f5) | 3 << 12, AMO(f5) | 4 << 12
	AMO_SIZES(0x00),
	AMO_SIZES(0x01),
	AMO_SIZES(0x02),
	AMO_SIZES(0x03),
	AMO_SIZES(0x04),
	AMO_SIZES(0x05),
	AMO_SIZES(0x08),
	AMO_SIZES(0x09),
	AMO_SIZES(0x0c),
	AMO_SIZES(0x10),
	AMO_SIZES(0x14),
	AMO_SIZES(0x18),
	AMO_SIZES(0x1c),
	AMO_SIZES(0x1d),
#define FLOAD(width)  10 << 15 | (width) << 12 | 1 << 7 | 0x07
#define FSTORE(width) 1 << 20 | 10 << 15 | (width) << 12 | 0x27
	FLOAD(1),
	FLOAD(2),
	FLOAD(3),
	FLOAD(4),
	FSTORE(1),
	FSTORE(2),
	FSTORE(3),
	FSTORE(4),
/* unit stride, whole register, strided, indexed, segments; 8 to 64 bits */
#define VECTOR(op, w)                                                                \
	1 << 25 | 10 << 15 | (w) << 12 | 8 << 7 | (op),                              \
		1 << 25 | 8 << 20 | 10 << 15 | (w) << 12 | 8 << 7 | (op),            \
		1 << 25 | 2 << 26 | 11 << 20 | 10 << 15 | (w) << 12 | 8 << 7 | (op), \
		1 << 25 | 1 << 26 | 16 << 20 | 10 << 15 | (w) << 12 | 8 << 7 | (op), \
		1U << 25 | 1U << 29 | 10 << 15 | (w) << 12 | 8 << 7 | (op)
	VECTOR(0x07, 0),
	VECTOR(0x07, 5),
	VECTOR(0x07, 6),
	VECTOR(0x07, 7),
	VECTOR(0x27, 0),
	VECTOR(0x27, 5),
	VECTOR(0x27, 6),
	VECTOR(0x27, 7),
	/* cbo.inval, clean, flush, zero; prefetch */
	10 << 15 | 2 << 12 | 0x0f,
	1 << 20 | 10 << 15 | 2 << 12 | 0x0f,
	2 << 20 | 10 << 15 | 2 << 12 | 0x0f,
	4 << 20 | 10 << 15 | 2 << 12 | 0x0f,
	1 << 20 | 10 << 15 | 6 << 12 | 0x13,
	/* plain loads and stores, for odd addresses */
	10 << 15 | 1 << 12 | 11 << 7 | 0x03,
	10 << 15 | 2 << 12 | 11 << 7 | 0x03,
	10 << 15 | 3 << 12 | 11 << 7 | 0x03,
	11 << 20 | 10 << 15 | 1 << 12 | 0x23,
	11 << 20 | 10 << 15 | 2 << 12 | 0x23,
	11 << 20 | 10 << 15 | 3 << 12 | 0x23,
	/* compressed floating point, or Zcmp's push and pop: c.fld, c.fsd, c.fldsp, c.fsdsp */
	0x2108 | 0x00010000,
	0xa108 | 0x00010000,
};

/* vsetivli zero, 4, e8, m1: any width still fits a register */
#define INSN_VSETIVLI 0xcc027057U

static void device_operands(void)
{
	static const unsigned long where[] = {
		DEV_BASE,
		DEV_BASE + 1,
		DEV_BASE + 4,
		DEV_BASE + 0xffd,
		DEV_BASE + 0xfff,
		GUEST_BASE + GUEST_SIZE - 1,
		GUEST_BASE + GUEST_SIZE - 4,
		EXIT_SHARED + 0xffe,
		0x3000UL,
		1UL << 45,
	};
	unsigned int i, w;

	csr_set(sstatus, SSTATUS_FS | SSTATUS_VS);
	for (w = 0; w < COUNT(where); w++) {
		for (i = 0; i < COUNT(device_insns); i++) {
			csr_do(INSN_VSETIVLI, 0);
			probes++;
			csr_do(device_insns[i], where[w]);
			if (last_trap()->cause >= 16)
				bad_traps++;
		}
	}
}

/* QEMU 10.0 itself stops at a fault-only-first load that crosses a page. */
static bool fault_only_first(unsigned int insn)
{
	return (insn & 0x7f) == 0x07 && (insn >> 20 & 0x1f) == 16 && !(insn >> 26 & 3);
}

/* An instruction that cannot lead away: no jump, and nothing that the guest itself stands on */
static unsigned int random_instruction(bool straight)
{
	static const unsigned char opcodes[] = { 0x03, 0x07, 0x0f, 0x13, 0x17, 0x1b, 0x23,
						 0x27, 0x2f, 0x33, 0x37, 0x3b, 0x43, 0x47,
						 0x4b, 0x4f, 0x53, 0x57, 0x73, 0x0b, 0x2b,
						 0x5b, 0x7b, 0x6b, 0x77 };
	unsigned int insn = (unsigned int)(random() >> 16), csr = insn >> 20;

	if (below(4))
		insn = (insn & ~0x7fU) | opcodes[below(COUNT(opcodes))];
	if (fault_only_first(insn))
		return 0x13;
	if (!straight)
		return insn;
	switch (insn & 0x7f) {
	case 0x63: /* branches, jumps */
	case 0x67:
	case 0x6f:
		return 0x13;
	case 0x73:
		if (!(insn & 0x7000) && (csr < 2 || csr == 0x102)) /* ecall, ebreak, sret */
			return 0x13;
		if ((insn & 0x3000) &&
		    (csr == 0x105 || csr == 0x140 || csr == SATP || csr == 0x100))
			return 0x13;
		return insn;
	default:
		/* compressed: jumps are in quadrants 1 and 2 */
		return (insn & 3) == 3 ? insn : (insn & 0xfffcU) | 0x00010004;
	}
}

static void vs_instructions(unsigned long n)
{
	static unsigned long in[32], out[32];
	unsigned long i;
	unsigned int r;

	for (i = 0; i < n; i++) {
		unsigned int insn = random_instruction(true);

		for (r = 0; r < 32; r++)
			in[r] = interesting();
		/* stores go to anywhere but the image */
		for (r = 3; r < 32; r++)
			if (in[r] - GUEST_BASE + 0x1000 < GUEST_HEAP - GUEST_BASE)
				in[r] = HOSTILE_DATA;
		in[1] = HOSTILE_DATA;
		in[2] = (unsigned long)stacks_base() + 0x3800;
		*(volatile unsigned int *)&vs_insn = insn;
		__asm__ volatile("fence.i" ::: "memory");
		csr_set(sstatus, SSTATUS_FS | SSTATUS_VS);
		vs_probe(in, out);
		csr_write(sie, 0);
		probes++;
	}
}

#define STREAM 128

static struct {
	unsigned long traps;
	unsigned long left;
} stream;

static void stop_stream(void)
{
	csr_write(sepc, stream_end);
	csr_set(sstatus, 0x100);
}

/* Exceptions are skipped; an interrupt, or a pc outside, ends the stream. */
void stream_trap(unsigned long *frame)
{
	unsigned long epc = csr_read(sepc), cause = csr_read(scause);

	(void)frame;
	stream.traps++;
	if (cause >> 63) {
		csr_write(sie, 0);
		stop_stream();
		return;
	}
	if (epc < HOSTILE_CODE || epc >= HOSTILE_CODE + 4 * STREAM || !--stream.left) {
		stop_stream();
		return;
	}
	csr_write(sepc, epc + ((*(volatile unsigned short *)epc & 3) == 3 ? 4 : 2));
}

/* VU sees its code, a page of data, a device and shared memory; VS its own image. */
static void map_user(void)
{
	unsigned long *root = (unsigned long *)HOSTILE_TABLES, *mid = root + 512,
		      *leaf = root + 1024;
	unsigned long i;

	root[0] = 0xdf; /* devices, for VU */
	root[2] = (unsigned long)mid >> 2 | 1;
	mid[0] = (unsigned long)leaf >> 2 | 1;
	for (i = 0; i < 512; i++)
		leaf[i] = (GUEST_BASE + (i << 12)) >> 2 | 0xcf;
	for (i = HOSTILE_CODE; i < HOSTILE_CODE + 0x4000; i += 0x1000)
		leaf[(i - GUEST_BASE) >> 12] |= 0x10;
	leaf[(EXIT_SHARED - GUEST_BASE) >> 12] |= 0x10;
	csr_write(satp, 8UL << 60 | (unsigned long)root >> 12);
	__asm__ volatile("sfence.vma" ::: "memory");
	csr_set(sstatus, 1UL << 18); /* SUM */
}

static void vu_streams(unsigned long n)
{
	static unsigned long in[32];
	volatile unsigned int *code = (volatile unsigned int *)HOSTILE_CODE;
	unsigned long i;
	unsigned int k;

	map_user();
	for (i = 0; i < n; i++) {
		for (k = 0; k < STREAM; k++)
			code[k] = random_instruction(false);
		for (k = 0; k < 32; k++)
			in[k] = interesting();
		stream.left = 2 * STREAM;
		__asm__ volatile("fence.i" ::: "memory");
		csr_set(sstatus, SSTATUS_FS | SSTATUS_VS);
		csr_write(scounteren, ~0UL);
		sbi(EXT_TIME, 0, csr_read(time) + 50000, 0, 0);
		csr_write(sie, 0x20);
		stream_start(in, (void *)HOSTILE_CODE);
		csr_write(sie, 0);
		probes += STREAM;
	}
	mail(HOSTILE_TRAPS, stream.traps);
}

static void wild_calls(unsigned long n)
{
	static const unsigned long eids[] = {
		EXT_BASE,
		EXT_TIME,
		EXT_IPI,
		EXT_RFENCE,
		EXT_HSM,
		EXT_PMU,
		EXT_DBCN,
		SBI_EXT_COVG,
		0,
		1,
		2,
		3,
		4,
		5,
		6,
		7,
		8,
		EXT_SRST,
		EXT_FWFT,
		EXT_SSE,
		EXT_DBTR,
		EXT_MPXY,
		EXT_SUSP,
		EXT_STA,
		EXT_CPPC,
		SBI_EXT_COVH,
		SBI_EXT_COVI,
		SBI_EXT_NACL,
		SBI_EXT_SUPD,
		0x0A000001,
	};
	unsigned long i;

	for (i = 0; i < n; i++) {
		unsigned long a[8], out[2];
		unsigned int k;

		for (k = 0; k < 6; k++)
			a[k] = below(3) ? interesting() : below(8);
		a[6] = below(4) ? below(6) : random() >> below(64);
		a[7] = below(8) ? eids[below(COUNT(eids))] : random();
		if (below(2))
			a[7] = eids[below(8)]; /* those that exist */
		/* ends, and a suspend that nobody ends, are tested elsewhere */
		if (a[7] == EXT_SRST || a[7] == 8 ||
		    (a[7] == EXT_HSM && ((a[6] & 0x3f) == 1 || a[6] == 3)))
			a[7] = SBI_EXT_COVG;
		/* its own memory must stay its own: not the image, nor the mailbox */
		if (a[7] == SBI_EXT_COVG && a[0] - GUEST_BASE < GUEST_HEAP - GUEST_BASE)
			a[0] += GUEST_HEAP - GUEST_BASE;
		call8(a, out);
		if ((long)out[0] > 0 && a[7] >= 9)
			bad_traps++;
		probes++;
	}
}

/* Translation from where no table can be: this vCPU does nothing useful again. */
static void bad_tables(unsigned long root)
{
	mail(HOSTILE_PROBES, 1);
	csr_write(satp, 8UL << 60 | root >> 12);
	__asm__ volatile("sfence.vma; ld t0, 0(%0)" ::"r"(GUEST_HEAP) : "t0", "memory");
	done();
}

void storm_forever(unsigned long mask) __attribute__((noreturn));

/* Interrupts that nobody takes away, and one more at each occasion */
static void storm(unsigned long mask)
{
	mail(HOSTILE_PROBES, 1);
	sbi(EXT_TIME, 0, 0, 0, 0);
	storm_forever(mask);
}

bool guest_hostile_fn(unsigned long fn)
{
	if (fn < G_HOSTILE_CSRS || fn > G_HOSTILE_STORM)
		return false;
	random_state = ask(HOSTILE_SEED) * 0x9e3779b97f4a7c15UL | 1;
	sbi(SBI_EXT_COVG, 2, EXIT_SHARED, 0x1000, 0);
	switch (fn) {
	case G_HOSTILE_CSRS:
		csr_reads_and_writes();
		user(user_csrs);
		break;
	case G_HOSTILE_SYSTEM:
		system_instructions();
		user(user_system);
		break;
	case G_HOSTILE_DEVICE:
		device_operands();
		user(device_operands);
		break;
	case G_HOSTILE_VS:
		vs_instructions(ask(HOSTILE_COUNT));
		break;
	case G_HOSTILE_VU:
		vu_streams(ask(HOSTILE_COUNT));
		break;
	case G_HOSTILE_CALLS:
		wild_calls(ask(HOSTILE_COUNT));
		break;
	case G_HOSTILE_TABLES:
		bad_tables(ask(HOSTILE_COUNT));
		break;
	default:
		storm(ask(HOSTILE_COUNT));
		break;
	}
	report();
	return true;
}
