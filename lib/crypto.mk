# SPDX-License-Identifier: BSD-2-Clause
#
# Copyright (c) 2026 CoveSBI contributors
#
# What lib/ takes of mbedTLS (MBEDTLS_SRC/library), of tinycbor (TINYCBOR_SRC/src) and of libsodium
# (SODIUM_SRC/src/libsodium), firmware and native builds alike; the configuration of mbedTLS is
# platform/generic/mbedtls/cove_mbedtls_config.h.

crypto-mbedtls := aes asn1parse asn1write bignum bignum_core block_cipher constant_time ecdsa ecp \
	ecp_curves gcm hkdf hmac_drbg md platform_util sha512
crypto-tinycbor := cborencoder cborencoder_close_container_checked cborparser
# Hostile CBOR is parsed on a small stack.
crypto-cflags := -DCBOR_NO_FLOATING_POINT -DCBOR_PARSER_MAX_RECURSIONS=4

# lib/sodium/cove_sodium.c is all of it, and wants sections that the linker can drop.
crypto-sodium-dirs := include/sodium crypto_core/ed25519/ref10 crypto_sign/ed25519/ref10
# Numbers of 128 bits; what configure would say otherwise is not asked for.
crypto-sodium-cflags := -DCONFIGURED=1 -DHAVE_TI_MODE=1 -DSODIUM_STATIC
