/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the hostile guest and its host agree on: mailbox slots and places.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

/* asked of the host */
#define HOSTILE_SEED  0
#define HOSTILE_COUNT 1
/* mailed */
#define HOSTILE_BAD    2 /* traps of another kind than they must be */
#define HOSTILE_PROBES 3 /* instructions or calls that were tried */
#define HOSTILE_TRAPS  4

#define HOSTILE_DATA   (GUEST_HEAP + 0x3000) /* between two pages of its own */
#define HOSTILE_CODE   (GUEST_HEAP + 0x2000)
#define HOSTILE_TABLES (GUEST_HEAP + 0x10000)

#endif
