// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Creating, describing, finalizing and destroying TVMs: every refusal.
 */
#include "tvm.h"

#define BAD_GIDS(X) \
	X(0)        \
	X(1) X(2) X(3) X(0xffff) X(0x10000) X(~0UL) X(1UL << 63) X(0x10003) X(0xffffffff00000003UL)

static const unsigned long bad_gids[] = {
#define GID(g) g,
	BAD_GIDS(GID)
};

/* Every call that names a TVM, with what would otherwise be sensible arguments. */
static long call_with_gid(unsigned int which, unsigned long gid, unsigned long pa,
			  unsigned long src)
{
	switch (which) {
	case 0:
		return covh(SBI_COVH_FINALIZE_TVM, gid, GUEST_BASE, 0, 0);
	case 1:
		return covh(SBI_COVH_DESTROY_TVM, gid);
	case 2:
		return covh(SBI_COVH_ADD_TVM_MEMORY_REGION, gid, GUEST_BASE, GUEST_SIZE);
	case 3:
		return covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, gid, pa, 1);
	case 4:
		return covh(SBI_COVH_ADD_TVM_MEASURED_PAGES, gid, src, pa, 0, 1, GUEST_BASE);
	case 5:
		return covh(SBI_COVH_ADD_TVM_ZERO_PAGES, gid, pa, 0, 1, GUEST_BASE);
	case 6:
		return covh(SBI_COVH_ADD_TVM_SHARED_PAGES, gid, src, 0, 1, GUEST_BASE);
	case 7:
		return covh(SBI_COVH_CREATE_TVM_VCPU, gid, 0, pa);
	case 8:
		return covh(SBI_COVH_RUN_TVM_VCPU, gid, 0);
	case 9:
		return covh(SBI_COVH_TVM_FENCE, gid);
	case 10:
		return covh(SBI_COVH_TVM_INVALIDATE_PAGES, gid, GUEST_BASE, PAGE);
	case 11:
		return covh(SBI_COVH_TVM_VALIDATE_PAGES, gid, GUEST_BASE, PAGE);
	case 12:
		return covh(SBI_COVH_TVM_REMOVE_PAGES, gid, GUEST_BASE, PAGE);
	case 13:
		return sbi6(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, gid, 0, src, 48).error;
	default:
		return 1;
	}
}

static bool all_calls_refuse(unsigned long gid, unsigned long pa, unsigned long src)
{
	unsigned int i;

	for (i = 0; i < 14; i++) {
		long rc = call_with_gid(i, gid, pa, src);

		if (rc != E_INVALID_PARAM) {
			test_fail("call %u with gid %lx: expected INVALID_PARAM, saw %ld", i, gid,
				  rc);
			return false;
		}
	}
	return true;
}

static void bad_gid(void)
{
	unsigned long src = pages_alloc(1, 1), pa = conf_pages(8, 1);
	struct tvm t = { 0 };
	unsigned int i;

	REQUIRE(pa);
	for (i = 0; i < ARRAY_SIZE(bad_gids); i++)
		REQUIRE(all_calls_refuse(bad_gids[i], pa, src));
	/* almost the name of one that lives */
	REQUIRE(tvm_create(&t, 0));
	for (i = 0; i < 64; i++)
		REQUIRE(all_calls_refuse(t.gid ^ 1UL << i, pa, src));
}

/* The name of a TVM that is gone; also when its slot has been used again. */
static void stale_gid(void)
{
	unsigned long src = pages_alloc(1, 1), pa = conf_pages(8, 1), old;
	struct tvm t, u;

	REQUIRE(pa);
	REQUIRE(tvm_build(&t, 0, 1, GUEST_ARG(G_NULL, 0)));
	old = t.gid;
	EXPECT(tvm_destroy(&t), OK);
	REQUIRE(all_calls_refuse(old, pa, src));
	REQUIRE(tvm_build(&u, 0, 1, GUEST_ARG(G_NULL, 0)));
	EXPECT_TRUE(u.gid != old);
	REQUIRE(all_calls_refuse(old, pa, src));
	EXPECT(tvm_destroy(&u), OK);
}

