// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What a guest asks about its measurement.
 */
#include "guest.h"

#define BUF	       GUEST_RAM
#define HASH	       48
#define COVG(fid, ...) ECALL(SBI_EXT_COVG, SBI_COVG_##fid, __VA_ARGS__)

static struct machine_tvm t;

static int setup(void **state)
{
	u64 page;

	(void)state;
	machine_boot(4, 4);
	machine_tvm_runnable(&t, ARENA, 128, 2, 0);
	page = donate(&t, 4);
	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, t.gid, page, 0, 4, GUEST_RAM), COVE_OK);
	for (fake_hart = 4; fake_hart--;)
		guest_new();
	fake_hart = 0;
	return 0;
}

static int teardown(void **state)
{
	fake_hart = 0;
	machine_tvm_end(&t);
	return machine_teardown(state);
}

static u8 *guest_ptr(u64 gpa)
{
	u64 pa = 0;

	assert_int_equal(cove_gstage_get(tvm_of(t.gid), gpa, &pa), GSTAGE_DATA);
	return arch_ptr(pa);
}

static void run_to_end(void)
{
	assert_int_equal(guest_run(t.gid, 0), COVE_OK);
	assert_true(guest_done());
	assert_int_equal(fake_harts[fake_hart].scause, INTERRUPT | IRQ_S_TIMER);
}

static void test_capabilities(void **state)
{
	const struct attestation_capabilities *caps = (void *)guest_ptr(BUF);

	(void)state;
	COVG(GET_ATTCAPS, BUF, PAGE);
	run_to_end();
	assert_sbi(0, COVE_OK, sizeof(*caps));
	assert_int_equal(caps->hash_algorithm, COVE_HASH_SHA384);
	assert_int_equal(caps->initial_measurements + caps->runtime_measurements, COVE_MSMT_COUNT);
	assert_int_equal(caps->msmt_regs[COVE_MSMT_RUNTIME].type, COVE_MSMT_TYPE_RUNTIME);
}

static void test_registers(void **state)
{
	u8 was[HASH] = { 0 };
	unsigned int i;

	(void)state;
	memset(guest_ptr(BUF), 0x5a, HASH);
	for (i = 0; i < COVE_MSMT_COUNT; i++)
		COVG(EXTEND_MEASUREMENT, BUF, HASH, i);
	COVG(READ_MEASUREMENT, BUF + PAGE, HASH, COVE_MSMT_RUNTIME);
	COVG(READ_MEASUREMENT, BUF + 2 * PAGE, PAGE, COVE_MSMT_CONFIG);
	run_to_end();
	for (i = 0; i < COVE_MSMT_COUNT; i++)
		assert_sbi(i, i < COVE_MSMT_RUNTIME ? COVE_ERR_INVALID_PARAM : COVE_OK, 0);
	assert_sbi(i, COVE_OK, HASH);
	assert_sbi(i + 1, COVE_OK, HASH);
	assert_memory_not_equal(guest_ptr(BUF + PAGE), was, HASH);
	assert_memory_equal(guest_ptr(BUF + PAGE), tvm_of(t.gid)->msmt[COVE_MSMT_COUNT - 1], HASH);
	assert_memory_equal(guest_ptr(BUF + 2 * PAGE), tvm_of(t.gid)->msmt[COVE_MSMT_CONFIG], HASH);
}

static void test_errors(void **state)
{
	u64 end = GUEST_RAM + GUEST_RAM_LEN;
	unsigned int i;

	(void)state;
	COVG(GET_ATTCAPS, BUF + 1, PAGE);
	COVG(GET_ATTCAPS, end, PAGE);
	COVG(EXTEND_MEASUREMENT, BUF + 8, HASH, COVE_MSMT_RUNTIME);
	COVG(EXTEND_MEASUREMENT, ~0xfffUL, HASH, COVE_MSMT_RUNTIME);
	COVG(READ_MEASUREMENT, BUF + 8, HASH, 0);
	COVG(READ_MEASUREMENT, 0, HASH, 0);
	COVG(GET_ATTCAPS, BUF, 0);
	COVG(GET_ATTCAPS, BUF, 336);
	COVG(GET_ATTCAPS, end - PAGE, 2 * PAGE);
	COVG(GET_ATTCAPS, BUF, ~0xfffUL);
	COVG(EXTEND_MEASUREMENT, BUF, 64, COVE_MSMT_RUNTIME);
	COVG(EXTEND_MEASUREMENT, BUF, HASH, COVE_MSMT_COUNT);
	COVG(READ_MEASUREMENT, BUF, HASH - 1, 0);
	COVG(READ_MEASUREMENT, BUF, HASH, COVE_MSMT_COUNT);
	COVG(READ_MEASUREMENT, BUF, ~0UL, 0);
	run_to_end();
	for (i = 0; i < 6; i++)
		assert_sbi(i, COVE_ERR_INVALID_ADDRESS, 0);
	for (; i < 15; i++)
		assert_sbi(i, COVE_ERR_INVALID_PARAM, 0);
}

static void test_unpopulated(void **state)
{
	(void)state;
	COVG(EXTEND_MEASUREMENT, GUEST_RAM + 8 * PAGE, HASH, COVE_MSMT_RUNTIME);
	assert_int_equal(guest_run(t.gid, 0), COVE_OK);
	assert_int_equal(fake_harts[0].scause, CAUSE_LOAD_GUEST_PAGE_FAULT);
	assert_int_equal(*nacl(NACL_CSR_OFFSET(CSR_HTVAL)), (GUEST_RAM + 8 * PAGE) >> 2);
	assert_int_equal(tvm_of(t.gid)->vcpu[0]->pc, GUEST_RAM);
	COVG(READ_MEASUREMENT, GUEST_RAM + 8 * PAGE, HASH, COVE_MSMT_RUNTIME);
	assert_int_equal(guest_run(t.gid, 0), COVE_OK);
	assert_int_equal(fake_harts[0].scause, CAUSE_STORE_GUEST_PAGE_FAULT);
}

/* What the guest has measured is gone before its pages are anybody else's. */
static void test_forgotten(void **state)
{
	const u8 zero[HASH] = { 0 };
	struct tvm *tvm = tvm_of(t.gid);

	(void)state;
	COVG(EXTEND_MEASUREMENT, BUF, HASH, COVE_MSMT_RUNTIME);
	run_to_end();
	assert_memory_not_equal(tvm->msmt[COVE_MSMT_RUNTIME], zero, HASH);
	assert_int_equal(COVH(DESTROY_TVM, t.gid), COVE_OK);
	assert_memory_equal(tvm->msmt[COVE_MSMT_RUNTIME], zero, HASH);
	assert_int_equal(COVH(RECLAIM_PAGES, t.first, t.npages), COVE_OK);
	machine_tvm_runnable(&t, ARENA, 128, 2, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_capabilities), TEST(test_registers), TEST(test_errors),
		TEST(test_unpopulated),	 TEST(test_forgotten),
	};

	return cmocka_run_group_tests_name("attest", tests, NULL, NULL);
}
