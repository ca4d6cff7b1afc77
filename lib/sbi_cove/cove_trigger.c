// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What a trigger of the host (RISC-V debug specification, chapter 5) may be,
 * and where it fires. No CSR is touched here.
 */
#include "cove_internal.h"

#define TRIG(n)	       (1UL << (n))
#define TYPE_SHIFT     60
#define TYPE_MCONTROL  2
#define TYPE_ICOUNT    3
#define TYPE_MCONTROL6 6
#define DMODE	       TRIG(59)

/* Fields of tdata1 by type: the modes in which it fires, M-mode's, and its action */
#define MCONTROL_MODES	(TRIG(3) | TRIG(4) | TRIG(6))
#define MCONTROL_M	TRIG(6)
#define MCONTROL_ACTION (0xfUL << 12)
#define MCONTROL6_MODES (MCONTROL_MODES | TRIG(23) | TRIG(24))
#define ICOUNT_MODES	(TRIG(6) | TRIG(7) | TRIG(9) | TRIG(25) | TRIG(26))
#define ICOUNT_M	TRIG(9)
#define ICOUNT_ACTION	0x3fUL

/**
 * cove_trigger_allowed() - may the host have a trigger with this tdata1?
 *
 * Types that OpenSBI knows; never in M-mode, never the external debugger's,
 * and all that it may do is raise a breakpoint exception.
 */
bool cove_trigger_allowed(unsigned long tdata1)
{
	switch (tdata1 >> TYPE_SHIFT) {
	case TYPE_MCONTROL:
	case TYPE_MCONTROL6:
		return !(tdata1 & (DMODE | MCONTROL_M | MCONTROL_ACTION));
	case TYPE_ICOUNT:
		return !(tdata1 & (DMODE | ICOUNT_M | ICOUNT_ACTION));
	default:
		return false;
	}
}

/** cove_trigger_parked() - @tdata1 of a trigger that fires in no mode and is otherwise the same */
unsigned long cove_trigger_parked(unsigned long tdata1)
{
	switch (tdata1 >> TYPE_SHIFT) {
	case TYPE_MCONTROL:
		return tdata1 & ~MCONTROL_MODES;
	case TYPE_MCONTROL6:
		return tdata1 & ~MCONTROL6_MODES;
	case TYPE_ICOUNT:
		return tdata1 & ~ICOUNT_MODES;
	default:
		return tdata1;
	}
}
