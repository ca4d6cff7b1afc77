// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Conformance: COVG, the calls about measurement and evidence.
 */
#include "conf.h"
#include "keys.h"

#define BUF	  GUEST_HEAP
#define KEY	  (GUEST_HEAP + PAGE)
#define CHALLENGE (GUEST_HEAP + 2 * PAGE)
#define OUT	  (GUEST_HEAP + 4 * PAGE)
#define OUT_PAGES 4UL
#define EMPTY	  (GUEST_HEAP + 16 * PAGE)
#define END	  (GUEST_BASE + GUEST_SIZE)
#define OFFERED	  (tsm.tsm_capabilities & TSM_CAP_ATTESTATION_REMOTE)
#define NO_ATTEST "remote attestation is not offered"

#define ATTCAPS(r, gpa, len) remote_ecall(r, SBI_EXT_COVG, SBI_COVG_GET_ATTCAPS, gpa, len)
#define SECRET(r, gpa, len)  remote_ecall(r, SBI_EXT_COVG, SBI_COVG_RETRIEVE_SECRET, gpa, len)
#define REGISTER(r, fid, gpa, len, index) \
	remote_do(r, R_CALL, gpa, len, index, 0, 0, 0, SBI_COVG_##fid, SBI_EXT_COVG)
#define EXTEND(r, gpa, len, index) REGISTER(r, EXTEND_MEASUREMENT, gpa, len, index)
#define READ(r, gpa, len, index)   REGISTER(r, READ_MEASUREMENT, gpa, len, index)
#define EVIDENCE(r, key, key_len, challenge, format, out, out_len)                                 \
	remote_do(r, R_CALL, key, key_len, challenge, format, out, out_len, SBI_COVG_GET_EVIDENCE, \
		  SBI_EXT_COVG)

/* The guest, and what it is told of its registers. */
struct attested {
	struct remote r;
	struct attestation_capabilities caps;
	unsigned long hash;
	unsigned long initial;
	unsigned long runtime;
	unsigned long format;
};

static bool read_caps(struct attested *a)
{
	unsigned long i, word, n;

	for (i = 0; i < sizeof(a->caps); i += 8) {
		if (!remote_read(&a->r, BUF + i, &word))
			return false;
		memcpy((uint8_t *)&a->caps + i, &word, 8);
	}
	a->hash = a->caps.hash_algorithm & 1 ? 64 : 48;
	n = (unsigned long)a->caps.initial_measurements + a->caps.runtime_measurements;
	for (i = n; i--;)
		*(a->caps.msmt_regs[i].type ? &a->runtime : &a->initial) = i;
	a->format = a->caps.certificate_formats & COVE_CERT_CBOR ? COVE_CERT_CBOR : COVE_CERT_X509;
	return true;
}

static bool build(struct attested *a, unsigned int nvcpus)
{
	unsigned long i, word, n;
	struct texit e;

	memset(a, 0, sizeof(*a));
	if (!remote_build(&a->r, nvcpus) || !remote_populate(&a->r, BUF, 4 + OUT_PAGES))
		return false;
	for (i = 0; i < sizeof(key_p384); i += 8) {
		word = 0;
		n = sizeof(key_p384) - i < 8 ? sizeof(key_p384) - i : 8;
		memcpy(&word, key_p384 + i, n);
		if (!remote_write(&a->r, KEY + i, word))
			return false;
	}
	e = ATTCAPS(&a->r, BUF, PAGE);
	return e.scause == REMOTE_IDLE && !a->r.out[0][0] && read_caps(a);
}

static void attcaps_success(void)
{
	struct attested a;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	EXPECT_TRUE(a.caps.hash_algorithm <= COVE_HASH_SHA3_512);
	EXPECT_TRUE(a.caps.certificate_formats & (COVE_CERT_CBOR | COVE_CERT_X509));
	EXPECT_TRUE(a.caps.initial_measurements >= 1 && a.caps.initial_measurements <= 8);
	EXPECT_TRUE(a.caps.runtime_measurements <= 18);
}

static void attcaps_unpopulated(void)
{
	struct remote r;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(remote_build(&r, 1));
	e = ATTCAPS(&r, BUF, PAGE);
	EXPECT(e.scause, CAUSE_GSTORE);
	EXPECT(e.gpa, BUF);
	EXPECT(e.htinst, 0);
	REQUIRE(remote_populate(&r, BUF, 1));
	e = remote_run(&r, 0);
	GUEST_GOT(&r, e, OK);
}

static void attcaps_unaligned(void)
{
	struct attested a;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	e = ATTCAPS(&a.r, BUF + 8, PAGE);
	GUEST_GOT(&a.r, e, E_INVALID_ADDRESS);
}

static void attcaps_length(void)
{
	struct attested a;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	e = ATTCAPS(&a.r, BUF, 0);
	GUEST_GOT(&a.r, e, E_INVALID_PARAM);
	e = ATTCAPS(&a.r, BUF, PAGE - 8);
	GUEST_GOT(&a.r, e, E_INVALID_PARAM);
}

/* Refused without the host being asked */
#define REFUSES(r, call)                        \
	do {                                    \
		struct texit e_ = call;         \
		EXPECT(e_.scause, REMOTE_IDLE); \
		EXPECT_REFUSED((r)->out[0][0]); \
	} while (0)

static void attcaps_outside(void)
{
	struct attested a;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	REFUSES(&a.r, ATTCAPS(&a.r, END, PAGE));
	REFUSES(&a.r, ATTCAPS(&a.r, END - PAGE, 2 * PAGE));
	REFUSES(&a.r, ATTCAPS(&a.r, MAIL_BASE, PAGE));
	REFUSES(&a.r, ATTCAPS(&a.r, ~0xfffUL, PAGE));
}

static void attcaps_shared(void)
{
	unsigned long host = pages_alloc(1, 1);
	struct attested a;

	NEEDS(OFFERED, NO_ATTEST);
	page_fill(host, 0x11);
	REQUIRE(build(&a, 1) && remote_shared(&a.r, EMPTY, 1, host));
	REFUSES(&a.r, ATTCAPS(&a.r, EMPTY, PAGE));
	EXPECT_TRUE(page_is(host, 0x11));
}

static void read_success(void)
{
	struct attested a;
	unsigned long i, word;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	for (i = 0; i < (unsigned long)a.caps.initial_measurements + a.caps.runtime_measurements;
	     i++) {
		e = READ(&a.r, BUF, a.hash, i);
		GUEST_GOT(&a.r, e, OK);
	}
	REQUIRE(remote_write(&a.r, BUF + a.hash, 0x22));
	e = READ(&a.r, BUF, PAGE, a.initial);
	GUEST_GOT(&a.r, e, OK);
	REQUIRE(remote_read(&a.r, BUF + a.hash, &word));
	EXPECT(word, 0x22); /* the register and no more */
}

static void read_unaligned(void)
{
	struct attested a;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	e = READ(&a.r, BUF + 8, a.hash, a.initial);
	GUEST_GOT(&a.r, e, E_INVALID_ADDRESS);
}

static void read_length(void)
{
	struct attested a;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	e = READ(&a.r, BUF, a.hash - 1, a.initial);
	GUEST_GOT(&a.r, e, E_INVALID_PARAM);
}

static void read_index(void)
{
	struct attested a;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	REFUSES(&a.r, READ(&a.r, BUF, a.hash, COVE_ATTCAPS_REGISTERS));
	REFUSES(&a.r, READ(&a.r, BUF, a.hash, ~0UL));
}

static void read_outside(void)
{
	struct attested a;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	REFUSES(&a.r, READ(&a.r, END, a.hash, a.initial));
	REFUSES(&a.r, READ(&a.r, MAIL_BASE, a.hash, a.initial));
}

/* It changes that register and no other. */
static void extend_success(void)
{
	struct attested a;
	unsigned long before, after;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	NEEDS(a.caps.runtime_measurements, "runtime registers are not offered");
	e = READ(&a.r, BUF, a.hash, a.runtime);
	GUEST_GOT(&a.r, e, OK);
	REQUIRE(remote_read(&a.r, BUF, &before));
	e = EXTEND(&a.r, KEY, a.hash, a.runtime);
	GUEST_GOT(&a.r, e, OK);
	e = READ(&a.r, BUF, a.hash, a.runtime);
	GUEST_GOT(&a.r, e, OK);
	REQUIRE(remote_read(&a.r, BUF, &after));
	EXPECT_TRUE(before != after);
}

static void extend_unaligned(void)
{
	struct attested a;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	NEEDS(a.caps.runtime_measurements, "runtime registers are not offered");
	e = EXTEND(&a.r, BUF + 8, a.hash, a.runtime);
	GUEST_GOT(&a.r, e, E_INVALID_ADDRESS);
}

static void extend_initial(void)
{
	struct attested a;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	e = EXTEND(&a.r, BUF, a.hash, a.initial);
	GUEST_GOT(&a.r, e, E_INVALID_PARAM);
	e = EXTEND(&a.r, BUF, a.hash, COVE_ATTCAPS_REGISTERS);
	GUEST_GOT(&a.r, e, E_INVALID_PARAM);
}

static void extend_length(void)
{
	struct attested a;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	NEEDS(a.caps.runtime_measurements, "runtime registers are not offered");
	REFUSES(&a.r, EXTEND(&a.r, BUF, a.hash - 1, a.runtime));
	REFUSES(&a.r, EXTEND(&a.r, BUF, a.hash + 1, a.runtime));
	REFUSES(&a.r, EXTEND(&a.r, BUF, 0, a.runtime));
}

static void evidence_success(void)
{
	struct attested a;
	unsigned long word;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	e = EVIDENCE(&a.r, KEY, sizeof(key_p384), CHALLENGE, a.format, OUT, OUT_PAGES * PAGE);
	GUEST_GOT(&a.r, e, OK);
	REQUIRE(remote_read(&a.r, OUT, &word));
	EXPECT_TRUE(word != 0);
}

/* Whatever get_attcaps lists */
static void evidence_each_format(void)
{
	struct attested a;
	unsigned int bit;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	for (bit = 0; bit < 32; bit++) {
		if (!(a.caps.certificate_formats >> bit & 1))
			continue;
		e = EVIDENCE(&a.r, KEY, sizeof(key_p384), CHALLENGE, 1UL << bit, OUT,
			     OUT_PAGES * PAGE);
		GUEST_GOT(&a.r, e, OK);
	}
}

/* The result need not be confidential. */
static void evidence_shared(void)
{
	unsigned long host = pages_alloc(OUT_PAGES, 1);
	struct attested a;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	page_fill(host, 0x33);
	REQUIRE(build(&a, 1) && remote_shared(&a.r, EMPTY, OUT_PAGES, host));
	e = EVIDENCE(&a.r, KEY, sizeof(key_p384), CHALLENGE, a.format, EMPTY, OUT_PAGES * PAGE);
	GUEST_GOT(&a.r, e, OK);
	EXPECT_TRUE(!page_is(host, 0x33));
}

static void evidence_unaligned(void)
{
	unsigned long n = sizeof(key_p384), len = OUT_PAGES * PAGE;
	struct attested a;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	e = EVIDENCE(&a.r, KEY + 8, n, CHALLENGE, a.format, OUT, len);
	GUEST_GOT(&a.r, e, E_INVALID_ADDRESS);
	e = EVIDENCE(&a.r, KEY, n, CHALLENGE + 8, a.format, OUT, len);
	GUEST_GOT(&a.r, e, E_INVALID_ADDRESS);
	e = EVIDENCE(&a.r, KEY, n, CHALLENGE, a.format, OUT + 8, len);
	GUEST_GOT(&a.r, e, E_INVALID_ADDRESS);
}

/* Key and challenge are confidential, the result is in memory. */
static void evidence_outside(void)
{
	unsigned long n = sizeof(key_p384), len = OUT_PAGES * PAGE, host = pages_alloc(1, 1);
	struct attested a;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1) && remote_shared(&a.r, EMPTY, 1, host));
	REFUSES(&a.r, EVIDENCE(&a.r, EMPTY, n, CHALLENGE, a.format, OUT, len));
	REFUSES(&a.r, EVIDENCE(&a.r, KEY, n, EMPTY, a.format, OUT, len));
	REFUSES(&a.r, EVIDENCE(&a.r, END, n, CHALLENGE, a.format, OUT, len));
	REFUSES(&a.r, EVIDENCE(&a.r, KEY, n, MAIL_BASE, a.format, OUT, len));
	REFUSES(&a.r, EVIDENCE(&a.r, KEY, n, CHALLENGE, a.format, END, len));
	REFUSES(&a.r, EVIDENCE(&a.r, KEY, n, CHALLENGE, a.format, ~0xfffUL, len));
}

