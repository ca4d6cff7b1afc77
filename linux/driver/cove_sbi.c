// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The monitor's calls (COVH, NACL and CoveSBI extensions), one wrapper each.
 */
#include <linux/errno.h>
#include <linux/io.h>
#include <asm/csr.h>
#include <asm/sbi.h>
#include "cove.h"

static struct cove_sbi_value call(unsigned long eid, unsigned long fid, unsigned long a0,
				  unsigned long a1, unsigned long a2, unsigned long a3,
				  unsigned long a4, unsigned long a5)
{
	struct sbiret ret = sbi_ecall(eid, fid, a0, a1, a2, a3, a4, a5);

	return (struct cove_sbi_value){ ret.error, ret.value };
}

#define covh(fid, a0, a1, a2, a3, a4, a5) call(SBI_EXT_COVH, SBI_COVH_##fid, a0, a1, a2, a3, a4, a5)

/** cove_errno() - errno for an SBI error code */
int cove_errno(long sbi_error)
{
	switch (sbi_error) {
	case SBI_SUCCESS:
		return 0;
	case SBI_ERR_NOT_SUPPORTED:
		return -EOPNOTSUPP;
	case SBI_ERR_INVALID_PARAM:
		return -EINVAL;
	case SBI_ERR_DENIED:
		return -EPERM;
	case SBI_ERR_INVALID_ADDRESS:
		return -EADDRNOTAVAIL;
	case SBI_ERR_ALREADY_AVAILABLE:
	case SBI_ERR_ALREADY_STARTED:
	case SBI_ERR_ALREADY_STOPPED:
		return -EALREADY;
	default:
		return -EIO;
	}
}

/** cove_sbi_probe() - does the firmware have extension @eid? */
bool cove_sbi_probe(unsigned long eid)
{
	return sbi_probe_extension(eid) > 0;
}

/** cove_sbi_get_tsm_info() - @info must be in the linear map */
long cove_sbi_get_tsm_info(struct tsm_info *info)
{
	return covh(GET_TSM_INFO, virt_to_phys(info), sizeof(*info), 0, 0, 0, 0).error;
}

/** cove_sbi_convert_pages() - at most COVE_MAX_CONVERT_PAGES of the host's */
long cove_sbi_convert_pages(phys_addr_t pa, unsigned long pages)
{
	return covh(CONVERT_PAGES, pa, pages, 0, 0, 0, 0).error;
}

/** cove_sbi_reclaim_pages() - scrubs; at most COVE_MAX_SCRUB_PAGES */
long cove_sbi_reclaim_pages(phys_addr_t pa, unsigned long pages)
{
	return covh(RECLAIM_PAGES, pa, pages, 0, 0, 0, 0).error;
}

/** cove_sbi_global_fence() - open a fence round */
long cove_sbi_global_fence(void)
{
	return covh(GLOBAL_FENCE, 0, 0, 0, 0, 0, 0).error;
}

/** cove_sbi_local_fence() - this hart's part of the round */
long cove_sbi_local_fence(void)
{
	return covh(LOCAL_FENCE, 0, 0, 0, 0, 0, 0).error;
}

/** cove_sbi_create_tvm() - @params must be in the linear map; the value is the TVM's gid */
struct cove_sbi_value cove_sbi_create_tvm(const struct tvm_create_params *params)
{
	return covh(CREATE_TVM, virt_to_phys((void *)params), sizeof(*params), 0, 0, 0, 0);
}

/** cove_sbi_finalize_tvm() - without a host identity */
long cove_sbi_finalize_tvm(unsigned long gid, u64 entry, u64 arg)
{
	return covh(FINALIZE_TVM, gid, entry, arg, 0, 0, 0).error;
}

/** cove_sbi_promote_to_tvm() - the VM's hgatp and registers are in this CPU's NACL memory */
struct cove_sbi_value cove_sbi_promote_to_tvm(u64 fdt, u64 tap, u64 entry)
{
	return covh(PROMOTE_TO_TVM, fdt, tap, entry, 0, 0, 0);
}

/** cove_sbi_destroy_tvm() - its pages become unassigned */
long cove_sbi_destroy_tvm(unsigned long gid)
{
	return covh(DESTROY_TVM, gid, 0, 0, 0, 0, 0).error;
}

/** cove_sbi_add_region() - declare confidential guest memory */
long cove_sbi_add_region(unsigned long gid, u64 gpa, u64 len)
{
	return covh(ADD_TVM_MEMORY_REGION, gid, gpa, len, 0, 0, 0).error;
}

/** cove_sbi_add_page_table_pages() - donate pages for the second-stage tables */
long cove_sbi_add_page_table_pages(unsigned long gid, phys_addr_t pa, unsigned long pages)
{
	return covh(ADD_TVM_PAGE_TABLE_PAGES, gid, pa, pages, 0, 0, 0).error;
}

/** cove_sbi_add_measured_pages() - at most COVE_MAX_MEASURED_PAGES; FAILED: no table pages left */
long cove_sbi_add_measured_pages(unsigned long gid, phys_addr_t src, phys_addr_t dst,
				 unsigned long pages, u64 gpa)
{
	return covh(ADD_TVM_MEASURED_PAGES, gid, src, dst, COVE_PAGE_4K, pages, gpa).error;
}

