// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * promote_to_tvm: an ordinary VM of the host becomes a TVM, or everything stays
 * as it was. Its tables, its device tree and the host are hostile.
 */
#include "tvm.h"
#include "attack.h"
#include "vm.h"

#define HASH	  48
#define BOOT_CSRS 9

static bool nothing_happened(const char *what)
{
	struct covesbi_stats st;

	get_stats(&st);
	if (!st.tvms && !st.pages_tvm && st.pages_converting + st.pages_unassigned == VM_POOL_PAGES)
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
	r = vm_promote();
	EXPECT(r.error, OK);
	vm_adopt(&t, &v, r.value);
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
	l1[GUEST_BASE >> 21 & 0x1ff] = vm_pte(v.ram, VM_LEAF);
	*nacl_word(NACL_GPR_OFFSET(11)) = GUEST_ARG(G_HSM, 0);
	*nacl_word(NACL_CSR_OFFSET(VM_CSR_HGATP)) = 0; /* of the hart itself */
	csr_write(hgatp, SV39 << 60 | v.root >> 12);
	r = vm_promote();
	csr_write(hgatp, 0);
	EXPECT(r.error, OK);
	vm_adopt(&t, &v, r.value);
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[1], 0); /* vCPU 0 is started, 1 is stopped */
	EXPECT(t.mail[3], 1);
}

static void errors(void)
{
	unsigned long hgatp;
	struct vm v;

	REQUIRE(vm_make(&v));
	hgatp = *nacl_word(NACL_CSR_OFFSET(VM_CSR_HGATP));
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, VM_TREE + 4, 0, GUEST_BASE, 0), E_INVALID_ADDRESS);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, VM_TREE, GUEST_BASE + 4, GUEST_BASE, 0),
	       E_INVALID_ADDRESS);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, VM_TREE, 8, GUEST_BASE, 0), E_INVALID_ADDRESS);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, VM_TREE, GUEST_BASE, GUEST_BASE, 0), E_DENIED);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, VM_TREE, 0, GUEST_BASE, v.ram + 8), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, VM_TREE, 0, GUEST_BASE, v.pool), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, VM_TREE, 0, GUEST_BASE, 0x80000000UL),
	       E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, ~7UL, 0, GUEST_BASE, 0), E_INVALID_ADDRESS);
	EXPECT(covh(SBI_COVH_PROMOTE_TO_TVM, GUEST_BASE, 0, GUEST_BASE, 0), E_INVALID_ADDRESS);
	*nacl_word(NACL_CSR_OFFSET(VM_CSR_HGATP)) = 0;
	EXPECT(vm_promote().error, E_FAILED); /* the CSR is zero, too */
	*nacl_word(NACL_CSR_OFFSET(VM_CSR_HGATP)) = SV39 << 60 | 0x80000;
	EXPECT(vm_promote().error, E_FAILED);
	*nacl_word(NACL_CSR_OFFSET(VM_CSR_HGATP)) = SV39 << 60 | v.pool >> 12;
	EXPECT(vm_promote().error, E_FAILED);
	*nacl_word(NACL_CSR_OFFSET(VM_CSR_HGATP)) = hgatp;
	*v.memory_size = big32(GUEST_SIZE + 1);
	EXPECT(vm_promote().error, E_INVALID_ADDRESS);
	vm_tree(&v, 0);
	EXPECT(vm_promote().error, E_INVALID_ADDRESS);
	vm_tree(&v, 2);
	((uint32_t *)vm_at(&v, VM_TREE))[1] = ~0U;
	EXPECT(vm_promote().error, E_INVALID_ADDRESS);
	vm_tree(&v, 2);
	((uint32_t *)vm_at(&v, VM_TREE))[2] = big32(0x7ffffff0); /* structure: far outside */
	EXPECT(vm_promote().error, E_INVALID_ADDRESS);
	vm_tree(&v, 2);
	*v.end = big32(5); /* behind all that is of interest */
	EXPECT(vm_promote().error, E_INVALID_ADDRESS);
	REQUIRE(nothing_happened("refused"));
	vm_tree(&v, 2);
	EXPECT(reclaim(v.pool, VM_POOL_PAGES), OK);
	EXPECT(vm_promote().error, E_FAILED); /* no memory */
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
		v.leaves[100] = vm_pte(victim, VM_LEAF);
		EXPECT(vm_promote().error, E_FAILED);
		v.leaves[100] = 0;
		((unsigned long *)v.root)[0] = vm_pte(victim, PTE_V);
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

static bool has_measurement(unsigned long gid)
{
	uint8_t seen[HASH] = { 0 };

	return !sbi6(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, gid, COVE_MSMT_CONFIG,
		     (unsigned long)seen, HASH)
			.error;
}

