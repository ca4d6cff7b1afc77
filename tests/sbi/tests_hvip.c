// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Interrupts that the host has pending for its own guests.
 */
#include "remote.h"

#define VSSIP (1UL << 2)
#define VSTIP (1UL << 6)

#define LINE_FLAG  (GUEST_HEAP + 0x40000)
#define LINE_TICKS 50000000UL /* for a monitor that never does it */

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

struct sibling {
	struct remote *r;
	struct texit e;
};

/* vCPU 1 on another hart, whose host holds the line up */
static void watch_line(void *arg)
{
	struct sibling *s = arg;
	unsigned long watch[REMOTE_ARGS] = { LINE_FLAG, csr_read(time) + LINE_TICKS };

	csr_set(hvip, SIP_VSEIP);
	s->e = remote_run(s->r, 1);
	if (s->e.scause == REMOTE_IDLE)
		s->e = remote_start(s->r, 1, R_WATCH_LINE, watch);
	csr_write(hvip, 0);
}

/* When a guest has denied interrupts none arrives, at its other vCPUs neither. */
static void denied_at_once(void)
{
	const unsigned long start[REMOTE_ARGS] = { 1, GUEST_BASE, GUEST_ARG(G_REMOTE, 0), 0, 0, 0,
						   0, EXT_HSM };
	struct sibling s = { 0 };
	unsigned long begun = 0, i;
	struct remote r;

	REQUIRE(remote_build(&r, 2) && remote_populate(&r, LINE_FLAG, 1));
	EXPECT(remote_ecall(&r, SBI_EXT_COVG, SBI_COVG_ALLOW_EXTERNAL_INTERRUPT, ~0UL, 0).scause,
	       REMOTE_IDLE);
	EXPECT(remote_start(&r, 0, R_CALL, start).scause, CAUSE_VECALL);
	EXPECT(remote_run(&r, 0).scause, REMOTE_IDLE);
	s.r = &r;
	hart_begin(other_hart(0), watch_line, &s);
	for (i = 0; i < 100000 && !begun; i++)
		REQUIRE(remote_read(&r, LINE_FLAG, &begun));
	EXPECT(remote_ecall(&r, SBI_EXT_COVG, SBI_COVG_DENY_EXTERNAL_INTERRUPT, ~0UL, 0).scause,
	       REMOTE_IDLE);
	REQUIRE(hart_wait(other_hart(0)));
	EXPECT(begun, 1);
	EXPECT(s.e.scause, REMOTE_IDLE);
	EXPECT(r.out[1][0], 1); /* it was up, ... */
	EXPECT(r.out[1][1], 0); /* ... and fell without an exit */
}

const struct test hvip_tests[] = {
	{ "hvip_soft_dropped", soft, 1 },
	{ "hvip_timer_dropped", timer, 1 },
	{ "hvip_denied_at_once", denied_at_once, 2 },
};
DEFINE_TESTS(hvip);
