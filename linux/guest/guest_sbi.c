// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The monitor's attestation calls (COVG 6 to 10). Arguments and results are
 * copied through pages of our own: aligned and contiguous, as the calls demand,
 * and confidential, since nobody shares them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/sbi.h>
#include <cove/sbi_cove.h>
#include "guest.h"

/* Another caller has the monitor's signing machinery: wait 10 ms, at most 30 s. */
#define BUSY_WAIT_MS 10
#define BUSY_TRIES   3000

/* One set of buffers, one call at a time: the monitor takes no more of a VM. */
static DEFINE_MUTEX(call_lock);
static u8 *page_in, *page_challenge, *pages_out;
static struct cove_guest_caps caps;

static int sbi_errno(long error)
{
	switch (error) {
	case SBI_SUCCESS:
		return 0;
	case SBI_ERR_NOT_SUPPORTED:
		return -EOPNOTSUPP;
	case SBI_ERR_INVALID_PARAM:
		return -EINVAL;
	case COVE_ERR_AUTH:
		return -EACCES;
	case COVE_ERR_BUSY:
		return -EBUSY;
	default:
		return -EIO;
	}
}

/*
 * A long call is one ecall to us: the monitor lets interrupts in between its
 * steps and the hart repeats the instruction. It has to be repeated by the vCPU
 * that began it, so the thread may be preempted but not moved.
 */
static struct sbiret covg(unsigned long fid, unsigned long a0, unsigned long a1, unsigned long a2,
			  unsigned long a3, unsigned long a4, unsigned long a5)
{
	struct sbiret ret;

	migrate_disable();
	ret = sbi_ecall(SBI_EXT_COVG, fid, a0, a1, a2, a3, a4, a5);
	migrate_enable();
	return ret;
}

/** guest_extend() - runtime register @index := hash(register, digest) */
int guest_extend(u32 index, const u8 *digest, u32 len)
{
	struct sbiret ret;

	if (len != caps.digest_len)
		return -EINVAL;
	if (mutex_lock_interruptible(&call_lock))
		return -EINTR;
	memcpy(page_in, digest, len);
	ret = covg(SBI_COVG_EXTEND_MEASUREMENT, virt_to_phys(page_in), len, index, 0, 0, 0);
	mutex_unlock(&call_lock);
	return sbi_errno(ret.error);
}

/** guest_read() - value of register @index; @len is the length of a digest */
int guest_read(u32 index, u8 *value, u32 len)
{
	struct sbiret ret;

	if (mutex_lock_interruptible(&call_lock))
		return -EINTR;
	ret = covg(SBI_COVG_READ_MEASUREMENT, virt_to_phys(pages_out), PAGE_SIZE, index, 0, 0, 0);
	memcpy(value, pages_out, len);
	mutex_unlock(&call_lock);
	return sbi_errno(ret.error);
}

/* A copy of the first @len bytes of the output pages, which are erased. */
static ssize_t take_output(size_t len, size_t max, void **out)
{
	ssize_t ret = -EIO;

	if (len && len <= max) {
		*out = kvmemdup(pages_out, len, GFP_KERNEL);
		ret = *out ? len : -ENOMEM;
	}
	memzero_explicit(pages_out, max);
	return ret;
}

static long evidence_call(u32 key_len, u32 format, size_t *len)
{
	struct sbiret ret;
	int tries;

	for (tries = 0; tries < BUSY_TRIES; tries++) {
		ret = covg(SBI_COVG_GET_EVIDENCE, virt_to_phys(page_in), key_len,
			   virt_to_phys(page_challenge), format, virt_to_phys(pages_out),
			   COVE_GUEST_MAX_EVIDENCE);
		if (ret.error != COVE_ERR_BUSY)
			break;
		if (msleep_interruptible(BUSY_WAIT_MS))
			return -EINTR;
	}
	*len = ret.value;
	return sbi_errno(ret.error);
}

/**
 * guest_evidence() - a certificate with evidence about this VM
 * @key: COSE_Key that it binds, of @key_len bytes
 * @challenge: COVE_GUEST_CHALLENGE_LEN bytes
 * @format: one COVE_GUEST_FORMAT_*
 * @out: the certificate, to be freed with kvfree()
 *
 * Return: its length, or -EINVAL for a key or a format that the monitor does not
 * take, -EINTR, -EBUSY, -ENOMEM, -EIO
 */
