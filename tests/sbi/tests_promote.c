// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * promote_to_tvm: an ordinary VM of the host becomes a TVM, or everything stays
 * as it was. Its tables, its device tree and the host are hostile.
 */
#include "tvm.h"
#include "attack.h"
#include "paging.h"

#define VM_PAGES   (GUEST_SIZE / PAGE)
#define TREE_GPA   (GUEST_BASE + 0x180000UL)
#define POOL_PAGES 256UL
#define CSR_HGATP  0x680
#define HASH	   48
#define LEAF	   (PTE_V | PTE_RWX | PTE_U | PTE_AD)
#define BOOT_CSRS  9

/** struct vm - an ordinary VM: @ram and its tables are the host's, @pool is converted */
struct vm {
	unsigned long ram;
	unsigned long root;
	unsigned long *leaves;
	unsigned long pool;
	uint32_t *memory_size; /* in its tree: the low word of the size */
	uint32_t *end;	       /* and the token that ends it */
};

static uint8_t *vm_at(const struct vm *v, unsigned long gpa)
{
	return (uint8_t *)(v->ram + gpa - GUEST_BASE);
}

static unsigned long pte_of(unsigned long pa, unsigned long flags)
{
	return pa >> 12 << 10 | flags;
}

/* A device tree in the making: the structure block */
static uint32_t *at;

