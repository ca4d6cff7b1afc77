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

/* Page tables of a hart's window: a 16 KiB root, a 4 KiB root, and a pool. */
#define COVE_WINDOW_PAGES 64
#define COVE_WINDOW_ALIGN 0x4000UL

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

/**
 * struct cove_window - a hart's window
 * @tables: PA of COVE_WINDOW_PAGES pages of the monitor
 * @open: the host runs, and its translation is @tables
 * @virt: for V=1
 * @gstage: the second stage is the window's, not the first
 * @gstage_dirty: the 16 KiB root has entries
 * @root: PA of the root; @levels: of its tables
 * @pbmte: memory types are on in the stage
 * @npages: pages of @tables in use
 * @pc, @va, @access: the access that was let through last
 * @host: the host's CSRs
 */
struct cove_window {
	u64 tables;
	bool open;
	bool virt;
	bool gstage;
	bool gstage_dirty;
	bool pbmte;
	u64 root;
	unsigned int levels;
	unsigned int npages;
	u64 pc;
	u64 va;
	unsigned int access;
	struct cove_window_csrs host;
};

#endif
