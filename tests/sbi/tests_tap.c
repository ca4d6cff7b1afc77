// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Local attestation: whom a TAP gives its secret to. Its author knows what evidence says of
 * the platform's key; the host has the TAP, and does with it what it likes.
 */
#include "cut.h"
#include "keys.h"
#include "remote.h"
#include "seal_env.h"
#include "vm.h"
#include "../unit/tap_key.h"

#define KEY	  (GUEST_HEAP + 4 * PAGE)
#define CHALLENGE (GUEST_HEAP + 5 * PAGE)
#define BUF	  (GUEST_HEAP + 6 * PAGE)
#define OUT	  (GUEST_HEAP + 16 * PAGE) /* shared */
#define OUT_PAGES 2UL
#define FRESH	  (GUEST_HEAP + 24 * PAGE) /* confidential, no page yet */
#define END	  (GUEST_BASE + GUEST_SIZE)
#define ENTRY_ARG (GUEST_ARG(G_REMOTE, 0) | G_ADD_MMIO)
#define VM_TAP	  (GUEST_BASE + 0x1a0ff0UL) /* over the end of a page */
#define CUT_TAP	  (GUEST_BASE + 0x1a0fe0UL) /* its lockbox is in the second page */
#define MOVES	  1500U
#define SECRET	  "only this TVM gets it!!" /* three words */
#define WORDS	  (sizeof(SECRET) / 8)

/**
 * struct sealed - a TVM that is not finalized, and a TAP for it
 * @tap: where the host has it, @len bytes
 */
struct sealed {
	struct remote r;
	struct seal_request req;
	uint8_t *tap;
	int len;
};

static uint8_t platform_key[SEAL_POINT_LEN];
static uint8_t usual[SEAL_REGISTERS][SEAL_HASH_LEN]; /* registers of unfinished() finalized */

static long set_tap(const struct sealed *s, unsigned long pa, unsigned long len)
{
	return sbi6(SBI_EXT_COVESBI, SBI_COVESBI_SET_TAP, s->r.t.gid, pa, len, 0).error;
}

static long give(const struct sealed *s)
{
	return set_tap(s, (unsigned long)s->tap, (unsigned long)s->len);
}

static bool unfinished(struct remote *r)
{
	memset(r, 0, sizeof(*r));
	return tvm_create(&r->t, 0) && tvm_region(&r->t) && tvm_pt(&r->t, 8) &&
	       tvm_vcpus(&r->t, 1) && tvm_image(&r->t);
}

static long finalize(struct remote *r)
{
	return tvm_finalize(&r->t, ENTRY_ARG);
}

/* Pages of zeros, which a promoted guest has not, are populated on the way. */
static bool settle(struct remote *r, struct texit e)
{
	while (e.scause == CAUSE_VECALL ||
	       ((e.scause == CAUSE_GSTORE || e.scause == CAUSE_GLOAD) && e.gpa >= GUEST_BASE)) {
		if (e.scause != CAUSE_VECALL && !remote_populate(r, e.gpa & ~(PAGE - 1), 1))
			break;
		e = remote_run(r, 0);
	}
	if (e.scause != REMOTE_IDLE)
		test_fail("the guest does not go on: error %ld scause %lx", e.error, e.scause);
	return e.scause == REMOTE_IDLE;
}

static bool start(struct remote *r)
{
	return settle(r, remote_run(r, 0));
}

static void registers_of(unsigned long gid, uint8_t reg[SEAL_REGISTERS][SEAL_HASH_LEN])
{
	unsigned int i;

	for (i = 0; i < SEAL_REGISTERS; i++)
		if (sbi6(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, gid, i,
			 (unsigned long)reg[i], SEAL_HASH_LEN)
			    .error)
			test_fail("register %u cannot be read", i);
}

