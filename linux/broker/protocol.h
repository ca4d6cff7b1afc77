/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What cove-agent (in a guest) and cove-broker say to each other: frames,
 * messages and the cryptography of docs/attestation.md, section "Key broker".
 */
#ifndef COVE_PROTOCOL_H
#define COVE_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mbedtls/ecp.h>
#include <mbedtls/sha512.h>

#define PROTOCOL_VERSION 1
#define FRAME_MAX	 65536
#define NAME_MAX_LEN	 64
#define REASON_MAX	 320
#define NONCE_LEN	 64
#define EVIDENCE_MAX	 16384
#define SECRET_MAX	 2048
#define HASH_LEN	 48
#define COORD_LEN	 48  /* of P-384 */
#define POINT_LEN	 97  /* uncompressed */
#define COSE_KEY_LEN	 107 /* of a P-384 key, the only kind here */
#define SIGNATURE_LEN	 96
#define TAG_LEN		 16

/** struct bytes - that lie somewhere else */
struct bytes {
	const uint8_t *data;
	size_t len;
};

enum message_type {
	MESSAGE_HELLO = 1,
	MESSAGE_NONCE,
	MESSAGE_EVIDENCE,
	MESSAGE_SECRET,
	MESSAGE_REFUSAL,
};

/**
 * struct message - any message
 * @version: of MESSAGE_HELLO
 * @field: HELLO: name of the key; NONCE: nonce; EVIDENCE: evidence; SECRET: broker's
 *	ephemeral COSE_Key, ciphertext and tag, signature; REFUSAL: reason. When decoded
 *	they lie in the frame, and have at most the length that is allowed for them.
 */
struct message {
	enum message_type type;
	uint64_t version;
	struct bytes field[3];
};

/* protocol.c */
size_t message_encode(const struct message *message, uint8_t *frame, size_t size);
const char *message_decode(const uint8_t *frame, size_t len, struct message *message);
bool name_valid(struct bytes name);
int frame_send(int fd, const uint8_t *frame, size_t len, int timeout_ms);
ssize_t frame_receive(int fd, uint8_t *frame, int first_ms, int rest_ms);

/**
 * struct exchange - one guest's request, as either side sees it
 * @transcript: of the frames so far
 */
struct exchange {
	mbedtls_sha512_context transcript;
};

/* secure.c */
int secure_init(void);
int secure_random(void *unused, unsigned char *out, size_t len);
void exchange_begin(struct exchange *x);
void exchange_frame(struct exchange *x, const uint8_t *frame, size_t len);
void exchange_end(struct exchange *x, uint8_t transcript[HASH_LEN]);
int key_to_cose(const mbedtls_ecp_keypair *key, uint8_t cose[COSE_KEY_LEN]);
int key_from_cose(struct bytes cose, uint8_t point[POINT_LEN]);
int key_generate(mbedtls_ecp_keypair *key);
int key_read_file(const char *path, bool private, mbedtls_ecp_keypair *key, char *why, size_t size);
int seal(mbedtls_ecp_keypair *own, const uint8_t peer[POINT_LEN],
	 const uint8_t transcript[HASH_LEN], struct bytes secret, uint8_t *sealed);
int unseal(mbedtls_ecp_keypair *own, const uint8_t peer[POINT_LEN],
	   const uint8_t transcript[HASH_LEN], struct bytes sealed, uint8_t *secret);
int answer_sign(mbedtls_ecp_keypair *broker, const uint8_t transcript[HASH_LEN],
		struct bytes ephemeral, struct bytes sealed, uint8_t signature[SIGNATURE_LEN]);
int answer_check(mbedtls_ecp_keypair *broker, const uint8_t transcript[HASH_LEN],
		 const struct message *answer);

#endif
