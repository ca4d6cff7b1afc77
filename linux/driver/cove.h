/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * cove.ko: internal declarations.
 *
 * Lock order: vcpu->mutex, vm->lock, the pool lock of cove_mem.c, cpus_read_lock.
 * vm->share_lock is taken in page faults of the VMM, so user memory is never
 * touched under it; it comes after vm->lock.
 * vcpu->lock is a leaf and may be taken in interrupts.
 */
#ifndef COVE_DRIVER_H
#define COVE_DRIVER_H

#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/hrtimer.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <cove/sbi_cove.h>
#include <uapi/linux/cove.h>

#define COVE_CHUNK_ORDER 10
#define COVE_CHUNK_PAGES (1UL << COVE_CHUNK_ORDER)
#define COVE_CHUNK_SIZE	 (COVE_CHUNK_PAGES << PAGE_SHIFT)
#define COVE_LARGE_PAGES (SZ_2M >> PAGE_SHIFT)

/**
 * struct cove_caps - what the firmware said when the module was loaded
 * @gpa_limit: first guest physical address that a TVM cannot have
 * @extras: the firmware has the CoveSBI extension
 * @promote: it makes confidential VMs out of ordinary ones
 */
struct cove_caps {
	unsigned long tvm_state_pages;
	unsigned long vcpu_state_pages;
	unsigned long max_vcpus;
	u64 gpa_limit;
	bool extras;
	bool promote;
	bool sstc;
};
extern struct cove_caps cove_caps;

/* Counted per vCPU, shown per VM. */
enum cove_stat {
	COVE_STAT_RUN,
	COVE_STAT_INTERRUPT,
	COVE_STAT_FAULT,
	COVE_STAT_SHARE,
	COVE_STAT_MMIO_READ,
	COVE_STAT_MMIO_WRITE,
	COVE_STAT_ECALL,
	COVE_STAT_CONSOLE,
	COVE_STAT_WFI,
	COVE_STAT_OTHER,
	COVE_STAT_COUNT
};

/**
 * struct cove_region - confidential guest memory [gfn, gfn + pages)
 * @pfns: for each guest page 0 (not populated), the frame of a confidential page,
 *	or flags below, with the frame of the host's page that is shared
 */
struct cove_vm_region {
	unsigned long gfn;
	unsigned long pages;
	unsigned long *pfns;
};

/*
 * SHARED: the host's page is there; with ABSENT: will be when the guest touches it.
 * LEAVING: no longer shared once the vCPU whose id is beside it has run again.
 * COPIED: a confidential page that the monitor took when it promoted the VM.
 */
#define COVE_PFN_SHARED	 BIT(63)
#define COVE_PFN_ABSENT	 BIT(62)
#define COVE_PFN_LEAVING BIT(61)
#define COVE_PFN_COPIED	 BIT(60)

/* The frame, 0 when there is none, or when only the monitor knows. */
static inline unsigned long cove_pfn(unsigned long entry)
{
	return entry & (COVE_PFN_LEAVING | COVE_PFN_COPIED)
		       ? 0
		       : entry & ~(COVE_PFN_SHARED | COVE_PFN_ABSENT);
}

/* Pages that the monitor keeps for itself, for debugfs. */
struct cove_meta {
	struct list_head node;
	unsigned long pfn;
	unsigned long pages;
	const char *kind;
};

enum cove_vm_state { COVE_VM_INITIALIZING, COVE_VM_RUNNABLE };

struct cove_vcpu;

/**
 * struct cove_vm - a confidential VM
 * @ref: one for the VM's descriptor and one for each vCPU's
 * @id: number of the debugfs directory
 * @gid: the monitor's name, valid when @created
 * @promoted: CPUs of a VM that was promoted, else 0
 * @doomed: node in the list of VMs that the monitor has not destroyed yet
 * @lock: guards all below, but what is noted
 * @state: written under @lock
 * @chunks: chunks of this VM, those with free pages first (pool lock too)
 * @freed: pages of @chunks that the guest gave back, to be used again
 * @max_pages, @populated: guest pages, confidential ones
 * @large: of these, how many have been added as pages of 2 MiB
 * @max_shared, @shared: guest pages that are the host's
 * @share_lock: guards entries of shared pages in regions[].pfns, whose other
 *	changes @lock guards alone
 * @inode: of the VM's descriptor, for its mappings
 * @vcpus: set once under @lock, read without
 * @event_type, @event_reason: SRST arguments, valid when @ended
 * @ended: the guest has asked for shutdown or reboot; set once
 */