/* Once in a boot: the platform's TAP key, as evidence of a TVM has it */
static bool learn(void)
{
	unsigned long out = pages_alloc(OUT_PAGES, 1), i, word;
	struct remote r;

	if (platform_key[0])
		return true;
	if (!unfinished(&r) || finalize(&r) || !start(&r) || !remote_populate(&r, KEY, 2) ||
	    !remote_shared(&r, OUT, OUT_PAGES, out))
		return false;
	for (i = 0; i < sizeof(key_p384); i += 8) {
		word = 0;
		memcpy(&word, key_p384 + i, sizeof(key_p384) - i < 8 ? sizeof(key_p384) - i : 8);
		if (!remote_write(&r, KEY + i, word))
			return false;
	}
	remote_do(&r, R_CALL, KEY, sizeof(key_p384), CHALLENGE, COVE_CERT_CBOR, OUT,
		  OUT_PAGES * PAGE, SBI_COVG_GET_EVIDENCE, SBI_EXT_COVG);
	registers_of(r.t.gid, usual);
	if (r.out[0][0] || !tap_key_point((uint8_t *)out, r.out[0][1], platform_key)) {
		test_fail("no TAP key: error %ld", (long)r.out[0][0]);
		return false;
	}
	return !tvm_destroy(&r.t);
}

static void request(struct seal_request *req)
{
	memset(req, 0, sizeof(*req));
	req->platforms = 1;
	memcpy(req->point[0], platform_key, sizeof(platform_key));
	req->flags = COVE_TAP_F_DEBUG; /* the development root is */
	seal_id(req);
	req->registers = 0x3f;
	memcpy(req->value, usual, sizeof(usual));
	req->secret = (const uint8_t *)SECRET;
	req->secret_len = sizeof(SECRET);
}

static bool reseal(struct sealed *s)
{
	s->len = seal(&s->req, s->tap);
	return s->len > 0;
}

static bool build(struct sealed *s)
{
	s->tap = (uint8_t *)pages_alloc(1, 1);
	if (!learn() || !unfinished(&s->r))
		return false;
	request(&s->req);
	return reseal(s);
}

static bool again(struct sealed *s)
{
	return !tvm_destroy(&s->r.t) && unfinished(&s->r);
}

#define RETRIEVE(r, gpa, len) \
	remote_do(r, R_CALL, gpa, len, 0, 0, 0, 0, SBI_COVG_RETRIEVE_SECRET, SBI_EXT_COVG)

static bool has_secret(struct remote *r)
{
	unsigned long expected[WORDS + 1] = { 0 }, i, word;
	struct texit e;

	memcpy(expected, SECRET, sizeof(SECRET));
	e = RETRIEVE(r, BUF, PAGE);
	if (e.scause != REMOTE_IDLE || r->out[0][0] || r->out[0][1] != sizeof(SECRET)) {
		test_fail("retrieve_secret: scause %lx error %ld value %lu", e.scause,
			  (long)r->out[0][0], r->out[0][1]);
		return false;
	}
	for (i = 0; i <= WORDS; i++) {
		if (!remote_read(r, BUF + 8 * i, &word) || word != expected[i]) {
			test_fail("word %lu of the secret: %lx", i, word);
			return false;
		}
	}
	return true;
}

static void refused(struct sealed *s, const char *what)
{
	long rc = finalize(&s->r);

	if (rc != COVE_ERR_AUTH)
		test_fail("%s: finalize_tvm: %ld", what, rc);
	if (covh(SBI_COVH_RUN_TVM_VCPU, s->r.t.gid, 0) != E_INVALID_PARAM)
		test_fail("%s: it runs", what);
	if (!again(s))
		test_fail("%s: destroy_tvm", what);
}

static void released(void)
{
	struct sealed s;

	REQUIRE(build(&s));
	EXPECT(give(&s), OK);
	memset(s.tap, 0, PAGE);
	EXPECT(finalize(&s.r), OK);
	REQUIRE(start(&s.r) && remote_populate(&s.r, BUF, 1));
	REQUIRE(has_secret(&s.r));
	REQUIRE(has_secret(&s.r));
}

