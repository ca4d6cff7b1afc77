// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Four harts make calls at once against one monitor, some wild and some that make
 * sense, and run guests that do the same. Guests leave marks in their memory: a
 * page with two owners shows as a strange mark, or as a data race under TSan.
 */
#include "storm.h"
#include "guest.h"

#include <pthread.h>

#define HARTS	   STORM_HARTS
#define PAGES	   320U /* of the arena: few, so that the harts meet */
#define TVMS	   8U	/* one lives in each SLOT pages, more or less */
#define GPAGES	   24U	/* of a guest: few as well */
#define RECORD	   3	/* bytes of an input: seed of the next steps, how many */
#define SLOT	   40U	/* pages that a TVM is made of */
#define CALLS	   STORM_CALLS
#define TOP	   (~0UL & ~(PAGE - 1))
#define MARK	   0x5ec2e70000000000UL
#define IS_MARK(x) ((x) >> 40 == MARK >> 40)

/* Under TSan the host does not use memory that other harts may convert. */
#define OWN_BUFFERS STORM_TSAN

struct hart {
	pthread_t thread;
	unsigned int index;
	unsigned int now; /* the call that it makes, STORM_CALLS: none */
	unsigned int steps;
	u64 rng;
	const u8 *input, *input_end; /* of its choices */
	unsigned long gid;	     /* whose guest runs here */
	struct storm_counts n;
};

static struct hart harts[HARTS];
static unsigned long known[TVMS]; /* gids that somebody has made */

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "hart %u: %s\n", arch_hart(), what);
	abort();
}

/* Is there another step? With an input each record of it begins some steps. */
static bool goes_on(struct hart *h)
{
	if (!h->steps && h->input_end - h->input >= RECORD) {
		h->rng = (h->input[0] << 8 | h->input[1]) * 0x9e3779b97f4a7c15UL + 1;
		h->steps = 1 + h->input[2] % 32;
		h->input += RECORD;
	}
	return h->steps;
}

static u64 below(struct hart *h, u64 n)
{
	return unit_below(&h->rng, n);
}

static bool one_in(struct hart *h, u64 n)
{
	return !below(h, n);
}

void (*storm_seen)(unsigned int fid, unsigned int other, long rc);

static void seen(const struct hart *h, unsigned int fid, long rc)
{
	unsigned int i;

	for (i = 0; storm_seen && i < HARTS; i++)
		if (i != h->index)
			storm_seen(fid, __atomic_load_n(&harts[i].now, __ATOMIC_RELAXED), rc);
}

static long call(struct hart *h, unsigned int fid, const unsigned long a[6])
{
	long rc;

	__atomic_store_n(&h->now, fid, __ATOMIC_RELAXED);
	rc = host_call(SBI_EXT_COVH, fid, a);
	seen(h, fid, rc);
	__atomic_store_n(&h->now, CALLS, __ATOMIC_RELAXED);
	h->n.made[fid]++;
	h->n.done[fid] += !rc;
	must(rc <= 0 && rc >= -14, "no SBI error code");
	return rc;
}
#define DO(h, fid, ...) call(h, SBI_COVH_##fid, (const unsigned long[6]){ __VA_ARGS__ })

/* Arguments: mostly such that a call may succeed */
static u64 wild(struct hart *h)
{
	static const u64 some[] = { 0,
				    1,
				    PAGE,
				    TOP,
				    ~0UL,
				    1UL << 63,
				    RAM_END,
				    FAKE_RAM_BASE,
				    FAKE_RAM_BASE - PAGE,
				    1UL << 52,
				    -2UL * PAGE,
				    HOST_BASE - PAGE,
				    RAM_END - PAGE,
				    1UL << 50,
				    1UL << 32 };

	return one_in(h, 4) ? unit_rand(&h->rng) : some[below(h, sizeof(some) / sizeof(some[0]))];
}

static u64 some_pa(struct hart *h)
{
	if (one_in(h, 24))
		return wild(h);
	return ARENA + below(h, PAGES) * PAGE + (one_in(h, 60) ? below(h, PAGE) : 0);
}

/* Memory of this hart's host alone */
static u64 own_pa(struct hart *h)
{
	return BUFFER + h->index * 4 * PAGE;
}

