// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * NACL shared memory, one per hart: what a run tells the host and is told.
 */
#include "cove_internal.h"

/**
 * cove_nacl_set_shmem() - NACL set_shmem for the calling hart
 * @lo: PA, 4 KiB-aligned, NACL_SHMEM_SIZE bytes of the host's RAM; all ones
 *	(with @hi) switches it off
 * @hi: 0
 * @flags: 0
 *
 * While it is set the memory is pinned.
 *
 * Return: INVALID_PARAM (@flags, alignment), INVALID_ADDRESS
 */
long cove_nacl_set_shmem(unsigned long lo, unsigned long hi, unsigned long flags)
{
	if (flags)
		return COVE_ERR_INVALID_PARAM;
	if (lo == ~0UL && hi == ~0UL) {
		cove_pin_clear(COVE_PIN_NACL);
		return COVE_OK;
	}
	if (COVE_DEFENCE(NACL_ALIGNED) && (lo & (NACL_SHMEM_ALIGN - 1)))
		return COVE_ERR_INVALID_PARAM;
	if (hi)
		return COVE_ERR_INVALID_ADDRESS;
	return cove_pin_set(COVE_PIN_NACL, lo, NACL_SHMEM_SIZE);
}
