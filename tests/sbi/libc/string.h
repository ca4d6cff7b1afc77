/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 CoveSBI contributors */
/* What mbedTLS and linux/tap want of the C library; the functions are in mem.c and seal_env.c. */
#ifndef LIBC_STRING_H
#define LIBC_STRING_H

#include <stddef.h>

void *memcpy(void *dest, const void *src, size_t n);
void *memset(void *dest, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
void *memmove(void *dest, const void *src, size_t n);

#endif
