// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Evidence as bytes: the TVM's claims, the map of three tokens, and the
 * certificate around it (docs/attestation.md). Works on private copies only.
 */
#include "cove_evidence.h"

static long result(int err)
{
	return err ? COVE_ERR_FAILED : COVE_OK;
}

/* Something that is CBOR already becomes the next item. */
static CborError append(CborEncoder *enc, struct cove_bytes item)
{
	if (!enc->end || (size_t)(enc->end - enc->data.ptr) < item.len)
		return CborErrorOutOfMemory;
	arch_memcpy(enc->data.ptr, item.data, item.len);
	enc->data.ptr += item.len;
	enc->remaining--;
	return CborNoError;
}

static int measurements(CborEncoder *claims, int label, const struct cove_evidence *ev,
			unsigned int first, unsigned int n)
{
	CborEncoder list;
	unsigned int i;
	int err = cbor_encode_int(claims, label);

	err |= cbor_encoder_create_array(claims, &list, n);
	for (i = first; i < first + n; i++)
		err |= cove_cose_measurement(&list, i, ev->msmt[i]);
	return err | cbor_encoder_close_container(claims, &list);
}

/** cove_evidence_claims() - the payload of the TVM's token */
long cove_evidence_claims(struct cove_evidence *ev)
{
	CborEncoder enc, claims;
	int err;

	cbor_encoder_init(&enc, ev->payload, sizeof(ev->payload), 0);
	err = cbor_encode_tag(&enc, COVE_TAG_CWT);
	err |= cbor_encoder_create_map(&enc, &claims, ev->has_identity ? 5 : 4);
	err |= cbor_encode_int(&claims, COVE_CLAIM_NONCE);
	err |= cbor_encode_byte_string(&claims, ev->challenge, sizeof(ev->challenge));
	if (ev->has_identity) {
		err |= cbor_encode_int(&claims, COVE_CLAIM_IDENTITY);
		err |= cbor_encode_byte_string(&claims, ev->identity, sizeof(ev->identity));
	}
	err |= cbor_encode_int(&claims, COVE_CLAIM_TVM_KEY);
	err |= cbor_encode_byte_string(&claims, ev->key, ev->key_len);
	err |= measurements(&claims, COVE_CLAIM_INITIAL, ev, 0, COVE_MSMT_INITIAL);
	err |= measurements(&claims, COVE_CLAIM_RUNTIME, ev, COVE_MSMT_RUNTIME,
			    COVE_MSMT_RUNTIME_NUM);
	err |= cbor_encoder_close_container(&enc, &claims);
	if (!err)
		ev->payload_len = cbor_encoder_get_buffer_size(&enc, ev->payload);
	return result(err);
}

/* { 266: { "tsm": T, "tvm": T, "platform": T } } */
static int evidence_map(CborEncoder *enc, const struct cove_evidence *ev, const u8 *sig)
{
	const struct cove_identity *boot = cove_identity();
	CborEncoder outer, submods;
	int err;

	err = cbor_encoder_create_map(enc, &outer, 1);
	err |= cbor_encode_int(&outer, COVE_CLAIM_SUBMODS);
	err |= cbor_encoder_create_map(&outer, &submods, 3);
	err |= cbor_encode_text_stringz(&submods, "tsm");
	err |= append(&submods, boot->tsm[ev->alg].token);
	err |= cbor_encode_text_stringz(&submods, "tvm");
	err |= cove_cose_sign1(&submods, ev->alg, NULL,
			       (struct cove_bytes){ ev->payload, ev->payload_len }, sig);
	err |= cbor_encode_text_stringz(&submods, "platform");
	err |= append(&submods, boot->platform_token);
	err |= cbor_encoder_close_container(&outer, &submods);
	return err | cbor_encoder_close_container(enc, &outer);
}

static int id_claim(CborEncoder *enc, int label, const u8 id[COVE_ID_LEN])
{
	char text[2 * COVE_ID_LEN];
	int err = cbor_encode_int(enc, label);

	cove_hex(id, COVE_ID_LEN, text);
	return err | cbor_encode_text_string(enc, text, sizeof(text));
}

/**
 * cove_evidence_collect() - the three tokens
 * @sig: of the claims
 *
 * In ev->evidence, as the certificate holds them: CBOR: the payload that is
 * signed; X.509: the value of the extension.
 */
