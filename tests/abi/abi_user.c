// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The installed headers in a user program, in C and C++: prints what tests/abi/run
 * compares with what the assembler makes of them.
 */
#include <cove/guest.h>
#include <cove/sbi_cove.h>
#include <cove/sbi_cove_rfc.h>
#include <cove/tap.h>
#include <stdio.h>

static const unsigned long values[] = {
#include "values.inc"
};

int main(void)
{
	struct tsm_info info = { TSM_READY, 0, 0, 0, TSM_CAP_MEMORY_ALLOCATION, 0, 0, 0 };
	struct tvm_create_params params = { 0, 0, 0 };
	struct tsm_info_rfc rfc = { TSM_READY, 0, 0, 0, 0 };

	struct cove_tap_header tap = { COVE_TAP_MAGIC, COVE_TAP_VERSION, 0, 1, 0, 0 };

	if (cove_tap_body(tap.lockboxes) != 16 + 176)
		return 1;
	if (sizeof(info) != 48 || sizeof(rfc) != 32 || sizeof(params) < TVM_CREATE_PARAMS_MIN_LEN)
		return 1;
	return fwrite(values, sizeof(values), 1, stdout) != 1;
}
