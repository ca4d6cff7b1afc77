// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Memory protection tables against a walker that shares nothing with the encoder.
 */
#include "domain_fixture.h"
#include "mpt_walker.h"

#include <pmptable/mpt.h>

/* @access: 1 load, 2 store, 4 fetch */
static enum fault walk(const struct image *im, u64 mmpt, u64 pa, unsigned int access)
{
	u64 xwr;
	enum fault f = lookup(im, mmpt, pa, &xwr);

	if (f)
		return f;
	return xwr & access ? ALLOWED : FAULT_PERM;
}

static unsigned int walk_perm(const struct image *im, u64 mmpt, u64 pa)
{
	unsigned int access, perm = 0;

	for (access = 1; access <= 4; access <<= 1) {
		enum fault f = walk(im, mmpt, pa, access);

		if (f == FAULT_BARE || f == FAULT_MEMORY || f == FAULT_RESERVED || f == FAULT_DEPTH)
			fail_msg("the tables are malformed for 0x%lx: fault %d", pa, f);
		if (!f)
			perm |= access;
	}
	return perm;
}

/* Every reachable entry is legal, every table is linked once; returns the tables. */
static u64 inspect(const struct image *im, u64 table_pa, int level, u8 *seen)
{
	u64 n = 1, e, first;
	unsigned int i;

	assert_true(table_pa >= im->pa && table_pa - im->pa < im->size);
	assert_false(seen[(table_pa - im->pa) / 4096]++);
	for (i = 0; i < 512; i++) {
		assert_true(load(im, table_pa + 8 * i, &e));
		if (!bits(e, 0, 0)) {
			assert_int_equal(e, 0);
			continue;
		}
		assert_false(entry_reserved(e));
		if (!bits(e, 1, 1)) {
			assert_true(level > 0);
			n += inspect(im, bits(e, 53, 10) << 12, level - 1, seen);
		} else if (bits(e, 2, 2)) {
			assert_true(load(im, table_pa + 8 * (i / 32 * 32), &first));
			assert_int_equal(e, first);
		}
	}
	return n;
}

/* One domain's tables in a pool that ends where ASan watches. */
struct subject {
	unsigned int id;
	struct mpt mpt;
	struct image im;
	u64 *mem;
	u64 mmpt;
};

static void subject_free(struct subject *s)
{
	free(s->mem);
	s->mem = NULL;
}

static void subject_make(struct subject *s, unsigned int id, enum mpt_mode mode, u64 size)
{
	struct pmptable_domain d = domain_of(id);
	unsigned int sdid = unit_below(&rng, 64);

	s->id = id;
	s->mem = aligned_alloc(PAGE, size);
	assert_non_null(s->mem);
	memset(s->mem, 0xff, size);
	assert_int_equal(mpt_init(&s->mpt, &d, mode, s->mem, POOL_PA, size), MPT_OK);
	assert_int_equal(mpt_csr(&s->mpt, sdid, &s->mmpt), MPT_OK);
	assert_int_equal(bits(s->mmpt, 51, 44), 0);
	assert_int_equal(bits(s->mmpt, 59, 58), 0);
	assert_int_equal(bits(s->mmpt, 57, 52), sdid);
	s->im = (struct image){ s->mem, POOL_PA, size };
}

static const struct subject *subject;

static void check_address(u64 pa)
{
	unsigned int perm = walk_perm(&subject->im, subject->mmpt, pa);

	if (perm != expected(subject->id, pa))
		fail_msg("domain %u at 0x%lx: the tables say %u, not %u", subject->id, pa, perm,
			 expected(subject->id, pa));
	checked[perm]++;
}

static void check_structure(const struct subject *s)
{
	u8 *seen = calloc(s->mpt.npages, 1);

	assert_non_null(seen);
	assert_int_equal(inspect(&s->im, POOL_PA, bits(s->mmpt, 63, 60) + 1, seen), s->mpt.used);
	free(seen);
}

static void check_all(const struct subject *s)
{
	subject = s;
	each_address(check_address);
	check_structure(s);
}

static void check_range(const struct subject *s, u64 pa, u64 npages)
{
	subject = s;
	each_boundary(pa, npages * PAGE, check_address);
}

