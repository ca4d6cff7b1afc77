// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * CSRs, floating point and vector state between host and TVM. The only file
 * of the monitor that touches them, with cove_world_run.h; tests/unit has its simulated twin.
 */
#include "cove_internal.h"
#include "cove_hart_features.h"
#include "cove_walk.h"
#include <sbi/sbi_hart.h>
#include <sbi/sbi_hfence.h>
#include <sbi/sbi_ipi.h>
#include <sbi/sbi_irqchip.h>
#include <sbi/sbi_timer.h>
#include <sbi/sbi_tlb.h>
#include <sbi/sbi_trap.h>
#include <sbi/sbi_unpriv.h>

#define VS_INTERRUPTS (MIP_VSSIP | MIP_VSTIP | MIP_VSEIP)

/*
 * What VS handles itself. Every other exception comes to M-mode: nothing may
 * enter HS with a TVM's state live. Illegal instructions come to M-mode for
 * the lazy switch of F and V.
 */
#define TVM_EXCEPTIONS                                                      \
	((1UL << CAUSE_MISALIGNED_FETCH) | (1UL << CAUSE_BREAKPOINT) |      \
	 (1UL << CAUSE_MISALIGNED_LOAD) | (1UL << CAUSE_MISALIGNED_STORE) | \
	 (1UL << CAUSE_USER_ECALL) | (1UL << CAUSE_FETCH_PAGE_FAULT) |      \
	 (1UL << CAUSE_LOAD_PAGE_FAULT) | (1UL << CAUSE_STORE_PAGE_FAULT))

/* Guest page faults, and the fetch page fault that HLVX may say. */
#define GUEST_FAULTS                                                                    \
	((1UL << CAUSE_FETCH_GUEST_PAGE_FAULT) | (1UL << CAUSE_LOAD_GUEST_PAGE_FAULT) | \
	 (1UL << CAUSE_STORE_GUEST_PAGE_FAULT) | (1UL << CAUSE_FETCH_PAGE_FAULT))

#define COUNTEREN_TM (1UL << 1)
#define ENVCFG_TVM \
	(ENVCFG_STCE | ENVCFG_CBZE | ENVCFG_CBCFE | (ENVCFG_CBIE_FLUSH << ENVCFG_CBIE_SHIFT))
#define STATEEN0_ENVCFG	 (1UL << 62)
#define CSR_JVT		 0x017
#define CSR_SCONTEXT	 0x5a8
#define NEAR_ENTRIES	 8 /* of the first pmpcfg */
#define MSTATUS_FS_CLEAN 0x4000UL
#define MSTATUS_VS_CLEAN 0x400UL

void cove_fp_save(struct cove_fp *fp);
void cove_fp_restore(const struct cove_fp *fp);
void cove_v_save(struct cove_v *v);
void cove_v_restore(const struct cove_v *v);

static struct cove_hart_features features;
/* There is any of the CSRs that few harts have: a switch asks once. */
static bool rare_csrs;
/* What most harts have and nothing else: a switch that asks for no feature. */
static bool common_csrs;

/** cove_world_init() - what the harts have; all harts have the same */
void cove_world_init(const struct cove_hart_features *f)
{
	features = *f;
	rare_csrs = f->smstateen || f->aia || f->vsiselect || f->ctr || f->jvt || f->scontext;
	common_csrs = !rare_csrs && f->envcfg && f->sstc;
}

/** cove_world_delegable() - which exceptions of a TVM this hart's VS can take itself */
unsigned long cove_world_delegable(void)
{
	unsigned long old = csr_swap(CSR_HEDELEG, TVM_EXCEPTIONS);

	return csr_swap(CSR_HEDELEG, old) & TVM_EXCEPTIONS;
}

bool cove_world_has_sstc(void)
{
	return features.sstc;
}

unsigned long cove_world_time(void)
{
	return csr_read(CSR_TIME);
}

/* What the guest has values of its own for, where the hart has it */
static void swap_rare_csrs(struct cove_csrs *out, const struct cove_csrs *in)
{
	if (features.smstateen)
		out->sstateen0 = csr_swap(CSR_SSTATEEN0, in->sstateen0);
	if (features.vsiselect)
		out->vsiselect = csr_swap(CSR_VSISELECT, in->vsiselect);
	/* The host may read the records, so there must be none of a TVM. */
	if (features.ctr && COVE_DEFENCE(JUMPS_UNRECORDED))
		out->vsctrctl = csr_swap(CSR_VSCTRCTL, in->vsctrctl);
	if (features.jvt)
		out->jvt = csr_swap(CSR_JVT, in->jvt);
	if (features.scontext)
		out->scontext = csr_swap(CSR_SCONTEXT, in->scontext);
}

