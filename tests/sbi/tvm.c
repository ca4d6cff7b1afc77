// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Building and running TVMs: what a host does, in its simplest form.
 */
#include "tvm.h"
#include "scramble.h"

#define MAX_GIDS    64
#define CSR_HTVAL   0x643
#define CSR_HTINST  0x64a
#define SERVE_RUNS  100000
#define SERVE_TICKS 200000000UL /* 20 s, since the guest's last store to its mailbox */

static uint8_t nacl[MAX_HARTS][NACL_SHMEM_SIZE] __attribute__((aligned(4096)));
static unsigned long gids[MAX_GIDS];

unsigned long nacl_of(unsigned int hart)
{
	return (unsigned long)nacl[hart];
}

/** nacl_set() - NACL set_shmem for the calling hart */
long nacl_set(void)
{
	return sbi6(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, nacl_of(this_hart()->id)).error;
}

/** nacl_word() - a word of the calling hart's NACL memory */
unsigned long *nacl_word(unsigned long offset)
{
	return (unsigned long *)(nacl[this_hart()->id] + offset);
}

/** tvm_pages() - pages of the TVM's chunk */
unsigned long tvm_pages(struct tvm *t, unsigned long n, unsigned long align_pages)
{
	unsigned long first = (t->used + align_pages - 1) / align_pages * align_pages;

	if (first + n > TVM_CHUNK) {
		test_fail("the TVM needs more than %u pages", TVM_CHUNK);
		return 0;
	}
	t->used = first + n;
	return t->chunk + first * PAGE;
}

/** tvm_remember() - a TVM that the test has created by itself: destroyed after the test, if it
 * lives */
void tvm_remember(struct tvm *t, unsigned long gid)
{
	unsigned int i;

	t->gid = gid;
	t->live = true;
	for (i = 0; i < MAX_GIDS && gids[i]; i++)
		;
	if (i < MAX_GIDS)
		gids[i] = gid;
}

/** tvm_forget() - the TVM is gone, nobody has to destroy it */
void tvm_forget(unsigned long gid)
{
	unsigned int i;

	for (i = 0; i < MAX_GIDS; i++)
		if (gids[i] == gid)
			gids[i] = 0;
}

/** tvm_create_at() - COVH create_tvm with these addresses */
long tvm_create_at(struct tvm *t, unsigned long root, unsigned long state, unsigned long flags,
		   unsigned long len)
{
	unsigned long p[3] = { root, state, flags };
	struct sbiret r = sbi6(SBI_EXT_COVH, SBI_COVH_CREATE_TVM, (unsigned long)p, len);

	if (!r.error) {
		t->flags = len >= sizeof(p) ? flags : 0;
		tvm_remember(t, r.value);
	}
	return r.error;
}

static bool check(const char *what, long rc)
{
	if (rc)
		test_fail("%s: %ld", what, rc);
	return !rc;
}

/** tvm_create() - convert a chunk, create a TVM in it */
bool tvm_create(struct tvm *t, unsigned long flags)
{
	memset(t, 0, sizeof(*t));
	t->chunk = conf_pages(TVM_CHUNK, 4);
	if (!t->chunk)
		return false;
	t->root = tvm_pages(t, 4, 4);
	t->state = tvm_pages(t, tsm.tvm_state_pages, 1);
	return check("create_tvm", tvm_create_at(t, t->root, t->state, flags, PARAMS_LEN));
}

bool tvm_region(struct tvm *t)
{
	return check("add_memory_region",
		     covh(SBI_COVH_ADD_TVM_MEMORY_REGION, t->gid, GUEST_BASE, GUEST_SIZE));
}

bool tvm_pt(struct tvm *t, unsigned long n)
{
	t->pt_pa = tvm_pages(t, n, 1);
	return check("add_page_table_pages",
		     covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, t->gid, t->pt_pa, n));
}

bool tvm_vcpus(struct tvm *t, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		t->vcpu_pa[i] = tvm_pages(t, tsm.tvm_vcpu_state_pages, 1);
		if (!check("create_vcpu", covh(SBI_COVH_CREATE_TVM_VCPU, t->gid, i, t->vcpu_pa[i])))
			return false;
	}
	t->nvcpus = n;
	return true;
}