static void create_params(void)
{
	unsigned long host = pages_alloc(2, 1), pa = conf_pages(8, 4);
	struct tvm_create_params *p = (struct tvm_create_params *)host;
	unsigned int i;

	REQUIRE(pa);
	p->tvm_page_directory_addr = pa;
	p->tvm_state_addr = pa + 4 * PAGE;
	p->tvm_flags = 0;
	for (i = 0; i < 16; i++)
		EXPECT(covh(SBI_COVH_CREATE_TVM, host, i), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_CREATE_TVM, host + 4, 24), E_INVALID_ADDRESS);
	EXPECT(covh(SBI_COVH_CREATE_TVM, 0, 24), E_INVALID_ADDRESS);
	EXPECT(covh(SBI_COVH_CREATE_TVM, 0x80000000UL, 24), E_INVALID_ADDRESS);
	EXPECT(covh(SBI_COVH_CREATE_TVM, ~7UL, 24), E_INVALID_ADDRESS);
	EXPECT(covh(SBI_COVH_CREATE_TVM, host, ~0UL), E_INVALID_ADDRESS);
	EXPECT(covh(SBI_COVH_CREATE_TVM, pa, 24), E_INVALID_ADDRESS); /* confidential */
	EXPECT(convert(host + PAGE, 1), OK);
	EXPECT(covh(SBI_COVH_CREATE_TVM, host + PAGE - 16, 24), E_INVALID_ADDRESS);
	for (i = 1; i < 64; i++) {
		p->tvm_flags = 1UL << i;
		EXPECT(covh(SBI_COVH_CREATE_TVM, host, 24), E_INVALID_PARAM);
	}
}

static long create(struct tvm *t, unsigned long root, unsigned long state)
{
	return tvm_create_at(t, root, state, 0, 24);
}

static void create_pages(void)
{
	unsigned long host = pages_alloc(12, 4), pa = conf_pages(48, 4);
	struct tvm t = { 0 }, u = { 0 };

	REQUIRE(pa);
	EXPECT(create(&t, host, pa), E_INVALID_ADDRESS);
	EXPECT(create(&t, pa, host), E_INVALID_ADDRESS);
	EXPECT(create(&t, pa + PAGE, pa + 16 * PAGE), E_INVALID_ADDRESS); /* not 16 KiB aligned */
	EXPECT(create(&t, pa, pa + 16 * PAGE + 8), E_INVALID_ADDRESS);
	EXPECT(create(&t, pa, pa), E_INVALID_ADDRESS);
	EXPECT(create(&t, pa, pa + 3 * PAGE), E_INVALID_ADDRESS);  /* overlap */
	EXPECT(create(&t, pa, pa + 47 * PAGE), E_INVALID_ADDRESS); /* ends outside */
	EXPECT(create(&t, 0x80000000UL, pa), E_INVALID_ADDRESS);
	EXPECT(create(&t, pa, 0x80000000UL), E_INVALID_ADDRESS);
	EXPECT(create(&t, 0, pa), E_INVALID_ADDRESS);
	EXPECT(create(&t, ~0x3fffUL, pa), E_INVALID_ADDRESS);
	EXPECT(create(&t, pa, ~0xfffUL), E_INVALID_ADDRESS);
	EXPECT(create(&t, pa, reserved[nreserved - 1].base), E_INVALID_ADDRESS);
	/* nothing was kept by the failed calls */
	EXPECT(create(&t, pa, pa + 4 * PAGE), OK);
	EXPECT(create(&u, pa, pa + 16 * PAGE), E_INVALID_ADDRESS); /* in use */
	EXPECT(create(&u, pa + 16 * PAGE, pa), E_INVALID_ADDRESS);
	EXPECT(create(&u, pa + 16 * PAGE, pa + 4 * PAGE), E_INVALID_ADDRESS);
	EXPECT(create(&u, pa + 16 * PAGE, pa + 20 * PAGE), OK);
	EXPECT_TRUE(t.gid != u.gid);
	EXPECT(reclaim(pa, 1), E_INVALID_PARAM);
	EXPECT(reclaim(pa + 4 * PAGE, 1), E_INVALID_PARAM);
	EXPECT(reclaim(pa, 48), E_INVALID_PARAM);
	EXPECT(convert(pa, 1), E_INVALID_ADDRESS);
	EXPECT(tvm_destroy(&t), OK);
	EXPECT(reclaim(pa, 16), OK);
	EXPECT(reclaim(pa + 16 * PAGE, 1), E_INVALID_PARAM);
	EXPECT(tvm_destroy(&u), OK);
	EXPECT(reclaim(pa, 48), OK);
}

