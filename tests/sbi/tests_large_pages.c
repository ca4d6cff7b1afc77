// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Large pages: what holds for pages of 4 KiB holds for each part of them.
 */
#include "tvm.h"
#include "attack.h"
#include "tvm_calls.h"

#define MEGA	  0x200000UL
#define GIGA	  0x40000000UL
#define FAR_BASE  0x100000000UL /* a second region of the guest, 2 GiB */
#define FAR_SIZE  (2 * GIGA)
#define GIGA_PA	  0x100000000UL
#define GIGA_CALL (COVE_MAX_CONVERT_PAGES * PAGE)
#define HASH	  48

#define PROMOTE(t, gpa, type)                                                            \
	(sbi6(SBI_EXT_COVESBI, SBI_COVESBI_PROMOTE_PAGE, (t)->gid, (unsigned long)(gpa), \
	      (unsigned long)(type))                                                     \
		 .error)
#define DEMOTE(t, gpa, type)                                                            \
	(sbi6(SBI_EXT_COVESBI, SBI_COVESBI_DEMOTE_PAGE, (t)->gid, (unsigned long)(gpa), \
	      (unsigned long)(type))                                                    \
		 .error)

static bool prepare(struct tvm *t, unsigned int nvcpus)
{
	return tvm_create(t, COVE_TVM_F_IMPLICIT_MMIO) && tvm_region(t) &&
	       !covh(SBI_COVH_ADD_TVM_MEMORY_REGION, t->gid, FAR_BASE, FAR_SIZE) && tvm_pt(t, 16) &&
	       tvm_vcpus(t, nvcpus) && tvm_image(t);
}

static bool build(struct tvm *t, unsigned int nvcpus, unsigned long arg)
{
	return prepare(t, nvcpus) && !tvm_finalize(t, arg);
}

static bool peek_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	(void)vcpu;
	if (e->error || e->value || e->scause != CAUSE_GSTORE || e->gpa != MAIL_BASE)
		return false;
	t->mail[0] = e->a[0];
	answer(0, 0);
	t->stop = true;
	return true;
}

/* What a G_PEEK guest finds at @gpa, where it then stores @value, unless 0. */
static bool peek(struct tvm *t, unsigned long gpa, unsigned long value, unsigned long *old)
{
	t->in[0] = gpa;
	t->in[1] = value;
	t->stop = false;
	t->nfault = 0;
	t->hook = peek_hook;
	if (tvm_serve(t, 0) != WHY_STOPPED_BY_TEST) {
		test_fail("the guest does not read %lx", gpa);
		return false;
	}
	*old = t->mail[0];
	return true;
}

/* The next access of a G_PEEK guest must fault at @gpa. */
static bool faults_at(struct tvm *t, unsigned long gpa)
{
	struct texit e;

	t->in[0] = gpa;
	t->in[1] = 0;
	do {
		e = tvm_run(t, 0);
		if (e.error || e.value)
			return false;
		if (e.htinst && e.scause == CAUSE_GLOAD)
			answer(t->in[(e.gpa - MAIL_BASE) / 8], 0);
	} while (e.htinst);
	return e.scause == CAUSE_GLOAD && e.gpa == (gpa & -PAGE);
}

static unsigned long large_pages(unsigned long n)
{
	unsigned long pa = pages_alloc(n * 512, 512), i;

	for (i = 0; i < n * 512; i += 37)
		page_fill(pa + i * PAGE, ~0UL);
	return convert(pa, n * 512) || !fence_all() ? 0 : pa;
}

