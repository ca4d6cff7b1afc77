// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Calls that interrupts of the host cut into steps: what holds in between, and that they
 * come to the same end. Whether a timer hits a call is QEMU's affair, so each is tried often.
 */
#include "tvm.h"
#include "attack.h"
#include "cut.h"
#include "tvm_calls.h"
#include "vm.h"

#define TRIES	   1000U
#define MANY	   256UL
#define HASH	   48
#define MOVES	   128U /* promotions, each cut a little later than the one before */
#define BLOCK	   512UL
#define BLOCKS	   8UL
#define TREE_PAGES 16UL /* of the largest tree, that a promotion needs for a while */
#define TREE_MOVES 500U
#define NEXT_TVM   0x10000

static bool zeros(unsigned long pa, unsigned long n)
{
	for (; n--; pa += PAGE)
		if (!page_is_zero(pa))
			return false;
	return true;
}

/* The last page is given at the end: it is not to be read before. */
static void last_is_closed(struct cut *c)
{
	if (probe_ld(c->pa) == NO_FAULT)
		c->n++; /* it has begun */
	EXPECT(probe_ld(c->pa + (MANY - 1) * PAGE), 5);
}

static struct cut reclaiming(unsigned long pa, void (*between)(struct cut *c))
{
	struct cut c = { .between = between, .pa = pa };

	c.regs[0] = pa;
	c.regs[1] = MANY;
	c.regs[6] = SBI_COVH_RECLAIM_PAGES;
	c.regs[7] = SBI_EXT_COVH;
	return c;
}

static void reclaim_is_cut(void)
{
	unsigned long pa = pages_alloc(MANY, 1), i, cuts = 0;
	unsigned int tries;

	random_begin("steps_reclaim");
	for (tries = 0; tries < TRIES && !cuts; tries++) {
		struct cut c = reclaiming(pa, last_is_closed);

		for (i = 0; i < MANY; i++)
			page_fill(pa + i * PAGE, i + 1);
		EXPECT(convert(pa, MANY), OK);
		EXPECT(cut_up(&c, 0), OK);
		REQUIRE(!test_failed());
		EXPECT(zeros(pa, MANY), true);
		cuts = c.n;
	}
	EXPECT_TRUE(cuts);
}

/* The host takes a page of the rest away, for a TVM. */
static void steal_last(struct cut *c)
{
	if (probe_ld(c->pa) != NO_FAULT || c->n++)
		return;
	EXPECT(covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, c->t->gid, c->pa + (MANY - 1) * PAGE, 1),
	       OK);
}

static void reclaim_of_less(void)
{
	unsigned long pa = pages_alloc(MANY, 1), stolen = 0;
	unsigned int tries;
	struct tvm t;

	random_begin("steps_reclaim_of_less");
	REQUIRE(tvm_create(&t, 0));
	for (tries = 0; tries < TRIES && !stolen; tries++) {
		struct cut c = reclaiming(pa, steal_last);
		long rc;

		c.t = &t;
		EXPECT(convert(pa, MANY), OK);
		REQUIRE(fence_all());
		rc = cut_up(&c, 0);
		REQUIRE(!test_failed());
		stolen = c.n;
		EXPECT(rc, stolen ? E_INVALID_PARAM : OK);
	}
	EXPECT_TRUE(stolen);
	attack(pa + (MANY - 1) * PAGE, "a page that became a TVM's while its range was reclaimed");
}

/* No other pages may come between, and nothing else is held up. */
static void other_tables(struct cut *c)
{
	unsigned long hosts = (unsigned long)guest_image & -PAGE;
	long rc = covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, c->t->gid, hosts, 1);

	if (rc == E_INVALID_ADDRESS) /* the call has not begun */
		return;
	EXPECT(rc, E_ALREADY_STARTED);
	EXPECT(reclaim(c->pa + (MANY - 1) * PAGE, 1), E_INVALID_PARAM);
	c->n++;
	c->over = c->over || c->n == 2;
}

/* @end: the TVM is destroyed in the middle. */
static void tables_are_cut(bool end)
{
	unsigned long pa, cuts = 0, mark = pages_mark();
	unsigned int tries;

	for (tries = 0; tries < TRIES && !cuts; tries++) {
		struct cut c = { .between = other_tables };
		struct tvm t;
		long rc;

		REQUIRE(pages_back(mark));
		pa = conf_pages(MANY, 1);
		REQUIRE(pa && tvm_create(&t, 0));
		c.t = &t;
		c.pa = pa;
		c.regs[0] = t.gid;
		c.regs[1] = pa;
		c.regs[2] = MANY;
		c.regs[6] = SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES;
		c.regs[7] = SBI_EXT_COVH;
		rc = cut_up(&c, 0);
		cuts = c.n;
		if (!end && c.over)
			rc = covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, t.gid, pa, MANY);
		if (!end)
			EXPECT(rc, OK);
		EXPECT(tvm_destroy(&t), OK);
		EXPECT(reclaim(pa, MANY), OK);
		EXPECT(zeros(pa, MANY), true);
	}
	EXPECT_TRUE(cuts);
}

