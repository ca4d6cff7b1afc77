// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A guest's harts that suspend, wake and end; what it is not offered; what it
 * allows the host.
 */
#include "tvm.h"

#define STARTED	  0
#define STOPPED	  1
#define SUSPENDED 4

/* Run a vCPU until it leaves for something but a host interrupt. */
static struct texit run_on(struct tvm *t, unsigned int vcpu)
{
	struct texit e;
	unsigned int i = 0;

	csr_write(sie, SIP_STIP);
	do {
		timer_set(csr_read(time) + 100000);
		e = tvm_run(t, vcpu);
	} while (i++ < 100 && !e.error && !e.value && e.scause & CAUSE_IRQ);
	csr_write(sie, 0);
	timer_set(~0UL);
	return e;
}

static void suspend(void)
{
	unsigned int i;
	struct tvm t;

	REQUIRE(tvm_guest(&t, G_SUSPEND, 0));
	EXPECT(t.mail[0], E_INVALID_PARAM);
	EXPECT(t.mail[2], E_INVALID_PARAM);
	EXPECT(t.mail[4], E_INVALID_ADDRESS);
	EXPECT(t.mail[6], E_INVALID_ADDRESS);
	EXPECT(t.mail[8], E_INVALID_ADDRESS);
	EXPECT(t.mail[10], OK);
	EXPECT(t.mail[12], 1); /* however often the host runs it, it waits for its timer */
	EXPECT(t.mail[13], 1);
	EXPECT(t.mailed[14], false);
	EXPECT_TRUE(t.nwfi > 2);
	EXPECT(t.mail[15], 0); /* no register but a1 */
	EXPECT(t.mail[16], 0);
	EXPECT(t.mail[17], 0);
	EXPECT(t.mail[18], 1); /* what has woken it */
	for (i = 15; i < 19; i++)
		EXPECT(t.mailed[i], true);
}

static bool suspend_peer_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	struct texit f;
	unsigned int i;

	if (vcpu || e->scause != CAUSE_GLOAD || !e->htinst)
		return false;
	if (e->gpa == MAIL_BASE) {
		for (i = 0; i < 3; i++) {
			f = run_on(t, 1);
			if (f.error || f.value || f.scause != CAUSE_VIRT || f.stval != 0x10500073)
				test_fail("suspended: error %ld value %lu scause %lx", f.error,
					  f.value, f.scause);
		}
	} else {
		f = run_on(t, 1);
		if (f.error || !f.value || f.scause != CAUSE_VECALL || f.a[7] != EXT_HSM)
			test_fail("woken: error %ld value %lu scause %lx", f.error, f.value,
				  f.scause);
	}
	return false;
}

static void suspend_peer(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 2, GUEST_ARG(G_SUSPEND_PEER, 0)));
	t.hook = suspend_peer_hook;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[0], OK);
	EXPECT(t.mail[3], STARTED);
	EXPECT(t.mail[5], SUSPENDED);
	EXPECT(t.mail[6], 1);
	EXPECT(t.mail[7], E_ALREADY_AVAILABLE);
	EXPECT(t.mail[9], OK);
	EXPECT(t.mail[12], STOPPED);
	EXPECT(t.mail[13], 2);
	EXPECT_TRUE(t.ninformed >=
		    2); /* the host was told of the ipi: it may have blocked vCPU 1 */
}

/* The second vCPU, on another hart, which nobody kicks. */
struct sibling {
	struct tvm *t;
	struct texit e;
};

static void run_sibling(void *arg)
{
	struct sibling *s = arg;

	do {
		s->e = tvm_run(s->t, 1);
	} while (!s->e.error && !s->e.value && s->e.scause & CAUSE_IRQ);
}

static bool reset_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	if (vcpu || e->scause != CAUSE_VECALL || e->a[7] != EXT_HSM)
		return false;
	hart_begin(other_hart(0), run_sibling, t->arg);
	return true;
}

static void reset_stops_siblings(void)
{
	struct sibling s;
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 2, GUEST_ARG(G_RESET_SMP, 0)));
	s.t = &t;
	t.hook = reset_hook;
	t.arg = &s;
	EXPECT(tvm_serve(&t, 0), WHY_DEAD);
	REQUIRE(hart_wait(other_hart(0)));
	EXPECT(s.e.error, OK);
	EXPECT(s.e.value, 1);
	EXPECT(s.e.scause, CAUSE_VECALL);
	EXPECT(s.e.a[7], EXT_SRST);
	EXPECT(s.e.a[6], 0);
	EXPECT(s.e.a[0], 1);
	EXPECT(s.e.a[1], 1);
	EXPECT(s.e.a[2], 0);
	EXPECT(tvm_run(&t, 1).error, E_FAILED);
	EXPECT(tvm_destroy(&t), OK);
}

