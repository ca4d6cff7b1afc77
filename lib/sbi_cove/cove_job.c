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

static u64 job_pa(const struct tvm *tvm)
{
	return tvm->state_pa + (COVE_TVM_STATE_PAGES - COVE_JOB_PAGES) * COVE_PAGE_SIZE;
}

static struct cove_job *job_of(const struct tvm *tvm)
{
	return arch_ptr(job_pa(tvm));
}

static void work(void *arg)
{
	struct cove_job *job = arg;
	unsigned long done;

	job->rc = job->fn(job->tvm);
	job->sp = 0;
	arch_stack_switch(&done, job->back);
}

long cove_job_step(struct tvm *tvm, long (*fn)(struct tvm *tvm))
{
	struct cove_hart *hart = cove_this_hart();
	struct cove_job *job = job_of(tvm);

	if (!ARCH_STACKS)
		return fn(tvm);
	if (!job->sp) {
		job->tvm = tvm;
		job->fn = fn;
		job->sp = arch_stack_new((unsigned long)job + JOB_BYTES, work, job);
	}
	job->patience = COVE_JOB_PATIENCE;
	hart->job = job;
	arch_stack_switch(&job->back, job->sp);
	hart->job = NULL;
	return job->sp ? COVE_AGAIN : job->rc;
}

void cove_job_drop(struct tvm *tvm)
{
	if (COVE_DEFENCE(JOB_DROPPED))
		cove_clear(job_pa(tvm), JOB_BYTES);
}

void cove_job_look_up(struct cove_job *job)
{
	job->patience = COVE_JOB_PATIENCE;
	if (!cove_tvm_wanted(job->tvm))
		return;
	job->arena = cove_arena_select(NULL);
	arch_stack_switch(&job->sp, job->back);
	cove_arena_select(job->arena);
}
