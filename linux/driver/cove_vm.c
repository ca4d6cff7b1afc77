// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A confidential VM and its descriptor.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <asm/sbi.h>
#include <cove/tap.h>
#include "cove.h"

#define ROOT_PAGES   (COVE_PAGE_DIRECTORY_SIZE >> PAGE_SHIFT)
#define PT_SLACK     16 /* regions that are not aligned, upper levels; also the step to add */
#define FAULT_AROUND 64UL

#define DOOMED_RETRY HZ

static atomic_t next_id = ATOMIC_INIT(0);
static DEFINE_MUTEX(doomed_lock);
static LIST_HEAD(doomed_vms);

static bool aligned(u64 a, u64 b)
{
	return !((a | b) & ~PAGE_MASK);
}

/* Take pages for the monitor's own use; debugfs tells them by @kind. */
static int take_meta(struct cove_vm *vm, unsigned long pages, unsigned long align, const char *kind,
		     phys_addr_t *pa)
{
	struct cove_meta *meta = kzalloc(sizeof(*meta), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!meta)
		return -ENOMEM;
	ret = cove_mem_take(vm, pages, align, pa);
	if (ret) {
		kfree(meta);
		return ret;
	}
	meta->pfn = PHYS_PFN(*pa);
	meta->pages = pages;
	meta->kind = kind;
	list_add_tail(&meta->node, &vm->metas);
	return 0;
}

static int add_page_tables(struct cove_vm *vm, unsigned long pages)
{
	phys_addr_t pa;
	int ret = 0;

	while (pages && !ret) {
		unsigned long n = min(pages, COVE_CHUNK_PAGES);

		ret = take_meta(vm, n, 1, "pt", &pa);
		if (!ret)
			ret = cove_errno(cove_sbi_add_page_table_pages(vm->gid, pa, n));
		pages -= n;
	}
	return ret;
}

/** cove_vm_add_page_tables() - the monitor has no page-table pages left: some more */
int cove_vm_add_page_tables(struct cove_vm *vm)
{
	return add_page_tables(vm, PT_SLACK);
}

/* A guest page of each 2 MiB and each 1 GiB has a table; one per level and region beside. */
static unsigned long page_tables_for(unsigned long max_pages)
{
	return DIV_ROUND_UP(max_pages, SZ_2M >> PAGE_SHIFT) +
	       DIV_ROUND_UP(max_pages, SZ_1G >> PAGE_SHIFT) + PT_SLACK;
}

static int create_in_monitor(struct cove_vm *vm, u64 flags)
{
	unsigned long tables = page_tables_for(vm->max_pages);
	struct tvm_create_params *params;
	phys_addr_t root_pa, state_pa;
	struct cove_sbi_value ret;
	int err;

	err = cove_mem_reserve(vm, ROOT_PAGES + cove_caps.tvm_state_pages + tables);
	if (err)
		return err;
	err = take_meta(vm, ROOT_PAGES, ROOT_PAGES, "pt", &root_pa);
	if (!err)
		err = take_meta(vm, cove_caps.tvm_state_pages, 1, "state", &state_pa);
	if (err)
		return err;
	params = kzalloc(sizeof(*params), GFP_KERNEL);
	if (!params)
		return -ENOMEM;
	params->tvm_page_directory_addr = root_pa;
	params->tvm_state_addr = state_pa;
	params->tvm_flags = flags;
	ret = cove_sbi_create_tvm(params);
	kfree(params);
	if (ret.error)
		return cove_errno(ret.error);
	vm->gid = ret.value;
	vm->created = true;
	return add_page_tables(vm, tables);
}

static void vm_free(struct cove_vm *vm, bool lost)
{
	struct cove_meta *meta, *next;
	unsigned int i;

	cove_debugfs_remove_vm(vm);
	cove_mem_release(vm, lost);
	cove_share_release(vm, lost);
	list_for_each_entry_safe(meta, next, &vm->metas, node)
		kfree(meta);
	for (i = 0; i < vm->nregions; i++)
		kvfree(vm->regions[i].pfns);
	for (i = 0; i < COVE_MAX_VCPUS; i++)
		cove_vcpu_free(vm->vcpus[i]);
	iput(vm->inode);
	kfree(vm);
}

/* FAILED: somebody else runs a vCPU of it still, so all of its memory is in use. */
static long destroy_in_monitor(struct cove_vm *vm)
{
	return vm->created ? cove_sbi_destroy_tvm(vm->gid) : 0;
}

