// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Life of a TVM: create, finalize, destroy (CoVE, TVM life cycle).
 */
#include "cove_internal.h"

#define GID_GENERATION_SHIFT 16

/* What other calls than destroy may find. */
static bool is_alive(const struct tvm *tvm)
{
	return tvm->state < TVM_PROMOTING ||
	       (tvm->state == TVM_PROMOTING && !COVE_DEFENCE(PROMOTE_HIDDEN));
}

static struct tvm *tvm_find(unsigned long gid, bool any)
{
	struct tvm_slot *slot = cove_slot_lock(gid);

	if (!slot)
		return NULL;
	if (any || is_alive(slot->tvm))
		return slot->tvm;
	arch_unlock(&slot->lock);
	return NULL;
}

/**
 * cove_tvm_get() - find a live TVM by the host's name for it and lock it
 * Return: NULL when there is none; else release it with cove_tvm_put()
 */
struct tvm *cove_tvm_get(unsigned long gid)
{
	return tvm_find(gid, false);
}

/**
 * cove_tvm_promoting() - find the TVM that a VM is becoming, and lock it
 * @hgatp: the VM's
 *
 * Return: NULL when there is none; else release it with cove_tvm_put()
 */
struct tvm *cove_tvm_promoting(unsigned long hgatp)
{
	unsigned int i;

	for (i = 0; i < COVE_MAX_TVMS && arch_load(&cove.npromoting); i++) {
		struct tvm_slot *slot = &cove.slot[i];

		if (arch_load(&slot->promoting) != hgatp)
			continue;
		arch_lock(&slot->lock);
		if (slot->promoting == hgatp)
			return slot->tvm;
		arch_unlock(&slot->lock);
	}
	return NULL;
}

static void promoting_end(struct tvm_slot *slot)
{
	if (slot->promoting)
		__atomic_fetch_sub(&cove.npromoting, 1, __ATOMIC_SEQ_CST);
	arch_store(&slot->promoting, 0UL);
}

/** cove_tvm_promoted() - the promotion of @tvm, which is locked, is complete */
void cove_tvm_promoted(struct tvm *tvm)
{
	promoting_end(cove_tvm_slot(tvm->id));
	tvm->state = TVM_RUNNABLE;
}

/** cove_tvm_relock() - lock a TVM that cannot go away because a vCPU of it runs on this hart */
void cove_tvm_relock(struct tvm *tvm)
{
	arch_lock(&cove_tvm_slot(tvm->id)->lock);
}

/** cove_tvm_count() - live TVMs */
unsigned int cove_tvm_count(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < COVE_MAX_TVMS; i++)
		n += arch_load(&cove.slot[i].tvm) != NULL;
	return n;
}

static struct tvm_slot *slot_claim(unsigned int *id)
{
	unsigned int i;

	for (i = 0; i < COVE_MAX_TVMS; i++) {
		struct tvm_slot *slot = &cove.slot[i];

		if (arch_load(&slot->tvm))
			continue;
		arch_lock(&slot->lock);
		if (!slot->tvm) {
			*id = PMPTABLE_ID_TVM_FIRST + i;
			return slot;
		}
		arch_unlock(&slot->lock);
	}
	return NULL;
}

static long take_pages(const struct tvm_create_params *p, unsigned int id)
{
	u64 root_pages = COVE_PAGE_DIRECTORY_SIZE / COVE_PAGE_SIZE;
	long rc;

	rc = cove_assign(p->tvm_page_directory_addr, root_pages, PMPTABLE_TVM_META(id));
	if (rc)
		return rc;
	rc = cove_assign(p->tvm_state_addr, COVE_TVM_STATE_PAGES, PMPTABLE_TVM_META(id));
	if (rc)
		cove_release(p->tvm_page_directory_addr, root_pages, PMPTABLE_TVM_META(id));
	return rc;
}

static struct tvm *tvm_init(const struct tvm_create_params *p, unsigned int id, unsigned long gid)
{
	struct tvm *tvm = arch_ptr(p->tvm_state_addr);

	if (COVE_DEFENCE(CLEAR_ROOT))
		cove_clear(p->tvm_page_directory_addr, COVE_PAGE_DIRECTORY_SIZE);
	if (COVE_DEFENCE(CLEAR_TVM_STATE))
		cove_clear(p->tvm_state_addr, COVE_TVM_STATE_PAGES * COVE_PAGE_SIZE);
	tvm->id = id;
	tvm->gid = gid;
	tvm->flags = p->tvm_flags;
	tvm->state = TVM_INITIALIZING;
	tvm->state_pa = p->tvm_state_addr;
	tvm->root = p->tvm_page_directory_addr;
	tvm->tcur = 1;
	cove_measure_platform(tvm);
	if (p->tvm_flags & COVE_TVM_F_IMPLICIT_MMIO)
		cove_covg_list(tvm, COVE_ALL_INTERRUPTS, true);
	return tvm;
}

/**
 * cove_tvm_new() - a TVM in state INITIALIZING
 * @params: pages, aligned, and flags, checked
 * @promotion: what it is for when its state is to be PROMOTING, else NULL
 * @gid: its name
 *
 * Return: INVALID_ADDRESS (the pages cannot be assigned), FAILED (no C-mode ID is free)
 */
