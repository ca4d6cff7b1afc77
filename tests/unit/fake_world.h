/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The simulated twin of lib/sbi_cove/cove_world.c and cove_cache.c: a thread is a hart, a C
 * function is the guest, CSRs are fields.
 */
#ifndef FAKE_WORLD_H
#define FAKE_WORLD_H

#include "unit.h"

#include "cove_internal.h"

/* Virtual interrupts as bits of hvip; those of vsie are one lower. */
#define FAKE_VSSIP (1UL << 2)
#define FAKE_VSEIP (1UL << 10)
#define FAKE_SSIE  (1UL << 1)

#define FAKE_MAX_FENCES 16

/**
 * typedef fake_guest_t - a guest
 * @vcpu: its registers; the function plays the guest from vcpu->pc on and returns
 *	as if it had trapped: vcpu->trap says why
 * @arg: as given
 */
typedef void (*fake_guest_t)(struct cove_vcpu *vcpu, void *arg);

/** struct fake_fence - a remote fence that the monitor asked for */
struct fake_fence {
	unsigned long hartids;
	unsigned long base;
	unsigned int type;
	unsigned long start;
	unsigned long size;
	unsigned long asid;
	unsigned long vmid;
};

/**
 * struct fake_hart - a simulated hart
 * @guest, @guest_arg: what a TVM does on this hart
 * @csr: CSRs of the hypervisor and VS as they are now
 * @scause, @stval, @reports: the host's, and how often they were written
 * @enters, @leaves: world switches
 * @flushes: of what the host's translations and PMP checks left behind
 * @interrupt: last M-mode interrupt that was served
 * @pmp: the PMP CSRs; @pmp_locked: they do not take what is written
 * @env: how the host's addresses are translated; the registers are in @host_csr
 * @in_window: these are a window's
 * @host_csr: satp, hgatp, medeleg; @vsatp
 * @gate: the PMP entry of that name is open
 * @unreachable: remote fences fail
 * @fetch_ok, @fetch_insn: what reading the guest's instruction gives
 * @lazy: cove_world_lazy_state() finds F or V switched off, once
 * @on_leave: called once, when the next TVM has just been left
 * @on_flush: called once, at the hart's next flush of what it knows of the host's memory
 * @inject_from_s, @injects: of the last exception for the guest, and how many
 * @ipis: how often the monitor kicked this hart
 */
struct fake_hart {
	fake_guest_t guest;
	void *guest_arg;
	bool in_tvm;
	struct cove_csrs csr;
	unsigned long scause;
	unsigned long stval;
	unsigned int reports;
	unsigned int enters;
	unsigned int leaves;
	unsigned int flushes;
	unsigned long interrupt;
	bool interrupted;
	struct pmp_config pmp;
	bool pmp_locked;
	struct cove_walk_env env;
	struct cove_window_csrs host_csr;
	unsigned long vsatp;
	bool in_window;
	bool gate;
	bool unreachable;
	bool fetch_ok;
	unsigned long fetch_insn;
	bool lazy;
	void (*on_leave)(void);
	void (*on_flush)(void);
	bool inject_from_s;
	unsigned int injects;
	unsigned int ipis;
	unsigned int nfences;
	struct fake_fence fence[FAKE_MAX_FENCES];
};

extern struct fake_hart fake_harts[ARCH_MAX_HARTS];

/* Set when several threads play harts: what only holds for one is not checked. */
extern bool fake_parallel;

/* hart ID of the hart with index 0; the others follow */
extern unsigned long fake_hartid_base;

extern unsigned long fake_time;

/** fake_world_reset() - all harts as after power-on */
void fake_world_reset(void);

/** fake_pmp_allows() - may the host, on @hart, read and write the 8 bytes at @pa? (privileged
 * specification, 3.7.1) */
bool fake_pmp_allows(const struct fake_hart *hart, u64 pa);

#endif