/* Encoded as it is now, into just the pages that are needed. */
static void check_anew(unsigned int id, enum mpt_mode mode)
{
	struct pmptable_domain d = domain_of(id);
	u64 pages = mpt_pages(&d, mode);
	struct subject s;

	assert_true(pages && pages * PAGE <= mpt_memory_size(&d, mode));
	subject_make(&s, id, mode, pages * PAGE);
	assert_int_equal(s.mpt.used, pages);
	check_all(&s);
	if (pages > 1)
		assert_int_equal(mpt_init(&s.mpt, &d, mode, s.mem, POOL_PA, (pages - 1) * PAGE),
				 MPT_ENOSPC);
	subject_free(&s);
}

#define MACHINES 24
#define CHANGES	 150
#define SUBJECTS 5

static void test_random(void **state)
{
	static const struct {
		unsigned int id;
		enum mpt_mode mode;
	} kinds[SUBJECTS] = {
		{ 0, MPT_SMMPT43 },    { 3, MPT_SMMPT43 }, { 0, MPT_SMMPT52 },
		{ 8191, MPT_SMMPT52 }, { 5, MPT_SMMPT43 }, /* owns nothing */
	};
	struct subject s[SUBJECTS];
	unsigned int m, c, i;

	(void)state;
	rng = unit_seed(43);
	for (m = 0; m < MACHINES; m++) {
		machine_random(1UL << 43);
		for (i = 0; i < SUBJECTS; i++) {
			struct pmptable_domain d = domain_of(kinds[i].id);

			subject_make(&s[i], kinds[i].id, kinds[i].mode,
				     mpt_memory_size(&d, kinds[i].mode));
		}
		for (c = 0; c < CHANGES; c++) {
			u64 pa, npages = random_change(&pa);

			for (i = 0; i < SUBJECTS; i++) {
				assert_int_equal(mpt_update(&s[i].mpt, pa, npages * PAGE), MPT_OK);
				check_range(&s[i], pa, npages);
			}
		}
		for (i = 0; i < SUBJECTS; i++) {
			check_all(&s[i]);
			check_anew(kinds[i].id, kinds[i].mode);
			subject_free(&s[i]);
		}
		machine_free();
	}
	assert_checked();
}

/* Banks at the ends of tables of every level, and at the end of what the mode reaches. */
static void test_edges(void **state)
{
	static const struct pmptable_range at43[] = {
		{ 0x3fe000000UL, 64 * MIB },
		{ (1UL << 42) - 8 * MIB, 16 * MIB },
		{ (1UL << 43) - 8 * MIB, 8 * MIB },
	};
	static const struct pmptable_range at52[] = {
		{ (1UL << 43) - 8 * MIB, 16 * MIB },
		{ (1UL << 50) + PAGE, 3 * PAGE },
		{ (1UL << 52) - 8 * MIB, 8 * MIB },
	};
	struct pmptable_domain d = domain_of(0);
	unsigned int i;
	u64 pa;

	(void)state;
	rng = unit_seed(52);
	machine_make(at43, 3);
	check_anew(0, MPT_SMMPT43);
	for (i = 0; i < 50; i++)
		random_change(&pa);
	check_anew(0, MPT_SMMPT43);
	check_anew(3, MPT_SMMPT43);

	machine_make(at52, 3);
	assert_int_equal(mpt_pages(&d, MPT_SMMPT43), 0);
	assert_int_equal(mpt_memory_size(&d, MPT_SMMPT43), 0);
	for (i = 0; i < 50; i++)
		random_change(&pa);
	check_anew(0, MPT_SMMPT52);
	check_anew(3, MPT_SMMPT52);
	machine_free();
}

static u64 entry_at(const struct subject *s, u64 pa, int level)
{
	u64 a = bits(s->mmpt, 43, 0) << 12, e = 0;
	int i;

	for (i = bits(s->mmpt, 63, 60) + 1; i >= level; i--) {
		assert_true(load(&s->im, a + 8 * bits(pa, 16 + 9 * i + 8, 16 + 9 * i), &e));
		a = bits(e, 53, 10) << 12;
	}
	return e;
}

