/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Says how much of the firmware image is measured, to the monitor and to whoever
 * has only the image (docs/measurement.md, firmware).
 */
	.section .rodata
	.balign 8
	.globl cove_image_mark
cove_image_mark:
	.ascii "CoveSBI measured"
	.dword _rodata_end - _fw_start
