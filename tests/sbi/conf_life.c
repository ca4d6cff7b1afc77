// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Conformance: the life of a TVM, from create to destroy, and which call its
 * state allows.
 */
#include "conf.h"

/* Every call that names a TVM, with what would otherwise be sensible arguments. */
#define GID_CALLS(X)    \
	X(finalize)     \
	X(destroy)      \
	X(add_region)   \
	X(add_pt)       \
	X(add_measured) \
	X(add_zero)     \
	X(add_shared)   \
	X(create_vcpu)  \
	X(run)          \
	X(tvm_fence)    \
	X(invalidate)   \
	X(validate)     \
	X(remove)

#define CALL_ID(name) CALL_##name,
enum gid_call { GID_CALLS(CALL_ID) };

static long call_gid(enum gid_call call, unsigned long gid, unsigned long conf, unsigned long host)
{
	switch (call) {
	case CALL_finalize:
		return COVH(FINALIZE_TVM, gid, GUEST_BASE, 0, 0);
	case CALL_destroy:
		return COVH(DESTROY_TVM, gid);
	case CALL_add_region:
		return COVH(ADD_TVM_MEMORY_REGION, gid, 0x200000000UL, PAGE);
	case CALL_add_pt:
		return COVH(ADD_TVM_PAGE_TABLE_PAGES, gid, conf, 1);
	case CALL_add_measured:
		return COVH(ADD_TVM_MEASURED_PAGES, gid, host, conf, COVE_PAGE_4K, 1, GUEST_HEAP);
	case CALL_add_zero:
		return COVH(ADD_TVM_ZERO_PAGES, gid, conf, COVE_PAGE_4K, 1, GUEST_HEAP);
	case CALL_add_shared:
		return COVH(ADD_TVM_SHARED_PAGES, gid, host, COVE_PAGE_4K, 1, GUEST_HEAP);
	case CALL_create_vcpu:
		return COVH(CREATE_TVM_VCPU, gid, 1, conf);
	case CALL_run:
		return COVH(RUN_TVM_VCPU, gid, 0);
	case CALL_tvm_fence:
		return COVH(TVM_FENCE, gid);
	case CALL_invalidate:
		return COVH(TVM_INVALIDATE_PAGES, gid, GUEST_BASE, PAGE);
	case CALL_validate:
		return COVH(TVM_VALIDATE_PAGES, gid, GUEST_BASE, PAGE);
	case CALL_remove:
		return COVH(TVM_REMOVE_PAGES, gid, GUEST_BASE, PAGE);
	}
	return 1;
}

static void gid_unknown(enum gid_call call)
{
	unsigned long conf = conf_pages(tsm.tvm_vcpu_state_pages, 1), host = pages_alloc(1, 1);

	REQUIRE(conf);
	EXPECT(call_gid(call, BAD_GID, conf, host), E_INVALID_PARAM);
}

static void gid_destroyed(enum gid_call call)
{
	unsigned long conf = conf_pages(tsm.tvm_vcpu_state_pages, 1), host = pages_alloc(1, 1);
	struct tvm t;

	REQUIRE(conf && tvm_build(&t, 0, 1, 0));
	EXPECT(tvm_destroy(&t), OK);
	EXPECT(call_gid(call, t.gid, conf, host), E_INVALID_PARAM);
}

/* A TVM that is ready to be finalized, or finalized. */
static void gid_state(enum gid_call call, bool finalized)
{
	unsigned long conf = conf_pages(tsm.tvm_vcpu_state_pages, 1), host = pages_alloc(1, 1);
	struct tvm t;

	REQUIRE(conf && tvm_create(&t, 0) && tvm_region(&t) && tvm_pt(&t, 8) && tvm_vcpus(&t, 1) &&
		tvm_image(&t));
	if (finalized)
		EXPECT(tvm_finalize(&t, 0), OK);
	EXPECT(call_gid(call, t.gid, conf, host), E_INVALID_PARAM);
}