static void say_undestroyed(struct cove_vm *vm, long err)
{
	pr_err("vm%u: the firmware does not destroy it (SBI error %ld)\n", vm->id, err);
}

static void retry_doomed(struct work_struct *work);
static DECLARE_DELAYED_WORK(doomed_work, retry_doomed);

/* Try again to destroy what is doomed; @last: what cannot be is lost. */
static void destroy_doomed(bool last)
{
	struct cove_vm *vm, *next;
	bool left = false;

	mutex_lock(&doomed_lock);
	list_for_each_entry_safe(vm, next, &doomed_vms, doomed) {
		long err = destroy_in_monitor(vm);

		if (err == SBI_ERR_FAILURE && !last) {
			left = true;
			continue;
		}
		list_del(&vm->doomed);
		vm_free(vm, err);
	}
	if (left)
		schedule_delayed_work(&doomed_work, DOOMED_RETRY);
	mutex_unlock(&doomed_lock);
}

static void retry_doomed(struct work_struct *work)
{
	destroy_doomed(false);
}

/** cove_vm_exit() - at module unload: VMs that still cannot be destroyed are lost */
void cove_vm_exit(void)
{
	cancel_delayed_work_sync(&doomed_work);
	destroy_doomed(true);
}

static void vm_release(struct kref *ref)
{
	struct cove_vm *vm = container_of(ref, struct cove_vm, ref);
	long err = destroy_in_monitor(vm);

	if (err)
		say_undestroyed(vm, err);
	if (err != SBI_ERR_FAILURE) {
		vm_free(vm, err);
		return;
	}
	mutex_lock(&doomed_lock);
	list_add_tail(&vm->doomed, &doomed_vms);
	schedule_delayed_work(&doomed_work, DOOMED_RETRY);
	mutex_unlock(&doomed_lock);
}

/** cove_vm_put() - a descriptor is closed; with the last one the VM ends */
void cove_vm_put(struct cove_vm *vm)
{
	kref_put(&vm->ref, vm_release);
}

/** cove_vm_region() - the region that guest page @gfn is in, or NULL */
struct cove_vm_region *cove_vm_region(struct cove_vm *vm, unsigned long gfn)
{
	unsigned int i;

	for (i = 0; i < vm->nregions; i++) {
		struct cove_vm_region *r = &vm->regions[i];

		if (gfn >= r->gfn && gfn - r->gfn < r->pages)
			return r;
	}
	return NULL;
}

static bool overlaps(struct cove_vm *vm, unsigned long gfn, unsigned long pages)
{
	unsigned int i;

	for (i = 0; i < vm->nregions; i++)
		if (gfn < vm->regions[i].gfn + vm->regions[i].pages &&
		    vm->regions[i].gfn < gfn + pages)
			return true;
	return false;
}

static long add_region(struct cove_vm *vm, const struct cove_region *arg)
{
	struct cove_vm_region r = { .gfn = PHYS_PFN(arg->gpa), .pages = PHYS_PFN(arg->len) };
	u64 end;
	long err;

	if (!arg->len || !aligned(arg->gpa, arg->len) ||
	    check_add_overflow(arg->gpa, arg->len, &end) || end > cove_caps.gpa_limit)
		return -EINVAL;
	if (vm->state != COVE_VM_INITIALIZING)
		return -EBUSY;
	if (overlaps(vm, r.gfn, r.pages))
		return -EEXIST;
	if (vm->nregions == COVE_MAX_REGIONS || r.pages > vm->max_pages - vm->region_pages)
		return -E2BIG;
	r.pfns = kvcalloc(r.pages, sizeof(*r.pfns), GFP_KERNEL_ACCOUNT);
	if (!r.pfns)
		return -ENOMEM;
	err = cove_sbi_add_region(vm->gid, arg->gpa, arg->len);
	if (err) {
		kvfree(r.pfns);
		return cove_errno(err);
	}
	vm->regions[vm->nregions++] = r;
	vm->region_pages += r.pages;
	return 0;
}

static void record(struct cove_vm *vm, struct cove_vm_region *r, unsigned long gfn, phys_addr_t pa,
		   unsigned long pages)
{
	unsigned long i;

	for (i = 0; i < pages; i++)
		r->pfns[gfn - r->gfn + i] = PHYS_PFN(pa) + i;
	WRITE_ONCE(vm->populated, vm->populated + pages);
}

