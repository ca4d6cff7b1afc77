// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Memory that the host has registered for M-mode to use in later calls. A page
 * of it stays the host's for as long as M-mode knows its address: it is pinned,
 * and conversion refuses it.
 */
#include "cove_internal.h"

/**
 * cove_pin_set() - pin [base, base + len) for the calling hart
 * @kind: what it is for; what was pinned for that before is free
 *
 * Pin first, register then: M-mode never knows an address that is not pinned.
 *
 * Return: INVALID_ADDRESS when it is not all the host's RAM (nothing changes)
 */
long cove_pin_set(enum cove_pin_kind kind, u64 base, u64 len)
{
	struct cove_pin *pin = &cove_this_hart()->pin[kind];
	long rc = COVE_OK;

	arch_lock(&cove.convert_lock);
	if (!COVE_DEFENCE(PIN_ADDRESS) || (len && cove_host_range(base, len))) {
		pin->base = base;
		pin->len = len;
	} else {
		rc = COVE_ERR_INVALID_ADDRESS;
	}
	arch_unlock(&cove.convert_lock);
	return rc;
}

/** cove_pin_clear() - M-mode has forgotten what the calling hart had pinned for @kind */
void cove_pin_clear(enum cove_pin_kind kind)
{
	arch_lock(&cove.convert_lock);
	cove_this_hart()->pin[kind] = (struct cove_pin){ 0, 0 };
	arch_unlock(&cove.convert_lock);
}

/** cove_pin_clear_all() - M-mode has forgotten all that @hart had pinned. Called with convert_lock
 * held */
void cove_pin_clear_all(struct cove_hart *hart)
{
	unsigned int kind;

	for (kind = 0; kind < COVE_PIN_KINDS; kind++)
		hart->pin[kind] = (struct cove_pin){ 0, 0 };
}

/** cove_pin_get() - what the calling hart has pinned for @kind, NULL when nothing */
const struct cove_pin *cove_pin_get(enum cove_pin_kind kind)
{
	const struct cove_pin *pin = &cove_this_hart()->pin[kind];

	return pin->len ? pin : NULL;
}

/** cove_pinned() - has any hart pinned a byte of [pa, pa + n pages)? Called with convert_lock
 * held */
bool cove_pinned(u64 pa, u64 n)
{
	unsigned int i, kind;

	for (i = 0; i < cove.nharts; i++) {
		for (kind = 0; cove.hart[i] && kind < COVE_PIN_KINDS; kind++) {
			const struct cove_pin *pin = &cove.hart[i]->pin[kind];

			if (COVE_DEFENCE(PIN) && pin->len && pa < pin->base + pin->len &&
			    pin->base < pa + n * COVE_PAGE_SIZE)
				return true;
		}
	}
	return false;
}
