// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * DBTR: hardware triggers. OpenSBI checks only the first address of the shared
 * memory, not the number of entries; it reads entries twice; and it installs
 * what an update asks for without a check, in M-mode too. So it never sees the
 * host's memory: its shared memory is M-mode's own, to and from which entries
 * are copied here, and triggers are checked in the copy.
 */
#include "cove_deputy.h"
#include <sbi/sbi_csr_detect.h>
#include <sbi/sbi_dbtr.h>
#include <sbi/sbi_version.h>

_Static_assert(sizeof(struct cove_trigger_msg) == sizeof(union sbi_dbtr_shmem_entry),
	       "an entry of the shared memory");
_Static_assert(COVE_MAX_TRIGGERS >= RV_MAX_TRIGGERS, "triggers");

extern struct sbi_ecall_extension ecall_dbtr;

static cove_handler_t dbtr_handle;

static unsigned long ntriggers(void)
{
	return (unsigned long)sbi_dbtr_get_total_triggers();
}

/*
 * Before 1.9 OpenSBI writes tdata2 of every trigger; one that counts
 * instructions need not have it, and the hart would never come back.
 */
#if OPENSBI_VERSION_MAJOR > 1 || OPENSBI_VERSION_MINOR >= 9
#define ICOUNT_WORKS 1
#else
#define ICOUNT_WORKS 0
#endif

static bool allowed(unsigned long tdata1)
{
	return (cove_trigger_allowed(tdata1) || !COVE_DEFENCE(DBTR_TRIGGERS)) &&
	       (ICOUNT_WORKS || TDATA1_GET_TYPE(tdata1) != RISCV_DBTR_TRIG_ICOUNT);
}

/* All entries that the hart's triggers may need are pinned. */
static int setup_shmem(unsigned long lo, unsigned long hi)
{
	int rc;

	if (lo == ~0UL && hi == ~0UL) {
		rc = sbi_dbtr_setup_shmem(NULL, PRV_S, lo, hi);
		if (!rc)
			cove_pin_clear(COVE_PIN_DBTR);
		return rc;
	}
	if (cove_pin_get(COVE_PIN_DBTR))
		return SBI_ERR_ALREADY_AVAILABLE;
	if (lo & SBI_DBTR_SHMEM_ALIGN_MASK)
		return SBI_ERR_INVALID_PARAM;
	if (hi)
		return SBI_ERR_INVALID_ADDRESS;
	rc = (int)cove_pin_set(COVE_PIN_DBTR, lo, ntriggers() * sizeof(struct cove_trigger_msg));
	if (rc)
		return rc;
	/* Without a domain it takes M-mode's memory. */
	rc = sbi_dbtr_setup_shmem(NULL, PRV_S, (unsigned long)cove_this_hart()->trigger_msg, 0);
	if (rc)
		cove_pin_clear(COVE_PIN_DBTR);
	return rc;
}

static void copy_words(volatile unsigned long *to, const volatile unsigned long *from,
		       unsigned long entries)
{
	unsigned long i;

	for (i = 0; i < entries * sizeof(struct cove_trigger_msg) / sizeof(*to); i++)
		to[i] = from[i];
}

/* The copy of the host's @n entries; false when one of them, *bad, is not allowed. */
static bool take(unsigned long n, unsigned long *bad)
{
	struct cove_trigger_msg *msg = cove_this_hart()->trigger_msg;
	unsigned long i;

	copy_words(&msg->state, arch_ptr(cove_pin_get(COVE_PIN_DBTR)->base), n);
	for (i = 0; i < n; i++)
		if (!allowed(msg[i].tdata1))
			break;
	*bad = i;
	if (!COVE_DEFENCE(DBTR_COPY))
		copy_words(&msg->state, arch_ptr(cove_pin_get(COVE_PIN_DBTR)->base), n);
	return i == n;
}

static void give(unsigned long n)
{
	copy_words(arch_ptr(cove_pin_get(COVE_PIN_DBTR)->base),
		   &cove_this_hart()->trigger_msg->state, n);
}

/* A call with @n entries of shared memory; @in: the host has written them. */
static int with_entries(unsigned long n, bool in, unsigned long extid, unsigned long funcid,
			struct sbi_trap_regs *regs, struct sbi_ecall_return *out)
{
	unsigned long bad;
	int rc;

	if (!cove_pin_get(COVE_PIN_DBTR))
		return SBI_ERR_NO_SHMEM;
	if (in && !take(n, &bad)) {
		out->value = bad;
		return SBI_ERR_INVALID_PARAM;
	}
	rc = dbtr_handle(extid, funcid, regs, out);
	if (!rc)
		give(n);
	return rc;
}

/* The same for reading, of tdata3 too. */
static bool readable(unsigned long first, unsigned long n)
{
	struct sbi_trap_info trap;
	unsigned long i;

	for (i = first; i < first + n; i++) {
		csr_write(CSR_TSELECT, i);
		csr_read_allowed(CSR_TDATA2, &trap);
		if (!trap.cause)
			csr_read_allowed(CSR_TDATA3, &trap);
		if (trap.cause)
			return false;
	}
	return true;
}

static int read_triggers(unsigned long total, unsigned long extid, unsigned long funcid,
			 struct sbi_trap_regs *regs, struct sbi_ecall_return *out)
{
	if (COVE_DEFENCE(DBTR_COUNT) && (regs->a0 >= total || regs->a1 > total - regs->a0))
		return SBI_ERR_INVALID_PARAM;
	if (!readable(regs->a0, regs->a1))
		return SBI_ERR_FAILED;
	return with_entries(regs->a1, false, extid, funcid, regs, out);
}

static int guard_dbtr(unsigned long extid, unsigned long funcid, struct sbi_trap_regs *regs,
		      struct sbi_ecall_return *out)
{
	unsigned long total = ntriggers();
	int rc;

	switch (funcid) {
	case SBI_EXT_DBTR_SETUP_SHMEM:
		return setup_shmem(regs->a0, regs->a1);
	case SBI_EXT_DBTR_TRIGGER_READ:
		return read_triggers(total, extid, funcid, regs, out);
	case SBI_EXT_DBTR_TRIGGER_INSTALL:
	case SBI_EXT_DBTR_TRIGGER_UPDATE:
		if (COVE_DEFENCE(DBTR_COUNT) && regs->a0 > total)
			return SBI_ERR_BAD_RANGE;
		rc = with_entries(regs->a0, true, extid, funcid, regs, out);
		break;
	default:
		rc = dbtr_handle(extid, funcid, regs, out);
		break;
	}
	cove_this_hart()->triggers = cove_world_armed_triggers((unsigned int)total);
	return rc;
}

void cove_deputy_dbtr_init(void)
{
	dbtr_handle = cove_deputy_guard(&ecall_dbtr, guard_dbtr);
}

/*
 * The hart stops. It will come up without shared memory and, OpenSBI then
 * thinks, with all triggers free: make that true.
 */
void cove_deputy_dbtr_stop(void)
{
	unsigned long i, total = ntriggers();

	for (i = 0; COVE_DEFENCE(DBTR_STOP) && i < total; i++)
		sbi_dbtr_uninstall_trig(i, 1);
	cove_this_hart()->triggers = 0;
}
