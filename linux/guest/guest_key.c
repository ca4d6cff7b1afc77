// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * get_evidence certifies a public key. Users of the report interface have none:
 * they bind what they like by their inblob. Each of their reports gets a fresh
 * P-384 key whose private half is erased here at once.
 */
#include <linux/string.h>
#include <crypto/ecdh.h>
#include <crypto/internal/ecc.h>
#include "guest.h"

#define P384_BYTES 48

/* {1: 2, -1: 2, -2: x, -3: y}: EC2 on P-384 (RFC 9053, 7.1.1) */
static const u8 head[] = { 0xa4, 0x01, 0x02, 0x20, 0x02, 0x21, 0x58, P384_BYTES };
static const u8 middle[] = { 0x22, 0x58, P384_BYTES };

/**
 * guest_key_make() - the COSE_Key of a fresh key pair
 *
 * Return: its length or an error of the kernel's cryptography
 */
int guest_key_make(u8 cose_key[COVE_GUEST_MAX_KEY])
{
	u64 private[ECC_CURVE_NIST_P384_DIGITS], public[2 * ECC_CURVE_NIST_P384_DIGITS];
	u8 *x = cose_key + sizeof(head), *y = x + P384_BYTES + sizeof(middle);
	int ret;

	ret = ecc_gen_privkey(ECC_CURVE_NIST_P384, ECC_CURVE_NIST_P384_DIGITS, private);
	if (!ret)
		ret = ecc_make_pub_key(ECC_CURVE_NIST_P384, ECC_CURVE_NIST_P384_DIGITS, private,
				       public);
	memzero_explicit(private, sizeof(private));
	if (ret)
		return ret;
	memcpy(cose_key, head, sizeof(head));
	memcpy(x, public, P384_BYTES); /* big-endian already */
	memcpy(x + P384_BYTES, middle, sizeof(middle));
	memcpy(y, (u8 *)public + P384_BYTES, P384_BYTES);
	return y + P384_BYTES - cose_key;
}
