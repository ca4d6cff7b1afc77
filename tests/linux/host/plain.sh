# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# A host whose firmware has no CoVE: it boots, the driver refuses to load and the
# command says why it cannot run anything.
# shellcheck shell=sh
. /tests/lib.sh

ok plain-boots "kernel $(uname -r)"
if insmod /modules/cove.ko 2>/tmp/err; then
	fail plain-driver-refuses "cove.ko loaded"
else
	ok plain-driver-refuses "$(dmesg | grep -a 'cove: ' | tail -1 | sed 's/^\[[^]]*\] *//')"
fi
eval set -- "$(guest_arguments boot)"
cove run "$@" </dev/null >/tmp/out 2>/tmp/err
status=$?
if [ $status -eq 1 ] && [ "$(wc -l </tmp/err)" -eq 1 ] && grep -q '/dev/cove' /tmp/err; then
	ok plain-command-refuses "$(cat /tmp/err)"
else
	fail plain-command-refuses "status $status: $(cat /tmp/err)"
fi
[ -z "$(kernel_complaints)" ] || fail plain-host-log "$(kernel_complaints | head -1)"
echo "@ done"
