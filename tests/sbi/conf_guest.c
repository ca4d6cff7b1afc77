// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Conformance: the SBI that a guest sees, vCPUs that it starts and stops.
 */
#include "conf.h"

#define HSM(r, fid, a0, a1, a2) remote_do(r, R_CALL, a0, a1, a2, 0, 0, 0, fid, EXT_HSM)
#define START			0
#define STOP			1
#define STATUS			2
#define SUSPEND			3
#define STARTED			0
#define STOPPED			1
#define RET_DEFAULT		0
#define NONRET_DEFAULT		0x80000000UL

/* An SBI call of the guest that the host does not see. */
static bool guest_sbi(struct remote *r, unsigned long eid, unsigned long fid, unsigned long a0,
		      unsigned long a1, struct sbiret *ret)
{
	struct texit e = remote_ecall(r, eid, fid, a0, a1);

	ret->error = (long)r->out[0][0];
	ret->value = r->out[0][1];
	if (e.scause != REMOTE_IDLE)
		test_fail("call %lx %lx reached the host: scause %lx", eid, fid, e.scause);
	return e.scause == REMOTE_IDLE;
}

static void guest_probes(void)
{
	static const unsigned long offered[] = { EXT_BASE, EXT_HSM, EXT_SRST, SBI_EXT_COVG };
	static const unsigned long hidden[] = { SBI_EXT_COVH, SBI_EXT_NACL, 0x12345678 };
	struct sbiret ret;
	struct remote r;
	unsigned int i;

	REQUIRE(remote_build(&r, 1));
	for (i = 0; i < ARRAY_SIZE(offered); i++) {
		REQUIRE(guest_sbi(&r, EXT_BASE, 3, offered[i], 0, &ret));
		EXPECT_TRUE(ret.error == OK && ret.value);
	}
	for (i = 0; i < ARRAY_SIZE(hidden); i++) {
		REQUIRE(guest_sbi(&r, EXT_BASE, 3, hidden[i], 0, &ret));
		EXPECT_TRUE(ret.error == OK && !ret.value);
	}
}

static void guest_base_version(void)
{
	struct sbiret ret;
	struct remote r;

	REQUIRE(remote_build(&r, 1) && guest_sbi(&r, EXT_BASE, 0, 0, 0, &ret));
	EXPECT(ret.error, OK);
	EXPECT_TRUE(ret.value >> 24);
	REQUIRE(guest_sbi(&r, EXT_BASE, 99, 0, 0, &ret));
	EXPECT(ret.error, E_NOT_SUPPORTED);
}

static void not_for_guests(unsigned long eid, unsigned long fids)
{
	struct sbiret ret;
	struct remote r;
	unsigned long fid;

	REQUIRE(remote_build(&r, 1));
	for (fid = 0; fid < fids; fid++) {
		REQUIRE(guest_sbi(&r, eid, fid, GUEST_HEAP, PAGE, &ret));
		EXPECT(ret.error, E_NOT_SUPPORTED);
		EXPECT(ret.value, 0);
	}
}

static void guest_covh(void)
{
	not_for_guests(SBI_EXT_COVH, 22);
}

static void guest_covi(void)
{
	not_for_guests(SBI_EXT_COVI, 11);
}

static void guest_nacl(void)
{
	not_for_guests(SBI_EXT_NACL, 5);
}

static void guest_supd(void)
{
	not_for_guests(SBI_EXT_SUPD, 1);
}

static void guest_pmu(void)
{
	not_for_guests(EXT_PMU, 2);
}

static void guest_unknown_extension(void)
{
	not_for_guests(0x12345678, 2);
}

/* Its own timer is the guest's; without one the call must work. */
static void guest_time(void)
{
	struct sbiret ret;
	struct remote r;

	REQUIRE(remote_build(&r, 1) && guest_sbi(&r, EXT_TIME, 0, ~0UL, 0, &ret));
	EXPECT_TRUE(ret.error == OK || (have_sstc && ret.error == E_NOT_SUPPORTED));
}

static void guest_hsm_start(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 2));
	EXPECT(HSM(&r, START, 1, GUEST_BASE, GUEST_ARG(G_REMOTE, 0)).scause, CAUSE_VECALL);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], OK);
	/* it starts where the guest said, with the guest's argument: as the remote hand */
	EXPECT(remote_run(&r, 1).scause, REMOTE_IDLE);
	EXPECT(HSM(&r, STATUS, 1, 0, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], OK);
	EXPECT(r.out[0][1], STARTED);
}

