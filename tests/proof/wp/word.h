/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Any word of the address space, counted in words of 4 bytes as pmpaddr counts them: what
 * is shown for it is shown for each.
 */
/*@ logic integer words = 0x40000000000000; // 2^54

    axiomatic word {
      logic integer word;
      axiom any_word: 0 <= word < words;
    } */
