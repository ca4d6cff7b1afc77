// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A guest that does one operation at a time, as the payload tells it.
 */
#include "remote.h"

#define STAY 1000 /* exits to the mailbox in a row */

/* The mailbox's exits; false: something else has happened, or the guest waits. */
static bool serve_slot(struct remote *r, unsigned int vcpu, struct texit *e)
{
	unsigned long base = MAIL_BASE + vcpu * REMOTE_STRIDE, slot = (e->gpa - base) / 8;

	if (e->error || e->value || !e->htinst || e->gpa < base || e->gpa >= base + REMOTE_STRIDE)
		return false;
	if (e->scause == CAUSE_GSTORE && slot >= REMOTE_OUT && slot < REMOTE_OUT + REMOTE_OUTS) {
		r->out[vcpu][slot - REMOTE_OUT] = e->a[0];
		answer(0, 0);
		return true;
	}
	if (e->scause != CAUSE_GLOAD || slot > REMOTE_ARGS)
		return false;
	if (!slot) {
		e->scause = REMOTE_IDLE;
		return false;
	}
	answer(r->cmd[vcpu][slot], 0);
	return true;
}

/** remote_run() - the next exit that has nothing to do with the mailbox; REMOTE_IDLE: none is left
 */
struct texit remote_run(struct remote *r, unsigned int vcpu)
{
	struct texit e;
	unsigned int i;

	for (i = 0; i < STAY; i++) {
		e = tvm_run(&r->t, vcpu);
		if (!serve_slot(r, vcpu, &e))
			return e;
	}
	test_fail("vCPU %u does not come to an end", vcpu);
	return e;
}

/** remote_start() - the waiting guest does @op; returns as remote_run() does */
struct texit remote_start(struct remote *r, unsigned int vcpu, enum remote_op op,
			  const unsigned long a[REMOTE_ARGS])
{
	r->cmd[vcpu][0] = op;
	memcpy(&r->cmd[vcpu][1], a, REMOTE_ARGS * sizeof(a[0]));
	memset(r->out[vcpu], 0xa5, sizeof(r->out[vcpu]));
	answer(op, 0);
	return remote_run(r, vcpu);
}

static bool only_tells(const struct texit *e)
{
	return !e->error && !e->value && e->scause == CAUSE_VECALL &&
	       (e->a[7] == EXT_IPI || e->a[7] == EXT_HSM ||
		(e->a[7] == SBI_EXT_COVG && e->a[6] != SBI_COVG_SHARE_MEMORY_REGION &&
		 e->a[6] != SBI_COVG_UNSHARE_MEMORY_REGION));
}

/** remote_ecall() - an SBI call of the guest; exits that only tell of it are passed over */
struct texit remote_ecall(struct remote *r, unsigned long eid, unsigned long fid, unsigned long a0,
			  unsigned long a1)
{
	struct texit e = remote_do(r, R_CALL, a0, a1, 0, 0, 0, 0, fid, eid);

	while (only_tells(&e)) {
		r->informed++;
		e = remote_run(r, 0);
	}
	return e;
}

/** remote_build() - a TVM whose vCPU 0 waits for its first operation */
bool remote_build(struct remote *r, unsigned int nvcpus)
{
	struct texit e;

	memset(r, 0, sizeof(*r));
	if (!tvm_create(&r->t, 0) || !tvm_region(&r->t) || !tvm_pt(&r->t, 8) ||
	    !tvm_vcpus(&r->t, nvcpus) || !tvm_image(&r->t))
		return false;
	if (covh(SBI_COVH_ADD_TVM_MEMORY_REGION, r->t.gid, FAR_BASE, FAR_SIZE) ||
	    tvm_finalize(&r->t, GUEST_ARG(G_REMOTE, 0) | G_ADD_MMIO)) {
		test_fail("the TVM cannot be finished");
		return false;
	}
	e = remote_run(r, 0);
	if (only_tells(&e))
		e = remote_run(r, 0);
	if (e.scause != REMOTE_IDLE)
		test_fail("the guest does not begin: error %ld value %lu scause %lx gpa %lx",
			  e.error, e.value, e.scause, e.gpa);
	return e.scause == REMOTE_IDLE;
}

static bool failed(const char *what, const struct texit *e)
{
	test_fail("%s: error %ld value %lu scause %lx gpa %lx", what, e->error, e->value, e->scause,
		  e->gpa);
	return false;
}

/** remote_populate() - zero pages at @gpa */
bool remote_populate(struct remote *r, unsigned long gpa, unsigned long n)
{
	unsigned long pa = tvm_pages(&r->t, n, 1);
	long rc = covh(SBI_COVH_ADD_TVM_ZERO_PAGES, r->t.gid, pa, COVE_PAGE_4K, n, gpa);

	if (rc)
		test_fail("add_zero_pages: %ld", rc);
	return pa && !rc;
}

/** remote_shared() - the guest shares @n empty pages at @gpa; @pa: the host's, mapped there unless
 * 0 */
bool remote_shared(struct remote *r, unsigned long gpa, unsigned long n, unsigned long pa)
{
	struct texit e = remote_ecall(r, SBI_EXT_COVG, SBI_COVG_SHARE_MEMORY_REGION, gpa, n * PAGE);
	long rc;

	if (e.scause != CAUSE_VECALL)
		return failed("share", &e);
	answer(0, 0);
	e = remote_run(r, 0);
	if (e.scause != REMOTE_IDLE || r->out[0][0])
		return failed("share completed", &e);
	if (!pa)
		return true;
	rc = covh(SBI_COVH_ADD_TVM_SHARED_PAGES, r->t.gid, pa, COVE_PAGE_4K, n, gpa);
	if (rc)
		test_fail("add_shared_pages: %ld", rc);
	return !rc;
}

/** remote_device() - the guest declares a page at DEV_BASE to be a device */
bool remote_device(struct remote *r)
{
	struct texit e = remote_ecall(r, SBI_EXT_COVG, SBI_COVG_ADD_MMIO_REGION, DEV_BASE, PAGE);

	if (e.scause != REMOTE_IDLE || r->out[0][0])
		return failed("add_mmio_region", &e);
	return true;
}

bool remote_read(struct remote *r, unsigned long gpa, unsigned long *value)
{
	struct texit e = remote_do(r, R_LOAD, gpa, LOAD_LD);

	*value = r->out[0][0];
	return e.scause == REMOTE_IDLE && !r->out[0][2] ? true : failed("a load", &e);
}

bool remote_write(struct remote *r, unsigned long gpa, unsigned long value)
{
	struct texit e = remote_do(r, R_STORE, gpa, STORE_SD, value);

	return e.scause == REMOTE_IDLE && !r->out[0][2] ? true : failed("a store", &e);
}

/** remote_second() - the guest starts vCPU 1, which waits for its first operation then */
bool remote_second(struct remote *r)
{
	struct texit e =
		remote_do(r, R_CALL, 1, GUEST_BASE, GUEST_ARG(G_REMOTE, 0), 0, 0, 0, 0, EXT_HSM);

	if (e.scause == CAUSE_VECALL)
		e = remote_run(r, 0);
	if (e.scause == REMOTE_IDLE && !r->out[0][0])
		e = remote_run(r, 1);
	if (e.scause != REMOTE_IDLE)
		test_fail("vCPU 1 does not begin: error %ld scause %lx", e.error, e.scause);
	return e.scause == REMOTE_IDLE;
}