static void zero(void)
{
	unsigned long pa = large_pages(2), i, old = 0;
	struct tvm t;

	REQUIRE(pa && build(&t, 1, GUEST_ARG(G_PEEK, 0)));
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 2, FAR_BASE), OK);
	for (i = 0; i < 2 * 512; i += 37) {
		REQUIRE(peek(&t, FAR_BASE + i * PAGE, 0x5ec2e7 + i, &old));
		EXPECT(old, 0);
		EXPECT(t.nfault, 0);
	}
	attack(pa + MEGA + 37 * PAGE, "a page in a large one");
	EXPECT(reclaim(pa + 5 * PAGE, 1), E_INVALID_PARAM);
	EXPECT(convert(pa + 5 * PAGE, 1), E_INVALID_ADDRESS);
	REQUIRE(peek(&t, FAR_BASE + 37 * PAGE, 0, &old));
	EXPECT(old, 0x5ec2e7 + 37);
	EXPECT(tvm_destroy(&t), OK);
	EXPECT(reclaim(pa, 1024), OK);
	for (i = 0; i < 1024; i += 37)
		EXPECT_TRUE(page_is_zero(pa + i * PAGE));
}

static void errors(void)
{
	unsigned long pa = large_pages(2), host = pages_alloc(512, 512);
	struct tvm t;

	REQUIRE(pa && build(&t, 1, GUEST_ARG(G_PEEK, 0)));
	EXPECT(ZERO(&t, pa, COVE_PAGE_512G, 1, FAR_BASE), E_INVALID_PARAM);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 0, FAR_BASE), E_INVALID_PARAM);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 513, FAR_BASE), E_INVALID_PARAM);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 1UL << 43, FAR_BASE), E_INVALID_PARAM);
	EXPECT(ZERO(&t, pa, COVE_PAGE_1G, 2, FAR_BASE), E_INVALID_PARAM);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 1, FAR_BASE - MEGA), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 2, FAR_BASE + FAR_SIZE - MEGA), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 1, GUEST_BASE), E_INVALID_ADDRESS); /* the image */
	EXPECT(ZERO(&t, pa, COVE_PAGE_1G, 1, FAR_BASE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, 0x80000000UL, COVE_PAGE_1G, 1, FAR_BASE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, 0x80000000UL, COVE_PAGE_2M, 1, FAR_BASE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, host, COVE_PAGE_2M, 1, FAR_BASE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, ~0UL & -MEGA, COVE_PAGE_2M, 1, FAR_BASE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 2, ~0UL & -MEGA), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&t, host, pa, COVE_PAGE_2M, 1, FAR_BASE), E_INVALID_PARAM);
	EXPECT(SHARED(&t, host, COVE_PAGE_2M, 1, FAR_BASE), E_INVALID_ADDRESS);
	/* half of the place is taken */
	EXPECT(ZERO(&t, tvm_pages(&t, 1, 1), 0, 1, FAR_BASE + MEGA + 300 * PAGE), OK);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 1, FAR_BASE + MEGA), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 2, FAR_BASE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 1, FAR_BASE), OK);
	EXPECT(ZERO(&t, tvm_pages(&t, 1, 1), 0, 1, FAR_BASE + 511 * PAGE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 1, FAR_BASE + 2 * MEGA), E_INVALID_ADDRESS);
	EXPECT(PROMOTE(&t, FAR_BASE, COVE_PAGE_4K), E_INVALID_PARAM);
	EXPECT(PROMOTE(&t, FAR_BASE + PAGE, COVE_PAGE_2M), E_INVALID_ADDRESS);
	EXPECT(PROMOTE(&t, FAR_BASE + MEGA, COVE_PAGE_2M), E_INVALID_ADDRESS);
	EXPECT(DEMOTE(&t, FAR_BASE, COVE_PAGE_1G), E_INVALID_PARAM);
	EXPECT(DEMOTE(&t, FAR_BASE, COVE_PAGE_2M), E_INVALID_ADDRESS);
	EXPECT(DEMOTE(&t, FAR_BASE + 4 * MEGA, COVE_PAGE_4K), E_INVALID_ADDRESS);
	EXPECT(DEMOTE(&t, 1UL << 60, COVE_PAGE_4K), E_INVALID_ADDRESS);
}

