// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * OpenSBI's emulation of vector loads and stores keeps 8 KiB on a hart's stack
 * of half that size, so that a vector access to denied memory lets the host
 * write into the next hart's stack; and it takes flh and fsh for vector
 * instructions. It is not used: the trap goes to whom it belongs.
 */
#include <cove/defence.h>
#include <sbi/sbi_trap.h>
#include <sbi/sbi_trap_ldst.h>
#include <sbi/sbi_version.h>

#if OPENSBI_VERSION_MAJOR > 1 || OPENSBI_VERSION_MINOR >= 9
#define LOAD_ARGS  ulong insn
#define STORE_ARGS ulong insn
#define ARGS	   insn
#else
#define LOAD_ARGS  int len, union sbi_ldst_data *data
#define STORE_ARGS int len, union sbi_ldst_data data
#define ARGS	   len, data
#endif

int __real_sbi_misaligned_v_ld_emulator(LOAD_ARGS, struct sbi_trap_context *tcntx);
int __real_sbi_misaligned_v_st_emulator(STORE_ARGS, struct sbi_trap_context *tcntx);
int __wrap_sbi_misaligned_v_ld_emulator(LOAD_ARGS, struct sbi_trap_context *tcntx);
int __wrap_sbi_misaligned_v_st_emulator(STORE_ARGS, struct sbi_trap_context *tcntx);

int __wrap_sbi_misaligned_v_ld_emulator(LOAD_ARGS, struct sbi_trap_context *tcntx)
{
	if (!COVE_DEFENCE(VECTOR_EMULATION))
		return __real_sbi_misaligned_v_ld_emulator(ARGS, tcntx);
	return sbi_trap_redirect(&tcntx->regs, &tcntx->trap);
}

int __wrap_sbi_misaligned_v_st_emulator(STORE_ARGS, struct sbi_trap_context *tcntx)
{
	if (!COVE_DEFENCE(VECTOR_EMULATION))
		return __real_sbi_misaligned_v_st_emulator(ARGS, tcntx);
	return sbi_trap_redirect(&tcntx->regs, &tcntx->trap);
}
