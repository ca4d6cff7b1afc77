// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * An enlightened guest for the tests: shares memory that its kernel does not use
 * (parameters base and size; the guest runs with mem=) and moves data through the
 * disk of `cove run --disk`. Below /sys/kernel/debug/guest_share is one file: what
 * is written is done at once, then it reads as one line.
 *
 *   share GPA LEN          answers "error N", the SBI error
 *   unshare GPA LEN        the same
 *   fill GPA LEN SEED      "done"; 8 bytes at a time, all different
 *   check GPA LEN SEED     "as filled", or "differs at GPA: VALUE"
 *   zero GPA LEN           "zero", or "differs at ..."
 *   disk COMMAND GPA LEN OFFSET   "status N"
 *   busy CPU GPA LEN       "done": a thread on that CPU uses the range from now on
 *   rival CPU GPA LEN      "done": that thread shares and unshares the range instead
 *   idle                   "rounds N": it has stopped; "rounds N, wrong" if an unshare
 *                          of what it had shared was refused
 *   cycle GPA LEN TIMES    share, exchange with the disk, unshare, so many times:
 *                          "done", or what went wrong
 *   contend GPA LEN TIMES  the same without the disk, where a rival may be first
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include <asm/sbi.h>
#include <cove/sbi_cove.h>

#define DISK_BASE    0x10001000UL
#define DISK_SIZE    0x1000UL
#define DISK_ADDRESS 0x10
#define DISK_LENGTH  0x18
#define DISK_OFFSET  0x20
#define DISK_COMMAND 0x28
#define DISK_STATUS  0x30
#define DISK_READ    1
#define DISK_WRITE   2

static unsigned long base, size;
module_param(base, ulong, 0400);
module_param(size, ulong, 0400);

static DEFINE_MUTEX(share_lock);
static char result[80];
static struct dentry *dir;
static void *memory;
static void __iomem *disk;

static struct task_struct *busy_task;
static unsigned long busy_gpa, busy_len, busy_rounds;
static bool busy_wrong;

static unsigned long *word_at(unsigned long gpa)
{
	return memory + (gpa - base);
}

static bool have(unsigned long gpa, unsigned long len)
{
	return gpa >= base && len <= size && gpa - base <= size - len && !((gpa | len) % 8);
}

static long covg(unsigned long fid, unsigned long gpa, unsigned long len)
{
	return sbi_ecall(SBI_EXT_COVG, fid, gpa, len, 0, 0, 0, 0).error;
}

static unsigned long pattern(unsigned long gpa, unsigned long seed)
{
	return (gpa ^ seed << 40) * 0x9e3779b97f4a7c15UL | 1;
}

static void fill(unsigned long gpa, unsigned long len, unsigned long seed)
{
	unsigned long at;

	for (at = gpa; at < gpa + len; at += 8)
		WRITE_ONCE(*word_at(at), pattern(at, seed));
}

/* Return: address of the first word that differs, or 0; seed 0: from zero */
static unsigned long differs(unsigned long gpa, unsigned long len, unsigned long seed,
			     unsigned long *value)
{
	unsigned long at;

	for (at = gpa; at < gpa + len; at += 8) {
		*value = READ_ONCE(*word_at(at));
		if (*value != (seed ? pattern(at, seed) : 0))
			return at;
	}
	return 0;
}

static void check(unsigned long gpa, unsigned long len, unsigned long seed)
{
	unsigned long value, at = differs(gpa, len, seed, &value);

	if (at)
		snprintf(result, sizeof(result), "differs at %#lx: %#lx\n", at, value);
	else
		snprintf(result, sizeof(result), seed ? "as filled\n" : "zero\n");
}

static long disk_do(unsigned long command, unsigned long gpa, unsigned long len,
		    unsigned long offset)
{
	writeq(gpa, disk + DISK_ADDRESS);
	writeq(len, disk + DISK_LENGTH);
	writeq(offset, disk + DISK_OFFSET);
	writeq(command, disk + DISK_COMMAND);
	return readq(disk + DISK_STATUS);
}

/* Whatever the range is meanwhile, reading and writing it must not end badly. */
static int busy(void *unused)
{
	while (!kthread_should_stop()) {
		unsigned long at;

		for (at = busy_gpa; at < busy_gpa + busy_len; at += 1032) {
			unsigned long *word = word_at(at & ~7UL);

			WRITE_ONCE(*word, READ_ONCE(*word) + 1);
		}
		busy_rounds++;
		cond_resched();
	}
	return 0;
}

/* Where another was first, nothing happens; what is shared can be taken back. */
static bool contend_once(unsigned long gpa, unsigned long len)
{
	if (covg(SBI_COVG_SHARE_MEMORY_REGION, gpa, len))
		return true;
	WRITE_ONCE(*word_at(gpa), 1);
	return !covg(SBI_COVG_UNSHARE_MEMORY_REGION, gpa, len);
}

static int rival(void *unused)
{
	while (!kthread_should_stop()) {
		if (!contend_once(busy_gpa, busy_len))
			busy_wrong = true;
		busy_rounds++;
		cond_resched();
	}
	return 0;
}

static int busy_start(int (*what)(void *), unsigned long cpu, unsigned long gpa, unsigned long len)
{
	struct task_struct *task;

	if (busy_task || !have(gpa, len) || cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	busy_gpa = gpa;
	busy_len = len;
	busy_rounds = 0;
	busy_wrong = false;
	task = kthread_create(what, NULL, "guest_share");
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, cpu);
	busy_task = task;
	wake_up_process(task);
	return 0;
}

