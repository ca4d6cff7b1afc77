/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Reads evidence, and the CBOR format that wraps it (docs/attestation.md). Whether it
 * is true is another question: check.c.
 */
#include <string.h>

#include "internal.h"

#define TAG_SIGN1 18
#define TAG_CWT	  61

#define COSE_ES384 (-35)
#define COSE_EDDSA (-8)
#define HDR_ALG	   1
#define HDR_KID	   4

static const char profile[] = "https://riscv.org/TBD";
static const char hash_name[] = "sha-384";

static void read_protected(struct syntax *s, bool kid, struct verify_signed *out)
{
	struct cbor_doc doc;
	CborValue map;
	int64_t alg;

	cbor_open(s, out->signature.protected, &doc);
	cbor_enter(s, &doc.at, CborMapType, 1 + kid, 1 + kid, &map);
	cbor_label(s, &map, HDR_ALG);
	alg = cbor_int(s, &map);
	if (alg != COSE_ES384 && alg != COSE_EDDSA)
		syntax_bad(s, "not signed with ES384 or EdDSA");
	out->signature.alg = alg == COSE_EDDSA ? ALG_EDDSA : ALG_ES384;
	if (kid) {
		cbor_label(s, &map, HDR_KID);
		out->kid = cbor_bytes(s, &map);
	}
	cbor_leave(s, &doc.at, &map);
}

/**
 * read_cose() - a COSE_Sign1 with ES384 or EdDSA
 * @kid: it names its key
 */
void read_cose(struct syntax *s, CborValue *at, bool kid, struct verify_signed *out)
{
	CborValue array, map;

	memset(out, 0, sizeof(*out));
	cbor_tag(s, at, TAG_SIGN1);
	cbor_enter(s, at, CborArrayType, 4, 4, &array);
	out->signature.protected = cbor_bytes(s, &array);
	read_protected(s, kid, out);
	cbor_enter(s, &array, CborMapType, 0, 0, &map);
	cbor_leave(s, &array, &map);
	out->signature.message = cbor_bytes(s, &array);
	cbor_fixed(s, &array, out->signature.value, signature_len(out->signature.alg));
	cbor_leave(s, at, &array);
}

/* The map of claims in a token; its payload is 61(map). */
static void enter_claims(struct syntax *s, struct verify_bytes payload, unsigned int min,
			 unsigned int max, struct cbor_doc *doc, CborValue *map, unsigned int *n)
{
	unsigned int found;

	cbor_open(s, payload, doc);
	cbor_tag(s, &doc->at, TAG_CWT);
	found = cbor_enter(s, &doc->at, CborMapType, min, max, map);
	if (n)
		*n = found;
}

static void read_okp(struct syntax *s, CborValue *map, struct verify_key *key)
{
	cbor_label(s, map, -1);
	if (cbor_int(s, map) != 6)
		syntax_bad(s, "a key on an unknown curve");
	key->type = KEY_ED25519;
	key->point_len = 32;
	cbor_label(s, map, -2);
	cbor_fixed(s, map, key->point, key->point_len);
}

static void read_ec2(struct syntax *s, CborValue *map, struct verify_key *key)
{
	size_t len;
	int64_t curve;

	cbor_label(s, map, -1);
	curve = cbor_int(s, map);
	if (curve != 1 && curve != 2)
		syntax_bad(s, "a key on an unknown curve");
	key->type = curve == 2 ? KEY_P384 : KEY_P256;
	len = curve == 2 ? 48 : 32;
	key->point[0] = 4;
	key->point_len = 1 + 2 * len;
	cbor_label(s, map, -2);
	cbor_fixed(s, map, key->point + 1, len);
	cbor_label(s, map, -3);
	cbor_fixed(s, map, key->point + 1 + len, len);
	if (syntax_ok(s) && !key_valid(key))
		syntax_bad(s, "a key that is no point of its curve");
}

/* A byte string with a COSE_Key. */
static void read_key(struct syntax *s, CborValue *at, struct verify_key *key)
{
	struct cbor_doc doc;
	CborValue map;
	unsigned int n;
	int64_t kty;

	memset(key, 0, sizeof(*key));
	key->cose = cbor_bytes(s, at);
	if (syntax_ok(s) && key->cose.len > VERIFY_KEY_MAX)
		syntax_bad(s, "a key of %zu bytes", key->cose.len);
	cbor_open(s, key->cose, &doc);
	n = cbor_enter(s, &doc.at, CborMapType, 3, 4, &map);
	cbor_label(s, &map, 1);
	kty = cbor_int(s, &map);
	if (kty == 1 && n == 3)
		read_okp(s, &map, key);
	else if (kty == 2 && n == 4)
		read_ec2(s, &map, key);
	else
		syntax_bad(s, "a key of an unknown type");
	cbor_leave(s, &doc.at, &map);
}

/* A key that signs tokens: not on P-256 */
static void read_signer(struct syntax *s, CborValue *at, struct verify_key *key)
{
	read_key(s, at, key);
	if (syntax_ok(s) && key->type == KEY_P256)
		syntax_bad(s, "a key that signs neither with ES384 nor with EdDSA");
}

