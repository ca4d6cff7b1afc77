// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The SBI that the guest sees, and its interrupts.
 */
#include "tvm.h"

#define TIMER_TICKS 1000000UL /* the guest sets its timer that far ahead */
#define STARTED	    0
#define STOPPED	    1

static void base(void)
{
	/* base, time, ipi, rfence, hsm, srst, dbcn, covg, putchar | covh, nacl, pmu, nonsense */
	static const unsigned long probes[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 };
	struct tvm t;
	unsigned int i;

	REQUIRE(tvm_guest(&t, G_BASE, 0));
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (t.mail[i] == probes[i])
			continue;
		test_fail("probe %u: expected %lx, saw %lx", i, probes[i], t.mail[i]);
		return;
	}
	EXPECT(t.mail[20], OK);
	EXPECT_TRUE(t.mail[21] >> 24 >= 2);
	EXPECT(t.mail[22], OK);
	EXPECT(t.mail[23], 0x636f7665);
	EXPECT(t.mail[24], E_NOT_SUPPORTED);
}

static void timer(void)
{
	struct tvm t;

	REQUIRE(tvm_guest(&t, G_TIMER, !have_sstc));
	EXPECT(t.mail[0], OK);
	EXPECT(t.mail[2], 1);	      /* not early */
	EXPECT(t.mail[3], have_sstc); /* by stimecmp */
	EXPECT(t.mail[4], E_NOT_SUPPORTED);
	EXPECT(t.mail[6], 0); /* nothing pending afterwards */
}

/* What the host is told so that it can sleep; t->arg: the time before the first run. */
static bool timer_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	unsigned long when = *nacl_word(NACL_CSR_OFFSET(0x24d));
	unsigned long delta = *nacl_word(NACL_CSR_OFFSET(0x605));
	unsigned long vsie = *nacl_word(NACL_CSR_OFFSET(0x204));
	unsigned long now = csr_read(time), begun = *(unsigned long *)t->arg;

	(void)vcpu;
	/* the guest's time began with its first run */
	if (0UL - delta < begun || 0UL - delta > now)
		test_fail("htimedelta %lx at %lx", delta, now);
	if (e->scause != CAUSE_VIRT)
		return false;
	/* on a slow machine the timer has run out before the WFI, and its handler has masked it */
	if ((!(vsie & 1UL << 5) && now + delta < when) || when < TIMER_TICKS ||
	    when > now + delta + TIMER_TICKS)
		test_fail("WFI: vsie %lx vstimecmp %lx guest time %lx", vsie, when, now + delta);
	if (e->stval != 0x10500073)
		test_fail("WFI: stval %lx", e->stval);
	t->nwfi++;
	return true;
}

static void timer_is_reported(void)
{
	unsigned long begun;
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_TIMER, !have_sstc)));
	t.hook = timer_hook;
	t.arg = &begun;
	begun = csr_read(time);
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT_TRUE(t.nwfi >= 1);
}

static void ipi_self(void)
{
	struct tvm t;

	REQUIRE(tvm_guest(&t, G_IPI_SELF, 0));
	EXPECT(t.mail[0], OK);
	EXPECT(t.mail[2], 1);
	EXPECT(t.mail[3], 0);
	EXPECT(t.mail[4], E_INVALID_PARAM);
	EXPECT(t.mail[6], E_INVALID_PARAM);
	EXPECT(t.mail[8], OK);
	EXPECT(t.mail[10], 2);
	EXPECT(t.mail[11], E_NOT_SUPPORTED);
	EXPECT(t.ninformed, 0);
}

static bool hsm_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	if (vcpu == 0 && e->scause == CAUSE_VECALL && e->a[7] == EXT_HSM) {
		if (e->a[6] != 0 || e->a[0] != 1 || e->a[1] || e->a[2])
			test_fail("hart_start is reported as %lx %lx %lx", e->a[0], e->a[1],
				  e->a[2]);
	}
	if (vcpu == 0 && e->scause == CAUSE_GLOAD && e->gpa == MAIL_BASE) {
		/* vCPU 1 shall run now, and stop itself */
		struct texit f;
		unsigned int i = 0;

		csr_write(sie, SIP_STIP);
		do {
			timer_set(csr_read(time) + 100000);
			f = tvm_run(t, 1);
		} while (i++ < 100 && !f.error && !f.value && f.scause & CAUSE_IRQ);
		csr_write(sie, 0);
		timer_set(~0UL);
		if (f.error || !f.value || f.scause != CAUSE_VECALL || f.a[7] != EXT_HSM ||
		    f.a[6] != 1)
			test_fail("hart_stop: error %ld value %lu scause %lx", f.error, f.value,
				  f.scause);
		if (tvm_run(t, 1).error != E_FAILED)
			test_fail("a stopped vCPU runs");
		answer(0, 0);
		return true;
	}
	return false;
}

static void hsm(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 2, GUEST_ARG(G_HSM, 0)));
	t.hook = hsm_hook;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[0], OK);
	EXPECT(t.mail[1], STARTED);
	EXPECT(t.mail[2], OK);
	EXPECT(t.mail[3], STOPPED);
	EXPECT(t.mail[4], E_INVALID_PARAM);
	EXPECT(t.mail[6], E_ALREADY_AVAILABLE);
	EXPECT(t.mail[8], E_INVALID_PARAM);
	EXPECT(t.mail[10], E_INVALID_PARAM);
	EXPECT(t.mail[12], E_INVALID_ADDRESS);
	EXPECT(t.mail[14], E_INVALID_ADDRESS);
	EXPECT(t.mail[16], OK);
	EXPECT(t.mail[18], OK);
	EXPECT(t.mail[19], STARTED);
	EXPECT(t.mail[20], E_ALREADY_AVAILABLE);
	EXPECT(t.mail[22], E_INVALID_PARAM);
	EXPECT(t.mail[24], E_NOT_SUPPORTED);
	EXPECT(t.mail[26], OK);
	EXPECT(t.mail[27], STOPPED);
	EXPECT(t.mail[28], OK); /* started once more */
}

