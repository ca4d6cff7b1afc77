// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Runs the tests of all groups, or those that the boot arguments name
 * (only=TEST[,TEST...]): a line each, DONE, power off.
 */
#include "host.h"
#include "tvm.h"

extern struct hart boot_hart;
const char *test_reason(void);
static const char *current = "boot";
static const char *only;    /* the tests to run: all, when NULL */
static const char *skipped; /* why the running test cannot be made here */
static unsigned long run_frame[16];

/* Like setjmp and longjmp, for a test that traps. */
int frame_save(unsigned long *frame) __attribute__((returns_twice));
void frame_resume(unsigned long *frame) __attribute__((noreturn));

void trap_fatal(struct hart *h)
{
	test_fail("unexpected trap on hart %lu: cause %lx tval %lx pc %lx", h->id, h->cause,
		  h->tval, h->epc);
	csr_write(sscratch, h);
	if (h == &boot_hart)
		frame_resume(run_frame);
	secondary_main(h);
}

void finish(void)
{
	print("DONE\n");
	sbi6(EXT_SRST, 0, 0, 0);
	for (;;)
		;
}

static void set_shmem_here(void *arg)
{
	long *rc = arg;

	*rc = nacl_set();
}

/* Each test begins with all harts up, the arena the host's and no TVM. */
static bool clean_up(void)
{
	unsigned int i;
	long rc;

	csr_write(sie, 0);
	csr_write(hvip, 0);
	for (i = 0; i + 1 < nharts; i++) {
		unsigned int id = other_hart(i);

		if (!hart_wait(id))
			return false;
		rc = 0;
		if (sbi6(EXT_HSM, 2, id).value && !hart_start_one(id))
			return false;
		if (!on_hart(id, set_shmem_here, &rc) || rc)
			return false;
	}
	if (nacl_set())
		return false;
	if (global_fence() == E_ALREADY_STARTED &&
	    (local_fence() || !fence_others() || global_fence()))
		return false;
	if (!fence_others())
		return false;
	return tvm_destroy_all() && mem_reset();
}

/** test_skip() - what the running test needs is not offered here */
void test_skip(const char *why)
{
	skipped = why;
}

static void run_test(const struct test *t)
{
	const char *why;
	bool clean;

	current = t->name;
	if (only && !option_lists(only, t->name))
		return;
	if (nharts < t->harts) {
		print("skip %s: needs %u harts\n", t->name, t->harts);
		return;
	}
	skipped = NULL;
	if (!frame_save(run_frame))
		t->fn();
	why = test_reason();
	if (why)
		print("FAIL %s: %s\n", t->name, why);
	clean = clean_up();
	if (!clean) {
		why = test_reason();
		print("FAIL %s: its state cannot be cleaned up%s%s\n", t->name, why ? ": " : "",
		      why ? why : "");
	} else if (!why && skipped) {
		print("skip %s: %s\n", t->name, skipped);
	} else if (!why) {
		print("ok %s\n", t->name);
	}
}

void tests_run(const struct test *tests, unsigned int n)
{
	static const struct test *t, *end;

	end = tests + n;
	for (t = tests; t < end; t++)
		run_test(t);
}

static void boot(unsigned long hartid, const void *fdt)
{
	boot_hart.id = hartid;
	fdt_read(fdt);
	only = option_value("only");
	identity_begin();
	if (!identity_hart()) {
		print("FAIL boot: no such paging\n");
		finish();
	}
	if (option_value("dialect"))
		dialect_rfc = option_lists(option_value("dialect"), "rfc");
	if (frame_save(run_frame)) {
		print("FAIL boot: %s\n", test_reason());
		finish();
	}
	if (sbi6(EXT_BASE, 3, SBI_EXT_COVH).value != 1) {
		print("FAIL boot: the firmware has no COVH\n");
		finish();
	}
	if (sbi6(SBI_EXT_COVH, SBI_COVH_GET_TSM_INFO, (unsigned long)&tsm, sizeof(tsm)).error) {
		print("FAIL boot: no TSM information\n");
		finish();
	}
	have_sstc = probe_stimecmp(0) == NO_FAULT;
	timer_set(~0UL);
	impatient = option_value("impatient") != NULL;
	harts_start();
	if (!clean_up()) {
		print("FAIL boot: cannot start cleanly\n");
		finish();
	}
}

int host_main(unsigned long hartid, const void *fdt)
{
	boot(hartid, fdt);
	payload();
	finish();
}
