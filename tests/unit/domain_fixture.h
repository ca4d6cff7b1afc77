/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * PMP tables that change at random, and what a domain may do in them, for the tests
 * of the encoders.
 */
#ifndef DOMAIN_FIXTURE_H
#define DOMAIN_FIXTURE_H

#include "unit.h"

#include <pmptable/domain.h>

#define PAGE	 0x1000UL
#define MIB	 0x100000UL
#define GIB	 0x40000000UL
#define MAX_RAMS 4

/* Where the tests say that the encoders' tables are: no RAM of any machine. */
#define POOL_PA 0x10000000UL

static struct pmptable table;
static void *table_mem;
static struct pmptable_range rams[MAX_RAMS];
static unsigned int nrams;
static u64 rng;
static unsigned long checked[8]; /* addresses that turned out to have each permission */

/* A UART, and a page that RAM touches on one machine. */
static const struct pmptable_range devices[] = { { 0x0c000000UL, 0x201000UL },
						 { 0x7ffff000UL, PAGE } };
#define NDEVICES 2

static void machine_free(void)
{
	free(table_mem);
	table_mem = NULL;
}

static void machine_make(const struct pmptable_range *ram, unsigned int n)
{
	u64 size = pmptable_memory_size(ram, n);

	machine_free();
	assert_true(size && n <= MAX_RAMS);
	table_mem = aligned_alloc(PAGE, size);
	assert_non_null(table_mem);
	memcpy(rams, ram, n * sizeof(*ram));
	nrams = n;
	assert_int_equal(pmptable_init(&table, ram, n, table_mem, size), PMPTABLE_OK);
}

/* Banks of at most 24 MiB, some of which touch, somewhere below @top. */
static void machine_random(u64 top)
{
	struct pmptable_range ram[MAX_RAMS];
	unsigned int i, n = 1 + unit_below(&rng, MAX_RAMS);
	u64 at = 0x80000000UL;

	if (unit_below(&rng, 4))
		at = 4 * GIB + unit_below(&rng, (top - 5 * GIB) / PAGE) * PAGE;
	for (i = 0; i < n; i++) {
		static const u64 gaps[] = { 0, PAGE, 2 * MIB, 32 * MIB, 100 * MIB };

		ram[i].base = at;
		ram[i].size = (1 + unit_below(&rng, unit_below(&rng, 4) ? 6144 : 32)) * PAGE;
		at += ram[i].size + gaps[unit_below(&rng, 5)];
	}
	machine_make(ram, n);
	pmptable_set_monitor(&table, ram[0].base + unit_below(&rng, ram[0].size), 40 * PAGE);
}

static void no_scrub(u64 pa)
{
	(void)pa;
}

static bool same_field(const struct pmptable_walk_result *a, u64 pa)
{
	struct pmptable_walk_result b;

	pmptable_walk(&table, pa, &b);
	return a->id == b.id && a->perm == b.perm;
}

/* A range of pages that are alike; mostly small, now and then all that there is. */
static u64 random_range(u64 *pa, struct pmptable_walk_result *res)
{
	static const u64 sizes[] = { 1, 1, 3, 16, 40, 512, 512, 2048, 8192, 100000 };
	const struct pmptable_range *r = &rams[unit_below(&rng, nrams)];
	u64 max = sizes[unit_below(&rng, 10)];
	u64 n = 1;

	*pa = r->base + unit_below(&rng, r->size / PAGE) * PAGE;
	if (max >= 512 && unit_below(&rng, 2))
		*pa &= ~(2 * MIB - 1);
	if (*pa < r->base || max == 100000)
		*pa = r->base;
	pmptable_walk(&table, *pa, res);
	while (n < max && same_field(res, *pa + n * PAGE))
		n++;
	return n;
}

