// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Life of a TVM as the host drives it: every call, its documented errors, and
 * that a call that fails changes nothing.
 */
#include "machine.h"

#define POOL_PAGES 256UL
#define SLOT	   16UL /* pages for a root and a state */
#define TOP	   (~0UL & ~(PAGE - 1))

/* Counts and every field: what a call that fails must leave alone. */
struct snapshot {
	unsigned long count[PMPTABLE_KINDS];
	unsigned int tvms;
	u16 field[RAM_PAGES];
	struct tvm tvm;
};
static struct snapshot before, after;

static void snapshot(struct snapshot *s, unsigned long gid)
{
	unsigned int i;

	memcpy(s->count, cove.table.count, sizeof(s->count));
	/* a fenced page that is converting is unassigned: both names will do */
	s->count[PMPTABLE_KIND_UNASSIGNED] += s->count[PMPTABLE_KIND_CONVERTING];
	s->count[PMPTABLE_KIND_CONVERTING] = 0;
	s->tvms = cove_tvm_count();
	for (i = 0; i < RAM_PAGES; i++) {
		s->field[i] = (u16)field_at(FAKE_RAM_BASE + i * PAGE);
		if (s->field[i] == PMPTABLE_UNASSIGNED)
			s->field[i] = PMPTABLE_CONVERTING;
	}
	if (gid)
		s->tvm = *tvm_of(gid);
	/* tables that were made for a mapping that then failed stay */
	s->tvm.pt_pool = s->tvm.pt_free = 0;
}

/* A call that fails with @error, gives no value and changes nothing of TVM @gid (0: none). */
#define FAILS(gid, error, call)                                       \
	do {                                                          \
		snapshot(&before, gid);                               \
		assert_int_equal(call, error);                        \
		assert_int_equal(call_value, 0);                      \
		snapshot(&after, gid);                                \
		assert_memory_equal(&before, &after, sizeof(before)); \
		check_invariants();                                   \
	} while (0)

static struct machine_tvm t;

static int setup_initializing(void **state)
{
	machine_setup(state);
	machine_tvm(&t, ARENA, POOL_PAGES, 1, 0);
	return 0;
}

static int setup_runnable(void **state)
{
	machine_setup(state);
	machine_tvm_runnable(&t, ARENA, POOL_PAGES, 1, 0);
	return 0;
}

static int teardown_tvm(void **state)
{
	machine_tvm_end(&t);
	assert_int_equal(cove_tvm_count(), 0);
	return machine_teardown(state);
}

static unsigned long stale_gid(void)
{
	return t.gid - 0x10000; /* same C-mode ID, the generation before */
}

static void test_info(void **state)
{
	struct tsm_info *info = arch_ptr(BUFFER);

	(void)state;
	memset(info, 0xff, 64);
	assert_int_equal(COVH(GET_TSM_INFO, BUFFER, sizeof(*info)), COVE_OK);
	assert_int_equal(call_value, 48);
	assert_int_equal(info->tsm_state, TSM_READY);
	assert_int_equal(info->tsm_impl_id, COVE_TSM_IMPL_ID);
	assert_int_equal(info->reserved, 0);
	assert_int_equal(info->tsm_capabilities, TSM_CAP_PROMOTE_TVM | TSM_CAP_MEMORY_ALLOCATION);
	assert_int_equal(info->tvm_state_pages, STATE_PAGES);
	assert_int_equal(info->tvm_max_vcpus, COVE_MAX_VCPUS);
	assert_int_equal(info->tvm_vcpu_state_pages, cove_vcpu_state_pages());
	assert_int_equal(*(u8 *)arch_ptr(BUFFER + 48), 0xff);
	assert_int_equal(COVH(GET_TSM_INFO, BUFFER + 4, 4096), COVE_OK);
	FAILS(0, COVE_ERR_INVALID_PARAM, COVH(GET_TSM_INFO, BUFFER, 47));
	FAILS(0, COVE_ERR_INVALID_PARAM, COVH(GET_TSM_INFO, BUFFER, 0));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(GET_TSM_INFO, BUFFER + 2, 48));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(GET_TSM_INFO, FAKE_RAM_BASE, 48));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(GET_TSM_INFO, HOST_BASE - 4, 48));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(GET_TSM_INFO, RAM_END - 44, 48));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(GET_TSM_INFO, ~0UL - 3, 48));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(GET_TSM_INFO, 0, 48));
	convert(ARENA, 1);
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(GET_TSM_INFO, ARENA, 48));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(GET_TSM_INFO, ARENA - 16, 48));
}

static void test_stats(void **state)
{
	struct covesbi_stats *stats = arch_ptr(BUFFER);

	(void)state;
#define STATS(pa, len) CALL(SBI_EXT_COVESBI, SBI_COVESBI_GET_STATS, pa, len)
	assert_int_equal(STATS(BUFFER, sizeof(*stats)), COVE_OK);
	assert_int_equal(call_value, sizeof(*stats));
	assert_int_equal(stats->pages_host + stats->pages_monitor, RAM_PAGES - POOL_PAGES);
	assert_int_equal(stats->pages_monitor, FIRMWARE_SIZE / PAGE);
	assert_int_equal(stats->pages_unassigned + stats->pages_converting + stats->pages_tvm,
			 POOL_PAGES);
	assert_int_equal(stats->pages_tvm, ROOT_PAGES + STATE_PAGES + 16 + cove_vcpu_state_pages());
	assert_int_equal(stats->tvms, 1);
	assert_int_equal(stats->deny_runs, 1);
	assert_int_equal(stats->ram_bytes, RAM_PAGES * PAGE);
	assert_int_equal(stats->table_bytes, cove.table_bytes);
	assert_int_equal(stats->max_gpa_bits, 50);
	assert_int_equal(stats->pmp_refill, 0);
	assert_int_equal(stats->refills, 0);
	assert_int_equal(stats->windows, 0);
	FAILS(0, COVE_ERR_INVALID_PARAM, STATS(BUFFER, sizeof(*stats) - 1));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, STATS(BUFFER + 1, sizeof(*stats)));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, STATS(t.root, sizeof(*stats)));
}