static void misaligned(void)
{
	unsigned long pa = large_pages(2), host = pages_alloc(1024, 512);
	struct tvm t, u;

	REQUIRE(pa && build(&t, 1, GUEST_ARG(G_PEEK, 0)) && prepare(&u, 1));
	EXPECT(ZERO(&t, pa + PAGE, COVE_PAGE_2M, 1, FAR_BASE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa + MEGA / 2, COVE_PAGE_2M, 1, FAR_BASE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 1, FAR_BASE + PAGE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 1, FAR_BASE + MEGA / 2), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&u, host, pa + PAGE, COVE_PAGE_2M, 1, FAR_BASE), E_INVALID_ADDRESS);
	EXPECT(MEASURED(&u, host, pa, COVE_PAGE_2M, 1, FAR_BASE + PAGE), E_INVALID_ADDRESS);
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 1, FAR_BASE), OK);
}

/* The last page of a large one is another TVM's. */
static void half_owned(void)
{
	unsigned long pa = pages_alloc(512, 512), old = 0;
	struct tvm victim, t;

	REQUIRE(build(&victim, 1, GUEST_ARG(G_PEEK, 0)));
	EXPECT(convert(pa, 512), OK);
	REQUIRE(fence_all());
	EXPECT(ZERO(&victim, pa + 511 * PAGE, 0, 1, FAR_BASE), OK);
	REQUIRE(peek(&victim, FAR_BASE, 0x5ec2e7, &old));
	REQUIRE(build(&t, 1, GUEST_ARG(G_PEEK, 0)));
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 1, FAR_BASE), E_INVALID_ADDRESS);
	REQUIRE(peek(&victim, FAR_BASE, 0, &old));
	EXPECT(old, 0x5ec2e7);
}

/*
 * The host lays out a large page of pages, of which one is elsewhere and the page in
 * its place another TVM's. Joined, the guest would have that one.
 */
static void promote_foreign(void)
{
	unsigned long pa = pages_alloc(512, 512), other = conf_pages(1, 1), old = 0;
	struct tvm victim, t;

	REQUIRE(build(&victim, 1, GUEST_ARG(G_PEEK, 0)));
	EXPECT(convert(pa, 512), OK);
	REQUIRE(other && fence_all());
	EXPECT(ZERO(&victim, pa + 7 * PAGE, 0, 1, FAR_BASE), OK);
	REQUIRE(peek(&victim, FAR_BASE, 0x5ec2e7, &old));
	REQUIRE(build(&t, 1, GUEST_ARG(G_PEEK, 0)));
	EXPECT(ZERO(&t, pa, 0, 7, FAR_BASE), OK);
	EXPECT(ZERO(&t, other, 0, 1, FAR_BASE + 7 * PAGE), OK);
	EXPECT(ZERO(&t, pa + 8 * PAGE, 0, 504, FAR_BASE + 8 * PAGE), OK);
	(void)PROMOTE(&t, FAR_BASE, COVE_PAGE_2M);
	REQUIRE(peek(&t, FAR_BASE + 7 * PAGE, 1, &old));
	EXPECT(old, 0);
	EXPECT(PROMOTE(&t, FAR_BASE, COVE_PAGE_2M), E_INVALID_ADDRESS);
	REQUIRE(peek(&victim, FAR_BASE, 0, &old));
	EXPECT(old, 0x5ec2e7);
}

/* Small pages become a large one and small ones again; the guest sees no difference. */
static void promote(void)
{
	unsigned long pa = large_pages(1), i, old = 0, round;
	struct tvm t;

	REQUIRE(pa && build(&t, 1, GUEST_ARG(G_PEEK, 0)));
	EXPECT(ZERO(&t, pa, 0, 512, FAR_BASE), OK);
	for (round = 0; round < 40; round++) { /* more often than there are tables */
		EXPECT(PROMOTE(&t, FAR_BASE, COVE_PAGE_2M), OK);
		EXPECT(PROMOTE(&t, FAR_BASE, COVE_PAGE_2M), E_INVALID_ADDRESS);
		for (i = round % 64; i < 512; i += 64) {
			REQUIRE(peek(&t, FAR_BASE + i * PAGE, round * 512 + i + 1, &old));
			EXPECT(old, 0);
		}
		EXPECT(DEMOTE(&t, FAR_BASE + round * PAGE, COVE_PAGE_4K), OK);
		for (i = round % 64; i < 512; i += 64) {
			REQUIRE(peek(&t, FAR_BASE + i * PAGE, 0, &old));
			EXPECT(old, round * 512 + i + 1);
			EXPECT(t.nfault, 0);
		}
	}
}

