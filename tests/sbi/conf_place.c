// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Conformance: pages that a TVM gets, and pages taken from it.
 */
#include "conf.h"

#define MEASURED(t, src, dst, type, n, gpa) \
	COVH(ADD_TVM_MEASURED_PAGES, (t)->gid, src, dst, type, n, gpa)
#define ZERO(t, pa, type, n, gpa)   COVH(ADD_TVM_ZERO_PAGES, (t)->gid, pa, type, n, gpa)
#define SHARED(t, pa, type, n, gpa) COVH(ADD_TVM_SHARED_PAGES, (t)->gid, pa, type, n, gpa)
#define INVALIDATE(t, gpa, len)	    COVH(TVM_INVALIDATE_PAGES, (t)->gid, gpa, len)
#define VALIDATE(t, gpa, len)	    COVH(TVM_VALIDATE_PAGES, (t)->gid, gpa, len)
#define REMOVE(t, gpa, len)	    COVH(TVM_REMOVE_PAGES, (t)->gid, gpa, len)
#define FENCE(t)		    COVH(TVM_FENCE, (t)->gid)
#define PT(t, pa, n)		    COVH(ADD_TVM_PAGE_TABLE_PAGES, (t)->gid, pa, n)
#define BAD_TYPE		    77

/* A TVM before finalize; @src of the host, @dst converted, eight pages each */
struct unfinished {
	struct tvm t;
	unsigned long src;
	unsigned long dst;
};

static bool begin(struct unfinished *u)
{
	u->src = pages_alloc(8, 1);
	if (!tvm_create(&u->t, 0) || !tvm_region(&u->t) || !tvm_pt(&u->t, 8) ||
	    !tvm_vcpus(&u->t, 1))
		return false;
	u->dst = tvm_pages(&u->t, 8, 1);
	return u->dst;
}

/* The guest's own code is measured pages: that it runs says that they hold the source. */
static void measured_success(void)
{
	struct unfinished u;

	REQUIRE(begin(&u));
	page_fill(u.src, 0x77);
	EXPECT(MEASURED(&u.t, u.src, u.dst, COVE_PAGE_4K, 1, GUEST_HEAP), OK);
	EXPECT(MEASURED(&u.t, u.src, u.dst + PAGE, COVE_PAGE_4K, 2, GUEST_HEAP + PAGE), OK);
	EXPECT(reclaim(u.dst, 1), E_INVALID_PARAM);
	EXPECT_TRUE(page_is(u.src, 0x77));
}

static void measured_contents(void)
{
	struct remote r;
	unsigned long value = 0;

	REQUIRE(remote_build(&r, 1) && remote_read(&r, GUEST_BASE, &value));
	EXPECT(value, *(const unsigned long *)guest_image);
}