/** tvm_image() - the guest, measured */
bool tvm_image(struct tvm *t)
{
	t->image_pa = tvm_pages(t, GUEST_IMAGE_PAGES, 1);
	return check("add_measured_pages",
		     covh(SBI_COVH_ADD_TVM_MEASURED_PAGES, t->gid, (unsigned long)guest_image,
			  t->image_pa, COVE_PAGE_4K, GUEST_IMAGE_PAGES, GUEST_BASE));
}

long tvm_finalize(struct tvm *t, unsigned long arg)
{
	return covh(SBI_COVH_FINALIZE_TVM, t->gid, GUEST_BASE, arg, 0);
}

/** tvm_build() - a TVM that is ready to run */
bool tvm_build(struct tvm *t, unsigned long flags, unsigned int nvcpus, unsigned long arg)
{
	return tvm_create(t, flags) && tvm_region(t) && tvm_pt(t, 8) && tvm_vcpus(t, nvcpus) &&
	       tvm_image(t) && check("finalize_tvm", tvm_finalize(t, arg));
}

long tvm_destroy(struct tvm *t)
{
	long rc = covh(SBI_COVH_DESTROY_TVM, t->gid);

	if (!rc) {
		t->live = false;
		tvm_forget(t->gid);
	}
	return rc;
}

bool tvm_destroy_all(void)
{
	unsigned int i;
	long rc;

	for (i = 0; i < MAX_GIDS; i++) {
		if (!gids[i])
			continue;
		rc = covh(SBI_COVH_DESTROY_TVM, gids[i]);
		if (rc) {
			test_fail("destroy_tvm %lx: %ld", gids[i], rc);
			return false;
		}
		gids[i] = 0;
	}
	return true;
}

/** tvm_run() - COVH run_tvm_vcpu and all that the host may read afterwards */
struct texit tvm_run(struct tvm *t, unsigned int vcpu)
{
	struct texit e;
	struct sbiret r;
	unsigned int i;

	csr_write(scause, 0xdead);
	csr_write(stval, 0xdead);
	if (t->scramble)
		r = scrambled_run(t->gid, vcpu, t->complement);
	else
		r = sbi6(SBI_EXT_COVH, SBI_COVH_RUN_TVM_VCPU, t->gid, vcpu);
	e.scause = csr_read(scause);
	e.stval = csr_read(stval);
	e.error = r.error;
	e.value = r.value;
	e.htval = *nacl_word(NACL_CSR_OFFSET(CSR_HTVAL));
	e.htinst = *nacl_word(NACL_CSR_OFFSET(CSR_HTINST));
	e.gpa = e.htval << 2 | (e.stval & 3);
	for (i = 0; i < 8; i++)
		e.a[i] = *nacl_word(NACL_GPR_OFFSET(10 + i));
	t->last[vcpu] = e;
	return e;
}

/** answer() - what the host replies to an exit */
void answer(unsigned long a0, unsigned long a1)
{
	*nacl_word(NACL_GPR_OFFSET(10)) = a0;
	*nacl_word(NACL_GPR_OFFSET(11)) = a1;
}

static void serve_mail(struct tvm *t, const struct texit *e)
{
	unsigned long slot = (e->gpa - MAIL_BASE) / 8;

	if (slot > MAIL_SLOTS) {
		test_fail("the guest uses mailbox slot %lu", slot);
		t->stop = true;
	} else if (e->scause == CAUSE_GSTORE) {
		t->mail[slot] = e->a[0];
		t->mailed[slot] = true;
		__atomic_add_fetch(&t->nmail, 1, __ATOMIC_RELAXED);
		answer(0, 0);
	} else {
		answer(slot < MAIL_SLOTS ? t->in[slot] : 0, 0);
	}
}

static void serve_device(struct tvm *t, const struct texit *e)
{
	if (t->ndev < DEV_LOG)
		t->dev[t->ndev++] = (struct dev_access){ e->gpa, e->scause, e->htinst, e->a[0] };
	answer(e->scause == CAUSE_GLOAD ? t->dev_reply : 0, 0);
}

static bool serve_fault(struct tvm *t, const struct texit *e)
{
	unsigned long pa;

	if (e->htinst) {
		if (e->gpa >= MAIL_BASE && e->gpa < MAIL_BASE + PAGE)
			serve_mail(t, e);
		else
			serve_device(t, e);
		return true;
	}
	t->nfault++;
	t->last_fault = e->gpa;
	pa = tvm_pages(t, 1, 1);
	return pa && check("add_zero_pages",
			   covh(SBI_COVH_ADD_TVM_ZERO_PAGES, t->gid, pa, COVE_PAGE_4K, 1, e->gpa));
}

