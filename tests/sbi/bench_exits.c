// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Exits of a guest: instructions from the host's run call to its return. And
 * what the guest gets without an exit: all that happens from one operation of
 * its loop to the next, in the guest and in M-mode. The counters stand still
 * while a TVM runs, so those come from the clock: -icount shift=0 makes it
 * advance by 1 ns with each instruction.
 */
#include "bench.h"

#define NS_PER_TICK 100 /* 10 MHz */
#define WARM_UP	    4

/* Gets the guest on after its exit; the host's part of the work is not counted. */
static bool serve(struct tvm *t, unsigned long cause)
{
	unsigned long gpa = *nacl_word(NACL_CSR_OFFSET(0x643)) << 2;

	answer(0, 0);
	if (cause != CAUSE_GSTORE || gpa < GUEST_HEAP || gpa >= GUEST_BASE + GUEST_SIZE)
		return true;
	return !covh(SBI_COVH_ADD_TVM_ZERO_PAGES, t->gid, tvm_pages(t, 1, 1), COVE_PAGE_4K, 1, gpa);
}

bool bench_run(struct tvm *t, unsigned long *cause, struct count *sum)
{
	unsigned long ticks = csr_read(time), start = instret();
	struct sbiret r = sbi6(SBI_EXT_COVH, SBI_COVH_RUN_TVM_VCPU, t->gid, 0);

	sum->instructions = instret() - start;
	sum->ticks = csr_read(time) - ticks;
	*cause = csr_read(scause);
	if (r.error || r.value) {
		print("FAIL bench: run %ld %lu\n", r.error, r.value);
		return false;
	}
	return serve(t, *cause);
}

bool bench_guest(struct tvm *t, enum bench_kind kind)
{
	if (tvm_build(t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_BENCH, kind)))
		return true;
	print("FAIL bench: no TVM\n");
	return false;
}

/* Mean of the runs that end with @want; @rounds of any kind. */
static void exits(const char *name, enum bench_kind kind, unsigned long want, unsigned int rounds)
{
	unsigned long cause, n = 0, sum = 0;
	unsigned int i;
	struct count c;
	struct tvm t;

	if (!bench_guest(&t, kind))
		return;
	answer(0, 0);
	for (i = 0; i < rounds + WARM_UP; i++) {
		if (!bench_run(&t, &cause, &c))
			return;
		if (i < WARM_UP || cause != want)
			continue;
		sum += c.instructions;
		n++;
	}
	if (!n)
		print("FAIL bench: %s: no such exit\n", name);
	else
		figure(name, sum / n);
	tvm_destroy_all();
	mem_reset();
}

static void timer_interrupt(bool raise)
{
	csr_write(sie, raise ? SIP_STIP : 0);
	timer_set(raise ? 0 : ~0UL);
}

static void software_interrupt(bool raise)
{
	csr_write(sie, raise ? SIP_SSIP : 0);
	if (raise)
		csr_set(sip, SIP_SSIP);
	else
		csr_clear(sip, SIP_SSIP);
}

/* The host's interrupt, pending when the guest goes on: into it, out of it, and not one of its
 * instructions */
static void interrupted(const char *name, unsigned int irq, void (*interrupt)(bool raise))
{
	unsigned long cause, sum = 0;
	unsigned int i;
	struct count c;
	struct tvm t;

	if (!bench_guest(&t, BENCH_EXITS))
		return;
	answer(0, 0);
	for (i = 0; i < ROUNDS + WARM_UP; i++) {
		interrupt(true);
		if (!bench_run(&t, &cause, &c))
			return;
		interrupt(false);
		if (cause != (CAUSE_IRQ | irq))
			print("FAIL bench: %s: exit %lx\n", name, cause);
		if (i >= WARM_UP)
			sum += c.instructions;
	}
	figure(name, sum / ROUNDS);
	tvm_destroy_all();
	mem_reset();
}

/* Of the runs between two calls to the host every other one has BENCH_OPS operations. */
static void served(const char *name, enum bench_kind kind)
{
	unsigned long cause, sum[2] = { 0 };
	unsigned int i;
	struct count c;
	struct tvm t;

	if (!bench_guest(&t, kind))
		return;
	answer(0, 0);
	for (i = 0; i < WARM_UP + 32; i++) {
		if (!bench_run(&t, &cause, &c))
			return;
		if (cause != CAUSE_VECALL)
			print("FAIL bench: %s: exit %lu\n", name, cause);
		if (i >= WARM_UP)
			sum[i & 1] += c.ticks;
	}
	if (sum[0] < sum[1])
		figure(name, (sum[1] - sum[0]) * NS_PER_TICK / 16 / BENCH_OPS);
	else
		figure(name, (sum[0] - sum[1]) * NS_PER_TICK / 16 / BENCH_OPS);
	tvm_destroy_all();
	mem_reset();
}

void bench_exits(void)
{
	exits("ecall_round_trip", BENCH_EXITS, CAUSE_VECALL, 2 * ROUNDS);
	exits("mmio_round_trip", BENCH_EXITS, CAUSE_GSTORE, 2 * ROUNDS);
	exits("ecall_round_trip_fp_used", BENCH_FP, CAUSE_VECALL, ROUNDS);
	exits("ecall_round_trip_v_used", BENCH_V, CAUSE_VECALL, ROUNDS);
	exits("wfi_round_trip", BENCH_WFI, CAUSE_VIRT, 2 * ROUNDS);
	exits("page_fault_round_trip", BENCH_FAULT, CAUSE_GSTORE, 64);
	interrupted("host_timer_round_trip", IRQ_S_TIMER, timer_interrupt);
	interrupted("host_ipi_round_trip", IRQ_S_SOFT, software_interrupt);
	served("guest_base_call", BENCH_CALL);
	served("guest_ipi_to_itself", BENCH_IPI);
	served("guest_remote_fence_alone", BENCH_RFENCE);
	served("guest_timer_tick", BENCH_TIMER);
}
