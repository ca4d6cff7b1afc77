/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Digests, identifiers, keys and signatures of docs/attestation.md, by mbedTLS.
 * Nothing here is secret.
 */
#include <string.h>

#include <mbedtls/ecdsa.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/sha512.h>

#include "internal.h"

/** sha384() - of @a followed by @b; returns 0 or an error of mbedTLS */
int sha384(struct verify_bytes a, struct verify_bytes b, uint8_t out[VERIFY_HASH_LEN])
{
	mbedtls_sha512_context ctx;
	int ret;

	mbedtls_sha512_init(&ctx);
	ret = mbedtls_sha512_starts(&ctx, 1);
	if (!ret)
		ret = mbedtls_sha512_update(&ctx, a.data, a.len);
	if (!ret && b.len)
		ret = mbedtls_sha512_update(&ctx, b.data, b.len);
	if (!ret)
		ret = mbedtls_sha512_finish(&ctx, out);
	mbedtls_sha512_free(&ctx);
	return ret;
}

/* What is signed of a COSE_Sign1 (RFC 9052, 4.4): its length, 0 if there is no room */
static size_t sig_structure(struct verify_bytes protected, struct verify_bytes payload,
			    uint8_t *out, size_t size)
{
	CborEncoder encoder, array;

	cbor_encoder_init(&encoder, out, size, 0);
	if (cbor_encoder_create_array(&encoder, &array, 4) ||
	    cbor_encode_text_stringz(&array, "Signature1") ||
	    cbor_encode_byte_string(&array, protected.data, protected.len) ||
	    cbor_encode_byte_string(&array, payload.data, 0) ||
	    cbor_encode_byte_string(&array, payload.data, payload.len) ||
	    cbor_encoder_close_container(&encoder, &array))
		return 0;
	return cbor_encoder_get_buffer_size(&encoder, out);
}

/** key_id() - the identifier of the layer that has this key; 0 or -1 */
int key_id(const struct verify_key *key, uint8_t id[VERIFY_ID_LEN])
{
	static const unsigned char info[] = { 'C', 'D', 'I', '_', 'I', 'D' };
	const mbedtls_md_info_t *md = mbedtls_md_info_from_type(MBEDTLS_MD_SHA384);

	memset(id, 0, VERIFY_ID_LEN);
	if (mbedtls_hkdf(md, NULL, 0, key->point, key->point_len, info, sizeof(info), id,
			 VERIFY_ID_LEN))
		return -1;
	id[0] = (id[0] & 0x7f) | 0x40;
	return 0;
}

/** id_well_formed() - whether its first two bits are 01, as an identifier's are */
bool id_well_formed(const uint8_t id[VERIFY_ID_LEN])
{
	return (id[0] & 0xc0) == 0x40;
}

/** id_from_hex() - an identifier from 40 lower-case digits */
bool id_from_hex(const char *hex, size_t len, uint8_t id[VERIFY_ID_LEN])
{
	static const char digits[] = "0123456789abcdef";

	memset(id, 0, VERIFY_ID_LEN);
	if (len != 2 * VERIFY_ID_LEN)
		return false;
	for (size_t i = 0; i < len; i++) {
		const char *digit = hex[i] ? strchr(digits, hex[i]) : NULL;

		if (!digit)
			return false;
		id[i / 2] = id[i / 2] << 4 | (digit - digits);
	}
	return id_well_formed(id);
}

static int load_point(const struct verify_key *key, mbedtls_ecp_group *group, mbedtls_ecp_point *q)
{
	const mbedtls_ecp_group_id id =
		key->type == KEY_P384 ? MBEDTLS_ECP_DP_SECP384R1 : MBEDTLS_ECP_DP_SECP256R1;

	return mbedtls_ecp_group_load(group, id) ||
	       mbedtls_ecp_point_read_binary(group, q, key->point, key->point_len) ||
	       mbedtls_ecp_check_pubkey(group, q);
}

/** key_valid() - whether the point of an EC2 key is one of its curve */
bool key_valid(const struct verify_key *key)
{
	mbedtls_ecp_group group;
	mbedtls_ecp_point q;
	int ret;

	if (key->type == KEY_ED25519)
		return true;
	mbedtls_ecp_group_init(&group);
	mbedtls_ecp_point_init(&q);
	ret = load_point(key, &group, &q);
	mbedtls_ecp_point_free(&q);
	mbedtls_ecp_group_free(&group);
	return !ret;
}

bool key_equal(const struct verify_key *a, const struct verify_key *b)
{
	return a->type == b->type && a->point_len == b->point_len &&
	       !memcmp(a->point, b->point, a->point_len);
}

static bool ecdsa_valid(const struct verify_key *key, struct verify_bytes message,
			const uint8_t signature[VERIFY_SIGNATURE_LEN])
{
	const struct verify_bytes none = { NULL, 0 };
	uint8_t digest[VERIFY_HASH_LEN];
	mbedtls_ecp_group group;
	mbedtls_ecp_point q;
	mbedtls_mpi r, s;
	int ret;

	mbedtls_ecp_group_init(&group);
	mbedtls_ecp_point_init(&q);
	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	ret = sha384(message, none, digest) || load_point(key, &group, &q) ||
	      mbedtls_mpi_read_binary(&r, signature, VERIFY_SIGNATURE_LEN / 2) ||
	      mbedtls_mpi_read_binary(&s, signature + VERIFY_SIGNATURE_LEN / 2,
				      VERIFY_SIGNATURE_LEN / 2) ||
	      mbedtls_ecdsa_verify(&group, digest, VERIFY_HASH_LEN, &q, &r, &s);
	mbedtls_mpi_free(&s);
	mbedtls_mpi_free(&r);
	mbedtls_ecp_point_free(&q);
	mbedtls_ecp_group_free(&group);
	return !ret;
}

/** signature_len() - its bytes */
size_t signature_len(enum verify_alg alg)
{
	return alg == ALG_EDDSA ? 64 : 96;
}

/**
 * signature_valid() - whether a signature is one by this key
 * The algorithm must be the one of the key's kind: ECDSA with SHA-384 on P-384, or Ed25519.
 */
bool signature_valid(const struct verify_key *key, const struct verify_signature *signature)
{
	uint8_t structure[VERIFY_EVIDENCE_MAX + 64];
	struct verify_bytes message = signature->message;

	if (key->type != (signature->alg == ALG_EDDSA ? KEY_ED25519 : KEY_P384))
		return false;
	if (signature->protected.len) {
		message.data = structure;
		message.len = sig_structure(signature->protected, signature->message, structure,
					    sizeof(structure));
		if (!message.len)
			return false;
	}
	return signature->alg == ALG_EDDSA ? ed25519_valid(key->point, message, signature->value)
					   : ecdsa_valid(key, message, signature->value);
}
