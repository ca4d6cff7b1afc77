// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The calls of public Linux clients in their order, quirks included: KVM of the
 * series of 2023 with kvmtool, and as ACE patched it. Each page is converted,
 * fenced and added by itself; finalize has three arguments; the value of run is
 * ignored; nothing is fenced after a reclaim. With the boot argument dialect=rfc
 * the numbers are those of the series alone.
 *
 * ACE's other way is promote_to_tvm: hgatp is in the CSR only, nobody has written
 * the slots of the GPRs, and a share is answered with the address of a page.
 */
#include "remote.h"
#include "vm.h"

#define POOL_PAGES  1024UL
#define INITRD	    (GUEST_BASE + 0x80000UL)
#define FDT_GPA	    (GUEST_BASE + 0xc0000UL)
#define SWIOTLB	    (GUEST_BASE + 0x140000UL)
#define SWIOTLB_LEN (4 * PAGE)
#define MAX_DONATED 64

#define CSR_HTIMEDELTA 0x605

/* ACE's numbering has page promotion and demotion before it. */
#define FID_REMOVE (dialect_rfc ? SBI_COVH_RFC_TVM_REMOVE_PAGES : 21)

/** struct client - the host kernel's idea of a VM; @page: what it has donated, a page each */
struct client {
	struct remote r;
	unsigned long root;
	unsigned long pool;
	unsigned long state;
	unsigned long vcpu[TVM_MAX_VCPUS];
	unsigned int nvcpus;
	unsigned long page[MAX_DONATED];
	unsigned long gpa[MAX_DONATED];
	unsigned int npages;
};

static bool call(const char *what, long rc)
{
	if (rc)
		test_fail("%s: %ld", what, rc);
	return !rc;
}

/* on_each_cpu(local_fence): the CPU that opened the round as well */
static bool fence_every_cpu(void)
{
	return call("global_fence", global_fence()) && fence_others() &&
	       call("local_fence", local_fence());
}

static unsigned long donate(unsigned long n, unsigned long align)
{
	unsigned long pa = pages_alloc(n, align);

	return call("convert_pages", convert(pa, n)) ? pa : 0;
}

static bool host_boot(void)
{
	unsigned long buf = pages_alloc(1, 1), f;
	struct sbiret info;

	if (sbi6(EXT_BASE, 3, SBI_EXT_COVH).value != 1)
		test_fail("no COVH");
	if (dialect_rfc && sbi6(EXT_BASE, 3, SBI_EXT_NACL).value != 1)
		test_fail("no NACL, without which that client has no CoVE");
	for (f = 0; f < 4; f++)
		if (sbi6(SBI_EXT_NACL, SBI_NACL_PROBE_FEATURE, f).value)
			test_fail("NACL feature %lu", f);
	info = sbi6(SBI_EXT_COVH, SBI_COVH_GET_TSM_INFO, buf, dialect_rfc ? 32 : 48);
	if (info.error || info.value != (dialect_rfc ? 32 : 48))
		test_fail("get_tsm_info: %ld %lu", info.error, info.value);
	return !test_failed();
}

static bool vm_init(struct client *c)
{
	unsigned long *params = (unsigned long *)pages_alloc(1, 1);
	struct sbiret ret;

	memset(c, 0, sizeof(*c));
	c->root = donate(4, 4);
	c->pool = donate(POOL_PAGES, 1);
	c->state = donate(tsm.tvm_state_pages, 1);
	if (!c->root || !c->pool || !c->state || !fence_every_cpu())
		return false;
	params[0] = c->root;
	params[1] = c->state;
	ret = sbi6(SBI_EXT_COVH, SBI_COVH_CREATE_TVM, (unsigned long)params, 16);
	if (!call("create_tvm", ret.error))
		return false;
	tvm_remember(&c->r.t, ret.value);
	return call("add_tvm_page_table_pages",
		    covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, ret.value, c->pool, POOL_PAGES));
}

