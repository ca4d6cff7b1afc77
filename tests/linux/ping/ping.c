/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A guest that starts at once and needs 16 MiB, for tests that start many. It
 * says "up", and answers each letter on its console with a line:
 *
 *   p  "pong" when all that it ever wrote to its memory is still there
 *   g  "grown": it has written to 1 MiB more
 *   s  "shared": it shared 256 KiB with the host, wrote there, took them back and
 *      found them zero ("refused" where the host does not let it)
 *   d  and a line: "read " and that line, which it reads and writes by its SBI's console
 *   r  "removed": its console is no device any more (unless everything is one)
 *   b  is silent, and busy, from now on
 *   q  powers off
 *
 * It tells the monitor that its console is a device. A line with BAD in it says what was
 * wrong. The other harts write to memory of
 * their own and compare, all the time.
 */
#include <stddef.h>
#include <stdint.h>

#define HARTS 4

#define UART	 ((volatile uint8_t *)0x10000000)
#define UART_IER 1
#define UART_LSR 5
#define LSR_DR	 1

/* hart n has 2 MiB at AREA + n * AREA_SIZE, and behind them is what is shared */
#define AREA	   0x80400000UL
#define AREA_SIZE  0x200000UL
#define GROW	   0x100000UL
#define SHARED	   (AREA + HARTS * AREA_SIZE)
#define SHARED_LEN 0x40000UL
#define PAGE	   4096UL

#define EID_TIME    0x54494D45
#define EID_HSM	    0x48534D
#define EID_SRST    0x53525354
#define EID_COVG    0x434F5647
#define EID_DBCN    0x4442434E
#define DBCN_WRITE  0
#define DBCN_READ   1
#define ADD_MMIO    0
#define REMOVE_MMIO 1
#define SHARE	    2
#define UNSHARE	    3

#define SIE_STIE     (1UL << 5)
#define TICKS_POLL   2000000 /* 200 ms on QEMU */
#define TICKS_OTHERS 5000000

uint8_t stacks[HARTS][4096] __attribute__((aligned(16)));
void _start(void);
void hart_main(unsigned long hart);
void die(void);

static volatile int bad;

static long sbi_valued(unsigned long eid, unsigned long fid, unsigned long arg0, unsigned long arg1,
		       unsigned long arg2, unsigned long *value)
{
	register unsigned long a0 asm("a0") = arg0;
	register unsigned long a1 asm("a1") = arg1;
	register unsigned long a2 asm("a2") = arg2;
	register unsigned long a6 asm("a6") = fid;
	register unsigned long a7 asm("a7") = eid;

	asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
	*value = a1;
	return (long)a0;
}

static long sbi(unsigned long eid, unsigned long fid, unsigned long arg0, unsigned long arg1,
		unsigned long arg2)
{
	unsigned long value;

	return sbi_valued(eid, fid, arg0, arg1, arg2, &value);
}

static void say(const char *text)
{
	while (*text)
		UART[0] = (uint8_t)*text++;
}

void die(void)
{
	bad = 1;
	say("BAD trap\n");
	for (;;)
		asm volatile("wfi");
}

/*
 * Sstc, as Linux uses it where it is there; 0 where it is not. KVM of Linux 6.12 forgets a
 * timer of the SBI call when the vCPU's thread loses its CPU on the way back to the guest.
 */
static int set_stimecmp(unsigned long until)
{
	unsigned long done, old;

	asm volatile("la %1, 1f\n"
		     "csrrw %1, stvec, %1\n"
		     "li %0, 0\n"
		     "csrw 0x14d, %2\n"
		     "li %0, 1\n"
		     ".balign 4\n"
		     "1: csrw stvec, %1"
		     : "=&r"(done), "=&r"(old)
		     : "r"(until)
		     : "memory");
	return (int)done;
}

static void sleep_ticks(unsigned long ticks)
{
	unsigned long now;

	asm volatile("csrr %0, time" : "=r"(now));
	if (!set_stimecmp(now + ticks))
		sbi(EID_TIME, 0, now + ticks, 0, 0);
	asm volatile("csrs sie, %0; wfi; csrc sie, %0" : : "r"(SIE_STIE) : "memory");
}

