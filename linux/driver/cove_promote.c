// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A confidential VM out of an ordinary one, in one call (COVH promote_to_tvm).
 *
 * The monitor finds the ordinary VM by its second-stage tables. Those of a
 * hypervisor are its own business, so the driver makes some: of the pages of the
 * caller that are not zero, pinned while the monitor copies them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/csr.h>
#include <asm/sbi.h>
#include "cove.h"

/* Sv39x4, which every hart with the H extension has */
#define LEVELS	   3
#define LEVEL_BITS 9
#define GPA_LIMIT  (1ULL << 41)
#define ROOT_ORDER 2
#define PTE_TABLE  1UL
#define PTE_LEAF   0xd3UL /* V, R, U, A, D: the monitor reads */
#define PTE_SHIFT  10
#define TABLE_PTES (PAGE_SIZE / sizeof(unsigned long))
#define ROOT_PTES  (TABLE_PTES << ROOT_ORDER)

#define PIN_BATCH 64

/*
 * Beside what is copied: page tables of all levels, the root, the monitor's state, a device
 * tree of 64 KiB, and what alignment costs.
 */
#define EXTRA_PAGES 64

/**
 * struct source - the VM that is to be promoted
 * @root: its second-stage tables, each leaf of which holds a pinned page
 * @pages: leaves, @tables: tables below the root
 */
struct source {
	const struct cove_promote *arg;
	unsigned long *root;
	unsigned long pages;
	unsigned long tables;
};

static unsigned long pte_of(void *table)
{
	return PHYS_PFN(virt_to_phys(table)) << PTE_SHIFT | PTE_TABLE;
}

static void *table_of(unsigned long pte)
{
	return phys_to_virt(PFN_PHYS(pte >> PTE_SHIFT));
}

/* The leaf entry for guest page @gfn, with the tables above it. */
static unsigned long *leaf_at(struct source *s, unsigned long gfn)
{
	unsigned long *pte = &s->root[gfn >> ((LEVELS - 1) * LEVEL_BITS)];
	unsigned int level;

	for (level = LEVELS - 1; level; level--) {
		if (!*pte) {
			void *table = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);

			if (!table)
				return NULL;
			*pte = pte_of(table);
			s->tables++;
		}
		pte = (unsigned long *)table_of(*pte) +
		      (gfn >> ((level - 1) * LEVEL_BITS)) % TABLE_PTES;
	}
	return pte;
}

static void free_table(unsigned long *table, unsigned long n, unsigned int level)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		if (!table[i])
			continue;
		if (level) {
			free_table(table_of(table[i]), TABLE_PTES, level - 1);
			free_page((unsigned long)table_of(table[i]));
		} else {
			unpin_user_page(pfn_to_page(table[i] >> PTE_SHIFT));
		}
	}
	cond_resched();
}

static bool is_zero(struct page *page)
{
	void *data = kmap_local_page(page);
	bool zero = !memchr_inv(data, 0, PAGE_SIZE);

	kunmap_local(data);
	return zero;
}

/* The page is pinned, and stays so when the VM has it. */
static int add_page(struct cove_vm *vm, struct cove_vm_region *r, struct source *s,
		    unsigned long gfn, struct page *page)
{
	unsigned long *pte;

	if (is_zero(page)) {
		unpin_user_page(page);
		return 0;
	}
	pte = s->pages < COVE_MAX_PROMOTE_PAGES ? leaf_at(s, gfn) : NULL;
	if (!pte) {
		unpin_user_page(page);
		return s->pages < COVE_MAX_PROMOTE_PAGES ? -ENOMEM : -E2BIG;
	}
	*pte = page_to_pfn(page) << PTE_SHIFT | PTE_LEAF;
	r->pfns[gfn - r->gfn] = COVE_PFN_COPIED;
	s->pages++;
	return 0;
}

static int add_batch(struct cove_vm *vm, struct cove_vm_region *r, struct source *s,
		     unsigned long gfn, u64 uaddr, unsigned long n)
{
	struct page *pages[PIN_BATCH];
	long got = pin_user_pages_fast(uaddr, n, 0, pages), i;
	int ret = got < 0 ? got : 0;

	for (i = 0; i < got; i++) {
		if (ret)
			unpin_user_page(pages[i]);
		else
			ret = add_page(vm, r, s, gfn + i, pages[i]);
	}
	return ret ? ret : got;
}

static int copy_region(struct cove_vm *vm, struct cove_vm_region *r, struct source *s, u64 uaddr)
{
	unsigned long done = 0;

	while (done < r->pages) {
		unsigned long n = min_t(unsigned long, r->pages - done, PIN_BATCH);
		int got = add_batch(vm, r, s, r->gfn + done, uaddr + (done << PAGE_SHIFT), n);

		if (got < 0)
			return got;
		if (!got)
			return -EFAULT;
		if (fatal_signal_pending(current))
			return -EINTR;
		done += got;
		cond_resched();
	}
	return 0;
}

/* The checks that the monitor does not make for us: what it is told lies in the driver's hands. */
static int add_region(struct cove_vm *vm, struct source *s, const struct cove_promote_region *arg)
{
	struct cove_vm_region *r = &vm->regions[vm->nregions];
	u64 end;
	unsigned int i;

	for (i = 0; i < vm->nregions; i++)
		if (PHYS_PFN(arg->gpa) < vm->regions[i].gfn + vm->regions[i].pages &&
		    vm->regions[i].gfn < PHYS_PFN(arg->gpa + arg->len))
			return -EEXIST;
	r->gfn = PHYS_PFN(arg->gpa);
	r->pages = PHYS_PFN(arg->len);
	r->pfns = kvcalloc(r->pages, sizeof(*r->pfns), GFP_KERNEL_ACCOUNT);
	if (!r->pfns)
		return -ENOMEM;
	vm->nregions++;
	vm->region_pages += r->pages;
	if (check_add_overflow(arg->uaddr, arg->len, &end))
		return -EFAULT;
	return copy_region(vm, r, s, arg->uaddr);
}

