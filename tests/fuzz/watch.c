// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The monitor's own loads and stores, as the compiler has left them.
 */
#include "watch.h"

#define WORDS	   (RAM_PAGES * PAGE / 8)
#define USED_SLOTS 32 /* no input makes more TVMs at a time */

/* A call under way, and which bytes of which words of the host's it has read or written. */
static struct level {
	void (*other)(void);
	unsigned long left;
	bool switched;
	bool run;
	u32 call;
	u32 seen[WORDS];
	u8 bytes[WORDS];
} levels[WATCH_DEPTH];

static unsigned int depth;
static u32 calls;
static bool paused;
unsigned long watch_fetches, watch_switches;

void watch_reset(void)
{
	depth = 0;
	paused = false;
}

unsigned int watch_depth(void)
{
	return depth;
}

void watch_begin(void (*other)(void), unsigned long after)
{
	struct level *l = &levels[depth++];

	assert_true(depth <= WATCH_DEPTH);
	l->other = other;
	l->left = after;
	l->switched = false;
	l->run = false;
	l->call = ++calls;
}

void watch_run(void)
{
	watch_begin(NULL, ~0UL);
	levels[depth - 1].run = true;
}

bool watch_end(void)
{
	return levels[--depth].switched;
}

void watch_pause(bool pause)
{
	paused = pause;
}

static bool is_locked(void)
{
	unsigned int i;

	if (cove.convert_lock.held || cove.table.lock.held)
		return true;
	for (i = 0; i < USED_SLOTS; i++)
		if (cove.slot[i].lock.held)
			return true;
	return false;
}

static bool is_hosts(u64 pa)
{
	u32 field = field_at(pa);

	return field == PMPTABLE_HOST || field == PMPTABLE_HOST_SHARED;
}

static void fetched(struct level *l, u64 pa, size_t n, bool load)
{
	watch_fetches += load;
	for (; n--; pa++) {
		u64 word = (pa - FAKE_RAM_BASE) / 8;
		u8 bit = (u8)(1U << pa % 8);

		if (l->seen[word] != l->call) {
			l->seen[word] = l->call;
			l->bytes[word] = 0;
		}
		if (load && (l->bytes[word] & bit)) {
			fprintf(stderr, "fuzz_watch: hart %u: 0x%lx is fetched twice in one call\n",
				fake_hart, pa);
			abort();
		}
		l->bytes[word] |= bit;
	}
}

static void check_run(u64 pa, size_t n, bool load)
{
	bool nacl = pa >= NACL(fake_hart) && pa + n <= NACL(fake_hart) + NACL_SHMEM_SIZE;

	if (nacl || (load && n == 1 && field_at(pa) == PMPTABLE_HOST_SHARED))
		return;
	fprintf(stderr, "fuzz_watch: hart %u: %s 0x%lx while it runs a guest\n", fake_hart,
		load ? "reads" : "writes", pa);
	abort();
}

static void other_hart(struct level *l)
{
	unsigned int self = fake_hart;

	l->switched = true;
	watch_switches++;
	l->other();
	fake_hart = self;
}

static void access(const void *p, size_t n, bool load)
{
	u64 offset = (u64)((const u8 *)p - fake_ram);
	struct level *l;

	if (paused || !depth)
		return;
	paused = true;
	l = &levels[depth - 1];
	if (offset < fake_ram_size && is_hosts(FAKE_RAM_BASE + offset)) {
		if (l->run)
			check_run(FAKE_RAM_BASE + offset, n, load);
		fetched(l, FAKE_RAM_BASE + offset, n, load);
	}
	if (!l->switched && l->other && !is_locked() && !l->left--) {
		paused = false;
		other_hart(l);
	}
	paused = false;
}

/* clang calls these before each access. */
#define CALLBACKS(n)                                  \
	void __sanitizer_cov_load##n(const void *p);  \
	void __sanitizer_cov_load##n(const void *p)   \
	{                                             \
		access(p, n, true);                   \
	}                                             \
	void __sanitizer_cov_store##n(const void *p); \
	void __sanitizer_cov_store##n(const void *p)  \
	{                                             \
		access(p, n, false);                  \
	}

CALLBACKS(1)
CALLBACKS(2)
CALLBACKS(4)
CALLBACKS(8)
CALLBACKS(16)

/* Copies are calls of ASan's (the linker's --wrap). */
#if __has_feature(address_sanitizer)
void *__real___asan_memcpy(void *to, const void *from, size_t n);
void *__wrap___asan_memcpy(void *to, const void *from, size_t n);
void *__wrap___asan_memcpy(void *to, const void *from, size_t n)
{
	if (n) {
		access(from, n, true);
		access(to, n, false);
	}
	return __real___asan_memcpy(to, from, n);
}
#endif
