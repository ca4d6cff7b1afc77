/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * How a fuzzer starts; included once by each of them, which has a report().
 */
#ifndef START_H
#define START_H

#include <cove/defence.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void report(void);

#ifdef COVE_TEST_WEAKEN
#define NAME_OF(name) #name,

bool cove_without[COVE_DEFENCE_COUNT];

/* To see that defences are missed when they are gone: FUZZ_WITHOUT names one, or "none". */
static void weaken(void)
{
	static const char *const names[] = { COVE_DEFENCES(NAME_OF) };
	const char *name = getenv("FUZZ_WITHOUT");
	unsigned int i;

	if (name && !strcmp(name, "none"))
		return;
	for (i = 0; i < COVE_DEFENCE_COUNT; i++) {
		if (name && !strcmp(name, names[i])) {
			cove_without[i] = true;
			return;
		}
	}
	fprintf(stderr, "FUZZ_WITHOUT: no such defence: %s\n", name ? name : "(unset)");
	exit(2);
}
#else
static void weaken(void)
{
}
#endif

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	setenv("CMOCKA_TEST_ABORT", "1", 1); /* machine.c asserts with cmocka */
	weaken();
	return atexit(report);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#endif