/* A page of a large one is blocked: that one and no other. */
static void split(void)
{
	unsigned long pa = large_pages(1), old = 0;
	struct tvm t;
	struct texit e;

	REQUIRE(pa && build(&t, 1, GUEST_ARG(G_PEEK, 0)));
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 1, FAR_BASE), OK);
	EXPECT(INVALIDATE(&t, FAR_BASE + PAGE, MEGA), E_INVALID_ADDRESS);
	REQUIRE(peek(&t, FAR_BASE + 7 * PAGE, 0x5ec2e7, &old));
	EXPECT(INVALIDATE(&t, FAR_BASE + 7 * PAGE, PAGE), OK);
	REQUIRE(peek(&t, FAR_BASE + 6 * PAGE, 6, &old));
	EXPECT(t.nfault, 0);
	REQUIRE(peek(&t, FAR_BASE + 8 * PAGE, 8, &old));
	EXPECT(t.nfault, 0);
	REQUIRE(faults_at(&t, FAR_BASE + 7 * PAGE));
	EXPECT(PROMOTE(&t, FAR_BASE, COVE_PAGE_2M), E_INVALID_ADDRESS);
	EXPECT(FENCE(&t), OK);
	EXPECT(REMOVE(&t, FAR_BASE + 7 * PAGE, PAGE), E_INVALID_ADDRESS); /* nobody asked */
	EXPECT(VALIDATE(&t, FAR_BASE + 7 * PAGE, PAGE), OK);
	do {
		e = tvm_run(&t, 0);
	} while (!e.htinst);
	EXPECT(e.a[0], 0x5ec2e7);
	answer(0, 0);
	EXPECT(PROMOTE(&t, FAR_BASE, COVE_PAGE_2M), OK);
	REQUIRE(peek(&t, FAR_BASE + 8 * PAGE, 0, &old));
	EXPECT(old, 8);
}

/* Use up the pool: a page at each 2 MiB from @gpa; returns where there is no table. */
static unsigned long drain_tables(struct tvm *t, unsigned long gpa)
{
	unsigned long pa = conf_pages(32, 1);
	unsigned int n = 0;

	while (pa && n < 32 && !ZERO(t, pa + n * PAGE, 0, 1, gpa)) {
		gpa += MEGA;
		n++;
	}
	if (n == 32)
		test_fail("the pool does not run out");
	return gpa;
}

/* Splitting takes a table; without one nothing happens. */
static void split_without_tables(void)
{
	unsigned long pa = large_pages(1), old = 0;
	struct tvm t;

	REQUIRE(pa && build(&t, 1, GUEST_ARG(G_PEEK, 0)));
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 1, FAR_BASE), OK);
	drain_tables(&t, FAR_BASE + MEGA);
	EXPECT(INVALIDATE(&t, FAR_BASE + PAGE, PAGE), E_FAILED);
	EXPECT(DEMOTE(&t, FAR_BASE, COVE_PAGE_4K), E_FAILED);
	REQUIRE(peek(&t, FAR_BASE + PAGE, 1, &old));
	EXPECT(t.nfault, 0);
	EXPECT(covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, t.gid, conf_pages(1, 1), 1), OK);
	EXPECT(INVALIDATE(&t, FAR_BASE + PAGE, PAGE), OK);
	REQUIRE(faults_at(&t, FAR_BASE + PAGE));
}

static void extend(uint8_t reg[HASH], uint64_t gpa, const void *page)
{
	struct sha384 s;

	sha384_start(&s);
	sha384_add(&s, reg, HASH);
	sha384_add_le64(&s, gpa);
	sha384_add(&s, page, PAGE);
	sha384_end(&s, reg);
}

