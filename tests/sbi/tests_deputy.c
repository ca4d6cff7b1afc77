// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * OpenSBI's own calls must not read or write for the host what the host may
 * not: an address of M-mode's, a range that wraps, an index that wraps.
 */
#include "deputy.h"

#define DBCN_WRITE	 0
#define DBCN_READ	 1
#define PMU_CFG_MATCH	 2
#define PMU_START	 3
#define PMU_STOP	 4
#define PMU_FW_READ	 5
#define PMU_SNAPSHOT	 7
#define PMU_EVENT_INFO	 8
#define FWFT_LANDING_PAD 1
#define FIRMWARE	 0x80000000UL

bool refused(const char *what, struct sbiret r)
{
	if (r.error)
		return true;
	test_fail("%s is not refused: value %lx", what, r.value);
	return false;
}

bool has_extension(unsigned long eid)
{
	return sbi6(EXT_BASE, 3, eid).value;
}

static void add_bad(struct bad *b, const char *what, unsigned long pa)
{
	if (b->n < MAX_BAD)
		b->a[b->n++] = (struct bad_address){ what, pa };
}

/** bad_make() - buffers of @len bytes (a multiple of 16, up to a page), 8-byte aligned, that are
 * not, or not all, the host's */
bool bad_make(struct bad *b, unsigned long len)
{
	unsigned long pa = pages_alloc(3, 1), half = len / 2 & ~7UL;
	unsigned int i;

	b->n = 0;
	if (!tvm_build(&b->tvm, 0, 1, GUEST_ARG(G_NULL, 0)) || convert(pa + PAGE, 1))
		return false;
	add_bad(b, "firmware", FIRMWARE);
	add_bad(b, "from below into firmware", FIRMWARE - half);
	for (i = 0; i < nreserved && i < 8; i++) {
		add_bad(b, reserved[i].name, reserved[i].base);
		add_bad(b, reserved[i].name, reserved[i].base - half);
	}
	add_bad(b, "a converted page", pa + PAGE);
	add_bad(b, "the end of a converted page", pa + 2 * PAGE - 8);
	add_bad(b, "across a converted page", pa + PAGE - half);
	add_bad(b, "data of a TVM", b->tvm.image_pa);
	add_bad(b, "a G-stage table", b->tvm.root);
	add_bad(b, "state of a TVM", b->tvm.state);
	add_bad(b, "state of a vCPU", b->tvm.vcpu_pa[0]);
	add_bad(b, "a wrapping range", 0UL - half);
	add_bad(b, "nothing", 0);
	add_bad(b, "the CLINT", 0x2000000);
	add_bad(b, "bits beyond the PMP", pa | 1UL << 56);
	return true;
}

static void dbcn(unsigned long fid)
{
	unsigned long pa = pages_alloc(2, 1);
	struct bad bad;
	unsigned int i;

	REQUIRE(bad_make(&bad, 64));
	for (i = 0; i < bad.n; i++)
		REQUIRE(refused(bad.a[i].what, sbi6(EXT_DBCN, fid, 64, bad.a[i].pa)));
	REQUIRE(refused("a wrapping range", sbi6(EXT_DBCN, fid, ~0UL, pa)));
	REQUIRE(refused("a wrapping range", sbi6(EXT_DBCN, fid, 0UL - pa + FIRMWARE + 256, pa)));
	REQUIRE(refused("an address with high bits", sbi6(EXT_DBCN, fid, 16, pa, 1)));
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
	unsigned long pa = pages_alloc(1, 1);
	struct bad bad;
	unsigned int i;

	REQUIRE(bad_make(&bad, 32));
	for (i = 0; i < bad.n; i++)
		REQUIRE(refused(bad.a[i].what,
				sbi6(EXT_PMU, PMU_EVENT_INFO, bad.a[i].pa & ~15UL, 0, 4, 0)));
	REQUIRE(refused("a wrapping size", sbi6(EXT_PMU, PMU_EVENT_INFO, pa, 0, 1UL << 60, 0)));
	REQUIRE(refused("a wrapping size", sbi6(EXT_PMU, PMU_EVENT_INFO, pa, 0, ~0UL, 0)));
	REQUIRE(refused("high bits", sbi6(EXT_PMU, PMU_EVENT_INFO, pa, 1, 1, 0)));
}