/** cove_sbi_add_zero_pages() - at most COVE_MAX_SCRUB_PAGES; FAILED: no table pages left */
long cove_sbi_add_zero_pages(unsigned long gid, phys_addr_t pa, unsigned long pages, u64 gpa)
{
	return covh(ADD_TVM_ZERO_PAGES, gid, pa, COVE_PAGE_4K, pages, gpa, 0).error;
}

/** cove_sbi_add_zero_large() - 2 MiB, aligned to it; FAILED: no table pages left */
long cove_sbi_add_zero_large(unsigned long gid, phys_addr_t pa, u64 gpa)
{
	return covh(ADD_TVM_ZERO_PAGES, gid, pa, COVE_PAGE_2M, 1, gpa, 0).error;
}

/** cove_sbi_promote_page() - 512 pages that lie as a page of 2 MiB would become one */
long cove_sbi_promote_page(unsigned long gid, u64 gpa)
{
	return call(SBI_EXT_COVESBI, SBI_COVESBI_PROMOTE_PAGE, gid, gpa, COVE_PAGE_2M, 0, 0, 0)
		.error;
}

/** cove_sbi_add_shared_pages() - at most COVE_MAX_SCRUB_PAGES of the host's; FAILED: no table pages
 */
long cove_sbi_add_shared_pages(unsigned long gid, phys_addr_t pa, unsigned long pages, u64 gpa)
{
	return covh(ADD_TVM_SHARED_PAGES, gid, pa, COVE_PAGE_4K, pages, gpa, 0).error;
}

/** cove_sbi_tvm_fence() - open a fence round of one TVM */
long cove_sbi_tvm_fence(unsigned long gid)
{
	return covh(TVM_FENCE, gid, 0, 0, 0, 0, 0).error;
}

/** cove_sbi_invalidate_pages() - at most COVE_MAX_CONVERT_PAGES that are all mapped */
long cove_sbi_invalidate_pages(unsigned long gid, u64 gpa, unsigned long pages)
{
	return covh(TVM_INVALIDATE_PAGES, gid, gpa, pages << PAGE_SHIFT, 0, 0, 0).error;
}

/** cove_sbi_validate_pages() - undo cove_sbi_invalidate_pages() */
long cove_sbi_validate_pages(unsigned long gid, u64 gpa, unsigned long pages)
{
	return covh(TVM_VALIDATE_PAGES, gid, gpa, pages << PAGE_SHIFT, 0, 0, 0).error;
}

/** cove_sbi_remove_pages() - invalid, fenced, and the guest has asked for it */
long cove_sbi_remove_pages(unsigned long gid, u64 gpa, unsigned long pages)
{
	return covh(TVM_REMOVE_PAGES, gid, gpa, pages << PAGE_SHIFT, 0, 0, 0).error;
}

/** cove_sbi_create_vcpu() - @pa: tvm_vcpu_state_pages contiguous pages */
long cove_sbi_create_vcpu(unsigned long gid, unsigned long id, phys_addr_t pa)
{
	return covh(CREATE_TVM_VCPU, gid, id, pa, 0, 0, 0).error;
}

/**
 * cove_sbi_run_vcpu() - enter a TVM
 *
 * Not by sbi_ecall(): nothing, not even a trace point, may come between the
 * return and the reads of scause and stval. Interrupts must be off.
 */
void cove_sbi_run_vcpu(unsigned long gid, unsigned long id, struct cove_exit *exit)
{
	register unsigned long a0 asm("a0") = gid;
	register unsigned long a1 asm("a1") = id;
	register unsigned long a6 asm("a6") = SBI_COVH_RUN_TVM_VCPU;
	register unsigned long a7 asm("a7") = SBI_EXT_COVH;
	unsigned long scause, stval;

	asm volatile("ecall\n"
		     "csrr %[scause], scause\n"
		     "csrr %[stval], stval\n"
		     : "+r"(a0), "+r"(a1), [scause] "=&r"(scause), [stval] "=&r"(stval)
		     : "r"(a6), "r"(a7)
		     : "memory");
	exit->error = a0;
	exit->value = a1;
	exit->scause = scause;
	exit->stval = stval;
}

/** cove_sbi_set_shmem() - register this CPU's NACL memory */
long cove_sbi_set_shmem(phys_addr_t pa)
{
	return call(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, pa, 0, 0, 0, 0, 0).error;
}

/** cove_sbi_clear_shmem() - forget this CPU's NACL memory */
long cove_sbi_clear_shmem(void)
{
	return call(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, ~0UL, ~0UL, 0, 0, 0, 0).error;
}

/** cove_sbi_get_stats() - @stats must be in the linear map */
long cove_sbi_get_stats(struct covesbi_stats *stats)
{
	return call(SBI_EXT_COVESBI, SBI_COVESBI_GET_STATS, virt_to_phys(stats), sizeof(*stats), 0,
		    0, 0, 0)
		.error;
}

/** cove_sbi_get_measurement() - @buf: COVE_HASH_LEN bytes in the linear map */
long cove_sbi_get_measurement(unsigned long gid, unsigned long index, u8 *buf)
{
	return call(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, gid, index, virt_to_phys(buf),
		    COVE_HASH_LEN, 0, 0)
		.error;
}

/** cove_sbi_set_tap() - @tap: at most COVE_TAP_MAX bytes in the linear map, 8-byte aligned */
long cove_sbi_set_tap(unsigned long gid, const void *tap, unsigned long len)
{
	return call(SBI_EXT_COVESBI, SBI_COVESBI_SET_TAP, gid, virt_to_phys((void *)tap), len, 0, 0,
		    0)
		.error;
}