/* FAILED: the monitor ran out of page-table pages; give it more, once. */
static long add_zero(struct cove_vm *vm, phys_addr_t pa, unsigned long pages, u64 gpa)
{
	long err = cove_sbi_add_zero_pages(vm->gid, pa, pages, gpa);

	if (err == SBI_ERR_FAILURE && !cove_vm_add_page_tables(vm))
		err = cove_sbi_add_zero_pages(vm->gid, pa, pages, gpa);
	return err;
}

static long add_measured(struct cove_vm *vm, void *src, phys_addr_t pa, unsigned long pages,
			 u64 gpa)
{
	long err = cove_sbi_add_measured_pages(vm->gid, virt_to_phys(src), pa, pages, gpa);

	if (err == SBI_ERR_FAILURE && !cove_vm_add_page_tables(vm))
		err = cove_sbi_add_measured_pages(vm->gid, virt_to_phys(src), pa, pages, gpa);
	return err;
}

/* Pages for the guest's from @gfn on: 2 MiB of them where they can be one page later. */
static int take_measured(struct cove_vm *vm, unsigned long gfn, unsigned long left,
			 unsigned long max, phys_addr_t *pa, unsigned long *have)
{
	if (cove_caps.extras && IS_ALIGNED(gfn, COVE_LARGE_PAGES) && left >= COVE_LARGE_PAGES) {
		int ret = cove_mem_take_large(vm, pa);

		*have = COVE_LARGE_PAGES;
		if (ret != -ENOMEM)
			return ret;
	}
	return cove_mem_take_some(vm, min(left, max), pa, have);
}

/* The 2 MiB that end at @gfn have come in pieces: the guest has more from them as one page. */
static void promote(struct cove_vm *vm, unsigned long gfn)
{
	if (!cove_sbi_promote_page(vm->gid, PFN_PHYS(gfn - COVE_LARGE_PAGES)))
		WRITE_ONCE(vm->large, vm->large + COVE_LARGE_PAGES);
}

/* The monitor copies from host memory that is contiguous: a bounce buffer. */
static long measure_pages(struct cove_vm *vm, struct cove_vm_region *r,
			  const struct cove_measure *arg, void *bounce, unsigned long max)
{
	unsigned long gfn = PHYS_PFN(arg->gpa);
	unsigned long left = PHYS_PFN(arg->len);
	const char __user *src = u64_to_user_ptr(arg->uaddr);
	unsigned long have = 0, taken = 0;
	phys_addr_t pa;

	while (left) {
		unsigned long n = min(left, max);
		long err;

		if (fatal_signal_pending(current))
			return -EINTR;
		/* before pages are taken, so that a bad address costs none */
		if (copy_from_user(bounce, src, n << PAGE_SHIFT))
			return -EFAULT;
		if (!have) {
			err = take_measured(vm, gfn, left, max, &pa, &have);
			if (err)
				return err;
			taken = have;
		}
		n = min(n, have);
		err = add_measured(vm, bounce, pa, n, PFN_PHYS(gfn));
		if (err)
			return cove_errno(err);
		record(vm, r, gfn, pa, n);
		gfn += n;
		left -= n;
		src += n << PAGE_SHIFT;
		pa += PFN_PHYS(n);
		have -= n;
		if (!have && taken == COVE_LARGE_PAGES)
			promote(vm, gfn);
		cond_resched();
	}
	return 0;
}

static bool any_populated(struct cove_vm_region *r, unsigned long gfn, unsigned long pages)
{
	unsigned long i;

	for (i = 0; i < pages; i++)
		if (r->pfns[gfn - r->gfn + i])
			return true;
	return false;
}

