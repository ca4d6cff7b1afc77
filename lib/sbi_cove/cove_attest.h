/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Keys, tokens and certificates of this boot, and what evidence of a TVM is
 * made of (docs/attestation.md). Nothing here takes a lock. Functions that take
 * @mem work in it and leave it wiped, so that several harts can sign at once.
 */
#ifndef COVE_ATTEST_H
#define COVE_ATTEST_H

#include <cbor.h>
#include <cove/sbi_cove.h>
#include <cove_arch.h>

#define COVE_ID_LEN    20U /* identifier of a layer */
#define COVE_COORD_LEN 48U /* coordinate, scalar, half of a signature: P-384 */
#define COVE_POINT_LEN (1 + 2 * COVE_COORD_LEN)
#define COVE_SIG_LEN   (2 * COVE_COORD_LEN)

#define COVE_ED25519_LEN	32U /* public key, seed */
#define COVE_ED25519_SECRET_LEN (2 * COVE_ED25519_LEN)
#define COVE_ED25519_SIG_LEN	64U

/* Longest COSE_Key: of ours, and as a caller may give it. */
#define COVE_COSE_KEY_MAX    112U
#define COVE_CALLER_KEY_MAX  256U
#define COVE_CERTIFICATE_MAX 8192U

#define COVE_EVIDENCE_FORMATS \
	(COVE_CERT_CBOR | COVE_CERT_X509 | COVE_CERT_CBOR_ED25519 | COVE_CERT_X509_ED25519)

/* Memory that a signature or a key agreement works in, and the check of a caller's key. */
#define COVE_SIGN_BYTES	     8192U
#define COVE_KEY_CHECK_BYTES 4096U

/* What a step of them may do, in operations of the curve arithmetic (docs/attestation.md) */
#define COVE_ATTEST_MAX_OPS 40U

/* Labels of claims (docs/attestation.md) */
#define COVE_CLAIM_ISS		1
#define COVE_CLAIM_SUB		2
#define COVE_CLAIM_NONCE	10
#define COVE_CLAIM_PROFILE	265
#define COVE_CLAIM_SUBMODS	266
#define COVE_CLAIM_PLATFORM_KEY (-70001)
#define COVE_CLAIM_MANUFACTURER (-70002)
#define COVE_CLAIM_STATE	(-70003)
#define COVE_CLAIM_PLATFORM_SW	(-70004)
#define COVE_CLAIM_TSM_KEY	(-70010)
#define COVE_CLAIM_TSM_SW	(-70011)
#define COVE_CLAIM_TAP_KEY	(-70012)
#define COVE_CLAIM_IDENTITY	(-70020)
#define COVE_CLAIM_TVM_KEY	(-70021)
#define COVE_CLAIM_INITIAL	(-70022)
#define COVE_CLAIM_RUNTIME	(-70023)
#define COVE_CLAIM_EVIDENCE	(-70030)
#define COVE_TAG_CWT		61
#define COVE_TAG_UCCS		601
#define COVE_TAG_SIGN1		18

/** enum cove_boot_register - initial registers that the boot fills */
enum cove_boot_register {
	COVE_REG_FIRMWARE,
	COVE_REG_PLATFORM_CONFIG,
	COVE_REG_TSM,
	COVE_REG_TSM_CONFIG,
	COVE_REG_COUNT,
};

/** struct cove_bytes - a string of bytes that lives elsewhere */
struct cove_bytes {
	const u8 *data;
	size_t len;
};

/** enum cove_alg - how something is signed: ECDSA P-384 with SHA-384, or Ed25519 */
enum cove_alg { COVE_ES384, COVE_EDDSA, COVE_ALGS };

/**
 * struct cove_signer - the TSM as the owner of one of its key pairs
 * @id: identifier
 * @token: the TSM token that names the key: COSE_Sign1, tag included
 * @cert: its certificate in DER
 */