/*
 * The name that the TVM will have is easy to guess. What takes a TVM in every state is refused,
 * too, until it is complete, which may be long before the host's hart is told so.
 */
static void guess(void *arg)
{
	struct meddler *m = arg;

	while (!__atomic_load_n(&m->stop, __ATOMIC_ACQUIRE)) {
		long rc = covh(SBI_COVH_FINALIZE_TVM, m->gid, GUEST_BASE, 0, 0);

		if (rc != E_INVALID_PARAM)
			m->worst = rc ? rc : 1;
		rc = covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, m->gid, m->v->pool, 1);
		if (rc != E_INVALID_PARAM && !has_measurement(m->gid))
			m->worst = rc ? rc : 1;
		__atomic_add_fetch(&m->calls, 1, __ATOMIC_SEQ_CST);
	}
}

/* Something that takes several steps to measure */
static void vm_fill(struct vm *v, unsigned int pages)
{
	unsigned int i;

	for (i = 0; i < pages; i++)
		page_fill(v->ram + (128 + i) * PAGE, i + 1);
}

static unsigned long tvms(void)
{
	struct covesbi_stats st;

	get_stats(&st);
	return st.tvms;
}

/* What the host can do with a TVM that will be called @gid, between two steps */
static void use_early(const struct vm *v, unsigned long gid)
{
	EXPECT(covh(SBI_COVH_FINALIZE_TVM, gid, GUEST_BASE, 0, 0), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_RUN_TVM_VCPU, gid, 0), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_TVM_FENCE, gid), E_INVALID_PARAM);
	EXPECT(covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, gid, v->pool + 200 * PAGE, 1),
	       E_INVALID_PARAM);
	attack(v->pool, "memory of a VM that is being promoted");
}

/* Return: how often interrupts came between two steps */
static unsigned long promote_interrupted(const struct vm *v, unsigned long gid)
{
	const unsigned long regs[8] = {
		VM_TREE, 0, GUEST_BASE, 0, 0, 0, SBI_COVH_PROMOTE_TO_TVM, SBI_EXT_COVH
	};
	unsigned long how, cuts = 0;
	long rc;

	csr_write(sie, SIP_STIP);
	do {
		timer_set(csr_read(time) + 500);
		rc = ecall_or_interrupt(regs, &how);
		timer_set(~0UL);
		if (how != 1 || !tvms())
			continue;
		cuts++;
		use_early(v, gid);
	} while (how && !test_failed());
	csr_write(sie, 0);
	if (rc && !test_failed())
		test_fail("promotion with interrupts: %ld", rc);
	return cuts;
}

/* The host's interrupts do not wait; in between the TVM has a name, and is good for nothing. */
static void hidden(void)
{
	unsigned long cuts = 0, gid;
	uint8_t pages[HASH];
	unsigned int i;
	struct tvm t;
	struct vm v;

	REQUIRE(vm_make(&v));
	vm_fill(&v, 64);
	expect_pages(&v, pages);
	gid = vm_promote().value;
	for (i = 0; i < 50 && cuts < 2; i++) { /* QEMU's timer may be late */
		EXPECT(covh(SBI_COVH_DESTROY_TVM, gid), OK);
		gid += 0x10000;
		cuts = promote_interrupted(&v, gid);
		REQUIRE(!test_failed());
	}
	EXPECT_TRUE(cuts > 1);
	EXPECT(measured_as(gid, COVE_MSMT_PAGES, pages), true);
	vm_adopt(&t, &v, gid);
}

/* The same, while another hart makes the calls. */
static void hidden_from_others(void)
{
	struct meddler m = { 0 };
	struct sbiret r;
	struct tvm t;
	struct vm v;

	REQUIRE(vm_make(&v));
	vm_fill(&v, 64);
	r = vm_promote();
	EXPECT(r.error, OK);
	EXPECT(covh(SBI_COVH_DESTROY_TVM, r.value), OK);
	m.gid = r.value + 0x10000;
	m.v = &v;
	hart_begin(other_hart(0), guess, &m);
	REQUIRE(soon(&m.calls, 1) || m.calls);
	r = vm_promote();
	__atomic_store_n(&m.stop, 1, __ATOMIC_RELEASE);
	REQUIRE(hart_wait(other_hart(0)));
	EXPECT(r.error, OK);
	EXPECT(r.value, m.gid);
	EXPECT(m.worst, 0);
	vm_adopt(&t, &v, r.value);
}

/*
 * Another hart of the host makes the call with other arguments while it is under way, and is
 * told the name of the TVM that is in its way; which it destroys, if it is asked to.
 */
