// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * COVG get_evidence: what it refuses, and what the host, the guest's other vCPUs
 * and interrupts can do while it is made. Whether evidence is right, programs
 * beside decide (tests/attest): with the boot argument "dump" it is printed.
 */
#include "keys.h"
#include "remote.h"

#define KEY			(GUEST_HEAP + 4 * PAGE)
#define CHALLENGE		(GUEST_HEAP + 5 * PAGE)
#define OTHER			(GUEST_HEAP + 6 * PAGE) /* another challenge */
#define OUT			(GUEST_HEAP + 16 * PAGE) /* shared: what is written there the host sees */
#define OUT_PAGES		2UL
#define OUT_LEN			(OUT_PAGES * PAGE)
#define FRESH			(GUEST_HEAP + 24 * PAGE) /* confidential, no page yet */
#define END			(GUEST_BASE + GUEST_SIZE)
#define UNTOUCHED		0x7777777777777777UL
#define SLICE			1000UL /* ticks: a call takes many of them */
#define SLICES			40U    /* after so many it has begun */
#define TRIES			10U
#define SYSTEM_FAILURE		1UL
#define CHALLENGE_BYTE(i, seed) ((uint8_t)((i)*5 + (seed)))

/**
 * struct asker - a guest that asks for evidence
 * @out: pages of the host's, where the evidence comes
 */
struct asker {
	struct remote r;
	unsigned long out;
};

typedef unsigned long args_t[REMOTE_ARGS];

#define ARGS(key_len, challenge, format, out, out_len)                                         \
	((const args_t){ KEY, key_len, challenge, format, out, out_len, SBI_COVG_GET_EVIDENCE, \
			 SBI_EXT_COVG })
#define USUAL(challenge, format) ARGS(sizeof(key_p384), challenge, format, OUT, OUT_LEN)

static bool write_bytes(struct remote *r, unsigned long gpa, const uint8_t *data, unsigned long len)
{
	unsigned long i, word;

	for (i = 0; i < len; i += 8) {
		word = 0;
		memcpy(&word, data + i, len - i < 8 ? len - i : 8);
		if (!remote_write(r, gpa + i, word))
			return false;
	}
	return true;
}

static bool write_challenge(struct remote *r, unsigned long gpa, unsigned int seed)
{
	uint8_t challenge[COVE_CHALLENGE_LEN];
	unsigned int i;

	for (i = 0; i < sizeof(challenge); i++)
		challenge[i] = CHALLENGE_BYTE(i, seed);
	return write_bytes(r, gpa, challenge, sizeof(challenge));
}

static void clear_out(struct asker *q)
{
	unsigned long i;

	for (i = 0; i < OUT_PAGES; i++)
		page_fill(q->out + i * PAGE, UNTOUCHED);
}

static bool untouched(const struct asker *q)
{
	unsigned long i;

	for (i = 0; i < OUT_PAGES; i++)
		if (!page_is(q->out + i * PAGE, UNTOUCHED))
			return false;
	return true;
}

/* A guest with @nvcpus, a key and two challenges. */
static bool build(struct asker *q, unsigned int nvcpus)
{
	struct remote *r = &q->r;

	q->out = pages_alloc(OUT_PAGES, 1);
	if (!remote_build(r, nvcpus) || !remote_populate(r, KEY, 3) ||
	    !remote_shared(r, OUT, OUT_PAGES, q->out) ||
	    !write_bytes(r, KEY, key_p384, sizeof(key_p384)) || !write_challenge(r, CHALLENGE, 1) ||
	    !write_challenge(r, OTHER, 2))
		return false;
	clear_out(q);
	return nvcpus == 1 || remote_second(r);
}

/* Until the guest has its answer; the host's timer may interrupt it as often as it likes. */
static struct texit finish_call(struct remote *r, unsigned int vcpu)
{
	struct texit e;
	unsigned int i = 0;

	do {
		timer_set(~0UL);
		e = remote_run(r, vcpu);
	} while (e.scause == (CAUSE_IRQ | IRQ_S_TIMER) && i++ < 10000);
	return e;
}

/* Evidence for the usual call; its length, 0 after a failure. */
static unsigned long evidence(struct asker *q, const args_t a)
{
	struct texit e = remote_start(&q->r, 0, R_CALL, a);

	if (e.scause == REMOTE_IDLE && !q->r.out[0][0])
		return q->r.out[0][1];
	test_fail("get_evidence: scause %lx error %ld", e.scause, (long)q->r.out[0][0]);
	return 0;
}

