// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Giving pages to a TVM and taking them away.
 */
#include "tvm.h"
#include "attack.h"
#include "tvm_calls.h"

static void measured(void)
{
	unsigned long src = pages_alloc(66, 1), dst;
	struct tvm t, u;

	REQUIRE(tvm_create(&t, 0) && tvm_region(&t) && tvm_pt(&t, 8) && tvm_vcpus(&t, 1));
	REQUIRE(tvm_create(&u, 0));
	dst = tvm_pages(&t, 8, 1);
	EXPECT(MEASURED(&t, src, dst, COVE_PAGE_512G, 1, GUEST_BASE), E_INVALID_PARAM);
	EXPECT(MEASURED(&t, src, dst, 77, 1, GUEST_BASE), E_INVALID_PARAM);
	EXPECT(MEASURED(&t, src, dst, 0, 0, GUEST_BASE), E_INVALID_PARAM);
	EXPECT(MEASURED(&t, src, dst, 0, COVE_MAX_MEASURED_PAGES + 1, GUEST_BASE), E_INVALID_PARAM);
	EXPECT(MEASURED(&t, src, dst, 0, ~0UL, GUEST_BASE), E_INVALID_PARAM);
	EXPECT(MEASURED(&t, src, dst, 0, 1UL << 52, GUEST_BASE), E_INVALID_PARAM);
	EXPECT(MEASURED(&t, src + 8, dst, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, dst + 8, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, dst, 0, 1, GUEST_BASE + 8), E_INVALID_ADDRESS);
	/* source */
	EXPECT(MEASURED(&t, 0x80000000UL, dst, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, 0, dst, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, 0x10000000UL, dst, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, ~0xfffUL, dst, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, dst + PAGE, dst, 0, 1, GUEST_BASE),
	       E_INVALID_ADDRESS); /* confidential */
	EXPECT(MEASURED(&t, u.state, dst, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, reserved[nreserved - 1].base, dst, 0, 1, GUEST_BASE),
	       E_INVALID_ADDRESS);
	/* destination */
	EXPECT(MEASURED(&t, src, src + PAGE, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, t.root, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, t.state, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, t.vcpu_pa[0], 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, t.pt_pa, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, u.state, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, 0x80000000UL, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, reserved[nreserved - 1].base, 0, 1, GUEST_BASE),
	       E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, ~0xfffUL, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
	/* place */
	EXPECT(MEASURED(&t, src, dst, 0, 1, GUEST_BASE - PAGE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, dst, 0, 1, GUEST_BASE + GUEST_SIZE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, dst, 0, 2, GUEST_BASE + GUEST_SIZE - PAGE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, dst, 0, 1, 1UL << 59), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, dst, 0, 1, ~0xfffUL), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, dst, 0, 1, GUEST_BASE), OK);
	EXPECT(MEASURED(&t, src, dst + PAGE, 0, 1, GUEST_BASE), E_INVALID_ADDRESS); /* occupied */
	EXPECT(MEASURED(&t, src, dst, 0, 1, GUEST_BASE + PAGE),
	       E_INVALID_ADDRESS); /* page in use */
	EXPECT(MEASURED(&t, src, dst + PAGE, 0, 2, GUEST_BASE - PAGE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, src, dst, 0, 2, GUEST_BASE + PAGE),
	       E_INVALID_ADDRESS); /* half in use */
	EXPECT(MEASURED(&t, src, dst + PAGE, 0, 2, GUEST_BASE + PAGE), OK);
	EXPECT(reclaim(dst, 1), E_INVALID_PARAM);
	EXPECT(convert(dst, 1), E_INVALID_ADDRESS);
}

