/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * State of the monitor (TSM), shared by the files of lib/sbi_cove.
 *
 * Lock order: tvm slot lock, then cove.convert_lock, then the PMP table's own
 * lock. None is held while waiting for another hart, and none while a TVM runs.
 */
#ifndef COVE_INTERNAL_H
#define COVE_INTERNAL_H

#include <cove/defence.h>
#include <cove/sbi_cove.h>
#include <cove_arch.h>
#include <cove_world.h>
#include <cove_world_run.h>
#include <pmptable/pmp.h>
#include <pmptable/pmptable.h>
#include "cove_job.h"
#include "cove_page.h"
#include "cove_walk.h"
#include "cove_window.h"
#include <sbi/riscv_encoding.h>

/* Not for the host: there is more to do, execute the ecall again. Interrupts come in between. */
#define COVE_AGAIN 1

/** struct cove_result - sbiret, in the registers a0 and a1 */
struct cove_result {
	long error;
	unsigned long value;
};

/* SBI return codes (SBI specification, table 1) */
#define COVE_OK			   0
#define COVE_ERR_FAILED		   (-1)
#define COVE_ERR_NOT_SUPPORTED	   (-2)
#define COVE_ERR_INVALID_PARAM	   (-3)
#define COVE_ERR_DENIED		   (-4)
#define COVE_ERR_INVALID_ADDRESS   (-5)
#define COVE_ERR_ALREADY_AVAILABLE (-6)
#define COVE_ERR_ALREADY_STARTED   (-7)
#define COVE_ERR_NO_SHMEM	   (-9)
/* CoVE names these without a number (reference A3). */
#define COVE_ERR_OUT_OF_PTPAGES COVE_ERR_FAILED
#define COVE_ERR_OUT_OF_MEMORY	COVE_ERR_FAILED

#define COVE_PAGE_SIZE PMPTABLE_PAGE_SIZE
#define COVE_PAGE_MASK (COVE_PAGE_SIZE - 1)

/* Pages that one step of a call copies and hashes, or erases (docs/design.md has the figures). */
#define COVE_STEP_MEASURED 8UL
#define COVE_STEP_SCRUB	   COVE_MAX_SCRUB_PAGES
#define COVE_STEP_RECLAIM  16UL

/* Levels of G-stage leaves are the tsm_page_type of their size. */
#define COVE_LEVEL_MAX COVE_PAGE_1G

/* Registers of a vCPU's call */
#define COVE_GPR_A0	10
#define COVE_A(vcpu, n) ((vcpu)->gpr[COVE_GPR_A0 + (n)])

/* Numbers of external interrupts: as many as AIA has */
#define COVE_MAX_INTERRUPT   2047
#define COVE_INTERRUPT_WORDS ((COVE_MAX_INTERRUPT + 1) / 64)
#define COVE_ALL_INTERRUPTS  (~0UL)

#define COVE_MAX_LEVELS	     5
#define COVE_HASH_CTX_WORDS  32 /* room for mbedTLS's context */
#define COVE_MAX_TVMS	     1024
#define COVE_MAX_INTERVALS   128
#define COVE_MAX_CONVERSIONS 64
#define COVE_TVM_PAGES	     3 /* struct tvm; struct cove_evidence and struct cove_job follow */
#define COVE_EVIDENCE_PAGES  6
#define COVE_TVM_STATE_PAGES (COVE_TVM_PAGES + COVE_EVIDENCE_PAGES + COVE_JOB_PAGES)

/**
 * struct cove_conversion - a range whose conversion may not be fenced yet
 * @base, @end: physical range
 * @version: global fence version at conversion; done once every started hart
 *	has acknowledged a later one
 */
struct cove_conversion {
	u64 base;
	u64 end;
	u64 version;
};

/** enum cove_pin_kind - what a hart may have registered memory for, once each */
enum cove_pin_kind { COVE_PIN_NACL, COVE_PIN_DBTR, COVE_PIN_MPXY, COVE_PIN_KINDS };

/** struct cove_pin - physical range that cannot be converted; none when @len is 0 */
struct cove_pin {
	u64 base;
	u64 len;
};

/** struct cove_trigger_msg - entry of the DBTR shared memory */
struct cove_trigger_msg {
	unsigned long state;
	unsigned long tdata1;
	unsigned long tdata2;
	unsigned long tdata3;
};

/**
 * struct cove_stuck - refills of one neighbourhood of the host's code
 * @pc, @va: an access that was refilled, @count: how often it came back
 * @age: refills since; after @patience of them another access is watched
 * @open_pc, @open_va: the last fault with no entry in the way
 * @since, @spent, @refills: time when the last few refills began, time that they
 *	took, how many they are
 * @credit: how many windows are opened without asking again
 */
