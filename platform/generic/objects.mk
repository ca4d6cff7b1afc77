# SPDX-License-Identifier: BSD-2-Clause
#
# CoveSBI on OpenSBI's generic platform: this directory is <platform>/cove when
# it is built (firmware/firmware.mk).

platform-genflags-y += -I$(COVE_TOP)/include -I$(COVE_TOP)/lib/arch/riscv
platform-genflags-y += -I$(COVE_TOP)/lib/sbi_cove
platform-genflags-y += -I$(COVE_TOP)/platform/generic/mbedtls -I$(COVE_MBEDTLS)/include -I$(COVE_MBEDTLS)/library
platform-genflags-y += -I$(COVE_TINYCBOR)/src
platform-genflags-y += -DMBEDTLS_CONFIG_FILE='<cove_mbedtls_config.h>'
platform-genflags-y += -ffile-prefix-map=$(COVE_TOP)/=
platform-genflags-y += -ffile-prefix-map=$(platform_src_dir)/=platform/
platform-genflags-y += -ffile-prefix-map=$(COVE_MBEDTLS)/=mbedtls/
platform-genflags-y += -ffile-prefix-map=$(COVE_TINYCBOR)/=tinycbor/
platform-genflags-y += -ffile-prefix-map=$(COVE_SODIUM)/=sodium/
platform-genflags-y += -ffile-prefix-map=$(src_dir)/=opensbi/
platform-genflags-y += -ffile-prefix-map=$(src_dir)=opensbi
platform-cflags-y += -fno-tree-loop-distribute-patterns
# Five instructions less in each small function, more in one that ends with a call; debuggers have DWARF.
platform-cflags-y += -fomit-frame-pointer -foptimize-sibling-calls
platform-ldflags-y += -Wl,--wrap=sbi_trap_handler -Wl,--wrap=sbi_domain_finalize
platform-ldflags-y += -Wl,--wrap=fdt_driver_init_by_offset
platform-ldflags-y += -Wl,--wrap=sbi_domain_check_addr
platform-ldflags-y += -Wl,--wrap=sbi_domain_check_addr_range
platform-ldflags-y += -Wl,--wrap=sbi_ipi_send_many -Wl,--wrap=sbi_ipi_send_smode
platform-ldflags-y += -Wl,--wrap=sbi_misaligned_v_ld_emulator
platform-ldflags-y += -Wl,--wrap=sbi_misaligned_v_st_emulator
platform-ldflags-y += -Wl,--wrap=sbi_load_u8
platform-ldflags-y += -Wl,--wrap=sbi_load_s8
platform-ldflags-y += -Wl,--wrap=sbi_load_u16
platform-ldflags-y += -Wl,--wrap=sbi_load_s16
platform-ldflags-y += -Wl,--wrap=sbi_load_u32
platform-ldflags-y += -Wl,--wrap=sbi_load_s32
platform-ldflags-y += -Wl,--wrap=sbi_load_u64
platform-ldflags-y += -Wl,--wrap=sbi_load_ulong
platform-ldflags-y += -Wl,--wrap=sbi_store_u8
platform-ldflags-y += -Wl,--wrap=sbi_store_u16
platform-ldflags-y += -Wl,--wrap=sbi_store_u32
platform-ldflags-y += -Wl,--wrap=sbi_store_u64
platform-ldflags-y += -Wl,--wrap=sbi_get_insn
platform-ldflags-y += -Wl,--wrap=fdt_next_tag -Wl,--wrap=fdt_next_node -Wl,--wrap=mbedtls_mpi_core_mul -Wl,--wrap=mbedtls_mpi_core_mla
platform-ldflags-y += -Wl,--wrap=mbedtls_block_cipher_encrypt

carray-sbi_ecall_exts-y += ecall_cove

platform-objs-y += cove/cove_boot.o
platform-objs-y += cove/cove_carveout.o
platform-objs-y += cove/cove_deputies.o
platform-objs-y += cove/cove_deputy_address.o
platform-objs-y += cove/cove_deputy_dbtr.o
platform-objs-y += cove/cove_deputy_mpxy.o
platform-objs-y += cove/cove_deputy_sse.o
platform-objs-y += cove/cove_ecall.o
platform-objs-y += cove/cove_hart.o
platform-objs-y += cove/cove_hart_isa.o
platform-objs-y += cove/cove_host_vector.o
platform-objs-y += cove/cove_identity.o
platform-objs-y += cove/cove_image.o
platform-objs-y += cove/cove_ipi.o
platform-objs-y += cove/cove_rot.o
platform-objs-y += cove/cove_sha512.o
platform-objs-y += cove/cove_sha512_vector.o
platform-objs-y += cove/cove_stack.o
platform-objs-y += cove/cove_tick.o
platform-objs-y += cove/cove_unpriv.o
platform-objs-y += cove/cove_vector_emulation.o
platform-objs-y += cove/mbedtls/cove_runtime.o
platform-objs-y += cove/mbedtls/cove_sha512_software.o

# Their sources are put into cove/crypto (firmware/firmware.mk).
include $(COVE_TOP)/lib/crypto.mk
platform-genflags-y += $(crypto-cflags) -DCOVE_SHA512_HOOK
platform-objs-y += $(foreach n,$(crypto-mbedtls) $(crypto-tinycbor),cove/crypto/$(n).o)
platform-genflags-y += $(crypto-sodium-dirs:%=-isystem $(COVE_SODIUM)/%) $(crypto-sodium-cflags)
platform-objs-y += cove/lib/sodium/cove_sodium.o

# Only for tests: include/cove/defence.h
platform-genflags-$(COVE_TEST_WEAKEN) += -DCOVE_TEST_WEAKEN
platform-objs-$(COVE_TEST_WEAKEN) += cove/cove_defence.o
