// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Windows (docs/design.md, section 5): while one is open no PMP entry stands
 * between the host and confidential memory. Attempts to use that, and what the
 * host is owed nevertheless.
 */
#include "space.h"
#include "tvm.h"

#define PIECE	    0x100	 /* in the code page */
#define GUEST_CODE  0x40000000UL /* guest physical addresses */
#define GUEST_DATA  0x40001000UL
#define G_LEAF	    (PTE_V | PTE_RWX | PTE_U | PTE_AD)
#define HOST_LEAF   (PTE_V | PTE_RWX | PTE_AD)
#define PAYLOAD	    0x80000000UL
#define RFENCE_GVMA 4
#define SPREAD	    24 /* islands: more than there are PMP entries */
#define ROUNDS	    64

static struct space space;
static struct paging other;

static const struct space_kind host_kind = { "Sv57", .host = SV57, .scattered = true };

#define PUT(offset, name) put(offset, world_##name, world_##name##_end)

static void put(unsigned long offset, const uint8_t *from, const uint8_t *end)
{
	uint8_t *to = (uint8_t *)(space.code_pa[1] + offset);

	while (from < end)
		*to++ = *from++;
	__asm__ __volatile__("fence.i" ::: "memory");
}

/* A page that board_lock() converts. */
static unsigned long converted_page(void)
{
	unsigned int i = 1;

	while (space.board.island[i] || space.board.victim[i])
		i += 2;
	return space.board.base + i * PAGE;
}

static void world_at(struct world *w, unsigned long offset)
{
	space_world(&space, w);
	w->x[0] = space.code + PAGE + offset;
}

/* Whatever a VM comes back to the host by, the host finds the PMP closed. */
static void comes_back(const struct space_kind *k)
{
	static const unsigned long cause[] = { 3, 10, 21 };
	unsigned long denied;
	unsigned int i;
	struct world w;

	REQUIRE(space_build(&space, k) && board_lock(&space.board));
	denied = converted_page();
	for (i = 0; i < ARRAY_SIZE(cause); i++) {
		world_at(&w, 0);
		w.x[A3] = i == 2 ? 0x100UL << 30 : w.x[0];
		w.spy = denied;
		if (i == 1)
			PUT(0, ecall);
		else
			PUT(0, load);
		world_run(&w);
		if (w.cause != cause[i] || w.spied != 5)
			test_fail("%s: cause %lx, expected %lx, and then %lx", k->name, w.cause,
				  cause[i], w.spied);
	}
	space_leave();
	REQUIRE(board_unlock(&space.board));
}

static void barrier(void)
{
	static const struct space_kind kind[] = {
		{ "VS, bare, Sv39x4", .virt = true, .g = SV39 },
		{ "VS, bare, Sv57x4", .virt = true, .g = SV57, .scattered = true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kind) && !test_failed(); i++)
		comes_back(&kind[i]);
}

/* The host's own page tables, while its window is open, with a page that is not its own. */
static void other_satp(void)
{
	struct world w;

	REQUIRE(space_build(&space, &host_kind));
	paging_init(&other, &space.board, SV57, false, false, NULL);
	paging_map(&other, PAYLOAD, PAYLOAD, HOST_LEAF, 2);
	paging_map(&other, space.code + PAGE, space.code_pa[1], HOST_LEAF, 0);
	REQUIRE(board_lock(&space.board));
	PUT(0, satp);
	world_at(&w, 0);
	w.x[A0] = space.target[0].va;
	w.x[A2] = paging_atp(&other);
	w.x[A3] = converted_page();
	world_run(&w);
	space_leave();
	EXPECT(w.cause, 5);
	EXPECT(w.tval, w.x[A3]);
	REQUIRE(board_unlock(&space.board));
}

/* From its window the host runs a TVM: the window ends, and the PMP is closed afterwards. */
static void run_call(void)
{
	unsigned int run;
	struct world w;
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_NULL, 0)));
	REQUIRE(space_build(&space, &host_kind) && board_lock(&space.board));
	PUT(0, run_call);
	for (run = 0; run < 3; run++) {
		world_at(&w, 0);
		w.x[A0] = space.target[0].va;
		w.x[A3] = converted_page();
		w.x[A4] = 1;
		w.x[A5] = t.gid;
		w.x[16] = covh_number(SBI_COVH_RUN_TVM_VCPU);
		w.x[17] = SBI_EXT_COVH;
		world_run(&w);
		EXPECT(w.cause, 5);
		EXPECT(w.tval, w.x[A3]);
		EXPECT(w.x[A4], 0);
	}
	space_leave();
	REQUIRE(board_unlock(&space.board));
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
}

