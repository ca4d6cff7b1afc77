// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Refill and windows: two harts run instructions of the host and of its VM, change
 * page tables, fence, convert and reclaim, in any order. An input is a byte for the
 * machine and a list of records of 8 bytes. A hart is walk_model.c with a TLB,
 * behind the checker of pmp_spec.h; what it does not delegate goes to cove_host_trap().
 *
 * An access may get to what the host's tables have said since the last fence, in
 * pages that are the host's. A fault that the host gets is the one that it
 * would get from hardware that knows owners. Neither takes more than MAX_TRAPS.
 */
#include "fuzz_window_model.h"
#include "mutate.h"
#include "pmp_spec.h"
#include "start.h"

#include "cove_pte.h"
#include <cove/defence.h>
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_ecall_interface.h>

#define TABLES(hart) (FAKE_RAM_BASE + 0x100000UL * (1 + (hart)))
#define BARRIER	     (FAKE_RAM_BASE + 0x80000UL)
#define VM_OFFSET    0x200000000UL /* of the VM's page tables, as it sees them */
#define LEAF_BITS    (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
#define MAX_TRAPS    400
#define TLB_SIZE     16U
#define INTERRUPT    (1UL << 63)
#define DEVICE	     0x10000000UL
#define DELEGATED    0xb0b000UL /* page faults and guest page faults */
#define OPERAND	     1024UL	/* where operands lie in a page; code is before */
#define WORDS	     8UL

enum op {
	OP_RUN,
	OP_MAP,
	OP_MAP_SECOND,
	OP_LARGE,
	OP_CUT,
	OP_VM_MAP,
	OP_SATP,
	OP_HGATP,
	OP_FENCE,
	OP_FENCE_SECOND,
	OP_REMOTE,
	OP_CONVERT,
	OP_RECLAIM,
	OP_LOCAL_FENCE,
	OP_WORLD,
	OP_INTERRUPT,
	OPS
};

/* struct record - one step; what @a to @e mean depends */
struct record {
	u8 op, hart, a, b, c, d, e, flags;
};
_Static_assert(sizeof(struct record) == RECORD_SIZE, "record");

#define FLAG_USER  0x01
#define FLAG_SUM   0x02
#define FLAG_MXR   0x04
#define FLAG_CROSS 0x08
#define FLAG_TINST 0x10

enum kind {
	LOAD,
	STORE,
	JUMP,
	CLEAN,
	HLV,
	HSV,
	HLVX,
	WRITE_SATP,
	WRITE_HGATP,
	SFENCE,
	HFENCE,
	KINDS
};
#define RUNS 7U /* those of OP_RUN */

static const struct insn {
	u32 code;
	enum cove_walk_access access;
	unsigned int len; /* of the operand in memory; 0: none */
} insns[KINDS] = {
	[LOAD] = { 0x00053583, WALK_LOAD, 8 },	      /* ld a1, 0(a0) */
	[STORE] = { 0x00b53023, WALK_STORE, 8 },      /* sd a1, 0(a0) */
	[JUMP] = { 0x00000013, WALK_FETCH, 0 },	      /* nop */
	[CLEAN] = { 0x0015200f, WALK_LOAD, 8 },	      /* cbo.clean (a0) */
	[HLV] = { 0x6c0545f3, WALK_LOAD, 8 },	      /* hlv.d a1, (a0) */
	[HSV] = { 0x6eb54073, WALK_STORE, 8 },	      /* hsv.d a1, (a0) */
	[HLVX] = { 0x683545f3, WALK_LOAD, 4 },	      /* hlvx.wu a1, (a0) */
	[WRITE_SATP] = { 0x18051073, WALK_FETCH, 0 }, /* csrw satp, a0 */
	[WRITE_HGATP] = { 0x68051073, WALK_FETCH, 0 },
	[SFENCE] = { 0x12050073, WALK_FETCH, 0 }, /* sfence.vma a0 */
	[HFENCE] = { 0x62050073, WALK_FETCH, 0 }, /* hfence.gvma a0 */
};
#define SFENCE_ALL 0x12000073U

/* struct run - an instruction that is executed */
struct run {
	enum kind kind;
	u64 pc, va;
	struct cove_host_trap t;
	bool tinst;
};

/* struct translation - what a hart remembers */
struct translation {
	bool valid, virt;
	enum cove_walk_access access;
	unsigned int how;
	u64 va, pa, ids;
};

static struct translation tlb[HARTS][TLB_SIZE];
static unsigned int tlb_next, flushes[HARTS];
static u64 pool_next;
static unsigned long gpr[32], executions, operations, steps[OPS], effects[OPS];
static unsigned long windows[3], emulated, delivered;
static bool trace; /* FUZZ_TRACE is set: say what happens */

static bool is_hypervisor(enum kind kind)
{
	return kind == HLV || kind == HSV || kind == HLVX;
}

