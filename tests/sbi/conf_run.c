// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Conformance: run_tvm_vcpu, its exits and what the host learns of them.
 */
#include "conf.h"

#define CSR_VSIE       0x204
#define CSR_VSTIMECMP  0x24d
#define CSR_HTIMEDELTA 0x605
#define WFI	       0x10500073UL
#define CANARY	       0x63616e6172790000UL
#define SOON	       50000

#define RUN(t, vcpu) COVH(RUN_TVM_VCPU, (t)->gid, vcpu)

static void run_success(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	EXPECT(remote_do(&r, R_TIME, 0).scause, REMOTE_IDLE);
}

/* a0: vCPU ID, a1: the argument of finalize; all else zero */
static void run_entry_state(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 1, GUEST_ARG(G_HELLO, 0x123456) | G_ADD_MMIO));
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[0], 0);
	EXPECT(t.mail[1], GUEST_ARG(G_HELLO, 0x123456) | G_ADD_MMIO);
	EXPECT(t.mail[4], 0); /* satp */
	EXPECT(t.mail[6], 0); /* sie */
}

static void run_unknown_vcpu(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 1, 0));
	EXPECT(RUN(&t, 1), E_INVALID_PARAM);
	EXPECT(RUN(&t, tsm.tvm_max_vcpus), E_INVALID_PARAM);
	EXPECT(RUN(&t, ~0UL), E_INVALID_PARAM);
}

static void run_stopped(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 2, 0));
	EXPECT(RUN(&t, 1), E_FAILED);
}

static void run_without_shmem(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 1, 0));
	EXPECT(sbi6(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, ~0UL, ~0UL, 0).error, OK);
	EXPECT(RUN(&t, 0), E_FAILED);
}

/* vCPU 0 counts in a shared page on another hart, and leaves its guest only when kicked. */
struct spinner {
	struct remote r;
	struct texit e;
	unsigned int hart;
	volatile unsigned long *count;
};

#define COUNT_GPA (GUEST_HEAP + 16 * PAGE)

static void spin_here(void *arg)
{
	struct spinner *s = arg;

	s->e = remote_do(&s->r, R_COUNT, COUNT_GPA);
}

static bool build_spinner(struct spinner *s, unsigned int nvcpus)
{
	s->hart = other_hart(0);
	s->count = (volatile unsigned long *)pages_alloc(1, 1);
	*s->count = 0;
	return remote_build(&s->r, nvcpus) &&
	       remote_shared(&s->r, COUNT_GPA, 1, (unsigned long)s->count);
}

static bool spins(struct spinner *s)
{
	unsigned long start = csr_read(time), seen = *s->count;

	hart_begin(s->hart, spin_here, s);
	while (csr_read(time) - start < 100000000UL)
		if (*s->count != seen)
			return true;
	test_fail("the guest does not run on hart %u", s->hart);
	return false;
}

static bool spin_ends(struct spinner *s)
{
	hart_kick(s->hart);
	return hart_wait(s->hart);
}

static void run_elsewhere(void)
{
	struct spinner s;
	long rc;

	REQUIRE(build_spinner(&s, 1) && spins(&s));
	rc = RUN(&s.r.t, 0);
	REQUIRE(spin_ends(&s));
	EXPECT(rc, E_FAILED);
	EXPECT(s.e.scause, CAUSE_IRQ | IRQ_S_SOFT);
}

static void destroy_running(void)
{
	struct spinner s;
	long rc;

	REQUIRE(build_spinner(&s, 1) && spins(&s));
	rc = COVH(DESTROY_TVM, s.r.t.gid);
	REQUIRE(spin_ends(&s));
	EXPECT(rc, E_FAILED);
	EXPECT(tvm_destroy(&s.r.t), OK);
}