long cove_tvm_new(const struct tvm_create_params *params, const struct cove_promotion *promotion,
		  unsigned long *gid)
{
	struct tvm_slot *slot;
	struct tvm *tvm;
	unsigned int id;
	long rc;

	slot = slot_claim(&id);
	if (!slot)
		return COVE_ERR_FAILED;
	rc = take_pages(params, id);
	if (!rc) {
		*gid = ++slot->generation << GID_GENERATION_SHIFT | id;
		tvm = tvm_init(params, id, *gid);
		if (promotion) {
			tvm->state = TVM_PROMOTING;
			tvm->promotion = *promotion;
			arch_store(&slot->promoting, promotion->hgatp);
			__atomic_fetch_add(&cove.npromoting, 1, __ATOMIC_SEQ_CST);
		}
		arch_store(&slot->tvm, tvm);
	}
	arch_unlock(&slot->lock);
	return rc;
}

/**
 * cove_create_tvm() - COVH create_tvm
 * @params: PA of struct tvm_create_params in the host's RAM
 * @len: its length; the flags are read when it is at least 24
 * @gid: the TVM's name
 *
 * Return: INVALID_ADDRESS (@params, or a PA inside), INVALID_PARAM (@len,
 * flags), FAILED (no C-mode ID is free)
 */
long cove_create_tvm(unsigned long params, unsigned long len, unsigned long *gid)
{
	struct tvm_create_params p = { 0 };

	if (len < TVM_CREATE_PARAMS_MIN_LEN)
		return COVE_ERR_INVALID_PARAM;
	if ((params & 7) || (COVE_DEFENCE(CREATE_PARAMS) && !cove_host_range(params, len)))
		return COVE_ERR_INVALID_ADDRESS;
	arch_memcpy(&p, arch_ptr(params), len < sizeof(p) ? TVM_CREATE_PARAMS_MIN_LEN : sizeof(p));
	if (COVE_DEFENCE(TVM_FLAGS) && (p.tvm_flags & ~COVE_TVM_F_ALL))
		return COVE_ERR_INVALID_PARAM;
	if ((COVE_DEFENCE(ROOT_ALIGNED) &&
	     (p.tvm_page_directory_addr & (COVE_PAGE_DIRECTORY_SIZE - 1))) ||
	    !cove_range_pages(p.tvm_state_addr, COVE_TVM_STATE_PAGES, COVE_TVM_STATE_PAGES))
		return COVE_ERR_INVALID_ADDRESS;
	return cove_tvm_new(&p, NULL, gid);
}

/* Their number is measured, so it must say which there are. */
static bool vcpus_in_order(const struct tvm *tvm)
{
	unsigned int i;

	for (i = 0; i < tvm->nvcpus; i++)
		if (!tvm->vcpu[i])
			return false;
	return tvm->nvcpus;
}

static long finalize_begin(struct tvm *tvm, unsigned long sepc, unsigned long arg,
			   unsigned long identity)
{
	if ((COVE_DEFENCE(FINALIZE_ONCE) && tvm->state != TVM_INITIALIZING) || !is_alive(tvm) ||
	    (COVE_DEFENCE(FILL_FIRST) && tvm->fill.pages) || tvm->tap_stage == TAP_OPENING ||
	    (COVE_DEFENCE(VCPUS_IN_ORDER) && !vcpus_in_order(tvm)))
		return COVE_ERR_INVALID_PARAM;
	if (identity) {
		arch_memcpy(tvm->identity, arch_ptr(identity), COVE_IDENTITY_LEN);
		tvm->has_identity = true;
	}
	tvm->identity_pa = identity;
	tvm->entry_sepc = sepc;
	tvm->entry_arg = arg;
	tvm->state = TVM_FINALIZING;
	return COVE_OK;
}

static long measure_and_settle(struct tvm *tvm)
{
	cove_measure_config(tvm);
	cove_job_tick(COVE_JOB_BLOCK);
	return cove_tap_settle(tvm);
}

/* The first step, or the next one of the same call */
static long finalize(struct tvm *tvm, unsigned long sepc, unsigned long arg, unsigned long identity)
{
	long rc;

	if (tvm->state == TVM_FINALIZING) {
		if (COVE_DEFENCE(FINALIZE_SAME_CALL) &&
		    (tvm->entry_sepc != sepc || tvm->entry_arg != arg ||
		     tvm->identity_pa != identity))
			return COVE_ERR_ALREADY_STARTED;
	} else {
		rc = finalize_begin(tvm, sepc, arg, identity);
		if (rc)
			return rc;
	}
	rc = cove_job_step(tvm, measure_and_settle);
	if (rc == COVE_AGAIN)
		return rc;
	if (!rc) {
		cove_vcpu_reset(tvm->vcpu[0], sepc, arg);
		tvm->vcpu[0]->state = VCPU_STARTED;
	}
	tvm->state = rc ? TVM_REFUSED : TVM_RUNNABLE;
	return rc;
}

