// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The VS guest of the tests: does what its entry argument says and mails what
 * it saw. The payload knows what it should have seen.
 */
#include "guest.h"

static volatile struct guest_trap_info traps[4];
volatile unsigned long interrupts[4][16];
volatile unsigned long on_soft[4];
static unsigned long *page_table;
static bool sstc;

void mail(unsigned int slot, unsigned long value)
{
	*(volatile unsigned long *)(MAIL_BASE + 8 * slot) = value;
}

unsigned long ask(unsigned int slot)
{
	return *(volatile unsigned long *)(MAIL_BASE + 8 * slot);
}

void mail_ret(unsigned int slot, struct sbiret r)
{
	mail(slot, (unsigned long)r.error);
	mail(slot + 1, r.value);
}

void done(void)
{
	for (;;)
		mail(MAIL_DONE, 1);
}

void call8(const unsigned long a[8], unsigned long out[2])
{
	register unsigned long a0 __asm__("a0") = a[0];
	register unsigned long a1 __asm__("a1") = a[1];
	register unsigned long a2 __asm__("a2") = a[2];
	register unsigned long a3 __asm__("a3") = a[3];
	register unsigned long a4 __asm__("a4") = a[4];
	register unsigned long a5 __asm__("a5") = a[5];
	register unsigned long a6 __asm__("a6") = a[6];
	register unsigned long a7 __asm__("a7") = a[7];

	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1)
			 : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7)
			 : "memory");
	out[0] = a0;
	out[1] = a1;
}

struct sbiret sbi(unsigned long eid, unsigned long fid, unsigned long x0, unsigned long x1,
		  unsigned long x2)
{
	register unsigned long a0 __asm__("a0") = x0;
	register unsigned long a1 __asm__("a1") = x1;
	register unsigned long a2 __asm__("a2") = x2;
	register unsigned long a3 __asm__("a3") = 0;
	register unsigned long a4 __asm__("a4") = 0;
	register unsigned long a6 __asm__("a6") = fid;
	register unsigned long a7 __asm__("a7") = eid;
	struct sbiret r;

	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1)
			 : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7)
			 : "memory");
	r.error = (long)a0;
	r.value = a1;
	return r;
}

/* The stack says which vCPU this is. */
static unsigned int self(void)
{
	unsigned long sp;

	__asm__("mv %0, sp" : "=r"(sp));
	return (unsigned int)((sp - 1 - (unsigned long)stacks_base()) >> 12);
}

volatile struct guest_trap_info *last_trap(void)
{
	return &traps[self()];
}

static void interrupt(unsigned long irq)
{
	unsigned int id = self();

	interrupts[id][irq]++;
	if (irq != 1) {
		csr_clear(sie, 1UL << irq);
		return;
	}
	csr_clear(sip, 2);
	if (on_soft[id] == SOFT_STOP)
		sbi(EXT_HSM, 1, 0, 0, 0);
	if (on_soft[id] == SOFT_SKIP)
		csr_write(sepc, csr_read(sepc) + 4);
}

void guest_trap(unsigned long *frame)
{
	unsigned long cause = csr_read(scause), epc = csr_read(sepc);

	if (cause >> 63) {
		interrupt(cause & 15);
		return;
	}
	if (cause == 8) {
		csr_write(sepc, user_return);
		csr_set(sstatus, 0x100);
		return;
	}
	traps[self()].cause = cause;
	traps[self()].tval = csr_read(stval);
	traps[self()].epc = epc;
	traps[self()].count++;
	if (cause == 18) { /* only VU expects landing pads */
		csr_write(sepc, user_return);
		csr_set(sstatus, 0x100);
		return;
	}
	/* lost: back to whoever called */
	if (cause == 1 || cause == 12 || (cause == 2 && !*(volatile unsigned short *)epc))
		csr_write(sepc, frame[1]);
	else
		csr_write(sepc, epc + ((*(volatile unsigned short *)epc & 3) == 3 ? 4 : 2));
}

