// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * OpenSBI's own calls must not read or write for the host what the host may
 * not: an address of M-mode's, a range that wraps, an index that wraps.
 */
#include "tvm.h"

#define DBCN_WRITE     0
#define DBCN_READ      1
#define PMU_CFG_MATCH  2
#define PMU_START      3
#define PMU_STOP       4
#define PMU_FW_READ    5
#define PMU_SNAPSHOT   7
#define PMU_EVENT_INFO 8

static bool refused(const char *what, struct sbiret r)
{
	if (r.error)
		return true;
	test_fail("%s is not refused: value %lx", what, r.value);
	return false;
}

static void dbcn(unsigned long fid)
{
	unsigned long pa = pages_alloc(2, 1);
	unsigned int i;

	REQUIRE(refused("firmware", sbi6(EXT_DBCN, fid, 16, 0x80000000UL)));
	REQUIRE(refused("from below into firmware", sbi6(EXT_DBCN, fid, 64, 0x80000000UL - 32)));
	for (i = 0; i < nreserved; i++)
		REQUIRE(refused("reserved memory", sbi6(EXT_DBCN, fid, 16, reserved[i].base)));
	REQUIRE(refused("a wrapping range", sbi6(EXT_DBCN, fid, ~0UL, pa)));
	REQUIRE(refused("a wrapping range", sbi6(EXT_DBCN, fid, 0UL - pa + 0x80000100UL, pa)));
	REQUIRE(refused("an address with high bits", sbi6(EXT_DBCN, fid, 16, pa, 1)));
	REQUIRE(refused("a device", sbi6(EXT_DBCN, fid, 16, 0x2000000)));
	REQUIRE(refused("bits beyond the PMP", sbi6(EXT_DBCN, fid, 16, pa | 1UL << 56)));
	EXPECT(convert(pa + PAGE, 1), OK);
	REQUIRE(refused("a converted page", sbi6(EXT_DBCN, fid, 16, pa + PAGE)));
	REQUIRE(refused("across a converted page", sbi6(EXT_DBCN, fid, 32, pa + PAGE - 16)));
}

static void dbcn_write(void)
{
	dbcn(DBCN_WRITE);
}

static void dbcn_read(void)
{
	dbcn(DBCN_READ);
}

static void dbcn_good(void)
{
	unsigned long pa = pages_alloc(1, 1);
	struct sbiret r;

	r = sbi6(EXT_DBCN, DBCN_READ, 8, pa);
	EXPECT(r.error, OK);
	EXPECT(sbi6(EXT_DBCN, DBCN_WRITE, 0, pa).error, OK);
}

static void pmu_counters(void)
{
	static const unsigned long bases[] = { ~0UL,	     ~0UL - 63,	    ~0UL << 32, 1UL << 63,
					       0xffffffffUL, 0x100000000UL, 64,		128 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		REQUIRE(refused("start", sbi6(EXT_PMU, PMU_START, bases[i], 1)));
		REQUIRE(refused("start", sbi6(EXT_PMU, PMU_START, bases[i], ~0UL)));
		REQUIRE(refused("stop", sbi6(EXT_PMU, PMU_STOP, bases[i], 1)));
		REQUIRE(refused("stop", sbi6(EXT_PMU, PMU_STOP, bases[i], ~0UL)));
		REQUIRE(refused("match", sbi6(EXT_PMU, PMU_CFG_MATCH, bases[i], 1, 0, 1)));
		REQUIRE(refused("match", sbi6(EXT_PMU, PMU_CFG_MATCH, bases[i], 1UL << 63, 0, 1)));
		REQUIRE(refused("read", sbi6(EXT_PMU, PMU_FW_READ, bases[i])));
	}
}

/* Base plus highest bit of the mask wrap to a small number: a check of the sum alone passes. */
static void pmu_wrap(void)
{
	unsigned long back;

	for (back = 1; back < 63; back++) {
		unsigned long base = 0UL - back, mask = 1UL << back | 1;

		REQUIRE(refused("match", sbi6(EXT_PMU, PMU_CFG_MATCH, base, mask, 1, 2)));
		REQUIRE(refused("match", sbi6(EXT_PMU, PMU_CFG_MATCH, base, mask, 0, 2)));
		REQUIRE(refused("start", sbi6(EXT_PMU, PMU_START, base, mask)));
		REQUIRE(refused("stop", sbi6(EXT_PMU, PMU_STOP, base, mask, 1)));
	}
}

static void pmu_good(void)
{
	struct sbiret n = sbi6(EXT_PMU, 0, 0), r;

	EXPECT(n.error, OK);
	EXPECT_TRUE(n.value >= 3 && n.value < 256);
	/* instructions, on a fixed counter */
	r = sbi6(EXT_PMU, PMU_CFG_MATCH, 0, 7, 0, 2);
	EXPECT(r.error, OK);
	r = sbi6(EXT_PMU, PMU_STOP, r.value, 1, 1);
	EXPECT_TRUE(r.error == OK || r.error == -8 /* already stopped */);
}

