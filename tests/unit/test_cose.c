// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * COSE: keys as callers give them, and the tokens of the boot: read with
 * tinycbor's parser, their signatures checked with mbedTLS.
 */
#include "attest_fixture.h"
#include <mbedtls/ecdsa.h>

static u8 mem[COVE_KEY_CHECK_BYTES + 16] __attribute__((aligned(16)));
static u8 arena_mem[16384] __attribute__((aligned(16)));

/* Base points: of P-256 and of P-384 (SEC 2) */
#define P256_KEY                                                                       \
	"a4010220012158206b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898" \
	"c2962258204fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
#define P384_KEY                                                                         \
	"a4010220022158"                                                                 \
	"30aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55" \
	"296c3a545e3872760ab7225830"                                                     \
	"3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e81" \
	"9d7a431d7c90ea0e5f"
#define ED25519_KEY \
	"a3010120062158203d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"

static long parse(const u8 *cose, size_t len, struct cove_key *key)
{
	/* On the heap: one byte beyond it and ASan says so. */
	u8 *copy = malloc(len ? len : 1);
	long rc;

	memcpy(copy, cose, len);
	memset(mem, 0x5a, sizeof(mem));
	rc = cove_cose_key_parse(copy, len, mem, COVE_KEY_CHECK_BYTES, key);
	assert_int_equal(mem[COVE_KEY_CHECK_BYTES], 0x5a);
	free(copy);
	return rc;
}

static size_t bytes_of(const char *hex, u8 *out)
{
	attest_unhex(hex, out, strlen(hex) / 2);
	return strlen(hex) / 2;
}

static void check_key(const char *hex, enum cove_key_kind kind, bool curve)
{
	u8 cose[COVE_CALLER_KEY_MAX];
	size_t len = bytes_of(hex, cose), i;
	unsigned int bit, other = 0;
	struct cove_key key;

	assert_int_equal(parse(cose, len, &key), COVE_OK);
	assert_int_equal(key.kind, kind);
	for (i = 0; i < len; i++)
		assert_int_equal(parse(cose, i, &key), COVE_ERR_INVALID_PARAM);
	cose[len] = 0;
	assert_int_equal(parse(cose, len + 1, &key), COVE_ERR_INVALID_PARAM);
	for (i = 0; i < len; i++)
		for (bit = 0; bit < 8; bit++) {
			cose[i] ^= (u8)(1U << bit);
			if (!parse(cose, len, &key))
				other++;
			cose[i] ^= (u8)(1U << bit);
		}
	/* Any 32 bytes may be an Ed25519 key here. */
	assert_int_equal(other, curve ? 0 : 256);
	memset(cose + len, 0, sizeof(cose) - len);
	assert_int_equal(parse(cose, sizeof(cose), &key), COVE_ERR_INVALID_PARAM);
}

static void test_keys(void **state)
{
	(void)state;
	check_key(P256_KEY, COVE_KEY_P256, true);
	check_key(P384_KEY, COVE_KEY_P384, true);
	check_key(ED25519_KEY, COVE_KEY_ED25519, false);
}

static void test_other_encodings(void **state)
{
	static const char *const bad[] = {
		/* no y; y as a sign bit; integers that are too long; other order; indefinite map */
		"a30102200121582"
		"06b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
		"a401022001215820"
		"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c29622f5",
		"a3180101200621582"
		"03d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
		"a3200601012158"
		"203d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
		"bf010120062158203d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660cf"
		"f",
		"a3010120062159002"
		"03d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
		/* the point 0, 0 */
		"a4010220012158200000000000000000000000000000000000000000000000000000000000000000"
		"2258200000000000000000000000000000000000000000000000000000000000000000",
		/* x is the prime of the curve */
		"a401022001215820ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
		"2258200000000000000000000000000000000000000000000000000000000000000000",
	};
	u8 cose[COVE_CALLER_KEY_MAX] = { 0 };
	struct cove_key key;
	unsigned int i;
	size_t len;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		len = bytes_of(bad[i], cose);
		assert_int_equal(parse(cose, len, &key), COVE_ERR_INVALID_PARAM);
	}
	len = bytes_of(P384_KEY, cose);
	assert_int_equal(cove_cose_key_parse(cose, len, mem, 64, &key), COVE_ERR_FAILED);
}