static void tables_cut(void)
{
	random_begin("steps_page_tables");
	tables_are_cut(false);
}

static void tables_destroyed(void)
{
	random_begin("steps_page_tables_destroyed");
	tables_are_cut(true);
}

static bool measured(unsigned long gid, unsigned long index, uint8_t *value)
{
	return !sbi6(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, gid, index, (unsigned long)value,
		     HASH)
			.error;
}

static bool config_of(unsigned long gid, uint8_t *value)
{
	return measured(gid, COVE_MSMT_CONFIG, value);
}

/* The TVM is neither being built any more nor to be used yet. */
static void not_final(struct cut *c)
{
	uint8_t value[HASH];

	if (covh(SBI_COVH_ADD_TVM_MEMORY_REGION, c->t->gid, 1, PAGE) == E_INVALID_ADDRESS)
		return; /* the call has not begun */
	c->n++;
	EXPECT(covh(SBI_COVH_FINALIZE_TVM, c->t->gid, GUEST_BASE, 99, 0), E_ALREADY_STARTED);
	EXPECT(covh(SBI_COVH_RUN_TVM_VCPU, c->t->gid, 0), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_ADD_TVM_MEMORY_REGION, c->t->gid, 0x200000000UL, PAGE),
	       E_INVALID_PARAM);
	EXPECT(config_of(c->t->gid, value), false);
}

static bool almost(struct tvm *t)
{
	return tvm_create(t, 0) && tvm_region(t) && tvm_pt(t, 8) && tvm_vcpus(t, 1) && tvm_image(t);
}

static struct cut finalizing(struct tvm *t, void (*between)(struct cut *c))
{
	struct cut c = { .between = between, .t = t };

	c.regs[0] = t->gid;
	c.regs[1] = GUEST_BASE;
	c.regs[2] = 7;
	c.regs[6] = SBI_COVH_FINALIZE_TVM;
	c.regs[7] = SBI_EXT_COVH;
	return c;
}

/* finalize_tvm of @t, and how often it was cut */
static long finalize_cut(struct tvm *t, unsigned long *cuts)
{
	struct cut c = finalizing(t, not_final);
	long rc = cut_up(&c, 0);

	*cuts = c.n;
	return rc;
}

static void expected_config(uint8_t *want)
{
	struct tvm t;

	REQUIRE(almost(&t));
	EXPECT(covh(SBI_COVH_FINALIZE_TVM, t.gid, GUEST_BASE, 7, 0), OK);
	REQUIRE(config_of(t.gid, want) && !tvm_destroy(&t));
}

static void finalize_is_cut(void)
{
	uint8_t want[HASH], got[HASH];
	unsigned long cuts = 0, mark;
	unsigned int tries;
	struct tvm t;

	random_begin("steps_finalize");
	expected_config(want);
	mark = pages_mark();
	for (tries = 0; tries < TRIES && !cuts; tries++) {
		REQUIRE(pages_back(mark) && almost(&t));
		EXPECT(finalize_cut(&t, &cuts), OK);
		REQUIRE(!test_failed());
		EXPECT(config_of(t.gid, got), true);
		EXPECT(memcmp(want, got, HASH), 0);
		EXPECT(tvm_destroy(&t), OK);
	}
	EXPECT_TRUE(cuts);
}

/* finalize_tvm of @t has begun; the host makes no more of it. */
static void leave(struct cut *c)
{
	not_final(c);
	c->over = c->n;
}

static bool left(struct tvm *t)
{
	struct cut c = finalizing(t, leave);

	cut_up(&c, 0);
	return c.n;
}

static void leave_here(void *arg)
{
	struct cut *c = arg;
	unsigned long enabled = csr_read(sie);

	c->n = left(c->t);
	csr_write(sie, enabled);
}

