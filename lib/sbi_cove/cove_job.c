// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Work that gives way (cove_job.h). Natively it does not: threads are interrupted.
 */
#include "cove_job.h"
#include "cove_arena.h"
#include "cove_internal.h"

#define JOB_BYTES (COVE_JOB_PAGES * COVE_PAGE_SIZE)

/*
 * From the top of the pages: the job, its stack, and as much again, below the stack's floor, that
 * is never used; the part right below the floor says whether it was. What needs more stack than
 * there is, because a compiler or a library has changed, is found out before it reaches the pages
 * below.
 */
#define JOB_SIZE ((sizeof(struct cove_job) + 15) & ~15UL)
#define SLACK	 6144
#define GUARD	 256
#define MARK	 0x6a6f627374616b21UL
#define SHORT	 1728 /* where there is no room: finalize_tvm needs less, all else more */

static u64 job_pa(const struct tvm *tvm)
{
	return tvm->state_pa + (COVE_TVM_STATE_PAGES - COVE_JOB_PAGES) * COVE_PAGE_SIZE;
}

static struct cove_job *job_of(const struct tvm *tvm)
{
	return arch_ptr(job_pa(tvm) + JOB_BYTES - JOB_SIZE);
}

static unsigned long floor_of(const struct cove_job *job)
{
	return (unsigned long)job + JOB_SIZE - JOB_BYTES + SLACK;
}

static unsigned long top_of(const struct cove_job *job)
{
	return COVE_DEFENCE(JOB_ROOM) ? (unsigned long)job : floor_of(job) + SHORT;
}

static u64 *guard_of(const struct cove_job *job)
{
	return (u64 *)(floor_of(job) - GUARD);
}

static void set_guard(const struct cove_job *job)
{
	u64 *word = guard_of(job);
	unsigned int i;

	for (i = 0; i < GUARD / sizeof(*word); i++)
		word[i] = MARK;
}

static bool guard_is_hurt(const struct cove_job *job)
{
	const u64 *word = guard_of(job);
	u64 changed = 0;
	unsigned int i;

	for (i = 0; i < GUARD / sizeof(*word); i++)
		changed |= word[i] ^ MARK;
	return changed && COVE_DEFENCE(JOB_GUARD);
}

static void leave(struct cove_job *job, long rc)
{
	unsigned long done;

	job->rc = rc;
	job->sp = 0;
	arch_stack_switch(&done, job->back);
}

static void work(void *arg)
{
	struct cove_job *job = arg;

	leave(job, job->fn(job->tvm));
}

long cove_job_run(struct tvm *tvm, long (*fn)(struct tvm *tvm))
{
	struct cove_hart *hart = cove_this_hart();
	struct cove_job *job = job_of(tvm);

	if (!ARCH_STACKS)
		return fn(tvm);
	if (!job->sp) {
		job->tvm = tvm;
		job->fn = fn;
		set_guard(job);
		job->sp = arch_stack_new(top_of(job), work, job);
	}
	job->patience = COVE_JOB_PATIENCE;
	hart->job = job;
	arch_stack_switch(&job->back, job->sp);
	hart->job = NULL;
	if (unlikely(guard_is_hurt(job)))
		return COVE_JOB_OVERRUN;
	return job->sp ? COVE_AGAIN : job->rc;
}

long cove_job_step(struct tvm *tvm, long (*fn)(struct tvm *tvm))
{
	long rc = cove_job_run(tvm, fn);

	if (likely(rc != COVE_JOB_OVERRUN))
		return rc;
	cove_job_spoilt(tvm);
	tvm->state = TVM_REFUSED;
	return COVE_ERR_FAILED;
}

void cove_job_drop(struct tvm *tvm)
{
	if (COVE_DEFENCE(JOB_DROPPED))
		cove_clear(job_pa(tvm), JOB_BYTES);
}

void cove_job_spoilt(struct tvm *tvm)
{
	cove_clear(tvm->state_pa + COVE_TVM_PAGES * COVE_PAGE_SIZE,
		   (COVE_EVIDENCE_PAGES + COVE_JOB_PAGES) * COVE_PAGE_SIZE);
}

void cove_job_look_up(struct cove_job *job)
{
	job->patience = COVE_JOB_PATIENCE;
	if (unlikely((unsigned long)__builtin_frame_address(0) < floor_of(job)) &&
	    COVE_DEFENCE(JOB_GUARD)) {
		cove_arena_select(NULL);
		leave(job, COVE_JOB_OVERRUN);
	}
	if (!cove_tvm_wanted(job->tvm))
		return;
	job->arena = cove_arena_select(NULL);
	arch_stack_switch(&job->sp, job->back);
	cove_arena_select(job->arena);
}
