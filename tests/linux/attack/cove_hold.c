// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What a host whose parts disagree would do: a thread on one CPU (parameter cpu) runs
 * vCPU 0 of a TVM (gid), whoever else has it, and takes no interrupt but its own timer, so that
 * the vCPU is never elsewhere. The monitor refuses to destroy such a TVM. It begins a
 * second after the module is loaded and ends when it is unloaded, or after MOST seconds.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/timex.h>
#include <asm/csr.h>
#include <asm/delay.h>
#include <asm/sbi.h>
#include <cove/sbi_cove.h>

#define MOST 15
#define LAP  10 /* times a second that it looks up */

static unsigned long gid;
static unsigned int cpu;
module_param(gid, ulong, 0400);
module_param(cpu, uint, 0400);

static struct task_struct *task;

static void set_timer(u64 time)
{
	sbi_ecall(SBI_EXT_TIME, 0, time, 0, 0, 0, 0, 0);
}

static void hold_on(void)
{
	u64 end = get_cycles64() + MOST * (u64)riscv_timebase;
	unsigned long enabled = csr_read(CSR_IE);

	local_irq_disable();
	csr_write(CSR_IE, IE_TIE);
	while (!kthread_should_stop() && get_cycles64() < end) {
		set_timer(get_cycles64() + riscv_timebase / LAP);
		sbi_ecall(SBI_EXT_COVH, SBI_COVH_RUN_TVM_VCPU, gid, 0, 0, 0, 0, 0);
	}
	csr_write(CSR_IE, enabled);
	set_timer(get_cycles64()); /* the kernel's own is overdue */
	local_irq_enable();
}

static int hold(void *unused)
{
	schedule_timeout_uninterruptible(HZ);
	hold_on();
	while (!kthread_should_stop())
		schedule_timeout_uninterruptible(HZ / 10);
	return 0;
}

static int __init hold_init(void)
{
	if (cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	task = kthread_create(hold, NULL, "cove_hold");
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, cpu);
	wake_up_process(task);
	return 0;
}

static void __exit hold_exit(void)
{
	kthread_stop(task);
}

module_init(hold_init);
module_exit(hold_exit);
MODULE_DESCRIPTION("Test: runs a vCPU of somebody else's VM");
MODULE_AUTHOR("CoveSBI contributors");
MODULE_LICENSE("GPL");
