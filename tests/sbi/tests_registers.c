// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Every register of both worlds across every way out of a TVM, from the lists
 * of registers.h; and that the lists are complete for this hart.
 */
#include "tvm.h"
#include "registers.h"
#include "scramble.h"

#define DEV_VALUE	     0x1badb002deadbeefUL
#define FWFT_SET	     0
#define CAUSE_SOFTWARE_CHECK 18
#define FFLAGS_DZ	     8
#define FWFT_GET	     1

static const struct {
	const char *name;
	enum exit_how how;
	unsigned int seen;
	unsigned long a7, a6, a0, a1, a2;
} cases[] = {
#define CASE_ROW(name, how, seen, a7, a6, a0, a1, a2) { #name, how, seen, a7, a6, a0, a1, a2 },
	EXIT_CASES(CASE_ROW)
};

static const struct {
	const char *name;
	unsigned int number;
	unsigned long mask;
} guest_csrs[] = {
#define GUEST_ROW(name, number, what, value, mask) { #name, number, mask },
	GUEST_CSRS(GUEST_ROW)
};

/* What the host saw of one case */
struct seen {
	enum exit_case which;
	unsigned int calls, devices, faults, waits, irqs;
};

static bool looks_like_guest(unsigned long v)
{
	return v >> 24 == 0x6775657374UL || v >> 25 == 0x6775657374UL;
}

/* A store tells its value, in a0; nothing else of the guest's is in shared memory. */
static void look_for_leaks(struct tvm *t, const struct texit *e)
{
	unsigned long i;

	for (i = 0; i < NACL_SHMEM_SIZE; i += 8) {
		unsigned long v = *nacl_word(i);

		if (!looks_like_guest(v) ||
		    (e->scause == CAUSE_GSTORE && e->htinst && i == NACL_GPR_OFFSET(10)))
			continue;
		test_fail("guest value %lx at NACL offset %lx, scause %lx", v, i, e->scause);
		t->stop = true;
	}
	if (looks_like_guest(e->stval) || looks_like_guest(e->scause))
		test_fail("guest value in scause %lx or stval %lx", e->scause, e->stval);
}

static void host_interrupt(enum exit_case which)
{
	if (which == EXIT_host_timer)
		timer_set(csr_read(time) + 20000);
	if (which == EXIT_host_ipi)
		sbi6(EXT_IPI, 0, 1, this_hart()->id);
}

static bool watch(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	struct seen *s = t->arg;

	(void)vcpu;
	look_for_leaks(t, e);
	if (e->scause >> 63) {
		s->irqs++;
		csr_clear(sip, SIP_SSIP);
		timer_set(~0UL);
		if (s->irqs < 3)
			host_interrupt(s->which);
		return true;
	}
	if (e->scause == CAUSE_GSTORE && e->gpa == MAIL_BASE + 8 * MAIL_READY)
		host_interrupt(s->which);
	if (e->scause == CAUSE_VIRT) {
		s->waits++;
		t->complement = true; /* of hvip: the line of external interrupts is up */
	}
	if (e->scause == CAUSE_VECALL && (e->a[7] != SBI_EXT_COVG || e->a[6] == cases[s->which].a6))
		s->calls++;
	if (e->scause != CAUSE_VECALL && e->scause != CAUSE_VIRT) {
		s->faults += !e->htinst;
		if (!e->htinst && (e->gpa & (PAGE - 1)))
			test_fail("a fault tells more than its page: %lx", e->gpa);
		s->devices += e->htinst && (e->gpa < MAIL_BASE || e->gpa >= MAIL_BASE + PAGE);
	}
	if (e->scause == CAUSE_VECALL && e->a[7] == SBI_EXT_COVG && (e->a[6] | 1) == 3) {
		answer(0, 0);
		return true;
	}
	return false;
}

static void check_seen(const struct seen *s)
{
	unsigned int kind = cases[s->which].seen & ~SEEN_END;

	EXPECT(s->calls != 0, kind == SEEN_CALL);
	EXPECT(s->devices != 0, kind == SEEN_DEVICE);
	EXPECT(s->faults != 0, kind == SEEN_FAULT);
	EXPECT(s->waits != 0, kind == SEEN_WFI);
	EXPECT(s->irqs != 0, kind == SEEN_IRQ);
}

static void check_guest(const struct tvm *t)
{
	unsigned long csrs = t->mail[MAIL_CSRS];
	unsigned int i;

	EXPECT(t->mail[MAIL_GPRS], 0); /* registers that changed */
	EXPECT(t->mail[MAIL_FP], 0);   /* bit 32: fcsr */
	EXPECT(t->mail[MAIL_V], 0);
	for (i = 0; i < ARRAY_SIZE(guest_csrs); i++)
		if (csrs >> i & 1)
			test_fail("%s of the guest changed: %lx became %lx", guest_csrs[i].name,
				  t->mail[MAIL_WANTED], t->mail[MAIL_SAW]);
}