struct cove_stuck {
	unsigned long pc;
	unsigned long va;
	unsigned int count;
	unsigned int age;
	unsigned int patience;
	unsigned long open_pc;
	unsigned long open_va;
	unsigned long since;
	unsigned long spent;
	unsigned int refills;
	unsigned int credit;
};

/**
 * struct cove_hart - a hart's part of the monitor
 * What a world switch needs comes first: near enough for one load.
 * @started: the hart runs the host (HSM), so it must acknowledge fences
 * @long_way: run calls take OpenSBI's trap frame, too: an event (SSE) may come
 * @ack: last global fence version that this hart has acknowledged
 * @pmp_version: pmptable version that its PMP entries describe
 * @pmp: the entries as the CSRs hold them; @next: to derive them; @plan: what they are for
 * @window: where the entries do not suffice
 * @stuck: whether refills get the host any further
 * @refills, @windows: for statistics
 * @sending: it sends IPIs or fences, perhaps to a hart that stops
 * @pin: memory that M-mode uses for the host in later calls
 * @reclaim_pa, @reclaim_n, @reclaim_version: the range that it is reclaiming was looked at as a
 *	whole, and with this version of the table nobody has given or taken pages since
 * @promote_cursor: where the first step of a promotion, of the VM of @promote_hgatp, goes on to
 *	look for memory
 * @triggers: the host's triggers that are armed, a bit each
 * @trigger_msg: M-mode's copy of the DBTR shared memory
 * @job: the work that it does on that work's stack, NULL: none
 * @host: the host's state while a TVM runs
 */
struct cove_hart {
	bool started;
	bool long_way;
	u32 triggers;
	struct cove_pin pin[COVE_PIN_KINDS];
	struct cove_host_state host;
	struct pmp_plan plan;
	struct cove_window window;
	u64 ack;
	unsigned long pmp_version;
	struct pmp_config pmp;
	struct pmp_config next;
	struct cove_stuck stuck;
	unsigned long refills;
	unsigned long windows;
	unsigned int sending;
	u64 reclaim_pa;
	u64 reclaim_n;
	unsigned long reclaim_version;
	u64 promote_cursor;
	unsigned long promote_hgatp;
	struct cove_trigger_msg trigger_msg[COVE_MAX_TRIGGERS];
	struct cove_job *job;
};

/**
 * enum tvm_state - PROMOTING: good for promote_to_tvm and destroy only, FINALIZING for finalize and
 *	destroy; DYING, and REFUSED (by its TAP, or its call was given up): for destroy only
 */
enum tvm_state {
	TVM_INITIALIZING,
	TVM_RUNNABLE,
	TVM_PROMOTING, /* from here on it is not for other calls */
	TVM_FINALIZING,
	TVM_REFUSED,
	TVM_DYING,
};

/** enum tap_stage - of a TVM's TAP, which is gone when the TVM runs */
enum tap_stage { TAP_NONE, TAP_OPENING, TAP_OPEN };

enum region_type {
	REGION_NONE, /* not covered by any interval */
	REGION_CONF,
	REGION_CONF_REMOVABLE, /* guest asked to share, host has not answered */
	REGION_SHARED,
	REGION_SHARED_REMOVABLE, /* guest asked to unshare */
	REGION_MMIO,
};

/** struct cove_interval - GPAs [start, end) of one type; sorted, disjoint */
struct cove_interval {
	u64 start;
	u64 end;
	u64 type;
};

/**
 * struct cove_fill - measured or zero pages on their way into a TVM
 * @src: PA of their contents; 0: zeros
 * @pa: where they are; the TVM's already, but not mapped
 * @level: of their leaves
 * @pages: 4 KiB pages, 0 when there is no fill; @done of them have their contents
 * @copied: so does the next one, but it is not all measured yet
 * @msmt: the measurement before, should the fill fail
 */
struct cove_fill {
	u64 src;
	u64 pa;
	u64 gpa;
	u64 pages;
	u64 done;
	bool copied;
	unsigned int level;
	u8 msmt[COVE_HASH_LEN];
};

/** struct cove_give - pages [@next, @end) of the range from @pa, the TVM's already, are to join its
 * pool; none when they are equal */
struct cove_give {
	u64 pa;
	u64 next;
	u64 end;
};

/** struct cove_page_hash - a page that is being measured: up to @at; @ctx is mbedTLS's */
struct cove_page_hash {
	u64 at;
	u64 ctx[COVE_HASH_CTX_WORDS];
};

