// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The software walk of the host's translation against walk_model.c: random page
 * tables, made while the model walks them, with most of what can be wrong in them.
 */
#include "machine.h"
#include "walk_model.h"

#include "cove_pte.h"

#define POOL	   ARENA /* page tables */
#define POOL_PAGES 16UL
#define SPOTTED	   (ARENA + 64 * PAGE) /* every other page is converted */
#define MAX_MADE   4096

static u64 rng;
static u64 *made[MAX_MADE];
static unsigned int nmade;
static u64 refused; /* the visitor's page */

static u64 below(u64 n)
{
	return unit_below(&rng, n);
}

static bool one_in(u64 n)
{
	return !below(n);
}

static bool host_ram(u64 pa)
{
	if (pa < HOST_BASE || pa >= RAM_END)
		return false;
	return pa < SPOTTED || pa >= SPOTTED + 16 * PAGE || (pa / PAGE) % 2;
}

static bool may(void *arg, u64 pa)
{
	(void)arg;
	return host_ram(pa) && pa / PAGE != refused;
}

/* A physical page for a PTE to point to. */
static u64 some_page(unsigned int level)
{
	u64 align = PAGE << (9 * level);

	if (one_in(40))
		return FAKE_RAM_BASE & -align; /* firmware, or a large superpage */
	if (one_in(40))
		return below(1UL << 44) * PAGE & -align;
	if (one_in(30))
		return (SPOTTED + below(16) * PAGE) & -align;
	if (!level)
		return POOL + below(POOL_PAGES) * PAGE;
	return (POOL + below(4) * 0x200000UL) & -align;
}

static u64 some_leaf(unsigned int level, bool gstage)
{
	static const u64 perms[] = { PTE_R, PTE_R | PTE_W,	   PTE_R | PTE_X,
				     PTE_X, PTE_R | PTE_W | PTE_X, PTE_R | PTE_W | PTE_X };
	u64 pte = PTE_V | perms[below(6)] | some_page(level) >> 2;

	if (gstage ? !one_in(30) : one_in(2))
		pte |= PTE_U;
	if (!one_in(5))
		pte |= PTE_A;
	if (!one_in(5))
		pte |= PTE_D;
	if (one_in(12))
		pte |= 1UL << 61 << below(2);
	if (!level && one_in(8))
		pte = (pte & ~(0xfUL << 10)) | PTE_N | 8UL << 10;
	if (one_in(30))
		pte |= 1UL << (10 + below(8)); /* a superpage where none can be */
	return pte;
}

static void invent(void *arg, u64 *pte, unsigned int level, bool gstage)
{
	(void)arg;
	if (nmade == MAX_MADE)
		return;
	made[nmade++] = pte;
	if (level && !one_in(gstage ? 4 : 7))
		*pte = PTE_V | some_page(0) >> 2;
	else
		*pte = some_leaf(level, gstage);
	if (one_in(60))
		*pte ^= 1UL << below(10);
	if (one_in(120))
		*pte ^= 1UL << (54 + below(10));
	if (one_in(100))
		*pte = unit_rand(&rng);
	*pte |= 0x100; /* software's, so that it is not zero */
}

static void forget_tables(void)
{
	while (nmade)
		*made[--nmade] = 0;
	memset(arch_ptr(POOL), 0, POOL_PAGES * PAGE);
}

static u64 some_atp(bool gstage)
{
	u64 root = POOL + (gstage ? 4 * below(POOL_PAGES / 4) : below(POOL_PAGES)) * PAGE;

	if (one_in(6))
		return 0;
	return (8 + below(3)) << 60 | (one_in(3) ? below(1000) << 44 : 0) | root >> 12;
}

static void random_env(struct cove_walk_env *env)
{
	*env = (struct cove_walk_env){
		.satp = some_atp(false),
		.virt = one_in(2),
		.user = one_in(2),
		.sum = one_in(2),
		.mxr = one_in(3),
		.vmxr = one_in(3),
		.adue = one_in(2),
		.pbmte = one_in(2),
		.gadue = one_in(2),
		.gpbmte = one_in(2),
	};
	if (env->virt)
		env->hgatp = some_atp(true);
}

static u64 random_va(const struct cove_walk_env *env)
{
	unsigned int bits = 12 + 9 * (unsigned int)((env->satp >> 60) - 8 + 3);

	if (!(env->satp >> 60))
		return one_in(8) ? unit_rand(&rng) : POOL + below(0x1000000UL);
	if (one_in(12))
		return (1UL << (bits - 1)) + (below(3) - 1) * 8; /* where canonical ends */
	if (one_in(12))
		return -(1UL << (bits - 1)) + (below(3) - 1) * 8;
	if (one_in(12))
		return unit_rand(&rng);
	return (u64)((s64)(unit_rand(&rng) << (64 - bits)) >> (64 - bits));
}

