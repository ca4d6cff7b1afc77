// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Discovery, function numbers, a6, TSM information and statistics.
 */
#include "tvm.h"
#include "examples.h"

#define FIRMWARE_BASE 0x80000000UL

static void probes(void)
{
	EXPECT(sbi6(EXT_BASE, 3, SBI_EXT_COVH).value, 1);
	EXPECT(sbi6(EXT_BASE, 3, SBI_EXT_SUPD).value, 1);
	EXPECT(sbi6(EXT_BASE, 3, SBI_EXT_COVESBI).value, 1);
	EXPECT(sbi6(EXT_BASE, 3, SBI_EXT_NACL).value, 0); /* works, but is not advertised */
	EXPECT(sbi6(EXT_BASE, 3, SBI_EXT_COVG).value, 0);
	EXPECT(sbi6(EXT_BASE, 3, SBI_EXT_COVI).value, 0);
	EXPECT(sbi6(EXT_BASE, 3, 0x11223344).value, 0);
}

static void unknown_functions(void)
{
	static const unsigned long fids[] = { 20, 22, 0x3ff, 0xffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fids); i++) {
		struct sbiret r = sbi6(SBI_EXT_COVH, fids[i], 0);

		EXPECT(r.error, E_NOT_SUPPORTED);
		EXPECT(r.value, 0);
	}
	EXPECT(sbi6(SBI_EXT_COVG, SBI_COVG_SHARE_MEMORY_REGION, ARENA_BASE, PAGE).error,
	       E_NOT_SUPPORTED);
	EXPECT(sbi6(SBI_EXT_COVI, 0, 0).error, E_NOT_SUPPORTED);
	EXPECT(sbi6(SBI_EXT_SUPD, 1, 0).error, E_NOT_SUPPORTED);
	EXPECT(sbi6(SBI_EXT_COVESBI, 5, 0).error, E_NOT_SUPPORTED);
}

static void reserved_bits(void)
{
	unsigned long bit;

	for (bit = 16; bit < 26; bit++)
		EXPECT(covh(SBI_COVH_LOCAL_FENCE | 1UL << bit, 0), E_NOT_SUPPORTED);
}

static void domain_ids(void)
{
	long sdid;

	EXPECT(covh(SBI_COVH_LOCAL_FENCE, 0), OK);
	EXPECT(covh(SBI_COVH_LOCAL_FENCE | 1UL << COVE_SDID_SHIFT, 0), OK);
	for (sdid = 2; sdid < 64; sdid++)
		EXPECT(covh(SBI_COVH_LOCAL_FENCE | sdid << COVE_SDID_SHIFT, 0), E_NOT_SUPPORTED);
	/* a6 is a signed 32-bit quantity */
	EXPECT(covh((unsigned long)(int)(SBI_COVH_LOCAL_FENCE | 0x80000000U), 0), E_NOT_SUPPORTED);
}

static void active_domains(void)
{
	struct sbiret r = sbi6(SBI_EXT_SUPD, SBI_SUPD_GET_ACTIVE_DOMAINS, 77);

	EXPECT(r.error, OK);
	EXPECT(r.value, 3);
}

