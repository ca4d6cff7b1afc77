# SPDX-License-Identifier: BSD-2-Clause
#
# The monitor. This directory is below <platform>/cove/lib/ when it is built.

platform-objs-y += cove/lib/sbi_cove/cove_arena.o
platform-objs-y += cove/lib/sbi_cove/cove_convert.o
platform-objs-y += cove/lib/sbi_cove/cove_covg.o
platform-objs-y += cove/lib/sbi_cove/cove_destroy.o
platform-objs-y += cove/lib/sbi_cove/cove_exit.o
platform-objs-y += cove/lib/sbi_cove/cove_gstage.o
platform-objs-y += cove/lib/sbi_cove/cove_guest_console.o
platform-objs-y += cove/lib/sbi_cove/cove_guest_hsm.o
platform-objs-y += cove/lib/sbi_cove/cove_guest_sbi.o
platform-objs-y += cove/lib/sbi_cove/cove_host.o
platform-objs-y += cove/lib/sbi_cove/cove_host_access.o
platform-objs-y += cove/lib/sbi_cove/cove_host_insn.o
platform-objs-y += cove/lib/sbi_cove/cove_host_trap.o
platform-objs-y += cove/lib/sbi_cove/cove_measure.o
platform-objs-y += cove/lib/sbi_cove/cove_mmio.o
platform-objs-y += cove/lib/sbi_cove/cove_nacl.o
platform-objs-y += cove/lib/sbi_cove/cove_pages.o
platform-objs-y += cove/lib/sbi_cove/cove_pin.o
platform-objs-y += cove/lib/sbi_cove/cove_pmp.o
platform-objs-y += cove/lib/sbi_cove/cove_promote.o
platform-objs-y += cove/lib/sbi_cove/cove_promote_fdt.o
platform-objs-y += cove/lib/sbi_cove/cove_refill.o
platform-objs-y += cove/lib/sbi_cove/cove_region.o
platform-objs-y += cove/lib/sbi_cove/cove_resize.o
platform-objs-y += cove/lib/sbi_cove/cove_shadow.o
platform-objs-y += cove/lib/sbi_cove/cove_trigger.o
platform-objs-y += cove/lib/sbi_cove/cove_tsm.o
platform-objs-y += cove/lib/sbi_cove/cove_tvm.o
platform-objs-y += cove/lib/sbi_cove/cove_unmap.o
platform-objs-y += cove/lib/sbi_cove/cove_vcpu.o
platform-objs-y += cove/lib/sbi_cove/cove_walk.o
platform-objs-y += cove/lib/sbi_cove/cove_window.o
platform-objs-y += cove/lib/sbi_cove/cove_world.o
platform-objs-y += cove/lib/sbi_cove/cove_world_switch.o
