// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * OpenSBI asks its domain before it uses an address that the host has given:
 * for DBCN, PMU, SSE, DBTR, MPXY, hart_start, hart_suspend and system suspend.
 * The domain knows firmware and devices, but not who owns a page, and before
 * 1.9 its check of a range wraps. So the table is asked as well.
 */
#include "cove_deputy.h"
#include <sbi/sbi_domain.h>

/* Per hart: memory of M-mode's that stands for the host's while OpenSBI handles a call. */
static const void *lent[SBI_HARTMASK_MAX_BITS];

/** cove_deputy_lend() - let this hart's OpenSBI take @copy for memory of the host; NULL ends it */
void cove_deputy_lend(const void *copy)
{
	lent[current_hartindex()] = copy;
}

static bool is_lent(unsigned long addr)
{
	const void *copy = lent[current_hartindex()];

	return copy && addr == (unsigned long)copy;
}

/* RAM of somebody else: the host may neither jump there nor have it accessed. */
static bool is_foreign(unsigned long addr)
{
	struct pmptable_walk_result res;

	pmptable_walk(&cove.table, addr, &res);
	return res.id != PMPTABLE_ID_NONE &&
	       (res.id != PMPTABLE_ID_HOST || !(res.perm & PMPTABLE_R));
}

bool __real_sbi_domain_check_addr(const struct sbi_domain *dom, unsigned long addr,
				  unsigned long mode, unsigned long access_flags);
bool __wrap_sbi_domain_check_addr(const struct sbi_domain *dom, unsigned long addr,
				  unsigned long mode, unsigned long access_flags);
bool __real_sbi_domain_check_addr_range(const struct sbi_domain *dom, unsigned long addr,
					unsigned long size, unsigned long mode,
					unsigned long access_flags);
bool __wrap_sbi_domain_check_addr_range(const struct sbi_domain *dom, unsigned long addr,
					unsigned long size, unsigned long mode,
					unsigned long access_flags);

bool __wrap_sbi_domain_check_addr(const struct sbi_domain *dom, unsigned long addr,
				  unsigned long mode, unsigned long access_flags)
{
	if (!__real_sbi_domain_check_addr(dom, addr, mode, access_flags))
		return false;
	return !COVE_DEFENCE(ADDRESS_ENTRY) || !cove.active || mode == PRV_M || !is_foreign(addr);
}

/*
 * Code and devices need not be RAM (a handler's address is virtual), and
 * M-mode does not access them. All else is a buffer that it does access.
 */
bool __wrap_sbi_domain_check_addr_range(const struct sbi_domain *dom, unsigned long addr,
					unsigned long size, unsigned long mode,
					unsigned long access_flags)
{
	if (cove.active && mode != PRV_M && is_lent(addr))
		return true;
	if (!__real_sbi_domain_check_addr_range(dom, addr, size, mode, access_flags))
		return false;
	if (!cove.active || mode == PRV_M || !size)
		return true;
	if (access_flags & (SBI_DOMAIN_EXECUTE | SBI_DOMAIN_MMIO))
		return !COVE_DEFENCE(ADDRESS_ENTRY) ||
		       (size <= COVE_PAGE_SIZE && addr + (size - 1) >= addr && !is_foreign(addr) &&
			!is_foreign(addr + (size - 1)));
	return !COVE_DEFENCE(ADDRESS_RANGE) || cove_host_range(addr, size);
}