static void tsm_info(void)
{
	unsigned long pa = pages_alloc(2, 1);
	struct tsm_info *info = (struct tsm_info *)pa;
	struct sbiret r;

	page_fill(pa, ~0UL);
	r = sbi6(SBI_EXT_COVH, SBI_COVH_GET_TSM_INFO, pa, 100);
	EXPECT(r.error, OK);
	EXPECT(r.value, sizeof(*info));
	EXPECT(info->tsm_state, TSM_READY);
	EXPECT(info->tsm_impl_id, COVE_TSM_IMPL_ID);
	EXPECT(info->tsm_version, COVE_VERSION_MAJOR << 16 | COVE_VERSION_MINOR);
	EXPECT(info->reserved, 0);
	EXPECT(info->tsm_capabilities, TSM_CAP_PROMOTE_TVM | TSM_CAP_ATTESTATION_LOCAL |
					       TSM_CAP_ATTESTATION_REMOTE |
					       TSM_CAP_MEMORY_ALLOCATION);
	EXPECT_TRUE(info->tvm_state_pages >= 1 && info->tvm_state_pages < 16);
	EXPECT_TRUE(info->tvm_vcpu_state_pages >= 1 && info->tvm_vcpu_state_pages < 16);
	EXPECT_TRUE(info->tvm_max_vcpus >= 1 && info->tvm_max_vcpus <= COVE_MAX_VCPUS);
	EXPECT(*(unsigned long *)(pa + sizeof(*info)), ~0UL); /* nothing behind it */
	/* across two pages, 4-byte aligned */
	EXPECT(covh(SBI_COVH_GET_TSM_INFO, pa + PAGE - 20, sizeof(*info)), OK);
}

/* Calls that write to the host's memory: @fid of @eid with (@pa, @len) in a0 and a1. */
static void output_buffer(unsigned long eid, unsigned long fid, unsigned long size)
{
	unsigned long pa = pages_alloc(2, 1);
	unsigned int i;

	EXPECT(sbi6(eid, fid, pa, size - 1).error, E_INVALID_PARAM);
	EXPECT(sbi6(eid, fid, pa, 0).error, E_INVALID_PARAM);
	EXPECT(sbi6(eid, fid, pa + 2, size).error, E_INVALID_ADDRESS);
	EXPECT(sbi6(eid, fid, 0x1000, size).error, E_INVALID_ADDRESS);
	EXPECT(sbi6(eid, fid, 0x10000000, size).error, E_INVALID_ADDRESS);
	EXPECT(sbi6(eid, fid, FIRMWARE_BASE, size).error, E_INVALID_ADDRESS);
	EXPECT(sbi6(eid, fid, ~0UL << 4, size).error, E_INVALID_ADDRESS);
	EXPECT(sbi6(eid, fid, pa, ~0UL).error, E_INVALID_ADDRESS);
	EXPECT(sbi6(eid, fid, pa, ~0UL - pa + 9).error, E_INVALID_ADDRESS);
	EXPECT(sbi6(eid, fid, 1UL << 56, size).error, E_INVALID_ADDRESS);
	for (i = 0; i < nreserved; i++)
		EXPECT(sbi6(eid, fid, reserved[i].base, size).error, E_INVALID_ADDRESS);
	/* the second page is confidential */
	EXPECT(convert(pa + PAGE, 1), OK);
	EXPECT(sbi6(eid, fid, pa + PAGE, size).error, E_INVALID_ADDRESS);
	EXPECT(sbi6(eid, fid, pa + PAGE - 16, size).error, E_INVALID_ADDRESS);
	EXPECT(sbi6(eid, fid, pa, size).error, OK);
}

static void tsm_info_bad(void)
{
	output_buffer(SBI_EXT_COVH, SBI_COVH_GET_TSM_INFO, sizeof(struct tsm_info));
}

static void stats_bad(void)
{
	output_buffer(SBI_EXT_COVESBI, SBI_COVESBI_GET_STATS, sizeof(struct covesbi_stats));
}

static void stats(void)
{
	struct covesbi_stats a, b;
	unsigned long pa, total;

	get_stats(&a);
	total = a.pages_host + a.pages_monitor + a.pages_converting + a.pages_unassigned +
		a.pages_tvm;
	EXPECT(total * PAGE, a.ram_bytes);
	EXPECT(a.tvms, 0);
	EXPECT(a.deny_runs, 0);
	EXPECT(a.pages_converting, 0);
	EXPECT(a.pages_unassigned, 0);
	EXPECT(a.pages_tvm, 0);
	EXPECT_TRUE(a.pages_monitor * PAGE > a.table_bytes && a.table_bytes >= a.ram_bytes / 2048);
	EXPECT_TRUE(a.pmp_used && a.pmp_used < a.pmp_entries);
	EXPECT_TRUE(a.max_gpa_bits == 41 || a.max_gpa_bits == 50 || a.max_gpa_bits == 59);
	pa = pages_alloc(3, 4);
	EXPECT(convert(pa, 3), OK);
	get_stats(&b);
	EXPECT(b.pages_host, a.pages_host - 3);
	EXPECT(b.pages_converting, 3);
	EXPECT(b.deny_runs, 1);
	EXPECT_TRUE(b.pmp_used > a.pmp_used);
	EXPECT(reclaim(pa, 3), OK);
	get_stats(&b);
	EXPECT(memcmp(&a, &b, sizeof(a)), 0);
}

