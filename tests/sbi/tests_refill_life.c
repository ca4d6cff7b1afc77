// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Chessboards that change: pages at random, several harts, fences, interrupts,
 * and the way back to few runs.
 */
#include "attack.h"
#include "space.h"
#include "tvm.h"

#define AREA	 512U
#define ROUNDS	 3000
#define ACCESSES 50

struct area {
	unsigned long base;
	bool converted[AREA];
	unsigned int rounds;
	unsigned long random;
};

static struct area areas[MAX_HARTS];

static unsigned int draw(struct area *a, unsigned int n)
{
	a->random = a->random * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned int)(a->random >> 33) % n;
}

static bool probe_right(const struct area *a, unsigned int page, unsigned int how)
{
	unsigned long pa = a->base + page * PAGE, cause, refused;

	switch (how) {
	case 0:
		cause = probe_ld(pa + 8);
		refused = 5;
		break;
	case 1:
		cause = probe_sd(pa + 16, page);
		refused = 7;
		break;
	default:
		cause = probe_amo(pa + 24);
		refused = 7;
		break;
	}
	if (cause == (a->converted[page] ? refused : NO_FAULT))
		return true;
	test_fail("hart %lu, page %u, which is %s: access %u ends with cause %lx", this_hart()->id,
		  page, a->converted[page] ? "converted" : "the host's", how, cause);
	return false;
}

/* Convert, give back and touch pages in no order; each answer is known. */
static void random_pages(void *arg)
{
	struct area *a = arg;
	unsigned int i, page;
	long rc;

	for (i = 0; i < a->rounds && !test_failed(); i++) {
		page = draw(a, AREA);
		if (draw(a, 4)) {
			probe_right(a, page, draw(a, 3));
			continue;
		}
		rc = a->converted[page] ? reclaim(a->base + page * PAGE, 1)
					: convert(a->base + page * PAGE, 1);
		if (rc) {
			test_fail("page %u: %ld", page, rc);
			return;
		}
		a->converted[page] = !a->converted[page];
		if (!probe_right(a, page, 0))
			return;
		if (!a->converted[page] && !page_is_zero(a->base + page * PAGE))
			test_fail("page %u came back with something in it", page);
	}
}

static void area_init(struct area *a, unsigned long seed, unsigned int rounds)
{
	memset(a, 0, sizeof(*a));
	a->rounds = rounds;
	a->base = pages_alloc(AREA, 1);
	a->random = seed;
}

static void one_hart(void)
{
	struct covesbi_stats s;

	area_init(&areas[0], 1, 3000);
	random_pages(&areas[0]);
	get_stats(&s);
	EXPECT(s.pmp_refill, 1);
}

/* All harts at once, each with an area between those of the others. */
static void all_harts(void)
{
	unsigned int i;

	for (i = 0; i < nharts; i++)
		area_init(&areas[i], i + 2, 200);
	for (i = 0; i + 1 < nharts; i++)
		hart_begin(other_hart(i), random_pages, &areas[other_hart(i)]);
	random_pages(&areas[this_hart()->id]);
	for (i = 0; i + 1 < nharts; i++)
		REQUIRE(hart_wait(other_hart(i)));
}

/* Few runs again: exact again, on the hart that gives back and on others after a fence. */
static void refills_here(void *arg)
{
	struct covesbi_stats s;

	get_stats(&s);
	*(unsigned long *)arg = s.pmp_refill;
}