/* t->arg: how often it has been asked */
static bool console_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	static const char *const input[] = { "four", "three+more" };
	static const unsigned long wanted[] = { 4, 3 };
	unsigned int *n = t->arg;

	(void)vcpu;
	if (e->scause != CAUSE_VECALL || e->a[7] != EXT_DBCN)
		return false;
	if (e->a[6] != 1 || *n > 1 || e->a[0] != wanted[*n] || e->a[1] || e->a[2])
		test_fail("console_read is forwarded as %lx %lx %lx", e->a[0], e->a[1], e->a[2]);
	memcpy(nacl_word(NACL_CONSOLE_OFFSET), input[*n & 1], strlen(input[*n & 1]));
	answer(0, strlen(input[*n & 1]));
	++*n;
	return true;
}

static void console_read(void)
{
	unsigned int n = 0, i;
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_CONSOLE_READ, 0)));
	t.hook = console_hook;
	t.arg = &n;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(n, 2);
	EXPECT(t.mail[0], OK);
	EXPECT(t.mail[1], 4);
	EXPECT(t.mail[7], OK);
	EXPECT(t.mail[8], 3);
	for (i = 0; i < 5; i++) {
		EXPECT(t.mail[2 + i], "four\x55"[i]);
		EXPECT(t.mail[9 + i], "thrr\x55"[i]);
	}
	EXPECT(t.mail[14], E_INVALID_PARAM);
	EXPECT(t.mail[16], E_INVALID_PARAM);
	EXPECT(t.mail[18], OK);
	EXPECT(t.mail[19], 0);
}

static void probes(void)
{
	struct tvm t;
	unsigned int i;

	REQUIRE(tvm_guest(&t, G_PROBES, 0));
	for (i = 0; i < 12; i++) {
		EXPECT(t.mail[2 * i], 0);
		EXPECT(t.mail[2 * i + 1], E_NOT_SUPPORTED);
	}
	for (i = 0; i <= 8; i++) {
		EXPECT(t.mail[30 + 2 * i], i == 1 ? OK : E_NOT_SUPPORTED);
		EXPECT(t.mail[31 + 2 * i], 0x77);
	}
	for (i = 53; i < 57; i++)
		EXPECT(t.mail[i], E_NOT_SUPPORTED);
	EXPECT(t.mail[60], E_INVALID_PARAM);
	EXPECT(t.mail[61], E_INVALID_PARAM);
	EXPECT(t.ninformed, 0);
}

/* The host holds its line up all the time: the guest's list decides. */
static void interrupt_list(void)
{
	static const struct {
		unsigned long id;
		bool deny;
		long error;
		bool line;
	} rows[] = {
		{ 5, false, OK, true },
		{ 7, false, OK, true },
		{ 5, true, OK, true },
		{ 6, true, OK, true },
		{ 7, true, OK, false },
		{ ~0UL, false, OK, true },
		{ 9, true, OK, true },
		{ ~0UL, true, OK, false },
		{ 2047, false, OK, true },
		{ 2048, true, E_INVALID_PARAM, true },
		{ ~0UL - 1, true, E_INVALID_PARAM, true },
		{ 2047, true, OK, false },
	};
	unsigned int i;
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 1, GUEST_ARG(G_ALLOW, 0)));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		t.in[2 * i] = rows[i].id;
		t.in[2 * i + 1] = rows[i].deny;
	}
	csr_set(hvip, SIP_VSEIP);
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	csr_write(hvip, 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if ((long)t.mail[2 * i] == rows[i].error && t.mail[2 * i + 1] == rows[i].line)
			continue;
		test_fail("row %u: error %ld, line %lu", i, (long)t.mail[2 * i], t.mail[2 * i + 1]);
		return;
	}
}

static void mmio_remove(void)
{
	unsigned int i;
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 1, GUEST_ARG(G_MMIO_REMOVE, 0)));
	t.dev_reply = 0x1234;
	EXPECT(tvm_serve(&t, 0), WHY_DEAD);
	EXPECT(t.mail[0], OK);
	EXPECT(t.mail[2], OK);
	EXPECT(t.mail[4], OK);
	EXPECT(t.mail[6], 0x1234);
	for (i = 7; i < 17; i += 2)
		EXPECT(t.mail[i], E_INVALID_ADDRESS);
	EXPECT(t.ndev, 1);
	EXPECT(t.last[0].gpa, DEV_BASE);
}

const struct test guest_life_tests[] = {
	{ "guest_suspend", suspend, 1 },
	{ "guest_suspend_peer", suspend_peer, 1 },
	{ "guest_reset_stops_siblings", reset_stops_siblings, 2 },
	{ "guest_console_read", console_read, 1 },
	{ "guest_probes", probes, 1 },
	{ "guest_interrupt_list", interrupt_list, 1 },
	{ "guest_mmio_remove", mmio_remove, 1 },
};
DEFINE_TESTS(guest_life);
