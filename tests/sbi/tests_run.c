// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Running a vCPU: entry state, refusals, ends.
 */
#include "tvm.h"
#include "paging.h"
#include "scramble.h"
#include "world.h"

static void hello(void)
{
	struct tvm t;

	REQUIRE(tvm_guest(&t, G_HELLO, 0x123456));
	EXPECT(t.mail[0], 0); /* a0: hart ID */
	EXPECT(t.mail[1], GUEST_ARG(G_HELLO, 0x123456));
	EXPECT(t.mail[2], 0);		      /* all other registers are zero */
	EXPECT(t.mail[3], 0);		      /* F too */
	EXPECT(t.mail[4], 0);		      /* satp */
	EXPECT(t.mail[5], 2UL << 32);	      /* sstatus: UXL */
	EXPECT(t.mail[6], 0);		      /* sie */
	EXPECT(t.mail[7], 0);		      /* sip */
	EXPECT_TRUE(t.mail[8] < 100000000UL); /* time began with the first run */
}

static void errors(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 2, GUEST_ARG(G_NULL, 0)));
	EXPECT(covh(SBI_COVH_RUN_TVM_VCPU, t.gid, 2), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_RUN_TVM_VCPU, t.gid, COVE_MAX_VCPUS), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_RUN_TVM_VCPU, t.gid, ~0UL), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_RUN_TVM_VCPU, t.gid, 1UL << 32), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_RUN_TVM_VCPU, t.gid, 1), E_FAILED); /* stopped */
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(covh(SBI_COVH_RUN_TVM_VCPU, t.gid, 1), E_FAILED);
}

/* A failed run leaves the host's state alone. */
static void failed_run_keeps_host(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 2, GUEST_ARG(G_NULL, 0)));
	t.scramble = true;
	EXPECT(tvm_run(&t, 1).error, E_FAILED);
	EXPECT(tvm_run(&t, 3).error, E_INVALID_PARAM);
	t.gid++;
	EXPECT(tvm_run(&t, 0).error, E_INVALID_PARAM);
	t.gid--;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
}

static void stray(bool implicit)
{
	struct tvm t;
	enum why why;

	REQUIRE(tvm_build(&t, implicit ? COVE_TVM_F_IMPLICIT_MMIO : 0, 1, GUEST_ARG(G_STRAY, 0)));
	why = tvm_serve(&t, 0);
	if (implicit) {
		EXPECT(why, WHY_DONE);
		EXPECT(t.ndev, 1);
		return;
	}
	EXPECT(why, WHY_DEAD);
	EXPECT(t.last[0].scause, CAUSE_GSTORE);
	EXPECT_TRUE(t.last[0].value != 0);
	EXPECT(tvm_run(&t, 0).error, E_FAILED);
	EXPECT(tvm_run(&t, 0).error, E_FAILED);
	EXPECT(tvm_destroy(&t), OK);
}

static void stray_dies(void)
{
	stray(false);
}

static void stray_is_mmio(void)
{
	stray(true);
}

/* Entry and exception vector where nothing is: the vCPU must not spin in the monitor. */
static void bad_entry(void)
{
	static const unsigned long entries[] = { 0,	   0x1000,	   GUEST_HEAP, ~0UL,
						 ~0xfffUL, GUEST_BASE - 4, 1UL << 62,  MAIL_BASE };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(entries); i++) {
		struct tvm t;
		struct texit e;
		unsigned int id = i & 1;

		REQUIRE(tvm_create(&t, id ? COVE_TVM_F_IMPLICIT_MMIO : 0));
		REQUIRE(tvm_region(&t) && tvm_pt(&t, 8) && tvm_vcpus(&t, 1) && tvm_image(&t));
		EXPECT(covh(SBI_COVH_FINALIZE_TVM, t.gid, entries[i], 0, 0), OK);
		/* a guest that faults for ever stays interruptible */
		for (j = 0; j < 3; j++) {
			timer_set(csr_read(time) + 20000);
			csr_write(sie, SIP_STIP);
			e = tvm_run(&t, 0);
			csr_write(sie, 0);
			timer_set(~0UL);
			if (e.error || e.value)
				break;
		}
		EXPECT(tvm_destroy(&t), OK);
		EXPECT(reclaim(t.chunk, TVM_CHUNK), OK);
	}
}