static bool keep(struct client *c, unsigned long pa, unsigned long gpa)
{
	if (c->npages == MAX_DONATED) {
		test_fail("the guest wants more than %u pages", MAX_DONATED);
		return false;
	}
	c->page[c->npages] = pa;
	c->gpa[c->npages++] = gpa;
	return true;
}

/* The ioctl that measures: 3 calls and one for each CPU, for each page */
static bool measure(struct client *c, unsigned long src, unsigned long gpa, unsigned long n)
{
	unsigned long i, pa;

	for (i = 0; i < n; i++) {
		pa = donate(1, 1);
		if (!pa || !fence_every_cpu() ||
		    !call("add_tvm_measured_pages",
			  covh(SBI_COVH_ADD_TVM_MEASURED_PAGES, c->r.t.gid, src + i * PAGE, pa,
			       COVE_PAGE_4K, 1, gpa + i * PAGE)) ||
		    !keep(c, pa, gpa + i * PAGE))
			return false;
	}
	return true;
}

static bool vcpu_init(struct client *c, unsigned int idx)
{
	c->vcpu[idx] = donate(tsm.tvm_vcpu_state_pages, 1);
	c->nvcpus++;
	return c->vcpu[idx] && fence_every_cpu() &&
	       call("create_tvm_vcpu",
		    covh(SBI_COVH_CREATE_TVM_VCPU, c->r.t.gid, idx, c->vcpu[idx]));
}

/* kvmtool: regions, kernel, initrd, vCPUs, and the device tree last */
static bool vmm_init(struct client *c)
{
	unsigned long data = pages_alloc(3, 1);

	page_fill(data, 0x1d);
	return call("add_tvm_memory_region",
		    covh(SBI_COVH_ADD_TVM_MEMORY_REGION, c->r.t.gid, GUEST_BASE, GUEST_SIZE)) &&
	       measure(c, (unsigned long)guest_image, GUEST_BASE, GUEST_IMAGE_PAGES) &&
	       measure(c, data, INITRD, 2) && vcpu_init(c, 0) && vcpu_init(c, 1) &&
	       measure(c, data + 2 * PAGE, FDT_GPA, 1);
}

/* A fault where memory is: pin, convert, fence, add */
static bool fault_zero(struct client *c, unsigned long gpa)
{
	unsigned long pa = donate(1, 1);

	return pa && fence_every_cpu() &&
	       call("add_tvm_zero_pages",
		    covh(SBI_COVH_ADD_TVM_ZERO_PAGES, c->r.t.gid, pa, COVE_PAGE_4K, 1, gpa)) &&
	       keep(c, pa, gpa);
}

static bool unmap(struct client *c, unsigned int i)
{
	unsigned long gid = c->r.t.gid, gpa = c->gpa[i];

	return call("tvm_invalidate_pages", covh(SBI_COVH_TVM_INVALIDATE_PAGES, gid, gpa, PAGE)) &&
	       call("tvm_fence", covh(SBI_COVH_TVM_FENCE, gid)) &&
	       call("tvm_remove_pages", covh(FID_REMOVE, gid, gpa, PAGE)) &&
	       call("reclaim_pages", reclaim(c->page[i], 1));
}

/* Page by page; what is not populated needs nothing. */
static bool give_up(struct client *c, unsigned long gpa, unsigned long len)
{
	unsigned int i;

	for (i = 0; i < c->npages; i++) {
		if (c->gpa[i] < gpa || c->gpa[i] >= gpa + len)
			continue;
		if (!unmap(c, i))
			return false;
		c->npages--;
		c->page[i] = c->page[c->npages];
		c->gpa[i] = c->gpa[c->npages];
		i--;
	}
	return true;
}

static bool share(struct client *c, unsigned long gpa, unsigned long len)
{
	struct texit e = remote_ecall(&c->r, SBI_EXT_COVG, SBI_COVG_SHARE_MEMORY_REGION, gpa, len);

	if (e.scause != CAUSE_VECALL || e.a[0] != gpa || e.a[1] != len) {
		test_fail("share: scause %lx", e.scause);
		return false;
	}
	if (!give_up(c, gpa, len))
		return false;
	answer(0, 0);
	return remote_run(&c->r, 0).scause == REMOTE_IDLE &&
	       call("the guest's share", (long)c->r.out[0][0]);
}

