// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Conformance: promote_to_tvm. Where the specification gives no code for a case
 * every error passes.
 */
#include "conf.h"
#include "vm.h"

#define HGATP (*nacl_word(NACL_CSR_OFFSET(VM_CSR_HGATP)))
#define PROMOTE(fdt, tap, entry, identity) \
	sbi6(SBI_EXT_COVH, SBI_COVH_PROMOTE_TO_TVM, fdt, tap, entry, identity).error

static void promote_without_capability(void)
{
	NEEDS(!CAN_PROMOTE, "promotion is offered");
	EXPECT(PROMOTE(ARENA_BASE, 0, ARENA_BASE, 0), E_NOT_SUPPORTED);
}

static void promote_fdt_unaligned(void)
{
	NEEDS(CAN_PROMOTE, "promotion is not offered");
	EXPECT(PROMOTE(ARENA_BASE + 4, 0, ARENA_BASE, 0), E_INVALID_ADDRESS);
}

/* Promoted, with registers for its guest's first function */
static bool promoted(struct vm *v, struct tvm *t)
{
	struct sbiret r;

	if (!vm_make(v))
		return false;
	*nacl_word(NACL_GPR_OFFSET(8)) = 0x5ec2e7;
	*nacl_word(NACL_GPR_OFFSET(11)) = GUEST_ARG(G_HELLO, 0x77) | GUEST_MMIO;
	r = vm_promote();
	if (r.error) {
		test_fail("promote_to_tvm: %ld", r.error);
		return false;
	}
	vm_adopt(t, v, r.value);
	return true;
}

/* In front of each test that begins with a promoted VM */
#define PROMOTED(v, t)                                          \
	do {                                                    \
		NEEDS(CAN_PROMOTE, "promotion is not offered"); \
		REQUIRE(promoted(&(v), &(t)));                  \
	} while (0)
#define VM(v)                                                   \
	do {                                                    \
		NEEDS(CAN_PROMOTE, "promotion is not offered"); \
		REQUIRE(vm_make(&(v)));                         \
	} while (0)

static void promote_success(void)
{
	struct tvm t;
	struct vm v;

	PROMOTED(v, t);
	memset((void *)v.ram, 0xee, GUEST_SIZE);
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[1], GUEST_ARG(G_HELLO, 0x77) | GUEST_MMIO);
	EXPECT(t.mail[2], 1UL << 8); /* registers that were not zero: s0 */
}

static void promote_hgatp_of_csr(void)
{
	struct sbiret r;
	struct tvm t;
	struct vm v;

	VM(v);
	csr_write(hgatp, HGATP);
	HGATP = 0;
	r = vm_promote();
	csr_write(hgatp, 0);
	EXPECT(r.error, OK);
	vm_adopt(&t, &v, r.value);
}

static void promote_large_leaf(void)
{
	unsigned long *l1;
	struct sbiret r;
	struct tvm t;
	struct vm v;

	VM(v);
	l1 = (unsigned long *)(((unsigned long *)v.root)[GUEST_BASE >> 30] >> 10 << 12);
	l1[GUEST_BASE >> 21 & 0x1ff] = vm_pte(v.ram, VM_LEAF);
	*nacl_word(NACL_GPR_OFFSET(11)) = GUEST_ARG(G_HELLO, 1) | GUEST_MMIO;
	r = vm_promote();
	EXPECT(r.error, OK);
	vm_adopt(&t, &v, r.value);
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
}

/* The VM's memory has been copied: the host may use it as it likes. */
static void promote_frees_the_source(void)
{
	struct tvm t;
	struct vm v;

	PROMOTED(v, t);
	EXPECT(memcmp((void *)v.ram, guest_image, GUEST_IMAGE_PAGES * PAGE), 0);
	EXPECT(convert(v.ram, VM_PAGES), OK);
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
}

/* Its pages are a TVM's until it is destroyed, and zero afterwards. */
static void promote_destroy(void)
{
	struct tvm t;
	struct vm v;
	unsigned int i;

	PROMOTED(v, t);
	EXPECT(reclaim(v.pool, VM_POOL_PAGES), E_INVALID_PARAM);
	EXPECT(tvm_destroy(&t), OK);
	EXPECT(reclaim(v.pool, VM_POOL_PAGES), OK);
	for (i = 0; i < VM_POOL_PAGES; i++)
		EXPECT_TRUE(page_is_zero(v.pool + i * PAGE));
}

