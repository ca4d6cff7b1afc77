// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Memory that a guest shares with the host, and takes back (CoVE, COVG
 * share_memory_region, unshare_memory_region).
 *
 * The guest asks for a whole range with one call. The host's half is here: take
 * what is mapped there out of the guest (invalidate, fence, remove), put the
 * host's pages in its place, or nothing, and answer. The monitor completes the
 * call when the vCPU runs again. Until then nobody can use the range; another
 * vCPU that touches it is run again until it can.
 *
 * All memory that sharing needs is taken before anything is changed, so that the
 * guest gets an error and loses nothing when the host is short.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <asm/sbi.h>
#include "cove.h"

#define BLOCK_ORDER 9U	  /* the host's pages are taken in blocks of up to 2 MiB */
#define MAP_AROUND  512UL /* pages that one fault of the guest maps */
#define SHARED_GFP  (GFP_HIGHUSER | __GFP_ZERO | __GFP_ACCOUNT | __GFP_NOWARN)

/*
 * struct taken - a range of which pages are taken out of the guest
 * @gone: some are; there is no way back
 */
struct taken {
	struct cove_vm *vm;
	unsigned long gfn;
	unsigned long end;
	bool gone;
};

static bool in_guest(unsigned long entry)
{
	return entry && !(entry & (COVE_PFN_ABSENT | COVE_PFN_LEAVING));
}

static unsigned long *entry_at(struct cove_vm *vm, unsigned long gfn)
{
	struct cove_vm_region *r = cove_vm_region(vm, gfn);

	return r ? &r->pfns[gfn - r->gfn] : NULL;
}

/* The next pages in a row from *@gfn on that the guest has. Return: how many */
static unsigned long next_run(struct taken *t, unsigned long *gfn)
{
	unsigned long n = 0;

	while (*gfn < t->end && !in_guest(*entry_at(t->vm, *gfn)))
		++*gfn;
	while (*gfn + n < t->end && in_guest(*entry_at(t->vm, *gfn + n)))
		n++;
	return n;
}

static void validate(struct taken *t, unsigned long end)
{
	unsigned long gfn = t->gfn, n;

	for (; (n = next_run(t, &gfn)) && gfn < end; gfn += n) {
		long err = cove_sbi_validate_pages(t->vm->gid, PFN_PHYS(gfn), n);

		if (err)
			pr_err("vm%u: the firmware does not restore %#llx (SBI error %ld)\n",
			       t->vm->id, PFN_PHYS(gfn), err);
	}
}

/* Where a page of 2 MiB is split, the monitor needs page-table pages. */
static long invalidate_run(struct cove_vm *vm, unsigned long gfn, unsigned long n)
{
	long err = cove_sbi_invalidate_pages(vm->gid, PFN_PHYS(gfn), n);

	if (err == SBI_ERR_FAILURE && !cove_vm_add_page_tables(vm))
		err = cove_sbi_invalidate_pages(vm->gid, PFN_PHYS(gfn), n);
	return err;
}

static long invalidate(struct taken *t)
{
	unsigned long gfn = t->gfn, n;
	long err;

	for (; (n = next_run(t, &gfn)); gfn += n) {
		err = invalidate_run(t->vm, gfn, n);
		if (err) {
			validate(t, gfn);
			return err;
		}
		cond_resched();
	}
	return 0;
}

static void leave_guest(void *unused)
{
}

static bool runs_vcpu(int cpu, void *arg)
{
	struct cove_vm *vm = arg;
	unsigned long i;

	for (i = 0; i < COVE_MAX_VCPUS; i++)
		if (vm->vcpus[i] && READ_ONCE(vm->vcpus[i]->cpu) == cpu)
			return true;
	return false;
}

/* An interrupt ends a run, so when all have taken it every vCPU has left once. */
static void drive_out(struct cove_vm *vm)
{
	smp_mb(); /* the monitor's round before reads of vcpu->cpu, see enter() */
	on_each_cpu_cond(runs_vcpu, leave_guest, vm, true);
}

static long fence(struct cove_vm *vm)
{
	long err = cove_sbi_tvm_fence(vm->gid);

	if (err == SBI_ERR_ALREADY_STARTED) {
		drive_out(vm);
		err = cove_sbi_tvm_fence(vm->gid);
	}
	if (!err)
		drive_out(vm);
	return err;
}