static void test_call_numbers(void **state)
{
	const unsigned long a[6] = { 0 };
	unsigned long fid, value;

	(void)state;
	for (fid = SBI_COVH_TVM_REMOVE_PAGES + 1; fid < 0x10000; fid += fid < 64 ? 1 : 4001)
		assert_int_equal(cove_host_call(SBI_EXT_COVH, fid, a, &value),
				 fid == 21 ? COVE_ERR_INVALID_PARAM : COVE_ERR_NOT_SUPPORTED);
	/* supervisor domains 0 and 1 are ours; bits 63:32 of a6 mean nothing */
	assert_int_equal(cove_host_call(SBI_EXT_COVH, 4, a, &value), COVE_OK);
	assert_int_equal(cove_host_call(SBI_EXT_COVH, 4 | 1 << 26, a, &value), COVE_OK);
	assert_int_equal(cove_host_call(SBI_EXT_COVH, 4 | 0xffffffff00000000, a, &value), COVE_OK);
	assert_int_equal(cove_host_call(SBI_EXT_COVH, 4 | 2 << 26, a, &value),
			 COVE_ERR_NOT_SUPPORTED);
	assert_int_equal(cove_host_call(SBI_EXT_COVH, 4 | 63UL << 26, a, &value),
			 COVE_ERR_NOT_SUPPORTED);
	for (fid = 16; fid < 26; fid++)
		assert_int_equal(cove_host_call(SBI_EXT_COVH, 4 | 1UL << fid, a, &value),
				 COVE_ERR_NOT_SUPPORTED);
	assert_int_equal(cove_host_call(SBI_EXT_COVG, 0, a, &value), COVE_ERR_NOT_SUPPORTED);
	assert_int_equal(cove_host_call(SBI_EXT_COVI, 0, a, &value), COVE_ERR_NOT_SUPPORTED);
	assert_int_equal(cove_host_call(SBI_EXT_SUPD, 0, a, &value), COVE_OK);
	assert_int_equal(value, 3);
	assert_int_equal(cove_host_call(SBI_EXT_SUPD, 1, a, &value), COVE_ERR_NOT_SUPPORTED);
	assert_int_equal(value, 0);
}

static void test_create_errors(void **state)
{
	const u64 root = ARENA, st = ARENA + 8 * PAGE;

	(void)state;
#define CREATE(root, st, flags) COVH(CREATE_TVM, create_params(root, st, flags), 24)
	convert(ARENA, 32);
	create_params(root, st, 0);
	FAILS(0, COVE_ERR_INVALID_PARAM, COVH(CREATE_TVM, BUFFER, 0));
	FAILS(0, COVE_ERR_INVALID_PARAM, COVH(CREATE_TVM, BUFFER, 15));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(CREATE_TVM, BUFFER + 4, 24));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(CREATE_TVM, 0, 24));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(CREATE_TVM, FAKE_RAM_BASE, 24));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(CREATE_TVM, ARENA, 24));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(CREATE_TVM, ARENA - 16, 24));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(CREATE_TVM, RAM_END - 16, 24));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(CREATE_TVM, ~0UL - 7, 24));
	FAILS(0, COVE_ERR_INVALID_PARAM, CREATE(root, st, 2));
	FAILS(0, COVE_ERR_INVALID_PARAM, CREATE(root, st, 1UL << 63));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(root + PAGE, st, 0)); /* not 16 KiB-aligned */
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(root + 8, st, 0));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(root, st + 8, 0));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(root, TOP, 0));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(~0UL << 14, st, 0));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(root, root, 0)); /* overlap */
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(root, root + 3 * PAGE, 0));
	FAILS(0, COVE_ERR_INVALID_ADDRESS,
	      CREATE(root, ARENA + 31 * PAGE, 0)); /* half the host's */
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(root, HOST_BASE, 0));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(root, FAKE_RAM_BASE, 0));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(HOST_BASE, st, 0));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(ARENA + 32 * PAGE, st, 0));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(0, 0, 0));
	/* converted, but not fenced */
	assert_int_equal(COVH(CONVERT_PAGES, ARENA + 32 * PAGE, STATE_PAGES), COVE_OK);
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(root, ARENA + 32 * PAGE, 0));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(ARENA + 32 * PAGE, st, 0));
	/* after all of that the same pages do */
	assert_int_equal(CREATE(root, st, 0), COVE_OK);
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(root, st, 0));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, CREATE(ARENA + 28 * PAGE, st, 0));
}

/* The flags count only when the length says that they are there. */
static void test_create_lengths(void **state)
{
	static const unsigned long lens[] = { 16, 20, 23, 24, 25, 4096 };
	unsigned int i;

	(void)state;
	convert(ARENA, 6 * SLOT);
	for (i = 0; i < 6; i++) {
		u64 pa = ARENA + i * SLOT * PAGE;

		create_params(pa, pa + 4 * PAGE, COVE_TVM_F_IMPLICIT_MMIO);
		assert_int_equal(COVH(CREATE_TVM, BUFFER, lens[i]), COVE_OK);
		assert_int_equal(tvm_of(call_value)->flags,
				 lens[i] < 24 ? 0 : COVE_TVM_F_IMPLICIT_MMIO);
		assert_int_equal(tvm_of(call_value)->interrupts_allowed, lens[i] >= 24);
	}
	create_params(ARENA + 4 * PAGE, ARENA, 0);
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(CREATE_TVM, BUFFER, ~0UL));
	FAILS(0, COVE_ERR_INVALID_ADDRESS, COVH(CREATE_TVM, BUFFER, 1UL << 32));
	check_invariants();
}