static void write_pages(unsigned long from, unsigned long to, unsigned long salt)
{
	for (; from < to; from += PAGE)
		*(volatile unsigned long *)(from + (from / PAGE * 8) % PAGE) = from ^ salt;
}

static int pages_hold(unsigned long from, unsigned long to, unsigned long salt)
{
	for (; from < to; from += PAGE)
		if (*(volatile unsigned long *)(from + (from / PAGE * 8) % PAGE) != (from ^ salt))
			return 0;
	return 1;
}

static const char *share(void)
{
	unsigned long at;

	if (sbi(EID_COVG, SHARE, SHARED, SHARED_LEN, 0))
		return "refused\n";
	write_pages(SHARED, SHARED + SHARED_LEN, 7);
	if (!pages_hold(SHARED, SHARED + SHARED_LEN, 7))
		return "BAD shared memory\n";
	if (sbi(EID_COVG, UNSHARE, SHARED, SHARED_LEN, 0))
		return "BAD unshare\n";
	for (at = SHARED; at < SHARED + SHARED_LEN; at += 8)
		if (*(volatile unsigned long *)at)
			return "BAD memory after unshare\n";
	return "shared\n";
}

/* All of it: one call may write less. */
static int sbi_write(const char *text, unsigned long len)
{
	unsigned long n;

	for (; len; text += n, len -= n)
		if (sbi_valued(EID_DBCN, DBCN_WRITE, len, (unsigned long)text, 0, &n) || n > len)
			return 0;
	return 1;
}

/* A line from the SBI's console: as much as there is with each call, across two pages */
static const char *echo(void)
{
	static char pages[2 * PAGE] __attribute__((aligned(4096)));
	char *line = pages + PAGE - 8;
	unsigned long len = 0, n;

	do {
		if (sbi_valued(EID_DBCN, DBCN_READ, PAGE - len, (unsigned long)line + len, 0, &n))
			return "BAD read\n";
		if (n > PAGE - len)
			return "BAD length\n";
		len += n;
		if (!n)
			sleep_ticks(TICKS_POLL);
	} while (len < PAGE && (!len || line[len - 1] != '\n'));
	if (!sbi_write("read ", 5) || !sbi_write(line, len))
		return "BAD write\n";
	return "";
}

static void command(uint8_t letter, unsigned long *end)
{
	switch (letter) {
	case 'p':
		say(bad || !pages_hold(AREA, *end, 1) ? "BAD memory\n" : "pong\n");
		break;
	case 'g':
		if (*end < AREA + AREA_SIZE) {
			write_pages(*end, *end + GROW, 1);
			*end += GROW;
		}
		say("grown\n");
		break;
	case 's':
		say(share());
		break;
	case 'd':
		say(echo());
		break;
	case 'r':
		if (sbi(EID_COVG, REMOVE_MMIO, (unsigned long)UART, PAGE, 0))
			say("BAD remove\n");
		say("removed\n");
		break;
	case 'b':
		for (;;)
			asm volatile("");
	case 'q':
		sbi(EID_SRST, 0, 0, 0, 0);
	}
}

static void first_hart(void)
{
	unsigned long end = AREA, hart;

	for (hart = 1; hart < HARTS; hart++)
		sbi(EID_HSM, 0, hart, (unsigned long)_start, 0);
	sbi(EID_COVG, ADD_MMIO, (unsigned long)UART, PAGE, 0);
	UART[UART_IER] = 1; /* what was typed before is there from now on */
	say("up\n");
	for (;;) {
		while (!(UART[UART_LSR] & LSR_DR))
			sleep_ticks(TICKS_POLL);
		command(UART[0], &end);
	}
}

void hart_main(unsigned long hart)
{
	unsigned long area = AREA + hart * AREA_SIZE, round;

	if (!hart)
		first_hart();
	for (round = 1;; round++) {
		write_pages(area, area + AREA_SIZE, round);
		sleep_ticks(TICKS_OTHERS);
		if (!pages_hold(area, area + AREA_SIZE, round))
			bad = 1;
	}
}