static uint32_t be32(uint32_t v)
{
	return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

static void word(uint32_t v)
{
	*at++ = be32(v);
}

static void node(const char *name)
{
	word(1);
	memcpy(at, name, strlen(name));
	at += strlen(name) / 4 + 1;
}

static const char strings[] = "device_type\0reg\0#address-cells\0#size-cells";
enum { S_TYPE = 0, S_REG = 12, S_ACELLS = 16, S_SCELLS = 31 };

static void prop(unsigned int name, const void *data, unsigned int len)
{
	word(3);
	word(len);
	word(name);
	memcpy(at, data, len);
	at += (len + 3) / 4;
}

static void prop_u32(unsigned int name, uint32_t v)
{
	v = be32(v);
	prop(name, &v, 4);
}

static void cpu(uint32_t id)
{
	node("cpu");
	prop(S_TYPE, "cpu", 4);
	prop_u32(S_REG, id);
	word(2);
}

static void make_tree(struct vm *v, unsigned int cpus)
{
	uint32_t *tree = (uint32_t *)vm_at(v, TREE_GPA), *structure = tree + 20;
	const uint32_t reg[] = { 0, be32(GUEST_BASE), 0, be32(GUEST_SIZE) };
	unsigned int i, end;

	memset(tree, 0, PAGE);
	at = structure;
	node("");
	prop_u32(S_ACELLS, 2);
	prop_u32(S_SCELLS, 2);
	node("memory");
	prop(S_TYPE, "memory", 7);
	prop(S_REG, reg, sizeof(reg));
	v->memory_size = at - 1;
	word(2);
	node("cpus");
	prop_u32(S_ACELLS, 1);
	prop_u32(S_SCELLS, 0);
	for (i = 0; i < cpus; i++)
		cpu(i);
	word(2);
	word(2);
	v->end = at;
	word(9);
	end = (unsigned int)((at - tree) * 4);
	memcpy(at, strings, sizeof(strings));
	at = tree;
	word(0xd00dfeed);
	word(end + sizeof(strings));
	word(80);  /* structure */
	word(end); /* strings */
	word(48);  /* reservations: none */
	word(17);
	word(16);
	word(0);
	word(sizeof(strings));
	word(end - 80);
}

/* Two vCPUs, the guest's image, and its tree; Sv39x4 with pages of 4 KiB. */
static bool vm_make(struct vm *v)
{
	unsigned long l1, i;

	v->ram = pages_alloc(VM_PAGES, 512);
	v->root = pages_alloc(4, 4);
	l1 = pages_alloc(1, 1);
	v->leaves = (unsigned long *)pages_alloc(1, 1);
	memset((void *)v->ram, 0, GUEST_SIZE);
	memset((void *)v->root, 0, 4 * PAGE);
	memset((void *)l1, 0, PAGE);
	((unsigned long *)v->root)[GUEST_BASE >> 30] = pte_of(l1, PTE_V);
	((unsigned long *)l1)[GUEST_BASE >> 21 & 0x1ff] = pte_of((unsigned long)v->leaves, PTE_V);
	for (i = 0; i < VM_PAGES; i++)
		v->leaves[i] = pte_of(v->ram + i * PAGE, LEAF);
	memcpy((void *)v->ram, guest_image, GUEST_IMAGE_PAGES * PAGE);
	make_tree(v, 2);
	v->pool = conf_pages(POOL_PAGES, 4);
	memset(nacl_word(0), 0, NACL_SHMEM_SIZE);
	*nacl_word(NACL_CSR_OFFSET(CSR_HGATP)) = SV39 << 60 | v->root >> 12;
	return v->pool;
}

static struct sbiret promote(void)
{
	return sbi6(SBI_EXT_COVH, SBI_COVH_PROMOTE_TO_TVM, TREE_GPA, 0, GUEST_BASE, 0);
}

/* The rest of the pool is what the server of faults takes from. */
static void adopt(struct tvm *t, const struct vm *v, unsigned long gid)
{
	memset(t, 0, sizeof(*t));
	t->chunk = v->pool + (POOL_PAGES - TVM_CHUNK) * PAGE;
	tvm_remember(t, gid);
}

static bool nothing_happened(const char *what)
{
	struct covesbi_stats st;

	get_stats(&st);
	if (!st.tvms && !st.pages_tvm && st.pages_converting + st.pages_unassigned == POOL_PAGES)
		return true;
	test_fail("%s: %lu TVMs, %lu pages of them, %lu free", what, st.tvms, st.pages_tvm,
		  st.pages_converting + st.pages_unassigned);
	return false;
}

static void extend(uint8_t reg[HASH], const void *data, unsigned long len)
{
	struct sha384 s;

	sha384_start(&s);
	sha384_add(&s, reg, HASH);
	sha384_add(&s, data, len);
	sha384_end(&s, reg);
}

/* docs/measurement.md, for a VM as it lies in the host's memory */
static void expect_pages(const struct vm *v, uint8_t reg[HASH])
{
	unsigned long gpa;
	struct sha384 s;

	memset(reg, 0, HASH);
	for (gpa = GUEST_BASE; gpa < GUEST_BASE + GUEST_SIZE; gpa += PAGE) {
		if (page_is_zero((unsigned long)vm_at(v, gpa)))
			continue;
		sha384_start(&s);
		sha384_add(&s, reg, HASH);
		sha384_add_le64(&s, gpa);
		sha384_add(&s, vm_at(v, gpa), PAGE);
		sha384_end(&s, reg);
	}
}

static void expect_config(uint8_t reg[HASH], unsigned long size,
			  const unsigned long boot[31 + BOOT_CSRS])
{
	const unsigned long entry = GUEST_BASE;
	const uint64_t words[] = { COVE_TVM_F_IMPLICIT_MMIO, 2, 1, GUEST_BASE, size };
	uint8_t digest[HASH];
	struct sha384 s;
	unsigned int i;

	memset(reg, 0, HASH);
	extend(reg, &entry, 8);
	extend(reg, &boot[10], 8);
	sha384_start(&s);
	sha384_add(&s, "cove-config-v1", 14);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		sha384_add_le64(&s, words[i]);
	sha384_end(&s, digest);
	extend(reg, digest, HASH);
	sha384_start(&s);
	sha384_add(&s, "cove-boot-v1", 12);
	for (i = 0; i < 31 + BOOT_CSRS; i++)
		sha384_add_le64(&s, boot[i]);
	sha384_end(&s, digest);
	extend(reg, digest, HASH);
}

static bool measured_as(unsigned long gid, unsigned long index, const uint8_t expected[HASH])
{
	uint8_t seen[HASH] = { 0 };

	return !sbi6(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, gid, index, (unsigned long)seen,
		     HASH)
			.error &&
	       !memcmp(seen, expected, HASH);
}

/* It goes on where it was, with its registers and its memory, and the host has neither any more. */
static void runs(void)
{
	unsigned long boot[31 + BOOT_CSRS] = { 0 }, pa;
	uint8_t pages[HASH], config[HASH];
	struct sbiret r;
	struct tvm t;
	struct vm v;

	REQUIRE(vm_make(&v));
	expect_pages(&v, pages);
	*nacl_word(NACL_GPR_OFFSET(8)) = boot[7] = 0x5ec2e7; /* s0 */
	*nacl_word(NACL_GPR_OFFSET(28)) = boot[27] = ~0UL;   /* t3 */
	*nacl_word(NACL_GPR_OFFSET(11)) = boot[10] = GUEST_ARG(G_HELLO, 0x77);
	boot[31] = 2UL << 32;
	expect_config(config, GUEST_SIZE, boot);
	r = promote();
	EXPECT(r.error, OK);
	adopt(&t, &v, r.value);
	EXPECT(measured_as(t.gid, COVE_MSMT_PAGES, pages), true);
	EXPECT(measured_as(t.gid, COVE_MSMT_CONFIG, config), true);
	for (pa = v.pool; pa < v.pool + 32 * PAGE; pa += PAGE)
		REQUIRE(attack(pa, "memory of a promoted VM"));
	memset((void *)v.ram, 0xee, GUEST_SIZE); /* what it was is the host's */
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[0], 0);
	EXPECT(t.mail[1], GUEST_ARG(G_HELLO, 0x77));
	EXPECT(t.mail[2], 1UL << 8 | 1UL << 28);
	EXPECT(t.mail[3], 0);
	EXPECT(t.mail[4], 0);
	EXPECT(tvm_run(&t, 1).error, E_FAILED); /* stopped */
	EXPECT(covh(SBI_COVH_CREATE_TVM_VCPU, t.gid, 2, v.pool), E_INVALID_PARAM);
	EXPECT(tvm_destroy(&t), OK);
	REQUIRE(nothing_happened("destroyed"));
}

