// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * COVG: what a guest asks about its measurement (CoVE, attestation calls). The
 * host has no part in these calls and does not hear of them.
 */
#include "cove_attest.h"
#include "cove_internal.h"
#include <sbi/riscv_encoding.h>

/** cove_guest_confidential() - is all of [gpa, gpa + len) confidential? The caller holds the
 * TVM's lock. */
bool cove_guest_confidential(const struct tvm *tvm, u64 gpa, u64 len)
{
	u64 limit = cove_gstage_gpa_limit();

	if (!COVE_DEFENCE(ATTEST_REGION))
		return true;
	return len && gpa < limit && len <= limit - gpa &&
	       cove_region_is(tvm, gpa, len, REGION_CONF, REGION_CONF_REMOVABLE);
}

/** cove_guest_page() - is there a page at @gpa, page-aligned? The caller holds the TVM's lock. */
bool cove_guest_page(const struct tvm *tvm, u64 gpa, u64 *pa)
{
	enum gstage_leaf kind = cove_gstage_get(tvm, gpa, pa);

	return kind == GSTAGE_DATA || kind == GSTAGE_SHARED || !COVE_DEFENCE(ATTEST_MAPPED);
}

/** cove_guest_populate() - the host puts a page at @gpa; the guest makes its call again */
enum exit_action cove_guest_populate(struct cove_vcpu *vcpu, unsigned long fault, u64 gpa)
{
	return cove_exit_report(vcpu, fault, 0, (gpa & ~COVE_PAGE_MASK) >> 2, 0);
}

typedef void (*page_fn)(struct tvm *tvm, struct cove_vcpu *vcpu, void *page);

/*
 * A call whose a0 and a1 are a page-aligned buffer in confidential memory, of
 * which it needs no more than the first page; a1 becomes @value.
 */
static enum exit_action with_buffer(struct tvm *tvm, struct cove_vcpu *vcpu, unsigned long fault,
				    page_fn fn, unsigned long value)
{
	u64 gpa = COVE_A(vcpu, 0), len = COVE_A(vcpu, 1), pa = 0;
	long rc = COVE_OK;
	bool there = true;

	cove_tvm_relock(tvm);
	if (!cove_guest_confidential(tvm, gpa, 1))
		rc = COVE_ERR_INVALID_ADDRESS;
	else if (!cove_guest_confidential(tvm, gpa, len))
		rc = COVE_ERR_INVALID_PARAM;
	else
		there = cove_guest_page(tvm, gpa, &pa);
	if (!rc && there)
		fn(tvm, vcpu, arch_ptr(pa));
	cove_tvm_put(tvm);
	if (!there)
		return cove_guest_populate(vcpu, fault, gpa);
	return cove_guest_return(vcpu, rc, rc ? 0 : value);
}

static void put_attcaps(struct tvm *tvm, struct cove_vcpu *vcpu, void *page)
{
	const struct cove_identity *boot = cove_identity();
	struct attestation_capabilities caps = {
		.tcb_svn = boot ? boot->svn : 0,
		.hash_algorithm = COVE_HASH_SHA384,
		.certificate_formats = boot ? COVE_EVIDENCE_FORMATS : 0,
		.initial_measurements = COVE_MSMT_INITIAL,
		.runtime_measurements = COVE_MSMT_RUNTIME_NUM,
	};
	unsigned int i;

	(void)tvm;
	(void)vcpu;
	for (i = 0; i < COVE_MSMT_COUNT; i++) {
		caps.msmt_regs[i].hash_algorithm = COVE_HASH_SHA384;
		caps.msmt_regs[i].type =
			i < COVE_MSMT_RUNTIME ? COVE_MSMT_TYPE_INITIAL : COVE_MSMT_TYPE_RUNTIME;
		caps.msmt_regs[i].tcg_pcr_index = COVE_MSMT_NO_PCR;
	}
	arch_memcpy(page, &caps, sizeof(caps));
}

/**
 * cove_covg_get_attcaps() - COVG get_attcaps
 * a0: GPA of a struct attestation_capabilities, a1: length; both multiples of 4 KiB.
 * Value: bytes written.
 *
 * Result: INVALID_ADDRESS (a0), INVALID_PARAM (a1, or not all is confidential)
 */
enum exit_action cove_covg_get_attcaps(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	if (COVE_A(vcpu, 0) & COVE_PAGE_MASK)
		return cove_guest_return(vcpu, COVE_ERR_INVALID_ADDRESS, 0);
	if (!COVE_A(vcpu, 1) || (COVE_A(vcpu, 1) & COVE_PAGE_MASK))
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	return with_buffer(tvm, vcpu, CAUSE_STORE_GUEST_PAGE_FAULT, put_attcaps,
			   sizeof(struct attestation_capabilities));
}

static void extend(struct tvm *tvm, struct cove_vcpu *vcpu, void *page)
{
	u8 digest[COVE_HASH_LEN];

	arch_memcpy(digest, page, sizeof(digest)); /* siblings may write it */
	cove_measure_runtime(tvm, (unsigned int)COVE_A(vcpu, 2), digest);
}

/**
 * cove_covg_extend_measurement() - COVG extend_measurement
 * a0: GPA of a digest, page-aligned, a1: COVE_HASH_LEN, a2: index of a runtime register
 *
 * Result: INVALID_ADDRESS (a0), INVALID_PARAM (a1, a2)
 */
enum exit_action cove_covg_extend_measurement(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long index = COVE_A(vcpu, 2);

	if (COVE_A(vcpu, 0) & COVE_PAGE_MASK)
		return cove_guest_return(vcpu, COVE_ERR_INVALID_ADDRESS, 0);
	if (COVE_A(vcpu, 1) != COVE_HASH_LEN || index >= COVE_MSMT_COUNT ||
	    (COVE_DEFENCE(EXTEND_RUNTIME) && index < COVE_MSMT_RUNTIME))
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	return with_buffer(tvm, vcpu, CAUSE_LOAD_GUEST_PAGE_FAULT, extend, 0);
}

static void put_register(struct tvm *tvm, struct cove_vcpu *vcpu, void *page)
{
	arch_memcpy(page, tvm->msmt[COVE_A(vcpu, 2)], COVE_HASH_LEN);
}

/**
 * cove_covg_read_measurement() - COVG read_measurement
 * a0: GPA, page-aligned, a1: length, at least COVE_HASH_LEN, a2: index of a register.
 * Value: bytes written.
 *
 * Result: INVALID_ADDRESS (a0), INVALID_PARAM (a1, a2, or not all is confidential)
 */
enum exit_action cove_covg_read_measurement(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	if (COVE_A(vcpu, 0) & COVE_PAGE_MASK)
		return cove_guest_return(vcpu, COVE_ERR_INVALID_ADDRESS, 0);
	if (COVE_A(vcpu, 1) < COVE_HASH_LEN || COVE_A(vcpu, 2) >= COVE_MSMT_COUNT)
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	return with_buffer(tvm, vcpu, CAUSE_STORE_GUEST_PAGE_FAULT, put_register, COVE_HASH_LEN);
}
