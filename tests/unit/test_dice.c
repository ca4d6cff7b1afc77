// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Keys: signatures against the vectors of RFC 6979 (A.2.6), layers against
 * values that Python computes (hmac, and integers for the curve), and what is
 * left in memory.
 */
#define _GNU_SOURCE
#include "attest_fixture.h"
#include <crypto_sign_ed25519.h>
#include <mbedtls/platform.h>

static const char rfc_key[] = "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba"
			      "9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5";

static const struct {
	const char *text, *sig;
} rfc_vectors[] = {
	{ "sample", "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa7"
		    "3d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
		    "99ef4aeb15f178cea1fe40db2603138f130e740a19624526"
		    "203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8" },
	{ "test", "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36"
		  "ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023db"
		  "ddd0760448d42d8a43af45af836fce4de8be06b485e9b61b"
		  "827c2f13173923e06a739f040649a667bf3b828246baa5a5" },
};

static long sign_all(struct cove_sign *sign, u8 *sig, unsigned int *steps)
{
	long rc;

	assert_non_null(sign);
	*steps = 0;
	do {
		rc = cove_sign_step(sign, sig);
		++*steps;
	} while (rc == COVE_AGAIN);
	return rc;
}

static void test_rfc6979(void **state)
{
	u8 d[COVE_COORD_LEN], digest[COVE_HASH_LEN], sig[COVE_SIG_LEN];
	unsigned int i, steps;

	(void)state;
	cove_sign_init();
	attest_unhex(rfc_key, d, sizeof(d));
	for (i = 0; i < sizeof(rfc_vectors) / sizeof(rfc_vectors[0]); i++) {
		cove_sha384(rfc_vectors[i].text, strlen(rfc_vectors[i].text), digest);
		assert_int_equal(sign_all(cove_sign_begin(attest_mem, COVE_SIGN_BYTES, d, digest),
					  sig, &steps),
				 COVE_OK);
		attest_is(sig, sizeof(sig), rfc_vectors[i].sig);
		print_message("# %u steps\n", steps);
		assert_true(steps > 10);
		attest_is_zero(attest_mem, COVE_SIGN_BYTES);
	}
}

/* Two jobs on two harts, whose steps alternate and change harts */
static void test_two_jobs(void **state)
{
	static u8 other[COVE_SIGN_BYTES] __attribute__((aligned(16)));
	u8 d[COVE_COORD_LEN], digest[2][COVE_HASH_LEN], sig[2][COVE_SIG_LEN];
	struct cove_sign *job[2];
	long rc[2] = { COVE_AGAIN, COVE_AGAIN };
	unsigned int i, n;

	(void)state;
	attest_unhex(rfc_key, d, sizeof(d));
	for (i = 0; i < 2; i++) {
		fake_hart = i;
		cove_sha384(rfc_vectors[i].text, strlen(rfc_vectors[i].text), digest[i]);
		job[i] = cove_sign_begin(i ? other : attest_mem, COVE_SIGN_BYTES, d, digest[i]);
		assert_non_null(job[i]);
	}
	for (n = 0; rc[0] == COVE_AGAIN || rc[1] == COVE_AGAIN; n++) {
		fake_hart = n / 3 % 4;
		i = n % 2;
		if (rc[i] == COVE_AGAIN)
			rc[i] = cove_sign_step(job[i], sig[i]);
	}
	fake_hart = 0;
	for (i = 0; i < 2; i++) {
		assert_int_equal(rc[i], COVE_OK);
		attest_is(sig[i], COVE_SIG_LEN, rfc_vectors[i].sig);
	}
}

/* This and the following are what dice_vectors.py prints. */
static void test_hkdf(void **state)
{
	u8 ikm[22], salt[13], out[82];
	unsigned int i;

	(void)state;
	memset(ikm, 0x0b, sizeof(ikm));
	for (i = 0; i < sizeof(salt); i++)
		salt[i] = (u8)i;
	assert_int_equal(cove_kdf((struct cove_bytes){ salt, sizeof(salt) },
				  (struct cove_bytes){ ikm, sizeof(ikm) }, "CDI", out, sizeof(out)),
			 COVE_OK);
	attest_is(out, sizeof(out),
		  "0883887b03b438f0f6327a74d6a696c7a6701e34a3a5a2f6affcafb38599106d92c4b05ab105f1dc"
		  "f5421b70ee08819aaab7bd09d25c56eb99bbfd0ff3117ef7fca7e9955f4822ba18afbce5aa64976c"
		  "3d8f");
	assert_int_equal(cove_kdf((struct cove_bytes){ NULL, 0 },
				  (struct cove_bytes){ ikm, sizeof(ikm) }, "CDI_ID", out, 20),
			 COVE_OK);
	attest_is(out, 20, "f0413feabe9b383e6d8db8ea6704d0d0e830830b");
}

