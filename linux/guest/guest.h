/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Inside cove-guest.ko.
 */
#ifndef COVE_GUEST_MODULE_H
#define COVE_GUEST_MODULE_H

#include <linux/types.h>
#include <cove/guest.h>

/* guest_sbi.c */
int guest_sbi_init(struct cove_guest_caps *caps);
void guest_sbi_exit(void);
int guest_extend(u32 index, const u8 *digest, u32 len);
int guest_read(u32 index, u8 *value, u32 len);
ssize_t guest_evidence(const void *key, u32 key_len, const u8 *challenge, u32 format, void **out);
ssize_t guest_secret(void **out);

/* guest_key.c */
int guest_key_make(u8 cose_key[COVE_GUEST_MAX_KEY]);

/* guest_report.c; guest_configfs.c where the kernel has no TSM core */
#define GUEST_PROVIDER "cove_guest"

/**
 * struct guest_report - evidence for one challenge in both formats
 * Free the blobs with kvfree_sensitive() or kvfree().
 */
struct guest_report {
	void *cbor;
	size_t cbor_len;
	void *x509;
	size_t x509_len;
};

int guest_report_make(const u8 *inblob, size_t inblob_len, struct guest_report *report);
void guest_report_free(struct guest_report *report);

int guest_tsm_register(void);
void guest_tsm_unregister(void);

#endif
