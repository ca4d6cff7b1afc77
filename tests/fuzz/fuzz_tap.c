// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The parser of TAPs against a second one, which was written from docs/attestation.md. The
 * cryptography is replaced: what is sealed is what is there, and a tag that ends in 0xff is
 * wrong; so every input may be authentic. Inputs describe a TAP and what is changed in it.
 */
#include "start.h"
#include "cove_internal.h"
#include "cove_tap.h"
#include "must.h"
#include <cove/rot.h>
#include <mbedtls/gcm.h>

#define HEAD   16U
#define BOX    176U
#define DIGEST 56U
#define REGS   6U
#define WRONG  0xffU

enum answer { OPENS, NO_TAP, NOT_OURS };

static unsigned long executions, operations, opened, allowed;
static const u8 *at, *end;
static struct cove_identity boot;
static u8 msmt[COVE_MSMT_COUNT][COVE_HASH_LEN];
static struct cove_tap tap;
static unsigned int steps;
static char job;

static unsigned int take(void)
{
	return at < end ? *at++ : 0;
}

/* The monitor's surroundings */

const struct cove_identity *__wrap_cove_identity(void);
const struct cove_identity *__wrap_cove_identity(void)
{
	return &boot;
}

struct cove_agree *__wrap_cove_agree_start(void *mem, size_t len, const u8 *point);
struct cove_agree *__wrap_cove_agree_start(void *mem, size_t len, const u8 *point)
{
	MUST(mem == tap.work && len == sizeof(tap.work), "another place to work in");
	return point[0] == 4 ? (struct cove_agree *)&job : NULL;
}

long __wrap_cove_agree_step(struct cove_agree *agree, u8 *x);
long __wrap_cove_agree_step(struct cove_agree *agree, u8 *x)
{
	MUST((char *)agree == &job, "no job");
	if (steps) {
		steps--;
		return COVE_AGAIN;
	}
	memset(x, 7, COVE_COORD_LEN);
	return COVE_OK;
}

static const u8 *covered; /* the end of what has been authenticated */

int __wrap_mbedtls_gcm_starts(mbedtls_gcm_context *gcm, int mode, const u8 *iv, size_t iv_len);
int __wrap_mbedtls_gcm_starts(mbedtls_gcm_context *gcm, int mode, const u8 *iv, size_t iv_len)
{
	(void)gcm;
	(void)iv;
	MUST(mode == MBEDTLS_GCM_DECRYPT && iv_len == 12, "another mode or IV");
	covered = NULL;
	return 0;
}

int __wrap_mbedtls_gcm_update_ad(mbedtls_gcm_context *gcm, const u8 *aad, size_t len);
int __wrap_mbedtls_gcm_update_ad(mbedtls_gcm_context *gcm, const u8 *aad, size_t len)
{
	(void)gcm;
	MUST(covered ? aad == covered : aad >= tap.copy, "not all is covered");
	covered = aad + len;
	return 0;
}

int __wrap_mbedtls_gcm_update(mbedtls_gcm_context *gcm, const u8 *in, size_t len, u8 *out,
			      size_t size, size_t *out_len);
int __wrap_mbedtls_gcm_update(mbedtls_gcm_context *gcm, const u8 *in, size_t len, u8 *out,
			      size_t size, size_t *out_len)
{
	(void)gcm;
	MUST(in >= tap.copy && covered <= in && size >= len, "not all is covered");
	memcpy(out, in, len);
	*out_len = len;
	covered = in + len;
	return 0;
}

int __wrap_mbedtls_gcm_finish(mbedtls_gcm_context *gcm, u8 *out, size_t size, size_t *out_len,
			      u8 *tag, size_t tag_len);
int __wrap_mbedtls_gcm_finish(mbedtls_gcm_context *gcm, u8 *out, size_t size, size_t *out_len,
			      u8 *tag, size_t tag_len)
{
	(void)gcm;
	(void)out;
	(void)size;
	MUST(tag_len == 16, "another tag");
	MUST(covered + tag_len <= tap.copy + tap.len, "what is behind it");
	*out_len = 0;
	memcpy(tag, covered, tag_len);
	tag[0] ^= tag[15] == WRONG;
	return 0;
}