/* C-mode IDs run out; a destroyed TVM's comes back under another name. */
static void test_create_all(void **state)
{
	unsigned long gid[ARENA_PAGES / SLOT], again;
	unsigned int i, n = ARENA_PAGES / SLOT;

	(void)state;
	convert(ARENA, ARENA_PAGES);
	for (i = 0; i < n; i++) {
		u64 pa = ARENA + i * SLOT * PAGE;

		assert_int_equal(CREATE(pa, pa + 4 * PAGE, 0), COVE_OK);
		gid[i] = call_value;
		if (i)
			assert_int_equal(gid[i] & 0xffff, (gid[i - 1] & 0xffff) + 1);
	}
	check_invariants();
	assert_int_equal(cove_tvm_count(), n);
	/* as if the other IDs were taken too */
	for (i = n; i < COVE_MAX_TVMS; i++)
		cove.slot[i].tvm = cove.slot[0].tvm;
	assert_int_equal(COVH(DESTROY_TVM, gid[5]), COVE_OK);
	assert_int_equal(CREATE(ARENA + 5 * SLOT * PAGE, ARENA + (5 * SLOT + 4) * PAGE, 0),
			 COVE_OK);
	again = call_value;
	assert_int_equal(again & 0xffff, gid[5] & 0xffff);
	assert_int_not_equal(again, gid[5]);
	assert_int_equal(CREATE(ARENA + 5 * SLOT * PAGE, ARENA + (5 * SLOT + 4) * PAGE, 0),
			 COVE_ERR_FAILED);
	for (i = n; i < COVE_MAX_TVMS; i++)
		cove.slot[i].tvm = NULL;
	assert_int_equal(COVH(DESTROY_TVM, gid[5]), COVE_ERR_INVALID_PARAM);
	gid[5] = again;
	for (i = 0; i < n; i++)
		assert_int_equal(COVH(DESTROY_TVM, gid[i]), COVE_OK);
	for (i = 0; i < ARENA_PAGES; i += COVE_MAX_SCRUB_PAGES)
		assert_int_equal(COVH(RECLAIM_PAGES, ARENA + i * PAGE, COVE_MAX_SCRUB_PAGES),
				 COVE_OK);
	assert_int_equal(cove.table.count[PMPTABLE_KIND_HOST], RAM_PAGES - FIRMWARE_SIZE / PAGE);
}

/* Each call with names of TVMs that are not there. */
static void test_wrong_gid(void **state)
{
	const unsigned long gids[] = { 0,
				       1,
				       2,
				       t.gid & 0xffff,
				       t.gid + 1,
				       t.gid + 0x10000,
				       t.gid | 1UL << 63,
				       stale_gid(),
				       ~0UL,
				       3 + COVE_MAX_TVMS,
				       0x10000 + 2 + 1024UL };
	u64 page = donate(&t, 4);
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(gids) / sizeof(gids[0]); i++) {
		unsigned long g = gids[i];

		FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(FINALIZE_TVM, g, GUEST_RAM));
		FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(DESTROY_TVM, g));
		FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(ADD_TVM_MEMORY_REGION, g, 0, PAGE));
		FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(ADD_TVM_PAGE_TABLE_PAGES, g, page, 1));
		FAILS(t.gid, COVE_ERR_INVALID_PARAM,
		      COVH(ADD_TVM_MEASURED_PAGES, g, SOURCE, page, 0, 1, GUEST_RAM));
		FAILS(t.gid, COVE_ERR_INVALID_PARAM,
		      COVH(ADD_TVM_ZERO_PAGES, g, page, 0, 1, GUEST_RAM));
		FAILS(t.gid, COVE_ERR_INVALID_PARAM,
		      COVH(ADD_TVM_SHARED_PAGES, g, SOURCE, 0, 1, GUEST_RAM));
		FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(CREATE_TVM_VCPU, g, 1, page));
		FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(RUN_TVM_VCPU, g, 0));
		FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(TVM_FENCE, g));
		FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(TVM_INVALIDATE_PAGES, g, 0, PAGE));
		FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(TVM_VALIDATE_PAGES, g, 0, PAGE));
		FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(TVM_REMOVE_PAGES, g, 0, PAGE));
		FAILS(t.gid, COVE_ERR_INVALID_PARAM,
		      CALL(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, g, 0, BUFFER, 48));
	}
}

/* What only a runnable TVM may be asked. */
static void test_initializing(void **state)
{
	u64 page = donate(&t, 1);

	(void)state;
	FAILS(t.gid, COVE_ERR_INVALID_PARAM,
	      COVH(ADD_TVM_ZERO_PAGES, t.gid, page, 0, 1, GUEST_RAM));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM,
	      COVH(ADD_TVM_SHARED_PAGES, t.gid, SOURCE, 0, 1, GUEST_RAM));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(RUN_TVM_VCPU, t.gid, 0));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(TVM_FENCE, t.gid));
	assert_int_equal(COVH(ADD_TVM_MEASURED_PAGES, t.gid, SOURCE, page, 0, 1, GUEST_RAM),
			 COVE_OK);
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(TVM_INVALIDATE_PAGES, t.gid, GUEST_RAM, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(TVM_VALIDATE_PAGES, t.gid, GUEST_RAM, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(TVM_REMOVE_PAGES, t.gid, GUEST_RAM, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM,
	      CALL(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, t.gid, 0, BUFFER, 48));
}

/* What only a TVM in the making may be asked. */
static void test_runnable(void **state)
{
	u64 page = donate(&t, 8);

	(void)state;
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(FINALIZE_TVM, t.gid, GUEST_RAM));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(ADD_TVM_MEMORY_REGION, t.gid, 0, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM,
	      COVH(ADD_TVM_MEASURED_PAGES, t.gid, SOURCE, page, 0, 1, GUEST_RAM));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(CREATE_TVM_VCPU, t.gid, 1, page));
	assert_int_equal(COVH(ADD_TVM_PAGE_TABLE_PAGES, t.gid, page, 1), COVE_OK);
}