static void pmu_event_info(void)
{
	unsigned long pa = pages_alloc(2, 1);

	EXPECT(convert(pa + PAGE, 1), OK);
	REQUIRE(refused("firmware", sbi6(EXT_PMU, PMU_EVENT_INFO, 0x80000000UL, 0, 1, 0)));
	REQUIRE(refused("a converted page", sbi6(EXT_PMU, PMU_EVENT_INFO, pa + PAGE, 0, 1, 0)));
	REQUIRE(refused("across", sbi6(EXT_PMU, PMU_EVENT_INFO, pa + PAGE - 16, 0, 2, 0)));
	REQUIRE(refused("a wrapping size", sbi6(EXT_PMU, PMU_EVENT_INFO, pa, 0, 1UL << 60, 0)));
	REQUIRE(refused("a wrapping size", sbi6(EXT_PMU, PMU_EVENT_INFO, pa, 0, ~0UL, 0)));
	REQUIRE(refused("high bits", sbi6(EXT_PMU, PMU_EVENT_INFO, pa, 1, 1, 0)));
	REQUIRE(refused("snapshot", sbi6(EXT_PMU, PMU_SNAPSHOT, pa + PAGE, 0, 0)));
	REQUIRE(refused("snapshot", sbi6(EXT_PMU, PMU_SNAPSHOT, 0x80000000UL, 0, 0)));
}

/* Extensions that may be absent; present, they must refuse. */
static void sse(void)
{
	unsigned long pa = pages_alloc(1, 1), good = pages_alloc(1, 1);

	if (!sbi6(EXT_BASE, 3, EXT_SSE).value) {
		EXPECT(sbi6(EXT_SSE, 0, 0xffff0000UL, 0, 1, good).error, E_NOT_SUPPORTED);
		return;
	}
	EXPECT(convert(pa, 1), OK);
	REQUIRE(refused("read_attrs", sbi6(EXT_SSE, 0, 0xffff0000UL, 0, 1, pa)));
	REQUIRE(refused("write_attrs", sbi6(EXT_SSE, 1, 0xffff0000UL, 1, 1, pa)));
	REQUIRE(refused("read_attrs", sbi6(EXT_SSE, 0, 0xffff0000UL, 0, 1, 0x80000000UL)));
}

/* Set before the conversion, used after it. */
static void dbtr(void)
{
	unsigned long pa = pages_alloc(1, 1);
	struct sbiret r;

	if (!sbi6(EXT_BASE, 3, EXT_DBTR).value) {
		EXPECT(sbi6(EXT_DBTR, 1, pa, 0).error, E_NOT_SUPPORTED);
		return;
	}
	REQUIRE(refused("firmware", sbi6(EXT_DBTR, 1, 0x80000000UL, 0)));
	r = sbi6(EXT_DBTR, 1, pa, 0);
	EXPECT(r.error, OK);
	if (convert(pa, 1) == OK)
		REQUIRE(refused("read_triggers", sbi6(EXT_DBTR, 2, 0, 1)));
	sbi6(EXT_DBTR, 1, ~0UL, ~0UL);
}

static void mpxy(void)
{
	unsigned long pa = pages_alloc(1, 1);

	if (!sbi6(EXT_BASE, 3, EXT_MPXY).value) {
		EXPECT(sbi6(EXT_MPXY, 1, pa, 0, 0).error, E_NOT_SUPPORTED);
		return;
	}
	EXPECT(convert(pa, 1), OK);
	REQUIRE(refused("set_shmem", sbi6(EXT_MPXY, 1, pa, 0, 0)));
}

/* A hart that is sent into confidential memory goes nowhere, and firmware is no entry. */
static void hsm_start(void)
{
	unsigned int id = other_hart(0);

	REQUIRE(hart_stop_one(id));
	REQUIRE(refused("hart_start in firmware", sbi6(EXT_HSM, 0, id, 0x80000000UL, 0)));
	REQUIRE(refused("hart_start in the table",
			sbi6(EXT_HSM, 0, id, reserved[nreserved - 1].base, 0)));
	REQUIRE(hart_start_one(id));
}

#define VECTOR_ATTACKS 20000

static void call_monitor(void *stop)
{
	unsigned long page = pages_alloc(1, 1);

	while (!__atomic_load_n((int *)stop, __ATOMIC_ACQUIRE))
		sbi6(SBI_EXT_COVH, SBI_COVH_GET_TSM_INFO, page, 48);
}

/*
 * The emulation of a vector access to denied memory wrote v0, which the host
 * chooses, into the stack on which the next hart's calls run in M-mode.
 */
static void vector_emulation(void)
{
	static int stop;
	unsigned int i;

	if (!vector_pattern())
		return;
	stop = 0;
	hart_begin(1, call_monitor, &stop);
	for (i = 0; i < VECTOR_ATTACKS; i++) {
		if (probe_vle(0x80000000UL) != 5 || probe_vse(0x80000000UL) != 7)
			break;
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	EXPECT(hart_wait(1), true);
	EXPECT(i, VECTOR_ATTACKS);
}

const struct test deputy_tests[] = {
	{ "deputy_dbcn_write", dbcn_write, 1 },
	{ "deputy_dbcn_read", dbcn_read, 1 },
	{ "deputy_dbcn_good", dbcn_good, 1 },
	{ "deputy_pmu_counters", pmu_counters, 1 },
	{ "deputy_pmu_wrap", pmu_wrap, 1 },
	{ "deputy_pmu_good", pmu_good, 1 },
	{ "deputy_pmu_event_info", pmu_event_info, 1 },
	{ "deputy_sse", sse, 1 },
	{ "deputy_dbtr", dbtr, 1 },
	{ "deputy_mpxy", mpxy, 1 },
	{ "deputy_hsm_start", hsm_start, 2 },
	{ "deputy_vector_emulation", vector_emulation, 2 },
};
DEFINE_TESTS(deputy);
