// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Conformance: discovery, the form of a call, SUPD, TSM information, NACL.
 */
#include "conf.h"

#define PROBE(eid) sbi6(EXT_BASE, 3, eid).value

static void base_probe_covh(void)
{
	EXPECT_TRUE(PROBE(SBI_EXT_COVH) != 0);
}

/* A guest takes it for the sign that it is confidential. */
static void base_probe_covg_hidden(void)
{
	EXPECT(PROBE(SBI_EXT_COVG), 0);
}

static void base_probe_covi(void)
{
	EXPECT(PROBE(SBI_EXT_COVI) != 0, (tsm.tsm_capabilities & TSM_CAP_AIA) != 0);
}

static void covh_unknown_function(void)
{
	static const unsigned long fids[] = { 0x100, 0x3ff, 0x440, 0xffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fids); i++) {
		struct sbiret r = sbi6(SBI_EXT_COVH, fids[i], 0);

		EXPECT(r.error, E_NOT_SUPPORTED);
		EXPECT(r.value, 0);
	}
}

static void covh_reserved_bits(void)
{
	unsigned long bit;

	for (bit = 16; bit < 26; bit++)
		EXPECT(covh(SBI_COVH_LOCAL_FENCE | 1UL << bit, 0), E_NOT_SUPPORTED);
}

static void covh_domain_0(void)
{
	EXPECT(covh(SBI_COVH_LOCAL_FENCE, 0), OK);
}

static void covh_domain_not_active(void)
{
	unsigned long active = sbi6(SBI_EXT_SUPD, SBI_SUPD_GET_ACTIVE_DOMAINS, 0).value;
	unsigned long id;

	for (id = 0; id < 64; id++) {
		unsigned long a6 = (unsigned long)(int)(SBI_COVH_LOCAL_FENCE |
							(unsigned int)id << COVE_SDID_SHIFT);

		if (!(active >> id & 1))
			EXPECT(covh(a6, 0), E_NOT_SUPPORTED);
	}
}

static void covg_from_host(void)
{
	unsigned long fid;

	for (fid = 0; fid <= SBI_COVG_READ_MEASUREMENT; fid++)
		EXPECT(sbi6(SBI_EXT_COVG, fid, ARENA_BASE, PAGE).error, E_NOT_SUPPORTED);
}

static void covi_without_aia(void)
{
	unsigned long fid;

	NEEDS(!(tsm.tsm_capabilities & TSM_CAP_AIA), "AIA is offered");
	for (fid = 0; fid < 11; fid++)
		EXPECT(sbi6(SBI_EXT_COVI, fid, 0).error, E_NOT_SUPPORTED);
}

static void call_keeps_registers(void)
{
	static unsigned long in[32], out[32];
	unsigned int i;

	for (i = 0; i < 32; i++)
		in[i] = 0x636f6e6600000000UL | i * 0x10101UL;
	in[16] = SBI_COVH_LOCAL_FENCE;
	in[17] = SBI_EXT_COVH;
	regs_ecall(in, out);
	EXPECT(out[10], OK);
	for (i = 1; i < 32; i++)
		if (i != 10 && i != 11)
			EXPECT(out[i], in[i]);
}

static void supd_domain_0_active(void)
{
	struct sbiret r = sbi6(SBI_EXT_SUPD, SBI_SUPD_GET_ACTIVE_DOMAINS, 0);

	EXPECT(r.error, OK);
	EXPECT(r.value & 1, 1);
}

static void supd_ignores_argument(void)
{
	EXPECT(sbi6(SBI_EXT_SUPD, SBI_SUPD_GET_ACTIVE_DOMAINS, ~0UL).value,
	       sbi6(SBI_EXT_SUPD, SBI_SUPD_GET_ACTIVE_DOMAINS, 0).value);
}

static void supd_unknown_function(void)
{
	EXPECT(sbi6(SBI_EXT_SUPD, 1, 0).error, E_NOT_SUPPORTED);
}

#define INFO(pa, len) COVH(GET_TSM_INFO, pa, len)

static void tsm_info_success(void)
{
	unsigned long pa = pages_alloc(1, 1);
	struct tsm_info *info = (struct tsm_info *)pa;
	struct sbiret r;

	page_fill(pa, ~0UL);
	r = sbi6(SBI_EXT_COVH, SBI_COVH_GET_TSM_INFO, pa, sizeof(*info));
	EXPECT(r.error, OK);
	EXPECT(r.value, sizeof(*info));
	EXPECT(info->tsm_state, TSM_READY);
	EXPECT(info->reserved, 0);
	EXPECT_TRUE(info->tvm_state_pages && info->tvm_vcpu_state_pages && info->tvm_max_vcpus);
	EXPECT(info->tsm_capabilities >> 6, 0);
}

static void tsm_info_writes_no_more(void)
{
	unsigned long pa = pages_alloc(1, 1), n;

	page_fill(pa, ~0UL);
	n = sbi6(SBI_EXT_COVH, SBI_COVH_GET_TSM_INFO, pa, 256).value;
	EXPECT(n, sizeof(struct tsm_info));
	EXPECT(*(unsigned long *)(pa + n), ~0UL);
}