static u64 some_buffer(struct hart *h)
{
	u64 pa = wild(h);

	if (one_in(h, 8) && !OWN_BUFFERS)
		return some_pa(h);
	if (one_in(h, 8))
		return OWN_BUFFERS && pa - HOST_BASE < RAM_END - HOST_BASE ? 0 : pa;
	return own_pa(h) + below(h, 8) * 64;
}

static u64 some_n(struct hart *h)
{
	return one_in(h, 40) ? wild(h) : 1 + below(h, one_in(h, 4) ? 16 : 3);
}

static unsigned long some_gid(struct hart *h)
{
	unsigned long gid = __atomic_load_n(&known[below(h, TVMS)], __ATOMIC_RELAXED);

	if (!one_in(h, 30))
		return gid;
	return one_in(h, 2) ? wild(h) : gid + (1UL << below(h, 64));
}

static u64 some_gpa(struct hart *h)
{
	if (one_in(h, 40))
		return wild(h);
	return GUEST_RAM + below(h, GPAGES) * PAGE + (one_in(h, 60) ? below(h, PAGE) : 0);
}

static u64 some_len(struct hart *h)
{
	return one_in(h, 40) ? wild(h) : (1 + below(h, 3)) * PAGE;
}

/* The guest. Its marks are in one word of each page for each of its vCPUs. */
static u64 *guest_page(struct tvm *tvm, u64 gpa)
{
	u64 table = tvm->root;
	int level;

	for (level = (int)cove.gstage_levels - 1; level >= 0; level--) {
		u64 index = gpa >> (12 + 9 * level) &
			    (level == (int)cove.gstage_levels - 1 ? 0x7ff : 0x1ff);
		u64 pte = arch_load(&((u64 *)arch_ptr(table))[index]);

		if (!(pte & 1) || (!level && !(pte & 8))) /* nothing, or the host's */
			return NULL;
		table = (pte >> 10 & 0xfffffffffffUL) << 12;
	}
	return arch_ptr(table);
}

static void touch_memory(struct hart *h, struct cove_vcpu *vcpu)
{
	struct tvm *tvm = cove.slot[(h->gid & 0xffff) - PMPTABLE_ID_TVM_FIRST].tvm;
	u64 gpa = GUEST_RAM + below(h, GPAGES) * PAGE;
	u64 mark = MARK ^ (h->gid << 16) ^ (gpa >> 12);
	u64 *page = guest_page(tvm, gpa);

	if (!page)
		return;
	must(!page[8 + vcpu->id] || page[8 + vcpu->id] == mark, "somebody wrote to a guest's page");
	page[8 + vcpu->id] = mark;
	h->n.marks++;
}

static void random_ecall(struct hart *h, struct cove_vcpu *vcpu)
{
	static const unsigned long eids[] = { SBI_EXT_BASE, SBI_EXT_TIME,   SBI_EXT_IPI,
					      SBI_EXT_IPI,  SBI_EXT_RFENCE, SBI_EXT_HSM,
					      SBI_EXT_HSM,  SBI_EXT_DBCN,   SBI_EXT_COVG,
					      SBI_EXT_COVG, SBI_EXT_COVG,   1,
					      SBI_EXT_SRST };
	unsigned long *a = &vcpu->gpr[A0];
	unsigned int i;

	vcpu->trap.cause = CAUSE_VIRTUAL_SUPERVISOR_ECALL;
	a[7] = one_in(h, 50) ? wild(h) : eids[below(h, sizeof(eids) / sizeof(eids[0]))];
	a[6] = one_in(h, 50) ? wild(h) : below(h, 6);
	for (i = 0; i < 6; i++)
		a[i] = one_in(h, 3) ? wild(h) : below(h, 4);
	if (a[7] == SBI_EXT_COVG || a[7] == SBI_EXT_DBCN) {
		a[a[7] == SBI_EXT_DBCN] = some_gpa(h);
		a[a[7] == SBI_EXT_COVG] = some_len(h);
	}
	if (a[7] == SBI_EXT_HSM) {
		a[0] = below(h, 4);
		a[1] = some_gpa(h) & ~1UL;
		if (a[6] == SBI_EXT_HSM_HART_STOP && !one_in(h, 4))
			a[6] = SBI_EXT_HSM_HART_START;
	}
	if (a[7] == SBI_EXT_SRST && !one_in(h, 100))
		a[6] = 7;
}