/* The guest touches @gpa; KVM serves the fault by @pa, or a zero page. */
static bool touch(struct client *c, unsigned long gpa, unsigned long pa)
{
	struct texit e = remote_do(&c->r, R_STORE, gpa, STORE_SD, 0x77);
	long rc;

	if (e.scause != CAUSE_GSTORE || e.htinst || e.gpa != (gpa & ~(PAGE - 1))) {
		test_fail("no page fault: scause %lx gpa %lx", e.scause, e.gpa);
		return false;
	}
	if (!pa)
		return fault_zero(c, e.gpa) && remote_run(&c->r, 0).scause == REMOTE_IDLE;
	rc = covh(SBI_COVH_ADD_TVM_SHARED_PAGES, c->r.t.gid, pa, COVE_PAGE_4K, 1, e.gpa);
	/* the other vCPU's fault on the same page */
	return call("add_tvm_shared_pages", rc) &&
	       call("the same again",
		    covh(SBI_COVH_ADD_TVM_SHARED_PAGES, c->r.t.gid, pa, COVE_PAGE_4K, 1, e.gpa)) &&
	       remote_run(&c->r, 0).scause == REMOTE_IDLE;
}

static bool first_run(struct client *c)
{
	struct texit e;

	/* three arguments: sbi_ecall() puts zeros behind them */
	if (!call("finalize_tvm", covh(SBI_COVH_FINALIZE_TVM, c->r.t.gid, GUEST_BASE,
				       GUEST_ARG(G_REMOTE, 0) | G_ADD_MMIO)))
		return false;
	e = remote_run(&c->r, 0);
	if (e.scause != CAUSE_VECALL || e.a[7] != SBI_EXT_COVG)
		test_fail("the guest's ioremap: scause %lx", e.scause);
	return !test_failed() && remote_run(&c->r, 0).scause == REMOTE_IDLE;
}

/* drivers/base of the guest: probe, ioremap, init_IRQ, swiotlb */
static bool guest_boot(struct client *c)
{
	struct texit e = remote_ecall(&c->r, EXT_BASE, 3, SBI_EXT_COVG, 0);

	if (e.scause != REMOTE_IDLE || c->r.out[0][1] != 1)
		test_fail("the guest does not see what it is");
	e = remote_ecall(&c->r, SBI_EXT_COVG, SBI_COVG_ADD_MMIO_REGION, DEV_BASE, PAGE);
	if (e.scause != REMOTE_IDLE || c->r.out[0][0])
		test_fail("ioremap");
	/* twice the same page: the guest does not look at the result */
	e = remote_ecall(&c->r, SBI_EXT_COVG, SBI_COVG_ADD_MMIO_REGION, DEV_BASE, PAGE);
	if (e.scause != REMOTE_IDLE || !c->r.out[0][0])
		test_fail("ioremap of the same page");
	e = remote_ecall(&c->r, SBI_EXT_COVG, SBI_COVG_ALLOW_EXTERNAL_INTERRUPT, ~0UL, 0);
	if (e.scause != REMOTE_IDLE || c->r.out[0][0])
		test_fail("init_IRQ");
	return !test_failed();
}

/* virtio in the guest's swiotlb, the whole range shared by one call */
static bool guest_io(struct client *c, unsigned long host)
{
	return touch(c, SWIOTLB + 8, 0) && share(c, SWIOTLB, SWIOTLB_LEN) &&
	       touch(c, SWIOTLB + 0x18, host) && *(unsigned long *)(host + 0x18) == 0x77 &&
	       touch(c, SWIOTLB + PAGE, host + PAGE);
}

