// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Sequences of the host's calls, from several harts, through the real call
 * table: an input is a list of records of 8 bytes, each is one call. A vCPU
 * that runs takes the records that follow for other harts.
 */
#include "fuzz_model.h"
#include "start.h"

#include <sbi/riscv_encoding.h>

#define INTERRUPT (1UL << 63)
#define MARK	  0x5ec2e75ec2e75ec2UL
#define MAX_TRIES 8U

enum op {
	OP_CONVERT,
	OP_RECLAIM,
	OP_GLOBAL_FENCE,
	OP_LOCAL_FENCE,
	OP_HART,
	OP_SHMEM,
	OP_TOUCH,
	OP_CREATE,
	OP_TABLE_PAGES,
	OP_VCPU,
	OP_FINALIZE,
	OP_ZERO,
	OP_MEASURED,
	OP_SHARED,
	OP_BLOCK,
	OP_UNBLOCK,
	OP_TVM_FENCE,
	OP_REMOVE,
	OP_RUN,
	OP_DESTROY,
	OP_STATS,
	OPS
};

/**
 * struct record - one call
 * @page, @n, @flags: of its memory, see record_pa() and record_n()
 * @x, @y: a second page, a GPA, ...
 * @tvm: which TVM
 */
struct record {
	u8 op, hart, page, n, x, y, tvm, flags;
};
_Static_assert(sizeof(struct record) == 8, "record");

#define FLAG_UNALIGNED 0x80
#define FLAG_ODD_ROOT  0x40
#define FLAG_OWN_SHMEM 0x20

static const struct record *at, *end;
static unsigned long operations, executions;
static unsigned long done[OPS]; /* that were of effect */
static unsigned long refills;	/* of PMP entries */
static unsigned long value;	/* of the last call */
static bool effect;		/* had it any? */

/* What a vCPU on a hart began with. */
static struct run {
	struct record r;
	u64 fence;
	bool trapped;
	int tvm; /* -1: none */
} runs[HARTS];

static long call(unsigned long eid, unsigned long fid, const unsigned long a[6])
{
	long rc;

	do
		rc = cove_host_call(eid, fid, a, &value);
	while (rc == COVE_AGAIN);
	effect = !rc;
	return rc;
}

#define CALL(eid, fid, ...) call(eid, fid, (const unsigned long[6]){ __VA_ARGS__ })
#define COVH(fid, ...)	    CALL(SBI_EXT_COVH, SBI_COVH_##fid, __VA_ARGS__)

static u64 page_or_wild(unsigned int page)
{
	static const u64 wild[] = { 0,
				    0x7ffff000UL,
				    0x80040000UL,
				    0x80820000UL,
				    0x10000000UL,
				    (1UL << 56) - PAGE,
				    1UL << 56,
				    ~0UL & -PAGE,
				    0x80020000UL | 1UL << 56,
				    0x80020000UL | 1UL << 63 };

	return page < NPAGES ? model_pa(page) : wild[page % (sizeof(wild) / sizeof(wild[0]))];
}

static u64 record_pa(const struct record *r)
{
	return page_or_wild(r->page) + (r->flags & FLAG_UNALIGNED ? 8 : 0);
}

static u64 record_n(const struct record *r)
{
	static const u64 odd[] = { 0,
				   64,
				   COVE_MAX_SCRUB_PAGES,
				   COVE_MAX_SCRUB_PAGES + 1,
				   16384,
				   16385UL,
				   1UL << 52,
				   (1UL << 52) + 1,
				   ~0UL,
				   ~0UL >> 1 };

	if (r->n < 240)
		return 1 + r->n % 20;
	return odd[r->n % (sizeof(odd) / sizeof(odd[0]))];
}

static bool aligned(u64 pa)
{
	return !(pa % PAGE);
}

static struct model_hart *me(void)
{
	return &model.hart[fake_hart];
}

static bool pinned(u64 pa, u64 n)
{
	unsigned int h;
	u64 i;

	for (h = 0; h < HARTS; h++)
		for (i = 0; model.hart[h].nacl && i < NACL_SHMEM_SIZE; i += PAGE)
			if (model.hart[h].nacl + i >= pa && model.hart[h].nacl + i < pa + n * PAGE)
				return true;
	return false;
}

/* Conversion, fences, harts. */

