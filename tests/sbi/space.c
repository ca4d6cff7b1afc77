// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * An address space on a chessboard.
 *
 * The space is cut into slots that share nothing but the root table. Slots 0 and
 * 1 meet in the two pages of code, 2 and 3 in the data; each of the others has
 * something that is denied.
 */
#include "space.h"

#define FWFT_AD	    4
#define ENVCFG_ADUE (1UL << 61)
#define ENVCFG_CBO  (1UL << 4 | 1UL << 6 | 1UL << 7)
#define FIRMWARE    0x80001000UL
#define PAYLOAD	    0x80000000UL
#define G_FLAGS	    (PTE_V | PTE_RWX | PTE_U | PTE_AD)
#define BIG_LEVEL   1

static const struct verdict fine = { CAUSE_BREAK, CAUSE_BREAK, CAUSE_BREAK };
static const struct verdict denied = { 5, 7, 1 };
static const struct verdict page_fault = { 13, 15, 12 };
static const struct verdict guest_fault = { 21, 23, 20 };

static bool is_bare(const struct space *s)
{
	return s->first.mode == SV_BARE && s->second.mode == SV_BARE;
}

static unsigned long slot(const struct space *s, unsigned int k)
{
	const struct paging *p = s->first.mode == SV_BARE ? &s->second : &s->first;

	return (k + 4UL) << (12 + 9 * (paging_levels(p) - 1));
}

static unsigned long flags_of(const struct space *s)
{
	return PTE_V | PTE_RWX | PTE_AD | (s->kind->user ? PTE_U : 0);
}

static unsigned long *map(struct space *s, unsigned long va, unsigned long pa, unsigned long flags,
			  unsigned long gflags)
{
	if (s->first.mode == SV_BARE)
		return paging_map(&s->second, va, pa, gflags, 0);
	if (s->second.mode != SV_BARE)
		pa = paging_new_gpa(&s->second, pa, gflags);
	return paging_map(&s->first, va, pa, flags, 0);
}

static void map_plain(struct space *s, unsigned long va, unsigned long pa)
{
	map(s, va, pa, flags_of(s), G_FLAGS);
}

static struct target *add(struct space *s, const char *name, unsigned long va, unsigned long pa,
			  struct verdict verdict)
{
	struct target *t = &s->target[s->ntargets++];

	*t = (struct target){ .name = name, .va = va, .pa = pa, .verdict = verdict };
	return t;
}

static void add_cross(struct space *s, const char *name, unsigned long va, unsigned long pa,
		      unsigned long before, struct verdict verdict)
{
	struct target *t = add(s, name, va, pa, verdict);

	t->cross = true;
	t->before = before;
}

static void build_bare(struct space *s)
{
	unsigned long pair = board_pages(&s->board, 2, 2), victim;
	unsigned int i;

	s->code = board_pages(&s->board, 2, 2);
	s->code_pa[0] = s->code;
	s->code_pa[1] = s->code + PAGE;
	for (i = 0; i < SPACE_DATA; i++)
		s->data_pa[i] = board_page(&s->board);
	s->stride = 2 * PAGE;
	victim = board_victim(&s->board);
	board_page(&s->board);
	add(s, "an island", s->data_pa[0], s->data_pa[0], fine)->many = true;
	add_cross(s, "across two pages", pair + PAGE, pair + PAGE, pair, fine);
	add(s, "a converted page", victim, 0, denied);
	add_cross(s, "into a converted page", victim, 0, victim - PAGE, denied);
	add_cross(s, "out of a converted page", victim + PAGE, victim + PAGE, 0, denied);
	add(s, "firmware", FIRMWARE, 0, denied);
	add(s, "the PMP table", reserved[nreserved - 1].base, 0, denied);
}

static void build_code_and_data(struct space *s)
{
	unsigned int i;

	s->code = slot(s, 1) - PAGE;
	for (i = 0; i < 2; i++) {
		s->code_pa[i] = board_page(&s->board);
		map_plain(s, s->code + i * PAGE, s->code_pa[i]);
	}
	for (i = 0; i < SPACE_DATA; i++) {
		s->data_pa[i] = board_page(&s->board);
		map_plain(s, slot(s, 3) + i * PAGE - PAGE, s->data_pa[i]);
	}
	s->stride = PAGE;
	add(s, "an island", slot(s, 3) + PAGE, s->data_pa[2], fine)->many = true;
	add_cross(s, "across two pages", slot(s, 3), s->data_pa[1], s->data_pa[0], fine);
}