static void test_region(void **state)
{
	unsigned int i;

	(void)state;
#define REGION(gpa, len) COVH(ADD_TVM_MEMORY_REGION, t.gid, gpa, len)
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, REGION(0, 0));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, REGION(0, 0x800));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, REGION(0, PAGE + 1));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, REGION(8, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, REGION(1UL << 50, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, REGION((1UL << 50) - PAGE, 2 * PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, REGION(TOP, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, REGION(TOP, 2 * PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, REGION(PAGE, TOP));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, REGION(GUEST_RAM, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, REGION(GUEST_RAM - PAGE, 2 * PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, REGION(0, 1UL << 50));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, REGION(GUEST_RAM + GUEST_RAM_LEN - PAGE, PAGE));
	assert_int_equal(REGION((1UL << 50) - PAGE, PAGE), COVE_OK);
	for (i = 2; i < COVE_MAX_REGIONS; i++)
		assert_int_equal(REGION(i * 2 * PAGE, PAGE), COVE_OK);
	FAILS(t.gid, COVE_ERR_FAILED, REGION(i * 2 * PAGE, PAGE));
}

/* Ranges of physical pages that no TVM gets; @n pages are asked for. */
static void bad_pages(long (*call)(u64 pa), u64 n)
{
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(t.next + 8));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(0));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(TOP));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(TOP - (n - 1) * PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(FAKE_RAM_BASE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(HOST_BASE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(NACL(0)));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(RAM_END));
	/* its own: root, state, a table, a vCPU */
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(t.root));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(t.state_pa));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(t.state_pa + STATE_PAGES * PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(t.vcpu_pa[0]));
	/* only the last is the host's, only the first is in use */
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(ARENA + (POOL_PAGES - n + 1) * PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(t.next - PAGE));
}

static long call_pt(u64 pa)
{
	return COVH(ADD_TVM_PAGE_TABLE_PAGES, t.gid, pa, 4);
}

static void test_page_table_pages(void **state)
{
	u64 i, pa = t.next;
	u64 *page = arch_ptr(pa);

	(void)state;
	bad_pages(call_pt, 4);
#define PT(pa, n) COVH(ADD_TVM_PAGE_TABLE_PAGES, t.gid, pa, n)
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, PT(pa, 0));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, PT(pa, COVE_MAX_SCRUB_PAGES + 1));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, PT(pa, ~0UL));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, PT(pa, 1UL << 52));
	assert_int_equal(page[1], 0xa5a5a5a5a5a5a5a5);
	assert_int_equal(PT(pa, 4), COVE_OK);
	donate(&t, 4);
	for (i = 0; i < 4 * 512; i++)
		assert_true(i % 512 == 0 || !page[i]); /* the first word links the pool */
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, PT(pa, 1));
}

static long call_measured(u64 pa)
{
	return COVH(ADD_TVM_MEASURED_PAGES, t.gid, SOURCE, pa, 0, 4, GUEST_RAM);
}

static long call_source(u64 pa)
{
	return COVH(ADD_TVM_MEASURED_PAGES, t.gid, pa, t.next, 0, 4, GUEST_RAM);
}

static long zero_at(u64 gpa, u64 n)
{
	return COVH(ADD_TVM_ZERO_PAGES, t.gid, t.next, 0, n, gpa);
}

static long measured_at(u64 gpa, u64 n)
{
	return COVH(ADD_TVM_MEASURED_PAGES, t.gid, SOURCE, t.next, 0, n, gpa);
}

/* GPAs where no page can go; one is mapped at GUEST_RAM + 2 pages. */
static void bad_gpas(long (*call)(u64 gpa, u64 n))
{
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(GUEST_RAM + 8, 1));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(0, 1));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(GUEST_RAM - PAGE, 1));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(GUEST_RAM - PAGE, 2));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(GUEST_RAM + GUEST_RAM_LEN, 1));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(GUEST_RAM + GUEST_RAM_LEN - PAGE, 2));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(GUEST_RAM | 1UL << 50, 1)); /* an alias */
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(GUEST_RAM | 1UL << 63, 1));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(TOP, 1));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(TOP, 2));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(GUEST_RAM + 2 * PAGE, 1));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(GUEST_RAM, 3));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call(GUEST_RAM + 2 * PAGE, 2));
}

static void bad_counts(long (*call)(u64 type, u64 n), u64 max)
{
	unsigned int type;

	for (type = COVE_PAGE_512G; type < 6; type++)
		FAILS(t.gid, COVE_ERR_INVALID_PARAM, call(type, 1));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, call(COVE_PAGE_2M, 0));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, call(COVE_PAGE_2M, 513));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, call(COVE_PAGE_2M, 1UL << 43));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, call(COVE_PAGE_1G, 2));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, call(COVE_PAGE_1G, 1UL << 34));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, call(~0UL, 1));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, call(0, 0));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, call(0, max + 1));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, call(0, 1UL << 52));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, call(0, ~0UL));
}

static long measured_count(u64 type, u64 n)
{
	return COVH(ADD_TVM_MEASURED_PAGES, t.gid, SOURCE, t.next, type, n, GUEST_RAM);
}

static void test_measured_pages(void **state)
{
	u64 i, pa = t.next, got;
	u64 *src = arch_ptr(SOURCE);

	(void)state;
	for (i = 0; i < 8 * 512; i++)
		src[i] = i * 0x9e3779b97f4a7c15UL;
	bad_pages(call_measured, 4);
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call_source(SOURCE + 8));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call_source(HOST_BASE - PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS,
	      call_source(ARENA - PAGE)); /* the rest is not the host's */
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call_source(t.next));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call_source(t.state_pa));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call_source(RAM_END - PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call_source(TOP));
	bad_counts(measured_count, COVE_MAX_MEASURED_PAGES);
	assert_int_equal(
		COVH(ADD_TVM_MEASURED_PAGES, t.gid, SOURCE, pa, 0, 4, GUEST_RAM + 2 * PAGE),
		COVE_OK);
	donate(&t, 4);
	assert_memory_equal(arch_ptr(pa), src, 4 * PAGE);
	for (i = 0; i < 4; i++) {
		assert_int_equal(cove_gstage_get(tvm_of(t.gid), GUEST_RAM + (2 + i) * PAGE, &got),
				 GSTAGE_DATA);
		assert_int_equal(got, pa + i * PAGE);
	}
	bad_gpas(measured_at);
}

