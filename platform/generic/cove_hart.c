// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Each hart: its PMP on cold boot, warm boot and resume, and its traps.
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
#include <sbi/sbi_sse.h>
#include <sbi/sbi_string.h>
#include <sbi/sbi_timer.h>
#include <sbi/sbi_trap.h>

#define RATING 1000 /* above OpenSBI's PMP and ePMP */

/* OpenSBI's trap vector on a hart with H, and ours, in cove_host_vector.S */
void _trap_handler_hyp(void);

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

/*
 * What else there may be below M-mode that Smstateen governs, nobody switches:
 * it stays hidden, from the host as well.
 */
static void hide_unknown_state(void)
{
	if (!sbi_hart_has_extension(sbi_scratch_thishart_ptr(), SBI_HART_EXT_SMSTATEEN) ||
	    !COVE_DEFENCE(STATEEN_HIDDEN))
		return;
	csr_write(CSR_MSTATEEN1, 0);
	csr_write(CSR_MSTATEEN2, 0);
	csr_write(CSR_MSTATEEN3, 0);
}

/* Only where it is OpenSBI's vector that we know, and for today's numbers. */
static void shorten_runs(const struct cove_hart *hart)
{
	if (cove.dialect == COVE_DIALECT_CURRENT && !hart->long_way &&
	    csr_read(CSR_MTVEC) == (unsigned long)_trap_handler_hyp)
		csr_write(CSR_MTVEC, (unsigned long)cove_host_vector);
}

void cove_hart_long_way(bool needed)
{
	struct cove_hart *hart = cove_this_hart();

	hart->long_way = needed;
	if (needed)
		csr_write(CSR_MTVEC, (unsigned long)_trap_handler_hyp);
	else
		shorten_runs(hart);
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
	hide_unknown_state();
	shorten_runs(hart);
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
	if (!COVE_DEFENCE(STOP_PROMPT))
		sbi_timer_mdelay(30);
	if (next_final_exit)
		next_final_exit();
	cove_ipi_hart_stop();
	cove_deputies_hart_stop();
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

struct sbi_trap_context *__real_sbi_trap_handler(struct sbi_trap_context *tcntx);
struct sbi_trap_context *__wrap_sbi_trap_handler(struct sbi_trap_context *tcntx);

static ARCH_NOINLINE struct sbi_trap_context *host_trap(struct sbi_trap_context *tcntx)
{
	struct cove_host_trap t = {
		.gpr = tcntx->regs.gprs,
		.pc = tcntx->regs.mepc,
		.mstatus = tcntx->regs.mstatus,
		.cause = tcntx->trap.cause,
		.tval = tcntx->trap.tval,
		.tval2 = tcntx->trap.tval2,
		.tinst = tcntx->trap.tinst,
		.gva = tcntx->trap.gva,
	};
	enum cove_host_action action;

	/* QEMU sets it, but never clears it. */
	t.mstatus &= ~MSTATUS_GVA;
	action = cove_host_trap(&t);
	tcntx->regs.mepc = t.pc;
	tcntx->regs.mstatus = t.mstatus;
	tcntx->trap.cause = t.cause;
	tcntx->trap.tval = t.tval;
	tcntx->trap.tval2 = t.tval2;
	tcntx->trap.tinst = t.tinst;
	if (action == HOST_OPENSBI)
		return __real_sbi_trap_handler(tcntx);
	if (action == HOST_REDIRECT) {
		tcntx->trap.gva = t.gva;
		sbi_trap_redirect(&tcntx->regs, &tcntx->trap);
	}
	return tcntx;
}

/* Traps in which cove_host_trap() has nothing to do while no window is open: most of a host's. */
static bool is_plain(unsigned long cause, unsigned long a7)
{
	return (long)cause < 0 || (cause == CAUSE_SUPERVISOR_ECALL && a7 != SBI_EXT_RFENCE &&
				   a7 > SBI_EXT_0_1_SHUTDOWN);
}

static ARCH_NOINLINE struct sbi_trap_context *plain_trap(struct sbi_trap_context *tcntx)
{
	if (tcntx->trap.cause != CAUSE_SUPERVISOR_ECALL || !cove_ecall(&tcntx->regs))
		return __real_sbi_trap_handler(tcntx);
	if (cove_sse_used)
		sbi_sse_process_pending_events(&tcntx->regs);
	return tcntx;
}

/* What the monitor has to do with a trap of the host comes before OpenSBI. */
struct sbi_trap_context *__wrap_sbi_trap_handler(struct sbi_trap_context *tcntx)
{
	if (!cove.active || sbi_mstatus_prev_mode(tcntx->regs.mstatus) == PRV_M)
		return __real_sbi_trap_handler(tcntx);
	if (cove_this_hart()->window.open == WINDOW_SHUT &&
	    is_plain(tcntx->trap.cause, tcntx->regs.a7))
		return plain_trap(tcntx);
	return host_trap(tcntx);
}
