# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# The host alone: it boots and kvm.ko loads.
# shellcheck shell=sh
. /tests/lib.sh

insmod_kvm() {
	for module in /modules/[0-9]*.ko; do
		insmod "$module" || return 1
	done
}
expect host-boots "kernel $(uname -r)" true
expect host-kvm-loads "/dev/kvm" insmod_kvm
[ -z "$(kernel_complaints)" ] || fail host-kernel-log "$(kernel_complaints | head -1)"
echo "@ done"
