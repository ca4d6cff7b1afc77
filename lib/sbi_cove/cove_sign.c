// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Work with private keys on P-384, in steps that are short enough for a hart
 * without interrupts. All state is in memory that the caller brings, and is
 * erased when the work ends.
 */
#include "cove_arena.h"
#include "cove_attest.h"
#include "cove_dice.h"
#include "cove_internal.h"
#include <mbedtls/ecdsa.h>
#include <mbedtls/hmac_drbg.h>

#define CURVE MBEDTLS_ECP_DP_SECP384R1
/* A private key is made of this many bytes (FIPS 186-5, A.2.1). */
#define WIDE_LEN 56
/* What an empty arena needs to say that it is full */
#define MIN_ARENA (2 * COVE_ARENA_ALIGN)

/**
 * struct work - a private key in use
 * @total: bytes of it and of its arena
 * @blind: hides what the arithmetic works on
 */
struct work {
	size_t total;
	struct cove_arena arena;
	mbedtls_ecp_group grp;
	mbedtls_mpi d;
	mbedtls_hmac_drbg_context blind;
};

struct cove_sign {
	struct work w;
	mbedtls_mpi r;
	mbedtls_mpi s;
	mbedtls_ecdsa_restart_ctx restart;
	u8 digest[COVE_HASH_LEN];
};

struct cove_agree {
	struct work w;
	mbedtls_ecp_point peer;
	mbedtls_ecp_point shared;
	mbedtls_ecp_restart_ctx restart;
};

/* The key, what it is used on, and how often keys were used: nobody knows all of it. */
struct blind_seed {
	u8 d[COVE_COORD_LEN];
	u8 input[COVE_POINT_LEN];
	u64 count;
};

static u64 uses;

static int seed_blinding(mbedtls_hmac_drbg_context *blind, const u8 *d, const u8 *input, size_t len)
{
	struct blind_seed seed;
	int rc;

	arch_memset(&seed, 0, sizeof(seed));
	arch_memcpy(seed.d, d, sizeof(seed.d));
	arch_memcpy(seed.input, input, len);
	seed.count = __atomic_fetch_add(&uses, 1, __ATOMIC_RELAXED);
	mbedtls_hmac_drbg_init(blind);
	rc = mbedtls_hmac_drbg_seed_buf(blind, mbedtls_md_info_from_type(MBEDTLS_MD_SHA384),
					(const u8 *)&seed, sizeof(seed));
	cove_wipe(&seed, sizeof(seed));
	return rc;
}

/* What is at @mem: a job of @job bytes, then its arena. */
static bool begin(void *mem, size_t len, size_t job, struct work *w, const u8 *d, const u8 *input,
		  size_t input_len)
{
	size_t head = (job + COVE_ARENA_ALIGN - 1) & ~(COVE_ARENA_ALIGN - 1);

	arch_memset(mem, 0, job);
	w->total = len;
	cove_arena_init(&w->arena, (u8 *)mem + head, len - head);
	cove_arena_select(&w->arena);
	mbedtls_ecp_group_init(&w->grp);
	mbedtls_mpi_init(&w->d);
	return !mbedtls_ecp_group_load(&w->grp, CURVE) &&
	       !mbedtls_mpi_read_binary(&w->d, d, COVE_COORD_LEN) &&
	       !seed_blinding(&w->blind, d, input, input_len);
}

/* Nothing in the arena needs to be freed one by one. */
static void end(struct work *w)
{
	cove_arena_select(NULL);
	cove_wipe(w, w->total);
}

/* mbedTLS's answer to a step */
static long answer(struct work *w, int rc, bool written)
{
	cove_arena_select(NULL);
	if (rc == MBEDTLS_ERR_ECP_IN_PROGRESS)
		return COVE_AGAIN;
	end(w);
	return rc || !written ? COVE_ERR_FAILED : COVE_OK;
}

void cove_sign_init(void)
{
	mbedtls_ecp_set_max_ops(COVE_ATTEST_MAX_OPS);
}

struct cove_sign *cove_sign_begin(void *mem, size_t len, const u8 d[COVE_COORD_LEN],
				  const u8 digest[COVE_HASH_LEN])
{
	struct cove_sign *sign = mem;

	if (len < sizeof(*sign) + MIN_ARENA)
		return NULL;
	if (!begin(mem, len, sizeof(*sign), &sign->w, d, digest, COVE_HASH_LEN)) {
		end(&sign->w);
		return NULL;
	}
	mbedtls_mpi_init(&sign->r);
	mbedtls_mpi_init(&sign->s);
	mbedtls_ecdsa_restart_init(&sign->restart);
	arch_memcpy(sign->digest, digest, COVE_HASH_LEN);
	cove_arena_select(NULL);
	return sign;
}

struct cove_sign *cove_sign_start(void *mem, size_t len, const u8 digest[COVE_HASH_LEN])
{
	const u8 *d = cove_tsm_key();

	return len < COVE_SIGN_BYTES || !d ? NULL : cove_sign_begin(mem, len, d, digest);
}

