// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * NACL shared memory: the monitor and the host exchange a vCPU's registers in
 * 12 KiB that belong to the CPU that runs it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpuhotplug.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/percpu.h>
#include "cove.h"

static DEFINE_PER_CPU(void *, cove_shmem);
static DEFINE_PER_CPU(bool, cove_shmem_set);
static int hotplug_state = -1;

/* The firmware writes to memory that it was told of, so what it keeps is never freed. */
static void forget_shmem(unsigned int cpu)
{
	per_cpu(cove_shmem_set, cpu) = false;
	if (cove_sbi_clear_shmem()) {
		pr_err("CPU %u: the firmware keeps the NACL memory\n", cpu);
		per_cpu(cove_shmem, cpu) = NULL;
	}
}

/* Runs on the CPU that comes up, before it takes ordinary threads. */
static int nacl_online(unsigned int cpu)
{
	void *shmem = per_cpu(cove_shmem, cpu);
	long err;

	if (!shmem)
		return -ENODEV;
	memset(shmem, 0, NACL_SHMEM_SIZE);
	err = cove_sbi_set_shmem(virt_to_phys(shmem));
	if (err) {
		pr_err("CPU %u: the firmware refuses the NACL memory (SBI error %ld)\n", cpu, err);
		return cove_errno(err);
	}
	err = cove_sbi_local_fence();
	if (err) {
		pr_err("CPU %u: the firmware refuses a fence (SBI error %ld)\n", cpu, err);
		forget_shmem(cpu);
		return cove_errno(err);
	}
	per_cpu(cove_shmem_set, cpu) = true;
	return 0;
}

/* Runs on the CPU that goes down, when no vCPU thread can be on it any more. */
static int nacl_offline(unsigned int cpu)
{
	forget_shmem(cpu);
	return 0;
}

static void free_all(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (per_cpu(cove_shmem, cpu))
			free_pages_exact(per_cpu(cove_shmem, cpu), NACL_SHMEM_SIZE);
		per_cpu(cove_shmem, cpu) = NULL;
	}
}

/** cove_nacl_init() - give every CPU its memory, now and when it comes online */
int cove_nacl_init(void)
{
	unsigned int cpu;
	int ret;

	for_each_possible_cpu(cpu) {
		per_cpu(cove_shmem, cpu) =
			alloc_pages_exact(NACL_SHMEM_SIZE, GFP_KERNEL | __GFP_ZERO);
		if (!per_cpu(cove_shmem, cpu)) {
			free_all();
			return -ENOMEM;
		}
	}
	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "cove:online", nacl_online, nacl_offline);
	if (ret < 0) {
		free_all();
		return ret;
	}
	hotplug_state = ret;
	return 0;
}

/** cove_nacl_exit() - undo cove_nacl_init() */
void cove_nacl_exit(void)
{
	cpuhp_remove_state(hotplug_state);
	free_all();
}

/** cove_nacl_ready() - has this CPU its memory? Preemption is off. */
bool cove_nacl_ready(void)
{
	return __this_cpu_read(cove_shmem_set);
}

/** cove_nacl_read() - a word of this CPU's memory. Preemption is off. */
unsigned long cove_nacl_read(unsigned long offset)
{
	return READ_ONCE(*(unsigned long *)(__this_cpu_read(cove_shmem) + offset));
}

/** cove_nacl_write() - as cove_nacl_read() */
void cove_nacl_write(unsigned long offset, unsigned long value)
{
	WRITE_ONCE(*(unsigned long *)(__this_cpu_read(cove_shmem) + offset), value);
}