struct visits {
	u64 pa[MODEL_MAX_SEEN];
	unsigned int n;
};

static bool visit(void *arg, u64 pa)
{
	struct visits *v = arg;

	v->pa[v->n++ % MODEL_MAX_SEEN] = pa;
	return pa / PAGE != refused;
}

static const enum cove_walk_status same_result[] = {
	[MODEL_OK] = WALK_OK,
	[MODEL_PAGE_FAULT] = WALK_PAGE_FAULT,
	[MODEL_GUEST_PAGE_FAULT] = WALK_GUEST_PAGE_FAULT,
	[MODEL_ACCESS_FAULT] = WALK_ACCESS_FAULT,
};

static unsigned long results[4], two_stages, updates;

/* The PTE for both stages says no more than each of them. */
static void check_pte(const struct cove_walk_env *env, const struct model_walk *m, u64 pte)
{
	u64 first = m->leaf ? m->leaf : ~0UL, second = m->gleaf ? m->gleaf : ~0UL;

	assert_true(pte & PTE_V);
	assert_int_equal(pte & PTE_W, first & second & PTE_W);
	assert_int_equal(pte & PTE_X, first & second & PTE_X);
	assert_int_equal(pte & PTE_R,
			 first & PTE_R && (second & PTE_R || (env->mxr && second & PTE_X)) ? PTE_R
											   : 0);
	assert_int_equal(pte & PTE_U, first & PTE_U);
	/* what is not set in a PTE is not claimed, unless the walk has set it */
	if (pte & PTE_D)
		assert_true(first & second & PTE_D || (m->set_ad && (env->adue || env->gadue)));
	if (m->leaf && m->leaf & PTE_PBMT)
		assert_int_equal(pte & PTE_PBMT, m->leaf & PTE_PBMT);
	else
		assert_int_equal(pte & PTE_PBMT, m->gleaf & PTE_PBMT);
}

static void check_walk(const struct cove_walk_env *env, enum cove_walk_access access, u64 va,
		       bool set_ad)
{
	static u8 before[POOL_PAGES * PAGE], after[POOL_PAGES * PAGE];
	static u64 saved[MAX_MADE], changed[MAX_MADE];
	struct visits visits = { .n = 0 };
	struct cove_walk w = { .visit = visit, .arg = &visits };
	struct model_walk m = { .env = env, .set_ad = set_ad, .may = may };
	enum model_result want;
	unsigned int i;

	memcpy(before, arch_ptr(POOL), sizeof(before));
	for (i = 0; i < nmade; i++)
		saved[i] = *made[i];
	want = model_translate(&m, access, va);
	if (want == MODEL_OK && m.pa / PAGE == refused)
		want = MODEL_ACCESS_FAULT;
	memcpy(after, arch_ptr(POOL), sizeof(after));
	for (i = 0; i < nmade; i++)
		changed[i] = *made[i];
	memcpy(arch_ptr(POOL), before, sizeof(before));
	for (i = 0; i < nmade; i++)
		*made[i] = saved[i];

	assert_int_equal(cove_walk_va(env, access, va, set_ad, &w), same_result[want]);
	assert_memory_equal(arch_ptr(POOL), after, sizeof(after));
	for (i = 0; i < nmade; i++)
		assert_int_equal(*made[i], changed[i]);
	updates += memcmp(before, after, sizeof(after)) != 0;
	results[want]++;
	two_stages += env->virt && env->satp && env->hgatp;

	assert_true(m.nseen < MODEL_MAX_SEEN);
	assert_true(visits.n >= m.nseen && visits.n <= m.nseen + 1);
	assert_memory_equal(visits.pa, m.seen, m.nseen * sizeof(u64));
	if (want == MODEL_GUEST_PAGE_FAULT) {
		assert_int_equal(w.gpa, m.gpa);
		assert_int_equal(w.implicit, m.implicit);
		assert_int_equal(w.implicit_store, m.implicit_store);
	}
	if (want == MODEL_OK) {
		assert_int_equal(w.pa, m.pa);
		assert_int_equal(visits.pa[visits.n - 1], m.pa);
		check_pte(env, &m, w.pte);
	}
}

