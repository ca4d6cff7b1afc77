// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The simulated machine below lib/.
 */
#include <stdio.h>
#include <stdlib.h>

#include <cove_arch.h>

u8 *fake_ram;
u64 fake_ram_size;
_Thread_local unsigned int fake_hart;

void fake_ram_init(u64 size)
{
	static u8 *memory; /* kept: a fuzzer boots thousands of machines */
	static u64 memory_size;

	fake_ram = NULL;
	fake_ram_size = size;
	if (!size)
		return;
	if (size != memory_size) {
		free(memory);
		memory = aligned_alloc(4096, size);
		memory_size = size;
	}
	fake_ram = memory;
	if (!fake_ram) {
		fprintf(stderr, "fake_ram_init: no memory for %lu bytes\n", size);
		abort();
	}
	memset(fake_ram, 0, size);
}

void *fake_ptr(u64 pa)
{
	if (pa - FAKE_RAM_BASE >= fake_ram_size) {
		fprintf(stderr, "fake_ptr: 0x%lx is not RAM\n", pa);
		abort();
	}
	return fake_ram + (pa - FAKE_RAM_BASE);
}