static void large_page(void)
{
	unsigned long *l1;
	struct sbiret r;
	struct tvm t;
	struct vm v;

	REQUIRE(vm_make(&v));
	l1 = (unsigned long *)(((unsigned long *)v.root)[GUEST_BASE >> 30] >> 10 << 12);
	l1[GUEST_BASE >> 21 & 0x1ff] = pte_of(v.ram, LEAF);
	*nacl_word(NACL_GPR_OFFSET(11)) = GUEST_ARG(G_HSM, 0);
	*nacl_word(NACL_CSR_OFFSET(CSR_HGATP)) = 0; /* of the hart itself */
	csr_write(hgatp, SV39 << 60 | v.root >> 12);
	r = promote();
	csr_write(hgatp, 0);
	EXPECT(r.error, OK);
	adopt(&t, &v, r.value);
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[1], 0); /* vCPU 0 is started, 1 is stopped */
	EXPECT(t.mail[3], 1);
}

static void errors(void)
{
	unsigned long hgatp;
	struct vm v;

	REQUIRE(vm_make(&v));
	hgatp = *nacl_word(NACL_CSR_OFFSET(CSR_HGATP));
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, TREE_GPA + 4, 0, GUEST_BASE, 0), E_INVALID_ADDRESS);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, TREE_GPA, 8, GUEST_BASE, 0), E_DENIED);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, TREE_GPA, 0, GUEST_BASE, v.ram + 8), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, TREE_GPA, 0, GUEST_BASE, v.pool), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, TREE_GPA, 0, GUEST_BASE, 0x80000000UL),
	       E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, ~7UL, 0, GUEST_BASE, 0), E_INVALID_ADDRESS);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, GUEST_BASE, 0, GUEST_BASE, 0), E_INVALID_ADDRESS);
	*nacl_word(NACL_CSR_OFFSET(CSR_HGATP)) = 0;
	EXPECT(promote().error, E_FAILED); /* the CSR is zero, too */
	*nacl_word(NACL_CSR_OFFSET(CSR_HGATP)) = SV39 << 60 | 0x80000;
	EXPECT(promote().error, E_FAILED);
	*nacl_word(NACL_CSR_OFFSET(CSR_HGATP)) = SV39 << 60 | v.pool >> 12;
	EXPECT(promote().error, E_FAILED);
	*nacl_word(NACL_CSR_OFFSET(CSR_HGATP)) = hgatp;
	*v.memory_size = be32(GUEST_SIZE + 1);
	EXPECT(promote().error, E_INVALID_ADDRESS);
	make_tree(&v, 0);
	EXPECT(promote().error, E_INVALID_ADDRESS);
	make_tree(&v, 2);
	((uint32_t *)vm_at(&v, TREE_GPA))[1] = ~0U;
	EXPECT(promote().error, E_INVALID_ADDRESS);
	make_tree(&v, 2);
	((uint32_t *)vm_at(&v, TREE_GPA))[2] = be32(0x7ffffff0); /* structure: far outside */
	EXPECT(promote().error, E_INVALID_ADDRESS);
	make_tree(&v, 2);
	*v.end = be32(5); /* behind all that is of interest */
	EXPECT(promote().error, E_INVALID_ADDRESS);
	REQUIRE(nothing_happened("refused"));
	make_tree(&v, 2);
	EXPECT(reclaim(v.pool, POOL_PAGES), OK);
	EXPECT(promote().error, E_FAILED); /* no memory */
}

