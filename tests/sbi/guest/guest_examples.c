// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The examples of docs/abi.md for guests, as they stand there.
 */
#include "../examples.h"
#include "guest_abi.h"
#include <cove/sbi_cove.h>
#include <stdbool.h>

#include "abi_call.inc"
#include "abi_guest.inc"

#define EXT_DBCN 0x4442434E
#define EXT_SRST 0x53525354

/* No key is a COSE_Key of zeros, and there was no TAP. */
static bool all(unsigned long heap)
{
	return guest_begin(DEV_BASE) && guest_shares(heap) && guest_measures(heap + 4096) &&
	       guest_evidence(heap + 8192, COVE_MAX_ATTEST_KEY, heap + 12288, heap + 16384) == -3 &&
	       guest_secret(heap + 4096) == COVE_ERR_AUTH && guest_ends(DEV_BASE);
}

void guest_examples(void)
{
	call(EXT_DBCN, 2, all(GUEST_HEAP) ? EXAMPLES_DONE : 'N');
	call(EXT_SRST, 0, 0, 0);
}
