/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Addresses that no call of OpenSBI's may take for the host's memory.
 */
#ifndef DEPUTY_H
#define DEPUTY_H

#include "tvm.h"

#define MAX_BAD 32

struct bad_address {
	const char *what;
	unsigned long pa;
};

/**
 * struct bad - addresses of buffers of one length
 * @tvm: some of them are its pages
 */
struct bad {
	struct bad_address a[MAX_BAD];
	unsigned int n;
	struct tvm tvm;
};

bool bad_make(struct bad *b, unsigned long len);
bool refused(const char *what, struct sbiret r);
bool has_extension(unsigned long eid);

#endif
