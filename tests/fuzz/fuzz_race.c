// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A hostile host on four harts that are threads, under TSan: an input is what each
 * of them chooses (storm.h). Inputs say which calls meet, not when: the same one may
 * find a race in one run and not in the next. What is new about an input is which call
 * has met which other, and how it ended; counters of the compiler would be races.
 */
#include "start.h"
#include "storm.h"

#define RESULTS 15 /* 0 and the errors of SBI */

static unsigned long executions;
static struct storm_counts all;

#define FEEDBACK __attribute__((used, section("__libfuzzer_extra_counters")))
static FEEDBACK u8 met[STORM_CALLS][STORM_CALLS + 1][RESULTS];

static void count(unsigned int fid, unsigned int other, long rc)
{
	__atomic_store_n(&met[fid][other][-rc], 1, __ATOMIC_RELAXED);
}

/* The first race is the end. It is asked before there is anything to instrument with. */
const char *__tsan_default_options(void);
__attribute__((disable_sanitizer_instrumentation)) const char *__tsan_default_options(void)
{
	return "halt_on_error=1";
}

static void report(void)
{
	unsigned long operations = 0;
	unsigned int fid;

	for (fid = 0; fid < STORM_CALLS; fid++) {
		operations += all.made[fid];
		if (!all.done[fid] && fid != SBI_COVH_PROMOTE_TO_TVM)
			fprintf(stderr, "no operation: call %u has never succeeded\n", fid);
	}
	if (!all.marks)
		fprintf(stderr, "no operation: no guest has run\n");
	fprintf(stderr, "executions %lu operations %lu\n", executions, operations);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	storm_seen = count;
	machine_boot(STORM_HARTS, 4);
	storm_input(data, size);
	storm_count(&all);
	storm_end();
	machine_halt();
	executions++;
	return 0;
}
