// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Guests that attack: whatever they do ends in an exception of their own, an
 * error, or their death. After each, another TVM goes on where it was, with
 * all of its registers, and the monitor answers.
 *
 * Boot argument hostile=N: N times as many guests with random instructions and calls.
 */
#include "tvm.h"
#include "hostile.h"
#include "registers.h"

#define TICK	   50000UL     /* 5 ms: a guest that does not leave by itself */
#define PATIENCE   150000000UL /* 15 s */
#define STORM_ENDS 20	       /* interrupts of the host until it gives a storm up */

struct attack {
	struct tvm t;
	struct tvm bystander;
	unsigned long shared;
	unsigned long calls, devices, beyond, waits, ticks, end;
	unsigned long give_up; /* after as many ticks since it began, 0: never */
	bool gave_up;
};

static struct attack attack;

static bool stop_at_wfi(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	(void)vcpu;
	t->stop = e->scause == CAUSE_VIRT;
	return t->stop;
}

/* It has a value in every register, and waits. */
static bool bystander_begins(struct tvm *t)
{
	if (!tvm_build(t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_REGISTERS, EXIT_wfi)))
		return false;
	t->hook = stop_at_wfi;
	return tvm_serve(t, 0) == WHY_STOPPED_BY_TEST;
}

static void bystander_goes_on(struct tvm *t)
{
	struct tsm_info info;

	t->hook = NULL;
	t->stop = false;
	EXPECT(tvm_serve(t, 0), WHY_DONE);
	EXPECT(t->mail[MAIL_GPRS] | t->mail[MAIL_FP] | t->mail[MAIL_V] | t->mail[MAIL_CSRS], 0);
	EXPECT(sbi6(SBI_EXT_COVH, SBI_COVH_GET_TSM_INFO, (unsigned long)&info, sizeof(info)).error,
	       OK);
	EXPECT(memcmp(&info, &tsm, sizeof(info)), 0);
}

static bool tick(struct attack *a, struct tvm *t)
{
	csr_clear(sip, SIP_SSIP);
	timer_set(csr_read(time) + TICK);
	a->ticks += t->mailed[HOSTILE_PROBES];
	a->gave_up = (a->give_up && a->ticks >= a->give_up) || csr_read(time) > a->end;
	t->stop = a->gave_up;
	return true;
}

/* The host wants the first share, and no other. */
static bool serve_call(struct attack *a, const struct texit *e)
{
	bool share = e->a[7] == SBI_EXT_COVG && e->a[6] == SBI_COVG_SHARE_MEMORY_REGION;

	a->calls++;
	if (share && e->a[0] == EXIT_SHARED && !a->shared) {
		a->shared = pages_alloc(1, 1);
		answer(0, 0);
	} else {
		answer((unsigned long)E_DENIED, random_below(2));
	}
	return true;
}

static bool serve_page(struct attack *a, struct tvm *t, const struct texit *e)
{
	unsigned long gpa = e->gpa & ~(PAGE - 1);
	long rc;

	if (gpa == EXIT_SHARED) {
		rc = covh(SBI_COVH_ADD_TVM_SHARED_PAGES, t->gid, a->shared, COVE_PAGE_4K, 1, gpa);
	} else if (t->used < TVM_CHUNK) {
		rc = covh(SBI_COVH_ADD_TVM_ZERO_PAGES, t->gid, tvm_pages(t, 1, 1), COVE_PAGE_4K, 1,
			  gpa);
	} else {
		a->gave_up = t->stop = true; /* it has had all there is */
		return true;
	}
	if (rc)
		test_fail("page %lx, cause %lx: %ld", gpa, e->scause, rc);
	return true;
}

/* A whole, aligned load or store of at most 8 bytes, told as if it used a0 */
static void check_device(struct attack *a, const struct texit *e)
{
	unsigned long size = 1UL << (e->htinst >> 12 & 3);
	unsigned long form = e->scause == CAUSE_GLOAD ? 0x03 | 10 << 7 : 0x23 | 10 << 20;

	a->devices++;
	a->beyond += e->gpa - (GUEST_BASE + GUEST_SIZE) < PAGE;
	if ((e->htinst & ~0x7000UL) != form || (e->gpa & (size - 1)))
		test_fail("device access at %lx, cause %lx, as %lx", e->gpa, e->scause, e->htinst);
	if (size < 8 && e->a[0] >> (8 * size))
		test_fail("store of %lu bytes tells %lx", size, e->a[0]);
}

static bool serve(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	struct attack *a = t->arg;

	(void)vcpu;
	if (e->error || e->value)
		return false;
	if (e->scause >> 63)
		return tick(a, t);
	switch (e->scause) {
	case CAUSE_VIRT:
		a->waits++;
		return true;
	case CAUSE_VECALL:
		return serve_call(a, e);
	case CAUSE_GFETCH:
	case CAUSE_GLOAD:
	case CAUSE_GSTORE:
		if (!e->htinst)
			return serve_page(a, t, e);
		if (e->gpa >= MAIL_BASE && e->gpa < MAIL_BASE + 8 * (MAIL_SLOTS + 1))
			return false;
		check_device(a, e);
		answer(random_below(~0UL), 0);
		return true;
	default:
		return false;
	}
}

