// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Registers across exits, both ways: the guest checks its own, and the host's
 * hold a pattern during every run.
 */
#include "remote.h"

#define WRS_NTO	  0x00d00073
#define DEV_VALUE 0x1badb002deadbeefUL

/* Host timer interrupts all through the guest's spinning. */
static bool tick_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	(void)vcpu;
	timer_set(csr_read(time) + 20000);
	if (e->scause != (CAUSE_IRQ | IRQ_S_TIMER))
		return false;
	t->nirq++;
	return true;
}

/* It is no WFI: a host that waits would wait for ever. */
static bool spin_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	(void)t;
	(void)vcpu;
	if (e->scause == CAUSE_VIRT && (e->stval != WRS_NTO || e->htinst != WRS_NTO))
		test_fail("WRS.NTO: stval %lx, htinst %lx", e->stval, e->htinst);
	return false;
}

static void exits(enum exit_kind kind)
{
	struct tvm t;
	enum why why;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_EXITS, kind)));
	t.scramble = true;
	t.dev_reply = DEV_VALUE;
	if (kind == KIND_SPIN)
		t.hook = spin_hook;
	if (kind == KIND_TIMER) {
		t.hook = tick_hook;
		timer_set(csr_read(time) + 20000);
	}
	why = tvm_serve(&t, 0);
	timer_set(~0UL);
	EXPECT(why, WHY_DONE);
	EXPECT(t.mail[0], 0); /* GPRs that changed */
	EXPECT(t.mail[1], 0); /* F registers, bit 32: fcsr */
	EXPECT(t.mail[2], 0); /* V registers, bit 63: vl, vtype, vcsr */
	EXPECT(t.mail[3], 0); /* CSRs, in the order of the guest's list */
	switch (kind) {
	case KIND_ECALL:
		EXPECT(t.console[0], 'x');
		EXPECT(t.mail[5], 0);
		EXPECT(t.mail[6], 0);
		break;
	case KIND_STORE:
		EXPECT(t.ndev, 1);
		EXPECT(t.dev[0].value, 0x6775657374000000UL | 5 * 0x010101UL);
		break;
	case KIND_LOAD:
		EXPECT(t.ndev, 1);
		EXPECT(t.mail[4], DEV_VALUE);
		break;
	case KIND_FAULT:
		EXPECT(t.last_fault, GUEST_HEAP + 0x3000);
		EXPECT(t.mail[4], 0);
		break;
	case KIND_WFI:
		EXPECT_TRUE(t.nwfi >= 1);
		break;
	case KIND_TIMER:
		EXPECT_TRUE(t.nirq >= 1);
		break;
	case KIND_SPIN:
		/* the host hears of it, but not of each */
		EXPECT_TRUE(t.nwfi >= 2 && t.nwfi < SPIN_LOOPS / 8);
		break;
	case KIND_PAGING:
		EXPECT(t.ndev, 1);
		break;
	default:
		break;
	}
}

static void ecall(void)
{
	exits(KIND_ECALL);
}

static void store(void)
{
	exits(KIND_STORE);
}

static void load(void)
{
	exits(KIND_LOAD);
}

static void fault(void)
{
	exits(KIND_FAULT);
}

static void wfi(void)
{
	exits(KIND_WFI);
}

static void spin(void)
{
	exits(KIND_SPIN);
}

static void timer(void)
{
	exits(KIND_TIMER);
}

static void paging(void)
{
	exits(KIND_PAGING);
}

/* No guest value in what the host may read after an exit. */
static bool looks_like_guest(unsigned long v)
{
	return (v & 0xffffffffff000000UL) == 0x6775657374000000UL;
}

static bool leak_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	unsigned long i;

	(void)vcpu;
	for (i = 0; i < NACL_SHMEM_SIZE; i += 8) {
		unsigned long v = *nacl_word(i);

		if (!looks_like_guest(v))
			continue;
		/* a store tells the stored value, in a0 */
		if (e->htinst && i == NACL_GPR_OFFSET(10))
			continue;
		test_fail("guest value %lx at NACL offset %lx, scause %lx", v, i, e->scause);
		t->stop = true;
	}
	return false;
}

static void nothing_leaks(void)
{
	unsigned int kind;

	for (kind = 0; kind < KIND_COUNT; kind++) {
		struct tvm t;

		if (kind == KIND_TIMER)
			continue;
		memset((void *)nacl_of((unsigned int)this_hart()->id), 0, NACL_SHMEM_SIZE);
		REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_EXITS, kind)));
		t.hook = leak_hook;
		EXPECT(tvm_serve(&t, 0), WHY_DONE);
		EXPECT(tvm_destroy(&t), OK);
		EXPECT(reclaim(t.chunk, TVM_CHUNK), OK);
	}
}

/* The virtual interrupts and CSRs that the host has set are not the guest's. */
static void host_csrs_do_not_reach_guest(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_HELLO, 0)));
	t.scramble = true; /* hvip, vsie, vsstatus, vsatp, htimedelta, F, V hold patterns */
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[2], 0);
	EXPECT(t.mail[3], 0);
	EXPECT(t.mail[4], 0);
	EXPECT(t.mail[5], 2UL << 32);
	EXPECT(t.mail[6], 0);
	EXPECT(t.mail[7], 0);
	EXPECT_TRUE(t.mail[8] < 100000000UL);
}

static void expect_wrs(struct remote *r, bool told)
{
	struct texit e = remote_do(r, R_WRS, 0);

	EXPECT(e.scause, told ? CAUSE_VIRT : REMOTE_IDLE);
	if (!told)
		return;
	EXPECT(e.stval, WRS_NTO);
	EXPECT(remote_run(r, 0).scause, REMOTE_IDLE);
}

/* The host hears at once of a vCPU that waits while a sibling could go on that does not run. */
static void spin_for_sibling(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 2));
	expect_wrs(&r, false); /* the sibling is stopped */
	REQUIRE(remote_second(&r));
	expect_wrs(&r, true);
	e = remote_start(&r, 1, R_WFI, (const unsigned long[REMOTE_ARGS]){ 0 });
	EXPECT(e.scause, CAUSE_VIRT);
	expect_wrs(&r, false); /* the sibling waits */
	EXPECT(remote_run(&r, 1).scause, REMOTE_IDLE);
	expect_wrs(&r, true);
}

const struct test regs_tests[] = {
	{ "regs_ecall", ecall, 1 },
	{ "regs_mmio_store", store, 1 },
	{ "regs_mmio_load", load, 1 },
	{ "regs_page_fault", fault, 1 },
	{ "regs_wfi", wfi, 1 },
	{ "regs_spin", spin, 1 },
	{ "regs_spin_for_sibling", spin_for_sibling, 1 },
	{ "regs_host_timer", timer, 1 },
	{ "regs_guest_paging", paging, 1 },
	{ "regs_nothing_leaks", nothing_leaks, 1 },
	{ "regs_host_csrs_do_not_reach_guest", host_csrs_do_not_reach_guest, 1 },
};
DEFINE_TESTS(regs);