/* Pages that are not the host's. */
static void build_denied(struct space *s)
{
	unsigned long victim = board_victim(&s->board), va = slot(s, 4);
	unsigned long before = board_page(&s->board), behind = board_page(&s->board);

	map_plain(s, va, before);
	map_plain(s, va + PAGE, victim);
	map_plain(s, va + 2 * PAGE, behind);
	map_plain(s, va + 3 * PAGE, FIRMWARE);
	map_plain(s, va + 4 * PAGE, reserved[nreserved - 1].base);
	add(s, "a converted page", va + PAGE, 0, denied);
	add_cross(s, "into a converted page", va + PAGE, 0, before, denied);
	add_cross(s, "out of a converted page", va + 2 * PAGE, behind, 0, denied);
	add(s, "firmware", va + 3 * PAGE, 0, denied);
	add(s, "the PMP table", va + 4 * PAGE, 0, denied);
}

/* Pages that exist but not for all; only where there is a first stage. */
static void build_rights(struct space *s)
{
	unsigned long pa = board_page(&s->board), va = slot(s, 4) + 8 * PAGE;
	unsigned long f = flags_of(s);
	bool readable = s->kind->mxr || (s->kind->virt && s->kind->vmxr);
	struct target *t;

	map_plain(s, va, pa);
	add_cross(s, "into an absent page", va + PAGE, 0, pa, page_fault);
	add(s, "an absent page", va + PAGE, 0, page_fault);
	map(s, va + 2 * PAGE, pa, f & ~PTE_W, G_FLAGS);
	t = add(s, "a read-only page", va + 2 * PAGE, pa, fine);
	t->verdict.store = page_fault.store;
	t->lax = true;
	map(s, va + 3 * PAGE, pa, f & ~(PTE_W | PTE_R), G_FLAGS);
	t = add(s, "an execute-only page", va + 3 * PAGE, pa, fine);
	t->verdict.load = readable ? fine.load : page_fault.load;
	t->verdict.store = page_fault.store;
	t->lax = true;
	map(s, va + 4 * PAGE, pa, f ^ PTE_U, G_FLAGS);
	t = add(s, "a page of the other privilege", va + 4 * PAGE, pa, page_fault);
	if (s->kind->sum && !s->kind->user)
		t->verdict = (struct verdict){ fine.load, fine.store, page_fault.fetch };
	t = add(s, "a page without A and D", va + 5 * PAGE, pa, s->kind->adue ? fine : page_fault);
	t->pte = map(s, va + 5 * PAGE, pa, f & ~PTE_AD, G_FLAGS);
	t->pte_value = *t->pte;
}

/* Tables of the first stage on converted pages; a page of 2 MiB. */
static void build_tables(struct space *s)
{
	struct paging *p = &s->first;
	unsigned long pa = board_page(&s->board), victim = 0;

	p->leaf_at = board_victim(&s->board);
	map_plain(s, slot(s, 5), pa);
	p->leaf_at = 0;
	add(s, "behind a converted table", slot(s, 5), pa, denied);
	p->table_at = board_victim(&s->board);
	map_plain(s, slot(s, 6), pa);
	p->table_at = 0;
	add(s, "behind a converted upper table", slot(s, 6), pa, denied);
	if (s->second.mode != SV_BARE)
		return;
	victim = board_victim(&s->board);
	paging_map(p, slot(s, 7), s->board.base, flags_of(s), BIG_LEVEL);
	if (victim - s->board.base >= 0x200000) {
		paging_map(p, slot(s, 7) + 0x200000, s->board.base + 0x200000, flags_of(s),
			   BIG_LEVEL);
		paging_map(p, slot(s, 7) + 0x400000, s->board.base + 0x400000, flags_of(s),
			   BIG_LEVEL);
	}
	add(s, "an island in large pages", slot(s, 7) + (victim - PAGE - s->board.base),
	    victim - PAGE, fine);
	add(s, "a converted page in a large page", slot(s, 7) + (victim - s->board.base), 0,
	    denied);
}

/* What the second stage refuses. */
static void build_second(struct space *s)
{
	unsigned long pa = board_page(&s->board), va = slot(s, 4) + 16 * PAGE;
	struct paging *g = &s->second;
	struct target *t;

	map(s, va, pa, flags_of(s), G_FLAGS & ~PTE_W);
	t = add(s, "a page that is read-only in the second stage", va, pa, fine);
	t->verdict.store = guest_fault.store;
	t->lax = true;
	t = add(s, "a page without A and D in the second stage", va + PAGE, pa,
		s->kind->adue ? fine : guest_fault);
	map(s, va + PAGE, pa, flags_of(s), G_FLAGS & ~PTE_AD);
	if (s->first.mode != SV_BARE) {
		paging_map(&s->first, va + 2 * PAGE, paging_new_gpa(g, pa, 0), flags_of(s), 0);
		add(s, "a page that is absent in the second stage", va + 2 * PAGE, 0, guest_fault);
	} else {
		add(s, "an absent page", slot(s, 6), 0, guest_fault);
	}
	g->leaf_at = board_victim(&s->board);
	if (g->scattered || s->first.mode == SV_BARE) {
		map_plain(s, slot(s, 8), pa);
		t = add(s, "behind a converted table of the second stage", slot(s, 8), 0, denied);
		t->loose = s->first.mode != SV_BARE;
	}
	g->leaf_at = 0;
}

