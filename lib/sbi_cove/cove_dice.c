// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The identity of this boot: registers 0 to 3, the secret and the keys of each
 * layer, tokens and certificates (docs/attestation.md). All of it is made before
 * the host runs; what stays secret is CDI_1 and the keys made of it.
 */
#include "cove_arena.h"
#include "cove_attest.h"
#include "cove_dice.h"
#include "cove_internal.h"
#include "cove_version.h"

#define TSM_LABEL     "cove-tsm-v1"
#define TSM_LABEL_LEN 11
#define TSM_FIELDS    9
#define TOKEN_MAX     1024U
#define CERT_MAX      640U
#define CHAIN_MAX     COVE_ROT_CHAIN_MAX

#ifdef COVE_TEST_WEAKEN
#define WEAKENED 1
#else
#define WEAKENED 0
#endif

/**
 * struct chain - secrets of the layers below the monitor; exists only at boot
 * @next: room for a secret and two registers
 */
struct lower {
	struct cove_layer_key uds;
	struct cove_layer_key platform;
	u8 cdi0[COVE_HASH_LEN];
	u8 next[3 * COVE_HASH_LEN];
};

static struct {
	bool valid;
	u8 cdi1[COVE_HASH_LEN];
	struct cove_layer_key tsm;
	struct cove_layer_key tap;
	struct cove_ed25519_key tsm_ed25519;
	struct cove_identity pub;
	u8 platform_token[TOKEN_MAX];
	u8 tsm_token[COVE_ALGS][TOKEN_MAX];
	u8 tsm_cert[COVE_ALGS][CERT_MAX];
	u8 chain[CHAIN_MAX];
} boot;

static u8 work[COVE_SIGN_BYTES] __attribute__((aligned(COVE_ARENA_ALIGN)));

const struct cove_identity *cove_identity(void)
{
	return boot.valid ? &boot.pub : NULL;
}

const u8 *cove_tsm_key(void)
{
	return boot.valid ? boot.tsm.d : NULL;
}

const u8 *cove_tap_key(void)
{
	return boot.valid ? boot.tap.d : NULL;
}

long cove_tsm_sign_ed25519(struct cove_bytes message, u8 sig[COVE_ED25519_SIG_LEN])
{
	return boot.valid ? cove_ed25519_sign(&boot.tsm_ed25519, message, sig) : COVE_ERR_FAILED;
}

/* CDI of the next layer: KDF(secret || first || second, "CDI") */
static long next_cdi(const u8 *secret, const u8 *first, const u8 *second, u8 *room, u8 *cdi)
{
	const struct cove_bytes none = { NULL, 0 };
	const struct cove_bytes ikm = { room, 3 * COVE_HASH_LEN };
	long rc;

	arch_memcpy(room, secret, COVE_HASH_LEN);
	arch_memcpy(room + COVE_HASH_LEN, first, COVE_HASH_LEN);
	arch_memcpy(room + 2 * COVE_HASH_LEN, second, COVE_HASH_LEN);
	rc = cove_kdf(none, ikm, "CDI", cdi, COVE_HASH_LEN);
	cove_wipe(room, 3 * COVE_HASH_LEN);
	return rc;
}

static long make_id(const u8 *data, size_t len, u8 id[COVE_ID_LEN])
{
	const struct cove_bytes none = { NULL, 0 };
	const struct cove_bytes ikm = { data, len };
	long rc = cove_kdf(none, ikm, "CDI_ID", id, COVE_ID_LEN);

	/* As a serial number it is positive and has always the same length. */
	id[0] = (u8)((id[0] & 0x7f) | 0x40);
	return rc;
}

long cove_tvm_id(const u8 r4[COVE_HASH_LEN], const u8 r5[COVE_HASH_LEN], u8 id[COVE_ID_LEN])
{
	u8 room[3 * COVE_HASH_LEN], cdi[COVE_HASH_LEN];
	long rc = COVE_ERR_FAILED;

	if (!boot.valid)
		return rc;
	rc = next_cdi(boot.cdi1, r4, r5, room, cdi);
	if (!rc)
		rc = make_id(cdi, sizeof(cdi), id);
	cove_wipe(cdi, sizeof(cdi));
	return rc;
}

static long make_key(const u8 *secret, struct cove_layer_key *key)
{
	long rc = cove_key_derive(secret, "Key_Pair", work, key);

	return rc ? rc : make_id(key->point, sizeof(key->point), key->id);
}

/* M := H(M || new) of a register that is still zero */
static void extend_first(const u8 *digest, u8 *reg)
{
	u8 both[2 * COVE_HASH_LEN];

	arch_memset(both, 0, COVE_HASH_LEN);
	arch_memcpy(both + COVE_HASH_LEN, digest, COVE_HASH_LEN);
	cove_sha384(both, sizeof(both), reg);
}

