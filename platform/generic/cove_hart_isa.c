// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Extensions that only the device tree tells, and OpenSBI does not look for.
 */
#include "cove_platform.h"
#include <cove_isa.h>
#include <libfdt.h>
#include <sbi_utils/fdt/fdt_helper.h>

/* Also the names that stand for several extensions, this one among them */
static bool cpu_has_zvknhb(const void *fdt, int cpu)
{
	static const char *const names[] = { "zvknhb", "zvkn", "zvknc", "zvkng" };
	const char *list;
	unsigned int i;
	int len;

	list = fdt_getprop(fdt, cpu, "riscv,isa-extensions", &len);
	if (!list)
		list = fdt_getprop(fdt, cpu, "riscv,isa", &len);
	for (i = 0; list && i < sizeof(names) / sizeof(names[0]); i++)
		if (cove_isa_has(list, (size_t)len, names[i]))
			return true;
	return false;
}

bool cove_harts_have_zvknhb(void)
{
	const void *fdt = fdt_get_address();
	int cpus = fdt_path_offset(fdt, "/cpus"), cpu;
	unsigned int n = 0;
	u32 hartid;

	fdt_for_each_subnode(cpu, fdt, cpus) {
		if (fdt_parse_hart_id(fdt, cpu, &hartid) || !fdt_node_is_enabled(fdt, cpu))
			continue;
		if (!cpu_has_zvknhb(fdt, cpu))
			return false;
		n++;
	}
	return n;
}
