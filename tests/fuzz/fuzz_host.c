// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A hostile host: calls in any order from four harts, most of them such that
 * they may succeed, some with an argument that must not. An input is a list of
 * records of 8 bytes, one for each call. Another hart makes its call in the
 * middle of one, between two of the monitor's accesses at which no lock is held.
 */
#include "mutate.h"
#include "must.h"
#include "start.h"
#include "watch.h"

#include <sbi/riscv_encoding.h>
#include <sbi/sbi_ecall_interface.h>

#define HARTS	    4U
#define TVMS	    4U
#define AREA	    48U /* pages of the arena for each TVM; the rest is for all */
#define GPAGES	    16U
#define VCPUS	    3U
#define NEVER	    (~0UL)
#define INTERRUPT   (1UL << 63)
#define A0	    10
#define MARK	    0x5ec2e70000000000UL
#define IS_MARK(x)  ((x) >> 40 == MARK >> 40)
#define TVM_AREA(k) (ARENA + (k)*AREA * PAGE)

enum op {
	OP_MAKE,  /* all calls that a TVM needs */
	OP_SERVE, /* what an exit asks for */
	OP_FENCE_ALL,
	OP_CONVERT,
	OP_RECLAIM,
	OP_GLOBAL_FENCE,
	OP_LOCAL_FENCE,
	OP_HART,
	OP_SHMEM,
	OP_SCRIBBLE,
	OP_INFO,
	OP_STATS,
	OP_MEASUREMENT,
	OP_CREATE,
	OP_TABLE_PAGES,
	OP_REGION,
	OP_VCPU,
	OP_MEASURED,
	OP_FINALIZE,
	OP_ZERO,
	OP_SHARED,
	OP_RUN,
	OP_TVM_FENCE,
	OP_BLOCK,
	OP_UNBLOCK,
	OP_REMOVE,
	OP_DESTROY,
	OP_ANY,
	OPS
};

/**
 * struct record - one call
 * @tvm, @x, @y: whose, and what of it
 * @wild: from WILD_FROM on an argument is wild, @wild % 8 says which
 * @when: 0, or where in the call the next record's hart interferes
 */
struct record {
	u8 op, hart, tvm, x, y, wild, when, seed;
};
_Static_assert(sizeof(struct record) == RECORD_SIZE, "record");
#define WILD_FROM 176

/* struct known - what the host knows of a TVM that it has made: enough to go on with it */
static struct known {
	unsigned long gid;
	unsigned long vcpu, cause, a0, a1, gpa; /* of its last exit */
} known[TVMS];

static const struct record *at, *end;
static const struct record *now; /* the record of the call that begins */
static u64 rng;
static bool bad; /* an argument can never be right */
static bool in_call[HARTS], stopped[HARTS];
static struct record running[HARTS];
static unsigned long changes; /* calls made so far */
static unsigned long executions, operations;
static unsigned long made[OPS], done[OPS];

static u64 below(u64 n)
{
	return unit_below(&rng, n);
}

static bool one_in(u64 n)
{
	return !below(n);
}

static void one_record(void);

static bool free_hart(unsigned int h)
{
	return !in_call[h] && !stopped[h];
}

/* In the middle of a call, a hart that is free takes the next record. */
static void interfere(void)
{
	unsigned int i, first;

	if (at == end || watch_depth() >= WATCH_DEPTH)
		return;
	first = at->hart % HARTS;
	for (i = 0; i < HARTS; i++) {
		fake_hart = (first + i) % HARTS;
		if (free_hart(fake_hart)) {
			one_record();
			return;
		}
	}
}

static pmptable_field_t fields_before[WATCH_DEPTH][RAM_PAGES];

static bool is_free(pmptable_field_t field)
{
	return field == PMPTABLE_UNASSIGNED || field == PMPTABLE_CONVERTING;
}

/* Converted pages are of no TVM, whether they have been or not. */
static bool same_owners(const pmptable_field_t *before, const pmptable_field_t *after)
{
	unsigned int i;

	for (i = 0; i < RAM_PAGES; i++)
		if (before[i] != after[i] && !(is_free(before[i]) && is_free(after[i])))
			return false;
	return true;
}