/* A word is enough: across two pages */
static void tsm_info_word_aligned(void)
{
	EXPECT(INFO(pages_alloc(2, 1) + PAGE - 20, sizeof(struct tsm_info)), OK);
}

static void tsm_info_length(void)
{
	unsigned long pa = pages_alloc(1, 1), len, least = dialect_rfc ? 32 : 48;

	for (len = 0; len < least; len++)
		EXPECT(INFO(pa, len), E_INVALID_PARAM);
}

static void tsm_info_rfc_length(void)
{
	unsigned long pa = pages_alloc(1, 1);
	struct tsm_info_rfc *info = (struct tsm_info_rfc *)pa;
	struct sbiret r;

	page_fill(pa, ~0UL);
	r = sbi6(SBI_EXT_COVH, SBI_COVH_GET_TSM_INFO, pa, sizeof(*info));
	if (!dialect_rfc) {
		EXPECT(r.error, E_INVALID_PARAM);
		return;
	}
	EXPECT(r.error, OK);
	EXPECT(r.value, sizeof(*info));
	EXPECT(info->tsm_state, TSM_READY);
	EXPECT(info->tvm_state_pages, tsm.tvm_state_pages);
	EXPECT(info->tvm_vcpu_state_pages, tsm.tvm_vcpu_state_pages);
	EXPECT(info->tvm_max_vcpus, tsm.tvm_max_vcpus);
	EXPECT(*(unsigned long *)(pa + sizeof(*info)), ~0UL);
}

static void tsm_info_unaligned(void)
{
	EXPECT(INFO(pages_alloc(1, 1) + 2, sizeof(struct tsm_info)), E_INVALID_ADDRESS);
}

static void tsm_info_not_ram(void)
{
	EXPECT(INFO(ROM, sizeof(struct tsm_info)), E_INVALID_ADDRESS);
	EXPECT(INFO(UART, sizeof(struct tsm_info)), E_INVALID_ADDRESS);
	EXPECT(INFO(1UL << 55, sizeof(struct tsm_info)), E_INVALID_ADDRESS);
	EXPECT(INFO(~0xfUL, sizeof(struct tsm_info)), E_INVALID_ADDRESS); /* wraps */
}

static void tsm_info_firmware(void)
{
	EXPECT(INFO(FIRMWARE, sizeof(struct tsm_info)), E_INVALID_ADDRESS);
}

static void tsm_info_confidential(void)
{
	unsigned long pa = pages_alloc(2, 1);

	EXPECT(convert(pa + PAGE, 1), OK);
	EXPECT(INFO(pa + PAGE, sizeof(struct tsm_info)), E_INVALID_ADDRESS);
	EXPECT(INFO(pa + PAGE - 16, sizeof(struct tsm_info)), E_INVALID_ADDRESS);
}

static struct sbiret shmem_call(unsigned long lo, unsigned long hi, unsigned long flags)
{
	return sbi6(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, lo, hi, flags);
}

#define SHMEM(lo, hi, flags) shmem_call(lo, hi, flags).error

static void nacl_probe_feature(void)
{
	unsigned long f;

	for (f = 0; f < 8; f++) {
		struct sbiret r = sbi6(SBI_EXT_NACL, SBI_NACL_PROBE_FEATURE, f);

		EXPECT(r.error, OK);
		EXPECT_TRUE(r.value <= 1);
	}
}

#define FEATURE(feature) sbi6(SBI_EXT_NACL, SBI_NACL_PROBE_FEATURE, feature).value

static void nacl_sync_csr_not_offered(void)
{
	NEEDS(!FEATURE(0), "the feature is offered");
	EXPECT(sbi6(SBI_EXT_NACL, SBI_NACL_SYNC_CSR, ~0UL).error, E_NOT_SUPPORTED);
}

static void nacl_sync_hfence_not_offered(void)
{
	NEEDS(!FEATURE(1), "the feature is offered");
	EXPECT(sbi6(SBI_EXT_NACL, SBI_NACL_SYNC_HFENCE, ~0UL).error, E_NOT_SUPPORTED);
}

static void nacl_sync_sret_not_offered(void)
{
	NEEDS(!FEATURE(2), "the feature is offered");
	EXPECT(sbi6(SBI_EXT_NACL, SBI_NACL_SYNC_SRET, 0).error, E_NOT_SUPPORTED);
}

static void nacl_unknown_function(void)
{
	EXPECT(sbi6(SBI_EXT_NACL, 5, 0).error, E_NOT_SUPPORTED);
}

static void nacl_set_shmem_success(void)
{
	unsigned long pa = pages_alloc(6, 1);

	EXPECT(SHMEM(pa, 0, 0), OK);
	EXPECT(SHMEM(pa + 3 * PAGE, 0, 0), OK); /* another one instead */
	EXPECT(convert(pa, 3), OK);
}

