// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Keys: signatures against the vectors of RFC 6979 (A.2.6), layers against
 * values that Python computes (hmac, and integers for the curve), and what is
 * left in memory.
 */
#include "attest_fixture.h"

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


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc6979),
		cmocka_unit_test(test_two_jobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