/* A call that fails, with nobody in between, changes the owner of no page. */
static long call(unsigned long eid, unsigned long fid, const unsigned long a[6])
{
	const pmptable_field_t *fields = cove.table.banks[0].leaves;
	unsigned int self = fake_hart, depth = watch_depth();
	unsigned long change = ++changes;
	u8 when = now->when;
	bool must_fail = bad;
	long rc;

	memcpy(fields_before[depth], fields, sizeof(fields_before[0]));
	in_call[self] = true;
	watch_begin(interfere, when ? (unsigned long)when * when / 4 : NEVER);
	rc = host_call(eid, fid, a);
	watch_end();
	in_call[self] = false;
	MUST(fake_hart == self, "another hart returned");
	MUST(rc <= 0 && rc >= -14, "%lx %lu: %ld is no error code", eid, fid, rc);
	MUST(!rc || changes != change || same_owners(fields_before[depth], fields),
	     "%lx %lu: %ld, and yet pages have changed", eid, fid, rc);
	MUST(!must_fail || rc, "%lx %lu (%lx, %lx, %lx, %lx, %lx, %lx) succeeds", eid, fid, a[0],
	     a[1], a[2], a[3], a[4], a[5]);
	bad = false;
	return rc;
}

#undef CALL
#define CALL(eid, fid, ...) call(eid, fid, (const unsigned long[6]){ __VA_ARGS__ })

/* The TVM that the record means: one that lives, if any does. */
static struct known *known_tvm(void)
{
	unsigned int i, first = now->tvm % TVMS;

	for (i = 0; i < TVMS; i++)
		if (known[(first + i) % TVMS].gid)
			return &known[(first + i) % TVMS];
	return &known[first];
}

static u64 area_of(const struct known *k)
{
	return TVM_AREA((u64)(k - known));
}

static bool wild(unsigned int argument)
{
	return now->wild >= WILD_FROM && now->wild % 8 == argument;
}

/* A page that is in no bank of RAM, or the monitor's, or no page. */
static u64 never_a_page(u64 good)
{
	const u64 some[] = { 0,
			     good | 8,
			     good | 1,
			     good + PAGE - 1,
			     0x10000000UL,
			     FAKE_RAM_BASE,
			     FAKE_RAM_BASE + FIRMWARE_SIZE - PAGE,
			     RAM_END,
			     ~0UL & -PAGE,
			     ~0UL,
			     1UL << 63,
			     1UL << 56 | good,
			     1UL << 63 | good,
			     1UL << 52,
			     -2 * PAGE };

	bad = true;
	return some[below(sizeof(some) / sizeof(some[0]))];
}

/* Ends, edges, and pages of somebody else's. */
static u64 odd_page(void)
{
	const u64 some[] = { HOST_BASE,	     HOST_BASE - PAGE, RAM_END - PAGE, RAM_END - 2 * PAGE,
			     NACL(0) + PAGE, NACL(3),	       BUFFER,	       SOURCE,
			     ARENA - PAGE };
	u64 k = below(sizeof(some) / sizeof(some[0]) + 4);

	return k < 4 ? TVM_AREA(k) + below(AREA) * PAGE : some[k - 4];
}

static u64 arg_wild_page(u64 good)
{
	return one_in(3) ? odd_page() : never_a_page(good);
}

/* A page of the TVM's area that is (mostly) in this state. */
static u64 arg_page(unsigned int argument, u32 state)
{
	u64 area = area_of(known_tvm()), i, pa = area + now->x % AREA * PAGE;

	for (i = 0; i < AREA; i++) {
		u64 next = area + (now->x + i) % AREA * PAGE;

		if (field_at(next) == state ||
		    (state == PMPTABLE_UNASSIGNED && field_at(next) == PMPTABLE_CONVERTING)) {
			pa = next;
			break;
		}
	}
	return wild(argument) ? arg_wild_page(pa) : pa;
}

static u64 arg_count(unsigned int argument, u64 most)
{
	const u64 some[] = { 0, ~0UL, 1UL << 52, (1UL << 52) + 1, 1UL << 63, most + 1, 1UL << 51 };

	if (!wild(argument))
		return now->y % 4 ? 1 : 1 + now->y / 4 % 8;
	if (one_in(4)) /* half of it is somebody else's, perhaps */
		return 1 + below(2 * AREA);
	bad = true;
	return some[below(7)];
}

static unsigned long arg_gid(unsigned int argument)
{
	unsigned long gid = known_tvm()->gid;
	const unsigned long some[] = {
		0, ~0UL,   gid + (1UL << 16), gid - (1UL << 16), gid | 1UL << 63, gid & 0xffff,
		2, 0xffff,
	};

	if (!gid)
		bad = true;
	if (!wild(argument))
		return gid;
	bad = true;
	return some[below(8)];
}

static bool is_mapped(const struct tvm *tvm, u64 gpa, bool blocked)
{
	enum gstage_leaf kind;
	u64 pa;

	kind = cove_gstage_get(tvm, gpa, &pa);
	return blocked ? kind == GSTAGE_BLOCKED || kind == GSTAGE_BLOCKED_SHARED
		       : kind == GSTAGE_DATA || kind == GSTAGE_SHARED;
}

enum place { PLACE_ANY, PLACE_EMPTY, PLACE_SHARED, PLACE_MAPPED, PLACE_BLOCKED, PLACE_REMOVABLE };

static bool is_place(const struct tvm *tvm, u64 gpa, enum place place)
{
	switch (place) {
	case PLACE_EMPTY:
		return cove_gstage_empty(tvm, gpa, PAGE);
	case PLACE_SHARED:
		return cove_region_type(tvm, gpa) == REGION_SHARED;
	case PLACE_MAPPED:
		return is_mapped(tvm, gpa, false);
	case PLACE_BLOCKED:
		return is_mapped(tvm, gpa, true);
	case PLACE_REMOVABLE:
		return is_mapped(tvm, gpa, true) &&
		       cove_region_is(tvm, gpa, PAGE, REGION_CONF_REMOVABLE,
				      REGION_SHARED_REMOVABLE);
	default:
		return true;
	}
}

/* A page of the guest's where the call is (mostly) of use */
static u64 good_gpa(enum place place)
{
	const struct tvm *tvm = NULL;
	unsigned int i;

	for (i = 0; i < COVE_MAX_TVMS && !tvm && known_tvm()->gid; i++)
		if (cove.slot[i].tvm && cove.slot[i].tvm->gid == known_tvm()->gid)
			tvm = cove.slot[i].tvm;
	/* what the guest asked to share */
	if ((place == PLACE_MAPPED || place == PLACE_BLOCKED) && now->y & 1 &&
	    known_tvm()->cause == CAUSE_VIRTUAL_SUPERVISOR_ECALL)
		return known_tvm()->a0;
	for (i = 0; i < GPAGES && tvm; i++) {
		u64 gpa = GUEST_RAM + (now->x + i) % GPAGES * PAGE;

		if (is_place(tvm, gpa, place))
			return gpa;
	}
	return GUEST_RAM + now->x % GPAGES * PAGE;
}

static u64 arg_gpa(unsigned int argument, enum place place)
{
	u64 gpa = good_gpa(place), limit = cove_gstage_gpa_limit();
	const u64 never[] = { gpa | 1, gpa | 0x800, limit, ~0UL & -PAGE, 1UL << 63, limit + gpa };
	const u64 odd[] = { 0, limit - PAGE, GUEST_RAM + GPAGES * PAGE, GUEST_RAM - PAGE };

	if (!wild(argument))
		return gpa;
	if (one_in(3))
		return odd[below(4)];
	bad = true;
	return never[below(6)];
}

static u64 arg_len(unsigned int argument)
{
	const u64 never[] = { 0, 1, PAGE - 1, ~0UL, -PAGE, 1UL << 63, cove_gstage_gpa_limit() };

	if (!wild(argument))
		return (now->y % 4 ? 1 : 1 + now->y / 4 % 3) * PAGE;
	bad = true;
	return never[below(7)];
}

static u64 arg_type(unsigned int argument)
{
	if (!wild(argument))
		return COVE_PAGE_4K;
	bad = true;
	return COVE_PAGE_512G + 1 + below(9);
}

static unsigned long arg_vcpu(unsigned int argument)
{
	const unsigned long never[] = { COVE_MAX_VCPUS, ~0UL, 1UL << 32, 1UL << 63 };

	if (!wild(argument))
		return now->y % 4 ? known_tvm()->vcpu : now->y / 4 % VCPUS;
	bad = true;
	return never[below(4)];
}

static u64 own_buffer(void)
{
	return BUFFER + fake_hart * 4 * PAGE;
}

/* A buffer of the host's; what is no RAM of its is never one. */
static u64 arg_buffer(unsigned int argument, u64 align)
{
	u64 good = own_buffer() + now->x % 32 * 64;
	const u64 never[] = { FAKE_RAM_BASE, FAKE_RAM_BASE + 64, HOST_BASE - 64,  RAM_END,
			      0x10000000UL,  ~0UL & -align,	 1UL << 63 | good };

	if (!wild(argument))
		return good;
	if (one_in(3))
		return ARENA + below(TVMS * AREA) * PAGE;
	bad = true;
	return one_in(3) && align > 1 ? good + 1 : never[below(7)];
}

/* Length of a buffer of at least @min bytes */
static u64 arg_buffer_len(unsigned int argument, u64 min)
{
	const u64 never[] = { 0, min - 1, ~0UL, 1UL << 63, -BUFFER };

	if (!wild(argument))
		return min;
	bad = true;
	return never[below(5)];
}

/* The guest, which leaves marks in its memory and traps. */

static void guest_ecall(struct cove_vcpu *vcpu)
{
	static const unsigned long eids[] = { SBI_EXT_COVG,   SBI_EXT_COVG,
					      SBI_EXT_COVG,   SBI_EXT_DBCN,
					      SBI_EXT_IPI,    SBI_EXT_HSM,
					      SBI_EXT_RFENCE, 1,
					      SBI_EXT_TIME };
	unsigned long *a = &vcpu->gpr[A0];
	unsigned int i;

	vcpu->trap.cause = CAUSE_VIRTUAL_SUPERVISOR_ECALL;
	a[7] = eids[below(9)];
	a[6] = below(6);
	for (i = 0; i < 6; i++)
		a[i] = below(4);
	if (a[7] == SBI_EXT_COVG || a[7] == SBI_EXT_DBCN) {
		a[a[7] == SBI_EXT_DBCN] = GUEST_RAM + below(GPAGES) * PAGE;
		a[a[7] == SBI_EXT_COVG] = (1 + below(3)) * PAGE;
	}
	if (a[7] == SBI_EXT_COVG && one_in(2))
		a[6] = SBI_COVG_SHARE_MEMORY_REGION;
	if (a[7] == SBI_EXT_HSM)
		a[1] = GUEST_RAM;
}

static void mark_page(struct cove_vcpu *vcpu, unsigned long gid)
{
	struct tvm *tvm = cove.slot[(gid & 0xffff) - PMPTABLE_ID_TVM_FIRST].tvm;
	u64 gpa = GUEST_RAM + below(GPAGES) * PAGE, mark = MARK ^ gid << 16 ^ gpa >> 12, pa;
	u64 *word;

	if (cove_gstage_get(tvm, gpa, &pa) != GSTAGE_DATA)
		return;
	word = (u64 *)arch_ptr(pa) + 8 + vcpu->id;
	MUST(!*word || *word == mark, "0x%lx of a guest's memory is 0x%lx", gpa, *word);
	*word = mark;
}

static void guest(struct cove_vcpu *vcpu, void *arg)
{
	const struct record *r = arg;
	u64 gpa = GUEST_RAM + below(GPAGES) * PAGE;
	unsigned int self = fake_hart;

	watch_pause(true);
	mark_page(vcpu, known[r->tvm % TVMS].gid);
	if (r->when && one_in(2) && watch_depth() < WATCH_DEPTH) {
		watch_pause(false);
		interfere();
		watch_pause(true);
		fake_hart = self;
	}
	vcpu->trap = (struct cove_trap){ .cause = INTERRUPT | IRQ_S_TIMER };
	switch (below(5)) {
	case 0:
	case 1:
		guest_ecall(vcpu);
		break;
	case 2:
		vcpu->trap = (struct cove_trap){ 20 + below(4), 0, gpa >> 2, 0 };
		break;
	case 3: /* a device, when the TVM has any */
		vcpu->trap = (struct cove_trap){ CAUSE_STORE_GUEST_PAGE_FAULT, 0, 0x10000000 >> 2,
						 0x00a02023 };
		break;
	}
	watch_pause(false);
}

static long run(void)
{
	unsigned long gid = arg_gid(1), id = arg_vcpu(2);
	struct known *k = known_tvm();
	unsigned int self = fake_hart;
	long rc;

	running[self] = *now;
	running[self].tvm = (u8)(k - known);
	fake_harts[self].guest = guest;
	fake_harts[self].guest_arg = &running[self];
	rc = CALL(SBI_EXT_COVH, SBI_COVH_RUN_TVM_VCPU, gid, id);
	/* Another hart may have set other memory, or none, for this one: not here. */
	if (rc || gid != k->gid || !cove.hart[self]->pin[COVE_PIN_NACL].len)
		return rc;
	k->vcpu = id;
	k->cause = fake_harts[self].scause;
	k->a0 = *nacl(NACL_GPR_OFFSET(A0));
	k->a1 = *nacl(NACL_GPR_OFFSET(A0 + 1));
	k->gpa = *nacl(NACL_CSR_OFFSET(CSR_HTVAL)) << 2;
	*nacl(NACL_GPR_OFFSET(A0)) = one_in(4) ? unit_rand(&rng) : 0;
	*nacl(NACL_GPR_OFFSET(A0 + 1)) = unit_rand(&rng);
	return rc;
}

