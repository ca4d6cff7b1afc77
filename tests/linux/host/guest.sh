# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# One confidential guest with two CPUs, from start to power-off: for machines
# of other kinds than the demo's.
# shellcheck shell=sh
. /tests/lib.sh

guest_ends_well() {
	cove run --kernel /guest/vmlinux --initrd /guest/initrd.gz \
		--append "console=ttyS0 quiet guest.mode=boot" --memory 256M --cpus 2 \
		>/tmp/guest.out 2>/tmp/guest.err </dev/null
}

load_modules
expect ends "cove run ended with status 0" guest_ends_well
expect boots "$(grep -a '^guest: up' /tmp/guest.out | tr -d '\r')" \
	grep -q -a '^guest: up.* 2 CPUs' /tmp/guest.out
expect returns "the monitor holds no page of a guest, the driver no chunk" all_returned
[ -z "$(kernel_complaints)" ] || fail log "$(kernel_complaints | head -1)"
show /tmp/guest.out /tmp/guest.err
echo "@ done"
