# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
#
# Figures: memory of the PMP table, and the time from `cove run` to its end for a
# guest that boots to user space and powers off, confidential and not, in turn.
# shellcheck shell=sh
. /tests/lib.sh

# boot_time OPTION...: seconds.hundredths of one boot
boot_time() {
	from=$(cut -d' ' -f1 /proc/uptime)
	cove run "$@" </dev/null >/tmp/out 2>/tmp/err || return 1
	grep -q '^guest: up' /tmp/out || return 1
	cut -d' ' -f1 /proc/uptime | awk -v from="$from" '{ printf "%.2f", $1 - from }'
}

load_modules || exit
ok bench-table "$(info table_bytes) $(info ram_bytes)"
eval set -- "$(guest_arguments boot)"
for round in 1 2 3; do
	ok bench-boot "$round $(boot_time "$@" || echo failed) $(boot_time --insecure "$@" || echo failed)"
done
echo "@ done"