/* Destroy, then every page that was ever donated, without a fence */
static bool vm_exit(struct client *c)
{
	unsigned int i;

	if (!call("destroy_tvm", tvm_destroy(&c->r.t)))
		return false;
	for (i = 0; i < c->npages; i++)
		if (!call("reclaim of a page", reclaim(c->page[i], 1)) || !page_is_zero(c->page[i]))
			return false;
	for (i = 0; i < c->nvcpus; i++)
		if (!call("reclaim of a vCPU", reclaim(c->vcpu[i], tsm.tvm_vcpu_state_pages)))
			return false;
	return call("reclaim of the state", reclaim(c->state, tsm.tvm_state_pages)) &&
	       call("reclaim of the pool", reclaim(c->pool, POOL_PAGES)) &&
	       call("reclaim of the root", reclaim(c->root, 4)) && page_is_zero(c->root);
}

static void multi_step(void)
{
	unsigned long host = pages_alloc(4, 1);
	struct client c;

	REQUIRE(host_boot() && vm_init(&c) && vmm_init(&c) && first_run(&c));
	REQUIRE(guest_boot(&c));
	REQUIRE(guest_io(&c, host));
	REQUIRE(vm_exit(&c));
	EXPECT(convert(host, 4), OK); /* nothing of the client's own is left pinned */
}

/* Destroyed before the first run, as when the VMM fails: the same reclaims */
static void never_run(void)
{
	struct client c;

	REQUIRE(host_boot() && vm_init(&c) && vmm_init(&c) && vm_exit(&c));
}

/* A failure between convert and its fence: the page is reclaimed while it is converting. */
static void failure_path(void)
{
	struct client c;
	unsigned long pa;

	REQUIRE(host_boot() && vm_init(&c));
	pa = donate(1, 1);
	EXPECT(covh(SBI_COVH_ADD_TVM_MEASURED_PAGES, c.r.t.gid, pages_alloc(1, 1), pa, COVE_PAGE_4K,
		    1, GUEST_BASE),
	       E_INVALID_ADDRESS);
	EXPECT(reclaim(pa, 1), OK);
	REQUIRE(vm_exit(&c));
}

/* Two vCPUs fault on one page: the second conversion of it must fail. */
static void fault_race(void)
{
	struct client c;

	REQUIRE(host_boot() && vm_init(&c) && vmm_init(&c) && first_run(&c));
	REQUIRE(touch(&c, SWIOTLB, 0));
	EXPECT(convert(c.page[c.npages - 1], 1), E_INVALID_ADDRESS);
	REQUIRE(vm_exit(&c));
}

/*
 * It shares pages that were measured without taking them away first: the run
 * fails, and goes on once they are gone.
 */
static void share_of_measured(void)
{
	struct client c;
	struct texit e;

	REQUIRE(host_boot() && vm_init(&c) && vmm_init(&c) && first_run(&c));
	e = remote_ecall(&c.r, SBI_EXT_COVG, SBI_COVG_SHARE_MEMORY_REGION, INITRD, 2 * PAGE);
	EXPECT(e.scause, CAUSE_VECALL);
	answer(0, 0);
	e = remote_run(&c.r, 0);
	EXPECT_TRUE(e.error < 0);
	EXPECT(e.scause, dialect_rfc ? COVE_EXIT_CAUSE_RUN_FAILED : 0xdead);
	REQUIRE(give_up(&c, INITRD, 2 * PAGE));
	answer(0, 0);
	EXPECT(remote_run(&c.r, 0).scause, REMOTE_IDLE);
	EXPECT(c.r.out[0][0], OK);
	REQUIRE(vm_exit(&c));
}

/*
 * The guest takes shared memory back, of which it has touched a part: the client
 * unmaps every page of it. Today's specification asks for a page to be there.
 */
