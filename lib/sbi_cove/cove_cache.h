/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Cache-block operations on whole pages.
 */
#ifndef COVE_CACHE_H
#define COVE_CACHE_H

#include <cove_arch.h>

struct cove_hart_features;

void cove_cache_init(const struct cove_hart_features *features);
u32 cove_cache_zero_block(void);
bool cove_cache_zero(u64 pa, u64 len);
void cove_cache_flush(u64 pa, u64 len);

#endif
