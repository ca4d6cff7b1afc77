// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * promote_to_tvm: an ordinary VM that the host has made becomes a TVM, or
 * everything stays as it was. The VM's device tree and tables are hostile.
 */
#include "guest.h"
#include "cove_promote.h"

#include <libfdt.h>
#include <mbedtls/sha512.h>

#define VM_PAGES  64UL
#define VM_RAM	  (HOST_BASE + 0x400000UL) /* its memory, in the host's */
#define VM_ROOT	  (HOST_BASE + 0x600000UL)
#define VM_TABLES (VM_ROOT + 4 * PAGE)
#define VM_HGATP  (8UL << 60 | VM_ROOT >> 12)
#define FDT_PAGE  10UL
#define FDT_GPA	  (GUEST_RAM + FDT_PAGE * PAGE + 8)
#define POOL	  256UL
#define LEAF	  0xdfUL
#define SEPC	  (GUEST_RAM + 0x40)

static unsigned int ntables;

static u64 *pte_at(u64 table, u64 gpa, unsigned int level, u64 mask)
{
	return (u64 *)arch_ptr(table) + (gpa >> (12 + 9 * level) & mask);
}

/* Sv39x4 */
static u64 *vm_pte(u64 gpa)
{
	u64 *pte = pte_at(VM_ROOT, gpa, 2, 0x7ff);
	unsigned int level;

	for (level = 1;; level--) {
		if (!*pte)
			*pte = (VM_TABLES + ntables++ * PAGE) >> 12 << 10 | 1;
		pte = pte_at(*pte >> 10 << 12, gpa, level, 0x1ff);
		if (!level)
			return pte;
	}
}

static void vm_map(u64 page)
{
	*vm_pte(GUEST_RAM + page * PAGE) = (VM_RAM + page * PAGE) >> 12 << 10 | LEAF;
}

static u8 *vm_at(u64 gpa)
{
	return arch_ptr(VM_RAM + gpa - GUEST_RAM);
}

struct tree {
	unsigned int cpus;
	u64 base;
	u64 len;
	u64 base2;
	u64 len2;
	const char *memory_status;
	u32 cpu_step;
	u32 address_cells;
};

#define CHECK(call) assert_true((call) >= 0)

static void put_memory(void *fdt, const struct tree *t)
{
	const fdt64_t reg[] = { cpu_to_fdt64(t->base), cpu_to_fdt64(t->len), cpu_to_fdt64(t->base2),
				cpu_to_fdt64(t->len2) };

	CHECK(fdt_begin_node(fdt, "memory@80000000"));
	CHECK(fdt_property_string(fdt, "device_type", "memory"));
	if (t->memory_status)
		CHECK(fdt_property_string(fdt, "status", t->memory_status));
	CHECK(fdt_property(fdt, "reg", reg, t->len2 ? 32 : 16));
	CHECK(fdt_end_node(fdt));
}

static void put_cpus(void *fdt, const struct tree *t)
{
	char name[16];
	unsigned int i;

	CHECK(fdt_begin_node(fdt, "cpus"));
	CHECK(fdt_property_u32(fdt, "#address-cells", 1));
	CHECK(fdt_property_u32(fdt, "#size-cells", 0));
	for (i = 0; i < t->cpus; i++) {
		snprintf(name, sizeof(name), "cpu@%u", i * t->cpu_step);
		CHECK(fdt_begin_node(fdt, name));
		CHECK(fdt_property_string(fdt, "device_type", "cpu"));
		CHECK(fdt_property_u32(fdt, "reg", i * t->cpu_step));
		CHECK(fdt_end_node(fdt));
	}
	CHECK(fdt_end_node(fdt));
}

/* Into the VM's memory */
static void put_tree(const struct tree *t)
{
	static u64 buffer[2 * PAGE / 8];
	void *fdt = buffer;

	memset(buffer, 0, sizeof(buffer));
	CHECK(fdt_create(fdt, sizeof(buffer)));
	CHECK(fdt_finish_reservemap(fdt));
	CHECK(fdt_begin_node(fdt, ""));
	CHECK(fdt_property_u32(fdt, "#address-cells", t->address_cells));
	CHECK(fdt_property_u32(fdt, "#size-cells", 2));
	put_memory(fdt, t);
	put_cpus(fdt, t);
	CHECK(fdt_end_node(fdt));
	CHECK(fdt_finish(fdt));
	memset(vm_at(FDT_GPA), 0, sizeof(buffer));
	memcpy(vm_at(FDT_GPA), fdt, fdt_totalsize(fdt));
}