/* Refused, and the host does not hear of it. */
static void start_refused(unsigned long id, unsigned long addr, long code)
{
	struct remote r;

	REQUIRE(remote_build(&r, 2));
	EXPECT(HSM(&r, START, id, addr, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], code);
	EXPECT(tvm_run(&r.t, 1).error, E_FAILED);
}

static void guest_hsm_start_unknown(void)
{
	start_refused(2, GUEST_BASE, E_INVALID_PARAM);
	start_refused(~0UL, GUEST_BASE, E_INVALID_PARAM);
}

static void guest_hsm_start_bad_address(void)
{
	start_refused(1, GUEST_BASE + 1, E_INVALID_ADDRESS);
	start_refused(1, MAIL_BASE, E_INVALID_ADDRESS);
	start_refused(1, 0x1000, E_INVALID_ADDRESS);
}

static void guest_hsm_start_started(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	EXPECT(HSM(&r, START, 0, GUEST_BASE, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], E_ALREADY_AVAILABLE);
}

static void guest_hsm_status(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 2));
	EXPECT(HSM(&r, STATUS, 0, 0, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], OK);
	EXPECT(r.out[0][1], STARTED);
	EXPECT(HSM(&r, STATUS, 1, 0, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][1], STOPPED);
	EXPECT(HSM(&r, STATUS, 2, 0, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], E_INVALID_PARAM);
}

/* Stopped: the host cannot run it; another vCPU can start it again. */
static void guest_hsm_stop_and_restart(void)
{
	static const unsigned long stop[REMOTE_ARGS] = { 0, 0, 0, 0, 0, 0, STOP, EXT_HSM };
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 2));
	EXPECT(HSM(&r, START, 1, GUEST_BASE, GUEST_ARG(G_REMOTE, 0)).scause, CAUSE_VECALL);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(remote_run(&r, 1).scause, REMOTE_IDLE);
	e = remote_start(&r, 1, R_CALL, stop);
	EXPECT_TRUE(e.value != 0);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(tvm_run(&r.t, 1).error, E_FAILED);
	answer(0, 0);
	EXPECT(HSM(&r, STATUS, 1, 0, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][1], STOPPED);
	EXPECT(HSM(&r, START, 1, GUEST_BASE, GUEST_ARG(G_REMOTE, 0)).scause, CAUSE_VECALL);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], OK);
	EXPECT(remote_run(&r, 1).scause, REMOTE_IDLE);
}

/* Like WFI: it comes back, or the host is told that the vCPU waits for an interrupt. */
static void guest_hsm_suspend(void)
{
	struct remote r;
	struct texit e;
	unsigned int i;

	NEEDS(!(tsm.tsm_capabilities & TSM_CAP_AIA), "AIA is offered");
	REQUIRE(remote_build(&r, 1));
	e = remote_ecall(&r, SBI_EXT_COVG, SBI_COVG_ALLOW_EXTERNAL_INTERRUPT, ~0UL, 0);
	GUEST_GOT(&r, e, OK);
	EXPECT(remote_do(&r, R_ENABLE, 1UL << 9).scause, REMOTE_IDLE);
	e = HSM(&r, SUSPEND, RET_DEFAULT, 0, 0);
	csr_set(hvip, SIP_VSEIP);
	for (i = 0; i < 4 && (e.scause == CAUSE_VIRT || e.scause == CAUSE_VECALL); i++)
		e = remote_run(&r, 0);
	csr_write(hvip, 0);
	EXPECT(e.scause, REMOTE_IDLE);
	EXPECT_TRUE(r.out[0][0] == OK || (long)r.out[0][0] == E_NOT_SUPPORTED);
}

static void guest_hsm_suspend_unknown(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	EXPECT(HSM(&r, SUSPEND, 0x1234, GUEST_BASE, 0).scause, REMOTE_IDLE);
	EXPECT_REFUSED(r.out[0][0]);
}

static void guest_reset_unknown_type(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	EXPECT(remote_ecall(&r, EXT_SRST, 0, 77, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], E_INVALID_PARAM);
}

/* The reset ends every vCPU. */
static void guest_reset_ends_all(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 2));
	EXPECT(HSM(&r, START, 1, GUEST_BASE, GUEST_ARG(G_REMOTE, 0)).scause, CAUSE_VECALL);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT_TRUE(remote_ecall(&r, EXT_SRST, 0, 0, 0).value != 0);
	EXPECT(tvm_run(&r.t, 0).error, E_FAILED);
	EXPECT(tvm_run(&r.t, 1).error, E_FAILED);
}

