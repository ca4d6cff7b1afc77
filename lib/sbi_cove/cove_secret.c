// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Local attestation: the TAP of a TVM from when the host gives it to when the guest
 * has its secret. Until the TVM runs the TAP lies in pages that get_evidence works in
 * later. Callers hold the TVM's lock where nothing else is said.
 */
#include "cove_evidence.h"
#include "cove_tap.h"
#include <sbi/riscv_encoding.h>

_Static_assert(sizeof(struct cove_tap) <= COVE_EVIDENCE_PAGES * 4096, "struct cove_tap");

static struct cove_tap *tap_of(const struct tvm *tvm)
{
	return arch_ptr(tvm->state_pa + COVE_TVM_PAGES * COVE_PAGE_SIZE);
}

static void close_tap(struct tvm *tvm)
{
	if (tvm->tap_stage != TAP_NONE)
		cove_clear(tvm->state_pa + COVE_TVM_PAGES * COVE_PAGE_SIZE,
			   COVE_EVIDENCE_PAGES * COVE_PAGE_SIZE);
	tvm->tap_stage = TAP_NONE;
}

/** cove_tap_forget() - the TVM ends: its TAP and its secret are erased */
void cove_tap_forget(struct tvm *tvm)
{
	close_tap(tvm);
	arch_memset(tvm->secret, 0, sizeof(tvm->secret));
	tvm->secret_len = 0;
}

/**
 * cove_tap_buffer() - room for the copy of a TAP, COVE_TAP_MAX bytes; the TVM must not run yet
 *
 * From now on it is not room for evidence, of which a TVM that ends takes what it finds there.
 */
u8 *cove_tap_buffer(struct tvm *tvm)
{
	tvm->tap_stage = TAP_OPENING;
	return tap_of(tvm)->copy;
}

/* The end of a step: what failed is erased. */
static long end_step(struct tvm *tvm, long rc)
{
	if (!rc)
		tvm->tap_stage = TAP_OPEN;
	else if (rc != COVE_AGAIN)
		close_tap(tvm);
	return rc;
}

/**
 * cove_tap_begin() - begin to open the TAP of @len bytes in cove_tap_buffer()
 *
 * Return: COVE_AGAIN, INVALID_PARAM (its form), AUTH (it is for other platforms), NOT_SUPPORTED
 */
long cove_tap_begin(struct tvm *tvm, size_t len)
{
	struct cove_tap *tap = tap_of(tvm);
	long rc;

	if (!cove_identity())
		return COVE_ERR_NOT_SUPPORTED;
	tvm->tap_stage = TAP_OPENING;
	tap->len = len;
	rc = cove_tap_start(tap);
	return end_step(tvm, rc ? rc : COVE_AGAIN);
}

/** cove_tap_continue() - the next step; as cove_tap_step() */
long cove_tap_continue(struct tvm *tvm)
{
	return end_step(tvm, cove_tap_step(tap_of(tvm)));
}

/**
 * cove_tap_settle() - the TVM is measured: may it have the secret?
 *
 * Whatever the answer, nothing of the TAP is left but the secret. Return: 0, also when there
 * is no TAP; AUTH
 */
long cove_tap_settle(struct tvm *tvm)
{
	struct cove_tap *tap = tap_of(tvm);
	struct cove_bytes secret;
	long rc = COVE_ERR_AUTH;

	if (tvm->tap_stage == TAP_NONE)
		return COVE_OK;
	if (tvm->tap_stage == TAP_OPEN &&
	    cove_tap_allows(tap, (const u8(*)[COVE_HASH_LEN])tvm->msmt, cove_identity()->state)) {
		secret = cove_tap_secret(tap);
		arch_memcpy(tvm->secret, secret.data, secret.len);
		tvm->secret_len = secret.len;
		rc = COVE_OK;
	}
	close_tap(tvm);
	return rc;
}

static long open_tap(struct tvm *tvm)
{
	struct cove_tap *tap = tap_of(tvm);

	return tap->agree ? cove_tap_continue(tvm) : cove_tap_begin(tvm, tap->len);
}

