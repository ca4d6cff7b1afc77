/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Runs in the guest of the demo. Keeps a random secret in one page, says on the
 * console where the page is and what the secret is (so that the test can compare:
 * the console is seen by the host), and obeys lines on stdin: "check" says whether
 * the page and 4 MiB of random memory beside it still hold what was written,
 * "poweroff" ends.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#define PAGE	4096
#define BALLAST (4 << 20)

static uint64_t physical(const void *va)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	if (fd < 0 || pread(fd, &entry, sizeof(entry), (uintptr_t)va / PAGE * 8) != sizeof(entry))
		perror("/proc/self/pagemap");
	if (fd >= 0)
		close(fd);
	return (entry & ((1ULL << 55) - 1)) * PAGE;
}

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static int differs(const uint64_t *words, size_t count, uint64_t seed)
{
	for (size_t i = 0; i < count; i++)
		if (words[i] != next(&seed))
			return 1;
	return 0;
}

int main(void)
{
	char line[80];
	uint64_t seed, state;
	uint64_t *secret = mmap(NULL, PAGE + BALLAST, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t count = (PAGE + BALLAST) / sizeof(*secret);

	if (secret == MAP_FAILED || getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) {
		perror("secret");
		return 1;
	}
	seed |= 1;
	state = seed;
	for (size_t i = 0; i < count; i++)
		secret[i] = next(&state);
	if (mlock(secret, PAGE + BALLAST))
		perror("mlock");
	printf("guest: secret gpa 0x%llx value 0x%016llx\n", (unsigned long long)physical(secret),
	       (unsigned long long)secret[0]);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		if (!strncmp(line, "check", 5))
			printf("guest: memory %s\n",
			       differs(secret, count, seed) ? "CHANGED" : "intact");
		else if (!strncmp(line, "poweroff", 8))
			return 0;
		fflush(stdout);
	}
	return 1;
}
