// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Few ranges that hold all denied pages.
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