/* Tables of the first stage as the second stage maps them. */
static void build_implicit(struct space *s)
{
	unsigned long pa = board_page(&s->board);
	struct paging *p = &s->first;
	struct target *t;

	p->leaf_unmapped = true;
	map_plain(s, slot(s, 9), pa);
	p->leaf_unmapped = false;
	add(s, "behind a table that is absent in the second stage", slot(s, 9), pa, guest_fault);
	p->leaf_gflags = G_FLAGS & ~PTE_W;
	t = add(s, "A and D behind a table that is read-only in the second stage", slot(s, 10), pa,
		s->kind->adue ? guest_fault : page_fault);
	t->pte = map(s, slot(s, 10), pa, flags_of(s) & ~PTE_AD, G_FLAGS);
	t->pte_value = *t->pte;
	t->loose = s->kind->adue;
	p->leaf_gflags = 0;
}

/* The payload itself stays at its place, for the trap handler. */
static void map_payload(struct space *s)
{
	paging_map(&s->first, PAYLOAD, PAYLOAD, PTE_V | PTE_RWX | PTE_AD, 2);
}

static bool set_adue(bool on)
{
	struct sbiret r = sbi6(EXT_FWFT, 0, FWFT_AD, on, 0);

	if (r.error)
		test_fail("FWFT, A and D: %ld", r.error);
	return !r.error;
}

static bool supported(const struct space_kind *k)
{
	if (paging_supported(k->host, false) && paging_supported(k->vs, false) &&
	    paging_supported(k->g, true))
		return true;
	test_fail("%s: this hart has no such mode", k->name);
	return false;
}

/** space_build() - nothing is converted yet */
bool space_build(struct space *s, const struct space_kind *k)
{
	if (!supported(k) || !set_adue(k->adue))
		return false;
	memset(s, 0, sizeof(*s));
	s->kind = k;
	board_init(&s->board);
	paging_init(&s->second, &s->board, k->g, true, k->scattered, NULL);
	paging_init(&s->first, &s->board, k->virt ? k->vs : k->host, false, k->scattered,
		    k->g == SV_BARE ? NULL : &s->second);
	if (is_bare(s)) {
		build_bare(s);
	} else {
		build_code_and_data(s);
		build_denied(s);
	}
	if (s->first.mode != SV_BARE) {
		build_rights(s);
		build_tables(s);
	}
	if (s->second.mode != SV_BARE)
		build_second(s);
	if (s->first.mode != SV_BARE && s->second.mode != SV_BARE)
		build_implicit(s);
	if (!k->virt && k->host != SV_BARE)
		map_payload(s);
	if (k->hlv) {
		s->code = board_pages(&s->board, 2, 2);
		s->code_pa[0] = s->code;
		s->code_pa[1] = s->code + PAGE;
	}
	csr_set(senvcfg, ENVCFG_CBO);
	csr_write(henvcfg, ENVCFG_CBO | (k->adue ? ENVCFG_ADUE : 0));
	if (!k->virt)
		s->satp = paging_atp(&s->first);
	return true;
}

/** space_map() - one more page, in a slot of its own; where its entry lies */
unsigned long *space_map(struct space *s, unsigned int page, unsigned long pa, unsigned long *va)
{
	*va = slot(s, 12) + page * PAGE;
	return map(s, *va, pa, flags_of(s), G_FLAGS);
}

/** space_leave() - CSRs as they were */
void space_leave(void)
{
	csr_write(vsatp, 0);
	csr_write(hgatp, 0);
	csr_write(vsstatus, 0);
	csr_write(henvcfg, 0);
	csr_clear(senvcfg, ENVCFG_CBO);
	set_adue(false);
}

/** space_world() - a world in the space's mode, at its code; the VM's CSRs are set */
void space_world(const struct space *s, struct world *w)
{
	const struct space_kind *k = s->kind;

	if (k->virt) {
		csr_write(vsatp, paging_atp(&s->first));
		csr_write(hgatp, paging_atp(&s->second));
		csr_write(vsstatus,
			  SSTATUS_FS_VS | (k->sum ? SSTATUS_SUM : 0) | (k->vmxr ? SSTATUS_MXR : 0));
	}
	memset(w, 0, sizeof(*w));
	w->x[0] = s->code;
	w->satp = s->satp;
	w->sstatus = SSTATUS_SPIE | SSTATUS_FS_VS | (k->mxr ? SSTATUS_MXR : 0);
	if (!k->user || k->hlv)
		w->sstatus |= SSTATUS_SPP;
	if (k->sum && !k->virt)
		w->sstatus |= SSTATUS_SUM;
	w->hstatus = HSTATUS_VSXL64;
	if (k->virt && !k->hlv)
		w->hstatus |= HSTATUS_SPV;
	if (k->virt && !k->user)
		w->hstatus |= HSTATUS_SPVP;
}
