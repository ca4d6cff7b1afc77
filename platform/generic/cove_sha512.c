// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * SHA-512's compression function, which is SHA-384's, for mbedTLS: by vector
 * instructions (Zvknhb) where every hart has them. The vector registers belong
 * to whoever trapped, the host or a TVM: they are only lent.
 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "cove_platform.h"
#include <cove/defence.h>
#include <mbedtls/sha512.h>
#include <sbi/riscv_asm.h>

/* cove_sha512_vector.S works on the first 4 words of 8 register groups. */
#define GROUPS 8
#define WORDS  4
/* 8 blocks take as long as a part of one does in software. */
#define VECTOR_PART 1024

void cove_sha512_borrow(u64 kept[GROUPS * WORDS]);
void cove_sha512_return(const u64 kept[GROUPS * WORDS], unsigned long vl, unsigned long vtype);
void cove_sha512_block(u64 state[8], const u8 block[128]);
int cove_sha512_software(mbedtls_sha512_context *ctx, const unsigned char block[128]);

static bool vector;

bool cove_sha512_boot(const struct cove_hart_features *features)
{
	vector = features->v && cove_harts_have_zvknhb();
	cove.hash_part = vector ? VECTOR_PART : 0;
	return vector;
}

int mbedtls_internal_sha512_process(mbedtls_sha512_context *ctx, const unsigned char block[128])
{
	unsigned long vs, vstart, vl, vtype;
	u64 kept[GROUPS * WORDS];

	cove_job_tick(vector ? COVE_JOB_COPY : COVE_JOB_BLOCK);
	if (!vector)
		return cove_sha512_software(ctx, block);
	vs = csr_read_set(CSR_MSTATUS, MSTATUS_VS);
	vstart = csr_swap(CSR_VSTART, 0);
	vl = csr_read(CSR_VL);
	vtype = csr_read(CSR_VTYPE);
	cove_sha512_borrow(kept);
	cove_sha512_block(ctx->state, block);
	if (COVE_DEFENCE(VECTOR_RETURNED))
		cove_sha512_return(kept, vl, vtype);
	csr_write(CSR_VSTART, vstart);
	csr_clear(CSR_MSTATUS, ~vs & MSTATUS_VS);
	return 0;
}