#define UNKNOWN(name)                          \
	static void name##_gid_unknown(void)   \
	{                                      \
		gid_unknown(CALL_##name);      \
	}                                      \
	static void name##_gid_destroyed(void) \
	{                                      \
		gid_destroyed(CALL_##name);    \
	}
GID_CALLS(UNKNOWN)

#define REFUSED_WHILE(name, state, finalized)      \
	static void name##_##state(void)           \
	{                                          \
		gid_state(CALL_##name, finalized); \
	}
REFUSED_WHILE(add_zero, before_finalize, false)
REFUSED_WHILE(add_shared, before_finalize, false)
REFUSED_WHILE(run, before_finalize, false)
REFUSED_WHILE(tvm_fence, before_finalize, false)
REFUSED_WHILE(invalidate, before_finalize, false)
REFUSED_WHILE(validate, before_finalize, false)
REFUSED_WHILE(remove, before_finalize, false)
REFUSED_WHILE(finalize, after_finalize, true)
REFUSED_WHILE(add_region, after_finalize, true)
REFUSED_WHILE(add_measured, after_finalize, true)
REFUSED_WHILE(create_vcpu, after_finalize, true)

static void add_pt_before_finalize(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(COVH(ADD_TVM_PAGE_TABLE_PAGES, t.gid, tvm_pages(&t, 3, 1), 3), OK);
}

static void add_pt_after_finalize(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 1, 0));
	EXPECT(COVH(ADD_TVM_PAGE_TABLE_PAGES, t.gid, tvm_pages(&t, 3, 1), 3), OK);
}

/* create_tvm */

struct create {
	unsigned long conf; /* 16 KiB-aligned, converted; 16 pages and the state's */
	unsigned long host;
	struct tvm t;
};

static bool create_begin(struct create *c)
{
	memset(c, 0, sizeof(*c));
	c->host = pages_alloc(8 + tsm.tvm_state_pages, 4);
	c->conf = conf_pages(16 + tsm.tvm_state_pages, 4);
	return c->conf;
}

static long create(struct create *c, unsigned long root, unsigned long state)
{
	return tvm_create_at(&c->t, root, state, 0, PARAMS_LEN);
}

static void create_success(void)
{
	struct create c;

	REQUIRE(create_begin(&c));
	EXPECT(create(&c, c.conf, c.conf + 4 * PAGE), OK);
	EXPECT(reclaim(c.conf, 4), E_INVALID_PARAM);
	EXPECT(reclaim(c.conf + 4 * PAGE, tsm.tvm_state_pages), E_INVALID_PARAM);
}

static void create_gids_differ(void)
{
	struct tvm t, u;

	REQUIRE(tvm_create(&t, 0) && tvm_create(&u, 0));
	EXPECT_TRUE(t.gid != u.gid);
}

static long create_call(unsigned long params, unsigned long len)
{
	return COVH(CREATE_TVM, params, len);
}

static void create_length(void)
{
	struct create c;
	unsigned long *p, len;

	REQUIRE(create_begin(&c));
	p = (unsigned long *)c.host;
	p[0] = c.conf;
	p[1] = c.conf + 4 * PAGE;
	for (len = 0; len < 16; len++)
		EXPECT(create_call(c.host, len), E_INVALID_PARAM);
}

static void create_params_not_ram(void)
{
	EXPECT(create_call(ROM, 16), E_INVALID_ADDRESS);
	EXPECT(create_call(FIRMWARE, 16), E_INVALID_ADDRESS);
	EXPECT(create_call(~0xfUL, 16), E_INVALID_ADDRESS);
}

static void create_params_confidential(void)
{
	struct create c;

	REQUIRE(create_begin(&c));
	EXPECT(create_call(c.conf, 16), E_INVALID_ADDRESS);
	EXPECT(convert(c.host + PAGE, 1), OK);
	EXPECT(create_call(c.host + PAGE - 8, 16), E_INVALID_ADDRESS);
}

static void create_root_unaligned(void)
{
	struct create c;

	REQUIRE(create_begin(&c));
	EXPECT(create(&c, c.conf + PAGE, c.conf + 8 * PAGE), E_INVALID_ADDRESS);
	EXPECT(create(&c, c.conf + 8, c.conf + 8 * PAGE), E_INVALID_ADDRESS);
}

static void create_root_host(void)
{
	struct create c;

	REQUIRE(create_begin(&c));
	EXPECT(create(&c, c.host, c.conf), E_INVALID_ADDRESS);
	EXPECT(create(&c, FIRMWARE, c.conf), E_INVALID_ADDRESS);
	EXPECT(create(&c, ~0x3fffUL, c.conf), E_INVALID_ADDRESS);
}

static void create_root_unfenced(void)
{
	struct create c;

	REQUIRE(create_begin(&c));
	EXPECT(convert(c.host, 4), OK);
	EXPECT(create(&c, c.host, c.conf), E_INVALID_ADDRESS);
}

static void create_root_in_use(void)
{
	struct create c;

	REQUIRE(create_begin(&c));
	EXPECT(create(&c, c.conf, c.conf + 4 * PAGE), OK);
	EXPECT(create(&c, c.conf, c.conf + 12 * PAGE), E_INVALID_ADDRESS);
}

static void create_state_unaligned(void)
{
	struct create c;

	REQUIRE(create_begin(&c));
	EXPECT(create(&c, c.conf, c.conf + 4 * PAGE + 8), E_INVALID_ADDRESS);
}

static void create_state_host(void)
{
	struct create c;

	REQUIRE(create_begin(&c));
	EXPECT(create(&c, c.conf, c.host), E_INVALID_ADDRESS);
	EXPECT(create(&c, c.conf, FIRMWARE), E_INVALID_ADDRESS);
	EXPECT(create(&c, c.conf, ~0xfffUL), E_INVALID_ADDRESS);
}

static void create_state_short(void)
{
	struct create c;

	REQUIRE(create_begin(&c));
	EXPECT(create(&c, c.conf, c.conf + 17 * PAGE), E_INVALID_ADDRESS);
}

static void create_state_in_use(void)
{
	struct create c;

	REQUIRE(create_begin(&c));
	EXPECT(create(&c, c.conf, c.conf + 4 * PAGE), OK);
	EXPECT(create(&c, c.conf + 12 * PAGE, c.conf + 4 * PAGE), E_INVALID_ADDRESS);
	EXPECT(create(&c, c.conf + 12 * PAGE, c.conf), E_INVALID_ADDRESS);
}

static void create_overlap(void)
{
	struct create c;

	REQUIRE(create_begin(&c));
	EXPECT(create(&c, c.conf, c.conf), E_INVALID_ADDRESS);
	EXPECT(create(&c, c.conf, c.conf + 3 * PAGE), E_INVALID_ADDRESS);
}

static void create_failure_takes_nothing(void)
{
	struct create c;

	REQUIRE(create_begin(&c));
	EXPECT(create(&c, c.conf, c.host), E_INVALID_ADDRESS);
	EXPECT(reclaim(c.conf, 4), OK);
}

/* add_tvm_memory_region */

static long region(struct tvm *t, unsigned long gpa, unsigned long len)
{
	return COVH(ADD_TVM_MEMORY_REGION, t->gid, gpa, len);
}

static void region_success(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(region(&t, GUEST_BASE, 16 * PAGE), OK);
	EXPECT(region(&t, GUEST_BASE + 16 * PAGE, PAGE), OK); /* next to it */
	EXPECT(region(&t, 0, PAGE), OK);
}

static void region_unaligned(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(region(&t, GUEST_BASE + 8, PAGE), E_INVALID_ADDRESS);
}

static void region_overlap(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(region(&t, GUEST_BASE, 16 * PAGE), OK);
	EXPECT(region(&t, GUEST_BASE, 16 * PAGE), E_INVALID_ADDRESS);
	EXPECT(region(&t, GUEST_BASE + 15 * PAGE, 2 * PAGE), E_INVALID_ADDRESS);
	EXPECT(region(&t, GUEST_BASE - PAGE, 2 * PAGE), E_INVALID_ADDRESS);
	EXPECT(region(&t, GUEST_BASE + PAGE, PAGE), E_INVALID_ADDRESS);
	EXPECT(region(&t, GUEST_BASE - PAGE, 32 * PAGE), E_INVALID_ADDRESS);
}

static void region_beyond_reach(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(region(&t, 1UL << 59, PAGE), E_INVALID_ADDRESS); /* Sv57x4 ends there */
	EXPECT_REFUSED(region(&t, ~0xfffUL, 2 * PAGE));
	EXPECT_REFUSED(region(&t, PAGE, ~0xfffUL));
}

static void region_length(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(region(&t, GUEST_BASE, 0), E_INVALID_PARAM);
	EXPECT(region(&t, GUEST_BASE, PAGE + 8), E_INVALID_PARAM);
}

/* add_tvm_page_table_pages */

#define PT(t, pa, n) COVH(ADD_TVM_PAGE_TABLE_PAGES, (t)->gid, pa, n)

static void pt_unaligned(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(PT(&t, tvm_pages(&t, 2, 1) + 8, 1), E_INVALID_ADDRESS);
}

static void pt_host(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(PT(&t, pages_alloc(1, 1), 1), E_INVALID_ADDRESS);
	EXPECT(PT(&t, FIRMWARE, 1), E_INVALID_ADDRESS);
	EXPECT(PT(&t, ~0xfffUL, 1), E_INVALID_ADDRESS);
}

static void pt_unfenced(void)
{
	unsigned long pa = pages_alloc(1, 1);
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(convert(pa, 1), OK);
	EXPECT(PT(&t, pa, 1), E_INVALID_ADDRESS);
}

static void pt_in_use(void)
{
	unsigned long pa;
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	pa = tvm_pages(&t, 3, 1);
	EXPECT(PT(&t, t.state, 1), E_INVALID_ADDRESS);
	EXPECT(PT(&t, pa, 1), OK);
	EXPECT(PT(&t, pa, 1), E_INVALID_ADDRESS);
	EXPECT(PT(&t, pa, 3), E_INVALID_ADDRESS);
	EXPECT(PT(&t, pa + PAGE, 2), OK); /* nothing of these was taken */
}

static void pt_count(void)
{
	struct tvm t;
	unsigned long pa;

	REQUIRE(tvm_create(&t, 0));
	pa = tvm_pages(&t, 1, 1);
	EXPECT_REFUSED(PT(&t, pa, 0));
	EXPECT_REFUSED(PT(&t, pa, ~0UL));
	EXPECT_REFUSED(PT(&t, pa, (1UL << 52) + 1));
}

/* create_tvm_vcpu */

static long vcpu(struct tvm *t, unsigned long id, unsigned long pa)
{
	return COVH(CREATE_TVM_VCPU, t->gid, id, pa);
}

static void vcpu_success(void)
{
	unsigned long pa;
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	pa = tvm_pages(&t, tsm.tvm_vcpu_state_pages, 1);
	EXPECT(vcpu(&t, 0, pa), OK);
	EXPECT(reclaim(pa, tsm.tvm_vcpu_state_pages), E_INVALID_PARAM);
	EXPECT(vcpu(&t, 1, tvm_pages(&t, tsm.tvm_vcpu_state_pages, 1)), OK);
}

static void vcpu_id_too_large(void)
{
	unsigned long pa;
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	pa = tvm_pages(&t, tsm.tvm_vcpu_state_pages, 1);
	EXPECT(vcpu(&t, tsm.tvm_max_vcpus, pa), E_INVALID_PARAM);
	EXPECT(vcpu(&t, 1UL << 32, pa), E_INVALID_PARAM);
	EXPECT(vcpu(&t, ~0UL, pa), E_INVALID_PARAM);
}

static void vcpu_id_exists(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0) && tvm_vcpus(&t, 1));
	EXPECT(vcpu(&t, 0, tvm_pages(&t, tsm.tvm_vcpu_state_pages, 1)), E_INVALID_PARAM);
}

