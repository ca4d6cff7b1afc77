// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Sharing in two phases: the guest asks, the host empties the range and
 * answers, the guest uses what the host puts there; and back.
 */
#include "tvm.h"
#include "attack.h"
#include "tvm_calls.h"

#define PING			  0x50494e47UL
#define PONG			  0x504f4e47UL
#define SECRET			  0x5ec2e7UL
#define ADD_SHARED(t, pa, n, gpa) SHARED(t, pa, COVE_PAGE_4K, n, gpa)
#define ADD_ZERO(t, pa, n, gpa)	  ZERO(t, pa, COVE_PAGE_4K, n, gpa)

/* The story of one G_SHARE guest, told in its calls. */
struct story {
	unsigned int calls;
	unsigned long conf;  /* the confidential page at GUEST_HEAP */
	unsigned long pages; /* two of the host's */
	bool mapped;
};

static bool share_first(struct tvm *t, struct story *s)
{
	(void)s;
	/* no answer but a refusal: the range is not empty */
	answer(0, 0);
	CHECK(tvm_run(t, 0).error, E_INVALID_PARAM);
	CHECK(REMOVE(t, GUEST_HEAP, PAGE), E_INVALID_ADDRESS);		  /* not blocked */
	CHECK(ADD_SHARED(t, s->pages, 1, GUEST_HEAP), E_INVALID_ADDRESS); /* not yet */
	answer((unsigned long)E_DENIED, 0);
	return true;
}

static bool share_second(struct tvm *t, struct story *s)
{
	CHECK(INVALIDATE(t, GUEST_HEAP, PAGE), OK);
	CHECK(REMOVE(t, GUEST_HEAP, PAGE), E_FAILED); /* unfenced */
	answer(0, 0);
	CHECK(tvm_run(t, 0).error, E_INVALID_PARAM); /* blocked is not empty */
	CHECK(reclaim(s->conf, 1), E_INVALID_PARAM);
	CHECK(FENCE(t), OK);
	CHECK(REMOVE(t, GUEST_HEAP, 2 * PAGE), E_INVALID_ADDRESS); /* the second is not there */
	CHECK(REMOVE(t, GUEST_HEAP, PAGE), OK);
	CHECK(probe_ld(s->conf), 5);
	CHECK(reclaim(s->conf, 1), OK);
	CHECK(page_is_zero(s->conf), true);
	answer(0, 0);
	return true;
}

static bool unshare_second(struct tvm *t, struct story *s)
{
	answer(0, 0);
	CHECK(tvm_run(t, 0).error, E_INVALID_PARAM); /* still mapped */
	CHECK(convert(s->pages, 1), E_INVALID_ADDRESS);
	CHECK(INVALIDATE(t, GUEST_HEAP, 2 * PAGE), OK);
	CHECK(REMOVE(t, GUEST_HEAP, 2 * PAGE), E_FAILED);
	CHECK(FENCE(t), OK);
	CHECK(REMOVE(t, GUEST_HEAP, 2 * PAGE), OK);
	CHECK(ADD_SHARED(t, s->pages, 1, GUEST_HEAP), OK); /* a sibling may wait for it */
	answer(0, 0);
	CHECK(tvm_run(t, 0).error, E_INVALID_PARAM); /* but it must go before the guest goes on */
	CHECK(INVALIDATE(t, GUEST_HEAP, PAGE), OK);
	CHECK(FENCE(t), OK);
	CHECK(REMOVE(t, GUEST_HEAP, PAGE), OK);
	CHECK(probe_ld(s->pages), NO_FAULT);
	CHECK(convert(s->pages, 1), OK); /* nobody maps it now */
	CHECK(reclaim(s->pages, 1), OK);
	*(unsigned long *)s->pages = PING;
	answer(0, 0);
	return true;
}

static bool on_call(struct tvm *t, struct story *s, const struct texit *e)
{
	bool sharing = s->calls < 2;

	CHECK(e->a[6], sharing ? SBI_COVG_SHARE_MEMORY_REGION : SBI_COVG_UNSHARE_MEMORY_REGION);
	CHECK(e->a[0], GUEST_HEAP);
	CHECK(e->a[1], 2 * PAGE);
	CHECK(e->a[2] | e->a[3] | e->a[4] | e->a[5], 0);
	switch (s->calls++) {
	case 0:
		return share_first(t, s);
	case 1:
		return share_second(t, s);
	case 2:
		answer((unsigned long)E_DENIED, 0);
		return true;
	default:
		return unshare_second(t, s);
	}
}