/* Nothing of the work belongs to the hart that began it, which stops. */
static void finalize_moves(void)
{
	uint8_t want[HASH], got[HASH];
	struct tvm t;
	struct cut c = { .t = &t };
	unsigned int tries;
	unsigned long mark;

	random_begin("steps_finalize_moves");
	expected_config(want);
	mark = pages_mark();
	for (tries = 0; tries < TRIES && !c.n && !test_failed(); tries++) {
		REQUIRE((!tries || !tvm_destroy(&t)) && pages_back(mark) && almost(&t));
		REQUIRE(on_hart(other_hart(0), leave_here, &c));
	}
	EXPECT_TRUE(c.n);
	REQUIRE(hart_stop_one(other_hart(0)));
	EXPECT(covh(SBI_COVH_FINALIZE_TVM, t.gid, GUEST_BASE, 7, 0), OK);
	REQUIRE(hart_start_one(other_hart(0)));
	EXPECT(config_of(t.gid, got), true);
	EXPECT(memcmp(want, got, HASH), 0);
}

/* The host never comes back to it, but destroys the TVM: the next one begins anew. */
static void finalize_destroyed(void)
{
	unsigned long cuts = 0, mark, i;
	uint8_t want[HASH], got[HASH];
	unsigned int tries;
	struct tvm t;

	random_begin("steps_finalize_destroyed");
	expected_config(want);
	mark = pages_mark();
	for (tries = 0; tries < TRIES && !cuts && !test_failed(); tries++) {
		REQUIRE(pages_back(mark) && almost(&t));
		cuts = left(&t);
		EXPECT(tvm_destroy(&t), OK);
		EXPECT(covh(SBI_COVH_FINALIZE_TVM, t.gid, GUEST_BASE, 7, 0), E_INVALID_PARAM);
	}
	EXPECT_TRUE(cuts);
	EXPECT(reclaim(t.state, tsm.tvm_state_pages), OK);
	for (i = 0; i < tsm.tvm_state_pages; i++)
		EXPECT_TRUE(page_is_zero(t.state + i * PAGE));
	REQUIRE(almost(&t));
	EXPECT(covh(SBI_COVH_FINALIZE_TVM, t.gid, GUEST_BASE, 7, 0), OK);
	EXPECT(config_of(t.gid, got), true);
	EXPECT(memcmp(want, got, HASH), 0);
}

/* Two harts make the same call, whose steps end all the time. */
static void finalize_here(void *arg)
{
	struct cut *c = arg;
	unsigned long enabled = csr_read(sie);

	c->n = (unsigned long)cut_up(c, 5);
	csr_write(sie, enabled);
}

static void nothing(struct cut *c)
{
	(void)c;
}

static void finalize_races(void)
{
	uint8_t want[HASH], got[HASH];
	unsigned long mark;
	unsigned int i;
	struct tvm t;

	expected_config(want);
	mark = pages_mark();
	for (i = 0; i < 20 && !test_failed(); i++) {
		struct cut here, there;

		REQUIRE(pages_back(mark) && almost(&t));
		here = there = finalizing(&t, nothing);
		hart_begin(other_hart(0), finalize_here, &there);
		finalize_here(&here);
		REQUIRE(hart_wait(other_hart(0)));
		EXPECT_TRUE((here.n == OK) != (there.n == OK));
		EXPECT((long)(here.n | there.n),
		       E_INVALID_PARAM); /* there is no such call any more */
		EXPECT(config_of(t.gid, got), true);
		EXPECT(memcmp(want, got, HASH), 0);
		EXPECT(tvm_destroy(&t), OK);
	}
}

/* Two harts destroy a TVM: it is gone once, and its pages are nobody's. */
static void destroy_here(void *arg)
{
	struct cut *c = arg;
	unsigned long enabled = csr_read(sie);

	c->n = (unsigned long)cut_up(c, 5);
	csr_write(sie, enabled);
}

static void destroy_races(void)
{
	unsigned int i;
	struct tvm t;

	for (i = 0; i < 20 && !test_failed(); i++) {
		struct cut here = { .between = nothing }, there;

		REQUIRE(almost(&t));
		here.regs[0] = t.gid;
		here.regs[6] = covh_number(SBI_COVH_DESTROY_TVM);
		here.regs[7] = SBI_EXT_COVH;
		there = here;
		hart_begin(other_hart(0), destroy_here, &there);
		destroy_here(&here);
		REQUIRE(hart_wait(other_hart(0)));
		EXPECT_TRUE((here.n == OK) != (there.n == OK));
		EXPECT((long)(here.n | there.n), E_INVALID_PARAM);
		tvm_forget(t.gid);
		EXPECT(reclaim(t.chunk, TVM_CHUNK), OK);
	}
}

