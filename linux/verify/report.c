/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Reports: for people, for programs (JSON, docs/attestation.md), and as a policy.
 * All texts that stand in the evidence are printable ASCII (cbor_text()).
 */
#include <stdio.h>
#include <string.h>

#include "internal.h"

#define HEX_MAX (2 * 64 + 1)

/** to_hex() - lower case, with an end mark */
void to_hex(const uint8_t *bytes, size_t len, char *hex)
{
	for (size_t i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	hex[2 * len] = '\0';
}

/** verify_state_name() - of a platform state */
const char *verify_state_name(unsigned int state)
{
	static const char *const names[] = { "unknown", "not-configured", "secured", "debug",
					     "recovery" };

	return state < ARRAY_SIZE(names) ? names[state] : names[0];
}

static const char *format_name(enum verify_format format)
{
	static const char *const names[] = { "unknown", "cbor", "x509" };

	return names[format];
}

static void line_hex(FILE *to, const char *name, const uint8_t *bytes, size_t len)
{
	char hex[HEX_MAX];

	to_hex(bytes, len, hex);
	fprintf(to, "  %-16s %s\n", name, hex);
}

static void line_component(FILE *to, const char *name, const struct verify_component *c)
{
	char key[VERIFY_TEXT_MAX];

	line_hex(to, name, c->value, VERIFY_HASH_LEN);
	snprintf(key, sizeof(key), "%s-config", name);
	line_hex(to, key, c->manifest, VERIFY_HASH_LEN);
	snprintf(key, sizeof(key), "%s-svn", name);
	fprintf(to, "  %-16s %u, version %s\n", key, c->svn, c->version);
}

static void text_claims(FILE *to, const struct verify_claims *c)
{
	char name[32];

	line_hex(to, "root", c->uds_id, VERIFY_ID_LEN);
	line_hex(to, "manufacturer", c->manufacturer, sizeof(c->manufacturer));
	fprintf(to, "  %-16s %s\n", "state", verify_state_name(c->state));
	line_component(to, "firmware", &c->firmware);
	line_component(to, "tsm", &c->tsm);
	line_hex(to, "tvm", c->tvm, VERIFY_HASH_LEN);
	line_hex(to, "challenge", c->challenge, sizeof(c->challenge));
	if (c->has_identity)
		line_hex(to, "identity", c->identity, sizeof(c->identity));
	line_hex(to, "key", c->key_hash, VERIFY_HASH_LEN);
	for (unsigned int i = 0; i < c->nruntime; i++) {
		snprintf(name, sizeof(name), "runtime.%u", i);
		line_hex(to, name, c->runtime[i], VERIFY_HASH_LEN);
	}
}

/**
 * verify_report_text() - the verdict and the claims, for people
 * Returns 0, or -1 when it could not be written.
 */
int verify_report_text(FILE *to, const struct verify_report *report)
{
	if (report->verdict == VERIFY_MALFORMED) {
		fprintf(to, "malformed: %s\n", report->syntax);
		return ferror(to) ? -1 : 0;
	}
	fprintf(to, "%s: evidence in the %s format\n",
		report->verdict == VERIFY_ACCEPTED ? "accepted" : "rejected",
		report->format == VERIFY_CBOR ? "CBOR" : "X.509");
	if (!report->authentic)
		fputs("not authentic, so all of this may be invented:\n", to);
	text_claims(to, &report->claims);
	return ferror(to) ? -1 : 0;
}

static void json_string(FILE *to, const char *text)
{
	putc('"', to);
	for (; *text; text++) {
		const unsigned char c = *text;

		if (c == '"' || c == '\\')
			fprintf(to, "\\%c", c);
		else if (c < 0x20 || c > 0x7e)
			fprintf(to, "\\u%04x", c);
		else
			putc(c, to);
	}
	putc('"', to);
}

static void json_hex(FILE *to, const char *name, const uint8_t *bytes, size_t len)
{
	char hex[HEX_MAX];

	to_hex(bytes, len, hex);
	fprintf(to, "\"%s\": \"%s\"", name, hex);
}

static void json_component(FILE *to, const char *name, const struct verify_component *c)
{
	fprintf(to, "    \"%s\": {", name);
	json_hex(to, "value", c->value, sizeof(c->value));
	fputs(", ", to);
	json_hex(to, "config", c->manifest, sizeof(c->manifest));
	fprintf(to, ", \"svn\": %u, ", c->svn);
	json_hex(to, "signer", c->signer, sizeof(c->signer));
	fputs(", \"version\": ", to);
	json_string(to, c->version);
	fputs("},\n", to);
}

static void json_registers(FILE *to, const char *name, const uint8_t (*value)[VERIFY_HASH_LEN],
			   unsigned int n)
{
	char hex[HEX_MAX];

	fprintf(to, "    \"%s\": [", name);
	for (unsigned int i = 0; i < n; i++) {
		to_hex(value[i], VERIFY_HASH_LEN, hex);
		fprintf(to, "%s\"%s\"", i ? ", " : "", hex);
	}
	fputs("]", to);
}

static void json_key(FILE *to, const char *name, const struct verify_key *key)
{
	static const char *const types[] = { "P-256", "P-384", "Ed25519" };
	char hex[2 * VERIFY_KEY_MAX + 1];

	to_hex(key->cose.data, key->cose.len, hex);
	fprintf(to, "    \"%s\": {\"type\": \"%s\", \"cose\": \"%s\"},\n", name, types[key->type],
		hex);
}

static void json_line(FILE *to, const char *name, const uint8_t *bytes, size_t len)
{
	fputs("    ", to);
	json_hex(to, name, bytes, len);
	fputs(",\n", to);
}

static void json_claims(FILE *to, const struct verify_claims *c)
{
	fputs(",\n  \"claims\": {\n", to);
	json_line(to, "root", c->uds_id, sizeof(c->uds_id));
	json_line(to, "manufacturer", c->manufacturer, sizeof(c->manufacturer));
	fprintf(to, "    \"state\": \"%s\",\n", verify_state_name(c->state));
	json_component(to, "firmware", &c->firmware);
	json_component(to, "tsm-driver", &c->tsm_driver);
	json_component(to, "tsm", &c->tsm);
	json_key(to, "platform-key", &c->platform_key);
	json_key(to, "tsm-key", &c->tsm_key);
	json_key(to, "tap-key", &c->tap_key);
	json_key(to, "tvm-key", &c->tvm_key);
	json_line(to, "key", c->key_hash, sizeof(c->key_hash));
	json_line(to, "tsm-id", c->tsm_id, sizeof(c->tsm_id));
	json_line(to, "tvm-id", c->tvm_id, sizeof(c->tvm_id));
	json_line(to, "tvm", c->tvm, sizeof(c->tvm));
	json_line(to, "challenge", c->challenge, sizeof(c->challenge));
	if (c->has_identity)
		json_line(to, "identity", c->identity, sizeof(c->identity));
	json_registers(to, "initial", c->initial, VERIFY_INITIAL);
	fputs(",\n", to);
	json_registers(to, "runtime", c->runtime, c->nruntime);
	fputs("\n  }", to);
}

static void json_failures(FILE *to, const struct verify_report *report)
{
	const unsigned int n =
		report->failures < VERIFY_FAILURES_MAX ? report->failures : VERIFY_FAILURES_MAX;

	fputs("  \"failures\": [", to);
	for (unsigned int i = 0; i < n; i++) {
		fputs(i ? ",\n    {\"claim\": " : "\n    {\"claim\": ", to);
		json_string(to, report->failure[i].claim);
		fputs(", \"reason\": ", to);
		json_string(to, report->failure[i].reason);
		putc('}', to);
	}
	fputs(n ? "\n  ]" : "]", to);
}

/**
 * verify_report_json() - one object; its fields are in docs/attestation.md
 * Returns 0, or -1 when it could not be written.
 */
int verify_report_json(FILE *to, const struct verify_report *report)
{
	static const char *const verdicts[] = { "accepted", "rejected", "malformed" };

	fprintf(to, "{\n  \"verdict\": \"%s\",\n  \"format\": \"%s\",\n  \"authentic\": %s,\n",
		verdicts[report->verdict], format_name(report->format),
		report->authentic ? "true" : "false");
	json_failures(to, report);
	if (report->verdict == VERIFY_MALFORMED) {
		fputs(",\n  \"malformed\": ", to);
		json_string(to, report->syntax);
	} else {
		fputs(",\n  \"unchecked\": ", to);
		json_string(to, report->unchecked);
		json_claims(to, &report->claims);
	}
	fputs("\n}\n", to);
	return ferror(to) ? -1 : 0;
}

static void policy_line(FILE *to, const char *name, const uint8_t *bytes, size_t len)
{
	char hex[HEX_MAX];

	to_hex(bytes, len, hex);
	fprintf(to, "%s = %s\n", name, hex);
}

/**
 * verify_policy_template() - a policy that this evidence meets
 * Returns 0, or -1 when it could not be written.
 */
int verify_policy_template(FILE *to, const struct verify_report *report)
{
	const struct verify_claims *c = &report->claims;

	fputs("# Trust on first use: this repeats what one piece of evidence says of itself, and\n"
	      "# nobody has said that it is right. Compare firmware, tsm and tvm with what\n"
	      "# `cove measure --policy` prints of files that you trust.\n",
	      to);
	if (root_is_development(c->uds_id))
		fputs("# This root's secret is public: its evidence proves nothing.\n"
		      "root = development\n",
		      to);
	else
		policy_line(to, "root", c->uds_id, sizeof(c->uds_id));
	policy_line(to, "manufacturer", c->manufacturer, sizeof(c->manufacturer));
	fprintf(to, "state = %s\n", c->state == STATE_DEBUG ? "debug" : "secured");
	policy_line(to, "firmware", c->initial[0], VERIFY_HASH_LEN);
	policy_line(to, "firmware-config", c->initial[1], VERIFY_HASH_LEN);
	fprintf(to, "firmware-svn = %u\n", c->firmware.svn);
	policy_line(to, "tsm", c->initial[2], VERIFY_HASH_LEN);
	policy_line(to, "tsm-config", c->initial[3], VERIFY_HASH_LEN);
	fprintf(to, "tsm-svn = %u\n", c->tsm.svn);
	policy_line(to, "tvm", c->tvm, VERIFY_HASH_LEN);
	if (c->has_identity)
		policy_line(to, "identity", c->identity, sizeof(c->identity));
	return ferror(to) ? -1 : 0;
}
