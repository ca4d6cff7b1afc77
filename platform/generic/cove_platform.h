/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * How the monitor is hooked into OpenSBI's generic platform.
 */
#ifndef COVE_PLATFORM_H
#define COVE_PLATFORM_H

#include <cove_hart_features.h>
#include <cove_internal.h>
#include <sbi/sbi_scratch.h>
#include <sbi/sbi_trap.h>

/**
 * cove_carveout() - find and reserve RAM for the PMP table and the harts' state
 * @hart_bytes: bytes per hart
 *
 * Fills cove.table and cove.hart. Return: NULL, or why it failed
 */
const char *cove_carveout(struct sbi_scratch *scratch, unsigned long hart_bytes);

bool cove_hart_matches(struct sbi_scratch *scratch);

/** cove_hart_protection_init() - become the hart protection of every hart */
int cove_hart_protection_init(void);

/**
 * cove_identity_boot() - measure firmware and platform, make the keys of this boot
 *
 * Says on the console what came of it. Without an identity attestation is not offered.
 */
void cove_identity_boot(const struct cove_hart_features *features);

/**
 * cove_sha512_boot() - choose how this boot hashes
 * Before, it does so in software. Return: whether by vector instructions
 */
bool cove_sha512_boot(const struct cove_hart_features *features);

/** cove_harts_have_zvknhb() - says the device tree that every hart has SHA-512's vector
 * instructions? */
bool cove_harts_have_zvknhb(void);

bool cove_ecall(struct sbi_trap_regs *regs);

/** cove_host_vector() - M-mode's trap vector while the host runs */
void cove_host_vector(void);

/** cove_hart_long_way() - is every trap of the calling hart OpenSBI's from now on? */
void cove_hart_long_way(bool needed);

/** cove_deputies_init() - wrap OpenSBI's calls that take addresses or indices from the host */
void cove_deputies_init(void);

/* The host has made an SSE call: none before, no events. Never false again. */
extern bool cove_sse_used;

/** cove_deputies_hart_stop() - the calling hart stops: OpenSBI forgets memory and triggers of the
 * host's */
void cove_deputies_hart_stop(void);

/** cove_ipi_hart_stop() - the calling hart stops: nobody waits for a fence of it any more */
void cove_ipi_hart_stop(void);

#endif
