// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * COVG get_evidence, in steps. Between two of them the guest's program counter
 * is at its ecall, so the hart takes interrupts, the guest's and the host's, and
 * then makes the same call again: the next step. Nobody else notices.
 *
 * The TVM's lock is held to begin and to end a step. In between the job is
 * marked busy, and its hart works on copies. A step ends early when an interrupt
 * waits (cove_job.h).
 */
#include "cove_evidence.h"
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_ecall_interface.h>

/* Arguments */
enum { KEY, KEY_LEN, CHALLENGE, FORMAT, OUT, OUT_LEN };

static struct cove_evidence *evidence_of(const struct tvm *tvm)
{
	return arch_ptr(tvm->state_pa + COVE_TVM_PAGES * COVE_PAGE_SIZE);
}

static void wipe(struct tvm *tvm)
{
	struct cove_evidence *ev = evidence_of(tvm);

	cove_job_drop(tvm);
	if (ev->sign)
		cove_sign_wipe(ev->sign);
	cove_clear(tvm->state_pa + COVE_TVM_PAGES * COVE_PAGE_SIZE,
		   COVE_EVIDENCE_PAGES * COVE_PAGE_SIZE);
}

/**
 * cove_evidence_drop() - a vCPU will not make its next step: it stops, or forgets where it was
 * @vcpu: it; or NULL: no vCPU of the TVM will. The caller holds the TVM's lock.
 */
void cove_evidence_drop(struct tvm *tvm, const struct cove_vcpu *vcpu)
{
	struct cove_evidence *ev = evidence_of(tvm);

	if (!COVE_DEFENCE(EVIDENCE_DROPPED))
		return;
	if (ev->stage != EVIDENCE_NONE && !ev->busy &&
	    (!vcpu || tvm->ended || ev->vcpu == vcpu->id))
		wipe(tvm);
}

/* All of it memory, confidential or shared? */
static bool all_memory(const struct tvm *tvm, u64 gpa, u64 len)
{
	u64 limit = cove_gstage_gpa_limit(), end = gpa + len;
	unsigned int i;

	if (!COVE_DEFENCE(ATTEST_REGION))
		return true;
	if (!len || gpa >= limit || len > limit - gpa)
		return false;
	for (i = 0; i < tvm->nintervals && gpa < end; i++) {
		const struct cove_interval *iv = &tvm->interval[i];

		if (gpa < iv->start || gpa >= iv->end)
			continue;
		if (iv->type == REGION_MMIO)
			return false;
		gpa = iv->end;
	}
	return gpa >= end;
}

static long check_arguments(const struct tvm *tvm, const unsigned long *a)
{
	if ((a[KEY] | a[CHALLENGE] | a[OUT]) & COVE_PAGE_MASK)
		return COVE_ERR_INVALID_ADDRESS;
	if (!a[KEY_LEN] || a[KEY_LEN] > COVE_MAX_ATTEST_KEY || !a[FORMAT] ||
	    (a[FORMAT] & ~COVE_EVIDENCE_FORMATS) || (a[FORMAT] & (a[FORMAT] - 1)))
		return COVE_ERR_INVALID_PARAM;
	if (!cove_guest_confidential(tvm, a[KEY], a[KEY_LEN]) ||
	    !cove_guest_confidential(tvm, a[CHALLENGE], COVE_CHALLENGE_LEN) ||
	    !all_memory(tvm, a[OUT], 1))
		return COVE_ERR_INVALID_ADDRESS;
	return all_memory(tvm, a[OUT], a[OUT_LEN]) ? COVE_OK : COVE_ERR_INVALID_PARAM;
}

static bool same_call(const struct cove_evidence *ev, const struct cove_vcpu *vcpu)
{
	unsigned int i;

	for (i = 0; i < COVE_EVIDENCE_ARGS; i++)
		if (ev->arg[i] != COVE_A(vcpu, i))
			return false;
	return ev->pc == vcpu->pc;
}

/*
 * The first step copies all that the guest gives, once. COVE_AGAIN: a page is
 * not there, *@missing.
 */
