// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * DBTR: memory that M-mode remembers, indexes, and hardware triggers, which
 * must fire neither in M-mode nor in a TVM.
 */
#include "deputy.h"

#define NUM	  0
#define SETUP	  1
#define READ	  2
#define INSTALL	  3
#define UPDATE	  4
#define UNINSTALL 5
#define ENABLE	  6
#define DISABLE	  7

#define TYPE(t)	      ((unsigned long)(t) << 60)
#define DMODE	      (1UL << 59)
#define MC_LOAD	      1UL
#define MC_STORE      2UL
#define MC_EXEC	      4UL
#define MC_U	      (1UL << 3)
#define MC_S	      (1UL << 4)
#define MC_M	      (1UL << 6)
#define MC_DEBUG_MODE (1UL << 12) /* action: enter it */
#define MC6_VU	      (1UL << 23)
#define MC6_VS	      (1UL << 24)
#define MC6_ALL	      (TYPE(6) | MC_U | MC_S | MC6_VU | MC6_VS)
#define ICOUNT_ALL    (TYPE(3) | 1UL << 6 | 1UL << 7 | 1UL << 25 | 1UL << 26)
#define ICOUNT_V      (TYPE(3) | 1UL << 25 | 1UL << 26)
#define ICOUNT_M      (1UL << 9)
#define ICOUNT(n)     ((unsigned long)(n) << 10)

#define CAUSE_BREAKPOINT 3

struct msg {
	unsigned long state;
	unsigned long tdata1;
	unsigned long tdata2;
	unsigned long tdata3;
};

static long dbtr(unsigned long fid, unsigned long a0, unsigned long a1)
{
	return sbi6(EXT_DBTR, fid, a0, a1).error;
}

static unsigned long triggers(void)
{
	struct sbiret r = has_extension(EXT_DBTR) ? sbi6(EXT_DBTR, NUM, 0)
						  : (struct sbiret){ E_NOT_SUPPORTED, 0 };

	if (r.error || !r.value)
		test_fail("the hart has no triggers: %ld", r.error);
	return r.error ? 0 : r.value;
}

static void forget(void)
{
	unsigned long i;

	for (i = 0; i < 32; i++)
		dbtr(UNINSTALL, i, 1);
	dbtr(SETUP, ~0UL, ~0UL);
}

/* Shared memory of this hart; NULL when there are no triggers. */
static volatile struct msg *shmem(void)
{
	unsigned long pa = pages_alloc(1, 1);

	if (!triggers())
		return 0;
	memset((void *)pa, 0, PAGE);
	if (dbtr(SETUP, pa, 0)) {
		test_fail("setup_shmem: %ld", dbtr(SETUP, pa, 0));
		return 0;
	}
	return (volatile struct msg *)pa;
}

static long install(volatile struct msg *m, unsigned long tdata1, unsigned long tdata2)
{
	m->state = 0;
	m->tdata1 = tdata1;
	m->tdata2 = tdata2;
	m->tdata3 = 0;
	return dbtr(INSTALL, 1, 0);
}

static void memory(void)
{
	unsigned long n = triggers(), len = n * sizeof(struct msg), pa = pages_alloc(4, 1);
	struct bad bad;
	unsigned int i;

	if (!n)
		return;
	EXPECT(dbtr(READ, 0, 1), E_NO_SHMEM);
	EXPECT(dbtr(INSTALL, 1, 0), E_NO_SHMEM);
	EXPECT(dbtr(UPDATE, 1, 0), E_NO_SHMEM);
	REQUIRE(bad_make(&bad, len));
	for (i = 0; i < bad.n; i++)
		EXPECT(dbtr(SETUP, bad.a[i].pa, 0), E_INVALID_ADDRESS);
	EXPECT(dbtr(SETUP, pa + 4, 0), E_INVALID_PARAM);
	EXPECT(dbtr(SETUP, pa, 1), E_INVALID_ADDRESS);
	EXPECT(dbtr(SETUP, ~7UL, ~0UL), E_INVALID_ADDRESS);
	EXPECT(dbtr(READ, 0, 1), E_NO_SHMEM);
	/* the first entry in one page, the rest in the next */
	EXPECT(dbtr(SETUP, pa + 2 * PAGE - sizeof(struct msg), 0), OK);
	EXPECT(dbtr(SETUP, pa, 0), E_ALREADY_AVAILABLE);
	EXPECT(convert(pa + PAGE, 1), E_INVALID_ADDRESS);
	EXPECT(convert(pa + 2 * PAGE, 1), n > 1 ? E_INVALID_ADDRESS : OK);
	EXPECT(convert(pa, 4), E_INVALID_ADDRESS);
	EXPECT(convert(pa, 1), OK);
	EXPECT(convert(pa + 3 * PAGE, 1), OK);
	EXPECT(dbtr(READ, 0, 1), OK);
	EXPECT(dbtr(SETUP, ~0UL, ~0UL), OK);
	EXPECT(dbtr(READ, 0, 1), E_NO_SHMEM);
	EXPECT(convert(pa + PAGE, 2), OK);
	EXPECT(dbtr(SETUP, pa + PAGE, 0), E_INVALID_ADDRESS);
}