/* The flags are the third word; a caller that knows only two gets none. */
static void create_short(void)
{
	unsigned long pa = conf_pages(16, 4);
	struct tvm t = { 0 };

	REQUIRE(pa);
	EXPECT(tvm_create_at(&t, pa, pa + 4 * PAGE, ~0UL, 16), OK);
	EXPECT(tvm_destroy(&t), OK);
	EXPECT(tvm_create_at(&t, pa, pa + 4 * PAGE, COVE_TVM_F_IMPLICIT_MMIO, 24), OK);
}

static long region(struct tvm *t, unsigned long gpa, unsigned long len)
{
	return covh(SBI_COVH_ADD_TVM_MEMORY_REGION, t->gid, gpa, len);
}

static void regions(void)
{
	struct covesbi_stats s;
	struct tvm t;
	unsigned int i;

	get_stats(&s);
	REQUIRE(tvm_create(&t, 0));
	EXPECT(region(&t, GUEST_BASE, 0), E_INVALID_PARAM);
	EXPECT(region(&t, GUEST_BASE, PAGE + 1), E_INVALID_PARAM);
	EXPECT(region(&t, GUEST_BASE, 8), E_INVALID_PARAM);
	EXPECT(region(&t, GUEST_BASE + 8, PAGE), E_INVALID_ADDRESS);
	EXPECT(region(&t, 1UL << s.max_gpa_bits, PAGE), E_INVALID_ADDRESS);
	EXPECT(region(&t, (1UL << s.max_gpa_bits) - PAGE, 2 * PAGE), E_INVALID_ADDRESS);
	EXPECT(region(&t, ~0xfffUL, PAGE), E_INVALID_ADDRESS);
	EXPECT(region(&t, ~0xfffUL, 2 * PAGE), E_INVALID_ADDRESS); /* wraps */
	EXPECT(region(&t, PAGE, ~0xfffUL), E_INVALID_ADDRESS);
	EXPECT(region(&t, GUEST_BASE, 16 * PAGE), OK);
	EXPECT(region(&t, GUEST_BASE, 16 * PAGE), E_INVALID_ADDRESS);
	EXPECT(region(&t, GUEST_BASE + 15 * PAGE, 2 * PAGE), E_INVALID_ADDRESS);
	EXPECT(region(&t, GUEST_BASE - PAGE, 2 * PAGE), E_INVALID_ADDRESS);
	EXPECT(region(&t, GUEST_BASE - PAGE, 32 * PAGE), E_INVALID_ADDRESS);
	EXPECT(region(&t, GUEST_BASE + PAGE, PAGE), E_INVALID_ADDRESS);
	EXPECT(region(&t, GUEST_BASE + 16 * PAGE, PAGE), OK); /* next to it */
	EXPECT(region(&t, (1UL << s.max_gpa_bits) - PAGE, PAGE), OK);
	EXPECT(region(&t, 0, PAGE), OK);
	for (i = 4; i < COVE_MAX_REGIONS; i++)
		EXPECT(region(&t, 0x100000000UL + i * 4 * PAGE, PAGE), OK);
	EXPECT(region(&t, 0x200000000UL, PAGE), E_FAILED);
}

static long vcpu(struct tvm *t, unsigned long id, unsigned long pa)
{
	return covh(SBI_COVH_CREATE_TVM_VCPU, t->gid, id, pa);
}

static void vcpus(void)
{
	unsigned long host = pages_alloc(16, 1), n = tsm.tvm_vcpu_state_pages, pa;
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	pa = tvm_pages(&t, 4 * n, 1);
	EXPECT(vcpu(&t, tsm.tvm_max_vcpus, pa), E_INVALID_PARAM);
	EXPECT(vcpu(&t, ~0UL, pa), E_INVALID_PARAM);
	EXPECT(vcpu(&t, 1UL << 32, pa), E_INVALID_PARAM);
	EXPECT(vcpu(&t, 0, host), E_INVALID_ADDRESS);
	EXPECT(vcpu(&t, 0, pa + 8), E_INVALID_ADDRESS);
	EXPECT(vcpu(&t, 0, 0), E_INVALID_ADDRESS);
	EXPECT(vcpu(&t, 0, ~0xfffUL), E_INVALID_ADDRESS);
	EXPECT(vcpu(&t, 0, 0x80000000UL), E_INVALID_ADDRESS);
	EXPECT(vcpu(&t, 0, t.root), E_INVALID_ADDRESS);
	EXPECT(vcpu(&t, 0, t.state), E_INVALID_ADDRESS);
	EXPECT(vcpu(&t, 0, t.chunk + (TVM_CHUNK - n + 1) * PAGE),
	       E_INVALID_ADDRESS); /* too short */
	EXPECT(vcpu(&t, 0, pa), OK);
	EXPECT(vcpu(&t, 0, pa + n * PAGE), E_INVALID_PARAM); /* exists */
	EXPECT(vcpu(&t, 1, pa), E_INVALID_ADDRESS);	     /* in use */
	EXPECT(vcpu(&t, 1, pa + (n - 1) * PAGE), E_INVALID_ADDRESS);
	EXPECT(vcpu(&t, tsm.tvm_max_vcpus - 1, pa + n * PAGE), OK);
	EXPECT(reclaim(pa, 1), E_INVALID_PARAM);
}

