/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Inputs that are a byte, for the machine, and records of 8 bytes: they are
 * mutated by whole records, so that they get somewhere.
 */
#ifndef MUTATE_H
#define MUTATE_H

#include "machine.h"

#define RECORD_SIZE 8
#define PHRASE_MAX  16 /* records */

/**
 * mutate_records() - what LLVMFuzzerCustomMutator() is to do
 * @phrase: writes up to PHRASE_MAX records that belong together; returns their number
 */
size_t mutate_records(u8 *data, size_t size, size_t max, unsigned int seed,
		      unsigned int (*phrase)(void *records));

/** mutate_byte() - a random byte, for @phrase */
u8 mutate_byte(void);

/** mutate_record() - a record of random bytes, for @phrase */
void mutate_record(void *record);

/* libFuzzer's */
size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed);

#endif
