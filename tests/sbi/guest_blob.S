/* SPDX-License-Identifier: BSD-2-Clause */
	.section .rodata
	.globl guest_image, guest_image_end
	.align 12
guest_image:
	.incbin "guest.bin"
guest_image_end:
