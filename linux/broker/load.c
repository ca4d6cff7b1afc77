/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What cove-broker reads when it starts: key, policy, secrets.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker.h"

/* A whole file with a NUL behind it, to be freed; NULL after an error message. */
static char *read_file(const char *path, size_t max, size_t *len)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;

	if (!file) {
		say("%s: %s", path, strerror(errno));
		return NULL;
	}
	text = malloc(max + 2);
	if (text)
		*len = fread(text, 1, max + 1, file);
	if (!text || ferror(file)) {
		say("%s: %s", path, strerror(errno));
	} else if (*len > max) {
		say("%s: more than %zu bytes", path, max);
	} else {
		text[*len] = '\0';
		fclose(file);
		return text;
	}
	fclose(file);
	free(text);
	return NULL;
}

/* The directory that relative names in @path are relative to. */
static void directory_of(const char *path, char *directory, size_t size)
{
	const char *slash = strrchr(path, '/');

	snprintf(directory, size, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
}

static void complain(void *arg, unsigned int line, const char *what)
{
	say("%s:%u: %s", (const char *)arg, line, what);
}

static int load_policy(const char *path, struct verify_policy *policy)
{
	char directory[4096];
	size_t len;
	char *text = read_file(path, VERIFY_POLICY_MAX, &len);
	int ret;

	if (!text)
		return -1;
	directory_of(path, directory, sizeof(directory));
	ret = verify_policy_parse(text, len, directory, policy, complain, (void *)path);
	free(text);
	return ret;
}

static const char *take_hex(const char *digits, struct secret *secret)
{
	size_t len = strlen(digits);

	if (!len || len % 2 || strspn(digits, "0123456789abcdefABCDEF") != len)
		return "not an even number of hexadecimal digits";
	if (len / 2 > SECRET_MAX)
		return "more than 2048 bytes";
	secret->len = len / 2;
	for (size_t i = 0; i < secret->len; i++) {
		const char byte[] = { digits[2 * i], digits[2 * i + 1], '\0' };

		secret->value[i] = strtoul(byte, NULL, 16);
	}
	return NULL;
}

static const char *take_bytes(const void *data, size_t len, struct secret *secret)
{
	if (!len || len > SECRET_MAX)
		return "not 1 to 2048 bytes";
	memcpy(secret->value, data, len);
	secret->len = len;
	return NULL;
}

static const char *take_file(const char *name, const char *directory, struct secret *secret)
{
	char path[8192];
	const char *wrong;
	size_t len;
	char *text;

	snprintf(path, sizeof(path), "%s%s%s", name[0] == '/' ? "" : directory,
		 name[0] == '/' ? "" : "/", name);
	text = read_file(path, SECRET_MAX, &len);
	if (!text)
		return "its file cannot be read";
	wrong = take_bytes(text, len, secret);
	free(text);
	return wrong;
}

/* One line, which is changed; NULL or what is wrong with it. */
static const char *take_line(struct broker *broker, char *line, const char *directory)
{
	struct secret *secret = &broker->secrets[broker->nsecrets];
	char *value = strchr(line, '='), *name = strtok(line, " \t=");
	const char *wrong;

	if (!name || name[0] == '#')
		return NULL;
	if (!value || !name_valid((struct bytes){ (const uint8_t *)name, strlen(name) }))
		return "not NAME = VALUE";
	if (broker->nsecrets == SECRETS_MAX)
		return "more than 256 secrets";
	for (unsigned int i = 0; i < broker->nsecrets; i++) {
		if (!strcmp(broker->secrets[i].name, name))
			return "this name was there already";
	}
	strcpy(secret->name, name);
	value += 1 + strspn(value + 1, " \t");
	if (!strncmp(value, "text ", 5))
		wrong = take_bytes(value + 5, strlen(value + 5), secret);
	else if (!strncmp(value, "hex ", 4))
		wrong = take_hex(value + 4, secret);
	else if (value[0] == '@')
		wrong = take_file(value + 1, directory, secret);
	else
		wrong = "the value is not text, hex or @FILE";
	if (!wrong)
		broker->nsecrets++;
	return wrong;
}

static int load_secrets(const char *path, struct broker *broker)
{
	unsigned int number = 0, mistakes = 0;
	char directory[4096], *rest, *line;
	size_t len;
	char *text = read_file(path, SECRETS_FILE_MAX, &len);

	if (!text)
		return -1;
	directory_of(path, directory, sizeof(directory));
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		const char *wrong = take_line(broker, line, directory);

		number++;
		if (wrong) {
			say("%s:%u: %s", path, number, wrong);
			mistakes++;
		}
	}
	explicit_bzero(text, len);
	free(text);
	return mistakes ? -1 : 0;
}

/**
 * broker_load() - read the files of the command line
 *
 * Returns 0, or -1 after an error message.
 */
int broker_load(const struct options *opt, struct broker *broker)
{
	char why[100];

	if (secure_init()) {
		say("no random numbers");
		return -1;
	}
	mbedtls_ecp_keypair_init(&broker->key);
	if (key_read_file(opt->key, true, &broker->key, why, sizeof(why))) {
		say("--key %s: %s", opt->key, why);
		return -1;
	}
	return load_policy(opt->policy, &broker->policy) || load_secrets(opt->secrets, broker) ? -1
											       : 0;
}
