// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The host's remote fences and IPIs, while harts are stopped or stop: each hart
 * that runs gets them, and the caller an answer.
 */
#include "host.h"

#define EXT_LEGACY_SFENCE 6
#define RFENCE_FUNCTIONS  7
#define SFENCE_VMA	  1
#define NO_HART		  63
#define SV39_MODE	  (8UL << 60)
#define LEAF		  0xcfUL /* V, R, W, X, A, D */
#define BRANCH		  1UL
#define GIB		  (1UL << 30)
#define WINDOW		  (3 * GIB) /* where there is no RAM */
#define ROUNDS		  400
#define ENOUGH		  20	     /* rounds, where the machine has other work */
#define TICKS		  50000000UL /* 5 s on QEMU */

/* A hart that reads through a translation before and after the fence. */
static struct {
	unsigned long satp;
	unsigned long before;
	unsigned long after;
	unsigned int step;
} reader;

static void read_twice(void *arg)
{
	(void)arg;
	csr_write(satp, reader.satp);
	__asm__ volatile("sfence.vma" ::: "memory");
	reader.before = *(volatile unsigned long *)WINDOW;
	__atomic_store_n(&reader.step, 1, __ATOMIC_RELEASE);
	soon(&reader.step, 2);
	reader.after = *(volatile unsigned long *)WINDOW;
	csr_write(satp, 0);
	__asm__ volatile("sfence.vma" ::: "memory");
}

/* All as it is, and a page at WINDOW. Return: the page's entry */
static unsigned long *make_tables(unsigned long pa)
{
	unsigned long *table = (unsigned long *)pages_alloc(3, 1), i;

	memset(table, 0, 3 * PAGE);
	for (i = 0; i < 3; i++)
		table[i] = (i * GIB) >> 2 | LEAF;
	table[3] = ((unsigned long)table + PAGE) >> 2 | BRANCH;
	table[512] = ((unsigned long)table + 2 * PAGE) >> 2 | BRANCH;
	table[1024] = pa >> 2 | LEAF;
	reader.satp = SV39_MODE | (unsigned long)table >> 12;
	return &table[1024];
}

static unsigned long bit(unsigned int id)
{
	return 1UL << id;
}

static void count_job(void *arg)
{
	__atomic_add_fetch((unsigned int *)arg, 1, __ATOMIC_SEQ_CST);
}

/* As hart_begin(), with an IPI for @mask */
static long begin_by(unsigned long mask, unsigned int id, unsigned int *count)
{
	harts[id].fn = count_job;
	harts[id].arg = count;
	__atomic_store_n(&harts[id].busy, 1, __ATOMIC_RELEASE);
	return sbi6(EXT_IPI, 0, mask, 0).error;
}

/* Stopped harts may be in the mask (SBI 3.0, section 3.1); the others are fenced. */
static void skips_stopped(void)
{
	unsigned int stopped = other_hart(0), id = other_hart(1);
	unsigned long pa = pages_alloc(2, 1), *leaf = make_tables(pa);
	unsigned long mask = bit(stopped) | bit(id);
	unsigned int fid, count = 0;
	long rc;

	page_fill(pa, 1);
	page_fill(pa + PAGE, 2);
	REQUIRE(hart_stop_one(stopped));
	reader.step = 0;
	hart_begin(id, read_twice, 0);
	REQUIRE(soon(&reader.step, 1));
	*(volatile unsigned long *)leaf = (pa + PAGE) >> 2 | LEAF;
	__asm__ volatile("fence rw, rw" ::: "memory");
	rc = sbi6(EXT_RFENCE, SFENCE_VMA, mask, 0, WINDOW, PAGE).error;
	__atomic_store_n(&reader.step, 2, __ATOMIC_RELEASE);
	REQUIRE(hart_wait(id));
	EXPECT(rc, OK);
	EXPECT(reader.before, *(unsigned long *)pa);
	EXPECT(reader.after, *(unsigned long *)(pa + PAGE));
	for (fid = 0; fid < RFENCE_FUNCTIONS; fid++) {
		EXPECT(sbi6(EXT_RFENCE, fid, mask, 0, 0, ~0UL).error, OK);
		EXPECT(sbi6(EXT_RFENCE, fid, bit(stopped), 0, 0, ~0UL).error, OK);
	}
	EXPECT(sbi6(EXT_LEGACY_SFENCE, 0, (unsigned long)&mask, 0, ~0UL).error, OK);
	EXPECT(begin_by(mask, id, &count), OK);
	REQUIRE(hart_wait(id));
	EXPECT(count, 1);
	REQUIRE(hart_start_one(stopped));
}

/* A hart that does not exist is refused, beside stopped ones as well. */
static void unknown_hart(void)
{
	unsigned int stopped = other_hart(0), i;
	const struct {
		unsigned long mask;
		unsigned long base;
	} wrong[] = {
		{ bit(NO_HART), 0 },
		{ bit(0) | bit(NO_HART), 0 },
		{ bit(stopped) | bit(NO_HART), 0 },
		{ 3, ~1UL },
		{ 1, 1UL << 31 },
	};

	REQUIRE(hart_stop_one(stopped));
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT(sbi6(EXT_RFENCE, SFENCE_VMA, wrong[i].mask, wrong[i].base, 0, ~0UL).error,
		       E_INVALID_PARAM);
		EXPECT(sbi6(EXT_IPI, 0, wrong[i].mask, wrong[i].base).error, E_INVALID_PARAM);
	}
	REQUIRE(hart_start_one(stopped));
}

static struct {
	unsigned long mask;
	unsigned int over;
} storm;

static void fence_on_and_on(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&storm.over, __ATOMIC_ACQUIRE)) {
		long rc = sbi6(EXT_RFENCE, SFENCE_VMA, storm.mask, 0, WINDOW, PAGE).error;

		if (rc) {
			test_fail("hart %lu: remote fence: %ld", this_hart()->id, rc);
			return;
		}
	}
}

/* A hart stops while others fence it: each call succeeds, and none waits for ever. */
static void while_a_hart_stops(void)
{
	unsigned int id = other_hart(nharts - 2), round, i;
	unsigned long start = csr_read(time);

	storm.over = 0;
	storm.mask = bit(nharts) - 1;
	for (i = 0; i + 2 < nharts; i++)
		hart_begin(other_hart(i), fence_on_and_on, 0);
	for (round = 0; round < ROUNDS && !test_failed(); round++) {
		if (!hart_stop_one(id) || !hart_start_one(id))
			test_fail("hart %u does not stop and start", id);
		if (round >= ENOUGH && csr_read(time) - start > TICKS)
			break;
	}
	__atomic_store_n(&storm.over, 1, __ATOMIC_RELEASE);
	for (i = 0; i + 2 < nharts; i++)
		if (!hart_wait(other_hart(i)))
			test_fail("hart %u waits for a hart that has stopped", other_hart(i));
}

const struct test fence_tests[] = {
	{ "fence_skips_stopped", skips_stopped, 3 },
	{ "fence_unknown_hart", unknown_hart, 2 },
	{ "fence_while_a_hart_stops", while_a_hart_stops, 3 },
};
DEFINE_TESTS(fence);