/* Memory for later use, which would have to be pinned: nobody gets it. */
static void pmu_snapshot(void)
{
	unsigned long pa = pages_alloc(1, 1);

	EXPECT(sbi6(EXT_PMU, PMU_SNAPSHOT, pa, 0, 0).error, E_NOT_SUPPORTED);
	REQUIRE(refused("firmware", sbi6(EXT_PMU, PMU_SNAPSHOT, FIRMWARE, 0, 0)));
	EXPECT(convert(pa, 1), OK);
}

/* No machine of QEMU has a channel; present, MPXY obeys the same rules as the rest. */
static void mpxy(void)
{
	unsigned long pa = pages_alloc(2, 1);
	struct bad bad;
	unsigned int i;

	if (!has_extension(EXT_MPXY)) {
		EXPECT(sbi6(EXT_MPXY, 1, pa, 0, 0).error, E_NOT_SUPPORTED);
		return;
	}
	REQUIRE(bad_make(&bad, PAGE));
	for (i = 0; i < bad.n; i++)
		REQUIRE(refused(bad.a[i].what, sbi6(EXT_MPXY, 1, bad.a[i].pa & ~0xfffUL, 0, 0)));
	EXPECT(sbi6(EXT_MPXY, 1, pa + 8, 0, 0).error, E_INVALID_PARAM);
	EXPECT(sbi6(EXT_MPXY, 1, pa, 0, 2).error, E_INVALID_PARAM);
	EXPECT(sbi6(EXT_MPXY, 1, pa, 1, 0).error, E_INVALID_ADDRESS);
	EXPECT(sbi6(EXT_MPXY, 1, pa, 0, 0).error, OK);
	EXPECT(convert(pa, 2), E_INVALID_ADDRESS);
	EXPECT(sbi6(EXT_MPXY, 1, pa + PAGE, 0, 0).error, OK);
	EXPECT(convert(pa, 1), OK);
	EXPECT(convert(pa + PAGE, 1), E_INVALID_ADDRESS);
	REQUIRE(refused("an address for MSIs", sbi6(EXT_MPXY, 4, 0, 8, 1)));
	EXPECT(sbi6(EXT_MPXY, 1, ~0UL, ~0UL, 0).error, OK);
	EXPECT(sbi6(EXT_MPXY, 2, 0).error, E_NO_SHMEM);
	EXPECT(convert(pa + PAGE, 1), OK);
}

static void mpxy_set(void *pa)
{
	if (sbi6(EXT_MPXY, 1, (unsigned long)pa, 0, 0).error)
		test_fail("MPXY set_shmem is refused");
}

static void mpxy_ids(void *error)
{
	*(long *)error = sbi6(EXT_MPXY, 2, 0).error;
}

static void mpxy_of_stopped_hart(void)
{
	unsigned long pa = pages_alloc(1, 1);
	unsigned int id = other_hart(0);
	long error = OK;

	if (!has_extension(EXT_MPXY))
		return;
	REQUIRE(on_hart(id, mpxy_set, (void *)pa));
	EXPECT(convert(pa, 1), E_INVALID_ADDRESS);
	REQUIRE(hart_stop_one(id));
	EXPECT(convert(pa, 1), OK);
	REQUIRE(hart_start_one(id));
	REQUIRE(on_hart(id, mpxy_ids, &error));
	EXPECT(error, E_NO_SHMEM);
}

/* A hart that is sent into confidential memory goes nowhere, and firmware is no entry. */
static void hsm_start(void)
{
	unsigned int id = other_hart(0), i;
	struct bad bad;

	REQUIRE(bad_make(&bad, 16));
	REQUIRE(hart_stop_one(id));
	for (i = 0; i < bad.n; i++) {
		if (bad.a[i].pa & PAGE / 2 || !bad.a[i].pa || bad.a[i].pa >> 56)
			continue; /* no RAM at that very address, or the host's */
		REQUIRE(refused(bad.a[i].what, sbi6(EXT_HSM, 0, id, bad.a[i].pa, 0)));
	}
	REQUIRE(hart_start_one(id));
}

static void hsm_suspend(void)
{
	struct bad bad;
	unsigned int i;

	REQUIRE(bad_make(&bad, 16));
	for (i = 0; i < bad.n; i++) {
		if (bad.a[i].pa & PAGE / 2 || !bad.a[i].pa || bad.a[i].pa >> 56)
			continue;
		REQUIRE(refused(bad.a[i].what, sbi6(EXT_HSM, 3, 0x80000000, bad.a[i].pa, 0)));
	}
}