static u64 pool_page(void)
{
	u64 pa = pool_next;

	if (pa >= GROOTS)
		return 0;
	pool_next += 2 * PAGE;
	memset(arch_ptr(pa), 0, PAGE);
	return pa;
}

static bool is_pool(u64 pa)
{
	return pa - POOL < (POOL_PAGES + 2 * 4) * PAGE && model_hosts(pa);
}

static u64 *vm_leaf(u64 va);

/*
 * The PTE for @va at @level, made reachable; NULL where the host has lost a table.
 * @offset: by which the tables are higher in the address space that they are read by
 */
static u64 *pte_at(unsigned long atp, u64 offset, u64 va, unsigned int level, bool second)
{
	unsigned int top = (unsigned int)(atp >> 60) - 6, at = top;
	u64 table = ((atp & ATP_PPN_MASK) << 12) - offset;

	for (;; at--) {
		u64 index = va >> (12 + 9 * at) & (second && at == top ? 0x7ff : 0x1ff), *pte, page;

		if (!is_pool(table))
			return NULL;
		pte = (u64 *)arch_ptr(table) + index;
		if (at == level)
			return pte;
		if (!(*pte & PTE_V) || *pte & (PTE_R | PTE_W | PTE_X)) {
			page = pool_page();
			if (!page)
				return NULL;
			if (offset)
				*vm_leaf(page + offset) = page >> 2 | LEAF_BITS | PTE_U;
			*pte = (page + offset) >> 2 | PTE_V;
		}
		table = ((*pte >> 10) << 12) - offset;
	}
}

/* Where the first root of the second stage maps page tables of the VM; the other one does, too. */
static u64 *vm_leaf(u64 va)
{
	u64 *pte = pte_at(root_atp[1][1], 0, va, 0, true);

	if (pte)
		*pte = (va - VM_OFFSET) >> 2 | LEAF_BITS | PTE_U;
	return pte_at(root_atp[1][0], 0, va, 0, true);
}

static u64 page_of(unsigned int i)
{
	switch (i) {
	case 0xff:
		return DEVICE;
	case 0xfe:
		return FAKE_RAM_BASE;
	case 0xfd:
		return POOL + PAGE;
	default:
		return data_page(i);
	}
}

/* A leaf of the record: of a page, of 64 KiB, or large. */
static void map(bool second, unsigned int root, unsigned int slot, unsigned int level, u64 pa,
		u8 flags)
{
	u64 *pte = pte_at(root_atp[second][root], 0, slot_va(slot, false, second), level, second);
	u64 bits = LEAF_BITS;

	if ((flags & 0xc0) == 0xc0)
		bits ^= flags & (PTE_R | PTE_W | PTE_X);
	if ((flags & 0xc0) == 0x80)
		bits ^= flags & 1 ? PTE_A : PTE_D;
	if ((flags & 0x30) == 0x30 || second)
		bits |= PTE_U;
	if (!pte)
		return;
	*pte = level ? (pa & -BLOCK) >> 2 | bits : pa >> 2 | bits;
}

/* 16 PTEs, as Svnapot has them. */
static void map_napot(bool second, unsigned int root, u64 pa, u8 flags)
{
	unsigned int i;
	u64 *pte;

	for (i = 0; i < 16; i++) {
		pte = pte_at(root_atp[second][root], 0, slot_va(0, false, second) + i * PAGE, 0,
			     second);
		if (!pte)
			return;
		*pte = ((pa & -0x10000UL) | 0x8000) >> 2 | LEAF_BITS | PTE_N |
		       (second || flags & 0x10 ? PTE_U : 0);
	}
}

static void write_code(u64 pa)
{
	u32 *code = arch_ptr(pa);
	unsigned int i;
	u64 *word;

	for (i = 0; i < KINDS; i++)
		code[4 * i] = insns[i].code;
	code[4 * KINDS] = SFENCE_ALL;
	for (i = 0; i < 2 * WORDS; i++) {
		word = (u64 *)arch_ptr(pa + OPERAND) + i;
		*word = (pa + i) * 0x9e3779b97f4a7c15UL;
	}
	word = arch_ptr(pa + PAGE - 8);
	*word = (pa + 99) * 0x9e3779b97f4a7c15UL;
	*(u64 *)arch_ptr(pa) = (pa + 77) * 0x9e3779b97f4a7c15UL;
	code[0] = insns[0].code;
}

static void boot_hart(unsigned int hart, u8 how)
{
	struct fake_hart *h = &fake_harts[hart];

	fake_hart = hart;
	cove_window_init(&cove.hart[hart]->window, TABLES(hart));
	cove.hart[hart]->pmp.n = 0;
	h->host_csr.medeleg = DELEGATED;
	h->host_csr.satp = root_atp[0][0];
	h->host_csr.hgatp = root_atp[1][0];
	h->vsatp = vm_satp;
	h->env.adue = h->env.gadue = how & 0x40;
	MUST(COVH(LOCAL_FENCE) == COVE_OK, "no fence at boot");
	MUST(cove.hart[hart]->plan.nallow, "the PMP is exact");
}

