/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Long work of M-mode that gives way in the middle of a library's functions: it has a
 * stack of its own, in pages of its TVM, and is left there when something else is urgent.
 */
#ifndef COVE_JOB_H
#define COVE_JOB_H

#include <cove_arch.h>

struct tvm;
struct cove_arena;

#define COVE_JOB_PAGES 3

/* What a part of the work weighs; after COVE_JOB_PATIENCE of them the hart looks up. */
#define COVE_JOB_PATIENCE 64
#define COVE_JOB_COPY	  4
#define COVE_JOB_PRODUCT  24
#define COVE_JOB_BLOCK	  64 /* of SHA-512 in software */
#define COVE_JOB_BYTES	  32 /* of a copy for each that it weighs more */

/**
 * struct cove_job - work on its way, at the end of its pages; its stack is below it
 * @sp: of its stack while it has given way; 0: there is no such work
 * @back: stack of the hart that works on it
 * @patience: weight of the work until the hart looks up
 * @arena: that the work takes memory from
 */
struct cove_job {
	unsigned long sp;
	unsigned long back;
	int patience;
	struct tvm *tvm;
	long (*fn)(struct tvm *tvm);
	long rc;
	struct cove_arena *arena;
};

/* What its stack was too small for is not gone on with. */
#define COVE_JOB_OVERRUN 2

/**
 * cove_job_run() - begin work for @tvm, or go on with what has given way
 * @fn: the work; all that it uses is on its stack or in the TVM. Other harts may go on with it,
 *	so it keeps nothing of the hart. It holds no lock but the TVM's, which the caller
 *	releases between steps
 *
 * Return: COVE_AGAIN when it has given way, COVE_JOB_OVERRUN: the caller calls cove_job_spoilt()
 * with the TVM locked and sees to it that the TVM is not used any more; or what @fn returns
 */
long cove_job_run(struct tvm *tvm, long (*fn)(struct tvm *tvm));

/**
 * cove_job_step() - the same for a call of the host, with the TVM locked
 *
 * Return: FAILED also when the stack was too small; the TVM can only be destroyed then
 */
long cove_job_step(struct tvm *tvm, long (*fn)(struct tvm *tvm));

/** cove_job_drop() - nobody goes on with it; what is on its stack is erased */
void cove_job_drop(struct tvm *tvm);

/** cove_job_spoilt() - its stack was too small: all that it may have written over is erased */
void cove_job_spoilt(struct tvm *tvm);

/** cove_job_look_up() - give way if something else is urgent */
void cove_job_look_up(struct cove_job *job);

#endif
