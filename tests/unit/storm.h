/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Four harts make calls at once, and run guests, on a machine that machine_boot() has made.
 */
#ifndef STORM_H
#define STORM_H

#include "machine.h"

#define STORM_HARTS 4U
#define STORM_CALLS (SBI_COVH_TVM_REMOVE_PAGES + 1)

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define STORM_TSAN true
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define STORM_TSAN true
#endif
#ifndef STORM_TSAN
#define STORM_TSAN false
#endif

/**
 * struct storm_counts - of all harts
 * @made, @done: COVH calls by number, and those that succeeded
 * @traps: of guests, @marks: that they left in their memory
 */
struct storm_counts {
	unsigned long made[STORM_CALLS], done[STORM_CALLS];
	unsigned long traps, marks;
};

/**
 * storm_seen - called with each COVH call, by its hart: @fid has returned @rc while another hart
 * made call @other, STORM_CALLS for none
 */
extern void (*storm_seen)(unsigned int fid, unsigned int other, long rc);

/** storm_random() - each hart makes @steps random steps; then the invariants hold */
void storm_random(u64 seed, unsigned int steps);

/** storm_input() - each hart's choices come from its quarter of @data */
void storm_input(const u8 *data, size_t size);

/** storm_count() - add what the last storm did to @n */
void storm_count(struct storm_counts *n);

/** storm_end() - all TVMs end, all pages go back, and no guest's word is left anywhere */
void storm_end(void);

#endif
