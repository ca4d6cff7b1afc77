// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Interrupts that the host has pending for its own guests.
 */
#include "remote.h"

#define VSSIP (1UL << 2)
#define VSTIP (1UL << 6)

/* @irq: of the guest, which allows all interrupts; it must not see that one */
static void dropped(unsigned long hvip, unsigned long irq)
{
	struct remote r;

	REQUIRE(remote_build(&r, 1));
	EXPECT(remote_ecall(&r, SBI_EXT_COVG, SBI_COVG_ALLOW_EXTERNAL_INTERRUPT, ~0UL, 0).scause,
	       REMOTE_IDLE);
	csr_set(hvip, hvip);
	EXPECT(remote_do(&r, R_ENABLE, 1UL << irq).scause, REMOTE_IDLE);
	EXPECT(csr_read(hvip) & hvip, hvip); /* the host's to clear */
	csr_write(hvip, 0);
	EXPECT(csr_read(hvip) & hvip, 0);
	EXPECT(remote_do(&r, R_TAKEN, irq).scause, REMOTE_IDLE);
	EXPECT(r.out[0][0], 0);
}

static void soft(void)
{
	dropped(VSSIP, IRQ_S_SOFT);
}

static void timer(void)
{
	dropped(VSSIP | VSTIP, IRQ_S_TIMER);
}

const struct test hvip_tests[] = {
	{ "hvip_soft_dropped", soft, 1 },
	{ "hvip_timer_dropped", timer, 1 },
};
DEFINE_TESTS(hvip);