static bool serve_ecall(struct tvm *t, const struct texit *e)
{
	if ((e->a[7] == EXT_DBCN && e->a[6] == 2) || e->a[7] == 1) {
		if (t->nconsole < sizeof(t->console) - 1)
			t->console[t->nconsole++] = (char)e->a[0];
		answer(0, 0);
		return true;
	}
	if (e->a[7] == EXT_DBCN && e->a[6] == 1) {
		answer((unsigned long)E_NOT_SUPPORTED, 0);
		return true;
	}
	if (e->a[7] == EXT_IPI || e->a[7] == EXT_HSM ||
	    (e->a[7] == SBI_EXT_COVG && e->a[6] != SBI_COVG_SHARE_MEMORY_REGION &&
	     e->a[6] != SBI_COVG_UNSHARE_MEMORY_REGION)) {
		t->ninformed++;
		return true;
	}
	test_fail("the guest calls %lx %lx, which the test does not serve", e->a[7], e->a[6]);
	return false;
}

static bool serve_exit(struct tvm *t, const struct texit *e)
{
	switch (e->scause) {
	case CAUSE_IRQ | IRQ_S_SOFT:
		csr_clear(sip, SIP_SSIP);
		t->nirq++;
		return true;
	case CAUSE_IRQ | IRQ_S_TIMER:
		timer_set(~0UL);
		t->nirq++;
		return true;
	case CAUSE_VIRT:
		t->nwfi++;
		return true;
	case CAUSE_GFETCH:
	case CAUSE_GLOAD:
	case CAUSE_GSTORE:
		return serve_fault(t, e);
	case CAUSE_VECALL:
		return serve_ecall(t, e);
	default:
		test_fail("the TVM exits with scause %lx stval %lx", e->scause, e->stval);
		return false;
	}
}

/**
 * tvm_serve() - run a vCPU and act on its exits until the guest is done or cannot go on
 *
 * A guest that says now and then, on any of its vCPUs, how far it is may take its time: how
 * long a hart takes is the machine's load.
 */
enum why tvm_serve(struct tvm *t, unsigned int vcpu)
{
	unsigned long start = csr_read(time), seen = 0;
	unsigned int i;

	for (i = 0; i < SERVE_RUNS && csr_read(time) - start < SERVE_TICKS; i++) {
		struct texit e = tvm_run(t, vcpu);
		unsigned long nmail = __atomic_load_n(&t->nmail, __ATOMIC_RELAXED);

		if (nmail != seen) {
			seen = nmail;
			start = csr_read(time);
		}
		if (test_failed())
			return WHY_ERROR;
		if (t->hook && t->hook(t, vcpu, &e)) {
			if (t->stop)
				return WHY_STOPPED_BY_TEST;
			continue;
		}
		if (e.error)
			return WHY_ERROR;
		if (e.value)
			return WHY_DEAD;
		if (!serve_exit(t, &e))
			return WHY_ERROR;
		if (t->stop)
			return WHY_STOPPED_BY_TEST;
		if (t->mailed[MAIL_DONE])
			return WHY_DONE;
	}
	test_fail("vCPU %u does not come to an end", vcpu);
	return WHY_STUCK;
}

/** tvm_guest() - a TVM with one vCPU and implicit MMIO executes @fn to its end */
bool tvm_guest(struct tvm *t, enum guest_fn fn, unsigned long param)
{
	enum why why;

	if (!tvm_build(t, GUEST_FLAGS, 1, GUEST_ARG(fn, param) | GUEST_MMIO))
		return false;
	why = tvm_serve(t, 0);
	if (why != WHY_DONE)
		test_fail("the guest ended with %d: error %ld value %lu scause %lx gpa %lx", why,
			  t->last[0].error, t->last[0].value, t->last[0].scause, t->last[0].gpa);
	return why == WHY_DONE;
}

/**
 * tvm_in_guest() - wait until a vCPU of @t, which does not leave by itself, is in its guest
 *
 * Only then a round of the TVM's fence stays open. It is open afterwards.
 */
bool tvm_in_guest(struct tvm *t)
{
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		if (__atomic_load_n(&t->mailed[0], __ATOMIC_ACQUIRE) &&
		    covh(SBI_COVH_TVM_FENCE, t->gid) == E_ALREADY_STARTED)
			return true;
		pause_ticks(20000);
	}
	test_fail("the spinning guest does not begin");
	return false;
}
