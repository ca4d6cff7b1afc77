// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The simulated twin of lib/sbi_cove/cove_world.c and cove_cache.c.
 */
#include "fake_world.h"
#include "pmp_spec.h"

#include <sbi/riscv_encoding.h>

struct fake_hart fake_harts[ARCH_MAX_HARTS];
bool fake_parallel;
unsigned long fake_hartid_base;
unsigned long fake_time;

static struct fake_hart *this_hart(void)
{
	return &fake_harts[arch_hart()];
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "hart %u: %s\n", arch_hart(), what);
	abort();
}

void fake_world_reset(void)
{
	memset(fake_harts, 0, sizeof(fake_harts));
	fake_parallel = false;
	fake_hartid_base = 0;
	fake_time = 1000000;
}

/* A hart that waits for others, or runs a TVM, must hold no lock. */
static void must_hold_no_lock(void)
{
	unsigned int i;

	if (fake_parallel)
		return;
	must(!cove.convert_lock.held && !cove.table.lock.held, "a lock is held");
	for (i = 0; i < COVE_MAX_TVMS; i++)
		must(!cove.slot[i].lock.held, "the lock of a TVM is held");
}

static void swap_csrs(struct cove_csrs *out, const struct cove_csrs *in)
{
	struct fake_hart *h = this_hart();

	*out = h->csr;
	h->csr = *in;
}

void cove_world_enter(struct cove_hart *hart, struct tvm *tvm, struct cove_vcpu *vcpu)
{
	struct fake_hart *h = this_hart();
	struct cove_csrs *csr = &vcpu->csr;

	must(!h->in_tvm, "a TVM was entered in a TVM");
	must_hold_no_lock();
	csr->hvip &= FAKE_VSSIP;
	if (arch_load(&tvm->interrupts_allowed))
		csr->hvip |= h->csr.hvip & FAKE_VSEIP;
	csr->htimedelta = tvm->htimedelta;
	csr->hgatp = cove_gstage_hgatp(tvm);
	swap_csrs(&hart->host.csr, csr);
	h->in_tvm = true;
	h->enters++;
}

void cove_world_take_ipi(struct cove_vcpu *vcpu)
{
	if (__atomic_exchange_n(&vcpu->ipi, 0, __ATOMIC_ACQ_REL))
		this_hart()->csr.hvip |= FAKE_VSSIP;
}

enum exit_action cove_world_run(struct cove_vcpu **running)
{
	struct fake_hart *h = this_hart();
	struct cove_vcpu *vcpu = *running;

	must(h->in_tvm && h->guest, "no TVM to run");
	must_hold_no_lock();
	cove_world_take_ipi(vcpu);
	memset(&vcpu->trap, 0, sizeof(vcpu->trap));
	h->guest(vcpu, h->guest_arg);
	must(!vcpu->gpr[0], "x0 is not zero");
	return vcpu->trap.cause == CAUSE_VIRTUAL_SUPERVISOR_ECALL ? cove_guest_quick(vcpu)
								  : EXIT_TRAP;
}

void cove_world_leave(struct cove_hart *hart, struct cove_vcpu *vcpu)
{
	struct fake_hart *h = this_hart();
	void (*on_leave)(void) = h->on_leave;

	must(h->in_tvm, "no TVM to leave");
	swap_csrs(&vcpu->csr, &hart->host.csr);
	h->in_tvm = false;
	h->leaves++;
	h->on_leave = NULL;
	if (on_leave)
		on_leave();
}

bool cove_world_lazy_state(struct cove_vcpu *vcpu)
{
	struct fake_hart *h = this_hart();
	bool lazy = h->lazy;

	(void)vcpu;
	h->lazy = false;
	return lazy;
}

void cove_world_interrupt(unsigned long cause)
{
	this_hart()->interrupt = cause;
}

void cove_world_deny_external(void)
{
	must(this_hart()->in_tvm, "the host's own line");
	this_hart()->csr.hvip &= ~(unsigned long)FAKE_VSEIP;
}

