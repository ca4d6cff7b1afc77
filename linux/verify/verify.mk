# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# What the verifier consists of, for makefiles that build it: its own files, and
# those of mbedTLS (library/) and tinycbor (src/), all without .c. ed25519.c includes what it takes
# of libsodium, whose source tree is SODIUM_SRC.

verify-objs := cbor check crypto ed25519 evidence policy report root x509
verify-mbedtls := asn1parse asn1write base64 bignum bignum_core constant_time ecdsa ecp ecp_curves hkdf md \
	pem platform_util sha512
verify-tinycbor := cborencoder cborencoder_close_container_checked cborerrorstrings cborparser \
	cborvalidation
# Deep nesting is not evidence, nor are floating-point numbers.
verify-cflags := -DCBOR_NO_FLOATING_POINT -DCBOR_PARSER_MAX_RECURSIONS=12

ifeq ($(SODIUM_SRC),)
$(error say where libsodium is: SODIUM_SRC=DIR)
endif
verify-lib := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))../../lib)
include $(verify-lib)/crypto.mk
verify-cflags += -I$(verify-lib)/sodium $(crypto-sodium-dirs:%=-isystem $(SODIUM_SRC)/src/libsodium/%) \
	$(crypto-sodium-cflags)