static void unshare(void)
{
	unsigned long host = pages_alloc(2, 1), gpa;
	struct client c;
	struct texit e;

	REQUIRE(host_boot() && vm_init(&c) && vmm_init(&c) && first_run(&c));
	REQUIRE(share(&c, SWIOTLB, SWIOTLB_LEN) && touch(&c, SWIOTLB + PAGE, host));
	e = remote_ecall(&c.r, SBI_EXT_COVG, SBI_COVG_UNSHARE_MEMORY_REGION, SWIOTLB, SWIOTLB_LEN);
	EXPECT(e.scause, CAUSE_VECALL);
	for (gpa = SWIOTLB; gpa < SWIOTLB + SWIOTLB_LEN; gpa += PAGE) {
		bool there = gpa == SWIOTLB + PAGE || dialect_rfc;

		EXPECT(covh(SBI_COVH_TVM_INVALIDATE_PAGES, c.r.t.gid, gpa, PAGE),
		       there ? OK : E_INVALID_ADDRESS);
		EXPECT(covh(SBI_COVH_TVM_FENCE, c.r.t.gid), OK);
		EXPECT(covh(FID_REMOVE, c.r.t.gid, gpa, PAGE), there ? OK : E_INVALID_ADDRESS);
	}
	answer(0, 0);
	EXPECT(remote_run(&c.r, 0).scause, REMOTE_IDLE);
	EXPECT(c.r.out[0][0], OK);
	REQUIRE(touch(&c, SWIOTLB + PAGE, 0) && touch(&c, SWIOTLB + 2 * PAGE, 0));
	EXPECT(convert(host, 1), OK);
	REQUIRE(vm_exit(&c));
}

/* The value of run is ignored: that a vCPU has ended shows when the next run fails. */
static void value_ignored(void)
{
	struct client c;
	struct texit e;
	unsigned int i;

	REQUIRE(host_boot() && vm_init(&c) && vmm_init(&c) && first_run(&c));
	e = remote_ecall(&c.r, EXT_SRST, 0, 0, 0);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(e.a[7], EXT_SRST);
	for (i = 0; i < 3; i++) {
		e = tvm_run(&c.r.t, 0);
		EXPECT(e.error, E_FAILED);
		EXPECT(e.scause, dialect_rfc ? COVE_EXIT_CAUSE_RUN_FAILED : 0xdead);
	}
	REQUIRE(vm_exit(&c));
}

/* External interrupts by the CSR hvip, and a hgatp of the host's own that is never loaded */
static void physical_csrs(void)
{
	struct client c;

	REQUIRE(host_boot() && vm_init(&c) && vmm_init(&c) && first_run(&c) && guest_boot(&c));
	csr_write(hgatp, 8UL << 60 | c.root >> 12); /* its pages are confidential by now */
	csr_set(hvip, SIP_VSEIP);
	EXPECT(remote_do(&c.r, R_ENABLE, 1UL << 9).scause, REMOTE_IDLE);
	csr_write(hvip, 0);
	EXPECT(csr_read(hgatp), 8UL << 60 | c.root >> 12);
	csr_write(hgatp, 0);
	EXPECT(remote_do(&c.r, R_TAKEN, 9).scause, REMOTE_IDLE);
	EXPECT(c.r.out[0][0], 1);
	REQUIRE(vm_exit(&c));
}

/* HSM: the guest starts vCPU 1, KVM powers it on and runs it. */
static void second_vcpu(void)
{
	struct client c;
	struct texit e;

	REQUIRE(host_boot() && vm_init(&c) && vmm_init(&c) && first_run(&c));
	EXPECT(tvm_run(&c.r.t, 1).error, E_FAILED);
	e = remote_do(&c.r, R_CALL, 1, GUEST_BASE, GUEST_ARG(G_REMOTE, 0), 0, 0, 0, 0, EXT_HSM);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(e.a[0], 1);
	answer(0, 0);
	EXPECT(remote_run(&c.r, 0).scause, REMOTE_IDLE);
	EXPECT(remote_run(&c.r, 1).scause, REMOTE_IDLE);
	REQUIRE(vm_exit(&c));
}

#define ENTRY (GUEST_BASE + 0x170000UL)