#define REG_TSM_CONFIG                                     \
	"5bebf7bb8b95b52eab8cbab994c9c1d9e0149809849e1feb" \
	"5a66b68eec73314601a2c9bb5361753ec87f84b1e66a0d16"
#define TSM_POINT                                            \
	"048f283472fd75d183041118d51c758da85437eef7794e557a" \
	"392236ee43aaa39aabc969974221d704c81624ee786efab1"   \
	"7078e22bea5aa723e2c851e198d49d11959e14ed3dd9f9c6"   \
	"568db818c6bc1620506369fe773c8c9ef8ce4b885549d85e"
#define TAP_POINT                                            \
	"040de690963e9f2fb11e592c481e7a3cbe34e80585bf6ad010" \
	"768d938eec96e98117fbb7fe12242db863abfcfa14bb278c"   \
	"2cac5c185cd5019c13fa0d455fe4198edc27d4abdfe1ea95"   \
	"83bd2895744d1e5ce559f9f82dee9014441ab58825535d2a"
#define TSM_ED25519 "5c2442305ee191676bfd460835f5a38e0b2653f825e47650db2ced0f3c4a5302"
#define CDI_0                                              \
	"c1bef4b759294ec100ded64706ab569132b514af9d200d69" \
	"fc1c531055374789e8d596d5428495f0898631d08dea9bf4"

static bool holds(struct cove_bytes where, const void *what, size_t len)
{
	return memmem(where.data, where.len, what, len);
}

static void check_keys(const struct cove_identity *id)
{
	u8 point[COVE_POINT_LEN];

	const struct cove_signer *tsm = &id->tsm[COVE_ES384];

	attest_is(tsm->id, COVE_ID_LEN, "44daea4e3c5cfd9b157c3a49465730d1a8aa5fff");
	attest_unhex(TSM_POINT, point, sizeof(point));
	assert_true(holds(tsm->token, point + 1, COVE_COORD_LEN));
	assert_true(holds(tsm->cert, point, sizeof(point)));
	attest_unhex(TAP_POINT, point, sizeof(point));
	for (tsm = id->tsm; tsm < id->tsm + COVE_ALGS; tsm++) {
		assert_true(holds(tsm->token, point + 1, COVE_COORD_LEN));
		assert_true(holds(tsm->token, point + 1 + COVE_COORD_LEN, COVE_COORD_LEN));
	}
	tsm = &id->tsm[COVE_EDDSA];
	attest_is(tsm->id, COVE_ID_LEN, "469ee77e3bc32c44659af643225d44e0057f6943");
	attest_unhex(TSM_ED25519, point, COVE_ED25519_LEN);
	assert_true(holds(tsm->token, point, COVE_ED25519_LEN));
	assert_true(holds(tsm->cert, point, COVE_ED25519_LEN));
}

static void test_layers(void **state)
{
	u8 r4[COVE_HASH_LEN], r5[COVE_HASH_LEN], id[COVE_ID_LEN];
	struct cove_rot rot = attest_rot(0x55);
	const struct cove_identity *boot;

	(void)state;
	assert_int_equal(attest_boot(&rot, 0x11), COVE_OK);
	boot = cove_identity();
	assert_non_null(boot);
	attest_is(boot->reg[COVE_REG_TSM_CONFIG], COVE_HASH_LEN, REG_TSM_CONFIG);
	check_keys(boot);
	assert_int_equal(boot->state, COVE_ROT_SECURED);
	memset(r4, 4, sizeof(r4));
	memset(r5, 5, sizeof(r5));
	assert_int_equal(cove_tvm_id(r4, r5, id), COVE_OK);
	attest_is(id, sizeof(id), "51660d80a8bfda4bf63d71417e40b820fb895da4");
	r5[47] ^= 1;
	assert_int_equal(cove_tvm_id(r4, r5, id), COVE_OK);
	attest_unhex("51660d80a8bfda4bf63d71417e40b820fb895da4", r4, sizeof(id));
	assert_memory_not_equal(id, r4, sizeof(id));
}

