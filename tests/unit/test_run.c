// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Runs of vCPUs: what the host is told, what it may answer, what the guest gets.
 */
#include "guest.h"

#define VCPUS	   3U
#define POOL_PAGES 128UL
#define SCAUSE	   (fake_harts[fake_hart].scause)
#define STVAL	   (fake_harts[fake_hart].stval)
#define HTVAL	   (*nacl(NACL_CSR_OFFSET(CSR_HTVAL)))
#define HTINST	   (*nacl(NACL_CSR_OFFSET(CSR_HTINST)))
#define ECALL_EXIT CAUSE_VIRTUAL_SUPERVISOR_ECALL
#define PATTERN	   0x5a5a5a5a5a5a5a5aUL

static struct machine_tvm t;

static void start(unsigned long flags)
{
	u64 page;
	unsigned int i;

	machine_boot(4, 4);
	machine_tvm_runnable(&t, ARENA, POOL_PAGES, VCPUS, flags);
	page = donate(&t, 4);
	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, t.gid, page, 0, 4, GUEST_RAM), COVE_OK);
	for (i = 0; i < 4; i++) {
		fake_hart = i;
		memset(arch_ptr(NACL(i)), 0x5a, NACL_SHMEM_SIZE);
		guest_new();
	}
	fake_hart = 0;
}

static int setup(void **state)
{
	(void)state;
	start(0);
	return 0;
}

static int setup_implicit(void **state)
{
	(void)state;
	start(COVE_TVM_F_IMPLICIT_MMIO);
	return 0;
}

static int teardown(void **state)
{
	fake_hart = 0;
	machine_tvm_end(&t);
	return machine_teardown(state);
}

static struct cove_vcpu *vcpu(unsigned int id)
{
	return tvm_of(t.gid)->vcpu[id];
}

static void run(void)
{
	assert_int_equal(guest_run(t.gid, 0), COVE_OK);
	assert_int_equal(call_value, 0);
}

/* The guest goes on until its script ends. */
static void run_to_end(void)
{
	run();
	assert_true(guest_done());
	assert_int_equal(SCAUSE, INTERRUPT | IRQ_S_TIMER);
}

/* a0..a5 of a forwarded call, and nothing else of the guest */
static void assert_forwarded(unsigned long eid, unsigned long fid, const unsigned long a[6])
{
	unsigned int i;

	assert_int_equal(SCAUSE, ECALL_EXIT);
	assert_int_equal(STVAL, 0);
	assert_int_equal(HTVAL, 0);
	assert_int_equal(HTINST, 0);
	for (i = 0; i < 6; i++)
		assert_int_equal(*NACL_A(i), a[i]);
	assert_int_equal(*NACL_A(6), fid);
	assert_int_equal(*NACL_A(7), eid);
	for (i = 0; i < 32; i++)
		if (i < A0 || i > A0 + 7)
			assert_int_equal(*nacl(8 * i), PATTERN);
}
#define FORWARDED(eid, fid, ...) assert_forwarded(eid, fid, (const unsigned long[6]){ __VA_ARGS__ })

static void answer(unsigned long a0, unsigned long a1)
{
	*NACL_A(0) = a0;
	*NACL_A(1) = a1;
}

/* Every register but a0 and a1 */
static void scramble(struct cove_vcpu *v)
{
	unsigned int i;

	for (i = 1; i < 32; i++)
		v->gpr[i] = 0xc0ffee00 + i;
}

static void test_run_errors(void **state)
{
	struct cove_csrs csr = fake_harts[0].csr;
	struct fake_hart hart = fake_harts[0];
	unsigned int i;

	(void)state;
	hart.guest = NULL;
	assert_int_equal(COVH(RUN_TVM_VCPU, t.gid, VCPUS), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(RUN_TVM_VCPU, t.gid, COVE_MAX_VCPUS), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(RUN_TVM_VCPU, t.gid, ~0UL), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(RUN_TVM_VCPU, t.gid, 1UL << 32), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(RUN_TVM_VCPU, t.gid + 1, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(RUN_TVM_VCPU, t.gid, 1), COVE_ERR_FAILED); /* stopped */
	assert_int_equal(call_value, 0);
	/* a hart without NACL memory */
	assert_int_equal(CALL(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, ~0UL, ~0UL), COVE_OK);
	assert_int_equal(COVH(RUN_TVM_VCPU, t.gid, 0), COVE_ERR_FAILED);
	assert_int_equal(CALL(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, NACL(0)), COVE_OK);
	/* nothing was written for the host, no world was switched */
	for (i = 0; i < NACL_SHMEM_SIZE; i += 8)
		assert_int_equal(*nacl(i), PATTERN);
	assert_memory_equal(&fake_harts[0].csr, &csr, sizeof(csr));
	assert_memory_equal(&fake_harts[0], &hart, sizeof(hart));
}

static void test_interrupt_exit(void **state)
{
	struct cove_csrs csr;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(csr) / 8; i++)
		((unsigned long *)&fake_harts[0].csr)[i] = 0x1000 + i;
	csr = fake_harts[0].csr;
	guest_trap(INTERRUPT | IRQ_M_TIMER, 0, 0, 0);
	guest_trap(INTERRUPT | IRQ_M_SOFT, 0, 0, 0);
	guest_trap(INTERRUPT | IRQ_M_EXT, 0, 0, 0);
	guest_do(scramble);
	fake_harts[0].stval = 0x99;
	run();
	/* those of M-mode were served without a world switch */
	assert_true(guest_done());
	assert_int_equal(fake_harts[0].interrupt, INTERRUPT | IRQ_M_EXT);
	assert_int_equal(fake_harts[0].enters, 1);
	assert_int_equal(fake_harts[0].leaves, 1);
	assert_int_equal(SCAUSE, INTERRUPT | IRQ_S_TIMER);
	assert_int_equal(STVAL, 0);
	assert_int_equal(HTVAL, 0);
	assert_int_equal(HTINST, 0);
	assert_memory_equal(&fake_harts[0].csr, &csr, sizeof(csr));
	/* no register of the guest */
	for (i = 0; i < 0x1000; i += 8)
		assert_int_equal(*nacl(i), PATTERN);
}

static void set_csrs(struct cove_vcpu *v)
{
	(void)v;
	fake_harts[0].csr.vsie = 0x222;
	fake_harts[0].csr.vsscratch = 0x5ec2e7;
}

static void test_exit_csrs(void **state)
{
	unsigned int i, written = 0;

	(void)state;
	fake_time = 5000;
	ECALL(SBI_EXT_TIME, 0, 777);
	guest_do(set_csrs);
	run_to_end();
	assert_sbi(0, COVE_OK, 0);
	assert_int_equal(*nacl(0x1020), 0x222);	  /* vsie */
	assert_int_equal(*nacl(0x1268), 777);	  /* vstimecmp */
	assert_int_equal(*nacl(0x1828), -5000UL); /* htimedelta */
	assert_int_equal(*nacl(0x1a28), 0);	  /* hvip */
	for (i = 0x1000; i < NACL_SHMEM_SIZE; i += 8)
		written += *nacl(i) != PATTERN;
	assert_int_equal(written, 6); /* these, htval and htinst */
	/* time goes on for all vCPUs alike, and the host's copies do not count */
	fake_time = 9000;
	memset(arch_ptr(NACL(0)), 0, NACL_SHMEM_SIZE);
	run();
	assert_int_equal(*nacl(0x1828), -5000UL);
	assert_int_equal(*nacl(0x1268), 777);
	assert_int_equal(vcpu(0)->csr.vsscratch, 0x5ec2e7);
	assert_int_equal(vcpu(0)->csr.vsie, 0x222);
}

static void test_base(void **state)
{
	static const unsigned long there[] = { 0x10,	   0x54494D45, 0x735049,
					       0x52464E43, 0x48534D,   0x53525354,
					       0x4442434E, 0x434F5647, 1 };
	static const unsigned long absent[] = {
		0x434F5648, 0x434F5649, 0x4E41434C, 0x504D55,	0,	     2,
		3,	    4,		5,	    6,		7,	     8,
		0x535441,   0x535345,	0x53555044, 0x0A000001, 0x110000000, 0x53555350,
		0x43505043, 0x46574654, 0x44425452, 0x4D505859,
	};
	const unsigned int nabsent = sizeof(absent) / sizeof(absent[0]);
	unsigned int i, n = 0;

	(void)state;
	for (i = 0; i < 8; i++)
		ECALL(SBI_EXT_BASE, i, SBI_EXT_COVG);
	for (i = 0; i < 9; i++)
		ECALL(SBI_EXT_BASE, 3, there[i]);
	for (i = 0; i < nabsent; i++)
		ECALL(SBI_EXT_BASE, 3, absent[i]);
	run_to_end();
	assert_sbi(0, COVE_OK, 2UL << 24);
	assert_sbi(1, COVE_OK, 0x636f7665);
	assert_sbi(2, COVE_OK, COVE_VERSION_MAJOR << 16 | COVE_VERSION_MINOR);
	assert_sbi(3, COVE_OK, 1);
	assert_sbi(4, COVE_OK, 0xabcf11);
	assert_sbi(5, COVE_OK, 0xabcf12);
	assert_sbi(6, COVE_OK, 0xabcf13);
	assert_sbi(7, COVE_ERR_NOT_SUPPORTED, 0);
	for (n = 8; n < 17; n++)
		assert_sbi(n, COVE_OK, 1);
	for (; n < 17 + nabsent; n++)
		assert_sbi(n, COVE_OK, 0);
	/* each call took four bytes */
	assert_int_equal(vcpu(0)->pc, GUEST_RAM + 4 * (17 + nabsent));
}