/* Page tables run out: refused, no page is taken. */
static void test_out_of_tables(void **state)
{
	u64 step = 1UL << 30, gpa = GUEST_RAM + step;

	(void)state;
	assert_int_equal(COVH(ADD_TVM_MEMORY_REGION, t.gid, gpa, 64 * step), COVE_OK);
	while (measured_at(gpa, 1) == COVE_OK) {
		donate(&t, 1);
		gpa += step;
	}
	assert_int_equal(gpa, GUEST_RAM + 8 * step); /* 16 tables: 3, then 2 each */
	FAILS(t.gid, COVE_ERR_OUT_OF_PTPAGES, measured_at(gpa, 1));
	assert_int_equal(COVH(FINALIZE_TVM, t.gid, GUEST_RAM), COVE_OK);
	FAILS(t.gid, COVE_ERR_OUT_OF_PTPAGES, zero_at(gpa, 1));
	assert_int_equal(COVH(ADD_TVM_PAGE_TABLE_PAGES, t.gid, donate(&t, 4), 4), COVE_OK);
	assert_int_equal(zero_at(gpa, 1), COVE_OK);
}

static long call_zero(u64 pa)
{
	return COVH(ADD_TVM_ZERO_PAGES, t.gid, pa, 0, 4, GUEST_RAM);
}

static long zero_count(u64 type, u64 n)
{
	return COVH(ADD_TVM_ZERO_PAGES, t.gid, t.next, type, n, GUEST_RAM);
}

static void test_zero_pages(void **state)
{
	u64 i, pa = t.next;
	u8 *page = arch_ptr(pa);

	(void)state;
	bad_pages(call_zero, 4);
	bad_counts(zero_count, COVE_MAX_SCRUB_PAGES);
	assert_int_equal(page[77], 0xa5);
	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, t.gid, pa, 0, 3, GUEST_RAM + 2 * PAGE), COVE_OK);
	donate(&t, 3);
	for (i = 0; i < 3 * PAGE; i++)
		assert_int_equal(page[i], 0);
	assert_int_equal(page[3 * PAGE], 0xa5);
	bad_gpas(zero_at);
	/* a page is mapped once */
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS,
	      COVH(ADD_TVM_ZERO_PAGES, t.gid, pa, 0, 1, GUEST_RAM));
	/* converted but not fenced */
	assert_int_equal(COVH(CONVERT_PAGES, ARENA + POOL_PAGES * PAGE, 1), COVE_OK);
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS,
	      COVH(ADD_TVM_ZERO_PAGES, t.gid, ARENA + POOL_PAGES * PAGE, 0, 1, GUEST_RAM));
}

static long call_vcpu(u64 pa)
{
	return COVH(CREATE_TVM_VCPU, t.gid, 1, pa);
}

static void test_vcpu(void **state)
{
	unsigned long pages = cove_vcpu_state_pages();
	u64 pa = t.next;

	(void)state;
	assert_int_equal(pages, 1 + (sizeof(struct cove_vcpu) + 32 * VLENB - 1) / PAGE);
	bad_pages(call_vcpu, pages);
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(CREATE_TVM_VCPU, t.gid, COVE_MAX_VCPUS, pa));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(CREATE_TVM_VCPU, t.gid, ~0UL, pa));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(CREATE_TVM_VCPU, t.gid, 1UL << 32, pa));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM,
	      COVH(CREATE_TVM_VCPU, t.gid, 0, pa)); /* there is one */
	assert_int_equal(COVH(CREATE_TVM_VCPU, t.gid, COVE_MAX_VCPUS - 1, donate(&t, pages)),
			 COVE_OK);
	assert_int_equal(tvm_of(t.gid)->nvcpus, 2);
	assert_int_equal(tvm_of(t.gid)->vcpu[63]->state, VCPU_STOPPED);
	assert_int_equal(tvm_of(t.gid)->vcpu[63]->gpr[5], 0);
	FAILS(t.gid, COVE_ERR_INVALID_PARAM,
	      COVH(CREATE_TVM_VCPU, t.gid, COVE_MAX_VCPUS - 1, t.next));
}

static void test_finalize(void **state)
{
	struct tvm *tvm = tvm_of(t.gid);
	unsigned int i;

	(void)state;
#define FINALIZE(identity) COVH(FINALIZE_TVM, t.gid, GUEST_RAM + 0x40, 77, identity)
	for (i = 0; i < COVE_IDENTITY_LEN; i++)
		((u8 *)arch_ptr(BUFFER))[i] = (u8)(i + 1);
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, FINALIZE(BUFFER + 32));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, FINALIZE(FAKE_RAM_BASE));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, FINALIZE(t.root));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, FINALIZE(RAM_END));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, FINALIZE(~0UL << 6));
	assert_int_equal(FINALIZE(BUFFER), COVE_OK);
	assert_int_equal(tvm->state, TVM_RUNNABLE);
	assert_true(tvm->has_identity);
	assert_memory_equal(tvm->identity, arch_ptr(BUFFER), COVE_IDENTITY_LEN);
	assert_int_equal(tvm->vcpu[0]->state, VCPU_STARTED);
	assert_int_equal(tvm->vcpu[0]->pc, GUEST_RAM + 0x40);
	for (i = 0; i < 32; i++)
		assert_int_equal(tvm->vcpu[0]->gpr[i], i == 11 ? 77 : 0);
	assert_int_equal(tvm->vcpu[0]->csr.vstimecmp, ~0UL);
	assert_int_equal(tvm->vcpu[0]->csr.vsstatus, 2UL << 32);
	assert_int_equal(tvm->vcpu[0]->csr.scounteren, 2); /* TM: user space reads the time */
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, FINALIZE(0));
}

