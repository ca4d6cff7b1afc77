// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * SSE: OpenSBI reads the attributes that the host writes twice, to check and to
 * use them, and another hart of the host can change them in between. It gets a
 * copy. The buffers are the matter of cove_deputy_address.c. Events need no
 * guard: they are injected when OpenSBI returns to the host, never into a TVM,
 * which is a nested call.
 */
#include "cove_deputy.h"

extern struct sbi_ecall_extension ecall_sse;

static cove_handler_t sse_handle;
bool cove_sse_used;

/* OpenSBI checks 32 bits of the ID of a hart and keeps all. */
static bool hart_is_valid(const unsigned long *attr, unsigned long base, unsigned long n)
{
	unsigned long i = SBI_SSE_ATTR_PREFERRED_HART - base;

	return base > SBI_SSE_ATTR_PREFERRED_HART || i >= n || attr[i] == (u32)attr[i];
}

static int write_attrs(unsigned long extid, unsigned long funcid, struct sbi_trap_regs *regs,
		       struct sbi_ecall_return *out)
{
	unsigned long copy[SBI_SSE_ATTR_MAX], pa = regs->a3, n = (u32)regs->a2, i;
	int rc;

	/* What OpenSBI refuses before it reads the attributes */
	if (!n || n > SBI_SSE_ATTR_MAX || (pa & 7) || regs->a4 || !cove_host_range(pa, 8 * n))
		return sse_handle(extid, funcid, regs, out);
	for (i = 0; i < n; i++)
		copy[i] = ((volatile unsigned long *)pa)[i];
	if (!hart_is_valid(copy, (u32)regs->a1, n))
		return SBI_ERR_INVALID_PARAM;
	cove_deputy_lend(copy);
	regs->a3 = (unsigned long)copy;
	rc = sse_handle(extid, funcid, regs, out);
	regs->a3 = pa;
	cove_deputy_lend(NULL);
	return rc;
}

static int guard_sse(unsigned long extid, unsigned long funcid, struct sbi_trap_regs *regs,
		     struct sbi_ecall_return *out)
{
	int rc;

	cove_sse_used = true;
	/* An event is entered on OpenSBI's trap frame, and only on a hart that has unmasked them.
	 */
	if (funcid == SBI_EXT_SSE_HART_UNMASK && COVE_DEFENCE(SSE_LONG_WAY))
		cove_hart_long_way(true);
	if (COVE_DEFENCE(SSE_COPY) && funcid == SBI_EXT_SSE_WRITE_ATTR)
		return write_attrs(extid, funcid, regs, out);
	rc = sse_handle(extid, funcid, regs, out);
	if (funcid == SBI_EXT_SSE_HART_MASK)
		cove_hart_long_way(false);
	return rc;
}

void cove_deputy_sse_init(void)
{
	sse_handle = cove_deputy_guard(&ecall_sse, guard_sse);
}
