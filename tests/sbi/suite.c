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

#define GIGA_RAM (3UL << 30) /* what the test of 1 GiB needs */

void payload(void)
{
	struct covesbi_stats stats;

	get_stats(&stats);
	RUN(abi);
	RUN(convert);
	RUN(isolation);
	RUN(deputy);
	RUN(deputy_sse);
	RUN(deputy_dbtr);
	RUN(nacl);
	RUN(tvm);
	RUN(pages);
	RUN(large);
	RUN(steps);
	RUN(run);
	RUN(regs);
	RUN(registers);
	RUN(hostile_guest);
	RUN(mmio);
	RUN(guest_sbi);
	RUN(guest_life);
	RUN(promote);
	RUN(share);
	RUN(hvip);
	RUN(measure);
	RUN(vector);
	RUN(attest);
	RUN(evidence);
	RUN(tap);
	RUN(smp);
	RUN(hsm);
	RUN(fence);
	RUN(exhaust);
	RUN(refill);
	RUN(refill_life);
	RUN(window);
	RUN(hostile_host);
	if (stats.ram_bytes >= GIGA_RAM)
		RUN(giga);
}