static void test_unknown_calls(void **state)
{
	static const struct {
		unsigned long eid, fid;
	} rows[] = { { SBI_EXT_COVH, 0 },   { SBI_EXT_COVI, 0 },    { SBI_EXT_NACL, 1 },
		     { SBI_EXT_SUPD, 0 },   { SBI_EXT_COVESBI, 1 }, { SBI_EXT_RFENCE, 4 },
		     { ~0UL, 0 },	    { 0x504D55, 0 },	    { SBI_EXT_TIME, 1 },
		     { SBI_EXT_IPI, 1 },    { SBI_EXT_RFENCE, 3 },  { SBI_EXT_RFENCE, 5 },
		     { SBI_EXT_RFENCE, 6 }, /* HFENCE */
		     { 0x53555350, 0 },	    { 0x43505043, 0 },	    { 0x535441, 0 },
		     { 0x535345, 0 },	    { 0x46574654, 0 },	    { 0x44425452, 0 },
		     { 0x4D505859, 0 }, /* SUSP, CPPC, STA, SSE, FWFT, DBTR, MPXY */
		     { SBI_EXT_HSM, 4 },    { SBI_EXT_SRST, 1 },    { SBI_EXT_DBCN, 3 },
		     { SBI_EXT_COVG, 11 },  { SBI_EXT_COVG, 12 },   { SBI_EXT_COVG, 99 },
		     { 0x100000010, 0 } };
	unsigned int i, n = sizeof(rows) / sizeof(rows[0]);

	(void)state;
	for (i = 0; i < n; i++)
		ECALL(rows[i].eid, rows[i].fid, BUFFER, 64, 1, 1, 1, 1);
	run_to_end();
	assert_int_equal(fake_harts[0].enters, 1);
	for (i = 0; i < n; i++)
		assert_sbi(i, COVE_ERR_NOT_SUPPORTED, 0);
}

/* Calls of version 0.1 have no second result: a1 stays the guest's. */
static void test_legacy(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i <= 8; i++)
		if (i != SBI_EXT_0_1_CONSOLE_PUTCHAR)
			ECALL(i, 0, BUFFER, 0x77);
	run_to_end();
	for (i = 0; i < 8; i++)
		assert_sbi(i, COVE_ERR_NOT_SUPPORTED, 0x77);
}

/* DBCN write_byte, putchar: the host's answer, whatever it is, becomes an SBI result. */
static void test_forwarded_answers(void **state)
{
	static const struct {
		unsigned long a0;
		long seen;
	} rows[] = { { 0, 0 },
		     { -1UL, -1 },
		     { -14UL, -14 },
		     { -15UL, -1 },
		     { 1, -1 },
		     { 1UL << 63, -1 },
		     { 0x7fffffffffffffff, -1 },
		     { 0xffffffff, -1 } };
	unsigned int i;

	(void)state;
	for (i = 0; i < 8; i++) {
		ECALL(SBI_EXT_DBCN, SBI_EXT_DBCN_CONSOLE_WRITE_BYTE, 0x12345641, 2, 3, 4, 5, 6);
		guest_do(scramble);
		run();
		FORWARDED(SBI_EXT_DBCN, 2, 0x41);
		/* before the answer is read the host may do what it likes */
		memset(arch_ptr(NACL(0)), 0xff, NACL_SHMEM_SIZE);
		answer(rows[i].a0, 0x1122334455667788);
		run();
		assert_sbi(2 * i, rows[i].seen, 0x1122334455667788);
		memset(arch_ptr(NACL(0)), 0x5a, NACL_SHMEM_SIZE);

		ECALL(SBI_EXT_0_1_CONSOLE_PUTCHAR, 0x3a10377, 0x1ff42, 2, 3, 4, 5, 6);
		guest_do(scramble);
		run();
		FORWARDED(1, 0x377, 0x42); /* a6: no supervisor domain */
		answer(rows[i].a0, 0xbad);
		run();
		assert_sbi(2 * i + 1, rows[i].seen, 2); /* a1 is the guest's own */
		memset(arch_ptr(NACL(0)), 0x5a, NACL_SHMEM_SIZE);
	}
	assert_int_equal(vcpu(0)->gpr[9], 0xc0ffee09);
	assert_int_equal(vcpu(0)->pc, GUEST_RAM + 4 * 16);
	assert_int_equal(vcpu(0)->pending, PENDING_NONE);
}

#define WRITE(len, gpa) ECALL(SBI_EXT_DBCN, SBI_EXT_DBCN_CONSOLE_WRITE, len, gpa)
#define READ(len, gpa)	ECALL(SBI_EXT_DBCN, SBI_EXT_DBCN_CONSOLE_READ, len, gpa)

static void test_console_write(void **state)
{
	u64 pa = 0;

	(void)state;
	cove_gstage_get(tvm_of(t.gid), GUEST_RAM + 3 * PAGE, &pa);
	*(u8 *)arch_ptr(pa + 0xfff) = 'Z';
	WRITE(10, GUEST_RAM + 4 * PAGE - 1); /* last byte of a page, the next one is not there */
	run();
	FORWARDED(SBI_EXT_DBCN, 2, 'Z');
	answer(0, 55);
	WRITE(10, GUEST_RAM + 4 * PAGE);
	run();
	assert_sbi(0, COVE_OK, 1); /* one byte is out, the guest goes on with the rest */
	assert_int_equal(SCAUSE, CAUSE_LOAD_GUEST_PAGE_FAULT);
	assert_int_equal(STVAL, 0);
	assert_int_equal(HTVAL, (GUEST_RAM + 4 * PAGE) >> 2);
	assert_int_equal(HTINST, 0);
	assert_int_equal(vcpu(0)->pc, GUEST_RAM + 4); /* the call is made again */
	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, t.gid, donate(&t, 1), 0, 1, GUEST_RAM + 4 * PAGE),
			 COVE_OK);
	memset(arch_ptr(NACL(0)), 0x5a, NACL_SHMEM_SIZE);
	WRITE(10, GUEST_RAM + 4 * PAGE);
	run();
	FORWARDED(SBI_EXT_DBCN, 2, 0);
	answer(-5UL, 1);
	run();
	assert_sbi(2, -5, 0);
}

static void test_console_errors(void **state)
{
	u64 top = 1UL << 50;

	(void)state;
	WRITE(0, 0); /* nothing to write */
	WRITE(1, 0x10000000);
	WRITE(1, GUEST_RAM + GUEST_RAM_LEN);
	WRITE(1, GUEST_RAM | top); /* would alias in the table */
	WRITE(1, ~0UL);
	WRITE(~0UL, GUEST_RAM - 1);
	ECALL(SBI_EXT_DBCN, SBI_EXT_DBCN_CONSOLE_WRITE, 1, GUEST_RAM, 1);
	READ(0, 0);
	READ(16, 0x10000000);
	READ(16, GUEST_RAM | top);
	READ(~0UL, GUEST_RAM);
	run_to_end();
	assert_sbi(8, COVE_ERR_INVALID_PARAM, 0);
	assert_sbi(9, COVE_ERR_INVALID_PARAM, 0);
	assert_sbi(10, COVE_ERR_INVALID_PARAM, 0);
	assert_sbi(0, COVE_OK, 0);
	assert_sbi(1, COVE_ERR_INVALID_PARAM, 0);
	assert_sbi(2, COVE_ERR_INVALID_PARAM, 0);
	assert_sbi(3, COVE_ERR_INVALID_PARAM, 0);
	assert_sbi(4, COVE_ERR_INVALID_PARAM, 0);
	assert_sbi(5, COVE_ERR_INVALID_PARAM, 0);
	assert_sbi(6, COVE_ERR_INVALID_PARAM, 0);
	assert_sbi(7, COVE_OK, 0);
}

static u8 *guest_bytes(u64 gpa)
{
	u64 pa = 0;

	assert_int_equal(cove_gstage_get(tvm_of(t.gid), gpa & ~(PAGE - 1), &pa), GSTAGE_DATA);
	return arch_ptr(pa + (gpa & (PAGE - 1)));
}

static void console_input(const char *text)
{
	memcpy((void *)nacl(NACL_CONSOLE_OFFSET), text, strlen(text));
}

