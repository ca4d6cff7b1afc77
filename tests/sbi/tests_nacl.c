// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * NACL: the shared memory of a hart, and what a run may write there.
 */
#include "tvm.h"

static long set_shmem(unsigned long lo, unsigned long hi, unsigned long flags)
{
	return sbi6(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, lo, hi, flags).error;
}

static void functions(void)
{
	unsigned long f;

	for (f = 0; f < 5; f++) {
		struct sbiret r = sbi6(SBI_EXT_NACL, SBI_NACL_PROBE_FEATURE, f);

		EXPECT(r.error, OK);
		EXPECT(r.value, 0);
	}
	EXPECT(sbi6(SBI_EXT_NACL, SBI_NACL_SYNC_CSR, ~0UL).error, E_NOT_SUPPORTED);
	EXPECT(sbi6(SBI_EXT_NACL, SBI_NACL_SYNC_HFENCE, ~0UL).error, E_NOT_SUPPORTED);
	EXPECT(sbi6(SBI_EXT_NACL, SBI_NACL_SYNC_SRET, 0).error, E_NOT_SUPPORTED);
	EXPECT(sbi6(SBI_EXT_NACL, 5, 0).error, E_NOT_SUPPORTED);
}

static void bad_memory(void)
{
	unsigned long pa = pages_alloc(8, 1);
	unsigned int i;

	EXPECT(set_shmem(pa, 0, 1), E_INVALID_PARAM);
	EXPECT(set_shmem(pa + 8, 0, 0), E_INVALID_PARAM);
	EXPECT(set_shmem(pa + 0x800, 0, 0), E_INVALID_PARAM);
	EXPECT(set_shmem(pa, 1, 0), E_INVALID_ADDRESS);
	EXPECT(set_shmem(pa, ~0UL, 0), E_INVALID_ADDRESS);
	EXPECT(set_shmem(0, 0, 0), E_INVALID_ADDRESS);
	EXPECT(set_shmem(0x1000, 0, 0), E_INVALID_ADDRESS);
	EXPECT(set_shmem(0x10000000, 0, 0), E_INVALID_ADDRESS);
	EXPECT(set_shmem(~0xfffUL, 0, 0), E_INVALID_ADDRESS);
	EXPECT(set_shmem(~0x1fffUL, 0, 0), E_INVALID_ADDRESS);
	EXPECT(set_shmem(pa | 1UL << 56, 0, 0), E_INVALID_ADDRESS);
	EXPECT(set_shmem(0x80000000UL, 0, 0), E_INVALID_ADDRESS);
	EXPECT(set_shmem(0x80000000UL - PAGE, 0, 0), E_INVALID_ADDRESS);
	for (i = 0; i < nreserved; i++) {
		EXPECT(set_shmem(reserved[i].base, 0, 0), E_INVALID_ADDRESS);
		EXPECT(set_shmem(reserved[i].base - 2 * PAGE, 0, 0), E_INVALID_ADDRESS);
	}
	EXPECT(convert(pa + 3 * PAGE, 1), OK);
	for (i = 1; i < 4; i++) /* first, middle, last page of it is confidential */
		EXPECT(set_shmem(pa + i * PAGE, 0, 0), E_INVALID_ADDRESS);
	EXPECT(set_shmem(pa, 0, 0), OK);
}

/* While it is set it cannot be converted; afterwards it can. */
static void pinned(void)
{
	unsigned long pa = pages_alloc(8, 1);
	unsigned int i;

	EXPECT(set_shmem(pa + 2 * PAGE, 0, 0), OK);
	for (i = 2; i < 5; i++)
		EXPECT(convert(pa + i * PAGE, 1), E_INVALID_ADDRESS);
	EXPECT(convert(pa, 3), E_INVALID_ADDRESS);
	EXPECT(convert(pa + 4 * PAGE, 2), E_INVALID_ADDRESS);
	EXPECT(convert(pa, 8), E_INVALID_ADDRESS);
	EXPECT(convert(pa, 2), OK);
	EXPECT(convert(pa + 5 * PAGE, 3), OK);
	EXPECT(set_shmem(~0UL, ~0UL, 0), OK);
	EXPECT(convert(pa + 2 * PAGE, 3), OK);
}