static void timer_interrupt_ends_run(void)
{
	struct tvm t;
	struct texit e;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_SPIN, 0)));
	t.hook = 0;
	/* up to its loop */
	while (!t.mailed[0]) {
		e = tvm_run(&t, 0);
		EXPECT(e.error, OK);
		if (e.htinst)
			t.mailed[0] = true;
		else
			EXPECT(covh(SBI_COVH_ADD_TVM_ZERO_PAGES, t.gid, tvm_pages(&t, 1, 1), 0, 1,
				    e.gpa),
			       OK);
	}
	csr_write(sie, SIP_STIP);
	timer_set(csr_read(time) + 50000);
	e = tvm_run(&t, 0);
	EXPECT(e.error, OK);
	EXPECT(e.value, 0);
	EXPECT(e.scause, CAUSE_IRQ | IRQ_S_TIMER);
	EXPECT(e.stval, 0);
	EXPECT(e.htval, 0);
	EXPECT(e.htinst, 0);
	/* still pending: once more, at once */
	e = tvm_run(&t, 0);
	EXPECT(e.scause, CAUSE_IRQ | IRQ_S_TIMER);
	timer_set(~0UL);
	/* an IPI of the host's own */
	csr_write(sie, SIP_SSIP);
	csr_set(sip, SIP_SSIP);
	e = tvm_run(&t, 0);
	EXPECT(e.scause, CAUSE_IRQ | IRQ_S_SOFT);
	csr_clear(sip, SIP_SSIP);
}

static void srst(void)
{
	struct tvm t;
	enum why why;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 2, GUEST_ARG(G_SRST, 0)));
	why = tvm_serve(&t, 0);
	EXPECT(why, WHY_DEAD);
	EXPECT(t.last[0].scause, CAUSE_VECALL);
	EXPECT(t.last[0].a[7], EXT_SRST);
	EXPECT(t.last[0].a[6], 0);
	EXPECT(t.last[0].a[0], 0);
	EXPECT(t.last[0].a[2], 0); /* not defined by the call, so not told */
	EXPECT(tvm_run(&t, 0).error, E_FAILED);
	EXPECT(tvm_run(&t, 1).error, E_FAILED);
	EXPECT(tvm_destroy(&t), OK);
}

/* Two TVMs, same addresses, different contents, turn by turn. */
static void two_tvms(void)
{
	struct tvm t, u;
	unsigned int i;
	bool t_done = false, u_done = false;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_PAGES, 0x1111)));
	REQUIRE(tvm_build(&u, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_PAGES, 0x2222)));
	t.in[0] = u.in[0] = 12;
	for (i = 0; i < 200 && !(t_done && u_done); i++) {
		struct tvm *v = i & 1 ? &t : &u;

		if (v->mailed[MAIL_DONE])
			continue;
		v->stop = true; /* one exit at a time */
		tvm_serve(v, 0);
		t_done = t.mailed[MAIL_DONE];
		u_done = u.mailed[MAIL_DONE];
	}
	EXPECT_TRUE(t_done && u_done);
	EXPECT(t.mail[0], 0);
	EXPECT(t.mail[1], 0);
	EXPECT(u.mail[0], 0);
	EXPECT(u.mail[1], 0);
}

/*
 * The host's counters stand still while a guest computes: what it does cannot be
 * counted. @counted: instructions between the host's call and its return.
 */
static bool count_a_run(struct tvm *t, unsigned long *counted)
{
	unsigned long before;
	struct texit e;

	csr_write(sie, SIP_STIP);
	timer_set(csr_read(time) + 200000);
	before = csr_read(cycle);
	e = tvm_run(t, 0);
	*counted = csr_read(cycle) - before;
	csr_write(sie, 0);
	timer_set(~0UL);
	return !e.error && e.scause == (CAUSE_IRQ | IRQ_S_TIMER);
}