static void do_convert(const struct record *r)
{
	u64 pa = record_pa(r), n = record_n(r);
	long want = COVE_ERR_INVALID_ADDRESS, rc;

	if (!n || n > COVE_MAX_CONVERT_PAGES)
		want = COVE_ERR_INVALID_PARAM;
	else if (aligned(pa) && model_all(pa, n, OWNER_HOST, OWNER_HOST) && !pinned(pa, n))
		want = COVE_OK;
	rc = COVH(CONVERT_PAGES, pa, n);
	MUST(rc == want, "convert 0x%lx %lu: %ld, not %ld", pa, n, rc, want);
	if (rc)
		return;
	model_give(pa, n, OWNER_CONVERTED, model.version);
	model_derived(fake_hart);
}

static long reclaim_result(u64 pa, u64 n)
{
	u64 i;

	if (!n || n > COVE_MAX_SCRUB_PAGES)
		return COVE_ERR_INVALID_PARAM;
	if (!aligned(pa))
		return COVE_ERR_INVALID_ADDRESS;
	for (i = 0; i < n; i++)
		if (model_page(pa + i * PAGE) == NO_PAGE)
			return COVE_ERR_INVALID_ADDRESS;
	if (model_all(pa, n, OWNER_HOST, OWNER_SHARED) ||
	    model_all(pa, n, OWNER_HOST, OWNER_CONVERTED))
		return COVE_OK;
	return model_any(pa, n, OWNER_FIRMWARE) ? COVE_ERR_INVALID_ADDRESS : COVE_ERR_INVALID_PARAM;
}

static void do_reclaim(const struct record *r)
{
	u64 pa = record_pa(r), n = record_n(r), i, k;
	long want = reclaim_result(pa, n), rc;

	rc = COVH(RECLAIM_PAGES, pa, n);
	MUST(rc == want, "reclaim 0x%lx %lu: %ld, not %ld", pa, n, rc, want);
	if (rc)
		return;
	for (i = 0; i < n; i++) {
		const u64 *word = arch_ptr(pa + i * PAGE);

		if (model.page[model_page(pa + i * PAGE)].owner != OWNER_CONVERTED)
			continue;
		for (k = 0; k < PAGE / 8; k++)
			MUST(!word[k], "page 0x%lx was not scrubbed", pa + i * PAGE);
		model_give(pa + i * PAGE, 1, OWNER_HOST, 0);
	}
	model_derived(fake_hart);
}

static void do_global_fence(void)
{
	long want = model_min_ack() < model.version ? COVE_ERR_ALREADY_STARTED : COVE_OK;
	long rc = COVH(GLOBAL_FENCE);

	MUST(rc == want, "global fence: %ld, not %ld", rc, want);
	if (rc)
		return;
	me()->ack = ++model.version;
	model_derived(fake_hart);
}

static void do_local_fence(void)
{
	long rc = COVH(LOCAL_FENCE);

	MUST(!rc, "local fence: %ld", rc);
	me()->ack = model.version;
	model_derived(fake_hart);
}

static unsigned int harts_up(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < HARTS; i++)
		n += model.hart[i].started && !model.hart[i].in_tvm;
	return n;
}

/* HSM: stop, or start again. */
static void do_hart(const struct record *r)
{
	unsigned int h = r->x % HARTS, self = fake_hart;
	struct model_hart *hart = &model.hart[h];

	if (hart->in_tvm || (hart->started && harts_up() < 2))
		return;
	fake_hart = h;
	if (hart->started) {
		cove_hart_offline(cove.hart[h]);
		hart->started = false;
		hart->nacl = 0;
	} else {
		MUST(!cove_hart_online(cove.hart[h]), "not online");
		hart->started = true;
		hart->ack = model.version;
		model_derived(h);
	}
	fake_hart = model.hart[self].started ? self : fake_hart;
	effect = true;
}

static void do_shmem(const struct record *r)
{
	u64 pa = r->flags & FLAG_OWN_SHMEM ? NACL(fake_hart) : record_pa(r);
	long want = COVE_OK, rc;

	if (r->n > 200) {
		MUST(!CALL(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, ~0UL, ~0UL, 0), "off");
		me()->nacl = 0;
		return;
	}
	if (!aligned(pa))
		want = COVE_ERR_INVALID_PARAM;
	else if (!model_all(pa, 3, OWNER_HOST, OWNER_SHARED))
		want = COVE_ERR_INVALID_ADDRESS;
	rc = CALL(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, pa, 0, 0);
	MUST(rc == want, "set_shmem 0x%lx: %ld, not %ld", pa, rc, want);
	if (!rc)
		me()->nacl = pa;
}