static void set_here(void *pa)
{
	if (set_shmem((unsigned long)pa, 0, 0))
		test_fail("set_shmem is refused");
}

static void pinned_by_another_hart(void)
{
	unsigned long pa = pages_alloc(4, 1);
	unsigned int id = other_hart(0);

	REQUIRE(on_hart(id, set_here, (void *)pa));
	EXPECT(convert(pa + PAGE, 1), E_INVALID_ADDRESS);
	/* a stopped hart has none */
	REQUIRE(hart_stop_one(id));
	EXPECT(convert(pa + PAGE, 1), OK);
	EXPECT(reclaim(pa + PAGE, 1), OK);
	REQUIRE(hart_start_one(id));
}

static void run_without(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_NULL, 0)));
	EXPECT(set_shmem(~0UL, ~0UL, 0), OK);
	EXPECT(tvm_run(&t, 0).error, E_FAILED);
	EXPECT(nacl_set(), OK);
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
}

#define CANARY	      0x63616e6172790000UL
#define CSR_SLOT(csr) (NACL_CSR_OFFSET(csr) / 8)
#define WORDS	      (NACL_SHMEM_SIZE / 8)

static void fill_canary(void)
{
	unsigned long i;

	for (i = 0; i < WORDS; i++)
		*nacl_word(8 * i) = CANARY + i;
}

/* Slots that an exit of this kind may write. */
static bool may_write(unsigned long i, const struct texit *e)
{
	if (i == CSR_SLOT(0x643) || i == CSR_SLOT(0x64a) || i == CSR_SLOT(0x204) ||
	    i == CSR_SLOT(0x24d) || i == CSR_SLOT(0x605) || i == CSR_SLOT(0x645))
		return true;
	if (e->scause == CAUSE_VECALL)
		return i >= 10 && i <= 17;
	return e->htinst && (e->scause == CAUSE_GLOAD || e->scause == CAUSE_GSTORE) && i == 10;
}

static unsigned long kinds_seen;

/* What the payload answered to the last exit is still in a0 and a1; the monitor may clear it. */
static bool answered(unsigned long i)
{
	return (i == 10 || i == 11) && *nacl_word(8 * i) == 0;
}

static bool canary_failed(const struct texit *e)
{
	unsigned long i;

	for (i = 0; i < WORDS; i++) {
		if (*nacl_word(8 * i) == CANARY + i || may_write(i, e) || answered(i))
			continue;
		test_fail("NACL offset %lx: %lx after an exit with scause %lx", 8 * i,
			  *nacl_word(8 * i), e->scause);
		return true;
	}
	if (e->scause >= CAUSE_GFETCH && !e->htinst && e->scause != CAUSE_VIRT &&
	    (e->gpa & 0xfff)) {
		test_fail("a page fault tells the offset: %lx", e->gpa);
		return true;
	}
	return false;
}

/* Checks all of the memory after each exit. */
static bool canary_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	(void)vcpu;
	if (canary_failed(e)) {
		t->stop = true;
		return true;
	}
	kinds_seen |= 1UL << (e->scause & CAUSE_IRQ ? 63 : e->scause);
	fill_canary();
	return false;
}

static void canary(enum guest_fn fn, unsigned long param)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 2, GUEST_ARG(fn, param)));
	t.hook = canary_hook;
	fill_canary();
	tvm_serve(&t, 0);
}

static void nothing_else_written(void)
{
	kinds_seen = 0;
	canary(G_CONSOLE, 0);
	canary(G_EXITS, KIND_WFI);
	canary(G_EXITS, KIND_FAULT);
	canary(G_MMIO, 0);
	canary(G_UNKNOWN, 0);
	EXPECT(kinds_seen,
	       1UL << CAUSE_VECALL | 1UL << CAUSE_GLOAD | 1UL << CAUSE_GSTORE | 1UL << CAUSE_VIRT);
}

const struct test nacl_tests[] = {
	{ "nacl_functions", functions, 1 },
	{ "nacl_bad_memory", bad_memory, 1 },
	{ "nacl_pinned", pinned, 1 },
	{ "nacl_pinned_by_another_hart", pinned_by_another_hart, 2 },
	{ "nacl_run_without", run_without, 1 },
	{ "nacl_nothing_else_written", nothing_else_written, 1 },
};
DEFINE_TESTS(nacl);