bool cove_world_guest_interrupt_pending(void)
{
	const struct cove_csrs *csr = &this_hart()->csr;

	return csr->hvip >> 1 & csr->vsie;
}

void cove_world_inject(unsigned long epc, unsigned long cause, unsigned long tval, bool from_s)
{
	struct fake_hart *h = this_hart();

	must(h->in_tvm, "an exception for no guest");
	h->csr.vsepc = epc;
	h->csr.vscause = cause;
	h->csr.vstval = tval;
	h->inject_from_s = from_s;
	h->injects++;
}

unsigned long cove_world_vector(void)
{
	return this_hart()->csr.vstvec & ~3UL;
}

unsigned long cove_world_machine_id(unsigned int csr)
{
	return 0xabc000UL | csr;
}

bool cove_world_fetch(struct cove_vcpu *vcpu, unsigned long *insn)
{
	(void)vcpu;
	*insn = this_hart()->fetch_insn;
	return this_hart()->fetch_ok;
}

void cove_world_set_timer(struct cove_vcpu *vcpu, unsigned long when)
{
	vcpu->csr.vstimecmp = when;
	this_hart()->csr.vstimecmp = when;
}

void cove_world_fence_self(unsigned int type, unsigned long asid)
{
	struct fake_hart *h = this_hart();

	must_hold_no_lock();
	h->fence[h->nfences % FAKE_MAX_FENCES] = (struct fake_fence){ .type = type, .asid = asid };
	h->nfences++;
}

bool cove_world_remote_fence(unsigned long hartids, unsigned long base, unsigned int type,
			     unsigned long start, unsigned long size, unsigned long asid,
			     unsigned long vmid)
{
	struct fake_hart *h = this_hart();

	must_hold_no_lock();
	h->fence[h->nfences % FAKE_MAX_FENCES] =
		(struct fake_fence){ hartids, base, type, start, size, asid, vmid };
	h->nfences++;
	return !h->unreachable;
}

bool cove_world_interrupted(void)
{
	return this_hart()->interrupted;
}

bool cove_cache_zero(u64 pa, u64 len)
{
	must(!(pa % 4096) && !(len % 4096), "what is no page was zeroed");
	return false;
}

void cove_cache_flush(u64 pa, u64 len)
{
	const u8 *first = arch_ptr(pa), *last = arch_ptr(pa + len - 1);

	must(!(pa % 4096) && len, "what is no page was written back");
	for (; first <= last; first++)
		must(!*first, "a page was written back before it was scrubbed");
}

void cove_world_flush_host(void)
{
	void (*on_flush)(void) = this_hart()->on_flush;

	this_hart()->flushes++;
	this_hart()->on_flush = NULL;
	if (on_flush)
		on_flush();
}

void cove_world_fence_host(void)
{
	this_hart()->flushes++;
}

void cove_world_fence_guest(u64 gpa)
{
	(void)gpa;
	this_hart()->flushes++;
}

void cove_world_report(unsigned long scause, unsigned long stval)
{
	struct fake_hart *h = this_hart();

	must(!h->in_tvm, "the host's CSRs were written while a TVM has the hart");
	h->scause = scause;
	h->stval = stval;
	h->reports++;
}

void cove_world_ipi(unsigned int hart_index)
{
	must(hart_index < ARCH_MAX_HARTS, "an IPI to no hart");
	__atomic_fetch_add(&fake_harts[hart_index].ipis, 1, __ATOMIC_SEQ_CST);
}

unsigned long cove_world_hartid(unsigned int hart_index)
{
	return fake_hartid_base + hart_index;
}

unsigned long cove_world_time(void)
{
	return fake_time;
}

