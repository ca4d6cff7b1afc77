// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What a guest asks about its measurement: COVG 6, 7 and 10. The host takes no
 * part, and cannot choose what the guest learns.
 */
#include "remote.h"

#define HASH 48
#define BUF  (GUEST_HEAP + 4 * PAGE)
#define END  (GUEST_BASE + GUEST_SIZE)

#define COVG(r, fid, ...)                                                                \
	remote_do(r, R_CALL, ATTEST_ARGS(__VA_ARGS__, 0, 0, 0, 0, 0, 0), SBI_COVG_##fid, \
		  SBI_EXT_COVG)
#define ATTEST_ARGS(a0, a1, a2, a3, a4, a5, ...) a0, a1, a2, a3, a4, a5

/* The call was answered with this, and the host did not hear of it. */
#define ANSWER(r, error, value, ...)                    \
	do {                                            \
		struct texit e_ = COVG(r, __VA_ARGS__); \
		EXPECT(e_.scause, REMOTE_IDLE);         \
		EXPECT((r)->out[0][0], error);          \
		EXPECT((r)->out[0][1], value);          \
	} while (0)
#define REFUSED(r, error, ...) ANSWER(r, error, 0, __VA_ARGS__)

/* The host is asked for a page, and for nothing else; the guest's call is still to be made. */
#define WANTS_PAGE(r, cause, page, ...)                 \
	do {                                            \
		struct texit e_ = COVG(r, __VA_ARGS__); \
		EXPECT(e_.scause, cause);               \
		EXPECT(e_.gpa, page);                   \
		EXPECT(e_.htinst, 0);                   \
	} while (0)

static bool read_bytes(struct remote *r, unsigned long gpa, void *out, unsigned long len)
{
	unsigned long i, word;

	for (i = 0; i < len; i += 8) {
		if (!remote_read(r, gpa + i, &word))
			return false;
		memcpy((uint8_t *)out + i, &word, 8);
	}
	return true;
}

static bool write_bytes(struct remote *r, unsigned long gpa, const void *data, unsigned long len)
{
	unsigned long i, word;

	for (i = 0; i < len; i += 8) {
		memcpy(&word, (const uint8_t *)data + i, 8);
		if (!remote_write(r, gpa + i, word))
			return false;
	}
	return true;
}

static bool build(struct remote *r)
{
	return remote_build(r, 1) && remote_populate(r, BUF, 2);
}

static bool read_register(struct remote *r, unsigned long index, uint8_t value[HASH])
{
	struct texit e = COVG(r, READ_MEASUREMENT, BUF, HASH, index);

	if (e.scause != REMOTE_IDLE || r->out[0][0] || r->out[0][1] != HASH) {
		test_fail("register %lu: scause %lx error %ld", index, e.scause,
			  (long)r->out[0][0]);
		return false;
	}
	return read_bytes(r, BUF, value, HASH);
}

static void capabilities(void)
{
	struct attestation_capabilities caps;
	struct remote r;
	unsigned int i;

	REQUIRE(remote_build(&r, 1));
	WANTS_PAGE(&r, CAUSE_GSTORE, BUF, GET_ATTCAPS, BUF, PAGE);
	REQUIRE(remote_populate(&r, BUF, 2));
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], OK);
	EXPECT(r.out[0][1], sizeof(caps));
	REQUIRE(read_bytes(&r, BUF, &caps, sizeof(caps)));
	EXPECT(caps.hash_algorithm, COVE_HASH_SHA384);
	EXPECT(caps.initial_measurements, COVE_MSMT_INITIAL);
	EXPECT(caps.runtime_measurements, COVE_MSMT_RUNTIME_NUM);
	for (i = 0; i < COVE_ATTCAPS_REGISTERS; i++) {
		EXPECT(caps.msmt_regs[i].type, i >= COVE_MSMT_RUNTIME && i < COVE_MSMT_COUNT);
		EXPECT(caps.msmt_regs[i].hash_algorithm, COVE_HASH_SHA384);
		EXPECT(caps.msmt_regs[i].tcg_pcr_index, i < COVE_MSMT_COUNT ? 0xff : 0);
	}
	ANSWER(&r, OK, sizeof(caps), GET_ATTCAPS, BUF, 2 * PAGE);
}

/* What the host reads of a register, anybody may; the guest reads the same. */
static void initial(void)
{
	uint8_t seen[HASH], host[HASH];
	struct remote r;
	unsigned long i;

	REQUIRE(build(&r));
	for (i = 0; i < COVE_MSMT_INITIAL; i++) {
		REQUIRE(read_register(&r, i, seen));
		EXPECT(sbi6(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, r.t.gid, i,
			    (unsigned long)host, HASH)
			       .error,
		       OK);
		EXPECT(memcmp(seen, host, HASH), 0);
	}
}

