/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The roots that a policy names: a file with a certificate or a public key, or
 * the development root.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <mbedtls/pem.h>

#include "internal.h"

#define ROOT_FILE_MAX (16 * 1024)

/* The identifier and the public key that follow from the public UDS of docs/attestation.md. */
static const uint8_t development_id[VERIFY_ID_LEN] = {
	0x5f, 0xef, 0xd7, 0x3e, 0x5d, 0x94, 0xac, 0x87, 0x9e, 0xc6,
	0x08, 0xcc, 0x77, 0x05, 0x75, 0x06, 0x3a, 0x60, 0x00, 0xd2,
};

static const uint8_t development_point[VERIFY_POINT_MAX] = {
	0x04, 0x21, 0x69, 0xf0, 0x61, 0xe8, 0x69, 0x26, 0x96, 0xed, 0x56, 0xac, 0xf0, 0xc4,
	0xc0, 0x83, 0x53, 0xfe, 0xff, 0x61, 0x3b, 0x1b, 0x08, 0xcb, 0x95, 0xf9, 0xbd, 0x39,
	0x60, 0x62, 0x66, 0x46, 0xdf, 0x07, 0x8e, 0x82, 0xef, 0xa0, 0xa4, 0xd6, 0xe3, 0xd7,
	0xe7, 0x51, 0xd5, 0xc5, 0xa7, 0xfe, 0x8f, 0x94, 0x40, 0xfa, 0x22, 0xb3, 0x28, 0xa4,
	0x5c, 0x35, 0x32, 0x44, 0x20, 0x5d, 0x91, 0x19, 0x46, 0xfe, 0x81, 0x31, 0xfc, 0x19,
	0x38, 0x59, 0xf4, 0x0c, 0x17, 0xf2, 0xed, 0x94, 0x27, 0x29, 0x7f, 0x24, 0xc2, 0x3f,
	0xbf, 0xd2, 0xf5, 0x19, 0xd1, 0x69, 0xda, 0x81, 0x07, 0xa1, 0x8b, 0x43, 0x4d,
};

/** root_is_development() - whether it is the root whose secret everybody knows */
bool root_is_development(const uint8_t id[VERIFY_ID_LEN])
{
	return !memcmp(id, development_id, VERIFY_ID_LEN);
}

static int root_from_key(const struct verify_key *key, struct verify_root *root)
{
	root->has_key = true;
	root->key = *key;
	return key_id(key, root->id);
}

/** root_development() - the root of firmware that was given none */
int root_development(struct verify_root *root)
{
	struct verify_key key = { .type = KEY_P384, .point_len = sizeof(development_point) };

	memcpy(key.point, development_point, sizeof(development_point));
	return root_from_key(&key, root);
}

static int root_from_cert(struct verify_bytes der, struct verify_root *root, char *why, size_t size)
{
	struct syntax s = { .where = "certificate" };
	struct cert cert;

	if (read_cert(&s, der, false, &cert) != der.len)
		syntax_bad(&s, "bytes behind it");
	if (syntax_ok(&s) && cert.key.type != KEY_P384)
		syntax_bad(&s, "its key is not on P-384");
	if (syntax_ok(&s) && !signature_valid(&cert.key, &cert.signature))
		syntax_bad(&s, "not signed with its own key");
	if (!syntax_ok(&s)) {
		snprintf(why, size, "%s", s.text);
		return -1;
	}
	return root_from_key(&cert.key, root);
}

static int root_from_spki(struct verify_bytes der, struct verify_root *root, char *why, size_t size)
{
	struct verify_key key;

	if (!read_public_key(der, &key) || key.type != KEY_P384) {
		snprintf(why, size, "not a public key on P-384");
		return -1;
	}
	return root_from_key(&key, root);
}

static int root_from_pem(const uint8_t *text, struct verify_root *root, char *why, size_t size)
{
	static const struct {
		const char *begin, *end;
		int (*use)(struct verify_bytes der, struct verify_root *root, char *why,
			   size_t size);
	} kinds[] = {
		{ "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----", root_from_cert },
		{ "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----", root_from_spki },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		mbedtls_pem_context pem;
		size_t used;
		int ret;

		mbedtls_pem_init(&pem);
		ret = mbedtls_pem_read_buffer(&pem, kinds[i].begin, kinds[i].end, text, NULL, 0,
					      &used);
		if (!ret) {
			size_t len;
			const uint8_t *der = mbedtls_pem_get_buffer(&pem, &len);

			ret = kinds[i].use((struct verify_bytes){ der, len }, root, why, size);
			mbedtls_pem_free(&pem);
			return ret;
		}
		mbedtls_pem_free(&pem);
	}
	snprintf(why, size, "no certificate (PEM or DER) and no public key (PEM)");
	return -1;
}

/**
 * verify_key_from_pem() - a public key in PEM; 0, or -1 if there is none of a known kind
 */
int verify_key_from_pem(const char *text, struct verify_key *key)
{
	mbedtls_pem_context pem;
	size_t used, len;
	const uint8_t *der;
	int ret;

	mbedtls_pem_init(&pem);
	ret = mbedtls_pem_read_buffer(&pem, "-----BEGIN PUBLIC KEY-----",
				      "-----END PUBLIC KEY-----", (const uint8_t *)text, NULL, 0,
				      &used);
	if (!ret) {
		der = mbedtls_pem_get_buffer(&pem, &len);
		ret = read_public_key((struct verify_bytes){ der, len }, key) ? 0 : -1;
	}
	mbedtls_pem_free(&pem);
	return ret ? -1 : 0;
}

/**
 * root_from_file() - a certificate in PEM or DER, or a public key in PEM
 * @why: what is wrong with it, when the result is -1
 */
int root_from_file(const char *path, struct verify_root *root, char *why, size_t size)
{
	uint8_t data[ROOT_FILE_MAX + 1];
	FILE *file = fopen(path, "rb");
	size_t len;
	bool bad;

	if (!file) {
		snprintf(why, size, "%s", strerror(errno));
		return -1;
	}
	errno = 0;
	len = fread(data, 1, sizeof(data), file);
	bad = ferror(file);
	fclose(file);
	if (bad || len == sizeof(data)) {
		snprintf(why, size, "%s", bad ? strerror(errno) : "too long");
		return -1;
	}
	if (len && data[0] == 0x30)
		return root_from_cert((struct verify_bytes){ data, len }, root, why, size);
	data[len] = '\0';
	return root_from_pem(data, root, why, size);
}