static void boot_tables(unsigned int levels, unsigned int second_levels, bool vm_bare)
{
	unsigned int i, slot;

	pool_next = POOL;
	for (i = 0; i < 2; i++) {
		root_atp[0][i] = (5UL + levels) << 60 | (i + 1UL) << 44 | pool_page() >> 12;
		root_atp[1][i] = (5UL + second_levels) << 60 | (i + 1UL) << 44 |
				 (GROOTS + 4 * i * PAGE) >> 12;
	}
	root_atp[0][BARE] = 0;
	root_atp[1][BARE] = 0;
	for (slot = 0; slot < SLOTS; slot++)
		for (i = 0; i < 2; i++) {
			map(false, i, slot, 0, data_page(slot + i), 0);
			map(true, i, slot, 0, data_page(slot + 16 + i), 0);
		}
	vm_satp = 0;
	if (vm_bare)
		return;
	i = (unsigned int)(pool_page() >> 12);
	vm_satp = 8UL << 60 | (((u64)i << 12) + VM_OFFSET) >> 12;
	*vm_leaf(((u64)i << 12) + VM_OFFSET) = (u64)i << 10 | LEAF_BITS | PTE_U;
	for (slot = 0; slot < SLOTS; slot++) {
		vm_slot[slot] = slot;
		*pte_at(vm_satp, VM_OFFSET, slot_va(slot, false, false), 0, false) =
			slot_va(slot, false, true) >> 2 | LEAF_BITS;
	}
}

static void boot(u8 how)
{
	static const unsigned int entries[] = { 9, 10, 12, 16 };
	unsigned int i;
	u64 pa;

	machine_boot(HARTS, 4);
	model_boot();
	memset(tlb, 0, sizeof(tlb));
	cove.pmp.entries = entries[how & 3];
	cove.barrier = BARRIER;
	for (pa = LARGE(0); pa < LARGE(0) + 2 * BLOCK; pa += PAGE)
		write_code(pa);
	for (i = 1; i < POOL_PAGES; i += 2) {
		MUST(!pmptable_deny(&cove.table, POOL + i * PAGE, 1), "no page to deny");
		model_deny(POOL + i * PAGE);
	}
	boot_tables(3 + (how >> 2 & 3) % 3, 3 + (how >> 4 & 3) % 3, how & 0x80);
	for (i = 0; i < HARTS; i++) {
		boot_hart(i, how);
		model_acknowledge(i);
	}
	model_changed();
}

static void tlb_clear(unsigned int hart)
{
	unsigned int i;

	for (i = 0; i < TLB_SIZE; i++)
		tlb[hart][i].valid = false;
}

/* What the monitor flushed is gone. */
static void tlb_sync(unsigned int hart)
{
	if (flushes[hart] != fake_harts[hart].flushes)
		tlb_clear(hart);
	flushes[hart] = fake_harts[hart].flushes;
}

static unsigned int how_of(const struct cove_walk_env *env)
{
	return env->user | env->sum << 1 | env->mxr << 2;
}

/* ASIDs and VMIDs as the CSRs have them now. */
static u64 ids_of(const struct cove_walk_env *env)
{
	u64 mask = 0xffffUL << 44;

	return env->virt ? (env->hgatp & mask) | env->satp >> 60 : env->satp & (mask | 0xfUL << 60);
}

static struct translation *tlb_find(const struct translation *key)
{
	struct translation *t = tlb[fake_hart];
	unsigned int i;

	for (i = 0; i < TLB_SIZE; i++)
		if (t[i].valid && t[i].virt == key->virt && t[i].access == key->access &&
		    t[i].how == key->how && t[i].va == key->va && t[i].ids == key->ids)
			return &t[i];
	return NULL;
}

static bool pmp_may(u64 pa, u64 len, u8 access)
{
	const struct fake_hart *h = &fake_harts[fake_hart];

	return spec_allows(h->pmp.entry, h->pmp.n, pa, len, access);
}

static bool walker_may(void *arg, u64 pa)
{
	(void)arg;
	return pa - FAKE_RAM_BASE < RAM_PAGES * PAGE && pmp_may(pa, 8, PMP_CFG_R);
}