static int busy_stop(void)
{
	if (!busy_task)
		return -EINVAL;
	kthread_stop(busy_task);
	busy_task = NULL;
	snprintf(result, sizeof(result), "rounds %lu%s\n", busy_rounds,
		 busy_wrong ? ", wrong" : "");
	return 0;
}

/* Return: what is not as it should be, or NULL */
static const char *cycle_once(unsigned long gpa, unsigned long len, unsigned long seed, bool alone)
{
	unsigned long value;

	if (covg(SBI_COVG_SHARE_MEMORY_REGION, gpa, len))
		return "share";
	fill(gpa, len, seed);
	if (disk_do(DISK_WRITE, gpa, len, 0) != len)
		return "disk write";
	if (disk_do(DISK_READ, gpa, len, 0) != len)
		return "disk read";
	if (alone && differs(gpa, len, seed, &value))
		return "disk's data";
	if (covg(SBI_COVG_UNSHARE_MEMORY_REGION, gpa, len))
		return "unshare";
	if (alone && differs(gpa, len, 0, &value))
		return "zero after unshare";
	return NULL;
}

static bool nobody_else(unsigned long gpa, unsigned long len)
{
	return !busy_task || gpa >= busy_gpa + busy_len || busy_gpa >= gpa + len;
}

static void cycle(unsigned long gpa, unsigned long len, unsigned long times)
{
	const char *wrong = NULL;
	unsigned long i;

	for (i = 0; i < times && !wrong; i++)
		wrong = cycle_once(gpa, len, i + 1, nobody_else(gpa, len));
	if (wrong)
		snprintf(result, sizeof(result), "round %lu: %s\n", i, wrong);
	else
		snprintf(result, sizeof(result), "done\n");
}

static void contend(unsigned long gpa, unsigned long len, unsigned long times)
{
	bool right = true;

	while (times-- && right)
		right = contend_once(gpa, len);
	if (!right)
		snprintf(result, sizeof(result), "unshare\n");
}

static int run(const char *op, const unsigned long *arg)
{
	long error;

	if (!strcmp(op, "idle"))
		return busy_stop();
	snprintf(result, sizeof(result), "done\n");
	if (!strcmp(op, "busy"))
		return busy_start(busy, arg[0], arg[1], arg[2]);
	if (!strcmp(op, "rival"))
		return busy_start(rival, arg[0], arg[1], arg[2]);
	if (!strcmp(op, "disk")) {
		error = disk_do(arg[0], arg[1], arg[2], arg[3]);
		snprintf(result, sizeof(result), "status %ld\n", error);
		return 0;
	}
	if (!strcmp(op, "share") || !strcmp(op, "unshare")) {
		error = covg(op[0] == 's' ? SBI_COVG_SHARE_MEMORY_REGION
					  : SBI_COVG_UNSHARE_MEMORY_REGION,
			     arg[0], arg[1]);
		snprintf(result, sizeof(result), "error %ld\n", error);
		return 0;
	}
	if (!have(arg[0], arg[1]))
		return -EINVAL;
	if (!strcmp(op, "fill"))
		fill(arg[0], arg[1], arg[2]);
	else if (!strcmp(op, "check"))
		check(arg[0], arg[1], arg[2]);
	else if (!strcmp(op, "zero"))
		check(arg[0], arg[1], 0);
	else if (!strcmp(op, "cycle"))
		cycle(arg[0], arg[1], arg[2]);
	else if (!strcmp(op, "contend"))
		contend(arg[0], arg[1], arg[2]);
	else
		return -EINVAL;
	return 0;
}

static ssize_t share_write(struct file *file, const char __user *ubuf, size_t len, loff_t *pos)
{
	unsigned long arg[4] = {};
	char buf[96], op[9];
	int ret;

	if (!len || len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, len))
		return -EFAULT;
	buf[len] = 0;
	if (sscanf(buf, "%8s %li %li %li %li", op, &arg[0], &arg[1], &arg[2], &arg[3]) < 1)
		return -EINVAL;
	mutex_lock(&share_lock);
	ret = run(op, arg);
	mutex_unlock(&share_lock);
	return ret ? ret : len;
}

static ssize_t share_read(struct file *file, char __user *ubuf, size_t len, loff_t *pos)
{
	ssize_t ret;

	mutex_lock(&share_lock);
	ret = simple_read_from_buffer(ubuf, len, pos, result, strlen(result));
	mutex_unlock(&share_lock);
	return ret;
}

static const struct file_operations share_fops = {
	.owner = THIS_MODULE,
	.write = share_write,
	.read = share_read,
};

static int __init guest_share_init(void)
{
	if (!size || (base | size) & ~PAGE_MASK)
		return -EINVAL;
	memory = memremap(base, size, MEMREMAP_WB);
	if (!memory)
		return -ENOMEM;
	disk = ioremap(DISK_BASE, DISK_SIZE);
	if (!disk) {
		memunmap(memory);
		return -ENOMEM;
	}
	dir = debugfs_create_file("guest_share", 0600, NULL, NULL, &share_fops);
	return 0;
}

static void __exit guest_share_exit(void)
{
	debugfs_remove(dir);
	if (busy_task)
		kthread_stop(busy_task);
	iounmap(disk);
	memunmap(memory);
}

module_init(guest_share_init);
module_exit(guest_share_exit);
MODULE_DESCRIPTION("Shares memory with the host, as a test says");
MODULE_LICENSE("GPL");
