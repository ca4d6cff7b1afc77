/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A machine with the monitor, and a host that calls it.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "fake_world.h"

#define PAGE 0x1000UL
#ifndef RAM_PAGES
#define RAM_PAGES 8192UL
#endif
#define RAM_END (FAKE_RAM_BASE + RAM_PAGES * PAGE)

/* Firmware, then the host's own memory, then memory that tests convert. */
#ifndef FIRMWARE_SIZE
#define FIRMWARE_SIZE 0x200000UL
#endif
#define HOST_BASE (FAKE_RAM_BASE + FIRMWARE_SIZE)
#ifndef ARENA
#define ARENA 0x81000000UL
#endif
#define ARENA_PAGES ((RAM_END - ARENA) / PAGE)

/* Of the host's own memory: NACL memory of each hart, a buffer, data for guests. */
#define NACL(hart) (HOST_BASE + (hart)*0x4000UL)
#define BUFFER	   (HOST_BASE + 0x40000UL)
#define SOURCE	   (HOST_BASE + 0x100000UL)

#define VLENB	    32
#define ENTRIES	    16
#define ROOT_PAGES  4UL
#define STATE_PAGES ((unsigned long)COVE_TVM_STATE_PAGES)

/* GPA of the memory of machine_tvm() */
#define GUEST_RAM     0x80000000UL
#define GUEST_RAM_LEN 0x400000UL

/** machine_boot() - @harts harts run the host, all memory but the firmware's is the host's, NACL
 * memory is set */
void machine_boot(unsigned int harts, unsigned int gstage_levels);

/** machine_halt() - free everything */
void machine_halt(void);

/* setup and teardown of a test: four harts, Sv48x4; the latter checks the invariants */
int machine_setup(void **state);
int machine_teardown(void **state);

/* sbiret.value of the last call on this thread */
extern _Thread_local unsigned long call_value;

/** host_call() - an SBI call of the host on this hart; a0..a5 from @a; all parts of it */
long host_call(unsigned long eid, unsigned long fid, const unsigned long a[6]);

/** host_call_once() - the next part of a call; COVE_AGAIN when there are more */
long host_call_once(unsigned long eid, unsigned long fid, const unsigned long a[6]);

#define CALL(eid, fid, ...) host_call(eid, fid, (const unsigned long[6]){ __VA_ARGS__ })
#define COVH(fid, ...)	    CALL(SBI_EXT_COVH, SBI_COVH_##fid, __VA_ARGS__)

/** fence_all() - a global fence by this hart, local fences on all harts */
void fence_all(void);

/** field_at() - what the table says of a page, as a field; FIELD_NONE when it is no RAM */
u32 field_at(u64 pa);
#define FIELD_NONE 0x10000U

/** nacl() - a word of this hart's NACL memory */
volatile unsigned long *nacl(unsigned long offset);
#define NACL_A(n) nacl(NACL_GPR_OFFSET(10 + (n)))

/**
 * struct machine_tvm - a TVM that the host has made
 * @next: page of the arena that the host donates next
 * @first: first of its pages; all were converted
 */
struct machine_tvm {
	unsigned long gid;
	u64 first;
	u64 next;
	u64 npages;
	u64 root;
	u64 state_pa;
	u64 vcpu_pa[COVE_MAX_VCPUS];
};

/** donate() - the next @n of the TVM's converted pages */
u64 donate(struct machine_tvm *t, unsigned long n);

/** convert() - make pages confidential and unassigned */
void convert(u64 pa, u64 npages);

/** create_params() - the argument of create_tvm, in BUFFER */
u64 create_params(u64 root, u64 state_pa, unsigned long flags);

/**
 * machine_tvm() - a TVM in state INITIALIZING out of @npages pages from @pa
 * 16 page-table pages, region [GUEST_RAM, + GUEST_RAM_LEN), @nvcpus vCPUs
 */
void machine_tvm(struct machine_tvm *t, u64 pa, u64 npages, unsigned int nvcpus,
		 unsigned long flags);

/** machine_tvm_runnable() - the same, finalized, entry GUEST_RAM */
void machine_tvm_runnable(struct machine_tvm *t, u64 pa, u64 npages, unsigned int nvcpus,
			  unsigned long flags);

/** machine_tvm_end() - destroy, reclaim all its pages and see that they are the host's and zero */
void machine_tvm_end(struct machine_tvm *t);

/** tvm_of() - the monitor's own state of a TVM */
struct tvm *tvm_of(unsigned long gid);

/**
 * check_invariants() - what must hold between two calls
 * Every page that the table says is a TVM's, or shared, is in use at exactly one
 * place of exactly that TVM, and the other way round; counts and denied ranges are
 * what a sweep finds; no lock is held.
 */
void check_invariants(void);

#endif
