// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * COSE (RFC 9052, 9053): keys and messages with one signature, ES384 or
 * EdDSA.
 */
#include "cove_arena.h"
#include "cove_attest.h"
#include "cove_internal.h"
#include <mbedtls/ecp.h>
#include <mbedtls/sha512.h>

#define HEADER_ALG 1
#define HEADER_KID 4
#define KTY_OKP	   1
#define KTY_EC2	   2
#define KEY_KTY	   1
#define KEY_CRV	   (-1)
#define KEY_X	   (-2)
#define KEY_Y	   (-3)

#define PROTECTED_MAX 32U
#define BSTR_HEAD_MAX 9U
#define SIG_START_MAX (16 + PROTECTED_MAX + BSTR_HEAD_MAX)

#define HASH_NAME "sha-384"

/* What tinycbor returns once something did not fit is worth nothing later; errors add up. */
static CborError both(CborError a, CborError b)
{
	return a ? a : b;
}

static const struct {
	int kty;
	int crv;
	size_t coord_len;
} kinds[] = {
	[COVE_KEY_P256] = { KTY_EC2, 1, 32 },
	[COVE_KEY_P384] = { KTY_EC2, 2, COVE_COORD_LEN },
	[COVE_KEY_ED25519] = { KTY_OKP, 6, 32 },
};

size_t cove_key_coord_len(const struct cove_key *key)
{
	return kinds[key->kind].coord_len;
}

CborError cove_cose_key_encode(CborEncoder *enc, const struct cove_key *key)
{
	bool has_y = kinds[key->kind].kty == KTY_EC2;
	size_t len = cove_key_coord_len(key);
	CborEncoder map;
	CborError e;

	e = cbor_encoder_create_map(enc, &map, has_y ? 4 : 3);
	e = both(e, cbor_encode_int(&map, KEY_KTY));
	e = both(e, cbor_encode_int(&map, kinds[key->kind].kty));
	e = both(e, cbor_encode_int(&map, KEY_CRV));
	e = both(e, cbor_encode_int(&map, kinds[key->kind].crv));
	e = both(e, cbor_encode_int(&map, KEY_X));
	e = both(e, cbor_encode_byte_string(&map, key->x, len));
	if (has_y) {
		e = both(e, cbor_encode_int(&map, KEY_Y));
		e = both(e, cbor_encode_byte_string(&map, key->y, len));
	}
	return both(e, cbor_encoder_close_container(enc, &map));
}

static bool same(const u8 *a, const u8 *b, size_t len)
{
	while (len && *a == *b) {
		a++;
		b++;
		len--;
	}
	return !len;
}

/*
 * There is one encoding of a key, so what it must look like is made from its
 * coordinates, which can only be in one place.
 */
static bool is_key(const u8 *cose, size_t len, struct cove_key *key)
{
	u8 made[COVE_COSE_KEY_MAX];
	size_t coord = cove_key_coord_len(key);
	bool has_y = kinds[key->kind].kty == KTY_EC2;
	size_t y_head = has_y ? 3 : 0;
	size_t head = len - (has_y ? 2 * coord : coord) - y_head;
	CborEncoder enc;

	if (len > sizeof(made) || head > len)
		return false;
	key->x = cose + head;
	key->y = has_y ? cose + head + coord + y_head : NULL;
	cbor_encoder_init(&enc, made, sizeof(made), 0);
	return !cove_cose_key_encode(&enc, key) &&
	       cbor_encoder_get_buffer_size(&enc, made) == len && same(made, cose, len);
}

static int check_point(const struct cove_key *key)
{
	mbedtls_ecp_group_id id =
		key->kind == COVE_KEY_P256 ? MBEDTLS_ECP_DP_SECP256R1 : MBEDTLS_ECP_DP_SECP384R1;
	size_t coord = cove_key_coord_len(key);
	u8 point[COVE_POINT_LEN];
	mbedtls_ecp_group grp;
	mbedtls_ecp_point q;
	int rc;

	point[0] = 4;
	arch_memcpy(point + 1, key->x, coord);
	arch_memcpy(point + 1 + coord, key->y, coord);
	mbedtls_ecp_group_init(&grp);
	mbedtls_ecp_point_init(&q);
	rc = mbedtls_ecp_group_load(&grp, id);
	if (!rc)
		rc = mbedtls_ecp_point_read_binary(&grp, &q, point, 1 + 2 * coord);
	if (!rc)
		rc = mbedtls_ecp_check_pubkey(&grp, &q);
	return rc;
}

static long check_on_curve(const struct cove_key *key, void *mem, size_t mem_len)
{
	struct cove_arena arena;
	int rc;

	if (mem_len < COVE_KEY_CHECK_BYTES)
		return COVE_ERR_FAILED;
	cove_arena_init(&arena, mem, mem_len);
	cove_arena_select(&arena);
	rc = check_point(key);
	cove_arena_select(NULL);
	cove_wipe(mem, mem_len);
	if (rc == MBEDTLS_ERR_MPI_ALLOC_FAILED || rc == MBEDTLS_ERR_ECP_ALLOC_FAILED)
		return COVE_ERR_FAILED;
	return rc ? COVE_ERR_INVALID_PARAM : COVE_OK;
}

long cove_cose_key_parse(const u8 *cose, size_t len, void *mem, size_t mem_len,
			 struct cove_key *key)
{
	unsigned int kind;

