/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Between the files of the verifier.
 */
#ifndef COVE_VERIFY_INTERNAL_H
#define COVE_VERIFY_INTERNAL_H

#include <cbor.h>

#include "verify.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* labels of docs/attestation.md */
#define CLAIM_ISS	   1
#define CLAIM_SUB	   2
#define CLAIM_NONCE	   10
#define CLAIM_PROFILE	   265
#define CLAIM_SUBMODS	   266
#define CLAIM_PLATFORM_KEY (-70001)
#define CLAIM_MANUFACTURER (-70002)
#define CLAIM_STATE	   (-70003)
#define CLAIM_PLATFORM_SW  (-70004)
#define CLAIM_TSM_KEY	   (-70010)
#define CLAIM_TSM_SW	   (-70011)
#define CLAIM_TAP_KEY	   (-70012)
#define CLAIM_IDENTITY	   (-70020)
#define CLAIM_TVM_KEY	   (-70021)
#define CLAIM_INITIAL	   (-70022)
#define CLAIM_RUNTIME	   (-70023)
#define CLAIM_EVIDENCE	   (-70030)

/**
 * struct syntax - whether the bytes are well-formed so far
 * @where: what is being read, for the message
 * @text: the first mistake; empty: none. After it all readers do nothing.
 */
struct syntax {
	const char *where;
	char text[sizeof(((struct verify_report *)0)->syntax)];
};

void syntax_bad(struct syntax *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline bool syntax_ok(const struct syntax *s)
{
	return !s->text[0];
}

/** struct cbor_doc - one item of deterministic CBOR, and where reading is */
struct cbor_doc {
	CborParser parser;
	CborValue at;
};

/* cbor.c */
void cbor_open(struct syntax *s, struct verify_bytes bytes, struct cbor_doc *doc);
void cbor_tag(struct syntax *s, CborValue *at, CborTag tag);
unsigned int cbor_enter(struct syntax *s, CborValue *at, CborType type, unsigned int min,
			unsigned int max, CborValue *inner);
void cbor_leave(struct syntax *s, CborValue *at, CborValue *inner);
int64_t cbor_int(struct syntax *s, CborValue *at);
void cbor_label(struct syntax *s, CborValue *at, int64_t label);
struct verify_bytes cbor_bytes(struct syntax *s, CborValue *at);
void cbor_fixed(struct syntax *s, CborValue *at, uint8_t *to, size_t len);
void cbor_text(struct syntax *s, CborValue *at, char text[VERIFY_TEXT_MAX + 1]);
void cbor_expect_text(struct syntax *s, CborValue *at, const char *text);

/* crypto.c */
int sha384(struct verify_bytes a, struct verify_bytes b, uint8_t out[VERIFY_HASH_LEN]);
int key_id(const struct verify_key *key, uint8_t id[VERIFY_ID_LEN]);
bool key_valid(const struct verify_key *key);
bool key_equal(const struct verify_key *a, const struct verify_key *b);
bool signature_valid(const struct verify_key *key, const struct verify_signature *signature);
size_t signature_len(enum verify_alg alg);
bool id_from_hex(const char *hex, size_t len, uint8_t id[VERIFY_ID_LEN]);
bool id_well_formed(const uint8_t id[VERIFY_ID_LEN]);

/* ed25519.c */
bool ed25519_valid(const uint8_t key[32], struct verify_bytes message, const uint8_t signature[64]);

/* evidence.c */
void read_cose(struct syntax *s, CborValue *at, bool kid, struct verify_signed *out);
void read_evidence(struct syntax *s, CborValue *at, struct verify_claims *claims);

/** struct cbor_outer - the signed wrapping of evidence in the CBOR format */
struct cbor_outer {
	struct verify_signed sign;
	uint8_t issuer[VERIFY_ID_LEN];
};

void read_cbor_format(struct syntax *s, struct verify_bytes bytes, struct cbor_outer *outer,
		      struct verify_claims *claims);

/* x509.c */
enum { CERT_TVM, CERT_TSM, CERT_PLATFORM, CERT_UDS, NCERTS };

/** struct cert - what differs between the certificates of a chain */
struct cert {
	uint8_t serial[VERIFY_ID_LEN];
	uint8_t issuer[VERIFY_ID_LEN];
	uint8_t subject[VERIFY_ID_LEN];
	uint8_t subject_key[VERIFY_ID_LEN];
	uint8_t authority_key[VERIFY_ID_LEN];
	unsigned int path_len;
	struct verify_key key;
	struct verify_bytes evidence;
	struct verify_signature signature;
};

size_t read_cert(struct syntax *s, struct verify_bytes bytes, bool with_evidence, struct cert *out);
void read_x509_format(struct syntax *s, struct verify_bytes bytes, struct cert chain[NCERTS],
		      struct verify_claims *claims);
bool read_public_key(struct verify_bytes spki, struct verify_key *key);

/* check.c */
void fail(struct verify_report *report, const char *claim, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* report.c */
void to_hex(const uint8_t *bytes, size_t len, char *hex);

/* root.c */
int root_development(struct verify_root *root);
int root_from_file(const char *path, struct verify_root *root, char *why, size_t size);
bool root_is_development(const uint8_t id[VERIFY_ID_LEN]);

#endif
