// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Certificates: the chain of the boot and that of a TVM, accepted and printed by
 * openssl, which has to be there.
 */
#include "attest_fixture.h"
#include <unistd.h>

#define OPENSSL "openssl "

static char dir[] = "/tmp/cove-x509-XXXXXX";
static char printed[16384];

static void write_file(const char *name, const u8 *data, size_t len)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* Runs @command in the directory; its output is in printed[]. Return: its status */
static int run(const char *command)
{
	char line[1024];
	size_t len;
	FILE *p;

	snprintf(line, sizeof(line), "cd %s && ( %s ) 2>&1", dir, command);
	p = popen(line, "r");
	assert_non_null(p);
	len = fread(printed, 1, sizeof(printed) - 1, p);
	printed[len] = 0;
	return pclose(p);
}

static void says(const char *text)
{
	if (!strstr(printed, text))
		fail_msg("not there: %s\n%s", text, printed);
}

static void succeed(const char *command)
{
	if (run(command))
		fail_msg("%s: %s", command, printed);
}

static size_t der_len(const u8 *der)
{
	assert_int_equal(der[0], 0x30);
	assert_int_equal(der[1], 0x82);
	return 4 + (size_t)(der[2] << 8 | der[3]);
}

static const char *const names[] = { "tsm", "ed25519", "platform", "uds" };

static void write_chain(void)
{
	const struct cove_identity *id = cove_identity();
	const u8 *cert[] = { id->tsm[COVE_ES384].cert.data, id->tsm[COVE_EDDSA].cert.data,
			     id->chain.data, id->chain.data + der_len(id->chain.data) };
	char name[32], line[128];
	unsigned int i;

	for (i = 0; i < COVE_ALGS; i++)
		assert_int_equal(id->tsm[i].cert.len, der_len(cert[i]));
	assert_int_equal(id->chain.len, der_len(cert[2]) + der_len(cert[3]));
	for (i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "%s.der", names[i]);
		write_file(name, cert[i], der_len(cert[i]));
		snprintf(line, sizeof(line), OPENSSL "x509 -inform DER -in %s.der -out %s.pem",
			 names[i], names[i]);
		succeed(line);
	}
}

static void test_chain(void **state)
{
	struct cove_rot rot = attest_rot(0x55);

	(void)state;
	assert_int_equal(attest_boot(&rot, 0x11), COVE_OK);
	write_chain();
	succeed(OPENSSL "verify -no_check_time -x509_strict -CAfile uds.pem uds.pem");
	succeed(OPENSSL "verify -no_check_time -x509_strict -CAfile uds.pem -untrusted "
			"platform.pem tsm.pem");
	succeed(OPENSSL "x509 -noout -nameopt RFC2253 -text -in tsm.pem");
	says("Version: 3 (0x2)");
	says("ecdsa-with-SHA384");
	says("Issuer: CN=76767d54e8c853fd68c019309892253a98593c1d");
	says("Subject: CN=44daea4e3c5cfd9b157c3a49465730d1a8aa5fff");
	says("76:76:7d:54:e8:c8:53:fd:68:c0:19:30:98:92:25:3a:98:59:3c:1d");
	says("Not Before: Jan  1 00:00:00 2026 GMT");
	says("Not After : Dec 31 23:59:59 9999 GMT");
	says("ASN1 OID: secp384r1");
	says("X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:1\n");
	says("X509v3 Key Usage: critical\n                Certificate Sign\n");
	says("X509v3 Authority Key Identifier: \n"
	     "                76:76:7D:54:E8:C8:53:FD:68:C0:19:30:98:92:25:3A:98:59:3C:1D\n");
	assert_int_not_equal(run(OPENSSL "verify -no_check_time -CAfile uds.pem tsm.pem"), 0);
	succeed(OPENSSL "verify -no_check_time -x509_strict -CAfile uds.pem -untrusted "
			"platform.pem ed25519.pem");
	succeed(OPENSSL "x509 -noout -nameopt RFC2253 -text -in ed25519.pem");
	says("Issuer: CN=76767d54e8c853fd68c019309892253a98593c1d");
	says("Subject: CN=469ee77e3bc32c44659af643225d44e0057f6943");
	says("Signature Algorithm: ecdsa-with-SHA384");
	says("Public Key Algorithm: ED25519");
	says("CA:TRUE, pathlen:1\n");
}

