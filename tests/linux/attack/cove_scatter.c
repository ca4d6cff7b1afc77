// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What a host that wants to wear out the PMP would do: convert single pages all
 * over RAM, and give the pages between them to whoever asks for memory. Below
 * /sys/kernel/debug/cove_scatter:
 *
 *   scatter  echo N [SEED] > scatter   convert N pages more
 *   gather   echo 1 > gather           reclaim all of them
 *   sweep    echo 1 > sweep            touch each page and its two neighbours
 *   pages    their physical addresses
 *
 * Each but the last then reads as one line:
 *
 *   scatter: pages N error E           E is the SBI error that ended it, or 0
 *   gather:  pages N error E           so many are left
 *   sweep:   pages N denied D neighbours M readable R
 *            D of the 3 * N loads, stores and AMOs had their access fault, R of
 *            the M loads from neighbours that are the host's worked
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/prandom.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <asm/csr.h>
#include <asm/sbi.h>
#include <cove/sbi_cove.h>
#include "touch.h"

#define BLOCK_ORDER 9
#define BLOCK_PAGES (1U << BLOCK_ORDER)
#define PER_BLOCK   (BLOCK_PAGES / 4)
#define MAX_PAGES   65536

static DEFINE_MUTEX(scatter_lock);
static struct page *pages[MAX_PAGES]; /* ascending inside a block */
static unsigned int npages;
static char result[96];
static struct dentry *dir;

static long covh(unsigned long fid, unsigned long a0, unsigned long a1)
{
	return sbi_ecall(SBI_EXT_COVH, fid, a0, a1, 0, 0, 0, 0).error;
}

static void local_fence(void *unused)
{
	covh(SBI_COVH_LOCAL_FENCE, 0, 0);
}

/* Blocks from all of free memory, but for what the host needs. */
static unsigned int take_blocks(struct page **block, unsigned int max)
{
	unsigned int n = 0;

	while (n < max && si_mem_available() > (long)(totalram_pages() / 3)) {
		block[n] = alloc_pages(GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY, BLOCK_ORDER);
		if (!block[n])
			break;
		split_page(block[n++], BLOCK_ORDER);
		cond_resched();
	}
	return n;
}

/* Keep @want random pages of a block, free the others. First and last are not taken. */
static void keep_some(struct page *block, unsigned int want, struct rnd_state *rnd,
		      struct page **chosen)
{
	DECLARE_BITMAP(keep, BLOCK_PAGES) = {};
	unsigned int i, n = 0;

	while (n < want)
		n += !__test_and_set_bit(1 + prandom_u32_state(rnd) % (BLOCK_PAGES - 2), keep);
	for (i = n = 0; i < BLOCK_PAGES; i++) {
		if (test_bit(i, keep))
			chosen[n++] = block + i;
		else
			__free_page(block + i);
	}
}

/* @chosen are converted one by one; those that the firmware refuses are freed. */
static long convert(struct page **chosen, unsigned int n)
{
	unsigned int i, done = 0;
	long err = 0;

	for (i = 0; i < n; i++) {
		if (!err)
			err = covh(SBI_COVH_CONVERT_PAGES, page_to_phys(chosen[i]), 1);
		if (err)
			__free_page(chosen[i]);
		else
			pages[npages + done++] = chosen[i];
	}
	npages += done;
	on_each_cpu(local_fence, NULL, 1);
	return err;
}

static long spread(struct page **block, unsigned int nblocks, struct page **chosen, unsigned int n,
		   unsigned int seed)
{
	struct rnd_state rnd;
	unsigned int i, from = 0;

	prandom_seed_state(&rnd, seed);
	for (i = 0; i < nblocks; i++) {
		unsigned int to = mul_u64_u32_div(i + 1, n, nblocks);

		keep_some(block[i], to - from, &rnd, chosen + from);
		from = to;
		cond_resched();
	}
	return convert(chosen, n);
}

static int scatter(unsigned int n, unsigned int seed)
{
	unsigned int max = totalram_pages() / BLOCK_PAGES, nblocks, i;
	struct page **block, **chosen;
	long err;

	if (!n || n > MAX_PAGES - npages)
		return -EINVAL;
	block = kvcalloc(max, sizeof(*block), GFP_KERNEL);
	chosen = kvcalloc(n, sizeof(*chosen), GFP_KERNEL);
	nblocks = block && chosen ? take_blocks(block, max) : 0;
	if (n > nblocks * PER_BLOCK) {
		for (i = 0; i < nblocks * BLOCK_PAGES; i++)
			__free_page(block[i / BLOCK_PAGES] + i % BLOCK_PAGES);
		err = -ENOMEM;
	} else {
		err = spread(block, nblocks, chosen, n, seed);
		snprintf(result, sizeof(result), "pages %u error %ld\n", npages, err);
		err = 0;
	}
	kvfree(block);
	kvfree(chosen);
	return err;
}

