// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The groups of tests.
 */
#include "host.h"
#include "tvm.h"

#define RUN(group)                                       \
	do {                                             \
		DECLARE_TESTS(group);                    \
		tests_run(group##_tests, group##_count); \
	} while (0)

void payload(void)
{
	RUN(abi);
	RUN(convert);
	RUN(isolation);
	RUN(deputy);
	RUN(deputy_sse);
	RUN(deputy_dbtr);
	RUN(nacl);
	RUN(tvm);
	RUN(pages);
	RUN(run);
	RUN(regs);
	RUN(mmio);
	RUN(guest_sbi);
	RUN(share);
	RUN(measure);
	RUN(smp);
	RUN(hsm);
	RUN(exhaust);
	RUN(refill);
	RUN(refill_life);
	RUN(window);
	RUN(hostile_host);
}
