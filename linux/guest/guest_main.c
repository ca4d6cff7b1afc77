// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The guest's side of attestation: module and /dev/cove-guest.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "guest.h"

static struct cove_guest_caps caps;

static long do_caps(void __user *uarg)
{
	return copy_to_user(uarg, &caps, sizeof(caps)) ? -EFAULT : 0;
}

/* It changes what evidence says of everybody in this VM: for writers only. */
static long do_extend(struct file *file, const void __user *uarg)
{
	struct cove_guest_extend arg;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (copy_from_user(&arg, uarg, sizeof(arg)))
		return -EFAULT;
	if (arg.index < caps.initial || arg.index >= caps.initial + caps.runtime ||
	    arg.len != caps.digest_len)
		return -EINVAL;
	return guest_extend(arg.index, arg.digest, arg.len);
}

static long do_read(void __user *uarg)
{
	struct cove_guest_read arg;
	u32 index;
	int ret;

	if (copy_from_user(&arg, uarg, sizeof(arg)))
		return -EFAULT;
	index = arg.index;
	if (index >= caps.initial + caps.runtime)
		return -EINVAL;
	memset(&arg, 0, sizeof(arg));
	arg.index = index;
	arg.len = caps.digest_len;
	ret = guest_read(index, arg.value, arg.len);
	if (ret)
		return ret;
	return copy_to_user(uarg, &arg, sizeof(arg)) ? -EFAULT : 0;
}

/* @data of @len bytes to the caller's buffer, the length to @ulen in any case. */
static long give(u64 ubuffer, u32 room, const void *data, size_t len, __u32 __user *ulen)
{
	if (put_user((u32)len, ulen))
		return -EFAULT;
	if (len > room)
		return -EMSGSIZE;
	return copy_to_user(u64_to_user_ptr(ubuffer), data, len) ? -EFAULT : 0;
}

static long do_evidence(struct cove_guest_evidence __user *uarg)
{
	struct cove_guest_evidence arg;
	u8 key[COVE_GUEST_MAX_KEY];
	void *certificate;
	ssize_t len;
	long ret;

	if (copy_from_user(&arg, uarg, sizeof(arg)))
		return -EFAULT;
	if (!arg.key_len || arg.key_len > sizeof(key) || arg.reserved || !arg.format ||
	    arg.format & (arg.format - 1) || arg.format & ~caps.certificate_formats)
		return -EINVAL;
	if (copy_from_user(key, u64_to_user_ptr(arg.key), arg.key_len))
		return -EFAULT;
	len = guest_evidence(key, arg.key_len, arg.challenge, arg.format, &certificate);
	if (len < 0)
		return len;
	ret = give(arg.buffer, arg.buffer_len, certificate, len, &uarg->buffer_len);
	kvfree(certificate);
	return ret;
}

/* As extend, for writers: the one who may look need not get secrets. */
static long do_secret(struct file *file, struct cove_guest_secret __user *uarg)
{
	struct cove_guest_secret arg;
	void *secret;
	ssize_t len;
	long ret;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (copy_from_user(&arg, uarg, sizeof(arg)))
		return -EFAULT;
	if (arg.reserved)
		return -EINVAL;
	len = guest_secret(&secret);
	if (len < 0)
		return len;
	ret = give(arg.buffer, arg.buffer_len, secret, len, &uarg->buffer_len);
	kvfree_sensitive(secret, len);
	return ret;
}

static long guest_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *uarg = (void __user *)arg;

	switch (cmd) {
	case COVE_GUEST_CAPS:
		return do_caps(uarg);
	case COVE_GUEST_EXTEND:
		return do_extend(file, uarg);
	case COVE_GUEST_READ:
		return do_read(uarg);
	case COVE_GUEST_EVIDENCE:
		return do_evidence(uarg);
	case COVE_GUEST_SECRET:
		return do_secret(file, uarg);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations guest_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = guest_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice guest_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cove-guest",
	.fops = &guest_fops,
	.mode = 0600,
};

static int __init guest_init(void)
{
	int ret = guest_sbi_init(&caps);

	if (ret)
		return ret;
	ret = misc_register(&guest_misc);
	if (ret)
		goto err_sbi;
	ret = guest_tsm_register();
	if (ret) {
		pr_err("no report interface in configfs (error %d)\n", ret);
		goto err_misc;
	}
	pr_info("attestation: SVN %llu, %u + %u registers, formats %#x\n", caps.tcb_svn,
		caps.initial, caps.runtime, caps.certificate_formats);
	return 0;
err_misc:
	misc_deregister(&guest_misc);
err_sbi:
	guest_sbi_exit();
	return ret;
}

static void __exit guest_exit(void)
{
	guest_tsm_unregister();
	misc_deregister(&guest_misc);
	guest_sbi_exit();
}

module_init(guest_init);
module_exit(guest_exit);

MODULE_DESCRIPTION("Attestation of confidential VMs of CoVE firmware");
MODULE_AUTHOR("CoveSBI contributors");
MODULE_LICENSE("GPL");