static unsigned long times(void)
{
	const char *p = option_value("hostile");
	unsigned long n = 0;

	for (; p && *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (unsigned long)(*p - '0');
	return n ? n : 1;
}

/* One guest, from its birth to its end, beside a bystander */
static enum why run_attack(enum guest_fn fn, unsigned long count, unsigned long give_up,
			   bool scramble)
{
	struct attack *a = &attack;
	enum why why;

	memset(a, 0, sizeof(*a));
	if (!bystander_begins(&a->bystander) ||
	    !tvm_build(&a->t, COVE_TVM_F_IMPLICIT_MMIO, 2, GUEST_ARG(fn, 0))) {
		test_fail("the TVMs cannot be built");
		return WHY_ERROR;
	}
	a->t.hook = serve;
	a->t.arg = a;
	a->t.scramble = scramble;
	a->t.in[HOSTILE_SEED] = random_below(~0UL);
	a->t.in[HOSTILE_COUNT] = count;
	a->give_up = give_up;
	a->end = csr_read(time) + PATIENCE;
	timer_set(csr_read(time) + TICK);
	csr_set(sie, SIP_STIP);
	why = tvm_serve(&a->t, 0);
	timer_set(~0UL);
	csr_clear(sie, SIP_STIP);
	if (why == WHY_ERROR && !test_failed())
		test_fail("run: error %ld, scause %lx", a->t.last[0].error, a->t.last[0].scause);
	if (!test_failed())
		bystander_goes_on(&a->bystander);
	if (!test_failed() && (tvm_destroy(&a->t) || tvm_destroy(&a->bystander)))
		test_fail("the TVMs cannot be destroyed");
	return why;
}

/* An attack that knows what it does: it comes to its end, with the right exceptions only. */
static void exact(const char *name, enum guest_fn fn, unsigned long count, unsigned long least)
{
	random_begin(name);
	EXPECT(run_attack(fn, count, 0, true), WHY_DONE);
	EXPECT(attack.t.mail[HOSTILE_BAD], 0);
	EXPECT_TRUE(attack.t.mail[HOSTILE_PROBES] >= least);
}

static void csrs(void)
{
	exact("hostile_csrs", G_HOSTILE_CSRS, 0, 4096 * 8);
}

static void system_instructions(void)
{
	exact("hostile_system_instructions", G_HOSTILE_SYSTEM, 0, 4094 * 7);
}

static void device_operands(void)
{
	exact("hostile_device_operands", G_HOSTILE_DEVICE, 0, 1000);
	EXPECT_TRUE(attack.devices > 20);
	EXPECT(attack.beyond, 0); /* those begin in memory */
}

static void calls(void)
{
	unsigned long i;

	for (i = 0; i < times(); i++) {
		exact("hostile_calls", G_HOSTILE_CALLS, 10000, 10000);
		REQUIRE(!test_failed());
		EXPECT_TRUE(attack.calls > 20);
		REQUIRE(mem_reset());
	}
}

#define SEEDS 3

/* Random instructions may also be the end of the guest that executes them. */
static void vs_instructions(void)
{
	unsigned long i, most = 0, whole = 0;

	random_begin("hostile_vs_instructions");
	for (i = 0; i < SEEDS * times(); i++) {
		run_attack(G_HOSTILE_VS, 3000, 400, false);
		REQUIRE(!test_failed());
		if (attack.t.mail[HOSTILE_PROBES] > most)
			most = attack.t.mail[HOSTILE_PROBES];
		whole += attack.t.mail[HOSTILE_PROBES] != 0;
		REQUIRE(mem_reset());
	}
	print("# %lu of %lu guests came to their end\n", whole, i);
	EXPECT_TRUE(most >= 3000);
}

static void vu_streams(void)
{
	unsigned long i;

	random_begin("hostile_vu_streams");
	for (i = 0; i < SEEDS * times(); i++) {
		EXPECT(run_attack(G_HOSTILE_VU, 100, 0, false), WHY_DONE);
		EXPECT_TRUE(attack.t.mail[HOSTILE_PROBES] >= 12800);
		EXPECT_TRUE(attack.t.mail[HOSTILE_TRAPS] >= 1000);
		REQUIRE(mem_reset());
	}
}

/* Tables in a device, nowhere, in shared memory, in its code, at the end of what there is */
static void page_tables(void)
{
	static const unsigned long roots[] = {
		DEV_BASE,   0x3000UL,  EXIT_SHARED,	      GUEST_BASE,
		GUEST_HEAP, 1UL << 45, 0xfffffffffffUL << 12, GUEST_BASE + GUEST_SIZE
	};
	unsigned int i;

	random_begin("hostile_page_tables");
	for (i = 0; i < ARRAY_SIZE(roots); i++) {
		EXPECT(run_attack(G_HOSTILE_TABLES, roots[i], 3, true), WHY_STOPPED_BY_TEST);
		EXPECT(attack.t.mail[HOSTILE_PROBES], 1);
		REQUIRE(mem_reset());
	}
}

/* The host gets its turn however many interrupts the guest makes for itself and its sibling. */
static void storm(void)
{
	random_begin("hostile_storm");
	EXPECT(run_attack(G_HOSTILE_STORM, 1, STORM_ENDS, true), WHY_STOPPED_BY_TEST);
	EXPECT(attack.calls, 1); /* the share */
	REQUIRE(mem_reset());
	EXPECT(run_attack(G_HOSTILE_STORM, 3, STORM_ENDS, false), WHY_STOPPED_BY_TEST);
	EXPECT_TRUE(attack.calls > 1);
}

const struct test hostile_guest_tests[] = {
	{ "hostile_csrs", csrs, 1 },
	{ "hostile_system_instructions", system_instructions, 1 },
	{ "hostile_device_operands", device_operands, 1 },
	{ "hostile_vs_instructions", vs_instructions, 1 },
	{ "hostile_vu_streams", vu_streams, 1 },
	{ "hostile_calls", calls, 1 },
	{ "hostile_page_tables", page_tables, 1 },
	{ "hostile_storm", storm, 1 },
};
DEFINE_TESTS(hostile_guest);
