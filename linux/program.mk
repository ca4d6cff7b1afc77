# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# Programs in C that the verifier, mbedTLS and tinycbor are part of, for riscv64 or for this
# machine: included by the Makefile beside their sources, which then has $(our_cflags) and
# $(call rules,...).

ifeq ($(O),)
$(error say where to build: O=DIR)
endif
ifeq ($(MBEDTLS_SRC),)
$(error say where mbedTLS is: MBEDTLS_SRC=DIR)
endif
ifeq ($(TINYCBOR_SRC),)
$(error say where tinycbor is: TINYCBOR_SRC=DIR)
endif

Q := $(if $(filter 1,$(V)),,@)
SRC := $(patsubst %/,%,$(dir $(abspath $(firstword $(MAKEFILE_LIST)))))
TOP := $(abspath $(SRC)/../..)
HOSTCC ?= cc
TARGET_CC := $(CROSS_COMPILE)gcc
include $(TOP)/linux/verify/verify.mk

CFLAGS ?= -O2 -g
our_cflags := -std=gnu11 -Wall -Wextra -Werror=implicit -D_GNU_SOURCE \
	-ffile-prefix-map=$(TOP)=. -ffile-prefix-map=$(MBEDTLS_SRC)=mbedtls \
	-ffile-prefix-map=$(TINYCBOR_SRC)=tinycbor -ffile-prefix-map=$(SODIUM_SRC)=libsodium \
	-fdebug-prefix-map=$(CURDIR)=. $(verify-cflags) -I$(TOP)/include \
	-isystem $(MBEDTLS_SRC)/include -isystem $(TINYCBOR_SRC)/src \
	-DMBEDTLS_CONFIG_FILE='"$(SRC)/mbedtls_config.h"'

# compile OBJECTS,SOURCES,COMPILER,FLAGS
define compile
$(1): $(2) | $(dir $(1))
	@echo "  CC      $$(notdir $$@)"
	$(Q)$(3) $(our_cflags) $(4) $(CFLAGS) -MMD -c -o $$@ $$<
endef

# rules DIRECTORY,COMPILER,FLAGS: objects in the directory, named after their part
define rules
$(call compile,$(1)/%.o,$(SRC)/%.c,$(2),$(3))
$(call compile,$(1)/verify-%.o,$(TOP)/linux/verify/%.c,$(2),$(3))
$(call compile,$(1)/mbedtls-%.o,$(MBEDTLS_SRC)/library/%.c,$(2),$(3) -I$(MBEDTLS_SRC)/library)
$(call compile,$(1)/tinycbor-%.o,$(TINYCBOR_SRC)/src/%.c,$(2),$(3))
$(1)/:
	$(Q)mkdir -p $$@
endef

-include $(wildcard $(O)/target/*.d $(O)/native/*.d)
.DEFAULT_GOAL := all
