/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Page-table entries and satp, vsatp, hgatp (privileged specification, 12.3, 18.5).
 */
#ifndef COVE_PTE_H
#define COVE_PTE_H

#define PTE_V	      0x1UL
#define PTE_R	      0x2UL
#define PTE_W	      0x4UL
#define PTE_X	      0x8UL
#define PTE_U	      0x10UL
#define PTE_A	      0x40UL
#define PTE_D	      0x80UL
#define PTE_PPN_SHIFT 10
#define PTE_PPN_MASK  ((1UL << 44) - 1)
#define PTE_RESERVED  (0x7fUL << 54)
#define PTE_PBMT      (3UL << 61)
#define PTE_N	      (1UL << 63)

#define ATP_MODE_SHIFT 60
#define ATP_MODE_SV39  8
#define ATP_MODE_SV57  10
#define ATP_PPN_MASK   PTE_PPN_MASK

#endif
