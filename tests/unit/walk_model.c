// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Address translation a second time.
 */
#include "walk_model.h"

#define BIT(n)	((u64)1 << (n))
#define V_BIT	BIT(0)
#define R_BIT	BIT(1)
#define W_BIT	BIT(2)
#define X_BIT	BIT(3)
#define U_BIT	BIT(4)
#define A_BIT	BIT(6)
#define D_BIT	BIT(7)
#define N_BIT	BIT(63)
#define PAGE_SZ 4096UL

enum kind { INVALID, POINTER, LEAF };

/* struct entry - what is known at some level; @result not OK: nothing else counts */
struct entry {
	enum model_result result;
	enum kind kind;
	unsigned int level;
	u64 at; /* address of the PTE, in the space in which its stage puts it */
	u64 pte;
};

static u64 field(u64 value, unsigned int hi, unsigned int lo)
{
	return value << (63 - hi) >> (63 - hi + lo);
}

/* 3, 4 or 5 levels; 0 is bare */
static unsigned int depth(u64 atp)
{
	switch (field(atp, 63, 60)) {
	case 8:
		return 3;
	case 9:
		return 4;
	case 10:
		return 5;
	default:
		return 0;
	}
}

static enum kind classify(u64 pte, bool pbmte)
{
	u64 type = field(pte, 62, 61);
	bool r = pte & R_BIT, w = pte & W_BIT, x = pte & X_BIT;

	if (!(pte & V_BIT) || field(pte, 60, 54) || (w && !r))
		return INVALID;
	if (type == 3 || (type && !pbmte))
		return INVALID;
	if (r || w || x)
		return LEAF;
	return pte & (U_BIT | A_BIT | D_BIT | N_BIT) || type ? INVALID : POINTER;
}

static enum model_result second_stage(struct model_walk *m, enum cove_walk_access access, bool hlvx,
				      u64 gpa, u64 *pa);

static enum model_result reach(struct model_walk *m, bool gstage, bool store, u64 at, u64 *pa)
{
	enum model_result result = MODEL_OK;

	*pa = at;
	if (!gstage && m->env->virt) {
		result = second_stage(m, store ? WALK_STORE : WALK_LOAD, false, at, pa);
		if (result == MODEL_GUEST_PAGE_FAULT) {
			m->implicit = true;
			m->implicit_store = store;
		}
	}
	if (result != MODEL_OK)
		return result;
	m->seen[m->nseen++ % MODEL_MAX_SEEN] = *pa;
	return m->may(m->arg, *pa) ? MODEL_OK : MODEL_ACCESS_FAULT;
}

static enum model_result fault(bool gstage)
{
	return gstage ? MODEL_GUEST_PAGE_FAULT : MODEL_PAGE_FAULT;
}

/* The PTE for @va at @level, or the leaf above it. */
static struct entry entry_at(struct model_walk *m, bool gstage, u64 va, unsigned int level)
{
	u64 atp = gstage ? m->env->hgatp : m->env->satp, pa;
	unsigned int top = depth(atp) - 1, lo = 12 + 9 * level;
	struct entry e = { .kind = POINTER, .pte = field(atp, 43, 0) << 10 };

	if (level < top) {
		e = entry_at(m, gstage, va, level + 1);
		if (e.result != MODEL_OK || e.kind == LEAF)
			return e;
	}
	e.level = level;
	e.at = field(e.pte, 53, 10) * PAGE_SZ;
	e.at += 8 * field(va, lo + 8 + (gstage && level == top ? 2 : 0), lo);
	e.result = reach(m, gstage, false, e.at, &pa);
	if (e.result != MODEL_OK)
		return e;
	if (m->invent && !*(u64 *)arch_ptr(pa))
		m->invent(m->arg, arch_ptr(pa), level, gstage);
	e.pte = *(u64 *)arch_ptr(pa);
	e.kind = classify(e.pte, gstage ? m->env->gpbmte : m->env->pbmte);
	if (e.kind == INVALID || (e.kind == POINTER && !level))
		e.result = fault(gstage);
	return e;
}