/* The second parser */

static unsigned int number(const u8 *p, unsigned int n)
{
	return n ? p[0] | number(p + 1, n - 1) << 8 : 0;
}

static bool zeros(const u8 *p, unsigned int n)
{
	return !n || (!p[0] && zeros(p + 1, n - 1));
}

static enum answer plain_answer(const u8 *p, unsigned int len)
{
	unsigned int i, d, s, last = 0, index;
	bool pages = false, config = false;

	if (len < 32)
		return NO_TAP;
	d = number(p + 20, 2);
	s = number(p + 22, 2);
	if (number(p + 16, 4) > 3 || !zeros(p + 24, 8) || d > REGS || !s || s > 2048 ||
	    len != 32 + DIGEST * d + s)
		return NO_TAP;
	for (i = 0; i < d; i++) {
		const u8 *digest = p + 32 + DIGEST * i;

		index = number(digest, 2);
		if (index >= REGS || (i && index <= last) || !zeros(digest + 2, 6))
			return NO_TAP;
		last = index;
		pages = pages || index == 4;
		config = config || index == 5;
	}
	return pages && config ? OPENS : NO_TAP;
}

static enum answer expected(const u8 *p, unsigned int len)
{
	unsigned int n, m, i;
	const u8 *box;

	if (len < HEAD || len > COVE_TAP_MAX || number(p, 4) != 0x50415443 ||
	    number(p + 4, 2) != 1 || number(p + 6, 2) != len || !zeros(p + 12, 4))
		return NO_TAP;
	n = number(p + 8, 2);
	m = number(p + 10, 2);
	if (!n || n > 16 || len != HEAD + BOX * n + 12 + m + 16)
		return NO_TAP;
	for (i = 0; i < n; i++)
		if (!memcmp(p + HEAD + BOX * i, boot.tap_id, COVE_ID_LEN))
			break;
	if (i == n)
		return NOT_OURS;
	box = p + HEAD + BOX * i;
	if (number(box + 20, 2) != 1 || !zeros(box + 22, 2) || !zeros(box + 121, 7))
		return NO_TAP;
	if (box[24] != 4 || box[175] == WRONG || p[len - 1] == WRONG)
		return NOT_OURS;
	return plain_answer(p + HEAD + BOX * n + 12, m);
}

static bool expected_allowed(const u8 *plain)
{
	unsigned int i, d = number(plain + 20, 2);

	if (boot.state != COVE_ROT_SECURED && !(plain[16] & 1))
		return false;
	for (i = 0; i < d; i++) {
		const u8 *digest = plain + 32 + DIGEST * i;

		if (memcmp(digest + 8, msmt[number(digest, 2)], COVE_HASH_LEN))
			return false;
	}
	return true;
}

/* Inputs: a TAP that opens, of some shape, then changes */

static void put(u8 *p, unsigned int n, unsigned int value)
{
	for (; n; n--, value >>= 8)
		*p++ = (u8)value;
}

static unsigned int make(u8 *p)
{
	unsigned int n = 1 + take() % 16, regs = 0x30 | (take() & 0x3f), s, i, d = 0, ours, len;
	u8 *plain = p + HEAD + BOX * n + 12, *digest = plain + 32;

	s = 1 + (take() | take() << 8) % 2048;
	ours = take() % n;
	for (i = 0; i < REGS; i++) {
		if (!(regs >> i & 1))
			continue;
		put(digest, 2, i);
		memcpy(digest + 8, msmt[i], COVE_HASH_LEN);
		digest += DIGEST;
		d++;
	}
	len = (unsigned int)(digest - p) + s + 16;
	if (len > COVE_TAP_MAX) {
		s -= len - COVE_TAP_MAX < s ? len - COVE_TAP_MAX : s;
		len = COVE_TAP_MAX;
	}
	put(plain + 16, 4, take() & 3);
	put(plain + 20, 2, d);
	put(plain + 22, 2, s);
	memset(digest, 0x5e, s);
	for (i = 0; i < n; i++) {
		u8 *box = p + HEAD + BOX * i;

		memset(box, i == ours ? 0x41 : 0x60 + (int)i, COVE_ID_LEN);
		box[20] = 1;
		box[24] = 4;
	}
	put(p, 4, 0x50415443);
	p[4] = 1;
	put(p + 6, 2, len);
	put(p + 8, 2, n);
	put(p + 10, 2, len - (HEAD + BOX * n + 12 + 16));
	return len;
}