static ARCH_NOINLINE void enter_rare_csrs(struct cove_csrs *host, const struct cove_csrs *guest)
{
	if (features.smstateen)
		host->hstateen0 = csr_swap(CSR_HSTATEEN0, guest->hstateen0);
	if (features.aia) {
		csr_write(CSR_HVIP, 0); /* its bits that hvien hides must not stay */
		host->hvien = csr_swap(CSR_HVIEN, 0);
		host->hvictl = csr_swap(CSR_HVICTL, 0);
		host->hviprio1 = csr_swap(CSR_HVIPRIO1, 0);
		host->hviprio2 = csr_swap(CSR_HVIPRIO2, 0);
	}
	swap_rare_csrs(host, guest);
}

static ARCH_NOINLINE void leave_rare_csrs(struct cove_csrs *guest, const struct cove_csrs *host)
{
	if (features.smstateen)
		csr_write(CSR_HSTATEEN0, host->hstateen0);
	if (features.aia) {
		csr_write(CSR_HVIEN, host->hvien);
		csr_write(CSR_HVICTL, host->hvictl);
		csr_write(CSR_HVIPRIO1, host->hviprio1);
		csr_write(CSR_HVIPRIO2, host->hviprio2);
	}
	swap_rare_csrs(guest, host);
}

/*
 * hvip where the host's timer bit is in the way: with Sstc, QEMU keeps M-mode from changing
 * hvip.VSTIP while menvcfg.STCE is set.
 */
static ARCH_NOINLINE void force_hvip(unsigned long value)
{
	unsigned long menvcfg, henvcfg;

	if (features.sstc && COVE_DEFENCE(HOST_TIMER_INTERRUPT)) {
		henvcfg = csr_read(CSR_HENVCFG);
		menvcfg = csr_swap(CSR_MENVCFG, csr_read(CSR_MENVCFG) & ~ENVCFG_STCE);
		csr_write(CSR_HVIP, value);
		csr_write(CSR_MENVCFG, menvcfg);
		csr_write(CSR_HENVCFG, henvcfg); /* its STCE has gone with menvcfg's */
	}
}

/* VS, and what both worlds use; vsatp, vsstatus, vsie and hvip are the callers'. */
ARCH_INLINE void swap_guest_csrs(struct cove_csrs *out, const struct cove_csrs *in, bool common)
{
	out->vstvec = csr_swap(CSR_VSTVEC, in->vstvec);
	out->vsscratch = csr_swap(CSR_VSSCRATCH, in->vsscratch);
	out->vsepc = csr_swap(CSR_VSEPC, in->vsepc);
	out->vscause = csr_swap(CSR_VSCAUSE, in->vscause);
	out->vstval = csr_swap(CSR_VSTVAL, in->vstval);
	out->scounteren = csr_swap(CSR_SCOUNTEREN, in->scounteren);
	if (common || features.envcfg)
		out->senvcfg = csr_swap(CSR_SENVCFG, in->senvcfg);
	if (common || features.sstc)
		out->vstimecmp = csr_swap(CSR_VSTIMECMP, in->vstimecmp);
}

ARCH_INLINE void enter_hypervisor_csrs(struct cove_csrs *host, const struct cove_csrs *guest,
				       bool common)
{
	host->hgatp = csr_swap(CSR_HGATP, guest->hgatp);
	host->hstatus = csr_swap(CSR_HSTATUS, guest->hstatus);
	host->hedeleg = csr_swap(CSR_HEDELEG, guest->hedeleg);
	host->hideleg = csr_swap(CSR_HIDELEG, VS_INTERRUPTS);
	host->hcounteren = csr_swap(CSR_HCOUNTEREN, guest->hcounteren);
	host->htval = csr_read(CSR_HTVAL);
	host->htinst = csr_read(CSR_HTINST);
	if (common || features.envcfg)
		host->henvcfg = csr_swap(CSR_HENVCFG, guest->henvcfg);
}

/* QEMU's htval and htinst follow the traps of VS, too. */
ARCH_INLINE void leave_hypervisor_csrs(struct cove_csrs *guest, const struct cove_csrs *host,
				       bool common)
{
	csr_write(CSR_HGATP, host->hgatp);
	csr_write(CSR_HSTATUS, host->hstatus);
	csr_write(CSR_HEDELEG, host->hedeleg);
	guest->hvip = csr_swap(CSR_HVIP, 0);
	csr_write(CSR_HIDELEG, host->hideleg);
	csr_write(CSR_HCOUNTEREN, host->hcounteren);
	csr_write(CSR_HTIMEDELTA, host->htimedelta);
	csr_write(CSR_HTVAL, host->htval);
	csr_write(CSR_HTINST, host->htinst);
	if (common || features.envcfg)
		csr_write(CSR_HENVCFG, host->henvcfg);
}

