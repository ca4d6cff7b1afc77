// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Each hart: its PMP on cold boot, warm boot and resume, and host accesses
 * that fault only because the hart's PMP is older than the table.
 */
#include "cove_platform.h"
#include <platform_override.h>
#include <sbi/sbi_console.h>
#include <sbi/sbi_ecall_interface.h>
#include <sbi/sbi_error.h>
#include <sbi/sbi_hart.h>
#include <sbi/sbi_hart_pmp.h>
#include <sbi/sbi_hart_protection.h>
#include <sbi/sbi_platform.h>
#include <sbi/sbi_string.h>
#include <sbi/sbi_trap.h>

#define RATING 1000 /* above OpenSBI's PMP and ePMP */

static void (*next_final_exit)(void);

/*
 * cbo.inval may not throw away the scrubbing of a page that changes owner:
 * let it flush instead.
 */
static void tame_cache_invalidate(void)
{
	unsigned long menvcfg;

	if (!sbi_hart_has_extension(sbi_scratch_thishart_ptr(), SBI_HART_EXT_ZICBOM))
		return;
	menvcfg = csr_read(CSR_MENVCFG);
	if ((menvcfg & ENVCFG_CBIE) == ENVCFG_CBIE)
		csr_write(CSR_MENVCFG,
			  (menvcfg & ~ENVCFG_CBIE) | ENVCFG_CBIE_FLUSH << ENVCFG_CBIE_SHIFT);
}

/* A hart that cannot be protected must not run the host: OpenSBI halts it on an error. */
static int configure(struct sbi_scratch *scratch)
{
	struct cove_hart *hart = cove_this_hart();

	if (!cove_hart_matches(scratch)) {
		sbi_printf("CoveSBI: hart %d differs from the boot hart and stays off\n",
			   current_hartid());
		return SBI_EFAIL;
	}
	tame_cache_invalidate();
	return cove_hart_online(hart) ? SBI_EFAIL : 0;
}

static void unconfigure(struct sbi_scratch *scratch)
{
	(void)scratch;
}

static struct sbi_hart_protection protection = {
	.name = "cove",
	.rating = RATING,
	.configure = configure,
	.unconfigure = unconfigure,
};

static void final_exit(void)
{
	if (next_final_exit)
		next_final_exit();
	cove_hart_offline(cove_this_hart());
}

/* A board with protection or PMP hooks of its own is not ours to reprogram. */
static bool stock_protection(void)
{
	struct sbi_hart_protection *best = sbi_hart_protection_best();

	return best && !generic_platform_ops.pmp_set &&
	       (!sbi_strcmp(best->name, "pmp") || !sbi_strcmp(best->name, "epmp"));
}

int cove_hart_protection_init(void)
{
	if (!stock_protection())
		return SBI_ENOTSUPP;
	next_final_exit = generic_platform_ops.final_exit;
	generic_platform_ops.final_exit = final_exit;
	return sbi_hart_protection_register(&protection);
}

static bool is_access_fault(unsigned long cause)
{
	return cause == CAUSE_FETCH_ACCESS || cause == CAUSE_LOAD_ACCESS ||
	       cause == CAUSE_STORE_ACCESS;
}

/* Traps in which OpenSBI accesses the host's memory with the host's rights. */
static bool is_emulated(const struct sbi_trap_context *tcntx)
{
	unsigned long cause = tcntx->trap.cause;

	return cause == CAUSE_MISALIGNED_LOAD || cause == CAUSE_MISALIGNED_STORE ||
	       cause == CAUSE_ILLEGAL_INSTRUCTION ||
	       (cause == CAUSE_SUPERVISOR_ECALL && tcntx->regs.a7 <= SBI_EXT_0_1_SHUTDOWN);
}

struct sbi_trap_context *__real_sbi_trap_handler(struct sbi_trap_context *tcntx);
struct sbi_trap_context *__wrap_sbi_trap_handler(struct sbi_trap_context *tcntx);

/*
 * Memory that was given back on another hart is denied here until this hart's
 * PMP follows the table: do that at the first fault and retry.
 */
struct sbi_trap_context *__wrap_sbi_trap_handler(struct sbi_trap_context *tcntx)
{
	bool fault = is_access_fault(tcntx->trap.cause);
	struct cove_hart *hart;

	if (cove.active && (fault || is_emulated(tcntx)) &&
	    sbi_mstatus_prev_mode(tcntx->regs.mstatus) != PRV_M) {
		hart = cove_this_hart();
		if (cove_hart_pmp_stale(hart) && !cove_hart_pmp_derive(hart)) {
			cove_world_flush_host();
			if (fault)
				return tcntx;
		}
	}
	return __real_sbi_trap_handler(tcntx);
}
