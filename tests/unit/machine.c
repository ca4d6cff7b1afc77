// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A machine with the monitor, and a host that calls it.
 */
#include "machine.h"
#include "cove_promote.h"

static void *table_mem;
static struct cove_hart *hart_mem[ARCH_MAX_HARTS];
_Thread_local unsigned long call_value;

static void boot_table(void)
{
	const struct pmptable_range bank = { FAKE_RAM_BASE, RAM_PAGES * PAGE };
	const struct pmp_region window = { 0, COVE_WINDOW_BYTES, PMP_CFG_R };

	cove.table_bytes = pmptable_memory_size(&bank, 1);
	table_mem = aligned_alloc(PAGE, cove.table_bytes);
	assert_non_null(table_mem);
	assert_int_equal(pmptable_init(&cove.table, &bank, 1, table_mem, cove.table_bytes), 0);
	cove.pmp.region[0] = (struct pmp_region){ FAKE_RAM_BASE, FIRMWARE_SIZE, 0 };
	cove.pmp.nregions = 1;
	cove.pmp.entries = ENTRIES;
	pmptable_set_monitor(&cove.table, FAKE_RAM_BASE, FIRMWARE_SIZE);
	assert_true(pmp_plan_possible(&cove.pmp, &window));
}

static void boot_hart(unsigned int hart)
{
	fake_hart = hart;
	hart_mem[hart] = calloc(1, sizeof(struct cove_hart));
	assert_non_null(hart_mem[hart]);
	cove.hart[hart] = hart_mem[hart];
	/* no RAM: nobody opens one */
	cove_window_init(&cove.hart[hart]->window, (1UL << 50) + hart * COVE_WINDOW_BYTES);
	assert_int_equal(cove_hart_online(cove.hart[hart]), 0);
	assert_int_equal(CALL(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, NACL(hart)), COVE_OK);
}

void machine_boot(unsigned int harts, unsigned int gstage_levels)
{
	unsigned int i;

	machine_halt(); /* what a test that failed has left */
	fake_ram_init(RAM_PAGES * PAGE);
	fake_world_reset();
	memset(&cove, 0, sizeof(cove));
	boot_table();
	cove.nharts = harts;
	cove.vlenb = VLENB;
	cove.gstage_levels = gstage_levels;
	cove.gstage_mode = 5 + gstage_levels;
	cove.vmid_mask = 0x3fff;
	cove.gcur = 1;
	cove.active = true;
	for (i = 0; i < harts; i++)
		boot_hart(i);
	fake_hart = 0;
}

void machine_halt(void)
{
	unsigned int i;

	for (i = 0; i < ARCH_MAX_HARTS; i++) {
		free(hart_mem[i]);
		hart_mem[i] = NULL;
	}
	free(table_mem);
	table_mem = NULL;
	fake_ram_init(0);
}

int machine_setup(void **state)
{
	(void)state;
	machine_boot(4, 4);
	return 0;
}

int machine_teardown(void **state)
{
	(void)state;
	check_invariants();
	machine_halt();
	return 0;
}

long host_call_once(unsigned long eid, unsigned long fid, const unsigned long a[6])
{
	return cove_host_call(eid, fid, a, &call_value);
}

long host_call(unsigned long eid, unsigned long fid, const unsigned long a[6])
{
	long rc;

	do
		rc = host_call_once(eid, fid, a);
	while (rc == COVE_AGAIN);
	return rc;
}

void fence_all(void)
{
	unsigned int self = fake_hart, i;

	assert_int_equal(COVH(GLOBAL_FENCE), COVE_OK);
	for (i = 0; i < cove.nharts; i++) {
		fake_hart = i;
		assert_int_equal(COVH(LOCAL_FENCE), COVE_OK);
	}
	fake_hart = self;
}

u32 field_at(u64 pa)
{
	struct pmptable_walk_result res;

	pmptable_walk(&cove.table, pa, &res);
	return res.id == PMPTABLE_ID_NONE ? FIELD_NONE : PMPTABLE_FIELD(res.id, res.perm);
}

volatile unsigned long *nacl(unsigned long offset)
{
	return (volatile unsigned long *)arch_ptr(NACL(fake_hart) + offset);
}

u64 donate(struct machine_tvm *t, unsigned long n)
{
	u64 pa = t->next;

	assert_true(t->next + n * PAGE <= t->first + t->npages * PAGE);
	t->next += n * PAGE;
	return pa;
}

void convert(u64 pa, u64 npages)
{
	assert_int_equal(COVH(CONVERT_PAGES, pa, npages), COVE_OK);
	fence_all();
}

u64 create_params(u64 root, u64 state_pa, unsigned long flags)
{
	struct tvm_create_params *p = arch_ptr(BUFFER);

	p->tvm_page_directory_addr = root;
	p->tvm_state_addr = state_pa;
	p->tvm_flags = flags;
	return BUFFER;
}