/*
 * The instruction behind such a call was the last one that the window was made for: the fault that
 * finds the PMP closed is not the host's.
 */
static void run_again(void)
{
	unsigned int run;
	struct world w;
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_NULL, 0)));
	REQUIRE(space_build(&space, &host_kind) && board_lock(&space.board));
	PUT(0, run_again);
	for (run = 0; run < 3; run++) {
		world_at(&w, 0);
		w.x[A0] = space.target[0].va;
		w.x[A3] = space.target[1].va;
		w.x[A5] = t.gid;
		w.x[16] = covh_number(SBI_COVH_RUN_TVM_VCPU);
		w.x[17] = SBI_EXT_COVH;
		world_run(&w);
		if (w.cause != CAUSE_BREAK || w.x[A4])
			test_fail("cause %lx, tval %lx, the run: %ld", w.cause, w.tval,
				  (long)w.x[A4]);
	}
	space_leave();
	REQUIRE(board_unlock(&space.board));
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
}

/* From its window the host returns to a VM of which a page is not the host's. */
static void sret_to_vm(void)
{
	struct world w;

	REQUIRE(space_build(&space, &host_kind));
	paging_init(&other, &space.board, SV39, true, false, NULL);
	paging_map(&other, GUEST_CODE, space.code_pa[1], G_LEAF, 0);
	paging_map(&other, GUEST_DATA, space.board.base + PAGE, G_LEAF, 0);
	REQUIRE(board_lock(&space.board));
	paging_map(&other, GUEST_DATA, converted_page(), G_LEAF, 0);
	PUT(0, sret);
	PUT(PIECE, load);
	world_at(&w, 0);
	w.x[A0] = space.target[0].va;
	w.x[A3] = GUEST_DATA;
	w.x[A4] = GUEST_CODE + PIECE;
	w.x[A5] = HSTATUS_SPV;
	w.x[16] = SSTATUS_SPP;
	csr_write(hgatp, paging_atp(&other));
	world_run(&w);
	space_leave();
	EXPECT(w.cause, 5);
	EXPECT(w.epc, GUEST_CODE + PIECE);
	REQUIRE(board_unlock(&space.board));
}

static const struct space_kind vm_kind = { "VS, bare, Sv39x4", .virt = true, .g = SV39 };

/* A VM that reads a page, @va; the cause, or the value + 100. */
static unsigned long vm_reads(unsigned long va)
{
	struct world w;

	PUT(0, load);
	world_at(&w, 0);
	w.x[A3] = va;
	world_run(&w);
	return w.cause == CAUSE_BREAK ? w.x[A1] + 100 : w.cause;
}

/* What a VM's window showed is gone when the page is the host's no more. */
static void forgets(void)
{
	unsigned long pa, va;

	REQUIRE(space_build(&space, &vm_kind));
	pa = board_page(&space.board);
	page_fill(pa, 7);
	space_map(&space, 0, pa, &va);
	REQUIRE(board_lock(&space.board));
	EXPECT(vm_reads(va), 107);
	EXPECT(convert(pa, 1), 0);
	EXPECT(vm_reads(va), 5);
	EXPECT(reclaim(pa, 1), 0);
	EXPECT(vm_reads(va), 100);
	space_leave();
	REQUIRE(board_unlock(&space.board));
}

static void fence_remotely(void *arg)
{
	(void)arg;
	sbi6(EXT_RFENCE, RFENCE_GVMA, ~0UL, ~0UL, 0, ~0UL);
}

/* The host's fences of the second stage reach what a VM's window shows. */
static void fences(void)
{
	unsigned long pa[4], va, *pte;
	unsigned int i;

	REQUIRE(space_build(&space, &vm_kind));
	for (i = 0; i < ARRAY_SIZE(pa); i++) {
		pa[i] = board_page(&space.board);
		page_fill(pa[i], i);
	}
	space_map(&space, 0, pa[0], &va);
	pte = paging_map(&space.second, va, pa[0], G_LEAF, 0);
	REQUIRE(board_lock(&space.board));
	EXPECT(vm_reads(va), 100);
	*pte = pa[1] >> 2 | G_LEAF;
	__asm__ __volatile__(".insn r 0x73, 0, 0x31, x0, x0, x0" ::: "memory");
	EXPECT(vm_reads(va), 101);
	*pte = pa[2] >> 2 | G_LEAF;
	fence_remotely(NULL);
	EXPECT(vm_reads(va), 102);
	if (nharts > 1) {
		*pte = pa[3] >> 2 | G_LEAF;
		REQUIRE(on_hart(other_hart(0), fence_remotely, NULL));
		EXPECT(vm_reads(va), 103);
	}
	space_leave();
	REQUIRE(board_unlock(&space.board));
}

