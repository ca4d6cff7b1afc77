# SPDX-License-Identifier: BSD-2-Clause
#
# fw_dynamic, fw_jump and fw_payload: OpenSBI's generic platform with the
# monitor added, built out of OpenSBI's tree. The platform directory is put
# together below build/: upstream's files, and ours in cove/.

FW_DIR := $(BUILD)/firmware
FW_PLATFORM := $(FW_DIR)/platform/generic
FW_WORK := $(FW_DIR)/work
FW_NAMES := fw_dynamic fw_jump fw_payload
FW_FILES := $(foreach n,$(FW_NAMES),$(FW_DIR)/$(n).bin $(FW_DIR)/$(n).elf)
FW_SOURCES := $(shell find $(TOP)/lib $(TOP)/platform $(TOP)/include $(TOP)/firmware -type f)

include $(TOP)/lib/crypto.mk

FW_MAKE = $(MAKE) -C $(OPENSBI_SRC) PLATFORM_DIR=$(FW_DIR)/platform PLATFORM=generic \
	CROSS_COMPILE=$(CROSS_COMPILE) REPRODUCIBLE=y COVE_TOP=$(TOP) COVE_MBEDTLS=$(MBEDTLS_SRC) \
	COVE_TINYCBOR=$(TINYCBOR_SRC) COVE_SODIUM=$(SODIUM_SRC)/src/libsodium

# A defconfig keeps its time while it says the same: Kconfiglib does not touch a
# .config that would not change, and OpenSBI's make would go round for ever.
define fw_config
	cat $(2) > $(FW_DIR)/configs/$(1).new
	cmp -s $(FW_DIR)/configs/$(1).new $(FW_DIR)/configs/$(1) || \
		cp $(FW_DIR)/configs/$(1).new $(FW_DIR)/configs/$(1)
	cp -p $(FW_DIR)/configs/$(1) $(FW_PLATFORM)/configs/$(1)
endef

.PHONY: firmware
firmware: $(FW_FILES)

$(FW_DIR)/.overlay: $(FW_SOURCES) $(OPENSBI_SRC)/Makefile
	rm -rf $(FW_PLATFORM)
	mkdir -p $(FW_PLATFORM)
	cp -a $(OPENSBI_SRC)/platform/generic/. $(FW_PLATFORM)
	cp -a $(TOP)/platform/generic $(FW_PLATFORM)/cove
	cp -a $(TOP)/lib $(FW_PLATFORM)/cove/lib
	mkdir $(FW_PLATFORM)/cove/crypto
	cp $(crypto-mbedtls:%=$(MBEDTLS_SRC)/library/%.c) $(crypto-tinycbor:%=$(TINYCBOR_SRC)/src/%.c) \
		$(FW_PLATFORM)/cove/crypto
	mv $(FW_PLATFORM)/cove/Kconfig $(FW_PLATFORM)/Kconfig
	mkdir -p $(FW_DIR)/configs
	$(call fw_config,defconfig,$(OPENSBI_SRC)/platform/generic/configs/defconfig \
		$(TOP)/platform/generic/configs/cove.config)
	$(call fw_config,rfc_defconfig,$(FW_DIR)/configs/defconfig \
		$(TOP)/platform/generic/configs/rfc.config)
	touch $@

$(FW_DIR)/.built: $(FW_DIR)/.overlay
	+$(FW_MAKE) O=$(FW_WORK) $(FW_MAKEFLAGS)
	touch $@

$(FW_FILES) &: $(FW_DIR)/.built
	for f in $(notdir $(FW_FILES)); do \
		cp $(FW_WORK)/platform/generic/firmware/$$f $(FW_DIR)/$$f || exit 1; done

# The same monitor for the Linux driver of 2023: CONFIG_COVE_DIALECT_RFC.
RFC_DIR := $(BUILD)/firmware-rfc
RFC_WORK := $(RFC_DIR)/work

.PHONY: firmware-rfc
firmware-rfc: $(RFC_DIR)/fw_dynamic.bin

$(RFC_DIR)/fw_dynamic.bin: $(FW_DIR)/.overlay
	mkdir -p $(RFC_WORK)
	+$(FW_MAKE) O=$(RFC_WORK) PLATFORM_DEFCONFIG=rfc_defconfig FW_JUMP=n FW_PAYLOAD=n \
		$(FW_MAKEFLAGS)
	cp $(RFC_WORK)/platform/generic/firmware/fw_dynamic.bin $@

# Not a product: defences can be removed from it at boot, to try the tests
# (docs/assurance.md). Nothing else is built from these objects.
WEAKENED_DIR := $(BUILD)/weakened
WEAKENED_WORK := $(WEAKENED_DIR)/work

.PHONY: weakened
weakened: $(WEAKENED_DIR)/fw_dynamic.bin

$(WEAKENED_DIR)/fw_dynamic.bin: $(FW_DIR)/.overlay
	mkdir -p $(WEAKENED_WORK)
	+$(FW_MAKE) O=$(WEAKENED_WORK) COVE_TEST_WEAKEN=y FW_JUMP=n FW_PAYLOAD=n $(FW_MAKEFLAGS)
	cp $(WEAKENED_WORK)/platform/generic/firmware/fw_dynamic.bin $@