struct cove_signer {
	u8 id[COVE_ID_LEN];
	struct cove_bytes token;
	struct cove_bytes cert;
};

/**
 * struct cove_identity - what anyone may know of this boot
 * @reg: initial registers 0 to 3
 * @tsm: layer 1, for each algorithm
 * @tap_id: identifier of the TAP key
 * @state: of the platform: enum cove_rot_state
 * @svn: security version of the monitor
 * @platform_token: COSE_Sign1, tag included
 * @chain: certificates in DER: platform, UDS
 */
struct cove_identity {
	u8 reg[COVE_REG_COUNT][COVE_HASH_LEN];
	struct cove_signer tsm[COVE_ALGS];
	u8 tap_id[COVE_ID_LEN];
	u32 state;
	u64 svn;
	struct cove_bytes platform_token;
	struct cove_bytes chain;
};

/** cove_identity() - of this boot; NULL when it has none: attestation is not offered then */
const struct cove_identity *cove_identity(void);

/**
 * cove_tvm_id() - identifier of a TVM: of CDI_2
 * @r4, @r5: its initial registers
 *
 * Return: 0 or COVE_ERR_FAILED
 */
long cove_tvm_id(const u8 r4[COVE_HASH_LEN], const u8 r5[COVE_HASH_LEN], u8 id[COVE_ID_LEN]);

/** cove_sha384() - digest of @len bytes */
void cove_sha384(const void *data, size_t len, u8 digest[COVE_HASH_LEN]);

/**
 * cove_kdf() - HKDF (RFC 5869) with SHA-384
 * @salt: COVE_HASH_LEN bytes or any number of bytes, empty for none
 * @info: text without its end mark
 *
 * Return: 0 or COVE_ERR_FAILED
 */
long cove_kdf(struct cove_bytes salt, struct cove_bytes ikm, const char *info, u8 *out,
	      size_t out_len);

/* Signatures and key agreement with the TSM's keys: cove_sign.c */

struct cove_sign;

/**
 * cove_sign_start() - begin an ECDSA P-384 signature by the TSM key (RFC 6979)
 * @mem: at least COVE_SIGN_BYTES, aligned to 16; nobody else touches it until
 *	cove_sign_wipe(). The hart may change between steps.
 * @digest: SHA-384 of the message
 *
 * Return: the job, at the start of @mem, or NULL when @len is too small or this
 *	boot has no keys
 */
struct cove_sign *cove_sign_start(void *mem, size_t len, const u8 digest[COVE_HASH_LEN]);

/**
 * cove_sign_step() - go on for COVE_ATTEST_MAX_OPS
 * @sig: r || s once it is done
 *
 * Return: 0, COVE_AGAIN, or COVE_ERR_FAILED. In any case but AGAIN the job's
 *	memory has been wiped, and there is no job any more.
 */
long cove_sign_step(struct cove_sign *sign, u8 sig[COVE_SIG_LEN]);

/** cove_sign_wipe() - give up a job that is not done */
void cove_sign_wipe(struct cove_sign *sign);

struct cove_agree;

/**
 * cove_agree_start() - begin ECDH of the TAP key with @point, uncompressed
 * @mem: as for cove_sign_start()
 *
 * Return: the job, or NULL when @len is too small, this boot has no keys, or the
 *	point is not on the curve
 */
struct cove_agree *cove_agree_start(void *mem, size_t len, const u8 point[COVE_POINT_LEN]);

/** cove_agree_step() - as cove_sign_step(); @x: the shared point's x coordinate */
long cove_agree_step(struct cove_agree *agree, u8 x[COVE_COORD_LEN]);

/** cove_agree_wipe() - give up a job that is not done */
void cove_agree_wipe(struct cove_agree *agree);

/**
 * cove_tsm_sign_ed25519() - sign with the TSM's second key, at once
 *
 * Return: 0, or COVE_ERR_FAILED: this boot has no keys
 */
long cove_tsm_sign_ed25519(struct cove_bytes message, u8 sig[COVE_ED25519_SIG_LEN]);

