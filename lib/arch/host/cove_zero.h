/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The simulated twin of lib/arch/riscv/cove_zero.h: a machine without Zicboz.
 */
#ifndef COVE_ZERO_H
#define COVE_ZERO_H

#include <cove_arch.h>

static inline bool arch_zero(u64 pa, u64 len)
{
	(void)pa;
	(void)len;
	return false;
}

#endif
