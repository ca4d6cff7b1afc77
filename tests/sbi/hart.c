// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The other harts: started by HSM, they wait for work.
 */
#include "host.h"

#define HSM_START   0
#define HSM_STOP    1
#define HSM_STATUS  2
#define HSM_STOPPED 1
#define TEN_SECONDS 100000000UL

extern struct hart boot_hart;
struct hart harts[MAX_HARTS];
unsigned int nharts;
static unsigned long random_state[MAX_HARTS];
static uint8_t stacks[MAX_HARTS][HART_STACK] __attribute__((aligned(16)));

/** soon() - wait until *@p is @value, but not for ever */
bool soon(const volatile unsigned int *p, unsigned int value)
{
	unsigned long start = csr_read(time);

	while (__atomic_load_n(p, __ATOMIC_ACQUIRE) != value)
		if (csr_read(time) - start > TEN_SECONDS)
			return false;
	return true;
}

void pause_ticks(unsigned long ticks)
{
	unsigned long start = csr_read(time);

	while (csr_read(time) - start < ticks)
		;
}

/** random_begin() - for @test: a seed that the boot argument seed=N repeats, as it is printed */
void random_begin(const char *test)
{
	const char *p = option_value("seed");
	unsigned long seed = p ? 0 : csr_read(time);
	unsigned int i;

	for (; p && *p >= '0' && *p <= '9'; p++)
		seed = seed * 10 + (unsigned long)(*p - '0');
	print("# %s: seed=%lu\n", test, seed);
	for (i = 0; i < MAX_HARTS; i++)
		random_state[i] = (seed ^ (unsigned long)i << 20) * 0x9e3779b97f4a7c15UL | 1;
}

/** random_below() - the calling hart's next number, from 0 to @n - 1 (xorshift64) */
unsigned long random_below(unsigned long n)
{
	unsigned long *x = &random_state[this_hart()->id];

	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return (*x >> 11) % n;
}

void secondary_main(struct hart *h)
{
	identity_hart();
	csr_write(sie, SIP_SSIP);
	__atomic_add_fetch(&h->boots, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		while (!__atomic_load_n(&h->busy, __ATOMIC_ACQUIRE)) {
			__asm__ volatile("wfi");
			csr_clear(sip, SIP_SSIP);
		}
		h->fn(h->arg);
		__atomic_store_n(&h->busy, 0, __ATOMIC_RELEASE);
	}
}

bool hart_start_one(unsigned int id)
{
	struct hart *h = &harts[id];
	unsigned int boots = __atomic_load_n(&h->boots, __ATOMIC_ACQUIRE);

	h->id = id;
	h->recover = 0;
	h->busy = 0;
	h->sp = (unsigned long)stacks[id] + HART_STACK;
	if (sbi6(EXT_HSM, HSM_START, id, (unsigned long)secondary_entry, (unsigned long)h).error)
		return false;
	return soon(&h->boots, boots + 1);
}

static void stop_here(void *arg)
{
	(void)arg;
	sbi6(EXT_HSM, HSM_STOP, 0);
}

bool hart_stop_one(unsigned int id)
{
	unsigned long start = csr_read(time);

	hart_begin(id, stop_here, 0);
	while (sbi6(EXT_HSM, HSM_STATUS, id).value != HSM_STOPPED)
		if (csr_read(time) - start > TEN_SECONDS)
			return false;
	return true;
}

/** harts_start() - find the harts and start those that do not run */
void harts_start(void)
{
	unsigned int id;

	for (id = 0; id < MAX_HARTS; id++) {
		struct sbiret r = sbi6(EXT_HSM, HSM_STATUS, id);

		if (r.error)
			break;
		if (id != this_hart()->id && !hart_start_one(id))
			test_fail("hart %u does not start", id);
	}
	nharts = id;
}

/** other_hart() - ID of the @n-th hart that is not this one, from 0 */
unsigned int other_hart(unsigned int n)
{
	return n < this_hart()->id ? n : n + 1;
}

void hart_kick(unsigned int id)
{
	sbi6(EXT_IPI, 0, 1, id);
}

/** hart_begin() - hart @id shall do @fn(@arg) */
void hart_begin(unsigned int id, void (*fn)(void *arg), void *arg)
{
	struct hart *h = &harts[id];

	h->fn = fn;
	h->arg = arg;
	__atomic_store_n(&h->busy, 1, __ATOMIC_RELEASE);
	hart_kick(id);
}

/** hart_wait() - until hart @id has done its work */
bool hart_wait(unsigned int id)
{
	if (soon(&harts[id].busy, 0))
		return true;
	test_fail("hart %u is stuck", id);
	return false;
}

bool on_hart(unsigned int id, void (*fn)(void *arg), void *arg)
{
	hart_begin(id, fn, arg);
	return hart_wait(id);
}

static void fence_here(void *arg)
{
	*(long *)arg = local_fence();
}

/** fence_others() - COVH local_fence on every other hart */
bool fence_others(void)
{
	unsigned int i;
	long rc;

	for (i = 0; i + 1 < nharts; i++) {
		if (!on_hart(other_hart(i), fence_here, &rc))
			return false;
		if (rc) {
			test_fail("local_fence on hart %u: %ld", other_hart(i), rc);
			return false;
		}
	}
	return true;
}

/** fence_all() - a whole round: what was converted may be assigned */
bool fence_all(void)
{
	long rc = global_fence();

	if (rc) {
		test_fail("global_fence: %ld", rc);
		return false;
	}
	return fence_others();
}
