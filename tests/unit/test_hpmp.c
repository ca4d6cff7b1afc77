// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * HPMP tables against a walker that does what docs/table-layouts.md says of the hardware
 * of "PMP Table" (MICRO 2023), less the mistakes of its prototype. Its numbers are its
 * own, none is the encoder's.
 */
#include "domain_fixture.h"

#include <pmptable/hpmp.h>

enum fault {
	ALLOWED,
	NO_MATCH,     /* the address is none of this PMP entry's */
	FAULT_ENTRY,  /* the PMP entry is not one in table mode */
	FAULT_MEMORY, /* an entry is where no table is */
	FAULT_INVALID,
	FAULT_RESERVED,
	FAULT_PERM,
};

struct image {
	const u64 *mem;
	u64 pa;
	u64 size;
	struct hpmp_entries regs;
};

static bool load(const struct image *im, u64 pa, u64 *value)
{
	if (pa < im->pa || pa - im->pa >= im->size)
		return false;
	*value = im->mem[(pa - im->pa) / 8];
	return true;
}

static u64 bits(u64 value, unsigned int high, unsigned int low)
{
	return value << (63 - high) >> (63 - high + low);
}

/* One permission: bit 0 R, 1 W, 2 X. */
static enum fault perm_of(u64 rwx, u64 *perm)
{
	*perm = rwx;
	return bits(rwx, 1, 0) == 2 ? FAULT_RESERVED : ALLOWED;
}

static enum fault lookup(const struct image *im, u64 pa, u64 *perm)
{
	u64 low = im->regs.addr[0] << 2, high = im->regs.addr[1] << 2;
	u64 page = (pa >> 12) - (low >> 12), e, leaf;

	if (pa < low || pa >= high)
		return NO_MATCH;
	/* T and TOR; the neighbours match nothing themselves */
	if (im->regs.cfg[0] || im->regs.cfg[2] || (im->regs.cfg[1] & 0x78) != 0x28)
		return FAULT_ENTRY;
	if (page >> 22)
		return FAULT_ENTRY; /* more than 16 GiB: the table would repeat */
	if (!load(im, (im->regs.addr[2] << 12) + 8 * bits(page, 21, 13), &e))
		return FAULT_MEMORY;
	if (!(e & 1))
		return FAULT_INVALID;
	if (bits(e, 4, 4) || bits(e, 63, 49))
		return FAULT_RESERVED;
	if (bits(e, 3, 1))
		return bits(e, 48, 5) ? FAULT_RESERVED : perm_of(bits(e, 3, 1), perm);
	if (!load(im, (bits(e, 48, 5) << 12) + 8 * bits(page, 12, 4), &leaf))
		return FAULT_MEMORY;
	leaf >>= 4 * bits(page, 3, 0);
	if (leaf & 8)
		return FAULT_RESERVED;
	return perm_of(leaf & 7, perm);
}

static enum fault walk(const struct image *im, u64 pa, unsigned int access)
{
	u64 perm;
	enum fault f = lookup(im, pa, &perm);

	if (f)
		return f;
	return perm & access ? ALLOWED : FAULT_PERM;
}

/* One table in a pool that ends where ASan watches. */
struct subject {
	unsigned int id;
	struct pmptable_range range;
	struct hpmp hpmp;
	struct image im;
	u64 *mem;
};

static const struct subject *subject;

static void check_address(u64 pa)
{
	unsigned int access, perm = 0;
	bool inside = pa - subject->range.base < subject->range.size;

	for (access = 1; access <= 4; access <<= 1) {
		enum fault f = walk(&subject->im, pa, access);

		if (f == FAULT_ENTRY || f == FAULT_MEMORY || f == FAULT_RESERVED)
			fail_msg("the table is malformed for 0x%lx: fault %d", pa, f);
		assert_int_equal(f != NO_MATCH, inside);
		if (!f)
			perm |= access;
	}
	if (inside && perm != expected(subject->id, pa))
		fail_msg("domain %u at 0x%lx: the table says %u, not %u", subject->id, pa, perm,
			 expected(subject->id, pa));
	checked[perm]++;
}