/* What the guest has pending: its own, its timer without Sstc, and the host's line if it may. */
ARCH_INLINE unsigned long guest_hvip(const struct tvm *tvm, const struct cove_csrs *guest,
				     unsigned long host_hvip, bool common)
{
	unsigned long hvip = guest->hvip & MIP_VSSIP;

	if (arch_load(&tvm->interrupts_allowed) || !COVE_DEFENCE(INTERRUPT_ALLOWED))
		hvip |= host_hvip & MIP_VSEIP;
	if (!common && !features.sstc && cove_world_time() + tvm->htimedelta >= guest->vstimecmp)
		hvip |= MIP_VSTIP;
	return hvip;
}

/*
 * The host's hvip is known. vsatp is zero while hgatp changes and is set last, so that no walk
 * mixes two worlds. vsie is an alias of hie through hideleg: hideleg is the new world's first, and
 * hie, which alone also holds SGEIE, before it. Which bits vsstatus and hvip have
 * depends on henvcfg.DTE, hvien and hideleg.
 */
ARCH_INLINE void enter_csrs(const struct tvm *tvm, struct cove_csrs *host,
			    const struct cove_csrs *guest, bool common)
{
	unsigned long hvip;

	host->vsatp = csr_swap(CSR_VSATP, 0);
	host->vsstatus = csr_read(CSR_VSSTATUS);
	host->hie = csr_read(CSR_HIE);
	enter_hypervisor_csrs(host, guest, common);
	host->htimedelta = csr_swap(CSR_HTIMEDELTA, tvm->htimedelta);
	swap_guest_csrs(host, guest, common);
	if (!common && rare_csrs)
		enter_rare_csrs(host, guest);
	csr_write(CSR_VSSTATUS, guest->vsstatus);
	hvip = guest_hvip(tvm, guest, host->hvip, common);
	csr_write(CSR_HVIP, hvip);
	if (!common && host->hvip & MIP_VSTIP)
		force_hvip(hvip);
	csr_write(CSR_HIE, 0);
	csr_write(CSR_VSIE, guest->vsie);
	csr_write(CSR_VSATP, guest->vsatp);
}

ARCH_INLINE void leave_csrs(struct cove_csrs *guest, const struct cove_csrs *host, bool common)
{
	guest->vsatp = csr_swap(CSR_VSATP, 0);
	guest->vsstatus = csr_read(CSR_VSSTATUS);
	guest->vsie = csr_read(CSR_VSIE);
	leave_hypervisor_csrs(guest, host, common);
	swap_guest_csrs(guest, host, common);
	if (!common && rare_csrs)
		leave_rare_csrs(guest, host);
	csr_write(CSR_VSSTATUS, host->vsstatus);
	csr_write(CSR_HVIP, host->hvip);
	if (!common && host->hvip & MIP_VSTIP)
		force_hvip(host->hvip);
	csr_write(CSR_HIE, host->hie);
	csr_write(CSR_VSATP, host->vsatp);
}

/* The assembler of every compiler that builds this does not know the H extension. */
static void fence_guest_translations(void)
{
	__asm__ __volatile__(".insn r 0x73, 0, 0x11, x0, x0, x0" ::: "memory"); /* hfence.vvma */
}

/* Also what the hart has fetched of pages that change owner. */
static void flush_all(void)
{
	__asm__ __volatile__("fence.i\n\tsfence.vma" ::: "memory");
	fence_guest_translations();
	__asm__ __volatile__(".insn r 0x73, 0, 0x31, x0, x0, x0" ::: "memory"); /* hfence.gvma */
}

/**
 * cove_world_interrupted() - does an interrupt that is enabled wait for M-mode to return?
 * Those of a VM do not count: they wait until it runs, perhaps for long.
 */
bool cove_world_interrupted(void)
{
	return csr_read(CSR_MIP) & csr_read(CSR_MIE) & ~csr_read(CSR_HIDELEG);
}

/** cove_world_flush_host() - forget what this hart has cached of PMP checks and translations */
void cove_world_flush_host(void)
{
	flush_all();
}

/** cove_world_fence_host() - first-stage tables show more than before */
void cove_world_fence_host(void)
{
	__sbi_sfence_vma_all();
}

/** cove_world_fence_guest() - second-stage tables show more than before at @gpa */
void cove_world_fence_guest(u64 gpa)
{
	__sbi_hfence_gvma_gpa(gpa >> 2);
}