/* Another image, another secret: other keys all the way up */
static void test_everything_counts(void **state)
{
	struct cove_rot rot = attest_rot(0x55), other = attest_rot(0x56);
	u8 id[COVE_ID_LEN];

	(void)state;
	assert_int_equal(attest_boot(&rot, 0x11), COVE_OK);
	memcpy(id, cove_identity()->tsm[COVE_ES384].id, sizeof(id));
	rot = attest_rot(0x55);
	assert_int_equal(attest_boot(&rot, 0x12), COVE_OK);
	assert_memory_not_equal(id, cove_identity()->tsm[COVE_ES384].id, sizeof(id));
	assert_int_equal(attest_boot(&other, 0x11), COVE_OK);
	assert_memory_not_equal(id, cove_identity()->tsm[COVE_ES384].id, sizeof(id));
	rot = attest_rot(0x55);
	assert_int_equal(attest_boot(&rot, 0x11), COVE_OK);
	assert_memory_equal(id, cove_identity()->tsm[COVE_ES384].id, sizeof(id));
}

/* A board that has measured the firmware itself: the same CDI_0, the same keys above it */
static void test_ready_chain(void **state)
{
	static const u8 token[] = "what the board calls its token";
	static const u8 chain[] = "and its certificates";
	struct cove_rot rot = { .kind = COVE_ROT_CDI,
				.state = COVE_ROT_SECURED,
				.token = token,
				.token_len = sizeof(token),
				.chain = chain,
				.chain_len = sizeof(chain) };
	const struct cove_identity *boot;

	(void)state;
	attest_unhex(CDI_0, rot.secret, sizeof(rot.secret));
	assert_int_equal(attest_boot(&rot, 0x11), COVE_OK);
	attest_is_zero(rot.secret, sizeof(rot.secret));
	boot = cove_identity();
	check_keys(boot);
	assert_ptr_equal(boot->platform_token.data, token);
	assert_int_equal(boot->platform_token.len, sizeof(token));
	assert_memory_equal(boot->chain.data + boot->chain.len - sizeof(chain), chain,
			    sizeof(chain));
}

static void refused(struct cove_rot rot)
{
	u8 id[COVE_ID_LEN], digest[COVE_HASH_LEN] = { 0 }, sig[COVE_ED25519_SIG_LEN];

	assert_int_equal(attest_boot(&rot, 0x11), COVE_ERR_INVALID_PARAM);
	attest_is_zero(rot.secret, sizeof(rot.secret));
	assert_null(cove_identity());
	assert_null(cove_sign_start(attest_mem, sizeof(attest_mem), digest));
	assert_int_equal(cove_tsm_sign_ed25519((struct cove_bytes){ digest, sizeof(digest) }, sig),
			 COVE_ERR_FAILED);
	assert_int_equal(cove_tvm_id(digest, digest, id), COVE_ERR_FAILED);
}

static void test_bad_roots(void **state)
{
	static const u8 bytes[1];
	struct cove_rot rot = attest_rot(0x55);

	(void)state;
	rot.state = 0;
	refused(rot);
	rot.state = COVE_ROT_RECOVERY + 1;
	refused(rot);
	rot = attest_rot(0x55);
	rot.kind = 2;
	refused(rot);
	rot.kind = COVE_ROT_CDI;
	refused(rot);
	rot.token = bytes;
	rot.token_len = 1;
	refused(rot);
	rot.chain = bytes;
	rot.chain_len = COVE_ROT_CHAIN_MAX + 1;
	refused(rot);
	rot.chain_len = 1;
	rot.token_len = 1UL << 40;
	refused(rot);
}

extern u8 __data_start[], _end[];

/* In all static data; its redzones included */
__attribute__((no_sanitize("address"))) static bool left_in_memory(const u8 *what, size_t len)
{
	unsigned long at = (unsigned long)__data_start;
	const u8 *p;
	size_t i;

	for (; at + len <= (unsigned long)_end; at++) {
		p = (const u8 *)at;
		for (i = 0; i < len && p[i] == what[i]; i++)
			;
		if (i == len)
			return true;
	}
	return false;
}

