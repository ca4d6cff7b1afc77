/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * touch ADDRESS: user space accesses the page at that physical address, in all
 * ways that an instruction can, through /dev/cove_attack. One line per access:
 *
 *   NAME fault               SIGSEGV as after an access fault
 *   NAME works               no signal
 *   NAME signal S code C     anything else
 *
 * Linux gives the address of the instruction, not of the data, to the handler.
 * "cross" begins in the page below, which must be the host's, and ends in this one.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096UL

static sigjmp_buf back;
static volatile sig_atomic_t got_signal, got_code;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	got_signal = sig;
	got_code = info->si_code;
	siglongjmp(back, 1);
}

static void do_load(uintptr_t p)
{
	asm volatile("ld t0, 0(%0)" ::"r"(p) : "t0", "memory");
}

static void do_byte(uintptr_t p)
{
	asm volatile("lbu t0, 0(%0)" ::"r"(p) : "t0", "memory");
}

static void do_store(uintptr_t p)
{
	asm volatile("sd zero, 0(%0)" ::"r"(p) : "memory");
}

static void do_amo(uintptr_t p)
{
	asm volatile("amoor.d t0, zero, (%0)" ::"r"(p) : "t0", "memory");
}

static void do_reserve(uintptr_t p)
{
	asm volatile("lr.d t0, (%0)" ::"r"(p) : "t0", "memory");
}

static void do_float_load(uintptr_t p)
{
	asm volatile("fld ft0, 0(%0)" ::"r"(p) : "ft0", "memory");
}

static void do_float_store(uintptr_t p)
{
	asm volatile("fsd ft0, 0(%0)" ::"r"(p) : "memory");
}

static void do_fetch(uintptr_t p)
{
	((void (*)(void))p)();
}

static const struct access {
	const char *name;
	void (*func)(uintptr_t p);
	long offset;
} accesses[] = {
	{ "load", do_load, 0x18 },
	{ "byte", do_byte, 0xfff },
	{ "store", do_store, 0x20 },
	{ "amo", do_amo, 0x28 },
	{ "reserve", do_reserve, 0x30 },
	{ "float-load", do_float_load, 0x38 },
	{ "float-store", do_float_store, 0x40 },
	{ "fetch", do_fetch, 0x48 },
	{ "cross", do_load, -4 },
};

/* The page is mapped with all permissions, so SEGV_ACCERR is no page fault. */
static void try(const struct access *access, uintptr_t page)
{
	got_signal = 0;
	if (!sigsetjmp(back, 1))
		access->func(page + access->offset);
	if (!got_signal)
		printf("%s works\n", access->name);
	else if (got_signal == SIGSEGV && got_code == SEGV_ACCERR)
		printf("%s fault\n", access->name);
	else
		printf("%s signal %d code %d\n", access->name, got_signal, got_code);
}

/* Only the second page is mapped as code: Linux marks such pages, and the first is not ours. */
static char *map_pages(int fd, unsigned long pa)
{
	char *map = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, pa - PAGE);

	if (map == MAP_FAILED || mmap(map + PAGE, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
				      MAP_SHARED | MAP_FIXED, fd, pa) == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return map + PAGE;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	unsigned long pa = argc == 2 ? strtoul(argv[1], NULL, 0) : 0;
	int fd = open("/dev/cove_attack", O_RDWR);
	char *page;

	if (fd < 0 || pa < PAGE || pa % PAGE) {
		fprintf(stderr, "usage: touch ADDRESS (and cove_attack.ko is loaded)\n");
		return 1;
	}
	page = map_pages(fd, pa);
	for (int sig = SIGILL; sig <= SIGSEGV; sig++)
		sigaction(sig, &action, NULL);
	for (unsigned int i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++)
		try(&accesses[i], (uintptr_t)page);
	return 0;
}
