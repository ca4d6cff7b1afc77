// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What an exit costs must not depend on how much there is: the same round trip
 * among more and more TVMs. Harts and memory are what QEMU is told.
 */
#include "bench.h"

#define MAX_TVMS 64
#define TURNS	 32
#define WARM_UP	 4

static struct tvm tvms[MAX_TVMS];

/* Of calls to the host; the TVMs take turns. */
static unsigned long round_trip(unsigned int n)
{
	unsigned long cause, sum = 0, counted = 0;
	unsigned int i, turn;
	struct count c;

	for (turn = 0; turn < TURNS + WARM_UP; turn++) {
		for (i = 0; i < n; i++) {
			if (!bench_run(&tvms[i], &cause, &c))
				return 0;
			if (turn < WARM_UP || cause != CAUSE_VECALL)
				continue;
			sum += c.instructions;
			counted++;
		}
	}
	return counted ? sum / counted : 0;
}

void bench_curve(void)
{
	unsigned int n, have = 0;

	answer(0, 0);
	for (n = 1; n <= MAX_TVMS; n *= 2) {
		for (; have < n; have++)
			if (!bench_guest(&tvms[have], BENCH_EXITS))
				return;
		print("figure %u_tvms_ecall_round_trip %lu\n", n, round_trip(n));
	}
	if (!tvm_destroy_all() || !mem_reset())
		print("FAIL bench: the TVMs cannot be destroyed\n");
}