static void hello(unsigned long hartid, unsigned long arg)
{
	unsigned long mask = 0, f[33], any = 0;
	unsigned int i;

	for (i = 1; i < 32; i++)
		if (i != 10 && i != 11 && entry_regs[hartid * 32 + i])
			mask |= 1UL << i;
	csr_set(sstatus, SSTATUS_FS);
	fp_store(f);
	for (i = 0; i < 33; i++)
		any |= f[i];
	mail(0, hartid);
	mail(1, arg);
	mail(2, mask);
	mail(3, any);
	mail(4, csr_read(satp));
	mail(5, csr_read(sstatus) & ~(SSTATUS_FS | SSTATUS_VS | 1UL << 63));
	mail(6, csr_read(sie));
	mail(7, csr_read(sip));
	mail(8, csr_read(time));
	done();
}

static void bad_exit(unsigned int i)
{
	mail(MAIL_DONE - 1, i);
	done();
}

/* Pattern of register @i; the payload's own differ. */
static unsigned long pattern(unsigned int i)
{
	return 0x6775657374000000UL | i * 0x010101UL;
}

static unsigned int set_gprs(unsigned long *in, enum exit_kind kind)
{
	unsigned int i;

	for (i = 0; i < 32; i++)
		in[i] = pattern(i);
	switch (kind) {
	case KIND_ECALL:
		in[10] = 'x';
		in[16] = 2;
		in[17] = EXT_DBCN;
		return 1U << 10 | 1U << 11;
	case KIND_STORE:
	case KIND_PAGING:
		in[6] = DEV_BASE;
		return 0;
	case KIND_LOAD:
		in[6] = DEV_BASE;
		return 1U << 7;
	case KIND_FAULT:
		in[6] = GUEST_HEAP + 0x3128; /* the host learns the page only */
		return 1U << 7;
	case KIND_TIMER:
		in[5] = csr_read(time) + 200000;
		return 1U << 7;
	default:
		return 0;
	}
}

static void run_probe(enum exit_kind kind, unsigned long *in, unsigned long *out)
{
	switch (kind) {
	case KIND_ECALL:
		probe_ecall(in, out);
		break;
	case KIND_STORE:
	case KIND_PAGING:
		probe_store(in, out);
		break;
	case KIND_LOAD:
	case KIND_FAULT:
		probe_load(in, out);
		break;
	case KIND_WFI:
		probe_wfi(in, out);
		break;
	case KIND_SPIN:
		probe_wrs(in, out);
		break;
	default:
		probe_spin(in, out);
		break;
	}
}

static void own_paging(void)
{
	unsigned int i;

	page_table = (unsigned long *)GUEST_HEAP;
	for (i = 0; i < 4; i++)
		page_table[i] = (unsigned long)i << 28 | 0xcf;
	csr_write(satp, 8UL << 60 | GUEST_HEAP >> 12);
	__asm__ volatile("sfence.vma" ::: "memory");
}

struct csrs {
	unsigned long v[8];
};

static void write_csrs(struct csrs *c)
{
	csr_write(sepc, 0x6765706300000000UL);
	csr_write(scause, 0x17);
	csr_write(stval, 0x677476616c000000UL);
	csr_write(scounteren, 3);
	if (sstc)
		csr_write(stimecmp, 0x7fffffff00000000UL);
	csr_write(sie, 0x202);
	csr_set(sstatus, 1UL << 18 | 1UL << 19);
	c->v[0] = csr_read(sepc);
	c->v[1] = csr_read(scause);
	c->v[2] = csr_read(stval);
	c->v[3] = csr_read(scounteren);
	c->v[4] = sstc ? csr_read(stimecmp) : 0;
	c->v[5] = csr_read(sie);
	c->v[6] = csr_read(satp);
	c->v[7] = csr_read(stvec);
}

static unsigned long differing_csrs(const struct csrs *c, unsigned long sstatus)
{
	unsigned long now[8] = { csr_read(sepc),
				 csr_read(scause),
				 csr_read(stval),
				 csr_read(scounteren),
				 sstc ? csr_read(stimecmp) : 0,
				 csr_read(sie),
				 csr_read(satp),
				 csr_read(stvec) };
	unsigned long mask = 0;
	unsigned int i;

	for (i = 0; i < 8; i++)
		if (now[i] != c->v[i])
			mask |= 1UL << i;
	if ((csr_read(sstatus) ^ sstatus) & ~(SSTATUS_FS | SSTATUS_VS | 1UL << 63))
		mask |= 1UL << 8;
	return mask;
}

static unsigned char vregs[2][32 * 128];

