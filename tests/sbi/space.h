/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * An address space of the host or of its own VM on a chessboard, with addresses
 * that may be accessed and addresses that may not.
 */
#ifndef SPACE_H
#define SPACE_H

#include "paging.h"
#include "world.h"
#include <stddef.h>

#define CAUSE_BREAK  3
#define CAUSE_ECALLU 8
#define CAUSE_IRQ_ST (1UL << 63 | 5)

/**
 * struct space_kind - @host, @vs, @g: modes of the stages
 * @virt: a VM of the host; @hlv: the host accesses the VM's memory by HLV and HSV
 * @user: in U- or VU-mode; @scattered: each table is an island
 * @sum, @mxr, @vmxr: as in sstatus or vsstatus, MXR in both
 * @adue: hardware sets A and D
 */
struct space_kind {
	const char *name;
	unsigned long host;
	unsigned long vs;
	unsigned long g;
	bool virt;
	bool hlv;
	bool user;
	bool scattered;
	bool sum;
	bool mxr;
	bool vmxr;
	bool adue;
};

/** struct verdict - the cause that a load, a store and a fetch shall end with */
struct verdict {
	unsigned long load;
	unsigned long store;
	unsigned long fetch;
};

/**
 * struct target - an address to access
 * @va: of the page; with @cross, the access begins before it
 * @pa: of the page, @before: of the page in front of it; 0: not accessible
 * @lax: what some kinds of instruction may do here differs
 * @loose: machines differ: QEMU calls it a guest page fault when it may not read a
 *	table of the second stage for one of the first, and does not ask the second
 *	stage before it sets A and D
 * @many: the pages behind it are islands
 * @pte, @pte_value: an entry that the access may change
 */
struct target {
	const char *name;
	unsigned long va;
	unsigned long pa;
	unsigned long before;
	bool cross;
	bool lax;
	bool loose;
	bool many;
	struct verdict verdict;
	unsigned long *pte;
	unsigned long pte_value;
};

#define SPACE_DATA    18
#define SPACE_TARGETS 24

/**
 * struct space - @code: two pages, @code_pa: where they are
 * @stride: from one data page to the next
 */
struct space {
	const struct space_kind *kind;
	struct board board;
	struct paging first;
	struct paging second;
	unsigned long code;
	unsigned long code_pa[2];
	unsigned long data_pa[SPACE_DATA];
	unsigned long stride;
	unsigned long satp;
	unsigned int ntargets;
	struct target target[SPACE_TARGETS];
};

bool space_build(struct space *s, const struct space_kind *kind);
unsigned long *space_map(struct space *s, unsigned int page, unsigned long pa, unsigned long *va);
void space_leave(void);
void space_world(const struct space *s, struct world *w);

#endif
