# SPDX-License-Identifier: GPL-2.0
# Copyright (c) 2026 CoveSBI contributors
#
# Kernel modules out of tree: included by the Makefile beside a Kbuild file.
# MODULE_VARS: more variables for that Kbuild.

KDIR ?= /lib/modules/$(shell uname -r)/build
ARCH ?= riscv
ifneq ($(shell uname -m),riscv64)
CROSS_COMPILE ?= riscv64-linux-gnu-
endif
O ?= $(CURDIR)/build
override O := $(abspath $(O))
COVE_INCLUDE ?= $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/../include)
SOURCES := Kbuild $(notdir $(wildcard $(CURDIR)/*.[ch]))

.PHONY: all modules clean
# kbuild writes beside the sources, so it works on links below $(O).
all: modules
modules:
	@mkdir -p $(O)
	@ln -sf $(addprefix $(CURDIR)/,$(SOURCES)) $(O)/
	@[ ! -d $(CURDIR)/include ] || ln -sfn $(CURDIR)/include $(O)/include
	$(MAKE) -C $(KDIR) O= M=$(O) ARCH=$(ARCH) CROSS_COMPILE=$(CROSS_COMPILE) \
		COVE_INCLUDE=$(COVE_INCLUDE) $(MODULE_VARS) modules

clean:
	rm -rf $(O)