/* Input goes through the NACL memory: what was asked for, to where the guest said. */
static void test_console_read(void **state)
{
	u8 *p = guest_bytes(GUEST_RAM + PAGE - 5);
	unsigned int i;

	(void)state;
	memset(p, 0x11, 5);
	READ(100, GUEST_RAM + PAGE - 5);
	run();
	FORWARDED(SBI_EXT_DBCN, 1, 5); /* to the end of the page, and no address */
	console_input("abc");
	answer(0, 3);
	READ(4, GUEST_RAM + PAGE - 5);
	run();
	assert_sbi(0, COVE_OK, 3);
	assert_memory_equal(p, "abc\x11\x11", 5);
	FORWARDED(SBI_EXT_DBCN, 1, 4);
	/* more than was asked for */
	console_input("defghijklmnopq");
	answer(0, ~0UL);
	READ(PAGE, GUEST_RAM + PAGE);
	run();
	assert_sbi(1, COVE_OK, 4);
	assert_memory_equal(p, "defg\x11", 5);
	FORWARDED(SBI_EXT_DBCN, 1, NACL_CONSOLE_LEN);
	/* a host without input, and one that fails */
	answer(-2UL, 7);
	READ(2, GUEST_RAM);
	run();
	assert_sbi(2, COVE_OK, 0);
	answer(-77UL, 2);
	run_to_end();
	assert_sbi(3, COVE_ERR_FAILED, 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(guest_bytes(GUEST_RAM)[i], 0);
}

/* The page must be there, and still be there when the answer comes. */
static void test_console_read_unmapped(void **state)
{
	u8 *p = guest_bytes(GUEST_RAM);

	(void)state;
	READ(8, GUEST_RAM + 9 * PAGE);
	run();
	assert_int_equal(SCAUSE, CAUSE_STORE_GUEST_PAGE_FAULT);
	assert_int_equal(HTVAL, (GUEST_RAM + 9 * PAGE) >> 2);
	READ(8, GUEST_RAM);
	run();
	assert_int_equal(COVH(TVM_INVALIDATE_PAGES, t.gid, GUEST_RAM, PAGE), COVE_OK);
	console_input("ABCDEFGH");
	answer(0, 8);
	run_to_end();
	assert_sbi(1, COVE_ERR_FAILED, 0);
	assert_int_equal(p[0], 0);
}

/* A blocked page is not read, though the table remembers it. */
static void test_console_blocked(void **state)
{
	(void)state;
	assert_int_equal(COVH(TVM_INVALIDATE_PAGES, t.gid, GUEST_RAM, PAGE), COVE_OK);
	WRITE(1, GUEST_RAM);
	run();
	assert_int_equal(SCAUSE, CAUSE_LOAD_GUEST_PAGE_FAULT);
	assert_int_equal(*NACL_A(0), PATTERN);
}

static void test_mmio(void **state)
{
	(void)state;
	guest_fault(CAUSE_LOAD_GUEST_PAGE_FAULT, 0x10000002, 0x1783 & ~2U); /* c. form of lh a5 */
	guest_do(scramble);
	run();
	assert_int_equal(SCAUSE, CAUSE_LOAD_GUEST_PAGE_FAULT);
	assert_int_equal(STVAL, 2);
	assert_int_equal(HTVAL, 0x10000002 >> 2);
	assert_int_equal(HTINST, 0x1503);
	assert_int_equal(*NACL_A(0), 0);
	assert_int_equal(*NACL_A(5), PATTERN);
	/* the host changes its mind on what was asked: it does not count */
	memset(arch_ptr(NACL(0)), 0x11, NACL_SHMEM_SIZE);
	HTINST = 0x3503;
	answer(0xdeadbeefcafef00d, 7);
	guest_fault(CAUSE_STORE_GUEST_PAGE_FAULT, 0x10000004, 0x00f02023); /* sw a5 */
	run();
	assert_int_equal(guest_saw(0, 15), 0xfffffffffffff00d);
	assert_int_equal(guest_saw(0, 10), 0xc0ffee0a);
	assert_int_equal(guest_saw(0, 32), GUEST_RAM + 2);
	assert_int_equal(SCAUSE, CAUSE_STORE_GUEST_PAGE_FAULT);
	assert_int_equal(HTINST, 0x00a02023);
	assert_int_equal(*NACL_A(0), 0xfffff00d);
	answer(~0UL, ~0UL);
	run_to_end();
	assert_int_equal(guest_saw(1, 15), 0xfffffffffffff00d);
	assert_int_equal(guest_saw(1, 32), GUEST_RAM + 6);
	assert_int_equal(*NACL_A(0), 0); /* cleared after use */
	assert_int_equal(vcpu(0)->gpr[10], 0xc0ffee0a);
}

/* What the guest gets as an access fault instead */
static void expect_injected(unsigned long cause, unsigned long tval)
{
	struct fake_hart *h = &fake_harts[0];
	unsigned long pc = vcpu(0)->pc;

	h->csr.vstvec = 0;
	vcpu(0)->csr.vstvec = 0xffffffff80001001;
	run_to_end();
	assert_int_equal(vcpu(0)->csr.vscause, cause);
	assert_int_equal(vcpu(0)->csr.vstval, tval);
	assert_int_equal(vcpu(0)->csr.vsepc, pc);
	assert_int_equal(vcpu(0)->pc, 0xffffffff80001000);
	assert_int_equal((vcpu(0)->mstatus & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT, PRV_S);
	vcpu(0)->pc = pc;
}

static void from_user(struct cove_vcpu *v)
{
	v->mstatus &= ~MSTATUS_MPP;
}

static void test_inject(void **state)
{
	const unsigned long va = 0xffff000000000000;

	(void)state;
	/* fetch, page-table walks and what is no load or store, at devices */
	guest_fault(CAUSE_FETCH_GUEST_PAGE_FAULT, 0x10000000, 0);
	expect_injected(CAUSE_FETCH_ACCESS, va);
	guest_fault(CAUSE_LOAD_GUEST_PAGE_FAULT, 0x10000000, 0x3000);
	expect_injected(CAUSE_LOAD_ACCESS, va);
	guest_fault(CAUSE_STORE_GUEST_PAGE_FAULT, 0x10000000, 0x3020);
	expect_injected(CAUSE_STORE_ACCESS, va);
	guest_fault(CAUSE_STORE_GUEST_PAGE_FAULT, 0x10000000, 0x00a5a52f); /* amoadd.w */
	expect_injected(CAUSE_STORE_ACCESS, va);
	guest_fault(CAUSE_LOAD_GUEST_PAGE_FAULT, 0x10000002, 0x2503); /* misaligned lw */
	expect_injected(CAUSE_LOAD_ACCESS, va + 2);
	/* what has no other meaning, as it is */
	guest_trap(CAUSE_LOAD_ACCESS, 0x123, 0, 0);
	expect_injected(CAUSE_LOAD_ACCESS, 0x123);
	guest_trap(19, 0x77, 0, 0); /* hardware error */
	expect_injected(19, 0x77);
	guest_trap(CAUSE_ILLEGAL_INSTRUCTION, 0xbad, 0, 0);
	expect_injected(CAUSE_ILLEGAL_INSTRUCTION, 0xbad);
	assert_true(fake_harts[0].inject_from_s);
	/* virtual instructions that nobody emulates; WFI from user mode */
	guest_trap(CAUSE_VIRTUAL_INST_FAULT, 0xc0002573, 0, 0); /* rdcycle */
	expect_injected(CAUSE_ILLEGAL_INSTRUCTION, 0xc0002573);
	guest_trap(CAUSE_VIRTUAL_INST_FAULT, 0x10500073, 0, 0);
	guest_do(from_user);
	expect_injected(CAUSE_ILLEGAL_INSTRUCTION, 0x10500073);
	assert_false(fake_harts[0].inject_from_s);
	assert_int_equal(fake_harts[0].injects, 10);
	/* F or V was off: loaded, and tried again */
	fake_harts[0].lazy = true;
	guest_trap(CAUSE_ILLEGAL_INSTRUCTION, 0xf00, 0, 0);
	run_to_end();
	assert_int_equal(fake_harts[0].injects, 10);
	assert_int_equal(fake_harts[0].enters, 11);
}

/* Nothing transformed and the instruction cannot be read: the guest tries again. */
static void test_fetch_retry(void **state)
{
	unsigned long pc = vcpu(0)->pc;

	(void)state;
	guest_fault(CAUSE_LOAD_GUEST_PAGE_FAULT, 0x10000000, 0);
	guest_trap(CAUSE_VIRTUAL_INST_FAULT, 0, 0, 0);
	run_to_end();
	assert_int_equal(vcpu(0)->pc, pc);
	assert_int_equal(fake_harts[0].injects, 0);
	fake_harts[0].fetch_ok = true;
	fake_harts[0].fetch_insn = 0x10500073; /* wfi */
	guest_trap(CAUSE_VIRTUAL_INST_FAULT, 0, 0, 0);
	run();
	assert_int_equal(SCAUSE, CAUSE_VIRTUAL_INST_FAULT);
	assert_int_equal(STVAL, 0x10500073);
}

static void test_page_faults(void **state)
{
	struct tvm *tvm = tvm_of(t.gid);
	static const unsigned long causes[] = { 20, 21, 23 };
	unsigned int i;

	(void)state;
	/* in confidential memory, also where sharing is being decided: page, no offset, again */
	for (i = 0; i < 3; i++) {
		assert_int_equal(cove_region_set(tvm, GUEST_RAM + 9 * PAGE, PAGE,
						 i ? REGION_CONF : REGION_CONF_REMOVABLE),
				 0);
		guest_fault(causes[i], GUEST_RAM + 9 * PAGE + 0xabc, 0x2503);
		run();
		assert_int_equal(SCAUSE, causes[i]);
		assert_int_equal(STVAL, 0);
		assert_int_equal(HTVAL, (GUEST_RAM + 9 * PAGE) >> 2);
		assert_int_equal(HTINST, 0);
		assert_int_equal(vcpu(0)->pc, GUEST_RAM);
		assert_int_equal(vcpu(0)->pending, PENDING_NONE);
	}
	/* shared memory: never code */
	assert_int_equal(cove_region_set(tvm, GUEST_RAM + 9 * PAGE, PAGE, REGION_SHARED), 0);
	guest_fault(CAUSE_STORE_GUEST_PAGE_FAULT, GUEST_RAM + 9 * PAGE + 8, 0);
	run();
	assert_int_equal(SCAUSE, CAUSE_STORE_GUEST_PAGE_FAULT);
	assert_int_equal(HTVAL, (GUEST_RAM + 9 * PAGE) >> 2);
	guest_fault(CAUSE_FETCH_GUEST_PAGE_FAULT, GUEST_RAM + 9 * PAGE + 8, 0);
	expect_injected(CAUSE_FETCH_ACCESS, 0xffff000000000008);
	assert_int_equal(*NACL_A(0), PATTERN);
}

/* Outside of every region without the flag: this vCPU is dead, the others are not. */
static void test_dead(void **state)
{
	(void)state;
	guest_fault(CAUSE_LOAD_GUEST_PAGE_FAULT, 0x10000123, 0x2503);
	assert_int_equal(guest_run(t.gid, 0), COVE_OK);
	assert_int_equal(call_value, 1);
	assert_int_equal(SCAUSE, CAUSE_LOAD_GUEST_PAGE_FAULT);
	assert_int_equal(STVAL, 0);
	assert_int_equal(HTINST, 0);
	assert_int_equal(*NACL_A(0), PATTERN);
	assert_int_equal(guest_run(t.gid, 0), COVE_ERR_FAILED);
	assert_int_equal(call_value, 0);
	assert_int_equal(vcpu(1)->state, VCPU_STOPPED);
}

/* A second vCPU by the guest's own call; it is run on another hart. */
static void start_vcpu(unsigned long id, unsigned long addr, unsigned long opaque)
{
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_START, id, addr, opaque, 4, 5, 6);
	run();
	FORWARDED(SBI_EXT_HSM, 0, id); /* not the address, not the argument */
	memset(arch_ptr(NACL(0)), 0x5a, NACL_SHMEM_SIZE);
}

static void test_hart_start(void **state)
{
	unsigned int i;

	(void)state;
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_GET_STATUS, 1);
	start_vcpu(1, GUEST_RAM + 0x100, 0xfeed);
	answer(-1UL, 99); /* informed only: the answer does not count */
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_GET_STATUS, 1);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_GET_STATUS, 0);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_GET_STATUS, 2);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_GET_STATUS, VCPUS);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_GET_STATUS, COVE_MAX_VCPUS);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_GET_STATUS, ~0UL);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_START, 1, GUEST_RAM, 0);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_START, 0, GUEST_RAM, 0);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_START, VCPUS, GUEST_RAM, 0);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_START, ~0UL, GUEST_RAM, 0);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_START, COVE_MAX_VCPUS + 2, GUEST_RAM, 0);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_START, 2, GUEST_RAM + 1, 0);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_START, 2, 0x10000000, 0);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_START, 2, ~0UL & ~1UL, 0);
	run_to_end();
	assert_sbi(0, COVE_OK, 1); /* stopped */
	assert_sbi(1, COVE_OK, 0);
	assert_sbi(2, COVE_OK, 0); /* started */
	assert_sbi(3, COVE_OK, 0);
	assert_sbi(4, COVE_OK, 1);
	for (i = 5; i < 8; i++)
		assert_sbi(i, COVE_ERR_INVALID_PARAM, 0);
	assert_sbi(8, COVE_ERR_ALREADY_AVAILABLE, 0);
	assert_sbi(9, COVE_ERR_ALREADY_AVAILABLE, 0);
	assert_sbi(10, COVE_ERR_INVALID_PARAM, 0);
	assert_sbi(11, COVE_ERR_INVALID_PARAM, 0);
	assert_sbi(12, COVE_ERR_INVALID_PARAM, 0);
	for (i = 13; i < 16; i++)
		assert_sbi(i, COVE_ERR_INVALID_ADDRESS, 0);
	/* registers of the new vCPU, and its end */
	fake_hart = 2;
	ECALL(SBI_EXT_BASE, 0);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_STOP, 1, 2, 3, 4, 5, 6);
	assert_int_equal(vcpu(1)->pc, GUEST_RAM + 0x100);
	assert_int_equal(vcpu(1)->gpr[10], 1);
	assert_int_equal(vcpu(1)->gpr[11], 0xfeed);
	assert_int_equal(guest_run(t.gid, 1), COVE_OK);
	assert_int_equal(call_value, 1);
	FORWARDED(SBI_EXT_HSM, 1);
	assert_int_equal(guest_run(t.gid, 1), COVE_ERR_FAILED);
	fake_hart = 0;
	start_vcpu(1, GUEST_RAM + 0x200, 0);
	assert_int_equal(vcpu(1)->pc, GUEST_RAM + 0x200);
	assert_int_equal(guest_run(t.gid, 1), COVE_OK);
}

