// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Instructions that need more grants than there are PMP entries, and those that
 * the monitor carries out. The hart is walk_model.c behind the checker of
 * pmp_spec.h; every trap goes to cove_host_trap().
 */
#include "machine.h"
#include "pmp_spec.h"
#include "walk_model.h"

#include "cove_pte.h"
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_ecall_interface.h>

/* Every other page is converted, so that each page of the host's is a block of its own. */
#define SPOTTED	      ARENA
#define SPOTTED_PAGES 512UL
#define GROOT	      (ARENA + SPOTTED_PAGES * PAGE) /* 16 KiB, of the VM's second stage */
#define GPA_OFFSET    0x100000000UL
#define TABLES	      (FAKE_RAM_BASE + 0x100000UL) /* the window's, in the monitor's memory */
#define BARRIER	      (FAKE_RAM_BASE + 0x80000UL)
#define LEAF_BITS     (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
#define SV39	      (8UL << 60)
#define MAX_TRAPS     400
#define INSN_LD	      0x00053503U /* ld a0, 0(a0) */
#define INSN_SD	      0x00a53023U
#define INSN_CBO      0x0015200fU /* cbo.clean (a0) */
#define PC	      0x10000000UL
#define VA	      0x20000000UL

static u64 next_free, root, vroot;
static unsigned long gpr[32];

static u64 alloc_page(void)
{
	u64 pa = next_free;

	next_free += 2 * PAGE;
	assert_true(pa < SPOTTED + SPOTTED_PAGES * PAGE);
	memset(arch_ptr(pa), 0, PAGE);
	return pa;
}

/* Three levels; the tables are @offset higher in the address space that they are read by. */
static u64 *leaf_of(u64 table, u64 offset, u64 va, bool gstage);

static void map_second(u64 pa)
{
	*leaf_of(GROOT, 0, pa + GPA_OFFSET, true) = pa >> 2 | LEAF_BITS | PTE_U;
}

static u64 *leaf_of(u64 table, u64 offset, u64 va, bool gstage)
{
	unsigned int level;
	u64 *pte = NULL, index;

	for (level = 3; level--;) {
		index = va >> (12 + 9 * level) & (gstage && level == 2 ? 0x7ff : 0x1ff);
		pte = (u64 *)arch_ptr(table) + index;
		if (!level)
			break;
		if (!*pte) {
			u64 page = alloc_page();

			if (offset)
				map_second(page);
			*pte = (page + offset) >> 2 | PTE_V;
		}
		table = (*pte >> 10 << 12) - offset;
	}
	return pte;
}

/* A page of the host's at @va. Return: its PA */
static u64 map_host(u64 va, u64 flags)
{
	u64 pa = alloc_page();

	*leaf_of(root, 0, va, false) = pa >> 2 | flags;
	return pa;
}

/* A page of the VM's at @va. */
static u64 map_vm(u64 va)
{
	u64 pa = alloc_page();

	map_second(pa);
	*leaf_of(vroot, GPA_OFFSET, va, false) = (pa + GPA_OFFSET) >> 2 | LEAF_BITS;
	return pa;
}

static void boot(unsigned int entries)
{
	struct fake_hart *h = &fake_harts[0];
	unsigned int i;

	machine_boot(1, 4);
	cove.pmp.entries = entries;
	cove.barrier = BARRIER;
	cove_window_init(&cove.hart[0]->window, TABLES);
	cove.hart[0]->pmp.n = 0; /* write them all: there are other entries now */
	for (i = 1; i < SPOTTED_PAGES; i += 2)
		assert_int_equal(pmptable_deny(&cove.table, SPOTTED + i * PAGE, 1), PMPTABLE_OK);
	assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	assert_true(cove.hart[0]->plan.nallow > 0);
	next_free = SPOTTED;
	root = alloc_page();
	vroot = alloc_page();
	memset(arch_ptr(GROOT), 0, 4 * PAGE);
	map_second(vroot);
	h->host_csr.satp = SV39 | root >> 12;
	h->host_csr.hgatp = SV39 | GROOT >> 12;
	h->vsatp = SV39 | (vroot + GPA_OFFSET) >> 12;
	h->host_csr.medeleg = ~0UL;
}

