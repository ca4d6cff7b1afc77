// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * COVG: calls of an enlightened guest (CoVE, TVM guest interface).
 */
#include "cove_internal.h"

#define GPR_A0	   10
#define A(vcpu, n) ((vcpu)->gpr[GPR_A0 + (n)])

static enum exit_action informed(struct cove_vcpu *vcpu, unsigned int nargs)
{
	enum exit_action action = cove_guest_forward(vcpu, nargs);

	cove_guest_return(vcpu, COVE_OK, 0);
	return action;
}

static enum exit_action mmio_region(struct tvm *tvm, struct cove_vcpu *vcpu, bool add)
{
	long rc = COVE_ERR_INVALID_ADDRESS;
	u64 gpa = A(vcpu, 0), len = A(vcpu, 1);

	if (cove_gpa_range(gpa, len)) {
		cove_tvm_relock(tvm);
		rc = COVE_OK;
		if (add)
			rc = cove_region_add(tvm, gpa, len, REGION_MMIO);
		else
			cove_region_remove_mmio(tvm, gpa, len);
		cove_tvm_put(tvm);
	}
	return rc ? cove_guest_return(vcpu, rc, 0) : informed(vcpu, 2);
}

/*
 * First half of share and unshare: the range becomes removable and the host is
 * asked. It answers in the next run.
 */
static enum exit_action change_sharing(struct tvm *tvm, struct cove_vcpu *vcpu, bool share)
{
	enum region_type from = share ? REGION_CONF : REGION_SHARED;
	enum region_type to = share ? REGION_CONF_REMOVABLE : REGION_SHARED_REMOVABLE;
	u64 gpa = A(vcpu, 0), len = A(vcpu, 1);
	long rc = COVE_ERR_INVALID_PARAM;

	if (gpa & COVE_PAGE_MASK)
		return cove_guest_return(vcpu, COVE_ERR_INVALID_ADDRESS, 0);
	if (!cove_gpa_range(gpa, len) || len > COVE_MAX_CONVERT_PAGES * COVE_PAGE_SIZE)
		return cove_guest_return(vcpu, rc, 0);
	cove_tvm_relock(tvm);
	if (cove_region_is(tvm, gpa, len, from, from) || !COVE_DEFENCE(SHARE_REGION))
		rc = cove_region_set(tvm, gpa, len, to);
	if (!rc) {
		vcpu->share_gpa = gpa;
		vcpu->share_len = len;
		vcpu->share_open = share;
		vcpu->share_lost = false;
	}
	cove_tvm_put(tvm);
	if (rc)
		return cove_guest_return(vcpu, rc, 0);
	vcpu->pending = share ? PENDING_SHARE : PENDING_UNSHARE;
	return cove_guest_forward(vcpu, 2);
}

/**
 * cove_covg_complete() - second half of share and unshare, with the TVM locked
 * @host_error: 0: the range must be empty by now and changes its type; else it
 *	stays what it was and the guest gets the error, unless its contents are
 *	gone already: a host that has removed pages cannot refuse any more
 *
 * Return: 0, or INVALID_PARAM: the call stays pending
 */
long cove_covg_complete(struct tvm *tvm, struct cove_vcpu *vcpu, long host_error)
{
	bool share = vcpu->pending == PENDING_SHARE;
	bool done = !host_error;
	enum region_type type = share == done ? REGION_SHARED : REGION_CONF;

	if (COVE_DEFENCE(SHARE_EMPTY) && done &&
	    !cove_gstage_empty(tvm, vcpu->share_gpa, vcpu->share_len))
		return COVE_ERR_INVALID_PARAM;
	if (!done && share && vcpu->share_lost)
		return COVE_ERR_INVALID_PARAM;
	if (cove_region_set(tvm, vcpu->share_gpa, vcpu->share_len, type))
		return COVE_ERR_INVALID_PARAM;
	vcpu->share_open = false;
	cove_guest_return(vcpu, host_error, 0);
	return COVE_OK;
}

static enum exit_action external_interrupt(struct tvm *tvm, struct cove_vcpu *vcpu, bool allow)
{
	unsigned long id = A(vcpu, 0);

	/* Without an IMSIC there is one external interrupt: ids only say any. */
	if (!id || (id > 0x7ff && id != ~0UL))
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	cove_tvm_relock(tvm);
	arch_store(&tvm->interrupts_allowed, allow);
	cove_tvm_put(tvm);
	return informed(vcpu, 1);
}

/** cove_guest_covg() - a COVG call; attestation (6-10) is not offered */
enum exit_action cove_guest_covg(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	switch (A(vcpu, 6)) {
	case SBI_COVG_ADD_MMIO_REGION:
		return mmio_region(tvm, vcpu, true);
	case SBI_COVG_REMOVE_MMIO_REGION:
		return mmio_region(tvm, vcpu, false);
	case SBI_COVG_SHARE_MEMORY_REGION:
		return change_sharing(tvm, vcpu, true);
	case SBI_COVG_UNSHARE_MEMORY_REGION:
		return change_sharing(tvm, vcpu, false);
	case SBI_COVG_ALLOW_EXTERNAL_INTERRUPT:
		return external_interrupt(tvm, vcpu, true);
	case SBI_COVG_DENY_EXTERNAL_INTERRUPT:
		return external_interrupt(tvm, vcpu, false);
	default:
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	}
}