static unsigned long measured_source(unsigned long n)
{
	unsigned long src = pages_alloc(n * 512, 1), i;

	for (i = 0; i < n * 512; i++)
		page_fill(src + i * PAGE, 0x1000000 + i);
	return src;
}

static bool measurement_is(struct tvm *t, unsigned long src, unsigned long n, unsigned long gpa)
{
	uint8_t want[HASH] = { 0 }, got[HASH] = { 0 };
	unsigned long i;

	for (i = 0; i < GUEST_IMAGE_PAGES; i++)
		extend(want, GUEST_BASE + i * PAGE, guest_image + i * PAGE);
	for (i = 0; i < n * 512; i++)
		extend(want, gpa + i * PAGE, (void *)(src + i * PAGE));
	if (tvm_finalize(t, GUEST_ARG(G_PEEK, 0)) ||
	    sbi6(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, t->gid, COVE_MSMT_PAGES,
		 (unsigned long)got, HASH)
		    .error)
		return false;
	return !memcmp(want, got, HASH);
}

/* A large page is measured as its 512 parts. */
static void measured(void)
{
	unsigned long dst = large_pages(1), src = measured_source(1), old = 0;
	struct tvm t;

	REQUIRE(dst && prepare(&t, 1));
	EXPECT(MEASURED(&t, src, dst, COVE_PAGE_2M, 1, FAR_BASE), OK);
	REQUIRE(measurement_is(&t, src, 1, FAR_BASE));
	REQUIRE(peek(&t, FAR_BASE + 300 * PAGE + 8, 0, &old));
	EXPECT(old, 0x1000000 + 300);
	EXPECT(t.nfault, 0);
}

/* The host's interrupts do not wait for a long call, which goes on afterwards. */
static void interrupted(void)
{
	unsigned long dst = large_pages(4), src = measured_source(4), how, cuts = 0;
	unsigned int i;
	struct tvm t;
	long rc = 1;

	REQUIRE(dst && prepare(&t, 1));
	csr_write(sie, SIP_STIP);
	for (i = 0; i < 100000; i++) {
		const unsigned long regs[8] = {
			t.gid,
			src,
			dst,
			COVE_PAGE_2M,
			4,
			FAR_BASE,
			SBI_COVH_ADD_TVM_MEASURED_PAGES,
			SBI_EXT_COVH,
		};

		timer_set(csr_read(time) + 2000);
		rc = ecall_or_interrupt(regs, &how);
		timer_set(~0UL);
		if (!how)
			break;
		/* at the ecall: has it begun? Then the TVM takes nothing else */
		if (how == 1 &&
		    MEASURED(&t, src, dst, 0, 1, FAR_BASE - MEGA) == E_ALREADY_STARTED && !cuts++) {
			EXPECT(tvm_finalize(&t, 0), E_INVALID_PARAM);
			attack(dst, "a page that is being measured");
		}
	}
	csr_write(sie, 0);
	EXPECT(rc, OK);
	EXPECT_TRUE(cuts > 1);
	REQUIRE(measurement_is(&t, src, 4, FAR_BASE));
}

/*
 * A guest shares a range and takes it back; the host empties it, large pages and
 * parts of them, and puts its own there.
 */
struct share_story {
	unsigned long gpa;
	unsigned long len;
	unsigned long conf;   /* where the range was */
	unsigned long shared; /* the host's memory for it */
	unsigned long type;
	bool is_shared;
	struct tvm *t;
};