/* The VM's entry: what is in the registers is anybody's, so it sets them itself. */
static void put_entry(struct vm *v)
{
	static const uint32_t code[] = {
		0x00000297, /* auipc t0, 0 */
		0x00000513, /* li a0, 0 */
		0x0182b583, /* ld a1, 24(t0) */
		0x0202b283, /* ld t0, 32(t0) */
		0x00028067, /* jr t0 */
		0x00000013,
	};
	const unsigned long words[] = { GUEST_ARG(G_REMOTE, 0) | G_ADD_MMIO, GUEST_BASE };

	memcpy(vm_at(v, ENTRY), code, sizeof(code));
	memcpy(vm_at(v, ENTRY) + sizeof(code), words, sizeof(words));
}

static void stale_gprs(void)
{
	unsigned int i;

	for (i = 0; i < 32; i++)
		*nacl_word(NACL_GPR_OFFSET(i)) = 0x57a1e00000000000UL | i;
}

/* What was zero in the VM comes when the guest looks, as any other page. */
static struct texit run_populated(struct client *c, unsigned int vcpu, struct texit e)
{
	while ((e.scause == CAUSE_GLOAD || e.scause == CAUSE_GSTORE || e.scause == CAUSE_GFETCH) &&
	       !e.htinst && fault_zero(c, e.gpa))
		e = remote_run(&c->r, vcpu);
	return e;
}

/* Up to the guest's ioremap */
static bool promoted(struct client *c, struct vm *v)
{
	struct sbiret ret;
	unsigned long delta;
	struct texit e;

	memset(c, 0, sizeof(*c));
	if (!(tsm.tsm_capabilities & TSM_CAP_PROMOTE_TVM) || !vm_make(v)) {
		test_fail("no VM to promote, or nobody to do it");
		return false;
	}
	put_entry(v);
	stale_gprs();
	*nacl_word(NACL_CSR_OFFSET(VM_CSR_HGATP)) = 0;
	*nacl_word(NACL_CSR_OFFSET(CSR_HTIMEDELTA)) = 0x57a1e;
	csr_write(hgatp, SV39 << 60 | v->root >> 12);
	ret = sbi6(SBI_EXT_COVH, SBI_COVH_PROMOTE_TO_TVM, VM_TREE, 0, ENTRY);
	csr_write(hgatp, 0);
	if (!call("promote_to_tvm", ret.error))
		return false;
	/* handed back, and it stays */
	delta = *nacl_word(NACL_CSR_OFFSET(CSR_HTIMEDELTA));
	vm_adopt(&c->r.t, v, ret.value);
	e = run_populated(c, 0, remote_run(&c->r, 0));
	if (e.scause != CAUSE_VECALL || e.a[7] != SBI_EXT_COVG)
		test_fail("the guest's ioremap: scause %lx gpa %lx", e.scause, e.gpa);
	if (delta == 0x57a1e || delta != *nacl_word(NACL_CSR_OFFSET(CSR_HTIMEDELTA)))
		test_fail("htimedelta is not handed back");
	return !test_failed() && run_populated(c, 0, remote_run(&c->r, 0)).scause == REMOTE_IDLE;
}

/* The client's answer names the page; the fault asks for it again. */
static bool share_by_address(struct client *c, unsigned long host)
{
	struct texit e = remote_ecall(&c->r, SBI_EXT_COVG, SBI_COVG_SHARE_MEMORY_REGION, SWIOTLB,
				      SWIOTLB_LEN);

	if (e.scause != CAUSE_VECALL || e.a[0] != SWIOTLB || e.a[1] != SWIOTLB_LEN) {
		test_fail("share: scause %lx", e.scause);
		return false;
	}
	answer(0, host);
	return remote_run(&c->r, 0).scause == REMOTE_IDLE &&
	       call("the guest's share", (long)c->r.out[0][0]) && !c->r.out[0][1] &&
	       touch(c, SWIOTLB + 0x18, host) && *(unsigned long *)(host + 0x18) == 0x77;
}

