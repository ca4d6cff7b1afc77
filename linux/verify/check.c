/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Is evidence authentic, fresh, consistent and what the policy demands? Each
 * check is made, whatever became of the others, and says which claim failed.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <mbedtls/constant_time.h>

#include "internal.h"
#include "rule.h"

/**
 * fail() - a claim failed
 */
void fail(struct verify_report *report, const char *claim, const char *fmt, ...)
{
	va_list ap;

	if (report->failures < VERIFY_FAILURES_MAX) {
		struct verify_failure *f = &report->failure[report->failures];

		snprintf(f->claim, sizeof(f->claim), "%s", claim);
		va_start(ap, fmt);
		vsnprintf(f->reason, sizeof(f->reason), fmt, ap);
		va_end(ap);
	}
	report->failures++;
}

static void check_signature(struct verify_report *report, const struct verify_policy *policy,
			    const char *claim, const struct verify_key *key,
			    const struct verify_signature *signature, const char *by)
{
	if (policy->quick && report->failures)
		return;
	if (VERIFY_RULE(VERIFY_SIGNATURE) && !signature_valid(key, signature))
		fail(report, claim, "the signature is not one by the %s", by);
}

static void check_id(struct verify_report *report, const char *claim, const uint8_t *id,
		     const uint8_t *expected, const char *whose)
{
	char hex[2 * VERIFY_ID_LEN + 1];

	if (!memcmp(id, expected, VERIFY_ID_LEN) || !VERIFY_RULE(VERIFY_ISSUER))
		return;
	to_hex(id, VERIFY_ID_LEN, hex);
	fail(report, claim, "%s is not the identifier of the %s", hex, whose);
}

/* The root of the policy that the evidence names, NULL after a failure. */
static const struct verify_root *find_root(struct verify_report *report,
					   const struct verify_policy *policy)
{
	const struct verify_root *found = NULL;
	char hex[2 * VERIFY_ID_LEN + 1];

	for (unsigned int i = 0; i < policy->nroots; i++) {
		if (memcmp(policy->root[i].id, report->claims.uds_id, VERIFY_ID_LEN))
			continue;
		if (!found || policy->root[i].has_key)
			found = &policy->root[i];
	}
	if (!found && VERIFY_RULE(VERIFY_ROOT)) {
		to_hex(report->claims.uds_id, VERIFY_ID_LEN, hex);
		fail(report, "root", "%s is no root of the policy", hex);
	}
	return found;
}

/* Signatures and names of the tokens; the root's key is NULL when not known. */
static void check_tokens(struct verify_report *report, const struct verify_policy *policy,
			 const struct verify_key *root)
{
	const struct verify_claims *c = &report->claims;

	if (root)
		check_signature(report, policy, "platform-token", root,
				&c->platform_token.signature, "root's key");
	check_signature(report, policy, "tsm-token", &c->platform_key, &c->tsm_token.signature,
			"platform's key");
	check_signature(report, policy, "tvm-token", &c->tsm_key, &c->tvm_token.signature,
			"TSM's key");
}

static void check_cbor(struct verify_report *report, const struct verify_policy *policy,
		       const struct cbor_outer *outer)
{
	const struct verify_claims *c = &report->claims;
	const struct verify_root *root = find_root(report, policy);

	if (root && !root->has_key)
		fail(report, "root",
		     "the policy has its identifier only, and evidence in the CBOR format does not "
		     "carry its key: name a file with its certificate or key");
	check_signature(report, policy, "certificate", &c->tsm_key, &outer->sign.signature,
			"TSM's key");
	check_tokens(report, policy, root && root->has_key ? &root->key : NULL);
	check_id(report, "issuer", outer->issuer, c->tsm_id, "TSM's key");
}