static void vcpu_unaligned(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(vcpu(&t, 0, tvm_pages(&t, tsm.tvm_vcpu_state_pages + 1, 1) + 8), E_INVALID_ADDRESS);
}

static void vcpu_host(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(vcpu(&t, 0, pages_alloc(tsm.tvm_vcpu_state_pages, 1)), E_INVALID_ADDRESS);
	EXPECT(vcpu(&t, 0, FIRMWARE), E_INVALID_ADDRESS);
	EXPECT(vcpu(&t, 0, ~0xfffUL), E_INVALID_ADDRESS);
}

static void vcpu_unfenced(void)
{
	unsigned long n = tsm.tvm_vcpu_state_pages, pa = pages_alloc(n, 1);
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(convert(pa, n), OK);
	EXPECT(vcpu(&t, 0, pa), E_INVALID_ADDRESS);
}

static void vcpu_in_use(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0) && tvm_vcpus(&t, 1));
	EXPECT(vcpu(&t, 1, t.vcpu_pa[0]), E_INVALID_ADDRESS);
	EXPECT(vcpu(&t, 1, t.root), E_INVALID_ADDRESS);
}

static void vcpu_short(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	/* the last page of what was converted, and what follows it */
	EXPECT(vcpu(&t, 0, t.chunk + (TVM_CHUNK - tsm.tvm_vcpu_state_pages + 1) * PAGE),
	       E_INVALID_ADDRESS);
}

