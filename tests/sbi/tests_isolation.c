// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The host attacks memory that is not its own: each access faults with the
 * right cause and address, and the host goes on.
 */
#include "tvm.h"
#include "attack.h"

static void converted(void)
{
	unsigned long pa = pages_alloc(3, 1);

	EXPECT(convert(pa + PAGE, 1), OK);
	attack(pa + PAGE, "a converted page");
	EXPECT(probe_ld(pa + PAGE - 8), NO_FAULT);
	EXPECT(probe_ld(pa + 2 * PAGE), NO_FAULT);
	/* half in, half out */
	EXPECT_TRUE(probe_ld(pa + PAGE - 4) != NO_FAULT);
	EXPECT_TRUE(probe_ld(pa + 2 * PAGE - 4) != NO_FAULT);
	EXPECT_TRUE(probe_sd(pa + PAGE - 4, ~0UL) != NO_FAULT);
}

static void firmware(void)
{
	unsigned long pa;
	unsigned int i;

	attack(0x80000000UL, "the firmware's first page");
	EXPECT_TRUE(nreserved >= 2);
	for (i = 0; i < nreserved; i++) {
		attack(reserved[i].base, reserved[i].name);
		attack(reserved[i].base + reserved[i].size - PAGE, reserved[i].name);
		for (pa = reserved[i].base; pa < reserved[i].base + reserved[i].size; pa += PAGE) {
			EXPECT(probe_ld(pa), 5);
			EXPECT(probe_sd(pa + 8, 0), 7);
		}
	}
}

/* What the statistics count as the monitor's is what cannot be read. */
static void monitor_is_complete(void)
{
	struct covesbi_stats s;
	unsigned long pa, denied = 0;

	get_stats(&s);
	for (pa = 0x80000000UL; pa < 0x80000000UL + s.ram_bytes; pa += PAGE)
		denied += probe_ld(pa) != NO_FAULT;
	EXPECT(denied, s.pages_monitor);
}

static void tvm_memory(void)
{
	struct tvm t;
	unsigned long i;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_HELLO, 0)));
	attack(t.root, "the G-stage root");
	attack(t.root + 3 * PAGE, "the G-stage root's end");
	attack(t.state, "TVM state");
	attack(t.vcpu_pa[0], "vCPU state");
	attack(t.pt_pa, "page tables");
	attack(t.image_pa, "TVM data");
	attack(t.image_pa + GUEST_IMAGE_PAGES * PAGE - PAGE, "TVM data's end");
	for (i = 0; i < TVM_CHUNK; i++)
		EXPECT(probe_ld(t.chunk + i * PAGE), 5);
	/* nothing of it did any harm */
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.mail[1], GUEST_ARG(G_HELLO, 0));
	for (i = 0; i < TVM_CHUNK; i++)
		EXPECT(probe_ld(t.chunk + i * PAGE), 5);
	EXPECT(tvm_destroy(&t), OK);
	for (i = 0; i < TVM_CHUNK; i++)
		EXPECT(probe_ld(t.chunk + i * PAGE), 5);
	EXPECT(reclaim(t.chunk, TVM_CHUNK), OK);
	for (i = 0; i < TVM_CHUNK; i++)
		EXPECT_TRUE(page_is_zero(t.chunk + i * PAGE));
}

/* The host's own translation leads to a confidential page: table walks and data. */
static void through_satp(void)
{
	unsigned long table = pages_alloc(1, 1), secret = pages_alloc(1, 1);
	unsigned long *pte = (unsigned long *)table;
	unsigned long bad;

	memset(pte, 0, PAGE);
	pte[0] = 0x00000000UL << 10 | 0xcf; /* devices */
	pte[2] = 0x80000UL << 10 | 0xcf;    /* RAM, gigapage */
	pte[3] = secret >> 12 << 10 | 1;    /* the next table is the secret page */
	memset((void *)secret, 0xff, PAGE);
	EXPECT(convert(secret, 1), OK);
	csr_write(satp, 8UL << 60 | table >> 12);
	__asm__ volatile("sfence.vma" ::: "memory");
	bad = probe_ld(secret);
	if (bad == 5)
		bad = probe_ld(0xc0000000UL) == 5 ? 0 : 1000;
	if (!bad && (this_hart()->tval != 0xc0000000UL || probe_ld(table) != NO_FAULT))
		bad = 1001;
	csr_write(satp, 0);
	__asm__ volatile("sfence.vma" ::: "memory");
	EXPECT(bad, 0);
}