static bool take_range(struct tvm *t, struct share_story *s)
{
	bool share = !s->is_shared;

	answer(0, 0);
	CHECK(tvm_run(t, 0).error, E_INVALID_PARAM); /* not empty */
	CHECK(INVALIDATE(t, s->gpa, s->len), OK);
	CHECK(REMOVE(t, s->gpa, s->len), E_FAILED);
	CHECK(FENCE(t), OK);
	CHECK(REMOVE(t, s->gpa - PAGE, s->len), E_INVALID_ADDRESS);
	CHECK(REMOVE(t, s->gpa, s->len), OK);
	if (share) {
		CHECK(reclaim(s->conf, s->len / PAGE), OK);
		CHECK(page_is_zero(s->conf), true);
		CHECK(page_is_zero(s->conf + s->len - PAGE), true);
		CHECK(probe_ld(s->conf - PAGE), 5); /* the rest is the guest's */
	} else {
		CHECK(convert(s->shared, s->len / PAGE), OK);
	}
	s->is_shared = share;
	answer(0, 0);
	return true;
}

static bool map_range(struct tvm *t, struct share_story *s)
{
	unsigned long each = s->type ? MEGA : PAGE;

	*(unsigned long *)s->shared = 0x50494e47;
	*(unsigned long *)(s->shared + s->len - PAGE) = 0x50494e48;
	CHECK(SHARED(t, s->shared + PAGE, COVE_PAGE_2M, 1, s->gpa & -MEGA), E_INVALID_ADDRESS);
	CHECK(SHARED(t, s->shared, s->type, s->len / each + 1, s->gpa), E_INVALID_ADDRESS);
	CHECK(SHARED(t, s->shared, s->type, s->len / each, s->gpa), OK);
	CHECK(SHARED(t, s->shared, s->type, s->len / each, s->gpa), OK);
	CHECK(convert(s->shared + s->len - PAGE, 1), E_INVALID_ADDRESS);
	return true;
}

static bool share_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	struct share_story *s = t->arg;
	bool ok;

	(void)vcpu;
	if (e->error || e->value)
		return false;
	if (e->scause == CAUSE_VECALL && e->a[7] == SBI_EXT_COVG)
		ok = take_range(t, s);
	else if (!e->htinst && s->is_shared && e->gpa >= s->gpa && e->gpa < s->gpa + s->len)
		ok = map_range(t, s);
	else
		return false;
	t->stop = !ok;
	return true;
}

static bool share_range(struct tvm *t, struct share_story *s, unsigned long pa)
{
	if (!build(t, 1, GUEST_ARG(G_LARGE_SHARE, 0)) || ZERO(t, pa, COVE_PAGE_2M, 3, FAR_BASE))
		return false;
	s->conf = pa + (s->gpa - FAR_BASE);
	s->shared = pages_alloc(s->len / PAGE, 512);
	t->in[0] = s->gpa;
	t->in[1] = s->len;
	t->hook = share_hook;
	t->arg = s;
	return tvm_serve(t, 0) == WHY_DONE;
}

static void share(unsigned long gpa, unsigned long len, unsigned long type)
{
	struct share_story s = { .gpa = gpa, .len = len, .type = type };
	unsigned long pa = large_pages(3);
	struct tvm t;

	REQUIRE(pa && share_range(&t, &s, pa));
	EXPECT(t.mail[4], OK);
	EXPECT(t.mail[6], 0);
	EXPECT(t.mail[7], 0x50494e47);
	EXPECT(t.mail[8], 0x50494e48);
	EXPECT(t.mail[9], 0);
	EXPECT(t.mail[10], OK);
	EXPECT(t.mail[12] | t.mail[13] | t.mail[14] | t.mail[15], 0);
	EXPECT(t.nfault, 2); /* zero pages, after it was taken back */
}

static void share_part(void)
{
	share(FAR_BASE + MEGA + 7 * PAGE, 5 * PAGE, COVE_PAGE_4K);
}

static void share_across(void)
{
	share(FAR_BASE + MEGA - 3 * PAGE, 7 * PAGE, COVE_PAGE_4K);
}

static void share_whole(void)
{
	share(FAR_BASE + MEGA, MEGA, COVE_PAGE_2M);
}

struct job {
	struct tvm *t;
	unsigned int vcpu;
};

static void serve_here(void *arg)
{
	struct job *j = arg;

	tvm_serve(j->t, j->vcpu);
}