static void measured_source_unaligned(void)
{
	struct unfinished u;

	REQUIRE(begin(&u));
	EXPECT(MEASURED(&u.t, u.src + 8, u.dst, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void measured_source_not_ram(void)
{
	struct unfinished u;

	REQUIRE(begin(&u));
	EXPECT(MEASURED(&u.t, ROM, u.dst, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&u.t, UART, u.dst, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&u.t, FIRMWARE, u.dst, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&u.t, ~0xfffUL, u.dst, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void measured_source_confidential(void)
{
	struct unfinished u;

	REQUIRE(begin(&u));
	EXPECT(MEASURED(&u.t, u.dst + PAGE, u.dst, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&u.t, u.t.state, u.dst, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void measured_dest_unaligned(void)
{
	struct unfinished u;

	REQUIRE(begin(&u));
	EXPECT(MEASURED(&u.t, u.src, u.dst + 8, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void measured_dest_host(void)
{
	struct unfinished u;

	REQUIRE(begin(&u));
	EXPECT(MEASURED(&u.t, u.src, u.src + PAGE, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&u.t, u.src, FIRMWARE, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void measured_dest_unfenced(void)
{
	unsigned long pa = pages_alloc(1, 1);
	struct unfinished u;

	REQUIRE(begin(&u));
	EXPECT(convert(pa, 1), OK);
	EXPECT(MEASURED(&u.t, u.src, pa, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void measured_dest_in_use(void)
{
	struct unfinished u;

	REQUIRE(begin(&u));
	EXPECT(MEASURED(&u.t, u.src, u.t.root, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&u.t, u.src, u.t.pt_pa, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&u.t, u.src, u.dst, COVE_PAGE_4K, 1, GUEST_HEAP), OK);
	EXPECT(MEASURED(&u.t, u.src, u.dst, COVE_PAGE_4K, 1, GUEST_HEAP + PAGE), E_INVALID_ADDRESS);
}

static void measured_gpa_unaligned(void)
{
	struct unfinished u;

	REQUIRE(begin(&u));
	EXPECT(MEASURED(&u.t, u.src, u.dst, COVE_PAGE_4K, 1, GUEST_HEAP + 8), E_INVALID_ADDRESS);
}

static void measured_gpa_outside(void)
{
	struct unfinished u;

	REQUIRE(begin(&u));
	EXPECT(MEASURED(&u.t, u.src, u.dst, COVE_PAGE_4K, 1, GUEST_BASE - PAGE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&u.t, u.src, u.dst, COVE_PAGE_4K, 2, GUEST_BASE + GUEST_SIZE - PAGE),
	       E_INVALID_ADDRESS);
	EXPECT(MEASURED(&u.t, u.src, u.dst, COVE_PAGE_4K, 1, ~0xfffUL), E_INVALID_ADDRESS);
}

static void measured_gpa_occupied(void)
{
	struct unfinished u;

	REQUIRE(begin(&u));
	EXPECT(MEASURED(&u.t, u.src, u.dst, COVE_PAGE_4K, 1, GUEST_HEAP), OK);
	EXPECT(MEASURED(&u.t, u.src, u.dst + PAGE, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&u.t, u.src, u.dst + PAGE, COVE_PAGE_4K, 2, GUEST_HEAP - PAGE),
	       E_INVALID_ADDRESS);
	EXPECT(reclaim(u.dst + PAGE, 2), OK); /* all or nothing */
}

static void measured_type(void)
{
	struct unfinished u;

	REQUIRE(begin(&u));
	EXPECT(MEASURED(&u.t, u.src, u.dst, BAD_TYPE, 1, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(MEASURED(&u.t, u.src, u.dst, ~0UL, 1, GUEST_HEAP), E_INVALID_PARAM);
}

static void measured_count(void)
{
	struct unfinished u;

	REQUIRE(begin(&u));
	EXPECT(MEASURED(&u.t, u.src, u.dst, COVE_PAGE_4K, 0, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(MEASURED(&u.t, u.src, u.dst, COVE_PAGE_4K, ~0UL, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(MEASURED(&u.t, u.src, u.dst, COVE_PAGE_4K, (1UL << 52) + 1, GUEST_HEAP),
	       E_INVALID_PARAM);
}

/* The pool is empty: an error, nothing taken; more pages cure it. */
static void measured_out_of_pt_pages(void)
{
	unsigned long src = pages_alloc(1, 1), dst;
	unsigned int n = 0;
	struct tvm t;

	REQUIRE(tvm_create(&t, 0) && tvm_region(&t));
	dst = tvm_pages(&t, 1, 1);
	while (MEASURED(&t, src, dst, COVE_PAGE_4K, 1, GUEST_BASE)) {
		EXPECT_TRUE(n++ < 5);
		EXPECT(COVH(ADD_TVM_PAGE_TABLE_PAGES, t.gid, tvm_pages(&t, 1, 1), 1), OK);
	}
	EXPECT_TRUE(n > 0);
}

/* A running guest; @pa: eight converted pages, @host: eight of the host's */
struct running {
	struct remote r;
	unsigned long pa;
	unsigned long host;
};

static bool running(struct running *g)
{
	g->host = pages_alloc(8, 1);
	if (!remote_build(&g->r, 1))
		return false;
	g->pa = tvm_pages(&g->r.t, 8, 1);
	return g->pa;
}

static void zero_success(void)
{
	struct running g;
	unsigned long value = 1;

	REQUIRE(running(&g));
	EXPECT(ZERO(&g.r.t, g.pa, COVE_PAGE_4K, 2, GUEST_HEAP), OK);
	REQUIRE(remote_read(&g.r, GUEST_HEAP, &value));
	EXPECT(value, 0);
	REQUIRE(remote_write(&g.r, GUEST_HEAP + PAGE, 5));
	REQUIRE(remote_read(&g.r, GUEST_HEAP + PAGE, &value));
	EXPECT(value, 5);
	EXPECT(reclaim(g.pa, 1), E_INVALID_PARAM);
	REQUIRE(attack(g.pa, "a page of a TVM"));
}

/* What the host had written is gone. */
static void zero_is_zero(void)
{
	unsigned long pa = pages_alloc(1, 1), value = 1, i;
	struct running g;

	REQUIRE(running(&g));
	page_fill(pa, ~0UL);
	EXPECT(convert(pa, 1), OK);
	REQUIRE(fence_all());
	EXPECT(ZERO(&g.r.t, pa, COVE_PAGE_4K, 1, GUEST_HEAP), OK);
	for (i = 0; i < PAGE; i += 1016) {
		REQUIRE(remote_read(&g.r, GUEST_HEAP + i, &value));
		EXPECT(value, 0);
	}
}

static void zero_unaligned(void)
{
	struct running g;

	REQUIRE(running(&g));
	EXPECT(ZERO(&g.r.t, g.pa + 8, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void zero_host(void)
{
	struct running g;

	REQUIRE(running(&g));
	EXPECT(ZERO(&g.r.t, g.host, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(ZERO(&g.r.t, FIRMWARE, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(ZERO(&g.r.t, ~0xfffUL, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void zero_unfenced(void)
{
	struct running g;

	REQUIRE(running(&g));
	EXPECT(convert(g.host, 1), OK);
	EXPECT(ZERO(&g.r.t, g.host, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void zero_in_use(void)
{
	struct running g;
	struct tvm u;

	REQUIRE(running(&g) && tvm_create(&u, 0));
	EXPECT(ZERO(&g.r.t, g.r.t.root, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(ZERO(&g.r.t, g.r.t.image_pa, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(ZERO(&g.r.t, u.state, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(ZERO(&g.r.t, g.pa, COVE_PAGE_4K, 1, GUEST_HEAP), OK);
	EXPECT(ZERO(&g.r.t, g.pa, COVE_PAGE_4K, 1, GUEST_HEAP + PAGE), E_INVALID_ADDRESS);
}

static void zero_gpa_unaligned(void)
{
	struct running g;

	REQUIRE(running(&g));
	EXPECT(ZERO(&g.r.t, g.pa, COVE_PAGE_4K, 1, GUEST_HEAP + 8), E_INVALID_ADDRESS);
}

static void zero_gpa_outside(void)
{
	struct running g;

	REQUIRE(running(&g));
	EXPECT(ZERO(&g.r.t, g.pa, COVE_PAGE_4K, 1, MAIL_BASE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&g.r.t, g.pa, COVE_PAGE_4K, 2, GUEST_BASE + GUEST_SIZE - PAGE),
	       E_INVALID_ADDRESS);
}

static void zero_gpa_occupied(void)
{
	struct running g;

	REQUIRE(running(&g));
	EXPECT(ZERO(&g.r.t, g.pa, COVE_PAGE_4K, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(reclaim(g.pa, 1), OK);
}

static void zero_gpa_shared(void)
{
	struct running g;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, 0));
	EXPECT(ZERO(&g.r.t, g.pa, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void zero_type(void)
{
	struct running g;

	REQUIRE(running(&g));
	EXPECT(ZERO(&g.r.t, g.pa, BAD_TYPE, 1, GUEST_HEAP), E_INVALID_PARAM);
}

static void zero_count(void)
{
	struct running g;

	REQUIRE(running(&g));
	EXPECT(ZERO(&g.r.t, g.pa, COVE_PAGE_4K, 0, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(ZERO(&g.r.t, g.pa, COVE_PAGE_4K, ~0UL, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(ZERO(&g.r.t, g.pa, COVE_PAGE_4K, (1UL << 52) + 1, GUEST_HEAP), E_INVALID_PARAM);
}

/* The pool runs out: an error, nothing taken; more pages cure it. */
static void zero_out_of_pt_pages(void)
{
	unsigned long i, gpa = FAR_BASE, pa, more;
	struct running g;
	long rc = OK;

	REQUIRE(running(&g));
	more = tvm_pages(&g.r.t, 4, 1);
	for (i = 0; i < 8 && !rc; i++, gpa += FAR_STEP) {
		pa = g.pa + i * PAGE;
		rc = ZERO(&g.r.t, pa, COVE_PAGE_4K, 1, gpa);
	}
	EXPECT_TRUE(rc < 0);
	EXPECT(PT(&g.r.t, more, 4), OK);
	EXPECT(ZERO(&g.r.t, pa, COVE_PAGE_4K, 1, gpa - FAR_STEP), OK);
}

/* Either size is offered, and its page is zero from end to end, or refused as such. */
static void zero_2m(void)
{
	unsigned long pa = conf_pages(512, 512), value = 1;
	struct running g;
	long rc;

	REQUIRE(pa && running(&g));
	rc = ZERO(&g.r.t, pa, COVE_PAGE_2M, 1, FAR_BASE);
	NEEDS(rc != E_INVALID_PARAM, "pages of 2 MiB are not offered");
	EXPECT(rc, OK);
	REQUIRE(remote_read(&g.r, FAR_BASE, &value));
	EXPECT(value, 0);
	REQUIRE(remote_read(&g.r, FAR_BASE + 512 * PAGE - 8, &value));
	EXPECT(value, 0);
	REQUIRE(attack(pa + 511 * PAGE, "the end of a large page"));
}

static void zero_2m_unaligned(void)
{
	unsigned long pa = conf_pages(1024, 512);
	struct running g;

	REQUIRE(pa && running(&g));
	EXPECT_REFUSED(ZERO(&g.r.t, pa + PAGE, COVE_PAGE_2M, 1, FAR_BASE));
	EXPECT_REFUSED(ZERO(&g.r.t, pa, COVE_PAGE_2M, 1, FAR_BASE + PAGE));
}

static void measured_2m(void)
{
	unsigned long src = pages_alloc(512, 512), dst = conf_pages(512, 512);
	struct tvm t;
	long rc;

	REQUIRE(dst && tvm_create(&t, 0) && tvm_pt(&t, 8));
	EXPECT(COVH(ADD_TVM_MEMORY_REGION, t.gid, FAR_BASE, FAR_STEP), OK);
	rc = MEASURED(&t, src, dst, COVE_PAGE_2M, 1, FAR_BASE);
	EXPECT_TRUE(rc == OK || rc == E_INVALID_PARAM);
	if (!rc)
		EXPECT(reclaim(dst + 511 * PAGE, 1), E_INVALID_PARAM);
}

static void shared_success(void)
{
	struct running g;
	unsigned long value = 0;

	REQUIRE(running(&g));
	*(unsigned long *)g.host = 0x50494e47;
	REQUIRE(remote_shared(&g.r, GUEST_HEAP, 2, g.host));
	REQUIRE(remote_read(&g.r, GUEST_HEAP, &value));
	EXPECT(value, 0x50494e47);
	REQUIRE(remote_write(&g.r, GUEST_HEAP + PAGE, 0x504f4e47));
	EXPECT(*(unsigned long *)(g.host + PAGE), 0x504f4e47);
}

/* Two vCPUs fault on one page. */
static void shared_again(void)
{
	struct running g;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, g.host));
	EXPECT(SHARED(&g.r.t, g.host, COVE_PAGE_4K, 1, GUEST_HEAP), OK);
}

static void shared_not_asked(void)
{
	struct running g;

	REQUIRE(running(&g));
	EXPECT(SHARED(&g.r.t, g.host, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(SHARED(&g.r.t, g.host, COVE_PAGE_4K, 1, MAIL_BASE), E_INVALID_ADDRESS);
}

static void shared_beyond(void)
{
	struct running g;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, 0));
	EXPECT(SHARED(&g.r.t, g.host, COVE_PAGE_4K, 2, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void shared_unaligned(void)
{
	struct running g;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, 0));
	EXPECT(SHARED(&g.r.t, g.host + 8, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void shared_gpa_unaligned(void)
{
	struct running g;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, 0));
	EXPECT(SHARED(&g.r.t, g.host, COVE_PAGE_4K, 1, GUEST_HEAP + 8), E_INVALID_ADDRESS);
}

static void shared_confidential(void)
{
	struct running g;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, 0));
	EXPECT(SHARED(&g.r.t, g.pa, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(SHARED(&g.r.t, g.r.t.image_pa, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void shared_not_ram(void)
{
	struct running g;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, 0));
	EXPECT(SHARED(&g.r.t, FIRMWARE, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(SHARED(&g.r.t, UART, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(SHARED(&g.r.t, ~0xfffUL, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void shared_occupied(void)
{
	struct running g;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, g.host));
	EXPECT(SHARED(&g.r.t, g.host + PAGE, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void shared_type(void)
{
	struct running g;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, 0));
	EXPECT(SHARED(&g.r.t, g.host, BAD_TYPE, 1, GUEST_HEAP), E_INVALID_PARAM);
}

static void shared_count(void)
{
	struct running g;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, 0));
	EXPECT(SHARED(&g.r.t, g.host, COVE_PAGE_4K, 0, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(SHARED(&g.r.t, g.host, COVE_PAGE_4K, ~0UL, GUEST_HEAP), E_INVALID_PARAM);
}

/* The guest or the host hears of it; either way nothing is executed. */
static void shared_no_fetch(void)
{
	struct running g;
	struct texit e;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, g.host));
	*(unsigned int *)g.host = 0x00008067; /* ret */
	e = remote_do(&g.r, R_FETCH, GUEST_HEAP);
	if (e.scause == CAUSE_GFETCH)
		return;
	EXPECT(e.scause, REMOTE_IDLE);
	EXPECT(g.r.out[0][2], 1);
	EXPECT(g.r.out[0][3], 1); /* instruction access fault */
}

static void shared_out_of_pt_pages(void)
{
	unsigned long i, gpa = FAR_BASE, more;
	struct running g;
	long rc = OK;

	REQUIRE(running(&g));
	more = tvm_pages(&g.r.t, 4, 1);
	for (i = 0; i < 8 && !rc; i++, gpa += FAR_STEP) {
		REQUIRE(remote_shared(&g.r, gpa, 1, 0));
		rc = SHARED(&g.r.t, g.host + i * PAGE, COVE_PAGE_4K, 1, gpa);
	}
	EXPECT_TRUE(rc < 0);
	EXPECT(convert(g.host + (i - 1) * PAGE, 1), OK); /* not kept */
	EXPECT(reclaim(g.host + (i - 1) * PAGE, 1), OK);
	EXPECT(PT(&g.r.t, more, 4), OK);
	EXPECT(SHARED(&g.r.t, g.host + (i - 1) * PAGE, COVE_PAGE_4K, 1, gpa - FAR_STEP), OK);
}

/* A TVM's pages are no memory to share with another. */
static void shared_two_tvms(void)
{
	struct running g;
	struct tvm u;

	REQUIRE(running(&g) && tvm_build(&u, 0, 1, 0) && remote_shared(&g.r, GUEST_HEAP, 1, 0));
	EXPECT(SHARED(&g.r.t, u.image_pa, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(SHARED(&g.r.t, u.vcpu_pa[0], COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

/* invalidate, validate, remove, fence */

static bool populated(struct running *g, unsigned long n)
{
	return running(g) && remote_populate(&g->r, GUEST_HEAP, n);
}

static void invalidate_success(void)
{
	struct running g;
	struct texit e;

	REQUIRE(populated(&g, 2));
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, 2 * PAGE), OK);
	e = remote_do(&g.r, R_LOAD, GUEST_HEAP + 0x128, LOAD_LD);
	EXPECT(e.scause, CAUSE_GLOAD);
	EXPECT(e.gpa, GUEST_HEAP);
	EXPECT(e.htinst, 0);
}

static void invalidate_shared(void)
{
	struct running g;
	struct texit e;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, g.host));
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(convert(g.host, 1), E_INVALID_ADDRESS); /* still referred to */
	e = remote_do(&g.r, R_LOAD, GUEST_HEAP, LOAD_LD);
	EXPECT(e.scause, CAUSE_GLOAD);
	EXPECT(e.gpa, GUEST_HEAP);
}

static void invalidate_unaligned(void)
{
	struct running g;

	REQUIRE(populated(&g, 2));
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP + 8, PAGE), E_INVALID_ADDRESS);
}

static void invalidate_length(void)
{
	struct running g;

	REQUIRE(populated(&g, 2));
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, 0), E_INVALID_PARAM);
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE + 8), E_INVALID_PARAM);
}

static void invalidate_not_present(void)
{
	struct running g;
	unsigned long value = 1;

	REQUIRE(populated(&g, 1));
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP + PAGE, PAGE), E_INVALID_ADDRESS);
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, 2 * PAGE), E_INVALID_ADDRESS);
	EXPECT(INVALIDATE(&g.r.t, MAIL_BASE, PAGE), E_INVALID_ADDRESS);
	EXPECT_REFUSED(INVALIDATE(&g.r.t, ~0xfffUL, PAGE));
	REQUIRE(remote_read(&g.r, GUEST_HEAP, &value)); /* all or nothing */
}

static void invalidate_twice(void)
{
	struct running g;

	REQUIRE(populated(&g, 1));
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), E_INVALID_ADDRESS);
}

/* A blocked page is still there: nothing else can take its place. */
static void invalidate_keeps_place(void)
{
	struct running g;

	REQUIRE(populated(&g, 1));
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(ZERO(&g.r.t, g.pa, COVE_PAGE_4K, 1, GUEST_HEAP), E_INVALID_ADDRESS);
}

static void validate_success(void)
{
	struct running g;
	unsigned long value = 0;

	REQUIRE(populated(&g, 1) && remote_write(&g.r, GUEST_HEAP, 42));
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(VALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK); /* no fence needed */
	REQUIRE(remote_read(&g.r, GUEST_HEAP, &value));
	EXPECT(value, 42);
}

static void validate_shared(void)
{
	struct running g;
	unsigned long value = 0;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, g.host));
	*(unsigned long *)g.host = 43;
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(VALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	REQUIRE(remote_read(&g.r, GUEST_HEAP, &value));
	EXPECT(value, 43);
}

static void validate_not_blocked(void)
{
	struct running g;

	REQUIRE(populated(&g, 2));
	EXPECT(VALIDATE(&g.r.t, GUEST_HEAP, PAGE), E_INVALID_ADDRESS);
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(VALIDATE(&g.r.t, GUEST_HEAP, 2 * PAGE), E_INVALID_ADDRESS);
}

static void validate_unaligned(void)
{
	struct running g;

	REQUIRE(populated(&g, 1));
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(VALIDATE(&g.r.t, GUEST_HEAP + 8, PAGE), E_INVALID_ADDRESS);
}

static void validate_length(void)
{
	struct running g;

	REQUIRE(populated(&g, 1));
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(VALIDATE(&g.r.t, GUEST_HEAP, 0), E_INVALID_PARAM);
	EXPECT(VALIDATE(&g.r.t, GUEST_HEAP, 8), E_INVALID_PARAM);
}

/* The guest asks to share a page that is there; the call waits for its answer. */
static bool asked(struct running *g)
{
	struct texit e;

	if (!populated(g, 1))
		return false;
	e = remote_ecall(&g->r, SBI_EXT_COVG, SBI_COVG_SHARE_MEMORY_REGION, GUEST_HEAP, 2 * PAGE);
	if (e.scause != CAUSE_VECALL)
		test_fail("the share does not reach the host: %ld %lx", e.error, e.scause);
	return e.scause == CAUSE_VECALL;
}

static void remove_success(void)
{
	struct running g;
	unsigned long pa;

	REQUIRE(asked(&g));
	pa = g.r.t.chunk + (g.r.t.used - 1) * PAGE;
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(FENCE(&g.r.t), OK);
	EXPECT(REMOVE(&g.r.t, GUEST_HEAP, PAGE), OK);
	REQUIRE(attack(pa, "a removed page"));
	EXPECT(reclaim(pa, 1), OK);
	EXPECT_TRUE(page_is_zero(pa));
}

static void remove_shared(void)
{
	struct running g;
	struct texit e;

	REQUIRE(running(&g) && remote_shared(&g.r, GUEST_HEAP, 1, g.host));
	*(unsigned long *)g.host = 9;
	e = remote_ecall(&g.r, SBI_EXT_COVG, SBI_COVG_UNSHARE_MEMORY_REGION, GUEST_HEAP, PAGE);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(FENCE(&g.r.t), OK);
	EXPECT(REMOVE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(*(unsigned long *)g.host, 9);
	EXPECT(convert(g.host, 1), OK);
}

static void remove_not_asked(void)
{
	struct running g;

	REQUIRE(populated(&g, 1));
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(FENCE(&g.r.t), OK);
	EXPECT(REMOVE(&g.r.t, GUEST_HEAP, PAGE), E_INVALID_ADDRESS);
}

static void remove_not_blocked(void)
{
	struct running g;

	REQUIRE(asked(&g));
	EXPECT(FENCE(&g.r.t), OK);
	EXPECT(REMOVE(&g.r.t, GUEST_HEAP, PAGE), E_INVALID_ADDRESS);
}

static void remove_unfenced(void)
{
	struct running g;

	REQUIRE(asked(&g));
	EXPECT(FENCE(&g.r.t), OK); /* before the block: does not count */
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(REMOVE(&g.r.t, GUEST_HEAP, PAGE), E_FAILED);
}

static void remove_unaligned(void)
{
	struct running g;

	REQUIRE(asked(&g));
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(FENCE(&g.r.t), OK);
	EXPECT(REMOVE(&g.r.t, GUEST_HEAP + 8, PAGE), E_INVALID_ADDRESS);
}

static void remove_length(void)
{
	struct running g;

	REQUIRE(asked(&g));
	EXPECT(INVALIDATE(&g.r.t, GUEST_HEAP, PAGE), OK);
	EXPECT(FENCE(&g.r.t), OK);
	EXPECT(REMOVE(&g.r.t, GUEST_HEAP, 0), E_INVALID_PARAM);
	EXPECT(REMOVE(&g.r.t, GUEST_HEAP, 8), E_INVALID_PARAM);
}

static void tvm_fence_success(void)
{
	struct running g;

	REQUIRE(running(&g));
	EXPECT(FENCE(&g.r.t), OK); /* nothing is blocked, nobody runs: closed at once */
	EXPECT(FENCE(&g.r.t), OK);
}

const struct test conf_place_tests[] = {
	CONF(measured_success, 1),
	CONF(measured_contents, 1),
	CONF(measured_source_unaligned, 1),
	CONF(measured_source_not_ram, 1),
	CONF(measured_source_confidential, 1),
	CONF(measured_dest_unaligned, 1),
	CONF(measured_dest_host, 1),
	CONF(measured_dest_unfenced, 1),
	CONF(measured_dest_in_use, 1),
	CONF(measured_gpa_unaligned, 1),
	CONF(measured_gpa_outside, 1),
	CONF(measured_gpa_occupied, 1),
	CONF(measured_type, 1),
	CONF(measured_count, 1),
	CONF(measured_out_of_pt_pages, 1),
	CONF(zero_success, 1),
	CONF(zero_is_zero, 1),
	CONF(zero_unaligned, 1),
	CONF(zero_host, 1),
	CONF(zero_unfenced, 1),
	CONF(zero_in_use, 1),
	CONF(zero_gpa_unaligned, 1),
	CONF(zero_gpa_outside, 1),
	CONF(zero_gpa_occupied, 1),
	CONF(zero_gpa_shared, 1),
	CONF(zero_type, 1),
	CONF(zero_count, 1),
	CONF(zero_out_of_pt_pages, 1),
	CONF(zero_2m, 1),
	CONF(zero_2m_unaligned, 1),
	CONF(measured_2m, 1),
	CONF(shared_success, 1),
	CONF(shared_again, 1),
	CONF(shared_not_asked, 1),
	CONF(shared_beyond, 1),
	CONF(shared_unaligned, 1),
	CONF(shared_gpa_unaligned, 1),
	CONF(shared_confidential, 1),
	CONF(shared_not_ram, 1),
	CONF(shared_occupied, 1),
	CONF(shared_type, 1),
	CONF(shared_count, 1),
	CONF(shared_no_fetch, 1),
	CONF(shared_out_of_pt_pages, 1),
	CONF(shared_two_tvms, 1),
	CONF(invalidate_success, 1),
	CONF(invalidate_shared, 1),
	CONF(invalidate_unaligned, 1),
	CONF(invalidate_length, 1),
	CONF(invalidate_not_present, 1),
	CONF(invalidate_twice, 1),
	CONF(invalidate_keeps_place, 1),
	CONF(validate_success, 1),
	CONF(validate_shared, 1),
	CONF(validate_not_blocked, 1),
	CONF(validate_unaligned, 1),
	CONF(validate_length, 1),
	CONF(remove_success, 1),
	CONF(remove_shared, 1),
	CONF(remove_not_asked, 1),
	CONF(remove_not_blocked, 1),
	CONF(remove_unfenced, 1),
	CONF(remove_unaligned, 1),
	CONF(remove_length, 1),
	CONF(tvm_fence_success, 1),
};
DEFINE_TESTS(conf_place);
