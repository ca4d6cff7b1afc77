// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Harts that stop, start, suspend and resume, at any moment: nothing opens up
 * on the way.
 */
#include "tvm.h"
#include "attack.h"

#define START		       0
#define STOP		       1
#define STATUS		       2
#define SUSPEND		       3
#define STARTED		       0
#define STOPPED		       1
#define SUSPENDED	       4
#define HSM(call, ...)	       sbi6(EXT_HSM, call, HSM_ARGS(__VA_ARGS__, 0, 0))
#define HSM_ARGS(x, y, z, ...) (unsigned long)(x), (unsigned long)(y), (unsigned long)(z)

/* Suspend, wake by timer; then everything that was closed must be closed. */
static bool suspend_here(void)
{
	long rc;

	timer_set(csr_read(time) + 50000);
	csr_write(sie, SIP_STIP);
	rc = suspend_nonretentive();
	csr_write(sie, 0);
	timer_set(~0UL);
	if (rc)
		test_fail("hart_suspend: %ld", rc);
	return !rc;
}

static bool all_closed(struct tvm *t)
{
	unsigned int i;

	/* the TVM's first: a fault brings a stale PMP up to date */
	if (!attack(t->image_pa, "TVM data") || !attack(t->root, "G-stage root") ||
	    !attack(t->state, "TVM state") || !attack(t->vcpu_pa[0], "vCPU state"))
		return false;
	for (i = 0; i < nreserved; i++)
		if (!attack(reserved[i].base, reserved[i].name))
			return false;
	return true;
}

static void resume(void)
{
	unsigned long pa = pages_alloc(1, 1);
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_PAGES, 1)));
	REQUIRE(suspend_here());
	REQUIRE(all_closed(&t));
	EXPECT(probe_sd(pa, 1), NO_FAULT);
	EXPECT(nacl_set(), OK);
	t.in[0] = 4;
	t.scramble = true;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[0] | t.mail[1], 0);
	REQUIRE(all_closed(&t));
}

/* In the middle of a guest's life. */
static bool suspend_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	unsigned long saved[3];

	(void)vcpu;
	(void)e;
	if (t->ninformed > 20)
		return false;
	t->ninformed++;
	saved[0] = *nacl_word(NACL_GPR_OFFSET(10));
	if (!suspend_here() || !all_closed(t) || nacl_set())
		t->stop = true;
	*nacl_word(NACL_GPR_OFFSET(10)) = saved[0];
	return false;
}

static void resume_between_runs(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_EXITS, KIND_STORE)));
	t.hook = suspend_hook;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[0], 0);
	EXPECT(t.mail[1], 0);
	EXPECT(t.mail[2], 0);
	EXPECT(t.mail[3], 0);
}

static void suspend_there(void *arg)
{
	(void)arg;
	suspend_here();
	csr_write(sie, SIP_SSIP);
}

static void attack_there(void *arg)
{
	all_closed(arg);
}

static void resume_on_another_hart(void)
{
	unsigned int id = other_hart(0);
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 1, GUEST_ARG(G_NULL, 0)));
	REQUIRE(on_hart(id, suspend_there, 0));
	REQUIRE(on_hart(id, attack_there, &t));
}

static void stop_and_start(void)
{
	unsigned int id = other_hart(0), round;
	unsigned long pa = pages_alloc(1, 1);
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 1, GUEST_ARG(G_NULL, 0)));
	for (round = 0; round < 3; round++) {
		REQUIRE(hart_stop_one(id));
		REQUIRE(hart_start_one(id));
		REQUIRE(on_hart(id, attack_there, &t));
		REQUIRE(on_hart(id, set_probe, (void *)pa));
		EXPECT(probe_result(id), NO_FAULT);
	}
}

/* Converted while the hart was away. */
static void converted_while_stopped(void)
{
	unsigned int id = other_hart(0);
	unsigned long pa = pages_alloc(2, 1);

	REQUIRE(on_hart(id, set_probe, (void *)pa));
	REQUIRE(hart_stop_one(id));
	EXPECT(convert(pa, 1), OK);
	REQUIRE(hart_start_one(id));
	REQUIRE(on_hart(id, set_attack, (void *)pa));
	REQUIRE(hart_stop_one(id));
	EXPECT(reclaim(pa, 1), OK);
	REQUIRE(hart_start_one(id));
	REQUIRE(on_hart(id, set_probe, (void *)pa));
	EXPECT(probe_result(id), NO_FAULT);
}