static void test_random(void **state)
{
	struct cove_walk_env env;
	unsigned int round, i;
	u64 va, base;

	(void)state;
	rng = unit_seed(8);
	for (i = 0; i < 16; i += 2)
		convert(SPOTTED + i * PAGE, 1);
	for (round = 0; round < 4000; round++) {
		forget_tables();
		random_env(&env);
		base = random_va(&env);
		for (i = 0; i < 12; i++) {
			enum cove_walk_access access = below(3);
			struct model_walk m = { .env = &env, .may = may, .invent = invent };

			va = one_in(3) ? random_va(&env) : base ^ below(1UL << (12 + below(12)));
			env.hlvx = env.virt && access == WALK_LOAD && one_in(4);
			env.mxr = one_in(3);
			env.sum = one_in(2);
			refused = 0;
			model_translate(&m, access, va);
			if (one_in(6) && m.nseen)
				refused = m.seen[below(m.nseen % MODEL_MAX_SEEN)] / PAGE;
			else if (one_in(10))
				refused = m.pa / PAGE;
			check_walk(&env, access, va, one_in(2));
		}
	}
	forget_tables();
	print_message("# %lu walks ended well, %lu %lu %lu in faults; %lu of two stages, %lu set A "
		      "or D\n",
		      results[0], results[1], results[2], results[3], two_stages, updates);
	for (i = 0; i < 4; i++)
		assert_true(results[i] > 1000);
	assert_true(two_stages > 5000 && updates > 200);
}

/* One translation, worked by hand: 0x12345678 in Sv39 is 0, 0x91, 0x145, 0x678. */
static void test_by_hand(void **state)
{
	struct cove_walk_env env = { .satp = 8UL << 60 | POOL >> 12 };
	struct cove_walk w = { .visit = NULL };
	u64 *root = arch_ptr(POOL), *middle = arch_ptr(POOL + PAGE),
	    *last = arch_ptr(POOL + 2 * PAGE);

	(void)state;
	root[0] = (POOL + PAGE) >> 2 | 1;
	middle[0x91] = (POOL + 2 * PAGE) >> 2 | 1;
	last[0x145] = SPOTTED >> 2 | 0x4f; /* A, X W R V */
	assert_int_equal(cove_walk_va(&env, WALK_LOAD, 0x12345678, false, &w), WALK_OK);
	assert_int_equal(w.pa, SPOTTED + 0x678);
	assert_int_equal(cove_walk_va(&env, WALK_FETCH, 0x12345678, false, &w), WALK_OK);
	assert_int_equal(cove_walk_va(&env, WALK_STORE, 0x12345678, true, &w), WALK_PAGE_FAULT);
	env.adue = true;
	assert_int_equal(cove_walk_va(&env, WALK_STORE, 0x12345678, true, &w), WALK_OK);
	assert_int_equal(last[0x145], SPOTTED >> 2 | 0xcf);
	assert_int_equal(cove_walk_va(&env, WALK_LOAD, 0x12346678, false, &w), WALK_PAGE_FAULT);
	assert_int_equal(cove_walk_va(&env, WALK_LOAD, 0x4012345678, false, &w), WALK_PAGE_FAULT);
	env.user = true;
	assert_int_equal(cove_walk_va(&env, WALK_LOAD, 0x12345678, false, &w), WALK_PAGE_FAULT);
	/* 2 MiB, of which the page is the 0x145th */
	env.user = false;
	middle[0x91] = 0x81200000UL >> 2 | 0xcf;
	assert_int_equal(cove_walk_va(&env, WALK_LOAD, 0x12345678, false, &w), WALK_OK);
	assert_int_equal(w.pa, 0x81345678UL);
	middle[0x91] = 0x81201000UL >> 2 | 0xcf;
	assert_int_equal(cove_walk_va(&env, WALK_LOAD, 0x12345678, false, &w), WALK_PAGE_FAULT);
	/* page tables where the host has no memory */
	convert(POOL + PAGE, 1);
	assert_int_equal(cove_walk_va(&env, WALK_LOAD, 0x12345678, false, &w), WALK_ACCESS_FAULT);
	env.satp = 8UL << 60 | FAKE_RAM_BASE >> 12;
	assert_int_equal(cove_walk_va(&env, WALK_LOAD, 0x12345678, false, &w), WALK_ACCESS_FAULT);
	env.satp = 8UL << 60 | RAM_END >> 12;
	assert_int_equal(cove_walk_va(&env, WALK_LOAD, 0x12345678, false, &w), WALK_ACCESS_FAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_by_hand, machine_setup, machine_teardown),
		cmocka_unit_test_setup_teardown(test_random, machine_setup, machine_teardown),
	};

	return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