/* Uniform memory takes no table below the root; a page in the middle divides what it must. */
static void test_large(void **state)
{
	static const struct pmptable_range ram[] = { { 4 * GIB, 20 * GIB } };
	struct pmptable_domain d;
	struct subject host, tvm;
	u64 pa = 10 * GIB + 5 * MIB, used;

	(void)state;
	machine_make(ram, 1);
	d = domain_of(0);
	d.ndevices = 0;
	assert_int_equal(mpt_pages(&d, MPT_SMMPT43), 1);
	assert_int_equal(mpt_pages(&d, MPT_SMMPT52), 2);
	d.id = 3;
	assert_int_equal(mpt_pages(&d, MPT_SMMPT52), 1);

	subject_make(&host, 0, MPT_SMMPT43, mpt_memory_size(&d, MPT_SMMPT43) + 4 * PAGE);
	subject_make(&tvm, 3, MPT_SMMPT43, mpt_memory_size(&d, MPT_SMMPT43));
	used = host.mpt.used;
	/* 16 GiB to 24 GiB: 8 tuples of 1 GiB, all permissions, in one entry */
	assert_int_equal(entry_at(&host, 16 * GIB, 2), 3 | 0xffffffUL << 8);
	assert_int_equal(pmptable_deny(&table, pa, 1), PMPTABLE_OK);
	assert_int_equal(mpt_update(&host.mpt, pa, PAGE), MPT_OK);
	assert_int_equal(mpt_update(&tvm.mpt, pa, PAGE), MPT_OK);
	/* The devices already need the level 1 table below 16 GiB. */
	assert_int_equal(host.mpt.used, used + 1);
	assert_int_equal(tvm.mpt.used, 1);
	/* 1 GiB that is still uniform: a NAPOT run of 32 entries of 32 MiB */
	assert_int_equal(entry_at(&host, 9 * GIB, 1), 7 | 7 << 8 | 4 << 12);
	assert_int_equal(entry_at(&host, 9 * GIB, 1), entry_at(&host, 10 * GIB - 1, 1));
	assert_int_equal(entry_at(&host, 10 * GIB + 32 * MIB, 1), 3 | 0xffffffffffffUL << 8);
	/* the same below: 2 MiB beside the page */
	assert_int_equal(entry_at(&host, pa + 2 * MIB, 0), 7 | 7 << 8 | 4 << 12);
	assert_int_equal(entry_at(&host, pa + 64 * 1024, 0), 3 | 0xffffffffffffUL << 8);
	assert_int_equal(entry_at(&host, pa, 0), 3 | 0xfffffffffff8UL << 8);
	check_structure(&host);
	check_range(&host, pa - 3 * MIB, 2000);
	check_range(&host, 9 * GIB - PAGE, 4);

	/* Back again: the tables stay, and the run is one again. */
	assert_int_equal(pmptable_grant(&table, pa, 1, no_scrub), PMPTABLE_OK);
	assert_int_equal(mpt_update(&host.mpt, pa, PAGE), MPT_OK);
	assert_int_equal(host.mpt.used, used + 1);
	assert_int_equal(entry_at(&host, pa, 0), 7 | 7 << 8 | 4 << 12);
	check_range(&host, pa - 3 * MIB, 2000);
	subject_free(&host);
	subject_free(&tvm);
	machine_free();
}

/* A page in each 32 MiB: the worst case, and what it costs. */
static void test_memory(void **state)
{
	static const struct pmptable_range ram[] = { { 4 * GIB, 4 * GIB } };
	static const struct pmptable_range close[] = { { 4 * GIB, MIB }, { 4 * GIB + MIB, MIB } };
	struct pmptable_domain d;
	struct subject s;
	u64 pa, size;

	(void)state;
	machine_make(ram, 1);
	d = domain_of(0);
	d.ndevices = 0;
	size = mpt_memory_size(&d, MPT_SMMPT43);
	assert_int_equal(size, 4 * GIB / 8192 + 2 * PAGE);
	assert_int_equal(mpt_memory_size(&d, MPT_SMMPT52), size + PAGE);
	/* the devices are in two tables of level 0 and, both, in one of level 1 */
	subject_make(&s, 0, MPT_SMMPT43, size + 4 * PAGE);
	for (pa = 4 * GIB; pa < 8 * GIB; pa += 32 * MIB) {
		assert_int_equal(pmptable_deny(&table, pa, 1), PMPTABLE_OK);
		assert_int_equal(mpt_update(&s.mpt, pa, PAGE), MPT_OK);
	}
	assert_int_equal(mpt_pages(&d, MPT_SMMPT43) * PAGE, size);
	check_structure(&s);
	check_range(&s, 4 * GIB, 2 * 8192);
	subject_free(&s);

	/* two banks in one table, and in one table above that */
	machine_make(close, 2);
	assert_int_equal(mpt_memory_size(&d, MPT_SMMPT43), 3 * PAGE);
	machine_free();
}