static void evidence_format(void)
{
	unsigned long n = sizeof(key_p384), len = OUT_PAGES * PAGE;
	struct attested a;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	e = EVIDENCE(&a.r, KEY, n, CHALLENGE, 0, OUT, len);
	GUEST_GOT(&a.r, e, E_INVALID_PARAM);
	e = EVIDENCE(&a.r, KEY, n, CHALLENGE, COVE_CERT_CBOR | COVE_CERT_X509, OUT, len);
	GUEST_GOT(&a.r, e, E_INVALID_PARAM);
	e = EVIDENCE(&a.r, KEY, n, CHALLENGE, 1UL << 31, OUT, len);
	GUEST_GOT(&a.r, e, E_INVALID_PARAM);
}

static void evidence_length(void)
{
	unsigned long n = sizeof(key_p384), len = OUT_PAGES * PAGE;
	struct attested a;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	REFUSES(&a.r, EVIDENCE(&a.r, KEY, 0, CHALLENGE, a.format, OUT, len));
	REFUSES(&a.r, EVIDENCE(&a.r, KEY, ~0UL, CHALLENGE, a.format, OUT, len));
	REFUSES(&a.r, EVIDENCE(&a.r, KEY, n, CHALLENGE, a.format, OUT, 0));
	REFUSES(&a.r, EVIDENCE(&a.r, KEY, n, CHALLENGE, a.format, OUT, 16));
}