static void promote_is_runnable(void)
{
	unsigned long pa, src = pages_alloc(1, 1);
	struct tvm t;
	struct vm v;

	PROMOTED(v, t);
	pa = tvm_pages(&t, 4, 1);
	EXPECT(COVH(FINALIZE_TVM, t.gid, GUEST_BASE, 0, 0), E_INVALID_PARAM);
	EXPECT(COVH(ADD_TVM_MEMORY_REGION, t.gid, FAR_BASE, PAGE), E_INVALID_PARAM);
	EXPECT(COVH(CREATE_TVM_VCPU, t.gid, 2, pa), E_INVALID_PARAM);
	EXPECT(COVH(ADD_TVM_MEASURED_PAGES, t.gid, src, pa, COVE_PAGE_4K, 1, GUEST_HEAP),
	       E_INVALID_PARAM);
	EXPECT(COVH(ADD_TVM_PAGE_TABLE_PAGES, t.gid, pa, 1), OK);
	EXPECT(COVH(ADD_TVM_ZERO_PAGES, t.gid, pa + PAGE, COVE_PAGE_4K, 1, GUEST_HEAP), OK);
	EXPECT(COVH(TVM_FENCE, t.gid), OK);
}

static void promote_secondaries_are_stopped(void)
{
	struct tvm t;
	struct vm v;

	PROMOTED(v, t);
	EXPECT(tvm_run(&t, 1).error, E_FAILED);
	EXPECT(tvm_run(&t, 2).error, E_INVALID_PARAM); /* the tree has two CPUs */
}

static void promote_identity(void)
{
	unsigned long identity = pages_alloc(1, 1);
	struct sbiret r;
	struct tvm t;
	struct vm v;

	VM(v);
	r = sbi6(SBI_EXT_COVH, SBI_COVH_PROMOTE_TO_TVM, VM_TREE, 0, GUEST_BASE, identity);
	EXPECT(r.error, OK);
	vm_adopt(&t, &v, r.value);
}

static void promote_identity_bad(void)
{
	struct vm v;

	VM(v);
	EXPECT_REFUSED(PROMOTE(VM_TREE, 0, GUEST_BASE, v.ram + 8));
	EXPECT_REFUSED(PROMOTE(VM_TREE, 0, GUEST_BASE, FIRMWARE));
	EXPECT_REFUSED(PROMOTE(VM_TREE, 0, GUEST_BASE, v.pool));
}

static void promote_fdt_absent(void)
{
	struct vm v;

	VM(v);
	v.leaves[(VM_TREE - GUEST_BASE) / PAGE] = 0;
	EXPECT(vm_promote().error, E_INVALID_ADDRESS);
	EXPECT(PROMOTE(FAR_BASE, 0, GUEST_BASE, 0), E_INVALID_ADDRESS);
	EXPECT(PROMOTE(~7UL, 0, GUEST_BASE, 0), E_INVALID_ADDRESS);
}

static void promote_fdt_not_a_tree(void)
{
	struct vm v;

	VM(v);
	EXPECT(PROMOTE(GUEST_BASE, 0, GUEST_BASE, 0), E_INVALID_ADDRESS);
	((uint32_t *)vm_at(&v, VM_TREE))[1] = ~0U; /* its length */
	EXPECT(vm_promote().error, E_INVALID_ADDRESS);
	vm_tree(&v, 2);
	*v.end = big32(5);
	EXPECT(vm_promote().error, E_INVALID_ADDRESS);
}

static void promote_fdt_without_cpus(void)
{
	struct vm v;

	VM(v);
	vm_tree(&v, 0);
	EXPECT_REFUSED(vm_promote().error);
}

static void promote_tap_without_local_attestation(void)
{
	struct vm v;

	NEEDS(!(tsm.tsm_capabilities & TSM_CAP_ATTESTATION_LOCAL), "local attestation is offered");
	VM(v);
	EXPECT_REFUSED(PROMOTE(VM_TREE, VM_TREE + PAGE, GUEST_BASE, 0));
}

/* Whatever a TAP looks like: not like the tree, nor like nothing. */
static void promote_tap_malformed(void)
{
	struct tvm t;
	struct vm v;

	NEEDS(tsm.tsm_capabilities & TSM_CAP_ATTESTATION_LOCAL, "no local attestation");
	VM(v);
	EXPECT_REFUSED(PROMOTE(VM_TREE, VM_TREE, GUEST_BASE, 0));
	EXPECT_REFUSED(PROMOTE(VM_TREE, VM_TREE + PAGE, GUEST_BASE, 0));
	vm_adopt(&t, &v, vm_promote().value);
}

