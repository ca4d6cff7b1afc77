# SPDX-License-Identifier: BSD-2-Clause
#
# Copyright (c) 2026 CoveSBI contributors
#
# The only entry. `make` alone prints help. Everything is built below build/;
# nothing but the tools (make setup) is installed on this machine.

TOP := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
BUILD ?= $(TOP)/build
override BUILD := $(abspath $(BUILD))
CROSS_COMPILE ?= riscv64-linux-gnu-

# make run, make demo
CPUS ?= 2
MEM ?= 2G
GUEST_MEM ?= 256M
GUEST_CPUS ?= 2
AIA ?= none

OPENSBI_SRC := $(BUILD)/src/opensbi
MBEDTLS_SRC := $(BUILD)/src/mbedtls
TINYCBOR_SRC := $(BUILD)/src/tinycbor
SODIUM_SRC := $(BUILD)/src/libsodium
FDT_SRC := $(BUILD)/src/opensbi/lib/utils/libfdt
KDIR := $(BUILD)/linux/headers
FDT_DIR := $(BUILD)/linux/root/usr

export TOP BUILD CROSS_COMPILE CPUS MEM GUEST_MEM GUEST_CPUS AIA
export FUZZ_TIME FUZZ_RUNS FUZZ_SEED COVERAGE_LINES COVERAGE_BRANCHES
export STRESS_SECONDS STRESS_SEED STRESS_GUESTS STRESS_AIA
export OPENSBI_TARBALL OPENSBI_URL MBEDTLS_TARBALL MBEDTLS_URL TINYCBOR_TARBALL TINYCBOR_URL LIBSODIUM_TARBALL LIBSODIUM_URL \
	DEBIAN_MIRROR KERNEL_VERSION

ifneq ($(V),1)
MAKEFLAGS += --no-print-directory
Q := @
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help:
	@echo 'make run        boot a host in QEMU and in it a confidential guest: its shell is yours'
	@echo 'make demo       the same without a terminal: checks what is claimed, prints a report'
	@echo 'make test       build and test everything (T="NAME..." for some tests only)'
	@echo 'make fuzz       fuzz calls, table, page walks and device trees (FUZZ_TIME=seconds or FUZZ_RUNS=number)'
	@echo 'make coverage   lines and branches of lib/ that unit tests and fuzzers execute, by file'
	@echo 'make proof      machine-checked proofs of the PMP table (make proof-mutants: they notice mistakes)'
	@echo 'make bench      measure: figures of the README, against KVM, curves: build/bench/results.{md,json,svg}'
	@echo 'make bench-check  compare instruction counts with the committed ones'
	@echo 'make firmware   build/firmware/fw_{dynamic,jump,payload}.{bin,elf}'
	@echo 'make firmware-rfc  build/firmware-rfc/fw_dynamic.bin: call numbers of the Linux driver of 2023'
	@echo 'make linux      build/linux/cove.ko, cove-guest.ko and cove (the command)'
	@echo 'make native     build/linux/cove-native: the command for this machine (measure, verify)'
	@echo 'make install-headers   include/cove for clients, below DESTDIR PREFIX (docs/abi.md)'
	@echo 'make setup      tools, sources and kernel packages, done by all of the above'
	@echo 'make clean      remove what was built;  make distclean: and what was fetched'
	@echo
	@echo 'CPUS=$(CPUS) MEM=$(MEM)           the host that QEMU emulates'
	@echo 'GUEST_CPUS=$(GUEST_CPUS) GUEST_MEM=$(GUEST_MEM)   the confidential guest'
	@echo 'AIA=$(AIA)               interrupt controller: none (PLIC) or aplic-imsic'
	@echo 'CROSS_COMPILE=$(CROSS_COMPILE)  V=1 prints commands'
	@echo 'OPENSBI_TARBALL=FILE or OPENSBI_URL=ADDRESS: where else to take OpenSBI from'

setup:
	$(Q)$(TOP)/scripts/setup-tools
	$(Q)$(TOP)/scripts/setup-sources
	$(Q)$(TOP)/scripts/setup-debian

include $(TOP)/firmware/firmware.mk

$(OPENSBI_SRC)/Makefile: | setup
	@:

linux: driver guest vmm broker attack bench-ops image

driver: | setup
	$(Q)$(MAKE) -C $(TOP)/linux/driver KDIR=$(KDIR) O=$(BUILD)/linux/driver modules
	$(Q)cp $(BUILD)/linux/driver/cove.ko $(BUILD)/linux/cove.ko

guest: | setup
	$(Q)$(MAKE) -C $(TOP)/linux/guest KDIR=$(KDIR) O=$(BUILD)/linux/guest modules
	$(Q)cp $(BUILD)/linux/guest/cove-guest.ko $(BUILD)/linux/guest/cove-disk.ko $(BUILD)/linux/

vmm: | setup
	$(Q)$(MAKE) -C $(TOP)/linux/vmm O=$(BUILD)/linux/vmm FDT_DIR=$(FDT_DIR) MBEDTLS_SRC=$(MBEDTLS_SRC) TINYCBOR_SRC=$(TINYCBOR_SRC) SODIUM_SRC=$(SODIUM_SRC)
	$(Q)cp $(BUILD)/linux/vmm/cove $(BUILD)/linux/cove

native: | setup
	$(Q)$(MAKE) -C $(TOP)/linux/vmm native O=$(BUILD)/linux/vmm FDT_SRC=$(FDT_SRC) MBEDTLS_SRC=$(MBEDTLS_SRC) TINYCBOR_SRC=$(TINYCBOR_SRC) SODIUM_SRC=$(SODIUM_SRC)
	$(Q)cp $(BUILD)/linux/vmm/cove-native $(BUILD)/linux/cove-native