/* What a host does with the last exit, with @now's wild arguments. */
static long serve(void)
{
	struct known *k = known_tvm();
	unsigned long gid = k->gid, gpa = k->gpa, len = k->a1;

	if (!gid)
		return -1;
	if (k->cause == CAUSE_VIRTUAL_SUPERVISOR_ECALL) {
		gpa = k->a0;
		if (len > 4 * PAGE)
			return -1;
		for (; len >= PAGE; len -= PAGE, gpa += PAGE) {
			CALL(SBI_EXT_COVH, SBI_COVH_TVM_INVALIDATE_PAGES, gid, gpa, PAGE);
			CALL(SBI_EXT_COVH, SBI_COVH_TVM_FENCE, gid);
			CALL(SBI_EXT_COVH, SBI_COVH_TVM_REMOVE_PAGES, gid, gpa, PAGE);
		}
		return 0;
	}
	if (!CALL(SBI_EXT_COVH, SBI_COVH_ADD_TVM_SHARED_PAGES, gid, SOURCE + now->x % 64 * PAGE, 0,
		  1, gpa))
		return 0;
	return CALL(SBI_EXT_COVH, SBI_COVH_ADD_TVM_ZERO_PAGES, gid,
		    arg_page(2, PMPTABLE_UNASSIGNED), 0, 1, gpa);
}

static long local_fence_on(unsigned int h)
{
	unsigned int self = fake_hart;
	long rc;

	fake_hart = h;
	rc = CALL(SBI_EXT_COVH, SBI_COVH_LOCAL_FENCE);
	fake_hart = self;
	return rc;
}

static long fence_harts(void)
{
	long rc = CALL(SBI_EXT_COVH, SBI_COVH_GLOBAL_FENCE);
	unsigned int i;

	for (i = 0; i < HARTS; i++)
		if (free_hart(i))
			local_fence_on(i);
	return rc;
}

static long create(void)
{
	u64 area = TVM_AREA(now->tvm % TVMS);
	struct tvm_create_params p = { area, area + 4 * PAGE, !(now->y & 1) };
	struct tvm_create_params *to = arch_ptr(own_buffer());
	u64 params = own_buffer(), len;
	long rc;

	if (wild(1))
		p.tvm_page_directory_addr =
			one_in(2) ? arg_wild_page(area) : p.tvm_page_directory_addr + PAGE;
	if (wild(2))
		p.tvm_state_addr = arg_wild_page(area);
	if (wild(3)) {
		p.tvm_flags = ~0UL << below(63) << 1;
		bad = true;
	}
	*to = p;
	if (wild(4))
		params = arg_buffer(4, 8);
	/* Flags are read from 24 bytes on. */
	len = wild(5)		      ? arg_buffer_len(5, TVM_CREATE_PARAMS_MIN_LEN)
	      : now->y & 1 || wild(3) ? 24
				      : 16;
	rc = CALL(SBI_EXT_COVH, SBI_COVH_CREATE_TVM, params, len);
	if (!rc && !known[now->tvm % TVMS].gid)
		known[now->tvm % TVMS] = (struct known){ .gid = call_value };
	return rc;
}

static long destroy(struct known *k, unsigned long gid)
{
	long rc = CALL(SBI_EXT_COVH, SBI_COVH_DESTROY_TVM, gid);

	if (!rc && gid == k->gid)
		*k = (struct known){ 0 };
	return rc;
}

/* A TVM in @y's state, out of its area. Other harts interfere at one place of each call. */
static long make(void)
{
	u64 area = TVM_AREA(now->tvm % TVMS), next = area + (4 + COVE_TVM_STATE_PAGES) * PAGE;
	struct known *k = &known[now->tvm % TVMS];
	unsigned long i;

	if (k->gid && (now->seed % 4 || destroy(k, k->gid)))
		return -1;
	CALL(SBI_EXT_COVH, SBI_COVH_RECLAIM_PAGES, area, AREA);
	CALL(SBI_EXT_COVH, SBI_COVH_CONVERT_PAGES, area, AREA);
	for (i = 0; i < 2; i++)
		fence_harts();
	if (create())
		return -1;
	CALL(SBI_EXT_COVH, SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, k->gid, next, 6);
	next += 6 * PAGE;
	CALL(SBI_EXT_COVH, SBI_COVH_ADD_TVM_MEMORY_REGION, k->gid, GUEST_RAM, GPAGES * PAGE);
	for (i = 0; i <= (now->y % 4 == 3 ? 0 : now->x % VCPUS);
	     i++, next += cove_vcpu_state_pages() * PAGE)
		CALL(SBI_EXT_COVH, SBI_COVH_CREATE_TVM_VCPU, k->gid, i, next);
	if (now->x >= 240) /* hashing is slow */
		CALL(SBI_EXT_COVH, SBI_COVH_ADD_TVM_MEASURED_PAGES, k->gid, SOURCE, next, 0, 1,
		     GUEST_RAM);
	if (now->y % 4 == 3)
		return 0;
	CALL(SBI_EXT_COVH, SBI_COVH_FINALIZE_TVM, k->gid, GUEST_RAM, 0, 0);
	CALL(SBI_EXT_COVH, SBI_COVH_ADD_TVM_ZERO_PAGES, k->gid, next + PAGE, 0, 4,
	     GUEST_RAM + PAGE);
	return CALL(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, NACL(fake_hart));
}

