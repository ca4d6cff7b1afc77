// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What bench.elf counts the instructions of.
 */
#include "guest.h"

#define SIE_SSIE 2UL
#define SIE_STIE 0x20UL

static void call_host(void)
{
	sbi(EXT_DBCN, 2, 'b', 0, 0);
}

static void use_fp(void)
{
	__asm__ volatile(".option push\n.option arch, +d\nfmv.d.x f0, zero\n.option pop");
}

static void use_v(void)
{
	__asm__ volatile(".option push\n.option arch, +v\n"
			 "vsetivli zero, 1, e8, m1, ta, ma\nvmv.v.i v0, 0\n.option pop");
}

static void ipi(void)
{
	sbi(EXT_IPI, 0, 1, 0, 0);
	while (csr_read(sip) & 2)
		;
}

/* The handler switches sie.STIE off. */
static void timer(void)
{
	csr_write(stimecmp, 0);
	csr_set(sie, SIE_STIE);
}

static void operate(enum bench_kind kind)
{
	switch (kind) {
	case BENCH_CALL:
		sbi(EXT_BASE, 0, 0, 0, 0);
		break;
	case BENCH_IPI:
		ipi();
		break;
	case BENCH_RFENCE:
		sbi(EXT_RFENCE, 1, 1, 0, 0);
		break;
	default:
		timer();
		break;
	}
}

static void use(enum bench_kind kind)
{
	static unsigned long page;

	switch (kind) {
	case BENCH_EXITS:
		*(volatile unsigned long *)DEV_BASE = 1;
		break;
	case BENCH_FP:
		use_fp();
		break;
	case BENCH_V:
		use_v();
		break;
	case BENCH_WFI:
		__asm__ volatile("wfi");
		break;
	default:
		*(volatile unsigned long *)(GUEST_HEAP + 4096 * page++) = 1;
		break;
	}
}

/* Never returns; the host stops it. */
void guest_bench(unsigned long kind)
{
	unsigned int i;

	if (kind == BENCH_FP || kind == BENCH_V)
		csr_set(sstatus, kind == BENCH_FP ? SSTATUS_FS : SSTATUS_VS);
	if (kind == BENCH_IPI || kind == BENCH_TIMER)
		csr_set(sstatus, SSTATUS_SIE);
	csr_write(sie, kind == BENCH_IPI ? SIE_SSIE : 0);
	for (;;) {
		call_host();
		if (kind < BENCH_CALL) {
			use((enum bench_kind)kind);
			continue;
		}
		call_host();
		for (i = 0; i < BENCH_OPS; i++)
			operate((enum bench_kind)kind);
	}
}