static void nacl_set_shmem_off(void)
{
	unsigned long pa = pages_alloc(3, 1);

	EXPECT(SHMEM(pa, 0, 0), OK);
	EXPECT(SHMEM(~0UL, ~0UL, 0), OK);
	EXPECT(convert(pa, 3), OK);
}

static void nacl_set_shmem_flags(void)
{
	unsigned long pa = pages_alloc(3, 1);

	EXPECT(SHMEM(pa, 0, 1), E_INVALID_PARAM);
	EXPECT(SHMEM(pa, 0, 1UL << 63), E_INVALID_PARAM);
}

static void nacl_set_shmem_unaligned(void)
{
	unsigned long pa = pages_alloc(4, 1);

	EXPECT(SHMEM(pa + 8, 0, 0), E_INVALID_PARAM);
	EXPECT(SHMEM(pa + 0x800, 0, 0), E_INVALID_PARAM);
}

static void nacl_set_shmem_not_ram(void)
{
	EXPECT(SHMEM(ROM, 0, 0), E_INVALID_ADDRESS);
	EXPECT(SHMEM(UART, 0, 0), E_INVALID_ADDRESS);
	EXPECT(SHMEM(~0xfffUL, 0, 0), E_INVALID_ADDRESS);
	EXPECT(SHMEM(FIRMWARE - PAGE, 0, 0), E_INVALID_ADDRESS);
}

static void nacl_set_shmem_firmware(void)
{
	EXPECT(SHMEM(FIRMWARE, 0, 0), E_INVALID_ADDRESS);
}

static void nacl_set_shmem_high(void)
{
	EXPECT(SHMEM(pages_alloc(3, 1), 1, 0), E_INVALID_ADDRESS);
}

static void nacl_set_shmem_confidential(void)
{
	unsigned long pa = pages_alloc(5, 1), i;

	EXPECT(convert(pa + 2 * PAGE, 1), OK);
	for (i = 0; i < 3; i++)
		EXPECT(SHMEM(pa + i * PAGE, 0, 0), E_INVALID_ADDRESS);
}

/* Failure keeps what was set: its pages stay pinned. */
static void nacl_set_shmem_failure_keeps(void)
{
	unsigned long pa = pages_alloc(3, 1);

	EXPECT(SHMEM(pa, 0, 0), OK);
	EXPECT(SHMEM(ROM, 0, 0), E_INVALID_ADDRESS);
	EXPECT(convert(pa, 1), E_INVALID_ADDRESS);
}

static void set_here(void *pa)
{
	if (SHMEM((unsigned long)pa, 0, 0))
		test_fail("set_shmem is refused");
}

static void nacl_per_hart(void)
{
	unsigned long pa = pages_alloc(6, 1);

	EXPECT(SHMEM(pa, 0, 0), OK);
	REQUIRE(on_hart(other_hart(0), set_here, (void *)(pa + 3 * PAGE)));
	EXPECT(convert(pa, 1), E_INVALID_ADDRESS);
	EXPECT(convert(pa + 3 * PAGE, 1), E_INVALID_ADDRESS);
}

const struct test conf_calls_tests[] = {
	CONF(base_probe_covh, 1),
	CONF(base_probe_covg_hidden, 1),
	CONF(base_probe_covi, 1),
	CONF(covh_unknown_function, 1),
	CONF(covh_reserved_bits, 1),
	CONF(covh_domain_0, 1),
	CONF(covh_domain_not_active, 1),
	CONF(covg_from_host, 1),
	CONF(covi_without_aia, 1),
	CONF(call_keeps_registers, 1),
	CONF(supd_domain_0_active, 1),
	CONF(supd_ignores_argument, 1),
	CONF(supd_unknown_function, 1),
	CONF(tsm_info_success, 1),
	CONF(tsm_info_writes_no_more, 1),
	CONF(tsm_info_word_aligned, 1),
	CONF(tsm_info_length, 1),
	CONF(tsm_info_rfc_length, 1),
	CONF(tsm_info_unaligned, 1),
	CONF(tsm_info_not_ram, 1),
	CONF(tsm_info_firmware, 1),
	CONF(tsm_info_confidential, 1),
	CONF(nacl_probe_feature, 1),
	CONF(nacl_sync_csr_not_offered, 1),
	CONF(nacl_sync_hfence_not_offered, 1),
	CONF(nacl_sync_sret_not_offered, 1),
	CONF(nacl_unknown_function, 1),
	CONF(nacl_set_shmem_success, 1),
	CONF(nacl_set_shmem_off, 1),
	CONF(nacl_set_shmem_flags, 1),
	CONF(nacl_set_shmem_unaligned, 1),
	CONF(nacl_set_shmem_not_ram, 1),
	CONF(nacl_set_shmem_firmware, 1),
	CONF(nacl_set_shmem_high, 1),
	CONF(nacl_set_shmem_confidential, 1),
	CONF(nacl_set_shmem_failure_keeps, 1),
	CONF(nacl_per_hart, 2),
};
DEFINE_TESTS(conf_calls);