static void setup_here(void *pa)
{
	if (dbtr(SETUP, (unsigned long)pa, 0))
		test_fail("setup_shmem is refused");
}

static void read_here(void *error)
{
	*(long *)error = dbtr(READ, 0, 1);
}

static void forget_here(void *arg)
{
	(void)arg;
	forget();
}

static void memory_of_another_hart(void)
{
	unsigned long pa = pages_alloc(1, 1);
	unsigned int id = other_hart(0);
	long error = OK;

	if (!triggers())
		return;
	REQUIRE(on_hart(id, setup_here, (void *)pa));
	EXPECT(convert(pa, 1), E_INVALID_ADDRESS);
	REQUIRE(on_hart(id, forget_here, 0));
	EXPECT(convert(pa, 1), OK);
	EXPECT(reclaim(pa, 1), OK);
	REQUIRE(on_hart(id, setup_here, (void *)pa));
	EXPECT(convert(pa, 1), E_INVALID_ADDRESS);
	/* a stopped hart has none, and has none when it is back */
	REQUIRE(hart_stop_one(id));
	EXPECT(convert(pa, 1), OK);
	REQUIRE(hart_start_one(id));
	REQUIRE(on_hart(id, read_here, &error));
	EXPECT(error, E_NO_SHMEM);
}

static void suspend(void)
{
	timer_set(csr_read(time) + 50000);
	csr_write(sie, SIP_STIP);
	if (suspend_nonretentive())
		test_fail("hart_suspend");
	csr_write(sie, 0);
	timer_set(~0UL);
}

/* A suspended hart keeps its memory: OpenSBI does. */
static void memory_of_resumed_hart(void)
{
	volatile struct msg *m = shmem();

	if (!m)
		return;
	suspend();
	EXPECT(convert((unsigned long)m, 1), E_INVALID_ADDRESS);
	EXPECT(dbtr(READ, 0, 1), OK);
	forget();
	EXPECT(convert((unsigned long)m, 1), OK);
}

/* Entries beyond what there is would be M-mode's memory, or behind the shared memory. */
static void indexes(void)
{
	volatile struct msg *m = shmem();
	unsigned long n, i;

	if (!m)
		return;
	n = triggers();
	for (i = 0; i < PAGE / sizeof(*m); i++)
		m[i].tdata1 = MC6_ALL | MC_EXEC;
	REQUIRE(refused("read: base", sbi6(EXT_DBTR, READ, n, 1)));
	REQUIRE(refused("read: base", sbi6(EXT_DBTR, READ, ~0UL, 1)));
	REQUIRE(refused("read: count", sbi6(EXT_DBTR, READ, 0, n + 1)));
	REQUIRE(refused("read: wrapping", sbi6(EXT_DBTR, READ, 1, ~0UL)));
	REQUIRE(refused("read: wrapping", sbi6(EXT_DBTR, READ, n - 1, 1UL - n)));
	REQUIRE(refused("install: count", sbi6(EXT_DBTR, INSTALL, n + 1)));
	REQUIRE(refused("install: count", sbi6(EXT_DBTR, INSTALL, PAGE / sizeof(*m) + 1)));
	REQUIRE(refused("install: count", sbi6(EXT_DBTR, INSTALL, ~0UL)));
	REQUIRE(refused("install: count", sbi6(EXT_DBTR, INSTALL, 1UL << 59 | 1)));
	REQUIRE(refused("update: count", sbi6(EXT_DBTR, UPDATE, n + 1)));
	REQUIRE(refused("update: count", sbi6(EXT_DBTR, UPDATE, ~0UL)));
	for (i = 0; i < 4; i++) {
		const unsigned long base[] = { n, 64, 63, ~0UL };

		dbtr(UNINSTALL, base[i], ~0UL);
		dbtr(ENABLE, base[i], ~0UL);
		dbtr(DISABLE, base[i], ~0UL);
	}
	if (n > 1) {
		m->state = n; /* an update's index */
		REQUIRE(refused("update: index", sbi6(EXT_DBTR, UPDATE, 1)));
		m->state = ~0UL;
		REQUIRE(refused("update: index", sbi6(EXT_DBTR, UPDATE, 1)));
	}
	forget();
}

