// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * COVG: calls of an enlightened guest (CoVE, TVM guest interface).
 */
#include "cove_internal.h"

static enum exit_action mmio_region(struct tvm *tvm, struct cove_vcpu *vcpu, bool add)
{
	long rc = COVE_ERR_INVALID_ADDRESS;
	u64 gpa = COVE_A(vcpu, 0), len = COVE_A(vcpu, 1);

	if (cove_gpa_range(gpa, len)) {
		cove_tvm_relock(tvm);
		rc = COVE_OK;
		if (add)
			rc = cove_region_add(tvm, gpa, len, REGION_MMIO);
		else
			cove_region_remove_mmio(tvm, gpa, len);
		cove_tvm_put(tvm);
	}
	return rc ? cove_guest_return(vcpu, rc, 0) : cove_guest_inform(vcpu, 2);
}

/*
 * First half of share and unshare: the range becomes removable and the host is
 * asked. It answers in the next run.
 */
static enum exit_action change_sharing(struct tvm *tvm, struct cove_vcpu *vcpu, bool share)
{
	enum region_type from = share ? REGION_CONF : REGION_SHARED;
	enum region_type to = share ? REGION_CONF_REMOVABLE : REGION_SHARED_REMOVABLE;
	u64 gpa = COVE_A(vcpu, 0), len = COVE_A(vcpu, 1);
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

static bool any_allowed(const struct tvm *tvm)
{
	unsigned int i;

	for (i = 0; i < COVE_INTERRUPT_WORDS; i++)
		if (tvm->interrupt_list[i])
			return true;
	return false;
}

/**
 * cove_covg_list() - the list of external interrupts that a TVM takes
 * @id: 1..COVE_MAX_INTERRUPT, or all ones for all of them
 *
 * The caller holds the TVM's lock, or is the only one who knows the TVM. Without
 * an IMSIC the host has one line to the guest, VSEIP; it is connected while any
 * number is on the list. Which number it was, the interrupt controller says that
 * the host emulates; the guest knows what it has allowed.
 */
void cove_covg_list(struct tvm *tvm, unsigned long id, bool allow)
{
	if (id == COVE_ALL_INTERRUPTS)
		arch_memset(tvm->interrupt_list, allow ? 0xff : 0, sizeof(tvm->interrupt_list));
	else if (allow)
		tvm->interrupt_list[id / 64] |= 1UL << (id & 63);
	else
		tvm->interrupt_list[id / 64] &= ~(1UL << (id & 63));
	tvm->interrupt_list[0] &= ~1UL; /* there is no number 0 */
	arch_store(&tvm->interrupts_allowed, any_allowed(tvm));
}

static enum exit_action external_interrupt(struct tvm *tvm, struct cove_vcpu *vcpu, bool allow)
{
	unsigned long id = COVE_A(vcpu, 0);
	bool closes;

	if (!id || (id > COVE_MAX_INTERRUPT && id != COVE_ALL_INTERRUPTS))
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	cove_tvm_relock(tvm);
	closes = tvm->interrupts_allowed;
	cove_covg_list(tvm, id, allow);
	closes = closes && !tvm->interrupts_allowed;
	cove_tvm_put(tvm);
	/* Siblings that run still have the line: they lose it on their way back from M-mode. */
	if (closes && COVE_DEFENCE(DENY_AT_ONCE) && !cove_guest_reach_siblings(tvm))
		return cove_guest_return(vcpu, COVE_ERR_FAILED, 0);
	return cove_guest_inform(vcpu, 1);
}

/** cove_guest_covg() - a COVG call */
enum exit_action cove_guest_covg(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	switch (COVE_A(vcpu, 6)) {
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
	case SBI_COVG_GET_ATTCAPS:
		return cove_covg_get_attcaps(tvm, vcpu);
	case SBI_COVG_EXTEND_MEASUREMENT:
		return cove_covg_extend_measurement(tvm, vcpu);
	case SBI_COVG_GET_EVIDENCE:
		return cove_covg_get_evidence(tvm, vcpu);
	case SBI_COVG_RETRIEVE_SECRET:
		return cove_covg_retrieve_secret(tvm, vcpu);
	case SBI_COVG_READ_MEASUREMENT:
		return cove_covg_read_measurement(tvm, vcpu);
	default:
		return cove_guest_return(vcpu, COVE_ERR_NOT_SUPPORTED, 0);
	}
}