static void gather(void)
{
	unsigned int n = npages;
	long err = 0;

	while (npages && !err) {
		err = covh(SBI_COVH_RECLAIM_PAGES, page_to_phys(pages[npages - 1]), 1);
		if (!err)
			npages--;
	}
	on_each_cpu(local_fence, NULL, 1);
	while (n > npages)
		__free_page(pages[--n]);
	snprintf(result, sizeof(result), "pages %u error %ld\n", npages, err);
}

static bool denied(enum op op, struct page *page, unsigned long offset)
{
	unsigned long value = 0;
	unsigned long cause = touch(op, page_address(page) + offset, &value);

	return cause == (op == OP_READ ? EXC_LOAD_ACCESS : EXC_STORE_ACCESS);
}

static bool readable(struct page *page, unsigned long offset)
{
	unsigned long value;

	return !touch(OP_READ, page_address(page) + offset, &value);
}

static void sweep(void)
{
	unsigned int i, ndenied = 0, neighbours = 0, nreadable = 0;

	for (i = 0; i < npages; i++) {
		unsigned long offset = i * 8 % PAGE_SIZE;

		ndenied += denied(OP_READ, pages[i], offset);
		ndenied += denied(OP_WRITE, pages[i], offset);
		ndenied += denied(OP_CAS, pages[i], offset);
		if (!i || pages[i - 1] != pages[i] - 1) {
			neighbours++;
			nreadable += readable(pages[i] - 1, PAGE_SIZE - 8);
		}
		if (i == npages - 1 || pages[i + 1] != pages[i] + 1) {
			neighbours++;
			nreadable += readable(pages[i] + 1, 0);
		}
		cond_resched();
	}
	snprintf(result, sizeof(result), "pages %u denied %u neighbours %u readable %u\n", npages,
		 ndenied, neighbours, nreadable);
}

enum command { SCATTER, GATHER, SWEEP, COMMANDS };

static const char *const command_name[COMMANDS] = { "scatter", "gather", "sweep" };

static ssize_t command_write(struct file *file, const char __user *ubuf, size_t len, loff_t *pos)
{
	unsigned int n, seed = 1;
	char buf[32];
	int ret = 0;

	if (!len || len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, len))
		return -EFAULT;
	buf[len] = 0;
	if (sscanf(buf, "%u %u", &n, &seed) < 1)
		return -EINVAL;
	mutex_lock(&scatter_lock);
	switch ((uintptr_t)file_inode(file)->i_private) {
	case SCATTER:
		ret = scatter(n, seed);
		break;
	case GATHER:
		gather();
		break;
	default:
		sweep();
		break;
	}
	mutex_unlock(&scatter_lock);
	return ret ? ret : len;
}

static ssize_t command_read(struct file *file, char __user *ubuf, size_t len, loff_t *pos)
{
	ssize_t ret;

	mutex_lock(&scatter_lock);
	ret = simple_read_from_buffer(ubuf, len, pos, result, strlen(result));
	mutex_unlock(&scatter_lock);
	return ret;
}

static const struct file_operations command_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = command_read,
	.write = command_write,
	.llseek = default_llseek,
};

static int pages_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	mutex_lock(&scatter_lock);
	for (i = 0; i < npages; i++)
		seq_printf(m, "%#llx\n", page_to_phys(pages[i]));
	mutex_unlock(&scatter_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pages);

static int __init scatter_init(void)
{
	uintptr_t command;

	dir = debugfs_create_dir("cove_scatter", NULL);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	for (command = 0; command < COMMANDS; command++)
		debugfs_create_file(command_name[command], 0600, dir, (void *)command,
				    &command_fops);
	debugfs_create_file("pages", 0400, dir, NULL, &pages_fops);
	return 0;
}

static void __exit scatter_exit(void)
{
	debugfs_remove(dir);
	gather();
}

module_init(scatter_init);
module_exit(scatter_exit);
MODULE_DESCRIPTION("Test: confidential pages scattered over memory");
MODULE_AUTHOR("CoveSBI contributors");
MODULE_LICENSE("GPL");
