// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * OpenSBI's own calls must not be the host's deputies: an address that they
 * use in M-mode has to be the host's RAM, also later, and an index must not
 * leave its array. One file for each kind of call; here are those that need a
 * few lines only.
 */
#include "cove_deputy.h"
#include <sbi/sbi_bitops.h>
#include <sbi/sbi_pmu.h>

extern struct sbi_ecall_extension ecall_pmu;
extern struct sbi_ecall_extension ecall_vendor;

static cove_handler_t pmu_handle;

/* Before OpenSBI 1.9 a counter mask may leave the array. */
static bool counters_valid(unsigned long base, unsigned long mask)
{
	unsigned long total = (unsigned long)sbi_pmu_num_ctr();
	unsigned long last = mask ? sbi_fls(mask) : 0;

	return base < total && base + last < total;
}

static int guard_pmu(unsigned long extid, unsigned long funcid, struct sbi_trap_regs *regs,
		     struct sbi_ecall_return *out)
{
	switch (funcid) {
	case SBI_EXT_PMU_COUNTER_CFG_MATCH:
	case SBI_EXT_PMU_COUNTER_START:
	case SBI_EXT_PMU_COUNTER_STOP:
		if (COVE_DEFENCE(PMU_COUNTERS) && !counters_valid(regs->a0, regs->a1))
			return SBI_ERR_INVALID_PARAM;
		break;
	case SBI_EXT_PMU_EVENT_GET_INFO:
		/* OpenSBI multiplies it by the size of an entry */
		if (regs->a2 > COVE_PAGE_SIZE)
			return SBI_ERR_INVALID_PARAM;
		break;
	case SBI_EXT_PMU_SNAPSHOT_SET_SHMEM:
		/* Memory for later: no OpenSBI has it yet, none gets it without a pin. */
		return SBI_ERR_NOT_SUPPORTED;
	}
	return pmu_handle(extid, funcid, regs, out);
}

/* A board's own calls are unknown here; one of them makes RAM uncacheable. */
static int refuse(unsigned long extid, unsigned long funcid, struct sbi_trap_regs *regs,
		  struct sbi_ecall_return *out)
{
	(void)extid;
	(void)funcid;
	(void)regs;
	(void)out;
	return SBI_ERR_NOT_SUPPORTED;
}

void cove_deputies_init(void)
{
	pmu_handle = cove_deputy_guard(&ecall_pmu, guard_pmu);
	cove_deputy_guard(&ecall_vendor, refuse);
	cove_deputy_sse_init();
	cove_deputy_dbtr_init();
	cove_deputy_mpxy_init();
}

void cove_deputies_hart_stop(void)
{
	cove_deputy_dbtr_stop();
	cove_deputy_mpxy_stop();
}
