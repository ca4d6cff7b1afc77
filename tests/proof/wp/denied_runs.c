// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * All ranges of denied pages.
 */
#include "internal.h"
#include "bits.h"
#include "model.h"
#include "bit.h"
#include "word.h"
#include "summary.h"
#include "denied_contracts.h"
#include "ranges.h"

/*@ ghost
    void page_index(void)
    {
	/@ assert page: any_page == any_page / 2048 * 2048 + any_page % 2048; @/
	/@ assert block: any_page / 2048 == any_block; @/
	/@ assert word: any_page % 2048 == any_page % 2048 / 64 * 64 + any_page % 2048 % 64; @/
	/@ assert bit: any_page % 2048 % 64 == any_page % 64; @/
    } */

#include "runs.c"