/* A round stays open until the vCPU that ran has left. */
static void tvm_fence_already_started(void)
{
	struct spinner s;
	long first, second;

	REQUIRE(build_spinner(&s, 1) && spins(&s));
	first = COVH(TVM_FENCE, s.r.t.gid);
	second = COVH(TVM_FENCE, s.r.t.gid);
	REQUIRE(spin_ends(&s));
	EXPECT(first, OK);
	EXPECT(second, E_ALREADY_STARTED);
	EXPECT(COVH(TVM_FENCE, s.r.t.gid), OK);
}

/* A page blocked while a vCPU runs cannot be removed before that vCPU has left. */
static void remove_while_running(void)
{
	static const unsigned long share[REMOTE_ARGS] = {
		GUEST_HEAP, PAGE, 0, 0, 0, 0, SBI_COVG_SHARE_MEMORY_REGION, SBI_EXT_COVG
	};
	long blocked, fence, before, after;
	struct spinner s;
	struct texit e;

	REQUIRE(build_spinner(&s, 2) && remote_populate(&s.r, GUEST_HEAP, 1));
	REQUIRE(remote_second(&s.r));
	e = remote_start(&s.r, 1, R_CALL, share);
	EXPECT(e.scause, CAUSE_VECALL);
	REQUIRE(spins(&s));
	blocked = COVH(TVM_INVALIDATE_PAGES, s.r.t.gid, GUEST_HEAP, PAGE);
	fence = COVH(TVM_FENCE, s.r.t.gid);
	before = COVH(TVM_REMOVE_PAGES, s.r.t.gid, GUEST_HEAP, PAGE);
	REQUIRE(spin_ends(&s));
	after = COVH(TVM_REMOVE_PAGES, s.r.t.gid, GUEST_HEAP, PAGE);
	EXPECT(blocked, OK);
	EXPECT(fence, OK);
	EXPECT(before, E_FAILED);
	EXPECT(after, OK);
}

/* A vCPU goes on where it was, on whatever hart. */
static void go_on_here(void *arg)
{
	struct spinner *s = arg;

	s->e = remote_do(&s->r, R_TIME, 0);
}

static void run_on_another_hart(void)
{
	struct spinner s;

	REQUIRE(remote_build(&s.r, 1));
	REQUIRE(on_hart(other_hart(0), go_on_here, &s));
	EXPECT(s.e.scause, REMOTE_IDLE);
	EXPECT(remote_do(&s.r, R_TIME, 0).scause, REMOTE_IDLE);
}

/* 1: an interrupt of the host's */
static void exit_interrupt(unsigned long irq)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	csr_write(sie, 1UL << irq);
	if (irq == IRQ_S_TIMER)
		timer_set(csr_read(time) + SOON);
	else
		csr_set(sip, SIP_SSIP);
	e = remote_do(&r, R_SPIN, 0);
	csr_write(sie, 0);
	timer_set(~0UL);
	csr_clear(sip, SIP_SSIP);
	EXPECT(e.error, OK);
	EXPECT(e.value, 0);
	EXPECT(e.scause, CAUSE_IRQ | irq);
	EXPECT(e.stval, 0);
	EXPECT(e.htval, 0);
	EXPECT(e.htinst, 0);
}

static void exit_timer_interrupt(void)
{
	exit_interrupt(IRQ_S_TIMER);
}

static void exit_soft_interrupt(void)
{
	exit_interrupt(IRQ_S_SOFT);
}

/* 2: a call that the host serves: it sees the call's registers and no others */
static void exit_call_served(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	e = remote_do(&r, R_CALL, 'x', 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 2, EXT_DBCN);
	EXPECT(e.error, OK);
	EXPECT(e.value, 0);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(e.stval, 0);
	EXPECT(e.htval, 0);
	EXPECT(e.htinst, 0);
	EXPECT(e.a[7], EXT_DBCN);
	EXPECT(e.a[6], 2);
	EXPECT(e.a[0], 'x');
	EXPECT(e.a[2], 0);
	EXPECT(e.a[5], 0);
	answer((unsigned long)E_DENIED, 0);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], E_DENIED);
}