/* The shared pages, at the guest's first access after the share. */
static bool map_shared(struct tvm *t, struct story *s)
{
	unsigned long foreign = tvm_pages(t, 1, 1);

	CHECK(ADD_ZERO(t, foreign, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	CHECK(ADD_SHARED(t, foreign, 1, GUEST_HEAP), E_INVALID_ADDRESS); /* confidential */
	CHECK(ADD_SHARED(t, t->image_pa, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	CHECK(ADD_SHARED(t, 0x80000000UL, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	CHECK(ADD_SHARED(t, reserved[nreserved - 1].base, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	CHECK(ADD_SHARED(t, 0x10000000UL, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	CHECK(ADD_SHARED(t, s->pages, 3, GUEST_HEAP),
	      E_INVALID_ADDRESS); /* longer than the share */
	*(unsigned long *)s->pages = PING;
	CHECK(ADD_SHARED(t, s->pages, 2, GUEST_HEAP), OK);
	CHECK(ADD_SHARED(t, s->pages, 2, GUEST_HEAP), OK); /* the same again: two vCPUs fault */
	CHECK(ADD_SHARED(t, s->pages + PAGE, 1, GUEST_HEAP), E_INVALID_ADDRESS);
	CHECK(ADD_SHARED(t, s->pages, 1, GUEST_HEAP + PAGE), E_INVALID_ADDRESS);
	CHECK(convert(s->pages, 1), E_INVALID_ADDRESS);
	CHECK(convert(s->pages + PAGE, 1), E_INVALID_ADDRESS);
	CHECK(probe_sd(s->pages, PING), NO_FAULT); /* still the host's */
	s->mapped = true;
	return true;
}

static bool share_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	struct story *s = t->arg;
	bool ok = true;

	(void)vcpu;
	if (e->error || e->value)
		return false;
	if (e->scause == CAUSE_VECALL && e->a[7] == SBI_EXT_COVG) {
		ok = on_call(t, s, e);
	} else if (!e->htinst && (e->scause == CAUSE_GLOAD || e->scause == CAUSE_GSTORE) &&
		   e->gpa == GUEST_HEAP && s->calls == 2 && !s->mapped) {
		ok = map_shared(t, s);
	} else if (e->scause == CAUSE_GLOAD && e->gpa == MAIL_BASE + 8) {
		if (*(unsigned long *)s->pages != PONG ||
		    *(unsigned long *)(s->pages + PAGE) != PONG + 1)
			test_fail("the host does not see PONG: %lx", *(unsigned long *)s->pages);
		return false;
	} else if (e->scause == CAUSE_GLOAD && e->gpa == MAIL_BASE + 16) {
		if (*(unsigned long *)s->pages != PING)
			test_fail("the guest's private store reached the host");
		return false;
	} else {
		if (!e->htinst && e->gpa == GUEST_HEAP && e->scause >= CAUSE_GLOAD && !s->conf)
			s->conf = t->chunk + t->used * PAGE; /* what the server will take */
		return false;
	}
	if (!ok)
		t->stop = true;
	return true;
}

static void share(void)
{
	struct story s = { .pages = pages_alloc(2, 1) };
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_SHARE, 0)));
	t.hook = share_hook;
	t.arg = &s;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[0], E_DENIED);
	EXPECT(t.mail[1], 0);
	EXPECT(t.mail[2], SECRET); /* untouched by the refused share */
	EXPECT(t.mail[3], OK);
	EXPECT(t.mail[5], PING);
	EXPECT(t.mail[6], 1); /* fetch from a shared page */
	EXPECT(t.mail[7], E_DENIED);
	EXPECT(t.mail[9], PONG);
	EXPECT(t.mail[10], OK);
	EXPECT(t.mail[12], 0);
	EXPECT(t.mail[13], SECRET + 1);
	EXPECT(s.calls, 4);
}

/* The host has removed the page: it can only agree. */
static bool refuse_too_late(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	(void)vcpu;
	if (e->scause != CAUSE_VECALL || e->a[7] != SBI_EXT_COVG)
		return false;
	if (INVALIDATE(t, GUEST_HEAP, PAGE) || FENCE(t) || REMOVE(t, GUEST_HEAP, PAGE))
		test_fail("the page cannot be removed");
	answer((unsigned long)E_DENIED, 0);
	if (tvm_run(t, 0).error != E_INVALID_PARAM)
		test_fail("the guest goes on with a share refused and its page gone");
	t->stop = true;
	return true;
}

static void refused_too_late(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_SHARE, 0)));
	t.hook = refuse_too_late;
	EXPECT(tvm_serve(&t, 0), WHY_STOPPED_BY_TEST);
}

static void share_errors(void)
{
	struct tvm t;

	REQUIRE(tvm_guest(&t, G_SHARE_ERRORS, 0));
	EXPECT(t.mail[0], E_INVALID_ADDRESS);
	EXPECT(t.mail[2], E_INVALID_PARAM);
	EXPECT(t.mail[4], E_INVALID_PARAM);
	EXPECT(t.mail[6], E_INVALID_PARAM);
	EXPECT(t.mail[8], E_INVALID_PARAM);
	EXPECT(t.mail[10], E_INVALID_PARAM);
	EXPECT(t.mail[12], E_INVALID_PARAM);
	EXPECT_TRUE((long)t.mail[14] == E_INVALID_PARAM || (long)t.mail[14] == E_INVALID_ADDRESS);
}

/* Destroyed with shared pages mapped: they are the host's to convert again, and not erased. */
static bool until_mapped(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	bool handled = share_hook(t, vcpu, e);

	if (((struct story *)t->arg)->mapped)
		t->stop = true;
	return handled;
}

static void destroy_unpins(void)
{
	struct story s = { .pages = pages_alloc(2, 1) };
	struct covesbi_stats st;
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_SHARE, 0)));
	t.hook = until_mapped;
	t.arg = &s;
	EXPECT(tvm_serve(&t, 0), WHY_STOPPED_BY_TEST);
	REQUIRE(!test_failed());
	get_stats(&st);
	EXPECT(st.pages_converting + st.pages_unassigned + st.pages_tvm, TVM_CHUNK - 1);
	EXPECT(convert(s.pages, 2), E_INVALID_ADDRESS);
	EXPECT(tvm_destroy(&t), OK);
	EXPECT(*(unsigned long *)s.pages, PING);
	EXPECT(convert(s.pages, 2), OK);
	attack(s.pages, "a page that was shared");
	EXPECT(reclaim(s.pages, 2), OK);
}

const struct test share_tests[] = {
	{ "share_both_ways", share, 1 },
	{ "share_refused_too_late", refused_too_late, 1 },
	{ "share_errors", share_errors, 1 },
	{ "share_destroy_unpins", destroy_unpins, 1 },
};
DEFINE_TESTS(share);
