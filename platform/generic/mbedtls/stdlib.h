/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 CoveSBI contributors */
#include <sbi/sbi_types.h>

/* For functions of libsodium that nobody calls and that are not linked. */
void abort(void);
