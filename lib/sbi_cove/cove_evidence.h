/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Evidence of a TVM while it is made, in pages that the host donated.
 */
#ifndef COVE_EVIDENCE_H
#define COVE_EVIDENCE_H

#include "cove_attest.h"
#include "cove_internal.h"

#define COVE_EVIDENCE_ARGS  6
#define COVE_TOKEN_PAYLOAD  1536U /* claims of the TVM: the longest are some 1200 bytes */
#define COVE_EVIDENCE_BYTES 4608U /* three tokens, the first two some 1800 bytes */

/** enum evidence_stage - what the next step does */
enum evidence_stage {
	EVIDENCE_NONE, /* there is no call */
	EVIDENCE_CLAIMS,
	EVIDENCE_SIGN_CLAIMS,
	EVIDENCE_CERTIFICATE,
	EVIDENCE_SIGN_CERTIFICATE,
	EVIDENCE_OUTPUT, /* the certificate is ready */
};

/**
 * struct cove_evidence - a get_evidence call on its way
 * @stage: guarded by the TVM's lock, as are @busy, @vcpu, @pc and @arg
 * @busy: a hart does a step; all below is its own meanwhile
 * @vcpu: whose call it is: who has made the last step
 * @pc, @arg: the call; another one is not this one's next step
 * @key, @challenge, @msmt, @identity: copies, from the first step
 * @payload: claims of the TVM's token
 * @evidence: the evidence map, with what the format has around it
 * @cert: the result; @cert_len: of its to-be-signed part until it is signed
 * @alg, @x509: of the format
 * @sign: in @work, while there is something to sign with ECDSA
 */
struct cove_evidence {
	enum evidence_stage stage;
	bool busy;
	unsigned int vcpu;
	unsigned long pc;
	unsigned long arg[COVE_EVIDENCE_ARGS];

	enum cove_alg alg;
	bool x509;
	bool has_identity;
	size_t key_len;
	size_t payload_len;
	size_t evidence_len;
	size_t cert_len;
	struct cove_key parsed;
	struct cove_sign *sign;
	u8 id[COVE_ID_LEN];
	u8 key[COVE_MAX_ATTEST_KEY];
	u8 challenge[COVE_CHALLENGE_LEN];
	u8 identity[COVE_IDENTITY_LEN];
	u8 msmt[COVE_MSMT_COUNT][COVE_HASH_LEN];
	u8 payload[COVE_TOKEN_PAYLOAD];
	u8 evidence[COVE_EVIDENCE_BYTES];
	u8 cert[COVE_MAX_CERTIFICATE] __attribute__((aligned(8)));
	u8 work[COVE_SIGN_BYTES] __attribute__((aligned(16)));
};

/* It lies behind struct tvm in the TVM's state pages. */
_Static_assert(sizeof(struct cove_evidence) <= COVE_EVIDENCE_PAGES * 4096,
	       "struct cove_evidence outgrew its pages");

/* cove_evidence_encode.c: what is signed, and what comes out */
long cove_evidence_claims(struct cove_evidence *ev);
long cove_evidence_collect(struct cove_evidence *ev, const u8 *sig);
long cove_evidence_tbs(struct cove_evidence *ev);
void cove_evidence_digest(const struct cove_evidence *ev, u8 digest[COVE_HASH_LEN]);
long cove_evidence_message(struct cove_evidence *ev, struct cove_bytes *message);
long cove_evidence_finish(struct cove_evidence *ev, const u8 *sig);

#endif