/* A pool that is too small: nothing is written, neither into it nor behind it. */
static void test_pool_exhausted(void **state)
{
	static const struct pmptable_range ram[] = { { 0x80000000UL, 96 * MIB } };
	struct pmptable_domain d;
	struct subject s;
	u64 *before, size;

	(void)state;
	machine_make(ram, 1);
	d = domain_of(0);
	/* one page left */
	size = (mpt_pages(&d, MPT_SMMPT43) + 1) * PAGE;
	subject_make(&s, 0, MPT_SMMPT43, size);
	before = malloc(size);
	assert_non_null(before);
	memcpy(before, s.mem, size);
	/* two entries of 32 MiB would have to be divided */
	assert_int_equal(pmptable_deny(&table, 0x84000000UL - PAGE, 2), PMPTABLE_OK);
	assert_int_equal(mpt_update(&s.mpt, 0x84000000UL - PAGE, 2 * PAGE), MPT_ENOSPC);
	assert_int_equal(s.mpt.used, size / PAGE - 1);
	assert_memory_equal(before, s.mem, size);
	/* what needs no table still works */
	assert_int_equal(pmptable_deny(&table, 0x84000000UL + PAGE, 8191), PMPTABLE_OK);
	assert_int_equal(mpt_update(&s.mpt, 0x84000000UL, 32 * MIB), MPT_OK);
	check_range(&s, 0x84002000UL, 8188);
	free(before);
	subject_free(&s);
	machine_free();
}

static void test_arguments(void **state)
{
	static const struct pmptable_range ram[] = { { 0x80000000UL, 96 * MIB } };
	static const unsigned int bad_ids[] = { 1, 2, 8192, PMPTABLE_ID_NONE };
	static const struct pmptable_range bad_devices[] = {
		{ 0x80000000UL, PAGE },		  /* RAM */
		{ 0x7ffff000UL, 2 * PAGE },	  /* runs into RAM */
		{ 0x10000001UL, PAGE },		  /* not aligned */
		{ 0x10000000UL, 0 },		  /* empty */
		{ -PAGE, PAGE },		  /* beyond any address */
		{ (1UL << 56) - PAGE, 2 * PAGE }, /* runs out of addresses */
		{ 0x7ffff000UL, -0x7ffff000UL },  /* all the rest */
		{ 0xc0000000UL, 1UL << 43 },	  /* beyond Smmpt43 */
	};
	struct pmptable_domain d;
	struct subject s;
	u64 size, csr = 77;
	unsigned int i;

	(void)state;
	machine_make(ram, 1);
	d = domain_of(0);
	size = mpt_memory_size(&d, MPT_SMMPT43);
	subject_make(&s, 0, MPT_SMMPT43, size);
	for (i = 0; i < 4; i++) {
		d.id = bad_ids[i];
		assert_int_equal(mpt_pages(&d, MPT_SMMPT43), 0);
		assert_int_equal(mpt_init(&s.mpt, &d, MPT_SMMPT43, s.mem, POOL_PA, size),
				 MPT_EINVAL);
	}
	d = domain_of(0);
	d.ndevices = 1;
	for (i = 0; i < sizeof(bad_devices) / sizeof(bad_devices[0]); i++) {
		d.devices = &bad_devices[i];
		assert_int_equal(mpt_memory_size(&d, MPT_SMMPT43), 0);
	}
	d = domain_of(0);
	assert_int_equal(mpt_memory_size(&d, 0), 0);
	assert_int_equal(mpt_memory_size(&d, 3), 0);
	assert_int_equal(mpt_init(&s.mpt, &d, MPT_SMMPT43, s.mem, POOL_PA + 1, size), MPT_EINVAL);
	assert_int_equal(mpt_init(&s.mpt, &d, MPT_SMMPT43, s.mem + 1, POOL_PA, size), MPT_EINVAL);
	assert_int_equal(mpt_init(&s.mpt, &d, MPT_SMMPT43, s.mem, POOL_PA, size - 1), MPT_EINVAL);
	assert_int_equal(mpt_init(&s.mpt, &d, MPT_SMMPT43, s.mem, POOL_PA, 0), MPT_EINVAL);
	assert_int_equal(mpt_init(&s.mpt, &d, MPT_SMMPT43, s.mem, 1UL << 56, size), MPT_EINVAL);
	assert_int_equal(mpt_init(&s.mpt, &d, MPT_SMMPT43, s.mem, -size, size), MPT_EINVAL);
	assert_int_equal(mpt_init(&s.mpt, &d, MPT_SMMPT43, NULL, POOL_PA, size), MPT_EINVAL);

	assert_int_equal(mpt_init(&s.mpt, &d, MPT_SMMPT43, s.mem, POOL_PA, size), MPT_OK);
	assert_int_equal(mpt_update(&s.mpt, 0x80000000UL, 0), MPT_EINVAL);
	assert_int_equal(mpt_update(&s.mpt, 0x80000001UL, PAGE), MPT_EINVAL);
	assert_int_equal(mpt_update(&s.mpt, 0x80000000UL, PAGE + 1), MPT_EINVAL);
	assert_int_equal(mpt_update(&s.mpt, 0x80000000UL, -PAGE), MPT_EINVAL);
	assert_int_equal(mpt_update(&s.mpt, 1UL << 43, PAGE), MPT_EINVAL);
	assert_int_equal(mpt_update(&s.mpt, 0, (1UL << 43) + PAGE), MPT_EINVAL);
	assert_int_equal(mpt_update(&s.mpt, 0, 1UL << 43), MPT_OK);
	assert_int_equal(mpt_csr(&s.mpt, 64, &csr), MPT_EINVAL);
	assert_int_equal(csr, 77);
	check_all(&s);
	subject_free(&s);
	machine_free();
}

