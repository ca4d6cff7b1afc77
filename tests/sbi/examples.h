/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The examples of docs/abi.md as a test.
 */
#ifndef EXAMPLES_H
#define EXAMPLES_H

#define EXAMPLES_DONE 'Y' /* the guest prints it when all went well */

/**
 * struct example - what the host has for its guest
 * @mem: @n pages, aligned to 16 KiB; @used: how many the TVM has from the beginning
 * @image: its @image_pages pages, which go to @gpa
 * @len: of the guest's memory, @argument: its a1
 * @shared: a page of the host's
 */
struct example {
	unsigned long mem;
	unsigned long n;
	unsigned long used;
	unsigned long image;
	unsigned long image_pages;
	unsigned long gpa;
	unsigned long len;
	unsigned long argument;
	unsigned long shared;
};

/* NULL, or what went wrong */
const char *examples_host(const struct example *e);
void examples_on_other_harts(void (*fn)(void));

#endif