static bool interrupt_by_csr(struct client *c)
{
	struct texit e;

	csr_set(hvip, SIP_VSEIP);
	e = run_populated(c, 0, remote_do(&c->r, R_ENABLE, 1UL << 9));
	csr_write(hvip, 0);
	return e.scause == REMOTE_IDLE && remote_do(&c->r, R_TAKEN, 9).scause == REMOTE_IDLE &&
	       c->r.out[0][0] == 1;
}

static void single_step(void)
{
	unsigned long host = pages_alloc(4, 1);
	struct client c;
	struct texit e;
	unsigned int i;
	struct vm v;

	if (dialect_rfc) {
		test_skip("the numbers of 2023 have no promotion");
		return;
	}
	REQUIRE(host_boot() && promoted(&c, &v));
	e = remote_do(&c.r, R_TIME, 0); /* the guest's own pages */
	EXPECT(run_populated(&c, 0, e).scause, REMOTE_IDLE);
	REQUIRE(guest_boot(&c));
	REQUIRE(share_by_address(&c, host));
	REQUIRE(interrupt_by_csr(&c));
	EXPECT(tvm_run(&c.r.t, 1).error, E_FAILED);
	e = remote_do(&c.r, R_CALL, 1, GUEST_BASE, GUEST_ARG(G_REMOTE, 0), 0, 0, 0, 0, EXT_HSM);
	EXPECT(e.scause, CAUSE_VECALL);
	EXPECT(e.a[0], 1);
	EXPECT(remote_run(&c.r, 0).scause, REMOTE_IDLE);
	EXPECT(run_populated(&c, 1, remote_run(&c.r, 1)).scause, REMOTE_IDLE);
	EXPECT(tvm_destroy(&c.r.t), OK);
	for (i = 0; i < c.npages; i++)
		EXPECT(reclaim(c.page[i], 1), OK);
	EXPECT(reclaim(v.pool, VM_POOL_PAGES), OK);
	EXPECT(convert(v.ram, VM_PAGES), OK); /* the VM's memory was the host's all the time */
	EXPECT(convert(host, 4), OK);
}

/*
 * With a TAP, which asks for local attestation: one that is none is refused, whether the
 * firmware has local attestation or not, and the VM may try without.
 */
static void single_step_tap(void)
{
	struct sbiret r;
	struct vm v;

	if (dialect_rfc) {
		test_skip("the numbers of 2023 have no promotion");
		return;
	}
	REQUIRE(host_boot() && vm_make(&v));
	EXPECT_TRUE(sbi6(SBI_EXT_COVH, SBI_COVH_PROMOTE_TO_TVM, VM_TREE, VM_TREE + PAGE, GUEST_BASE)
			    .error < 0);
	r = vm_promote();
	EXPECT(r.error, OK);
	EXPECT(covh(SBI_COVH_DESTROY_TVM, r.value), OK);
}

/* A number that only another client has */
static void unknown_numbers(void)
{
	EXPECT(sbi6(SBI_EXT_COVH, dialect_rfc ? 21 : 20, ~0UL, 0).error, E_NOT_SUPPORTED);
	EXPECT(sbi6(SBI_EXT_COVG, SBI_COVG_SHARE_MEMORY_REGION, GUEST_BASE, PAGE).error,
	       E_NOT_SUPPORTED);
}

static const struct test replay_tests[] = {
	{ "replay_multi_step", multi_step, 1 },
	{ "replay_never_run", never_run, 1 },
	{ "replay_failure_path", failure_path, 1 },
	{ "replay_fault_race", fault_race, 1 },
	{ "replay_share_of_measured", share_of_measured, 1 },
	{ "replay_unshare", unshare, 1 },
	{ "replay_value_ignored", value_ignored, 1 },
	{ "replay_physical_csrs", physical_csrs, 1 },
	{ "replay_second_vcpu", second_vcpu, 1 },
	{ "replay_single_step", single_step, 1 },
	{ "replay_single_step_tap", single_step_tap, 1 },
	{ "replay_unknown_numbers", unknown_numbers, 1 },
};

void payload(void)
{
	tests_run(replay_tests, ARRAY_SIZE(replay_tests));
}