/* Fill every register file, leave the TVM in one way, compare. */
static void exits(enum exit_kind kind)
{
	static unsigned long in[32], out[32], f[33], fout[33], vc[3];
	unsigned long gprs = 0, fps = 0, vs = 0, sstatus, csrdiff;
	unsigned int i, ignore;
	bool vector;
	struct csrs c;

	csr_set(sstatus, SSTATUS_FS | SSTATUS_VS);
	vector = csr_read(sstatus) & SSTATUS_VS;
	csr_read(stimecmp);
	sstc = !last_trap()->count;
	if (kind == KIND_PAGING)
		own_paging();
	for (i = 0; i < 32; i++)
		f[i] = pattern(i) << 1;
	f[32] = 0x65;
	for (i = 0; i < sizeof(vregs[0]); i++)
		vregs[0][i] = (unsigned char)(i * 7 + 3);
	ignore = set_gprs(in, kind);
	fp_load(f);
	if (vector)
		v_load(vregs[0], 3, 0, 5);
	write_csrs(&c);
	sstatus = csr_read(sstatus);
	run_probe(kind, in, out);
	csrdiff = differing_csrs(&c, sstatus);
	fp_store(fout);
	if (vector)
		v_store(vregs[1], vc);
	for (i = 1; i < 32; i++)
		if (in[i] != out[i] && !(ignore & 1U << i))
			gprs |= 1UL << i;
	for (i = 0; i < 33; i++)
		if (f[i] != fout[i])
			fps |= 1UL << i;
	if (vector) {
		for (i = 0; i < 32 * v_lenb(); i++)
			if (vregs[0][i] != vregs[1][i])
				vs |= 1UL << (i / v_lenb());
		if (vc[0] != 3 || vc[1] != 0 || vc[2] != 5)
			vs |= 1UL << 63;
	}
	mail(0, gprs);
	mail(1, fps);
	mail(2, vs);
	mail(3, csrdiff);
	mail(4, out[7]);
	mail(5, out[10]);
	mail(6, out[11]);
	mail(7, vector);
	done();
}

static void touch(void)
{
	unsigned long gpa = ask(0), value = ask(1);
	volatile unsigned long *p = (volatile unsigned long *)gpa;

	mail(0, *p);
	mail(1, last_trap()->count);
	*p = value;
	mail(2, *p);
	mail(3, last_trap()->count);
	mail(4, last_trap()->cause);
	done();
}

static void pages(unsigned long param)
{
	unsigned long n = ask(0), i, wrong = 0, dirty = 0;

	for (i = 0; i < n; i++) {
		volatile unsigned long *p = (volatile unsigned long *)(GUEST_HEAP + i * 4096);

		dirty += *p != 0;
		*p = param + i;
	}
	mail(0, dirty);
	for (i = 0; i < n; i++)
		wrong += *(volatile unsigned long *)(GUEST_HEAP + i * 4096) != param + i;
	mail(1, wrong);
	done();
}

static void spin(void)
{
	volatile unsigned long *p = (volatile unsigned long *)GUEST_HEAP;

	*p = 0;
	mail(0, 1);
	for (;;)
		(*p)++;
}

void guest_main(unsigned long hartid, unsigned long arg)
{
	unsigned long param = arg >> 8;

	if (arg & G_ADD_MMIO)
		sbi(SBI_EXT_COVG, 0, MAIL_BASE, 0x1000, 0);
	switch ((enum guest_fn)(arg & 0x7f)) {
	case G_HELLO:
		hello(hartid, arg);
		break;
	case G_EXITS:
		exits((enum exit_kind)param);
		break;
	case G_TOUCH:
		touch();
		break;
	case G_SPIN:
		spin();
		break;
	case G_PAGES:
		pages(param);
		break;
	case G_NULL:
		done();
		break;
	case G_STRAY:
		*(volatile unsigned long *)DEV_BASE = 1;
		done();
		break;
	case G_BENCH:
		guest_bench(param);
	case G_EXAMPLES:
		guest_examples();
		done();
	case G_REMOTE:
		guest_remote(hartid);
	default:
		if (!guest_mmio_fn(arg & 0x7f) && !guest_sbi_fn(arg & 0x7f, param, hartid) &&
		    !guest_share_fn(arg & 0x7f) && !guest_large_fn(arg & 0x7f, param) &&
		    !guest_registers_fn(arg & 0x7f, param) && !guest_hostile_fn(arg & 0x7f) &&
		    !guest_life_fn(arg & 0x7f))
			bad_exit(1);
		break;
	}
	done();
}