static bool permitted(const struct cove_walk_env *env, bool gstage, u64 pte,
		      enum cove_walk_access access, bool hlvx)
{
	bool mxr = env->mxr || (!gstage && env->virt && env->vmxr);
	bool user = gstage || env->user;
	bool u = pte & U_BIT;

	if (user != u && (user || access == WALK_FETCH || !env->sum))
		return false;
	if (access == WALK_STORE)
		return pte & W_BIT;
	if (access == WALK_FETCH || hlvx)
		return pte & X_BIT;
	return (pte & R_BIT) || ((pte & X_BIT) && mxr);
}

/* Superpages start at a multiple of their size; of N, only 64 KiB exists (Svnapot). */
static bool place(const struct entry *e, u64 va, u64 *pa)
{
	u64 base = field(e->pte, 53, 10) * PAGE_SZ, size = PAGE_SZ << (9 * e->level);

	if (e->pte & N_BIT) {
		if (e->level || field(e->pte, 13, 10) != 8)
			return false;
		base -= 8 * PAGE_SZ;
		size = 16 * PAGE_SZ;
	}
	*pa = base + va % size;
	return base % size == 0;
}

static enum model_result stage(struct model_walk *m, bool gstage, enum cove_walk_access access,
			       bool hlvx, u64 va, u64 *pa, u64 *leaf)
{
	u64 need = access == WALK_STORE ? A_BIT | D_BIT : A_BIT, at;
	struct entry e = entry_at(m, gstage, va, 0);
	enum model_result result;

	*leaf = e.pte;
	*(gstage ? &m->glevel : &m->level) = e.level;
	if (e.result != MODEL_OK)
		return e.result;
	if (!permitted(m->env, gstage, e.pte, access, hlvx) || !place(&e, va, pa))
		return fault(gstage);
	if (!(need & ~e.pte))
		return MODEL_OK;
	if (!(gstage ? m->env->gadue : m->env->adue))
		return fault(gstage);
	result = reach(m, gstage, true, e.at, &at);
	if (result == MODEL_OK && m->set_ad) {
		m->changed |= *(u64 *)arch_ptr(at) != e.pte;
		*(u64 *)arch_ptr(at) |= need;
	}
	return result;
}

static enum model_result second_stage(struct model_walk *m, enum cove_walk_access access, bool hlvx,
				      u64 gpa, u64 *pa)
{
	unsigned int levels = depth(m->env->hgatp);
	enum model_result result = MODEL_GUEST_PAGE_FAULT;

	*pa = gpa;
	if (!levels)
		return MODEL_OK;
	if (gpa < BIT(12 + 9 * levels + 2))
		result = stage(m, true, access, hlvx, gpa, pa, &m->gleaf);
	if (result == MODEL_GUEST_PAGE_FAULT)
		m->gpa = gpa;
	return result;
}

/* Bits above the highest of the address are copies of that. */
static bool canonical(u64 va, unsigned int levels)
{
	u64 half = BIT(12 + 9 * levels - 1);

	return va < half || va >= -half;
}

enum model_result model_translate(struct model_walk *m, enum cove_walk_access access, u64 va)
{
	unsigned int levels = depth(m->env->satp);
	enum model_result result;

	m->nseen = 0;
	m->implicit = m->implicit_store = m->changed = false;
	m->leaf = m->gleaf = 0;
	m->pa = va;
	if (levels) {
		if (!canonical(va, levels))
			return MODEL_PAGE_FAULT;
		result = stage(m, false, access, m->env->hlvx, va, &m->pa, &m->leaf);
		if (result != MODEL_OK)
			return result;
	}
	m->gleaf = 0;
	return m->env->virt ? second_stage(m, access, m->env->hlvx, m->pa, &m->pa) : MODEL_OK;
}
