/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A strict reader of CBOR. Only what docs/attestation.md allows gets through:
 * deterministic encoding (RFC 8949, 4.2.1), and each item where it must be.
 * After a mistake all functions do nothing, and what they give is empty.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

/**
 * syntax_bad() - note a mistake; of several the first counts
 */
void syntax_bad(struct syntax *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!syntax_ok(s))
		return;
	n = snprintf(s->text, sizeof(s->text), "%s: ", s->where);
	if (n < 0 || (size_t)n >= sizeof(s->text))
		return;
	va_start(ap, fmt);
	vsnprintf(s->text + n, sizeof(s->text) - n, fmt, ap);
	va_end(ap);
}

static void check(struct syntax *s, CborError error)
{
	if (error)
		syntax_bad(s, "%s", cbor_error_string(error));
}

/**
 * cbor_open() - begin to read one item that fills @bytes
 * Checks that all of it is well-formed, in deterministic encoding, and that
 * nothing follows it. It does not look into byte strings.
 */
void cbor_open(struct syntax *s, struct verify_bytes bytes, struct cbor_doc *doc)
{
	const uint32_t strict = CborValidateShortestIntegrals | CborValidateMapKeysAreUnique |
				CborValidateUtf8 | CborValidateNoUndefined |
				CborValidateCompleteData;

	memset(doc, 0, sizeof(*doc));
	if (!syntax_ok(s))
		return;
	check(s, cbor_parser_init(bytes.data, bytes.len, 0, &doc->parser, &doc->at));
	if (syntax_ok(s))
		check(s, cbor_value_validate(&doc->at, strict));
}

static void next(struct syntax *s, CborValue *at)
{
	check(s, cbor_value_advance(at));
}

static bool is(struct syntax *s, const CborValue *at, CborType type, const char *name)
{
	if (!syntax_ok(s))
		return false;
	if (cbor_value_at_end(at))
		syntax_bad(s, "%s is missing", name);
	else if (cbor_value_get_type(at) != type)
		syntax_bad(s, "%s expected", name);
	return syntax_ok(s);
}

/** cbor_tag() - this tag, and go to what it holds */
void cbor_tag(struct syntax *s, CborValue *at, CborTag tag)
{
	CborTag found;

	if (!is(s, at, CborTagType, "a tag"))
		return;
	cbor_value_get_tag(at, &found);
	if (found != tag)
		syntax_bad(s, "tag %llu, not %llu", (unsigned long long)found,
			   (unsigned long long)tag);
	else
		check(s, cbor_value_advance_fixed(at));
}

/**
 * cbor_enter() - go into an array, or a map, of @min to @max items, or pairs
 * Returns how many it has, after a mistake 0. cbor_leave() goes on behind it.
 */
unsigned int cbor_enter(struct syntax *s, CborValue *at, CborType type, unsigned int min,
			unsigned int max, CborValue *inner)
{
	size_t len = 0;

	memset(inner, 0, sizeof(*inner));
	if (!is(s, at, type, type == CborMapType ? "a map" : "an array"))
		return 0;
	check(s, type == CborMapType ? cbor_value_get_map_length(at, &len)
				     : cbor_value_get_array_length(at, &len));
	if (syntax_ok(s) && (len < min || len > max))
		syntax_bad(s, "%zu %s, not %u to %u", len,
			   type == CborMapType ? "entries in a map" : "items in an array", min,
			   max);
	if (syntax_ok(s))
		check(s, cbor_value_enter_container(at, inner));
	return syntax_ok(s) ? len : 0;
}

/** cbor_leave() - behind a container whose items have all been read */
void cbor_leave(struct syntax *s, CborValue *at, CborValue *inner)
{
	if (!syntax_ok(s))
		return;
	if (!cbor_value_at_end(inner))
		syntax_bad(s, "more items than there should be");
	else
		check(s, cbor_value_leave_container(at, inner));
}

/** cbor_int() - an integer that fits into 64 bits with its sign */
int64_t cbor_int(struct syntax *s, CborValue *at)
{
	int64_t value = 0;

	if (!is(s, at, CborIntegerType, "an integer"))
		return 0;
	check(s, cbor_value_get_int64_checked(at, &value));
	next(s, at);
	return syntax_ok(s) ? value : 0;
}

/** cbor_label() - the key of the next entry of a map */
void cbor_label(struct syntax *s, CborValue *at, int64_t label)
{
	int64_t found;

	if (syntax_ok(s) && cbor_value_at_end(at)) {
		syntax_bad(s, "label %lld is missing", (long long)label);
		return;
	}
	found = cbor_int(s, at);
	if (syntax_ok(s) && found != label)
		syntax_bad(s, "label %lld where %lld should be", (long long)found,
			   (long long)label);
}

static struct verify_bytes string(struct syntax *s, CborValue *at)
{
	struct verify_bytes out = { NULL, 0 };

	check(s, cbor_value_get_string_length(at, &out.len));
	next(s, at);
	if (!syntax_ok(s))
		return (struct verify_bytes){ NULL, 0 };
	/* of definite length: it ends where the next item begins */
	out.data = cbor_value_get_next_byte(at) - out.len;
	return out;
}

/** cbor_bytes() - a byte string, where it lies */
struct verify_bytes cbor_bytes(struct syntax *s, CborValue *at)
{
	if (!is(s, at, CborByteStringType, "a byte string"))
		return (struct verify_bytes){ NULL, 0 };
	return string(s, at);
}

/** cbor_fixed() - a byte string of exactly @len bytes; all 0 after a mistake */
void cbor_fixed(struct syntax *s, CborValue *at, uint8_t *to, size_t len)
{
	const struct verify_bytes bytes = cbor_bytes(s, at);

	memset(to, 0, len);
	if (!syntax_ok(s))
		return;
	if (bytes.len != len)
		syntax_bad(s, "%zu bytes, not %zu", bytes.len, len);
	else
		memcpy(to, bytes.data, len);
}

/** cbor_text() - a text of 1 to VERIFY_TEXT_MAX printable ASCII characters */
void cbor_text(struct syntax *s, CborValue *at, char text[VERIFY_TEXT_MAX + 1])
{
	struct verify_bytes bytes;

	text[0] = '\0';
	if (!is(s, at, CborTextStringType, "a text"))
		return;
	bytes = string(s, at);
	if (!syntax_ok(s))
		return;
	if (!bytes.len || bytes.len > VERIFY_TEXT_MAX) {
		syntax_bad(s, "a text of %zu bytes, not 1 to %d", bytes.len, VERIFY_TEXT_MAX);
		return;
	}
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.data[i] < 0x20 || bytes.data[i] > 0x7e) {
			syntax_bad(s, "a text with byte 0x%02x", bytes.data[i]);
			return;
		}
	}
	memcpy(text, bytes.data, bytes.len);
	text[bytes.len] = '\0';
}

/** cbor_expect_text() - exactly this text */
void cbor_expect_text(struct syntax *s, CborValue *at, const char *text)
{
	char found[VERIFY_TEXT_MAX + 1];

	cbor_text(s, at, found);
	if (syntax_ok(s) && strcmp(found, text))
		syntax_bad(s, "\"%s\" where \"%s\" should be", found, text);
}