/**
 * struct cove_promotion - promote_to_tvm on its way
 * @hgatp, @fdt, @tap, @sepc, @identity_pa: the call that it is
 * @part: what is to be done next, @error: why nothing more is
 * @tree: PA of the copy of the device tree, 0 when there is none, @tree_size bytes of it
 * @tap_len: bytes of the TAP
 * @nvcpus: that the tree has
 * @cursor: where to look for memory
 * @spare: a data page of the TVM that is not mapped yet, 0 when there is none
 * @interval, @offset: memory of the VM to look at next
 * @scanned, @copied: pages of the VM so far
 * @identity, @gpr, @vsstatus and the other registers: as they were in the first step
 */
struct cove_promotion {
	unsigned long hgatp;
	unsigned long fdt;
	unsigned long tap;
	unsigned long sepc;
	unsigned long identity_pa;
	unsigned int part;
	unsigned int nvcpus;
	long error;
	u64 tree;
	u64 tree_size;
	u64 tap_len;
	u64 cursor;
	u64 spare;
	unsigned int interval;
	u64 offset;
	u64 scanned;
	u64 copied;
	u8 identity[COVE_IDENTITY_LEN];
	unsigned long gpr[32];
	unsigned long vsstatus;
	unsigned long vsie;
	unsigned long hvip;
	unsigned long vstvec;
	unsigned long vsscratch;
	unsigned long vsepc;
	unsigned long vscause;
	unsigned long vstval;
	unsigned long vsatp;
};

/**
 * struct tvm - a confidential VM; lives in pages that the host donated
 * @id: C-mode ID, also the VMID modulo its width
 * @gid: what the host calls it
 * @flags: COVE_TVM_F_*
 * @root: PA of the G-stage root
 * @pt_pool: PA of the first free page-table page, each holds the next one's PA
 * @pt_limbo, @pt_limbo_last: tables out of use that a hart may still read, oldest first
 * @tcur: version of the TVM fence
 * @interrupt_list: numbers of external interrupts that the guest allows
 * @interrupts_allowed: it allows any
 * @reset_type, @reset_reason: what the guest asked for when it ended
 * @identity_pa: where the host had @identity
 * @msmt: measurement registers; those of the platform since it was created
 * @region: declared regions as they were added (measured at finalize)
 * @interval: what GPAs are now
 * @fill: pages that a call has not finished adding
 * @give: page-table pages that a call has not finished adding
 * @hash: a page that a call has not finished measuring
 * @end: how far the TVM's end has come: the entry of a table of each level
 * @promotion: in TVM_PROMOTING, or when it failed
 * @tap_pa: where the host has the TAP that is being opened
 * @secret: what local attestation has released, @secret_len bytes, 0: nothing
 */
struct tvm {
	unsigned int id;
	enum tvm_state state;
	unsigned long gid;
	unsigned long flags;
	u64 state_pa;
	u64 root;
	u64 pt_pool;
	u64 pt_free;
	u64 pt_limbo;
	u64 pt_limbo_last;
	u64 tcur;
	unsigned long entry_sepc;
	unsigned long entry_arg;
	u64 htimedelta;
	bool htimedelta_set;
	u64 interrupt_list[COVE_INTERRUPT_WORDS];
	bool interrupts_allowed;
	bool ended;
	unsigned long reset_type;
	unsigned long reset_reason;
	bool has_identity;
	unsigned long identity_pa;
	u8 identity[COVE_IDENTITY_LEN];
	u8 msmt[COVE_MSMT_COUNT][COVE_HASH_LEN];
	unsigned int nvcpus;
	struct cove_vcpu *vcpu[COVE_MAX_VCPUS];
	unsigned int nregions;
	struct cove_interval region[COVE_MAX_REGIONS];
	unsigned int nintervals;
	struct cove_interval interval[COVE_MAX_INTERVALS];
	struct cove_fill fill;
	struct cove_give give;
	struct cove_page_hash hash;
	unsigned int end[COVE_MAX_LEVELS];
	struct cove_promotion promotion;
	enum tap_stage tap_stage;
	u64 tap_pa;
	u64 secret_len;
	u8 secret[COVE_MAX_SECRET];
};
_Static_assert(sizeof(struct tvm) <= COVE_TVM_PAGES * 4096, "struct tvm outgrew its pages");

/**
 * struct tvm_slot - one C-mode ID; outside of the TVM so that a lock outlives it
 * @lock: guards all of the TVM but what its running vCPUs own
 * @promoting: hgatp of the VM whose promotion is on its way, 0: none
 */
struct tvm_slot {
	arch_lock_t lock;
	struct tvm *tvm;
	unsigned long generation;
	unsigned long promoting;
};

/** enum cove_dialect - whose numbers the host's calls have: the specification's, or those of 2023
 */
enum cove_dialect { COVE_DIALECT_CURRENT, COVE_DIALECT_RFC, COVE_DIALECTS };

