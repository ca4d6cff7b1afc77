/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The bare-metal HS-mode payload: what its files share.
 */
#ifndef HOST_H
#define HOST_H

#define HART_RECOVER   0
#define HART_CAUSE     8
#define HART_TVAL      16
#define HART_EPC       24
#define HART_T0	       32
#define HART_SP	       40
#define HART_RESUME_SP 48

#define MAX_HARTS  8
#define HART_STACK 0x4000

/* RAM that the tests play with; nothing else of the payload lies in it */
#define ARENA_BASE 0x88000000UL
#define ARENA_SIZE 0x05000000UL

#ifndef __ASSEMBLER__

#include <cove/sbi_cove.h>
#include <cove/sbi_cove_rfc.h>
#ifdef COVE_CONFORMANCE
#include "conformance_only.h"
#endif
#include "payload.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE	      4096UL
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NO_FAULT      (~0UL)
#define RECLAIM_STEP  1024UL /* pages that are reclaimed at a time */

/* SBI errors */
#define OK		    0L
#define E_FAILED	    (-1L)
#define E_NOT_SUPPORTED	    (-2L)
#define E_INVALID_PARAM	    (-3L)
#define E_DENIED	    (-4L)
#define E_INVALID_ADDRESS   (-5L)
#define E_ALREADY_AVAILABLE (-6L)
#define E_ALREADY_STARTED   (-7L)
#define E_NO_SHMEM	    (-9L)

#define SIP_SSIP  (1UL << 1)
#define SIP_STIP  (1UL << 5)
#define SIP_VSEIP (1UL << 10)

/**
 * struct hart - a hart of the payload; tp and sscratch point to it
 * @recover: where a trap continues, 0 when no trap is expected
 * @cause, @tval, @epc: of the last trap
 * @boots: how often it came up; @fn, @arg: work, @busy until it is done
 */
struct hart {
	unsigned long recover;
	unsigned long cause;
	unsigned long tval;
	unsigned long epc;
	unsigned long t0;
	unsigned long sp;
	unsigned long resume_sp;
	unsigned long id;
	unsigned int boots;
	void (*fn)(void *arg);
	void *arg;
	unsigned int busy;
};

/* start.S: accesses that may fault; return the cause or NO_FAULT */
unsigned long probe_ld(unsigned long addr);
unsigned long probe_sd(unsigned long addr, unsigned long value);
unsigned long probe_lb(unsigned long addr);
unsigned long probe_amo(unsigned long addr);
unsigned long probe_exec(unsigned long addr);
unsigned long probe_hlv(unsigned long addr);
unsigned long probe_stimecmp(unsigned long unused);
unsigned long probe_flh(unsigned long addr);
unsigned long probe_fsh(unsigned long addr);
unsigned long probe_vle(unsigned long addr);
unsigned long probe_vse(unsigned long addr);
bool vector_pattern(void);
long suspend_nonretentive(void);
void secondary_entry(void);
long ecall_or_interrupt(const unsigned long *regs, unsigned long *how);
void regs_ecall(const unsigned long *in, unsigned long *out);

/* print.c */
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* main.c: tests */
struct test {
	const char *name;
	void (*fn)(void);
	unsigned int harts;
};
void tests_run(const struct test *tests, unsigned int n);
void test_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool test_failed(void);
void test_skip(const char *why);
void finish(void) __attribute__((noreturn));

