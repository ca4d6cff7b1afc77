// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * MPXY: messages through memory that OpenSBI keeps for the hart's later calls,
 * also after the hart has stopped and started again.
 */
#include "cove_deputy.h"
#include <sbi/sbi_mpxy.h>

extern struct sbi_ecall_extension ecall_mpxy;

static cove_handler_t mpxy_handle;

/* Before 1.9 OpenSBI takes 32 ones, not 64, for "none". */
static int disable_shmem(void)
{
	int rc = sbi_mpxy_set_shmem(~0UL, ~0UL, 0);

	if (rc)
		rc = sbi_mpxy_set_shmem((u32)~0U, (u32)~0U, 0);
	if (!rc)
		cove_pin_clear(COVE_PIN_MPXY);
	return rc;
}

/*
 * Whole pages, whatever the size that OpenSBI has computed. This hart's calls
 * alone use the memory, so none can use the old one between pin and handler.
 */
static int set_shmem(unsigned long extid, unsigned long funcid, struct sbi_trap_regs *regs,
		     struct sbi_ecall_return *out)
{
	unsigned long size = (sbi_mpxy_get_shmem_size() + COVE_PAGE_MASK) & ~COVE_PAGE_MASK;
	int rc;

	if (regs->a0 == ~0UL && regs->a1 == ~0UL)
		return disable_shmem();
	if (regs->a2 >= SBI_EXT_MPXY_SHMEM_FLAG_MAX_IDX || (regs->a0 & COVE_PAGE_MASK))
		return SBI_ERR_INVALID_PARAM;
	if (regs->a1)
		return SBI_ERR_INVALID_ADDRESS;
	rc = (int)cove_pin_set(COVE_PIN_MPXY, regs->a0, size);
	if (rc)
		return rc;
	rc = mpxy_handle(extid, funcid, regs, out);
	if (rc)
		disable_shmem();
	return rc;
}

/* The address to which M-mode sends a message-signalled interrupt is not checked by OpenSBI. */
static bool writes_msi(unsigned long base, unsigned long n)
{
	return base <= SBI_MPXY_ATTR_MSI_DATA && base + n > SBI_MPXY_ATTR_MSI_CONTROL;
}

static int guard_mpxy(unsigned long extid, unsigned long funcid, struct sbi_trap_regs *regs,
		      struct sbi_ecall_return *out)
{
	switch (funcid) {
	case SBI_EXT_MPXY_SET_SHMEM:
		return set_shmem(extid, funcid, regs, out);
	case SBI_EXT_MPXY_WRITE_ATTRS:
		if (writes_msi((u32)regs->a1, (u32)regs->a2))
			return SBI_ERR_DENIED;
		break;
	}
	return mpxy_handle(extid, funcid, regs, out);
}

void cove_deputy_mpxy_init(void)
{
	mpxy_handle = cove_deputy_guard(&ecall_mpxy, guard_mpxy);
}

void cove_deputy_mpxy_stop(void)
{
	disable_shmem();
}