void machine_tvm(struct machine_tvm *t, u64 pa, u64 npages, unsigned int nvcpus,
		 unsigned long flags)
{
	unsigned int i;

	assert_int_equal(pa % COVE_PAGE_DIRECTORY_SIZE, 0);
	*t = (struct machine_tvm){ .first = pa, .next = pa, .npages = npages };
	/* dirty, to see that the monitor does not trust what it is given */
	memset(arch_ptr(pa), 0xa5, npages * PAGE);
	convert(pa, npages);
	t->root = donate(t, ROOT_PAGES);
	t->state_pa = donate(t, STATE_PAGES);
	assert_int_equal(COVH(CREATE_TVM, create_params(t->root, t->state_pa, flags), 24), COVE_OK);
	t->gid = call_value;
	assert_int_equal(COVH(ADD_TVM_PAGE_TABLE_PAGES, t->gid, donate(t, 16), 16), COVE_OK);
	assert_int_equal(COVH(ADD_TVM_MEMORY_REGION, t->gid, GUEST_RAM, GUEST_RAM_LEN), COVE_OK);
	for (i = 0; i < nvcpus; i++) {
		t->vcpu_pa[i] = donate(t, cove_vcpu_state_pages());
		assert_int_equal(COVH(CREATE_TVM_VCPU, t->gid, i, t->vcpu_pa[i]), COVE_OK);
	}
}

void machine_tvm_runnable(struct machine_tvm *t, u64 pa, u64 npages, unsigned int nvcpus,
			  unsigned long flags)
{
	machine_tvm(t, pa, npages, nvcpus, flags);
	assert_int_equal(COVH(FINALIZE_TVM, t->gid, GUEST_RAM, 0x1234), COVE_OK);
}

void machine_tvm_end(struct machine_tvm *t)
{
	u64 pa;

	assert_int_equal(COVH(DESTROY_TVM, t->gid), COVE_OK);
	for (pa = t->first; pa < t->first + t->npages * PAGE; pa += PAGE)
		assert_true(PMPTABLE_FIELD_ID(field_at(pa)) < PMPTABLE_ID_TVM_FIRST);
	assert_int_equal(COVH(RECLAIM_PAGES, t->first, t->npages), COVE_OK);
	for (pa = t->first; pa < t->first + t->npages * PAGE; pa += 8) {
		if (!(pa % PAGE))
			assert_int_equal(field_at(pa), PMPTABLE_HOST);
		assert_int_equal(*(u64 *)arch_ptr(pa), 0);
	}
}

struct tvm *tvm_of(unsigned long gid)
{
	struct tvm *tvm = cove_tvm_get(gid);

	assert_non_null(tvm);
	cove_tvm_put(tvm);
	return tvm;
}

/* The invariants. What each page should be according to the TVMs' own structures. */
static u32 expected[RAM_PAGES];

static void expect_page(u64 pa, u32 field)
{
	u64 i = (pa - FAKE_RAM_BASE) / PAGE;

	if (pa % PAGE || pa < FAKE_RAM_BASE || i >= RAM_PAGES)
		fail_msg("0x%lx is no page of RAM", pa);
	if (expected[i])
		fail_msg("page 0x%lx is in use twice: 0x%x and 0x%x", pa, expected[i], field);
	expected[i] = field | 0x80000000U;
}

static void expect_run(u64 pa, u64 n, u32 field)
{
	while (n--) {
		expect_page(pa, field);
		pa += PAGE;
	}
}

/* A second reading of the privileged specification (Svxx x4) and of the software bits. */
static void expect_table(unsigned int id, u64 table, unsigned int level, unsigned int entries)
{
	const u64 *pte = arch_ptr(table);
	unsigned int i;

	for (i = 0; i < entries; i++) {
		u64 pa = (pte[i] >> 10 & 0xfffffffffffUL) << 12;
		bool valid = pte[i] & 1, shared = pte[i] & 0x100, blocked = pte[i] & 0x200;

		if (!pte[i])
			continue;
		if (level && valid && !(pte[i] & 0xe)) {
			assert_int_equal(pte[i] & ~(0xfffffffffffUL << 10), 1);
			expect_page(pa, PMPTABLE_TVM_META(id));
			expect_table(id, pa, level - 1, 512);
			continue;
		}
		assert_true(level <= 2);
		assert_int_equal(pa % (PAGE << 9 * level), 0);
		assert_true(valid != blocked);
		if (valid) /* D A - U X W R V */
			assert_int_equal(pte[i] & 0xff, shared ? 0xd7 : 0xdf);
		expect_run(pa, 1UL << 9 * level,
			   shared ? PMPTABLE_HOST_SHARED : PMPTABLE_TVM_DATA(id));
	}
}