static void guest_console_byte(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	e = remote_ecall(&r, EXT_DBCN, 2, 'x', 0);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(e.a[0], 'x');
	answer(0, 0);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], OK);
}

static void guest_putchar(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	e = remote_ecall(&r, 1, 0, 'y', 0);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(e.a[7], 1);
	EXPECT(e.a[0], 'y');
	answer(0, 0);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], 0);
}

/* From a shared page: the host gets the range or the bytes. */
static void guest_console_write(void)
{
	unsigned long host = pages_alloc(1, 1);
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 1, host));
	*(char *)(host + 16) = 'z';
	e = remote_ecall(&r, EXT_DBCN, 0, 1, GUEST_HEAP + 16);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(e.a[7], EXT_DBCN);
	if (e.a[6] == 0) {
		EXPECT(e.a[0], 1);
		EXPECT(e.a[1], GUEST_HEAP + 16);
		answer(0, 1);
	} else {
		EXPECT(e.a[6], 2);
		EXPECT(e.a[0], 'z');
		answer(0, 0);
	}
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], OK);
	EXPECT(r.out[0][1], 1);
}

/* A range that is no memory of the guest's is not handed on. */
static void guest_console_write_bad(void)
{
	struct sbiret ret;
	struct remote r;

	REQUIRE(remote_build(&r, 1) && guest_sbi(&r, EXT_DBCN, 0, 8, MAIL_BASE, &ret));
	EXPECT_REFUSED(ret.error);
	REQUIRE(guest_sbi(&r, EXT_DBCN, 0, 8, ~0UL - 3, &ret));
	EXPECT_REFUSED(ret.error);
}

/* As many bytes as the host has are what the guest gets; here none. */
static void guest_console_read(void)
{
	unsigned long host = pages_alloc(1, 1);
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 1, host));
	*(unsigned long *)(host + 16) = 0x55;
	e = remote_ecall(&r, EXT_DBCN, 1, 8, GUEST_HEAP + 16);
	if (e.scause == CAUSE_VECALL) {
		EXPECT(e.a[7], EXT_DBCN);
		EXPECT(e.a[6], 1);
		EXPECT(e.a[0], 8);
		answer(0, 0);
		e = remote_run(&r, 0);
	}
	EXPECT(e.scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], OK);
	EXPECT(r.out[0][1], 0);
	EXPECT(*(unsigned long *)(host + 16), 0x55);
}

static void guest_console_read_bad(void)
{
	struct sbiret ret;
	struct remote r;

	REQUIRE(remote_build(&r, 1) && guest_sbi(&r, EXT_DBCN, 1, 8, MAIL_BASE, &ret));
	EXPECT_REFUSED(ret.error);
	REQUIRE(guest_sbi(&r, EXT_DBCN, 1, 8, ~0UL - 3, &ret));
	EXPECT_REFUSED(ret.error);
}

/* A guest of two vCPUs, both of which run; without @eid the test is skipped. */
static bool two_vcpus(struct remote *r, unsigned long eid)
{
	struct sbiret ret;

	if (!remote_build(r, 2) || !guest_sbi(r, EXT_BASE, 3, eid, 0, &ret))
		return false;
	if (!ret.value) {
		test_skip("the guest does not have the extension");
		return false;
	}
	return remote_second(r);
}

/* The host may hear of it, so that it wakes the others; its answer does not count. */
static void ipi(struct remote *r, unsigned long mask, unsigned long base, long code)
{
	struct texit e = remote_ecall(r, EXT_IPI, 0, mask, base);

	if (e.scause == CAUSE_VECALL) {
		EXPECT(e.a[7], EXT_IPI);
		answer((unsigned long)E_DENIED, 0);
		e = remote_run(r, 0);
	}
	EXPECT(e.scause, REMOTE_IDLE);
	EXPECT(r->out[0][0], code);
}

/* A vCPU has taken @n software interrupts, when it looks. */
static void soft_taken(struct remote *r, unsigned int vcpu, unsigned long n)
{
	static const unsigned long enable[REMOTE_ARGS] = { 1UL << IRQ_S_SOFT };
	static const unsigned long taken[REMOTE_ARGS] = { IRQ_S_SOFT };

	EXPECT(remote_start(r, vcpu, R_ENABLE, enable).scause, REMOTE_IDLE);
	EXPECT(remote_start(r, vcpu, R_TAKEN, taken).scause, REMOTE_IDLE);
	EXPECT(r->out[vcpu][0], n);
}

