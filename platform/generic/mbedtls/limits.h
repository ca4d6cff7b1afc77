/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 CoveSBI contributors */
#ifndef COVE_LIMITS_H
#define COVE_LIMITS_H

#define CHAR_BIT 8
#define INT_MIN	 (-INT_MAX - 1)
#define INT_MAX	 0x7fffffff
#define UINT_MAX 0xffffffffU

#endif