/* HSM: stop, or start again; the first hart stays. */
static long hart_up_or_down(void)
{
	unsigned int h = 1 + now->x % (HARTS - 1), self = fake_hart;

	if (in_call[h] || h == self)
		return -1;
	fake_hart = h;
	watch_pause(true);
	if (stopped[h])
		MUST(!cove_hart_online(cove.hart[h]), "not online");
	else
		cove_hart_offline(cove.hart[h]);
	watch_pause(false);
	stopped[h] = !stopped[h];
	fake_hart = self;
	return 0;
}

/* The host writes to memory that is its own, whatever it was for. */
static long scribble(void)
{
	u64 pa = (now->x & 1 ? BUFFER : NACL(0)) + below(16 * PAGE) / 8 * 8;

	if (field_at(pa) != PMPTABLE_HOST && field_at(pa) != PMPTABLE_HOST_SHARED)
		return -1;
	*(u64 *)arch_ptr(pa) = one_in(2) ? unit_rand(&rng) : arg_wild_page(pa);
	bad = false;
	return 0;
}

static long set_shmem(void)
{
	u64 lo = NACL(fake_hart), hi = 0, flags = 0;

	if (wild(1))
		lo = arg_wild_page(lo);
	if (wild(2))
		hi = unit_rand(&rng) | 1, bad = true;
	if (wild(3))
		flags = unit_rand(&rng) | 1, bad = true;
	if (now->y % 16 == 15)
		lo = hi = ~0UL, bad = flags;
	return CALL(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, lo, hi, flags);
}

static long finalize(void)
{
	u64 identity = now->y & 1 ? 0 : own_buffer() + now->x % 4 * 64;

	if (wild(2))
		identity = arg_buffer(2, 64);
	return CALL(SBI_EXT_COVH, SBI_COVH_FINALIZE_TVM, arg_gid(1), GUEST_RAM, now->x, identity);
}

/* Any call with any arguments: nothing is said of its result. */
static long any_call(void)
{
	static const unsigned long eids[] = { SBI_EXT_COVH,    SBI_EXT_COVH, SBI_EXT_COVH,
					      SBI_EXT_NACL,    SBI_EXT_SUPD, SBI_EXT_COVI,
					      SBI_EXT_COVESBI, SBI_EXT_COVG };
	unsigned long a[6], fid = below(24);
	unsigned int i;

	for (i = 0; i < 6; i++)
		a[i] = one_in(3) ? unit_rand(&rng) : one_in(2) ? arg_wild_page(SOURCE) : below(80);
	if (one_in(8))
		fid |= 1UL << below(64);
	/* guests need what a hart knows of its host */
	if (fid % (COVE_FID_MASK + 1) == SBI_COVH_RUN_TVM_VCPU)
		fid++;
	bad = false;
	return call(eids[below(8)], fid, a);
}