static void guest_ipi(void)
{
	struct remote r;

	if (!two_vcpus(&r, EXT_IPI))
		return;
	soft_taken(&r, 0, 0);
	soft_taken(&r, 1, 0);
	ipi(&r, 2, 0, OK);
	soft_taken(&r, 0, 0);
	soft_taken(&r, 1, 1);
	ipi(&r, 1, 0, OK);
	soft_taken(&r, 0, 1);
	ipi(&r, 0, ~0UL, OK);
	soft_taken(&r, 0, 2);
	soft_taken(&r, 1, 2);
}

static void guest_ipi_unknown(void)
{
	struct remote r;

	if (!two_vcpus(&r, EXT_IPI))
		return;
	ipi(&r, 4, 0, E_INVALID_PARAM);
	ipi(&r, 1, 2, E_INVALID_PARAM);
	soft_taken(&r, 0, 0);
	soft_taken(&r, 1, 0);
}

/* A remote fence of vCPUs @mask from @base, of all addresses, ends with @code. */
static void rfence(struct remote *r, unsigned long fid, unsigned long mask, unsigned long base,
		   long code)
{
	EXPECT(remote_do(r, R_CALL, mask, base, 0, ~0UL, 0, 0, fid, EXT_RFENCE).scause,
	       REMOTE_IDLE);
	EXPECT(r->out[0][0], code);
}

static void guest_rfence(void)
{
	unsigned long fid;
	struct remote r;

	if (!two_vcpus(&r, EXT_RFENCE))
		return;
	for (fid = 0; fid < 3; fid++) {
		rfence(&r, fid, 1, 0, OK);
		rfence(&r, fid, 2, 0, OK);
		rfence(&r, fid, 0, ~0UL, OK);
	}
}

static void guest_rfence_unknown(void)
{
	unsigned long fid;
	struct remote r;

	if (!two_vcpus(&r, EXT_RFENCE))
		return;
	for (fid = 0; fid < 3; fid++)
		rfence(&r, fid, 4, 0, E_INVALID_PARAM);
}

/* HFENCE: a guest has no guests. */
static void guest_rfence_hypervisor(void)
{
	unsigned long fid;
	struct remote r;

	if (!two_vcpus(&r, EXT_RFENCE))
		return;
	for (fid = 3; fid < 7; fid++)
		rfence(&r, fid, 1, 0, E_NOT_SUPPORTED);
}

/* SUSP, CPPC, STA, SSE, FWFT, DBTR, MPXY */
static void guest_others(void)
{
	static const unsigned long eids[] = { 0x53555350, 0x43505043, 0x535441,	 0x535345,
					      0x46574654, 0x44425452, 0x4d505859 };
	struct sbiret ret;
	struct remote r;
	unsigned int i;

	REQUIRE(remote_build(&r, 1));
	for (i = 0; i < ARRAY_SIZE(eids); i++) {
		REQUIRE(guest_sbi(&r, EXT_BASE, 3, eids[i], 0, &ret));
		EXPECT_TRUE(ret.error == OK && !ret.value);
		REQUIRE(guest_sbi(&r, eids[i], 0, GUEST_HEAP, PAGE, &ret));
		EXPECT(ret.error, E_NOT_SUPPORTED);
	}
}

const struct test conf_guest_tests[] = {
	CONF(guest_probes, 1),
	CONF(guest_base_version, 1),
	CONF(guest_covh, 1),
	CONF(guest_covi, 1),
	CONF(guest_nacl, 1),
	CONF(guest_supd, 1),
	CONF(guest_pmu, 1),
	CONF(guest_unknown_extension, 1),
	CONF(guest_time, 1),
	CONF(guest_hsm_start, 1),
	CONF(guest_hsm_start_unknown, 1),
	CONF(guest_hsm_start_bad_address, 1),
	CONF(guest_hsm_start_started, 1),
	CONF(guest_hsm_status, 1),
	CONF(guest_hsm_stop_and_restart, 1),
	CONF(guest_hsm_suspend, 1),
	CONF(guest_hsm_suspend_unknown, 1),
	CONF(guest_reset_unknown_type, 1),
	CONF(guest_reset_ends_all, 1),
	CONF(guest_console_byte, 1),
	CONF(guest_putchar, 1),
	CONF(guest_console_write, 1),
	CONF(guest_console_write_bad, 1),
	CONF(guest_console_read, 1),
	CONF(guest_console_read_bad, 1),
	CONF(guest_ipi, 1),
	CONF(guest_ipi_unknown, 1),
	CONF(guest_rfence, 1),
	CONF(guest_rfence_unknown, 1),
	CONF(guest_rfence_hypervisor, 1),
	CONF(guest_others, 1),
};
DEFINE_TESTS(conf_guest);