static void counters_stop(void)
{
	unsigned long counted = 0, outside, start;
	unsigned int tries = 5; /* an emulator that is held up counts the time, too */
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_SPIN, 0)));
	EXPECT(covh(SBI_COVH_ADD_TVM_ZERO_PAGES, t.gid, tvm_pages(&t, 1, 1), 0, 1, GUEST_HEAP), OK);
	EXPECT_TRUE(tvm_run(&t, 0).htinst != 0); /* its first mail; it spins from here on */
	outside = csr_read(cycle);
	for (start = csr_read(time); csr_read(time) - start < 200000;)
		;
	outside = csr_read(cycle) - outside;
	EXPECT_TRUE(outside > 0); /* the counter does run */
	do {
		REQUIRE(count_a_run(&t, &counted));
	} while (counted >= outside / 4 && --tries);
	EXPECT_TRUE(counted < outside / 4);
}

/*
 * Run calls of domain 1, and with bits of a6 that do not count, are the same call. The trap vector
 * has a short way for the one above all, and these take the long one.
 */
static void both_ways(void)
{
	static const unsigned long more[] = { 0, 1UL << COVE_SDID_SHIFT, 1UL << 32 };
	struct tvm t;
	unsigned int i;
	enum why why;

	for (i = 0; i < ARRAY_SIZE(more); i++) {
		REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_EXITS, KIND_ECALL)));
		t.scramble = true;
		scrambled_a6 = more[i];
		why = tvm_serve(&t, 0);
		scrambled_a6 = 0;
		EXPECT(why, WHY_DONE);
		EXPECT(t.mail[0] | t.mail[1] | t.mail[2] | t.mail[3], 0);
		REQUIRE(tvm_destroy_all() && mem_reset());
	}
}

/* A run call with bits that are reserved, or of another domain, is none. */
static void not_that_call(void)
{
	static const unsigned long a6[] = { 1UL << 16, 1UL << 25, 2UL << COVE_SDID_SHIFT,
					    0x3fUL << COVE_SDID_SHIFT };
	struct tvm t;
	unsigned int i;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_NULL, 0)));
	for (i = 0; i < ARRAY_SIZE(a6); i++)
		EXPECT(sbi6(SBI_EXT_COVH, covh_number(SBI_COVH_RUN_TVM_VCPU) | a6[i], t.gid, 0)
			       .error,
		       E_NOT_SUPPORTED);
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
}

/* The same ecall, of the host's user space and of its VM: they trap to the host. */
static void call_of_others(void)
{
	unsigned long pc = (unsigned long)world_ecall;
	struct world w;
	unsigned int i;
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_NULL, 0)));
	for (i = 0; i < 3; i++) {
		memset(&w, 0, sizeof(w));
		w.x[0] = pc;
		w.x[A0] = t.gid;
		w.x[16] = covh_number(SBI_COVH_RUN_TVM_VCPU);
		w.x[17] = SBI_EXT_COVH;
		w.sstatus = i == 2 ? SSTATUS_SPP : 0;
		w.hstatus = i ? HSTATUS_SPV | 2UL << 32 : 2UL << 32;
		world_run(&w);
		EXPECT(w.cause, i == 2 ? CAUSE_VECALL : 8);
		EXPECT(w.epc, pc);
		EXPECT(w.x[A0], t.gid);
		EXPECT(w.x[16], covh_number(SBI_COVH_RUN_TVM_VCPU));
	}
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
}

const struct test run_tests[] = {
	{ "run_hello", hello, 1 },
	{ "run_errors", errors, 1 },
	{ "run_failed_keeps_host", failed_run_keeps_host, 1 },
	{ "run_stray_access_dies", stray_dies, 1 },
	{ "run_stray_access_is_mmio", stray_is_mmio, 1 },
	{ "run_bad_entry", bad_entry, 1 },
	{ "run_interrupt_ends_run", timer_interrupt_ends_run, 1 },
	{ "run_srst", srst, 1 },
	{ "run_counters_stop", counters_stop, 1 },
	{ "run_two_tvms", two_tvms, 1 },
	{ "run_both_ways", both_ways, 1 },
	{ "run_not_that_call", not_that_call, 1 },
	{ "run_call_of_others", call_of_others, 1 },
};
DEFINE_TESTS(run);
