// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * All registers of the guest across one exit, and what a guest can read at
 * all; from the lists of registers.h.
 */
#include "guest.h"
#include "../registers.h"

#define INSN_CSRR(n)   ((unsigned int)(n) << 20 | 2 << 12 | 10 << 7 | 0x73)
#define INSN_CSRW(n)   ((unsigned int)(n) << 20 | 10 << 15 | 1 << 12 | 0x73)
#define GUEST_TAG      0x6775657374000000UL
#define SPARE_STACK(n) ((unsigned long)stacks_base() + (n)*0x1000UL)
#define COUNT(a)       (sizeof(a) / sizeof((a)[0]))

void how_ecall(const unsigned long *in, unsigned long *out);
void how_store(const unsigned long *in, unsigned long *out);
void how_load(const unsigned long *in, unsigned long *out);
void how_wfi(const unsigned long *in, unsigned long *out);
void how_spin(const unsigned long *in, unsigned long *out);
void how_illegal(const unsigned long *in, unsigned long *out);
void how_virtual(const unsigned long *in, unsigned long *out);
void how_fetch(const unsigned long *in, unsigned long *out);
void how_lost(const unsigned long *in, unsigned long *out);
void lost_entry(void);
void user_call(void (*fn)(void));
void user_jump(void);
void vector_divide(void);
unsigned long csr_do(unsigned int insn, unsigned long value);

static const struct {
	unsigned int number;
	unsigned int what;
	unsigned long value;
	unsigned long mask;
} csrs[] = {
#define CSR_ROW(name, number, what, value, mask) { number, what, value, mask },
	GUEST_CSRS(CSR_ROW)
};

static const struct {
	enum exit_how how;
	unsigned int seen;
	unsigned long a7, a6, a0, a1, a2;
} cases[] = {
#define CASE_ROW(name, how, seen, a7, a6, a0, a1, a2) { how, seen, a7, a6, a0, a1, a2 },
	EXIT_CASES(CASE_ROW)
};

static struct {
	bool have[COUNT(csrs)];
	bool vector;
	unsigned long csr[COUNT(csrs)];
	unsigned long in[32], out[32];
	unsigned long f[33], fout[33];
	unsigned long vcsr[3];
	unsigned char v[32 * 128], vout[32 * 128];
} state;

static bool csr_number_read(unsigned int n, unsigned long *value)
{
	unsigned long before = last_trap()->count;

	*value = csr_do(INSN_CSRR(n), 0);
	return last_trap()->count == before;
}

static void fill_gprs(unsigned int i)
{
	unsigned int n;

	for (n = 0; n < 32; n++)
		state.in[n] = GUEST_TAG | n * 0x010101UL;
	switch (cases[i].how) {
	case HOW_ECALL:
	case HOW_SUSPEND:
	case HOW_LOST:
		state.in[17] = cases[i].a7;
		state.in[16] = cases[i].a6;
		state.in[10] = cases[i].a0;
		state.in[11] = cases[i].a1;
		state.in[12] = cases[i].a2;
		if (cases[i].how == HOW_LOST)
			state.in[11] = (unsigned long)lost_entry;
		break;
	case HOW_STORE:
	case HOW_LOAD:
		state.in[8] = cases[i].a0;
		break;
	case HOW_SPIN:
		state.in[8] = csr_read(time) + 1000000;
		break;
	case HOW_FETCH:
		state.in[8] = cases[i].a0;
		/* fallthrough */
	case HOW_ILLEGAL:
	case HOW_VIRTUAL:
		state.in[2] = SPARE_STACK(4); /* the guest's trap handler needs one */
		break;
	default:
		break;
	}
}

/* Registers that a way out may change */
static unsigned long may_change(enum exit_how how)
{
	switch (how) {
	case HOW_ECALL:
	case HOW_SUSPEND:
		return 1UL << 10 | 1UL << 11;
	case HOW_LOAD:
	case HOW_SPIN:
		return 1UL << 9;
	case HOW_FETCH:
		return 1UL << 1;
	default:
		return 0;
	}
}

/* CSRs that an exception changes, or a pending interrupt */
static bool trap_csr(enum exit_how how, unsigned int number)
{
	if (how == HOW_SUSPEND || how == HOW_LOST)
		return number == 0x144 || number == 0xdb0;
	if (how != HOW_ILLEGAL && how != HOW_VIRTUAL && how != HOW_FETCH)
		return false;
	return number == 0x100 || (number >= 0x141 && number <= 0x143);
}

static void fill(void)
{
	unsigned int i;

	csr_set(sstatus, SSTATUS_FS | SSTATUS_VS);
	state.vector = csr_read(sstatus) & SSTATUS_VS;
	for (i = 0; i < 33; i++)
		state.f[i] = i == 32 ? 0x65 : GUEST_TAG << 1 | i * 0x030303UL;
	for (i = 0; i < sizeof(state.v); i++)
		state.v[i] = (unsigned char)(i * 7 + 3);
	for (i = 0; i < COUNT(csrs); i++)
		state.have[i] = csr_number_read(csrs[i].number, &state.csr[i]);
	fp_load(state.f);
	if (state.vector)
		v_load(state.v, 3, 0xc0, 5);
	for (i = 0; i < COUNT(csrs); i++)
		if (state.have[i] && csrs[i].what == CSR_FILL)
			csr_do(INSN_CSRW(csrs[i].number), csrs[i].value);
	for (i = 0; i < COUNT(csrs); i++)
		if (state.have[i])
			state.csr[i] = csr_do(INSN_CSRR(csrs[i].number), 0);
}

