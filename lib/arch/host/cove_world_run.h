/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What a run does between the two switches of the CSRs, simulated twin: tests/unit/fake_world.c
 * has it.
 */
#ifndef COVE_WORLD_RUN_H
#define COVE_WORLD_RUN_H

#include <cove_world.h>

enum exit_action cove_world_run(struct cove_vcpu **running);
void cove_world_take_ipi(struct cove_vcpu *vcpu);
void cove_world_deny_external(void);
void cove_world_report(unsigned long scause, unsigned long stval);

#endif
