/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The window: how an instruction of the host makes progress when it needs
 * more grants at once than the hart has PMP entries.
 */
#ifndef COVE_WINDOW_H
#define COVE_WINDOW_H

#include <cove_arch.h>

/* Page tables of a hart's window: a 16 KiB root, a 4 KiB root, and 4 pages of 4 levels. */
#define COVE_WINDOW_PAGES     24
#define COVE_WINDOW_ALIGN     0x4000UL
#define COVE_WINDOW_SLOTS     4
#define COVE_WINDOW_MAX_LEVEL 5

/**
 * struct cove_window_csrs - what is not the host's own while its window is open
 * @virt: for V=1: @vsatp and @vtvm count
 * @tvm, @vtvm: mstatus.TVM, hstatus.VTVM
 */
struct cove_window_csrs {
	bool virt;
	unsigned long satp;
	unsigned long vsatp;
	unsigned long hgatp;
	unsigned long medeleg;
	unsigned long vtvm;
	unsigned long tvm;
};

/** struct cove_window_slot - a page that the window shows; @pte 0: none */
struct cove_window_slot {
	u64 va;
	u64 pa;
	u64 pte;
};

/**
 * struct cove_window - a hart's window
 * @tables: PA of COVE_WINDOW_PAGES pages of the monitor, all zero while it is closed
 * @open: the host runs, and its translation is @tables
 * @pc: the instruction that it was opened for
 * @mode: MPV and MPP then
 * @last_va, @last_access: the access that it was opened for
 * @host: the host's CSRs
 * @slot: two pages for fetching, then two for operands; empty but while a
 *	window is open, or reopened before the host has run
 * @next_fetch, @next_operand: which of these the next page replaces
 * @chain: how often it was opened since the host last ran without
 * @npages: pages of @tables in use
 * @entry: entries of @tables that are not zero
 */
struct cove_window {
	u64 tables;
	bool open;
	u64 pc;
	unsigned long mode;
	u64 last_va;
	unsigned int last_access;
	struct cove_window_csrs host;
	struct cove_window_slot slot[COVE_WINDOW_SLOTS];
	unsigned int next_fetch;
	unsigned int next_operand;
	unsigned int chain;
	unsigned int npages;
	unsigned int nentries;
	u64 *entry[COVE_WINDOW_SLOTS * COVE_WINDOW_MAX_LEVEL];
};

#endif
