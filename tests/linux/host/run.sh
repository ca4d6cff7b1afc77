# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# make run, inside the host: a confidential guest on this terminal.
# shellcheck shell=sh
. /tests/lib.sh

load_modules || exit
echo "host: starting a confidential guest with $guest_mem and $guest_cpus CPUs"
cove run --kernel /guest/vmlinux --initrd /guest/initrd.gz --append "console=ttyS0" \
	--memory "$guest_mem" --cpus "$guest_cpus"
echo "host: cove ended with status $?, powering off"