#define csr_change(csr, bits, set)            \
	do {                                  \
		if (set)                      \
			csr_set(csr, bits);   \
		else                          \
			csr_clear(csr, bits); \
	} while (0)

/* Far behind the first entries: the number of a CSR is part of the instruction. */
static void change_far_gate(unsigned int group, unsigned long cfg, bool open)
{
	switch (group) {
	case 1:
		csr_change(CSR_PMPCFG2, cfg, open);
		break;
	case 2:
		csr_change(CSR_PMPCFG4, cfg, open);
		break;
	case 3:
		csr_change(CSR_PMPCFG6, cfg, open);
		break;
	case 4:
		csr_change(CSR_PMPCFG8, cfg, open);
		break;
	case 5:
		csr_change(CSR_PMPCFG10, cfg, open);
		break;
	case 6:
		csr_change(CSR_PMPCFG12, cfg, open);
		break;
	default:
		csr_change(CSR_PMPCFG14, cfg, open);
		break;
	}
}

/* @near: the gate is among the first entries */
ARCH_INLINE void change_gate(const struct cove_hart *hart, bool open, bool near)
{
	unsigned long cfg = PMP_CFG_NAPOT | PMP_CFG_R | PMP_CFG_W | PMP_CFG_X;
	unsigned int gate = hart->plan.gate;

	cfg <<= (near ? gate : gate % NEAR_ENTRIES) * 8;
	if (near || gate < NEAR_ENTRIES)
		csr_change(CSR_PMPCFG0, cfg, open);
	else
		change_far_gate(gate / NEAR_ENTRIES, cfg, open);
}

/**
 * cove_world_gate() - the PMP entry behind the fixed ones: open to everything, or off
 * The caller sees to it that translation confines who runs, and fences.
 */
void cove_world_gate(const struct cove_hart *hart, bool open)
{
	change_gate(hart, open, false);
}

/*
 * Of the hypervisor and of mstatus, once: the guest cannot change them. Of mstatus,
 * FS and VS are off: leaving sees to it that they are each time.
 */
static ARCH_NOINLINE void configure_guest(const struct tvm *tvm, struct cove_vcpu *vcpu)
{
	struct cove_csrs *csr = &vcpu->csr;

	if (COVE_DEFENCE(HSTATUS))
		csr->hstatus = (csr_read(CSR_HSTATUS) & HSTATUS_VSXL) | HSTATUS_VTW;
	else
		csr->hstatus = csr_read(CSR_HSTATUS);
	csr->hedeleg = features.delegable;
	csr->hcounteren = COVE_DEFENCE(HCOUNTEREN) ? COUNTEREN_TM : ~0UL;
	csr->henvcfg = ENVCFG_TVM;
	csr->hstateen0 = STATEEN0_ENVCFG;
	csr->hgatp = cove_gstage_hgatp(tvm);
	vcpu->mstatus &= MSTATUS_MPP | MSTATUS_MPELP;
	vcpu->mstatus |= MSTATUS_MPV | (csr_read(CSR_MSTATUS) & (MSTATUS_UXL | MSTATUS_SXL));
}

/**
 * cove_world_armed_triggers() - which of the calling hart's first @n triggers can fire
 */
u32 cove_world_armed_triggers(unsigned int n)
{
	unsigned long tdata1;
	u32 armed = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		csr_write(CSR_TSELECT, i);
		tdata1 = csr_read(CSR_TDATA1);
		if (cove_trigger_parked(tdata1) != tdata1)
			armed |= 1U << i;
	}
	return armed;
}

/* The host's triggers would single-step a TVM, and tell its addresses and data. */
static void park_triggers(struct cove_hart *hart)
{
	unsigned int i;

	for (i = 0; i < COVE_MAX_TRIGGERS; i++) {
		if (!(hart->triggers & 1U << i))
			continue;
		csr_write(CSR_TSELECT, i);
		hart->host.tdata1[i] = csr_read(CSR_TDATA1);
		csr_write(CSR_TDATA1, cove_trigger_parked(hart->host.tdata1[i]));
	}
}

static void unpark_triggers(const struct cove_hart *hart)
{
	unsigned int i;

	for (i = 0; i < COVE_MAX_TRIGGERS; i++) {
		if (!(hart->triggers & 1U << i))
			continue;
		csr_write(CSR_TSELECT, i);
		csr_write(CSR_TDATA1, hart->host.tdata1[i]);
	}
}