static void expect_tvm(const struct tvm *tvm, unsigned int id)
{
	unsigned int i, nvcpus = 0;
	u64 pa, free = 0;

	assert_int_equal(tvm->id, id);
	expect_run(tvm->state_pa, STATE_PAGES, PMPTABLE_TVM_META(id));
	expect_run(tvm->root, ROOT_PAGES, PMPTABLE_TVM_META(id));
	expect_table(id, tvm->root, cove.gstage_levels - 1, 2048);
	for (pa = tvm->pt_pool; pa; pa = *(u64 *)arch_ptr(pa)) {
		expect_page(pa, PMPTABLE_TVM_META(id));
		free++;
	}
	assert_int_equal(tvm->pt_free, free);
	for (pa = tvm->pt_limbo; pa; pa = *(u64 *)arch_ptr(pa))
		expect_page(pa, PMPTABLE_TVM_META(id));
	expect_run(tvm->fill.pa, tvm->fill.pages, PMPTABLE_TVM_DATA(id));
	expect_run(tvm->give.next, (tvm->give.end - tvm->give.next) / PAGE, PMPTABLE_TVM_META(id));
	if (tvm->promotion.tree)
		expect_run(tvm->promotion.tree, COVE_MAX_FDT / PAGE, PMPTABLE_TVM_META(id));
	if (tvm->promotion.spare)
		expect_page(tvm->promotion.spare, PMPTABLE_TVM_DATA(id));
	assert_int_equal(cove.slot[id - PMPTABLE_ID_TVM_FIRST].promoting != 0,
			 tvm->state == TVM_PROMOTING ||
				 (tvm->state == TVM_DYING && tvm->promotion.error));
	for (i = 0; i < COVE_MAX_VCPUS; i++) {
		if (!tvm->vcpu[i])
			continue;
		nvcpus++;
		assert_int_equal(tvm->vcpu[i]->id, i);
		assert_int_equal(tvm->vcpu[i]->running, 0);
		expect_run(tvm->vcpu[i]->state_pa, cove_vcpu_state_pages(), PMPTABLE_TVM_META(id));
	}
	assert_int_equal(tvm->nvcpus, nvcpus);
}

static void check_field(u64 pa, u32 want, unsigned long *count)
{
	u32 field = field_at(pa);

	if (want) {
		if (field != (want & 0xffff))
			fail_msg("page 0x%lx is 0x%x, not 0x%x", pa, field, want & 0xffff);
	} else if (field != PMPTABLE_HOST && field != PMPTABLE_MONITOR &&
		   field != PMPTABLE_CONVERTING && field != PMPTABLE_UNASSIGNED) {
		fail_msg("page 0x%lx is 0x%x, but of no TVM", pa, field);
	}
	if (field == PMPTABLE_MONITOR)
		assert_true(pa < HOST_BASE);
	else
		assert_true(pa >= HOST_BASE);
	count[field == PMPTABLE_CONVERTING ? PMPTABLE_KIND_CONVERTING
	      : PMPTABLE_FIELD_ID(field) < PMPTABLE_ID_TVM_FIRST
		      ? (const int[]){ PMPTABLE_KIND_HOST, PMPTABLE_KIND_MONITOR,
				       PMPTABLE_KIND_UNASSIGNED }[PMPTABLE_FIELD_ID(field)]
		      : PMPTABLE_KIND_TVM]++;
}

static bool host_has(u32 field)
{
	return field == PMPTABLE_HOST || field == PMPTABLE_HOST_SHARED || field == PMPTABLE_MONITOR;
}

/* The runs of denied pages: their number and, where a list can hold them, each of them. */
static void check_denied(void)
{
	static struct pmptable_range runs[RAM_PAGES / 2];
	unsigned int run = 0, n;
	u64 pa, start = 0;
	int rc;

	rc = pmptable_denied_runs(&cove.table, runs, RAM_PAGES / 2);
	assert_true(rc >= 0);
	n = (unsigned int)rc;
	for (pa = FAKE_RAM_BASE; pa <= RAM_END; pa += PAGE) {
		bool denied = pa < RAM_END && !host_has(field_at(pa));

		if (denied && !start)
			start = pa;
		if (denied || !start)
			continue;
		assert_true(run < n);
		assert_int_equal(runs[run].base, start);
		assert_int_equal(runs[run].size, pa - start);
		run++;
		start = 0;
	}
	assert_int_equal(n, run);
	assert_int_equal(cove.table.runs, run);
}

void check_invariants(void)
{
	unsigned long count[PMPTABLE_KINDS] = { 0 };
	unsigned int i;
	u64 pa;

	assert_false(cove.convert_lock.held);
	assert_false(cove.table.lock.held);
	memset(expected, 0, sizeof(expected));
	for (i = 0; i < COVE_MAX_TVMS; i++) {
		assert_false(cove.slot[i].lock.held);
		if (cove.slot[i].tvm)
			expect_tvm(cove.slot[i].tvm, PMPTABLE_ID_TVM_FIRST + i);
	}
	for (pa = FAKE_RAM_BASE; pa < RAM_END; pa += PAGE)
		check_field(pa, expected[(pa - FAKE_RAM_BASE) / PAGE], count);
	assert_memory_equal(cove.table.count, count, sizeof(count));
	check_denied();
}