/* finalize_tvm */

static bool to_finalize(struct tvm *t)
{
	return tvm_create(t, 0) && tvm_region(t) && tvm_pt(t, 8) && tvm_vcpus(t, 1) && tvm_image(t);
}

static long finalize_with(struct tvm *t, unsigned long identity)
{
	return COVH(FINALIZE_TVM, t->gid, GUEST_BASE, 0, identity);
}

static void finalize_success(void)
{
	struct tvm t;

	REQUIRE(to_finalize(&t));
	EXPECT(finalize_with(&t, 0), OK);
}

static void finalize_identity(void)
{
	unsigned long host = pages_alloc(1, 1);
	struct tvm t;

	REQUIRE(to_finalize(&t));
	EXPECT(finalize_with(&t, host + 64), OK);
}

static void finalize_identity_unaligned(void)
{
	unsigned long host = pages_alloc(1, 1);
	struct tvm t;

	REQUIRE(to_finalize(&t));
	EXPECT(finalize_with(&t, host + 8), E_INVALID_PARAM);
	EXPECT(finalize_with(&t, 0), OK);
}

static void finalize_identity_not_ram(void)
{
	struct tvm t;

	REQUIRE(to_finalize(&t));
	EXPECT(finalize_with(&t, ROM), E_INVALID_PARAM);
	EXPECT(finalize_with(&t, FIRMWARE), E_INVALID_PARAM);
	EXPECT(finalize_with(&t, ~63UL), E_INVALID_PARAM);
}