static void exact_again(void)
{
	unsigned long pa = pages_alloc(200, 2), i, refills;
	struct covesbi_stats s;

	for (i = 0; i < 200; i += 2)
		EXPECT(convert(pa + i * PAGE, 1), OK);
	get_stats(&s);
	EXPECT(s.pmp_refill, 1);
	REQUIRE(fence_all());
	for (i = 0; i + 1 < nharts; i++) {
		REQUIRE(on_hart(other_hart((unsigned int)i), refills_here, &refills));
		EXPECT(refills, 1);
	}
	/* as joined runs they are one */
	for (i = 1; i < 199; i += 2)
		EXPECT(convert(pa + i * PAGE, 1), OK);
	get_stats(&s);
	EXPECT(s.pmp_refill, 0);
	EXPECT(s.deny_runs, 1);
	EXPECT(probe_ld(pa + 99 * PAGE), 5);
	REQUIRE(fence_all());
	for (i = 0; i + 1 < nharts; i++) {
		REQUIRE(on_hart(other_hart((unsigned int)i), refills_here, &refills));
		EXPECT(refills, 0);
	}
	EXPECT(reclaim(pa, 200), OK);
	get_stats(&s);
	EXPECT(s.pmp_refill, 0);
	refills = s.refills;
	for (i = 0; i < 200; i++)
		EXPECT(probe_ld(pa + i * PAGE), NO_FAULT);
	get_stats(&s);
	EXPECT(s.refills, refills);
}

/* A page that another hart reads, and has an entry for, while it is converted. */
struct reader {
	volatile unsigned long *page;
	volatile unsigned int reads;
	volatile unsigned int stop;
	unsigned long cause;
};

static void read_on(void *arg)
{
	struct reader *r = arg;

	r->cause = NO_FAULT;
	while (!r->stop && r->cause == NO_FAULT) {
		r->cause = probe_ld((unsigned long)r->page);
		r->reads++;
	}
}

static bool chessboard(unsigned long pa, unsigned int n)
{
	unsigned int i;

	for (i = 1; i < n; i += 2)
		if (convert(pa + i * PAGE, 1)) {
			test_fail("a chessboard is refused");
			return false;
		}
	return true;
}

static bool wait_reads(struct reader *r)
{
	unsigned int before = r->reads;
	unsigned long start = csr_read(time);

	while (r->reads - before < 100 && r->cause == NO_FAULT)
		if (csr_read(time) - start > 50000000)
			return false;
	return true;
}

static void assign_too_early(unsigned long pa, struct reader *r)
{
	unsigned long own = pages_alloc(8, 4);
	struct tvm t = { 0 };
	unsigned int i;
	long rc;

	EXPECT_TRUE(wait_reads(r));
	/* pages of a TVM: one that the reader may still see is among them */
	EXPECT(convert(pa + 8 * PAGE, 1), OK);
	EXPECT(convert(own, 8), OK);
	EXPECT(probe_ld(pa + 8 * PAGE), 5);
	EXPECT(tvm_create_at(&t, own, pa + 8 * PAGE, 0, 24), E_INVALID_ADDRESS);
	EXPECT(global_fence(), OK);
	EXPECT(tvm_create_at(&t, own, pa + 8 * PAGE, 0, 24), E_INVALID_ADDRESS);
	for (i = 1; i + 1 < nharts; i++)
		REQUIRE(on_hart(other_hart(i), set_local_fence, &rc));
	EXPECT(tvm_create_at(&t, own, pa + 8 * PAGE, 0, 24), E_INVALID_ADDRESS);
	EXPECT(global_fence(), E_ALREADY_STARTED);
}

static void stale_entry(void)
{
	static struct reader r;
	unsigned long pa = pages_alloc(64, 4);
	unsigned int id = other_hart(0);
	long rc;

	r = (struct reader){ .page = (void *)(pa + 8 * PAGE) };
	REQUIRE(chessboard(pa, 64));
	REQUIRE(fence_all());
	hart_begin(id, read_on, &r);
	assign_too_early(pa, &r);
	r.stop = 1;
	REQUIRE(hart_wait(id) && !test_failed());
	REQUIRE(on_hart(id, set_local_fence, &rc));
	EXPECT(rc, OK);
	REQUIRE(on_hart(id, set_attack, (void *)(pa + 8 * PAGE)));
	EXPECT(global_fence(), OK);
}