static long begin(struct tvm *tvm, struct cove_vcpu *vcpu, u64 *missing)
{
	struct cove_evidence *ev = evidence_of(tvm);
	const unsigned long *a = &COVE_A(vcpu, 0);
	u64 key = 0, challenge = 0;
	long rc;

	rc = cove_identity() ? check_arguments(tvm, a) : COVE_ERR_NOT_SUPPORTED;
	if (rc)
		return rc;
	*missing = a[KEY];
	if (!cove_guest_page(tvm, a[KEY], &key))
		return COVE_AGAIN;
	*missing = a[CHALLENGE];
	if (!cove_guest_page(tvm, a[CHALLENGE], &challenge))
		return COVE_AGAIN;
	ev->pc = vcpu->pc;
	arch_memcpy(ev->arg, a, sizeof(ev->arg));
	ev->x509 = a[FORMAT] & (COVE_CERT_X509 | COVE_CERT_X509_ED25519);
	ev->alg = a[FORMAT] & (COVE_CERT_CBOR | COVE_CERT_X509) ? COVE_ES384 : COVE_EDDSA;
	ev->key_len = a[KEY_LEN];
	arch_memcpy(ev->key, arch_ptr(key), ev->key_len);
	arch_memcpy(ev->challenge, arch_ptr(challenge), COVE_CHALLENGE_LEN);
	arch_memcpy(ev->msmt, tvm->msmt, sizeof(ev->msmt));
	ev->has_identity = tvm->has_identity;
	arch_memcpy(ev->identity, tvm->identity, sizeof(ev->identity));
	ev->stage = EVIDENCE_CLAIMS;
	return COVE_OK;
}

/*
 * Is this call the job's next step, or a new job? Then it is busy. With the TVM
 * locked.
 */
static long claim(struct tvm *tvm, struct cove_vcpu *vcpu, u64 *missing)
{
	struct cove_evidence *ev = evidence_of(tvm);
	long rc = COVE_OK;

	if (COVE_DEFENCE(EVIDENCE_BUSY) && ev->busy)
		return COVE_ERR_BUSY;
	if (ev->stage == EVIDENCE_NONE || !same_call(ev, vcpu)) {
		if (ev->stage != EVIDENCE_NONE && ev->vcpu != vcpu->id &&
		    COVE_DEFENCE(EVIDENCE_BUSY))
			return COVE_ERR_BUSY;
		if (ev->stage != EVIDENCE_NONE)
			wipe(tvm);
		rc = begin(tvm, vcpu, missing);
	}
	if (rc)
		return rc;
	ev->vcpu = vcpu->id;
	ev->busy = true;
	return COVE_OK;
}

/* What stage @next signs is there. */
static long sign(struct cove_evidence *ev, enum evidence_stage next)
{
	u8 digest[COVE_HASH_LEN];

	ev->stage = next;
	if (ev->alg == COVE_EDDSA)
		return COVE_OK;
	cove_evidence_digest(ev, digest);
	ev->sign = cove_sign_start(ev->work, sizeof(ev->work), digest);
	return ev->sign ? COVE_OK : COVE_ERR_FAILED;
}

static long make_claims(struct cove_evidence *ev)
{
	long rc;

	rc = cove_cose_key_parse(ev->key, ev->key_len, ev->work, sizeof(ev->work), &ev->parsed);
	if (!rc)
		rc = cove_tvm_id(ev->msmt[COVE_MSMT_PAGES], ev->msmt[COVE_MSMT_CONFIG], ev->id);
	if (!rc)
		rc = cove_evidence_claims(ev);
	return rc ? rc : sign(ev, EVIDENCE_SIGN_CLAIMS);
}

static long make_certificate(struct cove_evidence *ev)
{
	long rc = cove_evidence_tbs(ev);

	return rc ? rc : sign(ev, EVIDENCE_SIGN_CERTIFICATE);
}

/* All of a signature */
static long sign_ed25519(struct cove_evidence *ev, u8 *sig)
{
	struct cove_bytes message;
	long rc = cove_evidence_message(ev, &message);

	return rc ? rc : cove_tsm_sign_ed25519(message, sig);
}

/* The next part of a signature; with all of it @use makes what comes before stage @next. */
static long sign_on(struct cove_evidence *ev, enum evidence_stage next,
		    long (*use)(struct cove_evidence *ev, const u8 *sig))
{
	u8 sig[COVE_SIG_LEN];
	long rc = ev->alg == COVE_EDDSA ? sign_ed25519(ev, sig) : cove_sign_step(ev->sign, sig);

	if (rc == COVE_AGAIN)
		return COVE_OK;
	ev->sign = NULL;
	if (!rc)
		rc = use(ev, sig);
	if (!rc)
		ev->stage = next;
	return rc;
}

static long step(struct cove_evidence *ev)
{
	switch (ev->stage) {
	case EVIDENCE_CLAIMS:
		return make_claims(ev);
	case EVIDENCE_SIGN_CLAIMS:
		return sign_on(ev, EVIDENCE_CERTIFICATE, cove_evidence_collect);
	case EVIDENCE_CERTIFICATE:
		return make_certificate(ev);
	case EVIDENCE_SIGN_CERTIFICATE:
		return sign_on(ev, EVIDENCE_OUTPUT, cove_evidence_finish);
	default:
		return COVE_OK;
	}
}