/**
 * struct cove - the monitor
 * @active: the machine can run TVMs
 * @dialect: set once, before the first call
 * @pmp: fixed permissions of firmware and devices, as the root domain has them
 * @barrier: 16 KiB of zeros in the monitor's memory, a root that no hart's walker may read
 * @gfences: how often the host has asked for a second-stage fence on other harts
 * @gcur: version of the global fence
 * @hash_part: how much of a page a hart hashes before it looks up, in bytes, 0: a block
 * @npromoting: slots whose promotion is on its way
 * @convert_lock: guards @conversion, @gcur and pairs of check and transition
 */
struct cove {
	bool active;
	enum cove_dialect dialect;
	struct pmptable table;
	unsigned long table_bytes;
	struct pmp_fixed pmp;
	u64 barrier;
	unsigned long gfences;
	unsigned int nharts;
	struct cove_hart *hart[ARCH_MAX_HARTS];
	unsigned int vlenb;
	unsigned int gstage_levels;
	unsigned long gstage_mode;
	unsigned long vmid_mask;
	arch_lock_t convert_lock;
	u64 gcur;
	unsigned int npromoting;
	unsigned int hash_part;
	unsigned int nconversions;
	struct cove_conversion conversion[COVE_MAX_CONVERSIONS];
	struct tvm_slot slot[COVE_MAX_TVMS];
};

extern struct cove cove;

static inline struct cove_hart *cove_this_hart(void)
{
	return cove.hart[arch_hart()];
}

/* cove_tsm.c: TSM information and PMP of this hart */
long cove_get_tsm_info(unsigned long pa, unsigned long len, unsigned long *value);
long cove_get_stats(unsigned long pa, unsigned long len, unsigned long *value);
int cove_hart_online(struct cove_hart *hart);
void cove_hart_offline(struct cove_hart *hart);
bool cove_hart_pmp_stale(struct cove_hart *hart);
int cove_hart_pmp_derive(struct cove_hart *hart);
bool cove_host_range(u64 pa, u64 len);
unsigned long cove_vcpu_state_pages(void);

/** cove_job_tick() - a part of some work is done: @weight is COVE_JOB_* */
static inline void cove_job_tick(int weight)
{
	struct cove_hart *hart = cove_this_hart();
	struct cove_job *job = hart ? hart->job : NULL;

	if (job && (job->patience -= weight) <= 0)
		cove_job_look_up(job);
}

/* cove_convert.c: conversion of memory, fences */
void cove_conversions_prune(void);
long cove_convert_pages(unsigned long pa, unsigned long n);
long cove_reclaim_pages(unsigned long pa, unsigned long n);
long cove_global_fence(void);
long cove_local_fence(void);
int cove_assign(u64 pa, u64 n, pmptable_field_t to);
void cove_release(u64 pa, u64 n, pmptable_field_t from);
bool cove_range_pages(u64 pa, u64 n, u64 max);

#define COVE_GID_ID_MASK 0xffffUL

static inline struct tvm_slot *cove_tvm_slot(unsigned long id)
{
	return &cove.slot[id - PMPTABLE_ID_TVM_FIRST];
}

/** cove_tvm_put() - unlock a TVM */
static inline void cove_tvm_put(struct tvm *tvm)
{
	arch_unlock(&cove_tvm_slot(tvm->id)->lock);
}

/**
 * cove_slot_lock() - lock the slot of the TVM that the host calls @gid, in whatever state
 * Return: NULL when there is none
 */
ARCH_INLINE struct tvm_slot *cove_slot_lock(unsigned long gid)
{
	unsigned long i = (gid & COVE_GID_ID_MASK) - PMPTABLE_ID_TVM_FIRST;
	struct tvm_slot *slot;

	if (unlikely(i >= COVE_MAX_TVMS))
		return NULL;
	slot = &cove.slot[i];
	arch_lock(&slot->lock);
	if (likely(slot->tvm && (slot->tvm->gid == gid || !COVE_DEFENCE(GID_GENERATION))))
		return slot;
	arch_unlock(&slot->lock);
	return NULL;
}

/* cove_tvm.c: life of a TVM */
struct tvm *cove_tvm_get(unsigned long gid);
void cove_tvm_relock(struct tvm *tvm);
struct tvm *cove_tvm_promoting(unsigned long hgatp);
void cove_tvm_promoted(struct tvm *tvm);
long cove_tvm_new(const struct tvm_create_params *params, const struct cove_promotion *promotion,
		  unsigned long *gid);
long cove_create_tvm(unsigned long params, unsigned long len, unsigned long *gid);
long cove_finalize_tvm(unsigned long gid, unsigned long sepc, unsigned long arg,
		       unsigned long identity);