/* In the header, a lockbox, the payload's head, a digest, near the end, or anywhere */
static void change(u8 *p, unsigned int *len)
{
	unsigned int where = take(), n = p[8] % 17, i = take(), value = take();
	unsigned int plain = HEAD + BOX * n + 12, pos;
	static const unsigned int fields[] = { 0, 20, 21, 22, 24, 121, 127, 128, 175 };

	switch (where % 7) {
	case 0:
		pos = i % HEAD;
		break;
	case 1:
		pos = HEAD + BOX * (i / 16 % 16) + fields[i % 9];
		break;
	case 2:
		pos = plain + i % 32;
		break;
	case 3:
		pos = plain + 32 + DIGEST * (i / 16 % 7) + i % 16;
		break;
	case 4:
		pos = *len - 1 - i % 20;
		break;
	case 5:
		*len = i & 1 ? *len - value % 64 : *len + value % 64;
		return;
	default:
		pos = i << 8 | take();
		break;
	}
	if (pos < COVE_TAP_MAX)
		p[pos] = where & 0x80 ? (u8)(p[pos] + value) : (u8)value;
}

static void compare(const u8 *p, unsigned int len)
{
	enum answer want = expected(p, len);
	const u8 *plain = p + HEAD + BOX * number(p + 8, 2) + 12;
	struct cove_bytes secret;
	long rc;

	steps = take() % 4;
	rc = cove_tap_start(&tap);
	while (!rc && tap.agree) {
		rc = cove_tap_step(&tap);
		rc = rc == COVE_AGAIN ? 0 : rc;
	}
	MUST(rc == (want == OPENS      ? COVE_OK
		    : want == NOT_OURS ? COVE_ERR_AUTH
				       : COVE_ERR_INVALID_PARAM),
	     "another answer");
	operations++;
	if (rc)
		return;
	opened++;
	secret = cove_tap_secret(&tap);
	MUST(secret.len == number(plain + 22, 2) && secret.data + secret.len <= (u8 *)(&tap + 1) &&
		     !memcmp(secret.data, p + len - 16 - secret.len, secret.len),
	     "another secret");
	if (plain[16] & COVE_TAP_F_ONCE)
		return; /* remembered: the unit test's */
	MUST(cove_tap_allows(&tap, (const u8(*)[COVE_HASH_LEN])msmt, boot.state) ==
		     expected_allowed(plain),
	     "another decision");
	allowed += expected_allowed(plain);
}

static void report(void)
{
	printf("executions %lu operations %lu\n", executions, operations);
	if (executions > 1000 && (opened < executions / 50 || allowed < executions / 200))
		printf("no operation: %lu opened, %lu allowed\n", opened, allowed);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int len, i;

	executions++;
	at = data;
	end = data + size;
	memset(&tap, 0, sizeof(tap));
	memset(boot.tap_id, 0x41, sizeof(boot.tap_id));
	for (i = 0; i < COVE_MSMT_COUNT; i++)
		memset(msmt[i], 0x10 + (int)i, COVE_HASH_LEN);
	boot.state = take() & 1 ? COVE_ROT_SECURED : COVE_ROT_DEBUG;
	len = make(tap.copy);
	while (at < end)
		change(tap.copy, &len);
	tap.len = len;
	compare(tap.copy, len);
	return 0;
}