struct cove_vm {
	struct kref ref;
	unsigned int id;
	pid_t pid;
	unsigned long gid;
	bool created;
	unsigned int promoted;
	struct list_head doomed;
	struct mutex lock;
	enum cove_vm_state state;
	struct list_head chunks;
	unsigned long nchunks;
	unsigned long freed;
	unsigned long max_pages;
	unsigned long populated;
	unsigned long large;
	unsigned long max_shared;
	unsigned long shared;
	struct mutex share_lock;
	struct inode *inode;
	unsigned long region_pages;
	unsigned int nregions;
	struct cove_vm_region regions[COVE_MAX_REGIONS];
	struct list_head metas;
	struct cove_vcpu *vcpus[COVE_MAX_VCPUS];
	spinlock_t event_lock;
	unsigned int event_type;
	unsigned int event_reason;
	bool ended;
	struct dentry *dir;
};

/**
 * struct cove_exit - why run_tvm_vcpu returned
 * @error, @value: result of the call; the rest is meaningless when @error
 */
struct cove_exit {
	long error;
	unsigned long value;
	unsigned long scause;
	unsigned long stval;
	unsigned long htval;
	unsigned long htinst;
	unsigned long a0;
	unsigned long a1;
	unsigned long a6;
	unsigned long a7;
	unsigned long vsie;
	unsigned long vstimecmp;
	unsigned long htimedelta;
};

/**
 * struct cove_vcpu - a virtual CPU
 * @mutex: held while it runs; guards all that has no other guard
 * @lock: guards @runner
 * @runner: the thread inside COVE_VCPU_RUN
 * @cpu: where it is in the guest, or about to be; else -1
 * @level: external interrupt line
 * @kicked: look again before blocking
 * @starts, @stops: times that it was started (by others) and stopped (by
 *	itself); it may run while there are more starts. Counted, since the host
 *	may learn of a restart before it learns of the stop.
 * @blocked: it executed WFI
 * @answer: a0 and a1 go to the guest with the next run (@ret)
 * @leaving_gfn, @leaving_pages: range whose unsharing completes with the next run
 * @mmio_load: the VMM owes the data of a load
 * @input_owed: the VMM owes console input, @input_len bytes at the most
 * @input: which the guest gets with the answer
 * @console: bytes not yet given to the VMM
 * @flush: give them before anything else
 * @out: exit that the VMM gets next, when @out_valid; the ioctl returns @out_ret
 */
struct cove_vcpu {
	struct cove_vm *vm;
	unsigned int id;
	struct mutex mutex;
	struct cove_run *run;
	spinlock_t lock;
	struct task_struct *runner;
	wait_queue_head_t wq;
	struct hrtimer timer;
	int cpu;
	bool level;
	bool kicked;
	bool blocked;
	atomic_t starts;
	int stops;
	bool answer;
	unsigned long ret[2];
	unsigned long leaving_gfn;
	unsigned long leaving_pages;
	bool mmio_load;
	unsigned int mmio_len;
	bool input_owed;
	unsigned int input_len;
	u64 input[sizeof_field(struct cove_run, console.data) / sizeof(u64)];
	bool flush;
	unsigned int console_len;
	u8 console[sizeof_field(struct cove_run, console.data)];
	bool out_valid;
	int out_ret;
	struct cove_run out;
	struct cove_exit exit;
	u64 stats[COVE_STAT_COUNT];
};

/* cove_sbi.c: the monitor's calls; results are SBI error codes */
struct cove_sbi_value {
	long error;
	unsigned long value;
};

int cove_errno(long sbi_error);
bool cove_sbi_probe(unsigned long eid);
long cove_sbi_get_tsm_info(struct tsm_info *info);
long cove_sbi_convert_pages(phys_addr_t pa, unsigned long pages);
long cove_sbi_reclaim_pages(phys_addr_t pa, unsigned long pages);
long cove_sbi_global_fence(void);
long cove_sbi_local_fence(void);
struct cove_sbi_value cove_sbi_create_tvm(const struct tvm_create_params *params);
long cove_sbi_set_tap(unsigned long gid, const void *tap, unsigned long len);
long cove_sbi_finalize_tvm(unsigned long gid, u64 entry, u64 arg);
struct cove_sbi_value cove_sbi_promote_to_tvm(u64 fdt, u64 tap, u64 entry);
long cove_sbi_destroy_tvm(unsigned long gid);
long cove_sbi_add_region(unsigned long gid, u64 gpa, u64 len);
long cove_sbi_add_page_table_pages(unsigned long gid, phys_addr_t pa, unsigned long pages);
long cove_sbi_add_measured_pages(unsigned long gid, phys_addr_t src, phys_addr_t dst,
				 unsigned long pages, u64 gpa);