static void zero(void)
{
	unsigned long host = pages_alloc(1, 1), pa;
	struct tvm t, u;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_PAGES, 3)));
	REQUIRE(tvm_create(&u, 0));
	pa = tvm_pages(&t, 8, 1);
	EXPECT(ZERO(&t, pa, COVE_PAGE_512G, 1, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(ZERO(&t, pa, 0, 0, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(ZERO(&t, pa, 0, COVE_MAX_SCRUB_PAGES + 1, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(ZERO(&t, pa, 0, ~0UL, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(ZERO(&t, pa + 8, 0, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, 0, 1, GUEST_HEAP + 8), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, host, 0, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, t.root, 0, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, t.image_pa, 0, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, u.state, 0, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, 0x80000000UL, 0, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, ~0xfffUL, 0, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, 0, 1, GUEST_BASE), E_INVALID_ADDRESS); /* occupied */
	EXPECT(ZERO(&t, pa, 0, 1, MAIL_BASE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, 0, 2, GUEST_BASE + GUEST_SIZE - PAGE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, 0, 1, 1UL << 60), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, 0, 4, GUEST_HEAP), OK);
	EXPECT(ZERO(&t, pa, 0, 1, GUEST_HEAP + 8 * PAGE), E_INVALID_ADDRESS); /* twice */
	EXPECT(ZERO(&t, pa + 4 * PAGE, 0, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	t.in[0] = 6;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[0], 0);
	EXPECT(t.mail[1], 0);
	EXPECT(t.nfault, 2); /* four were there */
}

/* Confidential pages with old contents come to the guest as zeros. */
static void zero_is_zero(void)
{
	struct tvm t;
	unsigned long i;

	memset(&t, 0, sizeof(t));
	t.chunk = pages_alloc(TVM_CHUNK, 4);
	for (i = 0; i < TVM_CHUNK; i++)
		page_fill(t.chunk + i * PAGE, ~0UL);
	EXPECT(convert(t.chunk, TVM_CHUNK), OK);
	REQUIRE(fence_all());
	t.root = tvm_pages(&t, 4, 4);
	t.state = tvm_pages(&t, tsm.tvm_state_pages, 1);
	EXPECT(tvm_create_at(&t, t.root, t.state, COVE_TVM_F_IMPLICIT_MMIO, 24), OK);
	REQUIRE(tvm_region(&t) && tvm_pt(&t, 8) && tvm_vcpus(&t, 1) && tvm_image(&t));
	EXPECT(tvm_finalize(&t, GUEST_ARG(G_PAGES, 3)), OK);
	t.in[0] = 8;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[0], 0);
	EXPECT(t.mail[1], 0);
}

/* What a guest reads at @gpa, which it populates on demand if nothing is there. */
static bool guest_reads(struct tvm *t, unsigned long gpa, unsigned long *value)
{
	t->in[0] = gpa;
	if (tvm_serve(t, 0) != WHY_DONE) {
		test_fail("the guest does not come to its end");
		return false;
	}
	*value = t->mail[0];
	return true;
}

#define PTE_LEAF 0xdfUL
#define PTE(pa)	 ((pa) >> 12 << 10 | PTE_LEAF)

/*
 * The host writes G-stage entries into pages before it converts and donates
 * them: they must not lead its guest into the memory of another TVM. @index: of
 * the entry in each page; @pte: what it holds
 */
static bool build_crafted(struct tvm *t, unsigned long index, unsigned long pte)
{
	unsigned long i;

	memset(t, 0, sizeof(*t));
	t->chunk = pages_alloc(TVM_CHUNK, 4);
	for (i = 0; i < TVM_CHUNK; i++)
		((unsigned long *)(t->chunk + i * PAGE))[index] = pte;
	if (convert(t->chunk, TVM_CHUNK) || !fence_all())
		return false;
	t->root = tvm_pages(t, 4, 4);
	t->state = tvm_pages(t, tsm.tvm_state_pages, 1);
	return !tvm_create_at(t, t->root, t->state, COVE_TVM_F_IMPLICIT_MMIO, 24) &&
	       tvm_region(t) && tvm_pt(t, 8) && tvm_vcpus(t, 1) && tvm_image(t) &&
	       !tvm_finalize(t, GUEST_ARG(G_TOUCH, 0));
}

static void crafted_page_tables(void)
{
	unsigned long value = 0;
	struct tvm t, victim;

	REQUIRE(tvm_build(&victim, 0, 1, GUEST_ARG(G_NULL, 0)));
	REQUIRE(build_crafted(&t, GUEST_HEAP >> 12 & 0x1ff, PTE(victim.image_pa)));
	REQUIRE(guest_reads(&t, GUEST_HEAP, &value));
	EXPECT(value, 0);
}

/* A superpage in the second of the root's four pages, far from what the guest uses. */
static void crafted_root(void)
{
	unsigned long value = 0, shift, far;
	struct covesbi_stats s;
	struct tvm t, victim;

	get_stats(&s);
	shift = s.max_gpa_bits - 11;
	REQUIRE(tvm_build(&victim, 0, 1, GUEST_ARG(G_NULL, 0)));
	REQUIRE(build_crafted(&t, 5, PTE(victim.image_pa >> shift << shift)));
	far = (512 + 5UL) << shift | (victim.image_pa & ((1UL << shift) - 1));
	t.dev_reply = 0;
	REQUIRE(guest_reads(&t, far, &value));
	EXPECT(value, 0);
}

/* Where in a page a guest's fault was is not for the host. */
static void fault_hides_offset(void)
{
	unsigned long value;
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_TOUCH, 0)));
	REQUIRE(guest_reads(&t, GUEST_HEAP + 0x128, &value));
	EXPECT(t.nfault, 1);
	EXPECT(t.last_fault, GUEST_HEAP);
}

static void unfenced(void)
{
	unsigned long src = pages_alloc(1, 1), fresh = pages_alloc(4, 1);
	struct tvm t;

	REQUIRE(tvm_create(&t, 0) && tvm_region(&t) && tvm_pt(&t, 8) && tvm_vcpus(&t, 1) &&
		tvm_image(&t));
	EXPECT(convert(fresh, 4), OK);
	EXPECT(MEASURED(&t, src, fresh, 0, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, t.gid, fresh, 1), E_INVALID_ADDRESS);
	EXPECT(covh(SBI_COVH_CREATE_TVM_VCPU, t.gid, 1, fresh), E_INVALID_ADDRESS);
	EXPECT(tvm_finalize(&t, 0), OK);
	EXPECT(ZERO(&t, fresh, 0, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	REQUIRE(fence_all());
	EXPECT(ZERO(&t, fresh, 0, 1, GUEST_HEAP), OK);
}

/* The pool runs out: an error, nothing taken; more pages cure it. */
static void out_of_pt_pages(void)
{
	unsigned long src = pages_alloc(1, 1), dst;
	struct covesbi_stats s;
	struct tvm t;
	unsigned int n = 0;
	long rc;

	get_stats(&s);
	REQUIRE(tvm_create(&t, 0) && tvm_region(&t));
	dst = tvm_pages(&t, 1, 1);
	for (;;) {
		rc = MEASURED(&t, src, dst, 0, 1, GUEST_BASE);
		if (!rc || n == 8)
			break;
		EXPECT(rc, E_FAILED);
		n++;
		EXPECT(covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, t.gid, tvm_pages(&t, 1, 1), 1), OK);
	}
	EXPECT(rc, OK);
	EXPECT(n, (s.max_gpa_bits - 14) / 9 - 1); /* one page a level below the root */
}

static void shared_refused(void)
{
	unsigned long host = pages_alloc(1, 1);
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_NULL, 0)));
	EXPECT(SHARED(&t, host, COVE_PAGE_512G, 1, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(SHARED(&t, host, 0, 0, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(SHARED(&t, host, 0, ~0UL, GUEST_HEAP), E_INVALID_PARAM);
	EXPECT(SHARED(&t, host + 8, 0, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	/* the guest has shared nothing */
	EXPECT(SHARED(&t, host, 0, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	EXPECT(SHARED(&t, host, 0, 1, MAIL_BASE), E_INVALID_ADDRESS);
	EXPECT(SHARED(&t, host, 0, 1, GUEST_BASE), E_INVALID_ADDRESS);
}

static void invalidate(void)
{
	struct tvm t;
	struct texit e;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_TOUCH, 0)));
	EXPECT(ZERO(&t, tvm_pages(&t, 4, 1), 0, 4, GUEST_HEAP), OK);
	EXPECT(INVALIDATE(&t, GUEST_HEAP, 0), E_INVALID_PARAM);
	EXPECT(INVALIDATE(&t, GUEST_HEAP, PAGE + 8), E_INVALID_PARAM);
	EXPECT(INVALIDATE(&t, GUEST_HEAP, ~0xfffUL), E_INVALID_PARAM);
	EXPECT(INVALIDATE(&t, GUEST_HEAP + 8, PAGE), E_INVALID_ADDRESS);
	EXPECT(INVALIDATE(&t, GUEST_HEAP, 5 * PAGE),
	       E_INVALID_ADDRESS); /* the fifth is not there */
	EXPECT(INVALIDATE(&t, ~0xfffUL, PAGE), E_INVALID_ADDRESS);
	EXPECT(INVALIDATE(&t, MAIL_BASE, PAGE), E_INVALID_ADDRESS);
	EXPECT(VALIDATE(&t, GUEST_HEAP, PAGE), E_INVALID_ADDRESS); /* not blocked */
	EXPECT(INVALIDATE(&t, GUEST_HEAP, 2 * PAGE), OK);
	EXPECT(INVALIDATE(&t, GUEST_HEAP, PAGE), E_INVALID_ADDRESS);		/* twice */
	EXPECT(INVALIDATE(&t, GUEST_HEAP + PAGE, 2 * PAGE), E_INVALID_ADDRESS); /* half */
	EXPECT(VALIDATE(&t, GUEST_HEAP + PAGE, 2 * PAGE), E_INVALID_ADDRESS);
	EXPECT(VALIDATE(&t, GUEST_HEAP, 0), E_INVALID_PARAM);
	EXPECT(ZERO(&t, tvm_pages(&t, 1, 1), 0, 1, GUEST_HEAP),
	       E_INVALID_ADDRESS); /* still there */
	t.in[0] = GUEST_HEAP;
	t.in[1] = 0x99;
	/* the guest faults for ever on a blocked page */
	do {
		e = tvm_run(&t, 0);
		EXPECT(e.error, OK);
		if (e.htinst && (e.gpa - MAIL_BASE) / 8 < ARRAY_SIZE(t.in))
			answer(t.in[(e.gpa - MAIL_BASE) / 8], 0);
	} while (e.htinst);
	EXPECT(e.scause, CAUSE_GLOAD);
	EXPECT(e.gpa, GUEST_HEAP);
	EXPECT(tvm_run(&t, 0).gpa, GUEST_HEAP);
	EXPECT(VALIDATE(&t, GUEST_HEAP, 2 * PAGE), OK);
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[0], 0);
	EXPECT(t.mail[2], 0x99);
}

/* Nothing may be taken from a guest that has not asked. */
static void remove_refused(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_NULL, 0)));
	EXPECT(REMOVE(&t, GUEST_BASE, 0), E_INVALID_PARAM);
	EXPECT(REMOVE(&t, GUEST_BASE, 8), E_INVALID_PARAM);
	EXPECT(REMOVE(&t, GUEST_BASE, PAGE), E_INVALID_ADDRESS); /* not blocked */
	EXPECT(INVALIDATE(&t, GUEST_BASE + PAGE, PAGE), OK);
	EXPECT(FENCE(&t), OK);
	EXPECT(REMOVE(&t, GUEST_BASE + PAGE, PAGE), E_INVALID_ADDRESS); /* not removable */
	EXPECT(REMOVE(&t, GUEST_HEAP, PAGE), E_INVALID_ADDRESS);	/* nothing there */
	EXPECT(REMOVE(&t, ~0xfffUL, PAGE), E_INVALID_ADDRESS);
	EXPECT(reclaim(t.image_pa + PAGE, 1), E_INVALID_PARAM); /* still its page */
	attack(t.image_pa + PAGE, "a blocked page");
	EXPECT(VALIDATE(&t, GUEST_BASE + PAGE, PAGE), OK);
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
}

const struct test pages_tests[] = {
	{ "pages_measured", measured, 1 },
	{ "pages_zero", zero, 1 },
	{ "pages_zero_is_zero", zero_is_zero, 1 },
	{ "pages_crafted_page_tables", crafted_page_tables, 1 },
	{ "pages_crafted_root", crafted_root, 1 },
	{ "pages_fault_hides_offset", fault_hides_offset, 1 },
	{ "pages_unfenced", unfenced, 1 },
	{ "pages_out_of_page_tables", out_of_pt_pages, 1 },
	{ "pages_shared_refused", shared_refused, 1 },
	{ "pages_invalidate_validate", invalidate, 1 },
	{ "pages_remove_refused", remove_refused, 1 },
};
DEFINE_TESTS(pages);