/* 3: a call that the host is told of: its answer does not count */
static void exit_call_informed(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	e = remote_do(&r, R_CALL, DEV_BASE, PAGE, 0xa2, 0xa3, 0xa4, 0xa5, SBI_COVG_ADD_MMIO_REGION,
		      SBI_EXT_COVG);
	EXPECT(e.error, OK);
	EXPECT(e.value, 0);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(e.a[7], SBI_EXT_COVG);
	EXPECT(e.a[6], SBI_COVG_ADD_MMIO_REGION);
	EXPECT(e.a[0], DEV_BASE);
	EXPECT(e.a[1], PAGE);
	EXPECT(e.a[2], 0);
	answer((unsigned long)E_DENIED, 77);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], OK);
	EXPECT(r.out[0][1], 0);
}

static void exit_hart_start(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 2));
	e = remote_do(&r, R_CALL, 1, GUEST_BASE, 0x0b40e, 0, 0, 0, 0, EXT_HSM);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(e.value, 0);
	EXPECT(e.a[7], EXT_HSM);
	EXPECT(e.a[6], 0);
	EXPECT(e.a[0], 1);
	EXPECT(e.a[1], 0); /* where it starts is not for the host */
	EXPECT(e.a[2], 0);
}

/* 4: the vCPU or the TVM ends */
static void exit_hart_stop(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	e = remote_do(&r, R_CALL, 0, 0, 0, 0, 0, 0, 1, EXT_HSM);
	EXPECT(e.error, OK);
	EXPECT_TRUE(e.value != 0);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(e.a[7], EXT_HSM);
	EXPECT(e.a[6], 1);
	EXPECT(RUN(&r.t, 0), E_FAILED);
}

static void exit_reset(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	e = remote_do(&r, R_CALL, 1, 1, 0xa2, 0, 0, 0, 0, EXT_SRST);
	EXPECT(e.error, OK);
	EXPECT_TRUE(e.value != 0);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(e.a[7], EXT_SRST);
	EXPECT(e.a[0], 1);
	EXPECT(e.a[1], 1);
	EXPECT(e.a[2], 0);
	EXPECT(RUN(&r.t, 0), E_FAILED);
	EXPECT(tvm_destroy(&r.t), OK);
}

/* 5: confidential memory that is not there: the page, and the same instruction again */
static void fault(enum remote_op op, unsigned long row, unsigned long gpa, unsigned long cause)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	e = remote_do(&r, op, gpa, row, 5);
	EXPECT(e.error, OK);
	EXPECT(e.value, 0);
	EXPECT(e.scause, cause);
	EXPECT(e.stval, 0);
	EXPECT(e.htval, (gpa & ~0xfffUL) >> 2);
	EXPECT(e.htinst, 0);
	e = remote_run(&r, 0); /* nothing was done: once more */
	EXPECT(e.scause, cause);
	REQUIRE(remote_populate(&r, gpa & ~0xfffUL, 1));
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
}

static void exit_fault_load(void)
{
	fault(R_LOAD, LOAD_LD, GUEST_HEAP + 0x128, CAUSE_GLOAD);
}

static void exit_fault_store(void)
{
	fault(R_STORE, STORE_SD, GUEST_HEAP + 0xff8, CAUSE_GSTORE);
}

/* A page of zeros holds no instruction: an exception of the guest's own */
static void exit_fault_fetch(void)
{
	fault(R_FETCH, 0, GUEST_HEAP + 0x10, CAUSE_GFETCH);
}

/* 6: shared memory that is not there */
static void exit_fault_shared(void)
{
	unsigned long host = pages_alloc(1, 1);
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 1, 0));
	e = remote_do(&r, R_STORE, GUEST_HEAP + 0x88, STORE_SD, 6);
	EXPECT(e.scause, CAUSE_GSTORE);
	EXPECT(e.stval, 0);
	EXPECT(e.htval, GUEST_HEAP >> 2);
	EXPECT(e.htinst, 0);
	EXPECT(COVH(ADD_TVM_SHARED_PAGES, r.t.gid, host, COVE_PAGE_4K, 1, GUEST_HEAP), OK);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(*(unsigned long *)(host + 0x88), 6);
}

