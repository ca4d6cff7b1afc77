// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Software walk of the host's translation. Each PTE is read once; where it
 * lies is checked against the PMP table before.
 */
#include "cove_internal.h"
#include "cove_pte.h"
#include "cove_walk.h"

#define LEVEL_BITS	 9
#define MAX_RACES	 8
#define NAPOT_64K	 8
#define GSTAGE_EXTRA	 2
#define LEVEL_MASK	 ((1UL << LEVEL_BITS) - 1)
#define GSTAGE_ROOT_MASK ((1UL << (LEVEL_BITS + GSTAGE_EXTRA)) - 1)
#define NO_LEVEL	 5 /* above all */

/* struct stage - one of the two translations */
struct stage {
	u64 atp;
	bool readable_x;
	bool gstage;
	bool nested;	 /* its PTEs have guest physical addresses */
	bool user;	 /* the page must be a user's */
	bool super_user; /* it may be */
	bool hlvx;
	bool adue;
	bool pbmte;
};

struct walker {
	const struct cove_walk_env *env;
	struct cove_walk *w;
	bool set_ad;
};

static unsigned int levels_of(u64 atp)
{
	return (unsigned int)(atp >> ATP_MODE_SHIFT) - ATP_MODE_SV39 + 3;
}

static bool is_bare(u64 atp)
{
	u64 mode = atp >> ATP_MODE_SHIFT;

	return mode < ATP_MODE_SV39 || mode > ATP_MODE_SV57;
}

static bool va_valid(const struct stage *s, u64 va)
{
	unsigned int bits = PMPTABLE_PAGE_SHIFT + LEVEL_BITS * levels_of(s->atp);
	s64 high;

	if (s->gstage)
		return !(va >> (bits + GSTAGE_EXTRA));
	high = (s64)va >> (bits - 1);
	return !high || high == -1;
}

/* Bits that a pointer to the next table has not, but for V */
#define PTE_NO_POINTER \
	(PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D | PTE_RESERVED | PTE_PBMT | PTE_N)

static bool pte_valid(const struct stage *s, u64 pte)
{
	if (!(pte & PTE_V) || (pte & PTE_RESERVED) || ((pte & PTE_W) && !(pte & PTE_R)))
		return false;
	return !(pte & PTE_PBMT) || (s->pbmte && (pte & PTE_PBMT) != PTE_PBMT);
}

static bool leaf_allows(const struct stage *s, u64 pte, enum cove_walk_access access)
{
	if (s->user && !(pte & PTE_U))
		return false;
	if (!s->user && (pte & PTE_U) && (!s->super_user || access == WALK_FETCH))
		return false;
	switch (access) {
	case WALK_LOAD:
		if (s->hlvx)
			return pte & PTE_X;
		return (pte & PTE_R) || (s->readable_x && (pte & PTE_X));
	case WALK_STORE:
		return pte & PTE_W;
	default:
		return pte & PTE_X;
	}
}

/* Physical page of a leaf; false when its low bits are not as they must be. */
static bool leaf_page(u64 pte, u64 va, unsigned int level, u64 *pa)
{
	u64 ppn = pte >> PTE_PPN_SHIFT & PTE_PPN_MASK;
	u64 low = (1UL << (LEVEL_BITS * level)) - 1;

	if (pte & PTE_N) {
		if (level || (ppn & 0xf) != NAPOT_64K)
			return false;
		low = 0xf;
		ppn &= ~low;
	}
	if (ppn & low)
		return false;
	*pa = (ppn | (va >> PMPTABLE_PAGE_SHIFT & low)) << PMPTABLE_PAGE_SHIFT |
	      (va & COVE_PAGE_MASK);
	return true;
}

static bool visit(const struct cove_walk *w, u64 pa)
{
	return !w->visit || w->visit(w->arg, pa);
}