static void refused(struct asker *q, long error, const args_t a, const char *what)
{
	struct texit e = remote_start(&q->r, 0, R_CALL, a);

	if (e.scause != REMOTE_IDLE || (long)q->r.out[0][0] != error || q->r.out[0][1])
		test_fail("%s: scause %lx error %ld value %lx", what, e.scause,
			  (long)q->r.out[0][0], q->r.out[0][1]);
	if (!untouched(q))
		test_fail("%s: something is written", what);
}

/* Does another vCPU's call have to wait? It would fail otherwise, for its buffer is too small. */
static bool is_busy(struct asker *q, unsigned int vcpu)
{
	struct texit e = remote_start(&q->r, vcpu, R_CALL,
				      ARGS(sizeof(key_p384), OTHER, COVE_CERT_CBOR, OUT, 8));

	return e.scause == REMOTE_IDLE && (long)q->r.out[vcpu][0] == COVE_ERR_BUSY;
}

/* In slices, until the call has begun; false: it is over, or it does not keep others out. */
static bool begin_call(struct asker *q, unsigned int vcpu, const args_t a)
{
	struct remote *r = &q->r;
	unsigned int i;
	struct texit e;

	r->cmd[vcpu][0] = R_CALL;
	memcpy(&r->cmd[vcpu][1], a, sizeof(args_t));
	memset(r->out[vcpu], 0xa5, sizeof(r->out[vcpu]));
	answer(R_CALL, 0);
	for (i = 0; i < SLICES; i++) {
		csr_write(sie, SIP_STIP);
		timer_set(csr_read(time) + SLICE);
		e = remote_run(r, vcpu);
		timer_set(~0UL);
		csr_write(sie, 0);
		if (e.scause != (CAUSE_IRQ | IRQ_S_TIMER))
			return false;
		if (is_busy(q, !vcpu))
			return true;
	}
	finish_call(r, vcpu);
	return false;
}

/*
 * vCPU @vcpu begins the call @a and is left in the middle of it: the host's
 * timer ends its runs. The other vCPU sees that it has begun.
 */
static bool midway(struct asker *q, unsigned int vcpu, const args_t a)
{
	unsigned int i;

	for (i = 0; i < TRIES; i++) {
		if (begin_call(q, vcpu, a))
			return true;
		clear_out(q);
	}
	test_fail("vCPU %u cannot be stopped in its call: error %ld", vcpu,
		  (long)q->r.out[vcpu][0]);
	return false;
}

static void dump(const char *name, const void *data, unsigned long len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;
	char line[65];
	unsigned long i, n;

	if (!option_value("dump"))
		return;
	for (; len; p += n, len -= n) {
		n = len < 32 ? len : 32;
		for (i = 0; i < n; i++) {
			line[2 * i] = digits[p[i] >> 4];
			line[2 * i + 1] = digits[p[i] & 15];
		}
		line[2 * n] = 0;
		print("dump %s %s\n", name, line);
	}
}

/* What evidence must say: challenge, key, and registers as the host reads them */
static void dump_inputs(struct asker *q, const char *nonce, const char *registers)
{
	uint8_t challenge[COVE_CHALLENGE_LEN];
	uint8_t reg[COVE_HASH_LEN];
	unsigned long i;

	for (i = 0; i < sizeof(challenge); i++)
		challenge[i] = CHALLENGE_BYTE(i, 1);
	dump(nonce, challenge, sizeof(challenge));
	for (i = 0; i < COVE_MSMT_INITIAL; i++) {
		sbi6(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, q->r.t.gid, i,
		     (unsigned long)reg, COVE_HASH_LEN);
		dump(registers, reg, COVE_HASH_LEN);
	}
}