/* What one hart gives back another can use at once. */
static void back_on_another(void)
{
	unsigned long pa = pages_alloc(128, 2), i;
	unsigned int id = other_hart(0);

	REQUIRE(chessboard(pa, 128));
	REQUIRE(fence_all());
	for (i = 1; i < 128; i += 2) {
		REQUIRE(on_hart(id, set_attack, (void *)(pa + i * PAGE)));
		EXPECT(reclaim(pa + i * PAGE, 1), OK);
		REQUIRE(on_hart(id, set_check_zero, (void *)(pa + i * PAGE)));
		if (i < 128 - 20)
			REQUIRE(on_hart(id, set_attack, (void *)(pa + (i + 2) * PAGE)));
	}
}

/* Interrupts of the host, and fences that other harts ask for, in the middle of all that. */
static struct space space;
static volatile unsigned int storm_over;

static void storm(void *arg)
{
	struct area *a = arg;
	unsigned int page = 0;

	while (!storm_over && !test_failed()) {
		sbi6(EXT_RFENCE, 0, ~0UL, ~0UL);
		sbi6(EXT_RFENCE, 1, ~0UL, ~0UL, 0, ~0UL);
		page = (page + 1) % AREA;
		if (convert(a->base + page * PAGE, 1) || probe_ld(a->base + page * PAGE) != 5 ||
		    reclaim(a->base + page * PAGE, 1))
			test_fail("the storm is refused");
	}
}

static const struct op *find_op(const char *name)
{
	const struct op *op;

	for (op = ops; op < ops_end; op++)
		if (!strcmp(op->name, name))
			return op;
	return NULL;
}

/* One access, begun again after each interrupt; how often that was. */
static int interrupted(struct world *w, unsigned int patience)
{
	unsigned int n;

	for (n = 0; n < 1000; n++) {
		timer_set(csr_read(time) + patience);
		world_run(w);
		if (w->cause != CAUSE_IRQ_ST)
			return (int)n;
		timer_set(~0UL);
		w->x[0] = w->epc;
		patience = patience * 2 + 1;
	}
	return -1;
}

static void interrupt_all(const struct space_kind *k)
{
	const struct op *op = find_op("amoadd.d");
	const struct target *t = &space.target[0];
	unsigned long offset = PAGE - 2, i;
	unsigned int interrupts = 0;
	struct world w;

	REQUIRE(space_build(&space, k) && board_lock(&space.board));
	for (i = 0; i < (unsigned long)(op->end - op->code); i++, offset++)
		*(uint8_t *)(space.code_pa[offset / PAGE] + offset % PAGE) = op->code[i];
	*(unsigned long *)t->pa = 0;
	csr_write(sie, SIP_STIP);
	for (i = 0; i < ACCESSES; i++) {
		int n;

		space_world(&space, &w);
		w.x[0] = space.code + PAGE - 2;
		w.x[A0] = t->va;
		w.x[A1] = 1;
		n = interrupted(&w, (unsigned int)i * 2);
		if (n > 0)
			interrupts += (unsigned int)n;
		if (n < 0 || w.cause != CAUSE_BREAK || w.x[A1] != i) {
			test_fail("%s: round %lu: cause %lx, value %lx", k->name, i, w.cause,
				  w.x[A1]);
			return;
		}
	}
	EXPECT(*(unsigned long *)t->pa, ACCESSES);
	EXPECT_TRUE(interrupts > 10);
}

