// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Chessboards, and page tables of the host and its own VM on them.
 */
#include "paging.h"

#define TABLE_BLOCK 256 /* pages of tables that are not scattered */

void board_init(struct board *b)
{
	memset(b, 0, sizeof(*b));
	b->base = pages_alloc(BOARD_PAGES, 512);
}

/** board_pages() - @n pages in a row, aligned to @align pages: one island */
unsigned long board_pages(struct board *b, unsigned int n, unsigned int align)
{
	unsigned int first = (b->next + align - 1) / align * align, i;

	if (first + n + 1 > BOARD_PAGES) {
		print("FAIL board: it is too small\n");
		finish();
	}
	for (i = first; i < first + n; i++)
		b->island[i] = true;
	b->last = first + n;
	b->next = (first + n + 2) & ~1U; /* even, and at least one page between */
	memset((void *)(b->base + first * PAGE), 0, n * PAGE);
	return b->base + first * PAGE;
}

/** board_page() - a page that will be an island between confidential pages */
unsigned long board_page(struct board *b)
{
	return board_pages(b, 1, 2);
}

/** board_victim() - a page that will be converted, between two islands */
unsigned long board_victim(struct board *b)
{
	unsigned long island = board_page(b);

	b->victim[(island - b->base) / PAGE + 1] = true;
	memset((void *)(island + PAGE), 0, PAGE);
	return island + PAGE;
}

static bool convert_some(struct board *b, bool victims)
{
	unsigned int i;
	long rc;

	for (i = 0; i <= b->last; i++) {
		if (b->victim[i] != victims || (!victims && (!(i & 1) || b->island[i])))
			continue;
		rc = convert(b->base + i * PAGE, 1);
		if (rc) {
			test_fail("convert page %u of a board: %ld", i, rc);
			return false;
		}
	}
	return true;
}

/** board_convert_victims() - few pages: the PMP stays exact, if they are few enough */
bool board_convert_victims(struct board *b)
{
	return convert_some(b, true);
}

/** board_lock() - every second page is converted */
bool board_lock(struct board *b)
{
	return convert_some(b, false);
}

/** board_unlock() - all is the host's again */
bool board_unlock(struct board *b)
{
	unsigned int i;
	long rc;

	for (i = 0; i < BOARD_PAGES; i += COVE_MAX_SCRUB_PAGES) {
		rc = reclaim(b->base + i * PAGE, COVE_MAX_SCRUB_PAGES);
		if (rc) {
			test_fail("reclaim a board: %ld", rc);
			return false;
		}
	}
	return true;
}

unsigned int paging_levels(const struct paging *p)
{
	return (unsigned int)(p->mode - SV39) + 3;
}

static unsigned long new_page(struct paging *p)
{
	if (p->scattered)
		return board_page(p->board);
	if (p->block_used == TABLE_BLOCK) {
		print("FAIL paging: too many tables\n");
		finish();
	}
	return p->block + p->block_used++ * PAGE;
}

/** paging_new_gpa() - an address for a guest's page; in the second stage it is at @pa */
unsigned long paging_new_gpa(struct paging *p, unsigned long pa, unsigned long gflags)
{
	unsigned long gpa;

	if (p->mode == SV_BARE)
		return pa;
	if (p->scattered)
		gpa = (unsigned long)++p->ngpa << (12 + 9 * (paging_levels(p) - 1));
	else
		gpa = 0x100000000UL + ++p->ngpa * PAGE;
	if (gflags)
		paging_map(p, gpa, pa, gflags, 0);
	return gpa;
}

static unsigned long add_table(struct paging *p, unsigned long pa, bool leaf)
{
	unsigned long gflags = PTE_V | PTE_RWX | PTE_U | PTE_AD, gpa = pa;

	if (leaf && p->leaf_gflags)
		gflags = p->leaf_gflags;
	if (p->second)
		gpa = paging_new_gpa(p->second, pa, leaf && p->leaf_unmapped ? 0 : gflags);
	if (p->ntables == MAX_TABLES) {
		print("FAIL paging: too many tables\n");
		finish();
	}
	p->table[p->ntables].gpa = gpa;
	p->table[p->ntables++].pa = pa;
	return gpa;
}

static unsigned long table_pa(const struct paging *p, unsigned long gpa)
{
	unsigned int i;

	for (i = 0; p->table[i].gpa != gpa; i++)
		;
	return p->table[i].pa;
}

void paging_init(struct paging *p, struct board *b, unsigned long mode, bool gstage, bool scattered,
		 struct paging *second)
{
	memset(p, 0, sizeof(*p));
	p->board = b;
	p->mode = mode;
	p->gstage = gstage;
	p->scattered = scattered;
	p->second = second;
	if (mode == SV_BARE)
		return;
	if (!scattered)
		p->block = board_pages(b, TABLE_BLOCK, TABLE_BLOCK);
	if (gstage)
		p->root = board_pages(b, 4, 4);
	else
		p->root = add_table(p, new_page(p), false);
	if (gstage)
		add_table(p, p->root, false);
}

static unsigned long next_table(struct paging *p, unsigned int level)
{
	unsigned long pa = 0;

	if (level == 1)
		pa = p->leaf_at;
	else if (level == 2)
		pa = p->table_at;
	return add_table(p, pa ? pa : new_page(p), level == 1);
}

/**
 * paging_map() - @va is at @pa (or at that guest physical address)
 * @level: of the entry: 0 for 4 KiB pages
 *
 * Return: where its entry lies
 */
unsigned long *paging_map(struct paging *p, unsigned long va, unsigned long pa, unsigned long flags,
			  unsigned int level)
{
	unsigned int l = paging_levels(p) - 1;
	unsigned long addr = p->root, *pte;
	unsigned long index = va >> (12 + 9 * l) & (p->gstage ? 2047 : 511);

	for (;; l--, index = va >> (12 + 9 * l) & 511) {
		pte = (unsigned long *)table_pa(p, addr) + index;
		if (l == level)
			break;
		if (!*pte)
			*pte = next_table(p, l) >> 2 | PTE_V;
		addr = *pte >> 10 << 12;
	}
	*pte = pa >> 2 | flags;
	return pte;
}

/** paging_atp() - for satp, vsatp or hgatp */
unsigned long paging_atp(const struct paging *p)
{
	return p->mode == SV_BARE ? 0 : p->mode << 60 | p->root >> 12;
}

bool paging_supported(unsigned long mode, bool gstage)
{
	unsigned long seen;

	if (gstage) {
		csr_write(hgatp, mode << 60);
		seen = csr_read(hgatp);
		csr_write(hgatp, 0);
	} else {
		csr_write(vsatp, mode << 60);
		seen = csr_read(vsatp);
		csr_write(vsatp, 0);
	}
	return seen >> 60 == mode;
}
