// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Accesses that fault because the PMP denies more than the table: each refill
 * makes progress. The hart is walk_model.c behind the checker of pmp_spec.h.
 */
#include "machine.h"
#include "pmp_spec.h"
#include "walk_model.h"

#include "cove_pte.h"

/* Every other page is converted, so that each page of the host's is a block of its own. */
#define SPOTTED	      ARENA
#define SPOTTED_PAGES 512UL
#define ROOT	      (ARENA + SPOTTED_PAGES * PAGE) /* 16 KiB */
#define GPA_OFFSET    0x100000000UL
#define LEAF_BITS     (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)

static u64 rng;
static u64 next_free;

static u64 below(u64 n)
{
	return unit_below(&rng, n);
}

static bool one_in(u64 n)
{
	return !below(n);
}

/* An empty page that is a block of its own. */
static u64 alloc_page(void)
{
	u64 pa = next_free;

	next_free += 2 * PAGE;
	assert_true(pa < SPOTTED + SPOTTED_PAGES * PAGE);
	memset(arch_ptr(pa), 0, PAGE);
	return pa;
}

static void boot(unsigned int entries)
{
	unsigned int i;

	machine_boot(1, 4);
	cove.pmp.entries = entries;
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	cove.hart[0]->pmp.n = 0; /* write them all: there are other entries now */
	for (i = 1; i < SPOTTED_PAGES; i += 2)
		assert_int_equal(pmptable_deny(&cove.table, SPOTTED + i * PAGE, 1), PMPTABLE_OK);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	assert_true(cove.hart[0]->plan.nallow > 0);
}

static bool pmp_may(u64 pa, u64 len, u8 access)
{
	const struct fake_hart *h = &fake_harts[0];

	return spec_allows(h->pmp.entry, h->pmp.n, pa, len, access);
}

static bool walker_may(void *arg, u64 pa)
{
	(void)arg;
	return pmp_may(pa, 8, PMP_CFG_R);
}

/* struct operand - one of the accesses of an instruction */
struct operand {
	enum cove_walk_access access;
	u64 va;
	u64 len;
};

/* The hart tries: true, or where it was denied. @start: it tells where the access starts. */
static bool hart_access(const struct cove_walk_env *env, const struct operand *o, bool start,
			u64 *fault)
{
	static const u8 needs[] = { PMP_CFG_R, PMP_CFG_W, PMP_CFG_X };
	struct model_walk m = { .env = env, .may = walker_may };
	u64 va = o->va, end = o->va + o->len;
	enum model_result result;

	while (va < end) {
		u64 len = PAGE - va % PAGE;

		if (len > end - va)
			len = end - va;
		*fault = start ? o->va : va;
		result = model_translate(&m, o->access, va);
		assert_true(result == MODEL_OK || result == MODEL_ACCESS_FAULT);
		if (result != MODEL_OK || !pmp_may(m.pa, len, needs[o->access]))
			return false;
		va += len;
	}
	return true;
}

/* An instruction is retried until it is through. Return: refills, or -1 if @max are too few. */
static int execute(const struct cove_walk_env *env, const struct operand *o, unsigned int n,
		   unsigned int max)
{
	unsigned int done, tries = 0;
	bool start = one_in(2);
	u64 fault;

	for (;;) {
		for (done = 0; done < n && hart_access(env, &o[done], start, &fault); done++)
			;
		if (done == n)
			return (int)tries;
		if (tries++ == max)
			return -1;
		switch (cove_refill(cove.hart[0], env, o[done].access, fault)) {
		case REFILL_RETRY:
			break;
		case REFILL_REFUSED:
			fail_msg("0x%lx was refused", fault);
		default:
			return -1;
		}
	}
}

/* Page tables, as the host would make them. */

static unsigned int depth(u64 atp)
{
	return (unsigned int)(atp >> 60) - 8 + 3;
}

/* Map a page in the tables at @root; tables below it are @offset higher than they lie. */
static void map(u64 root, unsigned int levels, bool gstage, u64 offset, u64 va, u64 to);

static u64 ghost; /* G-stage root, 0: none */
static unsigned int glevels;

static u64 table_page(bool gstage, u64 offset)
{
	u64 pa = alloc_page();

	if (!gstage && offset)
		map(ghost, glevels, true, 0, pa + offset, pa);
	return pa + offset;
}

static void map(u64 root, unsigned int levels, bool gstage, u64 offset, u64 va, u64 to)
{
	u64 table = root;

	while (levels--) {
		u64 mask = gstage && table == root ? 0x7ff : 0x1ff;
		u64 *pte = (u64 *)arch_ptr(table) + (va >> (12 + 9 * levels) & mask);

		if (!levels)
			*pte = to >> 2 | LEAF_BITS | (gstage ? PTE_U : 0);
		else if (!*pte)
			*pte = table_page(gstage, offset) >> 2 | PTE_V;
		table = (*pte >> 10 << 12) - offset;
	}
}