static void asks_there(void *arg)
{
	struct attested *a = arg;

	remote_start(&a->r, 1, R_CALL,
		     (const unsigned long[REMOTE_ARGS]){ KEY, sizeof(key_p384), KEY, a->format, OUT,
							 OUT_PAGES * PAGE, SBI_COVG_GET_EVIDENCE,
							 SBI_EXT_COVG });
}

/* Two vCPUs at once: evidence or a refusal for each, and evidence for one. */
static void evidence_busy(void)
{
	struct attested a;
	struct texit e;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 2));
	e = remote_do(&a.r, R_CALL, 1, GUEST_BASE, GUEST_ARG(G_REMOTE, 0), 0, 0, 0, 0, EXT_HSM);
	if (e.scause == CAUSE_VECALL)
		e = remote_run(&a.r, 0);
	EXPECT(e.scause, REMOTE_IDLE);
	EXPECT(remote_run(&a.r, 1).scause, REMOTE_IDLE);
	hart_begin(other_hart(0), asks_there, &a);
	e = EVIDENCE(&a.r, KEY, sizeof(key_p384), CHALLENGE, a.format, OUT, OUT_PAGES * PAGE);
	REQUIRE(hart_wait(other_hart(0)));
	EXPECT(e.scause, REMOTE_IDLE);
	EXPECT_TRUE(!a.r.out[0][0] || !a.r.out[1][0]);
	EXPECT_TRUE((long)a.r.out[0][0] <= 0 && (long)a.r.out[1][0] <= 0);
}

