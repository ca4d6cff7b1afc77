/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Reads the X.509 format of docs/attestation.md: four certificates, one after the
 * other. The profile fixes nearly every byte of them, so this reader takes
 * these certificates and no others; what it takes is DER.
 */
#include <string.h>

#include <mbedtls/asn1.h>

#include "internal.h"

#define TAG_CWT_UCCS 601

#define CONSTRUCTED (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_CONTEXT_SPECIFIC)
#define SEQUENCE    (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)
#define SET	    (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SET)

#define BYTES(...)                                                                         \
	(struct verify_bytes)                                                              \
	{                                                                                  \
		(const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) \
	}

enum { EXT_BASIC, EXT_USAGE, EXT_SUBJECT_KEY, EXT_AUTHORITY_KEY, EXT_EVIDENCE, NEXTS };

static const struct {
	const char *name;
	bool critical;
	uint8_t oid_len;
	uint8_t oid[6];
} extensions[NEXTS] = {
	[EXT_BASIC] = { "basicConstraints", true, 3, { 0x55, 0x1d, 0x13 } },
	[EXT_USAGE] = { "keyUsage", true, 3, { 0x55, 0x1d, 0x0f } },
	[EXT_SUBJECT_KEY] = { "subjectKeyIdentifier", false, 3, { 0x55, 0x1d, 0x0e } },
	[EXT_AUTHORITY_KEY] = { "authorityKeyIdentifier", false, 3, { 0x55, 0x1d, 0x23 } },
	[EXT_EVIDENCE] = { "UccsEvidence", true, 6, { 0x67, 0x81, 0x05, 0x05, 0x04, 0x06 } },
};

/*
 * der() - take the element with this tag from the front of @in
 * Returns its contents; empty after a mistake. Lengths must be minimal.
 */
static struct verify_bytes der(struct syntax *s, struct verify_bytes *in, int tag, const char *name)
{
	const struct verify_bytes none = { NULL, 0 };
	unsigned char *p = (unsigned char *)in->data;
	size_t len, head;

	if (!syntax_ok(s))
		return none;
	if (!in->len || mbedtls_asn1_get_tag(&p, in->data + in->len, &len, tag)) {
		syntax_bad(s, "no %s", name);
		return none;
	}
	head = p - in->data;
	if (head != (len < 0x80 ? 2u : len < 0x100 ? 3u : len < 0x10000 ? 4u : 5u)) {
		syntax_bad(s, "%s: not DER", name);
		return none;
	}
	in->data = p + len;
	in->len -= head + len;
	return (struct verify_bytes){ p, len };
}

/* Take exactly these bytes. */
static void expect(struct syntax *s, struct verify_bytes *in, struct verify_bytes what,
		   const char *name)
{
	if (!syntax_ok(s))
		return;
	if (in->len < what.len || memcmp(in->data, what.data, what.len)) {
		syntax_bad(s, "%s: not as it must be", name);
		return;
	}
	in->data += what.len;
	in->len -= what.len;
}

static void finish(struct syntax *s, const struct verify_bytes *in, const char *name)
{
	if (syntax_ok(s) && in->len)
		syntax_bad(s, "%s: %zu bytes too many", name, in->len);
}

/* The rest of @in is an identifier. */
static void whole_id(struct syntax *s, struct verify_bytes in, uint8_t id[VERIFY_ID_LEN],
		     const char *name)
{
	if (!syntax_ok(s))
		return;
	if (in.len != VERIFY_ID_LEN || !id_well_formed(in.data))
		syntax_bad(s, "%s: no identifier", name);
	else
		memcpy(id, in.data, VERIFY_ID_LEN);
}