static bool pmp_may(u64 pa, u64 len, u8 access)
{
	const struct fake_hart *h = &fake_harts[0];

	return spec_allows(h->pmp.entry, h->pmp.n, pa, len, access);
}

static bool walker_may(void *arg, u64 pa)
{
	(void)arg;
	return pmp_may(pa, 8, PMP_CFG_R);
}

/* One access of the hart, with the CSRs as they are now. Return: true, or @t is its fault */
static bool hart_access(struct cove_host_trap *t, enum cove_walk_access access, u64 va, u64 *pa)
{
	static const unsigned long causes[][3] = {
		[MODEL_PAGE_FAULT] = { 13, 15, 12 },
		[MODEL_GUEST_PAGE_FAULT] = { 21, 23, 20 },
		[MODEL_ACCESS_FAULT] = { 5, 7, 1 },
	};
	static const u8 needs[] = { PMP_CFG_R, PMP_CFG_W, PMP_CFG_X };
	struct cove_walk_env env = fake_harts[0].env;
	struct model_walk m = { .env = &env, .may = walker_may };
	enum model_result result;

	env.virt = t->mstatus & MSTATUS_MPV;
	env.satp = env.virt ? fake_harts[0].vsatp : fake_harts[0].host_csr.satp;
	env.hgatp = fake_harts[0].host_csr.hgatp;
	result = model_translate(&m, access, va);
	if (result == MODEL_OK && pmp_may(m.pa, 1, needs[access])) {
		*pa = m.pa;
		return true;
	}
	if (result == MODEL_OK)
		result = MODEL_ACCESS_FAULT;
	t->cause = causes[result][access];
	t->tval = va;
	t->tval2 = result == MODEL_GUEST_PAGE_FAULT ? m.gpa >> 2 : 0;
	t->tinst = result == MODEL_GUEST_PAGE_FAULT && m.implicit ? 0x3000 : 0;
	return false;
}

/*
 * The hart executes an instruction at @pc with an operand at @va until it is
 * through. Return: 0, or the cause of the fault that the host got.
 */
static unsigned long execute(struct cove_host_trap *t, u64 pc, enum cove_walk_access access, u64 va,
			     u64 *pa)
{
	unsigned int i;
	u64 ignored;

	t->gpr = gpr;
	for (i = 0; i < MAX_TRAPS; i++) {
		t->pc = pc;
		if (hart_access(t, WALK_FETCH, pc, &ignored) && hart_access(t, access, va, pa))
			return 0;
		if (cove_host_trap(t) != HOST_RESUME)
			return t->cause;
		if (t->pc != pc)
			return 0; /* the monitor has carried it out */
	}
	fail_msg("0x%lx (0x%lx) makes no progress", pc, va);
	return ~0UL;
}

static void write_insn(u64 pa, u32 insn)
{
	*(u32 *)arch_ptr(pa) = insn;
}

static struct cove_host_trap host(void)
{
	return (struct cove_host_trap){ .gpr = gpr, .mstatus = PRV_S << MSTATUS_MPP_SHIFT };
}

/* The host's instructions get through, to the page that its own tables say. */
static void test_host(void **state)
{
	static const unsigned int entries[] = { 9, 10, 12, 16 };
	struct cove_host_trap t = host();
	unsigned int k, i;
	u64 code, data, pa = 0;

	(void)state;
	for (k = 0; k < 4; k++) {
		boot(entries[k]);
		t.mstatus = PRV_S << MSTATUS_MPP_SHIFT;
		code = map_host(PC, LEAF_BITS);
		write_insn(code, INSN_LD);
		for (i = 0; i < 60; i++) {
			data = map_host(VA + ((u64)i << 21), LEAF_BITS);
			assert_int_equal(execute(&t, PC, i & 1 ? WALK_LOAD : WALK_STORE,
						 VA + ((u64)i << 21) + 8, &pa),
					 0);
			assert_int_equal(pa, data + 8);
		}
		machine_halt();
	}
}