static void formats(void)
{
	unsigned long len, again;
	static uint8_t first[OUT_LEN];
	struct asker q;

	REQUIRE(build(&q, 1));
	len = evidence(&q, USUAL(CHALLENGE, COVE_CERT_CBOR));
	EXPECT_TRUE(len > 1024 && len <= COVE_MAX_CERTIFICATE);
	dump("a.cbor", (void *)q.out, len);
	memcpy(first, (void *)q.out, len);
	EXPECT(*(uint8_t *)(q.out + len), 0x77); /* nothing behind it */
	clear_out(&q);
	again = evidence(&q, USUAL(CHALLENGE, COVE_CERT_CBOR));
	EXPECT(again, len);
	EXPECT(memcmp(first, (void *)q.out, len), 0); /* no randomness */
	clear_out(&q);
	len = evidence(&q, USUAL(OTHER, COVE_CERT_CBOR));
	EXPECT(again, len);
	EXPECT_TRUE(memcmp(first, (void *)q.out, len));
	clear_out(&q);
	len = evidence(&q, USUAL(CHALLENGE, COVE_CERT_X509));
	EXPECT_TRUE(len > 1024 && len <= COVE_MAX_CERTIFICATE);
	dump("a.der", (void *)q.out, len);
	dump_inputs(&q, "a.nonce", "a.registers");
}

/* The same, signed with Ed25519 */
static void ed25519(void)
{
	static uint8_t first[OUT_LEN];
	unsigned long len, usual;
	struct asker q;

	REQUIRE(build(&q, 1));
	usual = evidence(&q, USUAL(CHALLENGE, COVE_CERT_CBOR));
	clear_out(&q);
	len = evidence(&q, USUAL(CHALLENGE, COVE_CERT_CBOR_ED25519));
	EXPECT_TRUE(len > 1024 && len < usual);
	dump("e.cbor", (void *)q.out, len);
	memcpy(first, (void *)q.out, len);
	EXPECT(*(uint8_t *)(q.out + len), 0x77);
	clear_out(&q);
	EXPECT(evidence(&q, USUAL(CHALLENGE, COVE_CERT_CBOR_ED25519)), len);
	EXPECT(memcmp(first, (void *)q.out, len), 0);
	clear_out(&q);
	refused(&q, E_INVALID_PARAM, USUAL(CHALLENGE, COVE_CERT_CBOR_ED25519 | COVE_CERT_CBOR),
		"both signatures");
	clear_out(&q);
	if (remote_start(&q.r, 0, R_CALL,
			 ARGS(sizeof(key_p384), CHALLENGE, COVE_CERT_CBOR_ED25519, OUT, len - 1))
			    .scause != REMOTE_IDLE ||
	    (long)q.r.out[0][0] != E_INVALID_PARAM || q.r.out[0][1] != len)
		test_fail("too small a buffer: error %ld value %lx", (long)q.r.out[0][0],
			  q.r.out[0][1]);
	EXPECT_TRUE(untouched(&q));
	len = evidence(&q, USUAL(CHALLENGE, COVE_CERT_X509_ED25519));
	EXPECT_TRUE(len > 1024 && len <= COVE_MAX_CERTIFICATE);
	dump("e.der", (void *)q.out, len);
	dump_inputs(&q, "e.nonce", "e.registers");
}

/* Another TVM: with one more page, an identity, and something in a runtime register */
static void another(void)
{
	unsigned long len, page = pages_alloc(1, 1), identity = pages_alloc(1, 1);
	struct asker q;
	struct texit e;
	struct tvm *t = &q.r.t;

	memset(&q, 0, sizeof(q));
	q.out = pages_alloc(OUT_PAGES, 1);
	page_fill(page, 0x1234);
	page_fill(identity, 0x6964656e74697479UL);
	REQUIRE(tvm_create(t, 0) && tvm_region(t) && tvm_pt(t, 8) && tvm_vcpus(t, 1) &&
		tvm_image(t));
	EXPECT(covh(SBI_COVH_ADD_TVM_MEASURED_PAGES, t->gid, page, tvm_pages(t, 1, 1), COVE_PAGE_4K,
		    1, FRESH),
	       OK);
	EXPECT(covh(SBI_COVH_FINALIZE_TVM, t->gid, GUEST_BASE, GUEST_ARG(G_REMOTE, 0) | G_ADD_MMIO,
		    identity),
	       OK);
	e = remote_run(&q.r, 0);
	if (e.scause == CAUSE_VECALL)
		e = remote_run(&q.r, 0);
	EXPECT(e.scause, REMOTE_IDLE);
	REQUIRE(remote_populate(&q.r, KEY, 3) && remote_shared(&q.r, OUT, OUT_PAGES, q.out) &&
		write_bytes(&q.r, KEY, key_ed25519, sizeof(key_ed25519)) &&
		write_challenge(&q.r, CHALLENGE, 1));
	e = remote_do(&q.r, R_CALL, CHALLENGE, COVE_HASH_LEN, COVE_MSMT_RUNTIME + 2, 0, 0, 0,
		      SBI_COVG_EXTEND_MEASUREMENT, SBI_EXT_COVG);
	EXPECT(e.scause, REMOTE_IDLE);
	EXPECT(q.r.out[0][0], OK);
	len = evidence(&q, ARGS(sizeof(key_ed25519), CHALLENGE, COVE_CERT_CBOR, OUT, OUT_LEN));
	REQUIRE(len);
	dump("c.cbor", (void *)q.out, len);
	len = evidence(&q, ARGS(sizeof(key_ed25519), CHALLENGE, COVE_CERT_X509, OUT, OUT_LEN));
	REQUIRE(len);
	dump("c.der", (void *)q.out, len);
	dump_inputs(&q, "c.nonce", "c.registers");
	REQUIRE(write_bytes(&q.r, KEY, key_p256, sizeof(key_p256)));
	len = evidence(&q, ARGS(sizeof(key_p256), CHALLENGE, COVE_CERT_X509, OUT, OUT_LEN));
	REQUIRE(len);
	dump("d.der", (void *)q.out, len);
	dump_inputs(&q, "d.nonce", "d.registers");
}