/* A TVM on a hart that has been away. */
struct job {
	struct tvm *t;
	enum why why;
	long nacl;
};

static void run_there(void *arg)
{
	struct job *j = arg;

	j->nacl = tvm_run(j->t, 0).error; /* its NACL memory is forgotten */
	if (!nacl_set())
		j->why = tvm_serve(j->t, 0);
}

static void run_after_restart(void)
{
	unsigned int id = other_hart(0);
	struct tvm t;
	struct job j = { &t, WHY_ERROR, 1 };

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_PAGES, 5)));
	t.in[0] = 4;
	REQUIRE(hart_stop_one(id));
	REQUIRE(hart_start_one(id));
	REQUIRE(on_hart(id, run_there, &j));
	EXPECT(j.nacl, E_FAILED);
	EXPECT(j.why, WHY_DONE);
	EXPECT(t.mail[0] | t.mail[1], 0);
}

/*
 * Conversions and fences while a hart comes up: as soon as a page may be used,
 * that hart must not reach it.
 */
static void start_races_with_fence(void)
{
	unsigned int id = other_hart(0), round, i;
	unsigned long pa = pages_alloc(16, 4);
	struct tvm t = { 0 };
	long rc;

	random_begin("hsm_start_races_with_fence");
	for (round = 0; round < 100; round++) {
		struct hart *h = &harts[id];
		unsigned int boots = h->boots;

		REQUIRE(hart_stop_one(id));
		h->recover = 0;
		h->busy = 0;
		EXPECT(HSM(START, id, secondary_entry, h).error, OK);
		pause_ticks(random_below(2000));
		EXPECT(convert(pa, 16), OK);
		rc = global_fence();
		EXPECT_TRUE(rc == OK || rc == E_ALREADY_STARTED);
		for (i = 1; i + 1 < nharts; i++)
			REQUIRE(on_hart(other_hart(i), set_local_fence, &rc));
		rc = tvm_create_at(&t, pa, pa + 4 * PAGE, 0, 24);
		REQUIRE(soon(&h->boots, boots + 1));
		if (!rc) {
			/* without a fence of its own */
			REQUIRE(on_hart(id, set_attack, (void *)(pa + 4 * PAGE)));
			REQUIRE(!test_failed());
			EXPECT(tvm_destroy(&t), OK);
		}
		REQUIRE(on_hart(id, set_local_fence, &rc));
		EXPECT(reclaim(pa, 16), OK);
	}
}

/* Can these sixteen pages be used by now? They are the host's again afterwards, or as they were. */
static long use(unsigned long pa)
{
	struct tvm t = { 0 };
	long rc = tvm_create_at(&t, pa, pa + 4 * PAGE, 0, 24);

	return rc ? rc : tvm_destroy(&t);
}

/* A local fence on every other hart but @id. */
static bool fence_all_but(unsigned int id)
{
	unsigned int i;
	long rc;

	for (i = 0; i + 1 < nharts; i++)
		if (other_hart(i) != id && !on_hart(other_hart(i), set_local_fence, &rc))
			return false;
	return true;
}

/* Until an interrupt comes; the payload's harts wait with SSIP enabled. */
static void sleep_here(void *retentive)
{
	long rc = retentive ? HSM(SUSPEND, 0, 0, 0).error : suspend_nonretentive();

	csr_clear(sip, SIP_SSIP);
	if (rc)
		test_fail("hart_suspend: %ld", rc);
}

static bool hart_in_state(unsigned int id, unsigned long state)
{
	unsigned long start = csr_read(time);

	while (HSM(STATUS, id).value != state)
		if (csr_read(time) - start > 100000000UL)
			return false;
	return true;
}

/*
 * A sleeping hart counts: it will come back with what it knew. Asleep with an
 * old view of @pa, woken by an IPI.
 */