long cove_destroy_tvm(unsigned long gid);
bool cove_tvm_running(const struct tvm *tvm);
bool cove_tvm_wanted(const struct tvm *tvm);
long cove_get_measurement(unsigned long gid, unsigned long index, unsigned long pa,
			  unsigned long len, unsigned long *value);
unsigned int cove_tvm_count(void);

/* cove_region.c: what GPAs are */
enum region_type cove_region_type(const struct tvm *tvm, u64 gpa);
bool cove_region_is(const struct tvm *tvm, u64 gpa, u64 len, enum region_type a,
		    enum region_type b);
int cove_region_set(struct tvm *tvm, u64 gpa, u64 len, enum region_type type);
int cove_region_add(struct tvm *tvm, u64 gpa, u64 len, enum region_type type);
void cove_region_remove_mmio(struct tvm *tvm, u64 gpa, u64 len);
bool cove_gpa_range(u64 gpa, u64 len);
long cove_add_memory_region(unsigned long gid, unsigned long gpa, unsigned long len);

/* cove_gstage.c: the G-stage tables */
enum gstage_leaf { GSTAGE_NONE, GSTAGE_DATA, GSTAGE_SHARED, GSTAGE_BLOCKED, GSTAGE_BLOCKED_SHARED };

/**
 * struct gstage_at - a leaf or a hole
 * @level: of the entry
 * @pa: what the GPA asked for is mapped to
 * @end: first GPA behind it
 */
struct gstage_at {
	enum gstage_leaf kind;
	unsigned int level;
	u64 pa;
	u64 end;
};

/** cove_level_size() - bytes that a leaf of @level maps */
static inline u64 cove_level_size(unsigned int level)
{
	return COVE_PAGE_SIZE << (9 * level);
}

void cove_gstage_at(const struct tvm *tvm, u64 gpa, struct gstage_at *at);
enum gstage_leaf cove_gstage_get(const struct tvm *tvm, u64 gpa, u64 *pa);
bool cove_gstage_empty(const struct tvm *tvm, u64 gpa, u64 len);
void cove_gstage_pool_add(struct tvm *tvm, u64 pa);
u64 cove_gstage_pool_take(struct tvm *tvm);
bool cove_gstage_reserve(struct tvm *tvm, u64 gpa, u64 n, unsigned int level);
void cove_gstage_map(struct tvm *tvm, u64 gpa, u64 pa, unsigned int level, bool shared);
void cove_gstage_map_run(struct tvm *tvm, u64 gpa, u64 pa, u64 n, unsigned int level, bool shared);
void cove_gstage_block(struct tvm *tvm, u64 gpa);
void cove_gstage_unblock(struct tvm *tvm, u64 gpa);
unsigned int cove_gstage_blocked_version(const struct tvm *tvm, u64 gpa);
void cove_gstage_clear(struct tvm *tvm, u64 gpa);
bool cove_gstage_isolate(struct tvm *tvm, u64 gpa, u64 len);
bool cove_gstage_split(struct tvm *tvm, u64 gpa, unsigned int level);
bool cove_gstage_join(struct tvm *tvm, u64 gpa, unsigned int level);
unsigned long cove_gstage_hgatp(const struct tvm *tvm);
u64 cove_gstage_gpa_limit(void);

/* cove_promote.c: a TVM out of an ordinary VM */
long cove_promote_to_tvm(unsigned long fdt, unsigned long tap, unsigned long sepc,
			 unsigned long identity, unsigned long *gid);
void cove_promote_release(struct tvm *tvm);

/* cove_destroy.c: the end of a TVM */
void cove_teardown_begin(struct tvm *tvm);
bool cove_teardown_step(struct tvm *tvm);

/* cove_pages.c: pages of a TVM */
void cove_pt_give(struct tvm *tvm, u64 pa);
void cove_unpin_shared(u64 pa, u64 n);
long cove_add_page_table_pages(unsigned long gid, unsigned long pa, unsigned long n);
long cove_add_measured_pages(unsigned long gid, unsigned long src, unsigned long dst,
			     unsigned long type, unsigned long n, unsigned long gpa);
long cove_add_zero_pages(unsigned long gid, unsigned long pa, unsigned long type, unsigned long n,
			 unsigned long gpa);
long cove_add_shared_pages(unsigned long gid, unsigned long pa, unsigned long type, unsigned long n,
			   unsigned long gpa);

/* cove_resize.c: leaves of other sizes */
long cove_promote_page(unsigned long gid, unsigned long gpa, unsigned long type);
long cove_demote_page(unsigned long gid, unsigned long gpa, unsigned long type);