/* An access of the host, with the trap that hardware raises when the PMP denies it. */
static bool touch(u64 pa, u64 len, unsigned long cause, unsigned long pc)
{
	unsigned long gpr[32] = { 0 };
	struct cove_host_trap trap;
	unsigned int tries;

	for (tries = 0; !model_pmp_allows(fake_hart, pa, len); tries++) {
		MUST(tries < MAX_TRIES, "0x%lx faults without end", pa);
		trap = (struct cove_host_trap){ .gpr = gpr,
						.pc = pc,
						.mstatus = PRV_S << MSTATUS_MPP_SHIFT,
						.cause = cause,
						.tval = pa };
		if (cove_host_trap(&trap) != HOST_RESUME) {
			MUST(trap.cause == cause && trap.tval == pa, "another fault");
			model_derived(fake_hart);
			return false;
		}
		model_derived(fake_hart);
	}
	return true;
}

static void do_touch(const struct record *r)
{
	static const unsigned long causes[] = { CAUSE_LOAD_ACCESS, CAUSE_STORE_ACCESS,
						CAUSE_FETCH_ACCESS };
	u64 pa = record_pa(r) + 16UL * r->y;
	unsigned int i = model_page(pa);
	bool hosts, before = model_pmp_allows(fake_hart, pa, 8), may;

	if (i == NO_PAGE)
		hosts = pa < 1UL << 56;
	else
		hosts = model.page[i].owner == OWNER_HOST || model.page[i].owner == OWNER_SHARED;
	effect = !before;
	may = touch(pa, 8, causes[r->x % 3], 0x80200000UL + 4UL * r->n);
	if (may && !before)
		MUST(hosts, "0x%lx was opened", pa);
	MUST(may || !hosts, "0x%lx was refused", pa);
}

/* TVMs. */

static struct model_tvm *tvm_of(const struct record *r)
{
	return &model.tvm[r->tvm % TVMS];
}

static unsigned int owner_of(const struct record *r)
{
	return OWNER_TVM + r->tvm % TVMS;
}

/* A call that assigns pages: what it said, and what the model says. */
static void assigned(long rc, bool want, const char *what)
{
	if (!rc)
		MUST(want, "%s went through", what);
	else if (want)
		MUST(model.overflowed, "%s: %ld", what, rc);
}

static bool buffer_is_hosts(void)
{
	return model_all(BUFFER, 1, OWNER_HOST, OWNER_SHARED);
}

static bool overlap(u64 a, u64 na, u64 b, u64 nb)
{
	return a < b + nb * PAGE && b < a + na * PAGE;
}

static void new_tvm(const struct record *r, u64 root, u64 state)
{
	struct model_tvm *tvm = tvm_of(r);
	struct pmptable_walk_result res;
	unsigned int i;

	pmptable_walk(&cove.table, root, &res);
	MUST(res.id >= PMPTABLE_ID_TVM_FIRST, "ID %u", res.id);
	for (i = 0; i < TVMS; i++)
		MUST(!model.tvm[i].alive ||
			     (model.tvm[i].id != res.id && model.tvm[i].gid != value),
		     "the ID is in use");
	*tvm = (struct model_tvm){ .alive = true, .gid = value, .id = res.id };
	for (i = 0; i < GPAGES; i++)
		tvm->page[i] = NO_PAGE;
	model_give(root, 4, owner_of(r), 0);
	model_give(state, COVE_TVM_STATE_PAGES, owner_of(r), 0);
	MUST(!COVH(ADD_TVM_MEMORY_REGION, tvm->gid, GUEST_RAM, GPAGES * PAGE), "no region");
}

static void do_create(const struct record *r)
{
	u64 root = record_pa(r), state = page_or_wild(r->x);
	struct tvm_create_params *p = arch_ptr(BUFFER);
	bool want;
	long rc;

	if (!(r->flags & FLAG_ODD_ROOT))
		root &= -COVE_PAGE_DIRECTORY_SIZE;
	if (tvm_of(r)->alive || !buffer_is_hosts())
		return;
	*p = (struct tvm_create_params){ root, state, r->y & 1 ? COVE_TVM_F_IMPLICIT_MMIO : 0 };
	want = !(root % COVE_PAGE_DIRECTORY_SIZE) && model_assignable(root, 4) &&
	       model_assignable(state, COVE_TVM_STATE_PAGES) &&
	       !overlap(root, 4, state, COVE_TVM_STATE_PAGES);
	rc = COVH(CREATE_TVM, BUFFER, sizeof(*p));
	assigned(rc, want, "create");
	if (!rc)
		new_tvm(r, root, state);
}

