/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Watches each load and store of lib/ in the simulated RAM (clang's
 * trace-loads and trace-stores): what the monitor reads of the host's memory it
 * must read once in a call, since another hart may have changed it meanwhile.
 * And between any two of them, when no lock is held, another hart may run.
 */
#ifndef WATCH_H
#define WATCH_H

#include "machine.h"

#define WATCH_DEPTH 4

/** watch_reset() - no call is under way */
void watch_reset(void);

/**
 * watch_begin() - a call of the host begins on this hart
 * @other: called at one point of the call at which no lock is held
 * @after: how many such points are passed over first; ~0: all
 */
void watch_begin(void (*other)(void), unsigned long after);

/** watch_end() - it has ended; Return: was @other called? */
bool watch_end(void);

/** watch_pause() - the code that runs now is not the monitor's, or is again */
void watch_pause(bool pause);

/** watch_depth() - calls under way */
unsigned int watch_depth(void);

/**
 * watch_run() - a call that runs a guest begins: of the host's memory the monitor
 * may access only the calling hart's NACL memory, and read bytes that are shared
 */
void watch_run(void);

extern unsigned long watch_fetches, watch_switches;

#endif
