// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * /sys/kernel/debug/cove: chunks of memory, and per VM the pages and counts of
 * exits. Addresses of confidential pages are no secret: the host chose them.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/pfn.h>
#include <linux/seq_file.h>
#include "cove.h"

static struct dentry *root;

static const char *const stat_name[COVE_STAT_COUNT] = {
	[COVE_STAT_RUN] = "runs",
	[COVE_STAT_INTERRUPT] = "interrupts",
	[COVE_STAT_FAULT] = "page_faults",
	[COVE_STAT_SHARE] = "share_calls",
	[COVE_STAT_MMIO_READ] = "mmio_reads",
	[COVE_STAT_MMIO_WRITE] = "mmio_writes",
	[COVE_STAT_ECALL] = "ecalls",
	[COVE_STAT_CONSOLE] = "console_bytes",
	[COVE_STAT_WFI] = "wfis",
	[COVE_STAT_OTHER] = "others",
};

static int chunks_show(struct seq_file *m, void *unused)
{
	cove_mem_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(chunks);

static int stats_show(struct seq_file *m, void *unused)
{
	struct cove_vm *vm = m->private;
	unsigned int i, stat;

	seq_printf(m, "pid %d\ngid %#lx\nchunks %lu\npages_populated %lu\nlarge_pages %lu\n",
		   vm->pid, vm->gid, READ_ONCE(vm->nchunks), READ_ONCE(vm->populated),
		   READ_ONCE(vm->large) / COVE_LARGE_PAGES);
	seq_printf(m, "pages_shared %lu\n", READ_ONCE(vm->shared));
	for (stat = 0; stat < COVE_STAT_COUNT; stat++) {
		u64 sum = 0;

		for (i = 0; i < COVE_MAX_VCPUS; i++) {
			struct cove_vcpu *vcpu = smp_load_acquire(&vm->vcpus[i]);

			if (vcpu)
				sum += READ_ONCE(vcpu->stats[stat]);
		}
		seq_printf(m, "%s %llu\n", stat_name[stat], sum);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/*
 * The positions of `pages`: first the guest's pages, region by region (their
 * number is fixed once the guest runs), then those that the monitor keeps.
 */
struct pages_iter {
	struct cove_vm *vm;
	bool data;
	unsigned long gfn;
	unsigned long pfn;
	const char *kind;
};

static bool find_data(struct pages_iter *it, loff_t *pos, loff_t *base)
{
	unsigned int i;

	for (i = 0; i < it->vm->nregions; i++) {
		struct cove_vm_region *r = &it->vm->regions[i];

		for (; *pos < *base + r->pages; ++*pos) {
			it->gfn = r->gfn + (*pos - *base);
			it->pfn = cove_pfn(r->pfns[*pos - *base]);
			it->kind = r->pfns[*pos - *base] & COVE_PFN_SHARED ? "shared" : "data";
			if (it->pfn)
				return true;
		}
		*base += r->pages;
	}
	return false;
}

static bool find_meta(struct pages_iter *it, loff_t pos, loff_t base)
{
	struct cove_meta *meta;

	list_for_each_entry(meta, &it->vm->metas, node) {
		if (pos < base + meta->pages) {
			it->pfn = meta->pfn + (pos - base);
			it->kind = meta->kind;
			return true;
		}
		base += meta->pages;
	}
	return false;
}

static void *pages_at(struct pages_iter *it, loff_t *pos)
{
	loff_t base = 0;

	it->data = find_data(it, pos, &base);
	return it->data || find_meta(it, *pos, base) ? it : NULL;
}

static void *pages_start(struct seq_file *m, loff_t *pos)
{
	struct pages_iter *it = m->private;

	mutex_lock(&it->vm->lock);
	return pages_at(it, pos);
}

static void *pages_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return pages_at(m->private, pos);
}

static void pages_stop(struct seq_file *m, void *v)
{
	struct pages_iter *it = m->private;

	mutex_unlock(&it->vm->lock);
}

static int pages_show(struct seq_file *m, void *v)
{
	struct pages_iter *it = v;

	if (it->data)
		seq_printf(m, "%#llx %#llx %s\n", PFN_PHYS(it->gfn), PFN_PHYS(it->pfn), it->kind);
	else
		seq_printf(m, "- %#llx %s\n", PFN_PHYS(it->pfn), it->kind);
	return 0;
}

static const struct seq_operations pages_ops = {
	.start = pages_start,
	.next = pages_next,
	.stop = pages_stop,
	.show = pages_show,
};

static int pages_open(struct inode *inode, struct file *file)
{
	struct pages_iter *it = __seq_open_private(file, &pages_ops, sizeof(*it));

	if (!it)
		return -ENOMEM;
	it->vm = inode->i_private;
	return 0;
}

static const struct file_operations pages_fops = {
	.owner = THIS_MODULE,
	.open = pages_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

/** cove_debugfs_init() - make /sys/kernel/debug/cove; no failure matters */
void cove_debugfs_init(void)
{
	root = debugfs_create_dir("cove", NULL);
	debugfs_create_file("chunks", 0400, root, NULL, &chunks_fops);
}

/** cove_debugfs_exit() - remove it */
void cove_debugfs_exit(void)
{
	debugfs_remove(root);
}

/** cove_debugfs_add_vm() - make vm<id>, before anybody else knows the VM */
void cove_debugfs_add_vm(struct cove_vm *vm)
{
	char name[16];

	snprintf(name, sizeof(name), "vm%u", vm->id);
	vm->dir = debugfs_create_dir(name, root);
	debugfs_create_file("pages", 0400, vm->dir, vm, &pages_fops);
	debugfs_create_file("stats", 0400, vm->dir, vm, &stats_fops);
}

/** cove_debugfs_remove_vm() - waits for readers; the caller holds no lock of the VM */
void cove_debugfs_remove_vm(struct cove_vm *vm)
{
	debugfs_remove(vm->dir);
}