/* The VM's tables lead to what is not the host's: as its memory, and as its tables. */
static void steals(void)
{
	unsigned long i, victim;
	struct vm v;

	REQUIRE(vm_make(&v));
	for (i = 0; i < 4; i++) {
		const unsigned long victims[] = { 0x80000000UL, v.pool + 200 * PAGE, 0x10000000UL,
						  reserved[nreserved - 1].base };

		victim = victims[i];
		v.leaves[100] = pte_of(victim, LEAF);
		EXPECT(promote().error, E_FAILED);
		v.leaves[100] = 0;
		((unsigned long *)v.root)[0] = pte_of(victim, PTE_V);
		EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, 0x1000, 0, GUEST_BASE, 0), E_INVALID_ADDRESS);
		((unsigned long *)v.root)[0] = 0;
	}
	REQUIRE(nothing_happened("refused"));
}

struct meddler {
	struct vm *v;
	unsigned long gid;
	unsigned int stop;
	unsigned int calls;
	long worst;
};

/* The name that the TVM will have is easy to guess. */
static void guess(void *arg)
{
	struct meddler *m = arg;

	while (!__atomic_load_n(&m->stop, __ATOMIC_ACQUIRE)) {
		long rc = covh(SBI_COVH_FINALIZE_TVM, m->gid, GUEST_BASE, 0, 0);

		if (rc != E_INVALID_PARAM)
			m->worst = rc ? rc : 1;
		__atomic_add_fetch(&m->calls, 1, __ATOMIC_SEQ_CST);
	}
}

static void hidden(void)
{
	struct meddler m = { 0 };
	unsigned int i;
	struct sbiret r;
	struct tvm t;
	struct vm v;

	REQUIRE(vm_make(&v));
	for (i = 0; i < 128; i++) /* takes a while to measure */
		page_fill(v.ram + (256 + i) * PAGE, i + 1);
	r = promote();
	EXPECT(r.error, OK);
	EXPECT(covh(SBI_COVH_DESTROY_TVM, r.value), OK);
	m.gid = r.value + 0x10000;
	hart_begin(other_hart(0), guess, &m);
	REQUIRE(soon(&m.calls, 1) || m.calls);
	r = promote();
	__atomic_store_n(&m.stop, 1, __ATOMIC_RELEASE);
	REQUIRE(hart_wait(other_hart(0)));
	EXPECT(m.worst, 0);
	EXPECT(r.error, OK);
	EXPECT(r.value, m.gid);
	adopt(&t, &v, r.value);
}

/* Changes the tree while it is read: memory of one size, or of another. */
static void rewrite(void *arg)
{
	struct meddler *m = arg;
	volatile uint32_t *size = m->v->memory_size;
	unsigned int i = 0;

	while (!__atomic_load_n(&m->stop, __ATOMIC_ACQUIRE))
		*size = be32(i++ & 1 ? GUEST_SIZE : GUEST_SIZE - PAGE);
}

/* What was promoted is one of the two: the tree that is measured is the tree that was obeyed. */
static bool consistent(struct vm *v, unsigned long gid, const unsigned long *boot)
{
	static const unsigned long sizes[] = { GUEST_SIZE, GUEST_SIZE - PAGE };
	uint8_t pages[HASH], config[HASH];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		*v->memory_size = be32((uint32_t)sizes[i]);
		expect_pages(v, pages);
		expect_config(config, sizes[i], boot);
		if (measured_as(gid, COVE_MSMT_PAGES, pages) &&
		    measured_as(gid, COVE_MSMT_CONFIG, config))
			return true;
	}
	return false;
}

static void tree_changes(void)
{
	unsigned long boot[31 + BOOT_CSRS] = { [31] = 2UL << 32 };
	unsigned int i, promoted = 0;
	struct sbiret r;
	struct vm v;

	REQUIRE(vm_make(&v));
	for (i = 0; i < 24; i++) {
		struct meddler m = { .v = &v };

		hart_begin(other_hart(0), rewrite, &m);
		r = promote();
		__atomic_store_n(&m.stop, 1, __ATOMIC_RELEASE);
		REQUIRE(hart_wait(other_hart(0)));
		if (r.error) {
			EXPECT(r.error, E_INVALID_ADDRESS);
			REQUIRE(nothing_happened("refused"));
			continue;
		}
		promoted++;
		if (!consistent(&v, r.value, boot))
			test_fail("round %u: it obeyed another tree than it has", i);
		EXPECT(covh(SBI_COVH_DESTROY_TVM, r.value), OK);
		REQUIRE(!test_failed());
	}
	print("# %u of %u promoted\n", promoted, i);
}

const struct test promote_tests[] = {
	{ "promote_runs", runs, 1 },	 { "promote_large_page", large_page, 1 },
	{ "promote_errors", errors, 1 }, { "promote_steals", steals, 1 },
	{ "promote_hidden", hidden, 2 }, { "promote_tree_changes", tree_changes, 2 },
};
DEFINE_TESTS(promote);
