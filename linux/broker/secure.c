/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Keys, key agreement and signatures of the protocol, by mbedTLS. Functions
 * return 0, or an error of mbedTLS.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ecdh.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/entropy.h>
#include <mbedtls/gcm.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>

#include "protocol.h"

#define GROUP	MBEDTLS_ECP_DP_SECP384R1
#define KEY_LEN 32
#define IV_LEN	12

/* COSE_Key of P-384: {1: 2, -1: 2, -2: x, -3: y} */
static const uint8_t cose_head[] = { 0xa4, 0x01, 0x02, 0x20, 0x02, 0x21, 0x58, COORD_LEN };
static const uint8_t cose_middle[] = { 0x22, 0x58, COORD_LEN };

_Static_assert(sizeof(cose_head) + sizeof(cose_middle) + 2 * COORD_LEN == COSE_KEY_LEN, "COSE_Key");

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context drbg;

/** secure_init() - seed the generator of this process; after fork() again */
int secure_init(void)
{
	mbedtls_entropy_init(&entropy);
	mbedtls_ctr_drbg_init(&drbg);
	return mbedtls_ctr_drbg_seed(&drbg, mbedtls_entropy_func, &entropy, NULL, 0);
}

/** secure_random() - the generator, as mbedTLS wants one */
int secure_random(void *unused, unsigned char *out, size_t len)
{
	(void)unused;
	return mbedtls_ctr_drbg_random(&drbg, out, len);
}

/** exchange_begin() - a new transcript; SHA-384 of mbedTLS cannot fail */
void exchange_begin(struct exchange *x)
{
	mbedtls_sha512_init(&x->transcript);
	mbedtls_sha512_starts(&x->transcript, 1);
}

/** exchange_frame() - the next frame, without its length */
void exchange_frame(struct exchange *x, const uint8_t *frame, size_t len)
{
	mbedtls_sha512_update(&x->transcript, frame, len);
}

/** exchange_end() - hash of all frames */
void exchange_end(struct exchange *x, uint8_t transcript[HASH_LEN])
{
	mbedtls_sha512_finish(&x->transcript, transcript);
	mbedtls_sha512_free(&x->transcript);
}

/** key_generate() - a fresh key pair */
int key_generate(mbedtls_ecp_keypair *key)
{
	return mbedtls_ecp_gen_key(GROUP, key, secure_random, NULL);
}

/** key_to_cose() - the public half */
int key_to_cose(const mbedtls_ecp_keypair *key, uint8_t cose[COSE_KEY_LEN])
{
	uint8_t *x = cose + sizeof(cose_head), *y = x + COORD_LEN + sizeof(cose_middle);
	uint8_t point[POINT_LEN];
	size_t len;
	int ret;

	ret = mbedtls_ecp_write_public_key(key, MBEDTLS_ECP_PF_UNCOMPRESSED, &len, point,
					   sizeof(point));
	if (ret)
		return ret;
	memcpy(cose, cose_head, sizeof(cose_head));
	memcpy(x, point + 1, COORD_LEN);
	memcpy(x + COORD_LEN, cose_middle, sizeof(cose_middle));
	memcpy(y, point + 1 + COORD_LEN, COORD_LEN);
	return 0;
}

/** key_from_cose() - its point, not yet looked at; -1 for anything but a P-384 key */
int key_from_cose(struct bytes cose, uint8_t point[POINT_LEN])
{
	const uint8_t *x = cose.data + sizeof(cose_head), *middle = x + COORD_LEN;

	if (cose.len != COSE_KEY_LEN || memcmp(cose.data, cose_head, sizeof(cose_head)) ||
	    memcmp(middle, cose_middle, sizeof(cose_middle)))
		return -1;
	point[0] = 0x04;
	memcpy(point + 1, x, COORD_LEN);
	memcpy(point + 1 + COORD_LEN, middle + sizeof(cose_middle), COORD_LEN);
	return 0;
}