/**
 * cove_finalize_tvm() - COVH finalize_tvm
 * @sepc: GPA of the first instruction of vCPU 0
 * @arg: its a1
 * @identity: 0 or PA of 64 bytes, 64-byte aligned, in the host's RAM
 *
 * Return: INVALID_PARAM (@gid, state, @identity, vCPU ids are not 0..n-1), AUTH (its TAP is
 * not for this TVM, which can only be destroyed now), FAILED (cove_job_step()), ALREADY_STARTED
 * (another such call has not come to its end), COVE_AGAIN
 */
long cove_finalize_tvm(unsigned long gid, unsigned long sepc, unsigned long arg,
		       unsigned long identity)
{
	struct tvm *tvm;
	long rc;

	if (identity && ((identity & (COVE_IDENTITY_LEN - 1)) ||
			 (COVE_DEFENCE(IDENTITY) && !cove_host_range(identity, COVE_IDENTITY_LEN))))
		return COVE_ERR_INVALID_PARAM;
	tvm = tvm_find(gid, true);
	if (!tvm)
		return COVE_ERR_INVALID_PARAM;
	rc = finalize(tvm, sepc, arg, identity);
	cove_tvm_put(tvm);
	return rc;
}

/** cove_tvm_wanted() - should a long call of this hart, which has locked @tvm, end its step? */
bool cove_tvm_wanted(const struct tvm *tvm)
{
	return cove_world_interrupted() || arch_lock_wanted(&cove_tvm_slot(tvm->id)->lock);
}

/** cove_tvm_running() - is one of its vCPUs running? */
bool cove_tvm_running(const struct tvm *tvm)
{
	unsigned int i;

	for (i = 0; i < COVE_MAX_VCPUS; i++)
		if (tvm->vcpu[i] && arch_load(&tvm->vcpu[i]->running))
			return true;
	return false;
}

/**
 * cove_destroy_tvm() - COVH destroy_tvm
 *
 * Its pages become unassigned but stay confidential; they are scrubbed when the
 * host reclaims them or another TVM gets them. No translation of the TVM
 * survives: every hart flushes when it leaves a TVM. Goes on in further calls
 * until all is released; the TVM is unknown to other calls from the first one on.
 *
 * Return: INVALID_PARAM (@gid), FAILED (a vCPU runs), COVE_AGAIN
 */
long cove_destroy_tvm(unsigned long gid)
{
	struct tvm *tvm = tvm_find(gid, true);
	struct tvm_slot *slot;
	unsigned int id;
	u64 state_pa;
	bool begun;

	if (!tvm)
		return COVE_ERR_INVALID_PARAM;
	if (COVE_DEFENCE(DESTROY_STOPPED) && cove_tvm_running(tvm)) {
		cove_tvm_put(tvm);
		return COVE_ERR_FAILED;
	}
	begun = tvm->state == TVM_DYING;
	/* a promotion that ends itself goes on with that, another is no longer to be found */
	if (!begun && !tvm->promotion.error)
		promoting_end(cove_tvm_slot(tvm->id));
	if (!begun)
		cove_teardown_begin(tvm);
	tvm->state = TVM_DYING;
	if ((!begun && cove_tvm_wanted(tvm)) || !cove_teardown_step(tvm)) {
		cove_tvm_put(tvm);
		return COVE_AGAIN;
	}
	id = tvm->id;
	state_pa = tvm->state_pa;
	slot = cove_tvm_slot(id);
	promoting_end(slot);
	arch_store(&slot->tvm, (struct tvm *)NULL);
	cove_release(state_pa, COVE_TVM_STATE_PAGES, PMPTABLE_TVM_META(id));
	arch_unlock(&slot->lock);
	return COVE_OK;
}

/**
 * cove_get_measurement() - CoveSBI get_measurement: an initial register of a finalized TVM
 * @index: COVE_MSMT_*; what the guest extends is no business of the host
 * @pa: buffer of at least COVE_HASH_LEN bytes (@len) in the host's RAM
 * @value: bytes written
 *
 * Return: INVALID_PARAM (@gid, state, @index, @len), INVALID_ADDRESS (@pa)
 */
long cove_get_measurement(unsigned long gid, unsigned long index, unsigned long pa,
			  unsigned long len, unsigned long *value)
{
	struct tvm *tvm;
	long rc = COVE_ERR_INVALID_PARAM;

	if (index >= COVE_MSMT_INITIAL || len < COVE_HASH_LEN)
		return COVE_ERR_INVALID_PARAM;
	if (COVE_DEFENCE(MEASUREMENT_BUFFER) && !cove_host_range(pa, COVE_HASH_LEN))
		return COVE_ERR_INVALID_ADDRESS;
	tvm = cove_tvm_get(gid);
	if (!tvm)
		return COVE_ERR_INVALID_PARAM;
	if (tvm->state == TVM_RUNNABLE) {
		arch_memcpy(arch_ptr(pa), tvm->msmt[index], COVE_HASH_LEN);
		*value = COVE_HASH_LEN;
		rc = COVE_OK;
	}
	cove_tvm_put(tvm);
	return rc;
}