static void test_secrets_are_gone(void **state)
{
	struct cove_rot rot = attest_rot(0x55);
	struct cove_layer_key platform;
	u8 cdi0[COVE_HASH_LEN], uds[COVE_HASH_LEN];

	(void)state;
	assert_int_equal(attest_boot(&rot, 0x11), COVE_OK);
	attest_is_zero(rot.secret, sizeof(rot.secret));
	attest_unhex(CDI_0, cdi0, sizeof(cdi0));
	memset(uds, 0x55, sizeof(uds));
	assert_false(left_in_memory(uds, 16));
	assert_false(left_in_memory(cdi0, 16));
	assert_true(left_in_memory(cove_tsm_key(), 16));
	assert_int_equal(cove_key_derive(cdi0, "Key_Pair", attest_mem, &platform), COVE_OK);
	attest_is_zero(attest_mem, COVE_SIGN_BYTES);
	assert_false(left_in_memory(platform.d, 16));
}

/* RFC 8032, 7.1, tests 1 and 3 */
static void test_ed25519(void **state)
{
	static const char *const vectors[][4] = {
		{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
		  "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
		{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
		  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
		  "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
	};
	u8 seed[COVE_ED25519_LEN], message[2], sig[COVE_ED25519_SIG_LEN];
	struct cove_ed25519_key key;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct cove_bytes bytes = { message, strlen(vectors[i][2]) / 2 };

		attest_unhex(vectors[i][0], seed, sizeof(seed));
		attest_unhex(vectors[i][2], message, bytes.len);
		assert_int_equal(crypto_sign_ed25519_seed_keypair(key.pub, key.secret, seed), 0);
		attest_is(key.pub, sizeof(key.pub), vectors[i][1]);
		assert_int_equal(cove_ed25519_sign(&key, bytes, sig), COVE_OK);
		attest_is(sig, sizeof(sig), vectors[i][3]);
	}
}

/* The seed follows from the secret and the label, and none of it stays. */
static void test_ed25519_derived(void **state)
{
	u8 secret[COVE_HASH_LEN] = { 1 };
	struct cove_ed25519_key a, b;

	(void)state;
	assert_int_equal(cove_ed25519_derive(secret, "Key_Pair_Ed25519", &a), COVE_OK);
	assert_int_equal(cove_ed25519_derive(secret, "Key_Pair_Ed25519", &b), COVE_OK);
	assert_memory_equal(a.secret, b.secret, sizeof(a.secret));
	assert_memory_equal(a.secret + COVE_ED25519_LEN, a.pub, sizeof(a.pub));
	assert_int_equal(cove_ed25519_derive(secret, "Key_Pair", &b), COVE_OK);
	assert_memory_not_equal(a.secret, b.secret, COVE_ED25519_LEN);
	secret[47] = 1;
	assert_int_equal(cove_ed25519_derive(secret, "Key_Pair_Ed25519", &b), COVE_OK);
	assert_memory_not_equal(a.secret, b.secret, COVE_ED25519_LEN);
}

/* Both sides of ECDH come to the same, and a point off the curve to nothing. */
static void test_agree(void **state)
{
	struct cove_layer_key a, b;
	u8 secret[COVE_HASH_LEN] = { 1 }, x[2][COVE_COORD_LEN];
	struct cove_agree *job;
	unsigned int steps = 0;
	long rc;

	(void)state;
	assert_int_equal(cove_key_derive(secret, "TAP_Key", attest_mem, &a), COVE_OK);
	secret[0] = 2;
	assert_int_equal(cove_key_derive(secret, "TAP_Key", attest_mem, &b), COVE_OK);
	job = cove_agree_begin(attest_mem, COVE_SIGN_BYTES, a.d, b.point);
	assert_non_null(job);
	while ((rc = cove_agree_step(job, x[0])) == COVE_AGAIN)
		steps++;
	assert_int_equal(rc, COVE_OK);
	assert_true(steps > 10);
	print_message("# %u steps\n", steps);
	attest_is_zero(attest_mem, COVE_SIGN_BYTES);
	job = cove_agree_begin(attest_mem, COVE_SIGN_BYTES, b.d, a.point);
	while ((rc = cove_agree_step(job, x[1])) == COVE_AGAIN)
		;
	assert_int_equal(rc, COVE_OK);
	assert_memory_equal(x[0], x[1], COVE_COORD_LEN);
	b.point[50] ^= 1;
	assert_null(cove_agree_begin(attest_mem, COVE_SIGN_BYTES, a.d, b.point));
	attest_is_zero(attest_mem, COVE_SIGN_BYTES);
	b.point[0] = 0;
	assert_null(cove_agree_begin(attest_mem, COVE_SIGN_BYTES, a.d, b.point));
}

static long sign_in(size_t size)
{
	u8 d[COVE_COORD_LEN], digest[COVE_HASH_LEN] = { 3 }, sig[COVE_SIG_LEN];
	struct cove_sign *sign;
	long rc = COVE_ERR_FAILED;

	attest_unhex(rfc_key, d, sizeof(d));
	sign = cove_sign_begin(attest_mem, size, d, digest);
	if (sign)
		while ((rc = cove_sign_step(sign, sig)) == COVE_AGAIN)
			;
	return rc;
}

static long agree_in(size_t size)
{
	u8 d[COVE_COORD_LEN], point[COVE_POINT_LEN], x[COVE_COORD_LEN];
	struct cove_agree *agree;
	long rc = COVE_ERR_FAILED;

	attest_unhex(rfc_key, d, sizeof(d));
	attest_unhex(TSM_POINT, point, sizeof(point));
	agree = cove_agree_begin(attest_mem, size, d, point);
	if (agree)
		while ((rc = cove_agree_step(agree, x)) == COVE_AGAIN)
			;
	return rc;
}

/* However little memory there is: an error, and nothing beyond it is touched. */
static size_t least_memory(long (*job)(size_t), size_t step)
{
	size_t size, least = 0;
	long rc;

	for (size = 0; size <= COVE_SIGN_BYTES; size += step) {
		memset(attest_mem, 0xa5, sizeof(attest_mem));
		rc = job(size);
		assert_true(rc == COVE_OK || rc == COVE_ERR_FAILED);
		if (rc)
			assert_int_equal(least, 0);
		else if (!least)
			least = size;
		assert_int_equal(attest_mem[size], 0xa5);
		if (attest_mem[0] != 0xa5)
			attest_is_zero(attest_mem, size);
	}
	return least;
}

static void test_little_memory(void **state)
{
	size_t sign, agree;

	(void)state;
	sign = least_memory(sign_in, 16);
	agree = least_memory(agree_in, 64);
	print_message("# least memory: %zu to sign, %zu to agree\n", sign, agree);
	assert_in_range(sign, 1000, COVE_SIGN_BYTES - 1024);
	assert_in_range(agree, 1000, COVE_SIGN_BYTES - 1024);
}

static void test_given_up(void **state)
{
	u8 d[COVE_COORD_LEN], digest[COVE_HASH_LEN] = { 3 }, sig[COVE_SIG_LEN];
	struct cove_sign *sign;

	(void)state;
	attest_unhex(rfc_key, d, sizeof(d));
	sign = cove_sign_begin(attest_mem, COVE_SIGN_BYTES, d, digest);
	assert_int_equal(cove_sign_step(sign, sig), COVE_AGAIN);
	cove_sign_wipe(sign);
	attest_is_zero(attest_mem, COVE_SIGN_BYTES);
}

static void test_arena(void **state)
{
	struct cove_arena arena;
	u8 *p[64];
	unsigned int n, i;

	(void)state;
	cove_arena_select(NULL);
	assert_null(cove_calloc(1, 1));
	cove_arena_init(&arena, attest_mem, 1024);
	cove_arena_select(&arena);
	assert_null(cove_calloc(~0UL, 2));
	assert_null(cove_calloc(1, ~0UL));
	assert_null(cove_calloc(1, 1009));
	for (n = 0; (p[n] = cove_calloc(3, 5)); n++) {
		assert_int_equal((unsigned long)p[n] % COVE_ARENA_ALIGN, 0);
		attest_is_zero(p[n], 15);
		memset(p[n], 0xff, 15);
	}
	assert_int_equal(n, 32);
	for (i = 0; i < n; i += 2)
		cove_free(p[i]);
	assert_null(cove_calloc(1, 32));
	for (i = 1; i < n; i += 2)
		cove_free(p[i]);
	cove_free(NULL);
	assert_int_equal(arena.used, 0);
	assert_int_equal(arena.peak, 1024);
	p[0] = cove_calloc(1, 1008);
	assert_non_null(p[0]);
	attest_is_zero(p[0], 1008);
	cove_arena_select(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc6979),
		cmocka_unit_test(test_two_jobs),
		cmocka_unit_test(test_hkdf),
		cmocka_unit_test(test_layers),
		cmocka_unit_test(test_everything_counts),
		cmocka_unit_test(test_ready_chain),
		cmocka_unit_test(test_bad_roots),
		cmocka_unit_test(test_secrets_are_gone),
		cmocka_unit_test(test_ed25519),
		cmocka_unit_test(test_ed25519_derived),
		cmocka_unit_test(test_agree),
		cmocka_unit_test(test_little_memory),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
