// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * X.509 certificates (RFC 5280) of layers and TVMs. DER is written from its end
 * to its start, as lengths come before what they count.
 */
#include "cove_attest.h"
#include "cove_internal.h"
#include <mbedtls/asn1write.h>

#define NOT_BEFORE "260101000000Z"
#define NOT_AFTER  "99991231235959Z"

#define OID_ECDSA_SHA384 "\x2a\x86\x48\xce\x3d\x04\x03\x03"
#define OID_EC_KEY	 "\x2a\x86\x48\xce\x3d\x02\x01"
#define OID_P256	 "\x2a\x86\x48\xce\x3d\x03\x01\x07"
#define OID_P384	 "\x2b\x81\x04\x00\x22"
#define OID_ED25519	 "\x2b\x65\x70"
#define OID_CN		 "\x55\x04\x03"
#define OID_SUBJECT_ID	 "\x55\x1d\x0e"
#define OID_KEY_USAGE	 "\x55\x1d\x0f"
#define OID_CONSTRAINTS	 "\x55\x1d\x13"
#define OID_ISSUER_ID	 "\x55\x1d\x23"
#define OID_UCCS	 "\x67\x81\x05\x05\x04\x06" /* 2.23.133.5.4.6 */

#define SEQUENCE      (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)
#define SET	      (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SET)
#define CONTEXT(n)    (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_CONTEXT_SPECIFIC | (n))
#define IMPLICIT(n)   (MBEDTLS_ASN1_CONTEXT_SPECIFIC | (n))
#define KEY_CERT_SIGN 0x04
#define SIG_MAX	      (3 + 2 * (3 + COVE_COORD_LEN))
#define WATCH_BYTES   256

/** struct der - [@p, end) is written, [@start, @p) is free; @bad: something did not fit */
struct der {
	u8 *start;
	u8 *p;
	bool bad;
};

static void put(struct der *d, const void *data, size_t len)
{
	if (mbedtls_asn1_write_raw_buffer(&d->p, d->start, data, len) < 0)
		d->bad = true;
}

/* Everything from here to @end becomes the value of @tag. */
static void wrap(struct der *d, u8 *end, u8 tag)
{
	if (mbedtls_asn1_write_len(&d->p, d->start, (size_t)(end - d->p)) < 0 ||
	    mbedtls_asn1_write_tag(&d->p, d->start, tag) < 0)
		d->bad = true;
}

static void put_value(struct der *d, u8 tag, const void *data, size_t len)
{
	u8 *end = d->p;

	put(d, data, len);
	wrap(d, end, tag);
}

#define put_oid(d, oid) put_value(d, MBEDTLS_ASN1_OID, oid, sizeof(oid) - 1)

static void put_true(struct der *d)
{
	put_value(d, MBEDTLS_ASN1_BOOLEAN, "\xff", 1);
}

/* An integer that is not negative, given most significant byte first */
static void put_number(struct der *d, const u8 *n, size_t len)
{
	u8 *end = d->p;

	while (len > 1 && !*n) {
		n++;
		len--;
	}
	put(d, n, len);
	if (*n & 0x80)
		put(d, "", 1);
	wrap(d, end, MBEDTLS_ASN1_INTEGER);
}

static void put_bits(struct der *d, u8 *end, u8 unused)
{
	put(d, &unused, 1);
	wrap(d, end, MBEDTLS_ASN1_BIT_STRING);
}

static void put_name(struct der *d, const u8 *id)
{
	u8 *end = d->p;
	char text[2 * COVE_ID_LEN];

	cove_hex(id, COVE_ID_LEN, text);
	put_value(d, MBEDTLS_ASN1_PRINTABLE_STRING, text, sizeof(text));
	put_oid(d, OID_CN);
	wrap(d, end, SEQUENCE);
	wrap(d, end, SET);
	wrap(d, end, SEQUENCE);
}

static void put_sig_alg(struct der *d, enum cove_alg alg)
{
	u8 *end = d->p;

	if (alg == COVE_EDDSA)
		put_oid(d, OID_ED25519);
	else
		put_oid(d, OID_ECDSA_SHA384);
	wrap(d, end, SEQUENCE);
}

static void put_validity(struct der *d)
{
	u8 *end = d->p;

	put_value(d, MBEDTLS_ASN1_GENERALIZED_TIME, NOT_AFTER, sizeof(NOT_AFTER) - 1);
	put_value(d, MBEDTLS_ASN1_UTC_TIME, NOT_BEFORE, sizeof(NOT_BEFORE) - 1);
	wrap(d, end, SEQUENCE);
}

static void put_key(struct der *d, const struct cove_key *key)
{
	size_t len = cove_key_coord_len(key);
	u8 *end = d->p;
	u8 *alg;

	if (key->kind != COVE_KEY_ED25519)
		put(d, key->y, len);
	put(d, key->x, len);
	if (key->kind != COVE_KEY_ED25519)
		put(d, "\x04", 1);
	put_bits(d, end, 0);
	alg = d->p;
	if (key->kind == COVE_KEY_ED25519) {
		put_oid(d, OID_ED25519);
	} else {
		if (key->kind == COVE_KEY_P256)
			put_oid(d, OID_P256);
		else
			put_oid(d, OID_P384);
		put_oid(d, OID_EC_KEY);
	}
	wrap(d, alg, SEQUENCE);
	wrap(d, end, SEQUENCE);
}