attest-tests: native
	$(Q)$(MAKE) -C $(TOP)/tests/attest O=$(BUILD)/tests/attest MBEDTLS_SRC=$(MBEDTLS_SRC) TINYCBOR_SRC=$(TINYCBOR_SRC) SODIUM_SRC=$(SODIUM_SRC)

broker: | setup
	$(Q)$(MAKE) -C $(TOP)/linux/broker O=$(BUILD)/linux/broker MBEDTLS_SRC=$(MBEDTLS_SRC) TINYCBOR_SRC=$(TINYCBOR_SRC) SODIUM_SRC=$(SODIUM_SRC)
	$(Q)cp $(BUILD)/linux/broker/cove-broker $(BUILD)/linux/broker/cove-agent $(BUILD)/linux/

attack: | setup
	$(Q)$(MAKE) -C $(TOP)/tests/linux/attack KDIR=$(KDIR) O=$(BUILD)/linux/attack modules
	$(Q)cp $(BUILD)/linux/attack/cove_attack.ko $(BUILD)/linux/attack/cove_scatter.ko \
		$(BUILD)/linux/attack/cove_hold.ko $(BUILD)/linux/attack/guest_share.ko $(BUILD)/linux/

# What is counted in guests.
bench-ops: | setup
	$(Q)$(MAKE) -C $(TOP)/tests/linux/bench KDIR=$(KDIR) O=$(BUILD)/linux/bench modules
	$(Q)cp $(BUILD)/linux/bench/bench_ops.ko $(BUILD)/linux/

# The initramfs of the host (with the guest's kernel and initramfs inside).
image: driver guest vmm attack bench-ops
	$(Q)$(TOP)/scripts/host-image

sbi-payloads: | setup
	$(Q)$(MAKE) -C $(TOP)/tests/sbi O=$(BUILD)/tests/sbi MBEDTLS_SRC=$(MBEDTLS_SRC)

unit: | setup
	$(Q)$(MAKE) -C $(TOP)/tests/unit O=$(BUILD)/tests/unit MBEDTLS_SRC=$(MBEDTLS_SRC) TINYCBOR_SRC=$(TINYCBOR_SRC) SODIUM_SRC=$(SODIUM_SRC) FDT_SRC=$(FDT_SRC)

fuzzers: | setup
	$(Q)$(TOP)/scripts/setup-tools fuzz
	$(Q)$(MAKE) -C $(TOP)/tests/fuzz O=$(BUILD)/tests/fuzz MBEDTLS_SRC=$(MBEDTLS_SRC) TINYCBOR_SRC=$(TINYCBOR_SRC) SODIUM_SRC=$(SODIUM_SRC) FDT_SRC=$(FDT_SRC)

fuzz: fuzzers
	$(Q)$(TOP)/tests/fuzz/run

# Of lib/ as it is compiled natively, by unit tests and fuzzers.
coverage: | setup
	$(Q)$(TOP)/scripts/setup-tools fuzz coverage
	$(Q)$(TOP)/tests/coverage/run

# Fuzzing from which a defence is gone must fail.
fuzz-bite: fuzzers
	$(Q)$(MAKE) -C $(TOP)/tests/fuzz O=$(BUILD)/tests/fuzz MBEDTLS_SRC=$(MBEDTLS_SRC) TINYCBOR_SRC=$(TINYCBOR_SRC) SODIUM_SRC=$(SODIUM_SRC) FDT_SRC=$(FDT_SRC) bite
	$(Q)$(TOP)/tests/fuzz/bite

# Installs the provers (Debian 12 only), which nothing else needs.
proof:
	$(Q)$(TOP)/tests/proof/run

# Proofs of code with a mistake in it must fail.
proof-mutants:
	$(Q)$(TOP)/tests/proof/run --mutants

# What a client of the calls needs; include/cove/defence.h is the monitor's own.
PREFIX ?= /usr/local

install-headers:
	$(Q)install -d $(DESTDIR)$(PREFIX)/include/cove
	$(Q)install -m 644 $(TOP)/include/cove/guest.h $(TOP)/include/cove/sbi_cove.h \
		$(TOP)/include/cove/sbi_cove_rfc.h $(TOP)/include/cove/tap.h \
		$(DESTDIR)$(PREFIX)/include/cove

run: firmware linux
	$(Q)$(TOP)/scripts/run

demo: firmware linux
	$(Q)$(TOP)/tests/linux/demo

test: | setup
	$(Q)$(TOP)/tests/run $(T)

bench: firmware linux sbi-payloads
	$(Q)$(TOP)/scripts/bench

bench-check: firmware sbi-payloads
	$(Q)$(TOP)/scripts/bench-check

# All that is built from this tree; the logs of the tests stay.
clean-ours:
	rm -rf $(BUILD)/firmware $(BUILD)/firmware-rfc $(BUILD)/weakened $(BUILD)/tests $(BUILD)/host $(BUILD)/second
	rm -rf $(BUILD)/linux/driver $(BUILD)/linux/guest $(BUILD)/linux/vmm $(BUILD)/linux/broker $(BUILD)/linux/attack $(BUILD)/linux/bench
	rm -f $(BUILD)/linux/cove $(BUILD)/linux/cove-native $(BUILD)/linux/cove-broker $(BUILD)/linux/cove-agent $(BUILD)/linux/*.ko

clean: clean-ours
	rm -rf $(BUILD)/test $(BUILD)/bench $(BUILD)/proof $(BUILD)/coverage

distclean:
	rm -rf $(BUILD)

.PHONY: help setup install-headers firmware linux driver guest vmm native attest-tests broker attack bench-ops image sbi-payloads unit fuzzers fuzz fuzz-bite coverage proof proof-mutants run demo test bench bench-check \
	clean clean-ours distclean
