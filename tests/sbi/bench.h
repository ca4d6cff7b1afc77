/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Counting instructions: shared by the files of bench.elf.
 */
#ifndef BENCH_H
#define BENCH_H

#include "tvm.h"

#define ROUNDS 256

/** instret() - instructions that this hart has retired, in all modes while they count */
unsigned long instret(void);

/** figure() - print a result under its name */
void figure(const char *name, unsigned long instructions);

struct count {
	unsigned long instructions;
	unsigned long ticks;
};

/** bench_guest() - a TVM whose guest exits for ever */
bool bench_guest(struct tvm *t, enum bench_kind kind);

/** bench_run() - one run: how it ended, what it took */
bool bench_run(struct tvm *t, unsigned long *cause, struct count *sum);

/** bench_curve() - what a call and an exit cost with more and more TVMs (option curve=) */
void bench_curve(void);

/** bench_exits() - what exits of a guest cost, and what it is served without one */
void bench_exits(void);

#endif
