/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Frames and messages. The other side, and the host between, may send anything.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cbor.h>

#include "protocol.h"

#define HEAD_LEN   4
#define LABEL_TYPE 1

/* kinds of the fields of a message, from label 2 on: u(nsigned), t(ext), b(ytes) */
static const struct format {
	const char *kinds;
	size_t max[3]; /* bytes of texts and byte strings */
} formats[] = {
	[MESSAGE_HELLO] = { "ut", { NAME_MAX_LEN } },
	[MESSAGE_NONCE] = { "b", { NONCE_LEN } },
	[MESSAGE_EVIDENCE] = { "b", { EVIDENCE_MAX } },
	[MESSAGE_SECRET] = { "bbb", { COSE_KEY_LEN, SECRET_MAX + TAG_LEN, SIGNATURE_LEN } },
	[MESSAGE_REFUSAL] = { "t", { REASON_MAX } },
};

#define NFORMATS (sizeof(formats) / sizeof(formats[0]))

static CborError encode_field(CborEncoder *map, char kind, const struct message *message,
			      const struct bytes *field)
{
	switch (kind) {
	case 'u':
		return cbor_encode_uint(map, message->version);
	case 't':
		return cbor_encode_text_string(map, (const char *)field->data, field->len);
	default:
		return cbor_encode_byte_string(map, field->data, field->len);
	}
}

/**
 * message_encode() - as a frame without its length
 *
 * Returns its length; 0 when it does not fit.
 */
size_t message_encode(const struct message *message, uint8_t *frame, size_t size)
{
	const char *kinds = formats[message->type].kinds;
	const struct bytes *field = message->field;
	CborEncoder encoder, map;
	CborError error;

	cbor_encoder_init(&encoder, frame, size, 0);
	error = cbor_encoder_create_map(&encoder, &map, 1 + strlen(kinds));
	if (!error)
		error = cbor_encode_uint(&map, LABEL_TYPE);
	if (!error)
		error = cbor_encode_uint(&map, message->type);
	for (unsigned int i = 0; !error && kinds[i]; i++) {
		error = cbor_encode_uint(&map, LABEL_TYPE + 1 + i);
		if (!error)
			error = encode_field(&map, kinds[i], message, field);
		field += kinds[i] != 'u';
	}
	if (!error)
		error = cbor_encoder_close_container(&encoder, &map);
	return error ? 0 : cbor_encoder_get_buffer_size(&encoder, frame);
}

static bool take_uint(CborValue *at, uint64_t *value)
{
	return !cbor_value_at_end(at) && cbor_value_is_unsigned_integer(at) &&
	       !cbor_value_get_uint64(at, value) && !cbor_value_advance_fixed(at);
}

/* The string's bytes end where the next item begins: its length is definite. */
static bool take_string(CborValue *at, char kind, size_t max, struct bytes *out)
{
	const CborType type = kind == 't' ? CborTextStringType : CborByteStringType;

	if (cbor_value_at_end(at) || cbor_value_get_type(at) != type ||
	    cbor_value_get_string_length(at, &out->len) || out->len > max || cbor_value_advance(at))
		return false;
	out->data = cbor_value_get_next_byte(at) - out->len;
	return true;
}

static bool take_fields(CborValue *at, struct message *message)
{
	const struct format *format = &formats[message->type];
	unsigned int n = 0;
	uint64_t label;

	for (unsigned int i = 0; format->kinds[i]; i++) {
		if (!take_uint(at, &label) || label != LABEL_TYPE + 1 + i)
			return false;
		if (format->kinds[i] == 'u') {
			if (!take_uint(at, &message->version))
				return false;
		} else if (!take_string(at, format->kinds[i], format->max[n], &message->field[n])) {
			return false;
		} else {
			n++;
		}
	}
	return cbor_value_at_end(at);
}

/**
 * message_decode() - read a frame
 *
 * Nothing but deterministic CBOR of exactly the fields of its type gets through.
 * Returns NULL, or what is wrong.
 */