static void stats_tvm(void)
{
	struct covesbi_stats a, b;
	struct tvm t;

	get_stats(&a);
	REQUIRE(tvm_build(&t, 0, 1, GUEST_ARG(G_NULL, 0)));
	get_stats(&b);
	EXPECT(b.tvms, 1);
	EXPECT(b.pages_tvm,
	       4 + tsm.tvm_state_pages + tsm.tvm_vcpu_state_pages + 8 + GUEST_IMAGE_PAGES);
	EXPECT(b.pages_converting + b.pages_unassigned + b.pages_tvm, TVM_CHUNK);
	EXPECT(tvm_destroy(&t), OK);
	get_stats(&b);
	EXPECT(b.tvms, 0);
	EXPECT(b.pages_tvm, 0);
	EXPECT(b.pages_converting + b.pages_unassigned, TVM_CHUNK);
	EXPECT(reclaim(t.chunk, TVM_CHUNK), OK);
	get_stats(&b);
	EXPECT(memcmp(&a, &b, sizeof(a)), 0);
}

static void run_fn(void *arg)
{
	(*(void (**)(void))arg)();
}

void examples_on_other_harts(void (*fn)(void))
{
	unsigned int i;

	for (i = 0; i + 1 < nharts; i++)
		on_hart(other_hart(i), run_fn, &fn);
}

/* The examples of the documentation do what they say, and everything comes back. */
static void examples(void)
{
	struct covesbi_stats before, after;
	struct example e = {
		.n = TVM_CHUNK,
		.used = 4 + tsm.tvm_state_pages + tsm.tvm_vcpu_state_pages + 8 + GUEST_IMAGE_PAGES,
		.image = (unsigned long)guest_image,
		.image_pages = GUEST_IMAGE_PAGES,
		.gpa = GUEST_BASE,
		.len = GUEST_SIZE,
		.argument = GUEST_ARG(G_EXAMPLES, 0),
		.shared = pages_alloc(1, 1),
	};
	const char *wrong;

	e.mem = pages_alloc(e.n, 4);
	get_stats(&before);
	wrong = examples_host(&e);
	if (wrong)
		test_fail("the example does not work: %s", wrong);
	EXPECT(nacl_set(), OK);
	REQUIRE(!test_failed());
	EXPECT(*(unsigned long *)e.shared, 1);
	get_stats(&after);
	EXPECT(after.tvms, before.tvms);
	EXPECT(after.pages_host, before.pages_host);
}

const struct test abi_tests[] = {
	{ "abi_probes", probes, 1 },
	{ "abi_unknown_functions", unknown_functions, 1 },
	{ "abi_reserved_bits", reserved_bits, 1 },
	{ "abi_domain_ids", domain_ids, 1 },
	{ "abi_active_domains", active_domains, 1 },
	{ "abi_tsm_info", tsm_info, 1 },
	{ "abi_tsm_info_bad_buffers", tsm_info_bad, 1 },
	{ "abi_stats", stats, 1 },
	{ "abi_stats_of_a_tvm", stats_tvm, 1 },
	{ "abi_stats_bad_buffers", stats_bad, 1 },
	{ "abi_examples", examples, 1 },
};
DEFINE_TESTS(abi);
