// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Local attestation: a TAP gives its secret to the TVM and on the platform that it is
 * for, once if it says so, and to nobody else; what is wrong with it in any byte is found.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "tap_fixture.h"

#define POOL		      128UL
#define SECOND		      (ARENA + POOL * PAGE)
#define BUF		      GUEST_RAM
#define SET_TAP(gid, pa, len) CALL(SBI_EXT_COVESBI, SBI_COVESBI_SET_TAP, gid, pa, len)

static struct machine_tvm t;
static u8 registers[COVE_MSMT_COUNT][COVE_HASH_LEN]; /* of machine_tvm() in this boot */
static struct seal_request req;
static size_t tap_len;

static void boot(u8 fill, u8 image, u32 state)
{
	struct cove_rot rot = attest_rot(fill);

	rot.state = state;
	assert_int_equal(attest_boot(&rot, image), COVE_OK);
}

static u8 *source(void)
{
	return arch_ptr(SOURCE);
}

/* A TAP for t, where the host has it */
static void make(void)
{
	tap_len = tap_seal(&req, source());
}

static void make_request(void)
{
	machine_tvm_runnable(&t, ARENA, POOL, 1, 0);
	memcpy(registers, tvm_of(t.gid)->msmt, sizeof(registers));
	machine_tvm_end(&t);
	tap_request(&req, registers);
}

static int setup(void **state)
{
	(void)state;
	machine_boot(4, 4);
	boot(0x11, 0x33, COVE_ROT_SECURED);
	make_request();
	machine_tvm(&t, ARENA, POOL, 1, 0);
	make();
	return 0;
}

static int teardown(void **state)
{
	fake_hart = 0;
	machine_tvm_end(&t);
	return machine_teardown(state);
}

static long set(void)
{
	return SET_TAP(t.gid, SOURCE, tap_len);
}

static long set_once(u64 pa, size_t len)
{
	return host_call_once(SBI_EXT_COVESBI, SBI_COVESBI_SET_TAP,
			      (const unsigned long[6]){ t.gid, pa, len });
}

static long finalize(void)
{
	return COVH(FINALIZE_TVM, t.gid, GUEST_RAM, 0x1234);
}

static bool nowhere(u64 pa, u64 len, const void *needle, size_t n)
{
	return !memmem(arch_ptr(pa), len, needle, n);
}

/* Neither in the TVM's state nor where anybody could look for it */
static void assert_no_secret(void)
{
	assert_true(nowhere(FAKE_RAM_BASE, RAM_PAGES * PAGE, TAP_SECRET, sizeof(TAP_SECRET)));
}

/* Everything that the guest may ask for, with a page at BUF */
static void give_page(void)
{
	u64 page = donate(&t, 1);

	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, t.gid, page, 0, 1, BUF), COVE_OK);
}

static u8 *guest_ptr(u64 gpa)
{
	u64 pa = 0;

	assert_int_equal(cove_gstage_get(tvm_of(t.gid), gpa, &pa), GSTAGE_DATA);
	return arch_ptr(pa);
}

#define RETRIEVE(gpa, len) ECALL(SBI_EXT_COVG, SBI_COVG_RETRIEVE_SECRET, gpa, len)

static void test_released(void **state)
{
	static const u8 zero[16];

	(void)state;
	assert_int_equal(set(), COVE_OK);
	assert_int_equal(finalize(), COVE_OK);
	attest_is_zero(arch_ptr(t.state_pa + COVE_TVM_PAGES * PAGE), COVE_EVIDENCE_PAGES * PAGE);
	give_page();
	guest_new();
	RETRIEVE(BUF, sizeof(TAP_SECRET) - 1);
	RETRIEVE(BUF, sizeof(TAP_SECRET));
	RETRIEVE(BUF, PAGE);
	assert_int_equal(guest_run(t.gid, 0), COVE_OK);
	assert_true(guest_done());
	assert_sbi(0, COVE_ERR_INVALID_PARAM, sizeof(TAP_SECRET));
	assert_sbi(1, COVE_OK, sizeof(TAP_SECRET));
	assert_sbi(2, COVE_OK, sizeof(TAP_SECRET));
	assert_memory_equal(guest_ptr(BUF), TAP_SECRET, sizeof(TAP_SECRET));
	assert_memory_equal(guest_ptr(BUF) + sizeof(TAP_SECRET), zero, sizeof(zero));
}