static long remove_all(struct taken *t)
{
	unsigned long gfn = t->gfn, n;
	long err;

	for (; (n = next_run(t, &gfn)); gfn += n) {
		err = cove_sbi_remove_pages(t->vm->gid, PFN_PHYS(gfn), n);
		if (err)
			return err;
		t->gone = true;
		cond_resched();
	}
	return 0;
}

/* After an error all is as before, unless @t->gone. */
static long take_out(struct taken *t)
{
	unsigned long gfn = t->gfn;
	long err;

	if (!next_run(t, &gfn))
		return 0;
	err = invalidate(t);
	if (err)
		return err;
	err = fence(t->vm);
	if (!err)
		err = remove_all(t);
	if (err && !t->gone)
		validate(t, t->end);
	return err;
}

static void free_pages_of(const unsigned long *pfns, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		__free_page(pfn_to_page(pfns[i]));
}

/* A block as large as the range and its alignment allow, else single pages. */
static unsigned long alloc_block(unsigned long gfn, unsigned long left, unsigned long *pfns)
{
	unsigned int order = min3(BLOCK_ORDER, (unsigned int)__ffs(gfn | 1UL << BLOCK_ORDER),
				  (unsigned int)ilog2(left));
	struct page *page = NULL;
	unsigned long i;

	if (order)
		page = alloc_pages(SHARED_GFP | __GFP_NORETRY, order);
	if (!page) {
		order = 0;
		page = alloc_page(SHARED_GFP | __GFP_RETRY_MAYFAIL);
	}
	if (!page)
		return 0;
	if (order)
		split_page(page, order);
	for (i = 0; i < 1UL << order; i++)
		pfns[i] = page_to_pfn(page) + i;
	return 1UL << order;
}

/* Zeroed pages of the host for [gfn, gfn + n), charged to the VMM. */
static unsigned long *alloc_pages_for(unsigned long gfn, unsigned long n)
{
	unsigned long *pfns = kvmalloc_array(n, sizeof(*pfns), GFP_KERNEL_ACCOUNT);
	unsigned long done = 0, got;

	if (!pfns)
		return NULL;
	while (done < n) {
		got = cove_mem_can_spare(1) && !fatal_signal_pending(current)
			      ? alloc_block(gfn + done, n - done, pfns + done)
			      : 0;
		if (!got) {
			free_pages_of(pfns, done);
			kvfree(pfns);
			return NULL;
		}
		done += got;
		cond_resched();
	}
	return pfns;
}

/*
 * Confidential pages at @gfn that are in a row in one chunk too. Return: how many. One whose
 * frame only the monitor knows stays unassigned until the VM is gone: no chunk has it.
 */
static unsigned long chunk_run(struct taken *t, unsigned long gfn)
{
	unsigned long pfn = *entry_at(t->vm, gfn), n = 1;

	if (pfn & COVE_PFN_COPIED)
		return n;
	while (gfn + n < t->end && !IS_ALIGNED(pfn + n, COVE_CHUNK_PAGES) &&
	       *entry_at(t->vm, gfn + n) == pfn + n)
		n++;
	return n;
}

/* The confidential pages are the driver's again, the host's take their place. */
static void exchange(struct taken *t, const unsigned long *pfns)
{
	struct cove_vm *vm = t->vm;
	unsigned long gfn = t->gfn, n;

	for (; next_run(t, &gfn); gfn += n) {
		n = chunk_run(t, gfn);
		cove_mem_put(vm, *entry_at(vm, gfn), n);
		WRITE_ONCE(vm->populated, vm->populated - n);
	}
	mutex_lock(&vm->share_lock);
	for (gfn = t->gfn; gfn < t->end; gfn++)
		*entry_at(vm, gfn) = pfns[gfn - t->gfn] | COVE_PFN_SHARED | COVE_PFN_ABSENT;
	mutex_unlock(&vm->share_lock);
	WRITE_ONCE(vm->shared, vm->shared + (t->end - t->gfn));
	cove_mem_trim(vm);
}