static void do_table_pages(const struct record *r)
{
	struct model_tvm *tvm = tvm_of(r);
	u64 pa = record_pa(r), n = record_n(r);
	bool want = tvm->alive && n && n <= COVE_MAX_SCRUB_PAGES && aligned(pa) &&
		    model_assignable(pa, n);
	long rc = COVH(ADD_TVM_PAGE_TABLE_PAGES, tvm->gid, pa, n);

	assigned(rc, want, "page-table pages");
	if (!rc)
		model_give(pa, n, owner_of(r), 0);
}

static void do_vcpu(const struct record *r)
{
	struct model_tvm *tvm = tvm_of(r);
	unsigned int id = r->x % MAX_VCPU;
	u64 pa = record_pa(r), n = cove_vcpu_state_pages();
	bool want = tvm->alive && !tvm->finalized && !tvm->vcpu[id] && aligned(pa) &&
		    model_assignable(pa, n);
	long rc = COVH(CREATE_TVM_VCPU, tvm->gid, id, pa);

	assigned(rc, want, "vCPU");
	if (rc)
		return;
	model_give(pa, n, owner_of(r), 0);
	tvm->vcpu[id] = true;
}

static void do_finalize(const struct record *r)
{
	struct model_tvm *tvm = tvm_of(r);
	bool want =
		tvm->alive && !tvm->finalized && tvm->vcpu[0] && (tvm->vcpu[1] || !tvm->vcpu[2]);
	long rc = COVH(FINALIZE_TVM, tvm->gid, GUEST_RAM, 0, 0);

	MUST(!rc == want, "finalize: %ld", rc);
	if (!rc)
		tvm->finalized = true;
}

/* GPAs of a record: from @x on, @n of them; false when they are not all guest memory. */
static bool gpas(const struct record *r, unsigned int *first, u64 *n)
{
	*first = r->x % (GPAGES + 2);
	*n = record_n(r);
	return *n && *n <= GPAGES && *first + *n <= GPAGES;
}

/* The same for a call that takes bytes: more than 2^64 of them are less. */
static bool gpas_in_bytes(const struct record *r, unsigned int *first, u64 *n)
{
	gpas(r, first, n);
	*n = *n * PAGE / PAGE;
	return *n && *n <= GPAGES && *first + *n <= GPAGES;
}

static bool unmapped(const struct model_tvm *tvm, unsigned int first, u64 n)
{
	while (n--)
		if (tvm->page[first++] != NO_PAGE)
			return false;
	return true;
}

static void mapped(struct model_tvm *tvm, unsigned int first, u64 n, u64 pa)
{
	for (; n--; first++, pa += PAGE) {
		tvm->page[first] = model_page(pa);
		tvm->blocked[first] = false;
	}
}

static void do_zero(const struct record *r)
{
	struct model_tvm *tvm = tvm_of(r);
	unsigned int first, i;
	u64 pa = record_pa(r), n, k;
	bool want = gpas(r, &first, &n) && tvm->alive && tvm->finalized && aligned(pa) &&
		    unmapped(tvm, first, n) && model_assignable(pa, n);
	long rc = COVH(ADD_TVM_ZERO_PAGES, tvm->gid, pa, COVE_PAGE_4K, n, GUEST_RAM + first * PAGE);

	/* it may lack page-table pages, or the guest has asked to share: then it only fails */
	MUST(rc || want, "zero pages went through");
	if (rc)
		return;
	for (i = 0; i < n; i++) {
		u64 *word = arch_ptr(pa + i * PAGE);

		for (k = 0; k < PAGE / 8; k++)
			MUST(!word[k], "a guest got what another one wrote");
		word[r->y] = MARK;
	}
	model_give(pa, n, owner_of(r), 0);
	mapped(tvm, first, n, pa);
}

static void do_measured(const struct record *r)
{
	struct model_tvm *tvm = tvm_of(r);
	unsigned int first;
	u64 pa = record_pa(r), n;
	bool want;
	long rc;

	gpas(r, &first, &n);
	n = 1; /* hashing is slow */
	want = first < GPAGES && tvm->alive && !tvm->finalized && aligned(pa) &&
	       buffer_is_hosts() && unmapped(tvm, first, n) && model_assignable(pa, n);
	rc = COVH(ADD_TVM_MEASURED_PAGES, tvm->gid, BUFFER, pa, COVE_PAGE_4K, n,
		  GUEST_RAM + first * PAGE);
	MUST(rc || want, "measured pages went through");
	if (rc)
		return;
	model_give(pa, n, owner_of(r), 0);
	mapped(tvm, first, n, pa);
}