static void allow_soft(struct cove_vcpu *v)
{
	(void)v;
	fake_harts[fake_hart].csr.vsie = FAKE_SSIE;
}

static void assert_waits(void)
{
	assert_int_equal(SCAUSE, CAUSE_VIRTUAL_INST_FAULT);
	assert_int_equal(STVAL, 0x10500073);
	assert_int_equal(HTINST, 0x10500073);
}

static void assert_status(unsigned long id, unsigned long status)
{
	fake_hart = 2;
	guest_new();
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_GET_STATUS, id);
	assert_int_equal(guest_run(t.gid, 1), COVE_OK);
	assert_sbi(0, COVE_OK, status);
	fake_hart = 0;
}

#define SUSPEND(type, addr, opaque) ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_SUSPEND, type, addr, opaque)

static void test_suspend_errors(void **state)
{
	static const unsigned long types[] = { 1,	   0x0fffffff, 0x10000000, 0x7fffffff,
					       0x80000001, 0x90000000, 0xffffffff };
	unsigned int i;

	(void)state;
	for (i = 0; i < 7; i++)
		SUSPEND(types[i], GUEST_RAM, 0);
	SUSPEND(0x80000000, GUEST_RAM + 1, 0);
	SUSPEND(0x80000000, 0x10000000, 0);
	SUSPEND(0x80000000, ~0UL & ~1UL, 0);
	run_to_end();
	assert_int_equal(fake_harts[0].enters, 1);
	for (i = 0; i < 7; i++)
		assert_sbi(i, COVE_ERR_INVALID_PARAM, 0);
	for (; i < 10; i++)
		assert_sbi(i, COVE_ERR_INVALID_ADDRESS, 0);
}

/* It goes on when an interrupt that it has enabled comes, and not because the host runs it. */
static void test_suspend(void **state)
{
	(void)state;
	start_vcpu(1, GUEST_RAM, 0);
	SUSPEND(0xffffffff00000000, 0, 0); /* 32 bits count */
	guest_do(allow_soft);
	ECALL(SBI_EXT_BASE, 0);
	run();
	assert_waits();
	assert_status(0, SBI_HSM_STATE_SUSPENDED);
	run();
	run();
	assert_waits();
	assert_false(guest_done());
	vcpu(0)->csr.hvip |= FAKE_VSSIP;
	run_to_end();
	assert_sbi(1, COVE_OK, 0);
	assert_status(0, SBI_HSM_STATE_STARTED);
	/* an interrupt is pending already: no exit */
	SUSPEND(0, 0, 0);
	run_to_end();
	assert_sbi(3, COVE_OK, 0);
	/* a sibling's interrupt */
	vcpu(0)->csr.hvip = 0;
	SUSPEND(0, 0, 0);
	ECALL(SBI_EXT_BASE, 0);
	run();
	assert_waits();
	cove_vcpu_kick(vcpu(0));
	run_to_end();
}

static void dirty(struct cove_vcpu *v)
{
	struct cove_csrs *csr = &fake_harts[fake_hart].csr;
	unsigned int i;

	for (i = 1; i < 32; i++)
		v->gpr[i] = 0xd0d0 + i;
	csr->vsatp = 8UL << 60 | 0x80000;
	csr->vsstatus |= 1UL << 1;
	csr->vsie = FAKE_SSIE;
	csr->vstvec = 0x1230;
}

static void test_suspend_non_retentive(void **state)
{
	unsigned int i;

	(void)state;
	start_vcpu(1, GUEST_RAM, 0);
	SUSPEND(0x80000000, GUEST_RAM + 0x400, 0xfeed);
	guest_do(dirty);
	ECALL(SBI_EXT_BASE, 0);
	run();
	assert_waits();
	assert_int_equal(vcpu(0)->csr.vsatp, 0);
	assert_int_equal(vcpu(0)->csr.vsstatus & 2, 0);
	assert_int_equal(vcpu(0)->csr.vstvec, 0x1230);
	assert_status(0, SBI_HSM_STATE_SUSPENDED);
	run();
	assert_waits();
	assert_int_equal(vcpu(0)->pc, GUEST_RAM + 0x400);
	for (i = 1; i < 32; i++)
		assert_int_equal(vcpu(0)->gpr[i], i == A1 ? 0xfeed : 0);
	vcpu(0)->csr.hvip |= FAKE_VSSIP;
	run_to_end();
	assert_int_equal(vcpu(0)->pc, GUEST_RAM + 0x404);
	/* one that need not wait loses its translation just as well, and the host runs it again */
	SUSPEND(0x80000000, GUEST_RAM + 0x800, 1);
	guest_do(dirty);
	ECALL(SBI_EXT_BASE, 0);
	run();
	assert_int_equal(SCAUSE, INTERRUPT | IRQ_S_SOFT);
	assert_int_equal(vcpu(0)->csr.vsatp, 0);
	run_to_end();
	assert_int_equal(vcpu(0)->pc, GUEST_RAM + 0x804);
}

