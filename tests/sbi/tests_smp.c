// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Several harts: vCPUs at once and on the move, and the host's calls against
 * a vCPU that runs elsewhere.
 */
#include "tvm.h"
#include "attack.h"
#include "tvm_calls.h"

struct job {
	struct tvm *t;
	unsigned int vcpu;
	enum why why;
};

/* The server of one vCPU on another hart. A TVM that two harts serve must be
 * fully populated: the chunk has no lock. */
static void serve_here(void *arg)
{
	struct job *j = arg;

	j->why = tvm_serve(j->t, j->vcpu);
}

static bool populate(struct tvm *t, unsigned long n)
{
	unsigned long pa = tvm_pages(t, n, 1);
	long rc = covh(SBI_COVH_ADD_TVM_ZERO_PAGES, t->gid, pa, COVE_PAGE_4K, n, GUEST_HEAP);

	if (rc)
		test_fail("add_zero_pages: %ld", rc);
	return pa && !rc;
}

static void end_spin(struct tvm *t, unsigned int id)
{
	t->stop = true;
	hart_kick(id);
	hart_wait(id);
}

static bool build_spinner(struct tvm *t, struct job *j, unsigned int id)
{
	if (!tvm_build(t, COVE_TVM_F_IMPLICIT_MMIO, 2, GUEST_ARG(G_SPIN, 0)) || !populate(t, 4))
		return false;
	*j = (struct job){ t, 0, WHY_ERROR };
	hart_begin(id, serve_here, j);
	if (tvm_in_guest(t))
		return true;
	end_spin(t, id);
	return false;
}

/* A vCPU runs on another hart: what the host may not do meanwhile. */
static void running_elsewhere(void)
{
	unsigned int id = other_hart(0);
	struct job j;
	struct tvm t;

	REQUIRE(build_spinner(&t, &j, id));
	EXPECT(tvm_run(&t, 0).error, E_FAILED); /* on two harts at once */
	EXPECT(covh(SBI_COVH_DESTROY_TVM, t.gid), E_FAILED);
	attack(t.image_pa, "TVM data while the TVM runs");
	attack(t.vcpu_pa[0], "vCPU state while it runs");
	attack(t.root, "G-stage root while it is used");
	EXPECT(INVALIDATE(&t, GUEST_HEAP + PAGE, PAGE), OK);
	EXPECT(FENCE(&t), E_ALREADY_STARTED); /* the vCPU has not left yet */
	end_spin(&t, id);
	EXPECT(FENCE(&t), OK);
	EXPECT(tvm_destroy(&t), OK);
}

/* Pages cannot be converted and used while a hart is inside a TVM and has not acknowledged. */
static void hart_in_tvm_counts(void)
{
	unsigned int id = other_hart(0), i;
	unsigned long pa = pages_alloc(16, 4);
	struct tvm t, u = { 0 };
	struct job j;
	long rc;

	REQUIRE(build_spinner(&t, &j, id));
	EXPECT(convert(pa, 16), OK);
	EXPECT(global_fence(), OK);
	for (i = 1; i + 1 < nharts; i++)
		REQUIRE(on_hart(other_hart(i), set_local_fence, &rc));
	EXPECT(tvm_create_at(&u, pa, pa + 4 * PAGE, 0, 24), E_INVALID_ADDRESS);
	end_spin(&t, id);
	EXPECT(tvm_create_at(&u, pa, pa + 4 * PAGE, 0, 24), E_INVALID_ADDRESS);
	REQUIRE(on_hart(id, set_local_fence, &rc));
	EXPECT(tvm_create_at(&u, pa, pa + 4 * PAGE, 0, 24), OK);
}

/* The hart that leaves a TVM has its host's view again. */
static void closed_after_exit(void)
{
	unsigned int id = other_hart(0);
	struct job j;
	struct tvm t;

	REQUIRE(build_spinner(&t, &j, id));
	end_spin(&t, id);
	REQUIRE(on_hart(id, set_attack, (void *)t.image_pa));
	REQUIRE(on_hart(id, set_attack, (void *)t.vcpu_pa[0]));
	REQUIRE(on_hart(id, set_attack, (void *)0x80000000UL));
}

/* Exit by exit on another hart. */
struct step {
	struct tvm *t;
	bool over;
};

static void step_here(void *arg)
{
	struct step *s = arg;

	s->t->stop = true;
	s->over = tvm_serve(s->t, 0) != WHY_STOPPED_BY_TEST;
}

static void migrate(enum guest_fn fn, unsigned long param, unsigned long in)
{
	struct tvm t;
	struct step s = { &t, false };
	unsigned int i;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(fn, param)));
	t.in[0] = in;
	t.scramble = true;
	for (i = 0; i < 300 && !t.mailed[MAIL_DONE]; i++) {
		unsigned int id = i % nharts;

		if (id == this_hart()->id)
			step_here(&s);
		else
			REQUIRE(on_hart(id, step_here, &s));
		REQUIRE(!test_failed());
	}
	EXPECT_TRUE(t.mailed[MAIL_DONE]);
	EXPECT(t.mail[0], 0);
	EXPECT(t.mail[1], 0);
	EXPECT(t.mail[2], 0);
	EXPECT(t.mail[3], 0);
}

