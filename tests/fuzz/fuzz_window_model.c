// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What a hart may reach: translations seen since the last fence.
 */
#include "fuzz_window_model.h"
#include "pmp_spec.h"

#include "cove_pte.h"
#include <sbi/riscv_encoding.h>

#define SEEN	 8U
#define VA0	 0x1000000000UL
#define VA_HIGH	 0xffffffffc0000000UL
#define GPA_HIGH 0x1040000000UL
#define RWX_BITS (PTE_R | PTE_W | PTE_X)

/* struct seen - a leaf: @pa for the slot's page, @lo and @hi: what it translates */
struct seen {
	u64 pa, pte, lo, hi;
};

/* struct history - of a slot; @any: more than there is room for */
struct history {
	unsigned int n;
	bool any;
	struct seen seen[SEEN];
};

struct fuzz_hart harts[HARTS];
unsigned long root_atp[2][ROOTS];
unsigned long vm_satp;
unsigned int vm_slot[SLOTS];

static struct history history[HARTS][2][ROOTS][SLOTS];
static u64 denied_at[RAM_PAGES]; /* 0: the host's */
static u64 acknowledged[HARTS], now;

u64 data_page(unsigned int i)
{
	i %= DATA_PAGE;
	return LARGE(i / 16) + (i < 16 ? i : 480 + i) * PAGE;
}

u64 slot_va(unsigned int slot, bool bare, bool second)
{
	if (bare)
		return data_page(slot);
	if (slot < 8)
		return VA0 + slot * PAGE;
	if (slot < 12)
		return VA0 + BLOCK + slot * PAGE - 10 * PAGE;
	return (second ? GPA_HIGH : VA_HIGH) + slot * PAGE;
}

static int slot_of(u64 va, bool bare, bool second)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		if (slot_va(i, bare, second) == (va & -PAGE))
			return (int)i;
	return -1;
}

static u64 *owner_of(u64 pa)
{
	return &denied_at[(pa - FAKE_RAM_BASE) / PAGE];
}

static bool is_ram(u64 pa)
{
	return pa >= FAKE_RAM_BASE && pa < RAM_END;
}

bool model_hosts(u64 pa)
{
	return !is_ram(pa) || (pa >= HOST_BASE && !*owner_of(pa));
}

/* May @hart still reach it? */
static bool in_reach(unsigned int hart, u64 pa)
{
	return model_hosts(pa) || (pa >= HOST_BASE && *owner_of(pa) > acknowledged[hart]);
}

void model_deny(u64 pa)
{
	if (!*owner_of(pa))
		*owner_of(pa) = ++now;
}

void model_grant(u64 pa)
{
	*owner_of(pa) = 0;
}

void model_acknowledge(unsigned int hart)
{
	acknowledged[hart] = now;
}

/* @arg: NULL, or the hart's number: pages count that it has yet to give up */
static bool walker_may(void *arg, u64 pa)
{
	const unsigned int *hart = arg;

	return is_ram(pa) && (hart ? in_reach(*hart, pa) : model_hosts(pa));
}

static u64 leaf_size(u64 pte, unsigned int level)
{
	return pte & PTE_N ? 16 * PAGE : PAGE << (9 * level);
}

static bool same_leaf(const struct seen *a, const struct seen *b)
{
	return a->pa == b->pa && !((a->pte ^ b->pte) & ~(PTE_A | PTE_D)) && a->lo == b->lo &&
	       !(b->pte & ~a->pte & (PTE_A | PTE_D));
}

static void add(struct history *h, const struct seen *s)
{
	unsigned int i;

	for (i = 0; i < h->n; i++)
		if (same_leaf(&h->seen[i], s))
			return;
	if (h->n == SEEN)
		h->any = true;
	else
		h->seen[h->n++] = *s;
}

/*
 * What the tables say of a slot now, permissions apart, as far as @hart can read them: those in
 * pages, too, that it has yet to give up.
 */
static bool look(unsigned int hart, bool second, unsigned int root, unsigned int slot,
		 struct seen *s)
{
	struct cove_walk_env env = fake_harts[0].env;
	struct model_walk m = { .env = &env, .may = walker_may, .arg = &hart };
	u64 va = slot_va(slot, root == BARE, second), size;

