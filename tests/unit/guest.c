// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A guest that does what a test has written down, trap by trap.
 */
#include "guest.h"

#define MAX_STEPS 64

struct step {
	struct cove_trap trap;
	unsigned long a[8]; /* for a call: a0..a7 */
	void (*hook)(struct cove_vcpu *vcpu);
};

static struct script {
	unsigned int n;
	unsigned int at;
	struct step step[MAX_STEPS];
	unsigned long saw[MAX_STEPS + 1][33];
} scripts[ARCH_MAX_HARTS];

static struct script *script(void)
{
	return &scripts[fake_hart];
}

void guest_new(void)
{
	memset(script(), 0, sizeof(struct script));
}

static struct step *next_step(void)
{
	struct script *s = script();

	assert_true(s->n < MAX_STEPS);
	return &s->step[s->n++];
}

void guest_ecall(unsigned long eid, unsigned long fid, const unsigned long a[6])
{
	struct step *step = next_step();

	step->trap.cause = CAUSE_VIRTUAL_SUPERVISOR_ECALL;
	memcpy(step->a, a, 6 * sizeof(a[0]));
	step->a[6] = fid;
	step->a[7] = eid;
}

void guest_trap(unsigned long cause, unsigned long tval, unsigned long tval2, unsigned long tinst)
{
	next_step()->trap = (struct cove_trap){ cause, tval, tval2, tinst };
}

void guest_fault(unsigned long cause, u64 gpa, unsigned long tinst)
{
	guest_trap(cause, 0xffff000000000000 | (gpa & 0xfff), gpa >> 2, tinst);
}

void guest_do(void (*hook)(struct cove_vcpu *vcpu))
{
	struct script *s = script();

	assert_true(s->n > 0);
	s->step[s->n - 1].hook = hook;
}

bool guest_done(void)
{
	return script()->at == script()->n;
}

unsigned long guest_saw(unsigned int step, unsigned int n)
{
	assert_true(step < script()->at);
	return script()->saw[step + 1][n];
}

static void play(struct cove_vcpu *vcpu, void *arg)
{
	struct script *s = script();
	struct step *step = &s->step[s->at];

	(void)arg;
	memcpy(s->saw[s->at], vcpu->gpr, sizeof(vcpu->gpr));
	s->saw[s->at][32] = vcpu->pc;
	if (s->at == s->n) {
		vcpu->trap.cause = INTERRUPT | IRQ_S_TIMER;
		return;
	}
	s->at++;
	if (step->hook)
		step->hook(vcpu);
	vcpu->trap = step->trap;
	if (step->trap.cause == CAUSE_VIRTUAL_SUPERVISOR_ECALL)
		memcpy(&vcpu->gpr[A0], step->a, sizeof(step->a));
}

long guest_run(unsigned long gid, unsigned long vcpu)
{
	fake_harts[fake_hart].guest = play;
	return COVH(RUN_TVM_VCPU, gid, vcpu);
}
