/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Making a TVM attestation payload, by mbedTLS. No I/O, for tools and tests.
 */
#include <string.h>

#include <mbedtls/ecp.h>
#include <mbedtls/gcm.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/platform_util.h>

#include "seal.h"

#define COORD_LEN 48
#define ID_LEN	  20

/** struct sealer - @key: of the payload */
struct sealer {
	const struct seal_request *req;
	seal_random *random;
	void *arg;
	mbedtls_ecp_group grp;
	uint8_t key[COVE_TAP_KEY_LEN];
};

static int hkdf(const uint8_t *salt, size_t salt_len, const uint8_t *ikm, size_t len,
		const char *info, uint8_t *out, size_t out_len)
{
	return mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA384), salt, salt_len, ikm, len,
			    (const uint8_t *)info, strlen(info), out, out_len);
}

/* AES-256-GCM; the tag is written behind the ciphertext. */
static int encrypt(const uint8_t *key, const uint8_t *iv, const uint8_t *aad, size_t aad_len,
		   const uint8_t *in, size_t len, uint8_t *out)
{
	mbedtls_gcm_context gcm;
	int ret;

	mbedtls_gcm_init(&gcm);
	ret = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 8 * COVE_TAP_KEY_LEN);
	if (!ret)
		ret = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, len, iv, COVE_TAP_IV_LEN,
						aad, aad_len, in, out, COVE_TAP_TAG_LEN, out + len);
	mbedtls_gcm_free(&gcm);
	return ret;
}

/* A fresh key pair, whose public half goes into @box; @x: what it and @peer agree on */
static int agree(struct sealer *s, const uint8_t *peer, struct cove_tap_lockbox *box, uint8_t *x)
{
	uint8_t shared[SEAL_POINT_LEN];
	mbedtls_ecp_point own, other, common;
	mbedtls_mpi d;
	size_t len;
	int ret;

	mbedtls_ecp_point_init(&own);
	mbedtls_ecp_point_init(&other);
	mbedtls_ecp_point_init(&common);
	mbedtls_mpi_init(&d);
	ret = mbedtls_ecp_point_read_binary(&s->grp, &other, peer, SEAL_POINT_LEN);
	if (!ret)
		ret = mbedtls_ecp_check_pubkey(&s->grp, &other);
	if (!ret)
		ret = mbedtls_ecp_gen_keypair(&s->grp, &d, &own, s->random, s->arg);
	if (!ret)
		ret = mbedtls_ecp_mul(&s->grp, &common, &d, &other, s->random, s->arg);
	if (!ret)
		ret = mbedtls_ecp_point_write_binary(&s->grp, &own, MBEDTLS_ECP_PF_UNCOMPRESSED,
						     &len, box->point, sizeof(box->point));
	if (!ret)
		ret = mbedtls_ecp_point_write_binary(&s->grp, &common, MBEDTLS_ECP_PF_UNCOMPRESSED,
						     &len, shared, sizeof(shared));
	if (!ret)
		memcpy(x, shared + 1, COORD_LEN);
	mbedtls_platform_zeroize(shared, sizeof(shared));
	mbedtls_mpi_free(&d);
	mbedtls_ecp_point_free(&common);
	mbedtls_ecp_point_free(&other);
	mbedtls_ecp_point_free(&own);
	return ret;
}

/* The payload's key for one platform */
static int make_lockbox(struct sealer *s, const uint8_t *point, struct cove_tap_lockbox *box)
{
	uint8_t x[COORD_LEN], wrap[COVE_TAP_KEY_LEN + COVE_TAP_IV_LEN];
	uint8_t sealed[COVE_TAP_KEY_LEN + COVE_TAP_TAG_LEN];
	int ret;

	box->algorithm = COVE_TAP_ALG_P384;
	ret = hkdf(NULL, 0, point, SEAL_POINT_LEN, "CDI_ID", box->id, ID_LEN);
	box->id[0] = (box->id[0] & 0x7f) | 0x40;
	if (!ret)
		ret = agree(s, point, box, x);
	if (!ret)
		ret = hkdf((uint8_t *)box, COVE_TAP_SEALED_KEY, x, sizeof(x), COVE_TAP_INFO, wrap,
			   sizeof(wrap));
	if (!ret)
		ret = encrypt(wrap, wrap + COVE_TAP_KEY_LEN, (uint8_t *)box, COVE_TAP_SEALED_KEY,
			      s->key, sizeof(s->key), sealed);
	if (!ret) {
		memcpy(box->key, sealed, sizeof(box->key));
		memcpy(box->tag, sealed + sizeof(box->key), sizeof(box->tag));
	}
	mbedtls_platform_zeroize(x, sizeof(x));
	mbedtls_platform_zeroize(wrap, sizeof(wrap));
	return ret;
}

static unsigned int count_registers(const struct seal_request *req)
{
	unsigned int i, n = 0;

	for (i = 0; i < SEAL_REGISTERS; i++)
		n += req->registers >> i & 1;
	return n;
}

static size_t payload_len(const struct seal_request *req)
{
	return sizeof(struct cove_tap_payload) +
	       count_registers(req) * sizeof(struct cove_tap_digest) + req->secret_len;
}

static void make_payload(const struct seal_request *req, uint8_t *out)
{
	struct cove_tap_payload head = {
		.flags = req->flags,
		.digests = count_registers(req),
		.secret_len = req->secret_len,
	};
	unsigned int i;

	memcpy(head.id, req->id, sizeof(head.id));
	memcpy(out, &head, sizeof(head));
	out += sizeof(head);
	for (i = 0; i < SEAL_REGISTERS; i++) {
		struct cove_tap_digest digest = { .index = i, .algorithm = COVE_TAP_HASH_SHA384 };

		if (!(req->registers >> i & 1))
			continue;
		memcpy(digest.value, req->value[i], sizeof(digest.value));
		memcpy(out, &digest, sizeof(digest));
		out += sizeof(digest);
	}
	memcpy(out, req->secret, req->secret_len);
}

/* All but the sealed payload, whose place is returned in @body */
static int make_head(struct sealer *s, uint8_t *out, size_t *body)
{
	const struct seal_request *req = s->req;
	struct cove_tap_header head = {
		.magic = COVE_TAP_MAGIC,
		.version = COVE_TAP_VERSION,
		.lockboxes = req->platforms,
		.payload_len = payload_len(req),
	};
	unsigned int i;
	int ret = 0;

	*body = cove_tap_body(req->platforms);
	head.len = *body + COVE_TAP_IV_LEN + head.payload_len + COVE_TAP_TAG_LEN;
	memcpy(out, &head, sizeof(head));
	for (i = 0; i < req->platforms && !ret; i++) {
		struct cove_tap_lockbox box = { 0 };

		ret = make_lockbox(s, req->point[i], &box);
		memcpy(out + cove_tap_body(i), &box, sizeof(box));
	}
	return ret;
}

static int make(struct sealer *s, uint8_t *out)
{
	static uint8_t plain[COVE_TAP_MAX];
	size_t body, len = payload_len(s->req);
	int ret;

	ret = s->random(s->arg, s->key, sizeof(s->key));
	if (!ret)
		ret = make_head(s, out, &body);
	if (!ret)
		ret = s->random(s->arg, out + body, COVE_TAP_IV_LEN);
	if (ret)
		return ret;
	make_payload(s->req, plain);
	ret = encrypt(s->key, out + body, out, body, plain, len, out + body + COVE_TAP_IV_LEN);
	mbedtls_platform_zeroize(plain, sizeof(plain));
	return ret;
}

int seal_tap(const struct seal_request *req, seal_random *random, void *arg,
	     uint8_t out[COVE_TAP_MAX])
{
	struct sealer s = { .req = req, .random = random, .arg = arg };
	size_t len;
	int ret;

	memset(out, 0, COVE_TAP_MAX);
	if (!req->platforms || req->platforms > COVE_TAP_MAX_LOCKBOXES || !req->secret_len ||
	    req->secret_len > SEAL_SECRET_MAX)
		return -1;
	len = cove_tap_body(req->platforms) + COVE_TAP_IV_LEN + payload_len(req) + COVE_TAP_TAG_LEN;
	if (len > COVE_TAP_MAX)
		return -1;
	mbedtls_ecp_group_init(&s.grp);
	ret = mbedtls_ecp_group_load(&s.grp, MBEDTLS_ECP_DP_SECP384R1) || make(&s, out);
	mbedtls_ecp_group_free(&s.grp);
	mbedtls_platform_zeroize(s.key, sizeof(s.key));
	if (ret)
		memset(out, 0, COVE_TAP_MAX);
	return ret ? -1 : (int)len;
}
