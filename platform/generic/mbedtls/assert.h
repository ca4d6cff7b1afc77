/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 CoveSBI contributors */
#ifndef static_assert
#define static_assert _Static_assert
#endif
/* The monitor never panics; the native builds check. */
#ifndef assert
#define assert(x) ((void)0)
#endif
