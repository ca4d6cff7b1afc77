// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A hostile guest: calls with wild arguments, loads and stores of any encoding
 * outside of its memory, faults and exceptions, from three vCPUs, beside another
 * TVM. An input is a list of records of 8 bytes, one for each trap. Registers
 * hold secrets, which must neither reach the host nor change.
 */
#include "mutate.h"
#include "must.h"
#include "start.h"
#include "watch.h"

#include <sbi/riscv_encoding.h>
#include <sbi/sbi_ecall_interface.h>

#define VCPUS	     3U
#define INTERRUPT    (1UL << 63)
#define A0	     10
#define A1	     11
#define REGION	     GUEST_RAM_LEN
#define TVM_PAGES    96U
#define OURS	     ARENA
#define NEIGHBOUR    (ARENA + 128 * PAGE)
#define SECRET	     0x5ec2e70000000000UL
#define IS_SECRET(x) ((x) >> 32 == SECRET >> 32)

enum kind {
	KIND_ECALL,
	KIND_ECALL_COVG,
	KIND_ECALL_SHARE,
	KIND_MMIO,
	KIND_FAULT,
	KIND_VIRTUAL,
	KIND_OTHER,
	KIND_SIBLING, /* another vCPU begins to run on another hart */
	KINDS
};

/** struct record - one trap, or what the host does after an exit */
struct record {
	u8 kind, vcpu, x, y, wild, answer, seed, more;
};
_Static_assert(sizeof(struct record) == RECORD_SIZE, "record");
#define WILD_FROM 160

/* What a vCPU had when it trapped, and what may be different when it goes on. */
static struct expectation {
	bool valid;
	bool ecall;
	unsigned long pc;
	unsigned int change; /* a register, or 0 */
	unsigned long gpr[32];
} expected[VCPUS];

static struct machine_tvm ours, neighbour;
static const struct record *at, *end;
static u64 rng;
static unsigned long executions, operations, exits;
static unsigned long made[KINDS];
static bool busy[ARCH_MAX_HARTS];

static u64 below(u64 n)
{
	return unit_below(&rng, n);
}

static bool one_in(u64 n)
{
	return !below(n);
}

static u64 wild_word(void)
{
	const u64 some[] = { 0,
			     ~0UL,
			     1UL << 63,
			     PAGE,
			     ~0UL & -PAGE,
			     GUEST_RAM,
			     GUEST_RAM + REGION,
			     1UL << 50,
			     cove_gstage_gpa_limit(),
			     1UL << 32,
			     64,
			     GUEST_RAM + REGION - PAGE };

	return one_in(4) ? unit_rand(&rng) : some[below(sizeof(some) / sizeof(some[0]))];
}

static unsigned long secret(unsigned int vcpu, unsigned int reg)
{
	return SECRET | vcpu << 16 | reg << 8 | (reg % 2 ? 0x80 : 1);
}

static u64 some_gpa(const struct record *r)
{
	if (r->wild >= WILD_FROM)
		return wild_word();
	return GUEST_RAM + r->x % 64 * PAGE;
}

/* The host must not see more arguments than the call has. */
static unsigned int arguments(unsigned long eid)
{
	switch (eid) {
	case SBI_EXT_HSM:
		return 1;
	case SBI_EXT_DBCN:
	case SBI_EXT_0_1_CONSOLE_PUTCHAR:
		return 3;
	default:
		return 2;
	}
}