/* In a window the host reaches no page but its own, and a missing one is its own page fault. */
static void test_host_refused(void **state)
{
	struct cove_host_trap t = host();
	u64 denied = SPOTTED + PAGE, code, pa = 0;
	unsigned int i;

	(void)state;
	boot(9);
	code = map_host(PC, LEAF_BITS);
	write_insn(code, INSN_SD);
	for (i = 0; i < 40; i++) {
		u64 va = VA + ((u64)i << 21);

		map_host(va, LEAF_BITS);
		*leaf_of(root, 0, va + PAGE, false) = denied >> 2 | LEAF_BITS;
		assert_int_equal(execute(&t, PC, WALK_LOAD, va, &pa), 0);
		assert_int_equal(execute(&t, PC, WALK_LOAD, va + PAGE, &pa), CAUSE_LOAD_ACCESS);
		t.mstatus = PRV_S << MSTATUS_MPP_SHIFT | (t.mstatus & MSTATUS_TVM);
		assert_int_equal(execute(&t, PC, WALK_STORE, va + PAGE, &pa), CAUSE_STORE_ACCESS);
		assert_int_equal(execute(&t, PC, WALK_STORE, va + 2 * PAGE, &pa),
				 CAUSE_STORE_PAGE_FAULT);
	}
	assert_false(pmp_may(denied, 1, PMP_CFG_R) && !fake_harts[0].gate);
	assert_false(pmp_may(FAKE_RAM_BASE, 1, PMP_CFG_R));
	machine_halt();
}

/* A VM of the host's runs on both stages; what it is not given it does not get. */
static void test_vm(void **state)
{
	struct cove_host_trap t = host();
	u64 data, pa = 0, denied = SPOTTED + PAGE;
	unsigned int i;

	(void)state;
	boot(9);
	t.mstatus |= MSTATUS_MPV;
	map_vm(PC);
	for (i = 0; i < 30; i++) {
		data = map_vm(VA + ((u64)i << 21));
		assert_int_equal(
			execute(&t, PC, i & 1 ? WALK_LOAD : WALK_STORE, VA + ((u64)i << 21), &pa),
			0);
		assert_int_equal(pa, data);
	}
	assert_int_equal(cove.hart[0]->window.open, WINDOW_VM);
	/* a page of somebody else's: an access fault */
	*leaf_of(GROOT, 0, denied + GPA_OFFSET, true) = denied >> 2 | LEAF_BITS | PTE_U;
	*leaf_of(vroot, GPA_OFFSET, VA + PAGE, false) = (denied + GPA_OFFSET) >> 2 | LEAF_BITS;
	assert_int_equal(execute(&t, PC, WALK_LOAD, VA + PAGE, &pa), CAUSE_LOAD_ACCESS);
	assert_int_equal(cove.hart[0]->window.open, WINDOW_SHUT);
	/* the host's window after the VM's */
	t = host();
	t.mstatus |= MSTATUS_TVM;
	map_host(PC, LEAF_BITS);
	map_host(VA, LEAF_BITS);
	assert_int_equal(execute(&t, PC, WALK_LOAD, VA, &pa), 0);
	machine_halt();
}

/* HLV, HLVX, HSV: bits 31..20 and what they do; @value of memory that is all 0x8182..88 */
static const struct hlv {
	u32 funct;
	unsigned int len;
	bool store;
	unsigned long value;
} hlvs[] = {
	{ 0x600, 1, false, 0xffffffffffffff88UL },
	{ 0x601, 1, false, 0x88 },
	{ 0x640, 2, false, 0xffffffffffff8788UL },
	{ 0x641, 2, false, 0x8788 },
	{ 0x643, 2, false, 0x8788 },
	{ 0x680, 4, false, 0xffffffff85868788UL },
	{ 0x681, 4, false, 0x85868788 },
	{ 0x683, 4, false, 0x85868788 },
	{ 0x6c0, 8, false, 0x8182838485868788UL },
	{ 0x620, 1, true, 0 },
	{ 0x660, 2, true, 0 },
	{ 0x6a0, 4, true, 0 },
	{ 0x6e0, 8, true, 0 },
};