static void sleeping_hart_counts(bool retentive)
{
	unsigned int id = other_hart(0);
	unsigned long pa = pages_alloc(16, 4);
	long rc;

	REQUIRE(on_hart(id, set_probe, (void *)pa));
	EXPECT(probe_result(id), NO_FAULT);
	hart_begin(id, sleep_here, retentive ? this_hart() : NULL);
	EXPECT_TRUE(hart_in_state(id, SUSPENDED));
	EXPECT(convert(pa, 16), OK);
	EXPECT(global_fence(), OK);
	REQUIRE(fence_all_but(id));
	EXPECT(use(pa), E_INVALID_ADDRESS);
	EXPECT(global_fence(), E_ALREADY_STARTED);
	hart_kick(id);
	REQUIRE(hart_wait(id));
	if (retentive) {
		EXPECT(use(pa), E_INVALID_ADDRESS);
		REQUIRE(on_hart(id, set_local_fence, &rc));
	}
	EXPECT(use(pa), OK);
	REQUIRE(on_hart(id, set_attack, (void *)pa));
}

static void suspended_counts(void)
{
	sleeping_hart_counts(false);
}

static void suspended_retentive_counts(void)
{
	sleeping_hart_counts(true);
}

/* What M-mode may write for a sleeping hart stays the host's. */
static void nacl_while_suspended(void)
{
	unsigned int id = other_hart(0);
	long rc;

	hart_begin(id, sleep_here, NULL);
	EXPECT_TRUE(hart_in_state(id, SUSPENDED));
	rc = convert(nacl_of(id), 1);
	hart_kick(id);
	REQUIRE(hart_wait(id));
	EXPECT(rc, E_INVALID_ADDRESS);
	EXPECT(convert(nacl_of(id), 1), E_INVALID_ADDRESS);
}

/* Converted, and asleep before any fence. */
static void sleep_in_conversion(void *arg)
{
	unsigned long pa = (unsigned long)arg;

	if (convert(pa, 1)) {
		test_fail("convert is refused");
		return;
	}
	suspend_there(0);
	attack(pa, "a page that was converted before the hart slept");
}

static void suspend_mid_conversion(void)
{
	unsigned long pa = pages_alloc(2, 2);

	REQUIRE(on_hart(other_hart(0), sleep_in_conversion, (void *)pa));
	REQUIRE(!test_failed());
	REQUIRE(fence_all());
}

/* Up between conversion and fence: it takes part in the round. */
static void start_while_open(void)
{
	unsigned int id = other_hart(0);
	unsigned long pa = pages_alloc(16, 4);
	long rc;

	REQUIRE(hart_stop_one(id));
	EXPECT(convert(pa, 16), OK);
	REQUIRE(hart_start_one(id));
	EXPECT(global_fence(), OK);
	REQUIRE(fence_all_but(id));
	EXPECT(use(pa), E_INVALID_ADDRESS);
	EXPECT(global_fence(), E_ALREADY_STARTED);
	REQUIRE(on_hart(id, set_local_fence, &rc));
	EXPECT(use(pa), OK);
}

/* A hart that owes an acknowledgement and stops instead knows nothing old when it is back. */
static void stop_instead_of_fence(void)
{
	unsigned int id = other_hart(0);
	unsigned long pa = pages_alloc(16, 4);
	struct tvm t = { 0 };

	REQUIRE(on_hart(id, set_probe, (void *)pa));
	EXPECT(convert(pa, 16), OK);
	EXPECT(global_fence(), OK);
	REQUIRE(fence_all_but(id));
	EXPECT(use(pa), E_INVALID_ADDRESS);
	REQUIRE(hart_stop_one(id));
	EXPECT(tvm_create_at(&t, pa, pa + 4 * PAGE, 0, 24), OK);
	REQUIRE(hart_start_one(id));
	REQUIRE(on_hart(id, set_attack, (void *)pa));
}

/* auipc t0, 0; ld t1, 16(t0); jr t1; nop; the address. The first word makes it run. */
static void write_jump(unsigned long pa, void (*to)(void))
{
	volatile unsigned int *code = (volatile unsigned int *)pa;

	*(volatile unsigned long *)(pa + 16) = (unsigned long)to;
	code[1] = 0x0102b303;
	code[2] = 0x00030067;
	code[3] = 0x00000013;
	__asm__ volatile("fence rw, rw" ::: "memory");
	code[0] = 0x00000297;
	__asm__ volatile("fence rw, rw; fence.i" ::: "memory");
}

