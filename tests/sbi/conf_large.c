// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Conformance: pages of 2 MiB and 1 GiB, whole and in part, for a firmware that has them.
 */
#include "conf.h"

#define MEGA_PAGES 512UL
#define MEGA	   (MEGA_PAGES * PAGE)
#define BIG	   FAR_BASE /* where the guest has one */
#define PART	   (BIG + 300 * PAGE)
#define ELSEWHERE  (FAR_BASE + FAR_STEP)
#define GIGA	   0x40000000UL
#define GIGA_PA	   0x100000000UL /* RAM, where the machine has 3 GiB */
#define GIGA_STEP  1024UL	 /* pages of one call */

#define ZERO(g, pa, type, gpa) COVH(ADD_TVM_ZERO_PAGES, (g)->r.t.gid, pa, type, 1, gpa)
#define SHARED(g, pa, gpa)     COVH(ADD_TVM_SHARED_PAGES, (g)->r.t.gid, pa, COVE_PAGE_2M, 1, gpa)
#define INVALIDATE(g, gpa, n)  COVH(TVM_INVALIDATE_PAGES, (g)->r.t.gid, gpa, (n)*PAGE)
#define VALIDATE(g, gpa, n)    COVH(TVM_VALIDATE_PAGES, (g)->r.t.gid, gpa, (n)*PAGE)
#define REMOVE(g, gpa, n)      COVH(TVM_REMOVE_PAGES, (g)->r.t.gid, gpa, (n)*PAGE)
#define FENCE(g)	       COVH(TVM_FENCE, (g)->r.t.gid)

/* A guest with a large page at BIG: it is @pa; @other is free, both are confidential */
struct large {
	struct remote r;
	unsigned long pa;
	unsigned long other;
	long rc;
};

static bool large(struct large *g)
{
	g->pa = conf_pages(2 * MEGA_PAGES, MEGA_PAGES);
	g->other = g->pa + MEGA;
	if (!g->pa || !remote_build(&g->r, 1))
		return false;
	g->rc = ZERO(g, g->pa, COVE_PAGE_2M, BIG);
	if (g->rc && g->rc != E_INVALID_PARAM)
		test_fail("a page of 2 MiB: %ld", g->rc);
	return !test_failed();
}

#define LARGE(g)                                                                    \
	do {                                                                        \
		REQUIRE(large(&(g)));                                               \
		NEEDS((g).rc != E_INVALID_PARAM, "pages of 2 MiB are not offered"); \
	} while (0)

static bool guest_has(struct large *g, unsigned long gpa, unsigned long value)
{
	unsigned long seen = ~value;

	if (!remote_read(&g->r, gpa, &seen))
		return false;
	if (seen != value)
		test_fail("at %lx the guest finds %lx, not %lx", gpa, seen, value);
	return seen == value;
}

/* The guest's access goes to the host, as an access to a page that is not there. */
static bool guest_faults(struct large *g, unsigned long gpa)
{
	struct texit e = remote_do(&g->r, R_LOAD, gpa, LOAD_LD);

	if (e.scause == CAUSE_GLOAD && !e.htinst && e.gpa == gpa)
		return true;
	test_fail("at %lx: scause %lx gpa %lx", gpa, e.scause, e.gpa);
	return false;
}

static bool guest_fills(struct large *g)
{
	return remote_write(&g->r, BIG, 1) && remote_write(&g->r, PART - PAGE, 2) &&
	       remote_write(&g->r, PART, 3) && remote_write(&g->r, PART + PAGE, 4) &&
	       remote_write(&g->r, BIG + MEGA - 8, 5);
}

static bool guest_keeps_neighbours(struct large *g)
{
	return guest_has(g, BIG, 1) && guest_has(g, PART - PAGE, 2) &&
	       guest_has(g, PART + PAGE, 4) && guest_has(g, BIG + MEGA - 8, 5);
}

