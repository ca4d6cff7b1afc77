# SPDX-License-Identifier: BSD-2-Clause
#
# Copyright (c) 2026 CoveSBI contributors
#
# What lib/ takes of mbedTLS (MBEDTLS_SRC/library) and of tinycbor (TINYCBOR_SRC/src), firmware and
# native builds alike; the configuration is platform/generic/mbedtls/cove_mbedtls_config.h.

crypto-mbedtls := aes asn1parse asn1write bignum bignum_core block_cipher constant_time ecdsa ecp \
	ecp_curves gcm hkdf hmac_drbg md platform_util sha512
crypto-tinycbor := cborencoder cborencoder_close_container_checked cborparser
# Hostile CBOR is parsed on a small stack.
crypto-cflags := -DCBOR_NO_FLOATING_POINT -DCBOR_PARSER_MAX_RECURSIONS=4
