/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Guards in front of OpenSBI's own calls: what their files share.
 */
#ifndef COVE_DEPUTY_H
#define COVE_DEPUTY_H

#include "cove_platform.h"
#include <sbi/sbi_ecall.h>
#include <sbi/sbi_ecall_interface.h>
#include <sbi/sbi_error.h>
#include <sbi/sbi_trap.h>

typedef int (*cove_handler_t)(unsigned long extid, unsigned long funcid, struct sbi_trap_regs *regs,
			      struct sbi_ecall_return *out);

/** cove_deputy_guard() - @guard is called instead of the extension's handler, which is returned */
static inline cove_handler_t cove_deputy_guard(struct sbi_ecall_extension *ext,
					       cove_handler_t guard)
{
	cove_handler_t next = ext->handle;

	ext->handle = guard;
	return next;
}

/* cove_deputy_address.c */
void cove_deputy_lend(const void *copy);

/* One function each: put the guard in place; at hart stop: OpenSBI forgets the host's memory. */
void cove_deputy_sse_init(void);
void cove_deputy_dbtr_init(void);
void cove_deputy_dbtr_stop(void);
void cove_deputy_mpxy_init(void);
void cove_deputy_mpxy_stop(void);

#endif