/* Each leaf table is linked once, and all that are in use are. */
static void check_structure(const struct subject *s)
{
	u8 *seen = calloc(s->hpmp.npages, 1);
	u64 n = 1, page;
	unsigned int i;

	assert_non_null(seen);
	for (i = 0; i < 512; i++) {
		if (bits(s->mem[i], 3, 0) != 1)
			continue;
		page = bits(s->mem[i], 48, 5) - s->im.pa / PAGE;
		assert_true(page && page < s->hpmp.used);
		assert_false(seen[page]++);
		n++;
	}
	assert_int_equal(n, s->hpmp.used);
	free(seen);
}

static void check_all(const struct subject *s)
{
	subject = s;
	each_address(check_address);
	check_structure(s);
}

static void subject_make(struct subject *s, unsigned int id, const struct pmptable_range *range,
			 u64 size)
{
	struct pmptable_domain d = domain_of(id);

	s->id = id;
	s->range = *range;
	s->mem = aligned_alloc(PAGE, size);
	assert_non_null(s->mem);
	memset(s->mem, 0xff, size);
	assert_int_equal(hpmp_init(&s->hpmp, &d, range, s->mem, POOL_PA, size), HPMP_OK);
	s->im = (struct image){ .mem = s->mem, .pa = POOL_PA, .size = size };
	hpmp_entries(&s->hpmp, &s->im.regs);
}

static void subject_free(struct subject *s)
{
	free(s->mem);
	s->mem = NULL;
}

static void check_anew(unsigned int id, const struct pmptable_range *range)
{
	struct pmptable_domain d = domain_of(id);
	u64 pages = hpmp_pages(&d, range);
	struct subject s;

	assert_true(pages && pages * PAGE <= hpmp_memory_size(range));
	subject_make(&s, id, range, pages * PAGE);
	assert_int_equal(s.hpmp.used, pages);
	check_all(&s);
	if (pages > 1)
		assert_int_equal(hpmp_init(&s.hpmp, &d, range, s.mem, POOL_PA, (pages - 1) * PAGE),
				 HPMP_ENOSPC);
	subject_free(&s);
}

/* A range around the machine's RAM, or only around a part of it. */
static struct pmptable_range random_table_range(void)
{
	u64 low = rams[0].base - unit_below(&rng, 3) * 5 * PAGE;
	u64 end = rams[nrams - 1].base + rams[nrams - 1].size;
	struct pmptable_range r = { low, end - low + unit_below(&rng, 3) * 33 * MIB };

	if (!unit_below(&rng, 4)) {
		r.base += r.size / PAGE / 3 * PAGE;
		r.size = r.size / PAGE / 3 * PAGE + PAGE;
	}
	return r;
}

/* Of [pa, pa + npages * 4 KiB), the part that is in the table's range. */
static bool clip(const struct pmptable_range *r, u64 *pa, u64 *npages)
{
	u64 end = *pa + *npages * PAGE;

	if (*pa < r->base)
		*pa = r->base;
	if (end > r->base + r->size)
		end = r->base + r->size;
	*npages = *pa < end ? (end - *pa) / PAGE : 0;
	return *npages;
}

#define MACHINES 24
#define CHANGES	 150
#define SUBJECTS 3

static void test_random(void **state)
{
	static const unsigned int ids[SUBJECTS] = { 0, 3, 8191 };
	struct subject s[SUBJECTS];
	unsigned int m, c, i;

	(void)state;
	rng = unit_seed(32);
	for (m = 0; m < MACHINES; m++) {
		machine_random(1UL << 55);
		for (i = 0; i < SUBJECTS; i++) {
			struct pmptable_range r = random_table_range();

			subject_make(&s[i], ids[i], &r, hpmp_memory_size(&r));
		}
		for (c = 0; c < CHANGES; c++) {
			u64 first, n = random_change(&first);

			for (i = 0; i < SUBJECTS; i++) {
				u64 pa = first, npages = n;

				if (!clip(&s[i].range, &pa, &npages))
					continue;
				assert_int_equal(hpmp_update(&s[i].hpmp, pa, npages * PAGE),
						 HPMP_OK);
				subject = &s[i];
				each_boundary(pa, npages * PAGE, check_address);
			}
		}
		for (i = 0; i < SUBJECTS; i++) {
			check_all(&s[i]);
			check_anew(ids[i], &s[i].range);
			subject_free(&s[i]);
		}
		machine_free();
	}
	assert_checked();
}

