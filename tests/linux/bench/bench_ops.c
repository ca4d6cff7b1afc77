// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Operations of a guest that are counted from outside (tests/bench/modes.c), between
 * marks. It does all of them when it is loaded.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <asm/sbi.h>

#include "mark.h"

#define UART	     0x10000000UL
#define UART_SCRATCH 7
#define UART_SIZE    0x100
#define ROUNDS	     64
#define BATCHES	     16
#define FAULT_ORDER  10 /* 4 MiB at once */
#define FAULT_BLOCKS 4
#define EACH_BLOCKS  6 /* more than the host takes at once */
#define SPINS	     50000000UL
#define TICK	     1000000 /* ns */

static void mmio_to_user(void)
{
	void __iomem *uart = ioremap(UART, UART_SIZE);
	int i;

	if (!uart)
		return;
	readb(uart + UART_SCRATCH);
	mark(MARK_BEGIN, "mmio_to_user", ROUNDS);
	for (i = 0; i < ROUNDS; i++)
		readb(uart + UART_SCRATCH);
	mark(MARK_END, "mmio_to_user", ROUNDS);
	iounmap(uart);
}

static void hypercall(void)
{
	int i;

	sbi_ecall(SBI_EXT_BASE, SBI_EXT_BASE_GET_SPEC_VERSION, 0, 0, 0, 0, 0, 0);
	mark(MARK_BEGIN, "hypercall", ROUNDS);
	for (i = 0; i < ROUNDS; i++)
		sbi_ecall(SBI_EXT_BASE, SBI_EXT_BASE_GET_SPEC_VERSION, 0, 0, 0, 0, 0, 0);
	mark(MARK_END, "hypercall", ROUNDS);
}

/* Page @i of all blocks */
static unsigned long *word_of(struct page **block, unsigned long i)
{
	return page_address(block[i >> FAULT_ORDER] + (i & ((1UL << FAULT_ORDER) - 1)));
}

static void touch(struct page **block, unsigned long pages)
{
	unsigned long i;

	mark(MARK_BEGIN, "touch_page", pages);
	for (i = 0; i < pages; i++)
		WRITE_ONCE(*word_of(block, i), 1);
	mark(MARK_END, "touch_page", pages);
}

/* Each store by itself: most find a page ready, some need more than that. */
static void touch_each(struct page **block, unsigned long pages)
{
	unsigned long i;

	for (i = 0; i < pages; i++) {
		unsigned long *word = word_of(block, i);

		mark(MARK_BEGIN, "touch_each", 1);
		WRITE_ONCE(*word, 1);
		mark(MARK_END, "touch_each", 1);
	}
}

/* Of memory that nobody has used: the guest runs with init_on_alloc=0. */
static void page_faults(void)
{
	struct page *block[FAULT_BLOCKS + EACH_BLOCKS];
	unsigned long n = 0;

	while (n < ARRAY_SIZE(block)) {
		block[n] = alloc_pages(GFP_KERNEL | __GFP_NOWARN, FAULT_ORDER);
		if (!block[n])
			break;
		n++;
	}
	if (n == ARRAY_SIZE(block)) {
		touch(block, FAULT_BLOCKS << FAULT_ORDER);
		touch_each(block + FAULT_BLOCKS, EACH_BLOCKS << FAULT_ORDER);
	}
	while (n--)
		__free_pages(block[n], FAULT_ORDER);
}

static void answer(void *done)
{
	complete(done);
}

/* There and back. The sender sleeps meanwhile: who spins, waits for the host's scheduler. */
static void ipi_batch(unsigned int other)
{
	struct completion done;
	int i;

	init_completion(&done);
	mark(MARK_BEGIN, "ipi", ROUNDS);
	for (i = 0; i < ROUNDS; i++) {
		smp_call_function_single(other, answer, &done, 0);
		wait_for_completion(&done);
	}
	mark(MARK_END, "ipi", ROUNDS);
}

/* Who runs first when one wakes another stays so for long: batches begin at different times. */
static void ipi(void)
{
	unsigned int other = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
	int i;

	for (i = 0; other < nr_cpu_ids && i < BATCHES; i++) {
		usleep_range(300 + 170 * i, 300 + 170 * i);
		ipi_batch(other);
	}
}

/* Of all other CPUs, which are idle. */
static void remote_fence(void)
{
	int i;

	if (num_online_cpus() < 2)
		return;
	mark(MARK_BEGIN, "remote_fence", ROUNDS);
	for (i = 0; i < ROUNDS; i++)
		sbi_ecall(SBI_EXT_RFENCE, SBI_EXT_RFENCE_REMOTE_SFENCE_VMA, 0, -1UL, 0, -1UL, 0, 0);
	mark(MARK_END, "remote_fence", ROUNDS);
}

static void wait_and_wake(void)
{
	int i;

	usleep_range(500, 500);
	mark(MARK_BEGIN, "wfi_and_wake", ROUNDS);
	for (i = 0; i < ROUNDS; i++)
		usleep_range(500, 500);
	mark(MARK_END, "wfi_and_wake", ROUNDS);
}

static unsigned int ticks;

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	ticks++;
	hrtimer_forward_now(timer, ns_to_ktime(TICK));
	return HRTIMER_RESTART;
}

static noinline void spin(void)
{
	unsigned long i;

	for (i = 0; i < SPINS; i++)
		barrier();
}

static void timer_ticks(void)
{
	struct hrtimer timer;

	spin();
	mark(MARK_BEGIN, "spin_alone", 1);
	spin();
	mark(MARK_END, "spin_alone", 1);
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	timer.function = tick;
	hrtimer_start(&timer, ns_to_ktime(TICK), HRTIMER_MODE_REL_PINNED);
	ticks = 0;
	mark(MARK_BEGIN, "spin_with_ticks", 1);
	spin();
	mark(MARK_END, "spin_with_ticks", ticks);
	hrtimer_cancel(&timer);
}

static int __init bench_ops_init(void)
{
	page_faults();
	mmio_to_user();
	hypercall();
	ipi();
	remote_fence();
	wait_and_wake();
	timer_ticks();
	return 0;
}
module_init(bench_ops_init);

static void __exit bench_ops_exit(void)
{
}
module_exit(bench_ops_exit);

MODULE_DESCRIPTION("Operations of a guest, for a count");
MODULE_LICENSE("GPL");
