/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * mbedTLS for `cove`: SHA-384 and nothing else.
 */
#define MBEDTLS_SHA384_C
