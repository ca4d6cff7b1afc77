/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A relying party's side of docs/attestation.md: is this evidence fresh and
 * authentic, and does it say what a policy demands? Needs no CoVE machine. No
 * global state: calls with different arguments may run at the same time.
 */
#ifndef COVE_VERIFY_H
#define COVE_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define VERIFY_HASH_LEN	     48
#define VERIFY_NONCE_LEN     64
#define VERIFY_ID_LEN	     20 /* of a layer */
#define VERIFY_POINT_MAX     97 /* an uncompressed point of P-384 */
#define VERIFY_KEY_MAX	     256
#define VERIFY_EVIDENCE_MAX  (16 * 1024)
#define VERIFY_POLICY_MAX    (256 * 1024)
#define VERIFY_TEXT_MAX	     64
#define VERIFY_INITIAL	     6
#define VERIFY_RUNTIME_MAX   18
#define VERIFY_VALUES_MAX    64 /* of one name of a policy */
#define VERIFY_FAILURES_MAX  64
#define VERIFY_SIGNATURE_LEN 96 /* the longest */

enum verify_verdict {
	VERIFY_ACCEPTED,
	VERIFY_REJECTED,
	VERIFY_MALFORMED, /* the bytes are no evidence */
};

enum verify_format { VERIFY_UNKNOWN, VERIFY_CBOR, VERIFY_X509 };

/* platform states */
enum { STATE_NOT_CONFIGURED = 1, STATE_SECURED, STATE_DEBUG, STATE_RECOVERY };

/** struct verify_bytes - bytes that lie in the evidence */
struct verify_bytes {
	const uint8_t *data;
	size_t len;
};

enum verify_key_type { KEY_P256, KEY_P384, KEY_ED25519 };

/**
 * struct verify_key - a public key
 * @cose: the COSE_Key as it was found, empty when it came from elsewhere
 * @point: uncompressed point, of KEY_ED25519 the 32 bytes of the key
 */
struct verify_key {
	enum verify_key_type type;
	struct verify_bytes cose;
	uint8_t point[VERIFY_POINT_MAX];
	size_t point_len;
};

/** struct verify_component - one software component */
struct verify_component {
	uint8_t value[VERIFY_HASH_LEN];
	uint32_t svn;
	uint8_t manifest[VERIFY_HASH_LEN];
	uint8_t signer[VERIFY_HASH_LEN];
	char version[VERIFY_TEXT_MAX + 1];
};

enum verify_alg { ALG_ES384, ALG_EDDSA };

/**
 * struct verify_signature - a signature and what it is of
 * @protected: of a COSE_Sign1, whose Sig_structure is signed; empty: @message itself is
 * @value: r || s, of ALG_EDDSA the first 64 bytes
 */
struct verify_signature {
	enum verify_alg alg;
	struct verify_bytes protected;
	struct verify_bytes message;
	uint8_t value[VERIFY_SIGNATURE_LEN];
};

/**
 * struct verify_signed - a COSE_Sign1; its payload is what is signed
 * @kid: the key's name in the protected header, empty if there is none
 */
struct verify_signed {
	struct verify_bytes kid;
	struct verify_signature signature;
};

/** struct verify_claims - the three tokens, as they stand in the evidence */
struct verify_claims {
	struct verify_signed platform_token;
	struct verify_signed tsm_token;
	struct verify_signed tvm_token;

	uint8_t uds_id[VERIFY_ID_LEN];
	struct verify_key platform_key;
	uint8_t manufacturer[64];
	unsigned int state;
	struct verify_component firmware;

	struct verify_key tsm_key;
	struct verify_component tsm_driver;
	struct verify_component tsm;
	struct verify_key tap_key;

	uint8_t challenge[VERIFY_NONCE_LEN];
	bool has_identity;
	uint8_t identity[64];
	struct verify_key tvm_key;
	uint8_t initial[VERIFY_INITIAL][VERIFY_HASH_LEN];
	uint8_t runtime[VERIFY_RUNTIME_MAX][VERIFY_HASH_LEN];
	unsigned int nruntime;

	uint8_t tsm_id[VERIFY_ID_LEN];
	uint8_t tvm_id[VERIFY_ID_LEN];
	uint8_t tvm[VERIFY_HASH_LEN];	   /* H(R4 || R5) */
	uint8_t key_hash[VERIFY_HASH_LEN]; /* of the TVM's COSE_Key */
};

/** struct verify_root - a platform that is trusted */
struct verify_root {
	uint8_t id[VERIFY_ID_LEN];
	bool has_key;
	struct verify_key key;
};

/** struct verify_digests - the values of a name that may be repeated */
struct verify_digests {
	unsigned int n;
	uint8_t value[VERIFY_VALUES_MAX][VERIFY_HASH_LEN];
};

/**
 * struct verify_policy - what a policy file says; n or has is 0 for absent names
 * @quick: not of the file. After a failure no further signature is checked, so that
 *	hostile evidence costs less; the report need not be complete then
 */
struct verify_policy {
	bool quick;
	unsigned int nroots;
	struct verify_root root[VERIFY_VALUES_MAX];
	bool has_manufacturer, has_identity, has_key;
	bool has_firmware_svn, has_tsm_svn;
	bool has_runtime[VERIFY_RUNTIME_MAX];
	bool debug;
	uint8_t manufacturer[64];
	uint8_t identity[64];
	uint8_t key[VERIFY_HASH_LEN];
	uint8_t runtime[VERIFY_RUNTIME_MAX][VERIFY_HASH_LEN];
	uint32_t firmware_svn, tsm_svn;
	struct verify_digests firmware, firmware_config, tsm, tsm_config, tvm;
};

/** struct verify_failure - one claim that failed */
struct verify_failure {
	char claim[32];
	char reason[224];
};

/**
 * struct verify_report - what became of it
 * @failures: of those the first VERIFY_FAILURES_MAX in @failure
 * @syntax: why it is malformed
 * @authentic: all signatures hold, up to a root of the policy
 * @claims: valid unless malformed; it points into the evidence
 * @unchecked: names that the policy should have and has not, separated by ", "
 */
struct verify_report {
	enum verify_verdict verdict;
	enum verify_format format;
	unsigned int failures;
	struct verify_failure failure[VERIFY_FAILURES_MAX];
	char syntax[224];
	bool authentic;
	struct verify_claims claims;
	char unchecked[128];
};

enum verify_verdict verify_evidence(const uint8_t *evidence, size_t len,
				    const uint8_t nonce[VERIFY_NONCE_LEN],
				    const struct verify_policy *policy,
				    struct verify_report *report);
enum verify_verdict verify_first_use(const uint8_t *evidence, size_t len,
				     struct verify_report *report);

int verify_key_from_pem(const char *text, struct verify_key *key);

/** typedef verify_complain - told of each mistake; @line is 0 for the file as a whole */
typedef void verify_complain(void *arg, unsigned int line, const char *what);

int verify_policy_parse(const char *text, size_t len, const char *directory,
			struct verify_policy *policy, verify_complain *complain, void *arg);
int verify_policy_template(FILE *to, const struct verify_report *report);

int verify_report_text(FILE *to, const struct verify_report *report);
int verify_report_json(FILE *to, const struct verify_report *report);
const char *verify_state_name(unsigned int state);

#endif