static void read_p384(struct syntax *s, CborValue *at, struct verify_key *key)
{
	read_key(s, at, key);
	if (syntax_ok(s) && key->type != KEY_P384)
		syntax_bad(s, "a key that is not on P-384");
}

static void read_measurement(struct syntax *s, CborValue *at, unsigned int index,
			     uint8_t value[VERIFY_HASH_LEN])
{
	CborValue map;

	cbor_enter(s, at, CborMapType, 3, 3, &map);
	cbor_label(s, &map, 1);
	if (cbor_int(s, &map) != index)
		syntax_bad(s, "a register that is not register %u", index);
	cbor_label(s, &map, 2);
	cbor_fixed(s, &map, value, VERIFY_HASH_LEN);
	cbor_label(s, &map, 3);
	cbor_expect_text(s, &map, hash_name);
	cbor_leave(s, at, &map);
}

/* Security version number: decimal text, one way to write each. */
static uint32_t read_svn(struct syntax *s, CborValue *at)
{
	char text[VERIFY_TEXT_MAX + 1];
	uint64_t svn = 0;
	size_t i;

	cbor_text(s, at, text);
	for (i = 0; text[i] >= '0' && text[i] <= '9' && svn <= UINT32_MAX; i++)
		svn = 10 * svn + (text[i] - '0');
	if (text[i] || !i || svn > UINT32_MAX || (text[0] == '0' && i > 1))
		syntax_bad(s, "SVN \"%s\" is no number below 2^32", text);
	return svn;
}

static void read_component(struct syntax *s, CborValue *at, const char *type, unsigned int index,
			   struct verify_component *out)
{
	CborValue map;

	cbor_enter(s, at, CborMapType, 7, 7, &map);
	cbor_label(s, &map, 1);
	cbor_expect_text(s, &map, type);
	cbor_label(s, &map, 2);
	read_measurement(s, &map, index, out->value);
	cbor_label(s, &map, 3);
	out->svn = read_svn(s, &map);
	cbor_label(s, &map, 4);
	cbor_fixed(s, &map, out->manifest, sizeof(out->manifest));
	cbor_label(s, &map, 5);
	cbor_fixed(s, &map, out->signer, sizeof(out->signer));
	cbor_label(s, &map, 6);
	cbor_expect_text(s, &map, hash_name);
	cbor_label(s, &map, 7);
	cbor_text(s, &map, out->version);
	cbor_leave(s, at, &map);
}

static void read_platform(struct syntax *s, struct verify_claims *c)
{
	const struct verify_bytes kid = c->platform_token.kid;
	struct cbor_doc doc;
	CborValue map, array;
	int64_t state;

	if (syntax_ok(s) && kid.len != VERIFY_ID_LEN)
		syntax_bad(s, "the name of its key has %zu bytes, not %d", kid.len, VERIFY_ID_LEN);
	if (syntax_ok(s))
		memcpy(c->uds_id, kid.data, VERIFY_ID_LEN);
	enter_claims(s, c->platform_token.signature.message, 5, 5, &doc, &map, NULL);
	cbor_label(s, &map, CLAIM_PROFILE);
	cbor_expect_text(s, &map, profile);
	cbor_label(s, &map, CLAIM_PLATFORM_KEY);
	read_p384(s, &map, &c->platform_key);
	cbor_label(s, &map, CLAIM_MANUFACTURER);
	cbor_fixed(s, &map, c->manufacturer, sizeof(c->manufacturer));
	cbor_label(s, &map, CLAIM_STATE);
	state = cbor_int(s, &map);
	if (state < STATE_NOT_CONFIGURED || state > STATE_RECOVERY)
		syntax_bad(s, "platform state %lld", (long long)state);
	c->state = state;
	cbor_label(s, &map, CLAIM_PLATFORM_SW);
	cbor_enter(s, &map, CborArrayType, 1, 1, &array);
	read_component(s, &array, "firmware", 0, &c->firmware);
	cbor_leave(s, &map, &array);
	cbor_leave(s, &doc.at, &map);
}

static void read_tsm(struct syntax *s, struct verify_claims *c)
{
	struct cbor_doc doc;
	CborValue map, array;

	enter_claims(s, c->tsm_token.signature.message, 3, 3, &doc, &map, NULL);
	/* in the order of the labels' encoding: a smaller number comes later */
	cbor_label(s, &map, CLAIM_TSM_KEY);
	read_signer(s, &map, &c->tsm_key);
	cbor_label(s, &map, CLAIM_TSM_SW);
	cbor_enter(s, &map, CborArrayType, 2, 2, &array);
	read_component(s, &array, "tsm-driver", 0, &c->tsm_driver);
	read_component(s, &array, "tsm", 2, &c->tsm);
	cbor_leave(s, &map, &array);
	cbor_label(s, &map, CLAIM_TAP_KEY);
	read_p384(s, &map, &c->tap_key);
	cbor_leave(s, &doc.at, &map);
}

