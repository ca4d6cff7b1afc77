/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The reference model: one array of owners. It knows nothing of how lib/
 * keeps them, and asks lib/ only for what it compares.
 */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include "fake_world.h"
#include "must.h"

#define PAGE	 0x1000UL
#define HARTS	 4U
#define TVMS	 4U
#define NPAGES	 176U
#define NO_PAGE	 NPAGES
#define GPAGES	 16U
#define MAX_VCPU 3U

/* Of the first bank: firmware, then what the host keeps, then what may be converted. */
#define FIRMWARE_PAGES 16UL
#define KEPT_PAGES     16UL
#define NACL(hart)     (FAKE_RAM_BASE + (FIRMWARE_PAGES + 3 * (hart)) * PAGE)
#define BUFFER	       (FAKE_RAM_BASE + (FIRMWARE_PAGES + 12) * PAGE)
#define GUEST_RAM      0x80000000UL

/* Owners; TVM k is OWNER_TVM + k. */
enum owner { OWNER_HOST, OWNER_SHARED, OWNER_FIRMWARE, OWNER_CONVERTED, OWNER_TVM };

/**
 * struct model_page - what the model knows of a page
 * @owner: enum owner
 * @version: OWNER_CONVERTED: the global fence version at conversion, 0 when it
 *	has been assigned since
 */
struct model_page {
	unsigned int owner;
	u64 version;
};

/**
 * struct model_hart - what the model knows of a hart
 * @started: it runs the host
 * @in_tvm: it runs a TVM
 * @ack: global fence version of its last local fence
 * @nacl: its shared memory, 0: none
 * @denied: pages that it must not reach: not the host's when its entries were
 *	derived, and never since
 */
struct model_hart {
	bool started;
	bool in_tvm;
	u64 ack;
	u64 nacl;
	bool denied[NPAGES];
};

/**
 * struct model_tvm - what the model knows of a TVM
 * @id: the C-mode ID that the table showed first
 * @running: vCPUs that run
 * @page: the page at each GPA, or NO_PAGE; @blocked: it is blocked, since TVM
 *	fence @blocked_at
 */
struct model_tvm {
	bool alive;
	bool finalized;
	unsigned long gid;
	unsigned int id;
	unsigned int running;
	bool vcpu[MAX_VCPU];
	unsigned int page[GPAGES];
	bool blocked[GPAGES];
	u64 blocked_at[GPAGES];
	u64 fence;
};

struct model {
	struct model_page page[NPAGES];
	struct model_hart hart[HARTS];
	struct model_tvm tvm[TVMS];
	u64 version;
	bool overflowed;
};

extern struct model model;

/** model_boot() - a machine with @entries PMP entries, all harts started */
void model_boot(unsigned int entries);

/** model_pa() - address of page @i; model_page() - the page at @pa, or NO_PAGE */
u64 model_pa(unsigned int i);
unsigned int model_page(u64 pa);

/** model_all() - are the @n pages from @pa all RAM and of owner @a or @b? */
bool model_all(u64 pa, u64 n, unsigned int a, unsigned int b);
bool model_any(u64 pa, u64 n, unsigned int owner);

/** model_assignable() - are the pages converted, and has every started hart fenced since? */
bool model_assignable(u64 pa, u64 n);
u64 model_min_ack(void);

/** model_give() - the pages get an owner, and @version */
void model_give(u64 pa, u64 n, unsigned int owner, u64 version);

/** model_derived() - hart @h follows the table as it is now */
void model_derived(unsigned int h);

/** model_check() - table and PMP of hart @h are what the model says; @all: of all harts */
void model_check(unsigned int h, bool all);

/** model_pmp_allows() - does the PMP of hart @h let S-mode read and write [pa, pa + len)? */
bool model_pmp_allows(unsigned int h, u64 pa, u64 len);

#endif