/* 16 GiB behind one entry: no leaf table while uniform, one for a page that is not. */
static void test_large(void **state)
{
	static const struct pmptable_range ram[] = { { 4 * GIB + PAGE, 16 * GIB } };
	const u64 pa = ram[0].base + 7 * GIB + 5 * PAGE;
	struct pmptable_domain d;
	struct subject s;

	(void)state;
	machine_make(ram, 1);
	d = domain_of(0);
	assert_int_equal(hpmp_memory_size(ram), 513 * PAGE);
	assert_int_equal(hpmp_pages(&d, ram), 1);
	d.id = 3;
	assert_int_equal(hpmp_pages(&d, ram), 1);
	subject_make(&s, 0, ram, 2 * PAGE);
	assert_int_equal(s.im.regs.addr[0], ram[0].base >> 2);
	assert_int_equal(s.im.regs.addr[1], (ram[0].base + ram[0].size) >> 2);
	assert_int_equal(s.im.regs.addr[2], POOL_PA >> 12);
	assert_int_equal(s.im.regs.cfg[1], 0x28);
	assert_int_equal(s.mem[0], 0xf);
	assert_int_equal(s.mem[511], 0xf);

	assert_int_equal(pmptable_deny(&table, pa, 1), PMPTABLE_OK);
	assert_int_equal(hpmp_update(&s.hpmp, pa, PAGE), HPMP_OK);
	assert_int_equal(s.hpmp.used, 2);
	assert_int_equal(s.mem[7 * 32], 1 | (POOL_PA / PAGE + 1) << 5);
	assert_int_equal(s.mem[512], 0x7777777777077777UL);
	assert_int_equal(s.mem[513], 0x7777777777777777UL);
	subject = &s;
	each_boundary(pa - 100 * PAGE, 9000 * PAGE, check_address);

	subject_free(&s);

	/* one page left, two would be needed: nothing changes */
	subject_make(&s, 0, ram, 3 * PAGE);
	assert_int_equal(pmptable_deny(&table, ram[0].base + 32 * MIB - PAGE, 2), PMPTABLE_OK);
	assert_int_equal(hpmp_update(&s.hpmp, ram[0].base, 64 * MIB), HPMP_ENOSPC);
	assert_int_equal(s.mem[0], 0xf);
	assert_int_equal(s.mem[1], 0xf);
	assert_int_equal(s.hpmp.used, 2);
	subject_free(&s);
	machine_free();
}

static void test_arguments(void **state)
{
	static const struct pmptable_range ram[] = { { 0x80000000UL, 96 * MIB } };
	static const struct pmptable_range bad[] = {
		{ 0x80000000UL, 0 },
		{ 0x80000001UL, PAGE },
		{ 0x80000000UL, PAGE + 4 },
		{ 0x80000000UL, 16 * GIB + PAGE },
		{ (1UL << 56) - PAGE, 2 * PAGE },
		{ -PAGE, PAGE },
	};
	struct pmptable_domain d;
	struct subject s;
	unsigned int i;
	u64 size;

	(void)state;
	machine_make(ram, 1);
	d = domain_of(0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(hpmp_memory_size(&bad[i]), 0);
		assert_int_equal(hpmp_pages(&d, &bad[i]), 0);
	}
	size = hpmp_memory_size(ram);
	subject_make(&s, 0, ram, size);
	d.id = PMPTABLE_ID_MONITOR;
	assert_int_equal(hpmp_init(&s.hpmp, &d, ram, s.mem, POOL_PA, size), HPMP_EINVAL);
	d.id = PMPTABLE_ID_HOST;
	/* the host could write to its own table */
	assert_int_equal(hpmp_init(&s.hpmp, &d, ram, s.mem, 0x81000000UL, size), HPMP_EINVAL);
	assert_int_equal(hpmp_init(&s.hpmp, &d, ram, s.mem, POOL_PA + 8, size), HPMP_EINVAL);
	assert_int_equal(hpmp_init(&s.hpmp, &d, ram, s.mem + 1, POOL_PA, size), HPMP_EINVAL);
	assert_int_equal(hpmp_init(&s.hpmp, &d, ram, NULL, POOL_PA, size), HPMP_EINVAL);
	assert_int_equal(hpmp_init(&s.hpmp, &d, ram, s.mem, POOL_PA, 0), HPMP_EINVAL);
	pmptable_set_monitor(&table, 0x81000000UL, size);
	assert_int_equal(hpmp_init(&s.hpmp, &d, ram, s.mem, 0x81000000UL, size), HPMP_OK);
	assert_int_equal(hpmp_update(&s.hpmp, ram[0].base, 0), HPMP_EINVAL);
	assert_int_equal(hpmp_update(&s.hpmp, ram[0].base - PAGE, PAGE), HPMP_EINVAL);
	assert_int_equal(hpmp_update(&s.hpmp, ram[0].base + 1, PAGE), HPMP_EINVAL);
	assert_int_equal(hpmp_update(&s.hpmp, ram[0].base, 96 * MIB + PAGE), HPMP_EINVAL);
	assert_int_equal(hpmp_update(&s.hpmp, ram[0].base + PAGE, -PAGE), HPMP_EINVAL);
	assert_int_equal(hpmp_update(&s.hpmp, ram[0].base + 96 * MIB, PAGE), HPMP_EINVAL);
	assert_int_equal(hpmp_update(&s.hpmp, ram[0].base, 96 * MIB), HPMP_OK);
	subject_free(&s);
	machine_free();
}

