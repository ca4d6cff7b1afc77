// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * SSE: OpenSBI reads and writes buffers of the host, and enters the host's
 * handler when it likes, which must never be with a TVM's state in the hart.
 */
#include "deputy.h"

#define READ_ATTRS  0
#define WRITE_ATTRS 1
#define REGISTER    2
#define UNREGISTER  3
#define ENABLE	    4
#define DISABLE	    5
#define INJECT	    7
#define HART_UNMASK 8
#define HART_MASK   9

#define LOCAL_SOFTWARE	0xffff0000UL
#define GLOBAL_SOFTWARE 0xffff8000UL
#define ATTR_PRIO	1
#define ATTR_HART	3
#define ATTR_ENTRY_PC	4

static bool absent(void)
{
	if (has_extension(EXT_SSE))
		return false;
	test_fail("the firmware has no SSE");
	return true;
}

static struct sbiret attrs(unsigned long fid, unsigned long first, unsigned long n,
			   unsigned long pa)
{
	return sbi6(EXT_SSE, fid, LOCAL_SOFTWARE, first, n, pa, 0);
}

static void buffers(unsigned long fid, unsigned long first)
{
	unsigned long pa = pages_alloc(1, 1);
	struct bad bad;
	unsigned int i;

	if (absent())
		return;
	memset((void *)pa, 0, PAGE);
	REQUIRE(bad_make(&bad, 16));
	for (i = 0; i < bad.n; i++)
		REQUIRE(refused(bad.a[i].what, attrs(fid, first, 2, bad.a[i].pa)));
	REQUIRE(refused("an unaligned address", attrs(fid, first, 1, pa + 4)));
	REQUIRE(refused("no attribute", attrs(fid, first, 0, pa)));
	REQUIRE(refused("too many", attrs(fid, first, 11, pa)));
	REQUIRE(refused("a count that wraps", attrs(fid, first, 0x20000001, pa)));
	REQUIRE(refused("a count that wraps", attrs(fid, first, ~0UL, pa)));
	REQUIRE(refused("an ID that wraps", attrs(fid, 0xffffffffUL, 2, pa)));
	REQUIRE(refused("high bits", sbi6(EXT_SSE, fid, LOCAL_SOFTWARE, first, 1, pa, 1)));
	REQUIRE(refused("no such event", sbi6(EXT_SSE, fid, 0x1234, first, 1, pa, 0)));
	EXPECT(attrs(fid, first, 2, pa).error, OK);
	EXPECT(convert(pa, 1), OK); /* nothing is remembered */
	REQUIRE(refused("what has been converted", attrs(fid, first, 2, pa)));
}

static void read_attrs(void)
{
	buffers(READ_ATTRS, ATTR_PRIO);
}

static void write_attrs(void)
{
	buffers(WRITE_ATTRS, ATTR_PRIO); /* priority and configuration, zero */
}

static void written_is_read(void)
{
	unsigned long *buf = (unsigned long *)pages_alloc(1, 1);

	if (absent())
		return;
	buf[0] = 0x1234;
	buf[1] = 1;
	EXPECT(attrs(WRITE_ATTRS, ATTR_PRIO, 2, (unsigned long)buf).error, OK);
	EXPECT(attrs(READ_ATTRS, ATTR_PRIO, 2, (unsigned long)(buf + 8)).error, OK);
	EXPECT(buf[8], 0x1234);
	EXPECT(buf[9], 1);
	buf[0] = 0;
	buf[1] = 0;
	EXPECT(attrs(WRITE_ATTRS, ATTR_PRIO, 2, (unsigned long)buf).error, OK);
	REQUIRE(refused("a read-only attribute",
			attrs(WRITE_ATTRS, ATTR_ENTRY_PC, 1, (unsigned long)buf)));
}

struct racer {
	volatile unsigned long *word;
	unsigned long good;
	volatile unsigned int stop;
};

static void race(void *arg)
{
	struct racer *r = arg;

	while (!r->stop) {
		*r->word = 77; /* no such hart */
		*r->word = r->good;
	}
}