static void exits(enum exit_case which)
{
	struct seen s = { .which = which };
	struct tvm t;
	enum why why;

	memset((void *)nacl_of((unsigned int)this_hart()->id), 0, NACL_SHMEM_SIZE);
	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 2, GUEST_ARG(G_REGISTERS, which)));
	t.scramble = true;
	t.dev_reply = DEV_VALUE;
	t.hook = watch;
	t.arg = &s;
	why = tvm_serve(&t, 0);
	timer_set(~0UL);
	REQUIRE(!test_failed());
	check_seen(&s);
	EXPECT(why, cases[which].seen & SEEN_END ? WHY_DEAD : WHY_DONE);
	if (why == WHY_DEAD)
		return;
	check_guest(&t);
	if (cases[which].how == HOW_SUSPEND || cases[which].how == HOW_LOST ||
	    (cases[which].how == HOW_ECALL && cases[which].seen != SEEN_NOTHING))
		EXPECT(t.mail[MAIL_A0], 0);
	if (cases[which].how == HOW_LOAD)
		EXPECT(t.mail[MAIL_RD], cases[which].seen == SEEN_DEVICE ? DEV_VALUE : 0);
}

#define CASE_TEST(name, ...)          \
	static void exit_##name(void) \
	{                             \
		exits(EXIT_##name);   \
	}
EXIT_CASES(CASE_TEST)

/* What HS-mode can read here is in the list, or it would not be tested. */
static void list_of_the_host(void)
{
	unsigned long value;
	unsigned int n;

	for (n = 0; n < 4096; n++)
		if (host_csr_read(n, &value) && !host_csr_listed(n))
			test_fail("CSR %x of the host is not in HOST_CSRS", n);
}

struct snapshot {
	bool have[4096];
	unsigned long value[4096];
};

static struct snapshot snapshots[2];

static bool take_snapshot(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	struct snapshot *s = t->arg;
	unsigned long n = (e->gpa - SNAPSHOT_BASE) / 8;

	(void)vcpu;
	if (e->scause != CAUSE_GSTORE || !e->htinst || e->gpa < SNAPSHOT_BASE || n >= 4096)
		return false;
	s->have[n] = true;
	s->value[n] = e->a[0];
	answer(0, 0);
	return true;
}

/* All that a new guest reads, while the host's registers hold a pattern or its complement */
static bool snapshot(struct snapshot *s, bool complement)
{
	struct tvm t;
	enum why why;

	memset(s, 0, sizeof(*s));
	if (!tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_SNAPSHOT, 0)))
		return false;
	t.scramble = true;
	t.complement = complement;
	t.hook = take_snapshot;
	t.arg = s;
	why = tvm_serve(&t, 0);
	if (why != WHY_DONE)
		test_fail("the guest ended with %d", why);
	if (t.mail[MAIL_FP] || t.mail[MAIL_V])
		test_fail("F or V registers are not zero in a new guest");
	return !test_failed() && !tvm_destroy(&t);
}

static const char *guest_csr_name(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(guest_csrs); i++)
		if (guest_csrs[i].number == n)
			return guest_csrs[i].name;
	return NULL;
}

static void same_snapshots(const char *whose)
{
	unsigned int n;

	for (n = 0; n < 4096; n++) {
		const struct snapshot *a = &snapshots[0], *b = &snapshots[1];

		if (n == 0xc01 || (a->have[n] == b->have[n] && a->value[n] == b->value[n]))
			continue;
		test_fail(
			"a guest reads %lx or %lx (%d, %d) from CSR %x, which says something of %s",
			a->value[n], b->value[n], a->have[n], b->have[n], n, whose);
	}
}

static void list_of_the_guest(void)
{
	unsigned int n;

	REQUIRE(snapshot(&snapshots[0], false));
	EXPECT(snapshots[0].have[0x100], true);
	for (n = 0; n < 4096; n++)
		if (snapshots[0].have[n] && !guest_csr_name(n))
			test_fail("CSR %x of the guest is not in GUEST_CSRS", n);
}

static void host_is_invisible(void)
{
	REQUIRE(snapshot(&snapshots[0], false));
	REQUIRE(snapshot(&snapshots[1], true));
	same_snapshots("the host");
}

static bool stop_at_wfi(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	(void)vcpu;
	t->stop = e->scause == CAUSE_VIRT;
	return t->stop;
}