long cove_sign_step(struct cove_sign *sign, u8 sig[COVE_SIG_LEN])
{
	bool written = false;
	int rc;

	cove_arena_select(&sign->w.arena);
	rc = mbedtls_ecdsa_sign_det_restartable(
		&sign->w.grp, &sign->r, &sign->s, &sign->w.d, sign->digest, COVE_HASH_LEN,
		MBEDTLS_MD_SHA384, mbedtls_hmac_drbg_random, &sign->w.blind, &sign->restart);
	if (!rc)
		written = !mbedtls_mpi_write_binary(&sign->r, sig, COVE_COORD_LEN) &&
			  !mbedtls_mpi_write_binary(&sign->s, sig + COVE_COORD_LEN, COVE_COORD_LEN);
	return answer(&sign->w, rc, written);
}

void cove_sign_wipe(struct cove_sign *sign)
{
	end(&sign->w);
}

struct cove_agree *cove_agree_begin(void *mem, size_t len, const u8 d[COVE_COORD_LEN],
				    const u8 point[COVE_POINT_LEN])
{
	struct cove_agree *agree = mem;

	if (len < sizeof(*agree) + MIN_ARENA)
		return NULL;
	if (!begin(mem, len, sizeof(*agree), &agree->w, d, point, COVE_POINT_LEN) ||
	    mbedtls_ecp_point_read_binary(&agree->w.grp, &agree->peer, point, COVE_POINT_LEN) ||
	    mbedtls_ecp_check_pubkey(&agree->w.grp, &agree->peer)) {
		end(&agree->w);
		return NULL;
	}
	mbedtls_ecp_point_init(&agree->shared);
	mbedtls_ecp_restart_init(&agree->restart);
	cove_arena_select(NULL);
	return agree;
}

struct cove_agree *cove_agree_start(void *mem, size_t len, const u8 point[COVE_POINT_LEN])
{
	const u8 *d = cove_tap_key();

	return len < COVE_SIGN_BYTES || !d ? NULL : cove_agree_begin(mem, len, d, point);
}

long cove_agree_step(struct cove_agree *agree, u8 x[COVE_COORD_LEN])
{
	bool written = false;
	int rc;

	cove_arena_select(&agree->w.arena);
	rc = mbedtls_ecp_mul_restartable(&agree->w.grp, &agree->shared, &agree->w.d, &agree->peer,
					 mbedtls_hmac_drbg_random, &agree->w.blind,
					 &agree->restart);
	if (!rc)
		written = !mbedtls_mpi_write_binary(&agree->shared.MBEDTLS_PRIVATE(X), x,
						    COVE_COORD_LEN);
	return answer(&agree->w, rc, written);
}

void cove_agree_wipe(struct cove_agree *agree)
{
	end(&agree->w);
}

long cove_key_sign(const u8 d[COVE_COORD_LEN], const u8 digest[COVE_HASH_LEN], void *mem,
		   u8 sig[COVE_SIG_LEN])
{
	struct cove_sign *sign = cove_sign_begin(mem, COVE_SIGN_BYTES, d, digest);
	long rc = COVE_ERR_FAILED;

	if (!sign)
		return rc;
	do {
		rc = cove_sign_step(sign, sig);
	} while (rc == COVE_AGAIN);
	return rc;
}

/* d := (wide mod (n - 1)) + 1 */
static bool reduce(struct work *w, const u8 wide[WIDE_LEN])
{
	mbedtls_mpi n1, a;

	mbedtls_mpi_init(&n1);
	mbedtls_mpi_init(&a);
	return !mbedtls_mpi_sub_int(&n1, &w->grp.N, 1) &&
	       !mbedtls_mpi_read_binary(&a, wide, WIDE_LEN) &&
	       !mbedtls_mpi_mod_mpi(&w->d, &a, &n1) && !mbedtls_mpi_add_int(&w->d, &w->d, 1);
}

static bool public_point(struct work *w, struct cove_layer_key *key)
{
	mbedtls_ecp_point q;
	size_t len = 0;

	mbedtls_ecp_point_init(&q);
	return !mbedtls_mpi_write_binary(&w->d, key->d, COVE_COORD_LEN) &&
	       !mbedtls_ecp_mul(&w->grp, &q, &w->d, &w->grp.G, mbedtls_hmac_drbg_random,
				&w->blind) &&
	       !mbedtls_ecp_point_write_binary(&w->grp, &q, MBEDTLS_ECP_PF_UNCOMPRESSED, &len,
					       key->point, COVE_POINT_LEN);
}

long cove_key_derive(const u8 secret[COVE_HASH_LEN], const char *info, void *mem,
		     struct cove_layer_key *key)
{
	const struct cove_bytes none = { NULL, 0 };
	const struct cove_bytes ikm = { secret, COVE_HASH_LEN };
	struct work *w = mem;
	u8 wide[WIDE_LEN];
	bool ok;

	if (cove_kdf(none, ikm, info, wide, sizeof(wide)))
		return COVE_ERR_FAILED;
	ok = begin(mem, COVE_SIGN_BYTES, sizeof(*w), w, wide, wide, sizeof(wide)) &&
	     reduce(w, wide) && public_point(w, key);
	end(w);
	cove_wipe(wide, sizeof(wide));
	return ok ? COVE_OK : COVE_ERR_FAILED;
}
