/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Windows: page tables of the monitor on which the host, or one of its VMs, runs
 * where PMP entries do not get it any further.
 */
#ifndef COVE_WINDOW_H
#define COVE_WINDOW_H

#include <cove_arch.h>
#include "cove_shadow.h"

/* Page tables of a hart: for its VM (a 16 KiB root and a pool), for the host itself. */
#define COVE_WINDOW_VM_PAGES   192
#define COVE_WINDOW_HOST_PAGES 64
#define COVE_WINDOW_PAGES      (COVE_WINDOW_VM_PAGES + COVE_WINDOW_HOST_PAGES)
#define COVE_WINDOW_BYTES      (COVE_WINDOW_PAGES * 0x1000UL) /* and alignment */
#define COVE_BARRIER_BYTES     0x4000UL

/**
 * struct cove_window_csrs - what is not the host's own while a window is open
 * @medeleg: what it was; for the window, the exceptions that M-mode takes
 * @delegate: for the window, those that it does not
 */
struct cove_window_csrs {
	unsigned long satp;
	unsigned long hgatp;
	unsigned long medeleg;
	unsigned long delegate;
};

enum cove_window_kind {
	WINDOW_SHUT,
	WINDOW_HOST, /* HS- and U-mode, in place of satp's translation */
	WINDOW_VM,   /* V=1, in place of hgatp's */
};

/**
 * struct cove_window - a hart's windows
 * @open: which one
 * @host: the host's CSRs, while one is
 * @first: page tables of WINDOW_HOST; @pc, @va, @access: what they were last made to show
 * @back: they are as they were when the host went to its VM: it comes back to them
 * @second: page tables of WINDOW_VM
 * @live: @second is as it was when the window closed, and kept so: mstatus.TVM is set
 * @hgatp, @gfences: what it was made from
 * @idle: instructions carried out for mstatus.TVM's sake since the window closed
 */
struct cove_window {
	enum cove_window_kind open;
	struct cove_window_csrs host;
	struct cove_shadow first;
	u64 pc;
	u64 va;
	unsigned int access;
	bool back;
	struct cove_shadow second;
	bool live;
	unsigned long hgatp;
	unsigned long gfences;
	unsigned int idle;
};

#endif