const char *message_decode(const uint8_t *frame, size_t len, struct message *message)
{
	const uint32_t strict = CborValidateShortestIntegrals | CborValidateMapKeysAreUnique |
				CborValidateUtf8 | CborValidateCompleteData;
	CborParser parser;
	CborValue at, map;
	uint64_t label, type;

	memset(message, 0, sizeof(*message));
	if (cbor_parser_init(frame, len, 0, &parser, &at) || cbor_value_validate(&at, strict) ||
	    !cbor_value_is_map(&at))
		return "the frame is no map in deterministic CBOR";
	if (cbor_value_enter_container(&at, &map) || !take_uint(&map, &label) ||
	    label != LABEL_TYPE || !take_uint(&map, &type))
		return "the message has no type";
	if (type >= NFORMATS || !formats[type].kinds)
		return "the message has an unknown type";
	message->type = type;
	if (!take_fields(&map, message))
		return "the message has not the fields of its type";
	return NULL;
}

/** name_valid() - names of keys are 1 to 64 of A-Z a-z 0-9 . _ - */
bool name_valid(struct bytes name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";

	for (size_t i = 0; i < name.len; i++) {
		if (!name.data[i] || !strchr(allowed, name.data[i]))
			return false;
	}
	return name.len && name.len <= NAME_MAX_LEN;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Until @events or the time @end; -1 is no end. */
static int wait_for(int fd, short events, int64_t end)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int ret;

	do {
		int64_t left = end < 0 ? -1 : end - now_ms();

		ret = poll(&pfd, 1, end < 0 ? -1 : left > 0 ? (int)left : 0);
	} while (ret < 0 && errno == EINTR);
	if (!ret)
		errno = ETIMEDOUT;
	return ret > 0 ? 0 : -1;
}

static int64_t end_of(int timeout_ms)
{
	return timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
}

static int send_all(int fd, const uint8_t *data, size_t len, int64_t end)
{
	while (len) {
		ssize_t n = wait_for(fd, POLLOUT, end) ? -1 : write(fd, data, len);

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= n;
	}
	return 0;
}

/* Returns 0, 1 when the other side has closed before the first byte, or -1. */
static int receive_all(int fd, uint8_t *data, size_t len, int64_t end)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = wait_for(fd, POLLIN, end) ? -1 : read(fd, data + done, len - done);

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -1;
		if (!n && !done)
			return 1;
		if (!n) {
			errno = EPIPE;
			return -1;
		}
		done += n;
	}
	return 0;
}

/**
 * frame_send() - length and frame
 *
 * Returns 0, or -1 with errno: ETIMEDOUT after @timeout_ms (-1: never), or of write.
 */
int frame_send(int fd, const uint8_t *frame, size_t len, int timeout_ms)
{
	const uint8_t head[HEAD_LEN] = { len >> 24, len >> 16, len >> 8, len };
	const int64_t end = end_of(timeout_ms);

	return send_all(fd, head, sizeof(head), end) || send_all(fd, frame, len, end) ? -1 : 0;
}

/**
 * frame_receive() - one frame of at most FRAME_MAX bytes
 * @first_ms: how long to wait for its first byte, -1 for ever
 * @rest_ms: how long it may take after that
 *
 * Returns its length; 0 when the other side has closed; -1 with errno: ETIMEDOUT,
 * EMSGSIZE when it is empty or too long, EPIPE when it was cut, or of read.
 */
ssize_t frame_receive(int fd, uint8_t *frame, int first_ms, int rest_ms)
{
	uint8_t head[HEAD_LEN];
	int64_t end;
	size_t len;
	int ret;

	ret = receive_all(fd, head, 1, end_of(first_ms));
	if (ret)
		return ret > 0 ? 0 : -1;
	end = end_of(rest_ms);
	if (receive_all(fd, head + 1, sizeof(head) - 1, end)) {
		errno = errno == ETIMEDOUT ? ETIMEDOUT : EPIPE;
		return -1;
	}
	len = (size_t)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];
	if (!len || len > FRAME_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	ret = receive_all(fd, frame, len, end);
	if (ret > 0)
		errno = EPIPE;
	return ret ? -1 : (ssize_t)len;
}
