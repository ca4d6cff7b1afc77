// SPDX-License-Identifier: GPL-2.0
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The installed headers in a kernel module, beside the kernel's own names.
 */
#include <linux/module.h>
#include <asm/sbi.h>
#include <cove/guest.h>
#include <cove/tap.h>
#include <cove/sbi_cove_rfc.h>

static struct tsm_info info;

static int __init abi_init(void)
{
	struct sbiret ret = sbi_ecall(SBI_EXT_COVH, SBI_COVH_GET_TSM_INFO, __pa(&info),
				      sizeof(info), 0, 0, 0, 0);

	return ret.error ? -ENODEV : 0;
}

static void __exit abi_exit(void)
{
}

module_init(abi_init);
module_exit(abi_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Compiles with CoveSBI's headers");
