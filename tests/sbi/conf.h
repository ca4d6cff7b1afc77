/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Conformance tests: one for each row of docs/conformance.md, named there.
 */
#ifndef CONF_H
#define CONF_H

#include "attack.h"
#include "remote.h"

#define FIRMWARE 0x80000000UL
#define ROM	 0x1000UL     /* QEMU virt: executable, not RAM */
#define UART	 0x10000000UL /* a device */
#define BAD_GID	 (~0UL)

#define CONF(fn, harts)        \
	{                      \
#fn, fn, harts \
	}
#define COVH(fid, ...) covh(SBI_COVH_##fid, __VA_ARGS__)
/* Only where a capability says so: the test is skipped elsewhere. */
#define NEEDS(what, why)                \
	do {                            \
		if (!(what)) {          \
			test_skip(why); \
			return;         \
		}                       \
	} while (0)
/* The numbers of 2023 have none for it. */
#define CAN_PROMOTE	     ((tsm.tsm_capabilities & TSM_CAP_PROMOTE_TVM) && !dialect_rfc)
#define EXPECT_REFUSED(what) EXPECT_TRUE((long)(what) < 0)

/* The guest made its call, and got this without the host being asked. */
#define GUEST_GOT(r, e, code)                    \
	do {                                     \
		EXPECT((e).scause, REMOTE_IDLE); \
		EXPECT((r)->out[0][0], code);    \
	} while (0)

#endif