/* Sent into a page that was converted: refused, until the page is the host's again and has code. */
static void start_in_converted_page(void)
{
	unsigned int id = other_hart(0), boots;
	unsigned long pa = pages_alloc(16, 4);
	struct hart *h = &harts[id];

	write_jump(pa, secondary_entry);
	REQUIRE(hart_stop_one(id));
	boots = h->boots;
	h->recover = 0;
	h->busy = 0;
	EXPECT(convert(pa, 16), OK);
	EXPECT(HSM(START, id, pa, h).error, E_INVALID_ADDRESS);
	EXPECT_TRUE(hart_in_state(id, STOPPED));
	EXPECT(reclaim(pa, 16), OK);
	write_jump(pa, secondary_entry);
	EXPECT(HSM(START, id, pa, h).error, OK);
	EXPECT_TRUE(soon(&h->boots, boots + 1));
}

/* A TVM runs on one hart while another goes and comes back in every way. */
static void serve_spinner(void *arg)
{
	tvm_serve(arg, 0);
}

static void around_a_running_vcpu(void)
{
	unsigned int runner = other_hart(0), id = other_hart(1), i;
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_SPIN, 0)));
	EXPECT(covh(SBI_COVH_ADD_TVM_ZERO_PAGES, t.gid, tvm_pages(&t, 1, 1), 0, 1, GUEST_HEAP), OK);
	hart_begin(runner, serve_spinner, &t);
	while (!__atomic_load_n(&t.mailed[0], __ATOMIC_ACQUIRE) && !test_failed())
		;
	for (i = 0; i < 3 && !test_failed(); i++) {
		on_hart(id, suspend_there, 0);
		on_hart(id, attack_there, &t);
		if (!hart_stop_one(id) || !hart_start_one(id))
			test_fail("hart %u does not stop and start", id);
		on_hart(id, attack_there, &t);
		suspend_here();
		all_closed(&t);
	}
	t.stop = true;
	hart_kick(runner);
	REQUIRE(hart_wait(runner));
	/* the runner stops with what it had of the TVM, and another goes on */
	REQUIRE(hart_stop_one(runner));
	REQUIRE(hart_start_one(runner));
	REQUIRE(on_hart(runner, attack_there, &t));
	EXPECT(tvm_destroy(&t), OK);
}

/*
 * All at once, at random: every other hart fences, sleeps, stops, converts, and
 * tries to reach a page of eight which the boot hart converts and gives to a
 * TVM as soon as the monitor allows it.
 */
#define STORM_ROUNDS 60

static struct {
	unsigned long pa;
	unsigned int epoch; /* odd while a TVM has the pages */
	unsigned int probes;
	unsigned int over;
} storm;

static void storm_probe(unsigned long pa)
{
	unsigned int before = __atomic_load_n(&storm.epoch, __ATOMIC_SEQ_CST);
	unsigned long cause = probe_ld(pa);
	unsigned int after = __atomic_load_n(&storm.epoch, __ATOMIC_SEQ_CST);

	__atomic_add_fetch(&storm.probes, 1, __ATOMIC_RELAXED);
	if ((before & 1) && before == after && cause == NO_FAULT)
		test_fail("hart %lu reads a page of a TVM", this_hart()->id);
}

static void storm_sleep(bool retentive)
{
	timer_set(csr_read(time) + random_below(3000));
	csr_write(sie, SIP_STIP);
	if (retentive)
		HSM(SUSPEND, 0, 0, 0);
	else
		suspend_nonretentive();
	csr_write(sie, SIP_SSIP);
	timer_set(~0UL);
}

static void storm_here(void *arg)
{
	unsigned long own = (unsigned long)arg;

	while (!__atomic_load_n(&storm.over, __ATOMIC_ACQUIRE) && !test_failed()) {
		switch (random_below(80)) {
		case 0:
			HSM(STOP, 0);
			break;
		case 1:
			storm_sleep(false);
			break;
		case 2:
			storm_sleep(true);
			break;
		case 3:
			if (convert(own, 1) || probe_ld(own) != 5 || reclaim(own, 1))
				test_fail("hart %lu: its own page", this_hart()->id);
			break;
		case 4:
		case 5:
			local_fence();
			break;
		default:
			storm_probe(storm.pa + random_below(6) * PAGE);
			pause_ticks(random_below(200));
			break;
		}
	}
}