ARCH_INLINE void enter(struct cove_hart *hart, struct tvm *tvm, struct cove_vcpu *vcpu, bool common)
{
	struct cove_host_state *host = &hart->host;

	host->mstatus = csr_read(CSR_MSTATUS);
	host->sepc = csr_read(CSR_SEPC);
	host->medeleg = csr_swap(CSR_MEDELEG, vcpu->csr.hedeleg);
	host->mideleg = csr_swap(CSR_MIDELEG, VS_INTERRUPTS);
	enter_csrs(tvm, &host->csr, &vcpu->csr, common);
	if (!COVE_DEFENCE(MEDELEG))
		csr_write(CSR_MEDELEG, host->medeleg);
	if (!COVE_DEFENCE(MIDELEG))
		csr_write(CSR_MIDELEG, host->mideleg);
	change_gate(hart, true, common);
	flush_all();
	if (!COVE_DEFENCE(LAZY_OFF))
		vcpu->mstatus |= host->mstatus & (MSTATUS_FS | MSTATUS_VS);
}

static ARCH_NOINLINE void enter_any(struct cove_hart *hart, struct tvm *tvm, struct cove_vcpu *vcpu)
{
	if (!vcpu->csr.hgatp)
		configure_guest(tvm, vcpu);
	if (hart->triggers && COVE_DEFENCE(TRIGGERS_PARKED))
		park_triggers(hart);
	vcpu->live = LIVE_RARE;
	enter(hart, tvm, vcpu, false);
}

/* The way that needs no call and asks for no feature is the one for this hart and vCPU. */
ARCH_INLINE bool is_common(const struct cove_hart *hart, unsigned long hvip)
{
	return common_csrs && !hart->triggers && hart->plan.gate < NEAR_ENTRIES &&
	       !(hvip & MIP_VSTIP);
}

/**
 * cove_world_enter() - make this hart the TVM's, all but the GPRs
 * The host's values are kept in @hart->host; nothing of them is visible to the
 * TVM, F and V change hands at first use.
 *
 * An exception that VS cannot take is not delegated either, or HS would get it.
 */
void cove_world_enter(struct cove_hart *hart, struct tvm *tvm, struct cove_vcpu *vcpu)
{
	unsigned long hvip = csr_read(CSR_HVIP);

	hart->host.csr.hvip = hvip;
	if (likely(vcpu->csr.hgatp && is_common(hart, hvip)))
		enter(hart, tvm, vcpu, true);
	else
		enter_any(hart, tvm, vcpu);
}

/** cove_world_landing_pad() - that was expected at the trap and still is: sret looks at SPELP */
unsigned long cove_world_landing_pad(unsigned long mstatus)
{
	unsigned long expected = mstatus & MSTATUS_MPELP;

	mstatus &= ~MSTATUS_ELP;
	return expected && COVE_DEFENCE(KEEP_ELP) ? mstatus | MSTATUS_SPELP : mstatus;
}

/*
 * What was used is saved, whatever FS and VS say: not every hart sets them to
 * Dirty for a flag that a vector instruction raises, or for a write of a CSR.
 */
static ARCH_NOINLINE void leave_lazy_state(struct cove_hart *hart, struct cove_vcpu *vcpu)
{
	if (vcpu->live & LIVE_FP) {
		csr_set(CSR_MSTATUS, MSTATUS_FS);
		if (COVE_DEFENCE(KEEP_FP))
			cove_fp_save(&vcpu->fp);
		if (COVE_DEFENCE(LEAVE_FP))
			cove_fp_restore(&hart->host.fp);
	}
	if (vcpu->live & LIVE_V) {
		csr_set(CSR_MSTATUS, MSTATUS_VS);
		if (COVE_DEFENCE(KEEP_V))
			cove_v_save(&vcpu->v);
		if (COVE_DEFENCE(LEAVE_V))
			cove_v_restore(hart->host.v);
	}
	vcpu->mstatus &= ~(MSTATUS_FS | MSTATUS_VS);
}

/*
 * mstatus is @mstatus. Since the TVM's trap its MPV says V, and the host's own mret would
 * enter VS. An mret to M-mode, with MPIE off, clears it also where a CSR write
 * cannot (QEMU from 10.0.3 on).
 */
ARCH_INLINE void leave_v(unsigned long mstatus)
{
	unsigned long here;

	__asm__ __volatile__("csrw mstatus, %1\n\t"
			     "lla %0, 1f\n\t"
			     "csrw mepc, %0\n\t"
			     "mret\n"
			     "1:\tcsrw mstatus, %2"
			     : "=&r"(here)
			     : "r"(MSTATUS_MPP), "r"(mstatus)
			     : "memory");
}

