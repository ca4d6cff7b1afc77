/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Software walk of the host's translation, one or two stages (privileged
 * specification, 12.3 to 12.5 and 18.5).
 */
#ifndef COVE_WALK_H
#define COVE_WALK_H

#include <cove_arch.h>

/**
 * struct cove_walk_env - the host's CSRs that decide how an address is translated
 * @satp: satp, or vsatp when @virt
 * @hgatp: of the second stage, when @virt
 * @virt: the address is a guest's (V=1, or HLV, HLVX, HSV)
 * @user: as U- or VU-mode
 * @sum: sstatus.SUM, or vsstatus.SUM when @virt
 * @mxr: sstatus.MXR: makes executable pages readable, in both stages
 * @vmxr: vsstatus.MXR: the same in the first stage when @virt
 * @hlvx: a load that asks for permission to execute
 * @adue, @pbmte: hardware updates A and D, memory types are on: of the first stage
 * @gadue, @gpbmte: of the second
 */
struct cove_walk_env {
	u64 satp;
	u64 hgatp;
	bool virt;
	bool user;
	bool sum;
	bool mxr;
	bool vmxr;
	bool hlvx;
	bool adue;
	bool pbmte;
	bool gadue;
	bool gpbmte;
};

enum cove_walk_access { WALK_LOAD, WALK_STORE, WALK_FETCH };

enum cove_walk_status {
	WALK_OK,
	WALK_PAGE_FAULT,
	WALK_GUEST_PAGE_FAULT,
	WALK_ACCESS_FAULT, /* the host may not read a PTE, or the visitor refused */
};

/**
 * struct cove_walk - a walk
 * @visit: called for each physical address that the hart would access: PTEs in
 *	their order, and the page itself at last; false ends the walk
 * @arg: for @visit
 * @pa: the physical address
 * @pte: what the page allows, all stages together: PTE_R, W, X, U, A, D and memory type
 * @level: of the leaf, in the last stage that was walked; large without translation
 * @gpa: where the second stage faulted
 * @implicit: it faulted for a PTE of the first stage
 * @implicit_store: that access was to set A or D
 * @raced: a PTE changed while A or D was set in it
 */
struct cove_walk {
	bool (*visit)(void *arg, u64 pa);
	void *arg;
	u64 pa;
	u64 pte;
	unsigned int level;
	u64 gpa;
	bool implicit;
	bool implicit_store;
	bool raced;
};

/**
 * cove_walk_va() - translate an address as the hart would
 * @env: the host's CSRs
 * @access: kind of access
 * @va: virtual address
 * @set_ad: set A and D where hardware would (@adue, @gadue); else leave them
 * @w: @visit and @arg are given, the rest is the answer
 *
 * Reads PTEs only in RAM of the host. Takes no lock.
 */
enum cove_walk_status cove_walk_va(const struct cove_walk_env *env, enum cove_walk_access access,
				   u64 va, bool set_ad, struct cove_walk *w);

/** cove_walk_gpa() - translate a guest physical address; otherwise as cove_walk_va() */
enum cove_walk_status cove_walk_gpa(const struct cove_walk_env *env, enum cove_walk_access access,
				    u64 gpa, bool set_ad, struct cove_walk *w);

#endif
