// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Usage: mutants EVIDENCE NONCE POLICY
 *
 * The evidence must be accepted, and nothing that is nearly the same: cut off at
 * every length, every single bit flipped, every byte left out or doubled. Prints one
 * result line for each kind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <verify.h>

#define POLICY_MAX 65536

static uint8_t evidence[VERIFY_EVIDENCE_MAX], changed[VERIFY_EVIDENCE_MAX + 1];
static uint8_t nonce[VERIFY_NONCE_LEN];
static struct verify_policy policy;
static struct verify_report report;
static unsigned long tried, rejected;

static size_t read_file(const char *path, void *to, size_t max)
{
	FILE *file = fopen(path, "rb");
	size_t len;

	if (!file) {
		perror(path);
		exit(2);
	}
	len = fread(to, 1, max, file);
	fclose(file);
	return len;
}

static void complain(void *arg, unsigned int line, const char *what)
{
	fprintf(stderr, "%s:%u: %s\n", (const char *)arg, line, what);
}

/* On the heap, at its size: reading beyond the end shows in a build with ASan. */
static bool accepts(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	bool ret;

	if (!copy)
		exit(2);
	memcpy(copy, bytes, len);
	ret = verify_evidence(copy, len, nonce, &policy, &report) == VERIFY_ACCEPTED;
	free(copy);
	return ret;
}

static void try(const uint8_t *bytes, size_t len, size_t where)
{
	tried++;
	if (!accepts(bytes, len))
		rejected++;
	else
		fprintf(stderr, "accepted: changed at byte %zu\n", where);
}

static int result(const char *name)
{
	const bool ok = tried && rejected == tried;

	printf("%s %s: %lu tried, %lu rejected\n", ok ? "ok" : "FAIL", name, tried, rejected);
	fflush(stdout);
	tried = rejected = 0;
	return !ok;
}

static int truncated(size_t len)
{
	for (size_t i = 0; i < len; i++)
		try(evidence, i, i);
	return result("truncated-at-every-length");
}

static int flipped(size_t len)
{
	memcpy(changed, evidence, len);
	for (size_t i = 0; i < 8 * len; i++) {
		changed[i / 8] ^= 1 << i % 8;
		try(changed, len, i / 8);
		changed[i / 8] ^= 1 << i % 8;
	}
	return result("every-bit-flipped");
}

static int left_out(size_t len)
{
	for (size_t i = 0; i < len; i++) {
		memcpy(changed, evidence, i);
		memcpy(changed + i, evidence + i + 1, len - i - 1);
		try(changed, len - 1, i);
	}
	return result("every-byte-left-out");
}

static int doubled(size_t len)
{
	for (size_t i = 0; i < len; i++) {
		memcpy(changed, evidence, i + 1);
		memcpy(changed + i + 1, evidence + i, len - i);
		try(changed, len + 1, i);
	}
	return result("every-byte-doubled");
}

int main(int argc, char **argv)
{
	static char text[POLICY_MAX];
	size_t len;
	int failed;

	if (argc != 4)
		return 2;
	len = read_file(argv[1], evidence, sizeof(evidence));
	if (read_file(argv[2], nonce, sizeof(nonce)) != sizeof(nonce) ||
	    verify_policy_parse(text, read_file(argv[3], text, sizeof(text)), NULL, &policy,
				complain, argv[3]))
		return 2;
	if (!accepts(evidence, len)) {
		printf("FAIL unchanged: not accepted\n");
		return 1;
	}
	printf("ok unchanged: %zu bytes\n", len);
	policy.quick = true;
	failed = truncated(len);
	failed |= left_out(len);
	failed |= doubled(len);
	failed |= flipped(len);
	return failed;
}
