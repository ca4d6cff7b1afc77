// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A reset while memory is confidential, in two lives of the machine: the host
 * must not find the contents in RAM, which it does find of its own memory.
 */
#include "tvm.h"

#define SECRET	    0x5ec2e75ec2e75ec2UL
#define SECOND	    0x11fe11fe11fe11feUL
#define OWN_PAGE    0x90000000UL
#define CONVERTED   0x90800000UL
#define TVM_IMAGE   0x91000000UL
#define SCATTERED   7UL
#define COLD_REBOOT 1

static void fill(unsigned long pa)
{
	unsigned long *p = (unsigned long *)pa;
	unsigned int i;

	for (i = 0; i < PAGE / sizeof(*p); i++)
		p[i] = SECRET;
}

static bool holds_secret(unsigned long pa)
{
	const unsigned long *p = (const unsigned long *)pa;
	unsigned int i;

	for (i = 0; i < PAGE / sizeof(*p); i++)
		if (p[i] == SECRET)
			return true;
	return false;
}

static void first_life(void)
{
	unsigned long *own = (unsigned long *)OWN_PAGE;
	unsigned int i;

	for (i = 0; i < SCATTERED; i++)
		fill(CONVERTED + i * PAGE);
	for (i = 0; i < 2048; i++)
		fill(TVM_IMAGE + i * PAGE);
	fill(OWN_PAGE);
	if (convert(CONVERTED, SCATTERED) || convert(TVM_IMAGE, 2048) || !fence_all()) {
		print("FAIL reset: cannot convert\n");
		return;
	}
	own[1] = SECOND;
	sbi6(EXT_SRST, 0, COLD_REBOOT, 0);
	print("FAIL reset: the machine does not reset\n");
}

static void second_life(void)
{
	unsigned int i, found = 0;

	for (i = 0; i < SCATTERED; i++)
		found += holds_secret(CONVERTED + i * PAGE);
	for (i = 0; i < 2048; i++)
		found += holds_secret(TVM_IMAGE + i * PAGE);
	if (((unsigned long *)OWN_PAGE)[0] != SECRET)
		print("FAIL reset_erases: RAM does not outlive a reset here\n");
	else if (found)
		print("FAIL reset_erases: %u confidential pages are still there\n", found);
	else
		print("ok reset_erases\n");
}

void payload(void)
{
	if (((unsigned long *)OWN_PAGE)[1] == SECOND)
		second_life();
	else
		first_life();
}