static long covh(const struct record *r)
{
	unsigned long gid;

	switch (r->op % OPS) {
	case OP_CONVERT:
		return CALL(SBI_EXT_COVH, SBI_COVH_CONVERT_PAGES, arg_page(1, PMPTABLE_HOST),
			    arg_count(2, COVE_MAX_CONVERT_PAGES));
	case OP_RECLAIM:
		return CALL(SBI_EXT_COVH, SBI_COVH_RECLAIM_PAGES, arg_page(1, PMPTABLE_UNASSIGNED),
			    arg_count(2, COVE_MAX_SCRUB_PAGES));
	case OP_TABLE_PAGES:
		gid = arg_gid(1);
		return CALL(SBI_EXT_COVH, SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, gid,
			    arg_page(2, PMPTABLE_UNASSIGNED), arg_count(3, COVE_MAX_SCRUB_PAGES));
	case OP_REGION:
		gid = arg_gid(1);
		return CALL(SBI_EXT_COVH, SBI_COVH_ADD_TVM_MEMORY_REGION, gid,
			    arg_gpa(2, PLACE_ANY) + (r->y & 1 ? 0 : GPAGES * PAGE), arg_len(3));
	case OP_VCPU:
		gid = arg_gid(1);
		return CALL(SBI_EXT_COVH, SBI_COVH_CREATE_TVM_VCPU, gid,
			    now->wild >= WILD_FROM ? arg_vcpu(2) : 1 + r->y % 2,
			    arg_page(3, PMPTABLE_UNASSIGNED));
	case OP_MEASURED:
		gid = arg_gid(1);
		return CALL(SBI_EXT_COVH, SBI_COVH_ADD_TVM_MEASURED_PAGES, gid,
			    wild(2) ? arg_wild_page(SOURCE) : SOURCE + r->x % 64 * PAGE,
			    arg_page(3, PMPTABLE_UNASSIGNED), arg_type(4),
			    now->wild >= WILD_FROM ? arg_count(5, COVE_MAX_MEASURED_PAGES) : 1,
			    arg_gpa(6, PLACE_EMPTY));
	case OP_ZERO:
		gid = arg_gid(1);
		return CALL(SBI_EXT_COVH, SBI_COVH_ADD_TVM_ZERO_PAGES, gid,
			    arg_page(2, PMPTABLE_UNASSIGNED), arg_type(3),
			    arg_count(4, COVE_MAX_SCRUB_PAGES), arg_gpa(5, PLACE_EMPTY));
	case OP_SHARED:
		gid = arg_gid(1);
		return CALL(SBI_EXT_COVH, SBI_COVH_ADD_TVM_SHARED_PAGES, gid,
			    wild(2) ? arg_wild_page(SOURCE) : SOURCE + r->x % 64 * PAGE,
			    arg_type(3), arg_count(4, COVE_MAX_SCRUB_PAGES),
			    arg_gpa(5, PLACE_SHARED));
	case OP_BLOCK:
		gid = arg_gid(1);
		return CALL(SBI_EXT_COVH, SBI_COVH_TVM_INVALIDATE_PAGES, gid,
			    arg_gpa(2, PLACE_MAPPED), arg_len(3));
	case OP_UNBLOCK:
		gid = arg_gid(1);
		return CALL(SBI_EXT_COVH, SBI_COVH_TVM_VALIDATE_PAGES, gid,
			    arg_gpa(2, PLACE_BLOCKED), arg_len(3));
	default:
		gid = arg_gid(1);
		return CALL(SBI_EXT_COVH, SBI_COVH_TVM_REMOVE_PAGES, gid,
			    arg_gpa(2, PLACE_REMOVABLE), arg_len(3));
	}
}

static long act(const struct record *r)
{
	switch (r->op % OPS) {
	case OP_MAKE:
		return make();
	case OP_SERVE:
		return serve();
	case OP_FENCE_ALL:
		return fence_harts();
	case OP_GLOBAL_FENCE:
		return CALL(SBI_EXT_COVH, SBI_COVH_GLOBAL_FENCE);
	case OP_LOCAL_FENCE:
		return CALL(SBI_EXT_COVH, SBI_COVH_LOCAL_FENCE);
	case OP_HART:
		return hart_up_or_down();
	case OP_SHMEM:
		return set_shmem();
	case OP_SCRIBBLE:
		return scribble();
	case OP_INFO:
		return CALL(SBI_EXT_COVH, SBI_COVH_GET_TSM_INFO, arg_buffer(1, 4),
			    arg_buffer_len(2, sizeof(struct tsm_info)));
	case OP_STATS:
		return CALL(SBI_EXT_COVESBI, SBI_COVESBI_GET_STATS, arg_buffer(1, 4),
			    arg_buffer_len(2, sizeof(struct covesbi_stats)));
	case OP_MEASUREMENT:
		return CALL(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, arg_gid(1), r->y % 8,
			    arg_buffer(3, 1), COVE_HASH_LEN);
	case OP_CREATE:
		return create();
	case OP_FINALIZE:
		return finalize();
	case OP_RUN:
		return run();
	case OP_TVM_FENCE:
		return CALL(SBI_EXT_COVH, SBI_COVH_TVM_FENCE, arg_gid(1));
	case OP_DESTROY:
		return destroy(known_tvm(), arg_gid(1));
	case OP_ANY:
		return any_call();
	default:
		return covh(r);
	}
}

/* The next record, on the hart that calls. */
static void one_record(void)
{
	const struct record *r = at++, *before = now;
	bool was_bad = bad;

	now = r;
	rng = r->seed + 256UL * r->x + 65536UL * r->y;
	bad = false;
	operations++;
	made[r->op % OPS]++;
	done[r->op % OPS] += !act(r);
	now = before;
	bad = was_bad;
}

/* No page that is a TVM's is in reach of a hart that runs the host. */
static void check_reach(void)
{
	unsigned int h;
	u64 pa;

	for (pa = HOST_BASE; pa < RAM_END; pa += PAGE) {
		u32 field = field_at(pa);

		if (PMPTABLE_FIELD_ID(field) < PMPTABLE_ID_TVM_FIRST)
			continue;
		for (h = 0; h < HARTS; h++)
			MUST(stopped[h] || !fake_pmp_allows(&fake_harts[h], pa),
			     "page 0x%lx of a TVM is in reach of hart %u", pa, h);
	}
}