ssize_t guest_evidence(const void *key, u32 key_len, const u8 *challenge, u32 format, void **out)
{
	size_t len = 0;
	ssize_t ret;

	if (!key_len || key_len > COVE_GUEST_MAX_KEY)
		return -EINVAL;
	if (mutex_lock_interruptible(&call_lock))
		return -EINTR;
	memcpy(page_in, key, key_len);
	memcpy(page_challenge, challenge, COVE_GUEST_CHALLENGE_LEN);
	ret = evidence_call(key_len, format, &len);
	if (!ret)
		ret = take_output(len, COVE_GUEST_MAX_EVIDENCE, out);
	mutex_unlock(&call_lock);
	return ret;
}

/**
 * guest_secret() - the secret that local attestation released
 * @out: to be freed with kvfree_sensitive()
 *
 * Return: its length, -EACCES when there is none for this VM, -EINTR, -ENOMEM, -EIO
 */
ssize_t guest_secret(void **out)
{
	struct sbiret ret;
	ssize_t len;

	if (mutex_lock_interruptible(&call_lock))
		return -EINTR;
	ret = covg(SBI_COVG_RETRIEVE_SECRET, virt_to_phys(pages_out), COVE_GUEST_MAX_SECRET, 0, 0,
		   0, 0);
	len = sbi_errno(ret.error);
	if (!len)
		len = take_output(ret.value, COVE_GUEST_MAX_SECRET, out);
	mutex_unlock(&call_lock);
	return len;
}

static u32 digest_len(u32 algorithm)
{
	switch (algorithm) {
	case COVE_GUEST_HASH_SHA384:
	case COVE_GUEST_HASH_SHA3_384:
		return 48;
	case COVE_GUEST_HASH_SHA512:
	case COVE_GUEST_HASH_SHA3_512:
		return 64;
	default:
		return 0;
	}
}

static void copy_caps(const struct attestation_capabilities *from)
{
	u32 i;

	caps.tcb_svn = from->tcb_svn;
	caps.hash_algorithm = from->hash_algorithm;
	caps.certificate_formats = from->certificate_formats;
	caps.digest_len = digest_len(from->hash_algorithm);
	caps.initial = from->initial_measurements;
	caps.runtime = from->runtime_measurements;
	for (i = 0; i < min(caps.initial + caps.runtime, COVE_GUEST_MAX_REGISTERS); i++) {
		caps.registers[i].hash_algorithm = from->msmt_regs[i].hash_algorithm;
		caps.registers[i].type = from->msmt_regs[i].type;
		caps.registers[i].pcr = from->msmt_regs[i].tcg_pcr_index;
	}
}

static int read_caps(void)
{
	struct sbiret ret =
		covg(SBI_COVG_GET_ATTCAPS, virt_to_phys(pages_out), PAGE_SIZE, 0, 0, 0, 0);

	if (ret.error) {
		pr_err("the monitor gives no attestation capabilities (SBI error %ld)\n",
		       ret.error);
		return -ENODEV;
	}
	copy_caps((const struct attestation_capabilities *)pages_out);
	if (!caps.digest_len || caps.initial + caps.runtime > COVE_GUEST_MAX_REGISTERS) {
		pr_err("the monitor's hash %u or its %u + %u registers are unknown here\n",
		       caps.hash_algorithm, caps.initial, caps.runtime);
		return -ENODEV;
	}
	return 0;
}

/** guest_sbi_exit() - undo guest_sbi_init(), whatever part of it happened */
void guest_sbi_exit(void)
{
	if (pages_out)
		free_pages_exact(pages_out, COVE_GUEST_MAX_EVIDENCE);
	free_page((unsigned long)page_challenge);
	free_page((unsigned long)page_in);
}

/**
 * guest_sbi_init() - probe the monitor
 * @out: what it offers
 *
 * Return: 0, -ENODEV with a message when this is no confidential VM or it has no
 * attestation, -ENOMEM
 */
int guest_sbi_init(struct cove_guest_caps *out)
{
	int ret;

	if (sbi_probe_extension(SBI_EXT_COVG) <= 0) {
		pr_info("no COVG extension: this is not a confidential VM\n");
		return -ENODEV;
	}
	page_in = (u8 *)get_zeroed_page(GFP_KERNEL);
	page_challenge = (u8 *)get_zeroed_page(GFP_KERNEL);
	pages_out = alloc_pages_exact(COVE_GUEST_MAX_EVIDENCE, GFP_KERNEL | __GFP_ZERO);
	ret = page_in && page_challenge && pages_out ? read_caps() : -ENOMEM;
	if (ret)
		guest_sbi_exit();
	*out = caps;
	return ret;
}
