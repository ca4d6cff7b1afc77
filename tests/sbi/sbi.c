// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * SBI calls.
 */
#include "host.h"

struct tsm_info tsm;
bool have_sstc;
bool impatient;	  /* the host's timer has run out before each call, whose steps it ends */
bool dialect_rfc; /* the firmware has the numbers of 2023 */

/* The number of a COVH function, which the tests call by its present one. */
unsigned long covh_number(unsigned long fid)
{
	static const unsigned long rfc[] = {
		[SBI_COVH_PROMOTE_TO_TVM] = 18, /* not there: a number that is not used */
		[SBI_COVH_DESTROY_TVM] = SBI_COVH_RFC_DESTROY_TVM,
		[SBI_COVH_ADD_TVM_MEMORY_REGION] = SBI_COVH_RFC_ADD_TVM_MEMORY_REGION,
		[SBI_COVH_ADD_TVM_PAGE_TABLE_PAGES] = SBI_COVH_RFC_ADD_TVM_PAGE_TABLE_PAGES,
		[SBI_COVH_ADD_TVM_MEASURED_PAGES] = SBI_COVH_RFC_ADD_TVM_MEASURED_PAGES,
		[SBI_COVH_ADD_TVM_ZERO_PAGES] = SBI_COVH_RFC_ADD_TVM_ZERO_PAGES,
		[SBI_COVH_ADD_TVM_SHARED_PAGES] = SBI_COVH_RFC_ADD_TVM_SHARED_PAGES,
		[SBI_COVH_CREATE_TVM_VCPU] = SBI_COVH_RFC_CREATE_TVM_VCPU,
		[SBI_COVH_RUN_TVM_VCPU] = SBI_COVH_RFC_RUN_TVM_VCPU,
		[SBI_COVH_TVM_FENCE] = SBI_COVH_RFC_TVM_FENCE,
		[SBI_COVH_TVM_INVALIDATE_PAGES] = SBI_COVH_RFC_TVM_INVALIDATE_PAGES,
		[SBI_COVH_TVM_VALIDATE_PAGES] = SBI_COVH_RFC_TVM_VALIDATE_PAGES,
		[SBI_COVH_TVM_REMOVE_PAGES] = SBI_COVH_RFC_TVM_REMOVE_PAGES,
	};

	return dialect_rfc && fid < ARRAY_SIZE(rfc) && rfc[fid] ? rfc[fid] : fid;
}

static struct sbiret call(unsigned long eid, unsigned long fid, const unsigned long a[6])
{
	register unsigned long a0 __asm__("a0") = a[0];
	register unsigned long a1 __asm__("a1") = a[1];
	register unsigned long a2 __asm__("a2") = a[2];
	register unsigned long a3 __asm__("a3") = a[3];
	register unsigned long a4 __asm__("a4") = a[4];
	register unsigned long a5 __asm__("a5") = a[5];
	register unsigned long a6 __asm__("a6") = eid == SBI_EXT_COVH ? covh_number(fid) : fid;
	register unsigned long a7 __asm__("a7") = eid;
	struct sbiret r;

	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1)
			 : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7)
			 : "memory");
	r.error = (long)a0;
	r.value = a1;
	return r;
}

/* It goes on at once after each step, since S-mode has its interrupts off. */
static __attribute__((noinline)) struct sbiret
call_impatiently(unsigned long eid, unsigned long fid, const unsigned long a[6])
{
	unsigned long enabled = csr_read(sie), when = csr_read(0x14d);
	struct sbiret r;

	csr_write(0x14d, 0);
	csr_set(sie, SIP_STIP);
	r = call(eid, fid, a);
	csr_write(0x14d, when);
	csr_write(sie, enabled);
	return r;
}

struct sbiret sbi_call(unsigned long eid, unsigned long fid, const unsigned long a[6])
{
	if (__builtin_expect(impatient, 0) && have_sstc && eid != EXT_TIME && eid != EXT_SRST &&
	    !(eid == SBI_EXT_COVH && fid == SBI_COVH_RUN_TVM_VCPU) &&
	    !(csr_read(sstatus) & 2 /* SIE */))
		return call_impatiently(eid, fid, a);
	return call(eid, fid, a);
}

long convert(unsigned long pa, unsigned long n)
{
	return covh(SBI_COVH_CONVERT_PAGES, pa, n);
}

long reclaim(unsigned long pa, unsigned long n)
{
	return covh(SBI_COVH_RECLAIM_PAGES, pa, n);
}

long global_fence(void)
{
	return covh(SBI_COVH_GLOBAL_FENCE, 0);
}

long local_fence(void)
{
	return covh(SBI_COVH_LOCAL_FENCE, 0);
}

/** timer_set() - the host's next timer interrupt; ~0: none, and none pending */
void timer_set(unsigned long when)
{
	sbi6(EXT_TIME, 0, when);
}

#ifndef COVE_CONFORMANCE
void get_stats(struct covesbi_stats *stats)
{
	struct sbiret r;

	memset(stats, 0xa5, sizeof(*stats));
	r = sbi6(SBI_EXT_COVESBI, SBI_COVESBI_GET_STATS, (unsigned long)stats, sizeof(*stats));
	if (r.error || r.value != sizeof(*stats))
		test_fail("get_stats: error %ld value %lu", r.error, r.value);
}
#endif