static void argument_errors(void)
{
	unsigned long n = sizeof(key_p384);
	struct asker q;

	REQUIRE(build(&q, 1));
#define BAD(error, ...)                                              \
	do {                                                         \
		refused(&q, error, ARGS(__VA_ARGS__), #__VA_ARGS__); \
		REQUIRE(!test_failed());                             \
	} while (0)
	BAD(E_INVALID_ADDRESS, n, CHALLENGE + 8, COVE_CERT_CBOR, OUT, OUT_LEN);
	BAD(E_INVALID_ADDRESS, n, CHALLENGE, COVE_CERT_CBOR, OUT + 8, OUT_LEN);
	BAD(E_INVALID_ADDRESS, n, OUT, COVE_CERT_CBOR, OUT, OUT_LEN);
	BAD(E_INVALID_ADDRESS, n, MAIL_BASE, COVE_CERT_CBOR, OUT, OUT_LEN);
	BAD(E_INVALID_ADDRESS, n, END, COVE_CERT_CBOR, OUT, OUT_LEN);
	BAD(E_INVALID_ADDRESS, n, ~0xfffUL, COVE_CERT_CBOR, OUT, OUT_LEN);
	BAD(E_INVALID_ADDRESS, n, CHALLENGE, COVE_CERT_CBOR, MAIL_BASE, OUT_LEN);
	BAD(E_INVALID_ADDRESS, n, CHALLENGE, COVE_CERT_CBOR, 0, OUT_LEN);
	BAD(E_INVALID_ADDRESS, n, CHALLENGE, COVE_CERT_CBOR, ~0xfffUL, OUT_LEN);
	BAD(E_INVALID_PARAM, n, CHALLENGE, COVE_CERT_CBOR, END - PAGE, OUT_LEN);
	BAD(E_INVALID_PARAM, n, CHALLENGE, COVE_CERT_CBOR, OUT, ~0UL);
	BAD(E_INVALID_PARAM, n, CHALLENGE, COVE_CERT_CBOR, OUT, 0);
	BAD(E_INVALID_PARAM, n, CHALLENGE, 0, OUT, OUT_LEN);
	BAD(E_INVALID_PARAM, n, CHALLENGE, 3, OUT, OUT_LEN);
	BAD(E_INVALID_PARAM, n, CHALLENGE, 4, OUT, OUT_LEN);
	BAD(E_INVALID_PARAM, n, CHALLENGE, 1UL << 18, OUT, OUT_LEN);
	BAD(E_INVALID_PARAM, n, CHALLENGE, COVE_CERT_CBOR_ED25519 | COVE_CERT_X509, OUT, OUT_LEN);
	BAD(E_INVALID_PARAM, n, CHALLENGE, COVE_CERT_CBOR_ED25519 | COVE_CERT_X509_ED25519, OUT,
	    OUT_LEN);
	BAD(E_INVALID_PARAM, n, CHALLENGE, 1UL << 15, OUT, OUT_LEN);
	BAD(E_INVALID_PARAM, n, CHALLENGE, 1UL << 32 | COVE_CERT_CBOR, OUT, OUT_LEN);
	BAD(E_INVALID_PARAM, 0, CHALLENGE, COVE_CERT_CBOR, OUT, OUT_LEN);
	BAD(E_INVALID_PARAM, COVE_MAX_ATTEST_KEY + 1, CHALLENGE, COVE_CERT_CBOR, OUT, OUT_LEN);
	BAD(E_INVALID_PARAM, ~0UL, CHALLENGE, COVE_CERT_CBOR, OUT, OUT_LEN);
	BAD(E_INVALID_PARAM, n - 1, CHALLENGE, COVE_CERT_CBOR, OUT, OUT_LEN);
	BAD(E_INVALID_PARAM, n + 1, CHALLENGE, COVE_CERT_CBOR, OUT, OUT_LEN);
#undef BAD
	/* the key: where the host could change it */
	refused(&q, E_INVALID_ADDRESS,
		(const args_t){ OUT, n, CHALLENGE, COVE_CERT_CBOR, OUT, OUT_LEN,
				SBI_COVG_GET_EVIDENCE, SBI_EXT_COVG },
		"key in shared memory");
	refused(&q, E_INVALID_ADDRESS,
		(const args_t){ KEY + 8, n, CHALLENGE, COVE_CERT_CBOR, OUT, OUT_LEN,
				SBI_COVG_GET_EVIDENCE, SBI_EXT_COVG },
		"key not aligned");
	REQUIRE(!test_failed());
	REQUIRE(evidence(&q, USUAL(CHALLENGE, COVE_CERT_CBOR)));
}

/* One byte of a key is another: it is no key any more, or its encoding is not the only one. */
static void key_errors(void)
{
	static const unsigned int at[] = { 0, 1, 2, 3, 4, 5, 6, 7, 56, 57, 58, 70 };
	uint8_t key[sizeof(key_p384)];
	struct asker q;
	unsigned int i;

	REQUIRE(build(&q, 1));
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		memcpy(key, key_p384, sizeof(key));
		key[at[i]] ^= 1;
		REQUIRE(write_bytes(&q.r, KEY, key, sizeof(key)));
		refused(&q, E_INVALID_PARAM, USUAL(CHALLENGE, COVE_CERT_CBOR), "a wrong key");
		if (test_failed()) {
			test_fail("byte %u", at[i]);
			return;
		}
	}
}

