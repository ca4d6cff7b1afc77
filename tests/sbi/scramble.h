/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A run with a pattern in everything that the host owns.
 */
#ifndef SCRAMBLE_H
#define SCRAMBLE_H

#include "host.h"

/* More bits of a6 in scrambled runs, 0 but while a test says otherwise */
extern unsigned long scrambled_a6;

struct sbiret scrambled_run(unsigned long gid, unsigned long vcpu, bool complement);
bool host_csr_read(unsigned int n, unsigned long *value);
void host_csr_write(unsigned int n, unsigned long value);
bool host_csr_listed(unsigned int n);

#endif
