// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The table of the host's calls, in both dialects.
 */
#include "machine.h"
#include <cove/sbi_cove_rfc.h>

static int setup_rfc(void **state)
{
	machine_setup(state);
	cove.dialect = COVE_DIALECT_RFC;
	return 0;
}

static int teardown_rfc(void **state)
{
	cove.dialect = COVE_DIALECT_CURRENT;
	return machine_teardown(state);
}

/* No two rows answer to one number, and each number leads to its row. */
static void test_unique(void **state)
{
	unsigned int d, i;

	(void)state;
	for (d = 0; d < COVE_DIALECTS; d++) {
		cove.dialect = (enum cove_dialect)d;
		for (i = 0; i < cove_host_ncalls; i++) {
			const struct cove_call *c = &cove_host_calls[i];

			if (c->fid[d] == COVE_NO_FID)
				continue;
			if (cove_host_find(c->eid, c->fid[d]) != c)
				fail_msg("dialect %u, %s: number %lu is taken", d, c->name,
					 c->fid[d]);
		}
	}
	cove.dialect = COVE_DIALECT_CURRENT;
}

/* Numbers of the published Linux series, from its text and not from our header. */
static void test_rfc_numbers(void **state)
{
	static const char *const names[] = {
		"get_tsm_info",
		"convert_pages",
		"reclaim_pages",
		"global_fence",
		"local_fence",
		"create_tvm",
		"finalize_tvm",
		"destroy_tvm",
		"add_tvm_memory_region",
		"add_tvm_page_table_pages",
		"add_tvm_measured_pages",
		"add_tvm_zero_pages",
		"add_tvm_shared_pages",
		"create_tvm_vcpu",
		"run_tvm_vcpu",
		"tvm_fence",
		"tvm_invalidate_pages",
		"tvm_validate_pages",
		NULL,
		NULL,
		"tvm_remove_pages",
		NULL,
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct cove_call *c = cove_host_find(SBI_EXT_COVH, i);

		if (!names[i])
			assert_null(c);
		else
			assert_string_equal(c->name, names[i]);
	}
}

/* A number that the dialect lacks is refused, and the row behind it does not run. */
static void test_rfc_absent(void **state)
{
	static const unsigned long absent[] = { 18, 19, 21, 0x3ff };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		assert_int_equal(CALL(SBI_EXT_COVH, absent[i], 0), COVE_ERR_NOT_SUPPORTED);
	/* 7 destroys here: no TVM of that name, so it says INVALID_PARAM and not NOT_SUPPORTED */
	assert_int_equal(CALL(SBI_EXT_COVH, SBI_COVH_RFC_DESTROY_TVM, 0), COVE_ERR_INVALID_PARAM);
}

static void test_rfc_tsm_info(void **state)
{
	struct tsm_info_rfc *rfc = arch_ptr(BUFFER);
	struct tsm_info *now = arch_ptr(BUFFER);
	unsigned long len;

	(void)state;
	for (len = 0; len < sizeof(*rfc); len++)
		assert_int_equal(COVH(GET_TSM_INFO, BUFFER, len), COVE_ERR_INVALID_PARAM);
	for (len = sizeof(*rfc); len < sizeof(*now); len++) {
		memset(rfc, 0xa5, sizeof(*now));
		assert_int_equal(COVH(GET_TSM_INFO, BUFFER, len), COVE_OK);
		assert_int_equal(call_value, sizeof(*rfc));
		assert_int_equal(rfc->tsm_state, TSM_READY);
		assert_int_equal(rfc->tvm_state_pages, COVE_TVM_STATE_PAGES);
		assert_int_equal(rfc->tvm_max_vcpus, COVE_MAX_VCPUS);
		assert_int_equal(rfc->tvm_vcpu_state_pages, cove_vcpu_state_pages());
		assert_int_equal(((unsigned char *)rfc)[sizeof(*rfc)], 0xa5);
	}
	assert_int_equal(COVH(GET_TSM_INFO, BUFFER, sizeof(*now)), COVE_OK);
	assert_int_equal(call_value, sizeof(*now));
	assert_int_equal(now->tsm_capabilities & TSM_CAP_MEMORY_ALLOCATION,
			 TSM_CAP_MEMORY_ALLOCATION);
}

/* The short form belongs to the other dialect. */
static void test_current_tsm_info(void **state)
{
	(void)state;
	assert_int_equal(COVH(GET_TSM_INFO, BUFFER, sizeof(struct tsm_info_rfc)),
			 COVE_ERR_INVALID_PARAM);
}

/* What the client of 2023 sees of a run that fails, for it looks at nothing else. */
static void test_rfc_failed_run(void **state)
{
	(void)state;
	fake_harts[arch_hart()].scause = 0;
	assert_true(CALL(SBI_EXT_COVH, SBI_COVH_RFC_RUN_TVM_VCPU, 0, 0) < 0);
	assert_int_equal(fake_harts[arch_hart()].scause, COVE_EXIT_CAUSE_RUN_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unique, machine_setup, machine_teardown),
		cmocka_unit_test_setup_teardown(test_rfc_numbers, setup_rfc, teardown_rfc),
		cmocka_unit_test_setup_teardown(test_rfc_absent, setup_rfc, teardown_rfc),
		cmocka_unit_test_setup_teardown(test_rfc_tsm_info, setup_rfc, teardown_rfc),
		cmocka_unit_test_setup_teardown(test_rfc_failed_run, setup_rfc, teardown_rfc),
		cmocka_unit_test_setup_teardown(test_current_tsm_info, machine_setup,
						machine_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