static void zero_2m_assigned(void)
{
	struct large g;

	LARGE(g);
	EXPECT(reclaim(g.pa + 300 * PAGE, 1), E_INVALID_PARAM);
	EXPECT(convert(g.pa + 300 * PAGE, 1), E_INVALID_ADDRESS);
	EXPECT(ZERO(&g, g.pa + 300 * PAGE, COVE_PAGE_4K, ELSEWHERE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&g, g.pa, COVE_PAGE_2M, ELSEWHERE), E_INVALID_ADDRESS);
}

static void zero_2m_gpa_outside(void)
{
	struct large g;

	LARGE(g);
	EXPECT(ZERO(&g, g.other, COVE_PAGE_2M, FAR_BASE + FAR_SIZE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&g, g.other, COVE_PAGE_2M, 0), E_INVALID_ADDRESS);
}

static void zero_2m_gpa_occupied(void)
{
	struct large g;

	LARGE(g);
	EXPECT(ZERO(&g, g.other, COVE_PAGE_2M, BIG), E_INVALID_ADDRESS);
	EXPECT(ZERO(&g, g.other, COVE_PAGE_4K, PART), E_INVALID_ADDRESS);
	REQUIRE(remote_populate(&g.r, ELSEWHERE + 300 * PAGE, 1));
	EXPECT(ZERO(&g, g.other, COVE_PAGE_2M, ELSEWHERE), E_INVALID_ADDRESS);
	EXPECT(reclaim(g.other, MEGA_PAGES), OK); /* none was taken */
}

static void zero_2m_in_use(void)
{
	struct large g;

	LARGE(g);
	EXPECT(ZERO(&g, g.other + 511 * PAGE, COVE_PAGE_4K, ELSEWHERE), OK);
	EXPECT(ZERO(&g, g.other, COVE_PAGE_2M, ELSEWHERE + MEGA), E_INVALID_ADDRESS);
	EXPECT(reclaim(g.other, 511), OK);
}

static void zero_2m_partly_host(void)
{
	struct large g;

	LARGE(g);
	EXPECT(reclaim(g.other + 256 * PAGE, 1), OK);
	EXPECT(ZERO(&g, g.other, COVE_PAGE_2M, ELSEWHERE), E_INVALID_ADDRESS);
}

static void zero_2m_unfenced(void)
{
	struct large g;

	LARGE(g);
	EXPECT(reclaim(g.other + 511 * PAGE, 1), OK);
	EXPECT(convert(g.other + 511 * PAGE, 1), OK);
	EXPECT(ZERO(&g, g.other, COVE_PAGE_2M, ELSEWHERE), E_INVALID_ADDRESS);
}

static void measured_2m_unaligned(void)
{
	unsigned long src = pages_alloc(MEGA_PAGES + 1, MEGA_PAGES);
	unsigned long dst = conf_pages(2 * MEGA_PAGES, MEGA_PAGES);
	struct tvm t;
	long rc;

	REQUIRE(dst && tvm_create(&t, 0) && tvm_pt(&t, 8));
	EXPECT(COVH(ADD_TVM_MEMORY_REGION, t.gid, FAR_BASE, FAR_STEP), OK);
	EXPECT_REFUSED(COVH(ADD_TVM_MEASURED_PAGES, t.gid, src, dst + PAGE, COVE_PAGE_2M, 1, BIG));
	EXPECT_REFUSED(COVH(ADD_TVM_MEASURED_PAGES, t.gid, src, dst, COVE_PAGE_2M, 1, BIG + PAGE));
	rc = COVH(ADD_TVM_MEASURED_PAGES, t.gid, src + PAGE, dst, COVE_PAGE_2M, 1, BIG);
	EXPECT_TRUE(rc == OK || rc == E_INVALID_PARAM || rc == E_INVALID_ADDRESS);
}

static void invalidate_2m(void)
{
	struct large g;

	LARGE(g);
	REQUIRE(guest_fills(&g));
	EXPECT(INVALIDATE(&g, BIG, MEGA_PAGES), OK);
	EXPECT(FENCE(&g), OK);
	REQUIRE(guest_faults(&g, BIG));
	EXPECT(VALIDATE(&g, BIG, MEGA_PAGES), OK);
	EXPECT(remote_run(&g.r, 0).scause, REMOTE_IDLE);
	REQUIRE(guest_keeps_neighbours(&g) && guest_has(&g, PART, 3));
}

