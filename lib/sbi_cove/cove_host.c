// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The host's calls: one row each.
 */
#include "cove_internal.h"

typedef long (*cove_handler_t)(const unsigned long *a, unsigned long *value);

struct cove_call {
	unsigned long eid;
	unsigned long fid;
	cove_handler_t handler;
};

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
HANDLER(promote_page, cove_promote_page(a[0], a[1], a[2]))
HANDLER(demote_page, cove_demote_page(a[0], a[1], a[2]))

static const struct cove_call calls[] = {
	{ SBI_EXT_COVH, SBI_COVH_GET_TSM_INFO, get_tsm_info },
	{ SBI_EXT_COVH, SBI_COVH_CONVERT_PAGES, convert_pages },
	{ SBI_EXT_COVH, SBI_COVH_RECLAIM_PAGES, reclaim_pages },
	{ SBI_EXT_COVH, SBI_COVH_GLOBAL_FENCE, global_fence },
	{ SBI_EXT_COVH, SBI_COVH_LOCAL_FENCE, local_fence },
	{ SBI_EXT_COVH, SBI_COVH_CREATE_TVM, create_tvm },
	{ SBI_EXT_COVH, SBI_COVH_FINALIZE_TVM, finalize_tvm },
	{ SBI_EXT_COVH, SBI_COVH_PROMOTE_TO_TVM, promote_to_tvm },
	{ SBI_EXT_COVH, SBI_COVH_DESTROY_TVM, destroy_tvm },
	{ SBI_EXT_COVH, SBI_COVH_ADD_TVM_MEMORY_REGION, add_memory_region },
	{ SBI_EXT_COVH, SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, add_page_table_pages },
	{ SBI_EXT_COVH, SBI_COVH_ADD_TVM_MEASURED_PAGES, add_measured_pages },
	{ SBI_EXT_COVH, SBI_COVH_ADD_TVM_ZERO_PAGES, add_zero_pages },
	{ SBI_EXT_COVH, SBI_COVH_ADD_TVM_SHARED_PAGES, add_shared_pages },
	{ SBI_EXT_COVH, SBI_COVH_CREATE_TVM_VCPU, create_vcpu },
	{ SBI_EXT_COVH, SBI_COVH_RUN_TVM_VCPU, run_vcpu },
	{ SBI_EXT_COVH, SBI_COVH_TVM_FENCE, tvm_fence },
	{ SBI_EXT_COVH, SBI_COVH_TVM_INVALIDATE_PAGES, invalidate_pages },
	{ SBI_EXT_COVH, SBI_COVH_TVM_VALIDATE_PAGES, validate_pages },
	{ SBI_EXT_COVH, SBI_COVH_TVM_REMOVE_PAGES, remove_pages },
	{ SBI_EXT_NACL, SBI_NACL_PROBE_FEATURE, nacl_probe_feature },
	{ SBI_EXT_NACL, SBI_NACL_SET_SHMEM, nacl_set_shmem },
	{ SBI_EXT_SUPD, SBI_SUPD_GET_ACTIVE_DOMAINS, get_active_domains },
	{ SBI_EXT_COVESBI, SBI_COVESBI_GET_STATS, get_stats },
	{ SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, get_measurement },
	{ SBI_EXT_COVESBI, SBI_COVESBI_PROMOTE_PAGE, promote_page },
	{ SBI_EXT_COVESBI, SBI_COVESBI_DEMOTE_PAGE, demote_page },
};

/**
 * cove_host_call() - an SBI call of the host
 * @a6: FID, supervisor domain ID (0 or 1 are ours), reserved bits (0)
 * @a: a0..a5
 * @value: sbiret.value
 *
 * Return: sbiret.error; COVE_AGAIN: the host executes the same ecall again, for the
 * next part of the call
 */
long cove_host_call(unsigned long eid, unsigned long a6, const unsigned long *a,
		    unsigned long *value)
{
	unsigned long word = a6 & 0xffffffffUL;
	unsigned int i;

	*value = 0;
	if ((word & COVE_FID_RSVD_MASK) || word >> COVE_SDID_SHIFT > 1)
		return COVE_ERR_NOT_SUPPORTED;
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].eid == eid && calls[i].fid == (word & COVE_FID_MASK))
			return calls[i].handler(a, value);
	return COVE_ERR_NOT_SUPPORTED;
}