static void buffer_too_small(void)
{
	unsigned long len;
	struct asker q;

	REQUIRE(build(&q, 1));
	len = evidence(&q, USUAL(CHALLENGE, COVE_CERT_CBOR));
	REQUIRE(len);
	clear_out(&q);
	EXPECT(remote_start(&q.r, 0, R_CALL,
			    ARGS(sizeof(key_p384), CHALLENGE, COVE_CERT_CBOR, OUT, len - 1))
		       .scause,
	       REMOTE_IDLE);
	EXPECT(q.r.out[0][0], E_INVALID_PARAM);
	EXPECT(q.r.out[0][1], len); /* so much it needs */
	EXPECT_TRUE(untouched(&q));
	EXPECT(evidence(&q, ARGS(sizeof(key_p384), CHALLENGE, COVE_CERT_CBOR, OUT, len)), len);
}

/* Its pages come one by one; it is written when all are there. */
static void output_unpopulated(void)
{
	unsigned long len, value;
	struct asker q;
	struct texit e;

	REQUIRE(build(&q, 2));
	e = remote_start(&q.r, 0, R_CALL,
			 ARGS(sizeof(key_p384), CHALLENGE, COVE_CERT_X509, FRESH, OUT_LEN));
	EXPECT(e.scause, CAUSE_GSTORE);
	EXPECT(e.gpa, FRESH);
	REQUIRE(remote_populate(&q.r, FRESH, 1));
	e = remote_run(&q.r, 0);
	EXPECT(e.scause, CAUSE_GSTORE);
	EXPECT(e.gpa, FRESH + PAGE);
	EXPECT(remote_start(&q.r, 1, R_LOAD, (const args_t){ FRESH, LOAD_LD }).scause, REMOTE_IDLE);
	EXPECT(q.r.out[1][0], 0);
	EXPECT(covh(SBI_COVH_TVM_INVALIDATE_PAGES, q.r.t.gid, FRESH, PAGE), OK);
	REQUIRE(remote_populate(&q.r, FRESH + PAGE, 1));
	e = remote_run(&q.r, 0);
	EXPECT(e.scause, CAUSE_GSTORE); /* that one is gone again */
	EXPECT(e.gpa, FRESH);
	EXPECT(covh(SBI_COVH_TVM_VALIDATE_PAGES, q.r.t.gid, FRESH, PAGE), OK);
	EXPECT(remote_run(&q.r, 0).scause, REMOTE_IDLE);
	EXPECT(q.r.out[0][0], OK);
	len = q.r.out[0][1];
	EXPECT(evidence(&q, USUAL(CHALLENGE, COVE_CERT_X509)), len);
	REQUIRE(remote_read(&q.r, FRESH, &value));
	EXPECT(value, *(unsigned long *)q.out);
	REQUIRE(remote_read(&q.r, FRESH + PAGE, &value));
	EXPECT_TRUE(len >= PAGE + 8);
	EXPECT(value, *(unsigned long *)(q.out + PAGE));
}