static long measure(struct cove_vm *vm, const struct cove_measure *arg)
{
	unsigned long gfn = PHYS_PFN(arg->gpa), pages = PHYS_PFN(arg->len);
	struct cove_vm_region *r;
	unsigned long max;
	void *bounce;
	u64 end;
	long ret;

	if (!arg->len || !aligned(arg->gpa, arg->len) ||
	    check_add_overflow(arg->gpa, arg->len, &end) ||
	    check_add_overflow(arg->uaddr, arg->len, &end))
		return -EINVAL;
	if (vm->state != COVE_VM_INITIALIZING)
		return -EBUSY;
	r = cove_vm_region(vm, gfn);
	if (!r || pages > r->gfn + r->pages - gfn)
		return -EINVAL;
	if (any_populated(r, gfn, pages))
		return -EEXIST;
	ret = cove_mem_reserve(vm, pages);
	if (ret)
		return ret;
	max = COVE_MAX_MEASURED_PAGES;
	bounce = alloc_pages_exact(max << PAGE_SHIFT, GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
	if (!bounce) {
		max = 1;
		bounce = alloc_pages_exact(PAGE_SIZE, GFP_KERNEL);
	}
	if (!bounce)
		return -ENOMEM;
	ret = measure_pages(vm, r, arg, bounce, max);
	free_pages_exact(bounce, max << PAGE_SHIFT);
	return ret;
}

static long create_promoted_vcpu(struct cove_vm *vm, unsigned long id)
{
	long ret = cove_vcpu_create(vm, id);

	if (ret >= 0 && !id)
		cove_vcpu_start(vm->vcpus[0]);
	return ret;
}

static long create_vcpu(struct cove_vm *vm, unsigned long id)
{
	phys_addr_t pa = 0;
	long ret;

	if (id >= (vm->promoted ? vm->promoted : cove_caps.max_vcpus))
		return -EINVAL;
	if (vm->state != COVE_VM_INITIALIZING && !vm->promoted)
		return -EBUSY;
	if (vm->vcpus[id])
		return -EEXIST;
	if (vm->promoted) /* the monitor has it */
		return create_promoted_vcpu(vm, id);
	if (cove_caps.vcpu_state_pages) {
		ret = take_meta(vm, cove_caps.vcpu_state_pages, 1, "state", &pa);
		if (ret)
			return ret;
	}
	ret = cove_errno(cove_sbi_create_vcpu(vm->gid, id, pa));
	return ret ? ret : cove_vcpu_create(vm, id);
}

/* DENIED is about what is in a payload, not about the caller's rights. */
static long tap_errno(long err)
{
	return err == SBI_ERR_DENIED		  ? -EACCES
	       : err == SBI_ERR_ALREADY_AVAILABLE ? -EEXIST
						  : cove_errno(err);
}

static long set_tap(struct cove_vm *vm, const struct cove_tap *arg)
{
	void *tap;
	long err;

	if (vm->state != COVE_VM_INITIALIZING)
		return -EBUSY;
	if (!arg->len || arg->len > COVE_TAP_MAX)
		return -EINVAL;
	if (!cove_caps.extras)
		return -EOPNOTSUPP;
	tap = kzalloc(COVE_TAP_MAX, GFP_KERNEL);
	if (!tap)
		return -ENOMEM;
	if (copy_from_user(tap, u64_to_user_ptr(arg->uaddr), arg->len)) {
		kfree(tap);
		return -EFAULT;
	}
	err = cove_sbi_set_tap(vm->gid, tap, arg->len);
	kfree(tap);
	return tap_errno(err);
}

static long finalize(struct cove_vm *vm, const struct cove_finalize *arg)
{
	long err;

	if (vm->state != COVE_VM_INITIALIZING)
		return -EBUSY;
	if (!vm->vcpus[0] || arg->entry >= cove_caps.gpa_limit)
		return -EINVAL;
	err = cove_sbi_finalize_tvm(vm->gid, arg->entry, arg->arg);
	if (err)
		return tap_errno(err);
	smp_store_release(&vm->state, COVE_VM_RUNNABLE);
	cove_vcpu_start(vm->vcpus[0]);
	return 0;
}

static long get_measurement(struct cove_vm *vm, struct cove_measurement *arg)
{
	u8 *buf;
	long err;

	if (arg->reserved || arg->index >= COVE_MSMT_INITIAL)
		return -EINVAL;
	if (!cove_caps.extras)
		return -EOPNOTSUPP;
	if (vm->state != COVE_VM_RUNNABLE)
		return -EBUSY;
	buf = kzalloc(COVE_HASH_LEN, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	err = cove_sbi_get_measurement(vm->gid, arg->index, buf);
	memcpy(arg->value, buf, sizeof(arg->value));
	kfree(buf);
	return cove_errno(err);
}

static long vm_ioctl_locked(struct cove_vm *vm, unsigned int cmd, unsigned long arg)
{
	void __user *uarg = (void __user *)arg;
	union {
		struct cove_region region;
		struct cove_measure measure;
		struct cove_finalize finalize;
		struct cove_tap tap;
		struct cove_measurement measurement;
	} u;
	long ret;

	if (cmd == COVE_VM_CREATE_VCPU)
		return create_vcpu(vm, arg);
	if (copy_from_user(&u, uarg, _IOC_SIZE(cmd)))
		return -EFAULT;
	switch (cmd) {
	case COVE_VM_ADD_REGION:
		return add_region(vm, &u.region);
	case COVE_VM_MEASURE:
		return measure(vm, &u.measure);
	case COVE_VM_SET_TAP:
		return set_tap(vm, &u.tap);
	case COVE_VM_FINALIZE:
		return finalize(vm, &u.finalize);
	default: /* COVE_VM_GET_MEASUREMENT */
		ret = get_measurement(vm, &u.measurement);
		if (!ret && copy_to_user(uarg, &u.measurement, sizeof(u.measurement)))
			ret = -EFAULT;
		return ret;
	}
}

static long vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct cove_vm *vm = file->private_data;
	long ret;

	switch (cmd) {
	case COVE_VM_ADD_REGION:
	case COVE_VM_MEASURE:
	case COVE_VM_CREATE_VCPU:
	case COVE_VM_FINALIZE:
	case COVE_VM_SET_TAP:
	case COVE_VM_GET_MEASUREMENT:
		break;
	default:
		return -ENOTTY;
	}
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	ret = vm_ioctl_locked(vm, cmd, arg);
	mutex_unlock(&vm->lock);
	return ret;
}

static int vm_close(struct inode *inode, struct file *file)
{
	cove_vm_put(file->private_data);
	return 0;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = cove_share_mmap,
	.release = vm_close,
	.llseek = noop_llseek,
};

/** cove_vm_getfd() - its descriptor, with an inode of its own, since mappings are found by it */
int cove_vm_getfd(struct cove_vm *vm)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct file *file;

	if (fd < 0)
		return fd;
	file = anon_inode_create_getfile("cove-vm", &vm_fops, vm, O_RDWR, NULL);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	vm->inode = file_inode(file);
	ihold(vm->inode);
	fd_install(fd, file);
	return fd;
}