static void set_fault(struct cove_host_trap *t, enum model_result result,
		      enum cove_walk_access access, u64 va, const struct model_walk *m)
{
	static const unsigned long causes[][3] = {
		[MODEL_PAGE_FAULT] = { CAUSE_LOAD_PAGE_FAULT, CAUSE_STORE_PAGE_FAULT,
				       CAUSE_FETCH_PAGE_FAULT },
		[MODEL_GUEST_PAGE_FAULT] = { CAUSE_LOAD_GUEST_PAGE_FAULT,
					     CAUSE_STORE_GUEST_PAGE_FAULT,
					     CAUSE_FETCH_GUEST_PAGE_FAULT },
		[MODEL_ACCESS_FAULT] = { CAUSE_LOAD_ACCESS, CAUSE_STORE_ACCESS,
					 CAUSE_FETCH_ACCESS },
	};
	bool guest = result == MODEL_GUEST_PAGE_FAULT;

	t->cause = causes[result][access];
	t->tval = va;
	t->tval2 = guest ? m->gpa >> 2 : 0;
	t->tinst = guest && m->implicit ? (m->implicit_store ? 0x3020 : 0x3000) : 0;
}

/* The host's own fault, of an access that may be for a cache block's sake. */
static void as_cache_block(struct cove_host_trap *t, enum kind kind)
{
	if (kind == CLEAN && (t->cause == CAUSE_LOAD_ACCESS || t->cause == CAUSE_LOAD_PAGE_FAULT ||
			      t->cause == CAUSE_LOAD_GUEST_PAGE_FAULT))
		t->cause += CAUSE_STORE_ACCESS - CAUSE_LOAD_ACCESS;
}

/* One access in one page, by the hart as it is now. Return: true, or @r->t is its fault */
static bool hart_access(struct run *r, bool virt, enum cove_walk_access access, u64 va, u64 len)
{
	static const u8 needs[] = { PMP_CFG_R, PMP_CFG_W, PMP_CFG_X };
	struct cove_walk_env env = fake_harts[fake_hart].env;
	struct model_walk m = { .env = &env, .may = walker_may, .set_ad = true };
	struct translation key = { .valid = true, .virt = virt, .access = access }, *known;
	enum model_result result;

	env.virt = virt;
	env.satp = virt ? fake_harts[fake_hart].vsatp : fake_harts[fake_hart].host_csr.satp;
	env.hgatp = fake_harts[fake_hart].host_csr.hgatp;
	env.hlvx = r->kind == HLVX && access == WALK_LOAD;
	key.how = how_of(&env) | (unsigned int)env.hlvx << 3;
	key.va = va & -PAGE;
	key.ids = ids_of(&env);
	tlb_sync(fake_hart);
	known = tlb_find(&key);
	if (known) {
		model_admits(fake_hart, virt, env.hlvx ? WALK_FETCH : access, va,
			     known->pa | (va & (PAGE - 1)));
		return true;
	}
	result = model_translate(&m, access, va);
	if (result == MODEL_OK && pmp_may(m.pa, len, needs[access])) {
		model_admits(fake_hart, virt, env.hlvx ? WALK_FETCH : access, va, m.pa);
		key.pa = m.pa & -PAGE;
		tlb[fake_hart][tlb_next++ % TLB_SIZE] = key;
		return true;
	}
	set_fault(&r->t, result == MODEL_OK ? MODEL_ACCESS_FAULT : result, access, va, &m);
	as_cache_block(&r->t, r->kind);
	if (r->tinst && !r->t.tinst && access != WALK_FETCH)
		r->t.tinst = (insns[r->kind].code & ~(0x1fU << 15)) | 1;
	return false;
}

/* Pages that an access touches: one or two. */
static unsigned int pieces(u64 va, unsigned int len, u64 at[2], u64 size[2])
{
	u64 room = PAGE - va % PAGE;

	at[0] = va;
	size[0] = len;
	if (len <= room)
		return 1;
	size[0] = room;
	at[1] = va + room;
	size[1] = len - room;
	return 2;
}

static bool all_accesses(struct run *r)
{
	const struct insn *insn = &insns[r->kind];
	bool virt = harts[fake_hart].virt;
	u64 at[2], size[2];
	unsigned int i, n = pieces(r->pc, 4, at, size);

	for (i = 0; i < n; i++)
		if (!hart_access(r, virt, WALK_FETCH, at[i], size[i]))
			return false;
	if (!insn->len)
		return true;
	n = pieces(r->va, insn->len, at, size);
	for (i = 0; i < n; i++)
		if (!hart_access(r, virt || is_hypervisor(r->kind), insn->access, at[i], size[i]))
			return false;
	return true;
}

/* Is what the host got the fault of an access in this page? */
static bool is_fault_of(const struct run *r, bool virt, enum cove_walk_access access, u64 va,
			bool late)
{
	struct cove_host_trap want = { .gpr = NULL };
	enum model_result result;
	struct model_walk m;

	result = model_ideal(fake_hart, virt, access, va, late, &m);
	/* What is no RAM the monitor does not access for the host. */
	if (result == MODEL_OK && is_hypervisor(r->kind) && m.pa == DEVICE + va % PAGE)
		result = MODEL_ACCESS_FAULT;
	if (result == MODEL_OK)
		return false;
	set_fault(&want, result, access, va, &m);
	if (access == insns[r->kind].access)
		as_cache_block(&want, r->kind);
	return want.cause == r->t.cause && want.tval == r->t.tval && want.tval2 == r->t.tval2 &&
	       (!want.tinst || want.tinst == r->t.tinst);
}

