/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The measurement of a firmware image, as the image takes it of itself at boot
 * (docs/measurement.md, firmware). A mark in the image says how much of it.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/sha512.h>

#include "vm.h"

#define FIRMWARE_MAX (64UL << 20)
#define MARK	     "CoveSBI measured"
#define MARK_LEN     (sizeof(MARK) - 1)
#define MARK_ALIGN   8

static uint8_t *read_image(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	uint8_t *image = NULL;
	long size = -1;

	if (!file) {
		err("%s: %s", path, strerror(errno));
		return NULL;
	}
	if (!fseek(file, 0, SEEK_END))
		size = ftell(file);
	if (size < 0 || (unsigned long)size > FIRMWARE_MAX) {
		err("%s: no file of at most %lu MiB", path, FIRMWARE_MAX >> 20);
	} else {
		rewind(file);
		*len = size;
		image = malloc(*len ? *len : 1);
		if (!image || fread(image, 1, *len, file) != *len) {
			err("%s: cannot be read", path);
			free(image);
			image = NULL;
		}
	}
	fclose(file);
	return image;
}

/* How many bytes the image measures of itself; 0 after an error message. */
static uint64_t measured_length(const char *path, const uint8_t *image, size_t len)
{
	uint64_t measured = 0;
	size_t found = 0;

	for (size_t at = 0; at + MARK_LEN + sizeof(measured) <= len; at += MARK_ALIGN) {
		if (memcmp(image + at, MARK, MARK_LEN))
			continue;
		if (measured) {
			err("%s: more than one mark of CoveSBI in it", path);
			return 0;
		}
		found = at + MARK_LEN + sizeof(measured);
		memcpy(&measured, image + at + MARK_LEN, sizeof(measured));
		measured = le64toh(measured);
		if (measured < found || measured > len) {
			err("%s: the mark of CoveSBI in it is damaged, or the image is cut off",
			    path);
			return 0;
		}
	}
	if (!measured)
		err("%s: not a firmware image of CoveSBI (fw_*.bin)", path);
	return measured;
}

/**
 * firmware_measure() - registers 0 and 2 of a machine that boots this image
 * @path: fw_dynamic.bin, fw_jump.bin or fw_payload.bin
 *
 * Returns 0, or -1 after an error message.
 */
int firmware_measure(const char *path, uint8_t value[DIGEST_LEN])
{
	uint8_t both[2 * DIGEST_LEN] = { 0 };
	uint64_t measured;
	uint8_t *image;
	size_t len;
	int ret = -1;

	image = read_image(path, &len);
	if (!image)
		return -1;
	measured = measured_length(path, image, len);
	if (measured) {
		/* a register of zeros, extended with the digest */
		ret = mbedtls_sha512(image, measured, both + DIGEST_LEN, 1) ||
		      mbedtls_sha512(both, sizeof(both), value, 1);
		if (ret)
			err("SHA-384 failed");
	}
	free(image);
	return ret ? -1 : 0;
}