/**
 * cove_vm_alloc() - a VM that the monitor does not know yet
 * Return: the VM, ERR_PTR(-EINVAL), ERR_PTR(-ENOMEM)
 */
struct cove_vm *cove_vm_alloc(u64 max_memory, u64 max_shared)
{
	struct cove_vm *vm;

	if (!max_memory || !aligned(max_memory, max_shared) || max_shared > max_memory)
		return ERR_PTR(-EINVAL);
	if (PHYS_PFN(max_memory) > totalram_pages())
		return ERR_PTR(-ENOMEM);
	vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return ERR_PTR(-ENOMEM);
	kref_init(&vm->ref);
	mutex_init(&vm->lock);
	mutex_init(&vm->share_lock);
	spin_lock_init(&vm->event_lock);
	INIT_LIST_HEAD(&vm->chunks);
	INIT_LIST_HEAD(&vm->metas);
	vm->id = atomic_inc_return(&next_id);
	vm->pid = task_tgid_nr(current);
	vm->max_pages = PHYS_PFN(max_memory);
	vm->max_shared = PHYS_PFN(max_shared);
	return vm;
}

/**
 * cove_vm_create() - COVE_CREATE_VM
 * Return: the VM's descriptor, -EINVAL, -ENOMEM (more than the host has, too)
 */
int cove_vm_create(const struct cove_create_vm *arg)
{
	struct cove_vm *vm;
	int ret;

	if (arg->flags & ~COVE_TVM_F_ALL)
		return -EINVAL;
	vm = cove_vm_alloc(arg->max_memory, arg->max_shared);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	mutex_lock(&vm->lock);
	cove_debugfs_add_vm(vm);
	ret = create_in_monitor(vm, arg->flags);
	mutex_unlock(&vm->lock);
	if (!ret)
		ret = cove_vm_getfd(vm);
	if (ret < 0)
		cove_vm_put(vm);
	return ret;
}

/* The empty pages around @gfn in its window of FAULT_AROUND: [*lo, *hi). */
static void fault_window(struct cove_vm_region *r, unsigned long gfn, unsigned long *lo,
			 unsigned long *hi)
{
	unsigned long start = max(round_down(gfn, FAULT_AROUND), r->gfn);
	unsigned long end = min(round_down(gfn, FAULT_AROUND) + FAULT_AROUND, r->gfn + r->pages);

	for (*lo = gfn; *lo > start && !r->pfns[*lo - 1 - r->gfn]; --*lo)
		;
	for (*hi = gfn + 1; *hi < end && !r->pfns[*hi - r->gfn]; ++*hi)
		;
}