static bool is_fault(const struct run *r, bool virt, enum cove_walk_access access, u64 va)
{
	return is_fault_of(r, virt, access, va, false) || is_fault_of(r, virt, access, va, true);
}

static void check_fault(const struct run *r, bool virt)
{
	const struct insn *insn = &insns[r->kind];
	u64 at[2], size[2];
	unsigned int i, n = pieces(r->pc, 4, at, size);
	bool found = false;

	delivered++;
	fake_harts[fake_hart].env.hlvx = false;
	for (i = 0; i < n; i++)
		found |= is_fault(r, virt, WALK_FETCH, at[i]);
	if (insn->len)
		n = pieces(r->va, insn->len, at, size);
	fake_harts[fake_hart].env.hlvx = r->kind == HLVX;
	for (i = 0; insn->len && i < n; i++)
		found |= is_fault(r, virt || is_hypervisor(r->kind), insn->access, at[i]);
	fake_harts[fake_hart].env.hlvx = false;
	if (!found)
		fprintf(stderr, "kind %u pc 0x%lx va 0x%lx%s: cause %lu tval 0x%lx tval2 0x%lx\n",
			(unsigned int)r->kind, r->pc, r->va, virt ? " in the VM" : "", r->t.cause,
			r->t.tval, r->t.tval2);
	MUST(found, "a fault that the host's own tables do not give");
}

/* The monitor has carried out a hypervisor load or store: with the right bytes? */
static void check_emulated(const struct run *r, unsigned long before)
{
	const struct insn *insn = &insns[r->kind];
	u64 at[2], size[2], done = 0;
	unsigned int i, n = pieces(r->va, insn->len, at, size);
	u8 want[8] = { 0 };

	emulated++;
	fake_harts[fake_hart].env.hlvx = r->kind == HLVX;
	for (i = 0; i < n; i++) {
		struct model_walk m;

		MUST(model_ideal(fake_hart, true, insn->access, at[i], false, &m) == MODEL_OK,
		     "a hypervisor access that faults was carried out");
		memcpy(want + done, arch_ptr(m.pa), size[i]);
		done += size[i];
	}
	fake_harts[fake_hart].env.hlvx = false;
	MUST(!memcmp(want, r->kind == HSV ? &before : &gpr[11], insn->len),
	     "a hypervisor access to other bytes");
	model_changed();
}

static bool is_delegated(unsigned long cause)
{
	return fake_harts[fake_hart].host_csr.medeleg >> cause & 1;
}

static void prepare(struct run *r, const struct fuzz_hart *h)
{
	bool user = fake_harts[fake_hart].env.user;

	r->t.gpr = gpr;
	r->t.pc = r->pc;
	r->t.gva = false;
	r->t.mstatus = h->mstatus | (h->virt ? MSTATUS_MPV : 0) |
		       (user ? 0 : (unsigned long)PRV_S << MSTATUS_MPP_SHIFT);
}

static enum cove_host_action to_monitor(struct run *r, struct fuzz_hart *h)
{
	enum cove_host_action action;

	fake_time += 1 + operations % 64;
	if (trace)
		fprintf(stderr, "    trap %lu pc 0x%lx tval 0x%lx tval2 0x%lx tinst 0x%lx\n",
			r->t.cause, r->t.pc, r->t.tval, r->t.tval2, r->t.tinst);
	action = cove_host_trap(&r->t);
	if (trace)
		fprintf(stderr, "    -> %u window %u cause %lu tval 0x%lx\n", action,
			cove.hart[fake_hart]->window.open, r->t.cause, r->t.tval);
	h->mstatus = r->t.mstatus & (MSTATUS_TVM | MSTATUS_TSR);
	windows[cove.hart[fake_hart]->window.open]++;
	return action;
}

/* Return: did the hart get all that the instruction accesses, or the host its fault? */
enum outcome { DONE, CARRIED_OUT, FAULTED };

static enum outcome execute(struct run *r)
{
	struct fuzz_hart *h = &harts[fake_hart];
	unsigned long before = gpr[11];
	bool virt = h->virt;
	unsigned int i;