/* Neither in M-mode nor for the external debugger, by install or by update. */
static void forbidden(void)
{
	static const unsigned long bad[] = {
		MC6_ALL | MC_EXEC | MC_M,
		MC6_ALL | MC_LOAD | MC_M,
		MC6_ALL | MC_EXEC | DMODE,
		MC6_ALL | MC_EXEC | MC_DEBUG_MODE,
		TYPE(2) | MC_S | MC_EXEC | MC_M,
		TYPE(2) | MC_S | MC_EXEC | DMODE,
		ICOUNT_ALL | ICOUNT(1) | ICOUNT_M,
		ICOUNT_ALL | ICOUNT(1) | 1, /* action: debug mode */
		TYPE(4) | 1UL << 7,
		TYPE(5) | 1UL << 7,
		TYPE(7) | 1UL << 7,
		TYPE(0),
		TYPE(15),
	};
	volatile struct msg *m = shmem();
	unsigned int i;

	if (!m)
		return;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (!install(m, bad[i], 0x1000))
			test_fail("trigger %lx is not refused", bad[i]);
	EXPECT(install(m, TYPE(6) | MC_S | MC_EXEC, 0x1000), OK);
	EXPECT(m->state, 0); /* its index */
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		m->state = 0;
		m->tdata1 = bad[i];
		m->tdata2 = 0x1000;
		if (!dbtr(UPDATE, 1, 0))
			test_fail("an update to %lx is not refused", bad[i]);
	}
	EXPECT(dbtr(READ, 0, 1), OK);
	EXPECT(m->tdata1, TYPE(6) | MC_S | MC_EXEC);
	forget();
}

/**
 * struct racer - another hart changes a word while @go is 1; 2: it ends
 * @still: it does not at the moment
 */
struct racer {
	volatile unsigned long *word;
	unsigned long good;
	unsigned long bad;
	volatile unsigned int go;
	volatile unsigned int still;
};

static void race(void *arg)
{
	struct racer *r = arg;

	while (r->go != 2) {
		r->still = r->go == 0;
		if (r->still)
			continue;
		*r->word = r->bad;
		*r->word = r->good;
	}
}

/* What is checked is what is installed. OpenSBI does not check an update at all. */
static void entry_changes(void)
{
	volatile struct msg *m = shmem();
	unsigned int id = other_hart(0), i;
	struct racer r = { 0, TYPE(6) | MC_S | MC_EXEC, TYPE(6) | MC_M | MC_EXEC, 0, 0 };
	unsigned long seen = r.good, updated = 0;

	if (!m)
		return;
	EXPECT(install(m, r.good, 2), OK);
	r.word = &m->tdata1;
	hart_begin(id, race, &r);
	for (i = 0; i < 5000 && seen == r.good; i++) {
		m->state = 0; /* the index */
		m->tdata1 = r.good;
		r.go = 1;
		if (!soon(&r.still, 0))
			break;
		updated += !dbtr(UPDATE, 1, 0);
		r.go = 0;
		if (!soon(&r.still, 1))
			break;
		dbtr(READ, 0, 1);
		seen = m->tdata1;
	}
	r.go = 2;
	EXPECT(hart_wait(id), true);
	EXPECT(seen, r.good);
	EXPECT_TRUE(updated > 0);
	forget();
}