static u32 hlv_insn(const struct hlv *v)
{
	/* the operand's address in a0, the value in a1 */
	return v->funct << 20 | (v->store ? 11U << 20 : 0) | 10U << 15 | 4U << 12 |
	       (v->store ? 0 : 11U << 7) | 0x73;
}

static void test_hlv(void **state)
{
	const u64 pattern = 0x8182838485868788UL, value = 0x1112131415161718UL;
	struct cove_host_trap t = host();
	u64 code, data, second, i, got;

	(void)state;
	boot(9);
	code = map_host(PC, LEAF_BITS);
	data = map_vm(VA);
	second = map_vm(VA + PAGE);
	for (i = 0; i < sizeof(hlvs) / sizeof(hlvs[0]); i++) {
		const struct hlv *v = &hlvs[i];

		write_insn(code, hlv_insn(v));
		*(u64 *)arch_ptr(data + 64) = pattern;
		gpr[10] = VA + 64;
		gpr[11] = value;
		t.pc = PC;
		assert_int_equal(cove_hlv_emulate(&t), HOST_RESUME);
		assert_int_equal(t.pc, PC + 4);
		got = *(u64 *)arch_ptr(data + 64);
		if (v->store)
			assert_memory_equal(&got, &value, v->len);
		else
			assert_int_equal(gpr[11], v->value);
		/* across two pages */
		gpr[10] = VA + PAGE - 1;
		gpr[11] = value;
		t.pc = PC;
		*(u8 *)arch_ptr(data + PAGE - 1) = 0x88;
		*(u64 *)arch_ptr(second) = pattern >> 8;
		assert_int_equal(cove_hlv_emulate(&t), HOST_RESUME);
		if (!v->store)
			assert_int_equal(gpr[11], v->value);
		/* where nothing is */
		gpr[10] = VA + 2 * PAGE - (v->len > 1);
		t.pc = PC;
		assert_int_equal(cove_hlv_emulate(&t), HOST_REDIRECT);
		assert_int_equal(t.cause,
				 v->store ? CAUSE_STORE_PAGE_FAULT : CAUSE_LOAD_PAGE_FAULT);
		assert_int_equal(t.tval, VA + 2 * PAGE);
		assert_int_equal(t.pc, PC);
	}
	/* x0 stays zero, and what is no such instruction is somebody else's */
	write_insn(code, hlv_insn(&hlvs[8]) & ~(31U << 7));
	gpr[10] = VA;
	assert_int_equal(cove_hlv_emulate(&t), HOST_RESUME);
	assert_int_equal(gpr[0], 0);
	t.pc = PC;
	write_insn(code, INSN_LD);
	assert_int_equal(cove_hlv_emulate(&t), HOST_OPENSBI);
	t.pc = PC + PAGE;
	assert_int_equal(cove_hlv_emulate(&t), HOST_REDIRECT);
	assert_int_equal(t.cause, CAUSE_FETCH_PAGE_FAULT);
	machine_halt();
}

