/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * A boot with a root of trust of the tests' own.
 */
#ifndef ATTEST_FIXTURE_H
#define ATTEST_FIXTURE_H

#include <cove_arena.h>
#include <cove_dice.h>
#include <cove_internal.h>
#include <string.h>

#include "unit.h"

static u8 attest_mem[COVE_SIGN_BYTES + 64] __attribute__((aligned(16), unused));

/** attest_rot() - a platform whose secret is bytes of @fill */
static inline struct cove_rot attest_rot(u8 fill)
{
	struct cove_rot rot = { .kind = COVE_ROT_UDS,
				.state = COVE_ROT_SECURED,
				.firmware_svn = 7 };

	memset(rot.secret, fill, sizeof(rot.secret));
	memset(rot.manufacturer, 0x4d, sizeof(rot.manufacturer));
	return rot;
}

/** attest_boot() - make the identity of an image whose digest is bytes of @image */
static inline long attest_boot(struct cove_rot *rot, u8 image)
{
	struct cove_boot_layers layers = { .firmware_version = "test 1.0" };

	memset(layers.image, image, sizeof(layers.image));
	memset(layers.config, 0x22, sizeof(layers.config));
	return cove_dice_boot(rot, &layers);
}

/** attest_unhex() - bytes of @text */
static inline void attest_unhex(const char *text, u8 *out, size_t len)
{
	unsigned int byte;
	size_t i;

	assert_int_equal(strlen(text), 2 * len);
	for (i = 0; i < len; i++) {
		assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
		out[i] = (u8)byte;
	}
}

/** attest_is() - fails unless @data is what @hex says */
static inline void attest_is(const u8 *data, size_t len, const char *hex)
{
	u8 want[256];

	assert_true(len <= sizeof(want));
	attest_unhex(hex, want, len);
	assert_memory_equal(data, want, len);
}

/** attest_is_zero() - fails unless all bytes are 0 */
static inline void attest_is_zero(const void *data, size_t len)
{
	const u8 *p = data;

	while (len--)
		assert_int_equal(*p++, 0);
}

#endif