static void test_other_platform(void **state)
{
	struct cove_rot rot = attest_rot(0x55), other = attest_rot(0x56);

	(void)state;
	assert_int_equal(attest_boot(&rot, 0x11), COVE_OK);
	write_chain();
	succeed("mv uds.pem first.pem");
	assert_int_equal(attest_boot(&other, 0x11), COVE_OK);
	write_chain();
	assert_int_not_equal(
		run(OPENSSL
		    "verify -no_check_time -CAfile first.pem -untrusted platform.pem tsm.pem"),
		0);
}

static void tvm_cert_fields(struct cove_cert *cert, enum cove_alg alg)
{
	cert->alg = alg;
	memcpy(cert->issuer, cove_identity()->tsm[alg].id, COVE_ID_LEN);
	memset(cert->subject, 0x47, COVE_ID_LEN);
}

static long make_tvm_cert(const struct cove_key *key, struct cove_bytes evidence, u8 *buf,
			  size_t size)
{
	u8 digest[COVE_HASH_LEN], sig[COVE_SIG_LEN];
	struct cove_cert cert = { .key = *key, .pathlen = 0, .evidence = evidence };
	struct cove_sign *sign;
	long len, rc;

	tvm_cert_fields(&cert, COVE_ES384);
	len = cove_x509_tbs(&cert, buf, size);
	if (len < 0)
		return len;
	cove_sha384(buf, (size_t)len, digest);
	sign = cove_sign_start(attest_mem, COVE_SIGN_BYTES, digest);
	assert_non_null(sign);
	while ((rc = cove_sign_step(sign, sig)) == COVE_AGAIN)
		;
	assert_int_equal(rc, COVE_OK);
	return cove_x509_finish(buf, size, (size_t)len, COVE_ES384, sig);
}

/* By the TSM's other key */
static void test_ed25519(void **state)
{
	static u8 evidence[3000], buf[4096];
	u8 sig[COVE_ED25519_SIG_LEN], coord[COVE_ED25519_LEN] = { 0x58 };
	struct cove_cert cert = { .key = { COVE_KEY_ED25519, coord, NULL },
				  .evidence = { evidence, sizeof(evidence) } };
	struct cove_rot rot = attest_rot(0x55);
	long len;

	(void)state;
	memset(evidence, 0xe5, sizeof(evidence));
	assert_int_equal(attest_boot(&rot, 0x11), COVE_OK);
	write_chain();
	tvm_cert_fields(&cert, COVE_EDDSA);
	len = cove_x509_tbs(&cert, buf, sizeof(buf));
	assert_true(len > 3000);
	assert_int_equal(cove_tsm_sign_ed25519((struct cove_bytes){ buf, (size_t)len }, sig), 0);
	len = cove_x509_finish(buf, sizeof(buf), (size_t)len, COVE_EDDSA, sig);
	assert_int_equal(len, der_len(buf));
	write_file("tvm.der", buf, (size_t)len);
	succeed(OPENSSL "x509 -inform DER -in tvm.der -out tvm.pem");
	succeed(OPENSSL "verify -no_check_time -ignore_critical -CAfile uds.pem "
			"-untrusted platform.pem -untrusted ed25519.pem tvm.pem");
	assert_int_not_equal(run(OPENSSL "verify -no_check_time -ignore_critical -CAfile uds.pem "
					 "-untrusted platform.pem -untrusted tsm.pem tvm.pem"),
			     0);
	succeed(OPENSSL "x509 -noout -text -in tvm.pem");
	says("Signature Algorithm: ED25519");
	buf[len - 1] ^= 1;
	write_file("tvm.der", buf, (size_t)len);
	succeed(OPENSSL "x509 -inform DER -in tvm.der -out tvm.pem");
	assert_int_not_equal(run(OPENSSL "verify -no_check_time -ignore_critical -CAfile uds.pem "
					 "-untrusted platform.pem -untrusted ed25519.pem tvm.pem"),
			     0);
}