/* An interrupt that the host has masked ends each step, and none comes: all calls get on. */
static void masked(void)
{
	uint8_t want[HASH], got[HASH];
	unsigned long pa;
	struct tvm t;

	expected_config(want);
	timer_set(0);
	csr_set(sie, SIP_STIP);
	if (almost(&t) && !covh(SBI_COVH_FINALIZE_TVM, t.gid, GUEST_BASE, 7, 0) &&
	    config_of(t.gid, got) && (pa = conf_pages(MANY, 1))) {
		EXPECT(memcmp(want, got, HASH), 0);
		EXPECT(reclaim(pa, MANY), OK);
		EXPECT(tvm_destroy(&t), OK);
	} else {
		test_fail("a call ends with an error");
	}
	csr_clear(sie, SIP_STIP);
	timer_set(~0UL);
}

/* The last page of a VM, which has another one only: its tree */
static void set_last(struct vm *v, unsigned long pa)
{
	page_fill(pa, 0x1a57);
	v->leaves[VM_PAGES - 1] = vm_pte(pa, VM_LEAF);
}

static bool small_vm(struct vm *v)
{
	const unsigned long tree = (VM_TREE - GUEST_BASE) / PAGE;

	if (!vm_make(v))
		return false;
	memset(v->leaves, 0, PAGE);
	v->leaves[tree] = vm_pte(v->ram + tree * PAGE, VM_LEAF);
	set_last(v, v->ram + (VM_PAGES - 1) * PAGE);
	return true;
}

/* Blocks whose pages the monitor must look at one by one: none of them is free. */
static bool blocks_of(struct tvm *t, unsigned long blocks)
{
	unsigned long i, pa;

	for (i = 0; i < BLOCKS; i++)
		CHECK(convert(blocks + i * BLOCK * PAGE, 1), OK);
	if (!fence_all())
		return false;
	for (i = 0; i < BLOCKS; i++) {
		pa = blocks + i * BLOCK * PAGE;
		CHECK(covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, t->gid, pa, 1), OK);
	}
	return true;
}

static unsigned long pages_of_tvms(void)
{
	struct covesbi_stats st;

	get_stats(&st);
	return st.pages_tvm;
}

/** struct calm - a promotion without interrupts: what it is called, takes, has and measures */
struct calm {
	unsigned long gid;
	unsigned long ticks;
	unsigned long n;
	uint8_t pages[HASH];
};

/* Promote and destroy */
static bool undisturbed(struct calm *c)
{
	unsigned long before = pages_of_tvms(), start = csr_read(time);
	struct sbiret r = vm_promote();

	c->ticks = csr_read(time) - start;
	c->n = pages_of_tvms() - before;
	c->gid = r.value;
	CHECK(r.error, OK);
	CHECK(measured(c->gid, COVE_MSMT_PAGES, c->pages), true);
	CHECK(covh(SBI_COVH_DESTROY_TVM, c->gid), OK);
	return true;
}

/*
 * All but one of the pages that a promotion needs are in the pool. For the last one, which is for
 * the copy of the VM's last page, it looks in all of the blocks, which takes a good part of its
 * time. The free pages behind them are in the chunk of @victim.
 */
static bool far_page(struct vm *v, struct tvm *victim, struct calm *calm)
{
	unsigned long blocks, near;

	if (!small_vm(v))
		return false;
	blocks = pages_alloc(BLOCKS * BLOCK, BLOCK);
	if (!tvm_create(victim, 0) || !tvm_region(victim) || !tvm_pt(victim, 8) ||
	    !blocks_of(victim, blocks) || !undisturbed(calm))
		return false;
	near = calm->n + TREE_PAGES - 1;
	CHECK(reclaim(v->pool + near * PAGE, VM_POOL_PAGES - near), OK);
	return true;
}

/* The host gives the VM's last page to another TVM, where it holds something else. */
static void move_last(struct cut *c)
{
	if (c->n++)
		return;
	EXPECT(convert(c->pa, 1), OK);
	REQUIRE(fence_all());
	EXPECT(MEASURED(c->t, (unsigned long)guest_image, c->pa, COVE_PAGE_4K, 1,
			GUEST_BASE | (c->pa & (GUEST_SIZE - 1))),
	       OK);
}

