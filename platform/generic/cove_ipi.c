// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * IPIs and remote fences to harts that stop.
 *
 * OpenSBI up to 1.9 refuses a call as a whole when one hart of its mask is
 * stopped. Linux names such harts after CPU hotplug, as it may (SBI 3.0, section
 * 3.1: only a hart that is not the supervisor's is invalid), does not look at
 * the error, and goes on with translations that were never fenced. In every
 * OpenSBI a sender that has found a hart started queues a fence for it, and waits
 * for ever when the hart has stopped in between.
 */
#include "cove_platform.h"
#include <sbi/sbi_domain.h>
#include <sbi/sbi_error.h>
#include <sbi/sbi_hartmask.h>
#include <sbi/sbi_hsm.h>
#include <sbi/sbi_ipi.h>

#define ALL_HARTS (~0UL)
#define SMODE	  SBI_IPI_EVENT_MAX /* no event: OpenSBI's own for supervisors */

int __real_sbi_ipi_send_many(ulong hmask, ulong hbase, u32 event, void *data);
int __wrap_sbi_ipi_send_many(ulong hmask, ulong hbase, u32 event, void *data);
int __real_sbi_ipi_send_smode(ulong hmask, ulong hbase);
int __wrap_sbi_ipi_send_smode(ulong hmask, ulong hbase);

static int send(ulong hmask, ulong hbase, u32 event, void *data)
{
	return event == SMODE ? __real_sbi_ipi_send_smode(hmask, hbase)
			      : __real_sbi_ipi_send_many(hmask, hbase, event, data);
}

/* Take the harts that are down out of the mask. Return: are all of its harts the supervisor's? */
static bool drop_stopped(ulong *hmask, ulong hbase)
{
	const struct sbi_domain *dom = sbi_domain_thishart_ptr();
	ulong left, hartid = hbase;

	for (left = *hmask; left; left >>= 1, hartid++) {
		int state;

		if (!(left & 1))
			continue;
		state = hartid == (u32)hartid ? sbi_hsm_hart_get_state(dom, hartid) : SBI_EINVAL;
		if (state < 0)
			return false;
		/* what starts has no translations yet */
		if (state == SBI_HSM_STATE_STOPPED || state == SBI_HSM_STATE_STOP_PENDING ||
		    state == SBI_HSM_STATE_START_PENDING)
			*hmask &= ~(1UL << (hartid - hbase));
	}
	return true;
}

/*
 * OpenSBI says "invalid" before it sends anything. Again after that, for a hart
 * may have stopped since the mask was looked at; one that stops does not come up
 * before this call is over (cove_ipi_hart_stop()), so this ends.
 */
static int send_to_started(ulong hmask, ulong hbase, u32 event, void *data)
{
	unsigned int *sending = &cove_this_hart()->sending;
	int rc;

	arch_store(sending, 1);
	arch_mb(); /* either the stopping hart sees this, or it is seen as stopping */
	do {
		rc = send(hmask, hbase, event, data);
	} while (rc == SBI_EINVAL && hbase != ALL_HARTS && COVE_DEFENCE(SKIP_STOPPED) &&
		 drop_stopped(&hmask, hbase));
	arch_store(sending, 0);
	return rc;
}

/* Of fences, and of the monitor's own. */
int __wrap_sbi_ipi_send_many(ulong hmask, ulong hbase, u32 event, void *data)
{
	if (!cove.active)
		return __real_sbi_ipi_send_many(hmask, hbase, event, data);
	return send_to_started(hmask, hbase, event, data);
}

/* Of the host's IPIs. */
int __wrap_sbi_ipi_send_smode(ulong hmask, ulong hbase)
{
	if (!cove.active)
		return __real_sbi_ipi_send_smode(hmask, hbase);
	return send_to_started(hmask, hbase, SMODE, NULL);
}

/*
 * The calling hart has said that it stops. Who had not seen that yet may have
 * queued a fence, or will: fence until nobody does.
 */
void cove_ipi_hart_stop(void)
{
	unsigned int i;

	arch_mb();
	for (i = 0; i < cove.nharts && COVE_DEFENCE(STOP_WAITS); i++) {
		while (cove.hart[i] && arch_load(&cove.hart[i]->sending))
			sbi_ipi_process();
	}
}