/*
 * What prototypes got wrong: V of a root entry not looked at, 32 MiB entries not
 * decoded, tables that start as "all allowed"; and what is reserved.
 */
static void test_walker(void **state)
{
	static const struct pmptable_range ram[] = { { 0x80000000UL, 96 * MIB } };
	const struct pmptable_range wide = { 0x80000000UL, GIB };
	const u64 pa = ram[0].base, huge = pa + 32 * MIB;
	struct subject s;
	unsigned int i;
	u64 good;

	(void)state;
	machine_make(ram, 1);
	assert_int_equal(pmptable_deny(&table, pa + PAGE, 1), PMPTABLE_OK);
	subject_make(&s, 0, &wide, hpmp_memory_size(&wide));
	assert_int_equal(walk(&s.im, pa, 2), ALLOWED);
	assert_int_equal(walk(&s.im, pa + PAGE, 2), FAULT_PERM);
	assert_int_equal(walk(&s.im, huge, 4), ALLOWED);
	/* no RAM there: the rest of the table is not open */
	for (i = 3; i < 512; i++)
		assert_int_equal(s.mem[i], 0);
	assert_int_equal(walk(&s.im, pa + 96 * MIB, 1), FAULT_INVALID);
	assert_int_equal(walk(&s.im, pa + GIB, 1), NO_MATCH);

	good = s.mem[0]; /* a pointer */
	for (i = 0; i < 64; i++) {
		if (i >= 5 && i < 49)
			continue;
		s.mem[0] = good ^ 1UL << i;
		if (i >= 1 && i <= 3) /* a pointer with permissions is neither */
			assert_int_equal(walk(&s.im, pa, 1), FAULT_RESERVED);
		else
			assert_int_equal(walk(&s.im, pa, 1), i ? FAULT_RESERVED : FAULT_INVALID);
	}
	s.mem[0] = 1; /* leads out of the pool */
	assert_int_equal(walk(&s.im, pa, 1), FAULT_MEMORY);
	s.mem[0] = good;
	good = s.mem[1]; /* 32 MiB */
	for (i = 0; i < 64; i++) {
		s.mem[1] = good ^ 1UL << i;
		if (i == 0)
			assert_int_equal(walk(&s.im, huge, 1), FAULT_INVALID);
		else if (i == 1) /* W without R */
			assert_int_equal(walk(&s.im, huge, 2), FAULT_RESERVED);
		else if (i == 2 || i == 3)
			assert_int_equal(walk(&s.im, huge, i == 2 ? 2 : 4), FAULT_PERM);
		else
			assert_int_equal(walk(&s.im, huge, 1), FAULT_RESERVED);
	}
	s.mem[1] = good;
	s.mem[512] |= 8; /* the bit beside the permissions of a page */
	assert_int_equal(walk(&s.im, pa, 1), FAULT_RESERVED);
	s.mem[512] ^= 8 | 1;
	assert_int_equal(walk(&s.im, pa, 2), FAULT_RESERVED);
	s.mem[512] |= 1;
	s.im.regs.cfg[1] = 0x0f; /* a plain entry */
	assert_int_equal(walk(&s.im, pa, 1), FAULT_ENTRY);
	s.im.regs.cfg[1] = 0x38; /* NAPOT */
	assert_int_equal(walk(&s.im, pa, 1), FAULT_ENTRY);
	subject_free(&s);
	machine_free();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walker),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("hpmp", tests, NULL, NULL);
}