/* What is promoted has the page as it was when it was the VM's, or there is no such TVM. */
static void move_at(struct cut *c, unsigned long ticks, unsigned long gid, const uint8_t *want)
{
	uint8_t got[HASH];
	long rc = cut_up(c, ticks);

	REQUIRE(!test_failed());
	if (rc) {
		EXPECT(rc, E_FAILED);
		EXPECT_TRUE(c->n);
		return;
	}
	EXPECT(measured(gid, COVE_MSMT_PAGES, got), true);
	EXPECT(covh(SBI_COVH_DESTROY_TVM, gid), OK);
	if (memcmp(want, got, HASH))
		test_fail("after %lu ticks: the copy is of a page of another TVM", ticks);
}

static void promote_page_moves(void)
{
	struct cut c = { .between = move_last,
			 .regs = { VM_TREE, 0, GUEST_BASE, 0, 0, 0, SBI_COVH_PROMOTE_TO_TVM,
				   SBI_EXT_COVH } };
	unsigned long moved = 0, pages;
	struct calm near, far;
	unsigned int i;
	struct tvm t;
	struct vm v;

	REQUIRE(far_page(&v, &t, &near) && undisturbed(&far));
	EXPECT(memcmp(near.pages, far.pages, HASH), 0);
	c.t = &t;
	for (i = 0; i < MOVES && !test_failed(); i++) {
		c.pa = v.ram + i * PAGE;
		set_last(&v, c.pa);
		pages = pages_of_tvms();
		move_at(&c, 1 + far.ticks * i / MOVES, far.gid + (i + 1) * NEXT_TVM, far.pages);
		moved += pages_of_tvms() - pages;
	}
	REQUIRE(!test_failed());
	EXPECT_TRUE(moved);
}

/* A VM that has nothing but its tree, of which but the first page all are zero */
static bool tree_vm(struct vm *v, struct moving *m)
{
	const unsigned long tree = (VM_TREE - GUEST_BASE) / PAGE;
	unsigned long i;

	if (!small_vm(v))
		return false;
	v->leaves[VM_PAGES - 1] = 0;
	((uint32_t *)vm_at(v, VM_TREE))[1] = big32(TREE_PAGES * PAGE);
	m->leaves = v->leaves + tree;
	m->same = v->ram + tree * PAGE;
	for (i = 0; i < TREE_PAGES; i++)
		m->leaves[i] = vm_pte(m->same + i * PAGE, VM_LEAF);
	return true;
}

/*
 * The tree that is read is the VM's, wherever its pages are. One with something of another TVM
 * would not be what the TVM has in the end: whether the call succeeds would tell what that holds.
 */
static void promote_tree_moves(void)
{
	struct moving m = { .count = TREE_PAGES,
			    .regs = { VM_TREE, 0, GUEST_BASE, 0, 0, 0, SBI_COVH_PROMOTE_TO_TVM,
				      SBI_EXT_COVH } };
	uint8_t got[HASH];
	struct calm calm;
	unsigned int i;
	struct tvm t;
	struct vm v;

	random_begin("steps_promote_tree_moves");
	REQUIRE(tree_vm(&v, &m) && tvm_create(&t, 0));
	REQUIRE(undisturbed(&calm) && undisturbed(&calm)); /* for the first time it takes longer */
	m.t = &t;
	m.ticks = calm.ticks;
	m.at = pages_alloc(TREE_MOVES * TREE_PAGES, 1);
	for (i = 0; i < TREE_MOVES && !test_failed(); i++) {
		calm.gid += NEXT_TVM;
		if (cut_and_move(&m))
			test_fail("the tree that was read is in pages of another TVM");
		EXPECT(measured(calm.gid, COVE_MSMT_PAGES, got), true);
		EXPECT(memcmp(calm.pages, got, HASH), 0);
		EXPECT(covh(SBI_COVH_DESTROY_TVM, calm.gid), OK);
	}
	EXPECT_TRUE(m.moves);
	print("# pages moved %lu times\n", m.moves);
}

const struct test steps_tests[] = {
	{ "steps_reclaim", reclaim_is_cut, 1 },
	{ "steps_reclaim_of_less", reclaim_of_less, 1 },
	{ "steps_page_tables", tables_cut, 1 },
	{ "steps_page_tables_destroyed", tables_destroyed, 1 },
	{ "steps_finalize", finalize_is_cut, 1 },
	{ "steps_finalize_moves", finalize_moves, 2 },
	{ "steps_finalize_destroyed", finalize_destroyed, 1 },
	{ "steps_finalize_races", finalize_races, 2 },
	{ "steps_destroy_races", destroy_races, 2 },
	{ "steps_masked", masked, 1 },
	{ "steps_promote_page_moves", promote_page_moves, 1 },
	{ "steps_promote_tree_moves", promote_tree_moves, 1 },
};
DEFINE_TESTS(steps);