/* A hypervisor load of the VM's memory in a denied page is refused, and one of its own works. */
static void test_hlv_faults(void **state)
{
	struct cove_host_trap t = host();
	u64 code, denied = SPOTTED + PAGE;

	(void)state;
	boot(9);
	code = map_host(PC, LEAF_BITS);
	*leaf_of(GROOT, 0, denied + GPA_OFFSET, true) = denied >> 2 | LEAF_BITS | PTE_U;
	*leaf_of(vroot, GPA_OFFSET, VA, false) = (denied + GPA_OFFSET) >> 2 | LEAF_BITS;
	map_second(SPOTTED);
	write_insn(code, hlv_insn(&hlvs[8]));
	gpr[10] = VA;
	t.pc = PC;
	assert_int_equal(cove_hlv_emulate(&t), HOST_REDIRECT);
	assert_int_equal(t.cause, CAUSE_LOAD_ACCESS);
	/* a hole in the second stage */
	*leaf_of(vroot, GPA_OFFSET, VA, false) = 0x7000000000UL >> 2 | LEAF_BITS;
	assert_int_equal(cove_hlv_emulate(&t), HOST_REDIRECT);
	assert_int_equal(t.cause, CAUSE_LOAD_GUEST_PAGE_FAULT);
	assert_int_equal(t.tval2, 0x7000000000UL >> 2);
	assert_true(cove_is_hlv(&t));
	t.tinst = 0x00003503; /* a load, as hardware says */
	assert_false(cove_is_hlv(&t));
	t.tinst = 0x3000; /* for a page table's sake */
	assert_true(cove_is_hlv(&t));
	t.tinst = 0;
	write_insn(code, INSN_CBO);
	assert_true(cove_is_cbo(&t));
	write_insn(code, INSN_SD);
	assert_false(cove_is_cbo(&t));
	machine_halt();
}

/* A window is open in which the host's code at PC runs, and @va is shown. */
static void open_window(struct cove_host_trap *t, u64 va)
{
	u64 pa;

	cove.hart[0]->stuck.credit = 100;
	assert_int_equal(execute(t, PC, WALK_LOAD, va, &pa), 0);
	assert_int_equal(cove.hart[0]->window.open, WINDOW_HOST);
}

/* A hypervisor load in the host's window meets the barrier: an access fault, which is not its own.
 */
static void test_hlv_in_window(void **state)
{
	struct cove_host_trap t = host();
	u64 code;

	(void)state;
	boot(9);
	code = map_host(PC, LEAF_BITS);
	map_host(VA, LEAF_BITS);
	*(u64 *)arch_ptr(map_vm(VA)) = 0x1234;
	write_insn(code, hlv_insn(&hlvs[8]));
	open_window(&t, VA);
	/* what its pc was last shown for makes no difference */
	cove.hart[0]->window.pc = PC;
	gpr[10] = VA;
	t.pc = PC;
	t.cause = CAUSE_LOAD_ACCESS;
	t.tval = VA;
	t.tval2 = t.tinst = 0;
	assert_int_equal(cove_host_trap(&t), HOST_RESUME);
	assert_int_equal(t.pc, PC + 4);
	assert_int_equal(gpr[11], 0x1234);
	machine_halt();
}

/* A fence at one address of a large page is one for all of it, of which a window shows parts. */
static void test_fence_large(void **state)
{
	struct cove_host_trap t = host();
	u64 *middle, code, pa = 0;

	(void)state;
	boot(9);
	code = map_host(PC, LEAF_BITS);
	write_insn(code, 0x12050073); /* sfence.vma a0 */
	leaf_of(root, 0, VA, false);
	middle = (u64 *)arch_ptr(root) + (VA >> 30);
	middle = (u64 *)arch_ptr(*middle >> 10 << 12) + (VA >> 21 & 511);
	*middle = SPOTTED >> 2 | LEAF_BITS;
	open_window(&t, VA + 400 * PAGE);
	assert_int_equal(execute(&t, PC, WALK_LOAD, VA + 402 * PAGE, &pa), 0);
	assert_int_equal(pa, SPOTTED + 402 * PAGE);
	*middle = 0;
	gpr[10] = VA + 4 * PAGE;
	t.pc = PC;
	t.cause = CAUSE_ILLEGAL_INSTRUCTION;
	assert_int_equal(cove_host_trap(&t), HOST_RESUME);
	assert_int_equal(t.pc, PC + 4);
	assert_int_equal(execute(&t, PC, WALK_LOAD, VA + 402 * PAGE, &pa), CAUSE_LOAD_PAGE_FAULT);
	machine_halt();
}

/* Instructions that trap because the VM's window is kept. */
static void trapped(u64 code, struct cove_host_trap *t, u32 insn)
{
	write_insn(code, insn);
	t->pc = PC;
	t->cause = CAUSE_ILLEGAL_INSTRUCTION;
	t->mstatus |= MSTATUS_TVM;
	assert_int_equal(cove_host_trap(t), HOST_RESUME);
	assert_int_equal(t->pc, PC + 4);
}