/* Of a large page of the VM only some pages are the host's. */
static void large_leaf(void)
{
	const unsigned long va = 0x100UL << 30;
	const unsigned int first = BOARD_PAGES / 2;
	unsigned int i;

	REQUIRE(space_build(&space, &vm_kind));
	space.board.next = first;
	for (i = 0; i < 2 * SPREAD; i += 2)
		page_fill(board_page(&space.board), i);
	paging_map(&space.second, va, space.board.base + first * PAGE, G_LEAF, 1);
	REQUIRE(board_lock(&space.board));
	for (i = 0; i + 1 < 2 * SPREAD; i++)
		EXPECT(vm_reads(va + i * PAGE), i & 1 ? 5 : i + 100);
	space_leave();
	REQUIRE(board_unlock(&space.board));
}

/* A host that refills for each of its accesses gets a window. */
static void thrash(void)
{
	static struct board board;
	struct covesbi_stats before, after;
	unsigned long page[SPREAD];
	struct paging p;
	unsigned int i;

	board_init(&board);
	paging_init(&p, &board, SV39, false, false, NULL);
	paging_map(&p, PAYLOAD, PAYLOAD, HOST_LEAF, 2);
	for (i = 0; i < SPREAD; i++)
		page[i] = board_page(&board);
	REQUIRE(board_lock(&board));
	get_stats(&before);
	csr_write(satp, paging_atp(&p));
	for (i = 0; i < ROUNDS * SPREAD; i++)
		++*(volatile unsigned long *)page[i % SPREAD];
	csr_write(satp, 0);
	get_stats(&after);
	for (i = 0; i < SPREAD; i++)
		EXPECT(*(unsigned long *)page[i], ROUNDS);
	EXPECT_TRUE(after.windows > before.windows);
	/* in the window each page faults once, and not in each round */
	EXPECT_TRUE(after.refills - before.refills < ROUNDS * SPREAD / 2);
	REQUIRE(board_unlock(&board));
}

static unsigned long read_at(unsigned long va)
{
	return *(volatile unsigned long *)va;
}

/* A window shows parts of a large page of the host's: a fence at one address is for them all. */
static void fence_of_parts(void)
{
	const unsigned long va = 0x10UL << 30, second = BOARD_PAGES / 2 * PAGE;
	unsigned long fresh = pages_alloc(512, 512), *pte;
	const unsigned int parts = 2 * SPREAD;
	struct covesbi_stats before, after;
	static struct board board;
	struct paging p;
	unsigned int i;

	board_init(&board);
	paging_init(&p, &board, SV39, false, false, NULL);
	paging_map(&p, PAYLOAD, PAYLOAD, HOST_LEAF, 2);
	board.next = BOARD_PAGES / 2;
	for (i = 0; i < parts; i += 2) {
		page_fill(board_page(&board), i);
		*(unsigned long *)(fresh + i * PAGE) = 100 + i;
	}
	pte = paging_map(&p, va, board.base + second, HOST_LEAF, 1);
	REQUIRE(board_lock(&board));
	get_stats(&before);
	csr_write(satp, paging_atp(&p));
	for (i = 0; i < ROUNDS * SPREAD; i++)
		read_at(va + i % SPREAD * 2 * PAGE);
	*pte = fresh >> 2 | HOST_LEAF;
	__asm__ __volatile__("sfence.vma %0" ::"r"(va + parts * PAGE) : "memory");
	for (i = 0; i < parts; i += 2)
		EXPECT(read_at(va + i * PAGE), 100 + i);
	csr_write(satp, 0);
	get_stats(&after);
	EXPECT_TRUE(after.windows > before.windows);
	REQUIRE(board_unlock(&board));
}

const struct test window_tests[] = {
	{ "window_run_call", run_call, 1 },	{ "window_run_again", run_again, 1 },
	{ "window_barrier", barrier, 1 },	{ "window_other_satp", other_satp, 1 },
	{ "window_sret_to_vm", sret_to_vm, 1 }, { "window_forgets", forgets, 1 },
	{ "window_fences", fences, 1 },		{ "window_large_leaf", large_leaf, 1 },
	{ "window_thrash", thrash, 1 },		{ "window_fence_of_parts", fence_of_parts, 1 },
};
DEFINE_TESTS(window);