static void invalidate_part_of_2m(void)
{
	struct large g;

	LARGE(g);
	REQUIRE(guest_fills(&g));
	EXPECT(INVALIDATE(&g, PART, 1), OK);
	EXPECT(FENCE(&g), OK);
	REQUIRE(guest_keeps_neighbours(&g));
	REQUIRE(guest_faults(&g, PART));
	EXPECT(INVALIDATE(&g, PART - PAGE, 2), E_INVALID_ADDRESS); /* one is blocked already */
	EXPECT(VALIDATE(&g, PART, 1), OK);
	EXPECT(remote_run(&g.r, 0).scause, REMOTE_IDLE);
	REQUIRE(guest_has(&g, PART, 3) && guest_keeps_neighbours(&g));
}

static void validate_part_of_2m(void)
{
	struct large g;

	LARGE(g);
	REQUIRE(guest_fills(&g));
	EXPECT(INVALIDATE(&g, BIG, MEGA_PAGES), OK);
	EXPECT(FENCE(&g), OK);
	EXPECT(VALIDATE(&g, PART, 1), OK);
	REQUIRE(guest_has(&g, PART, 3));
	REQUIRE(guest_faults(&g, PART + PAGE));
	EXPECT(VALIDATE(&g, PART + PAGE, 1), OK);
	EXPECT(remote_run(&g.r, 0).scause, REMOTE_IDLE);
}

/* A split needs a table; without one nothing happens. */
static void split_out_of_pt_pages(void)
{
	unsigned long gpa = ELSEWHERE, i;
	struct large g;
	long rc = OK;

	LARGE(g);
	REQUIRE(guest_fills(&g));
	for (i = 0; i < 16 && !rc; i++, gpa += MEGA)
		rc = ZERO(&g, g.other + i * PAGE, COVE_PAGE_4K, gpa);
	EXPECT_TRUE(rc < 0);
	EXPECT_REFUSED(INVALIDATE(&g, PART, 1));
	REQUIRE(guest_keeps_neighbours(&g) && guest_has(&g, PART, 3));
	EXPECT(COVH(ADD_TVM_PAGE_TABLE_PAGES, g.r.t.gid, g.other + 20 * PAGE, 2), OK);
	EXPECT(INVALIDATE(&g, PART, 1), OK);
}

/* The guest shares a page in the middle: its neighbours keep their contents. */
static void share_part_of_2m(void)
{
	unsigned long host = pages_alloc(1, 1), value = 0;
	struct large g;
	struct texit e;

	LARGE(g);
	REQUIRE(guest_fills(&g));
	e = remote_ecall(&g.r, SBI_EXT_COVG, SBI_COVG_SHARE_MEMORY_REGION, PART, PAGE);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(REMOVE(&g, PART, 1), E_INVALID_ADDRESS); /* not blocked */
	EXPECT(INVALIDATE(&g, PART, 1), OK);
	EXPECT(REMOVE(&g, PART, 1), E_FAILED); /* not fenced */
	EXPECT(FENCE(&g), OK);
	EXPECT(REMOVE(&g, PART, 2), E_INVALID_ADDRESS); /* more than was asked for */
	EXPECT(REMOVE(&g, PART, 1), OK);
	EXPECT(reclaim(g.pa + 300 * PAGE, 1), OK);
	EXPECT_TRUE(page_is_zero(g.pa + 300 * PAGE));
	answer(0, 0);
	e = remote_run(&g.r, 0);
	GUEST_GOT(&g.r, e, OK);
	EXPECT(COVH(ADD_TVM_SHARED_PAGES, g.r.t.gid, host, COVE_PAGE_4K, 1, PART), OK);
	*(unsigned long *)host = 0x50494e47;
	REQUIRE(remote_read(&g.r, PART, &value));
	EXPECT(value, 0x50494e47);
	REQUIRE(guest_keeps_neighbours(&g));
	REQUIRE(attack(g.pa + 299 * PAGE, "a neighbour of what is shared"));
}