static void random_fault(struct hart *h, struct cove_vcpu *vcpu)
{
	static const unsigned long tinsts[] = { 0, 0x2503, 0x3503, 0x00a03023, 0x3000, 0x00a5a52f };
	static const unsigned long causes[] = { 20, 21, 23 };
	u64 gpa = one_in(h, 40) ? 0x10000000 + below(h, 16) : some_gpa(h);

	vcpu->trap = (struct cove_trap){ causes[below(h, 3)], gpa & 0xfff, gpa >> 2,
					 tinsts[below(h, 6)] };
}

static void guest(struct cove_vcpu *vcpu, void *arg)
{
	static const unsigned long others[] = { 2, 5, 19, 22, INTERRUPT | 3, INTERRUPT | 7 };
	struct hart *h = arg;

	h->n.traps++;
	touch_memory(h, vcpu);
	vcpu->trap = (struct cove_trap){ .cause = INTERRUPT | IRQ_S_TIMER };
	switch (below(h, 6)) {
	case 0:
	case 1:
		random_ecall(h, vcpu);
		break;
	case 2:
		random_fault(h, vcpu);
		break;
	case 3:
		vcpu->trap.cause = others[below(h, 6)];
		vcpu->trap.tval = one_in(h, 2) ? 0x10500073 : 0;
		break;
	}
}

static void populate(struct hart *h, unsigned long gid, u64 gpa)
{
	if (one_in(h, 3))
		DO(h, ADD_TVM_SHARED_PAGES, gid, SOURCE + below(h, 16) * PAGE, 0, 1, gpa);
	DO(h, ADD_TVM_ZERO_PAGES, gid, some_pa(h), 0, 1, gpa);
}

static void unmap(struct hart *h, unsigned long gid, u64 gpa, u64 len)
{
	DO(h, TVM_INVALIDATE_PAGES, gid, gpa, len);
	if (one_in(h, 8))
		return;
	DO(h, TVM_FENCE, gid);
	if (one_in(h, 8))
		DO(h, TVM_VALIDATE_PAGES, gid, gpa, len);
	DO(h, TVM_REMOVE_PAGES, gid, gpa, len);
}

/* What a host does with an exit, more or less */
static void serve(struct hart *h, unsigned long gid)
{
	unsigned long scause = fake_harts[h->index].scause;
	u64 gpa = *nacl(NACL_CSR_OFFSET(CSR_HTVAL)) << 2;
	u64 i;

	if (scause >= 20 && scause <= 23) {
		for (i = 0; i < 4; i++)
			populate(h, gid, gpa);
	} else if (scause == CAUSE_VIRTUAL_SUPERVISOR_ECALL && *NACL_A(7) == SBI_EXT_COVG) {
		for (i = 0; i < *NACL_A(1) && i < 4 * PAGE; i += PAGE)
			unmap(h, gid, *NACL_A(0) + i, PAGE);
	}
	*NACL_A(0) = one_in(h, 4) ? wild(h) : 0;
	*NACL_A(1) = wild(h);
}

static void run(struct hart *h)
{
	unsigned long gid = some_gid(h), id = one_in(h, 60)  ? wild(h)
					      : one_in(h, 3) ? below(h, 3)
							     : 0;
	unsigned int i;

	fake_harts[h->index].guest = guest;
	fake_harts[h->index].guest_arg = h;
	h->gid = gid;
	for (i = 0; i < 4; i++) {
		if (DO(h, RUN_TVM_VCPU, gid, id))
			return;
		serve(h, gid);
	}
}

static void try_create(struct hart *h, u64 pa)
{
	struct tvm_create_params *p = arch_ptr(own_pa(h));

	p->tvm_page_directory_addr = one_in(h, 30) ? some_pa(h) : pa;
	p->tvm_state_addr = one_in(h, 30) ? some_pa(h) : pa + 4 * PAGE;
	p->tvm_flags = one_in(h, 30) ? wild(h) : !one_in(h, 8);
	DO(h, CREATE_TVM, one_in(h, 30) ? some_buffer(h) : own_pa(h), one_in(h, 30) ? wild(h) : 24);
}