/* 7, 8: devices, by every instruction */
struct access {
	const char *name;
	unsigned int len;
	bool sign;
	unsigned long htinst;
};

static const struct access load_rows[] = {
#define LOAD_ROW(name, len, sign, htinst) { #name, len, sign, htinst },
	MMIO_LOADS(LOAD_ROW)
};
static const struct access store_rows[] = {
#define STORE_ROW(name, len, htinst) { #name, len, false, htinst },
	MMIO_STORES(STORE_ROW)
};

#define REPLY 0xf1e2d3c4b5a69788UL

static unsigned long cut(unsigned long v, unsigned int len, bool sign)
{
	unsigned int shift = 64 - 8 * len;

	return sign ? (unsigned long)((long)(v << shift) >> shift) : v << shift >> shift;
}

static bool mmio_row(struct remote *r, enum remote_op op, unsigned int i, const struct access *a,
		     struct texit *e)
{
	unsigned long gpa = DEV_BASE + 8 * i;

	*e = remote_do(r, op, gpa, i, REPLY);
	if (e->scause == (op == R_LOAD ? CAUSE_GLOAD : CAUSE_GSTORE) && e->htinst == a->htinst &&
	    e->stval == (gpa & 3) && e->htval == gpa >> 2 && !e->error && !e->value)
		return true;
	test_fail("%s: scause %lx htinst %lx stval %lx htval %lx", a->name, e->scause, e->htinst,
		  e->stval, e->htval);
	return false;
}

/* The host answers with all 64 bits; what the guest gets is its own instruction's. */
static void exit_mmio_load(void)
{
	struct remote r;
	struct texit e;
	unsigned int i;

	REQUIRE(remote_build(&r, 1) && remote_device(&r));
	for (i = 0; i < ARRAY_SIZE(load_rows); i++) {
		const struct access *a = &load_rows[i];
		unsigned long value = strcmp(a->name, "lw_x0") ? cut(REPLY, a->len, a->sign) : 0;

		REQUIRE(mmio_row(&r, R_LOAD, i, a, &e));
		EXPECT(e.a[0], 0);
		answer(REPLY, 0);
		EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
		if (r.out[0][0] != value)
			test_fail("%s: the guest got %lx", a->name, r.out[0][0]);
	}
}

static void exit_mmio_store(void)
{
	struct remote r;
	struct texit e;
	unsigned int i;

	REQUIRE(remote_build(&r, 1) && remote_device(&r));
	for (i = 0; i < ARRAY_SIZE(store_rows); i++) {
		const struct access *a = &store_rows[i];
		unsigned long value = strcmp(a->name, "sd_x0") ? cut(REPLY, a->len, false) : 0;

		REQUIRE(mmio_row(&r, R_STORE, i, a, &e));
		EXPECT(e.a[0], value);
		EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
		EXPECT(r.out[0][2], 0);
	}
}

/* The first and the last byte of a region. */
static void exit_mmio_ends(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1) && remote_device(&r));
	e = remote_do(&r, R_LOAD, DEV_BASE, 4);
	EXPECT(e.gpa, DEV_BASE);
	answer(1, 0);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	e = remote_do(&r, R_LOAD, DEV_BASE + 0xfff, 4);
	EXPECT(e.gpa, DEV_BASE + 0xfff);
	EXPECT(e.stval, 3);
	answer(0x1ff, 0);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], 0xff);
}

/* What no device takes is an exception of the guest's, illegal instruction or access fault. */
static void exit_mmio_refused(void)
{
	static const char *const names[] = {
#define BAD_NAME(name, cause, offset) #name,
		MMIO_REFUSED(BAD_NAME)
	};
	struct remote r;
	struct texit e;
	unsigned int i;

	REQUIRE(remote_build(&r, 1) && remote_device(&r));
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		unsigned long cause;

		e = remote_do(&r, R_BAD, DEV_BASE, i);
		cause = r.out[0][3];
		if (e.scause != REMOTE_IDLE || r.out[0][2] != 1 ||
		    (cause != 1 && cause != 2 && cause != 5 && cause != 7)) {
			test_fail("%s: scause %lx, the guest took %lu exceptions, cause %lx",
				  names[i], e.scause, r.out[0][2], cause);
			return;
		}
	}
}

