// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Conformance: COVG, the calls of a guest that knows what it is.
 */
#include "conf.h"

#define ADD_MMIO(r, gpa, len) remote_ecall(r, SBI_EXT_COVG, SBI_COVG_ADD_MMIO_REGION, gpa, len)
#define REMOVE_MMIO(r, gpa, len) \
	remote_ecall(r, SBI_EXT_COVG, SBI_COVG_REMOVE_MMIO_REGION, gpa, len)
#define SHARE(r, gpa, len)	remote_ecall(r, SBI_EXT_COVG, SBI_COVG_SHARE_MEMORY_REGION, gpa, len)
#define UNSHARE(r, gpa, len)	remote_ecall(r, SBI_EXT_COVG, SBI_COVG_UNSHARE_MEMORY_REGION, gpa, len)
#define ALLOW(r, id)		remote_ecall(r, SBI_EXT_COVG, SBI_COVG_ALLOW_EXTERNAL_INTERRUPT, id, 0)
#define DENY(r, id)		remote_ecall(r, SBI_EXT_COVG, SBI_COVG_DENY_EXTERNAL_INTERRUPT, id, 0)
#define INVALIDATE(r, gpa, len) COVH(TVM_INVALIDATE_PAGES, (r)->t.gid, gpa, len)
#define REMOVE(r, gpa, len)	COVH(TVM_REMOVE_PAGES, (r)->t.gid, gpa, len)
#define FENCE(r)		COVH(TVM_FENCE, (r)->t.gid)
#define ZERO(r, pa, gpa)	COVH(ADD_TVM_ZERO_PAGES, (r)->t.gid, pa, COVE_PAGE_4K, 1, gpa)

static void mmio_add_success(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	GUEST_GOT(&r, ADD_MMIO(&r, DEV_BASE, 2 * PAGE), OK);
	EXPECT(r.informed, 1); /* the host was told */
	e = remote_do(&r, R_LOAD, DEV_BASE + PAGE, LOAD_LD);
	EXPECT(e.scause, CAUSE_GLOAD);
	EXPECT(e.gpa, DEV_BASE + PAGE);
	EXPECT_TRUE(e.htinst != 0);
}

/* Nothing changes, and the host does not hear of it. */
static void mmio_add_refused(unsigned long gpa, unsigned long len)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	GUEST_GOT(&r, ADD_MMIO(&r, gpa, len), E_INVALID_ADDRESS);
	EXPECT(r.informed, 0);
}

static void mmio_add_unaligned(void)
{
	mmio_add_refused(DEV_BASE + 8, PAGE);
}

static void mmio_add_length(void)
{
	mmio_add_refused(DEV_BASE, 100);
}

static void mmio_add_over_memory(void)
{
	mmio_add_refused(GUEST_HEAP, PAGE);
}

static void mmio_add_over_mmio(void)
{
	mmio_add_refused(MAIL_BASE - PAGE, 2 * PAGE);
}

static void mmio_add_wraps(void)
{
	mmio_add_refused(~0xfffUL, 2 * PAGE);
}

static void mmio_add_over_shared(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 1, 0));
	GUEST_GOT(&r, ADD_MMIO(&r, GUEST_HEAP, PAGE), E_INVALID_ADDRESS);
}

static void mmio_remove_success(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1) && remote_device(&r));
	GUEST_GOT(&r, REMOVE_MMIO(&r, DEV_BASE, PAGE), OK);
	EXPECT(r.informed, 2);
	e = remote_do(&r, R_LOAD, DEV_BASE, LOAD_LD);
	EXPECT_TRUE(e.value != 0); /* nothing is there any more */
}

/* Every region that the range overlaps goes, whole. */
static void mmio_remove_whole_regions(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	GUEST_GOT(&r, ADD_MMIO(&r, DEV_BASE, 2 * PAGE), OK);
	GUEST_GOT(&r, REMOVE_MMIO(&r, DEV_BASE + PAGE, PAGE), OK);
	e = remote_do(&r, R_LOAD, DEV_BASE, LOAD_LD);
	EXPECT_TRUE(e.value != 0);
}