/* Every vCPU has left its guest, and there is no round open. */
static bool close_round(struct tvm *t, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		hart_kick(id);
		pause_ticks(20000);
		if (FENCE(t) == OK)
			return true;
	}
	test_fail("the round does not close");
	return false;
}

static void end_spin(struct tvm *t, unsigned int id)
{
	t->stop = true;
	hart_kick(id);
	hart_wait(id);
}

/* A table that a running vCPU may still read is not used for something else. */
static void table_reuse(void)
{
	unsigned long pa = large_pages(1), extra = conf_pages(2, 1), gpa;
	unsigned int id = other_hart(0);
	struct tvm t;
	struct job j = { &t, 0 };
	long rc, after;

	REQUIRE(pa && extra && build(&t, 1, GUEST_ARG(G_SPIN_AT, 0)));
	EXPECT(ZERO(&t, pa, 0, 512, FAR_BASE), OK);
	gpa = drain_tables(&t, FAR_BASE + MEGA);
	t.in[0] = FAR_BASE + 3 * PAGE;
	hart_begin(id, serve_here, &j);
	REQUIRE(tvm_in_guest(&t));
	rc = PROMOTE(&t, FAR_BASE, COVE_PAGE_2M);
	after = ZERO(&t, extra, 0, 1, gpa);
	if (!after)
		test_fail("a table is used again under the eyes of a vCPU");
	if (!rc && close_round(&t, id) && close_round(&t, id))
		rc = ZERO(&t, extra, 0, 1, gpa);
	end_spin(&t, id);
	EXPECT(rc, OK);
	EXPECT(after, E_FAILED);
}

/*
 * vCPU 1 writes to a page in a large one, vCPU 0 shares this page: once the host
 * has it back, nothing is written there any more.
 */
static bool take_from_running(struct tvm *t, unsigned long conf, unsigned long gpa)
{
	unsigned int id = other_hart(0), i;
	long rc;

	CHECK(tvm_in_guest(t), true);
	CHECK(close_round(t, id), true);
	hart_kick(id);
	pause_ticks(400000); /* it is back in its guest, and no round is open */
	CHECK(INVALIDATE(t, gpa, PAGE), OK);
	CHECK(REMOVE(t, gpa, PAGE), E_FAILED); /* no fence */
	for (i = 0, rc = E_FAILED; rc == E_FAILED && i < 1000; i++) {
		(void)FENCE(t);
		rc = REMOVE(t, gpa, PAGE);
		if (rc == E_FAILED) {
			hart_kick(id);
			pause_ticks(20000);
		}
	}
	CHECK(rc, OK);
	CHECK(reclaim(conf, 1), OK);
	for (i = 0; i < 50; i++) {
		pause_ticks(2000);
		CHECK(page_is_zero(conf), true);
	}
	return true;
}

static bool stale_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	const struct share_story *s = t->arg;
	static struct job j;

	if (vcpu) /* faults until the test ends */
		return !e->htinst && e->gpa == s->gpa;
	if (e->scause != CAUSE_VECALL)
		return false;
	if (e->a[7] == EXT_HSM) {
		j = (struct job){ t, 1 };
		hart_begin(other_hart(0), serve_here, &j);
	} else {
		take_from_running(t, s->conf, s->gpa);
		t->stop = true;
	}
	return true;
}

static void stale_tlb(void)
{
	unsigned long pa = large_pages(1);
	struct share_story s = { .conf = pa + 9 * PAGE, .gpa = FAR_BASE + 9 * PAGE };
	struct tvm t;

	REQUIRE(pa && build(&t, 2, GUEST_ARG(G_LARGE_SHARE, 1)));
	EXPECT(ZERO(&t, pa, COVE_PAGE_2M, 1, FAR_BASE), OK);
	t.in[0] = s.gpa;
	t.in[1] = PAGE;
	t.hook = stale_hook;
	t.arg = &s;
	EXPECT(tvm_serve(&t, 0), WHY_STOPPED_BY_TEST);
	end_spin(&t, other_hart(0));
}