static void check_tvm_cert(const struct cove_key *key, const char *says_key)
{
	static u8 evidence[3000], cert[4096];
	long len;

	memset(evidence, 0xe5, sizeof(evidence));
	len = make_tvm_cert(key, (struct cove_bytes){ evidence, sizeof(evidence) }, cert,
			    sizeof(cert));
	assert_true(len > 3000);
	assert_int_equal(len, der_len(cert));
	write_file("tvm.der", cert, (size_t)len);
	succeed(OPENSSL "x509 -inform DER -in tvm.der -out tvm.pem");
	succeed(OPENSSL "verify -no_check_time -ignore_critical -CAfile uds.pem "
			"-untrusted platform.pem -untrusted tsm.pem tvm.pem");
	assert_int_not_equal(run(OPENSSL "verify -no_check_time -CAfile uds.pem "
					 "-untrusted platform.pem -untrusted tsm.pem tvm.pem"),
			     0);
	says("unhandled critical extension");
	succeed(OPENSSL "x509 -noout -nameopt RFC2253 -text -in tvm.pem");
	says(says_key);
	says("2.23.133.5.4.6: critical");
	says("CA:TRUE, pathlen:0");
}

static void test_tvm(void **state)
{
	static const u8 ed25519[32] = { 0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a };
	u8 x[32], y[32];
	struct cove_key key = { COVE_KEY_P256, x, y };
	struct cove_rot rot = attest_rot(0x55);

	(void)state;
	assert_int_equal(attest_boot(&rot, 0x11), COVE_OK);
	write_chain();
	attest_unhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296", x, 32);
	attest_unhex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5", y, 32);
	check_tvm_cert(&key, "prime256v1");
	key = (struct cove_key){ COVE_KEY_ED25519, ed25519, NULL };
	check_tvm_cert(&key, "ED25519");
}

static void test_no_room(void **state)
{
	static u8 buf[1024];
	u8 sig[COVE_SIG_LEN], coord[COVE_COORD_LEN] = { 1 };
	const struct cove_key key = { COVE_KEY_P384, coord, coord };
	struct cove_cert cert = { .key = key };
	long tbs, all;
	size_t size;

	(void)state;
	memset(sig, 0xff, sizeof(sig));
	tbs = cove_x509_tbs(&cert, buf, sizeof(buf));
	assert_true(tbs > 300);
	all = cove_x509_finish(buf, sizeof(buf), (size_t)tbs, COVE_ES384, sig);
	assert_true(all > tbs);
	for (size = 0; size < (size_t)all; size++) {
		memset(buf, 0x3c, sizeof(buf));
		if (size < (size_t)tbs)
			assert_int_equal(cove_x509_tbs(&cert, buf, size), COVE_ERR_FAILED);
		else
			assert_int_equal(cove_x509_finish(buf, size, (size_t)tbs, COVE_ES384, sig),
					 COVE_ERR_FAILED);
		assert_int_equal(buf[size], 0x3c);
	}
}

/* r and s with leading zeros, and with their first bit set */
static void test_integers(void **state)
{
	static u8 buf[1024];
	u8 sig[COVE_SIG_LEN] = { 0 }, coord[COVE_COORD_LEN] = { 1 };
	const struct cove_key key = { COVE_KEY_P384, coord, coord };
	struct cove_cert cert = { .key = key };
	long len;

	(void)state;
	sig[COVE_COORD_LEN - 1] = 5;
	sig[COVE_COORD_LEN + 46] = 0x80;
	len = cove_x509_tbs(&cert, buf, sizeof(buf));
	len = cove_x509_finish(buf, sizeof(buf), (size_t)len, COVE_ES384, sig);
	write_file("numbers.der", buf, (size_t)len);
	attest_is(buf + len - 13, 13, "030b0030080201050203008000");
}

static int make_dir(void **state)
{
	(void)state;
	return !mkdtemp(dir);
}

static int remove_dir(void **state)
{
	(void)state;
	run("rm -f -- *.pem *.der");
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain),	 cmocka_unit_test(test_other_platform),
		cmocka_unit_test(test_tvm),	 cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_integers), cmocka_unit_test(test_ed25519),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