/* cove_unmap.c: taking pages away from a TVM */
bool cove_tvm_fenced(const struct tvm *tvm, u64 version);
long cove_tvm_fence(unsigned long gid);
long cove_invalidate_pages(unsigned long gid, unsigned long gpa, unsigned long len);
long cove_validate_pages(unsigned long gid, unsigned long gpa, unsigned long len);
long cove_remove_pages(unsigned long gid, unsigned long gpa, unsigned long len);

/* cove_measure.c: SHA-384 registers */
bool cove_measure_page(struct tvm *tvm, u64 gpa, const void *page);
void cove_measure_config(struct tvm *tvm);
void cove_measure_boot(struct tvm *tvm, const struct cove_vcpu *vcpu);
void cove_measure_platform(struct tvm *tvm);
void cove_measure_forget(struct tvm *tvm);
void cove_measure_runtime(struct tvm *tvm, unsigned int index, const u8 *digest);

/* cove_vcpu.c: vCPUs and running them */
void cove_vcpu_new(struct tvm *tvm, unsigned int id, u64 pa);
long cove_create_vcpu(unsigned long gid, unsigned long id, unsigned long pa);
void cove_tvm_start_clock(struct tvm *tvm);
long cove_run_vcpu(unsigned long gid, unsigned long id, unsigned long *value);
struct cove_result cove_host_run(unsigned long gid, unsigned long id);
void cove_vcpu_reset(struct cove_vcpu *vcpu, unsigned long pc, unsigned long arg);
void cove_vcpu_kick(struct cove_vcpu *vcpu);

/* cove_exit.c: a trap of a TVM */
enum exit_action cove_handle_exit(struct tvm *tvm, struct cove_vcpu *vcpu);
enum exit_action cove_exit_wfi(struct cove_vcpu *vcpu);
void cove_inject(struct cove_vcpu *vcpu, unsigned long cause, unsigned long tval);

/* cove_mmio.c: decoding of loads and stores */
bool cove_mmio_decode(unsigned long insn, struct cove_mmio *mmio);
unsigned long cove_mmio_htinst(const struct cove_mmio *mmio);
unsigned long cove_mmio_extend(const struct cove_mmio *mmio, unsigned long value);
enum mmio_result { MMIO_EXIT, MMIO_RETRY, MMIO_REFUSED };
enum mmio_result cove_mmio_exit(struct cove_vcpu *vcpu, u64 gpa);
void cove_mmio_complete(struct cove_vcpu *vcpu, unsigned long value);

/* cove_guest_*.c, cove_covg.c: calls of a TVM */
enum exit_action cove_guest_quick(struct cove_vcpu *vcpu);
enum exit_action cove_guest_ecall(struct tvm *tvm, struct cove_vcpu *vcpu);
enum exit_action cove_guest_hsm(struct tvm *tvm, struct cove_vcpu *vcpu);
enum exit_action cove_guest_srst(struct tvm *tvm, struct cove_vcpu *vcpu);
enum exit_action cove_guest_ended(struct tvm *tvm, struct cove_vcpu *vcpu);
enum exit_action cove_guest_end(struct tvm *tvm, struct cove_vcpu *vcpu, u32 type, u32 reason);
enum exit_action cove_guest_wake(struct cove_vcpu *vcpu);
void cove_guest_suspended(struct cove_vcpu *vcpu);
enum exit_action cove_guest_dbcn(struct tvm *tvm, struct cove_vcpu *vcpu);
void cove_guest_console_read(struct tvm *tvm, struct cove_vcpu *vcpu, long host_error,
			     unsigned long n);
enum exit_action cove_guest_inform(struct cove_vcpu *vcpu, unsigned int nargs);
enum exit_action cove_guest_return(struct cove_vcpu *vcpu, long error, unsigned long value);
bool cove_guest_reach_siblings(struct tvm *tvm);
enum exit_action cove_guest_covg(struct tvm *tvm, struct cove_vcpu *vcpu);
void cove_covg_list(struct tvm *tvm, unsigned long id, bool allow);
long cove_covg_complete(struct tvm *tvm, struct cove_vcpu *vcpu, long host_error);

/* cove_covg_attest.c: calls of a TVM about its measurement; buffers that it names */
bool cove_guest_confidential(const struct tvm *tvm, u64 gpa, u64 len);
bool cove_guest_page(const struct tvm *tvm, u64 gpa, u64 *pa);
enum exit_action cove_guest_populate(struct cove_vcpu *vcpu, unsigned long fault, u64 gpa);
enum exit_action cove_covg_get_attcaps(struct tvm *tvm, struct cove_vcpu *vcpu);
enum exit_action cove_covg_extend_measurement(struct tvm *tvm, struct cove_vcpu *vcpu);
enum exit_action cove_covg_read_measurement(struct tvm *tvm, struct cove_vcpu *vcpu);