ARCH_INLINE void leave(struct cove_hart *hart, struct cove_vcpu *vcpu, bool common)
{
	struct cove_host_state *host = &hart->host;

	fence_guest_translations();
	if (COVE_DEFENCE(GATE_CLOSES))
		change_gate(hart, false, common);
	leave_csrs(&vcpu->csr, &host->csr, common);
	csr_write(CSR_MEDELEG, host->medeleg);
	csr_write(CSR_MIDELEG, host->mideleg);
	csr_write(CSR_SEPC, host->sepc);
	leave_v(host->mstatus);
}

static ARCH_NOINLINE void leave_any(struct cove_hart *hart, struct cove_vcpu *vcpu)
{
	if (vcpu->live & (LIVE_FP | LIVE_V))
		leave_lazy_state(hart, vcpu);
	vcpu->live = 0;
	leave(hart, vcpu, false);
	if (hart->triggers && COVE_DEFENCE(TRIGGERS_PARKED))
		unpark_triggers(hart);
	flush_all();
}

/** cove_world_leave() - make this hart the host's again; the inverse of cove_world_enter() */
void cove_world_leave(struct cove_hart *hart, struct cove_vcpu *vcpu)
{
	if (unlikely(vcpu->live)) {
		leave_any(hart, vcpu);
		return;
	}
	leave(hart, vcpu, true);
	flush_all();
}

/**
 * cove_world_lazy_state() - an illegal instruction: was it F or V that is off?
 * Return: true when state was loaded and the instruction should be retried
 */
bool cove_world_lazy_state(struct cove_vcpu *vcpu)
{
	struct cove_hart *hart = cove_this_hart();
	unsigned long vsstatus = csr_read(CSR_VSSTATUS);
	bool loaded = false;

	if (!(vcpu->live & LIVE_FP) && features.fp && (vsstatus & SSTATUS_FS)) {
		csr_set(CSR_MSTATUS, MSTATUS_FS);
		cove_fp_save(&hart->host.fp);
		cove_fp_restore(&vcpu->fp);
		vcpu->mstatus = (vcpu->mstatus & ~MSTATUS_FS) | MSTATUS_FS_CLEAN;
		vcpu->live |= LIVE_FP;
		loaded = true;
	}
	if (!(vcpu->live & LIVE_V) && features.v && (vsstatus & SSTATUS_VS)) {
		csr_set(CSR_MSTATUS, MSTATUS_VS);
		cove_v_save(hart->host.v);
		cove_v_restore(&vcpu->v);
		vcpu->mstatus = (vcpu->mstatus & ~MSTATUS_VS) | MSTATUS_VS_CLEAN;
		vcpu->live |= LIVE_V;
		loaded = true;
	}
	return loaded;
}

/** cove_world_interrupt() - serve an M-mode interrupt that came while a TVM ran */
void cove_world_interrupt(unsigned long cause)
{
	switch (cause & ~(1UL << 63)) {
	case IRQ_M_TIMER:
		sbi_timer_process();
		break;
	case IRQ_M_SOFT:
		sbi_ipi_process();
		break;
	case IRQ_M_EXT:
		sbi_irqchip_process();
		break;
	}
}

/** cove_world_guest_interrupt_pending() - would WFI return at once? */
bool cove_world_guest_interrupt_pending(void)
{
	return csr_read(CSR_VSIP) & csr_read(CSR_VSIE);
}

/** cove_world_inject() - trap CSRs of VS for an exception at @epc */
void cove_world_inject(unsigned long epc, unsigned long cause, unsigned long tval, bool from_s)
{
	unsigned long vsstatus = csr_read(CSR_VSSTATUS);

	csr_write(CSR_VSEPC, epc);
	csr_write(CSR_VSCAUSE, cause);
	csr_write(CSR_VSTVAL, tval);
	vsstatus = (vsstatus & ~(SSTATUS_SPP | SSTATUS_SPIE | MSTATUS_SPELP)) |
		   (from_s ? SSTATUS_SPP : 0) | (vsstatus & SSTATUS_SIE ? SSTATUS_SPIE : 0) |
		   (csr_read(CSR_MSTATUS) & MSTATUS_MPELP ? MSTATUS_SPELP : 0);
	csr_write(CSR_VSSTATUS, vsstatus & ~SSTATUS_SIE);
}

/** cove_world_vector() - where the guest takes exceptions */
unsigned long cove_world_vector(void)
{
	return csr_read(CSR_VSTVEC) & ~3UL;
}

/** cove_world_machine_id() - mvendorid, marchid or mimpid; a kernel picks its errata by them */
unsigned long cove_world_machine_id(unsigned int csr)
{
	switch (csr) {
	case CSR_MVENDORID:
		return csr_read(CSR_MVENDORID);
	case CSR_MARCHID:
		return csr_read(CSR_MARCHID);
	default:
		return csr_read(CSR_MIMPID);
	}
}

