// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A hostile host: all harts at once make calls in any order, some of them with
 * arguments that must be refused, on a few TVMs in a few pages, and one hart
 * rewrites the memory that the others pass. Afterwards all memory comes back
 * and a TVM runs. The boot argument calls=N says how many calls each hart makes.
 */
#include "tvm.h"

#define CALLS	     300
#define SLOTS	     4U
#define SLOT_PAGES   64UL
#define PAGES	     (SLOTS * SLOT_PAGES + 4) /* some begin at the last of a slot */
#define TABLE_PAGES  6UL
#define VCPUS	     2U
#define HEAP_PAGES   8UL
#define SHARED_PAGES 8
#define SPARE	     64U
#define CSR_HTVAL    0x643
#define MMIO	     0x10000000UL
#define FIRMWARE     0x80000000UL
#define RAM_TOP	     0xfffffffffffff000UL

static struct {
	unsigned long pages;
	unsigned long gid[SLOTS];
	unsigned long spare[SPARE];
	unsigned long nspare;
	unsigned long calls;
	unsigned int over;
	unsigned long done, refused; /* of all harts */
} h;

static struct tvm_create_params params[MAX_HARTS] __attribute__((aligned(64)));

static uint8_t shared[SHARED_PAGES][PAGE] __attribute__((aligned(PAGE)));

static bool one_in(unsigned long n)
{
	return !random_below(n);
}

static unsigned long slot_pages(unsigned int slot)
{
	return h.pages + slot * SLOT_PAGES * PAGE;
}

/* No page that a host may give away. */
static unsigned long never_a_page(void)
{
	const unsigned long some[] = { 0,
				       MMIO,
				       FIRMWARE,
				       FIRMWARE + 0x1000,
				       RAM_TOP,
				       ~0UL,
				       1UL << 63 | h.pages,
				       1UL << 56 | h.pages,
				       h.pages + 8,
				       h.pages + PAGE - 1,
				       RAM_TOP - PAGE,
				       1UL << 52 };

	return some[random_below(ARRAY_SIZE(some))];
}

static unsigned long never_a_count(void)
{
	static const unsigned long some[] = { 0,	 ~0UL,	   1UL << 52, (1UL << 52) + 1,
					      1UL << 63, 1UL << 40 };

	return some[random_below(ARRAY_SIZE(some))];
}

static long call(unsigned long fid, const unsigned long a[6])
{
	long rc = sbi_call(SBI_EXT_COVH, fid, a).error;

	if (rc > 0 || rc < -14)
		test_fail("call %lu returns %ld", fid, rc);
	__atomic_add_fetch(rc ? &h.refused : &h.done, 1, __ATOMIC_RELAXED);
	return rc;
}
#define CALL(fid, ...) call(fid, (const unsigned long[6]){ __VA_ARGS__ })

static void must_refuse(unsigned long fid, const unsigned long a[6])
{
	if (!call(fid, a))
		test_fail("call %lu (%lx %lx %lx %lx %lx %lx) is not refused", fid, a[0], a[1],
			  a[2], a[3], a[4], a[5]);
}
#define REFUSED(fid, ...) must_refuse(fid, (const unsigned long[6]){ __VA_ARGS__ })

static unsigned long some_page(void)
{
	return h.pages + random_below(SLOTS * SLOT_PAGES) * PAGE;
}

static unsigned long some_gid(void)
{
	return __atomic_load_n(&h.gid[random_below(SLOTS)], __ATOMIC_RELAXED);
}

static unsigned long some_gpa(void)
{
	return (one_in(2) ? GUEST_HEAP : GUEST_BASE) + random_below(HEAP_PAGES) * PAGE;
}

static void fence(void)
{
	CALL(SBI_COVH_GLOBAL_FENCE);
	CALL(SBI_COVH_LOCAL_FENCE);
}

/*
 * Where parameters change during the call, two harts may make a TVM for one slot, in different
 * pages. What is pushed out goes now, or in the end when it runs now.
 */
static void keep_gid(unsigned int slot, unsigned long gid)
{
	unsigned long old = __atomic_exchange_n(&h.gid[slot], gid, __ATOMIC_ACQ_REL), i;
	long rc;

	if (!old)
		return;
	rc = sbi6(SBI_EXT_COVH, SBI_COVH_DESTROY_TVM, old).error;
	if (!rc || rc == E_INVALID_PARAM)
		return;
	i = __atomic_fetch_add(&h.nspare, 1, __ATOMIC_RELAXED);
	if (i < SPARE)
		h.spare[i] = old;
	else
		test_fail("more than %u TVMs were pushed out", SPARE);
}