/* What binds the certificate number @i to its issuer, number @up. */
static void check_link(struct verify_report *report, const struct verify_policy *policy,
		       const struct cert *chain, int i, int up)
{
	static const char *const names[NCERTS] = { "tvm-certificate", "tsm-certificate",
						   "platform-certificate", "uds-certificate" };
	static const char *const issuers[NCERTS] = { "TSM's key", "platform's key", "root's key",
						     "root's key" };
	const struct cert *cert = &chain[i], *issuer = &chain[up];

	check_signature(report, policy, names[i], &issuer->key, &cert->signature, issuers[i]);
	if (memcmp(cert->issuer, issuer->subject, VERIFY_ID_LEN))
		fail(report, names[i], "its issuer is not the next certificate's subject");
	if (VERIFY_RULE(VERIFY_SERIAL) && memcmp(cert->serial, cert->issuer, VERIFY_ID_LEN))
		fail(report, names[i], "its serial number is not its issuer's identifier");
	if (VERIFY_RULE(VERIFY_AUTHORITY_KEY) &&
	    memcmp(cert->authority_key, cert->issuer, VERIFY_ID_LEN))
		fail(report, names[i], "its authorityKeyIdentifier is not its issuer's identifier");
	if (VERIFY_RULE(VERIFY_SUBJECT_KEY) &&
	    memcmp(cert->subject_key, cert->subject, VERIFY_ID_LEN))
		fail(report, names[i], "its subjectKeyIdentifier is not its subject");
	if (VERIFY_RULE(VERIFY_PATH_LENGTH) && cert->path_len != (unsigned int)i)
		fail(report, names[i], "its path length is %u, not %d", cert->path_len, i);
}

/* The identifier that a certificate gives its subject must be the one of its key. */
static void check_subject(struct verify_report *report, const char *claim, const struct cert *cert)
{
	uint8_t id[VERIFY_ID_LEN];

	if (key_id(&cert->key, id) || memcmp(cert->subject, id, VERIFY_ID_LEN))
		fail(report, claim, "its subject is not the identifier of its key");
}

static void check_x509(struct verify_report *report, const struct verify_policy *policy,
		       const struct cert chain[NCERTS])
{
	const struct verify_claims *c = &report->claims;
	const struct verify_root *root = find_root(report, policy);
	const struct verify_key *root_key = &chain[CERT_UDS].key;

	check_link(report, policy, chain, CERT_TVM, CERT_TSM);
	check_link(report, policy, chain, CERT_TSM, CERT_PLATFORM);
	check_link(report, policy, chain, CERT_PLATFORM, CERT_UDS);
	check_link(report, policy, chain, CERT_UDS, CERT_UDS);
	check_subject(report, "tsm-certificate", &chain[CERT_TSM]);
	check_subject(report, "platform-certificate", &chain[CERT_PLATFORM]);
	check_subject(report, "uds-certificate", &chain[CERT_UDS]);
	if (memcmp(chain[CERT_UDS].subject, c->uds_id, VERIFY_ID_LEN))
		fail(report, "uds-certificate", "it is not the root that the platform token names");
	if (root && root->has_key && !key_equal(&root->key, root_key))
		fail(report, "uds-certificate", "its key is not the root's");
	if (root && root->has_key)
		root_key = &root->key;
	check_tokens(report, policy, root_key);
	if (!key_equal(&chain[CERT_TVM].key, &c->tvm_key))
		fail(report, "tvm-certificate", "its key is not the one in the TVM token");
	if (!key_equal(&chain[CERT_TSM].key, &c->tsm_key))
		fail(report, "tsm-certificate", "its key is not the one in the TSM token");
	if (!key_equal(&chain[CERT_PLATFORM].key, &c->platform_key))
		fail(report, "platform-certificate",
		     "its key is not the one in the platform token");
}

