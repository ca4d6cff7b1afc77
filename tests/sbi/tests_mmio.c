// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Loads and stores to devices, and what the monitor refuses to decode.
 */
#include "tvm.h"

#define COUNT_ROW(name, cause, offset) +1
#define REPLY			       0xf1e2d3c4b5a69788UL
#define STORED			       0xf1e2d3c4b5a69788UL
#define STEP			       0x108UL

struct access {
	const char *name;
	unsigned int len;
	bool sign;
	unsigned long htinst;
	bool store;
};

static const struct access accesses[] = {
#define LOAD_ROW(name, len, sign, htinst) { #name, len, sign, htinst, false },
#define STORE_ROW(name, len, htinst)	  { #name, len, false, htinst, true },
	MMIO_LOADS(LOAD_ROW) MMIO_STORES(STORE_ROW)
};

static unsigned long extended(unsigned long v, unsigned int len, bool sign)
{
	unsigned int shift = 64 - 8 * len;

	return sign ? (unsigned long)((long)(v << shift) >> shift) : v << shift >> shift;
}

static void loads_and_stores(void)
{
	unsigned int i, slot = 0;
	struct tvm t;

	REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_MMIO, 0)));
	t.scramble = true;
	t.dev_reply = REPLY;
	EXPECT(tvm_serve(&t, 0), WHY_DONE);
	EXPECT(t.ndev, ARRAY_SIZE(accesses) + 2);
	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		const struct access *a = &accesses[i];
		unsigned long gpa = DEV_BASE + i * STEP, value = 0;

		if (a->store && strcmp(a->name, "sd_x0"))
			value = extended(STORED, a->len, false);
		if (t.dev[i].gpa != gpa || t.dev[i].htinst != a->htinst ||
		    t.dev[i].cause != (a->store ? CAUSE_GSTORE : CAUSE_GLOAD) ||
		    t.dev[i].value != value) {
			test_fail("%s: gpa %lx cause %lx htinst %lx value %lx", a->name,
				  t.dev[i].gpa, t.dev[i].cause, t.dev[i].htinst, t.dev[i].value);
			return;
		}
		if (a->store)
			continue;
		value = strcmp(a->name, "lw_x0") ? extended(REPLY, a->len, a->sign) : 0;
		if (t.mail[slot] != value) {
			test_fail("%s: the guest saw %lx, expected %lx", a->name, t.mail[slot],
				  value);
			return;
		}
		slot++;
	}
	EXPECT(t.dev[i].gpa, DEV_BASE + 0xffff);
	EXPECT(t.mail[slot], REPLY & 0xff);
	EXPECT(t.dev[i + 1].gpa, DEV_BASE + 0xfffe);
	EXPECT(t.mail[slot + 1], REPLY & 0xffff);
	EXPECT(t.mail[slot + 2], 0); /* no exception */
}

struct refused {
	const char *name;
	unsigned long cause;
	unsigned long tval;
};

static void refused(void)
{
	static const struct refused rows[] = {
#define REFUSED_ROW(name, cause, offset) { #name, cause, DEV_BASE + (offset) },
		MMIO_REFUSED(REFUSED_ROW)
	};
	struct tvm t;
	unsigned int i;

	REQUIRE(tvm_guest(&t, G_MMIO_REFUSED, 0));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (t.mail[2 * i] == rows[i].cause && t.mail[2 * i + 1] == rows[i].tval)
			continue;
		test_fail("%s: expected cause %lx tval %lx, the guest saw %lx %lx", rows[i].name,
			  rows[i].cause, rows[i].tval, t.mail[2 * i], t.mail[2 * i + 1]);
		return;
	}
}

/* Half memory, half device: not an access of its length at the device's start. */
static void across_the_border(void)
{
	struct tvm t;
	unsigned int slot = 2 * (0 MMIO_REFUSED(COUNT_ROW));

	REQUIRE(tvm_guest(&t, G_MMIO_REFUSED, 0));
	EXPECT(t.ndev, 0);
	EXPECT(t.mail[slot], 5);
}

static void illegal(void)
{
	static const char *const names[] = {
#define NAME_ROW(name) #name,
		ILLEGAL(NAME_ROW)
	};
	struct tvm t;
	unsigned int i;

	REQUIRE(tvm_guest(&t, G_ILLEGAL, 0));
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (t.mail[2 * i] == 2)
			continue;
		test_fail("%s: expected cause 2, the guest saw %lx, tval %lx", names[i],
			  t.mail[2 * i], t.mail[2 * i + 1]);
		return;
	}
}

/* The host's answer counts once and only in a0. */
static bool lying_hook(struct tvm *t, unsigned int vcpu, struct texit *e)
{
	unsigned int i;

	(void)vcpu;
	(void)t;
	(void)e;
	for (i = 0; i < 32; i++)
		if (i != 10)
			*nacl_word(NACL_GPR_OFFSET(i)) = 0x11ee11ee11ee11eeUL;
	for (i = 0x1000; i < NACL_SHMEM_SIZE; i += 8)
		*nacl_word(i) = 0x11ee11ee11ee11eeUL;
	return false;
}

static void host_lies(void)
{
	unsigned int kind;

	for (kind = KIND_STORE; kind <= KIND_FAULT; kind++) {
		struct tvm t;

		REQUIRE(tvm_build(&t, COVE_TVM_F_IMPLICIT_MMIO, 1, GUEST_ARG(G_EXITS, kind)));
		t.hook = lying_hook;
		EXPECT(tvm_serve(&t, 0), WHY_DONE);
		EXPECT(t.mail[0], 0);
		EXPECT(t.mail[1], 0);
		EXPECT(t.mail[3], 0);
		EXPECT(tvm_destroy(&t), OK);
		EXPECT(reclaim(t.chunk, TVM_CHUNK), OK);
	}
}

/* Declared by COVG, without implicit MMIO; removed, it is fatal. */
static void declared_regions(void)
{
	struct tvm t;

	REQUIRE(tvm_build(&t, 0, 1, GUEST_ARG(G_MMIO_REGION, 0) | G_ADD_MMIO));
	t.dev_reply = 0x4242;
	EXPECT(tvm_serve(&t, 0), WHY_DEAD);
	EXPECT(t.mail[0], OK);
	EXPECT(t.mail[2], 0x4242);
	EXPECT(t.mail[3], E_INVALID_ADDRESS);
	EXPECT(t.mail[5], E_INVALID_ADDRESS);
	EXPECT(t.mail[7], E_INVALID_ADDRESS);
	EXPECT(t.mail[9], E_INVALID_ADDRESS);
	EXPECT(t.mail[11], OK);
	EXPECT(t.mail[13], OK);
	EXPECT(t.mail[15], OK);
	EXPECT(t.ndev, 1);
	EXPECT(t.ninformed, 5);
	EXPECT(t.last[0].scause, CAUSE_GSTORE);
	EXPECT(t.last[0].gpa & ~0xfffUL, DEV_BASE);
}

const struct test mmio_tests[] = {
	{ "mmio_loads_and_stores", loads_and_stores, 1 },
	{ "mmio_refused", refused, 1 },
	{ "mmio_across_the_border", across_the_border, 1 },
	{ "mmio_illegal_instructions", illegal, 1 },
	{ "mmio_host_lies", host_lies, 1 },
	{ "mmio_declared_regions", declared_regions, 1 },
};
DEFINE_TESTS(mmio);
