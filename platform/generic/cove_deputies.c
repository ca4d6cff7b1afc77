// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * OpenSBI's own calls must not be the host's deputies: an address that they
 * use in M-mode has to be the host's RAM, an index must not wrap. Both matter
 * before OpenSBI 1.9, whose address check wraps and whose counter mask may
 * leave the array; the ownership of pages no OpenSBI knows.
 */
#include "cove_platform.h"
#include <sbi/sbi_bitops.h>
#include <sbi/sbi_ecall.h>
#include <sbi/sbi_ecall_interface.h>
#include <sbi/sbi_error.h>
#include <sbi/sbi_pmu.h>
#include <sbi/sbi_trap.h>

#define PMU_EVENT_INFO_SIZE 16

extern struct sbi_ecall_extension ecall_dbcn;
extern struct sbi_ecall_extension ecall_pmu;

typedef int (*handler_t)(unsigned long extid, unsigned long funcid, struct sbi_trap_regs *regs,
			 struct sbi_ecall_return *out);

static handler_t dbcn_handle;
static handler_t pmu_handle;

static int guard_dbcn(unsigned long extid, unsigned long funcid, struct sbi_trap_regs *regs,
		      struct sbi_ecall_return *out)
{
	bool has_buffer =
		funcid == SBI_EXT_DBCN_CONSOLE_WRITE || funcid == SBI_EXT_DBCN_CONSOLE_READ;

	if (has_buffer && regs->a0 && (regs->a2 || !cove_host_range(regs->a1, regs->a0)))
		return SBI_ERR_INVALID_PARAM;
	return dbcn_handle(extid, funcid, regs, out);
}

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
		if (!counters_valid(regs->a0, regs->a1))
			return SBI_ERR_INVALID_PARAM;
		break;
	case SBI_EXT_PMU_EVENT_GET_INFO:
		if (regs->a2 > COVE_PAGE_SIZE)
			return SBI_ERR_INVALID_PARAM;
		if (regs->a1 ||
		    (regs->a2 && !cove_host_range(regs->a0, regs->a2 * PMU_EVENT_INFO_SIZE)))
			return SBI_ERR_INVALID_ADDRESS;
		break;
	}
	return pmu_handle(extid, funcid, regs, out);
}

void cove_deputies_init(void)
{
	dbcn_handle = ecall_dbcn.handle;
	ecall_dbcn.handle = guard_dbcn;
	pmu_handle = ecall_pmu.handle;
	ecall_pmu.handle = guard_pmu;
}
