/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A guest that does one operation at a time, as the payload tells it.
 */
#ifndef REMOTE_H
#define REMOTE_H

#include "tvm.h"

#define REMOTE_IDLE 0x1d7eUL /* not a cause: the guest waits for its next operation */

/* Memory of the guest that needs page tables of its own, one for each GiB */
#define FAR_BASE 0x4000000000UL
#define FAR_SIZE 0x1000000000UL
#define FAR_STEP 0x40000000UL

/**
 * struct remote - such a guest
 * @cmd: what the guest loads, @out: what it has stored, of each vCPU
 * @informed: exits that tell and ask nothing, since remote_build()
 */
struct remote {
	struct tvm t;
	unsigned long cmd[TVM_MAX_VCPUS][1 + REMOTE_ARGS];
	unsigned long out[TVM_MAX_VCPUS][REMOTE_OUTS];
	unsigned int informed;
};

bool remote_build(struct remote *r, unsigned int nvcpus);
struct texit remote_run(struct remote *r, unsigned int vcpu);
struct texit remote_start(struct remote *r, unsigned int vcpu, enum remote_op op,
			  const unsigned long a[REMOTE_ARGS]);
#define remote_do(r, op, ...) \
	remote_start(r, 0, op, (const unsigned long[REMOTE_ARGS]){ __VA_ARGS__ })
struct texit remote_ecall(struct remote *r, unsigned long eid, unsigned long fid, unsigned long a0,
			  unsigned long a1);
bool remote_second(struct remote *r);
bool remote_populate(struct remote *r, unsigned long gpa, unsigned long n);
bool remote_shared(struct remote *r, unsigned long gpa, unsigned long n, unsigned long pa);
bool remote_device(struct remote *r);
bool remote_read(struct remote *r, unsigned long gpa, unsigned long *value);
bool remote_write(struct remote *r, unsigned long gpa, unsigned long value);

/* rows of MMIO_LOADS and MMIO_STORES */
#define LOAD_LD	 3
#define STORE_SD 3

#endif