static const struct tree good = {
	.cpus = 2,
	.base = GUEST_RAM,
	.len = VM_PAGES * PAGE,
	.cpu_step = 1,
	.address_cells = 2,
};

static void fill(u64 page)
{
	memset(arch_ptr(VM_RAM + page * PAGE), (int)(0x30 + page), PAGE);
}

static int setup(void **state)
{
	u64 page;

	(void)state;
	machine_boot(4, 4);
	ntables = 0;
	fill(0);
	fill(1);
	fill(63);
	for (page = 0; page < 32; page++)
		vm_map(page);
	vm_map(63); /* between them nothing is mapped, and 2..9 are zero */
	put_tree(&good);
	memset(arch_ptr(ARENA), 0xa5, POOL * PAGE);
	convert(ARENA, POOL);
	memset(arch_ptr(NACL(0)), 0, NACL_SHMEM_SIZE);
	*nacl(NACL_CSR_OFFSET(CSR_HGATP)) = VM_HGATP;
	*NACL_A(0) = 0;
	*NACL_A(1) = FDT_GPA;
	return 0;
}

static long promote(void)
{
	return COVH(PROMOTE_TO_TVM, FDT_GPA, 0, SEPC, 0);
}

/* Nothing has become of it: all converted pages are free, the VM's are the host's. */
static void assert_nothing(void)
{
	u64 pa;

	assert_int_equal(cove_tvm_count(), 0);
	assert_int_equal(cove.table.count[PMPTABLE_KIND_TVM], 0);
	for (pa = VM_RAM; pa < VM_TABLES + ntables * PAGE; pa += PAGE)
		assert_int_equal(field_at(pa), PMPTABLE_HOST);
	check_invariants();
}

static void refused(long rc, int line)
{
	_assert_int_equal((unsigned long)promote(), (unsigned long)rc, __FILE__, line);
	assert_nothing();
}
#define assert_refused(rc) refused(rc, __LINE__)

static int teardown(void **state)
{
	u64 pa;

	assert_int_equal(COVH(RECLAIM_PAGES, ARENA, POOL), COVE_OK);
	for (pa = ARENA; pa < ARENA + POOL * PAGE; pa += 8)
		assert_int_equal(*(u64 *)arch_ptr(pa), 0);
	return machine_teardown(state);
}

static u8 *tvm_page(struct tvm *tvm, u64 page)
{
	u64 pa = 0;

	if (cove_gstage_get(tvm, GUEST_RAM + page * PAGE, &pa) != GSTAGE_DATA)
		return NULL;
	assert_int_equal(field_at(pa), PMPTABLE_TVM_DATA(tvm->id));
	return arch_ptr(pa);
}

/* A second computation, from docs/measurement.md */
static void extend(u8 *reg, const u64 *words, unsigned int n, const void *data, size_t len)
{
	mbedtls_sha512_context ctx;
	u8 sum[64];

	mbedtls_sha512_init(&ctx);
	mbedtls_sha512_starts(&ctx, 1);
	if (reg)
		mbedtls_sha512_update(&ctx, reg, 48);
	if (words)
		mbedtls_sha512_update(&ctx, (const u8 *)words, n * 8UL);
	mbedtls_sha512_update(&ctx, data, len);
	mbedtls_sha512_finish(&ctx, sum);
	memcpy(reg, sum, 48);
}

static void digest(u8 *out, const char *label, const u64 *words, unsigned int n)
{
	u8 buf[512], sum[64];
	size_t len = strlen(label);

	memcpy(buf, label, len);
	memcpy(buf + len, words, n * 8UL);
	mbedtls_sha512(buf, len + n * 8UL, sum, 1);
	memcpy(out, sum, 48);
}

static void expect_measurement(const struct tvm *tvm, const u64 *boot)
{
	static const u64 pages[] = { 0, 1, FDT_PAGE, 63 };
	const u64 config[] = { COVE_TVM_F_IMPLICIT_MMIO, 2, 1, GUEST_RAM, VM_PAGES * PAGE };
	u8 m0[48] = { 0 }, m1[48] = { 0 }, d[48];
	u64 word;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		word = GUEST_RAM + pages[i] * PAGE;
		extend(m0, &word, 1, vm_at(word), PAGE);
	}
	assert_memory_equal(tvm->msmt[COVE_MSMT_PAGES], m0, 48);
	word = SEPC;
	extend(m1, &word, 1, NULL, 0);
	extend(m1, &boot[10], 1, NULL, 0);
	digest(d, "cove-config-v1", config, 5);
	extend(m1, NULL, 0, d, 48);
	digest(d, "cove-boot-v1", boot, 40);
	extend(m1, NULL, 0, d, 48);
	assert_memory_equal(tvm->msmt[COVE_MSMT_CONFIG], m1, 48);
}