/* cove_evidence.c: evidence of a TVM */
enum exit_action cove_covg_get_evidence(struct tvm *tvm, struct cove_vcpu *vcpu);
void cove_evidence_drop(struct tvm *tvm, const struct cove_vcpu *vcpu);

/* cove_secret.c: local attestation */
u8 *cove_tap_buffer(struct tvm *tvm);
long cove_tap_begin(struct tvm *tvm, size_t len);
long cove_tap_continue(struct tvm *tvm);
long cove_tap_settle(struct tvm *tvm);
void cove_tap_forget(struct tvm *tvm);
long cove_set_tap(unsigned long gid, unsigned long pa, unsigned long len);
enum exit_action cove_covg_retrieve_secret(struct tvm *tvm, struct cove_vcpu *vcpu);

/* cove_nacl.c: shared memory with the host */
long cove_nacl_set_shmem(unsigned long lo, unsigned long hi, unsigned long flags);

static inline volatile unsigned long *cove_nacl_word(unsigned long offset)
{
	return arch_ptr(cove_this_hart()->pin[COVE_PIN_NACL].base + offset);
}

/** cove_nacl_read() - copy one word that the host wrote; read once, check the copy */
static inline unsigned long cove_nacl_read(unsigned long offset)
{
	return *cove_nacl_word(offset);
}

/** cove_vcpu_nacl() - the same memory while @vcpu runs, found sooner */
static inline volatile unsigned long *cove_vcpu_nacl(const struct cove_vcpu *vcpu,
						     unsigned long offset)
{
	return arch_ptr(vcpu->nacl + offset);
}

/** cove_nacl_write() - tell the host */
static inline void cove_nacl_write(unsigned long offset, unsigned long value)
{
	*cove_nacl_word(offset) = value;
}

/**
 * cove_exit_report() - what the host learns of an exit
 * scause and stval are CSRs of the host, written when the worlds have been
 * switched back; htval and htinst are in the NACL memory.
 */
static inline enum exit_action cove_exit_report(struct cove_vcpu *vcpu, unsigned long scause,
						unsigned long stval, unsigned long htval,
						unsigned long htinst)
{
	volatile unsigned long *nacl = cove_vcpu_nacl(vcpu, 0);

	vcpu->exit_scause = scause;
	vcpu->exit_stval = stval;
	nacl[NACL_CSR_OFFSET(CSR_HTVAL) / 8] = htval;
	nacl[NACL_CSR_OFFSET(CSR_HTINST) / 8] = htinst;
	return EXIT_HOST;
}

/** cove_guest_forward() - tell the host of a call: a6, a7 and the first @nargs arguments, no other
 * register */
ARCH_INLINE enum exit_action cove_guest_forward(struct cove_vcpu *vcpu, unsigned int nargs)
{
	volatile unsigned long *host = cove_vcpu_nacl(vcpu, NACL_GPR_OFFSET(COVE_GPR_A0));

	if (!COVE_DEFENCE(FORWARD_ARGUMENTS))
		nargs = 6;
	host[0] = nargs > 0 ? COVE_A(vcpu, 0) : 0;
	host[1] = nargs > 1 ? COVE_A(vcpu, 1) : 0;
	host[2] = nargs > 2 ? COVE_A(vcpu, 2) : 0;
	host[3] = nargs > 3 ? COVE_A(vcpu, 3) : 0;
	host[4] = nargs > 4 ? COVE_A(vcpu, 4) : 0;
	host[5] = nargs > 5 ? COVE_A(vcpu, 5) : 0;
	host[6] = COVE_A(vcpu, 6) & COVE_FID_MASK;
	host[7] = COVE_A(vcpu, 7);
	return cove_exit_report(vcpu, COVE_CAUSE_GUEST_ECALL, 0, 0, 0);
}

/* cove_refill.c: host accesses that the PMP denies and the table grants */
enum cove_refill {
	REFILL_RETRY,	/* entries were filled */
	REFILL_NOTHING, /* none is in the way: the translation changed, or hardware has a reason */
	REFILL_REFUSED, /* the host may not: hardware's fault stands */
	REFILL_SHORT,	/* the access needs more entries than there are */
};
enum cove_refill cove_refill(struct cove_hart *hart, const struct cove_walk_env *env,
			     enum cove_walk_access access, u64 va);

/**
 * struct cove_host_trap - a trap of the host, from HS- or U-mode or one of its VMs
 * @gpr: its registers, 32 of them
 * @pc, @mstatus, @cause, @tval, @tval2, @tinst: the M-mode trap CSRs
 * @gva: @tval is an address of a guest. Not mstatus.GVA: QEMU does not clear that
 */