/* A TVM in the pages of a slot, while others do with them what they like. */
static void make(void)
{
	unsigned int slot = (unsigned int)random_below(SLOTS), i;
	unsigned long pa = slot_pages(slot), next = pa + 4 * PAGE + tsm.tvm_state_pages * PAGE;
	struct tvm_create_params *p = &params[this_hart()->id];
	unsigned long gid = 0;

	if (h.gid[slot] && CALL(SBI_COVH_DESTROY_TVM, h.gid[slot]))
		return;
	CALL(SBI_COVH_RECLAIM_PAGES, pa, SLOT_PAGES);
	CALL(SBI_COVH_CONVERT_PAGES, pa, SLOT_PAGES);
	for (i = 0; i < 20 && !gid; i++) {
		fence();
		*p = (struct tvm_create_params){ pa, pa + 4 * PAGE, COVE_TVM_F_IMPLICIT_MMIO };
		gid = sbi6(SBI_EXT_COVH, SBI_COVH_CREATE_TVM, (unsigned long)p, sizeof(*p)).value;
		pause_ticks(2000);
	}
	if (!gid)
		return;
	keep_gid(slot, gid);
	CALL(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, gid, next, TABLE_PAGES);
	next += TABLE_PAGES * PAGE;
	CALL(SBI_COVH_ADD_TVM_MEMORY_REGION, gid, GUEST_BASE, GUEST_SIZE);
	for (i = 0; i < VCPUS; i++, next += tsm.tvm_vcpu_state_pages * PAGE)
		CALL(SBI_COVH_CREATE_TVM_VCPU, gid, i, next);
	CALL(SBI_COVH_ADD_TVM_MEASURED_PAGES, gid, (unsigned long)guest_image, next, COVE_PAGE_4K,
	     GUEST_IMAGE_PAGES, GUEST_BASE);
	if (!one_in(8))
		CALL(SBI_COVH_FINALIZE_TVM, gid, GUEST_BASE,
		     GUEST_ARG(one_in(2) ? G_SHARE : random_below(G_COUNT), 4));
}

static void take_away(unsigned long gid, unsigned long gpa, unsigned long len)
{
	for (; len; len -= PAGE, gpa += PAGE) {
		CALL(SBI_COVH_TVM_INVALIDATE_PAGES, gid, gpa, PAGE);
		CALL(SBI_COVH_TVM_FENCE, gid);
		CALL(SBI_COVH_TVM_REMOVE_PAGES, gid, gpa, PAGE);
	}
}

/* Some exits are served, and not all well. */
static void serve(unsigned long gid)
{
	unsigned long scause = csr_read(scause), gpa = *nacl_word(NACL_CSR_OFFSET(CSR_HTVAL)) << 2;
	unsigned long a0 = *nacl_word(NACL_GPR_OFFSET(10)), a1 = *nacl_word(NACL_GPR_OFFSET(11));

	if (scause == CAUSE_VECALL && a1 <= 16 * PAGE && !(a1 % PAGE))
		take_away(gid, a0, a1);
	else if (scause >= CAUSE_GFETCH && scause <= CAUSE_GSTORE && one_in(2))
		CALL(SBI_COVH_ADD_TVM_SHARED_PAGES, gid,
		     (unsigned long)shared[random_below(SHARED_PAGES)], COVE_PAGE_4K, 1, gpa);
	else if (scause >= CAUSE_GFETCH && scause <= CAUSE_GSTORE)
		CALL(SBI_COVH_ADD_TVM_ZERO_PAGES, gid, some_page(), COVE_PAGE_4K, 1, gpa);
	answer(one_in(4) ? never_a_page() : 0, never_a_count());
}

static void run(void)
{
	unsigned long gid = some_gid(), id = random_below(8) ? 0 : 1;
	unsigned int i;

	csr_write(sie, SIP_STIP);
	for (i = 0; i < 8; i++) {
		timer_set(csr_read(time) + random_below(20000));
		if (CALL(SBI_COVH_RUN_TVM_VCPU, gid, id))
			break;
		serve(gid);
	}
	timer_set(~0UL);
	csr_write(sie, SIP_SSIP);
}