/* Are the 2 MiB around @gfn the guest's, and empty? */
static bool large_window(struct cove_vm_region *r, unsigned long gfn)
{
	unsigned long lo = round_down(gfn, COVE_LARGE_PAGES);

	return lo >= r->gfn && lo + COVE_LARGE_PAGES <= r->gfn + r->pages &&
	       !memchr_inv(&r->pfns[lo - r->gfn], 0, COVE_LARGE_PAGES * sizeof(*r->pfns));
}

static int populate_large(struct cove_vm *vm, struct cove_vm_region *r, unsigned long gfn,
			  long *sbi_error)
{
	phys_addr_t pa;
	int ret = cove_mem_take_large(vm, &pa);

	if (ret)
		return ret;
	*sbi_error = cove_sbi_add_zero_large(vm->gid, pa, PFN_PHYS(gfn));
	if (*sbi_error == SBI_ERR_FAILURE && !add_page_tables(vm, PT_SLACK))
		*sbi_error = cove_sbi_add_zero_large(vm->gid, pa, PFN_PHYS(gfn));
	if (*sbi_error)
		return cove_errno(*sbi_error);
	record(vm, r, gfn, pa, COVE_LARGE_PAGES);
	WRITE_ONCE(vm->large, vm->large + COVE_LARGE_PAGES);
	return 0;
}

static int populate(struct cove_vm *vm, unsigned long gfn, long *sbi_error)
{
	struct cove_vm_region *r = cove_vm_region(vm, gfn);
	unsigned long entry, lo, hi, n;
	phys_addr_t pa;
	int ret;

	if (!r)
		return -EFAULT;
	entry = r->pfns[gfn - r->gfn];
	if (entry & COVE_PFN_SHARED)
		return cove_share_map(vm, r, gfn, sbi_error);
	if (entry & COVE_PFN_LEAVING)
		return -EAGAIN;
	if (entry)
		return 0; /* another vCPU was faster */
	if (large_window(r, gfn)) {
		ret = populate_large(vm, r, round_down(gfn, COVE_LARGE_PAGES), sbi_error);
		if (ret != -ENOMEM)
			return ret;
	}
	fault_window(r, gfn, &lo, &hi);
	ret = cove_mem_take_some(vm, hi - lo, &pa, &n);
	if (ret)
		return ret;
	if (gfn >= lo + n)
		lo = gfn - n + 1;
	*sbi_error = add_zero(vm, pa, n, PFN_PHYS(lo));
	if (*sbi_error)
		return cove_errno(*sbi_error);
	record(vm, r, lo, pa, n);
	return 0;
}

/**
 * cove_vm_populate() - the guest touched an empty page of its memory
 * @sbi_error: the monitor's refusal, when that is the reason of a failure
 *
 * Return: 0 (retry the instruction), -EAGAIN (retry it later), -EFAULT (no such
 * memory), -ENOMEM, -EINTR
 */
int cove_vm_populate(struct cove_vm *vm, u64 gpa, long *sbi_error)
{
	int ret;

	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	ret = populate(vm, PHYS_PFN(gpa), sbi_error);
	mutex_unlock(&vm->lock);
	return ret;
}

/** cove_vm_kick() - make vCPUs @base + i, for each bit i of @mask, look again; @base ~0: all */
void cove_vm_kick(struct cove_vm *vm, unsigned long mask, unsigned long base)
{
	unsigned long i;

	for (i = 0; i < COVE_MAX_VCPUS; i++) {
		struct cove_vcpu *vcpu = smp_load_acquire(&vm->vcpus[i]);

		if (vcpu && (base == ~0UL ||
			     (i >= base && i - base < BITS_PER_LONG && mask >> (i - base) & 1)))
			cove_vcpu_kick(vcpu);
	}
}

/** cove_vm_end() - the guest asked for shutdown or reset: every vCPU returns; the first one counts
 */
void cove_vm_end(struct cove_vm *vm, unsigned int type, unsigned int reason)
{
	spin_lock(&vm->event_lock);
	if (!vm->ended) {
		vm->event_type = type;
		vm->event_reason = reason;
		smp_store_release(&vm->ended, true);
	}
	spin_unlock(&vm->event_lock);
	cove_vm_kick(vm, 0, ~0UL);
}