/* A TVM of which @pa, 2 MiB of the host's, is shared memory at ELSEWHERE */
static bool shared_large(struct large *g, unsigned long pa)
{
	long rc;

	if (!remote_shared(&g->r, ELSEWHERE, MEGA_PAGES, 0))
		return false;
	rc = SHARED(g, pa, ELSEWHERE);
	if (rc)
		test_fail("add_tvm_shared_pages: %ld", rc);
	return !rc;
}

static void shared_2m(void)
{
	unsigned long host = pages_alloc(MEGA_PAGES, MEGA_PAGES), value = 0;
	struct large g;

	LARGE(g);
	REQUIRE(shared_large(&g, host));
	*(unsigned long *)(host + MEGA - 8) = 0x50494e47;
	REQUIRE(remote_read(&g.r, ELSEWHERE + MEGA - 8, &value));
	EXPECT(value, 0x50494e47);
	REQUIRE(remote_write(&g.r, ELSEWHERE + 8, 0x504f4e47));
	EXPECT(*(unsigned long *)(host + 8), 0x504f4e47);
	EXPECT(convert(host + 300 * PAGE, 1), E_INVALID_ADDRESS);
}

static void shared_2m_unaligned(void)
{
	unsigned long host = pages_alloc(2 * MEGA_PAGES, MEGA_PAGES);
	struct large g;

	LARGE(g);
	REQUIRE(remote_shared(&g.r, ELSEWHERE, 2 * MEGA_PAGES, 0));
	EXPECT_REFUSED(SHARED(&g, host + PAGE, ELSEWHERE));
	EXPECT_REFUSED(SHARED(&g, host, ELSEWHERE + PAGE));
	EXPECT(convert(host, 2 * MEGA_PAGES), OK); /* nothing is referred to */
}

static void shared_2m_beyond(void)
{
	unsigned long host = pages_alloc(MEGA_PAGES, MEGA_PAGES);
	struct large g;

	LARGE(g);
	REQUIRE(remote_shared(&g.r, ELSEWHERE, MEGA_PAGES - 1, 0));
	EXPECT(SHARED(&g, host, ELSEWHERE), E_INVALID_ADDRESS);
	EXPECT(convert(host, MEGA_PAGES), OK);
}

/* The guest takes one page back: the host has it, and both still share the others. */
static void unshare_part_of_2m(void)
{
	unsigned long host = pages_alloc(MEGA_PAGES, MEGA_PAGES), value = 0;
	unsigned long gpa = ELSEWHERE + 300 * PAGE;
	struct large g;
	struct texit e;

	LARGE(g);
	REQUIRE(shared_large(&g, host));
	e = remote_ecall(&g.r, SBI_EXT_COVG, SBI_COVG_UNSHARE_MEMORY_REGION, gpa, PAGE);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(INVALIDATE(&g, gpa, 1), OK);
	EXPECT(FENCE(&g), OK);
	EXPECT(REMOVE(&g, gpa, 1), OK);
	answer(0, 0);
	e = remote_run(&g.r, 0);
	GUEST_GOT(&g.r, e, OK);
	EXPECT(convert(host + 300 * PAGE, 1), OK);
	EXPECT(convert(host + 299 * PAGE, 1), E_INVALID_ADDRESS);
	*(unsigned long *)(host + 301 * PAGE) = 0x50494e47;
	REQUIRE(remote_read(&g.r, gpa + PAGE, &value));
	EXPECT(value, 0x50494e47);
	EXPECT(ZERO(&g, g.other, COVE_PAGE_4K, gpa), OK);
	REQUIRE(guest_has(&g, gpa, 0));
}