static void pt_pages(void)
{
	unsigned long host = pages_alloc(4, 1), pa;
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	pa = tvm_pages(&t, 4, 1);
#define PT(pa, n) covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, t.gid, pa, n)
	EXPECT(PT(pa, 0), E_INVALID_PARAM);
	EXPECT(PT(pa, COVE_MAX_SCRUB_PAGES + 1), E_INVALID_PARAM);
	EXPECT(PT(pa, ~0UL), E_INVALID_PARAM);
	EXPECT(PT(pa, 1UL << 52), E_INVALID_PARAM);
	EXPECT(PT(pa + 8, 1), E_INVALID_ADDRESS);
	EXPECT(PT(host, 1), E_INVALID_ADDRESS);
	EXPECT(PT(0x80000000UL, 1), E_INVALID_ADDRESS);
	EXPECT(PT(~0xfffUL, 1), E_INVALID_ADDRESS);
	EXPECT(PT(~0x1fffUL, 4), E_INVALID_ADDRESS);
	EXPECT(PT(t.root, 1), E_INVALID_ADDRESS);
	EXPECT(PT(t.state, 1), E_INVALID_ADDRESS);
	EXPECT(PT(pa, 2), OK);
	EXPECT(PT(pa, 1), E_INVALID_ADDRESS);	     /* twice */
	EXPECT(PT(pa + PAGE, 2), E_INVALID_ADDRESS); /* half */
	EXPECT(PT(pa + 2 * PAGE, 2), OK);
	EXPECT(reclaim(pa, 1), E_INVALID_PARAM);
}

static void finalize_errors(void)
{
	unsigned long host = pages_alloc(2, 1);
	struct tvm t;

	REQUIRE(tvm_create(&t, COVE_TVM_F_IMPLICIT_MMIO));
	REQUIRE(tvm_region(&t) && tvm_pt(&t, 8) && tvm_image(&t));
	EXPECT(tvm_finalize(&t, 0), E_INVALID_PARAM); /* no vCPU 0 */
	EXPECT(vcpu(&t, 1, tvm_pages(&t, tsm.tvm_vcpu_state_pages, 1)), OK);
	EXPECT(tvm_finalize(&t, 0), E_INVALID_PARAM);
	REQUIRE(tvm_vcpus(&t, 1));
#define FINALIZE(identity) covh(SBI_COVH_FINALIZE_TVM, t.gid, GUEST_BASE, 0, identity)
	EXPECT(FINALIZE(host + 8), E_INVALID_PARAM);
	EXPECT(FINALIZE(t.root), E_INVALID_PARAM);
	EXPECT(FINALIZE(0x80000000UL), E_INVALID_PARAM);
	EXPECT(FINALIZE(~63UL), E_INVALID_PARAM);
	EXPECT(tvm_run(&t, 0).error, E_INVALID_PARAM); /* still not runnable */
	EXPECT(FINALIZE(host + 64), OK);
	EXPECT(FINALIZE(0), E_INVALID_PARAM); /* twice */
}