bool cove_world_write_pmp(const struct pmp_config *old, const struct pmp_config *new,
			  unsigned int entries)
{
	struct fake_hart *h = this_hart();
	unsigned int i;

	must(new->n <= entries &&entries <= PMP_MAX_ENTRIES, "more PMP entries than there are");
	must(!old->n || !memcmp(old->entry, h->pmp.entry, old->n * sizeof(old->entry[0])),
	     "the PMP entries are not what the monitor thinks");
	if (h->pmp_locked)
		return false;
	memset(&h->pmp, 0, sizeof(h->pmp));
	h->pmp.n = entries;
	for (i = 0; i < new->n; i++)
		h->pmp.entry[i] = new->entry[i];
	return true;
}

void cove_world_write_pmp_entry(const struct pmp_config *config, unsigned int index)
{
	struct fake_hart *h = this_hart();
	unsigned int i;

	must(index < config->n && config->n <= h->pmp.n, "a PMP entry that is not there");
	h->pmp.entry[index] = config->entry[index];
	for (i = 0; i < config->n; i++)
		must(h->pmp.entry[i].addr == config->entry[i].addr &&
			     h->pmp.entry[i].cfg == config->entry[i].cfg,
		     "the PMP entries are not what the monitor thinks");
}

void cove_world_host_env(struct cove_walk_env *env, unsigned long mstatus, bool gva)
{
	const struct fake_hart *h = this_hart();

	*env = h->env;
	env->virt = gva || (mstatus & MSTATUS_MPV);
	env->satp = env->virt ? h->vsatp : h->host_csr.satp;
	env->hgatp = h->host_csr.hgatp;
}

void cove_world_gate(const struct cove_hart *hart, bool open)
{
	struct fake_hart *h = this_hart();

	must(h->pmp.entry[hart->plan.gate].addr == PMP_ADDR_ALL, "another entry than the gate");
	h->pmp.entry[hart->plan.gate].cfg =
		open ? PMP_CFG_NAPOT | PMP_CFG_R | PMP_CFG_W | PMP_CFG_X : PMP_CFG_OFF;
	h->gate = open;
}

void cove_world_window_enter(const struct cove_window_csrs *window, struct cove_window_csrs *host)
{
	struct fake_hart *h = this_hart();

	must(!h->in_window, "a window in a window");
	*host = h->host_csr;
	h->host_csr.satp = window->satp;
	h->host_csr.hgatp = window->hgatp;
	h->host_csr.medeleg = (h->host_csr.medeleg & ~window->medeleg) | window->delegate;
	h->in_window = true;
}

void cove_world_window_leave(const struct cove_window_csrs *host)
{
	struct fake_hart *h = this_hart();

	must(h->in_window, "no window to leave");
	must(!h->gate, "the host's translation while the gate is open");
	h->host_csr = *host;
	h->in_window = false;
}

unsigned long cove_world_read_atp(enum cove_world_atp which)
{
	const struct cove_window_csrs *csr = &this_hart()->host_csr;

	return which == WORLD_SATP ? csr->satp : csr->hgatp;
}

void cove_world_write_atp(enum cove_world_atp which, unsigned long value)
{
	struct cove_window_csrs *csr = &this_hart()->host_csr;

	*(which == WORLD_SATP ? &csr->satp : &csr->hgatp) = value;
}

void cove_world_halt(void)
{
	must(false, "the hart was halted");
	abort();
}

bool cove_world_has_sstc(void)
{
	return true;
}

bool fake_pmp_allows(const struct fake_hart *hart, u64 pa)
{
	return spec_allows(hart->pmp.entry, hart->pmp.n, pa, 8, PMP_CFG_R | PMP_CFG_W);
}

void cove_world_take_guest_faults(bool take)
{
	const unsigned long faults =
		1UL << CAUSE_FETCH_GUEST_PAGE_FAULT | 1UL << CAUSE_LOAD_GUEST_PAGE_FAULT |
		1UL << CAUSE_STORE_GUEST_PAGE_FAULT | 1UL << CAUSE_FETCH_PAGE_FAULT;
	struct fake_hart *h = this_hart();

	h->host_csr.medeleg = take ? h->host_csr.medeleg & ~faults : h->host_csr.medeleg | faults;
}

bool cove_world_htinst_can_be(unsigned long tinst)
{
	(void)tinst;
	return true;
}