struct cove_host_trap {
	unsigned long *gpr;
	unsigned long pc;
	unsigned long mstatus;
	unsigned long cause;
	unsigned long tval;
	unsigned long tval2;
	unsigned long tinst;
	bool gva;
};

/* cove_host_trap.c: what is the monitor's in a trap of the host */
enum cove_host_action {
	HOST_RESUME,   /* the host goes on as the trap says */
	HOST_REDIRECT, /* the host, or its VM, gets the trap */
	HOST_OPENSBI,  /* OpenSBI handles the trap */
};
enum cove_host_action cove_host_trap(struct cove_host_trap *t);
void cove_host_deliver(struct cove_host_trap *t, enum cove_walk_status status,
		       enum cove_walk_access access, u64 va, const struct cove_walk *walk);
bool cove_host_may(u64 pa);

/* cove_window.c: the host, or its VM, on translations checked by the monitor */
enum cove_window_result {
	WINDOW_OPEN,	/* the window is open: resume */
	WINDOW_DELIVER, /* the host may not, or the trap has become the fault to deliver */
	WINDOW_NATIVE,	/* the window is no help: hardware's own fault, or another try */
};
void cove_window_init(struct cove_window *w, u64 tables);
struct pmp_region cove_window_region(const struct cove_window *w);
enum cove_window_result cove_host_window_fault(struct cove_hart *hart,
					       const struct cove_walk_env *env,
					       enum cove_walk_access access, u64 va,
					       struct cove_host_trap *t);
void cove_vm_window_open(struct cove_hart *hart, struct cove_host_trap *t);
enum cove_window_result cove_vm_window_fault(struct cove_hart *hart, enum cove_walk_access access,
					     u64 gpa, struct cove_host_trap *t);
void cove_window_close(struct cove_hart *hart, struct cove_host_trap *t);
void cove_vm_window_leave(struct cove_hart *hart, struct cove_host_trap *t);
unsigned long cove_window_read_atp(const struct cove_hart *hart, enum cove_world_atp which);
void cove_window_write_atp(struct cove_hart *hart, struct cove_host_trap *t,
			   enum cove_world_atp which, unsigned long value);
void cove_window_fence(struct cove_hart *hart, const u64 *va);
void cove_window_forget(struct cove_hart *hart);
void cove_window_env(const struct cove_hart *hart, struct cove_walk_env *env, unsigned long mstatus,
		     bool gva);

/* cove_host_insn.c: instructions of the host that the monitor carries out */
bool cove_trapped_insn(struct cove_hart *hart, struct cove_host_trap *t);
bool cove_is_hlv(const struct cove_host_trap *t);
bool cove_is_cbo(const struct cove_host_trap *t);
enum cove_host_action cove_hlv_emulate(struct cove_host_trap *t);

/* cove_host_access.c: memory as the host sees it, for M-mode */
enum cove_walk_status cove_host_load(const struct cove_walk_env *env, enum cove_walk_access access,
				     u64 va, void *data, unsigned int len, struct cove_walk *walk,
				     u64 *fault);
enum cove_walk_status cove_host_store(const struct cove_walk_env *env, u64 va, const void *data,
				      unsigned int len, struct cove_walk *walk, u64 *fault);

/* cove_pin.c: memory that M-mode uses for the host in later calls */
long cove_pin_set(enum cove_pin_kind kind, u64 base, u64 len);
void cove_pin_clear(enum cove_pin_kind kind);
void cove_pin_clear_all(struct cove_hart *hart);
const struct cove_pin *cove_pin_get(enum cove_pin_kind kind);
bool cove_pinned(u64 pa, u64 n);

/* cove_trigger.c: the host's hardware triggers */
bool cove_trigger_allowed(unsigned long tdata1);
unsigned long cove_trigger_parked(unsigned long tdata1);

/* cove_host.c: the call table */
#define COVE_NO_FID  (~0UL)
#define COVE_FID_END 26 /* every call's number is lower */

typedef long (*cove_call_handler_t)(const unsigned long *a, unsigned long *value);

/**
 * struct cove_call - a call of the host
 * @fid: its function ID in each dialect, COVE_NO_FID where it has none
 * @name: as the specification has it, without prefix
 */
struct cove_call {
	unsigned long eid;
	unsigned long fid[COVE_DIALECTS];
	cove_call_handler_t handler;
	const char *name;
};
extern const struct cove_call cove_host_calls[];
extern const unsigned int cove_host_ncalls;

const struct cove_call *cove_host_find(unsigned long eid, unsigned long fid);
long cove_host_call(unsigned long eid, unsigned long a6, const unsigned long *a,
		    unsigned long *value);

#endif
