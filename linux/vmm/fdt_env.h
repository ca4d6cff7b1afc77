/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The environment for libfdt's sources when they come from a firmware tree,
 * whose own libfdt_env.h is made for firmware: included before it, it takes
 * its place.
 */
#ifndef LIBFDT_ENV_H
#define LIBFDT_ENV_H

#include <endian.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FDT_FORCE
#define FDT_BITWISE

typedef uint16_t fdt16_t;
typedef uint32_t fdt32_t;
typedef uint64_t fdt64_t;

#define fdt16_to_cpu(x) be16toh(x)
#define cpu_to_fdt16(x) htobe16(x)
#define fdt32_to_cpu(x) be32toh(x)
#define cpu_to_fdt32(x) htobe32(x)
#define fdt64_to_cpu(x) be64toh(x)
#define cpu_to_fdt64(x) htobe64(x)

#endif