/* Keys and tokens: cove_cose.c */

enum cove_key_kind { COVE_KEY_P256, COVE_KEY_P384, COVE_KEY_ED25519 };

/**
 * struct cove_key - a public key
 * @x, @y: coordinates, 48 bytes for P-384, else 32; no @y for Ed25519
 */
struct cove_key {
	enum cove_key_kind kind;
	const u8 *x;
	const u8 *y;
};

/** cove_key_coord_len() - bytes of a coordinate */
size_t cove_key_coord_len(const struct cove_key *key);

/**
 * cove_cose_key_parse() - check a caller's COSE_Key
 * @cose: private copy of it; @key points into it afterwards
 * @mem: at least COVE_KEY_CHECK_BYTES, aligned to 16
 *
 * Deterministic encoding, the labels of its type and no others, and for EC2 a
 * point on the curve. Return: 0, COVE_ERR_INVALID_PARAM, or COVE_ERR_FAILED
 * when @mem is too small
 */
long cove_cose_key_parse(const u8 *cose, size_t len, void *mem, size_t mem_len,
			 struct cove_key *key);

/** cove_cose_key_encode() - a COSE_Key, deterministic encoding */
CborError cove_cose_key_encode(CborEncoder *enc, const struct cove_key *key);

/** cove_cose_measurement() - { 1: index, 2: value, 3: "sha-384" } */
CborError cove_cose_measurement(CborEncoder *enc, unsigned int index,
				const u8 value[COVE_HASH_LEN]);

/**
 * cove_cose_sign1() - a whole COSE_Sign1 with tag, @kid unless NULL
 * @kid: COVE_ID_LEN bytes
 * @sig: as long as those of @alg are
 */
CborError cove_cose_sign1(CborEncoder *enc, enum cove_alg alg, const u8 *kid,
			  struct cove_bytes payload, const u8 *sig);

/** cove_cose_digest() - SHA-384 of the Sig_structure that belongs to cove_cose_sign1(), ES384 */
void cove_cose_digest(const u8 *kid, struct cove_bytes payload, u8 digest[COVE_HASH_LEN]);

/**
 * cove_cose_message() - the Sig_structure itself, without a kid, for Ed25519
 *
 * Return: its length, or COVE_ERR_FAILED when @buf is too small
 */
long cove_cose_message(struct cove_bytes payload, u8 *buf, size_t size);

/** cove_hex() - lower-case hexadecimal, without end mark: 2 * @len characters */
void cove_hex(const u8 *data, size_t len, char *text);

/* Certificates: cove_x509.c */

/**
 * struct cove_cert - what is signed in an X.509 certificate
 * @issuer, @subject: identifiers; the serial number is the issuer's
 * @alg: of the signature that will be made
 * @pathlen: of basicConstraints
 * @evidence: value of the UccsEvidence extension, tag 601 included; len 0: none
 */
struct cove_cert {
	u8 issuer[COVE_ID_LEN];
	u8 subject[COVE_ID_LEN];
	struct cove_key key;
	enum cove_alg alg;
	int pathlen;
	struct cove_bytes evidence;
};

/**
 * cove_x509_tbs() - write the to-be-signed part to the start of @buf
 *
 * Its cove_sha384() is what to sign, for Ed25519 itself. Return: its length, or
 * COVE_ERR_FAILED when @buf is too small
 */
long cove_x509_tbs(const struct cove_cert *cert, u8 *buf, size_t size);

/**
 * cove_x509_finish() - make a certificate of the to-be-signed part, in place
 * @buf: starts with @tbs_len bytes of cove_x509_tbs()
 * @sig: as long as those of @alg are
 *
 * Return: the certificate's length, or COVE_ERR_FAILED when @buf is too small
 */
long cove_x509_finish(u8 *buf, size_t size, size_t tbs_len, enum cove_alg alg, const u8 *sig);

#endif