static void test_finalize_no_vcpu(void **state)
{
	(void)state;
	machine_tvm(&t, ARENA, POOL_PAGES, 0, 0);
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(FINALIZE_TVM, t.gid, GUEST_RAM));
	assert_int_equal(COVH(CREATE_TVM_VCPU, t.gid, 1, donate(&t, cove_vcpu_state_pages())),
			 COVE_OK);
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(FINALIZE_TVM, t.gid, GUEST_RAM));
	assert_int_equal(COVH(CREATE_TVM_VCPU, t.gid, 3, donate(&t, cove_vcpu_state_pages())),
			 COVE_OK);
	assert_int_equal(COVH(CREATE_TVM_VCPU, t.gid, 0, donate(&t, cove_vcpu_state_pages())),
			 COVE_OK);
	/* 0, 1 and 3: three vCPUs are to be 0, 1 and 2 */
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(FINALIZE_TVM, t.gid, GUEST_RAM));
	assert_int_equal(COVH(CREATE_TVM_VCPU, t.gid, 2, donate(&t, cove_vcpu_state_pages())),
			 COVE_OK);
	assert_int_equal(COVH(FINALIZE_TVM, t.gid, GUEST_RAM), COVE_OK);
	assert_false(tvm_of(t.gid)->has_identity);
	assert_int_equal(tvm_of(t.gid)->vcpu[1]->state, VCPU_STOPPED);
	machine_tvm_end(&t);
}

static void test_measurement_call(void **state)
{
	(void)state;
#define MEASUREMENT(i, pa, len) \
	CALL(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, t.gid, i, pa, len)
	memset(arch_ptr(BUFFER), 0x77, 128);
	assert_int_equal(MEASUREMENT(COVE_MSMT_CONFIG, BUFFER + 3, 48), COVE_OK);
	assert_int_equal(call_value, 48);
	assert_memory_equal(arch_ptr(BUFFER + 3), tvm_of(t.gid)->msmt[COVE_MSMT_CONFIG], 48);
	assert_int_equal(*(u8 *)arch_ptr(BUFFER + 2), 0x77);
	assert_int_equal(*(u8 *)arch_ptr(BUFFER + 51), 0x77);
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, MEASUREMENT(COVE_MSMT_INITIAL, BUFFER, 48));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, MEASUREMENT(~0UL, BUFFER, 48));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, MEASUREMENT(0, BUFFER, 47));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, MEASUREMENT(0, FAKE_RAM_BASE, 48));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, MEASUREMENT(0, t.state_pa, 48));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, MEASUREMENT(0, ARENA - 40, 48));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, MEASUREMENT(0, ~0UL - 40, 48));
}

/* A shared range without the guest's part: the region is set as COVG share would. */
static void share_region(u64 gpa, u64 n, enum region_type type)
{
	assert_int_equal(cove_region_set(tvm_of(t.gid), gpa, n * PAGE, type), 0);
}

static long call_shared(u64 pa)
{
	return COVH(ADD_TVM_SHARED_PAGES, t.gid, pa, 0, 4, GUEST_RAM);
}

static long shared_count(u64 type, u64 n)
{
	return COVH(ADD_TVM_SHARED_PAGES, t.gid, SOURCE, type, n, GUEST_RAM);
}

static void test_shared_pages(void **state)
{
	struct machine_tvm other;
	u64 i, got;

	(void)state;
#define SHARED(pa, n, gpa) COVH(ADD_TVM_SHARED_PAGES, t.gid, pa, 0, n, gpa)
	/* the guest has not shared anything */
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, SHARED(SOURCE, 1, GUEST_RAM));
	share_region(GUEST_RAM, 8, REGION_SHARED);
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call_shared(SOURCE + 8));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call_shared(FAKE_RAM_BASE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call_shared(ARENA - PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call_shared(t.next));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call_shared(t.root));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call_shared(TOP));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, call_shared(RAM_END - PAGE));
	bad_counts(shared_count, COVE_MAX_SCRUB_PAGES);
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, SHARED(SOURCE, 1, GUEST_RAM + 8));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, SHARED(SOURCE, 2, GUEST_RAM + 7 * PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, SHARED(SOURCE, 1, GUEST_RAM | 1UL << 50));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, SHARED(SOURCE, 1, TOP));
	assert_int_equal(SHARED(SOURCE, 4, GUEST_RAM), COVE_OK);
	for (i = 0; i < 4; i++) {
		assert_int_equal(field_at(SOURCE + i * PAGE), PMPTABLE_HOST_SHARED);
		assert_int_equal(cove_gstage_get(tvm_of(t.gid), GUEST_RAM + i * PAGE, &got),
				 GSTAGE_SHARED);
	}
	check_invariants();
	/* a second vCPU's fault on the same page */
	assert_int_equal(SHARED(SOURCE, 4, GUEST_RAM), COVE_OK);
	assert_int_equal(SHARED(SOURCE + PAGE, 1, GUEST_RAM + PAGE), COVE_OK);
	/* another page there, the same page elsewhere, half of it new */
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, SHARED(SOURCE + 8 * PAGE, 1, GUEST_RAM));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, SHARED(SOURCE, 1, GUEST_RAM + 4 * PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, SHARED(SOURCE + 3 * PAGE, 2, GUEST_RAM + 3 * PAGE));
	/* it cannot be converted, nor shared with another TVM */
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, COVH(CONVERT_PAGES, SOURCE, 1));
	machine_tvm_runnable(&other, ARENA + 512 * PAGE, 64, 1, 0);
	assert_int_equal(cove_region_set(tvm_of(other.gid), GUEST_RAM, PAGE, REGION_SHARED), 0);
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS,
	      COVH(ADD_TVM_SHARED_PAGES, other.gid, SOURCE, 0, 1, GUEST_RAM));
	machine_tvm_end(&other);
	/* confidential pages do not go there */
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, zero_at(GUEST_RAM + 4 * PAGE, 1));
	assert_int_equal(field_at(SOURCE), PMPTABLE_HOST_SHARED);
	/* the host's contents are the host's */
	*(u64 *)arch_ptr(SOURCE) = 0x5eed;
	machine_tvm_end(&t);
	assert_int_equal(*(u64 *)arch_ptr(SOURCE), 0x5eed);
	assert_int_equal(field_at(SOURCE), PMPTABLE_HOST);
	assert_int_equal(COVH(CONVERT_PAGES, SOURCE, 4), COVE_OK);
}