static void finalize_identity_confidential(void)
{
	struct tvm t;

	REQUIRE(to_finalize(&t));
	EXPECT(finalize_with(&t, t.root), E_INVALID_PARAM);
	EXPECT(finalize_with(&t, tvm_pages(&t, 1, 1)), E_INVALID_PARAM);
}

static void finalize_without_vcpu(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0) && tvm_region(&t) && tvm_pt(&t, 8) && tvm_image(&t));
	EXPECT_REFUSED(tvm_finalize(&t, 0));
}

/* destroy_tvm */

static void destroy_initializing(void)
{
	struct tvm t;

	REQUIRE(to_finalize(&t));
	EXPECT(tvm_destroy(&t), OK);
}

static void destroy_runnable(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 1, 0));
	EXPECT(tvm_destroy(&t), OK);
}

static void destroy_twice(void)
{
	struct tvm t;

	REQUIRE(tvm_create(&t, 0));
	EXPECT(tvm_destroy(&t), OK);
	EXPECT(COVH(DESTROY_TVM, t.gid), E_INVALID_PARAM);
}

static void destroy_stays_confidential(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 1, 0));
	EXPECT(tvm_destroy(&t), OK);
	REQUIRE(attack(t.image_pa, "a page of a destroyed TVM"));
}

/* All that was donated comes back at once, and holds nothing. */
static void destroy_all_reclaimable(void)
{
	struct remote r;
	unsigned long i;

	REQUIRE(remote_build(&r, 1) && remote_populate(&r, GUEST_HEAP, 4));
	REQUIRE(remote_write(&r, GUEST_HEAP, 0x5ec2e7));
	EXPECT(tvm_destroy(&r.t), OK);
	EXPECT(reclaim(r.t.chunk, TVM_CHUNK), OK);
	for (i = 0; i < TVM_CHUNK; i++)
		EXPECT_TRUE(page_is_zero(r.t.chunk + i * PAGE));
}