/** cove_world_fetch() - the instruction at the vCPU's pc, as the TVM sees it; false when it cannot
 * be read now */
bool cove_world_fetch(struct cove_vcpu *vcpu, unsigned long *insn)
{
	struct sbi_trap_info trap = { 0 };

	*insn = sbi_get_insn(vcpu->pc, &trap);
	return !trap.cause;
}

/** cove_world_set_timer() - guest SBI set_timer */
void cove_world_set_timer(struct cove_vcpu *vcpu, unsigned long when)
{
	vcpu->csr.vstimecmp = when;
	if (features.sstc)
		csr_write(CSR_VSTIMECMP, when);
	else
		csr_clear(CSR_HVIP, MIP_VSTIP);
}

/** cove_world_fence_self() - the same on this hart, on which the TVM runs; the whole address space
 * instead of a range, for a range is a loop as long as the guest likes
 */
void cove_world_fence_self(unsigned int type, unsigned long asid)
{
	switch (type) {
	case FENCE_I:
		__asm__ __volatile__("fence.i" ::: "memory");
		break;
	case HFENCE_VVMA:
		__sbi_hfence_vvma_all();
		break;
	default:
		__sbi_hfence_vvma_asid(asid);
		break;
	}
}

/**
 * cove_world_remote_fence() - fence on harts that run vCPUs of one TVM
 * @hartids: mask of hart IDs from @base
 * @type: enum sbi_tlb_type
 *
 * Waits for them; the caller holds no lock.
 *
 * Return: false when they could not be reached
 */
bool cove_world_remote_fence(unsigned long hartids, unsigned long base, unsigned int type,
			     unsigned long start, unsigned long size, unsigned long asid,
			     unsigned long vmid)
{
	struct sbi_tlb_info info;

	SBI_TLB_INFO_INIT(&info, start, size, asid, vmid, type, current_hartindex());
	return !sbi_tlb_request(hartids, base, &info);
}

/** cove_world_ipi() - make the hart with this index trap to M-mode */
void cove_world_ipi(unsigned int hart_index)
{
	sbi_ipi_send_many(1, sbi_hartindex_to_hartid(hart_index), features.kick_event, NULL);
}

unsigned long cove_world_hartid(unsigned int hart_index)
{
	return sbi_hartindex_to_hartid(hart_index);
}

static void write_pmpcfg(unsigned int group, const struct pmp_config *config, unsigned int entries)
{
	unsigned long value = 0;
	unsigned int i;

	for (i = 0; i < 8 && group * 8 + i < entries; i++)
		if (group * 8 + i < config->n)
			value |= (unsigned long)config->entry[group * 8 + i].cfg << (8 * i);
	csr_write_num(CSR_PMPCFG0 + (int)group * 2, value);
}

/* An address register has as many bits as the hart's physical addresses. */
static bool cove_pmpaddr_equal(unsigned long got, const struct pmp_entry *want)
{
	if (want->addr == ~0UL >> 10)
		return got && !(got & (got + 1)); /* all ones, as many as there are */
	return got == want->addr;
}

static unsigned int read_pmpcfg(unsigned int i)
{
	return csr_read_num(CSR_PMPCFG0 + (int)(i / 8) * 2) >> (i % 8 * 8) & 0xff;
}

/**
 * cove_world_write_pmp() - PMP entries of this hart from @old to @new
 *
 * M-mode is not subject to them, and no other mode runs here meanwhile, so the
 * order does not matter. Only address registers that differ are written.
 *
 * Return: false when the hart did not take them (locked entries, no TOR)
 */
bool cove_world_write_pmp(const struct pmp_config *old, const struct pmp_config *new,
			  unsigned int entries)
{
	unsigned int i;

	for (i = 0; i < new->n; i++)
		if (i >= old->n || old->entry[i].addr != new->entry[i].addr)
			csr_write_num(CSR_PMPADDR0 + (int)i, new->entry[i].addr);
	for (i = 0; i * 8 < entries; i++)
		write_pmpcfg(i, new, entries);
	for (i = 0; i < entries; i++) {
		if (read_pmpcfg(i) != (i < new->n ? new->entry[i].cfg : 0))
			return false;
		if (i < new->n &&
		    !cove_pmpaddr_equal(csr_read_num(CSR_PMPADDR0 + (int)i), &new->entry[i]))
			return false;
	}
	return true;
}

/** cove_world_write_pmp_entry() - entry @index of @config is new, the rest is as the CSRs have it
 */