/* Any field that a transition may give to what is not the host's. */
static pmptable_field_t random_field(void)
{
	static const unsigned int ids[] = { 3, 3, 4, 8191 };
	unsigned int dice = unit_below(&rng, 8);
	unsigned int id = ids[unit_below(&rng, 4)];

	if (dice < 2)
		return dice ? PMPTABLE_UNASSIGNED : PMPTABLE_TVM_META(id);
	return PMPTABLE_FIELD(id, dice < 5 ? PMPTABLE_RWX : unit_below(&rng, 8));
}

/* One change of the table; returns the pages of the range, which is at @pa. */
static u64 random_change(u64 *pa)
{
	struct pmptable_walk_result res;
	u64 n = random_range(pa, &res);
	pmptable_field_t from = PMPTABLE_FIELD(res.id, res.perm);
	int rc;

	if (from == PMPTABLE_MONITOR)
		return n;
	if (from == PMPTABLE_HOST && unit_below(&rng, 4))
		rc = pmptable_deny(&table, *pa, n);
	else if (from == PMPTABLE_HOST)
		rc = pmptable_transition(&table, *pa, n, &from, 1, PMPTABLE_HOST_SHARED);
	else if (from == PMPTABLE_HOST_SHARED)
		rc = pmptable_transition(&table, *pa, n, &from, 1, PMPTABLE_HOST);
	else if ((from == PMPTABLE_CONVERTING || from == PMPTABLE_UNASSIGNED) &&
		 !unit_below(&rng, 4))
		rc = pmptable_grant(&table, *pa, n, no_scrub);
	else
		rc = pmptable_transition(&table, *pa, n, &from, 1, random_field());
	assert_int_equal(rc, PMPTABLE_OK);
	return n;
}

/* What @id may do at @pa, as docs/table-layouts.md has it: bit 0 R, bit 1 W, bit 2 X. */
static unsigned int expected(unsigned int id, u64 pa)
{
	struct pmptable_walk_result res;
	unsigned int i;

	pmptable_walk(&table, pa, &res);
	if (res.id == PMPTABLE_ID_NONE) {
		for (i = 0; i < NDEVICES; i++) {
			if (id == 0 && pa >= devices[i].base &&
			    pa - devices[i].base < devices[i].size)
				return 3;
		}
		return 0;
	}
	if (res.id == 0 && id >= 3)
		return res.perm == 3 ? 3 : 0;
	if (res.id != id)
		return 0;
	if (id >= 3 && res.perm == 0)
		return 1;
	if (res.perm == 2)
		return 0;
	return res.perm == 6 ? 4 : res.perm;
}

/* The checks saw all permissions that there are, many times. */
static void assert_checked(void)
{
	static const unsigned int perms[] = { 0, 1, 3, 4, 5, 7 };
	unsigned int i;

	for (i = 0; i < 6; i++) {
		print_message("# permission %u at %lu addresses\n", perms[i], checked[perms[i]]);
		assert_true(checked[perms[i]] > 1000);
	}
}

static struct pmptable_domain domain_of(unsigned int id)
{
	struct pmptable_domain d = { .table = &table, .id = id };

	if (id == 0) {
		d.devices = devices;
		d.ndevices = NDEVICES;
	}
	return d;
}

/* Call @check at each page boundary of [pa, pa + size), one byte to either side, and a page on. */
static void each_boundary(u64 pa, u64 size, void (*check)(u64 pa))
{
	u64 at;

	for (at = pa - PAGE; at != pa + size + 2 * PAGE; at += PAGE) {
		check(at - 1);
		check(at);
		check(at + 1);
	}
}

/* The same for all banks and devices, and at what is far away from them. */
static void each_address(void (*check)(u64 pa))
{
	unsigned int i;

	for (i = 0; i < nrams; i++)
		each_boundary(rams[i].base, rams[i].size, check);
	for (i = 0; i < NDEVICES; i++)
		each_boundary(devices[i].base, devices[i].size, check);
	for (i = 12; i < 64; i++) {
		check(1UL << i);
		check((1UL << i) - 1);
		check(unit_rand(&rng) >> (i - 12));
	}
	check(0);
	check(-1UL);
}

#endif