long cove_evidence_collect(struct cove_evidence *ev, const u8 *sig)
{
	CborEncoder enc, claims;
	int err;

	cbor_encoder_init(&enc, ev->evidence, sizeof(ev->evidence), 0);
	if (!ev->x509) {
		err = cbor_encode_tag(&enc, COVE_TAG_CWT);
		err |= cbor_encoder_create_map(&enc, &claims, 3);
		err |= id_claim(&claims, COVE_CLAIM_ISS, cove_identity()->tsm[ev->alg].id);
		err |= id_claim(&claims, COVE_CLAIM_SUB, ev->id);
		err |= cbor_encode_int(&claims, COVE_CLAIM_EVIDENCE);
		err |= evidence_map(&claims, ev, sig);
		err |= cbor_encoder_close_container(&enc, &claims);
	} else {
		err = cbor_encode_tag(&enc, COVE_TAG_UCCS);
		err |= evidence_map(&enc, ev, sig);
	}
	if (!err)
		ev->evidence_len = cbor_encoder_get_buffer_size(&enc, ev->evidence);
	return result(err);
}

/** cove_evidence_tbs() - what of an X.509 certificate is signed; CBOR is ready */
long cove_evidence_tbs(struct cove_evidence *ev)
{
	struct cove_bytes evidence = { ev->evidence, ev->evidence_len };
	struct cove_cert cert = { .key = ev->parsed, .alg = ev->alg, .evidence = evidence };
	long len;

	if (!ev->x509)
		return COVE_OK;
	arch_memcpy(cert.issuer, cove_identity()->tsm[ev->alg].id, COVE_ID_LEN);
	arch_memcpy(cert.subject, ev->id, COVE_ID_LEN);
	len = cove_x509_tbs(&cert, ev->cert, sizeof(ev->cert));
	if (len < 0)
		return len;
	ev->cert_len = (size_t)len;
	return COVE_OK;
}

/* What is to be signed at this stage: the payload of a COSE_Sign1, or all of it */
static struct cove_bytes to_sign(const struct cove_evidence *ev, bool *cose)
{
	bool claims = ev->stage == EVIDENCE_SIGN_CLAIMS;

	*cose = claims || !ev->x509;
	if (claims)
		return (struct cove_bytes){ ev->payload, ev->payload_len };
	if (ev->x509)
		return (struct cove_bytes){ ev->cert, ev->cert_len };
	return (struct cove_bytes){ ev->evidence, ev->evidence_len };
}

/** cove_evidence_digest() - of what is to be signed with ECDSA */
void cove_evidence_digest(const struct cove_evidence *ev, u8 digest[COVE_HASH_LEN])
{
	bool cose;
	struct cove_bytes bytes = to_sign(ev, &cose);

	if (cose)
		cove_cose_digest(NULL, bytes, digest);
	else
		cove_sha384(bytes.data, bytes.len, digest);
}

/** cove_evidence_message() - what is to be signed with Ed25519; ev->work holds it if need be */
long cove_evidence_message(struct cove_evidence *ev, struct cove_bytes *message)
{
	bool cose;
	long len;

	*message = to_sign(ev, &cose);
	if (!cose)
		return COVE_OK;
	len = cove_cose_message(*message, ev->work, sizeof(ev->work));
	if (len < 0)
		return len;
	*message = (struct cove_bytes){ ev->work, (size_t)len };
	return COVE_OK;
}

static long finish_cbor(struct cove_evidence *ev, const u8 *sig)
{
	CborEncoder enc;
	int err;

	cbor_encoder_init(&enc, ev->cert, sizeof(ev->cert), 0);
	err = cove_cose_sign1(&enc, ev->alg, NULL,
			      (struct cove_bytes){ ev->evidence, ev->evidence_len }, sig);
	if (!err)
		ev->cert_len = cbor_encoder_get_buffer_size(&enc, ev->cert);
	return result(err);
}

static long finish_x509(struct cove_evidence *ev, const u8 *sig)
{
	const struct cove_identity *boot = cove_identity();
	const struct cove_bytes *tsm = &boot->tsm[ev->alg].cert;
	long len = cove_x509_finish(ev->cert, sizeof(ev->cert), ev->cert_len, ev->alg, sig);

	if (len < 0)
		return len;
	if (tsm->len + boot->chain.len > sizeof(ev->cert) - (size_t)len)
		return COVE_ERR_FAILED;
	cove_job_tick(COVE_JOB_BLOCK);
	cove_copy_words(ev->cert + len, tsm->data, tsm->len);
	cove_job_tick(COVE_JOB_BLOCK);
	cove_copy_words(ev->cert + len + tsm->len, boot->chain.data, boot->chain.len);
	cove_job_tick(COVE_JOB_BLOCK);
	ev->cert_len = (size_t)len + tsm->len + boot->chain.len;
	return COVE_OK;
}

/** cove_evidence_finish() - the certificate of its signature, and those behind it */
long cove_evidence_finish(struct cove_evidence *ev, const u8 *sig)
{
	return ev->x509 ? finish_x509(ev, sig) : finish_cbor(ev, sig);
}