static void console(void)
{
	struct tvm t;

	REQUIRE(tvm_guest(&t, G_CONSOLE, 0));
	EXPECT(t.mail[0], 5);
	EXPECT(t.mail[1], OK);
	EXPECT(t.mail[3], OK);
	EXPECT(t.mail[4], E_INVALID_PARAM);
	EXPECT(t.mail[6], E_INVALID_PARAM);
	EXPECT(t.mail[8], E_INVALID_PARAM);
	EXPECT(t.mail[10], OK);
	EXPECT(t.mail[11], 0);
	EXPECT(t.mail[12], OK);
	EXPECT(t.mail[13], 0);
	EXPECT(t.mail[14], E_NOT_SUPPORTED);
	EXPECT(t.mail[16], OK);
	EXPECT(t.mail[17], 1);
	EXPECT(t.nconsole, 8);
	EXPECT(memcmp(t.console, "bytesBP\0", 8), 0);
	EXPECT(t.last_fault, GUEST_HEAP + 0x5000);
}

/* Results that no SBI call has do not reach the guest as they are. */
static bool console_liar(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	(void)vcpu;
	if (e->scause != CAUSE_VECALL)
		return false;
	t->nconsole++;
	answer(12345, 67890);
	return true;
}

static void console_host_error(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_CONSOLE, 0)));
	t.hook = console_liar;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[0], 0); /* nothing written */
	EXPECT_TRUE((long)t.mail[1] < 0 && (long)t.mail[1] >= -14);
}

static void unknown(void)
{
	struct tvm t;

	REQUIRE(tvm_guest(&t, G_UNKNOWN, 0));
	EXPECT(t.mail[0], E_NOT_SUPPORTED);
	EXPECT(t.mail[1], 0);
	EXPECT(t.mail[2], E_NOT_SUPPORTED);
	EXPECT(t.mail[4], E_NOT_SUPPORTED);
	EXPECT(t.mail[6], E_NOT_SUPPORTED);
	EXPECT(t.mail[8], E_NOT_SUPPORTED);
	EXPECT(t.mail[10], E_NOT_SUPPORTED);
	EXPECT(t.mail[12], E_NOT_SUPPORTED);
	EXPECT(t.mail[14], E_NOT_SUPPORTED);
	EXPECT(t.mail[16], E_NOT_SUPPORTED);
	EXPECT(t.mail[18], E_INVALID_PARAM);
	EXPECT(t.mail[20], E_NOT_SUPPORTED);
	EXPECT(t.mail[22], E_INVALID_PARAM);
	EXPECT(t.ninformed, 0); /* none was forwarded */
	EXPECT(t.nconsole, 0);
}

static void rfence(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 2, GUEST_ARG(G_RFENCE, 0)));
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[0], OK);
	EXPECT(t.mail[2], OK);
	EXPECT(t.mail[4], OK);
	EXPECT(t.mail[6], OK);
	EXPECT(t.mail[8], E_INVALID_PARAM);
	EXPECT(t.mail[10], E_INVALID_PARAM);
}

/* The guest asks, the host raises VSEIP before it runs it again. */
static bool raise_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	(void)vcpu;
	(void)t;
	if (e->scause == CAUSE_GLOAD && e->gpa == MAIL_BASE)
		csr_set(hvip, SIP_VSEIP);
	return false;
}

static void external(unsigned long flags, bool *arrived, bool *early)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, flags, 1,
			  GUEST_ARG(G_EXTERNAL, 0) | (flags ? 0 : (unsigned long)G_ADD_MMIO)));
	t.hook = raise_hook;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	*early = t.mail[0];
	*arrived = t.mail[1] == 1;
	EXPECT(csr_read(hvip) & SIP_VSEIP, SIP_VSEIP); /* the host's to clear */
	csr_write(hvip, 0);
}

static void external_interrupt(void)
{
	bool arrived = false, early = false;

	external(COVE_TVM_F_IMPLICIT_MMIO, &arrived, &early);
	EXPECT(early, false);
	EXPECT(arrived, true);
}

static void external_interrupt_denied(void)
{
	bool arrived = true, early = false;

	external(0, &arrived, &early);
	EXPECT(early, false);
	EXPECT(arrived, false);
}

const struct test guest_sbi_tests[] = {
	{ "guest_base", base, 1 },
	{ "guest_timer", timer, 1 },
	{ "guest_timer_is_reported", timer_is_reported, 1 },
	{ "guest_ipi_to_itself", ipi_self, 1 },
	{ "guest_hsm", hsm, 1 },
	{ "guest_console", console, 1 },
	{ "guest_console_host_error", console_host_error, 1 },
	{ "guest_unknown_calls", unknown, 1 },
	{ "guest_rfence", rfence, 1 },
	{ "guest_external_interrupt", external_interrupt, 1 },
	{ "guest_external_interrupt_denied", external_interrupt_denied, 1 },
};
DEFINE_TESTS(guest_sbi);