static void promote_no_memory(void)
{
	struct vm v;

	VM(v);
	EXPECT(reclaim(v.pool, VM_POOL_PAGES), OK);
	EXPECT_REFUSED(vm_promote().error);
}

static void promote_memory_unfenced(void)
{
	struct vm v;

	VM(v);
	EXPECT(reclaim(v.pool, VM_POOL_PAGES), OK);
	EXPECT(convert(v.pool, VM_POOL_PAGES), OK);
	EXPECT_REFUSED(vm_promote().error);
}

static void promote_without_shmem(void)
{
	struct vm v;

	VM(v);
	EXPECT(sbi6(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, ~0UL, ~0UL).error, OK);
	EXPECT_REFUSED(vm_promote().error);
	EXPECT(nacl_set(), OK);
}

static void promote_bad_hgatp(void)
{
	unsigned long root;
	struct vm v;

	VM(v);
	root = HGATP;
	HGATP = 0; /* as the CSR */
	EXPECT_REFUSED(vm_promote().error);
	HGATP = SV39 << 60 | FIRMWARE >> 12;
	EXPECT_REFUSED(vm_promote().error);
	HGATP = SV39 << 60 | v.pool >> 12;
	EXPECT_REFUSED(vm_promote().error);
	HGATP = SV39 << 60 | UART >> 12;
	EXPECT_REFUSED(vm_promote().error);
	HGATP = root | 1; /* not 16 KiB-aligned */
	EXPECT_REFUSED(vm_promote().error);
}

/* The VM's tables lead to what is not the host's; afterwards nothing has changed. */
static void promote_page_not_host(void)
{
	const unsigned long victims[] = { FIRMWARE, UART, ROM, 0 };
	struct sbiret r;
	struct tvm t;
	unsigned int i;
	struct vm v;

	VM(v);
	for (i = 0; i < ARRAY_SIZE(victims); i++) {
		unsigned long victim = victims[i] ? victims[i] : v.pool + 200 * PAGE;

		v.leaves[100] = vm_pte(victim, VM_LEAF);
		EXPECT_REFUSED(vm_promote().error);
	}
	v.leaves[100] = 0;
	EXPECT(reclaim(v.pool + 255 * PAGE, 1), OK);
	r = vm_promote();
	EXPECT(r.error, OK);
	vm_adopt(&t, &v, r.value);
}

static void promote_table_not_host(void)
{
	struct vm v;

	VM(v);
	((unsigned long *)v.root)[GUEST_BASE >> 30] = vm_pte(v.pool, PTE_V);
	EXPECT_REFUSED(vm_promote().error);
	((unsigned long *)v.root)[GUEST_BASE >> 30] = vm_pte(FIRMWARE, PTE_V);
	EXPECT_REFUSED(vm_promote().error);
}

/* All or nothing: what was taken for it is free again, the VM's memory is the host's. */
static void promote_failure_takes_nothing(void)
{
	struct vm v;

	VM(v);
	v.leaves[100] = vm_pte(FIRMWARE, VM_LEAF);
	EXPECT_REFUSED(vm_promote().error);
	EXPECT(reclaim(v.pool, VM_POOL_PAGES), OK);
	EXPECT(memcmp((void *)v.ram, guest_image, GUEST_IMAGE_PAGES * PAGE), 0);
	EXPECT(convert(v.ram, VM_PAGES), OK);
}

const struct test conf_promote_tests[] = {
	CONF(promote_without_capability, 1),
	CONF(promote_fdt_unaligned, 1),
	CONF(promote_success, 1),
	CONF(promote_hgatp_of_csr, 1),
	CONF(promote_large_leaf, 1),
	CONF(promote_frees_the_source, 1),
	CONF(promote_destroy, 1),
	CONF(promote_is_runnable, 1),
	CONF(promote_secondaries_are_stopped, 1),
	CONF(promote_identity, 1),
	CONF(promote_identity_bad, 1),
	CONF(promote_fdt_absent, 1),
	CONF(promote_fdt_not_a_tree, 1),
	CONF(promote_fdt_without_cpus, 1),
	CONF(promote_tap_without_local_attestation, 1),
	CONF(promote_tap_malformed, 1),
	CONF(promote_no_memory, 1),
	CONF(promote_memory_unfenced, 2),
	CONF(promote_without_shmem, 1),
	CONF(promote_bad_hgatp, 1),
	CONF(promote_page_not_host, 1),
	CONF(promote_table_not_host, 1),
	CONF(promote_failure_takes_nothing, 1),
};
DEFINE_TESTS(conf_promote);