static void mmio_remove_unaligned(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1) && remote_device(&r));
	GUEST_GOT(&r, REMOVE_MMIO(&r, DEV_BASE + 8, PAGE), E_INVALID_ADDRESS);
	GUEST_GOT(&r, REMOVE_MMIO(&r, DEV_BASE, 8), E_INVALID_ADDRESS);
}

/* share_memory_region */

static void share_empty(void)
{
	unsigned long host = pages_alloc(2, 1), value = 0;
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	e = remote_do(&r, R_CALL, GUEST_HEAP, 2 * PAGE, 0xa2, 0xa3, 0xa4, 0xa5,
		      SBI_COVG_SHARE_MEMORY_REGION, SBI_EXT_COVG);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(e.value, 0);
	EXPECT(e.a[7], SBI_EXT_COVG);
	EXPECT(e.a[6], SBI_COVG_SHARE_MEMORY_REGION);
	EXPECT(e.a[0], GUEST_HEAP);
	EXPECT(e.a[1], 2 * PAGE);
	EXPECT(e.a[2] | e.a[3] | e.a[4] | e.a[5], 0);
	answer(0, 0);
	e = remote_run(&r, 0);
	GUEST_GOT(&r, e, OK);
	EXPECT(r.out[0][1], 0);
	*(unsigned long *)host = 1;
	*(unsigned long *)(host + PAGE) = 2;
	EXPECT(COVH(ADD_TVM_SHARED_PAGES, r.t.gid, host, COVE_PAGE_4K, 2, GUEST_HEAP), OK);
	REQUIRE(remote_read(&r, GUEST_HEAP + PAGE, &value));
	EXPECT(value, 2);
}

/* Blocked, fenced, removed and taken back, as Linux does page by page. */
static void share_populated(void)
{
	unsigned long pa, host = pages_alloc(1, 1), value = 0;
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1) && remote_populate(&r, GUEST_HEAP, 1));
	pa = r.t.chunk + (r.t.used - 1) * PAGE;
	REQUIRE(remote_write(&r, GUEST_HEAP, 0x5ec2e7));
	EXPECT(SHARE(&r, GUEST_HEAP, PAGE).scause, CAUSE_VECALL);
	EXPECT(INVALIDATE(&r, GUEST_HEAP, PAGE), OK);
	EXPECT(FENCE(&r), OK);
	EXPECT(REMOVE(&r, GUEST_HEAP, PAGE), OK);
	EXPECT(reclaim(pa, 1), OK);
	EXPECT_TRUE(page_is_zero(pa)); /* the contents are lost, not shared */
	answer(0, 0);
	e = remote_run(&r, 0);
	GUEST_GOT(&r, e, OK);
	EXPECT(COVH(ADD_TVM_SHARED_PAGES, r.t.gid, host, COVE_PAGE_4K, 1, GUEST_HEAP), OK);
	*(unsigned long *)host = 3;
	REQUIRE(remote_read(&r, GUEST_HEAP, &value));
	EXPECT(value, 3);
}

/* The range is not empty: the call stays open, and can be answered again. */
static void share_not_emptied(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1) && remote_populate(&r, GUEST_HEAP, 1));
	EXPECT(SHARE(&r, GUEST_HEAP, PAGE).scause, CAUSE_VECALL);
	answer(0, 0);
	EXPECT_REFUSED(remote_run(&r, 0).error);
	EXPECT(INVALIDATE(&r, GUEST_HEAP, PAGE), OK); /* blocked is not empty */
	answer(0, 0);
	EXPECT_REFUSED(remote_run(&r, 0).error);
	EXPECT(FENCE(&r), OK);
	EXPECT(REMOVE(&r, GUEST_HEAP, PAGE), OK);
	answer(0, 0);
	e = remote_run(&r, 0);
	GUEST_GOT(&r, e, OK);
}

