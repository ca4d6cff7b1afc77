/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * An access that may fault.
 */
#ifndef COVE_ATTACK_TOUCH_H
#define COVE_ATTACK_TOUCH_H

#include <linux/sched.h>
#include <asm/asm-extable.h>

enum op { OP_READ, OP_WRITE, OP_CAS, OP_ZERO, OP_COUNT };

/*
 * One access of 8 bytes. An instruction that faults is left behind @fixup;
 * the kernel's handlers note the cause in thread.bad_cause.
 * Return: 0 or the cause
 */
static inline unsigned long touch(enum op op, void *p, unsigned long *value)
{
	unsigned long ok = 0, old = 0;

	current->thread.bad_cause = 0;
	switch (op) {
	case OP_WRITE:
		asm volatile("1: sd %[value], 0(%[p])\n"
			     "   li %[ok], 1\n"
			     "2:\n" _ASM_EXTABLE(1b, 2b)
			     : [ok] "+r"(ok)
			     : [p] "r"(p), [value] "r"(*value)
			     : "memory");
		break;
	case OP_CAS:
		asm volatile("1: amoadd.d %[old], zero, 0(%[p])\n"
			     "   li %[ok], 1\n"
			     "2:\n" _ASM_EXTABLE(1b, 2b)
			     : [ok] "+r"(ok), [old] "+r"(old)
			     : [p] "r"(p)
			     : "memory");
		*value = old;
		break;
	default:
		asm volatile("1: ld %[old], 0(%[p])\n"
			     "   li %[ok], 1\n"
			     "2:\n" _ASM_EXTABLE(1b, 2b)
			     : [ok] "+r"(ok), [old] "+r"(old)
			     : [p] "r"(p)
			     : "memory");
		*value = old;
		break;
	}
	return ok ? 0 : current->thread.bad_cause;
}

#endif