static void extend_here(uint8_t reg[HASH], const uint8_t digest[HASH])
{
	struct sha384 s;

	sha384_start(&s);
	sha384_add(&s, reg, HASH);
	sha384_add(&s, digest, HASH);
	sha384_end(&s, reg);
}

static void runtime(void)
{
	uint8_t expected[COVE_MSMT_RUNTIME_NUM][HASH] = { 0 }, seen[HASH], digest[HASH];
	struct remote r;
	unsigned long i, k;

	REQUIRE(build(&r));
	for (i = 0; i < COVE_MSMT_RUNTIME_NUM; i++) {
		REQUIRE(read_register(&r, COVE_MSMT_RUNTIME + i, seen));
		EXPECT(memcmp(seen, expected[i], HASH), 0);
	}
	for (k = 0; k < 6; k++) {
		memset(digest, (int)(0x30 + k), HASH);
		REQUIRE(write_bytes(&r, BUF, digest, HASH));
		i = k * 3 % COVE_MSMT_RUNTIME_NUM;
		ANSWER(&r, OK, 0, EXTEND_MEASUREMENT, BUF, HASH, COVE_MSMT_RUNTIME + i);
		extend_here(expected[i], digest);
		for (i = 0; i < COVE_MSMT_RUNTIME_NUM; i++) {
			REQUIRE(read_register(&r, COVE_MSMT_RUNTIME + i, seen));
			EXPECT(memcmp(seen, expected[i], HASH), 0);
		}
	}
}

/* The guest cannot write its own history. */
static void extend_initial(void)
{
	uint8_t before[HASH], after[HASH];
	struct remote r;
	unsigned long i;

	REQUIRE(build(&r));
	for (i = 0; i < COVE_MSMT_INITIAL; i++) {
		REQUIRE(read_register(&r, i, before));
		REFUSED(&r, E_INVALID_PARAM, EXTEND_MEASUREMENT, BUF, HASH, i);
		REQUIRE(read_register(&r, i, after));
		EXPECT(memcmp(before, after, HASH), 0);
	}
}

static void extend_errors(void)
{
	struct remote r;

	REQUIRE(build(&r));
	REFUSED(&r, E_INVALID_ADDRESS, EXTEND_MEASUREMENT, BUF + 8, HASH, COVE_MSMT_RUNTIME);
	REFUSED(&r, E_INVALID_PARAM, EXTEND_MEASUREMENT, BUF, HASH - 1, COVE_MSMT_RUNTIME);
	REFUSED(&r, E_INVALID_PARAM, EXTEND_MEASUREMENT, BUF, HASH + 1, COVE_MSMT_RUNTIME);
	REFUSED(&r, E_INVALID_PARAM, EXTEND_MEASUREMENT, BUF, 64, COVE_MSMT_RUNTIME);
	REFUSED(&r, E_INVALID_PARAM, EXTEND_MEASUREMENT, BUF, 0, COVE_MSMT_RUNTIME);
	REFUSED(&r, E_INVALID_PARAM, EXTEND_MEASUREMENT, BUF, HASH, COVE_MSMT_COUNT);
	REFUSED(&r, E_INVALID_PARAM, EXTEND_MEASUREMENT, BUF, HASH, 1UL << 32 | COVE_MSMT_RUNTIME);
	REFUSED(&r, E_INVALID_PARAM, EXTEND_MEASUREMENT, BUF, HASH, ~0UL);
}

static void read_errors(void)
{
	struct remote r;

	REQUIRE(build(&r));
	REFUSED(&r, E_INVALID_ADDRESS, READ_MEASUREMENT, BUF + 8, HASH, 4);
	REFUSED(&r, E_INVALID_PARAM, READ_MEASUREMENT, BUF, HASH - 1, 4);
	REFUSED(&r, E_INVALID_PARAM, READ_MEASUREMENT, BUF, HASH, COVE_MSMT_COUNT);
	REFUSED(&r, E_INVALID_PARAM, READ_MEASUREMENT, BUF, HASH, ~0UL);
	REFUSED(&r, E_INVALID_PARAM, READ_MEASUREMENT, END - PAGE, 2 * PAGE, 4);
	REFUSED(&r, E_INVALID_PARAM, READ_MEASUREMENT, BUF, ~0UL, 4);
	REFUSED(&r, E_INVALID_ADDRESS, GET_ATTCAPS, BUF + 8, PAGE);
	REFUSED(&r, E_INVALID_PARAM, GET_ATTCAPS, BUF, 0);
	REFUSED(&r, E_INVALID_PARAM, GET_ATTCAPS, BUF, sizeof(struct attestation_capabilities));
	REFUSED(&r, E_INVALID_PARAM, GET_ATTCAPS, END - PAGE, 2 * PAGE);
	REFUSED(&r, E_INVALID_PARAM, GET_ATTCAPS, BUF, ~0UL & ~0xfffUL);
}

