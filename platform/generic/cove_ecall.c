// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The monitor's SBI extensions as OpenSBI sees them.
 */
#include "cove_platform.h"
#include <sbi/sbi_ecall.h>
#include <sbi/sbi_error.h>
#include <sbi/sbi_trap.h>

static int handle(unsigned long extid, unsigned long funcid, struct sbi_trap_regs *regs,
		  struct sbi_ecall_return *out)
{
	unsigned long args[6] = { regs->a0, regs->a1, regs->a2, regs->a3, regs->a4, regs->a5 };
	long rc = cove_host_call(extid, funcid, args, &out->value);

	/* mepc stays at the ecall: pending interrupts first, then the next part of the call */
	if (rc == COVE_AGAIN) {
		out->skip_regs_update = true;
		return 0;
	}
	return (int)rc;
}

/**
 * cove_ecall() - an ecall of the host, if it is for the monitor
 *
 * OpenSBI's own way to an extension costs more than the shortest of these calls.
 *
 * Return: false when it is OpenSBI's
 */
bool cove_ecall(struct sbi_trap_regs *regs)
{
	unsigned long value;
	long rc;

	if (regs->a7 != SBI_EXT_COVH && regs->a7 != SBI_EXT_NACL && regs->a7 != SBI_EXT_SUPD &&
	    regs->a7 != SBI_EXT_COVESBI)
		return false;
	rc = cove_host_call(regs->a7, regs->a6, &regs->a0, &value);
	if (rc == COVE_AGAIN)
		return true;
	regs->mepc += 4;
	regs->a0 = (unsigned long)rc;
	regs->a1 = value;
	return true;
}

static int probe_nacl(unsigned long extid, unsigned long *out_val)
{
	(void)extid;
#ifdef CONFIG_COVE_ADVERTISE_NACL
	*out_val = 1;
#else
	*out_val = 0;
#endif
	return 0;
}

static struct sbi_ecall_extension ecall_nacl = {
	.name = "nacl",
	.extid_start = SBI_EXT_NACL,
	.extid_end = SBI_EXT_NACL,
	.probe = probe_nacl,
	.handle = handle,
};

static struct sbi_ecall_extension ecall_supd = {
	.name = "supd",
	.extid_start = SBI_EXT_SUPD,
	.extid_end = SBI_EXT_SUPD,
	.handle = handle,
};

static struct sbi_ecall_extension ecall_covesbi = {
	.name = "covesbi",
	.extid_start = SBI_EXT_COVESBI,
	.extid_end = SBI_EXT_COVESBI,
	.handle = handle,
};

static int register_extensions(void);

struct sbi_ecall_extension ecall_cove = {
	.name = "covh",
	.extid_start = SBI_EXT_COVH,
	.extid_end = SBI_EXT_COVH,
	.register_extensions = register_extensions,
	.handle = handle,
};

static int register_extensions(void)
{
	int rc;

	if (!cove.active)
		return 0;
	rc = sbi_ecall_register_extension(&ecall_cove);
	if (!rc)
		rc = sbi_ecall_register_extension(&ecall_nacl);
	if (!rc)
		rc = sbi_ecall_register_extension(&ecall_supd);
	if (!rc)
		rc = sbi_ecall_register_extension(&ecall_covesbi);
	return rc;
}