static void test_retrieve_errors(void **state)
{
	u64 end = GUEST_RAM + GUEST_RAM_LEN;
	unsigned int i;

	(void)state;
	assert_int_equal(set(), COVE_OK);
	assert_int_equal(finalize(), COVE_OK);
	guest_new();
	RETRIEVE(BUF + 8, PAGE - 8);
	RETRIEVE(end, PAGE);
	RETRIEVE(0, PAGE);
	RETRIEVE(~0xfffUL, PAGE);
	RETRIEVE(BUF, 0);
	RETRIEVE(BUF, PAGE + 1);
	RETRIEVE(BUF, ~0UL);
	RETRIEVE(BUF, PAGE); /* no page there yet */
	assert_int_equal(guest_run(t.gid, 0), COVE_OK);
	assert_int_equal(fake_harts[0].scause, CAUSE_STORE_GUEST_PAGE_FAULT);
	assert_int_equal(*nacl(NACL_CSR_OFFSET(CSR_HTVAL)), BUF >> 2);
	for (i = 0; i < 4; i++)
		assert_sbi(i, COVE_ERR_INVALID_ADDRESS, 0);
	for (; i < 7; i++)
		assert_sbi(i, COVE_ERR_INVALID_PARAM, 0);
}

static void test_without(void **state)
{
	(void)state;
	assert_int_equal(finalize(), COVE_OK);
	give_page();
	guest_new();
	RETRIEVE(BUF, PAGE);
	assert_int_equal(guest_run(t.gid, 0), COVE_OK);
	assert_sbi(0, COVE_ERR_AUTH, 0);
	attest_is_zero(guest_ptr(BUF), PAGE);
	assert_int_equal(set(), COVE_ERR_INVALID_PARAM); /* too late */
}