/* Two pages, both of them blocks, at @va and behind it. */
static void map_operand(const struct cove_walk_env *env, u64 va)
{
	u64 offset = env->virt && env->hgatp ? GPA_OFFSET : 0, page = va & -PAGE;
	unsigned int i;

	for (i = 0; i < 2; i++, page += PAGE) {
		u64 pa = alloc_page();

		if (offset)
			map(ghost, glevels, true, 0, pa + offset, pa);
		map(((env->satp << 20 >> 20) << 12) - offset, depth(env->satp), false, offset, page,
		    pa + offset);
	}
}

static void random_env(struct cove_walk_env *env)
{
	next_free = SPOTTED;
	memset(arch_ptr(ROOT), 0, 4 * PAGE);
	ghost = 0;
	*env = (struct cove_walk_env){ .virt = one_in(2) };
	env->satp = (8 + below(3)) << 60;
	if (env->virt && !one_in(4)) {
		env->hgatp = (8 + below(3)) << 60 | ROOT >> 12;
		ghost = ROOT;
		glevels = depth(env->hgatp);
		env->satp |= table_page(false, GPA_OFFSET) >> 12;
	} else {
		env->satp |= alloc_page() >> 12;
	}
}

static bool always(void *arg, u64 pa)
{
	(void)arg;
	(void)pa;
	return true;
}

static void add_need(u64 *need, unsigned int *n, u64 pa)
{
	unsigned int i;

	for (i = 0; i < *n; i++)
		if (need[i] == pa / PAGE)
			return;
	need[(*n)++] = pa / PAGE;
}

/* Pages, so blocks, that an instruction needs; more than there are for its root's 16 KiB. */
static unsigned int count_needs(const struct cove_walk_env *env, const struct operand *o,
				unsigned int n)
{
	struct model_walk m = { .env = env, .may = always };
	unsigned int i, k, count = 0;
	u64 need[256];

	for (i = 0; i < n; i++) {
		u64 va = o[i].va, last = va + o[i].len - 1;

		for (;; va = last) {
			assert_int_equal(model_translate(&m, o[i].access, va), MODEL_OK);
			for (k = 0; k < m.nseen; k++)
				add_need(need, &count, m.seen[k]);
			add_need(need, &count, m.pa);
			if (va / PAGE == last / PAGE)
				break;
		}
	}
	return count;
}

/* A state of the entries that some history may have left. */
static void random_state(void)
{
	struct cove_hart *hart = cove.hart[0];
	unsigned int i, index;

	for (i = 0; i < hart->plan.nallow; i++) {
		struct pmptable_range block;
		u64 pa = SPOTTED + 2 * below(SPOTTED_PAGES / 2) * PAGE;

		index = hart->plan.allow + i;
		hart->pmp.entry[index] = (struct pmp_entry){ 0, PMP_CFG_OFF };
		if (!one_in(4) && pmptable_open_block(&cove.table, pa, &block))
			hart->pmp.entry[index] =
				(struct pmp_entry){ block.base >> 2 | ((block.size >> 3) - 1),
						    PMP_CFG_NAPOT | PMP_CFG_R | PMP_CFG_W |
							    PMP_CFG_X };
		fake_harts[0].pmp.entry[index] = hart->pmp.entry[index];
	}
	hart->plan.next = (unsigned int)below(hart->plan.nallow);
}

static void assert_still_denied(void)
{
	unsigned int i;

	for (i = 0; i < SPOTTED_PAGES; i++)
		if (i % 2)
			assert_false(pmp_may(SPOTTED + i * PAGE, 1, PMP_CFG_R));
	assert_false(pmp_may(FAKE_RAM_BASE, 1, PMP_CFG_R));
	assert_false(pmp_may(HOST_BASE - 1, 1, PMP_CFG_R));
}

static void random_instruction(const struct cove_walk_env *env, struct operand *o, unsigned int *n)
{
	unsigned int bits = 12 + 9 * depth(env->satp) - 1;
	u64 pc = unit_rand(&rng) >> (65 - bits) << 1, va = unit_rand(&rng) >> (64 - bits);

	if (one_in(3))
		pc |= 0xffe;
	if (one_in(3))
		va |= PAGE - 1 - below(7);
	if (one_in(2))
		va = (va & (PAGE - 1)) | ((pc + (1 + below(3)) * 2 * PAGE) & -PAGE);
	/* away from the end of what is canonical */
	pc &= ~(1UL << (bits - 1));
	va &= ~(1UL << (bits - 1));
	map_operand(env, pc);
	map_operand(env, va);
	o[0] = (struct operand){ WALK_FETCH, pc, one_in(2) ? 2 : 4 };
	o[1] = (struct operand){ one_in(2) ? WALK_LOAD : WALK_STORE, va, 1UL << below(4) };
	*n = one_in(4) ? 1 : 2;
}