static void do_shared(const struct record *r)
{
	struct model_tvm *tvm = tvm_of(r);
	unsigned int first, i;
	u64 pa = record_pa(r), n;
	bool guests = gpas(r, &first, &n) && tvm->alive && tvm->finalized && aligned(pa);
	bool again = guests;
	long rc =
		COVH(ADD_TVM_SHARED_PAGES, tvm->gid, pa, COVE_PAGE_4K, n, GUEST_RAM + first * PAGE);

	if (rc)
		return;
	MUST(guests, "shared pages went through");
	for (i = 0; i < n; i++)
		again = again && tvm->page[first + i] != NO_PAGE &&
			model_pa(tvm->page[first + i]) == pa + i * PAGE;
	if (again)
		return;
	MUST(unmapped(tvm, first, n) && model_all(pa, n, OWNER_HOST, OWNER_HOST),
	     "shared pages went through");
	model_give(pa, n, OWNER_SHARED, 0);
	mapped(tvm, first, n, pa);
}

/* Are they all mapped, and blocked or not? */
static bool all_mapped(const struct model_tvm *tvm, unsigned int first, u64 n, bool blocked)
{
	for (; n--; first++)
		if (tvm->page[first] == NO_PAGE || tvm->blocked[first] != blocked)
			return false;
	return true;
}

static void do_block(const struct record *r, bool block)
{
	struct model_tvm *tvm = tvm_of(r);
	unsigned int first;
	u64 n;
	bool want = gpas_in_bytes(r, &first, &n) && tvm->alive && tvm->finalized &&
		    all_mapped(tvm, first, n, !block);
	long rc;

	if (block)
		rc = COVH(TVM_INVALIDATE_PAGES, tvm->gid, GUEST_RAM + first * PAGE, n * PAGE);
	else
		rc = COVH(TVM_VALIDATE_PAGES, tvm->gid, GUEST_RAM + first * PAGE, n * PAGE);
	MUST(!rc == want, "block %d: %ld", block, rc);
	for (; !rc && n--; first++) {
		tvm->blocked[first] = block;
		tvm->blocked_at[first] = tvm->fence;
	}
}

/* Does a vCPU of the TVM run that has run since before fence @fence? */
static bool runs_since(const struct record *r, u64 fence)
{
	unsigned int h;

	for (h = 0; h < HARTS; h++)
		if (runs[h].tvm == r->tvm % (int)TVMS && runs[h].fence <= fence)
			return true;
	return false;
}

static void do_tvm_fence(const struct record *r)
{
	struct model_tvm *tvm = tvm_of(r);
	bool want = tvm->alive && tvm->finalized && !(tvm->fence && runs_since(r, tvm->fence - 1));
	long rc = COVH(TVM_FENCE, tvm->gid);

	MUST(!rc == want, "TVM fence: %ld", rc);
	if (!rc)
		tvm->fence++;
}

static void do_remove(const struct record *r)
{
	struct model_tvm *tvm = tvm_of(r);
	unsigned int first;
	u64 n;
	bool may = gpas_in_bytes(r, &first, &n) && tvm->alive && tvm->finalized &&
		   all_mapped(tvm, first, n, true);
	long rc = COVH(TVM_REMOVE_PAGES, tvm->gid, GUEST_RAM + first * PAGE, n * PAGE);

	if (rc)
		return;
	MUST(may, "remove went through");
	for (; n--; first++) {
		unsigned int page = tvm->page[first];
		bool shared = model.page[page].owner == OWNER_SHARED;

		MUST(tvm->fence > tvm->blocked_at[first] && !runs_since(r, tvm->blocked_at[first]),
		     "remove without a fence");
		model_give(model_pa(page), 1, shared ? OWNER_HOST : OWNER_CONVERTED, 0);
		tvm->page[first] = NO_PAGE;
	}
}

static void do_destroy(const struct record *r)
{
	struct model_tvm *tvm = tvm_of(r);
	bool want = tvm->alive && !tvm->running;
	long rc = COVH(DESTROY_TVM, tvm->gid);
	unsigned int i;

	MUST(!rc == want, "destroy: %ld", rc);
	if (rc)
		return;
	for (i = 0; i < GPAGES; i++)
		if (tvm->page[i] != NO_PAGE && model.page[tvm->page[i]].owner == OWNER_SHARED)
			model_give(model_pa(tvm->page[i]), 1, OWNER_HOST, 0);
	for (i = 0; i < NPAGES; i++)
		if (model.page[i].owner == owner_of(r))
			model_give(model_pa(i), 1, OWNER_CONVERTED, 0);
	tvm->alive = false; /* its gid stays, to be tried */
}