static void migration_of_registers(void)
{
	migrate(G_EXITS, KIND_STORE, 0);
	migrate(G_EXITS, KIND_ECALL, 0);
	migrate(G_EXITS, KIND_FAULT, 0);
}

static void migration_of_memory(void)
{
	migrate(G_PAGES, 0x717, 12);
}

/* Two vCPUs on two harts; the first sends an interrupt to the second. */
static bool peer_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	static unsigned int peer_hart;

	if (vcpu == 0 && e->scause == CAUSE_VECALL && e->a[7] == EXT_HSM) {
		static struct job j;

		peer_hart = other_hart(0);
		j = (struct job){ t, 1, WHY_ERROR };
		t->ninformed += 100;
		hart_begin(peer_hart, serve_here, &j);
		return true;
	}
	return false;
}

/* A guest whose vCPU 1 another hart runs as soon as it is started, until vCPU 0 is done. */
static bool with_peer(struct tvm *t, unsigned long arg, unsigned long pages)
{
	enum why why;

	if (!tvm_build(t, COVE_TVM_F_IMPLICIT_MMIO, 2, arg) || !populate(t, pages))
		return false;
	t->hook = peer_hook;
	why = tvm_serve(t, 0);
	end_spin(t, other_hart(0));
	CHECK(why, WHY_DONE);
	return true;
}

static void ipi_to_peer(unsigned long sleeps)
{
	struct tvm t;

	REQUIRE(with_peer(&t, GUEST_ARG(G_IPI_PEER, sleeps), 4));
	EXPECT(t.mail[0], OK);
	EXPECT(t.mail[2], OK);
	EXPECT(t.mail[4], 1);
}

static void ipi_to_running_peer(void)
{
	ipi_to_peer(0);
}

static void ipi_to_waiting_peer(void)
{
	ipi_to_peer(1);
}

/* Remote fences and interrupts in both directions at once. */
static void storm(void)
{
	struct tvm t;

	REQUIRE(with_peer(&t, GUEST_ARG(G_STORM, 0), 4));
	EXPECT(t.mail[0], OK);
	EXPECT(t.mail[2], 0);
	EXPECT(t.mail[5], 0);
	EXPECT(t.mail[3], 1);
	EXPECT(t.mail[4], 1);
}

/* A sibling that the host does not run: the host is told, and the interrupt waits. */
static bool sleeping_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	struct texit f;

	(void)vcpu;
	if (e->scause != CAUSE_VECALL || (e->a[7] != EXT_HSM && e->a[7] != EXT_IPI))
		return false;
	t->ninformed++;
	if (e->a[7] == EXT_IPI && (e->a[6] || e->a[0] != 2 || e->a[1] || e->a[2]))
		test_fail("the ipi is reported as %lx %lx %lx", e->a[6], e->a[0], e->a[1]);
	/* run the sibling until it waits */
	do {
		f = tvm_run(t, 1);
		if (f.error || f.value || test_failed()) {
			test_fail("the sibling ends with %ld %lu", f.error, f.value);
			t->stop = true;
			return true;
		}
	} while (f.scause != CAUSE_VIRT && !(f.scause == (CAUSE_IRQ | IRQ_S_TIMER)));
	timer_set(csr_read(time) + 100000); /* ends its spinning in the end */
	return true;
}

static void ipi_to_sleeping_peer(void)
{
	struct tvm t;
	enum why why;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 2, GUEST_ARG(G_IPI_PEER, 1)));
	t.hook = sleeping_hook;
	csr_write(sie, SIP_STIP);
	timer_set(~0UL);
	timer_set(csr_read(time) + 10000000);
	why = tvm_serve(&t, 0);
	csr_write(sie, 0);
	timer_set(~0UL);
	EXPECT(why, WHY_DONE);
	EXPECT(t.mail[4], 1);
	EXPECT(t.ninformed, 2);
}

/* A remote fence of the guest's reaches a vCPU that runs. */
static void remote_fence(void)
{
	struct tvm t;

	REQUIRE(with_peer(&t, GUEST_ARG(G_REMAP, 0), 8));
	EXPECT(t.mail[2], OK);
	EXPECT(t.mail[4], 2);
}

/*
 * A page that was taken from one vCPU stays with the TVM until the other, which
 * runs elsewhere, has left once.
 */
