// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The relying party's parsers: evidence in both formats, and policies. An input is
 * changes to good evidence, or to a good policy, or all of the bytes themselves.
 * What is accepted must be the good evidence. In half of the runs every signature
 * counts as good, so that changes get behind them: then bytes that no policy has an
 * opinion on may differ, and no others. seeds.h is made by tests/attest/make_evidence.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/ecdsa.h>

#include <verify.h>

#include "must.h"
#include "rule.h"
#include "seeds.h"

#define OP_SIZE	 4
#define TEXT_MAX VERIFY_EVIDENCE_MAX

/* the first byte of an input */
#define KIND_X509    0x01
#define KIND_SIGNED  0x02 /* signatures count as good */
#define KIND_POLICY  0x04
#define KIND_LITERAL 0x08 /* no changes: the bytes themselves */
#define KIND_EDDSA   0x10

/** struct seed - good evidence, and which of its bytes no policy has an opinion on */
struct seed {
	const uint8_t *data;
	size_t len;
	const uint8_t *free;
};

static const struct seed seeds[2][2] = {
	{ { seed_cbor, sizeof(seed_cbor), seed_cbor_free },
	  { seed_x509, sizeof(seed_x509), seed_x509_free } },
	{ { seed_eddsa_cbor, sizeof(seed_eddsa_cbor), seed_eddsa_cbor_free },
	  { seed_eddsa_x509, sizeof(seed_eddsa_x509), seed_eddsa_x509_free } },
};

