// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Harts that stop, start, suspend and resume: nothing opens up on the way.
 */
#include "tvm.h"
#include "attack.h"

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

	for (i = 0; i < nreserved; i++)
		if (!attack(reserved[i].base, reserved[i].name))
			return false;
	return attack(t->root, "G-stage root") && attack(t->state, "TVM state") &&
	       attack(t->vcpu_pa[0], "vCPU state") && attack(t->image_pa, "TVM data");
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
	unsigned long pa = pages_alloc(8, 4);
	struct tvm t = { 0 };
	long rc;

	for (round = 0; round < 30; round++) {
		struct hart *h = &harts[id];
		unsigned int boots = h->boots;

		REQUIRE(hart_stop_one(id));
		h->recover = 0;
		h->busy = 0;
		EXPECT(sbi6(EXT_HSM, 0, id, (unsigned long)secondary_entry, (unsigned long)h).error,
		       OK);
		EXPECT(convert(pa, 8), OK);
		rc = global_fence();
		EXPECT_TRUE(rc == OK || rc == E_ALREADY_STARTED);
		for (i = 1; i + 1 < nharts; i++)
			REQUIRE(on_hart(other_hart(i), set_local_fence, &rc));
		rc = tvm_create_at(&t, pa, pa + 4 * PAGE, 0, 24);
		REQUIRE(soon(&h->boots, boots + 1));
		if (!rc) {
			/* without a fence of its own */
			REQUIRE(on_hart(id, set_attack, (void *)(pa + 4 * PAGE)));
			EXPECT(tvm_destroy(&t), OK);
		}
		REQUIRE(on_hart(id, set_local_fence, &rc));
		EXPECT(reclaim(pa, 8), OK);
	}
}

const struct test hsm_tests[] = {
	{ "hsm_resume", resume, 1 },
	{ "hsm_resume_between_runs", resume_between_runs, 1 },
	{ "hsm_resume_on_another_hart", resume_on_another_hart, 2 },
	{ "hsm_stop_and_start", stop_and_start, 2 },
	{ "hsm_converted_while_stopped", converted_while_stopped, 2 },
	{ "hsm_run_after_restart", run_after_restart, 2 },
	{ "hsm_start_races_with_fence", start_races_with_fence, 2 },
};
DEFINE_TESTS(hsm);