/* It is good for nothing but destroy, and nothing of the secret is left. */
static void assert_refused(void)
{
	assert_int_equal(finalize(), COVE_ERR_AUTH);
	assert_no_secret();
	assert_int_equal(COVH(RUN_TVM_VCPU, t.gid, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(finalize(), COVE_ERR_INVALID_PARAM);
	assert_int_equal(set(), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(ADD_TVM_MEMORY_REGION, t.gid, 1UL << 33, PAGE),
			 COVE_ERR_INVALID_PARAM);
	machine_tvm_end(&t);
	machine_tvm(&t, ARENA, POOL, 1, 0);
}

static void test_other_tvm(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < COVE_MSMT_INITIAL; i++) {
		tap_request(&req, registers);
		req.value[i][i] ^= 1;
		make();
		assert_int_equal(set(), COVE_OK);
		assert_refused();
	}
	tap_request(&req, registers);
	make();
	assert_int_equal(set(), COVE_OK);
	assert_int_equal(COVH(FINALIZE_TVM, t.gid, GUEST_RAM + 2, 0x1234), COVE_ERR_AUTH);
	assert_no_secret();
	machine_tvm_end(&t);
	machine_tvm(&t, ARENA, POOL, 2, 0);
	assert_int_equal(set(), COVE_OK);
	assert_refused();
	req.registers = 0x30; /* whatever the platform's registers */
	memset(req.value, 0xee, 4 * sizeof(req.value[0]));
	make();
	assert_int_equal(set(), COVE_OK);
	assert_int_equal(finalize(), COVE_OK);
}

static void test_other_platform(void **state)
{
	struct seal_request both = req;

	(void)state;
	boot(0x12, 0x33, COVE_ROT_SECURED); /* another secret */
	assert_int_equal(set(), COVE_ERR_AUTH);
	boot(0x11, 0x34, COVE_ROT_SECURED); /* another firmware */
	assert_int_equal(set(), COVE_ERR_AUTH);
	assert_no_secret();
	tap_request(&req, registers);
	memcpy(both.point[1], req.point[0], SEAL_POINT_LEN); /* for either */
	both.platforms = 2;
	both.registers = 0x30;
	req = both;
	make();
	assert_int_equal(set(), COVE_OK);
	machine_tvm_end(&t);
	boot(0x11, 0x33, COVE_ROT_SECURED);
	machine_tvm(&t, ARENA, POOL, 1, 0);
	assert_int_equal(set(), COVE_OK);
	assert_int_equal(finalize(), COVE_OK);
}

static void test_no_identity(void **state)
{
	struct cove_rot rot = attest_rot(0x11);

	(void)state;
	rot.state = 9;
	assert_true(attest_boot(&rot, 0x33) < 0);
	assert_int_equal(set(), COVE_ERR_NOT_SUPPORTED);
}

static void test_debug_platform(void **state)
{
	(void)state;
	boot(0x11, 0x33, COVE_ROT_DEBUG);
	assert_int_equal(set(), COVE_OK);
	assert_refused();
	req.flags = COVE_TAP_F_DEBUG;
	make();
	assert_int_equal(set(), COVE_OK);
	assert_int_equal(finalize(), COVE_OK);
}

static void test_arguments(void **state)
{
	(void)state;
	assert_int_equal(SET_TAP(t.gid + 1, SOURCE, tap_len), COVE_ERR_INVALID_PARAM);
	assert_int_equal(SET_TAP(t.gid, SOURCE, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(SET_TAP(t.gid, SOURCE, COVE_TAP_MAX + 1), COVE_ERR_INVALID_PARAM);
	assert_int_equal(SET_TAP(t.gid, SOURCE, ~0UL), COVE_ERR_INVALID_PARAM);
	assert_int_equal(SET_TAP(t.gid, SOURCE + 4, tap_len), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(SET_TAP(t.gid, ARENA, tap_len), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(SET_TAP(t.gid, ARENA - PAGE, tap_len + PAGE), COVE_ERR_INVALID_PARAM);
	assert_int_equal(SET_TAP(t.gid, ARENA - 8, tap_len), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(SET_TAP(t.gid, ~7UL, tap_len), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(SET_TAP(t.gid, FAKE_RAM_BASE, tap_len), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(set(), COVE_OK);
	assert_int_equal(set(), COVE_ERR_ALREADY_AVAILABLE);
	assert_int_equal(finalize(), COVE_OK);
}

/* The host may change it as soon as the first step is over, and another call begins anew. */
static void test_steps(void **state)
{
	unsigned int n = 1;
	long rc;

	(void)state;
	memcpy(source() + PAGE, source(), tap_len);
	assert_int_equal(set_once(SOURCE, tap_len), COVE_AGAIN);
	assert_int_equal(finalize(), COVE_ERR_INVALID_PARAM);
	assert_int_equal(set_once(SOURCE + PAGE, tap_len), COVE_AGAIN);
	assert_int_equal(set_once(SOURCE + PAGE, tap_len - 1), COVE_ERR_INVALID_PARAM);
	assert_int_equal(set_once(SOURCE, tap_len), COVE_AGAIN);
	memset(source(), 0xff, tap_len);
	while ((rc = set_once(SOURCE, tap_len)) == COVE_AGAIN) {
		fake_hart ^= 1;
		n++;
	}
	fake_hart = 0;
	assert_int_equal(rc, COVE_OK);
	print_message("# %u steps\n", n);
	assert_true(n > 20);
	assert_int_equal(finalize(), COVE_OK);
}

static void test_destroyed(void **state)
{
	(void)state;
	assert_int_equal(set_once(SOURCE, tap_len), COVE_AGAIN);
	assert_int_equal(set_once(SOURCE, tap_len), COVE_AGAIN);
	assert_int_equal(COVH(DESTROY_TVM, t.gid), COVE_OK);
	attest_is_zero(arch_ptr(t.state_pa + COVE_TVM_PAGES * PAGE), COVE_EVIDENCE_PAGES * PAGE);
	assert_int_equal(COVH(RECLAIM_PAGES, t.first, t.npages), COVE_OK);
	machine_tvm(&t, ARENA, POOL, 1, 0);
	assert_int_equal(set(), COVE_OK);
	assert_int_equal(COVH(DESTROY_TVM, t.gid), COVE_OK);
	assert_no_secret();
	assert_int_equal(COVH(RECLAIM_PAGES, t.first, t.npages), COVE_OK);
	machine_tvm(&t, ARENA, POOL, 1, 0);
	assert_int_equal(set(), COVE_OK);
	assert_int_equal(finalize(), COVE_OK);
	assert_false(nowhere(t.state_pa, PAGE * COVE_TVM_PAGES, TAP_SECRET, sizeof(TAP_SECRET)));
	assert_int_equal(COVH(DESTROY_TVM, t.gid), COVE_OK);
	assert_no_secret();
	assert_int_equal(COVH(RECLAIM_PAGES, t.first, t.npages), COVE_OK);
	machine_tvm(&t, ARENA, POOL, 1, 0);
}

/* Each byte: its tags cover all of it, and its form is the only one. */
static void test_corrupted(void **state)
{
	size_t i;
	long rc;

	(void)state;
	for (i = 0; i < tap_len; i++) {
		source()[i] ^= (u8)(1U << (i % 8));
		rc = set();
		if (rc != COVE_ERR_INVALID_PARAM && rc != COVE_ERR_AUTH)
			fail_msg("byte %zu: %ld", i, rc);
		source()[i] ^= (u8)(1U << (i % 8));
	}
	assert_no_secret();
	assert_int_equal(set(), COVE_OK);
}

static void test_truncated(void **state)
{
	size_t i;

	(void)state;
	for (i = 1; i < tap_len; i++)
		assert_int_equal(SET_TAP(t.gid, SOURCE, i), COVE_ERR_INVALID_PARAM);
	assert_int_equal(SET_TAP(t.gid, SOURCE, tap_len + 1), COVE_ERR_INVALID_PARAM);
	/* shorter, and it says so itself */
	((struct cove_tap_header *)source())->len--;
	((struct cove_tap_header *)source())->payload_len--;
	assert_int_equal(SET_TAP(t.gid, SOURCE, tap_len - 1), COVE_ERR_AUTH);
}

/* Two TAPs of one author: no part of one is good for the other. */
static void test_swapped(void **state)
{
	const size_t body = cove_tap_body(1);
	static u8 other[COVE_TAP_MAX];

	(void)state;
	memcpy(other, source(), tap_len);
	make();
	memcpy(source(), other, body);
	assert_int_equal(set(), COVE_ERR_AUTH);
	make();
	memcpy(source() + body, other + body, tap_len - body);
	assert_int_equal(set(), COVE_ERR_AUTH);
}

/* Authentic, and yet no payload */
static void test_payload(void **state)
{
	static const u8 large[COVE_MAX_SECRET];
	unsigned int i;

	(void)state;
	for (i = 0; i < 0x30; i += 0x10) {
		req.registers = i | 0xf;
		make();
		assert_int_equal(set(), COVE_ERR_INVALID_PARAM);
	}
	req.registers = 0x3f;
	req.flags = 4;
	make();
	assert_int_equal(set(), COVE_ERR_INVALID_PARAM);
	req.flags = 0;
	req.secret = large;
	req.secret_len = sizeof(large);
	make();
	assert_int_equal(set(), COVE_OK);
	assert_int_equal(finalize(), COVE_OK);
	assert_int_equal(tvm_of(t.gid)->secret_len, sizeof(large));
}

static void test_once(void **state)
{
	(void)state;
	req.flags = COVE_TAP_F_ONCE;
	req.value[4][0] ^= 1;
	make();
	assert_int_equal(set(), COVE_OK);
	assert_refused(); /* that does not use it up */
	req.value[4][0] ^= 1;
	make();
	assert_int_equal(set(), COVE_OK);
	assert_int_equal(finalize(), COVE_OK);
	machine_tvm_end(&t);
	machine_tvm(&t, ARENA, POOL, 1, 0);
	assert_int_equal(set(), COVE_OK);
	assert_refused();
	make(); /* its name counts, not its bytes */
	assert_int_equal(set(), COVE_OK);
	assert_refused();
	tap_request(&req, registers);
	make();
	assert_int_equal(set(), COVE_OK); /* as often as one likes */
	assert_int_equal(finalize(), COVE_OK);
	machine_tvm_end(&t);
	machine_tvm(&t, ARENA, POOL, 1, 0);
	assert_int_equal(set(), COVE_OK);
	assert_int_equal(finalize(), COVE_OK);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_released),	   TEST(test_retrieve_errors), TEST(test_without),
		TEST(test_other_tvm),	   TEST(test_other_platform),  TEST(test_no_identity),
		TEST(test_debug_platform), TEST(test_arguments),       TEST(test_steps),
		TEST(test_destroyed),	   TEST(test_corrupted),       TEST(test_truncated),
		TEST(test_swapped),	   TEST(test_payload),	       TEST(test_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