const struct test large_tests[] = {
	{ "large_zero", zero, 1 },
	{ "large_errors", errors, 1 },
	{ "large_misaligned", misaligned, 1 },
	{ "large_half_owned", half_owned, 1 },
	{ "large_promote_foreign", promote_foreign, 1 },
	{ "large_promote", promote, 1 },
	{ "large_split", split, 1 },
	{ "large_split_without_tables", split_without_tables, 1 },
	{ "large_measured", measured, 1 },
	{ "large_interrupted", interrupted, 1 },
	{ "large_share_part", share_part, 1 },
	{ "large_share_across", share_across, 1 },
	{ "large_share_whole", share_whole, 1 },
	{ "large_table_reuse", table_reuse, 2 },
	{ "large_stale_tlb", stale_tlb, 2 },
};
DEFINE_TESTS(large);

static bool giga_memory(bool back)
{
	unsigned long pa, n = back ? COVE_MAX_SCRUB_PAGES : COVE_MAX_CONVERT_PAGES;

	for (pa = GIGA_PA; pa < GIGA_PA + GIGA; pa += n * PAGE) {
		long rc = back ? reclaim(pa, n) : convert(pa, n);

		if (rc) {
			test_fail("%lx: %ld", pa, rc);
			return false;
		}
	}
	return back || fence_all();
}

static bool giga_story(struct tvm *t)
{
	unsigned long gpa = FAR_BASE + GIGA, spot = gpa + 300 * MEGA + 77 * PAGE, old = 0, i;

	if (!build(t, 1, GUEST_ARG(G_PEEK, 0)))
		return false;
	CHECK(ZERO(t, GIGA_PA, COVE_PAGE_1G, 1, gpa + MEGA), E_INVALID_ADDRESS);
	CHECK(ZERO(t, GIGA_PA + MEGA, COVE_PAGE_1G, 1, gpa), E_INVALID_ADDRESS);
	CHECK(ZERO(t, GIGA_PA, COVE_PAGE_1G, 1, gpa), OK);
	for (i = 0; i < GIGA; i += 61 * MEGA + 5 * PAGE) {
		CHECK(peek(t, gpa + i, i + 1, &old), true);
		CHECK(old, 0);
	}
	CHECK(t->nfault, 0);
	CHECK(probe_ld(GIGA_PA + GIGA / 2), 5);
	CHECK(INVALIDATE(t, spot, PAGE), OK);
	CHECK(peek(t, spot + PAGE, 5, &old), true);
	CHECK(peek(t, spot - PAGE, 6, &old), true);
	CHECK(t->nfault, 0);
	CHECK(VALIDATE(t, spot, PAGE), OK);
	CHECK(PROMOTE(t, gpa, COVE_PAGE_1G), E_INVALID_ADDRESS);
	CHECK(PROMOTE(t, spot & -MEGA, COVE_PAGE_2M), OK);
	CHECK(PROMOTE(t, gpa, COVE_PAGE_1G), OK);
	CHECK(INVALIDATE(t, gpa, GIGA), OK);
	CHECK(VALIDATE(t, gpa, GIGA), OK);
	for (i = 0; i < GIGA; i += 61 * MEGA + 5 * PAGE) {
		CHECK(peek(t, gpa + i, 0, &old), true);
		CHECK(old, i + 1);
	}
	CHECK(t->nfault, 0);
	CHECK(tvm_destroy(t), OK);
	return true;
}

/* 1 GiB in one leaf, in pieces, and in one again. Needs RAM at GIGA_PA. */
static void giga_page(void)
{
	struct tvm t;
	bool ok;

	page_fill(GIGA_PA + GIGA / 2, ~0UL);
	page_fill(GIGA_PA + GIGA - PAGE, ~0UL);
	REQUIRE(giga_memory(false));
	ok = giga_story(&t);
	tvm_destroy_all();
	REQUIRE(giga_memory(true) && ok);
}

const struct test giga_tests[] = {
	{ "giga_page", giga_page, 1 },
};
DEFINE_TESTS(giga);
