/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Chessboards, that is memory of which every second page is converted, and page
 * tables of the host and its own VM on the pages between.
 */
#ifndef PAGING_H
#define PAGING_H

#include "host.h"

#define PTE_V	0x1UL
#define PTE_R	0x2UL
#define PTE_W	0x4UL
#define PTE_X	0x8UL
#define PTE_U	0x10UL
#define PTE_A	0x40UL
#define PTE_D	0x80UL
#define PTE_AD	(PTE_A | PTE_D)
#define PTE_RWX (PTE_R | PTE_W | PTE_X)

#define SV_BARE 0UL
#define SV39	8UL
#define SV48	9UL
#define SV57	10UL

#define SSTATUS_SPIE   (1UL << 5)
#define SSTATUS_SPP    (1UL << 8)
#define SSTATUS_FS_VS  0x6600UL
#define SSTATUS_SUM    (1UL << 18)
#define SSTATUS_MXR    (1UL << 19)
#define HSTATUS_VSXL64 (2UL << 32)
#define HSTATUS_SPV    (1UL << 7)
#define HSTATUS_SPVP   (1UL << 8)

/**
 * struct board - @base: BOARD_PAGES pages of the arena, aligned to 2 MiB
 * @island: pages that stay the host's; @victim: pages that are converted first
 * @next: where to look for the next page
 * @locked: all odd pages up to the last island are converted, but islands
 */
#define BOARD_PAGES 2048
struct board {
	unsigned long base;
	unsigned int next;
	unsigned int last;
	bool island[BOARD_PAGES];
	bool victim[BOARD_PAGES];
};

void board_init(struct board *b);
unsigned long board_page(struct board *b);
unsigned long board_pages(struct board *b, unsigned int n, unsigned int align);
unsigned long board_victim(struct board *b);
bool board_convert_victims(struct board *b);
bool board_lock(struct board *b);
bool board_unlock(struct board *b);

/**
 * struct paging - one stage of translation
 * @mode: SV_BARE: none
 * @second: of a guest's first stage: the second, or NULL
 * @gstage: this is the second stage
 * @scattered: each table is an island, and far from others as a guest sees it
 * @leaf_at, @table_at: where the next table of level 0, or of level 1, shall be
 *	instead of on an island; 0: on an island
 * @leaf_unmapped, @leaf_gflags: as a guest sees it, it is not mapped, or has these flags
 */
#define MAX_TABLES 512
struct paging {
	struct board *board;
	unsigned long mode;
	struct paging *second;
	bool gstage;
	bool scattered;
	unsigned long root;
	unsigned long block;
	unsigned int block_used;
	unsigned long leaf_at;
	unsigned long table_at;
	bool leaf_unmapped;
	unsigned long leaf_gflags;
	unsigned int ngpa;
	unsigned int ntables;
	struct {
		unsigned long gpa;
		unsigned long pa;
	} table[MAX_TABLES];
};

void paging_init(struct paging *p, struct board *b, unsigned long mode, bool gstage, bool scattered,
		 struct paging *second);
unsigned int paging_levels(const struct paging *p);
unsigned long *paging_map(struct paging *p, unsigned long va, unsigned long pa, unsigned long flags,
			  unsigned int level);
unsigned long paging_new_gpa(struct paging *p, unsigned long pa, unsigned long gflags);
unsigned long paging_atp(const struct paging *p);
bool paging_supported(unsigned long mode, bool gstage);

#endif
