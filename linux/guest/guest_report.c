// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What reports of configfs-tsm consist of, and the kernel's TSM core as their
 * place where the kernel has it.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/string.h>
#include "guest.h"

/** guest_report_free() - and forget it */
void guest_report_free(struct guest_report *report)
{
	kvfree(report->cbor);
	kvfree(report->x509);
	memset(report, 0, sizeof(*report));
}

/**
 * guest_report_make() - evidence in both formats
 * @inblob: the challenge, at most COVE_GUEST_CHALLENGE_LEN bytes; zeros follow it
 *
 * Both have one fresh key. Return: 0 or an error of guest_evidence(); @report is empty then
 */
int guest_report_make(const u8 *inblob, size_t inblob_len, struct guest_report *report)
{
	u8 challenge[COVE_GUEST_CHALLENGE_LEN] = {}, key[COVE_GUEST_MAX_KEY];
	ssize_t ret;
	int key_len;

	memset(report, 0, sizeof(*report));
	if (!inblob_len || inblob_len > sizeof(challenge))
		return -EINVAL;
	memcpy(challenge, inblob, inblob_len);
	key_len = guest_key_make(key);
	if (key_len < 0)
		return key_len;
	ret = guest_evidence(key, key_len, challenge, COVE_GUEST_FORMAT_CBOR, &report->cbor);
	if (ret < 0)
		return ret;
	report->cbor_len = ret;
	ret = guest_evidence(key, key_len, challenge, COVE_GUEST_FORMAT_X509, &report->x509);
	if (ret < 0) {
		guest_report_free(report);
		return ret;
	}
	report->x509_len = ret;
	return 0;
}

#if IS_ENABLED(CONFIG_TSM_REPORTS)
#include <linux/tsm.h>

/* From Linux 6.16 on the names say that this is about reports. */
#ifdef TSM_REPORT_INBLOB_MAX
#define tsm_ops	       tsm_report_ops
#define tsm_register   tsm_report_register
#define tsm_unregister tsm_report_unregister
#endif

static int report_new(struct tsm_report *report, void *data)
{
	struct guest_report ours;
	int ret = guest_report_make(report->desc.inblob, report->desc.inblob_len, &ours);

	if (ret)
		return ret;
	report->outblob = ours.cbor;
	report->outblob_len = ours.cbor_len;
	report->auxblob = ours.x509;
	report->auxblob_len = ours.x509_len;
	return 0;
}

static bool attr_visible(int n)
{
	return n == TSM_REPORT_GENERATION || n == TSM_REPORT_PROVIDER;
}

static bool bin_attr_visible(int n)
{
	return n == TSM_REPORT_INBLOB || n == TSM_REPORT_OUTBLOB || n == TSM_REPORT_AUXBLOB;
}

static const struct tsm_ops report_ops = {
	.name = GUEST_PROVIDER,
	.report_new = report_new,
	.report_attr_visible = attr_visible,
	.report_bin_attr_visible = bin_attr_visible,
};

/** guest_tsm_register() - be the provider of the kernel's TSM core */
int guest_tsm_register(void)
{
	return tsm_register(&report_ops, NULL);
}

/** guest_tsm_unregister() - undo guest_tsm_register() */
void guest_tsm_unregister(void)
{
	tsm_unregister(&report_ops);
}
#endif
