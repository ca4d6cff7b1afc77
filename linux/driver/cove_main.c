// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Host driver for confidential VMs by CoVE firmware: module and /dev/cove.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/hwcap.h>
#include <asm/cpufeature.h>
#include "cove.h"

struct cove_caps cove_caps;

/* Both structures in one page, where the firmware can write them. */
struct firmware_info {
	struct tsm_info tsm;
	struct covesbi_stats stats;
};

static long read_firmware_info(struct firmware_info *fw)
{
	long err = cove_sbi_get_tsm_info(&fw->tsm);

	if (!err && cove_caps.extras)
		err = cove_sbi_get_stats(&fw->stats);
	return err;
}

static long get_info(struct cove_info __user *uinfo)
{
	struct firmware_info *fw;
	struct cove_info info = {};
	long err;

	fw = kzalloc(sizeof(*fw), GFP_KERNEL);
	if (!fw)
		return -ENOMEM;
	err = read_firmware_info(fw);
	if (!err) {
		info.tsm_state = fw->tsm.tsm_state;
		info.tsm_impl_id = fw->tsm.tsm_impl_id;
		info.tsm_version = fw->tsm.tsm_version;
		info.tsm_capabilities = fw->tsm.tsm_capabilities;
		info.tvm_state_pages = fw->tsm.tvm_state_pages;
		info.tvm_max_vcpus = fw->tsm.tvm_max_vcpus;
		info.tvm_vcpu_state_pages = fw->tsm.tvm_vcpu_state_pages;
		info.pmp_entries = fw->stats.pmp_entries;
		info.pmp_used = fw->stats.pmp_used;
		info.deny_runs = fw->stats.deny_runs;
		info.pages_host = fw->stats.pages_host;
		info.pages_monitor = fw->stats.pages_monitor;
		info.pages_converting = fw->stats.pages_converting;
		info.pages_unassigned = fw->stats.pages_unassigned;
		info.pages_tvm = fw->stats.pages_tvm;
		info.tvms = fw->stats.tvms;
		info.table_bytes = fw->stats.table_bytes;
		info.ram_bytes = fw->stats.ram_bytes;
		info.max_gpa_bits = fw->stats.max_gpa_bits;
		info.pmp_refill = fw->stats.pmp_refill;
		info.refills = fw->stats.refills;
		info.windows = fw->stats.windows;
		cove_mem_count(&info);
	}
	kfree(fw);
	if (err)
		return cove_errno(err);
	return copy_to_user(uinfo, &info, sizeof(info)) ? -EFAULT : 0;
}

static long create_vm(const struct cove_create_vm __user *uarg)
{
	struct cove_create_vm arg;

	if (copy_from_user(&arg, uarg, sizeof(arg)))
		return -EFAULT;
	return cove_vm_create(&arg);
}

static long promote_vm(const struct cove_promote __user *uarg)
{
	struct cove_promote *arg = memdup_user(uarg, sizeof(*arg));
	long ret;

	if (IS_ERR(arg))
		return PTR_ERR(arg);
	ret = cove_promote_vm(arg);
	kfree(arg);
	return ret;
}

static long cove_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case COVE_GET_API_VERSION:
		return COVE_API_VERSION;
	case COVE_GET_INFO:
		return get_info((struct cove_info __user *)arg);
	case COVE_CREATE_VM:
		return create_vm((const struct cove_create_vm __user *)arg);
	case COVE_PROMOTE_VM:
		return promote_vm((const struct cove_promote __user *)arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations cove_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = cove_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice cove_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cove",
	.fops = &cove_fops,
	.mode = 0660,
};

/* NACL is not probed: firmware may hide it from KVM and still serve set_shmem. */
static int probe_firmware(void)
{
	struct firmware_info *fw;
	int ret = -ENODEV;
	long err;

	if (!cove_sbi_probe(SBI_EXT_COVH)) {
		pr_info("the firmware has no CoVE extension: no confidential VMs\n");
		return -ENODEV;
	}
	fw = kzalloc(sizeof(*fw), GFP_KERNEL);
	if (!fw)
		return -ENOMEM;
	cove_caps.extras = cove_sbi_probe(SBI_EXT_COVESBI);
	err = read_firmware_info(fw);
	if (err || fw->tsm.tsm_state != TSM_READY) {
		pr_info("the firmware's CoVE monitor is not ready (SBI error %ld, state %u)\n", err,
			fw->tsm.tsm_state);
	} else if (!(fw->tsm.tsm_capabilities & TSM_CAP_MEMORY_ALLOCATION)) {
		pr_info("the firmware's CoVE monitor cannot convert memory at run time\n");
	} else if (fw->tsm.tvm_state_pages > COVE_CHUNK_PAGES / 2 ||
		   fw->tsm.tvm_vcpu_state_pages > COVE_CHUNK_PAGES) {
		pr_info("the firmware's CoVE monitor asks for more than 4 MiB of contiguous "
			"state\n");
	} else {
		ret = 0;
		cove_caps.tvm_state_pages = fw->tsm.tvm_state_pages;
		cove_caps.vcpu_state_pages = fw->tsm.tvm_vcpu_state_pages;
		cove_caps.max_vcpus = min_t(u64, fw->tsm.tvm_max_vcpus, COVE_MAX_VCPUS);
		/* Sv39x4 is what every hart with the H extension has */
		cove_caps.gpa_limit = 1ULL << clamp(fw->stats.max_gpa_bits, 41UL, 63UL);
		cove_caps.promote = fw->tsm.tsm_capabilities & TSM_CAP_PROMOTE_TVM;
		cove_caps.sstc = riscv_isa_extension_available(NULL, SSTC);
		pr_info("CoVE monitor %u, version %u.%u, up to %lu vCPUs per VM\n",
			fw->tsm.tsm_impl_id, fw->tsm.tsm_version >> 16,
			fw->tsm.tsm_version & 0xffff, cove_caps.max_vcpus);
	}
	kfree(fw);
	return ret;
}

static int __init cove_init(void)
{
	int ret = probe_firmware();

	if (ret)
		return ret;
	ret = cove_nacl_init();
	if (ret)
		return ret;
	ret = cove_mem_init();
	if (ret)
		goto nacl_exit;
	cove_debugfs_init();
	ret = misc_register(&cove_misc);
	if (ret)
		goto debugfs_exit;
	return 0;

debugfs_exit:
	cove_debugfs_exit();
	cove_mem_exit();
nacl_exit:
	cove_nacl_exit();
	return ret;
}

/* No VM is left but those that the monitor has not let go of: every descriptor holds the module. */
static void __exit cove_exit(void)
{
	misc_deregister(&cove_misc);
	cove_vm_exit();
	cove_debugfs_exit();
	cove_mem_exit();
	cove_nacl_exit();
}

module_init(cove_init);
module_exit(cove_exit);
MODULE_DESCRIPTION("Confidential VMs on CoVE firmware (RISC-V)");
MODULE_AUTHOR("CoveSBI contributors");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
