// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Stacks of the harts. OpenSBI gives each 8 KiB, of which its scratch space
 * takes the upper half; below is the next hart's. A signature needs more
 * (docs/attestation.md, cost).
 */
#include <sbi/sbi_platform.h>
#include <sbi/sbi_scratch.h>
#include <sbi_utils/fdt/fdt_driver.h>

#define HART_STACK_SIZE (SBI_SCRATCH_SIZE + 0x3000)

extern struct sbi_platform platform;
extern const struct fdt_driver *const platform_override_modules[];

int __real_fdt_driver_init_by_offset(const void *fdt, int nodeoff,
				     const struct fdt_driver *const *drivers);
int __wrap_fdt_driver_init_by_offset(const void *fdt, int nodeoff,
				     const struct fdt_driver *const *drivers);

/* The first thing that is called when the platform may still be changed: stacks come later. */
int __wrap_fdt_driver_init_by_offset(const void *fdt, int nodeoff,
				     const struct fdt_driver *const *drivers)
{
	if (drivers == platform_override_modules)
		platform.hart_stack_size = HART_STACK_SIZE;
	return __real_fdt_driver_init_by_offset(fdt, nodeoff, drivers);
}