/* In the middle of the call: the host runs, the guest's interrupts come, its memory changes. */
static void interrupted(void)
{
	static uint8_t expected[OUT_LEN];
	const args_t ipi = { 1, 0, 0, 0, 0, 0, 0, EXT_IPI };
	struct asker q;
	unsigned long len;

	REQUIRE(build(&q, 2));
	len = evidence(&q, USUAL(CHALLENGE, COVE_CERT_CBOR));
	REQUIRE(len);
	memcpy(expected, (void *)q.out, len);
	clear_out(&q);
	EXPECT(remote_do(&q.r, R_ENABLE, 1UL << IRQ_S_SOFT).scause, REMOTE_IDLE);
	REQUIRE(midway(&q, 0, USUAL(CHALLENGE, COVE_CERT_CBOR)));
	EXPECT_TRUE(untouched(&q));
	EXPECT(remote_start(&q.r, 1, R_STORE, (const args_t){ CHALLENGE, STORE_SD, ~0UL }).scause,
	       REMOTE_IDLE);
	EXPECT(remote_start(&q.r, 1, R_STORE, (const args_t){ KEY, STORE_SD, 0 }).scause,
	       REMOTE_IDLE);
	EXPECT(remote_start(&q.r, 1, R_CALL, ipi).scause, CAUSE_VECALL); /* tells of a sleeper */
	EXPECT(remote_run(&q.r, 1).scause, REMOTE_IDLE);
	EXPECT(finish_call(&q.r, 0).scause, REMOTE_IDLE);
	EXPECT(q.r.out[0][0], OK);
	EXPECT(q.r.out[0][1], len);
	EXPECT(memcmp(expected, (void *)q.out, len), 0); /* key and challenge of the beginning */
	EXPECT(remote_do(&q.r, R_TAKEN, IRQ_S_SOFT).scause, REMOTE_IDLE);
	EXPECT(q.r.out[0][0], 1);
}

/* One at a time */
static void busy(void)
{
	struct asker q;
	unsigned long len;

	REQUIRE(build(&q, 2));
	REQUIRE(midway(&q, 0, USUAL(CHALLENGE, COVE_CERT_CBOR)));
	EXPECT(remote_start(&q.r, 1, R_CALL, USUAL(OTHER, COVE_CERT_CBOR)).scause, REMOTE_IDLE);
	EXPECT(q.r.out[1][0], COVE_ERR_BUSY);
	EXPECT(q.r.out[1][1], 0);
	EXPECT(finish_call(&q.r, 0).scause, REMOTE_IDLE);
	EXPECT(q.r.out[0][0], OK);
	len = q.r.out[0][1];
	EXPECT(remote_start(&q.r, 1, R_CALL, USUAL(OTHER, COVE_CERT_CBOR)).scause, REMOTE_IDLE);
	EXPECT(q.r.out[1][0], OK);
	EXPECT(q.r.out[1][1], len);
}

/* A thread that was moved: the same call goes on on another vCPU, once. */
static void moved(void)
{
	struct asker q;

	REQUIRE(build(&q, 2));
	REQUIRE(midway(&q, 0, USUAL(CHALLENGE, COVE_CERT_CBOR)));
	EXPECT(remote_start(&q.r, 1, R_CALL, USUAL(CHALLENGE, COVE_CERT_CBOR)).scause, REMOTE_IDLE);
	EXPECT(q.r.out[1][0], OK);
	EXPECT(finish_call(&q.r, 0).scause, REMOTE_IDLE); /* begins anew */
	EXPECT(q.r.out[0][0], OK);
}