/* A name of one part, a CN: an identifier in hexadecimal. */
static void read_name(struct syntax *s, struct verify_bytes *in, uint8_t id[VERIFY_ID_LEN],
		      const char *name)
{
	struct verify_bytes rdns = der(s, in, SEQUENCE, name);
	struct verify_bytes rdn = der(s, &rdns, SET, name);
	struct verify_bytes part = der(s, &rdn, SEQUENCE, name);
	struct verify_bytes text;
	int tag;

	expect(s, &part, BYTES(0x06, 0x03, 0x55, 0x04, 0x03), name);
	tag = syntax_ok(s) && part.len && part.data[0] == MBEDTLS_ASN1_PRINTABLE_STRING
		      ? MBEDTLS_ASN1_PRINTABLE_STRING
		      : MBEDTLS_ASN1_UTF8_STRING;
	text = der(s, &part, tag, name);
	finish(s, &part, name);
	finish(s, &rdn, name);
	finish(s, &rdns, name);
	if (syntax_ok(s) && !id_from_hex((const char *)text.data, text.len, id))
		syntax_bad(s, "%s: no identifier", name);
}

/* From the beginning of 2026 to the end of time (RFC 5280, 4.1.2.5). */
static void read_validity(struct syntax *s, struct verify_bytes *in)
{
	static const char utc[] = "260101000000Z", time[] = "99991231235959Z";
	struct verify_bytes validity = der(s, in, SEQUENCE, "validity");
	struct verify_bytes from = der(s, &validity, MBEDTLS_ASN1_UTC_TIME, "notBefore");
	struct verify_bytes to = der(s, &validity, MBEDTLS_ASN1_GENERALIZED_TIME, "notAfter");

	finish(s, &validity, "validity");
	expect(s, &from, (struct verify_bytes){ (const uint8_t *)utc, strlen(utc) }, "notBefore");
	finish(s, &from, "notBefore");
	expect(s, &to, (struct verify_bytes){ (const uint8_t *)time, strlen(time) }, "notAfter");
	finish(s, &to, "notAfter");
}

/**
 * read_public_key() - a SubjectPublicKeyInfo on P-256, P-384 or of Ed25519
 * Returns false if it is another.
 */
bool read_public_key(struct verify_bytes spki, struct verify_key *key)
{
	static const uint8_t p256[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
					0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
					0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };
	static const uint8_t p384[] = { 0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
					0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
					0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00 };
	static const uint8_t ed25519[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
					   0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
	const struct {
		enum verify_key_type type;
		struct verify_bytes prefix;
		size_t point_len;
	} types[] = {
		{ KEY_P256, { p256, sizeof(p256) }, 65 },
		{ KEY_P384, { p384, sizeof(p384) }, 97 },
		{ KEY_ED25519, { ed25519, sizeof(ed25519) }, 32 },
	};

	memset(key, 0, sizeof(*key));
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (spki.len != types[i].prefix.len + types[i].point_len ||
		    memcmp(spki.data, types[i].prefix.data, types[i].prefix.len))
			continue;
		key->type = types[i].type;
		key->point_len = types[i].point_len;
		memcpy(key->point, spki.data + types[i].prefix.len, key->point_len);
		return (key->type == KEY_ED25519 || key->point[0] == 4) && key_valid(key);
	}
	return false;
}

static void read_spki(struct syntax *s, struct verify_bytes *in, struct verify_key *key)
{
	struct verify_bytes whole = *in;

	der(s, in, SEQUENCE, "public key");
	if (!syntax_ok(s))
		return;
	whole.len -= in->len;
	if (!read_public_key(whole, key))
		syntax_bad(s, "public key: not on P-256, P-384 or of Ed25519");
}

static void read_extension_value(struct syntax *s, int ext, struct verify_bytes value,
				 struct cert *out)
{
	const char *name = extensions[ext].name;

	switch (ext) {
	case EXT_BASIC:
		expect(s, &value, BYTES(0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01), name);
		if (syntax_ok(s) && (value.len != 1 || value.data[0] >= NCERTS))
			syntax_bad(s, "%s: not as it must be", name);
		if (syntax_ok(s))
			out->path_len = value.data[0];
		return;
	case EXT_USAGE:
		expect(s, &value, BYTES(0x03, 0x02, 0x02, 0x04), name);
		finish(s, &value, name);
		return;
	case EXT_SUBJECT_KEY:
		expect(s, &value, BYTES(0x04, VERIFY_ID_LEN), name);
		whole_id(s, value, out->subject_key, name);
		return;
	case EXT_AUTHORITY_KEY:
		expect(s, &value, BYTES(0x30, 2 + VERIFY_ID_LEN, 0x80, VERIFY_ID_LEN), name);
		whole_id(s, value, out->authority_key, name);
		return;
	default:
		out->evidence = value;
	}
}