static void test_promote(void **state)
{
	static const unsigned int csrs[] = { CSR_VSSTATUS, CSR_VSIE,	  CSR_VSIP,
					     CSR_VSTVEC,   CSR_VSSCRATCH, CSR_VSEPC,
					     CSR_VSCAUSE,  CSR_VSTVAL,	  CSR_VSATP };
	u64 boot[40], page;
	struct tvm *tvm;
	unsigned long gid;
	unsigned int i;

	(void)state;
	for (i = 1; i < 32; i++)
		boot[i - 1] = *nacl(NACL_GPR_OFFSET(i)) = 0x1000 + i;
	for (i = 0; i < 9; i++)
		boot[31 + i] = *nacl(NACL_CSR_OFFSET(csrs[i])) = ~0UL - i;
	boot[31] = 0xc6722UL | 2UL << 32; /* of vsstatus, vsie and vsip some bits count */
	boot[32] = 0x222;
	*nacl(NACL_CSR_OFFSET(CSR_VSIP)) = 2;
	boot[33] = 4;
	assert_int_equal(promote(), COVE_OK);
	gid = call_value;
	tvm = tvm_of(gid);
	assert_int_equal(tvm->state, TVM_RUNNABLE);
	assert_int_equal(tvm->nvcpus, 2);
	assert_int_equal(tvm->vcpu[0]->state, VCPU_STARTED);
	assert_int_equal(tvm->vcpu[1]->state, VCPU_STOPPED);
	assert_int_equal(tvm->vcpu[0]->pc, SEPC);
	for (i = 1; i < 32; i++)
		assert_int_equal(tvm->vcpu[0]->gpr[i], boot[i - 1]);
	assert_int_equal(tvm->vcpu[0]->csr.vsatp, ~0UL - 8);
	for (page = 0; page < VM_PAGES; page++) {
		bool there = page < 2 || page == FDT_PAGE || page == 63;

		assert_int_equal(!!tvm_page(tvm, page), there);
		if (there)
			assert_memory_equal(tvm_page(tvm, page), vm_at(GUEST_RAM + page * PAGE),
					    PAGE);
		assert_int_equal(field_at(VM_RAM + page * PAGE), PMPTABLE_HOST);
	}
	expect_measurement(tvm, boot);
	check_invariants();
	/* it runs, and is a TVM like any other */
	guest_new();
	ECALL(SBI_EXT_BASE, 0);
	assert_int_equal(guest_run(gid, 0), COVE_OK);
	assert_true(guest_done());
	assert_int_equal(COVH(FINALIZE_TVM, gid, 0, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, gid, ARENA + (POOL - 1) * PAGE, 0, 1,
			      GUEST_RAM + 2 * PAGE),
			 COVE_OK);
	assert_int_equal(COVH(DESTROY_TVM, gid), COVE_OK);
	assert_nothing();
}