static void interfere(void *arg)
{
	struct meddler *m = arg;
	struct sbiret r;

	*nacl_word(NACL_CSR_OFFSET(VM_CSR_HGATP)) = SV39 << 60 | m->v->root >> 12;
	__atomic_store_n(&m->calls, 1, __ATOMIC_RELEASE);
	while (!tvms() && !__atomic_load_n(&m->stop, __ATOMIC_ACQUIRE))
		;
	r = sbi6(SBI_EXT_COVH, SBI_COVH_PROMOTE_TO_TVM, VM_TREE, 0, GUEST_BASE + 4, 0);
	m->worst = r.error;
	if (m->gid && r.error == E_ALREADY_STARTED)
		m->gid = covh(SBI_COVH_DESTROY_TVM, r.value) ? 1 : 2;
	else
		m->gid = r.value;
}

static struct sbiret promote_against(struct vm *v, struct meddler *m)
{
	struct sbiret r;

	m->v = v;
	hart_begin(other_hart(0), interfere, m);
	if (!soon(&m->calls, 1))
		test_fail("the other hart does nothing");
	r = vm_promote();
	__atomic_store_n(&m->stop, 1, __ATOMIC_RELEASE);
	if (!hart_wait(other_hart(0)))
		test_fail("the other hart does not come back");
	return r;
}

static void other_arguments(void)
{
	struct meddler m = { 0 };
	uint8_t pages[HASH];
	struct sbiret r;
	struct tvm t;
	struct vm v;

	REQUIRE(vm_make(&v));
	vm_fill(&v, 128);
	expect_pages(&v, pages);
	r = promote_against(&v, &m);
	EXPECT(r.error, OK);
	EXPECT(m.worst, E_ALREADY_STARTED);
	EXPECT(m.gid, r.value);
	EXPECT(measured_as(r.value, COVE_MSMT_PAGES, pages), true);
	vm_adopt(&t, &v, r.value);
}

static void destroyed_meanwhile(void)
{
	struct meddler m = { .gid = 1 };
	struct sbiret r;
	struct vm v;

	REQUIRE(vm_make(&v));
	vm_fill(&v, 128);
	r = promote_against(&v, &m);
	EXPECT(m.worst, E_ALREADY_STARTED);
	EXPECT(m.gid, 2);
	if (!r.error) /* destroyed between two steps: the next one began another */
		EXPECT(covh(SBI_COVH_DESTROY_TVM, r.value), OK);
	else
		EXPECT(r.error, E_FAILED);
	REQUIRE(nothing_happened("destroyed"));
}

/* Changes the tree while it is read: memory of one size, or of another. */
static void rewrite(void *arg)
{
	struct meddler *m = arg;
	volatile uint32_t *size = m->v->memory_size;
	unsigned int i = 0;

	while (!__atomic_load_n(&m->stop, __ATOMIC_ACQUIRE))
		*size = big32((m->calls = i++) & 1 ? GUEST_SIZE : GUEST_SIZE - PAGE);
}

/* What was promoted is one of the two: the tree that is measured is the tree that was obeyed. */
static bool consistent(struct vm *v, unsigned long gid, const unsigned long *boot)
{
	static const unsigned long sizes[] = { GUEST_SIZE, GUEST_SIZE - PAGE };
	uint8_t pages[HASH], config[HASH];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		*v->memory_size = big32((uint32_t)sizes[i]);
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
		while (!__atomic_load_n(&m.calls, __ATOMIC_ACQUIRE))
			;
		r = vm_promote();
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

/*
 * Of a firmware whose stack for it is too small (JOB_ROOM of bite.list) the call fails, once, and
 * all is as it was; a TVM can be made as ever.
 */
static void overrun(void)
{
	bool small = is_without("JOB_ROOM");
	struct sbiret r;
	unsigned int i;
	struct tvm t;
	struct vm v;

	REQUIRE(vm_make(&v));
	for (i = 0; i < 2; i++) {
		r = vm_promote();
		EXPECT(r.error, small ? E_FAILED : OK);
		if (!small)
			EXPECT(covh(SBI_COVH_DESTROY_TVM, r.value), OK);
		REQUIRE(nothing_happened("it was too much"));
	}
	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_NULL, 0)));
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
}

const struct test promote_tests[] = {
	{ "promote_runs", runs, 1 },
	{ "promote_large_page", large_page, 1 },
	{ "promote_errors", errors, 1 },
	{ "promote_steals", steals, 1 },
	{ "promote_hidden", hidden, 1 },
	{ "promote_hidden_from_others", hidden_from_others, 2 },
	{ "promote_other_arguments", other_arguments, 2 },
	{ "promote_destroyed_meanwhile", destroyed_meanwhile, 2 },
	{ "promote_tree_changes", tree_changes, 2 },
	{ "promote_overrun", overrun, 1 },
};
DEFINE_TESTS(promote);