/* The tables may be in memory of the monitor, or outside of RAM: nobody else can get there. */
static void test_pool_place(void **state)
{
	static const struct pmptable_range ram[] = { { 0x80000000UL, 96 * MIB } };
	const u64 pa = 0x81000000UL;
	const pmptable_field_t from = PMPTABLE_CONVERTING;
	struct pmptable_domain d;
	struct mpt m;
	u64 size;
	void *mem;

	(void)state;
	machine_make(ram, 1);
	d = domain_of(0);
	size = mpt_memory_size(&d, MPT_SMMPT43);
	mem = aligned_alloc(PAGE, size);
	assert_non_null(mem);
	assert_int_equal(mpt_init(&m, &d, MPT_SMMPT43, mem, pa, size), MPT_EINVAL);
	pmptable_set_monitor(&table, pa, size - PAGE);
	assert_int_equal(mpt_init(&m, &d, MPT_SMMPT43, mem, pa, size), MPT_EINVAL);
	/* confidential is not enough: the host can take it back */
	assert_int_equal(pmptable_deny(&table, pa + size - PAGE, 1), PMPTABLE_OK);
	assert_int_equal(mpt_init(&m, &d, MPT_SMMPT43, mem, pa, size), MPT_EINVAL);
	assert_int_equal(
		pmptable_transition(&table, pa + size - PAGE, 1, &from, 1, PMPTABLE_UNASSIGNED),
		PMPTABLE_OK);
	assert_int_equal(mpt_init(&m, &d, MPT_SMMPT43, mem, pa, size), MPT_EINVAL);
	assert_int_equal(pmptable_grant(&table, pa + size - PAGE, 1, no_scrub), PMPTABLE_OK);
	pmptable_set_monitor(&table, pa, size);
	assert_int_equal(mpt_init(&m, &d, MPT_SMMPT43, mem, pa, size), MPT_OK);
	/* a device that the domain may write to */
	assert_int_equal(mpt_init(&m, &d, MPT_SMMPT43, mem, devices[0].base, size), MPT_EINVAL);
	assert_int_equal(mpt_init(&m, &d, MPT_SMMPT43, mem, devices[0].base - PAGE, size),
			 MPT_EINVAL);
	free(mem);
	machine_free();
}

