// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * ISA extensions by their names in a device tree.
 */
#include "cove_isa.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Does @list begin with @name, and with nothing behind it but a version? */
static bool begins_with(const char *list, size_t len, const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		if (i == len || lower(list[i]) != name[i])
			return false;
	return i == len || !list[i] || list[i] == '_' || (list[i] >= '0' && list[i] <= '9');
}

bool cove_isa_has(const char *list, size_t len, const char *name)
{
	bool start = true;
	size_t i;

	for (i = 0; i < len; i++) {
		if (start && begins_with(list + i, len - i, name))
			return true;
		start = !list[i] || list[i] == '_';
	}
	return false;
}