static long range_call(unsigned int fid, u64 gpa, u64 len)
{
	return CALL(SBI_EXT_COVH, fid, t.gid, gpa, len);
}

static void bad_ranges(unsigned int fid)
{
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, range_call(fid, GUEST_RAM, 0));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, range_call(fid, GUEST_RAM, PAGE / 2));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, range_call(fid, GUEST_RAM, PAGE + 8));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM,
	      range_call(fid, GUEST_RAM, (COVE_MAX_LARGE_PAGES + 1) * PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, range_call(fid, GUEST_RAM, TOP));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(fid, GUEST_RAM + 8, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(fid, 0, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(fid, TOP, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(fid, TOP, 2 * PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(fid, GUEST_RAM | 1UL << 50, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(fid, 1UL << 50, PAGE));
}

#define INVALIDATE SBI_COVH_TVM_INVALIDATE_PAGES
#define VALIDATE   SBI_COVH_TVM_VALIDATE_PAGES
#define REMOVE	   SBI_COVH_TVM_REMOVE_PAGES

static void test_unmap_errors(void **state)
{
	u64 got;

	(void)state;
	assert_int_equal(zero_at(GUEST_RAM, 4), COVE_OK);
	donate(&t, 4);
	bad_ranges(INVALIDATE);
	bad_ranges(VALIDATE);
	bad_ranges(REMOVE);
	/* every page must be there */
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(INVALIDATE, GUEST_RAM, 5 * PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(INVALIDATE, GUEST_RAM + 4 * PAGE, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(VALIDATE, GUEST_RAM, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(REMOVE, GUEST_RAM, PAGE));
	assert_int_equal(range_call(INVALIDATE, GUEST_RAM, 2 * PAGE), COVE_OK);
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(INVALIDATE, GUEST_RAM, PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(INVALIDATE, GUEST_RAM + PAGE, 2 * PAGE));
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(VALIDATE, GUEST_RAM + PAGE, 2 * PAGE));
	assert_int_equal(cove_gstage_get(tvm_of(t.gid), GUEST_RAM + 2 * PAGE, &got), GSTAGE_DATA);
	/* the place of a blocked page is taken */
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, zero_at(GUEST_RAM, 1));
	/* the guest has not asked for it: fenced or not, nothing is removed */
	assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(REMOVE, GUEST_RAM, PAGE));
	assert_int_equal(range_call(VALIDATE, GUEST_RAM, 2 * PAGE), COVE_OK);
	assert_int_equal(cove_gstage_get(tvm_of(t.gid), GUEST_RAM, &got), GSTAGE_DATA);
}

static void test_remove(void **state)
{
	u64 pa = t.next, got;

	(void)state;
	assert_int_equal(zero_at(GUEST_RAM, 4), COVE_OK);
	donate(&t, 4);
	*(u64 *)arch_ptr(pa) = 0x5ec2e7;
	share_region(GUEST_RAM, 2, REGION_CONF_REMOVABLE);
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(REMOVE, GUEST_RAM, PAGE));
	assert_int_equal(range_call(INVALIDATE, GUEST_RAM, 4 * PAGE), COVE_OK);
	FAILS(t.gid, COVE_ERR_FAILED, range_call(REMOVE, GUEST_RAM, PAGE)); /* not fenced */
	assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(REMOVE, GUEST_RAM, 3 * PAGE));
	assert_int_equal(range_call(REMOVE, GUEST_RAM, 2 * PAGE), COVE_OK);
	assert_int_equal(cove_gstage_get(tvm_of(t.gid), GUEST_RAM, &got), GSTAGE_NONE);
	assert_int_equal(field_at(pa), PMPTABLE_UNASSIGNED);
	check_invariants();
	/* the secret is still there, the host gets it only scrubbed */
	assert_int_equal(*(u64 *)arch_ptr(pa), 0x5ec2e7);
	assert_int_equal(COVH(RECLAIM_PAGES, pa, 1), COVE_OK);
	assert_int_equal(*(u64 *)arch_ptr(pa), 0);
	/* blocked, unblocked, blocked again: the last time counts */
	share_region(GUEST_RAM, 4, REGION_CONF_REMOVABLE);
	assert_int_equal(range_call(VALIDATE, GUEST_RAM + 2 * PAGE, PAGE), COVE_OK);
	assert_int_equal(range_call(INVALIDATE, GUEST_RAM + 2 * PAGE, PAGE), COVE_OK);
	FAILS(t.gid, COVE_ERR_FAILED, range_call(REMOVE, GUEST_RAM + 2 * PAGE, 2 * PAGE));
	assert_int_equal(range_call(REMOVE, GUEST_RAM + 3 * PAGE, PAGE), COVE_OK);
}

static void test_remove_shared(void **state)
{
	(void)state;
	share_region(GUEST_RAM, 2, REGION_SHARED);
	assert_int_equal(SHARED(SOURCE, 2, GUEST_RAM), COVE_OK);
	assert_int_equal(range_call(INVALIDATE, GUEST_RAM, 2 * PAGE), COVE_OK);
	assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, range_call(REMOVE, GUEST_RAM, PAGE));
	/* a blocked page is not the mapping that a second fault wants */
	FAILS(t.gid, COVE_ERR_INVALID_ADDRESS, SHARED(SOURCE, 2, GUEST_RAM));
	share_region(GUEST_RAM, 2, REGION_SHARED_REMOVABLE);
	assert_int_equal(range_call(REMOVE, GUEST_RAM, PAGE), COVE_OK);
	assert_int_equal(field_at(SOURCE), PMPTABLE_HOST);
	assert_int_equal(field_at(SOURCE + PAGE), PMPTABLE_HOST_SHARED);
	assert_int_equal(COVH(CONVERT_PAGES, SOURCE, 1), COVE_OK);
}