/* What the monitor was built as (docs/measurement.md, monitor configuration) */
static void tsm_config_digest(u8 *digest)
{
	const u64 field[TSM_FIELDS] = { COVE_VERSION_MAJOR, COVE_VERSION_MINOR, COVE_TSM_SVN,
					cove.dialect,	    COVE_MAX_TVMS,	COVE_MAX_VCPUS,
					COVE_MAX_REGIONS,   cove.gstage_mode,	WEAKENED };
	u8 text[TSM_LABEL_LEN + 8 * TSM_FIELDS];
	unsigned int i;

	arch_memcpy(text, TSM_LABEL, TSM_LABEL_LEN);
	for (i = 0; i < 8 * TSM_FIELDS; i++)
		text[TSM_LABEL_LEN + i] = (u8)(field[i / 8] >> (8 * (i % 8)));
	cove_sha384(text, sizeof(text), digest);
}

static void fill_registers(const struct cove_boot_layers *layers)
{
	u8 digest[COVE_HASH_LEN];

	extend_first(layers->image, boot.pub.reg[COVE_REG_FIRMWARE]);
	extend_first(layers->config, boot.pub.reg[COVE_REG_PLATFORM_CONFIG]);
	extend_first(layers->image, boot.pub.reg[COVE_REG_TSM]);
	tsm_config_digest(digest);
	extend_first(digest, boot.pub.reg[COVE_REG_TSM_CONFIG]);
}

/* A certificate into CERT_MAX bytes at @buf; its length */
static long make_cert(const struct cove_layer_key *issuer, const u8 *id, struct cove_key key,
		      int pathlen, u8 *buf)
{
	u8 digest[COVE_HASH_LEN], sig[COVE_SIG_LEN];
	struct cove_cert cert;
	long len;

	arch_memset(&cert, 0, sizeof(cert));
	arch_memcpy(cert.issuer, issuer->id, COVE_ID_LEN);
	arch_memcpy(cert.subject, id, COVE_ID_LEN);
	cert.key = key;
	cert.pathlen = pathlen;
	len = cove_x509_tbs(&cert, buf, CERT_MAX);
	if (len < 0)
		return len;
	cove_sha384(buf, (size_t)len, digest);
	if (cove_key_sign(issuer->d, digest, work, sig))
		return COVE_ERR_FAILED;
	return cove_x509_finish(buf, CERT_MAX, (size_t)len, COVE_ES384, sig);
}

/* A certificate at the end of the chain so far */
static long add_cert(const struct cove_layer_key *issuer, const struct cove_layer_key *subject,
		     int pathlen)
{
	long len = make_cert(issuer, subject->id, cove_layer_public(subject), pathlen,
			     boot.chain + boot.pub.chain.len);

	if (len < 0)
		return len;
	boot.pub.chain.len += (size_t)len;
	return COVE_OK;
}

static struct cove_component component(const char *type, unsigned int reg, u64 svn,
				       const char *version)
{
	const struct cove_component sw = {
		type, reg, boot.pub.reg[reg], svn, boot.pub.reg[reg + 1], version,
	};

	return sw;
}

static long keep(long len, const u8 *data, struct cove_bytes *bytes)
{
	if (len < 0)
		return len;
	bytes->data = data;
	bytes->len = (size_t)len;
	return COVE_OK;
}

/* Layer 0 out of the UDS */
static long platform_keys(const struct cove_rot *rot, struct lower *low)
{
	const u8(*reg)[COVE_HASH_LEN] = boot.pub.reg;

	if (make_key(rot->secret, &low->uds) ||
	    next_cdi(rot->secret, reg[COVE_REG_FIRMWARE], reg[COVE_REG_PLATFORM_CONFIG], low->next,
		     low->cdi0))
		return COVE_ERR_FAILED;
	return make_key(low->cdi0, &low->platform);
}

static long platform_evidence(const struct cove_rot *rot, const struct lower *low,
			      const char *version)
{
	const struct cove_component sw =
		component("firmware", COVE_REG_FIRMWARE, rot->firmware_svn, version);
	long len = cove_platform_token(rot, &low->uds, &low->platform, &sw, work,
				       boot.platform_token, sizeof(boot.platform_token));

	if (keep(len, boot.platform_token, &boot.pub.platform_token) ||
	    add_cert(&low->uds, &low->platform, 2))
		return COVE_ERR_FAILED;
	return add_cert(&low->uds, &low->uds, 3);
}