static void test_converges(void **state)
{
	static const unsigned int entries[] = { 8, 9, 16, 24, 64 };
	unsigned long sure = 0, lucky = 0, helpless = 0;
	struct cove_walk_env env;
	struct operand o[2];
	unsigned int k, round, n;

	(void)state;
	rng = unit_seed(77);
	for (k = 0; k < 5; k++) {
		unsigned int nallow;

		boot(entries[k]);
		nallow = cove.hart[0]->plan.nallow;
		for (round = 0; round < 1200; round++) {
			int tries;

			random_env(&env);
			random_instruction(&env, o, &n);
			random_state();
			tries = execute(&env, o, n, nallow + 1);
			if (count_needs(&env, o, n) <= nallow) {
				sure++;
				assert_true(tries >= 0);
			} else if (tries >= 0) {
				lucky++;
			} else {
				helpless++;
			}
			assert_still_denied();
		}
		machine_halt();
	}
	print_message("# %lu instructions that fit, %lu that fit by luck, %lu too large\n", sure,
		      lucky, helpless);
	assert_true(sure > 1000 && helpless > 500);
}

/* Every state of 4 entries, for an access that needs all of them. */
static void test_all_states(void **state)
{
	const struct cove_walk_env env = { .satp = 8UL << 60 | SPOTTED >> 12 };
	const u8 rwx = PMP_CFG_NAPOT | PMP_CFG_R | PMP_CFG_W | PMP_CFG_X;
	const struct operand load = { WALK_LOAD, 0x4000008UL, 8 };
	struct cove_hart *hart;
	unsigned int code, i, c, worst = 0;

	(void)state;
	boot(8);
	hart = cove.hart[0];
	assert_int_equal(hart->plan.nallow, 4);
	next_free = SPOTTED;
	alloc_page();
	map(SPOTTED, 3, false, 0, load.va & -PAGE, alloc_page());
	assert_int_equal(count_needs(&env, &load, 1), 4);
	/* each entry: off, one of the four blocks, another one; and which one is next */
	for (code = 0; code < 6 * 6 * 6 * 6 * 4; code++) {
		int tries;

		hart->plan.next = code % 4;
		for (i = 0, c = code / 4; i < 4; i++, c /= 6) {
			u64 pa = SPOTTED + (c % 6 == 5 ? 40 : 2 * (c % 6 - 1)) * PAGE;
			struct pmp_entry e = { pa >> 2 | 0x1ff, rwx };

			if (!(c % 6))
				e = (struct pmp_entry){ 0, PMP_CFG_OFF };
			hart->pmp.entry[hart->plan.allow + i] = e;
			fake_harts[0].pmp.entry[hart->plan.allow + i] = e;
		}
		tries = execute(&env, &load, 1, 5);
		assert_true(tries >= 0);
		if ((unsigned int)tries > worst)
			worst = (unsigned int)tries;
	}
	print_message("# at most %u refills\n", worst);
	machine_halt();
}

/* What the host may not have does not become a retry without end. */
static void test_refused(void **state)
{
	const struct cove_walk_env bare = { .satp = 0 };
	struct cove_walk_env env = { .satp = 8UL << 60 | (SPOTTED + PAGE) >> 12 };
	unsigned int i;

	(void)state;
	boot(16);
	for (i = 1; i < 64; i += 2)
		assert_int_equal(cove_refill(cove.hart[0], &bare, WALK_LOAD, SPOTTED + i * PAGE),
				 REFILL_REFUSED);
	assert_int_equal(cove_refill(cove.hart[0], &bare, WALK_FETCH, FAKE_RAM_BASE + 8),
			 REFILL_REFUSED);
	/* a denied page by another name: hardware drops the bits above 2^56 */
	for (i = 56; i < 64; i++) {
		assert_int_not_equal(
			cove_refill(cove.hart[0], &bare, WALK_LOAD, (SPOTTED + PAGE) | 1UL << i),
			REFILL_RETRY);
		assert_still_denied();
	}
	/* page tables in a denied page, or in the firmware */
	assert_int_equal(cove_refill(cove.hart[0], &env, WALK_LOAD, 0x1000), REFILL_REFUSED);
	env.satp = 8UL << 60 | FAKE_RAM_BASE >> 12;
	assert_int_equal(cove_refill(cove.hart[0], &env, WALK_LOAD, 0x1000), REFILL_REFUSED);
	assert_still_denied();
	machine_halt();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_converges),
		cmocka_unit_test(test_all_states),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("refill", tests, NULL, NULL);
}