static void share_host_refuses(void)
{
	unsigned long value = 0;
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1) && remote_populate(&r, GUEST_HEAP, 1));
	REQUIRE(remote_write(&r, GUEST_HEAP, 0x5ec2e7));
	EXPECT(SHARE(&r, GUEST_HEAP, PAGE).scause, CAUSE_VECALL);
	answer((unsigned long)E_DENIED, 0);
	e = remote_run(&r, 0);
	GUEST_GOT(&r, e, E_DENIED);
	REQUIRE(remote_read(&r, GUEST_HEAP, &value)); /* confidential, as it was */
	EXPECT(value, 0x5ec2e7);
	EXPECT(COVH(ADD_TVM_SHARED_PAGES, r.t.gid, pages_alloc(1, 1), COVE_PAGE_4K, 1,
		    GUEST_HEAP + PAGE),
	       E_INVALID_ADDRESS);
}

/* What is no SBI error does not reach the guest as it is. */
static void share_host_nonsense(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	EXPECT(SHARE(&r, GUEST_HEAP, PAGE).scause, CAUSE_VECALL);
	answer(12345, 0);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT_TRUE((long)r.out[0][0] < 0 && (long)r.out[0][0] >= -14);
}

/* Refused by the monitor: the host does not hear of it. */
static void share_refused(unsigned long gpa, unsigned long len, long code)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	GUEST_GOT(&r, SHARE(&r, gpa, len), code);
}

static void share_unaligned(void)
{
	share_refused(GUEST_HEAP + 8, PAGE, E_INVALID_ADDRESS);
}

static void share_length(void)
{
	share_refused(GUEST_HEAP, PAGE + 8, E_INVALID_PARAM);
}

static void share_length_zero(void)
{
	share_refused(GUEST_HEAP, 0, E_INVALID_PARAM);
}

static void share_length_wraps(void)
{
	share_refused(GUEST_HEAP, ~0xfffUL, E_INVALID_PARAM);
}

static void share_partly_outside(void)
{
	share_refused(GUEST_BASE + GUEST_SIZE - PAGE, 2 * PAGE, E_INVALID_PARAM);
}

static void share_device(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	EXPECT(SHARE(&r, MAIL_BASE, PAGE).scause, REMOTE_IDLE);
	EXPECT_REFUSED(r.out[0][0]);
}

static void share_twice(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 1, 0));
	EXPECT(SHARE(&r, GUEST_HEAP, PAGE).scause, REMOTE_IDLE);
	EXPECT_REFUSED(r.out[0][0]);
	EXPECT(SHARE(&r, GUEST_HEAP, 2 * PAGE).scause, REMOTE_IDLE); /* half */
	EXPECT_REFUSED(r.out[0][0]);
}

/* Not before the host's answer */
static void share_pending_is_confidential(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	EXPECT(SHARE(&r, GUEST_HEAP, PAGE).scause, CAUSE_VECALL);
	EXPECT(COVH(ADD_TVM_SHARED_PAGES, r.t.gid, pages_alloc(1, 1), COVE_PAGE_4K, 1, GUEST_HEAP),
	       E_INVALID_ADDRESS);
}

/* A sibling may wait for a page: it comes, and then the share is refused or the page goes. */
static void share_pending_zero_page(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	EXPECT(SHARE(&r, GUEST_HEAP, PAGE).scause, CAUSE_VECALL);
	REQUIRE(remote_populate(&r, GUEST_HEAP, 1));
	answer(0, 0);
	EXPECT_REFUSED(remote_run(&r, 0).error);
	answer((unsigned long)E_DENIED, 0);
	e = remote_run(&r, 0);
	GUEST_GOT(&r, e, E_DENIED);
	REQUIRE(remote_write(&r, GUEST_HEAP, 0x5ec2e7));
}