/* The host's slot counts for the load it answers and for nothing else. */
static void exit_mmio_slot_used_once(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1) && remote_device(&r));
	EXPECT(remote_do(&r, R_LOAD, DEV_BASE, LOAD_LD).scause, CAUSE_GLOAD);
	answer(0x1234, 0);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], 0x1234);
	EXPECT(remote_do(&r, R_LOAD, DEV_BASE, LOAD_LD).a[0], 0);
}

/* 10: WFI, when the monitor tells of it: resumed behind it */
static void exit_wfi(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	csr_write(sie, SIP_STIP); /* ends a WFI that is not told */
	timer_set(csr_read(time) + SOON);
	e = remote_do(&r, R_WFI, 0);
	csr_write(sie, 0);
	timer_set(~0UL);
	if (e.scause == (CAUSE_IRQ | IRQ_S_TIMER))
		e = remote_run(&r, 0);
	if (e.scause == CAUSE_VIRT) {
		EXPECT(e.error, OK);
		EXPECT(e.value, 0);
		EXPECT(e.stval, WFI);
		EXPECT_TRUE(e.htinst == WFI || !e.htinst);
		e = remote_run(&r, 0);
	}
	EXPECT(e.scause, REMOTE_IDLE);
}

/* 11: outside of every region: the end, and no detail */
static void exit_outside(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	e = remote_do(&r, R_LOAD, DEV_BASE, LOAD_LD);
	EXPECT(e.error, OK);
	EXPECT_TRUE(e.value != 0);
	EXPECT(e.scause, CAUSE_GLOAD);
	EXPECT(e.htinst, 0);
	EXPECT(e.stval, 0);
	EXPECT(RUN(&r.t, 0), E_FAILED);
}

static void fill_canary(void)
{
	unsigned long i;

	for (i = 0; i < NACL_SHMEM_SIZE; i += 8)
		*nacl_word(i) = CANARY + i;
}

/* Offsets that differ now, but for those in @allowed, which ends with 0. */
static bool only_written(const unsigned long *allowed)
{
	unsigned long i, j;

	for (i = 0; i < NACL_SHMEM_SIZE; i += 8) {
		if (*nacl_word(i) == CANARY + i)
			continue;
		for (j = 0; allowed[j] && allowed[j] != i; j++)
			;
		if (!allowed[j]) {
			test_fail("NACL offset %lx: %lx", i, *nacl_word(i));
			return false;
		}
	}
	return true;
}

#define SHMEM_ALWAYS                                                               \
	NACL_CSR_OFFSET(0x643), NACL_CSR_OFFSET(0x64a), NACL_CSR_OFFSET(CSR_VSIE), \
		NACL_CSR_OFFSET(CSR_VSTIMECMP), NACL_CSR_OFFSET(CSR_HTIMEDELTA),   \
		NACL_CSR_OFFSET(0x645)

/* The answered load leaves its own slot zero or as it was. */
static void shmem_of_fault(void)
{
	static const unsigned long allowed[] = { SHMEM_ALWAYS, NACL_GPR_OFFSET(10), 0 };
	struct remote r;

	REQUIRE(remote_build(&r, 1) && remote_populate(&r, GUEST_HEAP, 1));
	EXPECT(remote_do(&r, R_LOAD, GUEST_HEAP + PAGE, LOAD_LD).scause, CAUSE_GLOAD);
	fill_canary();
	EXPECT(remote_run(&r, 0).scause, CAUSE_GLOAD);
	REQUIRE(only_written(allowed));
}