/* Sixteen bits of the version are kept: wrapping round costs a fence, never a page. */
static void test_version_wrap(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(zero_at(GUEST_RAM, 2), COVE_OK);
	donate(&t, 2);
	share_region(GUEST_RAM, 2, REGION_CONF_REMOVABLE);
	tvm_of(t.gid)->tcur = 0xfffe;
	assert_int_equal(range_call(INVALIDATE, GUEST_RAM, PAGE), COVE_OK);
	for (i = 0; i < 3; i++) {
		assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
		assert_int_equal(range_call(INVALIDATE, GUEST_RAM + PAGE, PAGE), COVE_OK);
		FAILS(t.gid, COVE_ERR_FAILED, range_call(REMOVE, GUEST_RAM + PAGE, PAGE));
		FAILS(t.gid, COVE_ERR_FAILED, range_call(REMOVE, GUEST_RAM, 2 * PAGE));
		assert_int_equal(range_call(VALIDATE, GUEST_RAM + PAGE, PAGE), COVE_OK);
	}
	assert_int_equal(tvm_of(t.gid)->tcur, 0x10001);
	tvm_of(t.gid)->tcur = 0x1fffe; /* looks as if it had just been blocked */
	FAILS(t.gid, COVE_ERR_FAILED, range_call(REMOVE, GUEST_RAM, PAGE));
	assert_int_equal(COVH(TVM_FENCE, t.gid), COVE_OK);
	assert_int_equal(range_call(REMOVE, GUEST_RAM, PAGE), COVE_OK);
}

/* Everything that a TVM can have goes back; two TVMs do not see each other's pages. */
static void test_destroy(void **state)
{
	struct machine_tvm other;

	(void)state;
	machine_tvm_runnable(&other, ARENA + 512 * PAGE, 64, 3, COVE_TVM_F_IMPLICIT_MMIO);
	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, other.gid, donate(&other, 4), 0, 4, GUEST_RAM),
			 COVE_OK);
	assert_int_equal(zero_at(GUEST_RAM, 20), COVE_OK);
	donate(&t, 20);
	assert_int_equal(zero_at(GUEST_RAM + 0x300000, 3), COVE_OK);
	donate(&t, 3);
	assert_int_equal(range_call(INVALIDATE, GUEST_RAM + 5 * PAGE, 4 * PAGE), COVE_OK);
	share_region(GUEST_RAM + 0x200000, 4, REGION_SHARED);
	assert_int_equal(SHARED(SOURCE, 4, GUEST_RAM + 0x200000), COVE_OK);
	assert_int_equal(range_call(INVALIDATE, GUEST_RAM + 0x200000, 2 * PAGE), COVE_OK);
	check_invariants();
	machine_tvm_end(&other);
	check_invariants();
	assert_int_equal(cove.table.count[PMPTABLE_KIND_TVM],
			 23 + ROOT_PAGES + STATE_PAGES + 16 + cove_vcpu_state_pages());
	machine_tvm_end(&t);
	assert_int_equal(cove.table.count[PMPTABLE_KIND_HOST], RAM_PAGES - FIRMWARE_SIZE / PAGE);
	assert_int_equal(cove.table.runs, 0);
}

/* Pages of a destroyed TVM, unreclaimed, carry nothing into the next one. */
static void test_reuse(void **state)
{
	unsigned long old = t.gid;

	(void)state;
	assert_int_equal(zero_at(GUEST_RAM, 8), COVE_OK);
	memset(arch_ptr(t.next), 0xc3, 8 * PAGE);
	assert_int_equal(COVH(DESTROY_TVM, t.gid), COVE_OK);
	memset(arch_ptr(t.state_pa), 0xc3, STATE_PAGES * PAGE);
	memset(arch_ptr(t.root), 0xc3, ROOT_PAGES * PAGE);
	assert_int_equal(CREATE(t.root, t.state_pa, 0), COVE_OK);
	assert_int_not_equal(call_value, old);
	t.gid = call_value;
	check_invariants();
	assert_int_equal(tvm_of(t.gid)->nregions, 0);
	assert_int_equal(tvm_of(t.gid)->msmt[COVE_MSMT_PAGES][0], 0);
	FAILS(t.gid, COVE_ERR_INVALID_PARAM, COVH(DESTROY_TVM, old));
}

#define NO_TVM(test)	   cmocka_unit_test_setup_teardown(test, machine_setup, machine_teardown)
#define INITIALIZING(test) cmocka_unit_test_setup_teardown(test, setup_initializing, teardown_tvm)
#define RUNNABLE(test)	   cmocka_unit_test_setup_teardown(test, setup_runnable, teardown_tvm)
#define ENDS_ITSELF(test)  cmocka_unit_test_setup_teardown(test, setup_runnable, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NO_TVM(test_info),
		INITIALIZING(test_stats),
		NO_TVM(test_call_numbers),
		NO_TVM(test_create_errors),
		NO_TVM(test_create_lengths),
		NO_TVM(test_create_all),
		INITIALIZING(test_wrong_gid),
		INITIALIZING(test_initializing),
		RUNNABLE(test_runnable),
		INITIALIZING(test_region),
		INITIALIZING(test_page_table_pages),
		INITIALIZING(test_measured_pages),
		INITIALIZING(test_out_of_tables),
		RUNNABLE(test_zero_pages),
		INITIALIZING(test_vcpu),
		INITIALIZING(test_finalize),
		NO_TVM(test_finalize_no_vcpu),
		RUNNABLE(test_measurement_call),
		ENDS_ITSELF(test_shared_pages),
		RUNNABLE(test_unmap_errors),
		RUNNABLE(test_remove),
		RUNNABLE(test_remove_shared),
		RUNNABLE(test_version_wrap),
		ENDS_ITSELF(test_destroy),
		RUNNABLE(test_reuse),
	};

	return cmocka_run_group_tests_name("tvm", tests, NULL, NULL);
}
