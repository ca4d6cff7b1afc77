/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Accesses to a page that must all be refused; for the calling hart, and as
 * work for other harts.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include "host.h"

bool attack(unsigned long pa, const char *what);
unsigned long probe_result(unsigned int hart);
void set_probe(void *pa);
void set_probe_exec(void *pa);
void set_attack(void *pa);
void set_check_zero(void *pa);
void set_local_fence(void *rc);

#endif