/* An interrupt's handler leaves the call: the vCPU stops, or makes another one. */
static void left(enum guest_soft soft)
{
	static uint8_t expected[OUT_LEN];
	const args_t ipi = { 2, 0, 0, 0, 0, 0, 0, EXT_IPI };
	struct asker q;
	unsigned long len;
	struct texit e;

	REQUIRE(build(&q, 2));
	len = evidence(&q, USUAL(OTHER, COVE_CERT_CBOR));
	REQUIRE(len);
	memcpy(expected, (void *)q.out, len);
	clear_out(&q);
	EXPECT(remote_start(&q.r, 1, R_ON_SOFT, (const args_t){ soft }).scause, REMOTE_IDLE);
	EXPECT(remote_start(&q.r, 1, R_ENABLE, (const args_t){ 1UL << IRQ_S_SOFT }).scause,
	       REMOTE_IDLE);
	REQUIRE(midway(&q, 1, USUAL(CHALLENGE, COVE_CERT_CBOR)));
	EXPECT(remote_start(&q.r, 0, R_CALL, ipi).scause, CAUSE_VECALL);
	EXPECT(remote_run(&q.r, 0).scause, REMOTE_IDLE);
	e = remote_run(&q.r, 1);
	if (soft == SOFT_STOP) {
		EXPECT(e.scause, CAUSE_VECALL);
		EXPECT_TRUE(e.value != 0);
		EXPECT(evidence(&q, USUAL(OTHER, COVE_CERT_CBOR)), len);
	} else {
		EXPECT(e.scause, REMOTE_IDLE);
		EXPECT(q.r.out[1][0], KEY); /* the call was never answered */
		EXPECT(remote_start(&q.r, 1, R_CALL, USUAL(OTHER, COVE_CERT_CBOR)).scause,
		       REMOTE_IDLE);
		EXPECT(q.r.out[1][0], OK);
	}
	EXPECT(memcmp(expected, (void *)q.out, len), 0);
}

static void vcpu_stops(void)
{
	left(SOFT_STOP);
}

static void arguments_change(void)
{
	left(SOFT_SKIP);
}

/* The evidence comes where key and challenge lie: it is that of what was there. */
static void overlapping(unsigned int format)
{
	static uint8_t expected[OUT_LEN];
	unsigned long len, i, word, seen;
	struct asker q;

	REQUIRE(build(&q, 1));
	len = evidence(&q, USUAL(CHALLENGE, format));
	REQUIRE(len);
	memcpy(expected, (void *)q.out, OUT_LEN);
	EXPECT(evidence(&q, ARGS(sizeof(key_p384), CHALLENGE, format, KEY, OUT_LEN)), len);
	for (i = 0; i + 8 <= len; i += 8) {
		memcpy(&word, expected + i, 8);
		REQUIRE(remote_read(&q.r, KEY + i, &seen));
		EXPECT(seen, word);
	}
}

static void overlap(void)
{
	overlapping(COVE_CERT_CBOR);
	overlapping(COVE_CERT_X509);
}

/* The host destroys it in the middle: nothing of it is left, and its pages serve another. */
static void destroyed(void)
{
	unsigned long i, pages = tsm.tvm_state_pages;
	struct asker q;

	REQUIRE(build(&q, 2));
	REQUIRE(midway(&q, 0, USUAL(CHALLENGE, COVE_CERT_CBOR)));
	EXPECT(tvm_destroy(&q.r.t), OK);
	EXPECT(reclaim(q.r.t.chunk, TVM_CHUNK), OK);
	for (i = 0; i < pages; i++)
		EXPECT_TRUE(page_is_zero(q.r.t.state + i * PAGE));
	REQUIRE(build(&q, 1));
	REQUIRE(evidence(&q, USUAL(CHALLENGE, COVE_CERT_CBOR)));
}

/* vCPUs of one TVM on two harts: each gets its own or BUSY. */
static void beside(void *arg)
{
	struct asker *q = arg;
	struct texit e;
	unsigned int i;

	for (i = 0; i < 200; i++) {
		e = remote_start(&q->r, 1, R_CALL, USUAL(OTHER, COVE_CERT_CBOR));
		if (e.scause != REMOTE_IDLE || (long)q->r.out[1][0] != COVE_ERR_BUSY)
			break;
	}
}