static void test_srst(void **state)
{
	unsigned int i;

	(void)state;
	start_vcpu(1, GUEST_RAM, 0);
	ECALL(SBI_EXT_SRST, 0, 3, 0);
	ECALL(SBI_EXT_SRST, 0, 0xf0000000, 0);
	ECALL(SBI_EXT_SRST, 0, 0, 2);
	ECALL(SBI_EXT_SRST, 0, 0, 0xe0000000);
	ECALL(SBI_EXT_SRST, 0, 1, 1, 3, 4, 5, 6);
	assert_int_equal(guest_run(t.gid, 0), COVE_OK);
	assert_int_equal(call_value, 1);
	FORWARDED(SBI_EXT_SRST, 0, 1, 1);
	for (i = 1; i < 5; i++)
		assert_sbi(i, COVE_ERR_INVALID_PARAM, 0);
	for (i = 0; i < VCPUS; i++)
		assert_int_equal(guest_run(t.gid, i), COVE_ERR_FAILED);
}

/* While vCPU 1 runs on hart 1, vCPU 0 on hart 0 does what its script says. */
static void meanwhile(struct cove_vcpu *v)
{
	unsigned int self = fake_hart;
	unsigned long value = call_value;

	(void)v;
	fake_hart = 0;
	assert_int_equal(guest_run(t.gid, 0), COVE_OK);
	fake_hart = self;
	call_value = value;
}

static void run_vcpu1_on_hart1(void)
{
	fake_hart = 1;
	assert_int_equal(guest_run(t.gid, 1), COVE_OK);
	assert_true(guest_done());
	fake_hart = 0;
}

/* After a reset nothing of the TVM runs again, not even by a hart_stop that came later. */
static void test_srst_wins(void **state)
{
	(void)state;
	start_vcpu(1, GUEST_RAM, 0);
	start_vcpu(2, GUEST_RAM, 0);
	ECALL(SBI_EXT_SRST, 0, 0, 0);
	fake_hart = 1;
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_STOP);
	guest_do(meanwhile);
	run_vcpu1_on_hart1();
	assert_int_equal(vcpu(0)->state, VCPU_DEAD);
	assert_int_equal(vcpu(1)->state, VCPU_DEAD);
	assert_int_equal(vcpu(2)->state, VCPU_DEAD);
}

/* A sibling that runs is made to stop: it does not execute one more instruction. */
static void test_srst_stops_siblings(void **state)
{
	(void)state;
	start_vcpu(1, GUEST_RAM, 0);
	ECALL(SBI_EXT_SRST, 0, 2, 1);
	fake_hart = 1;
	ECALL(SBI_EXT_BASE, 0);
	guest_do(meanwhile);
	ECALL(SBI_EXT_BASE, 0);
	assert_int_equal(guest_run(t.gid, 1), COVE_OK);
	assert_int_equal(call_value, 1);
	assert_false(guest_done());
	FORWARDED(SBI_EXT_SRST, 0, 2, 1);
	assert_int_equal(fake_harts[1].ipis, 1);
	assert_int_equal(fake_harts[0].ipis, 0);
	assert_int_equal(guest_run(t.gid, 1), COVE_ERR_FAILED);
	fake_hart = 0;
}

/* Stopping, but still on its hart: neither stopped nor startable. */
static void test_stop_pending(void **state)
{
	(void)state;
	start_vcpu(1, GUEST_RAM, 0);
	assert_int_equal(vcpu(1)->state, VCPU_STARTED);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_GET_STATUS, 1);
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_START, 1, GUEST_RAM, 0);
	fake_hart = 1;
	ECALL(SBI_EXT_HSM, SBI_EXT_HSM_HART_STOP);
	fake_harts[1].on_leave = NULL;
	fake_hart = 0;
	/* between hart_stop and the end of the run */
	vcpu(1)->state = VCPU_STOPPED;
	vcpu(1)->running = 2;
	run();
	assert_sbi(1, COVE_OK, SBI_HSM_STATE_STOP_PENDING);
	assert_sbi(2, COVE_ERR_ALREADY_AVAILABLE, 0);
	vcpu(1)->running = 0;
}

static void ipi(unsigned long mask, unsigned long base)
{
	ECALL(SBI_EXT_IPI, 0, mask, base, 3, 4, 5, 6);
}

static unsigned int pending_ipis(void)
{
	unsigned int i, mask = 0;

	for (i = 0; i < VCPUS; i++) {
		mask |= vcpu(i)->ipi << i;
		vcpu(i)->ipi = 0;
	}
	return mask;
}

static void test_ipi_masks(void **state)
{
	static const struct {
		unsigned long mask, base;
		long error;
		unsigned int reached;
	} rows[] = {
		{ 0, 0, 0, 0 },
		{ 0, 63, 0, 0 },
		{ 0, 1UL << 63, 0, 0 },
		{ 2, 0, 0, 2 },
		{ 6, 0, 0, 6 },
		{ 1, 2, 0, 4 },
		{ 3, 1, 0, 6 },
		{ 0, ~0UL, 0, 6 }, /* all; the caller takes its own at once */
		{ 1, ~0UL, 0, 6 },
		{ 8, 0, COVE_ERR_INVALID_PARAM, 0 }, /* no vCPU 3 */
		{ 7, 1, COVE_ERR_INVALID_PARAM, 0 },
		{ 1UL << 63, 0, COVE_ERR_INVALID_PARAM, 0 },
		{ 1UL << 63, 63, COVE_ERR_INVALID_PARAM, 0 },
		{ 1, 64, COVE_ERR_INVALID_PARAM, 0 },
		{ 2, ~0UL - 1, COVE_ERR_INVALID_PARAM, 0 },
		{ 4, ~0UL - 1, COVE_ERR_INVALID_PARAM, 0 }, /* wraps to 0 */
		{ ~0UL, 0, COVE_ERR_INVALID_PARAM, 0 },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ipi(rows[i].mask, rows[i].base);
		run();
		if (rows[i].reached) {
			/* none of them runs: the host must know */
			FORWARDED(SBI_EXT_IPI, 0, rows[i].mask, rows[i].base);
			assert_int_equal(pending_ipis(), rows[i].reached | (rows[i].base == ~0UL));
			answer(-7UL, 1);
			run();
		} else {
			assert_int_equal(SCAUSE, INTERRUPT | IRQ_S_TIMER);
			assert_int_equal(pending_ipis(), 0);
		}
		assert_sbi(i, rows[i].error, 0);
		memset(arch_ptr(NACL(0)), 0x5a, NACL_SHMEM_SIZE);
	}
}

/* A target that runs is kicked, and the host is not bothered. */
static void test_ipi_running(void **state)
{
	(void)state;
	start_vcpu(1, GUEST_RAM, 0);
	ipi(2, 0);
	fake_hart = 1;
	ECALL(SBI_EXT_BASE, 0);
	guest_do(meanwhile);
	run_vcpu1_on_hart1();
	assert_int_equal(SCAUSE, INTERRUPT | IRQ_S_TIMER); /* of hart 0 */
	assert_int_equal(fake_harts[1].ipis, 1);
	assert_int_equal(fake_harts[0].ipis, 0);
	assert_sbi(1, COVE_OK, 0);
	/* it has taken it */
	assert_int_equal(vcpu(1)->ipi, 0);
	assert_int_equal(vcpu(1)->csr.hvip, FAKE_VSSIP);
	/* and to itself */
	ipi(1, 0);
	run_to_end();
	assert_int_equal(vcpu(0)->csr.hvip, FAKE_VSSIP);
}

/* A sibling on another hart */
static void kick_vcpu0(void)
{
	unsigned int self = fake_hart;

	fake_hart = 1;
	cove_vcpu_kick(vcpu(0));
	fake_hart = self;
}

static void kick_while_running(struct cove_vcpu *v)
{
	cove_vcpu_kick(v);
}

#define WFI() guest_trap(CAUSE_VIRTUAL_INST_FAULT, 0x10500073, 0, 0)

static void test_wfi(void **state)
{
	(void)state;
	WFI();
	run();
	assert_int_equal(SCAUSE, CAUSE_VIRTUAL_INST_FAULT);
	assert_int_equal(STVAL, 0x10500073);
	assert_int_equal(HTVAL, 0);
	assert_int_equal(HTINST, 0x10500073);
	assert_int_equal(vcpu(0)->pc, GUEST_RAM + 4);
	/* an interrupt is pending: no exit */
	ECALL(SBI_EXT_IPI, 0, 1, 0);
	guest_do(allow_soft);
	WFI();
	WFI();
	run_to_end();
	/* pending, but not enabled: exit */
	vcpu(0)->csr.vsie = 0;
	WFI();
	run();
	assert_int_equal(SCAUSE, CAUSE_VIRTUAL_INST_FAULT);
	/* wrs.nto goes on at once */
	guest_trap(CAUSE_VIRTUAL_INST_FAULT, 0x00d00073, 0, 0);
	run_to_end();
}

/*
 * The lost wake-up: a sibling sees the vCPU running and only kicks its hart, but
 * the vCPU has already decided to wait. The host must not be told to block it.
 */
