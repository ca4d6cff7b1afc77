/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Long calls that interrupts of the host cut into steps, and what it does in between.
 */
#ifndef CUT_H
#define CUT_H

#include "tvm.h"

/**
 * struct cut - a call that is on its way, for what is done between two steps
 * @regs: the call
 * @n: for @between to count in; 0 when the call begins
 * @t: the TVM that it is about, if any
 * @pa: the page that it is about, if any
 * @over: it is not to be made again
 */
struct cut {
	unsigned long regs[8];
	unsigned long n;
	void (*between)(struct cut *c);
	struct tvm *t;
	unsigned long pa;
	bool over;
};

long cut_up(struct cut *c, unsigned long ticks);

/**
 * struct moving - a promotion, and pages of its VM that the host gives away between two steps
 * @regs: the call
 * @ticks: that it takes
 * @leaves: @count entries of the VM's table for the pages
 * @same: pages that hold the same
 * @at: where they are, while they are the VM's
 * @t: who gets them, with what is at @theirs; 0: for its tables
 * @moves: how often that happened
 */
struct moving {
	unsigned long regs[8];
	unsigned long ticks;
	unsigned long *leaves;
	unsigned long count;
	unsigned long same;
	unsigned long at;
	struct tvm *t;
	unsigned long theirs;
	unsigned long moves;
};

long cut_and_move(struct moving *m);

#endif