/* A hart that comes back has all triggers free, and none armed. */
static void install_all_here(void *arg)
{
	volatile struct msg *m = arg;
	unsigned long n = triggers(), i;

	if (dbtr(SETUP, (unsigned long)m, 0))
		test_fail("setup_shmem is refused");
	for (i = 0; i < n; i++)
		if (install(m, TYPE(6) | MC_S | MC_LOAD, (unsigned long)m + 2048))
			test_fail("trigger %lu cannot be installed", i);
	if (!install(m, TYPE(6) | MC_S | MC_LOAD, 8))
		test_fail("there is one trigger more than there are");
}

static void probe_here(void *arg)
{
	unsigned long *p = arg;

	p[1] = probe_ld(p[0]);
}

static void restart(void)
{
	volatile struct msg *m = (volatile struct msg *)pages_alloc(1, 1);
	unsigned long probe[2] = { (unsigned long)m + 2048, 0 };
	unsigned int id = other_hart(0), round;

	if (!triggers())
		return;
	for (round = 0; round < 3; round++) {
		REQUIRE(on_hart(id, install_all_here, (void *)m));
		REQUIRE(on_hart(id, probe_here, probe));
		EXPECT(probe[1], CAUSE_BREAKPOINT);
		REQUIRE(hart_stop_one(id));
		REQUIRE(hart_start_one(id));
		REQUIRE(on_hart(id, probe_here, probe));
		EXPECT(probe[1], NO_FAULT);
	}
}

/* The address of the guest's that the host watches, too. */
#define WATCHED (GUEST_HEAP + 0x40)

static void touch(struct tvm *t)
{
	REQUIRE(tvm_build(t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_TOUCH, 0)));
	t->in[0] = WATCHED;
	t->in[1] = 0x5ec2e7;
	EXPECT(tvm_serve(t, 0), WHY_DONE);
	EXPECT(t->mail[0], 0);
	EXPECT(t->mail[1], 0); /* traps so far */
	EXPECT(t->mail[2], 0x5ec2e7);
	EXPECT(t->mail[3], 0);
}

static void tvm_is_not_watched(unsigned long tdata1, unsigned long tdata2, bool host_too)
{
	volatile struct msg *m = shmem();
	struct msg before;
	struct tvm t;

	if (!m)
		return;
	EXPECT(install(m, tdata1, tdata2), OK);
	EXPECT(dbtr(READ, 0, 1), OK);
	before = *(struct msg *)m;
	EXPECT(before.tdata1 >> 60, tdata1 >> 60);
	if (host_too)
		EXPECT(probe_ld(tdata2), CAUSE_BREAKPOINT);
	touch(&t);
	/* and is there again for the host, exactly */
	EXPECT(dbtr(READ, 0, 1), OK);
	EXPECT(m->tdata1, before.tdata1);
	EXPECT(m->tdata2, before.tdata2);
	if (host_too)
		EXPECT(probe_ld(tdata2), CAUSE_BREAKPOINT);
	forget();
	EXPECT(probe_ld(WATCHED), NO_FAULT);
}

static void load_store(void)
{
	tvm_is_not_watched(MC6_ALL | MC_LOAD | MC_STORE, WATCHED, true);
}

static void execution(void)
{
	tvm_is_not_watched(TYPE(6) | MC6_VU | MC6_VS | MC_EXEC, GUEST_BASE, false);
}

/* OpenSBI before 1.9 cannot handle triggers without tdata2, so they are refused. */
static void single_step(void)
{
	volatile struct msg *m = shmem();
	struct tvm t;

	if (!m)
		return;
	if (!install(m, ICOUNT_V | ICOUNT(1), 0))
		touch(&t);
	forget();
}

const struct test deputy_dbtr_tests[] = {
	{ "deputy_dbtr_memory", memory, 1 },
	{ "deputy_dbtr_memory_of_another_hart", memory_of_another_hart, 2 },
	{ "deputy_dbtr_memory_of_resumed_hart", memory_of_resumed_hart, 1 },
	{ "deputy_dbtr_indexes", indexes, 1 },
	{ "deputy_dbtr_forbidden", forbidden, 1 },
	{ "deputy_dbtr_entry_changes", entry_changes, 2 },
	{ "deputy_dbtr_restart", restart, 2 },
	{ "deputy_dbtr_load_store", load_store, 1 },
	{ "deputy_dbtr_execution", execution, 1 },
	{ "deputy_dbtr_single_step", single_step, 1 },
};
DEFINE_TESTS(deputy_dbtr);
