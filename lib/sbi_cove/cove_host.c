// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The host's calls: one row each, whatever number a dialect gives it.
 */
#include "cove_internal.h"
#include <cove/sbi_cove_rfc.h>

#define HANDLER(name, call)                                            \
	static long name(const unsigned long *a, unsigned long *value) \
	{                                                              \
		(void)a;                                               \
		(void)value;                                           \
		return call;                                           \
	}

HANDLER(get_tsm_info, cove_get_tsm_info(a[0], a[1], value))
HANDLER(convert_pages, cove_convert_pages(a[0], a[1]))
HANDLER(reclaim_pages, cove_reclaim_pages(a[0], a[1]))
HANDLER(global_fence, cove_global_fence())
HANDLER(local_fence, cove_local_fence())
HANDLER(create_tvm, cove_create_tvm(a[0], a[1], value))
HANDLER(finalize_tvm, cove_finalize_tvm(a[0], a[1], a[2], a[3]))
HANDLER(promote_to_tvm, cove_promote_to_tvm(a[0], a[1], a[2], a[3], value))
HANDLER(destroy_tvm, cove_destroy_tvm(a[0]))
HANDLER(add_memory_region, cove_add_memory_region(a[0], a[1], a[2]))
HANDLER(add_page_table_pages, cove_add_page_table_pages(a[0], a[1], a[2]))
HANDLER(add_measured_pages, cove_add_measured_pages(a[0], a[1], a[2], a[3], a[4], a[5]))
HANDLER(add_zero_pages, cove_add_zero_pages(a[0], a[1], a[2], a[3], a[4]))
HANDLER(add_shared_pages, cove_add_shared_pages(a[0], a[1], a[2], a[3], a[4]))
HANDLER(create_vcpu, cove_create_vcpu(a[0], a[1], a[2]))
HANDLER(run_vcpu, cove_run_vcpu(a[0], a[1], value))
HANDLER(tvm_fence, cove_tvm_fence(a[0]))
HANDLER(invalidate_pages, cove_invalidate_pages(a[0], a[1], a[2]))
HANDLER(validate_pages, cove_validate_pages(a[0], a[1], a[2]))
HANDLER(remove_pages, cove_remove_pages(a[0], a[1], a[2]))
HANDLER(nacl_probe_feature, ((*value = 0), COVE_OK))
HANDLER(nacl_set_shmem, cove_nacl_set_shmem(a[0], a[1], a[2]))
/* Domain 0 hosts; the TSM of domain 1 is this monitor (reference A1). */
HANDLER(get_active_domains, ((*value = 3), COVE_OK))
HANDLER(get_stats, cove_get_stats(a[0], a[1], value))
HANDLER(get_measurement, cove_get_measurement(a[0], a[1], a[2], a[3], value))
HANDLER(set_tap, cove_set_tap(a[0], a[1], a[2]))
HANDLER(promote_page, cove_promote_page(a[0], a[1], a[2]))
HANDLER(demote_page, cove_demote_page(a[0], a[1], a[2]))

/* Same number in both dialects, numbers that differ, calls that one of them lacks */
#define SAME(fid)        \
	{                \
		fid, fid \
	}
#define FIDS(fid)                                  \
	{                                          \
		SBI_COVH_##fid, SBI_COVH_RFC_##fid \
	}
#define ONLY_NOW(fid)            \
	{                        \
		fid, COVE_NO_FID \
	}

/* remove_pages as numbered by a Linux that otherwise follows the specification (reference 8.1) */
#define REMOVE_PAGES_ACE 21