static void go(enum exit_how how)
{
	static void (*const probe[])(const unsigned long *, unsigned long *) = {
		[HOW_ECALL] = how_ecall,     [HOW_STORE] = how_store, [HOW_LOAD] = how_load,
		[HOW_WFI] = how_wfi,	     [HOW_SPIN] = how_spin,   [HOW_ILLEGAL] = how_illegal,
		[HOW_VIRTUAL] = how_virtual, [HOW_FETCH] = how_fetch, [HOW_SUSPEND] = how_ecall,
		[HOW_LOST] = how_lost,
	};
	unsigned int n;

	if (how == HOW_SPIN)
		mail(MAIL_READY, 1);
	probe[how](state.in, state.out);
	for (n = 0; how == HOW_LOST && n < 32; n++)
		state.in[n] = n == 11 ? state.in[12] : 0;
}

struct result {
	unsigned long gprs, fp, v, csrs, saw, wanted;
};

static void compare_csrs(struct result *r, enum exit_how how)
{
	unsigned int i;

	for (i = 0; i < COUNT(csrs); i++) {
		unsigned long now;

		if (!state.have[i] || trap_csr(how, csrs[i].number))
			continue;
		now = csr_do(INSN_CSRR(csrs[i].number), 0);
		if (!((now ^ state.csr[i]) & csrs[i].mask))
			continue;
		r->csrs |= 1UL << i;
		r->saw = now;
		r->wanted = state.csr[i];
	}
}

static void compare(struct result *r, enum exit_how how)
{
	unsigned int i;

	compare_csrs(r, how);
	fp_store(state.fout);
	if (state.vector) {
		csr_do(INSN_CSRW(0x008), 0); /* vstart, or the store begins there */
		v_store(state.vout, state.vcsr);
		for (i = 0; i < 32 * v_lenb(); i++)
			if (state.v[i] != state.vout[i])
				r->v |= 1UL << (i / v_lenb());
	}
	for (i = 1; i < 32; i++)
		if (state.in[i] != state.out[i])
			r->gprs |= 1UL << i;
	r->gprs &= ~may_change(how);
	for (i = 0; i < 33; i++)
		if (state.f[i] != state.fout[i])
			r->fp |= 1UL << i;
}

static void registers(unsigned int i)
{
	struct result r = { 0 };

	if (cases[i].a7 == SBI_EXT_COVG && cases[i].a6 == 3)
		sbi(SBI_EXT_COVG, 2, cases[i].a0, cases[i].a1, 0);
	fill_gprs(i);
	fill();
	go(cases[i].how);
	compare(&r, cases[i].how);
	csr_write(sie, 0);
	mail(MAIL_GPRS, r.gprs);
	mail(MAIL_FP, r.fp);
	mail(MAIL_V, r.v);
	mail(MAIL_CSRS, r.csrs);
	mail(MAIL_A0, state.out[10]);
	mail(MAIL_RD, state.out[9]);
	mail(MAIL_SAW, r.saw);
	mail(MAIL_WANTED, r.wanted);
	done();
}

static void snapshot(void)
{
	unsigned long value, f[33], csr[3], any = 0;
	unsigned int n, i;

	csr_set(sstatus, SSTATUS_FS | SSTATUS_VS);
	for (n = 0; n < 4096; n++)
		if (csr_number_read(n, &value))
			*(volatile unsigned long *)(SNAPSHOT_BASE + 8 * n) = value;
	fp_store(f);
	for (i = 0; i < 33; i++)
		any |= f[i];
	mail(MAIL_FP, any);
	any = 0;
	if (csr_read(sstatus) & SSTATUS_VS) {
		v_store(state.vout, csr);
		for (i = 0; i < 32 * v_lenb(); i++)
			any |= state.vout[i];
	}
	mail(MAIL_V, any);
	done();
}

#define SENVCFG_LPE 4UL

/* A landing pad is expected, and the page is not there: that exit must not forget it. */
static void landing_pad(void)
{
	unsigned long value;

	if (csr_number_read(0x10a, &value))
		csr_set(senvcfg, SENVCFG_LPE);
	if (!csr_number_read(0x10a, &value) || !(value & SENVCFG_LPE))
		done();
	mail(0, 1);
	user_call(user_jump);
	mail(1, last_trap()->cause);
	done();
}

/* The flag is F state, but the instruction that raises it is a vector instruction. */
static void vector_flags(void)
{
	csr_set(sstatus, SSTATUS_FS | SSTATUS_VS);
	if (!(csr_read(sstatus) & SSTATUS_VS))
		done();
	csr_write(fcsr, 0);
	mail(0, 1);
	csr_read(fcsr);
	vector_divide();
	mail(1, 0);
	mail(2, csr_read(fcsr));
	done();
}

/* After an exit nothing but a CSR of F and V changes before the next. */
static void lone_csrs(void)
{
	unsigned long old;

	csr_set(sstatus, SSTATUS_FS | SSTATUS_VS);
	csr_write(fcsr, 0);
	mail(0, csr_number_read(0x00f, &old));
	csr_write(fcsr, 0x65);
	mail(1, 0);
	mail(2, csr_read(fcsr));
	csr_do(INSN_CSRW(0x00f), 5);
	mail(3, 0);
	mail(4, csr_do(INSN_CSRR(0x00f), 0));
	mail(5, 0);
	csr_do(INSN_CSRW(0x008), 1);
	mail(6, 0);
	mail(7, csr_do(INSN_CSRR(0x008), 0));
	done();
}

bool guest_registers_fn(unsigned long fn, unsigned long param)
{
	switch (fn) {
	case G_REGISTERS:
		registers((unsigned int)param);
		return true;
	case G_SNAPSHOT:
		snapshot();
		return true;
	case G_LANDING_PAD:
		landing_pad();
		return true;
	case G_VECTOR_FLAGS:
		vector_flags();
		return true;
	case G_LONE_CSRS:
		lone_csrs();
		return true;
	default:
		return false;
	}
}
