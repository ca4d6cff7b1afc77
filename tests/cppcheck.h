/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Loops of the kernel as cppcheck, which does not see its headers, shall read them.
 */
#define for_each_online_node(n)		     for (n = 0; n < any(); n++)
#define list_for_each_entry(p, h, m)	     for (p = any(h); p; p = any(p))
#define list_for_each_entry_safe(p, n, h, m) for (p = any(h); p && (n = any(p)); p = n)
