// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the monitor says of itself.
 */
#include "cove_attest.h"
#include "cove_internal.h"
#include <cove/sbi_cove_rfc.h>

struct cove cove;

/**
 * cove_host_range() - may M-mode access [pa, pa + len) for the host?
 *
 * Return: true when all of it is RAM that the host owns; false for more than
 * COVE_MAX_CONVERT_PAGES, to bound the walk. A page that is the
 * host's when a call begins cannot become anybody else's before the call ends,
 * because the calling hart has yet to acknowledge the fence.
 */
bool cove_host_range(u64 pa, u64 len)
{
	return len <= COVE_MAX_CONVERT_PAGES * COVE_PAGE_SIZE &&
	       pmptable_check(&cove.table, pa, len, PMPTABLE_ID_HOST, PMPTABLE_R | PMPTABLE_W);
}

unsigned long cove_vcpu_state_pages(void)
{
	unsigned long size = sizeof(struct cove_vcpu) + 32UL * cove.vlenb;

	return (size + COVE_PAGE_MASK) >> PMPTABLE_PAGE_SHIFT;
}

static long copy_out(unsigned long pa, unsigned long len, const void *data, unsigned long size,
		     unsigned long *value)
{
	if (pa & 3)
		return COVE_ERR_INVALID_ADDRESS;
	if (len < size)
		return COVE_ERR_INVALID_PARAM;
	if (COVE_DEFENCE(OUTPUT_BUFFER) && !cove_host_range(pa, len))
		return COVE_ERR_INVALID_ADDRESS;
	arch_memcpy(arch_ptr(pa), data, size);
	*value = size;
	return COVE_OK;
}

static long get_tsm_info_rfc(unsigned long pa, unsigned long len, unsigned long *value)
{
	struct tsm_info_rfc info = {
		.tsm_state = TSM_READY,
		.tsm_version = COVE_VERSION_MAJOR << 16 | COVE_VERSION_MINOR,
		.tvm_state_pages = COVE_TVM_STATE_PAGES,
		.tvm_max_vcpus = COVE_MAX_VCPUS,
		.tvm_vcpu_state_pages = cove_vcpu_state_pages(),
	};

	return copy_out(pa, len, &info, sizeof(info), value);
}

/**
 * cove_get_tsm_info() - COVH get_tsm_info
 * @pa: 4-byte aligned buffer in the host's RAM
 * @len: its length, at least sizeof(struct tsm_info); in the RFC dialect less says that
 *	struct tsm_info_rfc is meant
 * @value: bytes written
 *
 * Return: INVALID_ADDRESS, INVALID_PARAM (length)
 */
long cove_get_tsm_info(unsigned long pa, unsigned long len, unsigned long *value)
{
	struct tsm_info info = {
		.tsm_state = TSM_READY,
		.tsm_impl_id = COVE_TSM_IMPL_ID,
		.tsm_version = COVE_VERSION_MAJOR << 16 | COVE_VERSION_MINOR,
		.tsm_capabilities =
			TSM_CAP_PROMOTE_TVM | TSM_CAP_MEMORY_ALLOCATION |
			(cove_identity() ? TSM_CAP_ATTESTATION_LOCAL | TSM_CAP_ATTESTATION_REMOTE
					 : 0),
		.tvm_state_pages = COVE_TVM_STATE_PAGES,
		.tvm_max_vcpus = COVE_MAX_VCPUS,
		.tvm_vcpu_state_pages = cove_vcpu_state_pages(),
	};

	/* that dialect has no number for it */
	if (cove.dialect == COVE_DIALECT_RFC)
		info.tsm_capabilities &= ~TSM_CAP_PROMOTE_TVM;
	if (cove.dialect == COVE_DIALECT_RFC && len < sizeof(info))
		return get_tsm_info_rfc(pa, len, value);
	return copy_out(pa, len, &info, sizeof(info), value);
}

/**
 * cove_get_stats() - CoveSBI get_stats: the monitor's state for the host
 * @pa: 4-byte aligned buffer in the host's RAM
 * @len: its length, at least sizeof(struct covesbi_stats)
 * @value: bytes written
 */
long cove_get_stats(unsigned long pa, unsigned long len, unsigned long *value)
{
	struct pmptable *t = &cove.table;
	struct covesbi_stats stats = {
		.pmp_entries = cove.pmp.entries,
		.pmp_used = cove_this_hart()->pmp.n,
		.tvms = cove_tvm_count(),
		.table_bytes = cove.table_bytes,
		.max_gpa_bits = 14 + 9 * cove.gstage_levels,
		.pmp_refill = cove_this_hart()->plan.nallow > 0,
	};
	unsigned int i;

	for (i = 0; i < cove.nharts; i++) {
		stats.refills += arch_load(&cove.hart[i]->refills);
		stats.windows += arch_load(&cove.hart[i]->windows);
	}

	arch_lock(&t->lock);
	stats.deny_runs = t->runs;
	stats.pages_host = t->count[PMPTABLE_KIND_HOST];
	stats.pages_monitor = t->count[PMPTABLE_KIND_MONITOR];
	stats.pages_converting = t->count[PMPTABLE_KIND_CONVERTING];
	stats.pages_unassigned = t->count[PMPTABLE_KIND_UNASSIGNED];
	stats.pages_tvm = t->count[PMPTABLE_KIND_TVM];
	for (i = 0; i < t->nbanks; i++)
		stats.ram_bytes += t->banks[i].ram.size;
	arch_unlock(&t->lock);
	return copy_out(pa, len, &stats, sizeof(stats), value);
}
