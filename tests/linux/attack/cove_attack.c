// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What a malicious host kernel would do: touch physical memory that is not
 * its own, with ordinary instructions. Below /sys/kernel/debug/cove_attack:
 *
 *   read    echo ADDRESS > read          load 8 bytes
 *   write   echo ADDRESS [VALUE] > write store 8 bytes
 *   cas     echo ADDRESS > cas           add 0 to 8 bytes, atomically
 *   zero    echo ADDRESS LENGTH > zero   load all of the range
 *
 * Numbers are as C writes them (0x...); the address is a multiple of 8. The
 * access happens at once; the file then reads as one line:
 *
 *   value 0x...       it worked: what was read, stored, or was there before
 *   fault cause N     access fault (5 load, 7 store): the machine refused
 *   unmapped cause N  page fault: this kernel has no mapping, nothing is proven
 *   zero              every byte of the range is 0
 *   nonzero at 0x...  the first word that is not
 *
 * RAM is reached through the kernel's linear map, memory that is not this
 * kernel's RAM (firmware) through a mapping of its own. An access that faults
 * is survived by the exception table. One that works may destroy anything.
 *
 * /dev/cove_attack gives user space, and so KVM's guests, the same memory: mmap
 * it at the offset that is the physical address.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include <asm/csr.h>
#include "touch.h"

#define STORE_PATTERN 0x5ec4e75ec4e7beefUL

static const char *const op_name[OP_COUNT] = { "read", "write", "cas", "zero" };

static DEFINE_MUTEX(attack_lock);
static char result[OP_COUNT][48];
static struct dentry *dir;

static char *map(unsigned long pa)
{
	if (page_is_ram(PHYS_PFN(pa)))
		return __va(pa);
	return memremap(pa & PAGE_MASK, PAGE_SIZE, MEMREMAP_WB);
}

/* Return: 0, the cause of a fault, or -ENXIO when the address cannot be mapped */
static long touch_physical(enum op op, unsigned long pa, unsigned long *value)
{
	bool ram = page_is_ram(PHYS_PFN(pa));
	char *base = map(pa);
	long cause;

	if (!base)
		return -ENXIO;
	cause = touch(op, ram ? base : base + offset_in_page(pa), value);
	if (!ram)
		memunmap(base);
	return cause;
}

static void say(enum op op, long cause, unsigned long value)
{
	char *line = result[op];
	size_t size = sizeof(result[op]);

	if (!cause)
		snprintf(line, size, "value %#lx\n", value);
	else if (cause == EXC_LOAD_ACCESS || cause == EXC_STORE_ACCESS)
		snprintf(line, size, "fault cause %ld\n", cause);
	else
		snprintf(line, size, "unmapped cause %ld\n", cause);
}

static void attack(enum op op, unsigned long pa, unsigned long value)
{
	long cause = touch_physical(op, pa, &value);

	say(op, cause, value);
}

static int scan(unsigned long pa, unsigned long len)
{
	unsigned long end, value, at;
	long cause;

	if (!len || len % sizeof(long) || check_add_overflow(pa, len, &end))
		return -EINVAL;
	for (at = pa; at < end; at += sizeof(long)) {
		cause = touch_physical(OP_ZERO, at, &value);
		if (cause || value)
			break;
		if (!(at & ~PAGE_MASK)) {
			if (fatal_signal_pending(current))
				return -EINTR;
			cond_resched();
		}
	}
	if (at == end)
		snprintf(result[OP_ZERO], sizeof(result[OP_ZERO]), "zero\n");
	else if (cause)
		say(OP_ZERO, cause, 0);
	else
		snprintf(result[OP_ZERO], sizeof(result[OP_ZERO]), "nonzero at %#lx\n", at);
	return 0;
}

static ssize_t attack_write(struct file *file, const char __user *ubuf, size_t len, loff_t *pos)
{
	enum op op = (uintptr_t)file_inode(file)->i_private;
	long pa, arg = STORE_PATTERN;
	char buf[64];
	int n, ret = 0;

	if (!len || len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, len))
		return -EFAULT;
	buf[len] = 0;
	n = sscanf(buf, "%li %li", &pa, &arg);
	if (n < 1 || (op == OP_ZERO && n != 2) || (unsigned long)pa % sizeof(long))
		return -EINVAL;
	mutex_lock(&attack_lock);
	if (op == OP_ZERO)
		ret = scan(pa, arg);
	else
		attack(op, pa, arg);
	mutex_unlock(&attack_lock);
	return ret ? ret : len;
}

static ssize_t attack_read(struct file *file, char __user *ubuf, size_t len, loff_t *pos)
{
	enum op op = (uintptr_t)file_inode(file)->i_private;
	ssize_t ret;

	mutex_lock(&attack_lock);
	ret = simple_read_from_buffer(ubuf, len, pos, result[op], strlen(result[op]));
	mutex_unlock(&attack_lock);
	return ret;
}

static const struct file_operations attack_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = attack_read,
	.write = attack_write,
	.llseek = default_llseek,
};

static int attack_mmap(struct file *file, struct vm_area_struct *vma)
{
	return remap_pfn_range(vma, vma->vm_start, vma->vm_pgoff, vma->vm_end - vma->vm_start,
			       vma->vm_page_prot);
}

static const struct file_operations mem_fops = {
	.owner = THIS_MODULE,
	.mmap = attack_mmap,
};

static struct miscdevice mem_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cove_attack",
	.fops = &mem_fops,
	.mode = 0600,
};

static int __init attack_init(void)
{
	uintptr_t op;
	int ret = misc_register(&mem_device);

	if (ret)
		return ret;
	dir = debugfs_create_dir("cove_attack", NULL);
	if (IS_ERR(dir)) {
		misc_deregister(&mem_device);
		return PTR_ERR(dir);
	}
	for (op = 0; op < OP_COUNT; op++)
		debugfs_create_file(op_name[op], 0600, dir, (void *)op, &attack_fops);
	return 0;
}

static void __exit attack_exit(void)
{
	debugfs_remove(dir);
	misc_deregister(&mem_device);
}

module_init(attack_init);
module_exit(attack_exit);
MODULE_DESCRIPTION("Test: accesses to memory that is not the host's");
MODULE_AUTHOR("CoveSBI contributors");
MODULE_LICENSE("GPL");