/* unshare_memory_region */

static void unshare_success(void)
{
	unsigned long host = pages_alloc(1, 1), value = 1;
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 1, host));
	*(unsigned long *)host = 0x50494e47;
	e = UNSHARE(&r, GUEST_HEAP, PAGE);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(e.a[6], SBI_COVG_UNSHARE_MEMORY_REGION);
	EXPECT(e.a[0], GUEST_HEAP);
	EXPECT(e.a[1], PAGE);
	EXPECT(INVALIDATE(&r, GUEST_HEAP, PAGE), OK);
	EXPECT(FENCE(&r), OK);
	EXPECT(REMOVE(&r, GUEST_HEAP, PAGE), OK);
	answer(0, 0);
	e = remote_run(&r, 0);
	GUEST_GOT(&r, e, OK);
	REQUIRE(remote_populate(&r, GUEST_HEAP, 1));
	REQUIRE(remote_read(&r, GUEST_HEAP, &value));
	EXPECT(value, 0);
	REQUIRE(remote_write(&r, GUEST_HEAP, 0x5ec2e7));
	EXPECT(*(unsigned long *)host, 0x50494e47);
}

static void unshare_empty(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 2, 0));
	EXPECT(UNSHARE(&r, GUEST_HEAP, 2 * PAGE).scause, CAUSE_VECALL);
	answer(0, 0);
	e = remote_run(&r, 0);
	GUEST_GOT(&r, e, OK);
}

static void unshare_not_emptied(void)
{
	unsigned long host = pages_alloc(1, 1);
	struct remote r;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 1, host));
	EXPECT(UNSHARE(&r, GUEST_HEAP, PAGE).scause, CAUSE_VECALL);
	answer(0, 0);
	EXPECT_REFUSED(remote_run(&r, 0).error);
	EXPECT(convert(host, 1), E_INVALID_ADDRESS);
}

/* As share_pending_zero_page(), the other way round */
static void unshare_pending_shared_page(void)
{
	unsigned long host = pages_alloc(1, 1);
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 1, 0));
	EXPECT(UNSHARE(&r, GUEST_HEAP, PAGE).scause, CAUSE_VECALL);
	EXPECT(COVH(ADD_TVM_SHARED_PAGES, r.t.gid, host, COVE_PAGE_4K, 1, GUEST_HEAP), OK);
	answer(0, 0);
	EXPECT_REFUSED(remote_run(&r, 0).error);
	EXPECT(INVALIDATE(&r, GUEST_HEAP, PAGE), OK);
	EXPECT(FENCE(&r), OK);
	EXPECT(REMOVE(&r, GUEST_HEAP, PAGE), OK);
	answer(0, 0);
	e = remote_run(&r, 0);
	GUEST_GOT(&r, e, OK);
	EXPECT(COVH(ADD_TVM_SHARED_PAGES, r.t.gid, host, COVE_PAGE_4K, 1, GUEST_HEAP),
	       E_INVALID_ADDRESS);
	EXPECT(convert(host, 1), OK);
}

static void unshare_host_refuses(void)
{
	unsigned long host = pages_alloc(1, 1), value = 0;
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 1, host));
	*(unsigned long *)host = 8;
	EXPECT(UNSHARE(&r, GUEST_HEAP, PAGE).scause, CAUSE_VECALL);
	answer((unsigned long)E_DENIED, 0);
	e = remote_run(&r, 0);
	GUEST_GOT(&r, e, E_DENIED);
	REQUIRE(remote_read(&r, GUEST_HEAP, &value));
	EXPECT(value, 8);
}

static void unshare_refused(unsigned long gpa, unsigned long len, long code)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 1, 0));
	GUEST_GOT(&r, UNSHARE(&r, gpa, len), code);
}

