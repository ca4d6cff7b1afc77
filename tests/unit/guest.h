/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A guest that does what a test has written down, trap by trap; one script per
 * hart. When it has come to the end, a timer interrupt of the host ends the run.
 */
#ifndef GUEST_H
#define GUEST_H

#include "machine.h"

#include <sbi/riscv_encoding.h>
#include <sbi/sbi_ecall_interface.h>

#define INTERRUPT (1UL << 63)
#define A0	  10
#define A1	  11

/** guest_new() - this hart's guest has nothing to do */
void guest_new(void);

/** guest_ecall() - next, it makes an SBI call with a0..a5 from @a */
void guest_ecall(unsigned long eid, unsigned long fid, const unsigned long a[6]);
#define ECALL(eid, fid, ...) guest_ecall(eid, fid, (const unsigned long[6]){ __VA_ARGS__ })

/** guest_trap() - next, it traps; for guest page faults @tval2 is the GPA >> 2 */
void guest_trap(unsigned long cause, unsigned long tval, unsigned long tval2, unsigned long tinst);

/** guest_fault() - next, a guest page fault at @gpa, transformed instruction @tinst */
void guest_fault(unsigned long cause, u64 gpa, unsigned long tinst);

/** guest_do() - when the guest comes to this point, @hook runs first */
void guest_do(void (*hook)(struct cove_vcpu *vcpu));

/** guest_done() - has the guest on this hart done all that it should? */
bool guest_done(void);

/** guest_saw() - register @n as the guest saw it after its step @step (0: the first) */
unsigned long guest_saw(unsigned int step, unsigned int n);

/** guest_run() - COVH run_tvm_vcpu on this hart; the guest goes on where it was */
long guest_run(unsigned long gid, unsigned long vcpu);

/* What the last call returned to the guest */
#define assert_sbi(step, error, value)                              \
	do {                                                        \
		assert_int_equal((long)guest_saw(step, A0), error); \
		assert_int_equal(guest_saw(step, A1), value);       \
	} while (0)

#endif
