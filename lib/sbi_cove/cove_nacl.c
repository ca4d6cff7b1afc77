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
 * While it is set the memory cannot be converted.
 *
 * Return: INVALID_PARAM (@flags, alignment), INVALID_ADDRESS
 */
long cove_nacl_set_shmem(unsigned long lo, unsigned long hi, unsigned long flags)
{
	struct cove_hart *hart = cove_this_hart();
	long rc = COVE_OK;

	if (flags)
		return COVE_ERR_INVALID_PARAM;
	if ((lo != ~0UL || hi != ~0UL) && (lo & (NACL_SHMEM_ALIGN - 1)))
		return COVE_ERR_INVALID_PARAM;
	arch_lock(&cove.convert_lock);
	if (lo == ~0UL && hi == ~0UL)
		hart->nacl = 0;
	else if (hi || !lo || !cove_host_range(lo, NACL_SHMEM_SIZE))
		rc = COVE_ERR_INVALID_ADDRESS;
	else
		hart->nacl = lo;
	arch_unlock(&cove.convert_lock);
	return rc;
}

/** cove_nacl_pinned() - do [pa, pa + n pages) overlap any hart's shared memory? Called with
 * convert_lock held */
bool cove_nacl_pinned(u64 pa, u64 n)
{
	unsigned int i;

	for (i = 0; i < cove.nharts; i++) {
		u64 nacl = cove.hart[i] ? cove.hart[i]->nacl : 0;

		if (nacl && pa < nacl + NACL_SHMEM_SIZE && nacl < pa + n * COVE_PAGE_SIZE)
			return true;
	}
	return false;
}

static unsigned long *nacl_word(unsigned long offset)
{
	return arch_ptr(cove_this_hart()->nacl + offset);
}

/** cove_nacl_read() - copy one word that the host wrote; read once, check the copy */
unsigned long cove_nacl_read(unsigned long offset)
{
	return *(volatile unsigned long *)nacl_word(offset);
}

/** cove_nacl_write() - tell the host */
void cove_nacl_write(unsigned long offset, unsigned long value)
{
	*(volatile unsigned long *)nacl_word(offset) = value;
}