/* Layer 0 as an earlier stage made it */
static long given_evidence(const struct cove_rot *rot)
{
	boot.pub.platform_token.data = rot->token;
	boot.pub.platform_token.len = rot->token_len;
	arch_memcpy(boot.chain + boot.pub.chain.len, rot->chain, rot->chain_len);
	boot.pub.chain.len += rot->chain_len;
	return COVE_OK;
}

/* Token and certificate of one of the TSM's keys */
static long tsm_evidence(const struct cove_rot *rot, const struct lower *low, const char *version,
			 enum cove_alg alg, struct cove_key key)
{
	struct cove_signer *tsm = &boot.pub.tsm[alg];
	const struct cove_component sw[2] = {
		component("tsm-driver", COVE_REG_FIRMWARE, rot->firmware_svn, version),
		component("tsm", COVE_REG_TSM, COVE_TSM_SVN, COVE_TSM_VERSION),
	};
	long len = cove_tsm_token(&low->platform, key, &boot.tap, sw, work, boot.tsm_token[alg],
				  sizeof(boot.tsm_token[alg]));

	if (keep(len, boot.tsm_token[alg], &tsm->token))
		return COVE_ERR_FAILED;
	len = make_cert(&low->platform, tsm->id, key, 1, boot.tsm_cert[alg]);
	return keep(len, boot.tsm_cert[alg], &tsm->cert);
}

/* Keys of layer 1 */
static long tsm_keys(void)
{
	struct cove_ed25519_key *ed25519 = &boot.tsm_ed25519;

	if (make_key(boot.cdi1, &boot.tsm) ||
	    cove_key_derive(boot.cdi1, "TAP_Key", work, &boot.tap) ||
	    make_id(boot.tap.point, sizeof(boot.tap.point), boot.tap.id) ||
	    cove_ed25519_derive(boot.cdi1, "Key_Pair_Ed25519", ed25519) ||
	    make_id(ed25519->pub, sizeof(ed25519->pub), ed25519->id))
		return COVE_ERR_FAILED;
	arch_memcpy(boot.pub.tsm[COVE_ES384].id, boot.tsm.id, COVE_ID_LEN);
	arch_memcpy(boot.pub.tsm[COVE_EDDSA].id, ed25519->id, COVE_ID_LEN);
	arch_memcpy(boot.pub.tap_id, boot.tap.id, COVE_ID_LEN);
	return COVE_OK;
}

static long make_layers(const struct cove_rot *rot, const char *version, struct lower *low)
{
	const u8(*reg)[COVE_HASH_LEN] = boot.pub.reg;
	bool uds = rot->kind == COVE_ROT_UDS;

	if (!uds)
		arch_memcpy(low->cdi0, rot->secret, COVE_HASH_LEN);
	if (uds ? platform_keys(rot, low) : make_key(low->cdi0, &low->platform))
		return COVE_ERR_FAILED;
	if (next_cdi(low->cdi0, reg[COVE_REG_TSM], reg[COVE_REG_TSM_CONFIG], low->next,
		     boot.cdi1) ||
	    tsm_keys() ||
	    tsm_evidence(rot, low, version, COVE_ES384, cove_layer_public(&boot.tsm)) ||
	    tsm_evidence(rot, low, version, COVE_EDDSA, cove_ed25519_public(&boot.tsm_ed25519)))
		return COVE_ERR_FAILED;
	return uds ? platform_evidence(rot, low, version) : given_evidence(rot);
}

static bool plausible(const struct cove_rot *rot)
{
	if (rot->state < COVE_ROT_NOT_CONFIGURED || rot->state > COVE_ROT_RECOVERY)
		return false;
	if (rot->kind == COVE_ROT_CDI)
		return rot->token && rot->token_len && rot->token_len <= TOKEN_MAX && rot->chain &&
		       rot->chain_len && rot->chain_len <= COVE_ROT_CHAIN_MAX;
	return rot->kind == COVE_ROT_UDS;
}

long cove_dice_boot(struct cove_rot *rot, const struct cove_boot_layers *layers)
{
	static struct lower low;
	long rc = COVE_ERR_INVALID_PARAM;

	arch_memset(&boot, 0, sizeof(boot));
	cove_sign_init();
	if (WEAKENED)
		rot->state = COVE_ROT_DEBUG;
	if (plausible(rot)) {
		boot.pub.state = rot->state;
		boot.pub.svn = COVE_TSM_SVN;
		boot.pub.chain.data = boot.chain;
		fill_registers(layers);
		rc = make_layers(rot, layers->firmware_version, &low);
	}
	cove_wipe(rot->secret, sizeof(rot->secret));
	cove_wipe(&low, sizeof(low));
	if (rc) {
		cove_wipe(&boot, sizeof(boot));
		return rc;
	}
	boot.valid = true;
	return COVE_OK;
}