long cove_sbi_add_zero_pages(unsigned long gid, phys_addr_t pa, unsigned long pages, u64 gpa);
long cove_sbi_add_zero_large(unsigned long gid, phys_addr_t pa, u64 gpa);
long cove_sbi_promote_page(unsigned long gid, u64 gpa);
long cove_sbi_add_shared_pages(unsigned long gid, phys_addr_t pa, unsigned long pages, u64 gpa);
long cove_sbi_tvm_fence(unsigned long gid);
long cove_sbi_invalidate_pages(unsigned long gid, u64 gpa, unsigned long pages);
long cove_sbi_validate_pages(unsigned long gid, u64 gpa, unsigned long pages);
long cove_sbi_remove_pages(unsigned long gid, u64 gpa, unsigned long pages);
long cove_sbi_create_vcpu(unsigned long gid, unsigned long id, phys_addr_t pa);
void cove_sbi_run_vcpu(unsigned long gid, unsigned long id, struct cove_exit *exit);
long cove_sbi_set_shmem(phys_addr_t pa);
long cove_sbi_clear_shmem(void);
long cove_sbi_get_stats(struct covesbi_stats *stats);
long cove_sbi_get_measurement(unsigned long gid, unsigned long index, u8 *buf);

/* cove_nacl.c: memory shared with the monitor, one area per CPU */
int cove_nacl_init(void);
void cove_nacl_exit(void);
bool cove_nacl_ready(void);
unsigned long cove_nacl_read(unsigned long offset);
void cove_nacl_write(unsigned long offset, unsigned long value);

/* cove_mem.c: confidential memory */
int cove_mem_reserve(struct cove_vm *vm, unsigned long pages);
int cove_mem_take(struct cove_vm *vm, unsigned long pages, unsigned long align, phys_addr_t *pa);
int cove_mem_take_large(struct cove_vm *vm, phys_addr_t *pa);
int cove_mem_take_some(struct cove_vm *vm, unsigned long want, phys_addr_t *pa, unsigned long *got);
void cove_mem_put(struct cove_vm *vm, unsigned long pfn, unsigned long pages);
void cove_mem_trim(struct cove_vm *vm);
bool cove_mem_can_spare(unsigned long pages);
void cove_mem_release(struct cove_vm *vm, bool lost);
int cove_mem_alone(struct cove_vm *vm, unsigned long pages, int (*fn)(struct cove_vm *, void *),
		   void *arg);
int cove_mem_init(void);
void cove_mem_exit(void);
void cove_mem_count(struct cove_info *info);
void cove_mem_show(struct seq_file *m);

/* cove_vm.c */
int cove_vm_create(const struct cove_create_vm *arg);
struct cove_vm *cove_vm_alloc(u64 max_memory, u64 max_shared);
int cove_vm_getfd(struct cove_vm *vm);
void cove_vm_exit(void);
void cove_vm_put(struct cove_vm *vm);
struct cove_vm_region *cove_vm_region(struct cove_vm *vm, unsigned long gfn);
int cove_vm_add_page_tables(struct cove_vm *vm);
int cove_vm_populate(struct cove_vm *vm, u64 gpa, long *sbi_error);
void cove_vm_end(struct cove_vm *vm, unsigned int type, unsigned int reason);
void cove_vm_kick(struct cove_vm *vm, unsigned long mask, unsigned long base);

/* cove_share.c */
int cove_share_change(struct cove_vcpu *vcpu, u64 gpa, u64 len, bool to_shared, long *answer);
void cove_share_complete(struct cove_vcpu *vcpu);
int cove_share_map(struct cove_vm *vm, struct cove_vm_region *r, unsigned long gfn,
		   long *sbi_error);
int cove_share_mmap(struct file *file, struct vm_area_struct *vma);
void cove_share_release(struct cove_vm *vm, bool lost);

/* cove_promote.c */
int cove_promote_vm(const struct cove_promote *arg);

/* cove_vcpu.c */
int cove_vcpu_create(struct cove_vm *vm, unsigned long id);
void cove_vcpu_free(struct cove_vcpu *vcpu);
void cove_vcpu_kick(struct cove_vcpu *vcpu);
void cove_vcpu_start(struct cove_vcpu *vcpu);

/* cove_debugfs.c */
void cove_debugfs_init(void);
void cove_debugfs_exit(void);
void cove_debugfs_add_vm(struct cove_vm *vm);
void cove_debugfs_remove_vm(struct cove_vm *vm);

#endif