void cove_world_write_pmp_entry(const struct pmp_config *config, unsigned int index)
{
	unsigned int shift = index % 8 * 8;
	int csr = CSR_PMPCFG0 + (int)(index / 8) * 2;
	unsigned long old = csr_read_num(csr), keep = old & ~(0xffUL << shift);
	unsigned long new = keep | (unsigned long)config->entry[index].cfg << shift;

	csr_write_num(CSR_PMPADDR0 + (int)index, config->entry[index].addr);
	if (new != old)
		csr_write_num(csr, new);
}

static void read_guest_env(struct cove_walk_env *env, unsigned long mstatus)
{
	unsigned long vsstatus = csr_read(CSR_VSSTATUS);

	env->gadue = env->adue;
	env->gpbmte = env->pbmte;
	env->satp = csr_read(CSR_VSATP);
	env->hgatp = csr_read(CSR_HGATP);
	env->sum = vsstatus & SSTATUS_SUM;
	env->vmxr = vsstatus & SSTATUS_MXR;
	/* HLV and its kin act as the mode that SPVP says. */
	if (!(mstatus & MSTATUS_MPV))
		env->user = !(csr_read(CSR_HSTATUS) & HSTATUS_SPVP);
	if (features.envcfg) {
		unsigned long henvcfg = csr_read(CSR_HENVCFG);

		env->adue = henvcfg & ENVCFG_ADUE;
		env->pbmte = henvcfg & ENVCFG_PBMTE;
	}
}

/**
 * cove_world_host_env() - how the host's addresses are translated now
 * @mstatus: as the trap saved it
 * @gva: mstatus.GVA: the address that faulted is a guest's
 */
void cove_world_host_env(struct cove_walk_env *env, unsigned long mstatus, bool gva)
{
	*env = (struct cove_walk_env){
		.virt = gva || (mstatus & MSTATUS_MPV),
		.user = (mstatus & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT == PRV_U,
		.mxr = mstatus & MSTATUS_MXR,
	};
	if (features.envcfg) {
		unsigned long menvcfg = csr_read(CSR_MENVCFG);

		env->adue = menvcfg & ENVCFG_ADUE;
		env->pbmte = menvcfg & ENVCFG_PBMTE;
	}
	if (env->virt) {
		read_guest_env(env, mstatus);
		return;
	}
	env->satp = csr_read(CSR_SATP);
	env->sum = mstatus & MSTATUS_SUM;
}

/**
 * cove_world_window_enter() - the host's translation is the window's
 * @window: satp, hgatp, and the exceptions that M-mode takes
 * @host: what they were
 *
 * The caller fences.
 */
void cove_world_window_enter(const struct cove_window_csrs *window, struct cove_window_csrs *host)
{
	host->medeleg = csr_read_clear(CSR_MEDELEG, window->medeleg);
	csr_set(CSR_MEDELEG, window->delegate);
	host->satp = csr_swap(CSR_SATP, window->satp);
	host->hgatp = csr_swap(CSR_HGATP, window->hgatp);
}

/** cove_world_window_leave() - the inverse; the caller fences */
void cove_world_window_leave(const struct cove_window_csrs *host)
{
	csr_write(CSR_SATP, host->satp);
	csr_write(CSR_HGATP, host->hgatp);
	csr_write(CSR_MEDELEG, host->medeleg);
}

/** cove_world_read_atp() - the host's satp or hgatp */
unsigned long cove_world_read_atp(enum cove_world_atp which)
{
	return which == WORLD_SATP ? csr_read(CSR_SATP) : csr_read(CSR_HGATP);
}

void cove_world_write_atp(enum cove_world_atp which, unsigned long value)
{
	if (which == WORLD_SATP)
		csr_write(CSR_SATP, value);
	else
		csr_write(CSR_HGATP, value);
}

/** cove_world_htinst_can_be() - can M-mode tell the host this instruction with a guest page fault?
 */
bool cove_world_htinst_can_be(unsigned long tinst)
{
	return features.htinst || csr_read(CSR_HTINST) == tinst;
}

/**
 * cove_world_take_guest_faults() - who sees two-stage faults of the host first
 * @take: M-mode, which may have caused them; else HS-mode, as usual
 */
void cove_world_take_guest_faults(bool take)
{
	if (take)
		csr_clear(CSR_MEDELEG, GUEST_FAULTS);
	else
		csr_set(CSR_MEDELEG, GUEST_FAULTS);
}

/** cove_world_halt() - the hart cannot be protected: it stops for good */
void cove_world_halt(void)
{
	sbi_hart_hang();
}
