/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Policies of docs/attestation.md: text, one `name = value` in a line.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define LINE_MAX_LEN 1024

/**
 * struct parser - where parsing is
 * @given: line in which each name of names[] was found
 * @given_runtime: the same for runtime.N
 * @tvm: there was a line for it
 */
struct parser {
	struct verify_policy *policy;
	const char *directory;
	verify_complain *complain;
	void *arg;
	unsigned int line;
	unsigned int mistakes;
	unsigned int given[16];
	unsigned int given_runtime[VERIFY_RUNTIME_MAX];
	bool tvm;
};

static void mistake(struct parser *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void mistake(struct parser *p, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->mistakes++;
	p->complain(p->arg, p->line, text);
}

static bool parse_hex(struct parser *p, const char *name, const char *value, uint8_t *out,
		      size_t len)
{
	const size_t digits = strlen(value);

	if (digits != 2 * len || strspn(value, "0123456789abcdefABCDEF") != digits) {
		mistake(p, "%s: not %zu hexadecimal digits", name, 2 * len);
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		const char byte[] = { value[2 * i], value[2 * i + 1], '\0' };

		out[i] = strtoul(byte, NULL, 16);
	}
	return true;
}

/* A file that a policy names lies beside it. */
static void root_file(struct parser *p, const char *name, const char *file,
		      struct verify_root *root)
{
	const bool beside = file[0] != '/' && p->directory;
	char path[2 * LINE_MAX_LEN + 2], why[256];
	int n;

	n = snprintf(path, sizeof(path), "%s%s%s", beside ? p->directory : "", beside ? "/" : "",
		     file);
	if (n < 0 || (size_t)n >= sizeof(path))
		mistake(p, "%s: the file's name is too long", name);
	else if (root_from_file(path, root, why, sizeof(why)))
		mistake(p, "%s: %s: %s", name, file, why);
}

static void set_root(struct parser *p, const char *name, const char *value)
{
	struct verify_policy *policy = p->policy;
	struct verify_root *root = &policy->root[policy->nroots];

	if (policy->nroots == VERIFY_VALUES_MAX) {
		mistake(p, "%s: more than %d of them", name, VERIFY_VALUES_MAX);
		return;
	}
	policy->nroots++;
	if (value[0] == '@')
		root_file(p, name, value + 1, root);
	else if (!strcmp(value, "development"))
		root_development(root);
	else
		parse_hex(p, name, value, root->id, VERIFY_ID_LEN);
}

static void set_state(struct parser *p, const char *name, const char *value)
{
	p->policy->debug = !strcmp(value, "debug");
	if (!p->policy->debug && strcmp(value, "secured"))
		mistake(p, "%s: neither secured nor debug", name);
}

static void set_manufacturer(struct parser *p, const char *name, const char *value)
{
	p->policy->has_manufacturer = true;
	parse_hex(p, name, value, p->policy->manufacturer, sizeof(p->policy->manufacturer));
}

static void set_identity(struct parser *p, const char *name, const char *value)
{
	p->policy->has_identity = true;
	parse_hex(p, name, value, p->policy->identity, sizeof(p->policy->identity));
}

static void set_key(struct parser *p, const char *name, const char *value)
{
	p->policy->has_key = true;
	parse_hex(p, name, value, p->policy->key, sizeof(p->policy->key));
}

static uint32_t parse_svn(struct parser *p, const char *name, const char *value)
{
	uint64_t svn = 0;
	size_t i;

	for (i = 0; value[i] >= '0' && value[i] <= '9' && svn <= UINT32_MAX; i++)
		svn = 10 * svn + (value[i] - '0');
	if (!i || value[i] || svn > UINT32_MAX)
		mistake(p, "%s: not a number below 2^32", name);
	return svn;
}

static void set_firmware_svn(struct parser *p, const char *name, const char *value)
{
	p->policy->has_firmware_svn = true;
	p->policy->firmware_svn = parse_svn(p, name, value);
}

static void set_tsm_svn(struct parser *p, const char *name, const char *value)
{
	p->policy->has_tsm_svn = true;
	p->policy->tsm_svn = parse_svn(p, name, value);
}

static void add_digest(struct parser *p, const char *name, const char *value,
		       struct verify_digests *list)
{
	if (list->n == VERIFY_VALUES_MAX)
		mistake(p, "%s: more than %d of them", name, VERIFY_VALUES_MAX);
	else if (parse_hex(p, name, value, list->value[list->n], VERIFY_HASH_LEN))
		list->n++;
}

static void add_firmware(struct parser *p, const char *name, const char *value)
{
	add_digest(p, name, value, &p->policy->firmware);
}

static void add_firmware_config(struct parser *p, const char *name, const char *value)
{
	add_digest(p, name, value, &p->policy->firmware_config);
}

static void add_tsm(struct parser *p, const char *name, const char *value)
{
	add_digest(p, name, value, &p->policy->tsm);
}

static void add_tsm_config(struct parser *p, const char *name, const char *value)
{
	add_digest(p, name, value, &p->policy->tsm_config);
}

static void add_tvm(struct parser *p, const char *name, const char *value)
{
	p->tvm = true;
	add_digest(p, name, value, &p->policy->tvm);
}

static const struct {
	const char *name;
	void (*set)(struct parser *p, const char *name, const char *value);
	bool repeat;
} names[] = {
	{ "root", set_root, true },
	{ "manufacturer", set_manufacturer, false },
	{ "state", set_state, false },
	{ "firmware", add_firmware, true },
	{ "firmware-config", add_firmware_config, true },
	{ "firmware-svn", set_firmware_svn, false },
	{ "tsm", add_tsm, true },
	{ "tsm-config", add_tsm_config, true },
	{ "tsm-svn", set_tsm_svn, false },
	{ "tvm", add_tvm, true },
	{ "identity", set_identity, false },
	{ "key", set_key, false },
};

static bool given_before(struct parser *p, const char *name, unsigned int *given)
{
	if (*given) {
		mistake(p, "%s: already given in line %u", name, *given);
		return true;
	}
	*given = p->line;
	return false;
}

/* runtime.N */
static void set_runtime(struct parser *p, const char *name, const char *value)
{
	const char *number = strchr(name, '.') + 1;
	char *end;
	unsigned long n;

	n = strtoul(number, &end, 10);
	if (!isdigit((unsigned char)number[0]) || *end || (number[0] == '0' && number[1]) ||
	    n >= VERIFY_RUNTIME_MAX) {
		mistake(p, "%s: no register; they are runtime.0 to runtime.%d", name,
			VERIFY_RUNTIME_MAX - 1);
		return;
	}
	if (given_before(p, name, &p->given_runtime[n]))
		return;
	p->policy->has_runtime[n] = true;
	parse_hex(p, name, value, p->policy->runtime[n], VERIFY_HASH_LEN);
}

static void set(struct parser *p, const char *name, const char *value)
{
	_Static_assert(ARRAY_SIZE(names) <= ARRAY_SIZE(((struct parser *)0)->given), "names");

	if (!strncmp(name, "runtime.", strlen("runtime."))) {
		set_runtime(p, name, value);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i].name))
			continue;
		if (names[i].repeat || !given_before(p, name, &p->given[i]))
			names[i].set(p, name, value);
		return;
	}
	mistake(p, "%s: unknown name", name);
}