static void retrieve_errors(void)
{
	const struct {
		unsigned long gpa, len;
		long error;
	} bad[] = {
		{ BUF + 8, 256, E_INVALID_ADDRESS },
		{ END, PAGE, E_INVALID_ADDRESS },
		{ MAIL_BASE, PAGE, E_INVALID_ADDRESS },
		{ 0, PAGE, E_INVALID_ADDRESS },
		{ ~0xfffUL, PAGE, E_INVALID_ADDRESS },
		{ OUT, PAGE, E_INVALID_ADDRESS },
		{ BUF, 0, E_INVALID_PARAM },
		{ BUF, PAGE + 1, E_INVALID_PARAM },
		{ BUF, ~0UL, E_INVALID_PARAM },
	};
	unsigned long out, i;
	struct sealed s;

	REQUIRE(build(&s));
	out = pages_alloc(1, 1);
	EXPECT(give(&s), OK);
	EXPECT(finalize(&s.r), OK);
	REQUIRE(start(&s.r) && remote_populate(&s.r, BUF, 1) && remote_shared(&s.r, OUT, 1, out));
	page_fill(out, 0x77);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT(RETRIEVE(&s.r, bad[i].gpa, bad[i].len).scause, REMOTE_IDLE);
		EXPECT(s.r.out[0][0], bad[i].error);
		EXPECT(s.r.out[0][1], 0);
	}
	EXPECT_TRUE(page_is(out, 0x77)); /* the host would see it there */
	EXPECT(RETRIEVE(&s.r, BUF, sizeof(SECRET) - 1).scause, REMOTE_IDLE);
	EXPECT(s.r.out[0][0], E_INVALID_PARAM);
	EXPECT(s.r.out[0][1], sizeof(SECRET));
	EXPECT(RETRIEVE(&s.r, FRESH, PAGE).scause, CAUSE_GSTORE);
	REQUIRE(remote_populate(&s.r, FRESH, 1));
	EXPECT(remote_run(&s.r, 0).scause, REMOTE_IDLE);
	EXPECT(s.r.out[0][0], OK);
	REQUIRE(has_secret(&s.r));
}

static void without(void)
{
	unsigned long word;
	struct sealed s;

	REQUIRE(build(&s));
	EXPECT(finalize(&s.r), OK);
	EXPECT(give(&s), E_INVALID_PARAM);
	REQUIRE(start(&s.r) && remote_populate(&s.r, BUF, 1));
	EXPECT(RETRIEVE(&s.r, BUF, PAGE).scause, REMOTE_IDLE);
	EXPECT(s.r.out[0][0], COVE_ERR_AUTH);
	REQUIRE(remote_read(&s.r, BUF, &word));
	EXPECT(word, 0);
}

/* Another TVM: another argument, another page, one more vCPU, another register in the TAP */
static void other_tvm(void)
{
	unsigned long page = pages_alloc(1, 1);
	struct sealed s;
	unsigned int i;

	REQUIRE(build(&s));
	EXPECT(give(&s), OK);
	EXPECT(tvm_finalize(&s.r.t, GUEST_ARG(G_REMOTE, 1)), COVE_ERR_AUTH);
	REQUIRE(again(&s));
	EXPECT(give(&s), OK);
	page_fill(page, 1);
	EXPECT(covh(SBI_COVH_ADD_TVM_MEASURED_PAGES, s.r.t.gid, page, tvm_pages(&s.r.t, 1, 1),
		    COVE_PAGE_4K, 1, FRESH),
	       OK);
	refused(&s, "one more page");
	for (i = 0; i < SEAL_REGISTERS; i++) {
		request(&s.req);
		s.req.value[i][47] ^= 1;
		REQUIRE(reseal(&s));
		EXPECT(give(&s), OK);
		refused(&s, "another register");
	}
	request(&s.req);
	REQUIRE(reseal(&s));
	EXPECT(give(&s), OK);
	EXPECT(finalize(&s.r), OK);
}

static void other_platform(void)
{
	struct sealed s;

	REQUIRE(build(&s));
	memcpy(s.req.point[0] + 1, key_p384 + 8, 48);
	memcpy(s.req.point[0] + 49, key_p384 + 59, 48);
	REQUIRE(reseal(&s));
	EXPECT(give(&s), COVE_ERR_AUTH);
	s.req.platforms = 2; /* one of two is this one */
	memcpy(s.req.point[1], platform_key, sizeof(platform_key));
	REQUIRE(reseal(&s));
	EXPECT(give(&s), OK);
	EXPECT(finalize(&s.r), OK);
}

