// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Tokens of the boot: of the platform and of the monitor (docs/attestation.md,
 * evidence).
 */
#include "cove_arena.h"
#include "cove_attest.h"
#include "cove_dice.h"
#include "cove_internal.h"

#define PROFILE	     "https://riscv.org/TBD"
#define HASH_NAME    "sha-384"
#define PAYLOAD_MAX  768U
#define DECIMALS_MAX 20U

static CborError both(CborError a, CborError b)
{
	return a ? a : b;
}

static CborError put_key(CborEncoder *map, int label, struct cove_key key)
{
	u8 cose[COVE_COSE_KEY_MAX];
	CborEncoder enc;
	CborError e;

	cbor_encoder_init(&enc, cose, sizeof(cose), 0);
	e = cove_cose_key_encode(&enc, &key);
	e = both(e, cbor_encode_int(map, label));
	return both(e,
		    cbor_encode_byte_string(map, cose, cbor_encoder_get_buffer_size(&enc, cose)));
}

static CborError put_decimal(CborEncoder *map, u64 n)
{
	char text[DECIMALS_MAX];
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	return cbor_encode_text_string(map, text + at, sizeof(text) - at);
}

static CborError put_component(CborEncoder *array, const struct cove_component *sw)
{
	static const u8 nobody[COVE_HASH_LEN];
	CborEncoder map;
	CborError e;

	e = cbor_encoder_create_map(array, &map, 7);
	e = both(e, cbor_encode_int(&map, 1));
	e = both(e, cbor_encode_text_stringz(&map, sw->type));
	e = both(e, cbor_encode_int(&map, 2));
	e = both(e, cove_cose_measurement(&map, sw->reg, sw->value));
	e = both(e, cbor_encode_int(&map, 3));
	e = both(e, put_decimal(&map, sw->svn));
	e = both(e, cbor_encode_int(&map, 4));
	e = both(e, cbor_encode_byte_string(&map, sw->manifest, COVE_HASH_LEN));
	e = both(e, cbor_encode_int(&map, 5));
	e = both(e, cbor_encode_byte_string(&map, nobody, sizeof(nobody)));
	e = both(e, cbor_encode_int(&map, 6));
	e = both(e, cbor_encode_text_stringz(&map, HASH_NAME));
	e = both(e, cbor_encode_int(&map, 7));
	e = both(e, cbor_encode_text_stringz(&map, sw->version));
	return both(e, cbor_encoder_close_container(array, &map));
}

static CborError put_components(CborEncoder *map, int label, const struct cove_component *sw,
				size_t n)
{
	CborEncoder array;
	CborError e;
	size_t i;

	e = cbor_encode_int(map, label);
	e = both(e, cbor_encoder_create_array(map, &array, n));
	for (i = 0; i < n; i++)
		e = both(e, put_component(&array, &sw[i]));
	return both(e, cbor_encoder_close_container(map, &array));
}

static long sign_token(const u8 *kid, const struct cove_layer_key *signer,
		       struct cove_bytes payload, void *mem, u8 *buf, size_t size)
{
	u8 digest[COVE_HASH_LEN], sig[COVE_SIG_LEN];
	CborEncoder enc;

	cove_cose_digest(kid, payload, digest);
	if (cove_key_sign(signer->d, digest, mem, sig))
		return COVE_ERR_FAILED;
	cbor_encoder_init(&enc, buf, size, 0);
	if (cove_cose_sign1(&enc, COVE_ES384, kid, payload, sig))
		return COVE_ERR_FAILED;
	return (long)cbor_encoder_get_buffer_size(&enc, buf);
}

long cove_platform_token(const struct cove_rot *rot, const struct cove_layer_key *uds,
			 const struct cove_layer_key *platform,
			 const struct cove_component *firmware, void *mem, u8 *buf, size_t size)
{
	u8 payload[PAYLOAD_MAX];
	struct cove_bytes bytes = { payload, 0 };
	CborEncoder enc, map;
	CborError e;

	cbor_encoder_init(&enc, payload, sizeof(payload), 0);
	e = cbor_encode_tag(&enc, COVE_TAG_CWT);
	e = both(e, cbor_encoder_create_map(&enc, &map, 5));
	e = both(e, cbor_encode_int(&map, COVE_CLAIM_PROFILE));
	e = both(e, cbor_encode_text_stringz(&map, PROFILE));
	e = both(e, put_key(&map, COVE_CLAIM_PLATFORM_KEY, cove_layer_public(platform)));
	e = both(e, cbor_encode_int(&map, COVE_CLAIM_MANUFACTURER));
	e = both(e, cbor_encode_byte_string(&map, rot->manufacturer, COVE_ROT_MANUFACTURER_LEN));
	e = both(e, cbor_encode_int(&map, COVE_CLAIM_STATE));
	e = both(e, cbor_encode_uint(&map, rot->state));
	e = both(e, put_components(&map, COVE_CLAIM_PLATFORM_SW, firmware, 1));
	e = both(e, cbor_encoder_close_container(&enc, &map));
	if (e)
		return COVE_ERR_FAILED;
	bytes.len = cbor_encoder_get_buffer_size(&enc, payload);
	return sign_token(uds->id, uds, bytes, mem, buf, size);
}

long cove_tsm_token(const struct cove_layer_key *platform, struct cove_key tsm,
		    const struct cove_layer_key *tap, const struct cove_component sw[2], void *mem,
		    u8 *buf, size_t size)
{
	u8 payload[PAYLOAD_MAX];
	struct cove_bytes bytes = { payload, 0 };
	CborEncoder enc, map;
	CborError e;

	cbor_encoder_init(&enc, payload, sizeof(payload), 0);
	e = cbor_encode_tag(&enc, COVE_TAG_CWT);
	e = both(e, cbor_encoder_create_map(&enc, &map, 3));
	e = both(e, put_key(&map, COVE_CLAIM_TSM_KEY, tsm));
	e = both(e, put_components(&map, COVE_CLAIM_TSM_SW, sw, 2));
	e = both(e, put_key(&map, COVE_CLAIM_TAP_KEY, cove_layer_public(tap)));
	e = both(e, cbor_encoder_close_container(&enc, &map));
	if (e)
		return COVE_ERR_FAILED;
	bytes.len = cbor_encoder_get_buffer_size(&enc, payload);
	return sign_token(NULL, platform, bytes, mem, buf, size);
}