static void two_harts(void)
{
	struct asker q;
	struct texit e;

	REQUIRE(build(&q, 2));
	hart_begin(other_hart(0), beside, &q);
	e = remote_start(&q.r, 0, R_CALL, USUAL(CHALLENGE, COVE_CERT_CBOR));
	REQUIRE(hart_wait(other_hart(0)));
	EXPECT(e.scause, REMOTE_IDLE);
	EXPECT_TRUE((long)q.r.out[0][0] == OK || (long)q.r.out[0][0] == COVE_ERR_BUSY);
	EXPECT_TRUE((long)q.r.out[1][0] == OK || (long)q.r.out[1][0] == COVE_ERR_BUSY);
	EXPECT_TRUE(!q.r.out[0][0] || !q.r.out[1][0]);
}

/* TVMs on two harts at once: as one after the other. */
static void on_the_other_hart(void *arg)
{
	struct asker *q = arg;

	remote_start(&q->r, 0, R_CALL, USUAL(CHALLENGE, COVE_CERT_X509));
}

static void two_tvms(void)
{
	static uint8_t expected[OUT_LEN];
	static struct asker q, p;
	unsigned long len;

	REQUIRE(build(&q, 1));
	REQUIRE(build(&p, 1));
	len = evidence(&q, USUAL(CHALLENGE, COVE_CERT_X509));
	memcpy(expected, (void *)q.out, len);
	clear_out(&q);
	hart_begin(other_hart(0), on_the_other_hart, &p);
	EXPECT(evidence(&q, USUAL(CHALLENGE, COVE_CERT_X509)), len);
	REQUIRE(hart_wait(other_hart(0)));
	EXPECT(p.r.out[0][0], OK);
	EXPECT(memcmp(expected, (void *)q.out, len), 0);
	EXPECT(memcmp(expected, (void *)p.out, len), 0); /* the same TVM, as far as is measured */
}

/*
 * Of a firmware whose stack for such work is too small (JOB_ROOM of bite.list) the TVM ends as if
 * its guest had asked for it, and nothing of what was begun is left; other TVMs do not notice.
 */
static void overrun(void)
{
	bool small = is_without("JOB_ROOM");
	struct asker q, other;
	struct texit e;

	REQUIRE(build(&other, 1) && build(&q, 1));
	e = remote_start(&q.r, 0, R_CALL, USUAL(CHALLENGE, COVE_CERT_CBOR));
	if (small) {
		EXPECT(e.error, OK);
		EXPECT(e.value, 1); /* it cannot be run again */
		EXPECT(e.scause, CAUSE_VECALL);
		EXPECT(e.a[7], EXT_SRST);
		EXPECT(e.a[1], SYSTEM_FAILURE);
		EXPECT_TRUE(untouched(&q));
	} else {
		EXPECT(e.scause, REMOTE_IDLE);
		EXPECT(q.r.out[0][0], OK);
	}
	EXPECT(remote_run(&q.r, 0).error, small ? E_FAILED : OK);
	EXPECT(tvm_destroy(&q.r.t), OK);
	EXPECT(remote_do(&other.r, R_LOAD, CHALLENGE, LOAD_LD).scause, REMOTE_IDLE);
	REQUIRE(build(&q, 1));
}

const struct test evidence_tests[] = {
	{ "evidence_formats", formats, 1 },
	{ "evidence_ed25519", ed25519, 1 },
	{ "evidence_of_another", another, 1 },
	{ "evidence_argument_errors", argument_errors, 1 },
	{ "evidence_key_errors", key_errors, 1 },
	{ "evidence_buffer_too_small", buffer_too_small, 1 },
	{ "evidence_output_unpopulated", output_unpopulated, 1 },
	{ "evidence_interrupted", interrupted, 1 },
	{ "evidence_busy", busy, 1 },
	{ "evidence_overlap", overlap, 1 },
	{ "evidence_moved", moved, 1 },
	{ "evidence_vcpu_stops", vcpu_stops, 1 },
	{ "evidence_arguments_change", arguments_change, 1 },
	{ "evidence_destroyed", destroyed, 1 },
	{ "evidence_two_harts", two_harts, 2 },
	{ "evidence_two_tvms", two_tvms, 2 },
	{ "evidence_overrun", overrun, 1 },
};
DEFINE_TESTS(evidence);
