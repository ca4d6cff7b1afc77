// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Functions of libraries that are called so often in long work that it gives way there
 * (cove_job.h). For everybody else they are what they were.
 */
#include "cove_platform.h"
#include <bignum_core.h>
#include <block_cipher_internal.h>
#include <mbedtls/bignum.h>

uint32_t __real_fdt_next_tag(const void *fdt, int offset, int *next);
uint32_t __wrap_fdt_next_tag(const void *fdt, int offset, int *next);

uint32_t __wrap_fdt_next_tag(const void *fdt, int offset, int *next)
{
	/* before, a hart does not even know its number */
	if (cove.active)
		cove_job_tick(COVE_JOB_BLOCK);
	return __real_fdt_next_tag(fdt, offset, next);
}

int __real_fdt_next_node(const void *fdt, int offset, int *depth);
int __wrap_fdt_next_node(const void *fdt, int offset, int *depth);

int __wrap_fdt_next_node(const void *fdt, int offset, int *depth)
{
	if (cove.active)
		cove_job_tick(COVE_JOB_BLOCK);
	return __real_fdt_next_node(fdt, offset, depth);
}

void __real_mbedtls_mpi_core_mul(mbedtls_mpi_uint *x, const mbedtls_mpi_uint *a, size_t a_limbs,
				 const mbedtls_mpi_uint *b, size_t b_limbs);
void __wrap_mbedtls_mpi_core_mul(mbedtls_mpi_uint *x, const mbedtls_mpi_uint *a, size_t a_limbs,
				 const mbedtls_mpi_uint *b, size_t b_limbs);

void __wrap_mbedtls_mpi_core_mul(mbedtls_mpi_uint *x, const mbedtls_mpi_uint *a, size_t a_limbs,
				 const mbedtls_mpi_uint *b, size_t b_limbs)
{
	cove_job_tick(COVE_JOB_PRODUCT);
	__real_mbedtls_mpi_core_mul(x, a, a_limbs, b, b_limbs);
}

mbedtls_mpi_uint __real_mbedtls_mpi_core_mla(mbedtls_mpi_uint *d, size_t d_len,
					     const mbedtls_mpi_uint *s, size_t s_len,
					     mbedtls_mpi_uint b);
mbedtls_mpi_uint __wrap_mbedtls_mpi_core_mla(mbedtls_mpi_uint *d, size_t d_len,
					     const mbedtls_mpi_uint *s, size_t s_len,
					     mbedtls_mpi_uint b);

/* Divisions are made of it. */
mbedtls_mpi_uint __wrap_mbedtls_mpi_core_mla(mbedtls_mpi_uint *d, size_t d_len,
					     const mbedtls_mpi_uint *s, size_t s_len,
					     mbedtls_mpi_uint b)
{
	cove_job_tick(2 * COVE_JOB_COPY);
	return __real_mbedtls_mpi_core_mla(d, d_len, s, s_len, b);
}

int __real_mbedtls_block_cipher_encrypt(mbedtls_block_cipher_context_t *ctx,
					const unsigned char input[16], unsigned char output[16]);
int __wrap_mbedtls_block_cipher_encrypt(mbedtls_block_cipher_context_t *ctx,
					const unsigned char input[16], unsigned char output[16]);

int __wrap_mbedtls_block_cipher_encrypt(mbedtls_block_cipher_context_t *ctx,
					const unsigned char input[16], unsigned char output[16])
{
	cove_job_tick(COVE_JOB_BLOCK);
	return __real_mbedtls_block_cipher_encrypt(ctx, input, output);
}
