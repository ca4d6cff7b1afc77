/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The interface of /dev/cove-guest: measurements, evidence and secrets of the
 * confidential VM that the caller runs in. docs/guest.md describes it.
 */
#ifndef COVE_GUEST_H
#define COVE_GUEST_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define COVE_GUEST_MAX_REGISTERS 26
#define COVE_GUEST_MAX_DIGEST	 64
#define COVE_GUEST_CHALLENGE_LEN 64
#define COVE_GUEST_MAX_KEY	 256
#define COVE_GUEST_MAX_EVIDENCE	 16384
#define COVE_GUEST_MAX_SECRET	 4096

/* hash_algorithm */
#define COVE_GUEST_HASH_SHA384	 0
#define COVE_GUEST_HASH_SHA512	 1
#define COVE_GUEST_HASH_SHA3_384 2
#define COVE_GUEST_HASH_SHA3_512 3

/* formats of evidence, bits of certificate_formats */
#define COVE_GUEST_FORMAT_CBOR 1
#define COVE_GUEST_FORMAT_X509 2
/* CoveSBI: the same two, signed with Ed25519 instead of ECDSA on P-384 */
#define COVE_GUEST_FORMAT_CBOR_ED25519 0x10000
#define COVE_GUEST_FORMAT_X509_ED25519 0x20000

/**
 * struct cove_guest_register - one measurement register
 * @hash_algorithm: COVE_GUEST_HASH_*
 * @type: 0 initial, 1 runtime
 * @pcr: TCG PCR that it stands for, 0xff for none
 */
struct cove_guest_register {
	__u32 hash_algorithm;
	__u32 type;
	__u8 pcr;
	__u8 pad[3];
};

/**
 * struct cove_guest_caps - what the monitor offers (COVE_GUEST_CAPS)
 * @digest_len: bytes of a digest and of a register
 * @initial: number of initial registers; they are registers[0 .. initial - 1]
 * @runtime: number of runtime registers, which come next; they can be extended
 */
struct cove_guest_caps {
	__u64 tcb_svn;
	__u32 hash_algorithm;
	__u32 certificate_formats;
	__u32 digest_len;
	__u32 initial;
	__u32 runtime;
	__u32 reserved;
	struct cove_guest_register registers[COVE_GUEST_MAX_REGISTERS];
};

/**
 * struct cove_guest_extend - argument of COVE_GUEST_EXTEND
 * @index: a runtime register, counted from the first initial one
 * @len: must be digest_len
 * @digest: register = hash(register, digest)
 */
struct cove_guest_extend {
	__u32 index;
	__u32 len;
	__u8 digest[COVE_GUEST_MAX_DIGEST];
};

/**
 * struct cove_guest_read - argument of COVE_GUEST_READ
 * @index: any register
 * @len: out: bytes of @value that count
 */
struct cove_guest_read {
	__u32 index;
	__u32 len;
	__u8 value[COVE_GUEST_MAX_DIGEST];
};

/**
 * struct cove_guest_evidence - argument of COVE_GUEST_EVIDENCE
 * @key: address of the public key, a COSE_Key
 * @key_len: its bytes, at most COVE_GUEST_MAX_KEY
 * @format: one COVE_GUEST_FORMAT_*
 * @buffer: address for the certificate
 * @buffer_len: in: its bytes; out: bytes of the certificate. When it is longer the
 *	call fails with EMSGSIZE and this is the length that is needed
 * @reserved: must be 0
 */
struct cove_guest_evidence {
	__u64 key;
	__u32 key_len;
	__u32 format;
	__u64 buffer;
	__u32 buffer_len;
	__u32 reserved;
	__u8 challenge[COVE_GUEST_CHALLENGE_LEN];
};

/**
 * struct cove_guest_secret - argument of COVE_GUEST_SECRET
 * @buffer: address for the secret
 * @buffer_len: in: its bytes; out: bytes of the secret, as with evidence
 * @reserved: must be 0
 */
struct cove_guest_secret {
	__u64 buffer;
	__u32 buffer_len;
	__u32 reserved;
};

/* On every one: ENOTTY unknown, EFAULT bad address; docs/guest.md has the others. */
#define COVE_GUEST_IOC	    0xC5
#define COVE_GUEST_CAPS	    _IOR(COVE_GUEST_IOC, 0x40, struct cove_guest_caps)
#define COVE_GUEST_EXTEND   _IOW(COVE_GUEST_IOC, 0x41, struct cove_guest_extend)
#define COVE_GUEST_READ	    _IOWR(COVE_GUEST_IOC, 0x42, struct cove_guest_read)
#define COVE_GUEST_EVIDENCE _IOWR(COVE_GUEST_IOC, 0x43, struct cove_guest_evidence)
#define COVE_GUEST_SECRET   _IOWR(COVE_GUEST_IOC, 0x44, struct cove_guest_secret)

#endif