/* A TVM from nothing, while the other harts interfere */
static void make_tvm(struct hart *h, u64 slot)
{
	u64 pa = ARENA + slot * SLOT * PAGE, next = pa + (4 + COVE_TVM_STATE_PAGES) * PAGE;
	unsigned long gid = __atomic_load_n(&known[slot], __ATOMIC_RELAXED), i;

	if (gid && !one_in(h, 8))
		return;
	DO(h, DESTROY_TVM, gid);
	DO(h, RECLAIM_PAGES, pa, SLOT);
	DO(h, CONVERT_PAGES, pa, SLOT);
	for (i = 0, gid = 0; i < 30 && !gid; i++) {
		DO(h, GLOBAL_FENCE);
		DO(h, LOCAL_FENCE);
		try_create(h, pa);
		gid = call_value;
		sched_yield();
	}
	if (!gid)
		return;
	DO(h, ADD_TVM_PAGE_TABLE_PAGES, gid, next, 6);
	next += 6 * PAGE;
	DO(h, ADD_TVM_MEMORY_REGION, gid, GUEST_RAM, GPAGES * PAGE);
	for (i = 0; i < 3; i++, next += cove_vcpu_state_pages() * PAGE)
		DO(h, CREATE_TVM_VCPU, gid, i, next);
	DO(h, ADD_TVM_MEASURED_PAGES, gid, SOURCE, next, 0, 4, GUEST_RAM);
	__atomic_store_n(&known[slot], gid, __ATOMIC_RELAXED);
	if (!one_in(h, 20))
		DO(h, FINALIZE_TVM, gid, GUEST_RAM, 0, one_in(h, 4) ? some_buffer(h) & ~63UL : 0);
	next += 4 * PAGE;
	DO(h, ADD_TVM_ZERO_PAGES, gid, next, 0, 4, GUEST_RAM + 8 * PAGE);
}

static void reclaim(struct hart *h)
{
	u64 pa = some_pa(h), n = some_n(h), i;

	if (DO(h, RECLAIM_PAGES, pa, n) || OWN_BUFFERS || pa - ARENA >= PAGES * PAGE)
		return;
	/* no other hart can make them a guest's before this one fences */
	for (i = 0; i < n * 512; i++)
		must(!IS_MARK(((volatile u64 *)arch_ptr(pa))[i]), "the host got a guest's secret");
}

static void set_shmem(struct hart *h)
{
	u64 pa = one_in(h, 2) ? wild(h) : NACL(h->index);

	if (!OWN_BUFFERS && one_in(h, 4))
		pa = some_pa(h);
	CALL(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, pa, one_in(h, 2) ? 0 : wild(h), 0);
	if (!one_in(h, 4))
		CALL(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, NACL(h->index));
}

static void other_call(struct hart *h)
{
	unsigned long gid = some_gid(h);

	switch (below(h, 12)) {
	case 0:
		DO(h, GET_TSM_INFO, some_buffer(h), one_in(h, 4) ? wild(h) : 48);
		break;
	case 1:
		DO(h, CREATE_TVM_VCPU, gid, below(h, 70), some_pa(h));
		break;
	case 2:
		DO(h, ADD_TVM_PAGE_TABLE_PAGES, gid, some_pa(h), some_n(h));
		break;
	case 3:
		DO(h, ADD_TVM_MEASURED_PAGES, gid, one_in(h, 8) ? wild(h) : SOURCE, some_pa(h), 0,
		   some_n(h), some_gpa(h));
		break;
	case 4:
		DO(h, ADD_TVM_MEMORY_REGION, gid, one_in(h, 2) ? wild(h) : some_gpa(h),
		   some_len(h));
		break;
	case 5:
		DO(h, TVM_VALIDATE_PAGES, gid, some_gpa(h), some_len(h));
		break;
	case 6:
		CALL(SBI_EXT_COVESBI, SBI_COVESBI_GET_STATS, some_buffer(h),
		     sizeof(struct covesbi_stats));
		break;
	case 7:
		CALL(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, gid, below(h, 8), some_buffer(h),
		     48);
		break;
	case 8:
		set_shmem(h);
		break;
	case 9:
		CALL(wild(h), wild(h), wild(h), wild(h), wild(h), wild(h), wild(h), wild(h));
		break;
	case 10:
		DO(h, FINALIZE_TVM, gid, some_gpa(h), wild(h), one_in(h, 2) ? 0 : some_buffer(h));
		break;
	default:
		if (one_in(h, 20))
			DO(h, DESTROY_TVM, gid);
	}
}