static int find_extension(struct verify_bytes oid)
{
	int i;

	for (i = 0; i < NEXTS; i++) {
		if (oid.len == extensions[i].oid_len &&
		    !memcmp(oid.data, extensions[i].oid, oid.len))
			break;
	}
	return i;
}

/* One extension; returns which, NEXTS after a mistake. */
static int read_extension(struct syntax *s, struct verify_bytes *in, struct cert *out)
{
	struct verify_bytes ext = der(s, in, SEQUENCE, "extension");
	struct verify_bytes oid = der(s, &ext, MBEDTLS_ASN1_OID, "extension");
	struct verify_bytes value;
	int which;

	if (!syntax_ok(s))
		return NEXTS;
	which = find_extension(oid);
	if (which == NEXTS) {
		syntax_bad(s, "an unknown extension");
		return NEXTS;
	}
	if (extensions[which].critical)
		expect(s, &ext, BYTES(0x01, 0x01, 0xff), extensions[which].name);
	value = der(s, &ext, MBEDTLS_ASN1_OCTET_STRING, extensions[which].name);
	finish(s, &ext, extensions[which].name);
	read_extension_value(s, which, value, out);
	return syntax_ok(s) ? which : NEXTS;
}

static void read_extensions(struct syntax *s, struct verify_bytes *tbs, bool with_evidence,
			    struct cert *out)
{
	struct verify_bytes wrap = der(s, tbs, CONSTRUCTED | 3, "extensions");
	struct verify_bytes list = der(s, &wrap, SEQUENCE, "extensions");
	const unsigned int all = (1 << NEXTS) - 1;
	unsigned int seen = 0;

	finish(s, &wrap, "extensions");
	while (syntax_ok(s) && list.len) {
		const int which = read_extension(s, &list, out);

		if (syntax_ok(s) && seen & 1 << which)
			syntax_bad(s, "%s: given twice", extensions[which].name);
		seen |= 1 << which;
	}
	if (syntax_ok(s) && seen != (with_evidence ? all : all & ~(1 << EXT_EVIDENCE)))
		syntax_bad(s, "not the extensions that it must have");
}

/* An AlgorithmIdentifier: ecdsa-with-SHA384, or Ed25519 (RFC 8410), neither with parameters */
static enum verify_alg read_algorithm(struct syntax *s, struct verify_bytes *in)
{
	static const uint8_t ecdsa[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03 };
	static const uint8_t ed25519[] = { 0x2b, 0x65, 0x70 };
	struct verify_bytes alg = der(s, in, SEQUENCE, "signature algorithm");
	struct verify_bytes oid = der(s, &alg, MBEDTLS_ASN1_OID, "signature algorithm");
	bool is_ed25519;

	finish(s, &alg, "signature algorithm");
	if (!syntax_ok(s))
		return ALG_ES384;
	is_ed25519 = oid.len == sizeof(ed25519) && !memcmp(oid.data, ed25519, oid.len);
	if (!is_ed25519 && (oid.len != sizeof(ecdsa) || memcmp(oid.data, ecdsa, oid.len)))
		syntax_bad(s, "signature algorithm: neither ecdsa-with-SHA384 nor Ed25519");
	return is_ed25519 ? ALG_EDDSA : ALG_ES384;
}

static void read_tbs(struct syntax *s, struct verify_bytes tbs, bool with_evidence,
		     struct cert *out)
{
	struct verify_bytes serial;