	env.virt = second;
	env.satp = second ? 0 : root_atp[0][root];
	env.hgatp = root_atp[1][root];
	env.user = false;
	env.sum = env.mxr = env.adue = env.gadue = true;
	if (root == BARE) {
		*s = (struct seen){ va, ~(PTE_N | PTE_U), va, va + PAGE };
		return true;
	}
	if (model_translate(&m, WALK_LOAD, va) != MODEL_OK)
		return false;
	s->pa = m.pa;
	s->pte = second ? m.gleaf : m.leaf;
	size = leaf_size(s->pte, second ? m.glevel : m.level);
	s->lo = va & -size;
	s->hi = s->lo + size;
	return true;
}

void model_changed(void)
{
	unsigned int hart, second, root, slot;
	struct seen s;

	for (hart = 0; hart < HARTS; hart++)
		for (second = 0; second < 2; second++)
			for (root = 0; root < ROOTS; root++)
				for (slot = 0; slot < SLOTS; slot++)
					if (look(hart, second, root, slot, &s))
						add(&history[hart][second][root][slot], &s);
}

static void forget(struct history *h, const u64 *va)
{
	unsigned int i, n = 0;

	for (i = 0; i < h->n; i++)
		if (va && (*va < h->seen[i].lo || *va >= h->seen[i].hi))
			h->seen[n++] = h->seen[i];
	h->n = n;
	h->any = h->any && va;
}

void model_fence(unsigned int hart, bool second, const u64 *va)
{
	unsigned int root, slot;

	for (root = 0; root < ROOTS; root++)
		for (slot = 0; slot < SLOTS; slot++)
			forget(&history[hart][second][root][slot], va);
	model_changed();
}

void model_boot(void)
{
	memset(harts, 0, sizeof(harts));
	memset(history, 0, sizeof(history));
	memset(denied_at, 0, sizeof(denied_at));
	memset(acknowledged, 0, sizeof(acknowledged));
	now = 0;
}

struct cove_walk_env model_env(unsigned int hart, bool virt)
{
	struct cove_walk_env env = fake_harts[hart].env;

	env.virt = virt;
	env.satp = virt ? fake_harts[hart].vsatp : root_atp[0][harts[hart].satp];
	env.hgatp = root_atp[1][harts[hart].hgatp];
	return env;
}

enum model_result model_ideal(unsigned int hart, bool virt, enum cove_walk_access access, u64 va,
			      bool late, struct model_walk *m)
{
	struct cove_walk_env env = model_env(hart, virt);
	enum model_result result;

	*m = (struct model_walk){ .env = &env, .may = walker_may, .arg = late ? &hart : NULL };
	result = model_translate(m, access, va);
	if (result == MODEL_OK && !(late ? in_reach(hart, m->pa) : model_hosts(m->pa)))
		result = MODEL_ACCESS_FAULT;
	m->env = NULL;
	m->arg = NULL;
	return result;
}

/* Does a leaf, as it was seen, let the access through? */
static bool lets(const struct seen *s, const struct cove_walk_env *env, bool second,
		 enum cove_walk_access access)
{
	bool user = second || env->user, u = s->pte & PTE_U, ad = second ? env->gadue : env->adue;

	if (user != u && (user || access == WALK_FETCH || !env->sum))
		return false;
	if (!ad && !(s->pte & PTE_A))
		return false;
	if (access == WALK_STORE)
		return (s->pte & PTE_W) && (ad || (s->pte & PTE_D));
	if (access == WALK_FETCH)
		return s->pte & PTE_X;
	return (s->pte & PTE_R) || (env->mxr && (s->pte & PTE_X));
}

/* The address that the second stage gets, as the VM's tables are now. -1: none of the slots' */
static int second_slot(unsigned int hart, u64 va)
{
	bool bare = harts[hart].hgatp == BARE;
	int slot;

	if (!fake_harts[hart].vsatp)
		return slot_of(va, bare, true);
	slot = slot_of(va, false, false);
	return slot < 0 ? slot : (int)vm_slot[slot];
}

