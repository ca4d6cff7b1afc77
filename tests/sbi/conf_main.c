// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The groups of conformance tests.
 */
#include "conf.h"

#define RUN(group)                                       \
	do {                                             \
		DECLARE_TESTS(group);                    \
		tests_run(group##_tests, group##_count); \
	} while (0)

void payload(void)
{
	if (!(tsm.tsm_capabilities & TSM_CAP_MEMORY_ALLOCATION)) {
		print("FAIL boot: the firmware has no memory conversion\n");
		return;
	}
	RUN(conf_calls);
	RUN(conf_memory);
	RUN(conf_life);
	RUN(conf_place);
	RUN(conf_run);
	RUN(conf_covg);
	RUN(conf_attest);
	RUN(conf_guest);
}
