/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 CoveSBI contributors */
#ifndef static_assert
#define static_assert _Static_assert
#endif