static const struct seed *seed_of(unsigned int kind)
{
	return &seeds[(kind & KIND_EDDSA) != 0][(kind & KIND_X509) != 0];
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
int __real_mbedtls_ecdsa_verify(mbedtls_ecp_group *grp, const unsigned char *buf, size_t len,
				const mbedtls_ecp_point *q, const mbedtls_mpi *r,
				const mbedtls_mpi *s);
bool __real_ed25519_valid(const uint8_t *key, struct verify_bytes message,
			  const uint8_t *signature);
bool __wrap_ed25519_valid(const uint8_t *key, struct verify_bytes message,
			  const uint8_t *signature);

static struct verify_policy policy;
static struct verify_report report;
static bool all_signed;
static unsigned long executions, parsed, accepted;

#ifdef COVE_TEST_WEAKEN
bool verify_rule(const char *name)
{
	static const char *without;

	if (!without) {
		without = getenv("FUZZ_WITHOUT");
		without = without ? without : "";
	}
	return strcmp(without, name);
}
#endif

int __wrap_mbedtls_ecdsa_verify(mbedtls_ecp_group *grp, const unsigned char *buf, size_t len,
				const mbedtls_ecp_point *q, const mbedtls_mpi *r,
				const mbedtls_mpi *s)
{
	return all_signed ? 0 : __real_mbedtls_ecdsa_verify(grp, buf, len, q, r, s);
}

bool __wrap_ed25519_valid(const uint8_t *key, struct verify_bytes message, const uint8_t *signature)
{
	return all_signed || __real_ed25519_valid(key, message, signature);
}

/* No file that an input names is opened. */
int __wrap_root_from_file(const char *path, struct verify_root *root, char *why, size_t size)
{
	(void)root;
	snprintf(why, size, "%zu", strlen(path));
	return -1;
}

static void ignore(void *arg, unsigned int line, const char *what)
{
	(void)arg;
	MUST(strlen(what) < 512 && line <= VERIFY_POLICY_MAX, "a strange complaint");
}

static void print_counts(void)
{
	printf("executions %lu operations %lu\n", executions, parsed);
	if (executions > 1000 && (parsed < executions / 100 || !accepted))
		printf("no operation: %lu of %lu could be read, %lu were accepted\n", parsed,
		       executions, accepted);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	MUST(!verify_policy_parse((const char *)seed_policy, sizeof(seed_policy), NULL, &policy,
				  ignore, NULL),
	     "the policy is not one");
	for (const struct seed *seed = seeds[0]; seed <= &seeds[1][1]; seed++)
		MUST(verify_evidence(seed->data, seed->len, seed_nonce, &policy, &report) ==
			     VERIFY_ACCEPTED,
		     "good evidence is not accepted");
	policy.quick = true;
	atexit(print_counts);
	return 0;
}

/* One change: kind, place, value. Returns the new length. */
static size_t change(uint8_t *to, size_t len, const uint8_t op[OP_SIZE])
{
	const size_t at = len ? (op[1] << 8 | op[2]) % len : 0, n = 1 + op[3] % 64;

	if (!len)
		return 0;
	switch (op[0] % 8) {
	case 0:
		to[at] = op[3];
		return len;
	case 1:
		memmove(to + at, to + at + (n < len - at ? n : len - at),
			len - at - (n < len - at ? n : len - at));
		return len - (n < len - at ? n : len - at);
	case 2:
		if (len == TEXT_MAX)
			return len;
		memmove(to + at + 1, to + at, len - at);
		to[at] = op[3];
		return len + 1;
	case 3:
		return op[3] & 1 ? at : len;
	default:
		to[at] ^= 1 << op[3] % 8;
		return len;
	}
}

/* What the input makes of @seed, in memory of exactly that size. */
static uint8_t *make(const uint8_t *seed, size_t seed_len, const uint8_t *ops, size_t size,
		     bool literal, size_t *len)
{
	static uint8_t work[TEXT_MAX];
	uint8_t *out;

	*len = literal ? size : seed_len;
	memcpy(work, literal ? ops : seed, *len);
	for (; !literal && size >= OP_SIZE; ops += OP_SIZE, size -= OP_SIZE)
		*len = change(work, *len, ops);
	out = malloc(*len ? *len : 1);
	MUST(out, "no memory");
	memcpy(out, work, *len);
	return out;
}

static void fuzz_policy(const uint8_t *ops, size_t size, bool literal)
{
	static struct verify_policy made;
	size_t len;
	char *text = (char *)make(seed_policy, sizeof(seed_policy), ops, size, literal, &len);

	if (!verify_policy_parse(text, len, "/nowhere", &made, ignore, NULL)) {
		parsed++;
		MUST(made.nroots && made.tvm.n, "a policy without root or tvm");
	}
	free(text);
}

static bool differs(const uint8_t *made, size_t len, const struct seed *seed)
{
	if (len != seed->len)
		return !all_signed;
	for (size_t i = 0; i < len; i++) {
		if (made[i] != seed->data[i] && !(all_signed && seed->free[i]))
			return true;
	}
	return false;
}

static void print_all(const struct verify_report *r)
{
	FILE *null = fopen("/dev/null", "w");

	MUST(null && !verify_report_text(null, r) && !verify_report_json(null, r) &&
		     !verify_policy_template(null, r),
	     "the report cannot be written");
	fclose(null);
}

static void fuzz_evidence(const uint8_t *ops, size_t size, unsigned int kind)
{
	const struct seed *seed = seed_of(kind);
	enum verify_verdict verdict;
	uint8_t *evidence;
	size_t len;

	evidence = make(seed->data, seed->len, ops, size, kind & KIND_LITERAL, &len);
	all_signed = kind & KIND_SIGNED;
	verdict = verify_evidence(evidence, len, seed_nonce, &policy, &report);
	MUST((verdict == VERIFY_REJECTED) == (report.failures != 0), "rejected without a reason");
	MUST((verdict == VERIFY_MALFORMED) == (report.syntax[0] != 0),
	     "malformed without a reason");
	if (verdict != VERIFY_MALFORMED) {
		parsed++;
		print_all(&report);
	}
	if (verdict == VERIFY_ACCEPTED) {
		accepted++;
		MUST(!differs(evidence, len, seed),
		     all_signed ? "accepted: other claims" : "accepted: other bytes");
	}
	all_signed = false;
	free(evidence);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size || size > TEXT_MAX)
		return 0;
	executions++;
	if (data[0] & KIND_POLICY)
		fuzz_policy(data + 1, size - 1, data[0] & KIND_LITERAL);
	else
		fuzz_evidence(data + 1, size - 1, data[0]);
	return 0;
}

/* A change of the lowest bits of a byte that is a small number. */
static void toggle_small(uint8_t *data)
{
	const struct seed *seed = seed_of(data[0]);
	size_t at = random() % seed->len, left = seed->len;

	while (left-- && seed->data[at] >= 4)
		at = (at + 1) % seed->len;
	data[2] = at >> 8;
	data[3] = at;
	data[4] = random() % 2;
}

/* Most changes to evidence break it, so that every second input is a single one. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	if (max < 1 + OP_SIZE || seed & 1)
		return LLVMFuzzerMutate(data, size, max);
	srandom(seed);
	data[0] = random() & (KIND_X509 | KIND_SIGNED | KIND_EDDSA);
	data[1] = 4;
	for (int i = 2; i <= OP_SIZE; i++)
		data[i] = random();
	/* small numbers are changed where there are some */
	if (random() & 1)
		toggle_small(data);
	return 1 + OP_SIZE;
}