static void read_registers(struct syntax *s, CborValue *map, struct verify_claims *c)
{
	CborValue array;

	cbor_label(s, map, CLAIM_INITIAL);
	cbor_enter(s, map, CborArrayType, VERIFY_INITIAL, VERIFY_INITIAL, &array);
	for (unsigned int i = 0; i < VERIFY_INITIAL; i++)
		read_measurement(s, &array, i, c->initial[i]);
	cbor_leave(s, map, &array);
	cbor_label(s, map, CLAIM_RUNTIME);
	c->nruntime = cbor_enter(s, map, CborArrayType, 0, VERIFY_RUNTIME_MAX, &array);
	for (unsigned int i = 0; i < c->nruntime; i++)
		read_measurement(s, &array, VERIFY_INITIAL + i, c->runtime[i]);
	cbor_leave(s, map, &array);
}

static void read_tvm(struct syntax *s, struct verify_claims *c)
{
	struct cbor_doc doc;
	CborValue map;
	unsigned int n;

	enter_claims(s, c->tvm_token.signature.message, 4, 5, &doc, &map, &n);
	cbor_label(s, &map, CLAIM_NONCE);
	cbor_fixed(s, &map, c->challenge, sizeof(c->challenge));
	c->has_identity = n == 5;
	if (c->has_identity) {
		cbor_label(s, &map, CLAIM_IDENTITY);
		cbor_fixed(s, &map, c->identity, sizeof(c->identity));
	}
	cbor_label(s, &map, CLAIM_TVM_KEY);
	read_key(s, &map, &c->tvm_key);
	read_registers(s, &map, c);
	cbor_leave(s, &doc.at, &map);
}

static void derive(struct syntax *s, struct verify_claims *c)
{
	const struct verify_bytes none = { NULL, 0 };
	const struct verify_bytes pages = { c->initial[4], VERIFY_HASH_LEN };
	const struct verify_bytes config = { c->initial[5], VERIFY_HASH_LEN };

	if (!syntax_ok(s))
		return;
	if (sha384(pages, config, c->tvm) || sha384(c->tvm_key.cose, none, c->key_hash) ||
	    key_id(&c->tsm_key, c->tsm_id))
		syntax_bad(s, "SHA-384 failed");
}

/**
 * read_evidence() - { 266: { "tsm": T, "tvm": T, "platform": T } }
 * Fills all of @claims but @claims->tvm_id, which stands in the wrapping.
 */
void read_evidence(struct syntax *s, CborValue *at, struct verify_claims *claims)
{
	CborValue map, tokens;

	memset(claims, 0, sizeof(*claims));
	s->where = "evidence";
	cbor_enter(s, at, CborMapType, 1, 1, &map);
	cbor_label(s, &map, CLAIM_SUBMODS);
	cbor_enter(s, &map, CborMapType, 3, 3, &tokens);
	cbor_expect_text(s, &tokens, "tsm");
	s->where = "tsm token";
	read_cose(s, &tokens, false, &claims->tsm_token);
	read_tsm(s, claims);
	s->where = "evidence";
	cbor_expect_text(s, &tokens, "tvm");
	s->where = "tvm token";
	read_cose(s, &tokens, false, &claims->tvm_token);
	read_tvm(s, claims);
	s->where = "evidence";
	cbor_expect_text(s, &tokens, "platform");
	s->where = "platform token";
	read_cose(s, &tokens, true, &claims->platform_token);
	read_platform(s, claims);
	s->where = "evidence";
	cbor_leave(s, &map, &tokens);
	cbor_leave(s, at, &map);
	derive(s, claims);
}

static void read_id(struct syntax *s, CborValue *at, uint8_t id[VERIFY_ID_LEN])
{
	char text[VERIFY_TEXT_MAX + 1];

	cbor_text(s, at, text);
	if (syntax_ok(s) && !id_from_hex(text, strlen(text), id))
		syntax_bad(s, "\"%s\" is no identifier", text);
}

/**
 * read_cbor_format() - the certificate of get_evidence in its CBOR format
 */
void read_cbor_format(struct syntax *s, struct verify_bytes bytes, struct cbor_outer *outer,
		      struct verify_claims *claims)
{
	uint8_t tvm_id[VERIFY_ID_LEN] = { 0 };
	struct cbor_doc doc, inner;
	CborValue map;

	memset(outer, 0, sizeof(*outer));
	s->where = "certificate";
	cbor_open(s, bytes, &doc);
	read_cose(s, &doc.at, false, &outer->sign);
	enter_claims(s, outer->sign.signature.message, 3, 3, &inner, &map, NULL);
	cbor_label(s, &map, CLAIM_ISS);
	read_id(s, &map, outer->issuer);
	cbor_label(s, &map, CLAIM_SUB);
	read_id(s, &map, tvm_id);
	cbor_label(s, &map, CLAIM_EVIDENCE);
	read_evidence(s, &map, claims);
	s->where = "certificate";
	cbor_leave(s, &inner.at, &map);
	memcpy(claims->tvm_id, tvm_id, VERIFY_ID_LEN);
}
