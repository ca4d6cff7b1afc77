/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * TAPs for a boot of attest_fixture.h.
 */
#ifndef TAP_FIXTURE_H
#define TAP_FIXTURE_H

#include "attest_fixture.h"
#include "machine.h"
#include "tap_key.h"
#include <seal.h>

#define TAP_SECRET "a secret that only this TVM gets"

/* Not random; no two are alike. */
static inline int tap_random(void *arg, unsigned char *out, size_t len)
{
	static u64 state = 1;

	(void)arg;
	while (len--)
		*out++ = (unsigned char)unit_rand(&state);
	return 0;
}

/** tap_request() - for this boot, and a TVM with these registers */
static inline void tap_request(struct seal_request *req, u8 (*msmt)[COVE_HASH_LEN])
{
	const struct cove_bytes *token = &cove_identity()->tsm[COVE_ES384].token;

	*req = (struct seal_request){ .platforms = 1,
				      .registers = 0x3f,
				      .secret = (const u8 *)TAP_SECRET,
				      .secret_len = sizeof(TAP_SECRET) };
	assert_true(tap_key_point(token->data, token->len, req->point[0]));
	tap_random(NULL, req->id, sizeof(req->id));
	memcpy(req->value, msmt, sizeof(req->value));
}

/** tap_seal() - its length */
static inline size_t tap_seal(const struct seal_request *req, u8 *out)
{
	static u8 mem[0x10000] __attribute__((aligned(16)));
	struct cove_arena arena;
	int len;

	cove_arena_init(&arena, mem, sizeof(mem));
	cove_arena_select(&arena);
	len = seal_tap(req, tap_random, NULL, out);
	cove_arena_select(NULL);
	assert_true(len > 0);
	return (size_t)len;
}

#endif
