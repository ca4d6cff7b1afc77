/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What a hart of the host, or of its VM, may reach at an address: what the
 * host's own tables have said since the last fence that covers it, in pages that
 * were the host's when the hart last acknowledged. From walk_model.c and an
 * array of owners only.
 */
#ifndef FUZZ_WINDOW_MODEL_H
#define FUZZ_WINDOW_MODEL_H

#include "machine.h"
#include "must.h"
#include "walk_model.h"

#define HARTS	  2U
#define ROOTS	  3U /* the last is: no translation */
#define BARE	  2U
#define SLOTS	  16U
#define BLOCK	  0x200000UL
#define DATA_PAGE 32U

/* The arena: page tables, of which each second page is converted, then two large pages' worth. */
#define POOL	   ARENA
#define POOL_PAGES 256UL
#define GROOTS	   (ARENA + POOL_PAGES * PAGE)
#define LARGE(i)   (ARENA + ((i) % 2 + 1) * BLOCK)

/**
 * struct fuzz_hart - a hart as the host sees it
 * @satp, @hgatp: which of its roots
 * @virt: its VM runs
 * @mstatus: what stays from trap to trap: TVM, TSR
 */
struct fuzz_hart {
	unsigned int satp;
	unsigned int hgatp;
	bool virt;
	unsigned long mstatus;
};

extern struct fuzz_hart harts[HARTS];
extern unsigned long root_atp[2][ROOTS]; /* satp, and hgatp */
extern unsigned long vm_satp;		 /* vsatp, unless hgatp is bare */
extern unsigned int
	vm_slot[SLOTS]; /* where the VM's own tables lead, as a slot of the second stage */

/** data_page() - a page that operands and code may lie in */
u64 data_page(unsigned int i);

/** slot_va() - addresses that the host or the VM uses: neighbours, across large pages, high ones */
u64 slot_va(unsigned int slot, bool bare, bool second);

/** model_boot() - everything is the host's, nothing has been seen */
void model_boot(void);

/** model_deny(), model_grant() - a page changes owner */
void model_deny(u64 pa);
void model_grant(u64 pa);

/** model_acknowledge() - what is denied now is out of @hart's reach */
void model_acknowledge(unsigned int hart);

/** model_hosts() - is it the host's, or no RAM? */
bool model_hosts(u64 pa);

/** model_changed() - the host's tables may say something else */
void model_changed(void);

/** model_fence() - of the first or second stage; @va: of one address, or NULL */
void model_fence(unsigned int hart, bool second, const u64 *va);

/** model_env() - CSRs as the host has set them */
struct cove_walk_env model_env(unsigned int hart, bool virt);

/**
 * model_ideal() - what an access in one page comes to if page owners were checked by hardware
 * @late: which has yet to hear of pages that the hart has not given up
 */
enum model_result model_ideal(unsigned int hart, bool virt, enum cove_walk_access access, u64 va,
			      bool late, struct model_walk *m);

/** model_admits() - a hart got to @pa: may it have? */
void model_admits(unsigned int hart, bool virt, enum cove_walk_access access, u64 va, u64 pa);

/** model_sweep() - nothing that a hart can reach now is more than it may */
void model_sweep(unsigned int hart);

#endif
