// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The form of a TAP, its cryptography, and what it demands of a TVM. What is here
 * works on a copy that nobody else can change; everything in it is hostile until its
 * tag was right, and then the word of somebody who knows this platform's public key.
 */
#include "cove_tap.h"
#include "cove_arena.h"
#include "cove_dice.h"
#include "cove_internal.h"
#include <mbedtls/constant_time.h>
#include <mbedtls/gcm.h>

#define MAX_ONCE 256U
#define AAD_PART 64U

/* TAPs that may be opened once, and were */
static struct {
	arch_lock_t lock;
	unsigned int n;
	u8 id[MAX_ONCE][COVE_TAP_ID_LEN];
} once;

static bool is_zero(const u8 *p, size_t len)
{
	while (len--)
		if (*p++)
			return false;
	return true;
}

static bool same(const u8 *a, const u8 *b, size_t len)
{
	while (len--)
		if (*a++ != *b++)
			return false;
	return true;
}

static void get_header(const struct cove_tap *tap, struct cove_tap_header *head)
{
	arch_memcpy(head, tap->copy, sizeof(*head));
}

static bool header_ok(const struct cove_tap_header *head, size_t len)
{
	return head->magic == COVE_TAP_MAGIC && head->version == COVE_TAP_VERSION &&
	       !head->reserved && head->len == len && head->lockboxes &&
	       head->lockboxes <= COVE_TAP_MAX_LOCKBOXES &&
	       cove_tap_body(head->lockboxes) + COVE_TAP_IV_LEN + head->payload_len +
			       COVE_TAP_TAG_LEN ==
		       len;
}

/* The first lockbox that this platform has the key for; *@box: where it is */
static bool find_lockbox(const struct cove_tap *tap, unsigned int n, size_t *box)
{
	const u8 *id = cove_identity()->tap_id;
	unsigned int i;

	for (i = 0; i < n; i++) {
		*box = cove_tap_body(i);
		if (same(tap->copy + *box, id, COVE_ID_LEN))
			return true;
	}
	return false;
}

static bool lockbox_ok(const struct cove_tap_lockbox *box)
{
	return box->algorithm == COVE_TAP_ALG_P384 && !box->reserved &&
	       is_zero(box->reserved2, sizeof(box->reserved2));
}

long cove_tap_start(struct cove_tap *tap)
{
	struct cove_tap_lockbox box;
	struct cove_tap_header head;

	tap->agree = NULL;
	if (tap->len < sizeof(head) || tap->len > sizeof(tap->copy))
		return COVE_ERR_INVALID_PARAM;
	get_header(tap, &head);
	if (!header_ok(&head, tap->len))
		return COVE_ERR_INVALID_PARAM;
	if (!find_lockbox(tap, head.lockboxes, &tap->box))
		return COVE_ERR_AUTH;
	arch_memcpy(&box, tap->copy + tap->box, sizeof(box));
	if (!lockbox_ok(&box))
		return COVE_ERR_INVALID_PARAM;
	tap->agree = cove_agree_start(tap->work, sizeof(tap->work), box.point);
	return tap->agree ? COVE_OK : COVE_ERR_AUTH;
}

/* In parts, after each of which the hart looks up */
static int authenticate(mbedtls_gcm_context *gcm, struct cove_bytes aad)
{
	size_t at, n;
	int rc = 0;

	for (at = 0; !rc && at < aad.len; at += n) {
		n = aad.len - at < AAD_PART ? aad.len - at : AAD_PART;
		cove_job_tick(COVE_JOB_BLOCK);
		rc = mbedtls_gcm_update_ad(gcm, aad.data + at, n);
	}
	return rc;
}

/* AES-256-GCM; nothing is at @out when the tag is wrong. */
static bool unseal(const u8 *key, const u8 *iv, struct cove_bytes aad, struct cove_bytes sealed,
		   const u8 *tag, u8 *out)
{
	u8 right[COVE_TAP_TAG_LEN];
	mbedtls_gcm_context gcm;
	size_t n;
	int rc;

	mbedtls_gcm_init(&gcm);
	rc = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 8 * COVE_TAP_KEY_LEN);
	if (!rc)
		rc = mbedtls_gcm_starts(&gcm, MBEDTLS_GCM_DECRYPT, iv, COVE_TAP_IV_LEN);
	if (!rc)
		rc = authenticate(&gcm, aad);
	if (!rc)
		rc = mbedtls_gcm_update(&gcm, sealed.data, sealed.len, out, sealed.len, &n);
	if (!rc)
		rc = mbedtls_gcm_finish(&gcm, NULL, 0, &n, right, sizeof(right));
	if (!rc)
		rc = mbedtls_ct_memcmp(right, tag, sizeof(right));
	mbedtls_gcm_free(&gcm);
	if (rc)
		cove_wipe(out, sealed.len);
	return !rc;
}

