/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP table as one C-mode ID sees it: what an encoder writes into a permission
 * table that hardware walks while this ID runs. docs/table-layouts.md has the rules.
 */
#ifndef PMPTABLE_DOMAIN_H
#define PMPTABLE_DOMAIN_H

#include <pmptable/pmptable.h>

/**
 * struct pmptable_domain - one C-mode ID and its physical addresses
 * @table: says who owns RAM
 * @id: PMPTABLE_ID_HOST, or a TVM's from PMPTABLE_ID_TVM_FIRST on
 * @devices: ranges that are no RAM of @table and that @id may read and write;
 *	multiples of 4 KiB, in any order. The caller keeps the array
 * @ndevices: number of ranges, may be 0
 */
struct pmptable_domain {
	const struct pmptable *table;
	unsigned int id;
	const struct pmptable_range *devices;
	unsigned int ndevices;
};

/**
 * pmptable_domain_valid() - can tables be made for this domain?
 * @d: the domain
 *
 * Return: false when @d's ID is neither the host's nor a TVM's, or a device range
 * is malformed, wraps, reaches 2^56 or touches RAM
 */
bool pmptable_domain_valid(const struct pmptable_domain *d);

/**
 * pmptable_domain_perm() - what the domain may do at a physical address
 * @d: a valid domain
 * @pa: the address
 * @end: set to an address behind @pa; all of [pa, end) has this permission; 0
 *	stands for 2^64
 *
 * Takes no lock, as pmptable_walk().
 *
 * Return: PMPTABLE_R/W/X bits, never W without R
 */
unsigned int pmptable_domain_perm(const struct pmptable_domain *d, u64 pa, u64 *end);

/**
 * pmptable_domain_uniform() - is the permission the same in all of [pa, pa + size)?
 * @d: a valid domain
 * @pa: first address
 * @size: bytes, at least 1; the range does not wrap
 * @perm: set to the permission at @pa
 */
bool pmptable_domain_uniform(const struct pmptable_domain *d, u64 pa, u64 size, unsigned int *perm);

/**
 * pmptable_domain_pool() - may [pa, pa + size) hold the tables of this domain?
 * @d: a valid domain
 * @pa: physical address of the pool
 * @size: its bytes
 *
 * Return: false when the range is empty, not a multiple of 4 KiB, wraps, reaches
 * 2^56, or a page of it is RAM that is not the monitor's or a device of @d
 */
bool pmptable_domain_pool(const struct pmptable_domain *d, u64 pa, u64 size);

#endif