static void susp(void)
{
	struct bad bad;
	unsigned int i;

	if (!has_extension(EXT_SUSP)) {
		EXPECT(sbi6(EXT_SUSP, 0, 0, FIRMWARE, 0).error, E_NOT_SUPPORTED);
		return;
	}
	REQUIRE(bad_make(&bad, 16));
	for (i = 0; i + 1 < nharts; i++)
		REQUIRE(hart_stop_one(other_hart(i)));
	for (i = 0; i < bad.n; i++) {
		if (bad.a[i].pa & PAGE / 2 || !bad.a[i].pa || bad.a[i].pa >> 56)
			continue;
		EXPECT(sbi6(EXT_SUSP, 0, 0, bad.a[i].pa, 0).error, E_INVALID_ADDRESS);
	}
	for (i = 0; i + 1 < nharts; i++)
		REQUIRE(hart_start_one(other_hart(i)));
}

/* Whatever the host switches on or off: a guest runs as ever, and the setting stays. */
static void fwft(void)
{
	unsigned long feature, value;

	for (feature = 0; feature < 6; feature++) {
		struct sbiret old = sbi6(EXT_FWFT, 1, feature);

		if (feature == FWFT_LANDING_PAD) /* this payload has none */
			continue;
		for (value = 0; value <= 7 && !old.error; value++) {
			struct tvm t;

			if (sbi6(EXT_FWFT, 0, feature, value, 0).error)
				continue;
			REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1,
					  GUEST_ARG(G_EXITS, KIND_STORE)));
			t.scramble = true;
			EXPECT(tvm_serve(&t, 0), WHY_DONE);
			EXPECT(t.mail[0] | t.mail[1] | t.mail[2] | t.mail[3], 0);
			EXPECT(sbi6(EXT_FWFT, 1, feature).value, value);
			EXPECT(tvm_destroy(&t), OK);
		}
		if (!old.error)
			EXPECT(sbi6(EXT_FWFT, 0, feature, old.value, 0).error, OK);
	}
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
	unsigned int id = other_hart(0), i;
	static int stop;

	if (!vector_pattern())
		return;
	stop = 0;
	hart_begin(id, call_monitor, &stop);
	for (i = 0; i < VECTOR_ATTACKS; i++) {
		if (probe_vle(0x80000000UL) != 5 || probe_vse(0x80000000UL) != 7)
			break;
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	EXPECT(hart_wait(id), true);
	EXPECT(i, VECTOR_ATTACKS);
}

#define SSTATUS_FS_DIRTY 0x6000UL
#define SSTATUS_VS_DIRTY 0x600UL

/* They were taken for vector instructions, whose registers M-mode cannot read while VS is off. */
static void half_floats(void)
{
	unsigned long status = csr_read(sstatus), load, store;

	csr_write(sstatus, (status | SSTATUS_FS_DIRTY) & ~SSTATUS_VS_DIRTY);
	load = probe_flh(0x80000000UL);
	store = probe_fsh(0x80000000UL);
	csr_write(sstatus, status);
	if (load == 2) {
		test_skip("no Zfh");
		return;
	}
	EXPECT(load, 5);
	EXPECT(store, 7);
}

const struct test deputy_tests[] = {
	{ "deputy_dbcn_write", dbcn_write, 1 },
	{ "deputy_dbcn_read", dbcn_read, 1 },
	{ "deputy_dbcn_good", dbcn_good, 1 },
	{ "deputy_pmu_counters", pmu_counters, 1 },
	{ "deputy_pmu_wrap", pmu_wrap, 1 },
	{ "deputy_pmu_good", pmu_good, 1 },
	{ "deputy_pmu_event_info", pmu_event_info, 1 },
	{ "deputy_pmu_snapshot", pmu_snapshot, 1 },
	{ "deputy_mpxy", mpxy, 1 },
	{ "deputy_mpxy_of_stopped_hart", mpxy_of_stopped_hart, 2 },
	{ "deputy_hsm_start", hsm_start, 2 },
	{ "deputy_hsm_suspend", hsm_suspend, 1 },
	{ "deputy_susp", susp, 1 },
	{ "deputy_fwft", fwft, 1 },
	{ "deputy_vector_emulation", vector_emulation, 2 },
	{ "deputy_half_floats", half_floats, 1 },
};
DEFINE_TESTS(deputy);