/* An extension whose value has been written up to @end */
#define put_extension(d, end, critical, oid)             \
	do {                                             \
		wrap(d, end, MBEDTLS_ASN1_OCTET_STRING); \
		if (critical)                            \
			put_true(d);                     \
		put_oid(d, oid);                         \
		wrap(d, end, SEQUENCE);                  \
	} while (0)

static void put_identifiers(struct der *d, const struct cove_cert *cert)
{
	u8 *end = d->p;

	put_value(d, MBEDTLS_ASN1_OCTET_STRING, cert->subject, COVE_ID_LEN);
	put_extension(d, end, false, OID_SUBJECT_ID);
	end = d->p;
	put_value(d, IMPLICIT(0), cert->issuer, COVE_ID_LEN);
	wrap(d, end, SEQUENCE);
	put_extension(d, end, false, OID_ISSUER_ID);
}

static void put_constraints(struct der *d, const struct cove_cert *cert)
{
	const u8 usage = KEY_CERT_SIGN, pathlen = (u8)cert->pathlen;
	u8 *end = d->p;

	put_number(d, &pathlen, 1);
	put_true(d);
	wrap(d, end, SEQUENCE);
	put_extension(d, end, true, OID_CONSTRAINTS);
	end = d->p;
	put(d, &usage, 1);
	put_bits(d, end, 2);
	put_extension(d, end, true, OID_KEY_USAGE);
}

static void put_extensions(struct der *d, const struct cove_cert *cert)
{
	u8 *end = d->p;

	if (cert->evidence.len) {
		put(d, cert->evidence.data, cert->evidence.len);
		put_extension(d, end, true, OID_UCCS);
	}
	put_constraints(d, cert);
	put_identifiers(d, cert);
	wrap(d, end, SEQUENCE);
	wrap(d, end, CONTEXT(3));
}

/* Byte @i of many is copied. */
static void watch(size_t i)
{
	if (i % WATCH_BYTES == 0)
		cove_job_tick(COVE_JOB_PRODUCT);
}

/* What was written at the end of @buf goes to its start. */
static long move_to_start(const struct der *d, u8 *buf, u8 *end)
{
	size_t len = (size_t)(end - d->p), i;

	if (d->bad)
		return COVE_ERR_FAILED;
	for (i = 0; i < len; i++) {
		buf[i] = d->p[i];
		watch(i);
	}
	return (long)len;
}

long cove_x509_tbs(const struct cove_cert *cert, u8 *buf, size_t size)
{
	struct der d = { buf, buf + size, false };
	const u8 version3 = 2;
	u8 *end = d.p, *version;

	put_extensions(&d, cert);
	put_key(&d, &cert->key);
	put_name(&d, cert->subject);
	put_validity(&d);
	put_name(&d, cert->issuer);
	put_sig_alg(&d, cert->alg);
	put_number(&d, cert->issuer, COVE_ID_LEN);
	version = d.p;
	put_number(&d, &version3, 1);
	wrap(&d, version, CONTEXT(0));
	wrap(&d, end, SEQUENCE);
	return move_to_start(&d, buf, end);
}

/* signatureAlgorithm and signatureValue; the rest of @buf is free */
static size_t put_signature(struct der *d, enum cove_alg alg, const u8 *sig)
{
	u8 *end = d->p;

	if (alg == COVE_EDDSA) {
		put(d, sig, COVE_ED25519_SIG_LEN);
	} else {
		put_number(d, sig + COVE_COORD_LEN, COVE_COORD_LEN);
		put_number(d, sig, COVE_COORD_LEN);
		wrap(d, end, SEQUENCE);
	}
	put_bits(d, end, 0);
	put_sig_alg(d, alg);
	return (size_t)(end - d->p);
}

long cove_x509_finish(u8 *buf, size_t size, size_t tbs_len, enum cove_alg alg, const u8 *sig)
{
	u8 tail[SIG_MAX + 32] = { 0 }, head[8] = { 0 };
	struct der d = { tail, tail + sizeof(tail), false };
	size_t tail_len = put_signature(&d, alg, sig);
	struct der h = { head, head + sizeof(head), false };
	u8 *end = head + sizeof(head);
	size_t head_len, i;

	if (d.bad || tbs_len > size || mbedtls_asn1_write_len(&h.p, head, tbs_len + tail_len) < 0 ||
	    mbedtls_asn1_write_tag(&h.p, head, SEQUENCE) < 0)
		return COVE_ERR_FAILED;
	head_len = (size_t)(end - h.p);
	if (head_len + tail_len > size - tbs_len)
		return COVE_ERR_FAILED;
	for (i = tbs_len; i--;) {
		buf[head_len + i] = buf[i];
		watch(i);
	}
	arch_memcpy(buf, h.p, head_len);
	arch_memcpy(buf + head_len + tbs_len, d.p, tail_len);
	return (long)(head_len + tbs_len + tail_len);
}
