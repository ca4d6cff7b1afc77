// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Instructions per call and per exit, for one hart under -icount shift=0: all
 * modes' instructions are counted, so a figure is what the caller waits for.
 * Each is the mean of many rounds, without the loop around it.
 */
#include "tvm.h"

#define ROUNDS 256
#define BULK   512UL

static unsigned long instret(void)
{
	return csr_read(instret);
}

static void figure(const char *name, unsigned long instructions)
{
	print("figure %s %lu\n", name, instructions);
}

static unsigned long null_call(unsigned long eid, unsigned long fid)
{
	unsigned long start;
	unsigned int i;

	sbi6(eid, fid, 0);
	start = instret();
	for (i = 0; i < ROUNDS; i++)
		sbi6(eid, fid, 0);
	return (instret() - start) / ROUNDS;
}

/* Exits until the next one is of @cause; then the mean of its round trips. */
static void exits(void)
{
	unsigned long sum[2] = { 0 }, count[2] = { 0 };
	unsigned int i;
	struct tvm t;

	if (!tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_BENCH, 0))) {
		print("FAIL bench: no TVM\n");
		return;
	}
	answer(0, 0);
	for (i = 0; i < 2 * ROUNDS + 4; i++) {
		unsigned long start = instret();
		struct sbiret r = sbi6(SBI_EXT_COVH, SBI_COVH_RUN_TVM_VCPU, t.gid, 0);
		unsigned long n = instret() - start;
		unsigned long cause = csr_read(scause);
		unsigned int kind = cause == CAUSE_VECALL;

		if (r.error || r.value) {
			print("FAIL bench: run %ld %lu\n", r.error, r.value);
			return;
		}
		answer(0, 0);
		if (i < 4)
			continue;
		sum[kind] += n;
		count[kind]++;
	}
	/* A run that ends in one kind of exit began with the other's completion. */
	figure("ecall_round_trip", sum[1] / count[1]);
	figure("mmio_round_trip", sum[0] / count[0]);
}

static void conversion(void)
{
	unsigned long pa = pages_alloc(BULK, 1), start, used[3];
	long rc;

	start = instret();
	rc = convert(pa, BULK);
	used[0] = instret() - start;
	start = instret();
	rc |= global_fence() | local_fence();
	used[1] = instret() - start;
	start = instret();
	rc |= reclaim(pa, BULK);
	used[2] = instret() - start;
	if (rc) {
		print("FAIL bench: conversion\n");
		return;
	}
	figure("convert_per_page_of_512", used[0] / BULK);
	figure("fences_per_512_pages", used[1]);
	figure("reclaim_per_page_of_512", used[2] / BULK);
	figure("convert_fence_reclaim_per_page_of_512", (used[0] + used[1] + used[2]) / BULK);
}

static void measuring(void)
{
	unsigned long src = pages_alloc(16, 1), dst, start;
	struct tvm t;
	long rc;

	if (!tvm_create(&t, 0) || !tvm_region(&t) || !tvm_pt(&t, 8))
		return;
	dst = tvm_pages(&t, 16, 1);
	start = instret();
	rc = covh(SBI_COVH_ADD_TVM_MEASURED_PAGES, t.gid, src, dst, 0, 16, GUEST_BASE);
	if (rc)
		print("FAIL bench: add_measured_pages %ld\n", rc);
	else
		figure("add_measured_per_page_of_16", (instret() - start) / 16);
}

void payload(void)
{
	figure("sbi_base_call", null_call(EXT_BASE, 0));
	figure("covh_null_call", null_call(SBI_EXT_COVH, 0x3ff));
	exits();
	conversion();
	measuring();
}
