/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What mbedTLS expects of a C library, on OpenSBI's types.
 */
#ifndef COVE_STDINT_H
#define COVE_STDINT_H

#include <sbi/sbi_types.h>

#define UINT32_MAX 0xffffffffU
#define UINT64_MAX (~0UL)
#define INT64_MAX  0x7fffffffffffffffL
#define SIZE_MAX   (~0UL)

#endif