static void secret_without_attestation(void)
{
	struct attested a;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	REFUSES(&a.r, SECRET(&a.r, BUF, PAGE));
}

static void secret_address(void)
{
	struct attested a;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	REFUSES(&a.r, SECRET(&a.r, BUF + 8, PAGE));
	REFUSES(&a.r, SECRET(&a.r, END, PAGE));
}

static void secret_length(void)
{
	struct attested a;

	NEEDS(OFFERED, NO_ATTEST);
	REQUIRE(build(&a, 1));
	REFUSES(&a.r, SECRET(&a.r, BUF, PAGE + 1));
	REFUSES(&a.r, SECRET(&a.r, BUF, 0));
}

const struct test conf_attest_tests[] = {
	CONF(attcaps_success, 1),      CONF(attcaps_unpopulated, 1),
	CONF(attcaps_unaligned, 1),    CONF(attcaps_length, 1),
	CONF(attcaps_outside, 1),      CONF(attcaps_shared, 1),
	CONF(read_success, 1),	       CONF(read_unaligned, 1),
	CONF(read_length, 1),	       CONF(read_index, 1),
	CONF(read_outside, 1),	       CONF(extend_success, 1),
	CONF(extend_unaligned, 1),     CONF(extend_initial, 1),
	CONF(extend_length, 1),	       CONF(evidence_success, 1),
	CONF(evidence_each_format, 1), CONF(evidence_shared, 1),
	CONF(evidence_unaligned, 1),   CONF(evidence_outside, 1),
	CONF(evidence_format, 1),      CONF(evidence_length, 1),
	CONF(evidence_busy, 2),	       CONF(secret_without_attestation, 1),
	CONF(secret_address, 1),       CONF(secret_length, 1),
};
DEFINE_TESTS(conf_attest);
