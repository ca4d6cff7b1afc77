// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The PMP of the hart that asks: derived from the table, and the hart's part
 * in fences from its start to its stop.
 */
#include "cove_internal.h"

bool cove_hart_pmp_stale(struct cove_hart *hart)
{
	return hart->pmp_version != arch_load(&cove.table.version);
}

/**
 * cove_hart_pmp_derive() - program the calling hart's PMP from the table
 *
 * Only entries that change are written; the caller fences.
 *
 * Return: 0, or COVE_ERR_FAILED when the hart has too few entries or did not
 * take the values
 */
int cove_hart_pmp_derive(struct cove_hart *hart)
{
	const struct pmp_region window = cove_window_region(&hart->window);
	unsigned long version = arch_load(&cove.table.version);

	if (COVE_DEFENCE(WINDOW_FORGETS))
		cove_window_forget(hart);
	if (pmp_plan_derive(&cove.table, &cove.pmp, &window, &hart->next, &hart->plan))
		return COVE_ERR_FAILED;
	if (!cove_world_write_pmp(&hart->pmp, &hart->next, cove.pmp.entries)) {
		hart->pmp.n = 0;
		return COVE_ERR_FAILED;
	}
	hart->pmp = hart->next;
	cove_world_take_guest_faults(hart->plan.nallow);
	hart->pmp_version = version;
	return COVE_OK;
}

/**
 * cove_hart_online() - the calling hart is about to run the host
 *
 * It counts for fences from the first moment, so that no conversion slips in
 * between its reading of the table and its acknowledgement.
 *
 * Return: 0, or COVE_ERR_FAILED when its PMP cannot be programmed
 */
int cove_hart_online(struct cove_hart *hart)
{
	arch_lock(&cove.convert_lock);
	/* what the others have all acknowledged does not wait for this hart */
	cove_conversions_prune();
	arch_store(&hart->ack, 0UL);
	hart->started = COVE_DEFENCE(START_COUNTS) || !hart->pmp.n;
	arch_unlock(&cove.convert_lock);
	if (COVE_DEFENCE(PMP_AT_START))
		hart->pmp.n = 0;
	hart->pmp_version = ~0UL;
	if (!cove_local_fence())
		return COVE_OK;
	cove_hart_offline(hart);
	return COVE_ERR_FAILED;
}

/** cove_hart_offline() - the calling hart stops: it no longer counts for fences, and what it has
 * pinned is free */
void cove_hart_offline(struct cove_hart *hart)
{
	arch_lock(&cove.convert_lock);
	hart->started = !COVE_DEFENCE(STOP_UNCOUNTS);
	if (COVE_DEFENCE(STOP_FORGETS_PINS))
		cove_pin_clear_all(hart);
	arch_unlock(&cove.convert_lock);
}