static void test_trapped(void **state)
{
	struct cove_window_csrs *csr = &fake_harts[0].host_csr;
	struct cove_host_trap t = host();
	unsigned long satp, hgatp;
	unsigned int i;
	u64 code;

	(void)state;
	boot(9);
	code = map_host(PC, LEAF_BITS);
	satp = csr->satp;
	hgatp = csr->hgatp;
	gpr[10] = satp | 1UL << 44;    /* an ASID */
	trapped(code, &t, 0x180515f3); /* csrrw a1, satp, a0 */
	assert_int_equal(gpr[11], satp);
	assert_int_equal(csr->satp, satp | 1UL << 44);
	gpr[10] = 1UL << 44;
	trapped(code, &t, 0x180535f3); /* csrrc a1, satp, a0 */
	assert_int_equal(csr->satp, satp);
	trapped(code, &t, 0x180525f3); /* csrrs */
	assert_int_equal(csr->satp, satp | 1UL << 44);
	gpr[10] = satp;
	trapped(code, &t, 0x18051073); /* csrw satp, a0 */
	trapped(code, &t, 0x180025f3); /* csrr a1, satp */
	assert_int_equal(gpr[11], satp);
	trapped(code, &t, 0x680025f3); /* csrr a1, hgatp */
	assert_int_equal(gpr[11], hgatp);
	gpr[10] = 0;
	trapped(code, &t, 0x68051073); /* csrw hgatp, a0 */
	assert_int_equal(csr->hgatp, 0);
	trapped(code, &t, 0x68005073); /* csrwi hgatp, 0 */
	trapped(code, &t, 0x12000073); /* sfence.vma */
	trapped(code, &t, 0x16000073); /* sinval.vma */
	trapped(code, &t, 0x62000073); /* hfence.gvma */
	trapped(code, &t, 0x66000073); /* hinval.gvma */
	for (i = 0; i < 300; i++)
		trapped(code, &t, 0x12000073);
	/* not these, not from elsewhere, not when nothing is open */
	write_insn(code, 0x30001073); /* csrw mstatus, x0 */
	t.mstatus |= MSTATUS_TVM;
	t.pc = PC;
	assert_int_equal(cove_host_trap(&t), HOST_OPENSBI);
	write_insn(code, 0x12000073);
	t.mstatus = MSTATUS_TVM; /* U-mode */
	assert_int_equal(cove_host_trap(&t), HOST_OPENSBI);
	t = host();
	t.pc = PC;
	t.cause = CAUSE_ILLEGAL_INSTRUCTION;
	assert_int_equal(cove_host_trap(&t), HOST_OPENSBI);
	machine_halt();
}

/* A second-stage fence that the host asks of other harts makes their windows old. */
static void test_remote_fence(void **state)
{
	struct cove_host_trap t = host();
	unsigned long before;

	(void)state;
	boot(9);
	before = cove.gfences;
	t.cause = CAUSE_SUPERVISOR_ECALL;
	gpr[17] = SBI_EXT_RFENCE;
	gpr[16] = SBI_EXT_RFENCE_REMOTE_HFENCE_GVMA;
	assert_int_equal(cove_host_trap(&t), HOST_OPENSBI);
	gpr[16] = SBI_EXT_RFENCE_REMOTE_SFENCE_VMA;
	assert_int_equal(cove_host_trap(&t), HOST_OPENSBI);
	assert_int_equal(cove.gfences, before + 1);
	machine_halt();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host),	     cmocka_unit_test(test_host_refused),
		cmocka_unit_test(test_vm),	     cmocka_unit_test(test_hlv),
		cmocka_unit_test(test_hlv_faults),   cmocka_unit_test(test_trapped),
		cmocka_unit_test(test_remote_fence), cmocka_unit_test(test_hlv_in_window),
		cmocka_unit_test(test_fence_large),
	};

	return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