static void unshare_unaligned(void)
{
	unshare_refused(GUEST_HEAP + 8, PAGE, E_INVALID_ADDRESS);
}

static void unshare_length(void)
{
	unshare_refused(GUEST_HEAP, 8, E_INVALID_PARAM);
}

static void unshare_length_zero(void)
{
	unshare_refused(GUEST_HEAP, 0, E_INVALID_PARAM);
}

static void unshare_partly_shared(void)
{
	unshare_refused(GUEST_HEAP, 2 * PAGE, E_INVALID_PARAM);
}

static void unshare_not_shared(void)
{
	unshare_refused(GUEST_HEAP + PAGE, PAGE, E_INVALID_PARAM);
}

/* The whole way and back, and once more: the guest's data is its own again. */
static void unshare_share_again(void)
{
	unsigned long host = pages_alloc(1, 1);
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 1, 0));
	EXPECT(UNSHARE(&r, GUEST_HEAP, PAGE).scause, CAUSE_VECALL);
	answer(0, 0);
	e = remote_run(&r, 0);
	GUEST_GOT(&r, e, OK);
	REQUIRE(remote_shared(&r, GUEST_HEAP, 1, host));
	REQUIRE(remote_write(&r, GUEST_HEAP, 4));
	EXPECT(*(unsigned long *)host, 4);
}

/* allow, deny */

static void told(bool deny, unsigned long id)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	GUEST_GOT(&r, deny ? DENY(&r, id) : ALLOW(&r, id), OK);
	EXPECT(r.informed, 1);
}

static void allow_all(void)
{
	told(false, ~0UL);
}

static void allow_one(void)
{
	told(false, 3);
}

static void allow_impossible(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	GUEST_GOT(&r, ALLOW(&r, 0), E_INVALID_PARAM);
	GUEST_GOT(&r, ALLOW(&r, 1UL << 40), E_INVALID_PARAM);
	EXPECT(r.informed, 0);
}

static void deny_all(void)
{
	told(true, ~0UL);
}

static void deny_one(void)
{
	told(true, 3);
}

static void deny_impossible(void)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	GUEST_GOT(&r, DENY(&r, 0), E_INVALID_PARAM);
	GUEST_GOT(&r, DENY(&r, 1UL << 40), E_INVALID_PARAM);
}

#define SEI 9

/* How many external interrupts the guest has taken, once it takes them. */
static bool taken(struct remote *r, unsigned long *n)
{
	struct texit e = remote_do(r, R_ENABLE, 1UL << SEI);

	if (e.scause == REMOTE_IDLE)
		e = remote_do(r, R_TAKEN, SEI);
	*n = r->out[0][0];
	if (e.scause != REMOTE_IDLE)
		test_fail("the guest does not come back: %lx", e.scause);
	return e.scause == REMOTE_IDLE;
}

/* Without AIA the host raises hvip.VSEIP: the guest gets it when it has allowed interrupts. */
static bool interrupted(struct remote *r, unsigned long *n)
{
	bool ok;

	csr_set(hvip, SIP_VSEIP);
	ok = taken(r, n);
	csr_write(hvip, 0);
	return ok;
}

static void interrupt_denied_at_first(void)
{
	unsigned long n = 1;
	struct remote r;

	REQUIRE(remote_build(&r, 1) && interrupted(&r, &n));
	EXPECT(n, 0);
}

static void interrupt_allowed(void)
{
	unsigned long n = 0;
	struct remote r;

	NEEDS(!(tsm.tsm_capabilities & TSM_CAP_AIA), "AIA is offered");
	REQUIRE(remote_build(&r, 1));
	GUEST_GOT(&r, ALLOW(&r, ~0UL), OK);
	REQUIRE(interrupted(&r, &n));
	EXPECT(n, 1);
	REQUIRE(taken(&r, &n)); /* a level: gone when the host lowers it */
	EXPECT(n, 1);
}

