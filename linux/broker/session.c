/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A connection to cove-broker: requests of one guest, one after the other. A
 * nonce is good for the next message only. The guest, and the host between, may
 * send anything at any time.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mbedtls/platform_util.h>

#include "broker.h"

#define REST_MS	     30000 /* for a message that has begun, and for sending one */
#define MAX_REQUESTS 64	   /* of one connection */

/**
 * struct talk - what a session has in its hands
 * @name: key that the guest asks for; empty: it has not said hello
 */
struct talk {
	struct broker *broker;
	int fd;
	char name[NAME_MAX_LEN + 1];
	uint8_t nonce[NONCE_LEN];
	struct exchange exchange;
	struct verify_report report;
	uint8_t frame[FRAME_MAX];
	uint8_t answer[FRAME_MAX];
};

static int answer(struct talk *t, const struct message *message)
{
	size_t len = message_encode(message, t->answer, sizeof(t->answer));

	if (message->type == MESSAGE_NONCE)
		exchange_frame(&t->exchange, t->answer, len);
	return frame_send(t->fd, t->answer, len, REST_MS);
}

/* Logs it and tells the guest; the reason is no secret. */
static int refuse(struct talk *t, const char *reason)
{
	const struct message refusal = {
		.type = MESSAGE_REFUSAL,
		.field[0] = { (const uint8_t *)reason, strnlen(reason, REASON_MAX) },
	};

	say("%d \"%s\" refused: %s", getpid(), t->name, reason);
	t->name[0] = '\0';
	return answer(t, &refusal);
}

static int take_hello(struct talk *t, const struct message *hello, size_t len)
{
	const struct message message = {
		.type = MESSAGE_NONCE,
		.field[0] = { t->nonce, sizeof(t->nonce) },
	};

	t->name[0] = '\0';
	if (hello->version != PROTOCOL_VERSION)
		return refuse(t, "this broker speaks version 1");
	if (!name_valid(hello->field[0]))
		return refuse(t, "not the name of a key");
	if (secure_random(NULL, t->nonce, sizeof(t->nonce)))
		return refuse(t, "no random numbers");
	memcpy(t->name, hello->field[0].data, hello->field[0].len);
	t->name[hello->field[0].len] = '\0';
	exchange_begin(&t->exchange);
	exchange_frame(&t->exchange, t->frame, len);
	return answer(t, &message);
}

/* NULL when the policy accepts the evidence, which is bound to a key of ours. */
static const char *judge(struct talk *t, struct bytes evidence, char *why, size_t size)
{
	struct verify_report *r = &t->report;

	switch (verify_evidence(evidence.data, evidence.len, t->nonce, &t->broker->policy, r)) {
	case VERIFY_ACCEPTED:
		break;
	case VERIFY_MALFORMED:
		snprintf(why, size, "evidence: %s", r->syntax);
		return why;
	default:
		snprintf(why, size, "%s: %s%s", r->failures ? r->failure[0].claim : "evidence",
			 r->failures ? r->failure[0].reason : "not accepted",
			 r->failures > 1 ? " (and more)" : "");
		return why;
	}
	if (r->format != VERIFY_CBOR)
		return "the evidence is not in the CBOR format";
	if (r->claims.tvm_key.type != KEY_P384 || r->claims.tvm_key.point_len != POINT_LEN)
		return "the guest's key is not on P-384";
	return NULL;
}

static const struct secret *find(const struct talk *t)
{
	for (unsigned int i = 0; i < t->broker->nsecrets; i++) {
		if (!strcmp(t->broker->secrets[i].name, t->name))
			return &t->broker->secrets[i];
	}
	return NULL;
}

/* The answer, with a key of its own. */
static int release(struct talk *t, const struct secret *secret)
{
	uint8_t transcript[HASH_LEN], cose[COSE_KEY_LEN], signature[SIGNATURE_LEN];
	uint8_t sealed[SECRET_MAX + TAG_LEN];
	const struct message message = {
		.type = MESSAGE_SECRET,
		.field = { { cose, sizeof(cose) },
			   { sealed, secret->len + TAG_LEN },
			   { signature, sizeof(signature) } },
	};
	mbedtls_ecp_keypair own;
	int ret;

	exchange_end(&t->exchange, transcript);
	mbedtls_ecp_keypair_init(&own);
	ret = key_generate(&own);
	if (!ret)
		ret = key_to_cose(&own, cose);
	if (!ret)
		ret = seal(&own, t->report.claims.tvm_key.point, transcript,
			   (struct bytes){ secret->value, secret->len }, sealed);
	if (!ret)
		ret = answer_sign(&t->broker->key, transcript, message.field[0], message.field[1],
				  signature);
	mbedtls_ecp_keypair_free(&own);
	return ret ? refuse(t, "the broker's cryptography fails") : answer(t, &message);
}

static void log_release(const struct talk *t)
{
	char tvm[2 * VERIFY_HASH_LEN + 1];

	for (unsigned int i = 0; i < VERIFY_HASH_LEN; i++)
		sprintf(tvm + 2 * i, "%02x", t->report.claims.tvm[i]);
	say("%d \"%s\" released to %s", getpid(), t->name, tvm);
}

static int take_evidence(struct talk *t, const struct message *message, size_t len)
{
	const struct secret *secret = find(t);
	const char *wrong;
	char why[REASON_MAX];
	int ret;

	if (!t->name[0])
		return refuse(t, "evidence before a request");
	exchange_frame(&t->exchange, t->frame, len);
	wrong = judge(t, message->field[0], why, sizeof(why));
	/* who is not accepted is not told which names there are */
	if (!wrong && !secret)
		wrong = "there is no such key";
	if (wrong)
		return refuse(t, wrong);
	ret = release(t, secret);
	if (!ret && t->name[0])
		log_release(t);
	t->name[0] = '\0';
	return ret;
}

static int step(struct talk *t, size_t len)
{
	struct message message;
	const char *wrong = message_decode(t->frame, len, &message);

	if (wrong)
		return refuse(t, wrong);
	switch (message.type) {
	case MESSAGE_HELLO:
		return take_hello(t, &message, len);
	case MESSAGE_EVIDENCE:
		return take_evidence(t, &message, len);
	default:
		return refuse(t, "not a message of a guest");
	}
}

/**
 * session() - serve a connection until it is closed or silent in mid-message
 */
void session(struct broker *broker, int fd)
{
	static struct talk talk;
	struct talk *t = &talk;
	ssize_t len;

	t->broker = broker;
	t->fd = fd;
	if (secure_init()) {
		say("no random numbers");
		return;
	}
	/* two messages a request */
	for (unsigned int i = 0; i < 2 * MAX_REQUESTS; i++) {
		len = frame_receive(fd, t->frame, -1, REST_MS);
		if (len < 0)
			say("%d \"%s\" ended: %s", getpid(), t->name, strerror(errno));
		if (len <= 0 || step(t, len))
			return;
	}
	say("%d ended: more than %d requests", getpid(), MAX_REQUESTS);
}
