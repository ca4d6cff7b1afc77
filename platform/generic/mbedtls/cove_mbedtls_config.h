/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * mbedTLS for M-mode: SHA-384, no allocator, no I/O.
 */
#ifndef COVE_MBEDTLS_CONFIG_H
#define COVE_MBEDTLS_CONFIG_H

#define MBEDTLS_SHA384_C
#define MBEDTLS_PLATFORM_ZEROIZE_ALT
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS

#endif