/* Harts that have stopped come up again, sooner or later. */
static bool storm_revive(unsigned long own)
{
	unsigned int i;

	for (i = 0; i + 1 < nharts; i++) {
		unsigned int id = other_hart(i);

		if (HSM(STATUS, id).value != STOPPED || random_below(4))
			continue;
		if (!hart_start_one(id)) {
			test_fail("hart %u does not start", id);
			return false;
		}
		if (!__atomic_load_n(&storm.over, __ATOMIC_ACQUIRE))
			hart_begin(id, storm_here, (void *)(own + id * PAGE));
	}
	return true;
}

/* Long enough for a few probes of the others, if they are awake. */
static void storm_pause(void)
{
	unsigned int before = __atomic_load_n(&storm.probes, __ATOMIC_RELAXED);
	unsigned long start = csr_read(time);

	while (__atomic_load_n(&storm.probes, __ATOMIC_RELAXED) - before < 4 * nharts &&
	       csr_read(time) - start < 200000)
		;
}

static void storm_round(unsigned long own)
{
	unsigned long start = csr_read(time);
	struct tvm t = { 0 };

	storm_pause(); /* the others use their page */
	EXPECT(convert(storm.pa, 16), OK);
	for (;;) {
		pause_ticks(random_below(200));
		global_fence();
		local_fence();
		REQUIRE(storm_revive(own));
		if (!tvm_create_at(&t, storm.pa, storm.pa + 4 * PAGE, 0, 24))
			break;
		REQUIRE(!test_failed());
		EXPECT_TRUE(csr_read(time) - start < 100000000UL);
	}
	__atomic_add_fetch(&storm.epoch, 1, __ATOMIC_SEQ_CST);
	attack(storm.pa, "a page of a TVM");
	storm_pause();
	__atomic_add_fetch(&storm.epoch, 1, __ATOMIC_SEQ_CST);
	EXPECT(tvm_destroy(&t), OK);
	EXPECT(reclaim(storm.pa, 16), OK);
}

static void storm_of_harts(void)
{
	unsigned long own = pages_alloc(MAX_HARTS, 1);
	unsigned int i;

	random_begin("hsm_storm");
	memset(&storm, 0, sizeof(storm));
	storm.pa = pages_alloc(16, 4);
	for (i = 0; i + 1 < nharts; i++)
		hart_begin(other_hart(i), storm_here, (void *)(own + other_hart(i) * PAGE));
	for (i = 0; i < STORM_ROUNDS && !test_failed(); i++)
		storm_round(own);
	__atomic_store_n(&storm.over, 1, __ATOMIC_RELEASE);
	for (i = 0; i + 1 < nharts; i++)
		while (__atomic_load_n(&harts[other_hart(i)].busy, __ATOMIC_ACQUIRE))
			REQUIRE(storm_revive(own));
}

const struct test hsm_tests[] = {
	{ "hsm_resume", resume, 1 },
	{ "hsm_resume_between_runs", resume_between_runs, 1 },
	{ "hsm_resume_on_another_hart", resume_on_another_hart, 2 },
	{ "hsm_stop_and_start", stop_and_start, 2 },
	{ "hsm_converted_while_stopped", converted_while_stopped, 2 },
	{ "hsm_run_after_restart", run_after_restart, 2 },
	{ "hsm_start_races_with_fence", start_races_with_fence, 2 },
	{ "hsm_suspended_hart_counts", suspended_counts, 2 },
	{ "hsm_suspended_retentive_counts", suspended_retentive_counts, 2 },
	{ "hsm_nacl_while_suspended", nacl_while_suspended, 2 },
	{ "hsm_suspend_mid_conversion", suspend_mid_conversion, 2 },
	{ "hsm_start_while_open", start_while_open, 2 },
	{ "hsm_stop_instead_of_fence", stop_instead_of_fence, 2 },
	{ "hsm_start_in_converted_page", start_in_converted_page, 2 },
	{ "hsm_around_a_running_vcpu", around_a_running_vcpu, 3 },
	{ "hsm_storm", storm_of_harts, 2 },
};
DEFINE_TESTS(hsm);
