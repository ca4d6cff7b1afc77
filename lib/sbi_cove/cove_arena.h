/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Memory for mbedTLS: each user brings its own, so that harts sign at the same
 * time and none can use up what another needs.
 */
#ifndef COVE_ARENA_H
#define COVE_ARENA_H

#include <cove_arch.h>

#define COVE_ARENA_ALIGN 16UL

/**
 * struct cove_arena - a heap within given memory
 * @used, @peak: bytes in use, headers included, now and at most
 */
struct cove_arena {
	u8 *base;
	size_t size;
	size_t used;
	size_t peak;
};

/** cove_arena_init() - an empty heap in @size bytes at @mem, aligned to COVE_ARENA_ALIGN */
void cove_arena_init(struct cove_arena *arena, void *mem, size_t size);

/**
 * cove_arena_select() - the calling hart allocates from @arena from now on
 * @arena: NULL: no allocation succeeds
 *
 * Return: from which it did before
 */
struct cove_arena *cove_arena_select(struct cove_arena *arena);

/** cove_wipe() - erase secrets; the compiler does not leave it out */
void cove_wipe(void *mem, size_t len);

#endif