static void do_stats(const struct record *r)
{
	u64 pa = record_pa(r);
	bool want = model_all(pa & -PAGE, 1, OWNER_HOST, OWNER_SHARED);
	long rc = CALL(SBI_EXT_COVESBI, SBI_COVESBI_GET_STATS, pa, sizeof(struct covesbi_stats));

	MUST(!rc == want, "get_stats 0x%lx: %ld", pa, rc);
	if (!rc)
		memset(arch_ptr(pa), 0, sizeof(struct covesbi_stats));
}

static void step(void);

/* The guest: other harts go on, then it traps as the record says; at last the host's timer. */
static void guest(struct cove_vcpu *vcpu, void *arg)
{
	struct run *run = arg;
	unsigned int self = fake_hart, n = run->r.y % 4;

	if (run->trapped) {
		vcpu->trap.cause = INTERRUPT | IRQ_S_TIMER;
		return;
	}
	run->trapped = true;
	while (n-- && harts_up())
		step();
	fake_hart = self;
	switch (run->r.page % 4) {
	case 0:
	case 1:
		vcpu->trap.cause = CAUSE_VIRTUAL_SUPERVISOR_ECALL;
		vcpu->gpr[17] = SBI_EXT_COVG;
		vcpu->gpr[16] = run->r.page % 4 ? SBI_COVG_SHARE_MEMORY_REGION
						: SBI_COVG_UNSHARE_MEMORY_REGION;
		vcpu->gpr[10] = GUEST_RAM + run->r.x % GPAGES * PAGE;
		vcpu->gpr[11] = record_n(&run->r) * PAGE;
		break;
	case 2:
		vcpu->trap.cause = CAUSE_LOAD_GUEST_PAGE_FAULT;
		vcpu->trap.tval2 = (GUEST_RAM + run->r.x % GPAGES * PAGE) >> 2;
		break;
	default:
		vcpu->trap.cause = INTERRUPT | IRQ_S_TIMER;
	}
}

static void do_run(const struct record *r)
{
	struct model_tvm *tvm = tvm_of(r);
	unsigned int self = fake_hart, id = r->flags % MAX_VCPU;
	struct run *run = &runs[self];
	bool may = tvm->alive && tvm->finalized && tvm->vcpu[id] && me()->nacl;
	long rc;

	*run = (struct run){ .r = *r, .fence = tvm->fence, .tvm = r->tvm % (int)TVMS };
	if (me()->nacl) /* the host grants what the guest asked for */
		*(u64 *)arch_ptr(me()->nacl + NACL_GPR_OFFSET(10)) = r->n & 1;
	fake_harts[self].guest = guest;
	fake_harts[self].guest_arg = run;
	me()->in_tvm = true;
	tvm->running++;
	rc = COVH(RUN_TVM_VCPU, tvm->gid, id);
	tvm->running--;
	me()->in_tvm = false;
	run->tvm = -1;
	MUST(rc || may, "a vCPU ran that cannot");
}

static void dispatch(const struct record *r)
{
	switch (r->op % OPS) {
	case OP_CONVERT:
		return do_convert(r);
	case OP_RECLAIM:
		return do_reclaim(r);
	case OP_GLOBAL_FENCE:
		return do_global_fence();
	case OP_LOCAL_FENCE:
		return do_local_fence();
	case OP_HART:
		return do_hart(r);
	case OP_SHMEM:
		return do_shmem(r);
	case OP_TOUCH:
		return do_touch(r);
	case OP_CREATE:
		return do_create(r);
	case OP_TABLE_PAGES:
		return do_table_pages(r);
	case OP_VCPU:
		return do_vcpu(r);
	case OP_FINALIZE:
		return do_finalize(r);
	case OP_ZERO:
		return do_zero(r);
	case OP_MEASURED:
		return do_measured(r);
	case OP_SHARED:
		return do_shared(r);
	case OP_BLOCK:
		return do_block(r, true);
	case OP_UNBLOCK:
		return do_block(r, false);
	case OP_TVM_FENCE:
		return do_tvm_fence(r);
	case OP_REMOVE:
		return do_remove(r);
	case OP_RUN:
		return do_run(r);
	case OP_DESTROY:
		return do_destroy(r);
	default:
		return do_stats(r);
	}
}