static void ecall(struct cove_vcpu *vcpu, const struct record *r)
{
	static const unsigned long eids[] = {
		SBI_EXT_BASE, SBI_EXT_TIME,    SBI_EXT_IPI,  SBI_EXT_RFENCE,
		SBI_EXT_HSM,  SBI_EXT_DBCN,    SBI_EXT_SRST, SBI_EXT_0_1_CONSOLE_PUTCHAR,
		SBI_EXT_HSM,  SBI_EXT_IPI,     0x504d55,     SBI_EXT_COVH,
		SBI_EXT_NACL, SBI_EXT_COVESBI, 0x46574654,
	};
	unsigned long *a = &vcpu->gpr[A0];
	unsigned int i;

	vcpu->trap.cause = CAUSE_VIRTUAL_SUPERVISOR_ECALL;
	a[7] = r->kind % KINDS == KIND_ECALL ? eids[r->y % (sizeof(eids) / sizeof(eids[0]))]
					     : SBI_EXT_COVG;
	/* else nothing comes after it */
	if (a[7] == SBI_EXT_SRST && r->x % 16)
		a[7] = SBI_EXT_HSM;
	a[6] = r->kind % KINDS == KIND_ECALL_SHARE ? 2 + r->y % 2 : r->x % 12;
	if (r->wild > 250)
		a[6] = wild_word();
	for (i = 0; i < arguments(a[7]); i++)
		a[i] = one_in(3) ? wild_word() : below(5);
	if (a[7] == SBI_EXT_COVG && a[6] <= SBI_COVG_UNSHARE_MEMORY_REGION) {
		a[0] = some_gpa(r);
		a[1] = r->wild % 8 ? (1 + r->seed % 3) * PAGE : wild_word();
	}
	if (a[7] == SBI_EXT_DBCN) {
		a[0] = one_in(4) ? wild_word() : below(100);
		a[1] = some_gpa(r) + below(PAGE);
		a[2] = r->wild % 16 ? 0 : wild_word();
	}
	if (a[7] == SBI_EXT_HSM)
		a[1] = some_gpa(r);
}

/* An instruction of any bits, but mostly a load or store, at an address that it may mean. */
static void mmio(struct cove_vcpu *vcpu, const struct record *r)
{
	static const u32 forms[] = { 0x00002003, 0x00003003, 0x00000003, 0x00001003, 0x00004003,
				     0x00005003, 0x00006003, 0x00000023, 0x00001023, 0x00002023,
				     0x00003023, 0x4000,     0x6000,	 0xc000,     0xe000,
				     0x4002,	 0x6002,     0xc002,	 0xe002,     0x8000,
				     0x1000202f, 0x00002007, 0x00003027, 0x0005000f };
	u32 insn = forms[r->x % (sizeof(forms) / sizeof(forms[0]))];
	u64 gpa = 0x10000000UL + below(64), va;
	s64 offset = (s64)below(256) - 128;
	unsigned int base = (insn & 3) == 3 ? (unsigned int)below(32) : 8;
	bool store = insn & 0x20 || (insn & 3) != 3 ? insn & 0x8020 : false;

	if (r->wild >= WILD_FROM)
		gpa = one_in(2) ? wild_word() : some_gpa(r);
	if ((insn & 3) == 3 && !(insn & 0x20))
		insn |= (u32)offset << 20 | base << 15 | (u32)below(32) << 7;
	else if ((insn & 3) == 3)
		insn |= ((u32)offset & 0x1f) << 7 | ((u32)offset >> 5) << 25 | base << 15 |
			(u32)below(32) << 20;
	else
		insn |= (u32)below(8) << 2, offset = 0;
	if (r->wild > 240)
		insn = (u32)unit_rand(&rng);
	va = (unit_rand(&rng) & ~0xfffUL) | (gpa & 0xfff);
	if (base)
		vcpu->gpr[base] = va - (u64)offset;
	fake_harts[fake_hart].fetch_insn = insn;
	fake_harts[fake_hart].fetch_ok = r->y % 16;
	vcpu->trap = (struct cove_trap){ store ? CAUSE_STORE_GUEST_PAGE_FAULT
					       : CAUSE_LOAD_GUEST_PAGE_FAULT,
					 va, gpa >> 2, 0 };
	if (!(r->y % 5))
		vcpu->trap.tinst = one_in(2) ? insn & ~(31UL << 15) : unit_rand(&rng);
}

static void fault(struct cove_vcpu *vcpu, const struct record *r)
{
	static const unsigned long causes[] = { CAUSE_FETCH_GUEST_PAGE_FAULT,
						CAUSE_LOAD_GUEST_PAGE_FAULT,
						CAUSE_STORE_GUEST_PAGE_FAULT };
	static const unsigned long tinsts[] = { 0, 0x3000, 0x3020, 0x2503, 1 };
	u64 gpa = some_gpa(r) + below(PAGE);

	/* an access where nothing is declared is the last of a TVM without the flag */
	vcpu->trap = (struct cove_trap){ causes[r->y % 3], SECRET | (gpa & 3), gpa >> 2,
					 tinsts[r->seed % 5] };
}

