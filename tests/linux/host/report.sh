# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# Attestation as a guest's kernel offers it: guest-report, in a confidential guest.
# The host itself is a machine without a monitor above it: no module there.
# shellcheck shell=sh
. /tests/lib.sh

no_module_here() {
	insmod /modules/configfs.ko
	insmod /modules/cove-guest.ko 2>/tmp/err
	status=$?
	dmesg | grep 'cove_guest:' >/tmp/out
	[ $status -ne 0 ] && grep -q 'No such device' /tmp/err &&
		grep -q 'not a confidential VM' /tmp/out && [ ! -e /dev/cove-guest ]
}

measured() {
	[ "$(sed -n 's/.*measurement: *\([0-9a-f]\{96\}\).*/\1/p' /tmp/report.err)" = \
		"$(cat /tmp/measured)" ]
}

if load_modules; then
	expect report-ordinary-machine "cove-guest.ko says why it does not load" no_module_here
	eval set -- "$(guest_arguments report)"
	cove measure "$@" >/tmp/measured
	timeout 500 cove run "$@" </dev/null >/tmp/report 2>/tmp/report.err
	expect report-power-off "cove ended with status 0" [ $? -eq 0 ]
	tr -d '\r' </tmp/report | sed -n -e 's/^guest: ok \([a-z0-9-]*\).*/@ ok report-\1/p' \
		-e 's/^guest: FAIL /@ FAIL report-/p'
	grep -q '^guest: report over' /tmp/report ||
		fail report-end "the guest did not come to its end"
	expect report-returned "no page is left with the monitor" all_returned
	[ -z "$(kernel_complaints)" ] || fail report-host-log "$(kernel_complaints | head -1)"
fi
show /tmp/out /tmp/err /tmp/measured /tmp/report /tmp/report.err
echo "@ done"
