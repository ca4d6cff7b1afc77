/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Fields of instructions.
 */
#ifndef COVE_INSN_H
#define COVE_INSN_H

/** bits() - bits @hi to @lo of an instruction */
static inline unsigned int bits(unsigned long insn, unsigned int hi, unsigned int lo)
{
	return (unsigned int)(insn >> lo) & ((1U << (hi - lo + 1)) - 1);
}

#endif