	if (trace)
		fprintf(stderr, "  kind %u pc 0x%lx va 0x%lx\n", (unsigned int)r->kind, r->pc,
			r->va);
	for (i = 0; i < MAX_TRAPS; i++) {
		enum cove_host_action action = HOST_REDIRECT;

		prepare(r, h);
		if (all_accesses(r))
			return DONE;
		if (!is_delegated(r->t.cause))
			action = to_monitor(r, h);
		if (action != HOST_RESUME) {
			check_fault(r, virt);
			h->virt = false;
			return FAULTED;
		}
		if (r->t.pc != r->pc) {
			check_emulated(r, before);
			return CARRIED_OUT;
		}
	}
	fprintf(stderr, "kind %u pc 0x%lx va 0x%lx cause %lu tval 0x%lx\n", (unsigned int)r->kind,
		r->pc, r->va, r->t.cause, r->t.tval);
	MUST(false, "an instruction makes no progress");
	return FAULTED;
}

static u64 hart_va(unsigned int slot, bool virt)
{
	const struct fuzz_hart *h = &harts[fake_hart];

	if (!virt)
		return slot_va(slot % SLOTS, h->satp == BARE, false);
	if (h->hgatp == BARE)
		return slot_va(slot % SLOTS, true, true);
	return slot_va(slot % SLOTS, false, !fake_harts[fake_hart].vsatp);
}

static void set_mode(const struct record *r, bool user)
{
	struct cove_walk_env *env = &fake_harts[fake_hart].env;

	env->user = user;
	env->sum = r->flags & FLAG_SUM;
	env->mxr = r->flags & FLAG_MXR;
}

/* Is this the code that a hart would fetch at @pc? @fault: what if it would fault */
static bool is_code(u64 pc, u32 code, bool fault)
{
	struct model_walk m;

	if (model_ideal(fake_hart, harts[fake_hart].virt, WALK_FETCH, pc, false, &m) != MODEL_OK)
		return fault;
	return m.pa - FAKE_RAM_BASE < RAM_PAGES * PAGE && *(u32 *)arch_ptr(m.pa) == code;
}

static void run(const struct record *rec)
{
	bool virt = harts[fake_hart].virt;
	enum kind kind = rec->a % RUNS;
	struct run r = { .kind = kind, .tinst = rec->flags & FLAG_TINST };

	if (virt && kind >= HLV)
		kind = r.kind = LOAD;
	set_mode(rec, !virt && kind < HLV && rec->flags & FLAG_USER);
	r.pc = hart_va(rec->b, virt) + 16 * kind;
	r.va = hart_va(rec->c, virt || is_hypervisor(kind)) + OPERAND + rec->d % WORDS * 8;
	if (rec->flags & FLAG_CROSS && kind != CLEAN)
		r.va = (r.va & -PAGE) + PAGE - (insns[kind].len == 8 ? 4 : 2);
	if (!is_code(r.pc, insns[kind].code, true))
		return;
	gpr[10] = r.va;
	gpr[11] = (u64)rec->e << 33;
	effects[OP_RUN] += execute(&r) != FAULTED;
}

/*
 * An instruction of the host that may trap because of mstatus.TVM. Return: true when
 * the monitor has carried it out; false when the hart did, or nothing happened (@done).
 */
static bool privileged(const struct record *rec, enum kind kind, u32 code, u64 pc, bool *done)
{
	struct fuzz_hart *h = &harts[fake_hart];
	struct run r = { .kind = JUMP, .pc = pc };

	*done = false;
	set_mode(rec, false);
	(void)kind;
	if (h->virt || !is_code(pc, code, false) || execute(&r) != DONE)
		return false;
	*done = true;
	if (!(h->mstatus & MSTATUS_TVM))
		return false;
	prepare(&r, h);
	r.t.cause = CAUSE_ILLEGAL_INSTRUCTION;
	r.t.tval = r.t.tval2 = r.t.tinst = 0;
	MUST(to_monitor(&r, h) == HOST_RESUME, "a privileged instruction was not carried out");
	if (r.t.pc == pc) { /* it was for mstatus.TSR */
		*done = false;
		return false;
	}
	MUST(r.t.pc == pc + 4, "it goes on elsewhere");
	return true;
}

static bool write_atp(const struct record *rec, bool second)
{
	enum kind kind = second ? WRITE_HGATP : WRITE_SATP;
	struct fake_hart *f = &fake_harts[fake_hart];
	struct fuzz_hart *h = &harts[fake_hart];
	unsigned int root = rec->a % ROOTS;
	bool done;

	gpr[10] = root_atp[second][root];
	if (!privileged(rec, kind, insns[kind].code, hart_va(rec->b, false) + 16 * kind, &done)) {
		if (!done)
			return false;
		*(second ? &f->host_csr.hgatp : &f->host_csr.satp) = gpr[10];
	}
	*(second ? &h->hgatp : &h->satp) = root;
	if (second)
		f->vsatp = root == BARE ? 0 : vm_satp;
	return true;
}