static void interrupts(void)
{
	static const struct space_kind kind[] = {
		{ "Sv39", .host = SV39 },
		{ "Sv57", .host = SV57, .scattered = true },
		{ "U-mode, Sv48", .host = SV48, .user = true, .scattered = true },
		{ "VS, Sv39, Sv39x4", .virt = true, .vs = SV39, .g = SV39 },
		{ "VS, Sv57, Sv57x4", .virt = true, .vs = SV57, .g = SV57, .scattered = true },
	};
	unsigned int i, h;

	for (i = 0; i < ARRAY_SIZE(kind) && !test_failed(); i++) {
		storm_over = 0;
		for (h = 0; h + 1 < nharts; h++) {
			struct area *a = &areas[other_hart(h)];

			if (!i)
				area_init(a, 0, 0);
			hart_begin(other_hart(h), storm, a);
		}
		interrupt_all(&kind[i]);
		csr_write(sie, 0);
		timer_set(~0UL);
		space_leave();
		storm_over = 1;
		for (h = 0; h + 1 < nharts; h++)
			REQUIRE(hart_wait(other_hart(h)));
		REQUIRE(!space.board.base || board_unlock(&space.board));
	}
}

/* The host changes a page table that is an island: what it sees is the new one, behind its fence.
 */
static void remap_in(const struct space_kind *k)
{
	unsigned long pa[2], va, table_va, *pte, old;
	struct world w;
	unsigned int i;

	REQUIRE(space_build(&space, k));
	for (i = 0; i < 2; i++) {
		unsigned long unused;

		pa[i] = board_page(&space.board);
		page_fill(pa[i], 100 + i);
		pte = space_map(&space, i, pa[i], i ? &unused : &va);
		if (i)
			old = *pte;
	}
	pte = space_map(&space, 0, pa[0], &va);
	space_map(&space, 2, (unsigned long)pte & ~(PAGE - 1), &table_va);
	for (i = 0; world_remap + i < world_remap_end; i++)
		((uint8_t *)space.code_pa[0])[i] = world_remap[i];
	REQUIRE(board_lock(&space.board));
	space_world(&space, &w);
	w.x[A0] = va;
	w.x[A2] = table_va + ((unsigned long)pte & (PAGE - 1));
	w.x[A3] = old;
	world_run(&w);
	space_leave();
	if (w.cause != CAUSE_BREAK || w.x[A1] != 100 || w.x[A4] != 101)
		test_fail("%s: cause %lx, values %lu and %lu", k->name, w.cause, w.x[A1], w.x[A4]);
	REQUIRE(board_unlock(&space.board));
}

static void remap(void)
{
	static const struct space_kind kind[] = {
		{ "Sv39", .host = SV39 },
		{ "Sv57, scattered", .host = SV57, .scattered = true },
		{ "VS, Sv48, bare", .virt = true, .vs = SV48 },
		{ "VS, Sv39, Sv39x4", .virt = true, .vs = SV39, .g = SV39 },
		{ "VS, Sv57, Sv57x4, scattered", .virt = true, .vs = SV57, .g = SV57,
		  .scattered = true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kind) && !test_failed(); i++)
		remap_in(&kind[i]);
	space_leave();
}

/* Devices, and addresses where nothing is, answer as ever. */
static void devices(void)
{
	const unsigned long uart_status = 0x10000005, nothing = 0x11000000;
	unsigned long pa = pages_alloc(64, 2);

	EXPECT(probe_lb(uart_status), NO_FAULT);
	EXPECT(probe_ld(nothing), 5);
	REQUIRE(chessboard(pa, 64));
	EXPECT(probe_lb(uart_status), NO_FAULT);
	EXPECT(probe_ld(nothing), 5);
	EXPECT(this_hart()->tval, nothing);
	EXPECT(probe_sd(nothing, 0), 7);
	EXPECT(probe_exec(nothing), 1);
}

const struct test refill_life_tests[] = {
	{ "refill_random_pages", one_hart, 1 },
	{ "refill_random_pages_on_all_harts", all_harts, 2 },
	{ "refill_exact_again", exact_again, 1 },
	{ "refill_stale_entry_until_fence", stale_entry, 2 },
	{ "refill_back_on_another_hart", back_on_another, 2 },
	{ "refill_remap", remap, 1 },
	{ "refill_devices", devices, 1 },
	{ "refill_interrupts", interrupts, 1 },
};
DEFINE_TESTS(refill_life);