/* Layers that speak of the same register must say the same. */
static void check_registers(struct verify_report *report)
{
	const struct verify_claims *c = &report->claims;
	const struct {
		const char *claim;
		const uint8_t *value;
		unsigned int index;
	} said[] = {
		{ "firmware", c->firmware.value, 0 },
		{ "firmware-config", c->firmware.manifest, 1 },
		{ "firmware", c->tsm_driver.value, 0 },
		{ "firmware-config", c->tsm_driver.manifest, 1 },
		{ "tsm", c->tsm.value, 2 },
		{ "tsm-config", c->tsm.manifest, 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		if (VERIFY_RULE(VERIFY_REGISTERS) &&
		    memcmp(said[i].value, c->initial[said[i].index], VERIFY_HASH_LEN))
			fail(report, said[i].claim, "the tokens differ in register %u",
			     said[i].index);
	}
}

static void check_one(struct verify_report *report, const char *claim, const uint8_t *value,
		      const uint8_t *expected, size_t len)
{
	char hex[2 * 64 + 1];

	if (!memcmp(value, expected, len) || !VERIFY_RULE(VERIFY_VALUE))
		return;
	to_hex(value, len, hex);
	fail(report, claim, "%s is not what the policy demands", hex);
}

static void check_listed(struct verify_report *report, const char *claim, const uint8_t *value,
			 const struct verify_digests *list)
{
	char hex[2 * VERIFY_HASH_LEN + 1];

	if (!list->n || !VERIFY_RULE(VERIFY_LISTED))
		return;
	for (unsigned int i = 0; i < list->n; i++) {
		if (!memcmp(value, list->value[i], VERIFY_HASH_LEN))
			return;
	}
	to_hex(value, VERIFY_HASH_LEN, hex);
	fail(report, claim, "%s is not in the policy", hex);
}

static void check_svn(struct verify_report *report, const char *claim, uint32_t svn, uint32_t least)
{
	if (svn < least && VERIFY_RULE(VERIFY_SVN))
		fail(report, claim, "%u is less than %u", svn, least);
}

static void check_state(struct verify_report *report, const struct verify_policy *policy)
{
	const struct verify_claims *c = &report->claims;

	if (VERIFY_RULE(VERIFY_STATE) && c->state != STATE_SECURED &&
	    !(c->state == STATE_DEBUG && policy->debug))
		fail(report, "state", "the platform is in state %s", verify_state_name(c->state));
	if (VERIFY_RULE(VERIFY_DEVELOPMENT) && c->state != STATE_DEBUG &&
	    root_is_development(c->uds_id))
		fail(report, "state", "the development root is no secret: it can only be debug");
}

static void check_runtime(struct verify_report *report, const struct verify_policy *policy)
{
	const struct verify_claims *c = &report->claims;
	char claim[32];

	for (unsigned int i = 0; i < VERIFY_RUNTIME_MAX; i++) {
		if (!policy->has_runtime[i])
			continue;
		snprintf(claim, sizeof(claim), "runtime.%u", i);
		if (i >= c->nruntime)
			fail(report, claim, "there are %u runtime registers", c->nruntime);
		else
			check_one(report, claim, c->runtime[i], policy->runtime[i],
				  VERIFY_HASH_LEN);
	}
}

static void check_policy(struct verify_report *report, const struct verify_policy *policy)
{
	const struct verify_claims *c = &report->claims;

	check_state(report, policy);
	if (policy->has_manufacturer)
		check_one(report, "manufacturer", c->manufacturer, policy->manufacturer,
			  sizeof(c->manufacturer));
	check_listed(report, "firmware", c->initial[0], &policy->firmware);
	check_listed(report, "firmware-config", c->initial[1], &policy->firmware_config);
	check_listed(report, "tsm", c->initial[2], &policy->tsm);
	check_listed(report, "tsm-config", c->initial[3], &policy->tsm_config);
	/* the monitor's driver is a part of the firmware */
	if (policy->has_firmware_svn)
		check_svn(report, "firmware-svn",
			  c->firmware.svn < c->tsm_driver.svn ? c->firmware.svn : c->tsm_driver.svn,
			  policy->firmware_svn);
	if (policy->has_tsm_svn)
		check_svn(report, "tsm-svn", c->tsm.svn, policy->tsm_svn);
	/* without one every guest would do */
	if (!policy->tvm.n)
		fail(report, "tvm", "the policy names none");
	check_listed(report, "tvm", c->tvm, &policy->tvm);
	if (policy->has_identity && !c->has_identity)
		fail(report, "identity", "the evidence has none");
	else if (policy->has_identity)
		check_one(report, "identity", c->identity, policy->identity, sizeof(c->identity));
	check_runtime(report, policy);
	if (policy->has_key)
		check_one(report, "key", c->key_hash, policy->key, VERIFY_HASH_LEN);
}

/* Whoever may run any firmware may have it say anything. */
static void note_unchecked(struct verify_report *report, const struct verify_policy *policy)
{
	snprintf(report->unchecked, sizeof(report->unchecked), "%s%s%s",
		 policy->firmware.n ? "" : "firmware",
		 policy->firmware.n || policy->tsm.n ? "" : ", ", policy->tsm.n ? "" : "tsm");
}

/**
 * verify_evidence() - check evidence against a nonce and a policy
 * @evidence: what get_evidence gave, in either format; must outlive @report
 * @nonce: the challenge that it must answer
 *
 * Never fails on hostile input but by its verdict: VERIFY_ACCEPTED only if all
 * signatures lead to a root of the policy, the challenge is @nonce, identifiers
 * and keys fit to each other, and each rule of the policy holds.
 */
enum verify_verdict verify_evidence(const uint8_t *evidence, size_t len,
				    const uint8_t nonce[VERIFY_NONCE_LEN],
				    const struct verify_policy *policy,
				    struct verify_report *report)
{
	const struct verify_bytes bytes = { evidence, len };
	struct syntax s = { .where = "evidence" };
	struct cert chain[NCERTS];
	struct cbor_outer outer;

	memset(report, 0, sizeof(*report));
	report->verdict = VERIFY_MALFORMED;
	if (len > VERIFY_EVIDENCE_MAX) {
		syntax_bad(&s, "more than %d bytes", VERIFY_EVIDENCE_MAX);
	} else if (len && evidence[0] == 0xd2) {
		report->format = VERIFY_CBOR;
		read_cbor_format(&s, bytes, &outer, &report->claims);
	} else if (len && evidence[0] == 0x30) {
		report->format = VERIFY_X509;
		read_x509_format(&s, bytes, chain, &report->claims);
	} else {
		syntax_bad(&s, "neither COSE_Sign1 nor a certificate");
	}
	if (!syntax_ok(&s)) {
		memcpy(report->syntax, s.text, sizeof(report->syntax));
		return report->verdict;
	}
	if (report->format == VERIFY_CBOR)
		check_cbor(report, policy, &outer);
	else
		check_x509(report, policy, chain);
	report->authentic = !report->failures;
	if (VERIFY_RULE(VERIFY_CHALLENGE) &&
	    mbedtls_ct_memcmp(report->claims.challenge, nonce, VERIFY_NONCE_LEN))
		fail(report, "challenge", "it is not the nonce: an answer to another question");
	check_registers(report);
	check_policy(report, policy);
	note_unchecked(report, policy);
	report->verdict = report->failures ? VERIFY_REJECTED : VERIFY_ACCEPTED;
	return report->verdict;
}

/**
 * verify_first_use() - check evidence against a policy made of its own claims
 * What is accepted is consistent in itself and signed by the root that it names. That
 * root's key is known from the X.509 format, or if it is the development root.
 */
enum verify_verdict verify_first_use(const uint8_t *evidence, size_t len,
				     struct verify_report *report)
{
	struct verify_policy policy = { .nroots = 1, .debug = true, .tvm.n = 1 };
	uint8_t nonce[VERIFY_NONCE_LEN] = { 0 };

	if (verify_evidence(evidence, len, nonce, &policy, report) == VERIFY_MALFORMED)
		return report->verdict;
	memcpy(nonce, report->claims.challenge, sizeof(nonce));
	memcpy(policy.tvm.value[0], report->claims.tvm, VERIFY_HASH_LEN);
	memcpy(policy.root[0].id, report->claims.uds_id, VERIFY_ID_LEN);
	if (root_is_development(policy.root[0].id) && root_development(&policy.root[0]))
		return VERIFY_MALFORMED;
	return verify_evidence(evidence, len, nonce, &policy, report);
}