/* Each with one argument that can never be right. */
static void wild_call(void)
{
	unsigned long gid = some_gid(), pa = never_a_page(), n = never_a_count();

	switch (random_below(14)) {
	case 0:
		REFUSED(SBI_COVH_CONVERT_PAGES, pa, 1);
		break;
	case 1:
		REFUSED(SBI_COVH_CONVERT_PAGES, some_page(), n);
		break;
	case 2:
		REFUSED(SBI_COVH_RECLAIM_PAGES, pa, 1);
		break;
	case 3:
		REFUSED(SBI_COVH_RECLAIM_PAGES, some_page(), n);
		break;
	case 4: /* half of it is firmware, or no RAM */
		REFUSED(SBI_COVH_CONVERT_PAGES, FIRMWARE - PAGE, 2);
		break;
	case 5:
		REFUSED(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, gid, pa, 1);
		break;
	case 6:
		REFUSED(SBI_COVH_ADD_TVM_MEASURED_PAGES, gid, pa, some_page(), 0, 1, some_gpa());
		break;
	case 7:
		REFUSED(SBI_COVH_ADD_TVM_ZERO_PAGES, gid, pa, 0, 1, some_gpa());
		break;
	case 8:
		REFUSED(SBI_COVH_ADD_TVM_SHARED_PAGES, gid, pa, 0, 1, some_gpa());
		break;
	case 9:
		REFUSED(SBI_COVH_CREATE_TVM_VCPU, gid, 0, pa);
		break;
	case 10:
		REFUSED(SBI_COVH_RUN_TVM_VCPU, gid, 64 + random_below(1000));
		break;
	case 11:
		REFUSED(SBI_COVH_TVM_INVALIDATE_PAGES, gid, some_gpa(), n);
		break;
	case 12:
		REFUSED(SBI_COVH_DESTROY_TVM, gid ^ 1UL << 62);
		break;
	default: /* shared memory in firmware */
		if (!sbi6(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, FIRMWARE).error)
			test_fail("NACL memory in firmware is accepted");
	}
}

/* The flipping hart has a say in what is created: it has no name but here. */
static void create_from_flips(void)
{
	const struct tvm_create_params *p = &params[random_below(nharts)];
	struct sbiret r = sbi6(SBI_EXT_COVH, SBI_COVH_CREATE_TVM, (unsigned long)p, sizeof(*p));

	if (!r.error)
		EXPECT(covh(SBI_COVH_DESTROY_TVM, r.value), OK);
}

/* What may succeed or not, whatever the others do meanwhile. */
static void plain_call(void)
{
	unsigned long gid = some_gid();

	switch (random_below(12)) {
	case 0:
		CALL(SBI_COVH_CONVERT_PAGES, some_page(), 1 + random_below(4));
		break;
	case 1:
		CALL(SBI_COVH_RECLAIM_PAGES, some_page(), 1 + random_below(4));
		break;
	case 2:
		CALL(SBI_COVH_ADD_TVM_ZERO_PAGES, gid, some_page(), 0, 1 + random_below(3),
		     some_gpa());
		break;
	case 3:
		CALL(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, gid, some_page(), 1 + random_below(3));
		break;
	case 4:
		take_away(gid, some_gpa(), PAGE);
		break;
	case 5:
		CALL(SBI_COVH_TVM_VALIDATE_PAGES, gid, some_gpa(), PAGE);
		break;
	case 6:
		if (one_in(4))
			CALL(SBI_COVH_DESTROY_TVM, gid);
		break;
	case 7:
		create_from_flips();
		break;
	case 8:
		timer_set(csr_read(time) + 3000);
		csr_write(sie, SIP_STIP);
		suspend_nonretentive();
		csr_write(sie, SIP_SSIP);
		timer_set(~0UL);
		nacl_set();
		break;
	case 9:
		sbi6(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, some_page());
		nacl_set();
		break;
	default:
		fence();
	}
}

static void caller(void *unused)
{
	unsigned long i;

	(void)unused;
	for (i = 0; i < h.calls && !test_failed(); i++) {
		switch (random_below(8)) {
		case 0:
			if (one_in(4))
				make();
			break;
		case 1:
		case 2:
			run();
			break;
		case 3:
			wild_call();
			break;
		default:
			plain_call();
		}
		CALL(SBI_COVH_LOCAL_FENCE); /* so that the others' pages become usable */
	}
	timer_set(~0UL);
	csr_write(sie, SIP_SSIP);
}

