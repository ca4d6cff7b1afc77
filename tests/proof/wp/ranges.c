// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Ranges of denied pages: what finds marks and bits, and appends to a list.
 */
#include "internal.h"
#include "bits.h"
#include "model.h"
#include "bit.h"
#include "word.h"
#include "summary.h"
#include "denied_contracts.h"
#include "ranges.h"

#include "runs.c"
