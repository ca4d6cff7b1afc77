// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Messages between a guest's agent and a key broker (linux/broker/protocol.c), which
 * the host between them makes of whatever it likes. An input is a good message
 * and changes to it, or all of the bytes themselves. There is one encoding of a
 * message: what is accepted must be what encoding it again gives.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"
#include "protocol.h"

#define OP_SIZE	 3
#define HEADER	 6 /* kind, type, three lengths, version */
#define WORK_MAX 4096

#define KIND_LITERAL 0x01

static unsigned long executions, accepted;

static void print_counts(void)
{
	printf("executions %lu operations %lu\n", executions, accepted);
	if (executions > 1000 && accepted < executions / 100)
		printf("no operation: only %lu of %lu were accepted\n", accepted, executions);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	atexit(print_counts);
	return 0;
}

/* Accepted: it lies in the frame, and is the only encoding of what it says. */
static void check(const struct message *message, const uint8_t *frame, size_t len)
{
	static uint8_t again[WORK_MAX];

	for (unsigned int i = 0; i < 3; i++) {
		const struct bytes *field = &message->field[i];

		MUST(!field->data || (field->data >= frame && field->len <= len &&
				      field->data + field->len <= frame + len),
		     "a field outside of the frame");
	}
	MUST(message_encode(message, again, sizeof(again)) == len && !memcmp(again, frame, len),
	     "accepted: not the encoding of the message");
}

/* The message that the first bytes of an input choose. */
static size_t good(const uint8_t *head, struct message *message, uint8_t *frame)
{
	static uint8_t text[256];
	size_t len;

	memset(text, 'a', sizeof(text));
	*message = (struct message){
		.type = 1 + head[1] % MESSAGE_REFUSAL,
		.version = head[5],
		.field = { { text, 1 + head[2] % 64 }, { text, head[3] }, { text, head[4] % 97 } },
	};
	len = message_encode(message, frame, WORK_MAX - 1);
	MUST(len, "a good message is not encoded");
	return len;
}

static size_t change(uint8_t *frame, size_t len, const uint8_t op[OP_SIZE])
{
	const size_t at = len ? op[1] % len : 0;

	if (!len)
		return 0;
	switch (op[0] % 4) {
	case 0:
		frame[at] = op[2];
		return len;
	case 1:
		frame[at] ^= 1 << op[2] % 8;
		return len;
	case 2:
		memmove(frame + at, frame + at + 1, len - at - 1);
		return len - 1;
	default:
		if (len == WORK_MAX)
			return len;
		memmove(frame + at + 1, frame + at, len - at);
		frame[at] = op[2];
		return len + 1;
	}
}

static void decode(const uint8_t *bytes, size_t len, bool unchanged)
{
	/* of exactly this size, so that nothing behind it is read unseen */
	uint8_t *frame = malloc(len ? len : 1);
	struct message message;
	const char *wrong;

	MUST(frame, "no memory");
	memcpy(frame, bytes, len);
	wrong = message_decode(frame, len, &message);
	MUST(!unchanged || !wrong, "a good message is not accepted");
	if (!wrong) {
		accepted++;
		check(&message, frame, len);
	}
	free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t work[WORK_MAX];
	struct message message;
	size_t len;

	if (size > WORK_MAX)
		return 0;
	executions++;
	if (size < HEADER || data[0] & KIND_LITERAL) {
		decode(data + (size != 0), size - (size != 0), false);
		return 0;
	}
	len = good(data, &message, work);
	data += HEADER;
	size -= HEADER;
	decode(work, len, true);
	for (; size >= OP_SIZE; data += OP_SIZE, size -= OP_SIZE)
		len = change(work, len, data);
	decode(work, len, false);
	return 0;
}