/* The walker refuses what hardware refuses: each illegal entry in a good image. */
static void test_walker(void **state)
{
	static const struct pmptable_range ram[] = { { 0x80000000UL, 96 * MIB } };
	const u64 pa = 0x80000000UL + 3 * PAGE;
	struct subject s;
	u64 *root, *mid, *low, good;
	unsigned int i;

	(void)state;
	machine_make(ram, 1);
	assert_int_equal(pmptable_deny(&table, pa + 16 * PAGE, 1), PMPTABLE_OK);
	subject_make(&s, 0, MPT_SMMPT43, 16 * PAGE);
	root = s.mem;
	mid = s.mem + (bits(root[0], 53, 10) - bits(s.mmpt, 43, 0)) * 512;
	low = s.mem + (bits(mid[64], 53, 10) - bits(s.mmpt, 43, 0)) * 512;
	assert_int_equal(walk(&s.im, s.mmpt, pa, 4), ALLOWED);
	assert_int_equal(walk(&s.im, s.mmpt, pa + 16 * PAGE, 1), FAULT_PERM);
	assert_int_equal(walk(&s.im, s.mmpt, pa | 1UL << 43, 1), FAULT_WIDTH);
	assert_int_equal(walk(&s.im, s.mmpt & ~(15UL << 60), pa, 1), FAULT_BARE);
	assert_int_equal(walk(&s.im, s.mmpt + 16, pa, 1), FAULT_MEMORY);

	for (i = 0; i < 64; i++) { /* a pointer */
		u64 flipped = root[0] ^ 1UL << i;

		if (i == 1 || (i >= 10 && i < 54))
			continue;
		good = root[0];
		root[0] = flipped;
		assert_int_equal(walk(&s.im, s.mmpt, pa, 1), i ? FAULT_RESERVED : FAULT_INVALID);
		root[0] = good;
	}
	good = low[0]; /* 16 pages, all permissions */
	assert_int_equal(good, 3 | 0xffffffffffffUL << 8);
	for (i = 3; i < 64; i++) {
		low[0] = good ^ 1UL << i;
		if (i >= 8 && i < 56) { /* R or X off: 6 is reserved, 3 is not */
			unsigned int xwr = 7 ^ 1 << (i - 8) % 3;

			assert_int_equal(walk(&s.im, s.mmpt, pa + 12 * PAGE, 4),
					 xwr == 6			 ? FAULT_RESERVED
					 : xwr == 3 && (i - 8) / 3 == 15 ? FAULT_PERM
									 : ALLOWED);
		} else {
			assert_int_equal(walk(&s.im, s.mmpt, pa, 1), FAULT_RESERVED);
		}
	}
	low[0] = good & ~(5UL << 8); /* write-only in page 0 spoils the entry for all */
	assert_int_equal(walk(&s.im, s.mmpt, pa, 1), FAULT_RESERVED);
	low[0] = good & ~1UL;
	assert_int_equal(walk(&s.im, s.mmpt, pa, 1), FAULT_INVALID);
	low[0] = 1 | 0x10000UL << 10; /* a pointer where no level is below */
	assert_int_equal(walk(&s.im, s.mmpt, pa, 1), FAULT_DEPTH);
	low[0] = good;

	good = low[32]; /* NAPOT */
	assert_int_equal(good, 7 | 7 << 8 | 4 << 12);
	assert_int_equal(walk(&s.im, s.mmpt, 0x80200000UL, 2), ALLOWED);
	for (i = 3; i < 64; i++) {
		if (i >= 8 && i < 11)
			continue;
		low[32] = good ^ 1UL << i; /* G is 4 only */
		assert_int_equal(walk(&s.im, s.mmpt, 0x80200000UL, 2), FAULT_RESERVED);
	}
	low[32] = good & ~(5UL << 8);
	assert_int_equal(walk(&s.im, s.mmpt, 0x80200000UL, 2), FAULT_RESERVED);
	low[32] = good;
	subject_free(&s);
	machine_free();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walker),	   cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_pool_place), cmocka_unit_test(test_pool_exhausted),
		cmocka_unit_test(test_large),	   cmocka_unit_test(test_memory),
		cmocka_unit_test(test_edges),	   cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("mpt", tests, NULL, NULL);
}