/* The sum of the regions, each of which is one. */
static int check_regions(const struct cove_promote_region *regions, unsigned int n, u64 *sum)
{
	unsigned int i;
	u64 end;

	*sum = 0;
	for (i = 0; i < n; i++) {
		if (!regions[i].len ||
		    (regions[i].gpa | regions[i].len | regions[i].uaddr) & ~PAGE_MASK ||
		    check_add_overflow(regions[i].gpa, regions[i].len, &end) || end > GPA_LIMIT)
			return -EINVAL;
		*sum += regions[i].len;
	}
	return 0;
}

static void write_csr(unsigned int csr, unsigned long value)
{
	cove_nacl_write(NACL_CSR_OFFSET(csr), value);
}

static void write_registers(const struct source *s)
{
	const struct cove_promote *arg = s->arg;
	unsigned int i;

	for (i = 1; i < 32; i++)
		cove_nacl_write(NACL_GPR_OFFSET(i), arg->gpr[i]);
	write_csr(CSR_HGATP,
		  HGATP_MODE_SV39X4 << HGATP_MODE_SHIFT | PHYS_PFN(virt_to_phys(s->root)));
	write_csr(CSR_VSSTATUS, arg->vsstatus);
	write_csr(CSR_VSIE, arg->vsie);
	write_csr(CSR_VSTVEC, arg->vstvec);
	write_csr(CSR_VSSCRATCH, arg->vsscratch);
	write_csr(CSR_VSEPC, arg->vsepc);
	write_csr(CSR_VSCAUSE, arg->vscause);
	write_csr(CSR_VSTVAL, arg->vstval);
	write_csr(CSR_VSIP, arg->vsip);
	write_csr(CSR_VSATP, arg->vsatp);
}

/*
 * The call goes on for long, in steps, between which the CPU takes interrupts and may do
 * something else; but not on another CPU, whose NACL memory is another. No other
 * vCPU runs that could write there.
 */
static int promote(struct cove_vm *vm, void *arg)
{
	const struct source *s = arg;
	struct cove_sbi_value ret = { .error = SBI_ERR_NO_SHMEM };

	cpus_read_lock();
	migrate_disable();
	preempt_disable();
	if (cove_nacl_ready()) {
		write_registers(s);
		preempt_enable();
		ret = cove_sbi_promote_to_tvm(s->arg->fdt, s->arg->tap, s->arg->entry);
		preempt_disable();
		write_csr(CSR_HGATP, 0);
	}
	preempt_enable();
	migrate_enable();
	cpus_read_unlock();
	if (ret.error == SBI_ERR_DENIED && s->arg->tap)
		return -EACCES;
	if (ret.error)
		return cove_errno(ret.error);
	vm->gid = ret.value;
	vm->created = true;
	vm->promoted = s->arg->nvcpus;
	WRITE_ONCE(vm->populated, s->pages);
	smp_store_release(&vm->state, COVE_VM_RUNNABLE);
	return 0;
}

static int create_from(struct cove_vm *vm, struct source *s,
		       const struct cove_promote_region *regions)
{
	unsigned int i;
	int ret = 0;

	s->root = alloc_pages_exact(PAGE_SIZE << ROOT_ORDER, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!s->root)
		return -ENOMEM;
	for (i = 0; i < s->arg->nregions && !ret; i++)
		ret = add_region(vm, s, &regions[i]);
	if (!ret)
		ret = cove_mem_alone(vm,
				     s->pages + s->tables + EXTRA_PAGES +
					     cove_caps.tvm_state_pages +
					     cove_caps.vcpu_state_pages * s->arg->nvcpus,
				     promote, s);
	free_table(s->root, ROOT_PTES, LEVELS - 1);
	free_pages_exact(s->root, PAGE_SIZE << ROOT_ORDER);
	return ret;
}

static int promote_regions(const struct cove_promote *arg,
			   const struct cove_promote_region *regions)
{
	struct source s = { .arg = arg };
	struct cove_vm *vm;
	u64 sum;
	int ret = check_regions(regions, arg->nregions, &sum);

	if (ret)
		return ret;
	vm = cove_vm_alloc(sum, arg->max_shared);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	mutex_lock(&vm->lock);
	cove_debugfs_add_vm(vm);
	ret = create_from(vm, &s, regions);
	mutex_unlock(&vm->lock);
	if (!ret)
		ret = cove_vm_getfd(vm);
	if (ret < 0)
		cove_vm_put(vm);
	return ret;
}

/**
 * cove_promote_vm() - COVE_PROMOTE_VM
 * Return: the VM's descriptor, or as struct cove_promote has it
 */
int cove_promote_vm(const struct cove_promote *arg)
{
	struct cove_promote_region *regions;
	int ret;

	if (!cove_caps.promote)
		return -EOPNOTSUPP;
	if (arg->flags || !arg->nregions || arg->nregions > COVE_MAX_REGIONS || !arg->nvcpus ||
	    arg->nvcpus > cove_caps.max_vcpus)
		return -EINVAL;
	regions = memdup_array_user(u64_to_user_ptr(arg->regions), arg->nregions, sizeof(*regions));
	if (IS_ERR(regions))
		return PTR_ERR(regions);
	ret = promote_regions(arg, regions);
	kfree(regions);
	return ret;
}