/* What only an unfinished TVM takes, and what only a finished one does. */
static void states(void)
{
	unsigned long src = pages_alloc(1, 1), pa;
	struct tvm t;

	REQUIRE(tvm_create(&t, COVE_TVM_F_IMPLICIT_MMIO));
	REQUIRE(tvm_region(&t) && tvm_pt(&t, 8) && tvm_vcpus(&t, 1) && tvm_image(&t));
	pa = tvm_pages(&t, 8, 1);
	EXPECT(covh(SBI_COVH_ADD_TVM_ZERO_PAGES, t.gid, pa, 0, 1, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_ADD_TVM_SHARED_PAGES, t.gid, src, 0, 1, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_RUN_TVM_VCPU, t.gid, 0), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_TVM_FENCE, t.gid), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_TVM_INVALIDATE_PAGES, t.gid, GUEST_BASE, PAGE), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_TVM_VALIDATE_PAGES, t.gid, GUEST_BASE, PAGE), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_TVM_REMOVE_PAGES, t.gid, GUEST_BASE, PAGE), E_INVALID_PARAM);
	EXPECT(sbi6(SBI_EXT_COVESBI, 1, t.gid, 0, src, 48).error, E_INVALID_PARAM);
	EXPECT(tvm_finalize(&t, GUEST_ARG(G_NULL, 0)), OK);
	EXPECT(tvm_finalize(&t, 0), E_INVALID_PARAM);
	EXPECT(region(&t, 0x100000000UL, PAGE), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_ADD_TVM_MEASURED_PAGES, t.gid, src, pa, 0, 1, GUEST_HEAP),
	       E_INVALID_PARAM);
	EXPECT(vcpu(&t, 1, pa), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, t.gid, pa, 1), OK);
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
}

static void destroy(void)
{
	struct tvm t, u, v;
	unsigned long i;

	REQUIRE(tvm_create(&t, 0)); /* never finalized */
	REQUIRE(tvm_region(&t) && tvm_pt(&t, 8) && tvm_vcpus(&t, 2) && tvm_image(&t));
	REQUIRE(tvm_create(&u, 0)); /* bare */
	REQUIRE(tvm_guest(&v, G_PAGES, 7));
	EXPECT(tvm_destroy(&t), OK);
	EXPECT(tvm_destroy(&t), E_INVALID_PARAM);
	EXPECT(tvm_destroy(&u), OK);
	EXPECT(tvm_destroy(&v), OK);
	EXPECT(probe_ld(t.image_pa), 5); /* still confidential */
	EXPECT(reclaim(t.chunk, TVM_CHUNK), OK);
	EXPECT(reclaim(u.chunk, TVM_CHUNK), OK);
	EXPECT(reclaim(v.chunk, TVM_CHUNK), OK);
	for (i = 0; i < TVM_CHUNK; i++)
		EXPECT_TRUE(page_is_zero(t.chunk + i * PAGE) && page_is_zero(u.chunk + i * PAGE) &&
			    page_is_zero(v.chunk + i * PAGE));
}

/* Pages of one TVM serve another at once, without what was in them. */
static void reuse(void)
{
	struct tvm t, u = { 0 };

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_PAGES, 0x77)));
	t.in[0] = 8;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(tvm_destroy(&t), OK);
	u.chunk = t.chunk;
	u.root = tvm_pages(&u, 4, 4);
	u.state = tvm_pages(&u, tsm.tvm_state_pages, 1);
	EXPECT(create(&u, u.root, u.state), OK);
	EXPECT(tvm_destroy(&u), OK);
	memset(&u, 0, sizeof(u));
	u.chunk = t.chunk;
	u.root = tvm_pages(&u, 4, 4);
	u.state = tvm_pages(&u, tsm.tvm_state_pages, 1);
	EXPECT(tvm_create_at(&u, u.root, u.state, COVE_TVM_F_IMPLICIT_MMIO, 24), OK);
	REQUIRE(tvm_region(&u) && tvm_pt(&u, 8) && tvm_vcpus(&u, 1) && tvm_image(&u));
	EXPECT(tvm_finalize(&u, GUEST_ARG(G_PAGES, 0x99)), OK);
	u.in[0] = 8;
	EXPECT(tvm_serve(&u, 0), WHY_DONE);
	EXPECT(u.mail[0], 0); /* all pages were zero */
	EXPECT(u.mail[1], 0);
}

const struct test tvm_tests[] = {
	{ "tvm_bad_gid", bad_gid, 1 },
	{ "tvm_stale_gid", stale_gid, 1 },
	{ "tvm_create_params", create_params, 1 },
	{ "tvm_create_pages", create_pages, 1 },
	{ "tvm_create_short", create_short, 1 },
	{ "tvm_regions", regions, 1 },
	{ "tvm_vcpus", vcpus, 1 },
	{ "tvm_page_table_pages", pt_pages, 1 },
	{ "tvm_finalize_errors", finalize_errors, 1 },
	{ "tvm_states", states, 1 },
	{ "tvm_destroy", destroy, 1 },
	{ "tvm_reuse_of_pages", reuse, 1 },
};
DEFINE_TESTS(tvm);