static void virtual_instruction(struct cove_vcpu *vcpu, const struct record *r)
{
	static const unsigned long insns[] = { 0x10500073, 0x00d00073, 0xc0002073, 0, 0x62000073 };

	vcpu->trap.cause = CAUSE_VIRTUAL_INST_FAULT;
	vcpu->trap.tval = r->wild >= WILD_FROM ? (u32)unit_rand(&rng) : insns[r->x % 5];
	fake_harts[fake_hart].fetch_insn = insns[r->y % 5];
	fake_harts[fake_hart].fetch_ok = r->y % 8;
}

static void other_trap(struct cove_vcpu *vcpu, const struct record *r)
{
	static const unsigned long causes[] = { 0,
						2,
						3,
						5,
						7,
						12,
						13,
						15,
						24,
						63,
						INTERRUPT | 3,
						INTERRUPT | 7,
						INTERRUPT | 11,
						INTERRUPT | 1,
						INTERRUPT | 9,
						INTERRUPT | 63 };

	fake_harts[fake_hart].lazy = r->y & 1;
	vcpu->trap = (struct cove_trap){ causes[r->x % 16], secret(0, 1), 0, 0 };
}

static bool restarted(const struct cove_vcpu *vcpu)
{
	unsigned int i;

	for (i = 1; i < 32; i++)
		if (i != A0 && i != A1 && vcpu->gpr[i])
			return false;
	return true;
}

/*
 * The guest goes on: nothing but a result has changed since it trapped. A call for which the
 * host had to populate a page first has no result: it is made again.
 */
static void check_registers(const struct cove_vcpu *vcpu)
{
	const struct expectation *e = &expected[vcpu->id];
	bool result = e->ecall && vcpu->pc != e->pc;
	unsigned int i;

	MUST(!vcpu->gpr[0], "x0 is 0x%lx", vcpu->gpr[0]);
	if (!e->valid || restarted(vcpu))
		return;
	for (i = 1; i < 32; i++)
		MUST(vcpu->gpr[i] == e->gpr[i] || (result && (i == A0 || i == A1)) ||
			     i == e->change,
		     "x%u of vCPU %u is 0x%lx, and was 0x%lx", i, vcpu->id, vcpu->gpr[i],
		     e->gpr[i]);
	if (result)
		MUST((long)vcpu->gpr[A0] <= 0 && (long)vcpu->gpr[A0] >= -14,
		     "the guest gets error %ld", (long)vcpu->gpr[A0]);
}

static void expect_registers(const struct cove_vcpu *vcpu)
{
	struct expectation *e = &expected[vcpu->id];
	u32 insn = (u32)fake_harts[fake_hart].fetch_insn;

	if (vcpu->trap.tinst & 1)
		insn = (u32)vcpu->trap.tinst;
	e->valid = true;
	e->ecall = vcpu->trap.cause == CAUSE_VIRTUAL_SUPERVISOR_ECALL;
	e->pc = vcpu->pc;
	memcpy(e->gpr, vcpu->gpr, sizeof(e->gpr));
	e->change = 0;
	if (vcpu->trap.cause != CAUSE_LOAD_GUEST_PAGE_FAULT)
		return;
	e->change =
		(insn & 3) >= 2 || (vcpu->trap.tinst & 1) ? insn >> 7 & 31 : 8 + (insn >> 2 & 7);
}

static void run_vcpu(unsigned int id);

/* A vCPU on the next hart, while this one is in its guest. */
static void run_sibling(const struct record *r)
{
	unsigned int self = fake_hart, h;

	for (h = 0; h < cove.nharts && busy[h]; h++)
		;
	if (h == cove.nharts || watch_depth() >= WATCH_DEPTH)
		return;
	fake_hart = h;
	watch_pause(false);
	run_vcpu(r->x % VCPUS);
	watch_pause(true);
	fake_hart = self;
}

