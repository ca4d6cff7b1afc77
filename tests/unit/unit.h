/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the unit tests share.
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <cove_arch.h>

/** unit_seed() - the seed of a randomized test: COVE_TEST_SEED or @fallback; prints it */
static inline u64 unit_seed(u64 fallback)
{
	const char *env = getenv("COVE_TEST_SEED");
	u64 value = env ? strtoull(env, NULL, 0) : fallback;

	print_message("# COVE_TEST_SEED=%lu\n", value);
	return value;
}

/** unit_rand() - next number of the sequence that @state holds (splitmix64) */
static inline u64 unit_rand(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15UL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
	return z ^ (z >> 31);
}

/** unit_below() - a number in [0, n) */
static inline u64 unit_below(u64 *state, u64 n)
{
	return unit_rand(state) % n;
}

#endif