#define EXPECT(what, expected)                                                                    \
	do {                                                                                      \
		unsigned long w_ = (unsigned long)(what), e_ = (unsigned long)(expected);         \
		if (w_ != e_) {                                                                   \
			test_fail("line %d: %s: expected %lx, saw %lx", __LINE__, #what, e_, w_); \
			return;                                                                   \
		}                                                                                 \
	} while (0)
#define EXPECT_TRUE(what)                                                   \
	do {                                                                \
		if (!(what)) {                                              \
			test_fail("line %d: expected %s", __LINE__, #what); \
			return;                                             \
		}                                                           \
	} while (0)
/* The callee has called test_fail() already. */
#define REQUIRE(what)                                                      \
	do {                                                               \
		if (!(what)) {                                             \
			if (!test_failed())                                \
				test_fail("line %d: %s", __LINE__, #what); \
			return;                                            \
		}                                                          \
	} while (0)

#define DECLARE_TESTS(group)                      \
	extern const struct test group##_tests[]; \
	extern const unsigned int group##_count
#define DEFINE_TESTS(group) const unsigned int group##_count = ARRAY_SIZE(group##_tests)

/* sbi.c */
struct sbiret sbi(unsigned long eid, unsigned long fid, ...);
struct sbiret sbi_call(unsigned long eid, unsigned long fid, const unsigned long a[6]);
#define sbi6(eid, fid, ...) sbi_call(eid, fid, (const unsigned long[6]){ __VA_ARGS__ })
#define covh(fid, ...)	    (sbi6(SBI_EXT_COVH, fid, ##__VA_ARGS__).error)
long convert(unsigned long pa, unsigned long n);
long reclaim(unsigned long pa, unsigned long n);
long global_fence(void);
long local_fence(void);
void timer_set(unsigned long when);
#ifndef COVE_CONFORMANCE
void get_stats(struct covesbi_stats *stats);
#endif
extern bool impatient;
extern bool dialect_rfc;
unsigned long covh_number(unsigned long fid);
extern struct tsm_info tsm;
extern bool have_sstc;

/* hart.c */
extern struct hart harts[MAX_HARTS];
extern unsigned int nharts;
static inline struct hart *this_hart(void)
{
	struct hart *h;

	__asm__("mv %0, tp" : "=r"(h));
	return h;
}
void harts_start(void);
bool hart_start_one(unsigned int id);
bool hart_stop_one(unsigned int id);
unsigned int other_hart(unsigned int n);
void hart_begin(unsigned int id, void (*fn)(void *arg), void *arg);
bool hart_wait(unsigned int id);
bool on_hart(unsigned int id, void (*fn)(void *arg), void *arg);
void hart_kick(unsigned int id);
bool fence_others(void);
bool fence_all(void);
void pause_ticks(unsigned long ticks);
void random_begin(const char *test);
unsigned long random_below(unsigned long n);
bool soon(const volatile unsigned int *p, unsigned int value);
void secondary_main(struct hart *h) __attribute__((noreturn));

/* mem.c */
unsigned long pages_alloc(unsigned long n, unsigned long align_pages);
unsigned long pages_mark(void);
bool pages_back(unsigned long mark);
bool mem_reset(void);
bool page_is_zero(unsigned long pa);
void page_fill(unsigned long pa, unsigned long pattern);
bool page_is(unsigned long pa, unsigned long pattern);
unsigned long conf_pages(unsigned long n, unsigned long align_pages);
void *memset(void *d, int c, unsigned long n);
void *memcpy(void *d, const void *s, unsigned long n);
int memcmp(const void *a, const void *b, unsigned long n);
int strcmp(const char *a, const char *b);
unsigned long strlen(const char *s);

/* identity.c */
void identity_begin(void);
bool identity_hart(void);

/* fdt.c */
struct reserved {
	char name[32];
	unsigned long base;
	unsigned long size;
};
extern struct reserved reserved[16];
extern unsigned int nreserved;
void fdt_read(const void *fdt);
const char *option_value(const char *name);
bool option_lists(const char *list, const char *word);
bool is_without(const char *defence);

/* sha384.c */
struct sha384 {
	uint64_t h[8];
	uint8_t block[128];
	uint64_t len;
};
void sha384_start(struct sha384 *s);
void sha384_add(struct sha384 *s, const void *data, unsigned long len);
void sha384_add_le64(struct sha384 *s, uint64_t v);
void sha384_end(struct sha384 *s, uint8_t digest[48]);

#endif
#endif