static void test_wfi_lost_wakeup(void **state)
{
	(void)state;
	WFI();
	fake_harts[0].on_leave = kick_vcpu0;
	run();
	assert_int_equal(fake_harts[0].ipis, 1);
	assert_int_equal(SCAUSE, INTERRUPT | IRQ_S_SOFT);
	assert_int_equal(STVAL, 0);
	assert_int_equal(HTINST, 0);
	run_to_end();
	assert_int_equal(vcpu(0)->csr.hvip, FAKE_VSSIP);
	/* an exit that is no wait is not touched */
	guest_fault(CAUSE_LOAD_GUEST_PAGE_FAULT, GUEST_RAM + 9 * PAGE, 0);
	fake_harts[0].on_leave = kick_vcpu0;
	run();
	assert_int_equal(SCAUSE, CAUSE_LOAD_GUEST_PAGE_FAULT);
	/* after the run the sender sees that it does not run */
	assert_int_equal(vcpu(0)->running, 0);
	/* came while the guest ran, before it waits: it takes it, no exit */
	WFI();
	guest_do(kick_while_running);
	run_to_end();
	assert_int_equal(vcpu(0)->csr.hvip, FAKE_VSSIP);
	/* came before the run, and the guest takes such interrupts: no exit */
	vcpu(0)->csr.vsie = 0;
	WFI();
	guest_do(allow_soft);
	run_to_end();
}

static void rfence(unsigned long fid, unsigned long mask, unsigned long base)
{
	ECALL(SBI_EXT_RFENCE, fid, mask, base, 0x1000, 0x2000, 0x12345);
}

