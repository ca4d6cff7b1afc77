/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The installed headers in assembly: every value, and a call.
 */
#include <cove/sbi_cove.h>
#include <cove/sbi_cove_rfc.h>

	.section .values, "a"
#define VALUE(v) .quad v
#include "values_asm.inc"

	.text
	.globl abi_local_fence
abi_local_fence:
	li a7, SBI_EXT_COVH
	li a6, SBI_COVH_LOCAL_FENCE
	ecall
	li a1, NACL_CSR_OFFSET(0x643)
	add a1, a1, a2
	ld a1, 0(a1)
	sd a1, 0+NACL_GPR_OFFSET(10)(a2)
	ret
