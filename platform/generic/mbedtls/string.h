/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Memory functions for mbedTLS; those of a few bytes become plain accesses.
 */
#ifndef COVE_STRING_H
#define COVE_STRING_H

#include <sbi/sbi_string.h>

void *cove_copy(void *dest, const void *src, size_t n);
void *cove_fill(void *dest, int c, size_t n);

#define memcpy(d, s, n) \
	(__builtin_constant_p(n) && (n) <= 8 ? __builtin_memcpy(d, s, n) : cove_copy(d, s, n))
#define memset(d, c, n)	 cove_fill(d, c, n)
#define memmove(d, s, n) sbi_memmove(d, s, n)
#define memcmp(a, b, n)	 sbi_memcmp(a, b, n)
#define strlen(s)	 sbi_strlen(s)
#define strcmp(a, b)	 sbi_strcmp(a, b)

#endif