static void debug_platform(void)
{
	struct sealed s;

	REQUIRE(build(&s));
	s.req.flags = 0;
	REQUIRE(reseal(&s));
	EXPECT(give(&s), OK);
	refused(&s, "a development root");
}

/* A bit in each part; the unit test has every byte. */
static void corrupted(void)
{
	struct sealed s;
	int i;

	REQUIRE(build(&s));
	for (i = 0; i < s.len; i += 29) {
		long rc;

		s.tap[i] ^= 1;
		rc = give(&s);
		if (rc != E_INVALID_PARAM && rc != COVE_ERR_AUTH)
			test_fail("byte %d: %ld", i, rc);
		s.tap[i] ^= 1;
		REQUIRE(!test_failed());
	}
	EXPECT(set_tap(&s, (unsigned long)s.tap, (unsigned long)s.len - 1), E_INVALID_PARAM);
	EXPECT(set_tap(&s, (unsigned long)s.tap, 15), E_INVALID_PARAM);
	EXPECT(give(&s), OK);
}

/* What set_tap reads must be the host's. */
static void source(void)
{
	struct sealed s;

	REQUIRE(build(&s));
	EXPECT(set_tap(&s, 0x80000000UL, (unsigned long)s.len), E_INVALID_ADDRESS);
	EXPECT(set_tap(&s, s.r.t.chunk, (unsigned long)s.len), E_INVALID_ADDRESS);
	EXPECT(set_tap(&s, s.r.t.chunk - 8, (unsigned long)s.len), E_INVALID_ADDRESS);
	EXPECT(set_tap(&s, (unsigned long)s.tap + 4, (unsigned long)s.len), E_INVALID_ADDRESS);
	EXPECT(set_tap(&s, 0x10000000UL, (unsigned long)s.len), E_INVALID_ADDRESS);
	EXPECT(set_tap(&s, ~7UL, (unsigned long)s.len), E_INVALID_ADDRESS);
	EXPECT(set_tap(&s, (unsigned long)s.tap, 0), E_INVALID_PARAM);
	EXPECT(set_tap(&s, (unsigned long)s.tap, PAGE + 1), E_INVALID_PARAM);
	EXPECT(set_tap(&s, (unsigned long)s.tap, ~0UL), E_INVALID_PARAM);
	EXPECT(give(&s), OK);
	EXPECT(give(&s), E_ALREADY_AVAILABLE);
}

static void once(void)
{
	struct sealed s;

	REQUIRE(build(&s));
	s.req.flags |= COVE_TAP_F_ONCE;
	REQUIRE(reseal(&s));
	EXPECT(give(&s), OK);
	EXPECT(finalize(&s.r), OK);
	REQUIRE(again(&s));
	EXPECT(give(&s), OK);
	refused(&s, "for the second time");
}

/* The host changes the TAP while the monitor opens it: what counts is its copy. */
static void scribble(void *arg)
{
	struct sealed *s = arg;
	volatile uint8_t *p = s->tap;
	volatile unsigned long *stop = &s->r.out[1][0];

	while (!*stop) {
		p[20] ^= 1;
		p[200] ^= 1;
	}
}

static void changes(void)
{
	unsigned int i, taken = 0;
	static struct sealed s;
	long rc;

	REQUIRE(build(&s));
	for (i = 0; i < 8; i++) {
		s.r.out[1][0] = 0;
		hart_begin(other_hart(0), scribble, &s);
		rc = give(&s);
		s.r.out[1][0] = 1;
		REQUIRE(hart_wait(other_hart(0)));
		EXPECT_TRUE(rc == OK || rc == COVE_ERR_AUTH);
		if (!rc) {
			taken++;
			EXPECT(finalize(&s.r), OK);
			REQUIRE(again(&s));
		}
		REQUIRE(reseal(&s));
	}
	print("# %u of %u taken\n", taken, i);
}