static bool set_bits(u64 pa, u64 pte, u64 bits)
{
	u64 *p = arch_ptr(pa);

	return __atomic_compare_exchange_n(p, &pte, pte | bits, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

static enum cove_walk_status fault_of(const struct stage *s)
{
	return s->gstage ? WALK_GUEST_PAGE_FAULT : WALK_PAGE_FAULT;
}

static enum cove_walk_status gstage_va(const struct walker *k, enum cove_walk_access access,
				       bool hlvx, u64 gpa, u64 *pa, u64 *pte);

/* Where the PTE at @gpa of a guest's first stage lies. */
static enum cove_walk_status guest_pte_place(const struct walker *k, u64 gpa, bool store, u64 *pa)
{
	enum cove_walk_status status;
	u64 pte;

	status = gstage_va(k, store ? WALK_STORE : WALK_LOAD, false, gpa, pa, &pte);
	if (status == WALK_GUEST_PAGE_FAULT) {
		k->w->implicit = true;
		k->w->implicit_store = store;
	}
	return status;
}

/* May the hart read a PTE at @pa? */
static inline bool may_read(const struct cove_walk *w, u64 pa)
{
	return visit(w, pa) && (!COVE_DEFENCE(WALK_OWNER) ||
				pmptable_check(&cove.table, pa, 8, PMPTABLE_ID_HOST, PMPTABLE_R));
}

/* Where the PTE at @addr lies that is to change. */
static enum cove_walk_status pte_to_change(const struct walker *k, const struct stage *s, u64 addr,
					   u64 *pa)
{
	enum cove_walk_status status;

	*pa = addr;
	if (s->nested) {
		status = guest_pte_place(k, addr, true, pa);
		if (status != WALK_OK)
			return status;
	}
	return may_read(k->w, *pa) ? WALK_OK : WALK_ACCESS_FAULT;
}

/* A and D of a leaf at @addr: as hardware treats them. */
static enum cove_walk_status update_ad(const struct walker *k, const struct stage *s, u64 addr,
				       enum cove_walk_access access, u64 *pte)
{
	u64 need = PTE_A | (access == WALK_STORE ? PTE_D : 0);
	enum cove_walk_status status;
	u64 pa;

	if ((*pte & need) == need)
		return WALK_OK;
	if (!s->adue)
		return fault_of(s);
	status = pte_to_change(k, s, addr, &pa);
	if (status != WALK_OK || !k->set_ad)
		return status;
	if (!pmptable_check(&cove.table, pa, 8, PMPTABLE_ID_HOST, PMPTABLE_W))
		return WALK_ACCESS_FAULT;
	if (!set_bits(pa, *pte, need)) {
		k->w->raced = true;
		return fault_of(s);
	}
	*pte |= need;
	return WALK_OK;
}

/* The page of the PTE at @addr, which is no pointer to a table. */
static enum cove_walk_status walk_leaf(const struct walker *k, const struct stage *s,
				       enum cove_walk_access access, u64 va, u64 addr,
				       unsigned int level, u64 *pa, u64 *pte)
{
	if (!pte_valid(s, *pte) || !leaf_allows(s, *pte, access) || !leaf_page(*pte, va, level, pa))
		return fault_of(s);
	k->w->level = level;
	return update_ad(k, s, addr, access, pte);
}

static enum cove_walk_status walk_stage(const struct walker *k, const struct stage *s,
					enum cove_walk_access access, u64 va, u64 *pa, u64 *pte)
{
	unsigned int level = levels_of(s->atp) - 1;
	unsigned int shift = PMPTABLE_PAGE_SHIFT + LEVEL_BITS * level;
	u64 index = va >> shift & (s->gstage ? GSTAGE_ROOT_MASK : LEVEL_MASK);
	u64 addr = ((s->atp & ATP_PPN_MASK) << PMPTABLE_PAGE_SHIFT) + index * sizeof(u64);
	const struct cove_walk *w = k->w;
	enum cove_walk_status status;
	u64 place, entry;

	if (!va_valid(s, va))
		return fault_of(s);
	for (;;) {
		place = addr;
		if (s->nested) {
			status = guest_pte_place(k, addr, false, pa);
			if (status != WALK_OK)
				return status;
			place = *pa;
		}
		if (!may_read(w, place))
			return WALK_ACCESS_FAULT;
		entry = arch_load((u64 *)arch_ptr(place));
		if ((entry & (PTE_V | PTE_NO_POINTER)) != PTE_V) {
			*pte = entry;
			return walk_leaf(k, s, access, va, addr, level, pa, pte);
		}
		if (!level--)
			return fault_of(s);
		shift -= LEVEL_BITS;
		addr = ((entry >> PTE_PPN_SHIFT) << PMPTABLE_PAGE_SHIFT) +
		       (va >> shift & LEVEL_MASK) * sizeof(u64);
	}
}

static enum cove_walk_status gstage_va(const struct walker *k, enum cove_walk_access access,
				       bool hlvx, u64 gpa, u64 *pa, u64 *pte)
{
	const struct stage s = {
		.atp = k->env->hgatp,
		.gstage = true,
		.user = true,
		.readable_x = k->env->mxr,
		.hlvx = hlvx,
		.adue = k->env->gadue,
		.pbmte = k->env->gpbmte,
	};
	enum cove_walk_status status;
	u64 at = gpa;

	*pa = gpa;
	*pte = PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D;
	if (is_bare(s.atp))
		return WALK_OK;
	status = walk_stage(k, &s, access, gpa, &at, pte);
	if (status == WALK_GUEST_PAGE_FAULT)
		k->w->gpa = gpa;
	*pa = at;
	return status;
}

/* What both stages allow; the memory type is the first stage's, if it has one. */
static u64 combine(const struct cove_walk_env *env, u64 pte, u64 gpte)
{
	u64 type = pte & PTE_PBMT ? pte & PTE_PBMT : gpte & PTE_PBMT;

	if (env->mxr && (gpte & PTE_X))
		gpte |= PTE_R;
	return (pte & gpte & (PTE_R | PTE_W | PTE_X | PTE_D | PTE_A | PTE_V)) | (pte & PTE_U) |
	       type;
}

static void begin(struct cove_walk *w)
{
	w->raced = false;
	w->implicit = false;
	w->implicit_store = false;
	w->level = NO_LEVEL;
}

static enum cove_walk_status walk_once(const struct cove_walk_env *env,
				       enum cove_walk_access access, u64 va, bool set_ad,
				       struct cove_walk *w)
{
	const struct walker k = { .env = env, .w = w, .set_ad = set_ad };
	const struct stage s = {
		.atp = env->satp,
		.nested = env->virt,
		.user = env->user,
		.super_user = env->sum,
		.readable_x = env->mxr || (env->virt && env->vmxr),
		.hlvx = env->hlvx,
		.adue = env->adue,
		.pbmte = env->pbmte,
	};
	enum cove_walk_status status;
	u64 gpte;

	begin(w);
	w->pa = va;
	w->pte = PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D;
	if (!is_bare(s.atp)) {
		status = walk_stage(&k, &s, access, va, &w->pa, &w->pte);
		if (status != WALK_OK)
			return status;
	}
	if (env->virt) {
		status = gstage_va(&k, access, env->hlvx, w->pa, &w->pa, &gpte);
		if (status != WALK_OK)
			return status;
		w->pte = combine(env, w->pte, gpte);
	}
	return visit(w, w->pa) ? WALK_OK : WALK_ACCESS_FAULT;
}

enum cove_walk_status cove_walk_va(const struct cove_walk_env *env, enum cove_walk_access access,
				   u64 va, bool set_ad, struct cove_walk *w)
{
	enum cove_walk_status status;
	unsigned int i = 0;

	/* Another hart may change a PTE meanwhile: then hardware walks again. */
	do {
		status = walk_once(env, access, va, set_ad, w);
	} while (status != WALK_OK && w->raced && ++i < MAX_RACES);
	return status;
}

enum cove_walk_status cove_walk_gpa(const struct cove_walk_env *env, enum cove_walk_access access,
				    u64 gpa, bool set_ad, struct cove_walk *w)
{
	const struct walker k = { .env = env, .w = w, .set_ad = set_ad };
	enum cove_walk_status status;
	unsigned int i = 0;

	do {
		begin(w);
		status = gstage_va(&k, access, false, gpa, &w->pa, &w->pte);
	} while (status != WALK_OK && w->raced && ++i < MAX_RACES);
	return status;
}
