/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The TAP key of a platform, out of evidence or a TSM token. For tests, which trust it.
 */
#ifndef TAP_KEY_H
#define TAP_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** tap_key_point() - look for claim -70012, a bstr of a COSE_Key on P-384 */
static inline bool tap_key_point(const uint8_t *token, size_t len, uint8_t point[97])
{
	static const uint8_t head[] = { 0x3a, 0x00, 0x01, 0x11, 0x7b, 0x58, 0x6b, 0xa4,
					0x01, 0x02, 0x20, 0x02, 0x21, 0x58, 0x30 };
	const size_t coord = 48, middle = 3; /* -3: bstr of 48 bytes */
	size_t i;

	for (i = 0; i + sizeof(head) + 2 * coord + middle <= len; i++) {
		const uint8_t *x = token + i + sizeof(head);

		if (memcmp(token + i, head, sizeof(head)))
			continue;
		point[0] = 4;
		memcpy(point + 1, x, coord);
		memcpy(point + 1 + coord, x + coord + middle, coord);
		return true;
	}
	return false;
}

#endif