static void trap(struct cove_vcpu *vcpu, const struct record *r)
{
	unsigned int i;

	operations++;
	made[r->kind % KINDS]++;
	rng = r->seed + 256UL * r->x + 65536UL * r->y;
	for (i = 1; i < 32; i++)
		vcpu->gpr[i] = secret(vcpu->id, i);
	fake_harts[fake_hart].csr.vstvec = GUEST_RAM + 0x100;
	fake_harts[fake_hart].csr.vsie = r->more & 2;
	switch (r->kind % KINDS) {
	case KIND_ECALL:
	case KIND_ECALL_COVG:
	case KIND_ECALL_SHARE:
		ecall(vcpu, r);
		break;
	case KIND_MMIO:
		mmio(vcpu, r);
		break;
	case KIND_FAULT:
		fault(vcpu, r);
		break;
	case KIND_VIRTUAL:
		virtual_instruction(vcpu, r);
		break;
	case KIND_SIBLING:
		run_sibling(r);
		/* fallthrough */
	default:
		other_trap(vcpu, r);
	}
	vcpu->gpr[0] = 0;
}

static void guest(struct cove_vcpu *vcpu, void *arg)
{
	const struct record *r;

	(void)arg;
	watch_pause(true);
	check_registers(vcpu);
	vcpu->trap = (struct cove_trap){ .cause = INTERRUPT | IRQ_S_TIMER };
	if (at < end) {
		r = at++;
		trap(vcpu, r);
		expect_registers(vcpu);
	} else {
		expected[vcpu->id].valid = false;
	}
	watch_pause(false);
}

/* What the host sees after an exit holds none of the guest's secrets, but a value it stores. */
static void check_exit(void)
{
	unsigned long scause = fake_harts[fake_hart].scause, offset, value;
	u64 gpa = *nacl(NACL_CSR_OFFSET(CSR_HTVAL)) << 2;

	exits++;
	for (offset = 0; offset < NACL_SHMEM_SIZE; offset += 8) {
		value = *nacl(offset);
		if (offset == NACL_GPR_OFFSET(A0) && scause == CAUSE_STORE_GUEST_PAGE_FAULT)
			continue;
		MUST(!IS_SECRET(value), "word 0x%lx of the host's is 0x%lx (scause %ld)", offset,
		     value, (long)scause);
	}
	MUST(!IS_SECRET(fake_harts[fake_hart].stval), "stval is a secret");
	if (scause >= CAUSE_FETCH_GUEST_PAGE_FAULT && scause <= CAUSE_STORE_GUEST_PAGE_FAULT &&
	    scause != CAUSE_VIRTUAL_INST_FAULT && gpa - GUEST_RAM < 16 * PAGE &&
	    cove_region_type(tvm_of(ours.gid), gpa) != REGION_MMIO)
		MUST(!(gpa % PAGE), "the host learns 0x%lx", gpa);
}

static void check_intervals(void)
{
	const struct tvm *tvm = tvm_of(ours.gid);
	unsigned int i;

	MUST(tvm->nintervals <= COVE_MAX_INTERVALS, "%u intervals", tvm->nintervals);
	for (i = 0; i < tvm->nintervals; i++) {
		const struct cove_interval *iv = &tvm->interval[i];

		MUST(iv->start < iv->end && iv->end <= cove_gstage_gpa_limit() &&
			     !((iv->start | iv->end) % PAGE),
		     "interval [0x%lx, 0x%lx)", iv->start, iv->end);
		MUST(!i || iv->start >= iv[-1].end, "intervals overlap at 0x%lx", iv->start);
	}
}