/* The hart of an event is an index into OpenSBI's tables: check and use see one value. */
static void hart_changes(void)
{
	unsigned long *buf = (unsigned long *)pages_alloc(1, 1), i;
	unsigned int id = other_hart(0);
	struct racer r = { buf, this_hart()->id, 0 };
	unsigned long seen = r.good;

	if (absent())
		return;
	buf[0] = 1UL << 32 | r.good;
	REQUIRE(refused(
		"a hart ID of more than 32 bits",
		sbi6(EXT_SSE, WRITE_ATTRS, GLOBAL_SOFTWARE, ATTR_HART, 1, (unsigned long)buf)));
	buf[0] = r.good;
	hart_begin(id, race, &r);
	for (i = 0; i < 30000 && seen == r.good; i++) {
		sbi6(EXT_SSE, WRITE_ATTRS, GLOBAL_SOFTWARE, ATTR_HART, 1, (unsigned long)buf);
		sbi6(EXT_SSE, READ_ATTRS, GLOBAL_SOFTWARE, ATTR_HART, 1, (unsigned long)(buf + 8));
		seen = buf[8];
	}
	r.stop = 1;
	EXPECT(hart_wait(id), true);
	EXPECT(seen, r.good);
}

/* What the handler has found in the hart; a7 points to it. */
#define SEEN_HSTATUS 32
#define SEEN_HGATP   33
#define SEEN_VSATP   34
#define SEEN_VSEPC   35
#define SEEN_VSTVAL  36
#define SEEN_SCRATCH 37
#define SEEN_SEPC    38
#define SEEN_COUNT   39

static volatile unsigned long seen[40] __attribute__((aligned(16)));

__asm__(".text\n"
	".globl sse_entry\n"
	".align 2\n"
	"sse_entry:\n"
	".irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, "
	"23, "
	"24, 25, 26, 27, 28, 29, 30, 31\n"
	"	sd x\\n, (8 * \\n)(a7)\n"
	".endr\n"
	"	csrr t0, 0x600\n"
	"	sd t0, 256(a7)\n"
	"	csrr t0, 0x680\n"
	"	sd t0, 264(a7)\n"
	"	csrr t0, 0x280\n"
	"	sd t0, 272(a7)\n"
	"	csrr t0, 0x241\n"
	"	sd t0, 280(a7)\n"
	"	csrr t0, 0x243\n"
	"	sd t0, 288(a7)\n"
	"	csrr t0, 0x240\n"
	"	sd t0, 296(a7)\n"
	"	csrr t0, sepc\n"
	"	sd t0, 304(a7)\n"
	"	ld t0, 312(a7)\n"
	"	addi t0, t0, 1\n"
	"	sd t0, 312(a7)\n"
	"	ld t0, 40(a7)\n"
	"	li a7, 0x535345\n"
	"	li a6, 6\n"
	"	ecall\n");
extern char sse_entry[];

struct injector {
	unsigned long hart;
	volatile unsigned int stop;
	unsigned long injected;
};

static void inject(void *arg)
{
	struct injector *in = arg;

	while (!in->stop)
		if (!sbi6(EXT_SSE, INJECT, LOCAL_SOFTWARE, in->hart).error)
			in->injected++;
}

static bool tick(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	(void)vcpu;
	if (e->scause != (CAUSE_IRQ | IRQ_S_TIMER))
		return false;
	timer_set(csr_read(time) + 20000);
	t->nirq++;
	return true;
}

static bool of_guest(unsigned long v)
{
	return v >> 24 == 0x6775657374UL;
}

static bool handler_on(void)
{
	return !sbi6(EXT_SSE, REGISTER, LOCAL_SOFTWARE, (unsigned long)sse_entry,
		     (unsigned long)seen)
			.error &&
	       !sbi6(EXT_SSE, ENABLE, LOCAL_SOFTWARE).error && !sbi6(EXT_SSE, HART_UNMASK, 0).error;
}

static bool handler_off(void)
{
	return !sbi6(EXT_SSE, HART_MASK, 0).error &&
	       !sbi6(EXT_SSE, DISABLE, LOCAL_SOFTWARE).error &&
	       !sbi6(EXT_SSE, UNREGISTER, LOCAL_SOFTWARE).error;
}