static long work_on(struct tvm *tvm)
{
	return step(evidence_of(tvm));
}

/*
 * The whole certificate or nothing: the guest may have given the memory away
 * since, or the host may have taken a page. With the TVM locked. COVE_AGAIN: a
 * page is not there, *@missing.
 */
static long output(const struct tvm *tvm, const struct cove_evidence *ev, u64 *missing)
{
	u64 gpa = ev->arg[OUT], pa[COVE_MAX_CERTIFICATE / COVE_PAGE_SIZE] = { 0 };
	size_t at, n;

	if (ev->cert_len > ev->arg[OUT_LEN])
		return COVE_ERR_INVALID_PARAM;
	if (!all_memory(tvm, gpa, ev->cert_len))
		return COVE_ERR_INVALID_ADDRESS;
	for (at = 0; at < ev->cert_len; at += COVE_PAGE_SIZE) {
		*missing = gpa + at;
		if (!cove_guest_page(tvm, gpa + at, &pa[at / COVE_PAGE_SIZE]))
			return COVE_AGAIN;
	}
	for (at = 0; at < ev->cert_len; at += n) {
		n = ev->cert_len - at < COVE_PAGE_SIZE ? ev->cert_len - at : COVE_PAGE_SIZE;
		cove_copy_words(arch_ptr(pa[at / COVE_PAGE_SIZE]), ev->cert + at, n);
	}
	return COVE_OK;
}

/* The call has come to its end, this way or that. */
static enum exit_action answer(struct tvm *tvm, struct cove_vcpu *vcpu, long rc)
{
	struct cove_evidence *ev = evidence_of(tvm);
	unsigned long value = 0;

	if (!rc || (rc == COVE_ERR_INVALID_PARAM && ev->stage == EVIDENCE_OUTPUT))
		value = ev->cert_len;
	wipe(tvm);
	return cove_guest_return(vcpu, rc, value);
}

/* The TVM ends. It is locked. */
static enum exit_action overrun(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	cove_job_spoilt(tvm);
	cove_tvm_put(tvm);
	return cove_guest_end(tvm, vcpu, SBI_SRST_RESET_TYPE_SHUTDOWN,
			      SBI_SRST_RESET_REASON_SYSFAIL);
}

/**
 * cove_covg_get_evidence() - COVG get_evidence, the next step of it
 * a0: GPA of a COSE_Key, a1: its length, a2: GPA of a challenge of
 * COVE_CHALLENGE_LEN bytes, a3: COVE_CERT_*, a4: GPA of the result, a5: length of
 * that buffer. All GPAs are page-aligned; key and challenge are confidential.
 * Value: length of the certificate, also where the buffer is too small.
 *
 * Result: INVALID_ADDRESS (a0, a2, a4), INVALID_PARAM (a1, a3, a5, or the key is
 * none), BUSY (another vCPU makes such a call), FAILED, NOT_SUPPORTED (this boot
 * has no keys)
 */
enum exit_action cove_covg_get_evidence(struct tvm *tvm, struct cove_vcpu *vcpu)
{
	struct cove_evidence *ev = evidence_of(tvm);
	enum exit_action action = EXIT_RESUME;
	unsigned long fault = CAUSE_LOAD_GUEST_PAGE_FAULT;
	u64 missing = 0;
	bool ready;
	long rc;

	cove_tvm_relock(tvm);
	rc = claim(tvm, vcpu, &missing);
	ready = ev->stage == EVIDENCE_OUTPUT;
	cove_tvm_put(tvm);
	if (rc == COVE_AGAIN)
		return cove_guest_populate(vcpu, fault, missing);
	if (rc)
		return cove_guest_return(vcpu, rc, 0);
	rc = cove_job_run(tvm, work_on);

	cove_tvm_relock(tvm);
	if (rc == COVE_JOB_OVERRUN)
		return overrun(tvm, vcpu);
	ev->busy = false;
	if (rc == COVE_AGAIN || (!rc && !ready && cove_tvm_wanted(tvm))) {
		cove_tvm_put(tvm);
		return EXIT_RESUME;
	}
	if (!rc && ev->stage == EVIDENCE_OUTPUT) {
		fault = CAUSE_STORE_GUEST_PAGE_FAULT;
		rc = output(tvm, ev, &missing);
		if (!rc)
			action = answer(tvm, vcpu, rc);
	}
	if (rc && rc != COVE_AGAIN)
		action = answer(tvm, vcpu, rc);
	cove_tvm_put(tvm);
	return rc == COVE_AGAIN ? cove_guest_populate(vcpu, fault, missing) : action;
}