/* The TAP is left when interrupts have ended @steps steps. True: it is open by then. */
static bool open_partly(const struct sealed *s, unsigned int steps)
{
	const unsigned long regs[8] = {
		s->r.t.gid, (unsigned long)s->tap, (unsigned long)s->len, 0, 0,
		0,	    SBI_COVESBI_SET_TAP,   SBI_EXT_COVESBI
	};
	unsigned long how = 1;
	long rc = 0;

	csr_write(sie, SIP_STIP);
	while (how && steps--) {
		timer_set(csr_read(time) + 500);
		rc = ecall_or_interrupt(regs, &how);
		timer_set(~0UL);
	}
	csr_write(sie, 0);
	return !how && !rc;
}

/* In the middle of it the host makes the call with another TAP; then it has the first one again. */
static void opening(void)
{
	unsigned long other = pages_alloc(1, 1);
	unsigned int i, left = 0;
	struct sealed s;
	long rc;

	REQUIRE(build(&s));
	memcpy((void *)other, s.tap, (unsigned long)s.len);
	*(uint8_t *)(other + (unsigned long)s.len - 1) ^= 1; /* of the tag */
	for (i = 1; i < 40; i += 3) {
		open_partly(&s, i);
		rc = finalize(&s.r);
		if (!rc) { /* not begun, or all done */
			REQUIRE(again(&s));
			continue;
		}
		left++;
		EXPECT(rc, E_INVALID_PARAM);
		EXPECT(set_tap(&s, other, (unsigned long)s.len), COVE_ERR_AUTH);
		if (!open_partly(&s, 2))
			EXPECT(give(&s), OK);
		REQUIRE(again(&s));
	}
	EXPECT_TRUE(left);
	EXPECT(give(&s), OK);
	EXPECT(finalize(&s.r), OK);
	REQUIRE(start(&s.r) && remote_populate(&s.r, BUF, 1));
	REQUIRE(has_secret(&s.r));
}

static struct sbiret promote(void)
{
	return sbi6(SBI_EXT_COVH, SBI_COVH_PROMOTE_TO_TVM, VM_TREE, VM_TAP, GUEST_BASE, 0);
}

static bool nothing_happened(const char *what)
{
	struct covesbi_stats st;

	get_stats(&st);
	if (!st.tvms && !st.pages_tvm)
		return true;
	test_fail("%s: %lu TVMs, %lu pages of them", what, st.tvms, st.pages_tvm);
	return false;
}

/* The VM's pages that the TAP touches are not the TVM's, so they need not be known before. */
static void promoted(void)
{
	struct sealed s;
	struct sbiret r;
	struct vm v;

	REQUIRE(learn() && vm_make(&v));
	*nacl_word(NACL_GPR_OFFSET(11)) = GUEST_ARG(G_REMOTE, 0);
	r = vm_promote();
	EXPECT(r.error, OK);
	request(&s.req);
	registers_of(r.value, s.req.value);
	EXPECT(covh(SBI_COVH_DESTROY_TVM, r.value), OK);
	s.tap = vm_at(&v, VM_TAP);
	REQUIRE(reseal(&s));
	s.tap[s.len - 1] ^= 1;
	EXPECT(promote().error, COVE_ERR_AUTH);
	s.tap[s.len - 1] ^= 1;
	s.tap[6]++;
	EXPECT(promote().error, COVE_ERR_AUTH);
	s.tap[6]--;
	s.tap[0]++;
	EXPECT(promote().error, COVE_ERR_AUTH);
	s.tap[0]--;
	*vm_at(&v, GUEST_BASE + 0x1ff000) = 1;
	EXPECT(promote().error, COVE_ERR_AUTH);
	*vm_at(&v, GUEST_BASE + 0x1ff000) = 0;
	v.leaves[(VM_TAP - GUEST_BASE) / PAGE + 1] = 0;
	EXPECT(promote().error, E_INVALID_ADDRESS);
	v.leaves[(VM_TAP - GUEST_BASE) / PAGE + 1] = vm_pte(v.pool, VM_LEAF);
	EXPECT(promote().error, E_INVALID_ADDRESS);
	v.leaves[(VM_TAP - GUEST_BASE) / PAGE + 1] =
		vm_pte(v.ram + VM_TAP - GUEST_BASE + 0x10, VM_LEAF);
	REQUIRE(nothing_happened("refused"));
	r = promote();
	EXPECT(r.error, OK);
	memset(&s.r, 0, sizeof(s.r));
	vm_adopt(&s.r.t, &v, r.value);
	REQUIRE(start(&s.r));
	REQUIRE(settle(&s.r, RETRIEVE(&s.r, BUF, PAGE)));
	REQUIRE(remote_do(&s.r, R_LOAD, VM_TAP, LOAD_LD).scause == CAUSE_GLOAD); /* not there */
	REQUIRE(remote_populate(&s.r, VM_TAP & ~0xfffUL, 1));
	EXPECT(remote_run(&s.r, 0).scause, REMOTE_IDLE);
	EXPECT(s.r.out[0][0], 0);
	REQUIRE(has_secret(&s.r));
}