static bool fence(const struct record *rec, bool second)
{
	enum kind kind = second ? HFENCE : SFENCE;
	bool done, all = !second && rec->a & 1;
	u64 va = slot_va(rec->c % SLOTS, false, second), pc;

	pc = hart_va(rec->b, false) + 16 * (all ? KINDS : kind);
	/* hfence.gvma has the address >> 2 */
	gpr[10] = second ? va >> 2 : va;
	if (!privileged(rec, kind, all ? SFENCE_ALL : insns[kind].code, pc, &done)) {
		if (!done)
			return false;
		tlb_clear(fake_hart);
	}
	tlb_sync(fake_hart);
	model_fence(fake_hart, second, all ? NULL : &va);
	return true;
}

/* A trap to M-mode in which OpenSBI does something. */
static void machine_trap(unsigned long cause)
{
	struct fuzz_hart *h = &harts[fake_hart];
	struct run r = { .kind = JUMP };

	set_mode(&(struct record){ .op = 0 }, false);
	prepare(&r, h);
	r.t.cause = cause;
	MUST(to_monitor(&r, h) == HOST_OPENSBI, "a trap did not come to OpenSBI");
	MUST(cove.hart[fake_hart]->window.open == WINDOW_SHUT, "OpenSBI runs in a window");
}

static bool remote_fence(const struct record *rec)
{
	unsigned int self = fake_hart, i;
	bool second = rec->a & 1;
	u64 va = slot_va(rec->c % SLOTS, false, second);

	if (harts[self].virt)
		return false;
	gpr[17] = SBI_EXT_RFENCE;
	gpr[16] = second ? SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA : SBI_EXT_RFENCE_REMOTE_SFENCE_VMA;
	machine_trap(CAUSE_SUPERVISOR_ECALL);
	for (i = 0; i < HARTS; i++) {
		fake_hart = i;
		if (i != self)
			machine_trap(INTERRUPT | IRQ_M_SOFT);
		tlb_clear(i);
		model_fence(i, second, rec->b & 1 ? NULL : &va);
	}
	fake_hart = self;
	return true;
}

static u64 range_of(const struct record *rec, u64 *n)
{
	*n = 1 + rec->b % 4;
	if (rec->c & 1)
		return data_page(rec->a);
	*n = 1;
	return rec->c & 2 ? LARGE(rec->a) + rec->d * PAGE : POOL + rec->d / 2 * 2 * PAGE;
}

static bool convert_pages(const struct record *rec)
{
	u64 n, pa = range_of(rec, &n), i;

	if (harts[fake_hart].virt)
		return false;
	gpr[17] = SBI_EXT_COVH;
	machine_trap(CAUSE_SUPERVISOR_ECALL);
	if (COVH(CONVERT_PAGES, pa, n) != COVE_OK)
		return false;
	for (i = 0; i < n; i++)
		model_deny(pa + i * PAGE);
	model_acknowledge(fake_hart);
	model_changed();
	return true;
}

static bool reclaim_pages(const struct record *rec)
{
	u64 n, pa = range_of(rec, &n), i;

	if (harts[fake_hart].virt)
		return false;
	gpr[17] = SBI_EXT_COVH;
	machine_trap(CAUSE_SUPERVISOR_ECALL);
	if (COVH(RECLAIM_PAGES, pa, n) != COVE_OK)
		return false;
	for (i = 0; i < n; i++) {
		model_grant(pa + i * PAGE);
		if (pa >= LARGE(0))
			write_code(pa + i * PAGE);
	}
	model_changed();
	return true;
}

static bool local_fence(void)
{
	if (harts[fake_hart].virt)
		return false;
	gpr[17] = SBI_EXT_COVH;
	machine_trap(CAUSE_SUPERVISOR_ECALL);
	MUST(COVH(LOCAL_FENCE) == COVE_OK, "no local fence");
	model_acknowledge(fake_hart);
	return true;
}

/* sret to the VM, or a trap of it that the host has delegated to itself. */
static bool other_world(const struct record *rec)
{
	struct fuzz_hart *h = &harts[fake_hart];
	struct run r = { .kind = JUMP, .pc = hart_va(rec->b, false) + 16 * JUMP };

	set_mode(rec, false);
	if (!h->virt && execute(&r) != DONE)
		return false;
	if (!h->virt && h->mstatus & MSTATUS_TSR) {
		prepare(&r, h);
		r.t.cause = CAUSE_ILLEGAL_INSTRUCTION;
		MUST(to_monitor(&r, h) == HOST_RESUME && !(h->mstatus & MSTATUS_TSR),
		     "sret is for ever trapped");
	}
	h->virt = !h->virt;
	return true;
}

/* The VM changes its own tables, and fences on all harts: nothing of it is the monitor's. */
static bool vm_map(const struct record *rec)
{
	unsigned int slot = rec->a % SLOTS, i;
	u64 *pte;

	if (!vm_satp)
		return false;
	pte = pte_at(vm_satp, VM_OFFSET, slot_va(slot, false, false), 0, false);
	if (!pte)
		return false;
	vm_slot[slot] = rec->b % SLOTS;
	*pte = slot_va(vm_slot[slot], false, true) >> 2 | LEAF_BITS;
	for (i = 0; i < HARTS; i++)
		tlb_clear(i);
	return true;
}

