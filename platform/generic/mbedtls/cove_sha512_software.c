// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * mbedTLS's own compression function of SHA-512, which its build with one of
 * ours leaves out: the same source a second time, under other names, of which
 * the linker keeps only this function.
 */
#define COVE_SHA512_SOFTWARE
#define mbedtls_internal_sha512_process cove_sha512_software
#define mbedtls_sha512_init		cove_unused_sha512_init
#define mbedtls_sha512_free		cove_unused_sha512_free
#define mbedtls_sha512_clone		cove_unused_sha512_clone
#define mbedtls_sha512_starts		cove_unused_sha512_starts
#define mbedtls_sha512_update		cove_unused_sha512_update
#define mbedtls_sha512_finish		cove_unused_sha512_finish
#define mbedtls_sha512			cove_unused_sha512

#include <sha512.c>
