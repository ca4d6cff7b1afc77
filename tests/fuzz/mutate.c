// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Mutation by records.
 */
#include "mutate.h"

#define SHORT 4 /* records: an input that gets nowhere */

static u64 rng;

u8 mutate_byte(void)
{
	return (u8)unit_rand(&rng);
}

void mutate_record(void *record)
{
	u64 word = unit_rand(&rng);

	memcpy(record, &word, RECORD_SIZE);
}

static u8 *record_at(u8 *data, size_t i)
{
	return data + 1 + i * RECORD_SIZE;
}

static size_t insert(u8 *data, size_t n, size_t most, unsigned int (*phrase)(void *records))
{
	u8 fresh[PHRASE_MAX * RECORD_SIZE];
	unsigned int k = phrase(fresh);
	size_t where = unit_below(&rng, n + 1);

	if (n + k > most)
		return n;
	memmove(record_at(data, where + k), record_at(data, where), (n - where) * RECORD_SIZE);
	memcpy(record_at(data, where), fresh, k * RECORD_SIZE);
	return n + k;
}

static size_t remove_one(u8 *data, size_t n)
{
	size_t where = unit_below(&rng, n);

	memmove(record_at(data, where), record_at(data, where + 1), (n - where - 1) * RECORD_SIZE);
	return n - 1;
}

size_t mutate_records(u8 *data, size_t size, size_t max, unsigned int seed,
		      unsigned int (*phrase)(void *records))
{
	size_t n = size ? (size - 1) / RECORD_SIZE : 0, most = (max - 1) / RECORD_SIZE;
	unsigned int i;

	rng = seed;
	if (!size)
		data[0] = mutate_byte();
	if (n < SHORT) {
		for (i = 0; i < 2 * SHORT; i++)
			n = insert(data, n, most, phrase);
		return 1 + n * RECORD_SIZE;
	}
	switch (mutate_byte() % 8) {
	case 0:
		n = remove_one(data, n);
		break;
	case 1:
		n = (LLVMFuzzerMutate(data, 1 + n * RECORD_SIZE, max) - 1) / RECORD_SIZE;
		break;
	case 2:
	case 3:
	case 4:
		data[unit_below(&rng, 1 + n * RECORD_SIZE)] = mutate_byte();
		break;
	default:
		n = insert(data, n, most, phrase);
	}
	return 1 + n * RECORD_SIZE;
}
