// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Four harts make random calls against one monitor (storm.h), under ASan and under TSan.
 */
#include "storm.h"

#define STEPS (STORM_TSAN ? 400000U : 2000000U)

static void report(void)
{
	struct storm_counts n = { 0 };
	unsigned int fid;

	storm_count(&n);
	for (fid = 0; fid < STORM_CALLS; fid++) {
		print_message("# call %2u: %7lu of %7lu succeeded\n", fid, n.done[fid],
			      n.made[fid]);
		if (fid != SBI_COVH_PROMOTE_TO_TVM)
			assert_true(n.done[fid] > 0 && n.made[fid] > n.done[fid] / 2);
	}
	print_message("# %lu traps of guests, %lu marks\n", n.traps, n.marks);
	assert_true(n.marks > 0);
}

static void test_calls(void **state)
{
	(void)state;
	storm_random(unit_seed(20261121), STEPS);
	report();
	storm_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_calls, machine_setup, machine_teardown),
	};

	return cmocka_run_group_tests_name("fuzz_calls_mt", tests, NULL, NULL);
}