	/* version 3 */
	expect(s, &tbs, BYTES(0xa0, 0x03, 0x02, 0x01, 0x02), "version");
	serial = der(s, &tbs, MBEDTLS_ASN1_INTEGER, "serialNumber");
	whole_id(s, serial, out->serial, "serialNumber");
	out->signature.alg = read_algorithm(s, &tbs);
	read_name(s, &tbs, out->issuer, "issuer");
	read_validity(s, &tbs);
	read_name(s, &tbs, out->subject, "subject");
	read_spki(s, &tbs, &out->key);
	read_extensions(s, &tbs, with_evidence, out);
	finish(s, &tbs, "certificate");
}

/* A positive INTEGER in its shortest form, to 48 bytes. */
static void read_scalar(struct syntax *s, struct verify_bytes *in, uint8_t out[48])
{
	struct verify_bytes number = der(s, in, MBEDTLS_ASN1_INTEGER, "signature");

	if (!syntax_ok(s))
		return;
	if (!number.len || number.data[0] & 0x80 ||
	    (number.len > 1 && !number.data[0] && !(number.data[1] & 0x80))) {
		syntax_bad(s, "signature: not DER");
		return;
	}
	if (!number.data[0]) {
		number.data++;
		number.len--;
	}
	if (number.len > 48) {
		syntax_bad(s, "signature: too long");
		return;
	}
	memset(out, 0, 48);
	memcpy(out + 48 - number.len, number.data, number.len);
}

static void read_signature(struct syntax *s, struct verify_bytes *in, struct verify_signature *out)
{
	struct verify_bytes bits = der(s, in, MBEDTLS_ASN1_BIT_STRING, "signature");
	struct verify_bytes pair;

	expect(s, &bits, BYTES(0x00), "signature");
	if (out->alg == ALG_EDDSA) {
		if (syntax_ok(s) && bits.len != signature_len(out->alg))
			syntax_bad(s, "signature: %zu bytes", bits.len);
		else if (syntax_ok(s))
			memcpy(out->value, bits.data, bits.len);
		return;
	}
	pair = der(s, &bits, SEQUENCE, "signature");
	finish(s, &bits, "signature");
	read_scalar(s, &pair, out->value);
	read_scalar(s, &pair, out->value + 48);
	finish(s, &pair, "signature");
}

/**
 * read_cert() - the certificate at the beginning of @bytes
 * @with_evidence: whether it has the extension UccsEvidence
 *
 * Returns its length.
 */
size_t read_cert(struct syntax *s, struct verify_bytes bytes, bool with_evidence, struct cert *out)
{
	struct verify_bytes rest = bytes, cert, whole, tbs;

	memset(out, 0, sizeof(*out));
	cert = der(s, &rest, SEQUENCE, "certificate");
	whole = cert;
	tbs = der(s, &cert, SEQUENCE, "certificate");
	whole.len -= cert.len;
	read_tbs(s, tbs, with_evidence, out);
	/* RFC 5280, 4.1.1.2 */
	if (read_algorithm(s, &cert) != out->signature.alg)
		syntax_bad(s, "signature algorithm: not the one that is signed");
	read_signature(s, &cert, &out->signature);
	finish(s, &cert, "certificate");
	out->signature.message = whole;
	return syntax_ok(s) ? bytes.len - rest.len : 0;
}

/**
 * read_x509_format() - the certificates of get_evidence in their X.509 format
 */
void read_x509_format(struct syntax *s, struct verify_bytes bytes, struct cert chain[NCERTS],
		      struct verify_claims *claims)
{
	static const char *const names[NCERTS] = { "tvm certificate", "tsm certificate",
						   "platform certificate", "uds certificate" };
	struct cbor_doc doc;

	for (int i = 0; i < NCERTS; i++) {
		size_t len;

		s->where = names[i];
		len = read_cert(s, bytes, i == CERT_TVM, &chain[i]);
		bytes.data += len;
		bytes.len -= len;
	}
	finish(s, &bytes, "after the certificate");
	s->where = "UccsEvidence";
	cbor_open(s, chain[CERT_TVM].evidence, &doc);
	cbor_tag(s, &doc.at, TAG_CWT_UCCS);
	read_evidence(s, &doc.at, claims);
	memcpy(claims->tvm_id, chain[CERT_TVM].subject, VERIFY_ID_LEN);
}