/* Something that the host has mapped is gone, at any level. */
static bool cut(const struct record *rec)
{
	bool second = rec->d & 1;
	u64 *pte = pte_at(root_atp[second][rec->a % 2], 0, slot_va(rec->b % SLOTS, false, second),
			  rec->c % 2, second);

	if (!pte)
		return false;
	*pte = 0;
	return true;
}

static bool one_step(const struct record *r)
{
	bool second = r->op % OPS == OP_MAP_SECOND;

	switch (r->op % OPS) {
	case OP_RUN:
		run(r);
		return false;
	case OP_MAP:
	case OP_MAP_SECOND:
		map(second, r->a % 2, r->b % SLOTS, 0, page_of(r->c), r->d);
		model_changed();
		return true;
	case OP_LARGE:
		second = r->e & 1;
		if (r->e & 2)
			map_napot(second, r->a % 2, data_page(r->c & 16), r->d);
		else
			map(second, r->a % 2, r->b % SLOTS, 1, LARGE(r->c), r->d);
		model_changed();
		return true;
	case OP_CUT:
		return cut(r);
	case OP_VM_MAP:
		return vm_map(r);
	case OP_SATP:
		return write_atp(r, false);
	case OP_HGATP:
		return write_atp(r, true);
	case OP_FENCE:
		return fence(r, false);
	case OP_FENCE_SECOND:
		return fence(r, true);
	case OP_REMOTE:
		return remote_fence(r);
	case OP_CONVERT:
		return convert_pages(r);
	case OP_RECLAIM:
		return reclaim_pages(r);
	case OP_LOCAL_FENCE:
		return local_fence();
	case OP_WORLD:
		return other_world(r);
	default:
		machine_trap(INTERRUPT | IRQ_M_TIMER);
		return true;
	}
}

/* Change, fence and use the same place; or anything. */
static unsigned int phrase(void *records)
{
	static const u8 life[] = { OP_CONVERT,	  OP_LARGE, OP_FENCE, OP_RUN, OP_RUN,
				   OP_RUN,	  OP_MAP,   OP_FENCE, OP_RUN, OP_RUN,
				   OP_MAP_SECOND, OP_WORLD, OP_RUN,   OP_RUN };
	unsigned int first = mutate_byte() % 12, i, n = 1 + mutate_byte() % (14 - first);
	struct record *r = records, common;

	mutate_record(&common);
	if (mutate_byte() % 2) {
		mutate_record(r);
		r->op = mutate_byte() % 4 ? mutate_byte() % OPS : OP_RUN;
		return 1;
	}
	for (i = 0; i < n; i++) {
		mutate_record(&r[i]);
		r[i].op = life[first + i];
		r[i].hart = common.hart;
		r[i].a = r[i].op == OP_RUN ? r[i].a % 3 : common.a & 1;
		r[i].b = r[i].op == OP_RUN ? r[i].b : common.b;
		r[i].c = mutate_byte() % 4 ? common.c : r[i].c;
		if (r[i].op == OP_LARGE || r[i].op == OP_MAP)
			r[i].d &= 0x3f;
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
	printf("windows of the host %lu, of the VM %lu; %lu carried out, %lu faults of the host\n",
	       windows[WINDOW_HOST], windows[WINDOW_VM], emulated, delivered);
	for (i = 0; i < OPS; i++) {
		printf("op %u: %lu of %lu had an effect\n", i, effects[i], steps[i]);
		if (executions > 1000 && !effects[i])
			printf("no operation %u had an effect\n", i);
	}
	if (executions > 1000 && (!windows[WINDOW_HOST] || !windows[WINDOW_VM] || !emulated))
		printf("no operation opened windows\n");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct record *at = (const struct record *)(data + 1), *end;
	unsigned int i;

	if (size < sizeof(struct record) + 1)
		return 0;
	executions++;
	trace = getenv("FUZZ_TRACE");
	boot(data[0]);
	end = at + (size - 1) / sizeof(struct record);
	for (; at < end; at++) {
		fake_hart = at->hart % HARTS;
		steps[at->op % OPS]++;
		if (trace)
			fprintf(stderr, "hart %u%s: op %u %02x %02x %02x %02x %02x %02x\n",
				fake_hart, harts[fake_hart].virt ? " (VM)" : "", at->op % OPS,
				at->a, at->b, at->c, at->d, at->e, at->flags);
		effects[at->op % OPS] += one_step(at);
		operations++;
		tlb_sync(fake_hart);
		model_sweep(fake_hart);
	}
	for (i = 0; i < HARTS; i++)
		model_sweep(i);
	return 0;
}
