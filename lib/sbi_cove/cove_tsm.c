// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the monitor says of itself, and the PMP of the hart that asks.
 */
#include "cove_internal.h"

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
	if (!cove_host_range(pa, len))
		return COVE_ERR_INVALID_ADDRESS;
	arch_memcpy(arch_ptr(pa), data, size);
	*value = size;
	return COVE_OK;
}

/**
 * cove_get_tsm_info() - COVH get_tsm_info
 * @pa: 4-byte aligned buffer in the host's RAM
 * @len: its length, at least sizeof(struct tsm_info)
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
		.tsm_capabilities = TSM_CAP_MEMORY_ALLOCATION,
		.tvm_state_pages = COVE_TVM_STATE_PAGES,
		.tvm_max_vcpus = COVE_MAX_VCPUS,
		.tvm_vcpu_state_pages = cove_vcpu_state_pages(),
	};

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
		.pmp_entries = cove.pmp_entries,
		.pmp_used = cove_this_hart()->pmp.n,
		.tvms = cove_tvm_count(),
		.table_bytes = cove.table_bytes,
		.max_gpa_bits = 14 + 9 * cove.gstage_levels,
	};
	unsigned int i;

	arch_lock(&t->lock);
	stats.deny_runs = t->ndenied;
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

static unsigned int fill_regions(struct pmp_region *region, const struct pmptable_range *denied,
				 unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		region[i].base = denied[i].base;
		region[i].size = denied[i].size;
		region[i].perm = 0;
	}
	region[n].base = 0;
	region[n].size = 0;
	region[n].perm = PMP_CFG_R | PMP_CFG_W | PMP_CFG_X;
	return n + 1;
}

/**
 * cove_pmp_fits() - can the PMP entries describe these denied ranges?
 * Called with the table's lock held.
 */
bool cove_pmp_fits(const struct pmptable_range *denied, unsigned int n, void *arg)
{
	(void)arg;
	return pmp_encode_count(cove.fits_region, fill_regions(cove.fits_region, denied, n)) <=
	       cove.pmp_dynamic;
}

bool cove_hart_pmp_stale(struct cove_hart *hart)
{
	return hart->pmp_version != arch_load(&cove.table.version);
}

/**
 * cove_hart_pmp_derive() - program the calling hart's PMP from the table
 *
 * Fixed entries first, then the gate (off while the host runs, everything
 * while a TVM runs, which its G-stage confines), then converted memory, then
 * all the rest. Only entries that change are written; the caller fences.
 *
 * Return: 0, or COVE_ERR_FAILED when the hart has too few entries or did not
 * take the values
 */
int cove_hart_pmp_derive(struct cove_hart *hart)
{
	struct pmptable *t = &cove.table;
	struct pmp_config *next = &hart->next;
	unsigned long version;
	unsigned int n;

	next->n = 0;
	if (pmp_encode(cove.static_region, cove.nstatic, cove.pmp_entries, next) ||
	    next->n >= cove.pmp_entries)
		return COVE_ERR_FAILED;
	hart->gate = next->n;
	next->entry[next->n].addr = ~0UL >> 10;
	next->entry[next->n].cfg = PMP_CFG_OFF;
	next->n++;

	arch_lock(&t->lock);
	n = fill_regions(hart->region, t->denied, t->ndenied);
	version = t->version;
	arch_unlock(&t->lock);
	if (pmp_encode(hart->region, n, cove.pmp_entries, next))
		return COVE_ERR_FAILED;
	if (!cove_world_write_pmp(&hart->pmp, next, cove.pmp_entries)) {
		hart->pmp.n = 0;
		return COVE_ERR_FAILED;
	}
	hart->pmp = *next;
	hart->pmp_version = version;
	return COVE_OK;
}

/**
 * cove_hart_online() - the calling hart is about to run the host
 *
 * It counts for fences from the first moment, so that no conversion slips in
 * between its reading of the table and its acknowledgement.
 *
 * Return: 0, or COVE_ERR_FAILED when its PMP cannot be programmed
 */
int cove_hart_online(struct cove_hart *hart)
{
	arch_lock(&cove.convert_lock);
	arch_store(&hart->ack, 0UL);
	hart->started = true;
	arch_unlock(&cove.convert_lock);
	hart->pmp.n = 0;
	hart->pmp_version = ~0UL;
	if (!cove_local_fence())
		return COVE_OK;
	cove_hart_offline(hart);
	return COVE_ERR_FAILED;
}

/** cove_hart_offline() - the calling hart stops: it no longer counts for fences, its NACL memory is
 * forgotten */
void cove_hart_offline(struct cove_hart *hart)
{
	arch_lock(&cove.convert_lock);
	hart->started = false;
	hart->nacl = 0;
	arch_unlock(&cove.convert_lock);
}
