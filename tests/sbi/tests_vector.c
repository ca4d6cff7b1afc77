// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The monitor hashes with vector registers that are not its own: with all in them
 * that a host can have, they must be the same afterwards. What a guest has in them:
 * registers_extend.
 */
#include "tvm.h"

#define HASH	       48
#define SSTATUS_VS     0x600UL
#define SSTATUS_VS_BIT 0x200UL
#define VILL	       (1UL << 63)
#define CSR_VSTART     0x008
#define MAX_VLENB      128

static struct {
	uint8_t in[32 * MAX_VLENB];
	uint8_t out[32 * MAX_VLENB];
	unsigned long csr[3];
	unsigned long lenb;
} regs;

/* vl 0 with vill; else as large as it gets with this vtype, less @less */
static const struct shape {
	const char *name;
	unsigned long vtype, less, vstart, vcsr;
} shapes[] = {
	{ "e8, m8", 0x03, 0, 0, 7 },	  { "e64, m1, cut", 0x18, 1, 1, 2 },
	{ "e64, m2", 0xd9, 0, 0, 0 },	  { "e16, mf4, in the middle", 0x0e, 0, 1, 5 },
	{ "nothing set", VILL, 0, 0, 1 },
};

static bool have_vector(void)
{
	bool have;

	csr_set(sstatus, SSTATUS_VS);
	have = csr_read(sstatus) & SSTATUS_VS;
	regs.lenb = have ? v_lenb() : 0;
	csr_clear(sstatus, SSTATUS_VS);
	return have;
}

static unsigned long vl_of(const struct shape *s)
{
	unsigned long sew = 8UL << (s->vtype >> 3 & 7), lmul = s->vtype & 7;
	unsigned long bits = 8 * regs.lenb;

	if (s->vtype == VILL)
		return 0;
	return (lmul < 4 ? bits << lmul : bits >> (8 - lmul)) / sew - s->less;
}

static void load(const struct shape *s, unsigned int seed, unsigned long vs)
{
	unsigned int i;

	for (i = 0; i < sizeof(regs.in); i++)
		regs.in[i] = (uint8_t)(i * 29 + (i >> 8) + seed);
	csr_set(sstatus, SSTATUS_VS);
	v_load(regs.in, vl_of(s), s->vtype, s->vcsr);
	__asm__ volatile("csrw %0, %1" ::"i"(CSR_VSTART), "r"(s->vstart));
	csr_clear(sstatus, SSTATUS_VS);
	csr_set(sstatus, vs);
}

static void check(const struct shape *s, unsigned long vs)
{
	unsigned long now = csr_read(sstatus) & SSTATUS_VS, vstart, i;

	if (now != vs)
		test_fail("%s: sstatus.VS was %lx and is %lx", s->name, vs, now);
	csr_set(sstatus, SSTATUS_VS);
	__asm__ volatile("csrr %0, %1" : "=r"(vstart) : "i"(CSR_VSTART));
	__asm__ volatile("csrw %0, zero" ::"i"(CSR_VSTART));
	v_store(regs.out, regs.csr);
	csr_clear(sstatus, SSTATUS_VS);
	for (i = 0; i < 32 * regs.lenb; i++)
		if (regs.in[i] != regs.out[i])
			test_fail("%s: byte %lu of v%lu changed", s->name, i % regs.lenb,
				  i / regs.lenb);
	if (regs.csr[0] != vl_of(s) || regs.csr[1] != s->vtype || regs.csr[2] != s->vcsr ||
	    vstart != s->vstart)
		test_fail("%s: vl, vtype, vcsr, vstart are %lx %lx %lx %lx", s->name, regs.csr[0],
			  regs.csr[1], regs.csr[2], vstart);
}

/* What the page register must be, page by page */
static void expect_page(uint8_t reg[HASH], uint64_t gpa, const void *page)
{
	struct sha384 s;

	sha384_start(&s);
	sha384_add(&s, reg, HASH);
	sha384_add_le64(&s, gpa);
	sha384_add(&s, page, PAGE);
	sha384_end(&s, reg);
}

/* Each shape with each state that V can have; the pages are measured right, too. */
static void host_keeps_registers(void)
{
	unsigned long src = pages_alloc(1, 1), dst, gpa = GUEST_BASE, vs;
	uint8_t want[HASH] = { 0 }, seen[HASH] = { 0 };
	unsigned int i, n = 0;
	struct tvm t;

	if (!have_vector()) {
		test_skip("the hart has no vector registers");
		return;
	}
	REQUIRE(tvm_create(&t, 0) && tvm_region(&t) && tvm_pt(&t, 8) && tvm_vcpus(&t, 1));
	dst = tvm_pages(&t, 4 * ARRAY_SIZE(shapes), 1);
	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		for (vs = 0; vs <= SSTATUS_VS; vs += SSTATUS_VS_BIT, n++, gpa += PAGE) {
			page_fill(src, n + 1);
			load(&shapes[i], n, vs);
			EXPECT(covh(SBI_COVH_ADD_TVM_MEASURED_PAGES, t.gid, src, dst + n * PAGE,
				    COVE_PAGE_4K, 1, gpa),
			       OK);
			check(&shapes[i], vs);
			expect_page(want, gpa, (void *)src);
		}
	}
	EXPECT(tvm_finalize(&t, 0), OK);
	EXPECT(sbi6(SBI_EXT_COVESBI, SBI_COVESBI_GET_MEASUREMENT, t.gid, COVE_MSMT_PAGES,
		    (unsigned long)seen, HASH)
		       .error,
	       OK);
	EXPECT(memcmp(want, seen, HASH), 0);
}

const struct test vector_tests[] = {
	{ "vector_host_keeps_registers", host_keeps_registers, 1 },
};
DEFINE_TESTS(vector);