static void test_rfence(void **state)
{
	const struct fake_fence *f = fake_harts[0].fence;
	unsigned int i;

	(void)state;
	rfence(0, 1, 0);
	rfence(1, 1, 0);
	rfence(2, 7, 0);
	rfence(1, 0, ~0UL);
	rfence(1, 6, 0); /* nobody runs: entry fences everything */
	rfence(1, 8, 0);
	rfence(2, 1, 64);
	run_to_end();
	for (i = 0; i < 5; i++)
		assert_sbi(i, COVE_OK, 0);
	assert_sbi(5, COVE_ERR_INVALID_PARAM, 0);
	assert_sbi(6, COVE_ERR_INVALID_PARAM, 0);
	assert_int_equal(fake_harts[0].nfences, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(f[i].hartids, 0); /* this one */
	/* enum sbi_tlb_type: fence.i, hfence.vvma with and without ASID */
	assert_int_equal(f[0].type, 0);
	assert_int_equal(f[1].type, 6);
	assert_int_equal(f[2].type, 5);
	assert_int_equal(f[2].asid, 0x2345);
}

static void rfence_sibling_on_hart1(void)
{
	fake_hart = 1;
	ECALL(SBI_EXT_BASE, 0);
	guest_do(meanwhile);
	run_vcpu1_on_hart1();
}

static void test_rfence_running(void **state)
{
	const struct fake_fence *f = fake_harts[0].fence;
	unsigned int i;

	(void)state;
	fake_hartid_base = 5;
	start_vcpu(1, GUEST_RAM, 0);
	rfence(1, 3, 0);
	rfence(2, 1, 1);
	rfence_sibling_on_hart1();
	assert_int_equal(fake_harts[0].nfences, 3);
	assert_int_equal(f[0].hartids, 0);
	for (i = 1; i < 3; i++) {
		assert_int_equal(f[i].hartids, 1 << 6);
		assert_int_equal(f[i].base, 0);
		assert_int_equal(f[i].start, 0x1000);
		assert_int_equal(f[i].size, 0x2000);
		assert_int_equal(f[i].vmid, tvm_of(t.gid)->id);
	}
	assert_int_equal(f[2].asid, 0x2345);
	/* hart IDs beyond one mask */
	fake_hart = 0;
	fake_hartid_base = 1000;
	rfence(1, 1, 1);
	rfence_sibling_on_hart1();
	assert_int_equal(f[3].hartids, 1);
	assert_int_equal(f[3].base, 1001);
}

#define SHARE(gpa, len)	  ECALL(SBI_EXT_COVG, SBI_COVG_SHARE_MEMORY_REGION, gpa, len, 3, 4, 5, 6)
#define UNSHARE(gpa, len) ECALL(SBI_EXT_COVG, SBI_COVG_UNSHARE_MEMORY_REGION, gpa, len)

static void unmap(u64 gpa, u64 n)
{
	assert_int_equal(COVH(TVM_INVALIDATE_PAGES, t.gid, gpa, n * PAGE), COVE_OK);
	assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
	assert_int_equal(COVH(TVM_REMOVE_PAGES, t.gid, gpa, n * PAGE), COVE_OK);
}

static enum region_type type_at(u64 gpa)
{
	return cove_region_type(tvm_of(t.gid), gpa);
}

static void test_share(void **state)
{
	(void)state;
	SHARE(GUEST_RAM + PAGE, 4 * PAGE);
	run();
	FORWARDED(SBI_EXT_COVG, 2, GUEST_RAM + PAGE, 4 * PAGE);
	assert_int_equal(type_at(GUEST_RAM + PAGE), REGION_CONF_REMOVABLE);
	/* not before it is empty */
	answer(0, 0);
	assert_int_equal(guest_run(t.gid, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(call_value, 0);
	unmap(GUEST_RAM + PAGE, 2);
	assert_int_equal(guest_run(t.gid, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(TVM_INVALIDATE_PAGES, t.gid, GUEST_RAM + 3 * PAGE, PAGE), COVE_OK);
	assert_int_equal(guest_run(t.gid, 0), COVE_ERR_INVALID_PARAM); /* blocked is not empty */
	assert_int_equal(vcpu(0)->pending, PENDING_SHARE);
	assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
	assert_int_equal(COVH(TVM_REMOVE_PAGES, t.gid, GUEST_RAM + 3 * PAGE, PAGE), COVE_OK);
	answer(0, 0xbad);
	run();
	assert_sbi(0, COVE_OK, 0);
	assert_int_equal(type_at(GUEST_RAM + PAGE), REGION_SHARED);
	assert_int_equal(type_at(GUEST_RAM), REGION_CONF);
	assert_int_equal(type_at(GUEST_RAM + 5 * PAGE), REGION_CONF);
	/* the same pages as the host's, then back */
	assert_int_equal(COVH(ADD_TVM_SHARED_PAGES, t.gid, SOURCE, 0, 4, GUEST_RAM + PAGE),
			 COVE_OK);
	memset(arch_ptr(NACL(0)), 0x5a, NACL_SHMEM_SIZE);
	UNSHARE(GUEST_RAM + 2 * PAGE, PAGE);
	run();
	FORWARDED(SBI_EXT_COVG, 3, GUEST_RAM + 2 * PAGE, PAGE);
	assert_int_equal(type_at(GUEST_RAM + 2 * PAGE), REGION_SHARED_REMOVABLE);
	answer(0, 0);
	assert_int_equal(guest_run(t.gid, 0), COVE_ERR_INVALID_PARAM);
	unmap(GUEST_RAM + 2 * PAGE, 1);
	answer(0, 0);
	run_to_end();
	assert_sbi(1, COVE_OK, 0);
	assert_int_equal(type_at(GUEST_RAM + 2 * PAGE), REGION_CONF);
	assert_int_equal(type_at(GUEST_RAM + 3 * PAGE), REGION_SHARED);
	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, t.gid, donate(&t, 1), 0, 1, GUEST_RAM + 2 * PAGE),
			 COVE_OK);
}

static void test_share_refused(void **state)
{
	static const unsigned long answers[] = { -2UL, 1, 1UL << 63, -15UL };
	static const long seen[] = { -2, -1, -1, -1 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		SHARE(GUEST_RAM, 2 * PAGE);
		run();
		answer(answers[i], 0xbad);
		run();
		assert_sbi(i, seen[i], 0);
		assert_int_equal(type_at(GUEST_RAM), REGION_CONF);
	}
	assert_int_equal(tvm_of(t.gid)->nintervals, 1);
	SHARE(GUEST_RAM + 9 * PAGE, PAGE);
	run();
	answer(0, 0);
	run();
	UNSHARE(GUEST_RAM + 9 * PAGE, PAGE);
	run();
	answer(-3UL, 0);
	run_to_end();
	assert_sbi(4, COVE_OK, 0);
	assert_sbi(5, -3, 0);
	assert_int_equal(type_at(GUEST_RAM + 9 * PAGE), REGION_SHARED);
}

/* A host that has taken the pages cannot refuse: the guest would find them empty. */
static void test_share_refused_too_late(void **state)
{
	(void)state;
	SHARE(GUEST_RAM + PAGE, 4 * PAGE);
	run();
	unmap(GUEST_RAM + PAGE, 1);
	answer(-1UL, 0);
	assert_int_equal(guest_run(t.gid, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, t.gid, donate(&t, 1), 0, 1, GUEST_RAM + PAGE),
			 COVE_OK);
	answer(-1UL, 0);
	assert_int_equal(guest_run(t.gid, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(vcpu(0)->pending, PENDING_SHARE);
	assert_int_equal(type_at(GUEST_RAM + PAGE), REGION_CONF_REMOVABLE);
}

/* The client of 2023 takes every page away, also those that never came. */
static void test_unshare_absent(void **state)
{
	const u64 gpa = GUEST_RAM + 0x200000;
	u64 i;

	(void)state;
	SHARE(gpa, 4 * PAGE);
	run();
	answer(0, 0);
	run();
	assert_int_equal(COVH(ADD_TVM_SHARED_PAGES, t.gid, SOURCE, 0, 1, gpa), COVE_OK);
	assert_int_equal(COVH(ADD_TVM_SHARED_PAGES, t.gid, SOURCE + PAGE, 0, 1, gpa + 2 * PAGE),
			 COVE_OK);
	cove.dialect = COVE_DIALECT_RFC;
	assert_int_equal(cove_invalidate_pages(t.gid, gpa + PAGE, PAGE), COVE_ERR_INVALID_ADDRESS);
	cove.dialect = COVE_DIALECT_CURRENT;
	UNSHARE(gpa, 4 * PAGE);
	run();
	assert_int_equal(cove_invalidate_pages(t.gid, gpa, 4 * PAGE), COVE_ERR_INVALID_ADDRESS);
	cove.dialect = COVE_DIALECT_RFC;
	assert_int_equal(cove_invalidate_pages(t.gid, gpa + 3 * PAGE, 2 * PAGE),
			 COVE_ERR_INVALID_ADDRESS); /* behind the range */
	assert_int_equal(cove_remove_pages(t.gid, gpa, 2 * PAGE), COVE_ERR_INVALID_ADDRESS);
	for (i = 0; i < 4; i++) {
		assert_int_equal(cove_invalidate_pages(t.gid, gpa + i * PAGE, PAGE), COVE_OK);
		assert_int_equal(cove_tvm_fence(t.gid), COVE_OK);
		assert_int_equal(cove_remove_pages(t.gid, gpa + i * PAGE, PAGE), COVE_OK);
		check_invariants();
	}
	assert_int_equal(field_at(SOURCE), PMPTABLE_HOST);
	assert_int_equal(field_at(SOURCE + PAGE), PMPTABLE_HOST);
	cove.dialect = COVE_DIALECT_CURRENT;
	answer(0, 0);
	run_to_end();
	assert_sbi(1, COVE_OK, 0);
	assert_int_equal(type_at(gpa), REGION_CONF);
	/* nothing was lost of what was not there: the host may still refuse */
	guest_new();
	SHARE(gpa, 2 * PAGE);
	run();
	cove.dialect = COVE_DIALECT_RFC;
	assert_int_equal(cove_invalidate_pages(t.gid, gpa, 2 * PAGE), COVE_OK);
	assert_int_equal(cove_validate_pages(t.gid, gpa, 2 * PAGE), COVE_OK);
	assert_int_equal(cove_remove_pages(t.gid, gpa, 2 * PAGE), COVE_OK);
	answer(-1UL, 0);
	cove.dialect = COVE_DIALECT_CURRENT;
	run_to_end();
	assert_sbi(0, COVE_ERR_FAILED, 0);
	assert_int_equal(type_at(gpa), REGION_CONF);
}

static void test_share_errors(void **state)
{
	const u64 end = GUEST_RAM + GUEST_RAM_LEN, top = ~0UL & ~(PAGE - 1);
	unsigned int i;

	(void)state;
	SHARE(GUEST_RAM + 8, PAGE);
	SHARE(GUEST_RAM, 0);
	SHARE(GUEST_RAM, PAGE / 2);
	SHARE(end - PAGE, 2 * PAGE);
	SHARE(GUEST_RAM - PAGE, 2 * PAGE);
	SHARE(0, PAGE);
	SHARE(top, PAGE);
	SHARE(top, 2 * PAGE);
	SHARE(GUEST_RAM, top);
	SHARE(GUEST_RAM | 1UL << 50, PAGE);
	UNSHARE(GUEST_RAM, PAGE);
	run_to_end();
	assert_sbi(0, COVE_ERR_INVALID_ADDRESS, 0);
	for (i = 1; i < 11; i++)
		assert_sbi(i, COVE_ERR_INVALID_PARAM, 0);
	assert_int_equal(tvm_of(t.gid)->nintervals, 1);
	assert_int_equal(fake_harts[0].enters, 1);
}

/*
 * The guest has cut its memory into as many pieces as there may be: sharing fails
 * for it, or succeeds, but its vCPU does not hang between the two.
 */
static void test_share_capacity(void **state)
{
	struct tvm *tvm = tvm_of(t.gid);
	u64 gpa = GUEST_RAM + 0x100000;
	unsigned int first;

	(void)state;
	/* the last page costs one interval, a page within two */
	assert_int_equal(
		cove_region_set(tvm, GUEST_RAM + GUEST_RAM_LEN - PAGE, PAGE, REGION_SHARED), 0);
	while (tvm->nintervals < COVE_MAX_INTERVALS - 2) {
		assert_int_equal(cove_region_set(tvm, gpa, PAGE, REGION_SHARED), 0);
		gpa += 2 * PAGE;
	}
	first = tvm->nintervals;
	SHARE(GUEST_RAM + 9 * PAGE, PAGE);
	run();
	answer(0, 0);
	if (SCAUSE == ECALL_EXIT)
		run();
	if (guest_saw(0, A0)) {
		assert_sbi(0, COVE_ERR_FAILED, 0);
		assert_int_equal(type_at(GUEST_RAM + 9 * PAGE), REGION_CONF);
		assert_int_equal(tvm->nintervals, first);
	} else {
		assert_int_equal(type_at(GUEST_RAM + 9 * PAGE), REGION_SHARED);
	}
}

/* An answer to a call that another vCPU has made is not taken. */
static void test_share_two_vcpus(void **state)
{
	(void)state;
	start_vcpu(1, GUEST_RAM, 0);
	SHARE(GUEST_RAM + 9 * PAGE, PAGE);
	run();
	fake_hart = 1;
	answer(0, 0);
	SHARE(GUEST_RAM + 9 * PAGE, PAGE); /* being decided: not confidential any more */
	SHARE(GUEST_RAM + 8 * PAGE, PAGE);
	assert_int_equal(guest_run(t.gid, 1), COVE_OK);
	assert_sbi(0, COVE_ERR_INVALID_PARAM, 0);
	FORWARDED(SBI_EXT_COVG, 2, GUEST_RAM + 8 * PAGE, PAGE);
	assert_int_equal(type_at(GUEST_RAM + 9 * PAGE), REGION_CONF_REMOVABLE);
	answer(-1UL, 0);
	assert_int_equal(guest_run(t.gid, 1), COVE_OK);
	assert_int_equal(type_at(GUEST_RAM + 8 * PAGE), REGION_CONF);
	fake_hart = 0;
	answer(0, 0);
	run();
	assert_int_equal(type_at(GUEST_RAM + 9 * PAGE), REGION_SHARED);
}

#define MMIO_ADD(gpa, len)    ECALL(SBI_EXT_COVG, SBI_COVG_ADD_MMIO_REGION, gpa, len, 3, 4, 5, 6)
#define MMIO_REMOVE(gpa, len) ECALL(SBI_EXT_COVG, SBI_COVG_REMOVE_MMIO_REGION, gpa, len)

static void test_mmio_regions(void **state)
{
	(void)state;
	MMIO_ADD(0x10000000, 2 * PAGE);
	run();
	FORWARDED(SBI_EXT_COVG, 0, 0x10000000, 2 * PAGE);
	answer(-1UL, -1UL);
	MMIO_ADD(0x10001000, PAGE);
	MMIO_ADD(GUEST_RAM, PAGE);
	MMIO_ADD(0x20000000, 0);
	MMIO_ADD(0x20000001, PAGE);
	MMIO_ADD(0x20000000, 1);
	MMIO_ADD(~0UL & ~(PAGE - 1), 2 * PAGE);
	MMIO_REMOVE(0x20000000, 0);
	guest_fault(CAUSE_LOAD_GUEST_PAGE_FAULT, 0x10001008, 0x2503);
	run();
	assert_sbi(0, COVE_OK, 0);
	for (unsigned int i = 1; i < 8; i++)
		assert_sbi(i, COVE_ERR_INVALID_ADDRESS, 0);
	assert_int_equal(SCAUSE, CAUSE_LOAD_GUEST_PAGE_FAULT);
	assert_int_equal(HTINST, 0x2503);
	memset(arch_ptr(NACL(0)), 0x5a, NACL_SHMEM_SIZE);
	/* whole regions go, memory stays */
	MMIO_REMOVE(0x10001000, 0x80000000);
	run();
	FORWARDED(SBI_EXT_COVG, 1, 0x10001000, 0x80000000);
	assert_int_equal(type_at(0x10000000), REGION_NONE);
	assert_int_equal(type_at(GUEST_RAM), REGION_CONF);
	guest_fault(CAUSE_LOAD_GUEST_PAGE_FAULT, 0x10001008, 0x2503);
	assert_int_equal(guest_run(t.gid, 0), COVE_OK);
	assert_int_equal(call_value, 1);
}

static void test_external_interrupts(void **state)
{
	static const unsigned long bad[] = { 0, 0x800, ~0UL - 1, 1UL << 32 };
	unsigned int i;

	(void)state;
	fake_harts[0].csr.hvip = FAKE_VSEIP | FAKE_VSSIP | 1 << 6;
	for (i = 0; i < 4; i++)
		ECALL(SBI_EXT_COVG, SBI_COVG_ALLOW_EXTERNAL_INTERRUPT, bad[i]);
	run_to_end();
	for (i = 0; i < 4; i++)
		assert_sbi(i, COVE_ERR_INVALID_PARAM, 0);
	assert_int_equal(vcpu(0)->csr.hvip, 0);
	ECALL(SBI_EXT_COVG, SBI_COVG_ALLOW_EXTERNAL_INTERRUPT, ~0UL, 2, 3);
	run();
	FORWARDED(SBI_EXT_COVG, 4, ~0UL);
	run();
	assert_sbi(4, COVE_OK, 0);
	assert_int_equal(vcpu(0)->csr.hvip, FAKE_VSEIP); /* nothing else of the host's */
	ECALL(SBI_EXT_COVG, SBI_COVG_DENY_EXTERNAL_INTERRUPT, ~0UL);
	run();
	run();
	assert_int_equal(vcpu(0)->csr.hvip, 0);
	assert_int_equal(fake_harts[0].csr.hvip, FAKE_VSEIP | FAKE_VSSIP | 1 << 6);
}

/* A sibling on hart 1 makes the call while vCPU 0 runs. */
static void deny_elsewhere(struct cove_vcpu *v)
{
	struct tvm *tvm = tvm_of(t.gid);

	assert_int_equal(fake_harts[0].csr.hvip & FAKE_VSEIP, FAKE_VSEIP);
	cove_covg_list(tvm, ~0UL, false);
	assert_true(cove_guest_reach_siblings(tvm));
	assert_int_equal(fake_harts[0].nfences, 1);
	assert_int_equal(fake_harts[0].fence[0].hartids, 1);
	(void)v;
}

static void test_denied_at_once(void **state)
{
	(void)state;
	fake_harts[0].csr.hvip = FAKE_VSEIP;
	cove_covg_list(tvm_of(t.gid), ~0UL, true);
	guest_trap(INTERRUPT | IRQ_M_SOFT, 0, 0, 0);
	guest_do(deny_elsewhere);
	ECALL(SBI_EXT_BASE, 0);
	run_to_end();
	assert_int_equal(vcpu(0)->csr.hvip, 0);
	assert_int_equal(fake_harts[0].csr.hvip, FAKE_VSEIP);
}

/* The host's line is connected while any number is on the list. */
static void test_interrupt_list(void **state)
{
	static const struct {
		bool allow;
		unsigned long id;
		bool open;
	} rows[] = {
		{ true, 5, true },	{ true, 2047, true },	{ false, 5, true },
		{ false, 6, true },	{ false, 2047, false }, { true, ~0UL, true },
		{ false, 63, true },	{ false, 64, true },	{ true, 63, true },
		{ false, ~0UL, false }, { true, 64, true },	{ true, 64, true },
		{ false, 64, false },	{ false, 64, false },
	};
	unsigned int i;

	(void)state;
	fake_harts[0].csr.hvip = FAKE_VSEIP;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ECALL(SBI_EXT_COVG, rows[i].allow ? 4 : 5, rows[i].id);
		run();
		FORWARDED(SBI_EXT_COVG, rows[i].allow ? 4 : 5, rows[i].id);
		run();
		assert_sbi(i, COVE_OK, 0);
		assert_int_equal(vcpu(0)->csr.hvip, rows[i].open ? FAKE_VSEIP : 0);
		memset(arch_ptr(NACL(0)), 0x5a, NACL_SHMEM_SIZE);
	}
	/* denied number by number, as every number was allowed */
	cove_covg_list(tvm_of(t.gid), ~0UL, true);
	for (i = 1; i <= COVE_MAX_INTERRUPT; i++) {
		assert_true(tvm_of(t.gid)->interrupts_allowed);
		cove_covg_list(tvm_of(t.gid), i, false);
	}
	assert_false(tvm_of(t.gid)->interrupts_allowed);
}

/* Neighbours are regions of their own: what removes one leaves the other. */
static void test_mmio_neighbours(void **state)
{
	(void)state;
	MMIO_ADD(0x10000000, PAGE);
	MMIO_ADD(0x10001000, PAGE);
	MMIO_REMOVE(0x10000000, PAGE);
	run();
	run();
	run();
	assert_int_equal(type_at(0x10000000), REGION_NONE);
	assert_int_equal(type_at(0x10001000), REGION_MMIO);
}

/* What the host may not do to a TVM while a vCPU of it runs. */
static void host_attacks(struct cove_vcpu *v)
{
	unsigned int self = fake_hart;

	(void)v;
	fake_hart = 3;
	assert_int_equal(COVH(RUN_TVM_VCPU, t.gid, 0), COVE_ERR_FAILED);
	assert_int_equal(COVH(DESTROY_TVM, t.gid), COVE_ERR_FAILED);
	assert_int_equal(COVH(TVM_INVALIDATE_PAGES, t.gid, GUEST_RAM, PAGE), COVE_OK);
	assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
	assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_ERR_ALREADY_STARTED);
	assert_int_equal(COVH(TVM_REMOVE_PAGES, t.gid, GUEST_RAM, PAGE), COVE_ERR_FAILED);
	assert_int_equal(field_at(vcpu(0)->state_pa), PMPTABLE_TVM_META(tvm_of(t.gid)->id));
	fake_hart = self;
}

/* Entered after the fence was opened: the fence does not wait for it. */
static void host_removes(struct cove_vcpu *v)
{
	unsigned int self = fake_hart;

	(void)v;
	fake_hart = 3;
	assert_int_equal(COVH(TVM_REMOVE_PAGES, t.gid, GUEST_RAM, PAGE), COVE_OK);
	/* blocked after it was entered: it must leave first, two rounds or one */
	assert_int_equal(COVH(TVM_INVALIDATE_PAGES, t.gid, GUEST_RAM + PAGE, PAGE), COVE_OK);
	assert_int_equal(COVH(TVM_REMOVE_PAGES, t.gid, GUEST_RAM + PAGE, PAGE), COVE_ERR_FAILED);
	assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
	assert_int_equal(COVH(TVM_REMOVE_PAGES, t.gid, GUEST_RAM + PAGE, PAGE), COVE_ERR_FAILED);
	fake_hart = self;
}

static void test_while_running(void **state)
{
	(void)state;
	assert_int_equal(cove_region_set(tvm_of(t.gid), GUEST_RAM, 4 * PAGE, REGION_CONF_REMOVABLE),
			 0);
	ECALL(SBI_EXT_BASE, 0);
	guest_do(host_attacks);
	run_to_end();
	ECALL(SBI_EXT_BASE, 0);
	guest_do(host_removes);
	run_to_end();
	assert_int_equal(COVH(TVM_REMOVE_PAGES, t.gid, GUEST_RAM + PAGE, PAGE), COVE_OK);
}

/* vCPUs migrate; what is pending moves with them. */
static void test_migrate(void **state)
{
	(void)state;
	ECALL(SBI_EXT_DBCN, SBI_EXT_DBCN_CONSOLE_WRITE_BYTE, 'x');
	run();
	fake_hart = 3;
	answer(0, 0x33);
	run();
	assert_int_equal(vcpu(0)->gpr[A0], 0);
	assert_int_equal(vcpu(0)->gpr[A1], 0x33);
	assert_int_equal(SCAUSE, INTERRUPT | IRQ_S_TIMER);
}

static void test_implicit_mmio(void **state)
{
	(void)state;
	guest_fault(CAUSE_STORE_GUEST_PAGE_FAULT, 0x10000003, 0x00a00023);
	run();
	assert_int_equal(SCAUSE, CAUSE_STORE_GUEST_PAGE_FAULT);
	assert_int_equal(STVAL, 3);
	assert_int_equal(HTVAL, 0x10000000 >> 2);
	/* in its memory a fault is a fault */
	guest_fault(CAUSE_LOAD_GUEST_PAGE_FAULT, GUEST_RAM + 9 * PAGE, 0x2503);
	run();
	assert_int_equal(HTINST, 0);
	guest_fault(CAUSE_FETCH_GUEST_PAGE_FAULT, 0x20000000, 0);
	expect_injected(CAUSE_FETCH_ACCESS, 0xffff000000000000);
	/* external interrupts are allowed from the start */
	fake_harts[0].csr.hvip = FAKE_VSEIP | FAKE_VSSIP;
	run_to_end();
	assert_int_equal(vcpu(0)->csr.hvip, FAKE_VSEIP);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_run_errors),
		RUN(test_interrupt_exit),
		RUN(test_exit_csrs),
		RUN(test_base),
		RUN(test_unknown_calls),
		RUN(test_forwarded_answers),
		RUN(test_console_write),
		RUN(test_console_errors),
		RUN(test_console_blocked),
		RUN(test_console_read),
		RUN(test_console_read_unmapped),
		RUN(test_legacy),
		cmocka_unit_test_setup_teardown(test_mmio, setup_implicit, teardown),
		cmocka_unit_test_setup_teardown(test_inject, setup_implicit, teardown),
		cmocka_unit_test_setup_teardown(test_fetch_retry, setup_implicit, teardown),
		RUN(test_page_faults),
		RUN(test_dead),
		RUN(test_hart_start),
		RUN(test_suspend),
		RUN(test_suspend_errors),
		RUN(test_suspend_non_retentive),
		RUN(test_srst),
		RUN(test_srst_wins),
		RUN(test_srst_stops_siblings),
		RUN(test_stop_pending),
		RUN(test_ipi_masks),
		RUN(test_ipi_running),
		RUN(test_wfi),
		RUN(test_wfi_lost_wakeup),
		RUN(test_rfence),
		RUN(test_rfence_running),
		RUN(test_share),
		RUN(test_share_refused),
		RUN(test_share_refused_too_late),
		RUN(test_share_errors),
		RUN(test_unshare_absent),
		RUN(test_share_capacity),
		RUN(test_share_two_vcpus),
		RUN(test_mmio_regions),
		RUN(test_external_interrupts),
		RUN(test_interrupt_list),
		RUN(test_denied_at_once),
		RUN(test_mmio_neighbours),
		RUN(test_while_running),
		RUN(test_migrate),
		cmocka_unit_test_setup_teardown(test_implicit_mmio, setup_implicit, teardown),
	};

	return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