static void destroy_2m(void)
{
	unsigned long i;
	struct large g;

	LARGE(g);
	REQUIRE(guest_fills(&g));
	EXPECT(tvm_destroy(&g.r.t), OK);
	EXPECT(reclaim(g.pa, MEGA_PAGES), OK);
	for (i = 0; i < MEGA_PAGES; i++)
		EXPECT_TRUE(page_is_zero(g.pa + i * PAGE));
}

static bool giga_memory(long (*call)(unsigned long pa, unsigned long n))
{
	unsigned long pa;
	long rc = 0;

	for (pa = GIGA_PA; pa < GIGA_PA + GIGA && !rc; pa += GIGA_STEP * PAGE)
		rc = call(pa, GIGA_STEP);
	if (rc)
		test_fail("at %lx: %ld", pa, rc);
	return !rc;
}

/* The guest writes here and there; a page in the middle goes and comes. */
static bool giga_story(struct large *g)
{
	unsigned long spot = BIG + 300 * MEGA + 77 * PAGE, seen = 1;

	return remote_write(&g->r, BIG, 1) && remote_write(&g->r, spot, 2) &&
	       remote_write(&g->r, BIG + GIGA - 8, 3) && guest_has(g, spot - PAGE, 0) &&
	       !INVALIDATE(g, spot, 1) && guest_has(g, BIG + GIGA - 8, 3) &&
	       guest_faults(g, spot) && !VALIDATE(g, spot, 1) &&
	       remote_run(&g->r, 0).scause == REMOTE_IDLE && remote_read(&g->r, spot, &seen) &&
	       seen == 2;
}

static void zero_1g(void)
{
	struct large g;

	NEEDS(probe_ld(GIGA_PA + GIGA - 8) == NO_FAULT, "the machine has less than 3 GiB");
	REQUIRE(giga_memory(convert) && fence_all() && remote_build(&g.r, 1));
	g.rc = ZERO(&g, GIGA_PA, COVE_PAGE_1G, BIG);
	if (!g.rc) {
		EXPECT(probe_ld(GIGA_PA + GIGA / 2) != NO_FAULT, true);
		REQUIRE(giga_story(&g));
	}
	EXPECT(tvm_destroy(&g.r.t), OK);
	REQUIRE(giga_memory(reclaim));
	EXPECT_TRUE(page_is_zero(GIGA_PA) && page_is_zero(GIGA_PA + 300 * MEGA + 77 * PAGE) &&
		    page_is_zero(GIGA_PA + GIGA - PAGE));
	NEEDS(g.rc != E_INVALID_PARAM, "pages of 1 GiB are not offered");
	EXPECT(g.rc, OK);
}

/* It is refused before anybody looks at the pages. */
static void zero_1g_unaligned(void)
{
	struct large g;

	LARGE(g);
	EXPECT_REFUSED(ZERO(&g, g.other, COVE_PAGE_1G, ELSEWHERE));
	EXPECT_REFUSED(ZERO(&g, GIGA_PA, COVE_PAGE_1G, ELSEWHERE + MEGA));
	EXPECT(reclaim(g.other, MEGA_PAGES), OK);
}

const struct test conf_large_tests[] = {
	CONF(zero_2m_assigned, 1),
	CONF(zero_2m_gpa_outside, 1),
	CONF(zero_2m_gpa_occupied, 1),
	CONF(zero_2m_in_use, 1),
	CONF(zero_2m_partly_host, 1),
	CONF(zero_2m_unfenced, 2),
	CONF(measured_2m_unaligned, 1),
	CONF(invalidate_2m, 1),
	CONF(invalidate_part_of_2m, 1),
	CONF(validate_part_of_2m, 1),
	CONF(split_out_of_pt_pages, 1),
	CONF(share_part_of_2m, 1),
	CONF(shared_2m, 1),
	CONF(shared_2m_unaligned, 1),
	CONF(shared_2m_beyond, 1),
	CONF(unshare_part_of_2m, 1),
	CONF(destroy_2m, 1),
	CONF(zero_1g, 1),
	CONF(zero_1g_unaligned, 1),
};
DEFINE_TESTS(conf_large);