/* The next record, on its hart or the next that runs the host. */
static void step(void)
{
	const struct record *r = at;
	unsigned int h;

	if (at == end)
		return;
	at++;
	for (h = r->hart % HARTS; !model.hart[h].started || model.hart[h].in_tvm;)
		h = (h + 1) % HARTS;
	fake_hart = h;
	operations++;
	effect = false;
	dispatch(r);
	done[r->op % OPS] += effect;
	if (cove.nconversions == COVE_MAX_CONVERSIONS)
		model.overflowed = true;
	else if (!cove.nconversions)
		model.overflowed = false;
	model_check(fake_hart, operations % 16 == 0);
}

static void report(void)
{
	unsigned int i;

	printf("executions %lu operations %lu\n", executions, operations);
	if (!refills)
		printf("no operation filled a PMP entry\n");
	printf("refills %lu, with effect:", refills);
	for (i = 0; i < OPS; i++)
		printf(" %lu", done[i]);
	for (i = 0; i < OPS; i++)
		if (!done[i])
			printf("\nno operation %u had an effect", i);
	printf("\n");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u8 entries[] = { 16, 8, 64, 16, 9, 24, 16, 10 };
	static struct record records[4096];
	unsigned int h;

	if (size < sizeof(struct record))
		return 0;
	executions++;
	/* the first byte is the machine, the rest of the first record is nothing */
	model_boot(entries[data[0] % sizeof(entries)]);
	size = size / sizeof(struct record) - 1;
	if (size > sizeof(records) / sizeof(records[0]))
		size = sizeof(records) / sizeof(records[0]);
	memcpy(records, data + sizeof(struct record), size * sizeof(struct record));
	at = records;
	end = records + size;
	for (h = 0; h < HARTS; h++)
		runs[h].tvm = -1;
	while (at < end)
		step();
	model_check(0, true);
	for (h = 0; h < HARTS; h++)
		refills += cove.hart[h]->refills;
	return 0;
}

/*
 * Mutation: whole records, and phrases that a host would use, so that an input
 * gets somewhere.
 */
size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed);

static u64 rng;

static u8 random_byte(void)
{
	return (u8)(unit_rand(&rng) >> 13);
}

static struct record random_record(u8 op)
{
	struct record r = { op,
			    random_byte(),
			    random_byte() % (NPAGES + 10),
			    random_byte(),
			    random_byte(),
			    random_byte(),
			    random_byte(),
			    random_byte() & (FLAG_OWN_SHMEM | 0xf) };

	if (!unit_below(&rng, 8))
		r.flags = random_byte();
	return r;
}

#define PAGE_32 112 /* the page at 0x81000000, where a root may lie */

static unsigned int phrase_fence(struct record *r)
{
	unsigned int i;

	r[0] = random_record(OP_GLOBAL_FENCE);
	for (i = 1; i <= HARTS; i++) {
		r[i] = random_record(OP_LOCAL_FENCE);
		r[i].hart = (u8)i;
	}
	return i;
}

/* Convert 32 pages and make a TVM of them; one page of it at GPA 0. */
static unsigned int phrase_tvm(struct record *r)
{
	u8 tvm = random_byte() % TVMS, base = (u8)(PAGE_32 + 32 * unit_below(&rng, 2));
	unsigned int i, n = 2;

	for (i = 0; i < 2; i++) {
		r[i] = random_record(OP_CONVERT);
		r[i].page = (u8)(base + 16 * i);
		r[i].n = 15;
	}
	n += phrase_fence(r + n);
	for (i = n; i < n + 8; i++) {
		static const u8 ops[] = { OP_CREATE,   OP_TABLE_PAGES, OP_VCPU,	 OP_MEASURED,
					  OP_FINALIZE, OP_ZERO,	       OP_SHMEM, OP_RUN };
		static const u8 places[] = { 0, 8, 20, 28, 0, 16 }, counts[] = { 0, 3, 0, 0, 0, 1 };
		static const u8 gpas[] = { 0, 0, 0, 8, 0, 0 };

		r[i] = random_record(ops[i - n]);
		r[i].tvm = tvm;
		r[i].hart = 1;
		r[i].flags = FLAG_OWN_SHMEM;
		if (i - n < sizeof(places)) {
			r[i].page = (u8)(base + places[i - n]);
			r[i].n = counts[i - n];
			r[i].x = gpas[i - n];
		}
	}
	r[n].x = (u8)(base + 30);
	if (!unit_below(&rng, 16)) {
		r[n].page += 1 + random_byte() % 4;
		r[n].flags = FLAG_ODD_ROOT;
	}
	r[n + 6].n = 0;
	/* hashing is slow */
	if (unit_below(&rng, 8))
		r[n + 3] = random_record(OP_RECLAIM);
	return n + 8;
}