static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t\r");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return text;
}

/* What is printed of a hostile policy must not speak to the terminal. */
static bool printable(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const unsigned char c = line[i];

		if ((c < 0x20 && c != '\t' && c != '\r') || c == 0x7f)
			return false;
	}
	return true;
}

static void parse_line(struct parser *p, const char *start, size_t len)
{
	char line[LINE_MAX_LEN], *name, *value, *text;

	if (len >= sizeof(line)) {
		mistake(p, "longer than %d bytes", LINE_MAX_LEN - 1);
		return;
	}
	if (!printable(start, len)) {
		mistake(p, "a control character");
		return;
	}
	memcpy(line, start, len);
	line[len] = '\0';
	line[strcspn(line, "#")] = '\0';
	text = trim(line);
	if (!*text)
		return;
	value = strchr(text, '=');
	if (!value) {
		mistake(p, "%.64s: no '='", text);
		return;
	}
	*value++ = '\0';
	name = trim(text);
	value = trim(value);
	if (!*name)
		mistake(p, "no name before the '='");
	else if (!*value)
		mistake(p, "%.64s: no value", name);
	else if (strlen(name) > 64)
		mistake(p, "%.64s...: unknown name", name);
	else
		set(p, name, value);
}

/**
 * verify_policy_parse() - read a policy
 * @directory: where the files lie that it names by a relative path; NULL: here
 * @complain: told of each mistake
 *
 * Returns 0, or -1 when it has a mistake; @policy must not be used then.
 */
int verify_policy_parse(const char *text, size_t len, const char *directory,
			struct verify_policy *policy, verify_complain *complain, void *arg)
{
	struct parser p = {
		.policy = policy, .directory = directory, .complain = complain, .arg = arg
	};

	memset(policy, 0, sizeof(*policy));
	if (len > VERIFY_POLICY_MAX) {
		mistake(&p, "more than %d bytes", VERIFY_POLICY_MAX);
		return -1;
	}
	while (len) {
		const char *end = memchr(text, '\n', len);
		const size_t n = end ? (size_t)(end - text) : len;

		p.line++;
		parse_line(&p, text, n);
		text += end ? n + 1 : n;
		len -= end ? n + 1 : n;
	}
	p.line = 0;
	if (!policy->nroots)
		mistake(&p, "no root: whose evidence is trusted?");
	if (!p.tvm)
		mistake(&p, "no tvm: what must be running? (cove measure)");
	return p.mistakes ? -1 : 0;
}