/* As hypervisor: a G-stage of the host's that leads there, loads by HLV. */
static void through_hgatp(void)
{
	unsigned long root = pages_alloc(4, 4), secret = pages_alloc(1, 1);
	unsigned long *pte = (unsigned long *)root;
	struct tvm t;
	unsigned long first, second, third;

	memset(pte, 0, 4 * PAGE);
	pte[2] = 0x80000UL << 10 | 0xdf;
	*(unsigned long *)secret = 0x1234;
	csr_write(hgatp, 8UL << 60 | 3UL << 44 | root >> 12);
	csr_write(vsatp, 0);
	csr_write(hstatus, 1UL << 8);					    /* SPVP */
	__asm__ volatile(".insn r 0x73, 0, 0x31, x0, x0, x0" ::: "memory"); /* hfence.gvma */
	first = probe_hlv(secret);					    /* fills the TLB */
	if (convert(secret, 1))
		first = 1000;
	second = probe_hlv(secret);
	csr_write(hgatp, 0);
	EXPECT(first, NO_FAULT);
	EXPECT(second, 5);
	/* a TVM's own tables, in the host's hands */
	REQUIRE(tvm_build(&t, 0, 1, GUEST_ARG(G_NULL, 0)));
	csr_write(hgatp, 8UL << 60 | 3UL << 44 | t.root >> 12);
	third = probe_hlv(GUEST_BASE);
	csr_write(hgatp, 0);
	csr_write(hstatus, 0);
	EXPECT(third, 5);
}

static void zero_after_reclaim(void)
{
	unsigned long pa = pages_alloc(2, 1);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		page_fill(pa, 0xfeedUL + i);
		page_fill(pa + PAGE, 0xbeefUL + i);
		EXPECT(convert(pa, 2), OK);
		REQUIRE(fence_all());
		EXPECT(reclaim(pa, 2), OK);
		EXPECT_TRUE(page_is_zero(pa) && page_is_zero(pa + PAGE));
	}
}

/* What another hart may do with @pa before and after its local fence. */
static void on_other_harts(void)
{
	unsigned long pa = pages_alloc(1, 1);
	unsigned int i, id;

	page_fill(pa, 5);
	for (i = 0; i + 1 < nharts; i++) {
		id = other_hart(i);
		REQUIRE(on_hart(id, set_probe, (void *)pa)); /* fills its TLB */
		EXPECT(probe_result(id), NO_FAULT);
	}
	EXPECT(convert(pa, 1), OK);
	REQUIRE(fence_all());
	for (i = 0; i + 1 < nharts; i++) {
		id = other_hart(i);
		REQUIRE(on_hart(id, set_attack, (void *)pa));
	}
	EXPECT(reclaim(pa, 1), OK);
	for (i = 0; i + 1 < nharts; i++) {
		id = other_hart(i);
		/* no fence: it must just work */
		REQUIRE(on_hart(id, set_probe, (void *)pa));
		EXPECT(probe_result(id), NO_FAULT);
		REQUIRE(on_hart(id, set_check_zero, (void *)pa));
	}
}

/* Reclaimed memory executes, on every hart. */
static void execute_after_reclaim(void)
{
	unsigned long pa = pages_alloc(1, 1);
	unsigned int i;

	EXPECT(convert(pa, 1), OK);
	REQUIRE(fence_all());
	EXPECT(probe_exec(pa), 1);
	EXPECT(reclaim(pa, 1), OK);
	*(unsigned int *)pa = 0x8082; /* ret */
	__asm__ volatile("fence.i" ::: "memory");
	EXPECT(probe_exec(pa), NO_FAULT);
	for (i = 0; i + 1 < nharts; i++) {
		REQUIRE(on_hart(other_hart(i), set_probe_exec, (void *)pa));
		EXPECT(probe_result(other_hart(i)), NO_FAULT);
	}
}

static void tvm_memory_on_other_harts(void)
{
	struct tvm t;
	unsigned int i;

	REQUIRE(tvm_build(&t, 0, 1, GUEST_ARG(G_NULL, 0)));
	for (i = 0; i + 1 < nharts; i++) {
		REQUIRE(on_hart(other_hart(i), set_attack, (void *)t.root));
		REQUIRE(on_hart(other_hart(i), set_attack, (void *)t.state));
		REQUIRE(on_hart(other_hart(i), set_attack, (void *)t.vcpu_pa[0]));
		REQUIRE(on_hart(other_hart(i), set_attack, (void *)t.pt_pa));
		REQUIRE(on_hart(other_hart(i), set_attack, (void *)t.image_pa));
		REQUIRE(on_hart(other_hart(i), set_attack, (void *)0x80000000UL));
	}
}

const struct test isolation_tests[] = {
	{ "isolation_converted_page", converted, 1 },
	{ "isolation_firmware_and_table", firmware, 1 },
	{ "isolation_monitor_is_complete", monitor_is_complete, 1 },
	{ "isolation_tvm_memory", tvm_memory, 1 },
	{ "isolation_through_satp", through_satp, 1 },
	{ "isolation_through_hgatp", through_hgatp, 1 },
	{ "isolation_zero_after_reclaim", zero_after_reclaim, 1 },
	{ "isolation_execute_after_reclaim", execute_after_reclaim, 1 },
	{ "isolation_on_other_harts", on_other_harts, 2 },
	{ "isolation_tvm_memory_on_other_harts", tvm_memory_on_other_harts, 2 },
};
DEFINE_TESTS(isolation);