/* Or serves the next TVM, which sees zeros. */
static void destroy_reuse(void)
{
	struct tvm t, u = { 0 };

	REQUIRE(tvm_build(&t, 0, 1, 0));
	EXPECT(tvm_destroy(&t), OK);
	u.chunk = t.chunk;
	u.root = tvm_pages(&u, 4, 4);
	u.state = tvm_pages(&u, tsm.tvm_state_pages, 1);
	EXPECT(tvm_create_at(&u, u.root, u.state, 0, PARAMS_LEN), OK);
	REQUIRE(tvm_region(&u) && tvm_pt(&u, 8) && tvm_vcpus(&u, 1) && tvm_image(&u));
	EXPECT(tvm_finalize(&u, 0), OK);
}

static void destroy_unpins_shared(void)
{
	unsigned long pa = pages_alloc(1, 1);
	struct remote r;

	REQUIRE(remote_build(&r, 1) && remote_shared(&r, GUEST_HEAP, 1, pa));
	*(unsigned long *)pa = 7;
	EXPECT(tvm_destroy(&r.t), OK);
	EXPECT(*(unsigned long *)pa, 7);
	EXPECT(convert(pa, 1), OK);
}

#define ROW(name) CONF(name##_gid_unknown, 1), CONF(name##_gid_destroyed, 1),

const struct test conf_life_tests[] = {
	GID_CALLS(ROW) CONF(add_zero_before_finalize, 1),
	CONF(add_shared_before_finalize, 1),
	CONF(run_before_finalize, 1),
	CONF(tvm_fence_before_finalize, 1),
	CONF(invalidate_before_finalize, 1),
	CONF(validate_before_finalize, 1),
	CONF(remove_before_finalize, 1),
	CONF(finalize_after_finalize, 1),
	CONF(add_region_after_finalize, 1),
	CONF(add_measured_after_finalize, 1),
	CONF(create_vcpu_after_finalize, 1),
	CONF(add_pt_before_finalize, 1),
	CONF(add_pt_after_finalize, 1),
	CONF(create_success, 1),
	CONF(create_gids_differ, 1),
	CONF(create_length, 1),
	CONF(create_params_not_ram, 1),
	CONF(create_params_confidential, 1),
	CONF(create_root_unaligned, 1),
	CONF(create_root_host, 1),
	CONF(create_root_unfenced, 1),
	CONF(create_root_in_use, 1),
	CONF(create_state_unaligned, 1),
	CONF(create_state_host, 1),
	CONF(create_state_short, 1),
	CONF(create_state_in_use, 1),
	CONF(create_overlap, 1),
	CONF(create_failure_takes_nothing, 1),
	CONF(region_success, 1),
	CONF(region_unaligned, 1),
	CONF(region_overlap, 1),
	CONF(region_beyond_reach, 1),
	CONF(region_length, 1),
	CONF(pt_unaligned, 1),
	CONF(pt_host, 1),
	CONF(pt_unfenced, 1),
	CONF(pt_in_use, 1),
	CONF(pt_count, 1),
	CONF(vcpu_success, 1),
	CONF(vcpu_id_too_large, 1),
	CONF(vcpu_id_exists, 1),
	CONF(vcpu_unaligned, 1),
	CONF(vcpu_host, 1),
	CONF(vcpu_unfenced, 1),
	CONF(vcpu_in_use, 1),
	CONF(vcpu_short, 1),
	CONF(finalize_success, 1),
	CONF(finalize_identity, 1),
	CONF(finalize_identity_unaligned, 1),
	CONF(finalize_identity_not_ram, 1),
	CONF(finalize_identity_confidential, 1),
	CONF(finalize_without_vcpu, 1),
	CONF(destroy_initializing, 1),
	CONF(destroy_runnable, 1),
	CONF(destroy_twice, 1),
	CONF(destroy_stays_confidential, 1),
	CONF(destroy_all_reclaimable, 1),
	CONF(destroy_reuse, 1),
	CONF(destroy_unpins_shared, 1),
};
DEFINE_TESTS(conf_life);