/* A device, nothing, the end of all addresses, memory that the host sees */
static void outside(void)
{
	unsigned long shared = GUEST_HEAP + 16 * PAGE, host = pages_alloc(1, 1);
	const unsigned long bad[] = { MAIL_BASE, 0, END, ~0xfffUL, 1UL << 60, shared };
	struct remote r;
	unsigned int i;

	page_fill(host, 0x77);
	REQUIRE(build(&r) && remote_shared(&r, shared, 1, host));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		REFUSED(&r, E_INVALID_ADDRESS, GET_ATTCAPS, bad[i], PAGE);
		REFUSED(&r, E_INVALID_ADDRESS, EXTEND_MEASUREMENT, bad[i], HASH, COVE_MSMT_RUNTIME);
		REFUSED(&r, E_INVALID_ADDRESS, READ_MEASUREMENT, bad[i], HASH, COVE_MSMT_PAGES);
	}
	EXPECT_TRUE(page_is(host, 0x77));
}

/* A page that is not there, or that the host has taken away: the call waits for it. */
static void unpopulated(void)
{
	uint8_t digest[HASH] = { 1, 2, 3 }, expected[HASH] = { 0 }, seen[HASH];
	struct remote r;

	REQUIRE(build(&r));
	WANTS_PAGE(&r, CAUSE_GLOAD, BUF + 4 * PAGE, EXTEND_MEASUREMENT, BUF + 4 * PAGE, HASH,
		   COVE_MSMT_RUNTIME);
	EXPECT(tvm_run(&r.t, 0).scause, CAUSE_GLOAD); /* it asks again */
	REQUIRE(remote_populate(&r, BUF + 4 * PAGE, 1));
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], OK);
	memset(digest, 0, HASH);
	extend_here(expected, digest);
	REQUIRE(read_register(&r, COVE_MSMT_RUNTIME, seen));
	EXPECT(memcmp(expected, seen, HASH), 0); /* once */

	EXPECT(covh(SBI_COVH_TVM_INVALIDATE_PAGES, r.t.gid, BUF, PAGE), OK);
	WANTS_PAGE(&r, CAUSE_GSTORE, BUF, READ_MEASUREMENT, BUF, HASH, COVE_MSMT_RUNTIME);
	EXPECT(covh(SBI_COVH_TVM_VALIDATE_PAGES, r.t.gid, BUF, PAGE), OK);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], OK);
}

/* Registers are a TVM's own, and begin anew with it, in the same pages too. */
static void not_inherited(void)
{
	uint8_t zero[HASH] = { 0 }, seen[HASH];
	struct remote r, s;

	REQUIRE(build(&r));
	REQUIRE(build(&s));
	ANSWER(&r, OK, 0, EXTEND_MEASUREMENT, BUF, HASH, COVE_MSMT_RUNTIME + 1);
	REQUIRE(read_register(&s, COVE_MSMT_RUNTIME + 1, seen));
	EXPECT(memcmp(zero, seen, HASH), 0);
	REQUIRE(read_register(&r, COVE_MSMT_RUNTIME + 1, seen));
	EXPECT_TRUE(memcmp(zero, seen, HASH));
	EXPECT(tvm_destroy(&r.t), OK);
	EXPECT(reclaim(r.t.chunk, TVM_CHUNK), OK);
	REQUIRE(build(&r));
	REQUIRE(read_register(&r, COVE_MSMT_RUNTIME + 1, seen));
	EXPECT(memcmp(zero, seen, HASH), 0);
}

/* What the guest has measured is not for the host. */
static void host_reads_runtime(void)
{
	unsigned long host = pages_alloc(1, 1), i;
	struct remote r;

	REQUIRE(build(&r));
	page_fill(host, 0x66);
	for (i = COVE_MSMT_RUNTIME; i < COVE_MSMT_COUNT; i++)
		EXPECT(sbi6(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, r.t.gid, i, host, HASH)
			       .error,
		       E_INVALID_PARAM);
	EXPECT_TRUE(page_is(host, 0x66));
}

const struct test attest_tests[] = {
	{ "attest_capabilities", capabilities, 1 },
	{ "attest_initial_registers", initial, 1 },
	{ "attest_runtime_registers", runtime, 1 },
	{ "attest_extend_initial", extend_initial, 1 },
	{ "attest_extend_errors", extend_errors, 1 },
	{ "attest_read_errors", read_errors, 1 },
	{ "attest_outside", outside, 1 },
	{ "attest_unpopulated", unpopulated, 1 },
	{ "attest_not_inherited", not_inherited, 1 },
	{ "attest_host_reads_runtime", host_reads_runtime, 1 },
};
DEFINE_TESTS(attest);
