// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Long calls that interrupts of the host cut into steps.
 */
#include "cut.h"
#include "tvm_calls.h"
#include "vm.h"

/* In ticks. QEMU's timers are late by up to LATE; on a quiet machine, seldom by more than A_BIT. */
#define SOON  20
#define AHEAD 60 /* what comes sooner comes at once */
#define LONG  400UL
#define A_BIT 150UL
#define LATE  700UL

/* An interrupt that may come before the step, in it or after. */
static void arm_at_random(void)
{
	unsigned long ticks = AHEAD + random_below(LONG);

	timer_set(csr_read(time) + ticks);
	pause_ticks(random_below(ticks + A_BIT));
}

/**
 * cut_up() - make the call
 * @ticks: when its first step ends, the others ever later; 0: all at random
 */
long cut_up(struct cut *c, unsigned long ticks)
{
	bool at_random = !ticks;
	unsigned long how;
	long rc;

	c->n = 0;
	csr_write(sie, SIP_STIP);
	do {
		if (at_random)
			arm_at_random();
		else
			timer_set(csr_read(time) + ticks++);
		rc = ecall_or_interrupt(c->regs, &how);
		timer_set(~0UL);
		if (how == 1 && !test_failed())
			c->between(c);
	} while (how && !c->over && !test_failed());
	csr_write(sie, 0);
	return rc;
}

static void place(const struct moving *m, unsigned long pa)
{
	unsigned long i;

	for (i = 0; i < m->count; i++)
		m->leaves[i] = vm_pte(pa + i * PAGE, VM_LEAF);
}

static long give(const struct moving *m)
{
	if (!m->theirs)
		return covh(SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES, m->t->gid, m->at, m->count);
	return MEASURED(m->t, m->theirs, m->at, COVE_PAGE_4K, m->count,
			GUEST_BASE | (m->at & (GUEST_SIZE - 1)));
}

/* Other pages with the same contents are the VM's; what these hold is another TVM's affair. */
static void move(struct moving *m)
{
	struct covesbi_stats st;

	get_stats(&st);
	if (st.tvms < 2)
		return; /* the call has not begun */
	EXPECT(convert(m->at, m->count), OK);
	REQUIRE(fence_all());
	EXPECT(give(m), OK);
	place(m, m->same);
	m->at += m->count * PAGE;
	m->moves++;
}

/** cut_and_move() - make the call, with an interrupt somewhere; its answer */
long cut_and_move(struct moving *m)
{
	unsigned long when = random_below(LATE + m->ticks), how;
	long rc;

	memcpy((void *)m->at, (void *)m->same, m->count * PAGE);
	place(m, m->at);
	csr_write(sie, SIP_STIP);
	timer_set(csr_read(time) + SOON + (when > LATE ? when - LATE : 0));
	pause_ticks(when < LATE ? LATE - when : 0);
	do {
		rc = ecall_or_interrupt(m->regs, &how);
		timer_set(~0UL);
		if (how == 1)
			move(m);
	} while (how && !test_failed());
	csr_write(sie, 0);
	return rc;
}