static bool remove_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	unsigned int id = other_hart(0), i, refused = 0;

	if (vcpu || e->scause != CAUSE_VECALL)
		return false;
	if (e->a[7] == EXT_HSM) {
		hart_begin(id, serve_here, t->arg);
		return true;
	}
	if (e->a[7] != SBI_EXT_COVG || !tvm_in_guest(t))
		return false;
	for (i = 0; i < 4; i++) {
		unsigned long gpa = GUEST_HEAP + (4 + i) * PAGE;
		unsigned int tries;
		long rc;

		hart_kick(id); /* closes the round */
		for (tries = 0; FENCE(t) != OK && tries < 1000; tries++)
			pause_ticks(20000);
		pause_ticks(100000); /* long enough to be back in the guest, mostly */
		if (INVALIDATE(t, gpa, PAGE))
			test_fail("invalidate %lx is refused", gpa);
		/* opens a round, or the last one is open since the kick */
		if (FENCE(t) != OK) {
			hart_kick(id);
			for (tries = 0; FENCE(t) != OK && tries < 1000; tries++)
				pause_ticks(20000);
		}
		rc = REMOVE(t, gpa, PAGE);
		refused += rc == E_FAILED;
		for (tries = 0; rc == E_FAILED && tries < 1000; tries++) {
			hart_kick(id);
			pause_ticks(20000);
			rc = REMOVE(t, gpa, PAGE);
		}
		if (rc)
			test_fail("remove %lx: %ld", gpa, rc);
	}
	if (!refused)
		test_fail("no removal is refused while a vCPU is inside");
	answer(0, 0);
	return true;
}

static void remove_needs_all_vcpus(void)
{
	struct job j;
	struct tvm t;
	enum why why;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 2, GUEST_ARG(G_SHARE_SMP, 0)));
	REQUIRE(populate(&t, 8));
	j = (struct job){ &t, 1, WHY_ERROR };
	t.hook = remove_hook;
	t.arg = &j;
	why = tvm_serve(&t, 0);
	end_spin(&t, other_hart(0));
	EXPECT(why, WHY_DONE);
	EXPECT(t.mail[4], OK);
}

/* Two TVMs on two harts, same addresses, all the time. */
static void two_tvms(void)
{
	unsigned int id = other_hart(0), i;
	struct tvm t, u;
	struct job j = { &u, 0, WHY_ERROR };

	for (i = 0; i < 4; i++) {
		REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_PAGES, 0x100 + i)));
		REQUIRE(tvm_build(&u, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_PAGES, 0x200 + i)));
		t.in[0] = u.in[0] = 16;
		t.scramble = u.scramble = true;
		hart_begin(id, serve_here, &j);
		EXPECT(tvm_serve(&t, 0), WHY_DONE);
		REQUIRE(hart_wait(id));
		EXPECT(j.why, WHY_DONE);
		EXPECT(t.mail[0] | t.mail[1] | u.mail[0] | u.mail[1], 0);
		EXPECT(tvm_destroy(&t), OK);
		EXPECT(tvm_destroy(&u), OK);
		EXPECT(reclaim(t.chunk, TVM_CHUNK), OK);
		EXPECT(reclaim(u.chunk, TVM_CHUNK), OK);
	}
}

/* Every hart makes and destroys pages of its own at the same time. */
static void churn_here(void *arg)
{
	unsigned long pa = (unsigned long)arg;
	unsigned int i;

	for (i = 0; i < 100; i++) {
		long rc = convert(pa, 2);

		if (rc) {
			test_fail("convert: %ld", rc);
			return;
		}
		page_is_zero(pa + 2 * PAGE);
		if (probe_ld(pa) != 5 || reclaim(pa, 2) || probe_ld(pa) != NO_FAULT ||
		    !page_is_zero(pa)) {
			test_fail("hart %lu sees a page in a wrong state", this_hart()->id);
			return;
		}
		page_fill(pa, i);
	}
}

static void churn(void)
{
	unsigned int i;

	for (i = 0; i + 1 < nharts; i++)
		hart_begin(other_hart(i), churn_here, (void *)pages_alloc(4, 4));
	churn_here((void *)pages_alloc(4, 4));
	for (i = 0; i + 1 < nharts; i++)
		REQUIRE(hart_wait(other_hart(i)));
}

const struct test smp_tests[] = {
	{ "smp_running_elsewhere", running_elsewhere, 2 },
	{ "smp_hart_in_tvm_counts_for_fences", hart_in_tvm_counts, 2 },
	{ "smp_closed_after_exit", closed_after_exit, 2 },
	{ "smp_migration_of_registers", migration_of_registers, 2 },
	{ "smp_migration_of_memory", migration_of_memory, 2 },
	{ "smp_ipi_to_running_peer", ipi_to_running_peer, 2 },
	{ "smp_ipi_to_waiting_peer", ipi_to_waiting_peer, 2 },
	{ "smp_ipi_to_sleeping_peer", ipi_to_sleeping_peer, 1 },
	{ "smp_storm_of_fences_and_ipis", storm, 2 },
	{ "smp_remote_fence", remote_fence, 2 },
	{ "smp_remove_needs_all_vcpus", remove_needs_all_vcpus, 2 },
	{ "smp_two_tvms", two_tvms, 2 },
	{ "smp_churn", churn, 2 },
};
DEFINE_TESTS(smp);