const struct cove_call cove_host_calls[] = {
	{ SBI_EXT_COVH, SAME(SBI_COVH_GET_TSM_INFO), get_tsm_info, "get_tsm_info" },
	{ SBI_EXT_COVH, SAME(SBI_COVH_CONVERT_PAGES), convert_pages, "convert_pages" },
	{ SBI_EXT_COVH, SAME(SBI_COVH_RECLAIM_PAGES), reclaim_pages, "reclaim_pages" },
	{ SBI_EXT_COVH, SAME(SBI_COVH_GLOBAL_FENCE), global_fence, "global_fence" },
	{ SBI_EXT_COVH, SAME(SBI_COVH_LOCAL_FENCE), local_fence, "local_fence" },
	{ SBI_EXT_COVH, SAME(SBI_COVH_CREATE_TVM), create_tvm, "create_tvm" },
	{ SBI_EXT_COVH, SAME(SBI_COVH_FINALIZE_TVM), finalize_tvm, "finalize_tvm" },
	{ SBI_EXT_COVH, ONLY_NOW(SBI_COVH_PROMOTE_TO_TVM), promote_to_tvm, "promote_to_tvm" },
	{ SBI_EXT_COVH, FIDS(DESTROY_TVM), destroy_tvm, "destroy_tvm" },
	{ SBI_EXT_COVH, FIDS(ADD_TVM_MEMORY_REGION), add_memory_region, "add_tvm_memory_region" },
	{ SBI_EXT_COVH, FIDS(ADD_TVM_PAGE_TABLE_PAGES), add_page_table_pages,
	  "add_tvm_page_table_pages" },
	{ SBI_EXT_COVH, FIDS(ADD_TVM_MEASURED_PAGES), add_measured_pages,
	  "add_tvm_measured_pages" },
	{ SBI_EXT_COVH, FIDS(ADD_TVM_ZERO_PAGES), add_zero_pages, "add_tvm_zero_pages" },
	{ SBI_EXT_COVH, FIDS(ADD_TVM_SHARED_PAGES), add_shared_pages, "add_tvm_shared_pages" },
	{ SBI_EXT_COVH, FIDS(CREATE_TVM_VCPU), create_vcpu, "create_tvm_vcpu" },
	{ SBI_EXT_COVH, FIDS(RUN_TVM_VCPU), run_vcpu, "run_tvm_vcpu" },
	{ SBI_EXT_COVH, FIDS(TVM_FENCE), tvm_fence, "tvm_fence" },
	{ SBI_EXT_COVH, FIDS(TVM_INVALIDATE_PAGES), invalidate_pages, "tvm_invalidate_pages" },
	{ SBI_EXT_COVH, FIDS(TVM_VALIDATE_PAGES), validate_pages, "tvm_validate_pages" },
	{ SBI_EXT_COVH, FIDS(TVM_REMOVE_PAGES), remove_pages, "tvm_remove_pages" },
	{ SBI_EXT_COVH, ONLY_NOW(REMOVE_PAGES_ACE), remove_pages, "tvm_remove_pages" },
	{ SBI_EXT_NACL, SAME(SBI_NACL_PROBE_FEATURE), nacl_probe_feature, "probe_feature" },
	{ SBI_EXT_NACL, SAME(SBI_NACL_SET_SHMEM), nacl_set_shmem, "set_shmem" },
	{ SBI_EXT_SUPD, SAME(SBI_SUPD_GET_ACTIVE_DOMAINS), get_active_domains,
	  "get_active_domains" },
	{ SBI_EXT_COVESBI, SAME(SBI_COVESBI_GET_STATS), get_stats, "get_stats" },
	{ SBI_EXT_COVESBI, SAME(SBI_COVESBI_GET_MEASUREMENT), get_measurement, "get_measurement" },
	{ SBI_EXT_COVESBI, SAME(SBI_COVESBI_PROMOTE_PAGE), promote_page, "promote_page" },
	{ SBI_EXT_COVESBI, SAME(SBI_COVESBI_DEMOTE_PAGE), demote_page, "demote_page" },
	{ SBI_EXT_COVESBI, SAME(SBI_COVESBI_SET_TAP), set_tap, "set_tap" },
};
const unsigned int cove_host_ncalls = sizeof(cove_host_calls) / sizeof(cove_host_calls[0]);
_Static_assert(sizeof(cove_host_calls) / sizeof(cove_host_calls[0]) >= COVE_FID_END,
	       "a number may index the rows");

static bool is_row(const struct cove_call *call, unsigned long eid, unsigned long fid)
{
	return call->eid == eid && call->fid[cove.dialect] == fid;
}

static const struct cove_call *search(unsigned long eid, unsigned long fid)
{
	unsigned int i;

	for (i = 0; i < cove_host_ncalls; i++)
		if (is_row(&cove_host_calls[i], eid, fid))
			return &cove_host_calls[i];
	return NULL;
}

/* The rows of COVH are in the order of today's numbers. */
static inline const struct cove_call *find(unsigned long eid, unsigned long fid)
{
	if (fid >= COVE_FID_END)
		return NULL;
	if (is_row(&cove_host_calls[fid], eid, fid))
		return &cove_host_calls[fid];
	return search(eid, fid);
}

/**
 * cove_host_find() - the row of a call as the dialect of this monitor numbers it
 * @fid: without the rest of a6
 *
 * Return: NULL when there is none
 */
const struct cove_call *cove_host_find(unsigned long eid, unsigned long fid)
{
	return find(eid, fid);
}

/**
 * cove_host_call() - an SBI call of the host
 * @a6: FID, supervisor domain ID (0 or 1 are ours), reserved bits (0)
 * @a: a0..a5, whatever the host has in them: a handler reads those that its call has
 * @value: sbiret.value
 *
 * Return: sbiret.error; COVE_AGAIN: the host executes the same ecall again, for the
 * next part of the call
 */
long cove_host_call(unsigned long eid, unsigned long a6, const unsigned long *a,
		    unsigned long *value)
{
	unsigned long word = a6 & 0xffffffffUL;
	const struct cove_call *call;

	*value = 0;
	if ((word & COVE_FID_RSVD_MASK) || word >> COVE_SDID_SHIFT > 1)
		return COVE_ERR_NOT_SUPPORTED;
	call = find(eid, word & COVE_FID_MASK);
	if (!call)
		return COVE_ERR_NOT_SUPPORTED;
	return call->handler(a, value);
}