	for (kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
		key->kind = (enum cove_key_kind)kind;
		if (!is_key(cose, len, key))
			continue;
		return kind == COVE_KEY_ED25519 ? COVE_OK : check_on_curve(key, mem, mem_len);
	}
	return COVE_ERR_INVALID_PARAM;
}

CborError cove_cose_measurement(CborEncoder *enc, unsigned int index, const u8 value[COVE_HASH_LEN])
{
	CborEncoder map;
	CborError e;

	e = cbor_encoder_create_map(enc, &map, 3);
	e = both(e, cbor_encode_int(&map, 1));
	e = both(e, cbor_encode_uint(&map, index));
	e = both(e, cbor_encode_int(&map, 2));
	e = both(e, cbor_encode_byte_string(&map, value, COVE_HASH_LEN));
	e = both(e, cbor_encode_int(&map, 3));
	e = both(e, cbor_encode_text_stringz(&map, HASH_NAME));
	return both(e, cbor_encoder_close_container(enc, &map));
}

static const struct {
	int id;
	size_t sig_len;
} algs[COVE_ALGS] = {
	[COVE_ES384] = { -35, COVE_SIG_LEN },
	[COVE_EDDSA] = { -8, COVE_ED25519_SIG_LEN },
};

/* The protected header, without the head of its byte string */
static size_t protected_header(enum cove_alg alg, const u8 *kid, u8 buf[PROTECTED_MAX])
{
	CborEncoder enc, map;

	cbor_encoder_init(&enc, buf, PROTECTED_MAX, 0);
	cbor_encoder_create_map(&enc, &map, kid ? 2 : 1);
	cbor_encode_int(&map, HEADER_ALG);
	cbor_encode_int(&map, algs[alg].id);
	if (kid) {
		cbor_encode_int(&map, HEADER_KID);
		cbor_encode_byte_string(&map, kid, COVE_ID_LEN);
	}
	cbor_encoder_close_container(&enc, &map);
	return cbor_encoder_get_buffer_size(&enc, buf);
}

CborError cove_cose_sign1(CborEncoder *enc, enum cove_alg alg, const u8 *kid,
			  struct cove_bytes payload, const u8 *sig)
{
	u8 header[PROTECTED_MAX];
	CborEncoder array, map;
	CborError e;

	e = cbor_encode_tag(enc, COVE_TAG_SIGN1);
	e = both(e, cbor_encoder_create_array(enc, &array, 4));
	e = both(e, cbor_encode_byte_string(&array, header, protected_header(alg, kid, header)));
	e = both(e, cbor_encoder_create_map(&array, &map, 0));
	e = both(e, cbor_encoder_close_container(&array, &map));
	e = both(e, cbor_encode_byte_string(&array, payload.data, payload.len));
	e = both(e, cbor_encode_byte_string(&array, sig, algs[alg].sig_len));
	return both(e, cbor_encoder_close_container(enc, &array));
}

/* Head of a byte string of @len bytes: of the encoding of an integer, with another major type. */
static size_t bstr_head(size_t len, u8 head[BSTR_HEAD_MAX])
{
	CborEncoder enc;

	cbor_encoder_init(&enc, head, BSTR_HEAD_MAX, 0);
	cbor_encode_uint(&enc, len);
	head[0] |= CborByteStringType;
	return cbor_encoder_get_buffer_size(&enc, head);
}

/* Sig_structure = [ "Signature1", protected, h'', payload ], up to the payload */
static size_t sig_structure(enum cove_alg alg, const u8 *kid, size_t payload_len,
			    u8 start[SIG_START_MAX])
{
	u8 header[PROTECTED_MAX], head[BSTR_HEAD_MAX];
	CborEncoder enc, array;
	size_t len, head_len = bstr_head(payload_len, head);

	cbor_encoder_init(&enc, start, SIG_START_MAX, 0);
	cbor_encoder_create_array(&enc, &array, 4);
	cbor_encode_text_stringz(&array, "Signature1");
	cbor_encode_byte_string(&array, header, protected_header(alg, kid, header));
	cbor_encode_byte_string(&array, header, 0);
	len = cbor_encoder_get_buffer_size(&array, start);
	arch_memcpy(start + len, head, head_len);
	return len + head_len;
}

void cove_cose_digest(const u8 *kid, struct cove_bytes payload, u8 digest[COVE_HASH_LEN])
{
	u8 start[SIG_START_MAX], sum[64];
	mbedtls_sha512_context ctx;

	mbedtls_sha512_init(&ctx);
	mbedtls_sha512_starts(&ctx, 1);
	mbedtls_sha512_update(&ctx, start, sig_structure(COVE_ES384, kid, payload.len, start));
	mbedtls_sha512_update(&ctx, payload.data, payload.len);
	mbedtls_sha512_finish(&ctx, sum);
	mbedtls_sha512_free(&ctx);
	arch_memcpy(digest, sum, COVE_HASH_LEN);
}

long cove_cose_message(struct cove_bytes payload, u8 *buf, size_t size)
{
	u8 start[SIG_START_MAX];
	size_t len = sig_structure(COVE_EDDSA, NULL, payload.len, start);

	if (len > size || payload.len > size - len)
		return COVE_ERR_FAILED;
	arch_memcpy(buf, start, len);
	arch_memcpy(buf + len, payload.data, payload.len);
	return (long)(len + payload.len);
}

void cove_hex(const u8 *data, size_t len, char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
}