void model_admits(unsigned int hart, bool virt, enum cove_walk_access access, u64 va, u64 pa)
{
	unsigned int root = virt ? harts[hart].hgatp : harts[hart].satp, i;
	struct cove_walk_env env = model_env(hart, virt);
	const struct history *h;
	int slot;

	MUST(in_reach(hart, pa), "an access to a page that is not the host's");
	slot = virt ? second_slot(hart, va) : slot_of(va, root == BARE, false);
	if (slot < 0 || root == BARE)
		return;
	h = &history[hart][virt][root][slot];
	for (i = 0; i < h->n; i++)
		if (h->seen[i].pa == (pa & -PAGE) && lets(&h->seen[i], &env, virt, access))
			return;
	MUST(h->any, "an access that no table has allowed since the last fence");
}

/* A leaf of the monitor's tables that translates [@va, @va + @size). */
static void check_leaf(unsigned int hart, bool second, u64 va, u64 size, u64 pte)
{
	unsigned int root = second ? harts[hart].hgatp : harts[hart].satp, slot, i;
	u64 base = pte >> PTE_PPN_SHIFT << 12 & ((1UL << 56) - 1), offset;

	for (offset = 0; offset < size; offset += PAGE)
		MUST(in_reach(hart, base + offset), "a window shows a page that is not the host's");
	for (slot = 0; slot < SLOTS; slot++) {
		const struct history *h = &history[hart][second][root][slot];
		bool found = h->any;

		offset = slot_va(slot, root == BARE, second) - va;
		if (offset >= size)
			continue;
		for (i = 0; i < h->n; i++)
			found |= h->seen[i].pa == base + offset &&
				 !(pte & ~h->seen[i].pte & (RWX_BITS));
		MUST(found, "a window shows what no table has said since the last fence");
	}
}

static void check_tables(unsigned int hart, bool second, u64 table, unsigned int level,
			 unsigned int entries, u64 va)
{
	u64 size = PAGE << (9 * level);
	unsigned int i;

	for (i = 0; i < entries; i++) {
		u64 pte = ((u64 *)arch_ptr(table))[i], at = va + i * size;

		if (!pte)
			continue;
		/* the upper half of a first stage is at the end of the address space */
		if (!second && va == 0 && entries == 512 && i >= 256 &&
		    level == fake_harts[hart].host_csr.satp / (1UL << 60) - 6)
			at |= -(size << 9);
		if (pte & (RWX_BITS))
			check_leaf(hart, second, at, size, pte);
		else
			check_tables(hart, second, pte >> PTE_PPN_SHIFT << 12, level - 1, 512, at);
	}
}

/* Of the host and its VM only one has a translation, and the PMP denies what is always denied. */
static void check_open(unsigned int hart, enum cove_window_kind open)
{
	const struct fake_hart *h = &fake_harts[hart];
	bool second = open == WINDOW_VM;
	unsigned long atp = second ? h->host_csr.hgatp : h->host_csr.satp;
	unsigned long other = second ? h->host_csr.satp : h->host_csr.hgatp;

	MUST(h->gate, "a window with the gate closed");
	MUST(atp >> 60 >= 8 && other >> 60 >= 8, "no translation while the gate is open");
	MUST((other & ATP_PPN_MASK) << 12 == cove.barrier, "no barrier");
	MUST(!spec_allows(h->pmp.entry, h->pmp.n, cove.barrier, PAGE, PMP_CFG_R),
	     "the barrier can be read");
	MUST(harts[hart].mstatus & MSTATUS_TVM, "satp can be written while the gate is open");
	check_tables(hart, second, (atp & ATP_PPN_MASK) << 12, (unsigned int)(atp >> 60) - 6,
		     second ? 2048 : 512, 0);
}

void model_sweep(unsigned int hart)
{
	const struct fake_hart *h = &fake_harts[hart];
	enum cove_window_kind open = cove.hart[hart]->window.open;
	u64 pa;

	if (open != WINDOW_SHUT) {
		check_open(hart, open);
		return;
	}
	MUST(!h->gate, "the gate is open");
	MUST(h->host_csr.satp == root_atp[0][harts[hart].satp] &&
		     h->host_csr.hgatp == root_atp[1][harts[hart].hgatp],
	     "satp or hgatp is not what the host wrote");
	for (pa = HOST_BASE - PAGE; pa < RAM_END; pa += PAGE)
		if (!in_reach(hart, pa))
			MUST(!spec_allows(h->pmp.entry, h->pmp.n, pa, 8, PMP_CFG_R) &&
				     !spec_allows(h->pmp.entry, h->pmp.n, pa, 8, PMP_CFG_W),
			     "the PMP opens a page that is not the host's");
}