static void get_bytes(CborValue *v, u8 *out, size_t *len)
{
	assert_true(cbor_value_is_byte_string(v));
	assert_int_equal(cbor_value_copy_byte_string(v, out, len, v), CborNoError);
}

/* The value of @label in the map @v */
static void find(const CborValue *v, int64_t label, CborValue *value)
{
	int64_t key;

	assert_int_equal(cbor_value_enter_container(v, value), CborNoError);
	while (!cbor_value_at_end(value)) {
		assert_int_equal(cbor_value_get_int64(value, &key), CborNoError);
		assert_int_equal(cbor_value_advance(value), CborNoError);
		if (key == label)
			return;
		assert_int_equal(cbor_value_advance(value), CborNoError);
	}
	fail_msg("no claim %ld", (long)label);
}

/** struct token - a COSE_Sign1 taken apart */
struct token {
	u8 protected[64];
	u8 payload[1024];
	u8 sig[COVE_SIG_LEN];
	size_t protected_len, payload_len;
	CborParser parser;
	CborValue claims;
};

static void open_token(struct cove_bytes bytes, struct token *t)
{
	size_t sig_len = sizeof(t->sig);
	CborParser parser;
	CborValue it, in;
	CborTag tag;

	t->protected_len = sizeof(t->protected);
	t->payload_len = sizeof(t->payload);
	assert_int_equal(cbor_parser_init(bytes.data, bytes.len, 0, &parser, &it), CborNoError);
	assert_int_equal(cbor_value_get_tag(&it, &tag), CborNoError);
	assert_int_equal(tag, 18);
	assert_int_equal(cbor_value_advance_fixed(&it), CborNoError);
	assert_int_equal(cbor_value_enter_container(&it, &in), CborNoError);
	get_bytes(&in, t->protected, &t->protected_len);
	assert_true(cbor_value_is_map(&in));
	assert_int_equal(cbor_value_advance(&in), CborNoError);
	get_bytes(&in, t->payload, &t->payload_len);
	get_bytes(&in, t->sig, &sig_len);
	assert_int_equal(sig_len, COVE_SIG_LEN);
	assert_true(cbor_value_at_end(&in));
	assert_int_equal(cbor_value_leave_container(&it, &in), CborNoError);
	assert_ptr_equal(cbor_value_get_next_byte(&it), bytes.data + bytes.len);
	assert_int_equal(cbor_parser_init(t->payload, t->payload_len, 0, &t->parser, &it),
			 CborNoError);
	assert_int_equal(cbor_value_get_tag(&it, &tag), CborNoError);
	assert_int_equal(tag, 61);
	assert_int_equal(cbor_value_advance_fixed(&it), CborNoError);
	t->claims = it;
}

/* Written out by hand: RFC 9052, 4.4 */
static void sig_digest(const struct token *t, u8 *digest)
{
	u8 text[2048] = "\x84\x6aSignature1";
	size_t at = 12;

	text[at++] = (u8)(0x40 | t->protected_len);
	if (t->protected_len >= 24) {
		text[at - 1] = 0x58;
		text[at++] = (u8)t->protected_len;
	}
	memcpy(text + at, t->protected, t->protected_len);
	at += t->protected_len;
	text[at++] = 0x40;
	text[at++] = 0x59;
	text[at++] = (u8)(t->payload_len >> 8);
	text[at++] = (u8)t->payload_len;
	memcpy(text + at, t->payload, t->payload_len);
	cove_sha384(text, at + t->payload_len, digest);
}

static int verify(const struct cove_key *key, const u8 *digest, const u8 *sig)
{
	u8 point[COVE_POINT_LEN] = { 4 };
	struct cove_arena arena;
	mbedtls_ecp_group grp;
	mbedtls_ecp_point q;
	mbedtls_mpi r, s;
	int rc;

	memcpy(point + 1, key->x, COVE_COORD_LEN);
	memcpy(point + 1 + COVE_COORD_LEN, key->y, COVE_COORD_LEN);
	cove_arena_init(&arena, arena_mem, sizeof(arena_mem));
	cove_arena_select(&arena);
	mbedtls_ecp_group_init(&grp);
	mbedtls_ecp_point_init(&q);
	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	assert_int_equal(mbedtls_ecp_group_load(&grp, MBEDTLS_ECP_DP_SECP384R1), 0);
	assert_int_equal(mbedtls_ecp_point_read_binary(&grp, &q, point, sizeof(point)), 0);
	assert_int_equal(mbedtls_mpi_read_binary(&r, sig, COVE_COORD_LEN), 0);
	assert_int_equal(mbedtls_mpi_read_binary(&s, sig + COVE_COORD_LEN, COVE_COORD_LEN), 0);
	rc = mbedtls_ecdsa_verify(&grp, digest, COVE_HASH_LEN, &q, &r, &s);
	cove_arena_select(NULL);
	return rc;
}