static long next_step(struct tvm *tvm, u64 pa, size_t len)
{
	long rc;

	if (tvm->state != TVM_INITIALIZING && COVE_DEFENCE(TAP_BEFORE_FINALIZE))
		return COVE_ERR_INVALID_PARAM;
	if (tvm->tap_stage == TAP_OPEN)
		return COVE_ERR_ALREADY_AVAILABLE;
	if (tvm->tap_stage != TAP_OPENING || tvm->tap_pa != pa || tap_of(tvm)->len != len) {
		cove_job_drop(tvm);
		close_tap(tvm);
		cove_copy_words(cove_tap_buffer(tvm), arch_ptr(pa), len);
		tvm->tap_pa = pa;
		tap_of(tvm)->len = len;
	}
	rc = cove_job_step(tvm, open_tap);
	if (rc != COVE_AGAIN)
		cove_job_drop(tvm);
	return rc;
}

/**
 * cove_set_tap() - CoveSBI set_tap: the TAP of a TVM that is not finalized
 * @pa: where it is, 8-byte aligned, in the host's RAM; it is read once
 * @len: its length, at most COVE_TAP_MAX
 *
 * Return: INVALID_ADDRESS (@pa), INVALID_PARAM (@len, @gid, state, the TAP's form), AUTH (for
 * other platforms, or not authentic), ALREADY_AVAILABLE (it has one), NOT_SUPPORTED (this
 * boot has no keys), FAILED, COVE_AGAIN
 */
long cove_set_tap(unsigned long gid, unsigned long pa, unsigned long len)
{
	struct tvm *tvm;
	long rc;

	if (!cove_identity())
		return COVE_ERR_NOT_SUPPORTED;
	if (!len || len > COVE_TAP_MAX)
		return COVE_ERR_INVALID_PARAM;
	if ((pa & 7) || (COVE_DEFENCE(TAP_SOURCE) && !cove_host_range(pa, len)))
		return COVE_ERR_INVALID_ADDRESS;
	tvm = cove_tvm_get(gid);
	if (!tvm)
		return COVE_ERR_INVALID_PARAM;
	rc = next_step(tvm, pa, len);
	cove_tvm_put(tvm);
	return rc;
}

/* With the TVM locked. COVE_AGAIN: there is no page yet. */
static long copy_secret(const struct tvm *tvm, u64 gpa, u64 len, unsigned long *value)
{
	u64 pa;

	if (!cove_guest_confidential(tvm, gpa, len))
		return COVE_ERR_INVALID_ADDRESS;
	if (!tvm->secret_len)
		return COVE_ERR_AUTH;
	*value = tvm->secret_len;
	if (len < tvm->secret_len)
		return COVE_ERR_INVALID_PARAM;
	if (!cove_guest_page(tvm, gpa, &pa))
		return COVE_AGAIN;
	arch_memcpy(arch_ptr(pa), tvm->secret, tvm->secret_len);
	return COVE_OK;
}

/**
 * cove_covg_retrieve_secret() - COVG retrieve_secret
 * a0: GPA of a buffer, page-aligned and confidential, a1: its length, at most 4 KiB.
 * Value: length of the secret, also where the buffer is too small.
 *
 * Result: INVALID_ADDRESS (a0), INVALID_PARAM (a1), AUTH (there was no TAP)
 */
enum exit_action cove_covg_retrieve_secret(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	u64 gpa = COVE_A(vcpu, 0), len = COVE_A(vcpu, 1);
	unsigned long value = 0;
	long rc;

	if (gpa & COVE_PAGE_MASK)
		return cove_guest_return(vcpu, COVE_ERR_INVALID_ADDRESS, 0);
	if (!len || len > COVE_PAGE_SIZE)
		return cove_guest_return(vcpu, COVE_ERR_INVALID_PARAM, 0);
	cove_tvm_relock(tvm);
	rc = copy_secret(tvm, gpa, len, &value);
	cove_tvm_put(tvm);
	if (rc == COVE_AGAIN)
		return cove_guest_populate(vcpu, CAUSE_STORE_GUEST_PAGE_FAULT, gpa);
	return cove_guest_return(vcpu, rc, value);
}