/*
 * A VM with a TAP that would be for it, but that its second page names another platform; where it
 * does not is @m->theirs.
 */
static bool vm_with_tap(struct vm *v, struct moving *m)
{
	const unsigned long at = (CUT_TAP - GUEST_BASE) / PAGE + 1;
	struct sealed s;
	struct sbiret r;

	if (!vm_make(v))
		return false;
	r = vm_promote();
	if (r.error)
		return false;
	request(&s.req);
	registers_of(r.value, s.req.value);
	s.tap = vm_at(v, CUT_TAP);
	if (!reseal(&s) || covh(SBI_COVH_DESTROY_TVM, r.value))
		return false;
	m->leaves = v->leaves + at;
	m->same = v->ram + at * PAGE;
	m->theirs = pages_alloc(1, 1);
	memcpy((void *)m->theirs, (void *)m->same, PAGE);
	*(uint8_t *)m->same ^= 1;
	return true;
}

/*
 * The TAP that is read is the VM's, wherever its pages are: whether one with something of another
 * TVM is good would tell what that holds.
 */
static void promoted_moves(void)
{
	struct moving m = { .count = 1,
			    .regs = { VM_TREE, CUT_TAP, GUEST_BASE, 0, 0, 0,
				      SBI_COVH_PROMOTE_TO_TVM, SBI_EXT_COVH } };
	unsigned int i;
	struct tvm t;
	struct vm v;
	long rc;

	random_begin("tap_promoted_moves");
	REQUIRE(learn() && tvm_create(&t, 0) && tvm_region(&t) && tvm_pt(&t, 8));
	REQUIRE(vm_with_tap(&v, &m));
	m.t = &t;
	for (i = 0; i < 2; i++) { /* for the first time it takes longer */
		m.ticks = csr_read(time);
		EXPECT(sbi_call(SBI_EXT_COVH, SBI_COVH_PROMOTE_TO_TVM, m.regs).error,
		       COVE_ERR_AUTH);
		m.ticks = csr_read(time) - m.ticks;
	}
	m.at = pages_alloc(MOVES, 1);
	for (i = 0; i < MOVES && m.moves < GUEST_SIZE / PAGE && !test_failed(); i++) {
		rc = cut_and_move(&m);
		if (!rc)
			test_fail("the TAP that was read is in pages of another TVM");
		else
			EXPECT(rc, COVE_ERR_AUTH);
	}
	EXPECT_TRUE(m.moves);
	print("# pages moved %lu times\n", m.moves);
}

const struct test tap_tests[] = {
	{ "tap_released", released, 1 },
	{ "tap_retrieve_errors", retrieve_errors, 1 },
	{ "tap_without", without, 1 },
	{ "tap_other_tvm", other_tvm, 1 },
	{ "tap_other_platform", other_platform, 1 },
	{ "tap_debug_platform", debug_platform, 1 },
	{ "tap_corrupted", corrupted, 1 },
	{ "tap_source", source, 1 },
	{ "tap_once", once, 1 },
	{ "tap_changes", changes, 2 },
	{ "tap_opening", opening, 1 },
	{ "tap_promoted", promoted, 1 },
	{ "tap_promoted_moves", promoted_moves, 1 },
};
DEFINE_TESTS(tap);