static long share(struct taken *t)
{
	struct cove_vm *vm = t->vm;
	unsigned long *pfns;
	long err;

	if (!vm->max_shared)
		return SBI_ERR_NOT_SUPPORTED;
	if (t->end - t->gfn > vm->max_shared - vm->shared)
		return SBI_ERR_FAILURE;
	pfns = alloc_pages_for(t->gfn, t->end - t->gfn);
	if (!pfns)
		return SBI_ERR_FAILURE;
	err = take_out(t);
	if (err)
		free_pages_of(pfns, t->end - t->gfn);
	else
		exchange(t, pfns);
	kvfree(pfns);
	return err;
}

/* No fault of the VMM can bring a page back: it looks at the entries under the same lock. */
static void give_back(struct taken *t, unsigned int vcpu)
{
	struct cove_vm *vm = t->vm;
	unsigned long gfn;

	mutex_lock(&vm->share_lock);
	unmap_mapping_range(vm->inode->i_mapping, PFN_PHYS(t->gfn), PFN_PHYS(t->end - t->gfn), 1);
	for (gfn = t->gfn; gfn < t->end; gfn++) {
		unsigned long *entry = entry_at(vm, gfn);

		put_page(pfn_to_page(cove_pfn(*entry)));
		*entry = COVE_PFN_LEAVING | vcpu;
	}
	mutex_unlock(&vm->share_lock);
	WRITE_ONCE(vm->shared, vm->shared - (t->end - t->gfn));
}

static long unshare(struct taken *t, unsigned int vcpu)
{
	long err = take_out(t);

	if (!err)
		give_back(t, vcpu);
	return err;
}

/*
 * The monitor has checked it, too: if one is leaving, then the vCPU concerned has
 * completed that, but we do not know it yet.
 */
static bool valid(struct taken *t, bool shared)
{
	unsigned long gfn, *entry;

	if (t->gfn >= t->end || t->end - t->gfn > COVE_MAX_CONVERT_PAGES)
		return false;
	for (gfn = t->gfn; gfn < t->end; gfn++) {
		entry = entry_at(t->vm, gfn);
		if (!entry || !(*entry & COVE_PFN_SHARED) == shared)
			return false;
	}
	return true;
}

/**
 * cove_share_change() - the guest asks to share or unshare [gpa, gpa + len)
 * @answer: the SBI error that it gets
 *
 * Not to be interrupted: once asked, the monitor wants an answer.
 *
 * Return: 0, or -EIO when the range is lost half-way: the vCPU cannot go on
 */
int cove_share_change(struct cove_vcpu *vcpu, u64 gpa, u64 len, bool to_shared, long *answer)
{
	struct cove_vm *vm = vcpu->vm;
	struct taken t = { .vm = vm, .gfn = PHYS_PFN(gpa), .end = PHYS_PFN(gpa + len) };

	*answer = SBI_ERR_INVALID_PARAM;
	mutex_lock(&vm->lock);
	if (valid(&t, !to_shared))
		*answer = to_shared ? share(&t) : unshare(&t, vcpu->id);
	if (!*answer && !to_shared) {
		vcpu->leaving_gfn = t.gfn;
		vcpu->leaving_pages = t.end - t.gfn;
	}
	mutex_unlock(&vm->lock);
	return t.gone && *answer ? -EIO : 0;
}

/** cove_share_complete() - the vCPU has run since its unshare: the range is confidential again */
void cove_share_complete(struct cove_vcpu *vcpu)
{
	unsigned long gfn, *entry;

	mutex_lock(&vcpu->vm->lock);
	for (gfn = vcpu->leaving_gfn; gfn < vcpu->leaving_gfn + vcpu->leaving_pages; gfn++) {
		entry = entry_at(vcpu->vm, gfn);
		if (*entry == (COVE_PFN_LEAVING | vcpu->id))
			*entry = 0;
	}
	mutex_unlock(&vcpu->vm->lock);
	vcpu->leaving_pages = 0;
}

