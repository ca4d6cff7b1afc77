// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The development root of trust: for machines that have none of their own, like
 * QEMU's. Everybody knows its secret.
 */
#include <cove/rot.h>
#include <cove_attest.h>
#include <cove_version.h>
#include <sbi/sbi_console.h>
#include <sbi/sbi_string.h>

#define DEVELOPMENT_SECRET "CoveSBI development root, not a secret"

__attribute__((weak)) int cove_rot_read(struct cove_rot *rot)
{
	static const char text[] = DEVELOPMENT_SECRET;

	sbi_memset(rot, 0, sizeof(*rot));
	rot->kind = COVE_ROT_UDS;
	rot->state = COVE_ROT_DEBUG;
	rot->firmware_svn = COVE_FIRMWARE_SVN;
	sbi_printf("CoveSBI: WARNING: development root of trust: everybody has its key\n");
	cove_sha384(text, sizeof(text) - 1, rot->secret);
	return 0;
}