/**
 * key_read_file() - a P-384 key from a PEM file
 * @private: of a private key, else of a public one
 * @why: after an error, what is wrong
 *
 * Returns 0 or -1.
 */
int key_read_file(const char *path, bool private, mbedtls_ecp_keypair *key, char *why, size_t size)
{
	unsigned char pem[8192];
	mbedtls_pk_context pk;
	FILE *file = fopen(path, "r");
	size_t len;
	int ret;

	if (!file) {
		snprintf(why, size, "%s", strerror(errno));
		return -1;
	}
	len = fread(pem, 1, sizeof(pem) - 1, file);
	fclose(file);
	pem[len++] = '\0';
	mbedtls_pk_init(&pk);
	ret = private ? mbedtls_pk_parse_key(&pk, pem, len, NULL, 0, secure_random, NULL)
		      : mbedtls_pk_parse_public_key(&pk, pem, len);
	mbedtls_platform_zeroize(pem, sizeof(pem));
	if (!ret && mbedtls_pk_get_type(&pk) == MBEDTLS_PK_ECKEY &&
	    mbedtls_ecp_keypair_get_group_id(mbedtls_pk_ec(pk)) == GROUP)
		ret = mbedtls_ecp_group_copy(&key->private_grp, &mbedtls_pk_ec(pk)->private_grp) ||
		      mbedtls_mpi_copy(&key->private_d, &mbedtls_pk_ec(pk)->private_d) ||
		      mbedtls_ecp_copy(&key->private_Q, &mbedtls_pk_ec(pk)->private_Q);
	else
		ret = -1;
	mbedtls_pk_free(&pk);
	if (ret)
		snprintf(why, size, "no %s key on P-384 in PEM", private ? "private" : "public");
	return ret ? -1 : 0;
}

/* Key and IV for the secret, from our key pair and the point of the other. */
static int derive(mbedtls_ecp_keypair *own, const uint8_t peer[POINT_LEN],
		  const uint8_t transcript[HASH_LEN], uint8_t out[KEY_LEN + IV_LEN])
{
	static const unsigned char info[] = "cove-key-broker-v1";
	uint8_t shared[COORD_LEN];
	mbedtls_ecp_point point;
	mbedtls_mpi z;
	int ret;

	mbedtls_ecp_point_init(&point);
	mbedtls_mpi_init(&z);
	ret = mbedtls_ecp_point_read_binary(&own->private_grp, &point, peer, POINT_LEN);
	if (!ret)
		ret = mbedtls_ecp_check_pubkey(&own->private_grp, &point);
	if (!ret)
		ret = mbedtls_ecdh_compute_shared(&own->private_grp, &z, &point, &own->private_d,
						  secure_random, NULL);
	if (!ret)
		ret = mbedtls_mpi_write_binary(&z, shared, sizeof(shared));
	if (!ret)
		ret = mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA384), transcript,
				   HASH_LEN, shared, sizeof(shared), info, sizeof(info) - 1, out,
				   KEY_LEN + IV_LEN);
	mbedtls_platform_zeroize(shared, sizeof(shared));
	mbedtls_mpi_free(&z);
	mbedtls_ecp_point_free(&point);
	return ret;
}

static int gcm_begin(mbedtls_gcm_context *gcm, const uint8_t keys[KEY_LEN + IV_LEN])
{
	mbedtls_gcm_init(gcm);
	return mbedtls_gcm_setkey(gcm, MBEDTLS_CIPHER_ID_AES, keys, 8 * KEY_LEN);
}

/**
 * seal() - encrypt for whoever has the private half of @peer
 * @sealed: room for the secret and TAG_LEN bytes more
 */