/* The host: takes what is to be shared, populates, answers well or badly. */
static void serve(const struct record *r)
{
	u64 gpa = *nacl(NACL_CSR_OFFSET(CSR_HTVAL)) << 2, len;
	unsigned long scause = fake_harts[fake_hart].scause;

	if (r->answer & 1 && scause >= 20 && scause <= 23 && gpa - GUEST_RAM < 64 * PAGE) {
		u64 pa = SOURCE + r->answer / 4 * PAGE;

		if (COVH(ADD_TVM_SHARED_PAGES, ours.gid, pa, 0, 1, gpa))
			COVH(ADD_TVM_ZERO_PAGES, ours.gid,
			     ours.first + (TVM_PAGES - 1 - r->answer / 8) * PAGE, 0, 1, gpa);
	} else if (r->answer & 1 && scause == CAUSE_VIRTUAL_SUPERVISOR_ECALL &&
		   *NACL_A(7) == SBI_EXT_COVG) {
		gpa = *NACL_A(0);
		for (len = *NACL_A(1); len && len <= 4 * PAGE; len -= PAGE, gpa += PAGE) {
			COVH(TVM_INVALIDATE_PAGES, ours.gid, gpa, PAGE);
			COVH(TVM_FENCE, ours.gid);
			COVH(TVM_REMOVE_PAGES, ours.gid, gpa, PAGE);
		}
	}
	rng = r->seed;
	*NACL_A(0) = r->answer & 2 ? 0 : wild_word();
	*NACL_A(1) = wild_word();
}

static void run_vcpu(unsigned int id)
{
	struct record r = at < end ? *at : (struct record){ 0 };
	long rc;

	busy[fake_hart] = true;
	fake_harts[fake_hart].guest = guest;
	watch_run();
	rc = COVH(RUN_TVM_VCPU, ours.gid, id);
	watch_end();
	busy[fake_hart] = false;
	MUST(rc <= 0 && rc >= -14, "run: %ld", rc);
	if (rc)
		return;
	check_exit();
	check_intervals();
	serve(&r);
}

static u64 checksum(u64 pa, u64 n)
{
	const u64 *word = arch_ptr(pa);
	u64 sum = 0, i;

	for (i = 0; i < n * PAGE / 8; i++)
		sum = sum * 31 + word[i];
	return sum;
}

static void boot(u8 how)
{
	unsigned long flags = how & 1 ? 0 : COVE_TVM_F_IMPLICIT_MMIO;

	watch_reset();
	machine_boot(4, 3 + how / 2 % 3);
	memset(busy, 0, sizeof(busy));
	memset(expected, 0, sizeof(expected));
	machine_tvm_runnable(&ours, OURS, TVM_PAGES, VCPUS, flags);
	machine_tvm_runnable(&neighbour, NEIGHBOUR, TVM_PAGES, VCPUS, 0);
	if (how & 8)
		MUST(!COVH(ADD_TVM_ZERO_PAGES, ours.gid, donate(&ours, 8), 0, 8, GUEST_RAM),
		     "no memory");
}

/* Any trap, or a share and what comes of it. */
static unsigned int phrase(void *records)
{
	unsigned int i, n = mutate_byte() % 4 ? 1 : 2 + mutate_byte() % 4;
	struct record *r = records;

	for (i = 0; i < n; i++) {
		mutate_record(&r[i]);
		if (n == 1)
			continue;
		r[i].kind = i ? mutate_byte() % KINDS : KIND_ECALL_SHARE;
		r[i].x = r[0].x;
		r[i].vcpu = 1;
		r[i].wild = 1;
		r[i].answer |= 3;
	}
	return n;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	return mutate_records(data, size, max, seed, phrase);
}

static void report(void)
{
	unsigned int i;

	printf("executions %lu operations %lu\n", executions, operations);
	printf("guest: %lu exits\n", exits);
	for (i = 0; executions > 1000 && i < KINDS; i++)
		if (!made[i])
			printf("no operation %u was made\n", i);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct record *last;
	u64 sum;

	if (size < 1 + sizeof(struct record))
		return 0;
	executions++;
	boot(data[0]);
	sum = checksum(NEIGHBOUR, TVM_PAGES);
	at = (const struct record *)(data + 1);
	end = at + (size - 1) / sizeof(struct record);
	while (at < end) {
		last = at;
		fake_hart = at->answer % 4;
		run_vcpu(at->vcpu % 4 ? 0 : at->vcpu / 4 % VCPUS);
		at += at == last; /* nothing ran */
	}
	fake_hart = 0;
	check_invariants();
	MUST(sum == checksum(NEIGHBOUR, TVM_PAGES), "another TVM has changed");
	machine_tvm_end(&neighbour);
	machine_tvm_end(&ours);
	return 0;
}
