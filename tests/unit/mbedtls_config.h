/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * mbedTLS for the native build of lib/sbi_cove: as in the firmware, SHA-384 alone.
 */
#ifndef COVE_UNIT_MBEDTLS_CONFIG_H
#define COVE_UNIT_MBEDTLS_CONFIG_H

#define MBEDTLS_SHA384_C

#endif
