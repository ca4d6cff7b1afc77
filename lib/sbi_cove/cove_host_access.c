// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Loads and stores of M-mode on the host's behalf, translated in software:
 * what MPRV does, but with no need of PMP entries.
 */
#include "cove_internal.h"

/* Where the piece of an access in one page lies; only RAM, M-mode takes no device for RAM. */
static enum cove_walk_status place(const struct cove_walk_env *env, enum cove_walk_access access,
				   u64 va, u64 len, struct cove_walk *walk)
{
	enum cove_walk_status status;

	walk->visit = NULL;
	status = cove_walk_va(env, access, va, true, walk);
	if (COVE_DEFENCE(ACCESS_OWNER) && status == WALK_OK &&
	    !pmptable_check(&cove.table, walk->pa, len, PMPTABLE_ID_HOST,
			    access == WALK_STORE ? PMPTABLE_W : PMPTABLE_R))
		return WALK_ACCESS_FAULT;
	return status;
}

static unsigned int piece_of(u64 va, unsigned int len)
{
	u64 room = COVE_PAGE_SIZE - (va & COVE_PAGE_MASK);

	return room < len ? (unsigned int)room : len;
}

static void copy(volatile u8 *to, const volatile u8 *from, unsigned int len)
{
	/* A whole one at once: others may look. */
	if (len == 8 && !(((unsigned long)to | (unsigned long)from) & 7)) {
		*(volatile u64 *)to = *(const volatile u64 *)from;
	} else if (len == 4 && !(((unsigned long)to | (unsigned long)from) & 3)) {
		*(volatile u32 *)to = *(const volatile u32 *)from;
	} else if (len == 2 && !(((unsigned long)to | (unsigned long)from) & 1)) {
		*(volatile u16 *)to = *(const volatile u16 *)from;
	} else {
		while (len--)
			*to++ = *from++;
	}
}

/**
 * cove_host_load() - read the host's memory as the host would
 * @access: WALK_LOAD or WALK_FETCH
 * @data: aligned to @len
 * @len: at most 8
 * @walk: of the piece that faulted, when there is one; @fault: its address
 *
 * Return: WALK_OK or how it faulted
 */
enum cove_walk_status cove_host_load(const struct cove_walk_env *env, enum cove_walk_access access,
				     u64 va, void *data, unsigned int len, struct cove_walk *walk,
				     u64 *fault)
{
	enum cove_walk_status status;
	unsigned int n;
	u8 *to = data;

	for (; len; len -= n, va += n, to += n) {
		n = piece_of(va, len);
		*fault = va;
		status = place(env, access, va, n, walk);
		if (status != WALK_OK)
			return status;
		copy(to, arch_ptr(walk->pa), n);
	}
	return WALK_OK;
}

/** cove_host_store() - write the host's memory as the host would; see cove_host_load() */
enum cove_walk_status cove_host_store(const struct cove_walk_env *env, u64 va, const void *data,
				      unsigned int len, struct cove_walk *walk, u64 *fault)
{
	unsigned int n = piece_of(va, len);
	enum cove_walk_status status;
	u64 second = 0;

	/* Both pages before the first byte, so that a fault leaves nothing half done. */
	if (n < len) {
		*fault = va + n;
		status = place(env, WALK_STORE, va + n, len - n, walk);
		if (status != WALK_OK)
			return status;
		second = walk->pa;
	}
	*fault = va;
	status = place(env, WALK_STORE, va, n, walk);
	if (status != WALK_OK)
		return status;
	copy(arch_ptr(walk->pa), data, n);
	if (n < len)
		copy(arch_ptr(second), (const u8 *)data + n, len - n);
	return WALK_OK;
}