/* The guest asks to share what is mapped; the host takes it away and gives its own. */
static unsigned int phrase_share(struct record *r, u8 tvm)
{
	static const u8 ops[] = { OP_RUN,	OP_BLOCK,  OP_UNBLOCK, OP_BLOCK,
				  OP_TVM_FENCE, OP_REMOVE, OP_RUN,     OP_SHARED };
	u8 x = random_byte() % 2, n = random_byte() % 2;
	unsigned int i;

	for (i = 0; i < sizeof(ops); i++) {
		r[i] = random_record(ops[i]);
		r[i].tvm = tvm;
		r[i].hart = 1;
		r[i].x = x;
		r[i].n = n * 2;
		r[i].flags = 0;
	}
	r[0].page = 1;
	r[6].page = 3;
	return i;
}

/* While a vCPU runs, its TVM is taken away, page by page or all at once. */
static unsigned int phrase_running(struct record *r)
{
	static const u8 ops[][5] = { { OP_RUN, OP_DESTROY, OP_RECLAIM, OP_RUN, OP_RUN },
				     { OP_RUN, OP_RUN, OP_BLOCK, OP_TVM_FENCE, OP_REMOVE },
				     { OP_RUN, OP_BLOCK, OP_TVM_FENCE, OP_TVM_FENCE, OP_RUN } };
	u8 tvm = random_byte() % TVMS, which = (u8)unit_below(&rng, 3);
	unsigned int i;

	for (i = 0; i < 5; i++) {
		r[i] = random_record(ops[which][i]);
		r[i].tvm = tvm;
		r[i].hart = r[i].op == OP_RUN ? 1 : (u8)i;
		r[i].x = 0;
		r[i].n = 0;
		r[i].flags = 0;
		if (r[i].op == OP_RUN) {
			r[i].page = i ? 3 : 1;
			r[i].y = which == 1 && !i ? 0 : 3;
		}
	}
	/* so that any hart can run it */
	r[i] = random_record(OP_SHMEM);
	r[i].flags = FLAG_OWN_SHMEM;
	r[i].n = 0;
	return i + 1;
}

/* Scattered pages, and accesses around them. */
static unsigned int phrase_scatter(struct record *r)
{
	u8 page = random_byte() % NPAGES, hart = random_byte();
	unsigned int i;

	for (i = 0; i < 24; i++) {
		r[i] = random_record(i % 4 ? OP_CONVERT : OP_TOUCH);
		r[i].page = page + 2 * (u8)i;
		r[i].n = 0;
		r[i].flags = 0;
		if (unit_below(&rng, 4))
			r[i].hart = hart;
	}
	return i;
}

static unsigned int phrase(struct record *r)
{
	unsigned int n;

	switch (unit_below(&rng, 10)) {
	case 0:
		return phrase_fence(r);
	case 1:
		return phrase_tvm(r);
	case 2:
		n = phrase_tvm(r);
		return n + phrase_share(r + n, r[n - 1].tvm);
	case 3:
		return phrase_share(r, random_byte() % TVMS);
	case 4:
		return phrase_running(r);
	case 5:
		return phrase_scatter(r);
	default:
		*r = random_record((u8)unit_below(&rng, OPS));
		return 1;
	}
}

static size_t insert_phrase(u8 *data, size_t n, size_t max)
{
	struct record fresh[32];
	unsigned int k = phrase(fresh);
	size_t where = 1 + unit_below(&rng, n);

	if (n + k > max)
		return n;
	memmove(data + (where + k) * 8, data + where * 8, (n - where) * 8);
	memcpy(data + where * 8, fresh, k * 8);
	return n + k;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	size_t n = size / 8, where;

	rng = seed;
	max /= 8;
	if (!n || max < 2) {
		memset(data, 0, 8);
		data[0] = random_byte();
		return 8;
	}
	where = unit_below(&rng, n);
	switch (unit_below(&rng, 8)) {
	case 0:
		return LLVMFuzzerMutate(data, n * 8, max * 8) / 8 * 8;
	case 1: /* a byte of a record */
		data[where * 8 + unit_below(&rng, 8)] = random_byte();
		return n * 8;
	case 2: /* without one */
		if (where && n > 2) {
			memmove(data + where * 8, data + where * 8 + 8, (n - where - 1) * 8);
			n--;
		}
		return n * 8;
	case 3: /* on another hart, of another TVM */
		data[where * 8 + (unit_below(&rng, 2) ? 1 : 6)] = random_byte();
		return n * 8;
	default:
		return insert_phrase(data, n, max) * 8;
	}
}