/* Rewrites what the others pass to the monitor, as fast as it can. */
static void flipper(void *unused)
{
	unsigned long i;

	(void)unused;
	while (!__atomic_load_n(&h.over, __ATOMIC_ACQUIRE)) {
		for (i = 0; i < nharts; i++) {
			volatile struct tvm_create_params *p = &params[i];
			volatile unsigned long *a0 = (void *)(nacl_of((unsigned int)i) + 80);

			p->tvm_state_addr = one_in(2) ? FIRMWARE : slot_pages(0) + 4 * PAGE;
			p->tvm_page_directory_addr = one_in(2) ? MMIO : slot_pages(0);
			p->tvm_flags = random_below(2);
			*a0 = one_in(2) ? 0 : FIRMWARE;
		}
		if (one_in(64))
			CALL(SBI_COVH_LOCAL_FENCE);
	}
}

static unsigned long calls_wanted(void)
{
	const char *p = option_value("calls");
	unsigned long n = 0;

	for (; p && *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (unsigned long)(*p - '0');
	return n ? n : CALLS;
}

static void destroy_all(void)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		if (h.gid[i])
			CALL(SBI_COVH_DESTROY_TVM, h.gid[i]);
	for (i = 0; i < h.nspare && i < SPARE; i++)
		CALL(SBI_COVH_DESTROY_TVM, h.spare[i]);
}

static void storm(bool flips)
{
	unsigned int i, last = nharts - (flips ? 1 : 0);

	memset(&h, 0, sizeof(h));
	h.calls = calls_wanted();
	h.pages = pages_alloc(PAGES, 4);
	if (flips)
		hart_begin(other_hart(nharts - 2), flipper, NULL);
	for (i = 0; i + 1 < last; i++)
		hart_begin(other_hart(i), caller, NULL);
	caller(NULL);
	for (i = 0; i + 1 < last; i++)
		while (!hart_wait(other_hart(i)) && !test_failed())
			;
	__atomic_store_n(&h.over, 1, __ATOMIC_RELEASE);
	if (flips)
		hart_wait(other_hart(nharts - 2));
}

/* Which pages of the arena the host can reach must be what the monitor counts. */
static void check_reach(void)
{
	unsigned long pa, denied = 0;
	struct covesbi_stats s;

	EXPECT(local_fence(), OK); /* a round may be open */
	REQUIRE(fence_others());
	REQUIRE(fence_all());
	get_stats(&s);
	for (pa = h.pages; pa < h.pages + PAGES * PAGE; pa += PAGE)
		denied += probe_ld(pa) != NO_FAULT;
	EXPECT(denied, s.pages_converting + s.pages_unassigned + s.pages_tvm);
}

static void check_return(const struct covesbi_stats *before)
{
	unsigned long pa;
	struct covesbi_stats s;
	struct tvm t;

	destroy_all();
	EXPECT(reclaim(h.pages, PAGES), OK);
	get_stats(&s);
	EXPECT(s.tvms, before->tvms);
	EXPECT(s.pages_host, before->pages_host);
	EXPECT(s.pages_tvm + s.pages_unassigned + s.pages_converting, 0);
	for (pa = h.pages; pa < h.pages + PAGES * PAGE; pa += PAGE)
		EXPECT(probe_ld(pa), NO_FAULT);
	REQUIRE(tvm_guest(&t, G_BASE, 0));
	EXPECT(tvm_destroy(&t), OK);
}

static void hostile(const char *name, bool flips)
{
	struct covesbi_stats before;

	random_begin(name);
	get_stats(&before);
	storm(flips);
	REQUIRE(!test_failed());
	print("# %s: %lu calls succeeded, %lu were refused\n", name, h.done, h.refused);
	EXPECT_TRUE(h.done && h.refused);
	check_reach();
	REQUIRE(!test_failed());
	check_return(&before);
}

static void calls(void)
{
	hostile("hostile_host_calls", false);
}

static void changing_memory(void)
{
	hostile("hostile_host_changing_memory", true);
}

const struct test hostile_host_tests[] = {
	{ "hostile_host_calls", calls, 1 },
	{ "hostile_host_changing_memory", changing_memory, 2 },
};
DEFINE_TESTS(hostile_host);