static void interrupt_denied_again(void)
{
	unsigned long n = 1;
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	GUEST_GOT(&r, ALLOW(&r, ~0UL), OK);
	GUEST_GOT(&r, DENY(&r, ~0UL), OK);
	REQUIRE(interrupted(&r, &n));
	EXPECT(n, 0);
}

/* Timer and software interrupts are never the host's to raise. */
static void interrupt_others_dropped(void)
{
	static const unsigned long irqs[] = { IRQ_S_SOFT, IRQ_S_TIMER };
	struct remote r;
	struct texit e;
	unsigned int i;

	REQUIRE(remote_build(&r, 1));
	GUEST_GOT(&r, ALLOW(&r, ~0UL), OK);
	csr_set(hvip, 1UL << 2 | 1UL << 6);
	e = remote_do(&r, R_ENABLE, 1UL << IRQ_S_SOFT | 1UL << IRQ_S_TIMER);
	csr_write(hvip, 0);
	EXPECT(e.scause, REMOTE_IDLE);
	for (i = 0; i < ARRAY_SIZE(irqs); i++) {
		EXPECT(remote_do(&r, R_TAKEN, irqs[i]).scause, REMOTE_IDLE);
		if (r.out[0][0])
			test_fail("the guest took interrupt %lu", irqs[i]);
	}
}

static void covg_unknown_function(void)
{
	struct remote r;
	struct texit e;

	REQUIRE(remote_build(&r, 1));
	e = remote_ecall(&r, SBI_EXT_COVG, 11, GUEST_HEAP, PAGE);
	GUEST_GOT(&r, e, E_NOT_SUPPORTED);
	e = remote_ecall(&r, SBI_EXT_COVG, 0x3ff, GUEST_HEAP, PAGE);
	GUEST_GOT(&r, e, E_NOT_SUPPORTED);
}

const struct test conf_covg_tests[] = {
	CONF(mmio_add_success, 1),
	CONF(mmio_add_unaligned, 1),
	CONF(mmio_add_length, 1),
	CONF(mmio_add_over_memory, 1),
	CONF(mmio_add_over_mmio, 1),
	CONF(mmio_add_over_shared, 1),
	CONF(mmio_add_wraps, 1),
	CONF(mmio_remove_success, 1),
	CONF(mmio_remove_whole_regions, 1),
	CONF(mmio_remove_unaligned, 1),
	CONF(share_empty, 1),
	CONF(share_populated, 1),
	CONF(share_not_emptied, 1),
	CONF(share_host_refuses, 1),
	CONF(share_host_nonsense, 1),
	CONF(share_unaligned, 1),
	CONF(share_length, 1),
	CONF(share_length_zero, 1),
	CONF(share_length_wraps, 1),
	CONF(share_partly_outside, 1),
	CONF(share_device, 1),
	CONF(share_twice, 1),
	CONF(share_pending_is_confidential, 1),
	CONF(share_pending_zero_page, 1),
	CONF(unshare_success, 1),
	CONF(unshare_empty, 1),
	CONF(unshare_not_emptied, 1),
	CONF(unshare_pending_shared_page, 1),
	CONF(unshare_host_refuses, 1),
	CONF(unshare_unaligned, 1),
	CONF(unshare_length, 1),
	CONF(unshare_length_zero, 1),
	CONF(unshare_partly_shared, 1),
	CONF(unshare_not_shared, 1),
	CONF(unshare_share_again, 1),
	CONF(allow_all, 1),
	CONF(allow_one, 1),
	CONF(allow_impossible, 1),
	CONF(deny_all, 1),
	CONF(deny_one, 1),
	CONF(deny_impossible, 1),
	CONF(interrupt_denied_at_first, 1),
	CONF(interrupt_allowed, 1),
	CONF(interrupt_denied_again, 1),
	CONF(interrupt_others_dropped, 1),
	CONF(covg_unknown_function, 1),
};
DEFINE_TESTS(conf_covg);