/* The payload's key out of our lockbox; @x: what was agreed on */
static bool open_lockbox(const struct cove_tap *tap, const u8 *x, u8 *key)
{
	const u8 *box = tap->copy + tap->box;
	const struct cove_bytes head = { box, COVE_TAP_SEALED_KEY };
	const struct cove_bytes ikm = { x, COVE_COORD_LEN };
	const struct cove_bytes sealed = { box + COVE_TAP_SEALED_KEY, COVE_TAP_KEY_LEN };
	u8 wrap[COVE_TAP_KEY_LEN + COVE_TAP_IV_LEN];
	bool ok;

	ok = !cove_kdf(head, ikm, COVE_TAP_INFO, wrap, sizeof(wrap)) &&
	     unseal(wrap, wrap + COVE_TAP_KEY_LEN, head, sealed, sealed.data + sealed.len, key);
	cove_wipe(wrap, sizeof(wrap));
	return ok;
}

static bool open_payload(struct cove_tap *tap, const u8 *key)
{
	struct cove_bytes head, sealed;
	struct cove_tap_header header;
	const u8 *iv;

	get_header(tap, &header);
	head.data = tap->copy;
	head.len = cove_tap_body(header.lockboxes);
	iv = tap->copy + head.len;
	sealed.data = iv + COVE_TAP_IV_LEN;
	sealed.len = header.payload_len;
	return unseal(key, iv, head, sealed, sealed.data + sealed.len, tap->plain);
}

static void get_payload(const struct cove_tap *tap, struct cove_tap_payload *payload)
{
	arch_memcpy(payload, tap->plain, sizeof(*payload));
}

static void get_digest(const struct cove_tap *tap, unsigned int i, struct cove_tap_digest *digest)
{
	arch_memcpy(digest,
		    tap->plain + sizeof(struct cove_tap_payload) +
			    i * sizeof(struct cove_tap_digest),
		    sizeof(*digest));
}

/* Ascending, and the two that say what TVM it is are there. */
static bool digests_ok(const struct cove_tap *tap, unsigned int n)
{
	struct cove_tap_digest digest;
	unsigned int i, seen = 0;

	for (i = 0; i < n; i++) {
		get_digest(tap, i, &digest);
		if (digest.index >= COVE_MSMT_INITIAL || seen >> digest.index ||
		    digest.algorithm != COVE_TAP_HASH_SHA384 || digest.reserved)
			return false;
		seen |= 1U << digest.index;
	}
	return (seen >> COVE_MSMT_PAGES & 1) && (seen >> COVE_MSMT_CONFIG & 1);
}

static bool payload_ok(const struct cove_tap *tap)
{
	struct cove_tap_payload payload;
	struct cove_tap_header head;

	get_header(tap, &head);
	if (head.payload_len < sizeof(payload))
		return false;
	get_payload(tap, &payload);
	return !(payload.flags & ~(COVE_TAP_F_DEBUG | COVE_TAP_F_ONCE)) && !payload.reserved &&
	       payload.digests <= COVE_MSMT_INITIAL && payload.secret_len &&
	       payload.secret_len <= COVE_MAX_SECRET &&
	       sizeof(payload) + payload.digests * sizeof(struct cove_tap_digest) +
			       payload.secret_len ==
		       head.payload_len &&
	       digests_ok(tap, payload.digests);
}

long cove_tap_step(struct cove_tap *tap)
{
	u8 x[COVE_COORD_LEN], key[COVE_TAP_KEY_LEN];
	long rc = cove_agree_step(tap->agree, x);

	if (rc == COVE_AGAIN)
		return rc;
	tap->agree = NULL;
	if (!rc && !(open_lockbox(tap, x, key) && open_payload(tap, key)))
		rc = COVE_ERR_AUTH;
	cove_wipe(x, sizeof(x));
	cove_wipe(key, sizeof(key));
	if (!rc && !payload_ok(tap))
		rc = COVE_ERR_INVALID_PARAM;
	return rc;
}

/* False for the second time, and when there have been too many to remember. */
static bool first_time(const u8 *id)
{
	bool ok = false;
	unsigned int i;

	arch_lock(&once.lock);
	for (i = 0; i < once.n; i++)
		if (same(once.id[i], id, COVE_TAP_ID_LEN))
			break;
	if (i == once.n && once.n < MAX_ONCE) {
		arch_memcpy(once.id[once.n++], id, COVE_TAP_ID_LEN);
		ok = true;
	}
	arch_unlock(&once.lock);
	return ok || !COVE_DEFENCE(TAP_ONCE);
}

bool cove_tap_allows(const struct cove_tap *tap, const u8 (*msmt)[COVE_HASH_LEN], u32 state)
{
	struct cove_tap_payload payload;
	struct cove_tap_digest digest;
	unsigned int i;

	get_payload(tap, &payload);
	if (state != COVE_ROT_SECURED && !(payload.flags & COVE_TAP_F_DEBUG) &&
	    COVE_DEFENCE(TAP_DEBUG))
		return false;
	for (i = 0; i < payload.digests; i++) {
		get_digest(tap, i, &digest);
		if (!same(msmt[digest.index], digest.value, COVE_HASH_LEN) &&
		    COVE_DEFENCE(TAP_MEASURED))
			return false;
	}
	return !(payload.flags & COVE_TAP_F_ONCE) || first_time(payload.id);
}

struct cove_bytes cove_tap_secret(const struct cove_tap *tap)
{
	struct cove_tap_payload payload;
	struct cove_bytes secret;

	get_payload(tap, &payload);
	secret.data =
		tap->plain + sizeof(payload) + payload.digests * sizeof(struct cove_tap_digest);
	secret.len = payload.secret_len;
	return secret;
}