static void shmem_of_call(void)
{
	static const unsigned long allowed[] = { SHMEM_ALWAYS,	      NACL_GPR_OFFSET(10),
						 NACL_GPR_OFFSET(11), NACL_GPR_OFFSET(12),
						 NACL_GPR_OFFSET(13), NACL_GPR_OFFSET(14),
						 NACL_GPR_OFFSET(15), NACL_GPR_OFFSET(16),
						 NACL_GPR_OFFSET(17), 0 };
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	fill_canary();
	EXPECT(remote_ecall(&r, 1, 0, 'c', 0).scause, CAUSE_VECALL);
	REQUIRE(only_written(allowed));
}

/* The guest's time begins with its first run; vsie and vstimecmp tell when it wants to be woken. */
static void shmem_time(void)
{
	unsigned long before = csr_read(time), delta, now;
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	delta = *nacl_word(NACL_CSR_OFFSET(CSR_HTIMEDELTA));
	now = csr_read(time);
	EXPECT_TRUE(0UL - delta >= before && 0UL - delta <= now);
	EXPECT(remote_do(&r, R_TIME, 0).scause, REMOTE_IDLE);
	EXPECT(*nacl_word(NACL_CSR_OFFSET(CSR_HTIMEDELTA)), delta);
	EXPECT_TRUE(r.out[0][0] >= now + delta && r.out[0][0] <= csr_read(time) + delta);
}

static void shmem_vsie(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	EXPECT(remote_do(&r, R_ENABLE, 1UL << IRQ_S_TIMER).scause, REMOTE_IDLE);
	EXPECT(*nacl_word(NACL_CSR_OFFSET(CSR_VSIE)), 1UL << IRQ_S_TIMER);
}

/* Host registers in the shared page that are not its answer change nothing. */
static void shmem_host_writes_ignored(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	EXPECT(remote_ecall(&r, EXT_DBCN, 2, 'c', 0).scause, CAUSE_VECALL);
	fill_canary();
	answer(0, 0);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], OK);
	EXPECT(r.out[0][2], 0);
	EXPECT(remote_do(&r, R_TIME, 0).scause, REMOTE_IDLE);
}

/* A failed run leaves the host as it was. */
static void run_failure_keeps_host(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 2, 0));
	t.scramble = true;
	EXPECT(tvm_run(&t, 1).error, E_FAILED);
	EXPECT(tvm_run(&t, 7).error, E_INVALID_PARAM);
}

/* And so does one that succeeds, in every register and CSR but scause and stval. */
static void run_keeps_host(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	r.t.scramble = true;
	EXPECT(remote_do(&r, R_TIME, 0).scause, REMOTE_IDLE);
}

const struct test conf_run_tests[] = {
	CONF(run_success, 1),
	CONF(run_entry_state, 1),
	CONF(run_unknown_vcpu, 1),
	CONF(run_stopped, 1),
	CONF(run_without_shmem, 1),
	CONF(run_elsewhere, 2),
	CONF(run_on_another_hart, 2),
	CONF(run_failure_keeps_host, 1),
	CONF(run_keeps_host, 1),
	CONF(destroy_running, 2),
	CONF(tvm_fence_already_started, 2),
	CONF(remove_while_running, 2),
	CONF(exit_timer_interrupt, 1),
	CONF(exit_soft_interrupt, 1),
	CONF(exit_call_served, 1),
	CONF(exit_call_informed, 1),
	CONF(exit_hart_start, 1),
	CONF(exit_hart_stop, 1),
	CONF(exit_reset, 1),
	CONF(exit_fault_load, 1),
	CONF(exit_fault_store, 1),
	CONF(exit_fault_fetch, 1),
	CONF(exit_fault_shared, 1),
	CONF(exit_mmio_load, 1),
	CONF(exit_mmio_store, 1),
	CONF(exit_mmio_ends, 1),
	CONF(exit_mmio_refused, 1),
	CONF(exit_mmio_slot_used_once, 1),
	CONF(exit_wfi, 1),
	CONF(exit_outside, 1),
	CONF(shmem_of_fault, 1),
	CONF(shmem_of_call, 1),
	CONF(shmem_time, 1),
	CONF(shmem_vsie, 1),
	CONF(shmem_host_writes_ignored, 1),
};
DEFINE_TESTS(conf_run);