int seal(mbedtls_ecp_keypair *own, const uint8_t peer[POINT_LEN],
	 const uint8_t transcript[HASH_LEN], struct bytes secret, uint8_t *sealed)
{
	uint8_t keys[KEY_LEN + IV_LEN];
	mbedtls_gcm_context gcm;
	int ret = derive(own, peer, transcript, keys);

	if (ret)
		return ret;
	ret = gcm_begin(&gcm, keys);
	if (!ret)
		ret = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, secret.len,
						keys + KEY_LEN, IV_LEN, transcript, HASH_LEN,
						secret.data, sealed, TAG_LEN, sealed + secret.len);
	mbedtls_gcm_free(&gcm);
	mbedtls_platform_zeroize(keys, sizeof(keys));
	return ret;
}

/**
 * unseal() - undo seal()
 * @sealed: at least TAG_LEN bytes
 * @secret: room for TAG_LEN bytes less
 */
int unseal(mbedtls_ecp_keypair *own, const uint8_t peer[POINT_LEN],
	   const uint8_t transcript[HASH_LEN], struct bytes sealed, uint8_t *secret)
{
	uint8_t keys[KEY_LEN + IV_LEN];
	size_t len = sealed.len - TAG_LEN;
	mbedtls_gcm_context gcm;
	int ret = derive(own, peer, transcript, keys);

	if (ret)
		return ret;
	ret = gcm_begin(&gcm, keys);
	if (!ret)
		ret = mbedtls_gcm_auth_decrypt(&gcm, len, keys + KEY_LEN, IV_LEN, transcript,
					       HASH_LEN, sealed.data + len, TAG_LEN, sealed.data,
					       secret);
	mbedtls_gcm_free(&gcm);
	mbedtls_platform_zeroize(keys, sizeof(keys));
	return ret;
}

/* What the broker signs, hashed. */
static void answer_hash(const uint8_t transcript[HASH_LEN], struct bytes ephemeral,
			struct bytes sealed, uint8_t hash[HASH_LEN])
{
	struct exchange x;

	exchange_begin(&x);
	exchange_frame(&x, transcript, HASH_LEN);
	exchange_frame(&x, ephemeral.data, ephemeral.len);
	exchange_frame(&x, sealed.data, sealed.len);
	exchange_end(&x, hash);
}

/** answer_sign() - the signature of MESSAGE_SECRET */
int answer_sign(mbedtls_ecp_keypair *broker, const uint8_t transcript[HASH_LEN],
		struct bytes ephemeral, struct bytes sealed, uint8_t signature[SIGNATURE_LEN])
{
	uint8_t hash[HASH_LEN];
	mbedtls_mpi r, s;
	int ret;

	answer_hash(transcript, ephemeral, sealed, hash);
	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	ret = mbedtls_ecdsa_sign_det_ext(&broker->private_grp, &r, &s, &broker->private_d, hash,
					 HASH_LEN, MBEDTLS_MD_SHA384, secure_random, NULL);
	if (!ret)
		ret = mbedtls_mpi_write_binary(&r, signature, COORD_LEN);
	if (!ret)
		ret = mbedtls_mpi_write_binary(&s, signature + COORD_LEN, COORD_LEN);
	mbedtls_mpi_free(&r);
	mbedtls_mpi_free(&s);
	return ret;
}

/** answer_check() - whether @broker signed this MESSAGE_SECRET in this exchange */
int answer_check(mbedtls_ecp_keypair *broker, const uint8_t transcript[HASH_LEN],
		 const struct message *answer)
{
	const struct bytes *signature = &answer->field[2];
	uint8_t hash[HASH_LEN];
	mbedtls_mpi r, s;
	int ret = -1;

	if (signature->len != SIGNATURE_LEN)
		return -1;
	answer_hash(transcript, answer->field[0], answer->field[1], hash);
	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	if (!mbedtls_mpi_read_binary(&r, signature->data, COORD_LEN) &&
	    !mbedtls_mpi_read_binary(&s, signature->data + COORD_LEN, COORD_LEN))
		ret = mbedtls_ecdsa_verify(&broker->private_grp, hash, HASH_LEN, &broker->private_Q,
					   &r, &s);
	mbedtls_mpi_free(&r);
	mbedtls_mpi_free(&s);
	return ret;
}