static void test_arguments(void **state)
{
	(void)state;
	assert_int_equal(COVH(PROMOTE_TO_TVM, FDT_GPA + 4, 0, SEPC, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(PROMOTE_TO_TVM, FDT_GPA, 8, SEPC, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(PROMOTE_TO_TVM, FDT_GPA, GUEST_RAM + 4, SEPC, 0),
			 COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(PROMOTE_TO_TVM, FDT_GPA, ~7UL, SEPC, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(PROMOTE_TO_TVM, FDT_GPA, GUEST_RAM, SEPC, 0), COVE_ERR_AUTH);
	assert_int_equal(COVH(PROMOTE_TO_TVM, FDT_GPA, 0, SEPC, BUFFER + 8),
			 COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(PROMOTE_TO_TVM, FDT_GPA, 0, SEPC, FAKE_RAM_BASE),
			 COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(PROMOTE_TO_TVM, FDT_GPA, 0, SEPC, ARENA), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(PROMOTE_TO_TVM, ~0UL & ~7UL, 0, SEPC, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(PROMOTE_TO_TVM, 0x1000, 0, SEPC, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(PROMOTE_TO_TVM, GUEST_RAM, 0, SEPC, 0), COVE_ERR_INVALID_ADDRESS);
	assert_int_equal(COVH(PROMOTE_TO_TVM, GUEST_RAM + 2 * PAGE, 0, SEPC, 0),
			 COVE_ERR_INVALID_ADDRESS);
	assert_nothing();
	assert_int_equal(CALL(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, ~0UL, ~0UL), COVE_OK);
	assert_refused(COVE_ERR_FAILED);
	assert_int_equal(CALL(SBI_EXT_NACL, SBI_NACL_SET_SHMEM, NACL(0)), COVE_OK);
	memset(arch_ptr(BUFFER), 0x77, COVE_IDENTITY_LEN);
	assert_int_equal(COVH(PROMOTE_TO_TVM, FDT_GPA, 0, SEPC, BUFFER), COVE_OK);
	assert_true(tvm_of(call_value)->has_identity);
	assert_int_equal(COVH(DESTROY_TVM, call_value), COVE_OK);
}

static void test_hgatp(void **state)
{
	static const u64 bad[] = {
		0UL,
		1UL << 60 | VM_ROOT >> 12,
		7UL << 60 | VM_ROOT >> 12,
		11UL << 60 | VM_ROOT >> 12,
		8UL << 60 | (VM_ROOT >> 12) | 1,
		8UL << 60 | FAKE_RAM_BASE >> 12, /* firmware */
		8UL << 60 | ARENA >> 12,	 /* confidential */
		8UL << 60 | (RAM_END - 2 * PAGE) >> 12,
		8UL << 60 | ((1UL << 44) - 4),
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		*nacl(NACL_CSR_OFFSET(CSR_HGATP)) = bad[i];
		assert_refused(COVE_ERR_FAILED);
	}
	/* without it in the NACL memory it is the CSR */
	*nacl(NACL_CSR_OFFSET(CSR_HGATP)) = 0;
	fake_harts[0].host_csr.hgatp = VM_HGATP;
	assert_int_equal(promote(), COVE_OK);
	assert_int_equal(COVH(DESTROY_TVM, call_value), COVE_OK);
}

/* What the host may not read a VM cannot have: neither as a page nor as a table. */
static void test_stolen_pages(void **state)
{
	static const u64 stolen[] = { FAKE_RAM_BASE,
				      ARENA,
				      ARENA + (POOL - 1) * PAGE,
				      FAKE_RAM_BASE + FIRMWARE_SIZE - PAGE,
				      0x10000000,
				      RAM_END,
				      (1UL << 56) - PAGE };
	u64 *pte = vm_pte(GUEST_RAM + 5 * PAGE), *root = pte_at(VM_ROOT, GUEST_RAM, 2, 0x7ff);
	u64 table = *root;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(stolen) / sizeof(stolen[0]); i++) {
		*pte = stolen[i] >> 12 << 10 | LEAF;
		assert_refused(COVE_ERR_FAILED);
	}
	*pte = 0;
	for (i = 0; i < sizeof(stolen) / sizeof(stolen[0]); i++) {
		*root = stolen[i] >> 12 << 10 | 1;
		assert_refused(COVE_ERR_INVALID_ADDRESS); /* the tree is not there */
	}
	/* a table that is its own: the leaf is not a leaf, and the walk ends */
	*root = VM_ROOT >> 12 << 10 | 1;
	assert_refused(COVE_ERR_INVALID_ADDRESS);
	*root = table;
	assert_int_equal(promote(), COVE_OK);
	assert_int_equal(COVH(DESTROY_TVM, call_value), COVE_OK);
}

static void test_trees(void **state)
{
	const struct {
		struct tree tree;
		long rc;
	} rows[] = {
		{ { 0, GUEST_RAM, VM_PAGES * PAGE, 0, 0, NULL, 1, 2 }, COVE_ERR_INVALID_ADDRESS },
		{ { 2, GUEST_RAM, VM_PAGES * PAGE, 0, 0, NULL, 2, 2 }, COVE_ERR_INVALID_ADDRESS },
		{ { 2, GUEST_RAM, VM_PAGES * PAGE, 0, 0, NULL, 64, 2 }, COVE_ERR_INVALID_ADDRESS },
		{ { 2, GUEST_RAM, VM_PAGES * PAGE, 0, 0, NULL, 0x80000000, 2 },
		  COVE_ERR_INVALID_ADDRESS },
		{ { 65, GUEST_RAM, VM_PAGES * PAGE, 0, 0, NULL, 1, 2 }, COVE_ERR_INVALID_ADDRESS },
		{ { 64, GUEST_RAM, VM_PAGES * PAGE, 0, 0, NULL, 1, 2 }, COVE_OK },
		{ { 1, GUEST_RAM, 0, 0, 0, NULL, 1, 2 }, COVE_ERR_INVALID_ADDRESS },
		{ { 1, GUEST_RAM, 100, 0, 0, NULL, 1, 2 }, COVE_ERR_INVALID_ADDRESS },
		{ { 1, GUEST_RAM + 8, VM_PAGES * PAGE, 0, 0, NULL, 1, 2 },
		  COVE_ERR_INVALID_ADDRESS },
		{ { 1, ~0UL & ~(PAGE - 1), 2 * PAGE, 0, 0, NULL, 1, 2 }, COVE_ERR_INVALID_ADDRESS },
		{ { 1, PAGE, 0UL - PAGE, 0, 0, NULL, 1, 2 }, COVE_ERR_INVALID_ADDRESS },
		{ { 1, GUEST_RAM, VM_PAGES * PAGE, GUEST_RAM + PAGE, PAGE, NULL, 1, 2 },
		  COVE_ERR_INVALID_ADDRESS },
		{ { 1, GUEST_RAM, VM_PAGES * PAGE, 1UL << 50, PAGE, NULL, 1, 2 },
		  COVE_ERR_INVALID_ADDRESS },
		{ { 1, GUEST_RAM, VM_PAGES * PAGE, 0, 0, "disabled", 1, 2 },
		  COVE_ERR_INVALID_ADDRESS },
		{ { 1, GUEST_RAM, VM_PAGES * PAGE, 0, 0, "okayish", 1, 2 },
		  COVE_ERR_INVALID_ADDRESS },
		{ { 1, GUEST_RAM, VM_PAGES * PAGE, 0, 0, "okay", 1, 2 }, COVE_OK },
		{ { 1, GUEST_RAM, VM_PAGES * PAGE, 0, 0, NULL, 1, 0 }, COVE_ERR_INVALID_ADDRESS },
		{ { 1, GUEST_RAM, VM_PAGES * PAGE, 0, 0, NULL, 1, 3 }, COVE_ERR_INVALID_ADDRESS },
		{ { 1, GUEST_RAM, VM_PAGES * PAGE, 0, 0, NULL, 1, 0xffffffff },
		  COVE_ERR_INVALID_ADDRESS },
		{ { 1, GUEST_RAM, 4 * PAGE, 0, 0, NULL, 1, 2 },
		  COVE_ERR_INVALID_ADDRESS }, /* the tree is outside */
		{ { 1, GUEST_RAM, VM_PAGES * PAGE, 1UL << 40, COVE_MAX_PROMOTE_SCAN * PAGE, NULL, 1,
		    2 },
		  COVE_ERR_FAILED },
		{ { 1, GUEST_RAM, VM_PAGES * PAGE, 1UL << 40, 1UL << 48, NULL, 1, 2 },
		  COVE_ERR_FAILED },
		{ { 1, GUEST_RAM, VM_PAGES * PAGE, 1UL << 40, PAGE, NULL, 1, 2 }, COVE_OK },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put_tree(&rows[i].tree);
		assert_int_equal(promote(), rows[i].rc);
		if (!rows[i].rc) {
			assert_int_equal(tvm_of(call_value)->nvcpus, rows[i].tree.cpus);
			assert_int_equal(COVH(DESTROY_TVM, call_value), COVE_OK);
		}
		assert_nothing();
	}
}

/* Sizes that the header claims, and a tree that ends in a page that is not there. */
static void test_header(void **state)
{
	static const u32 sizes[] = { 0, 7, 8, 39, COVE_MAX_FDT + 1, 0x7fffffff, 0xffffffff };
	struct fdt_header *header = (void *)vm_at(FDT_GPA);
	u32 size = fdt_totalsize(header);
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		header->totalsize = cpu_to_fdt32(sizes[i]);
		assert_refused(COVE_ERR_INVALID_ADDRESS);
	}
	header->totalsize = cpu_to_fdt32(size);
	header->off_dt_struct = cpu_to_fdt32(0x7ffffff8);
	assert_refused(COVE_ERR_INVALID_ADDRESS);
	put_tree(&good);
	header->off_dt_struct = cpu_to_fdt32(fdt32_to_cpu(header->off_dt_struct) + 2);
	assert_refused(COVE_ERR_INVALID_ADDRESS);
	put_tree(&good);
	header->off_mem_rsvmap = cpu_to_fdt32(fdt32_to_cpu(header->off_mem_rsvmap) + 4);
	assert_refused(COVE_ERR_INVALID_ADDRESS);
	put_tree(&good);
	header->magic = 0;
	assert_refused(COVE_ERR_INVALID_ADDRESS);
	put_tree(&good);
	header->totalsize = cpu_to_fdt32(COVE_MAX_FDT); /* longer than it is: fine */
	assert_int_equal(promote(), COVE_OK);
	assert_int_equal(COVH(DESTROY_TVM, call_value), COVE_OK);
	header->totalsize = cpu_to_fdt32(PAGE);
	*vm_pte(GUEST_RAM + (FDT_PAGE + 1) * PAGE) = 0;
	assert_refused(COVE_ERR_INVALID_ADDRESS);
}

/* Any byte of the tree and of the tables may be anything. */
static void test_mutations(void **state)
{
	u64 rng = unit_seed(11);
	u32 size = fdt_totalsize(vm_at(FDT_GPA));
	unsigned int i, n, promoted = 0;
	long rc;

	(void)state;
	for (i = 0; i < 3000; i++) {
		u8 *tables = arch_ptr(VM_TABLES);
		u64 entry = *vm_pte(GUEST_RAM + FDT_PAGE * PAGE);

		for (n = (unsigned int)unit_below(&rng, 4); n; n--)
			vm_at(FDT_GPA)[unit_below(&rng, size)] = (u8)unit_below(&rng, 256);
		if (!unit_below(&rng, 4))
			tables[unit_below(&rng, ntables * PAGE)] ^= (u8)(1 << unit_below(&rng, 8));
		rc = promote();
		if (!rc) {
			promoted++;
			check_invariants();
			assert_int_equal(COVH(DESTROY_TVM, call_value), COVE_OK);
		}
		assert_true(!rc || rc == COVE_ERR_INVALID_ADDRESS || rc == COVE_ERR_FAILED);
		assert_int_equal(cove_tvm_count(), 0);
		assert_int_equal(cove.table.count[PMPTABLE_KIND_TVM], 0);
		put_tree(&good);
		memset(tables, 0, ntables * PAGE);
		*pte_at(VM_ROOT, GUEST_RAM, 2, 0x7ff) = 0;
		ntables = 0;
		for (n = 0; n < 32; n++)
			vm_map(n);
		assert_int_equal(*vm_pte(GUEST_RAM + FDT_PAGE * PAGE), entry);
	}
	print_message("# %u of 3000 were promoted\n", promoted);
	assert_true(promoted > 0 && promoted < 3000);
}

/* However little memory there is: refused, and nothing is lost; or it is enough. */
static void test_out_of_memory(void **state)
{
	unsigned long n;
	long rc = COVE_ERR_FAILED;

	(void)state;
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA, POOL), COVE_OK);
	for (n = 0; n < POOL; n++) {
		if (n)
			convert(ARENA + (n - 1) * PAGE, 1);
		rc = promote();
		assert_int_equal(rc, n && !rc ? COVE_OK : COVE_ERR_FAILED);
		if (!rc)
			break;
		assert_nothing();
	}
	assert_int_equal(rc, COVE_OK);
	/* 4 root, the state, 16 for the tree, vCPUs, 3 tables, 4 data, a spare one */
	assert_true(n <= 4 + STATE_PAGES + 16 + 2 * cove_vcpu_state_pages() + 3 + 5);
	assert_int_equal(COVH(DESTROY_TVM, call_value), COVE_OK);
	assert_nothing();
}

/* Memory that other harts may still reach is not taken. */
static void test_not_fenced(void **state)
{
	(void)state;
	assert_int_equal(COVH(RECLAIM_PAGES, ARENA, POOL), COVE_OK);
	assert_int_equal(COVH(CONVERT_PAGES, ARENA, POOL), COVE_OK);
	assert_refused(COVE_ERR_FAILED);
	fence_all();
	assert_int_equal(promote(), COVE_OK);
	assert_int_equal(COVH(DESTROY_TVM, call_value), COVE_OK);
}

static long promote_once(u64 sepc)
{
	return host_call_once(SBI_EXT_COVH, SBI_COVH_PROMOTE_TO_TVM,
			      (const unsigned long[6]){ FDT_GPA, 0, sepc, 0 });
}

/* Enough to hash for several steps. */
static void fill_all(void)
{
	u64 page;

	for (page = 0; page < 32; page++)
		if (page != FDT_PAGE && page != FDT_PAGE + 1)
			fill(page);
}

static struct tvm *tvm_of_id(unsigned int id)
{
	return cove.slot[id - PMPTABLE_ID_TVM_FIRST].tvm;
}

static unsigned long count_steps(void)
{
	unsigned long n = 1;

	while (promote_once(SEPC) == COVE_AGAIN)
		n++;
	assert_int_equal(COVH(DESTROY_TVM, call_value), COVE_OK);
	assert_nothing();
	assert_true(n > 4);
	return n;
}

/* @n steps, after which the promotion goes on; what it will be called */
static unsigned long make_steps(unsigned long n)
{
	while (n--)
		assert_int_equal(promote_once(SEPC), COVE_AGAIN);
	return tvm_of_id(PMPTABLE_ID_TVM_FIRST)->gid;
}

/* Not complete, it is good for no other call. */
static void assert_useless(unsigned long gid)
{
	u64 page = ARENA + (POOL - 2) * PAGE;

	assert_int_equal(COVH(FINALIZE_TVM, gid, SEPC, 0, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(ADD_TVM_MEMORY_REGION, gid, 1UL << 33, PAGE), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(ADD_TVM_PAGE_TABLE_PAGES, gid, page, 1), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(ADD_TVM_MEASURED_PAGES, gid, BUFFER, page, 0, 1, GUEST_RAM),
			 COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(ADD_TVM_ZERO_PAGES, gid, page, 0, 1, GUEST_RAM),
			 COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(ADD_TVM_SHARED_PAGES, gid, BUFFER, 0, 1, GUEST_RAM),
			 COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(CREATE_TVM_VCPU, gid, 7, page), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(RUN_TVM_VCPU, gid, 0), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(TVM_FENCE, gid), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(TVM_INVALIDATE_PAGES, gid, GUEST_RAM, PAGE), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(TVM_VALIDATE_PAGES, gid, GUEST_RAM, PAGE), COVE_ERR_INVALID_PARAM);
	assert_int_equal(COVH(TVM_REMOVE_PAGES, gid, GUEST_RAM, PAGE), COVE_ERR_INVALID_PARAM);
	assert_int_equal(
		CALL(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, gid, 0, BUFFER, COVE_HASH_LEN),
		COVE_ERR_INVALID_PARAM);
	assert_int_equal(CALL(SBI_EXT_COVESBI, SBI_COVESBI_PROMOTE_PAGE, gid, GUEST_RAM, 1),
			 COVE_ERR_INVALID_PARAM);
}

/* Any hart goes on with it; the registers are those of the first step. */
static void test_steps(void **state)
{
	unsigned long gid = 0, gpr, steps;
	struct tvm *tvm;

	(void)state;
	fill_all();
	steps = count_steps();
	memset(arch_ptr(NACL(1)), 0, NACL_SHMEM_SIZE);
	gpr = *nacl(NACL_GPR_OFFSET(9)) = 0x1234;
	while (promote_once(SEPC) == COVE_AGAIN) {
		gid = tvm_of_id(PMPTABLE_ID_TVM_FIRST)->gid;
		assert_useless(gid);
		check_invariants();
		fake_hart ^= 1;
		*nacl(NACL_CSR_OFFSET(CSR_HGATP)) = VM_HGATP;
		*nacl(NACL_GPR_OFFSET(9)) = gpr + steps--;
	}
	fake_hart = 0;
	assert_int_equal(steps, 1);
	assert_int_equal(call_value, gid);
	tvm = tvm_of(gid);
	assert_int_equal(tvm->state, TVM_RUNNABLE);
	assert_int_equal(tvm->vcpu[0]->gpr[9], gpr);
	assert_int_equal(COVH(DESTROY_TVM, gid), COVE_OK);
	assert_nothing();
}

/* Between steps the host makes the call of another: told which one there is, nothing changes. */
static void test_other_arguments(void **state)
{
	unsigned long n, gid, steps;

	(void)state;
	fill_all();
	steps = count_steps();
	for (n = 1; n < steps; n++) {
		gid = make_steps(n);
		assert_int_equal(promote_once(SEPC + 4), COVE_ERR_ALREADY_STARTED);
		assert_int_equal(call_value, gid);
		assert_int_equal(COVH(PROMOTE_TO_TVM, FDT_GPA + 8, 0, SEPC, 0),
				 COVE_ERR_ALREADY_STARTED);
		assert_int_equal(COVH(PROMOTE_TO_TVM, FDT_GPA, 0, SEPC, BUFFER),
				 COVE_ERR_ALREADY_STARTED);
		assert_int_equal(COVH(PROMOTE_TO_TVM, FDT_GPA, 8, SEPC, 0),
				 COVE_ERR_ALREADY_STARTED);
		assert_int_equal(promote(), COVE_OK);
		assert_int_equal(call_value, gid);
		assert_int_equal(tvm_of(gid)->entry_sepc, SEPC);
		assert_int_equal(COVH(DESTROY_TVM, gid), COVE_OK);
		assert_nothing();
	}
}

static void test_destroyed_between(void **state)
{
	unsigned long n, gid, steps;

	(void)state;
	fill_all();
	steps = count_steps();
	for (n = 1; n < steps; n++) {
		gid = make_steps(n);
		assert_int_equal(COVH(DESTROY_TVM, gid), COVE_OK);
		assert_nothing();
		assert_int_equal(promote(), COVE_OK);
		assert_true(call_value != gid);
		assert_int_equal(COVH(DESTROY_TVM, call_value), COVE_OK);
	}
}

/* What was the host's in one step is checked again in the next. */
static void test_lost_between(void **state)
{
	static const u64 lost[] = { VM_ROOT, VM_TABLES, VM_RAM + 31 * PAGE };
	unsigned long gid;
	unsigned int i;

	(void)state;
	fill_all();
	for (i = 0; i < 3; i++) {
		gid = make_steps(3);
		convert(lost[i], 1);
		assert_int_equal(promote(), COVE_ERR_FAILED);
		if (tvm_of_id(PMPTABLE_ID_TVM_FIRST)) /* its name, hgatp, cannot be used any more */
			assert_int_equal(COVH(DESTROY_TVM, gid), COVE_OK);
		assert_int_equal(COVH(DESTROY_TVM, gid), COVE_ERR_INVALID_PARAM);
		assert_int_equal(COVH(RECLAIM_PAGES, lost[i], 1), COVE_OK);
		assert_nothing();
		setup(NULL);
		fill_all();
	}
}

/* Names that libfdt would measure again and again */
static void test_long_names(void **state)
{
	struct promote_layout layout;
	char name[80];
	void *fdt = vm_at(FDT_GPA);
	unsigned int len;

	(void)state;
	for (len = 58; len < 70; len++) {
		put_tree(&good);
		memset(name, 'n', len);
		name[len] = 0;
		CHECK(fdt_open_into(fdt, fdt, PAGE));
		CHECK(fdt_setprop_u32(fdt, 0, name, 1));
		CHECK(fdt_pack(fdt));
		assert_int_equal(cove_promote_parse(fdt, PAGE, &layout), len <= 63);
	}
}

static u64 room[4 * PAGE / sizeof(u64)];

static void fresh_tree(void)
{
	put_tree(&good);
	CHECK(fdt_open_into(vm_at(FDT_GPA), room, sizeof(room)));
}

static bool parses(void)
{
	struct promote_layout layout;
	bool ok;

	CHECK(fdt_pack(room));
	ok = cove_promote_parse(room, sizeof(room), &layout);
	CHECK(fdt_open_into(room, room, sizeof(room)));
	return ok;
}

/* Loops of libfdt that do not give way: over properties, characters of a name, reservations */
static void test_long_nodes(void **state)
{
	unsigned int n, at_root = 0;
	char name[80];
	int prop;

	(void)state;
	fresh_tree();
	fdt_for_each_property_offset(prop, room, 0) at_root++;
	for (n = at_root + 1; n < 70; n++) {
		snprintf(name, sizeof(name), "p%u", n);
		CHECK(fdt_setprop_u32(room, 0, name, 1));
		assert_int_equal(parses(), n <= 64);
	}
	for (n = 58; n < 70; n++) {
		fresh_tree();
		memset(name, 'n', n);
		name[n] = 0;
		CHECK(fdt_add_subnode(room, 0, name));
		assert_int_equal(parses(), n <= 63);
	}
	fresh_tree();
	for (n = 1; n < 70; n++) {
		CHECK(fdt_add_mem_rsv(room, n * PAGE, PAGE));
		assert_int_equal(parses(), n <= 64);
	}
}

static void test_parse_memory_bounds(void **state)
{
	struct promote_layout layout;
	u8 *buf = aligned_alloc(8, COVE_MAX_FDT + 8);

	(void)state;
	memset(buf, 0, COVE_MAX_FDT + 8);
	assert_false(cove_promote_parse(buf, COVE_MAX_FDT + 1, &layout));
	assert_false(cove_promote_parse(buf, 0, &layout));
	memcpy(buf, vm_at(FDT_GPA), fdt_totalsize(vm_at(FDT_GPA)));
	assert_true(cove_promote_parse(buf, COVE_MAX_FDT, &layout));
	assert_int_equal(layout.nranges, 1);
	assert_int_equal(layout.nvcpus, 2);
	assert_false(cove_promote_parse(buf, fdt_totalsize(buf) - 1, &layout));
	free(buf);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_promote),
		RUN(test_arguments),
		RUN(test_hgatp),
		RUN(test_stolen_pages),
		RUN(test_trees),
		RUN(test_header),
		RUN(test_mutations),
		RUN(test_out_of_memory),
		RUN(test_not_fenced),
		RUN(test_parse_memory_bounds),
		RUN(test_steps),
		RUN(test_other_arguments),
		RUN(test_long_names),
		RUN(test_long_nodes),
		RUN(test_destroyed_between),
		RUN(test_lost_between),
	};

	return cmocka_run_group_tests_name("promote", tests, NULL, NULL);
}
