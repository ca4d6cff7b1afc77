// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The list of ranges that are denied to the host. A new list is made beside the
 * old one, so that the PMP policy can refuse it before anything changes.
 */
#include "internal.h"

static bool append(struct pmptable_range *list, int *n, u64 base, u64 end)
{
	if (*n == PMPTABLE_MAX_RUNS)
		return false;
	list[*n].base = base;
	list[*n].size = end - base;
	(*n)++;
	return true;
}

int pmptable_denied_add(const struct pmptable *t, u64 base, u64 end, struct pmptable_range *list)
{
	unsigned int i;
	int n = 0;

	for (i = 0; i < t->ndenied && t->denied[i].base + t->denied[i].size < base; i++)
		list[n++] = t->denied[i];
	if (i < t->ndenied && t->denied[i].base + t->denied[i].size == base)
		base = t->denied[i++].base;
	if (i < t->ndenied && t->denied[i].base == end) {
		end += t->denied[i].size;
		i++;
	}
	if (!append(list, &n, base, end))
		return PMPTABLE_ENOSPC;
	for (; i < t->ndenied; i++) {
		if (!append(list, &n, t->denied[i].base, t->denied[i].base + t->denied[i].size))
			return PMPTABLE_ENOSPC;
	}
	return n;
}

int pmptable_denied_remove(const struct pmptable *t, u64 base, u64 end, struct pmptable_range *list)
{
	unsigned int i;
	int n = 0;

	for (i = 0; i < t->ndenied; i++) {
		u64 first = t->denied[i].base;
		u64 stop = first + t->denied[i].size;

		if (first < base && !append(list, &n, first, stop < base ? stop : base))
			return PMPTABLE_ENOSPC;
		if (stop > end && !append(list, &n, first > end ? first : end, stop))
			return PMPTABLE_ENOSPC;
	}
	return n;
}

void pmptable_denied_set(struct pmptable *t, const struct pmptable_range *list, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		t->denied[i] = list[i];
	t->ndenied = n;
	arch_store(&t->version, t->version + 1);
}