/* Events from another hart, all the time that a guest with patterns in its registers runs. */
static void injected_into_tvm(void)
{
	struct injector in = { this_hart()->id, 0, 0 };
	unsigned int id = other_hart(0), i;
	struct tvm t;
	enum why why;

	if (absent())
		return;
	memset((void *)seen, 0, sizeof(seen));
	REQUIRE(handler_on());
	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_EXITS, KIND_TIMER)));
	t.hook = tick;
	csr_write(hstatus, 2UL << 32);
	csr_write(vsepc, 0x1111111111111110UL);
	csr_write(vstval, 0x2222222222222222UL);
	csr_write(vsscratch, 0x3333333333333333UL);
	csr_write(sie, SIP_STIP);
	hart_begin(id, inject, &in);
	timer_set(csr_read(time) + 20000);
	why = tvm_serve(&t, 0);
	timer_set(~0UL);
	csr_write(sie, 0);
	in.stop = 1;
	EXPECT(hart_wait(id), true);
	EXPECT(handler_off(), true);
	EXPECT(why, WHY_DONE);
	EXPECT(t.mail[0] | t.mail[1] | t.mail[2] | t.mail[3], 0);
	EXPECT_TRUE(in.injected > 0);
	EXPECT_TRUE(seen[SEEN_COUNT] > 0);
	for (i = 1; i < SEEN_COUNT; i++)
		if (of_guest(seen[i]))
			test_fail("the handler has seen %lx in place %u", seen[i], i);
	EXPECT(seen[SEEN_HGATP], 0);
	EXPECT(seen[SEEN_VSATP], 0);
	EXPECT(seen[SEEN_VSEPC], 0x1111111111111110UL);
	EXPECT(seen[SEEN_VSTVAL], 0x2222222222222222UL);
	EXPECT(seen[SEEN_SCRATCH], 0x3333333333333333UL);
	EXPECT(seen[16], this_hart()->id);
	EXPECT(seen[17], (unsigned long)seen);
}

static struct injector once;
static bool late;

static void wait_ticks(unsigned long ticks)
{
	unsigned long start = csr_read(time);

	while (csr_read(time) - start < ticks)
		;
}

static void inject_once(void *arg)
{
	(void)arg;
	while (!once.stop)
		;
	wait_ticks(5000);
	once.injected = !sbi6(EXT_SSE, INJECT, LOCAL_SOFTWARE, once.hart).error;
	__sync_synchronize();
	once.stop = 2;
}

/* No call of the host between the end of the run and the look. */
static bool look_after_run(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	if (e->scause == (CAUSE_IRQ | IRQ_S_TIMER) && once.stop == 2) {
		wait_ticks(1000);
		late |= !seen[SEEN_COUNT];
	}
	if (e->scause == (CAUSE_IRQ | IRQ_S_TIMER) && !once.stop)
		once.stop = 1;
	return tick(t, vcpu, e);
}

/* One that came during a run is entered when the run ends, not at some later trap. */
static void entered_after_run(void)
{
	unsigned int id = other_hart(0);
	struct tvm t;
	enum why why;

	if (absent())
		return;
	memset((void *)seen, 0, sizeof(seen));
	once = (struct injector){ this_hart()->id, 0, 0 };
	late = false;
	REQUIRE(handler_on());
	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_EXITS, KIND_TIMER)));
	t.hook = look_after_run;
	csr_write(hstatus, 2UL << 32);
	csr_write(sie, SIP_STIP);
	hart_begin(id, inject_once, NULL);
	timer_set(csr_read(time) + 20000);
	why = tvm_serve(&t, 0);
	timer_set(~0UL);
	csr_write(sie, 0);
	once.stop |= 1;
	EXPECT(hart_wait(id), true);
	EXPECT(handler_off(), true);
	EXPECT(why, WHY_DONE);
	EXPECT(once.injected, 1);
	EXPECT(seen[SEEN_COUNT], 1);
	EXPECT(late, false);
}

/* A handler at an address that is not the host's is refused as an entry. */
static void entry(void)
{
	struct bad bad;
	unsigned int i;

	if (absent())
		return;
	REQUIRE(bad_make(&bad, 16));
	for (i = 0; i < bad.n; i++) {
		if (bad.a[i].pa & PAGE / 2 || !bad.a[i].pa || bad.a[i].pa >> 56)
			continue;
		REQUIRE(refused(bad.a[i].what,
				sbi6(EXT_SSE, REGISTER, LOCAL_SOFTWARE, bad.a[i].pa, 0)));
	}
	/* an address of the kernel's half is virtual */
	EXPECT(sbi6(EXT_SSE, REGISTER, LOCAL_SOFTWARE, 0xffffffff80000000UL, 0).error, OK);
	EXPECT(sbi6(EXT_SSE, UNREGISTER, LOCAL_SOFTWARE).error, OK);
}

const struct test deputy_sse_tests[] = {
	{ "deputy_sse_read_attrs", read_attrs, 1 },
	{ "deputy_sse_write_attrs", write_attrs, 1 },
	{ "deputy_sse_written_is_read", written_is_read, 1 },
	{ "deputy_sse_hart_changes", hart_changes, 2 },
	{ "deputy_sse_entry", entry, 1 },
	{ "deputy_sse_injected_into_tvm", injected_into_tvm, 2 },
	{ "deputy_sse_entered_after_run", entered_after_run, 2 },
};
DEFINE_TESTS(deputy_sse);