static void claim_key(const struct token *t, int label, u8 *cose, struct cove_key *key)
{
	size_t len = COVE_COSE_KEY_MAX;
	CborValue v;

	find(&t->claims, label, &v);
	get_bytes(&v, cose, &len);
	assert_int_equal(cove_cose_key_parse(cose, len, mem, COVE_KEY_CHECK_BYTES, key), COVE_OK);
	assert_int_equal(key->kind, COVE_KEY_P384);
}

static void test_tokens(void **state)
{
	static struct token platform, tsm;
	u8 cose[COVE_COSE_KEY_MAX], digest[COVE_HASH_LEN], want[COVE_HASH_LEN], kid[COVE_ID_LEN];
	struct cove_rot rot = attest_rot(0x55);
	struct cove_layer_key uds;
	const struct cove_identity *id;
	struct cove_key key;
	CborValue v;
	u64 n;

	(void)state;
	memset(digest, 0x55, sizeof(digest));
	assert_int_equal(cove_key_derive(digest, "Key_Pair", attest_mem, &uds), COVE_OK);
	assert_int_equal(attest_boot(&rot, 0x11), COVE_OK);
	id = cove_identity();
	open_token(id->platform_token, &platform);
	sig_digest(&platform, digest);
	key = cove_layer_public(&uds);
	assert_int_equal(verify(&key, digest, platform.sig), 0);
	attest_unhex("6c87a4937cbc251d224a285d99b18223616921be", kid, sizeof(kid));
	assert_int_equal(platform.protected_len, 6 + COVE_ID_LEN);
	attest_is(platform.protected, 7,
		  "a20138220454"
		  "6c");
	assert_memory_equal(platform.protected + 6 + 1, kid + 1, COVE_ID_LEN - 1);
	find(&platform.claims, COVE_CLAIM_STATE, &v);
	assert_int_equal(cbor_value_get_uint64(&v, &n), CborNoError);
	assert_int_equal(n, COVE_ROT_SECURED);
	claim_key(&platform, COVE_CLAIM_PLATFORM_KEY, cose, &key);
	open_token(id->tsm[COVE_ES384].token, &tsm);
	attest_is(tsm.protected, tsm.protected_len, "a1013822");
	sig_digest(&tsm, digest);
	assert_int_equal(verify(&key, digest, tsm.sig), 0);
	digest[0] ^= 1;
	assert_int_not_equal(verify(&key, digest, tsm.sig), 0);
	digest[0] ^= 1;
	claim_key(&tsm, COVE_CLAIM_TSM_KEY, cose, &key);
	assert_int_not_equal(verify(&key, digest, tsm.sig), 0);
	cove_cose_digest(NULL, (struct cove_bytes){ tsm.payload, tsm.payload_len }, want);
	assert_memory_equal(digest, want, sizeof(want));
}

/* A buffer that is too small: an error, and what is behind it stays. */
static void test_no_room(void **state)
{
	const struct cove_bytes payload = { (const u8 *)"payload", 7 };
	u8 sig[COVE_SIG_LEN] = { 0 }, buf[256], kid[COVE_ID_LEN] = { 0 };
	size_t size, needed;
	CborEncoder enc;

	(void)state;
	cbor_encoder_init(&enc, buf, sizeof(buf), 0);
	assert_int_equal(cove_cose_sign1(&enc, COVE_ES384, kid, payload, sig), CborNoError);
	needed = cbor_encoder_get_buffer_size(&enc, buf);
	for (size = 0; size < needed; size++) {
		memset(buf, 0x77, sizeof(buf));
		cbor_encoder_init(&enc, buf, size, 0);
		assert_int_equal(cove_cose_sign1(&enc, COVE_ES384, kid, payload, sig),
				 CborErrorOutOfMemory);
		assert_int_equal(buf[size], 0x77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_other_encodings),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
