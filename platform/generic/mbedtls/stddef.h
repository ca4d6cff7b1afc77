/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 CoveSBI contributors */
#ifndef COVE_STDDEF_H
#define COVE_STDDEF_H

#include <sbi/sbi_types.h>

typedef long ptrdiff_t;

#endif
