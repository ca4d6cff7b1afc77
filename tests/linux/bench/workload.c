// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * workload begin|end|phase NAME [N]   a mark for the plugin that counts (tests/bench/modes.c)
 * workload cpu|memory|ipc             work, between marks of its own
 * workload seed                       gives the kernel randomness that is none
 *
 * Each is fixed work: what differs between two machines is what they add to it.
 */
#include <fcntl.h>
#include <linux/random.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mark.h"

#define PRIMES_BELOW 2000000UL
#define MEMORY	     (48UL << 20)
#define PAGE	     4096UL
#define LOADS	     4000000UL
#define BATCHES	     4
#define PAIRS	     8
#define MESSAGES     400
#define MESSAGE	     100
#define SEED_WORDS   16

static int marker(int argc, char **argv)
{
	unsigned long n = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
	uint64_t w[3] = { 0 };
	size_t len = strlen(argv[2]);

	memcpy(w, argv[2], len < sizeof(w) ? len : sizeof(w));
	if (!strcmp(argv[1], "begin"))
		mark_words(MARK_BEGIN, n, w[0], w[1], w[2]);
	else if (!strcmp(argv[1], "end"))
		mark_words(MARK_END, n, w[0], w[1], w[2]);
	else
		mark_words(MARK_PHASE, n, w[0], w[1], w[2]);
	return 0;
}

static int cpu(void)
{
	uint8_t *composite = calloc(PRIMES_BELOW, 1);
	unsigned long i, j, n = 0;

	if (!composite)
		return 1;
	memset(composite, 0, PRIMES_BELOW); /* its page faults are not of this row */
	mark(MARK_BEGIN, "cpu", 1);
	for (i = 2; i < PRIMES_BELOW; i++) {
		if (composite[i])
			continue;
		n++;
		for (j = i * i; j < PRIMES_BELOW; j += i)
			composite[j] = 1;
	}
	mark(MARK_END, "cpu", 1);
	free(composite);
	return n != 148933;
}

/* First every page once, then loads all over what is there by then. */
static int memory(void)
{
	uint64_t *words =
		mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t at = 1, sum = 0;

	if (words == MAP_FAILED)
		return 1;
	mark(MARK_BEGIN, "memory_first", MEMORY >> 20);
	for (unsigned long i = 0; i < MEMORY; i += PAGE)
		words[i / 8] = i;
	mark(MARK_END, "memory_first", MEMORY >> 20);
	mark(MARK_BEGIN, "memory", 1);
	for (unsigned long i = 0; i < LOADS; i++) {
		at = at * 6364136223846793005UL + 1442695040888963407UL;
		sum += words[(at >> 33) % (MEMORY / 8)]++;
	}
	mark(MARK_END, "memory", 1);
	return sum == 1;
}

/* Pairs of processes that send each other messages, in turn. */
static int talk(int fd, int first)
{
	char buf[MESSAGE] = { 0 };

	for (int i = 0; i < MESSAGES; i++) {
		if ((i || !first) && recv(fd, buf, sizeof(buf), MSG_WAITALL) != sizeof(buf))
			return 1;
		if (send(fd, buf, sizeof(buf), 0) != sizeof(buf))
			return 1;
	}
	return 0;
}

static int ipc_batch(void)
{
	int status, bad = 0, fd[2];

	mark(MARK_BEGIN, "ipc", PAIRS * MESSAGES);
	for (int i = 0; i < PAIRS; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd))
			return 1;
		for (int side = 0; side < 2; side++) {
			if (!fork())
				_exit(talk(fd[side], !side));
		}
		close(fd[0]);
		close(fd[1]);
	}
	while (wait(&status) > 0)
		bad |= status;
	mark(MARK_END, "ipc", PAIRS * MESSAGES);
	return !!bad;
}

/* On which CPU each process is depends on when they begin. */
static int ipc(void)
{
	int bad = 0;

	for (unsigned int i = 0; i < BATCHES; i++) {
		usleep(1000 + 700 * i);
		bad |= ipc_batch();
	}
	return bad;
}

/*
 * A machine whose clock are its instructions gathers none, and who waits for it in the
 * kernel (tests of ciphers do) tries again each second, in the middle of what is counted.
 */
static int seed(void)
{
	struct {
		struct rand_pool_info info;
		uint32_t words[SEED_WORDS];
	} pool = { .info = { .entropy_count = 32 * SEED_WORDS, .buf_size = 4 * SEED_WORDS } };
	int fd = open("/dev/random", O_RDWR);

	return fd < 0 || ioctl(fd, RNDADDENTROPY, &pool);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "cpu"))
		return cpu();
	if (!strcmp(what, "memory"))
		return memory();
	if (!strcmp(what, "ipc"))
		return ipc();
	if (!strcmp(what, "seed"))
		return seed();
	if (argc > 2)
		return marker(argc, argv);
	fputs("usage: workload cpu|memory|ipc|seed|begin NAME|end NAME|phase NAME\n", stderr);
	return 64;
}