static void one_step(struct hart *h)
{
	switch (below(h, 14)) {
	case 0:
		DO(h, CONVERT_PAGES, some_pa(h), some_n(h));
		break;
	case 1:
		reclaim(h);
		break;
	case 2:
		DO(h, GLOBAL_FENCE);
		break;
	case 3:
	case 4:
		DO(h, LOCAL_FENCE);
		break;
	case 5:
		populate(h, some_gid(h), some_gpa(h));
		break;
	case 6:
		unmap(h, some_gid(h), some_gpa(h), some_len(h));
		break;
	case 7:
		if (one_in(h, 8))
			make_tvm(h, below(h, TVMS));
		break;
	case 8:
	case 9:
		other_call(h);
		break;
	default:
		run(h);
	}
}

static void *hart_main(void *arg)
{
	struct hart *h = arg;

	fake_hart = h->index;
	make_tvm(h, h->index);
	for (; goes_on(h); h->steps--)
		one_step(h);
	/* let the others' fences end */
	cove_hart_offline(cove.hart[h->index]);
	return NULL;
}

static void all_harts(void)
{
	unsigned int i;

	memset(known, 0, sizeof(known));
	fake_parallel = true;
	for (i = 0; i < HARTS; i++) {
		harts[i].index = i;
		harts[i].now = CALLS;
	}
	for (i = 0; i < HARTS; i++)
		must(!pthread_create(&harts[i].thread, NULL, hart_main, &harts[i]), "no thread");
	for (i = 0; i < HARTS; i++)
		must(!pthread_join(harts[i].thread, NULL), "no end");
	fake_parallel = false;
	check_invariants();
}

void storm_random(u64 seed, unsigned int steps)
{
	unsigned int i;

	memset(harts, 0, sizeof(harts));
	for (i = 0; i < HARTS; i++) {
		harts[i].rng = seed + i * 0x1234567;
		harts[i].steps = steps;
	}
	all_harts();
}

void storm_input(const u8 *data, size_t size)
{
	unsigned int i;

	memset(harts, 0, sizeof(harts));
	for (i = 0; i < HARTS; i++) {
		harts[i].rng = i + 1;
		harts[i].input = data + size * i / HARTS;
		harts[i].input_end = data + size * (i + 1) / HARTS;
	}
	all_harts();
}

void storm_count(struct storm_counts *n)
{
	unsigned int fid, i;

	for (i = 0; i < HARTS; i++) {
		for (fid = 0; fid < CALLS; fid++) {
			n->made[fid] += harts[i].n.made[fid];
			n->done[fid] += harts[i].n.done[fid];
		}
		n->traps += harts[i].n.traps;
		n->marks += harts[i].n.marks;
	}
}

/* Every TVM ends, every page goes back, and no guest's word is left anywhere. */
void storm_end(void)
{
	unsigned int i;
	u64 pa;

	for (i = 0; i < HARTS; i++) {
		fake_hart = i;
		assert_int_equal(cove_hart_online(cove.hart[i]), 0);
	}
	for (i = 0; i < COVE_MAX_TVMS; i++)
		if (cove.slot[i].tvm)
			assert_int_equal(COVH(DESTROY_TVM, cove.slot[i].tvm->gid), COVE_OK);
	check_invariants();
	assert_int_equal(cove.table.count[PMPTABLE_KIND_TVM], 0);
	for (i = 0; i < HARTS; i++) {
		fake_hart = i;
		assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	}
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA, PAGES), COVE_OK);
	for (pa = HOST_BASE; pa < RAM_END; pa += PAGE)
		if (field_at(pa) != PMPTABLE_HOST) /* a wild address was converted */
			assert_int_equal(COVH(RECLAIM_PAGES, pa, 1), COVE_OK);
	for (pa = HOST_BASE; pa < RAM_END; pa += 8)
		assert_false(IS_MARK(*(u64 *)arch_ptr(pa)));
	check_invariants();
	assert_int_equal(cove.table.count[PMPTABLE_KIND_HOST], RAM_PAGES - FIRMWARE_SIZE / PAGE);
	assert_int_equal(cove.table.runs, 0);
}
