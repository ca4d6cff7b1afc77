/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 CoveSBI contributors */
#define CHAR_BIT  8
#define INT_MAX	  0x7fffffff
#define UINT_MAX  0xffffffffU
#define LONG_MAX  0x7fffffffffffffffL
#define ULONG_MAX 0xffffffffffffffffUL
