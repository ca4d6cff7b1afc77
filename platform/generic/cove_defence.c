// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Only in the build for tests (COVE_TEST_WEAKEN): which defences are removed,
 * as /chosen/bootargs of the device tree says.
 */
#include <cove/defence.h>
#include <libfdt.h>
#include <sbi/sbi_console.h>
#include <sbi/sbi_hart.h>
#include <sbi/sbi_string.h>
#include <sbi_utils/fdt/fdt_helper.h>

#define OPTION	      "cove.without="
#define NAME_OF(name) #name,

bool cove_without[COVE_DEFENCE_COUNT];
static const char *const names[] = { COVE_DEFENCES(NAME_OF) };

static bool is_end(char c)
{
	return !c || c == ' ' || c == ',';
}

static void remove_defence(const char *name, unsigned long len)
{
	unsigned int i;

	for (i = 0; i < COVE_DEFENCE_COUNT; i++) {
		if (sbi_strlen(names[i]) == len && !sbi_strncmp(names[i], name, len)) {
			cove_without[i] = true;
			sbi_printf("CoveSBI: WEAKENED: without %s\n", names[i]);
			return;
		}
	}
	sbi_printf("CoveSBI: WEAKENED: there is no such defence: %s\n", name);
	sbi_hart_hang();
}

void cove_defence_init(void)
{
	const void *fdt = fdt_get_address();
	const char *args = fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), "bootargs", NULL);
	unsigned long len;

	sbi_printf("CoveSBI: WEAKENED: a firmware for tests, it protects nothing\n");
	for (; args && *args; args++) {
		if (sbi_strncmp(args, OPTION, sizeof(OPTION) - 1))
			continue;
		args += sizeof(OPTION) - 1;
		do {
			for (len = 0; !is_end(args[len]); len++)
				;
			remove_defence(args, len);
			args += len;
		} while (*args++ == ',');
		return;
	}
}