/* A guest that has filled all of its registers waits; another begins. */
static void other_tvm_is_invisible(void)
{
	struct tvm t;

	REQUIRE(snapshot(&snapshots[0], false));
	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_REGISTERS, EXIT_wfi)));
	t.hook = stop_at_wfi;
	EXPECT(tvm_serve(&t, 0), WHY_STOPPED_BY_TEST);
	REQUIRE(snapshot(&snapshots[1], false));
	same_snapshots("another guest");
	t.hook = NULL;
	t.stop = false;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	check_guest(&t);
}

/* What the host may switch on at run time: bits of menvcfg that others depend on. */
static void host_features(void)
{
	static const unsigned long features[][2] = { { 2, 1 }, { 3, 1 }, { 4, 1 } };
	unsigned long before[ARRAY_SIZE(features)];
	unsigned int i, on = 0;

	for (i = 0; i < ARRAY_SIZE(features); i++) {
		before[i] = sbi6(EXT_FWFT, FWFT_GET, features[i][0]).value;
		if (!sbi6(EXT_FWFT, FWFT_SET, features[i][0], features[i][1], 0).error)
			on |= 1U << i;
	}
	if (on)
		exits(EXIT_wfi);
	for (i = 0; i < ARRAY_SIZE(features); i++)
		if (on & 1U << i)
			sbi6(EXT_FWFT, FWFT_SET, features[i][0], before[i], 0);
	if (!on)
		test_skip("the hart has none of FWFT's features");
}

#define CSR_SCTRCTL  0x14e
#define CSR_VSCTRCTL 0x24e
#define CSR_SISELECT 0x150
#define CSR_SIREG    0x151
#define CTR_S_AND_U  3
#define CTR_SELECT   0x200
#define CTR_ENTRIES  256

/* The host would follow the guest's jumps (Ssctr). */
static void jumps_are_not_recorded(void)
{
	unsigned long source, target, old;
	unsigned int i, n = 0;
	struct tvm t;

	if (!host_csr_read(CSR_VSCTRCTL, &old) || !host_csr_read(CSR_SCTRCTL, &old)) {
		test_skip("the hart has no control transfer records");
		return;
	}
	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_HELLO, 0)));
	host_csr_write(CSR_VSCTRCTL, CTR_S_AND_U);
	tvm_run(&t, 0);
	host_csr_write(CSR_VSCTRCTL, 0);
	for (i = 0; i < CTR_ENTRIES; i++) {
		host_csr_write(CSR_SISELECT, CTR_SELECT + i);
		if (!host_csr_read(CSR_SIREG, &source) || !host_csr_read(CSR_SIREG + 1, &target))
			break;
		n++;
		if ((source >= GUEST_BASE && source < GUEST_BASE + GUEST_SIZE) ||
		    (target >= GUEST_BASE && target < GUEST_BASE + GUEST_SIZE))
			test_fail("the host sees a jump of the guest: %lx to %lx", source, target);
	}
	EXPECT_TRUE(n >= 16);
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
}

/* Zicfilp: VU expects a landing pad, and the fetch there leaves the TVM. */
static void landing_pad(void)
{
	struct tvm t;

	REQUIRE(tvm_guest(&t, G_LANDING_PAD, 0));
	if (!t.mailed[0]) {
		test_skip("the hart has no landing pads");
		return;
	}
	EXPECT(t.last_fault, EXIT_PAGE);
	EXPECT(t.mail[1], CAUSE_SOFTWARE_CHECK);
}

static void vector_flags(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_VECTOR_FLAGS, 0)));
	t.scramble = true;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	if (!t.mailed[0]) {
		test_skip("the hart has no vector instructions");
		return;
	}
	EXPECT(t.mail[2], FFLAGS_DZ);
}

static void lone_csrs(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_LONE_CSRS, 0)));
	t.scramble = true;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[2], 0x65);
	if (!t.mail[0]) /* no V */
		return;
	EXPECT(t.mail[4], 5);
	EXPECT(t.mail[7], 1);
}

#define CASE_ENTRY(name, ...) { "registers_" #name, exit_##name, 1 },

const struct test registers_tests[] = {
	{ "registers_list_of_the_host", list_of_the_host, 1 },
	{ "registers_list_of_the_guest", list_of_the_guest, 1 },
	{ "registers_host_is_invisible", host_is_invisible, 1 },
	{ "registers_other_tvm_is_invisible", other_tvm_is_invisible, 1 },
	{ "registers_host_features", host_features, 1 },
	{ "registers_jumps_are_not_recorded", jumps_are_not_recorded, 1 },
	{ "registers_landing_pad", landing_pad, 1 },
	{ "registers_vector_flags", vector_flags, 1 },
	{ "registers_lone_csrs", lone_csrs, 1 },
	EXIT_CASES(CASE_ENTRY)
};
DEFINE_TESTS(registers);