/* Absent shared pages around @gfn whose frames are in a row. */
static unsigned long map_window(struct cove_vm_region *r, unsigned long gfn, unsigned long *first)
{
	unsigned long lo = max(round_down(gfn, MAP_AROUND), r->gfn) - r->gfn;
	unsigned long hi = min(round_down(gfn, MAP_AROUND) + MAP_AROUND - r->gfn, r->pages);
	unsigned long i = gfn - r->gfn, j = i + 1;

	while (i > lo && r->pfns[i - 1] == r->pfns[i] - 1)
		i--;
	while (j < hi && r->pfns[j] == r->pfns[j - 1] + 1)
		j++;
	*first = r->gfn + i;
	return j - i;
}

static long map(struct cove_vm *vm, unsigned long gfn, unsigned long entry, unsigned long n)
{
	phys_addr_t pa = PFN_PHYS(cove_pfn(entry));
	long err = cove_sbi_add_shared_pages(vm->gid, pa, n, PFN_PHYS(gfn));

	if (err == SBI_ERR_FAILURE && !cove_vm_add_page_tables(vm))
		err = cove_sbi_add_shared_pages(vm->gid, pa, n, PFN_PHYS(gfn));
	return err;
}

/**
 * cove_share_map() - the guest touched a shared page; the caller holds vm->lock
 * @sbi_error: the monitor's refusal
 *
 * Return: 0, -EAGAIN while a call that shares or unshares it is not complete
 */
int cove_share_map(struct cove_vm *vm, struct cove_vm_region *r, unsigned long gfn, long *sbi_error)
{
	unsigned long n, i, first, *entry = &r->pfns[gfn - r->gfn];

	if (!(*entry & COVE_PFN_ABSENT))
		return 0;
	n = map_window(r, gfn, &first);
	*sbi_error = map(vm, first, r->pfns[first - r->gfn], n);
	if (*sbi_error == SBI_ERR_INVALID_ADDRESS && n > 1) {
		/* beside it may be a range whose call is not complete */
		first = gfn;
		n = 1;
		*sbi_error = map(vm, gfn, *entry, 1);
	}
	if (*sbi_error == SBI_ERR_INVALID_ADDRESS)
		return -EAGAIN;
	if (*sbi_error)
		return cove_errno(*sbi_error);
	mutex_lock(&vm->share_lock);
	for (i = 0; i < n; i++)
		r->pfns[first - r->gfn + i] &= ~COVE_PFN_ABSENT;
	mutex_unlock(&vm->share_lock);
	return 0;
}

/* The VMM touches the guest's memory: SIGBUS but where it is shared. */
static vm_fault_t share_fault(struct vm_fault *vmf)
{
	struct cove_vm *vm = vmf->vma->vm_file->private_data;
	unsigned long *entry;
	int ret = -EFAULT;

	/* regions do not change any more */
	if (smp_load_acquire(&vm->state) != COVE_VM_RUNNABLE)
		return VM_FAULT_SIGBUS;
	entry = entry_at(vm, vmf->pgoff);
	mutex_lock(&vm->share_lock);
	if (entry && *entry & COVE_PFN_SHARED)
		ret = vm_insert_page(vmf->vma, vmf->address, pfn_to_page(cove_pfn(*entry)));
	mutex_unlock(&vm->share_lock);
	/* busy: another thread was faster */
	if (!ret || ret == -EBUSY)
		return VM_FAULT_NOPAGE;
	return ret == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct share_vm_ops = {
	.fault = share_fault,
};

/** cove_share_mmap() - mmap of the VM's descriptor: the guest's shared memory, by address */
int cove_share_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SHARED) || vma->vm_flags & VM_EXEC)
		return -EINVAL;
	vm_flags_set(vma, VM_MIXEDMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vm_flags_clear(vma, VM_MAYEXEC);
	vma->vm_ops = &share_vm_ops;
	return 0;
}

/**
 * cove_share_release() - the VM is gone, and every mapping of its shared memory
 * @lost: but the monitor has it still, so its shared pages must not be used again
 */
void cove_share_release(struct cove_vm *vm, bool lost)
{
	unsigned int i;
	unsigned long j;

	for (i = 0; i < vm->nregions && vm->shared && !lost; i++) {
		for (j = 0; j < vm->regions[i].pages; j++) {
			unsigned long entry = vm->regions[i].pfns[j];

			if (entry & COVE_PFN_SHARED)
				put_page(pfn_to_page(cove_pfn(entry)));
		}
	}
}