static void reclaim_all(void)
{
	unsigned int i;
	u64 pa;

	for (pa = HOST_BASE; pa < RAM_END; pa += PAGE) {
		if (field_at(pa) != PMPTABLE_HOST)
			MUST(!host_call(SBI_EXT_COVH, SBI_COVH_RECLAIM_PAGES,
					(const unsigned long[6]){ pa, 1 }),
			     "page 0x%lx is lost", pa);
		for (i = 0; i < PAGE / 8; i++)
			MUST(!IS_MARK(((u64 *)arch_ptr(pa))[i]), "page 0x%lx holds a guest's mark",
			     pa);
	}
}

/* Every TVM ends, every page goes back, no guest's word is left, and the monitor answers. */
static void clean_up(void)
{
	unsigned int i;

	for (i = 0; i < HARTS; i++) {
		fake_hart = i;
		if (stopped[i])
			MUST(!cove_hart_online(cove.hart[i]), "not online");
	}
	for (i = 0; i < COVE_MAX_TVMS; i++)
		if (cove.slot[i].tvm)
			MUST(!host_call(SBI_EXT_COVH, SBI_COVH_DESTROY_TVM,
					(const unsigned long[6]){ cove.slot[i].tvm->gid }),
			     "a TVM cannot be destroyed");
	reclaim_all();
	for (i = 0; i < HARTS; i++) {
		fake_hart = i;
		MUST(!host_call(SBI_EXT_COVH, SBI_COVH_LOCAL_FENCE, (const unsigned long[6]){ 0 }),
		     "no fence");
	}
	check_invariants();
	MUST(cove.table.count[PMPTABLE_KIND_HOST] == RAM_PAGES - FIRMWARE_SIZE / PAGE,
	     "memory is missing");
	MUST(!host_call(SBI_EXT_COVH, SBI_COVH_GET_TSM_INFO,
			(const unsigned long[6]){ BUFFER, sizeof(struct tsm_info) }),
	     "the monitor does not answer");
}

static struct record random_record(unsigned int op)
{
	struct record r;

	mutate_record(&r);
	r.op = (u8)op;
	r.when = r.when & 1 ? 0 : mutate_byte() >> (mutate_byte() % 6);
	return r;
}

/* A TVM and what may be done with it; or any call. */
static unsigned int phrase(void *records)
{
	static const u8 life[] = { OP_MAKE,  OP_RUN, OP_BLOCK,	OP_TVM_FENCE, OP_REMOVE, OP_SERVE,
				   OP_SERVE, OP_RUN, OP_SHARED, OP_RUN,	      OP_DESTROY };
	unsigned int i, n = 1 + mutate_byte() % (unsigned int)sizeof(life);
	u8 tvm = mutate_byte(), x = mutate_byte(), y = mutate_byte();
	struct record *r = records;

	if (mutate_byte() % 4) {
		r[0] = random_record(mutate_byte() % OPS);
		return 1;
	}
	for (i = 0; i < n; i++) {
		r[i] = random_record(life[i]);
		r[i].tvm = tvm;
		if (mutate_byte() % 4)
			r[i].x = x;
		if (mutate_byte() % 4)
			r[i].y = y;
		if (mutate_byte() % 8)
			r[i].wild = 0;
	}
	return n;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	return mutate_records(data, size, max, seed, phrase);
}

static void report(void)
{
	unsigned int i;

	printf("executions %lu operations %lu\n", executions, operations);
	printf("host: %lu fetches of the host's memory, %lu calls in the middle of others\n",
	       watch_fetches, watch_switches);
	for (i = 0; i < OPS; i++) {
		printf("op %u: %lu of %lu succeeded\n", i, done[i], made[i]);
		if (executions > 1000 && !done[i])
			printf("no operation %u had an effect\n", i);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int steps = 0;

	if (size < sizeof(struct record) + 1)
		return 0;
	executions++;
	watch_reset();
	machine_boot(HARTS, 3 + data[0] % 3);
	memset(known, 0, sizeof(known));
	memset(in_call, 0, sizeof(in_call));
	memset(stopped, 0, sizeof(stopped));
	at = (const struct record *)(data + 1);
	end = at + (size - 1) / sizeof(struct record);
	while (at < end) {
		fake_hart = at->hart % HARTS;
		if (stopped[fake_hart])
			fake_hart = 0;
		one_record();
		if (!(++steps % 16)) {
			check_invariants();
			check_reach();
		}
	}
	check_invariants();
	check_reach();
	clean_up();
	return 0;
}
